//! A queue that is lost and starts over: what is acknowledged afterwards is applied, and the loss is said.

use nix::sys::signal::Signal;

use super::depot::{Depot, comment};
use crate::scene::{of, parsed};

/// Loses the queue, as a flush does, or a file that is removed.
fn lose(depot: &Depot) {
    if depot.redis(&["FLUSHALL"]) {
        return;
    }
    let folder = depot.stack.folder().join(".local/share/cachedemo/queue");
    for entry in std::fs::read_dir(folder).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

pub(super) fn wiped(depot: Depot) {
    // The worker looks, sees that updates wait, and waits for more of them: then they are lost.
    let depot = depot.set("QUEUE_PROCESS_INTERVAL", "1h");
    depot.enqueue(&[(1, 1), (2, 2)]);
    depot.events("write-behind drain", 0);
    depot.enqueue(&[(1, 3), (2, 4), (3, 5)]);
    let worker = depot.worker("--queue-batch-size 5");
    // It says once a second that it is there, and looks at what waits many times between.
    let mut seen = std::collections::BTreeSet::new();
    depot.wait_until("the worker has looked", || {
        seen.extend(depot.attendance());
        seen.len() >= 3
    });
    lose(&depot);
    depot.enqueue(&(10..15).map(|minutes| (1, minutes)).collect::<Vec<_>>());
    depot.wait_until("what came afterwards is applied", || depot.stack.logged(1) == 6);
    worker.signal(Signal::SIGTERM);
    let output = worker.wait();
    assert_eq!(output.code, Some(0), "{output:?}");
    let events = parsed(&output.stdout);
    let lost: Vec<_> = of(&events, "report").filter(|report| report["report"] == "lost").collect();
    assert_eq!(lost.len(), 1, "{}", output.stdout);
    assert_eq!(lost[0]["waited"], 3, "{}", output.stdout);
    let mut expected = vec![comment(1, 1)];
    expected.extend((10..15).map(|minutes| comment(1, minutes)));
    assert_eq!(depot.chain(1), expected);
    assert_eq!(depot.status()["length"], 0);
}

/// The positions of a stream are its server's clock, and that clock may be set back; those of a journal begin anew.
pub(super) fn behind_the_clock(depot: Depot) {
    depot.enqueue(&[(1, 1)]);
    // As if the clock had been a century ahead when the next one came.
    if depot.redis(&["XADD", "flight:updates", "4900000000000-0", "update", "{"]) {
        depot.enqueue(&[(1, 2)]);
        depot.events("write-behind drain", 1);
    } else {
        depot.enqueue(&(2..100).map(|minutes| (1, minutes)).collect::<Vec<_>>());
        depot.events("write-behind drain", 0);
    }
    let applied = depot.stack.logged(1);
    lose(&depot);
    depot.enqueue(&[(1, 500), (2, 501)]);
    depot.events("write-behind drain", 0);
    assert_eq!(depot.stack.logged(1), applied + 1, "an update of the new queue was taken for one that is applied");
    assert_eq!(depot.stack.logged(2), 1);
}

/// The stream alone is gone: what it has left pending tells of the loss, to whoever looks first, and stands in nobody's way.
pub(super) fn left_over(depot: Depot) {
    let before = depot.stack.times(9);
    depot.enqueue(&[(9, 1), (10, 2)]);
    depot.redis(&["DEL", "flight:updates"]);
    let status = depot.run("write-behind queue status");
    assert!(status.stdout.contains("The queue is gone, and with it the updates of 2 flights"), "{status:?}");
    let events = depot.events("write-behind drain", 1);
    let lost = of(&events, "report").find(|report| report["report"] == "lost").unwrap();
    assert_eq!(lost["waited"], 2, "{events:?}");
    // What readers see is what the database has.
    let read = of(&depot.events("write-behind get --flight-id 9", 0), "read").next().unwrap().clone();
    assert!(before.starts_with(&read["flight"]["departure"].as_str().unwrap().replace('T', " ")), "{read}");
    assert_eq!(depot.count(&["EXISTS", "flight:pending"]), 0);
    // And the number of partitions can be changed.
    let depot = depot.set("QUEUE_PARTITIONS", "2");
    depot.enqueue(&[(9, 3)]);
    depot.events("write-behind drain", 0);
    assert_eq!(depot.chain(9), [comment(9, 3)]);
}
