//! A cluster: which of its nodes has the keys of which partition, as far as we know.
//!
//! Every node knows the whole cluster. All that we know are asked at once, and the first answer counts, so that a dead one costs
//! nothing. What we were told may be out of date: a node that has lost the keys of a partition says so (`MOVED`), one that is dead
//! says nothing, and either way that partition is asked for again before its next command. The others go on meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::select_ok;
use redis::{FromRedisValue, ParsingError, Value, cmd};
use tokio::time::timeout;

use super::node::Node;
use super::{Effect, Owner};
use crate::cache::{Address, Settings};
use crate::error::{Error, Peer, Result};
use crate::flight::names::{MOST, Names};
use crate::hop::{self, Sent};

/// A cluster of servers that speak the Redis protocol.
pub(super) struct Cluster {
    settings: Settings,
    role: &'static str,
    peer: Arc<Peer>,
    known: Mutex<Known>,
    /// Held by whoever asks for the cluster's shape: the others wait for that answer, rather than ask as well.
    asking: tokio::sync::Mutex<()>,
}

/// What is known of a cluster.
struct Known {
    /// Every node that was named or told of, with its connection.
    nodes: HashMap<Address, Arc<Node>>,
    /// For each partition, who has its keys; `None` is to be asked for.
    owners: Vec<Option<Address>>,
}

/// The slots from one number to another, and the primary that has them.
struct Range {
    first: u16,
    last: u16,
    /// Empty where the node does not know under which name it is reached: then under that by which it was asked.
    host: String,
    port: u16,
}

impl Cluster {
    /// A cluster that is known by these nodes. Nobody is asked yet.
    pub(super) fn new(settings: &Settings, role: &'static str) -> Result<Self> {
        let mut nodes = HashMap::new();
        for address in settings.servers() {
            nodes.insert(address.clone(), Arc::new(Node::new(settings, &address, role)?));
        }
        // Also of those that are not ours: a queue may be laid out with more of them.
        let owners = vec![None; MOST as usize];
        Ok(Self {
            settings: settings.clone(),
            role,
            peer: Arc::new(settings.peer(role)),
            known: Mutex::new(Known { nodes, owners }),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// Who has the keys of a partition.
    pub(super) async fn owner(&self, partition: u32) -> Result<Arc<Node>> {
        if let Some(node) = self.known().owner(partition) {
            return Ok(node);
        }
        let limit = self.settings.timeout * 2;
        let look = async {
            let _turn = self.asking.lock().await;
            if self.known().owner(partition).is_none() {
                self.look().await?;
            }
            // Nobody has the slot: that is an outage of its keys.
            self.known().owner(partition).ok_or_else(|| self.nobody(partition))
        };
        // Whatever is looked up and connected on the way.
        timeout(limit, look).await.unwrap_or_else(|_| Err(Error::TimedOut { peer: Arc::clone(&self.peer), limit }))
    }

    /// Whoever had the keys of a partition may not have them any more.
    pub(super) fn doubt(&self, partition: u32) {
        self.known().owners[partition as usize] = None;
    }

    /// Every node that has keys of ours, with the partitions that it has.
    pub(super) async fn owners(&self) -> Result<Vec<Owner>> {
        let mut owners: Vec<Owner> = Vec::new();
        for partition in 0..self.settings.names().partitions() {
            let node = self.owner(partition).await?;
            match owners.iter_mut().find(|owner| Arc::ptr_eq(&owner.node, &node)) {
                Some(owner) => owner.partitions.push(partition),
                None => owners.push(Owner { node, partitions: vec![partition] }),
            }
        }
        Ok(owners)
    }

    /// Asks all nodes that are known for the shape of the cluster, and takes the first answer.
    async fn look(&self) -> Result<()> {
        hop::sent(|| Sent::command("CLUSTER SLOTS"));
        let known: Vec<(Address, Arc<Node>)> =
            self.known().nodes.iter().map(|(address, node)| (address.clone(), Arc::clone(node))).collect();
        let questions = known.into_iter().map(|(address, node)| {
            Box::pin(async move {
                let ranges: Vec<Range> =
                    node.run("look at the cluster", Effect::Harmless, cmd("CLUSTER").arg("SLOTS")).await?;
                // A node that was thrown out, or has forgotten all, has nothing to say.
                if ranges.is_empty() { Err(without_slots(&node)) } else { Ok((address, ranges)) }
            })
        });
        let ((asked, ranges), _) = select_ok(questions).await?;
        self.learn(&asked, &ranges)
    }

    fn learn(&self, asked: &Address, ranges: &[Range]) -> Result<()> {
        let mut known = self.known();
        for partition in 0..MOST {
            let slot = Names::slot(partition);
            let owner = ranges.iter().find(|range| (range.first..=range.last).contains(&slot)).map(|range| Address {
                host: if range.host.is_empty() { asked.host.clone() } else { range.host.clone() },
                port: range.port,
            });
            if let Some(address) = &owner
                && !known.nodes.contains_key(address)
            {
                let node = Node::new(&self.settings, address, self.role)?;
                known.nodes.insert(address.clone(), Arc::new(node));
            }
            known.owners[partition as usize] = owner;
        }
        Ok(())
    }

    fn nobody(&self, partition: u32) -> Error {
        let cause =
            format!("no node has slot {}, to which partition {partition} belongs", Names::slot(partition)).into();
        Error::Unreachable { peer: Arc::clone(&self.peer), cause }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // What is there is sound between any two assignments.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_slots(node: &Node) -> Error {
    Error::Unreachable { peer: Arc::clone(node.peer()), cause: "it knows of no node that has slots".into() }
}

impl Known {
    fn owner(&self, partition: u32) -> Option<Arc<Node>> {
        let address = self.owners[partition as usize].as_ref()?;
        self.nodes.get(address).cloned()
    }
}

impl FromRedisValue for Range {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        // First and last slot, then the primary, then its replicas; a node is told as host, port, id and what else there is.
        let parts = Vec::<Value>::from_redis_value(value)?;
        let [first, last, primary, ..] = <[Value; 3]>::try_from(parts.into_iter().take(3).collect::<Vec<_>>())
            .map_err(|_| ParsingError::from("CLUSTER SLOTS told a range without a node"))?;
        let mut primary = Vec::<Value>::from_redis_value(primary)?.into_iter();
        let host = primary.next().map(Option::<String>::from_redis_value).transpose()?.flatten().unwrap_or_default();
        let port = primary.next().map(u16::from_redis_value).transpose()?.unwrap_or_default();
        Ok(Self {
            first: u16::from_redis_value(first)?,
            last: u16::from_redis_value(last)?,
            // What it says of a name that it does not know.
            host: if host == "?" { String::new() } else { host },
            port,
        })
    }
}
