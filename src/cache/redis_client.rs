//! The connection to a Redis or Valkey server, shared by the cache and the queue that live there.
//!
//! One multiplexed connection that reconnects by itself. No command waits longer than the timeout: the client's own retries
//! are off, because with them every command of an outage waits some nine seconds.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, ScriptInvocation, TlsCertificates, Value,
};
use secrecy::ExposeSecret;
use tokio::sync::OnceCell;

use super::Settings;
use crate::error::{Error, Peer, Result};

/// The operation under which what goes wrong before the first command is told.
const CONNECTION: &str = "connection";

/// Whether a command changes something: then an answer that does not come leaves its outcome unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It only reads, or may be repeated and may land late without harm.
    Harmless,
    /// It takes something over that must not be taken twice.
    Decisive,
}

/// A connection on which a command may wait at the server.
pub(crate) struct Blocking(MultiplexedConnection);

/// A server that speaks the Redis protocol.
pub(crate) struct RedisClient {
    peer: Arc<Peer>,
    client: Client,
    connection: OnceCell<ConnectionManager>,
    timeout: Duration,
}

impl RedisClient {
    /// A client that connects at its first command. `role` is what the server is to us, for messages.
    pub(crate) fn new(settings: &Settings, role: &'static str) -> Result<Self> {
        let address = Peer::at(&settings.host, settings.port);
        let peer = Arc::new(Peer { role, product: settings.kind.product(), address });
        let client = open(settings).map_err(|cause| Error::Rejected {
            peer: Arc::clone(&peer),
            operation: "settings",
            cause: Box::new(cause),
        })?;
        Ok(Self { peer, client, connection: OnceCell::new(), timeout: settings.timeout })
    }

    /// Who this is.
    pub(crate) fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// Sends one command.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        operation: &'static str,
        effect: Effect,
        command: &Cmd,
    ) -> Result<T> {
        let mut connection = self.connection().await?;
        command.query_async(&mut connection).await.map_err(|error| self.explain(operation, effect, error))
    }

    /// Sends two commands in one trip; each has an answer of its own.
    pub(crate) async fn both<A: FromRedisValue, B: FromRedisValue>(
        &self,
        operation: &'static str,
        effect: Effect,
        [one, other]: [Cmd; 2],
    ) -> Result<(Result<A>, Result<B>)> {
        let mut connection = self.connection().await?;
        let mut pipeline = redis::pipe();
        // What one of them is refused must not hide what the other answers.
        pipeline.add_command(one).add_command(other).ignore_errors();
        let answers = pipeline.query_async(&mut connection).await;
        let (one, other): (Value, Value) = answers.map_err(|error| self.explain(operation, effect, error))?;
        let explain = |error| self.explain(operation, effect, error);
        Ok((answer(one).map_err(explain), answer(other).map_err(explain)))
    }

    /// Runs a script: by its digest, and with its text where the server does not know it yet.
    pub(crate) async fn script<T: FromRedisValue>(
        &self,
        operation: &'static str,
        effect: Effect,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T> {
        let mut connection = self.connection().await?;
        invocation.invoke_async(&mut connection).await.map_err(|error| self.explain(operation, effect, error))
    }

    /// A connection of its own, for commands that wait at the server: they hold up whatever else is sent on theirs.
    pub(crate) async fn blocking(&self) -> Result<Blocking> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(self.timeout)).set_response_timeout(None);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        match tokio::time::timeout(self.timeout * 2, connecting).await {
            Ok(Ok(connection)) => Ok(Blocking(connection)),
            Ok(Err(error)) => Err(self.explain(CONNECTION, Effect::Harmless, error)),
            Err(_) => Err(Error::TimedOut { peer: Arc::clone(&self.peer), limit: self.timeout * 2 }),
        }
    }

    /// Sends a command that waits at the server for up to `limit`.
    pub(crate) async fn wait<T: FromRedisValue>(
        &self,
        connection: &mut Blocking,
        operation: &'static str,
        limit: Duration,
        command: &Cmd,
    ) -> Result<T> {
        match tokio::time::timeout(limit + self.timeout, command.query_async(&mut connection.0)).await {
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
                .set_number_of_retries(0);
            let connecting = self.client.get_connection_manager_with_config(config);
            connecting.await.map_err(|error| self.explain(CONNECTION, Effect::Harmless, error))
        };
        // The outer limit holds for what the client's own does not cover: looking up the host's name, and waiting for the
        // other commands that try to connect, one after the other.
        match tokio::time::timeout(self.timeout * 2, self.connection.get_or_try_init(connect)).await {
            Ok(connected) => connected.cloned(),
            Err(_) => Err(Error::TimedOut { peer: Arc::clone(&self.peer), limit: self.timeout * 2 }),
        }
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
        } else if matches!(error.code(), Some("LOADING" | "MASTERDOWN" | "CLUSTERDOWN")) {
            // It is up and not ready: nothing was done, and a moment later it may be.
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

/// One answer of several that came together.
fn answer<T: FromRedisValue>(value: Value) -> Result<T, RedisError> {
    Ok(T::from_redis_value(value.extract_error()?)?)
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

fn open(settings: &Settings) -> Result<Client, RedisError> {
    let mut account = RedisConnectionInfo::default()
        .set_db(i64::from(settings.index))
        .set_lib_name("cachedemo", env!("CARGO_PKG_VERSION"));
    if let Some(user) = &settings.user {
        account = account.set_username(user);
    }
    if let Some(password) = &settings.password {
        account = account.set_password(password.expose_secret());
    }
    let host = settings.host.clone();
    let port = settings.port;
    if !settings.tls {
        let address = ConnectionAddr::Tcp(host, port);
        return Client::open(address.into_connection_info()?.set_redis_settings(account));
    }
    let address = ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None };
    let root_cert = settings.authority.as_ref().map(std::fs::read).transpose()?;
    let certificates = TlsCertificates { client_tls: None, root_cert };
    Client::build_with_tls(address.into_connection_info()?.set_redis_settings(account), certificates)
}
