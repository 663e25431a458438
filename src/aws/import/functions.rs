//! The functions of `CloudFormation` templates, resolved as far as a template can be read alone.
//!
//! What only a deployment knows becomes a stand-in: a text that can be a name, noted
//! with the reason, so that whoever needs more than a name can say what is missing.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::scenario::read::with_guess;
use crate::scenario::tree::{Entry, Kind, Node, Place};

/// References that lead through more resources than this go in circles.
const DEPTH_MAX: usize = 40;
/// A text longer than this is in no template that can be deployed: a whole template may have 1 MB.
const TEXT_MAX: usize = 1 << 20;
/// What all functions of a template may cost together, in bytes of text; a call costs a few by itself.
const COST_MAX: usize = 16 << 20;
const COST_OF_CALL: usize = 64;

/// What `CloudFormation` knows by itself, and what stands in for it.
const PSEUDO: [(&str, &str); 7] = [
    ("AWS::AccountId", "123456789012"),
    ("AWS::NotificationARNs", ""),
    ("AWS::Partition", "aws"),
    ("AWS::Region", "us-east-1"),
    ("AWS::StackId", "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/stand-in"),
    ("AWS::StackName", "stack"),
    ("AWS::URLSuffix", "amazonaws.com"),
];

/// Something that cannot be resolved.
#[derive(Debug)]
pub(super) struct Unsolvable {
    pub(super) place: Place,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// A template, and what came up while it was resolved.
#[derive(Debug)]
pub(super) struct Template<'n> {
    /// What resolving has cost so far, in bytes of text.
    spent: usize,
    /// Whether that was told to be too much.
    is_exhausted: bool,
    root: &'n Node,
    parameters: BTreeMap<String, Node>,
    /// Parameters without a value, and what to do about each.
    missing: BTreeMap<String, String>,
    pseudo: BTreeMap<&'static str, String>,
    /// Places of stand-ins, and why they are no more than that.
    pub(super) stand_ins: Vec<(Place, String)>,
    /// Pseudo parameters that were used with their stand-ins.
    pub(super) used: BTreeSet<&'static str>,
    pub(super) unsolvable: Vec<Unsolvable>,
    depth: usize,
}

fn text_node(text: impl Into<String>, place: Place) -> Node {
    Node { kind: Kind::Text(text.into()), place }
}

/// A scalar as text, as `CloudFormation` would put it into one.
fn scalar(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        Kind::Bool(flag) => Some(flag.to_string()),
        Kind::Int(number) => Some(number.to_string()),
        Kind::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What can be a name of anything: other characters become hyphens.
fn stand_in_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = text.chars().map(plain).take(200).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "unknown".into() } else { name.into() }
}

impl<'n> Template<'n> {
    /// A template with the parameters that the user gives.
    pub(super) fn new(root: &'n Node, given: &[(String, String)]) -> Self {
        let mut template = Self {
            spent: 0,
            is_exhausted: false,
            root,
            parameters: BTreeMap::new(),
            missing: BTreeMap::new(),
            pseudo: BTreeMap::new(),
            stand_ins: Vec::new(),
            used: BTreeSet::new(),
            unsolvable: Vec::new(),
            depth: 0,
        };
        for (name, _) in PSEUDO {
            if let Some((_, value)) = given.iter().rev().find(|(key, _)| key == name) {
                template.pseudo.insert(name, value.clone());
            }
        }
        for (name, declaration) in template.section("Parameters") {
            template.parameter(name, declaration, given);
        }
        template
    }

    /// Names of the parameters that it declares.
    pub(super) fn declared(&self) -> Vec<String> {
        self.section("Parameters").map(|(name, _)| name.to_owned()).collect()
    }

