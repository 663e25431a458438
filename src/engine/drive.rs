//! Drive: the loop that hands events to a model, bounded, and says why it stopped.

use super::agenda::{Agenda, Next, Phase};
use super::digest::Digest;
use super::time::SimTime;

pub use super::digest::Fingerprint;

/// A world that changes by events and by nothing else.
pub trait Model {
    /// What can happen; small, since it is copied through the agenda (12 bytes make an entry of 16).
    type Event: Copy + Fingerprint;

    /// Whether what armed `event` has moved on since. A stale event is dropped, neither counted nor
    /// digested. Asked once of every event, at its instant, so a model may keep count of those called off.
    fn is_stale(&mut self, event: Self::Event, now: SimTime) -> bool;

    /// Looks at what `event`, due within 256 ms, concerns, so that it is at hand by then.
    ///
    /// A model whose tables outgrow the caches may fetch rows here: it is called for many events in a
    /// row, whose waits for memory overlap. It may change nothing, and no event can rely on it: what
    /// is scheduled at short notice is not foreseen, and [`Agenda::heap_oracle`] foresees nothing.
    fn foresee(&self, _event: Self::Event) {}

    /// Lets `event` happen at the agenda's present instant, and schedules what follows from it.
    fn handle(&mut self, event: Self::Event, agenda: &mut Agenda<Self::Event>);

    /// Whether the run has reached its end; asked after each event.
    fn is_over(&self) -> bool {
        false
    }
}

/// Bounds that every run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The last instant that still happens.
    pub horizon: SimTime,
    /// The most facts and decisions that are handled.
    pub events_max: u64,
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model said that it is over.
    Finished,
    /// Nothing that could change anything is pending; observers do not keep a run alive.
    Drained,
    /// What is pending lies beyond the horizon.
    Horizon,
    /// The limit on events was reached with more to come.
    EventLimit,
    /// The caller asked to stop.
    Interrupted,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub stop: Stop,
    /// When: the horizon if it stopped there, else the instant of the last event that was handled.
    pub at: SimTime,
    /// Facts and decisions handled.
    pub events: u64,
    /// Fingerprint of those events and their instants, in order.
    pub digest: u64,
}

/// Events between two looks at whether the caller wants to stop.
const INTERRUPT_EVERY: u64 = 1 << 16;

/// Hands events to `model` until it is over or a limit is met.
///
/// The caller has reset the agenda and scheduled what begins the run.
/// `interrupted` is asked once every 2^16 events handed out.
pub fn run<M: Model>(
    model: &mut M,
    agenda: &mut Agenda<M::Event>,
    limits: &Limits,
    interrupted: impl Fn() -> bool,
) -> Ended {
    let mut digest = Digest::new();
    let mut events = 0;
    let mut handed_out: u64 = 0;
    let mut at = agenda.now();
    let stop = loop {
        let phase = match agenda.advance(limits.horizon, |event| model.foresee(event)) {
            Next::Ready { phase, .. } => phase,
            Next::Later => break Stop::Horizon,
            Next::None => break Stop::Drained,
        };
        let event = agenda.take();
        handed_out += 1;
        if handed_out.is_multiple_of(INTERRUPT_EVERY) && interrupted() {
            break Stop::Interrupted;
        }
        if model.is_stale(event, agenda.now()) {
            continue;
        }
        if phase == Phase::Observe {
            if agenda.is_settled() && agenda.now() > at {
                break Stop::Drained;
            }
            model.handle(event, agenda);
            continue;
        }
        if events == limits.events_max {
            break Stop::EventLimit;
        }
        at = agenda.now();
        events += 1;
        digest.absorb(at, event.fingerprint());
        model.handle(event, agenda);
        if model.is_over() {
            break Stop::Finished;
        }
    };
    let at = if stop == Stop::Horizon { limits.horizon } else { at };
    Ended { stop, at, events, digest: digest.value() }
}
