//! A flughafendb that somebody else loaded, and an account that may read and change rows and nothing else.
//!
//! That is what most people point the program at: it must work there, say what it lacks, and leave nothing behind.

use crate::support::command::{Cachedemo, Output};
use crate::support::events::Events;
use crate::support::server::{DATABASE, Kind, Server};
use crate::support::settings::{self, Settings, Way};
use crate::support::stack::{PATTERNS, WAITING};

const USER: &str = "visitor";
const SECRET: &str = "only-rows";

/// Rows with the traps of the public data: an airport without an IATA code, an airline without a name, gaps between ids,
/// a flight number that `char(8)` pads.
const ROWS: &str = "
INSERT INTO airport (airport_id, iata, icao, name) VALUES
    (3, 'VIE', 'LOWW', 'VIENNA'), (17, NULL, 'LOXZ', 'ZELTWEG'), (9939, 'JFK', 'KJFK', 'JOHN F KENNEDY');
INSERT INTO airline (airline_id, iata, airlinename, base_airport) VALUES
    (2, 'OS', 'Austrian Airlines', 3), (99, 'ZZ', NULL, 17);
INSERT INTO airplane (airplane_id, capacity, type_id, airline_id) VALUES (5, 180, 1, 2);
INSERT INTO flight (flight_id, flightno, FROM_, TO_, departure, arrival, airline_id, airplane_id) VALUES
    (1, 'OS1', 3, 9939, '2015-06-01 10:00:00', '2015-06-01 18:30:00', 2, 5),
    (115, 'ZZ0115', 17, 3, '2015-06-02 23:30:00', '2015-06-03 00:10:00', 99, 5),
    (745301, 'OS745301', 9939, 17, '2015-09-30 08:00:00', '2015-09-30 16:45:00', 2, 5);
";

/// Everything that is in the database by name and type.
const SHAPE: &str = "SELECT concat_ws('|', table_schema, table_name, column_name, ordinal_position, data_type, \
     is_nullable, column_default) FROM information_schema.columns \
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'mysql', 'sys', 'performance_schema') ORDER BY 1";

const CONTENTS: [&str; 7] = [
    "SELECT concat_ws('|', airport_id, iata, icao, name) FROM airport ORDER BY 1",
    "SELECT concat_ws('|', airline_id, iata, airlinename, base_airport) FROM airline ORDER BY 1",
    "SELECT concat_ws('|', airplane_id, capacity, type_id, airline_id) FROM airplane ORDER BY 1",
    "SELECT count(*) FROM airplane_type",
    "SELECT count(*) FROM flightschedule",
    "SELECT concat_ws('|', flight_id, flightno, departure, arrival, airline_id, airplane_id) FROM flight ORDER BY 1",
    SHAPE,
];

fn load(kind: Kind) -> Option<Server> {
    let server = Server::start(kind)?;
    let (schema, quote) = match kind {
        Kind::Postgres => (include_str!("../../sql/postgres/schema.sql"), "\""),
        _ => (include_str!("../../sql/mysql/schema.sql"), "`"),
    };
    server.sql(schema);
    server.sql(&ROWS.replace("FROM_", &format!("{quote}from{quote}")).replace("TO_", &format!("{quote}to{quote}")));
    server.sql(&match kind {
        Kind::Postgres => format!(
            "CREATE ROLE {USER} LOGIN PASSWORD '{SECRET}'; REVOKE CREATE ON SCHEMA public FROM PUBLIC; \
             GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {USER}"
        ),
        _ => format!(
            "CREATE USER {USER}@'%' IDENTIFIED BY '{SECRET}'; \
             GRANT SELECT, INSERT, UPDATE ON {DATABASE}.* TO {USER}@'%'"
        ),
    });
    Some(server)
}

fn contents(server: &Server) -> Vec<String> {
    CONTENTS.into_iter().map(|statement| server.sql(statement)).collect()
}

fn run(settings: &Settings, line: &str) -> Output {
    Way::Environment.give(Cachedemo::new().args(line.split(' ')), settings).run()
}

