//! The life of a daemon task on its instance: start, health, defects, end.
//!
//! Nothing polls. A probe that would pass costs no event; when a daemon hangs, the
//! instant at which its health check gives it up is computed there and then, from
//! the probes' fixed rhythm.

use crate::engine::agenda::Phase;
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::Event;
use crate::fleet::log::Change;
use crate::fleet::tables::{DaemonState, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::{NonCriticalFailure, RepairCountsToBreaker, StartFailure};
use crate::scenario::model::{DefectKind, HealthCheck};

use super::faults::dependency::{self, Finding};
use super::images::{self, Pull};
use super::{breaker, registration, repair, services, utilization};

/// Whether the instance was given this daemon as a critical one.
pub(in crate::fleet) fn is_critical(w: &World, slot: u32, daemon: usize) -> bool {
    given(w, slot, daemon).is_some_and(|(_, critical)| critical)
}

/// The revision an instance was given of a daemon, and whether it is critical.
fn given(w: &World, slot: u32, daemon: usize) -> Option<(usize, bool)> {
    let task = &w.daemon_tasks[w.daemon_row(slot, daemon)];
    if task.state == DaemonState::Absent {
        return None;
    }
    w.epochs[usize::from(task.epoch)].gives(usize::from(w.instances[slot as usize].provider))
}

pub(in crate::fleet) fn revision_of(w: &World, slot: u32, daemon: usize) -> usize {
    given(w, slot, daemon).expect("an instance only runs daemons it was given").0
}

/// Whether a critical daemon of an instance is lost: it has stopped, or was given up.
pub(in crate::fleet) fn is_lost(w: &World, slot: u32, daemon: usize) -> bool {
    let state = w.daemon_tasks[w.daemon_row(slot, daemon)].state;
    matches!(state, DaemonState::Stopped | DaemonState::Unhealthy) && is_critical(w, slot, daemon)
}

/// Begins a start attempt of a daemon.
pub(in crate::fleet) fn start(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let revision = revision_of(w, slot, daemon);
    let kept = w.lineage_daemon_row(w.instances[slot as usize].lineage, daemon);
    let occurrence = w.lineage_daemons[kept].starts;
    w.lineage_daemons[kept].starts += 1;
    let row = w.daemon_row(slot, daemon);
    let task = &mut w.daemon_tasks[row];
    task.state = DaemonState::Starting;
    task.run = task.run.wrapping_add(1);
    let (run, fits) = (task.run, task.fits);
    if !fits {
        w.tell(agenda.now(), |w| Change::Unplaceable {
            instance: w.label(scn, slot),
            daemon: scn.daemons[daemon].name.clone(),
        });
    }
    tell(scn, w, agenda.now(), slot, daemon, "PENDING");
    let key = w.keys.daemons[daemon].startup;
    let entity = w.entity(slot);
    let startup = scn.revisions[revision].startup.sample_at(key, entity, occurrence);
    let image = images::of_revision(scn, revision);
    let pull = images::pull(scn, w, agenda.now(), slot, image, (entity, occurrence));
    w.daemon_tasks[row].pull_fails = pull == Pull::Fails;
    let takes = match pull {
        Pull::Takes(pull) => pull + startup,
        Pull::Fails => images::GIVEN_UP_AFTER,
    };
    let event = Event::DaemonStartEnded { instance: w.reference(slot), daemon: daemon as u8, run };
    agenda.schedule(takes, Phase::Fact, event);
}

/// A start attempt ended: the daemon runs, or its launch failed.
pub(in crate::fleet) fn start_ended(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let task = w.daemon_tasks[w.daemon_row(slot, daemon)];
    let fails = !task.pull_fails && fails_to_start(scn, w, slot, daemon);
    if fails {
        harm(scn, w, slot, daemon, "fails to start");
    }
    let taken = !task.pull_fails && port_is_taken(scn, w, slot, daemon);
    if fails || task.pull_fails || !task.fits || taken {
        let row = w.daemon_row(slot, daemon);
        w.daemon_tasks[row].state = DaemonState::Stopped;
        let (status, reason) = match (task.pull_fails, taken) {
            (true, _) => ("STOPPED before RUNNING: its image could not be pulled", NOT_PULLED),
            (_, true) => ("STOPPED before RUNNING: its port is taken", PORT_TAKEN),
            _ => ("STOPPED before RUNNING", NOT_RUN),
        };
        tell(scn, w, agenda.now(), slot, daemon, status);
        tell_impaired(scn, w, agenda.now(), slot, daemon, reason);
        launch_failed(scn, w, agenda, slot, daemon);
        return;
    }
    begin_run(scn, w, agenda, slot, daemon);
    let row = w.daemon_row(slot, daemon);
    let checked = scn.revisions[revision_of(w, slot, daemon)].health_check.is_some();
    if checked {
        w.daemon_tasks[row].state = DaemonState::Running;
        tell(scn, w, agenda.now(), slot, daemon, "RUNNING");
        refresh(w, agenda.now(), slot, daemon);
        registration::try_activate(scn, w, agenda, slot);
    } else {
        tell(scn, w, agenda.now(), slot, daemon, "RUNNING");
        prove(scn, w, agenda, slot, daemon);
    }
}

/// Whether another daemon of the instance is bound to a port of this one: all of them share one
/// network namespace (Amazon ECS developer guide, "Daemon task definitions").
fn port_is_taken(scn: &Scenario, w: &World, slot: u32, daemon: usize) -> bool {
    let ports = &scn.revisions[revision_of(w, slot, daemon)].ports;
    !ports.is_empty()
        && (0..scn.daemons.len()).filter(|other| *other != daemon).any(|other| {
            w.daemon_tasks[w.daemon_row(slot, other)].state.runs()
                && scn.revisions[revision_of(w, slot, other)].ports.iter().any(|port| ports.contains(port))
        })
}

fn fails_to_start(scn: &Scenario, w: &World, slot: u32, daemon: usize) -> bool {
    let revision = revision_of(w, slot, daemon);
    let entity = w.entity(slot);
    let kept = w.lineage_daemon_row(w.instances[slot as usize].lineage, daemon);
    let attempt = w.lineage_daemons[kept].starts - 1;
    w.defects[revision].iter().any(|active| match scn.revisions[revision].defects[active.index].kind {
        DefectKind::FailsToStart { probability } => {
            let key = w.keys.defects[revision][active.index].fails_start;
            w.defect_hits(scn, revision, active.index, entity)
                && key.uniform(entity, attempt).below(probability)
        }
        _ => false,
    })
}

/// The daemon is HEALTHY, or RUNNING without a health check: the deployment's breaker starts afresh.
fn prove(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32, daemon: usize) {
    let row = w.daemon_row(slot, daemon);
    let task = &mut w.daemon_tasks[row];
    task.state = DaemonState::Healthy;
    task.proven = true;
    breaker::note_success(w, agenda, slot, daemon);
    refresh(w, agenda.now(), slot, daemon);
    if scn.assumptions.non_critical_failure == NonCriticalFailure::Blocks {
        w.wake(agenda, Decider::Deployments);
    }
    registration::try_activate(scn, w, agenda, slot);
}

/// The first good probe.
pub(in crate::fleet) fn found_healthy(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let row = w.daemon_row(slot, daemon);
    let task = &w.daemon_tasks[row];
    if task.state == DaemonState::Unhealthy && task.hung {
        return;
    }
    tell(scn, w, agenda.now(), slot, daemon, "HEALTHY");
    if w.daemon_tasks[row].state == DaemonState::Unhealthy {
        // What its probes depend on is back.
        w.daemon_tasks[row].state = DaemonState::Healthy;
        refresh(w, agenda.now(), slot, daemon);
        repair::recover(scn, w, agenda, slot);
        return;
    }
    prove(scn, w, agenda, slot, daemon);
}

/// The container begins to run: its clocks start, those of its defects too.
fn begin_run(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32, daemon: usize) {
    let now = agenda.now();
    let kept = w.lineage_daemon_row(w.instances[slot as usize].lineage, daemon);
    w.lineage_daemons[kept].runs += 1;
    let row = w.daemon_row(slot, daemon);
    let was_running = w.daemon_tasks[row].state.runs();
    if was_running {
        utilization::left(scn, w, now, slot, daemon);
    }
    let task = &mut w.daemon_tasks[row];
    task.run = task.run.wrapping_add(1);
    task.running_since = now;
    (task.hung, task.uses) = (false, 0);
    if !was_running {
        task.state = DaemonState::Running;
        count_exposure(w, now, slot, daemon);
    }
    utilization::joined(scn, w, now, slot, daemon);
    arm_clocks(scn, w, agenda, slot, daemon);
    if was_running && dependency::may_fail(w) {
        dependency::restarted(scn, w, agenda, slot, daemon);
    }
}

/// Schedules what a run of the container has in store: the first good probe and its defects.
pub(in crate::fleet) fn arm_clocks(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let revision = revision_of(w, slot, daemon);
    let kept = w.lineage_daemon_row(w.instances[slot as usize].lineage, daemon);
    let occurrence = w.lineage_daemons[kept].runs - 1;
    let task = w.daemon_tasks[w.daemon_row(slot, daemon)];
    let (instance, run, daemon) = (w.reference(slot), task.run, daemon as u8);
    let (mut hang, mut exit) = (SimDuration::MAX, SimDuration::MAX);
    for index in 0..w.defects[revision].len() {
        let active = w.defects[revision][index];
        let Some(delay) = acts_after(scn, w, slot, revision, active.index, occurrence) else { continue };
        match scn.revisions[revision].defects[active.index].kind {
            DefectKind::Hangs { .. } => hang = hang.min(delay),
            DefectKind::Crashes { .. } => exit = exit.min(delay),
            DefectKind::Uses { .. } => {
                agenda.schedule(delay, Phase::Fact, Event::DaemonLoadChanged { instance, daemon, run });
            }
            _ => agenda.schedule(delay, Phase::Fact, Event::DaemonDegraded { instance, daemon, run }),
        }
    }
    if hang < SimDuration::MAX {
        agenda.schedule(hang, Phase::Fact, Event::DaemonHung { instance, daemon, run });
    }
    if exit < SimDuration::MAX {
        agenda.schedule(exit, Phase::Fact, Event::DaemonExited { instance, daemon, run });
    }
    if !task.proven {
        arm_first_finding(scn, w, agenda, slot, usize::from(daemon), hang);
    }
}

/// Schedules the first good probe of a container that has just begun to run: after an interval,
/// unless it hangs before, or what its probes depend on is out.
fn arm_first_finding(
    scn: &Scenario,
    w: &World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
    hang: SimDuration,
) {
    let now = agenda.now();
    let finding = if dependency::may_fail(w) {
        dependency::finding(scn, w, now, slot, daemon)
    } else {
        let check = scn.revisions[revision_of(w, slot, daemon)].health_check;
        check.map(|check| Finding::Good(now + check.interval))
    };
    let (instance, run) = (w.reference(slot), w.daemon_tasks[w.daemon_row(slot, daemon)].run);
    let daemon = daemon as u8;
    match finding {
        Some(Finding::Good(at)) if hang > at.since(now) => {
            agenda.schedule(at.since(now), Phase::Fact, Event::DaemonFoundHealthy { instance, daemon, run });
        }
        Some(Finding::Unhealthy(at)) => {
            let event = Event::DaemonFoundUnhealthy { instance, daemon, run };
            agenda.schedule(at.since(now), Phase::Fact, event);
        }
        _ => {}
    }
}

/// When a defect that acts on its own acts in this run, if it hits this host at all.
fn acts_after(
    scn: &Scenario,
    w: &World,
    slot: u32,
    revision: usize,
    defect: usize,
    occurrence: u32,
) -> Option<SimDuration> {
    let after = match &scn.revisions[revision].defects[defect].kind {
        DefectKind::Crashes { after }
        | DefectKind::Hangs { after }
        | DefectKind::Degrades { after, .. }
        | DefectKind::Uses { after, .. } => after,
        DefectKind::FailsToStart { .. } | DefectKind::NeedsMore { .. } => return None,
    };
    let entity = w.entity(slot);
    let hits = w.defect_hits(scn, revision, defect, entity);
    let key = w.keys.defects[revision][defect].acts;
    hits.then(|| after.sample_at(key, entity, occurrence))
}

/// A daemon stopped answering: its health check will give it up at a known instant.
pub(in crate::fleet) fn hung(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    harm(scn, w, slot, daemon, "hangs");
    let row = w.daemon_row(slot, daemon);
    w.daemon_tasks[row].hung = true;
    tell(scn, w, agenda.now(), slot, daemon, "hung");
    let Some(check) = scn.revisions[revision_of(w, slot, daemon)].health_check else { return };
    let task = w.daemon_tasks[w.daemon_row(slot, daemon)];
    let hung_after = agenda.now().since(task.running_since);
    let given_up_after = given_up_after(check, hung_after, task.proven);
    let delay = (task.running_since + given_up_after).since(agenda.now());
    let event =
        Event::DaemonFoundUnhealthy { instance: w.reference(slot), daemon: daemon as u8, run: task.run };
    agenda.schedule(delay, Phase::Fact, event);
}

/// How long after RUNNING a health check gives up a process that hung `hung_after` RUNNING.
///
/// Probes start one interval after RUNNING and one interval after the last one ended; a
/// good one takes no time, a hanging one its timeout. `retries` failures in a row make the
/// task UNHEALTHY; those of probes begun within the start period do not count until a first
/// success (Docker's `HEALTHCHECK`, which the ECS `HealthCheck` parameters are mapped to).
fn given_up_after(check: HealthCheck, hung_after: SimDuration, proven: bool) -> SimDuration {
    let (interval, timeout) = (check.interval.as_ms(), check.timeout.as_ms());
    let mut probe = hung_after.as_ms().div_ceil(interval).max(1) * interval;
    if !proven {
        // Failing probes come at this rhythm; the first that counts begins after the start period.
        let early = check.start_period.as_ms().saturating_sub(probe);
        probe += early.div_ceil(interval + timeout) * (interval + timeout);
    }
    let last = probe + u64::from(check.retries.max(1) - 1) * (interval + timeout);
    SimDuration::from_ms(last + timeout)
}

/// The health check gave a daemon up.
pub(in crate::fleet) fn found_unhealthy(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let now = agenda.now();
    let row = w.daemon_row(slot, daemon);
    if w.daemon_tasks[row].state == DaemonState::Unhealthy && dependency::may_fail(w) {
        return;
    }
    tell(scn, w, now, slot, daemon, "UNHEALTHY");
    if !w.daemon_tasks[row].proven {
        end(scn, w, now, slot, daemon);
        tell(scn, w, now, slot, daemon, "STOPPED as unhealthy");
        tell_impaired(scn, w, now, slot, daemon, "the container health check failed");
        launch_failed(scn, w, agenda, slot, daemon);
        return;
    }
    w.daemon_tasks[row].state = DaemonState::Unhealthy;
    refresh(w, now, slot, daemon);
    if is_critical(w, slot, daemon) {
        repair::propagate(scn, w, agenda, slot);
    }
    if dependency::may_fail(w) {
        dependency::await_recovery(scn, w, agenda, slot, daemon);
    }
}

/// A daemon's container exited: restarted in place if the policy has it, else the task stops.
pub(in crate::fleet) fn exited(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let now = agenda.now();
    harm(scn, w, slot, daemon, "crashes");
    let revision = revision_of(w, slot, daemon);
    let task = w.daemon_tasks[w.daemon_row(slot, daemon)];
    let ran = now.since(task.running_since);
    if scn.revisions[revision].restart_after.is_some_and(|period| ran >= period) {
        tell(scn, w, now, slot, daemon, "restarted");
        cease_degrading(scn, w, now, slot, revision);
        begin_run(scn, w, agenda, slot, daemon);
        return;
    }
    end(scn, w, now, slot, daemon);
    tell(scn, w, now, slot, daemon, "STOPPED");
    if !task.proven {
        tell_impaired(scn, w, now, slot, daemon, "an essential container exited");
        launch_failed(scn, w, agenda, slot, daemon);
    } else if is_critical(w, slot, daemon) {
        repair::impair(scn, w, agenda, slot);
    }
}

/// An instance drains for repair. A23: that may count as a launch failure of each critical
/// daemon that it has lost.
pub(in crate::fleet) fn count_repair(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    if scn.assumptions.repair_counts_to_breaker == RepairCountsToBreaker::No {
        return;
    }
    for daemon in 0..scn.daemons.len() {
        let state = w.daemon_tasks[w.daemon_row(slot, daemon)].state;
        let lost = matches!(state, DaemonState::Stopped | DaemonState::Unhealthy);
        if lost && is_critical(w, slot, daemon) {
            breaker::note_failure(w, agenda, slot, daemon);
        }
    }
}

/// A launch failure: before its first HEALTHY a daemon stopped, or never ran.
fn launch_failed(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32, daemon: usize) {
    breaker::note_failure(w, agenda, slot, daemon);
    refresh(w, agenda.now(), slot, daemon);
    if !is_critical(w, slot, daemon) {
        return;
    }
    if w.instances[slot as usize].state != InstanceState::Registering {
        // With the gate at RUNNING the instance may be in service already.
        repair::impair(scn, w, agenda, slot);
        return;
    }
    match scn.assumptions.start_failure {
        StartFailure::Relaunch => registration::give_up(scn, w, agenda, slot),
        StartFailure::RetryInPlace => start(scn, w, agenda, slot, daemon),
    }
}

/// A daemon began to harm the services beside it.
pub(in crate::fleet) fn degraded(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let now = agenda.now();
    harm(scn, w, slot, daemon, "degrades a service");
    let revision = revision_of(w, slot, daemon);
    let task = w.daemon_tasks[w.daemon_row(slot, daemon)];
    let kept = w.lineage_daemon_row(w.instances[slot as usize].lineage, daemon);
    let occurrence = w.lineage_daemons[kept].runs - 1;
    let mut acting = w.degraded_by(slot);
    for active in &w.defects[revision] {
        let since = acts_after(scn, w, slot, revision, active.index, occurrence);
        if active.bit != 0 && since.is_some_and(|after| task.running_since + after <= now) {
            acting |= active.bit;
        }
    }
    services::degrade(scn, w, now, slot, acting);
}

/// A daemon began to use another share of what it reserves: the defect that has acted last rules.
pub(in crate::fleet) fn load_changed(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, daemon: usize) {
    harm(scn, w, slot, daemon, "uses another share of what it reserves");
    let revision = revision_of(w, slot, daemon);
    let row = w.daemon_row(slot, daemon);
    let running_since = w.daemon_tasks[row].running_since;
    let kept = w.lineage_daemon_row(w.instances[slot as usize].lineage, daemon);
    let occurrence = w.lineage_daemons[kept].runs - 1;
    let acted = w.defects[revision].iter().filter_map(|active| {
        let defect = &scn.revisions[revision].defects[active.index];
        let after = acts_after(scn, w, slot, revision, active.index, occurrence)?;
        let uses = matches!(defect.kind, DefectKind::Uses { .. }) && running_since + after <= now;
        uses.then_some((after, active.index))
    });
    let ruling = acted.max().map_or(0, |(_, index)| index as u32 + 1);
    utilization::left(scn, w, now, slot, daemon);
    w.daemon_tasks[row].uses = ruling;
    utilization::joined(scn, w, now, slot, daemon);
}

/// Ends a daemon's run: it is stopped, and so is the harm it did to services.
fn end(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, daemon: usize) {
    let row = w.daemon_row(slot, daemon);
    let ran = w.daemon_tasks[row].state.runs();
    if ran {
        utilization::left(scn, w, now, slot, daemon);
    }
    let task = &mut w.daemon_tasks[row];
    task.run = task.run.wrapping_add(1);
    if task.state != DaemonState::Absent {
        task.state = DaemonState::Stopped;
    }
    if ran {
        let revision = revision_of(w, slot, daemon);
        if !w.defects[revision].is_empty() {
            w.bad_running.lower(now, 1);
            cease_degrading(scn, w, now, slot, revision);
        }
    }
    refresh(w, now, slot, daemon);
}

/// A process of the revision is gone, and with it the harm that it did to services.
fn cease_degrading(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, revision: usize) {
    let bits = w.defects[revision].iter().fold(0, |bits, active| bits | active.bit);
    let acting = w.degraded_by(slot);
    if acting & bits != 0 {
        services::degrade(scn, w, now, slot, acting & !bits);
    }
}

/// Ends every daemon of an instance that leaves.
pub(in crate::fleet) fn end_all(scn: &Scenario, w: &mut World, now: SimTime, slot: u32) {
    for daemon in 0..scn.daemons.len() {
        let row = w.daemon_row(slot, daemon);
        if w.daemon_tasks[row].state.runs() {
            end(scn, w, now, slot, daemon);
            tell(scn, w, now, slot, daemon, "STOPPED");
        }
        let task = &mut w.daemon_tasks[row];
        task.run = task.run.wrapping_add(1);
        if std::mem::take(&mut task.ailing) {
            w.ailing[daemon].lower(now, 1);
        }
        if std::mem::take(&mut task.missed) {
            w.daemon_gap.lower(now, 1);
        }
    }
}

/// A daemon that was told to stop has stopped; others of its instance are still at it.
pub(in crate::fleet) fn stopped(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let now = agenda.now();
    end(scn, w, now, slot, daemon);
    tell(scn, w, now, slot, daemon, "STOPPED");
    // It was meant to stop, so no alarm counts it as lost.
    let row = w.daemon_row(slot, daemon);
    w.daemon_tasks[row].state = DaemonState::Ended;
    refresh(w, now, slot, daemon);
}

/// Counts a daemon that has begun to run a revision that is defective in this seed.
pub(in crate::fleet) fn count_exposure(w: &mut World, now: SimTime, slot: u32, daemon: usize) {
    if w.defects[revision_of(w, slot, daemon)].is_empty() {
        return;
    }
    w.bad_running.raise(now, 1);
    if let Some(open) = w.open[daemon] {
        let lineage = w.instances[slot as usize].lineage;
        w.deployments[usize::from(open)].expose(lineage);
    }
}

/// Brings what is counted of a daemon's absence in step with its state and its instance's.
fn refresh(w: &mut World, now: SimTime, slot: u32, daemon: usize) {
    let state = w.instances[slot as usize].state;
    let row = w.daemon_row(slot, daemon);
    let task = &mut w.daemon_tasks[row];
    let given = task.state != DaemonState::Absent;
    let missed = given && state == InstanceState::Active && !task.state.runs();
    let in_service = matches!(state, InstanceState::Active | InstanceState::Draining);
    let ailing = in_service && matches!(task.state, DaemonState::Stopped | DaemonState::Unhealthy);
    match (std::mem::replace(&mut task.missed, missed), missed) {
        (false, true) => w.daemon_gap.raise(now, 1),
        (true, false) => w.daemon_gap.lower(now, 1),
        _ => {}
    }
    match (std::mem::replace(&mut task.ailing, ailing), ailing) {
        (false, true) => w.ailing[daemon].raise(now, 1),
        (true, false) => w.ailing[daemon].lower(now, 1),
        _ => {}
    }
}

/// The instance came into service or left it: what is counted of its daemons' absence may change.
pub(in crate::fleet) fn gap_changed(w: &mut World, now: SimTime, slot: u32) {
    for daemon in 0..w.settled.len() {
        refresh(w, now, slot, daemon);
    }
}

/// Notes that a defect acted: the first time is when the harm of its deployment begins.
pub(in crate::fleet) fn harm(scn: &Scenario, w: &mut World, slot: u32, daemon: usize, effect: &'static str) {
    let now = w.current.map_or(SimTime::ZERO, |(now, _)| now);
    let epoch = w.daemon_tasks[w.daemon_row(slot, daemon)].epoch;
    if let Some(deployment) = w.epochs[usize::from(epoch)].deployment {
        let deployment = &mut w.deployments[usize::from(deployment)];
        if deployment.forward == epoch {
            deployment.harm_at.get_or_insert(now);
        }
    }
    w.tell(now, |w| Change::DefectActed {
        instance: w.label(scn, slot),
        daemon: scn.daemons[daemon].name.clone(),
        effect,
    });
}

/// Why a start attempt ended before RUNNING.
const PORT_TAKEN: &str = "a port that it binds is taken on the instance";
const NOT_PULLED: &str = "the image could not be pulled";
const NOT_RUN: &str = "an essential container exited before it ran";

/// Tells that a daemon could not be brought up; one that found no room was never created.
pub(in crate::fleet) fn tell_impaired(
    scn: &Scenario,
    w: &mut World,
    now: SimTime,
    slot: u32,
    daemon: usize,
    reason: &'static str,
) {
    w.tell(now, |w| {
        let fits = w.daemon_tasks[w.daemon_row(slot, daemon)].fits;
        let revision = revision_of(w, slot, daemon);
        let cpu = scn.revisions[revision].cpu + w.needs_more(scn, revision, w.entity(slot)).0;
        let short_of_cpu = w.instances[slot as usize].cpu_free < cpu;
        Change::StartImpaired {
            instance: w.label(scn, slot),
            daemon: scn.daemons[daemon].name.clone(),
            revision: scn.revisions[revision].label(),
            failure_type: if fits { "TASK_FAILED_TO_RUN" } else { "TASK_CREATION_FAILED" },
            reason: match (fits, short_of_cpu) {
                (true, _) => reason,
                (false, true) => "RESOURCE:CPU",
                (false, false) => "RESOURCE:MEMORY",
            },
        }
    });
}

/// Tells that a daemon has been told to stop with its instance.
pub(in crate::fleet) fn tell_stopping(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, daemon: usize) {
    tell(scn, w, now, slot, daemon, "STOPPING");
}

fn tell(scn: &Scenario, w: &mut World, now: SimTime, slot: u32, daemon: usize, status: &'static str) {
    w.tell(now, |w| Change::DaemonTask {
        instance: w.label(scn, slot),
        daemon: scn.daemons[daemon].name.clone(),
        revision: scn.revisions[revision_of(w, slot, daemon)].label(),
        status,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(interval: u64, timeout: u64, retries: u32, start_period: u64) -> HealthCheck {
        HealthCheck {
            interval: SimDuration::from_secs(interval),
            timeout: SimDuration::from_secs(timeout),
            retries,
            start_period: SimDuration::from_secs(start_period),
        }
    }

    fn given_up(check: HealthCheck, hung: u64, proven: bool) -> f64 {
        given_up_after(check, SimDuration::from_secs(hung), proven).as_secs()
    }

    #[test]
    fn r207_a_hang_is_found_after_the_phase_and_three_probes() {
        // Probes at 120 (5 s), 155 (5 s), 190 (5 s): UNHEALTHY at 195, 95 s after a hang at 100.
        assert_eq!(given_up(check(30, 5, 3, 0), 100, true), 195.0);
        // A hang at the very instant of a probe fails that probe.
        assert_eq!(given_up(check(30, 5, 3, 0), 120, true), 195.0);
        assert_eq!(given_up(check(30, 5, 1, 0), 0, false), 35.0);
    }

    #[test]
    fn r208_failures_in_the_start_period_do_not_count_before_the_first_success() {
        // Probes at 30, 65, 100, 135 …; those before 90 do not count, so 100, 135, 170 do.
        assert_eq!(given_up(check(30, 5, 3, 90), 0, false), 175.0);
        assert_eq!(given_up(check(30, 5, 3, 90), 0, true), 105.0);
    }
}
