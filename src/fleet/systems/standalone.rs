//! Standalone tasks: nobody keeps their number, and a drain waits for them.
//!
//! "Container instance draining" (Amazon ECS developer guide): standalone tasks on a
//! draining instance are not touched; the instance waits until they end, or until the
//! deadline of its drain.

use crate::engine::agenda::Phase;
use crate::engine::time::SimTime;
use crate::fleet::event::Event;
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;

use super::services;

/// Puts the first group that is to come on the agenda; those of 0s are running already.
pub(in crate::fleet) fn begin(scn: &Scenario, agenda: &mut FleetAgenda, service: usize) {
    let Some(group) = &scn.services[service].standalone else { return };
    let first =
        if SimTime::ZERO + group.start_at > agenda.now() { Some(group.start_at) } else { group.every };
    if let Some(after) = first {
        agenda.schedule(after, Phase::Fact, Event::TasksDue { service: service as u32 });
    }
}

/// A group of standalone tasks is to run: each waits for room like a service's task.
pub(in crate::fleet) fn due(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, service: usize) {
    let Some(group) = &scn.services[service].standalone else { return };
    for _ in 0..group.count {
        let place = w.services[service].new_place();
        services::enqueue(scn, w, service, (place.ordinal, place.generation), agenda.now());
    }
    if let Some(every) = group.every {
        agenda.schedule(every, Phase::Fact, Event::TasksDue { service: service as u32 });
    }
    w.wake(agenda, Decider::Services);
}
