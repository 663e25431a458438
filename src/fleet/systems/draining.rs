//! Taking an instance out of service: its applications first, its daemons last.

use crate::engine::agenda::Phase;
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::Event;
use crate::fleet::log::Change;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;

use super::{daemons, lanes, provisioning, services};

/// Turns an ACTIVE instance DRAINING and, unless the fleet is to shrink, has it replaced.
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
    if !cause.shrinks() {
        provisioning::replace(scn, w, agenda, slot);
    }
    if w.instances[slot as usize].tasks > 0 {
        services::displace(scn, w, agenda, slot);
    }
    if w.instances[slot as usize].tasks == 0 {
        stop_daemons(scn, w, agenda, slot);
    } else {
        arm_deadline(scn, w, agenda, slot);
    }
    w.wake(agenda, Decider::Launches);
}

/// Schedules the end of a drain that its tasks may hold up for ever. Beyond the horizon it would not matter.
fn arm_deadline(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, slot: u32) {
    let deadline = scn.control_plane.drain_deadline;
    if agenda.now() + deadline <= SimTime::ZERO + scn.simulation.horizon {
        let event = Event::DrainDeadlineReached { instance: w.reference(slot) };
        agenda.schedule(deadline, Phase::Fact, event);
    }
}

/// A drain has lasted as long as it may: the instance is deregistered by force, and what is left
/// on it is lost.
pub(in crate::fleet) fn deadline_reached(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    if now.since(w.instances[slot as usize].since) < scn.control_plane.drain_deadline {
        // The deadline of an earlier drain, which was called off.
        return;
    }
    w.tell(now, |w| Change::DrainDeadline { instance: w.label(scn, slot) });
    services::lose_all(scn, w, agenda, slot);
    daemons::end_all(scn, w, now, slot);
    provisioning::deregister(scn, w, agenda, slot);
}

/// The last application task has stopped: the daemons are told to stop, all at once, and the
/// instance goes when the slowest of them has.
pub(in crate::fleet) fn stop_daemons(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    // What is not gone by the deadline of the drain is killed then.
    let drained_for = agenda.now().since(w.instances[slot as usize].since);
    let left =
        SimDuration::from_ms(scn.control_plane.drain_deadline.as_ms().saturating_sub(drained_for.as_ms()));
    let mut slowest = SimDuration::ZERO;
    for daemon in 0..scn.daemons.len() {
        let row = w.daemon_row(slot, daemon);
        // Whatever its health check or its defects had in store no longer matters.
        w.daemon_tasks[row].run = w.daemon_tasks[row].run.wrapping_add(1);
        if let Some(takes) = shutdown(scn, w, slot, daemon) {
            slowest = slowest.max(takes);
            daemons::tell_stopping(scn, w, agenda.now(), slot, daemon);
        }
    }
    slowest = slowest.min(left);
    let instance = w.reference(slot);
    // A daemon alone on its instance, as most are, has its end told by that of the instance.
    for daemon in 0..if scn.daemons.len() > 1 { scn.daemons.len() } else { 0 } {
        if let Some(takes) = shutdown(scn, w, slot, daemon).filter(|takes| *takes < slowest) {
            let run = w.daemon_tasks[w.daemon_row(slot, daemon)].run;
            let event = Event::DaemonStopped { instance, daemon: daemon as u8, run };
            agenda.schedule(takes, Phase::Fact, event);
        }
    }
    agenda.schedule(slowest, Phase::Fact, Event::DaemonsStopped { instance });
}

/// How long a daemon takes to stop; none if it does not run.
fn shutdown(scn: &Scenario, w: &World, slot: u32, daemon: usize) -> Option<SimDuration> {
    let row = &w.instances[slot as usize];
    let task = &w.daemon_tasks[w.daemon_row(slot, daemon)];
    let (revision, _) = w.epochs[usize::from(task.epoch)].gives(usize::from(row.provider))?;
    let (revision, key) = (&scn.revisions[revision], w.keys.daemons[daemon].shutdown);
    let takes = || revision.shutdown.sample_at(key, w.entity(slot), row.generation);
    task.state.runs().then(|| takes().min(revision.stop_timeout))
}

/// The daemons of a drained instance have stopped.
pub(in crate::fleet) fn daemons_stopped(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    daemons::end_all(scn, w, agenda.now(), slot);
    provisioning::deregister(scn, w, agenda, slot);
}
