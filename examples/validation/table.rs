//! From entries to Markdown.

use std::fmt::Write;
use std::path::Path;

use bakeoff::stats::Quantile;

use super::entries::{self, Entry, Quantity};

/// What somebody saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Observed {
    /// A value, as exact as it was published.
    Value(f64),
    /// Something happened between two looks: after the first, and no later than the second.
    Between(f64, f64),
    /// Two values, from two occasions.
    Both(f64, f64),
}

/// The 90 % interval of what the seeds came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Simulated {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
    pub(crate) seeds: usize,
}

impl Simulated {
    /// Quantiles by ranks; none without a value.
    pub(crate) fn new(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |percent: u16| sorted[Quantile::percent(percent).rank(sorted.len()) - 1];
        (!sorted.is_empty()).then(|| Self { low: at(5), median: at(50), high: at(95), seeds: sorted.len() })
    }

    /// Whether the observation can be one of these: it lies within, or the two looks enclose a part.
    pub(crate) fn agrees(&self, observed: Observed) -> bool {
        let holds = |value: f64| self.low <= value && value <= self.high;
        match observed {
            Observed::Value(value) => holds(value),
            Observed::Between(after, by) => after < self.high && self.low <= by,
            Observed::Both(one, other) => holds(one) && holds(other),
        }
    }
}

/// Every entry as a heading, what it rests on, and its table.
pub(crate) fn tables(root: &Path) -> String {
    let mut text = String::new();
    for entry in entries::all(root) {
        section(&mut text, &entry);
    }
    // The last section ends with one line feed.
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn section(text: &mut String, entry: &Entry) {
    writeln!(text, "### {}\n\n{}\n", entry.title, entry.about).expect("text can be written to");
    if entry.quantities.is_empty() {
        return;
    }
    text.push_str("| quantity | observed | simulated, 5 % – 95 % | median | seeds | | what it means |\n");
    text.push_str("|---|---:|---:|---:|---:|---|---|\n");
    for quantity in &entry.quantities {
        writeln!(text, "{}", row(quantity)).expect("text can be written to");
    }
    text.push('\n');
}

fn row(quantity: &Quantity) -> String {
    let Quantity { what, unit, observed, simulated, means } = quantity;
    let number = |value: f64| format!("{value:.*}", usize::from(value.abs() < 100.0));
    let seen = match observed {
        Observed::Value(value) => format!("{} {unit}", number(*value)),
        Observed::Between(after, by) => format!("{} – {} {unit}", number(*after), number(*by)),
        Observed::Both(one, other) => format!("{} and {} {unit}", number(*one), number(*other)),
    };
    let Some(simulated) = simulated else {
        return format!("| {what} | {seen} | – | – | 0 | not simulated | {means} |");
    };
    let verdict = if simulated.agrees(*observed) { "inside" } else { "**outside**" };
    let Simulated { low, median, high, seeds } = simulated;
    format!(
        "| {what} | {seen} | {} – {} {unit} | {} | {seeds} | {verdict} | {means} |",
        number(*low),
        number(*high),
        number(*median)
    )
}
