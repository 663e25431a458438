//! A gate of five checks, each true by a hair: how often does any of them fail?

use bakeoff::stats::{Pairs, Proportion, Quantile, Sample, holm};

use super::luck::Luck;
use super::{Effort, Promise, Row};

pub(crate) fn rows(effort: Effort) -> Vec<Row> {
    let mut rows = Vec::new();
    for n in [20, 200] {
        let repeats = effort.repeats(20_000);
        let with = ("no false 'fails' in 5 checks, Holm", "every bound is the true value", n);
        rows.push(Row::measure(with, Promise::AtLeastNominal, repeats, |luck| {
            holm(&fails(luck, n)).into_iter().all(|p| p > 0.05)
        }));
        let without = ("the same without Holm", "every bound is the true value", n);
        rows.push(Row::measure(without, Promise::Nothing, repeats, |luck| {
            fails(luck, n).into_iter().all(|p| p > 0.05)
        }));
    }
    rows
}

/// The p-values of "the claim fails" of five claims that hold: about a mean, a median, a p90, a share and
/// a mean's difference from a baseline. The first four speak of one metric, as those of a gate do.
fn fails(luck: &mut Luck, n: usize) -> [f64; 5] {
    let drawn = luck.many(n, |luck| luck.normals(0.8));
    let sample = Sample::new(drawn.iter().map(|(_, arm)| *arm).collect(), 0).expect("finite");
    let over = drawn.iter().filter(|(_, arm)| *arm > 0.0).count();
    let pairs = Pairs::new(drawn).expect("finite");
    [
        sample.mean_against(0.0).expect("two or more").greater,
        sample.quantile_against(Quantile::MEDIAN, 0.0).greater,
        sample.quantile_against(Quantile::percent(90), 1.281_551_565_544_600_4).greater,
        Proportion::new(over, n).expect("there are trials").against(0.5).greater,
        pairs.mean_difference_against(0.0).expect("two or more").greater,
    ]
}
