//! bakeoff: a deterministic discrete-event simulator of daemon rollouts across a
//! fleet, after Amazon ECS Managed Daemons.
//!
//! # The way of the data
//! ```text
//! scenario.yaml ─► RawScenario ─► Scenario ─► World (engine ∘ fleet) ─► Outcome per seed ─► Summary ─► files
//! ```
//! Layers, low to high; a module names only modules of lower layers:
//! [`engine`], [`stats`] │ [`scenario`], [`aws`] │ [`outcome`] │ [`fleet`] │ [`experiment`] │ [`summary`] │ [`report`] │ [`commands`].

pub mod aws;
pub mod cli;
pub mod commands;
pub mod engine;
pub mod experiment;
pub mod fleet;
pub mod outcome;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod summary;
