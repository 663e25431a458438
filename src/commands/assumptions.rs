//! `run --assumptions`: every answer to every open question alone, and which of them changes the result.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

use super::Failure;
use super::reading::{Warnings, Written, heed, refusal};
use super::results;
use super::simulate::{self, Done, Job, LoadedArm, Session};
use super::tables::Tables;
use crate::cli::RunArgs;
use crate::report::Artifact;
use crate::report::assumptions::{self, Answer, Found};
use crate::scenario::Loaded;
use crate::scenario::SweepChange;
use crate::scenario::assumptions::{QUESTIONS, VARIED_DELAYS};
use crate::scenario::checks::{Estimate, parse_estimate};
use crate::scenario::sweep::{Point, shown};
use crate::summary::{Series, Side, rank};

/// What is ranked by unless `--metric` says otherwise: how long it takes, how far a bad revision gets, and how
/// often it rolls back, without which a rollout that ends otherwise would seem to take as long as before.
const METRICS: [&str; 3] = ["p95(rollout_duration_min)", "mean(blast_radius_pct)", "P(rolled_back)"];

/// Runs the scenario with every other answer to every open question, each alone, and ranks their effects.
///
/// # Errors
/// As those of a run.
pub(super) fn run(args: &RunArgs, out: &mut dyn Write) -> Result<(), Failure> {
    results::check_formats(&args.results)?;
    if !args.record.is_empty() {
        return Err(Failure::Usage("--record keeps stories of one arm; leave out --assumptions".to_owned()));
    }
    let warnings = if args.simulation.quiet { Warnings::Hidden } else { Warnings::Shown };
    let (written, file) = super::run::source(args, warnings)?;
    let salt = args.simulation.master_seed;
    let mut base =
        written.load(&args.reading, salt, SweepChange::default()).map_err(|problems| refusal(&problems))?;
    heed(&mut base.warnings, &args.reading, warnings)?;
    let wanted = wanted(args, &base)?;
    let targets = simulate::targets(&args.precision, &base.scenario)?;
    let seeds = simulate::seeds(&args.simulation, &targets, &base.scenario);
    let name = base.scenario.name.clone();
    let Arms { loaded: arms, answers, refused } = arms(args, &written, &file, base);
    let directory = results::directory(&args.results, &name, "-assumptions");
    let job = Job { arms: &arms, seeds, targets, series: Series::Dropped };
    let destination = results::destination(&directory, args.results.force, &job)?;

    let done = Session::start(&args.simulation)?.simulate(&job)?;
    let sides: Vec<Side<'_>> =
        arms.iter().zip(&done.runs).map(|(loaded, runs)| Side { name: &loaded.arm.name, runs }).collect();
    let rankings = rank(&sides[0], &sides[1..], &wanted);
    let inert: Vec<usize> =
        (0..answers.len()).filter(|index| done.runs[index + 1].same_as(&done.runs[0])).collect();
    let found = Found {
        scenario: &name,
        seeds: &done.extent.seeds,
        answers: &answers,
        inert: &inert,
        refused: &refused,
        rankings: &rankings,
    };
    results::write(destination, &job, &done, &directory, || artifacts(args, &job, &done, &found))?;
    simulate::tell(out, &args.simulation, &directory, &done, || assumptions::render(&found))
}

fn wanted(args: &RunArgs, base: &Loaded) -> Result<Vec<(String, Estimate)>, Failure> {
    let scenario = &base.scenario;
    let services: Vec<&str> = scenario.services.iter().map(|s| s.name.as_str()).collect();
    let defaults = METRICS.map(str::to_owned);
    let texts = if args.metric.is_empty() { &defaults[..] } else { &args.metric[..] };
    let read = |text: &String| {
        parse_estimate(text, scenario.deployments(), &services)
            .map(|wanted| (text.trim().to_owned(), wanted))
            .map_err(|error| {
                Failure::Usage(format!("--metric {text}: {}\nhelp: {}", error.message, error.help))
            })
    };
    texts.iter().map(read).collect()
}

/// The scenario as it is, and an arm for every other answer.
struct Arms {
    loaded: Vec<LoadedArm>,
    answers: Vec<Answer>,
    refused: Vec<(Answer, String)>,
}

fn arms(args: &RunArgs, written: &Written, file: &Path, base: Loaded) -> Arms {
    let salt = args.simulation.master_seed;
    let tried = candidates(&base);
    let options = simulate::replay_arguments(salt, &args.reading.set);
    let mut found = Arms {
        loaded: vec![LoadedArm::new("as it is".to_owned(), base, file, options)],
        answers: Vec::new(),
        refused: Vec::new(),
    };
    for (answer, not_modelled) in tried {
        if let Some(instead) = not_modelled {
            found.refused.push((answer, format!("not modelled in this version; {instead}")));
            continue;
        }
        let point = Point { settings: vec![(answer.key.clone(), Value::from(answer.value.clone()))] };
        match written.load(&args.reading, salt, SweepChange::Settled(&point)) {
            Ok(loaded) => {
                let set = point.settings.iter().map(|(key, value)| (key.clone(), shown(value)));
                let set: Vec<(String, String)> = args.reading.set.iter().cloned().chain(set).collect();
                let options = simulate::replay_arguments(salt, &set);
                found.loaded.push(LoadedArm::new(answer.name(), loaded, file, options));
                found.answers.push(answer);
            }
            Err(problems) => {
                let why = problems.first().map_or_else(String::new, |problem| problem.message.clone());
                found.refused.push((answer, why));
            }
        }
    }
    found
}

/// Every answer but those of the scenario, in order of the questions; with what to do instead where one is not modelled.
fn candidates(base: &Loaded) -> Vec<(Answer, Option<&'static str>)> {
    let chosen = serde_json::to_value(base.scenario.assumptions).expect("plain data has a JSON form");
    let mut all = Vec::new();
    for question in QUESTIONS {
        let as_it_is = chosen[question.key].as_str().unwrap_or_default().to_owned();
        for other in question.values.iter().filter(|answer| answer.word != as_it_is) {
            let answer = Answer {
                question: question.id,
                key: format!("assumptions.{}", question.key),
                as_it_is: as_it_is.clone(),
                value: other.word.to_owned(),
            };
            all.push((answer, other.not_modelled));
        }
    }
    let control_plane = &base.scenario.control_plane;
    for (question, key, values) in VARIED_DELAYS {
        let as_it_is = match key {
            "controlPlane.alarmPoll" => control_plane.alarm_poll,
            _ => control_plane.registration_timeout,
        };
        let as_it_is = as_it_is.to_string();
        for value in values.iter().filter(|value| **value != as_it_is) {
            let (as_it_is, value) = (as_it_is.clone(), (*value).to_owned());
            all.push((Answer { question, key: key.to_owned(), as_it_is, value }, None));
        }
    }
    all.sort_by_key(|(answer, _)| answer.question[1..].parse::<u32>().unwrap_or(u32::MAX));
    all
}

fn artifacts<'a>(
    args: &RunArgs,
    job: &'a Job<'a>,
    done: &'a Done,
    found: &Found<'_>,
) -> Result<Vec<Artifact<'a>>, Failure> {
    let mut artifacts = Tables::of(job, done).artifacts();
    artifacts.push(Artifact::new("assumptions.csv", assumptions::table_file(found)));
    artifacts.push(Artifact::new("assumptions.json", assumptions::document(found)));
    let drawn = assumptions::figures(found, &results::formats(&args.results));
    artifacts.extend(drawn.map_err(results::undrawn)?);
    Ok(artifacts)
}
