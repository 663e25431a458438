//! Everything that can happen in the fleet, as one closed list.
//!
//! An event names what befell whom, in the past tense; what follows from it is
//! decided by the systems. It carries the version of its instance or task, or the
//! generation of its timer: once that has moved on the event is stale, and dropped.

use crate::engine::agenda::Generation;
use crate::engine::drive::Fingerprint;

/// An instance: its slot in the table and which occupant of the slot is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InstanceRef {
    /// Slot in the instance table.
    pub(super) slot: u32,
    /// Version of the slot; an older one is gone.
    pub(super) version: u32,
}

/// An application task, by its instance: found there as long as it has not left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TaskRef {
    /// Slot of its instance.
    pub(super) slot: u32,
    /// Which of all tasks of the run it is.
    pub(super) serial: u32,
}

/// Something that happened, or a duty of the instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the subjects that the variants' docs name")]
pub(super) enum Event {
    /// An action of the timeline fell due.
    RequestIssued { action: u32 },
    /// EC2 answered a launch request.
    LaunchEnded { instance: InstanceRef },
    /// A failed or refused launch may be tried again.
    LaunchRetryDue { instance: InstanceRef },
    /// The container instance registered with the cluster: REGISTERING.
    InstanceRegistered { instance: InstanceRef },
    /// The critical daemons had their time to come up.
    RegistrationTimedOut { instance: InstanceRef },
    /// A start attempt of a daemon task ended, one way or the other.
    DaemonStartEnded { instance: InstanceRef, daemon: u8, run: u16 },
    /// The first good probe of a daemon's health check.
    DaemonFoundHealthy { instance: InstanceRef, daemon: u8, run: u16 },
    /// A daemon stopped answering its health check.
    DaemonHung { instance: InstanceRef, daemon: u8, run: u16 },
    /// The health check gave a daemon up.
    DaemonFoundUnhealthy { instance: InstanceRef, daemon: u8, run: u16 },
    /// A daemon's container exited.
    DaemonExited { instance: InstanceRef, daemon: u8, run: u16 },
    /// A daemon began to harm the service beside it.
    DaemonDegraded { instance: InstanceRef, daemon: u8, run: u16 },
    /// A daemon that was told to stop has stopped, before the last of its instance.
    DaemonStopped { instance: InstanceRef, daemon: u8, run: u16 },
    /// An application task is RUNNING. It is counted by its service; which one it is matters only
    /// where somebody follows it, so its row need not be there any more.
    TaskStarted { task: TaskRef, service: u16 },
    /// An application task could not be started.
    TaskStartFailed { task: TaskRef },
    /// An application task counts as healthy; of its row holds the same.
    TaskTurnedHealthy { task: TaskRef, service: u16 },
    /// An application task on an instance in service has stopped.
    TaskStopped { task: TaskRef },
    /// The last application task of a drained instance has stopped.
    TasksStopped { instance: InstanceRef },
    /// An application task on a draining instance has stopped; only told.
    TaskSeenStopped { task: TaskRef },
    /// A standalone task has done its work.
    TaskEnded { task: TaskRef },
    /// A task's protection from being stopped ran out.
    TaskProtectionExpired { task: TaskRef },
    /// A group of standalone tasks is to run.
    TasksDue { service: u32 },
    /// A step of a service's schedule fell due.
    DesiredCountDue { service: u32, step: u32 },
    /// An instance has been DRAINING as long as it may.
    DrainDeadlineReached { instance: InstanceRef },
    /// The daemons of a drained instance have stopped: DEREGISTERING.
    DaemonsStopped { instance: InstanceRef },
    /// The EC2 instance is gone.
    InstanceTerminated { instance: InstanceRef },
    /// A host was lost with all that ran on it.
    HostFailed { instance: InstanceRef },
    /// An instance reached the age at which it is drained.
    LifetimeReached { instance: InstanceRef },
    /// An instance reached the age at which it is forced out.
    LifetimeExceeded { instance: InstanceRef },
    /// An unhealthy daemon became known: the instance is IMPAIRED.
    ImpairmentSeen { instance: InstanceRef },
    /// ECS decided to repair an impaired instance.
    RepairDecided { instance: InstanceRef },
    /// A lane's next batch may be chosen.
    BatchDecided { lane: u32, generation: Generation },
    /// A lane's bake between batches is over.
    LaneBaked { lane: u32, generation: Generation },
    /// A deployment's final bake is over.
    DeploymentBaked { deployment: u32, generation: Generation },
    /// A period of an alarm ended.
    AlarmPeriodEnded { alarm: u32 },
    /// The datapoint of a period became visible.
    AlarmDatapointVisible { alarm: u32 },
    /// The scenario's script sets an alarm.
    AlarmScripted { alarm: u32, step: u32 },
    /// ECS looks at a deployment's alarms.
    AlarmLookDue { deployment: u32, generation: Generation },
    /// Nothing may have started or stopped on an instance for as long as scale-in waits.
    InstanceQuiet { instance: InstanceRef },
    /// The facts of the instant are in: decide, once for all of them.
    DecisionsDue,
    /// A fault of the timeline is over.
    FaultEnded { action: u32 },
    /// A shock hits a zone's spot instances.
    SpotShockStruck { provider: u16, zone: u32 },
    /// EC2 announced that it will take an instance back.
    SpotNoticeGiven { instance: InstanceRef },
    /// EC2 took an instance back.
    SpotReclaimed { instance: InstanceRef },
    /// An instance has been out of touch for as long as ECS waits.
    AgentGivenUp { instance: InstanceRef },
    /// An instance may be in touch again.
    AgentReconnected { instance: InstanceRef },
    /// A daemon began to use another share of what it reserves.
    DaemonLoadChanged { instance: InstanceRef, daemon: u8, run: u16 },
    /// A point of the sampling grid.
    SampleDue,
    /// `observeAfter` has passed since the last deployment ended.
    ObservationEnded,
}

