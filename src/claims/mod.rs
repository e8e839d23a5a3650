//! What is claimed of caching, held against the engines of whoever asks: claimed, measured, and whether it holds here.
//!
//! Texts on caching give figures ("10 to 100 times as fast") without the servers that they were measured on, and often enough
//! nobody measured them. A [`Claim`] is such a figure as data: how it is computed of what is measured ([`Measurement`] runs the
//! experiments), and what it would take for it to hold where it does not. Read `claim.rs` first, then `quantity.rs`.

mod catalogue;
mod claim;
mod condition;
mod load;
mod quantity;
mod queued;
mod run;
mod single;
mod turns;

pub use catalogue::ALL;
pub use claim::Claim;
pub use quantity::Experiment;
pub use run::{Measurement, Watch};

use crate::demo::ClaimsListed;

/// The claim of this name.
#[must_use]
pub fn claim(name: &str) -> Option<&'static Claim> {
    ALL.iter().find(|claim| claim.name == name)
}

/// All of them, as they are listed.
#[must_use]
pub fn listed() -> ClaimsListed {
    ClaimsListed { claims: ALL.iter().map(Claim::listed).collect() }
}
