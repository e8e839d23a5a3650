//! What was sent and what was answered: the notes that the database is held against.
//!
//! In memory, and line by line in a file, so that a run that was cut short can be read afterwards.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use cachedemo::queue::Place;
use chrono::NaiveDateTime;

/// What a writer was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It stands there.
    Acknowledged(Place),
    /// No answer came: it may be queued.
    Unknown,
    /// It is queued, and the cache could not be told.
    Untold,
    /// The queue was not reached: it is not queued.
    Unreached,
}

/// One update.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// Whose departure it changes.
    pub(super) flight: i32,
    /// To what. No other update of the run has the same, so it also tells which update it is.
    pub(super) departure: NaiveDateTime,
    /// What was answered, each time that it was sent.
    pub(super) answers: Vec<Answer>,
}

impl Sent {
    /// Where the first acknowledgement said that it stands.
    pub(super) fn place(&self) -> Option<Place> {
        self.answers.iter().find_map(|answer| match answer {
            Answer::Acknowledged(place) => Some(*place),
            _ => None,
        })
    }

    /// Whether it was once unknown what had become of it.
    fn was_doubtful(&self) -> bool {
        self.answers.contains(&Answer::Unknown)
    }

    /// What its answers say that they must not, if anything.
    pub(super) fn contradiction(&self) -> Option<String> {
        let mut may_stand = false;
        let mut stands: Option<Place> = None;
        for answer in &self.answers {
            match (answer, stands) {
                (Answer::Acknowledged(place), Some(first)) if !place.is_known || !is_same(*place, first) => {
                    return Some(format!("was queued again at {place:?} after {first:?}"));
                }
                (Answer::Acknowledged(place), None) if place.is_known && !may_stand => {
                    return Some(format!(
                        "was known at {place:?}, though every answer before said that it is not queued"
                    ));
                }
                (Answer::Acknowledged(place), _) => stands = stands.or(Some(*place)),
                (Answer::Unknown | Answer::Untold, _) => may_stand = true,
                (Answer::Unreached, _) => {}
            }
        }
        stands.is_none().then(|| "was never acknowledged".to_owned())
    }
}

fn is_same(one: Place, other: Place) -> bool {
    (one.partition, one.position) == (other.partition, other.position)
}

/// All updates of a run, by their comments.
pub(super) struct Ledger {
    sent: Mutex<BTreeMap<String, Sent>>,
    seen: Mutex<Vec<(String, NaiveDateTime)>>,
    file: Mutex<File>,
}

impl Ledger {
    /// An empty one, which also writes to this file.
    pub(super) fn new(file: &Path) -> Self {
        Self { sent: Mutex::default(), seen: Mutex::default(), file: Mutex::new(File::create(file).unwrap()) }
    }

    /// Notes an update before it is sent.
    pub(super) fn send(&self, comment: &str, flight: i32, departure: NaiveDateTime) {
        writeln!(self.file.lock().unwrap(), "{comment} flight {flight} to {departure}").unwrap();
        self.sent().insert(comment.to_owned(), Sent { flight, departure, answers: Vec::new() });
    }

    /// Notes what was answered.
    pub(super) fn hear(&self, comment: &str, answer: Answer) {
        writeln!(self.file.lock().unwrap(), "{comment} {answer:?}").unwrap();
        self.sent().get_mut(comment).unwrap().answers.push(answer);
    }

    /// Notes which departure its flight had when it was read after this update was acknowledged.
    pub(super) fn see(&self, comment: &str, departure: NaiveDateTime) {
        writeln!(self.file.lock().unwrap(), "{comment} then read {departure}").unwrap();
        self.seen.lock().unwrap().push((comment.to_owned(), departure));
    }

    /// What was read after which update.
    pub(super) fn seen(&self) -> MutexGuard<'_, Vec<(String, NaiveDateTime)>> {
        self.seen.lock().unwrap()
    }

    /// All updates.
    pub(super) fn sent(&self) -> MutexGuard<'_, BTreeMap<String, Sent>> {
        self.sent.lock().unwrap()
    }

    /// The counts.
    pub(super) fn summary(&self) -> String {
        let sent = self.sent();
        let acknowledged = sent.values().filter(|sent| sent.place().is_some()).count();
        let doubtful: Vec<&Sent> = sent.values().filter(|sent| sent.was_doubtful()).collect();
        let queued = doubtful.iter().filter(|sent| sent.place().is_some_and(|place| place.is_known)).count();
        let answers = || sent.values().flat_map(|sent| &sent.answers);
        let known = answers().filter(|answer| matches!(answer, Answer::Acknowledged(place) if place.is_known)).count();
        let unreached = answers().filter(|answer| **answer == Answer::Unreached).count();
        let unknown = answers().filter(|answer| **answer == Answer::Unknown).count();
        format!(
            "{acknowledged} acknowledged; {} with an unknown outcome ({unknown} times), {queued} of them queued; \
             {known} known again; {unreached} times not reached; {} read without their entry",
            doubtful.len(),
            self.seen().len()
        )
    }
}
