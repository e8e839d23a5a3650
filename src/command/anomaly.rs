//! `anomaly`: the list of them, or one of them played.

use super::Context;
use super::connect::{self, About};
use crate::anomaly::{self, Theatre};
use crate::cli::{Anomaly, Chosen};
use crate::demo::Event;
use crate::error::Result;

/// Lists anomalies, or plays one.
pub(super) async fn run(context: &mut Context, typed: Anomaly) -> Result<()> {
    let kind = match typed.name {
        Chosen::List => return context.audience.show(&Event::Anomalies(anomaly::listed())),
        Chosen::One(kind) => kind,
    };
    context.refuse_faults("an anomaly brings the faults that it is about; play it without")?;
    // Where there is something to be queued, a play has a queue of its own.
    let about = About { flight_id: Some(typed.flight_id), without_queue: true, ..About::new("anomaly") };
    let lab = connect::lab(context, kind.pattern(), about).await?;
    // Every choreography needs both; it is better said now than by an actor who leaves it.
    lab.cache().ping().await?;
    let (home, interrupt) = (context.config.home.clone(), context.interrupt.clone());
    let audience = context.audience.as_mut();
    Theatre { lab: &lab, flight_id: typed.flight_id, home: &home, audience, interrupt: &interrupt }.play(kind).await
}
