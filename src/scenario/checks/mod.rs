//! The grammar of `checks:` and of `--precision`.
//!
//! ```text
//! check := expr cmp bound ['@' level '%'] | 'all deployments end'
//! expr  := ('mean'|'min'|'max'|'p'<1..99.9>) '(' metric ')' | 'P(' cond ')' | 'delta(' expr ')'
//! cond  := boolean-metric | metric cmp number | 'deployment_status' ('='|'!=') STATUS
//! cmp   := '<'|'<='|'>'|'>='|'='|'!='       bound := number | [+|-]number'%'
//! target := expr '=' (number'%' | '±'number)
//! ```

use std::ops::Range;

use super::codes::Code;
use super::metric::MetricRef;
use crate::stats::Precision;

mod parse;

pub use parse::{parse, parse_estimate, parse_target};

/// One assertion about the results.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The check as it is written.
    pub text: String,
    /// What is asserted.
    pub assertion: Assertion,
    /// Confidence at which each side is tested, 0.5–1; 0.95 unless given.
    pub level: f64,
}

/// What a check asserts.
#[derive(Clone, Debug, PartialEq)]
pub enum Assertion {
    /// Every deployment of every seed that ran reached a final state.
    AllDeploymentsEnd,
    /// An estimate compares with a bound.
    Bounded {
        /// What is estimated.
        estimate: Estimate,
        /// How it compares.
        comparison: Comparison,
        /// With what.
        bound: Bound,
    },
}

/// What is estimated over the seeds.
#[derive(Clone, Debug, PartialEq)]
pub enum Estimate {
    /// The mean of a number.
    Mean(MetricRef),
    /// The least value of the seeds that ran; it has no interval.
    Min(MetricRef),
    /// The greatest value of the seeds that ran; it has no interval.
    Max(MetricRef),
    /// A quantile of a number.
    Quantile {
        /// Which, in percent: 1–99.9.
        percent: f64,
        /// Of what.
        metric: MetricRef,
    },
    /// The share of seeds in which a condition holds.
    Probability(Condition),
    /// How much an estimate differs from that of the baseline, paired by seed.
    Delta(Box<Estimate>),
}

/// What may hold in a seed.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A boolean metric is true.
    IsTrue(MetricRef),
    /// A number compares with another.
    Compares {
        /// The number.
        metric: MetricRef,
        /// How it compares.
        comparison: Comparison,
        /// With what.
        number: f64,
    },
    /// A deployment ended, or did not end, with a status.
    Status {
        /// Whose status: `deployment_status` of one of the deployments.
        metric: MetricRef,
        /// Whether it is that status or another one.
        is: Is,
        /// One of [`STATUSES`].
        status: &'static str,
    },
}

/// Whether something is, or is anything but.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// `=`
    Equal,
    /// `!=`
    Different,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
    /// `!=`
    Different,
}

impl Comparison {
    /// Each by its sign, the longer signs first.
    pub const BY_SIGN: [(&'static str, Self); 6] = [
        ("<=", Self::AtMost),
        (">=", Self::AtLeast),
        ("!=", Self::Different),
        ("<", Self::Less),
        (">", Self::Greater),
        ("=", Self::Equal),
    ];

    /// Whether it holds between two numbers.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::Greater => left > right,
            Self::AtLeast => left >= right,
            Self::Equal => left == right,
            Self::Different => left != right,
        }
    }

    /// How it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Equal => "=",
            Self::Different => "!=",
        }
    }
}

/// What an estimate is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A number in the metric's unit, or a share for a probability.
    Number(f64),
    /// A change in percent of the baseline's estimate; for `delta` only.
    Percent(f64),
}

/// How precise an estimate shall become before no more seeds are run.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The target as it is written: `p95(rollout_duration_min)=2%`.
    pub text: String,
    /// What is estimated.
    pub estimate: Estimate,
    /// How far its interval may reach.
    pub precision: Precision,
}

/// The words that `deployment_status` takes (`DaemonDeploymentStatus` of the ECS API).
pub const STATUSES: [&str; 8] = [
    "PENDING",
    "IN_PROGRESS",
    "SUCCESSFUL",
    "STOPPED",
    "STOP_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

/// Why a text is no check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckError {
    /// Which rule it breaks.
    pub code: Code,
    /// Bytes of the text that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to put it right.
    pub help: String,
}
