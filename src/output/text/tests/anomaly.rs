//! Runs of anomalies, at several widths: who did what, in which order, and where the harm was done.

use super::*;
use crate::demo::{Act, Diagram, Lesson, Moment};
use crate::hop::Target;
use crate::pattern::Protocol;
use samples::{TEN, TWELVE, carries, goes, remarks, stale_fill};

fn at(width: usize, diagram: Diagram) -> String {
    both(Settings { width, ..settings() }, &[Event::Diagram(diagram)]).0
}

#[test]
fn a_race_is_a_column_for_each_party_and_an_arrow_for_each_hop() {
    let expected = "
stale-fill, naive: the textbook protocol, without leases
------------------------------------------------------------
    reader           writer           cache            database
 1  get ─────────────┼────────────────▶ MISS           │
 2  find ────────────┼────────────────┼────────────────▶ found 10:00
 3  │                begin 12:00 ─────┼────────────────▶ locked
 4  │                commit ──────────┼────────────────▶ committed
 5  │                delete ──────────▶ nothing stood there
 6  set 10:00 ━━━━━━━┿━━━━━━━━━━━━━━━━▶ stored         │     ◀━ HARM
 7  get ─────────────┼────────────────▶ HIT 10:00      │
 8  returns 10:00, and the database has 12:00          │

✗ the cache holds 10:00 and the database 12:00: every read is stale until the
  TTL ends
";
    assert_eq!(at(80, stale_fill()), expected);
    let expected = "
stale-fill, naive: the textbook protocol, without leases
------------------------------------------------------------
    reader       writer      cache       database
 1  get ─────────┼───────────▶ MISS      │
 2  find ────────┼───────────┼───────────▶ found 10:00
 3  │            begin 12:00 ┼───────────▶ locked
 4  │            commit ─────┼───────────▶ committed
 5  │            delete ─────▶ nothing stood there
 6  set 10:00 ━━━┿━━━━━━━━━━━▶ stored    │     ◀━ HARM
 7  get ─────────┼───────────▶ HIT 10:00 │
 8  returns 10:00, and the database has 12:00

✗ the cache holds 10:00 and the database 12:00: every read
  is stale until the TTL ends
";
    assert_eq!(at(60, stale_fill()), expected);
}

/// Two writers commit in one order and set the cache in the other.
fn crossed_writers() -> Diagram {
    use Target::{Cache, Database};
    Diagram {
        anomaly: "crossed-writers",
        protocol: Protocol::Protected,
        actors: vec!["reader".into(), "writer A".into(), "writer B".into()],
        moments: vec![
            carries(1, Database, "begin", "locked", TEN),
            goes(1, Cache, "lease", "placed"),
            goes(1, Database, "commit", "committed"),
            carries(2, Database, "begin", "locked", TWELVE),
            goes(2, Cache, "lease", "placed"),
            carries(1, Cache, "settle", "left to a later writer", TEN),
            goes(2, Database, "commit", "committed"),
            carries(2, Cache, "settle", "stored", TWELVE),
            carries(0, Cache, "get", "HIT", TWELVE),
        ],
        went_wrong: false,
        finding: "the cache and the database hold 12:00".into(),
        ..stale_fill()
    }
}

#[test]
fn five_columns_have_room_at_80_and_at_60() {
    let expected = "
crossed-writers, protected: as cachedemo does it
------------------------------------------------------------
    reader         writer A       writer B      cache         database
 1  │              begin 10:00 ───┼─────────────┼─────────────▶ locked
 2  │              lease ─────────┼─────────────▶ placed      │
 3  │              commit ────────┼─────────────┼─────────────▶ committed
 4  │              │              begin 12:00 ──┼─────────────▶ locked
 5  │              │              lease ────────▶ placed      │
 6  │              settle 10:00 ──┼─────────────▶ left to a later writer
 7  │              │              commit ───────┼─────────────▶ committed
 8  │              │              settle 12:00 ─▶ stored      │
 9  get ───────────┼──────────────┼─────────────▶ HIT 12:00   │

✓ the cache and the database hold 12:00
";
    assert_eq!(at(80, crossed_writers()), expected);
    assert!(at(60, crossed_writers()).contains("database\n"), "{}", at(60, crossed_writers()));
}

