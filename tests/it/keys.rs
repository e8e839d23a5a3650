//! The program's own keys and everybody else's, and passwords that no output may repeat.

mod others;
mod secrets;
