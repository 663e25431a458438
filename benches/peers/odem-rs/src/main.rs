//! R1 on odem-rs in sequential style: an agent per host, which waits for its tasks one after the other.

use std::cell::{Cell, RefCell};

use odem_rs::prelude::*;
use odem_rs::util::random::DefaultRng;
use r1::{BAKE, BATCHES, DAEMON_STOP, DEREGISTRATION, Ended, Laws, TASKS, TICK};

#[derive(Config)]
struct Fleet {
    laws: Laws,
    rng: RefCell<DefaultRng>,
    batch_left: Cell<usize>,
    batch_done: Control<bool>,
    replacing: Cell<usize>,
    replacing_max: Cell<usize>,
    events: Cell<u64>,
}

impl Fleet {
    fn new(seed: u64) -> Self {
        Self {
            laws: Laws::default(),
            rng: RefCell::new(RngStream::<DefaultRng>::from_seed(seed).next_rng()),
            batch_left: Cell::new(0),
            batch_done: Control::new(false),
            replacing: Cell::new(0),
            replacing_max: Cell::new(0),
            events: Cell::new(0),
        }
    }

    fn draw(&self, law: impl FnOnce(&Laws, &mut DefaultRng) -> f64) -> f64 {
        law(&self.laws, &mut self.rng.borrow_mut())
    }
}

/// Waits for one event of the model.
async fn event(sim: &Sim<Fleet>, delay: f64) {
    sim.advance(delay).await;
    let events = &sim.global().events;
    events.set(events.get() + 1);
}

/// Waits for each of the tasks, in the order in which they are done.
async fn tasks(sim: &Sim<Fleet>, law: impl Fn(&Laws, &mut DefaultRng) -> f64) {
    let mut delays: [f64; TASKS] = std::array::from_fn(|_| sim.global().draw(&law));
    delays.sort_unstable_by(f64::total_cmp);
    let mut elapsed = 0.0;
    for delay in delays {
        event(sim, delay - elapsed).await;
        elapsed = delay;
    }
}

struct Host;

impl Behavior<Fleet> for Host {
    type Output = ();

    async fn actions(&self, sim: &Sim<Fleet>) {
        let fleet = sim.global();
        let mut in_batch = true;
        loop {
            fleet.replacing.set(fleet.replacing.get() + 1);
            event(sim, fleet.draw(Laws::provision)).await;
            event(sim, fleet.draw(Laws::daemon_start)).await;
            tasks(sim, Laws::task_start).await;
            tasks(sim, Laws::task_stop).await;
            event(sim, DAEMON_STOP).await;
            event(sim, DEREGISTRATION).await;
            fleet.replacing.set(fleet.replacing.get() - 1);
            if std::mem::take(&mut in_batch) {
                fleet.batch_left.set(fleet.batch_left.get() - 1);
                if fleet.batch_left.get() == 0 {
                    fleet.batch_done.set(true);
                }
            }
            event(sim, fleet.draw(Laws::crash)).await;
        }
    }
}

struct Ticker;

impl Behavior<Fleet> for Ticker {
    type Output = ();

    async fn actions(&self, sim: &Sim<Fleet>) {
        let fleet = sim.global();
        loop {
            event(sim, TICK).await;
            fleet.replacing_max.set(fleet.replacing_max.get().max(fleet.replacing.get()));
        }
    }
}

async fn rollout(sim: &Sim<Fleet>, hosts: usize) -> f64 {
    sim.spawn(Ticker);
    let Fleet { batch_left, batch_done, .. } = sim.global();
    let mut left = hosts;
    while left > 0 {
        let size = left.min(hosts.div_ceil(BATCHES));
        left -= size;
        batch_left.set(size);
        batch_done.set(false);
        for _ in 0..size {
            sim.spawn(Host);
        }
        until!(batch_done).await;
        event(sim, BAKE).await;
    }
    sim.now()
}

fn roll(hosts: usize, seed: u64) -> Ended {
    let simulator = Simulator::new(Fleet::new(seed));
    let seconds = simulator.run(async |sim| rollout(sim, hosts).await).expect("the ticker never stops");
    Ended { seconds, events: simulator.inner().events.get() }
}

fn main() {
    r1::main(roll);
}
