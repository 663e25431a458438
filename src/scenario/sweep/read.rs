//! Reads the `sweep:` of a scenario.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use super::{Axis, Sweep, Unit, Values, rounded};
use crate::engine::time::SimDuration;
use crate::scenario::codes::Code;
use crate::scenario::constraint::{self, Constraint, Dimension};
use crate::scenario::read::{Read, Reader, closest, record};
use crate::scenario::tree::{Entry, Kind, Node, Place};
use crate::scenario::values::{Real, Span, whole};

record! {
    /// a range of values.
    RawRange {
        /// The first value.
        "from" from: End = Required,
        /// No value is above this.
        "to" to: End = Required,
        /// Difference of two neighbours; only a Latin hypercube can do without.
        "step" step: End = Optional,
    }
}

/// The sweep as it is written: `constraints` and `latinHypercube` are keys of its own, every other one is an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct RawSweep(pub Vec<Entry>);

/// The key of a sweep that holds its constraints.
pub(in crate::scenario) const CONSTRAINTS: &str = "constraints";
/// The key of a sweep that holds the number of points.
pub(in crate::scenario) const LATIN_HYPERCUBE: &str = "latinHypercube";

impl Read for RawSweep {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            reader
                .wrong_type(node, "a mapping of settings to values")
                .help("for example { drainPercent: [5, 10, 25] }");
            return None;
        };
        Some(Self(entries.clone()))
    }

    fn show(&self) -> Value {
        let entries = self.0.iter().map(|entry| (entry.key.clone(), entry.value.to_json()));
        Value::Object(entries.collect::<Map<String, Value>>())
    }
}

impl JsonSchema for RawSweep {
    fn schema_name() -> Cow<'static, str> {
        "Sweep".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "constraints": {
                    "description": "Conditions that every combination has to meet, such as `drainPercent * bakeTimeInMinutes <= 500`.",
                    "type": "array", "items": { "type": "string" },
                },
                "latinHypercube": {
                    "description": "How many points a Latin hypercube takes, instead of every combination.",
                    "type": "integer", "minimum": 1, "maximum": ARMS_MAX,
                },
            },
            "additionalProperties": {
                "anyOf": [
                    { "type": "array", "minItems": 1 },
                    {
                        "type": "object",
                        "properties": { "from": { "type": ["number", "string"] }, "to": { "type": ["number", "string"] },
                            "step": { "type": ["number", "string"] } },
                        "required": ["from", "to"],
                        "additionalProperties": false,
                    },
                ]
            },
            "examples": [{ "drainPercent": [5, 10, 25] }],
        })
    }
}

/// An axis with more values is a slip of the pen.
const VALUES_MAX: usize = 1_000;
/// A sweep with more combinations is a slip of the pen.
pub(in crate::scenario) const ARMS_MAX: usize = 10_000;

/// A sweep as it was written, its values placed.
pub(in crate::scenario) struct PlacedSweep {
    pub(in crate::scenario) sweep: Sweep,
    /// Where each axis stands, and each of its values that is tried.
    pub(in crate::scenario) axes: Vec<PlacedAxis>,
}

/// Where an axis stands.
pub(in crate::scenario) struct PlacedAxis {
    pub(in crate::scenario) key: String,
    pub(in crate::scenario) place: Place,
    pub(in crate::scenario) values: Vec<Node>,
}

