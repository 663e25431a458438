//! Application tasks: the rows of those that have an instance, in one stretch for each instance.
//!
//! Tasks of an instance are placed, drained and lost together, so they lie together: an
//! instance's *live* tasks (not told to stop) in order of placement, then those that are
//! *stopping*. A row holds the instant at which its task started or will start, or is
//! stopped; what the task is at some moment follows from that, and no event has to write it.

use super::tables::Instance;
use crate::engine::time::{SimDuration, SimTime};

/// What a task on an instance is at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskState {
    /// Placed and starting.
    Pending,
    /// RUNNING, not yet healthy.
    Running,
    /// RUNNING and healthy.
    Healthy,
}

/// An instant in 40 bits, counted from one millisecond before the start: up to 34 years, where
/// validation ends a run after 30.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Instant(u64);

impl Instant {
    /// For what has been so since before the start.
    const BEFORE: Self = Self(0);
    const NEVER: Self = Self((1 << 40) - 1);

    fn at(time: SimTime) -> Self {
        Self((time.as_ms() + 1).min(Self::NEVER.0))
    }
}

/// A task that has an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    /// Which of the service's desired tasks it stands for.
    pub(super) ordinal: u32,
    /// How many stood for it before.
    pub(super) generation: u32,
    /// Which of all tasks of the run it is: the higher, the newer.
    pub(super) serial: u32,
    instant_low: u32,
    instant_high: u8,
    /// Whether it is RUNNING and protects itself from being stopped.
    pub(super) is_protected: bool,
    pub(super) service: u16,
}

impl Task {
    /// A task that is placed now and will be RUNNING at `starts`.
    pub(super) fn starting(service: usize, address: (u32, u32), serial: u32, starts: SimTime) -> Self {
        let (ordinal, generation) = address;
        let task = Self { ordinal, generation, serial, service: service as u16, ..FILLER };
        task.with(Instant::at(starts))
    }

    /// A task that has been RUNNING, and healthy, since before the start.
    pub(super) fn settled(service: usize, ordinal: u32, serial: u32) -> Self {
        Self { ordinal, serial, service: service as u16, ..FILLER }
    }

    /// The same task, but it will never start.
    pub(super) fn failing(self) -> Self {
        self.with(Instant::NEVER)
    }

    fn with(self, instant: Instant) -> Self {
        Self { instant_low: instant.0 as u32, instant_high: (instant.0 >> 32) as u8, ..self }
    }

    fn raw_instant(&self) -> Instant {
        Instant(u64::from(self.instant_low) | u64::from(self.instant_high) << 32)
    }

    /// When it started, starts, or is stopped; none before the start of the run, or for never.
    pub(super) fn instant(&self) -> Option<SimTime> {
        let instant = self.raw_instant();
        let known = instant != Instant::NEVER && instant != Instant::BEFORE;
        known.then(|| SimTime::from_ms(instant.0 - 1))
    }

    /// What it is now, as long as nobody has told it to stop; `healthy_after` is how long after
    /// it started it counts as healthy, none for never.
    pub(super) fn state(&self, now: SimTime, healthy_after: Option<SimDuration>) -> TaskState {
        let settled = if healthy_after.is_some() { TaskState::Healthy } else { TaskState::Running };
        let instant = self.raw_instant();
        if instant == Instant::BEFORE {
            return settled;
        }
        let passed = (now.as_ms() + 1).checked_sub(instant.0);
        match (passed, healthy_after) {
            (None, _) => TaskState::Pending,
            (Some(ms), Some(after)) if ms >= after.as_ms() => settled,
            (Some(_), _) => TaskState::Running,
        }
    }
}

/// The rows of all tasks that have an instance.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    rows: Vec<Task>,
    /// Stretches that nobody uses, by their class.
    vacant: Vec<Vec<u32>>,
}

/// Rows of a stretch of a class: 0, 4, 8 … 32, then twice as many each.
const fn capacity(class: u8) -> u32 {
    if class <= 8 { class as u32 * 4 } else { 32 << (class - 8) }
}

/// The least class that holds so many rows.
fn class_for(rows: u32) -> u8 {
    (0..=u8::MAX).find(|class| capacity(*class) >= rows).expect("a class holds any number")
}

/// Makes room for more elements by an eighth of what is there: tables of a large fleet, which are
/// laid out at the start and outgrow that by a batch, would take twice their size if they doubled.
pub(super) fn expand<T>(table: &mut Vec<T>, more: usize) {
    if table.capacity() - table.len() < more {
        table.reserve_exact(more.max(table.len() / 8).max(16));
    }
}

