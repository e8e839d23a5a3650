//! A pool of connections that cannot hang and cannot hand out a connection in an unknown state.
//!
//! Every statement that the program sends passes through [`Session`]: that is where the SQL that is shown is written down, and
//! where a time-out or a broken connection becomes an [`Error`] that names the server.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, RecycleResult, Timeouts};
use futures_util::future::BoxFuture;
use sqlx::Connection;

use super::engine::{Bind, Engine, Refusal};
use crate::error::{Error, Peer, Result};
use crate::hop::{self, Sent};

/// A connection that has been idle for longer than this is asked whether it still lives before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// Sets a new connection up.
pub(crate) type SetUp<E> =
    Box<dyn Fn(&mut <E as sqlx::Database>::Connection) -> BoxFuture<'_, sqlx::Result<()>> + Send + Sync>;

/// Connections to one database, kept for the next use.
///
/// The pool is deadpool's, not sqlx's: that one asks every connection whether it lives each time it comes back, a round trip
/// for each operation, and on a refused connection tries again until its time is up.
pub(crate) struct Sessions<E: Engine> {
    pool: Pool<Connector<E>>,
    peer: Arc<Peer>,
    limit: Duration,
}

impl<E: Engine> Clone for Sessions<E> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), peer: Arc::clone(&self.peer), limit: self.limit }
    }
}

/// How a connection is made, and seen to be alive.
pub(crate) struct Connector<E: Engine> {
    options: <E::Connection as Connection>::Options,
    set_up: SetUp<E>,
}

impl<E: Engine> Manager for Connector<E> {
    type Type = E::Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<E::Connection> {
        let mut connection = <E::Connection as Connection>::connect_with(&self.options).await?;
        (self.set_up)(&mut connection).await?;
        Ok(connection)
    }

    async fn recycle(&self, connection: &mut E::Connection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.last_used() > TRUSTED_IDLE {
            connection.ping().await?;
        }
        Ok(())
    }
}

impl<E: Engine> Sessions<E> {
    /// Up to `connections` of them, each made when it is first needed.
    pub(crate) fn new(
        options: <E::Connection as Connection>::Options,
        set_up: SetUp<E>,
        connections: usize,
        peer: &Arc<Peer>,
        limit: Duration,
    ) -> Self {
        let pool = Pool::builder(Connector { options, set_up })
            .max_size(connections)
            .build()
            .expect("only time-outs in the pool need a runtime, and it has none");
        Self { pool, peer: Arc::clone(peer), limit }
    }

