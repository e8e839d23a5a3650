//! The program's own files, where they cannot be made, read, or hold no more: named, and nothing half done.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::scene::{Scene, of, on_one_line};
use crate::support::command::{Cachedemo, Output};
use crate::support::launch;

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let scene = Scene::embedded();
    let file = scene.home.path().join("notes.txt");
    let text = "not a database\n".repeat(1000);
    fs::write(&file, &text).unwrap();
    let scene = scene.set("DB_NAME", file.display());
    for line in ["cache-aside get", "write-behind", "doctor", "db status", "db init"] {
        scene.fails(line, 3, &["is not a database", "notes.txt"], "set DB_NAME to another");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text);

    let absent = scene.set("DB_NAME", scene.home.path().join("absent").display());
    for line in ["cache-aside get", "write-behind", "db status"] {
        absent.fails(line, 3, &["does not exist", "absent"], "cachedemo db init");
    }
    let folder = scene.set("DB_NAME", scene.home.path().display());
    for line in ["cache-aside get", "db init"] {
        folder.fails(line, 3, &["does not exist"], "DB_NAME");
    }
}

#[test]
fn a_truncated_database_is_named() {
    let scene = Scene::embedded();
    scene.succeed("db init --flights 500");
    let file = scene.home.path().join(".local/share/cachedemo/flughafendb.sqlite3");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    scene.fails("cache-aside get", 3, &["is not a database, or not a whole one"], "set DB_NAME to another");
    scene.fails("write-through", 3, &["is not a database, or not a whole one"], "set DB_NAME to another");
}

#[test]
fn a_home_that_is_a_file_is_named() {
    let scene = Scene::embedded();
    let file = scene.home.path().join("file");
    fs::write(&file, "kept").unwrap();
    let scene = scene.set("CACHEDEMO_HOME", file.display());
    for line in ["cache-aside get", "write-through", "doctor"] {
        scene.fails(line, 1, &["file"], "set CACHEDEMO_HOME");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
}

#[test]
fn a_garbage_journal_is_named_and_kept() {
    let scene = Scene::embedded();
    scene.succeed("write-behind update --delay 1h");
    let folder = scene.home.path().join(".local/share/cachedemo/queue");
    let journal = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    for entry in fs::read_dir(&folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    // `-wal` and `-shm` sort anywhere: the journal is the one with the short name.
    let name = journal.display().to_string();
    let journal = Path::new(name.trim_end_matches("-wal").trim_end_matches("-shm"));
    fs::write(journal, "garbage ".repeat(1000)).unwrap();
    for line in [
        "write-behind drain",
        "write-behind queue status",
        "write-behind update --delay 1h",
        "write-behind",
        "write-behind get",
        "cache-aside update --delay 1h",
    ] {
        scene.fails(line, 1, &["journal", "file is not a database"], "");
    }
    assert!(fs::read(journal).unwrap().starts_with(b"garbage garbage "), "somebody's file was overwritten");
    scene.succeed("cache-aside get");
}

/// Runs a script with the program as its first word, as an account that is not root.
fn unprivileged(scene: &Scene, prelude: &str, line: &str) -> Output {
    launch::give(scene.home.path());
    let script = format!("{prelude}; exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$@\"");
    let program = env!("CARGO_BIN_EXE_cachedemo");
    // The account must reach the program, wherever the build put it.
    let copy = scene.home.path().join("program");
    if !copy.exists() {
        fs::copy(program, &copy).unwrap();
        fs::set_permissions(&copy, Permissions::from_mode(0o755)).unwrap();
    }
    let words: Vec<&str> = line.split(' ').collect();
    Cachedemo::program(Path::new("/bin/sh"))
        .with_home(&scene.home)
        .args(["-c", &script, "sh"])
        .args([&copy])
        .args(words)
        .env("NO_COLOR", "1")
        .run()
}

/// Setting another account needs root; everybody else is not root already, which the script cannot be told.
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn says(output: &Output, code: i32, parts: &[&str]) {
    let told = on_one_line(&output.stderr);
    assert_eq!(output.code, Some(code), "{}\n{}", output.stdout, output.stderr);
    for part in parts {
        assert!(told.contains(part), "no {part:?}: {told}");
    }
}

#[test]
fn a_read_only_home_is_named() {
    if !is_root() {
        return;
    }
    let scene = Scene::embedded();
    unprivileged(&scene, ":", "--version");
    let home = scene.home.path();
    fs::set_permissions(home, Permissions::from_mode(0o555)).unwrap();
    for line in ["cache-aside get", "write-through", "db init", "doctor"] {
        let output = unprivileged(&scene, ":", line);
        says(&output, 1, &["Permission denied", "hint: set CACHEDEMO_HOME to a directory that can be written"]);
    }
    fs::set_permissions(home, Permissions::from_mode(0o755)).unwrap();
    let output = unprivileged(&scene, ":", "write-through");
    assert_eq!(output.code, Some(0), "{}\n{}", output.stdout, output.stderr);
    // Everything is there, and none of it may be changed any more.
    let lock = format!("chmod -R a-w {}", home.join(".local").display());
    for line in ["write-through", "write-behind update --delay 1h", "cache-aside update --delay 1h"] {
        let output = unprivileged(&scene, &lock, line);
        says(&output, 1, &["error: ", "hint: "]);
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_made() {
    if !is_root() {
        return;
    }
    let scene = Scene::embedded();
    let home = scene.home.path().display().to_string();
    // In a mount namespace of the command's own, so that nothing is left mounted whatever happens.
    let run = |line: &str| {
        let script = format!(
            "mount -t tmpfs -o size=64k tmpfs \"$1\" && shift && cd / && \"$@\"; code=$?; \
             echo left: $(find {home} -type f -size +0 | wc -l) >&2; exit $code"
        );
        Cachedemo::program(Path::new("/usr/bin/unshare"))
            .with_home(&scene.home)
            .args(["-m", "sh", "-c", &script, "sh", &home, env!("CARGO_BIN_EXE_cachedemo")])
            .args(line.split(' '))
            .env("NO_COLOR", "1")
            .run()
    };
    for line in ["cache-aside get", "write-through", "db init", "write-behind update --delay 1h"] {
        says(
            &run(line),
            1,
            &["full", "hint: set CACHEDEMO_HOME to a directory that can be written and has room", "left: 0"],
        );
    }
}

#[test]
fn a_journal_that_can_hold_no_more_refuses_the_update() {
    let scene = Scene::embedded();
    scene.succeed("write-behind update --delay 1h");
    scene.succeed("write-behind drain");
    let limited = |line: &str| {
        // The signal of a limit would end the program: ignored, the write fails, as on a full disk.
        let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
        Cachedemo::program(Path::new("/bin/sh"))
            .with_home(&scene.home)
            .args(["-c", script, "sh", env!("CARGO_BIN_EXE_cachedemo")])
            .args(line.split(' '))
            .env("NO_COLOR", "1")
            .run()
    };
    for line in ["write-behind update --delay 1h", "cache-aside update --delay 1h"] {
        says(&limited(line), 1, &["error: ", "hint: "]);
    }
    let (_, events) = scene.events("write-behind queue status");
    assert_eq!(of(&events, "queue").next().unwrap()["length"], 0, "{events:?}");
    let (_, events) = scene.events("cache-aside get");
    assert_eq!(of(&events, "read").next().unwrap()["flight"]["departure"], "2025-11-20T11:00:00", "{events:?}");
}
