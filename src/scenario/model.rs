//! The valid scenario: plain data with units resolved and names turned into indices.
//!
//! A [`Scenario`] can only come from validation: its one field is private and it
//! has no `Deserialize`, so whoever holds one may rely on every promise made here
//! (indices in range, at least one instance fits its tasks, timeline in order).

use std::ops::Deref;

use super::assumptions::{Assumptions, Replacement};
use super::checks::Check;
use super::epoch::Instant;
use super::layout::{Layout, initial_layout};
use super::sweep::Sweep;
use crate::engine::draw::{Delay, Distribution};
use crate::engine::time::{SimDuration, SimTime};

/// The most of each kind that one scenario may hold. Rows of the model's tables are narrow,
/// so that a large fleet fits in memory; these are what their columns can count.
pub mod most {
    /// Capacity providers.
    pub const PROVIDERS: usize = 250;
    /// Availability zones of a provider.
    pub const ZONES: usize = 100;
    /// Instance types of a provider.
    pub const TYPES: usize = 250;
    /// Services.
    pub const SERVICES: usize = 10_000;
    /// Groups of standalone tasks.
    pub const TASK_GROUPS: usize = 10_000;
    /// Daemons.
    pub const DAEMONS: usize = 250;
    /// Requests of the timeline.
    pub const REQUESTS: usize = 10_000;
    /// Defects that degrade a service, over all revisions.
    pub const DEGRADING_DEFECTS: usize = 32;
}

/// A scenario that has passed validation.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    parts: Parts,
    layout: Layout,
}

impl Scenario {
    /// How many deployments the timeline asks for.
    pub fn deployments(&self) -> usize {
        self.timeline.iter().filter(|action| action.request.deploy().is_some()).count()
    }

    /// Wraps parts that validation has just assembled.
    pub(super) fn from_validated(parts: Parts) -> Self {
        let layout = initial_layout(&parts).expect("validation has found room for every task");
        Self { parts, layout }
    }

    /// Whether it matters which images an instance has: some take time to pull, or cannot be pulled.
    pub fn tracks_images(&self) -> bool {
        let fails = |action: &Action| matches!(&action.request, Request::Fault(fault) if matches!(fault.kind, FaultKind::RegistryOutage { .. }));
        self.services.iter().any(|service| service.image.is_some())
            || self.revisions.iter().any(|revision| revision.image.is_some())
            || self.timeline.iter().any(fails)
    }

    /// Where every task is at the start, the same in every seed.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Deref for Scenario {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Everything a run needs to know; every index points into the list it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// Name of the scenario, also the default output directory below `outputs/`.
    pub name: String,
    /// What the scenario is about, for people.
    pub description: String,
    /// Seeds, horizon and sampling.
    pub simulation: Simulation,
    /// How event logs name the simulated world.
    pub event_log: EventLog,
    /// Capacity providers in file order; at least one.
    pub providers: Vec<CapacityProvider>,
    /// vCPUs the account may hold over all providers; none means unlimited.
    pub quota_vcpu: Option<u64>,
    /// How long ECS itself takes.
    pub control_plane: ControlPlane,
    /// Application services in file order, and behind them the groups of standalone tasks, which are
    /// placed and stopped as services' tasks are but are nobody's to keep at a number.
    pub services: Vec<Service>,
    /// Daemon task definitions in file order.
    pub revisions: Vec<Revision>,
    /// Daemons: those there at the start, then those that the timeline creates.
    pub daemons: Vec<Daemon>,
    /// Alarms in file order.
    pub alarms: Vec<Alarm>,
    /// What happens when, in order of time, ties in file order.
    pub timeline: Vec<Action>,
    /// Answers to the questions that the ECS documentation leaves open.
    pub assumptions: Assumptions,
    /// Assertions about the results, in file order.
    pub checks: Vec<Check>,
    /// The parameter sweep.
    pub sweep: Sweep,
}

impl Parts {
    /// Whether a capacity provider launches instances for waiting tasks that nothing on its way can
    /// hold: always where replacement is by demand (A5), else where the need of the fleet can grow,
    /// or its instances can become fewer. Where nothing can change, a waiting task waits.
    pub fn provisions_on_demand(&self, provider: usize) -> bool {
        self.assumptions.replacement == Replacement::DemandDriven
            || self.providers[provider].scale_in_after.is_some()
            || self.need_can_grow(provider)
    }

