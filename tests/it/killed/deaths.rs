//! The deaths: before each hop of a read, of an update, and of the textbook's update.

use super::place::Place;

/// More hops than any read or update has.
const HOPS: u32 = 12;

/// A read that begins with nothing in the cache, or with something there that is not ours.
pub(super) fn of_a_read(place: &mut Place, pattern: &'static str, foreign: Option<&[u8]>) {
    for hop in 1..=HOPS {
        let flight = place.flight(pattern);
        if let Some(bytes) = foreign {
            place.spoil(flight, bytes);
        }
        let output = place.strike(pattern, "get", flight, &format!("*:die@{hop}"));
        let about = format!("{}: a read of {pattern} dead before hop {hop}, over {foreign:?}", place.name());
        let seen = place.read(pattern, flight);
        assert_eq!(seen.departure, place.departure(flight), "{about}: {seen:?}");
        if output.code.is_some() {
            assert_eq!(output.code, Some(0), "{about}: {output:?}");
            assert_eq!(seen.lookup, "hit", "{about}: {seen:?}");
            // A look, a lease, a load and a settle; the load of write-behind looks into the queue first.
            assert_eq!(hop - 1, if pattern == "write-behind" { 5 } else { 4 }, "{about}");
            return;
        }
        // A read that dies has filled nothing; at most its lease is met.
        assert_eq!(seen.source, "database", "{about}: {seen:?}");
    }
    panic!("{}: a read of {pattern} has more than {HOPS} hops", place.name());
}

/// An update of a flight that the cache has.
pub(super) fn of_an_update(place: &mut Place, pattern: &'static str) {
    for hop in 1..=HOPS {
        let flight = place.flight(pattern);
        let before = place.read(pattern, flight).departure;
        let output = place.strike(pattern, "update --delay 1h", flight, &format!("*:die@{hop}"));
        let about = format!("{}: an update of {pattern} dead before hop {hop}", place.name());
        let seen = place.read(pattern, flight);
        // What is read is what the database has, or gets: nobody reads it earlier or later than it is true.
        if pattern == "write-behind" {
            place.drain();
        }
        let truth = place.departure(flight);
        assert_eq!(seen.departure, truth, "{about}: {seen:?}");
        assert!(seen.events.iter().all(|event| !event.starts_with("error")), "{about}: {seen:?}");
        if output.code.is_some() {
            assert_eq!(output.code, Some(0), "{about}: {output:?}");
            assert_ne!(seen.departure, before, "{about}: what was acknowledged is not there");
            // What is pending, the flight, begin, lease, commit, settle; write-behind has only the first two and the queue.
            assert_eq!(hop - 1, if pattern == "write-behind" { 3 } else { 6 }, "{about}");
            return;
        }
    }
    panic!("{}: an update of {pattern} has more than {HOPS} hops", place.name());
}

/// A read of a flight that the cache has and that is due: a hit, and a refresh in the background.
pub(super) fn of_a_refresh(place: &mut Place) {
    let pattern = "refresh-ahead";
    for hop in 1..=HOPS {
        let flight = place.flight(pattern);
        place.read(pattern, flight);
        let output = place.strike(pattern, "get --refresh-threshold 1", flight, &format!("*:die@{hop}"));
        let about = format!("{}: a refresh dead before hop {hop}", place.name());
        let seen = place.read(pattern, flight);
        assert_eq!((seen.lookup.as_str(), &seen.departure), ("hit", &place.departure(flight)), "{about}: {seen:?}");
        // What the dead one has left in the cache does not hold up an update, and does not outlive it.
        let updated = place.command(&format!("cache-aside update --delay 1h --flight-id {flight}")).run();
        assert_eq!(updated.code, Some(0), "{about}: {updated:?}");
        let seen = place.read(pattern, flight);
        assert_eq!((seen.lookup.as_str(), &seen.departure), ("miss", &place.departure(flight)), "{about}: {seen:?}");
        if output.code.is_some() {
            assert_eq!(output.code, Some(0), "{about}: {output:?}");
            // A look; and the mark, the flight, and a settle.
            assert_eq!(hop - 1, 4, "{about}");
            return;
        }
    }
    panic!("{}: a refresh has more than {HOPS} hops", place.name());
}

/// For the contrast: without leases, a death between commit and cache leaves the old flight there, and everybody gets it.
pub(super) fn of_the_textbook(place: &mut Place) {
    let pattern = "write-through";
    let flight = place.flight(pattern);
    let before = place.read(pattern, flight).departure;
    let output = place.strike(pattern, "update --naive --delay 1h", flight, "cache.set:die");
    assert_eq!(output.code, None, "{output:?}");
    let seen = place.read(pattern, flight);
    assert_eq!((seen.lookup.as_str(), &seen.departure), ("hit", &before), "{seen:?}");
    assert_ne!(seen.departure, place.departure(flight), "the textbook was not caught: {seen:?}");
}
