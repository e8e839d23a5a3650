//! The menu of somebody who typed no command: a walk-through, and a flight to search for.

use super::Context;
use super::connect;
use crate::cli::{self, Command, parse};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId};
use crate::output;
use crate::pattern::PatternKind;

/// How many flights a search offers.
const OFFERS: u32 = 12;

/// Asks for a walk-through and a flight; `None` when the user leaves. Without a terminal: a usage error.
pub(super) async fn choose(context: &mut Context) -> Result<Option<Command>> {
    if !(context.surroundings.input_is_terminal && context.surroundings.error_is_terminal) {
        return Err(Error::usage(
            "no command was given, and there is no terminal to ask on",
            format!(
                "`cachedemo write-through --flight-id 1` walks through a pattern\n\n{}",
                cli::command().render_help()
            ),
        ));
    }
    let patterns = PatternKind::ALL.map(|kind| (kind.name(), kind.takeaways()[0]));
    let outage = ("outage", "No pattern: the cache goes away, and comes back with its old entry.");
    let walk_throughs: Vec<_> = patterns.into_iter().chain([outage]).collect();
    let offers: Vec<_> = walk_throughs.iter().map(|(name, about)| format!("{name:<14} {about}")).collect();
    let Some(index) = output::choose("Which pattern?", &offers).await? else { return Ok(None) };
    let (name, _) = walk_throughs[index];
    let Some(id) = flight(context).await? else { return Ok(None) };
    command(name, id).map(Some)
}

/// Asks for a flight until one is chosen.
async fn flight(context: &mut Context) -> Result<Option<FlightId>> {
    let database = connect::database(context).await?;
    let question = "Which flight? an id, or the beginning of a number, airport or airline (Enter: flight 1)";
    loop {
        let Some(text) = output::search(question).await? else { return Ok(Some(FlightId::FIRST)) };
        let found = match text.parse::<FlightId>() {
            Ok(id) => database.find(id).await?.into_iter().collect(),
            Err(_) => database.search(&text, OFFERS).await?,
        };
        let offers: Vec<String> = found.iter().map(offer).collect();
        let title = match found.len() {
            0 => format!("No flight matches {text}"),
            _ => "Which of these?".to_owned(),
        };
        let again = ["search again".to_owned()];
        let Some(index) = output::choose(&title, &[offers, again.to_vec()].concat()).await? else { return Ok(None) };
        if let Some(flight) = found.get(index) {
            return Ok(Some(flight.flight_id));
        }
    }
}

fn offer(flight: &Flight) -> String {
    format!(
        "{:>7}  {:<8} {} → {}  {}  {}",
        flight.flight_id, flight.flightno, flight.from_airport, flight.to_airport, flight.departure, flight.airlinename
    )
}

/// The walk-through that a person at a terminal wants: step by step.
fn command(name: &str, id: FlightId) -> Result<Command> {
    let words = ["cachedemo", name, "--interactive", "--flight-id", &id.to_string()].map(str::to_owned);
    let cli = parse(words).map_err(|error| Error::usage(error.to_string(), "type the command yourself"))?;
    cli.command.ok_or_else(|| Error::usage("nothing was chosen", "type a command"))
}
