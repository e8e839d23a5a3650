//! Reading, deleting, listing and expiry: what can be seen of a key without leases meeting one another.

use std::sync::Arc;
use std::time::Duration;

use cachedemo::cache::{CacheKind, Content, Entry, Over, Persistence, Settle, Settled};

use super::fixture::{Fixture, LONG, flight, id};

every_cache! {{
    an_empty_key_is_absent,
    a_value_comes_back_as_it_was_put,
    what_is_set_takes_the_place_of_anything_for_its_ttl,
    a_missing_mark_is_told_from_an_absent_key,
    a_lease_is_seen_by_others,
    what_is_unreadable_is_foreign_with_its_bytes,
    delete_says_whether_something_stood_there,
    ids_are_the_flights_in_ascending_order,
    a_value_lives_no_longer_than_its_ttl,
    a_lease_lives_no_longer_than_its_ttl,
    a_lifetime_of_months_is_not_cut_short,
    what_remains_of_a_lifetime_is_told,
    it_answers_and_tells_its_version,
    each_start_has_a_name_where_something_may_survive_it,
    nothing_but_the_key_of_the_flight_is_touched,
}}

async fn an_empty_key_is_absent(fixture: &mut Fixture) {
    assert_eq!(fixture.get(1).await, Entry::Absent);
}

async fn a_value_comes_back_as_it_was_put(fixture: &mut Fixture) {
    fixture.put(1, Content::Value(flight(1, 7))).await;
    assert_eq!(fixture.get(1).await, Entry::Value(flight(1, 7)));
    assert_eq!(fixture.get(2).await, Entry::Absent);
}

async fn what_is_set_takes_the_place_of_anything_for_its_ttl(fixture: &mut Fixture) {
    let set = async |fixture: &Fixture, version, ttl| {
        fixture.cache.set(id(1), &Content::Value(flight(1, version)), ttl).await.unwrap();
    };
    set(fixture, 1, LONG).await;
    assert_eq!(fixture.get(1).await, Entry::Value(flight(1, 1)));
    set(fixture, 2, LONG).await;
    assert_eq!(fixture.get(1).await, Entry::Value(flight(1, 2)));
    // That is what is wrong with it: a lease does not stop it.
    let lease = fixture.write();
    fixture.lease(1, &lease).await;
    set(fixture, 3, Duration::from_secs(1)).await;
    assert_eq!(fixture.get(1).await, Entry::Value(flight(1, 3)));
    gone(fixture, 1).await;
}

async fn a_missing_mark_is_told_from_an_absent_key(fixture: &mut Fixture) {
    fixture.put(1, Content::Missing).await;
    assert_eq!(fixture.get(1).await, Entry::Missing);
}

async fn a_lease_is_seen_by_others(fixture: &mut Fixture) {
    for lease in [fixture.fill(), fixture.write()] {
        fixture.lease(1, &lease).await;
        assert_eq!(fixture.get(1).await, Entry::Leased(lease));
    }
}

async fn what_is_unreadable_is_foreign_with_its_bytes(fixture: &mut Fixture) {
    let foreign = fixture.spoil(1).await;
    assert_eq!(foreign.bytes, Some(Content::Value(flight(2, 0)).encode().into_bytes()));
    if fixture.kind == CacheKind::Memory {
        return;
    }
    for bytes in [b"hello".as_slice(), b"", b"\xff\xfe\x00\r\nEND\r\n", br#"{"lease":"write-zz"}"#] {
        fixture.plant("flight:1", bytes);
        let Entry::Foreign(foreign) = fixture.get(1).await else { panic!("{bytes:?} was read") };
        assert_eq!(foreign.bytes.as_deref(), Some(bytes));
    }
    if fixture.has_types() {
        fixture.plant_list(1);
        let Entry::Foreign(foreign) = fixture.get(1).await else { panic!("a list was read") };
        assert_eq!(foreign.bytes, None);
    }
}

