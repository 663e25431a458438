//! The value of one metric in one run.

use crate::engine::time::SimDuration;
use crate::outcome::{DeploymentOutcome, DeploymentStatus, Outcome, StopReason};
use crate::scenario::metric::{Metric, MetricRef, Scope};
use crate::stats::nine_digits;

/// What a run has to say about a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Nothing: the metric does not apply to this run. An empty cell, never 0.
    Missing,
    /// The run was cut before the value was known; it ranks above every known one.
    Censored,
    /// A count or a measure, rounded to nine significant digits.
    Number(f64),
    /// Yes or no; unknown while a run that was cut might still have decided it.
    Boolean(bool),
    /// One word out of a fixed list.
    Text(&'static str),
}

impl Value {
    /// The number, `+∞` for a censored one; none for whatever is no number.
    pub fn as_number(self) -> Option<f64> {
        match self {
            Self::Number(x) => Some(x),
            Self::Censored => Some(f64::INFINITY),
            Self::Missing | Self::Boolean(_) | Self::Text(_) => None,
        }
    }

    fn number(x: f64) -> Self {
        assert!(x.is_finite(), "an outcome holds finite numbers only");
        Self::Number(nine_digits(x))
    }

    fn count(n: impl Into<u64>) -> Self {
        Self::Number(n.into() as f64)
    }

    fn minutes(span: SimDuration) -> Self {
        Self::number(span.as_min())
    }

    fn known(x: Option<f64>) -> Self {
        x.map_or(Self::Missing, Self::number)
    }
}

/// The value of a metric in `outcome`; `deployments` is how many the scenario's timeline asks for.
///
/// A plain deployment metric speaks of the timeline's last deployment. One that a cut
/// run never got to create has missing values, and censored durations.
pub fn value(of: MetricRef, deployments: usize, outcome: &Outcome) -> Value {
    match of.metric.scope() {
        Scope::Deployment => {
            let Some(index) = of.deployment.or_else(|| deployments.checked_sub(1)) else {
                return Value::Missing;
            };
            match outcome.deployments.get(index) {
                Some(deployment) => of_deployment(of.metric, deployment),
                None if index < deployments => of_uncreated(of.metric, outcome.stop),
                None => Value::Missing,
            }
        }
        Scope::Fleet => match of.service {
            Some(service) => of_service(of.metric, service, outcome),
            None => of_run(of.metric, outcome),
        },
    }
}

/// A deployment that the timeline asks for and the run did not live to see.
fn of_uncreated(metric: Metric, stop: StopReason) -> Value {
    match (metric, stop) {
        (
            Metric::RolloutDurationMin
            | Metric::DeploymentDurationMin
            | Metric::BlastRadiusPct
            | Metric::BreakerFailures
            | Metric::AlarmsTriggered
            | Metric::DrainWaitMaxMin,
            StopReason::Horizon | StopReason::Events,
        ) => Value::Censored,
        _ => Value::Missing,
    }
}

