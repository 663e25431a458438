//! Daemon deployments: creation, statuses, superseding, and which revision a host gets.
//!
//! The status machine and its timestamps are those of `DaemonDeployment` in the ECS
//! API. What a deployment wants of a host is told by *epochs*: each phase of each
//! deployment (forward, rollback) is one, and every registered instance carries the
//! epoch that gave it its daemon, even when that was to give it none.

use crate::engine::agenda::{Generation, Phase};
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::Event;
use crate::fleet::log::Change;
use crate::fleet::tables::{DaemonState, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::outcome::{DeploymentStatus, MonitorStatus};
use crate::scenario::Scenario;
use crate::scenario::assumptions::{
    AppGate, ConcurrentDaemons, DisplacedTasks, NewInstances, RollbackScope, Superseded,
};
use crate::scenario::model::{DaemonSettings, Deploy, Request};

use super::breaker::{self, Breaker};
use super::{alarm, daemons, lanes, placement, recall, scale_in, scaling};

pub(in crate::fleet) use super::lanes::Lane;

/// What one phase of one deployment gives to the instances that register under it.
#[derive(Clone, Debug)]
pub(in crate::fleet) struct Epoch {
    /// None for what was there at the start.
    pub(in crate::fleet) deployment: Option<u16>,
    /// None for no daemon at all.
    pub(in crate::fleet) settings: Option<DaemonSettings>,
}

impl Epoch {
    /// Revision and criticality of the daemon on a provider's instances.
    pub(in crate::fleet) fn gives(&self, provider: usize) -> Option<(usize, bool)> {
        let settings = self.settings.as_ref()?;
        settings.providers.contains(&provider).then_some((settings.revision, settings.critical))
    }
}

/// A deployment and all that is known of it.
#[derive(Debug)]
pub(in crate::fleet) struct Deployment {
    pub(in crate::fleet) daemon: usize,
    pub(in crate::fleet) status: DeploymentStatus,
    pub(in crate::fleet) reason: String,
    pub(in crate::fleet) created_at: SimTime,
    pub(in crate::fleet) started_at: Option<SimTime>,
    pub(in crate::fleet) stopped_at: Option<SimTime>,
    pub(in crate::fleet) finished_at: Option<SimTime>,
    pub(in crate::fleet) rollback_started_at: Option<SimTime>,
    pub(in crate::fleet) triggered_at: Option<SimTime>,
    pub(in crate::fleet) harm_at: Option<SimTime>,

    pub(in crate::fleet) drain_percent: f64,
    pub(in crate::fleet) bake: SimDuration,
    /// Capacity providers whose instances it replaces, the target's first.
    pub(in crate::fleet) scope: Vec<usize>,
    /// Epoch of the target.
    pub(in crate::fleet) forward: u16,
    /// Epoch of the rollback, once there is one.
    pub(in crate::fleet) rollback: Option<u16>,
    /// Waits for another daemon's deployment (A10).
    pub(in crate::fleet) held: bool,
    /// All lanes are done and the final bake runs.
    pub(in crate::fleet) baking: bool,
    /// Version of its own timers: bakes and looks.
    pub(in crate::fleet) generation: Generation,

    pub(in crate::fleet) breaker: Breaker,
    pub(in crate::fleet) threshold: u32,
    pub(in crate::fleet) breaker_failures: u32,
    pub(in crate::fleet) breaker_status: MonitorStatus,
    /// Alarms it watches; empty when they are not enabled.
    pub(in crate::fleet) alarms: Vec<usize>,
    pub(in crate::fleet) ignored_alarms: Vec<usize>,
    pub(in crate::fleet) alarms_triggered: Vec<usize>,
    pub(in crate::fleet) alarms_status: MonitorStatus,
    pub(in crate::fleet) look_due: bool,

    pub(in crate::fleet) defective: bool,
    pub(in crate::fleet) hosts_in_scope: u32,
    pub(in crate::fleet) hosts_exposed: u32,
    /// Lineages that have run a defective revision, a bit each.
    exposed: Vec<u64>,
    pub(in crate::fleet) drain_wait_max: Option<SimDuration>,
}

impl Deployment {
    /// The epoch that it hands out now.
    pub(in crate::fleet) fn phase_epoch(&self) -> u16 {
        self.rollback.unwrap_or(self.forward)
    }

    /// Whether it still has to replace an instance that carries `epoch`.
    pub(in crate::fleet) fn is_off_target(&self, scope: RollbackScope, epoch: u16) -> bool {
        match (self.rollback, scope) {
            (None, _) => epoch != self.forward,
            (Some(_), RollbackScope::UpdatedOnly) => epoch == self.forward,
            (Some(rollback), RollbackScope::All) => epoch != rollback,
        }
    }

    /// Notes how long an instance that it drained was DRAINING.
    pub(in crate::fleet) fn note_drain(&mut self, wait: SimDuration) {
        self.drain_wait_max = Some(self.drain_wait_max.map_or(wait, |longest| longest.max(wait)));
    }

    /// Notes that a lineage runs a defective revision, until a monitor triggers or it ends.
    pub(in crate::fleet) fn expose(&mut self, lineage: u32) {
        if self.triggered_at.is_some() || self.status.is_final() {
            return;
        }
        let (word, bit) = (lineage as usize / 64, 1 << (lineage % 64));
        if self.exposed.len() <= word {
            self.exposed.resize(word + 1, 0);
        }
        if self.exposed[word] & bit == 0 {
            self.exposed[word] |= bit;
            self.hosts_exposed += 1;
        }
    }
}

impl World {
    /// Adds an epoch and gives its number.
    pub(in crate::fleet) fn add_epoch(&mut self, epoch: Epoch) -> u16 {
        self.epochs.push(epoch);
        self.epoch_active.push(0);
        (self.epochs.len() - 1) as u16
    }
}

/// An action of the timeline fell due; it is acted upon once the facts of the instant are in.
pub(in crate::fleet) fn issued(w: &mut World, agenda: &mut FleetAgenda, action: usize) {
    w.issued.push(action);
    w.wake(agenda, Decider::Deployments);
}

/// New requests first, in file order; then every lane and deployment goes as far as it can.
pub(in crate::fleet) fn decide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    let mut issued = std::mem::take(&mut w.issued);
    issued.sort_unstable();
    for action in issued.drain(..) {
        match &scn.timeline[action].request {
            Request::Deploy(deploy) => create(scn, w, agenda, deploy),
            Request::Scale(scale) => scaling::scale(scn, w, agenda, scale.service, scale.desired),
            // It struck among the facts of this instant.
            Request::Fault(_) => {}
        }
        w.actions_left -= 1;
    }
    w.issued = issued;
    for index in 0..w.deployments.len() {
        if w.deployments[index].status.is_final() {
            continue;
        }
        if w.deployments[index].held {
            if blocked_by_another(scn, w, index) {
                continue;
            }
            w.deployments[index].held = false;
            close_off_target(scn, w, agenda);
            lanes::begin_phase(scn, w, agenda, index);
        }
        lanes::advance(scn, w, agenda, index);
    }
    let ended = w.actions_left == 0 && w.deployments.iter().all(|deployment| deployment.status.is_final());
    if ended && !w.ending && !w.deployments.is_empty() {
        w.ending = true;
        agenda.schedule(scn.simulation.observe_after, Phase::Fact, Event::ObservationEnded);
    }
}

