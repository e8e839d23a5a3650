//! Ctrl-C and SIGTERM, as something that can be asked and waited for.
//!
//! The first signal asks for an orderly end: a walk-through puts its flight back first. The second insists.

use tokio::sync::watch;

use crate::error::{Error, Result};

/// Whether, and how often, we were asked to end.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<u32>);

/// What raises an [`Interrupt`] that was made by hand.
#[derive(Debug)]
pub struct Raise(watch::Sender<u32>);

impl Raise {
    /// Asks for an orderly end.
    pub fn raise(&self) {
        self.0.send_modify(|count| *count += 1);
    }
}

impl Interrupt {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn listen() -> Result<Self> {
        let failed = |cause| Error::File { action: "listen for", path: "signals".into(), cause };
        let (sender, receiver) = watch::channel(0);
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut interrupts = signal(SignalKind::interrupt()).map_err(failed)?;
            let mut terminations = signal(SignalKind::terminate()).map_err(failed)?;
            tokio::spawn(async move {
                loop {
                    tokio::select! {
                        _ = interrupts.recv() => {}
                        _ = terminations.recv() => {}
                    }
                    sender.send_modify(|count| *count += 1);
                }
            });
        }
        #[cfg(not(unix))]
        {
            let _ = failed;
            tokio::spawn(async move {
                while tokio::signal::ctrl_c().await.is_ok() {
                    sender.send_modify(|count| *count += 1);
                }
            });
        }
        Ok(Self(receiver))
    }

    /// Nobody ever interrupts: for tests.
    #[must_use]
    pub fn never() -> Self {
        Self(watch::channel(0).1)
    }

    /// One that this process raises itself, to end something orderly that it has begun.
    #[must_use]
    pub fn by_hand() -> (Raise, Self) {
        let (sender, receiver) = watch::channel(0);
        (Raise(sender), Self(receiver))
    }

    /// Whether we were asked to end.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until we are asked to end.
    pub async fn raised(&self) {
        self.reached(1).await;
    }

    /// Waits until we are asked a second time.
    pub async fn insisted(&self) {
        self.reached(2).await;
    }

    async fn reached(&self, count: u32) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|signals| *signals >= count).await.is_err() {
            // Nobody sends any more, so nobody will ask.
            std::future::pending::<()>().await;
        }
    }
}
