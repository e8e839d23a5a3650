//! The flags that choose a variant of a pattern: small groups, so that every command that runs the pattern takes the same ones.

use clap::{Args, ValueEnum};

use super::{Pattern, value};
use crate::pattern::{Around, Policy, Refreshing, Tuning};

/// Flags that choose a variant.
pub trait Variant: Args {
    /// What they choose.
    fn tuning(&self) -> Tuning;

    /// The actions for which that makes a difference.
    const ACTIONS: &'static [&'static str];
}

/// A pattern that has variants, and what to do with it.
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Tuned<V: Variant> {
    /// Which variant.
    #[command(flatten)]
    pub variant: V,
    /// What to do.
    #[command(flatten)]
    pub pattern: Pattern,
}

/// What write-around does about an entry that stands.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct AroundFlags {
    /// An update throws the entry away (the default)
    #[arg(long, global = true, conflicts_with = "pure")]
    pub invalidate: bool,
    /// An update leaves the cache alone: an entry that stands is served old until its TTL ends
    #[arg(long, global = true)]
    pub pure: bool,
}

impl AroundFlags {
    /// What was chosen.
    #[must_use]
    pub fn around(self) -> Around {
        if self.pure { Around::Pure } else { Around::Invalidate }
    }
}

impl Variant for AroundFlags {
    fn tuning(&self) -> Tuning {
        Tuning { around: self.around(), ..Tuning::default() }
    }

    const ACTIONS: &'static [&'static str] = &["run", "get", "update"];
}

/// When refresh-ahead refreshes.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct RefreshFlags {
    /// With --policy threshold: refresh with less than this part of the TTL left; 1 is at every hit [default: 0.5]
    #[arg(
        long,
        global = true,
        value_name = "PART",
        value_parser = value::part,
        allow_negative_numbers = true
    )]
    pub refresh_threshold: Option<f64>,
    /// How it is decided whether a hit refreshes [default: threshold]
    #[arg(long, global = true, value_enum, value_name = "POLICY")]
    pub policy: Option<PolicyName>,
}

/// How it is decided whether a hit refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyName {
    /// By how much of the TTL is left
    Threshold,
    /// By chance: the likelier, the closer the end and the longer a load takes
    Xfetch,
}

impl RefreshFlags {
    /// What was chosen.
    #[must_use]
    pub fn refreshing(self) -> Refreshing {
        let default = Refreshing::default();
        Refreshing {
            policy: match self.policy {
                Some(PolicyName::Xfetch) => Policy::Xfetch,
                Some(PolicyName::Threshold) | None => Policy::Threshold,
            },
            threshold: self.refresh_threshold.unwrap_or(default.threshold),
            ..default
        }
    }
}

impl Variant for RefreshFlags {
    fn tuning(&self) -> Tuning {
        Tuning { refreshing: self.refreshing(), ..Tuning::default() }
    }

    const ACTIONS: &'static [&'static str] = &["run", "get"];
}
