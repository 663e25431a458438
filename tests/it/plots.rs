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

#[test]
#[ignore = "writes the pictures to target/tmp/plots for a look"]
fn the_gallery_is_written_for_a_look() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("plots");
    std::fs::create_dir_all(&dir).unwrap();
    for format in [Format::Svg, Format::Png] {
        for (name, bytes) in gallery(200, format) {
            std::fs::write(dir.join(format!("{name}.{}", format.extension())), bytes).unwrap();
        }
    }
}
