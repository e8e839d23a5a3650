//! `claims`: measures what is claimed of caching, and leaves no flight changed.
//!
//! The exit code says whether it could be measured, not whether the claims hold: where they do not, that is what was found.

use std::sync::atomic::AtomicU32;

use super::connect::{self, About};
use super::{Context, moving};
use crate::bench::{Configuration, Distribution, Flights, Mix};
use crate::claims::{Experiment, Measurement, Watch, listed};
use crate::cli::Claims;
use crate::demo::{Event, Level};
use crate::error::{Error, Result};
use crate::lab::fault::Fault;
use crate::output::Bars;
use crate::pattern::{PatternKind, Protocol};

/// Lists claims, or measures some.
pub(super) async fn run(context: &mut Context, typed: Claims) -> Result<()> {
    if typed.wants_list() {
        return context.audience.show(&Event::ClaimsListed(listed()));
    }
    let claims = typed.claims();
    let experiments = Measurement::experiments(&claims);
    // Whatever goes wrong on purpose goes wrong while it is measured, not while flights are taken and put back.
    let apart = connect::lab_without_faults(context, PatternKind::CacheAside, About::new("claims")).await?;
    // Without the cache there is nothing to be measured.
    apart.cache().ping().await?;
    moving::recover(context, &apart, false).await?;
    let text = format!(
        "{} claims, {} experiments of about {} each",
        claims.len(),
        experiments.len(),
        humantime::format_duration(typed.duration)
    );
    moving::note(context, Level::Plain, text)?;
    if !moving::agree(context, typed.keys, typed.yes, "say it with --yes").await? {
        return moving::note(context, Level::Plain, "nothing was measured, and no flight was moved".into());
    }
    let lab = connect::with_faults(context, apart.clone());
    let plan = plan(context, &typed);
    let flights = Flights::take(&apart, &context.config.home, plan.keys, true).await?;
    let bars = Bars::new(experiments.iter().map(|it| it.name()), context.surroundings.error_is_terminal);
    let watch = Shown { experiments: &experiments, bars: &bars };
    let measurement = Measurement {
        lab: &lab,
        apart: &apart,
        plan: &plan,
        flights: &flights,
        watch: &watch,
        interrupt: &context.interrupt,
        updates: AtomicU32::new(0),
    };
    let measured = measurement.run(&claims).await;
    bars.clear();
    let restored = flights.restore(&apart).await;
    if let Ok(seen) = &measured {
        context.audience.show(&Event::Claims(seen.clone()))?;
    }
    moving::concluded(context, restored)?;
    if measured?.complete { Ok(()) } else { Err(Error::Interrupted) }
}

/// How much is done: each experiment takes what it needs of this.
fn plan(context: &Context, typed: &Claims) -> Configuration {
    Configuration {
        subjects: Vec::new(),
        protocol: Protocol::Protected,
        variants: Vec::new(),
        workload: None,
        mix: Mix::of_reads(1.0),
        keys: typed.keys,
        distribution: Distribution::Zipfian,
        clients: typed.clients,
        rate: None,
        duration_s: Some(typed.duration.as_secs_f64()),
        operations: None,
        warmup_s: 0.0,
        rounds: 1,
        seed: context.faults.seed,
        faults: context.faults.faults.iter().map(Fault::text).map(str::to_owned).collect(),
        ttl_s: context.config.ttl.as_secs_f64(),
        on_cache_failure: context.config.on_cache_failure,
        batch_size: u32::try_from(context.config.worker.batch).unwrap_or(u32::MAX),
    }
}

/// Shows how far each experiment is.
struct Shown<'a> {
    experiments: &'a [Experiment],
    bars: &'a Bars,
}

impl Watch for Shown<'_> {
    fn progress(&self, experiment: Experiment, done: f64) {
        if let Some(index) = self.experiments.iter().position(|it| *it == experiment) {
            self.bars.set(index, done);
        }
    }
}
