//! Intervals and tests say the same thing, and say it the same way round.

use bakeoff::stats::{
    Confidence, Evidence, Interval, PairedProportions, Pairs, Proportion, Quantile, Resampling, Sample, holm,
    latin_hypercube,
};
use proptest::prelude::*;

const LEVEL: Confidence = Confidence::NINETY_FIVE;

/// Values in halves, so that ties and hits on a bound are common.
fn halves() -> impl Strategy<Value = f64> {
    (-400i32..400).prop_map(|x| f64::from(x) / 2.0)
}

fn some_pairs(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((halves(), halves()), sizes)
}

fn table() -> impl Strategy<Value = PairedProportions> {
    (0usize..30, 0usize..30, 0usize..30, 0usize..300)
        .prop_filter_map("no pair", |(both, base, arm, neither)| {
            PairedProportions::new(both, base, arm, neither)
        })
}

fn pairs(values: &[(f64, f64)]) -> Pairs {
    Pairs::new(values.to_vec()).expect("finite pairs")
}

fn swapped(values: &[(f64, f64)]) -> Pairs {
    Pairs::new(values.iter().map(|(base, arm)| (*arm, *base)).collect()).expect("finite pairs")
}

/// A bound just beyond an end of the interval is rejected at the tail's risk, one just inside is not.
fn check_duality(
    interval: Interval,
    reach: f64,
    evidence: impl Fn(f64) -> Evidence,
) -> Result<(), TestCaseError> {
    let Interval { low, high } = interval;
    let step = reach * 1e-6;
    prop_assert!(evidence(low - step).greater <= LEVEL.tail(), "{interval:?} {:?}", evidence(low - step));
    prop_assert!(evidence(low + step).greater > LEVEL.tail(), "{interval:?} {:?}", evidence(low + step));
    prop_assert!(evidence(high + step).less <= LEVEL.tail(), "{interval:?} {:?}", evidence(high + step));
    prop_assert!(evidence(high - step).less > LEVEL.tail(), "{interval:?} {:?}", evidence(high - step));
    Ok(())
}

/// The same where observations may tie: the ends themselves are inside, their neighbours beyond are not.
fn check_exact_duality(interval: Interval, evidence: impl Fn(f64) -> Evidence) -> Result<(), TestCaseError> {
    let Interval { low, high } = interval;
    prop_assert!(evidence(low).greater > LEVEL.tail() && evidence(low.next_down()).greater <= LEVEL.tail());
    if high.is_finite() {
        prop_assert!(evidence(high).less > LEVEL.tail() && evidence(high.next_up()).less <= LEVEL.tail());
    }
    Ok(())
}

/// p-values lie in [0, 1], a laxer claim is no harder to show, and a higher bound makes it no harder to be below.
fn check_order(bounds: (f64, f64), evidence: impl Fn(f64) -> Evidence) -> Result<(), TestCaseError> {
    // Continued fractions leave the last digits of a p-value out of order.
    const ROUNDING: f64 = 1e-12;
    let (one, other) = bounds;
    let (lower, higher) = (evidence(one.min(other)), evidence(one.max(other)));
    for e in [lower, higher] {
        prop_assert!(
            [e.less, e.at_most, e.greater, e.at_least].iter().all(|p| (0.0..=1.0).contains(p)),
            "{e:?}"
        );
        prop_assert!(e.at_most <= e.less && e.at_least <= e.greater, "{e:?}");
    }
    prop_assert!(higher.less <= lower.less + ROUNDING && higher.at_most <= lower.at_most + ROUNDING);
    prop_assert!(higher.greater >= lower.greater - ROUNDING && higher.at_least >= lower.at_least - ROUNDING);
    Ok(())
}

fn mirrored(e: Evidence) -> Evidence {
    Evidence { less: e.greater, at_most: e.at_least, greater: e.less, at_least: e.at_most }
}

fn varies(values: impl IntoIterator<Item = f64>) -> bool {
    let mut values = values.into_iter();
    let first = values.next();
    values.any(|x| Some(x) != first)
}

