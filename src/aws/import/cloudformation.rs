//! `CloudFormation` templates: the resources that a simulation knows.

use std::collections::BTreeMap;

use super::Intake;
use super::functions::Template;
use super::intake::{Alarm, Operation, Provider, Service};
use super::resources::{TaskSize, count, names, task_size, text_at};
use super::spelling::{Dialect, Spelling};
use crate::aws::service;
use crate::aws::shape::{Record, Refusal};
use crate::scenario::codes::Code;
use crate::scenario::tree::{Entry, Kind, Node, Place};

/// A resource of a template: its name there, its type, itself.
type Resource<'n> = (&'n str, &'n str, &'n Node, Place);

impl Intake<'_> {
    /// Takes what a template has of daemons, and of what they run on and beside.
    pub(super) fn template(&mut self, node: &Node, file: &str) {
        if !matches!(node.get("Resources").map(|node| &node.kind), Some(Kind::Map(_))) {
            self.problem(Code::Template, node.place, "a template without Resources");
            return;
        }
        let mut template = Template::new(node, &self.options.parameters.clone());
        self.declared.extend(template.declared());
        let resources = template.resources();
        let requests = self.requests.len();
        self.ecs_resources(&mut template, &resources, file);
        for request in self.requests.iter_mut().skip(requests + 1) {
            request.together = true;
        }
        for unsolvable in std::mem::take(&mut template.unsolvable) {
            let problem = self.problem(Code::Template, unsolvable.place, unsolvable.message);
            problem.help = unsolvable.help;
        }
        for pseudo in &template.used {
            self.assumed
                .push(format!("{pseudo} of {file} is a stand-in; --parameter {pseudo}=VALUE gives it"));
        }
        self.problems.dedup();
    }

    fn ecs_resources<'n>(&mut self, template: &mut Template<'n>, resources: &[Resource<'n>], file: &str) {
        let tasks = tasks(template, resources);
        let strategy = default_strategy(template, resources);
        for (name, kind, resource, _) in resources {
            let origin = format!("{file}, resource {name}");
            match *kind {
                "AWS::ECS::DaemonTaskDefinition" => {
                    let before = template.unsolvable.len();
                    let body = self.spelt(template, resource, &service::REGISTER, ("family", name));
                    // What could not be resolved would only be told to be missing.
                    if template.unsolvable.len() == before {
                        self.register(&body, &origin, None);
                    }
                }
                "AWS::ECS::CapacityProvider" => self.cfn_provider(template, resource, name, &origin),
                "AWS::ECS::Service" => {
                    self.cfn_service(template, resource, (name, &origin), &tasks, &strategy);
                }
                "AWS::CloudWatch::Alarm" => {
                    let own = template.name_of(resource, "AlarmName", name);
                    let body = template.properties(resource).to_json();
                    self.alarms.push(Alarm { name: own, origin, body: super::resources::camel(&body) });
                }
                "AWS::ECS::Daemon" => {
                    let before = template.unsolvable.len();
                    self.autoscaled(template, resource, resources);
                    let body = self.spelt(template, resource, &service::CREATE_DAEMON, ("daemonName", name));
                    if template.unsolvable.len() == before {
                        self.take(Operation::Create, &body, &origin);
                    }
                }
                "AWS::ECS::Cluster"
                | "AWS::ECS::TaskDefinition"
                | "AWS::ECS::ClusterCapacityProviderAssociations" => {}
                other if other.starts_with("AWS::ECS::") => {
                    self.left_out.push(format!("{origin}, of type {other}"));
                }
                _ => {}
            }
        }
    }

    /// A daemon on an Auto Scaling group: ECS refuses it.
    fn autoscaled(&mut self, template: &mut Template<'_>, daemon: &Node, resources: &[Resource<'_>]) {
        let Some(providers) = template.property(daemon, "CapacityProviderArns") else { return };
        for (name, _, resource, _) in
            resources.iter().filter(|(_, kind, ..)| *kind == "AWS::ECS::CapacityProvider")
        {
            let is_group =
                resource.get("Properties").is_some_and(|node| node.get("AutoScalingGroupProvider").is_some());
            let own = template.name_of(resource, "Name", name);
            if is_group && names(&providers, "capacity-provider").contains(&own) {
                let message = format!(
                    "the capacity provider '{own}' is an Auto Scaling group, and managed daemons run on managed instances only"
                );
                self.checker().refuse(Refusal::InvalidParameter, providers.place, &message);
            }
        }
    }

    /// The properties of a resource as the API's members; `own` is the member that its name in the template fills in.
    fn spelt(
        &mut self,
        template: &mut Template<'_>,
        resource: &Node,
        record: &'static Record,
        own: (&str, &str),
    ) -> Node {
        let properties = template.properties(resource);
        let why = |node: &Node| template.why(node).map(str::to_owned);
        let mut spelling = Spelling { dialect: Dialect::CloudFormation, why: &why, unknown: Vec::new() };
        let mut body = spelling.record(&properties, record);
        let unknown = std::mem::take(&mut spelling.unknown);
        for (node, member, reason) in unknown {
            self.problem(
                Code::Template,
                node.place,
                format!("{member} has to be known here, and it is not: {reason}"),
            );
        }
        if let Kind::Map(entries) = &mut body.kind
            && !entries.iter().any(|entry| entry.key == own.0)
        {
            let value = Node { kind: Kind::Text(own.1.to_owned()), place: resource.place };
            entries.insert(0, Entry { key: own.0.into(), key_place: resource.place, value });
            self.assumed.push(format!("{} is called '{}', as in the template", own.0, own.1));
        }
        self.stand_ins(template, &body);
        body
    }

    /// Names that stand in for what only a deployment knows are assumptions.
    fn stand_ins(&mut self, template: &Template<'_>, body: &Node) {
        for key in ["daemonName", "family", "daemonTaskDefinitionArn", "capacityProviderArns"] {
            let Some(node) = body.get(key) else { continue };
            let nodes: &[Node] = match &node.kind {
                Kind::List(nodes) => nodes,
                _ => std::slice::from_ref(node),
            };
            for node in nodes {
                if let (Some(reason), Kind::Text(text)) = (template.why(node), &node.kind) {
                    self.assumed.push(format!("{key} is called '{text}': {reason}"));
                }
            }
        }
    }

    fn cfn_provider(&mut self, template: &mut Template<'_>, resource: &Node, logical: &str, origin: &str) {
        let name = template.name_of(resource, "Name", logical);
        let properties = template.properties(resource);
        let Some(managed) = properties.get("ManagedInstancesProvider") else {
            self.left_out.push(format!("{origin}: managed daemons run on managed instances only"));
            return;
        };
        let launch = managed.get("InstanceLaunchTemplate");
        let requirements = launch.and_then(|launch| launch.get("InstanceRequirements"));
        let range = |key: &str| {
            let range = requirements.and_then(|node| node.get(key));
            let end = |key: &str| range.and_then(|range| range.get(key)).and_then(count);
            (end("Min"), end("Max"))
        };
        let types = |key: &str| {
            requirements.and_then(|node| node.get(key)).map_or(Vec::new(), |node| names(node, ""))
        };
        let subnets = launch.and_then(|node| node.get("NetworkConfiguration")?.get("Subnets"));
        let zones = match subnets.map(|node| &node.kind) {
            Some(Kind::List(nodes)) if !nodes.is_empty() => Some(nodes.len()),
            _ => None,
        };
        let scale_in = managed.get("InfrastructureOptimization").and_then(|node| node.get("ScaleInAfter"));
        let status = managed.get("AutoRepairConfiguration").and_then(|node| text_at(node, "ActionsStatus"));
        let provider = Provider {
            name,
            origin: origin.to_owned(),
            allowed: types("AllowedInstanceTypes"),
            excluded: types("ExcludedInstanceTypes"),
            vcpu: range("VCpuCount"),
            memory: range("MemoryMiB"),
            zones,
            actions_status: status,
            scale_in_after: scale_in.and_then(super::resources::whole),
            capacity_option: launch.and_then(|node| text_at(node, "CapacityOptionType")),
        };
        self.provider(provider, resource.place);
    }

    fn cfn_service(
        &mut self,
        template: &mut Template<'_>,
        resource: &Node,
        (logical, origin): (&str, &str),
        tasks: &BTreeMap<String, TaskSize>,
        default_strategy: &[String],
    ) {
        let name = template.name_of(resource, "ServiceName", logical);
        let properties = template.properties(resource);
        let own = properties.get("CapacityProviderStrategy").map(strategy);
        let providers = match own {
            Some(own) => own,
            None if properties.get("LaunchType").is_none() => default_strategy.to_vec(),
            None => Vec::new(),
        };
        let is_daemon = text_at(&properties, "SchedulingStrategy").as_deref() == Some("DAEMON");
        if providers.is_empty() || is_daemon {
            self.left_out.push(format!("{origin}: the service names no capacity provider"));
            return;
        }
        if let Some(node) = properties.get("DesiredCount")
            && let Some(reason) = template.why(node).map(str::to_owned)
        {
            self.problem(
                Code::Template,
                node.place,
                format!("DesiredCount has to be known here, and it is not: {reason}"),
            );
        }
        let configuration = properties.get("DeploymentConfiguration");
        let percent = |key: &str| configuration.and_then(|node| node.get(key)).and_then(count);
        let task = text_at(&properties, "TaskDefinition");
        let size =
            task.and_then(|task| tasks.get(super::resources::family(&task)).cloned()).unwrap_or_default();
        self.services.push(Service {
            name,
            origin: origin.to_owned(),
            providers,
            desired: properties.get("DesiredCount").and_then(count),
            cpu: size.cpu,
            memory: size.memory,
            minimum_healthy: percent("MinimumHealthyPercent"),
            maximum: percent("MaximumPercent"),
            stop_timeout: size.stop_timeout,
        });
    }
}