fn of_deployment(metric: Metric, d: &DeploymentOutcome) -> Value {
    let rolls_back = d.rollback_started_at.is_some();
    let halted = rolls_back || d.triggered_at.is_some();
    let ended = d.status.is_final();
    // What is under way when a run is cut may yet come to be: it is unknown, and not "no".
    let decided = |so: bool, known: bool| if known { Value::Boolean(so) } else { Value::Missing };
    // A count can only grow.
    let grown = |x: Value, known: bool| if known { x } else { Value::Censored };
    match metric {
        Metric::DeploymentStatus => Value::Text(d.status.as_str()),
        // Unfinished ones count as long, whatever they are about to become: leaving one out
        // because it rolls back would make the estimate depend on where the run was cut.
        Metric::RolloutDurationMin => match d.status {
            DeploymentStatus::Successful => lasted(d),
            status if status.is_final() => Value::Missing,
            _ => Value::Censored,
        },
        Metric::DeploymentDurationMin => lasted(d),
        Metric::RolledBack => decided(rolls_back, rolls_back || ended),
        Metric::RollbackDurationMin => match (d.rollback_started_at, d.finished_at) {
            (None, _) => Value::Missing,
            (Some(_), None) => Value::Censored,
            (Some(from), Some(to)) => Value::minutes(to.since(from)),
        },
        Metric::DetectionMin => detection(d),
        Metric::Caught => decided(d.defective && halted, !d.defective || halted || ended),
        Metric::MissedDefect => {
            let missed = d.defective && d.status == DeploymentStatus::Successful;
            decided(missed, !d.defective || halted || ended)
        }
        Metric::FalseRollback => decided(!d.defective && rolls_back, d.defective || rolls_back || ended),
        Metric::BlastRadiusPct => {
            // Nothing in scope, nothing exposed; where hosts are launched on demand they may become
            // more than there were.
            let exposed = d.hosts_exposed.min(d.hosts_in_scope);
            let share = Value::number(100.0 * f64::from(exposed) / f64::from(d.hosts_in_scope.max(1)));
            // Where the target is sound, the deployment adds nothing to it.
            grown(share, d.triggered_at.is_some() || ended || !d.defective)
        }
        Metric::BreakerFailures => grown(Value::count(d.breaker_failures), ended),
        Metric::AlarmsTriggered => grown(Value::count(d.alarms_triggered.len() as u64), ended),
        Metric::DrainWaitMaxMin => grown(d.drain_wait_max.map_or(Value::Missing, Value::minutes), ended),
        Metric::BadInstanceMin
        | Metric::MinRunningTasksPct
        | Metric::TaskMinLost
        | Metric::FailedRequests
        | Metric::PeakInstances
        | Metric::PeakVcpu
        | Metric::PeakExtraInstances
        | Metric::ExtraInstanceHours
        | Metric::ExtraCostUsd
        | Metric::InstancesReplaced
        | Metric::InstancesRepaired
        | Metric::AppTasksRestarted
        | Metric::DaemonGapMin
        | Metric::LaunchFailures
        | Metric::Events
        | Metric::StopReason => unreachable!("metrics of the run are not asked of a deployment"),
    }
}

/// Created → final status.
fn lasted(d: &DeploymentOutcome) -> Value {
    d.finished_at.map_or(Value::Censored, |to| Value::minutes(to.since(d.created_at)))
}

/// First harm → monitor triggered. Harm that a finished deployment never noticed has no
/// detection time: `missed_defect` counts it.
fn detection(d: &DeploymentOutcome) -> Value {
    match (d.harm_at, d.triggered_at) {
        (Some(harm), Some(trigger)) if trigger >= harm => Value::minutes(trigger.since(harm)),
        (Some(_), None) if !d.status.is_final() => Value::Censored,
        _ => Value::Missing,
    }
}

fn of_service(metric: Metric, service: usize, outcome: &Outcome) -> Value {
    let Some(service) = outcome.fleet.services.get(service) else { return Value::Missing };
    match metric {
        Metric::MinRunningTasksPct => Value::known(service.min_running_pct),
        _ => Value::Missing,
    }
}

fn of_run(metric: Metric, outcome: &Outcome) -> Value {
    match so_far(metric, outcome) {
        // What is summed or counted over the run can only grow; the worst moment for the tasks can only get worse,
        // and stands as it was seen.
        Value::Number(_)
            if outcome.stop != StopReason::Complete
                && !matches!(metric, Metric::MinRunningTasksPct | Metric::Events) =>
        {
            Value::Censored
        }
        value => value,
    }
}

