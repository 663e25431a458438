//! An estimate over one axis.

use bakeoff::report::plots::{Curve, CurvePoint, Curves, Format, Joined, PlotError, Positions, curves};

use super::rollout::Luck;
use super::seen::Seen;
use super::{HOSTILE, Picture, heading, svg};

fn point(x: usize, low: f64, mid: f64, high: f64) -> CurvePoint {
    CurvePoint { x, mid: Some(mid), low: Some(low), high: Some(high) }
}

fn curve(label: &str, points: Vec<CurvePoint>) -> Curve {
    Curve { label: label.to_owned(), points }
}

fn numbers(x: &[f64], series: Vec<Curve>, joined: Joined) -> Curves {
    Curves {
        x_label: "drainPercent, %".to_owned(),
        x: Positions::Numbers(x.to_vec()),
        y_label: "p95 rollout duration, min".to_owned(),
        series,
        joined,
    }
}

const DRAINS: [f64; 7] = [5.0, 10.0, 20.0, 25.0, 40.0, 50.0, 100.0];

/// Durations that fall with the drain, a series for every bake time.
fn swept(series: usize, joined: Joined) -> Curves {
    let mut luck = Luck(7);
    let mut of = |bake: usize| {
        let points = DRAINS.iter().enumerate().map(|(i, drain)| {
            let mid = 15.0 * bake as f64 + 300.0 / drain + luck.draw(-2.0, 2.0);
            point(i, mid - luck.draw(2.0, 6.0), mid, mid + luck.draw(2.0, 9.0))
        });
        curve(&format!("bakeTimeInMinutes {}", 15 * bake), points.collect())
    };
    numbers(&DRAINS, (0..series).map(&mut of).collect(), joined)
}

/// A cloud of a hundred runs with everything varied at once.
fn cloud() -> Curves {
    let mut luck = Luck(3);
    luck.draw(0.0, 1.0);
    let x: Vec<f64> = (0..100).map(|_| luck.draw(5.0, 100.0)).collect();
    let points = x.iter().enumerate().map(|(i, drain)| {
        let mid = 80.0 + 300.0 / drain + luck.draw(-9.0, 30.0);
        point(i, mid - 4.0, mid, mid + 7.0)
    });
    let points = points.collect();
    numbers(&x, vec![curve("all arms", points)], Joined::No)
}

fn gaps() -> Curves {
    let mut data = swept(2, Joined::Yes);
    data.series[0].points[2] = CurvePoint { mid: None, ..data.series[0].points[2] };
    data.series[0].points[0].high = None;
    data.series[1].points[5] = CurvePoint { low: None, high: None, ..data.series[1].points[5] };
    data
}

fn worded(words: &[&str], series: usize, joined: Joined) -> Curves {
    let mut data = swept(series, joined);
    data.x = Positions::Words(words.iter().map(|w| (*w).to_owned()).collect());
    "bake".clone_into(&mut data.x_label);
    data.series.iter_mut().for_each(|s| s.points.truncate(words.len()));
    data
}

fn draw(data: &Curves, format: Format) -> Picture {
    curves(&heading("Rollout duration over drain", 200), data, format)
}

pub(super) fn usual(format: Format) -> Vec<(&'static str, Picture)> {
    vec![
        ("curves", draw(&swept(3, Joined::Yes), format)),
        ("curves-cloud", draw(&cloud(), format)),
        ("curves-words", draw(&worded(&["afterAll", "perBatch", "none"], 2, Joined::No), format)),
    ]
}

pub(super) fn odd(format: Format) -> Vec<(&'static str, Picture)> {
    let level = |y: f64| numbers(&[10.0], vec![curve("one", vec![point(0, y, y, y)])], Joined::Yes);
    let hostile = Curves {
        x_label: HOSTILE.repeat(2),
        y_label: HOSTILE.repeat(2),
        series: swept(8, Joined::Yes).series.into_iter().map(|s| curve(HOSTILE, s.points)).collect(),
        ..worded(&[HOSTILE; 7], 8, Joined::Yes)
    };
    let huge = [point(0, -1e300, 0.0, 1e300), point(1, 0.0, 1e299, 1e300)];
    let deep = [
        point(0, -1_234_567.0, -1_234_566.5, -1_234_566.0),
        point(1, -1_234_567.0, -1_234_566.25, -1_234_566.0),
    ];
    let unestimated = CurvePoint { x: 0, mid: None, low: None, high: None };
    vec![
        ("curves-eight", draw(&swept(8, Joined::Yes), format)),
        ("curves-eight-apart", draw(&swept(8, Joined::No), format)),
        ("curves-gaps", draw(&gaps(), format)),
        ("curves-one", draw(&level(41.0), format)),
        ("curves-zero", draw(&level(0.0), format)),
        (
            "curves-huge",
            draw(&numbers(&[-1e300, 1e300], vec![curve("huge", huge.to_vec())], Joined::Yes), format),
        ),
        (
            "curves-deep",
            draw(&numbers(&[1e-9, 2e-9], vec![curve("deep", deep.to_vec())], Joined::No), format),
        ),
        ("curves-nothing", draw(&numbers(&[], vec![], Joined::Yes), format)),
        (
            "curves-no-estimates",
            draw(&numbers(&[1.0], vec![curve("none", vec![unestimated])], Joined::Yes), format),
        ),
        ("curves-hostile", draw(&hostile, format)),
        (
            "curves-phrases",
            draw(
                &worded(
                    &["after all batches", "per batch", "none at all", "a", "b", "c", "d"],
                    3,
                    Joined::Yes,
                ),
                format,
            ),
        ),
    ]
}

