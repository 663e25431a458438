//! A ramp of colours for numbers: from a pale yellow by green to a dark blue.
//!
//! The idea is that of viridis (van der Walt and Smith, 2015) and cividis (Nuñez, Anderton and
//! Renslow, "Optimizing colormaps with consideration for color vision deficiency", 2018): equal steps
//! of the number look equally far apart, lightness alone gives the order, and what hue adds runs from
//! yellow to blue, which red-green deficient readers see. The colours are computed, as an even walk
//! through Oklab (Ottosson, "A perceptual color space for image processing", 2020).

use super::palette::Colour;

/// Lightness, green to red, blue to yellow.
type Oklab = [f64; 3];

const PALE: Oklab = [0.95, -0.01, 0.07];
const DARK: Oklab = [0.30, 0.0, -0.115];
/// How far the middle of the walk bends towards green.
const BEND: f64 = 0.05;

/// The colour at `t`, from 0, pale, to 1, dark; held to them.
pub(super) fn at(t: f64) -> Colour {
    let [r, g, b] = linear_rgb(walk(t.clamp(0.0, 1.0)));
    Colour(encoded(r), encoded(g), encoded(b))
}

/// The colour of a text on `ground`: the one of black and white with more contrast.
pub(super) fn text_on(ground: Colour) -> Colour {
    // Where both have the same contrast of (L + 0.05), after WCAG 2.1.
    if luminance(ground) > 0.179 { Colour(0, 0, 0) } else { Colour(0xff, 0xff, 0xff) }
}

fn walk(t: f64) -> Oklab {
    let between = |i: usize| PALE[i] + (DARK[i] - PALE[i]) * t;
    [between(0), between(1) - 4.0 * BEND * t * (1.0 - t), between(2)]
}

/// The matrices are Ottosson's; the responses of the three cones lie between them.
fn linear_rgb([lightness, green_red, blue_yellow]: Oklab) -> [f64; 3] {
    let cone = |to_red: f64, to_yellow: f64| {
        let root = lightness + to_red * green_red + to_yellow * blue_yellow;
        root * root * root
    };
    let long = cone(0.396_337_777_4, 0.215_803_757_3);
    let medium = cone(-0.105_561_345_8, -0.063_854_172_8);
    let short = cone(-0.089_484_177_5, -1.291_485_548_0);
    [
        4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
    ]
}

/// The transfer function of sRGB, IEC 61966-2-1.
fn encoded(linear: f64) -> u8 {
    let v = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * libm::pow(linear, 1.0 / 2.4) - 0.055 };
    libm::round(v.clamp(0.0, 1.0) * 255.0) as u8
}

fn luminance(Colour(r, g, b): Colour) -> f64 {
    let linear = |v: u8| match f64::from(v) / 255.0 {
        v if v <= 0.040_45 => v / 12.92,
        v => libm::pow((v + 0.055) / 1.055, 2.4),
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: usize = 50;

    fn steps() -> impl Iterator<Item = f64> {
        (0..=STEPS).map(|i| i as f64 / STEPS as f64)
    }

    #[test]
    fn every_colour_of_the_ramp_lies_within_srgb() {
        for t in steps() {
            let rgb = linear_rgb(walk(t));
            assert!(rgb.iter().all(|v| (-1e-3..=1.001).contains(v)), "{t}: {rgb:?}");
        }
    }

    #[test]
    fn equal_steps_of_the_number_look_equally_far_apart() {
        let walked: Vec<Oklab> = steps().map(walk).collect();
        let far = |w: &[Oklab]| {
            let squares: f64 = (0..3).map(|i| (w[1][i] - w[0][i]) * (w[1][i] - w[0][i])).sum();
            libm::sqrt(squares)
        };
        let (least, most) = walked
            .windows(2)
            .map(far)
            .fold((f64::MAX, 0.0), |(lo, hi): (f64, f64), d| (lo.min(d), hi.max(d)));
        assert!(most / least < 1.1, "{least}..{most}");
    }

    #[test]
    fn the_order_is_that_of_lightness_alone() {
        let light: Vec<f64> = steps().map(|t| luminance(at(t))).collect();
        assert!(light.windows(2).all(|w| w[1] < w[0]), "{light:?}");
    }

    #[test]
    fn a_text_on_any_colour_has_the_contrast_that_wcag_asks_of_text() {
        for t in steps() {
            let (ground, ink) = (luminance(at(t)), luminance(text_on(at(t))));
            let contrast = (ground.max(ink) + 0.05) / (ground.min(ink) + 0.05);
            assert!(contrast >= 4.5, "{t}: {contrast:.2}");
        }
    }

    #[test]
    fn the_ends_are_the_known_colours() {
        assert_eq!(at(0.0), at(-3.0));
        assert_eq!(at(1.0), Colour(0x19, 0x25, 0x66));
    }
}
