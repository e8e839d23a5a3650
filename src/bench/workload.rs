//! Which operations there are, of which flights: drawn from a seed, so that every subject gets the same ones.
//!
//! The mixes and the distributions are those of YCSB ("Benchmarking Cloud Serving Systems with YCSB", SoCC 2010), with two
//! differences. Nothing is inserted here: where its workload D inserts a record, a flight is updated, and counts as the latest
//! from then on. And its popular records are spread over the ids by a hash, in which two can meet; here by shuffling, so that the
//! popularity of each is exactly that of its rank.

use std::sync::atomic::{AtomicUsize, Ordering};

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, Zipf};

use super::report::{Distribution, Mix};

/// YCSB's exponent: rank k is asked for in proportion to 1/k^0.99.
pub const ZIPF_EXPONENT: f64 = 0.99;

/// What is done with a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Read,
    Update,
    ReadModifyWrite,
}

/// The operations that all clients of all subjects draw from.
#[derive(Debug)]
pub(super) struct Workload {
    mix: Mix,
    distribution: Distribution,
    /// Which flight has which rank.
    ranks: Vec<u32>,
    /// The rank that was updated last, for [`Distribution::Latest`].
    newest: AtomicUsize,
    seed: u64,
}

impl Workload {
    /// A workload on so many flights.
    pub(super) fn new(mix: Mix, distribution: Distribution, keys: u32, seed: u64) -> Self {
        let mut ranks: Vec<u32> = (0..keys).collect();
        ranks.shuffle(&mut StdRng::seed_from_u64(seed));
        Self { mix, distribution, ranks, newest: AtomicUsize::new(0), seed }
    }

    /// Forgets what was updated last: the next subject begins where the one before it began.
    pub(super) fn begin(&self) {
        self.newest.store(0, Ordering::Relaxed);
    }

    /// The places of the flights that are asked for most, as long as none is updated; up to so many.
    pub(super) fn most_asked(&self, count: usize) -> impl Iterator<Item = usize> {
        self.ranks.iter().take(count).map(|rank| *rank as usize)
    }

    /// The operations of one client in one round: the same for every subject.
    pub(super) fn stream(&self, round: u32, client: u32) -> Stream<'_> {
        // Weyl's sequence: no two pairs of small numbers meet.
        let number = (u64::from(round) << 32 | u64::from(client)).wrapping_add(1);
        let source = StdRng::seed_from_u64(self.seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let zipf = Zipf::new(self.ranks.len() as f64, ZIPF_EXPONENT).expect("there is at least one flight");
        Stream { workload: self, source, zipf }
    }
}

/// The operations of one client.
#[derive(Debug)]
pub(super) struct Stream<'a> {
    workload: &'a Workload,
    source: StdRng,
    zipf: Zipf<f64>,
}

impl Stream<'_> {
    /// The next operation, and the place of its flight among all of the workload.
    pub(super) fn draw(&mut self) -> (Operation, usize) {
        let Mix { reads, updates, .. } = self.workload.mix;
        let drawn: f64 = self.source.random();
        let operation = if drawn < reads {
            Operation::Read
        } else if drawn < reads + updates {
            Operation::Update
        } else {
            Operation::ReadModifyWrite
        };
        (operation, self.flight(operation))
    }

    fn flight(&mut self, operation: Operation) -> usize {
        let ranks = &self.workload.ranks;
        let rank = match self.workload.distribution {
            Distribution::Uniform => self.source.random_range(0..ranks.len()),
            Distribution::Zipfian => self.rank(),
            Distribution::Latest if operation == Operation::Read => {
                let newest = self.workload.newest.load(Ordering::Relaxed);
                (newest + ranks.len() - self.rank()) % ranks.len()
            }
            Distribution::Latest => (self.workload.newest.fetch_add(1, Ordering::Relaxed) + 1) % ranks.len(),
        };
        ranks[rank] as usize
    }

    fn rank(&mut self) -> usize {
        // From 1; what is rounded up beyond the last is the last.
        (self.zipf.sample(&mut self.source) as usize).clamp(1, self.workload.ranks.len()) - 1
    }
}

impl Mix {
    /// The mix of YCSB's workload of this letter, and the distribution that belongs to it; `None` for one that is not here: E
    /// scans.
    #[must_use]
    pub fn ycsb(letter: char) -> Option<(Self, Distribution)> {
        let (reads, updates, read_modify_writes, distribution) = match letter {
            'a' => (0.5, 0.5, 0.0, Distribution::Zipfian),
            'b' => (0.95, 0.05, 0.0, Distribution::Zipfian),
            'c' => (1.0, 0.0, 0.0, Distribution::Zipfian),
            'd' => (0.95, 0.05, 0.0, Distribution::Latest),
            'f' => (0.5, 0.0, 0.5, Distribution::Zipfian),
            _ => return None,
        };
        Some((Self { reads, updates, read_modify_writes }, distribution))
    }

