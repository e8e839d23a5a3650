//! What is not the program's own survives everything that it does: foreign keys, foreign tables, other flights' entries.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use tempfile::TempDir;

use crate::support::command::{Cachedemo, Output};
use crate::support::events::Events;
use crate::support::server::{Kind, Server};
use crate::support::settings::{self, Settings, Way};
use crate::support::stack::{PATTERNS, WAITING};
use crate::support::store::Store;

/// Keys of somebody else, some of which look much like ours.
const FOREIGN: [&str; 6] = ["session:42", "flights", "flight:", "flight:1:seats", "flight:007", "flightplan:1"];

/// Somebody who runs one command after another.
struct Hands {
    home: Arc<TempDir>,
    settings: Settings,
}

impl Hands {
    fn new(store: &Store, server: &Server) -> Self {
        let settings = store.settings().into_iter().chain(settings::of(server)).collect();
        Self { home: Cachedemo::new().home(), settings }
    }

    fn run(&self, line: &str) -> Output {
        let command = Cachedemo::new().with_home(&self.home).args(line.split(' '));
        let output = Way::Environment.give(command, &self.settings).run();
        assert_eq!(output.code, Some(0), "{line}: {output:?}");
        output
    }

    fn run_everything(&self) {
        for pattern in PATTERNS {
            // It takes some seconds.
            if pattern != WAITING.pattern {
                self.run(&format!("{pattern} --flight-id 1 --verbose"));
                self.run(&format!("{pattern} --flight-id 1 --flush"));
            }
            self.run(&format!("{pattern} get --flight-id 1"));
            self.run(&format!("{pattern} update --flight-id 1 --delay 1h"));
            self.run("write-behind drain");
            self.run(&format!("{pattern} update --flight-id 1 --delay=-1h"));
            self.run("write-behind drain");
            self.run(&format!("{pattern} verify --all"));
        }
        // With a mark in the entry, and without one.
        for _ in 0..2 {
            self.run("refresh-ahead get --flight-id 1 --refresh-threshold 1");
        }
        self.run("write-behind queue status");
        self.run("write-behind queue dead-letters list");
        self.run("write-behind queue dead-letters purge --all --yes");
        self.run("doctor");
        self.run("db status");
    }
}

fn connection(server: &Server, index: u8) -> redis::Connection {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}/{index}", server.port())).unwrap();
    client.get_connection().unwrap()
}

fn ask<T: redis::FromRedisValue>(connection: &mut redis::Connection, line: &str) -> T {
    let mut words = line.split(' ');
    let mut command = redis::cmd(words.next().unwrap());
    words.for_each(|word| _ = command.arg(word));
    command.query(connection).unwrap()
}

/// Every key with its content in the server's own form, but for those named.
fn dump(connection: &mut redis::Connection, without: &[&str]) -> Vec<(String, Vec<u8>)> {
    let keys: BTreeSet<String> = ask(connection, "KEYS *");
    // What notes that an update was taken over is ours, whatever the update is called.
    let is_ours = |key: &str| without.contains(&key) || (!without.is_empty() && key.starts_with("flight:taken:"));
    let keys = keys.into_iter().filter(|key| !is_ours(key));
    keys.map(|key| (key.clone(), ask(connection, &format!("DUMP {key}")))).collect()
}

/// How often each command was used, by its name.
fn used(connection: &mut redis::Connection) -> BTreeSet<String> {
    let report: String = ask(connection, "INFO commandstats");
    let names = report.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split(':').next());
    names.map(str::to_owned).collect()
}

fn foreign_keys_survive(kind: Kind) {
    let Some(server) = Server::start(kind) else { return };
    let store = Store::embedded().filled(10);
    let hands = Hands::new(&store, &server);
    let (mut own, mut other) = (connection(&server, 0), connection(&server, 5));
    for key in FOREIGN {
        let () = ask(&mut own, &format!("SET {key} somebody-else's"));
    }
    let () = ask(&mut own, "RPUSH queue a b c");
    let () = ask(&mut own, "XADD stream:updates 1-1 field value");
    let () = ask(&mut other, "SET flight:1 another-database");
    let () = ask(&mut own, "CONFIG RESETSTAT");
    let ours = ["flight:1", "flight:updates", "flight:pending", "flight:partitions"];
    let before = (dump(&mut own, &ours), dump(&mut other, &[]));
    assert_eq!(before.0.len(), FOREIGN.len() + 2);
    let () = ask(&mut own, "CONFIG RESETSTAT");
    hands.run_everything();
    let commands = used(&mut own);
    assert_eq!((dump(&mut own, &ours), dump(&mut other, &[])), before, "{kind}");
    let keys: BTreeSet<String> = ask(&mut own, "KEYS *");
    let keys: Vec<_> = keys.iter().filter(|key| !key.starts_with("flight:taken:")).collect();
    assert_eq!(
        keys.len(),
        FOREIGN.len() + 2 + 3,
        "the entry, the stream and its layout are all that was added: {keys:?}"
    );
    for wrong in ["flushall", "flushdb", "keys", "config|set", "config|rewrite", "swapdb", "rename", "shutdown"] {
        assert!(!commands.contains(wrong), "{kind}: {wrong} was used: {commands:?}");
    }
    assert!(commands.contains("evalsha") && commands.contains("unlink"), "nothing was counted: {commands:?}");
}

