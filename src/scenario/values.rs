//! The kinds of values that fields of the scenario file hold.
//!
//! Each knows its bounds, so that the reader and the schema agree on them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::codes::Code;
use super::duration;
use super::read::{Read, Reader, with_guess};
use super::tree::{Kind, Node};
use crate::engine::time::SimDuration;

/// Implements [`JsonSchema`] by a schema that stands where it is used.
macro_rules! inline_schema {
    ([$($generics:tt)*] $type:ty, $name:literal, $schema:expr) => {
        impl<$($generics)*> JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> { $name.into() }
            fn inline_schema() -> bool { true }
            fn json_schema(_: &mut SchemaGenerator) -> Schema { $schema }
        }
    };
}
pub(super) use inline_schema;

/// Any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

inline_schema!([] Text, "Text", json_schema!({ "type": "string" }));

impl Read for Text {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Text(text) => Some(Self(text.clone())),
            Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) => {
                let written = reader.sources.text(node.place).unwrap_or_default().to_string();
                reader.wrong_type(node, "a text").help(format!("put it in quotes: \"{written}\""));
                None
            }
            _ => {
                reader.wrong_type(node, "a text");
                None
            }
        }
    }

    fn show(&self) -> Value {
        self.0.clone().into()
    }
}

/// `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag(pub bool);

inline_schema!([] Flag, "Flag", json_schema!({ "type": "boolean" }));

impl Read for Flag {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Kind::Bool(value) = node.kind {
            return Some(Self(value));
        }
        reader.wrong_type(node, "true or false").help("YAML 1.2 knows true and false, without quotes");
        None
    }

    fn show(&self) -> Value {
        self.0.into()
    }
}

/// A duration, always written with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub SimDuration);

inline_schema!([] Span, "Span", json_schema!({
    "type": "string",
    "pattern": SPAN_PATTERN,
    "examples": ["90s", "2h 30m", "14d"],
}));

/// What an editor can check of a duration; the reader is stricter.
const SPAN_PATTERN: &str =
    "^\\s*(P[0-9.WDTHMS]+|[0-9][0-9.]*\\s*(ms|s|min|m|h|d|w)(\\s*[0-9.]+\\s*(ms|s|min|m|h|d|w))*)\\s*$";

impl Read for Span {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Text(_) => read_span(node, reader, "'90s', '15m' or '2h 30m'").map(Self),
            Kind::Int(number) => {
                let help = format!("write the unit: {number}s, {number}m or {number}h");
                reader.problem(Code::BareNumber, node.place, "a duration needs its unit").help(help);
                None
            }
            _ => {
                reader
                    .wrong_type(node, "a duration")
                    .help("write it as a text with its unit, like 90s or 2h 30m");
                None
            }
        }
    }

    fn show(&self) -> Value {
        self.0.to_string().into()
    }
}

fn read_span(node: &Node, reader: &mut Reader<'_>, forms: &str) -> Option<SimDuration> {
    let Kind::Text(text) = &node.kind else { return None };
    match duration::parse(text) {
        Ok(span) => Some(span),
        Err(reason) => {
            reader
                .problem(Code::BadDuration, node.place, reason)
                .help(format!("write it like {forms}; the units are w d h m s ms"));
            None
        }
    }
}

/// A span that AWS gives as a whole number of units of `UNIT` milliseconds, `MIN` to `MAX` of them;
/// a duration is taken as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units<const UNIT: u64, const MIN: u64, const MAX: u64>(pub SimDuration);

/// Seconds, as most fields of AWS's APIs count.
pub type Seconds<const MIN: u64, const MAX: u64> = Units<1_000, MIN, MAX>;
/// Minutes, as `bakeTimeInMinutes` counts.
pub type Minutes<const MIN: u64, const MAX: u64> = Units<60_000, MIN, MAX>;

inline_schema!([const UNIT: u64, const MIN: u64, const MAX: u64] Units<UNIT, MIN, MAX>, "Units", json_schema!({
    "anyOf": [
        { "type": "integer", "minimum": MIN, "maximum": MAX },
        { "type": "string", "pattern": SPAN_PATTERN },
    ]
}));

