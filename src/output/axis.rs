//! An axis: where a value stands on it, and which values are written on it.
//!
//! Round numbers only (1, 2 or 5 times a power of ten), because a reader reads off between them.

/// An axis.
pub(super) struct Axis {
    /// What it measures, with its unit.
    pub(super) label: String,
    /// What is written on it, and where.
    pub(super) ticks: Vec<(f64, String)>,
    from: f64,
    to: f64,
    is_logarithmic: bool,
}

impl Axis {
    /// An axis on which the same distance is the same difference, and which ends at a round number.
    pub(super) fn linear(label: &str, from: f64, to: f64, show: impl Fn(&f64) -> String) -> Self {
        let to = if to.is_finite() && to > from { to } else { from + 1.0 };
        let step = round_step((to - from) / 5.0);
        let end = (to / step).ceil() * step;
        let count = ((end - from) / step).round() as usize;
        let ticks = (0..=count).map(|number| from + number as f64 * step).map(|value| (value, show(&value))).collect();
        Self { label: label.to_owned(), ticks, from, to: end, is_logarithmic: false }
    }

    /// The same, with these values written on it and no others.
    pub(super) fn with_ticks(label: &str, from: f64, to: f64, ticks: Vec<(f64, String)>) -> Self {
        Self { label: label.to_owned(), ticks, from, to, is_logarithmic: false }
    }

    /// An axis on which the same distance is the same ratio.
    pub(super) fn logarithmic(label: &str, least: f64, most: f64, show: impl Fn(f64) -> String) -> Self {
        let ticks = logarithmic(least, most);
        let (from, to) = (ticks[0], ticks[ticks.len() - 1]);
        let ticks = ticks.into_iter().map(|value| (value, show(value))).collect();
        Self { label: label.to_owned(), ticks, from, to, is_logarithmic: true }
    }

    /// Where a value stands, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        let share = if self.is_logarithmic {
            (value / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        share.clamp(0.0, 1.0)
    }
}

/// The smallest round number that is no smaller.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|round| *round >= step * 0.999).unwrap_or(power)
}

/// Round values from one that is no greater than the least to one that is no smaller than the most: powers of ten, and between
/// them 2 and 5 times that where there would be few.
pub(super) fn logarithmic(least: f64, most: f64) -> Vec<f64> {
    let least = if least.is_finite() && least > 0.0 { least } else { 1.0 };
    let most = if most.is_finite() && most > least { most } else { least * 10.0 };
    let times: &[f64] = if (most / least).log10() > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let (first, last) = (least.log10().floor() as i32, most.log10().ceil() as i32);
    let all = (first..=last).flat_map(|power| times.iter().map(move |times| times * 10_f64.powi(power)));
    let all: Vec<f64> = all.collect();
    let begin = all.iter().rposition(|value| *value <= least * 1.000_001).unwrap_or(0);
    let end = all.iter().position(|value| *value >= most * 0.999_999).unwrap_or(all.len() - 1);
    all[begin..=end.max(begin + 1).min(all.len() - 1)].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_round_numbers() {
        let values = |axis: Axis| axis.ticks.iter().map(|(value, _)| *value).collect::<Vec<_>>();
        let linear = |to| values(Axis::linear("", 0.0, to, f64::to_string));
        assert_eq!(linear(100.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(linear(23_400.0), [0.0, 5_000.0, 10_000.0, 15_000.0, 20_000.0, 25_000.0]);
        assert_eq!(linear(f64::NAN).len(), 6);
        assert_eq!(logarithmic(42.0, 98_000.0), [10.0, 100.0, 1_000.0, 10_000.0, 100_000.0]);
        assert_eq!(logarithmic(620.0, 2_900.0), [500.0, 1_000.0, 2_000.0, 5_000.0]);
        assert_eq!(logarithmic(100.0, 1_000.0), [100.0, 200.0, 500.0, 1_000.0]);
        assert!(logarithmic(0.0, f64::INFINITY).len() > 1 && logarithmic(5.0, 5.0).len() > 1);
    }

    #[test]
    fn a_value_stands_where_it_belongs_and_never_outside() {
        let axis = Axis::logarithmic("", 10.0, 1_000.0, |value| value.to_string());
        assert!((axis.place(100.0) - 0.5).abs() < 1e-9);
        assert_eq!((axis.place(1.0), axis.place(1e9)), (0.0, 1.0));
        assert!((Axis::linear("", 0.0, 100.0, f64::to_string).place(25.0) - 0.25).abs() < 1e-9);
    }
}
