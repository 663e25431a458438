//! The command line: clap types only.

#![allow(
    rustdoc::invalid_html_tags,
    clippy::doc_markdown,
    reason = "the texts are for terminals, where <n> stands for a number and backticks would be printed"
)]

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

const EXIT_CODES: &str = "\
Exit codes: 0 all well, 1 runtime error, 2 bad usage or bad scenario, 3 a check failed, 4 inconclusive or
not precise enough, 5 baseline missing or not comparable, 130 interrupted.";

const FIRST_STEPS: &str = "\
First steps:
  bakeoff init my-rollout                     a commented scenario to start from
  bakeoff validate my-rollout/*.yaml          every problem, with its place and its fix
  bakeoff run my-rollout/rollout.yaml         all seeds, then a table, CSV files and plots
  bakeoff replay my-rollout/rollout.yaml --seed 17
                                              one seed, told as a timeline
  bakeoff compare my-rollout/rollout.yaml --vary drainPercent=10,25
                                              what another setting changes, and how sure that is
  bakeoff check my-rollout                    whether the scenario's checks hold, as an exit code

Results go to standard output, notes and progress to standard error.
Exit codes: 0 all well, 1 runtime error, 2 bad usage or bad scenario, 3 a check failed, 4 inconclusive or
not precise enough, 5 baseline missing or not comparable, 130 interrupted.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a starter scenario and a CI workflow that checks it
    Init(InitArgs),
    /// Report every problem of every file, each with code, place and fix
    Validate(ValidateArgs),
    /// Print the effective scenario, all defaults filled in
    Show(ShowArgs),
    /// Simulate all seeds and write the results
    Run(RunArgs),
    /// Run several settings under the same seeds and tell what differs
    Compare(CompareArgs),
    /// Run every combination of the scenario's sweep
    Sweep(SweepArgs),
    /// Judge the checks of scenarios; the verdict is the exit code
    Check(CheckArgs),
    /// Tell one seed as a timeline
    Replay(ReplayArgs),
    /// Make a scenario of AWS requests, a CloudFormation template or a Terraform plan
    Import(ImportArgs),
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

/// Which seeds are run, and how it is told.
#[derive(Clone, Debug, Default, Args)]
pub struct SimulationArgs {
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
    /// Show no progress bar
    #[arg(long)]
    pub no_progress: bool,
    /// Print nothing but where the results are, and errors
    #[arg(short, long)]
    pub quiet: bool,
}

/// Until when seeds are run.
#[derive(Clone, Debug, Default, Args)]
pub struct PrecisionArgs {
    /// Run seeds until an estimate is this precise; may be given several times
    ///
    ///   --precision 'p95(rollout_duration_min)=2%'   half of its 95 % interval within 2 % of it
    ///   --precision 'P(rolled_back)=±0.01'           within 0.01, for what may be near 0
    /// At least 20 seeds are run, and at most those of --seeds [default: 10000]; targets that are
    /// not reached by then are named, and the exit code is 4.
    #[arg(long, value_name = "EXPR=N%|EXPR=±N", verbatim_doc_comment)]
    pub precision: Vec<String>,
}

/// Where results go.
#[derive(Clone, Debug, Default, Args)]
pub struct ResultArgs {
    /// Directory for the results [default: outputs/<name of the scenario>, -compare or -sweep behind it]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Replace different results that bakeoff wrote there before
    #[arg(long)]
    pub force: bool,
    /// Keep the time series of every seed, in series-runs.csv
    #[arg(long)]
    pub series: bool,
    /// Write plots as PNG too, beside SVG
    #[arg(long)]
    pub png: bool,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_long_help = IMPORT_EXAMPLES)]
pub struct ImportArgs {
    /// Files to import, in the order in which requests are sent; `-` reads standard input
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// File for the scenario [default: standard output]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Replace that file if it is there
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Name of the scenario [default: that of its first daemon]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What the files do not say.
    #[command(flatten)]
    pub import: ImportingArgs,
    /// Go the other way: print the requests of a scenario as JSON that the AWS CLI takes
    #[arg(long, conflicts_with_all = ["force", "name", "parameter", "instances", "instance_type"])]
    pub as_requests: bool,
}

/// What imported files do not say.
#[derive(Clone, Debug, Default, Args)]
pub struct ImportingArgs {
    /// Give a parameter of a CloudFormation template; may be given several times
    ///
    /// What CloudFormation knows by itself has stand-ins that can be replaced: AWS::Region=eu-west-1
    #[arg(long, value_name = "NAME=VALUE", value_parser = key_value)]
    pub parameter: Vec<(String, String)>,
    /// How many instances each capacity provider has [default: what the files say, or an assumption]
    #[arg(long, value_name = "N")]
    pub instances: Option<u64>,
    /// Type of the instances [default: what the files allow, or an assumption]
    #[arg(long, value_name = "TYPE")]
    pub instance_type: Option<String>,
}

const IMPORT_EXAMPLES: &str = "\
Examples:
  bakeoff import register.json create.json --instances 120 -o rollout.yaml
  bakeoff import template.yaml --parameter Environment=prod
  terraform show -json plan.out | bakeoff import -
  bakeoff run --import update.json --set drainPercent=5       import and run at once
  bakeoff import --as-requests rollout.yaml                   the requests of a scenario

Files are told apart by their content: requests as --cli-input-json takes them (CreateDaemon,
UpdateDaemon, DeleteDaemon, RegisterDaemonTaskDefinition; one, or a list of them), answers of
DescribeDaemonDeployments, CloudFormation templates, Terraform plans as JSON. They are checked as
ECS would check them. What no file says is assumed, and marked as such in the scenario and on
standard error.";

/// Arguments of `run`.
#[derive(Debug, Args)]
#[command(after_long_help = RUN_EXAMPLES)]
pub struct RunArgs {
    /// Scenario file; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "import", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Import these files, and the FILE if there is one, and run what comes of it; see `bakeoff import --help`
    #[arg(long, value_name = "FILE", num_args = 0.., value_hint = ValueHint::FilePath)]
    pub import: Option<Vec<PathBuf>>,
    /// What imported files do not say.
    #[command(flatten)]
    pub importing: ImportingArgs,
    /// Which seeds.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// Until when.
    #[command(flatten)]
    pub precision: PrecisionArgs,
    /// Where to.
    #[command(flatten)]
    pub results: ResultArgs,
    /// How the file is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Write the event logs of these seeds to events/seed=<n>.jsonl, as ECS would have sent them
    ///
    /// `failing` are the seeds that break a check which failed, `all` every one of them.
    #[arg(long, value_name = "failing|all|SEED,…", value_parser = record)]
    pub record: Vec<Record>,
    /// Vary each answer to what AWS leaves open alone, and rank which of them changes the result
    #[arg(long)]
    pub assumptions: bool,
    /// With --assumptions: rank by this; may be given several times
    ///
    ///   --metric 'p95(rollout_duration_min)' --metric 'P(rolled_back)'
    /// [default: p95(rollout_duration_min), mean(blast_radius_pct) and P(rolled_back)]
    #[arg(long, value_name = "EXPR", requires = "assumptions", verbatim_doc_comment)]
    pub metric: Vec<String>,
}

const RUN_EXAMPLES: &str = "\
Examples:
  bakeoff run rollout.yaml
  bakeoff run rollout.yaml -n 1000 --set drainPercent=25      more seeds, another batch size
  bakeoff run rollout.yaml -n 200..400 -o outputs/more        only the next two hundred
  bakeoff run rollout.yaml --precision 'p95(rollout_duration_min)=2%'
                                                              as many seeds as that takes
  bakeoff run rollout.yaml --record 17,42                     keep the event logs of two seeds
  bakeoff run rollout.yaml --assumptions                      which open question changes the result
  bakeoff run --import update.json --instances 40             an AWS request instead of a scenario

Running the same scenario, seeds and version again replaces the same bytes. A directory that
holds anything else is left alone unless --force is given, and then only what bakeoff wrote is
replaced. When interrupted, the seeds finished so far are kept in a new directory, as if only
they had been asked for.";

/// Arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_long_help = COMPARE_EXAMPLES)]
pub struct CompareArgs {
    /// Scenario files; the first is the base that the others are compared with
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Compare these values of a setting of the one file; the first is the base
    ///
    ///   --vary drainPercent=10,25
    ///   --vary 'drainPercent={from: 5, to: 25, step: 5}'
    /// With one value only, the file as it is written is the base. Several --vary give every combination.
    #[arg(long, value_name = "KEY=V,V,…", value_parser = key_value, verbatim_doc_comment)]
    pub vary: Vec<(String, String)>,
    /// Which seeds.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// Until when.
    #[command(flatten)]
    pub precision: PrecisionArgs,
    /// Where to.
    #[command(flatten)]
    pub results: ResultArgs,
    /// How the files are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  bakeoff compare rollout.yaml --vary drainPercent=10,25
  bakeoff compare before.yaml after.yaml -n 1000
  bakeoff compare rollout.yaml --vary drainPercent=10,25 --vary bakeTimeInMinutes=0,30

Every arm is run under the same seeds and the same luck: host 17 boots in the same time whatever
the settings. So the difference within each seed is the setting's, and it takes far fewer seeds to
see it than independent runs would. A ~ says that no difference was shown.";

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[command(after_long_help = SWEEP_EXAMPLES)]
pub struct SweepArgs {
    /// Scenario file; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Add an axis, or put one in the place of that of the file
    ///
    ///   --vary drainPercent=5,10,25
    ///   --vary 'bakeTimeInMinutes={from: 0, to: 30, step: 10}'
    ///   --vary services.web.minimumHealthyPercent=90,100
    #[arg(long, value_name = "KEY=V,V,…", value_parser = key_value, verbatim_doc_comment)]
    pub vary: Vec<(String, String)>,
    /// Run only the combinations that meet this; may be given several times
    ///
    ///   --constraint 'drainPercent * bakeTimeInMinutes <= 500'
    #[arg(long, value_name = "CONDITION", verbatim_doc_comment)]
    pub constraint: Vec<String>,
    /// Take this many points spread evenly over all axes (Latin hypercube) instead of every combination
    #[arg(long, value_name = "POINTS")]
    pub latin_hypercube: Option<NonZeroUsize>,
    /// Which seeds.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// Until when.
    #[command(flatten)]
    pub precision: PrecisionArgs,
    /// Where to.
    #[command(flatten)]
    pub results: ResultArgs,
    /// How the file is read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

const SWEEP_EXAMPLES: &str = "\
Examples:
  bakeoff sweep rollout.yaml                                  the axes of the file's `sweep:`
  bakeoff sweep rollout.yaml --vary drainPercent=5,10,25,50 --vary bakeTimeInMinutes=0,15,30
  bakeoff sweep rollout.yaml --vary 'drainPercent={from: 5, to: 50}' \\
      --vary 'bakeTimeInMinutes={from: 0, to: 60, step: 1}' \\
      --vary 'controlPlane.repairDecision={from: 30s, to: 2m}' --latin-hypercube 40

Every arm is loaded and validated before anything runs. All arms share seeds and luck.";

/// Arguments of `check`.
#[derive(Debug, Args)]
#[command(after_long_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// Scenario files, or directories whose .yaml, .yml and .json files are scenarios
    #[arg(value_name = "FILE|DIR", required = true, value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Directory of baselines, which delta(…) compares with
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub baseline: Option<PathBuf>,
    /// Make what is found now the baseline
    #[arg(long, requires = "baseline")]
    pub update_baseline: bool,
    /// How to tell the verdicts; may be given several times, each to a file of its own
    #[arg(long, value_name = "text|json|junit|github|markdown[=PATH]", value_parser = check_format, default_value = "text")]
    pub format: Vec<CheckFormatArg>,
    /// Keep the event logs of the seeds that break a check, of all, or of these seeds, below --out
    #[arg(long, value_name = "failing|all|SEED,…", value_parser = record)]
    pub record: Option<Record>,
    /// Directory for results; several scenarios have one each below it [default: none are kept, or outputs/<name> with --record]
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Replace different results that bakeoff wrote there before
    #[arg(long)]
    pub force: bool,
    /// Which seeds.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// How the files are read.
    #[command(flatten)]
    pub reading: ReadingArgs,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  bakeoff check scenarios                                     every scenario of a directory
  bakeoff check rollout.yaml --baseline baselines --update-baseline
                                                              keep what is found, to compare with
  bakeoff check rollout.yaml --baseline baselines             judge delta(…) against it
  bakeoff check rollout.yaml --format text --format github --format markdown --format junit=junit.xml

A check passes when what it claims is shown at its level (95 % unless it says otherwise), fails when
the opposite is shown, and is inconclusive when neither is. Without a PATH a format goes to standard
output; markdown goes to $GITHUB_STEP_SUMMARY where that is set.

Exit codes: 0 all pass, 3 one failed, 4 none failed but one is inconclusive, 5 baseline missing or not
comparable, 2 bad usage or bad scenario, 1 runtime error; the first that applies of 1, 2, 5, 3, 4.";

/// Forms of verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For CI servers
    Junit,
    /// Workflow commands of GitHub, which become annotations
    Github,
    /// A summary for pull requests
    Markdown,
}

/// A form of verdicts and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFormatArg {
    /// The form.
    pub format: CheckFormat,
    /// The file it goes to; none is standard output.
    pub path: Option<PathBuf>,
}

/// Whose event logs are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Those of the seeds that break a check.
    Failing,
    /// Those of every seed.
    All,
    /// Those of these seeds.
    Seeds(Vec<u64>),
}

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
    /// With jsonl: beside the events of ECS also what only a simulation can tell, from the source `bakeoff`
    #[arg(long)]
    pub all: bool,
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
    /// The events that ECS would have sent to EventBridge, a JSON object per line
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

/// Seeds lie below this, as in the scenario's `simulation.seeds`.
const SEEDS_END: u64 = 1_000_000_000;

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
    if range.end > SEEDS_END {
        return Err(format!("seeds go up to {}", SEEDS_END - 1));
    }
    Ok(range)
}

fn check_format(text: &str) -> Result<CheckFormatArg, String> {
    let (format, path) = match text.split_once('=') {
        Some((format, path)) => (format, Some(PathBuf::from(path))),
        None => (text, None),
    };
    if path.as_ref().is_some_and(|path| path.as_os_str().is_empty()) {
        return Err("a path is missing behind the '='".to_owned());
    }
    let format = CheckFormat::from_str(format, false)
        .map_err(|_| "the forms are text, json, junit, github and markdown".to_owned())?;
    Ok(CheckFormatArg { format, path })
}

fn record(text: &str) -> Result<Record, String> {
    if text == "failing" {
        return Ok(Record::Failing);
    }
    if text == "all" {
        return Ok(Record::All);
    }
    let seeds: Result<Vec<u64>, _> = text.split(',').map(str::parse).collect();
    seeds.map(Record::Seeds).map_err(|_| "give 'failing', 'all', or numbers of seeds as in 17,42".to_owned())
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
        assert_eq!(run(&["a.yaml", "-n", "20"]).simulation.seeds, Some(0..20));
        assert_eq!(run(&["a.yaml", "--seeds", "5..7"]).simulation.seeds, Some(5..7));
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
        assert_eq!((args.file, args.reading.deny), (Some(PathBuf::from("a.yaml")), vec!["all".to_owned()]));
        assert_eq!(run(&["a.yaml", "--deny=L001,L002"]).reading.deny, ["L001", "L002"]);
        assert!(run(&["a.yaml"]).reading.deny.is_empty());
    }

    #[test]
    fn a_form_of_verdicts_may_have_a_file_of_its_own() {
        let to = |path: &str| CheckFormatArg { format: CheckFormat::Junit, path: Some(path.into()) };
        assert_eq!(check_format("junit=a=b.xml"), Ok(to("a=b.xml")));
        assert_eq!(check_format("text"), Ok(CheckFormatArg { format: CheckFormat::Text, path: None }));
        assert!(check_format("xml").is_err() && check_format("junit=").is_err());
        assert_eq!(record("failing"), Ok(Record::Failing));
        assert_eq!(record("3,5"), Ok(Record::Seeds(vec![3, 5])));
        assert!(record("passing").is_err());
    }

    #[test]
    fn recorded_seeds_are_a_list() {
        let recorded = |args: &[&str]| run(&[&["a.yaml"], args].concat()).record;
        let seeds = |list: &[u64]| Record::Seeds(list.to_vec());
        assert_eq!(recorded(&["--record", "3,5", "--record", "8"]), [seeds(&[3, 5]), seeds(&[8])]);
        assert_eq!(recorded(&["--record", "failing", "--record=all"]), [Record::Failing, Record::All]);
    }
}
