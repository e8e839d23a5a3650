//! From settings to a laboratory: the embedded database is made on first use, everything is reached once before it is timed.

use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;

use super::Context;
use crate::cache::{self, Cache, CacheKind};
use crate::cli::FaultFlags;
use crate::database::{self, Database};
use crate::demo::{Event, Level, Note, Start, show_hops};
use crate::error::{Error, Result};
use crate::flight::FlightId;
use crate::lab::fault::{Fault, Faults};
use crate::lab::{Lab, Limits};
use crate::output::Progress;
use crate::pattern::{PatternKind, Protocol};
use crate::queue;

/// How many flights the embedded database gets on first use.
const SAMPLE_FLIGHTS: u32 = 1_000;

/// What a command says about itself before it begins.
pub(super) struct About {
    pub(super) action: &'static str,
    pub(super) flight_id: Option<FlightId>,
    pub(super) steps: Option<usize>,
    /// Whether there is nothing to be done without the database.
    pub(super) needs_database: bool,
    /// Which protocol keeps the cache right.
    pub(super) protocol: Protocol,
    /// Whether it leaves the queue alone, whatever the pattern.
    pub(super) without_queue: bool,
}

impl About {
    /// A command that needs the database and keeps to our protocol.
    pub(super) fn new(action: &'static str) -> Self {
        let protocol = Protocol::Protected;
        Self { action, flight_id: None, steps: None, needs_database: true, protocol, without_queue: false }
    }
}

/// Connects database, cache and queue under a pattern, and shows which they are.
///
/// A cache that is down is no reason not to begin: reads and updates go on without it. One that refuses us is.
pub(super) async fn lab(context: &mut Context, kind: PatternKind, about: About) -> Result<Lab> {
    let lab = lab_without_faults(context, kind, about).await?;
    Ok(with_faults(context, lab))
}

/// The same where nothing goes wrong on purpose yet; that it will is said.
pub(super) async fn lab_without_faults(context: &mut Context, kind: PatternKind, about: About) -> Result<Lab> {
    without_faults(context, kind, about, None).await
}

/// A laboratory where what was typed goes wrong.
pub(super) fn with_faults(context: &Context, lab: Lab) -> Lab {
    let FaultFlags { faults, seed } = context.faults.clone();
    if faults.is_empty() { lab } else { lab.with_faults(Arc::new(Faults::new(faults, seed))) }
}

/// The same with a cache that can be taken away and brought back; what is `simulated` by that is said.
pub(super) async fn lab_with_a_switch(
    context: &mut Context,
    kind: PatternKind,
    about: About,
    simulated: Option<&'static str>,
) -> Result<(Lab, Arc<Faults>)> {
    let FaultFlags { faults, seed } = context.faults.clone();
    let faults = Arc::new(Faults::new(faults, seed).with_a_switch());
    let lab = without_faults(context, kind, about, simulated).await?;
    Ok((lab.with_faults(Arc::clone(&faults)), faults))
}

/// What both are before anything goes wrong; the faults are only named.
async fn without_faults(
    context: &mut Context,
    kind: PatternKind,
    about: About,
    simulated: Option<&'static str>,
) -> Result<Lab> {
    let created = create_embedded(context).await?;
    let (database, absent) = database_or_later(context, &about).await?;
    let cache = cache::connect(&context.config.cache)?;
    let away = away(cache.as_ref()).await?;
    let queue = queue::connect(
        context.config.queue,
        &context.config.cache,
        &cache,
        queue::journal_of(&context.config.home, database.peer()),
    )?;
    let limits = limits(context);
    context.audience.show(&Event::Start(Start {
        version: env!("CARGO_PKG_VERSION"),
        action: about.action,
        pattern: kind,
        variant: context.tuning.describe(kind),
        protocol: about.protocol,
        faults: context.faults.faults.iter().map(Fault::text).chain(simulated).map(str::to_owned).collect(),
        seed: context.faults.faults.iter().any(Fault::is_by_chance).then_some(context.faults.seed),
        flight_id: about.flight_id,
        database_engine: context.config.database.kind,
        database: database.peer().as_ref().clone(),
        cache_engine: context.config.cache.kind,
        cache: cache.peer().as_ref().clone(),
        queue: (kind == PatternKind::WriteBehind && !about.without_queue).then(|| queue.peer().as_ref().clone()),
        embedded: context.config.embedded,
        steps: about.steps,
    }))?;
    if let Some(error) = absent {
        let text = format!("{error}: only what the cache and the queue hold can be had");
        context.audience.show(&Event::Note(Note { level: Level::Warning, text }))?;
    }
    if created {
        let text = format!("made the embedded database, with {SAMPLE_FLIGHTS} sample flights");
        context.audience.show(&Event::Note(Note { level: Level::Good, text }))?;
    }
    let lab = Lab::new(kind, database, cache, queue, limits);
    // It may be back, in an older state, by the time that it is read.
    away.iter().for_each(|(shard, failure)| lab.distrust(*shard, failure));
    if away.len() < lab.cache().shards() {
        heal(context, &lab).await?;
    }
    Ok(if about.protocol == Protocol::Naive { lab.textbook() } else { lab })
}

