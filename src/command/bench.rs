//! `bench`: measures patterns side by side, and leaves no flight changed.

use std::path::Path;
use std::time::Duration;

use super::connect::{self, About};
use super::moving::note;
use super::{Context, moving};
use crate::bench::{self, Configuration, Flights, Report, Subject};
use crate::cli::{Bench, BenchAction, Measured};
use crate::demo::{Event, Level};
use crate::error::{Error, Result};
use crate::lab::fault::Fault;
use crate::output::Bars;
use crate::output::report::Export;
use crate::pattern::{PatternKind, Tuning};
use crate::quantity::counted;

/// How long a subject is measured where nobody says.
const USUAL_DURATION: Duration = Duration::from_secs(10);

/// Measures, or does something with what was measured.
pub(super) async fn run(context: &mut Context, typed: Bench) -> Result<()> {
    if typed.typed.is_some() && context.tuning != Tuning::default() {
        let message = "--invalidate, --pure, --refresh-threshold and --policy are for what is measured";
        return Err(Error::usage(message, "nothing is measured here; leave them out"));
    }
    match typed.typed {
        None => measure(context, typed.measured).await,
        Some(BenchAction::Compare { old, new }) => compare(context, &old, &new),
        Some(BenchAction::Restore { cache_is_gone }) => restore(context, cache_is_gone).await,
    }
}

async fn restore(context: &mut Context, is_cache_gone: bool) -> Result<()> {
    context.refuse_faults("it puts flights back; leave it out")?;
    let lab = connect::lab(context, PatternKind::CacheAside, About::new("bench restore")).await?;
    if !moving::recover(context, &lab, is_cache_gone).await? {
        note(context, Level::Good, "no bench was cut short with this database: nothing is to be put back".into())?;
    }
    Ok(())
}

async fn measure(context: &mut Context, typed: Measured) -> Result<()> {
    let plan = plan(context, &typed);
    // Better now than after the measurement.
    typed.export.iter().try_for_each(Export::check)?;
    Export::check_apart(&typed.export)?;
    typed.fail_if.iter().try_for_each(|limit| limit.expect_of(&plan.subjects))?;
    // Whatever goes wrong on purpose goes wrong while it is measured, not while flights are taken and put back.
    let apart = connect::lab_without_faults(context, PatternKind::CacheAside, About::new("bench")).await?;
    moving::recover(context, &apart, false).await?;
    let lab = connect::with_faults(context, apart.clone());
    let lab = if typed.naive { lab.textbook() } else { lab };
    if !announce(context, &plan, &typed).await? {
        return note(context, Level::Plain, "nothing was measured, and no flight was moved".into());
    }
    if plan.subjects.iter().any(|subject| subject.pattern().is_some()) {
        // Patterns without their cache are measured on purpose (`--fault 'cache.*:down'`), not because it happens to be away.
        apart.cache().ping().await?;
    }
    let flights = Flights::take(&apart, &context.config.home, plan.keys, plan.mix.changes()).await?;
    let bars = Bars::new(plan.subjects.iter().map(|subject| subject.name()), context.surroundings.error_is_terminal);
    let watch = Shown { subjects: &plan.subjects, bars: &bars };
    let measured = bench::Bench {
        lab: &lab,
        apart: &apart,
        plan: &plan,
        flights: &flights,
        watch: &watch,
        interrupt: &context.interrupt,
    };
    let (mut report, ended) = measured.run().await;
    bars.clear();
    // Before anything is said, which may fail.
    let restored = flights.restore(&apart).await;
    report.reading = bench::read(&report);
    let shown = show(context, report, &typed);
    moving::concluded(context, restored)?;
    ended.and(shown)
}

