//! A bench as it is shown: the report that the bench's own tests read, compared with another, and held against limits.

use crate::bench::{Checked, Compared, Failure, Limit, Report, compare, limit, read, samples};
use crate::demo::Event;

/// One of every event of a bench.
pub(in crate::output) fn benches() -> Vec<Event> {
    let mut failing = samples::report();
    failing.complete = false;
    failing.configuration.faults = vec!["cache.get:fail=0.1".into()];
    failing.outcomes[1].errors =
        (1..=5).map(|count| Failure { what: format!("cannot reach the cache, in the {count}. way"), count }).collect();
    failing.outcomes[1].updates = None;
    failing.reading = read(&failing);
    vec![
        Event::Bench(Box::new(samples::report())),
        Event::Bench(Box::new(failing)),
        Event::BenchCompared(Box::new(compared())),
        Event::Limits(checked()),
    ]
}

/// A later report, in which the updates of one subject are slower and another server was met.
pub(in crate::output) fn compared() -> Compared {
    let mut later = samples::report();
    later.cache.version = Some("8.2.0".into());
    later.outcomes.remove(0);
    for round in &mut later.outcomes[0].rounds {
        round.updates.as_mut().unwrap().p99_us *= 1.5;
    }
    later.outcomes[0].updates.as_mut().unwrap().p99_us *= 1.5;
    later.outcomes[0].stale.reads = 2;
    compare::compare(&samples::report(), &later)
}

/// One limit held, one broken.
pub(in crate::output) fn checked() -> Checked {
    let limits: [Limit; 2] = ["errors > 1%", "write-through.updates.p99 > 5ms"].map(|text| text.parse().unwrap());
    limit::check(&limits, &samples::report())
}

/// The same, in which every text that comes from outside is this one.
pub(in crate::output) fn hostile_benches(evil: &str) -> Vec<Event> {
    let mut report = samples::report();
    let evil = || evil.to_owned();
    let set = |report: &mut Report| {
        report.version = evil();
        report.configuration.faults = vec![evil()];
        report.configuration.variants = vec![evil()];
        report.configuration.workload = Some(evil());
        (report.host.processor, report.host.system) = (Some(evil()), evil());
        for server in [&mut report.database, &mut report.cache] {
            (server.product, server.address, server.version) = (evil(), evil(), Some(evil()));
        }
        report.outcomes[0].errors = vec![Failure { what: evil(), count: 7 }];
        report.reading = vec![evil()];
    };
    let clean = report.clone();
    set(&mut report);
    let mut checked = checked();
    checked.held = vec![evil()];
    checked.broken.iter_mut().for_each(|broken| (broken.limit, broken.reason) = (evil(), evil()));
    let compared = compare::compare(&clean, &report);
    vec![Event::Bench(Box::new(report)), Event::BenchCompared(Box::new(compared)), Event::Limits(checked)]
}