impl<const UNIT: u64, const MIN: u64, const MAX: u64> Read for Units<UNIT, MIN, MAX> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let unit = if UNIT == 60_000 { "minutes" } else { "seconds" };
        let span = match &node.kind {
            Kind::Text(_) => read_span(node, reader, "'90s', or AWS's plain number")?,
            _ => SimDuration::from_ms(
                whole(node, reader, MIN, MAX, &format!("a whole number of {unit} or a duration"))? * UNIT,
            ),
        };
        let (least, most) = (MIN * UNIT, MAX * UNIT);
        if !(least..=most).contains(&span.as_ms()) {
            let (least, most) = (SimDuration::from_ms(least), SimDuration::from_ms(most));
            reader.problem(
                Code::OutOfRange,
                node.place,
                format!("{span} is outside of {least} to {most}, which is what AWS takes"),
            );
            return None;
        }
        if span.as_ms() % UNIT != 0 {
            reader.problem(Code::OutOfRange, node.place, format!("AWS takes whole {unit} here, not {span}"));
            return None;
        }
        Some(Self(span))
    }

    fn show(&self) -> Value {
        self.0.to_string().into()
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: u64, const MAX: u64>(pub u64);

inline_schema!([const MIN: u64, const MAX: u64] Whole<MIN, MAX>, "Whole", json_schema!({
    "type": "integer", "minimum": MIN, "maximum": MAX,
}));

impl<const MIN: u64, const MAX: u64> Read for Whole<MIN, MAX> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        whole(node, reader, MIN, MAX, "a whole number").map(Self)
    }

    fn show(&self) -> Value {
        self.0.into()
    }
}

/// Reads a whole number within bounds.
pub fn whole(node: &Node, reader: &mut Reader<'_>, min: u64, max: u64, wanted: &str) -> Option<u64> {
    let number = match node.kind {
        Kind::Int(number) => number,
        // 60.0 is a whole number to JSON Schema and to most writers of JSON; what no integer holds saturates.
        Kind::Float(number) if number.fract() == 0.0 => number as i128,
        Kind::Float(number) if number.is_finite() => {
            let message = format!("expected {wanted}, found {number}");
            let problem = reader.problem(Code::WrongType, node.place, message);
            if max == 100 && number > 0.0 && number < 1.0 {
                problem.help(format!("this is a percentage, not a share: {number} is {} %", number * 100.0));
            }
            return None;
        }
        Kind::Float(number) => {
            not_finite(node, reader, number);
            return None;
        }
        _ => {
            reader.wrong_type(node, wanted);
            return None;
        }
    };
    let fitting = u64::try_from(number).ok().filter(|number| (min..=max).contains(number));
    if fitting.is_none() {
        let message = format!("{} is outside of {min} to {max}", node.describe());
        reader.problem(Code::OutOfRange, node.place, message);
    }
    fitting
}

fn not_finite(node: &Node, reader: &mut Reader<'_>, number: f64) {
    let message = if number.is_nan() { "not a number" } else { "not a finite number" };
    reader
        .problem(Code::NotFinite, node.place, message)
        .help("leave the key out where there is no limit; no quantity of a scenario is infinite");
}

/// Reads a real number within bounds.
pub fn number(node: &Node, reader: &mut Reader<'_>, min: f64, max: f64) -> Option<f64> {
    let number = match node.kind {
        Kind::Int(number) => number as f64,
        Kind::Float(number) => number,
        _ => {
            reader.wrong_type(node, "a number");
            return None;
        }
    };
    if !number.is_finite() {
        not_finite(node, reader, number);
        return None;
    }
    if (min..=max).contains(&number) {
        // -0.0 and 0.0 are one value; only one of them may reach a digest.
        return Some(number + 0.0);
    }
    let problem =
        reader.problem(Code::OutOfRange, node.place, format!("{number} is outside of {min} to {max}"));
    if max == 1.0 && number > 1.0 && number <= 100.0 {
        problem.help(format!("this is a share of one, not a percentage: {number} % is {}", number / 100.0));
    }
    None
}

macro_rules! real {
    ($(#[$doc:meta])* $name:ident, $min:expr, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name(pub f64);

        inline_schema!([] $name, "Real", json_schema!({ "type": "number", "minimum": $min, "maximum": $max }));

        impl Read for $name {
            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                number(node, reader, $min, $max).map(Self)
            }

            fn show(&self) -> Value {
                self.0.into()
            }
        }
    };
}

