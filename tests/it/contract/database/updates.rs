//! One update: a row, its audit, and nothing of either before the commit.

use cachedemo::database::DatabaseKind;
use cachedemo::error::Error;
use cachedemo::flight::Update;

use super::fixture::{Fixture, find, id, moved, time};

/// The whole `flight_log`, every column, without the blanks that pad a number.
pub(super) fn whole_log(fixture: &Fixture) -> String {
    let user = fixture.quoted("user");
    fixture.sql(&format!(
        "SELECT log_date, {user}, flight_id, RTRIM(flightno_old), RTRIM(flightno_new), from_old, to_old, from_new, to_new, \
         departure_old, arrival_old, departure_new, arrival_new, airplane_id_old, airplane_id_new, airline_id_old, \
         airline_id_new, comment FROM flight_log"
    ))
}

pub(super) async fn committed(fixture: Fixture) {
    let database = fixture.connect().await;
    let old = find(&database, 1).await;
    let update = moved(&old, 120);
    let pending = database.begin(&update).await.unwrap();
    assert_eq!(pending.before(), &old);
    assert_eq!(pending.after(), &update.flight);
    pending.commit().await.unwrap();
    assert_eq!(find(&database, 1).await, update.flight);
    assert_eq!(
        fixture.sql("SELECT departure, arrival FROM flight WHERE flight_id = 1"),
        "2025-11-20 12:00:00\t2025-11-20 20:30:00"
    );
    let expected = [
        "2025-11-19 08:09:06",
        "tester",
        "1",
        "LH400",
        "LH400",
        "1",
        "2",
        "1",
        "2",
        "2025-11-20 10:00:00",
        "2025-11-20 18:30:00",
        "2025-11-20 12:00:00",
        "2025-11-20 20:30:00",
        "1",
        "1",
        "1",
        "1",
        "moved by 120",
    ];
    assert_eq!(whole_log(&fixture), expected.join("\t"));
    let others = fixture.count("SELECT COUNT(*) FROM flight WHERE departure = '2025-11-20 12:00:00'");
    assert_eq!(others, 1, "an update changes its own flight only");
}

pub(super) async fn changed_since(fixture: Fixture) {
    let database = fixture.connect().await;
    let since = async |text: &str| {
        let ids = database.changed_since(time(text)).await.unwrap();
        ids.into_iter().map(|id| id.number()).collect::<Vec<_>>()
    };
    assert!(since("1970-01-01 00:00:00").await.is_empty());
    // Dated 08:08:06, 08:09:06 and 08:10:06; the last one twice, and the first of an update that is undone.
    for (number, minutes) in [(7, 60), (3, 120), (5, 180), (5, 180)] {
        let update = moved(&find(&database, number).await, minutes);
        database.begin(&update).await.unwrap().commit().await.unwrap();
    }
    database.begin(&moved(&find(&database, 9).await, 180)).await.unwrap().rollback().await.unwrap();
    assert_eq!(since("2025-11-19 08:08:06").await, [3, 5, 7], "the moment itself counts");
    assert_eq!(since("2025-11-19 08:08:07").await, [3, 5]);
    assert_eq!(since("2025-11-19 08:10:06").await, [5]);
    assert!(since("2025-11-19 08:10:07").await.is_empty());
}

/// Users and comments that something on the way could take for more than text.
pub(super) fn awkward() -> Vec<(String, Option<String>)> {
    let mut texts: Vec<(String, Option<String>)> = [
        "",
        " ",
        "null",
        "NULL",
        "O'Hare \"quoted\" `back` ''",
        "\\ \\n \\' \\u0041 \\\\",
        "tab\tand\nline\r\nend",
        "\u{1b}[31mred\u{1b}[0m \u{7f}\u{1}",
        "🛫 ✈️ Zürich → Åre 日本語 \u{202e}",
        "'); DROP TABLE flight; --",
        "$1 ? :name {} %s %",
        "[1, {\"a\": null}]",
    ]
    .into_iter()
    .map(|text| (format!("user {text}"), Some(text.to_owned())))
    .collect();
    texts.push(("nobody".into(), None));
    texts.push(("🛬".repeat(100), Some("🛫".repeat(200))));
    texts
}

/// What stands in the log for the flight, as bytes, so that no client's own quoting is in between.
pub(super) fn logged_bytes(fixture: &Fixture) -> Vec<String> {
    let user = fixture.quoted("user");
    let hexadecimal = |column: &str| match fixture.settings.kind {
        DatabaseKind::Postgresql => format!("UPPER(ENCODE(CONVERT_TO({column}, 'UTF8'), 'hex'))"),
        _ => format!("HEX({column})"),
    };
    let (user, comment) = (hexadecimal(&user), hexadecimal("comment"));
    let rows = fixture.sql(&format!(
        "SELECT {user}, CASE WHEN comment IS NULL THEN 'none' ELSE {comment} END FROM flight_log ORDER BY log_date"
    ));
    rows.lines().map(str::to_owned).collect()
}

/// The same for what was to be written.
pub(super) fn expected_bytes(user: &str, comment: Option<&String>) -> String {
    let hexadecimal = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    format!("{}\t{}", hexadecimal(user), comment.map_or("none".to_owned(), |comment| hexadecimal(comment)))
}

