//! When there are enough observations: precision asked for, and the sizes at which it is looked at.

use super::interval::Estimate;

/// How narrow an interval has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// The estimate's error relative to the true value, as a share: 0.05 is five percent.
    Relative(f64),
    /// Half the width of the interval, in the units of the estimate.
    Absolute(f64),
}

impl Precision {
    /// The half-width that an estimate at `point` may have.
    ///
    /// An error within γ of the truth needs a half-width within γ / (1 + γ) of the estimate, since
    /// the estimate may itself lie that far from the truth (Law, Simulation Modeling and
    /// Analysis, section 9.4.1).
    pub fn allowed(self, point: f64) -> f64 {
        match self {
            Self::Relative(share) => point.abs() * share / (1.0 + share),
            Self::Absolute(half_width) => half_width,
        }
    }

    /// Whether the estimate's interval is as narrow as asked for.
    ///
    /// An estimate without an interval, or with an infinite one, never is. A relative precision
    /// around 0 is reached by an interval of width 0 only.
    pub fn reached(self, estimate: &Estimate) -> bool {
        estimate.half_width().is_some_and(|half| half <= self.allowed(estimate.point))
    }
}

/// The smallest number of observations at which precision is looked at.
///
/// With fewer, a small standard deviation by luck stops too early (Law, section 9.4.1).
const FIRST_LOOK: usize = 20;

/// The first size above `n` at which precision is looked at: 20, then each a tenth more, at least 10 more.
///
/// The sizes are the same whatever `n` one starts from. Precision is not looked at after
/// every observation, because each look is a chance to stop on an interval that is narrow by luck:
/// of fewer looks fewer are lucky, and a tenth too many costs little.
pub fn next_size(n: usize) -> usize {
    let mut size = FIRST_LOOK;
    while size <= n {
        size = size.saturating_add((size / 10).max(10));
    }
    size
}

#[cfg(test)]
mod tests {
    use super::super::interval::Interval;
    use super::*;

    fn estimate(point: f64, low: f64, high: f64) -> Estimate {
        Estimate { point, interval: Some(Interval { low, high }), n: 20 }
    }

    #[test]
    fn an_absolute_precision_is_half_the_width() {
        assert!(Precision::Absolute(1.0).reached(&estimate(5.0, 4.0, 6.0)));
        assert!(!Precision::Absolute(0.99).reached(&estimate(5.0, 4.0, 6.0)));
    }

    #[test]
    fn a_relative_precision_allows_for_the_error_of_the_point_itself() {
        // Ten percent: a half-width of 1/11 of the point. Were the point a tenth too large, it would just do.
        assert!(Precision::Relative(0.1).reached(&estimate(11.0, 10.0, 12.0)));
        assert!(!Precision::Relative(0.1).reached(&estimate(10.0, 9.0, 11.0)));
        assert!(Precision::Relative(0.1).reached(&estimate(-11.0, -12.0, -10.0)));
    }

    #[test]
    fn around_nought_only_a_width_of_nought_is_relatively_precise() {
        assert!(!Precision::Relative(0.5).reached(&estimate(0.0, -1e-9, 1e-9)));
        assert!(Precision::Relative(0.5).reached(&estimate(0.0, 0.0, 0.0)));
    }

    #[test]
    fn without_a_finite_interval_nothing_is_precise() {
        let none = Estimate { point: 5.0, interval: None, n: 1 };
        let open = estimate(5.0, 4.0, f64::INFINITY);
        let unknown = estimate(f64::NAN, f64::NEG_INFINITY, f64::INFINITY);
        for estimate in [none, open, unknown] {
            assert_eq!(estimate.half_width(), None);
            assert!(!Precision::Absolute(1e300).reached(&estimate));
            assert!(!Precision::Relative(1e300).reached(&estimate));
        }
    }

    #[test]
    fn looks_come_at_twenty_then_ten_apart_then_a_tenth_apart() {
        let mut looks = vec![next_size(0)];
        for _ in 0..13 {
            looks.push(next_size(looks[looks.len() - 1]));
        }
        assert_eq!(looks, [20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 121, 133, 146, 160]);
    }

    #[test]
    fn looks_do_not_depend_on_where_one_starts() {
        assert_eq!((next_size(19), next_size(20), next_size(29), next_size(125)), (20, 30, 30, 133));
    }

    #[test]
    fn a_hundred_looks_reach_beyond_a_hundred_thousand() {
        let mut size = 0;
        for _ in 0..85 {
            size = next_size(size);
        }
        assert!((100_000..200_000).contains(&size), "{size}");
    }
}
