//! A table that gives the very draws of exact inversion, at a fraction of its cost.
//!
//! The inverse of the distribution function is approximated by a cubic in each cell
//! of the unit interval, and the cells grow finer towards both ends: each halving of
//! the distance to an end has as many cells as the one before. A draw is rounded to
//! whole numbers in the end, so an approximation that is off by less than its distance from the
//! nearest point of rounding gives the same whole number as the exact inverse. Where it may not,
//! and in the extreme tails, the table declines and the caller inverts exactly.

use super::Uniform;

/// Logarithm of the cells in each halving.
const CELL_BITS: u32 = 4;
/// Halvings that have cells: the table ends where a tail has 2^-14 left.
const HALVINGS: u32 = 13;
const CELLS: usize = (HALVINGS as usize) << CELL_BITS;
/// Bits below the cell's number in the mantissa.
const WITHIN_BITS: u32 = 52 - CELL_BITS;
/// The number that exponent and leading mantissa bits make in the first cell.
const FIRST: u64 = (1_023 - 1 - HALVINGS as u64) << CELL_BITS;

/// A table that declines a larger share of draws is not worth having.
const DECLINED_MAX: f64 = 0.25;

/// A cubic in the position within the cell, from 0 to 1.
#[derive(Clone, Copy, Debug)]
struct Cubic {
    coefficients: [f64; 4],
}

impl Cubic {
    /// A cell that always declines.
    const UNUSABLE: Self = Self { coefficients: [f64::NAN; 4] };

    fn at(self, t: f64) -> f64 {
        let [constant, linear, square, cube] = self.coefficients;
        constant + t * (linear + t * (square + t * cube))
    }

    /// The cubic through `f` at the four Chebyshev nodes.
    fn through(f: impl Fn(f64) -> f64) -> Self {
        let value = NODES.map(&f);
        // Newton's divided differences, then multiplied out.
        let mut difference = value;
        for order in 1..4 {
            for i in (order..4).rev() {
                difference[i] = (difference[i] - difference[i - 1]) / (NODES[i] - NODES[i - order]);
            }
        }
        let mut coefficients = [difference[3], 0.0, 0.0, 0.0];
        for i in (0..3).rev() {
            for power in (1..4).rev() {
                coefficients[power] = coefficients[power - 1] - NODES[i] * coefficients[power];
            }
            coefficients[0] = difference[i] - NODES[i] * coefficients[0];
        }
        Self { coefficients }
    }
}

/// Zeros of the Chebyshev polynomial T4 on the unit interval: (1 - cos((2k+1)π/8)) / 2.
const NODES: [f64; 4] =
    [0.038_060_233_744_356_62, 0.308_658_283_817_455, 0.691_341_716_182_545, 0.961_939_766_255_643_4];
/// Where the error of that cubic is largest, to the first order: extremes of T4.
const EXTREMES: [f64; 5] = [0.0, 0.146_446_609_406_726_24, 0.5, 0.853_553_390_593_273_8, 1.0];

/// The tabled inverse of a distribution, plus one half, ready to be rounded down.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Cells of the lower half from its end to the middle, then those of the upper half.
    cells: Box<[Cubic]>,
    /// At least the largest error of any usable cell.
    margin: f64,
}

impl Table {
    /// Tables `quantile`, unless the table would decline too often.
    pub(super) fn of(quantile: impl Fn(Uniform) -> f64) -> Option<Self> {
        let mut cells = Vec::with_capacity(2 * CELLS);
        let mut bounds = Vec::with_capacity(2 * CELLS);
        for cell in 0..2 * CELLS {
            let exact = |t: f64| {
                let near = place(cell % CELLS, t);
                quantile(Uniform::clamped(if cell < CELLS { near } else { 1.0 - near })) + 0.5
            };
            let cubic = Cubic::through(exact);
            let error = EXTREMES.map(|t| (cubic.at(t) - exact(t)).abs()).into_iter().fold(0.0, f64::max);
            // Beyond the first order the extremes lie elsewhere, by little: four times is ample.
            // The rest covers the rounding of both computations.
            bounds.push(4.0 * error + 1e-9 + 1e-12 * exact(1.0).abs());
            cells.push(cubic);
        }
        let (margin, declined) = best_margin(&bounds);
        for (cell, bound) in cells.iter_mut().zip(bounds) {
            if bound > margin {
                *cell = Cubic::UNUSABLE;
            }
        }
        (declined <= DECLINED_MAX).then(|| Self { cells: cells.into_boxed_slice(), margin })
    }

    /// The quantile of `u` rounded half up, if the table is sure of it.
    pub(super) fn rounded(&self, u: Uniform) -> Option<u64> {
        let (value, complement) = (u.value(), u.complement());
        let (near, side) = if value < complement { (value, 0) } else { (complement, CELLS) };
        let bits = near.to_bits();
        let cell = (bits >> WITHIN_BITS).wrapping_sub(FIRST) as usize;
        if cell >= CELLS {
            return None;
        }
        // The mantissa bits below the cell's number, moved to the top of a number in 1 … 2.
        let within = bits << CELL_BITS & ((1 << 52) - 1);
        let t = f64::from_bits(1.0_f64.to_bits() | within) - 1.0;
        let x = self.cells[side + cell].at(t);
        let whole = x as u64;
        let rest = x - whole as f64;
        (rest > self.margin && rest < 1.0 - self.margin).then_some(whole)
    }
}

