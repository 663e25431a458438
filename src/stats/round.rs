//! Printing precision.

/// `x` rounded to nine significant digits; whole numbers are left as they are.
///
/// Nine digits hide the last-digit differences between platforms' logarithms and
/// are more than any result here is worth. The rounding is that of the decimal
/// form, half to even on the exact binary value, so it is the same everywhere.
pub fn nine_digits(x: f64) -> f64 {
    if !x.is_finite() || x.fract() == 0.0 {
        // Adding nought turns -0 into 0, which prints without a sign.
        return x + 0.0;
    }
    format!("{x:.8e}").parse::<f64>().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_keep_nine_significant_digits() {
        assert_eq!(nine_digits(1.0 / 3.0), 0.333_333_333);
        assert_eq!(nine_digits(200.0 / 3.0), 66.666_666_7);
        assert_eq!(nine_digits(2e-20 / 3.0), 6.666_666_67e-21);
        assert_eq!(nine_digits(-1.0 / 3.0), -0.333_333_333);
    }

    #[test]
    fn whole_numbers_keep_every_digit() {
        assert_eq!(nine_digits(9_007_199_254_740_991.0), 9_007_199_254_740_991.0);
        assert!(nine_digits(-0.0).is_sign_positive());
    }

    #[test]
    fn rounding_twice_changes_nothing() {
        for x in [0.1 + 0.2, 123.456_789_012_345, 1e-9 / 7.0] {
            assert_eq!(nine_digits(nine_digits(x)), nine_digits(x));
        }
    }
}
