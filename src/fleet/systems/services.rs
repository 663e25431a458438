//! Application services: how many tasks they stop, start and want placed.
//!
//! A draining instance's tasks are *displaced*: the service starts a replacement for
//! each as far as `maximumPercent` allows, and lets a displaced task stop as soon as
//! enough others are healthy for `minimumHealthyPercent` (Amazon ECS developer guide,
//! "Draining container instances": the lower limit rounds up, the upper one down).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use crate::engine::agenda::Phase;
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::{Event, TaskRef};
use crate::fleet::gauge::{Gauge, Rate};
use crate::fleet::log::Change;
use crate::fleet::rooms::ZoneSet;
use crate::fleet::tables::{Instance, InstanceState};
use crate::fleet::tasks::{Task, TaskState};
use crate::fleet::world::{Decider, FleetAgenda, TaskStep, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::{ProtectedTasks, Superseded};
use crate::scenario::model::Service;

use super::{draining, placement, scale_in, scaling};

/// A task that wants an instance.
#[derive(Clone, Copy, Debug)]
pub(in crate::fleet) struct Waiting {
    /// Which of all tasks of the run it is; the oldest is placed first.
    pub(in crate::fleet) serial: u32,
    pub(in crate::fleet) ordinal: u32,
    pub(in crate::fleet) generation: u32,
}

/// A place whose task was displaced or lost and has no successor yet.
#[derive(Clone, Copy, Debug)]
pub(in crate::fleet) struct Orphan {
    pub(in crate::fleet) ordinal: u32,
    /// Generation of the successor.
    pub(in crate::fleet) generation: u32,
}

/// A draining instance with tasks to stop: fewest left first, then index, older generation first.
///
/// One number, most significant first: tasks left, lineage, generation, slot. A large fleet keeps
/// as many as a batch has instances and compares them at every step through the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::fleet) struct Drain(u128);

impl Drain {
    fn of(row: &Instance, slot: u32) -> Self {
        let [left, lineage, generation, slot] = [row.left, row.lineage, row.generation, slot].map(u128::from);
        Self(left << 96 | lineage << 64 | generation << 32 | slot)
    }

    fn slot(self) -> u32 {
        self.0 as u32
    }

    fn left(self) -> u32 {
        (self.0 >> 96) as u32
    }

    /// Whether a row is that of the instance, however many tasks are left there now.
    fn is_of(self, row: &Instance) -> bool {
        self.0 as u64 >> 32 == u64::from(row.generation) && (self.0 >> 64) as u32 == row.lineage
    }
}

/// What is kept per service, and per group of standalone tasks.
#[derive(Debug, Default)]
pub(in crate::fleet) struct ServiceState {
    pub(in crate::fleet) is_standalone: bool,
    /// Whether somebody wants to know which of its tasks started: a log, or what hangs on where
    /// and when a task runs.
    pub(in crate::fleet) is_followed: bool,
    /// Whether its requests suffer from defects of this seed, so that it counts the tasks beside them.
    pub(in crate::fleet) is_exposed: bool,
    /// The capacity provider of its tasks.
    pub(in crate::fleet) provider: usize,
    /// Zones that may have room for another task of it: not those found full since room was last filed there.
    pub(in crate::fleet) open_zones: ZoneSet,
    /// Tasks it wants now.
    pub(in crate::fleet) desired: u32,
    /// Places that it fills or means to fill: those wanted, and what is not shed yet.
    pub(in crate::fleet) places: u32,
    /// Ordinals that have stood for a place, and do so no longer, with their next generation.
    pub(in crate::fleet) spare: BTreeMap<u32, u32>,
    /// Ordinals so far.
    pub(in crate::fleet) ordinals: u32,
    /// Lowest percentage of those wanted that ran, until the desired count last changed.
    pub(in crate::fleet) min_running_pct: Option<f64>,
    /// Healthy tasks were lost with their instance and are not made up for yet: it may be below
    /// its floor.
    pub(in crate::fleet) bereft: bool,
    /// Tasks waiting, pending and running; those told to stop are out.
    pub(in crate::fleet) live: u32,
    /// Within an instant it may be below zero, like a [`Gauge`].
    pub(in crate::fleet) healthy: i64,
    /// Tasks RUNNING and not told to stop, against those desired.
    pub(in crate::fleet) running: Gauge,
    /// Pending and running tasks per zone.
    pub(in crate::fleet) zone_tasks: Vec<u32>,
    /// Tasks without an instance, oldest first.
    pub(in crate::fleet) waiting: VecDeque<Waiting>,
    pub(in crate::fleet) orphans: VecDeque<Orphan>,
    /// Per ordinal: tasks that have stood for it. Kept only where drains are called off, so that
    /// two tasks may stand for one; elsewhere each knows its own number.
    pub(in crate::fleet) generations: Option<Vec<u32>>,
    /// Draining instances that have healthy tasks of this service.
    pub(in crate::fleet) drains: BinaryHeap<Reverse<Drain>>,
    /// Share of requests that fail now; only kept with traffic.
    pub(in crate::fleet) errors: Rate,
    /// Running tasks on degraded hosts, per degradation.
    pub(in crate::fleet) degraded: Vec<u32>,
}

impl ServiceState {
    /// A service with nothing running yet; buffers are kept.
    pub(in crate::fleet) fn reset(&mut self, scn: &Scenario, spec: &Service, degradations: usize) {
        let desired = spec.desired;
        self.is_standalone = spec.standalone.is_some();
        (self.is_followed, self.is_exposed) = (false, spec.traffic.is_some() && degradations > 0);
        self.provider = spec.provider;
        self.open_zones = ZoneSet::of(scn.providers[spec.provider].zones as usize);
        (self.desired, self.places, self.ordinals) = (desired, desired, desired);
        self.spare.clear();
        self.min_running_pct = None;
        self.bereft = false;
        self.live = 0;
        self.healthy = 0;
        self.running = Gauge::new(u64::from(desired), u64::from(desired));
        self.zone_tasks.clear();
        self.zone_tasks.resize(scn.providers[spec.provider].zones as usize, 0);
        self.waiting.clear();
        self.orphans.clear();
        let two_may_stand = scn.assumptions.superseded == Superseded::Cancel;
        self.generations = two_may_stand.then(|| vec![1; desired as usize]);
        self.drains.clear();
        self.errors = Rate::new(0.0);
        self.degraded.clear();
        self.degraded.resize(degradations, 0);
    }

    /// A place that no task has stood for yet.
    pub(in crate::fleet) fn new_place(&mut self) -> Orphan {
        let ordinal = self.ordinals;
        self.ordinals = self.ordinals.saturating_add(1);
        if let Some(generations) = &mut self.generations {
            generations.push(0);
        }
        Orphan { ordinal, generation: 0 }
    }

    /// Keeps the worst moment under the present desired count, as of the last settling.
    pub(in crate::fleet) fn note_worst_moment(&mut self) {
        // A count that held for no time has no worst moment.
        if self.desired > 0 && self.running.min() < u64::MAX {
            let percent = 100.0 * self.running.min() as f64 / f64::from(self.desired);
            self.min_running_pct = Some(self.min_running_pct.map_or(percent, |worst| worst.min(percent)));
        }
    }
}

/// What a live task is now.
pub(in crate::fleet) fn state_of(scn: &Scenario, task: &Task, now: SimTime) -> TaskState {
    task.state(now, scn.services[usize::from(task.service)].healthy_after)
}

/// Settles whose tasks are followed one by one in this run.
pub(in crate::fleet) fn follow(scn: &Scenario, w: &mut World) {
    let all = w.log.is_some() || w.scales_in;
    for (state, spec) in w.services.iter_mut().zip(&scn.services) {
        state.is_followed = all || state.is_standalone || spec.protection.is_some();
    }
}

/// Every service stops what it may, starts what it should, and has the waiting placed.
pub(in crate::fleet) fn decide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    for service in 0..w.services.len() {
        stop_displaced(scn, w, agenda, service);
        scaling::shed(scn, w, agenda, service);
        start_missing(scn, w, service, agenda.now());
    }
    placement::place_waiting(scn, w, agenda);
    // What still waits may have instances launched for it, in this very decision.
    let on_demand = |service: &usize| w.providers[scn.services[*service].provider].on_demand;
    w.dirty.launches |= (0..w.services.len()).any(|s| on_demand(&s) && !w.services[s].waiting.is_empty());
}

