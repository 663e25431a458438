//! The figures of docs/performance.md, each beside what is asked of it: `cargo bench --bench figures`.
//!
//! ```text
//! cargo bench --bench figures -- [FILTER …] [--runs N] [--quick]
//! ```
//!
//! Prints tables in Markdown, row by row as they are measured; all of them take several minutes. A filter is
//! how a name begins: `r1/1000 … rich/1000000`, `ratio/…`, `set-up/…`, `memory/…`, `threads/…`, `large-run`,
//! `first-result`, `instructions`, and `growth/hosts`, `growth/tasks`, `growth/seeds`, `growth/threads`, which
//! are measured when named only. Figures are medians of N runs (3 unless told) with the least and the most;
//! `--quick` makes one run of each, on fewer seeds, and leaves a million hosts out.
//!
//! Every run is a process of its own, so that its caches, its buffers and its peak of memory are its own.
//! Speed is told per CPU second, not per second of wall time, which other work on the machine makes longer.
//!
//! - `--one WORKLOAD HOSTS SEEDS [KEY=VALUE …]` is such a process: seeds 0 to SEEDS on one thread and one
//!   workspace; it prints what `timing.json` of `bakeoff run` would hold. It is also what to profile.
//! - `--instructions` prints what `.ci/instructions` compares.

#[path = "figures/asked.rs"]
mod asked;
#[path = "figures/costs.rs"]
mod costs;
#[path = "figures/growth.rs"]
mod growth;
#[path = "figures/instructions.rs"]
mod instructions;
#[path = "../examples/r1/model.rs"]
mod model;
#[path = "figures/one.rs"]
mod one;
#[path = "figures/reading.rs"]
mod reading;
#[path = "figures/speed.rs"]
mod speed;
mod support;
#[path = "figures/table.rs"]
mod table;

use std::cell::Cell;
use std::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;

/// Whatever goes wrong is told and ends the program.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: figures [FILTER …] [--runs N] [--quick]
       figures --one r1|lean|rich HOSTS SEEDS [KEY=VALUE …]
       figures --instructions";

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    Full,
    Quick,
}

/// What the caller wants to see.
struct Wish {
    filters: Vec<String>,
    runs: usize,
    effort: Effort,
    /// Whether anything so named exists.
    found: Cell<bool>,
}

impl Wish {
    fn parse(args: &[String]) -> Result<Self> {
        let mut wish = Self { filters: Vec::new(), runs: 3, effort: Effort::Full, found: Cell::new(false) };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--quick" => (wish.runs, wish.effort) = (1, Effort::Quick),
                "--runs" => {
                    let runs = args.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                    wish.runs = runs.ok_or("--runs takes a whole number above 0")?;
                }
                filter if !filter.starts_with('-') => wish.filters.push(filter.to_owned()),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(wish)
    }

    /// Whether the figure of this name shall be measured.
    fn has(&self, name: &str) -> bool {
        let has = self.filters.is_empty() || self.names(name);
        self.found.set(self.found.get() || has);
        has
    }

    /// Whether the figure of this name was asked for by name.
    fn names(&self, name: &str) -> bool {
        // `r1/1000` is not `r1/10000`.
        let ends_well = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
        let names = |filter: &String| name.strip_prefix(filter.as_str()).is_some_and(ends_well);
        let has = self.filters.iter().any(names);
        self.found.set(self.found.get() || has);
        has
    }
}

/// The processor, and whether it had other work; what the system does not tell is left out.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut line = format!("{cores} core(s)");
    if let Some((_, model)) = model {
        line = format!("{line} of {model}");
    }
    if let Some(load) = read("/proc/loadavg").split_whitespace().next() {
        line = format!("{line}; {load} processes at work in the minute before");
    }
    line
}

fn figures(wish: &Wish) -> Result<()> {
    println!("Measured on {}.", machine());
    let medians = speed::print(wish)?;
    costs::print(wish, &medians)?;
    growth::print(wish)?;
    if wish.found.get() { Ok(()) } else { Err("no figure is called that".into()) }
}

fn main() -> ExitCode {
    // Cargo adds `--bench` to what it hands on.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let done = match args.split_first() {
        Some((first, rest)) if first == "--one" => one::print(rest),
        Some((first, [])) if first == "--instructions" => instructions::print(),
        _ => Wish::parse(&args).and_then(|wish| figures(&wish)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
