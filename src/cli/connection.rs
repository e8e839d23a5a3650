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
    /// memory, redis, valkey or memcached; redis-cluster or valkey-cluster [env: CACHE_ENGINE] [default: memory]
    #[arg(long, global = true, value_name = "ENGINE", help_heading = "Cache", hide_short_help = true)]
    pub cache_engine: Option<String>,
    /// Name or address of its machine; host:port,host:port for some nodes of a cluster, or for all of several Memcached servers
    /// [env: CACHE_HOST] [default: 127.0.0.1]
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
    /// All of it: redis://, rediss://, valkey://, valkeys:// or memcached://user:password@host:port/index, or memory://; a
    /// cluster: redis-cluster://user:password@host:port,host:port, likewise rediss-, valkey- and valkeys-cluster; several
    /// Memcached servers: memcached://host:port,host:port [env: CACHE_URL]
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
    /// What an update does when the cache does not answer: degrade (it is committed, and the cache put right later) or
    /// reject (nothing is changed) [env: ON_CACHE_FAILURE] [default: degrade]
    #[arg(long, global = true, value_name = "MODE", help_heading = "Cache", hide_short_help = true)]
    pub on_cache_failure: Option<String>,
    /// How the queue of write-behind is worked.
    #[command(flatten)]
    pub queue: QueueFlags,
}

/// How the queue of write-behind is laid out and worked off.
#[derive(Clone, Debug, Default, Args)]
pub struct QueueFlags {
    /// How many updates the database takes at once, 1 to 100000 [env: QUEUE_BATCH_SIZE] [default: 100]
    #[arg(long, global = true, value_name = "N", help_heading = "Queue", hide_short_help = true)]
    pub queue_batch_size: Option<String>,
    /// How long fewer updates wait for more; a bare number is seconds [env: QUEUE_PROCESS_INTERVAL] [default: 1s]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Queue", hide_short_help = true)]
    pub queue_process_interval: Option<String>,
    /// Into how many partitions flights are divided: as many workers share the work, 1 to 64 [env: QUEUE_PARTITIONS]
    /// [default: 1; 16 on a cluster]
    #[arg(long, global = true, value_name = "N", help_heading = "Queue", hide_short_help = true)]
    pub queue_partitions: Option<String>,
    /// How many updates may wait; then writers do [env: QUEUE_MAX_LENGTH] [default: 1000000]
    #[arg(long, global = true, value_name = "N", help_heading = "Queue", hide_short_help = true)]
    pub queue_max_length: Option<String>,
    /// How long a writer waits for room in a full queue; a bare number is seconds [env: QUEUE_FULL_TIMEOUT] [default: 5s]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Queue", hide_short_help = true)]
    pub queue_full_timeout: Option<String>,
    /// How long an update that was queued is known when it is sent again; a bare number is seconds
    /// [env: QUEUE_RESEND_WINDOW] [default: 5m]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Queue", hide_short_help = true)]
    pub queue_resend_window: Option<String>,
    /// First pause after a failure, doubled each time; a bare number is milliseconds [env: QUEUE_RETRY_DELAY]
    /// [default: 100ms]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Queue", hide_short_help = true)]
    pub queue_retry_delay: Option<String>,
    /// Longest pause after a failure; a bare number is milliseconds [env: QUEUE_RETRY_MAX_DELAY] [default: 5s]
    #[arg(long, global = true, value_name = "DURATION", help_heading = "Queue", hide_short_help = true)]
    pub queue_retry_max_delay: Option<String>,
    /// How often an update is tried that the database refuses for no clear reason, before it is a dead letter; an outage
    /// is waited out for ever [env: QUEUE_RETRY_ATTEMPTS] [default: 5]
    #[arg(long, global = true, value_name = "N", help_heading = "Queue", hide_short_help = true)]
    pub queue_retry_attempts: Option<String>,
}

/// Takes any text: a password that begins with a hyphen must not be taken for a flag and shown in a message.
#[expect(clippy::unnecessary_wraps, reason = "clap wants a parser that could fail")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(text.into())
}
