//! What one run leaves behind: facts only, no statistics.
//!
//! An [`Outcome`] is the fleet model's only exit. It holds counts, instants and
//! integrals of one seed; whatever needs more than one seed is a claim and lives
//! in `summary`.

use crate::engine::digest::Digest;
use crate::engine::time::{SimDuration, SimTime};

/// The facts of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Number of the replication.
    pub seed: u64,
    /// Why the run ended.
    pub stop: StopReason,
    /// When it ended.
    pub ended_at: SimTime,
    /// Events handled: facts and decisions, stale ones and observations not counted.
    pub events: u64,
    /// Hash over every handled event and its time: equal digests, equal runs.
    pub digest: u64,
    /// One entry per deployment that was created, in order of creation.
    pub deployments: Vec<DeploymentOutcome>,
    /// What befell the fleet as a whole over the whole run.
    pub fleet: FleetOutcome,
    /// State counts on the `sampleEvery` grid, first sample at time zero.
    pub series: Vec<Sample>,
}

impl Outcome {
    /// Hash over every fact but the series: where [`digest`](Self::digest) speaks of the way, this speaks of what
    /// it came to.
    pub fn fingerprint(&self) -> u64 {
        let Self { seed, stop, ended_at, events, digest, deployments, fleet, series: _ } = self;
        let mut facts = Facts(Digest::new());
        facts.add(*seed).add(*stop as u64).add(ended_at.as_ms()).add(*events).add(*digest);
        facts.add(deployments.len() as u64);
        for deployment in deployments {
            deployment.add_to(&mut facts);
        }
        fleet.add_to(&mut facts);
        facts.0.value()
    }
}

/// A hash of facts, in the order in which they are added.
struct Facts(Digest);

impl Facts {
    fn add(&mut self, fact: impl Into<u64>) -> &mut Self {
        self.0.absorb(SimTime::ZERO, fact.into());
        self
    }

    /// A fact that there need not be.
    fn any(&mut self, fact: Option<u64>) -> &mut Self {
        self.add(fact.is_some()).add(fact.unwrap_or(0))
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopReason {
    /// Timeline issued, deployments ended, `observeAfter` passed; or no deployment and the horizon reached.
    Complete,
    /// Cut by the horizon.
    Horizon,
    /// Cut by `maxEvents`.
    Events,
}

impl StopReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Complete, Self::Horizon, Self::Events];

    /// The word used in `runs.csv`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Horizon => "horizon",
            Self::Events => "events",
        }
    }
}

/// `DaemonDeploymentStatus` of the ECS API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeploymentStatus {
    /// Created, not yet acting.
    Pending,
    /// Draining and provisioning, or baking.
    InProgress,
    /// Every instance in scope has the target revision.
    Successful,
    /// Ended because it failed with nothing to roll back to, or superseded.
    Stopped,
    /// Forward motion halted, about to roll back.
    StopRequested,
    /// Rolling back.
    RollbackInProgress,
    /// Rolled back.
    RollbackSuccessful,
    /// The rollback failed too.
    RollbackFailed,
}

impl DeploymentStatus {
    /// Every status, in the API's order of progress.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::InProgress,
        Self::Successful,
        Self::Stopped,
        Self::StopRequested,
        Self::RollbackInProgress,
        Self::RollbackSuccessful,
        Self::RollbackFailed,
    ];

    /// The API's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Stopped => "STOPPED",
            Self::StopRequested => "STOP_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether nothing more can come.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed)
    }
}

/// Status of a rollback monitor (`DaemonDeploymentRollbackMonitorsStatus` of the ECS API).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonitorStatus {
    /// Not configured.
    Disabled,
    /// Watching.
    Monitoring,
    /// It halted the deployment.
    Triggered,
    /// The deployment ended without it.
    MonitoringComplete,
}

/// The facts of one deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentOutcome {
    /// Index of the daemon in the scenario.
    pub daemon: usize,
    /// Status at the end of the run.
    pub status: DeploymentStatus,
    /// Why it has this status, in words; empty while nothing is to be said.
    pub status_reason: String,
    /// `createdAt`.
    pub created_at: SimTime,
    /// `startedAt`: when it became IN_PROGRESS.
    pub started_at: Option<SimTime>,
    /// `stoppedAt`: when forward motion was halted.
    pub stopped_at: Option<SimTime>,
    /// `finishedAt`: when a final status was reached.
    pub finished_at: Option<SimTime>,
    /// When the rollback began.
    pub rollback_started_at: Option<SimTime>,
    /// When a defect of the target revision first acted.
    pub harm_at: Option<SimTime>,
    /// When a monitor (breaker or alarm) triggered.
    pub triggered_at: Option<SimTime>,
    /// Whether the target revision has a defect in this seed.
    pub defective: bool,
    /// Instances in scope at creation.
    pub hosts_in_scope: u32,
    /// Hosts that ran a revision defective in this seed, from creation to trigger or end.
    pub hosts_exposed: u32,
    /// Daemon launch failures counted by the breaker, never reset.
    pub breaker_failures: u32,
    /// Threshold of the breaker.
    pub breaker_threshold: u32,
    /// Status of the breaker.
    pub breaker: MonitorStatus,
    /// Status of the alarms.
    pub alarms: MonitorStatus,
    /// Indices of the alarms that triggered.
    pub alarms_triggered: Vec<usize>,
    /// The longest time an instance spent DRAINING for this deployment.
    pub drain_wait_max: Option<SimDuration>,
}

