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
    /// The last instant that events are kept for.
    horizon: SimTime,
    /// Whether something that is no observation was scheduled for later.
    beyond: bool,
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
        Self {
            queue,
            now: SimTime::ZERO,
            phase: Phase::Fact,
            len: 0,
            observers: 0,
            horizon: SimTime::MAX,
            beyond: false,
        }
    }

    /// Empties the agenda and sets the clock to zero, keeping its buffers.
    ///
    /// `expected_pending` is how many events may be pending at once; it guides
    /// how much room is made beforehand, and neither order nor correctness depends on it.
    /// What is scheduled for after `horizon` is not kept, only known to exist: hazards and
    /// lifetimes that outlast a run are most of what a large model arms.
    pub fn reset(&mut self, expected_pending: usize, horizon: SimTime) {
        match &mut self.queue {
            Queue::Calendar(calendar) => calendar.reset(expected_pending),
            Queue::Heap(heap) => heap.reset(expected_pending),
        }
        self.now = SimTime::ZERO;
        self.phase = Phase::Fact;
        self.len = 0;
        self.observers = 0;
        self.horizon = horizon;
        self.beyond = false;
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
        if at > self.horizon {
            self.beyond |= phase != Phase::Observe;
            return;
        }
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
        match self.advance(SimTime::MAX, |_| ()) {
            Next::Ready { phase, .. } => Some((phase, self.take())),
            Next::Later | Next::None => None,
        }
    }

    /// Moves the clock to the next event unless that is later than `until`; if it is not, it must be taken.
    /// `foresee` may be shown events that are due soon.
    pub(super) fn advance(&mut self, until: SimTime, foresee: impl FnMut(E)) -> Next {
        let next = match &mut self.queue {
            Queue::Calendar(calendar) => calendar.advance(until, foresee),
            Queue::Heap(heap) => heap.advance(until),
        };
        match next {
            Next::Ready { at, phase } => {
                debug_assert!(at >= self.now, "time runs forward only");
                self.now = at;
                self.phase = phase;
                next
            }
            Next::None if self.beyond => Next::Later,
            Next::Later | Next::None => next,
        }
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

    /// How many events are pending up to the horizon, stale ones included.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no event is pending up to the horizon.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether nothing but observation is pending, so that nothing can change any more.
    pub const fn is_settled(&self) -> bool {
        self.len == self.observers && !self.beyond
    }
}

