//! Distributions of non-negative quantities, sampled by inversion.

use std::fmt;

use super::Uniform;
use super::incomplete::{Beta, Gamma, Point};
use super::normal::{normal_cdf, normal_quantile};

/// Standard normal quantile of 0.99.
const Z_99: f64 = 2.326_347_874_040_841;
/// Standard normal quantile of 0.95.
const Z_95: f64 = 1.644_853_626_951_472_7;
/// Shapes of the gamma distribution that are accepted: below, nearly every draw is 0; above, every draw is within a few per cent of the mean.
const GAMMA_SHAPES: (f64, f64) = (0.01, 1e4);

/// A distribution of a non-negative quantity; its unit is the caller's.
///
/// Sampling is by inversion, one [`Uniform`] a variate, and monotone in it
/// except for mixtures, whose uniform first picks the part.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Fixed { value: f64 },
    Uniform { min: f64, max: f64 },
    Triangular { min: f64, mode: f64, max: f64 },
    Pert { min: f64, max: f64, alpha: f64, beta: f64 },
    Exponential { mean: f64 },
    LogNormal { mu: f64, sigma: f64 },
    Weibull { shape: f64, scale: f64 },
    Gamma { shape: f64, scale: f64 },
    Empirical { sorted: Vec<f64> },
    Mixture { parts: Vec<Part> },
    Truncated { base: Box<Distribution>, min: f64, max: f64, below: f64, mass: f64 },
}

/// A part of a mixture and the stretch of the unit interval that picks it.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    from: f64,
    weight: f64,
    distribution: Distribution,
}

/// Why parameters make no distribution.
#[derive(Clone, Debug, PartialEq)]
pub enum DistributionError {
    /// A parameter is infinite or not a number.
    NotFinite {
        /// Which.
        parameter: &'static str,
    },
    /// A parameter is below zero.
    Negative {
        /// Which.
        parameter: &'static str,
    },
    /// A parameter is zero or below where it must be above.
    NotPositive {
        /// Which.
        parameter: &'static str,
    },
    /// Two parameters are in the wrong order.
    OutOfOrder {
        /// The one that must be the lesser.
        lesser: &'static str,
        /// The one that must be the greater.
        greater: &'static str,
    },
    /// A parameter is outside the range in which the distribution can be told from a simpler one.
    OutOfRange {
        /// Which.
        parameter: &'static str,
        /// The least accepted.
        min: f64,
        /// The greatest accepted.
        max: f64,
    },
    /// An empirical distribution without values, or a mixture without parts.
    Empty,
    /// The truncation leaves nothing of the distribution.
    NoMass,
}

impl fmt::Display for DistributionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFinite { parameter } => write!(f, "{parameter} must be a finite number"),
            Self::Negative { parameter } => write!(f, "{parameter} must not be negative"),
            Self::NotPositive { parameter } => write!(f, "{parameter} must be above zero"),
            Self::OutOfOrder { lesser, greater } => write!(f, "{lesser} must not exceed {greater}"),
            Self::OutOfRange { parameter, min, max } => {
                write!(f, "{parameter} must be between {min} and {max}")
            }
            Self::Empty => f.write_str("at least one value is needed"),
            Self::NoMass => f.write_str("the distribution has nothing between min and max"),
        }
    }
}

impl std::error::Error for DistributionError {}

type Result<T> = std::result::Result<T, DistributionError>;

fn non_negative(parameter: &'static str, value: f64) -> Result<f64> {
    if !value.is_finite() {
        return Err(DistributionError::NotFinite { parameter });
    }
    if value < 0.0 { Err(DistributionError::Negative { parameter }) } else { Ok(value) }
}

fn positive(parameter: &'static str, value: f64) -> Result<f64> {
    if !value.is_finite() {
        return Err(DistributionError::NotFinite { parameter });
    }
    if value <= 0.0 { Err(DistributionError::NotPositive { parameter }) } else { Ok(value) }
}

