//! What is called what, and who means whom.

use crate::aws::arn;
use crate::scenario::codes::Code;
use crate::scenario::raw::RawScenario;
use crate::scenario::read::{At, List, Reader, with_guess};
use crate::scenario::tree::Place;
use crate::scenario::values::Text;

/// The names of one kind of thing, in file order.
#[derive(Default)]
pub(super) struct Names {
    /// What such a thing is called.
    kind: &'static str,
    /// The resource type in its ARNs; empty if it has none.
    resource: &'static str,
    list: Vec<Option<String>>,
    /// Whether every name is known; if not, an unknown one may be among those that could not be read.
    is_complete: bool,
}

impl Names {
    fn new<'t>(
        kind: &'static str,
        resource: &'static str,
        texts: impl Iterator<Item = Option<&'t At<Text>>>,
        is_complete: bool,
        reader: &mut Reader<'_>,
    ) -> Self {
        let mut names = Self { kind, resource, list: Vec::new(), is_complete };
        for text in texts {
            let name = text.map(|text| text.value.0.clone());
            names.is_complete &= name.is_some();
            if let (Some(At { place, .. }), Some(name)) = (text, &name) {
                names.check(name, *place, reader);
            }
            names.list.push(name);
        }
        names
    }

    /// Names must be unique and, alarms apart, such as ECS takes.
    fn check(&self, name: &str, place: Place, reader: &mut Reader<'_>) {
        let is_good = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let is_free = self.kind == "alarm";
        if name.is_empty() {
            reader.problem(Code::Empty, place, format!("a {} needs a name", self.kind));
        } else if name.chars().count() > 255 || (!is_free && !name.chars().all(is_good)) {
            reader
                .problem(Code::BadName, place, format!("'{name}' cannot be the name of a {}", self.kind))
                .help("ECS takes up to 255 letters, digits, underscores and hyphens");
        }
        if self.list.iter().flatten().any(|known| known == name) {
            reader
                .problem(Code::DuplicateName, place, format!("there is a {} '{name}' already", self.kind))
                .help("names must be unique");
        }
    }

    /// The index of what a text names, plainly or by ARN.
    pub(super) fn resolve(&self, text: &At<Text>, reader: &mut Reader<'_>) -> Option<usize> {
        let name = plain(text, self.resource, reader)?;
        let found = self.list.iter().position(|known| known.as_deref() == Some(name));
        if found.is_none() && self.is_complete {
            let known: Vec<_> = self.list.iter().flatten().collect();
            let help = match known.len() {
                0 => format!("the scenario has no {} at all", self.kind),
                _ => format!("there is: {}", known.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", ")),
            };
            let help = with_guess(name, &known, help);
            reader
                .problem(Code::UnknownName, text.place, format!("there is no {} '{name}'", self.kind))
                .help(help);
        }
        found
    }

    /// The index of what a text names, or of the only one there is.
    pub(super) fn resolve_or_only(
        &self,
        text: Option<&At<Text>>,
        owner: Place,
        reader: &mut Reader<'_>,
    ) -> Option<usize> {
        match (text, self.list.len()) {
            (Some(text), _) => self.resolve(text, reader),
            (None, 1) => Some(0),
            (None, count) => {
                let names = self.list.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
                if self.is_complete {
                    reader
                        .problem(Code::Ambiguous, owner, format!("which {}? there are {count}", self.kind))
                        .help(format!("name one of: {names}"));
                }
                None
            }
        }
    }

    pub(super) fn list(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|name| name.as_deref().unwrap_or_default())
    }
}

/// The plain name that a text means, plainly or by ARN.
pub(super) fn plain<'t>(text: &'t At<Text>, resource: &str, reader: &mut Reader<'_>) -> Option<&'t str> {
    match arn::plain_name(&text.value.0, resource) {
        Ok(name) => Some(name),
        Err(reason) => {
            reader.problem(Code::BadName, text.place, reason);
            None
        }
    }
}

/// The indices of what a list of texts names, in order, each once.
pub(super) fn resolve_each(
    list: &At<List<Text>>,
    names: &Names,
    reader: &mut Reader<'_>,
) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut is_whole = list.value.is_complete;
    for text in &list.value.items {
        match names.resolve(text, reader) {
            Some(index) if found.contains(&index) => {
                reader.problem(
                    Code::DuplicateName,
                    text.place,
                    format!("the {} '{}' is listed twice", names.kind, text.value.0),
                );
            }
            Some(index) => found.push(index),
            None => is_whole = false,
        }
    }
    is_whole.then_some(found)
}

/// The names of everything that can be named.
pub(super) struct All<'a> {
    pub(super) providers: Names,
    pub(super) services: Names,
    /// Daemons of the start, then those that the timeline creates.
    pub(super) daemons: Names,
    pub(super) alarms: Names,
    pub(super) revisions: Revisions<'a>,
}

