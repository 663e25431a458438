//! Digest: the fingerprint of a run, a running hash of (time, event).
//!
//! Two runs with equal digests went through the same events at the same instants.
//! It guards against accidents, not against forgery.

use super::time::SimTime;

/// What an event looks like to the digest.
pub trait Fingerprint {
    /// A number that differs between any two events worth telling apart, on every platform the same.
    fn fingerprint(&self) -> u64;
}

impl Fingerprint for u64 {
    fn fingerprint(&self) -> u64 {
        *self
    }
}

impl Fingerprint for u32 {
    fn fingerprint(&self) -> u64 {
        u64::from(*self)
    }
}

/// A running 64-bit hash of the events handed out so far, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    state: u64,
}

/// Odd constants with well-spread bits: the fractional parts of the golden ratio and of the square root of two.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const SILVER: u64 = 0x6a09_e667_f3bc_c909;

impl Digest {
    /// The digest of no events.
    pub const fn new() -> Self {
        Self { state: GOLDEN }
    }

    /// Takes in one event.
    ///
    /// Time and event are spread over the word before they meet the state, so the
    /// only work that waits for the event before is one rotation, one xor and one multiplication.
    pub fn absorb(&mut self, at: SimTime, fingerprint: u64) {
        let word = at.as_ms().wrapping_mul(GOLDEN).rotate_left(32) ^ fingerprint.wrapping_mul(SILVER);
        self.state = (self.state.rotate_left(29) ^ word).wrapping_mul(GOLDEN);
    }

    /// The hash so far, with the last events spread over all bits (the finaliser of `MurmurHash3`, Appleby 2011).
    pub const fn value(self) -> u64 {
        let mut x = self.state;
        x = (x ^ (x >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        x = (x ^ (x >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        x ^ (x >> 33)
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(events: &[(u64, u64)]) -> u64 {
        let mut digest = Digest::new();
        for &(ms, fingerprint) in events {
            digest.absorb(SimTime::from_ms(ms), fingerprint);
        }
        digest.value()
    }

    #[test]
    fn a_digest_tells_times_events_and_their_order_apart() {
        let digests = [
            of(&[]),
            of(&[(0, 0)]),
            of(&[(1, 2), (3, 4)]),
            of(&[(3, 4), (1, 2)]),
            of(&[(2, 1), (3, 4)]),
            of(&[(1, 4), (3, 2)]),
            of(&[(1, 2), (3, 5)]),
            of(&[(1, 2)]),
        ];
        for (i, one) in digests.iter().enumerate() {
            assert!(!digests[i + 1..].contains(one), "{i}");
        }
    }

    #[test]
    fn a_digest_never_changes_with_the_version() {
        assert_eq!(format!("{:016x}", of(&[(1, 2), (60_000, 7)])), "466de2824dcdd80a");
    }

    #[test]
    fn one_changed_bit_changes_about_half_of_the_digest() {
        let base = of(&[(0x3e8, 7), (2_000, 8), (2_000, 9)]);
        let mut changed = 0;
        for bit in 0..40 {
            changed += (base ^ of(&[(0x3e8 ^ 1 << bit, 7), (2_000, 8), (2_000, 9)])).count_ones();
            changed += (base ^ of(&[(0x3e8, 7), (2_000, 8 ^ 1 << bit), (2_000, 9)])).count_ones();
        }
        assert!((28..=36).contains(&(changed / 80)), "{} bits of 64", changed / 80);
    }
}
