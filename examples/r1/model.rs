//! The reference rollout R1: a fleet replaced in ten batches, on the engine alone.
//!
//! Host by host within a batch: a replacement is provisioned, its daemon starts, its
//! eight tasks start, then the eight old tasks stop, the old daemon stops, the old
//! instance deregisters. That is twenty events. A batch that is done bakes, then the next begins, and the
//! run ends with the last bake. A daemon may crash from then on, which replaces its
//! host once more, outside any batch.

use bakeoff::engine::agenda::{Agenda, Phase};
use bakeoff::engine::draw::{Delay, Distribution, DistributionError, Key, Seed};
use bakeoff::engine::drive::{Ended, Fingerprint, Limits, Model, run};
use bakeoff::engine::time::{SimDuration, SimTime};

const TASKS: u8 = 8;
const BATCHES: u32 = 10;
const BAKE: SimDuration = SimDuration::from_secs(300);
const TICK: SimDuration = SimDuration::from_secs(60);
const DAY_S: f64 = 86_400.0;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Provisioned { host: u32 },
    DaemonStarted { host: u32 },
    TaskStarted { host: u32 },
    TaskStopped { host: u32 },
    DaemonStopped { host: u32 },
    Deregistered { host: u32 },
    Crashed { host: u32 },
    Baked,
    Ticked,
}

impl Fingerprint for Event {
    fn fingerprint(&self) -> u64 {
        let (kind, host): (u64, u32) = match *self {
            Self::Provisioned { host } => (1, host),
            Self::DaemonStarted { host } => (2, host),
            Self::TaskStarted { host } => (3, host),
            Self::TaskStopped { host } => (4, host),
            Self::DaemonStopped { host } => (5, host),
            Self::Deregistered { host } => (6, host),
            Self::Crashed { host } => (7, host),
            Self::Baked => (8, 0),
            Self::Ticked => (9, 0),
        };
        kind << 32 | u64::from(host)
    }
}

/// How long each step takes.
#[derive(Clone, Debug)]
pub(crate) struct Delays {
    provision: Delay,
    daemon_start: Delay,
    task_start: Delay,
    task_stop: Delay,
    daemon_stop: Delay,
    deregistration: Delay,
    crash: Delay,
}

impl Delays {
    /// The figures of R1.
    pub(crate) fn r1() -> Result<Self, DistributionError> {
        let drawn = Delay::from_distribution;
        Ok(Self {
            provision: drawn(Distribution::log_normal_median_sigma(60e3, 0.3)?),
            daemon_start: drawn(Distribution::log_normal_median_sigma(8e3, 0.4)?),
            task_start: drawn(Distribution::log_normal_median_sigma(12e3, 0.5)?),
            task_stop: drawn(Distribution::uniform(0.0, 30e3)?),
            daemon_stop: Delay::fixed(SimDuration::from_secs(2)),
            deregistration: Delay::fixed(SimDuration::from_secs(1)),
            crash: drawn(Distribution::exponential(30.0 * DAY_S * 1e3)?),
        })
    }
}

/// What draws are for.
#[derive(Clone, Copy, Debug)]
struct Keys {
    provision: Key,
    daemon_start: Key,
    task_start: Key,
    task_stop: Key,
    crash: Key,
}

impl Keys {
    fn of(seed: Seed) -> Self {
        Self {
            provision: seed.key(1, 0),
            daemon_start: seed.key(2, 0),
            task_start: seed.key(3, 0),
            task_stop: seed.key(4, 0),
            crash: seed.key(5, 0),
        }
    }
}

/// A host, or rather its lineage: each replacement takes its predecessor's place.
#[derive(Clone, Copy, Debug, Default)]
struct Host {
    /// Replacements begun.
    round: u32,
    /// Tasks still to start, then still to stop.
    tasks_left: u8,
    /// Whether its batch waits for it.
    in_batch: bool,
}

/// The fleet in mid-rollout.
#[derive(Debug)]
pub(crate) struct Rollout {
    delays: Delays,
    keys: Keys,
    hosts: Vec<Host>,
    /// The first host that no batch has taken yet.
    next: u32,
    /// Hosts of the present batch that are not done.
    batch_left: u32,
    /// Hosts being replaced, in the batch or out of it.
    replacing: u32,
    /// Most hosts that any tick saw being replaced.
    pub(crate) replacing_max: u32,
    is_over: bool,
}

impl Rollout {
    /// A fleet of `hosts`, which every run starts from.
    pub(crate) fn new(hosts: u32, delays: Delays) -> Self {
        let keys = Keys::of(Seed { master: 0, replication: 0 });
        let hosts = vec![Host::default(); hosts as usize];
        Self { delays, keys, hosts, next: 0, batch_left: 0, replacing: 0, replacing_max: 0, is_over: false }
    }

