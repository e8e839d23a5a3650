//! Claims: what is claimed beside what was measured, and below it what each one that does not hold would take.
//!
//! A verdict is a mark and a word, never a colour alone; a value that does not hold comes with what it was computed of.

use super::super::page::{Page, Span, Tone, dim, plain};
use super::super::quantity::{count, latency, rate};
use super::grid::{Side, cell, stacked};
use crate::demo::{
    Bound, ClaimSeen, ClaimedSeen, ClaimsListed, ClaimsSeen, Holding, Level, PartSeen, Sense, Shortfall, UnitSeen,
};

/// The claims that there are.
pub(super) fn list(page: &mut Page, seen: &ClaimsListed) {
    for claim in &seen.claims {
        page.line(0, &[Span::new(Tone::Strong, claim.name), dim(" · "), plain(claim.text)]);
        page.line(2, &[dim(format!("\"{}\", {}", claim.document, claim.section))]);
        if let Some(what) = claim.stands_for {
            page.line(2, &[dim(format!("measured in its place: {what}"))]);
        }
    }
}

/// What was measured.
pub(super) fn measured(page: &mut Page, seen: &ClaimsSeen) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, "CLAIMED AND MEASURED")]);
    page.rule('-');
    let rows = seen.claims.iter().map(|it| {
        let measured = it.measured.map_or_else(|| "–".to_owned(), |value| amount(value, it.claim.claimed.unit));
        let name = format!("{}:", it.claim.name);
        let samples = format!("of {}", count(it.samples));
        vec![
            stacked(&[name, it.claim.text.to_owned()]),
            cell(claimed(&it.claim.claimed)),
            stacked(&[measured, samples]),
            cell(verdict(it.verdict)),
        ]
    });
    let headings =
        [("claim", Side::Left), ("claimed", Side::Right), ("measured", Side::Right), ("verdict", Side::Left)];
    page.grid(&headings, rows.collect());
    let text = format!(
        "Medians; {} clients where there are many, {} flights, batches of {} updates.",
        count(seen.clients),
        count(seen.keys),
        count(seen.batch_size)
    );
    page.line(0, &[dim(text)]);
    let of = |wanted| seen.claims.iter().filter(|it| it.verdict == Some(wanted)).count();
    let text = format!(
        "{} claims: {} hold, {} more by what stands in for them, {} do not hold here, {} not measured",
        seen.claims.len(),
        of(Holding::Holds),
        of(Holding::HoldsByStandIn),
        of(Holding::DoesNotHold),
        seen.claims.iter().filter(|it| it.verdict.is_none()).count()
    );
    page.marked(0, Level::Plain, &[plain(text)]);
    seen.claims.iter().for_each(|it| condition(page, it));
    if !seen.complete {
        page.blank();
        page.marked(0, Level::Warning, &[plain("Interrupted: what was not measured by then is missing.")]);
    }
}

/// What it would take for a claim to hold that does not.
fn condition(page: &mut Page, seen: &ClaimSeen) {
    let Some(shortfall) = &seen.shortfall else { return };
    page.blank();
    page.marked(
        0,
        Level::Bad,
        &[Span::new(Tone::Strong, seen.claim.name), plain(format!(": {}.", sentence(shortfall)))],
    );
    if let Some(what) = seen.claim.stands_for {
        page.line(2, &[plain(format!("Measured in its place: {what}."))]);
    }
    page.line(2, &[plain(format!("It would hold where {}.", seen.claim.holds_where))]);
    if let Some(command) = &seen.command {
        page.line(2, &[dim("see: "), plain(command)]);
    }
}

fn sentence(Shortfall { of, bound, needed, given }: &Shortfall) -> String {
    let side = match bound {
        Bound::AtLeast => "at least",
        Bound::AtMost => "at most",
    };
    let needed = amount(*needed, of.unit);
    let wanted = format!("{}; it would take {side} {needed}", part(of));
    match given {
        None => wanted,
        Some(given) => format!("{}, {wanted}", part(given)),
    }
}

fn part(part: &PartSeen) -> String {
    format!("{} {}", part.what, amount(part.value, part.unit))
}

fn verdict(verdict: Option<Holding>) -> &'static str {
    match verdict {
        Some(Holding::Holds) => "✓ holds",
        Some(Holding::HoldsByStandIn) => "~ stand-in holds",
        Some(Holding::DoesNotHold) => "✗ does not hold here",
        None => "• not measured",
    }
}

fn claimed(claimed: &ClaimedSeen) -> String {
    let ClaimedSeen { sense, low, high, unit } = *claimed;
    match (low, high) {
        (Some(low), Some(high)) => format!("{} – {}", amount(low, unit), amount(high, unit)),
        (Some(low), None) => format!("≥ {}", amount(low, unit)),
        (None, Some(high)) if sense == Sense::Cost => format!("≤ {}", amount(high, unit)),
        (None, high) => high.map(|high| amount(high, unit)).unwrap_or_default(),
    }
}

/// A value in its unit.
fn amount(value: f64, unit: UnitSeen) -> String {
    match unit {
        UnitSeen::Microseconds => latency(std::time::Duration::from_secs_f64(value.max(0.0) / 1e6)),
        UnitSeen::Times if value < 0.1 => format!("{value:.4}×"),
        UnitSeen::Times => format!("{}×", rate(value)),
        UnitSeen::Share => format!("{} %", rate(value * 100.0)),
        UnitSeen::PerSecond => format!("{}/s", rate(value)),
        UnitSeen::Count if value < 0.1 => format!("{value:.4}"),
        UnitSeen::Count => rate(value),
    }
}
