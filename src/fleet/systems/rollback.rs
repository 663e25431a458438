//! What a triggered monitor leads to: forward motion stops, the previous revision comes back.
//!
//! Daemons are never swapped in place, so a rollback is another drain, provision and
//! replace (Amazon ECS developer guide, "Daemon deployments").

use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::outcome::{DeploymentStatus, MonitorStatus};
use crate::scenario::Scenario;
use crate::scenario::assumptions::FailedFirst;

use super::breaker::Breaker;
use super::deployment::{self, Epoch};
use super::lanes;

/// The circuit breaker tripped.
pub(in crate::fleet) fn breaker_tripped(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    index: usize,
) {
    let count = w.deployments[index].breaker.count;
    w.deployments[index].breaker_status = MonitorStatus::Triggered;
    if w.deployments[index].rollback.is_some() {
        let reason = format!("the rollback's own circuit breaker counted {count} launch failures");
        deployment::finish(scn, w, agenda, index, DeploymentStatus::RollbackFailed, reason);
    } else {
        trigger(scn, w, agenda, index, format!("circuit breaker: {count} daemon launch failures"));
    }
}

/// ECS saw red alarms.
pub(in crate::fleet) fn alarms_triggered(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    index: usize,
    alarms: Vec<usize>,
) {
    let names: Vec<&str> = alarms.iter().map(|alarm| scn.alarms[*alarm].name.as_str()).collect();
    let reason = format!("alarm {} in ALARM", names.join(", "));
    w.deployments[index].alarms_status = MonitorStatus::Triggered;
    w.deployments[index].alarms_triggered = alarms;
    trigger(scn, w, agenda, index, reason);
}

/// Halts a deployment and, if there is a revision to go back to, starts the rollback.
fn trigger(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, index: usize, reason: String) {
    let now = agenda.now();
    let deployment = &mut w.deployments[index];
    deployment.triggered_at = Some(now);
    deployment.stopped_at = Some(now);
    deployment.generation = deployment.generation.next();
    deployment.breaker = Breaker::default();
    let daemon = deployment.daemon;
    let previous = w.epochs[usize::from(w.settled[daemon])].settings.clone();
    if previous.is_none() && scn.assumptions.failed_first != FailedFirst::RemoveDaemon {
        let status = match scn.assumptions.failed_first {
            FailedFirst::RollbackFailed => DeploymentStatus::RollbackFailed,
            _ => DeploymentStatus::Stopped,
        };
        let reason = format!("{reason}; no earlier revision to roll back to");
        deployment::finish(scn, w, agenda, index, status, reason);
        return;
    }
    deployment::set_status(scn, w, now, index, DeploymentStatus::StopRequested, reason.clone());
    let epoch = w.add_epoch(Epoch { deployment: Some(index as u16), settings: previous });
    let deployment = &mut w.deployments[index];
    deployment.rollback = Some(epoch);
    deployment.rollback_started_at = Some(now);
    deployment::set_status(scn, w, now, index, DeploymentStatus::RollbackInProgress, reason);
    deployment::close_off_target(scn, w, agenda);
    lanes::begin_phase(scn, w, agenda, index);
    w.wake(agenda, Decider::Deployments);
}
