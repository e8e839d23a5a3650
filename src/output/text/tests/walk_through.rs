//! A whole walk-through, as the presenter's audience sees it.

use super::*;
use crate::demo::Note;
use crate::lab::Verdict;
use crate::pattern::{Lookup, Source};
use samples::{consistency, read, start, step, update};

#[test]
fn write_through() {
    let mut first = read(Lookup::Miss, Source::Database, 1_200);
    first.card = Some("Initial Flight Data");
    let mut consistent = consistency(Verdict::Consistent);
    consistent.expected = true;
    let mut restored = update();
    restored.restores = true;
    std::mem::swap(&mut restored.old, &mut restored.new);
    let events = [
        Event::Start(start()),
        step(1, "Initial read - Cache-Aside Pattern", "Expected: a MISS, the flight comes from the database."),
        Event::Read(first),
        step(2, "Second read - Should hit cache", "Expected: a HIT, without the database."),
        Event::Read(read(Lookup::Hit, Source::Cache, 42)),
        step(3, "Update flight departure time - Write-Through Pattern", "Expected: both sides have it."),
        Event::Update(update()),
        step(4, "Verify data consistency", ""),
        Event::Consistency(consistent),
        step(6, "Restore original flight times", ""),
        Event::Update(restored),
        Event::Note(Note { level: crate::demo::Level::Good, text: "Everything shown held.".into() }),
        Event::End(crate::demo::End { held: true, exit_code: 0 }),
    ];
    assert_eq!(shown(&events), WRITE_THROUGH);
}

const WRITE_THROUGH: &str = "\
PostgreSQL at 127.0.0.1:5432/flughafendb · Redis at 127.0.0.1:6379
cachedemo 0.1.0
============================================================
WRITE-THROUGH CACHE PATTERN DEMO
Demonstrating Data Consistency for Flight Updates
============================================================

[STEP 1] Initial read - Cache-Aside Pattern
------------------------------------------------------------
Expected: a MISS, the flight comes from the database.
   ✗ Cache MISS for flight 1 · 1.2 ms · from database

Initial Flight Data
------------------------------------------------------------
Flight ID:    1
Flight No:    LH400
Route:        FRA → JFK
Airline:      Lufthansa
Departure:    2025-11-20T10:00:00
Arrival:      2025-11-20T18:30:00

[STEP 2] Second read - Should hit cache
------------------------------------------------------------
Expected: a HIT, without the database.
   ✓ Cache HIT for flight 1 · 42 µs · from cache

[STEP 3] Update flight departure time - Write-Through Pattern
------------------------------------------------------------
Expected: both sides have it.
Updating flight 1:
  Old departure: 2025-11-20 10:00:00
  New departure: 2025-11-20 12:00:00
  Old arrival:   2025-11-20 18:30:00
  New arrival:   2025-11-20 20:30:00

   ✓ Database updated for flight 1
   ✓ Cache updated for flight 1

✓ Write-through update completed successfully · 1.24 ms

[STEP 4] Verify data consistency
------------------------------------------------------------
✓ Data is CONSISTENT between database and cache

[STEP 6] Restore original flight times
------------------------------------------------------------
Restoring original departure and arrival times...
  Old departure: 2025-11-20 12:00:00
  New departure: 2025-11-20 10:00:00
  Old arrival:   2025-11-20 20:30:00
  New arrival:   2025-11-20 18:30:00

   ✓ Database updated for flight 1
   ✓ Cache updated for flight 1

✓ Original times restored · 1.24 ms
   ✓ Everything shown held.
";
