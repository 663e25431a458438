//! Student's t distribution.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::proportion::normal_quantile;

/// From here on the expansion is good to eleven digits, while the inversion through the
/// incomplete beta function loses digits as its argument nears 1.
const MANY_DEGREES: usize = 1_000;

/// The value that Student's t with `degrees` degrees of freedom stays below with probability `p`.
///
/// # Panics
/// When `degrees` is 0 or `p` lies outside (0, 1).
pub fn student_t_quantile(p: f64, degrees: usize) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a quantile's probability lies between 0 and 1");
    if degrees > MANY_DEGREES {
        return by_expansion(p, degrees as f64);
    }
    let t = StudentsT::new(0.0, 1.0, degrees as f64).expect("degrees of freedom are positive");
    t.inverse_cdf(p)
}

/// The probability that Student's t with `degrees`, at least 1, degrees of freedom is at most `t`.
///
/// Ask for the upper tail by `-t`: the lower one keeps its digits however small it is.
pub(super) fn student_t_at_most(t: f64, degrees: usize) -> f64 {
    StudentsT::new(0.0, 1.0, degrees as f64).expect("degrees of freedom are positive").cdf(t)
}

/// Abramowitz and Stegun 26.7.5: the normal quantile and three corrections in 1 / degrees.
fn by_expansion(p: f64, degrees: f64) -> f64 {
    let z = normal_quantile(p);
    let (z3, z5, z7) = (z * z * z, z * z * z * z * z, z * z * z * z * z * z * z);
    z + (z3 + z) / (4.0 * degrees)
        + (5.0 * z5 + 16.0 * z3 + 3.0 * z) / (96.0 * degrees * degrees)
        + (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / (384.0 * degrees * degrees * degrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_quantiles_agree_with_the_published_table() {
        for (p, degrees, table) in [
            (0.975, 1, 12.706_205),
            (0.975, 4, 2.776_445),
            (0.975, 9, 2.262_157),
            (0.975, 19, 2.093_024),
            (0.975, 29, 2.045_230),
            (0.975, 99, 1.984_217),
            (0.95, 4, 2.131_847),
            (0.95, 9, 1.833_113),
            (0.995, 29, 2.756_386),
        ] {
            let t = student_t_quantile(p, degrees);
            assert!((t - table).abs() < 6e-7, "t({p}, {degrees}) = {t}, table {table}");
        }
    }

    #[test]
    fn the_tenth_digit_is_right_as_well() {
        assert!((student_t_quantile(0.975, 9) - 2.262_157_162_798_205_5).abs() < 1e-11);
    }

    #[test]
    fn the_two_ways_agree_where_they_meet() {
        for p in [0.9, 0.95, 0.975, 0.995, 0.005] {
            let exact = StudentsT::new(0.0, 1.0, 1_000.0).expect("positive").inverse_cdf(p);
            assert!((exact - by_expansion(p, 1_000.0)).abs() < 1e-10, "at {p}");
        }
    }

    #[test]
    fn many_degrees_of_freedom_come_down_to_the_normal_quantile() {
        // z + (z^3 + z) / (4 n) at n = 10^6.
        assert!((student_t_quantile(0.975, 1_000_000) - 1.959_966_356_8).abs() < 1e-10);
        assert!((student_t_quantile(0.975, usize::MAX) - 1.959_963_984_540_054).abs() < 1e-11);
    }
}
