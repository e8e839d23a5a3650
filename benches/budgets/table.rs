//! The table of budgets: what was measured, against what, and whether the budget is met.
//!
//! What could not be measured has a line as well, with the reason: a budget that nobody looked at is not one that is met.

/// What a ratio is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Budget {
    AtMost(f64),
    AtLeast(f64),
    /// Measured to read the others by, and held against nothing.
    None,
}

impl Budget {
    fn holds(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(limit) => ratio <= limit,
            Self::AtLeast(limit) => ratio >= limit,
            Self::None => true,
        }
    }
}

/// One line of the table.
pub(crate) struct Row {
    what: String,
    budget: Budget,
    found: Found,
}

/// What came of it.
enum Found {
    Ratio { ours: String, bare: String, ratio: f64 },
    NotMeasured(String),
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, ours: String, bare: String, ratio: f64, budget: Budget) -> Self {
        Self { what: what.into(), budget, found: Found::Ratio { ours, bare, ratio } }
    }

    /// A budget that could not be looked at, and why.
    pub(crate) fn not_measured(what: impl Into<String>, budget: Budget, why: impl Into<String>) -> Self {
        Self { what: what.into(), budget, found: Found::NotMeasured(why.into()) }
    }

    fn is_missed(&self) -> bool {
        match self.found {
            // What is no number holds nothing.
            Found::Ratio { ratio, .. } => !self.budget.holds(ratio),
            Found::NotMeasured(_) => false,
        }
    }

    fn mark(&self) -> char {
        match (&self.found, self.budget) {
            (Found::NotMeasured(_), _) | (_, Budget::None) => '–',
            _ if self.is_missed() => '✗',
            _ => '✓',
        }
    }

    fn line(&self, width: usize) -> String {
        let budget = match self.budget {
            Budget::AtMost(limit) => format!("≤ {limit}"),
            Budget::AtLeast(limit) => format!("≥ {limit}"),
            Budget::None => String::new(),
        };
        let (mark, what) = (self.mark(), &self.what);
        match &self.found {
            Found::Ratio { ours, bare, ratio } => {
                format!("{mark} {what:<width$} {ours:>12} {bare:>12} {ratio:>8.2}  {budget}")
            }
            Found::NotMeasured(why) => format!("{mark} {what:<width$} {budget:>34}  not measured: {why}"),
        }
    }
}

/// The whole table, and in its last line how many budgets are met, missed and not measured.
pub(crate) fn render(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
    let mut text = format!("  {:<width$} {:>12} {:>12} {:>8}  budget\n", "what", "ours", "against", "ratio");
    for row in rows {
        text.push_str(&row.line(width));
        text.push('\n');
    }
    let count = |mark| rows.iter().filter(|row| row.budget != Budget::None && row.mark() == mark).count();
    let (met, missed, left) = (count('✓'), count('✗'), count('–'));
    text + &format!("\n✓ {met} met   ✗ {missed} missed   – {left} not measured\n")
}

/// Whether any budget is missed.
pub(crate) fn is_any_missed(rows: &[Row]) -> bool {
    rows.iter().any(Row::is_missed)
}