    /// Whether the tasks that a capacity provider is to hold can become more than at the start.
    fn need_can_grow(&self, provider: usize) -> bool {
        let scaled = |index: usize| {
            self.timeline
                .iter()
                .any(|action| matches!(action.request, Request::Scale(scale) if scale.service == index))
        };
        self.services.iter().enumerate().any(|(index, service)| {
            service.provider == provider
                && (service.standalone.is_some() || service.schedule.is_some() || scaled(index))
        })
    }

    /// The services proper, without the groups of standalone tasks behind them.
    pub fn services_proper(&self) -> &[Service] {
        let count = self.services.partition_point(|service| service.standalone.is_none());
        &self.services[..count]
    }
}

/// Seeds, limits and sampling of the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// First seed, included.
    pub seeds_from: u64,
    /// Last seed, left out.
    pub seeds_to: u64,
    /// Salts every seed.
    pub master_seed: u64,
    /// A run that gets here is cut; an instant equal to the horizon still happens.
    pub horizon: SimDuration,
    /// How long a run goes on after its last deployment has ended.
    pub observe_after: SimDuration,
    /// Grid of the time series.
    pub sample_every: SimDuration,
    /// A run that handles this many events is cut.
    pub max_events: u64,
}

/// What an event log says of when and where: the model itself knows neither calendar nor account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLog {
    /// The instant of the calendar at which a run starts.
    pub epoch: Instant,
    /// The AWS Region.
    pub region: String,
    /// The AWS account: twelve digits.
    pub account: String,
    /// The cluster's name.
    pub cluster: String,
}

/// A Managed Instances capacity provider and how its instances behave.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityProvider {
    /// Its name, also the address of its draws.
    pub name: String,
    /// Instances that are ACTIVE at the start, of all types together.
    pub instances: u32,
    /// The instance types it may launch, in file order; at least one. Those of the start are dealt
    /// to its instances in this order.
    pub types: Vec<InstanceType>,
    /// Number of availability zones, at least one; lineage `i` lives in zone `i % zones`.
    pub zones: u32,
    /// The most instances, in any state from launching to terminating, that may exist at once.
    pub max_instances: Option<u32>,
    /// Launch requested → EC2 instance running.
    pub launch: Delay,
    /// EC2 instance running → container instance REGISTERING.
    pub registration: Delay,
    /// DEREGISTERING → gone.
    pub termination: Delay,
    /// Chance that a launch fails, and the wait before the next attempt.
    pub launch_failure: Option<LaunchFailure>,
    /// Rate of the exponential hazard that loses a whole host, per millisecond; 0 for none.
    pub host_failure_per_ms: f64,
    /// Age limits of an instance.
    pub lifetime: Option<Lifetime>,
    /// How EC2 takes its instances back; none for instances that are not spot.
    pub spot: Option<Spot>,
    /// Whether ECS replaces impaired instances.
    pub auto_repair: bool,
    /// How long an instance must be idle, or its tasks unmoved, before scale-in may take it; none
    /// for never.
    pub scale_in_after: Option<SimDuration>,
}

impl CapacityProvider {
    /// The type of its `index`-th instance at the start, as a position in `types`.
    pub fn type_at_start(&self, index: u32) -> usize {
        let mut before = 0;
        let found = self.types.iter().position(|offered| {
            before += offered.instances;
            index < before
        });
        found.unwrap_or_default()
    }

    /// The type with the least memory, then the least CPU.
    pub fn smallest(&self) -> &InstanceType {
        let smallest = self.types.iter().min_by_key(|offered| (offered.memory, offered.cpu));
        smallest.unwrap_or(&self.types[0])
    }

    /// The type with the most memory, then the most CPU.
    pub fn largest(&self) -> &InstanceType {
        let largest = self.types.iter().max_by_key(|offered| (offered.memory, offered.cpu));
        largest.unwrap_or(&self.types[0])
    }

    /// vCPUs of its instances at the start.
    pub fn vcpu_at_start(&self) -> u64 {
        self.types.iter().map(|offered| u64::from(offered.instances) * u64::from(offered.vcpu)).sum()
    }
}

