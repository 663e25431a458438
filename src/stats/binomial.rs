//! Masses and tails of the binomial distribution, good to their relative digits however small.

use libm::{exp, lgamma, log, log1p, sqrt};

/// The number of hits in `n` independent trials of chance `p`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binomial {
    n: usize,
    p: f64,
    q: f64,
}

impl Binomial {
    /// `p` lies in [0, 1].
    pub(super) fn new(n: usize, p: f64) -> Self {
        Self { n, p, q: 1.0 - p }
    }

    /// `P(B ≤ k)`, the smaller tail summed term by term.
    pub(super) fn at_most(self, k: usize) -> f64 {
        if k >= self.n || self.p == 0.0 {
            1.0
        } else if self.p == 1.0 {
            0.0
        } else if (k as f64) < self.n as f64 * self.p {
            self.sum_down_from(k)
        } else {
            1.0 - self.sum_up_from(k + 1)
        }
    }

    /// `P(B ≥ k)`, the smaller tail summed term by term.
    pub(super) fn at_least(self, k: usize) -> f64 {
        if k == 0 || self.p == 1.0 {
            1.0
        } else if k > self.n || self.p == 0.0 {
            0.0
        } else if (k as f64) > self.n as f64 * self.p {
            self.sum_up_from(k)
        } else {
            1.0 - self.sum_down_from(k - 1)
        }
    }

    /// The largest `r` for which `P(B ≤ r − 1) ≤ tail`, `tail` below 1.
    ///
    /// This is the rank of the lower end of a distribution-free quantile interval; 0
    /// says that even the smallest observation lies too high for one.
    pub(super) fn tail_rank(self, tail: f64) -> usize {
        let (mut within, mut beyond) = (0, self.n);
        // `at_most(k)` is within the tail for every k below `within` and beyond it from `beyond` on.
        while within < beyond {
            let k = within.midpoint(beyond);
            if self.at_most(k) <= tail {
                within = k + 1;
            } else {
                beyond = k;
            }
        }
        within
    }

    /// `P(B = k)` by Loader's saddle-point expansion (Fast and Accurate Computation of Binomial
    /// Probabilities, 2000), which keeps the digits that differences of log-gamma lose.
    pub(super) fn mass(self, k: usize) -> f64 {
        let (n, x, y) = (self.n as f64, k as f64, (self.n - k) as f64);
        if k == 0 {
            return exp(n * log1p(-self.p));
        }
        if k == self.n {
            return exp(n * if self.p > 0.5 { log1p(-self.q) } else { log(self.p) });
        }
        let exponent = stirling_error(n)
            - stirling_error(x)
            - stirling_error(y)
            - deviance(x, n * self.p)
            - deviance(y, n * self.q);
        exp(exponent) * sqrt(n / (std::f64::consts::TAU * x * y))
    }

    /// `P(B ≤ k)` for `k` below the mean, from where on downward the masses shrink.
    fn sum_down_from(self, k: usize) -> f64 {
        let odds = self.q / self.p;
        let (mut mass, mut sum) = (self.mass(k), 0.0);
        for j in (0..=k).rev() {
            sum += mass;
            mass *= j as f64 / (self.n - j + 1) as f64 * odds;
            if mass <= sum * NEGLIGIBLE {
                break;
            }
        }
        sum
    }

    /// `P(B ≥ k)` for `k` above the mean, from where on upward the masses shrink.
    fn sum_up_from(self, k: usize) -> f64 {
        let odds = self.p / self.q;
        let (mut mass, mut sum) = (self.mass(k), 0.0);
        for j in k..=self.n {
            sum += mass;
            mass *= (self.n - j) as f64 / (j + 1) as f64 * odds;
            if mass <= sum * NEGLIGIBLE {
                break;
            }
        }
        sum
    }
}

/// The masses shrink faster from term to term, so what follows such a term is lost in rounding.
const NEGLIGIBLE: f64 = 1e-19;

