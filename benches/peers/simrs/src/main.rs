//! R1 on simrs: one component for the whole fleet, which shares its rows with the driver.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use r1::{BAKE, BATCHES, DAEMON_STOP, DEREGISTRATION, Ended, Laws, TASKS, TICK};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use simrs::{Component, ComponentId, Scheduler, Simulation, State};

#[derive(Clone, Copy, Debug)]
enum Event {
    Provisioned(u32),
    DaemonStarted(u32),
    TaskStarted(u32),
    TaskStopped(u32),
    DaemonStopped(u32),
    Deregistered(u32),
    Crashed(u32),
    Baked,
    Ticked,
}

#[derive(Clone, Copy, Default)]
struct Host {
    tasks_left: u8,
    in_batch: bool,
}

struct Fleet {
    laws: Laws,
    rng: SmallRng,
    hosts: Vec<Host>,
    /// The first host that no batch has taken yet.
    next: usize,
    batch_left: usize,
    replacing: usize,
    replacing_max: usize,
    events: u64,
    is_over: bool,
}

/// Schedules for the fleet itself.
struct Agenda<'a> {
    scheduler: &'a mut Scheduler,
    fleet: ComponentId<Event>,
}

impl Agenda<'_> {
    fn after(&mut self, seconds: f64, event: Event) {
        self.scheduler.schedule(Duration::from_secs_f64(seconds), self.fleet, event);
    }
}

impl Fleet {
    fn new(hosts: usize, seed: u64) -> Self {
        Self {
            laws: Laws::default(),
            rng: SmallRng::seed_from_u64(seed),
            hosts: vec![Host::default(); hosts],
            next: 0,
            batch_left: 0,
            replacing: 0,
            replacing_max: 0,
            events: 0,
            is_over: false,
        }
    }

    fn open_batch(&mut self, agenda: &mut Agenda<'_>) {
        let first = self.next;
        self.next = self.hosts.len().min(first + self.hosts.len().div_ceil(BATCHES));
        self.batch_left = self.next - first;
        for host in first..self.next {
            self.hosts[host].in_batch = true;
            self.replace(host as u32, agenda);
        }
    }

    fn replace(&mut self, host: u32, agenda: &mut Agenda<'_>) {
        self.replacing += 1;
        agenda.after(self.laws.provision(&mut self.rng), Event::Provisioned(host));
    }

    /// Counts off one task; whether it was the last.
    fn last_task(&mut self, host: u32) -> bool {
        let left = &mut self.hosts[host as usize].tasks_left;
        *left -= 1;
        *left == 0
    }

    fn finish(&mut self, host: u32, agenda: &mut Agenda<'_>) {
        self.replacing -= 1;
        agenda.after(self.laws.crash(&mut self.rng), Event::Crashed(host));
        if std::mem::take(&mut self.hosts[host as usize].in_batch) {
            self.batch_left -= 1;
            if self.batch_left == 0 {
                agenda.after(BAKE, Event::Baked);
            }
        }
    }

    fn handle(&mut self, event: Event, agenda: &mut Agenda<'_>) {
        self.events += 1;
        match event {
            Event::Provisioned(host) => {
                agenda.after(self.laws.daemon_start(&mut self.rng), Event::DaemonStarted(host));
            }
            Event::DaemonStarted(host) => {
                self.hosts[host as usize].tasks_left = TASKS as u8;
                for _ in 0..TASKS {
                    agenda.after(self.laws.task_start(&mut self.rng), Event::TaskStarted(host));
                }
            }
            Event::TaskStarted(host) => {
                if self.last_task(host) {
                    self.hosts[host as usize].tasks_left = TASKS as u8;
                    for _ in 0..TASKS {
                        agenda.after(self.laws.task_stop(&mut self.rng), Event::TaskStopped(host));
                    }
                }
            }
            Event::TaskStopped(host) => {
                if self.last_task(host) {
                    agenda.after(DAEMON_STOP, Event::DaemonStopped(host));
                }
            }
            Event::DaemonStopped(host) => agenda.after(DEREGISTRATION, Event::Deregistered(host)),
            Event::Deregistered(host) => self.finish(host, agenda),
            Event::Crashed(host) => self.replace(host, agenda),
            Event::Baked if self.next == self.hosts.len() => self.is_over = true,
            Event::Baked => self.open_batch(agenda),
            Event::Ticked => {
                self.replacing_max = self.replacing_max.max(self.replacing);
                agenda.after(TICK, Event::Ticked);
            }
        }
    }
}

/// Components are called by shared reference.
struct Rollout(Rc<RefCell<Fleet>>);

impl Component for Rollout {
    type Event = Event;

    fn process_event(
        &self,
        fleet: ComponentId<Event>,
        event: &Event,
        scheduler: &mut Scheduler,
        _: &mut State,
    ) {
        self.0.borrow_mut().handle(*event, &mut Agenda { scheduler, fleet });
    }
}

fn roll(hosts: usize, seed: u64) -> Ended {
    let mut simulation = Simulation::default();
    let fleet = Rc::new(RefCell::new(Fleet::new(hosts, seed)));
    let rollout = simulation.add_component(Rollout(Rc::clone(&fleet)));
    simulation.schedule(Duration::from_secs_f64(TICK), rollout, Event::Ticked);
    let mut agenda = Agenda { scheduler: &mut simulation.scheduler, fleet: rollout };
    fleet.borrow_mut().open_batch(&mut agenda);
    while !fleet.borrow().is_over {
        simulation.step();
    }
    Ended { seconds: simulation.scheduler.time().as_secs_f64(), events: fleet.borrow().events }
}

fn main() {
    r1::main(roll);
}
