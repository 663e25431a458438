//! The engine against known mathematics and against itself, with models of its own.

mod draws;
mod drive;
mod order;
mod queues;
mod r1;
