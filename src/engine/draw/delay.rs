//! Delay: a distribution of spans, ready for use.

use super::{Distribution, Key, Uniform};
use crate::engine::time::SimDuration;

/// A distribution of spans in whole milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Delay {
    law: Law,
}

#[derive(Clone, Debug, PartialEq)]
enum Law {
    Fixed(SimDuration),
    Drawn(Distribution),
}

impl Delay {
    /// Always the same span.
    pub const fn fixed(span: SimDuration) -> Self {
        Self { law: Law::Fixed(span) }
    }

    /// Spans that follow `distribution`, which is in milliseconds.
    pub fn from_distribution(distribution: Distribution) -> Self {
        match distribution.as_fixed() {
            Some(value) => Self::fixed(to_span(value)),
            None => Self { law: Law::Drawn(distribution) },
        }
    }

    /// The span if it is always the same, so that the caller may skip the draw.
    pub const fn as_fixed(&self) -> Option<SimDuration> {
        match self.law {
            Law::Fixed(span) => Some(span),
            Law::Drawn(_) => None,
        }
    }

    /// The span that `u` picks, rounded to whole milliseconds, half up.
    pub fn sample(&self, u: Uniform) -> SimDuration {
        match &self.law {
            Law::Fixed(span) => *span,
            Law::Drawn(distribution) => to_span(distribution.quantile(u)),
        }
    }

    /// The span of an entity's `occurrence`-th draw under `key`; a fixed one costs no draw.
    pub fn sample_at(&self, key: Key, entity: u32, occurrence: u32) -> SimDuration {
        match &self.law {
            Law::Fixed(span) => *span,
            Law::Drawn(distribution) => to_span(distribution.quantile(key.uniform(entity, occurrence))),
        }
    }
}

/// Whole milliseconds, half up; what exceeds the clock saturates.
fn to_span(ms: f64) -> SimDuration {
    SimDuration::from_ms((ms + 0.5) as u64)
}
