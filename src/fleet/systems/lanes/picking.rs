//! The order of picking: which instances a lane drains next (A20).
//!
//! Candidates are filed once a phase, in queues that are only ever taken from the
//! front: one that turns out not to be drainable never will be, and is passed by.

use crate::fleet::tables::InstanceState;
use crate::fleet::world::World;
use crate::scenario::Scenario;
use crate::scenario::assumptions::{BatchOrder, Batching};

use super::is_off_target;

/// An instance that may be drained, in the order of picking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    /// When it was launched; the addressed draw under `batchOrder: random`.
    rank: i64,
    lineage: u32,
    slot: u32,
    version: u32,
}

/// A queue of candidates: those of one zone, or all of them.
#[derive(Debug, Default)]
pub(super) struct Queue {
    candidates: Vec<Candidate>,
    next: usize,
}

/// Files every candidate of a lane in the order of picking.
pub(super) fn queue_up(scn: &Scenario, w: &mut World, lane: usize, index: usize) {
    let zones = match scn.assumptions.batch_order {
        BatchOrder::ZoneBalanced => scn.providers.iter().map(|p| p.zones as usize).max().unwrap_or(1),
        BatchOrder::OldestFirst | BatchOrder::Random => 1,
    };
    let mut queues = std::mem::take(&mut w.lanes[lane].queues);
    queues.resize_with(zones, Queue::default);
    for queue in &mut queues {
        queue.candidates.clear();
        queue.next = 0;
    }
    for slot in 0..w.instances.len() as u32 {
        if w.instances[slot as usize].state == InstanceState::Active
            && w.lanes[lane].providers.contains(&usize::from(w.instances[slot as usize].provider))
            && is_off_target(scn, w, slot, index)
        {
            queues[queue_of(scn, w, slot)].candidates.push(candidate(scn, w, slot));
        }
    }
    for queue in &mut queues {
        queue.candidates.sort_unstable();
    }
    let state = &mut w.lanes[lane];
    (state.queues, state.queued, state.zone) = (queues, true, 0);
}

fn queue_of(scn: &Scenario, w: &World, slot: u32) -> usize {
    match scn.assumptions.batch_order {
        BatchOrder::ZoneBalanced => usize::from(w.instances[slot as usize].zone),
        BatchOrder::OldestFirst | BatchOrder::Random => 0,
    }
}

fn candidate(scn: &Scenario, w: &World, slot: u32) -> Candidate {
    let row = &w.instances[slot as usize];
    let rank = match scn.assumptions.batch_order {
        BatchOrder::Random => {
            let key = w.keys.providers[usize::from(row.provider)].batch_order;
            (key.uniform(w.entity(slot), row.generation).value() * 1e18) as i64
        }
        BatchOrder::ZoneBalanced | BatchOrder::OldestFirst => row.launched_at,
    };
    Candidate { rank, lineage: row.lineage, slot, version: row.version }
}

/// Whether an instance may be drained now: in service, not as wanted, not left to repair.
fn may_drain(scn: &Scenario, w: &World, index: usize, candidate: Candidate) -> bool {
    let row = &w.instances[candidate.slot as usize];
    row.version == candidate.version
        && row.state == InstanceState::Active
        && !(row.impaired && scn.providers[usize::from(row.provider)].auto_repair)
        && is_off_target(scn, w, candidate.slot, index)
}

/// The first candidate of a queue that may be drained; those before it never will be.
fn front(scn: &Scenario, w: &mut World, lane: usize, zone: usize, index: usize) -> Option<Candidate> {
    while let Some(&candidate) = {
        let queue = &w.lanes[lane].queues[zone];
        queue.candidates.get(queue.next)
    } {
        if may_drain(scn, w, index, candidate) {
            return Some(candidate);
        }
        w.lanes[lane].queues[zone].next += 1;
    }
    None
}

/// Whether there is any instance to drain.
pub(super) fn has_any(scn: &Scenario, w: &mut World, lane: usize, index: usize) -> bool {
    (0..w.lanes[lane].queues.len()).any(|zone| front(scn, w, lane, zone, index).is_some())
}

/// Takes up to `most` candidates, zones in turn.
pub(super) fn pick(scn: &Scenario, w: &mut World, lane: usize, index: usize, most: u32) -> Vec<u32> {
    let zones = w.lanes[lane].queues.len();
    let sliding = scn.assumptions.batching == Batching::Sliding;
    let mut zone = if sliding { w.lanes[lane].zone } else { 0 };
    let mut picked = Vec::new();
    let mut empty = 0;
    while empty < zones && (picked.len() as u32) < most {
        match front(scn, w, lane, zone, index) {
            Some(candidate) => {
                w.lanes[lane].queues[zone].next += 1;
                picked.push(candidate.slot);
                empty = 0;
            }
            None => empty += 1,
        }
        zone = (zone + 1) % zones;
    }
    w.lanes[lane].zone = zone;
    picked
}

/// Files an instance that has become a candidate since the queues were filed, unless it still is one.
pub(super) fn add(scn: &Scenario, w: &mut World, lane: usize, slot: u32) {
    if !w.lanes[lane].queued {
        return;
    }
    let (zone, candidate) = (queue_of(scn, w, slot), candidate(scn, w, slot));
    let queue = &mut w.lanes[lane].queues[zone];
    let at = queue.next + queue.candidates[queue.next..].partition_point(|c| *c < candidate);
    // One that drained, and was called off, may be there still.
    if queue.candidates.get(at) != Some(&candidate) {
        queue.candidates.insert(at, candidate);
    }
}
