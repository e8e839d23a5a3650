//! The few questions that Memcached answers in its older text protocol only: which keys there are, and how it is set up.
//!
//! Each question has a connection of its own: its answer may be long, and no read of a flight is to wait behind it.

use std::io;
use std::time::Duration;

use memcache::exp::{Error as Refusal, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::error::Error;
use crate::flight::FlightId;

/// More than any line of an answer: a key has at most 250 characters, each of up to three in its encoding.
const LONGEST_LINE: u64 = 4096;

/// Sends a command and reads the lines up to `END`, of which `keep` takes what is wanted. No silence lasts longer than `limit`.
pub(super) async fn ask<T>(
    host: &str,
    port: u16,
    limit: Duration,
    command: &str,
    mut keep: impl FnMut(&str) -> Option<T>,
) -> Result<Vec<T>> {
    let mut stream = within(limit, TcpStream::connect((host, port))).await?;
    within(limit, stream.write_all(format!("{command}\r\n").as_bytes())).await?;
    let mut reader = BufReader::new(stream);
    let mut kept = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        within(limit, (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line)).await?;
        if !line.ends_with(b"\n") {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_ascii_end();
        match text.split(' ').next() {
            Some("END") => return Ok(kept),
            Some("ERROR" | "CLIENT_ERROR" | "SERVER_ERROR" | "BUSY") => return Err(Refusal::Rejected(text.to_owned())),
            _ => kept.extend(keep(text)),
        }
    }
}

/// Whether the server refused only for the moment.
pub(super) fn is_busy(error: &Error) -> bool {
    let Error::Rejected { cause, .. } = error else { return false };
    matches!(cause.downcast_ref(), Some(Refusal::Rejected(said)) if said.starts_with("BUSY"))
}

/// The flight of a line such as `key=flight%3A115 exp=1763636400 la=…`, if it is one.
pub(super) fn flight(line: &str) -> Option<FlightId> {
    let (field, _) = line.split_once(' ')?;
    let (_, key) = url::form_urlencoded::parse(field.as_bytes()).find(|(name, _)| name == "key")?;
    FlightId::from_key(&key)
}

/// The name and the value of a line such as `STAT version 1.6.18`.
pub(super) fn statistic(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("STAT ")?.split_once(' ')?;
    Some((name.to_owned(), value.to_owned()))
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(limit, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
