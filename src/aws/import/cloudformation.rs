//! `CloudFormation` templates: the resources that a simulation knows.

use std::collections::BTreeMap;

use super::Intake;
use super::functions::Template;
use super::intake::{Alarm, Operation, Provider, Service};
use super::numbers::{ANY, Bounds, COUNT, MAXIMUM, MINIMUM_HEALTHY, TASKS};
use super::resources::{TaskSize, names, task_size, text_at};
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
        let tasks = self.tasks(template, resources);
        let strategy = self.default_strategy(template, resources);
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
                    self.alarms.push(Alarm {
                        name: own,
                        origin,
                        body: super::resources::from_pascal_case(&body),
                    });
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
        let mut range = |key: &str| {
            let range = requirements.and_then(|node| node.get(key));
            let mut end = |end: &str| {
                let node = range.and_then(|range| range.get(end));
                self.known_count(template, node, &format!("{end} of {key}"), COUNT)
            };
            (end("Min"), end("Max"))
        };
        let (vcpu, memory) = (range("VCpuCount"), range("MemoryMiB"));
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
            vcpu,
            memory,
            zones,
            actions_status: status,
            scale_in_after: self.number(scale_in, "ScaleInAfter", ANY),
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
        let own = properties.get("CapacityProviderStrategy").map(|node| self.strategy(template, node));
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
        let desired = self.known_count(template, properties.get("DesiredCount"), "DesiredCount", TASKS);
        let configuration = properties.get("DeploymentConfiguration");
        let mut percent = |key: &str, bounds: Bounds| {
            self.known_count(template, configuration.and_then(|node| node.get(key)), key, bounds)
        };
        let minimum_healthy = percent("MinimumHealthyPercent", MINIMUM_HEALTHY);
        let maximum = percent("MaximumPercent", MAXIMUM);
        let task = text_at(&properties, "TaskDefinition");
        let size =
            task.and_then(|task| tasks.get(super::resources::family(&task)).cloned()).unwrap_or_default();
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

    /// Sizes of the task definitions of services, by family.
    fn tasks(
        &mut self,
        template: &mut Template<'_>,
        resources: &[Resource<'_>],
    ) -> BTreeMap<String, TaskSize> {
        let mut tasks = BTreeMap::new();
        for (name, kind, resource, _) in resources {
            if *kind == "AWS::ECS::TaskDefinition" {
                let family = template.name_of(resource, "Family", name);
                let properties = template.properties(resource);
                for (key, unit) in [("Cpu", "vcpu"), ("Memory", "gb")] {
                    let node = properties.get(key).filter(|node| template.why(node).is_none());
                    self.check_size(node, key, unit);
                }
                let body = super::resources::from_pascal_case(&properties.to_json());
                let containers = &body["containerDefinitions"];
                if let Some(node) = properties.get("ContainerDefinitions") {
                    self.check_container_sizes(containers, node);
                }
                tasks.insert(family, task_size(&body["cpu"], &body["memory"], containers));
            }
        }
        tasks
    }

    /// The capacity providers that services use which name none.
    fn default_strategy(&mut self, template: &mut Template<'_>, resources: &[Resource<'_>]) -> Vec<String> {
        for (_, kind, resource, _) in resources {
            if matches!(*kind, "AWS::ECS::Cluster" | "AWS::ECS::ClusterCapacityProviderAssociations")
                && let Some(node) = template.property(resource, "DefaultCapacityProviderStrategy")
            {
                return self.strategy(template, &node);
            }
        }
        Vec::new()
    }

    /// Capacity providers of a strategy, the heaviest first.
    fn strategy(&mut self, template: &Template<'_>, node: &Node) -> Vec<String> {
        let Kind::List(items) = &node.kind else { return Vec::new() };
        let mut providers: Vec<(u64, String)> = Vec::new();
        for item in items {
            let mut weight = 0;
            for key in ["Weight", "Base"] {
                // One alone has all of the weight, whatever it is.
                let node = item.get(key).filter(|node| items.len() > 1 || template.why(node).is_none());
                weight += self.known_count(template, node, key, COUNT).unwrap_or(0);
            }
            let provider = text_at(item, "CapacityProvider");
            providers.extend(provider.map(|text| (weight, super::resources::plain_provider(&text))));
        }
        providers.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        providers.into_iter().map(|(_, name)| name).collect()
    }

    /// A number that is not negative, and that has to be known before a deployment.
    fn known_count(
        &mut self,
        template: &Template<'_>,
        node: Option<&Node>,
        name: &str,
        bounds: Bounds,
    ) -> Option<u64> {
        if let Some(node) = node
            && let Some(reason) = template.why(node)
        {
            let message = format!("{name} has to be known here, and it is not: {reason}");
            self.problem(Code::Template, node.place, message);
            return None;
        }
        self.count(node, name, bounds)
    }
}
