//! What differs between the three drivers of sqlx, so that everything above is written once.
//!
//! An [`Engine`] binds values, fetches rows and reads cells. Its three implementations are the same lines for different
//! types, which is what a macro is for; a generic function would need the same ten lines of bounds at every `impl`.

use std::future::Future;

use chrono::NaiveDateTime;
use sqlx::{Arguments, MySql, Postgres, Row, Sqlite};

use super::statements::{MYSQL, POSTGRES, SQLITE, Statements};

/// A value that is bound to a statement.
#[derive(Clone, Debug)]
pub(crate) enum Bind {
    Integer(i64),
    Text(String),
    Optional(Option<String>),
    Time(NaiveDateTime),
}

impl std::fmt::Display for Bind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Text(text) | Self::Optional(Some(text)) => write!(formatter, "'{text}'"),
            Self::Optional(None) => formatter.write_str("NULL"),
            Self::Time(time) => write!(formatter, "'{time}'"),
        }
    }
}

/// Why a server refused, as far as a user can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Encryption,
    Login,
    NoDatabase,
    NotADatabase,
    NoTable,
    Privilege,
    /// Nobody may write there at the moment, whatever the account.
    ReadOnly,
    Timeout,
    Full,
    /// It never takes that value.
    Value,
    Deadlock,
    /// It says good-bye, or is not up yet: the connection is of no use.
    Gone,
    Other,
}

/// One of sqlx's drivers.
pub(crate) trait Engine: sqlx::Database {
    const SQL: &'static Statements;

