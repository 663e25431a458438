//! Confidence levels, intervals, and the estimate that carries one.

/// A confidence level strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// The level used wherever none is asked for.
    pub const NINETY_FIVE: Self = Self(0.95);

    /// The level, unless it lies outside (0, 1).
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// The level as a share.
    pub fn level(self) -> f64 {
        self.0
    }

    /// The probability left to each side of a two-sided interval.
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// The two-sided level whose interval has a one-sided bound at this level on either side: 90 % for 95 %.
    ///
    /// None at one half or below, where the two bounds would change places.
    pub fn both_sides(self) -> Option<Self> {
        Self::new(1.0 - 2.0 * (1.0 - self.0))
    }
}

/// A two-sided confidence interval; `high` is `+∞` where it falls on a censored observation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A point with its uncertainty and the number of observations behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate itself; `+∞` for a quantile that falls on a censored observation, and infinite
    /// or NaN for a difference of such.
    pub point: f64,
    /// Its interval, or none when `n` is too small for one.
    pub interval: Option<Interval>,
    /// Observations behind it, censored ones included.
    pub n: usize,
}

impl Estimate {
    /// Half the width of the interval; none without an interval, or when it is infinite.
    pub fn half_width(&self) -> Option<f64> {
        let Interval { low, high } = self.interval?;
        let half = (high - low) / 2.0;
        half.is_finite().then_some(half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_of_nought_or_one_is_refused() {
        assert!(Confidence::new(0.0).is_none());
        assert!(Confidence::new(1.0).is_none());
        assert!(Confidence::new(f64::NAN).is_none());
        assert_eq!(Confidence::new(0.95), Some(Confidence::NINETY_FIVE));
    }

    #[test]
    fn both_sides_of_a_gate_at_95_percent_are_an_interval_at_90() {
        let both = Confidence::NINETY_FIVE.both_sides().expect("above one half");
        assert!((both.level() - 0.9).abs() < 1e-15 && (both.tail() - 0.05).abs() < 1e-15);
        assert_eq!(Confidence::new(0.5).and_then(Confidence::both_sides), None);
        assert_eq!(Confidence::new(0.3).and_then(Confidence::both_sides), None);
    }
}