impl DeploymentOutcome {
    fn add_to(&self, facts: &mut Facts) {
        let Self {
            daemon,
            status,
            status_reason,
            created_at,
            started_at,
            stopped_at,
            finished_at,
            rollback_started_at,
            harm_at,
            triggered_at,
            defective,
            hosts_in_scope,
            hosts_exposed,
            breaker_failures,
            breaker_threshold,
            breaker,
            alarms,
            alarms_triggered,
            drain_wait_max,
        } = self;
        facts.add(*daemon as u64).add(*status as u64).add(status_reason.len() as u64);
        for byte in status_reason.bytes() {
            facts.add(byte);
        }
        facts.add(created_at.as_ms());
        for at in [started_at, stopped_at, finished_at, rollback_started_at, harm_at, triggered_at] {
            facts.any(at.map(SimTime::as_ms));
        }
        facts.add(*defective).add(*hosts_in_scope).add(*hosts_exposed);
        facts.add(*breaker_failures).add(*breaker_threshold).add(*breaker as u64).add(*alarms as u64);
        facts.add(alarms_triggered.len() as u64);
        for alarm in alarms_triggered {
            facts.add(*alarm as u64);
        }
        facts.any(drain_wait_max.map(SimDuration::as_ms));
    }
}

impl FleetOutcome {
    fn add_to(&self, facts: &mut Facts) {
        let Self {
            services,
            bad_instance,
            instances_at_start,
            peak_instances,
            peak_vcpu,
            extra_instance_hours,
            extra_cost_usd,
            instances_replaced,
            instances_repaired,
            app_tasks_restarted,
            daemon_gap,
            launch_failures,
        } = self;
        facts.add(services.len() as u64);
        for ServiceOutcome { min_running_pct, task_min_lost, failed_requests } in services {
            facts.any(min_running_pct.map(f64::to_bits)).add(task_min_lost.to_bits());
            facts.any(failed_requests.map(f64::to_bits));
        }
        facts.add(bad_instance.as_ms()).add(*instances_at_start).add(*peak_instances).add(*peak_vcpu);
        facts.add(extra_instance_hours.to_bits()).any(extra_cost_usd.map(f64::to_bits));
        facts.add(*instances_replaced).add(*instances_repaired).add(*app_tasks_restarted);
        facts.add(daemon_gap.as_ms()).add(*launch_failures);
    }
}

/// What befell the fleet over the whole run.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetOutcome {
    /// Per service of the scenario.
    pub services: Vec<ServiceOutcome>,
    /// Daemon tasks of a revision that is defective in this seed: time they ran, summed.
    pub bad_instance: SimDuration,
    /// Instances at the start.
    pub instances_at_start: u32,
    /// The most instances at once, from request to gone.
    pub peak_instances: u32,
    /// The most vCPUs at once.
    pub peak_vcpu: u64,
    /// Instances above those at the start, integrated over time, in hours.
    pub extra_instance_hours: f64,
    /// What they cost; none unless every provider has a price.
    pub extra_cost_usd: Option<f64>,
    /// Instances gone that a deployment drained.
    pub instances_replaced: u32,
    /// Instances gone that auto repair drained.
    pub instances_repaired: u32,
    /// Application tasks that were stopped or lost.
    pub app_tasks_restarted: u64,
    /// ACTIVE instances without a daemon they were given, integrated over time.
    pub daemon_gap: SimDuration,
    /// Instance launches that failed.
    pub launch_failures: u32,
}

/// What befell one service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceOutcome {
    /// The fewest running tasks that lasted, in percent of desired; none with nothing desired.
    pub min_running_pct: Option<f64>,
    /// Area under desired, in task-minutes.
    pub task_min_lost: f64,
    /// Expected number of failed requests; none without traffic.
    pub failed_requests: Option<f64>,
}

/// State counts at one instant of the sampling grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// ACTIVE instances that do not have the latest deployment's target.
    pub old_revision: u32,
    /// ACTIVE instances that have the latest deployment's target.
    pub new_revision: u32,
    /// DRAINING instances.
    pub draining: u32,
    /// Instances from launch request to REGISTERING.
    pub starting: u32,
    /// DEREGISTERING instances.
    pub deregistering: u32,
    /// Instances whose critical daemon is known to be stopped or unhealthy.
    pub impaired: u32,
    /// Running application tasks over all services.
    pub running_tasks: u32,
    /// Desired application tasks over all services.
    pub desired_tasks: u32,
    /// The fewest tasks that drains may leave, over all services.
    pub floor_tasks: u32,
}
