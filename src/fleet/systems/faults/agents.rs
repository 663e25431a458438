//! Instances whose ECS agent is out of touch.
//!
//! What runs there goes on running. Only an agent that stays away beyond a threshold makes its
//! instance IMPAIRED, and so a matter for repair (`AGENT_CONNECTIVITY` of the container instance
//! health; agents reconnect several times an hour, and that is no fault).

use crate::engine::agenda::Phase;
use crate::engine::time::SimTime;
use crate::fleet::event::Event;
use crate::fleet::keys::Purpose;
use crate::fleet::log::Change;
use crate::fleet::systems::repair;
use crate::fleet::tables::InstanceState;
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::model::Extent;

use super::timeline;

/// An agent that is out of touch.
#[derive(Clone, Copy, Debug)]
pub(in crate::fleet) struct Silence {
    /// Version of the slot, since its next occupant is another instance.
    version: u32,
    since: SimTime,
    until: SimTime,
}

/// Whether the agent of an instance has been out of touch beyond the threshold.
pub(in crate::fleet) fn given_up(scn: &Scenario, w: &World, now: SimTime, slot: u32) -> bool {
    w.faults.silent.get(&slot).is_some_and(|silence| {
        silence.version == w.instances[slot as usize].version
            && now < silence.until
            && silence.since + scn.control_plane.disconnected_threshold <= now
    })
}

/// Agents of some instances in service lose touch with ECS.
pub(super) fn struck(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, action: usize, extent: Extent) {
    let Some(fault) = timeline::fault_of(scn, action) else { return };
    let now = agenda.now();
    let until = now + fault.lasts;
    let in_service = timeline::there(w, |row| {
        row.state == InstanceState::Active && fault.covers(row.provider.into(), row.zone.into())
    });
    for slot in timeline::picked(scn, w, Purpose::AgentDisconnection, action, &in_service, extent) {
        let instance = w.reference(slot);
        let known = w.faults.silent.get(&slot).copied();
        let known = known.filter(|silence| silence.version == instance.version && silence.until >= now);
        let silence = match known {
            Some(silence) => Silence { until: silence.until.max(until), ..silence },
            None => Silence { version: instance.version, since: now, until },
        };
        w.faults.silent.insert(slot, silence);
        if known.is_none() {
            w.tell(now, |w| Change::Agent { instance: w.label(scn, slot), connected: false });
        }
        let threshold = scn.control_plane.disconnected_threshold;
        agenda.schedule(threshold, Phase::Fact, Event::AgentGivenUp { instance });
        agenda.schedule(fault.lasts, Phase::Fact, Event::AgentReconnected { instance });
    }
}

/// The threshold has passed: if the agent is still away, its instance is IMPAIRED.
pub(in crate::fleet) fn threshold_passed(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    if given_up(scn, w, agenda.now(), slot) {
        repair::impair(scn, w, agenda, slot);
    }
}

/// The agent is back, unless another fault keeps it away.
pub(in crate::fleet) fn reconnected(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    let version = w.instances[slot as usize].version;
    if w.faults.silent.get(&slot).is_none_or(|silence| silence.version != version || silence.until > now) {
        return;
    }
    w.faults.silent.remove(&slot);
    w.tell(now, |w| Change::Agent { instance: w.label(scn, slot), connected: true });
    repair::recover(scn, w, agenda, slot);
}
