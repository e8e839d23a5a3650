//! A real cluster of three Redis or Valkey servers, each of which a test can stop, kill and restart.
//!
//! It takes seconds until a new cluster serves, so the tests share one of each kind: whoever has it, has it alone, and finds it
//! whole and empty.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use redis::{FromRedisValue, RedisError};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::deadline;
use super::server::{Kind, Server};
use super::settings::Settings;

const NODES: usize = 3;
const SLOTS: usize = 16_384;
const LIMIT: Duration = Duration::from_secs(60);

/// Three nodes, each with a third of the slots, and none with a replica.
pub struct Cluster {
    pub nodes: Vec<Server>,
}

/// The shared cluster of one kind, for as long as a test has it.
pub type Lent = OwnedMutexGuard<Option<Cluster>>;

impl Cluster {
    /// Borrows the shared one, whole and empty; `None` where the server is not installed.
    pub fn lend(kind: Kind) -> Option<Lent> {
        type Shared = OnceLock<Arc<Mutex<Option<Cluster>>>>;
        static REDIS: Shared = OnceLock::new();
        static VALKEY: Shared = OnceLock::new();
        let shared = if kind == Kind::Redis { &REDIS } else { &VALKEY };
        let shared = shared.get_or_init(Arc::default);
        let mut lent = deadline::poll(Duration::from_secs(600), || Arc::clone(shared).try_lock_owned().ok())
            .expect("no test keeps it for ever");
        match lent.as_mut() {
            Some(cluster) => cluster.put_right(),
            None => *lent = Some(Self::start(kind)?),
        }
        Some(lent)
    }

    /// Starts one; `None` where the server is not installed.
    pub fn start(kind: Kind) -> Option<Self> {
        Self::of((0..NODES).map(|_| Server::builder(kind).append_only().node().start()).collect::<Option<_>>()?)
    }

    /// Makes these nodes a cluster.
    pub fn of(nodes: Vec<Server>) -> Option<Self> {
        let cluster = Self { nodes };
        for (number, node) in cluster.nodes.iter().enumerate() {
            let (first, last) = (SLOTS * number / NODES, SLOTS * (number + 1) / NODES - 1);
            tell(node, &["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()]);
            tell(node, &["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &last.to_string()]);
        }
        cluster.meet();
        cluster.wait();
        cluster.ask_all(&["CONFIG", "SET", "appendfsync", "everysec"]);
        Some(cluster)
    }

    /// Introduces every node to the first.
    fn meet(&self) {
        let first = &self.nodes[0];
        for node in &self.nodes[1..] {
            let (port, bus) = (node.port().to_string(), node.bus_port().to_string());
            tell(first, &["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
    }

    /// Waits until every node says that the cluster is whole.
    pub fn wait(&self) {
        let is_whole = |node: &Server| {
            let state: Result<String, _> = ask(node, &["CLUSTER", "INFO"]);
            let nodes: Result<String, _> = ask(node, &["CLUSTER", "NODES"]);
            let slots = format!("cluster_slots_ok:{SLOTS}");
            state.is_ok_and(|state| state.contains("cluster_state:ok") && state.contains(&slots))
                && nodes.is_ok_and(|nodes| !nodes.contains("fail") && nodes.matches(" connected").count() == NODES)
        };
        let whole = deadline::poll(LIMIT, || self.nodes.iter().all(is_whole).then_some(()));
        assert!(whole.is_some(), "the cluster does not become whole: {}", self.nodes[0].log());
    }

    /// As it was at its start, whatever a test has left.
    fn put_right(&mut self) {
        for node in &mut self.nodes {
            node.resume();
            if !node.is_running() {
                node.restart();
            }
        }
        self.wait();
        for node in &self.nodes {
            tell(node, &["ACL", "SETUSER", "default", "reset", "on", "nopass", "~*", "&*", "+@all"]);
            for (setting, value) in [
                ("appendonly", "yes"),
                // Enough for a process that is killed: what it has written is with the system.
                ("appendfsync", "everysec"),
                ("maxmemory", "0"),
                ("maxmemory-policy", "noeviction"),
                ("cluster-require-full-coverage", "no"),
            ] {
                tell(node, &["CONFIG", "SET", setting, value]);
            }
        }
        self.flush();
    }

    /// Empties every node.
    pub fn flush(&self) {
        for node in &self.nodes {
            tell(node, &["FLUSHALL"]);
        }
    }

    /// What kind it is of.
    pub fn kind(&self) -> Kind {
        self.nodes[0].kind()
    }

    /// The hosts and ports of all nodes, with commas between them.
    pub fn addresses(&self) -> String {
        addresses(&self.nodes)
    }

    /// How the program reaches it.
    pub fn url(&self) -> String {
        format!("{}-cluster://{}", self.kind().name(), self.addresses())
    }

    /// The same as settings.
    pub fn settings(&self) -> Settings {
        vec![("CACHE_ENGINE", format!("{}-cluster", self.kind().name())), ("CACHE_HOST", self.addresses())]
    }

    /// Sends a command to the node that has its key, as a client does by hand.
    pub fn ask<T: FromRedisValue>(&self, words: &[impl AsRef<[u8]>]) -> T {
        let mut answers = self.nodes.iter().map(|node| ask(node, words));
        let answer = answers.find(|answer| answer.as_ref().err().and_then(RedisError::code) != Some("MOVED"));
        answer.expect("one of the nodes has every slot").expect("the command is right")
    }

    /// Sends a command to every node.
    pub fn ask_all(&self, words: &[impl AsRef<[u8]>]) {
        self.nodes.iter().for_each(|node| tell(node, words));
    }

    /// The number of the node that has this key, as the cluster says it.
    pub fn owner(&self, key: &str) -> usize {
        let is_there = |node: &Server| ask::<redis::Value>(node, &["EXISTS", key]).is_ok();
        self.nodes.iter().position(is_there).expect("one of the nodes has every slot")
    }

    /// The keys on one node, in order.
    pub fn keys(&self, node: usize) -> Vec<String> {
        let mut keys: Vec<String> = ask(&self.nodes[node], &["KEYS", "*"]).expect("the node runs");
        keys.sort();
        keys
    }
}

/// The hosts and ports of servers, with commas between them.
pub fn addresses(servers: &[Server]) -> String {
    servers.iter().map(|server| format!("{}:{}", server.host(), server.port())).collect::<Vec<_>>().join(",")
}

/// Sends a command to one server that must not fail.
fn tell(node: &Server, words: &[impl AsRef<[u8]>]) {
    ask::<()>(node, words).expect("the command is right, and the node runs");
}

/// Sends a command to one server.
pub fn ask<T: FromRedisValue>(node: &Server, words: &[impl AsRef<[u8]>]) -> Result<T, RedisError> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", node.port())).expect("it is a URL");
    let mut command = redis::Cmd::new();
    for word in words {
        command.arg(word.as_ref());
    }
    command.query(&mut client.get_connection_with_timeout(Duration::from_secs(5))?)
}
