//! Stand-in until the fleet model lands: outcomes of the right shape, drawn by seed.

use std::fmt;

use serde::Serialize;

use crate::engine::draw::{Seed, name_tag};
use crate::engine::time::{SimDuration, SimTime};
use crate::outcome::{
    DeploymentOutcome, DeploymentStatus, FleetOutcome, MonitorStatus, Outcome, Sample, ServiceOutcome,
    StopReason,
};
use crate::scenario::Scenario;

/// Buffers reused from seed to seed.
#[derive(Default)]
pub struct Workspace {
    last: SimTime,
}

/// A line of the story.
#[derive(Clone, Debug, Serialize)]
pub struct LogEntry {
    /// When.
    #[serde(skip)]
    pub at: SimTime,
    event: String,
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.event)
    }
}

impl Workspace {
    /// Empty buffers.
    pub fn new() -> Self {
        Self::default()
    }
    /// The event in hand.
    pub fn last_event(&self) -> String {
        format!("at {}", self.last)
    }
}

/// The story of a run.
pub fn narrate(scenario: &Scenario, seed: u64) -> (Outcome, Vec<LogEntry>) {
    let outcome = simulate(scenario, seed, &mut Workspace::new(), &|| false).expect("not interrupted");
    let log =
        outcome.deployments.iter().map(|d| LogEntry { at: d.created_at, event: "deployment created".into() });
    let log = log.collect();
    (outcome, log)
}

/// One run.
pub fn simulate(
    scenario: &Scenario,
    seed: u64,
    workspace: &mut Workspace,
    interrupted: &dyn Fn() -> bool,
) -> Option<Outcome> {
    if interrupted() {
        return None;
    }
    let key =
        Seed { master: scenario.simulation.master_seed, replication: seed }.key(1, name_tag("stand-in"));
    let draw = |i: u32| key.uniform(i, 0).value();
    let bad = draw(0) < 0.12;
    let minutes = 60.0 + 40.0 * draw(1);
    let created = SimTime::from_ms(600_000);
    let finished = created + SimDuration::from_ms((minutes * 60_000.0) as u64);
    workspace.last = finished;
    let deployments = scenario.timeline.iter().map(|_| DeploymentOutcome {
        daemon: 0,
        status: if bad { DeploymentStatus::RollbackSuccessful } else { DeploymentStatus::Successful },
        status_reason: String::new(),
        created_at: created,
        started_at: Some(created),
        stopped_at: None,
        finished_at: Some(finished),
        rollback_started_at: bad.then_some(finished),
        harm_at: bad.then_some(created + SimDuration::from_mins(10)),
        triggered_at: bad.then_some(finished),
        defective: bad,
        hosts_in_scope: 120,
        hosts_exposed: if bad { (120.0 * draw(2)) as u32 } else { 0 },
        breaker_failures: 0,
        breaker_threshold: 3,
        breaker: MonitorStatus::MonitoringComplete,
        alarms: MonitorStatus::Disabled,
        alarms_triggered: Vec::new(),
        drain_wait_max: Some(SimDuration::from_ms((draw(3) * 100_000.0) as u64)),
    });
    let steps = finished.as_ms() / scenario.simulation.sample_every.as_ms();
    let done = |i: u64| (120 * i / steps.max(1)) as u32;
    let samples = (0..=steps).map(|i| Sample {
        old_revision: 120 - done(i),
        new_revision: done(i),
        running_tasks: 480,
        desired_tasks: 480,
        floor_tasks: 480,
        ..Sample::default()
    });
    let services = scenario.services.iter().map(|_| ServiceOutcome {
        min_running_pct: Some(100.0 - draw(4)),
        task_min_lost: draw(5) * 10.0,
        failed_requests: Some(draw(6) * 1e6),
    });
    Some(Outcome {
        seed,
        stop: StopReason::Complete,
        ended_at: finished,
        events: 1_000,
        digest: draw(9).to_bits(),
        deployments: deployments.collect(),
        fleet: FleetOutcome {
            services: services.collect(),
            bad_instance: SimDuration::ZERO,
            instances_at_start: 120,
            peak_instances: 132,
            peak_vcpu: 1_056,
            extra_instance_hours: draw(7) * 10.0,
            extra_cost_usd: None,
            instances_replaced: 120,
            instances_repaired: 0,
            app_tasks_restarted: 480,
            daemon_gap: SimDuration::from_ms((draw(8) * 1e7) as u64),
            launch_failures: 2,
        },
        series: samples.collect(),
    })
}
