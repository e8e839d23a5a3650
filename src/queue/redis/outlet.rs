//! What a worker needs of the stream: to read it, to trim it, and to wait for it on a connection of its own.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use redis::streams::{StreamReadOptions, StreamReadReply};

use super::Stream;
use super::entry::Entry;
use crate::cache::Effect;
use crate::error::Result;
use crate::flight::{FlightId, Position, Queued};
use crate::hop::{self, Sent};
use crate::queue::{Outlet, Partition, Sentence, Sequence};

#[async_trait]
impl Outlet for Stream {
    async fn sequence(&self, partition: Partition) -> Result<Option<Sequence>> {
        // It begins with a word by which it is told from groups that somebody else may have made.
        let fresh = format!("incarnation-{}", self.chance.token());
        let partitions = self.settings.partitions.to_string();
        self.see_layout().await?;
        let keys = self.keys(partition);
        let names = [keys.updates.as_str(), &keys.layout];
        loop {
            let (arguments, operation) = ([fresh.as_str(), &partitions], "look-up of the queue");
            let (other, name): (Option<String>, Option<String>) =
                self.run(partition, Effect::Harmless, operation, &self.scripts.sequence, &names, &arguments).await?;
            match other {
                Some(there) => self.adopt(&there).await?,
                None => return Ok(name.map(|name| Sequence { partition, name })),
            }
        }
    }

    async fn give_up(&self, partition: Partition) -> Result<u64> {
        let keys = self.keys(partition);
        let (names, operation) = ([keys.updates.as_str(), &keys.pending], "look-up of the queue");
        self.run(partition, Effect::Harmless, operation, &self.scripts.give_up, &names, &[&keys.ending]).await
    }

    async fn after(&self, sequence: &Sequence, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let arguments = [sequence.name.as_str(), &position.to_string(), &limit.to_string()];
        let partition = sequence.partition;
        let (names, operation) = ([self.keys(partition).updates.as_str()], "reading of updates");
        let entries: Vec<Entry> =
            self.run(partition, Effect::Harmless, operation, &self.scripts.after, &names, &arguments).await?;
        self.read(operation, entries)
    }

    async fn forget(&self, sequence: &Sequence, applied: &[Queued], position: Position) -> Result<()> {
        let last: HashMap<FlightId, Position> =
            applied.iter().map(|queued| (queued.update.flight_id(), queued.position)).collect();
        let mut arguments = vec![sequence.name.clone(), position.next().to_string()];
        arguments.extend(last.iter().flat_map(|(id, position)| [id.to_string(), position.to_string()]));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let keys = self.keys(sequence.partition);
        // Harmless: what was forgotten is forgotten again, whenever the command lands.
        let (names, partition) = ([keys.updates.as_str(), &keys.pending], sequence.partition);
        let trimmed: Result<u64> =
            self.run(partition, Effect::Harmless, "trim", &self.scripts.forget, &names, &arguments).await;
        trimmed.map(drop)
    }

    async fn bury(&self, sequence: &Sequence, position: Position, sentence: &Sentence) -> Result<()> {
        let keys = self.keys(sequence.partition);
        let names = [keys.updates.as_str(), &keys.pending, &keys.dead];
        let (position, attempts) = (position.to_string(), sentence.attempts.to_string());
        let arguments = [sequence.name.as_str(), &position, &sentence.reason, &attempts, &keys.ending];
        // Harmless: what is buried is not buried again.
        let buried: Result<u64> =
            self.run(sequence.partition, Effect::Harmless, "bury", &self.scripts.bury, &names, &arguments).await;
        buried.map(drop)
    }

    async fn arrival(&self, partition: Partition, limit: Duration) -> Result<()> {
        let (keys, waiting) = &self.partitions[partition as usize];
        let mut waiting = waiting.lock().await;
        let mut connection = match waiting.take() {
            Some(connection) => connection,
            None => self.client.blocking(partition).await?,
        };
        // For the server, 0 is for ever.
        let milliseconds = usize::try_from(limit.as_millis()).unwrap_or(usize::MAX).max(1);
        let mut command = redis::cmd("XREAD");
        command
            .arg(StreamReadOptions::default().count(1).block(milliseconds))
            .arg("STREAMS")
            .arg(&keys.updates)
            .arg("0");
        hop::sent(|| Sent::command(format!("XREAD COUNT 1 BLOCK {milliseconds} STREAMS {} 0", keys.updates)));
        let _: StreamReadReply =
            self.client.wait(partition, &mut connection, "wait for updates", limit, &command).await?;
        // One that failed is not used again: its answer may still come.
        *waiting = Some(connection);
        Ok(())
    }

    async fn attend(&self, worker: &str, lasting: Duration) -> Result<Vec<String>> {
        let arguments = [worker, &lasting.as_millis().to_string()];
        let (script, operation) = (&self.scripts.attend, "count of workers");
        let asked = self.attended().map(|(partition, key)| async move {
            self.run::<Vec<String>>(partition, Effect::Harmless, operation, script, &[key], &arguments).await
        });
        // Where a part is away, whoever is there is known by the others.
        let (mut workers, mut failed) = (BTreeSet::new(), None);
        for answer in join_all(asked).await {
            match answer {
                Ok(there) => workers.extend(there),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if workers.is_empty() => Err(error),
            _ => Ok(workers.into_iter().collect()),
        }
    }

    async fn leave(&self, worker: &str) -> Result<()> {
        let left = self.attended().map(|(partition, key)| async move {
            let mut command = redis::cmd("ZREM");
            command.arg(key).arg(worker);
            hop::sent(|| Sent::command(format!("ZREM {key} {worker}")));
            self.client.run::<u64>(partition, "count of workers", Effect::Harmless, &command).await
        });
        join_all(left).await.into_iter().try_for_each(|left| left.map(drop))
    }
}

impl Stream {
    /// Where workers note that they are there: in one key, or on a cluster in one of each partition, for each may be away.
    fn attended(&self) -> impl Iterator<Item = (Partition, &str)> {
        let keys = (0..).zip(&self.partitions).map(|(partition, (keys, _))| (partition, keys.workers.as_str()));
        keys.take(self.names.shards() as usize)
    }
}
