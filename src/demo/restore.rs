//! Putting a flight back: at the end of a walk-through, when it fails or is interrupted, and for one that was killed.
//!
//! What somebody else has changed in the meantime is never overwritten. The flight counts as put back only when database and
//! cache both say so; until then the record stays, and the next run tries again.

use super::record::Saved;
use super::{Audience, ConsistencySeen, Level, Note, UpdateSeen, show_drain, show_hops};
use crate::demo::Event;
use crate::error::Result;
use crate::flight::{Flight, Times};
use crate::lab::{Lab, Verdict};
use crate::pattern::{CacheEffect, Durability, PatternKind};

/// Who is named in `flight_log` for what a walk-through does.
pub(super) const USER: &str = "cachedemo";

/// Whether nothing is left to be done: the flight is back, nothing of it is queued, and its entry agrees.
pub(super) async fn is_back(lab: &Lab, saved: &Saved) -> Result<bool> {
    let id = saved.flight_id;
    if lab.queue().pending(id).await?.is_some() {
        return Ok(false);
    }
    let is_original = lab.row(id).await.value?.is_none_or(|flight| flight.times() == saved.original);
    Ok(is_original && lab.verify(id).await.value?.verdict.holds())
}

/// Puts the flight back and shows how; whether nothing is left to be done.
pub(super) async fn put_back(lab: &Lab, saved: &Saved, audience: &mut dyn Audience) -> Result<bool> {
    let id = saved.flight_id;
    let mut original = saved.original;
    let (lab, queue_answers) = match lab.queue().pending(id).await {
        Ok(Some(_)) => {
            // What is still queued was acknowledged, and would move the flight again after we put it back. Where somebody
            // else has moved it since, their times are what it is put back to.
            if let Some(theirs) = moved_by_others(lab, saved, audience).await? {
                original = theirs;
            }
            show_drain(lab, audience).await?;
            (lab.clone(), true)
        }
        Ok(None) => (lab.clone(), true),
        // The queue went away with its cache. What it still holds of ours, the next run drains; what it held and the
        // database has seen is put back in the database itself.
        Err(error) if error.is_outage() && lab.kind() == PatternKind::WriteBehind => {
            (lab.under(PatternKind::CacheAside), false)
        }
        // This pattern has queued nothing.
        Err(error) if error.is_outage() => (lab.clone(), true),
        Err(error) => return Err(error),
    };
    let Some(flight) = lab.row(id).await.value? else { return Ok(true) };
    if saved.moved_to(flight.times()) {
        let complete = update_back(&lab, &flight, original, audience).await?;
        return Ok(complete && agrees(&lab, saved, audience).await? && queue_answers);
    }
    moved_by_others(&lab, saved, audience).await?;
    Ok(agrees(&lab, saved, audience).await? && queue_answers)
}

/// The times that somebody else has given the flight since the walk-through began, which are shown.
pub(super) async fn moved_by_others(lab: &Lab, saved: &Saved, audience: &mut dyn Audience) -> Result<Option<Times>> {
    let id = saved.flight_id;
    let Some(flight) = lab.row(id).await.value? else { return Ok(None) };
    let times = flight.times();
    if saved.knows(times) {
        return Ok(None);
    }
    let text =
        format!("somebody else has moved flight {id} to {} in the meantime: it is left as it is", flight.departure);
    audience.show(&Event::Note(Note { level: Level::Warning, text }))?;
    Ok(Some(times))
}

async fn update_back(lab: &Lab, flight: &Flight, original: Times, audience: &mut dyn Audience) -> Result<bool> {
    let update = lab.plan(flight, original, USER, Some("walk-through: original times restored"));
    let observed = lab.update(&update).await;
    show_hops(audience, &observed)?;
    let latency = observed.latency;
    let acknowledgement = observed.value?;
    let durability = acknowledgement.durability;
    let cache = acknowledgement.cache;
    audience.show(&Event::Update(UpdateSeen::of(lab.kind(), flight.times(), acknowledgement, latency, true)))?;
    if durability == Durability::Queued {
        show_drain(lab, audience).await?;
    }
    Ok(cache != CacheEffect::NotUpdated)
}

/// Whether the cache agrees with the database about a flight that is back. An entry that does not is dropped.
async fn agrees(lab: &Lab, saved: &Saved, audience: &mut dyn Audience) -> Result<bool> {
    let found = lab.verify(saved.flight_id).await;
    let latency = found.latency;
    let Ok(consistency) = found.value else {
        let text = "the flight is back in the database; whether its cache entry agrees cannot be seen now".to_owned();
        audience.show(&Event::Note(Note { level: Level::Warning, text }))?;
        return Ok(false);
    };
    if consistency.verdict != Verdict::Inconsistent {
        return Ok(true);
    }
    // Where updates leave the cache alone, nothing else was to be expected.
    let expected = lab.tuning().may_be_stale(lab.kind());
    audience.show(&Event::Consistency(ConsistencySeen { consistency, expected, latency }))?;
    lab.evict(saved.flight_id).await.value?;
    let text = "the cache entry did not agree with the database and was dropped".to_owned();
    audience.show(&Event::Note(Note { level: Level::Good, text }))?;
    Ok(true)
}
