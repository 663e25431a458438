//! Changes to the tree before it is read: `--set KEY=VALUE`, and the values of a sweep.

use super::codes::Code;
use super::problem::Problem;
use super::read::{Reader, closest, with_guess};
use super::sweep::{CONSTRAINTS, LATIN_HYPERCUBE, Point};
use super::tree::{Entry, Kind, Node, Place};

/// What is to be different from what the file says, in the order in which it is applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changes<'a> {
    /// Settings by dotted path, and their values as YAML (`--set`).
    pub set: &'a [(String, String)],
    /// Whether the sweep stays, and what it varies beside.
    pub sweep: SweepChange<'a>,
}

/// What becomes of the `sweep:` of the file.
#[derive(Clone, Copy, Debug)]
pub enum SweepChange<'a> {
    /// It gets these axes beside its own, or instead of its own of the same name; `--vary` as it is written.
    Extended(&'a [(String, String)]),
    /// These axes are the whole sweep.
    Replaced(&'a [(String, String)]),
    /// There is none, and this combination of it holds.
    Settled(&'a Point),
}

impl Default for SweepChange<'_> {
    fn default() -> Self {
        Self::Extended(&[])
    }
}

/// Short names for the settings of the scenario's one deployment.
const SHORT_NAMES: [&str; 3] = ["drainPercent", "bakeTimeInMinutes", "alarms"];

/// Applies `--set`s in order; problems point into the override's own text.
pub(super) fn apply(tree: &mut Node, overrides: &[(String, String)], reader: &mut Reader<'_>) {
    for (key, value) in overrides {
        let source = reader.sources.add("--set", &format!("{key}={value}"));
        let whole = reader.sources.whole(source);
        match reader.sources.parse_part(whole.part(key.len() + 1, whole.bytes())) {
            Ok(node) => {
                if let Err(problem) = set(tree, key, whole.part(0, key.len()), node, reader) {
                    reader.problems.push(problem);
                }
            }
            Err(problem) => reader.problems.push(problem),
        }
    }
}

/// Lets the tree have the sweep that is wanted.
pub(super) fn change_sweep(tree: &mut Node, change: SweepChange<'_>, reader: &mut Reader<'_>) {
    let Kind::Map(entries) = &mut tree.kind else { return };
    if !matches!(change, SweepChange::Extended(_)) {
        entries.retain(|entry| entry.key != "sweep");
    }
    match change {
        SweepChange::Extended(axes) | SweepChange::Replaced(axes) => vary(entries, axes, reader),
        SweepChange::Settled(point) => {
            for (key, value) in &point.settings {
                let source = reader.sources.add("sweep", &format!("{key}={value}"));
                let whole = reader.sources.whole(source);
                let node = Node::from_json(value, whole.part(key.len() + 1, whole.bytes()));
                if let Err(problem) = set(tree, key, whole.part(0, key.len()), node, reader) {
                    reader.problems.push(problem);
                }
            }
        }
    }
}

/// Adds axes to the sweep: `KEY=V,V,…`, `KEY=[V, V]` or `KEY={from: A, to: B, step: S}`.
fn vary(entries: &mut Vec<Entry>, axes: &[(String, String)], reader: &mut Reader<'_>) {
    for (key, values) in axes {
        let (key_place, value) = match axis_values(key, values, reader) {
            Ok(value) => value,
            Err(problem) => {
                reader.problems.push(problem);
                continue;
            }
        };
        let sweep = entry_of(entries, ("sweep", key_place));
        if !matches!(sweep.kind, Kind::Map(_)) {
            *sweep = Node { kind: Kind::Map(Vec::new()), place: key_place };
        }
        let Kind::Map(axes) = &mut sweep.kind else { continue };
        let entry = entry_of(axes, (key, key_place));
        match (&mut entry.kind, value.kind) {
            // Conditions add up; of an axis there is one.
            (Kind::List(conditions), Kind::List(more)) if key == CONSTRAINTS => conditions.extend(more),
            (_, kind) => *entry = Node { kind, place: value.place },
        }
        if let Some(axis) = axes.iter_mut().find(|axis| axis.key == *key) {
            axis.key_place = key_place;
        }
    }
}

/// The values of an axis as one node: what is a list or a range already, or else what becomes one in brackets.
fn axis_values(key: &str, values: &str, reader: &mut Reader<'_>) -> Result<(Place, Node), Problem> {
    let mut read = |text: String| {
        let origin = match key {
            CONSTRAINTS => "--constraint",
            LATIN_HYPERCUBE => "--latin-hypercube",
            _ => "--vary",
        };
        let source = reader.sources.add(origin, &text);
        let whole = reader.sources.whole(source);
        let node = reader.sources.parse_part(whole.part(key.len() + 1, whole.bytes()))?;
        Ok((whole.part(0, key.len()), node))
    };
    if values.trim_start().starts_with(['{', '['])
        && let Ok(value) = read(format!("{key}={values}"))
    {
        return Ok(value);
    }
    if key == LATIN_HYPERCUBE {
        return read(format!("{key}={values}"));
    }
    read(format!("{key}=[{values}]"))
}

/// Sets one path of the tree.
///
/// # Errors
/// The reason why the path leads nowhere.
pub(super) fn set(
    tree: &mut Node,
    key: &str,
    place: Place,
    value: Node,
    reader: &Reader<'_>,
) -> Result<(), Problem> {
    let target = Target { reader, key, place };
    if SHORT_NAMES.contains(&key) {
        let configuration = target.deployment(tree)?;
        let value = if key == "alarms" { alarm_configuration(value) } else { value };
        return target.descend(configuration, &[(key, place)], value);
    }
    if let Some(guess) = closest(key, &SHORT_NAMES).filter(|_| tree.get(key).is_none()) {
        let message = format!("there is no setting '{key}'");
        return Err(target.problem(place, message, format!("did you mean '{guess}'?")));
    }
    let mut start = 0;
    let mut path = Vec::new();
    for segment in key.split('.') {
        path.push((segment, place.part(start, start + segment.len())));
        start += segment.len() + 1;
    }
    target.descend(tree, &path, value)
}

/// `alarms=false` and `alarms=[web-5xx]` are short for the whole configuration.
fn alarm_configuration(value: Node) -> Node {
    let place = value.place;
    let flag = |on| Node { kind: Kind::Bool(on), place };
    let entry = |key: &str, value| Entry { key: key.into(), key_place: place, value };
    let entries = match &value.kind {
        Kind::Bool(false) => vec![entry("enable", value)],
        Kind::List(names) => {
            let on = !names.is_empty();
            vec![entry("alarmNames", value), entry("enable", flag(on))]
        }
        _ => return value,
    };
    Node { kind: Kind::Map(entries), place }
}

/// A path being followed.
struct Target<'r, 'a> {
    reader: &'r Reader<'a>,
    key: &'r str,
    place: Place,
}

impl Target<'_, '_> {
    fn problem(&self, place: Place, message: String, help: String) -> Problem {
        let mut problem = Problem::new(Code::BadOverride, message);
        problem.location = self.reader.sources.locate(place);
        problem.help(help);
        problem
    }

    /// The configuration of the one request that deploys, made where there is none.
    fn deployment<'t>(&self, tree: &'t mut Node) -> Result<&'t mut Node, Problem> {
        let timeline = tree.get_mut("timeline").map(|node| &mut node.kind);
        let Some(Kind::List(actions)) = timeline else {
            return Err(self.no_deployment(0));
        };
        let mut requests: Vec<_> = actions
            .iter_mut()
            .filter_map(|action| match &mut action.kind {
                Kind::Map(entries) => entries
                    .iter_mut()
                    .find(|entry| matches!(entry.key.as_str(), "createDaemon" | "updateDaemon"))
                    .map(|entry| &mut entry.value),
                _ => None,
            })
            .collect();
        if requests.len() != 1 {
            return Err(self.no_deployment(requests.len()));
        }
        let request = requests.pop().expect("there is exactly one");
        let key = ("deploymentConfiguration", self.place);
        let Kind::Map(entries) = &mut request.kind else {
            return Err(self.no_deployment(0));
        };
        Ok(entry_of(entries, key))
    }

    fn no_deployment(&self, count: usize) -> Problem {
        let message = match count {
            0 => format!("'{}' is short for a setting of the deployment, and there is none", self.key),
            _ => format!("'{}' could mean any of {count} deployments", self.key),
        };
        let help =
            format!("give the whole path, like timeline.0.updateDaemon.deploymentConfiguration.{}", self.key);
        self.problem(self.place, message, help)
    }

    fn descend(&self, node: &mut Node, path: &[(&str, Place)], value: Node) -> Result<(), Problem> {
        let [(segment, place), rest @ ..] = path else {
            *node = value;
            return Ok(());
        };
        match &mut node.kind {
            Kind::Null => {
                node.kind = Kind::Map(Vec::new());
                self.descend(node, path, value)
            }
            Kind::Map(entries) => {
                if segment.is_empty() {
                    return Err(self.problem(*place, "an empty key".into(), "write a.b.c".into()));
                }
                self.descend(entry_of(entries, (segment, *place)), rest, value)
            }
            Kind::List(nodes) => {
                let Some(index) = element(nodes, segment) else {
                    return Err(self.no_element(nodes, segment, *place));
                };
                self.descend(&mut nodes[index], rest, value)
            }
            _ => {
                let message = format!("'{segment}' leads into {}, which has no parts", node.describe());
                Err(self.problem(*place, message, "shorten the path".into()))
            }
        }
    }

    fn no_element(&self, nodes: &[Node], segment: &str, place: Place) -> Problem {
        let names: Vec<_> = nodes.iter().filter_map(name_of).collect();
        let help = match (nodes.len(), names.is_empty()) {
            (0, _) => "the list is empty".to_string(),
            (count, true) => format!("its elements are 0 to {}", count - 1),
            (_, false) => format!("its elements are: {}", names.join(", ")),
        };
        let help = with_guess(segment, &names, help);
        self.problem(place, format!("the list has no element '{segment}'"), help)
    }
}

fn entry_of<'t>(entries: &'t mut Vec<Entry>, (key, place): (&str, Place)) -> &'t mut Node {
    let index = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        entries.push(Entry { key: key.into(), key_place: place, value: Node { kind: Kind::Null, place } });
        entries.len() - 1
    });
    &mut entries[index].value
}

/// An element by its number, or by what names it.
fn element(nodes: &[Node], segment: &str) -> Option<usize> {
    let named = nodes.iter().position(|node| name_of(node).as_deref() == Some(segment));
    named.or_else(|| segment.parse().ok().filter(|index| *index < nodes.len()))
}

fn name_of(node: &Node) -> Option<String> {
    let text = |key: &str| match node.get(key)?.kind {
        Kind::Text(ref text) => Some(text.clone()),
        Kind::Int(number) => Some(number.to_string()),
        _ => None,
    };
    let family = || Some(format!("{}:{}", text("family")?, text("revision")?));
    text("name").or_else(|| text("daemonName")).or_else(|| text("alarmName")).or_else(family)
}
