//! Everybody lives, and an answer is lost: what was asked for is done, and whoever asked does not know.

use super::place::Place;
use crate::support::command::Output;
use crate::support::events::Events;

/// What an update says of itself.
struct Told {
    code: Option<i32>,
    /// The message that it ends with, or what it did to the cache.
    says: String,
}

fn told(output: &Output) -> Told {
    let events = Events::of(output);
    let says = match events.named("error").first() {
        Some(error) => error["message"].as_str().unwrap_or_default().to_owned(),
        None => events.one("update")["cache"].as_str().unwrap_or_default().to_owned(),
    };
    Told { code: output.code, says }
}

/// Which answer is lost, and what the update says then: its exit code, and a part of what it ends with.
const LOST: [(&str, i32, &str); 5] = [
    // Nobody knows; the lease that stands sends every reader to the database until it expires.
    ("database.commit:lose", 1, "it is not known whether the commit reached the database"),
    ("cache.settle:lose", 1, "the update is in the database, and the cache could not be told"),
    // Asked once more, the cache answers: by then what was lost has been done.
    ("cache.settle:lose@1", 0, ""),
    ("cache.lease:lose", 0, "invalidated"),
    ("cache.lease:lose@1", 0, ""),
];

/// Each of the answers of an update.
pub(super) fn answers(place: &mut Place) {
    for pattern in ["cache-aside", "read-through", "write-through", "refresh-ahead"] {
        for (fault, code, says) in LOST {
            update(place, pattern, fault, code, says);
        }
    }
    let unknown = "it is not known whether the enqueue reached the queue";
    update(place, "write-behind", "queue.enqueue:lose", 1, unknown);
    for pattern in ["cache-aside", "write-behind", "refresh-ahead"] {
        let first = if pattern == "refresh-ahead" { "cache.look:lose" } else { "cache.get:lose" };
        for fault in [first, "cache.lease:lose", "cache.settle:lose", "database.find:lose@1"] {
            read(place, pattern, fault);
        }
    }
}

fn update(place: &mut Place, pattern: &'static str, fault: &str, code: i32, says: &str) {
    let flight = place.flight(pattern);
    let before = place.read(pattern, flight).departure;
    let output = place.strike(pattern, "update --delay 1h", flight, fault);
    let about = format!("{}: {pattern} with {fault}: {output:?}", place.name());
    let told = told(&output);
    assert_eq!(told.code, Some(code), "{about}");
    assert!(told.says.contains(says), "{about}");
    let seen = place.read(pattern, flight);
    if pattern == "write-behind" {
        place.drain();
    }
    // Whatever was lost is an answer: the update itself has happened, and everybody sees it.
    assert_ne!(place.departure(flight), before, "{about}");
    assert_eq!(seen.departure, place.departure(flight), "{about} {seen:?}");
}

/// A read whose cache does not answer says so, and has what the database has.
fn read(place: &mut Place, pattern: &'static str, fault: &str) {
    let flight = place.flight(pattern);
    let output = place.strike(pattern, "get", flight, fault);
    let about = format!("{}: a read of {pattern} with {fault}: {output:?}", place.name());
    let events = Events::of(&output);
    if fault.starts_with("database") {
        assert_eq!(output.code, Some(3), "{about}");
        assert!(events.one("error")["message"].as_str().unwrap().contains("cannot reach the database"), "{about}");
    } else {
        assert_eq!(output.code, Some(0), "{about}");
        let read = events.one("read");
        assert_ne!(read["notes"].as_array().map(Vec::len), Some(0), "{about}");
        let departure = read["flight"]["departure"].as_str().unwrap().replace('T', " ");
        assert_eq!(departure, place.departure(flight), "{about}");
    }
    assert_eq!(place.read(pattern, flight).departure, place.departure(flight), "{about}");
}
