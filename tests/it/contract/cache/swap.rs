//! Memcached alone: its compare-and-swap loses a race now and then, and its list of keys is refused while it is busy.
//!
//! Both happen by chance only; a proxy and a server that plays a part make them happen every time.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use cachedemo::cache::{self, CacheKind, Content, Entry, Over, Settle, Settled};
use cachedemo::error::Error;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::between::Between;
use super::fixture::{Fixture, LONG, flight, id, settings};

contract! { [memcached Memcached] {
    a_settle_that_lost_a_race_looks_again,
    a_lease_over_something_foreign_gives_way_to_who_was_faster,
}}

/// A later writer puts its lease into the key between the settle's look and its change.
async fn a_settle_that_lost_a_race_looks_again(fixture: &mut Fixture) {
    let value = Content::Value(flight(1, 1));
    let put = Settle::Put(value.clone(), LONG);
    // The lease that stands is put over or deleted, and a value that stands is voided: three ways to overrun the later writer.
    for (is_replaced, settle) in [(false, &put), (false, &Settle::Delete), (true, &Settle::Delete)] {
        let (mine, later) = (fixture.write(), fixture.write());
        fixture.lease(1, &mine).await;
        if is_replaced {
            fixture.put(1, value.clone()).await;
        }
        let between = race(fixture, later.encode()).await;
        let cache = cache::connect(&settings(CacheKind::Memcached, between.port, LONG)).unwrap();
        assert_eq!(cache.settle(id(1), &mine, settle).await.unwrap(), Settled::Left);
        assert_eq!(fixture.get(1).await, Entry::Leased(later));
    }
}

async fn a_lease_over_something_foreign_gives_way_to_who_was_faster(fixture: &mut Fixture) {
    let foreign = fixture.spoil(1).await;
    let later = fixture.write();
    let between = race(fixture, later.encode()).await;
    let cache = cache::connect(&settings(CacheKind::Memcached, between.port, LONG)).unwrap();
    assert!(!cache.lease(id(1), &fixture.fill(), Over::Exactly(foreign.bytes.as_deref()), LONG).await.unwrap());
    assert_eq!(fixture.get(1).await, Entry::Leased(later));
}

/// Puts `text` into the key of flight 1 just before the first change of it is passed on.
async fn race(fixture: &Fixture, text: String) -> Between {
    let was_run = AtomicBool::new(false);
    let plant = fixture.planter();
    let before = move |said: &str| {
        if !said.starts_with("mg") && !was_run.swap(true, SeqCst) {
            plant("flight:1", text.as_bytes());
        }
    };
    Between::listen(fixture.settings(LONG).port, before).await
}

#[tokio::test]
async fn a_busy_server_is_asked_for_its_keys_again() {
    let port = play(["BUSY currently processing crawler request\r\n", "key=flight%3A7 exp=-1 la=1\r\nEND\r\n"]).await;
    let cache = cache::connect(&settings(CacheKind::Memcached, port, LONG)).unwrap();
    assert_eq!(cache.ids().await.unwrap(), [id(7)]);
}

#[tokio::test]
async fn a_server_that_stays_busy_is_told_as_such() {
    let port = play(["BUSY currently processing crawler request\r\n"; 64]).await;
    let cache = cache::connect(&settings(CacheKind::Memcached, port, Duration::from_millis(1))).unwrap();
    let result = cache.ids().await;
    // On a slow machine the millisecond is over before the first answer.
    assert!(matches!(result, Err(Error::Rejected { .. } | Error::TimedOut { .. })), "{result:?}");
}

/// A server that answers one line of each of its connections, with these words in turn.
async fn play<const COUNT: usize>(answers: [&'static str; COUNT]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for answer in answers {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            stream.read_line(&mut String::new()).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    port
}
