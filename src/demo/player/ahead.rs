//! The steps that only refresh-ahead has. They wait: until little is left of an entry's life, and until its end is past.
//!
//! What is waited for is what the cache says is left, not a time that was worked out beforehand; and an audience that thinks for
//! longer than an entry lives finds it filled again, with a remark.

use std::time::{Duration, Instant};

use super::super::show_refreshes;
use super::super::{Event, Level, ReadSeen};
use super::Walkthrough;
use super::steps::not_as_expected;
use crate::cache::Entry;
use crate::clock;
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::pattern::{Lookup, Policy, Refresh, Refreshed, Refreshing, Tuning};
use crate::quantity::latency;

/// For how long this walk-through stores: short enough to be waited for, long enough for a cache that counts in seconds.
const TTL: Duration = Duration::from_secs(4);

/// How often the cache is asked at most, and at least.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));

/// How much more eager than its optimum XFetch is here. What takes a fraction of a millisecond to load it refreshes within the
/// last millisecond or two, where nobody sees it, and where a busy machine comes too late.
const EAGERNESS: f64 = 1000.0;

/// A lab whose entries end while somebody watches.
pub(super) fn hurried(lab: &Lab) -> Lab {
    let tuning = lab.tuning();
    let refreshing = Refreshing { eagerness: EAGERNESS, ..tuning.refreshing };
    lab.storing_for(TTL.min(lab.ttl())).tuned(Tuning { refreshing, ..tuning })
}