/// Curves of any numbers over any others.
pub(super) fn of_any(ys: &[f64], series: usize, holes: usize) -> Picture {
    let one = |s: usize| {
        let points = ys.iter().enumerate().map(|(i, y)| CurvePoint {
            x: (i + s) % ys.len(),
            mid: (!(i + holes).is_multiple_of(4)).then_some(*y),
            low: (!(i + s).is_multiple_of(5)).then_some((y - y.abs() / 2.0).max(-1e300)),
            high: (!(i * s).is_multiple_of(3)).then_some((y + y.abs() / 3.0).min(1e300)),
        });
        curve("any", points.collect())
    };
    let joined = if holes.is_multiple_of(2) { Joined::Yes } else { Joined::No };
    draw(&numbers(ys, (0..series).map(one).collect(), joined), Format::Svg)
}

const BLUE: &str = "#0072B2";
const VERMILION: &str = "#D55E00";

fn seen(data: &Curves) -> Seen {
    Seen::of(&svg(draw(data, Format::Svg).unwrap()))
}

/// A line through two texts that are numbers: where any other number lies.
fn scale(a: (f64, f64), b: (f64, f64)) -> impl Fn(f64) -> f64 {
    move |value| a.1 + (value - a.0) / (b.0 - a.0) * (b.1 - a.1)
}

/// The dots of the first series, without the legend's.
fn dots(seen: &Seen) -> Vec<(f64, f64)> {
    seen.dots.iter().filter(|d| d.colour == BLUE && d.at.0 < 758.0).map(|d| d.at).collect()
}

fn strokes(seen: &Seen, colour: &str) -> usize {
    seen.lines.iter().filter(|l| l.colour == colour && l.points[0].0 < 758.0).count()
}

fn bands(seen: &Seen, colour: &str) -> usize {
    seen.areas.iter().filter(|a| a.colour == colour && a.points[0].0 < 758.0).count()
}

fn three(joined: Joined) -> Curves {
    let points = vec![point(0, 20.0, 30.0, 40.0), point(1, 70.0, 75.0, 80.0), point(2, 90.0, 95.0, 100.0)];
    numbers(&[5.0, 35.0, 80.0], vec![curve("one", points)], joined)
}

#[test]
fn numbers_lie_on_their_scale_and_estimates_on_theirs() {
    for joined in [Joined::Yes, Joined::No] {
        let seen = seen(&three(joined));
        let across = scale((5.0, seen.text("5").at.0), (35.0, seen.text("35").at.0));
        let down = scale((20.0, seen.text("20").at.1), (100.0, seen.text("100").at.1));
        let dots = dots(&seen);
        assert_eq!(dots.len(), 3);
        for (dot, (x, y)) in dots.iter().zip([(5.0, 30.0), (35.0, 75.0), (80.0, 95.0)]) {
            assert!((dot.0 - across(x)).abs() < 0.3 && (dot.1 - down(y)).abs() < 0.3, "{dot:?} for {x}, {y}");
        }
    }
}

#[test]
fn words_are_evenly_spaced() {
    let seen = seen(&worded(&["afterAll", "perBatch", "none"], 1, Joined::Yes));
    let places = ["afterAll", "perBatch", "none"].map(|w| seen.text(w).at.0);
    assert_eq!(places[1] - places[0], places[2] - places[1]);
    let dots: Vec<f64> = dots(&seen).iter().map(|d| d.0).collect();
    assert_eq!(dots, places);
}