/// The margin under which the fewest draws are declined, and their share.
///
/// A wide margin declines more draws next to a point of rounding, a narrow one gives up
/// the cells whose error may exceed it.
fn best_margin(bounds: &[f64]) -> (f64, f64) {
    let mass = |cell: usize| place(cell % CELLS, 1.0) - place(cell % CELLS, 0.0);
    let mut ascending: Vec<usize> = (0..bounds.len()).collect();
    ascending.sort_by(|&one, &other| bounds[one].total_cmp(&bounds[other]));
    let (mut best, mut usable) = ((0.0, 1.0), 0.0);
    for cell in ascending {
        usable += mass(cell);
        let declined = 1.0 - usable * (1.0 - 2.0 * bounds[cell]);
        if declined < best.1 {
            best = (bounds[cell], declined);
        }
    }
    best
}

/// The distance from the end of the unit interval at position `t` of a cell.
fn place(cell: usize, t: f64) -> f64 {
    let start = f64::from_bits((FIRST + cell as u64) << WITHIN_BITS);
    let end = f64::from_bits((FIRST + cell as u64 + 1) << WITHIN_BITS);
    start + t * (end - start)
}

#[cfg(test)]
mod tests {
    use super::super::{Distribution, Seed};
    use super::*;

    /// Distributions of delays whose tables must give what exact inversion gives.
    fn tabled() -> Vec<Distribution> {
        [
            Distribution::log_normal_median_p99(20e3, 60e3),
            Distribution::log_normal_median_sigma(60e3, 0.3),
            Distribution::log_normal_median_sigma(1e3, 2.0),
            Distribution::exponential(30e3),
            Distribution::weibull(1.5, 45.0 * 60e3),
            Distribution::weibull(0.7, 5e3),
            Distribution::gamma(2.5, 30e3),
            Distribution::gamma(0.3, 4e3),
            Distribution::pert(10e3, 20e3, 60e3),
            Distribution::pert(0.0, 60e3, 60e3),
            Distribution::log_normal_median_p99(20e3, 60e3).and_then(|d| d.truncated(Some(9e3), Some(40e3))),
            Distribution::exponential(30e3).and_then(|d| d.truncated(Some(1e3), None)),
        ]
        .map(|distribution| distribution.expect("the parameters are sound"))
        .into()
    }

    fn exact(distribution: &Distribution, u: Uniform) -> u64 {
        (distribution.quantile(u) + 0.5) as u64
    }

    #[test]
    fn a_table_never_differs_from_exact_inversion() {
        let key = Seed { master: 7, replication: 0 }.key(0, 0);
        for distribution in tabled() {
            let table = Table::of(|u| distribution.quantile(u)).expect("worth a table");
            let mut declined = 0;
            for i in 0..200_000 {
                let u = key.uniform(i, 0);
                match table.rounded(u) {
                    Some(whole) => assert_eq!(whole, exact(&distribution, u), "{distribution:?} {u:?}"),
                    None => declined += 1,
                }
            }
            assert!(
                f64::from(declined) < 1.01 * DECLINED_MAX * 200e3,
                "{distribution:?} declined {declined}"
            );
        }
    }

    #[test]
    fn a_table_is_right_on_both_sides_of_every_point_of_rounding() {
        // Where a table and the exact inverse would part first: next to the u of n + 1/2.
        for distribution in tabled() {
            let table = Table::of(|u| distribution.quantile(u)).expect("worth a table");
            for i in 1..400 {
                let u = f64::from(i) / 400.0;
                let edge = distribution.quantile(Uniform::clamped(u)).floor() + 0.5;
                let at = distribution.cdf(edge);
                for step in -30..=30 {
                    let u = Uniform::clamped(at * (1.0 + f64::from(step) * 1e-8));
                    if let Some(whole) = table.rounded(u) {
                        assert_eq!(whole, exact(&distribution, u), "{distribution:?} {u:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_error_within_a_cell_stays_below_the_margin() {
        for distribution in tabled() {
            let table = Table::of(|u| distribution.quantile(u)).expect("worth a table");
            for cell in (0..CELLS).step_by(5) {
                for t in (0..=16).map(|i| f64::from(i) / 16.0) {
                    let near = place(cell, t);
                    for (u, side) in [(near, 0), (1.0 - near, CELLS)] {
                        let error =
                            table.cells[side + cell].at(t) - distribution.quantile(Uniform::clamped(u)) - 0.5;
                        assert!(
                            error.is_nan() || error.abs() < table.margin / 2.0,
                            "{distribution:?} cell {cell} t {t}: {error} against {}",
                            table.margin
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_delay_of_months_gets_no_table() {
        let distribution = Distribution::exponential(30.0 * 86_400e3).expect("a positive mean");
        assert!(Table::of(|u| distribution.quantile(u)).is_none());
    }

    #[test]
    fn delays_of_a_minute_are_declined_once_in_a_hundred_draws_at_most() {
        let key = Seed { master: 7, replication: 0 }.key(0, 0);
        for (median, p99) in [(20e3, 60e3), (14e3, 40e3), (60e3, 120e3), (2e3, 20e3)] {
            let distribution = Distribution::log_normal_median_p99(median, p99).expect("in order");
            let table = Table::of(|u| distribution.quantile(u)).expect("worth a table");
            let declined = (0..100_000).filter(|&i| table.rounded(key.uniform(i, 0)).is_none()).count();
            assert!(declined < 1_000, "median {median}: {declined}");
        }
    }

    #[test]
    fn the_ends_of_the_unit_interval_are_left_to_exact_inversion() {
        let distribution = Distribution::exponential(30e3).expect("a positive mean");
        let table = Table::of(|u| distribution.quantile(u)).expect("worth a table");
        for bits in [0, u64::MAX, 1 << 12] {
            assert_eq!(table.rounded(Uniform::from_bits(bits)), None);
        }
        assert_eq!(table.rounded(Uniform::clamped(0.5)), None);
    }
}
