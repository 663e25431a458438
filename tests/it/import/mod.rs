//! Files of AWS's tools through the library and the command: what is read, what is refused, what comes back.

mod bounds;
mod commands;
mod composing;
mod plans;
mod roundtrip;
mod templates;

use bakeoff::aws::import::{Imported, Options, import};
use bakeoff::scenario::{Loaded, NoFiles, Problem, load};
use serde_json::Value;

/// Files by name and text.
fn files(files: &[(&str, &str)]) -> Vec<(String, String)> {
    files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn with(given: &[(&str, &str)], options: &Options) -> Result<Imported, Vec<Problem>> {
    import(&files(given), "imported.yaml", options)
}

/// What comes of files that must be imported.
fn imported(given: &[(&str, &str)]) -> Imported {
    with(given, &Options::default()).unwrap_or_else(|problems| panic!("{}", lines(&problems).join("\n")))
}

/// The same as a scenario.
fn scenario(given: &[(&str, &str)]) -> Loaded {
    load("imported.yaml", &imported(given).text, &NoFiles, &[]).expect("what is imported is a scenario")
}

/// What is said about files that must be refused, a line for each problem.
fn refused(given: &[(&str, &str)]) -> Vec<String> {
    match with(given, &Options::default()) {
        Ok(imported) => panic!("it is imported:\n{}", imported.text),
        Err(problems) => lines(&problems),
    }
}

fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// The requests that a scenario gives back.
fn requests(text: &str) -> Vec<Value> {
    bakeoff::scenario::requests("imported.yaml", text, &NoFiles).expect("what is imported is a scenario")
}

fn example(name: &str) -> String {
    let path = format!("{}/examples/import/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("an example is there")
}
