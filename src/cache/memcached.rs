//! The cache on a Memcached server.
//!
//! Memcached has no scripts, but every item has a number that changes with it, and a change can be made to depend on that
//! number (compare-and-swap). So a settle reads, decides, and changes only what it has read; if somebody was faster, it looks
//! again. Each decision is atomic, as if it had been taken in the server.

mod lifetime;
mod report;
mod text;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use memcache::exp::{AsyncMetaClient, Error as Refusal, GetResult, GetStatus, Meta, MutationResult};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::decide::{decide, permits};
use super::{
    Cache, Content, Counted, Entry, Facts, Inventory, Lease, Look, Over, Persistence, Settings, Settle, Settled,
};
use crate::error::{Error, Peer, Result};
use crate::flight::FlightId;
use crate::hop::{self, Sent};

/// How many connections there may be: the client uses one for each command in flight, and the others wait for it.
const CONNECTIONS: usize = 64;

/// How long a busy server is left alone before it is asked again.
const PAUSE: Duration = Duration::from_millis(5);

/// A cache on a Memcached server.
pub(super) struct Memcached {
    peer: Arc<Peer>,
    host: String,
    port: u16,
    timeout: Duration,
    client: OnceCell<AsyncMetaClient>,
}

/// What stands in a key, with the number that a change of it must name.
struct Standing {
    bytes: Vec<u8>,
    cas: u64,
}

