//! Application services: how many tasks they stop, start and want placed.
//!
//! A draining instance's tasks are *displaced*: the service starts a replacement for
//! each as far as `maximumPercent` allows, and lets a displaced task stop as soon as
//! enough others are healthy for `minimumHealthyPercent` (Amazon ECS developer guide,
//! "Draining container instances": the lower limit rounds up, the upper one down).

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use crate::engine::agenda::Phase;
use crate::engine::time::SimTime;
use crate::fleet::event::Event;
use crate::fleet::gauge::{Gauge, Rate};
use crate::fleet::log::Change;
use crate::fleet::tables::{InstanceState, Mark, NONE, Task, TaskState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::ProtectedTasks;
use crate::scenario::model::Service;

use super::{draining, placement, scale_in, scaling};

/// A draining instance with tasks to stop: fewest left first, then index, older generation first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::fleet) struct Drain {
    left: u32,
    lineage: u32,
    generation: u32,
    slot: u32,
    version: u32,
}

/// What is kept per service, and per group of standalone tasks.
#[derive(Debug, Default)]
pub(in crate::fleet) struct ServiceState {
    pub(in crate::fleet) is_standalone: bool,
    /// Tasks it wants now.
    pub(in crate::fleet) desired: u32,
    /// Places that it fills or means to fill: those wanted, and what is not shed yet.
    pub(in crate::fleet) places: u32,
    /// Ordinals that have stood for a place, and do so no longer.
    pub(in crate::fleet) spare: BTreeSet<u32>,
    /// Tasks made so far.
    pub(in crate::fleet) created: u32,
    /// Lowest percentage of those wanted that ran, until the desired count last changed.
    pub(in crate::fleet) min_running_pct: Option<f64>,
    /// Healthy tasks were lost with their instance and are not made up for yet: it may be below
    /// its floor.
    pub(in crate::fleet) bereft: bool,
    /// Tasks waiting, pending and running; those told to stop are out.
    pub(in crate::fleet) live: u32,
    pub(in crate::fleet) healthy: u32,
    /// Tasks RUNNING and not told to stop, against those desired.
    pub(in crate::fleet) running: Gauge,
    /// Pending and running tasks per zone.
    pub(in crate::fleet) zone_tasks: Vec<u32>,
    /// Tasks without an instance, oldest first: (sequence, slot, version).
    pub(in crate::fleet) waiting: VecDeque<(u64, u32, u32)>,
    /// Ordinals whose task was displaced or lost and has no successor yet.
    pub(in crate::fleet) orphans: VecDeque<u32>,
    /// Per ordinal: tasks that have stood for it.
    pub(in crate::fleet) generations: Vec<u32>,
    /// Draining instances that have healthy tasks of this service.
    pub(in crate::fleet) drains: BinaryHeap<Reverse<Drain>>,
    /// Share of requests that fail now; only kept with traffic.
    pub(in crate::fleet) errors: Rate,
    /// Running tasks on degraded hosts, per degradation.
    pub(in crate::fleet) degraded: Vec<u32>,
}

