//! Sums about the mean, in two passes and in the order given.

/// The mean of at least one value; the second pass takes up what rounding lost in the first.
pub(super) fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    let left_over: f64 = values.iter().map(|x| x - first).sum();
    first + left_over / n
}

/// The variance over n − 1, or none below two values.
pub(super) fn variance(values: &[f64]) -> Option<f64> {
    covariance(values, values)
}

/// The covariance over n − 1 of two rows of equal length, or none below two values.
pub(super) fn covariance(xs: &[f64], ys: &[f64]) -> Option<f64> {
    let n = xs.len();
    if n < 2 {
        return None;
    }
    let (x_mean, y_mean) = (mean(xs), mean(ys));
    let products: f64 = xs.iter().zip(ys).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    Some(products / (n - 1) as f64)
}
