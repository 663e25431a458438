//! Differences to a base arm.

use bakeoff::report::plots::{Forest, ForestMetric, ForestRow, Format, PlotError, Verdict, forest};

use super::rollout::Luck;
use super::seen::Seen;
use super::{HOSTILE, Picture, heading, svg};

const METRICS: [&str; 15] = [
    "rollout duration, min",
    "deployment duration, min",
    "share rolled back",
    "rollback duration, min",
    "time to detection, min",
    "blast radius, % of the fleet",
    "fewest running tasks, % of desired",
    "task minutes lost",
    "failed requests",
    "peak vCPU",
    "extra instance hours",
    "extra cost, USD",
    "application tasks restarted",
    "daemon gap, instance minutes",
    "longest wait for a drain, min",
];

fn row(arm: &str, interval: (f64, f64, f64), verdict: Verdict) -> ForestRow {
    let (low, difference, high) = interval;
    ForestRow {
        arm: arm.to_owned(),
        difference: Some(difference),
        low: Some(low),
        high: Some(high),
        text: format!("{difference:+.1} [{low:.1}, {high:.1}]").replace('-', "−"),
        verdict,
    }
}

fn metric(label: &str, rows: Vec<ForestRow>) -> ForestMetric {
    ForestMetric { label: label.to_owned(), rows }
}

/// Some arms in some metrics, each metric of another magnitude.
fn made_up(arms: usize, metrics: usize) -> Forest {
    let mut luck = Luck(arms as u64 * 31 + metrics as u64);
    luck.draw(0.0, 1.0);
    let block = |(i, label): (usize, &&str)| {
        let unit = [1.0, 40.0, 0.02, 700.0, 9_000.0][i % 5];
        let rows = (0..arms).map(|arm| {
            let mid = unit * luck.draw(-2.0, 8.0);
            let half = unit * luck.draw(0.1, 1.8);
            let shown = mid.abs() > half;
            let verdict = match (shown, i % 4 == 3, mid > 0.0) {
                (false, ..) => Verdict::NotShown,
                (true, true, _) => Verdict::Different,
                (true, false, true) => Verdict::Worse,
                (true, false, false) => Verdict::Better,
            };
            let name = format!("drainPercent={}, bakeTimeInMinutes={}", 5 * (arm % 8 + 1), 15 * (arm / 8));
            row(&name, (mid - half, mid, mid + half), verdict)
        });
        metric(label, rows.collect())
    };
    Forest {
        base: "drainPercent=10, bakeTimeInMinutes=15".to_owned(),
        metrics: METRICS[..metrics].iter().enumerate().map(block).collect(),
    }
}

fn draw(data: &Forest, format: Format) -> Picture {
    forest(&heading("What the arms change", 200), data, format)
}

/// One block in the unit of the test.
fn alone(rows: Vec<ForestRow>) -> Forest {
    Forest { base: "base".to_owned(), metrics: vec![metric("rollout duration, min", rows)] }
}

pub(super) fn usual(format: Format) -> Vec<(&'static str, Picture)> {
    vec![
        ("forest-one-arm", draw(&made_up(1, 15), format)),
        ("forest-three-arms", draw(&made_up(3, 4), format)),
    ]
}

/// Differences without intervals, with open ones, with none at all.
fn holes() -> Forest {
    let full = row("closed", (27.3, 29.1, 30.9), Verdict::Worse);
    let named =
        |arm: &str, text: &str| ForestRow { arm: arm.to_owned(), text: text.to_owned(), ..full.clone() };
    alone(vec![
        full.clone(),
        ForestRow { low: None, ..named("open below", "+29.1 [−∞, 30.9]") },
        ForestRow { high: Some(f64::INFINITY), ..named("open above", "+29.1 [27.3, ∞]") },
        ForestRow {
            low: Some(f64::NEG_INFINITY),
            high: None,
            verdict: Verdict::NotShown,
            ..named("open both ways", "+29.1 [−∞, ∞]")
        },
        ForestRow { low: None, high: None, verdict: Verdict::NotShown, ..named("no interval", "+29.1") },
        ForestRow { difference: None, low: None, high: None, ..named("no estimate", "not reached in base") },
        ForestRow {
            low: Some(12.0),
            difference: Some(12.0),
            high: Some(12.0),
            ..named("no width", "+12 [12, 12]")
        },
    ])
}