#[test]
fn names_are_wrapped_and_outcomes_shortened_before_columns_are_given_up() {
    let expected = "
crowd (xfetch), protected: another remedy
------------------------------------------------------------
    98
    other   writer
    readers A       worker cache queue database
 1  98× get ┼───────┼──────▶ leased by a reader
 2  │       begin ──┼──────┼─────┼─────▶ row locked, change…
 3  │       lease ──┼──────▶ placed    │
 4  │       settle ━┿━━━━━━▶ cannot reach the cach…  ◀━ HARM
 5  │       enqueue 11-21 00:30 ─▶ 全日本空輸全日本空輸全日…
 6  │       │       pending ─────▶ found 11-20 10:00
 7  98× waits a little for the value of the reader that
    holds the lease │      │     │     │
 8  │       │       dies   │     │     │

✓ nothing is stale
";
    assert_eq!(at(60, samples::crowded()), expected);
}

#[test]
fn colours_mark_the_harm_and_what_failed_beside_the_word() {
    let mut diagram = stale_fill();
    diagram.moments = vec![diagram.moments[5].clone(), goes(1, Target::Database, "commit", "refused")];
    if let Act::Hop { ok, .. } = &mut diagram.moments[1].act {
        *ok = false;
    }
    let coloured = Settings { colours: true, width: 60, ..settings() };
    let (output, _) = both(coloured, &[Event::Diagram(diagram.clone())]);
    // As in `[dim| 1]`.
    let tones = [("\u{1b}[1m", "[strong|"), ("\u{1b}[2m", "[dim|"), ("\u{1b}[31m", "[bad|"), ("\u{1b}[0m", "]")];
    let shown = tones.iter().fold(output.clone(), |text, (code, word)| text.replace(code, word));
    let expected = " [dim|1]  [bad|set][bad| ][bad|10:00] [bad|━━━━━┿━━━━━━━━━━━━━━▶][bad| ][bad|stored]       [dim|│] [bad|◀━][bad| ][bad|HARM]
 [dim|2]  [dim|│]              commit [dim|────────┼──────────────▶][bad| ][bad|refused]";
    let drawn: Vec<_> = shown.lines().skip(4).take(2).collect();
    assert_eq!(drawn.join("\n"), expected);
    assert_eq!(dialoguer::console::strip_ansi_codes(&output), at(60, diagram));
}

#[test]
fn a_page_without_room_for_columns_gets_a_list() {
    let mut diagram = samples::crowded();
    diagram.moments.drain(..3);
    let expected = "
crowd (xfetch), protected: another
  remedy
----------------------------------------
 1  writer A → cache: settle → cannot
    reach the cache Redis at
    127.0.0.1:6379: Connection refused
    (os error 111)
    ◀━ HARM
 2  writer A → queue: enqueue 11-21
    00:30 →
    全日本空輸全日本空輸全日本空輸
 3  worker → queue: pending → found
    11-20 10:00
 4  98 other readers: 98× waits a little
    for the value of the reader that
    holds the lease
 5  worker: dies

✓ nothing is stale
";
    assert_eq!(at(40, diagram), expected);
}

#[test]
fn departures_are_times_of_day_where_that_tells_them_apart() {
    let found = |departures: [&str; 2]| {
        let moments = departures.map(|at| carries(0, Target::Database, "find", "found", at)).to_vec();
        let text = at(80, Diagram { moments, ..stale_fill() });
        let shown = text.lines().filter_map(|line| line.split_once("found ")).map(|(_, shown)| shown.to_owned());
        shown.collect::<Vec<_>>()
    };
    assert_eq!(found([TEN, TWELVE]), ["10:00", "12:00"]);
    assert_eq!(found([TEN, "2025-11-21T10:00:00"]), ["11-20 10:00", "11-21 10:00"]);
    assert_eq!(found([TEN, "2026-11-20T10:00:00"]), ["2025-11-20 10:00", "2026-11-20 10:00"]);
}

