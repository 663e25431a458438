//! The requests of the ECS daemon API, member by member.
//!
//! Names, types and bounds are those of the service model of ECS (API version
//! 2014-11-13) and of the pages `API_CreateDaemon`, `API_UpdateDaemon` and
//! `API_DeleteDaemon`. Members that cannot matter to a simulation are read, checked
//! and shown, so that a request can be pasted unchanged.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::service;
use super::shape::{Checker, Shape};
use crate::scenario::read::{List, Read, Reader, record};
use crate::scenario::tree::Node;
use crate::scenario::values::{Flag, Minutes, Percent, Text, words};

record! {
    /// a `CreateDaemon` request.
    CreateDaemon {
        /// Name of the daemon: letters, digits, underscores and hyphens, at most 255.
        "daemonName" daemon_name: Text = Required,
        /// The cluster; one scenario is one cluster.
        "clusterArn" cluster_arn: Text = Optional,
        /// What runs: `family:revision`, a family (its latest revision) or an ARN.
        "daemonTaskDefinitionArn" daemon_task_definition_arn: Text = Required,
        /// On which capacity providers: names or ARNs.
        "capacityProviderArns" capacity_provider_arns: List<Text> = Required,
        /// How to get there.
        "deploymentConfiguration" deployment_configuration: DeploymentConfiguration = Default(json!({})),
        /// Whether instances wait for the daemon, and are replaced when they lose it.
        "critical" critical: Flag = Default(json!(true)),
        /// Tags; no effect on a simulation.
        "tags" tags: List<Tag> = Optional,
        /// Whether tags go on to tasks; no effect on a simulation.
        "propagateTags" propagate_tags: PropagateTags = Optional,
        /// Whether ECS adds tags of its own; no effect on a simulation.
        "enableECSManagedTags" enable_ecs_managed_tags: Flag = Optional,
        /// Whether ECS Exec may be used; no effect on a simulation.
        "enableExecuteCommand" enable_execute_command: Flag = Optional,
        /// Idempotency token, at most 36 printable ASCII characters; no effect on a simulation.
        "clientToken" client_token: Text = Optional,
    }
}

record! {
    /// an `UpdateDaemon` request.
    UpdateDaemon {
        /// Which daemon: its name or ARN.
        "daemonArn" daemon_arn: Text = Required,
        /// What runs: `family:revision`, a family (its latest revision) or an ARN.
        "daemonTaskDefinitionArn" daemon_task_definition_arn: Text = Required,
        /// On which capacity providers: names or ARNs.
        "capacityProviderArns" capacity_provider_arns: List<Text> = Required,
        /// How to get there; what is left out goes back to its default.
        "deploymentConfiguration" deployment_configuration: DeploymentConfiguration = Default(json!({})),
        /// Whether instances wait for the daemon, and are replaced when they lose it; left out, it becomes true.
        "critical" critical: Flag = Default(json!(true)),
        /// Whether tags go on to tasks; no effect on a simulation.
        "propagateTags" propagate_tags: PropagateTags = Optional,
        /// Whether ECS adds tags of its own; no effect on a simulation.
        "enableECSManagedTags" enable_ecs_managed_tags: Flag = Optional,
        /// Whether ECS Exec may be used; no effect on a simulation.
        "enableExecuteCommand" enable_execute_command: Flag = Optional,
    }
    refused {
        "daemonName": "an UpdateDaemon request names the daemon by `daemonArn`; a plain name will do there",
    }
}

record! {
    /// a `DeleteDaemon` request.
    DeleteDaemon {
        /// Which daemon: its name or ARN.
        "daemonArn" daemon_arn: Text = Required,
    }
}

record! {
    /// a deployment configuration.
    DeploymentConfiguration {
        /// Share of the instances that drain at once, in percent.
        "drainPercent" drain_percent: Percent = Default(json!(25.0)),
        /// How long alarms are watched after the last batch, in minutes.
        "bakeTimeInMinutes" bake_time_in_minutes: Minutes<0, 1440> = Default(json!(0)),
        /// Alarms that roll the deployment back.
        "alarms" alarms: AlarmConfiguration = Default(json!({})),
    }
}

record! {
    /// an alarm configuration.
    AlarmConfiguration {
        /// Names of `CloudWatch` alarms.
        "alarmNames" alarm_names: List<Text> = Default(json!([])),
        /// Whether they are watched; the API's default is false.
        "enable" enable: Flag = Default(json!(false)),
    }
}

record! {
    /// a tag.
    Tag {
        /// Key, at most 128 characters.
        "key" key: Text = Required,
        /// Value, at most 256 characters.
        "value" value: Text = Optional,
    }
}

words! {
    /// Where a task's tags come from.
    PropagateTags {
        /// From the daemon.
        Daemon = "DAEMON",
        /// From nowhere.
        None = "NONE",
    }
}

words! {
    /// Namespaces of a daemon's containers.
    NamespaceMode {
        /// Their own.
        None = "none",
        /// That of the host.
        Shared = "shared",
    }
}

/// Declares a part of a request that is kept as it is written, once it has been checked against its shape.
macro_rules! kept {
    ($(#[doc = $doc:literal])+ $name:ident, $shape:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(pub Value);

        impl $name {
            const SHAPE: &'static Shape = &$shape;
        }

        impl Read for $name {
            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                let before = reader.problems.len();
                Checker { sources: &reader.sources, problems: &mut reader.problems }
                    .value(node, Self::SHAPE, Self::KEY);
                (reader.problems.len() == before).then(|| Self(node.to_json()))
            }

            fn show(&self) -> Value {
                self.0.clone()
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                Self::SHAPE.schema()
            }
        }
    };
}

kept!(
    /// Containers of a daemon.
    Containers,
    service::CONTAINERS
);
kept!(
    /// Volumes of a daemon.
    Volumes,
    service::VOLUMES
);

impl Containers {
    const KEY: &'static str = "containerDefinitions";

    fn list(&self) -> &[Value] {
        self.0.as_array().map_or(&[], Vec::as_slice)
    }

    /// The member of the first essential container that has it; containers are essential unless they say otherwise.
    pub fn of_essential(&self, member: &str) -> Option<&Value> {
        let essential = |container: &&Value| container["essential"].as_bool() != Some(false);
        self.list().iter().filter(essential).find_map(|container| container.get(member))
    }

    /// The longest `stopTimeout` in seconds.
    pub fn stop_timeout(&self) -> Option<u64> {
        self.list().iter().filter_map(|container| container["stopTimeout"].as_u64()).max()
    }

    /// CPU units that the containers reserve together; none if no container says.
    pub fn cpu(&self) -> Option<u64> {
        sum(self.list().iter().filter_map(|container| container["cpu"].as_u64()))
    }

    /// MiB that the containers reserve together, the soft limit of a container before its hard one; none if no
    /// container says.
    pub fn memory(&self) -> Option<u64> {
        let of = |container: &Value| {
            container["memoryReservation"].as_u64().or_else(|| container["memory"].as_u64())
        };
        sum(self.list().iter().filter_map(of))
    }
}

impl Volumes {
    const KEY: &'static str = "volumes";
}

fn sum(sizes: impl Iterator<Item = u64>) -> Option<u64> {
    sizes.reduce(u64::saturating_add)
}
