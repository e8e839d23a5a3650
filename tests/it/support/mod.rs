//! The harness the tests stand on: real servers, real commands and a real terminal.

pub mod cluster;
pub mod command;
pub mod deadline;
pub mod events;
pub mod guard;
pub mod kinds;
pub mod lab;
pub mod launch;
pub mod port;
pub mod programs;
pub mod readiness;
pub mod server;
pub mod settings;
pub mod sql;
pub mod stack;
pub mod store;
pub mod template;
pub mod terminal;
pub mod tls;
pub mod wire;
