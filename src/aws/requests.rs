//! The requests of the ECS daemon API, member by member.
//!
//! Names, types and bounds are those of the service model of ECS (API version
//! 2014-11-13) and of the pages `API_CreateDaemon`, `API_UpdateDaemon` and
//! `API_DeleteDaemon`. Members that cannot matter to a simulation are read, checked
//! and shown, so that a request can be pasted unchanged.

use serde_json::json;

use crate::scenario::read::{List, record};
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
