//! Queueing systems with closed forms (Erlang 1917; any text on queues).

use std::collections::VecDeque;

use bakeoff::engine::agenda::{Agenda, Phase};
use bakeoff::engine::draw::{Key, Seed, exponential};
use bakeoff::engine::drive::{Fingerprint, Limits, Model, Stop, run};
use bakeoff::engine::time::{SimDuration, SimTime};
use rayon::prelude::*;

/// One mean service time; long enough that whole milliseconds do not show.
const SERVICE_MS: f64 = 100_000.0;
/// Customers that leave before measurement begins, and customers measured.
const WARM_UP: u32 = 20_000;
const MEASURED: u32 = 200_000;

#[derive(Clone, Copy)]
enum Event {
    Arrived,
    Served,
}

impl Fingerprint for Event {
    fn fingerprint(&self) -> u64 {
        *self as u64
    }
}

/// M/M/c: Poisson arrivals, exponential service, `servers` of them, first come first served.
struct Queue {
    servers: u32,
    arrival_ms: f64,
    arrivals: Key,
    services: Key,
    arrived: u32,
    busy: u32,
    waiting: VecDeque<(u32, SimTime)>,
    served: u32,
    waited: u32,
    wait_ms: u64,
    stay_ms: f64,
}

impl Queue {
    fn arrive_later(&self, agenda: &mut Agenda<Event>) {
        let delay = exponential(self.arrivals.uniform(self.arrived, 0), self.arrival_ms).round();
        agenda.schedule(SimDuration::from_ms(delay as u64), Phase::Fact, Event::Arrived);
    }

    fn serve(&mut self, customer: u32, since: SimTime, agenda: &mut Agenda<Event>) {
        let service = exponential(self.services.uniform(customer, 0), SERVICE_MS).round();
        agenda.schedule(SimDuration::from_ms(service as u64), Phase::Fact, Event::Served);
        if (WARM_UP..WARM_UP + MEASURED).contains(&customer) {
            let wait = agenda.now().since(since).as_ms();
            self.served += 1;
            self.waited += u32::from(wait > 0);
            self.wait_ms += wait;
            self.stay_ms += wait as f64 + service;
        }
    }
}

impl Model for Queue {
    type Event = Event;

    fn is_stale(&mut self, _: Event, _: SimTime) -> bool {
        false
    }

    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        match event {
            Event::Arrived => {
                let customer = self.arrived;
                self.arrived += 1;
                self.arrive_later(agenda);
                if self.busy < self.servers {
                    self.busy += 1;
                    self.serve(customer, agenda.now(), agenda);
                } else {
                    self.waiting.push_back((customer, agenda.now()));
                }
            }
            Event::Served => match self.waiting.pop_front() {
                Some((customer, since)) => self.serve(customer, since, agenda),
                None => self.busy -= 1,
            },
        }
    }

    fn is_over(&self) -> bool {
        self.served == MEASURED
    }
}

/// Waiting time, time in the system (both in service times) and share of customers who wait.
fn measure(servers: u32, arrival_rate: f64, replication: u64) -> [f64; 3] {
    let seed = Seed { master: 1, replication };
    let mut queue = Queue {
        servers,
        arrival_ms: SERVICE_MS / arrival_rate,
        arrivals: seed.key(1, 0),
        services: seed.key(2, 0),
        arrived: 0,
        busy: 0,
        waiting: VecDeque::new(),
        served: 0,
        waited: 0,
        wait_ms: 0,
        stay_ms: 0.0,
    };
    let mut agenda = Agenda::new();
    queue.arrive_later(&mut agenda);
    let limits = Limits { horizon: SimTime::MAX, events_max: u64::MAX };
    let ended = run(&mut queue, &mut agenda, &limits, || false);
    assert_eq!(ended.stop, Stop::Finished);
    let n = f64::from(MEASURED);
    [queue.wait_ms as f64 / n / SERVICE_MS, queue.stay_ms / n / SERVICE_MS, f64::from(queue.waited) / n]
}

/// Compares means over replications with closed forms: within four standard errors, and within `tolerance` of the value.
fn assert_queue(servers: u32, arrival_rate: f64, expected: [f64; 3], tolerance: f64) {
    let runs: Vec<[f64; 3]> =
        (0..40).into_par_iter().map(|seed| measure(servers, arrival_rate, seed)).collect();
    for (metric, expected) in expected.into_iter().enumerate() {
        let n = runs.len() as f64;
        let mean = runs.iter().map(|run| run[metric]).sum::<f64>() / n;
        let squares: f64 = runs.iter().map(|run| (run[metric] - mean) * (run[metric] - mean)).sum();
        let error = (squares / (n - 1.0) / n).sqrt();
        assert!((mean - expected).abs() < 4.0 * error, "metric {metric}: {mean} ± {error}, not {expected}");
        assert!((mean / expected - 1.0).abs() < tolerance, "metric {metric}: {mean}, not {expected}");
    }
}

#[test]
fn a_half_loaded_server_keeps_customers_waiting_one_service_time() {
    assert_queue(1, 0.5, [1.0, 2.0, 0.5], 0.01);
}

#[test]
fn a_server_loaded_to_nine_tenths_keeps_customers_waiting_nine_service_times() {
    assert_queue(1, 0.9, [9.0, 10.0, 0.9], 0.04);
}

#[test]
fn five_servers_agree_with_erlang_c() {
    assert_queue(5, 4.0, [0.554_112_554_1, 1.554_112_554_1, 0.554_112_554_1], 0.02);
}
