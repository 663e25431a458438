//! Levels over time: what they came to, and how far from a reference.
//!
//! A level that lasted no time at all is never seen: when several facts of one
//! millisecond move a gauge up and down, only where it ends counts. So no extreme
//! depends on the order in which simultaneous facts were noted.

use crate::engine::time::SimTime;

/// An integer level with its extremes and its areas above and below a reference.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gauge {
    value: i64,
    reference: u64,
    since: SimTime,
    /// Area under references before this one, less what this one would have made of their time.
    before: i64,
    above: u64,
    below: u64,
    min: u64,
    max: u64,
}

impl Gauge {
    /// A gauge that shows `value` from the start of the run.
    pub(super) fn new(value: u64, reference: u64) -> Self {
        let level = value as i64;
        Self {
            value: level,
            reference,
            since: SimTime::ZERO,
            before: 0,
            above: 0,
            below: 0,
            min: value,
            max: value,
        }
    }

    /// What it shows now. Within an instant a level may be below zero, when what is counted out
    /// comes before what is counted in; that shows as zero.
    pub(super) fn value(&self) -> u64 {
        self.value.max(0) as u64
    }

    /// Measures against another reference from `now` on, with extremes of its own.
    pub(super) fn refer(&mut self, now: SimTime, reference: u64) {
        self.settle(now);
        self.before += (self.reference as i64 - reference as i64) * now.as_ms() as i64;
        self.reference = reference;
        (self.min, self.max) = (u64::MAX, 0);
    }

    /// Raises the level.
    pub(super) fn raise(&mut self, now: SimTime, by: u64) {
        self.settle(now);
        self.value += by as i64;
    }

    /// Lowers the level.
    pub(super) fn lower(&mut self, now: SimTime, by: u64) {
        self.settle(now);
        self.value -= by as i64;
    }

    /// Brings areas and extremes up to `now`.
    ///
    /// # Panics
    /// When a level below zero has lasted: something was counted out that was never counted in.
    pub(super) fn settle(&mut self, now: SimTime) {
        if now == self.since {
            return;
        }
        let value = u64::try_from(self.value).expect("only what was counted in is counted out");
        let ms = now.since(self.since).as_ms();
        self.above += value.saturating_sub(self.reference) * ms;
        self.below += self.reference.saturating_sub(value) * ms;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.since = now;
    }

    /// Area above the reference, in level × milliseconds, as of the last settling.
    pub(super) fn above(&self) -> u64 {
        self.above
    }

    /// Area below the reference, in level × milliseconds, as of the last settling.
    pub(super) fn below(&self) -> u64 {
        self.below
    }

    /// Area under the level, in level × milliseconds since the start, as of the last settling.
    pub(super) fn area(&self) -> u64 {
        self.reference_area() + self.above - self.below
    }

    /// Area under the reference, likewise.
    pub(super) fn reference_area(&self) -> u64 {
        (self.reference * self.since.as_ms()).wrapping_add_signed(self.before)
    }

    /// The lowest level that lasted; `u64::MAX` if none has since the reference changed.
    pub(super) fn min(&self) -> u64 {
        self.min
    }

    /// The highest level that lasted.
    pub(super) fn max(&self) -> u64 {
        self.max
    }
}

/// A real-valued rate and its integral over time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    value: f64,
    since: SimTime,
    integral: f64,
}

impl Rate {
    /// A rate of `value` from the start of the run.
    pub(super) fn new(value: f64) -> Self {
        Self { value, since: SimTime::ZERO, integral: 0.0 }
    }

    /// Notes that the rate is `value` from `now` on.
    pub(super) fn set(&mut self, now: SimTime, value: f64) {
        self.settle(now);
        self.value = value;
    }

    /// Brings the integral up to `now` and returns it, in rate × milliseconds.
    pub(super) fn settle(&mut self, now: SimTime) -> f64 {
        self.integral += self.value * now.since(self.since).as_ms() as f64;
        self.since = now;
        self.integral
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SimTime {
        SimTime::from_ms(ms)
    }

    #[test]
    fn a_dip_that_lasts_no_time_is_not_seen() {
        let mut gauge = Gauge::new(10, 10);
        gauge.lower(at(5), 3);
        gauge.raise(at(5), 3);
        gauge.settle(at(9));
        assert_eq!((gauge.min(), gauge.max(), gauge.below()), (10, 10, 0));
    }

    #[test]
    fn areas_lie_on_their_own_side_of_the_reference() {
        let mut gauge = Gauge::new(10, 10);
        gauge.lower(at(2), 4);
        gauge.raise(at(5), 6);
        gauge.settle(at(7));
        assert_eq!((gauge.below(), gauge.above(), gauge.area()), (12, 4, 10 * 7 - 12 + 4));
        assert_eq!((gauge.min(), gauge.max()), (6, 12));
    }

    #[test]
    fn a_new_reference_leaves_what_was_measured_by_the_old_one() {
        let mut gauge = Gauge::new(10, 10);
        gauge.lower(at(4), 2);
        gauge.refer(at(6), 6);
        gauge.lower(at(8), 5);
        gauge.settle(at(9));
        assert_eq!((gauge.min(), gauge.max()), (3, 8));
        assert_eq!((gauge.below(), gauge.above()), (2 * 2 + 3, 2 * 2));
        assert_eq!((gauge.area(), gauge.reference_area()), (10 * 4 + 8 * 4 + 3, 10 * 6 + 6 * 3));
    }

    #[test]
    fn a_rate_integrates_to_rate_times_time() {
        let mut rate = Rate::new(0.5);
        rate.set(at(10), 2.0);
        assert!((rate.settle(at(13)) - 11.0).abs() < 1e-12);
    }
}
