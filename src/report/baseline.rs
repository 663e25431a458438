//! Baseline files: the results of an earlier run in a form that is small enough to commit
//! and lets a diff show what changed.
//!
//! The text is JSON with a line for each metric. A metric that is the same in most seeds is
//! written as that value and the seeds that part from it; in a diff such a line names the
//! seeds to replay. What is written reads back to the last bit.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Value as Json, json};

use super::json::number;
use super::manifest::SeedRange;
use crate::outcome::{DeploymentStatus, StopReason};
use crate::scenario::metric::{Metric, MetricKind};
use crate::summary::{Baseline, BaselineColumn, Digests, Value, Values};

/// Names the format of baseline files.
pub const BASELINE_SCHEMA: &str = "bakeoff.baseline.v1";

/// The word for a value that the run was cut before.
const CENSORED: &str = "censored";
/// Digests on one line.
const PER_LINE: usize = 5;
/// Hexadecimal digits of a digest.
const DIGITS: usize = 16;

/// Name of the file that holds the baseline of the scenario `name`.
///
/// Letters, digits, `-`, `_` and inner dots stay; every other byte becomes `%` and two hexadecimal digits, so
/// different names are different files and none leads out of its directory.
pub fn file_name(name: &str) -> String {
    let mut file = String::new();
    for (at, byte) in name.bytes().enumerate() {
        // Hidden files and Windows' device names (CON, NUL, COM1 …, with any extension) begin otherwise.
        let is_first = at == 0 && (byte == b'.' || is_device(name));
        if !is_first && (byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            file.push(char::from(byte));
        } else {
            let _ = write!(file, "%{byte:02X}");
        }
    }
    file.push_str(".json");
    file
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|port| {
        stem.strip_prefix(port).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    });
    numbered || ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
}

/// The file's bytes.
///
/// # Panics
/// When there is not one digest, and one value of each metric, for each seed.
pub fn render(baseline: &Baseline) -> Vec<u8> {
    let seeds = &baseline.seeds;
    let count = seeds.end.saturating_sub(seeds.start);
    assert_eq!(baseline.digests.len() as u64, count, "each seed has a digest");
    let head = [
        ("schema", json!(BASELINE_SCHEMA)),
        ("name", json!(baseline.name)),
        ("version", json!(baseline.version)),
        ("randomScheme", json!(baseline.random_scheme)),
        ("metricsEdition", json!(baseline.metrics_edition)),
        ("masterSeed", json!(baseline.master_seed)),
        ("scenarioDigest", json!(baseline.scenario_digest)),
    ];
    let mut text = String::from("{\n");
    for (key, value) in head {
        let _ = writeln!(text, "  \"{key}\": {value},");
    }
    let _ = writeln!(text, "  \"seeds\": {{ \"from\": {}, \"to\": {} }},", seeds.start, seeds.end);
    let digests: Vec<String> = baseline.digests.iter().map(|digest| format!("{digest:016x}")).collect();
    let lines = digests.chunks(PER_LINE).map(|line| format!("    \"{}\"", line.join(" ")));
    let _ = writeln!(text, "  \"digests\": [\n{}\n  ],", lines.collect::<Vec<_>>().join(",\n"));
    let metrics = baseline.columns.iter().map(|column| {
        assert_eq!(column.values.len() as u64, count, "each seed has a value of {}", column.name);
        format!("    {}: {}", json!(column.name), values(&column.values, seeds.start))
    });
    let _ = writeln!(text, "  \"metrics\": {{\n{}\n  }}\n}}", metrics.collect::<Vec<_>>().join(",\n"));
    text.into_bytes()
}

/// The shortest of the forms: one value, a value and its exceptions, or a list.
fn values(values: &Values, first_seed: u64) -> String {
    let texts: Vec<String> = values.iter().map(|value| word(value).to_string()).collect();
    let list = format!("[{}]", texts.join(","));
    let Some(most) = most_frequent(&texts) else { return list };
    let others: Vec<String> = (first_seed..)
        .zip(&texts)
        .filter(|(_, text)| text.as_str() != most)
        .map(|(seed, text)| format!("\"{seed}\":{text}"))
        .collect();
    if others.is_empty() {
        return most.to_owned();
    }
    let mostly = format!("{{ \"mostly\": {most}, \"except\": {{{}}} }}", others.join(","));
    if mostly.len() < list.len() { mostly } else { list }
}

/// The text that occurs most often; of several the one that comes first.
fn most_frequent(texts: &[String]) -> Option<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    let most = counts.values().max()?;
    texts.iter().map(String::as_str).find(|text| counts.get(text) == Some(most))
}

fn word(value: Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Censored => json!(CENSORED),
        Value::Number(x) => number(Some(x)),
        Value::Boolean(yes) => json!(yes),
        Value::Text(text) => json!(text),
    }
}

