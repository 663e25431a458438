//! The command line: clap types only.

#![allow(rustdoc::invalid_html_tags, reason = "the texts are for terminals, where <n> stands for a number")]

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

/// Simulate a daemon rollout across a fleet before it is rolled out.
///
/// bakeoff plays an Amazon ECS managed daemon deployment over your fleet a few hundred
/// times, each with other luck, and tells how long it takes, what it costs, and how far a
/// bad revision gets before the circuit breaker or an alarm stops it.
#[derive(Debug, Parser)]
#[command(name = "bakeoff", version, max_term_width = 100, after_help = EXIT_CODES, after_long_help = FIRST_STEPS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str =
    "Exit codes: 0 all well, 1 runtime error, 2 bad usage or bad scenario, 130 interrupted.";

const FIRST_STEPS: &str = "\
First steps:
  bakeoff init my-rollout                     a commented scenario to start from
  bakeoff validate my-rollout/*.yaml          every problem, with its place and its fix
  bakeoff run my-rollout/rollout.yaml         all seeds, then a table, CSV files and plots
  bakeoff replay my-rollout/rollout.yaml --seed 17
                                              one seed, told as a timeline

Results go to standard output, notes and progress to standard error.
Exit codes: 0 all well, 1 runtime error, 2 bad usage or bad scenario, 130 interrupted.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a starter scenario and a CI workflow that runs it
    Init(InitArgs),
    /// Report every problem of every file, each with code, place and fix
    Validate(ValidateArgs),
    /// Print the effective scenario, all defaults filled in
    Show(ShowArgs),
    /// Simulate all seeds and write the results
    Run(RunArgs),
    /// Tell one seed as a timeline
    Replay(ReplayArgs),
    /// Explain a problem code, a metric or an assumption
    About(AboutArgs),
    /// Print the JSON Schema of the scenario file
    Schema,
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write; made if it does not exist
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
}

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Scenario files; `-` reads standard input
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// How the files are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Scenario file; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// How the file is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How scenario files are read.
#[derive(Clone, Debug, Default, Args)]
pub struct ReadingArgs {
    /// Set a value of the scenario, by its dotted path; may be given several times
    ///
    /// Entries of a list go by number or by name:
    ///   --set capacityProviders.0.instances=40
    ///   --set services.web.desiredCount=160
    /// The short names drainPercent, bakeTimeInMinutes and alarms reach the scenario's one deployment.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value, verbatim_doc_comment)]
    pub set: Vec<(String, String)>,
    /// Treat warnings as errors: all of them, or those of the given codes
    #[arg(
        long,
        value_name = "CODE,…",
        num_args = 0..=1,
        require_equals = true,
        value_delimiter = ',',
        default_missing_value = "all"
    )]
    pub deny: Vec<String>,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_long_help = RUN_EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct RunArgs {
    /// Scenario file; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Seeds to run: how many, or a range that leaves its end out [default: what the scenario says]
    ///
    /// A seed is the number of a replication. Seed 17 is the same run whether 20 or 20,000 are asked for.
    #[arg(short = 'n', long, value_name = "N|A..B", value_parser = seeds)]
    pub seeds: Option<Range<u64>>,
    /// Salt of all seeds: another one gives other luck [default: what the scenario says]
    #[arg(long, value_name = "S")]
    pub master_seed: Option<u64>,
    /// Worker threads; the results do not depend on their number [default: one per core]
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Directory for the results [default: outputs/<name of the scenario>]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// How the file is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Replace different results that bakeoff wrote there before
    #[arg(long)]
    pub force: bool,
    /// Keep the time series of every seed, in series-runs.csv
    #[arg(long)]
    pub series: bool,
    /// Write plots as PNG too, beside SVG
    #[arg(long)]
    pub png: bool,
    /// Write the timeline of these seeds to events/seed=<n>.jsonl
    #[arg(long, value_name = "SEED,…", value_delimiter = ',')]
    pub record: Vec<u64>,
    /// Show no progress bar
    #[arg(long)]
    pub no_progress: bool,
    /// Print nothing but the directory of the results, and errors
    #[arg(short, long)]
    pub quiet: bool,
}

const RUN_EXAMPLES: &str = "\
Examples:
  bakeoff run rollout.yaml
  bakeoff run rollout.yaml -n 1000 --set drainPercent=25      more seeds, another batch size
  bakeoff run rollout.yaml -n 200..400 -o outputs/more        only the next two hundred
  bakeoff run rollout.yaml --record 17,42                     keep the story of two seeds

Running the same scenario, seeds and version again replaces the same bytes. A directory that
holds anything else is left alone unless --force is given, and then only what bakeoff wrote is
replaced. When interrupted, the seeds finished so far are kept in a new directory, as if only
they had been asked for.";

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Scenario file; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Number of the seed, as listed in runs.csv
    #[arg(long, value_name = "N")]
    pub seed: u64,
    /// Form of the timeline
    #[arg(long, value_enum, default_value_t = ReplayFormat::Text)]
    pub format: ReplayFormat,
    /// Salt of all seeds [default: what the scenario says]
    #[arg(long, value_name = "S")]
    pub master_seed: Option<u64>,
    /// How the file is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// Forms of a replayed timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    /// A line per event, and the run's metrics at the end
    Text,
    /// A JSON object per line
    Jsonl,
}

/// Arguments of `about`.
#[derive(Debug, Args)]
pub struct AboutArgs {
    /// A problem code, a metric, or an assumption by its key or number
    pub name: String,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `200` or `200..400`.
fn seeds(text: &str) -> Result<Range<u64>, String> {
    let number = |text: &str| {
        text.parse::<u64>().map_err(|_| format!("'{text}' is not a whole number; give N or A..B"))
    };
    let range = match text.split_once("..") {
        Some((from, to)) => number(from)?..number(to)?,
        None => 0..number(text)?,
    };
    if range.is_empty() {
        return Err("there is no seed in it; A..B leaves B out".to_owned());
    }
    Ok(range)
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("give KEY=VALUE, as in drainPercent=25".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn run(args: &[&str]) -> RunArgs {
        match Cli::try_parse_from([&["bakeoff", "run"], args].concat()).expect("valid arguments").verb {
            Verb::Run(args) => args,
            other => panic!("run was asked for: {other:?}"),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn seeds_are_a_count_or_a_range_that_leaves_its_end_out() {
        assert_eq!(run(&["a.yaml", "-n", "20"]).seeds, Some(0..20));
        assert_eq!(run(&["a.yaml", "--seeds", "5..7"]).seeds, Some(5..7));
        for bad in ["0", "7..5", "5..5", "x", "..", "1..", "-3"] {
            assert!(seeds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_value_may_hold_an_equals_sign_and_a_key_may_not_be_empty() {
        assert_eq!(key_value("a.b=c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert!(key_value("=x").is_err() && key_value("x").is_err());
    }

    #[test]
    fn deny_alone_means_all_and_does_not_swallow_the_file() {
        let args = run(&["--deny", "a.yaml"]);
        assert_eq!((args.file, args.reading.deny), (PathBuf::from("a.yaml"), vec!["all".to_owned()]));
        assert_eq!(run(&["a.yaml", "--deny=L001,L002"]).reading.deny, ["L001", "L002"]);
        assert!(run(&["a.yaml"]).reading.deny.is_empty());
    }

    #[test]
    fn recorded_seeds_are_a_list() {
        assert_eq!(run(&["a.yaml", "--record", "3,5", "--record", "8"]).record, [3, 5, 8]);
    }
}
