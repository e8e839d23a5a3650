//! One outage from its beginning to its end, and what is looked at.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use cachedemo::clock;
use cachedemo::flight::{Flight, FlightId};
use cachedemo::hop::Target;
use cachedemo::lab::Lab;
use cachedemo::pattern::{CacheEffect, Lookup, PatternKind};
use cachedemo::queue::worker::{Report, Watch};
use chrono::NaiveDateTime;
use tokio::runtime::Runtime;

use super::fault::Fault;
use super::history::{Answer, Operation, Order, wrong};
use super::load::Load;
use crate::support::lab;
use crate::support::server::Kind;
use crate::support::settings;
use crate::support::stack::Stack;

/// What the documents promise: a request waits for the cache at most CACHE_TIMEOUT (here 250 ms, the default), or twice that where
/// it has to connect; an update may wait so for its lease and for its settle. This bound is many times that, for machines that
/// are busy with something else: only what hangs, or waits for a client's own retries, takes longer.
const BOUND: Duration = Duration::from_secs(5);

/// How many processes there are.
const LABS: usize = 2;
/// How many flights they share.
const FLIGHTS: u32 = 3;
/// How much each does before, during and after an outage.
const PORTION: usize = 40;

/// Servers, and laboratories in front of them.
pub(super) struct Scene {
    stack: Stack,
    pattern: PatternKind,
    runtime: Runtime,
    labs: Vec<Lab>,
    next: Arc<AtomicUsize>,
    used: u32,
}

/// Nobody looks at what the worker does.
struct Unwatched;

impl Watch for Unwatched {
    fn report(&self, _: Report) {}
}

/// The moments of an outage: everybody had noticed, and it was about to end.
struct Away {
    from: Instant,
    until: Instant,
    /// Every breaker had closed.
    healed: Instant,
}

impl Away {
    /// Whether it is a read that began when the cache was back, and not every breaker had closed.
    fn is_between(&self, operation: &Operation) -> bool {
        let began = operation.began;
        matches!(operation.answer, Answer::Read { .. }) && began > self.until && began < self.healed
    }
}

impl Scene {
    /// `None` where a server is missing.
    pub(super) fn new(database: Option<Kind>, cache: Kind, pattern: PatternKind) -> Option<Self> {
        let stack = match database {
            Some(database) => Stack::of(database, cache)?,
            None => Stack::with_cache(cache)?,
        };
        let servers = stack.database.iter().chain(&stack.cache);
        let config = lab::config(&stack, &servers.flat_map(settings::of).collect());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let labs = (0..LABS).map(|_| runtime.block_on(lab::lab(&config)).under(pattern)).collect();
        Some(Self { stack, pattern, runtime, labs, next: Arc::default(), used: 0 })
    }

    /// The cache goes away and comes back, under load.
    pub(super) fn play(&mut self, fault: Fault) {
        let flights: Vec<Flight> = (0..FLIGHTS).map(|_| self.flight()).collect();
        let load = Load::begin(&self.runtime, &self.labs, flights.clone(), &self.next);
        load.go_on(PORTION);
        let cache = self.stack.cache.as_mut().unwrap();
        fault.strike(cache);
        load.wait_for_trust(false);
        // Whatever was under way learns it for itself.
        load.go_on(PORTION);
        let from = clock::instant();
        load.is_away(true);
        load.go_on(PORTION);
        load.is_away(false);
        let until = clock::instant();
        fault.mend(cache);
        load.wait_for_trust(true);
        let healed = clock::instant();
        load.go_on(PORTION);
        let operations = load.end(&self.runtime);
        self.drain();
        let about = format!("{:?} {} {fault:?}", self.pattern, self.stack.cache.as_ref().unwrap().kind());
        is_answered(&operations, &about);
        let away = Away { from, until, healed };
        self.is_degraded(&operations, &away, fault, &about);
        let loses_queue =
            self.pattern == PatternKind::WriteBehind && fault == Fault::Empty && self.labs[0].queue().stores_entry();
        // One laboratory may trust the cache again while the other does not know yet that it speaks, and commits without it.
        let operations = match fault {
            Fault::Silent => operations.into_iter().filter(|each| !away.is_between(each)).collect(),
            Fault::Kept | Fault::Empty => operations,
        };
        let wrong = if loses_queue { Vec::new() } else { self.wrong(&operations, &flights) };
        report(&operations, &wrong, &about);
        assert!(
            wrong.is_empty(),
            "{about}: {} of {}: {:#?}",
            wrong.len(),
            operations.len(),
            &wrong[..wrong.len().min(10)]
        );
    }

