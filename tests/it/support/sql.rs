//! Runs SQL through each database's own client, so that tests look at data without the code under test.

use std::path::Path;
use std::process::Command;

use super::kinds::Kind;
use super::launch;
use super::programs;
use super::server::PASSWORD;

/// Runs `statements` as the superuser in `database` and gives what the client prints: no headers, tabs between columns.
pub fn run(kind: Kind, server: &Path, port: u16, authority: Option<&Path>, database: &str, statements: &str) -> String {
    let mut command = match kind {
        Kind::Postgres => postgres(server, port, authority),
        Kind::MySql => mysql(server, port, authority),
        Kind::MariaDb => mariadb(port, authority),
        Kind::Redis | Kind::Valkey | Kind::Memcached => panic!("{kind} does not speak SQL"),
    };
    let word = if kind == Kind::Postgres { "-c" } else { "-e" };
    let named = if kind == Kind::Postgres { "--dbname=" } else { "--database=" };
    launch::complete(command.arg(format!("{named}{database}")).args([word, statements]))
}

fn client(program: &Path) -> Command {
    let mut command = Command::new(program);
    // The user's own client settings must not reach the tests.
    command.env_clear();
    command
}

fn postgres(server: &Path, port: u16, authority: Option<&Path>) -> Command {
    let mut command = client(&server.with_file_name("psql"));
    command
        .env("PGPASSWORD", PASSWORD)
        .args(["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"])
        .args(["-h", "127.0.0.1", "-U", "postgres", "-p"])
        .arg(port.to_string());
    if let Some(file) = authority {
        command.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", file);
    }
    command
}

fn mysql(server: &Path, port: u16, authority: Option<&Path>) -> Command {
    let mut command = client(&programs::mysql_client(server));
    command.arg("--no-defaults");
    if let Some(file) = authority {
        command.arg("--ssl-mode=VERIFY_IDENTITY").arg(format!("--ssl-ca={}", file.display()));
    }
    mysql_arguments(&mut command, port);
    command
}

fn mariadb(port: u16, authority: Option<&Path>) -> Command {
    let program = programs::find("mariadb").expect("the server's package needs the client's");
    let mut command = client(&program);
    command.arg("--no-defaults");
    if let Some(file) = authority {
        command.arg("--ssl-verify-server-cert").arg(format!("--ssl-ca={}", file.display()));
    }
    mysql_arguments(&mut command, port);
    command
}

fn mysql_arguments(command: &mut Command, port: u16) {
    command
        .env("MYSQL_PWD", PASSWORD)
        .args(["--batch", "--skip-column-names", "--protocol=tcp"])
        .args(["--default-character-set=utf8mb4", "--host=127.0.0.1", "--user=root"])
        .arg(format!("--port={port}"));
}