    /// Sends one statement with its values and gives its rows.
    fn fetch(
        connection: &mut Self::Connection,
        sql: &'static str,
        binds: &[Bind],
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Row>>> + Send;

    /// Sends one statement with its values and gives how many rows it changed.
    fn execute(
        connection: &mut Self::Connection,
        sql: &'static str,
        binds: &[Bind],
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Sends text without values: one trip, nothing prepared.
    fn command(connection: &mut Self::Connection, sql: &'static str) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Prepares a statement, so that its first use does not pay for it.
    fn prepare(connection: &mut Self::Connection, sql: &'static str) -> impl Future<Output = sqlx::Result<()>> + Send;

    fn integer(row: &Self::Row, column: usize) -> sqlx::Result<i64>;
    fn text(row: &Self::Row, column: usize) -> sqlx::Result<String>;
    fn optional(row: &Self::Row, column: usize) -> sqlx::Result<Option<String>>;
    fn time(row: &Self::Row, column: usize) -> sqlx::Result<NaiveDateTime>;

    /// Reads the driver's error codes.
    fn refusal(error: &dyn sqlx::error::DatabaseError) -> Refusal;
}

fn arguments<D: sqlx::Database>(binds: &[Bind]) -> sqlx::Result<D::Arguments>
where
    for<'q> i64: sqlx::Encode<'q, D> + sqlx::Type<D>,
    for<'q> String: sqlx::Encode<'q, D> + sqlx::Type<D>,
    for<'q> Option<String>: sqlx::Encode<'q, D> + sqlx::Type<D>,
    for<'q> NaiveDateTime: sqlx::Encode<'q, D> + sqlx::Type<D>,
{
    let mut arguments = D::Arguments::default();
    for bind in binds {
        match bind {
            Bind::Integer(number) => arguments.add(*number),
            Bind::Text(text) => arguments.add(text.clone()),
            Bind::Optional(text) => arguments.add(text.clone()),
            Bind::Time(time) => arguments.add(*time),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

macro_rules! engine {
    ($driver:ty, $statements:expr, $refusal:expr) => {
        impl Engine for $driver {
            const SQL: &'static Statements = &$statements;

            async fn fetch(
                connection: &mut Self::Connection,
                sql: &'static str,
                binds: &[Bind],
            ) -> sqlx::Result<Vec<Self::Row>> {
                sqlx::query_with::<Self, _>(sql, arguments::<Self>(binds)?).fetch_all(connection).await
            }

            async fn execute(
                connection: &mut Self::Connection,
                sql: &'static str,
                binds: &[Bind],
            ) -> sqlx::Result<u64> {
                let query = sqlx::query_with::<Self, _>(sql, arguments::<Self>(binds)?);
                query.execute(connection).await.map(|done| done.rows_affected())
            }

            async fn command(connection: &mut Self::Connection, sql: &'static str) -> sqlx::Result<()> {
                sqlx::raw_sql(sql).execute(connection).await.map(|_| ())
            }

            async fn prepare(connection: &mut Self::Connection, sql: &'static str) -> sqlx::Result<()> {
                use sqlx::{Executor, SqlSafeStr};
                connection.prepare(sql.into_sql_str()).await.map(|_| ())
            }

            fn integer(row: &Self::Row, column: usize) -> sqlx::Result<i64> {
                // PostgreSQL gives a column in its own width only.
                row.try_get::<i64, _>(column).or_else(|_| row.try_get::<i32, _>(column).map(i64::from))
            }

            fn text(row: &Self::Row, column: usize) -> sqlx::Result<String> {
                row.try_get(column)
            }

            fn optional(row: &Self::Row, column: usize) -> sqlx::Result<Option<String>> {
                row.try_get(column)
            }

            fn time(row: &Self::Row, column: usize) -> sqlx::Result<NaiveDateTime> {
                row.try_get(column)
            }

            fn refusal(error: &dyn sqlx::error::DatabaseError) -> Refusal {
                $refusal(error)
            }
        }
    };
}

/// Whether an SQLSTATE says that a value is wrong: a data exception, a constraint, a view's check, or what a trigger raises.
fn is_of_value(state: &str) -> bool {
    ["22", "23", "44", "45", "P0"].iter().any(|class| state.starts_with(class))
}

engine!(MySql, MYSQL, |error: &dyn sqlx::error::DatabaseError| {
    let number = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map_or(0, |error| error.number());
    match number {
        // Access denied for the user, its password, or a plugin that it needs; too many connections is not a log-in matter.
        1045 | 1698 | 1251 | 2061 | 3118 | 4151 => Refusal::Login,
        3159 => Refusal::Encryption,
        1044 | 1049 => Refusal::NoDatabase,
        1146 => Refusal::NoTable,
        1142 | 1143 | 1227 | 1370 => Refusal::Privilege,
        1290 | 1792 | 1836 | 3100 => Refusal::ReadOnly,
        1213 => Refusal::Deadlock,
        // No room on the disk or in the table.
        1021 | 1114 => Refusal::Full,
        // A wrong string, a value cut short, a check that does not hold: these three have no class of their own.
        1265 | 1366 | 3819 => Refusal::Value,
        1205 | 1969 | 3024 => Refusal::Timeout,
        // Too many connections, shutting down, the connection was killed or idle for too long.
        1040 | 1053 | 1927 | 3169 | 4031 => Refusal::Gone,
        _ if error.code().is_some_and(|state| is_of_value(&state)) => Refusal::Value,
        _ => Refusal::Other,
    }
});

engine!(Postgres, POSTGRES, |error: &dyn sqlx::error::DatabaseError| {
    match error.code().as_deref() {
        // The code for every log-in that pg_hba.conf has no line for; only the text tells that a line for TLS would be there.
        Some("28000") if ["no encryption", "SSL off"].iter().any(|words| error.message().contains(words)) => {
            Refusal::Encryption
        }
        Some("28000" | "28P01") => Refusal::Login,
        Some("3D000") => Refusal::NoDatabase,
        Some("42P01" | "3F000") => Refusal::NoTable,
        Some("42501") => Refusal::Privilege,
        Some("25006") => Refusal::ReadOnly,
        Some("40001" | "40P01") => Refusal::Deadlock,
        Some("53100") => Refusal::Full,
        Some("57014" | "55P03" | "25P03") => Refusal::Timeout,
        // Shutting down, crashed, starting up, the database was dropped, idle for too long, too many connections.
        Some("57P01" | "57P02" | "57P03" | "57P04" | "57P05" | "53300") => Refusal::Gone,
        Some(state) if is_of_value(state) => Refusal::Value,
        _ => Refusal::Other,
    }
});

engine!(Sqlite, SQLITE, |error: &dyn sqlx::error::DatabaseError| {
    let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(0);
    match code & 0xff {
        // SQLITE_CANTOPEN
        14 => Refusal::NoDatabase,
        // SQLITE_CORRUPT and SQLITE_NOTADB: what is there is no database, or not a whole one.
        11 | 26 => Refusal::NotADatabase,
        // SQLITE_FULL
        13 => Refusal::Full,
        // SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH
        18..=20 => Refusal::Value,
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH
        3 | 8 | 23 => Refusal::Privilege,
        // SQLITE_BUSY, SQLITE_LOCKED: another process wrote for longer than the time-out.
        5 | 6 => Refusal::Timeout,
        _ if error.message().starts_with("no such table") => Refusal::NoTable,
        _ => Refusal::Other,
    }
});