/// Diagrams that are hard to draw.
fn difficult() -> Vec<Diagram> {
    use Target::{Cache, Database, Queue};
    let with = |actors: &[&str], moments: Vec<Moment>| {
        let actors = actors.iter().map(|name| (*name).to_owned()).collect();
        Diagram { actors, moments, ..stale_fill() }
    };
    let harmful = |moment: Moment| vec![Moment { harmful: true, ..moment }];
    let unbroken = "x".repeat(300);
    let evil = "x\u{1b}[2J\u{1b}]0;t\u{7}\r\ny\u{9b}1m\u{202e}z";
    let mut many = with(&["reader"], vec![goes(0, Cache, "get", "MISS"); 120]);
    many.moments[110].harmful = true;
    let crowd = ["reader", "writer A", "writer B", "worker A", "worker B", "98 others"];
    vec![
        stale_fill(),
        samples::crowded(),
        samples::avalanche(),
        crossed_writers(),
        many,
        with(&crowd, harmful(carries(1, Queue, "enqueue", "at 1763640000000-12", TEN))),
        with(&["reader", "writer"], Vec::new()),
        with(&[], Vec::new()),
        with(&[], harmful(remarks(0, "nobody is there"))),
        with(&["reader"], harmful(goes(7, Database, "find", "an actor that there is not"))),
        with(&["reader"], harmful(goes(0, Cache, "get", &unbroken))),
        with(&["reader"], harmful(goes(0, Database, "find", &unbroken))),
        with(&["reader"], harmful(remarks(0, &unbroken))),
        with(&[&unbroken, ""], harmful(goes(1, Cache, "", ""))),
        with(&["全日本空輸", "全日 本空輸"], harmful(remarks(1, &"全日本空輸 ❤\u{fe0f} ".repeat(20)))),
        with(&["全日本空輸"], harmful(goes(0, Database, "find", &"e\u{301}全❤\u{fe0f}".repeat(60)))),
        with(&["reader", evil], harmful(goes(1, Database, "find", evil))),
        with(&["reader", evil], harmful(remarks(1, evil))),
    ]
}

#[test]
fn every_line_fits_and_the_harm_is_marked_once_at_every_width() {
    for (width, diagram) in (40..=120).flat_map(|width| difficult().into_iter().map(move |diagram| (width, diagram))) {
        let harm = diagram.moments.iter().filter(|moment| moment.harmful).count();
        let text = at(width, diagram);
        for line in text.lines() {
            assert!(line.width() <= width, "{line:?} has {} columns, not {width}:\n{text}", line.width());
        }
        assert_eq!(text.matches("◀━ HARM").count(), harm, "at {width}:\n{text}");
    }
}

#[test]
fn a_hostile_outcome_is_harmless_in_columns_and_in_a_list() {
    for width in [40, 80, 120] {
        for text in difficult().into_iter().map(|diagram| at(width, diagram)) {
            assert!(!text.chars().any(|character| is_harmful(character) && character != '\n'), "{text:?}");
        }
    }
    let hostile = Diagram { moments: vec![goes(0, Target::Cache, "get", "a\u{1b}[2Jb")], ..stale_fill() };
    assert!(at(80, hostile).contains("▶ a\\x1b[2Jb"));
}

#[test]
fn a_lesson_says_what_went_wrong_what_removes_it_and_where_that_is_told() {
    let expected = "
LESSON: stale-fill
------------------------------------------------------------
• What went wrong: A reader stored what it had read before an update, after the
  update had invalidated the entry.
• What removes it: Who means to fill an entry places a lease first, and stores
  only while that lease still stands.
• Source: Scaling Memcache at Facebook (NSDI 2013)
  https://www.usenix.org/conference/nsdi13/technical-sessions/presentation/nishtala
✓ The naive run went wrong, and the protected one held
";
    assert_eq!(shown(&[Event::Lesson(samples::lesson())]), expected);
    for (naive_went_wrong, protected_held, expected) in [
        (false, true, "⚠ The naive run did not go wrong this time, and the protected one held"),
        (true, false, "✗ The naive run went wrong, and so did the protected one"),
        (false, false, "✗ The naive run did not go wrong this time, but the protected one did"),
    ] {
        let lesson = Lesson { naive_went_wrong, protected_held, ..samples::lesson() };
        assert_eq!(shown(&[Event::Lesson(lesson)]).lines().last(), Some(expected));
    }
}

#[test]
fn the_list_says_what_each_is_about() {
    let expected = "stale-fill · A slow reader fills the cache with an old state
  a reader stores what it read before an update that has invalidated the entry
    meanwhile
stampede · Everybody misses at once
  100 readers miss one expired key, and each of them reads the database
";
    assert_eq!(shown(&[Event::Anomalies(samples::anomalies())]), expected);
}
