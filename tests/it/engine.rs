//! The engine against known mathematics and against itself, with models of its own.

mod order;
