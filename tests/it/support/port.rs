//! Reserves loopback ports, so that servers started at the same time never meet on one.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the range the kernel hands to outgoing connections, which would otherwise take ports away.
const FIRST: u32 = 20_000;
const COUNT: u32 = 10_000;

/// A TCP port nobody else uses for as long as this value lives.
pub struct Port {
    number: u16,
    /// The same UDP port is the lock: it is exclusive between processes and needs no cleaning up.
    _lock: UdpSocket,
}

impl Port {
    /// Takes the next free one.
    pub fn reserve() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Test processes begin far apart, so they seldom try the same port.
        let start = process::id().wrapping_mul(97);
        for _ in 0..COUNT {
            let step = NEXT.fetch_add(1, Ordering::Relaxed);
            let number = u16::try_from(FIRST + start.wrapping_add(step) % COUNT).expect("the range ends below 65536");
            let Ok(lock) = UdpSocket::bind((Ipv4Addr::LOCALHOST, number)) else {
                continue;
            };
            if TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok() {
                return Self { number, _lock: lock };
            }
        }
        panic!("no free port on 127.0.0.1 between {FIRST} and {}", FIRST + COUNT);
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }
}
