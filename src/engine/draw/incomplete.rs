//! The incomplete gamma and beta functions on `libm`, as distribution functions.
#![expect(clippy::many_single_char_names, reason = "the names are those of the formulas")]

use super::normal::horner;

/// Natural logarithm of sqrt(2π).
const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;
const TWO_PI: f64 = std::f64::consts::TAU;
/// Where the series and continued fractions stop: a unit or so in the last place.
const EPSILON: f64 = 3e-16;

/// A distribution function, its complement and its slope at a point; neither tail loses digits to the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) lower: f64,
    pub(super) upper: f64,
    pub(super) density: f64,
}

impl Point {
    const START: Self = Self { lower: 0.0, upper: 1.0, density: 0.0 };
    const END: Self = Self { lower: 1.0, upper: 0.0, density: 0.0 };
}

/// The asymptotic series of the Stirling error in 1/x² (Abramowitz and Stegun 6.1.41); the first term left out is below 1e-17 here.
const STIRLING_TERMS: [f64; 8] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1_260.0,
    -1.0 / 1_680.0,
    1.0 / 1_188.0,
    -691.0 / 360_360.0,
    1.0 / 156.0,
    -3_617.0 / 122_400.0,
];

/// What Stirling's formula lacks: ln Γ(x+1) - (x + ½) ln x + x - ln sqrt(2π), x > 0.
fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return libm::lgamma(x + 1.0) - (x + 0.5) * libm::log(x) + x - LN_SQRT_2PI;
    }
    horner(&STIRLING_TERMS, 1.0 / (x * x)) / x
}

/// x ln(x/m) + m - x without cancellation near x = m: the deviance of Loader, 'Fast and accurate computation of binomial probabilities' (2000).
fn deviance(x: f64, m: f64) -> f64 {
    let difference = x - m;
    if difference.abs() >= 0.1 * (x + m) {
        return x * libm::log(x / m) - difference;
    }
    let v = difference / (x + m);
    let mut sum = difference * v;
    let mut power = 2.0 * x * v;
    let mut odd = 1.0;
    loop {
        power *= v * v;
        odd += 2.0;
        let next = sum + power / odd;
        if next == sum {
            return sum;
        }
        sum = next;
    }
}

/// The gamma distribution of unit scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gamma {
    shape: f64,
    /// What x^a e^-x / Γ(a+1) has in common for all x.
    factor: f64,
}

impl Gamma {
    pub(super) fn new(shape: f64) -> Self {
        let factor = if shape < 1.0 {
            libm::exp(-libm::lgamma(shape + 1.0))
        } else {
            libm::exp(-stirling_error(shape)) / libm::sqrt(TWO_PI * shape)
        };
        Self { shape, factor }
    }

    /// The regularised incomplete gamma functions P(a, x) and Q(a, x), and the density.
    pub(super) fn at(&self, x: f64) -> Point {
        if x <= 0.0 {
            return Point::START;
        }
        let a = self.shape;
        let kernel = self.kernel(x);
        let density = kernel * a / x;
        if x < a + 1.0 {
            let lower = kernel * gamma_series(a, x);
            Point { lower, upper: 1.0 - lower, density }
        } else {
            let upper = kernel * a * gamma_fraction(a, x);
            Point { lower: 1.0 - upper, upper, density }
        }
    }

    /// x^a e^-x / Γ(a+1).
    fn kernel(&self, x: f64) -> f64 {
        if self.shape < 1.0 {
            self.factor * libm::exp(self.shape * libm::log(x) - x)
        } else {
            self.factor * libm::exp(-deviance(self.shape, x))
        }
    }
}

/// 1 + x/(a+1) + x²/((a+1)(a+2)) + …
fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, a);
    while term > sum * EPSILON {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// Legendre's continued fraction (Abramowitz and Stegun 6.5.31) by the modified Lentz method.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / f64::MIN_POSITIVE, 1.0 / b);
    let mut fraction = d;
    for i in 1..ITERATIONS_MAX {
        let n = f64::from(i);
        let an = -n * (n - a);
        b += 2.0;
        d = 1.0 / away_from_zero(an * d + b);
        c = away_from_zero(b + an / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < EPSILON {
            break;
        }
    }
    fraction
}

/// Far more than any parameters that the distributions accept need.
const ITERATIONS_MAX: u32 = 1_000_000;

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { x }
}

/// The beta distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beta {
    a: f64,
    b: f64,
    /// What the binomial term has in common for all x.
    factor: f64,
}

impl Beta {
    pub(super) fn new(a: f64, b: f64) -> Self {
        let n = a + b;
        let stirling = stirling_error(n) - stirling_error(a) - stirling_error(b);
        Self { a, b, factor: libm::exp(stirling) * libm::sqrt(n / (TWO_PI * a * b)) }
    }

