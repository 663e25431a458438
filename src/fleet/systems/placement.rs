//! Where application tasks go.
//!
//! First the zone with the fewest tasks of the service among those with room, then
//! the instance with the least free memory, cpu, index: spread over zones, then pack
//! (AWS containers blog, "Deep dive: Amazon ECS Managed Instances provisioning and
//! optimization"). A task that fits nowhere waits for the first room there is, and
//! blocks nobody behind it.

use crate::engine::agenda::Phase;
use crate::engine::time::SimDuration;
use crate::fleet::event::{Event, TaskRef};
use crate::fleet::rooms::{Room, Rooms};
use crate::fleet::tables::{Instance, InstanceState};
use crate::fleet::tasks::Task;
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::layout::StartingTask;

use super::images::{self, Pull};
use super::scale_in;
use super::services::{self, ServiceState};

/// Places waiting tasks, oldest first, until none of them finds room.
pub(in crate::fleet) fn place_waiting(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    while let Some((_, service)) = oldest_waiting(w, None) {
        if let Some(found) = find_room(scn, w, service) {
            place_run(scn, w, agenda, service, found);
        }
    }
}

/// The task that has waited longest among those that may find room, and its service; one service
/// may be left out.
fn oldest_waiting(w: &World, but: Option<usize>) -> Option<(u32, usize)> {
    let may_find =
        |(index, service): &(usize, &ServiceState)| Some(*index) != but && !service.open_zones.is_empty();
    let oldest = |(index, service): (usize, &ServiceState)| Some((service.waiting.front()?.serial, index));
    w.services.iter().enumerate().filter(may_find).filter_map(oldest).min()
}

/// An instance that a task may go to, and how many of its service may, one after another, before
/// it is another zone's turn.
#[derive(Clone, Copy)]
struct Found {
    slot: u32,
    turns: u32,
}

/// Finds room for the oldest waiting task of a service. Tasks of one service are alike: a zone
/// without room for one has none for any, until there is a room in it that was not there before.
fn find_room(scn: &Scenario, w: &mut World, service: usize) -> Option<Found> {
    let spec = &scn.services[service];
    let World { providers, instances, services, .. } = w;
    let ServiceState { zone_tasks, open_zones, .. } = &mut services[service];
    let rooms = &mut providers[spec.provider].rooms;
    loop {
        // The first of equals, which is the lowest.
        let zone = open_zones.iter().min_by_key(|zone| zone_tasks[*zone])?;
        let found = rooms[zone].find(spec.memory, spec.cpu, |room| {
            let row = &instances[room.slot as usize];
            row.state == InstanceState::Active
                && row.lineage == room.lineage
                && row.memory_free == room.memory
                && row.cpu_free == room.cpu
                && !row.closed
        });
        if let Some(slot) = found {
            let ahead = |other: usize| zone_tasks[other] - zone_tasks[zone] + u32::from(zone < other);
            let others = open_zones.iter().filter(|other| *other != zone);
            return Some(Found { slot, turns: others.map(ahead).min().unwrap_or(u32::MAX) });
        }
        open_zones.remove(zone);
    }
}

/// Places tasks of a service on the instance that its oldest has found, as long as the next would
/// find the same: it is its turn, and the zone's.
///
/// Within a zone the instance that has just been packed is the tightest that holds another, since
/// a tighter one would have been found before it.
fn place_run(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, service: usize, found: Found) {
    let (spec, Found { slot, turns }) = (&scn.services[service], found);
    let turn_ends = oldest_waiting(w, Some(service)).map_or(u32::MAX, |(serial, _)| serial);
    let Instance { mut memory_free, mut cpu_free, .. } = w.instances[slot as usize];
    // A draw takes its time, but draws do not wait for each other: all of them first.
    let mut startups = [SimDuration::ZERO; RUN_MAX];
    let mut count = 0;
    let key = w.keys.services[service].startup;
    for task in w.services[service].waiting.iter().take(RUN_MAX.min(turns as usize)) {
        if task.serial > turn_ends || memory_free < spec.memory || cpu_free < spec.cpu {
            break;
        }
        startups[count] = spec.startup.sample_at(key, task.ordinal, task.generation);
        (memory_free, cpu_free) = (memory_free - spec.memory, cpu_free - spec.cpu);
        count += 1;
    }
    for startup in &startups[..count] {
        place(scn, w, agenda, (service, slot), *startup);
    }
    if let Some((room, rooms)) = room_of(w, slot) {
        rooms.keep_at_hand(room);
    }
}

