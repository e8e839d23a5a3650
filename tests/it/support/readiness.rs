//! Asks a server in its own protocol whether it serves, because an open port does not mean that.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use super::kinds::Kind;
use super::tls;

/// The answer to one small question; `None` when there is none within `limit` or it is a refusal.
pub fn ask(kind: Kind, port: u16, limit: Duration) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    converse(kind, &mut stream)
}

/// The same over a verified TLS connection, for servers that speak TLS from the first byte.
pub fn ask_over_tls(kind: Kind, file: &Path, port: u16, limit: Duration) -> Option<String> {
    let mut stream = tls::connect(file, port, limit).ok()?;
    converse(kind, &mut stream)
}

fn converse(kind: Kind, stream: &mut (impl Read + Write)) -> Option<String> {
    let question: &[u8] = match kind {
        // These two greet first.
        Kind::MariaDb | Kind::MySql => b"",
        // Protocol 3.0: length, version, then the user's name.
        Kind::Postgres => b"\0\0\0\x17\0\x03\0\0user\0postgres\0\0",
        Kind::Redis | Kind::Valkey => b"PING\r\n",
        Kind::Memcached => b"version\r\n",
    };
    stream.write_all(question).ok()?;
    let mut answer = [0; 256];
    let length = stream.read(&mut answer).ok()?;
    let answer = &answer[..length];
    let is_ready = match kind {
        // A four-byte header, then protocol version ten; an error packet has 255 there.
        Kind::MariaDb | Kind::MySql => answer.get(4) == Some(&10),
        // A request for authentication, or the refusal (28000) of a server that insists on TLS.
        // Any other error is one such as "starting up".
        Kind::Postgres => answer.first() == Some(&b'R') || answer.windows(7).any(|part| part == b"C28000\0"),
        Kind::Redis | Kind::Valkey => answer.starts_with(b"+PONG") || answer.starts_with(b"-NOAUTH"),
        Kind::Memcached => answer.starts_with(b"VERSION"),
    };
    is_ready.then(|| String::from_utf8_lossy(answer).into_owned())
}
