//! What kind of file it is, by its content.

use super::Intake;
use crate::aws::json;
use crate::scenario::codes::Code;
use crate::scenario::problem::Problem;
use crate::scenario::read::closest;
use crate::scenario::tree::{Kind, Node};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    Create,
    Update,
    Delete,
    Register,
    Deployments,
    Template,
    Plan,
}

/// Larger files than this are not read: no template, plan or request is.
const SIZE_MAX: usize = 256 << 20;

/// Keys by which a document without any key of its own is guessed at.
const KEYS: [&str; 12] = [
    "daemonName",
    "daemonArn",
    "daemonTaskDefinitionArn",
    "capacityProviderArns",
    "deploymentConfiguration",
    "clientToken",
    "family",
    "containerDefinitions",
    "daemonDeployments",
    "Resources",
    "resource_changes",
    "planned_values",
];

impl Intake<'_> {
    /// Reads a file, whatever it is.
    pub(super) fn read(&mut self, name: &str, text: &str) {
        let source = self.sources.add(name, text);
        if text.len() > SIZE_MAX {
            let place = self.sources.whole(source).part(0, 0);
            self.problem(Code::TooLarge, place, format!("larger than {} MiB", SIZE_MAX >> 20));
            return;
        }
        if let Some(node) = self.parse(source, text) {
            self.document(name, &node, "");
        }
    }

    /// JSON by its own grammar, anything else as YAML with short tags.
    fn parse(&mut self, source: u32, text: &str) -> Option<Node> {
        let whole = self.sources.whole(source);
        let starts_as_json =
            text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']).starts_with(['{', '[']);
        let unreadable = match json::parse(text, whole) {
            Ok(node) => return Some(node),
            Err(unreadable) => unreadable,
        };
        match self.sources.parse_tagged(source) {
            Ok(node) => Some(node),
            Err(problem) if !starts_as_json => {
                self.problems.push(problem);
                None
            }
            Err(_) => {
                let at = whole.part(unreadable.at, unreadable.at + 1);
                let mut problem =
                    Problem::new(unreadable.code, format!("not readable as JSON: {}", unreadable.message));
                problem.location = self.sources.locate(at);
                self.problems.push(problem);
                None
            }
        }
    }

    /// Reads what stands at a path of a file.
    fn document(&mut self, file: &str, node: &Node, path: &str) {
        let origin = if path.is_empty() { file.to_owned() } else { format!("{file}, {path}") };
        if let Kind::List(nodes) = &node.kind {
            if nodes.is_empty() {
                self.problem(Code::NothingToImport, node.place, "an empty list: nothing to import");
            }
            for (index, node) in nodes.iter().enumerate() {
                self.document(file, node, &format!("{path}[{index}]"));
            }
            return;
        }
        let Some((kind, node)) = recognise(node) else {
            self.unrecognised(node);
            return;
        };
        match kind {
            Document::Create => self.create(node, &origin),
            Document::Update => self.update(node, &origin),
            Document::Delete => self.delete(node, &origin),
            Document::Register => self.register(node, &origin, None),
            Document::Deployments => self.deployments(node, &origin),
            Document::Template => self.template(node, file),
            Document::Plan => self.plan(node, file),
        }
    }

    fn unrecognised(&mut self, node: &Node) {
        let known = "known are requests (CreateDaemon, UpdateDaemon, DeleteDaemon, RegisterDaemonTaskDefinition), \
                     answers of DescribeDaemonDeployments, CloudFormation templates and Terraform plans as JSON";
        let Kind::Map(entries) = &node.kind else {
            let message = format!("{} is no file that can be imported", node.describe());
            self.problem(Code::NotImportable, node.place, message).help(known);
            return;
        };
        let key = entries.first().map(|entry| (entry.key.clone(), entry.key_place));
        let is_scenario = node.get("schema").is_some_and(
            |schema| matches!(&schema.kind, Kind::Text(text) if text.starts_with("bakeoff.scenario")),
        );
        let (message, help) = match &key {
            _ if is_scenario => (
                "this is a scenario already".to_owned(),
                "run it as it is, or print its requests with `bakeoff import --as-requests`".to_owned(),
            ),
            Some((key, _)) => {
                let guess = entries
                    .iter()
                    .find_map(|entry| closest(&entry.key, &KEYS).map(|guess| (&entry.key, guess)));
                let guess = guess.map(|(key, guess)| format!("is '{key}' meant to be '{guess}'? "));
                (
                    format!("this is no file that can be imported; it begins with '{key}'"),
                    format!("{}{known}", guess.unwrap_or_default()),
                )
            }
            None => ("an empty mapping: nothing to import".to_owned(), known.to_owned()),
        };
        let place = key.map_or(node.place, |(_, place)| place);
        self.problem(Code::NotImportable, place, message).help(help);
    }
}

/// The kind of a document, and the part of it that is meant.
fn recognise(node: &Node) -> Option<(Document, &Node)> {
    let Kind::Map(entries) = &node.kind else { return None };
    // A request under the name of its operation.
    if let [entry] = &entries[..] {
        let kind = match entry.key.to_ascii_lowercase().as_str() {
            "createdaemon" => Some(Document::Create),
            "updatedaemon" => Some(Document::Update),
            "deletedaemon" => Some(Document::Delete),
            "registerdaemontaskdefinition" => Some(Document::Register),
            _ => None,
        };
        if let Some(kind) = kind {
            return Some((kind, &entry.value));
        }
    }
    let has = |keys: &[&str]| keys.iter().any(|key| node.get(key).is_some());
    let kind = if has(&["schema"]) {
        return None;
    } else if has(&["resource_changes", "planned_values"]) {
        Document::Plan
    } else if has(&["AWSTemplateFormatVersion"])
        || matches!(node.get("Resources").map(|node| &node.kind), Some(Kind::Map(_)))
    {
        Document::Template
    } else if has(&["daemonDeployments"]) {
        Document::Deployments
    } else if has(&["containerDefinitions", "family", "pidMode", "ipcMode"]) {
        Document::Register
    } else if has(&["daemonName", "clusterArn", "clientToken"]) {
        Document::Create
    } else if has(&["daemonArn"]) {
        if entries.len() == 1 { Document::Delete } else { Document::Update }
    } else if has(&["daemonTaskDefinitionArn", "capacityProviderArns"]) {
        Document::Create
    } else {
        return None;
    };
    Some((kind, node))
}
