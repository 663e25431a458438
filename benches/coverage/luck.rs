//! Random variates of the experiments, by methods that share nothing with the simulator's draws.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The luck of one repeat of one experiment.
pub(crate) struct Luck(ChaCha8Rng);

impl Luck {
    /// Repeat `repeat` is a stream of its own under a key that the experiment's name gives, so a row
    /// added to the table moves no other.
    pub(crate) fn new(experiment: &str, repeat: usize) -> Self {
        // FNV-1a of the name.
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let name = experiment.bytes().fold(0xcbf2_9ce4_8422_2325, step);
        let mut key = *b"coverage experiments 001\0\0\0\0\0\0\0\0";
        key[24..].copy_from_slice(&name.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(repeat as u64);
        Self(rng)
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        libm::sqrt(2.0 * self.exponential()) * libm::cos(TAU * self.uniform())
    }

    /// Two standard normal variates with this correlation.
    pub(crate) fn normals(&mut self, correlation: f64) -> (f64, f64) {
        let (one, other) = (self.normal(), self.normal());
        (one, correlation * one + libm::sqrt(1.0 - correlation * correlation) * other)
    }

    pub(crate) fn hits(&mut self, n: usize, chance: f64) -> usize {
        (0..n).filter(|_| self.uniform() < chance).count()
    }

    pub(crate) fn many<T>(&mut self, n: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..n).map(|_| one(self)).collect()
    }
}
