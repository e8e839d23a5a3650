//! The flags that say which database and which cache, and how to reach them: taken by every command.
//!
//! All are text here: a flag is one of four places where a setting can stand, and what a setting means is decided once for
//! all of them, in [`crate::config`]. They stand in `--help` only, so that `-h` stays readable.

use clap::Args;
use secrecy::SecretString;

/// Which database and which cache, and how to reach them. What holds or may hold a password is a secret.
#[derive(Clone, Debug, Default, Args)]
pub struct ConnectionFlags {
    /// sqlite, mysql, mariadb or postgresql [env: DB_ENGINE] [default: sqlite]
    #[arg(long, global = true, value_name = "ENGINE", help_heading = "Database", hide_short_help = true)]
    pub db_engine: Option<String>,
    /// Name or address of its machine [env: DB_HOST] [default: 127.0.0.1]
    #[arg(long, global = true, value_name = "HOST", help_heading = "Database", hide_short_help = true)]
    pub db_host: Option<String>,
    /// Its port [env: DB_PORT] [default: 3306 for MySQL and MariaDB, 5432 for PostgreSQL]
    #[arg(long, global = true, value_name = "PORT", help_heading = "Database", hide_short_help = true)]
    pub db_port: Option<String>,
    /// Account [env: DB_USER] [default: root for MySQL and MariaDB, postgres for PostgreSQL]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Database", hide_short_help = true)]
    pub db_user: Option<String>,
    /// Password; others can see it here, not in the environment [env: DB_PASSWORD] [default: none]
    #[arg(
        long,
        global = true,
        value_name = "PASSWORD",
        help_heading = "Database",
        hide_short_help = true,
        value_parser = secret,
        allow_hyphen_values = true
    )]
    pub db_password: Option<SecretString>,
    /// Name of the database; for SQLite its file [env: DB_NAME] [default: flughafendb; for SQLite flughafendb.sqlite3 in
    /// CACHEDEMO_HOME]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Database", hide_short_help = true)]
    pub db_name: Option<String>,
    /// disable, prefer, require, verify-ca or verify-full [env: DB_SSL_MODE] [default: prefer; verify-ca with
    /// --db-ssl-ca]
    #[arg(long, global = true, value_name = "MODE", help_heading = "Database", hide_short_help = true)]
    pub db_ssl_mode: Option<String>,
    /// Certificate of the authority that signed the server's [env: DB_SSL_CA] [default: the public authorities]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Database", hide_short_help = true)]
    pub db_ssl_ca: Option<String>,
    /// How long a statement may take; a bare number is seconds [env: DB_TIMEOUT] [default: 5s]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Database", hide_short_help = true)]
    pub db_timeout: Option<String>,
    /// All of it: mysql://, mariadb:// or postgresql://user:password@host:port/name, or sqlite:file [env: DATABASE_URL]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help_heading = "Database",
        hide_short_help = true,
        value_parser = secret,
        allow_hyphen_values = true
    )]
    pub database_url: Option<SecretString>,
    /// memory, redis, valkey or memcached [env: CACHE_ENGINE] [default: memory]
    #[arg(long, global = true, value_name = "ENGINE", help_heading = "Cache", hide_short_help = true)]
    pub cache_engine: Option<String>,
    /// Name or address of its machine [env: CACHE_HOST] [default: 127.0.0.1]
    #[arg(long, global = true, value_name = "HOST", help_heading = "Cache", hide_short_help = true)]
    pub cache_host: Option<String>,
    /// Its port [env: CACHE_PORT] [default: 6379 for Redis and Valkey, 11211 for Memcached]
    #[arg(long, global = true, value_name = "PORT", help_heading = "Cache", hide_short_help = true)]
    pub cache_port: Option<String>,
    /// Account (Redis, Valkey) [env: CACHE_USER] [default: none]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Cache", hide_short_help = true)]
    pub cache_user: Option<String>,
    /// Password (Redis, Valkey); others can see it here, not in the environment [env: CACHE_PASSWORD] [default: none]
    #[arg(
        long,
        global = true,
        value_name = "PASSWORD",
        help_heading = "Cache",
        hide_short_help = true,
        value_parser = secret,
        allow_hyphen_values = true
    )]
    pub cache_password: Option<SecretString>,
    /// Number of the logical database (Redis, Valkey) [env: CACHE_DB] [default: 0]
    #[arg(long, global = true, value_name = "INDEX", help_heading = "Cache", hide_short_help = true)]
    pub cache_db: Option<String>,
    /// Whether to encrypt (Redis, Valkey) [env: CACHE_TLS] [default: no; yes with --cache-tls-ca]
    #[arg(long, global = true, value_name = "BOOL", help_heading = "Cache", hide_short_help = true)]
    pub cache_tls: Option<String>,
    /// Certificate of the authority that signed the server's [env: CACHE_TLS_CA] [default: the public authorities]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Cache", hide_short_help = true)]
    pub cache_tls_ca: Option<String>,
    /// How long an entry lives, 1 s to 365 days; a bare number is seconds [env: CACHE_TTL] [default: 3600]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Cache", hide_short_help = true)]
    pub cache_ttl: Option<String>,
    /// How long a command may take; a bare number is milliseconds [env: CACHE_TIMEOUT] [default: 250ms]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Cache", hide_short_help = true)]
    pub cache_timeout: Option<String>,
    /// All of it: redis://, rediss://, valkey://, valkeys:// or memcached://user:password@host:port/index, or memory://
    /// [env: CACHE_URL]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help_heading = "Cache",
        hide_short_help = true,
        value_parser = secret,
        allow_hyphen_values = true
    )]
    pub cache_url: Option<SecretString>,
    /// How many updates the database takes at once, 1 to 100000 [env: QUEUE_BATCH_SIZE] [default: 100]
    #[arg(long, global = true, value_name = "N", help_heading = "Queue", hide_short_help = true)]
    pub queue_batch_size: Option<String>,
}

/// Takes any text: a password that begins with a hyphen must not be taken for a flag and shown in a message.
#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser that could fail")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(text.into())
}
