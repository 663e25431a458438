//! The scenario file as it is written: every field placed, defaults filled in, nothing resolved.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::assumptions::RawAssumptions;
use super::codes::Code;
use super::delays::DelaySpec;
use super::epoch::Instant;
use super::read::{List, Read, Reader, record};
use super::sweep::RawSweep;
use super::tree::{Kind, Node};
use super::values::{
    CpuUnits, Flag, Load, Mebibytes, Minutes, Quantity, Real, Seconds, Share, Span, Text, Whole,
    inline_schema, words,
};
use crate::aws::requests::{
    Containers, CreateDaemon, DeleteDaemon, NamespaceMode, PropagateTags, Tag, UpdateDaemon, Volumes,
};
use crate::engine::time::SimDuration;

pub use self::faults::{
    CapacityOptionType, RawAgentDisconnection, RawAzOutage, RawCapacityShortage, RawDependencyOutage,
    RawInstanceFailure, RawRegistryOutage, RawShocks, RawSpot, RawSpotShock,
};
pub use self::images::{LogNormalRate, RATES, Rate, RateLaws, RawImage, Throughput, UniformRate};

mod faults;
mod images;

/// The most instances of one capacity provider, and the most tasks of one service.
pub const COUNT_MAX: u64 = 10_000_000;
/// The highest number that a seed may have.
pub const SEED_MAX: u64 = 1_000_000_000;

record! {
    /// the scenario. A rollout of ECS managed daemons over a fleet, to be simulated.
    RawScenario {
        /// Where an editor finds this schema; no other meaning.
        "$schema" json_schema_address: Text = Optional,
        /// Format of this file.
        "schema" schema: SchemaId = Required,
        /// Name of the scenario, also of its output directory: letters, digits, dots, underscores and hyphens.
        "name" name: Text = Required,
        /// What it is about, for people.
        "description" description: Text = Default(json!("")),
        /// Seeds, horizon and sampling.
        "simulation" simulation: RawSimulation = Default(json!({})),
        /// The fleet: capacity providers of managed instances.
        "capacityProviders" capacity_providers: List<RawProvider> = Required,
        /// Limits of the account.
        "quotas" quotas: RawQuotas = Default(json!({})),
        /// How long ECS itself takes.
        "controlPlane" control_plane: RawControlPlane = Default(json!({})),
        /// Applications that run on the fleet.
        "services" services: List<RawService> = Default(json!([])),
        /// Standalone tasks: nobody replaces them, and drains wait for them.
        "tasks" tasks: List<RawTasks> = Default(json!([])),
        /// Revisions of what the daemons run.
        "daemonTaskDefinitions" daemon_task_definitions: List<RawRevision> = Default(json!([])),
        /// Daemons that are running at the start.
        "daemons" daemons: List<RawDaemon> = Default(json!([])),
        /// Alarms of `CloudWatch`.
        "alarms" alarms: List<RawAlarm> = Default(json!([])),
        /// What happens when.
        "timeline" timeline: List<RawAction> = Default(json!([])),
        /// Answers to what the ECS documentation leaves open; `bakeoff about A1` tells about each.
        "assumptions" assumptions: RawAssumptions = Default(json!({})),
        /// Assertions about the results.
        "checks" checks: List<Text> = Default(json!([])),
        /// Settings to be varied, each with its values.
        "sweep" sweep: RawSweep = Default(json!({})),
    }
    refused {
        "faults": "a fault is an entry of the `timeline:`, such as azOutage or instanceFailure",
    }
}

words! {
    /// Formats of the scenario file.
    SchemaId {
        /// The one there is.
        V1 = "bakeoff.scenario.v1",
    }
}

record! {
    /// the simulation settings.
    RawSimulation {
        /// How many replications, or which: 200 is 0..200, and the end is left out.
        "seeds" seeds: Seeds = Default(json!(200)),
        /// Salts every seed.
        "masterSeed" master_seed: Whole<0, { u64::MAX }> = Default(json!(1)),
        /// A run that gets here is cut.
        "horizon" horizon: Span = Default(json!("24h")),
        /// How long a run goes on after its last deployment has ended.
        "observeAfter" observe_after: Span = Default(json!("30m")),
        /// Grid of the time series.
        "sampleEvery" sample_every: Span = Default(json!("30s")),
        /// A run that handles this many events is cut.
        "maxEvents" max_events: Whole<1, 1_000_000_000_000> = Default(json!(100_000_000)),
        /// The instant of the calendar at which event logs begin.
        "epoch" epoch: Instant = Default(Instant::DEFAULT.show()),
        /// The AWS Region that event logs name.
        "region" region: Text = Default(json!("us-east-1")),
        /// The AWS account that event logs name: twelve digits, in quotes.
        "accountId" account_id: Text = Default(json!("111122223333")),
        /// The cluster that event logs name.
        "clusterName" cluster_name: Text = Default(json!("default")),
    }
}

