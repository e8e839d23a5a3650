//! Whether two series of rounds differ by more than they differ within themselves.
//!
//! An exact permutation test of the ranks (Wilcoxon's rank sum, two-sided): of all ways to deal the rounds out into two
//! heaps of these sizes, how many make the heaps at least as different as they are? 5 rounds against 5 can be dealt in 252
//! ways. Ranks rather than values, because one disturbed round must not decide, and latencies are not normally distributed.

use schemars::JsonSchema;
use serde::Serialize;

/// A difference that chance makes less often than this is more than noise.
pub const SIGNIFICANT: f64 = 0.05;
/// More rounds than this are averaged in groups of neighbours: what is left is as telling, and the test stays exact.
const MOST: usize = 20;

/// What a test can say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Even if every round of one were above every round of the other, chance could have done it.
    TooFewRounds,
    /// Chance makes such a difference with this probability, which is not small.
    Noise(f64),
    /// Chance makes such a difference with this probability, which is small.
    Difference(f64),
}

impl Evidence {
    /// Whether it is more than noise.
    #[must_use]
    pub fn is_difference(self) -> bool {
        matches!(self, Self::Difference(_))
    }
}

/// Holds the rounds of one against the rounds of the other.
#[must_use]
pub fn test(one: &[f64], other: &[f64]) -> Evidence {
    let (one, other) = (batches(one), batches(other));
    if 2.0 / ways(one.len() + other.len(), one.len()) >= SIGNIFICANT {
        return Evidence::TooFewRounds;
    }
    let ranks = ranks(&one, &other);
    let probability = probability(&ranks, one.len());
    if probability < SIGNIFICANT { Evidence::Difference(probability) } else { Evidence::Noise(probability) }
}

/// The finite values, or the means of their neighbours where there are too many.
fn batches(values: &[f64]) -> Vec<f64> {
    let sound: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let together = sound.len().div_ceil(MOST).max(1);
    sound.chunks(together).map(|group| group.iter().sum::<f64>() / group.len() as f64).collect()
}

/// In how many ways so many can be chosen.
fn ways(of: usize, chosen: usize) -> f64 {
    (0..chosen).map(|step| (of - step) as f64 / (step + 1) as f64).product()
}

/// Twice the rank of each value, first those of the one; equal values share the mean of their ranks.
fn ranks(one: &[f64], other: &[f64]) -> Vec<usize> {
    let all: Vec<f64> = one.iter().chain(other).copied().collect();
    let rank = |value: &f64| {
        let below = all.iter().filter(|rival| *rival < value).count();
        let equal = all.iter().filter(|rival| *rival == value).count();
        2 * below + equal + 1
    };
    all.iter().map(rank).collect()
}

/// How probable it is that so many of these ranks, drawn by chance, are as far from the mean as the first ones are.
fn probability(ranks: &[usize], first: usize) -> f64 {
    let most: usize = ranks.iter().sum();
    // In how many ways so many ranks have this sum: each rank in turn is taken or left.
    let mut counts = vec![vec![0.0_f64; most + 1]; first + 1];
    counts[0][0] = 1.0;
    for rank in ranks {
        for taken in (1..=first).rev() {
            for sum in (*rank..=most).rev() {
                counts[taken][sum] += counts[taken - 1][sum - rank];
            }
        }
    }
    let mean = most as f64 * first as f64 / ranks.len() as f64;
    let seen = ranks[..first].iter().sum::<usize>() as f64;
    // Half a step of slack: ranks are whole numbers, and means need not be.
    let is_as_far = |sum: usize| (sum as f64 - mean).abs() >= (seen - mean).abs() - 1e-6;
    let as_far: f64 = counts[first].iter().enumerate().filter(|(sum, _)| is_as_far(*sum)).map(|(_, ways)| ways).sum();
    as_far / counts[first].iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(evidence: Evidence, probability: f64) -> bool {
        matches!(evidence, Evidence::Noise(seen) | Evidence::Difference(seen) if (seen - probability).abs() < 1e-9)
    }

    #[test]
    fn two_of_the_252_ways_put_all_above_all() {
        let apart = test(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]);
        assert!(near(apart, 2.0 / 252.0) && apart.is_difference(), "{apart:?}");
        let reversed = test(&[6.0, 7.0, 8.0, 9.0, 10.0], &[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(apart, reversed, "two-sided");
    }

    #[test]
    fn probabilities_are_those_of_the_tables() {
        // Rank sums of 5 against 5: at most 17 has the two-sided probability 8/252 (0.032), at most 18 has 14/252 (0.056).
        let seventeen = test(&[1.0, 2.0, 3.0, 5.0, 6.0], &[4.0, 7.0, 8.0, 9.0, 10.0]);
        assert!(near(seventeen, 8.0 / 252.0) && seventeen.is_difference(), "{seventeen:?}");
        let eighteen = test(&[1.0, 2.0, 4.0, 5.0, 6.0], &[3.0, 7.0, 8.0, 9.0, 10.0]);
        assert!(near(eighteen, 14.0 / 252.0) && !eighteen.is_difference(), "{eighteen:?}");
    }

    #[test]
    fn it_agrees_with_trying_every_split() {
        let (one, other) = ([3.0, 1.0, 4.0, 1.0, 5.0], [9.0, 2.0, 6.0, 5.0, 3.0, 5.0]);
        let ranks = ranks(&one, &other);
        let sum = |mask: u32| (0..11).filter(|bit| mask >> bit & 1 == 1).map(|bit| ranks[bit]).sum::<usize>() as f64;
        let mean = ranks.iter().sum::<usize>() as f64 * 5.0 / 11.0;
        let splits: Vec<_> = (0..1_u32 << 11).filter(|mask| mask.count_ones() == 5).map(sum).collect();
        let as_far = splits.iter().filter(|split| (*split - mean).abs() >= (sum(0b11111) - mean).abs() - 1e-6).count();
        assert!(near(test(&one, &other), as_far as f64 / splits.len() as f64), "ties share a rank");
    }

    #[test]
    fn too_few_rounds_say_nothing_however_far_they_are_apart() {
        assert_eq!(test(&[1.0, 2.0, 3.0], &[1e9, 2e9, 3e9]), Evidence::TooFewRounds);
        assert!(test(&[1.0, 2.0, 3.0, 4.0], &[1e9, 2e9, 3e9, 4e9]).is_difference());
        assert_eq!(test(&[], &[]), Evidence::TooFewRounds);
        assert_eq!(test(&[1.0; 5], &[f64::NAN; 5]), Evidence::TooFewRounds, "what is no number is no round");
    }

    #[test]
    fn the_same_is_noise_and_many_rounds_are_not_too_many() {
        assert!(near(test(&[7.0; 5], &[7.0; 5]), 1.0));
        let many: Vec<f64> = (0..1_000).map(f64::from).collect();
        let above: Vec<f64> = many.iter().map(|value| value + 5_000.0).collect();
        assert!(test(&many, &above).is_difference() && !test(&many, &many).is_difference());
    }

    #[test]
    fn one_disturbed_round_decides_nothing() {
        let disturbed = test(&[100.0, 101.0, 99.0, 102.0, 100.0], &[101.0, 100.0, 99.0, 100.0, 9_000.0]);
        assert!(!disturbed.is_difference(), "{disturbed:?}");
    }
}
