//! A number over two axes.

use bakeoff::report::plots::{Better, Cell, Format, HeatMap, PlotError, heat_map};

use super::seen::{Rect, Seen, Text};
use super::{HOSTILE, Picture, heading, svg};

fn strings<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

fn map(x: &[u32], y: &[u32], cells: Vec<Cell>) -> HeatMap {
    HeatMap {
        x_label: "drainPercent, %".to_owned(),
        x: strings(x),
        y_label: "bakeTimeInMinutes, min".to_owned(),
        y: strings(y),
        value_label: "p95 rollout duration, min".to_owned(),
        better: Better::Lower,
        cells,
    }
}

fn duration(drain: f64, bake: f64) -> Cell {
    Cell::Value(bake + 9.3 * 100.0 / drain)
}

/// The sweep of the README, more or less.
fn swept() -> HeatMap {
    let (x, y) = ([5, 10, 20, 25, 50, 100], [0, 5, 15, 30, 60]);
    let mut cells: Vec<Cell> =
        y.iter().flat_map(|b| x.iter().map(|d| duration(f64::from(*d), f64::from(*b)))).collect();
    cells[0] = Cell::NotReached;
    cells[6] = Cell::NotReached;
    cells[29] = Cell::NotRun;
    map(&x, &y, cells)
}

fn large(n: u32) -> HeatMap {
    let sides: Vec<u32> = (1..=n).collect();
    let cell = |i: u32, j: u32| match (i * 7 + j * 13) % 101 {
        0 => Cell::NotReached,
        1 => Cell::NotRun,
        _ => Cell::Value(f64::from((i * i + 3 * j) % 977) / 7.0),
    };
    let cells = sides.iter().flat_map(|j| sides.iter().map(move |i| cell(*i, *j))).collect();
    map(&sides, &sides, cells)
}

fn draw(data: &HeatMap, format: Format) -> Picture {
    heat_map(&heading("Rollout duration by drain and bake", 200), data, format)
}

pub(super) fn usual(format: Format) -> Vec<(&'static str, Picture)> {
    let higher =
        HeatMap { better: Better::Higher, value_label: "fewest running tasks, %".to_owned(), ..swept() };
    vec![("heat-map", draw(&swept(), format)), ("heat-map-higher", draw(&higher, format))]
}

pub(super) fn odd(format: Format) -> Vec<(&'static str, Picture)> {
    let words = |n: usize, word: &str| -> Vec<String> { (0..n).map(|i| format!("{word} {i}")).collect() };
    let hostile = HeatMap {
        x_label: HOSTILE.to_owned(),
        x: words(6, HOSTILE),
        y_label: HOSTILE.to_owned(),
        y: words(5, HOSTILE),
        value_label: HOSTILE.to_owned(),
        ..swept()
    };
    let phrases = HeatMap {
        x: words(6, "bake after all batches"),
        y: words(5, "alarms on, drain"),
        better: Better::Neither,
        ..swept()
    };
    let one = |cell: Cell| map(&[10], &[15], vec![cell]);
    let few = |cells: &[f64]| map(&[5, 10], &[0, 15], cells.iter().map(|v| Cell::Value(*v)).collect());
    let row = map(&[5, 10, 25, 50, 100], &[15], (1..6).map(|i| Cell::Value(f64::from(i) * -0.013)).collect());
    vec![
        ("heat-map-60", draw(&large(60), format)),
        ("heat-map-25", draw(&large(25), format)),
        ("heat-map-100", draw(&large(100), format)),
        ("heat-map-one", draw(&one(Cell::Value(41.25)), format)),
        ("heat-map-not-run", draw(&one(Cell::NotRun), format)),
        ("heat-map-row", draw(&row, format)),
        ("heat-map-equal", draw(&few(&[0.0; 4]), format)),
        ("heat-map-huge", draw(&few(&[-1e300, 1e300, 0.0, 5e299]), format)),
        ("heat-map-phrases", draw(&phrases, format)),
        ("heat-map-hostile", draw(&hostile, format)),
        ("heat-map-empty", draw(&map(&[], &[], vec![]), format)),
    ]
}