fn ordered(lesser: (&'static str, f64), greater: (&'static str, f64)) -> Result<()> {
    if lesser.1 > greater.1 {
        return Err(DistributionError::OutOfOrder { lesser: lesser.0, greater: greater.0 });
    }
    Ok(())
}

/// Constructors; all refuse what is not finite or is negative.
impl Distribution {
    const fn of(shape: Shape) -> Self {
        Self { shape }
    }

    /// Always `value`.
    ///
    /// # Errors
    /// When `value` is negative or not finite.
    pub fn fixed(value: f64) -> Result<Self> {
        Ok(Self::of(Shape::Fixed { value: non_negative("value", value)? }))
    }

    /// Anything from `min` to `max`, all alike.
    ///
    /// # Errors
    /// When a bound is negative or not finite, or `min` exceeds `max`.
    pub fn uniform(min: f64, max: f64) -> Result<Self> {
        let (min, max) = (non_negative("min", min)?, non_negative("max", max)?);
        ordered(("min", min), ("max", max))?;
        if min == max {
            return Self::fixed(min);
        }
        Ok(Self::of(Shape::Uniform { min, max }))
    }

    /// From `min` to `max`, the density rising straight to `mode` and falling straight from it.
    ///
    /// # Errors
    /// When a parameter is negative or not finite, or they are out of order.
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Self> {
        Self::check_three_points(min, mode, max)?;
        if min == max {
            return Self::fixed(min);
        }
        Ok(Self::of(Shape::Triangular { min, mode, max }))
    }

    /// The beta distribution of project planning: from `min` to `max` with mean (min + 4 mode + max) / 6.
    ///
    /// # Errors
    /// When a parameter is negative or not finite, or they are out of order.
    pub fn pert(min: f64, mode: f64, max: f64) -> Result<Self> {
        Self::check_three_points(min, mode, max)?;
        if min == max {
            return Self::fixed(min);
        }
        let alpha = 1.0 + 4.0 * (mode - min) / (max - min);
        let beta = 1.0 + 4.0 * (max - mode) / (max - min);
        Ok(Self::of(Shape::Pert { min, max, alpha, beta }))
    }

    fn check_three_points(min: f64, mode: f64, max: f64) -> Result<()> {
        non_negative("min", min)?;
        non_negative("mode", mode)?;
        non_negative("max", max)?;
        ordered(("min", min), ("mode", mode))?;
        ordered(("mode", mode), ("max", max))
    }

    /// Without memory, with the given mean.
    ///
    /// # Errors
    /// When `mean` is not above zero or not finite.
    pub fn exponential(mean: f64) -> Result<Self> {
        Ok(Self::of(Shape::Exponential { mean: positive("mean", mean)? }))
    }

    /// Log-normal with the given median and standard deviation of the logarithm.
    ///
    /// # Errors
    /// When `median` is not above zero, `sigma` is negative, or either is not finite.
    pub fn log_normal_median_sigma(median: f64, sigma: f64) -> Result<Self> {
        let (median, sigma) = (positive("median", median)?, non_negative("sigma", sigma)?);
        if sigma == 0.0 {
            return Self::fixed(median);
        }
        Ok(Self::of(Shape::LogNormal { mu: libm::log(median), sigma }))
    }

    /// Log-normal with the given median and 99th percentile.
    ///
    /// # Errors
    /// When `median` is not above zero or exceeds `p99`, or either is not finite.
    pub fn log_normal_median_p99(median: f64, p99: f64) -> Result<Self> {
        let (median, p99) = (positive("median", median)?, positive("p99", p99)?);
        ordered(("median", median), ("p99", p99))?;
        Self::log_normal_median_sigma(median, libm::log(p99 / median) / Z_99)
    }

