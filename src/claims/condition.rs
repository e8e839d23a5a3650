//! What it would take for a claim to hold, computed of what was measured, and the command that shows it.
//!
//! A claim that does not hold here is seldom wrong: it was made of another database. This says of which.

use super::claim::{Claim, Formula, Remedy};
use crate::demo::{Bound, PartSeen, Shortfall, UnitSeen as Unit};

/// By how much more than is needed a database is slowed down: what is measured varies.
const MARGIN: f64 = 1.2;

impl Claim {
    /// What it would take; `None` where the claim holds.
    pub(super) fn shortfall(&self, value: f64, parts: &[PartSeen]) -> Option<Shortfall> {
        let (bound, target) = self.misses(value)?;
        let (of, bound, needed, given) = match (self.formula, parts) {
            (Formula::Itself(_), [one]) => (one, bound, target, None),
            // How much was done is given: what came of it would have to be less.
            (Formula::Quotient(..), [one, other]) if bound == Bound::AtLeast && one.unit == Unit::Count => {
                (other, bound.reversed(), one.value / target, Some(one))
            }
            (Formula::Quotient(..), [one, other]) => (one, bound, target * other.value, Some(other)),
            // The more is to be saved, the less may be left.
            (Formula::Saving(..), [one, other]) => (one, bound.reversed(), (1.0 - target) * other.value, Some(other)),
            // The less often there is to be a read, the more each has to save.
            (Formula::BreakEven(_), [with, without, read, hit]) => {
                let extra = with.value - without.value;
                (read, bound.reversed(), hit.value + extra * (1.0 - target) / target, Some(hit))
            }
            _ => return None,
        };
        Some(Shortfall { of: *of, bound, needed, given: given.copied() })
    }

    /// What shows it, where it can be shown.
    pub(super) fn command(&self, shortfall: &Shortfall) -> Option<String> {
        let flags = match self.remedy {
            Remedy::Flags(flags) => flags.to_owned(),
            Remedy::Delay => format!("--fault 'database.*:delay={}ms'", self.delay(shortfall)?),
            Remedy::Nothing => return None,
        };
        Some(format!("cachedemo claims {} {flags}", self.name))
    }

    /// How many milliseconds each trip to the database would have to take longer.
    fn delay(&self, shortfall: &Shortfall) -> Option<u64> {
        let slow = self.formula.parts().into_iter().find(|part| part.what() == shortfall.of.what)?;
        let is_slow_enough = shortfall.bound == Bound::AtMost || slow.unit() != Unit::Microseconds || slow.trips() == 0;
        if is_slow_enough {
            return None;
        }
        // Of a range that says how slow something is, the other end must not be passed.
        let aim = match self.high.filter(|_| shortfall.given.is_none()) {
            Some(high) => (shortfall.needed * MARGIN).min((shortfall.needed * high).sqrt()),
            None => shortfall.needed * MARGIN,
        };
        let microseconds = (aim - shortfall.of.value) / f64::from(slow.trips());
        Some(((microseconds / 1000.0).ceil() as u64).max(1))
    }
}

impl Bound {
    fn reversed(self) -> Self {
        match self {
            Self::AtLeast => Self::AtMost,
            Self::AtMost => Self::AtLeast,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::claim;
    use super::super::quantity::{Quantity, Readings};
    use super::*;
    use crate::demo::{ClaimSeen, Holding};

    fn seen(name: &str, readings: &[(Quantity, f64)]) -> ClaimSeen {
        let mut all = Readings::default();
        readings.iter().for_each(|(quantity, value)| all.add(*quantity, *value, 9));
        claim(name).unwrap().against(&all)
    }

    #[test]
    fn a_hit_says_how_slow_the_database_would_have_to_be() {
        use Quantity::{DatabaseRead, Hit};
        let near = seen("hit-speed", &[(Hit, 58.0), (DatabaseRead, 75.0)]);
        assert_eq!(near.verdict, Some(Holding::DoesNotHold));
        let shortfall = near.shortfall.unwrap();
        assert_eq!((shortfall.of.what, shortfall.bound), (DatabaseRead.what(), Bound::AtLeast));
        assert!((shortfall.needed - 580.0).abs() < 1e-6, "{shortfall:?}");
        assert_eq!(shortfall.given.unwrap().value, 58.0);
        assert_eq!(near.command.as_deref(), Some("cachedemo claims hit-speed --fault 'database.*:delay=1ms'"));
        let far = seen("hit-speed", &[(Hit, 58.0), (DatabaseRead, 10_075.0)]);
        assert_eq!((far.verdict, far.shortfall.is_some(), far.command), (Some(Holding::Holds), false, None));
        let unknown = seen("hit-speed", &[(Hit, 58.0)]);
        assert_eq!((unknown.measured, unknown.verdict), (None, None));
        assert!(unknown.shortfall.is_none() && unknown.command.is_none());
    }

    /// The command that is shown does what it says: with so much more for each trip the claim holds.
    #[test]
    fn the_delay_that_is_shown_is_enough_and_not_too_much() {
        for claim in super::super::ALL.iter().filter(|claim| matches!(claim.remedy, Remedy::Delay)) {
            let measured = |delay: f64| {
                let mut all = Readings::default();
                for part in claim.formula.parts() {
                    let basis = if part.trips() > 0 { 150.0 * f64::from(part.trips()) } else { 60.0 };
                    all.add(part, basis + delay * f64::from(part.trips()), 9);
                }
                claim.against(&all)
            };
            let here = measured(0.0);
            let Some(command) = here.command else { continue };
            let (_, delay) = command.split_once("delay=").unwrap();
            let delay: f64 = delay.trim_end_matches("ms'").parse().unwrap();
            assert_eq!(measured(delay * 1000.0).verdict, Some(Holding::Holds), "{command}");
        }
    }

    #[test]
    fn coalescing_says_how_few_rows_would_have_to_change() {
        let seen = seen("coalescing", &[(Quantity::Queued, 1000.0), (Quantity::RowsChanged, 400.0)]);
        let shortfall = seen.shortfall.unwrap();
        assert_eq!((shortfall.of.value, shortfall.bound, shortfall.needed), (400.0, Bound::AtMost, 100.0));
        assert_eq!(seen.command.as_deref(), Some("cachedemo claims coalescing --queue-batch-size 1000"));
    }

    #[test]
    fn what_is_saved_says_what_may_be_left() {
        use Quantity::{TripsWith, TripsWithout};
        let seen = seen("database-load", &[(TripsWith, 0.15), (TripsWithout, 1.0)]);
        let shortfall = seen.shortfall.unwrap();
        assert_eq!((seen.measured, shortfall.bound), (Some(0.85), Bound::AtMost));
        assert!((shortfall.needed - 0.1).abs() < 1e-9, "{shortfall:?}");
    }

    #[test]
    fn a_share_of_reads_says_what_a_read_would_have_to_cost() {
        use Quantity::{DatabaseRead, DatabaseUpdate, Hit, ThroughUpdate};
        let all = [(ThroughUpdate, 1400.0), (DatabaseUpdate, 1000.0), (DatabaseRead, 75.0), (Hit, 50.0)];
        let seen = seen("read-heavy", &all);
        assert_eq!(seen.verdict, Some(Holding::DoesNotHold));
        let shortfall = seen.shortfall.unwrap();
        assert!((shortfall.needed - 150.0).abs() < 1e-6 && shortfall.bound == Bound::AtLeast, "{shortfall:?}");
    }
}
