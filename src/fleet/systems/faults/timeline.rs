//! The faults of the timeline: they begin with the first fact of their instant, and have
//! ended at the instant when their time is over.

use crate::engine::agenda::Phase;
use crate::engine::draw::Key;
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::Event;
use crate::fleet::keys::{Purpose, key};
use crate::fleet::log::Change;
use crate::fleet::tables::{Cause, Instance, InstanceState};
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::model::{Extent, Fault, FaultKind, Request};

use super::{agents, dependency, lose, spot};

/// The fault of a timeline action.
pub(super) fn fault_of(scn: &Scenario, action: usize) -> Option<&Fault> {
    match &scn.timeline[action].request {
        Request::Fault(fault) => Some(fault),
        Request::Deploy(_) | Request::Scale(_) => None,
    }
}

/// Whether agents may lose touch in this scenario.
pub(super) fn disconnects(scn: &Scenario) -> bool {
    let silences = |action: usize| fault_of(scn, action).map(|fault| fault.kind);
    (0..scn.timeline.len()).any(|action| matches!(silences(action), Some(FaultKind::AgentDisconnection(_))))
}

/// What a fault's draws are named after: its kind and instant, so that no other entry of the
/// timeline moves them; of several alike, which one.
pub(super) fn tag(scn: &Scenario, action: usize) -> String {
    let at = scn.timeline[action].at;
    let kind = |action: usize| fault_of(scn, action).map(|fault| fault.kind.as_str());
    let alike = (0..action)
        .rev()
        .take_while(|earlier| scn.timeline[*earlier].at == at)
        .filter(|a| kind(*a) == kind(action));
    format!("{}@{}#{}", kind(action).unwrap_or_default(), at.as_ms(), alike.count())
}

/// The key of a fault's draws on behalf of a named thing.
pub(super) fn fault_key(scn: &Scenario, seed: u64, purpose: Purpose, action: usize, name: &str) -> Key {
    key(scn, seed, purpose, &format!("{}/{name}", tag(scn, action)))
}

/// A fault of the timeline begins.
pub(in crate::fleet) fn struck(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, action: usize) {
    let Some(fault) = fault_of(scn, action) else { return };
    tell(scn, w, agenda.now(), action, "begins");
    match fault.kind {
        FaultKind::AzOutage => {
            for slot in covered(w, fault) {
                lose(scn, w, agenda, slot, Cause::ZoneOutage);
            }
        }
        FaultKind::InstanceFailure { count } => fail_some(scn, w, agenda, action, count),
        FaultKind::SpotShock { share } => interrupt(scn, w, agenda, action, share),
        FaultKind::DependencyOutage { .. } => dependency::struck(scn, w, agenda, action),
        FaultKind::AgentDisconnection(extent) => agents::struck(scn, w, agenda, action, extent),
        FaultKind::RegistryOutage { .. } | FaultKind::CapacityShortage => {}
    }
    if fault.lasts > SimDuration::ZERO {
        w.faults.active.push(action);
        agenda.schedule(fault.lasts, Phase::Fact, Event::FaultEnded { action: action as u32 });
    }
}

/// A fault of the timeline is over.
pub(in crate::fleet) fn ended(scn: &Scenario, w: &mut World, now: SimTime, action: usize) {
    w.faults.active.retain(|active| *active != action);
    tell(scn, w, now, action, "ends");
}

fn tell(scn: &Scenario, w: &mut World, now: SimTime, action: usize, status: &'static str) {
    let Some(fault) = fault_of(scn, action) else { return };
    w.tell(now, |_| Change::Fault { fault: fault.kind.as_str(), status, detail: reach(scn, fault) });
}

/// Whom a fault concerns, in words.
fn reach(scn: &Scenario, fault: &Fault) -> String {
    let mut words = Vec::new();
    if let Some(provider) = fault.provider {
        words.push(scn.providers[provider].name.clone());
    }
    if let Some(zone) = fault.zone {
        words.push(format!("zone {zone}"));
    }
    if let FaultKind::DependencyOutage { daemon: Some(daemon), .. } = fault.kind {
        words.push(scn.daemons[daemon].name.clone());
    }
    words.join(" ")
}

/// The faults under way at `now`, with the numbers of their actions. One whose time is over by
/// now has no effect any more, whether or not its end has been noted.
fn active<'a>(scn: &'a Scenario, w: &'a World, now: SimTime) -> impl Iterator<Item = (usize, &'a Fault)> {
    w.faults.active.iter().filter_map(move |action| {
        let fault = fault_of(scn, *action)?;
        (now < scn.timeline[*action].at + fault.lasts).then_some((*action, fault))
    })
}

/// Whether launches of an instance fail: its zone is out.
pub(in crate::fleet) fn zone_is_out(scn: &Scenario, w: &World, now: SimTime, slot: u32) -> bool {
    covers(scn, w, now, slot, FaultKind::AzOutage)
}