/// Reads the sweep; none if some of it makes no sense, which is then told.
pub(in crate::scenario) fn sweep(
    raw: &RawSweep,
    place: Place,
    reader: &mut Reader<'_>,
) -> Option<PlacedSweep> {
    let find = |key: &str| raw.0.iter().find(|entry| entry.key == key).map(|entry| &entry.value);
    let points = match find(LATIN_HYPERCUBE) {
        Some(node) => {
            let wanted = "a number of points, 1 to 10000";
            Some(whole(node, reader, 1, ARMS_MAX as u64, wanted)? as usize)
        }
        None => None,
    };
    let own = [CONSTRAINTS, LATIN_HYPERCUBE];
    let entries = raw.0.iter().filter(|entry| !own.contains(&entry.key.as_str()));
    let read: Vec<_> = entries.map(|entry| axis(entry, points.is_some(), reader)).collect();
    let (axes, placed): (Vec<Axis>, Vec<PlacedAxis>) =
        read.into_iter().collect::<Option<Vec<_>>>()?.into_iter().unzip();
    let constraints = match find(CONSTRAINTS) {
        Some(node) => constraints(node, &axes, reader)?,
        None => Vec::new(),
    };
    let sweep = Sweep { axes, constraints, latin_hypercube: points };
    let alone = sweep.axes.is_empty() && !raw.0.is_empty();
    let arms = sweep.axes.iter().fold(1_usize, |arms, axis| arms.saturating_mul(axis.tried().len()));
    let (message, help) = if alone {
        ("a sweep without an axis".to_owned(), "give a setting with its values, as in drainPercent: [5, 10]")
    } else if points.is_none() && arms > ARMS_MAX {
        let message = format!("{arms} combinations; a sweep has at most {ARMS_MAX}");
        (message, "take fewer values, or latinHypercube: 100 for that many points spread over all axes")
    } else if !sweep.axes.is_empty() && points.is_none() && sweep.points(0).points.is_empty() {
        ("no combination meets the constraints".to_owned(), "every combination has to meet all of them")
    } else {
        return Some(PlacedSweep { sweep, axes: placed });
    };
    reader.problem(Code::Sweep, place, message).help(help);
    None
}

fn constraints(node: &Node, axes: &[Axis], reader: &mut Reader<'_>) -> Option<Vec<Constraint>> {
    let Kind::List(nodes) = &node.kind else {
        reader
            .wrong_type(node, "a list of constraints")
            .help("for example [drainPercent * bakeTimeInMinutes <= 500]");
        return None;
    };
    let keys: Vec<&str> = axes.iter().map(|axis| axis.key.as_str()).collect();
    let read: Vec<_> = nodes.iter().map(|node| one_constraint(node, axes, &keys, reader)).collect();
    read.into_iter().collect()
}

fn one_constraint(node: &Node, axes: &[Axis], keys: &[&str], reader: &mut Reader<'_>) -> Option<Constraint> {
    let Kind::Text(text) = &node.kind else {
        reader.wrong_type(node, "a constraint").help("for example drainPercent <= 25");
        return None;
    };
    let constraint = match constraint::parse(text, keys) {
        Ok(constraint) => constraint,
        Err(error) => {
            let place = reader.sources.inside(text, node.place, error.span);
            reader.problem(Code::Sweep, place, error.message).help(error.help);
            return None;
        }
    };
    let counts = |index: &usize| axes[*index].tried().iter().all(|value| constraint::number(value).is_some());
    if let Some(index) = constraint.axes().into_iter().find(|index| !counts(index)) {
        let message = format!("the values of '{}' are not all numbers or durations", axes[index].key);
        reader
            .problem(Code::Sweep, node.place, message)
            .help("constraints compute with numbers and durations");
        return None;
    }
    let kinds: Vec<Dimension> = axes.iter().map(dimension).collect();
    if let Err(message) = constraint.dimensions(&kinds) {
        reader
            .problem(Code::Sweep, node.place, message)
            .help("write what is compared either all as durations or all as numbers, as the axis has them");
        return None;
    }
    Some(constraint)
}

/// Whether the values of an axis are durations; those of one that mixes both count as numbers do.
fn dimension(axis: &Axis) -> Dimension {
    if axis.tried().iter().all(Value::is_string) { Dimension::Duration } else { Dimension::Number }
}

