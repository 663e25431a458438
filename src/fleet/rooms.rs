//! Which ACTIVE instances of a zone have room, smallest room first.
//!
//! Instances are filed under their exact free memory and cpu ("level"). Entries are
//! never searched for: one that no longer tells the truth is dropped when it comes
//! up. A fleet has few levels, since its instances are alike and so are its tasks,
//! and packing keeps coming back to the lowest, so a placement costs a few steps
//! however large the fleet is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The free room of an instance, in order of preference: least memory, then cpu, then index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Room {
    pub(super) memory: u32,
    pub(super) cpu: u32,
    pub(super) lineage: u32,
    pub(super) slot: u32,
}

/// A set of a provider's zones, a bit each; there are 100 at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ZoneSet(u128);

impl ZoneSet {
    /// The first so many zones.
    pub(super) fn of(zones: usize) -> Self {
        Self((1 << zones) - 1)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn insert(&mut self, zone: usize) {
        self.0 |= 1 << zone;
    }

    pub(super) fn remove(&mut self, zone: usize) {
        self.0 &= !(1 << zone);
    }

    /// The zones, lowest first.
    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let lowest = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (lowest < u128::BITS as usize).then_some(lowest)
        })
    }
}

/// Instances with the same free room, by lineage.
#[derive(Debug)]
struct Level {
    memory: u32,
    cpu: u32,
    /// (lineage, slot).
    instances: BinaryHeap<Reverse<(u32, u32)>>,
}

/// The rooms of one zone of one capacity provider.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// In order of memory, then cpu.
    levels: Vec<Level>,
    /// The room of the instance that was packed last, which is mostly the next to be packed: it
    /// is filed only when another takes its place here.
    at_hand: Option<Room>,
}

impl Rooms {
    /// Forgets every room but keeps the buffers.
    pub(super) fn clear(&mut self) {
        self.at_hand = None;
        for level in &mut self.levels {
            level.instances.clear();
        }
    }

    /// Files an instance under its free room.
    pub(super) fn file(&mut self, Room { memory, cpu, lineage, slot }: Room) {
        let at = match self.levels.binary_search_by_key(&(memory, cpu), |level| (level.memory, level.cpu)) {
            Ok(at) => at,
            Err(at) => {
                self.levels.insert(at, Level { memory, cpu, instances: BinaryHeap::new() });
                at
            }
        };
        self.levels[at].instances.push(Reverse((lineage, slot)));
    }

    /// Remembers the room of the instance that has just been packed.
    pub(super) fn keep_at_hand(&mut self, room: Room) {
        if let Some(other) = self.at_hand.replace(room)
            && other.slot != room.slot
        {
            self.file(other);
        }
    }

    /// The instance with the least free memory, then cpu, then index, that has the room asked for.
    ///
    /// `holds` says whether an entry still tells the truth.
    pub(super) fn find(&mut self, memory: u32, cpu: u32, holds: impl Fn(Room) -> bool) -> Option<u32> {
        let fits = |room: &Room| room.memory >= memory && room.cpu >= cpu && holds(*room);
        let at_hand = self.at_hand.filter(fits);
        let first = self.levels.partition_point(|level| level.memory < memory);
        for level in &mut self.levels[first..] {
            if level.instances.is_empty() || level.cpu < cpu {
                continue;
            }
            if at_hand.is_some_and(|room| (room.memory, room.cpu) < (level.memory, level.cpu)) {
                break;
            }
            while let Some(&Reverse((lineage, slot))) = level.instances.peek() {
                let room = Room { memory: level.memory, cpu: level.cpu, lineage, slot };
                if holds(room) {
                    return Some(at_hand.map_or(room, |other| other.min(room)).slot);
                }
                level.instances.pop();
            }
        }
        at_hand.map(|room| room.slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(memory: u32, cpu: u32, lineage: u32) -> Room {
        Room { memory, cpu, lineage, slot: lineage * 10 }
    }

    #[test]
    fn the_tightest_room_that_fits_comes_first_and_stale_entries_are_dropped() {
        let mut rooms = Rooms::default();
        rooms.file(room(4096, 2048, 7));
        rooms.file(room(2048, 4096, 9));
        rooms.file(room(2048, 4096, 3));
        rooms.file(room(1024, 4096, 1));
        assert_eq!(rooms.find(2000, 1024, |_| true), Some(30));
        assert_eq!(rooms.find(2000, 1024, |room| room.slot != 30), Some(90));
        assert_eq!(rooms.find(3000, 1024, |_| true), Some(70));
        assert_eq!(rooms.find(3000, 4096, |_| true), None);
    }

    #[test]
    fn what_is_at_hand_waits_its_turn_like_the_others() {
        let mut rooms = Rooms::default();
        rooms.file(room(2048, 2048, 5));
        rooms.keep_at_hand(room(3072, 2048, 4));
        assert_eq!(rooms.find(1024, 1024, |_| true), Some(50), "a tighter one goes before it");
        assert_eq!(rooms.find(2500, 1024, |_| true), Some(40));
        rooms.keep_at_hand(room(2048, 2048, 4));
        assert_eq!(rooms.find(1024, 1024, |_| true), Some(40), "of equal rooms the lower index");
        rooms.keep_at_hand(room(1024, 2048, 6));
        assert_eq!(rooms.find(1024, 1024, |_| true), Some(60));
        assert_eq!(rooms.find(2000, 1024, |_| true), Some(40), "it was filed when another took its place");
        assert_eq!(rooms.find(1024, 1024, |room| room.slot == 50), Some(50));
        rooms.clear();
        assert_eq!(rooms.find(0, 0, |_| true), None);
    }
}
