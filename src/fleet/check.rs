//! What must hold after every event, whatever the policy and the faults.
//!
//! Each rule counts afresh what the systems keep by increments, or states something
//! that ECS promises. Only tests pay for it.

use super::systems::deployment::lacks_nothing_to_run;
use super::systems::lanes::awaited_instance_is_in_flight;
use super::systems::services::{self, ServiceState};
use super::tables::{Cause, DaemonState, Instance, InstanceState};
use super::tasks::TaskState;
use super::world::World;
use crate::engine::time::SimTime;
use crate::outcome::DeploymentStatus;
use crate::scenario::Scenario;
use crate::scenario::assumptions::{ProtectedTasks, RepairLimit};
use crate::scenario::model::{CapacityProvider, Request};

/// How far an instant has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// More is to happen in it.
    Underway,
    /// Time moves on: all that starts and turns healthy in it has been counted.
    Over,
}

/// Checks every invariant.
///
/// # Panics
/// When one does not hold: always a bug of ours.
pub(super) fn invariants(scn: &Scenario, w: &World, now: SimTime, progress: Progress) {
    instances_are_counted_once(scn, w);
    rooms_are_conserved(scn, w);
    tasks_are_conserved(w);
    services_keep_their_ceilings(scn, w);
    if progress == Progress::Over {
        tasks_are_what_their_services_count(scn, w, now);
        degraded_tasks_are_counted_once(scn, w, now);
        services_keep_their_floors(scn, w);
        nothing_is_called_off_for_the_past(w, now);
    }
    services_shed_what_is_too_much(w);
    drains_wait(scn, w, now);
    applications_only_run_beside_their_daemons(scn, w);
    lanes_are_counted_once(scn, w);
    batches_keep_their_size(w);
    deployments_are_sound(w);
    repairs_keep_their_limit(scn, w);
    daemons_are_counted_once(w);
    super::systems::utilization::assert_counted(scn, w);
    limits_are_kept(scn, w);
    capacity_is_launched_and_used(scn, w);
    scale_in_takes_its_turn(w);
    assert!(w.deployments.iter().all(|d| d.created_at <= now), "nothing is created in the future");
}

fn rows(w: &World) -> impl Iterator<Item = (u32, &Instance)> {
    w.instances
        .iter()
        .enumerate()
        .filter(|(_, row)| row.state != InstanceState::Vacant)
        .map(|(slot, row)| (slot as u32, row))
}

fn instances_are_counted_once(scn: &Scenario, w: &World) {
    let mut by_state = [0; InstanceState::COUNT];
    rows(w).for_each(|(_, row)| by_state[row.state as usize] += 1);
    assert_eq!(by_state, w.by_state, "instances by state");
    let existing = rows(w).filter(|(_, row)| row.state.exists());
    let (count, vcpu) = existing
        .fold((0, 0), |(count, vcpu), (slot, _)| (count + 1, vcpu + u64::from(w.type_of(scn, slot).vcpu)));
    assert_eq!((count, vcpu), (w.existing.value(), w.vcpu.value()), "existing instances and their vCPUs");
    for (index, provider) in w.providers.iter().enumerate() {
        let own = |row: &Instance| usize::from(row.provider) == index;
        let active = rows(w).filter(|(_, row)| own(row) && row.state == InstanceState::Active).count();
        assert_eq!(active as u32, provider.active, "ACTIVE instances of a provider");
        let mut filled = vec![false; provider.lineages as usize];
        for (slot, _) in rows(w).filter(|(_, row)| own(row) && row.state.is_on_duty()) {
            let place = &mut filled[w.entity(slot) as usize];
            assert!(!*place, "a lineage has one instance in service or on the way");
            *place = true;
        }
        let on_duty = filled.iter().filter(|place| **place).count();
        assert_eq!(on_duty as u32, provider.on_duty, "instances in service or on their way");
        // Where nothing is launched on demand, a lineage always has an instance, or one on the way.
        assert!(provider.on_demand || on_duty == filled.len(), "no lineage is forgotten");
    }
    let impaired = rows(w).filter(|(_, row)| row.impaired).count();
    assert_eq!(impaired as u64, w.impaired.value(), "impaired instances");
}

