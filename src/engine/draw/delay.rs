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
