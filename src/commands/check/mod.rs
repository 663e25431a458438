//! `check`: the checks of scenarios, judged; the verdict is the exit code.

mod baselines;
mod files;
mod telling;

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use self::baselines::{NewBaseline, verdicts};
use self::files::{Content, Found, tell_names_apart};
use self::telling::{tell, tell_forms_apart};
use super::Failure;
use super::reading;
use super::results;
use super::simulate::{self, Done, Job, LoadedArm, Session};
use super::tables::Tables;
use crate::cli::{CheckArgs, CheckFormat, CheckFormatArg, Record};
use crate::experiment::Completion;
use crate::report::checks::{FileOutcome, FileReport, Place, PlacedCheck, Report, json, junit};
use crate::report::{Artifact, Destination, write_file};
use crate::scenario::problem::Location;
use crate::summary::{LEAST_SHARED_SEEDS, Series};

/// Judges the checks of every scenario and tells the verdicts in the forms asked for.
///
/// # Errors
/// With the exit code of the report: the first that applies of a runtime error, a bad scenario, a baseline that is
/// missing or not comparable, a failed check, an inconclusive one. Also when the usage is bad, results cannot be
/// written, or the user interrupts.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Result<(), Failure> {
    reading::check_denied(&args.reading.deny)?;
    let files = files::files(&args.paths)?;
    tell_forms_apart(&args.format, &files)?;
    let mut found: Vec<Found> = Vec::new();
    for path in files {
        found.push(Found::at(path, args)?);
    }
    if args.baseline.is_some() || args.out.is_some() || args.record.is_some() {
        tell_names_apart(&found)?;
    }
    let steps: Vec<Step> = found.into_iter().map(|found| Step::of(args, found)).collect::<Result<_, _>>()?;
    let session = Session::start(&args.simulation)?;
    let mut report = Report::default();
    let mut new = Vec::new();
    let mut interrupted = None;
    for step in steps {
        let path = shown(step.path());
        match step.outcome(args, &session, &mut new) {
            Ok(outcome) => report.files.push(FileReport { path, outcome }),
            Err(Failure::Interrupted(_)) => {
                interrupted = Some(path);
                break;
            }
            Err(failure) => return Err(failure),
        }
    }
    if interrupted.is_none() {
        // All of them or, when interrupted, none: a set of baselines is of one state of the scenarios.
        for NewBaseline { path, bytes } in new {
            write_file(&path, &bytes).map_err(results::write_failure)?;
        }
    }
    if interrupted.is_some() && args.update_baseline {
        // The verdicts were found beside baselines that now will not be.
        report.files.clear();
    }
    let told = if report.files.is_empty() { Ok(()) } else { tell_all(args, &report, out) };
    if let Some(path) = interrupted {
        return Err(Failure::Interrupted(format!(
            "{path} and what comes after it was not judged, and no baseline was changed"
        )));
    }
    // That nobody reads on to the end makes no verdict any better.
    match (report.exit_code(), told) {
        (_, Err(failure)) if !matches!(failure, Failure::ReaderGone) => Err(failure),
        (2, _) if report.checks() == 0 && report.counts().invalid == 0 => Err(Failure::Usage(
            "there is not a single check, and a gate without checks would always be open; write `checks:`"
                .to_owned(),
        )),
        (0, told) => told,
        (code, _) => Err(Failure::Told(code)),
    }
}

/// Tells the verdicts in every form; one that has lost its reader does not keep the others from being told.
fn tell_all(args: &CheckArgs, report: &Report, out: &mut dyn Write) -> Result<(), Failure> {
    let mut gone = Ok(());
    let quiet = |form: &&CheckFormatArg| {
        !(args.simulation.quiet && form.path.is_none() && form.format == CheckFormat::Text)
    };
    for form in args.format.iter().filter(quiet) {
        match tell(report, form, out).and_then(|()| Ok(out.flush()?)) {
            Err(Failure::ReaderGone) => gone = Err(Failure::ReaderGone),
            told => told?,
        }
    }
    gone
}

/// One file on its way to a verdict, all that its command line asks for found to be possible.
enum Step {
    Ready(Box<Ready>),
    Known(PathBuf, FileOutcome),
}

/// A scenario that can be run.
struct Ready {
    path: PathBuf,
    arm: LoadedArm,
    seeds: Range<u64>,
    digest: String,
    places: Vec<Option<Location>>,
    kept: Option<(Destination, PathBuf)>,
}

impl Step {
    fn of(args: &CheckArgs, found: Found) -> Result<Self, Failure> {
        let loaded = match found.content {
            Content::Scenario(loaded) => *loaded,
            Content::Invalid(problems) => return Ok(Self::Known(found.path, FileOutcome::Invalid(problems))),
            Content::Unreadable(why) => return Ok(Self::Known(found.path, FileOutcome::Broken(why))),
        };
        let name = loaded.scenario.name.clone();
        let seeds = simulate::seeds(&args.simulation, &[], &loaded.scenario);
        check_seeds(args, &name, &seeds)?;
        let (places, digest) = (loaded.check_places.clone(), loaded.digest.clone());
        let options = simulate::replay_arguments(args.simulation.master_seed, &args.reading.set);
        let mut ready = Ready {
            arm: LoadedArm::new(name.clone(), loaded, &found.path, options),
            seeds,
            digest,
            places,
            kept: None,
            path: found.path,
        };
        if let Some(directory) = directory(args, &ready.path, &name) {
            let destination = results::destination(&directory, args.force, &ready.job())?;
            ready.kept = Some((destination, directory));
        }
        Ok(Self::Ready(Box::new(ready)))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Ready(ready) => &ready.path,
            Self::Known(path, _) => path,
        }
    }

    fn outcome(
        self,
        args: &CheckArgs,
        session: &Session,
        new: &mut Vec<NewBaseline>,
    ) -> Result<FileOutcome, Failure> {
        match self {
            Self::Ready(ready) => ready.judged(args, session, new),
            Self::Known(_, outcome) => Ok(outcome),
        }
    }
}

