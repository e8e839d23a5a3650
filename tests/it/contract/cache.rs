//! The contract of [`cachedemo::cache::Cache`]: every sentence of its documentation is a test, and every cache passes them all.
//!
//! Each test has a server of its own, so that tests run side by side and may do to it what they like.

/// Stamps the named functions of a module as tests of the caches in brackets.
macro_rules! contract {
    ([$($cache:ident $kind:ident),*] $tests:tt) => {
        $(contract! { @one $cache $kind $tests })*
    };
    (@one $cache:ident $kind:ident { $($test:ident,)* }) => {
        mod $cache {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let kind = ::cachedemo::cache::CacheKind::$kind;
                    if let Some(mut fixture) = $crate::contract::cache::fixture::Fixture::start(kind) {
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
        contract! { [memory Memory, redis Redis, valkey Valkey, memcached Memcached] $tests }
    };
}

/// For the caches that are servers: the other one cannot be down, and holds nothing but ours.
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
