//! A claim as data: what is claimed, how it is computed of what is measured, and when it holds.
//!
//! A range is read as whoever wrote it means it: "10 to 100 times as fast" holds above 100 as well, "1 to 5 ms" holds below 1, and "a
//! query takes 50 to 100 ms" says how slow it is, and holds between the two only.

use super::quantity::{Experiment, Quantity, Readings};
use crate::demo::{Bound, ClaimListed, ClaimSeen, ClaimedSeen, Holding, PartSeen, Sense, UnitSeen as Unit};

/// A figure that somebody gives.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// What is typed to choose it.
    pub name: &'static str,
    /// What is claimed, in a few words.
    pub text: &'static str,
    /// Which document says so, and under which heading.
    pub(super) source: (&'static str, &'static str),
    pub(super) sense: Sense,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) formula: Formula,
    /// What it is about, where something else is measured in its place.
    pub(super) stands_for: Option<&'static str>,
    pub(super) holds_where: &'static str,
    pub(super) remedy: Remedy,
}

/// How a value is computed of what is measured.
#[derive(Clone, Copy, Debug)]
pub(super) enum Formula {
    /// As it is.
    Itself(Quantity),
    /// The first by the second.
    Quotient(Quantity, Quantity),
    /// What the first saves of the second: a share.
    Saving(Quantity, Quantity),
    /// The share of reads from which on a cache pays: what an update costs more with it (first less second) against what a read
    /// costs less (third less fourth).
    BreakEven([Quantity; 4]),
}

/// What shows the conditions under which a claim holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remedy {
    /// A database that takes longer.
    Delay,
    /// These flags.
    Flags(&'static str),
    /// Nothing that could be simulated.
    Nothing,
}

impl Formula {
    /// What it is computed of, in order.
    pub(super) fn parts(&self) -> Vec<Quantity> {
        match *self {
            Self::Itself(one) => vec![one],
            Self::Quotient(one, other) | Self::Saving(one, other) => vec![one, other],
            Self::BreakEven(all) => all.to_vec(),
        }
    }

    /// What comes of these values, in this order.
    pub(super) fn value(&self, of: &[f64]) -> Option<f64> {
        let value = match (self, of) {
            (Self::Itself(_), [one]) => *one,
            (Self::Quotient(..), [one, other]) => one / other,
            (Self::Saving(..), [one, other]) => 1.0 - one / other,
            (Self::BreakEven(_), [with, without, read, hit]) => {
                let (extra, saved) = ((with - without).max(0.0), (read - hit).max(0.0));
                // Neither costs nor saves anything: it pays from the start.
                if extra == 0.0 { 0.0 } else { extra / (extra + saved) }
            }
            _ => return None,
        };
        Some(value).filter(|value| value.is_finite())
    }

    pub(super) fn unit(&self) -> Unit {
        match self {
            Self::Itself(quantity) => quantity.unit(),
            Self::Quotient(..) => Unit::Times,
            Self::Saving(..) | Self::BreakEven(_) => Unit::Share,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Itself(_) => "itself",
            Self::Quotient(..) => "quotient",
            Self::Saving(..) => "saving",
            Self::BreakEven(_) => "break_even",
        }
    }
}

impl Claim {
    /// What has to be done to measure it.
    pub(super) fn experiments(&self) -> impl Iterator<Item = Experiment> {
        self.formula.parts().into_iter().map(Quantity::experiment)
    }

    /// As it is made.
    #[must_use]
    pub fn listed(&self) -> ClaimListed {
        ClaimListed {
            name: self.name,
            text: self.text,
            document: self.source.0,
            section: self.source.1,
            claimed: ClaimedSeen { sense: self.sense, low: self.low, high: self.high, unit: self.formula.unit() },
            stands_for: self.stands_for,
            holds_where: self.holds_where,
        }
    }

    /// With what was measured.
    pub(super) fn against(&self, readings: &Readings) -> ClaimSeen {
        let part = |quantity: Quantity| {
            let reading = readings.of(quantity)?;
            let (what, unit) = (quantity.what(), quantity.unit());
            Some(PartSeen { what, value: reading.value, unit, samples: reading.samples })
        };
        let wanted = self.formula.parts();
        let parts: Vec<PartSeen> = wanted.iter().copied().filter_map(part).collect();
        let values: Vec<f64> = parts.iter().map(|part| part.value).collect();
        let measured = self.formula.value(&values);
        let verdict = measured.map(|value| self.verdict(value));
        let shortfall = measured.and_then(|value| self.shortfall(value, &parts));
        ClaimSeen {
            claim: self.listed(),
            formula: self.formula.name(),
            samples: parts.iter().map(|part| part.samples).min().unwrap_or(0),
            command: shortfall.and_then(|shortfall| self.command(&shortfall)),
            parts,
            measured,
            verdict,
            shortfall,
        }
    }

