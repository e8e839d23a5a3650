//! What waits in a queue, as far as it can be reached: on a cluster some partitions may be away while the others are not.

use crate::error::{Error, Result};
use crate::queue::{Backlog, Partition, Queue};

/// What waits.
#[derive(Debug, Default)]
pub struct Waiting {
    /// What waits in each partition that answered.
    pub reached: Vec<(Partition, Backlog)>,
    /// The partitions that did not, and why.
    pub unreached: Vec<(Partition, Error)>,
}

impl Waiting {
    /// How many updates wait, as far as that is known.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.reached.iter().map(|(_, backlog)| backlog.length).sum()
    }

    /// The first failure, for who needs to know all of it.
    ///
    /// # Errors
    /// Why a partition did not answer.
    pub fn whole(self) -> Result<()> {
        self.unreached.into_iter().next().map_or(Ok(()), |(_, error)| Err(error))
    }
}

/// Asks every partition.
pub(super) async fn look(queue: &dyn Queue) -> Result<Waiting> {
    let mut waiting = Waiting::default();
    for partition in 0..queue.settings().partitions {
        match queue.backlog(partition).await {
            Ok(backlog) => waiting.reached.push((partition, backlog)),
            Err(error) if error.is_outage() => waiting.unreached.push((partition, error)),
            Err(error) => return Err(error),
        }
    }
    if waiting.reached.is_empty() {
        waiting.whole()?;
        return Ok(Waiting::default());
    }
    Ok(waiting)
}