record! {
    /// a capacity provider.
    RawProvider {
        /// Its name.
        "name" name: Text = Required,
        /// How many instances are ACTIVE at the start.
        "instances" instances: Whole<0, COUNT_MAX> = Optional,
        /// EC2 instance type, for its vCPUs and memory.
        "instanceType" instance_type: Text = Optional,
        /// Several instance types, each with how many are ACTIVE at the start, instead of
        /// `instances` of one; an entry may be a plain name.
        "instanceTypes" instance_types: List<OfferedType> = Optional,
        /// CPU units of an instance (1024 a vCPU), instead of an instance type.
        "cpu" cpu: CpuUnits = Optional,
        /// MiB of memory of an instance, instead of an instance type.
        "memory" memory: Mebibytes = Optional,
        /// USD per hour of an instance; without it no cost is reckoned.
        "pricePerHour" price_per_hour: Quantity = Optional,
        /// Number of availability zones.
        "availabilityZones" availability_zones: Whole<1, 100> = Default(json!(3)),
        /// The most instances at once, in whatever state; launches above it wait.
        "maxInstances" max_instances: Whole<1, COUNT_MAX> = Optional,
        /// Launch requested to EC2 instance running.
        "launch" launch: DelaySpec = Default(json!({ "logNormal": { "median": "20s", "p99": "60s" } })),
        /// EC2 instance running to container instance REGISTERING.
        "registration" registration: DelaySpec =
            Default(json!({ "logNormal": { "median": "22s", "p99": "40s" } })),
        /// DEREGISTERING to gone.
        "termination" termination: DelaySpec = Default(json!({ "uniform": { "min": "28s", "max": "72s" } })),
        /// Launches that fail.
        "launchFailure" launch_failure: RawLaunchFailure = Optional,
        /// Hosts that are lost.
        "hostFailure" host_failure: RawHostFailure = Optional,
        /// Age limits of an instance.
        "lifetime" lifetime: RawLifetime = Optional,
        /// Whether EC2 may take the instances back.
        "capacityOptionType" capacity_option_type: CapacityOptionType = Default(json!("ON_DEMAND")),
        /// How often it does; only with `capacityOptionType: SPOT`.
        "spot" spot: RawSpot = Optional,
        /// Whether ECS replaces impaired instances.
        "autoRepairConfiguration" auto_repair_configuration: RawAutoRepair = Default(json!({})),
        /// What the ECS agent and the operating system keep.
        "reserved" reserved: RawReserved = Default(json!({})),
        /// How long an instance must be idle, or its tasks unmoved, before it may go; -1 for never.
        "scaleInAfter" scale_in_after: ScaleIn = Default(json!(-1)),
        /// The same where the ECS API has it.
        "infrastructureOptimization" infrastructure_optimization: RawOptimization = Optional,
    }
}

record! {
    /// an instance type of a capacity provider.
    RawInstanceType {
        /// EC2 instance type, for its vCPUs and memory.
        "instanceType" instance_type: Text = Optional,
        /// How many instances of it are ACTIVE at the start.
        "instances" instances: Whole<0, COUNT_MAX> = Default(json!(0)),
        /// CPU units of an instance (1024 a vCPU), instead of an instance type.
        "cpu" cpu: CpuUnits = Optional,
        /// MiB of memory of an instance, instead of an instance type.
        "memory" memory: Mebibytes = Optional,
        /// USD per hour of an instance; if every type has one, prices decide which is launched.
        "pricePerHour" price_per_hour: Quantity = Optional,
    }
}

record! {
    /// the infrastructure optimization.
    RawOptimization {
        /// How long an instance must be idle, or its tasks unmoved, before it may go; -1 for never.
        "scaleInAfter" scale_in_after: ScaleIn = Default(json!(-1)),
    }
}

