//! What only the journal can meet: a path where something else stands.

use cachedemo::cache::CacheKind;
use cachedemo::error::Error;

use super::stage::{Stage, TTL, id, update};

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
