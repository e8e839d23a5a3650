//! Partitions: each flight belongs to one, each is a queue of its own, and whoever shares the queue divides it alike.

use cachedemo::error::{Error, Result};
use cachedemo::flight::{Position, Queued};
use cachedemo::queue::{Sentence, Whereabouts};

use super::stage::{Stage, TTL, flight, id, update, waiting};

/// What has to be said where the queue has `there` partitions, and the caller believes in `here`.
fn is_told<T>(answer: Result<T>, there: u32, here: u32) {
    match answer {
        Err(Error::OtherPartitions { there: told, here: believed, .. }) => assert_eq!((told, believed), (there, here)),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("nothing was said of the {there} partitions to somebody who believes in {here}"),
    }
}

/// Numbers before and after a change. Of two and four, some partitions have the same number.
const CHANGES: [(u32, u32); 4] = [(1, 2), (2, 1), (2, 4), (4, 2)];

pub(super) async fn order(stage: Stage) {
    let stage = stage.divided(3);
    for (number, hour) in [(1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (5, 1), (2, 2), (4, 2)] {
        let update = update(number, hour);
        let place = stage.queue.enqueue(&update, TTL).await.unwrap();
        assert_eq!(place.partition, stage.settings.partition_of(id(number)));
        let last = waiting(&stage.queue, place.partition).await.pop();
        assert_eq!(last, Some(Queued { position: place.position, update }));
    }
    let mut names = Vec::new();
    for (partition, expected) in
        [vec![(3, 1)], vec![(1, 1), (4, 1), (1, 2), (4, 2)], vec![(2, 1), (5, 1), (2, 2)]].iter().enumerate()
    {
        let partition = u32::try_from(partition).unwrap();
        let queued = waiting(&stage.queue, partition).await;
        assert!(queued.is_sorted_by(|one, next| one.position < next.position));
        let queued: Vec<_> = queued.into_iter().map(|queued| queued.update).collect();
        let expected: Vec<_> = expected.iter().map(|(number, hour)| update(*number, *hour)).collect();
        assert_eq!(queued, expected, "partition {partition}");
        names.push(stage.queue.sequence(partition).await.unwrap().unwrap().name);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "two partitions would share what the database keeps of them: {names:?}");
}

pub(super) async fn forgetting_one(stage: Stage) {
    let stage = stage.divided(3);
    for number in 1..=6 {
        stage.queue.enqueue(&update(number, 1), TTL).await.unwrap();
    }
    let sequence = stage.queue.sequence(1).await.unwrap().unwrap();
    let batch = waiting(&stage.queue, 1).await;
    // Where it is one row of positions, this one is after those of every partition.
    let far = Position { major: u64::MAX >> 1, minor: 0 };
    stage.queue.forget(&sequence, &batch, far).await.unwrap();
    for number in 1..=6 {
        let left = (stage.settings.partition_of(id(number)) != 1).then(|| flight(number, 1));
        assert_eq!(stage.queue.pending(id(number)).await.unwrap(), left);
    }
    let lengths = [waiting(&stage.queue, 0).await, waiting(&stage.queue, 1).await, waiting(&stage.queue, 2).await];
    assert_eq!(lengths.map(|queued| queued.len()), [2, 0, 2]);
}

pub(super) async fn backlogs(stage: Stage) {
    let stage = stage.divided(2);
    for (number, hour) in [(1, 1), (2, 1), (3, 1), (1, 2)] {
        stage.queue.enqueue(&update(number, hour), TTL).await.unwrap();
    }
    let sequence = stage.queue.sequence(1).await.unwrap().unwrap();
    let first = waiting(&stage.queue, 1).await[0].position;
    let sentence = Sentence { reason: "no".into(), attempts: 1 };
    stage.queue.bury(&sequence, first, &sentence).await.unwrap();
    let backlog = stage.queue.backlog(1).await.unwrap();
    assert_eq!((backlog.length, backlog.flights, backlog.dead), (2, 2, 1));
    let backlog = stage.queue.backlog(0).await.unwrap();
    assert_eq!((backlog.length, backlog.flights, backlog.dead), (1, 1, 0));
    assert!(backlog.oldest.is_some());
}

/// As long as something waits: it belongs to a partition by the number that it was queued with.
pub(super) async fn refused_while_something_waits(mut stage: Stage) {
    for (there, here) in CHANGES {
        stage = stage.divided(there);
        let place = stage.queue.enqueue(&update(4, 1), TTL).await.unwrap();
        let other = stage.connect_divided(here);
        is_told(other.enqueue(&update(8, 1), TTL).await, there, here);
        for partition in 0..here {
            is_told(other.sequence(partition).await, there, here);
        }
        assert_eq!(stage.updates().await, [update(4, 1)], "{there} to {here}");
        let sequence = stage.queue.sequence(place.partition).await.unwrap().unwrap();
        assert_eq!(stage.queue.whereabouts(&sequence, place.position).await.unwrap(), Whereabouts::Queued);
        assert_eq!(stage.queue.pending(id(8)).await.unwrap(), None);
        stage.wipe().await;
    }
}

/// An operator who asks in the wrong layout must not hear that nothing waits, nor that nothing is dead.
pub(super) async fn refused_to_an_operator(mut stage: Stage) {
    for (there, here) in CHANGES {
        stage = stage.divided(there);
        stage.queue.enqueue(&update(4, 1), TTL).await.unwrap();
        let other = stage.connect_divided(here);
        for partition in 0..here {
            is_told(other.backlog(partition).await, there, here);
            is_told(other.dead_letters(partition, Position::START, 10).await, there, here);
        }
        stage.wipe().await;
    }
}

/// Dead letters belong to a partition too. Once they are settled, nothing does.
pub(super) async fn refused_while_something_is_dead(mut stage: Stage) {
    for (there, here) in CHANGES {
        stage = stage.divided(there);
        let place = stage.queue.enqueue(&update(4, 1), TTL).await.unwrap();
        let sequence = stage.queue.sequence(place.partition).await.unwrap().unwrap();
        let sentence = Sentence { reason: "no".into(), attempts: 1 };
        stage.queue.bury(&sequence, place.position, &sentence).await.unwrap();
        let other = stage.connect_divided(here);
        is_told(other.sequence(0).await, there, here);
        is_told(other.enqueue(&update(8, 1), TTL).await, there, here);
        let letters = stage.queue.dead_letters(place.partition, Position::START, 10).await.unwrap();
        assert_eq!(letters.len(), 1);
        stage.queue.purge(place.partition, &[letters[0].id.position]).await.unwrap();
        other.enqueue(&update(8, 1), TTL).await.unwrap();
        is_told(stage.queue.sequence(0).await, here, there);
        stage.wipe().await;
    }
}

/// A writer and a worker still believe in the layout of before. They must hear of it: what the one queued would stand in a
/// partition that nobody reads, or in that of another flight, and the other would find it empty for ever.
pub(super) async fn adopted_where_empty(mut stage: Stage) {
    for (before, after) in CHANGES {
        stage = stage.divided(before);
        for number in 1..=4 {
            stage.queue.enqueue(&update(number, 1), TTL).await.unwrap();
        }
        let mut sequences = Vec::new();
        for partition in 0..before {
            let sequence = stage.queue.sequence(partition).await.unwrap().unwrap();
            let batch = waiting(&stage.queue, partition).await;
            stage.queue.forget(&sequence, &batch, batch.last().unwrap().position).await.unwrap();
            sequences.push(sequence);
        }
        let changed = stage.connect_divided(after);
        let place = changed.enqueue(&update(7, 1), TTL).await.unwrap();
        assert_eq!(place.partition, 7 % after);
        is_told(stage.queue.enqueue(&update(8, 2), TTL).await, after, before);
        for old in &sequences {
            is_told(stage.queue.sequence(old.partition).await, after, before);
            assert_eq!(stage.queue.after(old, Position::START, 10).await.unwrap(), []);
            let far = Position { major: u64::MAX >> 1, minor: 0 };
            stage.queue.forget(old, &[], far).await.unwrap();
        }
        let mut queued = Vec::new();
        for partition in 0..after {
            queued.extend(waiting(&changed, partition).await);
            if let Some(new) = changed.sequence(partition).await.unwrap() {
                assert!(sequences.iter().all(|old| old.name != new.name), "{new:?} had been given before");
            }
        }
        assert_eq!(queued, [Queued { position: place.position, update: update(7, 1) }], "{before} to {after}");
        assert_eq!(changed.pending(id(7)).await.unwrap(), Some(flight(7, 1)));
        stage.wipe().await;
    }
}

/// The worker may be the first to come in the new layout.
pub(super) async fn adopted_by_a_worker(stage: Stage) {
    let place = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let other = stage.connect_divided(2);
    is_told(other.sequence(0).await, 1, 2);
    stage.queue.forget(&stage.sequence().await, &stage.all().await, place.position).await.unwrap();
    for partition in 0..2 {
        other.sequence(partition).await.unwrap();
        assert_eq!(other.backlog(partition).await.unwrap().length, 0);
    }
    let place = other.enqueue(&update(1, 2), TTL).await.unwrap();
    assert_eq!(waiting(&other, 1).await, [Queued { position: place.position, update: update(1, 2) }]);
}
