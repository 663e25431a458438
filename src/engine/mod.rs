//! A domain-free discrete-event kernel: it could be a crate of its own.
//!
//! It owns simulated [`time`], the [`agenda`] of pending events with its one
//! total order, the loop that [`drive`]s a model, the running [`digest`] of what
//! happened, and addressed random [`draw`]s. It knows nothing of what is
//! simulated, reads no clock, starts no thread and touches no file.

pub mod agenda;
pub mod digest;
pub mod draw;
pub mod drive;
pub mod time;
