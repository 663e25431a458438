//! The text of a scenario as a tree of which every node knows its place.
//!
//! The tree is what `--set` and the axes of a sweep change before anything is
//! given a meaning; a node that came from elsewhere keeps its own place, so that a
//! problem points at the override and not at the line it replaced.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{NonFiniteFloatPolicy, Options, Spanned, Tagged};

use super::codes::Code;
use super::problem::{Location, Problem, Source};

/// Where a node came from: a stretch of one of the sources, or nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    source: u32,
    start: u32,
    end: u32,
}

impl Place {
    /// Of a value that nobody wrote.
    pub const DEFAULT: Self = Self { source: u32::MAX, start: 0, end: 0 };

    /// Whether somebody wrote the value.
    pub fn is_given(self) -> bool {
        self.source != u32::MAX
    }

    /// A part of this place, given as byte offsets from its start.
    #[must_use]
    pub fn part(self, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| (self.start + offset as u32).min(self.end);
        Self { source: self.source, start: clamp(start), end: clamp(end) }
    }

    /// Bytes that it spans.
    pub fn bytes(self) -> usize {
        (self.end - self.start) as usize
    }
}

/// A value of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// Any other number, perhaps not a finite one.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value at a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The same for changing it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.kind {
            Kind::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == key).map(|entry| &mut entry.value)
            }
            _ => None,
        }
    }

    /// A tree of values that somebody else made.
    pub fn from_json(value: &Value, place: Place) -> Self {
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(number) => match number.as_i128() {
                Some(whole) => Kind::Int(whole),
                None => Kind::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Kind::Text(text.clone()),
            Value::Array(values) => {
                Kind::List(values.iter().map(|value| Self::from_json(value, place)).collect())
            }
            Value::Object(map) => Kind::Map(
                map.iter()
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        key_place: place,
                        value: Self::from_json(value, place),
                    })
                    .collect(),
            ),
        };
        Self { kind, place }
    }

    /// The plain value, places forgotten; a number that JSON cannot hold becomes null.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => serde_json::Number::from_i128(*value).map_or(Value::Null, Value::Number),
            Kind::Float(value) => serde_json::Number::from_f64(*value).map_or(Value::Null, Value::Number),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(nodes) => Value::Array(nodes.iter().map(Self::to_json).collect()),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect())
            }
        }
    }

    /// The long form of a tag: a mapping of one key.
    fn function(tag: &str, argument: Self) -> Self {
        let key = if matches!(tag, "Ref" | "Condition") { tag.to_owned() } else { format!("Fn::{tag}") };
        let place = argument.place;
        // !GetAtt a.b is the one whose short form takes a text where the long one takes a list.
        let value = match &argument.kind {
            Kind::Text(text) if tag == "GetAtt" => {
                let (name, attribute) = text.split_once('.').unwrap_or((text, ""));
                let parts = [name, attribute].map(|part| Self { kind: Kind::Text(part.to_owned()), place });
                Self { kind: Kind::List(parts.to_vec()), place }
            }
            _ => argument,
        };
        Self { kind: Kind::Map(vec![Entry { key, key_place: place, value }]), place }
    }

    /// What it is, for a message.
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".into(),
            Kind::Bool(value) => format!("the boolean {value}"),
            Kind::Int(value) => format!("the number {value}"),
            Kind::Float(value) => format!("the number {value}"),
            Kind::Text(text) if text.chars().count() <= 40 => format!("the text '{text}'"),
            Kind::Text(_) => "a text".into(),
            Kind::List(_) => "a list".into(),
            Kind::Map(_) => "a mapping".into(),
        }
    }
}

/// The texts that were read, in the order that places count them.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    list: Vec<Arc<Source>>,
}

impl Sources {
    /// Adds a text.
    pub fn add(&mut self, name: &str, text: &str) -> u32 {
        self.list.push(Arc::new(Source { name: name.into(), text: text.into() }));
        self.list.len() as u32 - 1
    }

    /// The stretch of text at a place; none for a value that nobody wrote.
    pub fn locate(&self, place: Place) -> Option<Location> {
        let source = self.list.get(place.source as usize)?;
        let floor = |offset: u32| source.text.floor_char_boundary(offset as usize);
        let start = floor(place.start);
        Some(Location { source: Arc::clone(source), span: start..floor(place.end).max(start) })
    }

