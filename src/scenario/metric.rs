//! The metrics of a run: names, kinds, directions and long texts.

/// Edition of the metrics' definitions: it goes up when a metric of the same name comes to mean something else,
/// and baselines of another edition are not compared with.
pub const METRICS_EDITION: u32 = 1;

/// A metric of `runs.csv`; names carry their unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each metric's meaning is its long text, `Metric::about`")]
pub enum Metric {
    DeploymentStatus,
    RolloutDurationMin,
    DeploymentDurationMin,
    RolledBack,
    RollbackDurationMin,
    DetectionMin,
    Caught,
    MissedDefect,
    FalseRollback,
    BlastRadiusPct,
    BadInstanceMin,
    MinRunningTasksPct,
    TaskMinLost,
    FailedRequests,
    PeakInstances,
    PeakVcpu,
    PeakExtraInstances,
    ExtraInstanceHours,
    ExtraCostUsd,
    InstancesReplaced,
    InstancesRepaired,
    AppTasksRestarted,
    DaemonGapMin,
    LaunchFailures,
    BreakerFailures,
    AlarmsTriggered,
    DrainWaitMaxMin,
    Events,
    StopReason,
}

/// What sort of value a metric has, which decides what may be computed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// A real number or a count: mean, quantiles.
    Number,
    /// True or false: a proportion.
    Boolean,
    /// One word out of a fixed list: a proportion per word.
    Status,
}

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Less of it is better.
    LowerIsBetter,
    /// More of it is better.
    HigherIsBetter,
    /// It describes and does not judge.
    Neither,
}

/// What a metric speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One deployment: with several, each has its own, prefixed `d1_`, `d2_` …, and the plain name speaks of the last.
    Deployment,
    /// The whole run, whatever the number of deployments.
    Fleet,
}

impl Metric {
    /// Every metric, in the order of the columns of `runs.csv`.
    pub const ALL: [Self; 29] = [
        Self::DeploymentStatus,
        Self::RolloutDurationMin,
        Self::DeploymentDurationMin,
        Self::RolledBack,
        Self::RollbackDurationMin,
        Self::DetectionMin,
        Self::Caught,
        Self::MissedDefect,
        Self::FalseRollback,
        Self::BlastRadiusPct,
        Self::BadInstanceMin,
        Self::MinRunningTasksPct,
        Self::TaskMinLost,
        Self::FailedRequests,
        Self::PeakInstances,
        Self::PeakVcpu,
        Self::PeakExtraInstances,
        Self::ExtraInstanceHours,
        Self::ExtraCostUsd,
        Self::InstancesReplaced,
        Self::InstancesRepaired,
        Self::AppTasksRestarted,
        Self::DaemonGapMin,
        Self::LaunchFailures,
        Self::BreakerFailures,
        Self::AlarmsTriggered,
        Self::DrainWaitMaxMin,
        Self::Events,
        Self::StopReason,
    ];

