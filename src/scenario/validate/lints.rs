//! Warnings: the scenario can be run, but may not mean what it says.

use crate::scenario::model::Parts;
use crate::scenario::raw::RawScenario;
use crate::scenario::read::Reader;

pub(super) fn lint(_parts: &Parts, _raw: &RawScenario, _reader: &mut Reader<'_>) {}
