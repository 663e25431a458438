//! Runs that are finished out of order, put back into it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};

/// Runs that a worker may have finished on average while the run that comes before them all is still under way.
///
/// So at most this many per worker, and those of one seed, are held at any time, however long one of them takes.
pub const AHEAD_PER_WORKER: usize = 64;

/// What gets the runs of an experiment.
pub trait Sink<T>: Send {
    /// Takes what was made of the run of an arm: seed by seed, the arms of a seed in their order, and a seed only once
    /// all of its runs are there.
    fn put(&mut self, arm: usize, run: T);
}

/// Keeps everything: per arm, in order of the seeds.
impl<T: Send> Sink<T> for Vec<Vec<T>> {
    fn put(&mut self, arm: usize, run: T) {
        self[arm].push(run);
    }
}

/// Units in order of seed and arm, from the first that is not handed on yet; workers wait rather than run beyond it.
pub(super) struct Window<'a, T, S> {
    arms: u64,
    /// Units from the first that is not handed on to the last that may be begun.
    width: u64,
    /// The first unit that is not handed on, for those who need not wait.
    first: AtomicU64,
    held: Mutex<Held<'a, T, S>>,
    moved: Condvar,
}

struct Held<'a, T, S> {
    sink: &'a mut S,
    /// From the first unit that is not handed on; a gap is a run that is under way.
    runs: VecDeque<Option<T>>,
    first: u64,
    /// How many runs are there before the first gap.
    ready: usize,
    waiting: usize,
}

impl<'a, T: Send, S: Sink<T>> Window<'a, T, S> {
    pub(super) fn new(arms: usize, workers: usize, sink: &'a mut S) -> Self {
        let held = Held { sink, runs: VecDeque::new(), first: 0, ready: 0, waiting: 0 };
        Self {
            arms: arms as u64,
            width: (workers * AHEAD_PER_WORKER + arms) as u64,
            first: AtomicU64::new(0),
            held: Mutex::new(held),
            moved: Condvar::new(),
        }
    }

    /// A worker, for as long as it works.
    pub(super) fn worker(&self) -> Worker<'_, 'a, T, S> {
        Worker(self)
    }

    /// Waits until a unit may be begun; no when all is to stop.
    pub(super) fn admit(&self, unit: u64, stop: &dyn Fn() -> bool) -> bool {
        if unit < self.first.load(Ordering::Relaxed) + self.width {
            return true;
        }
        let mut held = self.lock();
        held.waiting += 1;
        while unit >= held.first + self.width && !stop() {
            held = self.moved.wait(held).expect("no holder panics");
        }
        held.waiting -= 1;
        !stop()
    }

    /// Puts a run in its place, and hands on the seeds that are whole without a gap.
    pub(super) fn put(&self, unit: u64, run: T) {
        let mut guard = self.lock();
        let held = &mut *guard;
        let place = (unit - held.first) as usize;
        if held.runs.len() <= place {
            held.runs.resize_with(place + 1, || None);
        }
        held.runs[place] = Some(run);
        while held.runs.get(held.ready).is_some_and(Option::is_some) {
            held.ready += 1;
        }
        let arms = self.arms as usize;
        if held.ready < arms {
            return;
        }
        while held.ready >= arms {
            for arm in 0..arms {
                let run = held.runs.pop_front().flatten().expect("what is ready is there");
                held.sink.put(arm, run);
            }
            held.ready -= arms;
            held.first += self.arms;
        }
        self.first.store(held.first, Ordering::Relaxed);
        if held.waiting > 0 {
            self.moved.notify_all();
        }
    }

    /// Seeds that were handed on.
    pub(super) fn handed_on(&self) -> u64 {
        self.first.load(Ordering::Relaxed) / self.arms.max(1)
    }

    fn lock(&self) -> MutexGuard<'_, Held<'a, T, S>> {
        self.held.lock().expect("no holder panics")
    }
}

/// One that may have a run in hand for which others wait; when it leaves, they look whether it is worth waiting on.
pub(super) struct Worker<'w, 'a, T, S>(&'w Window<'a, T, S>);

impl<T, S> Drop for Worker<'_, '_, T, S> {
    fn drop(&mut self) {
        // Whoever looked before the lock was to be had waits by now, and is woken.
        drop(self.0.held.lock());
        self.0.moved.notify_all();
    }
}
