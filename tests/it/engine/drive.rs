//! The loop: bounds, reasons to stop, and what is counted.

use std::cell::Cell;

use bakeoff::engine::agenda::{Agenda, Generation, Phase};
use bakeoff::engine::drive::{Ended, Fingerprint, Limits, Model, Stop, run};
use bakeoff::engine::time::{SimDuration, SimTime};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Ticked,
    Looked,
    Expired(Generation),
}

impl Fingerprint for Event {
    fn fingerprint(&self) -> u64 {
        match self {
            Self::Ticked => 1,
            Self::Looked => 2,
            Self::Expired(generation) => 3 << 32 | u64::from(generation.number()),
        }
    }
}

/// Ticks every second up to a number, watched by an observer every 300 ms or not at all.
#[derive(Default)]
struct Clock {
    ticks_max: u32,
    over_at: Option<u32>,
    ticks: u32,
    looks: u32,
    expired: u32,
    timer: Generation,
}

impl Model for Clock {
    type Event = Event;

    fn is_stale(&mut self, event: Event, _: SimTime) -> bool {
        matches!(event, Event::Expired(generation) if generation != self.timer)
    }

    fn handle(&mut self, event: Event, agenda: &mut Agenda<Event>) {
        match event {
            Event::Ticked => {
                self.ticks += 1;
                if self.ticks < self.ticks_max {
                    agenda.schedule(SimDuration::from_secs(1), Phase::Fact, event);
                }
            }
            Event::Looked => {
                self.looks += 1;
                agenda.schedule(SimDuration::from_ms(300), Phase::Observe, event);
            }
            Event::Expired(_) => self.expired += 1,
        }
    }

    fn is_over(&self) -> bool {
        self.over_at == Some(self.ticks)
    }
}

const FOREVER: Limits = Limits { horizon: SimTime::from_ms(1 << 40), events_max: 1 << 40 };

fn start(agenda: &mut Agenda<Event>) {
    agenda.schedule(SimDuration::from_secs(1), Phase::Fact, Event::Ticked);
}

fn tick(clock: &mut Clock, limits: &Limits) -> Ended {
    let mut agenda = Agenda::new();
    start(&mut agenda);
    run(clock, &mut agenda, limits, || false)
}

#[test]
fn a_run_with_nothing_left_to_happen_has_drained() {
    let mut clock = Clock { ticks_max: 5, ..Clock::default() };
    let ended = tick(&mut clock, &FOREVER);
    assert_eq!((ended.stop, ended.at, ended.events), (Stop::Drained, SimTime::from_ms(5_000), 5));
}

#[test]
fn an_event_on_the_horizon_happens_and_one_past_it_does_not() {
    let mut clock = Clock { ticks_max: 100, ..Clock::default() };
    let limits = Limits { horizon: SimTime::from_ms(7_000), ..FOREVER };
    let ended = tick(&mut clock, &limits);
    assert_eq!((ended.stop, ended.at, ended.events), (Stop::Horizon, limits.horizon, 7));
    let limits = Limits { horizon: SimTime::from_ms(7_999), ..FOREVER };
    let ended = tick(&mut Clock { ticks_max: 100, ..Clock::default() }, &limits);
    assert_eq!((ended.stop, ended.at, ended.events), (Stop::Horizon, limits.horizon, 7));
}

#[test]
fn the_event_limit_is_met_only_when_more_would_happen() {
    let limits = Limits { events_max: 5, ..FOREVER };
    let ended = tick(&mut Clock { ticks_max: 6, ..Clock::default() }, &limits);
    assert_eq!((ended.stop, ended.at, ended.events), (Stop::EventLimit, SimTime::from_ms(5_000), 5));
    let ended = tick(&mut Clock { ticks_max: 5, ..Clock::default() }, &limits);
    assert_eq!((ended.stop, ended.events), (Stop::Drained, 5));
}

#[test]
fn a_model_that_is_over_gets_no_further_event() {
    let mut clock = Clock { ticks_max: 100, over_at: Some(3), ..Clock::default() };
    let ended = tick(&mut clock, &FOREVER);
    assert_eq!((ended.stop, ended.at, clock.ticks), (Stop::Finished, SimTime::from_ms(3_000), 3));
}

