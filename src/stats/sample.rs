//! A sample of observations, some of them perhaps censored on the right.

use std::fmt;

use super::binomial::Binomial;
use super::evidence::Evidence;
use super::interval::{Confidence, Estimate, Interval};
use super::moments;
use super::quantile::Quantile;
use super::student::{student_t_at_most, student_t_quantile};

/// At least one observation: finite ones, sorted, and a number of censored ones that rank above them.
///
/// Because it cannot be empty or hold a NaN, every statistic below is total on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    finite: Vec<f64>,
    censored: usize,
}

/// Why observations do not make a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleError {
    /// There are none.
    Empty,
    /// One of them is NaN or infinite.
    NotFinite,
}

impl fmt::Display for SampleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "no observations",
            Self::NotFinite => "an observation is not a finite number",
        })
    }
}

impl std::error::Error for SampleError {}

/// Why a statistic cannot be had from a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It needs every observation's value, and some are censored.
    Censored,
    /// It needs more observations.
    TooFew,
}

impl Sample {
    /// A sample of `finite` observations in any order and of `censored` ones above them.
    ///
    /// # Errors
    /// When there is no observation at all, or one of them is NaN or infinite.
    pub fn new(mut finite: Vec<f64>, censored: usize) -> Result<Self, SampleError> {
        if finite.is_empty() && censored == 0 {
            return Err(SampleError::Empty);
        }
        if finite.iter().any(|x| !x.is_finite()) {
            return Err(SampleError::NotFinite);
        }
        finite.sort_unstable_by(f64::total_cmp);
        Ok(Self { finite, censored })
    }

    /// Number of observations, censored ones included; at least 1.
    pub fn n(&self) -> usize {
        self.finite.len() + self.censored
    }

    /// Number of censored observations.
    pub fn censored(&self) -> usize {
        self.censored
    }

    /// The finite observations in ascending order.
    pub fn finite(&self) -> &[f64] {
        &self.finite
    }

    /// The observation of rank `rank`, from 1; `+∞` when it is a censored one.
    ///
    /// # Panics
    /// When `rank` is 0 or above `n`.
    pub fn at_rank(&self, rank: usize) -> f64 {
        assert!((1..=self.n()).contains(&rank), "a rank lies between 1 and n");
        self.finite.get(rank - 1).copied().unwrap_or(f64::INFINITY)
    }

    /// The smallest observation.
    pub fn min(&self) -> f64 {
        self.at_rank(1)
    }

    /// The largest observation.
    pub fn max(&self) -> f64 {
        self.at_rank(self.n())
    }

    /// The mean with its t interval, which independent observations of about normal mean justify
    /// (Law, Simulation Modeling and Analysis, section 4.5); none below two observations.
    ///
    /// # Errors
    /// When an observation is censored: leaving it out would flatter the mean.
    pub fn mean(&self, confidence: Confidence) -> Result<Estimate, Refused> {
        let point = self.mean_point()?;
        let n = self.n();
        let interval = self.sd().ok().map(|sd| t_interval(point, sd, n, confidence));
        Ok(Estimate { point, interval, n })
    }

    /// The standard deviation over n − 1, in two passes.
    ///
    /// # Errors
    /// When an observation is censored, or there are fewer than two.
    pub fn sd(&self) -> Result<f64, Refused> {
        self.mean_point()?;
        moments::variance(&self.finite).map(libm::sqrt).ok_or(Refused::TooFew)
    }

    /// The quantile by order statistic with its distribution-free interval ([`Quantile::ranks`]).
    ///
    /// The point, or the upper end, is `+∞` where it falls on a censored observation.
    pub fn quantile(&self, quantile: Quantile, confidence: Confidence) -> Estimate {
        let n = self.n();
        let interval = quantile
            .ranks(n, confidence)
            .map(|ranks| Interval { low: self.at_rank(ranks.lower), high: self.at_rank(ranks.upper) });
        Estimate { point: self.at_rank(quantile.rank(n)), interval, n }
    }