fn stop_displaced(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, service: usize) {
    let floor = i64::from(scn.services[service].floor(w.services[service].desired));
    while w.services[service].healthy > floor {
        let Some(&Reverse(drain)) = w.services[service].drains.peek() else { return };
        let slot = drain.slot();
        let instance = &w.instances[slot as usize];
        let drains = drain.is_of(instance) && instance.state == InstanceState::Draining;
        let stoppable = if drains { stoppable_task_on(scn, w, agenda.now(), slot, service) } else { None };
        let Some(index) = stoppable else {
            w.services[service].drains.pop();
            continue;
        };
        if instance.left == drain.left() {
            w.app_tasks_restarted += 1;
            tell_to_stop(scn, w, agenda, slot, index);
            await_last_stop(w, agenda, slot);
            refile_neighbours(scn, w, agenda.now(), slot, service);
        }
        // With fewer left the entry stays in front: its instance empties before another begins to.
        if let Some(mut front) = w.services[service].drains.peek_mut() {
            front.0 = Drain::of(&w.instances[slot as usize], slot);
        }
    }
}

/// A healthy task of a service that a drain of its instance may stop, the newest: not one that
/// protects itself (A12).
fn stoppable_task_on(scn: &Scenario, w: &World, now: SimTime, slot: u32, service: usize) -> Option<usize> {
    w.tasks.live(&w.instances[slot as usize]).iter().rposition(|task| {
        usize::from(task.service) == service
            && state_of(scn, task, now) == TaskState::Healthy
            && !is_waited_for(scn, w, task)
    })
}

