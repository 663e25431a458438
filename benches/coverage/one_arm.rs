//! Means, proportions and quantiles of one arm.

use bakeoff::stats::{Confidence, Interval, Proportion, Quantile, Sample};

use super::luck::Luck;
use super::{Effort, Promise, Row, covers};

const LEVEL: Confidence = Confidence::NINETY_FIVE;

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = means(effort);
    rows.extend(proportions(effort));
    rows.extend(quantiles(effort));
    rows
}

type Model = (&'static str, fn(&mut Luck) -> f64);

fn means(effort: Effort) -> Vec<Row> {
    // The largest of twelve exponentials is what a batch of twelve takes; its mean is H_12 (Rényi, 1953).
    let harmonic: f64 = (1..=12).map(|i| 1.0 / f64::from(i)).sum();
    let models: [(Model, f64, &[usize], Promise); 4] = [
        (("normal", |luck| 30.0 + 5.0 * luck.normal()), 30.0, &[5, 20, 200], Promise::Nominal),
        (("exponential", Luck::exponential), 1.0, &[20, 200], Promise::Nothing),
        (("lognormal, σ = 1", |luck| libm::exp(luck.normal())), libm::exp(0.5), &[20, 200], Promise::Nothing),
        (("largest of 12 exponentials", slowest_of_twelve), harmonic, &[20, 200], Promise::Nothing),
    ];
    let mut rows = Vec::new();
    for ((model, draw), truth, sizes, promise) in models {
        for &n in sizes {
            let repeats = effort.repeats(20_000);
            rows.push(Row::measure(("t interval of a mean", model, n), promise, repeats, |luck| {
                let sample = Sample::new(luck.many(n, draw), 0).expect("finite");
                covers(sample.mean(LEVEL).expect("nothing is censored").interval, truth)
            }));
        }
    }
    rows
}

fn slowest_of_twelve(luck: &mut Luck) -> f64 {
    (0..12).map(|_| luck.exponential()).fold(0.0, f64::max)
}

/// A method that makes an interval of a count of hits.
type Method = (&'static str, fn(Proportion) -> Interval, bool);

const METHODS: [Method; 4] = [
    ("Clopper–Pearson", |p| p.clopper_pearson(LEVEL), true),
    ("Clopper–Pearson, upper bound", |p| Interval { low: 0.0, high: p.upper_bound(LEVEL) }, true),
    ("Clopper–Pearson, lower bound", |p| Interval { low: p.lower_bound(LEVEL), high: 1.0 }, true),
    ("Wilson", |p| p.wilson(LEVEL), false),
];

fn proportions(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for (method, interval, safe) in METHODS {
        for n in [20, 200] {
            let intervals = table(n, interval);
            for chance in [0.01, 0.05, 0.2, 0.5] {
                let promise = Promise::Exactly { coverage: summed(&intervals, chance), safe };
                let model = format!("chance {chance}");
                rows.push(Row::measure((method, &model, n), promise, effort.repeats(20_000), |luck| {
                    covers(Some(intervals[luck.hits(n, chance)]), chance)
                }));
            }
            let least = (1..2_000).map(|i| summed(&intervals, f64::from(i) / 2_000.0)).fold(1.0, f64::min);
            rows.push(Row::exact((method, "least over 1,999 chances", n), least, safe));
        }
    }
    rows
}

/// The interval of every count of hits.
fn table(n: usize, interval: fn(Proportion) -> Interval) -> Vec<Interval> {
    (0..=n).map(|hits| interval(Proportion::new(hits, n).expect("no more hits than trials"))).collect()
}

/// The exact coverage: the chances of all counts of hits whose interval holds the chance.
fn summed(intervals: &[Interval], chance: f64) -> f64 {
    let n = intervals.len() - 1;
    let mass = |hits: usize| {
        libm::exp(
            log_choose(n, hits) + hits as f64 * libm::log(chance) + (n - hits) as f64 * libm::log1p(-chance),
        )
    };
    (0..=n).filter(|hits| covers(Some(intervals[*hits]), chance)).map(mass).sum()
}

fn log_choose(n: usize, k: usize) -> f64 {
    libm::lgamma(n as f64 + 1.0) - libm::lgamma(k as f64 + 1.0) - libm::lgamma((n - k) as f64 + 1.0)
}

fn quantiles(effort: Effort) -> Vec<Row> {
    let (p95, p99) = (Quantile::percent(95), Quantile::percent(99));
    let mut rows = Vec::new();
    for (quantile, n) in [(Quantile::MEDIAN, 20), (Quantile::MEDIAN, 200), (p95, 72), (p95, 200), (p99, 368)]
    {
        let method = format!("order statistics, {quantile}");
        let repeats = effort.repeats(20_000);
        let truth = -libm::log1p(-quantile.probability());
        let ranks = quantile.ranks(n, LEVEL).expect("n is large enough");
        let promise = Promise::Exactly { coverage: ranks.coverage(quantile, n), safe: true };
        rows.push(Row::measure((&method, "exponential", n), promise, repeats, |luck| {
            let sample = Sample::new(luck.many(n, Luck::exponential), 0).expect("finite");
            covers(sample.quantile(quantile, LEVEL).interval, truth)
        }));
        // Rounded up to fifths, the observations tie; the quantile is the next fifth.
        let promise = Promise::AtLeastNominal;
        rows.push(Row::measure((&method, "exponential in fifths", n), promise, repeats, |luck| {
            let fifths = |luck: &mut Luck| libm::ceil(5.0 * luck.exponential());
            let sample = Sample::new(luck.many(n, fifths), 0).expect("finite");
            covers(sample.quantile(quantile, LEVEL).interval, libm::ceil(5.0 * truth))
        }));
    }
    rows
}