    /// The number of the source that a location lies in.
    pub fn index(&self, location: &Location) -> usize {
        let same = |source: &Arc<Source>| Arc::ptr_eq(source, &location.source);
        self.list.iter().position(same).unwrap_or(self.list.len())
    }

    /// The text at a place.
    pub fn text(&self, place: Place) -> Option<&str> {
        self.list.get(place.source as usize)?.text.get(place.start as usize..place.end as usize)
    }

    /// The place of a part of a text, found behind the quotes if it stands in the file as it is.
    pub fn inside(&self, text: &str, place: Place, span: Range<usize>) -> Place {
        match self.text(place).and_then(|written| written.find(text)) {
            Some(offset) => place.part(offset + span.start, offset + span.end),
            None => place,
        }
    }

    /// The whole of a source.
    pub fn whole(&self, source: u32) -> Place {
        let end = self.list.get(source as usize).map_or(0, |source| source.text.len() as u32);
        Place { source, start: 0, end }
    }

    /// Reads a source as YAML, of which JSON is a part.
    ///
    /// # Errors
    /// The first problem that keeps the text from being a tree.
    pub fn parse(&self, source: u32) -> Result<Node, Problem> {
        self.parse_part(self.whole(source))
    }

    /// Reads a part of a source as YAML.
    ///
    /// # Errors
    /// The first problem that keeps the text from being a tree.
    pub fn parse_part(&self, part: Place) -> Result<Node, Problem> {
        let text = self.text(part).unwrap_or_default();
        match serde_saphyr::from_str_with_options::<Unplaced>(text, options()) {
            Ok(tree) => Ok(tree.place(part)),
            Err(error) => Err(self.unreadable(part, text, &error)),
        }
    }

    /// Reads a source as YAML whose tags are short forms: `!Ref x` is `{ Ref: x }` and `!Sub x` is `{ Fn::Sub: x }`.
    ///
    /// # Errors
    /// The first problem that keeps the text from being a tree.
    pub fn parse_tagged(&self, source: u32) -> Result<Node, Problem> {
        let part = self.whole(source);
        let text = self.text(part).unwrap_or_default();
        let mut options = options();
        options.reject_unsupported_tags = false;
        match serde_saphyr::from_str_with_options::<Unplaced>(text, options) {
            Ok(tree) => Ok(tree.place(part)),
            Err(error) => Err(self.unreadable(part, text, &error)),
        }
    }

    fn unreadable(&self, part: Place, text: &str, error: &serde_saphyr::Error) -> Problem {
        let offset = error.location().map_or(0, |at| byte_offset(text, at.line(), at.column()));
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        let (code, message, help) = explain(words);
        let mut problem = Problem::new(code, message);
        problem.help = help.map(str::to_string);
        problem.location = self.locate(part.part(offset, offset + 1));
        problem
    }
}

/// Turns the parser's words into ours where we can say more.
fn explain(words: &str) -> (Code, String, Option<&'static str>) {
    let syntax = |message: &str, help| (Code::Syntax, message.to_string(), Some(help));
    if let Some(key) = words.strip_prefix("duplicate mapping key: ") {
        let key = key.split(", set ").next().unwrap_or(key);
        return (
            Code::DuplicateKey,
            format!("'{key}' is given twice"),
            Some("keep one of the two; YAML itself does not say which would count"),
        );
    }
    if words.starts_with("tabs disallowed") || words.contains("found a tab") {
        return syntax("a tab where YAML wants spaces", "indent with spaces");
    }
    if words.starts_with("multiple YAML documents") {
        return syntax(
            "a second document begins here",
            "one file is one scenario: split it at the '---', or remove what follows",
        );
    }
    if words.starts_with("budget breached") || words.starts_with("recursion limit") {
        return (
            Code::TooLarge,
            format!("larger or deeper than a scenario can be ({words})"),
            Some("aliases that expand to aliases grow without bound; write the values out"),
        );
    }
    if words.starts_with("unsupported tag") {
        return syntax(
            words,
            "a scenario has no tags; CloudFormation functions such as !Ref are not resolved",
        );
    }
    (Code::Syntax, format!("not readable as YAML: {words}"), None)
}

/// Byte offset of a line and column counted from 1, in characters.
fn byte_offset(text: &str, line: u64, column: u64) -> usize {
    let before = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let column = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let line = text[start..].split('\n').next().unwrap_or_default();
    start + line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset)
}

