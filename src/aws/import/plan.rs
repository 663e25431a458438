//! Terraform plans, as `terraform show -json` prints them.

use serde_json::Value;

use super::Intake;
use super::intake::{Alarm, Operation, Provider, Running, Service};
use super::numbers::{ANY, COUNT, MAXIMUM, MINIMUM_HEALTHY, TASKS};
use super::references::{Configuration, Place as Scope, Target, steps};
use super::resources::{count, names, plain_provider, task_size, text_at};
use super::spelling::{Dialect, Spelling};
use crate::aws::service;
use crate::aws::shape::Record;
use crate::scenario::codes::Code;
use crate::scenario::tree::{Entry, Kind, Node};

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Created,
    Updated,
    Replaced,
    Deleted,
}

/// A resource of a plan.
#[derive(Debug)]
struct Change<'n> {
    address: &'n str,
    /// Names of the modules that it is in, from the root, without their keys.
    module: Vec<String>,
    kind: &'n str,
    name: &'n str,
    /// The keys of its modules and, last, its own, as the address has them; empty where it has none.
    keys: Vec<String>,
    fate: Fate,
    before: Option<&'n Node>,
    after: Option<&'n Node>,
    node: &'n Node,
}

/// A plan and where its references lead.
#[derive(Debug)]
struct Plan<'n> {
    changes: Vec<Change<'n>>,
    configuration: Configuration<'n>,
}

