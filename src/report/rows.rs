//! Claims as flat rows: what `summary.csv` and `summary.json` both say.

use crate::stats::{Estimate, Interval, Proportion, Quantile, Refused, nine_digits};
use crate::summary::{Claims, ColumnSummary, NumberClaims, QUANTILES, Share};

/// Why an interval is missing where the sample is too small for one.
pub(super) const TOO_SMALL: &str = "n too small";
/// Why an estimate is missing where it falls on a censored observation.
pub(super) const NOT_REACHED: &str = "not reached";
/// Why the upper end is missing where it falls on a censored observation.
pub(super) const UPPER_NOT_REACHED: &str = "upper end not reached";
/// Why a mean is missing.
pub(super) const CENSORED: &str = "refused: some runs did not finish";
/// Why everything is missing.
pub(super) const NO_VALUE: &str = "no run has a value";

/// One statistic of one metric; what is unknown is none, and the note says why.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// `mean`, `sd`, `min`, `p5` … `p99`, `max`, or `P(value)` for a share.
    pub(super) statistic: String,
    /// The estimate.
    pub(super) estimate: Option<f64>,
    /// Lower end of its 95 % interval.
    pub(super) low: Option<f64>,
    /// Upper end.
    pub(super) high: Option<f64>,
    /// Why something is missing; empty when nothing is.
    pub(super) note: &'static str,
}

/// Number of observations behind a column's claims, and how many of them are censored.
pub(super) fn observations(column: &ColumnSummary) -> (usize, usize) {
    match &column.claims {
        Claims::Number(None) => (0, 0),
        Claims::Number(Some(claims)) => (claims.n, claims.censored),
        Claims::Shares(shares) => {
            (shares.iter().find_map(|share| share.proportion).map_or(0, Proportion::n), 0)
        }
    }
}

/// The rows of a column, always the same ones for its kind.
pub(super) fn rows(column: &ColumnSummary) -> Vec<Row> {
    match &column.claims {
        Claims::Number(None) => ["mean", "sd", "min"]
            .map(str::to_owned)
            .into_iter()
            .chain(QUANTILES.map(|q| q.to_string()))
            .chain(["max".to_owned()])
            .map(|statistic| Row { statistic, estimate: None, low: None, high: None, note: NO_VALUE })
            .collect(),
        Claims::Number(Some(claims)) => number_rows(claims),
        Claims::Shares(shares) => shares.iter().map(share_row).collect(),
    }
}

fn number_rows(claims: &NumberClaims) -> Vec<Row> {
    let mut rows = vec![mean_row(claims.mean), sd_row(claims.sd), extreme("min", claims.min)];
    rows.extend(claims.quantiles.iter().map(|(quantile, estimate)| quantile_row(*quantile, estimate)));
    rows.push(extreme("max", claims.max));
    rows
}

fn mean_row(mean: Result<Estimate, Refused>) -> Row {
    match mean {
        Ok(estimate) => estimate_row("mean".to_owned(), &estimate),
        Err(refused) => refusal("mean", refused),
    }
}

fn sd_row(sd: Result<f64, Refused>) -> Row {
    match sd {
        Ok(sd) => Row {
            statistic: "sd".to_owned(),
            estimate: finite(sd),
            low: None,
            high: None,
            note: "no interval",
        },
        Err(refused) => refusal("sd", refused),
    }
}

fn refusal(statistic: &str, refused: Refused) -> Row {
    let note = match refused {
        Refused::Censored => CENSORED,
        Refused::TooFew => TOO_SMALL,
    };
    Row { statistic: statistic.to_owned(), estimate: None, low: None, high: None, note }
}

/// The extremes are those of the seeds that ran; nothing is claimed about others.
fn extreme(statistic: &str, value: f64) -> Row {
    let estimate = finite(value);
    let note = if estimate.is_some() { "no interval" } else { NOT_REACHED };
    Row { statistic: statistic.to_owned(), estimate, low: None, high: None, note }
}

fn quantile_row(quantile: Quantile, estimate: &Estimate) -> Row {
    estimate_row(quantile.to_string(), estimate)
}

fn estimate_row(statistic: String, estimate: &Estimate) -> Row {
    let Estimate { point, interval, .. } = *estimate;
    let (low, high) = ends(interval);
    let estimate = finite(point);
    let note = match (estimate, interval) {
        (None, _) => NOT_REACHED,
        (Some(_), None) => TOO_SMALL,
        (Some(_), Some(interval)) if interval.high.is_infinite() => UPPER_NOT_REACHED,
        (Some(_), Some(_)) => "",
    };
    Row { statistic, estimate, low, high, note }
}

fn share_row(share: &Share) -> Row {
    let (low, high) = ends(share.interval());
    Row {
        statistic: format!("P({})", share.value),
        estimate: share.proportion.and_then(|p| finite(p.share())),
        low,
        high,
        note: if share.proportion.is_some() { "" } else { NO_VALUE },
    }
}

fn ends(interval: Option<Interval>) -> (Option<f64>, Option<f64>) {
    interval.map_or((None, None), |i| (finite(i.low), finite(i.high)))
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then(|| nine_digits(x))
}
