//! The dead letters: a stream of their own in each partition.

use std::time::Duration;

use async_trait::async_trait;

use super::Stream;
use super::entry::{Entry, decode_letter};
use crate::cache::Effect;
use crate::error::Result;
use crate::flight::{Position, Update};
use crate::hop::{self, Sent};
use crate::queue::{DeadLetter, DeadLetters, LetterId, Outlet, Partition, Place};

#[async_trait]
impl DeadLetters for Stream {
    async fn dead_letters(&self, partition: Partition, position: Position, limit: usize) -> Result<Vec<DeadLetter>> {
        let operation = "reading of dead letters";
        let dead = &self.keys(partition).dead;
        let mut command = redis::cmd("XRANGE");
        command.arg(dead).arg(format!("({position}")).arg("+").arg("COUNT").arg(limit);
        hop::sent(|| Sent::command(format!("XRANGE {dead} ({position} + COUNT {limit}")));
        let entries: Vec<Entry> = self.client.run(partition, operation, Effect::Harmless, &command).await?;
        if entries.is_empty() {
            // In another layout they stand elsewhere: that is not the same as none.
            self.sequence(partition).await?;
        }
        let letters = entries
            .into_iter()
            .map(|(at, fields)| Ok(decode_letter(partition, self.position(operation, &at)?, &fields)));
        letters.collect()
    }

    async fn replay(&self, letter: LetterId, update: &Update, ttl: Duration) -> Result<Option<Place>> {
        self.take("replay", &self.scripts.replay, update, ttl, Some(letter.position)).await
    }

    async fn purge(&self, partition: Partition, letters: &[Position]) -> Result<u64> {
        if letters.is_empty() {
            return Ok(0);
        }
        let dead = &self.keys(partition).dead;
        let words: Vec<String> = letters.iter().map(ToString::to_string).collect();
        let mut command = redis::cmd("XDEL");
        command.arg(dead).arg(&words);
        hop::sent(|| Sent::command(format!("XDEL {dead} {}", words.join(" "))));
        self.client.run(partition, "purge", Effect::Harmless, &command).await
    }
}
