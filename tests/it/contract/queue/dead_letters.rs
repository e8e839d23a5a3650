//! Updates that no database can accept: taken out of the way, kept, and queued again or dropped by an operator.

use cachedemo::cache::Entry;
use cachedemo::clock;
use cachedemo::error::Error;
use cachedemo::flight::Position;
use cachedemo::queue::{DeadLetter, LetterId, Sentence, Settings, Whereabouts};

use super::stage::{Stage, TTL, flight, id, update};

fn sentence() -> Sentence {
    Sentence { reason: "no such flight: \"Übersee\"".into(), attempts: 3 }
}

async fn letters(stage: &Stage) -> Vec<DeadLetter> {
    stage.queue.dead_letters(0, Position::START, 1000).await.unwrap()
}

/// Enqueues an update of this flight, and buries it: where it stood.
async fn buried(stage: &Stage, number: i64) -> Position {
    let position = stage.queue.enqueue(&update(number, 1), TTL).await.unwrap().position;
    stage.queue.bury(&stage.sequence().await, position, &sentence()).await.unwrap();
    position
}

pub(super) async fn the_latest(stage: Stage) {
    let position = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    // As a reader would: what is pending stands in the cache.
    stage.put(flight(1, 1)).await;
    let (sequence, before) = (stage.sequence().await, clock::utc().timestamp_millis());
    stage.queue.bury(&sequence, position, &sentence()).await.unwrap();
    let after = clock::utc().timestamp_millis();
    assert_eq!(stage.all().await, []);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), None);
    assert_eq!(stage.cache.get(id(1)).await.unwrap(), Entry::Absent, "a reader would see what will never be");
    let letters = letters(&stage).await;
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((letter.id.partition, letter.position), (0, position));
    assert_eq!((&letter.update, &letter.sentence), (&Ok(update(1, 1)), &sentence()));
    let buried_at = letter.buried_at.timestamp_millis();
    assert!(before <= buried_at && buried_at <= after, "{before} {buried_at} {after}");
    let backlog = stage.queue.backlog(0).await.unwrap();
    assert_eq!((backlog.length, backlog.flights, backlog.oldest, backlog.dead), (0, 0, None, 1));
}

pub(super) async fn an_earlier_one(stage: Stage) {
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    stage.queue.enqueue(&update(1, 2), TTL).await.unwrap();
    stage.put(flight(1, 2)).await;
    stage.queue.bury(&stage.sequence().await, first, &sentence()).await.unwrap();
    assert_eq!(stage.updates().await, [update(1, 2)]);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 2)));
    let seen = stage.cache.get(id(1)).await.unwrap();
    // Beside a journal no entry is as good: whoever misses asks what is pending.
    assert!(seen == Entry::Value(flight(1, 2)) || (stage.is_journal() && seen == Entry::Absent), "{seen:?}");
}

/// Two workers met the same update.
pub(super) async fn twice(stage: Stage) {
    let position = buried(&stage, 1).await;
    let other = Sentence { reason: "another".into(), attempts: 1 };
    stage.queue.bury(&stage.sequence().await, position, &other).await.unwrap();
    let letters = letters(&stage).await;
    assert_eq!(letters.iter().map(|letter| &letter.sentence).collect::<Vec<_>>(), [&sentence()]);
}

/// A worker that met the queue before it was made anew must not bury what stands in the same place now.
pub(super) async fn in_another_sequence(stage: Stage) {
    let old = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    let sequence = stage.sequence().await;
    stage.wipe().await;
    let new = stage.queue.enqueue(&update(2, 1), TTL).await.unwrap().position;
    for position in [old, new] {
        stage.queue.bury(&sequence, position, &sentence()).await.unwrap();
    }
    assert_eq!(stage.updates().await, [update(2, 1)]);
    assert_eq!(letters(&stage).await, []);
}

/// It was applied all the same, and forgotten.
pub(super) async fn what_is_gone(stage: Stage) {
    let position = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    stage.forget_all().await;
    stage.queue.bury(&stage.sequence().await, position, &sentence()).await.unwrap();
    assert_eq!(letters(&stage).await, []);
}

pub(super) async fn unreadable(stage: Stage) {
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    stage.forget_all().await;
    let sequence = stage.sequence().await;
    stage.enqueue_nonsense().await;
    stage.queue.enqueue(&update(9, 1), TTL).await.unwrap();
    let refused = stage.queue.after(&sequence, Position::START, 10).await.unwrap_err();
    let Error::Poisoned { position, reason } = refused else { panic!("{refused:?}") };
    let sentence = Sentence { reason, attempts: 0 };
    stage.queue.bury(&sequence, position, &sentence).await.unwrap();
    assert_eq!(stage.updates().await, [update(9, 1)]);
    let letters = letters(&stage).await;
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((letter.position, &letter.sentence), (position, &sentence));
    assert!(letter.update.as_ref().is_err_and(|reason| reason.contains("not an update")), "{letter:?}");
    assert_eq!(stage.queue.purge(0, &[letter.id.position]).await.unwrap(), 1);
}

