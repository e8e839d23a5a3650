//! Which variant of a pattern, where it has several: what write-around does about an entry that stands, and when refresh-ahead
//! refreshes.

use super::PatternKind;

/// The variants of all patterns, as one value; a pattern looks at its own.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tuning {
    /// What an update of write-around does about the entry.
    pub around: Around,
    /// When refresh-ahead refreshes.
    pub refreshing: Refreshing,
}

/// What an update of write-around does about an entry that stands in the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Around {
    /// It throws it away.
    #[default]
    Invalidate,
    /// Nothing: an entry stays, and is old, until its TTL ends.
    Pure,
}

/// When a reader of refresh-ahead refreshes what it found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refreshing {
    /// How that is decided.
    pub policy: Policy,
    /// For [`Policy::Threshold`]: with less than this part of its TTL left; 1 is at every hit.
    pub threshold: f64,
    /// For [`Policy::Xfetch`]: the paper's beta. 1 is its optimum; more refreshes earlier.
    pub eagerness: f64,
}

/// How it is decided whether an entry is refreshed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// By how much of its TTL is left.
    #[default]
    Threshold,
    /// By chance, the likelier the closer its end and the dearer its load: [`super::xfetch`].
    Xfetch,
}

impl Default for Refreshing {
    fn default() -> Self {
        Self { policy: Policy::default(), threshold: 0.5, eagerness: 1.0 }
    }
}

impl Tuning {
    /// Whether a read may be older than what was acknowledged before it.
    #[must_use]
    pub fn may_be_stale(self, kind: PatternKind) -> bool {
        kind == PatternKind::WriteAround && self.around == Around::Pure
    }

    /// The variant of this pattern, in a few words; `None` where it has but one.
    #[must_use]
    pub fn describe(self, kind: PatternKind) -> Option<String> {
        match (kind, self.around, self.refreshing.policy) {
            (PatternKind::WriteAround, Around::Invalidate, _) => Some("invalidate".to_owned()),
            (PatternKind::WriteAround, Around::Pure, _) => Some("pure".to_owned()),
            (PatternKind::RefreshAhead, _, Policy::Threshold) => {
                Some(format!("threshold {}", self.refreshing.threshold))
            }
            (PatternKind::RefreshAhead, _, Policy::Xfetch) => Some("xfetch".to_owned()),
            _ => None,
        }
    }

    /// What this variant of a pattern promises, what it costs, and when to use it.
    #[must_use]
    pub fn takeaways(self, kind: PatternKind) -> [&'static str; 3] {
        if self.may_be_stale(kind) {
            return [
                "No promise: an entry that stands is not told of an update, and is served old until its TTL ends.",
                "Cost: stale reads; an update itself costs nothing beyond the database.",
                "Use it only where what is written has not been read yet, or an old answer does no harm.",
            ];
        }
        kind.takeaways()
    }
}
