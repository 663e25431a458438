//! The scenario that is written of what was read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Intake;
use super::intake::{Operation, Provider, Request};
use super::requests::{plain, text};
use super::rollout::{self, Rollout, daemon_of, providers_of};
use super::sizes::{self, Chosen, Need};
use super::writer::{Item, Writer};
use crate::aws::requests::Containers;
use crate::scenario::codes::Code;

/// Assumed size of a daemon of which nothing is known: CPU units and MiB.
const DAEMON: (u64, u64) = (256, 512);
/// Assumed size of a task of which nothing is known: CPU units and MiB.
const TASK: (u64, u64) = (1024, 2048);

/// A scenario before it is written.
#[derive(Debug)]
pub(super) struct Scenario {
    name: String,
    header: Vec<String>,
    fleets: Vec<Fleet>,
    services: Vec<Item>,
    definitions: Vec<Item>,
    daemons: Vec<Item>,
    alarms: Vec<Item>,
    timeline: Vec<Item>,
    /// Minutes until a run is cut, where the default is too short.
    horizon: Option<u64>,
    /// Whether a drainPercent below 1 is meant.
    low_percent: bool,
    assumed: Vec<String>,
    /// What the files have and the scenario has not.
    pub(super) left_out: Vec<String>,
}

/// A capacity provider and how many instances it has.
#[derive(Debug)]
struct Fleet {
    name: String,
    item: Item,
    size: Size,
}

#[derive(Debug)]
enum Size {
    Known(u64, String),
    /// At least so many.
    Assumed(u64),
}

/// Puts together what was read; none if something is wrong, which has then been told.
pub(super) fn compose(intake: &mut Intake<'_>) -> Option<Scenario> {
    if intake.errors() > 0 {
        return None;
    }
    if intake.requests.is_empty()
        && intake.running.is_empty()
        && intake.providers.is_empty()
        && intake.definitions.is_empty()
    {
        let place = intake.sources.whole(0).part(0, 1);
        intake
            .problem(
                Code::NothingToImport,
                place,
                "nothing that can be simulated: no daemon and no capacity provider of managed instances",
            )
            .help("give the files that describe the daemon, its task definition, and the capacity provider");
        return None;
    }
    one_cluster(intake);
    let rollout = rollout::rollout(intake);
    if intake.errors() > 0 {
        return None;
    }
    let mut scenario = Scenario {
        name: name(intake),
        header: header(intake),
        fleets: Vec::new(),
        services: Vec::new(),
        definitions: Vec::new(),
        daemons: Vec::new(),
        alarms: alarms(intake),
        timeline: Vec::new(),
        horizon: horizon(intake, &rollout),
        low_percent: intake
            .requests
            .iter()
            .any(|request| percent(request).is_some_and(|percent| percent < 1.0)),
        assumed: intake.assumed.clone(),
        left_out: intake.left_out.clone(),
    };
    let daemon_size = scenario.definitions(intake, &rollout);
    scenario.fleets(intake, &rollout, &daemon_size);
    scenario.daemons(&rollout);
    scenario.timeline(intake, &rollout);
    scenario.assume_alarms(intake);
    scenario.header.extend(scenario.left_out.iter().map(|text| format!("Left out: {text}")));
    Some(scenario)
}

fn percent(request: &Request) -> Option<f64> {
    request.body["deploymentConfiguration"]["drainPercent"].as_f64()
}

/// A scenario is one cluster.
fn one_cluster(intake: &mut Intake<'_>) {
    let mut first: Option<String> = None;
    let mut other = None;
    for request in &intake.requests {
        let Some(cluster) = text(&request.body, "clusterArn").map(|text| plain(text, "cluster").to_owned())
        else {
            continue;
        };
        match &first {
            Some(first) if *first != cluster => {
                other = Some((
                    request.place,
                    format!("cluster '{cluster}', where another request is for '{first}'"),
                ));
            }
            _ => first = Some(cluster),
        }
    }
    if let Some((place, message)) = other {
        intake
            .problem(Code::ImportConflict, place, message)
            .help("a scenario is one cluster; import each on its own");
    }
}