pub(super) fn odd(format: Format) -> Vec<(&'static str, Picture)> {
    let zero = |arm: &str| row(arm, (0.0, 0.0, 0.0), Verdict::NotShown);
    let huge = |arm: &str| row(arm, (-9e299, 1e299, 9e299), Verdict::NotShown);
    let tiny = |arm: &str| row(arm, (-3e-12, -2e-12, -1e-12), Verdict::Better);
    let text = |rows: Vec<ForestRow>| -> Vec<ForestRow> {
        rows.into_iter()
            .map(|r| ForestRow { text: HOSTILE.to_owned(), arm: HOSTILE.to_owned(), ..r })
            .collect()
    };
    let hostile = Forest {
        base: HOSTILE.to_owned(),
        metrics: vec![
            metric(HOSTILE, text(holes().metrics.remove(0).rows)),
            metric(HOSTILE, text(vec![tiny("")])),
        ],
    };
    let mixed = Forest {
        base: "base".to_owned(),
        metrics: vec![
            metric("nothing moves, min", vec![zero("a"), zero("b")]),
            metric("huge, requests", vec![huge("a"), zero("b")]),
            metric("tiny, USD", vec![tiny("a"), tiny("b")]),
            metric("no arms, min", vec![]),
        ],
    };
    vec![
        ("forest-many", draw(&made_up(40, 5), format)),
        ("forest-nothing", draw(&Forest::default(), format)),
        ("forest-no-arms", draw(&alone(vec![]), format)),
        ("forest-zero", draw(&alone(vec![zero("a")]), format)),
        ("forest-holes", draw(&holes(), format)),
        ("forest-mixed", draw(&mixed, format)),
        ("forest-hostile", draw(&hostile, format)),
    ]
}

/// A forest of any numbers.
pub(super) fn of_any(ys: &[f64], holes: usize) -> Picture {
    let rows = ys.iter().enumerate().map(|(i, y)| {
        let ends = [y - y.abs() / 2.0, y + y.abs() / 3.0].map(|end| end.clamp(-1e300, 1e300));
        let mut row = row("any", (ends[0], *y, ends[1]), Verdict::NotShown);
        match (i + holes) % 6 {
            0 => row.low = None,
            1 => row.high = Some(f64::INFINITY),
            2 => row.difference = None,
            _ => {}
        }
        row
    });
    let rows: Vec<ForestRow> = rows.collect();
    let metrics = rows.chunks(1 + holes * 3).map(|rows| metric("any, min", rows.to_vec())).collect();
    draw(&Forest { base: "base".to_owned(), metrics }, Format::Svg)
}

const BLUE: &str = "#0072B2";
const VERMILION: &str = "#D55E00";
const PURPLE: &str = "#9B4F80";
const GREY: &str = "#595959";
const BLACK: &str = "#222222";

fn seen(data: &Forest) -> Seen {
    Seen::of(&svg(draw(data, Format::Svg).unwrap()))
}

/// Where a value lies in the strip whose scale stands at the height of `beside`, after its own ticks.
fn across(seen: &Seen, beside: f64, value: f64) -> f64 {
    let number = |text: &str| text.replace('−', "-").replace([',', '+'], "").parse::<f64>().ok();
    let ticks: Vec<(f64, f64)> = seen
        .texts
        .iter()
        .filter(|t| t.at.1 == beside)
        .filter_map(|t| number(&t.words).map(|n| (n, t.at.0)))
        .collect();
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    first.1 + (value - first.0) / (last.0 - first.0) * (last.1 - first.1)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.4
}

