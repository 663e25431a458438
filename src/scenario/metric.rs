//! The metrics of a run: names, kinds, directions and long texts.

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
            return Some(Self {
                metric: Metric::MinRunningTasksPct,
                deployment: None,
                service: Some(service),
            });
        }
        let (number, metric) = name.strip_prefix('d')?.split_once('_')?;
        let deployment = number.parse::<usize>().ok()?.checked_sub(1)?;
        let metric = Metric::from_name(metric)?;
        let fits = deployment < deployments && metric.scope() == Scope::Deployment;
        fits.then_some(Self { metric, deployment: Some(deployment), service: None })
    }
}
