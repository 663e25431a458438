//! report

pub mod plots;