#[test]
fn the_line_of_zero_is_one_line_through_all_strips() {
    for (arms, metrics) in [(1, 15), (3, 4), (40, 15)] {
        let seen = seen(&made_up(arms, metrics));
        let zeros: Vec<f64> = seen.texts.iter().filter(|t| t.words == "0").map(|t| t.at.0).collect();
        assert_eq!(zeros.len(), metrics);
        assert!(zeros.iter().all(|x| *x == zeros[0]), "{zeros:?}");
        let upright = |l: &&super::seen::Line| {
            l.colour == BLACK && l.points.len() == 2 && l.points.iter().all(|p| p.0 == zeros[0])
        };
        let long = seen.lines.iter().filter(upright).filter(|l| (l.points[1].1 - l.points[0].1).abs() > 15.0);
        assert_eq!(long.count(), metrics);
    }
}

#[test]
fn estimates_and_ends_lie_where_the_scale_of_their_strip_says() {
    let seen = seen(&alone(vec![row("a", (-10.0, 20.0, 35.0), Verdict::Different)]));
    let scale = seen.text("0").at.1;
    let diamond = seen.areas.iter().rfind(|a| a.colour == PURPLE).unwrap();
    assert!(near(diamond.points[1].0, across(&seen, scale, 20.0)), "{diamond:?}");
    let middle = diamond.points[0].1;
    let interval =
        seen.lines.iter().find(|l| l.colour == PURPLE && l.points.iter().all(|p| near(p.1, middle))).unwrap();
    assert!(near(interval.points[0].0, across(&seen, scale, -10.0)), "{interval:?}");
    assert!(near(interval.points[1].0, across(&seen, scale, 35.0)), "{interval:?}");
}

#[test]
fn every_verdict_has_a_colour_and_a_form_of_its_own_and_a_word_for_it() {
    let verdicts = [Verdict::Better, Verdict::Worse, Verdict::Different, Verdict::NotShown];
    let rows = verdicts.map(|v| row(&format!("{v:?}"), (1.0, 2.0, 3.0), v));
    let seen = seen(&alone(rows.to_vec()));
    // Each once in the legend and once in the strip.
    let dots = |colour: &str| seen.dots.iter().filter(|d| d.colour == colour && d.radius == 4.0).count();
    assert_eq!((dots(BLUE), dots(GREY), dots("#FFFFFF")), (2, 2, 0));
    assert_eq!(seen.dots.iter().filter(|d| d.colour == "#FFFFFF" && d.radius == 2.0).count(), 2);
    assert_eq!(seen.rects.iter().filter(|r| r.colour == VERMILION).count(), 2);
    assert_eq!(seen.areas.iter().filter(|a| a.colour == PURPLE).count(), 2);
    for word in ["better", "worse", "different, neither way better", "~ no difference shown", "less", "more"]
    {
        seen.text(word);
    }
}

#[test]
fn only_a_difference_that_is_not_shown_has_a_tilde_before_its_numbers() {
    let shown = row("shown", (1.0, 2.0, 3.0), Verdict::Worse);
    let seen = seen(&alone(vec![shown, row("not", (-1.0, 0.5, 2.0), Verdict::NotShown)]));
    let (tilde, numbers) = (seen.text("~"), seen.text("+0.5 [−1.0, 2.0]"));
    assert_eq!(tilde.at.1, numbers.at.1);
    assert!(tilde.right <= numbers.left);
    assert_eq!(numbers.at.0, seen.text("+2.0 [1.0, 3.0]").at.0, "the numbers stand in one column");
}

#[test]
fn an_open_end_is_an_arrow_at_the_edge_and_a_missing_difference_only_its_text() {
    let seen = seen(&holes());
    let arrows = |colour: &str| seen.areas.iter().filter(|a| a.colour == colour).count();
    // Two open ends of arms that are worse; two of one that is not shown, the legend's, and 'less' and 'more'.
    assert_eq!((arrows(VERMILION), arrows(GREY)), (2, 5));
    let missing = seen.text("not reached in base").at.1;
    let marks = seen.rects.iter().filter(|r| r.colour == VERMILION);
    let heights: Vec<f64> = marks.map(|r| f64::midpoint(r.from.1, r.to.1)).collect();
    assert!(heights.iter().all(|y| (y - missing).abs() > 5.0), "{heights:?}");
    seen.text("the interval has no end");
    seen.text("mark alone: no interval");
}

