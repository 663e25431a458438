//! From lines of the story to events: one state of the fleet as ECS would show it, moved line by line.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fleet::{HealthCheck, Host, Stop, Task};
use super::names::Names;
use super::{Event, OWN_SOURCE};
use crate::fleet::{Change, LogEntry};
use crate::scenario::Scenario;
use crate::scenario::epoch::Instant;
use crate::scenario::model::Deploy;

/// The source of every event of ECS.
const ECS_SOURCE: &str = "aws.ecs";

/// What moves the fleet along and keeps the events.
#[derive(Debug)]
pub(super) struct Translator<'a> {
    scenario: &'a Scenario,
    names: Names<'a>,
    now: Instant,
    /// By label, `provider/lineage.generation`.
    hosts: BTreeMap<String, Host>,
    /// By what they stand for: `service/ordinal.generation`, or `label/daemon#n`.
    tasks: BTreeMap<String, Task>,
    /// The latest task of a daemon on an instance: how many there have been, and what has befallen it.
    daemon_tasks: BTreeMap<(String, String), DaemonTask>,
    deployments: Vec<&'a Deploy>,
    /// Events of ECS so far, and lines of the story told.
    counts: (u64, u64),
    pub(super) events: Vec<Event>,
}

/// What is known of a daemon on an instance.
#[derive(Clone, Debug, Default)]
struct DaemonTask {
    attempts: u32,
    id: String,
    ailment: Option<&'static str>,
    /// It is HEALTHY, or RUNNING without a health check.
    up: bool,
    /// There is no room for it, so it is not created.
    unplaceable: bool,
}

impl<'a> Translator<'a> {
    /// The fleet at the start, told instance by instance.
    pub(super) fn new(scenario: &'a Scenario, seed: u64) -> Self {
        let deployments = scenario.timeline.iter().filter_map(|action| action.request.deploy()).collect();
        let mut translator = Self {
            scenario,
            names: Names::new(scenario, seed),
            now: scenario.event_log.epoch,
            hosts: BTreeMap::new(),
            tasks: BTreeMap::new(),
            daemon_tasks: BTreeMap::new(),
            deployments,
            counts: (0, 0),
            events: Vec::new(),
        };
        translator.begin();
        translator
    }

    fn begin(&mut self) {
        let scenario = self.scenario;
        for (index, provider) in scenario.providers.iter().enumerate() {
            for (number, tasks) in (0..provider.instances).zip(scenario.layout().instances(index)) {
                let label = format!("{}/{number}.0", provider.name);
                self.register(&label, (number % provider.zones, provider.type_at_start(number)), "ACTIVE");
                let mut keys = Vec::new();
                for daemon in &scenario.daemons {
                    let Some(initial) = daemon.initial.as_ref() else { continue };
                    if initial.providers.contains(&index) {
                        let revision = scenario.revisions[initial.revision].label();
                        keys.push(self.create_daemon_task(&label, &daemon.name, &revision));
                    }
                }
                for task in tasks {
                    let name = &scenario.services[usize::from(task.service)].name;
                    keys.push(self.create_task(name, task.ordinal, 0));
                }
                for key in &keys {
                    self.seat(key, &label);
                    self.run(key);
                }
                for (_, task) in self.daemon_tasks.iter_mut().filter(|((host, _), _)| *host == label) {
                    task.up = true;
                }
                self.settle_daemon_check(&label);
                self.tell_host(&label);
                for key in &keys {
                    self.tell_task(key);
                }
            }
        }
    }

    /// Tells a line of the story as it is.
    pub(super) fn tell(&mut self, entry: &LogEntry) {
        self.now = self.scenario.event_log.epoch.plus_ms(entry.at.as_ms());
        self.counts.1 += 1;
        let id = self.names.uuid(&format!("story/{}", self.counts.1)).to_string();
        let detail = serde_json::to_value(entry).expect("plain data has a JSON form");
        let event = self.event(OWN_SOURCE, "Simulation Step", id, Vec::new(), detail);
        self.events.push(event);
    }

