//! Outages of what the health checks of daemons depend on.
//!
//! While one lasts, the probes on a share of the hosts fail at once. All outages of a run are
//! known from its timeline, so nothing polls: when one begins, the instant at which each health
//! check will give its daemon up, if the outage lasts that long, follows from the rhythm of the
//! probes; when a daemon has been given up, so does the instant of the first good probe again.

use crate::engine::agenda::Phase;
use crate::engine::draw::Key;
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::Event;
use crate::fleet::keys::Purpose;
use crate::fleet::systems::daemons;
use crate::fleet::tables::{DaemonState, DaemonTask};
use crate::fleet::world::{FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::model::{FaultKind, HealthCheck};

use super::timeline;

/// A dependency that is out.
#[derive(Debug)]
pub(in crate::fleet) struct Outage {
    /// The action of the timeline.
    action: usize,
    from: SimTime,
    until: SimTime,
    /// Whose checks fail; none for those of all daemons.
    daemon: Option<usize>,
    share: f64,
    /// Keys of the draws of who is hit, per capacity provider.
    hits: Vec<Key>,
}

/// What a health check finds next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fleet) enum Finding {
    /// The daemon is UNHEALTHY.
    Unhealthy(SimTime),
    /// A good probe.
    Good(SimTime),
}

/// Every outage of a dependency that the timeline brings.
pub(super) fn outages(scn: &Scenario, seed: u64) -> Vec<Outage> {
    let outage = |action: usize| {
        let fault = timeline::fault_of(scn, action)?;
        let FaultKind::DependencyOutage { daemon, share } = fault.kind else { return None };
        let key = |name: &str| timeline::fault_key(scn, seed, Purpose::DependencyOutage, action, name);
        Some(Outage {
            action,
            from: scn.timeline[action].at,
            until: scn.timeline[action].at + fault.lasts,
            daemon,
            share,
            hits: scn.providers.iter().map(|provider| key(&provider.name)).collect(),
        })
    };
    (0..scn.timeline.len()).filter_map(outage).collect()
}

/// Whether probes may fail in this run for want of a dependency.
pub(in crate::fleet) fn may_fail(w: &World) -> bool {
    !w.faults.outages.is_empty()
}

fn hits(w: &World, outage: &Outage, slot: u32, daemon: usize) -> bool {
    outage.daemon.is_none_or(|own| own == daemon) && {
        let provider = usize::from(w.instances[slot as usize].provider);
        outage.hits[provider].uniform(w.entity(slot), 0).below(outage.share)
    }
}

/// Until when at least probes of a daemon fail that fail at an instant; none if they are good then.
fn fails_until(w: &World, slot: u32, daemon: usize, at: SimTime) -> Option<SimTime> {
    let acts = |outage: &&Outage| outage.from <= at && at < outage.until && hits(w, outage, slot, daemon);
    w.faults.outages.iter().filter(acts).map(|outage| outage.until).max()
}

/// The rhythm of a health check whose probes take no time: one an interval, the first an
/// interval after RUNNING.
#[derive(Clone, Copy)]
struct Rhythm {
    start: SimTime,
    check: HealthCheck,
}

impl Rhythm {
    fn at(self, probe: u64) -> SimTime {
        self.start + SimDuration::from_ms(self.check.interval.as_ms() * probe)
    }

    /// The first probe no sooner than an instant.
    fn first(self, at: SimTime) -> u64 {
        let since = if at > self.start { at.since(self.start).as_ms() } else { 0 };
        since.div_ceil(self.check.interval.as_ms()).max(1)
    }

    /// Whether a failing probe counts: not in the start period, before the first success.
    fn counts(self, probe: u64, proven: bool) -> bool {
        proven || self.check.interval.as_ms() * probe >= self.check.start_period.as_ms()
    }
}

fn rhythm(scn: &Scenario, w: &World, slot: u32, daemon: usize) -> Option<(Rhythm, DaemonTask)> {
    let task = w.daemon_tasks[w.daemon_row(slot, daemon)];
    let check = scn.revisions[daemons::revision_of(w, slot, daemon)].health_check?;
    Some((Rhythm { start: task.running_since, check }, task))
}

