//! `outage`: walks through an outage of the cache, made by the user's own hand or by a fault on purpose.

use super::Context;
use super::connect::{self, About};
use super::pattern::{plan, protocol};
use crate::cli::Outage;
use crate::demo::Walkthrough;
use crate::error::{Error, Result};
use crate::pattern::{OnCacheFailure, PatternKind};

/// The pattern that is walked through: the cache holds the new flight after each update, so that an old one stands out.
const PATTERN: PatternKind = PatternKind::WriteThrough;

/// Walks through an outage.
pub(super) async fn run(context: &mut Context, typed: Outage) -> Result<()> {
    if context.config.on_cache_failure == OnCacheFailure::Reject {
        return Err(Error::usage(
            "with ON_CACHE_FAILURE=reject no update is made while the cache is away, and nothing is left to be healed",
            "set ON_CACHE_FAILURE=degrade for this walk-through",
        ));
    }
    let about = About {
        flight_id: Some(typed.run.flight_id),
        steps: Some(Walkthrough::steps_of_an_outage()),
        protocol: protocol(typed.run.naive),
        ..About::new("outage")
    };
    let simulated = if connect::is_private(context) {
        Some("the outage of the cache, which nobody can stop within this process")
    } else {
        typed.simulate.then_some("the outage of the cache, which its server knows nothing of")
    };
    let plan = plan(context, &typed.run);
    let (lab, switch) = connect::lab_with_a_switch(context, PATTERN, about, simulated).await?;
    let by_hand = simulated.is_none().then_some(typed.wait);
    let walk_through = Walkthrough::new(lab, plan, context.audience.as_mut(), context.interrupt.clone());
    walk_through.of_an_outage(switch, by_hand).play().await
}
