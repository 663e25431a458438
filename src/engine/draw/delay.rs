//! Delay: a distribution of spans, ready for use.

use std::sync::Arc;

use super::table::Table;
use super::{Distribution, Key, Uniform};
use crate::engine::time::SimDuration;

/// A distribution of spans in whole milliseconds.
///
/// Equal when the distributions are; cloning shares the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay {
    law: Law,
}

#[derive(Clone, Debug)]
enum Law {
    Fixed(SimDuration),
    /// Inverted each time: where that is cheap, or a table would be of no use.
    Exact(Distribution),
    /// Looked up, and inverted where the table is not sure of the whole millisecond.
    Tabled(Distribution, Arc<Table>),
}

impl PartialEq for Law {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fixed(one), Self::Fixed(other)) => one == other,
            // Whether there is a table follows from the distribution.
            (Self::Exact(one) | Self::Tabled(one, _), Self::Exact(other) | Self::Tabled(other, _)) => {
                one == other
            }
            (Self::Fixed(_), _) | (_, Self::Fixed(_)) => false,
        }
    }
}

impl Delay {
    /// Always the same span.
    pub const fn fixed(span: SimDuration) -> Self {
        Self { law: Law::Fixed(span) }
    }

    /// Spans that follow `distribution`, which is in milliseconds.
    ///
    /// Where inversion is costly this builds a table, once: a tenth of a millisecond
    /// for the log-normal, some milliseconds for gamma and PERT.
    pub fn from_distribution(distribution: Distribution) -> Self {
        if let Some(value) = distribution.as_fixed() {
            return Self::fixed(round(value));
        }
        let table = distribution.is_costly().then(|| Table::of(|u| distribution.quantile(u))).flatten();
        let law = match table {
            Some(table) => Law::Tabled(distribution, Arc::new(table)),
            None => Law::Exact(distribution),
        };
        Self { law }
    }

    /// The span if it is always the same, so that the caller may skip the draw.
    pub const fn as_fixed(&self) -> Option<SimDuration> {
        match self.law {
            Law::Fixed(span) => Some(span),
            Law::Exact(_) | Law::Tabled(..) => None,
        }
    }

    /// The span that `u` picks, rounded to whole milliseconds, half up.
    pub fn sample(&self, u: Uniform) -> SimDuration {
        match &self.law {
            Law::Fixed(span) => *span,
            Law::Exact(distribution) => round(distribution.quantile(u)),
            Law::Tabled(distribution, table) => match table.rounded(u) {
                Some(ms) => SimDuration::from_ms(ms),
                None => round(distribution.quantile(u)),
            },
        }
    }

    /// The span of an entity's `occurrence`-th draw under `key`; a fixed one costs no draw.
    pub fn sample_at(&self, key: Key, entity: u32, occurrence: u32) -> SimDuration {
        match self.law {
            Law::Fixed(span) => span,
            Law::Exact(_) | Law::Tabled(..) => self.sample(key.uniform(entity, occurrence)),
        }
    }
}

/// Whole milliseconds, half up; what exceeds the clock saturates.
fn round(ms: f64) -> SimDuration {
    SimDuration::from_ms((ms + 0.5) as u64)
}

#[cfg(test)]
mod tests {
    use super::super::{DistributionError, Seed};
    use super::*;

    #[test]
    fn a_span_is_rounded_half_up() {
        for (ms, whole) in [(0.0, 0), (0.499_999, 0), (0.5, 1), (1.5, 2), (2.499, 2), (1e30, u64::MAX)] {
            assert_eq!(round(ms).as_ms(), whole, "{ms}");
        }
    }

    #[test]
    fn a_delay_that_is_always_the_same_says_so() -> Result<(), DistributionError> {
        let span = SimDuration::from_secs(2);
        let same = Delay::from_distribution(Distribution::uniform(2e3, 2e3)?);
        assert_eq!(same, Delay::fixed(span));
        assert_eq!(same.as_fixed(), Some(span));
        assert_eq!(Delay::from_distribution(Distribution::uniform(1e3, 2e3)?).as_fixed(), None);
        Ok(())
    }

    #[test]
    fn an_addressed_sample_is_the_sample_of_the_addressed_uniform() -> Result<(), DistributionError> {
        let key = Seed { master: 3, replication: 1 }.key(9, 9);
        for distribution in [Distribution::exponential(5e3)?, Distribution::triangular(1e3, 2e3, 9e3)?] {
            let delay = Delay::from_distribution(distribution.clone());
            for occurrence in 0..1_000 {
                let u = key.uniform(17, occurrence);
                let exact = SimDuration::from_ms((distribution.quantile(u) + 0.5) as u64);
                assert_eq!(delay.sample_at(key, 17, occurrence), exact);
                assert_eq!(delay.sample(u), exact);
            }
        }
        Ok(())
    }

    #[test]
    fn delays_are_equal_when_their_distributions_are() -> Result<(), DistributionError> {
        let of =
            |mean| Ok::<_, DistributionError>(Delay::from_distribution(Distribution::exponential(mean)?));
        assert_eq!(of(5e3)?, of(5e3)?);
        assert_ne!(of(5e3)?, of(6e3)?);
        assert_ne!(of(5e3)?, Delay::fixed(SimDuration::from_secs(5)));
        Ok(())
    }
}