    /// So many reads; the rest are updates.
    #[must_use]
    pub fn of_reads(reads: f64) -> Self {
        Self { reads, updates: 1.0 - reads, read_modify_writes: 0.0 }
    }

    /// Whether any operation changes a flight.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.updates > 0.0 || self.read_modify_writes > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 200_000;

    fn draws(letter: char, distribution: Option<Distribution>, keys: u32) -> Vec<(Operation, usize)> {
        let (mix, usual) = Mix::ycsb(letter).unwrap();
        let workload = Workload::new(mix, distribution.unwrap_or(usual), keys, 7);
        let mut stream = workload.stream(0, 0);
        (0..DRAWS).map(|_| stream.draw()).collect()
    }

    fn share(draws: &[(Operation, usize)], wanted: Operation) -> f64 {
        draws.iter().filter(|(operation, _)| *operation == wanted).count() as f64 / draws.len() as f64
    }

    #[test]
    fn the_mixes_are_those_of_ycsb() {
        for (letter, reads, updates, both) in [
            ('a', 0.5, 0.5, 0.0),
            ('b', 0.95, 0.05, 0.0),
            ('c', 1.0, 0.0, 0.0),
            ('d', 0.95, 0.05, 0.0),
            ('f', 0.5, 0.0, 0.5),
        ] {
            let draws = draws(letter, None, 1000);
            for (operation, expected) in
                [(Operation::Read, reads), (Operation::Update, updates), (Operation::ReadModifyWrite, both)]
            {
                assert!((share(&draws, operation) - expected).abs() < 0.005, "{letter} {operation:?}");
            }
        }
        assert!(Mix::ycsb('e').is_none());
    }

    #[test]
    fn the_head_of_the_zipfian_distribution_has_the_share_that_the_formula_gives() {
        let keys = 1000;
        let draws = draws('c', None, keys);
        let mut counts = vec![0u32; keys as usize];
        draws.iter().for_each(|(_, flight)| counts[*flight] += 1);
        counts.sort_unstable_by(|one, other| other.cmp(one));
        let weight = |rank: u32| f64::from(rank).powf(-ZIPF_EXPONENT);
        let all: f64 = (1..=keys).map(weight).sum();
        for head in [1, 10, 100] {
            let expected = (1..=head).map(weight).sum::<f64>() / all;
            let drawn = f64::from(counts[..head as usize].iter().sum::<u32>()) / DRAWS as f64;
            assert!((drawn - expected).abs() < 0.01, "the first {head}: {drawn}, expected {expected}");
        }
    }

    #[test]
    fn uniform_means_all_alike_and_reaches_every_flight() {
        let keys = 50;
        let draws = draws('c', Some(Distribution::Uniform), keys);
        for flight in 0..keys as usize {
            let share = draws.iter().filter(|(_, drawn)| *drawn == flight).count() as f64 / DRAWS as f64;
            assert!((share - 1.0 / f64::from(keys)).abs() < 0.002, "{flight}: {share}");
        }
    }

    #[test]
    fn the_latest_is_read_most() {
        let (mix, distribution) = Mix::ycsb('d').unwrap();
        let workload = Workload::new(mix, distribution, 1000, 7);
        let mut stream = workload.stream(0, 0);
        let (mut latest, mut reads, mut of_latest) = (None, 0, 0);
        for _ in 0..DRAWS {
            match stream.draw() {
                (Operation::Read, flight) if latest.is_some() => {
                    reads += 1;
                    of_latest += u32::from(latest == Some(flight));
                }
                (Operation::Update, flight) => latest = Some(flight),
                _ => {}
            }
        }
        // The first of 1,000 ranks has 1/7.73 of a Zipf distribution with this exponent.
        assert!((f64::from(of_latest) / f64::from(reads) - 0.129).abs() < 0.01, "{of_latest} of {reads}");
    }

    #[test]
    fn a_seed_gives_the_same_operations_and_no_two_clients_or_rounds_have_the_same() {
        let workload = |seed| Workload::new(Mix::of_reads(0.5), Distribution::Zipfian, 1000, seed);
        let first = |workload: &Workload, round, client| {
            let mut stream = workload.stream(round, client);
            (0..100).map(|_| stream.draw()).collect::<Vec<_>>()
        };
        let one = first(&workload(1), 0, 0);
        assert_eq!(one, first(&workload(1), 0, 0));
        for other in [first(&workload(2), 0, 0), first(&workload(1), 1, 0), first(&workload(1), 0, 1)] {
            assert_ne!(one, other);
        }
    }
}
