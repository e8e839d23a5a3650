//! What an outage costs, operation by operation: said beside each, and once more in the end.
//!
//! One sample each: an outage is met once, and what it costs then is the timeout, not a matter of microseconds.

use super::super::script::{Expected, TAKEAWAYS};
use super::super::{Figure, Level, Summary};
use super::Walkthrough;
use super::outage::Outage;
use crate::error::Result;
use crate::hop::Target;
use crate::pattern::PatternKind;

/// The figures that are held against each other.
const MET: &str = "read that met the outage";
const DURING: &str = "read during the outage";

impl Outage {
    /// What it cost, operation by operation.
    pub(super) fn summary(&self, pattern: PatternKind) -> Summary {
        let median = |what| self.figures.iter().find(|figure| figure.what == what).map(|figure| figure.median);
        let reading = match (median(MET), median(DURING)) {
            (Some(met), Some(during)) => {
                format!("The read that met the outage took {met:.1?}, the next one {during:.1?}.")
            }
            _ => String::new(),
        };
        Summary { pattern, figures: self.figures.clone(), reading, takeaways: TAKEAWAYS.to_vec() }
    }
}

impl Walkthrough<'_> {
    /// Keeps what the operation cost that was shown last.
    pub(super) fn weigh(&mut self, what: &str) {
        let (Some(outage), Some(last)) = (&mut self.outage, self.last_sent.first()) else { return };
        let (took, hops) = (last.of, self.last_sent.len());
        let what = what.to_owned();
        outage.figures.push(Figure { what, samples: 1, median: took, fastest: took, slowest: took, hops });
    }

    /// Keeps what the read cost that was shown last.
    pub(super) fn weigh_read(&mut self, expected: Expected) {
        match expected {
            // It may have come from anywhere.
            Expected::Anything | Expected::Stale => {}
            Expected::Hit => self.weigh("read, from cache (hit)"),
            Expected::Degraded => self.weigh(MET),
            Expected::Unasked => self.weigh(DURING),
            Expected::FreshMiss => self.weigh("read after the outage"),
        }
    }

    /// What a read without the cache has paid for it.
    pub(super) fn say_what_the_outage_cost(&mut self, expected: Expected) -> Result<()> {
        let asked = self.last_sent.iter().find(|seen| seen.hop.target == Target::Cache).map(|seen| seen.hop.latency);
        match (expected, asked) {
            (Expected::Degraded, Some(lost)) => {
                self.note(Level::Plain, format!("{lost:.1?} of that were spent on the cache, in vain"))
            }
            (Expected::Unasked, Some(lost)) => {
                let text = format!("the textbook asks each time: {lost:.1?} of that were spent on the cache, in vain");
                self.note(Level::Warning, text)
            }
            (Expected::Unasked, None) => self.note(Level::Good, "the cache was not asked: it costs nothing now".into()),
            _ => Ok(()),
        }
    }

    /// Whether the operation that was shown last has asked the cache.
    pub(super) fn last_asked_cache(&self) -> bool {
        self.last_sent.iter().any(|seen| seen.hop.target == Target::Cache)
    }
}