/// The scenario's name: that of its first daemon, unless the user says another.
fn name(intake: &Intake<'_>) -> String {
    if let Some(name) = &intake.options.name {
        return name.clone();
    }
    let requested = intake.requests.first().map(daemon_of);
    let running = intake.running.first().map(|running| running.daemon.as_str());
    let family = intake.definitions.first().and_then(|definition| definition.body["family"].as_str());
    let name = requested.or(running).or(family).unwrap_or("imported");
    let name = if name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        name.to_owned()
    } else {
        format!("daemon{name}")
    };
    name.chars().take(100).collect()
}

fn header(intake: &Intake<'_>) -> Vec<String> {
    let mut lines = vec![
        format!("Imported by bakeoff {}. What a comment calls 'assumed' nobody said: put it right before you trust a result.", env!("CARGO_PKG_VERSION")),
        "Requests are kept whole, with the members that have no effect on a simulation (tags, roles, images …); `bakeoff import --as-requests` prints them again.".to_owned(),
    ];
    lines.extend(intake.assumed.iter().map(|text| format!("Assumed: {text}")));
    lines
}

fn horizon(intake: &Intake<'_>, rollout: &Rollout) -> Option<u64> {
    let last = rollout.timeline.iter().map(|(index, at)| {
        at + intake.requests[*index].body["deploymentConfiguration"]["bakeTimeInMinutes"]
            .as_u64()
            .unwrap_or(0)
    });
    let needed = last.max().unwrap_or(0) + 12 * 60;
    (needed > 24 * 60).then(|| needed.div_ceil(60) * 60)
}

