//! Addressed random draws and distributions by inversion.

/// A distribution of spans.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay;