/// Reads a baseline file.
///
/// # Errors
/// What is wrong and where, as a sentence without a full stop.
pub fn parse(text: &[u8]) -> Result<Baseline, String> {
    let head: Head = serde_json::from_slice(text).map_err(|error| format!("it is no baseline: {error}"))?;
    match head.schema {
        Some(schema) if schema == BASELINE_SCHEMA => {}
        Some(schema) => {
            return Err(format!("its format is '{schema}', and this version reads '{BASELINE_SCHEMA}'"));
        }
        None => return Err(format!("it has no 'schema', where a baseline has '{BASELINE_SCHEMA}'")),
    }
    let file: File = serde_json::from_slice(text).map_err(|error| format!("it is damaged: {error}"))?;
    let SeedRange { from, to } = file.seeds;
    if from >= to {
        return Err(format!("seeds: there is none in {from}..{to}"));
    }
    let digests = digests(&file.digests)?;
    // Also keeps a huge range from being taken at its word.
    if digests.len() as u64 != to - from {
        return Err(format!("digests: {} of them for {} seeds", digests.len(), to - from));
    }
    let columns = file.metrics.0.into_iter().map(|(name, values)| column(name, values, from, digests.len()));
    Ok(Baseline {
        name: file.name,
        version: file.version,
        random_scheme: file.random_scheme,
        metrics_edition: file.metrics_edition,
        master_seed: file.master_seed,
        scenario_digest: file.scenario_digest,
        seeds: from..to,
        columns: columns.collect::<Result<_, _>>()?,
        digests,
    })
}

/// What is looked at first: another format may have other fields.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    name: String,
    version: String,
    random_scheme: String,
    metrics_edition: u32,
    master_seed: u64,
    scenario_digest: String,
    seeds: SeedRange,
    digests: Vec<String>,
    metrics: Entries,
}

/// The entries of an object in their order, none of them twice: a merge that kept both sides is no baseline.
struct Entries(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an entry for each metric")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries: Vec<(String, Json)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Json>()? {
                    if entries.iter().any(|(known, _)| *known == name) {
                        return Err(serde::de::Error::custom(format!("'{name}' is there twice")));
                    }
                    entries.push((name, value));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Reading)
    }
}

fn digests(lines: &[String]) -> Result<Digests, String> {
    let words = lines.iter().flat_map(|line| line.split_whitespace());
    words
        .map(|digest| {
            let is_whole = digest.len() == DIGITS && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            let read = u64::from_str_radix(digest, 16).ok().filter(|_| is_whole);
            read.ok_or_else(|| format!("digests: '{digest}' is not {DIGITS} hexadecimal digits"))
        })
        .collect()
}

fn column(name: String, written: Json, first_seed: u64, seeds: usize) -> Result<BaselineColumn, String> {
    let kind = kind(&name);
    let read = |json: &Json, seed: Option<u64>| {
        let place = seed.map_or_else(String::new, |seed| format!(", seed {seed}"));
        value(json, kind).ok_or_else(|| format!("metrics.{name}{place}: {json} is no value of it"))
    };
    let values = match written {
        Json::Array(list) => {
            if list.len() != seeds {
                return Err(format!("metrics.{name}: {} values for {seeds} seeds", list.len()));
            }
            list.iter()
                .zip(first_seed..)
                .map(|(json, seed)| read(json, Some(seed)))
                .collect::<Result<Vec<Value>, _>>()?
        }
        Json::Object(mut form) => {
            let (most, except) = (form.remove("mostly"), form.remove("except"));
            let (Some(most), Some(Json::Object(except)), true) = (most, except, form.is_empty()) else {
                return Err(format!("metrics.{name}: an object here has 'mostly' and 'except'"));
            };
            let mut values = vec![read(&most, None)?; seeds];
            for (key, json) in except {
                let seed = key.parse::<u64>().ok().filter(|seed| seed.to_string() == key);
                let at = seed.and_then(|seed| seed.checked_sub(first_seed)).map(|at| at as usize);
                let slot = at.and_then(|at| values.get_mut(at));
                let Some(slot) = slot else {
                    return Err(format!("metrics.{name}: '{key}' is no seed of this baseline"));
                };
                *slot = read(&json, seed)?;
            }
            values
        }
        constant => vec![read(&constant, None)?; seeds],
    };
    Ok(BaselineColumn { name, values: values.into_iter().collect() })
}

/// What sort of values a column has; none for a metric that this version does not know.
fn kind(column: &str) -> Option<MetricKind> {
    let of_deployment = |name: &str| {
        let (number, metric) = name.strip_prefix('d')?.split_once('_')?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| Metric::from_name(metric))?
    };
    let is_of_service = column.starts_with("min_running_tasks_pct_");
    let metric = Metric::from_name(column).or_else(|| of_deployment(column));
    metric.or(is_of_service.then_some(Metric::MinRunningTasksPct)).map(Metric::kind)
}

/// A value of that kind, of any kind where it is not known.
fn value(json: &Json, kind: Option<MetricKind>) -> Option<Value> {
    let is = |wanted| kind.is_none_or(|kind| kind == wanted);
    match json {
        Json::Null => Some(Value::Missing),
        Json::Bool(yes) => is(MetricKind::Boolean).then_some(Value::Boolean(*yes)),
        // Numbers too large to be held are read as infinite.
        Json::Number(x) => x.as_f64().filter(|x| x.is_finite() && is(MetricKind::Number)).map(Value::Number),
        Json::String(text) if text == CENSORED => is(MetricKind::Number).then_some(Value::Censored),
        Json::String(text) => {
            let statuses = DeploymentStatus::ALL.iter().map(|status| status.as_str());
            let mut words = statuses.chain(StopReason::ALL.iter().map(|stop| stop.as_str()));
            words.find(|word| word == text && is(MetricKind::Status)).map(Value::Text)
        }
        Json::Array(_) | Json::Object(_) => None,
    }
}
