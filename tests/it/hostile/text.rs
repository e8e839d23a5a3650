//! Comments, users and names with everything in them that acts on a terminal, a statement or a parser.

use serde_json::Value;

use super::{HOSTILE, is_harmless};
use crate::scene::{Scene, of};
use crate::support::server::{Kind, Server};
use crate::support::stack::PATTERNS;
use crate::support::terminal::Terminal;

/// The comments and users of a flight, as the database has them: in hexadecimal, past every client's own escapes.
fn logged(server: &Server) -> Vec<String> {
    let sql = match server.kind() {
        Kind::Postgres => "SELECT encode(convert_to(\"user\" || '|' || comment, 'UTF8'), 'hex') FROM flight_log",
        _ => "SELECT LOWER(HEX(CONCAT(user, '|', comment))) FROM flight_log",
    };
    let mut rows: Vec<String> = server.sql(sql).lines().map(str::to_owned).collect();
    rows.sort();
    rows
}

fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn stored_exactly(kind: Kind) {
    let Some(server) = Server::start(kind) else { return };
    let scene = Scene::embedded().on(&server);
    scene.succeed("db init --flights 3");
    let mut expected = Vec::new();
    for (index, hostile) in HOSTILE.iter().enumerate() {
        // Once directly and once through the queue, which writes in another way.
        let direct = ["cache-aside", "read-through", "write-through", "write-around", "refresh-ahead"][index % 5];
        let words =
            |pattern| [pattern, "update", "--verbose", "--delay", "1h", "--user", hostile, "--comment", hostile];
        let output = scene.command(&words(direct)).run();
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{}", output.stdout);
        assert!(is_harmless(&output.stdout), "{:?}", output.stdout);
        let (code, events) = scene.events_of(&words("write-behind"));
        assert_eq!(code, Some(0), "{events:?}");
        scene.succeed("write-behind drain");
        expected.extend([(); 2].map(|()| hexadecimal(&format!("{hostile}|{hostile}"))));
    }
    expected.sort();
    assert_eq!(logged(&server), expected);
    assert_eq!(server.sql("SELECT COUNT(*) FROM flight").trim(), "3");

    // What is stored is shown harmless on request. Alone, for rows of one second are in no order.
    server.sql("DELETE FROM flight_log");
    let last = HOSTILE[HOSTILE.len() - 1];
    let words = ["cache-aside", "update", "--delay", "1h", "--user", last, "--comment", last];
    assert_eq!(scene.command(&words).run().code, Some(0));
    let mut terminal = Terminal::open(&scene.command(&["cache-aside", "--interactive"]), 200, 50);
    terminal.expect("[STEP 1]");
    terminal.send_line("l");
    terminal.expect("\\u{feff}");
    terminal.send_line("q");
    assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
    let shown = terminal.transcript();
    assert!(!shown.contains("\u{1b}]0") && !shown.contains('\u{202e}') && !shown.contains('\u{9b}'), "{shown:?}");
}

#[test]
fn mysql_stores_hostile_text_exactly() {
    stored_exactly(Kind::MySql);
}

#[test]
fn mariadb_stores_hostile_text_exactly() {
    stored_exactly(Kind::MariaDb);
}

#[test]
fn postgres_stores_hostile_text_exactly() {
    stored_exactly(Kind::Postgres);
}

#[test]
fn ten_kilobytes_are_refused_without_flooding_the_screen() {
    let scene = Scene::embedded();
    let long = "x".repeat(10_000);
    for flag in ["--comment", "--user"] {
        let words = ["cache-aside", "update", "--delay", "1h", flag, &long];
        scene.fails_with(&words, 2, &["characters, not 10000"], "--help");
        assert!(scene.command(&words).run().stderr.len() < 1000, "the whole text is echoed");
    }
}

