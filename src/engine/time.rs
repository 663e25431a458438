//! Simulated time: instants and spans in whole milliseconds.
//!
//! An instant and a span are different types, so that two instants cannot be
//! added and a span cannot be mistaken for a date. Integers make equal times
//! equal on every machine, which the order of events rests on.

use std::fmt;
use std::ops::{Add, AddAssign};

/// An instant on the simulated clock, in whole milliseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime {
    ms: u64,
}

/// A span of simulated time in whole milliseconds; never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration {
    ms: u64,
}

impl SimTime {
    /// The instant at which every run begins.
    pub const ZERO: Self = Self { ms: 0 };
    /// Later than any instant a run can reach.
    pub const MAX: Self = Self { ms: u64::MAX };

    /// The instant `ms` milliseconds after the start.
    pub const fn from_ms(ms: u64) -> Self {
        Self { ms }
    }

    /// Milliseconds since the start.
    pub const fn as_ms(self) -> u64 {
        self.ms
    }

    /// Minutes since the start, as a real number.
    pub fn as_min(self) -> f64 {
        self.ms as f64 / 60_000.0
    }

    /// The span from `earlier` to `self`.
    ///
    /// # Panics
    /// When `earlier` is later than `self`: simulated time runs forward only.
    pub fn since(self, earlier: Self) -> SimDuration {
        let ms = self.ms.checked_sub(earlier.ms).expect("simulated time runs forward only");
        SimDuration { ms }
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self { ms: 0 };
    /// Longer than any run.
    pub const MAX: Self = Self { ms: u64::MAX };

    /// A span of `ms` milliseconds.
    pub const fn from_ms(ms: u64) -> Self {
        Self { ms }
    }

    /// A span of `s` seconds.
    pub const fn from_secs(s: u64) -> Self {
        Self { ms: s * 1_000 }
    }

    /// A span of `min` minutes.
    pub const fn from_mins(min: u64) -> Self {
        Self { ms: min * 60_000 }
    }

    /// A span of `h` hours.
    pub const fn from_hours(h: u64) -> Self {
        Self { ms: h * 3_600_000 }
    }

    /// The span in milliseconds.
    pub const fn as_ms(self) -> u64 {
        self.ms
    }

    /// The span in seconds, as a real number.
    pub fn as_secs(self) -> f64 {
        self.ms as f64 / 1_000.0
    }

    /// The span in minutes, as a real number.
    pub fn as_min(self) -> f64 {
        self.ms as f64 / 60_000.0
    }

    /// The span in hours, as a real number.
    pub fn as_hours(self) -> f64 {
        self.ms as f64 / 3_600_000.0
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    /// Saturates at [`SimTime::MAX`], which no horizon reaches.
    fn add(self, span: SimDuration) -> Self {
        Self { ms: self.ms.saturating_add(span.ms) }
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { ms: self.ms.saturating_add(other.ms) }
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl fmt::Display for SimTime {
    /// `h:mm:ss.mmm`, the milliseconds left out when they are zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (s, ms) = (self.ms / 1_000, self.ms % 1_000);
        write!(f, "{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)?;
        if ms > 0 { write!(f, ".{ms:03}") } else { Ok(()) }
    }
}

impl fmt::Display for SimDuration {
    /// The shortest exact form the scenario file takes: `2h 30m`, `90s` is `1m 30s`, `500ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ms == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.ms;
        let mut first = true;
        for (unit, ms) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
            if rest >= ms {
                if !first {
                    f.write_str(" ")?;
                }
                write!(f, "{}{unit}", rest / ms)?;
                rest %= ms;
                first = false;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_prints_in_the_form_the_scenario_file_takes() {
        assert_eq!(SimDuration::from_secs(90).to_string(), "1m 30s");
        assert_eq!(SimDuration::from_hours(336).to_string(), "14d");
        assert_eq!(SimDuration::from_ms(1_500).to_string(), "1s 500ms");
        assert_eq!(SimDuration::ZERO.to_string(), "0s");
    }

    #[test]
    fn an_instant_prints_as_a_clock() {
        assert_eq!(SimTime::from_ms(3_725_042).to_string(), "1:02:05.042");
        assert_eq!(SimTime::from_ms(60_000).to_string(), "0:01:00");
    }

    #[test]
    #[should_panic(expected = "forward only")]
    fn a_span_that_runs_backwards_is_refused() {
        let _ = SimTime::from_ms(1).since(SimTime::from_ms(2));
    }
}