async fn delete_says_whether_something_stood_there(fixture: &mut Fixture) {
    assert!(!fixture.cache.delete(id(1)).await.unwrap());
    fixture.put(1, Content::Missing).await;
    assert!(fixture.cache.delete(id(1)).await.unwrap());
    assert_eq!(fixture.get(1).await, Entry::Absent);
    assert!(!fixture.cache.delete(id(1)).await.unwrap());
    if fixture.has_types() {
        fixture.plant_list(1);
        assert!(fixture.cache.delete(id(1)).await.unwrap());
        assert_eq!(fixture.get(1).await, Entry::Absent);
    }
}

async fn ids_are_the_flights_in_ascending_order(fixture: &mut Fixture) {
    assert_eq!(fixture.cache.ids().await.unwrap(), []);
    // More than one page of a scan, put in descending order.
    for number in (1..=2500).rev() {
        fixture.put(number, Content::Missing).await;
    }
    if fixture.kind != CacheKind::Memory {
        for key in ["flight:pending", "flight:0007", "flight:1:2", "flight:", "x:1", "aflight:9", "100%"] {
            fixture.plant(key, b"not a flight");
        }
    }
    fixture.cache.delete(id(1000)).await.unwrap();
    let expected: Vec<_> = (1..=2500).filter(|number| *number != 1000).map(id).collect();
    assert_eq!(fixture.cache.ids().await.unwrap(), expected);
}

async fn a_value_lives_no_longer_than_its_ttl(fixture: &mut Fixture) {
    let write = fixture.write();
    fixture.lease(1, &write).await;
    let put = Settle::Put(Content::Value(flight(1, 0)), Duration::from_secs(1));
    assert_eq!(fixture.settle(1, &write, &put).await, Settled::Put);
    gone(fixture, 1).await;
    // What expired is gone for every other operation as well.
    assert_eq!(fixture.cache.ids().await.unwrap(), []);
    assert!(!fixture.cache.delete(id(1)).await.unwrap());
}

async fn a_lease_lives_no_longer_than_its_ttl(fixture: &mut Fixture) {
    let (fill, write) = (fixture.fill(), fixture.write());
    let soon = Duration::from_millis(50);
    assert!(fixture.cache.lease(id(1), &fill, Over::Nothing, soon).await.unwrap());
    assert!(fixture.cache.lease(id(2), &write, Over::Anything, soon).await.unwrap());
    gone(fixture, 1).await;
    gone(fixture, 2).await;
    assert_eq!(fixture.settle(1, &fill, &Settle::Put(Content::Missing, LONG)).await, Settled::Vacant);
    assert_eq!(fixture.settle(2, &write, &Settle::Put(Content::Missing, LONG)).await, Settled::Vacant);
    assert_eq!(fixture.get(1).await, Entry::Absent);
    assert_eq!(fixture.get(2).await, Entry::Absent);
}

/// Memcached takes more than thirty days for a moment: 31 days would be over since January 1970.
async fn what_remains_of_a_lifetime_is_told(fixture: &mut Fixture) {
    assert_eq!(fixture.cache.remaining(id(1)).await.unwrap(), None);
    fixture.put(1, Content::Value(flight(1, 0))).await;
    let left = fixture.cache.remaining(id(1)).await.unwrap().unwrap();
    // Memcached counts in seconds, and its clock may be up to one ahead or behind.
    assert!(left <= LONG + Duration::from_secs(1) && left > LONG / 2, "{left:?} of {LONG:?}");
    fixture.cache.delete(id(1)).await.unwrap();
    assert_eq!(fixture.cache.remaining(id(1)).await.unwrap(), None);
}

async fn a_lifetime_of_months_is_not_cut_short(fixture: &mut Fixture) {
    let write = fixture.write();
    fixture.lease(1, &write).await;
    let months = Duration::from_secs(31 * 24 * 60 * 60);
    let put = Settle::Put(Content::Missing, months);
    assert_eq!(fixture.settle(1, &write, &put).await, Settled::Put);
    assert_eq!(fixture.get(1).await, Entry::Missing);
}

