//! Text and bytes that somebody else wrote: bound, stored exactly, shown harmless, and never trusted.

mod entry;
mod queue;
mod text;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use crate::support::server::{Kind, Server};

/// Everything that acts on a terminal, hides, ends a string, or is a statement.
const HOSTILE: [&str; 7] = [
    "\u{1b}[2J\u{1b}]0;title\u{7}gone",
    "two\nlines\r\nand\ta tab",
    "\u{202e}gnp.exe\u{202c}\u{200b}",
    "\u{9b}31mred\u{7f}",
    "'; DROP TABLE flight; --",
    "\"quoted\" \\ 'single' `back` {\"json\": true} %s {} $1 ?",
    "\u{feff}\u{2028}\u{2066}x\u{2069} \u{1f6eb}",
];

/// Whether a terminal or a parser would be acted upon: what the program itself writes is plain.
fn is_harmless(text: &str) -> bool {
    !text.chars().any(|character| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}

/// Puts bytes into a key of a cache server, past the program.
pub(crate) fn plant(server: &Server, key: &str, bytes: &[u8]) {
    if server.kind() == Kind::Memcached {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
        stream.write_all(format!("set {key} 0 0 {}\r\n", bytes.len()).as_bytes()).unwrap();
        stream.write_all(bytes).unwrap();
        stream.write_all(b"\r\n").unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        assert_eq!(answer, "STORED\r\n");
    } else {
        let () = redis(server, &[b"SET", key.as_bytes(), bytes]);
    }
}

/// Runs a command on a Redis or Valkey server, past the program.
pub(crate) fn redis<T: redis::FromRedisValue>(server: &Server, words: &[impl AsRef<[u8]>]) -> T {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port())).unwrap();
    let mut command = redis::Cmd::new();
    for word in words {
        command.arg(word.as_ref());
    }
    command.query(&mut client.get_connection().unwrap()).unwrap()
}
