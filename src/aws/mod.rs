//! What AWS wrote, read: names and ARNs, and the requests of the daemon API.

pub mod arn;
pub mod emit;
pub mod import;
pub mod json;
pub mod requests;
pub mod service;
pub mod shape;
pub mod text;
