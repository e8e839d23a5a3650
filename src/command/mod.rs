//! The commands: each connects what it needs, runs, and ends with an exit code.
//!
//! Thin on purpose: what a command *does* is in [`crate::lab`] and [`crate::demo`]; how it *looks* is in [`crate::output`].

use std::ffi::OsString;

mod anomaly;
mod arrival;
mod bench;
mod claims;
mod connect;
mod db;
mod describe;
mod doctor;
mod menu;
mod moving;
mod outage;
mod pattern;
mod queue;
mod reconcile;
mod stats;

use crate::cli::{self, Cli, Command, FaultFlags, Manner, Variant, WriteBehindAction};
use crate::config::{self, Config, Environment};
use crate::demo::{Audience, End, ErrorSeen, Event};
use crate::error::{Error, ExitCode, Result, causes};
use crate::interrupt::Interrupt;
use crate::output::{self, Format, Streams, Surroundings};
use crate::pattern::{PatternKind, Tuning};
use crate::threads::Threads;

/// What every command has.
struct Context {
    config: Config,
    /// What is to go wrong on purpose.
    faults: FaultFlags,
    audience: Box<dyn Audience>,
    interrupt: Interrupt,
    surroundings: Surroundings,
    /// Whether a line of the output is written anew again and again, rather than logged now and then.
    is_live: bool,
    /// Which variant of a pattern.
    tuning: Tuning,
}

impl Context {
    /// For commands in which nothing can be made to go wrong: a flag that does nothing would be a lie.
    fn refuse_faults(&self, hint: &str) -> Result<()> {
        match self.faults.faults.first() {
            Some(fault) => Err(Error::usage(format!("--fault {} does not go with this command", fault.text()), hint)),
            None => Ok(()),
        }
    }
}

/// Runs what was typed, to its end.
#[must_use]
pub fn block_on(cli: Cli) -> ExitCode {
    let (environment, unreadable) = match Environment::capture() {
        Ok(environment) => (environment, None),
        Err(error) => (Environment::default(), Some(error)),
    };
    let (no_color, term) = config::terminal();
    let surroundings = Surroundings::of_process(no_color.as_deref(), term.as_deref());
    let mut audience = audience(&cli, cli.manner(), &surroundings);
    if let Some(described) = describe::run(&cli, audience.as_mut()) {
        return conclude(audience.as_mut(), described);
    }
    if let Some(error) = unreadable {
        return conclude(audience.as_mut(), Err(error));
    }
    match Threads::start() {
        Ok(threads) => threads.run(run(cli, environment, audience, surroundings)),
        Err(failed) => conclude(audience.as_mut(), Err(failed)),
    }
}

/// Answers a command line that is not a command: with the help or the version that it asks for, or with what is wrong with it.
#[must_use]
pub fn answer(words: &[OsString], answer: &clap::Error) -> ExitCode {
    if !answer.use_stderr() {
        // Nobody to read it is no failure.
        _ = answer.print();
        return ExitCode::Held;
    }
    let (message, hint) = cli::explain(answer);
    let (no_color, term) = config::terminal();
    let surroundings = Surroundings::of_process(no_color.as_deref(), term.as_deref());
    let format = if cli::asks_for_json(words) { Format::Json } else { Format::Text };
    let settings = output::Settings::new(format, false, false, None, &surroundings);
    let mut audience = output::open(settings, Streams::of_process());
    conclude(audience.as_mut(), Err(Error::usage(message, hint)))
}

fn audience(cli: &Cli, manner: Manner, surroundings: &Surroundings) -> Box<dyn Audience> {
    let Manner { verbose, interactive, pause } = manner;
    let settings = output::Settings::new(format(cli), verbose, interactive, pause, surroundings);
    output::open(settings, Streams::of_process())
}

fn format(cli: &Cli) -> Format {
    match cli.format {
        cli::Format::Text => Format::Text,
        cli::Format::Json => Format::Json,
    }
}

