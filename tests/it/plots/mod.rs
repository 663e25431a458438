//! Every plot, seen from outside: rows in, bytes out.

use bakeoff::report::plots::{
    Annotation, Band, BlastRadius, Distribution, Fleet, Format, Heading, PlotError, Quantity, Tasks,
    blast_radius, distribution, fleet_state, running_tasks,
};
use proptest::prelude::*;

mod blast_radius;
mod curves;
mod distribution;
mod fleet_state;
mod forest;
mod heat_map;
mod rollout;
mod running_tasks;
mod seen;

use rollout::{
    SAMPLES, durations, fleet, grid, level, mark, one_sample, quantile, radii, seeds, tasks, values,
};
use seen::{Seen, svg, words};

fn heading(title: &str, seeds: usize) -> Heading {
    Heading { title: title.to_owned(), scenario: "agent-upgrade".to_owned(), seeds }
}

/// Every plot of the made-up rollout.
fn gallery(n: u64, format: Format) -> Vec<(&'static str, Vec<u8>)> {
    let seeds = seeds(n);
    let n = n as usize;
    let mut plots = vec![
        ("fleet-state", fleet_state(&heading("Fleet state over time", n), &fleet(&seeds), format).unwrap()),
        ("running-tasks", running_tasks(&heading("Capacity over time", n), &tasks(&seeds), format).unwrap()),
        (
            "distribution",
            distribution(&heading("Rollout duration", n), &durations(&seeds, 7), format).unwrap(),
        ),
        ("blast-radius", blast_radius(&heading("Blast radius", n), &radii(&seeds), format).unwrap()),
    ];
    let swept = forest::usual(format).into_iter().chain(heat_map::usual(format)).chain(curves::usual(format));
    plots.extend(swept.map(|(name, bytes)| (name, bytes.unwrap_or_else(|e| panic!("{name}: {e}")))));
    plots
}

/// A name that breaks out of markup if it is let, and out of its strip as well.
const HOSTILE: &str = "</text><script>alert('&\"1\"')</script>\u{0}\u{8}\n]]> — Überwachung 監視 of the very long name of a revision";

type Picture = Result<Vec<u8>, PlotError>;

/// Rows at the edge of sense; every one must still give a picture.
fn oddities(format: Format) -> Vec<(&'static str, Vec<u8>)> {
    let plots = odd_series(format).into_iter().chain(odd_values(format)).chain(odd_radii(format));
    let plots = plots.chain(forest::odd(format)).chain(heat_map::odd(format)).chain(curves::odd(format));
    plots.map(|(name, bytes)| (name, bytes.unwrap_or_else(|e| panic!("{name}: {e}")))).collect()
}

fn odd_series(format: Format) -> Vec<(&'static str, Picture)> {
    let dip: Vec<f64> = (0..SAMPLES).map(|i| if (60..80).contains(&i) { 180_000.0 } else { 4e6 }).collect();
    let running = Band { p5: dip, ..level("running", &grid(4.0), 4e6) };
    let huge = Tasks { running, desired: vec![4e6; SAMPLES], floor: vec![2e6; SAMPLES], marks: Vec::new() };
    let week = [0.0, 9_000.0];
    let hostile = Fleet {
        active: vec![level(HOSTILE, &week, 1e6), level("revision 8", &week, 0.0)],
        moving: (0..5).map(|i| level(HOSTILE, &week, f64::from(i))).collect(),
        marks: (0..12).map(|i| mark(10.0 + f64::from(i), HOSTILE)).collect(),
    };
    let named = Heading { title: HOSTILE.repeat(3), scenario: HOSTILE.repeat(2), seeds: 1_000_000 };
    vec![
        ("one-seed", fleet_state(&heading("One seed", 1), &fleet(&seeds(1)), format)),
        ("no-bands", fleet_state(&heading("No bands", 0), &Fleet::default(), format)),
        ("one-sample", fleet_state(&heading("One sample", 9), &one_sample(), format)),
        ("hostile", fleet_state(&named, &hostile, format)),
        ("no-tasks", running_tasks(&heading("No samples", 0), &Tasks::default(), format)),
        ("huge-dip", running_tasks(&heading("Four million tasks", 200), &huge, format)),
    ]
}

fn odd_values(format: Format) -> Vec<(&'static str, Picture)> {
    let draw = |title: &str, data: &Distribution| {
        distribution(&heading(title, data.values.len() + data.censored), data, format)
    };
    let (min, number) = (Quantity::Minutes, Quantity::Number);
    let whole: Vec<f64> = (0..300).map(|i| f64::from(i * i % 7)).collect();
    let skewed: Vec<f64> = (1..=400).map(|i| 600.0 + 40_000.0 / f64::from(i)).collect();
    let (p50, p95) = (quantile("p50", 0.5, Some(90.0)), quantile("p95", 0.95, Some(2_600.0)));
    vec![
        ("no-values", draw("None", &values(number, vec![], 0, vec![]))),
        ("all-censored", draw("All cut short", &values(min, vec![], 200, vec![quantile("p50", 0.5, None)]))),
        ("all-equal", draw("All equal", &values(min, vec![90.0; 50], 0, vec![p50]))),
        ("all-zero", draw("Zeros", &values(number, vec![0.0; 3], 0, vec![]))),
        ("whole-numbers", draw("Whole numbers", &values(number, whole, 40, vec![]))),
        ("skewed-days", draw("Skewed", &values(min, skewed, 0, vec![p95]))),
    ]
}

