//! Spot interruptions: EC2 takes an instance back two minutes after its notice.
//!
//! At the notice ECS turns the instance DRAINING and asks for its replacement (Amazon ECS
//! developer guide, "Draining container instances"); what still runs when the two minutes are
//! over is lost. Interruptions are not independent: of those in one type and zone more than
//! nine in ten share their three minutes with others (arXiv 2604.16457), hence the shocks.

use crate::engine::agenda::Phase;
use crate::engine::draw::exponential;
use crate::engine::time::SimDuration;
use crate::fleet::event::Event;
use crate::fleet::keys::{Purpose, key};
use crate::fleet::log::Change;
use crate::fleet::systems::draining;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;

use super::{lose, timeline};

/// EC2's notice of a spot interruption (Amazon EC2 user guide, "Spot Instance interruption notices").
pub(in crate::fleet) const NOTICE: SimDuration = SimDuration::from_mins(2);

/// Puts the first shock of each zone on the agenda.
pub(super) fn begin(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    if scn.providers.iter().all(|provider| provider.spot.is_none()) {
        return;
    }
    for (provider, spec) in scn.providers.iter().enumerate() {
        let zones = if spec.spot.is_some_and(|spot| spot.shocks.is_some()) { spec.zones } else { 0 };
        w.faults.shocks.push(vec![0; zones as usize]);
        (0..zones).for_each(|zone| next_shock(scn, w, agenda, provider, zone));
    }
}

fn next_shock(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, provider: usize, zone: u32) {
    let spec = &scn.providers[provider];
    let Some(shocks) = spec.spot.and_then(|spot| spot.shocks) else { return };
    let count = w.faults.shocks[provider][zone as usize];
    let u = key(scn, w.seed, Purpose::SpotShockInterval, &spec.name).uniform(zone, count);
    let after = SimDuration::from_ms(exponential(u, 1.0 / shocks.per_ms) as u64);
    agenda.schedule(after, Phase::Fact, Event::SpotShockStruck { provider: provider as u16, zone });
}

/// A shock hits a zone: notices go out to a share of its instances.
pub(in crate::fleet) fn shock(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    provider: usize,
    zone: u32,
) {
    let spec = &scn.providers[provider];
    let Some(shocks) = spec.spot.and_then(|spot| spot.shocks) else { return };
    let count = w.faults.shocks[provider][zone as usize];
    w.faults.shocks[provider][zone as usize] += 1;
    w.tell(agenda.now(), |_| Change::Fault {
        fault: "spotShock",
        status: "begins",
        detail: format!("{} zone {zone}", spec.name),
    });
    let hits = key(scn, w.seed, Purpose::SpotShockHits, &spec.name);
    let notices = key(scn, w.seed, Purpose::SpotShockNotice, &spec.name);
    for slot in timeline::there(w, |row| usize::from(row.provider) == provider && u32::from(row.zone) == zone)
    {
        let entity = w.entity(slot);
        if hits.uniform(entity, count).below(shocks.share) {
            let after = shocks.within.as_ms() as f64 * notices.uniform(entity, count).value();
            notify_after(w, agenda, slot, SimDuration::from_ms(after as u64));
        }
    }
    next_shock(scn, w, agenda, provider, zone);
}

/// Schedules an instance's own interruption.
pub(super) fn arm(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, slot: u32) {
    let row = &w.instances[slot as usize];
    let spec = &scn.providers[usize::from(row.provider)];
    let rate = spec.spot.map_or(0.0, |spot| spot.interruption_per_ms);
    if rate > 0.0 {
        let key = key(scn, w.seed, Purpose::SpotInterruption, &spec.name);
        let after = exponential(key.uniform(w.entity(slot), row.generation), 1.0 / rate);
        notify_after(w, agenda, slot, SimDuration::from_ms(after as u64));
    }
}

/// Schedules the notice of an interruption.
pub(super) fn notify_after(w: &World, agenda: &mut FleetAgenda, slot: u32, after: SimDuration) {
    agenda.schedule(after, Phase::Fact, Event::SpotNoticeGiven { instance: w.reference(slot) });
}

/// EC2 gives notice: an ACTIVE instance drains; one that is not in service yet is not worth it.
pub(in crate::fleet) fn noticed(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    w.tell(agenda.now(), |w| Change::SpotNotice { instance: w.label(scn, slot) });
    let instance = w.reference(slot);
    w.faults.noticed.push(instance);
    agenda.schedule(NOTICE, Phase::Fact, Event::SpotReclaimed { instance });
    if w.instances[slot as usize].state == InstanceState::Active {
        draining::begin(scn, w, agenda, slot, Cause::Spot);
    }
}

/// The two minutes are over.
pub(in crate::fleet) fn reclaimed(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let instance = w.reference(slot);
    w.faults.noticed.retain(|noticed| *noticed != instance);
    lose(scn, w, agenda, slot, Cause::Spot);
}