/// `ln x!` less Stirling's approximation of it.
fn stirling_error(x: f64) -> f64 {
    /// `ln √(2π)`.
    const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_8;
    if x <= 16.0 {
        return lgamma(x + 1.0) - (x + 0.5) * log(x) + x - HALF_LOG_TAU;
    }
    let s = 1.0 / (x * x);
    // The Stirling series; the first term left out is below 2e-16 here.
    (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / x
}

/// `x ln(x / m) + m − x`, by its series where the terms nearly cancel.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * log(x / m) + m - x;
    }
    // With v = (x − m) / (x + m): ln(x / m) = 2 (v + v³/3 + v⁵/5 + …).
    let v = (x - m) / (x + m);
    let (mut sum, mut power, mut order) = ((x - m) * v, 2.0 * x * v, 1.0);
    loop {
        power *= v * v;
        order += 2.0;
        let next = sum + power / order;
        if next == sum {
            return sum;
        }
        sum = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relative(computed: f64, exact: f64) -> f64 {
        (computed / exact - 1.0).abs()
    }

    #[test]
    fn tails_agree_with_exact_fractions() {
        // C(10, 0) + C(10, 1) = 11 of 1024 outcomes.
        let fair = Binomial::new(10, 0.5);
        assert!(relative(fair.at_most(1), 11.0 / 1024.0) < 1e-14);
        assert!(relative(fair.at_least(9), 11.0 / 1024.0) < 1e-14);
        assert_eq!((fair.at_most(10), fair.at_least(0)), (1.0, 1.0));
        assert_eq!(fair.at_least(11), 0.0);
    }

    #[test]
    fn the_two_tails_make_a_whole_at_any_size() {
        for (n, p) in [(7, 0.3), (100, 0.001), (1_000, 0.95), (100_000, 0.5), (100_000, 0.001)] {
            let b = Binomial::new(n, p);
            for k in [0, n / 1000, n / 3, n / 2, n - n / 20, n - 1] {
                assert!((b.at_most(k) + b.at_least(k + 1) - 1.0).abs() < 1e-12, "{n} {p} {k}");
            }
        }
    }

    #[test]
    fn tails_hold_up_at_a_hundred_thousand_trials() {
        // A fair binomial has half its mass at or below its mean, and half of the mass at the mean itself on top.
        let n = 100_000;
        let b = Binomial::new(n, 0.5);
        assert!((b.at_most(n / 2 - 1) + b.at_most(n / 2) - 1.0).abs() < 1e-12);
        // C(n, n/2) / 2^n = √(2 / πn) (1 − 1/4n + 1/32n²).
        let size = n as f64;
        let middle =
            sqrt(2.0 / (std::f64::consts::PI * size)) * (1.0 - 0.25 / size + 0.03125 / (size * size));
        assert!(relative(b.mass(n / 2), middle) < 1e-13, "{}", b.mass(n / 2));
    }

    #[test]
    fn a_rare_chance_keeps_its_poisson_tail() {
        // n p = 0.1: P(B = 0) = 0.999^100.
        assert!(relative(Binomial::new(100, 0.001).at_most(0), libm::pow(0.999, 100.0)) < 1e-13);
    }

    #[test]
    fn far_tails_keep_their_digits() {
        // All of 200 at a chance of 1/2: 2^-200; all but none or one: 201 of them.
        let b = Binomial::new(200, 0.5);
        let all = libm::pow(2.0, -200.0);
        assert!(relative(b.at_least(200), all) < 1e-13);
        assert!(relative(b.at_most(1), 201.0 * all) < 1e-13);
    }

    #[test]
    fn certain_and_impossible_hits_have_all_or_nothing() {
        let (never, always) = (Binomial::new(5, 0.0), Binomial::new(5, 1.0));
        assert_eq!((never.at_most(0), never.at_least(0), never.at_least(1)), (1.0, 1.0, 0.0));
        assert_eq!((always.at_most(4), always.at_most(5), always.at_least(5)), (0.0, 1.0, 1.0));
    }

    #[test]
    fn no_trials_have_no_hits() {
        let none = Binomial::new(0, 0.5);
        assert_eq!((none.at_most(0), none.at_least(0), none.at_least(1)), (1.0, 1.0, 0.0));
    }
}