/// Whether an earlier deployment of another daemon holds this one back (A10).
fn blocked_by_another(scn: &Scenario, w: &World, index: usize) -> bool {
    let this = &w.deployments[index];
    scn.assumptions.concurrent_daemons == ConcurrentDaemons::Serialised
        && w.deployments[..index].iter().any(|earlier| {
            !earlier.status.is_final()
                && earlier.daemon != this.daemon
                && earlier.scope.iter().any(|provider| this.scope.contains(provider))
        })
}

fn create(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, deploy: &Deploy) {
    let (now, daemon) = (agenda.now(), deploy.daemon);
    if let Some(open) = w.open[daemon] {
        w.deployments[usize::from(open)].stopped_at.get_or_insert(now);
        let reason = "superseded by a newer deployment".to_owned();
        finish(scn, w, agenda, usize::from(open), DeploymentStatus::Stopped, reason);
        if scn.assumptions.superseded == Superseded::Cancel {
            recall::call_off(scn, w, agenda, daemon);
        }
    }
    let index = w.deployments.len();
    let settings = deploy.target.clone();
    let forward = w.add_epoch(Epoch { deployment: Some(index as u16), settings });
    let deployment = new_deployment(scn, w, deploy, forward, now);
    let hosts = deployment.hosts_in_scope;
    w.deployments.push(deployment);
    w.open[daemon] = Some(index as u16);
    lanes::count_hosts(scn, w, index);
    set_status(scn, w, now, index, DeploymentStatus::Pending, String::new());
    expose_running(w, index);
    let provider_is_empty = |provider: &usize| w.providers[*provider].existing.value() == 0;
    if hosts == 0 && w.deployments[index].scope.iter().all(provider_is_empty) {
        start(scn, w, now, index);
        finish(scn, w, agenda, index, DeploymentStatus::Successful, "no instances to update".to_owned());
        return;
    }
    w.deployments[index].held = blocked_by_another(scn, w, index);
    close_off_target(scn, w, agenda);
    if lanes::inherits(w, index) {
        start(scn, w, now, index);
    }
    if !w.deployments[index].held {
        lanes::begin_phase(scn, w, agenda, index);
    }
}

