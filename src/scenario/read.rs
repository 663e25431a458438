//! From the tree to typed values, every problem collected.
//!
//! One declaration of a `record!` is the reader, the
//! JSON Schema and what `show` prints, so that the three cannot drift apart.
//! Reading never stops at a problem: a field that cannot be read is left out, and
//! whoever needs it later finds the problem already told.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::codes::Code;
use super::problem::{Problem, Severity};
use super::tree::{Entry, Kind, Node, Place, Sources};
use crate::engine::draw::Delay;

/// Gives the texts of the files that a scenario names.
pub trait FileSource {
    /// The text of a file, its path relative to the scenario.
    ///
    /// # Errors
    /// Why it cannot be had, in words.
    fn read(&self, path: &str) -> Result<String, String>;
}

/// No files at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl FileSource for NoFiles {
    fn read(&self, _: &str) -> Result<String, String> {
        Err("files are not available here".into())
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands; [`Place::DEFAULT`] if nobody wrote it.
    pub place: Place,
}

impl<T> At<T> {
    /// A value that nobody wrote.
    pub fn default_of(value: T) -> Self {
        Self { value, place: Place::DEFAULT }
    }
}

/// Something that can be read from the tree, shown and described.
pub trait Read: Sized + JsonSchema {
    /// Reads a node; none if it cannot be, and then the reader has been told why.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;

    /// The value as `show` prints it; reading that gives the same value.
    fn show(&self) -> Value;
}

/// Whether a field must be there, and what holds if it is not.
pub enum Presence {
    /// It must.
    Required,
    /// It need not; without it the thing is off.
    Optional,
    /// It need not; without it this value holds.
    Default(Value),
}

/// Collects what is found while a tree is read.
pub struct Reader<'a> {
    /// The texts that places point into.
    pub sources: Sources,
    /// Everything found so far.
    pub problems: Vec<Problem>,
    /// The files that the scenario may name.
    pub files: &'a dyn FileSource,
    /// Fields that are given but could not be read: the place of their record, and their key.
    broken: Vec<(Place, String)>,
    /// Delays made so far, by how they are shown: a costly one is made once, however often it is read.
    pub delays: BTreeMap<String, Delay>,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing yet.
    pub fn new(files: &'a dyn FileSource) -> Self {
        Self {
            sources: Sources::default(),
            problems: Vec::new(),
            files,
            broken: Vec::new(),
            delays: BTreeMap::new(),
        }
    }

    /// Notes a problem at a place; the returned problem may be given help and a label.
    pub fn problem(&mut self, code: Code, place: Place, message: impl Into<String>) -> &mut Problem {
        let mut problem = Problem::new(code, message);
        problem.location = self.sources.locate(place);
        let index = self.problems.len();
        self.problems.push(problem);
        &mut self.problems[index]
    }

    /// Whether one of these fields of the record at a place is given but could not be read: what
    /// seems to be missing there has been told already.
    pub fn is_broken(&self, record: Place, keys: &[&str]) -> bool {
        self.broken.iter().any(|(place, key)| *place == record && keys.contains(&key.as_str()))
    }

    /// How many errors have been found.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    /// Notes that a node is not what is wanted here.
    pub fn wrong_type(&mut self, node: &Node, wanted: &str) -> &mut Problem {
        self.problem(Code::WrongType, node.place, format!("expected {wanted}, found {}", node.describe()))
    }

    /// Reads a file that the scenario names and returns its source number.
    pub fn file(&mut self, path: &str, place: Place) -> Option<u32> {
        match self.files.read(path) {
            Ok(text) => Some(self.sources.add(path, &text)),
            Err(reason) => {
                self.problem(Code::File, place, format!("cannot read '{path}': {reason}"))
                    .help("paths are relative to the scenario file");
                None
            }
        }
    }

    /// The entries of a mapping, unknown keys told.
    pub fn mapping<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&str],
        refused: &[(&str, &str)],
    ) -> Option<&'n [Entry]> {
        let Kind::Map(entries) = &node.kind else {
            self.wrong_type(node, &format!("a mapping ({what})")).help(allowed(known));
            return None;
        };
        for entry in entries {
            let key = entry.key.as_str();
            if known.contains(&key) {
                continue;
            }
            if let Some((_, instead)) = refused.iter().find(|(name, _)| *name == key) {
                self.problem(
                    Code::NotModelled,
                    entry.key_place,
                    format!("'{key}' is not modelled in this version"),
                )
                .help(*instead);
                continue;
            }
            let help = with_guess(key, known, allowed(known));
            self.problem(Code::UnknownKey, entry.key_place, format!("unknown key '{key}' in {what}"))
                .help(help);
        }
        Some(entries)
    }

    /// One field of a mapping.
    pub fn field<T: Read>(
        &mut self,
        entries: &[Entry],
        owner: &Node,
        key: &str,
        presence: Presence,
    ) -> Option<At<T>> {
        let found = entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value);
        if let Some(node) = found.filter(|node| node.kind != Kind::Null) {
            let value = T::read(node, self);
            if value.is_none() {
                self.broken.push((owner.place, key.to_string()));
            }
            return value.map(|value| At { value, place: node.place });
        }
        match presence {
            Presence::Optional => None,
            Presence::Default(value) => {
                let node = Node::from_json(&value, Place::DEFAULT);
                T::read(&node, self).map(At::default_of)
            }
            Presence::Required => {
                self.problem(Code::MissingKey, owner.place, format!("'{key}' is missing"));
                None
            }
        }
    }
}

