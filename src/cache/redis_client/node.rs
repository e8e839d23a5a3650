//! The connection to one Redis or Valkey server, be it by itself or a node of a cluster.
//!
//! One multiplexed connection that reconnects by itself. No command waits longer than the timeout: the client's own retries
//! are off, because with them every command of an outage waits some nine seconds.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, ScriptInvocation, TlsCertificates, Value, cmd,
};
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;

use super::Effect;
use crate::cache::{Address, Settings};
use crate::error::{Error, Peer, Result};

/// The operation under which what goes wrong before the first command is told.
const CONNECTION: &str = "connection";

/// How many commands may wait to be written to the connection: with fewer places than readers, as the library's 50 are for 64,
/// readers wait for each other before they wait for the server.
const UNDER_WAY: usize = 1_024;

/// What a node of a cluster says of a key that another one has.
const NOT_HERE: &str = "MOVED";

/// Whether nothing was done, because another node of the cluster has the key.
pub(super) fn is_elsewhere(error: &Error) -> bool {
    let Error::Unreachable { cause, .. } = error else { return false };
    cause.downcast_ref::<RedisError>().is_some_and(|error| error.code() == Some(NOT_HERE))
}

/// One answer of several that came together.
fn answer<T: FromRedisValue>(value: Value) -> Result<T, RedisError> {
    Ok(T::from_redis_value(value.extract_error()?)?)
}

/// A server that speaks the Redis protocol.
pub(super) struct Node {
    peer: Arc<Peer>,
    client: Client,
    connection: OnceCell<ConnectionManager>,
    timeout: Duration,
    /// Whether we take it for a node of a cluster.
    is_of_cluster: bool,
}

impl Node {
    /// A client that connects at its first command. `role` is what the server is to us, for messages.
    pub(super) fn new(settings: &Settings, address: &Address, role: &'static str) -> Result<Self> {
        let peer = Arc::new(Peer { role, product: settings.kind.product(), address: address.to_string() });
        let client = open(settings, address).map_err(|cause| Error::Rejected {
            peer: Arc::clone(&peer),
            operation: "settings",
            cause: Box::new(cause),
        })?;
        let is_of_cluster = settings.cluster.is_some();
        Ok(Self { peer, client, connection: OnceCell::new(), timeout: settings.timeout, is_of_cluster })
    }