pub(super) async fn pages(stage: Stage) {
    let mut positions = Vec::new();
    for number in 1..=5 {
        positions.push(buried(&stage, number).await);
    }
    let all = letters(&stage).await;
    assert_eq!(all.iter().map(|letter| letter.position).collect::<Vec<_>>(), positions);
    assert!(all.is_sorted_by(|one, next| one.id < next.id));
    let mut paged = Vec::new();
    for length in [2, 2, 1, 0] {
        let last = paged.last().map_or(Position::START, |letter: &DeadLetter| letter.id.position);
        let page = stage.queue.dead_letters(0, last, 2).await.unwrap();
        assert_eq!(page.len(), length);
        paged.extend(page);
    }
    assert_eq!(paged, all);
}

pub(super) async fn replayed(stage: Stage) {
    let died = buried(&stage, 1).await;
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    stage.put(flight(1, 0)).await;
    let letter = letters(&stage).await[0].id;
    let place = stage.queue.replay(letter, &update(1, 1), TTL).await.unwrap().unwrap();
    assert!(!place.is_known && place.partition == 0 && place.position > died);
    assert_eq!(letters(&stage).await, []);
    assert_eq!(stage.updates().await, [update(2, 1), update(1, 1)]);
    assert_eq!(stage.all().await[1].position, place.position);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
    let seen = stage.cache.get(id(1)).await.unwrap();
    assert_eq!(seen, if stage.is_journal() { Entry::Absent } else { Entry::Value(flight(1, 1)) });
    // By a second operator, and by the writer of once.
    assert_eq!(stage.queue.replay(letter, &update(1, 1), TTL).await.unwrap(), None);
    let again = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert_eq!((again.position, again.is_known), (place.position, true));
    assert_eq!(stage.all().await.len(), 2);
}

/// Its writer sends it again: it was taken over, and what became of it is told by its place.
pub(super) async fn sent_again(stage: Stage) {
    let died = buried(&stage, 1).await;
    let place = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert_eq!((place.position, place.is_known), (died, true));
    assert_eq!((stage.all().await.len(), letters(&stage).await.len()), (0, 1));
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), None);
    let seen = stage.cache.get(id(1)).await.unwrap();
    assert_eq!(seen, Entry::Absent, "a dead update came back into the cache");
}

pub(super) async fn replayed_into_a_full_queue(stage: Stage) {
    let settings = Settings { max_length: 1, ..stage.settings };
    let stage = stage.with(settings);
    buried(&stage, 1).await;
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    let all = letters(&stage).await;
    let refused = stage.queue.replay(all[0].id, &update(1, 1), TTL).await.unwrap_err();
    assert!(matches!(refused, Error::QueueFull { limit: 1, .. }), "{refused:?}");
    assert_eq!(letters(&stage).await, all);
    assert!(stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().is_known, "it would be queued beside its letter");
    assert_eq!(stage.updates().await, [update(2, 1)]);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), None);
    stage.forget_all().await;
    assert!(stage.queue.replay(all[0].id, &update(1, 1), TTL).await.unwrap().is_some());
}

pub(super) async fn purged(stage: Stage) {
    for number in 1..=3 {
        buried(&stage, number).await;
    }
    let all = letters(&stage).await;
    let positions: Vec<Position> = all.iter().map(|letter| letter.id.position).collect();
    assert_eq!(stage.queue.purge(0, &[]).await.unwrap(), 0);
    assert_eq!(stage.queue.purge(0, &positions[..2]).await.unwrap(), 2);
    assert_eq!(letters(&stage).await, all[2..]);
    assert_eq!(stage.queue.purge(0, &positions).await.unwrap(), 1);
    assert_eq!(stage.queue.backlog(0).await.unwrap().dead, 0);
    assert_eq!(stage.queue.replay(all[2].id, &update(3, 1), TTL).await.unwrap(), None);
    // A number is not given again: an operator who wrote it down must not meet another letter.
    buried(&stage, 4).await;
    assert!(letters(&stage).await[0].id > all[2].id);
}

