//! Calling drains off (A18, `cancel`): what a superseded deployment drains is in service again.
//!
//! As if somebody had set the instances ACTIVE again (`UpdateContainerInstancesState`)
//! and taken back what was asked for in their place. A drain goes on all the same once
//! its replacement has registered, or its daemons have been told to stop: there is
//! nothing left to take back; and so does one of which EC2 has given notice.

use std::collections::BTreeMap;

use crate::engine::agenda::Phase;
use crate::engine::time::SimDuration;
use crate::fleet::event::Event;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;

use super::{daemons, deployment, lanes, placement, provisioning, repair, scale_in, scaling, services};

/// Calls off what the lanes of a daemon drain.
pub(in crate::fleet) fn call_off(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, daemon: usize) {
    let on_duty = (0..w.instances.len() as u32).map(|slot| (w.instances[slot as usize].lineage, slot));
    let on_duty = on_duty.filter(|(_, slot)| w.instances[*slot as usize].state.is_on_duty());
    let successors: BTreeMap<u32, u32> = on_duty.collect();
    for slot in 0..w.instances.len() as u32 {
        let row = &w.instances[slot as usize];
        let is_own = row.lane > 0 && w.lanes[usize::from(row.lane) - 1].daemon == daemon;
        if !is_own || row.state != InstanceState::Draining || row.tasks == 0 {
            continue;
        }
        if w.faults.noticed.contains(&w.reference(slot)) {
            continue;
        }
        // The instance that is to fill, or fills, the place of the one that drains.
        let successor = successors.get(&row.lineage).copied();
        if successor.is_some_and(|slot| w.instances[slot as usize].registered) {
            continue;
        }
        if let Some(slot) = successor {
            withdraw(scn, w, agenda, slot);
        }
        reactivate(scn, w, agenda, slot);
    }
}

/// Takes back an instance that has not registered; what EC2 has begun to launch it terminates.
fn withdraw(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &mut w.instances[slot as usize];
    row.cause = Cause::Withdrawn;
    match row.state {
        InstanceState::Waiting => w.enter(scn, slot, InstanceState::Vacant, agenda.now()),
        InstanceState::Launching => {
            // An instance of its own, though it never ran.
            w.lineages[row.lineage as usize].generations += 1;
            provisioning::deregister(scn, w, agenda, slot);
        }
        _ => provisioning::deregister(scn, w, agenda, slot),
    }
}

fn reactivate(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    let row = w.instances[slot as usize];
    let wait = now.since(row.since);
    w.deployments[usize::from(row.deployment)].note_drain(wait);
    lanes::forget(scn, w, slot);
    w.enter(scn, slot, InstanceState::Active, now);
    let row = &mut w.instances[slot as usize];
    (row.cause, row.since) = (Cause::None, now);
    daemons::gap_changed(w, now, slot);
    services::resume_stops(scn, w, agenda, slot);
    scaling::restore(w, slot);
    deployment::close_if_off_target(scn, w, slot);
    placement::file_room(w, slot);
    lanes::activated(scn, w, agenda, slot);
    scale_in::stir(scn, w, agenda, slot);
    w.wake(agenda, Decider::Services);
    // Daemons and agents may have been lost, or come back, while nobody cared.
    repair::seen(scn, w, agenda, slot);
    repair::recover(scn, w, agenda, slot);
    // The age at which it is drained may have come while it drained already.
    let row = &w.instances[slot as usize];
    let age = SimDuration::from_ms((now.as_ms() as i64 - row.launched_at).max(0) as u64);
    if scn.providers[usize::from(row.provider)].lifetime.is_some_and(|limit| limit.drain_after <= age) {
        let event = Event::LifetimeReached { instance: w.reference(slot) };
        agenda.schedule(SimDuration::ZERO, Phase::Fact, event);
    }
}
