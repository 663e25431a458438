//! Printing precision.

use std::fmt::{self, Write as _};

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
    let mut text = Text { bytes: [0; TEXT], length: 0 };
    // What does not fit is no such number.
    let fits = write!(text, "{x:.8e}").is_ok();
    let text = std::str::from_utf8(&text.bytes[..text.length]).ok().filter(|_| fits);
    text.and_then(|text| text.parse().ok()).unwrap_or(x)
}

/// The most characters of a number of nine digits: `-1.23456789e-308`.
const TEXT: usize = 16;

/// A text that takes no memory of its own: this is done for every value of every seed.
struct Text {
    bytes: [u8; TEXT],
    length: usize,
}

impl fmt::Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.length + part.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(part.as_bytes());
        self.length = end;
        Ok(())
    }
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
    fn the_longest_numbers_are_rounded_as_the_others() {
        for x in [-1.234_567_891_23e-308, -f64::MIN_POSITIVE, -5e-324, 1.234_567_891_23e-300] {
            assert_eq!(nine_digits(x), format!("{x:.8e}").parse::<f64>().expect("a number"));
        }
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