/// The shards of the cache that do not answer, and why. One that refuses us ends the command.
async fn away(cache: &dyn Cache) -> Result<Vec<(usize, Error)>> {
    let answers = join_all((0..cache.shards()).map(|shard| cache.reach(shard))).await;
    let mut away = Vec::new();
    for (shard, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(()) => {}
            Err(error) if error.is_outage() => away.push((shard, error)),
            Err(error) => return Err(error),
        }
    }
    Ok(away)
}

/// An earlier command may have found the cache away, and the cache may have come back in an older state since: what has changed is
/// dropped before this one reads there.
async fn heal(context: &mut Context, lab: &Lab) -> Result<()> {
    let healed = lab.catch_up().await;
    let did = healed.value.as_ref().is_ok_and(Option::is_some);
    if did {
        show_hops(context.audience.as_mut(), &healed)?;
    }
    match healed.value? {
        Some(reconciled) => context.audience.show(&Event::Reconciled(reconciled.into())),
        None => Ok(()),
    }
}

/// The database; where it is down, one that is connected when it is needed, for commands that can do without, and why.
async fn database_or_later(context: &Context, about: &About) -> Result<(Arc<dyn Database>, Option<Error>)> {
    let settings = &context.config.database;
    let connected = async {
        let database = database::connect(settings).await?;
        database.warm().await.map(|()| database)
    };
    match connected.await {
        Ok(database) => Ok((database, None)),
        Err(error) if about.needs_database || !error.is_outage() => Err(error),
        Err(error) => Ok((database::connect_later(settings), Some(error))),
    }
}

/// Connects the database alone, for who searches in it.
pub(super) async fn database(context: &Context) -> Result<Arc<dyn Database>> {
    create_embedded(context).await?;
    database::connect(&context.config.database).await
}

/// Makes the database of somebody who has set nothing. A file that was named must be there.
async fn create_embedded(context: &Context) -> Result<bool> {
    let settings = &context.config.database;
    let own = context.config.home.join("flughafendb.sqlite3");
    if !database::is_absent(settings) || own.as_path() != Path::new(&settings.name) {
        return Ok(false);
    }
    let progress =
        Progress::new("creating sample flights", SAMPLE_FLIGHTS.into(), context.surroundings.error_is_terminal);
    database::create(settings, SAMPLE_FLIGHTS, &|done| progress.set(done.into())).await?;
    Ok(true)
}

/// A laboratory for who only looks at the cache and the queue: nothing is healed and nothing written down. The database is
/// named, because the queue belongs to it, and not called.
pub(super) fn onlooker(context: &Context) -> Result<Lab> {
    let config = &context.config;
    let database = database::connect_later(&config.database);
    let cache = cache::connect(&config.cache)?;
    let journal = queue::journal_of(&config.home, database.peer());
    let queue = queue::connect(config.queue, &config.cache, &cache, journal)?;
    let limits = Limits { outages: None, ..limits(context) };
    Ok(Lab::new(PatternKind::WriteBehind, database, cache, queue, limits))
}

/// What was set of how things are stored and worked off.
fn limits(context: &Context) -> Limits {
    let config = &context.config;
    Limits {
        ttl: config.ttl,
        database_timeout: config.database.timeout,
        cache_timeout: config.cache.timeout,
        worker: config.worker,
        on_cache_failure: config.on_cache_failure,
        tuning: context.tuning,
        outages: (!is_private(context)).then(|| config.home.join("outages")),
    }
}

/// Whether what a command shows of the cache belongs to this process only.
pub(super) fn is_private(context: &Context) -> bool {
    context.config.cache.kind == CacheKind::Memory
}

/// The cache alone, for `doctor`.
pub(super) fn cache(context: &Context) -> Result<Arc<dyn Cache>, Error> {
    cache::connect(&context.config.cache)
}
