//! The stage on which an anomaly is played: actors that go on hop by hop, only when the choreography says so.
//!
//! Every actor is a process of its own to the others: it has its own breaker, and dies alone. Each of its hops waits at a gate
//! until it is let through, so an interleaving is forced rather than hoped for. What happened is kept in the order in which it
//! happened, for the diagram.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, mpsc};
use tokio::task::JoinHandle;

use super::moments::Moments;
use crate::error::{Error, Result};
use crate::hop::{Hop, Target, observe};
use crate::lab::Lab;
use crate::lab::gate::{Gate, Landing, Passage};

/// What an actor tells the choreography.
enum Told {
    /// It is about to make this hop, and waits.
    Wants(&'static str),
    /// It has made this hop.
    Did(Hop),
}

/// Where an actor's hops wait.
struct Hold {
    told: mpsc::UnboundedSender<Told>,
    granted: Turn<mpsc::UnboundedReceiver<Passage>>,
    /// One hop at a time, also of an actor that would make several at once.
    turn: Arc<Turn<()>>,
    holder: Mutex<Option<OwnedMutexGuard<()>>>,
    late: Mutex<Vec<Landing>>,
}

#[async_trait]
impl Gate for Hold {
    async fn before(&self, _target: Target, name: &'static str) -> Passage {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        *sound(self.holder.lock()) = Some(turn);
        _ = self.told.send(Told::Wants(name));
        match self.granted.lock().await.recv().await {
            Some(passage) => passage,
            // The play is over: whoever still waits has no part in it.
            None => std::future::pending().await,
        }
    }

    fn keep(&self, landing: Landing) {
        sound(self.late.lock()).push(landing);
    }

    async fn after(&self, hop: Hop) {
        _ = self.told.send(Told::Did(hop));
        *sound(self.holder.lock()) = None;
    }
}

/// A poisoned lock means a panic between two assignments; what is there is still sound.
fn sound<T>(locked: Result<T, PoisonError<T>>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

/// Somebody who takes part.
pub(super) struct Actor {
    /// Its column in the diagram.
    pub(super) column: usize,
    lab: Lab,
    hold: Arc<Hold>,
    told: mpsc::UnboundedReceiver<Told>,
    grants: mpsc::UnboundedSender<Passage>,
    /// A hop that it was seen to want, and was not let through yet.
    wanted: Option<&'static str>,
    /// What it is doing.
    task: Option<JoinHandle<String>>,
}

impl Actor {
    /// Enters in this column.
    pub(super) fn new(lab: &Lab, column: usize) -> Self {
        let (told, hears) = mpsc::unbounded_channel();
        let (grants, granted) = mpsc::unbounded_channel();
        let hold = Arc::new(Hold {
            told,
            granted: Turn::new(granted),
            turn: Arc::new(Turn::new(())),
            holder: Mutex::new(None),
            late: Mutex::new(Vec::new()),
        });
        let gate: Arc<dyn Gate> = Arc::<Hold>::clone(&hold);
        Self { column, lab: lab.held_by(gate), hold, told: hears, grants, wanted: None, task: None }
    }

    /// Begins something, which waits before its first hop. What it gives back is what the actor says in the end.
    pub(super) fn begin<F>(&mut self, deed: impl FnOnce(Lab) -> F)
    where
        F: Future<Output = String> + Send + 'static,
    {
        let deed = deed(self.lab.clone());
        self.task = Some(tokio::spawn(async move { observe(deed).await.value }));
    }

    /// Lets it go on until it has made the hop of this name.
    pub(super) async fn until_after(&mut self, name: &str, moments: &mut Moments) -> Result<()> {
        loop {
            let wanted = self.wants().await?;
            self.pass(Passage::Now, moments).await?;
            if wanted == name {
                return Ok(());
            }
        }
    }

    /// Lets it go on until it is about to make the hop of this name.
    pub(super) async fn until_before(&mut self, name: &str, moments: &mut Moments) -> Result<()> {
        while self.wants().await? != name {
            self.pass(Passage::Now, moments).await?;
        }
        Ok(())
    }

    /// Lets it make the hop that it is about to make; its sender is told that no answer came, and it lands later.
    pub(super) async fn send_late(&mut self, moments: &mut Moments) -> Result<()> {
        self.pass(Passage::Late, moments).await
    }

    /// Lets what is late land.
    pub(super) async fn land(&self, moments: &mut Moments) -> Result<()> {
        let late = std::mem::take(&mut *sound(self.hold.late.lock()));
        for Landing { name, trip } in late {
            moments.landed(self.column, name, trip.await?);
        }
        Ok(())
    }

    /// Lets it go on to its end, and keeps what it says.
    pub(super) async fn finish(&mut self, moments: &mut Moments) -> Result<()> {
        while self.next_hop().await?.is_some() {
            self.pass(Passage::Now, moments).await?;
        }
        let Some(task) = self.task.take() else { return Ok(()) };
        match task.await {
            Ok(said) => moments.remark(self.column, said),
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
        Ok(())
    }

    /// Ends it where it is, as `kill -9` would.
    pub(super) async fn die(&mut self, moments: &mut Moments) {
        if let Some(task) = self.task.take() {
            task.abort();
            _ = task.await;
        }
        moments.remark(self.column, "dies".to_owned());
    }

    async fn wants(&mut self) -> Result<&'static str> {
        self.next_hop().await?.ok_or_else(|| off_script("it ended before the choreography expected it to"))
    }

    /// The hop that it waits to make; `None` when it has ended.
    async fn next_hop(&mut self) -> Result<Option<&'static str>> {
        if self.wanted.is_none() {
            let Some(task) = &mut self.task else { return Ok(None) };
            self.wanted = tokio::select! {
                biased;
                told = self.told.recv() => match told {
                    Some(Told::Wants(name)) => Some(name),
                    _ => return Err(off_script("it made a hop that nobody had let through")),
                },
                ended = task => {
                    // Kept for who asks what it says.
                    let said = ended.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()));
                    self.task = Some(tokio::spawn(async move { said }));
                    return Ok(None);
                }
            };
        }
        Ok(self.wanted)
    }

    async fn pass(&mut self, passage: Passage, moments: &mut Moments) -> Result<()> {
        self.wanted = None;
        _ = self.grants.send(passage);
        match self.told.recv().await {
            Some(Told::Did(hop)) => moments.hop(self.column, hop),
            _ => return Err(off_script("it wants another hop before the last one was answered")),
        }
        Ok(())
    }
}

/// Whoever leaves the stage in the middle of something must not go on holding a row.
impl Drop for Actor {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Only a mistake of ours, or a server that fails in the middle of a play, leads here.
fn off_script(what: &str) -> Error {
    Error::NotHeld {
        message: format!("an actor left the choreography: {what}"),
        hint: "see that database and cache answer: `cachedemo doctor`; then play it again".into(),
    }
}