/// Fills rows that no task has yet; its instant is [`Instant::BEFORE`].
const FILLER: Task = Task {
    ordinal: 0,
    generation: 0,
    serial: 0,
    instant_low: 0,
    instant_high: 0,
    is_protected: false,
    service: 0,
};

impl Tasks {
    /// Forgets every task and keeps the buffers.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.vacant.iter_mut().for_each(Vec::clear);
    }

    /// All tasks of an instance: the live ones, oldest first, then those that are stopping.
    pub(super) fn on(&self, instance: &Instance) -> &[Task] {
        let first = instance.first_task as usize;
        &self.rows[first..first + instance.tasks as usize]
    }

    /// The live tasks of an instance, oldest first.
    pub(super) fn live(&self, instance: &Instance) -> &[Task] {
        &self.on(instance)[..instance.left as usize]
    }

    /// The tasks of an instance that have been told to stop, in no order.
    pub(super) fn stopping(&self, instance: &Instance) -> &[Task] {
        &self.on(instance)[instance.left as usize..]
    }

    /// The task at a place of an instance's list.
    pub(super) fn row_mut(&mut self, instance: &Instance, index: usize) -> &mut Task {
        &mut self.rows[instance.first_task as usize + index]
    }

    /// Makes room for at least so many tasks on an instance that has none yet.
    pub(super) fn reserve(&mut self, instance: &mut Instance, rows: u32) {
        if capacity(instance.class) < rows {
            self.grow(instance, class_for(rows));
        }
    }

    /// Puts a live task on an instance, its newest.
    pub(super) fn add(&mut self, instance: &mut Instance, task: Task) {
        if instance.tasks == capacity(instance.class) {
            self.grow(instance, instance.class + 1);
        }
        let first = instance.first_task as usize;
        let (left, end) = (first + instance.left as usize, first + instance.tasks as usize);
        // Those that are stopping have no order, so one of them makes way.
        self.rows[end] = self.rows[left];
        self.rows[left] = task;
        instance.left += 1;
        instance.tasks += 1;
    }

    /// Makes room for so many tasks in all, and for an eighth more: those of a batch.
    pub(super) fn expect(&mut self, tasks: usize) {
        self.rows.reserve_exact(tasks + tasks / 8);
    }

    /// Puts the tasks of the start on an instance, in a stretch of their own.
    pub(super) fn fill(&mut self, instance: &mut Instance, tasks: impl ExactSizeIterator<Item = Task>) {
        let (first, count) = (self.rows.len(), tasks.len() as u32);
        let class = class_for(count);
        self.know(class);
        self.rows.extend(tasks);
        self.rows.resize(first + capacity(class) as usize, FILLER);
        (instance.first_task, instance.class) = (first as u32, class);
        (instance.left, instance.tasks) = (count, count);
    }

    /// Moves a live task, which is stopped at `until`, among those that are stopping.
    pub(super) fn retire(&mut self, instance: &mut Instance, index: usize, until: SimTime) {
        let first = instance.first_task as usize;
        self.rows[first + index] = self.rows[first + index].with(Instant::at(until));
        self.put_last(instance, index);
        instance.left -= 1;
    }

    /// Makes a live task the newest, the others keeping their order.
    fn put_last(&mut self, instance: &Instance, index: usize) {
        let (first, left) = (instance.first_task as usize, instance.left as usize);
        if index + 1 < left {
            self.rows[first + index..first + left].rotate_left(1);
        }
    }

    /// Takes a live task off its instance.
    pub(super) fn remove_live(&mut self, instance: &mut Instance, index: usize) -> Task {
        let first = instance.first_task as usize;
        let task = self.rows[first + index];
        self.put_last(instance, index);
        instance.left -= 1;
        self.remove_stopped(instance, instance.left as usize);
        task
    }

    /// Takes a task that has been told to stop off its instance.
    pub(super) fn remove_stopped(&mut self, instance: &mut Instance, index: usize) -> Task {
        let first = instance.first_task as usize;
        instance.tasks -= 1;
        let last = first + instance.tasks as usize;
        let task = self.rows[first + index];
        self.rows[first + index] = self.rows[last];
        if instance.tasks == 0 {
            self.release(instance);
        }
        task
    }

    /// Takes every task off an instance and gives its stretch back.
    pub(super) fn release(&mut self, instance: &mut Instance) {
        if instance.class > 0 {
            self.vacant[usize::from(instance.class)].push(instance.first_task);
        }
        (instance.first_task, instance.class, instance.tasks, instance.left) = (0, 0, 0, 0);
    }

    /// Sees to it that stretches of a class can be given back.
    fn know(&mut self, class: u8) {
        if self.vacant.len() <= usize::from(class) {
            self.vacant.resize_with(usize::from(class) + 1, Vec::new);
        }
    }

    /// Moves an instance's tasks to a stretch of a higher class.
    fn grow(&mut self, instance: &mut Instance, class: u8) {
        self.know(class);
        let first = self.vacant[usize::from(class)].pop().unwrap_or_else(|| {
            let (first, more) = (self.rows.len(), capacity(class) as usize);
            expand(&mut self.rows, more);
            self.rows.resize(first + more, FILLER);
            first as u32
        });
        let old = instance.first_task as usize;
        self.rows.copy_within(old..old + instance.tasks as usize, first as usize);
        if instance.class > 0 {
            self.vacant[usize::from(instance.class)].push(instance.first_task);
        }
        (instance.first_task, instance.class) = (first, class);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(serial: u32) -> Task {
        Task::starting(3, (serial, 1), serial, SimTime::from_ms(10))
    }

    fn serials(tasks: &[Task]) -> Vec<u32> {
        tasks.iter().map(|task| task.serial).collect()
    }

    #[test]
    fn a_row_takes_twenty_bytes() {
        assert_eq!(size_of::<Task>(), 20);
    }

    #[test]
    fn what_a_task_is_follows_from_when_it_started() {
        let after = Some(SimDuration::from_ms(5));
        let state = |ms, after| task(0).state(SimTime::from_ms(ms), after);
        assert_eq!(state(9, after), TaskState::Pending);
        assert_eq!((state(10, after), state(14, after)), (TaskState::Running, TaskState::Running));
        assert_eq!(
            (state(15, after), state(10, Some(SimDuration::ZERO))),
            (TaskState::Healthy, TaskState::Healthy)
        );
        assert_eq!(state(1 << 39, None), TaskState::Running);
        let settled = Task::settled(0, 0, 0);
        assert_eq!(settled.state(SimTime::ZERO, after), TaskState::Healthy);
        assert_eq!(settled.state(SimTime::ZERO, None), TaskState::Running);
        assert_eq!(settled.instant(), None);
        let at_once = Task::starting(0, (0, 0), 0, SimTime::ZERO);
        assert_eq!(at_once.state(SimTime::ZERO, after), TaskState::Running);
        assert_eq!(at_once.instant(), Some(SimTime::ZERO));
        let failing = task(0).failing();
        assert_eq!(
            (failing.state(SimTime::from_ms(1 << 39), after), failing.instant()),
            (TaskState::Pending, None)
        );
    }

    #[test]
    fn live_tasks_keep_their_order_whoever_leaves() {
        let (mut tasks, mut row) = (Tasks::default(), Instance::default());
        (0..6).for_each(|serial| tasks.add(&mut row, task(serial)));
        tasks.retire(&mut row, 4, SimTime::from_ms(77));
        tasks.retire(&mut row, 0, SimTime::from_ms(78));
        assert_eq!(serials(tasks.live(&row)), [1, 2, 3, 5]);
        assert_eq!(tasks.stopping(&row).len(), 2);
        tasks.add(&mut row, task(6));
        assert_eq!(tasks.remove_live(&mut row, 1).serial, 2);
        assert_eq!(serials(tasks.live(&row)), [1, 3, 5, 6]);
        let mut stopping: Vec<_> = tasks.stopping(&row).iter().map(|t| (t.serial, t.instant())).collect();
        stopping.sort_unstable();
        assert_eq!(stopping, [(0, Some(SimTime::from_ms(78))), (4, Some(SimTime::from_ms(77)))]);
        while row.tasks > row.left {
            let first = row.left as usize;
            tasks.remove_stopped(&mut row, first);
        }
        assert_eq!(serials(tasks.on(&row)), [1, 3, 5, 6]);
    }

    #[test]
    fn stretches_grow_and_are_used_again() {
        let (mut tasks, mut one, mut other) = (Tasks::default(), Instance::default(), Instance::default());
        for serial in 0..100 {
            tasks.add(&mut one, task(serial));
            tasks.add(&mut other, task(1_000 + serial));
        }
        assert!(serials(tasks.live(&one)).into_iter().eq(0..100));
        assert!(serials(tasks.live(&other)).into_iter().eq(1_000..1_100));
        let rows = tasks.rows.len();
        tasks.release(&mut one);
        assert_eq!((one.tasks, one.class), (0, 0));
        tasks.reserve(&mut one, 100);
        (0..100).for_each(|serial| tasks.add(&mut one, task(serial)));
        assert_eq!(tasks.rows.len(), rows, "what was given back is used again");
        assert!(serials(tasks.live(&one)).into_iter().eq(0..100));
        assert!(
            (0..30).all(|class| capacity(class) < capacity(class + 1) && class_for(capacity(class)) == class)
        );
    }
}
