//! Plain mathematics of samples: estimates, intervals, proportions. No domain words.
//!
//! Every number that leaves here as an estimate carries its `n` and either an
//! interval or the fact that there is none. Observations may be censored on the
//! right: all that is known of such a one is that it lies above every finite one,
//! so it is counted as `+∞` ([`Sample`]). Quantiles cope with that, means do not
//! and are refused.
//!
//! Two arms that share their luck are compared pair by pair ([`Pairs`], [`PairedProportions`]).
//! What data say about a claim comes as the p-values of one-sided claims ([`Evidence`]), and
//! several claims at once are judged by [`holm`].
//!
//! Quantiles of Student's t and of the beta distribution come from `statrs`, whose
//! logarithms are the platform's: their last digits may differ between machines,
//! and whoever prints them does so with [`nine_digits`].

mod binomial;
mod design;
mod evidence;
mod interval;
mod moments;
mod paired_proportions;
mod pairs;
mod precision;
mod proportion;
mod quantile;
mod resampling;
mod round;
mod sample;
mod student;

pub use design::latin_hypercube;
pub use evidence::{Evidence, holm};
pub use interval::{Confidence, Estimate, Interval};
pub use paired_proportions::PairedProportions;
pub use pairs::Pairs;
pub use precision::{Precision, next_size};
pub use proportion::Proportion;
pub use quantile::{Quantile, Ranks};
pub use resampling::{QuantilePairs, Resampling};
pub use round::nine_digits;
pub use sample::{Refused, Sample, SampleError};
pub use student::student_t_quantile;
