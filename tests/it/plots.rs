//! Every plot, seen from outside: rows in, bytes out.

use bakeoff::report::plots::{
    Annotation, Band, BlastRadius, Distribution, Fleet, Format, Heading, Mark, PlotError, Quantity, Tasks,
    blast_radius, distribution, fleet_state, running_tasks,
};
use proptest::prelude::*;

// A rollout of 120 hosts in batches of 12, made up here, since these tests are of the pictures.

const HOSTS: f64 = 120.0;
const BATCH: f64 = 12.0;
const CREATED_MIN: f64 = 10.0;
const SAMPLES: usize = 340;

/// Numbers that look random and are always the same.
struct Luck(u64);

impl Luck {
    fn draw(&mut self, lo: f64, hi: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        lo + (hi - lo) * ((self.0 >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// One seed: its batches, and the batch whose trouble rolled it back.
struct Seed {
    batches: Vec<(f64, f64)>,
    trouble: Option<usize>,
}

impl Seed {
    fn new(number: u64) -> Self {
        let mut luck = Luck(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        luck.draw(0.0, 1.0);
        let trouble = (luck.draw(0.0, 1.0) < 0.15).then(|| luck.draw(0.0, 9.0) as usize);
        let mut at = CREATED_MIN + luck.draw(0.1, 0.7);
        let count = trouble.map_or(10, |k| 2 * (k + 1));
        let batches = (0..count)
            .map(|_| {
                let long = 5.5 + 5.0 * luck.draw(0.0, 1.0) * luck.draw(0.0, 1.0);
                let begun = at;
                at += long + luck.draw(0.1, 0.7);
                (begun, long)
            })
            .collect();
        Self { batches, trouble }
    }

    fn ended_min(&self) -> f64 {
        self.batches.last().map_or(0.0, |(at, long)| at + long)
    }

    fn rollout_min(&self) -> Option<f64> {
        self.trouble.is_none().then(|| self.ended_min() + 15.0 - CREATED_MIN)
    }

    fn blast_radius_pct(&self) -> f64 {
        self.trouble.map_or(0.0, |k| (k + 1) as f64 * 100.0 * BATCH / HOSTS)
    }

    /// Old, new, draining, starting, deregistering, running tasks.
    fn sample(&self, t: f64) -> [f64; 6] {
        let (mut new, mut draining, mut starting, mut leaving) = (0.0, 0.0, 0.0, 0.0);
        for (i, (at, long)) in self.batches.iter().enumerate() {
            let u = ((t - at) / long).clamp(0.0, 1.0);
            let sign = if self.trouble.is_some_and(|k| i > k) { -1.0 } else { 1.0 };
            let up = (BATCH * ((u - 0.2) / 0.5).clamp(0.0, 1.0)).floor();
            let emptied = (BATCH * (u / 0.8).clamp(0.0, 1.0)).floor();
            let gone = (BATCH * ((u - 0.2) / 0.8).clamp(0.0, 1.0)).floor();
            new += sign * up;
            if t >= *at {
                draining += BATCH - emptied;
                starting += BATCH - up;
                leaving += emptied - gone;
            }
        }
        let moving_out: f64 = draining;
        [
            HOSTS - new - moving_out,
            new,
            draining,
            starting,
            leaving,
            480.0 + 4.0 * (draining / 3.0).min(5.0).floor(),
        ]
    }
}

fn seeds(n: u64) -> Vec<Seed> {
    (0..n).map(Seed::new).collect()
}

fn band(label: &str, seeds: &[Seed], column: usize) -> Band {
    let mut band = Band { label: label.to_owned(), ..Band::default() };
    for i in 0..SAMPLES {
        let t = i as f64 * 0.5;
        let mut values: Vec<f64> = seeds.iter().map(|s| s.sample(t)[column]).collect();
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
        band.t_min.push(t);
        band.mean.push(values.iter().sum::<f64>() / values.len() as f64);
        band.p5.push(at(0.05));
        band.p50.push(at(0.5));
        band.p95.push(at(0.95));
    }
    band
}

fn heading(title: &str, seeds: usize) -> Heading {
    Heading { title: title.to_owned(), scenario: "agent-upgrade".to_owned(), seeds }
}

fn mark(t_min: f64, label: &str) -> Mark {
    Mark { t_min, label: label.to_owned() }
}

fn fleet(seeds: &[Seed]) -> Fleet {
    Fleet {
        active: vec![band("revision 7", seeds, 0), band("revision 8", seeds, 1)],
        moving: vec![band("draining", seeds, 2), band("starting", seeds, 3), band("deregistering", seeds, 4)],
        marks: vec![mark(CREATED_MIN, "deployment created"), mark(90.0, "azOutage us-east-1b")],
    }
}

fn tasks(seeds: &[Seed]) -> Tasks {
    Tasks {
        running: band("running", seeds, 5),
        desired: vec![480.0; SAMPLES],
        floor: vec![480.0; SAMPLES],
        marks: vec![mark(CREATED_MIN, "deployment created")],
    }
}

fn durations(seeds: &[Seed], censored: usize) -> Distribution {
    let mut values: Vec<f64> = seeds.iter().filter_map(Seed::rollout_min).collect();
    values.sort_by(f64::total_cmp);
    values.truncate(values.len() - censored);
    let at = |share: f64| values[(values.len() as f64 * share) as usize];
    let annotations = vec![
        Annotation {
            label: "p50".into(),
            share: 0.5,
            value: Some(at(0.5)),
            interval: Some((at(0.44), at(0.56))),
        },
        Annotation {
            label: "p95".into(),
            share: 0.95,
            value: Some(at(0.95)),
            interval: Some((at(0.91), at(0.99))),
        },
        Annotation { label: "p99".into(), share: 0.99, value: None, interval: None },
    ];
    Distribution {
        x_label: "rollout duration".into(),
        quantity: Quantity::Minutes,
        values,
        censored,
        annotations,
    }
}

fn radii(seeds: &[Seed]) -> BlastRadius {
    let pct: Vec<f64> = seeds.iter().map(Seed::blast_radius_pct).collect();
    let defective = pct.iter().filter(|p| **p > 0.0).count() + 3;
    BlastRadius { pct, defective }
}

/// Every plot of the made-up rollout.
fn gallery(n: u64, format: Format) -> Vec<(&'static str, Vec<u8>)> {
    let seeds = seeds(n);
    let n = n as usize;
    vec![
        ("fleet-state", fleet_state(&heading("Fleet state over time", n), &fleet(&seeds), format).unwrap()),
        ("running-tasks", running_tasks(&heading("Capacity over time", n), &tasks(&seeds), format).unwrap()),
        (
            "distribution",
            distribution(&heading("Rollout duration", n), &durations(&seeds, 7), format).unwrap(),
        ),
        ("blast-radius", blast_radius(&heading("Blast radius", n), &radii(&seeds), format).unwrap()),
    ]
}

/// A name that breaks out of markup if it is let, and out of its strip as well.
const HOSTILE: &str = "</text><script>alert('&\"1\"')</script>\u{0}\u{8}\n]]> — Überwachung 監視 of the very long name of a revision";

/// A band with the same constant in every column.
fn level(label: &str, t_min: &[f64], value: f64) -> Band {
    let column = vec![value; t_min.len()];
    Band {
        label: label.to_owned(),
        t_min: t_min.to_vec(),
        mean: column.clone(),
        p5: column.clone(),
        p50: column.clone(),
        p95: column,
    }
}

fn values(
    quantity: Quantity,
    values: Vec<f64>,
    censored: usize,
    annotations: Vec<Annotation>,
) -> Distribution {
    Distribution { x_label: "rollout duration".into(), quantity, values, censored, annotations }
}

fn quantile(label: &str, share: f64, value: Option<f64>) -> Annotation {
    Annotation { label: label.into(), share, value, interval: None }
}

type Picture = Result<Vec<u8>, PlotError>;

/// Rows at the edge of sense; every one must still give a picture.
fn oddities(format: Format) -> Vec<(&'static str, Vec<u8>)> {
    let plots = odd_series(format).into_iter().chain(odd_values(format)).chain(odd_radii(format));
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

fn one_sample() -> Fleet {
    Fleet { active: vec![level("revision 7", &[3.0], 5.0)], ..Fleet::default() }
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

fn grid(minutes: f64) -> Vec<f64> {
    (0..SAMPLES).map(|i| i as f64 * minutes).collect()
}

fn svg(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("an SVG is UTF-8")
}

/// All character data of a document, which must parse.
fn words(document: &str) -> String {
    let parsed = roxmltree::Document::parse(document).unwrap_or_else(|e| panic!("{e} in\n{document}"));
    parsed
        .descendants()
        .filter(|n| n.has_tag_name("text"))
        .filter_map(|n| n.text())
        .collect::<Vec<_>>()
        .join("|")
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let formats: &[Format] = if cfg!(feature = "png") { &[Format::Svg, Format::Png] } else { &[Format::Svg] };
    for format in formats {
        assert_eq!(gallery(40, *format), gallery(40, *format));
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot is one picture")]
fn an_svg_is_the_same_with_and_without_a_font_built_in() {
    // The features are tested in separate builds: what joins them is this one snapshot.
    let document = svg(fleet_state(&heading("One sample", 9), &one_sample(), Format::Svg).unwrap());
    insta::assert_snapshot!(document, @r##"
<svg xmlns="http://www.w3.org/2000/svg" width="960" height="362" viewBox="0 0 7680 2896" role="img">
<title>One sample</title>
<desc>agent-upgrade · 9 seeds · line: median; dots: mean; shaded: 5th to 95th percentile. Over time: revision 7.</desc>
<rect x="0" y="0" width="7680" height="2896" opacity="1" fill="#FFFFFF" stroke="none"/>
<text x="128" y="192" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="144" opacity="1" fill="#222222">
One sample
</text>
<text x="128" y="376" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="100" opacity="1" fill="#595959">
agent-upgrade · 9 seeds · line: median; dots: mean; shaded: 5th to 95th percentile
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,2480 6048,2480"/>
<text x="672" y="2480" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
0
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,2114 6048,2114"/>
<text x="672" y="2114" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
1
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,1749 6048,1749"/>
<text x="672" y="1749" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
2
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,1383 6048,1383"/>
<text x="672" y="1383" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
3
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,1017 6048,1017"/>
<text x="672" y="1017" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
4
</text>
<path fill="none" opacity="1" stroke="#E4E4E4" stroke-width="8" d="M736,651 6048,651"/>
<text x="672" y="651" dy="0.5ex" text-anchor="end" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
5
</text>
<path fill="none" opacity="1" stroke="#222222" stroke-width="8" d="M736,2480 6048,2480"/>
<text x="128" y="1520" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#595959" transform="rotate(270, 128, 1520)">
ACTIVE instances
</text>
<path fill="none" opacity="1" stroke="#595959" stroke-width="8" d="M6048,651 6048,651"/>
<circle cx="6048" cy="651" r="24" opacity="1" fill="#595959" stroke="none" stroke-width="1"/>
<circle cx="6048" cy="651" r="24" opacity="1" fill="#595959" stroke="none" stroke-width="1"/>
<rect x="6176" y="576" width="240" height="96" opacity="0.18" fill="#595959" stroke="none"/>
<path fill="none" opacity="1" stroke="#595959" stroke-width="14" d="M6176,624 6248,624M6280,624 6352,624M6384,624 6416,624"/>
<text x="6480" y="624" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
revision 7
</text>
<path fill="none" opacity="1" stroke="#222222" stroke-width="8" d="M736,2480 736,2520M1621,2480 1621,2520M2507,2480 2507,2520M3392,2480 3392,2520M4277,2480 4277,2520M5163,2480 5163,2520M6048,2480 6048,2520"/>
<text x="736" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
0.0
</text>
<text x="1621" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
0.5
</text>
<text x="2507" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
1.0
</text>
<text x="3392" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
1.5
</text>
<text x="4277" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
2.0
</text>
<text x="5163" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
2.5
</text>
<text x="6048" y="2600" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#222222">
3.0
</text>
<text x="3392" y="2768" dy="0.5ex" text-anchor="middle" font-family="sans-serif" font-size="96" opacity="1" fill="#595959">
time since the run began, minutes
</text>
</svg>
"##);
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
fn the_fleet_shows_its_states_marks_seeds_and_units() {
    let text = words(&svg(fleet_state(&heading("Fleet", 200), &fleet(&seeds(40)), Format::Svg).unwrap()));
    for word in [
        "Fleet",
        "agent-upgrade · 200 seeds · line: median; dots: mean; shaded: 5th to 95th percentile",
        "revision 7",
        "revision 8",
        "draining",
        "starting",
        "deregistering",
        "deployment created",
        "azOutage us-east-1b",
        "ACTIVE instances",
        "instances in transition",
        "time since the run began, minutes",
    ] {
        assert!(text.contains(word), "no '{word}' in {text}");
    }
}

#[test]
fn an_axis_of_tasks_that_does_not_start_at_zero_says_where_it_does() {
    let text =
        words(&svg(running_tasks(&heading("Capacity", 200), &tasks(&seeds(40)), Format::Svg).unwrap()));
    for word in
        ["running tasks (axis starts at 470)", "running", "desired: 480", "floor: 480", "below the floor"]
    {
        assert!(text.contains(word), "no '{word}' in {text}");
    }
}

#[test]
fn an_axis_of_tasks_that_starts_at_zero_makes_no_fuss_of_it() {
    let outage = Tasks {
        running: level("running", &grid(1.0), 4.0),
        desired: vec![400.0; SAMPLES],
        floor: vec![0.0; SAMPLES],
        marks: vec![],
    };
    let text = words(&svg(running_tasks(&heading("Capacity", 2), &outage, Format::Svg).unwrap()));
    assert!(!text.contains("axis starts"), "{text}");
}

#[test]
fn a_distribution_counts_the_seeds_that_did_not_get_there_and_names_their_quantiles() {
    let data = Distribution {
        annotations: vec![
            Annotation { label: "p50".into(), share: 0.5, value: Some(94.0), interval: Some((91.5, 97.0)) },
            quantile("p95", 0.95, None),
            quantile("p25", 0.25, Some(80.0)),
        ],
        ..durations(&seeds(60), 7)
    };
    let all = data.values.len() + 7;
    let text = words(&svg(distribution(&heading("Rollout", all + 2), &data, Format::Svg).unwrap()))
        .replace('|', " ");
    let not_reached = format!("not reached: 7 of {all} seeds");
    for word in [
        "p50: 94 min",
        "(95% interval 91.5 min to 97 min)",
        "p95: not reached",
        "(too few seeds for an interval)",
        not_reached.as_str(),
        "left out: 2 seeds",
        "rollout duration, minutes",
        "share of seeds",
        "cumulative share",
    ] {
        let squeezed = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(word), "no '{word}' in {squeezed}");
    }
}

#[test]
fn a_blast_radius_is_a_share_of_the_seeds_with_a_defect() {
    let data = BlastRadius { pct: vec![0.0, 0.0, 0.0, 0.0, 10.0, 60.0, 100.0, 100.0], defective: 5 };
    let text = words(&svg(blast_radius(&heading("Blast", 8), &data, Format::Svg).unwrap()));
    let squeezed = text.replace('|', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for word in [
        "8 seeds · 5 of them drew a defect",
        "spared altogether: 1 of 5 seeds",
        "half the fleet or more: 3 of 5 seeds",
        "the whole fleet: 2 of 5 seeds",
        "worst seed: 100% of the fleet",
    ] {
        assert!(squeezed.contains(word), "no '{word}' in {squeezed}");
    }
}

#[test]
fn a_scenario_without_defects_says_so_instead_of_drawing_an_empty_frame() {
    let harmless = BlastRadius { pct: vec![0.0; 200], defective: 0 };
    let text = words(&svg(blast_radius(&heading("Blast", 200), &harmless, Format::Svg).unwrap()));
    assert!(text.contains("no seed drew a defect"), "{text}");
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
fn no_text_of_the_svg_leaves_its_canvas_at_either_side() {
    for (name, bytes) in gallery(40, Format::Svg).into_iter().chain(oddities(Format::Svg)) {
        let document = svg(bytes);
        let parsed = roxmltree::Document::parse(&document).unwrap();
        let view_box = parsed.root_element().attribute("viewBox").unwrap();
        let width_max: f64 = view_box.split(' ').nth(2).unwrap().parse().unwrap();
        for node in
            parsed.descendants().filter(|n| n.has_tag_name("text") && n.attribute("transform").is_none())
        {
            let number = |a| node.attribute(a).and_then(|v| v.parse::<f64>().ok()).unwrap();
            // Plain English takes half an em a character in Roboto, Arial and Helvetica.
            let width = node.text().unwrap().trim().chars().count() as f64 * 0.5 * number("font-size");
            let (left, right) = match node.attribute("text-anchor") {
                Some("end") => (number("x") - width, number("x")),
                Some("middle") => (number("x") - width / 2.0, number("x") + width / 2.0),
                _ => (number("x"), number("x") + width),
            };
            assert!(left >= 0.0 && right <= width_max, "{name}: {left}..{right} {:?}", node.text());
        }
    }
}

#[test]
fn a_week_at_a_sample_a_second_is_thinned_to_what_can_be_seen() {
    let t: Vec<f64> = (0..604_800).map(|i| f64::from(i) / 60.0).collect();
    let noisy: Vec<f64> = (0..604_800u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761) >> 20)).collect();
    let busy = Band {
        p5: noisy.clone(),
        p95: noisy.clone(),
        p50: noisy.clone(),
        mean: noisy,
        label: "busy".into(),
        t_min: t,
    };
    let bytes =
        fleet_state(&heading("Busy", 9), &Fleet { active: vec![busy], ..Fleet::default() }, Format::Svg)
            .unwrap();
    assert!(bytes.len() < 4_000_000, "{}", bytes.len());
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
    fn no_finite_rows_make_a_plot_panic(
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