    /// Rolls the whole fleet once; the buffers of fleet and agenda are used again.
    pub(crate) fn roll(&mut self, seed: Seed, agenda: &mut Agenda<Event>) -> Ended {
        let hosts = self.hosts.len();
        self.hosts.fill(Host::default());
        self.keys = Keys::of(seed);
        (self.next, self.batch_left, self.replacing, self.replacing_max) = (0, 0, 0, 0);
        self.is_over = false;
        agenda.reset(hosts + hosts / BATCHES as usize * usize::from(TASKS), SimTime::MAX);
        agenda.schedule(TICK, Phase::Decide, Event::Ticked);
        self.open_batch(agenda);
        let limits = Limits { horizon: SimTime::ZERO + SimDuration::from_hours(240), events_max: u64::MAX };
        run(self, agenda, &limits, || false)
    }

    fn open_batch(&mut self, agenda: &mut Agenda<Event>) {
        let hosts = self.hosts.len() as u32;
        let first = self.next;
        self.next = hosts.min(first + hosts.div_ceil(BATCHES));
        self.batch_left = self.next - first;
        for host in first..self.next {
            self.hosts[host as usize].in_batch = true;
            self.replace(host, agenda);
        }
    }

    fn replace(&mut self, host: u32, agenda: &mut Agenda<Event>) {
        let state = &mut self.hosts[host as usize];
        state.round += 1;
        self.replacing += 1;
        let delay = self.delays.provision.sample_at(self.keys.provision, host, state.round);
        agenda.schedule(delay, Phase::Fact, Event::Provisioned { host });
    }

    fn start_tasks(&mut self, host: u32, agenda: &mut Agenda<Event>) {
        for delay in self.of_all_tasks(host, &self.delays.task_start, self.keys.task_start) {
            agenda.schedule(delay, Phase::Fact, Event::TaskStarted { host });
        }
        self.hosts[host as usize].tasks_left = TASKS;
    }

    fn stop_tasks(&mut self, host: u32, agenda: &mut Agenda<Event>) {
        for delay in self.of_all_tasks(host, &self.delays.task_stop, self.keys.task_stop) {
            agenda.schedule(delay, Phase::Fact, Event::TaskStopped { host });
        }
        self.hosts[host as usize].tasks_left = TASKS;
    }

    /// What every task of a host draws. A draw is a chain of steps, but addressed draws do not wait for
    /// each other: all of them first lets the processor work on several at once.
    fn of_all_tasks(&self, host: u32, delay: &Delay, key: Key) -> [SimDuration; TASKS as usize] {
        let first = self.hosts[host as usize].round * u32::from(TASKS);
        std::array::from_fn(|task| delay.sample_at(key, host, first + task as u32))
    }

    /// Counts off one task; whether it was the last.
    fn last_task(&mut self, host: u32) -> bool {
        let left = &mut self.hosts[host as usize].tasks_left;
        *left -= 1;
        *left == 0
    }

    fn finish(&mut self, host: u32, agenda: &mut Agenda<Event>) {
        let state = &mut self.hosts[host as usize];
        self.replacing -= 1;
        let delay = self.delays.crash.sample_at(self.keys.crash, host, state.round);
        agenda.schedule(delay, Phase::Fact, Event::Crashed { host });
        if std::mem::take(&mut state.in_batch) {
            self.batch_left -= 1;
            if self.batch_left == 0 {
                agenda.schedule(BAKE, Phase::Decide, Event::Baked);
            }
        }
    }
}

impl Model for Rollout {
    type Event = Event;

    fn is_stale(&mut self, _: Event, _: SimTime) -> bool {
        // A host has one crash pending at most and none while it is replaced: nothing is ever called off.
        false
    }

    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        match event {
            Event::Provisioned { host } => {
                let round = self.hosts[host as usize].round;
                let delay = self.delays.daemon_start.sample_at(self.keys.daemon_start, host, round);
                agenda.schedule(delay, Phase::Fact, Event::DaemonStarted { host });
            }
            Event::DaemonStarted { host } => self.start_tasks(host, agenda),
            Event::TaskStarted { host } => {
                if self.last_task(host) {
                    self.stop_tasks(host, agenda);
                }
            }
            Event::TaskStopped { host } => {
                if self.last_task(host) {
                    let delay = self.delays.daemon_stop.as_fixed().expect("R1 fixes it");
                    agenda.schedule(delay, Phase::Fact, Event::DaemonStopped { host });
                }
            }
            Event::DaemonStopped { host } => {
                let delay = self.delays.deregistration.as_fixed().expect("R1 fixes it");
                agenda.schedule(delay, Phase::Fact, Event::Deregistered { host });
            }
            Event::Deregistered { host } => self.finish(host, agenda),
            Event::Crashed { host } => self.replace(host, agenda),
            Event::Baked if self.next as usize == self.hosts.len() => self.is_over = true,
            Event::Baked => self.open_batch(agenda),
            Event::Ticked => {
                self.replacing_max = self.replacing_max.max(self.replacing);
                agenda.schedule(TICK, Phase::Decide, Event::Ticked);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.is_over
    }
}
