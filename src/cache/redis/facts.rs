//! What a Redis or Valkey server says of itself, and what the nodes of a cluster say together: the weakest of them counts, for a
//! flight may be on any.

use redis::cmd;

use super::report::field;
use crate::cache::redis_client::Owner;
use crate::cache::{Facts, Persistence, RedisClient, ServerFacts};
use crate::error::{Error, Result};

/// What the servers say of themselves. One that does not answer is told of beside those that do.
pub(super) async fn of(client: &RedisClient) -> Result<Facts> {
    let servers = client.servers().await?;
    let is_cluster = client.names().are_tagged();
    let mut all: Option<Facts> = None;
    let (mut told, mut failed) = (Vec::new(), None);
    for server in &servers {
        let facts = of_server(server, is_cluster).await;
        told.push(ServerFacts {
            address: server.address().to_owned(),
            version: facts.as_ref().map(|facts| facts.version.clone()).map_err(ToString::to_string),
            shards: server.partitions.len(),
        });
        match facts {
            Ok(facts) => all = Some(all.map_or(facts.clone(), |all| together(all, facts))),
            Err(error) => failed = Some(error),
        }
    }
    match (all, failed) {
        (Some(facts), _) if is_cluster => Ok(Facts { servers: told, ..facts }),
        (Some(facts), _) => Ok(facts),
        (None, Some(error)) => Err(error),
        (None, None) => Err(Error::usage("the cluster has no nodes", "see `CLUSTER NODES` there")),
    }
}

async fn of_server(server: &Owner, is_of_cluster: bool) -> Result<Facts> {
    let report: String = server.run("query of its state", &cmd("INFO")).await?;
    let field = |name| field(&report, name);
    // Valkey also names the Redis version that it is compatible with.
    let version = field("valkey_version").or(field("redis_version")).unwrap_or("unknown").to_owned();
    let coverage = if is_of_cluster { setting(server, "cluster-require-full-coverage").await? } else { None };
    Ok(Facts {
        version,
        persistence: persistence(server, field("aof_enabled") == Some("1")).await?,
        eviction: field("maxmemory_policy").map(str::to_owned),
        memory_limit: field("maxmemory").and_then(|bytes| bytes.parse().ok()).filter(|bytes| *bytes > 0),
        servers: Vec::new(),
        needs_every_slot: coverage.map(|word| word == "yes"),
    })
}

/// What holds for both.
fn together(one: Facts, other: Facts) -> Facts {
    let evicts = |facts: &Facts| facts.eviction.as_deref().is_some_and(|policy| policy.starts_with("allkeys"));
    let eviction = if evicts(&one) { one.eviction } else { other.eviction };
    let has_both = one.version.contains(&other.version);
    Facts {
        version: if has_both { one.version } else { format!("{}, {}", one.version, other.version) },
        eviction,
        memory_limit: match (one.memory_limit, other.memory_limit) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        },
        persistence: weaker(one.persistence, other.persistence),
        servers: Vec::new(),
        needs_every_slot: one.needs_every_slot.max(other.needs_every_slot),
    }
}

fn weaker(one: Persistence, other: Persistence) -> Persistence {
    let strength = |persistence: &Persistence| match persistence {
        Persistence::None => 0,
        Persistence::Snapshots => 1,
        Persistence::AppendOnly(None) => 2,
        Persistence::AppendOnly(Some(sync)) => {
            if sync == "always" {
                4
            } else {
                3
            }
        }
    };
    if strength(&one) <= strength(&other) { one } else { other }
}

/// A name of this run of all servers together: another one where any of them was started again or another has taken its place.
pub(super) async fn incarnation(client: &RedisClient) -> Result<Option<String>> {
    let mut runs = Vec::new();
    for server in client.servers().await? {
        // Also where it is told to take no snapshots: anybody may ask for one by hand, and it is loaded at the next start.
        match server.run::<String>("query of its state", cmd("INFO").arg("server")).await {
            Ok(report) => match field(&report, "run_id") {
                Some(run) => runs.push(run.to_owned()),
                None => return Ok(None),
            },
            Err(Error::Denied { .. } | Error::Rejected { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    runs.sort_unstable();
    let names = client.names();
    // Entries of another division stand there until they expire, and nobody has told them of what has changed meanwhile.
    let division = if names.are_tagged() { format!("/{}", names.partitions()) } else { String::new() };
    Ok(Some(runs.join(",") + &division))
}

/// A setting of the server; `None` where the account may not ask, as on many hosted servers.
async fn setting(server: &Owner, name: &str) -> Result<Option<String>> {
    match server.run::<Vec<String>>("query of its settings", cmd("CONFIG").arg("GET").arg(name)).await {
        Ok(names_and_values) => Ok(names_and_values.into_iter().nth(1)),
        Err(Error::Denied { .. } | Error::Rejected { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn persistence(server: &Owner, is_append_only: bool) -> Result<Persistence> {
    if is_append_only {
        return Ok(Persistence::AppendOnly(setting(server, "appendfsync").await?));
    }
    // When snapshots are taken is told by the settings alone: where those are closed, promise nothing.
    let snapshots = setting(server, "save").await?.is_some_and(|moments| !moments.is_empty());
    Ok(if snapshots { Persistence::Snapshots } else { Persistence::None })
}
