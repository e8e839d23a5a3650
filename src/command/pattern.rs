//! The commands of a pattern: walk through it, read, update and compare with it.

use clap::Args;

use super::Context;
use super::arrival::Arrival;
use super::connect::{self, About};
use crate::bench::nobody_benches;
use crate::cache::Entry;
use crate::cli::{Action, Change, QueuedUpdate, Run, Scope};
use crate::demo::{
    ConsistencySeen, Event, Level, Note, Plan, ReadSeen, UpdateSeen, Walkthrough, show_hops, show_refreshes,
};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId, Times, is_storable};
use crate::lab::{Lab, Verdict};
use crate::pattern::{CacheEffect, OnCacheFailure, PatternKind, Protocol};

/// Runs one action of a pattern.
pub(super) async fn run<U>(context: &mut Context, kind: PatternKind, action: Action<U>) -> Result<()>
where
    U: Args + Into<QueuedUpdate>,
{
    match action {
        Action::Run(typed) => walk_through(context, kind, typed).await,
        Action::Get(typed) => get(context, kind, typed.flight_id, protocol(typed.naive)).await,
        Action::Update(typed) => update(context, kind, typed.into()).await,
        Action::Verify(typed) => verify(context, kind, typed.scope(), typed.verbose).await,
    }
}

async fn walk_through(context: &mut Context, kind: PatternKind, typed: Run) -> Result<()> {
    let about = About {
        flight_id: Some(typed.flight_id),
        steps: Some(Walkthrough::steps(kind, context.tuning)),
        protocol: protocol(typed.naive),
        ..About::new("run")
    };
    let lab = connect::lab(context, kind, about).await?;
    let plan = plan(context, &typed);
    Walkthrough::new(lab, plan, context.audience.as_mut(), context.interrupt.clone()).play().await
}

/// What was typed of a walk-through.
pub(super) fn plan(context: &Context, typed: &Run) -> Plan {
    Plan {
        flight_id: typed.flight_id,
        delay: typed.delay,
        flush: typed.flush,
        records: context.config.home.join("walk-throughs"),
    }
}

pub(super) fn protocol(is_naive: bool) -> Protocol {
    if is_naive { Protocol::Naive } else { Protocol::Protected }
}

async fn get(context: &mut Context, kind: PatternKind, id: FlightId, protocol: Protocol) -> Result<()> {
    let about = About { flight_id: Some(id), needs_database: false, protocol, ..About::new("get") };
    let lab = connect::lab(context, kind, about).await?;
    let observed = lab.read(id).await;
    show_hops(context.audience.as_mut(), &observed)?;
    let latency = observed.latency;
    let read = observed.value?;
    let found = read.flight.is_some();
    context.audience.show(&Event::Read(ReadSeen::of(id, read, latency, Some("Flight"))))?;
    // What this read has begun is seen through before the process ends.
    show_refreshes(context.audience.as_mut(), lab.rest().await)?;
    if found { Ok(()) } else { Err(Error::NoSuchFlight(id)) }
}

async fn update(context: &mut Context, kind: PatternKind, typed: QueuedUpdate) -> Result<()> {
    let QueuedUpdate { update: typed, id: sent_before, wait } = typed;
    let id = typed.flight_id;
    let protocol = protocol(typed.naive);
    let about = About { flight_id: Some(id), needs_database: false, protocol, ..About::new("update") };
    let lab = connect::lab(context, kind, about).await?;
    if lab.protocol() == Protocol::Naive && context.config.on_cache_failure == OnCacheFailure::Reject {
        return Err(Error::usage(
            "the textbook protocol places no lease that could be refused",
            "leave out --naive, or set ON_CACHE_FAILURE=degrade",
        ));
    }
    // Whatever it did would be taken for the bench's own, and put back.
    nobody_benches(&context.config.home, lab.database().peer())?;
    lab.refuse_if_pending(id).await?;
    let flight = current(&lab, id).await?;
    let mut update = lab.plan(&flight, changed(&flight, typed.change())?, &typed.user, typed.comment.as_deref());
    if let Some(sent_before) = sent_before {
        update.id = sent_before;
    }
    let watch = match wait {
        Some(limit) => Some(Arrival::watch(&lab, id, limit).await?),
        None => None,
    };
    let observed = lab.update(&update).await;
    show_hops(context.audience.as_mut(), &observed)?;
    let latency = observed.latency;
    let acknowledgement = observed.value?;
    let (cache, place) = (acknowledgement.cache, acknowledgement.place);
    let seen = UpdateSeen::of(kind, flight.times(), acknowledgement, latency, false);
    context.audience.show(&Event::Update(seen))?;
    if let (Some(watch), Some(place)) = (watch, place) {
        watch.wait(context, &lab, place).await?;
    }
    if cache == CacheEffect::NotUpdated {
        return Err(untold(&lab));
    }
    Ok(())
}

/// An update that the cache does not know of, and what becomes of it.
fn untold(lab: &Lab) -> Error {
    let healed = match lab.unwritten_outage() {
        None => "once it answers, the next command of this machine drops what has changed before it reads there (from another: \
                 `cachedemo reconcile`)"
            .to_owned(),
        Some(why) => format!("the outage could not be written down ({why}): run `cachedemo reconcile` once it answers"),
    };
    Error::NotHeld {
        message: "the update is in the database, and the cache could not be told".into(),
        hint: format!("`cachedemo doctor` shows the state of the cache; {healed}"),
    }
}