/// Whether a drain waits for a task (A12): a standalone one, or one that protects itself.
fn is_waited_for(scn: &Scenario, w: &World, task: &Task) -> bool {
    (task.is_protected || w.services[usize::from(task.service)].is_standalone)
        && scn.assumptions.protected_tasks == ProtectedTasks::Wait
}

/// Lets the other services that have tasks on the instance know that fewer are left.
fn refile_neighbours(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, but: usize) {
    if w.services.len() == 1 {
        return;
    }
    for service in (0..w.services.len()).filter(|service| *service != but) {
        if stoppable_task_on(scn, w, now, slot, service).is_some() {
            file_drain(w, service, slot);
        }
    }
}

fn file_drain(w: &mut World, service: usize, slot: u32) {
    let drain = Drain::of(&w.instances[slot as usize], slot);
    w.services[service].drains.push(Reverse(drain));
}

fn start_missing(scn: &Scenario, w: &mut World, service: usize, now: SimTime) {
    let ceiling = scn.services[service].ceiling(w.services[service].desired);
    let room = ceiling.saturating_sub(w.services[service].live);
    for _ in 0..room {
        let state = &mut w.services[service];
        let Some(Orphan { ordinal, mut generation }) = state.orphans.pop_front() else { return };
        if let Some(generations) = &mut state.generations {
            let stood = &mut generations[ordinal as usize];
            generation = *stood;
            *stood += 1;
        }
        enqueue(scn, w, service, (ordinal, generation), now);
    }
}

/// Puts a new task at the end of the queue for an instance.
pub(in crate::fleet) fn enqueue(
    scn: &Scenario,
    w: &mut World,
    service: usize,
    (ordinal, generation): (u32, u32),
    now: SimTime,
) {
    let serial = w.next_serial;
    w.next_serial = w.next_serial.saturating_add(1);
    w.services[service].live += 1;
    w.services[service].waiting.push_back(Waiting { serial, ordinal, generation });
    tell_waiting(scn, w, service, (ordinal, generation), "PROVISIONING", now);
}

/// Displaces every task of an instance that has just turned DRAINING.
pub(in crate::fleet) fn displace(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    for index in (0..w.instances[slot as usize].left as usize).rev() {
        let task = w.task(slot, index);
        leave_place(w, &task);
        if is_waited_for(scn, w, &task) {
            continue;
        }
        match state_of(scn, &task, now) {
            // A pending task has no process yet: it goes at once.
            TaskState::Pending => drop(drop_task(scn, w, now, slot, index)),
            TaskState::Running => tell_to_stop(scn, w, agenda, slot, index),
            TaskState::Healthy => continue,
        }
        count_restart(w, &task);
    }
    for service in 0..w.services.len() {
        if stoppable_task_on(scn, w, now, slot, service).is_some() {
            file_drain(w, service, slot);
        }
    }
    await_last_stop(w, agenda, slot);
    w.wake(agenda, Decider::Services);
}

