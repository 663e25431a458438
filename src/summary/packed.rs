//! Values and digests of many seeds in few bytes.

use super::blocks::Blocks;
use super::value::Value;
use crate::outcome::{DeploymentStatus, StopReason};

/// A value in 64 bits: a number as it is, everything else as one of the patterns that are no finite number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed(u64);

/// +∞.
const CENSORED: u64 = 0x7ff0 << 48;
/// A quiet NaN; what it stands for is in its last bits.
const NO_NUMBER: u64 = 0x7ff8 << 48;
const MISSING: u64 = NO_NUMBER;
const NO: u64 = NO_NUMBER | 1;
const YES: u64 = NO_NUMBER | 2;
/// The first word; the others follow.
const TEXT: u64 = NO_NUMBER | 16;
const LAST: u64 = u64::MAX >> 1;

const STATUSES: usize = DeploymentStatus::ALL.len();

/// The words that a value can be, by their number.
fn text(number: usize) -> &'static str {
    match DeploymentStatus::ALL.get(number) {
        Some(status) => status.as_str(),
        None => StopReason::ALL[number - STATUSES].as_str(),
    }
}

impl Packed {
    fn word(word: &str) -> Self {
        let number = (0..STATUSES + StopReason::ALL.len()).find(|number| text(*number) == word);
        Self(TEXT + number.expect("words are statuses and reasons to stop") as u64)
    }
}

impl From<Value> for Packed {
    fn from(value: Value) -> Self {
        match value {
            Value::Missing => Self(MISSING),
            Value::Censored => Self(CENSORED),
            Value::Number(x) => {
                assert!(x.is_finite(), "values are finite numbers");
                Self(x.to_bits())
            }
            Value::Boolean(false) => Self(NO),
            Value::Boolean(true) => Self(YES),
            Value::Text(word) => Self::word(word),
        }
    }
}

impl From<Packed> for Value {
    fn from(Packed(bits): Packed) -> Self {
        match bits {
            MISSING => Self::Missing,
            NO => Self::Boolean(false),
            YES => Self::Boolean(true),
            CENSORED => Self::Censored,
            TEXT..=LAST => Self::Text(text((bits - TEXT) as usize)),
            _ => Self::Number(f64::from_bits(bits)),
        }
    }
}

/// The values of one column in every seed, in order of the seeds.
///
/// A value takes eight bytes at most, about one where there are few different ones, and next to none where it is the
/// same in every seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(Blocks);

impl Values {
    pub(super) fn push(&mut self, value: Packed) {
        self.0.push(value.0);
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`, counted from the first seed.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.0.get(index).map(|bits| Packed(bits).into())
    }

    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = Value> + Clone + '_ {
        self.0.iter().map(|bits| Packed(bits).into())
    }

    pub(super) fn allocated(&self) -> usize {
        self.0.allocated()
    }
}

impl FromIterator<Value> for Values {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Self(values.into_iter().map(|value| Packed::from(value).0).collect())
    }
}

/// The digests of every seed's events, in order of the seeds: eight bytes each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests(Blocks);

impl Digests {
    pub(super) fn push(&mut self, digest: u64) {
        self.0.push(digest);
    }

    /// Number of digests.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The digest at `index`, counted from the first seed.
    pub fn get(&self, index: usize) -> Option<u64> {
        self.0.get(index)
    }

    /// The digests in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        self.0.iter()
    }

    pub(super) fn allocated(&self) -> usize {
        self.0.allocated()
    }
}

impl FromIterator<u64> for Digests {
    fn from_iter<I: IntoIterator<Item = u64>>(digests: I) -> Self {
        Self(digests.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn everything_that_is_no_number_comes_back_as_it_was() {
        let words = DeploymentStatus::ALL.iter().map(|status| status.as_str());
        let words = words.chain(StopReason::ALL.iter().map(|stop| stop.as_str())).map(Value::Text);
        let others = [Value::Missing, Value::Censored, Value::Boolean(false), Value::Boolean(true)];
        for value in words.chain(others) {
            assert_eq!(Value::from(Packed::from(value)), value);
        }
    }

    proptest! {
        #[test]
        fn every_number_comes_back_to_the_last_bit(x in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO) {
            let Value::Number(back) = Value::from(Packed::from(Value::Number(x))) else {
                panic!("{x} is a number");
            };
            prop_assert_eq!(back.to_bits(), x.to_bits());
        }
    }
}
