//! How strongly data speak for claims about a parameter, and for many claims at once.

/// The p-values of the four one-sided claims about a parameter and a bound.
///
/// Each is the smallest risk of error at which the claim may be called shown: the null
/// hypothesis that it refutes is the claim's negation. With continuous data a claim and
/// its laxer sister (`<` and `≤`) have the same p-value; they part where data fall on the
/// bound itself. A laxer claim never has the larger p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// For "parameter < bound".
    pub less: f64,
    /// For "parameter ≤ bound".
    pub at_most: f64,
    /// For "parameter > bound".
    pub greater: f64,
    /// For "parameter ≥ bound".
    pub at_least: f64,
}

impl Evidence {
    /// Nothing is shown, as about a bound that is NaN.
    pub(super) const NONE: Self = Self { less: 1.0, at_most: 1.0, greater: 1.0, at_least: 1.0 };

    /// The evidence of a test that does not tell `<` from `≤`.
    pub(super) fn continuous(below: f64, above: f64) -> Self {
        Self { less: below, at_most: below, greater: above, at_least: above }
    }

    /// What is known of a parameter whose value is certain.
    pub(super) fn exact(value: f64, bound: f64) -> Self {
        let p = |shown: bool| if shown { 0.0 } else { 1.0 };
        Self {
            less: p(value < bound),
            at_most: p(value <= bound),
            greater: p(value > bound),
            at_least: p(value >= bound),
        }
    }

    /// For "parameter = bound": shown when both `≤` and `≥` are (the intersection–union test; Berger,
    /// Technometrics 24, 1982), which no continuous test ever achieves.
    pub fn equal(self) -> f64 {
        self.at_most.max(self.at_least)
    }

    /// For "parameter ≠ bound": the two-sided p-value, twice the smaller of the strict ones.
    pub fn different(self) -> f64 {
        (2.0 * self.less.min(self.greater)).min(1.0)
    }
}

/// Holm's adjusted p-values, in the order given (Scandinavian Journal of Statistics 6, 1979).
///
/// Claims whose adjusted p-value is at most α may be called shown together: the chance that
/// any of them is false stays at most α, however the tests depend on each other.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut so_far = 0.0_f64;
    for (rank, place) in order.into_iter().enumerate() {
        let left = p_values.len() - rank;
        so_far = so_far.max((left as f64 * p_values[place]).min(1.0));
        adjusted[place] = so_far;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holms_textbook_example_comes_out_in_the_order_given() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (ours, table) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((ours - table).abs() < 1e-15, "{adjusted:?}");
        }
    }

    #[test]
    fn no_claim_and_one_claim_need_no_adjustment() {
        assert_eq!(holm(&[]), [0.0; 0]);
        assert_eq!(holm(&[0.3]), [0.3]);
    }

    #[test]
    fn an_adjusted_p_value_never_exceeds_one() {
        assert_eq!(holm(&[0.9, 0.8, 0.7]), [1.0, 1.0, 1.0]);
    }

    #[test]
    fn a_certain_value_shows_exactly_the_claims_that_hold() {
        let on = Evidence::exact(2.0, 2.0);
        assert_eq!((on.less, on.at_most, on.greater, on.at_least), (1.0, 0.0, 1.0, 0.0));
        assert_eq!((on.equal(), on.different()), (0.0, 1.0));
        let below = Evidence::exact(1.0, 2.0);
        assert_eq!((below.less, below.at_most, below.greater, below.at_least), (0.0, 0.0, 1.0, 1.0));
        assert_eq!((below.equal(), below.different()), (1.0, 0.0));
    }

    #[test]
    fn equality_needs_both_sides_and_difference_either() {
        let evidence = Evidence { less: 0.04, at_most: 0.03, greater: 0.97, at_least: 0.96 };
        assert_eq!((evidence.equal(), evidence.different()), (0.96, 0.08));
        assert_eq!(Evidence::continuous(0.5, 0.5).different(), 1.0);
    }
}