/// An EC2 instance type as a capacity provider offers it.
#[derive(Clone, Debug, PartialEq)]
pub struct InstanceType {
    /// Its name; empty where only a size was given.
    pub name: String,
    /// Instances of it that are ACTIVE at the start.
    pub instances: u32,
    /// CPU units (1024 a vCPU) of one instance that tasks may use; `reserved` is already taken off.
    pub cpu: u32,
    /// MiB of memory of one instance that tasks may use; `reserved` is already taken off.
    pub memory: u32,
    /// vCPUs of one instance that count against the quota.
    pub vcpu: u32,
    /// Price of an instance hour, if given.
    pub price_per_hour: Option<f64>,
}

/// Launches that fail.
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchFailure {
    /// Chance that one attempt fails, 0–1.
    pub probability: f64,
    /// Wait before the launch is requested again.
    pub retry_after: SimDuration,
}

/// Age limits after the patching page of the ECS developer guide: drained, and later forced out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Age at which an instance is drained.
    pub drain_after: SimDuration,
    /// Age at which what is left of it is deregistered by force; not before `drain_after`.
    pub force_after: SimDuration,
}

/// Interruptions of spot instances: some each on its own, some of many instances of a zone together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Rate of the exponential hazard of one instance, per millisecond; 0 for none.
    pub interruption_per_ms: f64,
    /// Shocks that hit many instances of a zone.
    pub shocks: Option<Shocks>,
}

/// Correlated spot interruptions: a Poisson process for each zone of a capacity provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shocks {
    /// Rate of a zone's shocks, per millisecond; above zero.
    pub per_ms: f64,
    /// Share of the zone's instances that a shock interrupts.
    pub share: f64,
    /// The notices of a shock come within this.
    pub within: SimDuration,
}

/// How long ECS itself takes (`controlPlane:`).
#[derive(Clone, Debug, PartialEq)]
pub struct ControlPlane {
    /// Deployment created, previous batch done or rollback triggered → next batch DRAINING.
    pub batch_decision: Delay,
    /// Task UNHEALTHY → instance IMPAIRED.
    pub health_propagation: Delay,
    /// Instance IMPAIRED → DRAINING.
    pub repair_decision: Delay,
    /// End of an alarm's period → its datapoint visible.
    pub alarm_publish: SimDuration,
    /// How often ECS looks at alarms; above zero.
    pub alarm_poll: SimDuration,
    /// A refused launch is tried again after this; above zero.
    pub capacity_retry: SimDuration,
    /// An instance that is not ACTIVE this long after REGISTERING is replaced.
    pub registration_timeout: SimDuration,
    /// An instance whose agent has been out of touch for this long is IMPAIRED.
    pub disconnected_threshold: SimDuration,
    /// An instance that has been DRAINING for so long is deregistered by force.
    pub drain_deadline: SimDuration,
}

/// An application service, or a group of standalone tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name, also the address of its draws.
    pub name: String,
    /// Index of the capacity provider it runs on.
    pub provider: usize,
    /// Tasks it wants at the start; of standalone ones, those that run at the start.
    pub desired: u32,
    /// When it wants how many, if that changes on its own.
    pub schedule: Option<Schedule>,
    /// CPU units of one task.
    pub cpu: u32,
    /// MiB of memory of one task.
    pub memory: u32,
    /// Percentage of `desired` that must stay healthy (rounded up).
    pub minimum_healthy_percent: u32,
    /// Percentage of `desired` that may be pending or running at once (rounded down).
    pub maximum_percent: u32,
    /// Placed → RUNNING.
    pub startup: Delay,
    /// RUNNING → healthy; none for standalone tasks, which nobody looks at.
    pub healthy_after: Option<SimDuration>,
    /// Told to stop → stopped, if the task is left to itself.
    pub shutdown: Delay,
    /// Told to stop → killed.
    pub stop_timeout: SimDuration,
    /// Requests that its running tasks share.
    pub traffic: Option<Traffic>,
    /// What a task pulls before it starts.
    pub image: Option<Image>,
    /// Tasks that protect themselves when they begin to run.
    pub protection: Option<Protection>,
    /// For standalone tasks, when they come and how long they run.
    pub standalone: Option<Standalone>,
}

