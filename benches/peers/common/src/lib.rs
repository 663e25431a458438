//! What the Rust models of R1 share: its figures, `HOSTS SEEDS`, and one line of JSON.
//!
//! R1: a fleet is replaced in batches of a tenth. A host's replacement is provisioned, its
//! daemon starts, its eight tasks start, the eight old tasks stop, the old daemon stops, the
//! old instance deregisters. A batch that is done bakes before the next one begins, and the
//! run ends with the last bake. Each new daemon may crash, which replaces its host once more,
//! outside any batch. A tick every minute compares counts.

use std::fs;

use rand::Rng;
use rand_distr::{Distribution, Exp, LogNormal, Uniform};

/// Tasks of a host.
pub const TASKS: usize = 8;
/// Batches of a rollout.
pub const BATCHES: usize = 10;
/// Seconds between a batch and the next, and after the last.
pub const BAKE: f64 = 300.0;
/// Seconds between two looks at the counts.
pub const TICK: f64 = 60.0;
/// Seconds that an old daemon takes to stop.
pub const DAEMON_STOP: f64 = 2.0;
/// Seconds that an old instance takes to deregister.
pub const DEREGISTRATION: f64 = 1.0;

/// How long the random steps take, in seconds.
#[derive(Clone, Debug)]
pub struct Laws {
    provision: LogNormal<f64>,
    daemon_start: LogNormal<f64>,
    task_start: LogNormal<f64>,
    task_stop: Uniform<f64>,
    crash: Exp<f64>,
}

impl Default for Laws {
    fn default() -> Self {
        let with_median = |median: f64, sigma| LogNormal::new(median.ln(), sigma).expect("sigma is positive");
        Self {
            provision: with_median(60.0, 0.3),
            daemon_start: with_median(8.0, 0.4),
            task_start: with_median(12.0, 0.5),
            task_stop: Uniform::new(0.0, 30.0).expect("the range is not empty"),
            crash: Exp::new(1.0 / (30.0 * 86_400.0)).expect("the rate is positive"),
        }
    }
}

impl Laws {
    /// From the launch of a replacement until it is there.
    pub fn provision<R: Rng>(&self, rng: &mut R) -> f64 {
        self.provision.sample(rng)
    }

    /// From then until its daemon runs.
    pub fn daemon_start<R: Rng>(&self, rng: &mut R) -> f64 {
        self.daemon_start.sample(rng)
    }

    /// From then until one of its tasks runs.
    pub fn task_start<R: Rng>(&self, rng: &mut R) -> f64 {
        self.task_start.sample(rng)
    }

    /// From the start of the last until one of the old tasks is gone.
    pub fn task_stop<R: Rng>(&self, rng: &mut R) -> f64 {
        self.task_stop.sample(rng)
    }

    /// From the end of a replacement until its daemon crashes.
    pub fn crash<R: Rng>(&self, rng: &mut R) -> f64 {
        self.crash.sample(rng)
    }
}

/// What became of one seed.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// Length of the rollout.
    pub seconds: f64,
    /// Events of the model: 20 a replacement, crashes, bakes, ticks.
    pub events: u64,
}

/// Reads `HOSTS SEEDS`, rolls as many seeds one after the other, and prints the line.
pub fn main(mut roll: impl FnMut(usize, u64) -> Ended) {
    let arguments: Vec<u64> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let [hosts @ 1..=u64::MAX, seeds @ 1..=u64::MAX] = arguments[..] else {
        eprintln!("usage: r1 HOSTS SEEDS");
        std::process::exit(2);
    };
    let ready = cpu_ns();
    let ended: Vec<Ended> = (0..seeds).map(|seed| roll(hosts as usize, seed)).collect();
    let cpu_s = (cpu_ns() - ready) as f64 / 1e9;

    let n = seeds as f64;
    let mean = ended.iter().map(|ended| ended.seconds).sum::<f64>() / n;
    let squares: f64 = ended.iter().map(|ended| (ended.seconds - mean).powi(2)).sum();
    let se = if seeds > 1 { (squares / (n - 1.0) / n).sqrt().to_string() } else { "null".to_owned() };
    let events: u64 = ended.iter().map(|ended| ended.events).sum();
    println!(
        "{{\"hosts\":{hosts},\"seeds\":{seeds},\"mean_s\":{mean},\"se_s\":{se},\"events\":{events},\
         \"cpu_s\":{cpu_s},\"events_per_cpu_s\":{:.0},\"peak_rss_bytes\":{}}}",
        events as f64 / cpu_s,
        peak_rss_bytes(),
    );
}

/// CPU nanoseconds of the process's live threads.
fn cpu_ns() -> u64 {
    let threads = fs::read_dir("/proc/self/task").expect("peers are measured on Linux");
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok())
        .filter_map(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .sum()
}

fn peak_rss_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("peers are measured on Linux");
    let line =
        status.lines().find(|line| line.starts_with("VmHWM:")).expect("the kernel keeps a high-water mark");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number of KiB") * 1024
}
