//! Labels along the edge of a frame, one for each row or column, none over another.

use super::frame::SMALL;
use super::scene::{Anchor, Scene, TextStyle};
use super::text;

/// Room from one label to the next, across the direction of reading.
const LINE: f64 = 13.0;
/// Room for a label that runs upwards.
const UPWARDS_MAX: f64 = 140.0;
const LINES_MAX: usize = 3;
/// Space that stays free between two labels side by side.
const GAP: f64 = 8.0;

/// Draws labels under `top`, each centred on its place and as wide as `pitch` at most, and gives
/// the height at which they end.
///
/// They stand level where their words fit, in some lines if need be, and run upwards otherwise;
/// where even that has no room, every second, third, … stays.
pub(super) fn draw_below(scene: &mut Scene, places: &[f64], labels: &[String], pitch: f64, top: f64) -> f64 {
    let labels: Vec<String> = labels.iter().map(|l| text::clean(l)).collect();
    match level(&labels, pitch - GAP) {
        Some(wrapped) => {
            let most = wrapped.iter().map(Vec::len).max().unwrap_or(0);
            for (x, lines) in places.iter().zip(wrapped) {
                for (i, line) in lines.iter().enumerate() {
                    let at = (*x, top + 10.0 + i as f64 * LINE);
                    scene.text(at, line, SMALL.anchored(Anchor::Middle));
                }
            }
            top + 4.0 + most as f64 * LINE
        }
        None => draw_upwards(scene, places, &labels, pitch, top),
    }
}

/// Every label in lines of `room` pixels, if all of its words have a place in them.
fn level(labels: &[String], room: f64) -> Option<Vec<Vec<String>>> {
    let wrapped: Vec<Vec<String>> =
        labels.iter().map(|l| text::wrap(l, SMALL.size, room, LINES_MAX)).collect();
    wrapped.iter().zip(labels).all(|(lines, label)| lines.join(" ") == *label).then_some(wrapped)
}

fn draw_upwards(scene: &mut Scene, places: &[f64], labels: &[String], pitch: f64, top: f64) -> f64 {
    let style = style(pitch).anchored(Anchor::End).upwards();
    let mut longest: f64 = 0.0;
    for (x, label) in places.iter().zip(labels).step_by(every(pitch, style)) {
        let label = text::fit_ends(label, style.size, UPWARDS_MAX);
        longest = longest.max(text::width(&label, style.size));
        scene.text((*x, top + 4.0), &label, style);
    }
    top + 4.0 + longest
}

/// Draws labels left of `right`, each at its height and `room` pixels long at most.
pub(super) fn draw_beside(
    scene: &mut Scene,
    heights: &[f64],
    labels: &[String],
    pitch: f64,
    right: f64,
    room: f64,
) {
    let style = style(pitch).anchored(Anchor::End);
    for (y, label) in heights.iter().zip(labels).step_by(every(pitch, style)) {
        scene.text((right, *y), &text::fit_ends(&text::clean(label), style.size, room), style);
    }
}

/// Room that the widest of some labels needs, `most` at most.
pub(super) fn room(labels: &[String], most: f64) -> f64 {
    labels.iter().map(|l| text::width(&text::clean(l), SMALL.size)).fold(0.0, f64::max).min(most)
}

/// Ordinary labels, or smaller ones where they stand close.
fn style(pitch: f64) -> TextStyle {
    TextStyle { size: (pitch - 1.0).clamp(9.0, SMALL.size), ..SMALL }
}

/// How many labels to go on by so that they do not touch.
fn every(pitch: f64, style: TextStyle) -> usize {
    libm::ceil((style.size + 1.0) / pitch.max(0.1)) as usize
}

#[cfg(test)]
mod tests {
    use super::super::scene::{Shape, Turn};
    use super::*;

    fn drawn(labels: &[&str], pitch: f64) -> Vec<(String, Turn)> {
        let mut scene = Scene::new(960.0, 400.0);
        let places: Vec<f64> = (0..labels.len()).map(|i| (i as f64 + 0.5) * pitch).collect();
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        draw_below(&mut scene, &places, &labels, pitch, 0.0);
        let texts = scene.shapes.into_iter().filter_map(|s| match s {
            Shape::Text { text, style, .. } => Some((text, style.turn)),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn short_labels_stand_level() {
        let level = |t: &str| (t.to_owned(), Turn::Level);
        assert_eq!(drawn(&["5", "10"], 60.0), [level("5"), level("10")]);
    }

    #[test]
    fn labels_of_several_words_are_broken_before_they_are_turned() {
        let lines = drawn(&["bake after all", "bake per batch"], 80.0);
        assert!(lines.len() > 2 && lines.iter().all(|(_, turn)| *turn == Turn::Level), "{lines:?}");
    }

    #[test]
    fn a_long_word_turns_all_labels_upwards() {
        let lines = drawn(&["afterAllBatches", "no"], 60.0);
        assert!(lines.len() == 2 && lines.iter().all(|(_, turn)| *turn == Turn::Upwards), "{lines:?}");
    }

    #[test]
    fn of_labels_with_no_room_at_all_some_are_left_out() {
        let labels = ["100"; 90];
        assert_eq!(drawn(&labels, 6.0).len(), 45);
    }
}
