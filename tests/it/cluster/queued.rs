//! The queue of write-behind on a cluster: its partitions are on all nodes, and a lost node takes away its own only.

use cachedemo::error::{Error, Result};
use cachedemo::flight::names::Names;
use cachedemo::interrupt::Interrupt;
use cachedemo::lab::Lab;
use cachedemo::pattern::{Lookup, PatternKind};

use tokio::task::JoinHandle;

use super::on_several;
use super::site::{LIMIT, PATIENT, Site, Unwatched, delay, flights, logged, update};

on_several! { clusters:
    the_partitions_are_on_every_node,
    two_workers_share_them_and_apply_each_update_once,
    a_killed_node_takes_away_its_partitions_only,
    a_node_that_comes_back_empty_has_lost_its_partitions_only,
}

const PARTITIONS: u32 = 16;

async fn backlog(lab: &Lab) -> u64 {
    lab.backlog().await.value.unwrap().length()
}

/// A worker with connections of its own.
async fn worker(site: &Site) -> JoinHandle<Result<()>> {
    let lab = site.lab(PatternKind::WriteBehind, PATIENT).await;
    tokio::spawn(async move { lab.work(&Unwatched, &Interrupt::never()).await })
}

/// Waits until so many updates are left.
async fn left(lab: &Lab, count: u64) {
    let polling = async {
        while backlog(lab).await != count {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LIMIT, polling).await.unwrap_or_else(|_| panic!("it does not come down to {count}"));
}

async fn the_partitions_are_on_every_node(site: Site) {
    let lab = site.lab(PatternKind::WriteBehind, PATIENT).await;
    let all: Vec<_> = flights().collect();
    for id in &all {
        delay(&lab, *id).await.unwrap();
    }
    let cluster = site.cluster();
    let mut streams = Vec::new();
    for node in 0..3 {
        let keys = cluster.keys(node);
        let its = |base: &str| keys.iter().filter(|key| key.starts_with(base)).count();
        assert!(its("flight:updates:") >= 3, "node {node}: {keys:?}");
        // What belongs together is together: a stream has its hash, and a flight's entry and its note are where its stream is.
        assert_eq!(its("flight:updates:"), its("flight:pending:"), "node {node}: {keys:?}");
        streams.extend(keys.into_iter().filter(|key| key.starts_with("flight:updates:")));
    }
    assert_eq!(streams.len(), PARTITIONS as usize, "{streams:?}");
    for partition in 0..PARTITIONS {
        let names = Names::tagged(PARTITIONS);
        for key in [names.of_partition("flight:updates", partition), names.entry(all[partition as usize])] {
            let slot: u16 = cluster.ask(&["CLUSTER", "KEYSLOT", &key]);
            let expected =
                if key.starts_with("flight:updates") { partition } else { names.partition_of(all[partition as usize]) };
            assert_eq!(slot, Names::slot(expected), "{key}");
        }
    }
    // What is pending is seen though its entry is gone.
    let id = all[0];
    let () = cluster.ask(&["DEL", &Names::tagged(PARTITIONS).entry(id)]);
    let pending = lab.read(id).await.value.unwrap();
    assert_ne!(pending.flight, lab.row(id).await.value.unwrap());
    lab.drain(&Unwatched, &|| false).await.unwrap();
    assert_eq!(logged(&site.stack, &all), vec![1; all.len()]);
    assert_eq!(pending.flight, lab.row(id).await.value.unwrap());
    assert_eq!(backlog(&lab).await, 0);
}

async fn two_workers_share_them_and_apply_each_update_once(site: Site) {
    let lab = site.lab(PatternKind::WriteBehind, PATIENT).await;
    let workers = [worker(&site).await, worker(&site).await];
    let all: Vec<_> = flights().collect();
    for _ in 0..3 {
        for id in &all {
            delay(&lab, *id).await.unwrap();
        }
    }
    left(&lab, 0).await;
    assert!(workers.iter().all(|worker| !worker.is_finished()), "a worker has given up");
    workers.iter().for_each(JoinHandle::abort);
    assert_eq!(logged(&site.stack, &all), vec![3; all.len()]);
}

async fn a_killed_node_takes_away_its_partitions_only(mut site: Site) {
    let lab = site.lab(PatternKind::WriteBehind, PATIENT).await;
    let all: Vec<_> = flights().collect();
    for id in &all {
        delay(&lab, *id).await.unwrap();
    }
    let lost = site.server_of(all[0]);
    let (its, others) = site.divided(lost);
    site.server(lost).kill();
    // Acknowledged where the node is there, refused where it is not.
    for id in &others {
        let flight = lab.read(*id).await.value.unwrap();
        assert_eq!(flight.lookup, Lookup::Hit, "{flight:?}");
        update(&lab, &flight.flight.unwrap()).await.unwrap();
    }
    for id in &its {
        let refused = delay(&lab, *id).await.unwrap_err();
        assert!(matches!(refused, Error::Unreachable { .. } | Error::OutcomeUnknown { .. }), "{refused:?}");
    }
    let waiting = lab.backlog().await.value.unwrap();
    assert_eq!(waiting.reached.len() + waiting.unreached.len(), PARTITIONS as usize);
    assert!(!waiting.unreached.is_empty());
    assert_eq!(waiting.length(), 2 * others.len() as u64);
    // A drain does what it can, and says that it was not all.
    let drained = lab.drain(&Unwatched, &|| false).await;
    assert!(drained.as_ref().is_err_and(Error::is_outage), "{drained:?}");
    assert_eq!(logged(&site.stack, &others), vec![2; others.len()]);
    assert_eq!(logged(&site.stack, &its), vec![0; its.len()]);
    // So does a worker that begins meanwhile, and it goes on with the rest by itself.
    let worker = worker(&site).await;
    for id in &others {
        delay(&lab, *id).await.unwrap();
    }
    left(&lab, 0).await;
    assert_eq!(logged(&site.stack, &others), vec![3; others.len()]);
    site.server(lost).restart();
    site.wait();
    tokio::time::timeout(LIMIT, async {
        while logged(&site.stack, &its).contains(&0) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("what was acknowledged before the loss is not applied");
    assert!(!worker.is_finished(), "the worker has given up");
    worker.abort();
    assert_eq!(logged(&site.stack, &its), vec![1; its.len()]);
}

async fn a_node_that_comes_back_empty_has_lost_its_partitions_only(mut site: Site) {
    let lab = site.lab(PatternKind::WriteBehind, PATIENT).await;
    let all: Vec<_> = flights().collect();
    for id in &all {
        delay(&lab, *id).await.unwrap();
    }
    let lost = site.server_of(all[0]);
    let (its, others) = site.divided(lost);
    site.server(lost).restart_empty();
    site.wait();
    let other_process = site.lab(PatternKind::WriteBehind, PATIENT).await;
    other_process.drain(&Unwatched, &|| false).await.unwrap();
    assert_eq!(logged(&site.stack, &others), vec![1; others.len()]);
    assert_eq!(logged(&site.stack, &its), vec![0; its.len()]);
    for id in &its {
        delay(&other_process, *id).await.unwrap();
    }
    other_process.drain(&Unwatched, &|| false).await.unwrap();
    assert_eq!(
        logged(&site.stack, &its),
        vec![1; its.len()],
        "what came after the loss is taken for something applied"
    );
}