/// Each partition has dead letters of its own.
pub(super) async fn of_another_partition(stage: Stage) {
    let stage = stage.divided(2);
    let bury = async |number| {
        let place = stage.queue.enqueue(&update(number, 1), TTL).await.unwrap();
        let sequence = stage.queue.sequence(place.partition).await.unwrap().unwrap();
        stage.queue.bury(&sequence, place.position, &sentence()).await.unwrap();
    };
    bury(1).await;
    // Each partition counts for itself, by the clock: with something before it, the second letter stands behind the first.
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    stage.forget_all().await;
    bury(4).await;
    for (partition, number) in [(0, 4), (1, 1)] {
        let letters = stage.queue.dead_letters(partition, Position::START, 10).await.unwrap();
        let [letter] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!((letter.id.partition, &letter.update), (partition, &Ok(update(number, 1))));
        assert_eq!(stage.queue.purge(1 - partition, &[letter.id.position]).await.unwrap(), 0);
    }
    let letter = stage.queue.dead_letters(1, Position::START, 10).await.unwrap()[0].id;
    let place = stage.queue.replay(letter, &update(1, 1), TTL).await.unwrap().unwrap();
    assert_eq!(place.partition, 1);
    assert_eq!(stage.updates().await, [update(1, 1)]);
}

/// The queue is dropped by whoever begins anew; what is dead is for an operator to judge.
pub(super) async fn after_a_clear(stage: Stage) {
    let position = buried(&stage, 1).await;
    let sequence = stage.sequence().await;
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    let all = letters(&stage).await;
    assert_eq!(stage.queue.clear().await.unwrap(), [id(2)]);
    assert_eq!(letters(&stage).await, all);
    let found = stage.queue.whereabouts(&sequence, position).await.unwrap();
    assert_eq!(found, Whereabouts::Dead(sentence().reason));
    assert!(stage.queue.replay(all[0].id, &update(1, 1), TTL).await.unwrap().is_some());
    assert_eq!(stage.updates().await, [update(1, 1)]);
}

pub(super) async fn whereabouts(stage: Stage) {
    let mut positions = Vec::new();
    for number in 1..=3 {
        positions.push(stage.queue.enqueue(&update(number, 1), TTL).await.unwrap().position);
    }
    let (sequence, batch) = (stage.sequence().await, stage.all().await);
    stage.queue.forget(&sequence, &batch[..1], positions[0]).await.unwrap();
    stage.queue.bury(&sequence, positions[1], &sentence()).await.unwrap();
    let expected = [Whereabouts::Gone, Whereabouts::Dead(sentence().reason), Whereabouts::Queued];
    for queue in [&stage.queue, &stage.connect()] {
        for (position, expected) in positions.iter().zip(&expected) {
            assert_eq!(&queue.whereabouts(&sequence, *position).await.unwrap(), expected, "{position}");
        }
    }
    // Replayed, it stands elsewhere.
    let letter = letters(&stage).await[0].id;
    let place = stage.queue.replay(letter, &update(2, 1), TTL).await.unwrap().unwrap();
    assert_eq!(stage.queue.whereabouts(&sequence, place.position).await.unwrap(), Whereabouts::Queued);
}

/// Whoever waits for the database must not hear that it has what was lost: by accident, or dropped on purpose.
pub(super) async fn whereabouts_of_the_lost(stage: Stage) {
    let dropped = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    let sequence = stage.sequence().await;
    stage.queue.clear().await.unwrap();
    assert_eq!(stage.queue.whereabouts(&sequence, dropped).await.unwrap(), Whereabouts::Lost);
    let wiped = stage.queue.enqueue(&update(1, 2), TTL).await.unwrap().position;
    let sequence = stage.sequence().await;
    stage.wipe().await;
    assert_eq!(stage.queue.whereabouts(&sequence, wiped).await.unwrap(), Whereabouts::Lost);
    // As many again, so that the same position may be taken.
    for hour in 3..=4 {
        stage.queue.enqueue(&update(1, hour), TTL).await.unwrap();
    }
    assert_eq!(stage.queue.whereabouts(&sequence, wiped).await.unwrap(), Whereabouts::Lost);
}

/// There is no queue yet, and asking makes none.
pub(super) async fn nothing_there(stage: Stage) {
    let letter = LetterId { partition: 0, position: Position { major: 5, minor: 0 } };
    assert_eq!(letters(&stage).await, []);
    assert_eq!(stage.queue.replay(letter, &update(1, 1), TTL).await.unwrap(), None);
    assert_eq!(stage.queue.purge(0, &[letter.position]).await.unwrap(), 0);
    assert_eq!(stage.queue.sequence(0).await.unwrap(), None);
}