async fn it_answers_and_tells_its_version(fixture: &mut Fixture) {
    fixture.cache.ping().await.unwrap();
    let facts = fixture.cache.facts().await.unwrap();
    assert!(facts.version.split('.').count() >= 3, "{facts:?}");
    // The nodes of the cluster that all tests share keep everything.
    if fixture.is_one() || !fixture.has_types() {
        assert_eq!(facts.persistence, Persistence::None, "{facts:?}");
    }
    let policy = match fixture.kind {
        CacheKind::Memory => None,
        CacheKind::Memcached => Some("lru"),
        _ => Some("noeviction"),
    };
    assert_eq!(facts.eviction.as_deref(), policy);
    let is_memcached = fixture.kind == CacheKind::Memcached;
    let servers = if fixture.is_one() { 1 } else { 3 };
    assert_eq!(facts.memory_limit, is_memcached.then_some(servers * (64 << 20)));
    if fixture.has_types() {
        for (setting, value) in [
            ("appendonly", "yes"),
            ("appendfsync", "everysec"),
            ("maxmemory", "100mb"),
            ("maxmemory-policy", "allkeys-lru"),
        ] {
            fixture.redis_all(&["CONFIG", "SET", setting, value]);
        }
        let facts = fixture.cache.facts().await.unwrap();
        assert_eq!(facts.persistence, Persistence::AppendOnly(Some("everysec".into())));
        assert_eq!(facts.eviction.as_deref(), Some("allkeys-lru"));
        assert_eq!(facts.memory_limit, Some(servers * (100 << 20)));
        // Hosted servers often keep their settings to themselves.
        fixture.redis_all(&["ACL", "SETUSER", "default", "-config"]);
        let facts = fixture.cache.facts().await.unwrap();
        assert_eq!(facts.persistence, Persistence::AppendOnly(None));
    }
}

async fn each_start_has_a_name_where_something_may_survive_it(fixture: &mut Fixture) {
    let cache = Arc::clone(&fixture.cache);
    let first = cache.incarnation().await.unwrap();
    assert_eq!(first.is_some(), fixture.has_types(), "{first:?}");
    assert_eq!(cache.incarnation().await.unwrap(), first);
    if !fixture.has_types() {
        return;
    }
    let other_client = cachedemo::cache::connect(&fixture.settings(LONG)).unwrap();
    assert_eq!(other_client.incarnation().await.unwrap(), first);
    fixture.restart();
    // The first may find the connection that was given up.
    drop(cache.get(id(1)).await);
    drop(cache.incarnation().await);
    let second = cache.incarnation().await.unwrap();
    assert!(second.is_some() && second != first, "{first:?} {second:?}");
    fixture.redis_all(&["ACL", "SETUSER", "default", "-info"]);
    assert_eq!(cache.incarnation().await.unwrap(), None);
}

async fn nothing_but_the_key_of_the_flight_is_touched(fixture: &mut Fixture) {
    if fixture.kind == CacheKind::Memory {
        return;
    }
    let strangers = ["flight:10", "flight:pending", "x:1", "1"];
    for key in strangers {
        fixture.plant(key, b"mine");
    }
    let (fill, write) = (fixture.fill(), fixture.write());
    let foreign = fixture.spoil(1).await;
    assert!(fixture.cache.lease(id(1), &fill, Over::Exactly(foreign.bytes.as_deref()), LONG).await.unwrap());
    fixture.lease(1, &write).await;
    fixture.settle(1, &fill, &Settle::Delete).await;
    fixture.settle(1, &write, &Settle::Put(Content::Missing, LONG)).await;
    fixture.settle(1, &write, &Settle::Delete).await;
    fixture.cache.delete(id(1)).await.unwrap();
    fixture.cache.ids().await.unwrap();
    fixture.cache.facts().await.unwrap();
    for key in strangers {
        assert_eq!(fixture.planted(key).as_deref(), Some("mine"), "{key}");
    }
}

/// Waits until nothing stands in a key. The limit is for a test that fails, not for the cache.
async fn gone(fixture: &Fixture, number: i64) {
    let polling = async {
        while fixture.get(number).await != Entry::Absent {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), polling).await;
    assert!(waited.is_ok(), "flight {number} still stands");
}
