//! Inks: a colour with a dash pattern, so that a line is known by either.
//!
//! The colours are those of Okabe and Ito ("Color Universal Design", 2008),
//! which readers with any of the common colour deficiencies tell apart; orange,
//! sky blue and yellow are left out, too pale for a thin line on white.

/// A colour without transparency: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

/// How a line is broken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    Solid,
    Long,
    Short,
    Dot,
    LongShort,
    VeryLong,
    LongDotDot,
    ShortDot,
}

impl Dash {
    /// Lengths of ink and gap in turn, in logical pixels; empty for a solid line.
    pub(super) fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Long => &[9.0, 4.0],
            Self::Short => &[4.5, 3.0],
            Self::Dot => &[1.5, 3.0],
            Self::LongShort => &[9.0, 3.0, 2.0, 3.0],
            Self::VeryLong => &[18.0, 4.0],
            Self::LongDotDot => &[9.0, 3.0, 1.5, 3.0, 1.5, 3.0],
            Self::ShortDot => &[4.5, 3.0, 1.5, 3.0],
        }
    }
}

/// What a series is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ink {
    pub(super) colour: Colour,
    pub(super) dash: Dash,
}

/// Text and axis lines.
pub(super) const BLACK: Colour = Colour(0x22, 0x22, 0x22);
/// Text of second rank.
pub(super) const GREY: Colour = Colour(0x59, 0x59, 0x59);
/// Grid lines.
pub(super) const GRID: Colour = Colour(0xe4, 0xe4, 0xe4);
/// Every second row of a long table.
pub(super) const STRIPE: Colour = Colour(0xf5, 0xf5, 0xf5);
/// Paper.
pub(super) const WHITE: Colour = Colour(0xff, 0xff, 0xff);
/// What is well, or new.
pub(super) const BLUE: Colour = Colour(0x00, 0x72, 0xb2);
/// What is bad, or a limit.
pub(super) const VERMILION: Colour = Colour(0xd5, 0x5e, 0x00);
const GREEN: Colour = Colour(0x00, 0x9e, 0x73);
/// What is neither well nor bad.
pub(super) const PURPLE: Colour = Colour(0x9b, 0x4f, 0x80);
const BROWN: Colour = Colour(0x8c, 0x6d, 0x00);
const INDIGO: Colour = Colour(0x33, 0x22, 0x88);

/// Opacity of a 5th-to-95th-percentile band: two that overlap still show both edges.
pub(super) const BAND_OPACITY: f64 = 0.18;

/// Inks of the instances that serve: the old revision recedes, the new one leads.
pub(super) const ACTIVE: [Ink; 4] = [
    Ink { colour: GREY, dash: Dash::Long },
    Ink { colour: BLUE, dash: Dash::Solid },
    Ink { colour: VERMILION, dash: Dash::Short },
    Ink { colour: GREEN, dash: Dash::LongShort },
];

/// Inks of the instances on the move; solid, since each has a panel to itself.
pub(super) const MOVING: [Ink; 4] = [
    Ink { colour: VERMILION, dash: Dash::Solid },
    Ink { colour: GREEN, dash: Dash::Solid },
    Ink { colour: PURPLE, dash: Dash::Solid },
    Ink { colour: BLACK, dash: Dash::Solid },
];

/// Inks of series side by side, in their order; each has a dash of its own.
pub(super) const SERIES: [Ink; 8] = [
    Ink { colour: BLUE, dash: Dash::Solid },
    Ink { colour: VERMILION, dash: Dash::Long },
    Ink { colour: GREEN, dash: Dash::Short },
    Ink { colour: PURPLE, dash: Dash::LongShort },
    Ink { colour: BLACK, dash: Dash::Dot },
    Ink { colour: BROWN, dash: Dash::VeryLong },
    Ink { colour: INDIGO, dash: Dash::LongDotDot },
    Ink { colour: GREY, dash: Dash::ShortDot },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance after WCAG 2.1, with the exponent 2.2 for its piecewise curve.
    fn luminance(c: Colour) -> f64 {
        let part = |v: u8| libm::pow(f64::from(v) / 255.0, 2.2);
        0.2126 * part(c.0) + 0.7152 * part(c.1) + 0.0722 * part(c.2)
    }

    #[test]
    fn every_ink_contrasts_with_paper_as_wcag_asks_of_graphics() {
        for ink in ACTIVE.iter().chain(&MOVING).chain(&SERIES) {
            let contrast = 1.05 / (luminance(ink.colour) + 0.05);
            assert!(contrast >= 3.0, "{ink:?} has {contrast:.2}:1");
        }
    }

    #[test]
    fn lines_of_one_panel_differ_by_dash_alone() {
        for inks in [ACTIVE.as_slice(), SERIES.as_slice()] {
            for (i, a) in inks.iter().enumerate() {
                assert!(inks[i + 1..].iter().all(|b| a.dash != b.dash), "{a:?}");
            }
        }
    }
}
