//! The agenda alone, on the hold model (Jones 1986): with n events pending, take one and schedule one.
//!
//! `cargo bench --bench agenda`. Delays are exponential with mean 60 s, drawn beforehand;
//! `rearm` also calls off one pending event a step and arms its clock anew, so that a
//! stale one is taken and dropped later, and it looks up the generation of each: figures
//! are per step, which is pop + push, and with `rearm` twice that and two look-ups.

use std::hint::black_box;
use std::time::Duration;

use bakeoff::engine::agenda::{Agenda, Generation, Phase};
use bakeoff::engine::draw::{Seed, exponential};
use bakeoff::engine::time::{SimDuration, SimTime};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// As large as an event gets before its entry exceeds 16 bytes.
#[derive(Clone, Copy)]
struct Event {
    clock: u32,
    generation: Generation,
    _kind: u32,
}

/// Delays drawn beforehand, more than the caches' patterns can learn.
const DELAYS: usize = 1 << 16;

struct Hold {
    agenda: Agenda<Event>,
    generations: Vec<Generation>,
    delays: Vec<SimDuration>,
    step: usize,
}

impl Hold {
    fn new(agenda: Agenda<Event>, pending: u32) -> Self {
        let key = Seed { master: 1, replication: 0 }.key(1, 0);
        let delays = (0..DELAYS as u32)
            .map(|i| SimDuration::from_ms(exponential(key.uniform(i, 0), 60_000.0) as u64))
            .collect();
        let generations = vec![Generation::default(); pending as usize];
        let mut hold = Self { agenda, generations, delays, step: 0 };
        hold.agenda.reset(pending as usize, SimTime::MAX);
        for clock in 0..pending {
            hold.arm(clock);
        }
        hold
    }

    fn arm(&mut self, clock: u32) {
        self.step += 1;
        let delay = self.delays[self.step % DELAYS];
        let generation = self.generations[clock as usize];
        self.agenda.schedule(delay, Phase::Fact, Event { clock, generation, _kind: 0 });
    }

    fn plain(&mut self) {
        let (_, event) = self.agenda.pop().expect("a hold model never drains");
        self.arm(event.clock);
    }

    fn rearm(&mut self) {
        let clock = loop {
            let (_, event) = self.agenda.pop().expect("a hold model never drains");
            if event.generation == self.generations[event.clock as usize] {
                break event.clock;
            }
        };
        self.arm(clock);
        // Fibonacci hashing spreads the victims over all clocks.
        let victim = (self.step as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let victim = ((victim * self.generations.len() as u64) >> 32) as u32;
        let generation = &mut self.generations[victim as usize];
        *generation = generation.next();
        self.arm(victim);
    }
}

type MakeAgenda = fn() -> Agenda<Event>;
type Step = fn(&mut Hold);

fn hold(c: &mut Criterion) {
    let mut group = c.benchmark_group("hold");
    group.throughput(Throughput::Elements(1)).sample_size(20);
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    let queues: [(&str, MakeAgenda); 2] = [("calendar", Agenda::new), ("heap", Agenda::heap_oracle)];
    let steps: [(&str, Step); 2] = [("plain", Hold::plain), ("rearm", Hold::rearm)];
    for (queue, agenda) in queues {
        for (name, step) in steps {
            for pending in [1_000, 10_000, 100_000, 1_000_000] {
                let mut hold = Hold::new(agenda(), pending);
                for _ in 0..2 * pending {
                    step(&mut hold);
                }
                group.bench_function(BenchmarkId::new(format!("{queue}/{name}"), pending), |b| {
                    b.iter(|| step(black_box(&mut hold)));
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, hold);
criterion_main!(benches);
