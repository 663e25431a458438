//! The numbers of a verdict in words that every form shares.

use std::fmt::Write as _;

use super::{BaselineState, Counts, FileOutcome, FileReport, Report};
use crate::report::shell;
use crate::stats::nine_digits;
use crate::summary::{Judged, Measure, Verdict};

/// Breaking seeds that are listed before the others are only counted.
const SEEDS_SHOWN: usize = 10;

/// Said of a file that has no checks.
pub(super) const NO_CHECKS: &str = "it has no checks, so nothing was tested";

/// What the bounds of a check are.
pub(super) const BOUNDS: &str = "one-sided, each at the level of its check, 95 % unless it says another";

/// Whether any check has bounds to explain.
pub(super) fn has_bounds(report: &Report) -> bool {
    report.judged().any(|judged| judged.low.is_some() || judged.high.is_some())
}

/// The verdict in words.
pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Inconclusive => "inconclusive",
        Verdict::NoBaseline => "no baseline",
    }
}

/// The numbers of a verdict, each in words.
pub(super) struct Numbers {
    /// The estimate with its unit; empty when there is none.
    pub(super) observed: String,
    /// `[low, high]`; empty when there is neither.
    pub(super) bounds: String,
    /// What it was compared with, with its unit; empty when there is nothing.
    pub(super) bound: String,
    /// `n of N`.
    pub(super) count: String,
}

/// The numbers of `judged`.
pub(super) fn numbers(judged: &Judged) -> Numbers {
    let with_unit = |x: f64| match judged.measure {
        _ if x.is_infinite() => "not reached".to_owned(),
        Measure::Share | Measure::Unit("") => digits(x, judged.bound),
        Measure::Unit(unit) => format!("{} {unit}", digits(x, judged.bound)),
        Measure::Change => format!("{} %", signed(x, judged.bound)),
    };
    let end = |x: Option<f64>| match (x, judged.measure) {
        (None, _) => "none".to_owned(),
        (Some(x), _) if x.is_infinite() => if x > 0.0 { "∞" } else { "-∞" }.to_owned(),
        (Some(x), Measure::Change) => signed(x, judged.bound),
        (Some(x), _) => digits(x, judged.bound),
    };
    let bounds = match (judged.low, judged.high) {
        (None, None) => String::new(),
        (low, high) => format!("[{}, {}]", end(low), end(high)),
    };
    Numbers {
        observed: judged.observed.map_or_else(String::new, with_unit),
        bounds,
        bound: judged.bound.map_or_else(String::new, with_unit),
        count: format!("{} of {}", judged.n, judged.of),
    }
}

/// The numbers on one line: `51.9 min [51, 53.4] against 150 min, 173 of 200 seeds`.
pub(super) fn evidence(judged: &Judged) -> String {
    let Numbers { bound, count, .. } = numbers(judged);
    let against = if bound.is_empty() { String::new() } else { format!(" against {bound}") };
    format!("{}{against}, {count} seeds", observed(judged))
}

/// The same where the check stands beside it, which ends in its bound: `51.9 min [51, 53.4], 173 of 200`.
pub(super) fn brief_evidence(judged: &Judged) -> String {
    format!("{}, {}", observed(judged), numbers(judged).count)
}

fn observed(judged: &Judged) -> String {
    match numbers(judged) {
        Numbers { observed, .. } if observed.is_empty() => "no estimate".to_owned(),
        Numbers { observed, bounds, .. } if bounds.is_empty() => observed,
        Numbers { observed, bounds, .. } => format!("{observed} {bounds}"),
    }
}

/// What explains the verdict beside its numbers, a sentence without a full stop each; may be nothing.
pub(super) fn notes(judged: &Judged) -> Vec<String> {
    let mut notes = Vec::new();
    if !judged.reason.is_empty() {
        notes.push(judged.reason.clone());
    }
    if !judged.breaking.is_empty() {
        notes.push(format!("broken by {}", seeds(&judged.breaking)));
    }
    notes
}

/// The first of some seeds, and how many more there are.
fn seeds(seeds: &[u64]) -> String {
    let shown: Vec<String> = seeds.iter().take(SEEDS_SHOWN).map(ToString::to_string).collect();
    let what = if seeds.len() == 1 { "seed" } else { "seeds" };
    match seeds.len() - shown.len() {
        0 => format!("{what} {}", shown.join(", ")),
        more => format!("{what} {} and {more} more", shown.join(", ")),
    }
}

/// The command that tells the story of the worst breaking seed, to be pasted into a shell.
pub(super) fn replay(file: &FileReport, judged: &Judged) -> Option<String> {
    let seed = judged.breaking.first()?;
    let mut command = format!("bakeoff replay {} --seed {seed}", shell::quoted(&file.path));
    if let FileOutcome::Judged { replay_arguments, .. } = &file.outcome {
        for argument in replay_arguments {
            let _ = write!(command, " {}", shell::quoted(argument));
        }
    }
    Some(command)
}

/// That runs were cut, as a sentence without a full stop; none when none was.
pub(super) fn cut(runs: usize) -> Option<String> {
    let were = if runs == 1 { "run was" } else { "runs were" };
    (runs > 0).then(|| {
        format!(
            "{runs} {were} cut before the end: what they left open is unknown, and counts for nothing good"
        )
    })
}

