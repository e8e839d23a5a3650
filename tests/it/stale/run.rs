//! One run: what it is set to, and what everything that its clients noted comes to, once the database was asked past them.

use std::collections::BTreeMap;

use cachedemo::clock;
use cachedemo::flight::FlightId;
use cachedemo::pattern::{PatternKind, Protocol};
use chrono::NaiveDateTime;

use super::chain::Chain;
use super::check::{Finding, check};
use super::crew::Crew;
use super::history::Histories;
use super::linear::Opinion;
use super::size::Size;
use super::version::Version;
use crate::support::server::Server;
use crate::support::settings;
use crate::support::store::Store;

/// What is run, and where.
pub(super) struct Run<'a> {
    pub(super) store: &'a Store,
    /// `None`: the one in the process.
    pub(super) cache: Option<&'a Server>,
    pub(super) pattern: PatternKind,
    pub(super) protocol: Protocol,
    /// Flights that no other run has.
    pub(super) flights: Vec<FlightId>,
    pub(super) size: Size,
}

/// What came of it.
pub(super) struct Verdict {
    /// What no protocol may do.
    pub(super) findings: Vec<String>,
    /// The stale reads.
    pub(super) stale: Vec<String>,
    /// How many windows of the histories have no order that explains them.
    pub(super) contradictory: u32,
    pub(super) summary: String,
}

impl Run<'_> {
    /// Runs it, and looks at everything that was noted.
    pub(super) fn play(&self) -> Verdict {
        let mut crew = Crew::new(self);
        let began = clock::instant();
        let killed = crew.work();
        let load = began.elapsed();
        let mut histories = Histories::default();
        for notes in crew.notes() {
            histories.add(notes);
        }
        let mut verdict = self.judge(&histories, killed, crew.started());
        verdict.findings.extend(crew.unexpected());
        let checks = began.elapsed() - load;
        verdict.summary += &format!("; {:.1} s of load, {:.1} s of checks", load.as_secs_f64(), checks.as_secs_f64());
        verdict
    }

    fn judge(&self, histories: &Histories, killed: u32, clients: u32) -> Verdict {
        let (mut findings, mut opinion, mut applied) = (Vec::new(), Opinion::default(), 0);
        for (flight, history) in &histories.flights {
            match Chain::of(&self.log(*flight)) {
                Err(why) => findings.push((*flight, Finding::Broken(why))),
                Ok(chain) => {
                    findings.extend(check(history, &chain).into_iter().map(|finding| (*flight, finding)));
                    opinion = opinion.and(Opinion::of(history));
                    applied += chain.length();
                }
            }
        }
        let (stale, findings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|(_, finding)| finding.is_stale_read());
        let Opinion { linearizable, contradictory, crowded } = opinion;
        let summary = format!(
            "{clients} clients, {killed} killed; {}; {applied} applied; {} stale reads; {linearizable} windows \
             linearizable, {contradictory} not, {crowded} too crowded",
            histories.summary(),
            stale.len(),
        );
        let told = |findings: Vec<(i32, Finding)>| -> Vec<String> {
            findings.into_iter().map(|(flight, finding)| format!("flight {flight}: {finding}")).collect()
        };
        let mut findings = told(findings);
        // Where much failed, little was tested.
        if 10 * histories.failed() > self.size.operations {
            findings.extend(histories.failures.iter().map(|(why, count)| format!("{count} times: {why}")));
        }
        // What was not served by the cache, or not judged, shows nothing.
        if 20 * histories.hits() < self.size.operations as usize {
            findings.push(format!("the cache has answered {} reads only", histories.hits()));
        }
        if linearizable + contradictory <= 4 * crowded {
            findings.push(format!("{linearizable} windows were judged, and {crowded} were too crowded for it"));
        }
        Verdict { findings, stale: told(stale), contradictory, summary }
    }

    /// The rows of `flight_log` for a flight, past the program.
    fn log(&self, flight: i32) -> Vec<(Version, Version)> {
        let columns = "concat_ws('|', departure_old, departure_new)";
        let rows = self.store.rows(&format!("SELECT {columns} FROM flight_log WHERE flight_id = {flight}"));
        let version = |text: &str| Version::of(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap());
        let pair = |row: &String| row.split_once('|').map(|(old, new)| (version(old), version(new)));
        rows.iter().map(|row| pair(row).unwrap()).collect()
    }

    /// Everything is short, so that much of it passes within the run: what the cache keeps, and the leases of the dead.
    pub(super) fn settings(&self) -> BTreeMap<&'static str, String> {
        let mut all: BTreeMap<_, _> = self.store.settings().into_iter().collect();
        all.extend(self.cache.map_or_else(settings::memory, settings::of));
        all.insert("CACHE_TTL", "1s".to_owned());
        all.insert("DB_TIMEOUT", "2s".to_owned());
        // A busy machine must not look like an outage.
        all.insert("CACHE_TIMEOUT", "10s".to_owned());
        all
    }
}
