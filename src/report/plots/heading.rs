//! Title and subtitle.

use super::axis::counted;
use super::frame::WIDTH;
use super::input::Heading;
use super::scene::{Scene, TextStyle};
use super::text;

const TITLE: TextStyle = TextStyle::sized(18.0);
const SUBTITLE: TextStyle = TextStyle::sized(12.5).grey();
const MARGIN: f64 = 16.0;

/// Draws the heading and gives the height at which the plot may begin.
///
/// `reading` says how to read what is drawn, as in "line: median".
pub(super) fn draw(scene: &mut Scene, heading: &Heading, reading: &str) -> f64 {
    let room = WIDTH - 2.0 * MARGIN;
    let title = text::clean(&heading.title);
    scene.text((MARGIN, 24.0), &text::fit(&title, TITLE.size, room), TITLE);
    let scenario = text::clean(&heading.scenario);
    let parts = [scenario, counted(heading.seeds, "seed"), reading.to_owned()];
    let subtitle = parts.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(" · ");
    let mut y = 47.0;
    for line in text::wrap(&subtitle, SUBTITLE.size, room, 2) {
        scene.text((MARGIN, y), &line, SUBTITLE);
        y += 17.0;
    }
    scene.title = title;
    scene.description = subtitle;
    y
}

/// How to read lines and bands, given how many seeds they summarise.
pub(super) fn band_reading(seeds: usize) -> &'static str {
    if seeds > 1 { "line: median; dots: mean; shaded: 5th to 95th percentile" } else { "" }
}
