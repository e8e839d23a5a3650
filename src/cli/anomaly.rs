//! The flags of the anomaly lab.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::value;
use crate::anomaly::AnomalyKind;
use crate::flight::FlightId;

/// What is typed for the list of them.
const LIST: &str = "list";

/// Which anomaly, and with which flight.
#[derive(Clone, Debug, Args)]
pub struct Anomaly {
    /// Which one; without it, or with list, which there are
    #[arg(value_name = "NAME", value_parser = name_parser(), default_value = LIST, hide_default_value = true)]
    pub name: Chosen,
    /// The flight to change and put back
    #[arg(long, value_name = "ID", default_value = "1", value_parser = value::flight_id, allow_negative_numbers = true)]
    pub flight_id: FlightId,
}

/// One anomaly, or the list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// Which there are.
    List,
    /// This one.
    One(AnomalyKind),
}

fn name_parser() -> impl TypedValueParser<Value = Chosen> {
    let list = PossibleValue::new(LIST).help("which anomalies there are");
    let each = AnomalyKind::ALL.map(|kind| PossibleValue::new(kind.about().name).help(kind.about().wrong));
    PossibleValuesParser::new(std::iter::once(list).chain(each)).map(|name| {
        let kind = AnomalyKind::ALL.into_iter().find(|kind| kind.about().name == name);
        kind.map_or(Chosen::List, Chosen::One)
    })
}
