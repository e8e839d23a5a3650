//! Several servers: a cluster, or Memcached servers that share the flights.

use super::{resolve, resolved};
use crate::cache::{CacheKind, Settings};

fn addresses(settings: &Settings) -> String {
    settings.peer("cache").address
}

fn url(url: &str) -> Settings {
    resolved(&[("CACHE_URL", url)]).cache
}

/// What is wrong, and the hint.
fn wrong(settings: &[(&str, &str)]) -> (String, String) {
    let error = resolve(settings).expect_err("it was accepted");
    (error.to_string(), error.hint().unwrap_or_default())
}

#[test]
fn a_cluster_is_said_by_a_url_or_by_its_parts() {
    for (text, kind, tls) in [
        ("redis-cluster://h:7001,i:7002,[::1]:7003", CacheKind::Redis, false),
        ("rediss-cluster://h:7001,i:7002,[::1]:7003/", CacheKind::Redis, true),
        ("valkey-cluster://h:7001,i:7002,[::1]:7003/0", CacheKind::Valkey, false),
        ("VALKEYS-CLUSTER://h:7001,i:7002,[::1]:7003", CacheKind::Valkey, true),
    ] {
        let cache = url(text);
        assert_eq!((cache.kind, cache.tls, cache.cluster), (kind, tls, Some(16)), "{text}");
        assert_eq!(addresses(&cache), "h:7001,i:7002,[::1]:7003", "{text}");
    }
    let of = |host, port: &[(&'static str, &'static str)]| {
        let parts = [&[("CACHE_ENGINE", "redis-cluster"), ("CACHE_HOST", host)], port].concat();
        addresses(&resolved(&parts).cache)
    };
    assert_eq!(of("h,i:7002,::1", &[("CACHE_PORT", "7001")]), "h:7001,i:7002,[::1]:7001");
    assert_eq!(of("h", &[]), "h:6379");
    assert_eq!(addresses(&url("redis-cluster://h:7001")), "h:7001");
    assert_eq!(addresses(&resolved(&[("CACHE_ENGINE", "valkey-cluster")]).cache), "127.0.0.1:6379");
}

#[test]
fn the_account_of_several_servers_stands_once_and_may_hold_anything() {
    let cache = url("redis-cluster://u:p,%40,:7@h:7001,i:7002");
    assert_eq!(cache.user.as_deref(), Some("u"));
    assert_eq!(super::password(cache.password.as_ref()), Some("p,@,:7"));
    assert_eq!(addresses(&cache), "h:7001,i:7002");
}

#[test]
fn several_memcached_servers_are_a_list() {
    let cache = url("memcached://h,i:11212");
    assert_eq!((cache.kind, cache.cluster), (CacheKind::Memcached, None));
    assert_eq!(addresses(&cache), "h:11211,i:11212");
    let parts = [("CACHE_ENGINE", "memcached"), ("CACHE_HOST", "h:1,i:2")];
    assert_eq!(addresses(&resolved(&parts).cache), "h:1,i:2");
}

#[test]
fn a_cluster_has_as_many_partitions_as_its_queue() {
    let queue = |settings: &[(&str, &str)]| {
        let config = resolved(settings);
        (config.queue.partitions, config.cache.cluster)
    };
    let cluster = ("CACHE_URL", "redis-cluster://h");
    assert_eq!(queue(&[cluster]), (16, Some(16)));
    assert_eq!(queue(&[cluster, ("QUEUE_PARTITIONS", "5")]), (5, Some(5)));
    assert_eq!(queue(&[("CACHE_URL", "redis://h")]), (1, None));
    assert_eq!(queue(&[("CACHE_URL", "memcached://h,i")]), (1, None));
}

#[test]
fn what_is_wrong_with_several_servers_is_said_with_what_to_write() {
    for (settings, message, hint) in [
        (
            &[("CACHE_URL", "redis-cluster://h:1/3")][..],
            "the database number in CACHE_URL",
            "CACHE_URL=redis-cluster://",
        ),
        (&[("CACHE_ENGINE", "redis-cluster"), ("CACHE_DB", "3")], "a cluster has no logical databases", "leave it out"),
        (&[("CACHE_URL", "redis-cluster://h:1,i:2,h:1")], "the host in CACHE_URL", "nothing twice"),
        (&[("CACHE_ENGINE", "memcached"), ("CACHE_HOST", "h,i,h:11211")], "names h:11211 twice", "nothing twice"),
        (&[("CACHE_URL", "redis-cluster://h:1,,i:2")], "an empty place between commas", "CACHE_HOST="),
        (&[("CACHE_URL", "redis-cluster://h:1,i:0")], "is not a whole number from 1 to 65535", "in CACHE_URL"),
        (&[("CACHE_URL", "redis://h:1,i:2")], "names several servers", "CACHE_ENGINE=redis-cluster"),
        (&[("CACHE_ENGINE", "valkey"), ("CACHE_HOST", "h,i")], "names several servers", "valkey-cluster"),
        (&[("CACHE_ENGINE", "redis-clutser")], "is not a cache", "redis-cluster"),
    ] {
        let (said, hinted) = wrong(settings);
        assert!(said.contains(message), "{settings:?}: {said}");
        assert!(hinted.contains(hint), "{settings:?}: {hinted}");
    }
}