#[test]
fn hostile_names_are_shown_harmless() {
    for kind in [Kind::MySql, Kind::MariaDb, Kind::Postgres] {
        let Some(server) = Server::start(kind) else { continue };
        let scene = Scene::embedded().on(&server);
        scene.succeed("db init --flights 3");
        // As statements can write them: the characters 27, 7, 10 and 8238.
        let evil = match kind {
            Kind::Postgres => "chr(27) || '[2J' || chr(10) || chr(8238) || 'x'''",
            _ => {
                "CONCAT(CHAR(27 USING utf8mb4), '[2J', CHAR(10 USING utf8mb4), CONVERT(0xE280AE USING utf8mb4), 'x''')"
            }
        };
        let number = match kind {
            Kind::Postgres => "chr(27) || '[2J'",
            _ => "CONCAT(CHAR(27), '[2J')",
        };
        server.sql(&format!("UPDATE airline SET airlinename = {evil}; UPDATE flight SET flightno = {number}"));
        for line in ["cache-aside get --verbose", "write-through --verbose", "write-behind --verbose"] {
            let shown = scene.succeed(line);
            assert!(is_harmless(&shown), "{kind} {line}: {shown:?}");
            assert!(shown.contains("\\x1b[2J"), "{kind} {line}: {shown}");
        }
        let (code, events) = scene.events("cache-aside get");
        assert_eq!(code, Some(0));
        let flight = &of(&events, "read").next().unwrap()["flight"];
        assert_eq!(flight["airlinename"], Value::from("\u{1b}[2J\n\u{202e}x'"));
    }
}

#[test]
fn a_server_s_error_text_is_shown_harmless() {
    let Some(server) = Server::start(Kind::Postgres) else { return };
    let scene = Scene::embedded().on(&server);
    scene.succeed("db init --flights 3");
    server.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION '%', chr(27) || '[2J' || chr(10) || chr(8238) || 'no'; END $$; \
         CREATE TRIGGER refuse BEFORE UPDATE ON flight FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    for pattern in PATTERNS.into_iter().filter(|pattern| *pattern != "write-behind") {
        let line = format!("{pattern} update --delay 1h");
        scene.fails(&line, 1, &["does not take a value"], "nothing was changed");
        let output = scene.run(&line);
        assert!(is_harmless(&output.stderr), "{:?}", output.stderr);
        assert!(output.stderr.contains("\\x1b[2J"), "{}", output.stderr);
    }
    // Queued, and refused by the database: nothing is lost.
    scene.succeed("write-behind update --delay 1h");
    let drained = scene.run("write-behind drain");
    assert_eq!(drained.code, Some(1), "{drained:?}");
    let listed = scene.succeed("write-behind queue dead-letters list");
    for shown in [&drained.stdout, &drained.stderr, &listed] {
        assert!(is_harmless(shown), "{shown:?}");
    }
    assert!(listed.contains("\\x1b[2J"), "{listed}");
    server.sql("DROP TRIGGER refuse ON flight");
    scene.succeed("write-behind queue dead-letters replay --all");
    let shown = scene.succeed("write-behind drain");
    assert!(shown.contains('1'), "{shown}");
    assert_eq!(server.sql("SELECT COUNT(*) FROM flight_log").trim(), "1");
}

#[test]
fn postgres_takes_no_nul_and_says_so() {
    // The command line itself cannot hold one; a queue that somebody else fills can.
    let (Some(server), Some(cache)) = (Server::start(Kind::Postgres), Server::start(Kind::Redis)) else { return };
    let scene = Scene::embedded().on(&server).on(&cache);
    scene.succeed("db init --flights 3");
    scene.succeed("write-behind update --delay 1h");
    let entries: Vec<(String, Vec<String>)> = super::redis(&cache, &["XRANGE", "flight:updates", "-", "+"]);
    let nul = entries[0].1[1].replace("\"comment\":null", "\"comment\":\"a\\u0000b\"");
    assert!(nul.contains("u0000"), "{nul}");
    let () = super::redis(&cache, &["XADD", "flight:updates", "*", "update", &nul]);
    assert_eq!(scene.run("write-behind drain").code, Some(1));
    let listed = scene.succeed("write-behind queue dead-letters list");
    assert!(listed.contains("flight 1") || listed.contains("unreadable"), "{listed}");
    assert_eq!(server.sql("SELECT COUNT(*) FROM flight_log").trim(), "1", "the healthy one before it is applied");
}
