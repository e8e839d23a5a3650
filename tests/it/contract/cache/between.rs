//! A proxy between a cache and its server: it keeps what the cache says, and lets a test act before the server hears it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Called with what the cache says, before it is passed on.
type Before = dyn Fn(&str) + Send + Sync;

pub(super) struct Between {
    /// Where the cache is to connect.
    pub(super) port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Between {
    /// Passes everything on to the server at `port`.
    pub(super) async fn listen(port: u16, before: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let between = Self { port: listener.local_addr().unwrap().port(), heard: Arc::default() };
        let (heard, before) = (Arc::clone(&between.heard), Arc::new(before) as Arc<Before>);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
                pass(client, server, &heard, &before);
            }
        });
        between
    }

    /// What the cache has said since it was last asked for.
    pub(super) fn heard(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.heard.lock().unwrap())).unwrap()
    }
}

fn pass(client: TcpStream, server: TcpStream, heard: &Arc<Mutex<Vec<u8>>>, before: &Arc<Before>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (heard, before) = (Arc::clone(heard), Arc::clone(before));
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
            before(&String::from_utf8_lossy(&buffer[..length]));
            heard.lock().unwrap().extend_from_slice(&buffer[..length]);
            to_server.write_all(&buffer[..length]).await.unwrap();
        }
    });
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
}