fn rooms_are_conserved(scn: &Scenario, w: &World) {
    for (slot, row) in rows(w) {
        let size = w.type_of(scn, slot);
        let (mut cpu, mut memory) = (row.cpu_free, row.memory_free);
        for task in w.tasks.on(row) {
            cpu += scn.services[usize::from(task.service)].cpu;
            memory += scn.services[usize::from(task.service)].memory;
        }
        // What runs at the start is as its definition says.
        let at_start = scn.providers[usize::from(row.provider)].instances;
        let started_here = row.generation > 0 || w.entity(slot) >= at_start;
        for daemon in 0..scn.daemons.len() {
            let task = &w.daemon_tasks[w.daemon_row(slot, daemon)];
            let given = w.epochs[usize::from(task.epoch)].gives(usize::from(row.provider));
            let (Some((revision, _)), true) = (given, task.state != DaemonState::Absent && task.fits) else {
                continue;
            };
            let more = if started_here { w.needs_more(scn, revision, w.entity(slot)) } else { (0, 0) };
            cpu += scn.revisions[revision].cpu + more.0;
            memory += scn.revisions[revision].memory + more.1;
        }
        assert_eq!((cpu, memory), (size.cpu, size.memory), "cpu and memory of an instance");
    }
}

fn tasks_are_conserved(w: &World) {
    for (index, service) in w.services.iter().enumerate() {
        let waiting = service.waiting.len() as u32;
        let (mut live, mut settled) = (waiting, waiting);
        let mut zones = vec![0; service.zone_tasks.len()];
        for (_, row) in rows(w) {
            let own = w.tasks.live(row).iter().filter(|task| usize::from(task.service) == index);
            let count = own.count() as u32;
            if count == 0 {
                continue;
            }
            live += count;
            zones[usize::from(row.zone)] += count;
            settled += if row.state == InstanceState::Active { count } else { 0 };
        }
        assert_eq!(live, service.live, "live tasks");
        assert_eq!(zones, service.zone_tasks, "tasks per zone");
        if !service.is_standalone {
            let places = settled + service.orphans.len() as u32;
            assert_eq!(places, service.places, "every place has one task, or waits for one");
            assert!(places >= service.desired, "no place is forgotten");
        }
    }
    let serials = rows(w).flat_map(|(_, row)| w.tasks.on(row).iter().map(|task| task.serial));
    let mut serials: Vec<u32> = serials.collect();
    serials.sort_unstable();
    assert!(serials.windows(2).all(|pair| pair[0] < pair[1]), "a serial is one task's");
}

/// What rows say by the clock is what services have counted by events.
fn tasks_are_what_their_services_count(scn: &Scenario, w: &World, now: SimTime) {
    for (index, service) in w.services.iter().enumerate() {
        let (mut healthy, mut running) = (0, 0);
        for task in rows(w).flat_map(|(_, row)| w.tasks.live(row)) {
            if usize::from(task.service) == index {
                let state = services::state_of(scn, task, now);
                healthy += i64::from(state == TaskState::Healthy);
                running += u64::from(state != TaskState::Pending);
            }
        }
        assert_eq!((healthy, running), (service.healthy, service.running.value()), "healthy, running tasks");
    }
}

/// A service counts those of its running tasks whose host degrades it.
fn degraded_tasks_are_counted_once(scn: &Scenario, w: &World, now: SimTime) {
    for (index, service) in w.services.iter().enumerate().filter(|(_, service)| service.is_exposed) {
        let mut counts = vec![0; service.degraded.len()];
        for (slot, row) in rows(w) {
            if let Some(bit) = services::ruling_degradation(w, w.degraded_by(slot), index) {
                let own = w.tasks.live(row).iter().filter(|task| usize::from(task.service) == index);
                counts[bit] += own.filter(|task| services::serves(scn, w, task, now)).count() as u32;
            }
        }
        assert_eq!(counts, service.degraded, "tasks on degraded hosts");
    }
}

/// What is called off has its event still to come.
fn nothing_is_called_off_for_the_past(w: &World, now: SimTime) {
    assert!(w.called_off.keys().all(|(at, ..)| *at > now), "an event called off is one on the agenda");
}

/// What a service has too much of it cannot stop; once its decisions are made nothing else is left.
fn services_shed_what_is_too_much(w: &World) {
    let too_many = |service: &&ServiceState| service.places > service.desired;
    if w.dirty.services || w.services.iter().find(too_many).is_none() {
        return;
    }
    for (index, service) in w.services.iter().enumerate().filter(|(_, service)| too_many(service)) {
        assert!(service.orphans.is_empty() && service.waiting.is_empty(), "the first to be given up");
        for (_, row) in rows(w).filter(|(_, row)| row.state == InstanceState::Active) {
            let mut own = w.tasks.live(row).iter().filter(|task| usize::from(task.service) == index);
            assert!(own.all(|task| task.is_protected), "only protected tasks outlast a lower desired count");
        }
    }
}