impl Intake<'_> {
    /// Takes what a plan has of daemons, and of what they run on and beside.
    pub(super) fn plan(&mut self, node: &Node, file: &str) {
        let plan = Plan { changes: changes(node), configuration: Configuration::of(node) };
        // What a plan does it does at once, but for what has to wait until a daemon of the same name is gone.
        let (mut at_once, mut afterwards) = (Vec::new(), Vec::new());
        for change in &plan.changes {
            let origin = format!("{file}, {}", change.address);
            match change.kind {
                "aws_ecs_daemon_task_definition" => self.plan_definition(change, &origin),
                "aws_ecs_capacity_provider" => self.plan_provider(change, &origin),
                "aws_ecs_service" => self.plan_service(&plan, change, &origin),
                "aws_cloudwatch_metric_alarm" => self.plan_alarm(change, &origin),
                "aws_ecs_daemon" => match change.fate {
                    Fate::Created if plan.frees_name_of(change) => {
                        afterwards.push((Operation::Create, change, origin));
                    }
                    Fate::Created => at_once.push((Operation::Create, change, origin)),
                    Fate::Updated => at_once.push((Operation::Update, change, origin)),
                    Fate::Deleted => at_once.push((Operation::Delete, change, origin)),
                    Fate::Replaced => {
                        at_once.push((Operation::Delete, change, origin.clone()));
                        afterwards.push((Operation::Create, change, origin));
                    }
                    Fate::Stays => self.plan_running(change, &origin),
                },
                _ => {}
            }
        }
        for group in [at_once, afterwards] {
            let first = self.requests.len();
            for (operation, change, origin) in group {
                self.plan_request(&plan, operation, change, &origin);
            }
            for request in self.requests.iter_mut().skip(first + 1) {
                request.together = true;
            }
        }
    }

    fn plan_running(&mut self, change: &Change<'_>, origin: &str) {
        let Some(before) = change.before.or(change.after) else { return };
        let Some(daemon) = text_at(before, "name") else { return };
        self.running.push(Running {
            daemon,
            definition: text_at(before, "daemon_task_definition_arn"),
            providers: before
                .get("capacity_provider_arns")
                .map_or(Vec::new(), |node| names(node, "capacity-provider")),
            critical: None,
            instances: Vec::new(),
            origin: format!("{origin}: what it is now"),
        });
    }

    fn plan_request(&mut self, plan: &Plan<'_>, operation: Operation, change: &Change<'_>, origin: &str) {
        if operation != Operation::Create {
            self.plan_running(change, origin);
        }
        let daemon = change
            .before
            .or(change.after)
            .and_then(|node| text_at(node, "arn").or_else(|| text_at(node, "name")));
        let place = change.node.place;
        let name = |key: &str, text: String| Entry {
            key: key.into(),
            key_place: place,
            value: Node { kind: Kind::Text(text), place },
        };
        if operation == Operation::Delete {
            let body = Node {
                kind: Kind::Map(daemon.into_iter().map(|daemon| name("daemonArn", daemon)).collect()),
                place,
            };
            self.take(operation, &body, origin);
            return;
        }
        let Some(after) = change.after else { return };
        let record =
            if operation == Operation::Create { &service::CREATE_DAEMON } else { &service::UPDATE_DAEMON };
        let mut body = spelt(after, record);
        let Kind::Map(entries) = &mut body.kind else { return };
        match operation {
            Operation::Create => {
                let own = text_at(after, "name").map(|text| name("daemonName", text));
                entries.splice(0..0, own);
            }
            _ => {
                entries.splice(0..0, daemon.map(|daemon| name("daemonArn", daemon)));
            }
        }
        Self::write_only(plan, change, entries);
        self.definition_of(plan, change, entries, origin);
        self.providers_of(plan, change, entries, origin);
        if operation == Operation::Create && text_at(after, "cluster_arn").is_none() {
            let cluster = plan
                .first(change, &["cluster_arn"], "aws_ecs_cluster")
                .and_then(|cluster| text_at(cluster.after?, "name"));
            entries.extend(cluster.map(|cluster| name("clusterArn", cluster)));
        }
        self.take(operation, &body, origin);
    }

    /// Write-only attributes are in no plan; where they are constants, the configuration has them.
    fn write_only(plan: &Plan<'_>, change: &Change<'_>, entries: &mut Vec<Entry>) {
        for (attribute, member) in [
            ("enable_ecs_managed_tags", "enableECSManagedTags"),
            ("enable_execute_command", "enableExecuteCommand"),
            ("propagate_tags", "propagateTags"),
        ] {
            let expression =
                plan.configuration.expression(&change.module, change.kind, change.name, &[attribute]);
            if let Some(value) = expression.and_then(|node| node.get("constant_value"))
                && !entries.iter().any(|entry| entry.key == member)
            {
                entries.push(Entry { key: member.into(), key_place: value.place, value: value.clone() });
            }
        }
    }

    /// The task definition, through the configuration where its ARN is not known yet.
    fn definition_of(
        &mut self,
        plan: &Plan<'_>,
        change: &Change<'_>,
        entries: &mut Vec<Entry>,
        origin: &str,
    ) {
        let key = "daemonTaskDefinitionArn";
        if entries.iter().any(|entry| entry.key == key) {
            return;
        }
        let place = change.node.place;
        let kind = "aws_ecs_daemon_task_definition";
        let Some(target) = self.only(plan, change, &["daemon_task_definition_arn"], kind, origin) else {
            return;
        };
        let family =
            target.after.or(target.before).and_then(|node| text_at(node, "family")).unwrap_or_default();
        let label = match revision(target) {
            Some(number) => format!("{family}:{number}"),
            None => family,
        };
        entries.push(Entry {
            key: key.into(),
            key_place: place,
            value: Node { kind: Kind::Text(label), place },
        });
    }

    /// The capacity providers, likewise.
    fn providers_of(&mut self, plan: &Plan<'_>, change: &Change<'_>, entries: &mut Vec<Entry>, origin: &str) {
        let key = "capacityProviderArns";
        let is_known = |entry: &Entry| {
            entry.key == key
                && matches!(&entry.value.kind, Kind::List(nodes) if !nodes.is_empty() && nodes.iter().all(|node| matches!(node.kind, Kind::Text(_))))
        };
        if entries.iter().any(is_known) {
            return;
        }
        entries.retain(|entry| entry.key != key);
        let kind = "aws_ecs_capacity_provider";
        let mut found: Vec<String> = plan
            .all(change, &["capacity_provider_arns"], kind)
            .iter()
            .filter_map(|target| text_at(target.after.or(target.before)?, "name"))
            .collect();
        if found.is_empty() {
            let only = self.only(plan, change, &["capacity_provider_arns"], kind, origin);
            found.extend(only.and_then(|target| text_at(target.after.or(target.before)?, "name")));
        }
        let place = change.node.place;
        let nodes = found.into_iter().map(|name| Node { kind: Kind::Text(name), place }).collect::<Vec<_>>();
        if !nodes.is_empty() {
            entries.push(Entry {
                key: key.into(),
                key_place: place,
                value: Node { kind: Kind::List(nodes), place },
            });
        }
    }

    /// The resource that an attribute leads to, or the only one of its kind; told where there is neither.
    fn only<'p, 'n>(
        &mut self,
        plan: &'p Plan<'n>,
        change: &Change<'n>,
        path: &[&str],
        kind: &str,
        origin: &str,
    ) -> Option<&'p Change<'n>> {
        if let Some(found) = plan.first(change, path, kind) {
            return Some(found);
        }
        let mut candidates =
            plan.changes.iter().filter(|other| other.kind == kind && other.fate != Fate::Deleted);
        if let (Some(only), None) = (candidates.next(), candidates.next()) {
            self.assumed
                .push(format!("{} of {origin} is {}, the only one of the plan", path[0], only.address));
            Some(only)
        } else {
            let message =
                format!("{} of {} is known only after it has been applied", path[0], change.address);
            self.problem(Code::UnknownUntilApply, change.node.place, message)
                .help(format!("its expression has to refer to a resource of type {kind} in this plan"));
            None
        }
    }

    fn plan_definition(&mut self, change: &Change<'_>, origin: &str) {
        let number = change.before.and_then(|node| node.get("revision")).and_then(count);
        if let (Some(before), true) = (change.before, change.fate != Fate::Stays) {
            self.register(&definition(before), &format!("{origin}: what it is now"), number);
        }
        if let Some(after) = change.after.filter(|_| change.fate != Fate::Deleted) {
            self.register(&definition(after), origin, revision(change));
        }
    }

    fn plan_provider(&mut self, change: &Change<'_>, origin: &str) {
        let Some(values) = change.after.or(change.before) else { return };
        let Some(name) = text_at(values, "name") else { return };
        let Some(managed) = block(values, "managed_instances_provider") else {
            self.left_out.push(format!("{origin}: managed daemons run on managed instances only"));
            return;
        };
        let launch = block(managed, "instance_launch_template");
        let requirements = launch.and_then(|node| block(node, "instance_requirements"));
        let mut range = |key: &str| {
            let range = requirements.and_then(|node| block(node, key));
            let mut end = |end: &str| {
                self.count(range.and_then(|node| node.get(end)), &format!("{end} of {key}"), COUNT)
            };
            (end("min"), end("max"))
        };
        let (vcpu, memory) = (range("vcpu_count"), range("memory_mib"));
        let optimization = block(managed, "infrastructure_optimization");
        let scale_in = optimization.and_then(|node| node.get("scale_in_after"));
        let types = |key: &str| {
            requirements.and_then(|node| node.get(key)).map_or(Vec::new(), |node| names(node, ""))
        };
        let subnets =
            launch.and_then(|node| block(node, "network_configuration")).and_then(|node| node.get("subnets"));
        let provider = Provider {
            name,
            origin: origin.to_owned(),
            allowed: types("allowed_instance_types"),
            excluded: types("excluded_instance_types"),
            vcpu,
            memory,
            zones: subnets.and_then(|node| match &node.kind {
                Kind::List(nodes) if !nodes.is_empty() => Some(nodes.len()),
                _ => None,
            }),
            actions_status: block(managed, "auto_repair_configuration")
                .and_then(|node| text_at(node, "actions_status")),
            scale_in_after: self.number(scale_in, "scale_in_after", ANY),
            capacity_option: launch.and_then(|node| text_at(node, "capacity_option_type")),
        };
        self.provider(provider, change.node.place);
    }

    #[expect(clippy::too_many_lines, reason = "an attribute after the other")]
    fn plan_service(&mut self, plan: &Plan<'_>, change: &Change<'_>, origin: &str) {
        let Some(values) = change.before.or(change.after) else { return };
        // What is created only now is not there at the start; but the rollout has to live with it.
        let values = change.after.unwrap_or(values);
        let Some(name) = text_at(values, "name") else { return };
        let strategy = match values.get("capacity_provider_strategy").map(|node| &node.kind) {
            Some(Kind::List(nodes)) => &nodes[..],
            _ => &[],
        };
        let mut providers: Vec<(u64, String)> = Vec::new();
        for node in strategy {
            let weight =
                ["weight", "base"].iter().filter_map(|key| self.count(node.get(key), key, COUNT)).sum();
            let provider = text_at(node, "capacity_provider");
            providers.extend(provider.map(|text| (weight, plain_provider(&text))));
        }
        providers.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let mut providers: Vec<String> = providers.into_iter().map(|(_, name)| name).collect();
        if providers.is_empty() {
            let path = ["capacity_provider_strategy", "capacity_provider"];
            let found = plan.all(change, &path, "aws_ecs_capacity_provider");
            providers
                .extend(found.iter().filter_map(|target| text_at(target.after.or(target.before)?, "name")));
        }
        if providers.is_empty() || text_at(values, "scheduling_strategy").as_deref() == Some("DAEMON") {
            self.left_out.push(format!("{origin}: the service names no capacity provider"));
            return;
        }
        let own = text_at(values, "task_definition");
        let by_name = own.as_deref().map(super::resources::family).and_then(|family| {
            let of_family = |other: &&Change<'_>| {
                other.kind == "aws_ecs_task_definition"
                    && other.after.or(other.before).and_then(|node| text_at(node, "family")).as_deref()
                        == Some(family)
            };
            plan.changes.iter().find(of_family)
        });
        let task = by_name.or_else(|| plan.first(change, &["task_definition"], "aws_ecs_task_definition"));
        let size = task.and_then(|task| task.after.or(task.before)).map(|task| {
            let value = task.to_json();
            let containers =
                value["container_definitions"].as_str().and_then(|text| serde_json::from_str(text).ok());
            let containers = containers.unwrap_or(Value::Null);
            self.check_size(task.get("cpu"), "cpu", "vcpu");
            self.check_size(task.get("memory"), "memory", "gb");
            self.check_container_sizes(&containers, task.get("container_definitions").unwrap_or(task));
            task_size(&value["cpu"], &value["memory"], &containers)
        });
        let size = size.unwrap_or_default();
        let mut number = |key: &str, bounds| self.count(values.get(key), key, bounds);
        let desired = number("desired_count", TASKS);
        let minimum_healthy = number("deployment_minimum_healthy_percent", MINIMUM_HEALTHY);
        let maximum = number("deployment_maximum_percent", MAXIMUM);
        self.services.push(Service {
            name,
            origin: origin.to_owned(),
            providers,
            desired,
            cpu: size.cpu,
            memory: size.memory,
            minimum_healthy,
            maximum,
            stop_timeout: size.stop_timeout,
        });
    }

    fn plan_alarm(&mut self, change: &Change<'_>, origin: &str) {
        let Some(values) = change.after.or(change.before) else { return };
        let Some(name) = text_at(values, "alarm_name") else { return };
        self.alarms.push(Alarm { name, origin: origin.to_owned(), body: from_snake_case(&values.to_json()) });
    }
}

