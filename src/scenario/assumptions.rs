//! The questions that the ECS documentation leaves open, each as a named choice.
//!
//! The first value of every enum is the default: the best-supported reading.
//! A16 (`alarmPoll`) and A21 (`registrationTimeout`) are delays of the control plane.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $first:ident $(, $rest:ident)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        #[allow(missing_docs, reason = "the values are explained in the long text of `bakeoff about`")]
        pub enum $name { #[default] $first $(, $rest)* }
    };
}

choice!(
    /// A1: How drainPercent × N is rounded; never below one.
    Rounding { Floor, Ceil, Round }
);
choice!(
    /// A2: Which instances N counts and one batch decision speaks for.
    BatchScope { PerProvider, All }
);
choice!(
    /// A2: When N is counted.
    BatchCount { Live, AtStart }
);
choice!(
    /// A3: Where the bake time is spent.
    Bake { AfterAll, BetweenBatches, PerBatch }
);
choice!(
    /// A4: Whether a batch must be done before the next begins.
    Batching { Barrier, Sliding }
);
choice!(
    /// A5: What is launched for an instance that drains.
    Replacement { OneForOne, DemandDriven }
);
choice!(
    /// A5: Where tasks of a draining instance may land.
    DisplacedTasks { Anywhere, ReplacementsOnly }
);
choice!(
    /// A6: How fast a rollback drains.
    RollbackPace { SameDrainPercent, AllAtOnce }
);
choice!(
    /// A6: Which instances a rollback replaces.
    RollbackScope { UpdatedOnly, All }
);
choice!(
    /// A7: What becomes of a failed deployment with nothing to roll back to.
    FailedFirst { Stopped, RemoveDaemon, RollbackFailed }
);
choice!(
    /// A8: Launch failures that trip the circuit breaker.
    BreakerThreshold { Clamp, Three }
);
choice!(
    /// A8: Whether a success resets the breaker.
    BreakerCount { Consecutive, Cumulative }
);
choice!(
    /// A8: What follows when a critical daemon fails to start.
    StartFailure { Relaunch, RetryInPlace }
);
choice!(
    /// A9: What the limit on instances draining for repair counts.
    RepairLimit { Separate, Shared, Unlimited }
);
choice!(
    /// A10: How deployments of two daemons on one provider meet.
    ConcurrentDaemons { Independent, Serialised, Merged }
);
choice!(
    /// A11: What a critical daemon must reach before its instance is ACTIVE.
    AppGate { HealthyIfChecked, Running }
);
choice!(
    /// A12: Whether a drain waits for protected and standalone tasks.
    ProtectedTasks { Wait, Ignore }
);
choice!(
    /// A13: Whether instance selection reserves room for daemons.
    ReserveForDaemons { Yes, No }
);
choice!(
    /// A14: Which revision an instance gets that others launch during a deployment.
    NewInstances { Target, LastSuccessful, Source }
);
choice!(
    /// A15: Whether an alarm red at the start counts after it has been OK.
    RedAlarms { Ignored, Rearmed }
);
choice!(
    /// A17: Whether an instance without its non-critical daemon counts as updated.
    NonCriticalFailure { CountsAsDone, Blocks }
);
choice!(
    /// A18: What becomes of drains under way when a deployment is superseded.
    Superseded { Finish, Cancel }
);
choice!(
    /// A19: How far an old instance must be gone before its batch is done.
    SuccessWaitsFor { Termination, Deregistration, Daemon }
);
choice!(
    /// A20: In which order instances are picked.
    BatchOrder { ZoneBalanced, OldestFirst, Random }
);
choice!(
    /// A20: Whether capacity providers are rolled together or one after another.
    ProviderOrder { Parallel, Sequential }
);
choice!(
    /// A22: Whether a drainPercent below 1 is accepted.
    DrainPercentBelowOne { Reject, MinOne }
);
choice!(
    /// A23: Whether a repair of the target revision counts as a launch failure.
    RepairCountsToBreaker { No, Yes }
);

/// One answer to each open question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Assumptions {
    /// A1: How drainPercent × N is rounded; never below one.
    pub rounding: Rounding,
    /// A2: Which instances N counts and one batch decision speaks for.
    pub batch_scope: BatchScope,
    /// A2: When N is counted.
    pub batch_count: BatchCount,
    /// A3: Where the bake time is spent.
    pub bake: Bake,
    /// A4: Whether a batch must be done before the next begins.
    pub batching: Batching,
    /// A5: What is launched for an instance that drains.
    pub replacement: Replacement,
    /// A5: Where tasks of a draining instance may land.
    pub displaced_tasks: DisplacedTasks,
    /// A6: How fast a rollback drains.
    pub rollback_pace: RollbackPace,
    /// A6: Which instances a rollback replaces.
    pub rollback_scope: RollbackScope,
    /// A7: What becomes of a failed deployment with nothing to roll back to.
    pub failed_first: FailedFirst,
    /// A8: Launch failures that trip the circuit breaker.
    pub breaker_threshold: BreakerThreshold,
    /// A8: Whether a success resets the breaker.
    pub breaker_count: BreakerCount,
    /// A8: What follows when a critical daemon fails to start.
    pub start_failure: StartFailure,
    /// A9: What the limit on instances draining for repair counts.
    pub repair_limit: RepairLimit,
    /// A10: How deployments of two daemons on one provider meet.
    pub concurrent_daemons: ConcurrentDaemons,
    /// A11: What a critical daemon must reach before its instance is ACTIVE.
    pub app_gate: AppGate,
    /// A12: Whether a drain waits for protected and standalone tasks.
    pub protected_tasks: ProtectedTasks,
    /// A13: Whether instance selection reserves room for daemons.
    pub reserve_for_daemons: ReserveForDaemons,
    /// A14: Which revision an instance gets that others launch during a deployment.
    pub new_instances: NewInstances,
    /// A15: Whether an alarm red at the start counts after it has been OK.
    pub red_alarms: RedAlarms,
    /// A17: Whether an instance without its non-critical daemon counts as updated.
    pub non_critical_failure: NonCriticalFailure,
    /// A18: What becomes of drains under way when a deployment is superseded.
    pub superseded: Superseded,
    /// A19: How far an old instance must be gone before its batch is done.
    pub success_waits_for: SuccessWaitsFor,
    /// A20: In which order instances are picked.
    pub batch_order: BatchOrder,
    /// A20: Whether capacity providers are rolled together or one after another.
    pub provider_order: ProviderOrder,
    /// A22: Whether a drainPercent below 1 is accepted.
    pub drain_percent_below_one: DrainPercentBelowOne,
    /// A23: Whether a repair of the target revision counts as a launch failure.
    pub repair_counts_to_breaker: RepairCountsToBreaker,
}
