//! Where tasks are when a run begins.

use std::collections::VecDeque;

use super::model::{Parts, Service};

/// The instances that tasks start on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Every task of every service, instance by instance: whoever walks an instance's tasks
    /// later finds them side by side in memory.
    pub seats: Vec<Seat>,
}

/// Where one task starts. Seats are in order of their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// Index of the capacity provider.
    pub provider: u16,
    /// Number of the instance within its provider.
    pub instance: u32,
    /// Index of the service.
    pub service: u16,
    /// Number of the task within its service, in order of placement.
    pub ordinal: u32,
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
    let mut seats = Vec::new();
    for (index, service) in parts.services.iter().enumerate() {
        let zones = parts.providers[service.provider].zones as usize;
        let placed = spread(service, zones, &mut rooms[service.provider])
            .map_err(|placed| Misfit { service: index, placed })?;
        let (provider, service) = (service.provider as u16, index as u16);
        seats.extend(placed.into_iter().enumerate().map(|(ordinal, instance)| Seat {
            provider,
            instance,
            service,
            ordinal: ordinal as u32,
        }));
    }
    seats.sort_unstable();
    Ok(Layout { seats })
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
