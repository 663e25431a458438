//! Text that fits: cleaning, measuring, cutting and wrapping.
//!
//! Widths are estimates for a wide sans-serif face, since an SVG is set in
//! whatever font its reader has. Asking a font would also make the layout depend
//! on whether one is built in.

/// What stands for the part of a text that had no room.
const ELLIPSIS: char = '…';

/// A text as one line that XML can hold: control characters and line breaks become spaces.
pub(super) fn clean(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Estimated width of a text set at `size` pixels, in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// Advance of a character in ems: `DejaVu` Sans, the widest common default, by classes.
fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '!' | '|' | ' ' | '·' => 0.32,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 0.41,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.97,
        '0'..='9' => 0.64,
        'A'..='Z' => 0.72,
        c if c.is_ascii() => 0.62,
        c if (c as u32) < 0x1100 => 0.7,
        _ => 1.05,
    }
}

/// The text, or as much of its beginning as `room` pixels hold, with an ellipsis.
pub(super) fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut left = room - advance(ELLIPSIS) * size;
    let mut kept = String::new();
    for c in text.chars() {
        left -= advance(c) * size;
        if left < 0.0 {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push(ELLIPSIS);
    kept
}

/// The text, or its beginning and its end around an ellipsis: names of arms often differ in their ends alone.
pub(super) fn fit_ends(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let half = (room - advance(ELLIPSIS) * size) / 2.0;
    let taken = |chars: &mut dyn Iterator<Item = char>| -> usize {
        let mut left = half;
        chars
            .take_while(|c| {
                left -= advance(*c) * size;
                left >= 0.0
            })
            .map(char::len_utf8)
            .sum()
    };
    let head = taken(&mut text.chars());
    let tail = taken(&mut text.chars().rev());
    format!("{}{ELLIPSIS}{}", text[..head].trim_end(), text[text.len() - tail..].trim_start())
}

/// The text in at most `lines` lines of `room` pixels, broken at spaces; the last is cut where need be.
pub(super) fn wrap(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || width(&longer, size) <= room || done.len() + 1 >= lines {
            line = longer;
        } else {
            done.push(std::mem::replace(&mut line, word.to_owned()));
        }
    }
    done.push(line);
    done.iter().map(|l| fit(l, size, room)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_and_control_characters_become_single_spaces() {
        assert_eq!(clean("  a\n\tb\u{0}c\u{ffff}  d "), "a b c d");
    }

    #[test]
    fn a_text_that_fits_is_left_alone_and_a_longer_one_ends_in_an_ellipsis() {
        assert_eq!(fit("short", 10.0, 100.0), "short");
        let cut = fit("a name that is much too long", 10.0, 80.0);
        assert!(cut.ends_with('…') && width(&cut, 10.0) <= 80.0, "{cut}");
        assert_eq!(fit("whatever", 10.0, 0.0), "…");
    }

    #[test]
    fn a_name_cut_in_its_middle_keeps_both_ends() {
        assert_eq!(fit_ends("short", 10.0, 100.0), "short");
        let cut = fit_ends("drainPercent=5, bakeTimeInMinutes=15", 10.0, 150.0);
        assert!(cut.starts_with("drainPer") && cut.ends_with("utes=15") && cut.contains('…'), "{cut}");
        assert!(width(&cut, 10.0) <= 150.0, "{cut}");
        assert_eq!(fit_ends("監視監視監視", 10.0, 0.0), "…");
    }

    #[test]
    fn estimates_are_no_narrower_than_dejavu_sans() {
        // Widths in ems summed from the advances in the font's own `hmtx` table, version 2.37.
        let measured = [
            ("left out: 5 seeds to which it does not apply", 21.38),
            ("agent-upgrade · 200 seeds · line: median; dots: mean; shaded: 5th to 95th percentile", 42.88),
            ("1,234,567", 5.09),
            ("MINIMUM HEALTHY", 9.57),
            ("illicit filter", 4.98),
            ("p95: 91.4 min (95% interval 90.1 min to 91.9 min)", 25.26),
            ("Überwachung", 6.91),
        ];
        for (text, ems) in measured {
            let estimate = width(text, 1.0);
            assert!(estimate >= 0.98 * ems && estimate <= 1.2 * ems, "{text}: {estimate:.2} against {ems}");
        }
    }

    #[test]
    fn wrapping_keeps_every_word_while_there_are_lines_left() {
        let lines = wrap("one two three four five six", 10.0, 60.0, 9);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), "one two three four five six");
    }

    #[test]
    fn wrapping_never_gives_more_lines_than_asked_for() {
        let lines = wrap("one two three four five six", 10.0, 60.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'));
    }
}
