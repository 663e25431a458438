//! What became of a check: its verdict and the evidence beside it.

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// What it claims was shown.
    Pass,
    /// Neither it nor its opposite was shown.
    Inconclusive,
    /// Its opposite was shown, or there was nothing to show it from.
    Fail,
    /// It compares with a baseline, and there is none that it may be compared with.
    NoBaseline,
}

impl Verdict {
    /// The word for it in machine-readable results.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::NoBaseline => "no-baseline",
        }
    }
}

/// How the numbers of a verdict are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// In the metric's unit; empty where it has none.
    Unit(&'static str),
    /// A share of the seeds, 0–1.
    Share,
    /// A change in percent of the baseline's estimate.
    Change,
}

/// One check with its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The check as it is written.
    pub text: String,
    /// How it ended.
    pub verdict: Verdict,
    /// The estimate; `+∞` when it falls on a censored observation, none when there is none.
    pub observed: Option<f64>,
    /// Lower one-sided bound at `level`, for this check alone.
    pub low: Option<f64>,
    /// Upper one-sided bound at `level`, for this check alone; `+∞` when censored.
    pub high: Option<f64>,
    /// What it was compared with; none for `all deployments end`.
    pub bound: Option<f64>,
    /// What `observed`, `low`, `high` and `bound` are measured in.
    pub measure: Measure,
    /// Confidence at which each side was tested, 0.5–1.
    pub level: f64,
    /// Observations behind the estimate, censored ones included; pairs for a difference.
    pub n: usize,
    /// Seeds that ran: the N of "n of N".
    pub of: usize,
    /// Evidence for what the check claims: its p-value, adjusted by Holm over the file; none without a test.
    pub p_pass: Option<f64>,
    /// Evidence for the opposite, adjusted likewise.
    pub p_fail: Option<f64>,
    /// Why the verdict is what it is, as a sentence without a full stop; empty where the numbers say it.
    pub reason: String,
    /// Seeds that break the check, the worst first; empty unless it failed.
    pub breaking: Vec<u64>,
}