/// A table of any numbers.
pub(super) fn of_any(ys: &[f64], columns: usize) -> Picture {
    let rows = ys.len() / columns;
    let (x, y): (Vec<u32>, Vec<u32>) = ((0..columns as u32).collect(), (0..rows as u32).collect());
    draw(&map(&x, &y, ys[..rows * columns].iter().map(|v| Cell::Value(*v)).collect()), Format::Svg)
}

const BLACK: &str = "#222222";
const FAINT: &str = "#8A8A8A";

fn seen(data: &HeatMap) -> Seen {
    Seen::of(&svg(draw(data, Format::Svg).unwrap()))
}

/// The rectangle under a text.
fn cell_of<'a>(seen: &'a Seen, text: &Text) -> &'a Rect {
    let under = |r: &&Rect| {
        (r.from.0..r.to.0).contains(&text.at.0)
            && (r.from.1..r.to.1).contains(&text.at.1)
            && r.colour != "#FFFFFF"
    };
    seen.rects.iter().find(under).unwrap_or_else(|| panic!("nothing under {text:?}"))
}

/// Red, green and blue together: what is darker has less.
fn light(colour: &str) -> u32 {
    let part = |i: usize| u32::from_str_radix(&colour[i..i + 2], 16).unwrap();
    part(1) + part(3) + part(5)
}

/// How many cells have a black line around them: each has four sides, in cells as high as in `map`.
fn outlined(seen: &Seen) -> usize {
    let wide = |l: &&super::seen::Line| l.colour == BLACK && (l.points[1].0 - l.points[0].0).abs() > 100.0;
    seen.lines.iter().filter(wide).count() / 2
}

fn few(better: Better, cells: [f64; 6]) -> HeatMap {
    HeatMap { better, ..map(&[5, 10, 25], &[0, 15], cells.map(Cell::Value).to_vec()) }
}

#[test]
fn cells_run_across_first_and_then_down() {
    let seen = seen(&few(Better::Lower, [31.0, 32.0, 33.0, 34.0, 36.0, 37.0]));
    for (value, x, y) in
        [("31", "5", "0"), ("32", "10", "0"), ("33", "25", "0"), ("34", "5", "15"), ("36", "10", "15")]
    {
        let text = seen.texts.iter().find(|t| t.words == value).unwrap();
        assert_eq!(text.at, (seen.text(x).at.0, seen.text(y).at.1), "{value}");
        let cell = cell_of(&seen, text);
        assert!((f64::midpoint(cell.from.0, cell.to.0) - text.at.0).abs() < 1.0);
    }
}

#[test]
fn the_darker_cell_is_the_worse_one_whichever_way_is_better() {
    for (better, words) in [
        (Better::Lower, "darker: more, which is worse"),
        (Better::Higher, "darker: less, which is worse"),
        (Better::Neither, "darker: more"),
    ] {
        let seen = seen(&few(better, [11.0, 32.0, 33.0, 34.0, 36.0, 97.0]));
        assert!(seen.words().contains(words), "{}", seen.words());
        let shade = |value: &str| {
            let text = seen.texts.iter().find(|t| t.words == value && t.right < 500.0).unwrap();
            light(&cell_of(&seen, text).colour)
        };
        let order = [shade("11"), shade("32"), shade("36"), shade("97")];
        let falls = order.windows(2).all(|w| w[0] > w[1]);
        let rises = order.windows(2).all(|w| w[0] < w[1]);
        assert!(if better == Better::Higher { rises } else { falls }, "{better:?}: {order:?}");
    }
}

