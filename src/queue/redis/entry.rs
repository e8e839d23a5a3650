//! What stands in the streams: an update in two fields, `update` and `flight`, both JSON, and a dead letter with three more.
//!
//! Apart, so that the flight is written once: the same text goes into the stream and into the cache.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::super::{DeadLetter, LetterId, Partition, Sentence};
use crate::flight::{Flight, Position, Update};

/// An entry as the server sends it: its position, then names and values in turn.
pub(super) type Entry = (String, Vec<Vec<u8>>);

/// An update without its flight.
#[derive(Serialize, Deserialize)]
struct Audit<Text> {
    id: Text,
    user: Text,
    comment: Option<Text>,
    #[serde(with = "crate::flight::wall_clock")]
    made_at: NaiveDateTime,
}

/// The texts of the two fields.
pub(super) fn encode(update: &Update) -> (String, String) {
    let Update { id, flight, user, comment, made_at } = update;
    let audit = Audit { id: id.as_str(), user: user.as_str(), comment: comment.as_deref(), made_at: *made_at };
    let text = serde_json::to_string(&audit).expect("an update is plain data, always serializable");
    (text, serde_json::to_string(flight).expect("a flight is plain data, always serializable"))
}

/// The value of the first field of this name.
fn field<'a>(fields: &'a [Vec<u8>], name: &str) -> Option<&'a [u8]> {
    fields.chunks_exact(2).find(|pair| pair[0] == name.as_bytes()).map(|pair| pair[1].as_slice())
}

/// Reads the fields of an entry, or says why that cannot be done.
pub(super) fn decode(fields: &[Vec<u8>]) -> Result<Update, String> {
    let field = |name: &str| field(fields, name).ok_or_else(|| format!("it has no field `{name}`"));
    let audit: Audit<String> =
        serde_json::from_slice(field("update")?).map_err(|error| format!("it is not an update: {error}"))?;
    let flight: Flight =
        serde_json::from_slice(field("flight")?).map_err(|error| format!("its flight is not one: {error}"))?;
    let Audit { id, user, comment, made_at } = audit;
    Ok(Update { id, flight, user, comment, made_at })
}

/// Reads an entry of the stream of dead letters; `at` is its place there.
pub(super) fn decode_letter(partition: Partition, at: Position, fields: &[Vec<u8>]) -> DeadLetter {
    let text = |name: &str| field(fields, name).map(|value| String::from_utf8_lossy(value).into_owned());
    DeadLetter {
        id: LetterId { partition, position: at },
        position: text("position").and_then(|text| Position::parse(&text)).unwrap_or(Position::START),
        update: decode(fields),
        sentence: Sentence {
            reason: text("reason").unwrap_or_default(),
            attempts: text("attempts").and_then(|text| text.parse().ok()).unwrap_or(0),
        },
        buried_at: buried_at(at),
    }
}

/// The place of an entry begins with the server's clock, in milliseconds.
fn buried_at(at: Position) -> DateTime<Utc> {
    i64::try_from(at.major).ok().and_then(DateTime::from_timestamp_millis).unwrap_or(DateTime::UNIX_EPOCH)
}
