//! What a picture shows, read back from its SVG.

use roxmltree::Node;

pub(super) fn svg(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("an SVG is UTF-8")
}

/// All character data of a document, which must parse.
pub(super) fn words(document: &str) -> String {
    let parsed = roxmltree::Document::parse(document).unwrap_or_else(|e| panic!("{e} in\n{document}"));
    parsed
        .descendants()
        .filter(|n| n.has_tag_name("text"))
        .filter_map(|n| n.text())
        .collect::<Vec<_>>()
        .join("|")
}

/// Eighths of a logical pixel are what an SVG counts in.
const SCALE: f64 = 8.0;

/// The parts of a picture, in logical pixels.
pub(super) struct Seen {
    pub(super) size: (f64, f64),
    pub(super) description: String,
    pub(super) texts: Vec<Text>,
    pub(super) rects: Vec<Rect>,
    pub(super) dots: Vec<Dot>,
    pub(super) lines: Vec<Line>,
    pub(super) areas: Vec<Line>,
}

/// A text, and the box that it needs at least.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) words: String,
    /// Its anchor.
    pub(super) at: (f64, f64),
    pub(super) colour: String,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Rect {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
    pub(super) colour: String,
}

#[derive(Clone, Debug)]
pub(super) struct Dot {
    pub(super) at: (f64, f64),
    pub(super) radius: f64,
    pub(super) colour: String,
}

/// A stroke, or a dash of one; or the outline of an area.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) colour: String,
}

impl Text {
    /// Whether the boxes of two texts share more than a hair.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let share = |a: (f64, f64), b: (f64, f64)| a.1.min(b.1) - a.0.max(b.0);
        share((self.left, self.right), (other.left, other.right)) > 0.5
            && share((self.top, self.bottom), (other.top, other.bottom)) > 0.5
    }

    fn of(node: Node) -> Self {
        let (x, y, size) = (number(node, "x"), number(node, "y"), number(node, "font-size"));
        let words = node.text().unwrap_or_default().trim().to_owned();
        // Plain English takes half an em a character in Roboto, Arial and Helvetica; capitals reach 0.35 em
        // above the middle.
        let width = words.chars().count() as f64 * 0.5 * size;
        let before = match node.attribute("text-anchor") {
            Some("end") => width,
            Some("middle") => width / 2.0,
            _ => 0.0,
        };
        let half = 0.35 * size;
        let (left, right, top, bottom) = if node.attribute("transform").is_some() {
            (x - half, x + half, y + before - width, y + before)
        } else {
            (x - before, x - before + width, y - half, y + half)
        };
        Self { words, at: (x, y), colour: attribute(node, "fill"), left, right, top, bottom }
    }
}

impl Seen {
    pub(super) fn of(document: &str) -> Self {
        let parsed = roxmltree::Document::parse(document).unwrap_or_else(|e| panic!("{e}"));
        let root = parsed.root_element();
        let all = |tag: &'static str| parsed.descendants().filter(move |n| n.has_tag_name(tag));
        let size = |name: &str| root.attribute(name).and_then(|v| v.parse().ok()).unwrap();
        Self {
            size: (size("width"), size("height")),
            description: all("desc").find_map(|n| n.text()).unwrap_or_default().to_owned(),
            texts: all("text").map(Text::of).collect(),
            rects: all("rect").map(rect).collect(),
            dots: all("circle").map(dot).collect(),
            lines: all("path").flat_map(strokes).collect(),
            areas: all("polygon").map(|n| line(&attribute(n, "points"), &attribute(n, "fill"))).collect(),
        }
    }

    /// The one text of these words.
    pub(super) fn text(&self, words: &str) -> &Text {
        let mut found = self.texts.iter().filter(|t| t.words == words);
        let text = found.next().unwrap_or_else(|| panic!("no '{words}'"));
        assert!(found.next().is_none(), "'{words}' twice");
        text
    }

    /// All that is written, in the order of painting.
    pub(super) fn words(&self) -> String {
        self.texts.iter().map(|t| t.words.as_str()).collect::<Vec<_>>().join("|")
    }
}

fn rect(node: Node) -> Rect {
    let from = (number(node, "x"), number(node, "y"));
    let to = (from.0 + number(node, "width"), from.1 + number(node, "height"));
    Rect { from, to, colour: attribute(node, "fill") }
}

fn dot(node: Node) -> Dot {
    let at = (number(node, "cx"), number(node, "cy"));
    Dot { at, radius: number(node, "r"), colour: attribute(node, "fill") }
}

fn strokes(node: Node) -> Vec<Line> {
    let colour = attribute(node, "stroke");
    attribute(node, "d").split('M').skip(1).map(|points| line(points, &colour)).collect()
}

fn line(points: &str, colour: &str) -> Line {
    let pair = |p: &str| p.split_once(',').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
    let point = |p: &str| pair(p).map(|(x, y): (f64, f64)| (x / SCALE, y / SCALE)).expect("two numbers");
    Line { points: points.split_whitespace().map(point).collect(), colour: colour.to_owned() }
}

fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).and_then(|v| v.parse::<f64>().ok()).expect("a number") / SCALE
}

fn attribute(node: Node, name: &str) -> String {
    node.attribute(name).unwrap_or_default().to_owned()
}
