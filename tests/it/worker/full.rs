//! A full queue: writers wait for room, then they are refused; nothing is dropped.

use super::depot::{Depot, comment};

/// Filled to the last place.
fn filled(depot: Depot) -> Depot {
    let depot = depot.set("QUEUE_MAX_LENGTH", "20").set("QUEUE_FULL_TIMEOUT", "100ms");
    depot.enqueue(&(1..=20).map(|minutes| (3, minutes)).collect::<Vec<_>>());
    depot
}

pub(super) fn refused(depot: Depot) {
    let depot = filled(depot);
    let output = depot.run("write-behind update --flight-id 4 --delay 2h");
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("full: 20 updates wait"), "{output:?}");
    assert!(output.stderr.contains("write-behind worker"), "no hint: {output:?}");
    assert_eq!(depot.status()["length"], 20);
    let before = depot.stack.times(4);
    depot.events("write-behind drain", 0);
    assert_eq!(depot.chain(3), (1..=20).map(|minutes| comment(3, minutes)).collect::<Vec<_>>());
    assert_eq!(depot.stack.times(4), before, "a refused update was applied");
    depot.events("write-behind update --flight-id 4 --delay 2h", 0);
}

pub(super) fn waited_for(depot: Depot) {
    let depot = filled(depot).set("QUEUE_FULL_TIMEOUT", "60s");
    let writer =
        depot.command("write-behind update --flight-id 4 --delay 2h").limit(std::time::Duration::from_secs(60)).spawn();
    depot.events("write-behind drain", 0);
    let output = writer.wait();
    assert_eq!(output.code, Some(0), "{output:?}");
    depot.events("write-behind drain", 0);
    assert_eq!((depot.stack.logged(3), depot.stack.logged(4)), (20, 1));
}
