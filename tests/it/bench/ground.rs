//! Where benches run within the test: servers, a plan to begin with, and the database's own account of what was done.

use std::collections::BTreeMap;
use std::sync::Arc;

use cachedemo::bench::{Bench, Configuration, Distribution, Flights, Mix, Outcome, Report, Subject, Watch};
use cachedemo::interrupt::Interrupt;
use cachedemo::lab::fault::Faults;
use cachedemo::pattern::{OnCacheFailure, PatternKind, Protocol};

use crate::support::lab;
use crate::support::server::Kind;
use crate::support::settings::Settings;
use crate::support::stack::{Stack, runtime};

/// How a row of `flight_log` is told from those that put flights back.
const MOVED: &str = "coalesce(comment, '') NOT LIKE 'bench:%'";

/// Servers, and the settings with which they are used.
pub(super) struct Ground {
    pub(super) stack: Stack,
    settings: Settings,
}

/// Nobody looks on.
struct Unwatched;

impl Watch for Unwatched {
    fn progress(&self, _subject: Subject, done: f64) {
        assert!((0.0..=1.0).contains(&done), "{done} is no part of a whole");
    }
}

/// A thousand reads by one client of fifty flights that are all alike, in one round, of everything.
pub(super) fn plan() -> Configuration {
    Configuration {
        subjects: Subject::all(),
        protocol: Protocol::Protected,
        variants: Vec::new(),
        workload: None,
        mix: Mix::of_reads(1.0),
        keys: 50,
        distribution: Distribution::Uniform,
        clients: 1,
        rate: None,
        duration_s: None,
        operations: Some(1000),
        warmup_s: 0.0,
        rounds: 1,
        seed: 7,
        faults: Vec::new(),
        ttl_s: 3600.0,
        on_cache_failure: OnCacheFailure::Degrade,
        batch_size: 20,
    }
}

/// The subjects that write to the database themselves.
pub(super) fn is_queued(subject: Subject) -> bool {
    subject == Subject::Pattern(PatternKind::WriteBehind)
}

/// How many operations failed.
pub(super) fn failed(outcome: &Outcome) -> u64 {
    outcome.errors.iter().map(|failure| failure.count).sum()
}

impl Ground {
    /// A hundred flights; `None` where a server is not installed. Without a cache, the one in the process.
    pub(super) fn start(database: Option<Kind>, cache: Option<Kind>) -> Option<Self> {
        let stack = match (database, cache) {
            (Some(database), Some(cache)) => Stack::of(database, cache)?,
            (None, Some(cache)) => Stack::with_cache(cache)?,
            _ => Stack::embedded(),
        };
        let mut settings = vec![
            // Batches go when they are full, whatever the clock says.
            ("QUEUE_BATCH_SIZE", "20".to_owned()),
            ("QUEUE_PROCESS_INTERVAL", "500ms".to_owned()),
        ];
        if let Some(server) = &stack.database {
            settings.push(("DATABASE_URL", lab::url(server)));
        }
        if let Some(server) = &stack.cache {
            settings.push(("CACHE_URL", lab::url(server)));
            // A busy machine must not look like an outage.
            settings.push(("CACHE_TIMEOUT", "10s".to_owned()));
        }
        Some(Self { stack, settings })
    }

    /// The embedded one.
    pub(super) fn embedded() -> Self {
        Self::start(None, None).expect("nothing has to be installed for it")
    }

    /// Measures this while these faults happen. Whatever it is, no flight is left changed.
    pub(super) fn measure(&self, plan: &Configuration, faults: &[&str]) -> Report {
        let before = self.flights();
        let config = lab::config(&self.stack, &self.settings);
        let report = runtime().block_on(async {
            let apart = lab::lab(&config).await;
            let mut lab = apart.clone();
            if !faults.is_empty() {
                let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
                lab = lab.with_faults(Arc::new(Faults::new(faults, plan.seed)));
            }
            if plan.protocol == Protocol::Naive {
                lab = lab.textbook();
            }
            let flights = Flights::take(&apart, &config.home, plan.keys, plan.mix.changes()).await.unwrap();
            let interrupt = Interrupt::never();
            let (lab, flights_taken) = (&lab, &flights);
            let bench =
                Bench { lab, apart: &apart, plan, flights: flights_taken, watch: &Unwatched, interrupt: &interrupt };
            let (report, ended) = bench.run().await;
            let restored = flights.restore(&apart).await.unwrap();
            ended.unwrap();
            assert_eq!(restored.left, 0, "nobody else is here");
            for flight in 1..=plan.keys {
                let id = flight.to_string().parse().unwrap();
                assert!(apart.verify(id).await.value.unwrap().verdict.holds(), "the entry of flight {id} is wrong");
            }
            report
        });
        assert!(report.complete);
        assert_eq!(report.outcomes.iter().map(|outcome| outcome.subject).collect::<Vec<_>>(), plan.subjects);
        assert_eq!(self.flights(), before, "flights were left changed");
        report
    }

    /// Every row of `flight`.
    pub(super) fn flights(&self) -> String {
        flights(&self.stack)
    }

    /// How often each flight was moved, putting back apart.
    pub(super) fn moved(&self) -> BTreeMap<u32, u64> {
        let rows = self.stack.sql(&format!("SELECT concat('', flight_id) FROM flight_log WHERE {MOVED}"));
        let mut moved = BTreeMap::new();
        for row in rows.lines() {
            *moved.entry(row.trim().parse().unwrap()).or_default() += 1;
        }
        moved
    }

    /// How often all of them were.
    pub(super) fn moves(&self) -> u64 {
        self.moved().values().sum()
    }
}

/// Every row of `flight`, with all its columns.
pub(super) fn flights(stack: &Stack) -> String {
    let quote = match &stack.database {
        Some(server) if server.kind() != Kind::Postgres => '`',
        _ => '"',
    };
    stack.sql(&format!(
        "SELECT concat_ws('|', flight_id, flightno, {quote}from{quote}, {quote}to{quote}, departure, arrival, airline_id, \
         airplane_id) FROM flight ORDER BY flight_id"
    ))
}
