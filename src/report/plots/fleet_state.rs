//! What the instances of the fleet are doing, over time.

use super::Format;
use super::input::{Band, Heading, Mark, PlotError};

/// The fleet over time: what serves above, what is on the move below.
///
/// Two panels with a scale each, because a batch is a small part of the fleet
/// and its counts would lie flat under those of the fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fleet {
    /// ACTIVE instances, as a rule by revision: the old one first, then the new one.
    pub active: Vec<Band>,
    /// Instances in transition: draining, starting, deregistering, impaired.
    pub moving: Vec<Band>,
    /// Vertical marks through both panels.
    pub marks: Vec<Mark>,
}

/// Draws instance counts over time.
///
/// # Errors
/// When a column of the rows is of the wrong length, not finite or not in order
/// of time; when `format` is not built in.
pub fn fleet_state(heading: &Heading, fleet: &Fleet, format: Format) -> Result<Vec<u8>, PlotError> {
    let _ = (heading, fleet, format);
    Ok(Vec::new())
}