fn odd_radii(format: Format) -> Vec<(&'static str, Picture)> {
    let draw = |title: &str, pct: Vec<f64>, defective: usize| {
        blast_radius(&heading(title, pct.len()), &BlastRadius { pct, defective }, format)
    };
    vec![
        ("harmless", draw("Harmless", vec![0.0; 200], 0)),
        ("spared", draw("Spared", vec![0.0; 200], 9)),
        ("total", draw("Total", vec![100.0; 20], 20)),
    ]
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let formats: &[Format] = if cfg!(feature = "png") { &[Format::Svg, Format::Png] } else { &[Format::Svg] };
    for format in formats {
        assert_eq!(gallery(40, *format), gallery(40, *format));
    }
}

#[test]
fn every_picture_is_well_formed_xml_that_says_what_it_shows() {
    for (name, bytes) in gallery(40, Format::Svg).into_iter().chain(oddities(Format::Svg)) {
        let document = svg(bytes);
        let parsed = roxmltree::Document::parse(&document).unwrap_or_else(|e| panic!("{name}: {e}"));
        let root = parsed.root_element();
        assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2000/svg"), "{name}");
        let spoken = |tag| root.children().find(|n| n.has_tag_name(tag)).and_then(|n| n.text().map(str::len));
        let (title, description) =
            (spoken(("http://www.w3.org/2000/svg", "title")), spoken(("http://www.w3.org/2000/svg", "desc")));
        assert!(title > Some(0) && description > Some(0), "{name}: {title:?} {description:?}");
    }
}

#[test]
fn a_hostile_name_stays_text() {
    let (_, bytes) = oddities(Format::Svg).into_iter().find(|(name, _)| *name == "hostile").unwrap();
    let document = svg(bytes);
    let parsed = roxmltree::Document::parse(&document).unwrap();
    let tags: std::collections::BTreeSet<&str> =
        parsed.descendants().filter(roxmltree::Node::is_element).map(|n| n.tag_name().name()).collect();
    assert!(!tags.contains("script"), "{tags:?}");
    assert!(words(&document).contains("</text><script>alert("));
    assert!(!document.chars().any(|c| c.is_control() && c != '\n'), "a control character is left");
}

#[test]
fn no_text_of_a_picture_leaves_its_canvas() {
    for (name, bytes) in gallery(40, Format::Svg).into_iter().chain(oddities(Format::Svg)) {
        let document = svg(bytes);
        let seen = Seen::of(&document);
        let (width, height) = seen.size;
        for text in &seen.texts {
            let inside = text.left >= 0.0 && text.right <= width && text.top >= 0.0 && text.bottom <= height;
            assert!(inside, "{name}: {text:?} on {width} by {height}");
        }
    }
}

#[test]
fn no_text_of_a_picture_lies_on_another() {
    for (name, bytes) in gallery(40, Format::Svg).into_iter().chain(oddities(Format::Svg)) {
        let document = svg(bytes);
        let texts = Seen::of(&document).texts;
        for (i, a) in texts.iter().enumerate() {
            let under = texts[i + 1..].iter().find(|b| a.overlaps(b));
            assert!(under.is_none(), "{name}: {a:?} on {under:?}");
        }
    }
}

#[test]
fn columns_that_cannot_be_drawn_are_refused_by_name() {
    let short = Band { p95: vec![1.0], ..level("draining", &[0.0, 1.0], 2.0) };
    let nan = Band { mean: vec![1.0, f64::NAN], ..level("draining", &[0.0, 1.0], 2.0) };
    let backwards = level("draining", &[0.0, 2.0, 1.0], 2.0);
    let refusal = |band: Band| {
        let fleet = Fleet { moving: vec![band], ..Fleet::default() };
        fleet_state(&heading("Fleet", 2), &fleet, Format::Svg).unwrap_err()
    };
    assert_eq!(refusal(short), PlotError::Length { column: "draining: p95".into(), expected: 2, found: 1 });
    assert_eq!(refusal(nan), PlotError::NotFinite { column: "draining: mean".into(), index: 1 });
    assert_eq!(refusal(backwards), PlotError::Backwards { column: "draining: t_min".into(), index: 2 });
    let uneven = Tasks { desired: vec![1.0], ..tasks(&seeds(2)) };
    let error = running_tasks(&heading("Tasks", 2), &uneven, Format::Svg).unwrap_err();
    assert_eq!(error.to_string(), "column 'desired' has 1 entries where 340 are due");
    let infinite = BlastRadius { pct: vec![f64::INFINITY], defective: 1 };
    assert!(blast_radius(&heading("Blast", 1), &infinite, Format::Svg).is_err());
}

