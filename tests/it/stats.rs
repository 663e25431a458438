//! Statistics over any sample: what must hold whatever the numbers.

mod coverage;
mod oracle;
mod properties;
mod sizes;

use bakeoff::stats::{Confidence, Proportion, Quantile, Sample, nine_digits};
use proptest::prelude::*;

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1e6..1e6f64, 1..200)
}

proptest! {
    #[test]
    fn a_quantile_is_an_observation_that_enough_others_do_not_exceed(
        values in values(), censored in 0usize..20, thousandths in 1u16..1000,
    ) {
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        let sample = Sample::new(values.clone(), censored).expect("not empty");
        let point = sample.quantile(quantile, Confidence::NINETY_FIVE).point;
        let n = sample.n();
        let at_most = values.iter().filter(|x| **x <= point).count()
            + if point.is_infinite() { censored } else { 0 };
        let below = values.iter().filter(|x| **x < point).count();
        prop_assert!(point.is_infinite() || values.contains(&point));
        prop_assert!(at_most * 1000 >= n * usize::from(thousandths));
        prop_assert!(below * 1000 < n * usize::from(thousandths));
    }

    #[test]
    fn an_interval_encloses_its_point(values in values(), censored in 0usize..20, thousandths in 1u16..1000) {
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        let sample = Sample::new(values, censored).expect("not empty");
        let estimate = sample.quantile(quantile, Confidence::NINETY_FIVE);
        if let Some(interval) = estimate.interval {
            prop_assert!(interval.low <= estimate.point && estimate.point <= interval.high);
        }
    }

    #[test]
    fn censoring_one_more_never_lowers_a_quantile(values in values(), thousandths in 1u16..1000) {
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        let point = |values: &[f64], censored| {
            let sample = Sample::new(values.to_vec(), censored).expect("not empty");
            sample.quantile(quantile, Confidence::NINETY_FIVE).point
        };
        prop_assert!(point(&values[1..], 1) >= point(&values, 0) || values.len() == 1);
        prop_assert!(point(&values, 1) >= point(&values, 0));
    }

    #[test]
    fn a_mean_moves_and_stretches_with_its_sample(values in values(), by in -1e3..1e3f64) {
        let mean = |values: Vec<f64>| {
            Sample::new(values, 0).expect("not empty").mean(Confidence::NINETY_FIVE).expect("nothing is censored").point
        };
        let moved = mean(values.iter().map(|x| x + by).collect());
        prop_assert!((moved - mean(values) - by).abs() < 1e-6);
    }

    #[test]
    fn proportions_keep_their_share_inside_both_intervals(n in 1usize..500, hits in 0usize..500) {
        prop_assume!(hits <= n);
        let p = Proportion::new(hits, n).expect("no more hits than trials");
        for interval in [p.wilson(Confidence::NINETY_FIVE), p.clopper_pearson(Confidence::NINETY_FIVE)] {
            prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
            prop_assert!(interval.low <= p.share() && p.share() <= interval.high);
        }
    }

    #[test]
    fn nine_digits_are_kept_and_come_back_from_their_text(x in prop::num::f64::NORMAL) {
        let rounded = nine_digits(x);
        prop_assert!(((rounded - x) / x).abs() <= 5.1e-9);
        prop_assert_eq!(rounded.to_string().parse::<f64>(), Ok(rounded));
    }
}

/// The interval of a median must hold the true one about as often as it says; a run of many samples from
/// a fixed sequence, so that nothing here is left to luck from day to day.
#[test]
fn intervals_cover_the_truth_about_as_often_as_they_say() {
    use bakeoff::engine::draw::{Seed, name_tag};
    let key = Seed { master: 7, replication: 0 }.key(1, name_tag("coverage"));
    let (mut median, mut mean, trials) = (0, 0, 2_000);
    for trial in 0..trials {
        let uniform: Vec<f64> = (0..50).map(|i| key.uniform(trial, i).value()).collect();
        let sample = Sample::new(uniform, 0).expect("fifty");
        let covers = |interval: Option<bakeoff::stats::Interval>| {
            interval.is_some_and(|i| i.low <= 0.5 && 0.5 <= i.high)
        };
        median += u32::from(covers(sample.quantile(Quantile::MEDIAN, Confidence::NINETY_FIVE).interval));
        mean +=
            u32::from(covers(sample.mean(Confidence::NINETY_FIVE).expect("nothing is censored").interval));
    }
    // Four standard deviations of a binomial around 95 %: 39 of 2000. The median's ranks cover 96.7 %.
    let share = |hits: u32| f64::from(hits) / f64::from(trials);
    assert!((share(mean) - 0.95).abs() < 0.02, "{}", share(mean));
    assert!((share(median) - 0.967).abs() < 0.017, "{}", share(median));
}