/// Seeds that are to be recorded have to run, and a baseline of fewer than may be compared with is of no use.
fn check_seeds(args: &CheckArgs, name: &str, seeds: &Range<u64>) -> Result<(), Failure> {
    if args.record == Some(Record::All) {
        results::check_record_all(seeds)?;
    }
    if let Some(Record::Seeds(list)) = &args.record
        && let Some(seed) = list.iter().find(|seed| !seeds.contains(seed))
    {
        let range = format!("{}..{}", seeds.start, seeds.end);
        return Err(Failure::Usage(format!(
            "--record {seed}: that seed does not run in {name}; the seeds are {range}"
        )));
    }
    if args.update_baseline && seeds.end - seeds.start < LEAST_SHARED_SEEDS {
        return Err(Failure::Usage(format!(
            "--update-baseline: {name} runs fewer than {LEAST_SHARED_SEEDS} seeds, which is the least that can be \
             compared with; give --seeds 200"
        )));
    }
    Ok(())
}

impl Ready {
    fn job(&self) -> Job<'_> {
        Job {
            arms: std::slice::from_ref(&self.arm),
            seeds: self.seeds.clone(),
            targets: Vec::new(),
            series: Series::Dropped,
        }
    }

    /// Runs the seeds and judges the checks.
    fn judged(
        mut self,
        args: &CheckArgs,
        session: &Session,
        new: &mut Vec<NewBaseline>,
    ) -> Result<FileOutcome, Failure> {
        let kept = self.kept.take();
        let job = self.job();
        let done = match session.simulate(&job) {
            Err(Failure::Runtime(why)) => return Ok(FileOutcome::Broken(why)),
            done => done?,
        };
        if done.extent.completion == Completion::Interrupted {
            return Err(Failure::Interrupted(String::new()));
        }
        let runs = &done.runs[0];
        let scenario = &self.arm.arm.scenario;
        let verdicts = verdicts(args, scenario, &self.digest, runs);
        let placed = verdicts.checks.into_iter().zip(self.places.iter().cloned());
        let outcome = FileOutcome::Judged {
            name: scenario.name.clone(),
            seeds: self.seeds.clone(),
            cut: runs.stops().truncated(),
            master_seed: scenario.simulation.master_seed,
            replay_arguments: simulate::replay_arguments(args.simulation.master_seed, &args.reading.set),
            baseline: verdicts.state,
            checks: placed.map(|(judged, at)| PlacedCheck { judged, place: place(&self.path, at) }).collect(),
        };
        if let Some((destination, directory)) = kept {
            keep(args, &self.path, (destination, &directory), &job, &done, &outcome)?;
        }
        new.extend(verdicts.new);
        Ok(outcome)
    }
}

/// Where results go, if any are kept: several scenarios each have a directory of their own.
fn directory(args: &CheckArgs, path: &Path, name: &str) -> Option<PathBuf> {
    match (&args.out, &args.record) {
        (Some(out), _) if args.paths == [path.to_owned()] => Some(out.clone()),
        (Some(out), _) => Some(out.join(name)),
        (None, Some(_)) => Some(results::default_directory(name)),
        (None, None) => None,
    }
}

/// Writes the tables, the verdicts and the event logs of the seeds asked for.
fn keep(
    args: &CheckArgs,
    path: &Path,
    (destination, directory): (Destination, &Path),
    job: &Job<'_>,
    done: &Done,
    outcome: &FileOutcome,
) -> Result<(), Failure> {
    let arm = &job.arms[0].arm;
    let report = Report { files: vec![FileReport { path: shown(path), outcome: outcome.clone() }] };
    results::write(destination, job, done, directory, || {
        let mut artifacts = Tables::of(job, done).artifacts();
        artifacts.push(Artifact::new("checks.json", json(&report)));
        artifacts.push(Artifact::new("junit.xml", junit(&report)));
        artifacts.extend(results::event_logs(arm, recorded(args, outcome)));
        Ok(artifacts)
    })
}

/// The seeds whose event logs are kept: of every failed check the worst.
fn recorded(args: &CheckArgs, outcome: &FileOutcome) -> Vec<u64> {
    let mut seeds: Vec<u64> = match (&args.record, outcome) {
        (Some(Record::Seeds(list)), _) => list.clone(),
        (Some(Record::All), FileOutcome::Judged { seeds, .. }) => seeds.clone().collect(),
        (Some(Record::Failing), FileOutcome::Judged { checks, .. }) => {
            results::breaking(checks.iter().map(|check| &check.judged))
        }
        _ => Vec::new(),
    };
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

/// Where a check is written; none when it was given by `--set`.
fn place(path: &Path, location: Option<Location>) -> Option<Place> {
    let location = location.filter(|at| Path::new(&at.source.name) == path)?;
    Some(Place { path: shown(path), line: location.line(), column: location.column() })
}

/// A path with `/` between its parts, the same on every system.
fn shown(path: &Path) -> String {
    path.display().to_string().replace(std::path::MAIN_SEPARATOR, "/")
}
