//! The binomial distribution by inversion.

use super::Uniform;
use super::incomplete::{Beta, binomial_probability};
use super::normal::normal_quantile;

/// How many of `n` independent trials succeed, each with chance `p`: the least `k` whose cumulative probability reaches `u`.
///
/// Exact but where `u` lies within rounding of a cumulative probability, for any
/// `n` up to 10^9: it starts next to the answer and walks to it by ratios of
/// successive probabilities, never summing what cannot be told from zero.
///
/// # Panics
/// When `p` is not within 0 … 1.
pub fn binomial(u: Uniform, n: u64, p: f64) -> u64 {
    assert!((0.0..=1.0).contains(&p), "a probability lies within 0 and 1, not {p}");
    if p == 0.0 || n == 0 {
        return 0;
    }
    if p == 1.0 {
        return n;
    }
    let trials = Trials { n, p, q: 1.0 - p };
    let summed = if n as f64 * p < SMALL_MEAN { trials.sum_from_zero(u.value()) } else { None };
    summed.unwrap_or_else(|| trials.walk_from_guess(u))
}

/// Means up to this are reached from zero faster than from an incomplete beta function.
const SMALL_MEAN: f64 = 30.0;
/// Steps from zero after which the walk starts afresh from a guess.
const STEPS_MAX: u32 = 200;

struct Trials {
    n: u64,
    p: f64,
    q: f64,
}

impl Trials {
    /// The chance of `k + 1` over that of `k`.
    fn ratio(&self, k: u64) -> f64 {
        (self.n - k) as f64 / (k + 1) as f64 * (self.p / self.q)
    }

    /// Adds up probabilities from zero; none when `u` is too far in the tail to be reached so.
    fn sum_from_zero(&self, u: f64) -> Option<u64> {
        let mut term = libm::exp(self.n as f64 * libm::log1p(-self.p));
        let mut sum = term;
        for k in 0..u64::from(STEPS_MAX) {
            if sum >= u || k == self.n {
                return Some(k);
            }
            term *= self.ratio(k);
            sum += term;
        }
        None
    }

    /// Walks from the Cornish-Fisher approximation of the quantile.
    fn walk_from_guess(&self, u: Uniform) -> u64 {
        let n = self.n as f64;
        let spread = libm::sqrt(n * self.p * self.q);
        let z = normal_quantile(u.value());
        let guess = n * self.p + z * spread + (self.q - self.p) * (z * z - 1.0) / 6.0;
        let k = (guess as u64).min(self.n);
        // Work in the smaller tail, where sums keep their digits.
        if u.value() <= 0.5 { self.walk_lower(k, u.value()) } else { self.walk_upper(k, u.complement()) }
    }

    /// The least `k` with at least `target` at or below it, from a start nearby.
    fn walk_lower(&self, start: u64, target: f64) -> u64 {
        let mut k = start;
        let mut lower = self.tails(k).0;
        let mut term = self.probability(k);
        if lower >= target {
            while k > 0 && lower - term >= target {
                lower -= term;
                k -= 1;
                term /= self.ratio(k);
            }
            return k;
        }
        while lower < target && k < self.n {
            term *= self.ratio(k);
            k += 1;
            lower += term;
        }
        k
    }

    /// The least `k` with at most `target` above it, from a start nearby.
    fn walk_upper(&self, start: u64, target: f64) -> u64 {
        let mut k = start;
        let mut upper = self.tails(k).1;
        let mut term = self.probability(k);
        if upper > target {
            while upper > target && k < self.n {
                term *= self.ratio(k);
                k += 1;
                upper -= term;
            }
            return k;
        }
        while k > 0 && upper + term <= target {
            upper += term;
            k -= 1;
            term /= self.ratio(k);
        }
        k
    }

    /// The chances of at most `k` and of more.
    fn tails(&self, k: u64) -> (f64, f64) {
        if k >= self.n {
            return (1.0, 0.0);
        }
        let point = Beta::new((self.n - k) as f64, (k + 1) as f64).at(self.q, self.p);
        (point.lower, point.upper)
    }