proptest! {
    #[test]
    fn a_t_interval_holds_the_bounds_that_the_t_test_does_not_reject(values in prop::collection::vec(halves(), 2..60)) {
        prop_assume!(varies(values.iter().copied()));
        let sample = Sample::new(values, 0).expect("finite");
        let interval = sample.mean(LEVEL).expect("nothing is censored").interval.expect("two or more");
        check_duality(interval, interval.high - interval.low, |b| sample.mean_against(b).expect("two or more"))?;
    }

    #[test]
    fn ranks_of_a_quantile_hold_the_bounds_that_its_test_does_not_reject(
        values in prop::collection::vec(halves(), 0..200), censored in 0usize..20, thousandths in 1u16..1000,
    ) {
        prop_assume!(values.len() + censored > 0);
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        let sample = Sample::new(values, censored).expect("not empty");
        let interval = sample.quantile(quantile, LEVEL).interval;
        if let Some(interval) = interval.filter(|i| i.low.is_finite()) {
            check_exact_duality(interval, |b| sample.quantile_against(quantile, b))?;
        }
    }

    #[test]
    fn clopper_pearson_holds_the_chances_that_the_exact_test_does_not_reject(n in 1usize..300, hits in 0usize..300) {
        prop_assume!(0 < hits && hits < n);
        let p = Proportion::new(hits, n).expect("no more hits than trials");
        let interval = p.clopper_pearson(LEVEL);
        check_duality(interval, interval.low.min(1.0 - interval.high), |b| p.against(b))?;
    }

    #[test]
    fn a_paired_interval_holds_the_differences_that_the_paired_test_does_not_reject(values in some_pairs(2..60)) {
        prop_assume!(varies(values.iter().map(|(base, arm)| arm - base)));
        let pairs = pairs(&values);
        let interval = pairs.mean_difference(LEVEL).expect("finite").interval.expect("two or more");
        let reach = interval.high - interval.low;
        check_duality(interval, reach, |b| pairs.mean_difference_against(b).expect("two or more"))?;
    }

    #[test]
    fn fiellers_interval_holds_the_changes_that_the_paired_test_does_not_reject(values in some_pairs(3..60)) {
        // Above 0 the claim about a change and the claim about the product point the same way.
        let values: Vec<(f64, f64)> = values.iter().map(|(base, arm)| (base + 300.0, arm + 300.0)).collect();
        let pairs = pairs(&values);
        let change = pairs.mean_change(LEVEL).expect("finite").expect("the mean is above 0");
        if let Some(interval) = change.interval.filter(|i| i.high > i.low) {
            prop_assert!(interval.low <= change.point && change.point <= interval.high);
            let reach = interval.high - interval.low;
            check_duality(interval, reach, |s| pairs.mean_change_against(s).expect("two or more"))?;
        }
    }

    #[test]
    fn tangos_interval_holds_its_point_and_what_the_score_test_does_not_reject(table in table()) {
        let difference = table.difference(LEVEL);
        let Interval { low, high } = difference.interval.expect("every table has one");
        prop_assert!(-1.0 <= low && low <= difference.point && difference.point <= high && high <= 1.0);
        // On the side of 0 where the exact test has no say, or can only agree.
        if 0.0 < high && high < 1.0 - 1e-6 {
            prop_assert!(table.against(high + 1e-7).less <= LEVEL.tail() + 1e-12);
        }
        if high < -1e-7 {
            prop_assert!(table.against(high - 1e-7).less > LEVEL.tail());
        }
    }

    #[test]
    fn p_values_are_in_order(values in some_pairs(72..120), one in halves(), other in halves(), thousandths in 1u16..1000) {
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        let arm = Sample::new(values.iter().map(|(_, arm)| *arm).collect(), 3).expect("not empty");
        check_order((one, other), |b| arm.quantile_against(quantile, b))?;
        let arm = Sample::new(values.iter().map(|(_, arm)| *arm).collect(), 0).expect("not empty");
        check_order((one, other), |b| arm.mean_against(b).expect("many"))?;
        let pairs = pairs(&values);
        check_order((one, other), |b| pairs.mean_difference_against(b).expect("many"))?;
        let resampling = Resampling::new(values.len(), 200);
        if let Some(resamples) = pairs.quantile_pairs(quantile, &resampling) {
            check_order((one, other), |b| resamples.difference_against(b))?;
        }
    }

    #[test]
    fn p_values_of_counts_are_in_order(
        table in table(), hits in 0usize..50, one in -1.2..1.2f64, other in -1.2..1.2f64,
    ) {
        check_order((one, other), |b| table.against(b))?;
        check_order((one, 0.0), |b| table.against(b))?;
        let p = Proportion::new(hits, 50).expect("no more hits than trials");
        check_order((one, other), |b| p.against(b))?;
        check_order((one, 1.0), |b| p.against(b))?;
    }

    #[test]
    fn swapping_the_arms_turns_everything_round(values in some_pairs(2..60), bound in halves()) {
        let (there, back) = (pairs(&values), swapped(&values));
        let (one, other) = (there.mean_difference(LEVEL).expect("finite"), back.mean_difference(LEVEL).expect("finite"));
        let (one_interval, other_interval) = (one.interval.expect("two"), other.interval.expect("two"));
        prop_assert_eq!(one.point, -other.point);
        prop_assert_eq!((one_interval.low, one_interval.high), (-other_interval.high, -other_interval.low));
        let evidence = there.mean_difference_against(bound).expect("two");
        prop_assert_eq!(evidence, mirrored(back.mean_difference_against(-bound).expect("two")));
        prop_assert_eq!(there.correlation(), back.correlation());
        prop_assert_eq!(there.variance_reduction(), back.variance_reduction());
    }

    #[test]
    fn swapping_the_arms_turns_a_table_round(table in table(), bound in -1.0..1.0f64) {
        let back = PairedProportions::new(table.both(), table.arm_only(), table.base_only(), table.neither());
        let back = back.expect("as many pairs");
        let (one, other) = (table.difference(LEVEL), back.difference(LEVEL));
        let (one_interval, other_interval) = (one.interval.expect("always"), other.interval.expect("always"));
        prop_assert_eq!(one.point, -other.point);
        prop_assert_eq!((one_interval.low, one_interval.high), (-other_interval.high, -other_interval.low));
        prop_assert_eq!(table.against(bound), mirrored(back.against(-bound)));
        prop_assert_eq!(table.mcnemar(), back.mcnemar());
    }

    #[test]
    fn resampled_differences_depend_on_nothing_but_the_pairs(
        values in some_pairs(20..100), shift in -100i32..100, thousandths in 200u16..800,
    ) {
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        let resampling = Resampling::new(values.len(), 300);
        let difference = |pairs: &Pairs| pairs.quantile_difference(quantile, LEVEL, &resampling);
        prop_assume!(quantile.ranks(values.len(), LEVEL).is_some());
        let plain = difference(&pairs(&values)).expect("enough pairs");
        let interval = plain.interval.expect("enough resamples");

        // Whole and half numbers move and double without rounding.
        let moved: Vec<_> = values.iter().map(|(b, a)| (b + f64::from(shift), a + f64::from(shift))).collect();
        prop_assert_eq!(difference(&pairs(&moved)), Some(plain));
        let doubled: Vec<_> = values.iter().map(|(b, a)| (2.0 * b, 2.0 * a)).collect();
        let twice = difference(&pairs(&doubled)).and_then(|d| d.interval).expect("enough pairs");
        prop_assert_eq!((twice.low, twice.high), (2.0 * interval.low, 2.0 * interval.high));
        let back = difference(&swapped(&values)).and_then(|d| d.interval).expect("enough pairs");
        prop_assert_eq!((back.low, back.high), (-interval.high, -interval.low));
        let again = Resampling::new(values.len(), 300);
        prop_assert_eq!(pairs(&values).quantile_difference(quantile, LEVEL, &again), Some(plain));
    }

    #[test]
    fn a_resampled_interval_holds_the_bounds_that_its_test_does_not_reject(
        values in some_pairs(20..100), thousandths in 200u16..800,
    ) {
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        let resampling = Resampling::new(values.len(), 300);
        if let Some(resamples) = pairs(&values).quantile_pairs(quantile, &resampling) {
            let interval = resamples.difference(LEVEL).interval.expect("enough resamples");
            check_exact_duality(interval, |b| resamples.difference_against(b))?;
        }
    }

    #[test]
    fn an_adjusted_p_value_is_no_smaller_than_the_raw_one_and_keeps_its_order(raw in prop::collection::vec(0.0..1.0f64, 0..30)) {
        let adjusted = holm(&raw);
        let tests = raw.len() as f64;
        for (i, p) in raw.iter().enumerate() {
            prop_assert!(*p <= adjusted[i] && adjusted[i] <= (tests * p).min(1.0));
            for (j, other) in raw.iter().enumerate() {
                prop_assert!(p > other || adjusted[i] <= adjusted[j]);
            }
        }
        let backward: Vec<f64> = raw.iter().rev().copied().collect();
        prop_assert_eq!(holm(&backward).into_iter().rev().collect::<Vec<_>>(), adjusted);
    }

    #[test]
    fn a_latin_hypercube_has_a_point_in_every_stratum(points in 1usize..300, axes in 1usize..5, seed in any::<u64>()) {
        let rows = latin_hypercube(points, axes, seed);
        for axis in 0..axes {
            let mut taken = vec![false; points];
            for row in &rows {
                prop_assert!(0.0 < row[axis] && row[axis] < 1.0);
                taken[(row[axis] * points as f64) as usize] = true;
            }
            prop_assert!(taken.into_iter().all(|taken| taken));
        }
    }
}