/// Reads one axis; none if it makes no sense, which is then told.
fn axis(entry: &Entry, any_number: bool, reader: &mut Reader<'_>) -> Option<(Axis, PlacedAxis)> {
    if let Some(guess) = closest(&entry.key, &[CONSTRAINTS, LATIN_HYPERCUBE]) {
        reader
            .problem(Code::Sweep, entry.key_place, format!("there is no setting '{}'", entry.key))
            .help(format!("did you mean '{guess}'?"));
        return None;
    }
    let (values, nodes) = match &entry.value.kind {
        Kind::List(nodes) => (None, nodes.clone()),
        Kind::Map(_) => range(&entry.value, any_number, reader)?,
        _ => {
            reader
                .problem(Code::Sweep, entry.value.place, "an axis has several values")
                .help("give a list like [5, 10, 25], or { from: 5, to: 25, step: 5 }");
            return None;
        }
    };
    if nodes.is_empty() || nodes.len() > VALUES_MAX {
        let message = format!("an axis of {} values", nodes.len());
        reader.problem(Code::Sweep, entry.value.place, message).help("give 1 to 1000 values");
        return None;
    }
    for (index, value) in nodes.iter().enumerate() {
        if nodes[..index].iter().any(|earlier| earlier.to_json() == value.to_json()) {
            reader.problem(Code::Sweep, value.place, "this value is there already");
            return None;
        }
    }
    let first = entry.key.split('.').next().unwrap_or_default();
    if ["sweep", "checks", "name", "schema", "$schema", "description"].contains(&first) {
        reader
            .problem(Code::Sweep, entry.key_place, format!("'{}' changes nothing of a run", entry.key))
            .help("an axis is a setting, such as drainPercent or controlPlane.alarmPoll");
        return None;
    }
    if ["simulation", "simulation.seeds", "simulation.masterSeed"].contains(&entry.key.as_str()) {
        reader
            .problem(
                Code::Sweep,
                entry.key_place,
                format!("'{}' holds the luck, and all arms share it", entry.key),
            )
            .help("give --seeds or --master-seed for the whole experiment");
        return None;
    }
    let values = values.unwrap_or_else(|| Values::Listed(nodes.iter().map(Node::to_json).collect()));
    let axis = Axis { key: entry.key.clone(), values };
    Some((axis, PlacedAxis { key: entry.key.clone(), place: entry.key_place, values: nodes }))
}

/// `from`, `from + step` … up to `to`, each computed from the start, so that errors do not add up; or, without
/// a step, the ends of what a Latin hypercube takes numbers from.
fn range(node: &Node, any_number: bool, reader: &mut Reader<'_>) -> Option<(Option<Values>, Vec<Node>)> {
    let range = RawRange::read(node, reader)?;
    let ends = [Some(range.from?.value), Some(range.to?.value), range.step.map(|step| step.value)];
    let unit = if matches!(ends[0], Some(End::Span(_))) { Unit::Milliseconds } else { Unit::Number };
    if ends.iter().flatten().any(|end| end.unit() != unit) {
        reader
            .problem(Code::Sweep, node.place, "this range mixes numbers and durations")
            .help("give durations all with their units, as in { from: 30s, to: 2m, step: 30s }");
        return None;
    }
    let [from, to, step] = ends.map(|end| end.map(End::number));
    let (from, to) = (from?, to?);
    let placed = |x: f64| Node::from_json(&unit.value(x), node.place);
    let Some(step) = step else {
        if any_number && from < to {
            return Some((Some(Values::Between { from, to, unit }), vec![placed(from), placed(to)]));
        }
        let (message, help) = if any_number {
            ("this range has no values", "from lies below to")
        } else {
            ("a range needs a step", "give { from, to, step }; only with latinHypercube any number will do")
        };
        reader.problem(Code::Sweep, node.place, message).help(help);
        return None;
    };
    // A step that rounding puts a hair above the end still counts as reaching it.
    let steps = (to - from) / step * (1.0 + 1e-12);
    if step <= 0.0 || from > to || steps >= VALUES_MAX as f64 {
        reader
            .problem(Code::Sweep, node.place, "this range has no values, or more than a thousand")
            .help("from must not exceed to, and step is above zero");
        return None;
    }
    let value = |index: usize| placed(rounded(from + index as f64 * step, 9));
    Some((None, (0..=steps as usize).map(value).collect()))
}

/// An end of a range, or its step: a number, or a duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// A number, in the setting's unit.
    Number(f64),
    /// A duration.
    Span(SimDuration),
}

impl End {
    fn unit(self) -> Unit {
        match self {
            Self::Number(_) => Unit::Number,
            Self::Span(_) => Unit::Milliseconds,
        }
    }

    fn number(self) -> f64 {
        match self {
            Self::Number(x) => x,
            Self::Span(span) => span.as_ms() as f64,
        }
    }
}

impl Read for End {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Text(_) => Span::read(node, reader).map(|span| Self::Span(span.0)),
            _ => Real::read(node, reader).map(|real| Self::Number(real.0)),
        }
    }

    fn show(&self) -> Value {
        self.unit().value(self.number())
    }
}

impl JsonSchema for End {
    fn schema_name() -> Cow<'static, str> {
        "RangeEnd".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["number", "string"] })
    }
}
