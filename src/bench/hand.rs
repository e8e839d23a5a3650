//! Who works the queue off while write-behind is measured: a worker like any other, in this process.

use tokio::task::JoinHandle;

use super::flights::Unwatched;
use crate::error::Result;
use crate::interrupt::{Interrupt, Raise};
use crate::lab::Lab;

/// A worker of this process, as production has one.
pub(super) struct Hand {
    task: JoinHandle<Result<()>>,
    raise: Raise,
}

impl Hand {
    /// Begins to work the queue off.
    pub(super) fn hire(lab: &Lab) -> Self {
        let lab = lab.clone();
        let (raise, asked) = Interrupt::by_hand();
        Self { task: tokio::spawn(async move { lab.work(&Unwatched, &asked).await }), raise }
    }

    /// Whether it has ended by itself: by a failure that no waiting heals.
    pub(super) fn has_ended(&self) -> bool {
        self.task.is_finished()
    }

    /// Lets it finish the batch in hand.
    pub(super) async fn dismiss(self) -> Result<()> {
        self.raise.raise();
        match self.task.await {
            Ok(worked) => worked,
            Err(died) if died.is_panic() => std::panic::resume_unwind(died.into_panic()),
            Err(_) => Ok(()),
        }
    }
}