#[test]
fn a_run_asks_for_interruption_every_65536_events() {
    let asked = Cell::new(0);
    let mut agenda = Agenda::new();
    start(&mut agenda);
    let mut clock = Clock { ticks_max: u32::MAX, ..Clock::default() };
    let ended = run(&mut clock, &mut agenda, &FOREVER, || {
        asked.set(asked.get() + 1);
        asked.get() == 3
    });
    assert_eq!((ended.stop, ended.events), (Stop::Interrupted, 3 * 65_536 - 1));
}

#[test]
fn observation_is_free() {
    let watched = |is_watched: bool| {
        let mut agenda = Agenda::new();
        start(&mut agenda);
        if is_watched {
            agenda.schedule(SimDuration::from_ms(300), Phase::Observe, Event::Looked);
        }
        let mut clock = Clock { ticks_max: 10, ..Clock::default() };
        (run(&mut clock, &mut agenda, &FOREVER, || false), clock.looks)
    };
    let (unwatched, watched) = (watched(false), watched(true));
    assert_eq!(unwatched.0, watched.0, "same end, count and digest; and observers keep no run alive");
    assert_eq!((unwatched.1, watched.1), (0, 33));
}

#[test]
fn a_stale_event_is_dropped_uncounted_and_undigested() {
    let with_timers = |timers: u32| {
        let mut agenda = Agenda::new();
        start(&mut agenda);
        let mut clock = Clock { ticks_max: 3, ..Clock::default() };
        for _ in 0..timers {
            agenda.schedule(SimDuration::from_ms(1_500), Phase::Fact, Event::Expired(clock.timer));
            clock.timer = clock.timer.next();
        }
        (run(&mut clock, &mut agenda, &FOREVER, || false), clock.expired)
    };
    assert_eq!(with_timers(0), with_timers(4));
}

#[test]
fn an_event_armed_under_the_present_generation_is_handled() {
    let mut agenda = Agenda::new();
    let mut clock = Clock { ticks_max: 1, timer: Generation::default().next(), ..Clock::default() };
    agenda.schedule(SimDuration::from_ms(5), Phase::Fact, Event::Expired(clock.timer));
    let ended = run(&mut clock, &mut agenda, &FOREVER, || false);
    assert_eq!((ended.events, clock.expired), (1, 1));
}

/// Replays a fixed set of instants and stops at a horizon.
struct Script {
    handled: Vec<u64>,
}

impl Model for Script {
    type Event = u64;

    fn is_stale(&mut self, _: u64, _: SimTime) -> bool {
        false
    }

    fn handle(&mut self, event: u64, _: &mut Agenda<u64>) {
        self.handled.push(event);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_run_resumed_past_its_horizon_misses_nothing(
        instants in prop::collection::vec((0..46_u32, 0..1_000_u64), 1..80),
        horizons in prop::collection::vec((0..46_u32, 0..1_000_u64), 1..20),
    ) {
        let at = |(bit, plus): (u32, u64)| (1_u64 << bit) + plus;
        let mut horizons: Vec<u64> = horizons.into_iter().map(at).collect();
        horizons.sort_unstable();
        horizons.push(u64::MAX - 1);
        for mut agenda in [Agenda::new(), Agenda::heap_oracle()] {
            let mut script = Script { handled: Vec::new() };
            let mut waiting: Vec<u64> = instants.iter().copied().map(at).collect();
            // Half are scheduled at first; the rest when the clock stands at some horizon's last event.
            let later = waiting.split_off(waiting.len() / 2);
            for at in waiting {
                agenda.schedule(SimDuration::from_ms(at), Phase::Fact, at);
            }
            let mut later = later.into_iter();
            let mut scheduled = instants.len() / 2;
            for &horizon in &horizons {
                let limits = Limits { horizon: SimTime::from_ms(horizon), events_max: u64::MAX };
                run(&mut script, &mut agenda, &limits, || false);
                prop_assert!(script.handled.iter().all(|&at| at <= horizon));
                prop_assert!(agenda.next_at().is_none_or(|next| next.as_ms() > horizon));
                if let Some(at) = later.next().filter(|_| horizon < u64::MAX - 1) {
                    scheduled += 1;
                    let delay = at.saturating_sub(agenda.now().as_ms());
                    agenda.schedule(SimDuration::from_ms(delay), Phase::Fact, agenda.now().as_ms() + delay);
                }
            }
            prop_assert!(script.handled.is_sorted());
            prop_assert_eq!(script.handled.len(), scheduled);
        }
    }
}