fn new_deployment(scn: &Scenario, w: &World, deploy: &Deploy, forward: u16, now: SimTime) -> Deployment {
    let mut scope = deploy.target.as_ref().map_or_else(Vec::new, |target| target.providers.clone());
    // Instances that have the daemon now are replaced too, also where it shall no longer run.
    for slot in 0..w.instances.len() as u32 {
        let provider = usize::from(w.instances[slot as usize].provider);
        let task = &w.daemon_tasks[w.daemon_row(slot, deploy.daemon)];
        let there = w.instances[slot as usize].state != InstanceState::Vacant;
        if there && task.state != DaemonState::Absent && !scope.contains(&provider) {
            scope.push(provider);
        }
    }
    let hosts_in_scope = scope.iter().map(|provider| w.providers[*provider].on_duty).sum();
    let alarms = deploy.configuration.alarms.clone();
    Deployment {
        daemon: deploy.daemon,
        status: DeploymentStatus::Pending,
        reason: String::new(),
        created_at: now,
        started_at: None,
        stopped_at: None,
        finished_at: None,
        rollback_started_at: None,
        triggered_at: None,
        harm_at: None,
        drain_percent: deploy.configuration.drain_percent,
        bake: deploy.configuration.bake,
        scope,
        forward,
        rollback: None,
        held: false,
        baking: false,
        generation: Generation::default(),
        breaker: Breaker::default(),
        threshold: breaker::threshold(scn.assumptions.breaker_threshold, hosts_in_scope),
        breaker_failures: 0,
        breaker_status: MonitorStatus::Monitoring,
        alarms_status: if alarms.is_empty() { MonitorStatus::Disabled } else { MonitorStatus::Monitoring },
        alarms,
        ignored_alarms: Vec::new(),
        alarms_triggered: Vec::new(),
        look_due: false,
        defective: deploy.target.as_ref().is_some_and(|target| !w.defects[target.revision].is_empty()),
        hosts_in_scope,
        hosts_exposed: 0,
        exposed: Vec::new(),
        drain_wait_max: None,
    }
}

/// Hosts that run a defective revision of the daemon when a deployment is created.
fn expose_running(w: &mut World, index: usize) {
    if w.defects.iter().all(Vec::is_empty) {
        return;
    }
    let daemon = w.deployments[index].daemon;
    for slot in 0..w.instances.len() {
        let row = &w.instances[slot];
        let task = &w.daemon_tasks[w.daemon_row(slot as u32, daemon)];
        if row.state == InstanceState::Vacant || !task.state.runs() {
            continue;
        }
        let gives = w.epochs[usize::from(task.epoch)].gives(usize::from(row.provider));
        if gives.is_some_and(|(revision, _)| !w.defects[revision].is_empty()) {
            let lineage = row.lineage;
            w.deployments[index].expose(lineage);
        }
    }
}

