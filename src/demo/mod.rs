//! Walk-throughs: their steps as data (`script`), and their player.
//!
//! The player runs one step after the other, shows what each found, and holds it against what the step must show. However it
//! ends, the flight is put back first.

mod audience;
mod event;
mod loan;
mod measure;
mod player;
mod queue;
mod record;
mod restore;
mod script;

pub use audience::{Audience, Choice};
use audience::{Silent, Steadfast};
pub use event::*;
pub use loan::Loan;
pub use player::{Plan, Walkthrough};
pub use queue::{Ended, Witness, drain, milliseconds, queue_seen, show_backlog, show_drain};

use crate::error::Result;
use crate::hop::Observed;
use crate::pattern::Refresh;

/// The hops of an operation, as they are shown.
#[must_use]
pub fn seen<T>(observed: &Observed<T>) -> Vec<HopSeen> {
    hops(observed, false)
}

fn hops<T>(observed: &Observed<T>, background: bool) -> Vec<HopSeen> {
    observed.hops.iter().map(|hop| HopSeen { hop: hop.clone(), of: observed.latency, background }).collect()
}

/// Shows the hops of an operation.
///
/// # Errors
/// Those of the audience.
pub fn show_hops<T>(audience: &mut dyn Audience, observed: &Observed<T>) -> Result<()> {
    seen(observed).into_iter().try_for_each(|hop| audience.show(&Event::Hop(hop)))
}

/// Shows what came of refreshes in the background, each with its hops.
///
/// # Errors
/// Those of the audience.
pub fn show_refreshes(audience: &mut dyn Audience, refreshes: Vec<Refresh>) -> Result<()> {
    for refresh in refreshes {
        hops(&refresh.observed, true).into_iter().try_for_each(|hop| audience.show(&Event::Hop(hop)))?;
        audience.show(&Event::Refresh(RefreshSeen::of(refresh)))?;
    }
    Ok(())
}