/// Shows what was found, writes it where it was asked for, and holds it against what must not be.
fn show(context: &mut Context, report: Report, typed: &Measured) -> Result<()> {
    let checked = bench::limit::check(&typed.fail_if, &report);
    // One that cannot be written takes neither the others with it nor what is shown.
    let written: Vec<_> = typed.export.iter().map(|export| (export, export.write(&report))).collect();
    context.audience.show(&Event::Bench(Box::new(report)))?;
    let mut failed = Ok(());
    for (export, written) in written {
        match written {
            Ok(()) => note(context, Level::Good, format!("the report is in {}", export.path.display()))?,
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    failed?;
    if typed.fail_if.is_empty() {
        return Ok(());
    }
    context.audience.show(&Event::Limits(checked.clone()))?;
    checked.verdict()
}

/// Shows what has changed from one report to another.
fn compare(context: &mut Context, old: &Path, new: &Path) -> Result<()> {
    context.refuse_faults("nothing is run; leave it out")?;
    let compared = bench::compare::compare(&bench::compare::load(old)?, &bench::compare::load(new)?);
    context.audience.show(&Event::BenchCompared(Box::new(compared)))
}

/// What was typed, with what was set.
fn plan(context: &Context, typed: &Measured) -> Configuration {
    let (letter, mix, distribution) = typed.mix();
    let duration = match (typed.duration, typed.operations) {
        (None, Some(_)) => None,
        (duration, _) => Some(duration.unwrap_or(USUAL_DURATION)),
    };
    Configuration {
        subjects: typed.subjects(),
        protocol: super::pattern::protocol(typed.naive),
        variants: variants(context, typed),
        workload: letter.map(String::from),
        mix,
        keys: typed.keys,
        distribution,
        clients: typed.clients,
        rate: typed.rate,
        duration_s: duration.map(|duration| duration.as_secs_f64()),
        operations: typed.operations,
        warmup_s: typed.warmup.as_secs_f64(),
        rounds: typed.rounds,
        seed: context.faults.seed,
        faults: context.faults.faults.iter().map(Fault::text).map(str::to_owned).collect(),
        ttl_s: context.config.ttl.as_secs_f64(),
        on_cache_failure: context.config.on_cache_failure,
        batch_size: u32::try_from(context.config.worker.batch).unwrap_or(u32::MAX),
    }
}

/// What the patterns are set to that have several variants.
fn variants(context: &Context, typed: &Measured) -> Vec<String> {
    let described =
        |kind: PatternKind| context.tuning.describe(kind).map(|variant| format!("{}: {variant}", kind.name()));
    typed.subjects().into_iter().filter_map(Subject::pattern).filter_map(described).collect()
}

/// Says what will be done, and asks where flights are to be moved; whether it is to be done.
async fn announce(context: &mut Context, plan: &Configuration, typed: &Measured) -> Result<bool> {
    let subjects = plan.subjects.len() as f64;
    let length = match (plan.duration_s, plan.operations) {
        (Some(seconds), _) => {
            let all = (seconds + plan.warmup_s * f64::from(plan.rounds)) * subjects;
            format!(
                "{seconds} s each, about {} in all",
                humantime::format_duration(Duration::from_secs(all.ceil() as u64))
            )
        }
        (None, operations) => format!("{} operations each", operations.unwrap_or(0)),
    };
    let text = format!(
        "{} on {}, {} in {}: {length}",
        counted(plan.clients.into(), "client"),
        counted(plan.keys.into(), "flight"),
        counted(plan.subjects.len() as u64, "subject"),
        counted(plan.rounds.into(), "round"),
    );
    note(context, Level::Plain, text)?;
    if !plan.mix.changes() {
        note(context, Level::Plain, "no flight is moved; their cache entries are dropped and filled".into())?;
        return Ok(true);
    }
    moving::agree(context, plan.keys, typed.yes, "say it with --yes, or only read: --workload c").await
}

/// Shows how far each subject is.
struct Shown<'a> {
    subjects: &'a [Subject],
    bars: &'a Bars,
}

impl bench::Watch for Shown<'_> {
    fn progress(&self, subject: Subject, done: f64) {
        if let Some(index) = self.subjects.iter().position(|it| *it == subject) {
            self.bars.set(index, done);
        }
    }
}