/// What the run has come to by the time it ended or was cut.
fn so_far(metric: Metric, outcome: &Outcome) -> Value {
    let fleet = &outcome.fleet;
    match metric {
        Metric::BadInstanceMin => Value::minutes(fleet.bad_instance),
        Metric::MinRunningTasksPct => {
            Value::known(fleet.services.iter().filter_map(|s| s.min_running_pct).min_by(f64::total_cmp))
        }
        Metric::TaskMinLost => Value::number(fleet.services.iter().map(|s| s.task_min_lost).sum()),
        Metric::FailedRequests => {
            Value::known(fleet.services.iter().filter_map(|s| s.failed_requests).reduce(|a, b| a + b))
        }
        Metric::PeakInstances => Value::count(fleet.peak_instances),
        Metric::PeakVcpu => Value::count(fleet.peak_vcpu),
        Metric::PeakExtraInstances => {
            Value::count(fleet.peak_instances.saturating_sub(fleet.instances_at_start))
        }
        Metric::ExtraInstanceHours => Value::number(fleet.extra_instance_hours),
        Metric::ExtraCostUsd => Value::known(fleet.extra_cost_usd),
        Metric::InstancesReplaced => Value::count(fleet.instances_replaced),
        Metric::InstancesRepaired => Value::count(fleet.instances_repaired),
        Metric::AppTasksRestarted => Value::count(fleet.app_tasks_restarted),
        Metric::DaemonGapMin => Value::minutes(fleet.daemon_gap),
        Metric::LaunchFailures => Value::count(fleet.launch_failures),
        Metric::Events => Value::count(outcome.events),
        Metric::StopReason => Value::Text(outcome.stop.as_str()),
        Metric::DeploymentStatus
        | Metric::RolloutDurationMin
        | Metric::DeploymentDurationMin
        | Metric::RolledBack
        | Metric::RollbackDurationMin
        | Metric::DetectionMin
        | Metric::Caught
        | Metric::MissedDefect
        | Metric::FalseRollback
        | Metric::BlastRadiusPct
        | Metric::BreakerFailures
        | Metric::AlarmsTriggered
        | Metric::DrainWaitMaxMin => unreachable!("metrics of a deployment are not asked of the run"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{deployment, outcome};
    use super::*;
    use crate::engine::time::SimTime;

    fn plain(metric: Metric) -> MetricRef {
        MetricRef { metric, deployment: None, service: None }
    }

    fn of(metric: Metric, d: DeploymentOutcome) -> Value {
        let mut run = outcome(0);
        run.deployments = vec![d];
        value(plain(metric), 1, &run)
    }

    #[test]
    fn a_rollout_duration_is_known_for_successes_censored_for_the_unfinished_and_missing_for_failures() {
        let rollout = |status, finished_min: Option<u64>| {
            let mut d = deployment(status);
            d.finished_at = finished_min.map(|min| SimTime::from_ms(min * 60_000));
            of(Metric::RolloutDurationMin, d)
        };
        assert_eq!(rollout(DeploymentStatus::Successful, Some(100)), Value::Number(90.0));
        assert_eq!(rollout(DeploymentStatus::RollbackSuccessful, Some(100)), Value::Missing);
        assert_eq!(rollout(DeploymentStatus::Stopped, Some(100)), Value::Missing);
        assert_eq!(rollout(DeploymentStatus::InProgress, None), Value::Censored);
        assert_eq!(rollout(DeploymentStatus::RollbackInProgress, None), Value::Censored);
    }

    #[test]
    fn a_deployment_duration_runs_to_any_final_state() {
        let mut d = deployment(DeploymentStatus::RollbackSuccessful);
        d.finished_at = Some(SimTime::from_ms(610_001));
        assert_eq!(of(Metric::DeploymentDurationMin, d), Value::Number(0.166_683_333));
    }

    #[test]
    fn harm_not_yet_detected_is_censored_while_the_deployment_runs_and_missing_once_it_has_ended() {
        let mut d = deployment(DeploymentStatus::InProgress);
        d.defective = true;
        d.harm_at = Some(SimTime::from_ms(1_200_000));
        assert_eq!(of(Metric::DetectionMin, d.clone()), Value::Censored);
        d.status = DeploymentStatus::Successful;
        assert_eq!(of(Metric::DetectionMin, d.clone()), Value::Missing);
        d.triggered_at = Some(SimTime::from_ms(1_500_000));
        assert_eq!(of(Metric::DetectionMin, d.clone()), Value::Number(5.0));
        d.triggered_at = Some(SimTime::from_ms(1_100_000));
        assert_eq!(of(Metric::DetectionMin, d), Value::Missing);
    }

    #[test]
    fn a_blast_radius_is_the_share_of_hosts_exposed_to_any_defect_of_the_seed() {
        let mut d = deployment(DeploymentStatus::Successful);
        d.hosts_in_scope = 120;
        d.hosts_exposed = 40;
        // The target may be the sound fix of a bad revision: what counts is what hosts have run.
        assert!(!d.defective);
        assert_eq!(of(Metric::BlastRadiusPct, d.clone()), Value::Number(33.333_333_3));
        d.hosts_exposed = 0;
        assert_eq!(of(Metric::BlastRadiusPct, d.clone()), Value::Number(0.0));
        d.hosts_in_scope = 0;
        assert_eq!(of(Metric::BlastRadiusPct, d), Value::Number(0.0));
    }

    #[test]
    fn r349_a_blast_radius_is_never_more_than_the_hosts_there_were() {
        let mut d = deployment(DeploymentStatus::Successful);
        (d.hosts_in_scope, d.hosts_exposed) = (10, 14);
        assert_eq!(of(Metric::BlastRadiusPct, d), Value::Number(100.0));
    }

    #[test]
    fn a_defect_is_caught_or_missed_and_a_rollback_without_one_is_false() {
        let judged = |defective, status, rolled_back: bool| {
            let mut d = deployment(status);
            d.defective = defective;
            d.rollback_started_at = rolled_back.then(|| SimTime::from_ms(900_000));
            [Metric::Caught, Metric::MissedDefect, Metric::FalseRollback].map(|m| of(m, d.clone()))
        };
        let yes = Value::Boolean(true);
        let no = Value::Boolean(false);
        assert_eq!(judged(true, DeploymentStatus::RollbackSuccessful, true), [yes, no, no]);
        assert_eq!(judged(true, DeploymentStatus::Successful, false), [no, yes, no]);
        assert_eq!(judged(false, DeploymentStatus::RollbackSuccessful, true), [no, no, yes]);
        assert_eq!(judged(false, DeploymentStatus::Successful, false), [no, no, no]);
    }

    #[test]
    fn a_breaker_that_stops_a_defective_first_deployment_has_caught_it() {
        let mut d = deployment(DeploymentStatus::Stopped);
        d.defective = true;
        d.triggered_at = Some(SimTime::from_ms(900_000));
        assert_eq!(of(Metric::Caught, d), Value::Boolean(true));
    }

    #[test]
    fn a_deployment_the_cut_run_never_created_has_censored_durations() {
        let mut run = outcome(0);
        run.stop = StopReason::Events;
        let second = |metric| MetricRef { metric, deployment: Some(1), service: None };
        assert_eq!(value(second(Metric::RolloutDurationMin), 2, &run), Value::Censored);
        assert_eq!(value(second(Metric::DeploymentStatus), 2, &run), Value::Missing);
        assert_eq!(value(plain(Metric::RolloutDurationMin), 2, &run), Value::Censored);
        assert_eq!(value(plain(Metric::RolloutDurationMin), 0, &run), Value::Missing);
    }

    #[test]
    fn the_plain_name_speaks_of_the_last_deployment() {
        let mut run = outcome(0);
        run.deployments =
            vec![deployment(DeploymentStatus::Stopped), deployment(DeploymentStatus::Successful)];
        let first = MetricRef { metric: Metric::DeploymentStatus, deployment: Some(0), service: None };
        assert_eq!(value(plain(Metric::DeploymentStatus), 2, &run), Value::Text("SUCCESSFUL"));
        assert_eq!(value(first, 2, &run), Value::Text("STOPPED"));
    }

    #[test]
    fn the_worst_service_speaks_for_the_fleet_and_each_for_itself() {
        let mut run = outcome(0);
        run.fleet.services[0].min_running_pct = Some(99.0);
        let mut other = run.fleet.services[0].clone();
        other.min_running_pct = Some(80.0);
        run.fleet.services.push(other);
        let each = |service| MetricRef { metric: Metric::MinRunningTasksPct, deployment: None, service };
        assert_eq!(value(each(None), 1, &run), Value::Number(80.0));
        assert_eq!(value(each(Some(0)), 1, &run), Value::Number(99.0));
        run.fleet.services.clear();
        assert_eq!(value(each(None), 1, &run), Value::Missing);
    }

    #[test]
    fn every_metric_has_a_value_or_says_that_it_has_none() {
        let run = outcome(7);
        for metric in Metric::ALL {
            let kind_fits = match value(plain(metric), 1, &run) {
                Value::Missing | Value::Censored => true,
                Value::Number(_) => metric.kind() == crate::scenario::metric::MetricKind::Number,
                Value::Boolean(_) => metric.kind() == crate::scenario::metric::MetricKind::Boolean,
                Value::Text(_) => metric.kind() == crate::scenario::metric::MetricKind::Status,
            };
            assert!(kind_fits, "{}", metric.name());
        }
    }
}