    fn flight(&mut self) -> Flight {
        self.used += 1;
        let id = FlightId::try_from(i64::from(self.used)).unwrap();
        self.runtime.block_on(self.labs[0].row(id)).value.unwrap().unwrap()
    }

    fn drain(&self) {
        if self.pattern == PatternKind::WriteBehind {
            self.runtime.block_on(self.labs[0].drain(&Unwatched, &|| false)).unwrap();
        }
    }

    /// While the cache is away reads come from the database, marked, and nobody waits for it.
    fn is_degraded(&self, operations: &[Operation], away: &Away, fault: Fault, about: &str) {
        let during = operations.iter().filter(|each| each.began > away.from && each.ended < away.until);
        let mut seen = (0, 0);
        for operation in during {
            let asked = operation.asked(Target::Cache);
            // In silence nobody asks the queue that lives there either, or hands it anything that the cache must be told of.
            let is_journal_read =
                !self.labs[0].queue().stores_entry() && matches!(operation.answer, Answer::Read { .. });
            if fault == Fault::Silent && !is_journal_read {
                assert_eq!(operation.asked(Target::Queue), 0, "{about}: {operation:?}");
            }
            match &operation.answer {
                Answer::Read { lookup, .. } => {
                    seen.0 += 1;
                    assert_eq!((*lookup, asked), (Lookup::Unavailable, 0), "{about}: {operation:?}");
                }
                Answer::Acknowledged { cache, .. } => {
                    seen.1 += 1;
                    assert_eq!(*cache, CacheEffect::NotUpdated, "{about}: {operation:?}");
                    // A writer asks where it is refused at once, a lease and a settle, each a second time; never in silence.
                    let most = if fault == Fault::Silent { 0 } else { 4 };
                    assert!(asked <= most, "{about}: {operation:?}");
                }
                Answer::Failed => seen.1 += 1,
            }
        }
        assert!(seen.0 > 0 && seen.1 > 0, "{about}: too little happened meanwhile: {seen:?}");
    }

    fn wrong(&self, operations: &[Operation], flights: &[Flight]) -> Vec<String> {
        let mut findings = Vec::new();
        for flight in flights {
            let order = Order::of(flight.departure, &self.logged(flight.flight_id));
            let own: Vec<_> = operations.iter().filter(|each| each.flight == flight.flight_id).cloned().collect();
            findings.extend(wrong(&own, &order, self.pattern));
            for lab in &self.labs {
                let departure =
                    self.runtime.block_on(lab.read(flight.flight_id)).value.unwrap().flight.unwrap().departure;
                if departure != order.last {
                    findings.push(format!(
                        "flight {}: {departure} is read in the end, not {}",
                        flight.flight_id, order.last
                    ));
                }
            }
        }
        findings
    }

    /// The old and new departures of a flight's updates, past the program.
    fn logged(&self, id: FlightId) -> Vec<(NaiveDateTime, NaiveDateTime)> {
        let rows =
            self.stack.sql(&format!("SELECT departure_old, departure_new FROM flight_log WHERE flight_id = {id}"));
        let moment = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
        let pair = |row: &str| row.split_once('\t').map(|(old, new)| (moment(old), moment(new))).unwrap();
        rows.lines().filter(|row| !row.is_empty()).map(pair).collect()
    }
}

/// No request waits for the cache longer than is promised, with room for a busy machine.
fn is_answered(operations: &[Operation], about: &str) {
    let slowest = operations.iter().max_by_key(|operation| operation.waited()).unwrap();
    assert!(slowest.waited() < BOUND, "{about}: {:?} for {slowest:?}", slowest.waited());
}

/// A line about the run, past the test runner, which would hide it.
fn report(operations: &[Operation], wrong: &[String], about: &str) {
    let slowest = operations.iter().map(Operation::waited).max().unwrap_or_default();
    let count = |test: fn(&Answer) -> bool| operations.iter().filter(|each| test(&each.answer)).count();
    let degraded = count(|answer| matches!(answer, Answer::Read { lookup: Lookup::Unavailable, .. }));
    let failed = count(|answer| matches!(answer, Answer::Failed));
    let untold = count(|answer| matches!(answer, Answer::Acknowledged { cache: CacheEffect::NotUpdated, .. }));
    let line = format!(
        "outage {about}: {} operations, {degraded} reads degraded, {untold} updates untold, {failed} refused, slowest {slowest:?}, \
         {} wrong\n",
        operations.len(),
        wrong.len()
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
