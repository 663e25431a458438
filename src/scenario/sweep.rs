//! The axes of `sweep:`.

use serde_json::Value;

use super::codes::Code;
use super::read::{Read, Reader, record};
use super::tree::{Entry, Kind, Node, Place};
use super::values::Real;

/// One axis of the parameter sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Dotted path of the setting, as for `--set`.
    pub key: String,
    /// Its values in order; at least one, none twice.
    pub values: Vec<Value>,
}

record! {
    /// a range of values.
    RawRange {
        /// The first value.
        "from" from: Real = Required,
        /// No value is above this.
        "to" to: Real = Required,
        /// Difference of two neighbours.
        "step" step: Real = Required,
    }
}

/// An axis with more values is a slip of the pen.
const VALUES_MAX: usize = 1_000;

/// An axis as it was written, its values placed.
pub(super) struct PlacedAxis {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) values: Vec<Node>,
}

impl PlacedAxis {
    pub(super) fn plain(&self) -> Axis {
        Axis { key: self.key.clone(), values: self.values.iter().map(Node::to_json).collect() }
    }
}

/// Reads one axis; none if it makes no sense, which is then told.
pub(super) fn axis(entry: &Entry, reader: &mut Reader<'_>) -> Option<PlacedAxis> {
    let values = match &entry.value.kind {
        Kind::List(nodes) => nodes.clone(),
        Kind::Map(_) => range(&entry.value, reader)?,
        _ => {
            reader
                .problem(Code::Sweep, entry.value.place, "an axis has several values")
                .help("give a list like [5, 10, 25], or { from: 5, to: 25, step: 5 }");
            return None;
        }
    };
    if values.is_empty() || values.len() > VALUES_MAX {
        let message = format!("an axis of {} values", values.len());
        reader.problem(Code::Sweep, entry.value.place, message).help("give 1 to 1000 values");
        return None;
    }
    for (index, value) in values.iter().enumerate() {
        if values[..index].iter().any(|earlier| earlier.to_json() == value.to_json()) {
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
    Some(PlacedAxis { key: entry.key.clone(), place: entry.key_place, values })
}

/// `from`, `from + step` … up to `to`; each computed from the start, so that errors do not add up.
fn range(node: &Node, reader: &mut Reader<'_>) -> Option<Vec<Node>> {
    let range = RawRange::read(node, reader)?;
    let (from, to, step) = (range.from?.value.0, range.to?.value.0, range.step?.value.0);
    // A step that rounding puts a hair above the end still counts as reaching it.
    let steps = (to - from) / step * (1.0 + 1e-12);
    if step <= 0.0 || from > to || steps >= VALUES_MAX as f64 {
        reader
            .problem(Code::Sweep, node.place, "this range has no values, or more than a thousand")
            .help("from must not exceed to, and step is above zero");
        return None;
    }
    let is_whole = [from, step].iter().all(|number| number.fract() == 0.0);
    let kind = |index: usize| {
        let value = from + index as f64 * step;
        // Printed digits, not binary ones: 0.1 + 2 × 0.1 is 0.3 to whoever wrote it.
        let value = format!("{value:.9}").parse().unwrap_or(value);
        if is_whole { Kind::Int(value as i128) } else { Kind::Float(value) }
    };
    Some((0..=steps as usize).map(|index| Node { kind: kind(index), place: node.place }).collect())
}
