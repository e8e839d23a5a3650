//! The machine of the clients, as far as it tells of itself: figures of two machines are not to be compared.

use std::fs::read_to_string;

use super::report::Host;

impl Host {
    /// This machine.
    #[must_use]
    pub fn here() -> Self {
        let processors =
            std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(u32::MAX));
        Self {
            processors,
            processor: field("/proc/cpuinfo", "model name"),
            memory_bytes: field("/proc/meminfo", "MemTotal").as_deref().and_then(kibibytes),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// What a file of lines like `name : value` says under this name.
fn field(file: &str, name: &str) -> Option<String> {
    value(&read_to_string(file).ok()?, name)
}

fn value(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned());
    values.find(|value| !value.is_empty())
}

fn kibibytes(text: &str) -> Option<u64> {
    text.strip_suffix(" kB")?.parse::<u64>().ok().map(|count| count * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_tells_is_read() {
        let text = "processor\t: 0\nmodel name\t: A Processor @ 3GHz\nMemTotal:       24576 kB\n";
        assert_eq!(value(text, "model name").as_deref(), Some("A Processor @ 3GHz"));
        assert_eq!(value(text, "MemTotal").as_deref().and_then(kibibytes), Some(24576 * 1024));
        assert_eq!(value(text, "stepping"), None);
        assert!(Host::here().processors > 0);
    }
}
