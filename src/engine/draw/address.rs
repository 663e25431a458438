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
    /// It is the first output of `ChaCha8` under the 256-bit key
    /// `master ‖ replication ‖ purpose ‖ name`, each little-endian, so no two
    /// addresses share key material by arithmetic accident. Make it once for each run
    /// and keep it: it costs about as much as twenty draws.
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

/// Rounds of Philox; the paper found no failure of `BigCrush` from six on and advises ten.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_meets_the_known_answers_of_random123() {
        let pi = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];
        for (counter, key, expected) in [
            ([0, 0], 0, [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]),
            ([u64::MAX; 2], u64::MAX, [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]),
            (pi, 0xa409_3822_299f_31d0, [0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d]),
        ] {
            assert_eq!(philox_2x64(counter, key), expected);
        }
    }

    #[test]
    fn key_material_is_that_of_chacha8() {
        // Zero key and stream: draft-strombergson-chacha-test-vectors-01, TC1, 8 rounds.
        let key = Seed { master: 0, replication: 0 }.key(0, 0);
        assert_eq!(key.word.to_le_bytes(), [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]);
    }

    #[test]
    fn every_part_of_an_address_makes_another_key() {
        let seed = Seed { master: 1, replication: 2 };
        let keys = [
            seed.key(3, 4),
            Seed { master: 2, replication: 1 }.key(3, 4),
            seed.key(4, 3),
            seed.key(3, 5),
            Seed { replication: 3, ..seed }.key(3, 4),
        ];
        for (i, one) in keys.iter().enumerate() {
            for other in &keys[i + 1..] {
                assert_ne!(one, other);
            }
        }
    }

    #[test]
    fn name_tags_are_fnv_1a() {
        // The check values of the FNV reference page.
        assert_eq!(name_tag(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(name_tag("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(name_tag("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_uniform_is_never_zero_nor_one_and_its_complement_is_exact() {
        let (least, most) = (Uniform::from_bits(0), Uniform::from_bits(u64::MAX));
        assert_eq!(least.value(), 1.0 / (1_u64 << 53) as f64);
        assert_eq!(most.complement(), least.value());
        assert!(most.value() < 1.0);
        for bits in [0, 1 << 12, 0x8000_0000_0000_0000, 0x1234_5678_9abc_def0] {
            assert_eq!(Uniform::from_bits(!bits).value(), Uniform::from_bits(bits).complement());
        }
    }

    #[test]
    fn nothing_happens_with_chance_zero_and_all_with_chance_one() {
        for bits in [0, u64::MAX, 1 << 63] {
            assert!(!Uniform::from_bits(bits).below(0.0));
            assert!(Uniform::from_bits(bits).below(1.0));
        }
    }
}