/// What the results were compared with, as a sentence without a full stop; none when that was not asked for.
pub(super) fn baseline(state: &BaselineState) -> Option<String> {
    Some(match state {
        BaselineState::NotAsked => return None,
        BaselineState::Identical { seeds } => {
            format!(
                "the same as the baseline in each of {seeds} seeds, event for event: no difference to test"
            )
        }
        BaselineState::Compared { seeds, version, digest } => {
            format!("compared over {seeds} seeds with the baseline of version {version}, scenario {digest}")
        }
        BaselineState::Unusable(why) => format!("no baseline to compare with: {why}"),
        BaselineState::Updated(path) => format!("these results are the baseline from now on: {path}"),
    })
}

/// `3 files, 12 checks: 10 passed, 1 failed, 1 inconclusive`, then what was not tested.
pub(super) fn summary(report: &Report) -> String {
    let Counts { files, checks, .. } = report.counts();
    let counts = report.counts();
    let mut text = format!("{}, {}", count(files, "file"), count(checks, "check"));
    let parts = [
        (counts.passed, "passed"),
        (counts.failed, "failed"),
        (counts.inconclusive, "inconclusive"),
        (counts.no_baseline, "without a baseline"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !parts.is_empty() {
        let _ = write!(text, ": {}", parts.join(", "));
    }
    let untested = [
        (counts.broken, "broken"),
        (counts.invalid, "with a bad scenario"),
        (counts.without_checks, "without checks"),
    ];
    for (n, what) in untested.into_iter().filter(|(n, _)| *n > 0) {
        let _ = write!(text, "; {} {what}", count(n, "file"));
    }
    text
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

/// The seeds of a file: `200 seeds (0..200), master seed 1`.
pub(super) fn seed_range(seeds: &std::ops::Range<u64>, master_seed: u64) -> String {
    let number = seeds.end.saturating_sub(seeds.start);
    format!("{} ({}..{}), master seed {master_seed}", count(number as usize, "seed"), seeds.start, seeds.end)
}

/// Text of the user's on one line: whatever steers a terminal becomes a sign that can be seen.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_invisible(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Whether a character turns the direction of text or hides in it, so that it reads as something else.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A number with the digits that matter: four, or as many more as it takes not to be rounded onto the bound
/// that it is compared with, or across it.
fn digits(x: f64, bound: Option<f64>) -> String {
    let x = nine_digits(x);
    for digits in 4..9 {
        let text = significant(x, digits);
        let is_faithful = bound.is_none_or(|bound| {
            let bound = nine_digits(bound);
            text.parse::<f64>().is_ok_and(|rounded| rounded.total_cmp(&bound) == x.total_cmp(&bound))
        });
        if is_faithful {
            return text;
        }
    }
    x.to_string()
}

fn signed(x: f64, bound: Option<f64>) -> String {
    let text = digits(x, bound);
    if x > 0.0 { format!("+{text}") } else { text }
}

/// So many significant digits, whole numbers and the digits before the point always whole.
fn significant(x: f64, digits: usize) -> String {
    if x.fract() == 0.0 {
        return if x.abs() < 1e15 { format!("{x:.0}") } else { format!("{x:e}") };
    }
    let exponent = format!("{x:e}").rsplit('e').next().and_then(|e| e.parse::<i32>().ok()).unwrap_or(0);
    if exponent < -5 {
        return format!("{x:.*e}", digits - 1);
    }
    let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
    let text = format!("{x:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits_and_whole_ones_all_of_theirs() {
        for (x, text) in [
            (0.0, "0"),
            (51.908_766_7, "51.91"),
            (150.0, "150"),
            (1_234_567.0, "1234567"),
            (12_345.678, "12346"),
            (0.014_867_9, "0.01487"),
            (-0.5, "-0.5"),
            (1.2e-9, "1.200e-9"),
            (1e300, "1e300"),
            (99.999_9, "100"),
        ] {
            assert_eq!(digits(x, None), text);
        }
    }

    #[test]
    fn a_number_is_never_rounded_onto_the_bound_it_is_compared_with() {
        assert_eq!(digits(0.049_999_6, Some(0.05)), "0.0499996");
        assert_eq!(digits(149.999_9, Some(150.0)), "149.9999");
        assert_eq!(digits(150.000_012, Some(150.0)), "150.00001");
        assert_eq!(digits(0.05, Some(0.05)), "0.05");
        assert_eq!(digits(51.908_766_7, Some(150.0)), "51.91");
    }

    #[test]
    fn a_change_shows_its_sign() {
        assert_eq!(signed(3.21, Some(5.0)), "+3.21");
        assert_eq!(signed(-3.21, Some(5.0)), "-3.21");
        assert_eq!(signed(0.0, Some(5.0)), "0");
    }

    #[test]
    fn ten_seeds_are_listed_and_the_others_counted() {
        assert_eq!(seeds(&[17]), "seed 17");
        assert_eq!(seeds(&[17, 3]), "seeds 17, 3");
        assert_eq!(seeds(&(0..24).collect::<Vec<_>>()), "seeds 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 14 more");
    }

    #[test]
    fn what_steers_a_terminal_is_made_visible() {
        assert_eq!(one_line("a\u{1b}[31mb\nc\u{202e}d\u{7}"), "a\u{fffd}[31mb c\u{fffd}d\u{fffd}");
        assert_eq!(one_line("größer 🎉"), "größer 🎉");
    }
}
