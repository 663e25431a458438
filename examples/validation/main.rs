//! Published rollouts beside simulated ones: `cargo run --release --example validation` prints the tables of
//! docs/validation.md, which `.ci/validation` puts there.

mod entries;
mod table;

use std::path::Path;

fn main() {
    print!("{}", table::tables(Path::new(env!("CARGO_MANIFEST_DIR"))));
}
