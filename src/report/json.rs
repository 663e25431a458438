//! `summary.json`: the claims, nested by arm and metric.

use serde_json::{Map, Value as Json, json};

use super::rows::{Row, observations, rows};
use crate::scenario::metric::{Direction, MetricKind};
use crate::stats::Confidence;
use crate::summary::{ArmSummary, ColumnSummary};

/// Names the format of `summary.json`.
pub const SUMMARY_SCHEMA: &str = "bakeoff.summary.v1";

/// `summary.json`: claims, each with n and its interval.
pub fn summary(arms: &[ArmSummary]) -> Vec<u8> {
    let document = json!({
        "schema": SUMMARY_SCHEMA,
        "confidence": Confidence::NINETY_FIVE.level(),
        "arms": arms.iter().map(arm).collect::<Vec<Json>>(),
    });
    pretty(&document)
}

/// A document as text with a line feed at its end.
pub(super) fn pretty(document: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(document).expect("plain data has a JSON form");
    bytes.push(b'\n');
    bytes
}

/// A JSON object per line.
///
/// # Panics
/// When an entry has no JSON form, which plain data always has.
pub fn lines<T: serde::Serialize>(entries: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut bytes, entry).expect("plain data has a JSON form, and memory takes it");
        bytes.push(b'\n');
    }
    bytes
}

fn arm(summary: &ArmSummary) -> Json {
    let stops: Map<String, Json> =
        summary.stops.by_name().into_iter().map(|(word, n)| (word.to_owned(), json!(n))).collect();
    let metrics: Map<String, Json> =
        summary.columns.iter().map(|column| (column.column.name.clone(), metric(column))).collect();
    json!({ "arm": summary.arm, "seeds": summary.seeds, "stopReasons": stops, "metrics": metrics })
}

fn metric(column: &ColumnSummary) -> Json {
    let metric = column.column.metric.metric;
    let (n, censored) = observations(column);
    let mut entry = Map::new();
    entry.insert("kind".to_owned(), json!(kind(metric.kind())));
    entry.insert("direction".to_owned(), json!(direction(metric.direction())));
    entry.insert("n".to_owned(), json!(n));
    entry.insert("of".to_owned(), json!(column.of));
    if metric.kind() == MetricKind::Number {
        entry.insert("censored".to_owned(), json!(censored));
    }
    for row in rows(column) {
        entry.insert(row.statistic.clone(), statistic(&row));
    }
    Json::Object(entry)
}

fn statistic(row: &Row) -> Json {
    let mut entry = Map::new();
    entry.insert("estimate".to_owned(), number(row.estimate));
    entry.insert("low".to_owned(), number(row.low));
    entry.insert("high".to_owned(), number(row.high));
    if !row.note.is_empty() {
        entry.insert("note".to_owned(), json!(row.note));
    }
    Json::Object(entry)
}

/// Whole numbers without a decimal point, as in the CSV files.
pub(super) fn number(x: Option<f64>) -> Json {
    /// Above this, an `f64` no longer holds every whole number.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match x {
        Some(x) if x.fract() == 0.0 && x.abs() < EXACT => json!(x as i64),
        other => json!(other),
    }
}

fn kind(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Number => "number",
        MetricKind::Boolean => "boolean",
        MetricKind::Status => "status",
    }
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::LowerIsBetter => "lower",
        Direction::HigherIsBetter => "higher",
        Direction::Neither => "neither",
    }
}