/// The number that a definition has, or will have once it is registered anew; none if the plan cannot say.
fn revision(change: &Change<'_>) -> Option<u64> {
    let before = change.before.and_then(|node| node.get("revision")).and_then(count);
    match change.fate {
        Fate::Replaced => before.map(|number| number + 1),
        Fate::Created => None,
        _ => before,
    }
}

/// The members of a registration.
fn definition(values: &Node) -> Node {
    let mut body = spelt(values, &service::REGISTER);
    // A volume's host path is a block of its own in the API.
    if let Some(Kind::List(volumes)) = body.get_mut("volumes").map(|node| &mut node.kind) {
        let own = match values.get("volume").map(|node| &node.kind) {
            Some(Kind::List(nodes)) => &nodes[..],
            _ => &[],
        };
        for (volume, own) in volumes.iter_mut().zip(own) {
            let path = own.get("host_path").filter(|node| matches!(node.kind, Kind::Text(_)));
            if let (Kind::Map(entries), Some(path)) = (&mut volume.kind, path) {
                let source = Entry { key: "sourcePath".into(), key_place: path.place, value: path.clone() };
                let host = Node { kind: Kind::Map(vec![source]), place: path.place };
                entries.push(Entry { key: "host".into(), key_place: path.place, value: host });
            }
        }
    }
    body
}

