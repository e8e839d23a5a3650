//! The calls to a queue, as hops.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::{Layered, Spot, done, found, many};
use crate::error::{Peer, Result};
use crate::flight::{Flight, FlightId, Position, Queued, Update};
use crate::hop::Outcome;
use crate::queue::{
    self, Backlog, DeadLetter, DeadLetters, Intake, LetterId, Outlet, Partition, Place, Queue, Sentence, Sequence,
    Whereabouts,
};

#[async_trait]
impl Intake for Layered<dyn Queue> {
    fn stores_entry(&self) -> bool {
        self.inner.stores_entry()
    }

    async fn enqueue(&self, update: &Update, ttl: Duration) -> Result<Place> {
        let outcome = |place: &Place| Outcome::of(queued(place), Some(update.flight.departure));
        self.door.hop_about(Spot::Flight(update.flight_id()), "enqueue", outcome, self.inner.enqueue(update, ttl)).await
    }

    async fn pending(&self, id: FlightId) -> Result<Option<Flight>> {
        self.door.hop_about(Spot::Flight(id), "pending", found, self.inner.pending(id)).await
    }

    async fn whereabouts(&self, sequence: &Sequence, position: Position) -> Result<Whereabouts> {
        let outcome = |found: &Whereabouts| format!("{found:?}").to_lowercase();
        self.door
            .hop_about(
                Spot::Partition(sequence.partition),
                "whereabouts",
                outcome,
                self.inner.whereabouts(sequence, position),
            )
            .await
    }
}

fn queued(place: &Place) -> String {
    let known = if place.is_known { "known: queued before" } else { "queued" };
    format!("{known} at {}", place.position)
}

#[async_trait]
impl Outlet for Layered<dyn Queue> {
    async fn sequence(&self, partition: Partition) -> Result<Option<Sequence>> {
        let outcome = |found: &Option<Sequence>| found.as_ref().map_or("none".to_owned(), |found| found.name.clone());
        self.door.hop_about(Spot::Partition(partition), "sequence", outcome, self.inner.sequence(partition)).await
    }

    async fn give_up(&self, partition: Partition) -> Result<u64> {
        let outcome = |flights: &u64| many(*flights, "flight");
        self.door.hop_about(Spot::Partition(partition), "give_up", outcome, self.inner.give_up(partition)).await
    }

    async fn after(&self, sequence: &Sequence, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let outcome = |batch: &Vec<Queued>| many(batch.len(), "update");
        self.door
            .hop_about(
                Spot::Partition(sequence.partition),
                "after",
                outcome,
                self.inner.after(sequence, position, limit),
            )
            .await
    }

    async fn forget(&self, sequence: &Sequence, applied: &[Queued], position: Position) -> Result<()> {
        self.door
            .hop_about(
                Spot::Partition(sequence.partition),
                "forget",
                done,
                self.inner.forget(sequence, applied, position),
            )
            .await
    }

    async fn bury(&self, sequence: &Sequence, position: Position, sentence: &Sentence) -> Result<()> {
        self.door
            .hop_about(Spot::Partition(sequence.partition), "bury", done, self.inner.bury(sequence, position, sentence))
            .await
    }

    async fn arrival(&self, partition: Partition, limit: Duration) -> Result<()> {
        self.door.hop_about(Spot::Partition(partition), "arrival", done, self.inner.arrival(partition, limit)).await
    }

    async fn attend(&self, worker: &str, lasting: Duration) -> Result<Vec<String>> {
        let outcome = |workers: &Vec<String>| many(workers.len(), "worker");
        self.door.hop("attend", outcome, self.inner.attend(worker, lasting)).await
    }

    async fn leave(&self, worker: &str) -> Result<()> {
        self.door.hop("leave", done, self.inner.leave(worker)).await
    }
}

#[async_trait]
impl DeadLetters for Layered<dyn Queue> {
    async fn dead_letters(&self, partition: Partition, position: Position, limit: usize) -> Result<Vec<DeadLetter>> {
        let outcome = |letters: &Vec<DeadLetter>| many(letters.len(), "dead letter");
        self.door
            .hop_about(
                Spot::Partition(partition),
                "dead_letters",
                outcome,
                self.inner.dead_letters(partition, position, limit),
            )
            .await
    }

    async fn replay(&self, letter: LetterId, update: &Update, ttl: Duration) -> Result<Option<Place>> {
        let outcome = |place: &Option<Place>| place.as_ref().map_or("no such letter".to_owned(), queued);
        self.door
            .hop_about(Spot::Flight(update.flight_id()), "replay", outcome, self.inner.replay(letter, update, ttl))
            .await
    }

    async fn purge(&self, partition: Partition, letters: &[Position]) -> Result<u64> {
        let outcome = |purged: &u64| many(*purged, "dead letter");
        self.door.hop_about(Spot::Partition(partition), "purge", outcome, self.inner.purge(partition, letters)).await
    }
}

#[async_trait]
impl Queue for Layered<dyn Queue> {
    fn peer(&self) -> &Arc<Peer> {
        self.inner.peer()
    }

    fn settings(&self) -> &queue::Settings {
        self.inner.settings()
    }

    async fn backlog(&self, partition: Partition) -> Result<Backlog> {
        let outcome = |backlog: &Backlog| many(backlog.length, "update");
        self.door.hop_about(Spot::Partition(partition), "backlog", outcome, self.inner.backlog(partition)).await
    }

    async fn clear(&self) -> Result<Vec<FlightId>> {
        let outcome = |ids: &Vec<FlightId>| many(ids.len(), "flight");
        self.door.hop("clear", outcome, self.inner.clear()).await
    }
}
