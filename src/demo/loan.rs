//! A flight that is changed and put back, however that ends: what a walk-through does, for whoever plays something else with it.

use std::path::Path;

use super::Silent;
use super::record::{Claim, Saved, claim};
use super::restore::put_back;
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId, Times};
use crate::lab::Lab;
use crate::record::prefix;

/// A flight on loan: nobody else plays with it, and if this process is killed the next one puts it back.
pub struct Loan {
    claim: Claim,
    saved: Saved,
    flight: Flight,
}

impl Loan {
    /// Takes a flight that will have these other times in between; `moved` gives them from the ones that it has.
    ///
    /// # Errors
    /// When there is no such flight, somebody else plays with it, or updates of it wait in the queue.
    pub async fn take(
        lab: &Lab,
        records: &Path,
        id: FlightId,
        moved: impl FnOnce(Times) -> Result<(Times, Vec<Times>), String>,
    ) -> Result<Self> {
        recover(lab, records, id).await?;
        let Some(mut claim) = claim(records, lab.database().peer(), id)? else {
            return Err(Error::NotHeld {
                message: format!("somebody else is changing flight {id} just now"),
                hint: "wait until that ends, or choose another --flight-id".into(),
            });
        };
        lab.refuse_if_pending(id).await?;
        let flight = lab.row(id).await.value?.ok_or(Error::NoSuchFlight(id))?;
        let original = flight.times();
        let (changed, others) = moved(original).map_err(|reason| {
            Error::usage(format!("flight {id} cannot be moved: {reason}"), "choose another --flight-id")
        })?;
        let cache = lab.cache().peer().to_string();
        let saved = Saved { flight_id: id, cache, original, changed, others, behind: None };
        claim.write(&saved)?;
        Ok(Self { claim, saved, flight })
    }

    /// The flight as it was found.
    #[must_use]
    pub fn flight(&self) -> &Flight {
        &self.flight
    }

    /// Puts it back, with nothing in the cache.
    ///
    /// # Errors
    /// When that cannot be done now: the next run does it.
    pub async fn give_back(mut self, lab: &Lab) -> Result<()> {
        if !put_back(lab, &self.saved, &mut Silent).await? {
            return Err(Error::NotHeld {
                message: format!("flight {} is not back as it was", self.saved.flight_id),
                hint: "run it again once everything answers: that puts it back first".into(),
            });
        }
        lab.evict(self.saved.flight_id).await.value?;
        self.claim.clear()
    }
}

/// Puts back what was killed, whichever flight it was about: others read those as well.
async fn recover(lab: &Lab, records: &Path, wanted: FlightId) -> Result<()> {
    let here = lab.cache().peer().to_string();
    for (mut claim, left) in Claim::abandoned(records, &prefix(lab.database().peer()))? {
        let is_ours = left.cache == here || left.cache.ends_with("in this process");
        if is_ours && put_back(lab, &left, &mut Silent).await? {
            claim.clear()?;
        } else if left.flight_id == wanted {
            return Err(Error::NotHeld {
                message: format!("flight {wanted} is still as something that was cut short left it"),
                hint: format!("run a walk-through of it with the {}: that puts it back first", left.cache),
            });
        }
    }
    Ok(())
}
