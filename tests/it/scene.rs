//! The program with a database and a cache around it, and what a failure of it must look like.
//!
//! Every failure is looked at twice, as text and as JSON: both must tell the same, and neither may tell a password.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::command::{Cachedemo, Output};
use crate::support::server::{DATABASE, Kind, PASSWORD, Server};

/// A password that is refused everywhere, and must never be seen.
pub(crate) const WRONG_PASSWORD: &str = "not-the-password";

/// Settings and a home folder, shared by all commands of a test.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) home: Arc<TempDir>,
    settings: BTreeMap<String, String>,
}

impl Scene {
    /// Nothing is set: the embedded database and the memory cache.
    pub(crate) fn embedded() -> Self {
        Self { home: Cachedemo::new().home(), settings: BTreeMap::new() }
    }

    /// The same with one more setting, or another value of one.
    pub(crate) fn set(&self, name: &str, value: impl ToString) -> Self {
        let mut scene = self.clone();
        scene.settings.insert(name.to_owned(), value.to_string());
        scene
    }

    /// The same with this server as its database or cache.
    pub(crate) fn on(&self, server: &Server) -> Self {
        let kind = server.kind();
        if kind.is_database() {
            return self
                .set("DB_ENGINE", engine(kind))
                .set("DB_HOST", server.host())
                .set("DB_PORT", server.port())
                .set("DB_USER", server.user())
                .set("DB_PASSWORD", server.password())
                .set("DB_NAME", DATABASE);
        }
        let scene = self
            .set("CACHE_ENGINE", engine(kind))
            .set("CACHE_HOST", server.host())
            .set("CACHE_PORT", server.port())
            // A busy machine must not look like an outage.
            .set("CACHE_TIMEOUT", "10s");
        if server.password().is_empty() { scene } else { scene.set("CACHE_PASSWORD", server.password()) }
    }

    /// A command that is typed as these words.
    pub(crate) fn command(&self, words: &[&str]) -> Cachedemo {
        // A terminal's colours would stand between the words that are looked for.
        let command = Cachedemo::new().with_home(&self.home).args(words).env("NO_COLOR", "1");
        self.settings.iter().fold(command, |command, (name, value)| command.env(name, value))
    }

    /// Runs a line of words without blanks in them.
    pub(crate) fn run(&self, line: &str) -> Output {
        self.command(&line.split(' ').collect::<Vec<_>>()).run()
    }

    /// Runs a line that must succeed, and gives what it showed.
    pub(crate) fn succeed(&self, line: &str) -> String {
        let output = self.run(line);
        assert_eq!(output.code, Some(0), "{line}\n{}\n{}", output.stdout, output.stderr);
        assert_eq!(output.stderr, "", "{line}");
        output.stdout
    }

    /// Runs a line and gives its exit code and its events.
    pub(crate) fn events(&self, line: &str) -> (Option<i32>, Vec<Value>) {
        self.events_of(&line.split(' ').collect::<Vec<_>>())
    }

    /// As [`Scene::events`], for words with blanks.
    pub(crate) fn events_of(&self, words: &[&str]) -> (Option<i32>, Vec<Value>) {
        let output = self.command(&[words, &["--format", "json"]].concat()).run();
        assert_eq!(output.stderr, "", "{words:?} --format json writes nothing there");
        (output.code, parsed(&output.stdout))
    }

    /// Runs a line as text and as JSON: it must fail with this code and say all this, with a hint that says that.
    pub(crate) fn fails(&self, line: &str, code: i32, says: &[&str], hints: &str) {
        self.fails_with(&line.split(' ').collect::<Vec<_>>(), code, says, hints);
    }

    /// As [`Scene::fails`], for words with blanks.
    pub(crate) fn fails_with(&self, words: &[&str], code: i32, says: &[&str], hints: &str) {
        let text = self.command(words).run();
        let all = format!("{words:?} {:?}\n{}\n{}", text.code, text.stdout, text.stderr);
        assert_eq!(text.code, Some(code), "{all}");
        assert!(text.stderr.starts_with("error: "), "{all}");
        let (message, hint) = text.stderr.split_once("\n\nhint: ").unwrap_or_else(|| panic!("no hint: {all}"));
        let (message, hint) = (on_one_line(message), on_one_line(hint));
        for said in says {
            assert!(message.contains(said), "no {said:?}: {all}");
        }
        assert!(hint.contains(hints), "no {hints:?} in the hint: {all}");
        assert_no_secret(&all);

        let json = self.command(&[words, &["--format", "json"]].concat()).run();
        let all = format!("{words:?} {:?}\n{}\n{}", json.code, json.stdout, json.stderr);
        assert_eq!((json.code, json.stderr.as_str()), (Some(code), ""), "{all}");
        let events = parsed(&json.stdout);
        let error = of(&events, "error").next().unwrap_or_else(|| panic!("no error event: {all}"));
        assert_eq!(error["exit_code"], code, "{all}");
        let told = format!("error: {} {}", error["message"], error["causes"]);
        for said in says {
            let quoted = said.replace('"', "\\\"").replace(" caused by:", "");
            assert!(told.contains(&quoted), "no {said:?}: {all}");
        }
        assert!(error["hint"].as_str().is_some_and(|hint| hint.contains(hints)), "no {hints:?} in the hint: {all}");
        assert_no_secret(&all);
    }
}

/// What `DB_ENGINE` or `CACHE_ENGINE` calls it.
pub(crate) fn engine(kind: Kind) -> &'static str {
    if kind == Kind::Postgres { "postgresql" } else { kind.name() }
}

/// What a message calls it.
pub(crate) fn product(kind: Kind) -> &'static str {
    match kind {
        Kind::MariaDb => "MariaDB",
        Kind::MySql => "MySQL",
        Kind::Postgres => "PostgreSQL",
        Kind::Redis => "Redis",
        Kind::Valkey => "Valkey",
        Kind::Memcached => "Memcached",
    }
}

/// One JSON value a line.
pub(crate) fn parsed(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The events of one kind.
pub(crate) fn of<'a>(events: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["event"] == kind)
}

/// Text as it was before it was wrapped.
pub(crate) fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assert_no_secret(text: &str) {
    for secret in [PASSWORD, WRONG_PASSWORD] {
        assert!(!text.contains(secret), "a password is shown: {text}");
    }
}
