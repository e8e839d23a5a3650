//! Events in which every text that comes from outside tries to act on the terminal or to hide.
//!
//! A flight's names, a cache value, a server's message: nobody vouches for any of them.

use super::*;

/// What acts on a terminal, in every text that comes from outside.
pub(in crate::output) fn hostile() -> Vec<Event> {
    const EVIL: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\r\ny\u{9b}1m\u{202e}z\u{200b}\u{e0041}\u{7f}";
    let evil = || EVIL.to_owned();
    let peer = |role| Peer { role, product: "Redis", address: evil() };
    let flight = Flight { flightno: evil(), from_airport: evil(), to_airport: evil(), airlinename: evil(), ..flight() };
    let mut seen = read(Lookup::Miss, Source::Database, 42);
    seen.notes = vec![evil()];
    seen.card = Some("Flight");
    seen.flight = Some(flight.clone());
    let mut differs = consistency(Verdict::Inconsistent);
    differs.consistency.fields[0].database = Some(evil());
    differs.consistency.fields[1].cache = Some(evil());
    let mut hop = hop();
    hop.hop.outcome = evil();
    hop.hop.sent = vec![Sent::statement(format!("SELECT '{EVIL}'"), vec![evil()])];
    let mut command = hop.clone();
    command.hop.target = Target::Cache;
    let mut queue = queue();
    queue.drained.iter_mut().for_each(|drained| drained.at_least_once = Some(evil()));
    let mut status = partitions();
    status.partitions.iter_mut().for_each(|seen| (seen.sequence, seen.offset) = (Some(evil()), Some(evil())));
    let letter = DeadLetterSeen {
        id: evil(),
        position: evil(),
        user: Some(evil()),
        comment: Some(evil()),
        reason: evil(),
        ..dead_letter()
    };
    let unreadable = DeadLetterSeen { unreadable: Some(evil()), ..unreadable() };
    let buried = Report::Buried { partition: 1, position: position(), flight_id: None, reason: evil() };
    let failing = Report::Failing { partition: 1, failures: 2, error: evil(), again_in: micros(1) };
    let mut log = log();
    log.entries[0].user = evil();
    log.entries[0].comment = Some(evil());
    let mut summary = summary();
    summary.reading = evil();
    summary.figures[0].what = evil();
    let mut diagram = Diagram { actors: vec![evil(), evil()], finding: evil(), ..stale_fill() };
    diagram.plots = vec![Plot { title: evil(), unit: evil(), step_ms: 1, values: vec![-1.0, 1.0] }];
    diagram.figures = vec![CountSeen { what: evil(), count: 1 }];
    for moment in &mut diagram.moments {
        match &mut moment.act {
            Act::Hop { outcome, .. } => *outcome = evil(),
            Act::Remark(text) => *text = evil(),
        }
    }
    let update = UpdateSeen { notes: vec![evil()], position: Some(evil()), durability: Durability::Queued, ..update() };
    let tables = Tables { database: peer("database"), tables: Vec::new(), flights: None };
    let mut events = vec![
        Event::Start(Start { database: peer("database"), cache: peer("cache"), queue: Some(peer("queue")), ..start() }),
        step(1, EVIL, "x"),
        Event::Hop(hop),
        Event::Hop(command),
        Event::Read(seen),
        Event::Update(update),
        Event::Consistency(differs),
        Event::Queue(queue),
        Event::Queue(status),
        reported(buried),
        reported(failing),
        reported(Report::AtLeastOnce { reason: evil() }),
        Event::DeadLetter(letter),
        Event::DeadLetter(unreadable),
        Event::Entry(EntrySeen { key: evil(), state: evil(), flight: Some(flight.clone()), latency: micros(42) }),
        Event::Row(RowSeen { flight_id: id(1), flight: Some(flight), latency: micros(310) }),
        Event::Log(log),
        Event::Note(Note { level: Level::Bad, text: evil() }),
        Event::Summary(summary),
        Event::Finding(Finding { level: Level::Bad, about: Target::Cache, text: evil(), hint: Some(evil()) }),
        Event::Tables(tables),
        Event::Stats(StatsSeen { cache: peer("cache"), ..stats() }),
        Event::Anomalies(AnomaliesSeen { anomalies: vec![AnomalySeen { name: EVIL, title: EVIL, wrong: EVIL }] }),
        Event::Diagram(diagram),
        Event::Lesson(Lesson { wrong: EVIL, source: SourceSeen { title: EVIL, url: EVIL }, ..lesson() }),
        Event::Error(ErrorSeen { message: evil(), causes: vec![evil()], hint: Some(evil()), exit_code: 1 }),
    ];
    events.extend(hostile_benches(EVIL));
    events
}
