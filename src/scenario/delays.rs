//! Delays of the scenario file: a plain duration, or one distribution by its name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use super::codes::Code;
use super::duration;
use super::read::{At, List, Read, Reader, record};
use super::tree::{Kind, Node, Place};
use super::values::{Quantity, Shape, Span, Text};
use crate::engine::draw::{Delay, Distribution, DistributionError};
use crate::engine::time::SimDuration;

record! {
    /// a distribution.
    Laws {
        /// Always this long.
        "fixed" fixed: Span = Optional,
        /// Anything between two bounds, all alike.
        "uniform" uniform: UniformLaw = Optional,
        /// From min to max, most likely around mode, straight flanks.
        "triangular" triangular: ThreePoints = Optional,
        /// From min to max, most likely around mode, the smooth curve of project planning.
        "pert" pert: ThreePoints = Optional,
        /// Without memory, by its mean.
        "exponential" exponential: ExponentialLaw = Optional,
        /// Log-normal, by its median and one of p99, p95, sigma.
        "logNormal" log_normal: LogNormalLaw = Optional,
        /// Weibull, by shape and scale or by median and p99.
        "weibull" weibull: WeibullLaw = Optional,
        /// Gamma, by shape and mean.
        "gamma" gamma: GammaLaw = Optional,
        /// What was measured, as values or as a column of a CSV file.
        "empirical" empirical: EmpiricalLaw = Optional,
        /// One of several distributions, each picked in proportion to its weight.
        "mixture" mixture: Mixture = Optional,
    }
    one of ["fixed", "uniform", "triangular", "pert", "exponential", "logNormal", "weibull", "gamma",
        "empirical", "mixture"]
}

record! {
    /// a uniform distribution.
    UniformLaw {
        /// The shortest.
        "min" min: Span = Required,
        /// The longest.
        "max" max: Span = Required,
    }
}

record! {
    /// a distribution of three points.
    ThreePoints {
        /// The shortest.
        "min" min: Span = Required,
        /// The most likely.
        "mode" mode: Span = Required,
        /// The longest.
        "max" max: Span = Required,
    }
}

record! {
    /// an exponential distribution.
    ExponentialLaw {
        /// The mean.
        "mean" mean: Span = Required,
        /// Nothing shorter than this: the distribution on that condition.
        "min" min: Span = Optional,
        /// Nothing longer than this: the distribution on that condition.
        "max" max: Span = Optional,
    }
}

record! {
    /// a log-normal distribution.
    LogNormalLaw {
        /// Half of all are shorter.
        "median" median: Span = Required,
        /// One in a hundred is longer.
        "p99" p99: Span = Optional,
        /// One in twenty is longer.
        "p95" p95: Span = Optional,
        /// Standard deviation of the natural logarithm.
        "sigma" sigma: Shape = Optional,
        /// Nothing shorter than this: the distribution on that condition.
        "min" min: Span = Optional,
        /// Nothing longer than this: the distribution on that condition.
        "max" max: Span = Optional,
    }
    one of ["p99", "p95", "sigma"]
}

record! {
    /// a Weibull distribution.
    WeibullLaw {
        /// Below 1 the hazard falls with age, above 1 it grows.
        "shape" shape: Shape = Optional,
        /// 63 % are shorter.
        "scale" scale: Span = Optional,
        /// Half of all are shorter; instead of shape and scale.
        "median" median: Span = Optional,
        /// One in a hundred is longer; with median.
        "p99" p99: Span = Optional,
        /// Nothing shorter than this: the distribution on that condition.
        "min" min: Span = Optional,
        /// Nothing longer than this: the distribution on that condition.
        "max" max: Span = Optional,
    }
}

record! {
    /// a gamma distribution.
    GammaLaw {
        /// The coefficient of variation is one over its square root.
        "shape" shape: Shape = Required,
        /// The mean.
        "mean" mean: Span = Required,
        /// Nothing shorter than this: the distribution on that condition.
        "min" min: Span = Optional,
        /// Nothing longer than this: the distribution on that condition.
        "max" max: Span = Optional,
    }
}

record! {
    /// an empirical distribution.
    EmpiricalLaw {
        /// Measured durations; between them it is linear.
        "values" values: List<Span> = Optional,
        /// A CSV file beside the scenario; `show` writes its values out.
        "file" file: Text = Optional,
        /// Which column of the file; durations, or plain numbers if its name ends in _ms, _s or _min.
        "column" column: Text = Optional,
        /// Nothing shorter than this: the distribution on that condition.
        "min" min: Span = Optional,
        /// Nothing longer than this: the distribution on that condition.
        "max" max: Span = Optional,
    }
    one of ["values", "file"]
}