/// Attributes as members of the API; Terraform's own are left out.
fn spelt(values: &Node, record: &'static Record) -> Node {
    let mut spelling = Spelling { dialect: Dialect::Terraform, why: &|_| None, unknown: Vec::new() };
    let mut values = values.clone();
    // Tags of the provider's configuration are sent as well.
    if let Kind::Map(entries) = &mut values.kind {
        let all = entries
            .iter()
            .find(|entry| entry.key == "tags_all" && matches!(entry.value.kind, Kind::Map(_)))
            .cloned();
        if let Some(all) = all {
            entries.retain(|entry| entry.key != "tags");
            entries.push(Entry { key: "tags".into(), ..all });
        }
        entries.retain(|entry| entry.key != "name");
    }
    spelling.record(&values, record)
}

/// The only element of a block.
fn block<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.get(key)?.kind {
        Kind::List(nodes) => nodes.first(),
        Kind::Map(_) => node.get(key),
        _ => None,
    }
}

/// The same with its own keys from `snake_case` to camelCase; what is inside keeps its keys, as the tags of a map do.
fn from_snake_case(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, value)| {
                    let mut parts = key.split('_');
                    let mut name = parts.next().unwrap_or_default().to_owned();
                    for part in parts {
                        let mut letters = part.chars();
                        name.extend(letters.next().map(|c| c.to_ascii_uppercase()));
                        name.push_str(letters.as_str());
                    }
                    (name, value.clone())
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

impl<'n> Plan<'n> {
    /// The resources of a kind that an attribute's expression leads to.
    fn all<'p>(&'p self, change: &Change<'n>, path: &[&str], kind: &str) -> Vec<&'p Change<'n>> {
        let expression = self.configuration.expression(&change.module, change.kind, change.name, path);
        let Some(expression) = expression else { return Vec::new() };
        let (own, modules) = change.keys.split_last().expect("the last key is its own");
        let scope = Scope {
            module: change.module.clone(),
            keys: modules.iter().cloned().map(Some).collect(),
            own: own.clone(),
        };
        let mut found = Vec::new();
        for mut target in self.configuration.targets(&scope, expression) {
            if target.kind != kind {
                continue;
            }
            let is_there = self.changes.iter().any(|other| other.is(&target));
            if target.is_own_key && !is_there {
                // `each` or `count` stood for something else in the expression.
                target.keys.pop();
                target.keys.push(None);
            }
            found.extend(self.changes.iter().filter(|other| other.is(&target)));
        }
        found
    }

    /// Whether another resource's daemon of the same name goes away.
    fn frees_name_of(&self, change: &Change<'n>) -> bool {
        let name = change.after.and_then(|node| text_at(node, "name"));
        name.is_some()
            && self.changes.iter().any(|other| {
                other.kind == change.kind
                    && matches!(other.fate, Fate::Deleted | Fate::Replaced)
                    && other.before.and_then(|node| text_at(node, "name")) == name
            })
    }

    fn first<'p>(&'p self, change: &Change<'n>, path: &[&str], kind: &str) -> Option<&'p Change<'n>> {
        self.all(change, path, kind).into_iter().next()
    }
}