    /// Log-normal with the given median and 95th percentile.
    ///
    /// # Errors
    /// When `median` is not above zero or exceeds `p95`, or either is not finite.
    pub fn log_normal_median_p95(median: f64, p95: f64) -> Result<Self> {
        let (median, p95) = (positive("median", median)?, positive("p95", p95)?);
        ordered(("median", median), ("p95", p95))?;
        Self::log_normal_median_sigma(median, libm::log(p95 / median) / Z_95)
    }

    /// Weibull: a hazard that falls with age for a shape below 1 and grows above it; 63 % lie below `scale`.
    ///
    /// # Errors
    /// When a parameter is not above zero or not finite.
    pub fn weibull(shape: f64, scale: f64) -> Result<Self> {
        Ok(Self::of(Shape::Weibull { shape: positive("shape", shape)?, scale: positive("scale", scale)? }))
    }

    /// Weibull with the given median and 99th percentile.
    ///
    /// # Errors
    /// When `median` is not above zero or exceeds `p99`, or either is not finite.
    pub fn weibull_median_p99(median: f64, p99: f64) -> Result<Self> {
        let (median, p99) = (positive("median", median)?, positive("p99", p99)?);
        ordered(("median", median), ("p99", p99))?;
        if median == p99 {
            return Self::fixed(median);
        }
        // The survival functions at the two points are 1/2 and 1/100.
        let ln_2 = std::f64::consts::LN_2;
        let shape = libm::log(libm::log(100.0) / ln_2) / libm::log(p99 / median);
        Self::weibull(shape, median / libm::pow(ln_2, 1.0 / shape))
    }

    /// Gamma with the given shape and mean; its coefficient of variation is 1/sqrt(shape).
    ///
    /// # Errors
    /// When `mean` is not above zero, either is not finite, or `shape` is not within 0.01 … 10^4.
    pub fn gamma(shape: f64, mean: f64) -> Result<Self> {
        let (shape, mean) = (positive("shape", shape)?, positive("mean", mean)?);
        let (min, max) = GAMMA_SHAPES;
        if !(min..=max).contains(&shape) {
            return Err(DistributionError::OutOfRange { parameter: "shape", min, max });
        }
        Ok(Self::of(Shape::Gamma { shape, scale: mean / shape }))
    }

    /// What was measured: linear between the order statistics, the least and the greatest its ends (type 7 of Hyndman and Fan 1996).
    ///
    /// # Errors
    /// When there is no value, or one is negative or not finite.
    pub fn empirical(mut values: Vec<f64>) -> Result<Self> {
        for &value in &values {
            non_negative("values", value)?;
        }
        values.sort_by(f64::total_cmp);
        match (values.first(), values.last()) {
            (Some(first), Some(last)) if first == last => Self::fixed(*first),
            (Some(_), Some(_)) => Ok(Self::of(Shape::Empirical { sorted: values })),
            _ => Err(DistributionError::Empty),
        }
    }

    /// One of several distributions, each picked with a chance in proportion to its weight.
    ///
    /// The one uniform picks the part, and what is left of it, stretched to the
    /// unit interval, is the part's own.
    ///
    /// # Errors
    /// When there is no part, or a weight is not above zero or not finite.
    pub fn mixture(mut parts: Vec<(f64, Self)>) -> Result<Self> {
        for (weight, _) in &parts {
            positive("weight", *weight)?;
        }
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        non_negative("weight", total)?;
        if parts.len() < 2 {
            return parts.pop().map(|(_, only)| only).ok_or(DistributionError::Empty);
        }
        let mut sum = 0.0;
        let mut mixed = Vec::with_capacity(parts.len());
        for (weight, distribution) in parts {
            mixed.push(Part { from: sum / total, weight: weight / total, distribution });
            sum += weight;
        }
        Ok(Self::of(Shape::Mixture { parts: mixed }))
    }

