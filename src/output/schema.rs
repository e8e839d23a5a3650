//! Holds the committed schemas against what is written: `schema/events.json` against the events, `schema/report.json` against
//! the report of a bench.
//!
//! They are generated from the types; `UPDATE_SCHEMA=1 cargo test --lib schema` writes them anew after a change.

use std::path::Path;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use super::{json, samples};
use crate::bench::Report;
use crate::demo::Event;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema");

fn generated<T: JsonSchema>() -> String {
    // What is described is what is written, not what would be accepted.
    let schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

#[expect(clippy::disallowed_methods, reason = "the one switch of a test, not a setting of the program")]
fn is_committed(name: &str, generated: &str) {
    let path = Path::new(COMMITTED).join(name);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(COMMITTED).unwrap();
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == generated, "schema/{name} is out of date: UPDATE_SCHEMA=1 cargo test --lib schema");
}

#[test]
fn the_committed_schema_is_that_of_the_events() {
    is_committed("events.json", &generated::<Event>());
}

#[test]
fn the_committed_schema_is_that_of_the_reports() {
    is_committed("report.json", &generated::<Report>());
}

#[test]
fn every_report_is_as_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&generated::<Report>()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let reports = samples::benches().into_iter().chain(samples::hostile()).filter_map(|event| match event {
        Event::Bench(report) => Some(report),
        _ => None,
    });
    let reports: Vec<_> = reports.map(|report| serde_json::to_value(report).unwrap()).collect();
    assert!(reports.len() > 1);
    for written in &reports {
        let faults: Vec<_> = validator.iter_errors(written).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
    }
    for (at, wrong) in
        [("/form", "one".into()), ("/outcomes/0/subject", "redis".into()), ("/host", serde_json::Value::Null)]
    {
        let mut broken = reports[0].clone();
        *broken.pointer_mut(at).unwrap() = wrong;
        assert!(!validator.is_valid(&broken), "the schema accepts anything at {at}");
    }
}

#[test]
fn every_event_is_as_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(&generated::<Event>()).unwrap();
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