/// A12, `wait`: nothing but its own end, the loss of its host or the deadline of a drain stops a
/// standalone task, or one that protects itself.
fn drains_wait(scn: &Scenario, w: &World, now: SimTime) {
    for task in rows(w).flat_map(|(_, row)| w.tasks.stopping(row)) {
        let waits = scn.assumptions.protected_tasks == ProtectedTasks::Wait;
        let standalone = w.services[usize::from(task.service)].is_standalone;
        assert!(!waits || !(standalone || task.is_protected), "a drain waits for what it may not stop");
    }
    for (_, row) in rows(w).filter(|(_, row)| row.state == InstanceState::Draining) {
        assert!(now.since(row.since) <= scn.control_plane.drain_deadline, "a drain has a deadline");
    }
}

fn services_keep_their_ceilings(scn: &Scenario, w: &World) {
    for (index, (spec, service)) in scn.services_proper().iter().zip(&w.services).enumerate() {
        let (_, most) = desired_counts(scn, index);
        assert!(service.live <= spec.ceiling(most), "maximumPercent");
    }
}

fn services_keep_their_floors(scn: &Scenario, w: &World) {
    for (index, (spec, service)) in scn.services_proper().iter().zip(&w.services).enumerate() {
        let (least, _) = desired_counts(scn, index);
        // Faults may take tasks; until they are made up for, the service may be below its floor.
        let floor = i64::from(spec.floor(least));
        assert!(service.bereft || service.healthy >= floor, "minimumHealthyPercent");
    }
}

/// The least and the most that a service ever wants.
fn desired_counts(scn: &Scenario, index: usize) -> (u32, u32) {
    let scheduled = scn.services[index].schedule.iter().flat_map(|s| s.steps.iter().map(|(_, count)| *count));
    let asked = scn.timeline.iter().filter_map(|action| match &action.request {
        Request::Scale(scale) if scale.service == index => Some(scale.desired),
        _ => None,
    });
    let first = scn.services[index].desired;
    scheduled.chain(asked).fold((first, first), |(least, most), count| (least.min(count), most.max(count)))
}

fn applications_only_run_beside_their_daemons(scn: &Scenario, w: &World) {
    for (slot, row) in rows(w) {
        if row.tasks == 0 {
            continue;
        }
        assert!(
            matches!(row.state, InstanceState::Active | InstanceState::Draining),
            "applications run on instances in service only"
        );
        for daemon in 0..scn.daemons.len() {
            assert!(lacks_nothing_to_run(scn, w, slot, daemon), "a critical daemon runs before applications");
        }
    }
}

fn lanes_are_counted_once(scn: &Scenario, w: &World) {
    for (index, lane) in w.lanes.iter().enumerate() {
        let to_go = rows(w).filter(|(_, row)| row.awaited_gone && usize::from(row.lane) == index + 1).count();
        let to_come = (0..w.lineages.len() as u32).filter(|lineage| {
            usize::from(w.lineages[*lineage as usize].awaited_by) == index + 1
                && !awaited_instance_is_in_flight(w, *lineage)
        });
        assert_eq!((to_go + to_come.count()) as u32, lane.in_flight, "drains in flight");
    }
    for (index, deployment) in w.deployments.iter().enumerate() {
        if !deployment.status.is_final() && !deployment.held {
            super::systems::lanes::assert_remaining(scn, w, index);
        }
    }
}

fn batches_keep_their_size(w: &World) {
    for (index, lane) in w.lanes.iter().enumerate() {
        // With `successWaitsFor: daemon` a batch is done while its old instances still drain.
        let draining = rows(w).filter(|(_, row)| {
            row.state == InstanceState::Draining && row.awaited_gone && usize::from(row.lane) == index + 1
        });
        assert!(draining.count() as u32 <= lane.batch_size, "instances draining exceed their batch");
    }
}

fn deployments_are_sound(w: &World) {
    for daemon in 0..w.open.len() {
        let open = w
            .deployments
            .iter()
            .enumerate()
            .filter(|(_, d)| d.daemon == daemon && !d.status.is_final())
            .map(|(index, _)| index as u16);
        assert_eq!(open.collect::<Vec<_>>(), Vec::from_iter(w.open[daemon]), "one open deployment a daemon");
    }
    for deployment in &w.deployments {
        let Some(rollback) = deployment.rollback else { continue };
        let target = &w.epochs[usize::from(rollback)].settings;
        let sound = w
            .deployments
            .iter()
            .filter(|d| d.daemon == deployment.daemon && d.status == DeploymentStatus::Successful);
        let mut sound = sound.map(|d| usize::from(d.forward)).chain([deployment.daemon]);
        assert!(
            target.is_none() || sound.any(|epoch| w.epochs[epoch].settings == *target),
            "a rollback only goes to what has succeeded"
        );
    }
}

