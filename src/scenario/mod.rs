//! The scenario file: raw text → [`Scenario`], with every problem named.

pub mod assumptions;
pub mod checks;
pub mod metric;
pub mod model;
pub mod sweep;

pub use model::Scenario;
pub mod stand_in;