fn walks_through_and_leaves_nothing(server: &Server, cache: &Settings) {
    let settings: Settings = settings::of_account(server, USER, SECRET).into_iter().chain(cache.clone()).collect();
    let before = contents(server);
    let patterns = [
        ("cache-aside", 1),
        ("read-through", 115),
        ("write-through", 115),
        ("write-around", 1),
        ("write-behind", 745_301),
        ("refresh-ahead", 115),
    ];
    // The last one takes some seconds: it is walked through with a server only.
    let patterns =
        patterns.into_iter().filter(|(pattern, _)| *pattern != WAITING.pattern || *cache != settings::memory());
    for (pattern, flight) in patterns {
        let about = format!("{}, {pattern}, {cache:?}", server.kind());
        let logged = server.sql("SELECT * FROM flight_log").lines().count();
        let output = run(&settings, &format!("{pattern} --flight-id {flight} --format json"));
        assert_eq!(output.code, Some(0), "{about}: {output:?}");
        let events = Events::of(&output);
        let shown = &events.named("read")[0]["flight"];
        let names = ["flightno", "from_airport", "to_airport", "airlinename"].map(|name| shown[name].as_str().unwrap());
        let expected = match flight {
            1 => ["OS1", "VIE", "JFK", "Austrian Airlines"],
            115 => ["ZZ0115", "LOXZ", "VIE", "ZZ"],
            _ => ["OS745301", "JFK", "LOXZ", "Austrian Airlines"],
        };
        assert_eq!(names, expected, "{about}");
        let drains: Vec<_> = events.named("queue").into_iter().filter(|queue| !queue["drained"].is_null()).collect();
        assert_eq!(drains.len(), if pattern == "write-behind" { 3 } else { 0 }, "{about}");
        for drain in drains {
            let reason = drain["drained"]["at_least_once"].as_str().unwrap_or_else(|| panic!("{about}: {drain}"));
            assert!(reason.contains("denied"), "{about}: {reason}");
        }
        let rows = server.sql("SELECT * FROM flight_log").lines().count() - logged;
        assert_eq!(rows, if pattern == "write-behind" { 22 } else { 7 }, "{about}");
        assert_eq!(contents(server), before, "{about}");
    }
    let text = run(&settings, "write-behind --flight-id 745301");
    assert_eq!(text.code, Some(0), "{text:?}");
    assert!(text.stdout.contains("applied at least once rather than exactly once"), "{}", text.stdout);
    assert_eq!(contents(server), before);
}

fn doctor_names_the_missing_table(settings: &Settings) {
    let output = run(settings, "doctor --format json");
    assert_eq!(output.code, Some(0), "{output:?}");
    let events = Events::of(&output);
    let about_database = events.named("finding").into_iter().filter(|finding| finding["about"] == "database");
    let missing: Vec<_> = about_database.filter(|finding| finding["level"] != "good").collect();
    assert_eq!(missing.len(), 1, "{output:?}");
    assert_eq!(missing[0]["level"], "warning");
    let text = missing[0]["text"].as_str().unwrap();
    assert!(text.starts_with("cachedemo_offset: ") && text.contains("at least once"), "{text}");
    assert!(missing[0]["hint"].as_str().unwrap().contains("CREATE"), "{output:?}");
    let ids = events.named("finding").into_iter().any(|finding| finding["text"] == "3 flights, ids 1 to 745301");
    assert!(ids, "{output:?}");
}

fn without_update_it_refuses(server: &Server, settings: &Settings) {
    server.sql(&match server.kind() {
        Kind::Postgres => format!("REVOKE UPDATE ON ALL TABLES IN SCHEMA public FROM {USER}"),
        _ => format!("REVOKE UPDATE ON {DATABASE}.* FROM {USER}@'%'"),
    });
    let (before, logged) = (contents(server), server.sql("SELECT * FROM flight_log"));
    let output = run(settings, "doctor --format json");
    assert_eq!(output.code, Some(1), "{output:?}");
    let events = Events::of(&output);
    let bad: Vec<_> = events.named("finding").into_iter().filter(|finding| finding["level"] == "bad").collect();
    assert_eq!(bad.len(), 1, "{output:?}");
    assert!(bad[0]["text"].as_str().unwrap().starts_with("UPDATE on flight: "), "{output:?}");
    assert_eq!(bad[0]["hint"], "grant UPDATE ON flight");
    for pattern in PATTERNS.into_iter().filter(|pattern| *pattern != "write-behind") {
        let output = run(settings, &format!("{pattern} update --flight-id 115 --delay 2h --format json"));
        assert_eq!(output.code, Some(1), "{output:?}");
        let events = Events::of(&output);
        assert!(events.one("error")["hint"].as_str().unwrap().contains("cachedemo doctor"), "{output:?}");
        let read = run(settings, &format!("{pattern} get --flight-id 115 --format json"));
        let read = Events::of(&read);
        assert_eq!(read.one("read")["flight"]["departure"], "2015-06-02T23:30:00");
    }
    assert_eq!(contents(server), before, "a refused update changed something");
    assert_eq!(server.sql("SELECT * FROM flight_log"), logged, "a refused update was audited");
}

fn visit(kind: Kind) {
    let Some(server) = load(kind) else { return };
    let Some(redis) = Server::start(Kind::Redis) else { return };
    for cache in [settings::memory(), settings::of(&redis)] {
        walks_through_and_leaves_nothing(&server, &cache);
    }
    let settings = settings::of_account(&server, USER, SECRET).into_iter().chain(settings::of(&redis)).collect();
    doctor_names_the_missing_table(&settings);
    without_update_it_refuses(&server, &settings);
}

#[test]
fn a_visitor_on_mysql() {
    visit(Kind::MySql);
}

#[test]
fn a_visitor_on_mariadb() {
    visit(Kind::MariaDb);
}

#[test]
fn a_visitor_on_postgres() {
    visit(Kind::Postgres);
}
