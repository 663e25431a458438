//! The binomial distribution by inversion.

use super::Uniform;

/// How many of `n` independent trials succeed, each with chance `p`: the least `k` whose cumulative probability reaches `u`.
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
    let odds = p / (1.0 - p);
    let mut term = libm::exp(n as f64 * libm::log1p(-p));
    let mut sum = term;
    let mut k = 0;
    while sum < u.value() && k < n {
        term *= odds * (n - k) as f64 / (k + 1) as f64;
        sum += term;
        k += 1;
    }
    k
}
