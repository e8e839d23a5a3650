//! A look at a value and at what is left of its life, and the mark of whoever refreshes it.

use std::time::Duration;

use cachedemo::cache::{Cache, CacheKind, Content, Entry, Lease, Look, Over, Settle, Settled};
use cachedemo::clock::Chance;

use super::fixture::{Fixture, LONG, flight, id};

every_cache! {{
    a_look_finds_what_a_get_finds,
    a_look_says_what_is_left_at_least,
    a_marked_value_is_that_value_and_is_marked_once,
    a_mark_ends_when_the_value_would_have_ended,
    a_mark_stands_only_where_the_value_was_not_changed,
    what_is_refreshed_takes_the_place_of_its_own_mark_only,
    a_writer_takes_a_marked_value_for_a_value,
    what_never_expires_has_nothing_left_to_say,
}}

async fn look(fixture: &Fixture, number: i64) -> Look {
    fixture.cache.look(id(number)).await.unwrap()
}

/// Looks at the value of flight 1 and marks it.
async fn mark(fixture: &Fixture) -> (Look, Lease) {
    let seen = look(fixture, 1).await;
    let mark = seen.mark(&Chance::unpredictable()).unwrap();
    assert!(place(&*fixture.cache, &seen, &mark).await);
    (seen, mark)
}

async fn place(cache: &dyn Cache, seen: &Look, mark: &Lease) -> bool {
    cache.lease(id(1), mark, Over::Exactly(Some(seen.bytes())), seen.left.unwrap_or(LONG)).await.unwrap()
}

async fn a_look_finds_what_a_get_finds(fixture: &mut Fixture) {
    assert_eq!((look(fixture, 1).await.entry, look(fixture, 1).await.left), (Entry::Absent, None));
    fixture.put(1, Content::Value(flight(1, 1))).await;
    fixture.put(2, Content::Missing).await;
    fixture.lease(3, &fixture.fill()).await;
    fixture.lease(4, &fixture.write()).await;
    fixture.spoil(5).await;
    if fixture.has_types() {
        fixture.plant_list(6);
    }
    for number in 1..=6 {
        assert_eq!(look(fixture, number).await.entry, fixture.get(number).await, "{number}");
    }
    let nobody_marks = async |number| look(fixture, number).await.mark(&Chance::seeded(1)).is_none();
    for number in 2..=7 {
        assert!(nobody_marks(number).await, "{number}");
    }
}

async fn a_look_says_what_is_left_at_least(fixture: &mut Fixture) {
    fixture.put(1, Content::Value(flight(1, 1))).await;
    let left = look(fixture, 1).await.left.unwrap();
    let remaining = fixture.cache.remaining(id(1)).await.unwrap().unwrap();
    // The second look comes later, and a server may count in seconds.
    assert!(left <= LONG && left + Duration::from_secs(1) >= remaining, "{left:?} {remaining:?}");
    assert!(left > LONG / 2, "{left:?}");
}

async fn a_marked_value_is_that_value_and_is_marked_once(fixture: &mut Fixture) {
    fixture.put(1, Content::Value(flight(1, 1))).await;
    let (seen, _) = mark(fixture).await;
    assert_eq!(fixture.get(1).await, Entry::Value(flight(1, 1)));
    let again = look(fixture, 1).await;
    assert_eq!((&again.entry, again.mark(&Chance::seeded(1))), (&seen.entry, None));
    // Somebody who looked before the mark comes too late.
    let late = seen.mark(&Chance::unpredictable()).unwrap();
    assert!(!place(&*fixture.cache, &seen, &late).await);
}

async fn a_mark_ends_when_the_value_would_have_ended(fixture: &mut Fixture) {
    fixture.put(1, Content::Value(flight(1, 1))).await;
    let before = fixture.cache.remaining(id(1)).await.unwrap().unwrap();
    mark(fixture).await;
    let after = fixture.cache.remaining(id(1)).await.unwrap().unwrap();
    assert!(after <= before && after > LONG / 2, "{before:?} {after:?}");
}

async fn a_mark_stands_only_where_the_value_was_not_changed(fixture: &mut Fixture) {
    fixture.put(1, Content::Value(flight(1, 1))).await;
    let seen = look(fixture, 1).await;
    let mark = seen.mark(&Chance::unpredictable()).unwrap();
    for other in [Content::Value(flight(1, 2)), Content::Missing] {
        fixture.put(1, other).await;
        assert!(!place(&*fixture.cache, &seen, &mark).await);
    }
    fixture.lease(1, &fixture.write()).await;
    assert!(!place(&*fixture.cache, &seen, &mark).await);
    fixture.cache.delete(id(1)).await.unwrap();
    assert!(!place(&*fixture.cache, &seen, &mark).await);
    assert_eq!(fixture.get(1).await, Entry::Absent);
}

/// Also where the flight was moved and moved back meanwhile, so that its text is the same again.
async fn what_is_refreshed_takes_the_place_of_its_own_mark_only(fixture: &mut Fixture) {
    let put = Settle::Put(Content::Value(flight(1, 9)), LONG);
    fixture.put(1, Content::Value(flight(1, 1))).await;
    let (_, first) = mark(fixture).await;
    assert_eq!(fixture.settle(1, &first, &put).await, Settled::Put);
    assert_eq!(fixture.get(1).await, Entry::Value(flight(1, 9)));

    fixture.put(1, Content::Value(flight(1, 1))).await;
    let (_, overtaken) = mark(fixture).await;
    for version in [2, 1] {
        fixture.put(1, Content::Value(flight(1, version))).await;
        assert_eq!(fixture.settle(1, &overtaken, &put).await, Settled::Left);
        assert_eq!(fixture.get(1).await, Entry::Value(flight(1, version)));
    }
    // Nor of somebody else's mark on the same value.
    mark(fixture).await;
    assert_eq!(fixture.settle(1, &overtaken, &put).await, Settled::Left);
    fixture.cache.delete(id(1)).await.unwrap();
    assert_eq!(fixture.settle(1, &overtaken, &put).await, Settled::Vacant);
    assert_eq!(fixture.get(1).await, Entry::Absent);
}

async fn a_writer_takes_a_marked_value_for_a_value(fixture: &mut Fixture) {
    fixture.put(1, Content::Value(flight(1, 1))).await;
    let (_, theirs) = mark(fixture).await;
    // A writer whose own lease is gone: what stands there may predate its commit.
    let write = fixture.write();
    assert_eq!(fixture.settle(1, &write, &Settle::Delete).await, Settled::Voided);
    assert_eq!(fixture.settle(1, &theirs, &Settle::Delete).await, Settled::Vacant);
    // And a reader who would fill finds the key taken.
    fixture.put(1, Content::Value(flight(1, 1))).await;
    let (_, theirs) = mark(fixture).await;
    assert!(!fixture.cache.lease(id(1), &fixture.fill(), Over::Nothing, LONG).await.unwrap());
    fixture.lease(1, &write).await;
    assert_eq!(fixture.settle(1, &theirs, &Settle::Delete).await, Settled::Left);
    assert_eq!(fixture.get(1).await, Entry::Leased(write));
}

async fn what_never_expires_has_nothing_left_to_say(fixture: &mut Fixture) {
    if fixture.kind == CacheKind::Memory {
        // Nobody but us puts anything there.
        return;
    }
    fixture.plant("flight:1", Content::Value(flight(1, 1)).encode().as_bytes());
    let seen = look(fixture, 1).await;
    assert_eq!((seen.entry, seen.left), (Entry::Value(flight(1, 1)), None));
}
