//! Holds what the database, the queue and the cache have in the end against what the writers were told.

use std::collections::{BTreeMap, HashMap};

use cachedemo::flight::Position;
use cachedemo::queue::Partition;
use chrono::NaiveDateTime;

use super::ledger::{Ledger, Sent};
use super::site::{Logged, Site};
use super::size::Size;
use crate::support::events::Events;

/// Everything that is not as it must be.
pub(super) struct Verdict {
    pub(super) findings: Vec<String>,
}

impl Verdict {
    /// Looks at everything; `before` is every flight's departure before the run.
    pub(super) fn reach(site: &Site, before: &BTreeMap<i32, String>, ledger: &Ledger, size: Size) -> Self {
        let mut verdict = Self { findings: Vec::new() };
        let sent = ledger.sent();
        let log = site.log();
        let after = site.flights();
        verdict.each_is_there_once(&sent, &log);
        for (flight, original) in before {
            let last = verdict.is_in_order(*flight, original, &sent, &log);
            if after.get(flight) != Some(&last) {
                let there = after.get(flight);
                verdict.add(format!(
                    "flight {flight} departs {there:?} in `flight`, and {last} by its chain in flight_log"
                ));
            }
        }
        for (flight, departure) in site.entries(size.flights) {
            if after.get(&flight) != Some(&departure) {
                let there = after.get(&flight);
                verdict.add(format!("the cache says that flight {flight} departs {departure}, the database {there:?}"));
            }
        }
        verdict.never_reads_backwards(&sent, ledger);
        verdict.nothing_is_left(site);
        verdict
    }

    fn add(&mut self, finding: String) {
        self.findings.push(finding);
    }

    /// Every acknowledged update is in `flight_log`, once, and nothing else is.
    fn each_is_there_once(&mut self, sent: &BTreeMap<String, Sent>, log: &[Logged]) {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for row in log {
            *counts.entry(&row.comment).or_default() += 1;
            if !sent.contains_key(&row.comment) {
                self.add(format!("nobody sent {row:?}"));
            }
        }
        for (comment, sent) in sent {
            if let Some(contradiction) = sent.contradiction() {
                self.add(format!("{comment} of flight {} {contradiction}: {:?}", sent.flight, sent.answers));
            }
            match counts.get(comment.as_str()) {
                Some(1) => {}
                None => self.add(format!("{comment} of flight {} is lost: {:?}", sent.flight, sent.answers)),
                Some(count) => {
                    self.add(format!(
                        "{comment} of flight {} was applied {count} times: {:?}",
                        sent.flight, sent.answers
                    ));
                }
            }
        }
    }

    /// From its original departure, the rows of a flight form one chain, in the order of their positions; where it ends.
    fn is_in_order(&mut self, flight: i32, original: &str, sent: &BTreeMap<String, Sent>, log: &[Logged]) -> String {
        let rows: Vec<&Logged> = log.iter().filter(|row| row.flight == flight).collect();
        // Every update has a departure of its own, so at most one row begins where another ends.
        let mut by_old: HashMap<&str, Vec<&Logged>> = HashMap::new();
        for row in &rows {
            by_old.entry(&row.old).or_default().push(row);
        }
        let (mut at, mut passed, mut last) = (original.to_owned(), 0, None);
        while let Some(row) = by_old.get_mut(at.as_str()).and_then(Vec::pop) {
            if let Some(update) = sent.get(&row.comment) {
                let departure = update.departure.format("%Y-%m-%d %H:%M:%S").to_string();
                if (update.flight, departure.as_str()) != (flight, row.new.as_str()) {
                    self.add(format!("{row:?} is not what was sent: {update:?}"));
                }
                let place = update.place().map(|place| (place.partition, place.position));
                // All updates of a flight are in one partition: positions say nothing across two.
                let is_later = |(before, _): (Option<(Partition, Position)>, &String)| {
                    before < place && before.map(|before| before.0) == place.map(|place| place.0)
                };
                if last.is_some_and(|last| !is_later(last)) {
                    self.add(format!("flight {flight}: {} at {place:?} was applied after {last:?}", row.comment));
                }
                last = Some((place, &row.comment));
            }
            row.new.clone_into(&mut at);
            passed += 1;
        }
        if passed != rows.len() {
            self.add(format!("the chain of flight {flight} breaks at {at}, after {passed} of {} rows", rows.len()));
        }
        at
    }

    /// Whoever read a flight after an update of it saw that update or a later one.
    fn never_reads_backwards(&mut self, sent: &BTreeMap<String, Sent>, ledger: &Ledger) {
        let by_departure: HashMap<NaiveDateTime, &Sent> = sent.values().map(|sent| (sent.departure, sent)).collect();
        let position = |sent: &Sent| sent.place().map(|place| place.position);
        for (comment, departure) in ledger.seen().iter() {
            let (own, seen) = (position(&sent[comment]), by_departure.get(departure).copied().and_then(position));
            if seen < own {
                self.add(format!("after {comment} at {own:?} its flight was read as it was at {seen:?}: {departure}"));
            }
        }
    }

    /// Nothing waits, nothing is pending, nothing is dead, and the program says so too.
    fn nothing_is_left(&mut self, site: &Site) {
        for (what, count) in site.left_over() {
            if count != 0 {
                self.add(format!("{what} is {count}"));
            }
        }
        let output = site.command(&["--format", "json", "write-behind", "queue", "status"]).run();
        let events = Events::of(&output);
        let queue = events.one("queue");
        for name in ["length", "flights", "dead_letters"] {
            if queue[name] != 0 {
                self.add(format!("queue status: {name} is {}", queue[name]));
            }
        }
    }
}
