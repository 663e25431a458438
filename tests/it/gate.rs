//! What `check` prints and keeps.

mod baseline;
mod kit;
mod reports;
mod shipped;
