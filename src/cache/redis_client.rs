//! The way to Redis and Valkey, shared by the cache and the queue that live there: to one server, or to the node of a cluster
//! that has the keys of a partition.
//!
//! The client library has a connection to clusters of its own. It is not used: while it looks for the cluster's new shape, after
//! the loss of a node, it holds up the commands to all the others, and that loss is to be felt by the node's own keys only.

mod cluster;
mod node;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Arg, Cmd, FromRedisValue, ScriptInvocation, cmd};

use self::cluster::Cluster;
use self::node::Node;
use super::Settings;
use crate::error::{Error, Peer, Result};
use crate::flight::names::Names;
use crate::hop::{self, Sent};

/// Whether a command changes something: then an answer that does not come leaves its outcome unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only reads, or may be repeated and may land late without harm.
    Harmless,
    /// It takes something over that must not be taken twice.
    Decisive,
}

/// A connection on which a command may wait at the server.
pub(crate) struct Blocking {
    node: Arc<Node>,
    connection: MultiplexedConnection,
}

/// A server, or a cluster of them.
pub(crate) struct RedisClient {
    peer: Arc<Peer>,
    names: Names,
    servers: Servers,
}

/// One of the servers, and which partitions' keys it has.
pub(crate) struct Owner {
    node: Arc<Node>,
    /// The partitions, in ascending order.
    pub(crate) partitions: Vec<u32>,
}

impl Owner {
    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        &self.node.peer().address
    }

    /// Sends it a command that changes nothing.
    pub(crate) async fn run<T: FromRedisValue>(&self, operation: &'static str, command: &Cmd) -> Result<T> {
        hop::sent(|| Sent::command(words(command)));
        self.node.run(operation, Effect::Harmless, command).await
    }
}

enum Servers {
    One(Arc<Node>),
    Cluster(Box<Cluster>),
}

impl RedisClient {
    /// A client that connects at its first command. `role` is what the server is to us, for messages.
    pub(crate) fn new(settings: &Settings, role: &'static str) -> Result<Self> {
        let servers = match settings.cluster {
            None => Servers::One(Arc::new(Node::new(settings, &settings.first(), role)?)),
            Some(_) => Servers::Cluster(Box::new(Cluster::new(settings, role)?)),
        };
        Ok(Self { peer: Arc::new(settings.peer(role)), names: settings.names(), servers })
    }

    /// Who this is.
    pub(crate) fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// How the keys are named there.
    pub(crate) fn names(&self) -> Names {
        self.names
    }

    /// Sends one command, to whoever has the keys of this partition.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        partition: u32,
        operation: &'static str,
        effect: Effect,
        command: &Cmd,
    ) -> Result<T> {
        self.send(partition, |node| async move { node.run(operation, effect, command).await }).await
    }

    /// Sends two commands there in one trip; each has an answer of its own.
    pub(crate) async fn both<A: FromRedisValue, B: FromRedisValue>(
        &self,
        partition: u32,
        operation: &'static str,
        effect: Effect,
        commands: [Cmd; 2],
    ) -> Result<(Result<A>, Result<B>)> {
        let commands = &commands;
        self.send(partition, |node| async move { node.both(operation, effect, commands).await }).await
    }

    /// Runs a script there: by its digest, and with its text where the server does not know it yet.
    pub(crate) async fn script<T: FromRedisValue>(
        &self,
        partition: u32,
        operation: &'static str,
        effect: Effect,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T> {
        self.send(partition, |node| async move { node.script(operation, effect, invocation).await }).await
    }

    /// Whether the keys of a partition can be used now. A node of a cluster may answer and not have them, or not any more.
    pub(crate) async fn reach(&self, partition: u32) -> Result<()> {
        let mut command = cmd("PING");
        if self.names.are_tagged() {
            command = cmd("EXISTS");
            command.arg(self.names.shared("flight:partitions", partition));
        }
        hop::sent(|| Sent::command(words(&command)));
        self.run(partition, "ping", Effect::Harmless, &command).await.map(|_: redis::Value| ())
    }

    /// A connection of its own, for commands that wait at the server: they hold up whatever else is sent on theirs.
    pub(crate) async fn blocking(&self, partition: u32) -> Result<Blocking> {
        let connect = |node: Arc<Node>| async move {
            let connection = node.blocking().await?;
            Ok(Blocking { node, connection })
        };
        self.send(partition, connect).await
    }

    /// Sends a command that waits at the server for up to `limit`.
    pub(crate) async fn wait<T: FromRedisValue>(
        &self,
        partition: u32,
        Blocking { node, connection }: &mut Blocking,
        operation: &'static str,
        limit: Duration,
        command: &Cmd,
    ) -> Result<T> {
        let answer = node.wait(connection, operation, limit, command).await;
        if let (Servers::Cluster(cluster), Err(_)) = (&self.servers, &answer) {
            cluster.doubt(partition);
        }
        answer
    }

    /// Each server that has keys of ours, with the partitions that it has, in the order of these.
    pub(crate) async fn servers(&self) -> Result<Vec<Owner>> {
        match &self.servers {
            Servers::One(node) => Ok(vec![Owner { node: Arc::clone(node), partitions: vec![0] }]),
            Servers::Cluster(cluster) => cluster.owners().await,
        }
    }

    /// Sends something to whoever has the keys of a partition, and once more where that is somebody else by now: then nothing was
    /// done.
    async fn send<T, F>(&self, partition: u32, trip: impl Fn(Arc<Node>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let cluster = match &self.servers {
            Servers::One(node) => return trip(Arc::clone(node)).await,
            Servers::Cluster(cluster) => cluster,
        };
        let mut answer = trip(cluster.owner(partition).await?).await;
        if answer.as_ref().is_err_and(node::is_elsewhere) {
            cluster.doubt(partition);
            // Who has the keys now may have taken over from one that died, and not have heard of its last changes: what is read
            // there must be healed first, as after an outage.
            if self.peer.role == "cache" {
                return answer;
            }
            answer = trip(cluster.owner(partition).await?).await;
        }
        // It may be dead, and another have taken its place.
        if answer.as_ref().is_err_and(|error| error.is_outage() || matches!(error, Error::OutcomeUnknown { .. })) {
            cluster.doubt(partition);
        }
        answer
    }
}

/// The command as it could be typed.
pub(crate) fn words(command: &Cmd) -> String {
    let words: Vec<_> = command
        .args_iter()
        .filter_map(|argument| match argument {
            Arg::Simple(bytes) => Some(String::from_utf8_lossy(bytes)),
            _ => None,
        })
        .collect();
    words.join(" ")
}
