//! The fleet as its events show it: container instances and tasks, in the API's members.

use serde_json::{Map, Value, json};

use super::names::Names;
use crate::scenario::epoch::Instant;

/// A container instance, from its registration to its end.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) arn: String,
    pub(super) ec2_instance: String,
    pub(super) provider: String,
    pub(super) zone: String,
    /// Empty where the scenario gives only a size.
    pub(super) instance_type: String,
    pub(super) status: &'static str,
    pub(super) status_reason: &'static str,
    /// Why it goes at once, if it does.
    pub(super) given_up: Option<&'static str>,
    pub(super) registered_at: Instant,
    pub(super) version: u64,
    /// CPU units and MiB that tasks may use, and those that they have not taken.
    pub(super) registered: (u32, u32),
    pub(super) remaining: (u32, u32),
    pub(super) running: u32,
    pub(super) pending: u32,
    /// Whether the agent is connected to ECS.
    pub(super) agent_connected: bool,
    pub(super) agent_changed_at: Instant,
    /// The checks that ECS makes of the instance, in the order of their types.
    pub(super) checks: Vec<HealthCheck>,
}

/// One health check of a container instance.
#[derive(Clone, Debug)]
pub(super) struct HealthCheck {
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) reason: Option<String>,
    pub(super) changed_at: Instant,
}

/// The worst of these rules the overall status, the worst first.
const SEVERITY: [&str; 4] = ["IMPAIRED", "INSUFFICIENT_DATA", "INITIALIZING", "OK"];

impl Host {
    /// The worst status of its checks.
    pub(super) fn overall_status(&self) -> &'static str {
        let has = |status: &&&str| self.checks.iter().any(|check| check.status == **status);
        SEVERITY.iter().find(has).copied().unwrap_or("OK")
    }

    /// `ContainerInstance`, as the detail of a state change has it.
    pub(super) fn state(&self, names: &Names<'_>, now: Instant) -> Value {
        let mut detail = json!({
            "agentConnected": self.agent_connected,
            "attributes": [
                { "name": "ecs.availability-zone", "value": self.zone },
                { "name": "ecs.capacity-provider-name", "value": self.provider },
            ],
            "capacityProviderName": self.provider,
            "clusterArn": names.cluster(),
            "containerInstanceArn": self.arn,
            "ec2InstanceId": self.ec2_instance,
            "pendingTasksCount": self.pending,
            "registeredAt": self.registered_at.to_string(),
            "registeredResources": resources(self.registered),
            "remainingResources": resources(self.remaining),
            "runningTasksCount": self.running,
            "status": self.status,
        });
        if !self.instance_type.is_empty() {
            let attribute = json!({ "name": "ecs.instance-type", "value": self.instance_type });
            detail["attributes"].as_array_mut().expect("it is a list").push(attribute);
        }
        if !self.status_reason.is_empty() {
            detail["statusReason"] = json!(self.status_reason);
        }
        detail["version"] = json!(self.version);
        detail["updatedAt"] = json!(now.to_string());
        detail
    }

    /// The detail of a health change.
    pub(super) fn health(&self, names: &Names<'_>, now: Instant) -> Value {
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|check| {
                json!({
                    "type": check.kind,
                    "status": check.status,
                    "lastStatusChange": check.changed_at.to_string(),
                    "lastUpdated": now.to_string(),
                    "statusReason": check.reason,
                })
            })
            .collect();
        json!({
            "clusterArn": names.cluster(),
            "containerInstanceArn": self.arn,
            "capacityProviderName": self.provider,
            "ec2InstanceId": self.ec2_instance,
            "overallStatus": self.overall_status(),
            "healthChecks": checks,
        })
    }

    /// Takes the room of a task.
    pub(super) fn seat(&mut self, task: &Task) {
        self.remaining.0 = self.remaining.0.saturating_sub(task.cpu);
        self.remaining.1 = self.remaining.1.saturating_sub(task.memory);
        *self.count(task.last_status) += 1;
    }

    /// Gives the room of a task back.
    pub(super) fn free(&mut self, task: &Task) {
        self.remaining.0 = (self.remaining.0 + task.cpu).min(self.registered.0);
        self.remaining.1 = (self.remaining.1 + task.memory).min(self.registered.1);
        let count = self.count(task.last_status);
        *count = count.saturating_sub(1);
    }

    /// A pending task of its own runs.
    pub(super) fn start(&mut self) {
        self.pending = self.pending.saturating_sub(1);
        self.running += 1;
    }

    fn count(&mut self, last_status: &str) -> &mut u32 {
        if matches!(last_status, "PROVISIONING" | "PENDING") { &mut self.pending } else { &mut self.running }
    }
}