/// Folds a kind and two numbers into 64 bits; the multipliers are odd, so no input is lost.
fn fold(kind: u64, a: u32, b: u32) -> u64 {
    let low = (u64::from(a) | (u64::from(b) << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    low ^ kind.wrapping_mul(0xd6e8_feb8_6659_fd93)
}

impl Fingerprint for Event {
    fn fingerprint(&self) -> u64 {
        let on = |kind: u64, i: InstanceRef| fold(kind, i.slot, i.version);
        let of = |kind: u64, i: InstanceRef, daemon: u8, run: u16| {
            fold(kind | (u64::from(daemon) << 8) | (u64::from(run) << 16), i.slot, i.version)
        };
        let task = |kind: u64, t: TaskRef| fold(kind, t.slot, t.serial);
        match *self {
            Self::RequestIssued { action } => fold(1, action, 0),
            Self::LaunchEnded { instance } => on(2, instance),
            Self::LaunchRetryDue { instance } => on(3, instance),
            Self::InstanceRegistered { instance } => on(4, instance),
            Self::RegistrationTimedOut { instance } => on(5, instance),
            Self::DaemonStartEnded { instance, daemon, run } => of(6, instance, daemon, run),
            Self::DaemonFoundHealthy { instance, daemon, run } => of(7, instance, daemon, run),
            Self::DaemonHung { instance, daemon, run } => of(8, instance, daemon, run),
            Self::DaemonFoundUnhealthy { instance, daemon, run } => of(9, instance, daemon, run),
            Self::DaemonExited { instance, daemon, run } => of(10, instance, daemon, run),
            Self::DaemonDegraded { instance, daemon, run } => of(11, instance, daemon, run),
            // Those of one service are alike.
            Self::TaskStarted { service, .. } => fold(12, service.into(), 0),
            Self::TaskTurnedHealthy { service, .. } => fold(13, service.into(), 0),
            Self::TaskStopped { task: t } => task(14, t),
            Self::DaemonsStopped { instance } => on(15, instance),
            Self::InstanceTerminated { instance } => on(16, instance),
            Self::HostFailed { instance } => on(17, instance),
            Self::LifetimeReached { instance } => on(18, instance),
            Self::LifetimeExceeded { instance } => on(19, instance),
            Self::ImpairmentSeen { instance } => on(20, instance),
            Self::RepairDecided { instance } => on(21, instance),
            Self::BatchDecided { lane, .. } => fold(22, lane, 0),
            Self::LaneBaked { lane, .. } => fold(23, lane, 0),
            Self::DeploymentBaked { deployment, .. } => fold(24, deployment, 0),
            Self::AlarmPeriodEnded { alarm } => fold(25, alarm, 0),
            Self::AlarmDatapointVisible { alarm } => fold(26, alarm, 0),
            Self::AlarmScripted { alarm, step } => fold(27, alarm, step),
            Self::AlarmLookDue { deployment, .. } => fold(28, deployment, 0),
            Self::DecisionsDue => fold(29, 0, 0),
            Self::SampleDue => fold(30, 0, 0),
            Self::ObservationEnded => fold(31, 0, 0),
            Self::DaemonStopped { instance, daemon, run } => of(32, instance, daemon, run),
            Self::InstanceQuiet { instance } => on(33, instance),
            Self::TasksStopped { instance } => on(34, instance),
            Self::TaskStartFailed { task: t } => task(35, t),
            Self::TaskSeenStopped { task: t } => task(36, t),
            Self::TaskEnded { task: t } => task(60, t),
            Self::TaskProtectionExpired { task: t } => task(61, t),
            Self::TasksDue { service } => fold(62, service, 0),
            Self::DesiredCountDue { service, step } => fold(63, service, step),
            Self::DrainDeadlineReached { instance } => on(64, instance),
            Self::FaultEnded { action } => fold(80, action, 0),
            Self::SpotShockStruck { provider, zone } => fold(81, provider.into(), zone),
            Self::SpotNoticeGiven { instance } => on(82, instance),
            Self::SpotReclaimed { instance } => on(83, instance),
            Self::AgentGivenUp { instance } => on(84, instance),
            Self::AgentReconnected { instance } => on(85, instance),
            Self::DaemonLoadChanged { instance, daemon, run } => of(86, instance, daemon, run),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_fits_in_twelve_bytes() {
        assert_eq!(std::mem::size_of::<Event>(), 12);
    }
}
