//! What a bench reports is what happened, and what it leaves is what it found.
//!
//! Figures are held against workloads of which they are known beforehand, and against what the database itself says. Nothing
//! here depends on how fast the machine is: a time is only ever a lower bound that a delay on purpose sets.

mod asked;
mod counts;
mod cut_short;
mod faults;
mod ground;
mod pace;
mod put_back;
mod refused;
mod stale;