    /// The metric's name: its column, and its word in checks.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeploymentStatus => "deployment_status",
            Self::RolloutDurationMin => "rollout_duration_min",
            Self::DeploymentDurationMin => "deployment_duration_min",
            Self::RolledBack => "rolled_back",
            Self::RollbackDurationMin => "rollback_duration_min",
            Self::DetectionMin => "detection_min",
            Self::Caught => "caught",
            Self::MissedDefect => "missed_defect",
            Self::FalseRollback => "false_rollback",
            Self::BlastRadiusPct => "blast_radius_pct",
            Self::BadInstanceMin => "bad_instance_min",
            Self::MinRunningTasksPct => "min_running_tasks_pct",
            Self::TaskMinLost => "task_min_lost",
            Self::FailedRequests => "failed_requests",
            Self::PeakInstances => "peak_instances",
            Self::PeakVcpu => "peak_vcpu",
            Self::PeakExtraInstances => "peak_extra_instances",
            Self::ExtraInstanceHours => "extra_instance_hours",
            Self::ExtraCostUsd => "extra_cost_usd",
            Self::InstancesReplaced => "instances_replaced",
            Self::InstancesRepaired => "instances_repaired",
            Self::AppTasksRestarted => "app_tasks_restarted",
            Self::DaemonGapMin => "daemon_gap_min",
            Self::LaunchFailures => "launch_failures",
            Self::BreakerFailures => "breaker_failures",
            Self::AlarmsTriggered => "alarms_triggered",
            Self::DrainWaitMaxMin => "drain_wait_max_min",
            Self::Events => "events",
            Self::StopReason => "stop_reason",
        }
    }

    /// The metric of that plain name; prefixes and suffixes are the business of [`MetricRef`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// What sort of value it has.
    pub const fn kind(self) -> MetricKind {
        match self {
            Self::DeploymentStatus | Self::StopReason => MetricKind::Status,
            Self::RolledBack | Self::Caught | Self::MissedDefect | Self::FalseRollback => MetricKind::Boolean,
            _ => MetricKind::Number,
        }
    }

    /// Which way it is better.
    pub const fn direction(self) -> Direction {
        match self {
            Self::DeploymentStatus | Self::StopReason | Self::Events | Self::AlarmsTriggered => {
                Direction::Neither
            }
            Self::Caught | Self::MinRunningTasksPct => Direction::HigherIsBetter,
            _ => Direction::LowerIsBetter,
        }
    }

    /// Unit of a number as it is printed behind it; empty where there is none.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::RolloutDurationMin
            | Self::DeploymentDurationMin
            | Self::RollbackDurationMin
            | Self::DetectionMin
            | Self::DrainWaitMaxMin => "min",
            Self::BadInstanceMin | Self::DaemonGapMin => "instance-min",
            Self::TaskMinLost => "task-min",
            Self::BlastRadiusPct | Self::MinRunningTasksPct => "%",
            Self::FailedRequests => "requests",
            Self::PeakInstances
            | Self::PeakExtraInstances
            | Self::InstancesReplaced
            | Self::InstancesRepaired => "instances",
            Self::PeakVcpu => "vCPU",
            Self::ExtraInstanceHours => "instance-h",
            Self::ExtraCostUsd => "USD",
            Self::AppTasksRestarted => "tasks",
            Self::LaunchFailures | Self::BreakerFailures => "failures",
            Self::AlarmsTriggered => "alarms",
            Self::Events => "events",
            Self::DeploymentStatus
            | Self::RolledBack
            | Self::Caught
            | Self::MissedDefect
            | Self::FalseRollback
            | Self::StopReason => "",
        }
    }

    /// The long text: what is counted, from when to when, and when there is no value.
    #[allow(clippy::too_many_lines, reason = "a table: one text a metric")]
    pub const fn about(self) -> &'static str {
        match self {
            Self::DeploymentStatus => {
                "Status of the deployment when the run ended, as ECS names it: SUCCESSFUL, STOPPED, ROLLBACK_SUCCESSFUL or ROLLBACK_FAILED once nothing more can come; PENDING, IN_PROGRESS, STOP_REQUESTED or ROLLBACK_IN_PROGRESS in a run that was cut before. In summaries it is the share of seeds with each status."
            }
            Self::RolloutDurationMin => {
                "Minutes from the deployment's creation until it was SUCCESSFUL, bake time included. It is about deployments that succeeded or were still under way when the run was cut: one that was cut is censored, ranks above every finished one, and keeps a mean from being given. Deployments that were rolled back or stopped have no value; how many of the seeds have one is printed beside it."
            }
            Self::DeploymentDurationMin => {
                "Minutes from the deployment's creation to whichever final state it reached: success, stop, or the end of a rollback. In contrast to rollout_duration_min every deployment that ended has one; one that a cut run left unfinished is censored."
            }
            Self::RolledBack => {
                "True once a rollback began, whether or not it succeeded. A deployment that was stopped with nothing to roll back to was not rolled back. No value in a run that was cut before it was decided."
            }
            Self::RollbackDurationMin => {
                "Minutes from the beginning of the rollback to its end, ROLLBACK_SUCCESSFUL or ROLLBACK_FAILED. Without a rollback there is no value; a rollback that a cut run left unfinished is censored."
            }
            Self::DetectionMin => {
                "Minutes from the first harm to the moment when a monitor, the circuit breaker or an alarm, halted the deployment. Harm begins when a defect first acts: a start that fails, a crash, a hang, a failing request. Empty in a seed without a defect and in one where no monitor triggered."
            }
            Self::Caught => {
                "True when the target revision was defective in this seed and a monitor halted the deployment, so that it was rolled back or stopped. Together with missed_defect it says what the alarms and the bake time are worth. No value in a run that was cut before it was decided."
            }
            Self::MissedDefect => {
                "True when the target revision was defective in this seed and the deployment was SUCCESSFUL all the same: the bad revision is all over the fleet. No value in a run that was cut before it was decided."
            }
            Self::FalseRollback => {
                "True when the target revision was sound in this seed and the deployment was rolled back: a noisy alarm, or launch failures that were nobody's fault. No value in a run that was cut before it was decided."
            }
            Self::BlastRadiusPct => {
                "The share of the fleet that ever ran a defective revision before anybody stopped it: hosts that have run one from the deployment's creation to the trigger, or to its end without one, over the hosts in scope at creation, in percent. A host counts with its replacements as one, and once. 0 in a seed without a defect."
            }
            Self::BadInstanceMin => {
                "Minutes that daemon tasks of a revision defective in this seed ran, summed over hosts and over the whole run. It weighs the blast radius by how long it lasted. 0 in a seed without a defect."
            }
            Self::MinRunningTasksPct => {
                "The fewest running application tasks at any moment that lasted, in percent of the desired count, for the service that fared worst. A task runs from RUNNING until it is told to stop. With several services each has its own as well, suffixed with its name. 100 means that the rollout never took capacity away."
            }
            Self::TaskMinLost => {
                "Task-minutes below the desired count, over all services and the whole run: one task missing for ten minutes is 10. It tells a short deep dip from a long shallow one, which min_running_tasks_pct cannot."
            }
            Self::FailedRequests => {
                "Expected number of requests that failed over the whole run: the requests of each service times the error rate of the tasks that they fell on, a defect's rate where one acts. No value without traffic."
            }
            Self::PeakInstances => {
                "The most instances that existed at once, in any state from the launch request until they were gone. What a quota has to allow."
            }
            Self::PeakVcpu => {
                "The most vCPUs of all instances that existed at once, in any state from the launch request until they were gone: what counts against the EC2 quota."
            }
            Self::PeakExtraInstances => {
                "How many instances existed at once above those at the start: the surge that the rollout needs on top of the fleet."
            }
            Self::ExtraInstanceHours => {
                "Instances above those at the start, integrated over the whole run, in hours. Below the start counts nothing."
            }
            Self::ExtraCostUsd => {
                "What the instances above those at the start cost over the whole run, at each capacity provider's pricePerHour. No value unless every provider has a price."
            }
            Self::InstancesReplaced => {
                "Instances that a deployment drained and that were gone by the end of the run; one that is on its way is not counted. A rollback replaces updated instances once more."
            }
            Self::InstancesRepaired => {
                "Instances that auto repair drained, because their critical daemon had stopped or was unhealthy, and that were gone by the end of the run."
            }
            Self::AppTasksRestarted => {
                "Application tasks that were stopped by a drain or lost with their host, over all services. A task that has to move twice counts twice."
            }
            Self::DaemonGapMin => {
                "Minutes that instances were ACTIVE without a daemon that they had been given when they registered, summed over instances: time in which hosts went unobserved. Non-critical daemons leave most of it."
            }
            Self::LaunchFailures => {
                "Instance launches that failed, each attempt anew. A launch that a quota or maxInstances refused is no failure."
            }
            Self::BreakerFailures => {
                "Launch failures of daemon tasks that the circuit breaker of the deployment saw, over its whole life; in contrast to the breaker's own count, a success does not reset it."
            }
            Self::AlarmsTriggered => {
                "How many alarms of the deployment went red and counted. Several may do so in the same moment; what halts the deployment is the first."
            }
            Self::DrainWaitMaxMin => {
                "The longest that any instance spent DRAINING for the deployment, in minutes: from the beginning of the drain until it was DEREGISTERING. A long one shows what a service's percentages, a slow start or missing capacity cost."
            }
            Self::Events => {
                "Events that the run handled. It says what the run cost to compute, and nothing about the fleet."
            }
            Self::StopReason => {
                "Why the run ended: complete, when the timeline had been issued, every deployment had ended and observeAfter had passed; horizon or events, when it was cut. What a cut run left unfinished, durations as well as counts and sums over the run, is censored and never averaged."
            }
        }
    }

    /// Whether it speaks of one deployment or of the whole run.
    pub const fn scope(self) -> Scope {
        match self {
            Self::DeploymentStatus
            | Self::RolloutDurationMin
            | Self::DeploymentDurationMin
            | Self::RolledBack
            | Self::RollbackDurationMin
            | Self::DetectionMin
            | Self::Caught
            | Self::MissedDefect
            | Self::FalseRollback
            | Self::BlastRadiusPct
            | Self::BreakerFailures
            | Self::AlarmsTriggered
            | Self::DrainWaitMaxMin => Scope::Deployment,
            Self::BadInstanceMin
            | Self::MinRunningTasksPct
            | Self::TaskMinLost
            | Self::FailedRequests
            | Self::PeakInstances
            | Self::PeakVcpu
            | Self::PeakExtraInstances
            | Self::ExtraInstanceHours
            | Self::ExtraCostUsd
            | Self::InstancesReplaced
            | Self::InstancesRepaired
            | Self::AppTasksRestarted
            | Self::DaemonGapMin
            | Self::LaunchFailures
            | Self::Events
            | Self::StopReason => Scope::Fleet,
        }
    }
}

