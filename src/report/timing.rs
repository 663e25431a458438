//! `timing.json`: what the run cost; the one file that may differ from run to run.

use serde::Serialize;

use super::json::pretty;
use crate::stats::nine_digits;

/// What a run cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Wall time from the first seed to the last, in seconds.
    pub wall_s: f64,
    /// CPU time of the process over the same span, in seconds; none where the system does not tell.
    pub cpu_s: Option<f64>,
    /// Events handled, summed over the seeds.
    pub events: u64,
    /// Hosts replaced, repaired ones included, summed over the seeds.
    pub host_replacements: u64,
    /// Worker threads.
    pub threads: usize,
    /// The most memory the process ever held, in bytes; none where the system does not tell.
    pub peak_rss_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Row {
    wall_s: f64,
    cpu_s: Option<f64>,
    events: u64,
    events_per_cpu_s: Option<f64>,
    host_replacements: u64,
    host_replacements_per_cpu_s: Option<f64>,
    threads: usize,
    peak_rss_bytes: Option<u64>,
}

impl Timing {
    /// The file's bytes.
    pub fn render(&self) -> Vec<u8> {
        let per_cpu_s = |n: u64| self.cpu_s.filter(|s| *s > 0.0).map(|s| nine_digits(n as f64 / s));
        pretty(&Row {
            wall_s: nine_digits(self.wall_s),
            cpu_s: self.cpu_s.map(nine_digits),
            events: self.events,
            events_per_cpu_s: per_cpu_s(self.events),
            host_replacements: self.host_replacements,
            host_replacements_per_cpu_s: per_cpu_s(self.host_replacements),
            threads: self.threads,
            peak_rss_bytes: self.peak_rss_bytes,
        })
    }
}