/// The flight as every reader of the pattern sees it: what is queued counts.
async fn current(lab: &Lab, id: FlightId) -> Result<Flight> {
    if lab.kind() == PatternKind::WriteBehind
        && let Some(pending) = lab.queue().pending(id).await?
    {
        return Ok(pending);
    }
    match lab.row(id).await.value {
        // An update that is queued needs no database now: what every reader sees is what it changes.
        Err(error) if error.is_outage() && lab.kind() == PatternKind::WriteBehind => match lab.entry(id).await.value {
            Ok(Entry::Value(flight)) => Ok(flight),
            _ => Err(error),
        },
        row => row?.ok_or(Error::NoSuchFlight(id)),
    }
}

fn changed(flight: &Flight, change: Change) -> Result<Times> {
    match change {
        Change::Delay(delay) => flight.times().delayed(delay).map_err(|reason| {
            Error::usage(
                format!("--delay moves flight {} too far: {reason}", flight.flight_id),
                "a shorter one, such as --delay 2h",
            )
        }),
        Change::Times { departure, arrival } => {
            let times =
                Times { departure: departure.unwrap_or(flight.departure), arrival: arrival.unwrap_or(flight.arrival) };
            if times.arrival < times.departure {
                return Err(Error::usage(
                    format!("the arrival {} is before the departure {}", times.arrival, times.departure),
                    "give both --departure and --arrival, the arrival last",
                ));
            }
            if !is_storable(&times.departure) || !is_storable(&times.arrival) {
                return Err(Error::usage(
                    "a time is in the years 1000 to 9999",
                    "such as --departure 2025-11-20T12:00",
                ));
            }
            Ok(times)
        }
    }
}

async fn verify(context: &mut Context, kind: PatternKind, scope: Scope, verbose: bool) -> Result<()> {
    let flight_id = match scope {
        Scope::One(id) => Some(id),
        Scope::Range { .. } | Scope::Cached => None,
    };
    let about = About { flight_id, ..About::new("verify") };
    let lab = connect::lab(context, kind, about).await?;
    let ids = match scope {
        Scope::One(id) => return verify_one(context, &lab, id).await,
        Scope::Cached => lab.cache().ids().await?,
        Scope::Range { first, last } => {
            let mut cached = lab.cache().ids().await?;
            cached.retain(|id| (first..=last).contains(id));
            cached
        }
    };
    let (mut held, mut failed) = (0u64, 0u64);
    for id in &ids {
        if context.interrupt.is_raised() {
            return Err(Error::Interrupted);
        }
        let holds = compare(context, &lab, *id, !verbose).await?.holds();
        if holds { held += 1 } else { failed += 1 }
    }
    let flights = if ids.len() == 1 { "flight" } else { "flights" };
    let text = format!("{} cached {flights} compared: {held} consistent, {failed} not", ids.len());
    let level = if failed == 0 { Level::Good } else { Level::Bad };
    context.audience.show(&Event::Note(Note { level, text }))?;
    if ids.is_empty() && connect::is_private(context) {
        let text = "the memory cache belongs to its process and begins empty: there is nothing to compare".to_owned();
        context.audience.show(&Event::Note(Note { level: Level::Plain, text }))?;
    }
    if failed == 0 { Ok(()) } else { Err(differs(format!("{failed} flights differ between database and cache"))) }
}

async fn verify_one(context: &mut Context, lab: &Lab, id: FlightId) -> Result<()> {
    let verdict = compare(context, lab, id, false).await?;
    if verdict.holds() && lab.row(id).await.value?.is_none() {
        return Err(Error::NoSuchFlight(id));
    }
    match verdict {
        verdict if verdict.holds() => Ok(()),
        Verdict::Pending => Err(Error::NotHeld {
            message: format!("the database has not seen every update of flight {id} yet"),
            hint: "apply what is queued: `cachedemo write-behind drain`".into(),
        }),
        _ => Err(differs(format!("database and cache differ about flight {id}"))),
    }
}

fn differs(message: String) -> Error {
    Error::NotHeld {
        message,
        hint: "whoever wrote last did not keep to a protocol; the entry ends with its TTL, or `cachedemo <pattern> run --flush` \
               drops it"
            .into(),
    }
}

/// Compares one flight and shows it, or only what does not hold.
async fn compare(context: &mut Context, lab: &Lab, id: FlightId, brief: bool) -> Result<Verdict> {
    let observed = lab.verify(id).await;
    let latency = observed.latency;
    let holds = matches!(&observed.value, Ok(consistency) if consistency.verdict.holds());
    if !(brief && holds) {
        show_hops(context.audience.as_mut(), &observed)?;
    }
    let consistency = observed.value?;
    let verdict = consistency.verdict;
    if !(brief && holds) {
        let seen = ConsistencySeen { consistency, expected: verdict.holds(), latency };
        context.audience.show(&Event::Consistency(seen))?;
    }
    Ok(verdict)
}