record! {
    /// a truncated mixture.
    MixtureLaw {
        /// The parts.
        "parts" parts: List<MixturePart> = Required,
        /// Nothing shorter than this: the distribution on that condition.
        "min" min: Span = Optional,
        /// Nothing longer than this: the distribution on that condition.
        "max" max: Span = Optional,
    }
}

/// A mixture: a list of parts, or parts with bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture(MixtureLaw);

/// A weight beside the distribution that it weighs.
#[derive(Clone, Debug, PartialEq)]
pub struct MixturePart {
    weight: At<Quantity>,
    laws: Laws,
}

/// A delay as the file gives it, and ready for use.
#[derive(Clone, Debug, PartialEq)]
pub struct DelaySpec {
    written: Written,
    delay: Delay,
}

#[derive(Clone, Debug, PartialEq)]
enum Written {
    Plain(Span),
    Laws(Box<Laws>),
}

impl DelaySpec {
    /// The delay, ready for use.
    pub fn delay(&self) -> Delay {
        self.delay.clone()
    }
}

impl Read for DelaySpec {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.kind, Kind::Map(_)) {
            if matches!(node.kind, Kind::List(_)) {
                reader
                    .wrong_type(node, "a duration or a distribution")
                    .help("for example 30s, or { logNormal: { median: 20s, p99: 60s } }");
                return None;
            }
            let span = Span::read(node, reader)?;
            return Some(Self { written: Written::Plain(span), delay: Delay::fixed(span.0) });
        }
        let mut laws = Laws::read(node, reader)?;
        laws.inline_file(reader)?;
        if let Some(At { value: span, .. }) = laws.fixed {
            return Some(Self { written: Written::Plain(span), delay: Delay::fixed(span.0) });
        }
        let distribution = laws.distribution(node.place, reader)?;
        let made = reader.delays.entry(laws.show().to_string());
        let delay = made.or_insert_with(|| Delay::from_distribution(distribution)).clone();
        Some(Self { delay, written: Written::Laws(Box::new(laws)) })
    }

    fn show(&self) -> Value {
        match &self.written {
            Written::Plain(span) => span.show(),
            Written::Laws(laws) => laws.show(),
        }
    }
}

impl JsonSchema for DelaySpec {
    fn schema_name() -> Cow<'static, str> {
        "Delay".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (span, laws) = (generator.subschema_for::<Span>(), generator.subschema_for::<Laws>());
        json_schema!({
            "description": "How long something takes: a duration, or a distribution of durations.",
            "anyOf": [span, laws],
        })
    }
}

fn ms(span: SimDuration) -> f64 {
    span.as_ms() as f64
}

/// Values of fields that must be there; none if one is not, which has been told.
macro_rules! spans {
    ($law:expr, $($field:ident),+) => { ($( ms($law.$field.as_ref()?.value.0) ),+) };
}

/// Truncates a distribution by the `min` and `max` of its law.
macro_rules! within {
    ($law:expr, $base:expr) => {{
        let bound = |field: &Option<At<Span>>| field.as_ref().map(|field| ms(field.value.0));
        let (min, max) = (bound(&$law.min), bound(&$law.max));
        if min.is_none() && max.is_none() { $base } else { $base.and_then(|base| base.truncated(min, max)) }
    }};
}

impl Laws {
    /// The distribution in milliseconds; none if it makes no sense, which is then told.
    fn distribution(&self, place: Place, reader: &mut Reader<'_>) -> Option<Distribution> {
        let made = self.simple().or_else(|| self.fitted()).or_else(|| self.composed(reader))?;
        told(made, place, reader)
    }

    /// Those given by their bounds.
    fn simple(&self) -> Option<Result<Distribution, DistributionError>> {
        if let Some(fixed) = &self.fixed {
            return Some(Distribution::fixed(ms(fixed.value.0)));
        }
        if let Some(At { value: law, .. }) = &self.uniform {
            let (min, max) = spans!(law, min, max);
            return Some(Distribution::uniform(min, max));
        }
        if let Some(At { value: law, .. }) = &self.triangular {
            let (min, mode, max) = spans!(law, min, mode, max);
            return Some(Distribution::triangular(min, mode, max));
        }
        let law = &self.pert.as_ref()?.value;
        let (min, mode, max) = spans!(law, min, mode, max);
        Some(Distribution::pert(min, mode, max))
    }

