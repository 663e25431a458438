//! From an address to a uniform variate.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One replication of an experiment, salted by the experiment's master seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Salts every replication of the experiment.
    pub master: u64,
    /// Number of the replication.
    pub replication: u64,
}

impl Seed {
    /// The key of all draws for one purpose on behalf of one named thing.
    ///
    /// It is the first output of ChaCha8 under the 256-bit key
    /// `master ‖ replication ‖ purpose ‖ name`, each little-endian, so no two
    /// addresses share key material by arithmetic accident. Make it once for each run
    /// and keep it: it costs about as much as thirty draws.
    pub fn key(self, purpose: u64, name: u64) -> Key {
        let mut bytes = [0; 32];
        for (word, to) in
            [self.master, self.replication, purpose, name].into_iter().zip(bytes.chunks_exact_mut(8))
        {
            to.copy_from_slice(&word.to_le_bytes());
        }
        Key { word: ChaCha8Rng::from_seed(bytes).next_u64() }
    }
}

/// A stable 64-bit tag of a name (FNV-1a, Fowler, Noll and Vo), for [`Seed::key`].
pub const fn name_tag(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

/// The key of the draws for one purpose in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    word: u64,
}

impl Key {
    /// The uniform variate of an entity's `occurrence`-th draw under this key.
    pub fn uniform(self, entity: u32, occurrence: u32) -> Uniform {
        let counter = u64::from(entity) << 32 | u64::from(occurrence);
        Uniform::from_bits(philox_2x64([counter, 0], self.word)[0])
    }
}

/// Rounds of Philox; the paper found no failure of BigCrush from six on and advises ten.
const ROUNDS: u32 = 10;

/// Philox2x64-10: Salmon, Moraes, Dror and Shaw, 'Parallel random numbers: as easy as 1, 2, 3' (SC 2011).
fn philox_2x64(mut counter: [u64; 2], mut key: u64) -> [u64; 2] {
    const MULTIPLIER: u64 = 0xd2b7_4407_b1ce_6e93;
    const WEYL: u64 = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..ROUNDS {
        let product = u128::from(counter[0]) * u128::from(MULTIPLIER);
        counter = [(product >> 64) as u64 ^ key ^ counter[1], product as u64];
        key = key.wrapping_add(WEYL);
    }
    counter
}

/// A uniform variate strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Uniform(f64);

impl Uniform {
    /// The midpoint of the cell of width 2^-52 that the upper 52 bits name.
    ///
    /// With 53 bits the midpoints above one half would not be representable and
    /// the last would round to 1; with 52 every one of them, and its complement, is exact.
    pub const fn from_bits(bits: u64) -> Self {
        Self(((bits >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64))
    }

    /// The variate, at least 2^-53 and at most 1 - 2^-53.
    pub const fn value(self) -> f64 {
        self.0
    }

    /// Whether an event of probability `p` happens: never at 0, always at 1.
    pub fn below(self, p: f64) -> bool {
        self.0 < p
    }

    /// One minus the variate, exactly.
    pub(super) const fn complement(self) -> f64 {
        1.0 - self.0
    }

    /// A variate computed from another; kept off 0 and 1.
    pub(super) const fn clamped(value: f64) -> Self {
        const LEAST: f64 = 1.0 / (1_u64 << 53) as f64;
        Self(value.clamp(LEAST, 1.0 - LEAST))
    }
}