record! {
    /// the launch failures.
    RawLaunchFailure {
        /// Chance that one attempt fails.
        "probability" probability: Share = Required,
        /// Wait before the next attempt.
        "retryAfter" retry_after: Span = Default(json!("30s")),
    }
}

record! {
    /// the host failures.
    RawHostFailure {
        /// Expected failures of an instance in a month of 30 days.
        "perInstanceMonth" per_instance_month: FailureRate = Required,
    }
}

record! {
    /// the lifetime of an instance.
    RawLifetime {
        /// Age at which it is drained.
        "drainAfter" drain_after: Span = Default(json!("14d")),
        /// Age at which it is deregistered by force.
        "forceAfter" force_after: Span = Default(json!("21d")),
    }
}

record! {
    /// the auto repair configuration.
    RawAutoRepair {
        /// Whether impaired instances are replaced.
        "actionsStatus" actions_status: ActionsStatus = Default(json!("ENABLED")),
    }
}

words! {
    /// `actionsStatus` of the ECS API.
    ActionsStatus {
        /// Impaired instances are replaced.
        Enabled = "ENABLED",
        /// They are only told.
        Disabled = "DISABLED",
    }
}

record! {
    /// what is reserved.
    RawReserved {
        /// CPU units.
        "cpu" cpu: CpuUnits = Default(json!(0)),
        /// MiB of memory.
        "memory" memory: Mebibytes = Default(json!(0)),
    }
}

record! {
    /// the quotas.
    RawQuotas {
        /// EC2 quota of vCPUs, shared by all capacity providers.
        "vCpu" vcpu: Whole<1, 100_000_000_000> = Optional,
    }
}

record! {
    /// the control plane.
    RawControlPlane {
        /// Deployment created, batch done or rollback triggered to the next batch DRAINING.
        "batchDecision" batch_decision: DelaySpec =
            Default(json!({ "uniform": { "min": "5s", "max": "40s" } })),
        /// Task UNHEALTHY to instance IMPAIRED.
        "healthPropagation" health_propagation: DelaySpec =
            Default(json!({ "uniform": { "min": "0s", "max": "60s" } })),
        /// Instance IMPAIRED to DRAINING.
        "repairDecision" repair_decision: DelaySpec = Default(json!("69s")),
        /// End of an alarm's period to its datapoint visible.
        "alarmPublish" alarm_publish: Span = Default(json!("30s")),
        /// How often ECS looks at alarms.
        "alarmPoll" alarm_poll: Span = Default(json!("60s")),
        /// A refused launch is tried again after this.
        "capacityRetry" capacity_retry: Span = Default(json!("30s")),
        /// An instance that does not get its critical daemon up for this long is replaced.
        "registrationTimeout" registration_timeout: Span = Default(json!("10m")),
        /// An instance whose agent has been out of touch for this long is IMPAIRED.
        "disconnectedThreshold" disconnected_threshold: Span = Default(json!("5m")),
        /// An instance that has been DRAINING for so long is deregistered by force.
        "drainDeadline" drain_deadline: Span = Default(json!("7d")),
    }
}

record! {
    /// a service.
    RawService {
        /// Its name.
        "name" name: Text = Required,
        /// Where it runs; may be left out where there is only one.
        "capacityProvider" capacity_provider: Text = Optional,
        /// Tasks it wants: a number, or numbers with their times.
        "desiredCount" desired_count: DesiredCount = Required,
        /// CPU units of a task.
        "cpu" cpu: CpuUnits = Required,
        /// MiB of memory of a task.
        "memory" memory: Mebibytes = Required,
        /// Percentage of desiredCount that must stay healthy, rounded up.
        "minimumHealthyPercent" minimum_healthy_percent: Whole<0, 100> = Default(json!(100)),
        /// Percentage of desiredCount that may be pending or running at once, rounded down.
        "maximumPercent" maximum_percent: Whole<100, 10_000> = Default(json!(200)),
        /// Placed to RUNNING.
        "startup" startup: DelaySpec = Default(json!({ "logNormal": { "median": "18s", "p99": "45s" } })),
        /// RUNNING to healthy.
        "healthyAfter" healthy_after: Span = Default(json!("40s")),
        /// Told to stop to stopped, left to itself.
        "shutdown" shutdown: DelaySpec = Default(json!({ "uniform": { "min": "1s", "max": "30s" } })),
        /// Told to stop to killed.
        "stopTimeout" stop_timeout: Seconds<0, 604_800> = Default(json!(30)),
        /// Requests that its running tasks share.
        "traffic" traffic: RawTraffic = Optional,
        /// What a task pulls before it starts, unless its instance has it.
        "image" image: RawImage = Optional,
        /// Tasks that protect themselves from being stopped when they begin to run.
        "protection" protection: RawProtection = Optional,
    }
}

