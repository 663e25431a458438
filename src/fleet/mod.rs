//! The fleet model: what ECS and EC2 do to a fleet while daemons are rolled out.
//!
//! It owns the world of one run and the rules it changes by; it draws by address
//! only, knows no other seed, and leaves nothing but an [`Outcome`].
//!
//! - `event`: everything that can happen, one closed list
//! - `tables`, `tasks`, `rooms`, `gauge`: the rows and counters of the world
//! - `world`: the state of one run and the transitions every system goes through
//! - `start`: the fleet at time zero
//! - `systems`: what ECS does, free functions, the only writers
//! - `record`, `log`: the way out: facts for everybody, the story for who asks
//! - `check`: what must hold after every event

mod check;
mod event;
mod foresight;
mod gauge;
mod keys;
mod log;
mod record;
mod rooms;
mod start;
mod systems;
mod tables;
mod tasks;
mod world;

pub use log::{Change, LogEntry};

use crate::engine::agenda::{Agenda, Phase};
use crate::engine::drive::{self, Limits, Model, Stop};
use crate::engine::time::{SimDuration, SimTime};
use crate::outcome::{Outcome, StopReason};
use crate::scenario::Scenario;

use event::{Event, InstanceRef};
use systems::{
    alarm, breaker, daemons, deployment, draining, faults, lanes, provisioning, registration, repair,
    scale_in, scaling, services, standalone,
};
use tables::InstanceState;
use world::{FleetAgenda, TaskStep, World};

/// The buffers of a run, reused from seed to seed by whoever runs many.
#[derive(Debug)]
pub struct Workspace {
    world: World,
    agenda: FleetAgenda,
}

impl Workspace {
    /// Empty buffers.
    pub fn new() -> Self {
        Self { world: World::default(), agenda: Agenda::new() }
    }

    /// The same on the engine's heap, which gives the same runs, slower: the oracle of tests.
    pub fn heap_oracle() -> Self {
        Self { world: World::default(), agenda: Agenda::heap_oracle() }
    }

    /// The event that was being handled last and its instant, for the report of a bug of ours.
    pub fn last_event(&self) -> String {
        match self.world.current {
            Some((at, event)) => format!("{event:?} at {at}"),
            None => "no event yet".to_owned(),
        }
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self::new()
    }
}

/// Who watches a run, event by event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    Nothing,
    Invariants,
}

/// Runs one seed of a scenario.
///
/// `interrupted` is asked now and then; once it says yes there is no outcome.
///
/// # Panics
/// On a bug of ours only; [`Workspace::last_event`] then tells where.
pub fn simulate(
    scenario: &Scenario,
    seed: u64,
    workspace: &mut Workspace,
    interrupted: &dyn Fn() -> bool,
) -> Option<Outcome> {
    run(scenario, seed, workspace, Watch::Nothing, interrupted)
}

/// Runs one seed and checks after every event what must hold whatever happens; for tests.
///
/// # Panics
/// When an invariant is broken.
pub fn simulate_checked(scenario: &Scenario, seed: u64, workspace: &mut Workspace) -> Outcome {
    run(scenario, seed, workspace, Watch::Invariants, &|| false).expect("nobody interrupts")
}

/// Runs one seed and tells its story.
///
/// # Panics
/// On a bug of ours only.
pub fn narrate(scenario: &Scenario, seed: u64, workspace: &mut Workspace) -> (Outcome, Vec<LogEntry>) {
    workspace.world.log = Some(Vec::new());
    let outcome = run(scenario, seed, workspace, Watch::Nothing, &|| false).expect("nobody interrupts");
    let mut story = workspace.world.log.take().unwrap_or_default();
    let reason = outcome.stop.as_str();
    story.push(LogEntry { at: outcome.ended_at, change: Change::Ended { reason } });
    (outcome, story)
}

