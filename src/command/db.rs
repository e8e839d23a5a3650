//! `db init` and `db status`: making a database with sample flights, and what one holds.

use std::time::Duration;

use super::Context;
use crate::cli::Db;
use crate::database::{self, Database, Settings};
use crate::demo::{Event, Level, Note, Tables};
use crate::error::{Error, Result};
use crate::output::Progress;

/// How long one of the large statements that fill a database may take, where DB_TIMEOUT is shorter.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn run(context: &mut Context, command: Db) -> Result<()> {
    match command {
        Db::Init { flights } => init(context, flights).await,
        Db::Status => {
            let database = database::connect(&context.config.database).await?;
            status(context, database.as_ref()).await
        }
    }
}

async fn init(context: &mut Context, flights: u32) -> Result<()> {
    let settings = context.config.database.clone();
    let interrupt = context.interrupt.clone();
    {
        let progress = Progress::new("flights", flights.into(), context.surroundings.error_is_terminal);
        let fill = async {
            if database::is_absent(&settings) {
                database::create(&settings, flights, &|done| progress.set(done.into())).await
            } else {
                // That it answers, and lets us in, is to be known as soon as ever.
                database::connect(&settings).await?.close().await;
                let patient = Settings { timeout: settings.timeout.max(PATIENCE), ..settings.clone() };
                database::connect(&patient).await?.init(flights, &|done| progress.set(done.into())).await
            }
        };
        tokio::select! {
            filled = fill => filled?,
            // Everything is in one transaction or one draft file: nothing half-made stays.
            () = interrupt.raised() => return Err(Error::Interrupted),
        }
    }
    let text = format!("created the schema and {flights} sample flights");
    context.audience.show(&Event::Note(Note { level: Level::Good, text }))?;
    let database = database::connect(&settings).await?;
    status(context, database.as_ref()).await
}

async fn status(context: &mut Context, database: &dyn Database) -> Result<()> {
    let tables = database.tables().await?;
    let flights = match tables.iter().any(|table| table.table == "flight" && table.rows.is_some()) {
        true => database.facts().await?.flights,
        false => None,
    };
    let missing = tables.iter().any(|table| table.rows.is_none());
    context.audience.show(&Event::Tables(Tables { database: database.peer().as_ref().clone(), tables, flights }))?;
    if missing {
        let text = "some tables are missing; `cachedemo db init` makes them in an empty database".to_owned();
        context.audience.show(&Event::Note(Note { level: Level::Warning, text }))?;
    }
    Ok(())
}
