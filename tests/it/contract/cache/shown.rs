//! What is shown is what was sent: the commands that a cache reports, against the bytes that left for its server.

use std::sync::Arc;

use cachedemo::cache::{self, Cache, Content, Over, Settle};
use cachedemo::error::Result;
use cachedemo::hop::{self, Target};

use super::between::Between;
use super::fixture::{Fixture, LONG, id};

every_server! {{
    what_is_shown_is_what_was_sent,
}}

/// The words of a request: Redis' arrays of strings without their lengths, Memcached's lines.
fn words(said: &str) -> String {
    let lines = said.split("\r\n").filter(|line| !line.is_empty());
    lines.filter(|line| !line.starts_with('*') && !line.starts_with('$')).collect::<Vec<_>>().join(" ")
}

async fn what_is_shown_is_what_was_sent(fixture: &mut Fixture) {
    let mut settings = fixture.settings(LONG);
    let between = Between::listen(settings.port, |_| ()).await;
    settings.port = between.port;
    let cache = cache::connect(&settings).unwrap();
    let foreign = fixture.spoil(3).await;
    let (fill, write) = (fixture.fill(), fixture.write());
    let put = Settle::Put(Content::Missing, LONG);
    // Connecting says more, and so does a script that the server does not know yet.
    cache.lease(id(9), &fill, Over::Exactly(foreign.bytes.as_deref()), LONG).await.unwrap();
    cache.settle(id(9), &fill, &put).await.unwrap();

    macro_rules! check {
        ($operation:expr) => {
            between.heard();
            let shown = shown(&cache, $operation).await;
            let sent = words(&between.heard());
            assert!(!shown.is_empty() && is_same(&shown, &sent), "shown: {shown}\n sent: {sent}");
        };
    }
    check!(cache.ping());
    check!(cache.get(id(1)));
    check!(cache.look(id(1)));
    check!(cache.lease(id(1), &fill, Over::Nothing, LONG));
    check!(cache.settle(id(1), &fill, &put));
    check!(cache.lease(id(1), &write, Over::Anything, LONG));
    check!(cache.settle(id(1), &write, &put));
    check!(cache.settle(id(1), &write, &put));
    check!(cache.lease(id(3), &fill, Over::Exactly(foreign.bytes.as_deref()), LONG));
    check!(cache.settle(id(3), &fill, &Settle::Delete));
    check!(cache.settle(id(3), &fill, &Settle::Delete));
    check!(cache.delete(id(1)));
    check!(cache.ids());
    check!(cache.facts());
    fixture.put(4, Content::Missing).await;
    fixture.put(5, Content::Missing).await;
    check!(cache.statistics());
    check!(cache.inventory());
}

/// Everything that an operation says it sends.
async fn shown<T>(cache: &Arc<dyn Cache>, operation: impl Future<Output = Result<T>>) -> String {
    assert_eq!(cache.peer().role, "cache");
    let observed = hop::observe(hop::trip(Target::Cache, "any", |_| String::new(), operation)).await;
    assert!(observed.value.is_ok());
    observed.hops[0].sent.iter().map(|sent| sent.text.clone()).collect::<Vec<_>>().join(" ")
}

/// Word by word, but for a script: it is shown by the beginning of its digest and by its name.
fn is_same(shown: &str, sent: &str) -> bool {
    let mut sent = sent.split(' ');
    let shown = shown.split(' ').filter(|word| !word.ends_with(".lua"));
    let is_same = |shown: &str, sent: &str| match shown.strip_suffix('…') {
        Some(beginning) => sent.len() == 40 && sent.starts_with(beginning),
        None => shown == sent,
    };
    shown.into_iter().all(|word| sent.next().is_some_and(|sent| is_same(word, sent))) && sent.next().is_none()
}
