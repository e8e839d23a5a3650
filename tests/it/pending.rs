//! Write-behind never reads backwards (P4): a pending update is seen though its cache entry expired or was evicted, and no
//! reader that began before the update puts the older flight back.
//!
//! No worker runs here, so that every update stays pending.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use cachedemo::cache::{Content, Lease, LeaseKind, Over, Settle, Settled};
use cachedemo::clock::Chance;
use cachedemo::flight::{FlightId, Times};
use cachedemo::lab::Lab;
use chrono::TimeDelta;
use serde_json::Value;

use crate::support::events::Events;
use crate::support::server::{Kind, Server};
use crate::support::stack::{Stack, runtime};
use crate::support::{deadline, lab};

/// How long a test waits for an entry to expire.
const LIMIT: Duration = Duration::from_secs(30);
/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);
/// When the flight departs after the update.
const DEPARTURE: &str = "2031-02-03T04:05:06";

/// A cache and its queue beside the embedded database; no cache server: the one in the process, with the journal.
fn stack(kind: Option<Kind>) -> Option<Stack> {
    kind.map_or_else(|| Some(Stack::embedded()), Stack::with_cache)
}

/// Runs a command whose entries live for a second, and gives its event of this name.
fn run(stack: &Stack, name: &str, arguments: &[&str]) -> Value {
    let command = stack.command(&["--format", "json", "write-behind"]).args(arguments).env("CACHE_TTL", "1s");
    let output = command.run();
    assert_eq!(output.code, Some(0), "{output:?}");
    Events::of(&output).one(name).clone()
}

fn assert_pending_is_read(stack: &Stack, context: &str) {
    let read = run(stack, "read", &["get"]);
    assert_eq!(read["source"], "queue", "{context}: {read}");
    assert_eq!(read["flight"]["departure"], DEPARTURE, "{context}: {read}");
}

/// Sends a command to Memcached by hand; the first line of the answer.
fn memcached(server: &Server, command: &str) -> String {
    let mut stream = TcpStream::connect((server.host(), server.port())).unwrap();
    stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer
}

fn redis(server: &Server) -> redis::Connection {
    redis::Client::open(server.url()).unwrap().get_connection().unwrap()
}

/// Whether an entry stands, by the server's own word.
fn is_there(server: &Server) -> bool {
    match server.kind() {
        Kind::Memcached => memcached(server, "get flight:1").starts_with("VALUE"),
        _ => redis::cmd("EXISTS").arg("flight:1").query(&mut redis(server)).unwrap(),
    }
}

/// Takes the entry away, as a server does that needs room; whether there was one.
fn evict(server: &Server) -> bool {
    match server.kind() {
        Kind::Memcached => memcached(server, "delete flight:1").starts_with("DELETED"),
        _ => redis::cmd("DEL").arg("flight:1").query(&mut redis(server)).unwrap(),
    }
}

fn a_pending_update_outlives_its_entry(kind: Option<Kind>) {
    let Some(stack) = stack(kind) else { return };
    let times = ["--departure", DEPARTURE, "--arrival", "2031-02-03T14:05:06"];
    let update = run(&stack, "update", &[&["update"], &times[..]].concat());
    assert_eq!(update["durability"], "queued", "{update}");
    // Where the acknowledgement itself leaves no entry, this read does.
    let read = run(&stack, "read", &["get"]);
    assert_eq!(read["flight"]["departure"], DEPARTURE, "{read}");
    let Some(server) = &stack.cache else {
        // That entry ended with its process.
        return assert_pending_is_read(&stack, "another process");
    };
    deadline::poll(LIMIT, || (!is_there(server)).then_some(())).expect("the entry expires");
    assert_pending_is_read(&stack, "expired");
    // That read has stored it again, for a second.
    evict(server);
    assert_pending_is_read(&stack, "evicted");
}

/// The interleaving: a reader misses, places its lease, looks for a pending update and reads the old row; the update is
/// acknowledged; only then the reader stores what it read.
fn a_reader_from_before_the_update_stores_nothing(kind: Option<Kind>) {
    let Some(stack) = stack(kind) else { return };
    let settings = stack.cache.as_ref().map(|server| ("CACHE_URL", lab::url(server)));
    let config = lab::config(&stack, &settings.into_iter().collect());
    runtime().block_on(async {
        let reader = lab::lab(&config).await;
        // The memory cache belongs to its process; everybody else has connections of their own.
        let writer = if kind.is_some() { lab::lab(&config).await } else { reader.clone() };
        let id = FlightId::FIRST;
        let lease = Lease::new(LeaseKind::Fill, &Chance::unpredictable());
        assert!(reader.cache().lease(id, &lease, Over::Nothing, LONG).await.unwrap());
        assert_eq!(reader.queue().pending(id).await.unwrap(), None);
        let old = reader.row(id).await.value.unwrap().unwrap();

        let later = |time| time + TimeDelta::hours(2);
        let times = Times { departure: later(old.departure), arrival: later(old.arrival) };
        let update = writer.plan(&old, times, "tester", None);
        writer.pattern().update(&update).await.unwrap();

        let settled = reader.cache().settle(id, &lease, &Settle::Put(Content::Value(old), LONG)).await.unwrap();
        assert!(matches!(settled, Settled::Left | Settled::Vacant), "{settled:?}");
        for lab in [&reader, &writer] {
            assert_eq!(departure(lab).await, times.departure);
        }
        assert!(writer.evict(id).await.value.unwrap());
        assert_eq!(departure(&reader).await, times.departure);
    });
}

async fn departure(lab: &Lab) -> chrono::NaiveDateTime {
    lab.read(FlightId::FIRST).await.value.unwrap().flight.unwrap().departure
}

#[test]
fn a_pending_update_outlives_its_entry_on_redis() {
    a_pending_update_outlives_its_entry(Some(Kind::Redis));
}

#[test]
fn a_pending_update_outlives_its_entry_on_valkey() {
    a_pending_update_outlives_its_entry(Some(Kind::Valkey));
}

#[test]
fn a_pending_update_outlives_its_entry_on_memcached() {
    a_pending_update_outlives_its_entry(Some(Kind::Memcached));
}

#[test]
fn a_pending_update_outlives_its_entry_in_memory() {
    a_pending_update_outlives_its_entry(None);
}

#[test]
fn a_reader_from_before_the_update_stores_nothing_on_redis() {
    a_reader_from_before_the_update_stores_nothing(Some(Kind::Redis));
}

#[test]
fn a_reader_from_before_the_update_stores_nothing_on_valkey() {
    a_reader_from_before_the_update_stores_nothing(Some(Kind::Valkey));
}

#[test]
fn a_reader_from_before_the_update_stores_nothing_on_memcached() {
    a_reader_from_before_the_update_stores_nothing(Some(Kind::Memcached));
}

#[test]
fn a_reader_from_before_the_update_stores_nothing_in_memory() {
    a_reader_from_before_the_update_stores_nothing(None);
}
