//! The shape of a cluster changes: a slot moves to another node, and a replica takes over from a node that died.

use std::sync::Arc;

use cachedemo::flight::names::Names;
use cachedemo::pattern::{Lookup, PatternKind};

use super::site::{PATIENT, delay, fill, flights, healed, logged, read};
use crate::support::cluster::{Cluster, ask};
use crate::support::deadline;
use crate::support::lab;
use crate::support::server::{Kind, Server};
use crate::support::settings::Settings;
use crate::support::stack::Stack;
use crate::support::tls::Authority;

fn settings(cluster: &Cluster) -> Settings {
    let mut settings = cluster.settings();
    settings.push(("CACHE_TIMEOUT", PATIENT.to_owned()));
    settings
}

/// The id that a node has in its cluster.
fn name(node: &Server) -> String {
    ask(node, &["CLUSTER", "MYID"]).unwrap()
}

/// Moves a slot with everything in it, as `redis-cli --cluster reshard` does.
fn move_slot(cluster: &Cluster, slot: u16, from: usize, to: usize) {
    let (from, to) = (&cluster.nodes[from], &cluster.nodes[to]);
    let (slot, port) = (slot.to_string(), to.port().to_string());
    let (old, new) = (name(from), name(to));
    let () = ask(to, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &old]).unwrap();
    let () = ask(from, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &new]).unwrap();
    let keys: Vec<String> = ask(from, &["CLUSTER", "GETKEYSINSLOT", &slot, "10000"]).unwrap();
    for key in keys {
        let _: String = ask(from, &["MIGRATE", "127.0.0.1", &port, &key, "0", "5000"]).unwrap();
    }
    for node in [to, from] {
        let () = ask(node, &["CLUSTER", "SETSLOT", &slot, "NODE", &new]).unwrap();
    }
}

/// Every flight is read from the cache, which has what is queued.
async fn all_hits(lab: &cachedemo::lab::Lab, ids: &[cachedemo::flight::FlightId]) {
    for id in ids {
        assert_eq!(lab.read(*id).await.value.unwrap().lookup, Lookup::Hit, "flight {id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_moves_is_followed() {
    let Some(cluster) = Cluster::start(Kind::Redis) else { return };
    let stack = Stack::embedded();
    let lab = lab::lab(&lab::config(&stack, &settings(&cluster))).await;
    let all: Vec<_> = flights().collect();
    for id in &all {
        delay(&lab, *id).await.unwrap();
    }
    // The client of the cache, which is another one, has met the cluster as it was.
    all_hits(&lab, &all).await;
    let names = Names::tagged(16);
    let (moved, stream) =
        (names.partition_of(all[0]), names.of_partition("flight:updates", names.partition_of(all[0])));
    let from = cluster.owner(&stream);
    move_slot(&cluster, Names::slot(moved), from, (from + 1) % 3);
    assert_eq!(cluster.owner(&stream), (from + 1) % 3);
    // Taken over where it is now, at once: nothing was done by the node that had it.
    delay(&lab, all[0]).await.unwrap();
    // A reader cannot know whether who has the keys now has heard of every change. It is healed first, and the others are not
    // touched by that.
    let mut lookups = Vec::new();
    for id in &all {
        let lookup = lab.read(*id).await.value.unwrap().lookup;
        match names.partition_of(*id) == moved {
            true => lookups.push(lookup),
            false => assert_eq!(lookup, Lookup::Hit, "flight {id}"),
        }
    }
    assert_eq!(lookups[0], Lookup::Unavailable);
    lab.drain(&super::site::Unwatched, &|| false).await.unwrap();
    healed(&lab).await;
    fill(&lab, &all).await;
    assert_eq!(logged(&stack, &all[..1]), [2]);
}

/// A node names the others by the ports that its client can use: the encrypted ones.
#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_cluster_is_reached_on_every_node() {
    let authority = Arc::new(Authority::new());
    let node = |_| Server::builder(Kind::Valkey).append_only().tls(&authority).node().start();
    let Some(cluster) = (0..3).map(node).collect::<Option<Vec<_>>>().and_then(Cluster::of) else { return };
    let stack = Stack::embedded();
    // Any of them is enough to find the others.
    let settings = vec![
        ("CACHE_URL", format!("valkeys-cluster://localhost:{}", cluster.nodes[2].tls_port())),
        ("CACHE_TLS_CA", authority.certificate_authority().display().to_string()),
        ("CACHE_TIMEOUT", PATIENT.to_owned()),
    ];
    let lab = lab::lab(&lab::config(&stack, &settings)).await;
    let all: Vec<_> = flights().collect();
    for id in &all {
        delay(&lab, *id).await.unwrap();
    }
    lab.drain(&super::site::Unwatched, &|| false).await.unwrap();
    fill(&lab, &all).await;
    assert!((0..3).all(|number| !cluster.keys(number).is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_takes_over_is_followed() {
    let nodes =
        || (0..3).map(|_| Server::builder(Kind::Valkey).append_only().node().start()).collect::<Option<Vec<_>>>();
    let (Some(nodes), Some(replica)) = (nodes(), Server::builder(Kind::Valkey).append_only().node().start()) else {
        return;
    };
    let mut cluster = Cluster::of(nodes).unwrap();
    let stack = Stack::embedded();
    let pattern = lab::lab(&lab::config(&stack, &settings(&cluster))).await.under(PatternKind::WriteThrough);
    let all: Vec<_> = flights().collect();
    fill(&pattern, &all).await;
    let lost = cluster.owner(&Names::tagged(16).entry(all[0]));
    let (port, bus) = (replica.port().to_string(), replica.bus_port().to_string());
    let () = ask(&cluster.nodes[0], &["CLUSTER", "MEET", "127.0.0.1", &port, &bus]).unwrap();
    let primary = name(&cluster.nodes[lost]);
    let follow = || ask::<()>(&replica, &["CLUSTER", "REPLICATE", &primary]).ok();
    deadline::poll(super::site::LIMIT, follow).expect("the replica does not hear of its primary");
    let is_up_to_date = || {
        let report: String = ask(&replica, &["INFO", "replication"]).unwrap();
        let known = cluster.nodes.iter().all(|node| {
            ask::<String>(node, &["CLUSTER", "NODES"]).is_ok_and(|nodes| nodes.matches("slave").count() == 1)
        });
        (known && report.contains("master_link_status:up") && report.contains("master_sync_in_progress:0"))
            .then_some(())
    };
    deadline::poll(super::site::LIMIT, is_up_to_date).expect("the replica does not follow");
    cluster.nodes[lost].kill();
    // Also while nobody has its slots, and however the replica fares.
    delay(&pattern, all[0]).await.unwrap();
    read(&pattern, all[0]).await;
    tokio::time::timeout(super::site::LIMIT, async {
        while !pattern.trusts_cache() {
            read(&pattern, all[0]).await;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the replica is not found");
    let lookup = read(&pattern, all[0]).await.lookup;
    assert_ne!(lookup, Lookup::Unavailable);
    fill(&pattern, &all).await;
    let kept: u64 = ask(&replica, &["DBSIZE"]).unwrap();
    assert!(kept > 0, "nothing is read from the replica");
}
