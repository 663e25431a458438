//! Scale-in: instances that nobody uses go, and those whose tasks find room elsewhere.
//!
//! An idle instance goes `scaleInAfter` after its last task stopped; a task that is placed on
//! it calls that off. One that is used, but has had no task start or stop for as long, is
//! drained if all its tasks fit on others, one after another (Amazon ECS developer guide,
//! "Infrastructure optimization"; AWS containers blog, the deep dive on Managed Instances).
//! Nothing polls: each ACTIVE instance has one timer at most.

use std::cmp::Reverse;

use crate::engine::agenda::Phase;
use crate::engine::time::SimTime;
use crate::fleet::event::{Event, InstanceRef};
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::tasks::Task;
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;

use super::draining;

/// Since when nothing has started or stopped on an instance.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::fleet) struct Quiet {
    version: u32,
    since: SimTime,
    /// Whether its timer is on the agenda.
    armed: bool,
}

/// Something started or stopped on an instance, or it came into service: its time begins anew.
pub(in crate::fleet) fn stir(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    if !w.scales_in {
        return;
    }
    let row = &w.instances[slot as usize];
    let (provider, lineage) = (usize::from(row.provider), row.lineage);
    let (Some(after), InstanceState::Active) = (scn.providers[provider].scale_in_after, row.state) else {
        return;
    };
    w.providers[provider].quiet.remove(&lineage);
    let instance = w.reference(slot);
    if w.quiet.len() <= slot as usize {
        w.quiet.resize(slot as usize + 1, Quiet::default());
    }
    let quiet = &mut w.quiet[slot as usize];
    let armed = quiet.armed && quiet.version == instance.version;
    *quiet = Quiet { version: instance.version, since: agenda.now(), armed: true };
    if !armed {
        agenda.schedule(after, Phase::Fact, Event::InstanceQuiet { instance });
    }
}

/// An instance's time may be up.
pub(in crate::fleet) fn due(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &w.instances[slot as usize];
    let provider = usize::from(row.provider);
    let lineage = row.lineage;
    let in_service = row.state == InstanceState::Active;
    let instance = w.reference(slot);
    let quiet = &mut w.quiet[slot as usize];
    quiet.armed = false;
    let Some(end) = scn.providers[provider].scale_in_after.map(|after| quiet.since + after) else { return };
    if !in_service {
        return;
    }
    if end > agenda.now() {
        quiet.armed = true;
        let left = end.since(agenda.now());
        agenda.schedule(left, Phase::Fact, Event::InstanceQuiet { instance });
        return;
    }
    w.providers[provider].quiet.insert(lineage, instance);
    w.wake(agenda, Decider::ScaleIn);
}

/// What kept instances from being consolidated may have ended.
pub(in crate::fleet) fn look_again(w: &mut World, agenda: &mut FleetAgenda) {
    if w.scales_in {
        w.wake(agenda, Decider::ScaleIn);
    }
}

/// Takes the idle instances out of service, and one that others can stand in for.
pub(in crate::fleet) fn decide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    for provider in 0..w.providers.len() {
        let (instances, version) = (&w.instances, |slot: u32| w.instances[slot as usize].version);
        let in_service = |it: &InstanceRef| {
            version(it.slot) == it.version && instances[it.slot as usize].state == InstanceState::Active
        };
        w.providers[provider].quiet.retain(|_, instance| in_service(instance));
        let idle = |it: &&InstanceRef| w.instances[it.slot as usize].tasks == 0;
        let idle: Vec<u32> = w.providers[provider].quiet.values().filter(idle).map(|it| it.slot).collect();
        for slot in idle {
            draining::begin(scn, w, agenda, slot, Cause::Idle);
        }
        if may_consolidate(w, provider)
            && let Some(slot) = underused(scn, w, provider)
        {
            draining::begin(scn, w, agenda, slot, Cause::Consolidation);
        }
    }
}

/// Whether a used instance may be drained: one at a time, and none while a deployment rolls the provider.
fn may_consolidate(w: &World, provider: usize) -> bool {
    let drains = |row: &crate::fleet::tables::Instance| {
        usize::from(row.provider) == provider
            && row.state == InstanceState::Draining
            && row.cause == Cause::Consolidation
    };
    !w.providers[provider].quiet.is_empty()
        && !w.open.iter().flatten().any(|open| w.deployments[usize::from(*open)].scope.contains(&provider))
        && !w.instances.iter().any(drains)
}

/// The quiet instance with the fewest tasks, then the lowest index, whose tasks all fit on others.
fn underused(scn: &Scenario, w: &World, provider: usize) -> Option<u32> {
    let quiet = w.providers[provider].quiet.values().map(|instance| instance.slot);
    let mut candidates: Vec<(u32, u32, u32)> = quiet
        .filter(|slot| !w.instances[*slot as usize].impaired && may_move(scn, w, *slot))
        .map(|slot| (w.instances[slot as usize].left, w.instances[slot as usize].lineage, slot))
        .collect();
    if candidates.is_empty() {
        return None;
    }
    candidates.sort_unstable();
    let mut rooms: Vec<(u32, u32, u32, u32)> = w
        .instances
        .iter()
        .enumerate()
        .filter(|(_, row)| {
            usize::from(row.provider) == provider
                && row.state == InstanceState::Active
                && !row.closed
                && !row.impaired
        })
        .map(|(slot, row)| (row.lineage, slot as u32, row.memory_free, row.cpu_free))
        .collect();
    rooms.sort_unstable();
    let found = candidates.into_iter().find(|(_, _, slot)| fits_elsewhere(scn, w, *slot, &rooms));
    found.map(|(_, _, slot)| slot)
}

/// Whether an instance has tasks, and all of them can be started elsewhere: standalone and protected
/// ones stay, and where a service may neither lose a task nor have one more the drain would never end.
fn may_move(scn: &Scenario, w: &World, slot: u32) -> bool {
    let moves = |task: &Task| {
        let (spec, state) =
            (&scn.services[usize::from(task.service)], &w.services[usize::from(task.service)]);
        let desired = state.desired;
        let is_stuck = spec.floor(desired) >= desired && spec.ceiling(desired) <= desired;
        !task.is_protected && !state.is_standalone && !is_stuck
    };
    let row = &w.instances[slot as usize];
    // None that has been told to stop, either.
    row.tasks > 0 && row.tasks == row.left && w.tasks.live(row).iter().all(moves)
}

/// First fit, largest first, into the rooms of others: (lineage, slot, memory, cpu).
fn fits_elsewhere(scn: &Scenario, w: &World, slot: u32, rooms: &[(u32, u32, u32, u32)]) -> bool {
    let mut tasks: Vec<(u32, u32)> = w
        .tasks
        .on(&w.instances[slot as usize])
        .iter()
        .map(|task| &scn.services[usize::from(task.service)])
        .map(|service| (service.memory, service.cpu))
        .collect();
    tasks.sort_unstable_by_key(|task| Reverse(*task));
    let others = || rooms.iter().filter(|room| room.1 != slot);
    let roomiest = (others().map(|room| room.2).max(), others().map(|room| room.3).max());
    if tasks.iter().any(|task| Some(task.0) > roomiest.0 || Some(task.1) > roomiest.1) {
        return false;
    }
    let mut rooms: Vec<(u32, u32)> = others().map(|room| (room.2, room.3)).collect();
    tasks.into_iter().all(|(memory, cpu)| {
        let room = rooms.iter_mut().find(|room| room.0 >= memory && room.1 >= cpu);
        room.map(|room| *room = (room.0 - memory, room.1 - cpu)).is_some()
    })
}