impl Memcached {
    /// A client that connects at its first command.
    ///
    /// # Errors
    /// When the connection is to be encrypted or to log in: the client can do neither, and must not pretend to.
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        if settings.tls {
            return Err(Error::usage(
                "Memcached is reached without encryption here",
                "unset CACHE_TLS, or use a Redis or Valkey server",
            ));
        }
        if settings.user.is_some() || settings.password.is_some() {
            return Err(Error::usage(
                "Memcached is reached without a log-in here",
                "unset CACHE_USER and CACHE_PASSWORD, or use a Redis or Valkey server",
            ));
        }
        let (host, port) = (settings.host.clone(), settings.port);
        let peer = Arc::new(settings.peer("cache"));
        Ok(Self { peer, host, port, timeout: settings.timeout, client: OnceCell::new() })
    }

    async fn client(&self) -> Result<&AsyncMetaClient> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let connect = || async {
            let builder = AsyncMetaClient::builder()
                .connect_timeout(Some(self.timeout))
                .io_timeout(Some(self.timeout))
                .max_idle(CONNECTIONS)
                .max_connections(Some(CONNECTIONS));
            let connecting = builder.connect_async((self.host.clone(), self.port));
            connecting.await.map_err(|refusal| self.explain("connection", refusal))
        };
        // This looks up the host's name, which the client's own limits do not cover, or waits for another command that does.
        timeout(self.timeout, self.client.get_or_try_init(connect)).await.unwrap_or_else(|_| Err(self.timed_out()))
    }

    async fn standing(&self, operation: &'static str, key: &str) -> Result<Option<Standing>> {
        hop::sent(|| Sent::command(format!("mg {key} v f c")));
        let read = self.client().await?.get(key).meta(Meta::NONE.cas()).send().await;
        let read = read.map_err(|refusal| self.explain(operation, refusal))?;
        let cas = read.item.cas.unwrap_or_default();
        Ok(bytes(read).map(|bytes| Standing { bytes, cas }))
    }

    /// Stores `text`; with `cas`, only in the place of the item of that number.
    async fn store(&self, operation: &'static str, key: &str, text: &str, ttl: u32, cas: Option<u64>) -> Result<bool> {
        hop::sent(|| {
            let condition = cas.map(|cas| format!(" C{cas}")).unwrap_or_default();
            Sent::command(format!("ms {key} {} T{ttl}{condition} {text}", text.len()))
        });
        let mut request = self.client().await?.set(key, text).ttl_raw(ttl);
        if let Some(cas) = cas {
            request = request.compare_cas(cas);
        }
        self.applied(operation, request.send().await)
    }

    /// Stores `text` where nothing stands.
    async fn add(&self, operation: &'static str, key: &str, text: &str, ttl: u32) -> Result<bool> {
        hop::sent(|| Sent::command(format!("ms {key} {} ME T{ttl} {text}", text.len())));
        self.applied(operation, self.client().await?.set(key, text).ttl_raw(ttl).add().send().await)
    }

    /// Deletes; with `cas`, only the item of that number.
    async fn remove(&self, operation: &'static str, key: &str, cas: Option<u64>) -> Result<bool> {
        hop::sent(|| {
            let condition = cas.map(|cas| format!(" C{cas}")).unwrap_or_default();
            Sent::command(format!("md {key}{condition}"))
        });
        let mut request = self.client().await?.delete(key);
        if let Some(cas) = cas {
            request = request.compare_cas(cas);
        }
        self.applied(operation, request.send().await)
    }

    /// One attempt to settle; `None` when somebody changed the key between the look at it and the change of it.
    async fn try_settle(&self, key: &str, lease: &Lease, settle: &Settle) -> Result<Option<Settled>> {
        let standing = self.standing("settle", key).await?;
        let cas = standing.as_ref().map(|standing| standing.cas);
        let settled = decide(standing.as_ref().map(|standing| standing.bytes.as_slice()), lease, settle);
        let is_done = match (settled, settle) {
            (Settled::Put, Settle::Put(content, ttl)) => {
                self.store("settle", key, &content.encode(), lifetime::of_value(*ttl), cas).await?
            }
            (Settled::Deleted | Settled::Voided, _) => self.remove("settle", key, cas).await?,
            _ => true,
        };
        Ok(is_done.then_some(settled))
    }

    fn applied(&self, operation: &'static str, result: Result<MutationResult, Refusal>) -> Result<bool> {
        result.map(|result| result.applied()).map_err(|refusal| self.explain(operation, refusal))
    }

    async fn ask<T>(&self, command: &'static str, keep: impl FnMut(&str) -> Option<T>) -> Result<Vec<T>> {
        hop::sent(|| Sent::command(command));
        let answer = text::ask(&self.host, self.port, self.timeout, command, keep).await;
        answer.map_err(|refusal| self.explain("query of its state", refusal))
    }

    /// The lines of all entries, of which `keep` takes what is wanted.
    async fn list<T>(&self, keep: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
        // The server lists its keys for one client at a time, and goes through them by itself now and then: while it does, it
        // answers BUSY, and is asked again until the timeout is used up.
        let mut patience = self.timeout;
        // By the hash table: by the lists of `all`, an entry that the server moves from one to another meanwhile is left out.
        let mut command = "lru_crawler metadump hash";
        loop {
            match self.ask(command, &keep).await {
                Err(error) if text::is_busy(&error) && !patience.is_zero() => {
                    tokio::time::sleep(PAUSE).await;
                    patience = patience.saturating_sub(PAUSE);
                }
                // A server that does not know that way yet has only the other.
                Err(Error::Rejected { .. }) if command.ends_with("hash") => command = "lru_crawler metadump all",
                answer => break answer,
            }
        }
    }

    fn timed_out(&self) -> Error {
        Error::TimedOut { peer: Arc::clone(&self.peer), limit: self.timeout }
    }

    fn explain(&self, operation: &'static str, refusal: Refusal) -> Error {
        let peer = Arc::clone(&self.peer);
        match refusal {
            // That the request may have landed does not matter here: whatever lands late meets the tokens.
            Refusal::Ambiguous { source, .. } => self.explain(operation, *source),
            Refusal::Timeout { .. } => self.timed_out(),
            Refusal::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => self.timed_out(),
            Refusal::Io(error) => Error::Unreachable { peer, cause: Box::new(error) },
            // Another program listens there.
            error @ Refusal::Protocol(_) => Error::Unreachable { peer, cause: Box::new(error) },
            Refusal::Rejected(said) if said.contains("unauthenticated") => {
                Error::LoginRefused { peer, cause: said.into() }
            }
            other => Error::Rejected { peer, operation, cause: Box::new(other) },
        }
    }
}

#[async_trait]
impl Cache for Memcached {
    fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    async fn ping(&self) -> Result<()> {
        hop::sent(|| Sent::command("mn"));
        self.client().await?.noop().await.map_err(|refusal| self.explain("ping", refusal))
    }

