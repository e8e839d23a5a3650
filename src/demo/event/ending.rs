//! How a command ended: what went wrong, and the exit code.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::ExitCode;

/// What went wrong.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ErrorSeen {
    /// What failed.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// The exit code that it leads to.
    pub exit_code: u8,
}

/// The end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct End {
    /// Whether everything shown held.
    pub held: bool,
    /// How the process ends.
    pub exit_code: u8,
}

impl End {
    /// The end with this exit code.
    #[must_use]
    pub fn with(code: ExitCode) -> Self {
        Self { held: code == ExitCode::Held, exit_code: code as u8 }
    }
}