    /// Those given by quantiles or moments.
    fn fitted(&self) -> Option<Result<Distribution, DistributionError>> {
        if let Some(At { value: law, .. }) = &self.exponential {
            return Some(within!(law, Distribution::exponential(ms(law.mean.as_ref()?.value.0))));
        }
        if let Some(At { value: law, .. }) = &self.log_normal {
            let median = ms(law.median.as_ref()?.value.0);
            let base = match (&law.p99, &law.p95, &law.sigma) {
                (Some(p99), _, _) => Distribution::log_normal_median_p99(median, ms(p99.value.0)),
                (_, Some(p95), _) => Distribution::log_normal_median_p95(median, ms(p95.value.0)),
                (_, _, Some(sigma)) => Distribution::log_normal_median_sigma(median, sigma.value.0),
                _ => return None,
            };
            return Some(within!(law, base));
        }
        let law = &self.gamma.as_ref()?.value;
        let (shape, mean) = (law.shape.as_ref()?.value.0, ms(law.mean.as_ref()?.value.0));
        Some(within!(law, Distribution::gamma(shape, mean)))
    }

    /// Those that can be given in several ways.
    fn composed(&self, reader: &mut Reader<'_>) -> Option<Result<Distribution, DistributionError>> {
        if let Some(At { value: law, place }) = &self.weibull {
            let base = match (&law.shape, &law.scale, &law.median, &law.p99) {
                (Some(shape), Some(scale), None, None) => {
                    Distribution::weibull(shape.value.0, ms(scale.value.0))
                }
                (None, None, Some(median), Some(p99)) => {
                    Distribution::weibull_median_p99(ms(median.value.0), ms(p99.value.0))
                }
                _ if reader.is_broken(*place, &["shape", "scale", "median", "p99"]) => return None,
                _ => {
                    reader
                        .problem(Code::Distribution, *place, "a Weibull distribution needs two parameters")
                        .help("give shape and scale, or median and p99");
                    return None;
                }
            };
            return Some(within!(law, base));
        }
        if let Some(At { value: law, .. }) = &self.empirical {
            let list = &law.values.as_ref()?.value;
            if !list.is_complete {
                return None;
            }
            let values = list.values().map(|span| ms(span.0)).collect();
            return Some(within!(law, Distribution::empirical(values)));
        }
        let At { value: Mixture(law), .. } = self.mixture.as_ref()?;
        let list = &law.parts.as_ref()?.value;
        if !list.is_complete {
            return None;
        }
        let mut parts = Vec::new();
        for part in &list.items {
            parts.push((part.value.weight.value.0, part.value.laws.distribution(part.place, reader)?));
        }
        Some(within!(law, Distribution::mixture(parts)))
    }

    /// Puts the values of a CSV file where the file was named.
    fn inline_file(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        if let Some(At { value: Mixture(law), .. }) = &mut self.mixture {
            for part in law.parts.as_mut().map_or(&mut [][..], |parts| &mut parts.value.items) {
                part.value.laws.inline_file(reader)?;
            }
        }
        if let Some(At { value: law, .. }) = &mut self.empirical
            && let Some(file) = law.file.take()
        {
            let column = law.column.take();
            let values = csv_column(&file, column.as_ref(), reader)?;
            law.values = Some(At { value: List { items: values, is_complete: true }, place: file.place });
        }
        Some(())
    }
}

fn told(
    made: Result<Distribution, DistributionError>,
    place: Place,
    reader: &mut Reader<'_>,
) -> Option<Distribution> {
    match made {
        Ok(distribution) => Some(distribution),
        Err(error) => {
            reader.problem(Code::Distribution, place, error.to_string());
            None
        }
    }
}

/// The durations of one column.
fn csv_column(file: &At<Text>, column: Option<&At<Text>>, reader: &mut Reader<'_>) -> Option<Vec<At<Span>>> {
    let source = reader.file(&file.value.0, file.place)?;
    let whole = reader.sources.whole(source);
    let text = reader.sources.text(whole).unwrap_or_default().to_string();
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut values = Vec::new();
    let mut index = None;
    let mut unit = None;
    for row in rows.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                reader.problem(Code::File, file.place, format!("'{}' is no CSV: {error}", file.value.0));
                return None;
            }
        };
        let offset = row.position().map_or(0, |position| position.byte() as usize);
        let place = whole.part(offset, offset + row.as_slice().len() + row.len() - 1);
        let Some(index) = index else {
            let (found, is_header) = pick_column(&row, column, place, reader)?;
            index = Some(found);
            unit = if is_header { unit_of(&row[found]) } else { None };
            if !is_header {
                values.push(At { value: cell(&row[found], unit, place, reader)?, place });
            }
            continue;
        };
        values.push(At { value: cell(row.get(index).unwrap_or_default(), unit, place, reader)?, place });
    }
    if values.is_empty() {
        reader.problem(Code::File, file.place, format!("'{}' has no values", file.value.0));
        return None;
    }
    Some(values)
}

