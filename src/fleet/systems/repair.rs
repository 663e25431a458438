//! Auto repair: instances whose critical daemon is lost are drained and replaced.
//!
//! At most 20 % of a provider's instances, one below nine instances, drain for repair
//! at once (documented for GPU repair, which shares the switch and the health pipeline:
//! Amazon ECS developer guide, "GPU auto repair"; A9).

use crate::engine::agenda::Phase;
use crate::fleet::event::Event;
use crate::fleet::log::Change;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::RepairLimit;

use super::{daemons, draining};

/// A daemon turned UNHEALTHY: its instance will be seen as IMPAIRED.
pub(in crate::fleet) fn propagate(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = w.instances[slot as usize];
    let key = w.keys.providers[usize::from(row.provider)].health_propagation;
    let takes = scn.control_plane.health_propagation.sample_at(key, w.entity(slot), row.generation);
    agenda.schedule(takes, Phase::Fact, Event::ImpairmentSeen { instance: w.reference(slot) });
}

/// An instance is IMPAIRED; if repair is enabled, ECS will decide to replace it.
pub(in crate::fleet) fn impair(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &mut w.instances[slot as usize];
    if row.state != InstanceState::Active || row.impaired {
        return;
    }
    row.impaired = true;
    w.impaired += 1;
    w.tell(agenda.now(), |w| Change::Impaired { instance: w.label(scn, slot) });
    let row = w.instances[slot as usize];
    let provider = usize::from(row.provider);
    if !scn.providers[provider].auto_repair {
        return;
    }
    let key = w.keys.providers[provider].repair_decision;
    let takes = scn.control_plane.repair_decision.sample_at(key, w.entity(slot), row.generation);
    agenda.schedule(takes, Phase::Fact, Event::RepairDecided { instance: w.reference(slot) });
}

/// ECS decided to repair an instance: it drains as soon as the limit allows.
pub(in crate::fleet) fn decided(w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
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
