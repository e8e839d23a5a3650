//! The measurement: the experiments that the chosen claims need, one after the other, and the claims held against them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Claim;
use super::quantity::{Experiment, Readings};
use crate::bench::{Configuration, Flights};
use crate::demo::{ClaimsSeen, Witness};
use crate::error::Result;
use crate::flight::{FlightId, Update};
use crate::interrupt::Interrupt;
use crate::lab::Lab;

/// Whoever looks on.
pub trait Watch: Send + Sync {
    /// So much of an experiment is done: 0 to 1.
    fn progress(&self, experiment: Experiment, done: f64);
}

/// A measurement that is ready to run.
pub struct Measurement<'a> {
    /// Where it is measured, faults and all.
    pub lab: &'a Lab,
    /// The same without faults: for what is not measured.
    pub apart: &'a Lab,
    /// How much is done: the configuration of the benches among the experiments, and the time that each of the others takes.
    pub plan: &'a Configuration,
    /// The flights.
    pub flights: &'a Flights,
    /// Who looks on.
    pub watch: &'a dyn Watch,
    /// What ends it before its time.
    pub interrupt: &'a Interrupt,
    /// How many updates were made so far: each gives its flight other times.
    pub updates: AtomicU32,
}

impl Measurement<'_> {
    /// What has to be done for these claims, in order.
    #[must_use]
    pub fn experiments(claims: &[&Claim]) -> Vec<Experiment> {
        let wanted: BTreeSet<Experiment> = claims.iter().flat_map(|claim| claim.experiments()).collect();
        wanted.into_iter().collect()
    }

    /// Measures what these claims are about; interrupted, it gives what there is.
    ///
    /// # Errors
    /// What cannot be had before and after an operation: an operation that fails is not counted.
    pub async fn run(&self, claims: &[&Claim]) -> Result<ClaimsSeen> {
        let mut readings = Readings::default();
        for experiment in Self::experiments(claims) {
            if self.interrupt.is_raised() {
                break;
            }
            match experiment {
                Experiment::Reads => self.reads(&mut readings).await,
                Experiment::Updates => self.updates(&mut readings).await,
                Experiment::Session => self.session(&mut readings).await,
                Experiment::ReadLoad => self.read_load(&mut readings).await,
                Experiment::UpdateLoad => self.update_load(&mut readings).await,
                Experiment::Coalescing => self.coalescing(&mut readings).await,
                Experiment::Entries => self.entries(&mut readings).await,
            }?;
        }
        Ok(ClaimsSeen {
            complete: !self.interrupt.is_raised(),
            keys: self.plan.keys,
            clients: self.plan.clients,
            batch_size: self.plan.batch_size,
            claims: claims.iter().map(|claim| claim.against(&readings)).collect(),
        })
    }

    /// The id of one of the flights; there is no last one.
    pub(super) fn flight(&self, index: usize) -> FlightId {
        let flights = self.flights.all();
        flights[index % flights.len()].flight_id
    }

    /// An update of it that nobody has made before.
    pub(super) fn next_update(&self, index: usize) -> Update {
        let version = self.updates.fetch_add(1, Ordering::Relaxed) + 1;
        self.flights.plan(self.apart, index % self.flights.all().len(), version)
    }

    /// Leaves nothing in the queue.
    pub(super) async fn drain(&self) -> Result<()> {
        self.apart.drain(&Witness::new(false), &|| false).await
    }
}