    /// One-sided lower and upper bounds of a quantile at a confidence, each if there are observations enough
    /// for it; the upper one is `+∞` where it falls on a censored observation.
    pub fn quantile_bounds(&self, quantile: Quantile, confidence: Confidence) -> (Option<f64>, Option<f64>) {
        let (lower, upper) = quantile.one_sided_ranks(self.n(), confidence);
        (lower.map(|rank| self.at_rank(rank)), upper.map(|rank| self.at_rank(rank)))
    }

    /// The evidence for claims about the mean, by Student's t on one side (Law, section 4.5).
    ///
    /// When all observations are equal, the mean is taken to be known exactly: p-values are 0 and 1.
    ///
    /// # Errors
    /// When an observation is censored, or there are fewer than two.
    pub fn mean_against(&self, bound: f64) -> Result<Evidence, Refused> {
        let (mean, sd) = (self.mean_point()?, self.sd()?);
        Ok(t_evidence(mean, sd, self.n(), bound))
    }

    /// The evidence for claims about a quantile, by counting; whatever the distribution.
    ///
    /// Let F be the distribution function, p the quantile's probability and q = inf {x : F(x) ≥ p}
    /// the quantile. Of n observations, K lie at or below the bound b and J strictly below it;
    /// K is binomial with chance F(b), J with chance F(b−), the limit from the left, and a
    /// censored observation is in neither. B is binomial with n trials of chance p.
    ///
    /// * `at_most`, q ≤ b: holds just when F(b) ≥ p. If it does not, F(b) < p, and a K as large as
    ///   the one seen has at most the chance P(B ≥ K).
    /// * `greater`, q > b: holds just when F(b) < p. If it does not, F(b) ≥ p, and a K as small as
    ///   the one seen has at most the chance P(B ≤ K).
    /// * `less`, q < b: if it does not hold, F stays below p left of b, so F(b−) ≤ p, and a J as
    ///   large as the one seen has at most the chance P(B ≥ J).
    /// * `at_least`, q ≥ b: if it does not hold, F reaches p left of b, so F(b−) ≥ p, and a J as
    ///   small as the one seen has at most the chance P(B ≤ J).
    ///
    /// So the p-values err on the safe side for discrete data as well, and they are dual to
    /// the ranks of [`Quantile::ranks`]: the interval's lower end lies above b just when `greater`
    /// is at most the tail, its upper end below b just when `less` is.
    pub fn quantile_against(&self, quantile: Quantile, bound: f64) -> Evidence {
        if bound.is_nan() {
            return Evidence::NONE;
        }
        let through = self.finite.partition_point(|x| *x <= bound);
        let below = self.finite.partition_point(|x| *x < bound);
        let binomial = Binomial::new(self.n(), quantile.probability());
        Evidence {
            less: binomial.at_least(below),
            at_most: binomial.at_least(through),
            greater: binomial.at_most(through),
            at_least: binomial.at_most(below),
        }
    }

    fn mean_point(&self) -> Result<f64, Refused> {
        if self.censored > 0 {
            return Err(Refused::Censored);
        }
        Ok(moments::mean(&self.finite))
    }
}

/// The interval of a mean over `n` observations, at least two, of standard deviation `sd`.
pub(super) fn t_interval(mean: f64, sd: f64, n: usize, confidence: Confidence) -> Interval {
    let half = student_t_quantile(1.0 - confidence.tail(), n - 1) * sd / libm::sqrt(n as f64);
    Interval { low: mean - half, high: mean + half }
}

