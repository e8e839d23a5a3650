//! What only the journal can meet: a path where something else stands, and a death between the journal and the cache.

use cachedemo::cache::{CacheKind, Entry};
use cachedemo::error::Error;
use cachedemo::flight::Position;
use cachedemo::queue::{Sentence, Settings};

use super::stage::{Stage, TTL, flight, id, update, waiting};

#[tokio::test]
async fn asking_makes_no_file() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), None);
    assert_eq!(stage.all().await, []);
    assert!(!stage.journal().exists() && !stage.journal().parent().unwrap().exists());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    let text = "dear diary, ".repeat(1000);
    std::fs::create_dir_all(stage.journal().parent().unwrap()).unwrap();
    std::fs::write(stage.journal(), &text).unwrap();
    let refused = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap_err();
    assert!(matches!(refused, Error::Rejected { .. }), "{refused:?}");
    assert!(stage.queue.pending(id(1)).await.is_err(), "an unreadable journal is not an empty one");
    assert_eq!(std::fs::read_to_string(stage.journal()).unwrap(), text);
}

#[tokio::test]
async fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    std::fs::create_dir_all(stage.journal().parent().unwrap()).unwrap();
    std::fs::write(stage.journal(), "").unwrap();
    stage.journal_by_hand("CREATE TABLE diary (day, words)").await;
    let before = std::fs::read(stage.journal()).unwrap();
    let refused = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap_err();
    assert!(matches!(refused, Error::Rejected { .. }), "{refused:?}");
    assert_eq!(std::fs::read(stage.journal()).unwrap(), before);
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    std::fs::write(stage.journal().parent().unwrap(), "a file where the directory should be").unwrap();
    let refused = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap_err();
    let Error::File { path, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(path, &stage.journal().display().to_string());
}

#[tokio::test]
async fn a_journal_of_another_version_is_refused_and_left_as_it_is() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    for version in ["PRAGMA user_version = 0", "PRAGMA user_version = 3"] {
        stage.journal_by_hand(version).await;
        let refused = stage.connect().enqueue(&update(1, 2), TTL).await.unwrap_err();
        let Error::Rejected { cause, .. } = &refused else { panic!("{refused:?}") };
        assert!(cause.to_string().contains("another version of cachedemo"), "{cause}");
        assert!(stage.connect().pending(id(1)).await.is_err());
    }
    stage.journal_by_hand("PRAGMA user_version = 2").await;
    assert_eq!(stage.connect().pending(id(1)).await.unwrap(), Some(flight(1, 1)));
}

/// A journal that was cut short, as by a disk that lost its end.
#[tokio::test]
async fn a_damaged_journal_is_an_error() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.journal_by_hand("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let bytes = std::fs::read(stage.journal()).unwrap();
    let mut damaged = bytes.clone();
    damaged[4096..].fill(0xAA);
    std::fs::write(stage.journal(), damaged).unwrap();
    let refused = stage.connect().enqueue(&update(1, 2), TTL).await.unwrap_err();
    assert!(matches!(refused, Error::Rejected { .. }), "{refused:?}");
    assert!(stage.connect().pending(id(1)).await.is_err());
}

/// Whoever buried the update died before the entry was deleted. Some worker deletes it.
#[tokio::test]
async fn the_entry_of_a_buried_update_is_deleted_by_whoever_attends() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    bury_and_die(&stage).await;
    stage.queue.attend("worker", TTL).await.unwrap();
    assert_eq!(stage.cache.get(id(1)).await.unwrap(), Entry::Absent);
    // Once: what a reader fills now is what the database has.
    stage.put(flight(1, 0)).await;
    stage.queue.attend("worker", TTL).await.unwrap();
    assert_eq!(stage.cache.get(id(1)).await.unwrap(), Entry::Value(flight(1, 0)));
}

/// The letter is all that tells of the entry, so it does not go first.
#[tokio::test]
async fn the_entry_of_a_buried_update_is_deleted_with_the_letter() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    bury_and_die(&stage).await;
    let letters = stage.queue.dead_letters(0, Position::START, 10).await.unwrap();
    stage.queue.purge(0, &[letters[0].id.position]).await.unwrap();
    assert_eq!(stage.cache.get(id(1)).await.unwrap(), Entry::Absent);
}

#[tokio::test]
async fn an_update_is_buried_without_the_cache() {
    let Some(mut stage) = Stage::start(CacheKind::Memcached) else { return };
    let position = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    let Some(server) = &mut stage.server else { return };
    server.kill();
    stage.queue.bury(&stage.sequence().await, position, &sentence()).await.unwrap();
    assert_eq!(stage.queue.attend("worker", TTL).await.unwrap(), ["worker"]);
    let letters = stage.queue.dead_letters(0, Position::START, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    // The letter would be gone, and the entry might stand.
    assert!(stage.queue.purge(0, &[letters[0].id.position]).await.is_err());
    assert_eq!(stage.queue.dead_letters(0, Position::START, 10).await.unwrap(), letters);
}

/// One partition's worker stands still, the other's does not: positions between the two are free.
#[tokio::test]
async fn room_is_counted_and_not_guessed() {
    let stage = Stage::start(CacheKind::Memory).unwrap();
    let settings = Settings { partitions: 2, max_length: 3, ..stage.settings };
    let stage = stage.with(settings);
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    let sequence = stage.queue.sequence(1).await.unwrap().unwrap();
    for hour in 1..=9 {
        let position = stage.queue.enqueue(&update(1, hour), TTL).await.unwrap().position;
        stage.queue.forget(&sequence, &[], position).await.unwrap();
    }
    for hour in 10..=11 {
        stage.queue.enqueue(&update(1, hour), TTL).await.unwrap();
    }
    let refused = stage.queue.enqueue(&update(1, 12), TTL).await.unwrap_err();
    assert!(matches!(refused, Error::QueueFull { limit: 3, .. }), "{refused:?}");
    assert_eq!((waiting(&stage.queue, 0).await.len(), waiting(&stage.queue, 1).await.len()), (1, 2));
}

fn sentence() -> Sentence {
    Sentence { reason: "no".into(), attempts: 1 }
}

/// What a death right after the commit leaves: a letter, and an entry that shows what will never be.
async fn bury_and_die(stage: &Stage) {
    let position = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    stage.queue.bury(&stage.sequence().await, position, &sentence()).await.unwrap();
    stage.put(flight(1, 1)).await;
    stage.journal_by_hand("UPDATE dead_letters SET entry_dropped = 0").await;
}
