//! The flags that make things go wrong on purpose: taken by every command that works with a database and a cache.

use clap::Args;

use crate::lab::fault::Fault;

/// What is to go wrong on purpose.
#[derive(Clone, Debug, Default, Args)]
pub struct FaultFlags {
    /// Make something go wrong: WHERE:WHAT, where WHERE is cache.get, database.commit, queue.enqueue, cache.* … and WHAT is
    /// delay=5ms, fail, fail=0.1 (every tenth is refused, by chance), lose (done, but its answer is lost), down, or die (the process
    /// ends); with @3 behind it, only the third. May be given several times; always said in the output
    #[arg(long = "fault", global = true, value_name = "WHERE:WHAT", help_heading = "Faults", hide_short_help = true)]
    pub faults: Vec<Fault>,
    /// Where chance comes from, of faults and of the operations of a bench: the same seed, the same ones
    #[arg(
        long,
        global = true,
        value_name = "NUMBER",
        default_value_t = 1,
        help_heading = "Faults",
        hide_short_help = true
    )]
    pub seed: u64,
}
