//! What a queue says while a server is down: never that an update was queued when it was not, nor the other way round.

use cachedemo::error::{Error, ExitCode};

use super::stage::{Stage, TTL, flight, id, update};

pub(super) async fn cache_down(mut stage: Stage) {
    let Some(server) = &mut stage.server else { return };
    server.kill();
    let refused = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap_err();
    if stage.is_journal() {
        // The journal has it, and says so: only the entry could not be deleted.
        assert!(matches!(refused, Error::CacheNotTold { .. }), "{refused:?}");
        assert_eq!(refused.exit_code(), ExitCode::Failed);
        assert!(refused.to_string().starts_with("the update of flight 1 is queued"), "{refused}");
        assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
        assert_eq!(stage.all().await.len(), 1);
    } else {
        assert!(refused.is_outage(), "{refused:?}");
        assert!(stage.queue.pending(id(1)).await.is_err(), "an outage is not the absence of pending updates");
    }
}

/// The command was sent, and may be carried out when the server goes on.
pub(super) async fn cache_stopped(stage: Stage) {
    let Some(server) = &stage.server else { return };
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    server.stop();
    let refused = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap_err();
    server.resume();
    if stage.is_journal() {
        assert!(matches!(refused, Error::CacheNotTold { .. }), "{refused:?}");
        assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
    } else {
        assert!(matches!(refused, Error::OutcomeUnknown { operation: "enqueue", .. }), "{refused:?}");
    }
}

pub(super) async fn restart(mut stage: Stage) {
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    let sequence = stage.sequence().await;
    if let Some(server) = &mut stage.server {
        server.restart();
    }
    let reopened = stage.connect();
    assert_eq!(reopened.sequence(0).await.unwrap(), Some(sequence.clone()));
    assert_eq!(reopened.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
    assert!(reopened.enqueue(&update(1, 2), TTL).await.unwrap().position > first);
    assert_eq!(reopened.after(&sequence, first, 10).await.unwrap().len(), 1);
}