record! {
    /// a step of a schedule.
    RawStep {
        /// From when on.
        "at" at: Span = Required,
        /// How many tasks.
        "count" count: Whole<0, COUNT_MAX> = Required,
    }
}

record! {
    /// a schedule that repeats.
    RawSchedule {
        /// From when on how many, the first at 0s.
        "schedule" schedule: List<RawStep> = Required,
        /// After so long the schedule begins again.
        "repeatEvery" repeat_every: Span = Optional,
    }
}

record! {
    /// the protection of tasks (`UpdateTaskProtection`).
    RawProtection {
        /// Share of the tasks that protect themselves when they are RUNNING.
        "share" share: Share = Default(json!(1.0)),
        /// Minutes until the protection ends.
        "expiresInMinutes" expires_in_minutes: Minutes<1, 2880> = Default(json!(120)),
    }
}

record! {
    /// a group of standalone tasks (`RunTask`).
    RawTasks {
        /// Its name.
        "name" name: Text = Required,
        /// Where they run; may be left out where there is only one.
        "capacityProvider" capacity_provider: Text = Optional,
        /// How many come at once.
        "count" count: Whole<0, COUNT_MAX> = Default(json!(1)),
        /// CPU units of a task.
        "cpu" cpu: CpuUnits = Required,
        /// MiB of memory of a task.
        "memory" memory: Mebibytes = Required,
        /// Placed to RUNNING.
        "startup" startup: DelaySpec = Default(json!({ "logNormal": { "median": "18s", "p99": "45s" } })),
        /// Told to stop to stopped, left to itself.
        "shutdown" shutdown: DelaySpec = Default(json!({ "uniform": { "min": "1s", "max": "30s" } })),
        /// Told to stop to killed.
        "stopTimeout" stop_timeout: Seconds<0, 604_800> = Default(json!(30)),
        /// RUNNING to ended by itself.
        "duration" duration: DelaySpec = Required,
        /// When the first come; those of 0s are RUNNING at the start.
        "startAt" start_at: Span = Default(json!("0s")),
        /// Time from one group to the next; left out, there is only one.
        "every" every: Span = Optional,
        /// What a task pulls before it starts, unless its instance has it.
        "image" image: RawImage = Optional,
    }
}

record! {
    /// the traffic of a service.
    RawTraffic {
        /// Requests per second over all tasks.
        "requestsPerSecond" requests_per_second: RequestRate = Required,
        /// Share of requests that fail on a sound host.
        "errorRate" error_rate: Share = Default(json!(0.0)),
    }
}

record! {
    /// a daemon task definition.
    RawRevision {
        /// Its family.
        "family" family: Text = Required,
        /// Its number within the family.
        "revision" revision: Whole<1, 1_000_000_000> = Required,
        /// CPU units of the task; left out, what its containers add up to.
        "cpu" cpu: CpuUnits = Optional,
        /// MiB of memory of the task; left out, what its containers add up to.
        "memory" memory: Mebibytes = Optional,
        /// Instance REGISTERING to task RUNNING.
        "startup" startup: DelaySpec = Default(json!({ "logNormal": { "median": "14s", "p99": "40s" } })),
        /// Told to stop to stopped, left to itself.
        "shutdown" shutdown: DelaySpec = Default(json!("2s")),
        /// Told to stop to killed; left out, the longest of its containers, or 30.
        "stopTimeout" stop_timeout: Seconds<0, 604_800> = Optional,
        /// Container health check; left out, that of its first essential container that has one. Without one only a
        /// task that stops is noticed.
        "healthCheck" health_check: RawHealthCheck = Optional,
        /// Restarts of a container in place.
        "restartPolicy" restart_policy: RawRestartPolicy = Optional,
        /// Ports that it binds; the daemons of an instance share one network namespace.
        "ports" ports: List<Whole<1, 65_535>> = Default(json!([])),
        /// Faults of this revision.
        "defects" defects: List<RawDefect> = Default(json!([])),
        /// What a task pulls before it starts, unless its instance has it.
        "image" image: RawImage = Optional,
        /// How much of what it reserves a running task uses.
        "utilization" utilization: RawUtilization = Optional,
        /// Containers, as a `RegisterDaemonTaskDefinition` request has them.
        "containerDefinitions" container_definitions: Containers = Optional,
        /// Volumes; no effect on a simulation.
        "volumes" volumes: Volumes = Optional,
        /// Role of the containers; no effect on a simulation.
        "taskRoleArn" task_role_arn: Text = Optional,
        /// Role of the agent; no effect on a simulation.
        "executionRoleArn" execution_role_arn: Text = Optional,
        /// Tags; no effect on a simulation.
        "tags" tags: List<Tag> = Optional,
        /// Namespace of processes; no effect on a simulation.
        "pidMode" pid_mode: NamespaceMode = Optional,
        /// Namespace of inter-process communication; no effect on a simulation.
        "ipcMode" ipc_mode: NamespaceMode = Optional,
    }
}