/// Which column is meant, by the first row, and whether that row is a header.
fn pick_column(
    row: &csv::StringRecord,
    column: Option<&At<Text>>,
    place: Place,
    reader: &mut Reader<'_>,
) -> Option<(usize, bool)> {
    let names = row.iter().collect::<Vec<_>>().join(", ");
    match column {
        Some(column) => {
            let found = row.iter().position(|name| name == column.value.0);
            if found.is_none() {
                let message = format!("the file has no column '{}'", column.value.0);
                let help = format!("its columns are: {names}");
                reader.problem(Code::UnknownName, column.place, message).help(help);
            }
            Some((found?, true))
        }
        None if row.len() == 1 => Some((0, duration::parse(&row[0]).is_err())),
        None => {
            reader
                .problem(Code::MissingKey, place, "the file has several columns: which one?")
                .help(format!("give `column:`, one of: {names}"));
            None
        }
    }
}

/// Milliseconds in the unit that a column's name ends in.
fn unit_of(name: &str) -> Option<f64> {
    [("_ms", 1.0), ("_s", 1_000.0), ("_min", 60_000.0)]
        .into_iter()
        .find(|(suffix, _)| name.ends_with(suffix))
        .map(|(_, unit)| unit)
}

fn cell(text: &str, unit: Option<f64>, place: Place, reader: &mut Reader<'_>) -> Option<Span> {
    let parsed = match (unit, text.parse::<f64>()) {
        (Some(unit), Ok(number)) if (0.0..=ms(duration::LONGEST)).contains(&(number * unit)) => {
            Ok(SimDuration::from_ms((number * unit + 0.5) as u64))
        }
        (Some(_), Ok(_)) => Err("outside of what a duration can be".into()),
        (None, Ok(_)) => Err("a plain number in a column whose name tells no unit".into()),
        (_, Err(_)) => duration::parse(text),
    };
    match parsed {
        Ok(span) => Some(Span(span)),
        Err(reason) => {
            reader.problem(Code::BadDuration, place, reason).help(
                "cells are durations like 90s, or plain numbers below a name ending in _ms, _s or _min",
            );
            None
        }
    }
}

impl Read for Mixture {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Kind::List(_) = node.kind {
            let parts = List::read(node, reader)?;
            let parts = Some(At { value: parts, place: node.place });
            return Some(Self(MixtureLaw { parts, min: None, max: None }));
        }
        MixtureLaw::read(node, reader).map(Self)
    }

    fn show(&self) -> Value {
        match (&self.0.parts, &self.0.min, &self.0.max) {
            (Some(parts), None, None) => parts.value.show(),
            _ => self.0.show(),
        }
    }
}

impl JsonSchema for Mixture {
    fn schema_name() -> Cow<'static, str> {
        "Mixture".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let parts = generator.subschema_for::<List<MixturePart>>();
        let law = generator.subschema_for::<MixtureLaw>();
        json_schema!({ "anyOf": [parts, law] })
    }
}

impl Read for MixturePart {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            reader.wrong_type(node, "a mapping").help("for example { weight: 0.9, fixed: 20s }");
            return None;
        };
        let weight = reader.field(entries, node, "weight", super::read::Presence::Required);
        let rest = entries.iter().filter(|entry| entry.key != "weight").cloned().collect();
        let laws = Laws::read(&Node { kind: Kind::Map(rest), place: node.place }, reader);
        Some(Self { weight: weight?, laws: laws? })
    }

    fn show(&self) -> Value {
        let mut map = Map::new();
        map.insert("weight".into(), self.weight.value.show());
        if let Value::Object(laws) = self.laws.show() {
            map.extend(laws);
        }
        Value::Object(map)
    }
}

impl JsonSchema for MixturePart {
    fn schema_name() -> Cow<'static, str> {
        "MixturePart".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Laws::json_schema(generator);
        let weight = json_schema!({
            "type": "number", "exclusiveMinimum": 0, "description": "How often, relative to the others.",
        });
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.insert("weight".into(), weight.into());
        }
        schema.insert("required".into(), serde_json::json!(["weight"]));
        schema
    }
}
