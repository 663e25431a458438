//! Resources of templates and plans as parts of a scenario.

use serde_json::{Map, Value, json};

use super::Intake;
use super::intake::{Alarm, Operation, Provider};
use super::requests::plain;
use super::writer::Item;
use crate::aws::requests::Containers;
use crate::aws::shape::Refusal;
use crate::scenario::codes::Code;
use crate::scenario::tree::{Kind, Node, Place};

/// What a task of a service takes.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskSize {
    pub(super) cpu: Option<u64>,
    pub(super) memory: Option<u64>,
    pub(super) stop_timeout: Option<u64>,
}

impl Intake<'_> {
    /// Takes a request of a resource.
    pub(super) fn take(&mut self, operation: Operation, body: &Node, origin: &str) {
        match operation {
            Operation::Create => self.create(body, origin),
            Operation::Update => self.update(body, origin),
            Operation::Delete => self.delete(body, origin),
        }
    }

    /// Takes a capacity provider of managed instances.
    pub(super) fn provider(&mut self, provider: Provider, place: Place) {
        if !crate::aws::text::is_name(&provider.name) {
            let message = format!("'{}' cannot be the name of a capacity provider", provider.name);
            self.checker().refuse(Refusal::InvalidParameter, place, &message);
        }
        if let Some(seconds) = provider.scale_in_after.filter(|seconds| !(-1..=3600).contains(seconds)) {
            let message = format!("scaleInAfter is {seconds}, which is outside of -1 to 3600");
            self.checker().refuse(Refusal::InvalidParameter, place, &message);
        }
        if let Some(status) = provider
            .actions_status
            .as_ref()
            .filter(|status| !["ENABLED", "DISABLED"].contains(&status.as_str()))
        {
            let message = format!("actionsStatus cannot be '{status}'");
            self.checker().refuse(Refusal::InvalidParameter, place, &message);
        }
        let options = ["ON_DEMAND", "SPOT", "RESERVED"];
        if let Some(option) =
            provider.capacity_option.as_ref().filter(|option| !options.contains(&option.as_str()))
        {
            let message = format!("capacityOptionType cannot be '{option}'");
            self.checker().refuse(Refusal::InvalidParameter, place, &message);
        }
        if let Some(known) = self.providers.iter().find(|known| known.name == provider.name) {
            if *known != provider {
                let message = format!(
                    "the capacity provider '{}' is described in {} already, and otherwise",
                    provider.name, known.origin
                );
                self.problem(Code::ImportConflict, place, message);
            }
            return;
        }
        self.providers.push(provider);
    }
}

/// What is known of a capacity provider beside its instances.
pub(super) fn provider_fields(provider: &Provider, has_services: bool, item: &mut Item) {
    if let Some(zones) = provider.zones.filter(|zones| (1..=100).contains(zones)) {
        item.noted("availabilityZones", zones, "assumed: one for each of its subnets");
    }
    if let Some(status) = &provider.actions_status {
        item.field("autoRepairConfiguration", json!({ "actionsStatus": status }));
    }
    if let Some(option) = &provider.capacity_option {
        item.field("capacityOptionType", option.clone());
    }
    match provider.scale_in_after {
        Some(seconds) if has_services => {
            item.field("infrastructureOptimization", json!({ "scaleInAfter": seconds }));
        }
        // Without tasks every instance is idle, and would be gone before the rollout begins.
        Some(seconds) => item.comment(format!(
            "scaleInAfter is {seconds}; left out, since no file says what keeps its instances busy"
        )),
        None => {}
    }
    if !provider.allowed.is_empty() {
        item.comment(format!("it allows the types {}", provider.allowed.join(", ")));
    }
}

/// An alarm as far as its metric can be simulated.
pub(super) fn alarm_item(alarm: &Alarm) -> Item {
    let mut item = Item::of(alarm.origin.clone());
    let body = &alarm.body;
    let of = |key: &str| body[key].as_str().unwrap_or("?").to_owned();
    item.comment(format!(
        "it watches {} of {}, which is not simulated; assumed: it is never red. Give another metric to change that: `bakeoff schema` lists them",
        of("metricName"),
        of("namespace")
    ));
    item.field("alarmName", alarm.name.clone())
        .field("metric", json!({ "scripted": [{ "at": "0s", "state": "OK" }] }));
    item
}

/// The same with every key from `PascalCase` to camelCase, at any depth: `CloudFormation` spells all members so.
pub(super) fn from_pascal_case(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let lowered = |key: &String| {
                let mut key = key.clone();
                if let Some(first) = key.get_mut(..1) {
                    first.make_ascii_lowercase();
                }
                key
            };
            Value::Object(
                map.iter().map(|(key, value)| (lowered(key), from_pascal_case(value))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(list) => list.iter().map(from_pascal_case).collect(),
        other => other.clone(),
    }
}

/// What a task definition's task takes: its own sizes, or those of its containers.
pub(super) fn task_size(cpu: &Value, memory: &Value, containers: &Value) -> TaskSize {
    let own = |value: &Value, unit: &str| match value {
        Value::String(text) => crate::aws::text::size(text, unit).map(u64::from),
        value => value.as_u64().filter(|size| *size > 0),
    };
    let containers = Containers(containers.clone());
    TaskSize {
        cpu: own(cpu, "vcpu").or_else(|| containers.cpu()),
        memory: own(memory, "gb").or_else(|| containers.memory()),
        stop_timeout: containers.stop_timeout().map(|seconds| seconds.min(604_800)),
    }
}

/// A whole number, or a text of one.
pub(super) fn whole(node: &Node) -> Option<i64> {
    match &node.kind {
        Kind::Int(number) => i64::try_from(*number).ok(),
        Kind::Float(number) if number.fract() == 0.0 => Some(*number as i64),
        Kind::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number that is not negative, or none.
pub(super) fn count(node: &Node) -> Option<u64> {
    whole(node).and_then(|number| u64::try_from(number).ok())
}

/// The text at a key.
pub(super) fn text_at(node: &Node, key: &str) -> Option<String> {
    match &node.get(key)?.kind {
        Kind::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// The texts of a list, as plain names of a kind of resource.
pub(super) fn names(node: &Node, resource: &str) -> Vec<String> {
    let Kind::List(nodes) = &node.kind else { return Vec::new() };
    nodes
        .iter()
        .filter_map(|node| match &node.kind {
            Kind::Text(text) => Some(plain(text, resource).to_owned()),
            _ => None,
        })
        .collect()
}

/// The plain name of a capacity provider.
pub(super) fn plain_provider(text: &str) -> String {
    plain(text, "capacity-provider").to_owned()
}

/// The family that the name or ARN of a task definition means.
pub(super) fn family(text: &str) -> &str {
    let name = plain(text, "task-definition");
    name.split(':').next().unwrap_or(name)
}