fn options() -> Options {
    let mut options = Options::default();
    options.strict_booleans = true;
    options.reject_unsupported_tags = true;
    options.leading_zero_numbers_as_strings = true;
    options.underscored_numbers_as_strings = true;
    options.non_finite_float_policy = NonFiniteFloatPolicy::PassThrough;
    options.with_snippet = false;
    options
}

/// A tree as the parser gives it.
struct Unplaced(Spanned<Tagged<UnplacedKind>>);

enum UnplacedKind {
    Scalar(Kind),
    List(Vec<Unplaced>),
    Map(Vec<(Spanned<String>, Unplaced)>),
}

impl Unplaced {
    fn place(self, part: Place) -> Node {
        let Spanned { value: Tagged(value, tag), referenced, .. } = self.0;
        let place = offsets(referenced, part);
        // Standard tags have done their work by now, and a scenario refuses all others before it comes to this.
        match tag.as_deref().and_then(|tag| tag.strip_prefix('!')).filter(|name| !name.is_empty()) {
            Some(name) => Node::function(name, value.place(place, part)),
            None => value.place(place, part),
        }
    }
}

impl UnplacedKind {
    fn place(self, place: Place, part: Place) -> Node {
        match self {
            UnplacedKind::Scalar(kind) => Node { kind, place },
            UnplacedKind::List(nodes) => {
                let nodes: Vec<_> = nodes.into_iter().map(|node| node.place(part)).collect();
                Node { kind: Kind::List(nodes), place }
            }
            UnplacedKind::Map(entries) => {
                let entries: Vec<_> = entries
                    .into_iter()
                    .map(|(key, value)| Entry {
                        key_place: offsets(key.referenced, part),
                        key: key.value,
                        value: value.place(part),
                    })
                    .collect();
                // A block mapping has no token of its own; its first key stands for it.
                let first = entries.first().map(|entry| entry.key_place);
                let place = first.filter(|_| place.bytes() == 0).unwrap_or(place);
                Node { kind: Kind::Map(entries), place }
            }
        }
    }
}

fn offsets(location: serde_saphyr::Location, part: Place) -> Place {
    let span = location.span();
    let start = span.byte_offset().unwrap_or(0) as usize;
    part.part(start, start + span.byte_len().unwrap_or(0) as usize)
}

impl<'de> Deserialize<'de> for Unplaced {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for UnplacedKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = UnplacedKind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(UnplacedKind::Scalar(Kind::Null))
    }
    fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        self.visit_unit()
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        UnplacedKind::deserialize(deserializer)
    }
    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(UnplacedKind::Scalar(Kind::Bool(value)))
    }
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        self.visit_i128(value.into())
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        self.visit_i128(value.into())
    }
    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Self::Value, E> {
        Ok(UnplacedKind::Scalar(Kind::Int(value)))
    }
    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Self::Value, E> {
        self.visit_f64(value as f64)
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(UnplacedKind::Scalar(Kind::Float(value)))
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(UnplacedKind::Scalar(Kind::Text(value.into())))
    }
    fn visit_bytes<E: serde::de::Error>(self, _: &[u8]) -> Result<Self::Value, E> {
        Err(E::custom("binary values have no meaning in a scenario"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = access.next_element()? {
            nodes.push(node);
        }
        Ok(UnplacedKind::List(nodes))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        if entries.len() > 10_000 {
            return Err(A::Error::custom("a mapping of more than 10000 keys"));
        }
        Ok(UnplacedKind::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_are_the_long_forms_of_cloudformation() {
        let text = "a: !Ref X\nb: !GetAtt A.B.C\nc: !Sub ['${x}', { x: !If [C, 1, !Ref 'AWS::NoValue'] }]\nd: !Join\n  - ''\n  - [ab, !Ref Y]\ne: !Condition yes\nf: !Select [0, !GetAZs '']\n";
        let mut sources = Sources::default();
        let source = sources.add("test", text);
        let node = sources.parse_tagged(source).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(
            node.to_json(),
            serde_json::json!({
                "a": { "Ref": "X" },
                "b": { "Fn::GetAtt": ["A", "B.C"] },
                "c": { "Fn::Sub": ["${x}", { "x": { "Fn::If": ["C", 1, { "Ref": "AWS::NoValue" }] } }] },
                "d": { "Fn::Join": ["", ["ab", { "Ref": "Y" }]] },
                "e": { "Condition": "yes" },
                "f": { "Fn::Select": [0, { "Fn::GetAZs": "" }] },
            })
        );
        assert!(sources.parse(source).is_err(), "a scenario knows no such tags");
    }
}
