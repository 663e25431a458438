//! The one place that asks what time it is: to tell what a run cost.

use std::time::{Duration, Instant};

/// Measures wall and CPU time from its start.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Option<Duration>,
}

/// Times that passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elapsed {
    /// Wall time in seconds.
    pub wall_s: f64,
    /// CPU time of all threads of the process in seconds; none where the system does not tell.
    pub cpu_s: Option<f64>,
}

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "what a run cost is told in timing.json and nowhere else")]
    pub fn start() -> Self {
        Self { wall: Instant::now(), cpu: process_cpu_time() }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Elapsed {
        let cpu = self.cpu.zip(process_cpu_time()).map(|(from, to)| to.saturating_sub(from));
        Elapsed { wall_s: self.wall.elapsed().as_secs_f64(), cpu_s: cpu.map(|d| d.as_secs_f64()) }
    }
}

#[cfg(unix)]
fn process_cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

#[cfg(not(unix))]
fn process_cpu_time() -> Option<Duration> {
    None
}

/// The most memory this process ever held, in bytes; none where the system does not tell.
///
/// Linux tells it as `VmHWM` in `/proc/self/status`, proc(5).
pub fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopwatch_counts_work_as_cpu_time() {
        let watch = Stopwatch::start();
        let mut sum = 0.0;
        while watch.elapsed().wall_s < 0.02 {
            sum += watch.elapsed().wall_s;
        }
        let elapsed = watch.elapsed();
        assert!(sum > 0.0 && elapsed.wall_s >= 0.02);
        if let Some(cpu_s) = elapsed.cpu_s {
            assert!(cpu_s > 0.0, "{elapsed:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_tells_the_peak_memory() {
        let bytes = peak_rss_bytes().expect("proc is mounted");
        assert!(bytes > 100_000, "{bytes}");
    }
}