/// The deployment acts for the first time: it is IN_PROGRESS, and its alarms are watched.
pub(in crate::fleet) fn start(scn: &Scenario, w: &mut World, now: SimTime, index: usize) {
    if w.deployments[index].started_at.is_none() {
        w.deployments[index].started_at = Some(now);
        set_status(scn, w, now, index, DeploymentStatus::InProgress, String::new());
        alarm::watch(w, index);
    }
}

/// All lanes are done: the final bake, or the end.
pub(in crate::fleet) fn lanes_done(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    index: usize,
    bakes: bool,
) {
    let deployment = &mut w.deployments[index];
    if deployment.rollback.is_some() {
        let reason = deployment.reason.clone();
        finish(scn, w, agenda, index, DeploymentStatus::RollbackSuccessful, reason);
        return;
    }
    if deployment.baking {
        return;
    }
    start(scn, w, agenda.now(), index);
    let deployment = &mut w.deployments[index];
    if !bakes || deployment.bake == SimDuration::ZERO {
        finish(scn, w, agenda, index, DeploymentStatus::Successful, String::new());
        return;
    }
    deployment.baking = true;
    let (bake, generation) = (deployment.bake, deployment.generation);
    w.tell(agenda.now(), |_| Change::Bake { deployment: index + 1, minutes: bake.as_ms() / 60_000 });
    agenda.schedule(bake, Phase::Fact, Event::DeploymentBaked { deployment: index as u32, generation });
}

/// The final bake is over.
pub(in crate::fleet) fn baked(w: &mut World, agenda: &mut FleetAgenda, index: usize) {
    w.deployments[index].bake = SimDuration::ZERO;
    w.deployments[index].baking = false;
    w.wake(agenda, Decider::Deployments);
}

/// Moves a deployment to a status.
pub(in crate::fleet) fn set_status(
    scn: &Scenario,
    w: &mut World,
    now: SimTime,
    index: usize,
    status: DeploymentStatus,
    reason: String,
) {
    let deployment = &mut w.deployments[index];
    assert!(!deployment.status.is_final(), "a final status is final");
    deployment.status = status;
    deployment.reason.clone_from(&reason);
    let daemon = deployment.daemon;
    w.tell(now, |_| Change::Deployment {
        deployment: index + 1,
        daemon: scn.daemons[daemon].name.clone(),
        status: status.as_str(),
        reason,
    });
}

/// Ends a deployment.
pub(in crate::fleet) fn finish(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    index: usize,
    status: DeploymentStatus,
    reason: String,
) {
    let now = agenda.now();
    set_status(scn, w, now, index, status, reason);
    let deployment = &mut w.deployments[index];
    deployment.finished_at = Some(now);
    deployment.generation = deployment.generation.next();
    for monitor in [&mut deployment.breaker_status, &mut deployment.alarms_status] {
        if *monitor == MonitorStatus::Monitoring {
            *monitor = MonitorStatus::MonitoringComplete;
        }
    }
    if status == DeploymentStatus::Successful {
        w.settled[deployment.daemon] = deployment.forward;
    } else if status == DeploymentStatus::RollbackSuccessful {
        // "No daemon" after a removal (A7) is what the rollback settled on as well.
        w.settled[deployment.daemon] = deployment.phase_epoch();
    }
    w.open[deployment.daemon] = None;
    close_off_target(scn, w, agenda);
    w.wake(agenda, Decider::Deployments);
    scale_in::look_again(w, agenda);
}

