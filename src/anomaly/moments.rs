//! What has happened on the stage so far, in order: what the diagram draws, and what is counted.

use crate::demo::{Act, Moment};
use crate::hop::{Hop, Outcome, Target};

/// What has happened.
#[derive(Default)]
pub(super) struct Moments {
    moments: Vec<Moment>,
    /// How often the database was read.
    finds: u64,
    /// Whether what happens is only counted.
    unseen: bool,
}

impl Moments {
    /// Somebody has made a hop.
    pub(super) fn hop(&mut self, actor: usize, hop: Hop) {
        if (hop.target, hop.name) == (Target::Database, "find") {
            self.finds += 1;
        }
        let outcome = if hop.ok { hop.outcome } else { "no answer".to_owned() };
        let Hop { target, name, ok, departure, .. } = hop;
        self.push(actor, Act::Hop { target, name, outcome, ok, departure });
    }

    /// A command of the cache has landed that nobody waited for any more.
    pub(super) fn landed(&mut self, actor: usize, name: &'static str, Outcome { text, departure }: Outcome) {
        let outcome = format!("lands now: {text}");
        self.push(actor, Act::Hop { target: Target::Cache, name, outcome, ok: true, departure });
    }

    /// Something happened that was no hop.
    pub(super) fn remark(&mut self, actor: usize, text: impl Into<String>) {
        self.push(actor, Act::Remark(text.into()));
    }

    /// The last hop of this name is what does the harm.
    pub(super) fn blame(&mut self, names: &[&str]) {
        let is_named = |moment: &&mut Moment| matches!(&moment.act, Act::Hop { name, .. } if names.contains(name));
        if let Some(moment) = self.moments.iter_mut().rev().find(is_named) {
            moment.harmful = true;
        }
    }

    /// The n-th moment, from 0, is what does the harm.
    pub(super) fn blame_number(&mut self, number: usize) {
        if let Some(moment) = self.moments.get_mut(number) {
            moment.harmful = true;
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.moments.len()
    }

    /// What comes next is counted and not drawn, or drawn again.
    pub(super) fn draw(&mut self, is_drawn: bool) {
        self.unseen = !is_drawn;
    }

    /// How often the database was read.
    pub(super) fn finds(&self) -> u64 {
        self.finds
    }

    /// All of it.
    pub(super) fn into_moments(self) -> Vec<Moment> {
        self.moments
    }

    /// Several actors of a column that do the same one after the other are one moment.
    fn push(&mut self, actor: usize, act: Act) {
        if self.unseen {
            return;
        }
        match self.moments.last_mut() {
            Some(last) if last.actor == actor && last.act == act => last.times += 1,
            _ => self.moments.push(Moment { actor, act, times: 1, harmful: false }),
        }
    }
}