    async fn get(&self, id: FlightId) -> Result<Entry> {
        let key = id.key();
        hop::sent(|| Sent::command(format!("mg {key} v f")));
        let read = self.client().await?.get(key).send().await.map_err(|refusal| self.explain("read", refusal))?;
        Ok(bytes(read).map_or(Entry::Absent, |bytes| Entry::decode(id, &bytes)))
    }

    async fn look(&self, id: FlightId) -> Result<Look> {
        let key = id.key();
        hop::sent(|| Sent::command(format!("mg {key} v f t")));
        let read = self.client().await?.get(&key).meta(Meta::NONE.ttl()).send().await;
        let read = read.map_err(|refusal| self.explain("read", refusal))?;
        let left = read.item.ttl.and_then(lifetime::at_least);
        Ok(bytes(read).map_or_else(Look::absent, |bytes| Look::of(id, bytes, left)))
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        let (key, token) = (id.key(), lease.encode());
        // What is within a value guards nothing: it ends when the value would have ended.
        let ttl = if lease.is_within_a_value() { lifetime::of_value(ttl) } else { lifetime::of_lease(ttl) };
        match over {
            Over::Nothing => self.add("lease", &key, &token, ttl).await,
            Over::Anything => self.store("lease", &key, &token, ttl, None).await,
            Over::Exactly(_) => match self.standing("lease", &key).await? {
                Some(standing) if permits(over, Some(&standing.bytes)) => {
                    self.store("lease", &key, &token, ttl, Some(standing.cas)).await
                }
                _ => Ok(false),
            },
        }
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        let key = id.key();
        let attempts = async {
            loop {
                if let Some(settled) = self.try_settle(&key, lease, settle).await? {
                    return Ok(settled);
                }
            }
        };
        timeout(self.timeout, attempts).await.unwrap_or_else(|_| Err(self.timed_out()))
    }

    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()> {
        self.store("storing", &id.key(), &content.encode(), lifetime::of_value(ttl), None).await.map(drop)
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        self.remove("deletion", &id.key(), None).await
    }

    async fn remaining(&self, id: FlightId) -> Result<Option<Duration>> {
        let key = id.key();
        hop::sent(|| Sent::command(format!("mg {key} t")));
        let read = self.client().await?.get(&key).meta(Meta::NONE.ttl()).send().await;
        let read = read.map_err(|refusal| self.explain("look at a lifetime", refusal))?;
        // -1: it does not expire.
        Ok(read.item.ttl.and_then(|left| u64::try_from(left).ok()).map(Duration::from_secs))
    }

    async fn ids(&self) -> Result<Vec<FlightId>> {
        let mut ids = self.list(text::flight).await?;
        ids.sort_unstable();
        // A walk may meet a key twice.
        ids.dedup();
        Ok(ids)
    }

    async fn facts(&self) -> Result<Facts> {
        let mut facts = self.ask("stats", text::statistic).await?;
        facts.extend(self.ask("stats settings", text::statistic).await?);
        let fact = |name: &str| facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        Ok(Facts {
            version: fact("version").unwrap_or("unknown").to_owned(),
            persistence: Persistence::None,
            // With `-M` it drops nothing: it refuses what does not fit.
            eviction: Some(if fact("evictions") == Some("off") { "none" } else { "lru" }.to_owned()),
            memory_limit: fact("limit_maxbytes").and_then(|bytes| bytes.parse().ok()),
            servers: Vec::new(),
            needs_every_slot: None,
        })
    }

    async fn statistics(&self) -> Result<Counted> {
        Ok(Counted::from(report::statistics(&self.ask("stats", text::statistic).await?)))
    }

    async fn inventory(&self) -> Result<Inventory> {
        // By the server's own clock: entries end by it.
        let report = self.ask("stats", text::statistic).await?;
        let listed = self.list(report::item).await?;
        Ok(report::inventory(&report, listed))
    }

    async fn incarnation(&self) -> Result<Option<String>> {
        Ok(None)
    }
}

fn bytes(read: GetResult) -> Option<Vec<u8>> {
    match read.status {
        GetStatus::Miss => None,
        _ => Some(read.value.unwrap_or_default()),
    }
}
