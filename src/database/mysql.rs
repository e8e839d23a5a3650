//! MySQL and MariaDB: how to connect, and how long a statement may take there.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};
use sqlx::{AssertSqlSafe, Executor, MySql, Row};

use super::engine::Engine;
use super::relational::Relational;
use super::session::{Session, Sessions, SetUp};
use super::statements::{Change, MARIADB_CHANGE, MYSQL};
use super::{Settings, TlsMode};
use crate::error::Result;

const CONNECTIONS: usize = 16;

pub(super) async fn connect(settings: &Settings) -> Result<Relational<MySql>> {
    let peer = Arc::new(settings.peer());
    let mut options = MySqlConnectOptions::new()
        .host(&settings.host)
        .port(settings.port)
        .username(&settings.user)
        .database(&settings.name)
        .ssl_mode(match settings.tls {
            TlsMode::Disable => MySqlSslMode::Disabled,
            TlsMode::Prefer => MySqlSslMode::Preferred,
            TlsMode::Require => MySqlSslMode::Required,
            TlsMode::VerifyAuthority => MySqlSslMode::VerifyCa,
            TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        });
    if let Some(password) = &settings.password {
        options = options.password(password.expose_secret());
    }
    if let Some(authority) = &settings.authority {
        options = options.ssl_ca(authority);
    }
    let limit = settings.timeout;
    let sessions = |autocommit: bool| {
        let set_up: SetUp<MySql> = Box::new(move |connection| Box::pin(set_up(connection, limit, autocommit)));
        Sessions::new(options.clone(), set_up, CONNECTIONS, &peer, limit)
    };
    let (readers, writers) = (sessions(true), sessions(false));
    let change = change(&mut readers.session().await?).await?;
    Ok(Relational { peer, readers, writers, change })
}

/// MariaDB tells of an update in fewer trips, to an account that may read what it logs.
async fn change(session: &mut Session<MySql>) -> Result<&'static Change> {
    let rows = session.rows("SELECT", MYSQL.version, &[]).await?;
    let version = rows.first().map(|row| MySql::text(row, 0));
    let is_mariadb = matches!(version, Some(Ok(version)) if version.contains("MariaDB"));
    let may_read_log = session.rows("SELECT", "SELECT flight_id FROM flight_log WHERE 1 = 0", &[]).await.is_ok();
    Ok(if is_mariadb && may_read_log { &MARIADB_CHANGE } else { &MYSQL.change })
}

/// Makes the server give up as well: a row lock never outlives the lease that its writer put into the cache.
async fn set_up(connection: &mut MySqlConnection, limit: Duration, autocommit: bool) -> sqlx::Result<()> {
    let version: String = connection.fetch_one("SELECT VERSION()").await?.try_get(0)?;
    let seconds = limit.as_secs().max(1);
    let statement_limit = if version.contains("MariaDB") {
        format!("max_statement_time = {}", limit.as_secs_f64())
    } else {
        // MySQL's own limit covers SELECT only; lock waits are covered by the one below.
        format!("max_execution_time = {}", limit.as_millis())
    };
    // Whoever is stopped in the middle of a transaction must not hold its locks for ever: the server ends it. MySQL can only end
    // connections that are idle; those of ours that are not in a transaction are made anew when they are needed.
    let idle_limit = match (autocommit, version.contains("MariaDB")) {
        (true, _) => String::new(),
        (false, true) => format!(", idle_transaction_timeout = {seconds}"),
        (false, false) => format!(", wait_timeout = {seconds}"),
    };
    let autocommit = u8::from(autocommit);
    let settings = format!(
        "SET SESSION {statement_limit}, innodb_lock_wait_timeout = {seconds}, autocommit = {autocommit}{idle_limit}"
    );
    connection.execute(AssertSqlSafe(settings)).await.map(|_| ())
}