    fn probability(&self, k: u64) -> f64 {
        binomial_probability(k as f64, (self.n - k) as f64, self.p, self.q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cumulative probabilities by plain summation, in ascending order of `k`.
    fn cumulative(n: u64, p: f64) -> Vec<f64> {
        let trials = Trials { n, p, q: 1.0 - p };
        let mut sum = 0.0;
        (0..=n)
            .map(|k| {
                sum += trials.probability(k);
                sum
            })
            .collect()
    }

    fn at(value: f64) -> Uniform {
        Uniform::clamped(value)
    }

    #[test]
    fn the_probabilities_of_ten_fair_coins_are_exact() {
        let trials = Trials { n: 10, p: 0.5, q: 0.5 };
        let ways = [1.0, 10.0, 45.0, 120.0, 210.0, 252.0, 210.0, 120.0, 45.0, 10.0, 1.0];
        for (k, ways) in ways.into_iter().enumerate() {
            let probability = trials.probability(k as u64);
            assert!((probability * 1024.0 / ways - 1.0).abs() < 1e-14, "{k}: {probability}");
        }
    }

    #[test]
    fn inversion_agrees_with_sums_of_probabilities() {
        for (n, p) in [(1, 0.3), (10, 0.5), (40, 0.9), (100, 0.01), (1000, 0.03), (1000, 0.5), (3000, 0.97)] {
            let sums = cumulative(n, p);
            assert!((sums[n as usize] - 1.0).abs() < 1e-12);
            for (k, pair) in sums.windows(2).enumerate().filter(|(_, pair)| pair[1] - pair[0] > 1e-12) {
                let (inside, k) = (f64::midpoint(pair[0], pair[1]), k as u64 + 1);
                assert_eq!(binomial(at(inside), n, p), k, "n {n}, p {p}, u {inside}");
            }
        }
    }

    #[test]
    fn both_ways_of_walking_give_the_same_count() {
        for (n, p) in [(24_000, 0.001), (500, 0.05), (1_000_000_000, 2e-8), (29, 0.99)] {
            let trials = Trials { n, p, q: 1.0 - p };
            for i in 1..1_000 {
                let u = f64::from(i) / 1_000.0;
                assert_eq!(
                    trials.sum_from_zero(u),
                    Some(trials.walk_from_guess(at(u))),
                    "n {n}, p {p}, u {u}"
                );
            }
        }
    }

    #[test]
    fn certain_and_impossible_trials_need_no_luck() {
        for u in [1e-300, 0.5, 1.0] {
            assert_eq!(binomial(at(u), 1_000_000_000, 0.0), 0);
            assert_eq!(binomial(at(u), 1_000_000_000, 1.0), 1_000_000_000);
            assert_eq!(binomial(at(u), 0, 0.5), 0);
        }
    }

    #[test]
    fn a_thousand_million_trials_keep_their_mean_and_spread() {
        for p in [1e-9, 3e-8, 0.001, 0.5, 0.999_999] {
            let n = 1_000_000_000_u64;
            let count = 2_000;
            let draws: Vec<f64> = (0..count)
                .map(|i| binomial(at((f64::from(i) + 0.5) / f64::from(count)), n, p) as f64)
                .collect();
            let (mean, variance) = (n as f64 * p, n as f64 * p * (1.0 - p));
            let sum: f64 = draws.iter().sum();
            let squares: f64 = draws.iter().map(|draw| (draw - mean) * (draw - mean)).sum();
            let (found, spread) = (sum / f64::from(count), squares / f64::from(count));
            assert!((found - mean).abs() < 1e-3 * libm::sqrt(variance), "p {p}: mean {found}");
            assert!((spread / variance - 1.0).abs() < 0.01, "p {p}: variance {spread} for {variance}");
        }
    }

    #[test]
    fn more_luck_never_means_fewer_successes() {
        for (n, p) in [(24_000, 0.001), (24_000, 0.03), (7, 0.4)] {
            let mut last = 0;
            for i in 1..20_000 {
                let k = binomial(at(f64::from(i) / 20_000.0), n, p);
                assert!(k >= last);
                last = k;
            }
        }
    }

    #[test]
    #[should_panic(expected = "a probability lies within 0 and 1")]
    fn a_chance_above_one_is_refused() {
        binomial(at(0.5), 10, 1.5);
    }
}
