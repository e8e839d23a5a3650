//! `update --wait`: it returns when the database has the update, or says what has become of it.

use super::depot::Depot;
use crate::scene::of;

pub(super) fn until_it_is_there(depot: Depot) {
    let worker = depot.worker("");
    let before = depot.stack.times(7);
    let events = depot.events("write-behind update --flight-id 7 --delay 90m --wait=60s", 0);
    // Not a moment later: what it said is so when it has returned.
    assert_ne!(depot.stack.times(7), before, "{events:?}");
    assert!(of(&events, "note").any(|note| note["text"].as_str().unwrap().contains("the database has it")));
    worker.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(worker.wait().code, Some(0));
}

pub(super) fn not_yet(depot: Depot) {
    let before = depot.stack.times(7);
    let output = depot.run("write-behind update --flight-id 7 --delay 90m --wait=100ms");
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.contains("queued, and is not yet in the database"), "{output:?}");
    assert_eq!(depot.stack.times(7), before);
    depot.events("write-behind drain", 0);
    assert_ne!(depot.stack.times(7), before);
}
