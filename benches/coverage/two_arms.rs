//! Two arms under the same luck.

use bakeoff::stats::{Confidence, Interval, PairedProportions, Pairs, Quantile, Resampling};

use super::luck::Luck;
use super::{Effort, Promise, Row, covers};

const LEVEL: Confidence = Confidence::NINETY_FIVE;

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = means(effort);
    rows.extend(changes(effort));
    rows.extend(proportions(effort));
    rows.extend(quantiles(effort));
    rows
}

/// Two normal arms in parallel luck: 100 ± 20 and 110 ± 24.
fn normal_arms(luck: &mut Luck) -> (f64, f64) {
    let (base, arm) = luck.normals(0.8);
    (100.0 + 20.0 * base, 110.0 + 24.0 * arm)
}

/// Two lognormal arms (σ = 1) in parallel luck, the second a tenth larger.
fn skewed_arms(luck: &mut Luck) -> (f64, f64) {
    let (base, arm) = luck.normals(0.8);
    (libm::exp(base), 1.1 * libm::exp(arm))
}

fn pairs(luck: &mut Luck, n: usize, draw: fn(&mut Luck) -> (f64, f64)) -> Pairs {
    Pairs::new(luck.many(n, draw)).expect("finite")
}

fn means(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for n in [5, 20, 200] {
        let labels = ("paired t", "normal, correlation 0.8", n);
        rows.push(Row::measure(labels, Promise::Nominal, effort.repeats(20_000), |luck| {
            let pairs = pairs(luck, n, normal_arms);
            covers(pairs.mean_difference(LEVEL).expect("nothing is censored").interval, 10.0)
        }));
    }
    for n in [20, 200] {
        let labels = ("paired t", "lognormal, σ = 1", n);
        let truth = 0.1 * libm::exp(0.5);
        rows.push(Row::measure(labels, Promise::Nothing, effort.repeats(20_000), |luck| {
            let pairs = pairs(luck, n, skewed_arms);
            covers(pairs.mean_difference(LEVEL).expect("nothing is censored").interval, truth)
        }));
    }
    rows
}

fn changes(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (model, draw, promise) in [
        ("normal, correlation 0.8", normal_arms as fn(&mut Luck) -> _, Promise::Nominal),
        ("lognormal, σ = 1", skewed_arms, Promise::Nothing),
    ] {
        for n in [20, 200] {
            let labels = ("Fieller, relative change of a mean", model, n);
            rows.push(Row::measure(labels, promise, effort.repeats(20_000), |luck| {
                let change = pairs(luck, n, draw).mean_change(LEVEL).expect("nothing is censored");
                // Where the base's mean could be 0, every change is possible.
                change.is_none_or(|estimate| estimate.interval.is_none_or(|i| covers(Some(i), 0.1)))
            }));
        }
    }
    rows
}

fn proportions(effort: Effort) -> Vec<Row> {
    let method = "Tango, difference of chances";
    let mut rows = Vec::new();
    for n in [50, 200] {
        let tables = Tables::new(n);
        for (model, base_only, arm_only) in [
            ("5 % and 15 % differ", 0.05, 0.15),
            ("5 % and 5 % differ", 0.05, 0.05),
            ("1 % and 3 % differ", 0.01, 0.03),
        ] {
            let truth = arm_only - base_only;
            let promise = Promise::Exactly { coverage: tables.coverage(base_only, arm_only), safe: false };
            rows.push(Row::measure((method, model, n), promise, effort.repeats(20_000), |luck| {
                let table = PairedProportions::of(luck.many(n, |luck| {
                    let u = luck.uniform();
                    // A tenth of the pairs hit in both arms.
                    (u < 0.1 || u >= 1.0 - base_only, u < 0.1 + arm_only)
                }));
                covers(table.expect("there are pairs").difference(LEVEL).interval, truth)
            }));
        }
        let grid = (1..39).flat_map(|base| (1..=39 - base).map(move |arm| (base, arm)));
        let least = grid
            .map(|(base, arm)| tables.coverage(f64::from(base) / 40.0, f64::from(arm) / 40.0))
            .fold(1.0, f64::min);
        rows.push(Row::exact((method, "least over 741 pairs, each 2.5 % or more", n), least, false));
    }
    rows
}

/// Every table of `n` pairs by the two counts that matter, with the interval that it gives.
struct Tables(Vec<Table>);

struct Table {
    base_only: f64,
    arm_only: f64,
    same: f64,
    log_ways: f64,
    interval: Option<Interval>,
}

impl Tables {
    fn new(n: usize) -> Self {
        let log_factorial = |k: usize| libm::lgamma(k as f64 + 1.0);
        let table = |base: usize, arm: usize| {
            let same = n - base - arm;
            let counts = PairedProportions::new(0, base, arm, same).expect("there are pairs");
            Table {
                base_only: base as f64,
                arm_only: arm as f64,
                same: same as f64,
                log_ways: log_factorial(n) - log_factorial(base) - log_factorial(arm) - log_factorial(same),
                interval: counts.difference(LEVEL).interval,
            }
        };
        Self((0..=n).flat_map(|base| (0..=n - base).map(move |arm| table(base, arm))).collect())
    }

    /// The exact coverage: the chances of all tables whose interval holds the true difference.
    fn coverage(&self, base_only: f64, arm_only: f64) -> f64 {
        let (base, arm) = (libm::log(base_only), libm::log(arm_only));
        let same = libm::log1p(-base_only - arm_only);
        let chance =
            |t: &Table| libm::exp(t.log_ways + t.base_only * base + t.arm_only * arm + t.same * same);
        self.0.iter().filter(|t| covers(t.interval, arm_only - base_only)).map(chance).sum()
    }
}

fn quantiles(effort: Effort) -> Vec<Row> {
    /// z of 95 %.
    const Z: f64 = 1.644_853_626_951_472_2;
    let mut rows = Vec::new();
    for n in [72, 200, 1_000] {
        let resampling = Resampling::new(n, Resampling::DEFAULT);
        for (quantile, z) in [(Quantile::MEDIAN, 0.0), (Quantile::percent(95), Z)] {
            let method = format!("paired bootstrap, {quantile}");
            for (model, draw, truth) in [
                ("normal, correlation 0.8", normal_arms as fn(&mut Luck) -> _, 10.0 + 4.0 * z),
                ("lognormal, σ = 1", skewed_arms, 0.1 * libm::exp(z)),
            ] {
                let repeats = effort.repeats(if n == 1_000 { 2_000 } else { 4_000 });
                rows.push(Row::measure((&method, model, n), Promise::Nothing, repeats, |luck| {
                    let difference = pairs(luck, n, draw).quantile_difference(quantile, LEVEL, &resampling);
                    covers(difference.expect("there are enough pairs").interval, truth)
                }));
            }
        }
    }
    rows
}
