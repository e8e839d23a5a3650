//! What a pattern needs of the stream: one trip to hand an update over, one to see what is pending.

use std::time::Duration;

use async_trait::async_trait;

use super::Stream;
use super::entry::Entry;
use crate::cache::Effect;
use crate::error::Result;
use crate::flight::{Flight, FlightId, Position, Update};
use crate::queue::{Intake, Place, Sequence, Whereabouts};

#[async_trait]
impl Intake for Stream {
    fn stores_entry(&self) -> bool {
        true
    }

    async fn enqueue(&self, update: &Update, ttl: Duration) -> Result<Place> {
        let taken = self.take("enqueue", &self.scripts.enqueue, update, ttl, None).await?;
        taken.ok_or_else(|| self.rejected("enqueue", "an update is not a dead letter".into()))
    }

    async fn pending(&self, id: FlightId) -> Result<Option<Flight>> {
        self.see_layout().await?;
        let (partition, keys) = self.keys_of(id);
        let (names, operation) = ([keys.updates.as_str(), &keys.pending, &keys.layout], "look-up of a pending update");
        let (number, partitions) = (id.to_string(), self.settings.partitions.to_string());
        loop {
            let (other, entries): (Option<String>, Vec<Entry>) = self
                .run(partition, Effect::Harmless, operation, &self.scripts.pending, &names, &[&number, &partitions])
                .await?;
            match other {
                Some(there) => self.adopt(&there).await?,
                None => return Ok(self.read(operation, entries)?.pop().map(|queued| queued.update.flight)),
            }
        }
    }

    async fn whereabouts(&self, sequence: &Sequence, position: Position) -> Result<Whereabouts> {
        let partition = sequence.partition;
        let keys = self.keys(partition);
        let (names, operation) = ([keys.updates.as_str(), &keys.dead], "look-up of an update");
        let arguments = [sequence.name.as_str(), &position.to_string()];
        let found: Vec<String> =
            self.run(partition, Effect::Harmless, operation, &self.scripts.whereabouts, &names, &arguments).await?;
        Ok(match found.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["queued"] => Whereabouts::Queued,
            ["gone"] => Whereabouts::Gone,
            ["dead", reason] => Whereabouts::Dead(reason.to_owned()),
            _ => Whereabouts::Lost,
        })
    }
}