    /// Who this is.
    pub(super) fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// Sends one command.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        operation: &'static str,
        effect: Effect,
        command: &Cmd,
    ) -> Result<T> {
        let mut connection = self.connection().await?;
        command.query_async(&mut connection).await.map_err(|error| self.explain(operation, effect, error))
    }

    /// Sends two commands in one trip; each has an answer of its own.
    ///
    /// # Errors
    /// Those of the trip, and where neither was done because another node of the cluster has the key.
    pub(super) async fn both<A: FromRedisValue, B: FromRedisValue>(
        &self,
        operation: &'static str,
        effect: Effect,
        [one, other]: &[Cmd; 2],
    ) -> Result<(Result<A>, Result<B>)> {
        let mut connection = self.connection().await?;
        let mut pipeline = redis::pipe();
        // What one of them is refused must not hide what the other answers.
        pipeline.add_command(one.clone()).add_command(other.clone()).ignore_errors();
        let answers = pipeline.query_async(&mut connection).await;
        let (one, other): (Value, Value) = answers.map_err(|error| self.explain(operation, effect, error))?;
        let explain = |error| self.explain(operation, effect, error);
        match (answer(one).map_err(explain), answer(other).map_err(explain)) {
            (Err(elsewhere), _) if is_elsewhere(&elsewhere) || elsewhere.is_outage() => Err(elsewhere),
            answers => Ok(answers),
        }
    }

    /// Runs a script: by its digest, and with its text where the server does not know it yet.
    pub(super) async fn script<T: FromRedisValue>(
        &self,
        operation: &'static str,
        effect: Effect,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T> {
        let mut connection = self.connection().await?;
        invocation.invoke_async(&mut connection).await.map_err(|error| self.explain(operation, effect, error))
    }

    /// A connection of its own, for commands that wait at the server: they hold up whatever else is sent on theirs.
    pub(super) async fn blocking(&self) -> Result<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(self.timeout)).set_response_timeout(None);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        match tokio::time::timeout(self.timeout * 2, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(self.explain(CONNECTION, Effect::Harmless, error)),
            Err(_) => Err(Error::TimedOut { peer: Arc::clone(&self.peer), limit: self.timeout * 2 }),
        }
    }

    /// Sends a command that waits at the server for up to `limit`.
    pub(super) async fn wait<T: FromRedisValue>(
        &self,
        connection: &mut MultiplexedConnection,
        operation: &'static str,
        limit: Duration,
        command: &Cmd,
    ) -> Result<T> {
        match tokio::time::timeout(limit + self.timeout, command.query_async(connection)).await {
            Ok(answer) => answer.map_err(|error| self.explain(operation, Effect::Harmless, error)),
            Err(_) => Err(Error::TimedOut { peer: Arc::clone(&self.peer), limit: limit + self.timeout }),
        }
    }

    async fn connection(&self) -> Result<ConnectionManager> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection.clone());
        }
        let connect = || async {
            let config = ConnectionManagerConfig::new()
                .set_response_timeout(Some(self.timeout))
                .set_connection_timeout(Some(self.timeout))
                .set_pipeline_buffer_size(UNDER_WAY)
                .set_number_of_retries(0);
            let connecting = self.client.get_connection_manager_with_config(config);
            let connection = connecting.await.map_err(|error| self.explain(CONNECTION, Effect::Harmless, error))?;
            if self.is_of_cluster { Ok(connection) } else { self.by_itself(connection).await }
        };
        // The outer limit holds for what the client's own does not cover: looking up the host's name, and waiting for the
        // other commands that try to connect, one after the other.
        match tokio::time::timeout(self.timeout * 2, self.connection.get_or_try_init(connect)).await {
            Ok(connected) => connected.cloned(),
            Err(_) => Err(Error::TimedOut { peer: Arc::clone(&self.peer), limit: self.timeout * 2 }),
        }
    }

    /// The connection, unless the server is a node of a cluster. Some of its keys could be used all the same, and the others not:
    /// better said before anything is done than by a command that meets one of those.
    async fn by_itself(&self, mut connection: ConnectionManager) -> Result<ConnectionManager> {
        let report: Result<String, RedisError> = cmd("INFO").arg("cluster").query_async(&mut connection).await;
        // Where the account may not ask, a command that is sent elsewhere will tell.
        match report {
            Ok(report) if report.contains("cluster_enabled:1") => Err(self.is_a_node()),
            _ => Ok(connection),
        }
    }

    fn is_a_node(&self) -> Error {
        let Peer { product, address, .. } = self.peer.as_ref();
        let scheme = product.to_lowercase();
        Error::usage(
            format!("the {} is a node of a cluster", self.peer),
            format!("reach it as one: CACHE_URL={scheme}-cluster://{address}, or CACHE_ENGINE={scheme}-cluster"),
        )
    }

    fn is_no_node(&self) -> Error {
        let Peer { product, address, .. } = self.peer.as_ref();
        let scheme = product.to_lowercase();
        Error::usage(
            format!("the {} is no node of a cluster", self.peer),
            format!("reach it as a server by itself: CACHE_URL={scheme}://{address}, or CACHE_ENGINE={scheme}"),
        )
    }

    fn explain(&self, operation: &'static str, effect: Effect, error: RedisError) -> Error {
        let peer = Arc::clone(&self.peer);
        let is_login = matches!(error.kind(), ErrorKind::AuthenticationFailed)
            || matches!(error.code(), Some("NOAUTH" | "WRONGPASS"));
        if is_login {
            Error::LoginRefused { peer, cause: Box::new(error) }
        } else if error.code() == Some("NOPERM") {
            Error::Denied { peer, operation, cause: Box::new(error) }
        } else if is_tls(&error) {
            Error::Untrusted { peer, cause: Box::new(error) }
        } else if !self.is_of_cluster && error.code() == Some("MOVED") {
            self.is_a_node()
        } else if error.to_string().contains("cluster support disabled") {
            self.is_no_node()
        } else if matches!(error.code(), Some(NOT_HERE | "ASK" | "TRYAGAIN" | "LOADING" | "MASTERDOWN" | "CLUSTERDOWN"))
        {
            // It is up and not ready, or not for this key: nothing was done, and a moment later it may be.
            Error::Unreachable { peer, cause: Box::new(error) }
        } else if operation == CONNECTION && !error.is_io_error() && !matches!(error.kind(), ErrorKind::Server(_)) {
            // What it sends is not the protocol: another program listens there, and the cache is not reached.
            Error::Unreachable { peer, cause: Box::new(error) }
        } else if !error.is_io_error() {
            Error::Rejected { peer, operation, cause: Box::new(error) }
        } else if effect == Effect::Decisive && !error.is_connection_refusal() {
            Error::OutcomeUnknown { peer, operation, update: None, cause: Box::new(error) }
        } else if error.is_timeout() {
            Error::TimedOut { peer, limit: self.timeout }
        } else {
            Error::Unreachable { peer, cause: Box::new(error) }
        }
    }
}

/// Whether the two sides could not agree on encryption. The library wraps what the TLS library said three times.
fn is_tls(error: &RedisError) -> bool {
    let Some(source) = std::error::Error::source(error) else { return false };
    let shared = source.downcast_ref::<Arc<dyn std::error::Error + Send + Sync>>().map(AsRef::as_ref);
    if shared.is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) {
        return true;
    }
    let io = shared.and_then(|shared| shared.downcast_ref::<std::io::Error>());
    io.and_then(std::io::Error::get_ref).is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}

fn open(settings: &Settings, address: &Address) -> Result<Client, RedisError> {
    let mut account = RedisConnectionInfo::default()
        .set_db(i64::from(settings.index))
        .set_lib_name("cachedemo", env!("CARGO_PKG_VERSION"));
    if let Some(user) = &settings.user {
        account = account.set_username(user);
    }
    if let Some(password) = &settings.password {
        account = account.set_password(password.expose_secret());
    }
    let Address { host, port } = address.clone();
    if !settings.tls {
        let address = ConnectionAddr::Tcp(host, port);
        return Client::open(address.into_connection_info()?.set_redis_settings(account));
    }
    let address = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
    let root_cert = settings.authority.as_ref().map(std::fs::read).transpose()?;
    let certificates = TlsCertificates { client_tls: None, root_cert };
    Client::build_with_tls(address.into_connection_info()?.set_redis_settings(account), certificates)
}
