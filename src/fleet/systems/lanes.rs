//! Batches: which instances a deployment drains, when, and when a batch is done.
//!
//! A *lane* is a daemon on one capacity provider (or on all of them, A2): each decides
//! for itself. It outlives its deployments, so drains that one leaves behind are the
//! first batch of the next. A batch is done when every old instance of it is gone and
//! every replacement is, or was, ACTIVE; *in flight* are the drains for which one of
//! the two is still to come.

use crate::engine::agenda::{Generation, Phase};
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::Event;
use crate::fleet::foresight;
use crate::fleet::log::Change;
use crate::fleet::tables::{Cause, InstanceState};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::outcome::DeploymentStatus;
use crate::scenario::Scenario;
use crate::scenario::assumptions::{
    Bake, BatchCount, BatchScope, Batching, ConcurrentDaemons, DisplacedTasks, NonCriticalFailure,
    ProviderOrder, Replacement, RollbackPace, Rounding, SuccessWaitsFor,
};

use picking::Queue;

use super::{deployment, draining};

mod picking;

/// Where a lane is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::fleet) enum LaneState {
    /// It has not begun this phase: another provider's turn (A20).
    #[default]
    Held,
    /// ECS is deciding on the next batch.
    Deciding,
    /// Decided, but no instance can be drained yet.
    NoCandidate,
    /// A batch is draining.
    InFlight,
    /// Between two batches (A3).
    Baking,
    /// Every instance is as the deployment wants it.
    Done,
}

/// A daemon on one capacity provider, or on all.
#[derive(Debug, Default)]
pub(in crate::fleet) struct Lane {
    pub(in crate::fleet) daemon: usize,
    /// Its providers within the scope of the deployment.
    providers: Vec<usize>,
    pub(in crate::fleet) state: LaneState,
    /// Drains of the batch that are not done.
    pub(in crate::fleet) in_flight: u32,
    /// The first lineage that may have been launched on demand since the batch in flight began;
    /// none without a batch, or where each instance has its own successor (A5).
    launches_from: Option<u32>,
    /// Most instances of the last batch, for those who check.
    pub(in crate::fleet) batch_size: u32,
    /// Registered instances that the deployment still wants gone.
    remaining: u32,
    /// Version of its timers.
    pub(in crate::fleet) generation: Generation,
    /// A timer of it has run out.
    due: bool,
    /// A sliding lane's next decision is on the agenda.
    armed: bool,
    /// Batch decisions so far: the occurrence of their draws.
    decisions: u32,
    /// N when the deployment was created (A2).
    hosts_at_start: u32,
    /// Candidates per zone, or in one queue; empty until the first batch of the phase.
    queues: Vec<Queue>,
    queued: bool,
    /// The zone whose turn it is, for a sliding lane.
    zone: usize,
}

/// How many lanes a daemon has.
fn lanes_per_daemon(scn: &Scenario) -> usize {
    match scn.assumptions.batch_scope {
        BatchScope::PerProvider => scn.providers.len(),
        BatchScope::All => 1,
    }
}

/// The lane of a daemon on a provider.
pub(in crate::fleet) fn lane_of(scn: &Scenario, daemon: usize, provider: usize) -> usize {
    match scn.assumptions.batch_scope {
        BatchScope::PerProvider => daemon * scn.providers.len() + provider,
        BatchScope::All => daemon,
    }
}

/// Lays out the lanes of a run.
pub(in crate::fleet) fn begin(scn: &Scenario, w: &mut World) {
    let per_daemon = lanes_per_daemon(scn);
    w.lanes.clear();
    w.lanes.resize_with(scn.daemons.len() * per_daemon, Lane::default);
    for (index, lane) in w.lanes.iter_mut().enumerate() {
        lane.daemon = index / per_daemon;
    }
}

