//! Many clients at once: the bench, in small, with the subjects that claims compare.
//!
//! Mostly reads is YCSB's workload B: 95 % reads, of few flights often and of most seldom, after a warm-up that fills the cache.

use super::quantity::{Experiment, Quantity, Readings};
use super::run::Measurement;
use crate::bench::{self, Bench, Configuration, Distribution, Mix, Outcome, Subject};
use crate::error::{Error, Result};
use crate::pattern::PatternKind;

/// In how many rounds each subject has its turn.
const ROUNDS: u32 = 3;

impl Measurement<'_> {
    /// Mostly reads, with a cache and without.
    pub(super) async fn read_load(&self, readings: &mut Readings) -> Result<()> {
        let (mix, distribution) = Mix::ycsb('b').unwrap_or((Mix::of_reads(0.95), Distribution::Zipfian));
        let subjects = [Subject::None, Subject::Pattern(PatternKind::CacheAside)];
        let Some([without, with]) = self.under_load(Experiment::ReadLoad, subjects, mix, distribution).await? else {
            return Ok(());
        };
        let reads = with.lookups.unwrap_or_default();
        readings.add(Quantity::HitRatio, reads.hit_rate().unwrap_or(f64::NAN), reads.total());
        readings.add(Quantity::RateWithout, without.throughput, without.operations);
        readings.add(Quantity::RateWith, with.throughput, with.operations);
        for (quantity, Outcome { load, operations, .. }) in
            [(Quantity::TripsWithout, &without), (Quantity::TripsWith, &with)]
        {
            let trips = load.database_reads + load.database_writes;
            readings.add(quantity, trips as f64 / *operations as f64, *operations);
        }
        Ok(())
    }

    /// Updates only, through write-through and write-behind.
    pub(super) async fn update_load(&self, readings: &mut Readings) -> Result<()> {
        let subjects = [PatternKind::WriteThrough, PatternKind::WriteBehind].map(Subject::Pattern);
        let updates = Mix::of_reads(0.0);
        let Some([through, behind]) =
            self.under_load(Experiment::UpdateLoad, subjects, updates, Distribution::Zipfian).await?
        else {
            return Ok(());
        };
        for (quantity, outcome) in [(Quantity::ThroughRate, &through), (Quantity::BehindRate, &behind)] {
            if let Some(updates) = &outcome.updates {
                readings.add(quantity, updates.count as f64 / outcome.measured_s, updates.count);
            }
        }
        if let Some(durable) = behind.lag.and_then(|lag| lag.until_durable) {
            readings.add(Quantity::OnlyQueued, durable.p99_us, durable.count);
        }
        Ok(())
    }

    /// What the two came to; `None` where it was interrupted.
    async fn under_load(
        &self,
        experiment: Experiment,
        subjects: [Subject; 2],
        mix: Mix,
        distribution: Distribution,
    ) -> Result<Option<[Outcome; 2]>> {
        // As long as it is measured: a claim about hits is about a cache that is filled.
        let warmup_s = self.plan.duration_s.unwrap_or_default() / f64::from(ROUNDS);
        let warmup_s = if mix.reads > 0.0 { warmup_s } else { warmup_s / 4.0 };
        let plan = Configuration {
            subjects: subjects.to_vec(),
            mix,
            distribution,
            rounds: ROUNDS,
            warmup_s,
            ..self.plan.clone()
        };
        let watch = Shown { measurement: self, experiment, subjects };
        let (lab, apart, flights, interrupt) = (self.lab, self.apart, self.flights, self.interrupt);
        let bench = Bench { lab, apart, plan: &plan, flights, watch: &watch, interrupt };
        let (report, ended) = bench.run().await;
        match ended {
            Err(Error::Interrupted) => return Ok(None),
            ended => ended?,
        }
        let outcomes: Option<[Outcome; 2]> = report.outcomes.try_into().ok();
        Ok(outcomes)
    }
}

/// Shows two subjects that have their turns as one experiment.
struct Shown<'a> {
    measurement: &'a Measurement<'a>,
    experiment: Experiment,
    subjects: [Subject; 2],
}

impl bench::Watch for Shown<'_> {
    fn progress(&self, subject: Subject, done: f64) {
        // The first is always ahead of the other by a turn.
        let turn = 1.0 / f64::from(ROUNDS);
        let [first, _] = self.subjects;
        let (one, other) = if subject == first { (done, done - turn) } else { (done, done) };
        let round = (one / turn).floor() * turn;
        let within = if subject == first { one - round } else { turn + other - round };
        self.measurement.watch.progress(self.experiment, (round + within / 2.0).clamp(0.0, 1.0));
    }
}
