//! The kinds of server there are and how each is started.

use std::fmt;
use std::path::{Path, PathBuf};

use super::programs;
use super::server::Builder;

/// A product the demonstration runs against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    MariaDb,
    MySql,
    Postgres,
    Redis,
    Valkey,
    Memcached,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::MariaDb, Self::MySql, Self::Postgres, Self::Redis, Self::Valkey, Self::Memcached];

    /// The name `CACHEDEMO_REQUIRE` uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::MariaDb => "mariadb",
            Self::MySql => "mysql",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Valkey => "valkey",
            Self::Memcached => "memcached",
        }
    }

    /// Whether it keeps tables.
    pub fn is_database(self) -> bool {
        matches!(self, Self::MariaDb | Self::MySql | Self::Postgres)
    }

    /// Its server program, when installed.
    pub fn program(self) -> Option<PathBuf> {
        match self {
            Self::MariaDb => programs::find("mariadbd"),
            Self::MySql => programs::mysqld(),
            // Its companions are next to the real file, not next to a link to it.
            Self::Postgres => programs::find("postgres").and_then(|file| file.canonicalize().ok()),
            Self::Redis => programs::find("redis-server"),
            Self::Valkey => programs::find("valkey-server"),
            Self::Memcached => programs::find("memcached"),
        }
    }

    /// The arguments it is started with in `folder`.
    pub fn arguments(self, builder: &Builder, folder: &Path, port: u16, tls_port: u16) -> Vec<String> {
        let at = folder.display();
        let mut arguments = match self {
            Self::MariaDb | Self::MySql => vec![
                "--no-defaults".to_owned(),
                format!("--datadir={at}/data"),
                format!("--socket={at}/socket"),
                format!("--pid-file={at}/pid"),
                format!("--port={port}"),
                "--bind-address=127.0.0.1".to_owned(),
                "--skip-name-resolve".to_owned(),
                "--skip-log-bin".to_owned(),
                "--performance-schema=OFF".to_owned(),
            ],
            Self::Postgres => vec!["-D".to_owned(), format!("{at}/data"), "-p".to_owned(), port.to_string()],
            Self::Redis | Self::Valkey => vec![
                "--bind".to_owned(),
                "127.0.0.1".to_owned(),
                "--port".to_owned(),
                (if builder.tls_only { 0 } else { port }).to_string(),
                "--dir".to_owned(),
                format!("{at}/data"),
                "--save".to_owned(),
                String::new(),
            ],
            Self::Memcached => vec![
                "-l".to_owned(),
                "127.0.0.1".to_owned(),
                "-p".to_owned(),
                port.to_string(),
                "-t".to_owned(),
                "1".to_owned(),
            ],
        };
        arguments.extend(self.extra_arguments(builder, folder, tls_port));
        arguments
    }

    fn extra_arguments(self, builder: &Builder, folder: &Path, tls_port: u16) -> Vec<String> {
        let at = folder.display();
        let has_tls = builder.authority.is_some();
        let mut words = String::new();
        match self {
            Self::MariaDb | Self::MySql => {
                if !builder.is_roomy {
                    words += "--innodb-buffer-pool-size=16M ";
                    words += if self == Self::MariaDb {
                        "--innodb-log-file-size=8M"
                    } else {
                        "--innodb-redo-log-capacity=8M"
                    };
                }
                if self == Self::MySql {
                    words += " --mysqlx=OFF --secure-file-priv=NULL";
                }
            }
            Self::Postgres => {
                // Shared memory in files disappears with the folder, also after a SIGKILL.
                words += "-c listen_addresses=127.0.0.1 -c unix_socket_directories= \
                    -c dynamic_shared_memory_type=mmap -c max_connections=100";
                if !builder.is_roomy {
                    words += " -c shared_buffers=16MB";
                }
                if has_tls {
                    words += " -c ssl=on -c ssl_cert_file=../certificate.pem -c ssl_key_file=../key.pem";
                }
            }
            Self::Redis | Self::Valkey => {
                if builder.append_only {
                    words += "--appendonly yes --appendfsync always ";
                }
                if let Some(memory) = builder.memory {
                    words += &format!("--maxmemory {memory}mb --maxmemory-policy allkeys-lru ");
                }
                if let Some(password) = &builder.password {
                    words += &format!("--requirepass {password} --masterauth {password} ");
                }
                if let Some(bus) = &builder.bus {
                    // Beside the data: a node that comes back empty is still the same node.
                    words += &format!(
                        "--cluster-enabled yes --cluster-config-file {at}/nodes.conf --cluster-port {} \
                         --cluster-announce-ip 127.0.0.1 --cluster-node-timeout 1000 --cluster-require-full-coverage no ",
                        bus.number()
                    );
                }
            }
            Self::Memcached => {
                if let Some(memory) = builder.memory {
                    words += &format!("-m {memory}");
                }
            }
        }
        let mut arguments: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        match self {
            Self::MariaDb | Self::MySql if has_tls => {
                arguments.extend([
                    format!("--ssl-ca={at}/authority.pem"),
                    format!("--ssl-cert={at}/certificate.pem"),
                    format!("--ssl-key={at}/key.pem"),
                ]);
                if builder.tls_only {
                    arguments.push("--require-secure-transport=ON".to_owned());
                }
            }
            Self::Redis | Self::Valkey if has_tls => arguments.extend([
                "--tls-port".to_owned(),
                tls_port.to_string(),
                "--tls-cert-file".to_owned(),
                format!("{at}/certificate.pem"),
                "--tls-key-file".to_owned(),
                format!("{at}/key.pem"),
                "--tls-ca-cert-file".to_owned(),
                format!("{at}/authority.pem"),
                "--tls-auth-clients".to_owned(),
                "no".to_owned(),
            ]),
            _ => {}
        }
        arguments
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
