//! From REGISTERING to ACTIVE: the daemons come up before anything else may.
//!
//! An instance with a critical daemon stays REGISTERING until that daemon is up
//! (Amazon ECS developer guide, "Amazon ECS Managed Daemons").

use crate::engine::agenda::Phase;
use crate::fleet::event::Event;
use crate::fleet::tables::{Cause, DaemonState, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::{AppGate, ReserveForDaemons};

use super::{breaker, daemons, deployment, lanes, placement, provisioning, scale_in};

/// The container instance registered: it is given its daemons, and they start.
pub(in crate::fleet) fn registered(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let now = agenda.now();
    w.enter(scn, slot, InstanceState::Registering, now);
    for daemon in 0..scn.daemons.len() {
        give(scn, w, slot, daemon);
    }
    lanes::registered(scn, w, slot);
    for daemon in 0..scn.daemons.len() {
        let row = w.daemon_row(slot, daemon);
        if w.daemon_tasks[row].state == DaemonState::Starting {
            daemons::start(scn, w, agenda, slot, daemon);
        }
    }
    if try_activate(scn, w, agenda, slot) {
        return;
    }
    let event = Event::RegistrationTimedOut { instance: w.reference(slot) };
    agenda.schedule(scn.control_plane.registration_timeout, Phase::Fact, event);
}

/// Settles which revision of a daemon an instance gets, and takes the room for it.
fn give(scn: &Scenario, w: &mut World, slot: u32, daemon: usize) {
    let (lineage, provider) = {
        let row = &w.instances[slot as usize];
        (row.lineage, usize::from(row.provider))
    };
    let epoch = deployment::epoch_for_new(scn, w, daemon, provider, lineage);
    let kept = w.lineage_daemon_row(lineage, daemon);
    w.lineage_daemons[kept].last_epoch = epoch;
    let row = w.daemon_row(slot, daemon);
    w.daemon_tasks[row].epoch = epoch;
    let Some((revision, _)) = w.epochs[usize::from(epoch)].gives(provider) else { return };
    let more = w.needs_more(scn, revision, w.entity(slot));
    if more != (0, 0) {
        daemons::harm(scn, w, slot, daemon, "takes more room than it declares");
    }
    let (cpu, memory) = (scn.revisions[revision].cpu + more.0, scn.revisions[revision].memory + more.1);
    let meant = meant_for_tasks(scn, w, provider, lineage);
    let instance = &mut w.instances[slot as usize];
    let fits = instance.cpu_free.saturating_sub(meant.0) >= cpu
        && instance.memory_free.saturating_sub(meant.1) >= memory;
    if fits {
        instance.cpu_free -= cpu;
        instance.memory_free -= memory;
    }
    let task = &mut w.daemon_tasks[row];
    task.fits = fits;
    task.state = DaemonState::Starting;
}

/// The room that tasks waiting for an instance have before its daemons (A13): none in normal operation.
fn meant_for_tasks(scn: &Scenario, w: &World, provider: usize, lineage: u32) -> (u32, u32) {
    match scn.assumptions.reserve_for_daemons {
        ReserveForDaemons::Yes => (0, 0),
        ReserveForDaemons::No => {
            let coming = w.providers[provider].coming.get(&lineage);
            coming.map_or((0, 0), |coming| (coming.cpu, coming.memory))
        }
    }
}

/// Whether a daemon's task has what the gate asks for (A11).
fn passes_gate(scn: &Scenario, state: DaemonState) -> bool {
    match scn.assumptions.app_gate {
        AppGate::HealthyIfChecked => state == DaemonState::Healthy,
        AppGate::Running => matches!(state, DaemonState::Running | DaemonState::Healthy),
    }
}

/// Turns a REGISTERING instance ACTIVE if all its critical daemons are up; says whether it did.
pub(in crate::fleet) fn try_activate(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
) -> bool {
    if w.instances[slot as usize].state != InstanceState::Registering {
        return false;
    }
    if (0..scn.daemons.len()).any(|daemon| blocks(scn, w, slot, daemon)) {
        return false;
    }
    let now = agenda.now();
    w.enter(scn, slot, InstanceState::Active, now);
    daemons::gap_changed(w, now, slot);
    deployment::close_if_off_target(scn, w, slot);
    placement::file_room(w, slot);
    lanes::activated(scn, w, agenda, slot);
    scale_in::stir(scn, w, agenda, slot);
    if w.services.iter().any(|service| !service.waiting.is_empty()) {
        w.wake(agenda, Decider::Services);
    }
    true
}

/// Whether a daemon keeps an instance from being ACTIVE.
fn blocks(scn: &Scenario, w: &World, slot: u32, daemon: usize) -> bool {
    daemons::is_critical(w, slot, daemon)
        && !passes_gate(scn, w.daemon_tasks[w.daemon_row(slot, daemon)].state)
}

/// The critical daemons did not all come up in time: each that is not up is a launch failure.
pub(in crate::fleet) fn timed_out(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    for daemon in 0..scn.daemons.len() {
        if blocks(scn, w, slot, daemon) {
            breaker::note_failure(w, agenda, slot, daemon);
            daemons::tell_impaired(scn, w, agenda.now(), slot, daemon, "it was not up in time");
        }
    }
    give_up(scn, w, agenda, slot);
}

/// Terminates an instance that never was in service; another takes its place.
pub(in crate::fleet) fn give_up(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    w.instances[slot as usize].cause = Cause::StartFailure;
    w.tell_given_up(scn, slot, Cause::StartFailure, agenda.now());
    daemons::end_all(scn, w, agenda.now(), slot);
    provisioning::replace(scn, w, agenda, slot);
    provisioning::deregister(scn, w, agenda, slot);
}