impl Change<'_> {
    fn is(&self, target: &Target) -> bool {
        self.kind == target.kind
            && self.name == target.name
            && self.module == target.module
            && self.keys.iter().zip(&target.keys).all(|(own, key)| key.as_ref().is_none_or(|key| key == own))
            && self.fate != Fate::Deleted
    }
}

/// The resources of a plan: those that change and those that stay, or else what is planned.
fn changes(plan: &Node) -> Vec<Change<'_>> {
    let mut changes = Vec::new();
    if let Some(Kind::List(nodes)) = plan.get("resource_changes").map(|node| &node.kind) {
        changes.extend(nodes.iter().filter_map(change));
    } else if let Some(root) = plan.get("planned_values").and_then(|node| node.get("root_module")) {
        planned(root, &mut changes, 0);
    }
    changes
}

fn planned<'n>(module: &'n Node, changes: &mut Vec<Change<'n>>, depth: usize) {
    let list = |key: &str| match module.get(key).map(|node| &node.kind) {
        Some(Kind::List(nodes)) => &nodes[..],
        _ => &[],
    };
    for node in list("resources") {
        let Some((address, kind, name)) = identity(node) else { continue };
        let module = modules(address);
        let after = node.get("values");
        changes.push(Change {
            address,
            module,
            kind,
            name,
            keys: keys(address),
            fate: Fate::Created,
            before: None,
            after,
            node,
        });
    }
    if depth < 50 {
        for child in list("child_modules") {
            planned(child, changes, depth + 1);
        }
    }
}

