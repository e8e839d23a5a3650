//! Nothing acknowledged is lost, nothing is applied twice, and nothing out of order (P3, P5), whatever is killed.
//!
//! Writers send updates through write-behind and note every answer outside the system under test. Meanwhile workers, drains,
//! the database and the cache are killed at random moments, and workers are held still until the others count them as gone.
//! In the end everything is started, and what the database holds is read past the program and held against the notes.
//!
//! `scripts/crash-test` runs this at full size. `CRASH_SEED` repeats the faults of an earlier run: the same ones in the same
//! order, though never at the very same instructions.

mod crew;
mod faults;
mod ledger;
mod site;
mod size;
mod verdict;
mod writer;

use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use cachedemo::clock;
use tokio::sync::Semaphore;

use self::crew::Crew;
use self::faults::Faults;
use self::ledger::Ledger;
use self::site::Site;
use self::size::Size;
use self::verdict::Verdict;
use crate::support::server::Kind;

/// One at a time: each of them keeps the machine busy, and what is too slow is not what is tested here.
static TURN: Mutex<()> = Mutex::new(());

fn survives(site: Option<Site>) {
    let Some(mut site) = site else { return };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let size = Size::chosen();
    let began = clock::instant();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let before = site.flights();
    let ledger = Arc::new(Ledger::new(&site.folder().join("answers")));
    // What may be sent: the faults let the updates through little by little, so that each of them meets writers at work.
    let gate = Arc::new(Semaphore::new(0));
    let writers = runtime.block_on(writer::start(&site.config(), size, &gate, &ledger));

    let mut crew = Crew::new();
    let mut faults = Faults::new(size);
    faults.strike(&mut site, &mut crew, &gate);
    crew.resume_all();
    runtime.block_on(writer::finish(writers));
    crew.dismiss();
    let drain = site.command(&["write-behind", "drain"]).run();
    assert_eq!(drain.code, Some(0), "{}{}", drain.stdout, drain.stderr);

    let verdict = Verdict::reach(&site, &before, &ledger, size);
    let line = format!(
        "crash {}: seed {}; killed {faults}; {}; {}; {:.1} s\n",
        site.name,
        size.seed,
        ledger.summary(),
        site.batches().map_or_else(|| "batches not counted".to_owned(), |count| format!("{count} batches")),
        began.elapsed().as_secs_f64(),
    );
    // Written directly: the test runner would hide the output of a passing test.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    let mut findings = verdict.findings;
    findings.extend(crew.unexpected());
    let shown = findings.iter().take(20).map(|finding| format!("  {finding}\n")).collect::<String>();
    assert!(findings.is_empty(), "{line}{} findings:\n{shown}\n{}", findings.len(), crew.said());
}

#[test]
fn mariadb_and_redis() {
    survives(Site::start("mariadb+redis", Some(Kind::MariaDb), Some(Kind::Redis), 1));
}

#[test]
fn mariadb_and_valkey() {
    survives(Site::start("mariadb+valkey", Some(Kind::MariaDb), Some(Kind::Valkey), 1));
}

#[test]
fn postgresql_and_redis() {
    survives(Site::start("postgresql+redis", Some(Kind::Postgres), Some(Kind::Redis), 1));
}

#[test]
fn postgresql_and_valkey() {
    survives(Site::start("postgresql+valkey", Some(Kind::Postgres), Some(Kind::Valkey), 1));
}

#[test]
fn sqlite_and_the_journal() {
    survives(Site::start("sqlite+journal", None, None, 1));
}

#[test]
fn three_partitions_on_postgresql_and_redis() {
    survives(Site::start("postgresql+redis in 3 partitions", Some(Kind::Postgres), Some(Kind::Redis), 3));
}
