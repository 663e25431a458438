//! CPU and memory that daemon tasks use, for the alarms that watch them.
//!
//! CloudWatch knows one series for a daemon: the mean over all its tasks in the cluster, old
//! and new revisions together (Amazon ECS developer guide, "Daemon metrics"), so that what one
//! batch does wrong is diluted by all the hosts that have yet to get it.

use crate::engine::time::SimTime;
use crate::fleet::world::World;
use crate::scenario::Scenario;
use crate::scenario::model::{AlarmMetric, DefectKind, Utilization};

use super::daemons;

/// What the tasks of a daemon use together, and its integrals over time. Loads are in
/// ten-thousandths of a percent, so that sums are whole numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::fleet) struct Usage {
    /// Whether an alarm watches the daemon's utilisation; nothing is kept for others.
    watched: bool,
    level: Loads,
    since: SimTime,
    area: Areas,
}

/// Tasks, and what they use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Loads {
    tasks: u64,
    cpu: u64,
    memory: u64,
}

/// Integrals of [`Loads`], in their units times milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::fleet) struct Areas {
    pub(in crate::fleet) tasks: u128,
    pub(in crate::fleet) cpu: u128,
    pub(in crate::fleet) memory: u128,
}

const UNITS_PER_PERCENT: f64 = 1e4;

fn units(percent: Option<f64>) -> u64 {
    (percent.unwrap_or(0.0) * UNITS_PER_PERCENT + 0.5) as u64
}

/// The mean load in percent between two readings; none if no task ran between them.
pub(in crate::fleet) fn mean(tasks: u128, load: u128) -> Option<f64> {
    (tasks > 0).then(|| load as f64 / tasks as f64 / UNITS_PER_PERCENT)
}

impl Usage {
    /// The integrals as of `now`.
    pub(in crate::fleet) fn settle(&mut self, now: SimTime) -> Areas {
        let ms = u128::from(now.since(self.since).as_ms());
        self.since = now;
        self.area.tasks += u128::from(self.level.tasks) * ms;
        self.area.cpu += u128::from(self.level.cpu) * ms;
        self.area.memory += u128::from(self.level.memory) * ms;
        self.area
    }
}

/// The daemon whose utilisation an alarm watches.
fn watched(metric: &AlarmMetric) -> Option<usize> {
    match metric {
        AlarmMetric::DaemonCpuUtilization { daemon } | AlarmMetric::DaemonMemoryUtilization { daemon } => {
            Some(*daemon)
        }
        _ => None,
    }
}

/// What the daemons of the start use.
pub(in crate::fleet) fn begin(scn: &Scenario, w: &mut World) {
    w.usage.clear();
    w.usage.resize(scn.daemons.len(), Usage::default());
    for daemon in scn.alarms.iter().filter_map(|alarm| watched(&alarm.metric)) {
        w.usage[daemon].watched = true;
    }
    for daemon in 0..scn.daemons.len() {
        if w.usage[daemon].watched {
            for slot in 0..w.instances.len() as u32 {
                if w.daemon_tasks[w.daemon_row(slot, daemon)].state.runs() {
                    joined(scn, w, SimTime::ZERO, slot, daemon);
                }
            }
        }
    }
}

/// What a running task uses now.
fn loads(scn: &Scenario, w: &World, slot: u32, daemon: usize) -> Loads {
    let revision = &scn.revisions[daemons::revision_of(w, slot, daemon)];
    let acting = w.daemon_tasks[w.daemon_row(slot, daemon)].uses;
    let defect = acting.checked_sub(1).map(|index| &revision.defects[index as usize].kind);
    let instead = match defect {
        Some(DefectKind::Uses { instead, .. }) => *instead,
        _ => Utilization::default(),
    };
    Loads {
        tasks: 1,
        cpu: units(instead.cpu.or(revision.utilization.cpu)),
        memory: units(instead.memory.or(revision.utilization.memory)),
    }
}

/// A task began to run.
pub(in crate::fleet) fn joined(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, daemon: usize) {
    if !w.usage[daemon].watched {
        return;
    }
    let loads = loads(scn, w, slot, daemon);
    let usage = &mut w.usage[daemon];
    usage.settle(now);
    usage.level.tasks += loads.tasks;
    usage.level.cpu += loads.cpu;
    usage.level.memory += loads.memory;
}

/// A task no longer runs, or will use something else.
pub(in crate::fleet) fn left(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, daemon: usize) {
    if !w.usage[daemon].watched {
        return;
    }
    let loads = loads(scn, w, slot, daemon);
    let usage = &mut w.usage[daemon];
    usage.settle(now);
    usage.level.tasks -= loads.tasks;
    usage.level.cpu -= loads.cpu;
    usage.level.memory -= loads.memory;
}

/// Counts afresh what is kept by increments.
///
/// # Panics
/// When the counts differ: a bug of ours.
pub(in crate::fleet) fn assert_counted(scn: &Scenario, w: &World) {
    for daemon in 0..scn.daemons.len() {
        let usage = &w.usage[daemon];
        if !usage.watched {
            continue;
        }
        let mut sum = Loads::default();
        for slot in 0..w.instances.len() as u32 {
            if w.daemon_tasks[w.daemon_row(slot, daemon)].state.runs() {
                let loads = loads(scn, w, slot, daemon);
                sum.tasks += loads.tasks;
                sum.cpu += loads.cpu;
                sum.memory += loads.memory;
            }
        }
        assert_eq!(sum, usage.level, "what daemon tasks use");
    }
}
