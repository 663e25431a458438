//! Which revisions there are, which daemons run at the start, and what is sent when.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Intake;
use super::intake::{Operation, Request};
use super::requests::{plain, text};
use crate::aws::arn;
use crate::scenario::codes::Code;

/// When the first request is sent, in minutes.
const FIRST: u64 = 10;
/// Minutes between a request's bake and the next request.
const GAP: u64 = 120;

/// A daemon that runs at the start.
#[derive(Clone, Debug)]
pub(super) struct Initial {
    pub(super) daemon: String,
    pub(super) family: String,
    pub(super) revision: u64,
    pub(super) providers: Vec<String>,
    pub(super) critical: Option<bool>,
    pub(super) origin: String,
    /// Whether nobody said what it runs.
    pub(super) is_assumed: bool,
}

/// Revisions of a family by number, each with the definition that it is of, if there is one.
pub(super) type Family = BTreeMap<u64, Option<usize>>;

/// The rollout that the files describe.
#[derive(Debug, Default)]
pub(super) struct Rollout {
    /// Families in the order in which they come up.
    pub(super) families: Vec<(String, Family)>,
    pub(super) initial: Vec<Initial>,
    /// Requests by index, and the minute at which each is sent.
    pub(super) timeline: Vec<(usize, u64)>,
}

/// What is known of a family before its revisions are numbered.
#[derive(Debug, Default)]
struct Demand {
    /// Revisions that requests name.
    named: Vec<u64>,
    /// Revisions that run at the start.
    running: Vec<u64>,
    /// Whether somebody means the latest.
    latest: bool,
    /// Whether something older than the latest must have run.
    older: bool,
    /// Definitions that say their number, and those that do not.
    numbered: Vec<(u64, usize)>,
    unnumbered: Vec<usize>,
}

impl Demand {
    /// Numbers the revisions: what is registered without a number is the latest.
    fn number(&self) -> (u64, Family) {
        let highest = self.named.iter().chain(self.numbered.iter().map(|(number, _)| number)).max().copied();
        let registered = self.unnumbered.len() as u64;
        let running = self.running.iter().max().copied();
        let latest = match (highest, running) {
            (Some(highest), running) => highest.max(registered).max(running.unwrap_or(0)),
            // What is registered, or meant by a name alone, is newer than what runs.
            (None, Some(running)) => running + registered.max(u64::from(self.latest)),
            (None, None) => registered.max(1) + u64::from(self.older),
        };
        let mut family: Family =
            self.named.iter().chain(&self.running).map(|number| (*number, None)).collect();
        for (number, index) in &self.numbered {
            family.insert(*number, Some(*index));
        }
        for (back, index) in self.unnumbered.iter().rev().enumerate() {
            let number = latest - back as u64;
            family.entry(number).or_insert(None).get_or_insert(*index);
        }
        if self.latest {
            family.entry(latest).or_insert(None);
        }
        (latest, family)
    }
}

/// Family and revision of what a request or a daemon runs.
fn definition(text: &str) -> (String, Option<u64>) {
    let name = plain(text, "daemon-task-definition");
    match arn::family_and_revision(name) {
        Ok((family, revision)) => (family.to_owned(), revision.map(u64::from)),
        Err(_) => (name.to_owned(), None),
    }
}

/// The daemon that a request is about.
pub(super) fn daemon_of(request: &Request) -> &str {
    let key = if request.operation == Operation::Create { "daemonName" } else { "daemonArn" };
    plain(text(&request.body, key).unwrap_or_default(), "daemon")
}

/// Plain names of a request's capacity providers.
pub(super) fn providers_of(body: &Value) -> Vec<String> {
    let list = body["capacityProviderArns"].as_array();
    let names = list.into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| plain(name, "capacity-provider").to_owned()).collect()
}

/// Works out the rollout; problems are noted.
pub(super) fn rollout(intake: &mut Intake<'_>) -> Rollout {
    let absent = follow(intake);
    let mut demands: Vec<(String, Demand)> = Vec::new();
    for request in &intake.requests {
        if let Some(text) = text(&request.body, "daemonTaskDefinitionArn") {
            demand(&mut demands, text);
        }
    }
    for running in &intake.running {
        let (family, revision) = definition(running.definition.as_deref().unwrap_or(&running.daemon));
        of_family(&mut demands, &family).running.push(revision.unwrap_or(1));
    }
    for (index, known) in intake.definitions.iter().enumerate() {
        let family = known.body["family"].as_str().unwrap_or_default();
        let demand = of_family(&mut demands, family);
        match known.revision {
            Some(number) => demand.numbered.push((number, index)),
            None => demand.unnumbered.push(index),
        }
    }
    // What an update replaces is something older, unless somebody said what runs.
    for index in &absent {
        let request = &intake.requests[*index];
        let family = text(&request.body, "daemonTaskDefinitionArn")
            .map_or_else(|| daemon_of(request).to_owned(), |text| definition(text).0);
        let demand = of_family(&mut demands, &family);
        demand.older |= request.operation == Operation::Update;
        demand.latest |= request.operation == Operation::Delete;
    }
    let mut numbered: Vec<(String, u64, Family)> = Vec::new();
    for (family, demand) in demands {
        let (latest, revisions) = demand.number();
        numbered.push((family, latest, revisions));
    }
    let initial = initial(intake, &absent, &mut numbered);
    Rollout {
        families: numbered.into_iter().map(|(family, _, revisions)| (family, revisions)).collect(),
        initial,
        timeline: timeline(&intake.requests),
    }
}