record! {
    /// the utilisation of a daemon task.
    RawUtilization {
        /// Percentage of its CPU units.
        "cpu" cpu: Load = Optional,
        /// Percentage of its memory.
        "memory" memory: Load = Optional,
    }
}

record! {
    /// a health check.
    RawHealthCheck {
        /// The command; no effect on a simulation.
        "command" command: List<Text> = Optional,
        /// End of a probe to the start of the next.
        "interval" interval: Seconds<5, 300> = Default(json!(30)),
        /// A probe that takes this long has failed.
        "timeout" timeout: Seconds<2, 60> = Default(json!(5)),
        /// Consecutive failures that make a task UNHEALTHY.
        "retries" retries: Whole<1, 10> = Default(json!(3)),
        /// Failures this soon after RUNNING do not count, until the first success.
        "startPeriod" start_period: Seconds<0, 300> = Default(json!(0)),
    }
}

record! {
    /// a restart policy.
    RawRestartPolicy {
        /// Whether a container that exits is started again in place.
        "enabled" enabled: Flag = Required,
        /// A container must have run this long, or its exit is final.
        "restartAttemptPeriod" restart_attempt_period: Seconds<60, 1800> = Default(json!(300)),
    }
    refused {
        "ignoredExitCodes": "containers have no exit codes here; leave it out, or turn the policy off",
    }
}

record! {
    /// a defect.
    RawDefect {
        /// Its name within the revision.
        "name" name: Text = Required,
        /// Chance that a seed has it.
        "probability" probability: Share = Required,
        /// Share of the hosts that it hits in such a seed.
        "share" share: Share = Default(json!(1.0)),
        /// The task does not start.
        "failsToStart" fails_to_start: RawFailsToStart = Optional,
        /// The container exits.
        "crashes" crashes: RawAfter = Optional,
        /// The process stops answering; only a health check sees it.
        "hangs" hangs: RawAfter = Optional,
        /// Tasks of a service on the same host fail requests; only an alarm sees it.
        "degrades" degrades: RawDegrades = Optional,
        /// The task takes more room than it declares.
        "needsMore" needs_more: RawNeedsMore = Optional,
        /// The task uses another share of what it reserves; only an alarm on its utilisation sees it.
        "uses" uses: RawUses = Optional,
    }
    one of ["failsToStart", "crashes", "hangs", "degrades", "needsMore", "uses"]
}

record! {
    /// a failure to start.
    RawFailsToStart {
        /// Chance of each attempt.
        "probability" probability: Share = Required,
    }
}

record! {
    /// when a defect acts.
    RawAfter {
        /// RUNNING to then.
        "after" after: DelaySpec = Required,
    }
}

record! {
    /// a degradation.
    RawDegrades {
        /// Which service.
        "service" service: Text = Required,
        /// Share of its requests on the host that fail.
        "errorRate" error_rate: Share = Required,
        /// RUNNING to the first failing request.
        "after" after: DelaySpec = Required,
    }
}

record! {
    /// what a task needs more.
    RawNeedsMore {
        /// CPU units on top.
        "cpu" cpu: CpuUnits = Default(json!(0)),
        /// MiB of memory on top.
        "memory" memory: Mebibytes = Default(json!(0)),
    }
}

