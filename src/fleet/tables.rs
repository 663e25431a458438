//! The rows of the fleet's tables: instances, lineages, daemon tasks.
//!
//! A *lineage* is a place in the fleet that one instance after another fills; an
//! *instance* is one of them. Slots of the instance table are used again; the version
//! of a slot tells its occupants apart.

use crate::engine::time::SimTime;

/// Where an instance is on its way. The order is the order of the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum InstanceState {
    /// The slot is free.
    #[default]
    Vacant,
    /// Its launch was refused or has failed; it does not exist and counts for nothing.
    Waiting,
    /// Requested from EC2.
    Launching,
    /// The EC2 instance runs; its agent has not registered yet.
    Booting,
    /// Registered; its critical daemons are not all up.
    Registering,
    /// In service.
    Active,
    /// Takes no more tasks.
    Draining,
    /// All tasks have stopped; the EC2 instance is being terminated.
    Deregistering,
}

impl InstanceState {
    /// How many states there are.
    pub(super) const COUNT: usize = 8;

    /// Whether an instance may go from `self` to `to`.
    pub(super) fn may_become(self, to: Self) -> bool {
        use InstanceState::{
            Active, Booting, Deregistering, Draining, Launching, Registering, Vacant, Waiting,
        };
        matches!(
            (self, to),
            (Vacant, Waiting)
                | (Waiting, Launching | Vacant)
                | (Launching, Booting | Waiting | Deregistering)
                | (Booting, Registering | Deregistering)
                | (Active, Draining | Deregistering)
                | (Registering | Draining, Active | Deregistering)
                | (Deregistering, Vacant)
        )
    }

    /// Whether the instance is in service or on its way there.
    pub(super) fn is_on_duty(self) -> bool {
        self.is_coming() || self == Self::Active
    }

    /// Whether the instance is on its way into service.
    pub(super) fn is_coming(self) -> bool {
        (Self::Waiting..=Self::Registering).contains(&self)
    }

    /// Whether the instance counts against quotas, ceilings and peaks.
    pub(super) fn exists(self) -> bool {
        self >= Self::Launching
    }

    /// The name the ECS API gives it, or ours where it has none yet.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Vacant => "GONE",
            Self::Waiting => "WAITING",
            Self::Launching => "REQUESTED",
            Self::Booting => "LAUNCHED",
            Self::Registering => "REGISTERING",
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Deregistering => "DEREGISTERING",
        }
    }
}

/// Why an instance leaves the fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cause {
    /// It stays.
    #[default]
    None,
    /// A deployment replaces it.
    Deployment,
    /// Auto repair replaces it.
    Repair,
    /// It reached its age limit.
    Lifetime,
    /// A critical daemon did not come up.
    StartFailure,
    /// The host was lost.
    HostFailure,
    /// Its availability zone was lost.
    ZoneOutage,
    /// EC2 took it back.
    Spot,
    /// It was idle for so long that scale-in takes it.
    Idle,
    /// Its tasks find room elsewhere, so scale-in takes it.
    Consolidation,
    /// It was asked for, and is no longer wanted.
    Withdrawn,
}

impl Cause {
    /// Whether the fleet is to shrink by the instance.
    pub(super) fn shrinks(self) -> bool {
        matches!(self, Self::Idle | Self::Consolidation)
    }
}

/// An occupant of a slot of the instance table; a cache line each, since a large fleet's
/// events touch one row after another all over the table.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Instance {
    pub(super) version: u32,
    /// Fleet-wide number of its lineage.
    pub(super) lineage: u32,
    /// Which instance of its lineage, counted from zero.
    pub(super) generation: u32,
    pub(super) provider: u16,
    pub(super) zone: u16,
    pub(super) state: InstanceState,
    pub(super) cause: Cause,
    pub(super) impaired: bool,
    /// Whether those that wait for it to be gone (A19) have been told.
    pub(super) departed: bool,
    /// Whether it has registered, so that deployments count it.
    pub(super) registered: bool,
    /// Whether its lane's batch still waits for it to be gone.
    pub(super) awaited_gone: bool,
    /// Whether displaced tasks may not land here (A5).
    pub(super) closed: bool,
    /// Size class of its stretch of the task table.
    pub(super) class: u8,
    /// Application tasks not yet told to stop.
    pub(super) left: u32,
    /// Application tasks, those told to stop included.
    pub(super) tasks: u32,
    /// Lane whose batch drains it, plus one; 0 for none.
    pub(super) lane: u16,
    /// Deployment that drains it; only where `lane` is set.
    pub(super) deployment: u16,
    /// Where its stretch of the task table begins.
    pub(super) first_task: u32,
    pub(super) cpu_free: u32,
    pub(super) memory_free: u32,
    /// When it was requested, which is the age of its request; from DRAINING on, since when it drains.
    pub(super) since: SimTime,
    /// When EC2 launched it, in milliseconds; before the start for those there at the start.
    pub(super) launched_at: i64,
}

/// A place in the fleet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lineage {
    /// Launches asked of EC2.
    pub(super) attempts: u32,
    /// Instances that came of them.
    pub(super) generations: u32,
    /// Its number within its provider: the entity of its draws.
    pub(super) entity: u32,
    /// Lane that waits for its next instance to be ACTIVE, plus one; 0 for none.
    pub(super) awaited_by: u16,
    /// The zone it lies in.
    pub(super) zone: u16,
    /// The type of its instances, as a position in its provider's list.
    pub(super) offered: u8,
    /// The instance that a lane drained last: its slot then, and its generation.
    pub(super) drained_slot: u32,
    pub(super) drained_generation: u32,
}

/// What is counted per lineage and daemon.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LineageDaemon {
    /// Start attempts.
    pub(super) starts: u32,
    /// Container runs: starts that succeeded, and restarts in place.
    pub(super) runs: u32,
    /// Epoch of the last instance.
    pub(super) last_epoch: u16,
}

/// State of a daemon task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DaemonState {
    /// The instance was given none.
    #[default]
    Absent,
    /// Pulled and started.
    Starting,
    /// RUNNING; its health check has not spoken yet.
    Running,
    /// RUNNING, and HEALTHY if it has a health check.
    Healthy,
    /// RUNNING, but its health check gave it up.
    Unhealthy,
    /// Stopped by itself or with its instance, or never started.
    Stopped,
    /// Told to stop with its instance, and stopped before the last daemon there.
    Ended,
}

impl DaemonState {
    /// Whether the process is there.
    pub(super) fn runs(self) -> bool {
        matches!(self, Self::Running | Self::Healthy | Self::Unhealthy)
    }
}

/// A daemon's task on an instance.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DaemonTask {
    /// Deployment phase that gave it.
    pub(super) epoch: u16,
    /// Version of its timers.
    pub(super) run: u16,
    pub(super) state: DaemonState,
    /// Whether it has been HEALTHY once; from then on its loss is a matter for repair.
    pub(super) proven: bool,
    /// Whether there was room for it.
    pub(super) fits: bool,
    /// Whether its absence is being counted in `daemon_gap_min`.
    pub(super) missed: bool,
    /// Whether it counts as stopped or unhealthy in the alarm metric.
    pub(super) ailing: bool,
    /// Whether this start fails for want of its image.
    pub(super) pull_fails: bool,
    /// Whether the process no longer answers.
    pub(super) hung: bool,
    /// The defect that rules what it uses, as its index plus one; 0 for none.
    pub(super) uses: u32,
    /// When the container last began to run.
    pub(super) running_since: SimTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_size() {
        assert_eq!((size_of::<Instance>(), size_of::<DaemonTask>()), (64, 24));
    }
}