fn of_family<'d>(demands: &'d mut Vec<(String, Demand)>, family: &str) -> &'d mut Demand {
    let index = demands.iter().position(|(known, _)| known == family).unwrap_or_else(|| {
        demands.push((family.to_owned(), Demand::default()));
        demands.len() - 1
    });
    &mut demands[index].1
}

fn demand(demands: &mut Vec<(String, Demand)>, text: &str) {
    let (family, revision) = definition(text);
    let demand = of_family(demands, &family);
    match revision {
        Some(number) => demand.named.push(number),
        None => demand.latest = true,
    }
}

/// Follows the requests in order and gives those that are about a daemon of which nobody said that it is there.
fn follow(intake: &mut Intake<'_>) -> Vec<usize> {
    let mut present: Vec<String> = intake.running.iter().map(|running| running.daemon.clone()).collect();
    let mut ever = present.clone();
    let (mut absent, mut wrong) = (Vec::new(), Vec::new());
    for (index, request) in intake.requests.iter().enumerate() {
        let daemon = daemon_of(request).to_owned();
        let is_there = present.contains(&daemon);
        match request.operation {
            Operation::Create if is_there => {
                wrong
                    .push((request.place, format!("the daemon '{daemon}' is created, and is there already")));
            }
            Operation::Create => present.push(daemon.clone()),
            _ if is_there => {}
            _ if ever.contains(&daemon) => {
                wrong.push((request.place, format!("the daemon '{daemon}' has been deleted before")));
            }
            _ => {
                absent.push(index);
                present.push(daemon.clone());
            }
        }
        if request.operation == Operation::Delete {
            present.retain(|known| *known != daemon);
        }
        ever.push(daemon);
    }
    for (place, message) in wrong {
        intake
            .problem(Code::ImportConflict, place, message)
            .help("give the files in the order in which the requests are sent, and each once");
    }
    absent
}

/// The daemons of the start: those that were seen, and those that must be there.
fn initial(intake: &Intake<'_>, absent: &[usize], numbered: &mut [(String, u64, Family)]) -> Vec<Initial> {
    let mut list = Vec::new();
    for running in &intake.running {
        let (family, revision) = definition(running.definition.as_deref().unwrap_or(&running.daemon));
        list.push(Initial {
            daemon: running.daemon.clone(),
            family,
            revision: revision.unwrap_or(1),
            providers: running.providers.clone(),
            critical: running.critical,
            origin: running.origin.clone(),
            is_assumed: running.definition.is_none(),
        });
    }
    for index in absent {
        let request = &intake.requests[*index];
        let daemon = daemon_of(request).to_owned();
        let target = text(&request.body, "daemonTaskDefinitionArn");
        let (family, revision) = target.map_or_else(|| (daemon.clone(), None), definition);
        let entry = numbered.iter_mut().find(|(known, ..)| *known == family);
        let latest = entry.as_ref().map_or(1, |(_, latest, _)| *latest);
        // The revision before the target; of the first there is none, and the update changes only settings.
        let target = revision.unwrap_or(latest);
        let before = if request.operation == Operation::Update { (target - 1).max(1) } else { target };
        if let Some((_, _, revisions)) = entry {
            revisions.entry(before).or_insert(None);
        }
        let mut providers = providers_of(&request.body);
        if providers.is_empty() {
            providers = fallback_providers(intake);
        }
        list.push(Initial {
            daemon,
            family,
            revision: before,
            providers,
            critical: None,
            origin: request.origin.clone(),
            is_assumed: true,
        });
    }
    list
}

/// Where a daemon runs of which nobody says: on the first capacity provider there is.
fn fallback_providers(intake: &Intake<'_>) -> Vec<String> {
    let described = intake.providers.first().map(|provider| provider.name.clone());
    let requested = intake.requests.iter().find_map(|request| providers_of(&request.body).into_iter().next());
    vec![described.or(requested).unwrap_or_else(|| "default".to_owned())]
}

/// When each request is sent.
fn timeline(requests: &[Request]) -> Vec<(usize, u64)> {
    let (mut at, mut bake) = (FIRST, 0);
    let mut timeline = Vec::new();
    for (index, request) in requests.iter().enumerate() {
        if index > 0 && !request.together {
            at += bake + GAP;
            bake = 0;
        }
        let minutes = request.body["deploymentConfiguration"]["bakeTimeInMinutes"].as_u64();
        bake = bake.max(minutes.unwrap_or(0));
        timeline.push((index, at));
    }
    timeline
}