impl<'a> All<'a> {
    pub(super) fn collect(raw: &'a RawScenario, reader: &mut Reader<'_>) -> Self {
        macro_rules! names {
            ($kind:literal, $resource:literal, $list:expr, $name:ident) => {{
                let list = $list.as_ref().map(|list| &list.value);
                let texts = list.iter().flat_map(|list| list.values()).map(|raw| raw.$name.as_ref());
                Names::new($kind, $resource, texts, list.is_some_and(|list| list.is_complete), reader)
            }};
        }
        Self {
            providers: names!("capacity provider", "capacity-provider", raw.capacity_providers, name),
            services: services(names!("service", "service", raw.services, name), raw, reader),
            alarms: names!("alarm", "alarm", raw.alarms, alarm_name),
            daemons: daemons(raw, reader),
            revisions: Revisions::collect(raw, reader),
        }
    }
}

/// Services; groups of standalone tasks must not be called like one, since names address draws.
fn services(services: Names, raw: &RawScenario, reader: &mut Reader<'_>) -> Names {
    let groups = raw.tasks.iter().flat_map(|list| list.value.values()).map(|raw| raw.name.as_ref());
    let groups = Names::new("group of tasks", "", groups, true, reader);
    for text in raw.tasks.iter().flat_map(|list| list.value.values()).filter_map(|raw| raw.name.as_ref()) {
        if services.list().any(|known| known == text.value.0) {
            let message = format!("there is a service '{}' already", text.value.0);
            reader.problem(Code::DuplicateName, text.place, message).help("names must be unique");
        }
    }
    drop(groups);
    services
}

/// Daemons of the start, and those that are created; one that is created anew after it was deleted is the same.
fn daemons(raw: &RawScenario, reader: &mut Reader<'_>) -> Names {
    let list = raw.daemons.as_ref().map(|list| &list.value);
    let texts = list.iter().flat_map(|list| list.values()).map(|raw| raw.daemon_name.as_ref());
    let is_complete = list.is_some_and(|list| list.is_complete);
    let mut names = Names::new("daemon", "daemon", texts, is_complete, reader);
    let Some(timeline) = &raw.timeline else {
        names.is_complete = false;
        return names;
    };
    names.is_complete &= timeline.value.is_complete;
    for create in timeline.value.values().filter_map(|action| action.create_daemon.as_ref()) {
        let Some(At { value: Text(name), place }) = &create.value.daemon_name else {
            names.is_complete = false;
            continue;
        };
        if !names.list.iter().flatten().any(|known| known == name) {
            names.check(name, *place, reader);
            names.list.push(Some(name.clone()));
        }
    }
    names
}

/// Daemon task definitions by family and revision.
pub(super) struct Revisions<'a> {
    labels: Vec<Option<(&'a str, u32)>>,
    is_complete: bool,
}

impl<'a> Revisions<'a> {
    fn collect(raw: &'a RawScenario, reader: &mut Reader<'_>) -> Self {
        let list = raw.daemon_task_definitions.as_ref().map(|list| &list.value);
        let mut revisions =
            Self { labels: Vec::new(), is_complete: list.is_some_and(|list| list.is_complete) };
        for raw in list.iter().flat_map(|list| list.values()) {
            let label = match (&raw.family, &raw.revision) {
                (Some(family), Some(revision)) => Some((family.value.0.as_str(), revision.value.0 as u32)),
                _ => None,
            };
            revisions.is_complete &= label.is_some();
            if let (Some(label), Some(At { place, .. })) = (label, &raw.revision)
                && revisions.labels.contains(&Some(label))
            {
                let message = format!("there is a task definition '{}:{}' already", label.0, label.1);
                reader.problem(Code::DuplicateName, *place, message).help("give it another revision number");
            }
            if let Some(At { value: Text(family), place }) = &raw.family {
                check_family(family, *place, reader);
            }
            revisions.labels.push(label);
        }
        revisions
    }

    /// The index of the revision that a text names; without a number the latest of its family.
    pub(super) fn resolve(&self, text: &At<Text>, reader: &mut Reader<'_>) -> Option<usize> {
        let name = plain(text, "daemon-task-definition", reader)?;
        let (family, number) = match arn::family_and_revision(name) {
            Ok(parts) => parts,
            Err(reason) => {
                reader.problem(Code::BadName, text.place, reason).help("write family:revision, like agent:7");
                return None;
            }
        };
        let labels = self.labels.iter().enumerate().filter_map(|(index, label)| Some((index, (*label)?)));
        let found = match number {
            Some(number) => labels.clone().find(|(_, label)| *label == (family, number)),
            None => labels.clone().filter(|(_, label)| label.0 == family).max_by_key(|(_, label)| label.1),
        };
        if found.is_none() && self.is_complete {
            let known: Vec<_> = labels.map(|(_, label)| format!("{}:{}", label.0, label.1)).collect();
            let help = if known.is_empty() {
                "the scenario has no daemonTaskDefinitions at all".to_string()
            } else {
                format!("there is: {}", known.join(", "))
            };
            let help = with_guess(name, &known, help);
            reader
                .problem(
                    Code::UnknownName,
                    text.place,
                    format!("there is no daemon task definition '{name}'"),
                )
                .help(help);
        }
        found.map(|(index, _)| index)
    }
}

fn check_family(family: &str, place: Place, reader: &mut Reader<'_>) {
    let is_good = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    if family.is_empty() || family.len() > 255 || !family.chars().all(is_good) {
        reader
            .problem(Code::BadName, place, format!("'{family}' cannot be the family of a task definition"))
            .help("ECS takes up to 255 letters, digits, underscores and hyphens");
    }
}