impl Walkthrough<'_> {
    /// What an earlier run has stored for longer would not end in time.
    pub(super) async fn drop_long_lived(&mut self) -> Result<()> {
        let text = format!(
            "this walk-through stores for {}, give or take a tenth, so that the end of an entry can be waited for",
            latency(self.lab.ttl())
        );
        self.note(Level::Plain, text)?;
        if matches!(self.lab.evict(self.plan.flight_id).await.value, Ok(true)) {
            self.note(Level::Plain, "an earlier entry, stored for longer, is dropped".to_owned())?;
        }
        Ok(())
    }

    /// Fills an entry again that ended while the audience was thinking, or that somebody else has spoilt.
    pub(super) async fn refill_if_gone(&mut self) -> Result<()> {
        let what = match self.lab.entry(self.plan.flight_id).await.value {
            Ok(Entry::Absent) => "the entry ended while nobody read it",
            Ok(Entry::Foreign(_)) => "somebody else has put something into its place",
            _ => return Ok(()),
        };
        self.note(Level::Plain, format!("{what}: it is filled again first"))?;
        self.show_read(None).await.map(drop)
    }

    /// Reads the flight when it is due: a hit, and a refresh in the background.
    pub(super) async fn refresh_ahead(&mut self, number: usize) -> Result<()> {
        self.refill_if_gone().await?;
        let left = self.left(number).await?;
        let how = match self.lab.tuning().refreshing {
            Refreshing { policy: Policy::Threshold, threshold, .. } => {
                format!("waiting until less than {} of it are left", latency(self.lab.ttl().mul_f64(threshold)))
            }
            Refreshing { policy: Policy::Xfetch, eagerness, .. } => format!(
                "reading until chance refreshes it: at {eagerness} times the eagerness that is best, so that it is seen"
            ),
        };
        self.note(Level::Plain, format!("{} left; {how}", latency(left)))?;
        let mut reads = 0;
        loop {
            let (left, began) = (self.left(number).await?, clock::instant());
            let is_chance = self.lab.tuning().refreshing.policy == Policy::Xfetch;
            if is_chance || left < self.lab.ttl().mul_f64(self.lab.tuning().refreshing.threshold) {
                reads += 1;
                // What it has left at most: a cache that counts in seconds says one less above.
                let most = self.lab.cache().remaining(self.plan.flight_id).await?.unwrap_or(left);
                if let Some(refreshed) = self.read_and_rest(number, reads).await? {
                    self.outlived = Some(began + most.max(left));
                    return self.is_refreshed(number, refreshed);
                }
            }
            self.linger(left).await?;
        }
    }

    /// Keeps reading until the entry of before would have ended: every read must be a hit.
    pub(super) async fn outlive(&mut self, number: usize) -> Result<()> {
        let entry = self.lab.entry(self.plan.flight_id).await.value;
        if matches!(entry, Ok(Entry::Absent | Entry::Foreign(_))) || self.outlived.is_none() {
            self.note(
                Level::Plain,
                "the entry of the last step is gone, and so is what was to be seen: once more".to_owned(),
            )?;
            self.refresh_ahead(number).await?;
        }
        let end = self.outlived.unwrap_or_else(clock::instant);
        let waiting = end.saturating_duration_since(clock::instant());
        if !waiting.is_zero() {
            self.note(
                Level::Plain,
                format!("reading for {}, until the first entry would surely have ended", latency(waiting)),
            )?;
        }
        let (mut hits, mut refreshed) = (0, Vec::new());
        while clock::instant() < end {
            let lookup = self.lab.read(self.plan.flight_id).await.value?.lookup;
            refreshed.extend(self.lab.rest().await);
            if !matches!(lookup, Lookup::Hit | Lookup::Joined) {
                return Err(not_as_expected(number, "a read missed that should have found a refreshed entry"));
            }
            hits += 1;
            self.linger(PAUSES.1 * 20).await?;
        }
        if hits > 0 {
            let refreshed = match refreshed.len() {
                0 => "no further refresh was due".to_owned(),
                1 => "one of them began another refresh".to_owned(),
                more => format!("{more} of them began another refresh"),
            };
            let text = format!("{hits} reads meanwhile, all of them hits; {refreshed}");
            self.note(Level::Good, text)?;
        }
        let (lookup, _) = self.show_read(None).await?;
        if lookup != Lookup::Hit {
            return Err(not_as_expected(number, "the entry has expired after all"));
        }
        self.note(Level::Good, "the entry of the first read would have expired by now".to_owned())
    }

    /// One read and what it began; it is shown if that was a refresh, or if it was no hit.
    async fn read_and_rest(&mut self, number: usize, reads: u32) -> Result<Option<Vec<Refresh>>> {
        let id = self.plan.flight_id;
        let observed = self.lab.read(id).await;
        let is_hit = matches!(&observed.value, Ok(read) if read.lookup == Lookup::Hit);
        let refreshed = self.lab.rest().await;
        if is_hit && refreshed.is_empty() {
            return Ok(None);
        }
        self.sent(&observed)?;
        let latency = observed.latency;
        self.audience.show(&Event::Read(ReadSeen::of(id, observed.value?, latency, None)))?;
        if !is_hit {
            return Err(not_as_expected(number, "the entry ended before it was refreshed"));
        }
        if reads > 1 {
            self.note(Level::Plain, format!("it took {reads} reads until chance chose one to refresh it"))?;
        }
        show_refreshes(self.audience, refreshed.clone())?;
        Ok(Some(refreshed))
    }

    fn is_refreshed(&self, number: usize, refreshes: Vec<Refresh>) -> Result<()> {
        let is_renewed = |refresh: &Refresh| matches!(refresh.refreshed, Refreshed::Stored | Refreshed::LeftToOthers);
        if refreshes.iter().any(is_renewed) {
            return Ok(());
        }
        Err(not_as_expected(number, "the entry was not refreshed in time"))
    }

    /// How much longer the entry stands at least.
    async fn left(&self, number: usize) -> Result<Duration> {
        let look = self.lab.cache().look(self.plan.flight_id).await?;
        match look.left {
            Some(left) if left <= self.lab.ttl() * 2 => Ok(left),
            Some(_) => Err(not_as_expected(number, "somebody else has stored the flight for longer")),
            None => Err(not_as_expected(number, "the entry ended before it was refreshed")),
        }
    }

    /// A little pause, the shorter the less is left.
    async fn linger(&self, left: Duration) -> Result<()> {
        let (shortest, longest) = PAUSES;
        tokio::select! {
            biased;
            () = self.interrupt.raised() => Err(Error::Interrupted),
            () = tokio::time::sleep((left / 20).clamp(shortest, longest)) => Ok(()),
        }
    }
}

/// When the first entry would have ended.
pub(super) type Outlived = Option<Instant>;
