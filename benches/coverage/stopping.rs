//! Runs that go on until they are precise.

use bakeoff::stats::{Confidence, Estimate, Precision, Quantile, Sample, next_size};
use rayon::prelude::*;

use super::luck::Luck;
use super::{Effort, Promise, Row, covers};

/// No run here comes near it.
const MOST: usize = 100_000;

/// A mean or a quantile, and its true value under a model.
type Target = (&'static str, fn(&Sample) -> Estimate, f64);

/// A name and a way to draw.
type Model = (&'static str, fn(&mut Luck) -> f64);

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let mean: fn(&Sample) -> Estimate = |s| s.mean(Confidence::NINETY_FIVE).expect("nothing is censored");
    let p95: fn(&Sample) -> Estimate = |s| s.quantile(Quantile::percent(95), Confidence::NINETY_FIVE);
    let normal: Model = ("normal, σ / μ = 1/3", |luck| 30.0 + 10.0 * luck.normal());
    let exponential: Model = ("exponential", Luck::exponential);
    // z of 95 %.
    let normal_p95 = 30.0 + 10.0 * 1.644_853_626_951_472_2;
    vec![
        row(("mean", mean, 30.0), normal, 0.05, effort),
        row(("mean", mean, 30.0), normal, 0.10, effort),
        row(("mean", mean, 1.0), exponential, 0.05, effort),
        row(("mean", mean, 1.0), exponential, 0.10, effort),
        row(("p95", p95, normal_p95), normal, 0.05, effort),
        row(("p95", p95, libm::log(20.0)), exponential, 0.10, effort),
    ]
}

fn row((name, estimate, truth): Target, (model, draw): Model, share: f64, effort: Effort) -> Row {
    let method = format!("{name} until ±{:.0} %", 100.0 * share);
    let repeats = effort.repeats(2_000);
    let ended: Vec<(bool, usize)> = (0..repeats)
        .into_par_iter()
        .map(|repeat| {
            let mut luck = Luck::new(&format!("{method}/{model}"), repeat);
            let stopped = until_precise(&mut luck, draw, estimate, Precision::Relative(share));
            (covers(stopped.interval, truth), stopped.n)
        })
        .collect();
    let covered = ended.iter().filter(|(covered, _)| *covered).count();
    let total: usize = ended.iter().map(|(_, n)| n).sum();
    Row {
        method,
        model: model.to_owned(),
        n: format!("mean {:.0}", total as f64 / repeats as f64),
        nominal: 0.95,
        covered: Some((covered, repeats)),
        promise: Promise::Nothing,
    }
}

/// The estimate at the first look that finds it precise enough.
fn until_precise(
    luck: &mut Luck,
    draw: fn(&mut Luck) -> f64,
    estimate: fn(&Sample) -> Estimate,
    precision: Precision,
) -> Estimate {
    let mut values = Vec::new();
    loop {
        let more = next_size(values.len()) - values.len();
        values.extend(luck.many(more, draw));
        let now = estimate(&Sample::new(values.clone(), 0).expect("finite"));
        if precision.reached(&now) || values.len() >= MOST {
            return now;
        }
    }
}
