//! A domain-free discrete-event kernel.

pub mod time;
pub mod draw;
