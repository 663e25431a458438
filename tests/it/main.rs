//! The integration tests, one binary; each module tests one part through the library's public face.

mod cli;
mod decisions;
mod engine;
mod fleet;
mod gate;
mod import;
#[cfg(unix)]
mod performance;
mod plots;
mod published;
mod readme;
mod regressions;
mod results;
mod rules;
mod scenario;
mod stats;
mod streaming;
mod summary;
mod tidy;