    /// The regularised incomplete beta functions and the density at `x`; `y` is 1 - x, given apart so that neither tail loses digits.
    pub(super) fn at(&self, x: f64, y: f64) -> Point {
        if x <= 0.0 {
            return Point::START;
        }
        if y <= 0.0 {
            return Point::END;
        }
        let (a, b) = (self.a, self.b);
        let kernel = self.kernel(x, y) * a * b / (a + b);
        let density = kernel / (x * y);
        if x < (a + 1.0) / (a + b + 2.0) {
            let lower = kernel * beta_fraction(a, b, x) / a;
            Point { lower, upper: 1.0 - lower, density }
        } else {
            let upper = kernel * beta_fraction(b, a, y) / b;
            Point { lower: 1.0 - upper, upper, density }
        }
    }

    /// Γ(a+b+1) / (Γ(a+1) Γ(b+1)) x^a y^b: the binomial term of Loader, for real a and b.
    fn kernel(&self, x: f64, y: f64) -> f64 {
        let n = self.a + self.b;
        self.factor * libm::exp(-deviance(self.a, n * x) - deviance(self.b, n * y))
    }
}

/// The chance of `k` successes and `failures` failures in that many trials; `q` is 1 - p.
pub(super) fn binomial_probability(k: f64, failures: f64, p: f64, q: f64) -> f64 {
    if k == 0.0 {
        return libm::exp(failures * libm::log1p(-p));
    }
    if failures == 0.0 {
        return libm::exp(k * libm::log(p));
    }
    Beta::new(k, failures).kernel(p, q)
}

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) by the modified Lentz method.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for i in 1..ITERATIONS_MAX {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < EPSILON {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: f64, expected: f64, relative: f64) {
        assert!(
            (found - expected).abs() <= relative * expected.abs(),
            "found {found:e}, expected {expected:e}"
        );
    }

    #[test]
    fn the_incomplete_gamma_functions_keep_thirteen_figures_in_both_tails() {
        // (a, x, P, Q), by mpmath at 50 digits.
        for (a, x, lower, upper) in [
            (0.5, 0.1, 0.345_279_153_981_422_97, 0.654_720_846_018_577),
            (2.5, 3.0, 0.693_781_081_586_721_6, 0.306_218_918_413_278_4),
            (2.5, 40.0, 1.0, 8.391_825_114_831_61e-16),
            (1e3, 950.0, 0.055_054_686_230_738_03, 0.944_945_313_769_262),
            (1e6, 1_001_000.0, 0.841_344_786_368_340_3, 0.158_655_213_631_659_7),
            (0.01, 1e-30, 0.504_047_272_859_995_5, 0.495_952_727_140_004_5),
            (30.0, 10.0, 2.509_951_201_527_908e-7, 0.999_999_749_004_879_8),
        ] {
            let point = Gamma::new(a).at(x);
            assert_close(point.lower, lower, 1e-13);
            assert_close(point.upper, upper, 1e-13);
        }
    }

    #[test]
    fn the_incomplete_beta_functions_keep_thirteen_figures_in_both_tails() {
        // (a, b, x, I, 1 - I), by mpmath at 50 digits.
        for (a, b, x, lower, upper) in [
            (2.0, 5.0, 0.1, 0.114_265, 0.885_735),
            (1.0, 5.0, 0.3, 0.831_93, 0.168_07),
            (11.0 / 3.0, 7.0 / 3.0, 0.9, 0.958_770_786_123_936_4, 0.041_229_213_876_063_61),
            (5.0, 1.0, 0.001, 1e-15, 0.999_999_999_999_999),
            (500.0, 20_000.0, 0.03, 0.999_999_461_807_537_4, 5.381_924_625_642_804e-7),
            (2.0, 4.0, 0.999, 0.999_999_999_995_004, 4.996e-12),
        ] {
            let point = Beta::new(a, b).at(x, 1.0 - x);
            assert_close(point.lower, lower, 1e-13);
            assert_close(point.upper, upper, 1e-13);
        }
    }

    #[test]
    fn densities_are_the_slopes_of_the_distribution_functions() {
        let step = 1e-5;
        for x in [0.05, 0.3, 0.62, 0.9] {
            let beta = |x: f64| Beta::new(1.8, 4.2).at(x, 1.0 - x).lower;
            let slope = (beta(x + step) - beta(x - step)) / (2.0 * step);
            assert_close(Beta::new(1.8, 4.2).at(x, 1.0 - x).density, slope, 1e-6);
            let gamma = |x: f64| Gamma::new(2.7).at(x).lower;
            let slope = (gamma(x + step) - gamma(x - step)) / (2.0 * step);
            assert_close(Gamma::new(2.7).at(x).density, slope, 1e-6);
        }
    }

    #[test]
    fn the_stirling_error_is_continuous_where_its_two_forms_meet() {
        assert_close(stirling_error(16.0 - 1e-9), stirling_error(16.0), 1e-9);
        // ln 2 - 1.5 ln 1 + 1 - ln sqrt(2π) - ln 2 at x = 1.
        assert_close(stirling_error(1.0), 1.0 - LN_SQRT_2PI, 1e-14);
    }
}
