//! Event logs: the story of a run as the events that ECS would have sent to EventBridge.
//!
//! The five detail-types that the ECS developer guide documents for managed daemons and what
//! they move: `ECS Daemon Deployment State Change` and `ECS Daemon Service Action`
//! (managed-daemons-events), `ECS Container Instance Health Change`
//! (`ecs_container_instance_health_events`), `ECS Container Instance State Change` and
//! `ECS Task State Change` (`ecs_cwe_events`). Members are named and formed as there; one that the
//! model knows nothing of (an exit code, an image, an agent's version) is left out rather than made up.
//!
//! The log begins with the instances and tasks that are there at the start, so that it can be
//! replayed from nothing. Times count from the scenario's epoch; every identifier is a UUID of
//! version 5 over what it names, so the same seed gives the same bytes anywhere.

mod fleet;
mod names;
mod translate;

use serde::Serialize;
use serde_json::Value;

use super::json;
use crate::fleet::LogEntry;
use crate::scenario::Scenario;

use translate::Translator;

/// An event in the envelope that EventBridge delivers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    /// Version of the envelope: always `0`.
    pub version: &'static str,
    /// A UUID.
    pub id: String,
    /// What kind of event it is.
    pub detail_type: &'static str,
    /// Who sent it: `aws.ecs`, or `bakeoff` for what ECS sends no event of.
    pub source: &'static str,
    /// The AWS account.
    pub account: String,
    /// When, to the second; members of the detail are exact to the millisecond.
    pub time: String,
    /// The AWS Region.
    pub region: String,
    /// ARNs of what it is about.
    pub resources: Vec<String>,
    /// The event itself.
    pub detail: Value,
}

/// Which events are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that ECS sends.
    Ecs,
    /// Those, and between them, from the source `bakeoff`, every line of the story as it is.
    Everything,
}

/// The source of events that only a simulation can tell.
const OWN_SOURCE: &str = "bakeoff";

/// The story of a seed as events, in order of time.
pub fn events(scenario: &Scenario, seed: u64, story: &[LogEntry], scope: Scope) -> Vec<Event> {
    let mut translator = Translator::new(scenario, seed);
    for entry in story {
        if scope == Scope::Everything {
            translator.tell(entry);
        }
        translator.translate(entry);
    }
    translator.events
}

/// Events as lines of JSON.
pub fn lines(scenario: &Scenario, seed: u64, story: &[LogEntry], scope: Scope) -> Vec<u8> {
    json::lines(&events(scenario, seed, story, scope))
}