#[test]
fn the_best_cell_is_outlined_and_so_are_its_equals() {
    let cells = [11.0, 32.0, 33.0, 11.0, 36.0, 97.0];
    let lower = seen(&few(Better::Lower, cells));
    assert_eq!(outlined(&lower), 2);
    lower.text("best: 11, in 2 cells");
    assert!(lower.description.contains("Best at 5, 0; 5, 15"), "{}", lower.description);
    let higher = seen(&few(Better::Higher, cells));
    assert_eq!(outlined(&higher), 1);
    higher.text("best: 97");
    assert_eq!(outlined(&seen(&few(Better::Neither, cells))), 0);
}

#[test]
fn where_all_values_are_equal_none_is_called_the_best() {
    let seen = seen(&few(Better::Lower, [41.25; 6]));
    assert_eq!(outlined(&seen), 0);
    seen.text("all values: 41.25");
    assert!(!seen.words().contains("best"), "{}", seen.words());
}

#[test]
fn what_was_not_reached_is_hatched_and_what_was_not_run_is_crossed() {
    let faint = |cells: Vec<Cell>| {
        let seen = seen(&map(&[5, 10], &[0], cells));
        (seen.lines.iter().filter(|l| l.colour == FAINT).count(), seen.words())
    };
    let (lines, words) = faint(vec![Cell::Value(1.0), Cell::Value(2.0)]);
    assert_eq!(lines, 0);
    assert!(!words.contains("not re") && !words.contains("not run"), "{words}");
    let (lines, words) = faint(vec![Cell::Value(1.0), Cell::NotRun]);
    // Two lines of the cell, two of the legend.
    assert_eq!(lines, 4);
    assert!(words.contains("not run"), "{words}");
    let (lines, words) = faint(vec![Cell::Value(1.0), Cell::NotReached]);
    assert!(lines > 20, "{lines}");
    assert!(words.contains("not reached"), "{words}");
}

#[test]
fn values_are_white_on_dark_cells_and_black_on_pale_ones() {
    let seen = seen(&few(Better::Lower, [11.0, 32.0, 33.0, 34.0, 36.0, 97.0]));
    assert_eq!(seen.text("11").colour, "#000000");
    assert_eq!(seen.texts.iter().find(|t| t.words == "97").unwrap().colour, "#FFFFFF");
}

#[test]
fn values_without_room_are_left_to_their_colours_and_every_label_stays() {
    let data = large(60);
    let seen = seen(&data);
    let values = data.cells.iter().filter(|c| matches!(c, Cell::Value(_))).count();
    let coloured = seen.rects.iter().filter(|r| r.to.0 < 720.0 && r.colour != "#FFFFFF").count();
    assert_eq!(coloured, values);
    let inside =
        seen.texts.iter().filter(|t| t.at.0 > 60.0 && t.at.0 < 700.0 && t.at.1 > 100.0 && t.at.1 < 800.0);
    assert_eq!(inside.count(), 0);
    for side in 1..=60 {
        assert_eq!(
            seen.texts.iter().filter(|t| t.words == side.to_string() && t.at.0 < 720.0).count(),
            2,
            "{side}"
        );
    }
}

#[test]
fn tables_that_cannot_be_drawn_are_refused() {
    let refusal = |data: &HeatMap| draw(data, Format::Svg).unwrap_err();
    let short = map(&[5, 10], &[0, 15], vec![Cell::NotRun; 3]);
    let length = PlotError::Length { column: "cells".into(), expected: 4, found: 3 };
    assert_eq!(refusal(&short), length);
    let nan = map(&[5, 10], &[0], vec![Cell::NotRun, Cell::Value(f64::NAN)]);
    assert_eq!(refusal(&nan), PlotError::NotFinite { column: "cells".into(), index: 1 });
    let wide = map(&(0..101).collect::<Vec<_>>(), &[0], vec![Cell::NotRun; 101]);
    assert_eq!(refusal(&wide), PlotError::TooMany { what: "columns", found: 101, most: 100 });
}
