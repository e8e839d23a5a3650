//! Real servers, each with a folder and a port of its own, that a test can stop, kill and restart.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::guard::Guard;
pub use super::kinds::Kind;
use super::port::Port;
use super::tls::Authority;
use super::{deadline, launch, programs, readiness, sql, template};

/// The name of the empty database every database server comes up with.
pub const DATABASE: &str = "flughafendb";
/// The password of every database's superuser.
pub const PASSWORD: &str = "test-password";

const START_LIMIT: Duration = Duration::from_secs(60);
const ANSWER_LIMIT: Duration = Duration::from_secs(1);

/// How a server is to be started.
pub struct Builder {
    kind: Kind,
    pub(super) password: Option<String>,
    pub(super) append_only: bool,
    pub(super) authority: Option<Arc<Authority>>,
    pub(super) tls_only: bool,
    pub(super) memory: Option<u32>,
    pub(super) is_roomy: bool,
    /// Where nodes of a cluster speak to each other.
    pub(super) bus: Option<Port>,
}

impl Builder {
    /// Demands a password (Redis and Valkey; databases always have [`PASSWORD`]).
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Writes every change to disk before it is answered (Redis and Valkey).
    pub fn append_only(mut self) -> Self {
        self.append_only = true;
        self
    }

    /// May hold so many MiB, and drops what was used longest ago (caches).
    pub fn memory(mut self, mebibytes: u32) -> Self {
        self.memory = Some(mebibytes);
        self
    }

    /// With the memory that the server has by default, which a benchmark needs, rather than the little that does for a test.
    pub fn roomy(mut self) -> Self {
        self.is_roomy = true;
        self
    }

    /// Offers TLS with this authority's certificate: databases on their port, caches on `tls_port`.
    pub fn tls(mut self, authority: &Arc<Authority>) -> Self {
        self.authority = Some(Arc::clone(authority));
        self
    }

    /// Offers TLS and refuses everything else.
    pub fn tls_only(mut self, authority: &Arc<Authority>) -> Self {
        self.tls_only = true;
        self.tls(authority)
    }

    /// Makes it a node of a cluster (Redis and Valkey).
    pub fn node(mut self) -> Self {
        self.bus = Some(Port::reserve());
        self
    }

    /// Starts it and waits until it serves; `None` when it is not installed.
    pub fn start(self) -> Option<Server> {
        let Some(program) = self.kind.program() else {
            programs::skip(self.kind);
            return None;
        };
        let folder = TempDir::with_prefix("cachedemo-server-").expect("the temporary folder is writable");
        let guard = Guard::of(folder.path());
        launch::give(folder.path());
        template::copy(self.kind, &program, folder.path());
        if let Some(authority) = &self.authority {
            authority.install(folder.path());
        }
        if self.kind == Kind::Postgres && self.tls_only {
            fs::write(folder.path().join("data/pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n")
                .expect("the copy is ours");
        }
        let mut server = Server {
            tls_port: (self.authority.is_some() && !self.tls_only && !self.kind.is_database()).then(Port::reserve),
            port: Port::reserve(),
            builder: self,
            program,
            process: None,
            guard,
            folder,
        };
        server.launch();
        Some(server)
    }
}

/// A running server. Dropping it kills it and removes its folder.
pub struct Server {
    builder: Builder,
    program: PathBuf,
    port: Port,
    tls_port: Option<Port>,
    process: Option<Child>,
    guard: Guard,
    folder: TempDir,
}

impl Server {
    /// Starts a server without options; `None` when it is not installed.
    pub fn start(kind: Kind) -> Option<Self> {
        Self::builder(kind).start()
    }

    /// Options first.
    pub fn builder(kind: Kind) -> Builder {
        Builder {
            kind,
            password: None,
            append_only: false,
            authority: None,
            tls_only: false,
            memory: None,
            is_roomy: false,
            bus: None,
        }
    }