/// The most tasks of a run; one that is longer goes on as another.
const RUN_MAX: usize = 16;

/// Puts the oldest waiting task of a service on an instance, where it begins to start.
fn place(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    (service, slot): (usize, u32),
    startup: SimDuration,
) {
    let now = agenda.now();
    let waiting = w.services[service].waiting.pop_front().expect("there was one to find room for");
    let address = (waiting.ordinal, waiting.generation);
    let pull = images::pull(scn, w, now, slot, images::of_service(service), address);
    let reference = TaskRef { slot, serial: waiting.serial };
    let mut task = Task::starting(service, address, waiting.serial, now);
    match pull {
        Pull::Takes(pull) => {
            task = Task::starting(service, address, waiting.serial, now + pull + startup);
            let event = Event::TaskStarted { task: reference, service: service as u16 };
            agenda.schedule(pull + startup, Phase::Fact, event);
        }
        Pull::Fails => {
            task = task.failing();
            let event = Event::TaskStartFailed { task: reference };
            agenda.schedule(images::GIVEN_UP_AFTER, Phase::Fact, event);
        }
    }
    let instance = &mut w.instances[slot as usize];
    w.tasks.reserve(instance, w.providers[usize::from(instance.provider)].tasks_at_start);
    let zone = usize::from(instance.zone);
    w.attach(scn, slot, task);
    w.services[service].zone_tasks[zone] += 1;
    scale_in::stir(scn, w, agenda, slot);
    services::tell_task(scn, w, &task, slot, "PENDING", now);
}

/// The room of an ACTIVE instance, if any task of its provider could use it, and where it is filed.
fn room_of(w: &mut World, slot: u32) -> Option<(Room, &mut Rooms)> {
    let World { providers, instances, .. } = w;
    let row = &instances[slot as usize];
    let provider = &mut providers[usize::from(row.provider)];
    let useful = row.state == InstanceState::Active
        && !row.closed
        && row.memory_free >= provider.memory_least
        && row.cpu_free >= provider.cpu_least;
    let room = Room { memory: row.memory_free, cpu: row.cpu_free, lineage: row.lineage, slot };
    useful.then(|| (room, &mut provider.rooms[usize::from(row.zone)]))
}

/// Remembers the room of an ACTIVE instance, if any task of its provider could use it.
pub(in crate::fleet) fn file_room(w: &mut World, slot: u32) {
    if let Some((room, rooms)) = room_of(w, slot) {
        rooms.file(room);
        let Instance { provider, zone, .. } = w.instances[slot as usize];
        let own = w.services.iter_mut().filter(|service| service.provider == usize::from(provider));
        own.for_each(|service| service.open_zones.insert(usize::from(zone)));
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
    // A service's tasks are numbered in order of age from here.
    let first_serial: Vec<u32> = scn
        .services
        .iter()
        .scan(0, |before, spec| Some(std::mem::replace(before, *before + spec.desired)))
        .collect();
    w.next_serial = scn.services.iter().map(|spec| spec.desired).sum();
    w.tasks.expect(scn.layout().tasks());
    // At the start the slot of an instance is its number, provider after provider.
    let mut slots = w.instances.iter_mut();
    for (provider, state) in w.providers.iter_mut().enumerate() {
        for (own, instance) in scn.layout().instances(provider).zip(&mut slots) {
            state.tasks_at_start = state.tasks_at_start.max(own.len() as u32);
            let task = |task: &StartingTask| {
                let service = usize::from(task.service);
                Task::settled(service, task.ordinal, first_serial[service] + task.ordinal)
            };
            w.tasks.fill(instance, own.iter().map(task));
            for own in own.chunk_by(|a, b| a.service == b.service) {
                let (service, count) = (usize::from(own[0].service), own.len() as u32);
                instance.cpu_free -= scn.services[service].cpu * count;
                instance.memory_free -= scn.services[service].memory * count;
                let state = &mut w.services[service];
                state.zone_tasks[usize::from(instance.zone)] += count;
                state.live += count;
                // A standalone task is nobody's to find healthy.
                state.healthy += if state.is_standalone { 0 } else { i64::from(count) };
            }
        }
    }
}
