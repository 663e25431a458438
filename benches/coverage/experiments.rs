//! How often intervals and verdicts are right, where the truth is known.
//!
//! Each row repeats one experiment: draw a sample from a model with a known answer, make the
//! interval, look whether it holds the answer. Rows whose theory promises something say what, and
//! whether it came true; the others say what was measured.

mod luck;
mod one_arm;
mod stopping;
mod two_arms;
mod verdicts;
mod whole_runs;

use bakeoff::stats::{Interval, Proportion};
use rayon::prelude::*;

pub(crate) use self::luck::Luck;

/// How many repeats to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// The table's repeats are divided by this.
    pub(crate) divisor: usize,
}

impl Effort {
    pub(crate) fn repeats(self, full: usize) -> usize {
        full / self.divisor
    }
}

/// What theory says about a coverage.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Promise {
    /// The nominal level exactly.
    Nominal,
    /// The nominal level or more.
    AtLeastNominal,
    /// This very value, summed over all outcomes; `safe` when it must not lie below the nominal level.
    Exactly { coverage: f64, safe: bool },
    /// Nothing for samples of this size; the row informs.
    Nothing,
}

/// The head of the table in Markdown; SE is the Monte Carlo standard error, in points.
pub(crate) const HEADER: &str = "| method | model | n | nominal | repeats | coverage | SE | verdict |
|---|---|---:|---:|---:|---:|---:|---|";

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) method: String,
    pub(crate) model: String,
    /// Seeds of one experiment, or how many it took.
    pub(crate) n: String,
    pub(crate) nominal: f64,
    /// Covered, of how many; none for an exact sum.
    pub(crate) covered: Option<(usize, usize)>,
    pub(crate) promise: Promise,
}

/// The chance that a row fails although its promise is kept: three standard errors of a normal law on one side.
const FALSE_ALARM: f64 = 0.001_35;

impl Row {
    /// Runs `full` repeats of an experiment that says whether its interval covered the truth.
    pub(crate) fn measure(
        labels: (&str, &str, usize),
        promise: Promise,
        repeats: usize,
        covers: impl Fn(&mut Luck) -> bool + Sync,
    ) -> Self {
        let (method, model, n) = labels;
        let name = format!("{method}/{model}/{n}");
        let covered =
            (0..repeats).into_par_iter().filter(|repeat| covers(&mut Luck::new(&name, *repeat))).count();
        Self {
            method: method.to_owned(),
            model: model.to_owned(),
            n: n.to_string(),
            nominal: 0.95,
            covered: Some((covered, repeats)),
            promise,
        }
    }

    /// A coverage known without repeats.
    pub(crate) fn exact(labels: (&str, &str, usize), coverage: f64, safe: bool) -> Self {
        let (method, model, n) = labels;
        Self {
            method: method.to_owned(),
            model: model.to_owned(),
            n: n.to_string(),
            nominal: 0.95,
            covered: None,
            promise: Promise::Exactly { coverage, safe },
        }
    }

    fn coverage(&self) -> f64 {
        match (self.covered, self.promise) {
            (Some((covered, repeats)), _) => covered as f64 / repeats as f64,
            (None, Promise::Exactly { coverage, .. }) => coverage,
            (None, _) => unreachable!("a row is measured or exact"),
        }
    }

    /// The Monte Carlo standard error of the coverage.
    fn standard_error(&self) -> f64 {
        let Some((_, repeats)) = self.covered else { return 0.0 };
        let share = self.coverage();
        libm::sqrt(share * (1.0 - share) / repeats as f64)
    }

    /// Whether the promise is kept, as far as the repeats can tell; none without a promise.
    pub(crate) fn holds(&self) -> Option<bool> {
        let below = |bound: f64| self.against(bound).0 <= FALSE_ALARM;
        let apart = |from: f64| {
            let (less, greater) = self.against(from);
            less.min(greater) <= FALSE_ALARM
        };
        match self.promise {
            Promise::Nothing => None,
            Promise::Nominal => Some(!apart(self.nominal)),
            Promise::AtLeastNominal => Some(!below(self.nominal)),
            Promise::Exactly { coverage, safe } => {
                let unsafe_by_sum = safe && coverage < self.nominal - 1e-12;
                Some(!apart(coverage) && !unsafe_by_sum)
            }
        }
    }

    /// The exact p-values of "the coverage is less" and "is greater" than `bound`.
    fn against(&self, bound: f64) -> (f64, f64) {
        let Some((covered, repeats)) = self.covered else { return (1.0, 1.0) };
        let evidence = Proportion::new(covered, repeats).expect("there are repeats").against(bound);
        (evidence.less, evidence.greater)
    }

    /// The row as a line of the table under [`HEADER`].
    pub(crate) fn line(&self) -> String {
        let (repeats, error) = match self.covered {
            Some((_, repeats)) => (repeats.to_string(), format!("{:.2}", 100.0 * self.standard_error())),
            None => ("exact".to_owned(), "0".to_owned()),
        };
        let (nominal, coverage) = (100.0 * self.nominal, 100.0 * self.coverage());
        let (method, model, n, verdict) = (&self.method, &self.model, &self.n, self.verdict());
        format!(
            "| {method} | {model} | {n} | {nominal:.0} % | {repeats} | {coverage:.2} % | {error} | {verdict} |"
        )
    }

    /// What the last column of the table says.
    fn verdict(&self) -> String {
        let gap = 100.0 * (self.coverage() - self.nominal);
        match (self.holds(), self.promise) {
            (Some(false), _) => "**broken**".to_owned(),
            (_, Promise::Nominal) => "as nominal".to_owned(),
            (_, Promise::AtLeastNominal | Promise::Exactly { safe: true, .. }) => "never below".to_owned(),
            (_, Promise::Exactly { coverage, .. }) if self.covered.is_some() => {
                format!("as computed ({:.2} %)", 100.0 * coverage)
            }
            _ if gap < 0.0 => format!("{:.1} points below", -gap),
            _ => format!("{gap:.1} points above"),
        }
    }
}

pub(crate) fn covers(interval: Option<Interval>, truth: f64) -> bool {
    interval.is_some_and(|i| i.low <= truth && truth <= i.high)
}

/// Every row of the table, in its order.
pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let parts = [one_arm::rows, two_arms::rows, whole_runs::rows, stopping::rows, verdicts::rows];
    parts.iter().flat_map(|part| part(effort)).collect()
}
