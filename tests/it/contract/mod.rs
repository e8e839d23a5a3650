//! What every implementation of a trait must do, whatever is behind it: one body for each sentence of the trait's documentation,
//! stamped for every implementation.

mod cache;
mod database;
mod queue;
