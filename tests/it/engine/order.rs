//! The calendar hands out exactly what the heap does, whatever is asked of it.

use bakeoff::engine::agenda::{Agenda, Phase};
use bakeoff::engine::time::{SimDuration, SimTime};
use proptest::prelude::*;

/// One thing to do to both agendas.
#[derive(Clone, Copy, Debug)]
enum Step {
    Schedule { delay_ms: u64, phase: Phase },
    Burst { delay_ms: u64, count: u8 },
    Peek,
    Pop { count: u8 },
    Drain,
    Reset { expected: usize },
}

fn delay_ms() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => Just(0_u64),
        3 => 1..4_u64,
        3 => 0..600_u64,
        3 => 0..200_000_u64,
        2 => (0..64_u32, 0..3_u64).prop_map(|(bit, below)| (1_u64 << bit).saturating_sub(below)),
        1 => 0..40_000_000_000_u64,
        1 => (1..100_u64).prop_map(|epochs| epochs << 42),
        1 => Just(u64::MAX),
    ]
}

fn phase() -> impl Strategy<Value = Phase> {
    prop_oneof![Just(Phase::Fact), Just(Phase::Decide), Just(Phase::Observe)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (delay_ms(), phase()).prop_map(|(delay_ms, phase)| Step::Schedule { delay_ms, phase }),
        1 => (delay_ms(), any::<u8>()).prop_map(|(delay_ms, count)| Step::Burst { delay_ms, count }),
        2 => Just(Step::Peek),
        6 => (1..12_u8).prop_map(|count| Step::Pop { count }),
        1 => Just(Step::Drain),
        1 => (0..5_000_usize).prop_map(|expected| Step::Reset { expected }),
    ]
}

/// The two agendas side by side; every answer must be the same.
struct Pair {
    calendar: Agenda<u32>,
    heap: Agenda<u32>,
    scheduled: u32,
    last: Phase,
}

impl Pair {
    fn new() -> Self {
        Self { calendar: Agenda::new(), heap: Agenda::heap_oracle(), scheduled: 0, last: Phase::Fact }
    }

    fn schedule(&mut self, delay_ms: u64, phase: Phase) {
        // An observer may not change its own instant; everything else is allowed.
        let phase = if delay_ms == 0 && self.last == Phase::Observe { Phase::Observe } else { phase };
        let delay = SimDuration::from_ms(delay_ms);
        self.calendar.schedule(delay, phase, self.scheduled);
        self.heap.schedule(delay, phase, self.scheduled);
        self.scheduled += 1;
    }

    fn pop(&mut self) -> bool {
        let popped = self.calendar.pop();
        assert_eq!(popped, self.heap.pop());
        assert_eq!(self.calendar.now(), self.heap.now());
        assert_eq!(self.calendar.len(), self.heap.len());
        if let Some((phase, _)) = popped {
            self.last = phase;
        }
        popped.is_some()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Schedule { delay_ms, phase } => self.schedule(delay_ms, phase),
            Step::Burst { delay_ms, count } => {
                for i in 0..count {
                    self.schedule(delay_ms, [Phase::Fact, Phase::Decide, Phase::Observe][usize::from(i % 3)]);
                }
            }
            Step::Peek => assert_eq!(self.calendar.next_at(), self.heap.next_at()),
            Step::Pop { count } => {
                for _ in 0..count {
                    self.pop();
                }
            }
            Step::Drain => while self.pop() {},
            Step::Reset { expected } => {
                self.calendar.reset(expected, SimTime::MAX);
                self.heap.reset(expected, SimTime::MAX);
                self.last = Phase::Fact;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_calendar_keeps_the_order_of_the_heap(steps in prop::collection::vec(step(), 0..200)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.take(step);
        }
        while pair.pop() {}
    }
}
