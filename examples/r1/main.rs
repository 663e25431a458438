//! R1, the reference rollout, timed: `cargo run --release --example r1 -- HOSTS SEEDS [THREADS]`.
//!
//! Prints one line of JSON. It measures the engine against others on the same work,
//! and shows how to embed a model: see `model.rs`, which uses nothing but
//! `bakeoff::engine`. CPU time and peak memory come from `/proc` and are null elsewhere.

mod model;

use std::error::Error;
use std::fs;

use bakeoff::engine::agenda::Agenda;
use bakeoff::engine::draw::Seed;
use serde_json::json;

use self::model::{Delays, Rollout};

/// CPU nanoseconds that the process's live threads have used.
fn cpu_ns() -> Option<u64> {
    let mut sum = 0;
    for thread in fs::read_dir("/proc/self/task").ok()? {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        sum += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(sum)
}

fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// Duration in milliseconds and events of one seed.
type Outcome = (u64, u64);

/// The outcomes in order of seeds, whatever the number of threads.
fn roll_all(hosts: u32, seeds: u64, pool: &rayon::ThreadPool) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let delays = Delays::r1()?;
    let threads = pool.current_num_threads();
    let of_threads: Vec<Vec<Outcome>> = pool.broadcast(|thread| {
        let mut rollout = Rollout::new(hosts, delays.clone());
        let mut agenda = Agenda::new();
        (thread.index() as u64..seeds)
            .step_by(threads)
            .map(|replication| {
                let ended = rollout.roll(Seed { master: 1, replication }, &mut agenda);
                (ended.at.as_ms(), ended.events)
            })
            .collect()
    });
    Ok((0..seeds as usize).map(|seed| of_threads[seed % threads][seed / threads]).collect())
}

fn main() -> Result<(), Box<dyn Error>> {
    let usage = "usage: r1 HOSTS SEEDS [THREADS]";
    let arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let arguments = arguments.collect::<Result<Vec<_>, _>>().map_err(|_| usage)?;
    let (hosts, seeds, threads) = match arguments[..] {
        [hosts, seeds] => (hosts, seeds, 1),
        [hosts, seeds, threads] => (hosts, seeds, threads),
        _ => return Err(usage.into()),
    };
    if hosts == 0 || seeds == 0 || threads == 0 || u32::try_from(hosts).is_err() {
        return Err(usage.into());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build()?;
    let outcomes = roll_all(hosts as u32, seeds, &pool)?;
    let cpu_s = cpu_ns().map(|ns| ns as f64 / 1e9);

    let n = seeds as f64;
    let events: u64 = outcomes.iter().map(|outcome| outcome.1).sum();
    let mean_s = outcomes.iter().map(|outcome| outcome.0).sum::<u64>() as f64 / n / 1e3;
    let squares: f64 = outcomes.iter().map(|outcome| outcome.0 as f64 / 1e3 - mean_s).map(|d| d * d).sum();
    let se_s = (seeds > 1).then(|| (squares / (n - 1.0) / n).sqrt());
    let line = json!({
        "hosts": hosts, "seeds": seeds, "mean_s": mean_s, "se_s": se_s, "events": events,
        "cpu_s": cpu_s, "events_per_cpu_s": cpu_s.map(|s| (events as f64 / s).round()),
        "threads": threads, "peak_rss_bytes": peak_rss_bytes(),
    });
    println!("{line}");
    Ok(())
}
