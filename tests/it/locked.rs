//! A journal whose lock another process holds for longer than anybody waits, as one does that was stopped in the middle of a
//! transaction: that is a silence, like a stopped server's, and nothing is queued.

use sqlx::{Connection as _, SqliteConnection};

use crate::support::events::Events;
use crate::support::stack::{Stack, runtime};

#[test]
fn an_update_is_not_queued_while_another_process_holds_the_lock() {
    let stack = Stack::embedded();
    let update = || stack.run(&["write-behind", "update", "--delay", "2h"]);
    assert_eq!(update().code, Some(0));
    let mut files = std::fs::read_dir(stack.folder().join(".local/share/cachedemo/queue")).unwrap();
    let file = files
        .find_map(|entry| {
            entry.ok().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|word| word == "sqlite3"))
        })
        .unwrap();
    runtime().block_on(async {
        let mut holder = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        let holding = holder.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let refused = update();
        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert!(refused.stderr.contains("did not answer within 5s"), "{}", refused.stderr);
        assert!(refused.stderr.contains("another process holds its lock"), "{}", refused.stderr);
        holding.rollback().await.unwrap();
    });
    let output = stack.run(&["--format", "json", "write-behind", "queue", "status"]);
    assert_eq!(Events::of(&output).one("queue")["length"], 1, "{output:?}");
}
