//! Where one machine is outgrown: a cluster of Redis or Valkey, or several Memcached servers, and the loss of one of them.
//!
//! What is promised is that the loss of a server is felt by its own flights only: they are read from the database, and not one is
//! ever old; everything else goes on, and waits for nobody.

mod lost;
mod mistaken;
mod queued;
mod shape;
mod shown;
mod site;

/// Stamps tests for each kind of several servers.
macro_rules! on_several {
    ($($test:ident),+ $(,)?) => {
        on_several! { @each redis_cluster RedisCluster; $($test),+ }
        on_several! { @each valkey_cluster ValkeyCluster; $($test),+ }
        on_several! { @each several_memcached Memcached; $($test),+ }
    };
    (clusters: $($test:ident),+ $(,)?) => {
        on_several! { @each on_redis RedisCluster; $($test),+ }
        on_several! { @each on_valkey ValkeyCluster; $($test),+ }
    };
    (@each $name:ident $kind:ident; $($test:ident),+) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let kind = $crate::cluster::site::On::$kind;
                    if let Some(site) = $crate::cluster::site::Site::start(kind) {
                        super::$test(site).await;
                    }
                }
            )+
        }
    };
}
use on_several;
