//! Prepares an empty database of each kind once, because that takes longer than all else in a test.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use super::guard::Guard;
use super::kinds::Kind;
use super::launch::{complete, give, unprivileged};
use super::programs;
use super::server::{DATABASE, PASSWORD};

/// A prepared data folder. The guard removes it when the test process ends.
struct Template {
    folder: TempDir,
    _guard: Guard,
}

/// Fills `folder/data` with a fresh, empty database of this kind.
pub fn copy(kind: Kind, program: &Path, folder: &Path) {
    static MARIADB: OnceLock<Template> = OnceLock::new();
    static MYSQL: OnceLock<Template> = OnceLock::new();
    static POSTGRES: OnceLock<Template> = OnceLock::new();
    let template = match kind {
        Kind::MariaDb => &MARIADB,
        Kind::MySql => &MYSQL,
        Kind::Postgres => &POSTGRES,
        Kind::Redis | Kind::Valkey | Kind::Memcached => {
            let data = folder.join("data");
            fs::create_dir(&data).expect("the folder is new");
            give(&data);
            return;
        }
    }
    .get_or_init(|| prepare(kind, program));
    complete(Command::new("cp").args(["-a", "--reflink=auto"]).arg(template.folder.path().join("data")).arg(folder));
}

fn prepare(kind: Kind, program: &Path) -> Template {
    let folder = TempDir::with_prefix("cachedemo-template-").expect("the temporary folder is writable");
    let guard = Guard::of(folder.path());
    give(folder.path());
    match kind {
        Kind::MariaDb => mariadb(folder.path()),
        Kind::MySql => mysql(program, folder.path()),
        Kind::Postgres => postgres(program, folder.path()),
        Kind::Redis | Kind::Valkey | Kind::Memcached => {}
    }
    Template { folder, _guard: guard }
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).expect("the template folder is ours");
    give(file);
}

fn mariadb(folder: &Path) {
    let script = folder.join("initial.sql");
    // The first line turns on accounts, which are off while the tables are made.
    write(
        &script,
        &format!(
            "FLUSH PRIVILEGES;\nCREATE DATABASE {DATABASE};\n\
             CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
        ),
    );
    let program = programs::find("mariadb-install-db").expect("it is in the same package as the server");
    complete(
        unprivileged(&program)
            .arg("--no-defaults")
            .arg(format!("--datadir={}/data", folder.display()))
            .arg(format!("--extra-file={}", script.display()))
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .args(["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M"])
            .current_dir(folder),
    );
}

fn mysql(program: &Path, folder: &Path) {
    let script = folder.join("initial.sql");
    write(
        &script,
        &format!(
            "CREATE DATABASE {DATABASE};\n\
             ALTER USER root@localhost IDENTIFIED BY '{PASSWORD}';\n\
             CREATE USER root@'%' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;\n"
        ),
    );
    complete(
        unprivileged(program)
            .args(["--no-defaults", "--initialize-insecure"])
            .arg(format!("--datadir={}/data", folder.display()))
            .arg(format!("--init-file={}", script.display()))
            .args(["--innodb-redo-log-capacity=8M", "--secure-file-priv=NULL"])
            .current_dir(folder),
    );
}

fn postgres(program: &Path, folder: &Path) {
    let password = folder.join("password");
    write(&password, PASSWORD);
    let data = folder.join("data");
    complete(
        unprivileged(&program.with_file_name("initdb"))
            .arg("-D")
            .arg(&data)
            .arg(format!("--pwfile={}", password.display()))
            .args(["-U", "postgres", "--auth=scram-sha-256", "--no-sync"])
            .args(["-E", "UTF8", "--locale=C.UTF-8"])
            .current_dir(folder),
    );
    let statement = folder.join("initial.sql");
    write(&statement, &format!("CREATE DATABASE {DATABASE}\n"));
    let input = fs::File::open(&statement).expect("it was just written");
    complete(
        unprivileged(program)
            .args(["--single", "-F", "-D"])
            .arg(&data)
            .arg("postgres")
            .stdin(Stdio::from(input))
            .current_dir(folder),
    );
}