/// A container image.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Its size in bytes.
    pub bytes: u64,
    /// Bytes a second, drawn for each pull.
    pub throughput: Distribution,
}

impl Service {
    /// The fewest healthy tasks of those desired that a drain may leave: ceil(minimumHealthyPercent × desired).
    pub fn floor(&self, desired: u32) -> u32 {
        (u64::from(desired) * u64::from(self.minimum_healthy_percent)).div_ceil(100) as u32
    }

    /// The most pending and running tasks for those desired: floor(maximumPercent × desired).
    pub fn ceiling(&self, desired: u32) -> u32 {
        (u64::from(desired) * u64::from(self.maximum_percent) / 100) as u32
    }
}

/// A desired count that changes with time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From when on how many, the first from the start of the run.
    pub steps: Vec<(SimDuration, u32)>,
    /// After so long the steps begin again; longer than the last one's time.
    pub repeat_every: Option<SimDuration>,
}

impl Schedule {
    /// When the step of a number, counted over all repetitions, is due, and what it asks for.
    pub fn step(&self, number: u32) -> Option<(SimTime, u32)> {
        let count = self.steps.len() as u32;
        let (round, step) = (number / count, number % count);
        let before = match self.repeat_every {
            Some(every) => every.as_ms().checked_mul(u64::from(round))?,
            None if round > 0 => return None,
            None => 0,
        };
        let (at, desired) = self.steps[step as usize];
        Some((SimTime::from_ms(before.checked_add(at.as_ms())?), desired))
    }
}

/// Tasks that protect themselves from being stopped (`UpdateTaskProtection` of the ECS API).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Protection {
    /// Share of tasks that do so when they are RUNNING, 0–1.
    pub share: f64,
    /// How long it lasts (`expiresInMinutes`).
    pub expires_in: SimDuration,
}

/// When standalone tasks come, and how long they run.
#[derive(Clone, Debug, PartialEq)]
pub struct Standalone {
    /// How many come at once.
    pub count: u32,
    /// RUNNING → ended by itself.
    pub duration: Delay,
    /// When the first ones come; those of the start are RUNNING then.
    pub start_at: SimDuration,
    /// The time from one group to the next, if there is a next; above zero.
    pub every: Option<SimDuration>,
}

/// Load on a service.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traffic {
    /// Requests per second, spread equally over the running tasks.
    pub requests_per_second: f64,
    /// Share of requests that fail on a sound host, 0–1.
    pub error_rate: f64,
}

/// A revision of a daemon task definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Family of the task definition.
    pub family: String,
    /// Number of the revision within the family.
    pub revision: u32,
    /// CPU units of the task.
    pub cpu: u32,
    /// MiB of memory of the task.
    pub memory: u32,
    /// Instance REGISTERING → daemon task RUNNING.
    pub startup: Delay,
    /// Told to stop → stopped.
    pub shutdown: Delay,
    /// Told to stop → killed.
    pub stop_timeout: SimDuration,
    /// Container health check, if any.
    pub health_check: Option<HealthCheck>,
    /// Run time a container needs before an exit restarts it in place; none when the policy is off.
    pub restart_after: Option<SimDuration>,
    /// Ports that it binds on its instance.
    pub ports: Vec<u16>,
    /// Faults of this revision.
    pub defects: Vec<Defect>,
    /// What a task pulls before it starts.
    pub image: Option<Image>,
    /// What a sound task uses of what it reserves.
    pub utilization: Utilization,
}

/// What a running task uses, in percent of what it reserves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Utilization {
    /// Of its CPU units; none where it is not known.
    pub cpu: Option<f64>,
    /// Of its memory; none where it is not known.
    pub memory: Option<f64>,
}

impl Revision {
    /// `family:revision`.
    pub fn label(&self) -> String {
        format!("{}:{}", self.family, self.revision)
    }
}

/// A container health check in the ECS API's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// End of one probe → start of the next.
    pub interval: SimDuration,
    /// A probe that takes this long has failed.
    pub timeout: SimDuration,
    /// Consecutive failures that make the task UNHEALTHY.
    pub retries: u32,
    /// Failures of probes begun this soon after RUNNING do not count, until the first success.
    pub start_period: SimDuration,
}

