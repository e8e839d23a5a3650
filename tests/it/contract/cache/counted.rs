//! What is counted: reads exactly, entries of ours alone, and nothing by looking.

use cachedemo::cache::{CacheKind, Content, MemoryLimit};

use super::fixture::{Fixture, LONG, flight, id};

contract! {
    [memory Memory, redis Redis, valkey Valkey, memcached Memcached]
    {
        every_read_is_counted_as_a_hit_or_a_miss,
        looking_at_what_is_counted_counts_as_no_read,
        our_entries_are_counted_with_what_can_be_seen_of_them,
        others_entries_are_the_server_s_and_not_ours,
    }
}

contract! {
    [redis_cluster Cluster Redis, valkey_cluster Cluster Valkey, several_memcached Several]
    {
        several_servers_are_counted_together,
    }
}

async fn reads(fixture: &Fixture) -> (u64, u64) {
    let counted = fixture.cache.statistics().await.unwrap().all;
    (counted.hits.unwrap(), counted.misses.unwrap())
}

async fn every_read_is_counted_as_a_hit_or_a_miss(fixture: &mut Fixture) {
    let counted = fixture.cache.statistics().await.unwrap().all;
    assert_eq!((counted.hits, counted.misses, counted.hit_rate()), (Some(0), Some(0), None));
    assert!(counted.uptime.is_some());
    fixture.cache.set(id(1), &Content::Value(flight(1, 0)), LONG).await.unwrap();
    let before = reads(fixture).await;
    for number in [1, 1, 2, 1] {
        fixture.get(number).await;
    }
    let after = reads(fixture).await;
    assert_eq!((after.0 - before.0, after.1 - before.1), (3, 1));
    let counted = fixture.cache.statistics().await.unwrap().all;
    assert_eq!((counted.entries, counted.evicted), (Some(1), Some(0)));
    assert_eq!(counted.memory_used.is_none(), fixture.kind == CacheKind::Memory);
    assert_eq!(matches!(counted.memory_limit, Some(MemoryLimit::Bytes(_))), fixture.kind == CacheKind::Memcached);
}

async fn looking_at_what_is_counted_counts_as_no_read(fixture: &mut Fixture) {
    fixture.put(1, Content::Missing).await;
    let before = reads(fixture).await;
    for _ in 0..3 {
        fixture.cache.inventory().await.unwrap();
        fixture.cache.facts().await.unwrap();
    }
    assert_eq!(reads(fixture).await, before);
}

async fn our_entries_are_counted_with_what_can_be_seen_of_them(fixture: &mut Fixture) {
    assert_eq!(fixture.cache.inventory().await.unwrap().entries, 0);
    for number in 1..=250 {
        fixture.put(number, Content::Missing).await;
    }
    let found = fixture.cache.inventory().await.unwrap();
    assert_eq!(found.entries, 250);
    let measured = found.sizes.map(|sizes| sizes.measured);
    let is_told = match fixture.kind {
        CacheKind::Memory => measured.is_none() && found.lifetimes.is_some(),
        CacheKind::Redis | CacheKind::Valkey => measured == Some(100) && found.lifetimes.is_none(),
        CacheKind::Memcached => measured == Some(250) && found.lifetimes.is_some(),
    };
    assert!(is_told, "{found:?}");
    if let Some(sizes) = found.sizes {
        // At least the text and its key.
        assert!(sizes.bytes > sizes.measured * 24 && sizes.bytes < sizes.measured * 1_000, "{sizes:?}");
    }
    if let Some(left) = found.lifetimes {
        assert!(left.shortest <= left.median && left.median <= left.longest && left.longest <= LONG, "{left:?}");
        assert!(left.shortest > LONG / 2, "{left:?}");
    }
}

async fn others_entries_are_the_server_s_and_not_ours(fixture: &mut Fixture) {
    if fixture.kind == CacheKind::Memory {
        // Nobody else can put anything there.
        return;
    }
    for key in ["other:1", "flight:0007", "flight:pending"] {
        fixture.plant(key, b"x");
    }
    fixture.put(1, Content::Missing).await;
    fixture.put(2, Content::Missing).await;
    let mut expected = 5;
    if fixture.has_types() {
        // In another logical database, which the server's counters include.
        let script = "redis.call('SELECT', 3) return redis.call('SET', 'other:2', 'x')";
        let () = fixture.redis(&["EVAL", script, "0"]);
        expected += 1;
    }
    assert_eq!(fixture.cache.statistics().await.unwrap().all.entries, Some(expected));
    assert_eq!(fixture.cache.inventory().await.unwrap().entries, 2);
}

async fn several_servers_are_counted_together(fixture: &mut Fixture) {
    for number in 1..=60 {
        fixture.put(number, Content::Missing).await;
    }
    let before = reads(fixture).await;
    for number in 1..=80 {
        fixture.get(number).await;
    }
    let after = reads(fixture).await;
    assert_eq!((after.0 - before.0, after.1 - before.1), (60, 20));
    let found = fixture.cache.inventory().await.unwrap();
    assert_eq!((found.entries, found.sizes.map(|sizes| sizes.measured), found.lifetimes), (60, Some(60), None));
    let counted = fixture.cache.statistics().await.unwrap().all;
    // A cluster also notes there how the flights are divided.
    assert!(counted.entries.is_some_and(|entries| (60..=76).contains(&entries)), "{counted:?}");
    assert!(counted.uptime.is_some() && counted.memory_used.is_some(), "{counted:?}");
}
