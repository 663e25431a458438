//! A packed 4-ary heap: the plain way to keep the order, and the calendar's oracle.

use super::{Next, Phase};
use crate::engine::time::SimTime;

/// Children of a node; four keep the tree half as deep as two, and a node's children on one or two cache lines.
const ARITY: usize = 4;

/// One pending event under its place in the order.
#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    /// Time, phase and number of scheduling, packed so that one comparison decides.
    key: u128,
    event: E,
}

/// Bits of the key below the phase: 2^62 schedulings outlast any run.
const SEQUENCE_BITS: u32 = 62;

#[derive(Clone, Debug)]
pub(super) struct Heap<E> {
    entries: Vec<Entry<E>>,
    scheduled: u64,
}

impl<E: Copy> Heap<E> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), scheduled: 0 }
    }

    pub(super) fn reset(&mut self, expected_pending: usize) {
        self.entries.clear();
        self.entries.reserve(expected_pending);
        self.scheduled = 0;
    }

    pub(super) fn push(&mut self, at: SimTime, phase: Phase, event: E) {
        let key = u128::from(at.as_ms()) << 64
            | u128::from(phase as u8) << SEQUENCE_BITS
            | u128::from(self.scheduled);
        self.scheduled += 1;
        let mut hole = self.entries.len();
        self.entries.push(Entry { key, event });
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.entries[parent].key <= key {
                break;
            }
            self.entries[hole] = self.entries[parent];
            hole = parent;
        }
        self.entries[hole] = Entry { key, event };
    }

    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.entries.first().map(|first| SimTime::from_ms((first.key >> 64) as u64))
    }

    /// The place of the next event unless it is later than `until`.
    pub(super) fn advance(&self, until: SimTime) -> Next {
        let Some(&Entry { key, .. }) = self.entries.first() else {
            return Next::None;
        };
        let at = SimTime::from_ms((key >> 64) as u64);
        if at > until {
            return Next::Later;
        }
        Next::Ready { at, phase: Phase::from_bits((key >> SEQUENCE_BITS) as u32) }
    }

    /// Takes the next event, of which there is one.
    pub(super) fn take(&mut self) -> E {
        let event = self.entries[0].event;
        let last = self.entries.pop().expect("there is a first entry");
        if !self.entries.is_empty() {
            self.sink(last);
        }
        event
    }

    /// Puts `last` where the root was and restores the order.
    fn sink(&mut self, last: Entry<E>) {
        let len = self.entries.len();
        let mut hole = 0;
        loop {
            let eldest = hole * ARITY + 1;
            if eldest >= len {
                break;
            }
            let mut least = eldest;
            for child in eldest + 1..len.min(eldest + ARITY) {
                if self.entries[child].key < self.entries[least].key {
                    least = child;
                }
            }
            if last.key <= self.entries[least].key {
                break;
            }
            self.entries[hole] = self.entries[least];
            hole = least;
        }
        self.entries[hole] = last;
    }
}