#[cfg(feature = "png")]
#[test]
fn a_png_decodes_to_the_size_of_the_svg_at_double_density_and_is_not_blank() {
    let svgs = gallery(40, Format::Svg).into_iter().chain(oddities(Format::Svg));
    let pngs = gallery(40, Format::Png).into_iter().chain(oddities(Format::Png));
    for ((name, document), (_, picture)) in svgs.zip(pngs) {
        let document = svg(document);
        let parsed = roxmltree::Document::parse(&document).unwrap();
        let side = |a| parsed.root_element().attribute(a).and_then(|v| v.parse::<f64>().ok()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&picture)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let size = (f64::from(frame.width), f64::from(frame.height));
        assert_eq!(size, (side("width") * 2.0, side("height") * 2.0), "{name}");
        let dark = pixels.chunks(3).filter(|p| p.iter().all(|c| *c < 100)).count();
        assert!(dark > 500, "{name}: {dark} dark pixels");
        assert_eq!(pixels[..3], [255, 255, 255], "{name}: the paper is white");
    }
}

#[cfg(not(feature = "png"))]
#[test]
fn a_build_without_png_says_so() {
    let asked = fleet_state(&heading("Fleet", 2), &fleet(&seeds(2)), Format::Png);
    assert_eq!(asked, Err(PlotError::NoPng));
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), -1e300..1e300, -1e3..1e3, -1e-9..1e-9, (0u32..9).prop_map(f64::from)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_finite_rows_make_a_plot_over_seeds_panic(
        ys in prop::collection::vec(any_number(), 0..30),
        start in any_number(),
        censored in 0usize..5,
        count in 0usize..40,
    ) {
        let format = if cfg!(feature = "png") && count % 8 == 0 { Format::Png } else { Format::Svg };
        let t_min: Vec<f64> = (0..ys.len()).map(|i| start + (i / 2) as f64 * start.abs()).filter(|t| t.abs() < 1e300).collect();
        let ys_t = ys[..t_min.len()].to_vec();
        let n = t_min.len();
        let band = Band { label: "x".into(), t_min, mean: ys_t.clone(), p5: ys_t.clone(), p50: ys_t.clone(), p95: ys_t.clone() };
        let fleet = Fleet { active: vec![band.clone()], moving: vec![band.clone(); 2], marks: vec![mark(start, "m")] };
        prop_assert!(fleet_state(&heading("F", count), &fleet, format).is_ok());
        let tasks = Tasks { running: band, desired: ys_t, floor: vec![start; n], marks: vec![mark(start, "m")] };
        prop_assert!(running_tasks(&heading("T", count), &tasks, format).is_ok());
        let data = Distribution {
            x_label: "x".into(),
            quantity: if count % 2 == 0 { Quantity::Minutes } else { Quantity::Number },
            values: ys.clone(),
            censored,
            annotations: vec![Annotation { label: "p50".into(), share: 0.5, value: ys.first().copied(), interval: Some((start, start)) }],
        };
        prop_assert!(distribution(&heading("D", count), &data, format).is_ok());
        let radii = BlastRadius { pct: ys, defective: count };
        prop_assert!(blast_radius(&heading("B", count), &radii, format).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_finite_numbers_make_a_plot_of_a_sweep_panic_or_leave_its_canvas(
        ys in prop::collection::vec(any_number(), 0..24),
        columns in 1usize..6,
        shown in 0usize..4,
    ) {
        let pictures = [forest::of_any(&ys, shown), heat_map::of_any(&ys, columns), curves::of_any(&ys, columns, shown)];
        for picture in pictures {
            let document = svg(picture.unwrap());
            let seen = Seen::of(&document);
            let (width, height) = seen.size;
            let points = seen.lines.iter().chain(&seen.areas).flat_map(|l| &l.points);
            for (x, y) in points.chain(seen.dots.iter().map(|d| &d.at)) {
                prop_assert!((0.0..=width).contains(x) && (0.0..=height).contains(y), "{x}, {y}");
            }
        }
    }
}

#[test]
fn the_gallery_is_written_for_a_look() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("plots");
    std::fs::create_dir_all(&dir).unwrap();
    let formats: &[Format] = if cfg!(feature = "png") { &[Format::Svg, Format::Png] } else { &[Format::Svg] };
    for format in formats {
        for (name, bytes) in gallery(200, *format).into_iter().chain(oddities(*format)) {
            std::fs::write(dir.join(format!("{name}.{}", format.extension())), bytes).unwrap();
        }
    }
}
