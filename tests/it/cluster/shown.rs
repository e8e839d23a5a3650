//! What an operator is shown of several servers, all there and one lost.

use super::on_several;
use super::site::{Site, flights};
use crate::support::command::Output;

on_several! {
    the_doctor_shows_each_server,
    the_counts_are_of_the_servers_that_answer,
}
on_several! { clusters:
    the_status_of_the_queue_tells_what_cannot_be_reached,
}

fn run(site: &Site, words: &[&str]) -> Output {
    let settings = site.settings("2s");
    settings.iter().fold(site.stack.command(words), |command, (name, value)| command.env(name, value)).run()
}

async fn the_doctor_shows_each_server(mut site: Site) {
    let addresses: Vec<String> = (0..3).map(|number| format!("127.0.0.1:{}", site.server(number).port())).collect();
    let output = run(&site, &["doctor"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(addresses.iter().all(|address| output.stdout.contains(address)), "{output:?}");
    let is_cluster = output.stdout.contains("cluster-require-full-coverage is no");
    assert_eq!(is_cluster, output.stdout.contains("partitions of the flights"), "{output:?}");
    if is_cluster {
        site.cluster().ask_all(&["CONFIG", "SET", "cluster-require-full-coverage", "yes"]);
        let output = run(&site, &["doctor"]);
        assert!(output.stdout.contains("all the others refuse as well"), "{output:?}");
        site.cluster().ask_all(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    }
    site.server(1).kill();
    let output = run(&site, &["doctor"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    let lost = output.stdout.lines().find(|line| line.contains(&addresses[1]) && line.contains("cannot reach"));
    assert!(lost.is_some(), "{output:?}");
    for there in [&addresses[0], &addresses[2]] {
        assert!(output.stdout.lines().any(|line| line.contains(&format!("{there}: "))), "{output:?}");
    }
}

async fn the_counts_are_of_the_servers_that_answer(mut site: Site) {
    for id in flights() {
        assert_eq!(run(&site, &["cache-aside", "get", "--flight-id", &id.to_string()]).code, Some(0));
    }
    let entries = |output: &Output| {
        let line = output.stdout.lines().find(|line| line.contains("flights cached")).map(str::to_owned);
        let line = line.unwrap_or_else(|| panic!("{output:?}"));
        line.split('┆').nth(1).unwrap().trim_matches([' ', '│']).parse::<usize>().unwrap()
    };
    let output = run(&site, &["stats"]);
    assert_eq!((output.code, entries(&output)), (Some(0), flights().count()), "{output:?}");
    assert!(output.stdout.contains("all 3 servers"), "{output:?}");
    let lost = site.server_of(flights().next().unwrap());
    let (_, others) = site.divided(lost);
    let address = format!("127.0.0.1:{}", site.server(lost).port());
    site.server(lost).kill();
    let output = run(&site, &["stats"]);
    assert_eq!((output.code, entries(&output)), (Some(3), others.len()), "{output:?}");
    assert!(output.stdout.contains("2 servers that answered") && output.stdout.contains(&address), "{output:?}");
}

async fn the_status_of_the_queue_tells_what_cannot_be_reached(mut site: Site) {
    for id in flights() {
        let output = run(&site, &["write-behind", "update", "--flight-id", &id.to_string(), "--delay", "1h"]);
        assert_eq!(output.code, Some(0), "{output:?}");
    }
    let lost = site.server_of(flights().next().unwrap());
    let (_, others) = site.divided(lost);
    site.server(lost).kill();
    let output = run(&site, &["write-behind", "queue", "status"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    let waiting = format!("{} updates of {} flights wait in the queue", others.len(), others.len());
    assert!(output.stdout.contains(&waiting) && output.stdout.contains("cannot be reached: partitions"), "{output:?}");
    let output = run(&site, &["write-behind", "drain"]);
    assert_eq!(output.code, Some(3), "{output:?}");
    assert!(output.stdout.contains(&format!("{} updates in flight_log", others.len())), "{output:?}");
}
