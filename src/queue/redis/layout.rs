//! How many partitions the queue has, and how that is changed: only where nothing waits.
//!
//! A server by itself is laid out anew in one step. On a cluster each partition is, by itself, and the number stands with each of
//! them. Nobody uses a partition before he has seen the number at the first one, where it is changed last: so whoever is here
//! with another number meanwhile either waits for nothing, or finds his partition laid out anew and asks.

use std::sync::Arc;

use super::keys::{Keys, LAYOUT};
use super::{Names, Stream};
use crate::cache::Effect;
use crate::error::{Error, Result};
use crate::flight::names::MOST;
use crate::queue::{Partition, Queue};

const OPERATION: &str = "change of the partitions";

impl Stream {
    /// Sees to it that the queue on a cluster is laid out as we think, once. Without that a partition that only we believe in
    /// would not know better.
    pub(super) async fn see_layout(&self) -> Result<()> {
        if !self.names.are_tagged() {
            return Ok(());
        }
        let look = || async {
            let (layout, ours) = (self.keys(0).layout.as_str(), self.settings.partitions.to_string());
            let script = &self.scripts.layout;
            match self.run::<String>(0, Effect::Harmless, "look-up of the queue", script, &[layout], &[&ours]).await {
                Ok(there) if there != ours => self.adopt(&there).await,
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            }
        };
        match self.laid_out.get_or_try_init(look).await {
            // The node that has the number is away, which is no reason to stop the others. Asked again by whoever comes next.
            Err(error) if error.is_outage() => Ok(()),
            seen => seen.map(|_| ()),
        }
    }

    /// Gives the queue our number of partitions, where it has another one and nothing is in it.
    pub(super) async fn adopt(&self, there: &str) -> Result<()> {
        let count = there.parse().ok().filter(|count| (1..=MOST).contains(count));
        let count: u32 = count.ok_or_else(|| self.rejected(OPERATION, format!("{LAYOUT} holds {there:?}")))?;
        let changed = if self.names.are_tagged() {
            self.adopt_on_cluster(count).await?
        } else {
            self.adopt_at_once(count).await?
        };
        if changed {
            return Ok(());
        }
        Err(Error::OtherPartitions { peer: Arc::clone(self.peer()), there: count, here: self.settings.partitions })
    }

    async fn adopt_at_once(&self, count: u32) -> Result<bool> {
        let names = Names::plain(count);
        let old: Vec<Keys> = (0..count).map(|number| Keys::new(number, names)).collect();
        let mut keys = vec![LAYOUT];
        keys.extend(old.iter().flat_map(of_old_layout));
        self.lay_out(0, count, &keys).await
    }

    async fn adopt_on_cluster(&self, count: u32) -> Result<bool> {
        let names = Names::tagged(count);
        let old: Vec<Keys> = (0..count).map(|number| Keys::new(number, names)).collect();
        // Where something waits in one of them, the others are left as they are.
        for (number, keys) in (0..).zip(&old) {
            if self.length(number, &keys.updates).await? > 0 || self.length(number, &keys.dead).await? > 0 {
                return Ok(false);
            }
        }
        for number in (0..count.max(self.settings.partitions)).rev() {
            let layout = self.names.shared(LAYOUT, number);
            let mut keys = vec![layout.as_str()];
            keys.extend(old.get(number as usize).iter().flat_map(|keys| of_old_layout(keys)));
            if !self.lay_out(number, count, &keys).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn lay_out(&self, partition: Partition, old: u32, keys: &[&str]) -> Result<bool> {
        let (old, new) = (old.to_string(), self.settings.partitions.to_string());
        self.run(partition, Effect::Harmless, OPERATION, &self.scripts.lay_out, keys, &[&old, &new]).await
    }

    async fn length(&self, partition: Partition, stream: &str) -> Result<u64> {
        self.client.run(partition, OPERATION, Effect::Harmless, redis::cmd("XLEN").arg(stream)).await
    }
}

fn of_old_layout(keys: &Keys) -> [&str; 3] {
    [keys.updates.as_str(), &keys.pending, &keys.dead]
}
