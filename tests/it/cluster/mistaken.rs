//! A cluster taken for a server, and a server for a cluster.

use crate::scene::Scene;
use crate::support::cluster::Cluster;
use crate::support::server::{Kind, Server};

const COMMANDS: [&str; 3] = ["cache-aside get", "write-behind queue status", "doctor"];

fn mistakes(kind: Kind) {
    let name = kind.name();
    let Some(cluster) = Cluster::lend(kind) else { return };
    let cluster = cluster.as_ref().unwrap();
    let port = cluster.nodes[1].port();
    let scene = Scene::embedded().set("CACHE_URL", format!("{name}://127.0.0.1:{port}"));
    let hint = format!("CACHE_URL={name}-cluster://127.0.0.1:{port}");
    for command in COMMANDS {
        scene.fails(command, 2, &["is a node of a cluster"], &hint);
    }
    let Some(server) = Server::start(kind) else { return };
    let port = server.port();
    let scene = Scene::embedded().set("CACHE_URL", format!("{name}-cluster://127.0.0.1:{port}"));
    let hint = format!("CACHE_URL={name}://127.0.0.1:{port}");
    for command in COMMANDS {
        scene.fails(command, 2, &["is no node of a cluster"], &hint);
    }
}

#[test]
fn of_redis() {
    mistakes(Kind::Redis);
}

#[test]
fn of_valkey() {
    mistakes(Kind::Valkey);
}