#[test]
fn an_interval_without_width_still_shows_its_ends() {
    let seen = seen(&alone(vec![row("a", (12.0, 12.0, 12.0), Verdict::Worse)]));
    let mark = seen.rects.iter().rfind(|r| r.colour == VERMILION).unwrap();
    let middle = (f64::midpoint(mark.from.0, mark.to.0), f64::midpoint(mark.from.1, mark.to.1));
    let caps = seen.lines.iter().filter(|l| {
        l.colour == VERMILION && l.points.iter().all(|p| near(p.0, middle.0) && (p.1 - middle.1).abs() > 5.0)
    });
    assert_eq!(caps.count(), 2);
}

#[test]
fn with_one_arm_every_metric_is_a_row_and_the_arm_is_named_once() {
    let data = made_up(1, 15);
    let seen = seen(&data);
    let arm = &data.metrics[0].rows[0].arm;
    assert_eq!(seen.words().matches(arm.as_str()).count(), 1, "{}", seen.words());
    for metric in &data.metrics {
        let (label, numbers) = (seen.text(&metric.label), &metric.rows[0].text);
        assert!(seen.texts.iter().any(|t| t.words == *numbers && t.at.1 == label.at.1), "{numbers}");
    }
}

#[test]
fn forty_arms_in_fifteen_metrics_keep_a_row_each_with_all_of_their_numbers() {
    let data = made_up(40, 15);
    let seen = seen(&data);
    assert!(seen.size.1 > 15.0 * 40.0 * 18.0, "{:?}", seen.size);
    let words = seen.words();
    for row in data.metrics.iter().flat_map(|m| &m.rows) {
        assert!(words.contains(&row.text), "{}", row.text);
        assert!(words.contains(&row.arm), "{}", row.arm);
    }
    assert!(seen.description.contains("every metric has a scale of its own"));
}

#[test]
fn arms_that_differ_in_their_last_letters_differ_on_the_plot_and_are_told_in_full() {
    let long = "drainPercent=10, bakeTimeInMinutes=15, alarms=web-5xx, batching=barrier, bake=";
    let arms =
        ["afterAll", "perBatch"].map(|end| row(&format!("{long}{end}"), (1.0, 2.0, 3.0), Verdict::Worse));
    let seen = seen(&alone(arms.to_vec()));
    for arm in &arms {
        assert!(seen.description.contains(&arm.arm));
        let end = &arm.arm[arm.arm.len() - 8..];
        assert!(seen.texts.iter().any(|t| t.words.contains('…') && t.words.ends_with(end)), "{end}");
    }
}

#[test]
fn differences_that_cannot_be_drawn_are_refused_by_name() {
    let good = row("a", (1.0, 2.0, 3.0), Verdict::Worse);
    let refusal = |row: ForestRow| draw(&alone(vec![good.clone(), row]), Format::Svg).unwrap_err();
    let column = "rollout duration, min: a".to_owned();
    let nan = PlotError::NotFinite { column: column.clone(), index: 0 };
    assert_eq!(refusal(ForestRow { difference: Some(f64::NAN), ..good.clone() }), nan);
    assert_eq!(refusal(ForestRow { difference: Some(f64::INFINITY), ..good.clone() }), nan);
    let below = ForestRow { low: Some(f64::INFINITY), ..good.clone() };
    assert_eq!(refusal(below), PlotError::NotFinite { column, index: 1 });
    let crossed = ForestRow { low: Some(3.5), ..good.clone() };
    let label = "rollout duration, min".to_owned();
    assert_eq!(refusal(crossed), PlotError::Crossed { column: label, index: 1 });
}
