//! The integration tests, one binary; each module tests one part through the library's public face.

mod engine;
mod fleet;
mod plots;
mod scenario;
