//! From raw records to the parts of a [`Scenario`](super::Scenario).
//!
//! What is missing has been told when it was read, so a function here gives up
//! quietly on a record that is not whole and speaks only of what it finds itself.

mod containers;
mod defaults;
mod event_log;
mod faults;
mod fit;
mod fleet;
mod lints;
mod names;
mod rollout;

use super::checks::{self, Check};
use super::codes::Code;
use super::model::{Parts, Simulation};
use super::overrides;
use super::problem::{Problem, Severity};
use super::raw::{RawScenario, RawSimulation};
use super::read::{At, List, Read, Reader};
use super::sweep::{self, PlacedAxis, PlacedSweep};
use super::tree::{Kind, Node, Place};
use super::values::Text;
use crate::engine::time::SimDuration;

/// The value of a field; leaves the function if it could not be had, which has been told.
macro_rules! get {
    ($field:expr) => {
        &$field.as_ref()?.value
    };
}
use get;

/// More samples than this are a slip of the pen, and would fill the memory.
const SAMPLES_MAX: u64 = 1_000_000;

/// The longest run: the fleet keeps instants of tasks in 40 bits, which hold 34 years.
const HORIZON_MAX: SimDuration = SimDuration::from_hours(24 * 365 * 30);

/// The parts of the scenario; none if something is wrong, which has then been told.
pub(super) fn validate(raw: &mut RawScenario, reader: &mut Reader<'_>) -> Option<Parts> {
    let before = reader.errors();
    defaults::fill(raw, reader);
    containers::derive(raw, reader);
    let raw = &*raw;
    check_name(raw, reader);
    let simulation = raw.simulation.as_ref().and_then(|raw| simulation(&raw.value, reader));
    let event_log = raw.simulation.as_ref().and_then(|raw| event_log::event_log(&raw.value, reader));
    let names = names::All::collect(raw, reader);
    let fleet = fleet::fleet(raw, &names, reader);
    let rollout = rollout::rollout(raw, &names, simulation, reader);
    let checks = checks(raw, &names, reader);
    let sweep = placed_sweep(raw, reader);
    let (simulation, event_log) = (simulation?, event_log?);
    let (fleet, rollout) = (fleet?, rollout?);
    let parts = Parts {
        name: get!(raw.name).0.clone(),
        description: get!(raw.description).0.clone(),
        simulation,
        event_log,
        providers: fleet.providers,
        quota_vcpu: get!(raw.quotas).vcpu.as_ref().map(|quota| quota.value.0),
        control_plane: fleet.control_plane,
        services: fleet.services,
        revisions: fleet.revisions,
        daemons: rollout.daemons,
        alarms: rollout.alarms,
        timeline: rollout.timeline,
        assumptions: get!(raw.assumptions).resolve(),
        checks: checks?,
        sweep: sweep?.sweep,
    };
    if reader.errors() > before {
        return None;
    }
    faults::check_utilization(&parts, raw, reader);
    fit::check(&parts, raw, reader);
    if reader.errors() > before {
        return None;
    }
    // A lint about a file that is not what was meant would mislead.
    if reader.errors() == 0 {
        lints::lint(&parts, raw, reader);
    }
    Some(parts)
}

fn check_name(raw: &RawScenario, reader: &mut Reader<'_>) {
    let Some(At { value: name, place }) = &raw.name else { return };
    let is_good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let starts_well = name.0.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !starts_well || name.0.len() > 100 || !name.0.chars().all(is_good) {
        reader
            .problem(Code::BadName, *place, "this cannot be the name of a scenario, which names a directory")
            .help("up to 100 letters, digits, dots, underscores and hyphens, a letter or digit first");
    }
}