record! {
    /// what a task uses.
    RawUses {
        /// Percentage of its CPU units from then on; as before if left out.
        "cpu" cpu: Load = Optional,
        /// Percentage of its memory from then on; as before if left out.
        "memory" memory: Load = Optional,
        /// RUNNING to then.
        "after" after: DelaySpec = Required,
    }
}

record! {
    /// a running daemon. Takes what a `CreateDaemon` request does, but for how to get there.
    RawDaemon {
        /// Name of the daemon.
        "daemonName" daemon_name: Text = Required,
        /// The cluster; one scenario is one cluster.
        "clusterArn" cluster_arn: Text = Optional,
        /// What runs: `family:revision`, a family (its latest revision) or an ARN.
        "daemonTaskDefinitionArn" daemon_task_definition_arn: Text = Required,
        /// On which capacity providers: names or ARNs.
        "capacityProviderArns" capacity_provider_arns: List<Text> = Required,
        /// Whether instances wait for the daemon, and are replaced when they lose it.
        "critical" critical: Flag = Default(json!(true)),
        /// Tags; no effect on a simulation.
        "tags" tags: List<Tag> = Optional,
        /// Whether tags go on to tasks; no effect on a simulation.
        "propagateTags" propagate_tags: PropagateTags = Optional,
        /// Whether ECS adds tags of its own; no effect on a simulation.
        "enableECSManagedTags" enable_ecs_managed_tags: Flag = Optional,
        /// Whether ECS Exec may be used; no effect on a simulation.
        "enableExecuteCommand" enable_execute_command: Flag = Optional,
        /// Idempotency token; no effect on a simulation.
        "clientToken" client_token: Text = Optional,
    }
    refused {
        "deploymentConfiguration": "it runs already, so nothing is deployed; leave the configuration out",
    }
}

record! {
    /// an alarm.
    RawAlarm {
        /// Its name.
        "alarmName" alarm_name: Text = Required,
        /// What it watches.
        "metric" metric: RawAlarmMetric = Required,
        /// Length of a period in seconds: 10, 30 or a multiple of 60.
        "period" period: Seconds<10, 86_400> = Default(json!(60)),
        /// N of "M out of N".
        "evaluationPeriods" evaluation_periods: Whole<1, 8_640> = Default(json!(1)),
        /// M of "M out of N"; N if left out.
        "datapointsToAlarm" datapoints_to_alarm: Whole<1, 8_640> = Optional,
        /// What a datapoint is compared with.
        "threshold" threshold: Real = Default(json!(0.0)),
        /// How it is compared.
        "comparisonOperator" comparison_operator: ComparisonOperator =
            Default(json!("GreaterThanThreshold")),
        /// How missing datapoints count.
        "treatMissingData" treat_missing_data: TreatMissingData = Default(json!("missing")),
    }
}

record! {
    /// the metric of an alarm.
    RawAlarmMetric {
        /// Errors over requests of the period, 0 to 1.
        "errorRate" error_rate: RawOfService = Optional,
        /// Running over desired tasks, in percent.
        "runningTasksPercent" running_tasks_percent: RawOfService = Optional,
        /// Daemon tasks that are stopped or unhealthy.
        "unhealthyDaemons" unhealthy_daemons: RawOfDaemon = Optional,
        /// CPU that the daemon's tasks use of what they reserve, in percent: the mean over the cluster.
        "daemonCpuUtilization" daemon_cpu_utilization: RawOfDaemon = Optional,
        /// Memory that the daemon's tasks use of what they reserve, in percent: the mean over the cluster.
        "daemonMemoryUtilization" daemon_memory_utilization: RawOfDaemon = Optional,
        /// Instances that are IMPAIRED.
        "impairedInstances" impaired_instances: RawOfInstances = Optional,
        /// States that the scenario gives itself.
        "scripted" scripted: List<RawScripted> = Optional,
    }
    one of ["errorRate", "runningTasksPercent", "unhealthyDaemons", "daemonCpuUtilization",
        "daemonMemoryUtilization", "impairedInstances", "scripted"]
}

record! {
    /// the instances to watch.
    RawOfInstances {
        /// Those of one capacity provider; of all if left out.
        "capacityProvider" capacity_provider: Text = Optional,
    }
}