    /// Takes a connection: waits for one, makes one, or sees that an idle one lives, all within the limit.
    pub(crate) async fn session(&self) -> Result<Session<E>> {
        let failed = |error| explain::<E>(&self.peer, self.limit, "connection", error);
        match tokio::time::timeout(self.limit, self.pool.timeout_get(&Timeouts::new())).await {
            Ok(Ok(connection)) => Ok(Session {
                connection: Some(connection),
                sessions: self.clone(),
                untried: true,
                unsettled: false,
                in_transaction: false,
            }),
            Ok(Err(PoolError::Backend(error))) => Err(failed(error)),
            Ok(Err(_)) => Err(failed(sqlx::Error::PoolClosed)),
            Err(_) => Err(failed(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Ends all connections.
    pub(crate) async fn close(&self) {
        while self.pool.status().available > 0 {
            let Ok(connection) = self.pool.get().await else { break };
            // What does not close in time is closed by the end of the process.
            let _ = tokio::time::timeout(self.limit, Object::take(connection).close()).await;
        }
        self.pool.close();
    }
}

/// One connection, in use. Dropped in the middle of a statement or a transaction, it is closed, which undoes both.
pub(crate) struct Session<E: Engine> {
    /// There until the session is dropped or given up.
    connection: Option<Object<Connector<E>>>,
    sessions: Sessions<E>,
    /// Whether nothing has come back yet since it left the pool.
    untried: bool,
    unsettled: bool,
    in_transaction: bool,
}

impl<E: Engine> Session<E> {
    /// Sends a statement with its values and gives its rows.
    pub(crate) async fn rows(
        &mut self,
        operation: &'static str,
        sql: &'static str,
        binds: &[Bind],
    ) -> Result<Vec<E::Row>> {
        loop {
            let describe = || Sent::statement(sql.trim_end(), binds.iter().map(ToString::to_string).collect());
            let limit = self.sessions.limit;
            let fetch = E::fetch(self.connection(), sql, binds);
            let result = hop::statement(describe, limited(limit, fetch)).await;
            if !self.is_renewed(&result).await? {
                return self.conclude(operation, result);
            }
        }
    }

    /// Sends a statement with its values and gives how many rows it changed.
    pub(crate) async fn execute(&mut self, operation: &'static str, sql: &'static str, binds: &[Bind]) -> Result<u64> {
        loop {
            let describe = || Sent::statement(sql.trim_end(), binds.iter().map(ToString::to_string).collect());
            let limit = self.sessions.limit;
            let execute = E::execute(self.connection(), sql, binds);
            let result = hop::statement(describe, limited(limit, execute)).await;
            if !self.is_renewed(&result).await? {
                return self.conclude(operation, result);
            }
        }
    }

    /// As [`Session::rows`], for a statement that is a transaction by itself: without an answer, nobody knows whether it was
    /// committed.
    pub(crate) async fn rows_at_commit(
        &mut self,
        operation: &'static str,
        sql: &'static str,
        binds: &[Bind],
    ) -> Result<Vec<E::Row>> {
        let rows = self.rows(operation, sql, binds).await;
        rows.map_err(|error| if error.is_refusal() { error } else { self.unknown(operation, error) })
    }

    fn unknown(&self, operation: &'static str, silent: Error) -> Error {
        let peer = Arc::clone(&self.sessions.peer);
        Error::OutcomeUnknown { peer, operation, update: None, cause: Box::new(silent) }
    }

    /// Sends text without values.
    pub(crate) async fn command(&mut self, operation: &'static str, sql: &'static str) -> Result<()> {
        loop {
            let limit = self.sessions.limit;
            let run = E::command(self.connection(), sql);
            let result = hop::statement(|| Sent::command(sql.trim_end()), limited(limit, run)).await;
            if !self.is_renewed(&result).await? {
                return self.conclude(operation, result);
            }
        }
    }

    /// Prepares a statement.
    pub(crate) async fn prepare(&mut self, sql: &'static str) -> Result<()> {
        let limit = self.sessions.limit;
        let result = limited(limit, E::prepare(self.connection(), sql)).await;
        self.conclude("preparation", result)
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        self.in_transaction = true;
        match E::SQL.begin {
            Some(sql) => self.command("BEGIN", sql).await,
            None => Ok(()),
        }
    }

    /// Ends the transaction, keeping what it did.
    ///
    /// # Errors
    /// [`Error::OutcomeUnknown`] when no answer came; any other error means that nothing was kept.
    pub(crate) async fn commit(mut self, operation: &'static str) -> Result<()> {
        match self.command("COMMIT", "COMMIT").await {
            Ok(()) => {
                self.in_transaction = false;
                Ok(())
            }
            Err(refused) if refused.is_refusal() => Err(refused),
            Err(silent) => Err(self.unknown(operation, silent)),
        }
    }

    /// Ends the transaction, undoing what it did.
    pub(crate) async fn rollback(mut self) -> Result<()> {
        self.command("ROLLBACK", "ROLLBACK").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// The connection, about to be used.
    fn connection(&mut self) -> &mut E::Connection {
        self.unsettled = true;
        self.connection.as_mut().expect("only a session that is given up has lost its connection")
    }

    /// Takes another connection where the first thing sent over this one shows that it has ended while it was idle: the server
    /// has restarted, or has closed it. Nothing of a transaction is lost, because nothing of one was done.
    async fn is_renewed<T>(&mut self, result: &sqlx::Result<T>) -> Result<bool> {
        let was_untried = std::mem::replace(&mut self.untried, false);
        if !(was_untried && matches!(result, Err(error) if has_ended::<E>(error))) {
            return Ok(false);
        }
        self.give_up();
        let mut fresh = self.sessions.session().await?;
        self.connection = fresh.connection.take();
        Ok(true)
    }

    /// Closes the connection. What broke it has likely broken those that wait as well.
    fn give_up(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.sessions.pool.retain(|_, _| false);
            drop(Object::take(connection));
        }
    }

    fn conclude<T>(&mut self, operation: &'static str, result: sqlx::Result<T>) -> Result<T> {
        // An error that the server sent leaves the connection in order, unless it was its last word; anything else may leave
        // an answer on the way.
        // One to a server that has become read-only is not used again: another may be the one to write to by now.
        self.unsettled = matches!(
            &result,
            Err(error) if error.as_database_error().is_none() || has_ended::<E>(error) || is_read_only::<E>(error)
        );
        result.map_err(|error| explain::<E>(&self.sessions.peer, self.sessions.limit, operation, error))
    }
}

/// Whether the connection itself has ended.
fn has_ended<E: Engine>(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(refused) => E::refusal(refused.as_ref()) == Refusal::Gone,
        _ => false,
    }
}

/// Whether nobody may write there at the moment.
fn is_read_only<E: Engine>(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|refused| E::refusal(refused) == Refusal::ReadOnly)
}

impl<E: Engine> Drop for Session<E> {
    fn drop(&mut self) {
        if self.unsettled {
            self.give_up();
        } else if self.in_transaction
            && let Some(connection) = self.connection.take()
        {
            drop(Object::take(connection));
        }
    }
}

async fn limited<T>(limit: Duration, work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Reads a row that a query gave, in the words of [`Error`].
pub(crate) fn decoded<T>(peer: &Arc<Peer>, cell: sqlx::Result<T>) -> Result<T> {
    cell.map_err(|cause| Error::Rejected { peer: Arc::clone(peer), operation: "reading", cause: Box::new(cause) })
}

fn explain<E: Engine>(peer: &Arc<Peer>, limit: Duration, operation: &'static str, error: sqlx::Error) -> Error {
    let peer = Arc::clone(peer);
    let refusal = match &error {
        sqlx::Error::Database(refused) => E::refusal(refused.as_ref()),
        sqlx::Error::PoolTimedOut => Refusal::Timeout,
        sqlx::Error::Tls(_) => return Error::Untrusted { peer, cause: Box::new(error) },
        // What the TLS library says during the handshake comes as a failure of the stream.
        sqlx::Error::Io(io) if io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            return Error::Untrusted { peer, cause: Box::new(error) };
        }
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
            return Error::Unreachable { peer, cause: Box::new(error) };
        }
        _ => Refusal::Other,
    };
    match refusal {
        Refusal::Encryption => Error::EncryptedOnly { peer, cause: Box::new(error) },
        Refusal::Login => Error::LoginRefused { peer, cause: Box::new(error) },
        Refusal::NoDatabase => Error::NoDatabase { peer, cause: Box::new(error) },
        Refusal::NotADatabase => Error::NotADatabase { peer, cause: Box::new(error) },
        Refusal::NoTable => Error::NoTable { peer, cause: Box::new(error) },
        Refusal::ReadOnly => Error::ReadOnly { peer, cause: Box::new(error) },
        Refusal::Privilege => Error::Denied { peer, operation, cause: Box::new(error) },
        Refusal::Timeout => Error::TimedOut { peer, limit },
        Refusal::Full => {
            Error::File { action: "write to", path: peer.address.clone(), cause: std::io::Error::other(error) }
        }
        Refusal::Value => Error::Unacceptable { peer, cause: Box::new(error) },
        Refusal::Deadlock => Error::Deadlocked { peer, operation, cause: Box::new(error) },
        Refusal::Gone => Error::Unreachable { peer, cause: Box::new(error) },
        Refusal::Other => Error::Rejected { peer, operation, cause: Box::new(error) },
    }
}
