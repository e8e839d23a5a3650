//! What a lease may be put over, and what a settle does: the whole table, on every cache.
//!
//! The same table stands as pure functions in `src/cache/decide.rs` and as scripts in `src/cache/redis/`; that they agree is
//! what these tests are for.

use cachedemo::cache::{Content, Entry, Foreign, Over, Settle, Settled};

use super::fixture::{Fixture, LONG, flight, id};

every_cache! {{
    over_nothing_a_lease_needs_an_empty_key,
    over_something_foreign_a_lease_needs_it_unchanged,
    over_something_of_another_type_a_lease_needs_it_unchanged,
    over_anything_a_lease_always_stands,
    a_settle_whose_lease_stands_does_what_it_is_told,
    a_fill_leaves_whatever_replaced_its_lease,
    a_write_leaves_only_the_lease_of_another_write,
    a_write_deletes_what_may_predate_its_commit,
    a_settle_leaves_an_empty_key_empty,
    a_late_settle_does_not_bring_an_older_value_back,
}}

/// What may stand in the place of a lease, in every form: put there, and how it is read back.
async fn every_stranger(fixture: &Fixture, number: i64) -> Vec<Entry> {
    let mut strangers = vec![Entry::Value(flight(number, 1)), Entry::Missing, Entry::Leased(fixture.fill())];
    strangers.push(Entry::Foreign(fixture.spoil(number).await));
    if fixture.has_types() {
        fixture.plant_list(number);
        strangers.push(fixture.get(number).await);
        fixture.plant("flight:999", br#"{"lease":"write-zz"}"#);
        let Entry::Foreign(malformed) = fixture.get(999).await else { panic!("a malformed lease was read") };
        strangers.push(Entry::Foreign(malformed));
    }
    strangers
}

async fn place(fixture: &Fixture, number: i64, entry: &Entry) {
    match entry {
        Entry::Absent => drop(fixture.cache.delete(id(number)).await.unwrap()),
        Entry::Value(flight) => fixture.put(number, Content::Value(flight.clone())).await,
        Entry::Missing => fixture.put(number, Content::Missing).await,
        Entry::Leased(lease) => fixture.lease(number, lease).await,
        Entry::Foreign(Foreign { bytes: None, .. }) => fixture.plant_list(number),
        Entry::Foreign(Foreign { bytes: Some(bytes), .. }) if fixture.has_types() => {
            fixture.plant(&id(number).key(), bytes);
        }
        Entry::Foreign(_) => drop(fixture.spoil(number).await),
    }
    assert_eq!(fixture.get(number).await, *entry);
}

fn both_settles() -> [(Settle, Settled, Entry); 2] {
    [
        (Settle::Put(Content::Value(flight(1, 9)), LONG), Settled::Put, Entry::Value(flight(1, 9))),
        (Settle::Delete, Settled::Deleted, Entry::Absent),
    ]
}

async fn over_nothing_a_lease_needs_an_empty_key(fixture: &mut Fixture) {
    let first = fixture.fill();
    assert!(fixture.cache.lease(id(1), &first, Over::Nothing, LONG).await.unwrap());
    assert_eq!(fixture.get(1).await, Entry::Leased(first));
    let mut strangers = every_stranger(fixture, 1).await;
    strangers.push(Entry::Leased(fixture.write()));
    for stranger in strangers {
        place(fixture, 1, &stranger).await;
        assert!(!fixture.cache.lease(id(1), &fixture.fill(), Over::Nothing, LONG).await.unwrap(), "{stranger:?}");
        assert_eq!(fixture.get(1).await, stranger);
    }
}

async fn over_something_foreign_a_lease_needs_it_unchanged(fixture: &mut Fixture) {
    let foreign = fixture.spoil(1).await;
    let lease = fixture.fill();
    assert!(fixture.cache.lease(id(1), &lease, Over::Exactly(foreign.bytes.as_deref()), LONG).await.unwrap());
    assert_eq!(fixture.get(1).await, Entry::Leased(lease));

    let other = Entry::Foreign(Foreign { bytes: fixture.spoil(7).await.bytes, reason: "it is flight 8".into() });
    for meanwhile in [
        Entry::Absent,
        Entry::Value(flight(1, 1)),
        Entry::Missing,
        Entry::Leased(fixture.fill()),
        Entry::Leased(fixture.write()),
        if fixture.has_types() { other } else { Entry::Absent },
    ] {
        place(fixture, 1, &meanwhile).await;
        let is_leased =
            fixture.cache.lease(id(1), &fixture.fill(), Over::Exactly(foreign.bytes.as_deref()), LONG).await.unwrap();
        assert!(!is_leased, "{meanwhile:?}");
        assert_eq!(fixture.get(1).await, meanwhile);
    }
}

async fn over_something_of_another_type_a_lease_needs_it_unchanged(fixture: &mut Fixture) {
    let list = Foreign { bytes: None, reason: "it is not a string".into() };
    for meanwhile in [Entry::Absent, Entry::Value(flight(1, 1)), Entry::Leased(fixture.write())] {
        place(fixture, 1, &meanwhile).await;
        let is_leased =
            fixture.cache.lease(id(1), &fixture.fill(), Over::Exactly(list.bytes.as_deref()), LONG).await.unwrap();
        assert!(!is_leased, "{meanwhile:?}");
        assert_eq!(fixture.get(1).await, meanwhile);
    }
    if fixture.has_types() {
        let foreign = fixture.spoil(1).await;
        fixture.plant_list(1);
        let lease = fixture.fill();
        assert!(!fixture.cache.lease(id(1), &lease, Over::Exactly(foreign.bytes.as_deref()), LONG).await.unwrap());
        assert!(fixture.cache.lease(id(1), &lease, Over::Exactly(list.bytes.as_deref()), LONG).await.unwrap());
        assert_eq!(fixture.get(1).await, Entry::Leased(lease));
    }
}

async fn over_anything_a_lease_always_stands(fixture: &mut Fixture) {
    let mut standing = every_stranger(fixture, 1).await;
    standing.extend([Entry::Absent, Entry::Leased(fixture.write())]);
    for entry in standing {
        place(fixture, 1, &entry).await;
        let write = fixture.write();
        assert!(fixture.cache.lease(id(1), &write, Over::Anything, LONG).await.unwrap(), "{entry:?}");
        assert_eq!(fixture.get(1).await, Entry::Leased(write));
    }
}

async fn a_settle_whose_lease_stands_does_what_it_is_told(fixture: &mut Fixture) {
    for lease in [fixture.fill(), fixture.write()] {
        for (settle, settled, entry) in both_settles() {
            fixture.lease(1, &lease).await;
            assert_eq!(fixture.settle(1, &lease, &settle).await, settled);
            assert_eq!(fixture.get(1).await, entry);
        }
    }
}

async fn a_fill_leaves_whatever_replaced_its_lease(fixture: &mut Fixture) {
    let mut strangers = every_stranger(fixture, 1).await;
    strangers.push(Entry::Leased(fixture.write()));
    for stranger in strangers {
        for (settle, ..) in both_settles() {
            let fill = fixture.fill();
            fixture.lease(1, &fill).await;
            place(fixture, 1, &stranger).await;
            assert_eq!(fixture.settle(1, &fill, &settle).await, Settled::Left, "{stranger:?}");
            assert_eq!(fixture.get(1).await, stranger);
        }
    }
}

async fn a_write_leaves_only_the_lease_of_another_write(fixture: &mut Fixture) {
    for (settle, ..) in both_settles() {
        let (mine, later) = (fixture.write(), fixture.write());
        fixture.lease(1, &mine).await;
        fixture.lease(1, &later).await;
        assert_eq!(fixture.settle(1, &mine, &settle).await, Settled::Left);
        assert_eq!(fixture.get(1).await, Entry::Leased(later));
    }
}

async fn a_write_deletes_what_may_predate_its_commit(fixture: &mut Fixture) {
    for stranger in every_stranger(fixture, 1).await {
        for (settle, ..) in both_settles() {
            let write = fixture.write();
            fixture.lease(1, &write).await;
            place(fixture, 1, &stranger).await;
            assert_eq!(fixture.settle(1, &write, &settle).await, Settled::Voided, "{stranger:?}");
            assert_eq!(fixture.get(1).await, Entry::Absent);
        }
    }
}

async fn a_settle_leaves_an_empty_key_empty(fixture: &mut Fixture) {
    for lease in [fixture.fill(), fixture.write()] {
        for (settle, ..) in both_settles() {
            fixture.lease(1, &lease).await;
            fixture.cache.delete(id(1)).await.unwrap();
            assert_eq!(fixture.settle(1, &lease, &settle).await, Settled::Vacant);
            assert_eq!(fixture.get(1).await, Entry::Absent);
        }
    }
}

/// The first writer is slow between its commit and its settle; a second one passes it, and a reader was there before both.
async fn a_late_settle_does_not_bring_an_older_value_back(fixture: &mut Fixture) {
    let (fill, first, second) = (fixture.fill(), fixture.write(), fixture.write());
    let put = |version| Settle::Put(Content::Value(flight(1, version)), LONG);
    fixture.lease(1, &fill).await;
    fixture.lease(1, &first).await;
    fixture.lease(1, &second).await;
    assert_eq!(fixture.settle(1, &second, &put(2)).await, Settled::Put);
    assert_eq!(fixture.settle(1, &fill, &put(0)).await, Settled::Left);
    assert_eq!(fixture.get(1).await, Entry::Value(flight(1, 2)));
    assert_eq!(fixture.settle(1, &first, &put(1)).await, Settled::Voided);
    assert_eq!(fixture.settle(1, &first, &put(1)).await, Settled::Vacant);
    assert_eq!(fixture.get(1).await, Entry::Absent);
}
