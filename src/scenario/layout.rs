//! Where tasks are when a run begins.

use std::collections::VecDeque;

use super::model::{Parts, Service};

/// The instances that tasks start on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    providers: Vec<Seating>,
}

/// The tasks on the instances of one provider: eight bytes a task, for a fleet may have millions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seating {
    /// Where the tasks of each instance begin, and at the end where the last one's end.
    first: Vec<u32>,
    tasks: Vec<StartingTask>,
}

/// A task of the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StartingTask {
    /// Index of the service.
    pub service: u16,
    /// Number of the task within its service, in order of placement.
    pub ordinal: u32,
}

impl Layout {
    /// The tasks on each instance of a provider, in order of the instances; those of an instance
    /// in order of service and ordinal.
    pub fn instances(&self, provider: usize) -> impl ExactSizeIterator<Item = &[StartingTask]> {
        let Seating { first, tasks } = &self.providers[provider];
        first.windows(2).map(|ends| &tasks[ends[0] as usize..ends[1] as usize])
    }

    /// Tasks of the whole fleet.
    pub fn tasks(&self) -> usize {
        self.providers.iter().map(|seating| seating.tasks.len()).sum()
    }
}

/// The first task that found no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Index of its service.
    pub service: usize,
    /// Tasks of the service that found room before it.
    pub placed: u32,
}

/// What is free on one instance.
#[derive(Clone, Copy)]
struct Room {
    cpu: u32,
    memory: u32,
}

impl Room {
    fn fits(self, service: &Service) -> bool {
        self.cpu >= service.cpu && self.memory >= service.memory
    }
}

/// Spreads all tasks over zones and then evenly over instances, beside the daemons that run at the start.
///
/// Services go in the order of the file. Each next task goes to the zone with the
/// fewest tasks of its service among those with room, the lowest of equals; there to
/// the instance with room with the fewest tasks of the service, then the lowest index.
///
/// # Errors
/// The first task that finds no room.
pub fn initial_layout(parts: &Parts) -> Result<Layout, Misfit> {
    let mut rooms: Vec<Vec<Room>> =
        (0..parts.providers.len()).map(|index| empty_rooms(parts, index)).collect();
    let mut placed: Vec<Vec<u32>> = Vec::with_capacity(parts.services.len());
    for (index, service) in parts.services.iter().enumerate() {
        let zones = parts.providers[service.provider].zones as usize;
        let instances = spread(service, zones, &mut rooms[service.provider]);
        placed.push(instances.map_err(|placed| Misfit { service: index, placed })?);
    }
    Ok(Layout { providers: (0..parts.providers.len()).map(|index| seat(parts, index, &placed)).collect() })
}

/// Sorts the tasks of a provider's services by instance, by counting; `placed` holds the instance
/// of each service's tasks.
fn seat(parts: &Parts, provider: usize, placed: &[Vec<u32>]) -> Seating {
    let own = || (0..placed.len()).filter(|service| parts.services[*service].provider == provider);
    let mut first = vec![0_u32; parts.providers[provider].instances as usize + 1];
    for instance in own().flat_map(|service| &placed[service]) {
        first[*instance as usize + 1] += 1;
    }
    let mut before = 0;
    for end in &mut first {
        before += *end;
        *end = before;
    }
    let mut next = first.clone();
    let mut tasks = vec![StartingTask { service: 0, ordinal: 0 }; before as usize];
    for service in own() {
        for (ordinal, instance) in placed[service].iter().enumerate() {
            let seat = &mut next[*instance as usize];
            tasks[*seat as usize] = StartingTask { service: service as u16, ordinal: ordinal as u32 };
            *seat += 1;
        }
    }
    Seating { first, tasks }
}

/// What the daemons of the start leave of each instance; nothing where they do not fit.
fn empty_rooms(parts: &Parts, provider: usize) -> Vec<Room> {
    let mut rooms = Vec::with_capacity(parts.providers[provider].instances as usize);
    for size in &parts.providers[provider].types {
        let (mut cpu, mut memory) = (size.cpu, size.memory);
        for settings in parts.daemons.iter().filter_map(|daemon| daemon.initial.as_ref()) {
            if settings.providers.contains(&provider) {
                let revision = &parts.revisions[settings.revision];
                cpu = cpu.saturating_sub(revision.cpu);
                memory = memory.saturating_sub(revision.memory);
            }
        }
        rooms.extend(std::iter::repeat_n(Room { cpu, memory }, size.instances as usize));
    }
    rooms
}

/// Places the tasks of one service; without room, how many were placed.
fn spread(service: &Service, zones: usize, rooms: &mut [Room]) -> Result<Vec<u32>, u32> {
    // Within a zone the instances with room take turns, so the front is always the
    // one with the fewest tasks of the service, and of those the lowest.
    let mut turns: Vec<VecDeque<u32>> = vec![VecDeque::new(); zones];
    for (index, room) in rooms.iter().enumerate() {
        if room.fits(service) {
            turns[index % zones].push_back(index as u32);
        }
    }
    let mut counts = vec![0_u32; zones];
    let mut placed = Vec::with_capacity(service.desired as usize);
    for _ in 0..service.desired {
        let zone = (0..zones).filter(|&zone| !turns[zone].is_empty()).min_by_key(|&zone| counts[zone]);
        let Some(zone) = zone else { return Err(placed.len() as u32) };
        let instance = turns[zone].pop_front().expect("zones without turns are left out");
        let room = &mut rooms[instance as usize];
        room.cpu -= service.cpu;
        room.memory -= service.memory;
        if room.fits(service) {
            turns[zone].push_back(instance);
        }
        counts[zone] += 1;
        placed.push(instance);
    }
    Ok(placed)
}
