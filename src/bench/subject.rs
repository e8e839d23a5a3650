//! What is measured: a pattern, or the database alone, which every pattern is held against.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::pattern::PatternKind;

/// One of the things that are measured side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Named", into = "Named")]
#[schemars(with = "Named")]
pub enum Subject {
    /// The database alone, without a cache.
    None,
    /// A pattern.
    Pattern(PatternKind),
}

/// A subject as it is typed and written: `none` or the pattern's name.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", untagged)]
#[schemars(rename = "Subject")]
enum Named {
    None(Nothing),
    Pattern(PatternKind),
}

#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
enum Nothing {
    None,
}

impl From<Named> for Subject {
    fn from(named: Named) -> Self {
        match named {
            Named::None(Nothing::None) => Self::None,
            Named::Pattern(kind) => Self::Pattern(kind),
        }
    }
}

impl From<Subject> for Named {
    fn from(subject: Subject) -> Self {
        match subject {
            Subject::None => Self::None(Nothing::None),
            Subject::Pattern(kind) => Self::Pattern(kind),
        }
    }
}

impl Subject {
    /// All of them, in the order in which they are measured and listed.
    #[must_use]
    pub fn all() -> Vec<Self> {
        std::iter::once(Self::None).chain(PatternKind::ALL.map(Self::Pattern)).collect()
    }

    /// The pattern, if it is one.
    #[must_use]
    pub fn pattern(self) -> Option<PatternKind> {
        match self {
            Self::None => None,
            Self::Pattern(kind) => Some(kind),
        }
    }

    /// What is typed to choose it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pattern(kind) => kind.name(),
        }
    }
}