fn repairs_keep_their_limit(scn: &Scenario, w: &World) {
    for (index, provider) in w.providers.iter().enumerate() {
        let draining = |cause: Cause| {
            let of_cause = rows(w).filter(|(_, row)| {
                usize::from(row.provider) == index
                    && row.state == InstanceState::Draining
                    && row.cause == cause
            });
            of_cause.count() as u32
        };
        assert_eq!(draining(Cause::Repair), provider.draining_for_repair, "draining for repair");
        assert_eq!(draining(Cause::Deployment), provider.draining_for_deployment, "draining for deployments");
        let hosts = provider.on_duty;
        // A fleet that shrinks has a lower limit from then on.
        if !provider.on_demand && scn.assumptions.repair_limit != RepairLimit::Unlimited {
            let limit = if hosts < 9 { 1 } else { hosts / 5 };
            assert!(provider.draining_for_repair <= limit, "the repair limit");
        }
    }
}

fn daemons_are_counted_once(w: &World) {
    let (mut gap, mut bad) = (0, 0);
    let mut ailing = vec![0; w.ailing.len()];
    for (slot, row) in rows(w) {
        for (daemon, ailing) in ailing.iter_mut().enumerate() {
            let task = &w.daemon_tasks[w.daemon_row(slot, daemon)];
            if task.state == DaemonState::Absent {
                continue;
            }
            let (revision, _) = w.epochs[usize::from(task.epoch)]
                .gives(usize::from(row.provider))
                .expect("a daemon that is there was given");
            gap += u64::from(row.state == InstanceState::Active && !task.state.runs());
            bad += u64::from(task.state.runs() && !w.defects[revision].is_empty());
            let in_service = matches!(row.state, InstanceState::Active | InstanceState::Draining);
            let ails = matches!(task.state, DaemonState::Stopped | DaemonState::Unhealthy);
            *ailing += u64::from(in_service && ails);
        }
    }
    assert_eq!(
        (gap, bad),
        (w.daemon_gap.value(), w.bad_running.value()),
        "daemons missing, daemons defective"
    );
    assert_eq!(ailing, w.ailing.iter().map(super::gauge::Gauge::value).collect::<Vec<_>>(), "ailing daemons");
}

/// What is on its way is known; nothing was launched on demand that nobody asked for; and once
/// everything is decided, nobody waits who would find room.
fn capacity_is_launched_and_used(scn: &Scenario, w: &World) {
    for (index, provider) in w.providers.iter().enumerate() {
        let spec = &scn.providers[index];
        assert!(
            provider.on_demand || provider.lineages == spec.instances,
            "no launch without a demand for it"
        );
        let coming = rows(w).filter(|(_, row)| usize::from(row.provider) == index && row.state.is_coming());
        let mut coming: Vec<(u32, u32)> = coming.map(|(slot, row)| (row.lineage, slot)).collect();
        coming.sort_unstable();
        let known = provider.coming.iter().map(|(lineage, coming)| (*lineage, coming.slot));
        assert!(!provider.on_demand || known.eq(coming), "instances on their way");
        for (lineage, coming) in &provider.coming {
            let size = w.type_of(scn, coming.slot);
            assert!(
                coming.cpu <= size.cpu && coming.memory <= size.memory,
                "{lineage} is not meant for too much"
            );
        }
    }
    if w.dirty.pending {
        return;
    }
    for (service, spec) in w.services.iter().zip(&scn.services) {
        let room = |row: &Instance| {
            row.state == InstanceState::Active
                && usize::from(row.provider) == spec.provider
                && !row.closed
                && row.cpu_free >= spec.cpu
                && row.memory_free >= spec.memory
        };
        assert!(
            service.waiting.is_empty() || !rows(w).any(|(_, row)| room(row)),
            "who finds room does not wait"
        );
    }
}

/// Instances are consolidated one at a time, and an idle one that goes has no tasks.
fn scale_in_takes_its_turn(w: &World) {
    for index in 0..w.providers.len() {
        let draining = |cause: Cause| {
            rows(w).filter(move |(_, row)| {
                usize::from(row.provider) == index
                    && row.state == InstanceState::Draining
                    && row.cause == cause
            })
        };
        assert!(draining(Cause::Consolidation).count() <= 1, "consolidated one after another");
        assert!(draining(Cause::Idle).all(|(_, row)| row.tasks == 0), "an idle instance has no tasks");
    }
}

fn limits_are_kept(scn: &Scenario, w: &World) {
    for (spec, provider) in scn.providers.iter().zip(&w.providers) {
        let most = spec.max_instances.unwrap_or(u32::MAX).max(spec.instances);
        assert!(provider.existing.value() <= u64::from(most), "maxInstances");
    }
    let at_start: u64 = scn.providers.iter().map(CapacityProvider::vcpu_at_start).sum();
    assert!(w.vcpu.value() <= scn.quota_vcpu.unwrap_or(u64::MAX).max(at_start), "the vCPU quota");
}
