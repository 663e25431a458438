//! What an instance's age has in store for it: the loss of the host, the age limits.

use crate::engine::agenda::Phase;
use crate::engine::draw::exponential;
use crate::engine::time::SimDuration;
use crate::fleet::event::Event;
use crate::fleet::systems::draining;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;

use super::{lose, spot};

/// Schedules what an instance's age has in store for it.
pub(in crate::fleet) fn arm(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &w.instances[slot as usize];
    let provider = usize::from(row.provider);
    let spec = &scn.providers[provider];
    let instance = w.reference(slot);
    if spec.host_failure_per_ms > 0.0 {
        let u = w.keys.providers[provider].host_failure.uniform(w.entity(slot), row.generation);
        let mean = 1.0 / spec.host_failure_per_ms;
        // −ln(1 − u) is at least u: most hosts outlast the run by that alone, and need no logarithm.
        let (at_least, run) = (u.value() * mean, scn.simulation.horizon.as_ms() as f64);
        let after = if at_least > run { at_least } else { exponential(u, mean) };
        // The hazard has no memory, so an instance that is there at the start is as good as new.
        agenda.schedule(SimDuration::from_ms(after as u64), Phase::Fact, Event::HostFailed { instance });
    }
    if spec.spot.is_some() {
        spot::arm(scn, w, agenda, slot);
    }
    if let Some(lifetime) = spec.lifetime {
        let age = (agenda.now().as_ms() as i64 - row.launched_at) as u64;
        let left = |limit: SimDuration| SimDuration::from_ms(limit.as_ms().saturating_sub(age));
        agenda.schedule(left(lifetime.drain_after), Phase::Fact, Event::LifetimeReached { instance });
        agenda.schedule(left(lifetime.force_after), Phase::Fact, Event::LifetimeExceeded { instance });
    }
}

/// A host is lost.
pub(in crate::fleet) fn host_failed(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    lose(scn, w, agenda, slot, Cause::HostFailure);
}

/// An instance reached the age at which ECS drains it.
pub(in crate::fleet) fn lifetime_reached(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    if w.instances[slot as usize].state == InstanceState::Active {
        draining::begin(scn, w, agenda, slot, Cause::Lifetime);
    }
}

/// An instance reached the age at which ECS deregisters it by force.
pub(in crate::fleet) fn lifetime_exceeded(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
) {
    lose(scn, w, agenda, slot, Cause::Lifetime);
}
