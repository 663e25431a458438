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

/// A cell whose error may exceed this is not used: the table would decline too often to be worth its cache lines.
const MARGIN_MAX: f64 = 0.02;
/// The largest share of cells in the middle half that may be unusable.
const UNUSABLE_MAX: usize = CELLS / 8;

/// A cubic in the position within the cell, from 0 to 1.
#[derive(Clone, Copy, Debug)]
struct Cubic {
    coefficients: [f64; 4],
}

impl Cubic {
    /// A cell that always declines.
    const UNUSABLE: Self = Self { coefficients: [f64::NAN; 4] };

    fn at(self, t: f64) -> f64 {
        let [a, b, c, d] = self.coefficients;
        a + t * (b + t * (c + t * d))
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
    /// More than the largest error of any usable cell.
    margin: f64,
}

impl Table {
    /// Tables `quantile`, unless the table would decline too often.
    pub(super) fn of(quantile: impl Fn(Uniform) -> f64) -> Option<Self> {
        let mut cells = Vec::with_capacity(2 * CELLS);
        let mut margin: f64 = 0.0;
        let mut unusable = 0;
        for cell in 0..2 * CELLS {
            let exact = |t: f64| {
                let near = place(cell % CELLS, t);
                quantile(Uniform::clamped(if cell < CELLS { near } else { 1.0 - near })) + 0.5
            };
            let cubic = Cubic::through(exact);
            let error = EXTREMES.map(|t| (cubic.at(t) - exact(t)).abs()).into_iter().fold(0.0, f64::max);
            // Beyond the first order the extremes lie elsewhere, by little: four times is ample.
            // The rest covers the rounding of both computations.
            let bound = 4.0 * error + 1e-9 + 1e-12 * exact(1.0).abs();
            if bound < MARGIN_MAX {
                margin = margin.max(bound);
                cells.push(cubic);
            } else {
                unusable += 1;
                cells.push(Cubic::UNUSABLE);
            }
        }
        (unusable <= UNUSABLE_MAX).then(|| Self { cells: cells.into_boxed_slice(), margin })
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

/// The distance from the end of the unit interval at position `t` of a cell.
fn place(cell: usize, t: f64) -> f64 {
    let start = f64::from_bits((FIRST + cell as u64) << WITHIN_BITS);
    let end = f64::from_bits((FIRST + cell as u64 + 1) << WITHIN_BITS);
    start + t * (end - start)
}