async fn run(
    cli: Cli,
    environment: Environment,
    mut audience: Box<dyn Audience>,
    surroundings: Surroundings,
) -> ExitCode {
    let prepared = Interrupt::listen()
        .and_then(|interrupt| Config::resolve(&cli.connection, &environment).map(|config| (interrupt, config)));
    let (interrupt, config) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return conclude(audience.as_mut(), Err(error)),
    };
    let insisted = interrupt.clone();
    let is_live = surroundings.is_live(format(&cli));
    let faults = cli.faults.clone();
    let mut context = Context { config, faults, audience, interrupt, surroundings, is_live, tuning: Tuning::default() };
    let result = tokio::select! {
        result = dispatch(&mut context, cli) => result,
        // Asked twice: what is under way is left to the next run.
        () = insisted.insisted() => return ExitCode::Interrupted,
    };
    conclude(context.audience.as_mut(), result)
}

async fn dispatch(context: &mut Context, cli: Cli) -> Result<()> {
    let Some(command) = cli.command else {
        let interrupt = context.interrupt.clone();
        let chosen = tokio::select! {
            biased;
            // From outside, or Ctrl-C while a list is drawn and the terminal does not give us its keys yet.
            () = interrupt.raised() => return Err(Error::Interrupted),
            chosen = menu::choose(context) => chosen?,
        };
        let Some(command) = chosen else { return Ok(()) };
        let cli = Cli { command: Some(command), ..cli };
        context.audience = audience(&cli, cli.manner(), &context.surroundings);
        return Box::pin(dispatch(context, cli)).await;
    };
    if matches!(command, Command::Doctor | Command::Stats(_) | Command::Db(_)) {
        context.refuse_faults("it looks at the servers as they are; leave it out")?;
    }
    match command {
        Command::CacheAside(typed) => pattern::run(context, PatternKind::CacheAside, typed.action()).await,
        Command::WriteThrough(typed) => pattern::run(context, PatternKind::WriteThrough, typed.action()).await,
        Command::ReadThrough(typed) => pattern::run(context, PatternKind::ReadThrough, typed.action()).await,
        Command::WriteAround(typed) => {
            context.tuning = typed.variant.tuning();
            pattern::run(context, PatternKind::WriteAround, typed.pattern.action()).await
        }
        Command::RefreshAhead(typed) => {
            context.tuning = typed.variant.tuning();
            pattern::run(context, PatternKind::RefreshAhead, typed.pattern.action()).await
        }
        Command::WriteBehind(typed) => match typed.action() {
            WriteBehindAction::Every(action) => pattern::run(context, PatternKind::WriteBehind, action).await,
            WriteBehindAction::Worker(typed) => queue::work(context, typed).await,
            WriteBehindAction::Drain(typed) => queue::drain(context, typed).await,
            WriteBehindAction::Queue(typed) => queue::run(context, typed).await,
        },
        Command::Anomaly(typed) => anomaly::run(context, typed).await,
        Command::Bench(typed) => {
            context.tuning = typed.measured.tuning();
            bench::run(context, typed).await
        }
        Command::Claims(typed) => claims::run(context, typed).await,
        Command::Outage(typed) => outage::run(context, typed).await,
        Command::Reconcile(typed) => reconcile::run(context, typed).await,
        Command::Doctor => doctor::run(context).await,
        Command::Stats(typed) => stats::run(context, typed).await,
        Command::Db(command) => db::run(context, command).await,
        // Answered before any setting was read.
        Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}

/// Says how it ended.
fn conclude(audience: &mut dyn Audience, result: Result<()>) -> ExitCode {
    let code = match &result {
        Ok(()) => ExitCode::Held,
        Err(error) => error.exit_code(),
    };
    let said = match &result {
        Err(error) if !matches!(error, Error::OutputClosed) => audience.show(&Event::Error(ErrorSeen {
            message: error.to_string(),
            causes: causes(error),
            hint: error.hint(),
            exit_code: code as u8,
        })),
        _ => Ok(()),
    };
    match said.and_then(|()| audience.show(&Event::End(End::with(code)))) {
        // Nobody is left to be told, and that is no failure of ours.
        Ok(()) | Err(Error::OutputClosed) => code,
        Err(_) if code == ExitCode::Held => ExitCode::Failed,
        Err(_) => code,
    }
}
