//! What is shown of the queue of write-behind: what waits, what a worker says, what the database could not take.

use super::*;

pub(in crate::output) fn queue() -> QueueSeen {
    let drained = DrainSeen {
        before: 1_000,
        updates: 998,
        flights: 40,
        skipped: 2,
        batches: 1,
        dead: 0,
        latency: micros(12_500),
        at_least_once: Some("the account may not create cachedemo_offset".into()),
    };
    QueueSeen {
        length: 0,
        flights: 0,
        oldest_age_ms: None,
        dead_letters: 0,
        partitions: Vec::new(),
        unreached: Vec::new(),
        drained: Some(drained),
    }
}

/// A partition with figures as wide as they come in a busy queue.
pub(in crate::output) fn partition(partition: u32) -> PartitionSeen {
    PartitionSeen {
        partition,
        length: 1_000_000,
        flights: 123_456,
        oldest_age_ms: Some(7_503_000),
        dead_letters: 12,
        sequence: Some("01234567890123456789abcd".into()),
        offset: Some("1763640000000-12".into()),
    }
}

/// What `queue status` shows of several partitions.
pub(in crate::output) fn partitions() -> QueueSeen {
    let idle = PartitionSeen {
        length: 0,
        flights: 0,
        oldest_age_ms: None,
        dead_letters: 0,
        sequence: None,
        offset: None,
        ..partition(0)
    };
    QueueSeen {
        length: 1_000_000,
        flights: 123_456,
        oldest_age_ms: Some(7_503_000),
        dead_letters: 12,
        partitions: vec![idle, partition(1)],
        unreached: vec![2, 5],
        drained: None,
    }
}

/// When a worker said something.
pub(in crate::output) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_763_640_000, 400_000_000).unwrap()
}

pub(in crate::output) fn position() -> Position {
    Position { major: 1_763_640_000_000, minor: 0 }
}

/// A worker to which everything has happened.
pub(in crate::output) fn worker() -> WorkerSeen {
    WorkerSeen {
        at: at(),
        length: Some(4_812),
        oldest_age_ms: Some(1_200),
        dead_letters: Some(2),
        updates: 1_234_567,
        updates_per_second: 12_345.6,
        coalesced: 1_100_000,
        skipped: 40,
        batches: 13_000,
        last_batch: 100,
        last_took: micros(12_500),
        retried: 3,
        dead: 1,
    }
}

/// One of every kind of report, also of those that are counted and not shown.
pub(in crate::output) fn reports() -> Vec<Report> {
    let error = "cannot reach the database PostgreSQL at 127.0.0.1:5432/flughafendb: Connection refused (os error 111)";
    vec![
        Report::Serving { workers: 2, partitions: vec![0, 2] },
        Report::Applied {
            partition: 0,
            applied: Applied { updates: 98, flights: 40, skipped: 2 },
            took: micros(12_500),
        },
        Report::Buried {
            partition: 0,
            position: position(),
            flight_id: Some(id(1)),
            reason: "Out of range value for column 'departure' at row 1".into(),
        },
        Report::Failing { partition: 0, failures: 1, error: error.into(), again_in: micros(87_300) },
        Report::Retrying,
        Report::Recovered { partition: 0, failures: 4, lasted: micros(3_200_000) },
        Report::AtLeastOnce { reason: "the account may not create cachedemo_offset".into() },
        Report::Lost { partition: 0, waited: 12 },
    ]
}

pub(in crate::output) fn reported(report: Report) -> Event {
    Event::Report(ReportSeen { at: at(), report })
}

pub(in crate::output) fn dead_letter() -> DeadLetterSeen {
    DeadLetterSeen {
        id: position().to_string(),
        partition: 0,
        position: "1763639999000-7".into(),
        flight_id: Some(id(1)),
        times: Some(new()),
        user: Some("demo".into()),
        comment: Some("Delayed by 2 h".into()),
        unreadable: None,
        reason: "Out of range value for column 'departure' at row 1".into(),
        attempts: 1,
        buried_at: at(),
    }
}

/// What cannot be read as an update.
pub(in crate::output) fn unreadable() -> DeadLetterSeen {
    DeadLetterSeen {
        id: format!("3/{}", position()),
        partition: 3,
        flight_id: None,
        times: None,
        user: None,
        comment: None,
        unreadable: Some("expected value at line 1 column 1".into()),
        reason: "expected value at line 1 column 1".into(),
        ..dead_letter()
    }
}