fn run(
    scn: &Scenario,
    seed: u64,
    workspace: &mut Workspace,
    watch: Watch,
    interrupted: &dyn Fn() -> bool,
) -> Option<Outcome> {
    let Workspace { world, agenda } = workspace;
    start::begin(scn, world, agenda, seed);
    let horizon = SimTime::ZERO + scn.simulation.horizon;
    let limits = Limits { horizon, events_max: scn.simulation.max_events };
    let mut fleet = Fleet { scn, world, watch };
    let ended = drive::run(&mut fleet, agenda, &limits, interrupted);
    let (stop, at) = match ended.stop {
        Stop::Interrupted => return None,
        Stop::Finished => (StopReason::Complete, ended.at),
        Stop::EventLimit => (StopReason::Events, ended.at),
        // With nothing left to happen, time still passes until the horizon.
        Stop::Drained | Stop::Horizon if scn.deployments() == 0 => (StopReason::Complete, horizon),
        Stop::Drained | Stop::Horizon => (StopReason::Horizon, horizon),
    };
    Some(record::outcome(scn, world, record::End { stop, at, events: ended.events, digest: ended.digest }))
}

/// A world under its scenario: what the engine drives.
struct Fleet<'a> {
    scn: &'a Scenario,
    world: &'a mut World,
    watch: Watch,
}

impl Model for Fleet<'_> {
    type Event = Event;

    #[allow(clippy::too_many_lines, reason = "an arm an event, and all of them in one place")]
    fn is_stale(&mut self, event: Event, now: SimTime) -> bool {
        let w = &mut *self.world;
        // One look at the row: events of instances come from all over the table.
        let state = |instance: InstanceRef| {
            let row = &w.instances[instance.slot as usize];
            (row.version == instance.version).then_some(row.state)
        };
        match event {
            Event::TaskStarted { task, service } => w.was_called_off(now, task, service, TaskStep::Started),
            Event::TaskTurnedHealthy { task, service } => {
                w.was_called_off(now, task, service, TaskStep::TurnedHealthy)
            }
            Event::DaemonStartEnded { instance, daemon, run }
            | Event::DaemonFoundHealthy { instance, daemon, run }
            | Event::DaemonHung { instance, daemon, run }
            | Event::DaemonFoundUnhealthy { instance, daemon, run }
            | Event::DaemonExited { instance, daemon, run }
            | Event::DaemonDegraded { instance, daemon, run }
            | Event::DaemonStopped { instance, daemon, run }
            | Event::DaemonLoadChanged { instance, daemon, run } => {
                !w.is_current(instance)
                    || w.daemon_tasks[w.daemon_row(instance.slot, usize::from(daemon))].run != run
            }
            Event::LaunchEnded { instance } => state(instance) != Some(InstanceState::Launching),
            Event::InstanceRegistered { instance } => state(instance) != Some(InstanceState::Booting),
            Event::RegistrationTimedOut { instance } => state(instance) != Some(InstanceState::Registering),
            Event::DaemonsStopped { instance } | Event::DrainDeadlineReached { instance } => {
                state(instance) != Some(InstanceState::Draining)
            }
            Event::TasksStopped { instance } => {
                let all_told = || w.instances[instance.slot as usize].left == 0;
                let have_stopped = || services::last_stop(w, instance.slot).is_some_and(|last| last <= now);
                state(instance) != Some(InstanceState::Draining) || !all_told() || !have_stopped()
            }
            Event::LifetimeReached { instance }
            | Event::ImpairmentSeen { instance }
            | Event::RepairDecided { instance } => state(instance) != Some(InstanceState::Active),
            Event::HostFailed { instance }
            | Event::LifetimeExceeded { instance }
            | Event::SpotNoticeGiven { instance }
            | Event::SpotReclaimed { instance } => {
                state(instance).is_none_or(|state| state == InstanceState::Deregistering)
            }
            Event::LaunchRetryDue { instance }
            | Event::InstanceTerminated { instance }
            | Event::InstanceQuiet { instance }
            | Event::AgentGivenUp { instance }
            | Event::AgentReconnected { instance } => !w.is_current(instance),
            Event::TaskStartFailed { task } | Event::TaskEnded { task } => w.find_live_task(task).is_none(),
            Event::TaskProtectionExpired { task } => {
                w.find_live_task(task).is_none_or(|index| !w.task(task.slot, index).is_protected)
            }
            // What stops on a draining instance has its end told by `TasksStopped`.
            Event::TaskStopped { task } => {
                w.instances[task.slot as usize].state != InstanceState::Active || w.find_task(task).is_none()
            }
            Event::TaskSeenStopped { task } => w.find_task(task).is_none(),
            Event::BatchDecided { lane, generation } | Event::LaneBaked { lane, generation } => {
                w.lanes[lane as usize].generation != generation
            }
            Event::DeploymentBaked { deployment, generation }
            | Event::AlarmLookDue { deployment, generation } => {
                w.deployments[deployment as usize].generation != generation
            }
            Event::RequestIssued { .. }
            | Event::FaultEnded { .. }
            | Event::TasksDue { .. }
            | Event::DesiredCountDue { .. }
            | Event::AlarmPeriodEnded { .. }
            | Event::AlarmDatapointVisible { .. }
            | Event::AlarmScripted { .. }
            | Event::DecisionsDue
            | Event::SpotShockStruck { .. }
            | Event::SampleDue
            | Event::ObservationEnded => false,
        }
    }

    fn foresee(&self, event: Event) {
        foresight::of_event(self.world, event);
    }

    fn handle(&mut self, event: Event, agenda: &mut FleetAgenda) {
        self.world.current = Some((agenda.now(), event));
        dispatch(self.scn, self.world, agenda, event);
        if self.watch == Watch::Invariants {
            let more = agenda.next_at() == Some(agenda.now());
            let progress = if more { check::Progress::Underway } else { check::Progress::Over };
            check::invariants(self.scn, self.world, agenda.now(), progress);
        }
    }

    fn is_over(&self) -> bool {
        self.world.over
    }
}

