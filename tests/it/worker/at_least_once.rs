//! An account that may not keep `cachedemo_offset`: an update may be logged twice, and the flight is right all the same.

use nix::sys::signal::Signal;

use super::depot::{Depot, comment};
use crate::scene::of;
use crate::support::server::{DATABASE, Kind};

/// A worker that dies after COMMIT and before the queue is trimmed has applied a batch that the next one applies again.
pub(super) fn after_a_death(depot: Depot) {
    let depot = restricted(depot).set("QUEUE_BATCH_SIZE", "4");
    let doctor = depot.run("doctor");
    assert!(doctor.stdout.contains("at least once"), "{doctor:?}");
    depot.enqueue(&(1..=10).map(|minutes| (2, minutes)).collect::<Vec<_>>());
    depot.with_lab(async |lab| {
        let sequence = lab.queue().sequence(0).await.unwrap().unwrap();
        let batch = lab.queue().after(&sequence, cachedemo::flight::Position::START, 7).await.unwrap();
        lab.database().apply(&sequence.name, &batch, false).await.unwrap();
    });
    // Several at once must not make it worse: they wait for each other.
    let workers: Vec<_> = (0..3).map(|_| depot.worker("")).collect();
    depot.wait_for_length(0);
    let mut said = String::new();
    for worker in workers {
        worker.signal(Signal::SIGTERM);
        let output = worker.wait();
        assert_eq!(output.code, Some(0), "{output:?}");
        said.push_str(&output.stdout);
    }
    assert!(said.contains("at_least_once"), "{said}");
    let comments = depot.comments();
    for minutes in 1..=10 {
        let count = comments.iter().filter(|logged| **logged == comment(2, minutes)).count();
        assert_eq!(count, if minutes <= 7 { 2 } else { 1 }, "{comments:?}");
    }
    assert!(depot.stack.times(2).starts_with("2027-01-01 00:10:00"), "{}", depot.stack.times(2));
    let verified = depot.events("write-behind verify --flight-id 2", 0);
    assert!(of(&verified, "consistency").next().is_some());
    assert_eq!(depot.stack.sql(tables(&depot)).trim(), "0", "a table was made");
}

fn tables(_: &Depot) -> &'static str {
    "SELECT count(*) FROM information_schema.tables WHERE table_name = 'cachedemo_offset'"
}

/// The same with an account that may read, insert and update, and no more.
fn restricted(depot: Depot) -> Depot {
    let server = depot.stack.database.as_ref().unwrap();
    let (host, port) = (server.host().to_owned(), server.port());
    let (scheme, statements) = if server.kind() == Kind::Postgres {
        let grants = "REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE clerk LOGIN PASSWORD 'clerk'; \
             GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO clerk; \
             GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO clerk";
        ("postgresql", grants.to_owned())
    } else {
        let grants = format!(
            "CREATE USER clerk@'%' IDENTIFIED BY 'clerk'; GRANT SELECT, INSERT, UPDATE ON {DATABASE}.* TO clerk@'%'"
        );
        (server.kind().name(), grants)
    };
    server.sql(&statements);
    depot.set("DATABASE_URL", &format!("{scheme}://clerk:clerk@{host}:{port}/{DATABASE}"))
}
