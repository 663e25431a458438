//! Taking an instance out of service: its applications first, its daemons last.

use crate::engine::agenda::Phase;
use crate::engine::time::SimDuration;
use crate::fleet::event::Event;
use crate::fleet::tables::{Cause, InstanceState, NONE};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;

use super::{daemons, lanes, provisioning, services};

/// Turns an ACTIVE instance DRAINING and asks for its replacement at the same instant.
pub(in crate::fleet) fn begin(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    cause: Cause,
) {
    let now = agenda.now();
    let row = &mut w.instances[slot as usize];
    row.cause = cause;
    row.since = now;
    w.enter(scn, slot, InstanceState::Draining, now);
    daemons::gap_changed(w, now, slot);
    lanes::depart(scn, w, agenda, slot);
    provisioning::request_successor(scn, w, agenda, slot);
    if w.instances[slot as usize].first_task == NONE {
        stop_daemons(scn, w, agenda, slot);
    } else {
        services::displace(scn, w, agenda, slot);
        if w.instances[slot as usize].first_task == NONE {
            stop_daemons(scn, w, agenda, slot);
        }
    }
    w.wake(agenda, Decider::Launches);
}

/// The last application task has stopped: the daemons stop, all at once.
pub(in crate::fleet) fn stop_daemons(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = w.instances[slot as usize];
    let entity = w.entity(slot);
    let mut takes = SimDuration::ZERO;
    for daemon in 0..scn.daemons.len() {
        let task = w.daemon_row(slot, daemon);
        let task = &mut w.daemon_tasks[task];
        // Whatever its health check or its defects had in store no longer matters.
        task.run = task.run.wrapping_add(1);
        if !task.state.runs() {
            continue;
        }
        let epoch = task.epoch;
        let Some((revision, _)) = w.epochs[usize::from(epoch)].gives(usize::from(row.provider)) else {
            continue;
        };
        let revision = &scn.revisions[revision];
        let key = w.keys.daemons[daemon].shutdown;
        takes =
            takes.max(revision.shutdown.sample_at(key, entity, row.generation).min(revision.stop_timeout));
    }
    agenda.schedule(takes, Phase::Fact, Event::DaemonsStopped { instance: w.reference(slot) });
}

/// The daemons of a drained instance have stopped.
pub(in crate::fleet) fn daemons_stopped(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    daemons::end_all(scn, w, agenda.now(), slot);
    provisioning::deregister(scn, w, agenda, slot);
}
