//! Tails of the binomial distribution, summed exactly.

use libm::{exp, floor, lgamma, log, log1p, sqrt};

/// The largest `r` for which `P(B ≤ r − 1) ≤ tail`, B binomial with `n` trials of chance `p`.
///
/// This is the rank of the lower end of a distribution-free quantile interval; 0
/// says that even the smallest observation lies too high for one.
pub(super) fn tail_rank(n: u64, p: f64, tail: f64) -> u64 {
    let mut sum = 0.0;
    for (k, mass) in masses_from_far_below(n, p) {
        sum += mass;
        if sum > tail {
            return k;
        }
    }
    n + 1
}

/// `P(B ≤ k)`.
pub(super) fn at_most(k: u64, n: u64, p: f64) -> f64 {
    masses_from_far_below(n, p).take_while(|(j, _)| *j <= k).map(|(_, mass)| mass).sum()
}

/// `(k, P(B = k))` in ascending order, from where the mass below is lost in rounding.
///
/// The first mass comes from log-gamma, the others by recurrence, so the sum grows
/// from small terms to large ones.
fn masses_from_far_below(n: u64, p: f64) -> impl Iterator<Item = (u64, f64)> {
    let trials = n as f64;
    // Twelve standard deviations serve the bulk; the constant serves means near 0,
    // where the distribution is Poisson-like and the deviation understates its tail.
    let start = floor(trials * p - 12.0 * sqrt(trials * p * (1.0 - p)) - 40.0).max(0.0);
    let log_choose = lgamma(trials + 1.0) - lgamma(start + 1.0) - lgamma(trials - start + 1.0);
    let first = exp(log_choose + start * log(p) + (trials - start) * log1p(-p));
    let odds = p / (1.0 - p);
    let mut mass = first;
    (start as u64..=n).map(move |k| {
        let here = mass;
        mass *= (n - k) as f64 / (k + 1) as f64 * odds;
        (k, here)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_exact_fractions() {
        // C(10, 0) + C(10, 1) = 11 of 1024 outcomes.
        assert!((at_most(1, 10, 0.5) - 11.0 / 1024.0).abs() < 1e-15);
        assert!((at_most(10, 10, 0.5) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn tails_hold_up_at_a_hundred_thousand_trials() {
        // A fair binomial has half its mass at or below its mean, and half of the mass at the mean itself on top.
        let n = 100_000;
        let below = at_most(n / 2 - 1, n, 0.5);
        let through = at_most(n / 2, n, 0.5);
        assert!((below + through - 1.0).abs() < 1e-9);
        assert!((at_most(n, n, 0.001) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_rare_chance_keeps_its_poisson_tail() {
        // n p = 0.1: P(B = 0) = 0.999^100.
        assert!((at_most(0, 100, 0.001) - libm::pow(0.999, 100.0)).abs() < 1e-14);
    }
}