/// Whether launches of an instance are refused: EC2 is short of capacity.
pub(in crate::fleet) fn is_short(scn: &Scenario, w: &World, now: SimTime, slot: u32) -> bool {
    covers(scn, w, now, slot, FaultKind::CapacityShortage)
}

fn covers(scn: &Scenario, w: &World, now: SimTime, slot: u32, kind: FaultKind) -> bool {
    if w.faults.active.is_empty() {
        return false;
    }
    let row = &w.instances[slot as usize];
    active(scn, w, now)
        .any(|(_, fault)| fault.kind == kind && fault.covers(row.provider.into(), row.zone.into()))
}

/// Whether an image pull that begins now fails. `puller` names whose pull it is; entity and
/// occurrence are those of its start.
pub(in crate::fleet) fn registry_fails(
    scn: &Scenario,
    w: &World,
    now: SimTime,
    puller: &str,
    (entity, occurrence): (u32, u32),
) -> bool {
    active(scn, w, now).any(|(action, fault)| match fault.kind {
        FaultKind::RegistryOutage { share } => {
            fault_key(scn, w.seed, Purpose::RegistryOutage, action, puller)
                .uniform(entity, occurrence)
                .below(share)
        }
        _ => false,
    })
}

/// Slots of the instances that EC2 runs and has not been told to end, of a kind.
pub(super) fn there(w: &World, of_kind: impl Fn(&Instance) -> bool) -> Vec<u32> {
    let lives = |row: &Instance| {
        (InstanceState::Booting..=InstanceState::Draining).contains(&row.state) && of_kind(row)
    };
    (0..w.instances.len() as u32).filter(|slot| lives(&w.instances[*slot as usize])).collect()
}

/// Slots of the instances that a fault concerns.
fn covered(w: &World, fault: &Fault) -> Vec<u32> {
    there(w, |row| fault.covers(row.provider.into(), row.zone.into()))
}

/// So many of the slots, in the order of an addressed draw.
pub(super) fn lottery(
    scn: &Scenario,
    w: &World,
    purpose: Purpose,
    action: usize,
    slots: &[u32],
    count: u32,
) -> Vec<u32> {
    let mut drawn: Vec<(f64, u32, u32)> = slots
        .iter()
        .map(|slot| {
            let lineage = w.instances[*slot as usize].lineage;
            (uniform_of(scn, w, purpose, action, *slot), lineage, *slot)
        })
        .collect();
    drawn.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    drawn.truncate(count as usize);
    drawn.into_iter().map(|(_, _, slot)| slot).collect()
}

/// Each of the slots with a chance of its own.
pub(super) fn sift(
    scn: &Scenario,
    w: &World,
    purpose: Purpose,
    action: usize,
    slots: &[u32],
    share: f64,
) -> Vec<u32> {
    let hit = |slot: &u32| uniform_of(scn, w, purpose, action, *slot) < share;
    slots.iter().copied().filter(hit).collect()
}

/// The variate of an instance for a fault.
fn uniform_of(scn: &Scenario, w: &World, purpose: Purpose, action: usize, slot: u32) -> f64 {
    let row = &w.instances[slot as usize];
    let name = &scn.providers[usize::from(row.provider)].name;
    fault_key(scn, w.seed, purpose, action, name).uniform(w.entity(slot), row.generation).value()
}

/// Those of the slots that a fault of some extent hits.
pub(super) fn picked(
    scn: &Scenario,
    w: &World,
    purpose: Purpose,
    action: usize,
    slots: &[u32],
    extent: Extent,
) -> Vec<u32> {
    match extent {
        Extent::Share(share) => sift(scn, w, purpose, action, slots, share),
        Extent::Count(count) => lottery(scn, w, purpose, action, slots, count),
    }
}

/// A moment within the time of a fault, drawn for an instance.
fn moment(scn: &Scenario, w: &World, action: usize, slot: u32) -> SimDuration {
    let lasts = fault_of(scn, action).map_or(SimDuration::ZERO, |fault| fault.lasts);
    let share = uniform_of(scn, w, Purpose::FaultMoment, action, slot);
    SimDuration::from_ms((lasts.as_ms() as f64 * share) as u64)
}

fn fail_some(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, action: usize, count: u32) {
    let Some(fault) = fault_of(scn, action) else { return };
    for slot in lottery(scn, w, Purpose::InstanceFailure, action, &covered(w, fault), count) {
        let event = Event::HostFailed { instance: w.reference(slot) };
        agenda.schedule(moment(scn, w, action, slot), Phase::Fact, event);
    }
}

fn interrupt(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, action: usize, share: f64) {
    let Some(fault) = fault_of(scn, action) else { return };
    let is_spot = |slot: &u32| {
        let provider = usize::from(w.instances[*slot as usize].provider);
        scn.providers[provider].spot.is_some()
    };
    let spots: Vec<u32> = covered(w, fault).into_iter().filter(is_spot).collect();
    for slot in sift(scn, w, Purpose::SpotShock, action, &spots, share) {
        spot::notify_after(w, agenda, slot, moment(scn, w, action, slot));
    }
}