/// Sizes of the task definitions of services, by family.
fn tasks(template: &mut Template<'_>, resources: &[Resource<'_>]) -> BTreeMap<String, TaskSize> {
    let mut tasks = BTreeMap::new();
    for (name, kind, resource, _) in resources {
        if *kind == "AWS::ECS::TaskDefinition" {
            let family = template.name_of(resource, "Family", name);
            let body = super::resources::camel(&template.properties(resource).to_json());
            tasks.insert(family, task_size(&body["cpu"], &body["memory"], &body["containerDefinitions"]));
        }
    }
    tasks
}

/// The capacity providers that services use which name none.
fn default_strategy(template: &mut Template<'_>, resources: &[Resource<'_>]) -> Vec<String> {
    for (_, kind, resource, _) in resources {
        if matches!(*kind, "AWS::ECS::Cluster" | "AWS::ECS::ClusterCapacityProviderAssociations")
            && let Some(node) = template.property(resource, "DefaultCapacityProviderStrategy")
        {
            return strategy(&node);
        }
    }
    Vec::new()
}

/// Capacity providers of a strategy, the heaviest first.
fn strategy(node: &Node) -> Vec<String> {
    let Kind::List(items) = &node.kind else { return Vec::new() };
    let mut providers: Vec<(u64, String)> = items
        .iter()
        .filter_map(|item| {
            let weight = item.get("Weight").and_then(count).unwrap_or(0)
                + item.get("Base").and_then(count).unwrap_or(0);
            Some((weight, super::resources::plain_provider(&text_at(item, "CapacityProvider")?)))
        })
        .collect();
    providers.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    providers.into_iter().map(|(_, name)| name).collect()
}
