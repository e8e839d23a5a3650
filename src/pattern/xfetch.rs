//! XFetch: when to refresh an entry before it expires, decided by each reader alone and by chance.
//!
//! The closer the expiry and the dearer the load, the likelier; so somebody refreshes it in time, nearly always one reader
//! alone, and nobody has to wait or to talk to anybody. From "Optimal Probabilistic Cache Stampede Prevention" (Vattani,
//! Chierichetti, Lowenstein; VLDB 2015), which shows that this exponential form is the best there is.

use std::time::Duration;

use crate::clock::Chance;

/// Whether a reader who finds an entry with `left` to live is to refresh it, where that takes `cost`. `eagerness` is the
/// paper's beta: 1 is its optimum, more refreshes earlier.
#[must_use]
pub fn is_due(left: Duration, cost: Duration, eagerness: f64, chance: &Chance) -> bool {
    // In (0, 1]: the logarithm of 0 is no number.
    let drawn = 1.0 - chance.fraction();
    cost.as_secs_f64() * eagerness * -drawn.ln() >= left.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(left: u64) -> f64 {
        let chance = Chance::seeded(1);
        let due = (0..10_000).filter(|_| is_due(Duration::from_millis(left), Duration::from_millis(10), 1.0, &chance));
        due.count() as f64 / 10_000.0
    }

    #[test]
    fn the_chance_falls_exponentially_with_what_is_left() {
        assert!((share(0) - 1.0).abs() < f64::EPSILON, "what has expired is always due");
        for (left, expected) in [(10, 0.3679), (20, 0.1353), (50, 0.0067)] {
            assert!((share(left) - expected).abs() < 0.02, "{left} ms: {}", share(left));
        }
    }
}