fn allowed(known: &[&str]) -> String {
    format!("the keys here are: {}", known.join(", "))
}

/// Puts a guess at what was meant before a help text.
pub fn with_guess<S: AsRef<str>>(word: &str, known: &[S], help: String) -> String {
    match closest(word, known) {
        Some(guess) => format!("did you mean '{guess}'? {help}"),
        None => help,
    }
}

/// The known word that somebody may have meant.
pub fn closest<'k, S: AsRef<str>>(word: &str, known: &'k [S]) -> Option<&'k str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    let word = plain(word);
    // One slip in three letters; of what is shorter, anything could be meant.
    let near = word.chars().count() / 3;
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&word, &plain(known.as_ref())), known.as_ref()))
        .filter(|(distance, _)| *distance <= near)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// A list of which unreadable elements have been dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T> {
    /// What could be read.
    pub items: Vec<At<T>>,
    /// Whether nothing was dropped.
    pub is_complete: bool,
}

impl<T> List<T> {
    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|item| &item.value)
    }
}

impl<T: Read> Read for List<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let Kind::List(nodes) = &node.kind else {
            reader.wrong_type(node, "a list").help("write one '- ' line for each element, or [a, b]");
            return None;
        };
        let items: Vec<_> = nodes
            .iter()
            .filter_map(|node| Some(At { value: T::read(node, reader)?, place: node.place }))
            .collect();
        Some(Self { is_complete: items.len() == nodes.len(), items })
    }

    fn show(&self) -> Value {
        Value::Array(self.values().map(Read::show).collect())
    }
}

impl<T: JsonSchema> JsonSchema for List<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ListOf{}", T::schema_name()).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "array", "items": generator.subschema_for::<T>() })
    }
}

/// What the schema says of one field of a record.
pub struct FieldSchema {
    /// Its key.
    pub key: &'static str,
    /// Lines of its description.
    pub doc: &'static [&'static str],
    /// The schema of its value.
    pub schema: Schema,
    /// Whether it must be there.
    pub presence: Presence,
}

