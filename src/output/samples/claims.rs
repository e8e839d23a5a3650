//! Claims: one that does not hold, one that holds, one that was not measured.

use super::*;

fn part(what: &'static str, value: f64) -> PartSeen {
    PartSeen { what, value, unit: UnitSeen::Microseconds, samples: 2_000 }
}

pub(in crate::output) fn claims_listed() -> ClaimsListed {
    let listed = |name, text, claimed, stands_for| ClaimListed {
        name,
        text,
        document: "Distributed Cache and Caching Strategies",
        section: "What is Caching?",
        claimed,
        stands_for,
        holds_where: "the database is a network away",
    };
    let of = |sense, low, high, unit| ClaimedSeen { sense, low, high, unit };
    let stands_for = Some("the processor of a server cannot be seen from here: transactions an update");
    ClaimsListed {
        claims: vec![
            listed(
                "hit-speed",
                "reads from the cache are 10–100 times as fast as from the database",
                of(Sense::Gain, Some(10.0), Some(100.0), UnitSeen::Times),
                None,
            ),
            listed(
                "hit-latency",
                "a hit takes less than 1 ms",
                of(Sense::Cost, None, Some(1000.0), UnitSeen::Microseconds),
                None,
            ),
            listed(
                "database-transactions",
                "the processor of the database is busy for 10–20 % of the time",
                of(Sense::Cost, Some(0.1), Some(0.25), UnitSeen::Times),
                stands_for,
            ),
        ],
    }
}

pub(in crate::output) fn claims() -> ClaimsSeen {
    let (hit, read) = (part("a hit", 58.0), part("a read of the database alone", 75.0));
    let shortfall = Shortfall { of: read, bound: Bound::AtLeast, needed: 1834.0, given: Some(hit) };
    let command = "cachedemo claims hit-speed --fault 'database.*:delay=3ms'".to_owned();
    let [speed, latency, transactions] = <[ClaimListed; 3]>::try_from(claims_listed().claims).unwrap();
    let claims = vec![
        ClaimSeen {
            claim: speed,
            formula: "quotient",
            parts: vec![read, hit],
            measured: Some(75.0 / 58.0),
            samples: 2_000,
            verdict: Some(Holding::DoesNotHold),
            shortfall: Some(shortfall),
            command: Some(command),
        },
        ClaimSeen {
            claim: latency,
            formula: "itself",
            parts: vec![hit],
            measured: Some(58.0),
            samples: 2_000,
            verdict: Some(Holding::Holds),
            shortfall: None,
            command: None,
        },
        ClaimSeen {
            claim: transactions,
            formula: "quotient",
            parts: Vec::new(),
            measured: None,
            samples: 0,
            verdict: None,
            shortfall: None,
            command: None,
        },
    ];
    ClaimsSeen { complete: false, keys: 1_000, clients: 64, batch_size: 100, claims }
}
