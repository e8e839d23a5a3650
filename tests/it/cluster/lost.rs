//! One of several servers is lost: its flights are read from the database, and the others' go on as before.

use std::time::Duration;

use cachedemo::pattern::{CacheEffect, Lookup, PatternKind, Source};

use super::on_several;
use super::site::{On, PATIENT, Site, delay, fill, flights, healed, read};

on_several! {
    a_killed_server_takes_away_its_flights_only,
    a_silent_server_holds_up_nobody_else,
    a_process_that_begins_meanwhile_goes_on_with_the_others,
}

on_several! { clusters:
    a_server_that_comes_back_with_what_it_had_serves_nothing_old,
}

/// What is so while a server is away: `its` flights are read and changed without the cache, the others with it.
async fn is_away(site: &Site, lost: usize, lab: &cachedemo::lab::Lab) {
    let (its, others) = site.divided(lost);
    for id in &its {
        let read = read(lab, *id).await;
        assert_eq!((read.source, read.lookup), (Source::Database, Lookup::Unavailable), "flight {id}: {read:?}");
    }
    for id in &others {
        assert_eq!(read(lab, *id).await.lookup, Lookup::Hit, "flight {id}");
    }
    assert_eq!(delay(lab, its[0]).await.unwrap().cache, CacheEffect::NotUpdated);
    assert_eq!(read(lab, its[0]).await.source, Source::Database);
    let told = delay(lab, others[0]).await.unwrap();
    assert_eq!((told.cache, told.notes), (CacheEffect::Stored, Vec::new()));
    assert_eq!(read(lab, others[0]).await.lookup, Lookup::Hit);
}

async fn a_killed_server_takes_away_its_flights_only(mut site: Site) {
    let lab = site.lab(PatternKind::WriteThrough, PATIENT).await;
    let all: Vec<_> = flights().collect();
    fill(&lab, &all).await;
    let lost = site.server_of(all[0]);
    site.server(lost).kill();
    is_away(&site, lost, &lab).await;
    site.server(lost).restart_empty();
    site.wait();
    healed(&lab).await;
    fill(&lab, &all).await;
    assert_eq!(delay(&lab, all[0]).await.unwrap().cache, CacheEffect::Stored);
}

/// It has written everything to its disk, also the entries that were right before it was killed.
async fn a_server_that_comes_back_with_what_it_had_serves_nothing_old(mut site: Site) {
    let lab = site.lab(PatternKind::WriteThrough, PATIENT).await;
    let all: Vec<_> = flights().collect();
    fill(&lab, &all).await;
    let lost = site.server_of(all[0]);
    site.server(lost).kill();
    is_away(&site, lost, &lab).await;
    let (its, _) = site.divided(lost);
    site.server(lost).restart();
    // By whichever way it is read meanwhile, it is what the database has.
    while !lab.trusts_cache() {
        for id in &its {
            read(&lab, *id).await;
        }
    }
    // What has not changed is still there, what has was dropped.
    assert_eq!(read(&lab, its[1]).await.lookup, Lookup::Hit);
    assert_eq!(read(&lab, its[0]).await.lookup, Lookup::Miss);
    fill(&lab, &all).await;
}

/// The server is silent for longer than anybody would wait who had to: only who asks it does.
async fn a_silent_server_holds_up_nobody_else(mut site: Site) {
    let lab = site.lab(PatternKind::WriteThrough, "600s").await;
    let all: Vec<_> = flights().collect();
    fill(&lab, &all).await;
    let lost = site.server_of(all[0]);
    let (its, others) = site.divided(lost);
    site.server(lost).stop();
    let waiting: Vec<_> = its
        .iter()
        .map(|id| {
            let (lab, id) = (lab.clone(), *id);
            tokio::spawn(async move { lab.read(id).await.value })
        })
        .collect();
    let going_on = async {
        for id in &others {
            assert_eq!(read(&lab, *id).await.lookup, Lookup::Hit, "flight {id}");
        }
        assert_eq!(delay(&lab, others[0]).await.unwrap().cache, CacheEffect::Stored);
    };
    tokio::time::timeout(Duration::from_secs(60), going_on).await.expect("they wait for the silent one");
    assert!(waiting.iter().all(|read| !read.is_finished()), "the silent one has answered");
    site.server(lost).resume();
    for read in waiting {
        assert_eq!(read.await.unwrap().unwrap().lookup, Lookup::Hit);
    }
}

/// Through the program itself: it begins while the server is away, and heals it when it is back.
async fn a_process_that_begins_meanwhile_goes_on_with_the_others(mut site: Site) {
    let lab = site.lab(PatternKind::WriteThrough, PATIENT).await;
    let all: Vec<_> = flights().collect();
    fill(&lab, &all).await;
    // Another process knows nothing of what this one has met.
    drop(lab);
    let lost = site.server_of(all[0]);
    let (its, others) = site.divided(lost);
    let (its, unchanged, others) = (its[0].to_string(), its[1].to_string(), others[0].to_string());
    let run = |site: &Site, words: &[&str]| {
        let settings = site.settings("1s");
        let command = site.stack.command(words).args(["--format", "json"]);
        let output = settings.iter().fold(command, |command, (name, value)| command.env(name, value)).run();
        (output.code, output.stdout.clone(), output)
    };
    // Each takes seconds, of which a cluster needs the most to be whole again.
    let ways: &[bool] = match site.on {
        On::RedisCluster => &[false],
        On::ValkeyCluster => &[true],
        On::Memcached => &[false, true],
    };
    for is_silent in ways {
        match is_silent {
            true => site.server(lost).stop(),
            false => site.server(lost).kill(),
        }
        let (code, said, output) = run(&site, &["cache-aside", "get", "--flight-id", &its]);
        assert!(code == Some(0) && said.contains("\"lookup\":\"unavailable\""), "{output:?}");
        let (code, said, output) = run(&site, &["cache-aside", "get", "--flight-id", &others]);
        assert!(code == Some(0) && !said.contains("unavailable"), "{output:?}");
        let (code, said, output) = run(&site, &["cache-aside", "get", "--flight-id", &others]);
        assert!(code == Some(0) && said.contains("\"lookup\":\"hit\""), "{output:?}");
        let (code, said, output) = run(&site, &["write-through", "update", "--flight-id", &its, "--delay", "1h"]);
        assert!(code == Some(1) && said.contains("\"not_updated\""), "{output:?}");
        match is_silent {
            true => site.server(lost).resume(),
            false => site.server(lost).restart(),
        }
        site.wait();
        let (code, said, output) = run(&site, &["cache-aside", "verify", "--flight-id", &its]);
        assert!(code == Some(0) && !said.contains("\"inconsistent\""), "{output:?}");
        // Healed also for those that were in the middle of an update when they ended: what has changed is dropped for a while.
        let (code, said, output) = run(&site, &["cache-aside", "get", "--flight-id", &its]);
        assert!(code == Some(0) && said.contains("\"miss\""), "{output:?}");
        run(&site, &["cache-aside", "get", "--flight-id", &unchanged]);
        let (code, said, output) = run(&site, &["cache-aside", "get", "--flight-id", &unchanged]);
        assert!(code == Some(0) && said.contains("\"hit\""), "{output:?}");
    }
}