/// Names of all alarms that a request names, each once.
fn watched(intake: &Intake<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for request in &intake.requests {
        let list = request.body["deploymentConfiguration"]["alarms"]["alarmNames"].as_array();
        for name in list.into_iter().flatten().filter_map(Value::as_str) {
            let name = plain(name, "alarm").to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn alarms(intake: &Intake<'_>) -> Vec<Item> {
    let item = |name: String| {
        let Some(known) = intake.alarms.iter().find(|alarm| alarm.name == name) else {
            let mut item = Item::of("no file says what this alarm watches; assumed: it is never red");
            item.field("alarmName", name)
                .field("metric", json!({ "scripted": [{ "at": "0s", "state": "OK" }] }));
            return item;
        };
        super::resources::alarm_item(known)
    };
    watched(intake).into_iter().map(item).collect()
}

impl Scenario {
    /// Writes the task definitions and gives the largest daemon's needs by family.
    fn definitions(&mut self, intake: &Intake<'_>, rollout: &Rollout) -> BTreeMap<String, Need> {
        let mut sizes = BTreeMap::new();
        for (family, revisions) in &rollout.families {
            let mut need = Need::default();
            for (number, index) in revisions {
                let known = index.map(|index| &intake.definitions[index]);
                // What nobody described is taken to be as its neighbour.
                let nearest = revisions
                    .iter()
                    .filter_map(|(other, index)| Some((number.abs_diff(*other), *other, (*index)?)))
                    .min()
                    .map(|(_, other, index)| (other, &intake.definitions[index]));
                let mut item = match known {
                    Some(known) => Item::of(known.origin.clone()),
                    None => Item::of(match nearest {
                        Some((other, _)) => format!(
                            "assumed: no file describes revision {number}; it is taken to be as revision {other}"
                        ),
                        None => format!("assumed: no file describes {family}:{number}"),
                    }),
                };
                if known.is_none() {
                    self.assumed.push(format!("size and health check of {family}:{number}"));
                }
                item.field("family", family.clone()).field("revision", *number);
                let size = match (known, nearest) {
                    (Some(known), _) => self.members(&mut item, &known.body, &format!("{family}:{number}")),
                    (None, Some((_, neighbour))) => like(&mut item, &neighbour.body),
                    (None, None) => {
                        item.field("cpu", DAEMON.0).field("memory", DAEMON.1);
                        DAEMON
                    }
                };
                need = Need { cpu: need.cpu.max(size.0), memory: need.memory.max(size.1) };
                self.definitions.push(item);
            }
            sizes.insert(family.clone(), need);
        }
        sizes
    }

    /// The members of a registration as they are, and a size where they give none.
    fn members(&mut self, item: &mut Item, body: &Value, label: &str) -> (u64, u64) {
        const KEYS: [&str; 9] = [
            "cpu",
            "memory",
            "containerDefinitions",
            "volumes",
            "taskRoleArn",
            "executionRoleArn",
            "tags",
            "pidMode",
            "ipcMode",
        ];
        let (cpu, memory) = own_size(body);
        if cpu.is_none() {
            item.noted("cpu", DAEMON.0, "assumed: neither the task nor its containers say");
            self.assumed.push(format!("CPU units of {label}"));
        }
        if memory.is_none() {
            item.noted("memory", DAEMON.1, "assumed: neither the task nor its containers say");
            self.assumed.push(format!("memory of {label}"));
        }
        for (key, value) in body.as_object().into_iter().flatten() {
            if let Some(key) = KEYS.iter().find(|known| *known == key) {
                item.field(key, value.clone());
            }
        }
        (cpu.unwrap_or(DAEMON.0), memory.unwrap_or(DAEMON.1))
    }

    /// Capacity providers with what runs on them.
    fn fleets(&mut self, intake: &Intake<'_>, rollout: &Rollout, sizes: &BTreeMap<String, Need>) {
        let mut names: Vec<String> = Vec::new();
        let initial = rollout.initial.iter().flat_map(|initial| initial.providers.clone());
        let requested = intake.requests.iter().flat_map(|request| providers_of(&request.body));
        let described = intake.providers.iter().map(|provider| provider.name.clone());
        let all: Vec<String> = initial.chain(requested).collect();
        let all = if all.is_empty() { described.collect() } else { all };
        for name in all {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if names.is_empty() {
            names.push("default".to_owned());
        }
        self.leave_out(intake, &names);
        let daemons = sizes.values().fold(Need::default(), |sum, need| Need {
            cpu: sum.cpu + need.cpu,
            memory: sum.memory + need.memory,
        });
        for name in names {
            let tasks = self.services_on(&name, intake);
            let largest = tasks.iter().fold(Need::default(), |most, (_, need)| Need {
                cpu: most.cpu.max(need.cpu),
                memory: most.memory.max(need.memory),
            });
            let need = Need { cpu: daemons.cpu + largest.cpu, memory: daemons.memory + largest.memory };
            let provider = intake.providers.iter().find(|provider| provider.name == name);
            let chosen = sizes::choose(provider, intake.options.instance_type.as_deref(), need);
            let least = sizes::instances_for(&tasks, daemons, &chosen);
            self.fleet(name, provider, &chosen, size(intake, least), !tasks.is_empty());
        }
    }

    /// Names the capacity providers on which no daemon runs, and the services that are there.
    fn leave_out(&mut self, intake: &Intake<'_>, kept: &[String]) {
        for provider in intake.providers.iter().filter(|provider| !kept.contains(&provider.name)) {
            let Provider { name, origin, .. } = provider;
            self.left_out.push(format!("{origin}: no daemon runs on the capacity provider '{name}'"));
        }
        for service in &intake.services {
            if let Some(first) = service.providers.first().filter(|first| !kept.contains(first)) {
                self.left_out.push(format!(
                    "{}: the service '{}' runs on '{first}', where no daemon runs",
                    service.origin, service.name
                ));
            }
        }
    }

    fn fleet(
        &mut self,
        name: String,
        provider: Option<&Provider>,
        chosen: &Chosen,
        size: impl Fn(&str) -> Size,
        has_services: bool,
    ) {
        let mut item = match provider {
            Some(provider) => Item::of(provider.origin.clone()),
            None => Item::of("named by a request; no file describes it"),
        };
        if chosen.is_assumed {
            self.assumed.push(format!("instance type of {name}: {}", chosen.name));
        }
        item.field("name", name.clone());
        item.noted("instanceType", chosen.name.clone(), chosen.note.clone());
        if let Some(provider) = provider {
            super::resources::provider_fields(provider, has_services, &mut item);
        }
        self.fleets.push(Fleet { size: size(&name), name, item });
    }

    /// Writes the services of a capacity provider and gives counts and sizes of their tasks.
    fn services_on(&mut self, provider: &str, intake: &Intake<'_>) -> Vec<(u64, Need)> {
        let mut tasks = Vec::new();
        for service in intake
            .services
            .iter()
            .filter(|service| service.providers.first().is_some_and(|first| first == provider))
        {
            let mut item = Item::of(service.origin.clone());
            if service.providers.len() > 1 {
                item.comment(format!(
                    "it also runs on {}; here all of it is on the one of most weight",
                    service.providers[1..].join(", ")
                ));
            }
            item.field("name", service.name.clone()).field("capacityProvider", provider);
            match service.desired {
                Some(desired) => item.field("desiredCount", desired),
                None => item.noted("desiredCount", 1, "ECS's default"),
            };
            for (key, said, assumed) in [("cpu", service.cpu, TASK.0), ("memory", service.memory, TASK.1)] {
                if let Some(size) = said {
                    item.field(key, size);
                } else {
                    item.noted(key, assumed, "assumed: no file says");
                    self.assumed.push(format!("{key} of a task of {}", service.name));
                }
            }
            for (key, said) in [
                ("minimumHealthyPercent", service.minimum_healthy),
                ("maximumPercent", service.maximum),
                ("stopTimeout", service.stop_timeout),
            ] {
                if let Some(said) = said {
                    item.field(key, said);
                }
            }
            item.comment("assumed: how long its tasks take to start and to stop (see `bakeoff show`); it has no traffic, so no error rate");
            tasks.push((
                service.desired.unwrap_or(1),
                Need { cpu: service.cpu.unwrap_or(TASK.0), memory: service.memory.unwrap_or(TASK.1) },
            ));
            self.services.push(item);
        }
        tasks
    }

    fn daemons(&mut self, rollout: &Rollout) {
        for initial in &rollout.initial {
            let mut item = Item::of(initial.origin.clone());
            let definition = format!("{}:{}", initial.family, initial.revision);
            item.field("daemonName", initial.daemon.clone());
            if initial.is_assumed {
                item.noted(
                    "daemonTaskDefinitionArn",
                    definition.clone(),
                    "assumed: no file says what runs before the request",
                );
                self.assumed.push(format!("{} runs {definition} at the start", initial.daemon));
            } else {
                item.field("daemonTaskDefinitionArn", definition);
            }
            item.field("capacityProviderArns", json!(initial.providers));
            if let Some(critical) = initial.critical {
                item.field("critical", critical);
            }
            self.daemons.push(item);
        }
    }

    fn timeline(&mut self, intake: &Intake<'_>, rollout: &Rollout) {
        for (index, at) in &rollout.timeline {
            let request = &intake.requests[*index];
            let mut item = Item::of(request.origin.clone());
            let at = if at % 60 == 0 { format!("{}h", at / 60) } else { format!("{at}m") };
            item.noted("at", at, "assumed: when it is sent");
            let key = match request.operation {
                Operation::Create => "createDaemon",
                Operation::Update => "updateDaemon",
                Operation::Delete => "deleteDaemon",
            };
            item.field(key, request.body.clone());
            self.timeline.push(item);
        }
    }

    fn assume_alarms(&mut self, intake: &Intake<'_>) {
        for name in watched(intake) {
            if !intake.alarms.iter().any(|alarm| alarm.name == name) {
                self.assumed.push(format!("the alarm {name} is never red"));
            }
        }
    }

    /// The text; assumed sizes of fleets are multiplied. Gives also what is assumed.
    pub(super) fn write(&self, factor: u64) -> (String, Vec<String>) {
        let mut assumed = self.assumed.clone();
        let mut writer = Writer::default();
        for line in &self.header {
            writer.comment(0, line);
        }
        writer.field(0, "schema", &json!("bakeoff.scenario.v1"), None);
        writer.field(0, "name", &json!(self.name), None);
        if let Some(minutes) = self.horizon {
            writer.blank();
            let note = "long enough for the last request and its bake";
            writer.field(0, "simulation", &json!({ "horizon": format!("{}h", minutes / 60) }), Some(note));
        }
        let fleets: Vec<Item> = self
            .fleets
            .iter()
            .map(|fleet| {
                let mut item = fleet.item.clone();
                let (count, note) = match &fleet.size {
                    Size::Known(count, note) => (*count, note.clone()),
                    Size::Assumed(least) => {
                        let count = least * factor;
                        assumed.push(format!("{count} instances of {}", fleet.name));
                        (count, "assumed: --instances says better".to_owned())
                    }
                };
                let at = 1.min(item.fields.len());
                item.noted("instances", count, note);
                let field = item.fields.pop().expect("one was added just now");
                item.fields.insert(at, field);
                item
            })
            .collect();
        writer.list("capacityProviders", &fleets);
        writer.list("services", &self.services);
        writer.list("daemonTaskDefinitions", &self.definitions);
        writer.list("daemons", &self.daemons);
        writer.list("alarms", &self.alarms);
        writer.list("timeline", &self.timeline);
        if self.low_percent {
            writer.blank();
            let note = "a drainPercent below 1 drains one instance at least";
            writer.field(0, "assumptions", &json!({ "drainPercentBelowOne": "minOne" }), Some(note));
        }
        (writer.finish(), assumed)
    }
}

/// How many instances a capacity provider has, as far as anybody says.
fn size<'i>(intake: &'i Intake<'_>, least: u64) -> impl Fn(&str) -> Size + 'i {
    move |name| {
        if let Some(count) = intake.options.instances {
            return Size::Known(count, "as --instances says".to_owned());
        }
        let seen = |running: &&super::intake::Running| {
            running.instances.iter().any(|(provider, _)| provider == name)
        };
        match intake
            .running
            .iter()
            .filter(seen)
            .map(|running| {
                (
                    running,
                    running.instances.iter().filter(|(p, _)| p == name).map(|(_, count)| count).sum::<u64>(),
                )
            })
            .max_by_key(|(_, count)| *count)
        {
            Some((running, count)) => Size::Known(count, format!("as counted in {}", running.origin)),
            None => match intake.counted.iter().find(|(provider, ..)| provider == name) {
                Some((_, count, origin)) => Size::Known(*count, format!("as counted in {origin}")),
                // Where the services are known, they say how many; otherwise nothing does.
                None if least > 0 => Size::Assumed(3.max(least + least / 4)),
                None => Size::Assumed(sizes::INSTANCES),
            },
        }
    }
}

/// CPU units and MiB that a definition gives, its own before its containers'.
fn own_size(body: &Value) -> (Option<u64>, Option<u64>) {
    let own = |key: &str, unit: &str| {
        body[key].as_str().and_then(|text| crate::aws::text::size(text, unit)).map(u64::from)
    };
    let containers = Containers(body["containerDefinitions"].clone());
    (own("cpu", "vcpu").or_else(|| containers.cpu()), own("memory", "gb").or_else(|| containers.memory()))
}

/// The size and the health check of a neighbouring revision.
fn like(item: &mut Item, body: &Value) -> (u64, u64) {
    let (cpu, memory) = own_size(body);
    let size = (cpu.unwrap_or(DAEMON.0), memory.unwrap_or(DAEMON.1));
    item.field("cpu", size.0).field("memory", size.1);
    let containers = Containers(body["containerDefinitions"].clone());
    if let Some(seconds) = containers.stop_timeout() {
        item.field("stopTimeout", seconds.min(604_800));
    }
    if let Some(check) = containers.of_essential("healthCheck") {
        item.field("healthCheck", check.clone());
    }
    size
}