/// The epoch that an instance of a lineage, there or still to come, gets of a daemon when it
/// registers now (A14).
pub(in crate::fleet) fn epoch_for_new(
    scn: &Scenario,
    w: &World,
    daemon: usize,
    provider: usize,
    lineage: u32,
) -> u16 {
    let settled = w.settled[daemon];
    let Some(open) = w.open[daemon] else { return settled };
    let deployment = &w.deployments[usize::from(open)];
    match deployment.status {
        DeploymentStatus::Pending => settled,
        DeploymentStatus::InProgress => {
            let own = || lanes::launched(scn, w, daemon, provider, lineage);
            match scn.assumptions.new_instances {
                NewInstances::LastSuccessful if !own() => settled,
                NewInstances::Source if !own() => {
                    let kept = w.lineage_daemons.get(w.lineage_daemon_row(lineage, daemon));
                    kept.map_or(settled, |kept| kept.last_epoch)
                }
                _ => deployment.forward,
            }
        }
        _ => deployment.phase_epoch(),
    }
}

/// Whether an instance that is launched now would be closed to tasks as soon as it registers, so
/// that to launch it for tasks would be no use. Where nothing else is left, it is all the same:
/// the deployment that closes it may wait for something to replace.
pub(in crate::fleet) fn closes_new(scn: &Scenario, w: &World, provider: usize) -> bool {
    scn.assumptions.displaced_tasks == DisplacedTasks::ReplacementsOnly
        && w.providers[provider].on_duty > 0
        && w.open.iter().flatten().any(|open| {
            let deployment = &w.deployments[usize::from(*open)];
            let epoch = epoch_for_new(scn, w, deployment.daemon, provider, w.lineages.len() as u32);
            !deployment.held
                && deployment.scope.contains(&provider)
                && deployment.is_off_target(scn.assumptions.rollback_scope, epoch)
        })
}

/// A5: with `replacementsOnly` displaced tasks may not land on an instance that an open
/// deployment still has to replace.
pub(in crate::fleet) fn close_if_off_target(scn: &Scenario, w: &mut World, slot: u32) {
    if scn.assumptions.displaced_tasks == DisplacedTasks::ReplacementsOnly {
        let row = &w.instances[slot as usize];
        let closed = w.open.iter().flatten().any(|open| {
            let deployment = &w.deployments[usize::from(*open)];
            let task = &w.daemon_tasks[w.daemon_row(slot, deployment.daemon)];
            // One that waits for another's deployment (A10) wants nothing replaced yet.
            !deployment.held
                && deployment.scope.contains(&usize::from(row.provider))
                && deployment.is_off_target(scn.assumptions.rollback_scope, task.epoch)
        });
        w.instances[slot as usize].closed = closed;
    }
}

/// The same for every ACTIVE instance, when a deployment begins, turns back or ends.
pub(in crate::fleet) fn close_off_target(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    if scn.assumptions.displaced_tasks == DisplacedTasks::ReplacementsOnly {
        for slot in 0..w.instances.len() as u32 {
            if w.instances[slot as usize].state == InstanceState::Active {
                close_if_off_target(scn, w, slot);
            }
        }
        placement::refile_all(w);
        // What is open again may be the room that somebody waits for.
        if w.services.iter().any(|service| !service.waiting.is_empty()) {
            w.wake(agenda, Decider::Services);
        }
    }
}

/// Whether an ACTIVE instance lacks the non-critical daemon that a deployment gave it (A17). One that
/// lacks a critical daemon is a matter for repair.
pub(in crate::fleet) fn lacks_daemon(w: &World, slot: u32, deployment: &Deployment) -> bool {
    let task = &w.daemon_tasks[w.daemon_row(slot, deployment.daemon)];
    w.instances[slot as usize].state == InstanceState::Active
        && task.epoch == deployment.forward
        && !daemons::is_critical(w, slot, deployment.daemon)
        && matches!(task.state, DaemonState::Stopped | DaemonState::Starting)
}

/// Whether applications may run on an instance as far as one daemon goes: it is not critical
/// there, or has been up as the gate asks (A11).
pub(in crate::fleet) fn lacks_nothing_to_run(scn: &Scenario, w: &World, slot: u32, daemon: usize) -> bool {
    let task = &w.daemon_tasks[w.daemon_row(slot, daemon)];
    let been_up = task.proven || (scn.assumptions.app_gate == AppGate::Running && task.run > 0);
    been_up || !daemons::is_critical(w, slot, daemon)
}