fn resources((cpu, memory): (u32, u32)) -> Value {
    json!([
        { "name": "CPU", "type": "INTEGER", "integerValue": cpu },
        { "name": "MEMORY", "type": "INTEGER", "integerValue": memory },
    ])
}

/// A task, from its creation to its end.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) arn: String,
    pub(super) id: String,
    /// Name of its container.
    pub(super) name: String,
    pub(super) group: String,
    pub(super) started_by: String,
    pub(super) definition: String,
    pub(super) provider: String,
    pub(super) cpu: u32,
    pub(super) memory: u32,
    /// Label of its instance, once it is placed.
    pub(super) host: Option<String>,
    pub(super) last_status: &'static str,
    pub(super) created_at: Instant,
    pub(super) placed_at: Option<Instant>,
    pub(super) started_at: Option<Instant>,
    pub(super) stopping: Option<Stop>,
    /// Whether its health check gave it up.
    pub(super) unhealthy: bool,
    pub(super) version: u64,
}

/// How a task came to be told to stop, or stopped by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) at: Instant,
    pub(super) code: &'static str,
    pub(super) reason: &'static str,
}

impl Task {
    /// `Task`, as the detail of a state change has it.
    pub(super) fn state(&self, names: &Names<'_>, host: Option<&Host>, now: Instant) -> Value {
        let mut detail = Map::new();
        let mut put = |key: &str, value: Value| detail.insert(key.to_owned(), value);
        put("attachments", json!([]));
        put("attributes", json!([]));
        if let Some(host) = host {
            put("availabilityZone", json!(host.zone));
        }
        put("capacityProviderName", json!(self.provider));
        put("clusterArn", json!(names.cluster()));
        if let Some(placed) = self.placed_at {
            put("connectivity", json!("CONNECTED"));
            put("connectivityAt", json!(placed.to_string()));
        }
        if let Some(host) = host {
            put("containerInstanceArn", json!(host.arn));
        }
        put("containers", json!([self.container(names)]));
        put("cpu", json!(self.cpu.to_string()));
        put("createdAt", json!(self.created_at.to_string()));
        put("desiredStatus", json!(if self.stopping.is_some() { "STOPPED" } else { "RUNNING" }));
        put("enableExecuteCommand", json!(false));
        put("group", json!(self.group));
        put("launchType", json!("MANAGED_INSTANCES"));
        put("lastStatus", json!(self.last_status));
        put("memory", json!(self.memory.to_string()));
        put("overrides", json!({ "containerOverrides": [] }));
        if let Some(started) = self.started_at {
            put("startedAt", json!(started.to_string()));
        }
        if !self.started_by.is_empty() {
            put("startedBy", json!(self.started_by));
        }
        if let Some(stop) = self.stopping {
            put("stoppingAt", json!(stop.at.to_string()));
            put("stopCode", json!(stop.code));
            put("stoppedReason", json!(stop.reason));
        }
        if self.last_status == "STOPPED" {
            put("stoppedAt", json!(now.to_string()));
        }
        put("taskArn", json!(self.arn));
        put("taskDefinitionArn", json!(self.definition));
        put("updatedAt", json!(now.to_string()));
        put("version", json!(self.version));
        Value::Object(detail)
    }

    fn container(&self, names: &Names<'_>) -> Value {
        let last_status = match self.last_status {
            "PROVISIONING" | "PENDING" => "PENDING",
            "STOPPED" => "STOPPED",
            _ => "RUNNING",
        };
        json!({
            "containerArn": names.container(&self.id),
            "cpu": self.cpu.to_string(),
            "lastStatus": last_status,
            "memory": self.memory.to_string(),
            "name": self.name,
            "taskArn": self.arn,
        })
    }
}
