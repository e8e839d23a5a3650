//! The cache on a Redis or Valkey server.
//!
//! `GET`, `SET` and `UNLINK` do what can be done in one command; where a decision depends on what stands in the key, a script
//! takes it in the server (`redis/settle.lua`, `redis/claim.lua`), because between a client's look and its change anything
//! could happen.

mod facts;
mod report;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::try_join_all;
use redis::{Cmd, FromRedisValue, ParsingError, RedisError, Script, Value, cmd};

use super::redis_client::{Owner, words};
use super::statistics::{sample, total};
use super::{
    Cache, Content, Counted, Effect, Entry, Facts, Foreign, Inventory, Lease, Look, Over, RedisClient, Settle, Settled,
    Sizes, Statistics,
};
use crate::error::{Error, Peer, Result};
use crate::flight::FlightId;
use crate::flight::names::Names;
use crate::hop::{self, Sent};

/// How many entries are measured at most: each is a question of its own.
const SAMPLE: usize = 100;

/// A cache on a server that speaks the Redis protocol.
pub(super) struct Redis {
    client: RedisClient,
    settle: Protocol,
    claim: Protocol,
}

/// What of ours is on the servers.
#[derive(Default)]
struct Listed {
    /// The flights that have an entry.
    ids: Vec<FlightId>,
    /// How many keys are the queue's; one that a scan meets twice is counted twice.
    queue_keys: u64,
}

/// A script with the name of its file, by which it is shown.
struct Protocol {
    file: &'static str,
    script: Script,
}

impl Redis {
    /// A cache over this client.
    pub(super) fn new(client: RedisClient) -> Self {
        let settle = Protocol { file: "settle.lua", script: Script::new(include_str!("redis/settle.lua")) };
        let claim = Protocol { file: "claim.lua", script: Script::new(include_str!("redis/claim.lua")) };
        Self { client, settle, claim }
    }

    // Every command of a cache is harmless: a lease or a settle that lands late meets the tokens.
    async fn run<T: FromRedisValue>(&self, id: FlightId, operation: &'static str, command: &Cmd) -> Result<T> {
        hop::sent(|| Sent::command(words(command)));
        self.client.run(self.partition(id), operation, Effect::Harmless, command).await
    }

    fn partition(&self, id: FlightId) -> u32 {
        self.client.names().partition_of(id)
    }

    fn key(&self, id: FlightId) -> String {
        self.client.names().entry(id)
    }

    async fn run_script<T: FromRedisValue>(
        &self,
        operation: &'static str,
        protocol: &Protocol,
        id: FlightId,
        arguments: &[&[u8]],
    ) -> Result<T> {
        let key = self.key(id);
        let mut invocation = protocol.script.key(&key);
        for argument in arguments {
            invocation.arg(*argument);
        }
        hop::sent(|| {
            let digest = &protocol.script.get_hash()[..8];
            let arguments: Vec<_> = arguments.iter().map(|argument| String::from_utf8_lossy(argument)).collect();
            Sent::command(format!("EVALSHA {digest}… {} 1 {key} {}", protocol.file, arguments.join(" ")))
        });
        self.client.script(self.partition(id), operation, Effect::Harmless, &invocation).await
    }

    /// What of ours is there: on all servers, or on those that answer.
    async fn list(&self, is_partial: bool) -> Result<Listed> {
        let mut all = Listed::default();
        for server in self.client.servers().await? {
            match self.list_of(&server, &mut all).await {
                Err(error) if is_partial && error.is_outage() => {}
                listed => listed?,
            }
        }
        // A scan may meet a key twice, and so may two, where a slot moves meanwhile.
        all.ids.sort_unstable();
        all.ids.dedup();
        Ok(all)
    }

