//! Draw: addressed random numbers, and distributions by inversion.
//!
//! A draw is named by what it is for and whom it befalls (seed, purpose and name,
//! entity, occurrence), never by when it happens: two arms of an experiment that
//! ask for the same draw get the same luck, and a draw added in one place moves
//! no other. Every variate takes exactly one uniform.
//!
//! Values are the same on every platform: integers, the four operations and the
//! square root of IEEE 754, and for the rest the `libm` crate, never the system's.

mod address;
mod binomial;
mod delay;
mod distribution;
mod incomplete;
mod normal;
mod table;

pub use self::address::{Key, Seed, Uniform, name_tag};
pub use self::binomial::binomial;
pub use self::delay::Delay;
pub use self::distribution::{Distribution, DistributionError};

/// The exponential variate with the given mean, for hazards whose rate changes from draw to draw.
pub fn exponential(u: Uniform, mean: f64) -> f64 {
    -mean * libm::log1p(-u.value())
}
