//! Cleans up after a server even when the test process is killed, which no destructor can do.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Reads the current server's process number line by line. The end of its input is the end of the
/// test process, however that came about: then it kills the server, frees the shared memory
/// PostgreSQL leaves behind and removes the folder.
const SCRIPT: &str = r#"
leader=none
while read -r line; do leader=$line; done
if [ "$leader" != none ]; then
    kill -STOP "$leader"
    children=$(grep -ls "^PPid:[[:space:]]*$leader\$" /proc/[0-9]*/status | cut -d/ -f3)
    kill -KILL $children "$leader"
    timeout 5 tail --pid="$leader" -f /dev/null
fi
if [ -f "$1/data/postmaster.pid" ]; then
    ipcrm -m "$(sed -n 7p "$1/data/postmaster.pid" | awk '{print $2}')"
fi
rm -rf -- "$1"
"#;

/// The watching process of one folder.
pub struct Guard(Child);

impl Guard {
    /// Watches over `folder`.
    pub fn of(folder: &Path) -> Self {
        let child = Command::new("sh")
            .args(["-c", SCRIPT, "guard"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C in the developer's terminal must not reach it before its work is done.
            .process_group(0)
            .spawn()
            .expect("every Unix system has sh");
        Self(child)
    }

    /// Makes `process` the one to kill, or none.
    pub fn watch(&mut self, process: Option<u32>) {
        let line = process.map_or_else(|| "none\n".to_owned(), |number| format!("{number}\n"));
        self.0
            .stdin
            .as_mut()
            .expect("the input is open until drop")
            .write_all(line.as_bytes())
            .expect("the guard reads until its input ends");
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // A failure leaves a folder behind at worst; a panic here would hide the test's own.
        let _ = self.0.wait();
    }
}