    /// The distribution on condition that the quantity lies within `min` … `max`, ends included.
    ///
    /// Truncation conditions and never clamps: no heap of probability arises at the bounds.
    ///
    /// # Errors
    /// When a bound is negative or not finite, `min` exceeds `max`, or
    /// less than 10^-12 of the distribution lies between them.
    pub fn truncated(self, min: Option<f64>, max: Option<f64>) -> Result<Self> {
        let min = non_negative("min", min.unwrap_or(0.0))?;
        let max = max.map_or(Ok(f64::INFINITY), |max| non_negative("max", max))?;
        ordered(("min", min), ("max", max))?;
        let (below, upto) = (self.below(min), self.cdf(max));
        let mass = upto - below;
        if mass < MASS_MIN {
            return Err(DistributionError::NoMass);
        }
        if mass == 1.0 {
            return Ok(self);
        }
        match self.shape {
            Shape::Uniform { min: lower, max: upper } => Self::uniform(lower.max(min), upper.min(max)),
            Shape::Mixture { parts } => Self::mixture(Self::truncate_parts(parts, min, max)?),
            shape => {
                let base = Box::new(Self::of(shape));
                Ok(Self::of(Shape::Truncated { base, min, max, below, mass }))
            }
        }
    }

    /// Each part on the same condition, weighted by the chance that it meets it.
    fn truncate_parts(parts: Vec<Part>, min: f64, max: f64) -> Result<Vec<(f64, Self)>> {
        let mut kept = Vec::with_capacity(parts.len());
        for Part { weight, distribution, .. } in parts {
            let mass = distribution.cdf(max) - distribution.below(min);
            match distribution.truncated(Some(min), max.is_finite().then_some(max)) {
                Ok(part) => kept.push((weight * mass, part)),
                Err(DistributionError::NoMass) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(kept)
    }
}

/// Less mass than this cannot be conditioned on: too few uniforms fall into it to tell its shape.
const MASS_MIN: f64 = 1e-12;

impl Distribution {
    /// The variate that `u` picks.
    pub fn quantile(&self, u: Uniform) -> f64 {
        match &self.shape {
            Shape::Fixed { value } => *value,
            Shape::Uniform { min, max } => min + u.value() * (max - min),
            Shape::Triangular { min, mode, max } => triangular_quantile(*min, *mode, *max, u),
            Shape::Pert { min, max, alpha, beta } => min + (max - min) * beta_quantile(*alpha, *beta, u),
            Shape::Exponential { mean } => super::exponential(u, *mean),
            Shape::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(u.value())),
            Shape::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-u.value()), 1.0 / shape),
            Shape::Gamma { shape, scale } => scale * gamma_quantile(*shape, u),
            Shape::Empirical { sorted } => empirical_quantile(sorted, u),
            Shape::Mixture { parts } => {
                let index = parts.partition_point(|part| part.from <= u.value()).saturating_sub(1);
                let part = &parts[index];
                part.distribution.quantile(Uniform::clamped((u.value() - part.from) / part.weight))
            }
            Shape::Truncated { base, min, max, below, mass } => {
                base.quantile(Uniform::clamped(below + u.value() * mass)).clamp(*min, *max)
            }
        }
    }

    /// The chance that the quantity is at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        match &self.shape {
            Shape::Fixed { value } => f64::from(u8::from(*value <= x)),
            Shape::Uniform { min, max } => ((x - min) / (max - min)).clamp(0.0, 1.0),
            Shape::Triangular { min, mode, max } => triangular_cdf(*min, *mode, *max, x),
            Shape::Pert { min, max, alpha, beta } => {
                let x = x.clamp(*min, *max);
                Beta::new(*alpha, *beta).at((x - min) / (max - min), (max - x) / (max - min)).lower
            }
            _ if x == f64::INFINITY => 1.0,
            Shape::Exponential { mean } => -libm::expm1(-x.max(0.0) / mean),
            Shape::LogNormal { mu, sigma } => {
                if x <= 0.0 {
                    0.0
                } else {
                    normal_cdf((libm::log(x) - mu) / sigma)
                }
            }
            Shape::Weibull { shape, scale } => -libm::expm1(-libm::pow(x.max(0.0) / scale, *shape)),
            Shape::Gamma { shape, scale } => Gamma::new(*shape).at(x / scale).lower,
            Shape::Empirical { sorted } => empirical_cdf(sorted, x),
            Shape::Mixture { parts } => {
                parts.iter().map(|part| part.weight * part.distribution.cdf(x)).sum::<f64>().min(1.0)
            }
            Shape::Truncated { base, min, max, below, mass } => {
                if x < *min {
                    0.0
                } else if x >= *max {
                    1.0
                } else {
                    ((base.cdf(x) - below) / mass).clamp(0.0, 1.0)
                }
            }
        }
    }

    /// The chance that the quantity is less than `x`; differs from [`Self::cdf`] where single values have weight.
    fn below(&self, x: f64) -> f64 {
        match &self.shape {
            Shape::Fixed { value } => f64::from(u8::from(*value < x)),
            Shape::Empirical { sorted } => empirical_below(sorted, x),
            Shape::Mixture { parts } => {
                parts.iter().map(|part| part.weight * part.distribution.below(x)).sum::<f64>().min(1.0)
            }
            Shape::Truncated { base, min, max, below, mass } => {
                if x <= *min {
                    0.0
                } else if x > *max {
                    1.0
                } else {
                    ((base.below(x) - below) / mass).clamp(0.0, 1.0)
                }
            }
            _ => self.cdf(x),
        }
    }

    /// The mean, where it has a closed form: everywhere but under truncation.
    pub fn mean(&self) -> Option<f64> {
        Some(match &self.shape {
            Shape::Fixed { value } => *value,
            Shape::Uniform { min, max } => f64::midpoint(*min, *max),
            Shape::Triangular { min, mode, max } => (min + mode + max) / 3.0,
            Shape::Pert { min, max, alpha, beta } => min + (max - min) * alpha / (alpha + beta),
            Shape::Exponential { mean } => *mean,
            Shape::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Shape::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Shape::Gamma { shape, scale } => shape * scale,
            Shape::Empirical { sorted } => {
                let sum: f64 = sorted.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).sum();
                sum / (sorted.len() - 1) as f64
            }
            Shape::Mixture { parts } => {
                let mut sum = 0.0;
                for part in parts {
                    sum += part.weight * part.distribution.mean()?;
                }
                sum
            }
            Shape::Truncated { .. } => return None,
        })
    }

    /// Whether inversion costs far more than a look-up, and is smooth enough to be tabled.
    pub(super) fn is_costly(&self) -> bool {
        match &self.shape {
            Shape::Exponential { .. }
            | Shape::LogNormal { .. }
            | Shape::Weibull { .. }
            | Shape::Gamma { .. }
            | Shape::Pert { .. } => true,
            Shape::Truncated { base, .. } => base.is_costly(),
            Shape::Fixed { .. }
            | Shape::Uniform { .. }
            | Shape::Triangular { .. }
            | Shape::Empirical { .. }
            | Shape::Mixture { .. } => false,
        }
    }

    /// The value if it is always the same.
    pub const fn as_fixed(&self) -> Option<f64> {
        match self.shape {
            Shape::Fixed { value } => Some(value),
            _ => None,
        }
    }
}