    async fn list_of(&self, server: &Owner, all: &mut Listed) -> Result<()> {
        let (names, mut cursor) = (self.client.names(), 0_u64);
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg("flight:*").arg("COUNT").arg(1000);
            let (next, keys): (u64, Vec<Vec<u8>>) = server.run("listing", &scan).await?;
            for key in keys.iter().filter_map(|key| std::str::from_utf8(key).ok()) {
                all.ids.extend(names.flight(key));
                all.queue_keys += u64::from(Names::is_of_queue(key));
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    /// How large some of these entries are; `None` where the account may not ask.
    async fn sizes(&self, ids: &[FlightId]) -> Result<Option<Sizes>> {
        let questions = sample(ids, SAMPLE).map(|id| async {
            self.run::<Option<u64>>(*id, "query of a size", cmd("MEMORY").arg("USAGE").arg(self.key(*id))).await
        });
        match try_join_all(questions).await {
            Ok(answers) => {
                // What is gone by now has no size.
                let sizes: Vec<u64> = answers.into_iter().flatten().collect();
                Ok(Some(Sizes { measured: sizes.len() as u64, bytes: total(&sizes) }))
            }
            Err(Error::Denied { .. } | Error::Rejected { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Cache for Redis {
    fn peer(&self) -> &Arc<Peer> {
        self.client.peer()
    }

    async fn ping(&self) -> Result<()> {
        try_join_all((0..self.client.names().shards()).map(|partition| self.client.reach(partition))).await.map(drop)
    }

    fn shards(&self) -> usize {
        self.client.names().shards() as usize
    }

    fn shard(&self, id: FlightId) -> usize {
        self.client.names().shard(self.partition(id)) as usize
    }

    async fn reach(&self, shard: usize) -> Result<()> {
        self.client.reach(u32::try_from(shard).unwrap_or_default()).await
    }

    async fn get(&self, id: FlightId) -> Result<Entry> {
        match self.run::<Option<Vec<u8>>>(id, "read", &Cmd::get(self.key(id))).await {
            Ok(Some(bytes)) => Ok(Entry::decode(id, &bytes)),
            Ok(None) => Ok(Entry::Absent),
            Err(error) if is_wrong_type(&error) => Ok(Entry::Foreign(another_type())),
            Err(error) => Err(error),
        }
    }

    async fn look(&self, id: FlightId) -> Result<Look> {
        let key = self.key(id);
        let commands = [Cmd::get(&key), cmd("PTTL").arg(&key).take()];
        for command in &commands {
            hop::sent(|| Sent::command(words(command)));
        }
        let partition = self.partition(id);
        match self.client.both::<Option<Vec<u8>>, i64>(partition, "read", Effect::Harmless, commands).await? {
            (Ok(Some(bytes)), left) => Ok(Look::of(id, bytes, lifetime(left?))),
            (Ok(None), _) => Ok(Look::absent()),
            (Err(error), _) if is_wrong_type(&error) => Ok(Look::foreign(another_type())),
            (Err(error), _) => Err(error),
        }
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        let token = lease.encode();
        let milliseconds = milliseconds(ttl);
        let mut set = cmd("SET");
        set.arg(self.key(id)).arg(&token);
        match over {
            Over::Nothing => self.run(id, "lease", set.arg("NX").arg("PX").arg(milliseconds)).await,
            Over::Anything => self.run(id, "lease", set.arg("PX").arg(milliseconds)).await,
            Over::Exactly(bytes) => {
                let milliseconds = milliseconds.to_string();
                let mut arguments = vec![token.as_bytes(), milliseconds.as_bytes()];
                arguments.extend(bytes);
                self.run_script("lease", &self.claim, id, &arguments).await
            }
        }
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        let token = lease.encode();
        match settle {
            Settle::Put(content, ttl) => {
                let (text, milliseconds) = (content.encode(), milliseconds(*ttl).to_string());
                let arguments = [token.as_bytes(), text.as_bytes(), milliseconds.as_bytes()];
                self.run_script("settle", &self.settle, id, &arguments).await
            }
            Settle::Delete => self.run_script("settle", &self.settle, id, &[token.as_bytes()]).await,
        }
    }

    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()> {
        let mut set = cmd("SET");
        self.run(id, "storing", set.arg(self.key(id)).arg(content.encode()).arg("PX").arg(milliseconds(ttl))).await
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        self.run(id, "deletion", &Cmd::unlink(self.key(id))).await
    }

    async fn remaining(&self, id: FlightId) -> Result<Option<Duration>> {
        Ok(lifetime(self.run(id, "look at a lifetime", cmd("PTTL").arg(self.key(id))).await?))
    }

    async fn ids(&self) -> Result<Vec<FlightId>> {
        Ok(self.list(false).await?.ids)
    }

    async fn facts(&self) -> Result<Facts> {
        facts::of(&self.client).await
    }

    async fn statistics(&self) -> Result<Counted> {
        let mut each = Vec::new();
        for server in self.client.servers().await? {
            each.push(match server.run::<String>("query of its state", &cmd("INFO")).await {
                Ok(report) => Ok(report::statistics(&report)),
                Err(Error::Denied { .. } | Error::Rejected { .. }) => Ok(Statistics::default()),
                Err(error) => Err(error),
            });
        }
        Counted::together(each)
    }

    async fn inventory(&self) -> Result<Inventory> {
        let Listed { ids, queue_keys } = self.list(true).await?;
        // How long they live is not asked: the server counts PTTL as a read.
        let sizes = self.sizes(&ids).await?;
        Ok(Inventory { entries: ids.len() as u64, sizes, lifetimes: None, queue_keys: Some(queue_keys) })
    }

    async fn incarnation(&self) -> Result<Option<String>> {
        facts::incarnation(&self.client).await
    }
}

impl FromRedisValue for Settled {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        match String::from_redis_value(value)?.as_str() {
            "put" => Ok(Self::Put),
            "deleted" => Ok(Self::Deleted),
            "left" => Ok(Self::Left),
            "voided" => Ok(Self::Voided),
            "vacant" => Ok(Self::Vacant),
            other => Err(format!("settle.lua does not answer {other:?}").into()),
        }
    }
}

/// A lifetime as Redis tells it. -2: there is no such key; -1: it does not expire.
fn lifetime(left: i64) -> Option<Duration> {
    u64::try_from(left).ok().map(Duration::from_millis)
}

/// A lifetime as Redis takes it: whole milliseconds, at least one.
fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn another_type() -> Foreign {
    Foreign { bytes: None, reason: "it is not a string".into() }
}

fn is_wrong_type(error: &Error) -> bool {
    let Error::Rejected { cause, .. } = error else { return false };
    cause.downcast_ref::<RedisError>().is_some_and(|error| error.code() == Some("WRONGTYPE"))
}
