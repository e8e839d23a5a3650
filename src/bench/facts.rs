//! Everything that a report's figures depend on, as a list of names and values; and the same in a few sentences.
//!
//! The list is taken apart without `..`: a setting that is added to the configuration cannot be forgotten here, and with it
//! not by a comparison either, which holds two lists against each other before it looks at any figure.

use super::report::{Configuration, Distribution, Host, Mix, Report, Server};
use crate::quantity::{count, counted, significant};

/// Something that the figures depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is called, such as `clients`.
    pub name: &'static str,
    /// As it is shown; empty where there is none.
    pub value: String,
}

/// All of them: what was asked for, where the clients ran, and the servers.
#[must_use]
pub fn facts(report: &Report) -> Vec<Fact> {
    let Configuration {
        subjects,
        protocol,
        variants,
        workload,
        mix: seen_mix,
        keys,
        distribution: seen_distribution,
        clients,
        rate,
        duration_s,
        operations,
        warmup_s,
        rounds,
        seed,
        faults,
        ttl_s,
        on_cache_failure,
        batch_size,
    } = &report.configuration;
    let Host { processors, processor, memory_bytes, system } = &report.host;
    let subjects: Vec<_> = subjects.iter().map(|subject| subject.name()).collect();
    let given = |number: &Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let fact = |name, value: String| Fact { name, value };
    let mut all = vec![
        fact("subjects", subjects.join(", ")),
        fact("protocol", protocol.name().to_owned()),
        fact("variants", variants.join(", ")),
        fact("workload", workload.clone().unwrap_or_default()),
        fact("mix", mix(seen_mix)),
        fact("flights", count(*keys)),
        fact("distribution", distribution(*seen_distribution).to_owned()),
        fact("clients", count(*clients)),
        fact("rate (operations/s)", given(rate)),
        fact("duration (s)", given(duration_s)),
        fact("operations", operations.map(count).unwrap_or_default()),
        fact("warm-up (s)", warmup_s.to_string()),
        fact("rounds", count(*rounds)),
        fact("seed", seed.to_string()),
        fact("faults", faults.join(", ")),
        fact("TTL (s)", ttl_s.to_string()),
        fact("on cache failure", format!("{on_cache_failure:?}").to_lowercase()),
        fact("batch size", count(*batch_size)),
        fact("processors", count(*processors)),
        fact("processor", processor.clone().unwrap_or_default()),
        fact("memory", memory_bytes.map(memory).unwrap_or_default()),
        fact("system", system.clone()),
        fact("cachedemo", report.version.clone()),
        fact("complete", if report.complete { "yes" } else { "no, interrupted" }.to_owned()),
    ];
    for (names, server) in [
        (["database", "database address", "database version"], &report.database),
        (["cache", "cache address", "cache version"], &report.cache),
    ] {
        let Server { product, address, version } = server;
        let values = [product.clone(), address.clone(), version.clone().unwrap_or_default()];
        all.extend(names.into_iter().zip(values).map(|(name, value)| fact(name, value)));
    }
    all
}

/// What was asked for, in sentences; texts of the servers' are in them as they are.
#[must_use]
pub fn described(report: &Report) -> Vec<String> {
    let asked = &report.configuration;
    let workload = asked.workload.as_ref().map(|letter| format!("workload {letter}: ")).unwrap_or_default();
    let what = format!(
        "{workload}{} of {}, {}",
        mix(&asked.mix),
        counted(asked.keys.into(), "flight"),
        distribution(asked.distribution)
    );
    let clients = counted(asked.clients.into(), "client");
    let how = match asked.rate {
        Some(rate) => {
            format!("{} operations/s, whether or not they end, {clients} at most", crate::quantity::rate(rate))
        }
        None => format!("{clients}, each of which goes on when an operation ends"),
    };
    let length = match (asked.duration_s, asked.operations) {
        (Some(seconds), _) => format!("{} s", number(seconds)),
        (None, Some(operations)) => counted(operations, "operation"),
        (None, None) => "measured".to_owned(),
    };
    let when = format!(
        "{length} each in {}, after {} s of warm-up; seed {}",
        counted(asked.rounds.into(), "round"),
        number(asked.warmup_s),
        asked.seed
    );
    let variants = match asked.variants.len() {
        0 => String::new(),
        _ => format!(" ({})", asked.variants.join(", ")),
    };
    let on = format!(
        "{}; {}; {} protocol{variants}",
        served("database", &report.database),
        served("cache", &report.cache),
        asked.protocol.name()
    );
    vec![what, format!("{how}; {when}"), on, format!("clients on {}", host(&report.host))]
}

fn served(role: &str, server: &Server) -> String {
    let version = server.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let preposition = if server.address.starts_with("in ") { "" } else { "at " };
    format!("{role} {}{version} {preposition}{}", server.product, server.address)
}

fn host(host: &Host) -> String {
    let processor = host.processor.as_ref().map(|model| format!(" ({model})")).unwrap_or_default();
    let memory = host.memory_bytes.map(|bytes| format!(", {}", memory(bytes))).unwrap_or_default();
    format!("{}{processor}{memory}, {}", counted(host.processors.into(), "processor"), host.system)
}

/// `95 % reads, 5 % updates`: what is none is not told.
fn mix(mix: &Mix) -> String {
    let Mix { reads, updates, read_modify_writes } = *mix;
    let kinds = [(reads, "reads"), (updates, "updates"), (read_modify_writes, "reads with an update")];
    let told = kinds.into_iter().filter(|(share, _)| *share > 0.0);
    told.map(|(share, kind)| format!("{} % {kind}", number(share * 100.0))).collect::<Vec<_>>().join(", ")
}

fn distribution(distribution: Distribution) -> &'static str {
    match distribution {
        Distribution::Zipfian => "zipfian",
        Distribution::Uniform => "uniform",
        Distribution::Latest => "latest",
    }
}

fn memory(bytes: u64) -> String {
    format!("{} GiB", significant(bytes as f64 / (1_u64 << 30) as f64))
}

fn number(number: f64) -> String {
    if number < 999.5 { significant(number) } else { count(number.round() as u64) }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn everything_is_told_once() {
        let report = samples::report();
        let mut names: Vec<_> = facts(&report).iter().map(|fact| fact.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn what_was_asked_for_is_told_in_sentences() {
        let mut report = samples::report();
        assert_eq!(
            described(&report),
            [
                "workload a: 50 % reads, 50 % updates of 10,000 flights, zipfian",
                "16 clients, each of which goes on when an operation ends; 30 s each in 5 rounds, after 2 s of warm-up; seed 42",
                "database MariaDB 11.8.3-MariaDB at 127.0.0.1:3306/flughafendb; cache Redis 8.0.2 at 127.0.0.1:6379; protected protocol",
                "clients on 2 processors (Example CPU 3000), 8 GiB, linux x86_64",
            ]
        );
        report.configuration.rate = Some(2_000.0);
        report.configuration.duration_s = None;
        report.configuration.operations = Some(10_000);
        assert!(
            described(&report)[1]
                .starts_with("2,000 operations/s, whether or not they end, 16 clients at most; 10,000 operations each")
        );
    }
}
