//! From other tools' spellings to the API's: `CloudFormation` writes `DrainPercent`, Terraform `drain_percent`.

use crate::aws::shape::{Record, Shape};
use crate::scenario::tree::{Entry, Kind, Node};

/// Who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `PascalCase`; texts may stand for numbers and flags.
    CloudFormation,
    /// `snake_case`; blocks are lists and called by the singular, nothing is null, tags are a mapping.
    Terraform,
}

/// What is known of values that are no values yet: why a node is only a stand-in.
pub(super) type Why<'w> = dyn Fn(&Node) -> Option<String> + 'w;

/// A translation, and what it could not translate.
pub(super) struct Spelling<'w> {
    pub(super) dialect: Dialect,
    pub(super) why: &'w Why<'w>,
    /// Values that have to be known and are not: where, which member, and why.
    pub(super) unknown: Vec<(Node, String, String)>,
}

impl Spelling<'_> {
    /// The members of a record in the API's spelling; what it does not know stays as it is.
    pub(super) fn record(&mut self, node: &Node, record: &'static Record) -> Node {
        let Kind::Map(entries) = &node.kind else { return node.clone() };
        let mut kept: Vec<Entry> = Vec::new();
        for entry in entries {
            let Some(member) = record.members.iter().find(|member| self.is_spelt(&entry.key, member.name))
            else {
                // What Terraform calls otherwise it has checked itself; a template may hold slips of the pen.
                if self.dialect == Dialect::CloudFormation {
                    kept.push(entry.clone());
                }
                continue;
            };
            if let Some(value) = self.value(&entry.value, member.shape, member.name) {
                kept.push(Entry { key: member.name.into(), key_place: entry.key_place, value });
            }
        }
        Node { kind: Kind::Map(kept), place: node.place }
    }

    fn is_spelt(&self, key: &str, name: &str) -> bool {
        let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
        match self.dialect {
            // PascalCase is exact but for the first letter, and EnableECSManagedTags is alike in both.
            Dialect::CloudFormation => {
                key.chars().next().is_some_and(|c| c.is_ascii_uppercase()) && key.eq_ignore_ascii_case(name)
            }
            Dialect::Terraform => plain(key) == plain(name) || format!("{}s", plain(key)) == plain(name),
        }
    }

    fn value(&mut self, node: &Node, shape: &'static Shape, path: &str) -> Option<Node> {
        let is_terraform = self.dialect == Dialect::Terraform;
        if is_terraform && node.kind == Kind::Null {
            return None;
        }
        if matches!(shape, Shape::Whole(..) | Shape::Number(..) | Shape::Flag | Shape::Word(_))
            && let Some(reason) = (self.why)(node)
        {
            self.unknown.push((node.clone(), path.to_owned(), reason));
            return None;
        }
        let place = node.place;
        let kind = match (shape, &node.kind) {
            (Shape::Record(record), Kind::List(nodes)) if is_terraform => {
                return nodes
                    .first()
                    .filter(|node| node.kind != Kind::Null)
                    .map(|node| self.record(node, record));
            }
            (Shape::Record(record), _) => return Some(self.record(node, record)),
            (Shape::Tags, Kind::Map(entries)) if is_terraform => {
                Kind::List(entries.iter().map(tag).collect())
            }
            (Shape::Tags, Kind::List(nodes)) => Kind::List(nodes.iter().map(tag_spelling).collect()),
            (Shape::List(..), Kind::List(nodes))
                if is_terraform && nodes.is_empty() && !path.ends_with("Arns") =>
            {
                return None;
            }
            (Shape::List(shape, ..), Kind::List(nodes)) => {
                Kind::List(nodes.iter().filter_map(|node| self.value(node, shape, path)).collect())
            }
            // CloudFormation takes one value for a list of it.
            (Shape::List(shape, ..), Kind::Text(_)) if !is_terraform => {
                Kind::List(self.value(node, shape, path).into_iter().collect())
            }
            (Shape::Texts, Kind::Map(entries)) => Kind::Map(
                entries.iter().map(|entry| Entry { value: as_text(&entry.value), ..entry.clone() }).collect(),
            ),
            (Shape::Text(_), _) => return Some(as_text(node)),
            (Shape::Whole(..), Kind::Text(text)) => text.trim().parse().map_or(node.kind.clone(), Kind::Int),
            (Shape::Whole(..), Kind::Float(number)) if number.fract() == 0.0 => Kind::Int(*number as i128),
            (Shape::Number(..), Kind::Text(text)) => text
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map_or(node.kind.clone(), Kind::Float),
            (Shape::Flag, Kind::Text(text)) => match text.as_str() {
                "true" | "True" | "TRUE" => Kind::Bool(true),
                "false" | "False" | "FALSE" => Kind::Bool(false),
                _ => node.kind.clone(),
            },
            _ => node.kind.clone(),
        };
        Some(Node { kind, place })
    }
}

/// A scalar as the text that it is written as.
fn as_text(node: &Node) -> Node {
    let text = match &node.kind {
        Kind::Bool(flag) => flag.to_string(),
        Kind::Int(number) => number.to_string(),
        Kind::Float(number) => number.to_string(),
        _ => return node.clone(),
    };
    Node { kind: Kind::Text(text), place: node.place }
}

/// A tag of a mapping of tags.
fn tag(entry: &Entry) -> Node {
    let key = Node { kind: Kind::Text(entry.key.clone()), place: entry.key_place };
    let members = [("key", key), ("value", as_text(&entry.value))];
    let members = members.map(|(name, value)| Entry { key: name.into(), key_place: entry.key_place, value });
    Node { kind: Kind::Map(members.to_vec()), place: entry.key_place }
}

/// `Key` and `Value` as the API spells them.
fn tag_spelling(node: &Node) -> Node {
    let Kind::Map(entries) = &node.kind else { return node.clone() };
    let spelt = entries.iter().map(|entry| {
        let key = match entry.key.as_str() {
            "Key" => "key",
            "Value" => "value",
            other => other,
        };
        Entry { key: key.into(), key_place: entry.key_place, value: as_text(&entry.value) }
    });
    Node { kind: Kind::Map(spelt.collect()), place: node.place }
}