    /// Tells what ECS would have sent.
    pub(super) fn translate(&mut self, entry: &LogEntry) {
        self.now = self.scenario.event_log.epoch.plus_ms(entry.at.as_ms());
        match &entry.change {
            Change::Instance { instance, zone, offered, status, cause } => {
                self.instance(instance, (u32::from(*zone), usize::from(*offered)), status, cause);
            }
            Change::GivenUp { instance, cause } => {
                if let Some(host) = self.hosts.get_mut(instance) {
                    host.given_up = Some(*cause);
                }
            }
            Change::DrainDeadline { instance } => {
                if let Some(host) = self.hosts.get_mut(instance) {
                    host.given_up = Some("drain deadline");
                }
            }
            Change::Impaired { instance } => self.impaired(instance),
            Change::Recovered { instance } => self.recovered(instance),
            Change::Agent { instance, connected } => {
                if let Some(host) = self.hosts.get_mut(instance) {
                    host.agent_connected = *connected;
                    host.agent_changed_at = self.now;
                }
                self.tell_host(instance);
            }
            Change::DaemonTask { instance, daemon, revision, status } => {
                self.daemon_task(instance, daemon, revision, status);
            }
            Change::Unplaceable { instance, daemon } => {
                let address = (instance.clone(), daemon.clone());
                self.daemon_tasks.entry(address).or_default().unplaceable = true;
            }
            Change::StartImpaired { instance, daemon, revision, failure_type, reason } => {
                self.start_impaired(instance, daemon, revision, (failure_type, reason));
            }
            Change::Task { service, ordinal, generation, instance, status } => {
                self.service_task(service, (*ordinal, *generation), instance, status);
            }
            Change::Deployment { deployment, daemon, status, .. } => {
                self.deployment(*deployment, daemon, status);
            }
            _ => {}
        }
    }

    fn instance(&mut self, label: &str, place: (u32, usize), status: &'static str, cause: &'static str) {
        match status {
            "REGISTERING" => {
                self.register(label, place, "REGISTERING");
                self.tell_host(label);
            }
            "ACTIVE" => {
                self.enter(label, "ACTIVE", "");
                let changed = self.settle_daemon_check(label);
                self.tell_host(label);
                if changed {
                    self.tell_health(label);
                }
            }
            "DRAINING" | "DEREGISTERING" => {
                self.enter(label, status, status_reason(cause));
                if status == "DEREGISTERING" {
                    self.stop_all_on(label);
                }
                self.tell_host(label);
            }
            "GONE" => {
                self.enter(label, "INACTIVE", "");
                if let Some(host) = self.hosts.get_mut(label) {
                    host.agent_connected = false;
                }
                self.tell_host(label);
                self.hosts.remove(label);
                self.daemon_tasks.retain(|(host, _), _| host != label);
            }
            // Before it registers, an instance is EC2's affair.
            _ => {}
        }
    }

    /// A container instance joins the cluster; its place is a zone and a type of its provider's list.
    fn register(&mut self, label: &str, (zone, offered): (u32, usize), status: &'static str) {
        let provider_name = label.rsplit_once('/').map_or(label, |(provider, _)| provider);
        let provider = self.scenario.providers.iter().find(|provider| provider.name == provider_name);
        let offered = provider.and_then(|provider| provider.types.get(offered));
        let size = offered.map_or((0, 0), |offered| (offered.cpu, offered.memory));
        let connected =
            HealthCheck { kind: "AGENT_CONNECTIVITY", status: "OK", reason: None, changed_at: self.now };
        let host = Host {
            arn: self.names.container_instance(label),
            ec2_instance: self.names.ec2_instance(label),
            provider: provider_name.to_owned(),
            zone: self.names.zone(zone as usize),
            instance_type: offered.map_or_else(String::new, |offered| offered.name.clone()),
            status,
            status_reason: "",
            given_up: None,
            registered_at: self.now,
            version: 0,
            registered: size,
            remaining: size,
            running: 0,
            pending: 0,
            agent_connected: true,
            agent_changed_at: self.now,
            checks: vec![connected],
        };
        self.hosts.insert(label.to_owned(), host);
    }

    fn enter(&mut self, label: &str, status: &'static str, reason: &'static str) {
        if let Some(host) = self.hosts.get_mut(label) {
            (host.status, host.status_reason) = (status, reason);
        }
    }