pub(super) async fn comments(fixture: Fixture) {
    let database = fixture.connect().await;
    let flight = find(&database, 1).await;
    let mut expected = Vec::new();
    for (minutes, (user, comment)) in (1..).zip(awkward()) {
        expected.push(expected_bytes(&user, comment.as_ref()));
        let update = Update { user: user.clone(), comment: comment.clone(), ..moved(&flight, minutes) };
        database.begin(&update).await.unwrap().commit().await.unwrap();
        let entry = database.log(id(1), 1).await.unwrap().remove(0);
        assert_eq!((entry.user, entry.comment), (user, comment));
    }
    assert_eq!(logged_bytes(&fixture), expected);
}

pub(super) async fn too_long(fixture: Fixture) {
    let database = fixture.connect().await;
    let flight = find(&database, 1).await;
    for update in [
        Update { comment: Some("x".repeat(201)), ..moved(&flight, 1) },
        Update { user: "x".repeat(101), ..moved(&flight, 1) },
    ] {
        let refused = database.begin(&update).await.err().expect("it does not fit");
        assert!(matches!(refused, Error::Unacceptable { .. }), "{refused:?}");
    }
    assert_eq!(find(&database, 1).await, flight);
    assert_eq!(whole_log(&fixture), "");
}

pub(super) async fn the_log(fixture: Fixture) {
    let database = fixture.connect().await;
    let first = find(&database, 1).await;
    for minutes in [1, 2, 3] {
        database.begin(&moved(&first, minutes)).await.unwrap().commit().await.unwrap();
    }
    let other = find(&database, 2).await;
    database.begin(&moved(&other, 9)).await.unwrap().commit().await.unwrap();
    let entries = database.log(id(1), 2).await.unwrap();
    let comments: Vec<_> = entries.iter().map(|entry| entry.comment.as_deref()).collect();
    assert_eq!(comments, [Some("moved by 3"), Some("moved by 2")]);
    let latest = &entries[0];
    assert_eq!(latest.log_date, time("2025-11-19 08:07:09"));
    assert_eq!((latest.flight_id, latest.user.as_str()), (id(1), "tester"));
    assert_eq!((latest.old, latest.new), (moved(&first, 2).flight.times(), moved(&first, 3).flight.times()));
    assert_eq!(database.log(id(1), 100).await.unwrap().len(), 3);
    assert_eq!(database.log(id(3), 100).await.unwrap(), []);
}

pub(super) async fn unseen(fixture: Fixture) {
    let (writer, reader) = (fixture.connect().await, fixture.connect().await);
    let old = find(&writer, 1).await;
    let update = moved(&old, 120);
    let pending = writer.begin(&update).await.unwrap();
    for database in [&reader, &writer] {
        assert_eq!(find(database, 1).await, old);
        assert_eq!(database.log(id(1), 10).await.unwrap(), []);
    }
    pending.commit().await.unwrap();
    for database in [&reader, &writer] {
        assert_eq!(find(database, 1).await, update.flight);
        assert_eq!(database.log(id(1), 10).await.unwrap().len(), 1);
    }
}

pub(super) async fn undone(fixture: Fixture) {
    let database = fixture.connect().await;
    let old = find(&database, 1).await;
    database.begin(&moved(&old, 1)).await.unwrap().rollback().await.unwrap();
    drop(database.begin(&moved(&old, 2)).await.unwrap());
    // This waits for the lock of the one that was dropped, so what was left of it would show.
    let pending = fixture.connect().await.begin(&moved(&old, 3)).await.unwrap();
    assert_eq!(pending.before(), &old);
    pending.rollback().await.unwrap();
    assert_eq!(find(&database, 1).await, old);
    assert_eq!(whole_log(&fixture), "");
    database.begin(&moved(&old, 4)).await.unwrap().commit().await.unwrap();
    assert_eq!(find(&database, 1).await, moved(&old, 4).flight);
}

/// An index without the row may be locked around the place where the row would be: nobody could insert there.
pub(super) async fn absent(fixture: Fixture) {
    let database = fixture.connect().await;
    let mut absent = moved(&find(&database, 1).await, 1);
    absent.flight.flight_id = id(70);
    // More of them than there are connections, each of which would keep what it locked.
    for _ in 0..40 {
        let refused = database.begin(&absent).await.err().expect("there is no flight 70");
        assert!(matches!(refused, Error::NoSuchFlight(number) if number == id(70)), "{refused:?}");
    }
    let patience = match fixture.settings.kind {
        DatabaseKind::Mysql | DatabaseKind::Mariadb => "SET innodb_lock_wait_timeout = 1;",
        DatabaseKind::Postgresql => "SET lock_timeout = 1;",
        DatabaseKind::Sqlite => "PRAGMA busy_timeout = 1;",
    };
    let (from, to) = (fixture.quoted("from"), fixture.quoted("to"));
    fixture.sql(&format!(
        "{patience} INSERT INTO flight (flight_id, flightno, {from}, {to}, departure, arrival, airline_id, airplane_id) \
         SELECT 70, flightno, {from}, {to}, departure, arrival, airline_id, airplane_id FROM flight WHERE flight_id = 1"
    ));
    let pending = database.begin(&absent).await.unwrap();
    assert_eq!(pending.before().flight_id, id(70));
    pending.rollback().await.unwrap();
    assert_eq!(whole_log(&fixture), "");
}