record! {
    /// a service to watch.
    RawOfService {
        /// Its name; may be left out where there is only one.
        "service" service: Text = Optional,
    }
}

record! {
    /// a daemon to watch.
    RawOfDaemon {
        /// Its name or ARN; may be left out where there is only one.
        "daemon" daemon: Text = Optional,
    }
}

record! {
    /// a scripted state.
    RawScripted {
        /// From when on.
        "at" at: Span = Required,
        /// Which state.
        "state" state: RawAlarmState = Required,
    }
}

words! {
    /// States of an alarm.
    RawAlarmState {
        /// Quiet.
        Ok = "OK",
        /// Red.
        Alarm = "ALARM",
        /// Unknown.
        InsufficientData = "INSUFFICIENT_DATA",
    }
}

words! {
    /// `comparisonOperator` of `CloudWatch`, those for a fixed threshold.
    ComparisonOperator {
        /// Above.
        Greater = "GreaterThanThreshold",
        /// Not below.
        GreaterOrEqual = "GreaterThanOrEqualToThreshold",
        /// Below.
        Less = "LessThanThreshold",
        /// Not above.
        LessOrEqual = "LessThanOrEqualToThreshold",
    }
}

words! {
    /// `treatMissingData` of `CloudWatch`.
    TreatMissingData {
        /// Nothing is known.
        Missing = "missing",
        /// The state stays.
        Ignore = "ignore",
        /// They count as red.
        Breaching = "breaching",
        /// They count as fine.
        NotBreaching = "notBreaching",
    }
}

record! {
    /// a timeline entry.
    RawAction {
        /// When, from the start.
        "at" at: Span = Required,
        /// The request as it is sent to ECS, or `{ file: request.json }`.
        "createDaemon" create_daemon: CreateDaemon = Optional,
        /// The request as it is sent to ECS, or `{ file: request.json }`.
        "updateDaemon" update_daemon: UpdateDaemon = Optional,
        /// The request as it is sent to ECS, or `{ file: request.json }`.
        "deleteDaemon" delete_daemon: DeleteDaemon = Optional,
        /// The desired count of a service is set.
        "scaleService" scale_service: RawScale = Optional,
        /// Every instance of an availability zone is lost, and launches there fail.
        "azOutage" az_outage: RawAzOutage = Optional,
        /// Images cannot be pulled: tasks do not start.
        "registryOutage" registry_outage: RawRegistryOutage = Optional,
        /// EC2 has no capacity: launches are refused.
        "capacityShortage" capacity_shortage: RawCapacityShortage = Optional,
        /// Health checks of daemons fail, on many hosts at once.
        "dependencyOutage" dependency_outage: RawDependencyOutage = Optional,
        /// EC2 takes back spot instances, many at once.
        "spotShock" spot_shock: RawSpotShock = Optional,
        /// Instances are lost.
        "instanceFailure" instance_failure: RawInstanceFailure = Optional,
        /// ECS agents lose touch; what runs goes on running.
        "agentDisconnection" agent_disconnection: RawAgentDisconnection = Optional,
    }
    one of ["createDaemon", "updateDaemon", "deleteDaemon", "scaleService", "azOutage", "registryOutage",
        "capacityShortage", "dependencyOutage", "spotShock", "instanceFailure", "agentDisconnection"]
}

record! {
    /// a desired count that is set.
    RawScale {
        /// Name or ARN of the service; may be left out where there is only one.
        "service" service: Text = Optional,
        /// Tasks that it wants from then on.
        "desiredCount" desired_count: Whole<0, COUNT_MAX> = Required,
    }
}

/// Which replications: a number of them, or `A..B` with B left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// The first.
    pub from: u64,
    /// The first that is left out.
    pub to: u64,
}

inline_schema!([] Seeds, "Seeds", json_schema!({
    "anyOf": [
        { "type": "integer", "minimum": 1, "maximum": SEED_MAX },
        { "type": "string", "pattern": "^[0-9]+\\.\\.[0-9]+$" },
    ]
}));

