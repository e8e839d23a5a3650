//! What commands have in common that move many flights and put them back: the question first, and what is said afterwards.

use super::Context;
use crate::bench::{Flights, Restored};
use crate::demo::{Event, Level, Note};
use crate::error::{Error, Result};
use crate::lab::Lab;
use crate::output::confirm;

/// Says that flights will be moved, and asks whether they may, unless that was said already; whether they may.
pub(super) async fn agree(context: &mut Context, keys: u32, yes: bool, hint: &str) -> Result<bool> {
    let text = format!(
        "it moves the first {keys} flights by a century and puts them back in the end; flight_log keeps a row for each update, and \
         the cache entries of these flights are dropped. Nobody else may change them meanwhile: that would be lost"
    );
    note(context, Level::Warning, text)?;
    if yes {
        return Ok(true);
    }
    if !(context.surroundings.input_is_terminal && context.surroundings.error_is_terminal) {
        return Err(Error::usage("nobody can be asked whether flights may be moved", hint));
    }
    let interrupt = context.interrupt.clone();
    tokio::select! {
        biased;
        () = interrupt.raised() => Err(Error::Interrupted),
        agreed = confirm("Go on?") => agreed,
    }
}

/// Puts back what an earlier command has left that was killed; whether there was anything.
pub(super) async fn recover(context: &mut Context, lab: &Lab, is_cache_gone: bool) -> Result<bool> {
    let restored = Flights::recover(lab, &context.config.home, is_cache_gone).await?;
    let Some(restored) = restored else { return Ok(false) };
    note(
        context,
        Level::Warning,
        "an earlier bench with this database was cut short: its flights are put back".into(),
    )?;
    tell(context, restored)?;
    Ok(true)
}

/// Says what putting flights back came to.
///
/// # Errors
/// What it failed with.
pub(super) fn concluded(context: &mut Context, restored: Result<Restored>) -> Result<()> {
    match restored {
        Ok(restored) => tell(context, restored),
        Err(error) => {
            note(context, Level::Bad, "the flights are not all back; they are written down".into())?;
            note(context, Level::Plain, "`cachedemo bench restore` puts them back once everything answers".into())?;
            Err(error)
        }
    }
}

fn tell(context: &mut Context, restored: Restored) -> Result<()> {
    let Restored { back, left, untold } = restored;
    if back > 0 {
        note(context, Level::Good, format!("{back} flights are back as they were"))?;
    }
    if untold > 0 {
        let text = format!("the cache did not answer: {untold} of them are dropped from it before anybody reads there");
        note(context, Level::Warning, text)?;
    }
    if left > 0 {
        let text = format!("{left} flights were moved by somebody else meanwhile: they are left as they are");
        note(context, Level::Warning, text)?;
    }
    Ok(())
}

/// Shows a remark.
pub(super) fn note(context: &mut Context, level: Level, text: String) -> Result<()> {
    context.audience.show(&Event::Note(Note { level, text }))
}
