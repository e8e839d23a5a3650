//! What a worker has done so far, added up from its reports.

use std::time::Duration;

use super::Report;

/// The sum of a worker's reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Updates written to `flight_log`.
    pub updates: u64,
    /// Rows of `flight` changed, batch by batch: several updates of one flight are one change of a batch.
    pub flights: u64,
    /// Updates that an earlier run had applied already, and that were only left to be forgotten.
    pub skipped: u64,
    /// How many transactions it took.
    pub batches: u64,
    /// How many updates the last batch had.
    pub last_batch: u64,
    /// How long the last batch took.
    pub last_took: Duration,
    /// How often something failed and was tried again.
    pub retried: u64,
    /// How many updates became dead letters.
    pub dead: u64,
    /// How many updates went with a queue that was lost, as far as it is known.
    pub lost: u64,
    /// Why each update is applied at least once rather than exactly once, where that is so.
    pub at_least_once: Option<String>,
}

impl Tally {
    /// Adds a report.
    pub fn add(&mut self, report: &Report) {
        match report {
            Report::Applied { applied, took, .. } => {
                self.updates += applied.updates;
                self.flights += applied.flights;
                self.skipped += applied.skipped;
                self.batches += 1;
                self.last_batch = applied.updates + applied.skipped;
                self.last_took = *took;
            }
            Report::Buried { .. } => self.dead += 1,
            Report::AtLeastOnce { reason } => self.at_least_once = Some(reason.clone()),
            Report::Retrying => self.retried += 1,
            Report::Lost { waited, .. } => self.lost += waited,
            Report::Serving { .. } | Report::Failing { .. } | Report::Recovered { .. } => {}
        }
    }

    /// How many updates needed no change of a row of their own, because a later one of the same batch changed it.
    #[must_use]
    pub fn coalesced(&self) -> u64 {
        self.updates.saturating_sub(self.flights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Applied;
    use crate::flight::Position;

    fn applied(updates: u64, flights: u64, skipped: u64, milliseconds: u64) -> Report {
        let applied = Applied { updates, flights, skipped };
        Report::Applied { partition: 0, applied, took: Duration::from_millis(milliseconds) }
    }

    fn added(reports: &[Report]) -> Tally {
        let mut tally = Tally::default();
        reports.iter().for_each(|report| tally.add(report));
        tally
    }

    #[test]
    fn batches_are_added_up_and_the_last_is_remembered() {
        let tally = added(&[applied(100, 40, 0, 7), applied(30, 30, 5, 3)]);
        let expected = Tally {
            updates: 130,
            flights: 70,
            skipped: 5,
            batches: 2,
            // Those that were known already were part of it as well.
            last_batch: 35,
            last_took: Duration::from_millis(3),
            ..Tally::default()
        };
        assert_eq!(tally, expected);
        assert_eq!(tally.coalesced(), 60);
    }

    /// A batch of nothing but known updates changes no row, and coalesces nothing.
    #[test]
    fn what_was_known_already_is_not_coalesced() {
        let tally = added(&[applied(0, 0, 100, 2)]);
        assert_eq!((tally.updates, tally.coalesced(), tally.last_batch, tally.batches), (0, 0, 100, 1));
        // More rows than updates cannot be; if a database says so, it is not a number of nineteen digits.
        assert_eq!(added(&[applied(1, 2, 0, 1)]).coalesced(), 0);
    }

    /// `Failing` is told ever more rarely: each time is counted where `Retrying` says so.
    #[test]
    fn every_try_is_counted_once() {
        let failing =
            Report::Failing { partition: 0, failures: 1, error: "down".into(), again_in: Duration::from_secs(1) };
        let recovered = Report::Recovered { partition: 0, failures: 3, lasted: Duration::from_secs(7) };
        let tally = added(&[Report::Retrying, failing, Report::Retrying, Report::Retrying, recovered]);
        assert_eq!(tally, Tally { retried: 3, ..Tally::default() });
    }

    #[test]
    fn dead_letters_and_the_weaker_promise_are_kept() {
        let buried = || Report::Buried { partition: 0, position: Position::START, flight_id: None, reason: "x".into() };
        let serving = Report::Serving { workers: 1, partitions: vec![0] };
        let at_least_once = Report::AtLeastOnce { reason: "no table".into() };
        let tally = added(&[serving, buried(), at_least_once, buried(), Report::Lost { partition: 0, waited: 9 }]);
        assert_eq!(tally, Tally { dead: 2, lost: 9, at_least_once: Some("no table".into()), ..Tally::default() });
    }
}
