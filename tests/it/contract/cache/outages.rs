//! A server that is down, silent, closed to us, or back again: which error says so, and that it heals.
//!
//! Nothing here measures time. That a command gives up is seen in the error that it ends with, and in the test that ends.

use std::sync::Arc;
use std::time::Duration;

use cachedemo::cache::{self, Cache, Content, Entry, Foreign, Over, Settings, Settle};
use cachedemo::error::{Error, Result};

use super::fixture::{Fixture, LONG, flight, id};

every_server! {{
    a_server_that_is_not_there_is_unreachable,
    a_server_that_was_killed_is_unreachable_and_usable_once_it_is_back,
    a_server_restarted_between_two_commands_costs_one_of_them_at_most,
    a_silent_server_is_timed_out_and_usable_once_it_speaks,
    a_host_without_an_address_is_unreachable,
    a_refused_log_in_is_told_as_such,
}}

/// Short, for it is waited out.
const IMPATIENT: Duration = Duration::from_secs(1);

/// A few timeouts, fewer than there are operations: whoever waits longer hangs.
const NEVER_SO_LONG: Duration = Duration::from_secs(8);

fn impatient(fixture: &Fixture) -> Arc<dyn Cache> {
    cache::connect(&fixture.settings(IMPATIENT)).unwrap()
}

/// Every operation, all at once; each result reduced to whether it failed.
async fn every_operation(fixture: &Fixture, cache: &Arc<dyn Cache>) -> [(&'static str, Result<()>); 10] {
    let (fill, write) = (fixture.fill(), fixture.write());
    let foreign = Foreign { bytes: Some(b"hello".to_vec()), reason: String::new() };
    let put = Settle::Put(Content::Missing, LONG);
    let operations = async {
        tokio::join!(
            cache.ping(),
            cache.get(id(1)),
            cache.look(id(1)),
            cache.lease(id(1), &fill, Over::Nothing, LONG),
            cache.lease(id(1), &fill, Over::Exactly(foreign.bytes.as_deref()), LONG),
            cache.lease(id(1), &write, Over::Anything, LONG),
            cache.settle(id(1), &write, &put),
            cache.delete(id(1)),
            cache.ids(),
            cache.facts(),
        )
    };
    // However many wait at once, none waits for the others' timeouts as well.
    let ended = tokio::time::timeout(NEVER_SO_LONG, operations).await;
    let (ping, get, look, add, claim, set, settle, delete, ids, facts) = ended.expect("no operation hangs");
    [
        ("ping", ping),
        ("get", get.map(drop)),
        ("look", look.map(drop)),
        ("lease over nothing", add.map(drop)),
        ("lease over something foreign", claim.map(drop)),
        ("lease over anything", set.map(drop)),
        ("settle", settle.map(drop)),
        ("delete", delete.map(drop)),
        ("ids", ids.map(drop)),
        ("facts", facts.map(drop)),
    ]
}

async fn a_server_that_is_not_there_is_unreachable(fixture: &mut Fixture) {
    fixture.server().kill();
    // A client that never had a connection, and one that had.
    for cache in [impatient(fixture), Arc::clone(&fixture.cache)] {
        for (operation, result) in every_operation(fixture, &cache).await {
            assert!(matches!(result, Err(Error::Unreachable { .. })), "{operation}: {result:?}");
        }
    }
}

async fn a_server_that_was_killed_is_unreachable_and_usable_once_it_is_back(fixture: &mut Fixture) {
    fixture.put(1, Content::Missing).await;
    fixture.server().kill();
    let cache = Arc::clone(&fixture.cache);
    // What is handed over at the very moment at which the client learns that its connection is gone is answered by nobody, and ends
    // by the timeout: a value that is sent to a dropped channel is kept (tokio-rs/tokio issue 7714).
    let first = cache.get(id(1)).await;
    assert!(first.as_ref().is_err_and(Error::is_outage), "{first:?}");
    for (operation, result) in every_operation(fixture, &cache).await {
        assert!(matches!(result, Err(Error::Unreachable { .. })), "{operation}: {result:?}");
    }
    fixture.server().restart();
    // The first may find the connection that was given up.
    drop(cache.get(id(1)).await);
    for (operation, result) in every_operation(fixture, &cache).await {
        assert!(result.is_ok(), "{operation}: {result:?}");
    }
}

async fn a_server_restarted_between_two_commands_costs_one_of_them_at_most(fixture: &mut Fixture) {
    // Many commands at once, so that a client with several connections has several of them to lose.
    let cache = Arc::clone(&fixture.cache);
    let many = (1..=32).map(|number| {
        let cache = Arc::clone(&cache);
        tokio::spawn(async move { cache.get(id(number)).await })
    });
    for task in many.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    fixture.server().restart();
    drop(cache.get(id(1)).await);
    for number in 1..=40 {
        let result = cache.get(id(number)).await;
        assert!(matches!(result, Ok(Entry::Absent)), "command {number}: {result:?}");
    }
}

async fn a_silent_server_is_timed_out_and_usable_once_it_speaks(fixture: &mut Fixture) {
    fixture.put(1, Content::Value(flight(1, 1))).await;
    fixture.put(2, Content::Value(flight(2, 2))).await;
    let connected = impatient(fixture);
    connected.ping().await.unwrap();
    let fresh = impatient(fixture);
    fixture.server().stop();
    for cache in [&connected, &fresh] {
        for (operation, result) in every_operation(fixture, cache).await {
            assert!(matches!(result, Err(Error::TimedOut { .. })), "{operation}: {result:?}");
        }
    }
    fixture.server().resume();
    for cache in [&connected, &fresh] {
        drop(cache.get(id(1)).await);
        // The answer to this very question, not one of those that nobody waited for.
        assert_eq!(cache.get(id(2)).await.unwrap(), Entry::Value(flight(2, 2)));
        cache.delete(id(1)).await.unwrap();
    }
}

async fn a_host_without_an_address_is_unreachable(fixture: &mut Fixture) {
    let mut settings = fixture.settings(Duration::from_secs(10));
    settings.host = "no-such-host.invalid".into();
    let result = cache::connect(&settings).unwrap().ping().await;
    assert!(matches!(result, Err(ref error) if error.is_outage()), "{result:?}");
}

async fn a_refused_log_in_is_told_as_such(fixture: &mut Fixture) {
    let mut settings = fixture.settings(Duration::from_secs(10));
    settings.password = Some("wrong".into());
    if !fixture.has_types() {
        // Memcached's client can neither log in nor encrypt, and says so instead of going on without.
        assert!(matches!(cache::connect(&settings), Err(Error::Usage { .. })));
        let encrypted = Settings { password: None, tls: true, ..settings };
        assert!(matches!(cache::connect(&encrypted), Err(Error::Usage { .. })));
        return;
    }
    let () = fixture.redis(&["CONFIG", "SET", "requirepass", "right"]);
    for password in [Some("wrong".into()), None] {
        settings.password = password;
        let cache = cache::connect(&settings).unwrap();
        for (operation, result) in every_operation(fixture, &cache).await {
            let Err(error) = result else { panic!("{operation} got in") };
            assert!(matches!(error, Error::LoginRefused { .. }), "{operation}: {error:?}");
            assert!(!format!("{error:?}").contains("wrong"), "{error:?}");
        }
    }
    settings.password = Some("right".into());
    cache::connect(&settings).unwrap().ping().await.unwrap();
}
