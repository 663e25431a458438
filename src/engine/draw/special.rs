//! Special functions on `libm`: the normal quantile, and the incomplete gamma and beta functions.
#![expect(clippy::many_single_char_names, reason = "the names are those of the formulas")]

/// Natural logarithm of sqrt(2π).
const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;
const TWO_PI: f64 = std::f64::consts::TAU;
/// Where the series and continued fractions stop: a unit or so in the last place.
const EPSILON: f64 = 3e-16;

fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// The standard normal quantile: algorithm AS241, PPND16 (Wichura 1988, Applied Statistics 37:477), good to about 1e-16.
pub(super) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 8] = [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ];
    const B: [f64; 8] = [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ];
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * horner(&A, r) / horner(&B, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let z = normal_tail_quantile(libm::sqrt(-libm::log(tail)));
    if q < 0.0 { -z } else { z }
}

/// The part of AS241 beyond the middle 85 %, as a function of sqrt(-ln tail).
fn normal_tail_quantile(r: f64) -> f64 {
    const C: [f64; 8] = [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ];
    const D: [f64; 8] = [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ];
    const E: [f64; 8] = [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_9e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ];
    const F: [f64; 8] = [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ];
    if r <= 5.0 {
        horner(&C, r - 1.6) / horner(&D, r - 1.6)
    } else {
        horner(&E, r - 5.0) / horner(&F, r - 5.0)
    }
}

/// The standard normal distribution function.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
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

/// Density of the gamma distribution of unit scale.
pub(super) fn gamma_density(shape: f64, x: f64) -> f64 {
    if x <= 0.0 { 0.0 } else { gamma_kernel(shape, x) * shape / x }
}

/// x^a e^-x / Γ(a+1).
fn gamma_kernel(a: f64, x: f64) -> f64 {
    if a < 1.0 {
        return libm::exp(a * libm::log(x) - x - libm::lgamma(a + 1.0));
    }
    libm::exp(-stirling_error(a) - deviance(a, x)) / libm::sqrt(TWO_PI * a)
}

/// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P, each to full relative precision.
pub(super) fn incomplete_gamma(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    let kernel = gamma_kernel(a, x);
    if x < a + 1.0 {
        let (mut sum, mut term, mut n) = (1.0, 1.0, a);
        while term > sum * EPSILON {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        let lower = kernel * sum;
        return (lower, 1.0 - lower);
    }
    // Legendre's continued fraction by the modified Lentz method.
    let tiny = f64::MIN_POSITIVE;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / tiny, 1.0 / b);
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
    let upper = kernel * a * fraction;
    (1.0 - upper, upper)
}

/// Far more than any parameters that the distributions accept need.
const ITERATIONS_MAX: u32 = 1_000_000;

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { x }
}

/// x^a (1-x)^b / (B(a, b) ab / (a+b)): the binomial term of Loader, for real a and b; `y` is 1 - x.
fn beta_kernel(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let exponent =
        stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    libm::exp(exponent) * libm::sqrt(n / (TWO_PI * a * b))
}

/// The chance of `k` successes and `failures` failures in that many trials; `q` is 1 - p.
pub(super) fn binomial_probability(k: f64, failures: f64, p: f64, q: f64) -> f64 {
    if k == 0.0 {
        return libm::exp(failures * libm::log1p(-p));
    }
    if failures == 0.0 {
        return libm::exp(k * libm::log(p));
    }
    beta_kernel(k, failures, p, q)
}

/// Density of the beta distribution at `x`, where `y` is 1 - x.
pub(super) fn beta_density(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return 0.0;
    }
    beta_kernel(a, b, x, y) * a * b / ((a + b) * x * y)
}

/// The regularised incomplete beta functions `I_x(a, b)` and its complement; `y` is 1 - x, given apart so that neither tail loses digits.
pub(super) fn incomplete_beta(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0);
    }
    let kernel = beta_kernel(a, b, x, y) * a * b / (a + b);
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = kernel * beta_fraction(a, b, x) / a;
        (lower, 1.0 - lower)
    } else {
        let upper = kernel * beta_fraction(b, a, y) / b;
        (1.0 - upper, upper)
    }
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
    fn the_normal_quantile_meets_the_check_values_of_its_paper() {
        // Wichura 1988, to sixteen figures, and three more by mpmath at 50 digits.
        for (p, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
            (0.99, 2.326_347_874_040_841),
            (0.6, 0.253_347_103_135_799_8),
            (1e-8, -5.612_001_244_174_789),
        ] {
            assert_close(normal_quantile(p), z, 1e-15);
        }
    }

    #[test]
    fn the_normal_quantile_undoes_the_distribution_function() {
        for i in -80..=80 {
            let z = f64::from(i) / 10.0;
            // In the upper tail the distribution function itself has lost the digits.
            if z < 5.0 {
                assert!((normal_quantile(normal_cdf(z)) - z).abs() < 1e-11, "z {z}");
            }
        }
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
            let (p, q) = incomplete_gamma(a, x);
            assert_close(p, lower, 1e-13);
            assert_close(q, upper, 1e-13);
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
            let (i, complement) = incomplete_beta(a, b, x, 1.0 - x);
            assert_close(i, lower, 1e-13);
            assert_close(complement, upper, 1e-13);
        }
    }

    #[test]
    fn densities_are_the_slopes_of_the_distribution_functions() {
        let step = 1e-5;
        for x in [0.05, 0.3, 0.62, 0.9] {
            let beta = |x: f64| incomplete_beta(1.8, 4.2, x, 1.0 - x).0;
            let slope = (beta(x + step) - beta(x - step)) / (2.0 * step);
            assert_close(beta_density(1.8, 4.2, x, 1.0 - x), slope, 1e-6);
            let gamma = |x: f64| incomplete_gamma(2.7, x).0;
            let slope = (gamma(x + step) - gamma(x - step)) / (2.0 * step);
            assert_close(gamma_density(2.7, x), slope, 1e-6);
        }
    }

    #[test]
    fn the_stirling_error_is_continuous_where_its_two_forms_meet() {
        assert_close(stirling_error(16.0 - 1e-9), stirling_error(16.0), 1e-9);
        // ln 2 - 1.5 ln 1 + 1 - ln sqrt(2π) - ln 2 at x = 1.
        assert_close(stirling_error(1.0), 1.0 - LN_SQRT_2PI, 1e-14);
    }
}