/// The evidence about a mean over `n`, at least two, observations of standard deviation `sd`.
pub(super) fn t_evidence(mean: f64, sd: f64, n: usize, bound: f64) -> Evidence {
    if sd == 0.0 || bound.is_nan() {
        return Evidence::exact(mean, bound);
    }
    let t = (mean - bound) / (sd / libm::sqrt(n as f64));
    Evidence::continuous(student_t_at_most(t, n - 1), student_t_at_most(-t, n - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NINETY: f64 = 0.90;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values.to_vec(), 0).expect("finite and not empty")
    }

    fn close(a: f64, b: f64, tolerance: f64) -> bool {
        (a - b).abs() <= tolerance
    }

    #[test]
    fn the_tolerance_helper_refuses_on_both_sides() {
        assert!(close(1.0, 1.05, 0.1) && !close(1.0, 1.2, 0.1) && !close(1.2, 1.0, 0.1));
    }

    /// Mean, variance and half-width at 90 % of a published example.
    fn check_law(values: &[f64], mean: f64, variance: f64, half: f64) {
        let s = sample(values);
        let estimate = s.mean(Confidence::new(NINETY).expect("a share")).expect("nothing is censored");
        let sd = s.sd().expect("more than one");
        let interval = estimate.interval.expect("more than one");
        assert!(close(estimate.point, mean, 1e-9), "{}", estimate.point);
        assert!(close(sd * sd, variance, 1e-6), "{}", sd * sd);
        assert!(close(interval.high - estimate.point, half, 1e-5), "{interval:?}");
        assert!(close(estimate.point - interval.low, half, 1e-5), "{interval:?}");
    }

    #[test]
    fn laws_example_4_27_comes_out_as_printed() {
        let data = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        check_law(&data, 1.343, 0.167_512, 0.237_25);
    }

    #[test]
    fn laws_bank_with_five_tellers_comes_out_as_printed() {
        let data = [1.53, 1.66, 1.24, 2.34, 2.00, 1.69, 2.69, 2.86, 1.70, 2.60];
        check_law(&data, 2.031, 0.309_099, 0.322_283);
    }

    #[test]
    fn laws_paired_inventory_policies_come_out_as_printed() {
        let a = [126.97, 124.31, 126.68, 122.66, 127.23];
        let b = [118.21, 120.22, 122.45, 122.68, 119.40];
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        let s = sample(&differences);
        let estimate = s.mean(Confidence::new(NINETY).expect("a share")).expect("nothing is censored");
        let interval = estimate.interval.expect("five differences");
        assert!(close(estimate.point, 4.978, 1e-9));
        let sd = s.sd().expect("five");
        assert!(close(sd * sd / 5.0, 2.438_274, 1e-6));
        assert!(close(interval.low, 1.649, 5e-4) && close(interval.high, 8.307, 5e-4), "{interval:?}");
    }

    /// The univariate data sets 3 and 4 of NIST on accumulated rounding: the first value, then five hundred pairs around it.
    fn num_acc(middle: f64) -> Sample {
        let mut values = vec![middle];
        for _ in 0..500 {
            values.extend([middle - 0.1, middle + 0.1]);
        }
        sample(&values)
    }

    #[test]
    fn nist_num_acc_3_and_4_keep_their_digits() {
        for middle in [1_000_000.2, 10_000_000.2] {
            let s = num_acc(middle);
            let mean = s.mean(Confidence::NINETY_FIVE).expect("nothing is censored").point;
            assert!(close(mean / middle, 1.0, 1e-15), "{mean}");
            assert!(close(s.sd().expect("a thousand"), 0.1, 1e-9), "{:?}", s.sd());
        }
    }

    #[test]
    fn a_mean_over_a_censored_sample_is_refused() {
        let s = Sample::new(vec![1.0, 2.0], 1).expect("three observations");
        assert_eq!(s.mean(Confidence::NINETY_FIVE), Err(Refused::Censored));
        assert_eq!(s.sd(), Err(Refused::Censored));
    }

    #[test]
    fn a_censored_observation_ranks_above_every_finite_one() {
        let s = Sample::new(vec![30.0, 10.0, 20.0], 1).expect("four observations");
        assert_eq!(s.n(), 4);
        assert_eq!(s.quantile(Quantile::MEDIAN, Confidence::NINETY_FIVE).point, 20.0);
        assert_eq!(s.quantile(Quantile::percent(75), Confidence::NINETY_FIVE).point, 30.0);
        assert_eq!(s.quantile(Quantile::percent(76), Confidence::NINETY_FIVE).point, f64::INFINITY);
        assert_eq!(s.max(), f64::INFINITY);
        assert_eq!(s.min(), 10.0);
    }

    #[test]
    fn an_interval_may_reach_into_the_censored_part_while_its_point_does_not() {
        let finite: Vec<f64> = (1..=97).map(f64::from).collect();
        let s = Sample::new(finite, 3).expect("a hundred");
        let p95 = s.quantile(Quantile::percent(95), Confidence::NINETY_FIVE);
        assert_eq!(p95.point, 95.0);
        let interval = p95.interval.expect("72 suffice");
        assert!(interval.low < 95.0);
        assert_eq!(interval.high, f64::INFINITY);
    }

    #[test]
    fn one_observation_has_a_mean_and_no_interval() {
        let s = sample(&[5.0]);
        assert_eq!(s.mean(Confidence::NINETY_FIVE), Ok(Estimate { point: 5.0, interval: None, n: 1 }));
        assert_eq!(s.sd(), Err(Refused::TooFew));
        assert_eq!(s.quantile(Quantile::MEDIAN, Confidence::NINETY_FIVE).interval, None);
    }

    #[test]
    fn equal_observations_have_no_spread() {
        let s = sample(&[0.1; 7]);
        let mean = s.mean(Confidence::NINETY_FIVE).expect("nothing is censored");
        assert_eq!(mean.point, 0.1);
        assert_eq!(mean.interval, Some(Interval { low: 0.1, high: 0.1 }));
    }

    #[test]
    fn nothing_and_not_a_number_make_no_sample() {
        assert_eq!(Sample::new(vec![], 0), Err(SampleError::Empty));
        assert_eq!(Sample::new(vec![f64::NAN], 0), Err(SampleError::NotFinite));
        assert_eq!(Sample::new(vec![f64::INFINITY], 0), Err(SampleError::NotFinite));
        assert!(Sample::new(vec![], 2).is_ok());
    }

    #[test]
    fn the_order_of_observations_does_not_matter_to_a_single_bit() {
        let forward: Vec<f64> = (1..50).map(|i| 1.0 / f64::from(i)).collect();
        let backward: Vec<f64> = forward.iter().rev().copied().collect();
        let level = Confidence::NINETY_FIVE;
        assert_eq!(sample(&forward).mean(level), sample(&backward).mean(level));
    }

    #[test]
    fn a_constant_sample_shows_what_it_says() {
        let on = sample(&[0.1; 9]).mean_against(0.1).expect("nine");
        assert_eq!((on.less, on.at_most, on.greater, on.at_least), (1.0, 0.0, 1.0, 0.0));
        let below = sample(&[0.1; 9]).mean_against(0.2).expect("nine");
        assert_eq!((below.less, below.at_most, below.greater, below.at_least), (0.0, 0.0, 1.0, 1.0));
    }

    #[test]
    fn claims_about_a_mean_need_two_observations_and_none_censored() {
        assert_eq!(sample(&[5.0]).mean_against(1.0), Err(Refused::TooFew));
        let cut = Sample::new(vec![1.0, 2.0], 1).expect("three observations");
        assert_eq!(cut.mean_against(1.0), Err(Refused::Censored));
        assert_eq!(sample(&[1.0, 2.0]).mean_against(f64::NAN), Ok(Evidence::NONE));
    }

    #[test]
    fn fifty_nine_below_the_bound_show_a_p95_below_it_and_fifty_eight_do_not() {
        let p95 = Quantile::percent(95);
        let all_below = |n: usize| sample(&vec![1.0; n]).quantile_against(p95, 2.0);
        assert!(all_below(59).less <= 0.05 && all_below(58).at_most > 0.05);
        assert!(close(all_below(59).less, libm::pow(0.95, 59.0), 1e-15));
    }

    #[test]
    fn observations_on_the_bound_speak_for_at_most_and_at_least_only() {
        let on = sample(&[3.0; 20]).quantile_against(Quantile::MEDIAN, 3.0);
        assert_eq!((on.less, on.greater), (1.0, 1.0));
        assert!(on.at_most < 1e-6 && on.at_least < 1e-6);
    }

    #[test]
    fn censored_observations_lie_above_every_bound() {
        let cut = Sample::new(vec![1.0; 5], 15).expect("twenty");
        let evidence = cut.quantile_against(Quantile::MEDIAN, 1e300);
        assert!(evidence.greater < 0.05 && evidence.at_most > 0.95, "{evidence:?}");
        assert_eq!(cut.quantile_against(Quantile::MEDIAN, f64::NAN), Evidence::NONE);
    }
}
