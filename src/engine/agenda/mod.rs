//! Agenda: the pending events and the simulated clock.
//!
//! Events leave in one total order: time, then phase, then order of scheduling.
//! The agenda knows nothing of what the events mean, draws no random numbers and
//! never rewinds: scheduling takes a delay, so the past cannot be named.
//!
//! Nothing is ever taken out of the middle. An event that may be called off
//! carries the [`Generation`] under which it was armed, and its owner recognises
//! it as stale once it has moved on.

mod calendar;
mod heap;

use self::calendar::Calendar;
use self::heap::Heap;
use super::time::{SimDuration, SimTime};

/// The part of an instant to which an event belongs; earlier parts go first.
///
/// Decisions see every fact of their instant and observation sees both, so no
/// outcome depends on which of two simultaneous facts was noted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Phase {
    /// Something happened.
    Fact = 0,
    /// Something is decided in the light of the facts.
    Decide = 1,
    /// Something looks on and changes nothing; neither counted nor digested.
    Observe = 2,
}

impl Phase {
    /// The phase whose number is in the two lowest bits.
    const fn from_bits(bits: u32) -> Self {
        match bits & 3 {
            0 => Self::Fact,
            1 => Self::Decide,
            _ => Self::Observe,
        }
    }
}

/// Which arming of a clock an event belongs to.
///
/// The owner keeps a generation beside the clock and moves it on when the clock
/// is cancelled or re-armed; an event scheduled under an earlier one is stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Generation(u32);

impl Generation {
    /// The generation after this one; wraps after 2^32, when no event of the first can still be pending.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// Its number, for fingerprints and logs.
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// Pending events in one total order, and the clock they drive.
#[derive(Clone, Debug)]
pub struct Agenda<E> {
    queue: Queue<E>,
    now: SimTime,
    /// Phase of the event handed out last.
    phase: Phase,
    len: usize,
    /// Pending events of [`Phase::Observe`].
    observers: usize,
}

#[derive(Clone, Debug)]
enum Queue<E> {
    Calendar(Box<Calendar<E>>),
    Heap(Heap<E>),
}

/// What came of asking for an event no later than some instant.
///
/// The event itself is taken in a second step: an event inside nested enums would
/// be copied in overlapping pieces, which costs more than the whole rest of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is one, at this place in the order.
    Ready { at: SimTime, phase: Phase },
    /// The next event is later; the clock has not moved.
    Later,
    /// There is none.
    None,
}

impl<E: Copy> Agenda<E> {
    /// An empty agenda at time zero, on the bucket calendar.
    pub fn new() -> Self {
        Self::on(Queue::Calendar(Box::new(Calendar::new())))
    }

    /// An empty agenda at time zero, on a 4-ary heap: slower, and plainly right.
    ///
    /// It gives the same order as [`Agenda::new`]; tests and benchmarks hold the two against each other.
    pub fn heap_oracle() -> Self {
        Self::on(Queue::Heap(Heap::new()))
    }

    const fn on(queue: Queue<E>) -> Self {
        Self { queue, now: SimTime::ZERO, phase: Phase::Fact, len: 0, observers: 0 }
    }

    /// Empties the agenda and sets the clock to zero, keeping its buffers.
    ///
    /// `expected_pending` is how many events may be pending at once; it guides
    /// how much room is made beforehand, and neither order nor correctness depends on it.
    pub fn reset(&mut self, expected_pending: usize) {
        match &mut self.queue {
            Queue::Calendar(calendar) => calendar.reset(expected_pending),
            Queue::Heap(heap) => heap.reset(expected_pending),
        }
        self.now = SimTime::ZERO;
        self.phase = Phase::Fact;
        self.len = 0;
        self.observers = 0;
    }

    /// The instant of the event handed out last; zero before the first.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules `event` for `delay` from now.
    ///
    /// A fact scheduled without delay while the instant is being decided opens
    /// another round: it goes before the decisions still to come. Observers may
    /// schedule further observation, and nothing else, for the instant they look at.
    pub fn schedule(&mut self, delay: SimDuration, phase: Phase, event: E) {
        debug_assert!(
            delay > SimDuration::ZERO || phase == Phase::Observe || self.phase != Phase::Observe,
            "an observer may not change the instant it looks at"
        );
        let at = self.now + delay;
        match &mut self.queue {
            Queue::Calendar(calendar) => calendar.push(at, phase, event),
            Queue::Heap(heap) => heap.push(at, phase, event),
        }
        self.len += 1;
        self.observers += usize::from(phase == Phase::Observe);
    }

    /// The instant of the next event, if any; the clock stays.
    pub fn next_at(&self) -> Option<SimTime> {
        match &self.queue {
            Queue::Calendar(calendar) => calendar.next_at(),
            Queue::Heap(heap) => heap.next_at(),
        }
    }

    /// Takes the next event and moves the clock to its instant.
    pub fn pop(&mut self) -> Option<(Phase, E)> {
        match self.advance(SimTime::MAX) {
            Next::Ready { phase, .. } => Some((phase, self.take())),
            Next::Later | Next::None => None,
        }
    }

    /// Moves the clock to the next event unless that is later than `until`; if it is not, it must be taken.
    pub(super) fn advance(&mut self, until: SimTime) -> Next {
        let next = match &mut self.queue {
            Queue::Calendar(calendar) => calendar.advance(until),
            Queue::Heap(heap) => heap.advance(until),
        };
        if let Next::Ready { at, phase } = next {
            debug_assert!(at >= self.now, "time runs forward only");
            self.now = at;
            self.phase = phase;
        }
        next
    }

    /// Takes the event that the agenda has just advanced to.
    pub(super) fn take(&mut self) -> E {
        self.len -= 1;
        self.observers -= usize::from(self.phase == Phase::Observe);
        match &mut self.queue {
            Queue::Calendar(calendar) => calendar.take(),
            Queue::Heap(heap) => heap.take(),
        }
    }

    /// How many events are pending, stale ones included.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no event is pending.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether nothing but observation is pending, so that nothing can change any more.
    pub const fn is_settled(&self) -> bool {
        self.len == self.observers
    }
}

impl<E: Copy> Default for Agenda<E> {
    fn default() -> Self {
        Self::new()
    }
}
