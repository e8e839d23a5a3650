//! Holds the committed `schema/events.json` against the events: what it says is what is written.
//!
//! The schema is generated from the types; `UPDATE_SCHEMA=1 cargo test schema` writes it anew after a change.

use std::path::Path;

use schemars::generate::SchemaSettings;

use super::{json, samples};
use crate::demo::Event;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/events.json");

fn generated() -> String {
    // What is described is what is written, not what would be accepted.
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Event>();
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the one switch of a test, not a setting of the program")]
fn the_committed_schema_is_that_of_the_events() {
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(Path::new(COMMITTED).parent().unwrap()).unwrap();
        std::fs::write(COMMITTED, generated()).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(committed == generated(), "schema/events.json is out of date: UPDATE_SCHEMA=1 cargo test schema");
}

#[test]
fn every_event_is_as_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&generated()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let variants = schema["oneOf"].as_array().unwrap();
    let names = |value: &serde_json::Value| value["event"].as_str().unwrap().to_owned();
    let mut seen = Vec::new();
    for event in samples::events().iter().chain(&samples::hostile()) {
        let written: serde_json::Value = serde_json::from_str(&json::line(event).unwrap()).unwrap();
        let faults: Vec<_> = validator.iter_errors(&written).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{written}: {faults:?}");
        seen.push(names(&written));
    }
    for variant in variants {
        let name = variant["properties"]["event"]["const"].as_str().unwrap();
        assert!(seen.iter().any(|seen| seen == name), "there is no example of {name}");
    }
    let wrong = serde_json::json!({ "event": "note", "level": "loud", "text": 1 });
    assert!(!validator.is_valid(&wrong), "the schema accepts anything");
}
