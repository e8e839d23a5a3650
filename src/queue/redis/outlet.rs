//! What a worker needs of the stream: to read it, to trim it, and to wait for it on a connection of its own.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use redis::streams::{StreamReadOptions, StreamReadReply};

use super::Stream;
use super::entry::Entry;
use super::keys::{LAYOUT, WORKERS};
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
        let names = [self.keys(partition).updates.as_str(), LAYOUT];
        loop {
            let (other, name): (Option<String>, Option<String>) = self
                .run(Effect::Harmless, "look-up of the queue", &self.scripts.sequence, &names, &[&fresh, &partitions])
                .await?;
            match other {
                Some(there) => self.adopt(&there).await?,
                None => return Ok(name.map(|name| Sequence { partition, name })),
            }
        }
    }

    async fn give_up(&self, partition: Partition) -> Result<u64> {
        let keys = self.keys(partition);
        let names = [keys.updates.as_str(), &keys.pending];
        self.run(Effect::Harmless, "look-up of the queue", &self.scripts.give_up, &names, &[]).await
    }

    async fn after(&self, sequence: &Sequence, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let arguments = [sequence.name.as_str(), &position.to_string(), &limit.to_string()];
        let (names, operation) = ([self.keys(sequence.partition).updates.as_str()], "reading of updates");
        let entries: Vec<Entry> =
            self.run(Effect::Harmless, operation, &self.scripts.after, &names, &arguments).await?;
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
        let trimmed: Result<u64> = self
            .run(Effect::Harmless, "trim", &self.scripts.forget, &[keys.updates.as_str(), &keys.pending], &arguments)
            .await;
        trimmed.map(drop)
    }

    async fn bury(&self, sequence: &Sequence, position: Position, sentence: &Sentence) -> Result<()> {
        let keys = self.keys(sequence.partition);
        let names = [keys.updates.as_str(), &keys.pending, &keys.dead];
        let arguments =
            [sequence.name.as_str(), &position.to_string(), &sentence.reason, &sentence.attempts.to_string()];
        // Harmless: what is buried is not buried again.
        let buried: Result<u64> = self.run(Effect::Harmless, "bury", &self.scripts.bury, &names, &arguments).await;
        buried.map(drop)
    }

    async fn arrival(&self, partition: Partition, limit: Duration) -> Result<()> {
        let (keys, waiting) = &self.partitions[partition as usize];
        let mut waiting = waiting.lock().await;
        let mut connection = match waiting.take() {
            Some(connection) => connection,
            None => self.client.blocking().await?,
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
        let _: StreamReadReply = self.client.wait(&mut connection, "wait for updates", limit, &command).await?;
        // One that failed is not used again: its answer may still come.
        *waiting = Some(connection);
        Ok(())
    }

    async fn attend(&self, worker: &str, lasting: Duration) -> Result<Vec<String>> {
        let arguments = [worker, &lasting.as_millis().to_string()];
        let mut workers: Vec<String> =
            self.run(Effect::Harmless, "count of workers", &self.scripts.attend, &[WORKERS], &arguments).await?;
        workers.sort_unstable();
        Ok(workers)
    }

    async fn leave(&self, worker: &str) -> Result<()> {
        let mut command = redis::cmd("ZREM");
        command.arg(WORKERS).arg(worker);
        hop::sent(|| Sent::command(format!("ZREM {WORKERS} {worker}")));
        self.client.run("count of workers", Effect::Harmless, &command).await
    }
}
