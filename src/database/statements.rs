//! The SQL of each engine, under the same names: `sql/<engine>/<name>.sql` is what is sent, word for word.

/// Every statement that the program sends to one engine.
pub(crate) struct Statements {
    /// Starts a transaction; `None` where the writing connections are always in one.
    pub begin: Option<&'static str>,
    pub find: &'static str,
    pub find_range: &'static str,
    pub search: &'static str,
    pub change: Change,
    pub log: &'static str,
    pub changed_since: &'static str,
    /// Holds a name for this connection; `None` where a transaction keeps everybody else out anyway.
    pub hold: Option<&'static str>,
    pub release: Option<&'static str>,
    pub offset: &'static str,
    pub offset_claim: &'static str,
    pub offset_find: &'static str,
    pub offset_lock: &'static str,
    pub offset_move: &'static str,
    // On MySQL and MariaDB these three say which way to read: in a small table the optimizer would rather read, and so lock,
    // every row.
    pub batch: Batch,
    /// Which of the flights of a batch are there.
    pub batch_find: &'static str,
    pub may_create: &'static str,
    pub may_log: &'static str,
    pub version: &'static str,
    pub schema: &'static str,
    pub sample: Sample,
}

/// How an engine locks a row, changes it and writes `flight_log`.
pub(crate) enum Change {
    /// In one statement.
    AtOnce(&'static str),
    /// The log is written first, from the row that it locks, and gives back what it found.
    LogFirst { write_log: &'static str, update: &'static str },
    /// Statement by statement.
    Stepwise { lock: &'static str, update: &'static str, write_log: &'static str },
}

/// How an engine applies a batch of updates.
pub(crate) enum Batch {
    /// In one statement, which is its own transaction: with the offset, and without.
    AtOnce { tracked: &'static str, untracked: &'static str },
    /// The offset moves, the log is written from the rows that it locks, the rows change.
    Stepwise { fence: &'static str, log: &'static str, update: &'static str },
}

/// The statements that fill an empty schema, each with one bind: a JSON array of rows.
pub(crate) struct Sample {
    pub airports: &'static str,
    pub airlines: &'static str,
    pub airplane_types: &'static str,
    pub airplanes: &'static str,
    pub flights: &'static str,
    pub flightschedule: &'static str,
    /// What the engine wants to hear when all rows are in.
    pub finish: Option<&'static str>,
}

macro_rules! sql {
    ($engine:literal, $($name:literal),+) => {
        concat!($(include_str!(concat!("../../sql/", $engine, "/", $name, ".sql"))),+)
    };
}

macro_rules! statements {
    ($engine:literal, begin: $begin:expr, change: $change:expr, batch: $batch:expr, hold: $hold:expr, release: $release:expr, finish: $finish:expr) => {
        Statements {
            begin: $begin,
            find: sql!($engine, "flight", "find"),
            find_range: sql!($engine, "flight", "find_range"),
            search: sql!($engine, "flight", "search"),
            change: $change,
            log: sql!($engine, "log"),
            changed_since: sql!($engine, "changed_since"),
            hold: $hold,
            release: $release,
            offset: sql!($engine, "offset"),
            offset_claim: sql!($engine, "offset_claim"),
            offset_find: sql!($engine, "offset_find"),
            offset_lock: sql!($engine, "offset_lock"),
            offset_move: sql!($engine, "offset_move"),
            batch: $batch,
            batch_find: sql!($engine, "batch_find"),
            may_create: sql!($engine, "may_create"),
            may_log: sql!($engine, "may_log"),
            version: sql!($engine, "version"),
            schema: sql!($engine, "schema"),
            sample: Sample {
                airports: sql!($engine, "insert_airports"),
                airlines: sql!($engine, "insert_airlines"),
                airplane_types: sql!($engine, "insert_airplane_types"),
                airplanes: sql!($engine, "insert_airplanes"),
                flights: sql!($engine, "insert_flights"),
                flightschedule: sql!($engine, "insert_flightschedule"),
                finish: $finish,
            },
        }
    };
}

pub(crate) static MYSQL: Statements = statements!(
    "mysql",
    // The writing connections run with autocommit off: the first statement begins the transaction, and a trip is saved.
    begin: None,
    change: Change::Stepwise {
        lock: sql!("mysql", "flight", "lock"),
        update: sql!("mysql", "update"),
        write_log: sql!("mysql", "write_log"),
    },
    batch: Batch::Stepwise {
        fence: sql!("mysql", "batch_fence"),
        log: sql!("mysql", "batch_log"),
        update: sql!("mysql", "batch_update"),
    },
    hold: Some(sql!("mysql", "hold")),
    release: Some(sql!("mysql", "release")),
    finish: None
);

/// MariaDB gives back what it inserted, which saves a trip; MySQL does not.
pub(crate) static MARIADB_CHANGE: Change =
    Change::LogFirst { write_log: sql!("mysql", "write_log_returning"), update: sql!("mysql", "update") };

pub(crate) static POSTGRES: Statements = statements!(
    "postgres",
    begin: Some("BEGIN"),
    change: Change::AtOnce(sql!("postgres", "change")),
    batch: Batch::AtOnce {
        tracked: sql!("postgres", "batch_fence", "batch"),
        untracked: sql!("postgres", "batch_no_fence", "batch"),
    },
    hold: Some(sql!("postgres", "hold")),
    release: Some(sql!("postgres", "release")),
    finish: Some(sql!("postgres", "after_init"))
);

pub(crate) static SQLITE: Statements = statements!(
    "sqlite",
    // A deferred transaction that reads before it writes fails at once when another commits in between.
    begin: Some("BEGIN IMMEDIATE"),
    change: Change::Stepwise {
        lock: sql!("sqlite", "flight", "lock"),
        update: sql!("sqlite", "update"),
        write_log: sql!("sqlite", "write_log"),
    },
    batch: Batch::Stepwise {
        fence: sql!("sqlite", "batch_fence"),
        log: sql!("sqlite", "batch_log"),
        update: sql!("sqlite", "batch_update"),
    },
    hold: None,
    release: None,
    finish: None
);
