//! The risk of showing a false claim, summed over every outcome: exact tests keep it, on discrete data too.

use bakeoff::stats::{Evidence, PairedProportions, Proportion, Quantile, Sample};

/// Few enough that every outcome can be visited.
const N: usize = 14;
const RISKS: [f64; 3] = [0.025, 0.05, 0.2];

/// The p-value of one claim.
type Claim = fn(Evidence) -> f64;

/// The claims that are false when the truth lies so from the bound.
fn false_claims(truth_to_bound: std::cmp::Ordering) -> Vec<Claim> {
    let claims: [(bool, Claim); 4] = [
        (truth_to_bound.is_lt(), |e| e.less),
        (truth_to_bound.is_le(), |e| e.at_most),
        (truth_to_bound.is_gt(), |e| e.greater),
        (truth_to_bound.is_ge(), |e| e.at_least),
    ];
    claims.into_iter().filter(|(holds, _)| !holds).map(|(_, p)| p).collect()
}

/// `chance^times`, which is 1 for no times whatever the chance.
fn power(chance: f64, times: usize) -> f64 {
    (0..times).fold(1.0, |product, _| product * chance)
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

/// Counts of three kinds among [`N`], each with its chance.
fn outcomes(first: f64, second: f64) -> Vec<((usize, usize), f64)> {
    let third = (1.0 - first - second).max(0.0);
    let mut all = Vec::new();
    for a in 0..=N {
        for b in 0..=N - a {
            let ways = choose(N, a) * choose(N - a, b);
            all.push(((a, b), ways * power(first, a) * power(second, b) * power(third, N - a - b)));
        }
    }
    all
}

/// Adds up the chances of outcomes that show a false claim; keeps the largest sum for each risk.
#[derive(Default)]
struct Sizes([f64; 3]);

impl Sizes {
    fn check(&mut self, shown: &[(f64, f64)], what: &str) {
        for (risk, largest) in RISKS.into_iter().zip(&mut self.0) {
            let size: f64 = shown.iter().filter(|(p, _)| *p <= risk).map(|(_, chance)| chance).sum();
            assert!(size <= risk + 1e-12, "{what}: shown in {size} of the cases at a risk of {risk}");
            *largest = largest.max(size);
        }
    }

    /// A test that never showed anything would pass as well.
    fn assert_used(&self) {
        for (risk, largest) in RISKS.into_iter().zip(self.0) {
            // Few outcomes make coarse steps: the next more extreme one may be much less likely.
            assert!(largest > risk / 4.0, "of a risk of {risk} only {largest} is ever used");
        }
    }
}

#[test]
fn the_outcomes_are_all_there_are() {
    let sum: f64 = outcomes(0.3, 0.5).iter().map(|(_, chance)| chance).sum();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    assert_eq!(outcomes(0.3, 0.5).len(), (N + 1) * (N + 2) / 2);
}

/// Observations below, on and above the bound, each with a chance in twentieths.
#[test]
fn no_false_claim_about_a_quantile_is_shown_more_often_than_its_risk_even_with_ties() {
    let mut sizes = Sizes::default();
    for thousandths in [100, 350, 500, 850, 950] {
        let quantile = Quantile::from_thousandths(thousandths).expect("below a thousand");
        for below in 0..=20_u16 {
            for on in 0..=20 - below {
                let truth =
                    if below * 50 >= thousandths { -1 } else { i32::from((below + on) * 50 < thousandths) };
                let all = outcomes(f64::from(below) / 20.0, f64::from(on) / 20.0);
                let evidence: Vec<(Evidence, f64)> = all
                    .into_iter()
                    .map(|((below, on), chance)| {
                        let mut values = vec![-1.0; below];
                        values.extend(vec![0.0; on]);
                        // What lies above is censored, which comes to the same.
                        let sample = Sample::new(values, N - below - on).expect("not empty");
                        (sample.quantile_against(quantile, 0.0), chance)
                    })
                    .collect();
                for p in false_claims(truth.cmp(&0)) {
                    let shown: Vec<_> = evidence.iter().map(|(e, chance)| (p(*e), *chance)).collect();
                    sizes
                        .check(&shown, &format!("{quantile} with {below}/20 below and {on}/20 on the bound"));
                }
            }
        }
    }
    sizes.assert_used();
}

#[test]
fn no_false_claim_about_a_chance_is_shown_more_often_than_its_risk() {
    let mut sizes = Sizes::default();
    for truth in 0..=40 {
        let chance = f64::from(truth) / 40.0;
        for bound in -1..=41 {
            let evidence = |hits| {
                Proportion::new(hits, N).expect("no more hits than trials").against(f64::from(bound) / 40.0)
            };
            for p in false_claims(truth.cmp(&bound)) {
                let mass = |hits| choose(N, hits) * power(chance, hits) * power(1.0 - chance, N - hits);
                let shown: Vec<_> = (0..=N).map(|hits| (p(evidence(hits)), mass(hits))).collect();
                sizes.check(&shown, &format!("a chance of {chance} against {bound}/40"));
            }
        }
    }
    sizes.assert_used();
}

#[test]
fn no_false_claim_about_the_sign_of_a_paired_difference_is_shown_more_often_than_its_risk() {
    let mut sizes = Sizes::default();
    for base_only in 0..=20_u16 {
        for arm_only in 0..=20 - base_only {
            let all = outcomes(f64::from(base_only) / 20.0, f64::from(arm_only) / 20.0);
            for p in false_claims(arm_only.cmp(&base_only)) {
                let shown: Vec<_> = all
                    .iter()
                    .map(|((base, arm), chance)| {
                        let table = PairedProportions::new(N - base - arm, *base, *arm, 0).expect("pairs");
                        (p(table.against(0.0)), *chance)
                    })
                    .collect();
                sizes.check(
                    &shown,
                    &format!("{base_only}/20 in the base only, {arm_only}/20 in the arm only"),
                );
            }
        }
    }
    sizes.assert_used();
}
