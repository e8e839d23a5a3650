//! Reads what `--format json` writes, so that every test that does holds each line against the committed schema.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use super::command::Output;

const SCHEMA: &str = include_str!("../../../schema/events.json");

/// The events of one run, in order.
pub struct Events(Vec<Value>);

impl Events {
    /// Those of a finished command; panics where a line is not an event as the schema says, or there is no end.
    pub fn of(output: &Output) -> Self {
        static VALIDATOR: OnceLock<Validator> = OnceLock::new();
        let validator = VALIDATOR.get_or_init(|| {
            let schema = serde_json::from_str(SCHEMA).expect("the committed schema is JSON");
            jsonschema::validator_for(&schema).expect("the committed schema is one")
        });
        let events: Vec<Value> = output
            .stdout
            .lines()
            .map(|line| {
                let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                let faults: Vec<String> = validator.iter_errors(&event).map(|fault| fault.to_string()).collect();
                assert!(faults.is_empty(), "{line}\n{faults:?}");
                event
            })
            .collect();
        let end = events.last().unwrap_or_else(|| panic!("nothing was written: {output:?}"));
        assert_eq!(end["event"], "end", "{output:?}");
        assert_eq!(end["exit_code"].as_i64(), output.code.map(i64::from), "{output:?}");
        assert_eq!(end["held"], Value::Bool(output.code == Some(0)), "{output:?}");
        Self(events)
    }

    /// Every event of this name.
    pub fn named(&self, name: &str) -> Vec<&Value> {
        self.0.iter().filter(|event| event["event"] == name).collect()
    }

    /// The only event of this name.
    pub fn one(&self, name: &str) -> &Value {
        let found = self.named(name);
        assert_eq!(found.len(), 1, "{name}: {:#?}", self.0);
        found[0]
    }

    /// What happened, a line each: everything but beginning, hops and end, and nothing that differs from run to run.
    pub fn story(&self) -> Vec<String> {
        self.0.iter().filter_map(told).collect()
    }
}

fn told(event: &Value) -> Option<String> {
    let word = |name: &str| match &event[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let flag = |name: &str, when: bool, word: &str| if event[name] == when { word } else { "" }.to_owned();
    Some(match event["event"].as_str().expect("the schema asks for it") {
        "step" => format!("{} {}", word("number"), word("title")),
        "read" => format!("read {} {}", word("lookup"), word("source")),
        "update" => format!("update {} {}{}", word("durability"), word("cache"), flag("restores", true, " back")),
        "consistency" => format!("compare {}{}", word("verdict"), flag("expected", false, " unexpected")),
        "queue" if event["drained"].is_null() => format!("queue {} of {}", word("length"), word("flights")),
        "queue" => {
            let drained = &event["drained"];
            let [before, updates, flights] = ["before", "updates", "flights"].map(|name| &drained[name]);
            format!("drained {before} to {}: {updates} updates of {flights} flights", word("length"))
        }
        "summary" => {
            let figures = event["figures"].as_array().expect("the schema asks for it");
            let figures = figures.iter().map(|figure| format!("{} {}", figure["samples"], figure["what"]));
            format!("measured {}", figures.collect::<Vec<_>>().join(", "))
        }
        "refresh" => format!("refresh {}", word("refreshed")),
        "finding" => format!("found {} {}", word("level"), word("about")),
        "entry" => format!("entry {}", word("state")),
        "reconciled" => format!("dropped {} of {}", word("dropped"), word("changed")),
        "note" => format!("note {} {}", word("level"), word("text")),
        "error" => format!("error {}", word("message")),
        _ => return None,
    })
}
