//! The axes of `sweep:`.

/// One axis of the parameter sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis;
