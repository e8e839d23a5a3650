//! From settings to a laboratory: the embedded database is made on first use, everything is reached once before it is timed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Context;
use crate::cache::{self, Cache, CacheKind};
use crate::database::{self, Database};
use crate::demo::{Event, Level, Note, Start};
use crate::error::{Error, Result};
use crate::flight::FlightId;
use crate::lab::{Lab, Limits};
use crate::output::Progress;
use crate::pattern::PatternKind;
use crate::queue;

/// How many flights the embedded database gets on first use.
const SAMPLE_FLIGHTS: u32 = 1_000;

/// What a command says about itself before it begins.
pub(super) struct About {
    pub(super) action: &'static str,
    pub(super) flight_id: Option<FlightId>,
    pub(super) steps: Option<usize>,
}

/// Connects database, cache and queue under a pattern, and shows which they are.
///
/// A cache that is down is no reason not to begin: reads and updates go on without it. One that refuses us is.
pub(super) async fn lab(context: &mut Context, kind: PatternKind, about: About) -> Result<Lab> {
    let created = create_embedded(context).await?;
    let database = database::connect(&context.config.database).await?;
    database.warm().await?;
    let cache = cache::connect(&context.config.cache)?;
    match cache.ping().await {
        Ok(()) => {}
        Err(error) if error.is_outage() => {}
        Err(error) => return Err(error),
    }
    let queue = queue::connect(&context.config.cache, &cache, journal(context, database.as_ref()))?;
    let limits = Limits {
        ttl: context.config.ttl,
        database_timeout: context.config.database.timeout,
        batch: context.config.queue_batch,
    };
    context.audience.show(&Event::Start(Start {
        version: env!("CARGO_PKG_VERSION"),
        action: about.action,
        pattern: kind,
        flight_id: about.flight_id,
        database_engine: context.config.database.kind,
        database: database.peer().as_ref().clone(),
        cache_engine: context.config.cache.kind,
        cache: cache.peer().as_ref().clone(),
        queue: (kind == PatternKind::WriteBehind).then(|| queue.peer().as_ref().clone()),
        embedded: context.config.embedded,
        steps: about.steps,
    }))?;
    if created {
        let text = format!("made the embedded database, with {SAMPLE_FLIGHTS} sample flights");
        context.audience.show(&Event::Note(Note { level: Level::Good, text }))?;
    }
    Ok(Lab::new(kind, database, cache, queue, limits))
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

/// The journal's file: one for each database, for its updates are meant for that one.
fn journal(context: &Context, database: &dyn Database) -> PathBuf {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let address: String = database.peer().address.chars().map(plain).collect();
    let tail = &address[address.len().saturating_sub(80)..];
    context.config.home.join("queue").join(format!("{}-{tail}.sqlite3", context.config.database.kind.name()))
}

/// Whether what a command shows of the cache belongs to this process only.
pub(super) fn is_private(context: &Context) -> bool {
    context.config.cache.kind == CacheKind::Memory
}

/// The cache alone, for `doctor`.
pub(super) fn cache(context: &Context) -> Result<Arc<dyn Cache>, Error> {
    cache::connect(&context.config.cache)
}
