//! From outcomes to claims: metric values per seed, and estimates over seeds.
//!
//! Outcomes are facts; what this layer says about many of them carries n and an
//! interval, or the reason why there is none. It reads and computes, and touches
//! neither files nor threads. Values are rounded to nine significant digits
//! before anything is computed from them, so `runs.csv` holds exactly what the
//! estimates rest on and can be summarised again to the same bytes.

mod arm;
mod baseline;
mod blocks;
mod columns;
mod compare;
mod judge;
mod observe;
mod packed;
mod ranking;
mod runs;
mod series;
mod value;
mod verdict;

pub use arm::{ArmSummary, Claims, ColumnSummary, NumberClaims, QUANTILES, Share, StopCounts};
pub use baseline::{Baseline, BaselineColumn, Conditions, LEAST_SHARED_SEEDS};
pub use columns::{Column, columns};
pub use compare::{ArmComparison, Compared, ComparedMetric, Comparison, Finding, Side, Statistic, compare};
pub use judge::{Case, Reference, is_identical, judge};
pub use observe::{Lack, Progress, estimate, progress, sample};
pub use packed::{Digests, Values};
pub use ranking::{Ranked, Ranking, TooFew, rank};
pub use runs::{Intake, Runs, Series, Taken};
pub use series::{SeriesPoint, SeriesTally, State, StateSeries, Trace};
pub use value::{Value, value};
pub use verdict::{Judged, Measure, Verdict};

#[cfg(test)]
mod tests {
    //! Outcomes to test with.

    use super::{Column, Intake, Runs, Series};
    use crate::engine::time::{SimDuration, SimTime};
    use crate::outcome::{
        DeploymentOutcome, DeploymentStatus, FleetOutcome, MonitorStatus, Outcome, Sample, ServiceOutcome,
        StopReason,
    };

    /// Runs that nothing is asked of but these columns.
    pub(super) fn tabulated(columns: Vec<Column>, outcomes: &[Outcome]) -> Runs {
        let mut runs = Runs::new(Intake::with(columns, Series::Dropped));
        runs.extend(outcomes);
        runs
    }

    /// A deployment created after ten minutes that nothing has befallen yet.
    pub(super) fn deployment(status: DeploymentStatus) -> DeploymentOutcome {
        DeploymentOutcome {
            daemon: 0,
            status,
            status_reason: String::new(),
            created_at: SimTime::from_ms(600_000),
            started_at: None,
            stopped_at: None,
            finished_at: None,
            rollback_started_at: None,
            harm_at: None,
            triggered_at: None,
            defective: false,
            hosts_in_scope: 120,
            hosts_exposed: 0,
            breaker_failures: 0,
            breaker_threshold: 3,
            breaker: MonitorStatus::Monitoring,
            alarms: MonitorStatus::Disabled,
            alarms_triggered: Vec::new(),
            drain_wait_max: None,
        }
    }

    /// A complete run with one service and one deployment under way.
    pub(super) fn outcome(seed: u64) -> Outcome {
        Outcome {
            seed,
            stop: StopReason::Complete,
            ended_at: SimTime::from_ms(7_200_000),
            events: 1_000,
            digest: seed,
            deployments: vec![deployment(DeploymentStatus::InProgress)],
            fleet: FleetOutcome {
                services: vec![ServiceOutcome {
                    min_running_pct: Some(100.0),
                    task_min_lost: 0.0,
                    failed_requests: None,
                }],
                bad_instance: SimDuration::ZERO,
                instances_at_start: 120,
                peak_instances: 132,
                peak_vcpu: 1_056,
                extra_instance_hours: 3.5,
                extra_cost_usd: None,
                instances_replaced: 120,
                instances_repaired: 0,
                app_tasks_restarted: 480,
                daemon_gap: SimDuration::ZERO,
                launch_failures: 2,
            },
            series: vec![Sample::default()],
        }
    }
}