    /// Whether what is claimed is so.
    pub(super) fn verdict(&self, value: f64) -> Holding {
        match (self.misses(value), self.stands_for) {
            (Some(_), _) => Holding::DoesNotHold,
            (None, Some(_)) => Holding::HoldsByStandIn,
            (None, None) => Holding::Holds,
        }
    }

    /// On which side, and of which figure, a value would have to be for the claim to hold; `None` where it does.
    pub(super) fn misses(&self, value: f64) -> Option<(Bound, f64)> {
        let (low, high) = (self.low, self.high);
        match self.sense {
            Sense::Gain => low.filter(|it| value < *it).map(|it| (Bound::AtLeast, it)),
            Sense::Cost => high.filter(|it| value > *it).map(|it| (Bound::AtMost, it)),
            Sense::Size => {
                let below = low.filter(|low| value < *low).map(|low| (Bound::AtLeast, low));
                below.or(high.filter(|high| value > *high).map(|high| (Bound::AtMost, high)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(sense: Sense, low: Option<f64>, high: Option<f64>, formula: Formula) -> Claim {
        Claim {
            name: "x",
            text: "x",
            source: ("x", "x"),
            sense,
            low,
            high,
            formula,
            stands_for: None,
            holds_where: "x",
            remedy: Remedy::Delay,
        }
    }

    #[test]
    fn a_range_is_read_as_it_is_meant() {
        use Holding::{DoesNotHold, Holds, HoldsByStandIn};
        let range = |sense| claim(sense, Some(10.0), Some(100.0), Formula::Itself(Quantity::Hit));
        for (value, gain, cost, size) in [
            (9.9, DoesNotHold, Holds, DoesNotHold),
            (10.0, Holds, Holds, Holds),
            (100.0, Holds, Holds, Holds),
            (100.1, Holds, DoesNotHold, DoesNotHold),
        ] {
            let verdicts = [Sense::Gain, Sense::Cost, Sense::Size].map(|sense| range(sense).verdict(value));
            assert_eq!(verdicts, [gain, cost, size], "{value}");
        }
        let stand_in = Claim { stands_for: Some("x"), ..range(Sense::Gain) };
        assert_eq!([9.9, 10.0].map(|value| stand_in.verdict(value)), [DoesNotHold, HoldsByStandIn]);
        let at_least = claim(Sense::Gain, Some(10.0), None, Formula::Itself(Quantity::Hit));
        assert_eq!([9.9, 10.0].map(|value| at_least.verdict(value)), [DoesNotHold, Holds]);
        let at_most = claim(Sense::Cost, None, Some(10.0), Formula::Itself(Quantity::Hit));
        assert_eq!([10.0, 10.1].map(|value| at_most.verdict(value)), [Holds, DoesNotHold]);
    }

    #[test]
    fn values_are_computed_of_their_parts() {
        use Quantity::{DatabaseRead, DatabaseUpdate, Hit, ThroughUpdate};
        assert_eq!(Formula::Quotient(DatabaseRead, Hit).value(&[75.0, 50.0]), Some(1.5));
        assert_eq!(Formula::Quotient(DatabaseRead, Hit).value(&[75.0, 0.0]), None);
        assert_eq!(Formula::Quotient(DatabaseRead, Hit).value(&[75.0]), None);
        assert_eq!(Formula::Saving(Hit, DatabaseRead).value(&[1.0, 10.0]), Some(0.9));
        let break_even = Formula::BreakEven([ThroughUpdate, DatabaseUpdate, DatabaseRead, Hit]);
        // 400 more an update, 100 less a read: four reads pay for one update.
        assert_eq!(break_even.value(&[1400.0, 1000.0, 150.0, 50.0]), Some(0.8));
        assert_eq!(break_even.value(&[1400.0, 1000.0, 50.0, 50.0]), Some(1.0), "a hit that saves nothing never pays");
        assert_eq!(break_even.value(&[900.0, 1000.0, 50.0, 50.0]), Some(0.0));
    }
}
