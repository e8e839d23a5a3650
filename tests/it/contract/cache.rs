//! The contract of [`cachedemo::cache::Cache`]: every sentence of its documentation is a test, and every cache passes them all.
//!
//! Each test has a server of its own, so that tests run side by side and may do to it what they like.

/// Stamps the named functions of a module as tests of the caches in brackets.
macro_rules! contract {
    ([$($cache:ident $on:ident $($kind:ident)?),*] $tests:tt) => {
        $(contract! { @one $cache ($on $($kind)?) $tests })*
    };
    (@on (Cluster $kind:ident)) => {
        $crate::contract::cache::fixture::On::Cluster(::cachedemo::cache::CacheKind::$kind)
    };
    (@on (Several)) => { $crate::contract::cache::fixture::On::Several };
    (@on ($kind:ident)) => { $crate::contract::cache::fixture::On::One(::cachedemo::cache::CacheKind::$kind) };
    (@one $cache:ident $on:tt { $($test:ident,)* }) => {
        mod $cache {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let on = contract! { @on $on };
                    if let Some(mut fixture) = $crate::contract::cache::fixture::Fixture::start(on) {
                        super::$test(&mut fixture).await;
                    }
                }
            )*
        }
    };
}

/// For every cache.
macro_rules! every_cache {
    ($tests:tt) => {
        contract! {
            [
                memory Memory, redis Redis, valkey Valkey, memcached Memcached,
                redis_cluster Cluster Redis, valkey_cluster Cluster Valkey, several_memcached Several
            ]
            $tests
        }
    };
}

/// For the caches that are one server: that in the process cannot be down, and holds nothing but ours; of several servers one may
/// be lost while the others are not, which is told in `crate::cluster`.
macro_rules! every_server {
    ($tests:tt) => {
        contract! { [redis Redis, valkey Valkey, memcached Memcached] $tests }
    };
}

// Below the macros: a module sees those that stand above it.
mod between;
mod counted;
mod entries;
mod fixture;
mod leases;
mod looks;
mod outages;
mod races;
mod shown;
mod swap;