/// Hands an event to the system it concerns.
#[allow(clippy::too_many_lines, reason = "an arm an event, and all of them in one place")]
fn dispatch(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, event: Event) {
    match event {
        Event::RequestIssued { action } => {
            faults::timeline::struck(scn, w, agenda, action as usize);
            deployment::issued(w, agenda, action as usize);
        }
        Event::FaultEnded { action } => faults::timeline::ended(scn, w, agenda.now(), action as usize),
        Event::LaunchEnded { instance } => provisioning::launch_ended(scn, w, agenda, instance.slot),
        Event::LaunchRetryDue { instance } => provisioning::retry_due(w, agenda, instance.slot),
        Event::InstanceRegistered { instance } => registration::registered(scn, w, agenda, instance.slot),
        Event::RegistrationTimedOut { instance } => registration::timed_out(scn, w, agenda, instance.slot),
        Event::DaemonStartEnded { instance, daemon, .. } => {
            daemons::start_ended(scn, w, agenda, instance.slot, daemon.into());
        }
        Event::DaemonFoundHealthy { instance, daemon, .. } => {
            daemons::found_healthy(scn, w, agenda, instance.slot, daemon.into());
        }
        Event::DaemonHung { instance, daemon, .. } => {
            daemons::hung(scn, w, agenda, instance.slot, daemon.into());
        }
        Event::DaemonFoundUnhealthy { instance, daemon, .. } => {
            daemons::found_unhealthy(scn, w, agenda, instance.slot, daemon.into());
        }
        Event::DaemonExited { instance, daemon, .. } => {
            daemons::exited(scn, w, agenda, instance.slot, daemon.into());
        }
        Event::DaemonDegraded { instance, daemon, .. } => {
            daemons::degraded(scn, w, agenda, instance.slot, daemon.into());
        }
        Event::DaemonStopped { instance, daemon, .. } => {
            daemons::stopped(scn, w, agenda, instance.slot, daemon.into());
        }
        Event::TaskStarted { task, service } => services::started(scn, w, agenda, task, service.into()),
        Event::TaskStartFailed { task } => services::failed_to_start(scn, w, agenda, task),
        Event::TaskTurnedHealthy { task, service } => {
            services::turned_healthy(scn, w, agenda, task, service.into());
        }
        Event::TaskStopped { task } => services::stopped(scn, w, agenda, task),
        Event::TaskSeenStopped { task } => services::seen_stopped(scn, w, agenda.now(), task),
        Event::TasksStopped { instance } => services::all_stopped(scn, w, agenda, instance.slot),
        Event::TaskEnded { task } => services::ended(scn, w, agenda, task),
        Event::TaskProtectionExpired { task } => services::protection_expired(scn, w, agenda, task),
        Event::TasksDue { service } => standalone::due(scn, w, agenda, service as usize),
        Event::DesiredCountDue { service, step } => scaling::due(scn, w, agenda, service as usize, step),
        Event::DrainDeadlineReached { instance } => {
            draining::deadline_reached(scn, w, agenda, instance.slot);
        }
        Event::DaemonsStopped { instance } => draining::daemons_stopped(scn, w, agenda, instance.slot),
        Event::InstanceTerminated { instance } => provisioning::terminated(scn, w, agenda, instance.slot),
        Event::HostFailed { instance } => faults::hazards::host_failed(scn, w, agenda, instance.slot),
        Event::LifetimeReached { instance } => {
            faults::hazards::lifetime_reached(scn, w, agenda, instance.slot);
        }
        Event::LifetimeExceeded { instance } => {
            faults::hazards::lifetime_exceeded(scn, w, agenda, instance.slot);
        }
        Event::InstanceQuiet { instance } => scale_in::due(scn, w, agenda, instance.slot),
        Event::SpotShockStruck { provider, zone } => {
            faults::spot::shock(scn, w, agenda, provider.into(), zone);
        }
        Event::SpotNoticeGiven { instance } => faults::spot::noticed(scn, w, agenda, instance.slot),
        Event::SpotReclaimed { instance } => faults::spot::reclaimed(scn, w, agenda, instance.slot),
        Event::AgentGivenUp { instance } => faults::agents::threshold_passed(scn, w, agenda, instance.slot),
        Event::AgentReconnected { instance } => faults::agents::reconnected(scn, w, agenda, instance.slot),
        Event::DaemonLoadChanged { instance, daemon, .. } => {
            daemons::load_changed(scn, w, agenda.now(), instance.slot, daemon.into());
        }
        Event::ImpairmentSeen { instance } => repair::seen(scn, w, agenda, instance.slot),
        Event::RepairDecided { instance } => repair::decided(w, agenda, instance.slot),
        Event::BatchDecided { lane, .. } | Event::LaneBaked { lane, .. } => {
            lanes::timer_due(w, agenda, lane as usize);
        }
        Event::DeploymentBaked { deployment, .. } => deployment::baked(w, agenda, deployment as usize),
        Event::AlarmPeriodEnded { alarm } => alarm::period_ended(scn, w, agenda, alarm as usize),
        Event::AlarmDatapointVisible { alarm } => alarm::datapoint_visible(scn, w, agenda, alarm as usize),
        Event::AlarmScripted { alarm, step } => {
            alarm::scripted(scn, w, agenda, alarm as usize, step as usize);
        }
        Event::AlarmLookDue { deployment, .. } => alarm::look_due(w, agenda, deployment as usize),
        Event::DecisionsDue => decide(scn, w, agenda),
        Event::SampleDue => {
            w.samples.push(record::sample(scn, w));
            agenda.schedule(scn.simulation.sample_every, Phase::Observe, Event::SampleDue);
        }
        Event::ObservationEnded => {
            w.ended = true;
            w.wake(agenda, world::Decider::Launches);
        }
    }
}

/// Every system that has something to decide does so, once, in the fixed order.
fn decide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    if std::mem::take(&mut w.dirty.monitors) {
        breaker::decide(scn, w, agenda);
    }
    if std::mem::take(&mut w.dirty.deployments) {
        deployment::decide(scn, w, agenda);
    }
    if std::mem::take(&mut w.dirty.repair) {
        repair::decide(scn, w, agenda);
    }
    if std::mem::take(&mut w.dirty.services) {
        services::decide(scn, w, agenda);
    }
    if std::mem::take(&mut w.dirty.scale_in) {
        scale_in::decide(scn, w, agenda);
    }
    if std::mem::take(&mut w.dirty.launches) {
        provisioning::decide(scn, w, agenda);
    }
    let dirty = &mut w.dirty;
    if dirty.monitors || dirty.deployments || dirty.repair || dirty.services || dirty.scale_in {
        agenda.schedule(SimDuration::ZERO, Phase::Decide, Event::DecisionsDue);
    } else {
        dirty.pending = false;
        w.over = w.ended;
    }
}