fn triangular_quantile(min: f64, mode: f64, max: f64, u: Uniform) -> f64 {
    let span = max - min;
    if u.value() * span < mode - min {
        min + libm::sqrt(u.value() * span * (mode - min))
    } else {
        max - libm::sqrt(u.complement() * span * (max - mode))
    }
}

fn triangular_cdf(min: f64, mode: f64, max: f64, x: f64) -> f64 {
    if x <= min {
        0.0
    } else if x >= max {
        1.0
    } else if x < mode {
        (x - min) * (x - min) / ((max - min) * (mode - min))
    } else {
        1.0 - (max - x) * (max - x) / ((max - min) * (max - mode))
    }
}

fn empirical_quantile(sorted: &[f64], u: Uniform) -> f64 {
    let rank = u.value() * (sorted.len() - 1) as f64;
    let index = (rank as usize).min(sorted.len() - 2);
    let (lower, upper) = (sorted[index], sorted[index + 1]);
    lower + (rank - index as f64) * (upper - lower)
}

fn empirical_cdf(sorted: &[f64], x: f64) -> f64 {
    let upto = sorted.partition_point(|&value| value <= x);
    empirical_between(sorted, upto, x)
}

fn empirical_below(sorted: &[f64], x: f64) -> f64 {
    let less = sorted.partition_point(|&value| value < x);
    if less < sorted.len() && sorted[less] == x && less > 0 {
        return less as f64 / (sorted.len() - 1) as f64;
    }
    empirical_between(sorted, less, x)
}

