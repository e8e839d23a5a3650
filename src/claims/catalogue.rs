//! The claims themselves, as data: every figure of the texts that can be held against a measurement.
//!
//! A claim is told in our own words and cited by title and heading. Where a figure cannot be seen from outside a server, the claim
//! says what stands in its place; none is left out. Figures that are settings or the premises of an example are no claims.

mod reads;
mod sessions;
mod writes;

use std::sync::LazyLock;

use super::Claim;

const STRATEGIES: &str = "Distributed Cache and Caching Strategies";
const WRITE_BEHIND: &str = "Write-Behind Cache Pattern";
const WRITE_THROUGH: &str = "Write-Through Cache";
const LAB: &str = "Lab 03: Write-Through Cache";

/// All of them, in the order in which they are listed.
pub static ALL: LazyLock<Vec<Claim>> =
    LazyLock::new(|| reads::READS.into_iter().chain(sessions::SESSIONS).chain(writes::WRITES).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_has_a_name_of_its_own_and_figures_in_order() {
        for claim in ALL.iter() {
            assert_eq!(ALL.iter().filter(|other| other.name == claim.name).count(), 1, "{}", claim.name);
            assert!(claim.low.or(claim.high).is_some(), "{} claims nothing", claim.name);
            assert!(claim.low.zip(claim.high).is_none_or(|(low, high)| low < high), "{}", claim.name);
            let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(claim.name.bytes().all(is_plain), "{}", claim.name);
        }
    }
}
