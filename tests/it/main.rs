//! Integration tests: one binary, one module for each thing tested.

mod plots;
