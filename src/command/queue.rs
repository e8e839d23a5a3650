//! The commands of the queue: its worker, draining it, what waits in it, and its dead letters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Context;
use super::connect::{self, About};
use crate::cli::{DeadLetters, Letters, Queue, Work};
use crate::clock;
use crate::demo::{
    self, DeadLetterSeen, Event, Level, Note, PartitionSeen, Witness, WorkerSeen, milliseconds, queue_seen,
};
use crate::error::{Error, Result};
use crate::flight::Position;
use crate::lab::Lab;
use crate::output::{self, Progress};
use crate::pattern::PatternKind;
use crate::queue::worker::Tally;
use crate::queue::{DeadLetter, LetterId};

/// How often a worker's line is drawn anew on a terminal.
const REFRESH: Duration = Duration::from_millis(250);
/// How often a worker says elsewhere what it has done, if it has done anything.
const LOG: Duration = Duration::from_secs(10);
/// How many dead letters are read at once.
const PAGE: usize = 500;

/// What these commands work with. Those that apply updates see first that there is somewhere to apply them.
async fn lab(context: &mut Context, action: &'static str, needs_database: bool) -> Result<Lab> {
    let about = About { needs_database, ..About::new(action) };
    connect::lab(context, PatternKind::WriteBehind, about).await
}