impl ServiceState {
    /// A service with nothing running yet; buffers are kept.
    pub(in crate::fleet) fn reset(&mut self, spec: &Service, zones: u32, degradations: usize) {
        let desired = spec.desired;
        self.is_standalone = spec.standalone.is_some();
        (self.desired, self.places, self.created) = (desired, desired, 0);
        self.spare.clear();
        self.min_running_pct = None;
        self.bereft = false;
        self.live = 0;
        self.healthy = 0;
        self.running = Gauge::new(u64::from(desired), u64::from(desired));
        self.zone_tasks.clear();
        self.zone_tasks.resize(zones as usize, 0);
        self.waiting.clear();
        self.orphans.clear();
        self.generations.clear();
        self.generations.resize(desired as usize, 1);
        self.drains.clear();
        self.errors = Rate::new(0.0);
        self.degraded.clear();
        self.degraded.resize(degradations, 0);
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
    let floor = scn.services[service].floor(w.services[service].desired);
    while w.services[service].healthy > floor {
        let Some(&Reverse(drain)) = w.services[service].drains.peek() else { return };
        let instance = &w.instances[drain.slot as usize];
        let drains = instance.version == drain.version && instance.state == InstanceState::Draining;
        let task = if drains { stoppable_task_on(scn, w, drain.slot, service) } else { None };
        let Some(task) = task else {
            w.services[service].drains.pop();
            continue;
        };
        if instance.left == drain.left {
            w.app_tasks_restarted += 1;
            tell_to_stop(scn, w, agenda, task);
            refile_neighbours(scn, w, drain.slot, service);
        }
        // With fewer left the entry stays in front: its instance empties before another begins to.
        let left = w.instances[drain.slot as usize].left;
        if let Some(mut front) = w.services[service].drains.peek_mut() {
            front.0.left = left;
        }
    }
}

/// A healthy task of a service that a drain of its instance may stop: not one that protects itself (A12).
fn stoppable_task_on(scn: &Scenario, w: &World, slot: u32, service: usize) -> Option<u32> {
    w.tasks_on(slot).find(|task| {
        let row = &w.tasks[*task as usize];
        row.state == TaskState::Healthy
            && usize::from(row.service) == service
            && !is_waited_for(scn, w, *task)
    })
}

/// Whether a drain waits for a task (A12): a standalone one, or one that protects itself.
fn is_waited_for(scn: &Scenario, w: &World, task: u32) -> bool {
    let row = &w.tasks[task as usize];
    (row.is_protected() || w.services[usize::from(row.service)].is_standalone)
        && scn.assumptions.protected_tasks == ProtectedTasks::Wait
}

/// Lets the other services that have tasks on the instance know that fewer are left.
fn refile_neighbours(scn: &Scenario, w: &mut World, slot: u32, but: usize) {
    if w.services.len() == 1 {
        return;
    }
    for service in (0..w.services.len()).filter(|service| *service != but) {
        if stoppable_task_on(scn, w, slot, service).is_some() {
            file_drain(w, service, slot);
        }
    }
}

fn file_drain(w: &mut World, service: usize, slot: u32) {
    let row = &w.instances[slot as usize];
    let (left, lineage, generation, version) = (row.left, row.lineage, row.generation, row.version);
    w.services[service].drains.push(Reverse(Drain { left, lineage, generation, slot, version }));
}

fn start_missing(scn: &Scenario, w: &mut World, service: usize, now: SimTime) {
    let ceiling = scn.services[service].ceiling(w.services[service].desired);
    let room = ceiling.saturating_sub(w.services[service].live);
    for _ in 0..room {
        let Some(ordinal) = w.services[service].orphans.pop_front() else { return };
        let generation = w.services[service].generations[ordinal as usize];
        w.services[service].generations[ordinal as usize] += 1;
        let task = w.create_task(service, ordinal, generation);
        w.services[service].live += 1;
        placement::enqueue(w, service, task);
        tell_task(scn, w, task, "PROVISIONING", now);
    }
}

/// Displaces every task of an instance that has just turned DRAINING.
pub(in crate::fleet) fn displace(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let mut next = w.instances[slot as usize].first_task;
    while next != NONE {
        let task = next;
        next = w.tasks[task as usize].next;
        let row = w.tasks[task as usize];
        leave_place(w, task);
        if is_waited_for(scn, w, task) {
            continue;
        }
        match row.state {
            // A pending task has no process yet: it goes at once.
            TaskState::Pending => drop_task(scn, w, agenda.now(), task),
            TaskState::Running => tell_to_stop(scn, w, agenda, task),
            _ => continue,
        }
        count_restart(w, row);
    }
    for service in 0..w.services.len() {
        if stoppable_task_on(scn, w, slot, service).is_some() {
            file_drain(w, service, slot);
        }
    }
    w.wake(agenda, Decider::Services);
}

/// A task no longer fills its place: its service means to start another for it. Standalone tasks
/// have no such place.
fn leave_place(w: &mut World, task: u32) {
    let row = w.tasks[task as usize];
    let service = &mut w.services[usize::from(row.service)];
    if row.state != TaskState::Stopping && !service.is_standalone {
        service.orphans.push_back(row.ordinal);
    }
}

/// Counts a service's task that is stopped, or lost, only to be started elsewhere.
fn count_restart(w: &mut World, row: Task) {
    if row.state != TaskState::Stopping && !w.services[usize::from(row.service)].is_standalone {
        w.app_tasks_restarted += 1;
    }
}

/// Loses every task of an instance at once: the host is gone.
pub(in crate::fleet) fn lose_all(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let was_draining = w.instances[slot as usize].state == InstanceState::Draining;
    while w.instances[slot as usize].first_task != NONE {
        let task = w.instances[slot as usize].first_task;
        let row = w.tasks[task as usize];
        if !was_draining {
            leave_place(w, task);
        }
        w.services[usize::from(row.service)].bereft |= row.state == TaskState::Healthy;
        drop_task(scn, w, agenda.now(), task);
        count_restart(w, row);
    }
    w.wake(agenda, Decider::Services);
}

/// Takes a task off the service's books: it no longer counts as live, running or healthy.
fn count_out(w: &mut World, now: SimTime, task: u32) {
    let row = w.tasks[task as usize];
    if row.state == TaskState::Stopping {
        return;
    }
    let instance = &mut w.instances[row.instance as usize];
    instance.left -= 1;
    let zone = usize::from(instance.zone);
    let service = &mut w.services[usize::from(row.service)];
    service.live -= 1;
    service.zone_tasks[zone] -= 1;
    if row.state == TaskState::Healthy {
        service.healthy -= 1;
    }
    if matches!(row.state, TaskState::Running | TaskState::Healthy) {
        service.running.lower(now, 1);
    }
}

/// Takes a task that has no instance yet out of the world; it has left its queue.
pub(in crate::fleet) fn drop_waiting(scn: &Scenario, w: &mut World, now: SimTime, task: u32) {
    w.services[usize::from(w.tasks[task as usize].service)].live -= 1;
    tell_task(scn, w, task, "STOPPED", now);
    w.remove_task(scn, task);
}

/// Takes a task out of the world at once.
pub(in crate::fleet) fn drop_task(scn: &Scenario, w: &mut World, now: SimTime, task: u32) {
    let ran = matches!(w.tasks[task as usize].state, TaskState::Running | TaskState::Healthy);
    count_out(w, now, task);
    if ran {
        traffic_moved(scn, w, now, task, Step::Leaves);
    }
    tell_task(scn, w, task, "STOPPED", now);
    w.remove_task(scn, task);
}

/// Tells a running task to stop; at its stop timeout it is killed.
pub(in crate::fleet) fn tell_to_stop(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: u32) {
    let now = agenda.now();
    count_out(w, now, task);
    w.tasks[task as usize].state = TaskState::Stopping;
    traffic_moved(scn, w, now, task, Step::Leaves);
    tell_task(scn, w, task, "STOPPING", now);
    let row = w.tasks[task as usize];
    let service = &scn.services[usize::from(row.service)];
    let key = w.keys.services[usize::from(row.service)].shutdown;
    let takes = service.shutdown.sample_at(key, row.ordinal, row.generation).min(service.stop_timeout);
    agenda.schedule(takes, Phase::Fact, Event::TaskStopped { task: w.task_reference(task) });
}

/// An application task is RUNNING.
pub(in crate::fleet) fn started(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: u32) {
    let now = agenda.now();
    if w.tasks[task as usize].mark == Mark::PullFails {
        failed_to_start(scn, w, agenda, task);
        return;
    }
    w.tasks[task as usize].state = TaskState::Running;
    let service = usize::from(w.tasks[task as usize].service);
    w.services[service].running.raise(now, 1);
    traffic_moved(scn, w, now, task, Step::Joins);
    scale_in::stir(scn, w, agenda, w.tasks[task as usize].instance);
    tell_task(scn, w, task, "RUNNING", now);
    arm_clocks(scn, w, agenda, task);
    if scn.services[service].standalone.is_none() {
        let event = Event::TaskTurnedHealthy { task: w.task_reference(task) };
        agenda.schedule(scn.services[service].healthy_after, Phase::Fact, event);
    }
}

/// Schedules what a task that begins to run has in store: the end of a standalone one, and that
/// of the protection that it may give itself.
fn arm_clocks(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: u32) {
    let row = w.tasks[task as usize];
    let service = usize::from(row.service);
    let (spec, reference) = (&scn.services[service], w.task_reference(task));
    if let Some(group) = &spec.standalone {
        let key = w.keys.services[service].duration;
        let takes = group.duration.sample_at(key, row.ordinal, row.generation);
        agenda.schedule(takes, Phase::Fact, Event::TaskEnded { task: reference });
    }
    if let Some(protection) = spec.protection {
        let draw = w.keys.services[service].protection.uniform(row.ordinal, row.generation);
        if draw.below(protection.share) {
            w.tasks[task as usize].mark = Mark::Protected;
            tell_task(scn, w, task, "PROTECTED", agenda.now());
            let event = Event::TaskProtectionExpired { task: reference };
            agenda.schedule(protection.expires_in, Phase::Fact, event);
        }
    }
}

/// The same for the tasks that are running at the start: their clocks begin there.
pub(in crate::fleet) fn arm_tasks_of_the_start(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    if scn.services.iter().all(|spec| spec.standalone.is_none() && spec.protection.is_none()) {
        return;
    }
    for task in 0..w.tasks.len() as u32 {
        arm_clocks(scn, w, agenda, task);
    }
}

/// A task may be stopped again: by a drain that has waited for it, or by a service that wants fewer.
pub(in crate::fleet) fn protection_expired(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    task: u32,
) {
    w.tasks[task as usize].mark = Mark::None;
    let row = w.tasks[task as usize];
    tell_task(scn, w, task, "UNPROTECTED", agenda.now());
    if w.instances[row.instance as usize].state == InstanceState::Draining {
        match row.state {
            TaskState::Healthy => file_drain(w, usize::from(row.service), row.instance),
            TaskState::Running => {
                tell_to_stop(scn, w, agenda, task);
                count_restart(w, row);
            }
            _ => {}
        }
    }
    w.wake(agenda, Decider::Services);
}

/// An application task could not be started: its service tries with another in its place.
fn failed_to_start(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: u32) {
    let row = w.tasks[task as usize];
    leave_place(w, task);
    drop_task(scn, w, agenda.now(), task);
    count_restart(w, row);
    w.wake(agenda, Decider::Services);
    room_left(scn, w, agenda, row.instance);
}

/// An application task counts as healthy.
pub(in crate::fleet) fn turned_healthy(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: u32) {
    w.tasks[task as usize].state = TaskState::Healthy;
    let service = usize::from(w.tasks[task as usize].service);
    let state = &mut w.services[service];
    state.healthy += 1;
    state.bereft &= state.healthy < scn.services[service].floor(state.desired);
    tell_task(scn, w, task, "HEALTHY", agenda.now());
    if !w.services[service].drains.is_empty() {
        w.wake(agenda, Decider::Services);
    }
}

/// An application task has stopped, or ended by itself; the last one lets its draining instance go on.
pub(in crate::fleet) fn stopped(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: u32) {
    let slot = w.tasks[task as usize].instance;
    count_out(w, agenda.now(), task);
    tell_task(scn, w, task, "STOPPED", agenda.now());
    w.remove_task(scn, task);
    room_left(scn, w, agenda, slot);
}

/// A task has left an instance: there is room for another, or a drain may go on.
fn room_left(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let instance = &w.instances[slot as usize];
    match instance.state {
        InstanceState::Draining if instance.first_task == NONE => {
            draining::stop_daemons(scn, w, agenda, slot);
        }
        InstanceState::Active => {
            placement::file_room(w, slot);
            scale_in::stir(scn, w, agenda, slot);
            w.wake(agenda, Decider::Services);
        }
        _ => {}
    }
}

/// Whether a task joins or leaves the running ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::fleet) enum Step {
    Joins,
    Leaves,
}

