//! What is shown of claims: what is claimed, what was measured here, and whether that is so.
//!
//! A measured value goes with the parts that it was computed of, so that whoever reads it can do the sum again.

use schemars::JsonSchema;
use serde::Serialize;

/// The claims that there are.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClaimsListed {
    /// Each of them, in the order in which they are measured and listed.
    pub claims: Vec<ClaimListed>,
}

/// A claim, as it is made.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClaimListed {
    /// What is typed to choose it, such as `hit-speed`.
    pub name: &'static str,
    /// What is claimed, in a few words.
    pub text: &'static str,
    /// Which document says so.
    pub document: &'static str,
    /// Under which heading.
    pub section: &'static str,
    /// The figures.
    pub claimed: ClaimedSeen,
    /// What the claim is about, where that cannot be measured from here and the figure is of something that stands for it.
    pub stands_for: Option<&'static str>,
    /// Where it would hold, a phrase.
    pub holds_where: &'static str,
}

/// The figures of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ClaimedSeen {
    /// On which side of them it still holds.
    pub sense: Sense,
    /// The lower end; `None`: there is none.
    pub low: Option<f64>,
    /// The upper end; `None`: there is none.
    pub high: Option<f64>,
    /// In which unit.
    pub unit: UnitSeen,
}

/// On which side of its figures a claim still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sense {
    /// More is better: it holds above them as well.
    Gain,
    /// Less is better: it holds below them as well.
    Cost,
    /// It says how large something is: it holds between them only.
    Size,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitSeen {
    /// Microseconds.
    Microseconds,
    /// How many times as much.
    Times,
    /// A share, 0 to 1.
    Share,
    /// How many in a second.
    PerSecond,
    /// How many.
    Count,
}

/// Whether what is claimed is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holding {
    /// It is.
    Holds,
    /// What was measured in its place is as it would have to be: that says something for it, and proves nothing.
    HoldsByStandIn,
    /// It is not, here.
    DoesNotHold,
}

/// What was measured of claims.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClaimsSeen {
    /// Whether it ran to its end, rather than being interrupted.
    pub complete: bool,
    /// How many flights it was measured with.
    pub keys: u32,
    /// How many operations were under way at once where a claim is about many clients.
    pub clients: u32,
    /// How many queued updates went to the database in one transaction, at most.
    pub batch_size: u32,
    /// The claims.
    pub claims: Vec<ClaimSeen>,
}

/// A claim, and what was measured.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClaimSeen {
    /// The claim.
    #[serde(flatten)]
    pub claim: ClaimListed,
    /// How the value is computed of the parts: `itself` (of one), `quotient` (the first by the second), `saving` (1 less that), or
    /// `break_even` (extra = first − second, saved = third − fourth: extra by extra + saved).
    pub formula: &'static str,
    /// What was measured, in the order of the formula.
    pub parts: Vec<PartSeen>,
    /// The value, in the unit of the claim; `None` where not all parts were measured.
    pub measured: Option<f64>,
    /// How many samples the part with the fewest has.
    pub samples: u64,
    /// Whether the claim holds; `None` where nothing was measured.
    pub verdict: Option<Holding>,
    /// What it would take, where the claim does not hold.
    pub shortfall: Option<Shortfall>,
    /// What shows that, where there is a command that does.
    pub command: Option<String>,
}

/// One thing that was measured.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct PartSeen {
    /// What it is.
    pub what: &'static str,
    /// The value: the median, of latencies.
    pub value: f64,
    /// In which unit.
    pub unit: UnitSeen,
    /// Of how many samples.
    pub samples: u64,
}

/// What it would take for a claim to hold.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Shortfall {
    /// What was measured, and would have to be different.
    pub of: PartSeen,
    /// On which side of `needed` it would have to be.
    pub bound: Bound,
    /// Where it would have to be, in the unit of `of`.
    pub needed: f64,
    /// What that was computed of, where it depends on something else that was measured.
    pub given: Option<PartSeen>,
}

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// This much or more.
    AtLeast,
    /// This much or less.
    AtMost,
}
