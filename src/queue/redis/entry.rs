//! An update as it stands in the stream: two fields, `update` and `flight`, both JSON.
//!
//! Apart, so that the flight is written once: the same text goes into the stream and into the cache.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::flight::{Flight, Update};

/// An entry as the server sends it: its position, then names and values in turn.
pub(super) type Entry = (String, Vec<Vec<u8>>);

/// An update without its flight.
#[derive(Serialize, Deserialize)]
struct Audit<Text> {
    id: Text,
    user: Text,
    comment: Option<Text>,
    made_at: NaiveDateTime,
}

/// The texts of the two fields.
pub(super) fn encode(update: &Update) -> (String, String) {
    let Update { id, flight, user, comment, made_at } = update;
    let audit = Audit { id: id.as_str(), user: user.as_str(), comment: comment.as_deref(), made_at: *made_at };
    let text = serde_json::to_string(&audit).expect("an update is plain data, always serializable");
    (text, serde_json::to_string(flight).expect("a flight is plain data, always serializable"))
}

/// Reads the fields of an entry, or says why that cannot be done.
pub(super) fn decode(fields: &[Vec<u8>]) -> Result<Update, String> {
    let field = |name: &str| {
        let found = fields.chunks_exact(2).find(|pair| pair[0] == name.as_bytes());
        found.map(|pair| pair[1].as_slice()).ok_or_else(|| format!("it has no field `{name}`"))
    };
    let audit: Audit<String> =
        serde_json::from_slice(field("update")?).map_err(|error| format!("it is not an update: {error}"))?;
    let flight: Flight =
        serde_json::from_slice(field("flight")?).map_err(|error| format!("its flight is not one: {error}"))?;
    let Audit { id, user, comment, made_at } = audit;
    Ok(Update { id, flight, user, comment, made_at })
}
