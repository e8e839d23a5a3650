//! A flight that is changed and put back, however that ends: what a walk-through does, for whoever plays something else with it.

use std::path::Path;

use super::Silent;
use super::record::{Claim, Saved, claim};
use super::restore::put_back;
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId, Times};
use crate::lab::Lab;

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
        let Some(mut claim) = claim(records, lab.database().peer(), id)? else {
            return Err(Error::NotHeld {
                message: format!("somebody else is changing flight {id} just now"),
                hint: "wait until that ends, or choose another --flight-id".into(),
            });
        };
        if let Some(left) = claim.read()?
            && put_back(lab, &left, &mut Silent).await?
        {
            claim.clear()?;
        }
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