/// A fault of a revision, drawn once per seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Defect {
    /// Its name within the revision, also the address of its draws.
    pub name: String,
    /// Chance that a seed has it.
    pub probability: f64,
    /// Share of hosts (lineages) it hits in a seed that has it.
    pub share: f64,
    /// What it does.
    pub kind: DefectKind,
}

/// What a defect does to a daemon task on a host that it hits.
#[derive(Clone, Debug, PartialEq)]
pub enum DefectKind {
    /// A start attempt fails with this probability.
    FailsToStart {
        /// Chance per attempt, 0–1.
        probability: f64,
    },
    /// The container exits this long after it began to run.
    Crashes {
        /// Running → exit.
        after: Delay,
    },
    /// The process stops answering its health check.
    Hangs {
        /// RUNNING → no more answers.
        after: Delay,
    },
    /// Tasks of a service on the same host fail more of their requests.
    Degrades {
        /// Index of the service that suffers.
        service: usize,
        /// Error rate that replaces the service's own there, 0–1.
        error_rate: f64,
        /// RUNNING → the first failing request.
        after: Delay,
    },
    /// The task takes more room than it declares.
    NeedsMore {
        /// CPU units on top.
        cpu: u32,
        /// MiB of memory on top.
        memory: u32,
    },
    /// The task uses another share of what it reserves.
    Uses {
        /// What it uses then; what is not given stays as it was.
        instead: Utilization,
        /// RUNNING → then.
        after: Delay,
    },
}

/// A daemon, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Daemon {
    /// Its name.
    pub name: String,
    /// What runs at the start; none for a daemon that the timeline creates.
    pub initial: Option<DaemonSettings>,
}

/// What a `CreateDaemon` or `UpdateDaemon` request settles; nothing is kept from the request before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonSettings {
    /// Index of the revision to run.
    pub revision: usize,
    /// Indices of the capacity providers, in the request's order, each once.
    pub providers: Vec<usize>,
    /// Whether the daemon gates registration and its loss replaces the instance.
    pub critical: bool,
}

/// Something that the timeline does at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// When.
    pub at: SimTime,
    /// What.
    pub request: Request,
}

/// A request of the timeline, or a fault there.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// `CreateDaemon`, `UpdateDaemon` or `DeleteDaemon`: each starts a deployment.
    Deploy(Deploy),
    /// A service's desired count is set.
    Scale(Scale),
    /// Something breaks.
    Fault(Fault),
}

impl Request {
    /// The request to start a deployment, if it is one.
    pub fn deploy(&self) -> Option<&Deploy> {
        match self {
            Self::Deploy(deploy) => Some(deploy),
            Self::Scale(_) | Self::Fault(_) => None,
        }
    }
}

/// A service's desired count is set (`desiredCount` of `UpdateService`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Index of the service.
    pub service: usize,
    /// Tasks it wants from now on.
    pub desired: u32,
}

/// A fault of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What breaks.
    pub kind: FaultKind,
    /// Index of the capacity provider that it concerns; none for all of them.
    pub provider: Option<usize>,
    /// The zone that it concerns; none for all of them.
    pub zone: Option<u32>,
    /// How long it lasts, or over how long its blows are spread.
    pub lasts: SimDuration,
}

impl Fault {
    /// Whether it concerns a zone of a capacity provider.
    pub fn covers(&self, provider: usize, zone: u32) -> bool {
        self.provider.is_none_or(|own| own == provider) && self.zone.is_none_or(|own| own == zone)
    }
}

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// Every instance of the zone is lost, and launches there fail while it lasts.
    AzOutage,
    /// Image pulls that begin while it lasts fail.
    RegistryOutage {
        /// Share of the pulls, 0–1.
        share: f64,
    },
    /// EC2 refuses launches while it lasts.
    CapacityShortage,
    /// Health checks fail while it lasts.
    DependencyOutage {
        /// Index of the daemon; none for all of them.
        daemon: Option<usize>,
        /// Share of the hosts (lineages), 0–1.
        share: f64,
    },
    /// EC2 takes spot instances back.
    SpotShock {
        /// Share of the instances, 0–1.
        share: f64,
    },
    /// Hosts are lost.
    InstanceFailure {
        /// How many.
        count: u32,
    },
    /// ECS agents are out of touch while it lasts.
    AgentDisconnection(Extent),
}

