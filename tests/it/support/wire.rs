//! Speaks to a cache as somebody else's program would: past the program under test, with any key and any content.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::server::{Kind, Server};

/// What stands under a key; `None`: nothing.
pub fn get(server: &Server, key: &str) -> Option<String> {
    let answer = ask(server, &format!("GET {key}"), &format!("get {key}"));
    let mut lines = answer.lines();
    match lines.next() {
        None | Some("END" | "$-1") => None,
        // The line before it says how long it is.
        Some(_) => lines.next().map(str::to_owned),
    }
}

/// Puts content without blanks and quotes of its own kind under a key.
pub fn set(server: &Server, key: &str, content: &str) {
    let redis = format!("*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n${}\r\n{content}", key.len(), content.len());
    let answer = ask(server, &redis, &format!("set {key} 0 0 {}\r\n{content}", content.len()));
    assert!(answer.starts_with("+OK") || answer.starts_with("STORED"), "{answer}");
}

/// Has a Redis or Valkey server do something, as `redis-cli` does.
pub fn order(server: &Server, command: &str) {
    let answer = ask(server, command, "");
    assert!(answer.starts_with("+OK"), "{command}: {answer}");
}

fn ask(server: &Server, redis: &str, memcached: &str) -> String {
    let question = if server.kind() == Kind::Memcached { memcached } else { redis };
    let mut connection = TcpStream::connect((server.host(), server.port())).expect("the cache runs");
    connection.write_all(format!("{question}\r\n").as_bytes()).expect("the cache listens");
    let mut answer = [0; 4096];
    // Small enough to come in one piece.
    let length = connection.read(&mut answer).expect("the cache answers");
    String::from_utf8_lossy(&answer[..length]).into_owned()
}
