//! A domain-free discrete-event kernel.

pub mod draw;
pub mod time;
