//! Durations as people write them: `90s`, `2h 30m`, `1.5s`, `14d`, `PT1H`.

use crate::engine::time::SimDuration;

/// No duration of a scenario may be longer: a hundred years of 365.25 days.
pub const LONGEST: SimDuration = SimDuration::from_hours(876_600);

/// Units in falling order, as milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("min", 60_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads a duration.
///
/// # Errors
/// Says in words what is wrong with the text.
pub fn parse(text: &str) -> Result<SimDuration, String> {
    let text = text.trim();
    if text.starts_with('-') {
        return Err("a duration cannot be negative".into());
    }
    let ms = match text.strip_prefix('P') {
        Some(iso) => parse_iso(iso)?,
        None => parse_plain(text)?,
    };
    if ms > u128::from(LONGEST.as_ms()) {
        return Err("longer than a hundred years".into());
    }
    Ok(SimDuration::from_ms(ms as u64))
}

fn parse_plain(text: &str) -> Result<u128, String> {
    let mut rest = text;
    let mut total = 0;
    let mut above = u64::MAX;
    while !rest.is_empty() {
        let (number, tail) = split_at_not(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, tail) = split_at_not(tail.trim_start(), |c| c.is_ascii_alphabetic());
        if number.is_empty() {
            return Err(format!("'{text}' is not a duration"));
        }
        if unit.is_empty() {
            return Err(format!("'{number}' has no unit"));
        }
        let Some(&(_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("'{unit}' is not a unit of time"));
        };
        if scale >= above {
            return Err("units go from large to small, each once".into());
        }
        above = scale;
        total += scaled(number, scale)?;
        rest = tail.trim_start();
    }
    if above == u64::MAX {
        return Err("empty where a duration is expected".into());
    }
    Ok(total)
}

/// What follows the `P` of ISO 8601; years and months have no fixed length and are not taken.
fn parse_iso(text: &str) -> Result<u128, String> {
    let (days, time) = match text.split_once('T') {
        Some((_, "")) => return Err("nothing follows the 'T'".into()),
        Some((days, time)) => (days, time),
        None => (text, ""),
    };
    let units: [(&str, &[(char, u64)]); 2] = [
        (days, &[('W', 604_800_000), ('D', 86_400_000)]),
        (time, &[('H', 3_600_000), ('M', 60_000), ('S', 1_000)]),
    ];
    let mut total = 0;
    let mut parts = 0;
    for (mut rest, mut allowed) in units {
        while !rest.is_empty() {
            let (number, tail) = split_at_not(rest, |c| c.is_ascii_digit() || c == '.');
            let unit = tail.chars().next().unwrap_or(' ');
            let Some(index) = allowed.iter().position(|(name, _)| *name == unit) else {
                return Err(format!(
                    "'P{text}' is not a duration of weeks, days, hours, minutes and seconds"
                ));
            };
            total += scaled(number, allowed[index].1)?;
            allowed = &allowed[index + 1..];
            rest = &tail[1..];
            parts += 1;
        }
    }
    if parts == 0 { Err("nothing follows the 'P'".into()) } else { Ok(total) }
}

fn split_at_not(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// A decimal number times a unit, exactly: simulated time has no half milliseconds.
fn scaled(number: &str, unit: u64) -> Result<u128, String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let bad = || format!("'{number}' is not a number");
    if whole.is_empty() || (number.contains('.') && fraction.is_empty()) || fraction.contains('.') {
        return Err(bad());
    }
    if whole.len() > 15 || fraction.len() > 15 {
        return Err(format!("'{number}' has too many digits"));
    }
    let digits: u128 = format!("{whole}{fraction}").parse().map_err(|_| bad())?;
    let product = digits * u128::from(unit);
    let scale = 10_u128.pow(fraction.len() as u32);
    if product.is_multiple_of(scale) {
        Ok(product / scale)
    } else {
        Err("finer than a millisecond, the clock's step".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_forms_are_read_to_the_millisecond() {
        for (text, ms) in [
            ("90s", 90_000),
            ("2h 30m", 9_000_000),
            ("2h30m", 9_000_000),
            ("1.5s", 1_500),
            ("14d", 1_209_600_000),
            ("250ms", 250),
            ("0s", 0),
            ("10 min", 600_000),
            ("PT1H", 3_600_000),
            ("P1DT12H", 129_600_000),
            ("PT0.5S", 500),
        ] {
            assert_eq!(parse(text), Ok(SimDuration::from_ms(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_the_reason() {
        for (text, reason) in [
            ("90", "'90' has no unit"),
            ("-5s", "a duration cannot be negative"),
            ("5 parsecs", "'parsecs' is not a unit of time"),
            ("", "empty where a duration is expected"),
            ("30m 2h", "units go from large to small, each once"),
            ("5s 5s", "units go from large to small, each once"),
            ("0.0001s", "finer than a millisecond, the clock's step"),
            ("101w 99999999999999d", "longer than a hundred years"),
            ("1e3s", "'e' is not a unit of time"),
            ("..s", "'..' is not a number"),
            ("PT", "nothing follows the 'T'"),
            ("P1Y", "'P1Y' is not a duration of weeks, days, hours, minutes and seconds"),
        ] {
            assert_eq!(parse(text), Err(reason.to_string()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_duration_reads_back_as_itself(ms in 0..=LONGEST.as_ms()) {
            let span = SimDuration::from_ms(ms);
            prop_assert_eq!(parse(&span.to_string()), Ok(span));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[-PTWDHMS0-9.smhdwin ]{0,20}") {
            let _ = parse(&text);
        }
    }
}
