//! Requests of a scenario, given back as the API takes them.

use serde_json::{Map, Value};

use super::service;
use super::shape::{Record, Shape};
use crate::scenario::duration;
use crate::scenario::tree::{Entry, Kind, Node};

/// The requests of a scenario's tree: registrations first, then the timeline in order of time.
pub fn requests(scenario: &Node) -> Vec<Value> {
    let definitions = list(scenario, "daemonTaskDefinitions");
    let registrations =
        definitions.filter(|node| node.get("containerDefinitions").is_some()).map(registration);
    let mut actions: Vec<(u64, Value)> = Vec::new();
    for action in list(scenario, "timeline") {
        let at = match action.get("at").map(|node| &node.kind) {
            Some(Kind::Text(text)) => {
                duration::parse(text).map_or(0, super::super::engine::time::SimDuration::as_ms)
            }
            _ => 0,
        };
        for (key, record) in [
            ("createDaemon", &service::CREATE_DAEMON),
            ("updateDaemon", &service::UPDATE_DAEMON),
            ("deleteDaemon", &service::DELETE_DAEMON),
        ] {
            actions.extend(action.get(key).map(|node| (at, members(node, record))));
        }
    }
    actions.sort_by_key(|(at, _)| *at);
    registrations.chain(actions.into_iter().map(|(_, request)| request)).collect()
}

fn list<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    let nodes = match node.get(key).map(|node| &node.kind) {
        Some(Kind::List(nodes)) => &nodes[..],
        _ => &[],
    };
    nodes.iter()
}

/// What the API has of a task definition. It writes sizes as texts; a number is the simulation's own.
fn registration(node: &Node) -> Value {
    let is_own = |entry: &&Entry| {
        matches!(entry.key.as_str(), "cpu" | "memory") && !matches!(entry.value.kind, Kind::Text(_))
    };
    let Kind::Map(entries) = &node.kind else { return Value::Null };
    let kept =
        entries.iter().filter(|entry| service::REGISTER.member(&entry.key).is_some() && !is_own(entry));
    Value::Object(kept.map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
}

/// The members of a request; a span that the scenario writes with its unit becomes the API's number.
fn members(node: &Node, record: &Record) -> Value {
    let Kind::Map(entries) = &node.kind else { return node.to_json() };
    let mut map = Map::new();
    for entry in entries {
        let value = match (record.member(&entry.key).map(|member| member.shape), &entry.value.kind) {
            (_, Kind::Null) => continue,
            (Some(Shape::Record(inner)), _) => members(&entry.value, inner),
            // Of all members only the bake time is a span.
            (Some(Shape::Whole(..)), Kind::Text(text)) => match duration::parse(text) {
                Ok(span) => (span.as_ms() / 60_000).into(),
                Err(_) => entry.value.to_json(),
            },
            _ => entry.value.to_json(),
        };
        map.insert(entry.key.clone(), value);
    }
    Value::Object(map)
}
