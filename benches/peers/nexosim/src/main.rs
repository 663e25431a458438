//! R1 on NeXosim: one model for the whole fleet, on the single-threaded executor.

use std::time::Duration;

use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::{EventSinkReader, Output, SinkState, event_slot};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use r1::{BAKE, BATCHES, DAEMON_STOP, DEREGISTRATION, Ended, Laws, TASKS, TICK};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Host {
    tasks_left: u8,
    in_batch: bool,
}

#[derive(Default, Serialize, Deserialize)]
struct Fleet {
    hosts: Vec<Host>,
    /// The first host that no batch has taken yet.
    next: usize,
    batch_left: usize,
    replacing: usize,
    replacing_max: usize,
    events: u64,
    /// Events, once the rollout is over.
    over: Output<u64>,
}

/// What a saved simulation would not hold.
struct Luck {
    laws: Laws,
    rng: SmallRng,
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[Model(type Env = Luck)]
impl Fleet {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>, luck: &mut Luck) {
        cx.schedule_periodic_event(seconds(TICK), seconds(TICK), schedulable!(Self::ticked), ())
            .expect("a minute is in the future");
        self.open_batch(cx, luck);
    }

    #[nexosim(schedulable)]
    fn provisioned(&mut self, host: u32, cx: &Context<Self>, luck: &mut Luck) {
        self.events += 1;
        let delay = luck.laws.daemon_start(&mut luck.rng);
        cx.schedule_event(seconds(delay), schedulable!(Self::daemon_started), host).expect("a delay");
    }

    #[nexosim(schedulable)]
    fn daemon_started(&mut self, host: u32, cx: &Context<Self>, luck: &mut Luck) {
        self.events += 1;
        self.hosts[host as usize].tasks_left = TASKS as u8;
        for _ in 0..TASKS {
            let delay = luck.laws.task_start(&mut luck.rng);
            cx.schedule_event(seconds(delay), schedulable!(Self::task_started), host).expect("a delay");
        }
    }

    #[nexosim(schedulable)]
    fn task_started(&mut self, host: u32, cx: &Context<Self>, luck: &mut Luck) {
        self.events += 1;
        if self.last_task(host) {
            self.hosts[host as usize].tasks_left = TASKS as u8;
            for _ in 0..TASKS {
                // An event must lie ahead; the uniform law may give less than the clock can show.
                let delay = seconds(luck.laws.task_stop(&mut luck.rng)).max(Duration::from_nanos(1));
                cx.schedule_event(delay, schedulable!(Self::task_stopped), host).expect("a delay");
            }
        }
    }

    #[nexosim(schedulable)]
    fn task_stopped(&mut self, host: u32, cx: &Context<Self>) {
        self.events += 1;
        if self.last_task(host) {
            cx.schedule_event(seconds(DAEMON_STOP), schedulable!(Self::daemon_stopped), host)
                .expect("a delay");
        }
    }

    #[nexosim(schedulable)]
    fn daemon_stopped(&mut self, host: u32, cx: &Context<Self>) {
        self.events += 1;
        cx.schedule_event(seconds(DEREGISTRATION), schedulable!(Self::deregistered), host).expect("a delay");
    }

    #[nexosim(schedulable)]
    fn deregistered(&mut self, host: u32, cx: &Context<Self>, luck: &mut Luck) {
        self.events += 1;
        self.replacing -= 1;
        let delay = luck.laws.crash(&mut luck.rng);
        cx.schedule_event(seconds(delay), schedulable!(Self::crashed), host).expect("a delay");
        if std::mem::take(&mut self.hosts[host as usize].in_batch) {
            self.batch_left -= 1;
            if self.batch_left == 0 {
                cx.schedule_event(seconds(BAKE), schedulable!(Self::baked), ()).expect("a delay");
            }
        }
    }

    #[nexosim(schedulable)]
    fn crashed(&mut self, host: u32, cx: &Context<Self>, luck: &mut Luck) {
        self.events += 1;
        self.replace(host, cx, luck);
    }

    #[nexosim(schedulable)]
    async fn baked(&mut self, _: (), cx: &Context<Self>, luck: &mut Luck) {
        self.events += 1;
        if self.next == self.hosts.len() {
            self.over.send(self.events).await;
        } else {
            self.open_batch(cx, luck);
        }
    }

    #[nexosim(schedulable)]
    fn ticked(&mut self) {
        self.events += 1;
        self.replacing_max = self.replacing_max.max(self.replacing);
    }

    fn open_batch(&mut self, cx: &Context<Self>, luck: &mut Luck) {
        let first = self.next;
        self.next = self.hosts.len().min(first + self.hosts.len().div_ceil(BATCHES));
        self.batch_left = self.next - first;
        for host in first..self.next {
            self.hosts[host].in_batch = true;
            self.replace(host as u32, cx, luck);
        }
    }

    fn replace(&mut self, host: u32, cx: &Context<Self>, luck: &mut Luck) {
        self.replacing += 1;
        let delay = luck.laws.provision(&mut luck.rng);
        cx.schedule_event(seconds(delay), schedulable!(Self::provisioned), host).expect("a delay");
    }

    /// Counts off one task; whether it was the last.
    fn last_task(&mut self, host: u32) -> bool {
        let left = &mut self.hosts[host as usize].tasks_left;
        *left -= 1;
        *left == 0
    }
}

/// The fleet with its generator, before the simulation has them.
struct Seeded {
    fleet: Fleet,
    luck: Luck,
}

impl ProtoModel for Seeded {
    type Model = Fleet;

    fn build(self, _: &mut BuildContext<Self>) -> (Fleet, Luck) {
        (self.fleet, self.luck)
    }
}

fn roll(hosts: usize, seed: u64) -> Ended {
    let mut fleet = Fleet { hosts: vec![Host::default(); hosts], ..Fleet::default() };
    let (sink, mut over) = event_slot(SinkState::Enabled);
    fleet.over.connect_sink(sink);
    let luck = Luck { laws: Laws::default(), rng: SmallRng::seed_from_u64(seed) };
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(Seeded { fleet, luck }, Mailbox::new(), "fleet")
        .init(MonotonicTime::EPOCH)
        .expect("a bench of one model");
    loop {
        simulation.step().expect("nothing fails in R1");
        if let Some(events) = over.try_read() {
            let length = simulation.time().duration_since(MonotonicTime::EPOCH);
            return Ended { seconds: length.as_secs_f64(), events };
        }
    }
}

fn main() {
    r1::main(roll);
}
