//! The figures of a summary: several samples of each kind of operation, taken in turns, then and there.
//!
//! One sample says nothing: the same step can take ten times as long from one run to the next. Medians of interleaved samples
//! do, and the number of samples stands beside each.

use std::time::Duration;

use super::{Figure, Summary, Witness};
use crate::error::{Error, Result};
use crate::flight::Flight;
use crate::hop::Observed;
use crate::lab::Lab;
use crate::pattern::{Acknowledgement, Lookup, PatternKind, Policy, Read, Refreshing, Tuning};

const READS: usize = 20;
const UPDATES: usize = 5;

/// What `flight_log` says of updates that are only made to be measured.
const UNCHANGED: Option<&str> = Some("walk-through: measured, nothing changed");

/// The samples of one kind of operation.
#[derive(Default)]
struct Samples(Vec<(Duration, usize)>);

impl Samples {
    fn add<T>(&mut self, observed: &Observed<T>) {
        self.0.push((observed.latency, observed.hops.len()));
    }

    fn median(&self) -> (Duration, usize) {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }

    fn figure(&self, what: &str) -> Figure {
        let (median, hops) = self.median();
        let latencies = || self.0.iter().map(|(latency, _)| *latency);
        Figure {
            what: what.to_owned(),
            samples: self.0.len(),
            median,
            fastest: latencies().min().unwrap_or_default(),
            slowest: latencies().max().unwrap_or_default(),
            hops,
        }
    }
}

/// Hits against misses, and what an update takes.
pub(super) async fn reads(lab: &Lab, flight: &Flight) -> Result<Summary> {
    let id = flight.flight_id;
    let (mut hits, mut misses, mut updates) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..UPDATES {
        let update = lab.plan(flight, flight.times(), super::restore::USER, UNCHANGED);
        acknowledged(lab.update(&update).await, &mut updates)?;
    }
    for _ in 0..READS {
        lab.evict(id).await.value?;
        sample(lab.read(id).await, Lookup::Miss, &mut misses)?;
        sample(lab.read(id).await, Lookup::Hit, &mut hits)?;
    }
    let reading = compare("a hit", hits.median().0, "a miss", misses.median().0);
    let figures = vec![
        hits.figure("read, from cache (hit)"),
        misses.figure("read, from database (miss)"),
        updates.figure("update"),
    ];
    Ok(summary(lab, figures, reading))
}

/// Hits that refresh against hits that need not, and both against misses.
pub(super) async fn refreshes(lab: &Lab, flight: &Flight) -> Result<Summary> {
    let id = flight.flight_id;
    let refreshing = |policy, threshold| Refreshing { policy, threshold, ..lab.tuning().refreshing };
    // One that never refreshes, and one that always does: what is measured is not left to chance.
    let never = lab.tuned(Tuning { refreshing: refreshing(Policy::Threshold, 0.0), ..lab.tuning() });
    let always = lab.tuned(Tuning { refreshing: refreshing(Policy::Threshold, 1.0), ..lab.tuning() });
    let (mut hits, mut early, mut behind) = (Samples::default(), Samples::default(), Samples::default());
    let (mut misses, mut updates) = (Samples::default(), Samples::default());
    for _ in 0..UPDATES {
        let update = lab.plan(flight, flight.times(), super::restore::USER, UNCHANGED);
        acknowledged(lab.update(&update).await, &mut updates)?;
    }
    for _ in 0..READS {
        lab.evict(id).await.value?;
        sample(never.read(id).await, Lookup::Miss, &mut misses)?;
        sample(never.read(id).await, Lookup::Hit, &mut hits)?;
        sample(always.read(id).await, Lookup::Hit, &mut early)?;
        always.rest().await.iter().for_each(|refresh| behind.add(&refresh.observed));
    }
    let reading = compare("a hit that refreshes", early.median().0, "a miss", misses.median().0);
    let figures = vec![
        hits.figure("read, from cache (hit)"),
        early.figure("read, from cache, refreshing"),
        behind.figure("refresh, in the background"),
        misses.figure("read, from database (miss)"),
        updates.figure("update"),
    ];
    Ok(summary(lab, figures, reading))
}

/// Acknowledgements against write-through, of the same flight and without changing it.
pub(super) async fn updates(lab: &Lab, flight: &Flight) -> Result<Summary> {
    let through = lab.under(PatternKind::WriteThrough);
    let (mut behind, mut full) = (Samples::default(), Samples::default());
    for _ in 0..UPDATES {
        let update = lab.plan(flight, flight.times(), super::restore::USER, UNCHANGED);
        acknowledged(lab.update(&update).await, &mut behind)?;
        lab.drain(&Witness::new(false), &|| false).await?;
        let update = lab.plan(flight, flight.times(), super::restore::USER, UNCHANGED);
        acknowledged(through.update(&update).await, &mut full)?;
    }
    let reading =
        compare("a write-behind acknowledgement", behind.median().0, "a write-through update", full.median().0);
    let figures = vec![behind.figure("write-behind update"), full.figure("write-through update")];
    Ok(summary(lab, figures, reading))
}

fn sample(observed: Observed<Result<Read>>, expected: Lookup, samples: &mut Samples) -> Result<()> {
    samples.add(&observed);
    let lookup = observed.value?.lookup;
    if lookup == expected {
        return Ok(());
    }
    Err(Error::NotHeld {
        message: format!("a read was to be a {expected:?} and was {lookup:?}"),
        hint: "another program may be reading or changing this flight; run it again, or choose another --flight-id"
            .into(),
    })
}

fn acknowledged(observed: Observed<Result<Acknowledgement>>, samples: &mut Samples) -> Result<()> {
    samples.add(&observed);
    observed.value.map(|_| ())
}

fn summary(lab: &Lab, figures: Vec<Figure>, reading: String) -> Summary {
    let pattern = lab.kind();
    Summary { pattern, figures, reading, takeaways: lab.tuning().takeaways(pattern).to_vec() }
}

/// Says which of two medians is the shorter, and by how much, whichever it is.
fn compare(one: &str, first: Duration, other: &str, second: Duration) -> String {
    let ratio = |slow: Duration, fast: Duration| slow.as_secs_f64() / fast.as_secs_f64().max(1e-9);
    if first <= second {
        format!("Here {one} is {:.1} times as fast as {other} (medians).", ratio(second, first))
    } else {
        format!("Here {one} takes {:.1} times as long as {other} (medians).", ratio(first, second))
    }
}
