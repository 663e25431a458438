//! What breaks: hosts that are lost or grow too old, spot instances that are taken back, and
//! the faults that the timeline brings.
//!
//! - `hazards`: what an instance's age has in store for it
//! - `spot`: interruptions at two minutes' notice, alone or many together
//! - `timeline`: the faults of the timeline, when they begin and end, and whom they hit
//! - `dependency`: health checks that fail on many hosts at once
//! - `agents`: instances that are out of touch with ECS

use crate::engine::time::SimTime;
use crate::fleet::event::InstanceRef;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;

use super::{daemons, provisioning, services};

pub(in crate::fleet) mod agents;
pub(in crate::fleet) mod dependency;
pub(in crate::fleet) mod hazards;
pub(in crate::fleet) mod spot;
pub(in crate::fleet) mod timeline;

/// What is kept of faults.
#[derive(Debug, Default)]
pub(in crate::fleet) struct FaultState {
    /// Faults of the timeline under way, by the number of their action.
    active: Vec<usize>,
    /// Every outage of a dependency that the timeline brings, in order of time.
    outages: Vec<dependency::Outage>,
    /// Instances out of touch with ECS, by slot.
    silent: std::collections::BTreeMap<u32, agents::Silence>,
    /// Whether an IMPAIRED instance may be OK again in this run.
    pub(in crate::fleet) may_recover: bool,
    /// Where it may: the instant at which ECS decides to repair an instance, by slot.
    pub(in crate::fleet) repairs: std::collections::BTreeMap<u32, SimTime>,
    /// Spot shocks so far, per capacity provider and zone.
    shocks: Vec<Vec<u32>>,
    /// Instances that EC2 has announced to take back.
    pub(in crate::fleet) noticed: Vec<InstanceRef>,
}

impl FaultState {
    /// Forgets what the run before left.
    fn reset(&mut self) {
        self.active.clear();
        self.outages.clear();
        self.silent.clear();
        self.shocks.clear();
        self.noticed.clear();
        self.may_recover = false;
        self.repairs.clear();
    }
}

/// Prepares the faults of a run and puts the first spot shocks on the agenda.
pub(in crate::fleet) fn begin(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    w.faults.reset();
    w.faults.outages = dependency::outages(scn, w.seed);
    w.faults.may_recover = !w.faults.outages.is_empty() || timeline::disconnects(scn);
    spot::begin(scn, w, agenda);
}

/// An instance is gone with all that ran on it. Its replacement is asked for at once, unless
/// its drain has asked for it already.
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
