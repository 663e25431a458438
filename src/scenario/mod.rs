//! The scenario file: raw text → [`Scenario`], with every problem named.
//!
//! Text becomes a tree of placed nodes, `--set` changes the tree, the tree is read
//! into raw records, and validation makes of these the [`Scenario`], the only one
//! that a run accepts. Each step collects its problems and goes on, so that one
//! look at a file tells all there is to mend.

pub mod about;
pub mod assumptions;
pub mod checks;
pub mod codes;
pub mod constraint;
pub mod delays;
pub mod duration;
pub mod emit;
pub mod epoch;
pub mod instance_types;
pub mod layout;
mod load;
pub mod metric;
pub mod model;
mod overrides;
pub mod problem;
pub mod raw;
pub mod read;
pub mod sweep;
pub mod tree;
mod validate;
pub mod values;

pub use load::{Format, Loaded, decode, deny, load, load_changed, requests, schema};
pub use model::Scenario;
pub use overrides::{Changes, SweepChange};
pub use problem::{Code, Problem, Severity};
pub use read::{FileSource, NoFiles};
