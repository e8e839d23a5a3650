//! The queue in Redis and Valkey: a stream beside the cache, so that an acknowledgement is one atomic round trip.
//!
//! Three keys: the stream `flight:updates` holds the updates in order, the hash `flight:pending` the position of the latest of
//! each flight, and `flight:<id>` is the entry of the cache. Every step that touches more than one is a script,
//! which the server runs as a whole; the scripts are the text to read here, `redis/enqueue.lua` first.

mod entry;
mod scripts;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use redis::FromRedisValue;

use self::entry::Entry;
use self::scripts::{Named, Scripts};
use super::{Backlog, NO_INCARNATION, Position, Queue, Queued, until_unreadable};
use crate::cache::{Effect, RedisClient};
use crate::clock::Chance;
use crate::error::{Error, Peer, Result};
use crate::flight::{Flight, FlightId, Update};
use crate::hop::{self, Sent};

/// The stream of updates, oldest first.
const STREAM: &str = "flight:updates";
/// The hash of the flights whose latest update may not have reached the database.
const PENDING: &str = "flight:pending";

/// A queue in a Redis or Valkey server.
pub(super) struct Stream {
    client: RedisClient,
    scripts: Scripts,
    chance: Chance,
}

impl Stream {
    /// The queue behind this client. Nothing is sent yet.
    pub(super) fn new(client: RedisClient) -> Self {
        Self { client, scripts: Scripts::new(), chance: Chance::unpredictable() }
    }

    async fn run<T: FromRedisValue>(
        &self,
        effect: Effect,
        operation: &'static str,
        Named { name, script }: &Named,
        keys: &[&str],
        arguments: &[&str],
    ) -> Result<T> {
        hop::sent(|| {
            let digest = &script.get_hash()[..8];
            let words = [keys, arguments].concat().join(" ");
            Sent::command(format!("EVALSHA {digest}… {name} {} {words}", keys.len()))
        });
        let mut invocation = script.prepare_invoke();
        keys.iter().for_each(|key| _ = invocation.key(*key));
        arguments.iter().for_each(|argument| _ = invocation.arg(*argument));
        self.client.script(operation, effect, &invocation).await
    }

    fn read(&self, operation: &'static str, entries: Vec<Entry>) -> Result<Vec<Queued>> {
        let placed = entries
            .into_iter()
            .map(|(position, fields)| Ok((self.position(operation, &position)?, entry::decode(&fields))));
        until_unreadable(placed.collect::<Result<Vec<_>>>()?)
    }

    /// A name for a stream that has none. It begins with a word by which it is told from groups that somebody else may have made.
    fn fresh_incarnation(&self) -> String {
        format!("incarnation-{}", self.chance.token())
    }

    fn position(&self, operation: &'static str, text: &str) -> Result<Position> {
        Position::parse(text).ok_or_else(|| Error::Rejected {
            peer: Arc::clone(self.peer()),
            operation,
            cause: format!("{text:?} is not the position of a stream entry").into(),
        })
    }
}

#[async_trait]
impl Queue for Stream {
    fn peer(&self) -> &Arc<Peer> {
        self.client.peer()
    }

    fn stores_entry(&self) -> bool {
        true
    }

    async fn enqueue(&self, update: &Update, ttl: Duration) -> Result<Position> {
        let id = update.flight_id();
        let key = id.key();
        let (text, flight) = entry::encode(update);
        // The server refuses a life of 0 ms.
        let ttl = ttl.as_millis().max(1).to_string();
        let number = id.to_string();
        let (keys, arguments) = ([STREAM, PENDING, &key], [text.as_str(), &flight, &number, &ttl]);
        let text: String = self.run(Effect::Decisive, "enqueue", &self.scripts.enqueue, &keys, &arguments).await?;
        self.position("enqueue", &text)
    }

    async fn pending(&self, id: FlightId) -> Result<Option<Flight>> {
        let number = id.to_string();
        let (keys, operation) = ([STREAM, PENDING], "look-up of a pending update");
        let entries: Vec<Entry> =
            self.run(Effect::Harmless, operation, &self.scripts.pending, &keys, &[&number]).await?;
        Ok(self.read(operation, entries)?.pop().map(|queued| queued.update.flight))
    }

    async fn incarnation(&self) -> Result<String> {
        let fresh = self.fresh_incarnation();
        let arguments = [fresh.as_str(), NO_INCARNATION];
        self.run(Effect::Harmless, "look-up of the queue", &self.scripts.incarnation, &[STREAM], &arguments).await
    }

    async fn after(&self, incarnation: &str, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let arguments = [incarnation, &position.to_string(), &limit.to_string()];
        let operation = "reading of updates";
        let entries: Vec<Entry> =
            self.run(Effect::Harmless, operation, &self.scripts.after, &[STREAM], &arguments).await?;
        self.read(operation, entries)
    }

    async fn forget(&self, incarnation: &str, applied: &[Queued], position: Position) -> Result<()> {
        let last: HashMap<FlightId, Position> =
            applied.iter().map(|queued| (queued.update.flight_id(), queued.position)).collect();
        let mut arguments = vec![incarnation.to_owned(), position.next().to_string()];
        arguments.extend(last.iter().flat_map(|(id, position)| [id.to_string(), position.to_string()]));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // Harmless: what was forgotten is forgotten again, whenever the command lands.
        let trimmed: Result<u64> =
            self.run(Effect::Harmless, "trim", &self.scripts.forget, &[STREAM, PENDING], &arguments).await;
        trimmed.map(drop)
    }

    async fn backlog(&self) -> Result<Backlog> {
        let (length, flights, oldest): (u64, u64, Option<String>) =
            self.run(Effect::Harmless, "count of updates", &self.scripts.backlog, &[STREAM, PENDING], &[]).await?;
        let oldest = oldest.map(|text| self.position("count of updates", &text)).transpose()?.and_then(time);
        Ok(Backlog { length, flights, oldest })
    }

    async fn clear(&self) -> Result<Vec<FlightId>> {
        // Decisive: landing late, it would drop what was queued since.
        let ids: Vec<Vec<u8>> =
            self.run(Effect::Decisive, "clear", &self.scripts.clear, &[STREAM, PENDING], &[]).await?;
        let mut ids: Vec<FlightId> = ids.iter().filter_map(|id| std::str::from_utf8(id).ok()?.parse().ok()).collect();
        ids.sort_unstable();
        Ok(ids)
    }
}

/// When an update was acknowledged: the stream's position is the server's clock.
fn time(position: Position) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(i64::try_from(position.major).ok()?)
}
