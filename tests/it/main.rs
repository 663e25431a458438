//! The integration tests, one binary; each module tests one part through the library's public face.

mod engine;
mod plots;
mod scenario;
mod stats;
mod summary;