    fn section(&self, key: &str) -> impl Iterator<Item = (&'n str, &'n Node)> + use<'n> {
        let entries: &'n [Entry] = match self.root.get(key).map(|node| &node.kind) {
            Some(Kind::Map(entries)) => entries,
            _ => &[],
        };
        entries.iter().map(|entry| (entry.key.as_str(), &entry.value))
    }

    fn tell(&mut self, place: Place, message: impl Into<String>) -> &mut Unsolvable {
        self.unsolvable.push(Unsolvable { place, message: message.into(), help: None });
        self.unsolvable.last_mut().expect("one was pushed just now")
    }

    fn parameter(&mut self, name: &str, declaration: &'n Node, given: &[(String, String)]) {
        let said = given.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value);
        let default = declaration.get("Default");
        let place = default.map_or(declaration.place, |node| node.place);
        let kind = match declaration.get("Type").map(|node| &node.kind) {
            Some(Kind::Text(kind)) => kind.as_str(),
            _ => "String",
        };
        let value = match (said, default.and_then(scalar)) {
            (Some(value), _) => value.clone(),
            // The default of such a parameter is the name of another one, in the parameter store.
            (None, _) if kind.starts_with("AWS::SSM::") => {
                self.missing.insert(
                    name.into(),
                    format!(
                        "the parameter {name} is looked up when it is deployed: give --parameter {name}=VALUE"
                    ),
                );
                return;
            }
            (None, Some(value)) => value,
            (None, None) => {
                self.missing.insert(
                    name.into(),
                    format!("the parameter {name} has no value: give --parameter {name}=VALUE"),
                );
                return;
            }
        };
        if let Some(Kind::List(allowed)) = declaration.get("AllowedValues").map(|node| &node.kind) {
            let allowed: Vec<String> = allowed.iter().filter_map(scalar).collect();
            if !allowed.contains(&value) {
                let help = with_guess(&value, &allowed, format!("the values are: {}", allowed.join(", ")));
                self.tell(place, format!("the parameter {name} cannot be '{value}'")).help = Some(help);
            }
        }
        let node = if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            let parts = value.split(',').map(|part| text_node(part.trim(), place)).collect();
            Node { kind: Kind::List(if value.is_empty() { Vec::new() } else { parts }), place }
        } else {
            text_node(value, place)
        };
        self.parameters.insert(name.into(), node);
    }

    /// The resources whose condition holds: name, type and properties.
    pub(super) fn resources(&mut self) -> Vec<(&'n str, &'n str, &'n Node, Place)> {
        let mut found = Vec::new();
        for (name, resource) in self.section("Resources") {
            if name.starts_with("Fn::") {
                let message = format!("{name} makes resources, and is not resolved here");
                self.tell(resource.place, message).help =
                    Some("give the template as it is after its transforms: `aws cloudformation get-template --template-stage Processed`".into());
                continue;
            }
            let Some(Kind::Text(kind)) = resource.get("Type").map(|node| &node.kind) else { continue };
            let condition = match resource.get("Condition") {
                Some(Node { kind: Kind::Text(condition), place }) => self.condition(condition, *place),
                _ => true,
            };
            if condition {
                found.push((name, kind.as_str(), resource, resource.place));
            }
        }
        found
    }

    /// A stand-in for what only a deployment knows.
    fn stand_in(&mut self, name: &str, place: Place, reason: impl Into<String>) -> Node {
        self.stand_ins.push((place, reason.into()));
        text_node(stand_in_name(name), place)
    }

    /// Why a value is no more than a stand-in.
    pub(super) fn why(&self, node: &Node) -> Option<&str> {
        self.stand_ins.iter().find(|(place, _)| *place == node.place).map(|(_, reason)| reason.as_str())
    }

    /// A property of a resource, resolved.
    pub(super) fn property(&mut self, resource: &Node, key: &str) -> Option<Node> {
        let property = resource.get("Properties")?.get(key)?;
        self.value(property)
    }

    /// All properties of a resource, resolved.
    pub(super) fn properties(&mut self, resource: &Node) -> Node {
        let empty = Node { kind: Kind::Map(Vec::new()), place: resource.place };
        match resource.get("Properties") {
            Some(properties) => self.value(properties).unwrap_or(empty),
            None => empty,
        }
    }

    /// A value with its functions resolved; none if it is to be left out.
    pub(super) fn value(&mut self, node: &Node) -> Option<Node> {
        match &node.kind {
            Kind::Map(entries) => {
                if let [entry] = &entries[..]
                    && (entry.key == "Ref" || entry.key.starts_with("Fn::"))
                {
                    return self.function(&entry.key, &entry.value, node.place);
                }
                let kept = entries.iter().filter_map(|entry| {
                    Some(Entry {
                        key: entry.key.clone(),
                        key_place: entry.key_place,
                        value: self.value(&entry.value)?,
                    })
                });
                Some(Node { kind: Kind::Map(kept.collect()), place: node.place })
            }
            Kind::List(nodes) => {
                let kept = nodes.iter().filter_map(|node| self.value(node)).collect();
                Some(Node { kind: Kind::List(kept), place: node.place })
            }
            _ => Some(node.clone()),
        }
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each function")]
    fn function(&mut self, name: &str, argument: &Node, place: Place) -> Option<Node> {
        if self.depth > DEPTH_MAX {
            self.tell(place, "the references here go in circles");
            return None;
        }
        if self.spent > COST_MAX {
            return None;
        }
        self.spent += COST_OF_CALL;
        self.depth += 1;
        let value = match name {
            "Ref" => self.reference(argument, place),
            "Fn::GetAtt" => self.attribute(argument, place),
            "Fn::Sub" => self.substitute(argument, place),
            "Fn::If" => self.branch(argument, place),
            "Fn::Join" => self.join(argument, place),
            "Fn::Select" => self.select(argument, place),
            "Fn::Split" => self.split(argument, place),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Base64" => self.value(argument).map(|node| match scalar(&node) {
                Some(text) if self.why(&node).is_none() => text_node(STANDARD.encode(text), place),
                _ => self.stand_in("Base64", place, "it encodes what only the deployment knows"),
            }),
            "Fn::ImportValue" => {
                let export = self
                    .value(argument)
                    .and_then(|node| scalar(&node))
                    .unwrap_or_else(|| "ImportValue".into());
                Some(self.stand_in(&export, place, format!("it is exported by another stack as '{export}'")))
            }
            "Fn::GetAZs" => {
                let zones = ["a", "b", "c"]
                    .map(|zone| text_node(format!("{}{zone}", self.pseudo("AWS::Region")), place));
                Some(Node { kind: Kind::List(zones.to_vec()), place })
            }
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                let holds = self.holds(&Node {
                    kind: Kind::Map(vec![Entry {
                        key: name.into(),
                        key_place: place,
                        value: argument.clone(),
                    }]),
                    place,
                });
                Some(Node { kind: Kind::Bool(holds), place })
            }
            "Fn::Cidr" | "Fn::Transform" | "Fn::ToJsonString" | "Fn::Length" => {
                Some(self.stand_in(name, place, format!("{name} is not resolved here")))
            }
            _ => {
                self.tell(place, format!("the function {name} is not known")).help = Some(
                    "known are Ref, GetAtt, Sub, If, Join, Select, Split, FindInMap, Equals, And, Or, Not, Base64, ImportValue, GetAZs".into(),
                );
                None
            }
        };
        self.depth -= 1;
        if let Some(Node { kind: Kind::Text(text), .. }) = &value {
            self.spent += text.len();
        }
        if self.spent > COST_MAX && !std::mem::replace(&mut self.is_exhausted, true) {
            self.too_long(place);
        }
        value
    }

    fn too_long(&mut self, place: Place) {
        self.tell(
            place,
            "the functions here make texts without end: one may have 1 MiB, all together 16 MiB",
        );
    }

    fn pseudo(&mut self, name: &'static str) -> String {
        if let Some(value) = self.pseudo.get(name) {
            return value.clone();
        }
        self.used.insert(name);
        PSEUDO.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value).to_owned()
    }

    fn reference(&mut self, argument: &Node, place: Place) -> Option<Node> {
        if let Kind::Text(name) = &argument.kind {
            self.named(name, None, place)
        } else {
            self.tell(place, "Ref takes a name");
            None
        }
    }

    fn attribute(&mut self, argument: &Node, place: Place) -> Option<Node> {
        let parts: Vec<String> = match &argument.kind {
            Kind::Text(text) => text.splitn(2, '.').map(str::to_owned).collect(),
            Kind::List(nodes) => {
                nodes.iter().filter_map(|node| self.value(node)).filter_map(|node| scalar(&node)).collect()
            }
            _ => Vec::new(),
        };
        match &parts[..] {
            [name, attribute] if !attribute.is_empty() => self.named(name, Some(attribute), place),
            _ => {
                self.tell(place, "Fn::GetAtt takes the name of a resource and of one of its attributes");
                None
            }
        }
    }

    /// What a name means: a parameter, something that `CloudFormation` knows, a resource or an attribute of one.
    fn named(&mut self, name: &str, attribute: Option<&str>, place: Place) -> Option<Node> {
        if attribute.is_none() {
            if name == "AWS::NoValue" {
                return None;
            }
            if let Some((pseudo, _)) = PSEUDO.iter().find(|(known, _)| *known == name) {
                return Some(text_node(self.pseudo(pseudo), place));
            }
            if let Some(value) = self.parameters.get(name) {
                return Some(Node { kind: value.kind.clone(), place });
            }
            if let Some(reason) = self.missing.get(name).cloned() {
                return Some(self.stand_in(name, place, reason));
            }
        }
        let Some(resource) =
            self.section("Resources").find(|(known, _)| *known == name).map(|(_, node)| node)
        else {
            let mut known: Vec<&str> = self.section("Resources").map(|(name, _)| name).collect();
            if attribute.is_none() {
                known.extend(self.section("Parameters").map(|(name, _)| name));
            }
            let help =
                with_guess(name, &known, "it has to be a parameter or a resource of this template".into());
            self.tell(place, format!("the template has no '{name}'")).help = Some(help);
            return None;
        };
        let kind = match resource.get("Type").map(|node| &node.kind) {
            Some(Kind::Text(kind)) => kind.as_str(),
            _ => "",
        };
        // Not every one of these attributes is documented; whoever writes one means this resource all the same.
        let is_itself = attribute.is_none_or(|attribute| attribute.ends_with("Arn"));
        let key = match (kind, attribute) {
            ("AWS::ECS::Daemon", _) if is_itself => "DaemonName",
            ("AWS::ECS::DaemonTaskDefinition" | "AWS::ECS::TaskDefinition", _) if is_itself => "Family",
            ("AWS::ECS::CapacityProvider", _) if is_itself => "Name",
            ("AWS::ECS::Cluster", _) if is_itself => "ClusterName",
            ("AWS::CloudWatch::Alarm", _) if is_itself => "AlarmName",
            ("AWS::ECS::Service", Some("Name")) => "ServiceName",
            ("AWS::ECS::Service", _) if is_itself => "ServiceName",
            _ => {
                let what = attribute.map_or(name.to_owned(), |attribute| format!("{name}.{attribute}"));
                return Some(self.stand_in(&what, place, format!("{what} is known once it is deployed")));
            }
        };
        Some(text_node(self.name_of(resource, key, name), place))
    }

    /// The name that a resource gives itself, or that of the resource in the template.
    pub(super) fn name_of(&mut self, resource: &Node, key: &str, logical: &str) -> String {
        if self.depth > DEPTH_MAX {
            self.tell(resource.place, "the references here go in circles");
            return logical.to_owned();
        }
        self.depth += 1;
        let own = self.property(resource, key).and_then(|node| scalar(&node));
        self.depth -= 1;
        own.unwrap_or_else(|| logical.to_owned())
    }

    /// Puts values into a text: `${Name}`, `${Name.Attribute}`, and `${!Literal}`.
    fn substitute(&mut self, argument: &Node, place: Place) -> Option<Node> {
        let (text, own) = match &argument.kind {
            Kind::Text(text) => (text.clone(), None),
            Kind::List(nodes) => match &nodes[..] {
                [Node { kind: Kind::Text(text), .. }, own @ Node { kind: Kind::Map(_), .. }] => {
                    (text.clone(), Some(own))
                }
                [Node { kind: Kind::Text(text), .. }] => (text.clone(), None),
                _ => (String::new(), None),
            },
            _ => (String::new(), None),
        };
        if text.is_empty() && !matches!(argument.kind, Kind::Text(_)) {
            self.tell(place, "Fn::Sub takes a text, or a text and a mapping of its variables");
            return None;
        }
        let mut whole = String::new();
        let mut rest = text.as_str();
        let mut reason = None;
        while let Some(start) = rest.find("${") {
            whole.push_str(&rest[..start]);
            let Some(length) = rest[start..].find('}') else { break };
            let name = rest[start + 2..start + length].trim();
            rest = &rest[start + length + 1..];
            if let Some(literal) = name.strip_prefix('!') {
                whole.extend(["${", literal, "}"]);
                continue;
            }
            let value = match own.and_then(|own| own.get(name)) {
                Some(node) => self.value(node),
                None => match name.split_once('.') {
                    Some((resource, attribute)) => self.named(resource, Some(attribute), place),
                    None => self.named(name, None, place),
                },
            }?;
            reason = reason.or_else(|| self.why(&value).map(str::to_owned));
            let Some(value) = scalar(&value) else {
                self.tell(place, format!("'{name}' in Fn::Sub is not a text"));
                return None;
            };
            if whole.len() + value.len() > TEXT_MAX {
                self.too_long(place);
                return None;
            }
            whole.push_str(&value);
        }
        whole.push_str(rest);
        if let Some(reason) = reason {
            self.stand_ins.push((place, reason));
        }
        Some(text_node(whole, place))
    }

    fn list<'a>(&mut self, argument: &'a Node, name: &str, wanted: &str, place: Place) -> Option<&'a [Node]> {
        if let Kind::List(nodes) = &argument.kind {
            return Some(nodes);
        }
        self.tell(place, format!("{name} takes {wanted}"));
        None
    }

    fn branch(&mut self, argument: &Node, place: Place) -> Option<Node> {
        let wanted = "a condition and two values";
        if let [Node { kind: Kind::Text(name), .. }, yes, no] =
            self.list(argument, "Fn::If", wanted, place)?
        {
            if self.condition(name, place) { self.value(yes) } else { self.value(no) }
        } else {
            self.tell(place, format!("Fn::If takes {wanted}"));
            None
        }
    }

    fn join(&mut self, argument: &Node, place: Place) -> Option<Node> {
        let wanted = "a separator and a list";
        let [Node { kind: Kind::Text(separator), .. }, list] =
            self.list(argument, "Fn::Join", wanted, place)?
        else {
            self.tell(place, format!("Fn::Join takes {wanted}"));
            return None;
        };
        let list = self.value(list)?;
        let Kind::List(nodes) = &list.kind else {
            let reason = self.why(&list).map(str::to_owned);
            return if let Some(reason) = reason {
                Some(self.stand_in("Join", place, reason))
            } else {
                self.tell(place, format!("Fn::Join takes {wanted}"));
                None
            };
        };
        let reason = nodes.iter().find_map(|node| self.why(node)).map(str::to_owned);
        let parts: Vec<String> = nodes.iter().filter_map(scalar).collect();
        let length: usize = parts.iter().map(|part| part.len() + separator.len()).sum();
        if length > TEXT_MAX {
            self.too_long(place);
            return None;
        }
        if let Some(reason) = reason {
            self.stand_ins.push((place, reason));
        }
        Some(text_node(parts.join(separator), place))
    }

    fn select(&mut self, argument: &Node, place: Place) -> Option<Node> {
        let wanted = "a number and a list";
        let [index, list] = self.list(argument, "Fn::Select", wanted, place)? else {
            self.tell(place, format!("Fn::Select takes {wanted}"));
            return None;
        };
        let (index, list) = (self.value(index)?, self.value(list)?);
        let Kind::List(nodes) = &list.kind else {
            let reason = self.why(&list).unwrap_or("the list is not known").to_owned();
            return Some(self.stand_in("Select", place, reason));
        };
        let number = scalar(&index).and_then(|text| text.parse::<usize>().ok());
        if let Some(node) = number.and_then(|number| nodes.get(number)) {
            Some(node.clone())
        } else {
            self.tell(
                place,
                format!(
                    "Fn::Select: there is no element {} in a list of {}",
                    scalar(&index).unwrap_or_default(),
                    nodes.len()
                ),
            );
            None
        }
    }

    fn split(&mut self, argument: &Node, place: Place) -> Option<Node> {
        let wanted = "a separator and a text";
        let [Node { kind: Kind::Text(separator), .. }, text] =
            self.list(argument, "Fn::Split", wanted, place)?
        else {
            self.tell(place, format!("Fn::Split takes {wanted}"));
            return None;
        };
        let text = self.value(text)?;
        let reason = self.why(&text).map(str::to_owned);
        match (scalar(&text), reason) {
            (_, Some(reason)) => Some(self.stand_in("Split", place, reason)),
            (Some(text), None) if !separator.is_empty() => {
                let parts = text.split(separator.as_str()).map(|part| text_node(part, place)).collect();
                Some(Node { kind: Kind::List(parts), place })
            }
            _ => {
                self.tell(place, format!("Fn::Split takes {wanted}"));
                None
            }
        }
    }

    fn find_in_map(&mut self, argument: &Node, place: Place) -> Option<Node> {
        let wanted = "the names of a mapping and of two of its keys";
        let nodes = self.list(argument, "Fn::FindInMap", wanted, place)?;
        let keys: Vec<String> = nodes
            .iter()
            .take(3)
            .filter_map(|node| self.value(node))
            .filter_map(|node| scalar(&node))
            .collect();
        let [map, first, second] = &keys[..] else {
            self.tell(place, format!("Fn::FindInMap takes {wanted}"));
            return None;
        };
        let found = self.root.get("Mappings").and_then(|maps| maps.get(map)?.get(first)?.get(second));
        if let Some(found) = found {
            return self.value(found).map(|node| Node { kind: node.kind, place });
        }
        if let Some(default) = nodes.get(3).and_then(|options| options.get("DefaultValue")) {
            return self.value(default);
        }
        let stand_in = if self.used.contains("AWS::Region") {
            "; give --parameter AWS::Region=… if it is the region's"
        } else {
            ""
        };
        self.tell(place, format!("the mapping {map} has no '{first}' with '{second}'")).help =
            Some(format!("add it to Mappings{stand_in}"));
        None
    }

    /// Whether a condition of the template holds.
    fn condition(&mut self, name: &str, place: Place) -> bool {
        let Some(node) = self.section("Conditions").find(|(known, _)| *known == name).map(|(_, node)| node)
        else {
            let known: Vec<&str> = self.section("Conditions").map(|(name, _)| name).collect();
            let help = with_guess(name, &known, format!("the conditions are: {}", known.join(", ")));
            self.tell(place, format!("the template has no condition '{name}'")).help = Some(help);
            return false;
        };
        self.depth += 1;
        let holds = if self.depth > DEPTH_MAX {
            self.tell(place, "the conditions here go in circles");
            false
        } else {
            self.holds(node)
        };
        self.depth -= 1;
        holds
    }

    fn holds(&mut self, node: &Node) -> bool {
        let Kind::Map(entries) = &node.kind else {
            return match scalar(node).as_deref() {
                Some("true") => true,
                Some("false") => false,
                _ => {
                    self.tell(node.place, "this is not a condition");
                    false
                }
            };
        };
        let [Entry { key, value, .. }] = &entries[..] else {
            self.tell(node.place, "a condition is one function");
            return false;
        };
        let parts: &[Node] = match &value.kind {
            Kind::List(nodes) => nodes,
            _ => &[],
        };
        match (key.as_str(), parts) {
            ("Fn::Equals", [first, second]) => {
                let (first, second) = (self.value(first), self.value(second));
                let unknown = [&first, &second]
                    .into_iter()
                    .flatten()
                    .find_map(|node| self.why(node))
                    .map(str::to_owned);
                if let Some(reason) = unknown {
                    self.tell(node.place, format!("whether the condition holds is not known: {reason}"));
                }
                let plain = |node: &Option<Node>| {
                    node.as_ref().map(|node| scalar(node).unwrap_or_else(|| node.to_json().to_string()))
                };
                plain(&first) == plain(&second)
            }
            ("Fn::And", parts) => parts.iter().filter(|part| self.holds(part)).count() == parts.len(),
            ("Fn::Or", parts) => parts.iter().filter(|part| self.holds(part)).count() > 0,
            ("Fn::Not", [part]) => !self.holds(part),
            ("Condition", _) => match &value.kind {
                Kind::Text(name) => self.condition(name, node.place),
                _ => false,
            },
            ("Ref" | "Fn::FindInMap" | "Fn::Select" | "Fn::If", _) => {
                let value = self.value(node);
                value.as_ref().and_then(scalar).as_deref() == Some("true")
            }
            _ => {
                self.tell(node.place, format!("{key} is not a condition"));
                false
            }
        }
    }
}
