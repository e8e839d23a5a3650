//! The flags of the claims that are measured.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::value;
use crate::claims::{ALL, Claim, claim};

/// What is typed for the list of them.
const LIST: &str = "list";

/// Which claims, and how thoroughly they are measured.
#[derive(Clone, Debug, Args)]
pub struct Claims {
    /// Which claims; without any, all of them; with list, which there are
    #[arg(value_name = "NAME", value_parser = name_parser(), hide_possible_values = true)]
    pub names: Vec<ClaimName>,
    /// How many flights: the first ones by their ids, 100 at least
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1000,
        value_parser = value::claimed_keys,
        allow_negative_numbers = true
    )]
    pub keys: u32,
    /// How many operations are under way at once, where a claim is about many clients
    #[arg(
        long,
        value_name = "N",
        default_value_t = 64,
        value_parser = value::clients,
        allow_negative_numbers = true
    )]
    pub clients: u32,
    /// How long each of the experiments takes, about; there are seven
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "3s",
        value_parser = value::measured,
        allow_hyphen_values = true
    )]
    pub duration: Duration,
    /// Do not ask before flights are moved
    #[arg(short, long)]
    pub yes: bool,
}

/// A claim, or the list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimName {
    /// Which there are.
    List,
    /// The claim of this name.
    One(&'static str),
}

impl Claims {
    /// Whether the list is asked for.
    #[must_use]
    pub fn wants_list(&self) -> bool {
        self.names.contains(&ClaimName::List)
    }

    /// The claims that were named, or all of them, each once, in the order in which they are listed.
    #[must_use]
    pub fn claims(&self) -> Vec<&'static Claim> {
        let is_chosen = |it: &&Claim| self.names.is_empty() || self.names.contains(&ClaimName::One(it.name));
        ALL.iter().filter(is_chosen).collect()
    }
}

fn name_parser() -> impl TypedValueParser<Value = ClaimName> {
    let list = PossibleValue::new(LIST);
    let each = ALL.iter().map(|claim| PossibleValue::new(claim.name));
    PossibleValuesParser::new(std::iter::once(list).chain(each))
        .map(|name| claim(&name).map_or(ClaimName::List, |claim| ClaimName::One(claim.name)))
}
