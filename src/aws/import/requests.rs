//! Requests, checked as the API checks them.

use serde_json::Value;

use super::Intake;
use super::intake::{Definition, Operation, Request};
use crate::aws::shape::{Checker, Record, Refusal};
use crate::aws::{arn, service};
use crate::scenario::codes::Code;
use crate::scenario::tree::{Kind, Node};

impl Intake<'_> {
    /// Takes a `CreateDaemon` request.
    pub(super) fn create(&mut self, node: &Node, origin: &str) {
        self.request(Operation::Create, node, origin, &service::CREATE_DAEMON);
    }

    /// Takes an `UpdateDaemon` request.
    pub(super) fn update(&mut self, node: &Node, origin: &str) {
        self.request(Operation::Update, node, origin, &service::UPDATE_DAEMON);
    }

    /// Takes a `DeleteDaemon` request.
    pub(super) fn delete(&mut self, node: &Node, origin: &str) {
        self.request(Operation::Delete, node, origin, &service::DELETE_DAEMON);
    }

    fn request(&mut self, operation: Operation, node: &Node, origin: &str, record: &'static Record) {
        let before = self.errors();
        self.checker().request(node, record);
        self.listed_once(node, "capacityProviderArns", "capacity-provider");
        if let Some(alarms) = node.get("deploymentConfiguration").and_then(|node| node.get("alarms")) {
            self.listed_once(alarms, "alarmNames", "alarm");
        }
        self.low_percent(node);
        if self.errors() == before {
            let (body, origin) = (node.to_json(), origin.to_owned());
            self.requests.push(Request { operation, body, origin, place: node.place, together: false });
        }
    }

    /// Takes a `RegisterDaemonTaskDefinition` request; the revision is known only to those who have seen the answer.
    pub(super) fn register(&mut self, node: &Node, origin: &str, revision: Option<u64>) {
        let before = self.errors();
        self.checker().request(node, &service::REGISTER);
        self.check_containers(node);
        if self.errors() == before {
            self.definitions.push(Definition { body: node.to_json(), revision, origin: origin.to_owned() });
        }
    }

    pub(super) fn checker(&mut self) -> Checker<'_> {
        Checker { sources: &self.sources, problems: &mut self.problems }
    }

    /// Whether a list names nothing twice.
    fn listed_once(&mut self, node: &Node, key: &str, resource: &str) {
        let Some(Kind::List(nodes)) = node.get(key).map(|node| &node.kind) else { return };
        let mut seen = Vec::new();
        for node in nodes {
            let Kind::Text(text) = &node.kind else { continue };
            let Ok(name) = arn::plain_name(text, resource) else { continue };
            if seen.contains(&name) {
                let message = format!("{key} lists '{name}' twice");
                self.checker().refuse(Refusal::InvalidParameter, node.place, &message);
            }
            seen.push(name);
        }
    }

    /// Below 1 the guide and the API's model part ways.
    fn low_percent(&mut self, node: &Node) {
        let percent = node.get("deploymentConfiguration").and_then(|node| node.get("drainPercent"));
        let Some(percent) = percent else { return };
        let number = match percent.kind {
            Kind::Int(number) => number as f64,
            Kind::Float(number) => number,
            _ => return,
        };
        if (0.0..1.0).contains(&number) {
            let message = format!(
                "drainPercent {number} is below 1, which the API takes and the developer guide does not"
            );
            self.problem(Code::PercentAsShare, percent.place, message).help(
                "it is imported with `assumptions: { drainPercentBelowOne: minOne }`: a batch is one instance at least; \
                 a percentage is not a share: a tenth of the fleet is 10",
            );
        }
    }

    /// What a definition must keep to across its containers.
    fn check_containers(&mut self, node: &Node) {
        let Some(Kind::List(containers)) = node.get("containerDefinitions").map(|node| &node.kind) else {
            return;
        };
        let mut names: Vec<&str> = Vec::new();
        let mut has_essential = containers.is_empty();
        for container in containers {
            has_essential |= container.get("essential").is_none_or(|node| node.kind != Kind::Bool(false));
            if let Some(Node { kind: Kind::Text(name), place }) = container.get("name") {
                if names.contains(&name.as_str()) {
                    let message = format!("two containers are called '{name}'");
                    self.checker().refuse(Refusal::Client, *place, &message);
                }
                names.push(name);
            }
        }
        if !has_essential {
            let place = node.get("containerDefinitions").map_or(node.place, |node| node.place);
            self.checker().refuse(Refusal::Client, place, "a task needs at least one essential container");
        }
    }
}

/// The text at a key of a request.
pub(super) fn text<'v>(body: &'v Value, key: &str) -> Option<&'v str> {
    body[key].as_str()
}

/// The plain name of a resource, or the text itself.
pub(super) fn plain<'t>(text: &'t str, resource: &str) -> &'t str {
    arn::plain_name(text, resource).unwrap_or(text)
}