/// Applies queued updates as they come. A signal lets the batch in hand finish and leaves the rest queued.
pub(super) async fn work(context: &mut Context, typed: Work) -> Result<()> {
    let lab = lab(context, "worker", true).await?;
    // Once it works, it waits out every outage; what is wrong at its start is more likely a wrong setting.
    lab.backlog().await.value?;
    let witness = Arc::new(Witness::new(typed.verbose));
    let mut view = View::new(if context.is_live { REFRESH } else { LOG });
    let text = "working; Ctrl-C or SIGTERM ends it after the batch in hand".to_owned();
    context.audience.show(&Event::Note(Note { level: Level::Plain, text }))?;
    // A task of its own: it goes on where the output is held up, by a pipe that nobody reads or a terminal that is stopped.
    let mut working = tokio::spawn({
        let (lab, witness, interrupt) = (lab.clone(), Arc::clone(&witness), context.interrupt.clone());
        async move { lab.work(witness.as_ref(), &interrupt).await }
    });
    let worked = loop {
        tokio::select! {
            worked = &mut working => break worked,
            () = tokio::time::sleep(REFRESH) => view.show(context, &lab, &witness).await?,
        }
    };
    view.conclude(context, &lab, &witness).await?;
    match worked {
        Ok(worked) => worked,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// What a worker's operator has been shown.
struct View {
    every: Duration,
    last: Option<(Instant, Tally)>,
}

impl View {
    fn new(every: Duration) -> Self {
        Self { every, last: None }
    }

    /// Shows what is notable at once, and the figures when it is time.
    async fn show(&mut self, context: &mut Context, lab: &Lab, witness: &Witness<'_>) -> Result<()> {
        let tally = notable(context, witness)?;
        let (since, before) = self.last.get_or_insert_with(|| (clock::instant(), Tally::default()));
        if since.elapsed() < self.every {
            return Ok(());
        }
        if *before == tally && !context.is_live {
            // What comes after a quiet night was not done in the whole of it.
            *since = clock::instant();
            return Ok(());
        }
        self.figures(context, lab, tally).await
    }

    /// Shows the last figures.
    async fn conclude(&mut self, context: &mut Context, lab: &Lab, witness: &Witness<'_>) -> Result<()> {
        let tally = notable(context, witness)?;
        self.figures(context, lab, tally).await
    }

    async fn figures(&mut self, context: &mut Context, lab: &Lab, tally: Tally) -> Result<()> {
        // While the queue does not answer, what was done is known all the same.
        let queue = lab.backlog().await.value.ok().map(|waiting| queue_seen(&waiting, None));
        let (since, before) = self.last.take().unwrap_or_else(|| (clock::instant(), Tally::default()));
        let seconds = since.elapsed().as_secs_f64();
        let done = tally.updates - before.updates;
        context.audience.show(&Event::Worker(WorkerSeen {
            at: clock::utc(),
            length: queue.as_ref().map(|queue| queue.length),
            oldest_age_ms: queue.as_ref().and_then(|queue| queue.oldest_age_ms),
            dead_letters: queue.as_ref().map(|queue| queue.dead_letters),
            updates: tally.updates,
            updates_per_second: if seconds > 0.0 { done as f64 / seconds } else { 0.0 },
            coalesced: tally.coalesced(),
            skipped: tally.skipped,
            batches: tally.batches,
            last_batch: tally.last_batch,
            last_took: tally.last_took,
            retried: tally.retried,
            dead: tally.dead,
        }))?;
        self.last = Some((clock::instant(), tally));
        Ok(())
    }
}

/// Shows what a worker's operator wants to know at once, and gives what was done so far.
fn notable(context: &mut Context, witness: &Witness<'_>) -> Result<Tally> {
    let (tally, notable, hops) = witness.take();
    hops.into_iter().try_for_each(|hop| context.audience.show(&Event::Hop(hop)))?;
    notable.into_iter().try_for_each(|report| context.audience.show(&Event::Report(report.into())))?;
    Ok(tally)
}

/// Applies everything that is queued. A signal lets the batch in hand finish and leaves the rest queued.
pub(super) async fn drain(context: &mut Context, typed: Work) -> Result<()> {
    let lab = lab(context, "drain", true).await?;
    let interrupt = context.interrupt.clone();
    let waiting = lab.backlog().await.value?.length();
    let progress = Progress::new("updates", waiting, context.surroundings.error_is_terminal);
    let tell = |done| progress.set(done);
    let witness = Witness::new(typed.verbose).telling(&tell);
    let ended = demo::drain(&lab, &witness, &|| interrupt.is_raised()).await;
    // The bar goes before anything is written where it stands.
    progress.clear();
    let tally = ended?.show(&lab, context.audience.as_mut(), &witness).await?;
    match (tally.dead, tally.lost) {
        _ if context.interrupt.is_raised() => Err(Error::Interrupted),
        (0, 0) => Ok(()),
        (0, lost) => Err(Error::NotHeld {
            message: format!("the queue was lost, and with it {} that had been acknowledged", updates(lost)),
            hint: "see that the queue is kept where it is: `cachedemo doctor`".into(),
        }),
        (dead, _) => Err(Error::NotHeld {
            message: format!("{} of the queue could not be applied", updates(dead)),
            hint: "nothing is lost: `cachedemo write-behind queue dead-letters list` shows which, and why".into(),
        }),
    }
}

fn updates(count: u64) -> String {
    if count == 1 { "1 update".to_owned() } else { format!("{count} updates") }
}

/// Runs one of the commands about the queue.
pub(super) async fn run(context: &mut Context, command: Queue) -> Result<()> {
    match command {
        Queue::Status => status(context).await,
        Queue::DeadLetters(DeadLetters::List { limit }) => list(context, limit as usize).await,
        Queue::DeadLetters(DeadLetters::Replay { which }) => replay(context, which).await,
        Queue::DeadLetters(DeadLetters::Purge { which, yes }) => purge(context, which, yes).await,
    }
}

async fn status(context: &mut Context) -> Result<()> {
    let lab = lab(context, "queue status", false).await?;
    let observed = lab.backlog().await;
    crate::demo::show_hops(context.audience.as_mut(), &observed)?;
    let waiting = observed.value?;
    let mut seen = queue_seen(&waiting, None);
    for (partition, backlog) in &waiting.reached {
        let sequence = lab.queue().sequence(*partition).await?;
        // While the database is down, how far it is cannot be told, and the rest can.
        let offset = match &sequence {
            Some(sequence) => lab.database().offset(&sequence.name).await.ok().flatten(),
            None => None,
        };
        seen.partitions.push(PartitionSeen {
            partition: *partition,
            length: backlog.length,
            flights: backlog.flights,
            oldest_age_ms: backlog.oldest.map(milliseconds),
            dead_letters: backlog.dead,
            sequence: sequence.map(|sequence| sequence.name),
            offset: offset.map(|position| position.to_string()),
        });
    }
    context.audience.show(&Event::Queue(seen))?;
    waiting.whole()
}

async fn list(context: &mut Context, limit: usize) -> Result<()> {
    let lab = lab(context, "queue dead-letters list", false).await?;
    let waiting = lab.backlog().await.value?;
    let total = queue_seen(&waiting, None).dead_letters;
    let mut shown = 0;
    for (partition, _) in &waiting.reached {
        if shown == limit {
            break;
        }
        for letter in lab.queue().dead_letters(*partition, Position::START, limit - shown).await? {
            context.audience.show(&Event::DeadLetter(DeadLetterSeen::of(letter)))?;
            shown += 1;
        }
    }
    let (level, text) = match total {
        0 => (Level::Good, "there are no dead letters".to_owned()),
        _ if (shown as u64) < total => (Level::Plain, format!("the first {shown} of {total}; --limit shows more")),
        _ => (Level::Plain, format!("{total} in all; `replay` queues them again, `purge` drops them")),
    };
    context.audience.show(&Event::Note(Note { level, text }))?;
    waiting.whole()
}

/// The ids of the dead letters that were meant. One that was named and is not there is an error before anything is done.
async fn select(lab: &Lab, which: Letters) -> Result<Vec<LetterId>> {
    if !which.all {
        for id in &which.ids {
            find(lab, *id).await?.ok_or_else(|| Error::NotHeld {
                message: format!("there is no dead letter {id}"),
                hint: "`cachedemo write-behind queue dead-letters list` shows which there are".into(),
            })?;
        }
        return Ok(which.ids);
    }
    // All that there are now: what dies again meanwhile is left for another time.
    let mut ids = Vec::new();
    for partition in 0..lab.queue().settings().partitions {
        let mut last = Position::START;
        loop {
            let page = lab.queue().dead_letters(partition, last, PAGE).await?;
            let Some(letter) = page.last() else { break };
            last = letter.id.position;
            ids.extend(page.iter().map(|letter| letter.id));
        }
    }
    Ok(ids)
}

async fn find(lab: &Lab, id: LetterId) -> Result<Option<DeadLetter>> {
    if id.partition >= lab.queue().settings().partitions {
        return Ok(None);
    }
    let found = lab.queue().dead_letters(id.partition, id.position.previous(), 1).await?;
    Ok(found.into_iter().find(|letter| letter.id == id))
}

async fn replay(context: &mut Context, which: Letters) -> Result<()> {
    let lab = lab(context, "queue dead-letters replay", false).await?;
    let (mut replayed, mut unreadable) = (0, 0);
    let mut ended = Ok(());
    for id in select(&lab, which).await? {
        match replay_one(&lab, id, context.config.ttl).await {
            Ok(Replayed::Queued) => replayed += 1,
            Ok(Replayed::Unreadable) => unreadable += 1,
            Ok(Replayed::Gone) => {}
            Err(error) => {
                ended = Err(error);
                break;
            }
        }
    }
    // What was done is said also where the queue is full after it.
    let text = format!("queued {} again, at the end", letters(replayed));
    context.audience.show(&Event::Note(Note { level: Level::Good, text }))?;
    ended?;
    if unreadable == 0 {
        return Ok(());
    }
    Err(Error::NotHeld {
        message: match unreadable {
            1 => "1 dead letter cannot be read as an update, and stays".to_owned(),
            count => format!("{count} dead letters cannot be read as updates, and stay"),
        },
        hint: "`cachedemo write-behind queue dead-letters list` shows what is wrong with it; `purge <ID>` drops it"
            .into(),
    })
}

/// What came of replaying a dead letter.
enum Replayed {
    Queued,
    Unreadable,
    /// Somebody else was quicker.
    Gone,
}

async fn replay_one(lab: &Lab, id: LetterId, ttl: Duration) -> Result<Replayed> {
    Ok(match find(lab, id).await?.map(|letter| letter.update) {
        Some(Ok(update)) => match lab.queue().replay(id, &update, ttl).await? {
            Some(_) => Replayed::Queued,
            None => Replayed::Gone,
        },
        Some(Err(_)) => Replayed::Unreadable,
        None => Replayed::Gone,
    })
}

fn letters(count: u64) -> String {
    if count == 1 { "1 dead letter".to_owned() } else { format!("{count} dead letters") }
}

async fn purge(context: &mut Context, which: Letters, yes: bool) -> Result<()> {
    let lab = lab(context, "queue dead-letters purge", false).await?;
    let ids = select(&lab, which).await?;
    if !ids.is_empty() && !yes && !is_confirmed(context, ids.len() as u64).await? {
        let text = "nothing was dropped".to_owned();
        return context.audience.show(&Event::Note(Note { level: Level::Plain, text }));
    }
    let mut purged = 0;
    for partition in 0..lab.queue().settings().partitions {
        let positions: Vec<Position> =
            ids.iter().filter(|id| id.partition == partition).map(|id| id.position).collect();
        for page in positions.chunks(PAGE) {
            purged += lab.queue().purge(partition, page).await?;
        }
    }
    context.audience.show(&Event::Note(Note { level: Level::Good, text: format!("dropped {}", letters(purged)) }))
}

async fn is_confirmed(context: &Context, count: u64) -> Result<bool> {
    if !(context.surroundings.input_is_terminal && context.surroundings.error_is_terminal) {
        return Err(Error::usage(
            "nobody can be asked where there is no terminal",
            "say it with the command: `purge --yes`",
        ));
    }
    let question = format!("Drop {} for good? Each is an update that was acknowledged.", letters(count));
    tokio::select! {
        biased;
        () = context.interrupt.raised() => Err(Error::Interrupted),
        answer = output::confirm(&question) => answer,
    }
}
