//! Launching and terminating instances, within quota and ceiling.

use crate::engine::agenda::Phase;
use crate::engine::time::SimTime;
use crate::fleet::event::Event;
use crate::fleet::foresight;
use crate::fleet::log::Change;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::Replacement;
use crate::scenario::model::LaunchFailure;

use super::{demand, faults, lanes, scale_in};

/// Sees to what takes the place of an instance that leaves (A5): its successor, or whatever the
/// tasks that will wait for room turn out to need.
pub(in crate::fleet) fn replace(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    match scn.assumptions.replacement {
        Replacement::OneForOne => request_successor(scn, w, agenda, slot),
        Replacement::DemandDriven => {
            w.wake(agenda, Decider::Launches);
            w.wake(agenda, Decider::Deployments);
        }
    }
}

/// Asks for the next instance of a lineage, which is of the same type and in the same zone.
fn request_successor(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, predecessor: u32) {
    let row = w.instances[predecessor as usize];
    let slot = w.occupy(scn, row.provider, row.lineage, agenda.now());
    let version = w.instances[slot as usize].version;
    w.launch_requests.push((agenda.now(), row.lineage, slot, version));
    w.wake(agenda, Decider::Launches);
}

/// A failed or refused launch may be tried again.
pub(in crate::fleet) fn retry_due(w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &w.instances[slot as usize];
    w.launch_requests.push((row.since, row.lineage, slot, row.version));
    w.wake(agenda, Decider::Launches);
}

/// Grants or refuses the launches asked for, oldest request first.
pub(in crate::fleet) fn decide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    if w.providers.iter().any(|provider| provider.on_demand) {
        demand::plan(scn, w, agenda);
    }
    let mut requests = std::mem::take(&mut w.launch_requests);
    requests.sort_unstable();
    for together in requests.chunks(foresight::TOGETHER) {
        foresight::of_launches(w, together.iter().map(|(.., slot, _)| *slot));
        for (.., slot, version) in together {
            // It may have been taken back in the meantime.
            if w.instances[*slot as usize].version == *version {
                launch_unless_refused(scn, w, agenda, *slot);
            }
        }
    }
    requests.clear();
    w.launch_requests = requests;
}

fn launch_unless_refused(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let Some(limit) = refusal(scn, w, agenda.now(), slot) else { return launch(scn, w, agenda, slot) };
    w.tell(agenda.now(), |w| Change::LaunchRefused { instance: w.label(scn, slot), limit });
    let event = Event::LaunchRetryDue { instance: w.reference(slot) };
    agenda.schedule(scn.control_plane.capacity_retry, Phase::Fact, event);
}

fn refusal(scn: &Scenario, w: &World, now: SimTime, slot: u32) -> Option<&'static str> {
    let provider = usize::from(w.instances[slot as usize].provider);
    let spec = &scn.providers[provider];
    let over = |value: u64, limit: Option<u64>| limit.is_some_and(|limit| value > limit);
    if over(w.providers[provider].existing.value() + 1, spec.max_instances.map(u64::from)) {
        Some("maxInstances")
    } else if over(w.vcpu.value() + u64::from(w.type_of(scn, slot).vcpu), scn.quota_vcpu) {
        Some("vCPU quota")
    } else if faults::timeline::is_short(scn, w, now, slot) {
        Some("insufficient capacity")
    } else {
        None
    }
}

fn launch(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    w.enter(scn, slot, InstanceState::Launching, agenda.now());
    let row = w.instances[slot as usize];
    let provider = usize::from(row.provider);
    let attempt = w.lineages[row.lineage as usize].attempts;
    w.lineages[row.lineage as usize].attempts += 1;
    let takes =
        scn.providers[provider].launch.sample_at(w.keys.providers[provider].launch, w.entity(slot), attempt);
    agenda.schedule(takes, Phase::Fact, Event::LaunchEnded { instance: w.reference(slot) });
}

/// EC2 answered: the instance runs, or its launch failed.
pub(in crate::fleet) fn launch_ended(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    let row = w.instances[slot as usize];
    let provider = usize::from(row.provider);
    let (entity, keys) = (w.entity(slot), w.keys.providers[provider]);
    let spec = &scn.providers[provider];
    let attempt = w.lineages[row.lineage as usize].attempts - 1;
    let strikes =
        |failure: &LaunchFailure| keys.launch_failure.uniform(entity, attempt).below(failure.probability);
    if spec.launch_failure.as_ref().is_some_and(strikes) || faults::timeline::zone_is_out(scn, w, now, slot) {
        w.launch_failures += 1;
        w.tell(now, |w| Change::LaunchFailed { instance: w.label(scn, slot) });
        w.enter(scn, slot, InstanceState::Waiting, now);
        let retry = spec.launch_failure.as_ref().map(|failure| failure.retry_after);
        let retry = retry.unwrap_or(scn.control_plane.capacity_retry);
        agenda.schedule(retry, Phase::Fact, Event::LaunchRetryDue { instance: w.reference(slot) });
        return;
    }
    let lineage = &mut w.lineages[row.lineage as usize];
    let generation = lineage.generations;
    lineage.generations += 1;
    let row = &mut w.instances[slot as usize];
    row.generation = generation;
    row.launched_at = now.as_ms() as i64;
    w.enter(scn, slot, InstanceState::Booting, now);
    let takes = spec.registration.sample_at(keys.registration, entity, generation);
    agenda.schedule(takes, Phase::Fact, Event::InstanceRegistered { instance: w.reference(slot) });
    faults::hazards::arm(scn, w, agenda, slot);
}

/// Starts the termination of an instance whose tasks have all stopped.
pub(in crate::fleet) fn deregister(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    let row = w.instances[slot as usize];
    if row.state == InstanceState::Draining && row.lane > 0 {
        let wait = now.since(row.since);
        w.deployments[usize::from(row.deployment)].note_drain(wait);
    }
    w.enter(scn, slot, InstanceState::Deregistering, now);
    lanes::depart(scn, w, agenda, slot);
    if row.cause == Cause::Consolidation {
        scale_in::look_again(w, agenda);
    }
    let provider = usize::from(row.provider);
    // Under a shared limit (A9) whatever leaves may make way for a repair.
    if !w.providers[provider].repair_queue.is_empty() {
        w.wake(agenda, Decider::Repair);
    }
    let key = w.keys.providers[provider].termination;
    let takes = scn.providers[provider].termination.sample_at(key, w.entity(slot), row.generation);
    agenda.schedule(takes, Phase::Fact, Event::InstanceTerminated { instance: w.reference(slot) });
}

/// The EC2 instance is gone.
pub(in crate::fleet) fn terminated(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    match w.instances[slot as usize].cause {
        Cause::Deployment => w.instances_replaced += 1,
        Cause::Repair => w.instances_repaired += 1,
        _ => {}
    }
    w.enter(scn, slot, InstanceState::Vacant, agenda.now());
    lanes::depart(scn, w, agenda, slot);
    debug_assert_eq!(w.instances[slot as usize].tasks, 0, "a gone instance has no tasks");
}