fn simulation(raw: &RawSimulation, reader: &mut Reader<'_>) -> Option<Simulation> {
    let horizon = above_zero(raw.horizon.as_ref(), "horizon", reader);
    let sample_every = above_zero(raw.sample_every.as_ref(), "sampleEvery", reader);
    let (horizon, sample_every) = (horizon?, sample_every?);
    if horizon > HORIZON_MAX {
        let place = raw.horizon.as_ref().map_or(Place::DEFAULT, |horizon| horizon.place);
        reader
            .problem(Code::OutOfRange, place, "a run of more than thirty years")
            .help("at most 10950d; no instance of a fleet gets that old");
        return None;
    }
    if horizon.as_ms() / sample_every.as_ms() > SAMPLES_MAX {
        let place = raw.sample_every.as_ref().map_or(Place::DEFAULT, |every| every.place);
        reader
            .problem(Code::OutOfRange, place, "more than a million samples up to the horizon")
            .help("sample less often, or make the horizon shorter");
        return None;
    }
    let seeds = get!(raw.seeds);
    Some(Simulation {
        seeds_from: seeds.from,
        seeds_to: seeds.to,
        master_seed: get!(raw.master_seed).0,
        horizon,
        observe_after: get!(raw.observe_after).0,
        sample_every,
        max_events: get!(raw.max_events).0,
    })
}

/// A span that must take time.
fn above_zero(
    span: Option<&At<super::values::Span>>,
    key: &str,
    reader: &mut Reader<'_>,
) -> Option<SimDuration> {
    let span = span?;
    if span.value.0 > SimDuration::ZERO {
        return Some(span.value.0);
    }
    reader.problem(Code::Zero, span.place, format!("{key} must be above zero"));
    None
}

fn checks(raw: &RawScenario, names: &names::All<'_>, reader: &mut Reader<'_>) -> Option<Vec<Check>> {
    let list: &List<_> = get!(raw.checks);
    let deploys = |action: &&At<super::raw::RawAction>| {
        let raw = &action.value;
        raw.create_daemon.is_some() || raw.update_daemon.is_some() || raw.delete_daemon.is_some()
    };
    let deployments = get!(raw.timeline).items.iter().filter(deploys).count();
    let services: Vec<_> = names.services.list().collect();
    let checks: Vec<_> = list
        .items
        .iter()
        .map(|At { value: Text(text), place }| match checks::parse(text, deployments, &services) {
            Ok(check) => Some(check),
            Err(error) => {
                let place = reader.sources.inside(text, *place, error.span);
                reader.problem(error.code, place, error.message).help(error.help);
                None
            }
        })
        .collect();
    if list.is_complete { checks.into_iter().collect() } else { None }
}

fn placed_sweep(raw: &RawScenario, reader: &mut Reader<'_>) -> Option<PlacedSweep> {
    let written = raw.sweep.as_ref()?;
    sweep::sweep(&written.value, written.place, reader)
}

/// Tries every value of every axis, each alone, so that a sweep does not fail on its way.
pub(super) fn sweep_values(tree: &Node, raw: &RawScenario, reader: &mut Reader<'_>) {
    let Some(PlacedSweep { axes, .. }) = placed_sweep(raw, reader) else { return };
    let mut base = tree.clone();
    if let Kind::Map(entries) = &mut base.kind {
        entries.retain(|entry| entry.key != "sweep");
    }
    for axis in axes {
        for value in &axis.values {
            if let Some((problem, place)) = try_value(&base, &axis, value, reader) {
                let message = format!("{} = {}: {}", axis.key, value.to_json(), problem.message);
                let told = reader.problem(Code::Sweep, place, message);
                told.help = problem.help;
                if place == axis.place {
                    break;
                }
            }
        }
    }
}

/// The first error that a value makes, and where to tell it.
fn try_value(
    base: &Node,
    axis: &PlacedAxis,
    value: &Node,
    reader: &mut Reader<'_>,
) -> Option<(Problem, Place)> {
    let mut tree = base.clone();
    let mut trial = Reader::new(reader.files);
    trial.sources = reader.sources.clone();
    trial.delays = std::mem::take(&mut reader.delays);
    let set = overrides::set(&mut tree, &axis.key, axis.place, value.clone(), &trial);
    if set.is_ok()
        && let Some(mut raw) = RawScenario::read(&tree, &mut trial)
    {
        validate(&mut raw, &mut trial);
    }
    reader.delays = trial.delays;
    if let Err(problem) = set {
        return Some((problem, axis.place));
    }
    let error = trial.problems.into_iter().find(|problem| problem.severity == Severity::Error)?;
    // A key that nothing reads is a mistake of the axis and not of its values.
    let place = if error.code == Code::UnknownKey { axis.place } else { value.place };
    Some((error, place))
}
