//! PostgreSQL: how to connect, and how long a statement may take there.

use std::sync::Arc;

use secrecy::ExposeSecret;
use sqlx::Postgres;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::relational::Relational;
use super::session::{Sessions, SetUp};
use super::statements::POSTGRES;
use super::{Settings, TlsMode};
use crate::error::{Error, Peer, Result};

const CONNECTIONS: usize = 16;

pub(super) async fn connect(settings: &Settings) -> Result<Relational<Postgres>> {
    let peer = Arc::new(settings.peer());
    let limit = settings.timeout.as_millis().to_string();
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&settings.host)
        .port(settings.port)
        .username(&settings.user)
        .database(&settings.name)
        .ssl_mode(match settings.tls {
            TlsMode::Disable => PgSslMode::Disable,
            TlsMode::Prefer => PgSslMode::Prefer,
            TlsMode::Require => PgSslMode::Require,
            TlsMode::VerifyAuthority => PgSslMode::VerifyCa,
            TlsMode::VerifyFull => PgSslMode::VerifyFull,
        })
        .application_name("cachedemo")
        // The server gives up as well: a row lock never outlives the lease that its writer put into the cache.
        .options([
            ("statement_timeout", limit.as_str()),
            ("lock_timeout", limit.as_str()),
            ("idle_in_transaction_session_timeout", limit.as_str()),
            // Every statement of ours finds rows by their key: planning its joins anew each time gains nothing.
            ("plan_cache_mode", "force_generic_plan"),
        ]);
    if let Some(password) = &settings.password {
        options = options.password(password.expose_secret());
    }
    if let Some(authority) = &settings.authority {
        options = options.ssl_root_cert(authority);
    }
    let set_up: SetUp<Postgres> = Box::new(|_| Box::pin(async { Ok(()) }));
    let sessions = Sessions::new(options, set_up, CONNECTIONS, &peer, settings.timeout);
    if matches!(settings.tls, TlsMode::Disable | TlsMode::Prefer) {
        sees_postgres(settings, &peer).await?;
    }
    sessions.session().await?;
    Ok(Relational { peer, readers: sessions.clone(), writers: sessions, change: &POSTGRES.change })
}

/// Asks whether TLS is offered, which every PostgreSQL server answers with one letter and nothing else: the driver panics when
/// a MySQL server greets it in place of that.
async fn sees_postgres(settings: &Settings, peer: &Arc<Peer>) -> Result<()> {
    if settings.host.starts_with('/') {
        // A socket in a folder: whoever listens there is not found by mistake.
        return Ok(());
    }
    let ask = async {
        let mut stream = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
        stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).await?;
        let mut answer = [0; 2];
        let length = stream.read(&mut answer).await?;
        std::io::Result::Ok(matches!(&answer[..length], b"S" | b"N"))
    };
    let cause = match tokio::time::timeout(settings.timeout, ask).await {
        Ok(Ok(true)) => return Ok(()),
        Ok(Ok(false)) => "what listens there does not speak PostgreSQL's protocol".into(),
        Ok(Err(error)) => error.into(),
        Err(_) => return Err(Error::TimedOut { peer: Arc::clone(peer), limit: settings.timeout }),
    };
    Err(Error::Unreachable { peer: Arc::clone(peer), cause })
}
