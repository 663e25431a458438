//! Medians and the look of tables.

use std::cell::Cell;

/// Median, least and most of some readings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// Of one reading or more.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (lower, upper) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Self { median: f64::midpoint(lower, upper), least: values[0], most: values[values.len() - 1] }
    }

    /// The median, and what it lies between when there was more than one reading.
    pub(crate) fn cell(self) -> String {
        if self.least == self.most {
            return three_digits(self.median);
        }
        let [median, least, most] = [self.median, self.least, self.most].map(three_digits);
        format!("{median} ({least}–{most})")
    }
}

/// At least three digits that count, and no more behind the point than that takes.
pub(crate) fn three_digits(x: f64) -> String {
    match x.abs() {
        0.0..1.0 => format!("{x:.3}"),
        1.0..10.0 => format!("{x:.2}"),
        10.0..100.0 => format!("{x:.1}"),
        _ => format!("{x:.0}"),
    }
}

/// A table whose head is printed with its first row.
pub(crate) struct Table {
    head: &'static str,
    columns: &'static [&'static str],
    is_begun: Cell<bool>,
}

impl Table {
    pub(crate) fn new(head: &'static str, columns: &'static [&'static str]) -> Self {
        Self { head, columns, is_begun: Cell::new(false) }
    }

    pub(crate) fn row(&self, cells: &[String]) {
        if !self.is_begun.replace(true) {
            println!("\n{}\n\n| {} |", self.head, self.columns.join(" | "));
            println!("|---|{}", "---:|".repeat(self.columns.len() - 1));
        }
        println!("| {} |", cells.join(" | "));
    }
}