real!(
    /// A probability or a share of a whole, 0–1.
    Share, 0.0, 1.0
);
real!(
    /// A percentage, 0–100, as AWS counts.
    Percent, 0.0, 100.0
);
real!(
    /// A quantity that is not negative.
    Quantity, 0.0, 1e12
);
real!(
    /// Utilisation in percent of what is reserved; it may exceed it.
    Load, 0.0, 10_000.0
);
real!(
    /// Any finite number.
    Real, -1e15, 1e15
);
real!(
    /// A parameter of a distribution's shape.
    Shape, 1e-3, 1e3
);

/// CPU units: a whole number, or AWS's text forms `"1024"` and `"1 vCPU"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuUnits(pub u32);

inline_schema!([] CpuUnits, "CpuUnits", json_schema!({
    "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": SIZE_MAX },
        { "type": "string", "pattern": "^[0-9.]+( ?v[Cc][Pp][Uu])?$" },
    ]
}));

/// MiB of memory: a whole number, or AWS's text forms `"512"` and `"2 GB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mebibytes(pub u32);

inline_schema!([] Mebibytes, "Mebibytes", json_schema!({
    "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": SIZE_MAX },
        { "type": "string", "pattern": "^[0-9.]+( ?[Gg][Bb])?$" },
    ]
}));

/// No instance and no task is larger: in CPU units, or in MiB.
const SIZE_MAX: u64 = 100_000_000;

fn size(node: &Node, reader: &mut Reader<'_>, unit: &str, wanted: &str) -> Option<u32> {
    let Kind::Text(text) = &node.kind else {
        return whole(node, reader, 0, SIZE_MAX, wanted).map(|size| size as u32);
    };
    let lower = text.trim().to_lowercase();
    let (digits, scale) = match lower.strip_suffix(unit) {
        Some(digits) => (digits.trim_end(), 1024.0),
        None => (lower.as_str(), 1.0),
    };
    let plain = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let size = digits.parse::<f64>().ok().filter(|_| plain).map(|number| number * scale);
    let size = size.filter(|size| size.fract() == 0.0 && *size <= SIZE_MAX as f64);
    if size.is_none() {
        reader.wrong_type(node, wanted);
    }
    size.map(|size| size as u32)
}

impl Read for CpuUnits {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        size(node, reader, "vcpu", "CPU units (1024 a vCPU), or a text like '0.5 vCPU'").map(Self)
    }

    fn show(&self) -> Value {
        self.0.into()
    }
}

impl Read for Mebibytes {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        size(node, reader, "gb", "MiB of memory, or a text like '2 GB'").map(Self)
    }

    fn show(&self) -> Value {
        self.0.into()
    }
}

/// Reads one word of a fixed list.
pub fn word<T: Copy>(node: &Node, reader: &mut Reader<'_>, words: &[(&str, T)]) -> Option<T> {
    let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
    let help = format!("the values are: {}", names.join(", "));
    let Kind::Text(text) = &node.kind else {
        let wanted = if names.contains(&"yes") { "a text: \"yes\" or \"no\"" } else { "one of a few words" };
        reader.wrong_type(node, wanted).help(help);
        return None;
    };
    if let Some((_, value)) = words.iter().find(|(name, _)| name == text) {
        return Some(*value);
    }
    let help = with_guess(text, &names, help);
    reader.problem(Code::UnknownValue, node.place, format!("'{text}' is not a value here")).help(help);
    None
}

/// Declares an enum of the words that a field may hold.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $( $(#[doc = $word_doc:literal])+ $variant:ident = $word:literal, )+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $word_doc])+ $variant, )+ }

        impl $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }

        impl $crate::scenario::read::Read for $name {
            fn read(
                node: &$crate::scenario::tree::Node,
                reader: &mut $crate::scenario::read::Reader<'_>,
            ) -> Option<Self> {
                $crate::scenario::values::word(node, reader, Self::WORDS)
            }

            fn show(&self) -> serde_json::Value {
                match self { $( Self::$variant => $word.into(), )+ }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn inline_schema() -> bool {
                true
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$($word),+] })
            }
        }
    };
}
pub(crate) use words;