/// The chance of at most `x`, where the first `count` values are the ones before it.
fn empirical_between(sorted: &[f64], count: usize, x: f64) -> f64 {
    if count == 0 {
        return 0.0;
    }
    if count == sorted.len() {
        return 1.0;
    }
    let (lower, upper) = (sorted[count - 1], sorted[count]);
    let rank = (count - 1) as f64 + (x - lower) / (upper - lower);
    rank / (sorted.len() - 1) as f64
}

/// Quantile of the gamma distribution of unit scale.
fn gamma_quantile(shape: f64, u: Uniform) -> f64 {
    // Exact as x goes to 0, where P(x) is x^a / Γ(a+1).
    let tail = (libm::log(u.value()) + libm::lgamma(shape + 1.0)) / shape;
    if tail < -700.0 {
        return 0.0;
    }
    // Wilson and Hilferty (1931): the cube root of a gamma variate is nearly normal.
    let c = 1.0 / (9.0 * shape);
    let root = 1.0 - c + normal_quantile(u.value()) * libm::sqrt(c);
    let cube = shape * root * root * root;
    let guess = if cube > 0.3 * shape { cube } else { libm::exp(tail) };
    let gamma = Gamma::new(shape);
    solve(u, guess, f64::INFINITY, |x| gamma.at(x))
}

/// Quantile of the beta distribution.
fn beta_quantile(alpha: f64, beta: f64, u: Uniform) -> f64 {
    let law = Beta::new(alpha, beta);
    solve(u, alpha / (alpha + beta), 1.0, |x| law.at(x, 1.0 - x))
}

/// Steps of the solver: bisection alone would need about 1100 in the worst case, Newton's method a handful.
const STEPS_MAX: u32 = 1_200;

/// Where a distribution on 0 … `end` reaches `u`; `at` gives its distribution function.
///
/// Newton's method between brackets. It works on the logarithm of the smaller
/// tail, which is nearly straight (in ln x at the lower end, in x at the upper),
/// so a tail of 10^-16 is found to as many digits as the middle.
fn solve(u: Uniform, guess: f64, end: f64, at: impl Fn(f64) -> Point) -> f64 {
    let (mut low, mut high) = (0.0, end);
    let mut x = guess;
    for _ in 0..STEPS_MAX {
        let Point { lower, upper, density } = at(x);
        let is_above = if u.value() < 0.5 { lower > u.value() } else { upper < u.complement() };
        if is_above {
            high = x;
        } else {
            low = x;
        }
        let newton = if u.value() < 0.5 {
            x * libm::exp(-libm::log(lower / u.value()) * lower / (x * density))
        } else {
            x + libm::log(upper / u.complement()) * upper / density
        };
        if newton > low && newton < high {
            // The error after a step of Newton's method is of the order of its square.
            if (newton - x).abs() <= 1e-9 * x {
                return newton;
            }
            x = newton;
            continue;
        }
        let next = if high == f64::INFINITY { 2.0 * x } else { f64::midpoint(low, high) };
        if next == x {
            return x;
        }
        x = next;
    }
    x
}