impl Read for Seeds {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Kind::Text(text) = &node.kind else {
            let to = super::values::whole(node, reader, 0, SEED_MAX, "a number of seeds, or a range A..B")?;
            return Self { from: 0, to }.unless_empty(node, reader);
        };
        let number = |text: &str| text.parse::<u64>().ok().filter(|number| *number <= SEED_MAX);
        let range = text.split_once("..").and_then(|(from, to)| Some((number(from)?, number(to)?)));
        let Some((from, to)) = range else {
            reader
                .wrong_type(node, "a number of seeds, or a range A..B")
                .help("200 means 0..200; in a range the end is left out");
            return None;
        };
        Self { from, to }.unless_empty(node, reader)
    }

    fn show(&self) -> Value {
        if self.from == 0 { self.to.into() } else { format!("{}..{}", self.from, self.to).into() }
    }
}

impl Seeds {
    fn unless_empty(self, node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if self.from < self.to {
            return Some(self);
        }
        reader
            .problem(Code::NoSeeds, node.place, "there is no seed to run")
            .help("in a range A..B the end is left out, so B must be above A");
        None
    }
}

/// A number of tasks, or a schedule of them.
#[derive(Clone, Debug, PartialEq)]
pub enum DesiredCount {
    /// Always the same.
    Fixed(u32),
    /// From when on how many.
    Steps(List<RawStep>),
    /// The same, over and over.
    Repeated(Box<RawSchedule>),
}

impl JsonSchema for DesiredCount {
    fn schema_name() -> Cow<'static, str> {
        "DesiredCount".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let steps = generator.subschema_for::<List<RawStep>>();
        let repeated = generator.subschema_for::<RawSchedule>();
        let fixed = json!({ "type": "integer", "minimum": 0, "maximum": COUNT_MAX });
        json_schema!({ "anyOf": [fixed, steps, repeated] })
    }
}

impl Read for DesiredCount {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.kind {
            Kind::List(_) => List::read(node, reader).map(Self::Steps),
            Kind::Map(_) => RawSchedule::read(node, reader).map(|raw| Self::Repeated(Box::new(raw))),
            _ => super::values::whole(node, reader, 0, COUNT_MAX, "a whole number, or a schedule of them")
                .map(|count| Self::Fixed(count as u32)),
        }
    }

    fn show(&self) -> Value {
        match self {
            Self::Fixed(count) => (*count).into(),
            Self::Steps(steps) => steps.show(),
            Self::Repeated(schedule) => schedule.show(),
        }
    }
}

/// `scaleInAfter` of the ECS API: seconds from 0 to 3600, or -1 for never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScaleIn(pub Option<SimDuration>);

inline_schema!([] ScaleIn, "ScaleIn", json_schema!({
    "anyOf": [{ "const": -1 }, Value::from(SecondsToScaleIn::json_schema(&mut SchemaGenerator::default()))],
}));

/// What `scaleInAfter` takes beside -1.
type SecondsToScaleIn = Seconds<0, 3600>;

impl Read for ScaleIn {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if node.kind == Kind::Int(-1) {
            return Some(Self(None));
        }
        SecondsToScaleIn::read(node, reader).map(|seconds| Self(Some(seconds.0)))
    }

    fn show(&self) -> Value {
        match self.0 {
            None => (-1).into(),
            Some(after) => after.to_string().into(),
        }
    }
}

/// An entry of `instanceTypes`: a record, or only the name of a type.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedType(pub RawInstanceType);

impl JsonSchema for OfferedType {
    fn schema_name() -> Cow<'static, str> {
        "OfferedType".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, generator.subschema_for::<RawInstanceType>()] })
    }
}

impl Read for OfferedType {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Kind::Text(name) = &node.kind {
            let entry = json!({ "instanceType": name });
            return RawInstanceType::read(&Node::from_json(&entry, node.place), reader).map(Self);
        }
        RawInstanceType::read(node, reader).map(Self)
    }

    fn show(&self) -> Value {
        self.0.show()
    }
}

macro_rules! rate {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name(pub f64);

        inline_schema!([] $name, "Rate", json_schema!({ "type": "number", "minimum": 0.0, "maximum": $max }));

        impl Read for $name {
            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                super::values::number(node, reader, 0.0, $max).map(Self)
            }

            fn show(&self) -> Value {
                self.0.into()
            }
        }
    };
}

rate!(
    /// Requests per second; errors of a period are drawn as counts, so it has a limit.
    RequestRate,
    1e7
);
rate!(
    /// Expected failures of an instance in a month.
    FailureRate,
    1e4
);
