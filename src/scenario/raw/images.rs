//! Container images: how large they are, and how fast they come.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::scenario::codes::Code;
use crate::scenario::read::{Read, Reader, record};
use crate::scenario::tree::{Kind, Node};
use crate::scenario::values::{Shape, inline_schema};

record! {
    /// a container image.
    RawImage {
        /// How large it is, like 297MB or 5.1GB.
        "size" size: Bytes = Required,
        /// How fast it is pulled: like 12MB/s, or a distribution of such rates.
        "throughput" throughput: Throughput = Required,
    }
}

record! {
    /// a distribution of rates.
    RateLaws {
        /// Anything between two bounds, all alike.
        "uniform" uniform: UniformRate = Optional,
        /// Log-normal, by its median and one of p99, p95, sigma.
        "logNormal" log_normal: LogNormalRate = Optional,
    }
    one of ["uniform", "logNormal"]
}

record! {
    /// a uniform distribution of rates.
    UniformRate {
        /// The slowest.
        "min" min: Rate = Required,
        /// The fastest.
        "max" max: Rate = Required,
    }
}

record! {
    /// a log-normal distribution of rates.
    LogNormalRate {
        /// Half of all are slower.
        "median" median: Rate = Required,
        /// One in a hundred is faster.
        "p99" p99: Rate = Optional,
        /// One in twenty is faster.
        "p95" p95: Rate = Optional,
        /// Standard deviation of the natural logarithm.
        "sigma" sigma: Shape = Optional,
    }
    one of ["p99", "p95", "sigma"]
}

/// Bytes of an amount, by the suffix of its unit.
const UNITS: [(&str, u64); 6] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
];

/// The most bytes of an image.
const SIZE_MAX: u64 = 1_000_000_000_000;
/// The slowest and the fastest pull, in bytes a second.
pub const RATES: (u64, u64) = (10_000, 100_000_000_000);

/// Whole bytes of a number with its unit; the error says what is wrong.
fn bytes(text: &str, (least, most): (u64, u64)) -> Result<u64, String> {
    let unit = UNITS.iter().find_map(|(unit, scale)| Some((text.trim().strip_suffix(unit)?, *scale)));
    let Some((number, scale)) = unit else { return Err(format!("'{text}' has no unit of bytes")) };
    let number = number.trim_end();
    let plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let Some(number) = number.parse::<f64>().ok().filter(|_| plain) else {
        return Err(format!("'{text}' is not an amount of bytes"));
    };
    let amount = number * scale as f64 + 0.5;
    if (least as f64..=most as f64 + 0.5).contains(&amount) {
        Ok(amount as u64)
    } else {
        Err(format!("'{text}' is outside of {} to {}", written(least), written(most)))
    }
}

/// Bytes in the largest unit that tells them exactly.
fn written(amount: u64) -> String {
    let (unit, scale) = [("GB", 1_000_000_000), ("MB", 1_000_000)]
        .into_iter()
        .find(|(_, scale)| amount >= *scale)
        .unwrap_or(("kB", 1_000));
    // Powers of ten divide into decimals that end, so nothing is lost.
    let (whole, rest) = (amount / scale, amount % scale);
    let digits = scale.ilog10() as usize;
    let rest = format!("{rest:0digits$}");
    match rest.trim_end_matches('0') {
        "" => format!("{whole}{unit}"),
        rest => format!("{whole}.{rest}{unit}"),
    }
}

fn read_bytes(node: &Node, reader: &mut Reader<'_>, suffix: &str, bounds: (u64, u64)) -> Option<u64> {
    let example = if suffix.is_empty() { "297MB or 5.1GB" } else { "12MB/s" };
    let Kind::Text(text) = &node.kind else {
        reader.wrong_type(node, "an amount with its unit").help(format!("write it like {example}"));
        return None;
    };
    let amount = match text.trim().strip_suffix(suffix) {
        Some(amount) => bytes(amount.trim_end(), bounds),
        None => Err(format!("'{text}' is not a rate")),
    };
    match amount {
        Ok(amount) => Some(amount),
        Err(reason) => {
            reader
                .problem(Code::BadSize, node.place, reason)
                .help(format!("write it like {example}; the units are kB MB GB KiB MiB GiB"));
            None
        }
    }
}

/// An amount of bytes, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

inline_schema!([] Bytes, "Bytes", json_schema!({
    "type": "string", "pattern": "^\\s*[0-9.]+\\s*(kB|MB|GB|KiB|MiB|GiB)\\s*$", "examples": ["297MB", "5.1GB"],
}));

impl Read for Bytes {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        read_bytes(node, reader, "", (1, SIZE_MAX)).map(Self)
    }

    fn show(&self) -> Value {
        written(self.0).into()
    }
}

/// Bytes a second, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub u64);

inline_schema!([] Rate, "ByteRate", json_schema!({
    "type": "string", "pattern": "^\\s*[0-9.]+\\s*(kB|MB|GB|KiB|MiB|GiB)/s\\s*$", "examples": ["12MB/s"],
}));

impl Read for Rate {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        read_bytes(node, reader, "/s", RATES).map(Self)
    }

    fn show(&self) -> Value {
        format!("{}/s", written(self.0)).into()
    }
}

/// A rate, or a distribution of rates.
#[derive(Clone, Debug, PartialEq)]
pub enum Throughput {
    /// Always the same.
    Fixed(Rate),
    /// Another for each pull.
    Laws(Box<RateLaws>),
}

impl Read for Throughput {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match node.kind {
            Kind::Map(_) => RateLaws::read(node, reader).map(|laws| Self::Laws(Box::new(laws))),
            _ => Rate::read(node, reader).map(Self::Fixed),
        }
    }

    fn show(&self) -> Value {
        match self {
            Self::Fixed(rate) => rate.show(),
            Self::Laws(laws) => laws.show(),
        }
    }
}

impl JsonSchema for Throughput {
    fn schema_name() -> Cow<'static, str> {
        "Throughput".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (rate, laws) = (generator.subschema_for::<Rate>(), generator.subschema_for::<RateLaws>());
        json_schema!({
            "description": "How fast an image is pulled: a rate, or a distribution of rates.",
            "anyOf": [rate, laws],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_exactly_and_shown_shortest() {
        for (text, amount, shown) in [
            ("297MB", 297_000_000, "297MB"),
            ("5.1 GB", 5_100_000_000, "5.1GB"),
            ("1GiB", 1 << 30, "1.073741824GB"),
            ("512KiB", 524_288, "524.288kB"),
            ("0.001kB", 1, "0.001kB"),
        ] {
            assert_eq!(bytes(text, (1, SIZE_MAX)), Ok(amount), "{text}");
            assert_eq!(written(amount), shown);
            assert_eq!(bytes(shown, (1, SIZE_MAX)), Ok(amount), "{shown}");
        }
        for text in ["297", "MB", "-1MB", "1e3MB", "2TB", "0MB", "1001GB", "1.2.3MB"] {
            assert!(bytes(text, (1, SIZE_MAX)).is_err(), "{text}");
        }
    }
}