/// A live task no longer fills its place: its service means to start another for it. Standalone
/// tasks have no such place.
fn leave_place(w: &mut World, task: &Task) {
    let service = &mut w.services[usize::from(task.service)];
    if !service.is_standalone {
        service.orphans.push_back(Orphan { ordinal: task.ordinal, generation: task.generation + 1 });
    }
}

/// Counts a service's live task that is stopped, or lost, only to be started elsewhere.
fn count_restart(w: &mut World, task: &Task) {
    if !w.services[usize::from(task.service)].is_standalone {
        w.app_tasks_restarted += 1;
    }
}

/// Loses every task of an instance at once: the host is gone.
pub(in crate::fleet) fn lose_all(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    let was_draining = w.instances[slot as usize].state == InstanceState::Draining;
    while w.instances[slot as usize].left > 0 {
        let index = w.instances[slot as usize].left as usize - 1;
        let task = w.task(slot, index);
        if !was_draining {
            leave_place(w, &task);
        }
        let state = drop_task(scn, w, now, slot, index);
        w.services[usize::from(task.service)].bereft |= state == TaskState::Healthy;
        count_restart(w, &task);
    }
    drop_stopping(scn, w, now, slot);
    w.wake(agenda, Decider::Services);
}

/// Takes the tasks that have been told to stop on an instance without others out of the world.
fn drop_stopping(scn: &Scenario, w: &mut World, now: SimTime, slot: u32) {
    if w.log.is_some() {
        for index in 0..w.instances[slot as usize].tasks as usize {
            let task = w.tasks.on(&w.instances[slot as usize])[index];
            // The others have been seen to stop before.
            if task.instant().is_none_or(|stops| stops >= now) {
                tell_task(scn, w, &task, slot, "STOPPED", now);
            }
        }
    }
    w.detach_stopped(scn, slot);
}

/// Takes a live task off the service's books: it no longer counts as live, running or healthy.
/// Gives the task, and what it was.
fn count_out(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, index: usize) -> (Task, TaskState) {
    let task = w.task(slot, index);
    let state = state_of(scn, &task, now);
    let service = &mut w.services[usize::from(task.service)];
    service.live -= 1;
    service.zone_tasks[usize::from(w.instances[slot as usize].zone)] -= 1;
    service.healthy -= i64::from(state == TaskState::Healthy);
    if state != TaskState::Pending {
        service.running.lower(now, 1);
        traffic_left(scn, w, now, slot, &task);
    }
    if state != TaskState::Healthy {
        call_off_steps(scn, w, &task, state);
    }
    (task, state)
}

/// Calls off what a task had before it.
fn call_off_steps(scn: &Scenario, w: &mut World, task: &Task, state: TaskState) {
    let Some(starts) = task.instant() else { return };
    match (state, scn.services[usize::from(task.service)].healthy_after) {
        (TaskState::Pending, _) => w.call_off(starts, task.service, TaskStep::Started),
        (TaskState::Running, Some(after)) => {
            w.call_off(starts + after, task.service, TaskStep::TurnedHealthy);
        }
        _ => {}
    }
}

/// Takes a live task out of the world at once, and says what it was.
pub(in crate::fleet) fn drop_task(
    scn: &Scenario,
    w: &mut World,
    now: SimTime,
    slot: u32,
    index: usize,
) -> TaskState {
    let (task, state) = count_out(scn, w, now, slot, index);
    w.detach(scn, slot, index);
    tell_task(scn, w, &task, slot, "STOPPED", now);
    state
}

/// Tells a running task to stop; at its stop timeout it is killed.
///
/// On an instance in service its end makes room, which somebody may wait for. On a draining one
/// nothing hangs on any but the last: the drain goes on at the latest of their ends.
pub(in crate::fleet) fn tell_to_stop(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    index: usize,
) {
    let now = agenda.now();
    let (task, _) = count_out(scn, w, now, slot, index);
    let service = &scn.services[usize::from(task.service)];
    let key = w.keys.services[usize::from(task.service)].shutdown;
    let takes = service.shutdown.sample_at(key, task.ordinal, task.generation).min(service.stop_timeout);
    let instance = &mut w.instances[slot as usize];
    w.tasks.retire(instance, index, now + takes);
    let is_draining = instance.state == InstanceState::Draining;
    tell_task(scn, w, &task, slot, "STOPPING", now);
    let reference = TaskRef { slot, serial: task.serial };
    if !is_draining {
        agenda.schedule(takes, Phase::Fact, Event::TaskStopped { task: reference });
        return;
    }
    if w.log.is_some() {
        agenda.schedule(takes, Phase::Observe, Event::TaskSeenStopped { task: reference });
    }
}

