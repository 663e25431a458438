//! Hosts that are lost, and hosts that grow too old.

use crate::engine::agenda::Phase;
use crate::engine::draw::exponential;
use crate::engine::time::SimDuration;
use crate::fleet::event::Event;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;

use super::{daemons, draining, provisioning, services};

/// Schedules what an instance's age has in store for it: the loss of the host, the age limits.
pub(in crate::fleet) fn arm_hazards(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &w.instances[slot as usize];
    let provider = usize::from(row.provider);
    let spec = &scn.providers[provider];
    let instance = w.reference(slot);
    if spec.host_failure_per_ms > 0.0 {
        let u = w.keys.providers[provider].host_failure.uniform(w.entity(slot), row.generation);
        let after = exponential(u, 1.0 / spec.host_failure_per_ms);
        // The hazard has no memory, so an instance that is there at the start is as good as new.
        agenda.schedule(SimDuration::from_ms(after as u64), Phase::Fact, Event::HostFailed { instance });
    }
    if let Some(lifetime) = spec.lifetime {
        let age = (agenda.now().as_ms() as i64 - row.launched_at) as u64;
        let left = |limit: SimDuration| SimDuration::from_ms(limit.as_ms().saturating_sub(age));
        agenda.schedule(left(lifetime.drain_after), Phase::Fact, Event::LifetimeReached { instance });
        agenda.schedule(left(lifetime.force_after), Phase::Fact, Event::LifetimeExceeded { instance });
    }
}

/// A host is lost with all that ran on it. Its replacement is asked for at once, unless its
/// drain has asked for it already.
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

fn lose(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32, cause: Cause) {
    let state = w.instances[slot as usize].state;
    w.tell_given_up(scn, slot, cause, agenda.now());
    services::lose_all(scn, w, agenda, slot);
    daemons::end_all(scn, w, agenda.now(), slot);
    if state != InstanceState::Draining {
        w.instances[slot as usize].cause = cause;
        provisioning::replace(scn, w, agenda, slot);
    }
    provisioning::deregister(scn, w, agenda, slot);
}
