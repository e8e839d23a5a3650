//! An update whose writer did not hear of it is sent again under its own id: it is applied once.

use super::depot::{Depot, comment, planned};
use crate::scene::of;

pub(super) fn known(depot: Depot) {
    let line = "write-behind update --flight-id 6 --departure 2027-03-01T10:00 --arrival 2027-03-01T12:00 --id again-1";
    depot.events(line, 0);
    let later = "write-behind update --flight-id 6 --departure 2027-03-02T10:00 --arrival 2027-03-02T12:00";
    depot.events(later, 0);
    // Still queued, already applied: either way nothing happens.
    for _ in 0..2 {
        let events = depot.events(line, 0);
        let update = of(&events, "update").next().unwrap();
        assert!(update["notes"][0].as_str().unwrap().contains("not queued twice"), "{update}");
        let read = of(&depot.events("write-behind get --flight-id 6", 0), "read").next().unwrap().clone();
        assert_eq!(read["flight"]["departure"], "2027-03-02T10:00:00", "the older update came back");
        depot.events("write-behind drain", 0);
    }
    assert_eq!(depot.stack.logged(6), 2);
    assert!(depot.stack.times(6).starts_with("2027-03-02 10:00:00"));
    // As a library: the same, and the place that was given first.
    depot.with_lab(async |lab| {
        let update = planned(&lab, 8, 1, &comment(8, 1)).await;
        let first = lab.pattern().update(&update).await.unwrap().place.unwrap();
        let again = lab.pattern().update(&update).await.unwrap().place.unwrap();
        assert_eq!((first.position, false, true), (again.position, first.is_known, again.is_known));
    });
}
