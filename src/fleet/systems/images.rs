//! Which container images an instance has, and how long it takes to pull the others.
//!
//! The first task of a service or a task definition on an instance pulls its image: size over
//! throughput. Later ones find it there once a pull has finished; while none has, each pulls
//! for itself. A new instance has none: what a rollout replaces, it has to pull again.

use crate::engine::draw::Key;
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::keys::{Purpose, key};
use crate::fleet::tables::DaemonState;
use crate::fleet::world::World;
use crate::scenario::Scenario;
use crate::scenario::model::Image;

use super::faults::timeline;

/// A pull that fails is given up after this: the ECS agent tries five times, with pauses of 1.1,
/// 2.2, 4.4 and 5 s between (`maximumPullRetries` and its neighbours in amazon-ecs-agent).
pub(in crate::fleet) const GIVEN_UP_AFTER: SimDuration = SimDuration::from_ms(12_700);

/// The images of every instance; empty where no image matters.
#[derive(Debug, Default)]
pub(in crate::fleet) struct Images {
    /// Images there are: those of the services, then those of the task definitions.
    count: usize,
    /// Per slot and image: from when on the instance has it.
    there_from: Vec<SimTime>,
    /// Per image: the key of its pulls, and what its draws are named after.
    pullers: Vec<(Key, String)>,
}

impl Images {
    /// A new instance has no image.
    pub(in crate::fleet) fn forget(&mut self, slot: u32) {
        if self.count == 0 {
            return;
        }
        let first = slot as usize * self.count;
        let until = first + self.count;
        if self.there_from.len() < until {
            self.there_from.resize(until, SimTime::MAX);
        }
        self.there_from[first..until].fill(SimTime::MAX);
    }
}

/// What becomes of a start, as far as the image goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::fleet) enum Pull {
    /// It takes so long until the image is there.
    Takes(SimDuration),
    /// The image cannot be had.
    Fails,
}

/// The image of a service.
pub(in crate::fleet) fn of_service(service: usize) -> usize {
    service
}

/// The image of a daemon task definition.
pub(in crate::fleet) fn of_revision(scn: &Scenario, revision: usize) -> usize {
    scn.services.len() + revision
}

/// At the start each instance has the images of what runs there.
pub(in crate::fleet) fn begin(scn: &Scenario, w: &mut World) {
    w.images.pullers.clear();
    w.images.there_from.clear();
    w.images.count = 0;
    if !scn.tracks_images() {
        return;
    }
    let services = scn.services.iter().map(|service| format!("service/{}", service.name));
    let revisions = scn.revisions.iter().map(|revision| format!("daemon/{}", revision.label()));
    let named = services.chain(revisions);
    w.images.pullers = named.map(|name| (key(scn, w.seed, Purpose::ImagePull, &name), name)).collect();
    w.images.count = w.images.pullers.len();
    for slot in 0..w.instances.len() as u32 {
        w.images.forget(slot);
        let first = slot as usize * w.images.count;
        let tasks: Vec<usize> =
            w.tasks.on(&w.instances[slot as usize]).iter().map(|task| usize::from(task.service)).collect();
        for service in tasks {
            w.images.there_from[first + of_service(service)] = SimTime::ZERO;
        }
        for daemon in 0..scn.daemons.len() {
            let task = &w.daemon_tasks[w.daemon_row(slot, daemon)];
            let provider = usize::from(w.instances[slot as usize].provider);
            let given = w.epochs[usize::from(task.epoch)].gives(provider);
            if let (Some((revision, _)), true) = (given, task.state != DaemonState::Absent) {
                w.images.there_from[first + of_revision(scn, revision)] = SimTime::ZERO;
            }
        }
    }
}

fn image(scn: &Scenario, index: usize) -> Option<&Image> {
    match scn.services.get(index) {
        Some(service) => service.image.as_ref(),
        None => scn.revisions[index - scn.services.len()].image.as_ref(),
    }
}

/// A task begins to start on an instance: it pulls its image, unless that is there.
/// Entity and occurrence are those of the start.
pub(in crate::fleet) fn pull(
    scn: &Scenario,
    w: &mut World,
    now: SimTime,
    slot: u32,
    index: usize,
    (entity, occurrence): (u32, u32),
) -> Pull {
    let at = slot as usize * w.images.count + index;
    if w.images.count == 0 || w.images.there_from[at] <= now {
        return Pull::Takes(SimDuration::ZERO);
    }
    let (key, puller) = &w.images.pullers[index];
    if timeline::registry_fails(scn, w, now, puller, (entity, occurrence)) {
        return Pull::Fails;
    }
    let takes = image(scn, index).map_or(SimDuration::ZERO, |image| {
        let rate = image.throughput.quantile(key.uniform(entity, occurrence)).max(SLOWEST);
        SimDuration::from_ms((image.bytes as f64 / rate * 1_000.0 + 0.5) as u64)
    });
    let there_from = &mut w.images.there_from[at];
    *there_from = (*there_from).min(now + takes);
    Pull::Takes(takes)
}

/// No pull is slower, in bytes a second: the slowest rate that a scenario can give, and where
/// the tail of a distribution of rates ends.
const SLOWEST: f64 = crate::scenario::raw::RATES.0 as f64;