/// Once all tasks of a draining instance have been told to stop, the drain goes on when the last has.
fn await_last_stop(w: &World, agenda: &mut FleetAgenda, slot: u32) {
    let instance = &w.instances[slot as usize];
    if instance.left > 0 {
        return;
    }
    if let Some(last) = last_stop(w, slot) {
        let delay = last.max(agenda.now()).since(agenda.now());
        agenda.schedule(delay, Phase::Fact, Event::TasksStopped { instance: w.reference(slot) });
    }
}

/// When the last of the tasks that have been told to stop on an instance stops; none without any.
pub(in crate::fleet) fn last_stop(w: &World, slot: u32) -> Option<SimTime> {
    w.tasks.stopping(&w.instances[slot as usize]).iter().filter_map(Task::instant).max()
}

/// A drain is called off: what has stopped on the instance by now has left its room, and what is
/// still stopping will make room when it has.
pub(in crate::fleet) fn resume_stops(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    for index in (w.instances[slot as usize].left as usize..w.instances[slot as usize].tasks as usize).rev() {
        let task = w.tasks.on(&w.instances[slot as usize])[index];
        match task.instant() {
            Some(stops) if stops > now => {
                let event = Event::TaskStopped { task: TaskRef { slot, serial: task.serial } };
                agenda.schedule(stops.since(now), Phase::Fact, event);
            }
            _ => drop(w.detach(scn, slot, index)),
        }
    }
}

/// The last task of a draining instance has stopped.
pub(in crate::fleet) fn all_stopped(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    drop_stopping(scn, w, agenda.now(), slot);
    draining::stop_daemons(scn, w, agenda, slot);
}

/// An application task is RUNNING.
pub(in crate::fleet) fn started(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    task: TaskRef,
    service: usize,
) {
    let now = agenda.now();
    w.services[service].running.raise(now, 1);
    if w.services[service].is_exposed {
        expose(w, now, task, service);
    }
    if w.services[service].is_followed {
        started_there(scn, w, agenda, task);
    }
    traffic_moved(scn, w, now, service);
    match scn.services[service].healthy_after {
        None => {}
        Some(after) if after > SimDuration::ZERO => {
            let event = Event::TaskTurnedHealthy { task, service: service as u16 };
            agenda.schedule(after, Phase::Fact, event);
        }
        Some(_) => turned_healthy(scn, w, agenda, task, service),
    }
}

/// What hangs on where a task has started; nothing if it left in the very same millisecond.
fn started_there(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: TaskRef) {
    let Some(index) = w.find_live_task(task) else { return };
    let row = w.task(task.slot, index);
    scale_in::stir(scn, w, agenda, task.slot);
    tell_task(scn, w, &row, task.slot, "RUNNING", agenda.now());
    arm_clocks(scn, w, agenda, task.slot, index);
}

/// Schedules what a task that begins to run has in store: the end of a standalone one, and that
/// of the protection that it may give itself.
fn arm_clocks(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32, index: usize) {
    let row = w.task(slot, index);
    let service = usize::from(row.service);
    let (spec, task) = (&scn.services[service], TaskRef { slot, serial: row.serial });
    if let Some(group) = &spec.standalone {
        let key = w.keys.services[service].duration;
        let takes = group.duration.sample_at(key, row.ordinal, row.generation);
        agenda.schedule(takes, Phase::Fact, Event::TaskEnded { task });
    }
    if let Some(protection) = spec.protection {
        let draw = w.keys.services[service].protection.uniform(row.ordinal, row.generation);
        if draw.below(protection.share) {
            w.tasks.row_mut(&w.instances[slot as usize], index).is_protected = true;
            tell_task(scn, w, &row, slot, "PROTECTED", agenda.now());
            agenda.schedule(protection.expires_in, Phase::Fact, Event::TaskProtectionExpired { task });
        }
    }
}

