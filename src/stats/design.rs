//! Designs of experiments: where in a space of several axes to look.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The first three quarters of the generator's key; the seed is the rest.
const KEY: &[u8; 24] = b"Latin hypercube design 1";

/// A Latin hypercube of `points` points in the unit cube of `axes` axes; one row a point.
///
/// Each axis is cut into `points` equal strata, and each stratum of each axis holds exactly one
/// point, at a random place inside it (McKay, Beckman and Conover, Technometrics 21, 1979).
/// Coordinates lie strictly between 0 and 1. An axis added at the end leaves those before
/// it as they were.
///
/// Axis `a` has stream `a` of ChaCha8 under a key of 24 fixed bytes and the seed, little-endian.
pub fn latin_hypercube(points: usize, axes: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut key = [0; 32];
    key[..24].copy_from_slice(KEY);
    key[24..].copy_from_slice(&seed.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    let mut rows = vec![Vec::with_capacity(axes); points];
    for axis in 0..axes {
        rng.set_stream(axis as u64);
        rng.set_word_pos(0);
        for (row, stratum) in rows.iter_mut().zip(permutation(points, &mut rng)) {
            // Half-open steps of 2^-32 keep the sum exact, so rounding never leaves the stratum.
            let inside = (f64::from(rng.next_u32()) + 0.5) / 4_294_967_296.0;
            row.push((stratum as f64 + inside) / points as f64);
        }
    }
    rows
}

/// The numbers below `n` in random order (Fisher and Yates).
fn permutation(n: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        // The remainder of 64 random bits is uneven by less than n / 2^64.
        let pick = (rng.next_u64() % (last as u64 + 1)) as usize;
        order.swap(last, pick);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stratum_of_every_axis_holds_one_point() {
        for (points, axes) in [(1, 1), (2, 3), (7, 4), (1_000, 2)] {
            let rows = latin_hypercube(points, axes, 17);
            assert_eq!(rows.len(), points);
            for axis in 0..axes {
                let mut strata: Vec<usize> =
                    rows.iter().map(|row| (row[axis] * points as f64) as usize).collect();
                strata.sort_unstable();
                assert_eq!(strata, (0..points).collect::<Vec<_>>(), "axis {axis} of {points} points");
                assert!(rows.iter().all(|row| 0.0 < row[axis] && row[axis] < 1.0));
            }
        }
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        assert_eq!(latin_hypercube(20, 3, 1), latin_hypercube(20, 3, 1));
        assert_ne!(latin_hypercube(20, 3, 1), latin_hypercube(20, 3, 2));
    }

    #[test]
    fn one_more_axis_leaves_the_others_as_they_were() {
        let (two, three) = (latin_hypercube(20, 2, 5), latin_hypercube(20, 3, 5));
        assert!(two.iter().zip(&three).all(|(two, three)| two[..] == three[..2]));
    }

    #[test]
    fn no_points_and_no_axes_make_an_empty_design() {
        assert_eq!(latin_hypercube(0, 3, 1), Vec::<Vec<f64>>::new());
        assert_eq!(latin_hypercube(2, 0, 1), vec![Vec::<f64>::new(); 2]);
    }

    #[test]
    fn axes_are_not_correlated() {
        let rows = latin_hypercube(2_000, 2, 3);
        let column = |axis: usize| rows.iter().map(|row| row[axis]).collect::<Vec<_>>();
        let (x, y) = (column(0), column(1));
        let shared = super::super::moments::covariance(&x, &y).expect("two thousand");
        // The correlation of two random permutations has standard deviation 1 / √(n − 1): 0.022.
        assert!((shared * 12.0).abs() < 0.09, "{}", shared * 12.0);
    }
}