    /// The check of an instance's daemons begins with OK once all of them are up: says whether it does now.
    ///
    /// An instance of non-critical daemons is ACTIVE before they run; one that still registers is judged when it is ACTIVE.
    fn settle_daemon_check(&mut self, label: &str) -> bool {
        let now = self.now;
        let up = self.daemons_are_up(label);
        let Some(host) = self.hosts.get_mut(label).filter(|host| host.status != "REGISTERING") else {
            return false;
        };
        let initializing =
            |check: &&mut HealthCheck| check.kind == "DAEMON" && check.status == "INITIALIZING";
        let Some(check) = host.checks.iter_mut().find(initializing).filter(|_| up) else { return false };
        (check.status, check.changed_at) = ("OK", now);
        true
    }

    /// Whether every daemon of an instance is HEALTHY, or RUNNING without a health check.
    fn daemons_are_up(&self, label: &str) -> bool {
        self.daemon_tasks.iter().all(|((host, _), task)| host != label || task.up)
    }

    /// A daemon is HEALTHY, or RUNNING without a health check.
    fn daemon_is_up(&mut self, label: &str, address: &(String, String)) {
        if let Some(kept) = self.daemon_tasks.get_mut(address) {
            kept.up = true;
        }
        if self.settle_daemon_check(label) {
            self.tell_health(label);
        }
    }

    /// What ails an instance: its agent, or one of its daemons.
    fn impaired(&mut self, label: &str) {
        let now = self.now;
        let ailing = self.daemon_tasks.iter().find_map(|((host, _), task)| {
            let ailment = task.ailment?;
            (host == label).then(|| format!("Daemon task: {} is {ailment}", task.id))
        });
        let Some(host) = self.hosts.get_mut(label) else { return };
        let away =
            (!host.agent_connected).then(|| format!("Agent disconnected since {}", host.agent_changed_at));
        let only_agent = ailing.is_none() && away.is_some();
        for check in &mut host.checks {
            let reason = match check.kind {
                "AGENT_CONNECTIVITY" => &away,
                _ if only_agent => continue,
                _ => &ailing,
            };
            let impaired = reason.is_some() || check.kind == "DAEMON";
            if impaired && check.status != "IMPAIRED" {
                (check.status, check.changed_at) = ("IMPAIRED", now);
            }
            check.reason.clone_from(reason);
        }
        self.tell_health(label);
    }

    /// Nothing ails an instance any more.
    fn recovered(&mut self, label: &str) {
        let now = self.now;
        for ((_, _), task) in self.daemon_tasks.iter_mut().filter(|((host, _), _)| host == label) {
            task.ailment = None;
        }
        let up = self.daemons_are_up(label);
        let Some(host) = self.hosts.get_mut(label) else { return };
        // That its agent is back brings up no daemon.
        let over = |check: &&mut HealthCheck| check.status == "IMPAIRED" || (check.status != "OK" && up);
        for check in host.checks.iter_mut().filter(over) {
            (check.status, check.reason, check.changed_at) = ("OK", None, now);
        }
        self.tell_health(label);
    }

    fn create_daemon_task(&mut self, label: &str, daemon: &str, revision: &str) -> String {
        let (scenario, now) = (self.scenario, self.now);
        let kept = self.daemon_tasks.entry((label.to_owned(), daemon.to_owned())).or_default();
        kept.attempts += 1;
        (kept.ailment, kept.up) = (None, false);
        let key = format!("{label}/{daemon}#{}", kept.attempts);
        kept.id = self.names.hex(&format!("task/{key}"));
        let spec = scenario.revisions.iter().find(|spec| spec.label() == revision);
        let task = Task {
            arn: self.names.task(&kept.id),
            id: kept.id.clone(),
            name: spec.map_or_else(|| daemon.to_owned(), |spec| spec.family.clone()),
            group: format!("daemon:{daemon}"),
            started_by: format!("daemon/{daemon}"),
            definition: self.names.daemon_task_definition(revision),
            provider: label.rsplit_once('/').map_or(label, |(provider, _)| provider).to_owned(),
            cpu: spec.map_or(0, |spec| spec.cpu),
            memory: spec.map_or(0, |spec| spec.memory),
            host: None,
            last_status: "PENDING",
            created_at: now,
            placed_at: None,
            started_at: None,
            stopping: None,
            unhealthy: false,
            version: 0,
        };
        self.tasks.insert(key.clone(), task);
        if let Some(host) = self.hosts.get_mut(label)
            && host.checks.iter().all(|check| check.kind != "DAEMON")
        {
            let (kind, status) = ("DAEMON", "INITIALIZING");
            host.checks.push(HealthCheck { kind, status, reason: None, changed_at: now });
        }
        key
    }

