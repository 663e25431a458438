//! `manifest.json`: where results come from, and what it takes to make them again.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::scenario::assumptions::Assumptions;
use crate::summary::{Digests, Runs};

/// Names the format of `manifest.json`.
pub const MANIFEST_SCHEMA: &str = "bakeoff.manifest.v1";

/// Everything that the results in the directory depend on, and their fingerprints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// [`MANIFEST_SCHEMA`].
    pub schema: String,
    /// Version of bakeoff.
    pub version: String,
    /// How addresses become random numbers.
    pub random_scheme: String,
    /// The seeds that the results cover.
    pub seeds: SeedRange,
    /// What the number of seeds was to be enough for; left out where it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<ManifestPrecision>,
    /// Which part of the experiment this is.
    pub shard: Shard,
    /// One entry per arm.
    pub arms: Vec<ManifestArm>,
}

/// What decided how many seeds were run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPrecision {
    /// The targets of `--precision`.
    pub targets: Vec<String>,
    /// The seeds that were to be run at most.
    pub most: SeedRange,
}

/// A range of seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedRange {
    /// First seed.
    pub from: u64,
    /// Last seed, left out.
    pub to: u64,
}

impl From<Range<u64>> for SeedRange {
    fn from(range: Range<u64>) -> Self {
        Self { from: range.start, to: range.end }
    }
}

/// A part of an experiment; shards count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Number of this shard.
    pub index: u64,
    /// Number of shards.
    pub of: u64,
}

impl Shard {
    /// The only shard of an experiment.
    pub const WHOLE: Self = Self { index: 0, of: 1 };
}

/// What an arm's results depend on, and their fingerprints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestArm {
    /// Name of the arm.
    pub arm: String,
    /// Digest of the effective scenario.
    pub scenario_digest: String,
    /// The effective scenario as `bakeoff show` prints it, files inlined.
    pub scenario: String,
    /// Salt of every seed.
    pub master_seed: u64,
    /// The answers taken to the questions that the ECS documentation leaves open.
    pub assumptions: Assumptions,
    /// How many runs ended for which reason.
    pub stop_reasons: BTreeMap<String, usize>,
    /// Digest of every seed's events in hexadecimal, in order of the seeds.
    #[serde(with = "hexadecimal")]
    pub digests: Digests,
}

impl ManifestArm {
    /// The stop reasons and digests of `runs`.
    pub fn fingerprints(runs: &Runs) -> (BTreeMap<String, usize>, Digests) {
        let stops = runs.stops().by_name();
        let stops = stops.into_iter().map(|(word, n)| (word.to_owned(), n)).collect();
        (stops, runs.digests().clone())
    }
}

/// Digests as a list of 16 digits each.
mod hexadecimal {
    use std::fmt;

    use serde::de::{Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::{Serialize, Serializer};

    use crate::summary::Digests;

    pub(super) fn serialize<S: Serializer>(digests: &Digests, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(digests.iter().map(Hexadecimal))
    }

    struct Hexadecimal(u64);

    impl Serialize for Hexadecimal {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("{:016x}", self.0))
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digests, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Digests;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of digests")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Digests, A::Error> {
                let mut digests = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    let digest = u64::from_str_radix(&text, 16);
                    digests.push(digest.map_err(|_| A::Error::custom(format!("'{text}' is no digest")))?);
                }
                Ok(digests.into_iter().collect())
            }
        }
        deserializer.deserialize_seq(Reading)
    }
}

impl Manifest {
    /// Writes the file's bytes.
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn write(&self, mut out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut out, self)?;
        out.write_all(b"\n")
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// When the text is no manifest, or one of another format.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if manifest.schema == MANIFEST_SCHEMA {
            Ok(manifest)
        } else {
            Err(format!("its format is '{}', not '{MANIFEST_SCHEMA}'", manifest.schema))
        }
    }

    /// What makes results of this manifest differ from those of `other`; none when they are the same bytes.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let scenarios = |m: &Self| -> Vec<(String, String, u64)> {
            m.arms.iter().map(|a| (a.arm.clone(), a.scenario_digest.clone(), a.master_seed)).collect()
        };
        if self.version != other.version {
            Some(format!("version {} of bakeoff", self.version))
        } else if self.random_scheme != other.random_scheme {
            Some(format!("random numbers by the scheme '{}'", self.random_scheme))
        } else if scenarios(self) != scenarios(other) {
            Some(match self.arms.as_slice() {
                [one] => format!("another scenario, '{}' with digest {}", one.arm, one.scenario_digest),
                arms => format!("another experiment with {} arms", arms.len()),
            })
        } else if self.precision != other.precision {
            let how = if self.precision.is_some() { "another precision" } else { "a given number of seeds" };
            Some(format!("{how}, seeds {}..{}", self.seeds.from, self.seeds.to))
        } else if self.precision.is_none() && self.seeds != other.seeds {
            // With a precision the seeds follow from the rest.
            Some(format!("seeds {}..{}", self.seeds.from, self.seeds.to))
        } else if self.shard != other.shard {
            Some(format!("shard {} of {}", self.shard.index, self.shard.of))
        } else {
            None
        }
    }
}