/// What the health check of a daemon that runs finds from `now` on: that it must be given up,
/// or that a probe is good before.
pub(in crate::fleet) fn finding(
    scn: &Scenario,
    w: &World,
    now: SimTime,
    slot: u32,
    daemon: usize,
) -> Option<Finding> {
    let (rhythm, task) = rhythm(scn, w, slot, daemon)?;
    let retries = rhythm.check.retries.max(1);
    let fails = |probe: u64| fails_until(w, slot, daemon, rhythm.at(probe)).is_some();
    let mut probe = rhythm.first(now);
    // Probes that have failed in a row by now.
    let mut failures = 0;
    for earlier in (1..probe).rev().take(retries as usize - 1) {
        if !(fails(earlier) && rhythm.counts(earlier, task.proven)) {
            break;
        }
        failures += 1;
    }
    while fails(probe) {
        failures += u32::from(rhythm.counts(probe, task.proven));
        if failures >= retries {
            return Some(Finding::Unhealthy(rhythm.at(probe)));
        }
        probe += 1;
    }
    Some(Finding::Good(rhythm.at(probe)))
}

/// When the health check of a daemon that was given up finds it good again.
fn recovers_at(scn: &Scenario, w: &World, now: SimTime, slot: u32, daemon: usize) -> Option<SimTime> {
    let (rhythm, _) = rhythm(scn, w, slot, daemon)?;
    let mut at = rhythm.at(rhythm.first(now));
    while let Some(until) = fails_until(w, slot, daemon, at) {
        at = rhythm.at(rhythm.first(until));
    }
    Some(at)
}

/// An outage begins: health checks on the hosts that it hits will give their daemons up.
pub(super) fn struck(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, action: usize) {
    let Some(outage) = w.faults.outages.iter().find(|outage| outage.action == action) else { return };
    for slot in timeline::there(w, |_| true) {
        for daemon in 0..scn.daemons.len() {
            let task = &w.daemon_tasks[w.daemon_row(slot, daemon)];
            // Before its first good probe a daemon's findings are on the agenda already.
            if task.state == DaemonState::Healthy
                && task.proven
                && !task.hung
                && hits(w, outage, slot, daemon)
            {
                watch(scn, w, agenda, slot, daemon);
            }
        }
    }
}

/// Schedules the instant at which a health check gives a daemon up, if it will.
fn watch(scn: &Scenario, w: &World, agenda: &mut FleetAgenda, slot: u32, daemon: usize) {
    let now = agenda.now();
    if let Some(Finding::Unhealthy(at)) = finding(scn, w, now, slot, daemon) {
        let run = w.daemon_tasks[w.daemon_row(slot, daemon)].run;
        let event = Event::DaemonFoundUnhealthy { instance: w.reference(slot), daemon: daemon as u8, run };
        agenda.schedule(at.since(now), Phase::Fact, event);
    }
}

/// A container began to run anew in place: its probes have a new rhythm.
pub(in crate::fleet) fn restarted(
    scn: &Scenario,
    w: &World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    match w.daemon_tasks[w.daemon_row(slot, daemon)].state {
        DaemonState::Unhealthy => await_recovery(scn, w, agenda, slot, daemon),
        DaemonState::Healthy => watch(scn, w, agenda, slot, daemon),
        _ => {}
    }
}

/// A daemon was given up: when its probes are good again, it is HEALTHY again.
pub(in crate::fleet) fn await_recovery(
    scn: &Scenario,
    w: &World,
    agenda: &mut FleetAgenda,
    slot: u32,
    daemon: usize,
) {
    let now = agenda.now();
    let task = w.daemon_tasks[w.daemon_row(slot, daemon)];
    if task.hung {
        return;
    }
    if let Some(at) = recovers_at(scn, w, now, slot, daemon) {
        let event =
            Event::DaemonFoundHealthy { instance: w.reference(slot), daemon: daemon as u8, run: task.run };
        agenda.schedule(at.since(now), Phase::Fact, event);
    }
}
