//! Auto repair: instances whose critical daemon is lost are drained and replaced.
//!
//! At most 20 % of a provider's instances, one below nine instances, drain for repair
//! at once (documented for GPU repair, which shares the switch and the health pipeline:
//! Amazon ECS developer guide, "GPU auto repair"; A9).

use crate::engine::agenda::Phase;
use crate::engine::time::SimTime;
use crate::fleet::event::Event;
use crate::fleet::gauge::Gauge;
use crate::fleet::log::Change;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::RepairLimit;

use super::{daemons, draining, faults, lanes};

/// A daemon turned UNHEALTHY: its instance will be seen as IMPAIRED.
pub(in crate::fleet) fn propagate(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = w.instances[slot as usize];
    let key = w.keys.providers[usize::from(row.provider)].health_propagation;
    let takes = scn.control_plane.health_propagation.sample_at(key, w.entity(slot), row.generation);
    agenda.schedule(takes, Phase::Fact, Event::ImpairmentSeen { instance: w.reference(slot) });
}

/// What ails an instance is known by now: it is IMPAIRED, unless it has recovered.
pub(in crate::fleet) fn seen(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    if is_at_fault(scn, w, agenda.now(), slot) {
        impair(scn, w, agenda, slot);
    }
}

/// Whether there is a reason for an instance to be IMPAIRED: a critical daemon that is lost, or
/// an agent out of touch.
fn is_at_fault(scn: &Scenario, w: &World, now: SimTime, slot: u32) -> bool {
    (0..scn.daemons.len()).any(|daemon| daemons::is_lost(w, slot, daemon))
        || faults::agents::given_up(scn, w, now, slot)
}

/// A reason for an instance to be IMPAIRED is gone: if it was the last and the instance does not
/// drain yet, it is OK again and no longer waits for repair.
pub(in crate::fleet) fn recover(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    let row = w.instances[slot as usize];
    if !row.impaired || row.state != InstanceState::Active || is_at_fault(scn, w, now, slot) {
        return;
    }
    w.instances[slot as usize].impaired = false;
    w.count_impaired(slot, now, Gauge::lower);
    let provider = &mut w.providers[usize::from(row.provider)];
    provider.repair_queue.retain(|entry| entry.3 != slot);
    w.faults.repairs.remove(&slot);
    w.tell(now, |w| Change::Recovered { instance: w.label(scn, slot) });
    lanes::recovered(scn, w, agenda, slot);
}

/// An instance is IMPAIRED; if repair is enabled, ECS will decide to replace it.
pub(in crate::fleet) fn impair(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &mut w.instances[slot as usize];
    if row.state != InstanceState::Active || row.impaired {
        return;
    }
    row.impaired = true;
    w.count_impaired(slot, agenda.now(), Gauge::raise);
    w.tell(agenda.now(), |w| Change::Impaired { instance: w.label(scn, slot) });
    let row = w.instances[slot as usize];
    let provider = usize::from(row.provider);
    if !scn.providers[provider].auto_repair {
        return;
    }
    let key = w.keys.providers[provider].repair_decision;
    let takes = scn.control_plane.repair_decision.sample_at(key, w.entity(slot), row.generation);
    agenda.schedule(takes, Phase::Fact, Event::RepairDecided { instance: w.reference(slot) });
    if w.faults.may_recover {
        w.faults.repairs.insert(slot, agenda.now() + takes);
    }
}

/// ECS decided to repair an instance: it drains as soon as the limit allows.
pub(in crate::fleet) fn decided(w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    // The decision is about an impairment that may be over; another may have begun since.
    if w.faults.may_recover && w.faults.repairs.get(&slot) != Some(&agenda.now()) {
        return;
    }
    let row = w.instances[slot as usize];
    let entry = (agenda.now(), row.lineage, row.generation, slot);
    w.providers[usize::from(row.provider)].repair_queue.insert(entry);
    w.wake(agenda, Decider::Repair);
}

/// Drains the instances whose turn it is.
pub(in crate::fleet) fn decide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    for provider in 0..w.providers.len() {
        while let Some(&entry) = w.providers[provider].repair_queue.first() {
            let (_, lineage, generation, slot) = entry;
            let row = &w.instances[slot as usize];
            let still_there =
                row.lineage == lineage && row.generation == generation && row.state == InstanceState::Active;
            if still_there && at_limit(scn, w, provider) {
                break;
            }
            w.providers[provider].repair_queue.remove(&entry);
            if still_there {
                daemons::count_repair(scn, w, agenda, slot);
                draining::begin(scn, w, agenda, slot, Cause::Repair);
            }
        }
    }
}

fn at_limit(scn: &Scenario, w: &World, provider: usize) -> bool {
    let state = &w.providers[provider];
    // One that drains is not counted, since its replacement is.
    let limit = if state.on_duty < 9 { 1 } else { state.on_duty / 5 };
    match scn.assumptions.repair_limit {
        RepairLimit::Separate => state.draining_for_repair >= limit,
        RepairLimit::Shared => state.draining_for_repair + state.draining_for_deployment >= limit,
        RepairLimit::Unlimited => false,
    }
}