/// A metric as a check names it: of one deployment, or of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricRef {
    /// Which metric.
    pub metric: Metric,
    /// Which deployment, counted from 0 in order of the timeline (`d1_` is 0); none for the plain name.
    pub deployment: Option<usize>,
    /// Index of the service for `min_running_tasks_pct_<service>`; none for the plain name.
    pub service: Option<usize>,
}

impl MetricRef {
    /// Finds the metric of a column name in a scenario of so many deployments and these services.
    pub fn from_name(name: &str, deployments: usize, services: &[&str]) -> Option<Self> {
        if let Some(metric) = Metric::from_name(name) {
            return Some(Self { metric, deployment: None, service: None });
        }
        if let Some(service) = name.strip_prefix("min_running_tasks_pct_") {
            let service = services.iter().position(|known| *known == service)?;
            // Of a single service the plain name says the same.
            let service = (services.len() > 1).then_some(service);
            return Some(Self { metric: Metric::MinRunningTasksPct, deployment: None, service });
        }
        let (number, metric) = name.strip_prefix('d')?.split_once('_')?;
        let deployment = number.parse::<usize>().ok()?.checked_sub(1)?;
        let metric = Metric::from_name(metric)?;
        let fits = deployment < deployments && metric.scope() == Scope::Deployment;
        // Of a single deployment likewise.
        let deployment_of_several = (deployments > 1).then_some(deployment);
        fits.then_some(Self { metric, deployment: deployment_of_several, service: None })
    }
}
