//! Instants of the calendar, for event logs: RFC 3339 in UTC, to the millisecond.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::codes::Code;
use super::read::{Read, Reader};
use super::tree::{Kind, Node};
use super::values::inline_schema;

/// An instant of the calendar, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(i64);

inline_schema!([] Instant, "Instant", json_schema!({
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,3})?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
    "examples": ["2026-01-01T00:00:00Z"],
}));

impl Read for Instant {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Kind::Text(text) = &node.kind else {
            reader.wrong_type(node, "an instant");
            return None;
        };
        let instant = Self::parse(text);
        if instant.is_none() {
            reader
                .problem(Code::WrongType, node.place, "this is no instant of the years 1970 to 9998")
                .help("write it as in RFC 3339: 2026-01-01T00:00:00Z");
        }
        instant
    }

    fn show(&self) -> Value {
        let (to_ms, to_seconds) = (self.to_string(), self.to_seconds());
        if self.0.rem_euclid(1000) == 0 { to_seconds } else { to_ms }.into()
    }
}

const DAY_MS: i64 = 86_400_000;

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of its year; 400 of them are one
/// era of 146,097 days.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The day of the calendar that lies so many days after 1970-01-01: year, month, day.
fn day_after(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

impl Instant {
    /// 2026-01-01T00:00:00Z, where event logs begin unless a scenario says otherwise.
    pub const DEFAULT: Self = Self(1_767_225_600_000);

    /// Reads `2026-01-01T00:00:00Z`; a fraction down to milliseconds and an offset such as `+02:00` may stand in it.
    /// None if it is no such instant of the years 1970 to 9998.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.is_ascii() || text.len() < 20 {
            return None;
        }
        let bytes = text.as_bytes();
        let punctuated = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
        if punctuated.iter().any(|(at, sign)| bytes[*at] != *sign) || !matches!(bytes[10], b'T' | b't') {
            return None;
        }
        let number = |from: usize, to: usize| digits(&text[from..to]);
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let days = days_before(year, month, day);
        let exists = (1..=12).contains(&month) && day_after(days) == (year, month, day);
        if !exists || !(1970..9999).contains(&year) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (ms, zone) = fraction(&text[19..])?;
        let ms = ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + ms - offset(zone)?;
        (ms >= 0).then_some(Self(ms))
    }

    /// The instant so many milliseconds later.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX)))
    }

    /// To the second, as the envelope of an event has it.
    pub fn to_seconds(self) -> String {
        let (date, ms) = self.parts();
        format!("{date}T{}Z", clock(ms))
    }

    fn parts(self) -> (String, i64) {
        let (year, month, day) = day_after(self.0.div_euclid(DAY_MS));
        (format!("{year:04}-{month:02}-{day:02}"), self.0.rem_euclid(DAY_MS))
    }
}

impl fmt::Display for Instant {
    /// To the millisecond: `2026-01-01T00:10:00.250Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, ms) = self.parts();
        write!(f, "{date}T{}.{:03}Z", clock(ms), ms % 1_000)
    }
}

fn clock(ms: i64) -> String {
    let s = ms / 1_000;
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Milliseconds of a fraction of a second, if there is one, and what follows it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    if !(1..=3).contains(&end) {
        return None;
    }
    let ms = digits(&rest[..end])? * [100, 10, 1][end - 1];
    Some((ms, &rest[end..]))
}

/// Milliseconds by which a local time is ahead of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Instant::parse(text).map(|instant| instant.to_string())
    }

    #[test]
    fn an_instant_is_read_and_told_in_utc_to_the_millisecond() {
        for (text, told) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"),
            ("2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z"),
            ("2026-03-24t12:00:00.618+02:00", "2026-03-24T10:00:00.618Z"),
            ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(told), "{text}");
        }
        assert_eq!(Instant::parse("2026-01-01T00:00:00Z"), Some(Instant::DEFAULT));
        assert_eq!(Instant::DEFAULT.plus_ms(86_399_999).to_seconds(), "2026-01-01T23:59:59Z");
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01 00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234Z",
            "2026-01-01T00:00:00+2:00",
            "2026-01-01T00:00:00é",
            "9999-01-01T00:00:00Z",
            "+026-01-01T00:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_eight_centuries_is_itself_again() {
        let mut before = (1969, 12, 31);
        for days in 0..292_194 {
            let day = day_after(days);
            assert!(day > before && days_before(day.0, day.1, day.2) == days, "{day:?}");
            before = day;
        }
    }
}
