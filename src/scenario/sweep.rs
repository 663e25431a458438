//! The axes of `sweep:`.

use super::read::Reader;
use super::tree::Entry;
use serde_json::Value;

/// One axis of the parameter sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Dotted path of the setting, as for `--set`.
    pub key: String,
    /// Its values in order; at least one.
    pub values: Vec<Value>,
}

pub(super) fn axis(entry: &Entry, _reader: &mut Reader<'_>) -> Option<Axis> {
    Some(Axis { key: entry.key.clone(), values: vec![entry.value.to_json()] })
}