fn identity(node: &Node) -> Option<(&str, &str, &str)> {
    let text = |key: &str| match &node.get(key)?.kind {
        Kind::Text(text) => Some(text.as_str()),
        _ => None,
    };
    if text("mode").is_some_and(|mode| mode != "managed") {
        return None;
    }
    Some((text("address")?, text("type")?, text("name")?))
}

fn change(node: &Node) -> Option<Change<'_>> {
    let (address, kind, name) = identity(node)?;
    let change = node.get("change")?;
    let actions: Vec<&str> = match &change.get("actions")?.kind {
        Kind::List(nodes) => nodes
            .iter()
            .filter_map(|node| if let Kind::Text(text) = &node.kind { Some(text.as_str()) } else { None })
            .collect(),
        _ => return None,
    };
    let fate = match &actions[..] {
        ["create"] => Fate::Created,
        ["update"] => Fate::Updated,
        ["delete"] => Fate::Deleted,
        ["delete", "create"] | ["create", "delete"] => Fate::Replaced,
        ["no-op"] => Fate::Stays,
        _ => return None,
    };
    let values = |key: &str| change.get(key).filter(|node| matches!(node.kind, Kind::Map(_)));
    let module = modules(address);
    Some(Change {
        address,
        module,
        kind,
        name,
        keys: keys(address),
        fate,
        before: values("before"),
        after: values("after"),
        node: change,
    })
}

/// The names of the modules of an address, without their keys.
fn modules(address: &str) -> Vec<String> {
    module_steps(address).map(|(name, _)| name.to_owned()).collect()
}

/// The keys of the modules of an address and, last, its own: `["a"]`, `[0]` or nothing.
fn keys(address: &str) -> Vec<String> {
    let own = steps(address).last().map_or("", |(_, key)| key).to_owned();
    module_steps(address).map(|(_, key)| key.to_owned()).chain([own]).collect()
}

fn module_steps(address: &str) -> impl Iterator<Item = (&str, &str)> {
    let all = steps(address);
    let count = all.chunks(2).take_while(|pair| pair[0].0 == "module" && pair.len() == 2).count();
    all.into_iter().take(2 * count).skip(1).step_by(2)
}
