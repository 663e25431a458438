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