/// Joins lines of documentation into one text that begins like a sentence.
pub fn description(doc: &[&str]) -> String {
    let mut text = doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// The schema of a record.
pub fn record_schema(doc: &[&str], fields: Vec<FieldSchema>, one_of: &[&str]) -> Schema {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in fields {
        let mut value = Value::from(field.schema);
        if let Value::Object(map) = &mut value {
            map.insert("description".into(), description(field.doc).into());
            match field.presence {
                Presence::Required => required.push(Value::from(field.key)),
                Presence::Default(default) => {
                    map.insert("default".into(), default);
                }
                Presence::Optional => {}
            }
        }
        properties.insert(field.key.into(), value);
    }
    let mut schema = schemars::json_schema!({
        "type": "object",
        "description": description(doc),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    if !one_of.is_empty() {
        let choices: Vec<_> = one_of.iter().map(|key| serde_json::json!({ "required": [key] })).collect();
        schema.insert("oneOf".into(), choices.into());
    }
    schema
}

/// Tells unless exactly one of the keys is there.
pub fn exactly_one(
    reader: &mut Reader<'_>,
    owner: &Node,
    entries: &[Entry],
    known: &[&str],
    one_of: &[&str],
) {
    let is_one = |entry: &&Entry| one_of.contains(&entry.key.as_str()) && entry.value.kind != Kind::Null;
    let given: Vec<_> = entries.iter().filter(is_one).collect();
    // A key that is unknown or refused was meant to be the one, and has been told.
    let is_told = entries.iter().any(|entry| !known.contains(&entry.key.as_str()));
    match given[..] {
        [_] => {}
        [] if one_of.is_empty() || is_told => {}
        [] => {
            reader
                .problem(Code::ExactlyOne, owner.place, "what is it? none of the possible keys is given")
                .help(format!("give one of: {}", one_of.join(", ")));
        }
        [first, second, ..] => {
            let message = format!("'{}' and '{}' cannot both be given", first.key, second.key);
            let place = second.key_place;
            reader
                .problem(Code::ExactlyOne, place, message)
                .help("one entry says one thing; write a second entry for the other");
        }
    }
}

/// Declares a record of the scenario file: a struct of optional, placed fields with its reader,
/// its schema and its printer.
macro_rules! record {
    ($(#[doc = $doc:literal])+ $name:ident {
        $( $(#[doc = $field_doc:literal])+ $key:literal $field:ident : $type:ty = $presence:expr , )*
    }
    $( one of [ $($one:literal),* $(,)? ] )?
    $( refused { $($refused:literal : $instead:literal),* $(,)? } )?
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $field_doc])+ pub $field: Option<$crate::scenario::read::At<$type>>, )*
        }

        impl $name {
            const ONE_OF: &'static [&'static str] = &[$($($one),*)?];
            const REFUSED: &'static [(&'static str, &'static str)] = &[$($(($refused, $instead)),*)?];
        }

        impl $crate::scenario::read::Read for $name {
            fn read(
                node: &$crate::scenario::tree::Node,
                reader: &mut $crate::scenario::read::Reader<'_>,
            ) -> Option<Self> {
                #[allow(unused_imports, reason = "not every record uses each")]
                use $crate::scenario::read::Presence::{Default, Optional, Required};
                let what = $crate::scenario::read::what(&[$($doc),+]);
                let known = &[$($key),*];
                let entries = reader.mapping(node, what, known, Self::REFUSED)?;
                $crate::scenario::read::exactly_one(reader, node, entries, known, Self::ONE_OF);
                Some(Self { $( $field: reader.field(entries, node, $key, $presence), )* })
            }

            fn show(&self) -> serde_json::Value {
                let mut map = serde_json::Map::new();
                $( if let Some(field) = &self.$field {
                    map.insert($key.into(), field.value.show());
                } )*
                serde_json::Value::Object(map)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                #[allow(unused_imports, reason = "not every record uses each")]
                use $crate::scenario::read::Presence::{Default, Optional, Required};
                let fields = vec![$( $crate::scenario::read::FieldSchema {
                    key: $key,
                    doc: &[$($field_doc),+],
                    schema: generator.subschema_for::<$type>(),
                    presence: $presence,
                } ),*];
                $crate::scenario::read::record_schema(&[$($doc),+], fields, Self::ONE_OF)
            }
        }
    };
}
pub(crate) use record;

/// The name of a record in messages: its first line of documentation, up to the first full stop or colon.
pub fn what(doc: &'static [&'static str]) -> &'static str {
    doc.first().map_or("", |line| line.trim().split(['.', ':']).next().unwrap_or_default())
}
