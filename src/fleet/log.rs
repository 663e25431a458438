//! The story of one run: what changed, when, in the trade's words.

use std::fmt;

use serde::Serialize;

use crate::engine::time::SimTime;

/// One line of the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// When it happened; `t_ms` in JSON.
    #[serde(rename = "t_ms", serialize_with = "as_ms")]
    pub at: SimTime,
    /// What happened.
    #[serde(flatten)]
    pub change: Change,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn as_ms<S: serde::Serializer>(at: &SimTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.as_ms())
}

/// A change worth telling. Instances are called `provider/lineage.generation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the fields are named after what they hold")]
pub enum Change {
    /// An instance entered a state; `offered` is the place of its type in its provider's list.
    Instance { instance: String, zone: u16, offered: u8, status: &'static str, cause: &'static str },
    /// An instance goes at once, with all that runs on it.
    GivenUp { instance: String, cause: &'static str },
    /// A launch failed.
    LaunchFailed { instance: String },
    /// A launch was refused by a quota or a ceiling.
    LaunchRefused { instance: String, limit: &'static str },
    /// An instance was found IMPAIRED.
    Impaired { instance: String },
    /// A daemon task changed.
    DaemonTask { instance: String, daemon: String, revision: String, status: &'static str },
    /// A daemon finds no room on an instance, so that no task is created for it.
    Unplaceable { instance: String, daemon: String },
    /// A daemon could not be brought up on an instance, in the words of `DAEMON_TASK_START_IMPAIRED`.
    StartImpaired {
        instance: String,
        daemon: String,
        revision: String,
        failure_type: &'static str,
        reason: &'static str,
    },
    /// A defect acted.
    DefectActed { instance: String, daemon: String, effect: &'static str },
    /// An application task changed; `generation` counts those that stood for its ordinal before.
    Task { service: String, ordinal: u32, generation: u32, instance: String, status: &'static str },
    /// The desired count of a service was set.
    DesiredCount { service: String, desired_count: u32 },
    /// An instance has been DRAINING as long as it may: what is left on it is lost.
    DrainDeadline { instance: String },
    /// A deployment entered a status.
    Deployment { deployment: usize, daemon: String, status: &'static str, reason: String },
    /// A batch was chosen.
    Batch { deployment: usize, capacity_provider: String, instances: u32 },
    /// A batch was done.
    BatchDone { deployment: usize, capacity_provider: String },
    /// A bake began.
    Bake { deployment: usize, minutes: u64 },
    /// An alarm's datapoint became visible; in millionths, `null` for a missing one.
    Datapoint { alarm: String, value_millionths: Option<i64> },
    /// An alarm changed its state.
    Alarm { alarm: String, state: &'static str },
    /// A fault begins or ends.
    Fault { fault: &'static str, status: &'static str, detail: String },
    /// EC2 announced that it will take an instance back.
    SpotNotice { instance: String },
    /// An ECS agent lost touch, or is back.
    Agent { instance: String, connected: bool },
    /// An instance is no longer IMPAIRED.
    Recovered { instance: String },
    /// The run ended.
    Ended { reason: &'static str },
}

impl Change {
    /// Whether only event logs tell it: a reader of the story learns it from the lines around.
    pub fn is_detail(&self) -> bool {
        match self {
            Self::GivenUp { .. } | Self::StartImpaired { .. } | Self::Unplaceable { .. } => true,
            Self::DaemonTask { status, .. } => matches!(*status, "STOPPING" | "STOPPED as unhealthy"),
            _ => false,
        }
    }
}

impl fmt::Display for LogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>12}  {}", self.at.to_string(), self.change)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance { instance, status, cause, .. } => {
                write!(f, "instance {instance} {status}")?;
                if cause.is_empty() { Ok(()) } else { write!(f, " ({cause})") }
            }
            Self::GivenUp { instance, cause } => write!(f, "instance {instance} given up ({cause})"),
            Self::LaunchFailed { instance } => write!(f, "launch of {instance} failed"),
            Self::LaunchRefused { instance, limit } => write!(f, "launch of {instance} refused: {limit}"),
            Self::Impaired { instance } => write!(f, "instance {instance} IMPAIRED"),
            Self::DaemonTask { instance, daemon, revision, status } => {
                write!(f, "daemon {daemon} ({revision}) on {instance} {status}")
            }
            Self::Unplaceable { instance, daemon } => {
                write!(f, "daemon {daemon} finds no room on {instance}")
            }
            Self::StartImpaired { instance, daemon, failure_type, reason, .. } => {
                write!(f, "daemon {daemon} on {instance} start impaired: {failure_type}, {reason}")
            }
            Self::DefectActed { instance, daemon, effect } => {
                write!(f, "daemon {daemon} on {instance} {effect}")
            }
            Self::Task { service, ordinal, instance, status, .. } => {
                write!(f, "task {service}/{ordinal} {status}")?;
                if instance.is_empty() { Ok(()) } else { write!(f, " on {instance}") }
            }
            Self::DesiredCount { service, desired_count } => {
                write!(f, "service {service} wants {desired_count}")
            }
            Self::DrainDeadline { instance } => write!(f, "instance {instance} drained to its deadline"),
            Self::Deployment { deployment, daemon, status, reason } => {
                write!(f, "deployment {deployment} of {daemon} {status}")?;
                if reason.is_empty() { Ok(()) } else { write!(f, ": {reason}") }
            }
            Self::Batch { deployment, capacity_provider, instances } => {
                write!(f, "deployment {deployment}: batch of {instances} on {capacity_provider}")
            }
            Self::BatchDone { deployment, capacity_provider } => {
                write!(f, "deployment {deployment}: batch done on {capacity_provider}")
            }
            Self::Bake { deployment, minutes } => write!(f, "deployment {deployment} bakes {minutes} min"),
            Self::Datapoint { alarm, value_millionths } => match value_millionths {
                Some(value) => write!(f, "alarm {alarm} datapoint {}", *value as f64 / 1e6),
                None => write!(f, "alarm {alarm} datapoint missing"),
            },
            Self::Alarm { alarm, state } => write!(f, "alarm {alarm} {state}"),
            Self::Fault { fault, status, detail } => {
                write!(f, "{fault} {status}")?;
                if detail.is_empty() { Ok(()) } else { write!(f, ": {detail}") }
            }
            Self::SpotNotice { instance } => write!(f, "instance {instance} has two minutes' notice"),
            Self::Agent { instance, connected } => {
                write!(f, "agent of {instance} {}", if *connected { "connected" } else { "disconnected" })
            }
            Self::Recovered { instance } => write!(f, "instance {instance} OK"),
            Self::Ended { reason } => write!(f, "run ended: {reason}"),
        }
    }
}
