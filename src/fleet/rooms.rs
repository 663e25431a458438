//! Which ACTIVE instances of a zone have room, smallest room first.
//!
//! Instances are filed under their exact free memory and cpu ("level"). Entries are
//! never searched for: one that no longer tells the truth is dropped when it comes
//! up. A fleet has few levels, since its instances are alike and so are its tasks,
//! and packing keeps coming back to the lowest, so a placement costs a few steps
//! however large the fleet is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

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
}

impl Rooms {
    /// Forgets every room but keeps the buffers.
    pub(super) fn clear(&mut self) {
        for level in &mut self.levels {
            level.instances.clear();
        }
    }

    /// Files an instance under its free room.
    pub(super) fn file(&mut self, memory: u32, cpu: u32, lineage: u32, slot: u32) {
        let at = match self.levels.binary_search_by_key(&(memory, cpu), |level| (level.memory, level.cpu)) {
            Ok(at) => at,
            Err(at) => {
                self.levels.insert(at, Level { memory, cpu, instances: BinaryHeap::new() });
                at
            }
        };
        self.levels[at].instances.push(Reverse((lineage, slot)));
    }

    /// The instance with the least free memory, then cpu, then index, that has the room asked for.
    ///
    /// `holds(slot, lineage, memory, cpu)` says whether an entry still tells the truth.
    pub(super) fn find(
        &mut self,
        memory: u32,
        cpu: u32,
        holds: impl Fn(u32, u32, u32, u32) -> bool,
    ) -> Option<u32> {
        let first = self.levels.partition_point(|level| level.memory < memory);
        for level in &mut self.levels[first..] {
            if level.cpu < cpu {
                continue;
            }
            while let Some(&Reverse((lineage, slot))) = level.instances.peek() {
                if holds(slot, lineage, level.memory, level.cpu) {
                    return Some(slot);
                }
                level.instances.pop();
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_room_that_fits_comes_first_and_stale_entries_are_dropped() {
        let mut rooms = Rooms::default();
        rooms.file(4096, 2048, 7, 70);
        rooms.file(2048, 4096, 9, 90);
        rooms.file(2048, 4096, 3, 30);
        rooms.file(1024, 4096, 1, 10);
        assert_eq!(rooms.find(2000, 1024, |_, _, _, _| true), Some(30));
        assert_eq!(rooms.find(2000, 1024, |slot, _, _, _| slot != 30), Some(90));
        assert_eq!(rooms.find(3000, 1024, |_, _, _, _| true), Some(70));
        assert_eq!(rooms.find(3000, 4096, |_, _, _, _| true), None);
    }
}
