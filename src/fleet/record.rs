//! World → Outcome: reads, never writes, and settles every gauge at the end of the run.

use super::systems::deployment::Deployment;
use super::tables::InstanceState;
use super::world::World;
use crate::engine::time::{SimDuration, SimTime};
use crate::outcome::{DeploymentOutcome, FleetOutcome, Outcome, Sample, ServiceOutcome, StopReason};
use crate::scenario::Scenario;

const MS_PER_MIN: f64 = 60_000.0;
const MS_PER_HOUR: f64 = 3_600_000.0;

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) stop: StopReason,
    pub(super) at: SimTime,
    pub(super) events: u64,
    pub(super) digest: u64,
}

/// The facts of a run that has ended.
pub(super) fn outcome(scn: &Scenario, w: &mut World, end: End) -> Outcome {
    Outcome {
        seed: w.seed,
        stop: end.stop,
        ended_at: end.at,
        events: end.events,
        digest: end.digest,
        deployments: w
            .deployments
            .iter()
            .map(|deployment| deployment_outcome(w, deployment, end.at))
            .collect(),
        fleet: fleet_outcome(scn, w, end.at),
        series: std::mem::take(&mut w.samples),
    }
}

fn deployment_outcome(w: &World, deployment: &Deployment, at: SimTime) -> DeploymentOutcome {
    DeploymentOutcome {
        daemon: deployment.daemon,
        status: deployment.status,
        status_reason: deployment.reason.clone(),
        created_at: deployment.created_at,
        started_at: deployment.started_at,
        stopped_at: deployment.stopped_at,
        finished_at: deployment.finished_at,
        rollback_started_at: deployment.rollback_started_at,
        harm_at: deployment.harm_at,
        triggered_at: deployment.triggered_at,
        defective: deployment.defective,
        hosts_in_scope: deployment.hosts_in_scope,
        hosts_exposed: deployment.hosts_exposed,
        breaker_failures: deployment.breaker_failures,
        breaker_threshold: deployment.threshold,
        breaker: deployment.breaker_status,
        alarms: deployment.alarms_status,
        alarms_triggered: deployment.alarms_triggered.clone(),
        drain_wait_max: drain_wait_max(w, deployment, at),
    }
}

/// The longest drain, one that is still under way at the end of the run included.
fn drain_wait_max(w: &World, deployment: &Deployment, at: SimTime) -> Option<SimDuration> {
    let own = |row: &&super::tables::Instance| {
        row.state == InstanceState::Draining
            && row.lane > 0
            && std::ptr::eq(&raw const w.deployments[usize::from(row.deployment)], deployment)
    };
    let unfinished = w.instances.iter().filter(own).map(|row| at.since(row.since));
    unfinished.chain(deployment.drain_wait_max).max()
}

fn fleet_outcome(scn: &Scenario, w: &mut World, at: SimTime) -> FleetOutcome {
    for gauge in [&mut w.existing, &mut w.vcpu, &mut w.bad_running, &mut w.daemon_gap] {
        gauge.settle(at);
    }
    let mut extra_instance_hours = 0.0;
    let mut extra_cost_usd = Some(0.0);
    for (provider, spec) in w.providers.iter_mut().zip(&scn.providers) {
        provider.existing.settle(at);
        let hours = provider.existing.above() as f64 / MS_PER_HOUR;
        extra_instance_hours += hours;
        let cost = match (&mut provider.cost, &spec.types[..]) {
            (Some(cost), _) => Some(cost.settle(at)),
            (None, [only]) => only.price_per_hour.map(|price| hours * price),
            (None, _) => None,
        };
        extra_cost_usd = extra_cost_usd.zip(cost).map(|(sum, cost)| sum + cost);
    }
    FleetOutcome {
        services: (0..scn.services_proper().len())
            .map(|service| service_outcome(scn, w, service, at))
            .collect(),
        bad_instance: SimDuration::from_ms(w.bad_running.area()),
        instances_at_start: scn.providers.iter().map(|provider| provider.instances).sum(),
        peak_instances: w.existing.max() as u32,
        peak_vcpu: w.vcpu.max(),
        extra_instance_hours,
        extra_cost_usd,
        instances_replaced: w.instances_replaced,
        instances_repaired: w.instances_repaired,
        app_tasks_restarted: w.app_tasks_restarted,
        daemon_gap: SimDuration::from_ms(w.daemon_gap.area()),
        launch_failures: w.launch_failures,
    }
}

fn service_outcome(scn: &Scenario, w: &mut World, service: usize, at: SimTime) -> ServiceOutcome {
    let spec = &scn.services[service];
    let state = &mut w.services[service];
    state.running.settle(at);
    let failing_ms = state.errors.settle(at);
    state.note_worst_moment();
    ServiceOutcome {
        min_running_pct: state.min_running_pct,
        task_min_lost: state.running.below() as f64 / MS_PER_MIN,
        failed_requests: spec.traffic.map(|traffic| traffic.requests_per_second * failing_ms / 1_000.0),
    }
}

/// The state counts of this instant.
pub(super) fn sample(scn: &Scenario, w: &World) -> Sample {
    let count = |state: InstanceState| w.by_state[state as usize];
    let active = count(InstanceState::Active);
    let services = || scn.services_proper().iter().zip(&w.services);
    let new_revision =
        w.deployments.last().map_or(0, |deployment| w.epoch_active[usize::from(deployment.forward)]);
    Sample {
        old_revision: active - new_revision,
        new_revision,
        draining: count(InstanceState::Draining),
        starting: count(InstanceState::Launching)
            + count(InstanceState::Booting)
            + count(InstanceState::Registering),
        deregistering: count(InstanceState::Deregistering),
        impaired: w.impaired.value() as u32,
        running_tasks: services().map(|(_, service)| service.running.value() as u32).sum(),
        desired_tasks: services().map(|(_, service)| service.desired).sum(),
        floor_tasks: services().map(|(spec, service)| spec.floor(service.desired)).sum(),
    }
}
