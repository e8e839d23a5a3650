//! What a Redis or Valkey server says of itself in answer to `INFO`: lines of a name and a value, in sections.

use std::time::Duration;

use crate::cache::{MemoryLimit, Statistics};

/// What a report says under this name.
pub(super) fn field<'a>(report: &'a str, name: &str) -> Option<&'a str> {
    report.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

/// What a report counts.
pub(super) fn statistics(report: &str) -> Statistics {
    let number = |name| field(report, name).and_then(|value| value.parse().ok());
    Statistics {
        uptime: number("uptime_in_seconds").map(Duration::from_secs),
        hits: number("keyspace_hits"),
        misses: number("keyspace_misses"),
        evicted: number("evicted_keys"),
        expired: number("expired_keys"),
        entries: entries(report),
        memory_used: number("used_memory"),
        memory_limit: number("maxmemory").map(|bytes| match bytes {
            0 => MemoryLimit::Unlimited,
            bytes => MemoryLimit::Bytes(bytes),
        }),
    }
}

/// The keys of all logical databases, as the counters are of all: lines such as `db0:keys=2,expires=1,avg_ttl=99950`. One
/// without keys has no line, so a report that has the section and none of them counts none.
fn entries(report: &str) -> Option<u64> {
    let mut lines = report.lines().skip_while(|line| *line != "# Keyspace");
    lines.next()?;
    let keys = |line: &str| line.split_once(":keys=")?.1.split(',').next()?.parse::<u64>().ok();
    lines
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with("db"))
        .try_fold(0_u64, |sum, line| Some(sum.saturating_add(keys(line)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From Redis 7.0.15, without the fields that nobody asks for.
    const REPORT: &str = "# Server\r\nredis_version:7.0.15\r\nuptime_in_seconds:86405\r\nuptime_in_days:1\r\n\r\n\
        # Memory\r\nused_memory:966384\r\nused_memory_human:943.73K\r\nused_memory_rss:14991360\r\n\
        maxmemory:104857600\r\nmaxmemory_human:100.00M\r\nmaxmemory_policy:volatile-lru\r\n\r\n\
        # Stats\r\nexpired_keys:7\r\nexpired_stale_perc:0.00\r\nevicted_keys:12\r\nevicted_clients:0\r\n\
        keyspace_hits:1234\r\nkeyspace_misses:56\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n\
        # Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=99950\r\ndb3:keys=40,expires=0,avg_ttl=0\r\n";

    #[test]
    fn a_report_is_read() {
        let expected = Statistics {
            uptime: Some(Duration::from_secs(86_405)),
            hits: Some(1_234),
            misses: Some(56),
            evicted: Some(12),
            expired: Some(7),
            entries: Some(42),
            memory_used: Some(966_384),
            memory_limit: Some(MemoryLimit::Bytes(104_857_600)),
        };
        assert_eq!(statistics(REPORT), expected);
    }

    #[test]
    fn no_limit_and_no_keys_are_told_from_no_answer() {
        let empty = statistics("# Memory\r\nmaxmemory:0\r\n\r\n# Keyspace\r\n");
        assert_eq!((empty.memory_limit, empty.entries), (Some(MemoryLimit::Unlimited), Some(0)));
        assert_eq!(statistics(""), Statistics::default());
        assert_eq!(statistics("hostile \u{1b}[2J\r\nkeyspace_hits:-1\r\nused_memory:1e9\r\n"), Statistics::default());
        // Part of the keys is not how many there are.
        assert_eq!(statistics("# Keyspace\r\ndb0:keys=2\r\ndb1:keys=many\r\n").entries, None);
    }
}