/// The lanes of a deployment, in the order of its request.
fn lanes_in_scope(scn: &Scenario, w: &World, index: usize) -> Vec<usize> {
    let deployment = &w.deployments[index];
    let mut lanes = Vec::new();
    for provider in &deployment.scope {
        let lane = lane_of(scn, deployment.daemon, *provider);
        if !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    lanes
}

/// Whether an earlier deployment of the daemon has left drains under way.
pub(in crate::fleet) fn inherits(w: &World, index: usize) -> bool {
    let daemon = w.deployments[index].daemon;
    (0..w.lanes.len()).any(|lane| w.lanes[lane].daemon == daemon && is_busy(w, lane))
}

/// Whether a batch is not done: an old instance or a replacement is awaited, or an instance that
/// was launched on demand since it began.
fn is_busy(w: &World, lane: usize) -> bool {
    let state = &w.lanes[lane];
    state.in_flight > 0
        || state.launches_from.is_some_and(|from| {
            let last = |provider: &usize| w.providers[*provider].coming.last_key_value();
            state.providers.iter().filter_map(last).any(|(lineage, _)| *lineage >= from)
        })
}

/// Whether an instance of a lineage, there or still to come, is launched for what a daemon's
/// deployment drains (A14).
pub(in crate::fleet) fn launched(
    scn: &Scenario,
    w: &World,
    daemon: usize,
    provider: usize,
    lineage: u32,
) -> bool {
    let place = w.lineages.get(lineage as usize);
    let awaited = place.map_or(0, |place| place.awaited_by);
    let merged = scn.assumptions.concurrent_daemons == ConcurrentDaemons::Merged;
    if awaited > 0 && (merged || w.lanes[usize::from(awaited) - 1].daemon == daemon) {
        return true;
    }
    let first = scn.providers[provider].instances;
    let on_demand = place.is_none_or(|place| place.generations <= 1 && place.entity >= first);
    // Tasks that may only land on replacements need one for a replacement.
    let for_tasks = scn.assumptions.displaced_tasks == DisplacedTasks::ReplacementsOnly;
    let since = |lane: &Lane| lane.launches_from.is_some_and(|from| from <= lineage);
    let any = || w.lanes.iter().any(|lane| lane.providers.contains(&provider) && since(lane));
    on_demand && (for_tasks || since(&w.lanes[lane_of(scn, daemon, provider)]) || merged && any())
}

/// Counts the hosts of a deployment that is being created, for `batchCount: atStart` (A2).
pub(in crate::fleet) fn count_hosts(scn: &Scenario, w: &mut World, index: usize) {
    for lane in lanes_in_scope(scn, w, index) {
        let deployment = &w.deployments[index];
        let own = deployment.scope.iter().filter(|p| lane_of(scn, deployment.daemon, **p) == lane);
        let active = own.map(|provider| w.providers[*provider].active).sum();
        w.lanes[lane].hosts_at_start = with_in_flight(scn, w, lane, active);
    }
}

/// Sets the lanes of a deployment to a new phase: forward, or rolling back.
pub(in crate::fleet) fn begin_phase(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, index: usize) {
    let scope = w.deployments[index].scope.clone();
    for lane in lanes_in_scope(scn, w, index) {
        let state = &mut w.lanes[lane];
        state.providers = scope.iter().copied().filter(|p| lane_of(scn, state.daemon, *p) == lane).collect();
        let was = std::mem::replace(&mut state.state, LaneState::Held);
        state.generation = state.generation.next();
        (state.due, state.armed, state.queued) = (false, false, false);
        let ends_now = was == LaneState::InFlight && !is_busy(w, lane);
        w.lanes[lane].remaining = count_remaining(scn, w, lane, index);
        if ends_now && w.deployments[index].rollback.is_some() {
            // It was done in the very millisecond of the trigger.
            tell_batch_done(scn, w, agenda.now(), lane, index);
        }
    }
    release(scn, w, agenda, index);
    w.wake(agenda, Decider::Deployments);
}

fn count_remaining(scn: &Scenario, w: &World, lane: usize, index: usize) -> u32 {
    let wanted_gone = |slot: &u32| {
        let row = &w.instances[*slot as usize];
        row.registered
            && !row.departed
            && w.lanes[lane].providers.contains(&usize::from(row.provider))
            && is_off_target(scn, w, *slot, index)
    };
    (0..w.instances.len() as u32).filter(wanted_gone).count() as u32
}

fn is_off_target(scn: &Scenario, w: &World, slot: u32, index: usize) -> bool {
    let deployment = &w.deployments[index];
    let epoch = w.daemon_tasks[w.daemon_row(slot, deployment.daemon)].epoch;
    deployment.is_off_target(scn.assumptions.rollback_scope, epoch)
}

/// Starts the lanes whose turn it is.
fn release(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, index: usize) {
    for lane in lanes_in_scope(scn, w, index) {
        if w.lanes[lane].state == LaneState::Held {
            w.lanes[lane].state = LaneState::InFlight;
            if !is_busy(w, lane) {
                next_batch(scn, w, agenda, lane, index);
            }
        }
        let sequential = scn.assumptions.provider_order == ProviderOrder::Sequential;
        if sequential && w.lanes[lane].state != LaneState::Done {
            return;
        }
    }
}

/// Has ECS decide on the next batch, if there is anything left to replace.
fn next_batch(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, lane: usize, index: usize) {
    w.lanes[lane].launches_from = None;
    if is_finished(scn, w, lane, index) {
        w.lanes[lane].state = LaneState::Done;
    } else if w.lanes[lane].remaining == 0 {
        // All that is missing are non-critical daemons (A17).
        w.lanes[lane].state = LaneState::NoCandidate;
    } else {
        w.lanes[lane].state = LaneState::Deciding;
        arm_decision(scn, w, agenda, lane);
    }
}

fn is_finished(scn: &Scenario, w: &World, lane: usize, index: usize) -> bool {
    let state = &w.lanes[lane];
    if state.remaining > 0 || is_busy(w, lane) || is_served(scn, w, lane) {
        return false;
    }
    if scn.assumptions.non_critical_failure == NonCriticalFailure::CountsAsDone {
        return true;
    }
    let deployment = &w.deployments[index];
    deployment.rollback.is_some()
        || !(0..w.instances.len() as u32).any(|slot| {
            state.providers.contains(&usize::from(w.instances[slot as usize].provider))
                && deployment::lacks_daemon(w, slot, deployment)
        })
}

fn arm_decision(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, lane: usize) {
    let state = &mut w.lanes[lane];
    state.generation = state.generation.next();
    (state.due, state.armed) = (false, true);
    let (generation, occurrence) = (state.generation, state.decisions);
    state.decisions += 1;
    let entity = (lane % lanes_per_daemon(scn)) as u32;
    let key = w.keys.daemons[state.daemon].batch_decision;
    let takes = scn.control_plane.batch_decision.sample_at(key, entity, occurrence);
    agenda.schedule(takes, Phase::Fact, Event::BatchDecided { lane: lane as u32, generation });
}

/// A timer of a lane ran out: a batch may be chosen, or a bake is over.
pub(in crate::fleet) fn timer_due(w: &mut World, agenda: &mut FleetAgenda, lane: usize) {
    w.lanes[lane].due = true;
    w.lanes[lane].armed = false;
    w.wake(agenda, Decider::Deployments);
}

/// Takes every lane of a deployment as far as it can go, and the deployment with them.
pub(in crate::fleet) fn advance(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, index: usize) {
    let lanes = lanes_in_scope(scn, w, index);
    for lane in &lanes {
        step(scn, w, agenda, *lane, index);
    }
    release(scn, w, agenda, index);
    if lanes.iter().all(|lane| w.lanes[*lane].state == LaneState::Done) {
        let bakes = scn.assumptions.bake == Bake::AfterAll;
        deployment::lanes_done(scn, w, agenda, index, bakes);
    }
}

fn step(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, lane: usize, index: usize) {
    let due = std::mem::take(&mut w.lanes[lane].due);
    match w.lanes[lane].state {
        LaneState::Deciding if due => choose(scn, w, agenda, lane, index),
        // Others have drained what the decision would have been about.
        LaneState::Deciding if w.lanes[lane].remaining == 0 => {
            w.lanes[lane].generation = w.lanes[lane].generation.next();
            next_batch(scn, w, agenda, lane, index);
        }
        LaneState::NoCandidate => choose(scn, w, agenda, lane, index),
        LaneState::InFlight if !is_busy(w, lane) => batch_done(scn, w, agenda, lane, index),
        LaneState::InFlight if scn.assumptions.batching == Batching::Sliding => {
            slide(scn, w, agenda, lane, index, due);
        }
        LaneState::Baking if due => next_batch(scn, w, agenda, lane, index),
        // While other providers were rolled, a host came up that is not as wanted after all.
        LaneState::Done if w.lanes[lane].remaining > 0 && !w.deployments[index].baking => {
            next_batch(scn, w, agenda, lane, index);
        }
        _ => {}
    }
}

/// A sliding lane fills up what has become free, a decision later.
fn slide(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, lane: usize, index: usize, due: bool) {
    if due {
        choose(scn, w, agenda, lane, index);
    } else if !w.lanes[lane].armed && w.lanes[lane].in_flight < size(scn, w, lane, index) {
        if !w.lanes[lane].queued {
            picking::queue_up(scn, w, lane, index);
        }
        if picking::has_any(scn, w, lane, index) {
            arm_decision(scn, w, agenda, lane);
        }
    }
}

/// A batch is done: bake, or on to the next one.
fn batch_done(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, lane: usize, index: usize) {
    tell_batch_done(scn, w, agenda.now(), lane, index);
    let deployment = &w.deployments[index];
    let more = !is_finished(scn, w, lane, index);
    let bakes = match scn.assumptions.bake {
        Bake::AfterAll => false,
        Bake::BetweenBatches => more,
        Bake::PerBatch => true,
    };
    if deployment.rollback.is_some() || !bakes || deployment.bake == SimDuration::ZERO {
        next_batch(scn, w, agenda, lane, index);
        return;
    }
    let bake = deployment.bake;
    let state = &mut w.lanes[lane];
    state.state = LaneState::Baking;
    state.generation = state.generation.next();
    let generation = state.generation;
    w.tell(agenda.now(), |_| Change::Bake { deployment: index + 1, minutes: bake.as_ms() / 60_000 });
    agenda.schedule(bake, Phase::Fact, Event::LaneBaked { lane: lane as u32, generation });
}

/// N, the instances that a lane's percentage is of.
fn hosts(scn: &Scenario, w: &World, lane: usize) -> u32 {
    match scn.assumptions.batch_count {
        BatchCount::Live => {
            let active = w.lanes[lane].providers.iter().map(|provider| w.providers[*provider].active).sum();
            with_in_flight(scn, w, lane, active)
        }
        BatchCount::AtStart => w.lanes[lane].hosts_at_start,
    }
}

/// In a sliding lane those in flight stand for their hosts, or the window would shrink with itself.
fn with_in_flight(scn: &Scenario, w: &World, lane: usize, active: u32) -> u32 {
    match scn.assumptions.batching {
        Batching::Barrier => active,
        Batching::Sliding => active + w.lanes[lane].in_flight,
    }
}

/// How many instances may be in flight at once: never fewer than one.
fn size(scn: &Scenario, w: &World, lane: usize, index: usize) -> u32 {
    let deployment = &w.deployments[index];
    let percent = match (deployment.rollback, scn.assumptions.rollback_pace) {
        (Some(_), RollbackPace::AllAtOnce) => 100.0,
        _ => deployment.drain_percent,
    };
    let share = f64::from(hosts(scn, w, lane)) * percent / 100.0;
    let rounded = match scn.assumptions.rounding {
        Rounding::Floor => share.floor(),
        Rounding::Ceil => share.ceil(),
        Rounding::Round => share.round(),
    };
    (rounded as u32).max(1)
}

/// A10, `merged`: whether another daemon's deployment leads on one of the lane's providers. The
/// one that was created first leads while it has instances to replace; and two batches of two
/// daemons are never under way at once.
fn is_led(scn: &Scenario, w: &World, lane: usize, index: usize) -> bool {
    if scn.assumptions.concurrent_daemons != ConcurrentDaemons::Merged {
        return false;
    }
    let leads = |earlier: usize| {
        !w.deployments[earlier].status.is_final()
            && lanes_in_scope(scn, w, earlier)
                .into_iter()
                .any(|other| meet(w, lane, other) && w.lanes[other].remaining > 0)
    };
    is_served(scn, w, lane) || (0..index).any(leads)
}

/// A10, `merged`: whether a batch of another daemon is under way on one of the lane's providers,
/// whose replacements are to come up with this lane's daemon too.
fn is_served(scn: &Scenario, w: &World, lane: usize) -> bool {
    scn.assumptions.concurrent_daemons == ConcurrentDaemons::Merged
        && (0..w.lanes.len()).any(|other| meet(w, lane, other) && is_busy(w, other))
}

/// Whether two lanes are of different daemons on a common provider.
fn meet(w: &World, lane: usize, other: usize) -> bool {
    let (own, other) = (&w.lanes[lane], &w.lanes[other]);
    other.daemon != own.daemon && other.providers.iter().any(|provider| own.providers.contains(provider))
}

/// Picks the next batch and drains it.
fn choose(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, lane: usize, index: usize) {
    if is_led(scn, w, lane, index) {
        // What the other replaces from now on gets this deployment's target too.
        deployment::start(scn, w, agenda.now(), index);
        if !is_busy(w, lane) {
            w.lanes[lane].state =
                if is_finished(scn, w, lane, index) { LaneState::Done } else { LaneState::NoCandidate };
        }
        return;
    }
    if !w.lanes[lane].queued {
        picking::queue_up(scn, w, lane, index);
    }
    let size = size(scn, w, lane, index);
    let picked = picking::pick(scn, w, lane, index, size.saturating_sub(w.lanes[lane].in_flight));
    if picked.is_empty() {
        if !is_busy(w, lane) {
            w.lanes[lane].state =
                if is_finished(scn, w, lane, index) { LaneState::Done } else { LaneState::NoCandidate };
        }
        return;
    }
    deployment::start(scn, w, agenda.now(), index);
    let one_for_one = scn.assumptions.replacement == Replacement::OneForOne;
    let lineages = w.lineages.len() as u32;
    let state = &mut w.lanes[lane];
    state.state = LaneState::InFlight;
    state.in_flight += picked.len() as u32;
    if !one_for_one {
        state.launches_from.get_or_insert(lineages);
    }
    // A sliding window that has shrunk since holds more than its new size for a while.
    state.batch_size = size.max(state.in_flight);
    let count = picked.len() as u32;
    w.tell(agenda.now(), |w| Change::Batch {
        deployment: index + 1,
        capacity_provider: provider_names(scn, w, lane),
        instances: count,
    });
    for together in picked.chunks(foresight::TOGETHER) {
        foresight::of_drains(w, together);
        for &slot in together {
            let row = &mut w.instances[slot as usize];
            row.lane = lane as u16 + 1;
            row.deployment = index as u16;
            row.awaited_gone = true;
            if one_for_one {
                let place = &mut w.lineages[row.lineage as usize];
                place.awaited_by = lane as u16 + 1;
                (place.drained_slot, place.drained_generation) = (slot, row.generation);
            }
            draining::begin(scn, w, agenda, slot, Cause::Deployment);
        }
    }
}

/// An instance has registered: deployments that do not want it as it is count it.
pub(in crate::fleet) fn registered(scn: &Scenario, w: &mut World, slot: u32) {
    w.instances[slot as usize].registered = true;
    count_off_target(scn, w, slot, |remaining| *remaining += 1);
}

/// Applies a step to the count of every open deployment that wants an instance gone; says
/// whether that is news to one of them.
fn count_off_target(scn: &Scenario, w: &mut World, slot: u32, step: fn(&mut u32)) -> bool {
    let mut any = false;
    for daemon in 0..w.open.len() {
        let Some(open) = w.open[daemon].map(usize::from) else { continue };
        let provider = usize::from(w.instances[slot as usize].provider);
        let deployment = &w.deployments[open];
        if !deployment.held && deployment.scope.contains(&provider) && is_off_target(scn, w, slot, open) {
            let lane = lane_of(scn, daemon, provider);
            step(&mut w.lanes[lane].remaining);
            any |= !goes_on(scn, w, lane);
        }
    }
    any
}

/// An instance is ACTIVE: its batch has one less to wait for, and it may be a candidate itself.
pub(in crate::fleet) fn activated(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    let row = w.instances[slot as usize];
    let awaited = std::mem::take(&mut w.lineages[row.lineage as usize].awaited_by);
    if awaited > 0 {
        if !awaited_instance_is_in_flight(w, row.lineage) {
            w.lanes[usize::from(awaited) - 1].in_flight -= 1;
        }
        if !goes_on(scn, w, usize::from(awaited) - 1) {
            w.wake(agenda, Decider::Deployments);
        }
    }
    if scn.assumptions.replacement == Replacement::DemandDriven {
        w.wake(agenda, Decider::Deployments);
    }
    for daemon in 0..w.open.len() {
        let Some(open) = w.open[daemon].map(usize::from) else { continue };
        let provider = usize::from(row.provider);
        let lane = lane_of(scn, daemon, provider);
        if !w.deployments[open].scope.contains(&provider) || !is_off_target(scn, w, slot, open) {
            continue;
        }
        picking::add(scn, w, lane, slot);
        w.wake(agenda, Decider::Deployments);
    }
}

/// An instance that was left to repair is OK again: deployments that want it gone may drain it.
pub(in crate::fleet) fn recovered(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    for daemon in 0..w.open.len() {
        let Some(open) = w.open[daemon].map(usize::from) else { continue };
        let provider = usize::from(w.instances[slot as usize].provider);
        if w.deployments[open].scope.contains(&provider) && is_off_target(scn, w, slot, open) {
            picking::add(scn, w, lane_of(scn, daemon, provider), slot);
            w.wake(agenda, Decider::Deployments);
        }
    }
}

/// An instance may have gone far enough (A19) for those that wait for it to be gone.
pub(in crate::fleet) fn depart(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, slot: u32) {
    use InstanceState::{Deregistering, Draining, Vacant};
    let row = &mut w.instances[slot as usize];
    let far_enough = match scn.assumptions.success_waits_for {
        SuccessWaitsFor::Termination => row.state == Vacant,
        SuccessWaitsFor::Deregistration => matches!(row.state, Vacant | Deregistering),
        SuccessWaitsFor::Daemon => matches!(row.state, Vacant | Deregistering | Draining),
    };
    if !far_enough || row.departed {
        return;
    }
    row.departed = true;
    let (lane, lineage, generation) = (row.lane, row.lineage, row.generation);
    let awaited = std::mem::take(&mut row.awaited_gone);
    if row.registered && count_off_target(scn, w, slot, |remaining| *remaining -= 1) {
        w.wake(agenda, Decider::Deployments);
    }
    let place = &w.lineages[lineage as usize];
    let replaced = place.awaited_by != lane || place.drained_generation != generation;
    if awaited && replaced {
        w.lanes[usize::from(lane) - 1].in_flight -= 1;
        if !goes_on(scn, w, usize::from(lane) - 1) {
            w.wake(agenda, Decider::Deployments);
        }
    }
}

/// Whether a lane only waits for more of its batch: nothing that befalls an instance meanwhile is
/// anything to decide on.
fn goes_on(scn: &Scenario, w: &World, lane: usize) -> bool {
    let state = &w.lanes[lane];
    state.state == LaneState::InFlight
        && state.in_flight > 0
        && scn.assumptions.batching == Batching::Barrier
        && scn.assumptions.replacement == Replacement::OneForOne
}

/// A drain is called off: its lane waits for it no longer, and who counts the instance as gone counts it again.
pub(in crate::fleet) fn forget(scn: &Scenario, w: &mut World, slot: u32) {
    let row = w.instances[slot as usize];
    let place = &mut w.lineages[row.lineage as usize];
    let is_last = place.drained_slot == slot && place.drained_generation == row.generation;
    let awaits_next = is_last && place.awaited_by == row.lane;
    if awaits_next {
        place.awaited_by = 0;
    }
    if row.awaited_gone || awaits_next {
        w.lanes[usize::from(row.lane) - 1].in_flight -= 1;
    }
    if row.departed {
        count_off_target(scn, w, slot, |remaining| *remaining += 1);
    }
    let row = &mut w.instances[slot as usize];
    (row.lane, row.awaited_gone, row.departed) = (0, false, false);
}

/// Whether the instance that a lane drained last from a lineage is still to go.
pub(in crate::fleet) fn awaited_instance_is_in_flight(w: &World, lineage: u32) -> bool {
    let place = &w.lineages[lineage as usize];
    let old = &w.instances[place.drained_slot as usize];
    old.awaited_gone && old.lineage == lineage && old.generation == place.drained_generation
}

fn provider_names(scn: &Scenario, w: &World, lane: usize) -> String {
    let names: Vec<&str> =
        w.lanes[lane].providers.iter().map(|provider| scn.providers[*provider].name.as_str()).collect();
    names.join(", ")
}

fn tell_batch_done(scn: &Scenario, w: &mut World, now: SimTime, lane: usize, index: usize) {
    // An empty provider, or a rollback with nothing in flight, has had no batch.
    if w.deployments[index].status != DeploymentStatus::Pending {
        w.tell(now, |w| Change::BatchDone {
            deployment: index + 1,
            capacity_provider: provider_names(scn, w, lane),
        });
    }
}

/// Counts afresh what the lanes of a deployment keep by increments.
///
/// # Panics
/// When the counts differ: a bug of ours.
pub(in crate::fleet) fn assert_remaining(scn: &Scenario, w: &World, index: usize) {
    for lane in lanes_in_scope(scn, w, index) {
        assert_eq!(
            count_remaining(scn, w, lane, index),
            w.lanes[lane].remaining,
            "instances that a deployment still wants gone"
        );
    }
}