/// The degradation that rules a service's tasks on an instance: the worst one that acts there.
fn ruling_degradation(w: &World, slot: u32, service: usize) -> Option<usize> {
    let acting = w.instances[slot as usize].degraded;
    if acting == 0 {
        return None;
    }
    (0..w.degradations.len())
        .filter(|bit| acting & (1 << bit) != 0 && w.degradations[*bit].service == service)
        .max_by(|a, b| w.degradations[*a].error_rate.total_cmp(&w.degradations[*b].error_rate))
}

/// Keeps the share of failing requests in step when a running task comes or goes.
fn traffic_moved(scn: &Scenario, w: &mut World, now: SimTime, task: u32, step: Step) {
    let row = w.tasks[task as usize];
    let service = usize::from(row.service);
    if scn.services[service].traffic.is_none() {
        return;
    }
    if let Some(bit) = ruling_degradation(w, row.instance, service) {
        let count = &mut w.services[service].degraded[bit];
        match step {
            Step::Joins => *count += 1,
            Step::Leaves => *count -= 1,
        }
    }
    refresh_errors(scn, w, now, service);
}

/// Sets the degradations that act on an instance and moves its running tasks between error rates.
pub(in crate::fleet) fn degrade(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, acting: u32) {
    for service in 0..w.services.len() {
        if scn.services[service].traffic.is_none() {
            continue;
        }
        let running = w.tasks_on(slot).filter(|task| {
            let task = &w.tasks[*task as usize];
            usize::from(task.service) == service
                && matches!(task.state, TaskState::Running | TaskState::Healthy)
        });
        let running = running.count() as u32;
        let before = ruling_degradation(w, slot, service);
        let was = std::mem::replace(&mut w.instances[slot as usize].degraded, acting);
        let after = ruling_degradation(w, slot, service);
        w.instances[slot as usize].degraded = was;
        if let Some(bit) = before {
            w.services[service].degraded[bit] -= running;
        }
        if let Some(bit) = after {
            w.services[service].degraded[bit] += running;
        }
        refresh_errors(scn, w, now, service);
    }
    w.instances[slot as usize].degraded = acting;
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

/// Tells the story of a task.
pub(in crate::fleet) fn tell_task(
    scn: &Scenario,
    w: &mut World,
    task: u32,
    status: &'static str,
    now: SimTime,
) {
    w.tell(now, |w| {
        let row = &w.tasks[task as usize];
        Change::Task {
            service: scn.services[usize::from(row.service)].name.clone(),
            ordinal: row.ordinal,
            generation: row.generation,
            instance: if row.instance == NONE { String::new() } else { w.label(scn, row.instance) },
            status,
        }
    });
}
