//! Each command of a pattern by itself, as a person types it: what text says and what JSON says is the same.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Cachedemo, Output};
use crate::support::events::Events;
use crate::support::server::{Kind, Server};
use crate::support::settings::{self, Settings, Way};
use crate::support::stack::PATTERNS;
use crate::support::store::Store;

/// Somebody who types commands in one folder with one set of settings.
struct Hands {
    home: Arc<TempDir>,
    settings: Settings,
}

impl Hands {
    fn type_in(&self, line: &str, code: i32) -> Output {
        let command = Cachedemo::new().with_home(&self.home).args(line.split_whitespace());
        let output = Way::Environment.give(command, &self.settings).run();
        assert_eq!(output.code, Some(code), "{line}: {output:?}");
        output
    }

    /// What the command writes for people.
    fn text(&self, line: &str, code: i32) -> String {
        let output = self.type_in(line, code);
        output.stdout + &output.stderr
    }

    /// What the command writes for programs.
    fn json(&self, line: &str, code: i32) -> Events {
        Events::of(&self.type_in(&format!("{line} --format json"), code))
    }
}

fn assert_shows(text: &str, parts: &[String]) {
    for part in parts {
        assert!(text.contains(part.as_str()), "{part:?} is not in:\n{text}");
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not text")).to_owned()
}

/// The card that text shows of a flight.
fn card(flight: &Value) -> Vec<String> {
    let of = |name: &str| text_of(&flight[name]);
    vec![
        format!("Flight ID:    {}", flight["flight_id"]),
        format!("Flight No:    {}", of("flightno")),
        format!("Route:        {} → {}", of("from_airport"), of("to_airport")),
        format!("Airline:      {}", of("airlinename")),
        format!("Departure:    {}", of("departure")),
        format!("Arrival:      {}", of("arrival")),
    ]
}

fn later(time: &Value) -> String {
    let time: NaiveDateTime = text_of(time).parse().unwrap();
    (time + TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn use_pattern(hands: &Hands, store: &Store, pattern: &str, id: u32) {
    let logged = store.log().len();
    let read = hands.json(&format!("{pattern} get --flight-id {id}"), 0);
    let read = read.one("read");
    assert_eq!((&read["lookup"], &read["source"]), (&"miss".into(), &"database".into()), "{pattern}");
    let flight = &read["flight"];
    let text = hands.text(&format!("{pattern} get --flight-id {id}"), 0);
    assert_shows(&text, &[card(flight), vec![format!("Cache HIT for flight {id}")]].concat());

    let (departure, arrival) = (text_of(&flight["departure"]), text_of(&flight["arrival"]));
    let moved = [later(&flight["departure"]), later(&flight["arrival"])];
    let spaced = |time: &str| time.replace('T', " ");
    let text = hands.text(&format!("{pattern} update --flight-id {id} --delay 2h --user x --comment y"), 0);
    let told = [
        format!("Old departure: {}", spaced(&departure)),
        format!("New departure: {}", spaced(&moved[0])),
        format!("Old arrival:   {}", spaced(&arrival)),
        format!("New arrival:   {}", spaced(&moved[1])),
    ];
    assert_shows(&text, &told);
    let seen = hands.json(&format!("{pattern} get --flight-id {id}"), 0);
    assert_eq!(seen.one("read")["flight"]["departure"], moved[0].as_str(), "{pattern}");
    if pattern == "write-behind" {
        watch_queue(hands, store, id);
    }

    let back = format!("{pattern} update --flight-id {id} --departure {departure} --arrival {arrival}");
    let events = hands.json(&back, 0);
    let update = events.one("update");
    assert_eq!(update["old"]["departure"], moved[0].as_str(), "{pattern}");
    assert_eq!(update["old"]["arrival"], moved[1].as_str(), "{pattern}");
    assert_eq!(update["new"]["departure"], departure.as_str(), "{pattern}");
    assert_eq!(update["new"]["arrival"], arrival.as_str(), "{pattern}");
    if pattern == "write-behind" {
        let drained = hands.json("write-behind drain", 0);
        assert_eq!(drained.story(), ["drained 1 to 0: 1 updates of 1 flights"]);
    }
    let row = |user: &str, from: [&str; 2], to: [&str; 2], comment: &str| {
        spaced(&format!("{id}|{user}|{}|{}|{}|{}|{comment}", from[0], from[1], to[0], to[1]))
    };
    let (before, between) = ([departure.as_str(), arrival.as_str()], [moved[0].as_str(), moved[1].as_str()]);
    let rows = [row("x", before, between, "y"), row("cachedemo", between, before, "-")];
    assert_eq!(store.log().split_off(logged), rows, "{pattern}");

    hands.text(&format!("{pattern} get --flight-id {id}"), 0);
    let compared = hands.json(&format!("{pattern} verify --flight-id {id}"), 0);
    assert_eq!(compared.story(), ["compare consistent"], "{pattern}");
    let text = hands.text(&format!("{pattern} verify --flight-id {id}"), 0);
    assert_shows(&text, &["Data is CONSISTENT between database and cache".to_owned()]);
}

/// With one update queued: everybody is told of it, nobody overtakes it, and a drain applies it.
fn watch_queue(hands: &Hands, store: &Store, id: u32) {
    let before = store.times(id);
    assert_eq!(hands.json("write-behind queue status", 0).story(), ["queue 1 of 1"]);
    assert_shows(&hands.text("write-behind queue status", 0), &["1 update of 1 flight waits in the queue".to_owned()]);
    let compared = hands.json(&format!("write-behind verify --flight-id {id}"), 1);
    let comparison = compared.one("consistency");
    assert_eq!(comparison["verdict"], "pending");
    let text = hands.text(&format!("write-behind verify --flight-id {id}"), 1);
    for field in comparison["fields"].as_array().unwrap() {
        assert_ne!(field["database"], field["cache"]);
        assert_shows(&text, &["field", "database", "cache"].map(|side| text_of(&field[side])));
    }
    for pattern in ["write-through", "cache-aside"] {
        let refused = hands.json(&format!("{pattern} update --flight-id {id} --delay 1h"), 1);
        let error = refused.one("error");
        assert_shows(&text_of(&error["hint"]), &["cachedemo write-behind drain".to_owned()]);
        let text = hands.text(&format!("{pattern} update --flight-id {id} --delay 1h"), 1);
        assert_shows(&text, &[text_of(&error["message"]), text_of(&error["hint"])]);
    }
    assert_eq!(store.times(id), before, "the database has the update before the drain");
    let told = ["Queue drained: 1 → 0", "1 update in flight_log · 1 row of flight changed · 1 batch"];
    assert_shows(&hands.text("write-behind drain", 0), &told.map(str::to_owned));
    assert_ne!(store.times(id), before, "the database does not have the update after the drain");
    assert_eq!(hands.json("write-behind queue status", 0).story(), ["queue 0 of 0"]);
    assert_shows(&hands.text("write-behind queue status", 0), &["The queue is empty".to_owned()]);
}

/// Comparisons of several flights, first while all agree, then with one row changed behind the cache's back.
fn compare_many(hands: &Hands, store: &Store) {
    for (scope, count) in [("--from 8 --to 9", 2), ("--all", 6)] {
        let line = format!("cache-aside verify {scope}");
        let story = format!("{count} cached flights compared: {count} consistent, 0 not");
        assert_eq!(hands.json(&line, 0).story(), [format!("note good {story}")]);
        assert_shows(&hands.text(&line, 0), &[story]);
    }
    let Store::Server(server) = store else { panic!("this test uses servers") };
    server.sql("UPDATE flight SET departure = '2001-02-03 04:05:06' WHERE flight_id = 8");
    let one = hands.json("cache-aside verify --flight-id 8", 1);
    let comparison = one.one("consistency");
    assert_eq!(comparison["verdict"], "inconsistent");
    let text = hands.text("cache-aside verify --flight-id 8", 1);
    assert_shows(&text, &["INCONSISTENT".to_owned(), "2001-02-03 04:05:06".to_owned()]);
    for scope in ["--from 8 --to 9", "--all"] {
        let line = format!("write-through verify {scope}");
        let events = hands.json(&line, 1);
        assert_eq!(events.one("consistency"), &{
            let mut same = comparison.clone();
            same["latency_us"] = events.one("consistency")["latency_us"].clone();
            same
        });
        let note = text_of(&events.one("note")["text"]);
        assert!(note.ends_with("1 not"), "{note}");
        assert_shows(&hands.text(&line, 1), &[note, "INCONSISTENT".to_owned()]);
    }
}

fn try_everything(database: Kind, cache: Kind) {
    let Some(store) = Store::start(database) else { return };
    let Some(server) = Server::start(cache) else { return };
    let store = store.filled(20);
    let settings = store.settings().into_iter().chain(settings::of(&server)).collect();
    let hands = Hands { home: Cachedemo::new().home(), settings };
    for (pattern, id) in PATTERNS.into_iter().zip(7..) {
        use_pattern(&hands, &store, pattern, id);
    }
    compare_many(&hands, &store);
}

#[test]
fn by_hand_on_mysql_and_redis() {
    try_everything(Kind::MySql, Kind::Redis);
}

#[test]
fn by_hand_on_postgres_and_memcached() {
    try_everything(Kind::Postgres, Kind::Memcached);
}

#[test]
fn by_hand_on_mariadb_and_valkey() {
    try_everything(Kind::MariaDb, Kind::Valkey);
}
