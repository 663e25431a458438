//! What is asked: the bounds that the figures stand beside.

/// A bound on a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    AtLeast(f64),
    AtMost(f64),
    /// The figure informs.
    Nothing,
}

impl Asked {
    /// The bound and the verdict, as two cells of a table.
    pub(crate) fn cells(self, measured: f64) -> String {
        let verdict = |met: bool| if met { "yes" } else { "**no**" };
        match self {
            Self::AtLeast(bound) => format!("≥ {bound} | {}", verdict(measured >= bound)),
            Self::AtMost(bound) => format!("≤ {bound} | {}", verdict(measured <= bound)),
            Self::Nothing => "– | –".to_owned(),
        }
    }
}

/// Millions of events per CPU second of one core.
pub(crate) fn events_per_cpu_s(workload: &str, hosts: u32) -> Asked {
    let is_largest = hosts == 1_000_000;
    Asked::AtLeast(match workload {
        "r1" => [15.0, 12.0][usize::from(is_largest)],
        "lean" => [10.0, 8.0][usize::from(is_largest)],
        _ => [8.0, 6.0][usize::from(is_largest)],
    })
}

/// Thousand hosts replaced per CPU second of one core; a million is the goal.
pub(crate) fn hosts_per_cpu_s(workload: &str) -> Asked {
    if workload == "lean" { Asked::AtLeast(350.0) } else { Asked::Nothing }
}

/// Time per event at a million hosts over that at a thousand.
pub(crate) const RATIO: Asked = Asked::AtMost(1.5);

/// Set-up of a seed of a thousand hosts, in microseconds.
pub(crate) const SET_UP_US: Asked = Asked::AtMost(100.0);

/// Seconds for 1,000 seeds of 10,000 hosts on two cores; 15 is the goal.
pub(crate) const LARGE_RUN_S: Asked = Asked::AtMost(25.0);

/// How many times as fast two threads are as one.
pub(crate) const TWO_THREADS: Asked = Asked::AtLeast(1.85);

/// Seconds from the call to the last file, plots included.
pub(crate) const FIRST_RESULT_S: Asked = Asked::AtMost(0.3);

/// Bytes a host for each seed in flight, once the fixed allowance is taken off.
pub(crate) const BYTES_A_HOST: Asked = Asked::AtMost(128.0);

/// What a seed in flight may take whatever its hosts.
pub(crate) const BYTES_ALLOWED: f64 = 8.0 * 1024.0 * 1024.0;
