//! Desired counts that change: on a service's schedule, or by a request of the timeline.
//!
//! A service fills *places*: as many as it wants, and more only while what is too much
//! cannot be stopped. A place is filled by a task on an instance in service, by one that
//! waits, or by an orphan, whose task was displaced or lost and has no successor yet.

use std::cmp::Reverse;

use crate::engine::agenda::Phase;
use crate::fleet::event::Event;
use crate::fleet::event::TaskRef;
use crate::fleet::log::Change;
use crate::fleet::tables::InstanceState;
use crate::fleet::tasks::TaskState;
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;

use super::services::{self, Orphan, Waiting};
use super::{placement, scale_in};

/// Puts the first change of a service's schedule on the agenda.
pub(in crate::fleet) fn begin(scn: &Scenario, agenda: &mut FleetAgenda, service: usize) {
    arm(scn, agenda, service, 1);
}

fn arm(scn: &Scenario, agenda: &mut FleetAgenda, service: usize, step: u32) {
    if let Some((at, _)) = scn.services[service].schedule.as_ref().and_then(|schedule| schedule.step(step)) {
        let event = Event::DesiredCountDue { service: service as u32, step };
        agenda.schedule(at.since(agenda.now()), Phase::Fact, event);
    }
}

/// A step of a service's schedule fell due.
pub(in crate::fleet) fn due(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    service: usize,
    step: u32,
) {
    let schedule = scn.services[service].schedule.as_ref();
    if let Some((_, desired)) = schedule.and_then(|schedule| schedule.step(step)) {
        scale(scn, w, agenda, service, desired);
    }
    if let Some(next) = step.checked_add(1) {
        arm(scn, agenda, service, next);
    }
}

/// Sets what a service wants; its floor and its ceiling go with it.
pub(in crate::fleet) fn scale(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    service: usize,
    desired: u32,
) {
    let now = agenda.now();
    let state = &mut w.services[service];
    if state.desired == desired {
        return;
    }
    state.running.settle(now);
    state.note_worst_moment();
    state.running.refer(now, u64::from(desired));
    state.desired = desired;
    for _ in state.places..desired {
        let spare = state.spare.pop_first().map(|(ordinal, generation)| Orphan { ordinal, generation });
        let place = spare.unwrap_or_else(|| state.new_place());
        state.orphans.push_back(place);
    }
    state.places = state.places.max(desired);
    w.tell(now, |_| Change::DesiredCount {
        service: scn.services[service].name.clone(),
        desired_count: desired,
    });
    w.wake(agenda, Decider::Services);
}

/// Gives up places beyond those wanted: first orphans and waiting tasks, then placed ones.
pub(in crate::fleet) fn shed(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, service: usize) {
    while w.services[service].places > w.services[service].desired
        && let Some(orphan) = w.services[service].orphans.pop_back()
    {
        give_up(w, service, orphan.ordinal, orphan.generation);
    }
    while w.services[service].places > w.services[service].desired
        && let Some(Waiting { ordinal, generation, .. }) = w.services[service].waiting.pop_back()
    {
        w.services[service].live -= 1;
        services::tell_waiting(scn, w, service, (ordinal, generation), "STOPPED", agenda.now());
        give_up(w, service, ordinal, generation + 1);
    }
    if w.services[service].places > w.services[service].desired {
        shed_placed(scn, w, agenda, service);
    }
}

/// Gives up a place; the next task that stands for its ordinal is of the given generation.
fn give_up(w: &mut World, service: usize, ordinal: u32, generation: u32) {
    w.services[service].places -= 1;
    w.services[service].spare.insert(ordinal, generation);
}

/// How far a placed task has come: what has come least far goes first.
fn stage(state: TaskState) -> usize {
    match state {
        TaskState::Pending => 0,
        TaskState::Running => 1,
        TaskState::Healthy => 2,
    }
}

/// Stops placed tasks: pending ones, then those not yet healthy, then healthy ones; of each the
/// newest in the zone with the most tasks of the service. Protected ones stay, and those on
/// draining instances are going anyway.
fn shed_placed(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, service: usize) {
    let zones = w.services[service].zone_tasks.len();
    let mut stages: [Vec<Vec<(u32, u32)>>; 3] = std::array::from_fn(|_| vec![Vec::new(); zones]);
    let in_service = |slot: &u32| w.instances[*slot as usize].state == InstanceState::Active;
    for slot in (0..w.instances.len() as u32).filter(in_service) {
        let instance = &w.instances[slot as usize];
        let own = w.tasks.live(instance).iter().filter(|task| usize::from(task.service) == service);
        for task in own.filter(|task| !task.is_protected) {
            let stage = stage(services::state_of(scn, task, agenda.now()));
            stages[stage][usize::from(instance.zone)].push((task.serial, slot));
        }
    }
    stages.iter_mut().flatten().for_each(|tasks| tasks.sort_unstable());
    for zones in &mut stages {
        while w.services[service].places > w.services[service].desired {
            let fullest = (0..zones.len())
                .filter(|zone| !zones[*zone].is_empty())
                .max_by_key(|zone| (w.services[service].zone_tasks[*zone], Reverse(*zone)));
            let Some((serial, slot)) = fullest.and_then(|zone| zones[zone].pop()) else { break };
            stop(scn, w, agenda, TaskRef { slot, serial });
        }
    }
}

fn stop(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: TaskRef) {
    let (slot, now) = (task.slot, agenda.now());
    let index = w.find_live_task(task).expect("it was listed in this very decision");
    let row = w.task(slot, index);
    if services::state_of(scn, &row, now) == TaskState::Pending {
        services::drop_task(scn, w, now, slot, index);
        placement::file_room(w, slot);
        scale_in::stir(scn, w, agenda, slot);
    } else {
        services::tell_to_stop(scn, w, agenda, slot, index);
    }
    let service = usize::from(row.service);
    give_up(w, service, row.ordinal, row.generation + 1);
    // The floor bounds drains; a lower desired count that must spare protected tasks may go below it.
    let state = &mut w.services[service];
    state.bereft |= state.healthy < i64::from(scn.services[service].floor(state.desired));
}

/// A draining instance is in service again: its tasks fill places, those of their orphans first.
pub(in crate::fleet) fn restore(w: &mut World, slot: u32) {
    for index in (0..w.instances[slot as usize].left as usize).rev() {
        let task = w.task(slot, index);
        let state = &mut w.services[usize::from(task.service)];
        if state.is_standalone {
            continue;
        }
        match state.orphans.iter().position(|orphan| orphan.ordinal == task.ordinal) {
            Some(at) => drop(state.orphans.remove(at)),
            None => state.places += 1,
        }
    }
}
