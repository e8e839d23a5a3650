//! The queue in Redis and Valkey: a stream beside the cache, so that an acknowledgement is one atomic round trip.
//!
//! For each partition a stream `flight:updates` with the updates in order, a hash `flight:pending` with the position of the
//! latest of each flight, and a stream `flight:dead` of dead letters; `flight:<id>` is the entry of the cache. Every step that
//! touches more than one is a script, which the server runs as a whole; the scripts are the text to read here,
//! `redis/take.lua` first.
//!
//! On a cluster all keys of a partition are on one node, and the partitions on several: what is lost with a node are its
//! partitions, and the others go on.

mod entry;
mod intake;
mod keys;
mod layout;
mod letters;
mod outlet;
mod scripts;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use redis::FromRedisValue;
use tokio::sync::{Mutex, OnceCell};

use self::entry::{Entry, decode};
use self::keys::{Keys, taken};
use self::scripts::{Named, Scripts};
use super::{Backlog, Outlet, Partition, Place, Queue, Settings, until_unreadable};
use crate::cache::{Blocking, Effect, RedisClient};
use crate::clock::Chance;
use crate::error::{Error, Peer, Result};
use crate::flight::names::Names;
use crate::flight::{FlightId, Position, Queued, Update};
use crate::hop::{self, Sent};

/// A queue in a Redis or Valkey server.
pub(super) struct Stream {
    client: RedisClient,
    scripts: Scripts,
    settings: Settings,
    names: Names,
    /// That the whole queue is laid out as we think, once that was asked: a partition of a cluster knows of itself only.
    laid_out: OnceCell<()>,
    /// For each partition its keys, and a connection on which to wait: one that waits holds up everything else on it.
    partitions: Vec<(Keys, Mutex<Option<Blocking>>)>,
    chance: Chance,
}

impl Stream {
    /// The queue behind this client. Nothing is sent yet.
    pub(super) fn new(client: RedisClient, settings: Settings) -> Self {
        let is_cluster = client.names().are_tagged();
        let names = if is_cluster { Names::tagged(settings.partitions) } else { Names::plain(settings.partitions) };
        let partitions = (0..settings.partitions).map(|number| (Keys::new(number, names), Mutex::default()));
        let (partitions, laid_out) = (partitions.collect(), OnceCell::new());
        let (scripts, chance) = (Scripts::new(), Chance::unpredictable());
        Self { client, scripts, settings, names, laid_out, partitions, chance }
    }

    async fn run<T: FromRedisValue>(
        &self,
        partition: Partition,
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
        self.client.script(partition, operation, effect, &invocation).await
    }

    fn keys(&self, partition: Partition) -> &Keys {
        &self.partitions[partition as usize].0
    }

    fn keys_of(&self, id: FlightId) -> (Partition, &Keys) {
        let partition = self.settings.partition_of(id);
        (partition, self.keys(partition))
    }

    fn read(&self, operation: &'static str, entries: Vec<Entry>) -> Result<Vec<Queued>> {
        let placed =
            entries.into_iter().map(|(position, fields)| Ok((self.position(operation, &position)?, decode(&fields))));
        until_unreadable(placed.collect::<Result<Vec<_>>>()?)
    }

    fn position(&self, operation: &'static str, text: &str) -> Result<Position> {
        Position::parse(text)
            .ok_or_else(|| self.rejected(operation, format!("{text:?} is not the position of a stream entry")))
    }

    fn rejected(&self, operation: &'static str, cause: String) -> Error {
        Error::Rejected { peer: Arc::clone(self.peer()), operation, cause: cause.into() }
    }

    /// Runs one of the two scripts that take an update over, after `first` in their arguments. `None`: there is no such letter.
    async fn take(
        &self,
        operation: &'static str,
        script: &Named,
        update: &Update,
        ttl: Duration,
        letter: Option<Position>,
    ) -> Result<Option<Place>> {
        let id = update.flight_id();
        let (partition, keys) = self.keys_of(id);
        self.see_layout().await?;
        let (entry, taken) = (self.names.entry(id), taken(&update.id, partition, self.names));
        let (text, flight) = entry::encode(update);
        // The server refuses a life of 0 ms.
        let ttl = ttl.as_millis().max(1).to_string();
        let letter = letter.map(|position| position.to_string());
        let numbers =
            [id.to_string(), self.settings.room().to_string(), self.settings.partitions.to_string(), self.memory()];
        let [number, room, partitions, memory] = &numbers;
        let mut names = vec![keys.updates.as_str(), &keys.pending, &entry, &taken, &keys.layout];
        let mut arguments = Vec::with_capacity(9);
        if let Some(letter) = &letter {
            names.push(&keys.dead);
            arguments.push(letter.as_str());
        }
        arguments.extend([text.as_str(), &flight, number, &ttl, room, partitions, memory, &keys.ending]);
        loop {
            let (outcome, value): (String, String) =
                self.run(partition, Effect::Decisive, operation, script, &names, &arguments).await?;
            let position = |is_known| {
                self.position(operation, &value).map(|position| Some(Place { partition, position, is_known }))
            };
            return match outcome.as_str() {
                "queued" => position(false),
                "known" => position(true),
                "gone" => Ok(None),
                "full" => Err(Error::QueueFull { peer: Arc::clone(self.peer()), limit: self.settings.max_length }),
                "layout" => {
                    self.adopt(&value).await?;
                    continue;
                }
                _ => Err(self.rejected(operation, format!("{outcome:?} is no answer of {}", script.name))),
            };
        }
    }

    fn memory(&self) -> String {
        self.settings.memory.as_millis().to_string()
    }
}

#[async_trait]
impl Queue for Stream {
    fn peer(&self) -> &Arc<Peer> {
        self.client.peer()
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn backlog(&self, partition: Partition) -> Result<Backlog> {
        self.see_layout().await?;
        let keys = self.keys(partition);
        let names = [keys.updates.as_str(), &keys.pending, &keys.dead, &keys.layout];
        let (partitions, operation) = (self.settings.partitions.to_string(), "count of updates");
        loop {
            let (other, length, flights, dead, oldest): (Option<String>, u64, u64, u64, Option<u64>) =
                self.run(partition, Effect::Harmless, operation, &self.scripts.backlog, &names, &[&partitions]).await?;
            match other {
                Some(there) => self.adopt(&there).await?,
                None => return Ok(Backlog { length, flights, oldest: oldest.map(Duration::from_millis), dead }),
            }
        }
    }

    async fn clear(&self) -> Result<Vec<FlightId>> {
        // That the layout is ours: another one's updates are not dropped by chance.
        self.sequence(0).await?;
        let mut dropped = Vec::new();
        for (partition, (keys, _)) in (0..).zip(&self.partitions) {
            // Decisive: landing late, it would drop what was queued since.
            let (names, ending) = ([keys.updates.as_str(), &keys.pending], [keys.ending.as_str()]);
            let ids: Vec<Vec<u8>> =
                self.run(partition, Effect::Decisive, "clear", &self.scripts.clear, &names, &ending).await?;
            dropped.extend(ids.iter().filter_map(|id| std::str::from_utf8(id).ok()?.parse::<FlightId>().ok()));
        }
        dropped.sort_unstable();
        Ok(dropped)
    }
}