#[test]
fn foreign_keys_survive_in_redis() {
    foreign_keys_survive(Kind::Redis);
}

#[test]
fn foreign_keys_survive_in_valkey() {
    foreign_keys_survive(Kind::Valkey);
}

fn memcached(server: &Server, request: &str, last: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if line == last {
            break;
        }
        lines.push(line);
    }
    lines
}

#[test]
fn foreign_keys_survive_in_memcached() {
    let Some(server) = Server::start(Kind::Memcached) else { return };
    let store = Store::embedded().filled(10);
    let hands = Hands::new(&store, &server);
    for key in FOREIGN {
        memcached(&server, &format!("set {key} 7 0 6\r\nothers"), "STORED");
    }
    // The number of a compare-and-swap changes with every write, also with one of the same value.
    let request = format!("gets {}", FOREIGN.join(" "));
    let before = memcached(&server, &request, "END");
    assert_eq!(before.len(), 2 * FOREIGN.len(), "{before:?}");
    hands.run_everything();
    assert_eq!(memcached(&server, &request, "END"), before);
    let flushes = memcached(&server, "stats", "END").into_iter().find(|line| line.contains("cmd_flush"));
    assert_eq!(flushes.as_deref(), Some("STAT cmd_flush 0"));
}

#[test]
fn a_flush_drops_this_flight_and_the_own_queue() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let Some(server) = Server::start(kind) else { continue };
        let store = Store::embedded().filled(10);
        let hands = Hands::new(&store, &server);
        let mut own = connection(&server, 0);
        for flight in 1..=4 {
            hands.run(&format!("write-through get --flight-id {flight}"));
        }
        hands.run("write-behind update --flight-id 2 --delay 1h");
        let () = ask(&mut own, "SET session:42 somebody-else's");
        let before = dump(&mut own, &["flight:1"]);
        let queued = store.times(2);
        // A pattern without a queue leaves that of write-behind alone.
        for pattern in ["cache-aside", "write-through"] {
            let events = Events::of(&hands.run(&format!("{pattern} --flush --flight-id 1 --format json")));
            assert_eq!(events.story()[0], "note plain dropped the cache entry of flight 1", "{kind}");
            assert_eq!(events.named("read")[0]["lookup"], "miss", "{kind}: the entry was not dropped");
            assert_eq!(dump(&mut own, &["flight:1"]), before, "{kind}, {pattern}");
        }
        let events = Events::of(&hands.run("write-behind --flush --flight-id 1 --format json"));
        let dropped = "note warning dropped what was queued: updates 1, flights 1; the database will not see them";
        assert_eq!(events.story()[1], dropped, "{kind}");
        // With its update, flight 2 loses the entry that showed it; nothing else is missing.
        let ours = ["flight:1", "flight:2", "flight:updates", "flight:pending", "flight:partitions"];
        let kept: Vec<_> = before.into_iter().filter(|(key, _)| !ours.contains(&key.as_str())).collect();
        assert_eq!(kept.len(), 3);
        assert_eq!(dump(&mut own, &ours), kept, "{kind}");
        let gone: Option<String> = ask(&mut own, "GET flight:2");
        assert_eq!(gone, None, "{kind}: the entry shows an update that was dropped");
        assert_eq!(store.times(2), queued, "{kind}: the dropped update reached the database");
    }
}

fn foreign_tables_survive(kind: Kind) {
    let Some(store) = Store::start(kind) else { return };
    let Some(cache) = Server::start(Kind::Redis) else { return };
    let store = store.filled(10);
    let Store::Server(server) = &store else { panic!("this test uses servers") };
    server.sql("CREATE TABLE booking (booking_id INT PRIMARY KEY, flight_id INT, seat VARCHAR(4))");
    server.sql("INSERT INTO booking VALUES (1, 1, '1A'), (2, 1, '1B'), (3, 2, NULL)");
    let look = || {
        let tables = "SELECT table_name FROM information_schema.tables WHERE table_name NOT LIKE 'cachedemo_%' \
             AND table_schema IN ('public', 'flughafendb') ORDER BY 1";
        let others = "SELECT flight_id, departure, arrival, flightno FROM flight ORDER BY 1";
        ["SELECT * FROM booking ORDER BY 1", tables, others, "SELECT COUNT(*) FROM airport"].map(|sql| server.sql(sql))
    };
    let before = look();
    let hands = Hands::new(&store, &cache);
    hands.run_everything();
    assert_eq!(look(), before, "{kind}");
}

#[test]
fn foreign_tables_survive_in_every_database() {
    for kind in [Kind::MySql, Kind::MariaDb, Kind::Postgres] {
        foreign_tables_survive(kind);
    }
}
