//! Fetching rows shortly before they are needed.
//!
//! The tables of a large fleet outgrow the processor's caches, and one event after another
//! would wait for rows from all over them. Those of several events that are looked at in a
//! tight loop arrive together, for about the wait of one, and are still at hand when the
//! events happen. Nothing is kept and nothing changes: without this module a run is the
//! same, only slower.

use std::hint::black_box;

use super::event::Event;
use super::world::World;

/// Instances whose rows are fetched together: enough for the waits to overlap, few enough to stay in
/// the nearest cache.
pub(super) const TOGETHER: usize = 16;

/// Fetches what an event that is due soon will look at.
pub(super) fn of_event(w: &World, event: Event) {
    match event {
        Event::TaskStarted { task, service } | Event::TaskTurnedHealthy { task, service }
            if w.services[usize::from(service)].is_followed =>
        {
            of_tasks(w, task.slot);
        }
        Event::TasksStopped { instance } => of_drain(w, instance.slot),
        Event::LaunchEnded { instance }
        | Event::InstanceRegistered { instance }
        | Event::RegistrationTimedOut { instance }
        | Event::DaemonStartEnded { instance, .. }
        | Event::DaemonFoundHealthy { instance, .. }
        | Event::DaemonExited { instance, .. }
        | Event::DaemonHung { instance, .. }
        | Event::DaemonsStopped { instance }
        | Event::InstanceTerminated { instance }
        | Event::HostFailed { instance }
        | Event::LifetimeReached { instance }
        | Event::LifetimeExceeded { instance } => of_instance(w, instance.slot),
        // The rest are rare, or concern no instance.
        _ => {}
    }
}

/// Fetches the rows of instances that are launched one after another.
pub(super) fn of_launches(w: &World, slots: impl Iterator<Item = u32>) {
    for slot in slots {
        of_instance(w, slot);
    }
}

/// Fetches the rows of instances that are drained one after another, and of their tasks.
pub(super) fn of_drains(w: &World, slots: &[u32]) {
    for slot in slots {
        of_drain(w, *slot);
    }
}

fn of_instance(w: &World, slot: u32) {
    let lineage = &w.lineages[w.instances[slot as usize].lineage as usize];
    black_box(lineage.attempts);
    black_box(w.daemon_tasks.get(w.daemon_row(slot, 0)).map(|task| task.run));
}

fn of_drain(w: &World, slot: u32) {
    of_instance(w, slot);
    of_tasks(w, slot);
}

fn of_tasks(w: &World, slot: u32) {
    for task in w.tasks.on(&w.instances[slot as usize]) {
        black_box(task.serial);
    }
}