impl<E: Copy> Default for Agenda<E> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SimDuration = SimDuration::ZERO;

    /// Both queues, for tests that either must pass.
    fn queues() -> [Agenda<u32>; 2] {
        [Agenda::new(), Agenda::heap_oracle()]
    }

    fn drain(agenda: &mut Agenda<u32>) -> Vec<(u64, Phase, u32)> {
        let mut out = Vec::new();
        while let Some((phase, event)) = agenda.pop() {
            out.push((agenda.now().as_ms(), phase, event));
        }
        out
    }

    #[test]
    fn an_event_of_twelve_bytes_makes_an_entry_of_sixteen() {
        assert_eq!(calendar::ENTRY_BYTES, 16);
    }

    #[test]
    fn time_comes_before_phase_and_phase_before_order_of_scheduling() {
        for mut agenda in queues() {
            for (event, (ms, phase)) in [
                (5, Phase::Observe),
                (5, Phase::Fact),
                (4, Phase::Observe),
                (5, Phase::Decide),
                (5, Phase::Fact),
                (4, Phase::Decide),
            ]
            .into_iter()
            .enumerate()
            {
                agenda.schedule(SimDuration::from_ms(ms), phase, event as u32);
            }
            let events: Vec<u32> = drain(&mut agenda).into_iter().map(|(_, _, event)| event).collect();
            assert_eq!(events, [5, 2, 1, 4, 3, 0]);
        }
    }

    #[test]
    fn what_waits_in_a_coarser_tier_is_foreseen_once_and_before_it_is_handed_out() {
        let mut agenda = Agenda::new();
        let delays = [3, 300, 301, 900, 2_000_000, 2_000_100];
        for (event, ms) in delays.into_iter().enumerate() {
            agenda.schedule(SimDuration::from_ms(ms), Phase::Fact, event as u32);
        }
        let (mut foreseen, mut taken) = (Vec::new(), Vec::new());
        while let Next::Ready { .. } = agenda.advance(SimTime::MAX, |event| foreseen.push(event)) {
            let event = agenda.take();
            assert_eq!(foreseen.contains(&event), event > 0, "all but what is due at once");
            taken.push(event);
        }
        assert_eq!((taken, foreseen), (vec![0, 1, 2, 3, 4, 5], vec![1, 2, 3, 4, 5]));
    }

    #[test]
    fn a_fact_born_of_a_decision_opens_another_round_of_its_instant() {
        for mut agenda in queues() {
            agenda.schedule(NOW, Phase::Decide, 1);
            agenda.schedule(NOW, Phase::Decide, 2);
            agenda.schedule(NOW, Phase::Observe, 3);
            assert_eq!(agenda.pop(), Some((Phase::Decide, 1)));
            agenda.schedule(NOW, Phase::Fact, 4);
            agenda.schedule(NOW, Phase::Decide, 5);
            let events: Vec<u32> = drain(&mut agenda).into_iter().map(|(_, _, event)| event).collect();
            assert_eq!(events, [4, 2, 5, 3]);
        }
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "an observer may not change the instant it looks at")]
    fn an_observer_that_schedules_a_fact_for_its_instant_is_caught() {
        let mut agenda = Agenda::new();
        agenda.schedule(NOW, Phase::Observe, 1);
        agenda.pop();
        agenda.schedule(NOW, Phase::Fact, 2);
    }

    #[test]
    fn an_instant_may_go_on_for_a_million_events() {
        for mut agenda in queues() {
            agenda.schedule(SimDuration::from_ms(77), Phase::Fact, 0);
            for event in 0..1_000_000 {
                assert_eq!(agenda.pop(), Some((Phase::Fact, event)));
                agenda.schedule(NOW, Phase::Fact, event + 1);
            }
            assert_eq!((agenda.now().as_ms(), agenda.len()), (77, 1));
        }
    }

    #[test]
    fn a_burst_of_a_million_events_leaves_in_order_of_scheduling() {
        for mut agenda in queues() {
            for event in 0..1_000_000 {
                agenda.schedule(SimDuration::from_hours(30), Phase::Fact, event);
            }
            assert_eq!(agenda.next_at(), Some(SimTime::from_ms(108_000_000)));
            assert!(drain(&mut agenda).into_iter().map(|(_, _, event)| event).eq(0..1_000_000));
        }
    }

    #[test]
    fn what_never_happens_waits_at_the_end_of_time() {
        for mut agenda in queues() {
            agenda.schedule(SimDuration::MAX, Phase::Fact, 1);
            agenda.schedule(SimDuration::from_hours(24 * 3_650), Phase::Fact, 2);
            assert_eq!(agenda.pop(), Some((Phase::Fact, 2)));
            agenda.schedule(SimDuration::MAX, Phase::Fact, 3);
            assert_eq!(agenda.next_at(), Some(SimTime::MAX));
            let last = drain(&mut agenda);
            assert_eq!(last, [(u64::MAX, Phase::Fact, 1), (u64::MAX, Phase::Fact, 3)]);
        }
    }

    #[test]
    fn a_reset_agenda_is_a_new_one() {
        for mut agenda in queues() {
            for event in 0..100 {
                agenda.schedule(SimDuration::from_ms(u64::from(event) * 40_000), Phase::Decide, event);
            }
            agenda.schedule(SimDuration::MAX, Phase::Observe, 0);
            for _ in 0..30 {
                agenda.pop();
            }
            agenda.reset(10, SimTime::MAX);
            assert!(agenda.is_empty() && agenda.is_settled());
            assert_eq!((agenda.now(), agenda.next_at(), agenda.pop()), (SimTime::ZERO, None, None));
            agenda.schedule(SimDuration::from_ms(3), Phase::Fact, 7);
            assert_eq!(drain(&mut agenda), [(3, Phase::Fact, 7)]);
        }
    }

    #[test]
    fn what_lies_beyond_the_horizon_is_not_kept_but_known() {
        for mut agenda in queues() {
            agenda.reset(10, SimTime::from_ms(100));
            agenda.schedule(SimDuration::from_ms(101), Phase::Observe, 1);
            assert!(agenda.is_settled(), "an observer beyond the horizon has nothing to look at");
            agenda.schedule(SimDuration::from_ms(101), Phase::Fact, 2);
            agenda.schedule(SimDuration::from_ms(100), Phase::Fact, 3);
            assert_eq!(agenda.pop(), Some((Phase::Fact, 3)));
            assert!(agenda.is_empty() && !agenda.is_settled());
            assert_eq!((agenda.pop(), agenda.advance(SimTime::MAX, |_| ())), (None, Next::Later));
            agenda.reset(10, SimTime::from_ms(100));
            assert_eq!(agenda.advance(SimTime::MAX, |_| ()), Next::None);
        }
    }

    #[test]
    fn an_agenda_is_settled_once_only_observation_is_left() {
        for mut agenda in queues() {
            agenda.schedule(SimDuration::from_ms(1), Phase::Fact, 1);
            agenda.schedule(SimDuration::from_ms(2), Phase::Observe, 2);
            assert!(!agenda.is_settled());
            agenda.pop();
            assert!(agenda.is_settled() && !agenda.is_empty());
        }
    }

    #[test]
    fn generations_wrap_and_never_repeat_in_a_row() {
        let last = Generation(u32::MAX);
        assert_eq!(last.next(), Generation::default());
        assert_ne!(last.next().next(), last.next());
    }
}