/// The same for the tasks that are running at the start: their clocks begin there.
pub(in crate::fleet) fn arm_tasks_of_the_start(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    if scn.services.iter().all(|spec| spec.standalone.is_none() && spec.protection.is_none()) {
        return;
    }
    for slot in 0..w.instances.len() as u32 {
        for index in 0..w.instances[slot as usize].left as usize {
            arm_clocks(scn, w, agenda, slot, index);
        }
    }
}

/// A task may be stopped again: by a drain that has waited for it, or by a service that wants fewer.
pub(in crate::fleet) fn protection_expired(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    TaskRef { slot, serial }: TaskRef,
) {
    let Some(index) = w.find_live_task(TaskRef { slot, serial }) else { return };
    w.tasks.row_mut(&w.instances[slot as usize], index).is_protected = false;
    let task = w.task(slot, index);
    tell_task(scn, w, &task, slot, "UNPROTECTED", agenda.now());
    if w.instances[slot as usize].state == InstanceState::Draining {
        match state_of(scn, &task, agenda.now()) {
            TaskState::Healthy => file_drain(w, usize::from(task.service), slot),
            TaskState::Running => {
                tell_to_stop(scn, w, agenda, slot, index);
                await_last_stop(w, agenda, slot);
                count_restart(w, &task);
            }
            TaskState::Pending => {}
        }
    }
    w.wake(agenda, Decider::Services);
}

/// An application task could not be started: its service tries with another in its place.
pub(in crate::fleet) fn failed_to_start(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    task: TaskRef,
) {
    let Some(index) = w.find_live_task(task) else { return };
    let row = w.task(task.slot, index);
    leave_place(w, &row);
    drop_task(scn, w, agenda.now(), task.slot, index);
    count_restart(w, &row);
    w.wake(agenda, Decider::Services);
    room_left(scn, w, agenda, task.slot);
}

/// An application task counts as healthy.
pub(in crate::fleet) fn turned_healthy(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    task: TaskRef,
    service: usize,
) {
    let state = &mut w.services[service];
    state.healthy += 1;
    state.bereft &= state.healthy < i64::from(scn.services[service].floor(state.desired));
    if w.log.is_some()
        && let Some(index) = w.find_live_task(task)
    {
        tell_task(scn, w, &w.task(task.slot, index), task.slot, "HEALTHY", agenda.now());
    }
    if !w.services[service].drains.is_empty() {
        w.wake(agenda, Decider::Services);
    }
}

/// An application task on an instance in service has stopped.
pub(in crate::fleet) fn stopped(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: TaskRef) {
    let Some(index) = w.find_task(task) else { return };
    let row = w.detach(scn, task.slot, index);
    tell_task(scn, w, &row, task.slot, "STOPPED", agenda.now());
    room_left(scn, w, agenda, task.slot);
}

/// A standalone task has done its work.
pub(in crate::fleet) fn ended(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: TaskRef) {
    let Some(index) = w.find_live_task(task) else { return };
    drop_task(scn, w, agenda.now(), task.slot, index);
    room_left(scn, w, agenda, task.slot);
}

/// A task on a draining instance has stopped, before the last of them: nothing hangs on it.
pub(in crate::fleet) fn seen_stopped(scn: &Scenario, w: &mut World, now: SimTime, task: TaskRef) {
    if let Some(index) = w.find_task(task) {
        let row = w.tasks.on(&w.instances[task.slot as usize])[index];
        tell_task(scn, w, &row, task.slot, "STOPPED", now);
    }
}

/// A task has left an instance: there is room for another, or a drain may go on.
fn room_left(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let instance = &w.instances[slot as usize];
    match instance.state {
        InstanceState::Draining if instance.tasks == 0 => draining::stop_daemons(scn, w, agenda, slot),
        InstanceState::Draining => await_last_stop(w, agenda, slot),
        InstanceState::Active => {
            placement::file_room(w, slot);
            scale_in::stir(scn, w, agenda, slot);
            w.wake(agenda, Decider::Services);
        }
        _ => {}
    }
}

/// The degradation that rules a service's tasks on an instance: the worst one that acts there.
pub(in crate::fleet) fn ruling_degradation(w: &World, acting: u32, service: usize) -> Option<usize> {
    (0..w.degradations.len())
        .filter(|bit| acting & (1 << bit) != 0 && w.degradations[*bit].service == service)
        .max_by(|a, b| w.degradations[*a].error_rate.total_cmp(&w.degradations[*b].error_rate))
}