#[test]
fn only_neighbours_are_joined() {
    let joined = seen(&three(Joined::Yes));
    assert_eq!((strokes(&joined, BLUE), bands(&joined, BLUE)), (1, 1));
    let apart = seen(&three(Joined::No));
    // A bar and its two ends for each point.
    assert_eq!((strokes(&apart, BLUE), bands(&apart, BLUE)), (9, 0));
    let leaning = |l: &&super::seen::Line| {
        l.colour == BLUE && l.points[0].0 != l.points[1].0 && l.points[0].1 != l.points[1].1
    };
    assert_eq!(apart.lines.iter().filter(leaning).count(), 0);
}

#[test]
fn a_missing_estimate_parts_line_and_band() {
    let mut data = swept(1, Joined::Yes);
    data.series[0].points[3].mid = None;
    let seen = seen(&data);
    assert_eq!((strokes(&seen, BLUE), bands(&seen, BLUE), dots(&seen).len()), (2, 2, 6));
    seen.text("gap: no estimate");
    assert!(seen.description.contains("25: no estimate"), "{}", seen.description);
}

#[test]
fn an_interval_with_one_end_goes_on_to_the_edge() {
    let mut data = three(Joined::No);
    data.series[0].points[1].high = None;
    let seen = seen(&data);
    let arrow = seen.areas.iter().find(|a| a.colour == BLUE).expect("the head of an arrow");
    let tip = arrow.points.iter().map(|p| p.1).fold(f64::MAX, f64::min);
    let top = seen.lines.iter().flat_map(|l| &l.points).map(|p| p.1).fold(f64::MAX, f64::min);
    assert_eq!(tip, top);
    seen.text("interval up to the edge: it");
}

#[test]
fn points_may_come_in_any_order() {
    let data = swept(3, Joined::Yes);
    let mut mixed = data.clone();
    mixed.series.iter_mut().for_each(|s| s.points.reverse());
    let pictures = [&data, &mixed].map(|d| Seen::of(&svg(draw(d, Format::Svg).unwrap())));
    let lines = pictures.map(|p| p.lines.iter().map(|l| l.points.clone()).collect::<Vec<_>>());
    assert_eq!(lines[0], lines[1]);
}

#[test]
fn series_of_one_place_stand_side_by_side_and_keep_clear_of_the_next_place() {
    let seen = seen(&worded(&["a", "b", "c"], 2, Joined::No));
    let squares: Vec<f64> = seen
        .rects
        .iter()
        .filter(|r| r.colour == VERMILION && r.to.0 < 758.0)
        .map(|r| f64::midpoint(r.from.0, r.to.0))
        .collect();
    for ((dot, square), word) in dots(&seen).iter().zip(&squares).zip(["a", "b", "c"]) {
        assert!(dot.0 + 7.0 < *square, "{dot:?} {square}");
        assert!((f64::midpoint(dot.0, *square) - seen.text(word).at.0).abs() < 0.2);
    }
    let crowded = super::curves::seen(&swept(8, Joined::No));
    let marks = crowded.dots.iter().map(|d| d.at.0).chain(crowded.rects.iter().skip(1).map(|r| r.from.0));
    assert!(marks.filter(|x| *x < 770.0).all(|x| (92.0..756.0).contains(&x)));
}

#[test]
fn eight_series_are_all_named_and_a_ninth_is_refused() {
    let seen = seen(&swept(8, Joined::Yes));
    let words = seen.words().replace('|', " ");
    for i in 0..8 {
        assert!(words.contains(&format!("bakeTimeInMinutes {}", 15 * i)), "{words}");
    }
    let refused = draw(&swept(9, Joined::Yes), Format::Svg).unwrap_err();
    assert_eq!(refused, PlotError::TooMany { what: "series", found: 9, most: 8 });
}

#[test]
fn points_that_cannot_be_drawn_are_refused_by_name() {
    let refusal = |point: CurvePoint| {
        let data = numbers(&[5.0, 10.0], vec![curve("one", vec![point])], Joined::Yes);
        draw(&data, Format::Svg).unwrap_err()
    };
    let good = point(1, 1.0, 2.0, 3.0);
    let off = PlotError::OffAxis { column: "one: x".into(), index: 0, positions: 2 };
    assert_eq!(refusal(CurvePoint { x: 2, ..good }), off);
    let crossed = PlotError::Crossed { column: "one".into(), index: 0 };
    assert_eq!(refusal(CurvePoint { low: Some(4.0), ..good }), crossed);
    let nan = PlotError::NotFinite { column: "one: mid".into(), index: 0 };
    assert_eq!(refusal(CurvePoint { mid: Some(f64::NAN), ..good }), nan);
    let infinite = numbers(&[f64::INFINITY], vec![], Joined::Yes);
    let refused = draw(&infinite, Format::Svg).unwrap_err();
    assert_eq!(refused, PlotError::NotFinite { column: "drainPercent, %".into(), index: 0 });
}
