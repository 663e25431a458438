//! The font of the PNGs: Roboto Regular, unhinted, by Google, Apache License 2.0.
//!
//! Taken unchanged from the Debian package `fonts-roboto-unhinted` 2:0~20170802-3
//! (<https://github.com/googlefonts/roboto>); the licence lies beside it.
//! plotters refuses to draw any text, in an SVG too, until a font is registered.

use std::sync::OnceLock;

use plotters::style::{FontStyle, register_font};

use crate::report::plots::PlotError;

/// The family every text asks for.
pub(super) const FAMILY: &str = "sans-serif";
/// Line height of the font in ems (hhea: ascender 1900, descender −500, 2048 units an em).
pub(super) const LINE_EM: f64 = 2_400.0 / 2_048.0;

static ROBOTO: &[u8] = include_bytes!("Roboto-Regular.ttf");

/// Makes the font known to plotters; done once, however often it is called.
pub(super) fn register() -> Result<(), PlotError> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| register_font(FAMILY, FontStyle::Normal, ROBOTO).is_ok());
    if *done { Ok(()) } else { Err(PlotError::Backend("the embedded font was refused".to_owned())) }
}