impl FaultKind {
    /// Its key in the timeline.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AzOutage => "azOutage",
            Self::RegistryOutage { .. } => "registryOutage",
            Self::CapacityShortage => "capacityShortage",
            Self::DependencyOutage { .. } => "dependencyOutage",
            Self::SpotShock { .. } => "spotShock",
            Self::InstanceFailure { .. } => "instanceFailure",
            Self::AgentDisconnection(_) => "agentDisconnection",
        }
    }
}

/// How many instances a fault hits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// Each with this chance, 0–1.
    Share(f64),
    /// So many, picked at random.
    Count(u32),
}

/// A request that starts a daemon deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Deploy {
    /// Index of the daemon.
    pub daemon: usize,
    /// Which of the three API operations.
    pub operation: Operation,
    /// What shall run afterwards; none for `DeleteDaemon`.
    pub target: Option<DaemonSettings>,
    /// How to get there.
    pub configuration: DeploymentConfiguration,
}

/// The daemon operations of the ECS API that start a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `CreateDaemon`.
    Create,
    /// `UpdateDaemon`.
    Update,
    /// `DeleteDaemon`.
    Delete,
}

/// `DaemonDeploymentConfiguration` of the ECS API.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentConfiguration {
    /// Share of instances drained at once, in percent, 0–100.
    pub drain_percent: f64,
    /// `bakeTimeInMinutes`.
    pub bake: SimDuration,
    /// Indices of the alarms watched; empty when alarms are not enabled.
    pub alarms: Vec<usize>,
}

/// An alarm of `CloudWatch`.
#[derive(Clone, Debug, PartialEq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What it watches.
    pub metric: AlarmMetric,
    /// Length of a period; periods lie on its multiples from the start.
    pub period: SimDuration,
    /// N of "M out of N".
    pub evaluation_periods: u32,
    /// M of "M out of N"; at most N.
    pub datapoints_to_alarm: u32,
    /// What a datapoint is compared with.
    pub threshold: f64,
    /// How it is compared.
    pub comparison: Comparison,
    /// How missing datapoints count.
    pub missing: MissingData,
}

/// What an alarm watches.
#[derive(Clone, Debug, PartialEq)]
pub enum AlarmMetric {
    /// Errors over requests of the period, 0–1.
    ErrorRate {
        /// Index of the service.
        service: usize,
    },
    /// Running over desired tasks, averaged over the period, in percent.
    RunningTasksPercent {
        /// Index of the service.
        service: usize,
    },
    /// Daemon tasks that are stopped or UNHEALTHY on instances in service, averaged over the period.
    UnhealthyDaemons {
        /// Index of the daemon.
        daemon: usize,
    },
    /// CPU that a daemon's tasks use of what they reserve, in percent: the mean over all that run.
    DaemonCpuUtilization {
        /// Index of the daemon.
        daemon: usize,
    },
    /// Memory that a daemon's tasks use of what they reserve, in percent: the mean over all that run.
    DaemonMemoryUtilization {
        /// Index of the daemon.
        daemon: usize,
    },
    /// IMPAIRED instances, averaged over the period.
    ImpairedInstances {
        /// Index of the capacity provider; none for all of them.
        provider: Option<usize>,
    },
    /// States given by the scenario, in order of time; no metric is evaluated.
    Scripted(Vec<(SimTime, AlarmState)>),
}

/// `comparisonOperator` of `CloudWatch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `GreaterThanThreshold`.
    Greater,
    /// `GreaterThanOrEqualToThreshold`.
    GreaterOrEqual,
    /// `LessThanThreshold`.
    Less,
    /// `LessThanOrEqualToThreshold`.
    LessOrEqual,
}

/// `treatMissingData` of `CloudWatch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingData {
    /// `missing`.
    Missing,
    /// `ignore`.
    Ignore,
    /// `breaching`.
    Breaching,
    /// `notBreaching`.
    NotBreaching,
}

/// State of an alarm as `CloudWatch` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmState {
    /// `OK`.
    Ok,
    /// `ALARM`.
    Alarm,
    /// `INSUFFICIENT_DATA`.
    InsufficientData,
}
