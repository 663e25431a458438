//! Where application tasks go.
//!
//! First the zone with the fewest tasks of the service among those with room, then
//! the instance with the least free memory, cpu, index: spread over zones, then pack
//! (AWS containers blog, "Deep dive: Amazon ECS Managed Instances provisioning and
//! optimization"). A task that fits nowhere waits for the first room there is, and
//! blocks nobody behind it.

use crate::engine::agenda::Phase;
use crate::fleet::event::Event;
use crate::fleet::rooms::Rooms;
use crate::fleet::tables::{InstanceState, Mark, TaskState};
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;

use super::images::{self, Pull};
use super::{scale_in, services};

/// Puts a new task at the end of the queue for an instance.
pub(in crate::fleet) fn enqueue(w: &mut World, service: usize, task: u32) {
    let sequence = w.next_task_sequence;
    w.next_task_sequence += 1;
    let version = w.tasks[task as usize].version;
    w.services[service].waiting.push_back((sequence, task, version));
}

/// Places waiting tasks, oldest first, until none of them finds room.
pub(in crate::fleet) fn place_waiting(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    // Tasks of one service are alike: where its oldest finds no room, none of it does.
    w.blocked.clear();
    w.blocked.resize(w.services.len(), false);
    loop {
        let oldest = (0..w.services.len())
            .filter(|service| !w.blocked[*service])
            .filter_map(|service| Some((w.services[service].waiting.front()?.0, service)))
            .min();
        let Some((_, service)) = oldest else { return };
        match find_room(scn, w, service) {
            Some(slot) => {
                let (_, task, _) = w.services[service].waiting.pop_front().expect("peeked just above");
                place(scn, w, agenda, task, slot);
            }
            None => w.blocked[service] = true,
        }
    }
}

fn find_room(scn: &Scenario, w: &mut World, service: usize) -> Option<u32> {
    let spec = &scn.services[service];
    let World { providers, instances, services, .. } = w;
    let counts = &services[service].zone_tasks;
    let rooms = &mut providers[spec.provider].rooms;
    let mut tried: u128 = 0;
    for _ in 0..rooms.len() {
        let zone = (0..rooms.len()).filter(|z| tried & (1 << z) == 0).min_by_key(|z| (counts[*z], *z))?;
        let found = rooms[zone].find(spec.memory, spec.cpu, |slot, lineage, memory, cpu| {
            let row = &instances[slot as usize];
            row.state == InstanceState::Active
                && row.lineage == lineage
                && row.memory_free == memory
                && row.cpu_free == cpu
                && !row.closed
        });
        if found.is_some() {
            return found;
        }
        tried |= 1 << zone;
    }
    None
}

fn place(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, task: u32, slot: u32) {
    w.attach(scn, task, slot);
    let row = &mut w.tasks[task as usize];
    row.state = TaskState::Pending;
    let (service, ordinal, generation) = (usize::from(row.service), row.ordinal, row.generation);
    let zone = usize::from(w.instances[slot as usize].zone);
    w.services[service].zone_tasks[zone] += 1;
    file_room(w, slot);
    scale_in::stir(scn, w, agenda, slot);
    services::tell_task(scn, w, task, "PENDING", agenda.now());
    let startup =
        scn.services[service].startup.sample_at(w.keys.services[service].startup, ordinal, generation);
    let address = (ordinal, generation);
    let takes = match images::pull(scn, w, agenda.now(), slot, images::of_service(service), address) {
        Pull::Takes(pull) => pull + startup,
        Pull::Fails => {
            w.tasks[task as usize].mark = Mark::PullFails;
            images::GIVEN_UP_AFTER
        }
    };
    agenda.schedule(takes, Phase::Fact, Event::TaskStarted { task: w.task_reference(task) });
}

/// Remembers the room of an ACTIVE instance, if any task of its provider could use it.
pub(in crate::fleet) fn file_room(w: &mut World, slot: u32) {
    let World { providers, instances, .. } = w;
    let row = &instances[slot as usize];
    let provider = &mut providers[usize::from(row.provider)];
    if row.state == InstanceState::Active
        && !row.closed
        && row.memory_free >= provider.memory_least
        && row.cpu_free >= provider.cpu_least
    {
        provider.rooms[usize::from(row.zone)].file(row.memory_free, row.cpu_free, row.lineage, slot);
    }
}

/// Files the rooms of every ACTIVE instance afresh, after many of them opened or closed.
pub(in crate::fleet) fn refile_all(w: &mut World) {
    w.providers.iter_mut().flat_map(|p| &mut p.rooms).for_each(Rooms::clear);
    for slot in 0..w.instances.len() as u32 {
        file_room(w, slot);
    }
}

/// Puts the tasks of the start where the scenario's layout has them, RUNNING and healthy.
pub(in crate::fleet) fn lay_out(scn: &Scenario, w: &mut World) {
    // At the start the slot of an instance is its number, provider after provider.
    let first: Vec<u32> = scn
        .providers
        .iter()
        .scan(0, |before, spec| Some(std::mem::replace(before, *before + spec.instances)))
        .collect();
    for seat in &scn.layout().seats {
        let (provider, service) = (usize::from(seat.provider), usize::from(seat.service));
        let task = w.create_task(service, seat.ordinal, 0);
        w.tasks[task as usize].age = seat.ordinal;
        let slot = first[provider] + seat.instance;
        w.attach(scn, task, slot);
        let state = &mut w.services[service];
        state.zone_tasks[usize::from(w.instances[slot as usize].zone)] += 1;
        state.live += 1;
        // A standalone task is nobody's to find healthy.
        if scn.services[service].standalone.is_some() {
            w.tasks[task as usize].state = TaskState::Running;
        } else {
            w.tasks[task as usize].state = TaskState::Healthy;
            state.healthy += 1;
        }
    }
}
