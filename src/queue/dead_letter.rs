//! An update that no database can accept: what it was, why it is dead, and by which name an operator calls it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::Partition;
use crate::flight::{Position, Update};

/// Which dead letter: its partition and its place among the dead letters there. Written as the position alone in partition 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LetterId {
    /// In which partition.
    pub partition: Partition,
    /// Where among the dead letters of it.
    pub position: Position,
}

impl fmt::Display for LetterId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.partition {
            0 => self.position.fmt(formatter),
            partition => write!(formatter, "{partition}/{}", self.position),
        }
    }
}

impl FromStr for LetterId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (partition, position) = text.split_once('/').unwrap_or(("0", text));
        match (partition.parse(), Position::parse(position)) {
            (Ok(partition), Some(position)) => Ok(Self { partition, position }),
            _ => {
                Err("a dead letter is called as `queue dead-letters list` shows it, such as 1763640000000-0".to_owned())
            }
        }
    }
}

/// Why an update became a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What was said of it, mostly by the database.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// A dead letter.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// Which one.
    pub id: LetterId,
    /// Where it stood in the queue.
    pub position: Position,
    /// The update, or why what was queued cannot be read as one.
    pub update: Result<Update, String>,
    /// Why it is dead.
    pub sentence: Sentence,
    /// Since when.
    pub buried_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_called_as_it_is_shown() {
        for text in ["1763640000000-0", "3/7-0"] {
            assert_eq!(text.parse::<LetterId>().unwrap().to_string(), text);
        }
        for wrong in ["", "7", "x/7-0", "3/", "3/7", "-1/7-0"] {
            assert!(wrong.parse::<LetterId>().is_err(), "{wrong} was accepted");
        }
    }
}