    fn create_task(&mut self, service: &str, ordinal: u32, generation: u32) -> String {
        let spec = self.scenario.services.iter().find(|spec| spec.name == service);
        let standalone = spec.is_some_and(|spec| spec.standalone.is_some());
        let key = format!("{service}/{ordinal}.{generation}");
        let id = self.names.hex(&format!("task/{key}"));
        let digits = self.names.uuid(&format!("service/{service}")).as_u128() % 10_000_000_000_000_000_000;
        let task = Task {
            arn: self.names.task(&id),
            id,
            name: service.to_owned(),
            group: if standalone { format!("family:{service}") } else { format!("service:{service}") },
            started_by: if standalone { String::new() } else { format!("ecs-svc/{digits:019}") },
            definition: self.names.task_definition(service),
            provider: spec
                .map_or_else(String::new, |spec| self.scenario.providers[spec.provider].name.clone()),
            cpu: spec.map_or(0, |spec| spec.cpu),
            memory: spec.map_or(0, |spec| spec.memory),
            host: None,
            last_status: "PROVISIONING",
            created_at: self.now,
            placed_at: None,
            started_at: None,
            stopping: None,
            unhealthy: false,
            version: 0,
        };
        self.tasks.insert(key.clone(), task);
        key
    }

    /// Puts a task on an instance, where it is PENDING.
    fn seat(&mut self, key: &str, label: &str) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.last_status = "PENDING";
        task.placed_at = Some(self.now);
        task.host = Some(label.to_owned());
        if let Some(host) = self.hosts.get_mut(label) {
            host.seat(task);
        }
    }

    fn run(&mut self, key: &str) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.last_status = "RUNNING";
        task.started_at = Some(self.now);
        if let Some(host) = task.host.as_ref().and_then(|label| self.hosts.get_mut(label)) {
            host.start();
        }
    }

    fn service_task(
        &mut self,
        service: &str,
        (ordinal, generation): (u32, u32),
        label: &str,
        status: &'static str,
    ) {
        let key = format!("{service}/{ordinal}.{generation}");
        match status {
            "PROVISIONING" => {
                let key = self.create_task(service, ordinal, generation);
                self.tell_task(&key);
            }
            "PENDING" => {
                self.seat(&key, label);
                self.tell_task(&key);
                self.tell_host(label);
            }
            "RUNNING" => {
                self.run(&key);
                self.tell_task(&key);
            }
            "STOPPING" => {
                let stop = self.stop_with(label);
                self.begin_stop(&key, stop);
            }
            "STOPPED" => {
                let given_up = self.hosts.get(label).is_some_and(|host| host.given_up.is_some());
                let by_itself = self.tasks.get(&key).is_some_and(|task| {
                    task.group.starts_with("family:") && task.started_at.is_some() && !given_up
                });
                let stop = if by_itself { exit(self.now) } else { self.stop_with(label) };
                self.end(&key, stop);
            }
            // That a service counts a task as healthy is no state of the task.
            _ => {}
        }
    }

    fn daemon_task(&mut self, label: &str, daemon: &str, revision: &str, status: &'static str) {
        let address = (label.to_owned(), daemon.to_owned());
        if self.daemon_tasks.get(&address).is_some_and(|kept| kept.unplaceable) {
            return;
        }
        if status == "PENDING" {
            let key = self.create_daemon_task(label, daemon, revision);
            self.seat(&key, label);
            self.tell_task(&key);
            self.tell_host(label);
            return;
        }
        let Some(kept) = self.daemon_tasks.get_mut(&address) else { return };
        let key = format!("{label}/{daemon}#{}", kept.attempts);
        match status {
            "RUNNING" => {
                self.run(&key);
                self.tell_task(&key);
                let spec = self.scenario.revisions.iter().find(|spec| spec.label() == revision);
                if spec.is_some_and(|spec| spec.health_check.is_none()) {
                    self.daemon_is_up(label, &address);
                }
            }
            "HEALTHY" => {
                kept.ailment = None;
                if let Some(task) = self.tasks.get_mut(&key) {
                    task.unhealthy = false;
                }
                self.daemon_is_up(label, &address);
            }
            // Events of tasks do not tell their health; that of the instance follows.
            "UNHEALTHY" => {
                kept.ailment = Some("unhealthy");
                if let Some(task) = self.tasks.get_mut(&key) {
                    task.unhealthy = true;
                }
            }
            "STOPPING" => {
                let stop = self.stop_with(label);
                self.begin_stop(&key, stop);
            }
            status if status.starts_with("STOPPED") => {
                (kept.ailment, kept.up) = (Some("stopped"), false);
                let stop = self.daemon_stop(label, &key);
                self.end(&key, stop);
            }
            _ => {}
        }
    }

    /// Why a task stops: what takes its instance away, or its scheduler.
    fn stop_with(&self, label: &str) -> Stop {
        let reason = self.hosts.get(label).map_or("", |host| host.given_up.unwrap_or(host.status_reason));
        stop_for(reason, self.now)
    }

    /// Why a daemon's task has stopped.
    fn daemon_stop(&self, label: &str, key: &str) -> Stop {
        let given_up = self.hosts.get(label).is_none_or(|host| host.given_up.is_some());
        let stop = |code, reason| Stop { at: self.now, code, reason };
        match self.tasks.get(key) {
            _ if given_up => self.stop_with(label),
            Some(task) if task.started_at.is_none() => {
                stop("TaskFailedToStart", "Essential container in task exited")
            }
            Some(task) if task.unhealthy => {
                stop("ServiceSchedulerInitiated", "Task failed container health checks")
            }
            _ => exit(self.now),
        }
    }

    fn begin_stop(&mut self, key: &str, stop: Stop) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.stopping = Some(stop);
        task.last_status = "STOPPING";
        self.tell_task(key);
    }

    fn end(&mut self, key: &str, stop: Stop) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.stopping.get_or_insert(stop);
        let label = task.host.clone();
        if let Some(host) = label.as_ref().and_then(|label| self.hosts.get_mut(label)) {
            host.free(task);
        }
        task.last_status = "STOPPED";
        self.tell_task(key);
        self.tasks.remove(key);
        if let Some(label) = label {
            self.tell_host(&label);
        }
    }

    /// Whatever still is on an instance that goes has stopped with it.
    fn stop_all_on(&mut self, label: &str) {
        let stop = self.stop_with(label);
        let on_it = |task: &Task| task.host.as_deref() == Some(label);
        let keys: Vec<String> =
            self.tasks.iter().filter(|(_, task)| on_it(task)).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.end(&key, stop);
        }
    }

    fn start_impaired(&mut self, label: &str, daemon: &str, revision: &str, (kind, reason): (&str, &str)) {
        let Some(host) = self.hosts.get(label) else { return };
        let task = self.daemon_tasks.get(&(label.to_owned(), daemon.to_owned()));
        let task = task.filter(|_| kind == "TASK_FAILED_TO_RUN").map(|task| self.names.task(&task.id));
        let mut detail = json!({
            "eventType": "WARNING",
            "eventName": "DAEMON_TASK_START_IMPAIRED",
            "clusterArn": self.names.cluster(),
            "containerInstanceArn": host.arn,
        });
        if let Some(task) = &task {
            detail["taskArn"] = json!(task);
        }
        let reason = if kind == "TASK_FAILED_TO_RUN" {
            format!("Task failed to reach RUNNING status: {reason}")
        } else {
            format!("{reason} - no room for the daemon task on the container instance")
        };
        for (key, value) in [
            ("daemonRevisionArn", self.names.daemon_revision(daemon, revision)),
            ("capacityProviderName", host.provider.clone()),
            ("daemonArn", self.names.daemon(daemon)),
            ("daemonTaskDefinitionArn", self.names.daemon_task_definition(revision)),
            ("failureType", kind.to_owned()),
            ("createdAt", self.now.to_string()),
            ("reason", reason),
        ] {
            detail[key] = json!(value);
        }
        self.push("ECS Daemon Service Action", task.into_iter().collect(), detail);
    }

    fn deployment(&mut self, number: usize, daemon: &str, status: &str) {
        let arn = self.names.daemon(daemon);
        let target = self.deployments.get(number - 1).and_then(|deploy| deploy.target.as_ref());
        let mut detail = json!({
            "eventType": if status == "ROLLBACK_FAILED" { "ERROR" } else { "INFO" },
            "eventName": format!("DAEMON_DEPLOYMENT_{status}"),
            "clusterArn": self.names.cluster(),
            "daemonArn": arn,
            "daemonDeploymentArn": self.names.daemon_deployment(daemon, number),
        });
        if let Some(target) = target {
            let label = self.scenario.revisions[target.revision].label();
            detail["targetDaemonRevisionArn"] = json!(self.names.daemon_revision(daemon, &label));
        }
        detail["updatedAt"] = json!(self.now.to_string());
        self.push("ECS Daemon Deployment State Change", vec![arn], detail);
    }

    fn tell_host(&mut self, label: &str) {
        let Some(host) = self.hosts.get_mut(label) else { return };
        host.version += 1;
        let (detail, arn) = (host.state(&self.names, self.now), host.arn.clone());
        self.push("ECS Container Instance State Change", vec![arn], detail);
    }

    fn tell_health(&mut self, label: &str) {
        let Some(host) = self.hosts.get(label) else { return };
        let (detail, arn) = (host.health(&self.names, self.now), host.arn.clone());
        self.push("ECS Container Instance Health Change", vec![arn], detail);
    }

    fn tell_task(&mut self, key: &str) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.version += 1;
        let host = task.host.as_ref().and_then(|label| self.hosts.get(label));
        let (detail, arn) = (task.state(&self.names, host, self.now), task.arn.clone());
        self.push("ECS Task State Change", vec![arn], detail);
    }

    fn push(&mut self, detail_type: &'static str, resources: Vec<String>, detail: Value) {
        self.counts.0 += 1;
        let id = self.names.uuid(&format!("event/{}", self.counts.0)).to_string();
        let event = self.event(ECS_SOURCE, detail_type, id, resources, detail);
        self.events.push(event);
    }

    fn event(
        &self,
        source: &'static str,
        detail_type: &'static str,
        id: String,
        resources: Vec<String>,
        detail: Value,
    ) -> Event {
        let log = &self.scenario.event_log;
        Event {
            version: "0",
            id,
            detail_type,
            source,
            account: log.account.clone(),
            time: self.now.to_seconds(),
            region: log.region.clone(),
            resources,
            detail,
        }
    }
}

/// A task that ended by itself.
fn exit(at: Instant) -> Stop {
    Stop { at, code: "EssentialContainerExited", reason: "Essential container in task exited" }
}

/// What an instance's `statusReason` says; of repairs it is known (aws-samples GPU repair demo), the others are the story's words.
fn status_reason(cause: &'static str) -> &'static str {
    if cause == "repair" { "INSTANCE_HEALTH" } else { cause }
}

/// The stop code and words for a task of an instance that leaves for this reason.
fn stop_for(reason: &str, at: Instant) -> Stop {
    let (code, reason) = match reason {
        "INSTANCE_HEALTH" => ("InfrastructureHealth", "Task stopped during instance repair"),
        "host failure" | "zone outage" => ("TerminationNotice", "Host EC2 instance was lost"),
        reason if reason.contains("spot") => ("SpotInterruption", "Spot instance was interrupted"),
        "" => ("ServiceSchedulerInitiated", "Task stopped by its scheduler"),
        _ => ("ServiceSchedulerInitiated", "Task stopped during instance draining"),
    };
    Stop { at, code, reason }
}
