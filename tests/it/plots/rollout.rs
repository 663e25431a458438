//! The rows of the plots of one rollout.

use bakeoff::report::plots::{Annotation, Band, BlastRadius, Distribution, Fleet, Mark, Quantity, Tasks};

// A rollout of 120 hosts in batches of 12, made up here, since these tests are of the pictures.

pub(super) const HOSTS: f64 = 120.0;
pub(super) const BATCH: f64 = 12.0;
pub(super) const CREATED_MIN: f64 = 10.0;
pub(super) const SAMPLES: usize = 340;

/// Numbers that look random and are always the same.
pub(super) struct Luck(pub(super) u64);

impl Luck {
    pub(super) fn draw(&mut self, lo: f64, hi: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        lo + (hi - lo) * ((self.0 >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// One seed: its batches, and the batch whose trouble rolled it back.
pub(super) struct Seed {
    batches: Vec<(f64, f64)>,
    trouble: Option<usize>,
}

impl Seed {
    pub(super) fn new(number: u64) -> Self {
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

    pub(super) fn ended_min(&self) -> f64 {
        self.batches.last().map_or(0.0, |(at, long)| at + long)
    }

    pub(super) fn rollout_min(&self) -> Option<f64> {
        self.trouble.is_none().then(|| self.ended_min() + 15.0 - CREATED_MIN)
    }

    pub(super) fn blast_radius_pct(&self) -> f64 {
        self.trouble.map_or(0.0, |k| (k + 1) as f64 * 100.0 * BATCH / HOSTS)
    }

    /// Old, new, draining, starting, deregistering, running tasks.
    pub(super) fn sample(&self, t: f64) -> [f64; 6] {
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

pub(super) fn seeds(n: u64) -> Vec<Seed> {
    (0..n).map(Seed::new).collect()
}

pub(super) fn band(label: &str, seeds: &[Seed], column: usize) -> Band {
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

pub(super) fn mark(t_min: f64, label: &str) -> Mark {
    Mark { t_min, label: label.to_owned() }
}

pub(super) fn fleet(seeds: &[Seed]) -> Fleet {
    Fleet {
        active: vec![band("revision 7", seeds, 0), band("revision 8", seeds, 1)],
        moving: vec![band("draining", seeds, 2), band("starting", seeds, 3), band("deregistering", seeds, 4)],
        marks: vec![mark(CREATED_MIN, "deployment created"), mark(90.0, "azOutage us-east-1b")],
    }
}

pub(super) fn tasks(seeds: &[Seed]) -> Tasks {
    Tasks {
        running: band("running", seeds, 5),
        desired: vec![480.0; SAMPLES],
        floor: vec![480.0; SAMPLES],
        marks: vec![mark(CREATED_MIN, "deployment created")],
    }
}

pub(super) fn durations(seeds: &[Seed], censored: usize) -> Distribution {
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

pub(super) fn radii(seeds: &[Seed]) -> BlastRadius {
    let pct: Vec<f64> = seeds.iter().map(Seed::blast_radius_pct).collect();
    let defective = pct.iter().filter(|p| **p > 0.0).count() + 3;
    BlastRadius { pct, defective }
}

/// A band with the same constant in every column.
pub(super) fn level(label: &str, t_min: &[f64], value: f64) -> Band {
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

pub(super) fn values(
    quantity: Quantity,
    values: Vec<f64>,
    censored: usize,
    annotations: Vec<Annotation>,
) -> Distribution {
    Distribution { x_label: "rollout duration".into(), quantity, values, censored, annotations }
}

pub(super) fn quantile(label: &str, share: f64, value: Option<f64>) -> Annotation {
    Annotation { label: label.into(), share, value, interval: None }
}

pub(super) fn one_sample() -> Fleet {
    Fleet { active: vec![level("revision 7", &[3.0], 5.0)], ..Fleet::default() }
}

pub(super) fn grid(minutes: f64) -> Vec<f64> {
    (0..SAMPLES).map(|i| i as f64 * minutes).collect()
}