    fn launch(&mut self) {
        let log =
            File::options().create(true).append(true).open(self.folder.path().join("log")).expect("the folder is ours");
        // It waits for a line before it becomes the server, so the guard always knows it first.
        let mut child = launch::unprivileged(Path::new("/bin/sh"))
            .args(["-c", "read -r _ && exec \"$@\" </dev/null", "server"])
            .arg(&self.program)
            .args(self.builder.kind.arguments(&self.builder, self.folder.path(), self.port(), self.tls_port()))
            .current_dir(self.folder.path())
            .env("TMPDIR", self.folder.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a file handle can be duplicated"))
            .stderr(log)
            .spawn()
            .expect("every Unix system has sh");
        self.guard.watch(Some(child.id()));
        let mut gate = child.stdin.take().expect("the input is a pipe");
        gate.write_all(b"go\n").expect("the shell waits for it");
        self.process = Some(child);
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let mut ended = None;
        let ready = deadline::poll(START_LIMIT, || {
            ended = self.process.as_mut().and_then(|process| process.try_wait().expect("it is our child"));
            if ended.is_some() {
                return Some(false);
            }
            self.answer().map(|_| true)
        });
        if ready != Some(true) {
            let outcome =
                ended.map_or_else(|| "did not answer in time".to_owned(), |status| format!("ended with {status}"));
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines[lines.len().saturating_sub(60)..].join("\n");
            panic!("{} {outcome}; its log ends with:\n{tail}", self.builder.kind);
        }
    }

    /// Whether the server answers in its own protocol, and what it says.
    pub fn answer(&self) -> Option<String> {
        let kind = self.builder.kind;
        match &self.builder.authority {
            Some(authority) if !kind.is_database() => {
                readiness::ask_over_tls(kind, &authority.certificate_authority(), self.tls_port(), ANSWER_LIMIT)
            }
            _ => readiness::ask(kind, self.port(), ANSWER_LIMIT),
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.builder.kind
    }

    /// Always the loopback address.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port it listens on, the same after a restart.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The port on which a node of a cluster speaks to the others.
    pub fn bus_port(&self) -> u16 {
        self.builder.bus.as_ref().expect("it is a node of a cluster").number()
    }

    /// Whether it was not killed since it was started.
    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// The port for TLS, which is the same one except for caches that offer both.
    pub fn tls_port(&self) -> u16 {
        self.tls_port.as_ref().unwrap_or(&self.port).number()
    }

    /// The superuser's name; caches have none.
    pub fn user(&self) -> &'static str {
        match self.builder.kind {
            Kind::MariaDb | Kind::MySql => "root",
            Kind::Postgres => "postgres",
            Kind::Redis | Kind::Valkey | Kind::Memcached => "",
        }
    }

    /// The password, empty when there is none.
    pub fn password(&self) -> &str {
        if self.builder.kind.is_database() { PASSWORD } else { self.builder.password.as_deref().unwrap_or_default() }
    }

    /// The address with user, password and database.
    pub fn url(&self) -> String {
        let scheme = match self.builder.kind {
            Kind::MariaDb | Kind::MySql => "mysql",
            Kind::Postgres => "postgres",
            Kind::Redis | Kind::Valkey if self.builder.tls_only => "rediss",
            Kind::Redis | Kind::Valkey => "redis",
            Kind::Memcached => "memcache",
        };
        self.address(scheme, self.port())
    }

    /// The address for TLS of a cache that offers it.
    pub fn tls_url(&self) -> String {
        self.address("rediss", self.tls_port())
    }

    /// The same as [`Server::url`], under the name database tests use.
    pub fn database_url(&self) -> String {
        self.url()
    }

    fn address(&self, scheme: &str, port: u16) -> String {
        let login = match (self.user(), self.password()) {
            ("", "") => String::new(),
            (user, password) => format!("{user}:{password}@"),
        };
        let path = if self.builder.kind.is_database() { format!("/{DATABASE}") } else { String::new() };
        format!("{scheme}://{login}{}:{port}{path}", self.host())
    }

    /// Runs SQL as the superuser and gives the client's output; panics with the log on an error.
    pub fn sql(&self, statements: &str) -> String {
        self.sql_in(DATABASE, statements)
    }

    /// The same in another database of this server.
    pub fn sql_in(&self, database: &str, statements: &str) -> String {
        let authority = self.builder.authority.as_ref();
        sql::run(
            self.builder.kind,
            &self.program,
            self.port(),
            authority.map(|authority| authority.certificate_authority()).as_deref(),
            database,
            statements,
        )
    }

    /// Everything the server has written to its log.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Freezes every process of it, as an overloaded or unreachable machine would look.
    pub fn stop(&self) {
        let members = self.members();
        for process in &members {
            signal(*process, Signal::SIGSTOP);
        }
        // The signal takes its time: until every thread has met it, one of them may still answer.
        let stopped = deadline::poll(START_LIMIT, || members.iter().all(|process| is_stopped(*process)).then_some(()));
        assert!(stopped.is_some(), "{} does not stop", self.builder.kind);
    }

    /// Lets it go on after [`Server::stop`].
    pub fn resume(&self) {
        for process in self.members() {
            signal(process, Signal::SIGCONT);
        }
    }

    /// Kills every process of it at once, as a crash would.
    pub fn kill(&mut self) {
        // Frozen first: otherwise the leader could start another process in between.
        let members = self.members();
        for process in &members {
            signal(*process, Signal::SIGSTOP);
        }
        let members: Vec<Pid> = self.members().into_iter().chain(members).collect();
        for process in &members {
            signal(*process, Signal::SIGKILL);
        }
        if let Some(mut process) = self.process.take() {
            // Before the number is free for another process.
            self.guard.watch(None);
            process.wait().expect("it is our child");
        }
        // A child that is still dying holds the memory that it shares, and the next server would refuse to start.
        let gone = deadline::poll(START_LIMIT, || members.iter().all(|process| has_ended(*process)).then_some(()));
        assert!(gone.is_some(), "{} does not die", self.builder.kind);
    }

    /// Starts it again on the same data and port, killing it first when it still runs.
    pub fn restart(&mut self) {
        self.kill();
        self.launch();
    }

    /// Kills a cache and starts it again with nothing in it.
    pub fn restart_empty(&mut self) {
        assert!(!self.builder.kind.is_database(), "a database without its files does not start");
        self.kill();
        let files = fs::read_dir(self.folder.path().join("data")).expect("the folder is ours").flatten();
        for path in files.map(|file| file.path()) {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            removed.expect("the folder is ours");
        }
        self.launch();
    }

    /// The server's process and its descendants, which `PostgreSQL` puts in groups of their own.
    fn members(&self) -> Vec<Pid> {
        let Some(process) = &self.process else {
            return Vec::new();
        };
        let leader = i32::try_from(process.id()).expect("process numbers fit");
        let parents: Vec<(i32, i32)> = fs::read_dir("/proc")
            .expect("the tests run on Linux")
            .flatten()
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                let status = fs::read_to_string(entry.path().join("status")).ok()?;
                let line = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
                Some((number, line.trim().parse().ok()?))
            })
            .collect();
        let mut members = vec![leader];
        let mut next = 0;
        while next < members.len() {
            let parent = members[next];
            members.extend(parents.iter().filter(|entry| entry.1 == parent).map(|entry| entry.0));
            next += 1;
        }
        members.into_iter().map(Pid::from_raw).collect()
    }
}

/// A process may have ended since it was listed, which is what the signal was for anyway.
fn signal(process: Pid, signal: Signal) {
    let _ = kill(process, signal);
}

/// Whether nothing is left of a process but its name.
fn has_ended(process: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("State:")).is_none_or(|state| state.contains("(zombie)"))
}

/// Whether every thread of a process stands still; what has ended does.
fn is_stopped(process: Pid) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else {
        return true;
    };
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        let mut states = status.lines().filter_map(|line| line.strip_prefix("State:"));
        states.all(|state| state.contains("(stopped)") || state.contains("(zombie)"))
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