/// Counts a task that starts now among those that its host's degradation concerns, unless it has
/// left in this very millisecond.
fn expose(w: &mut World, now: SimTime, task: TaskRef, service: usize) {
    w.just_started.note(now, task.serial);
    // Few hosts are degraded, and no row need be fetched on the others.
    if let Some(bit) = ruling_degradation(w, w.degraded_by(task.slot), service)
        && w.find_live_task(task).is_some()
    {
        w.services[service].degraded[bit] += 1;
    }
}

/// Whether a live task of an exposed service serves requests: its start has been counted.
pub(in crate::fleet) fn serves(scn: &Scenario, w: &World, task: &Task, now: SimTime) -> bool {
    if task.instant() == Some(now) {
        // Its start is of this instant, and may be still to come.
        return w.just_started.has(now, task.serial);
    }
    state_of(scn, task, now) != TaskState::Pending
}

/// A task that ran serves no longer.
fn traffic_left(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, task: &Task) {
    let service = usize::from(task.service);
    if w.services[service].is_exposed
        && let Some(bit) = ruling_degradation(w, w.degraded_by(slot), service)
        && serves(scn, w, task, now)
    {
        w.services[service].degraded[bit] -= 1;
    }
    traffic_moved(scn, w, now, service);
}

/// Keeps the share of failing requests in step when a running task comes or goes. Without a
/// degraded host it only matters whether any runs at all.
fn traffic_moved(scn: &Scenario, w: &mut World, now: SimTime, service: usize) {
    if w.services[service].is_exposed || w.services[service].running.value() <= 1 {
        refresh_errors(scn, w, now, service);
    }
}

/// Sets the degradations that act on an instance and moves its running tasks between error rates.
pub(in crate::fleet) fn degrade(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, acting: u32) {
    let was = std::mem::replace(&mut w.degraded[slot as usize], acting);
    for service in 0..w.services.len() {
        if !w.services[service].is_exposed {
            continue;
        }
        let exposed = |task: &&Task| usize::from(task.service) == service && serves(scn, w, task, now);
        let running = w.tasks.live(&w.instances[slot as usize]).iter().filter(exposed).count() as u32;
        if let Some(bit) = ruling_degradation(w, was, service) {
            w.services[service].degraded[bit] -= running;
        }
        if let Some(bit) = ruling_degradation(w, acting, service) {
            w.services[service].degraded[bit] += running;
        }
        refresh_errors(scn, w, now, service);
    }
}

/// Recomputes the share of a service's requests that fail: they fall equally on running
/// tasks, and all of them fail while none runs.
pub(in crate::fleet) fn refresh_errors(scn: &Scenario, w: &mut World, now: SimTime, service: usize) {
    let Some(traffic) = scn.services[service].traffic else { return };
    let running = w.services[service].running.value();
    let share = if running == 0 {
        1.0
    } else {
        let degraded = &w.services[service].degraded;
        let extra: f64 = (0..w.degradations.len())
            .filter(|bit| degraded[*bit] > 0)
            .map(|bit| f64::from(degraded[bit]) * (w.degradations[bit].error_rate - traffic.error_rate))
            .sum();
        (traffic.error_rate + extra / running as f64).clamp(0.0, 1.0)
    };
    w.services[service].errors.set(now, share);
}

/// Tells the story of a task that has an instance.
pub(in crate::fleet) fn tell_task(
    scn: &Scenario,
    w: &mut World,
    task: &Task,
    slot: u32,
    status: &'static str,
    now: SimTime,
) {
    w.tell(now, |w| Change::Task {
        service: scn.services[usize::from(task.service)].name.clone(),
        ordinal: task.ordinal,
        generation: task.generation,
        instance: w.label(scn, slot),
        status,
    });
}

/// Tells the story of a task that has none.
pub(in crate::fleet) fn tell_waiting(
    scn: &Scenario,
    w: &mut World,
    service: usize,
    (ordinal, generation): (u32, u32),
    status: &'static str,
    now: SimTime,
) {
    w.tell(now, |_| Change::Task {
        service: scn.services[service].name.clone(),
        ordinal,
        generation,
        instance: String::new(),
        status,
    });
}
