//! Shapes of the ECS API: which members a request has, and which values they take.
//!
//! A table of shapes ([`super::service`]) is read three times: to check a request, to
//! translate the spellings of other tools into the API's, and to describe it as a schema.

use schemars::{Schema, json_schema};
use serde_json::{Value, json};

use super::{arn, text};
use crate::scenario::codes::Code;
use crate::scenario::problem::Problem;
use crate::scenario::read::with_guess;
use crate::scenario::tree::{Kind, Node, Place, Sources};

/// A value of a request.
#[derive(Debug)]
pub enum Shape {
    /// A text that keeps a rule.
    Text(Rule),
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A whole number within bounds.
    Whole(i64, i64),
    /// A number within bounds.
    Number(f64, f64),
    /// `true` or `false`.
    Flag,
    /// A list of so many values of one shape.
    List(&'static Shape, usize, usize),
    /// A mapping of texts to texts.
    Texts,
    /// Tags, each key once.
    Tags,
    /// Members by name.
    Record(&'static Record),
}

/// A structure of the API.
#[derive(Debug)]
pub struct Record {
    /// Its members.
    pub members: &'static [Member],
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: &'static Shape,
    /// Whether it must be there.
    pub required: bool,
}

/// What a text has to keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nothing.
    Free,
    /// It is not empty.
    Filled,
    /// 1 to 255 letters, digits, underscores and hyphens.
    Name,
    /// Up to 36 characters of ASCII 33 to 126.
    Token,
    /// A tag's key.
    TagKey,
    /// A tag's value.
    TagValue,
    /// A name, or the ARN of this kind of resource.
    Resource(&'static str),
    /// `family`, `family:revision` or the ARN of a daemon task definition.
    Definition,
    /// CPU units: a whole number, or `1 vCPU`.
    Cpu,
    /// MiB: a whole number, or `2 GB`.
    Memory,
}

/// By what name a value is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The CLI refuses it before it is sent.
    ParamValidation,
    /// ECS refuses a parameter.
    InvalidParameter,
    /// ECS refuses an identifier or a definition.
    Client,
}

impl Refusal {
    /// The name that the CLI prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ParamValidation => "ParamValidation",
            Self::InvalidParameter => "InvalidParameterException",
            Self::Client => "ClientException",
        }
    }

    /// The code of such a problem.
    pub const fn code(self) -> Code {
        match self {
            Self::ParamValidation => Code::ParamValidation,
            _ => Code::ApiBounds,
        }
    }
}

/// Whether texts may stand for numbers and flags, as they may in `CloudFormation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    /// They may not.
    Strict,
    /// They may.
    Loose,
}

/// Checks a value against a shape and notes every problem.
#[derive(Debug)]
pub struct Checker<'a> {
    /// Where places point.
    pub sources: &'a Sources,
    /// What was found.
    pub problems: &'a mut Vec<Problem>,
}

impl Checker<'_> {
    /// Notes that a value is refused.
    ///
    /// # Panics
    /// Never: the problem is pushed just before it is given back.
    pub fn refuse(&mut self, refusal: Refusal, place: Place, message: &str) -> &mut Problem {
        let mut problem = Problem::new(refusal.code(), format!("{}: {message}", refusal.name()));
        problem.location = self.sources.locate(place);
        self.problems.push(problem);
        self.problems.last_mut().expect("one was pushed just now")
    }

    /// Checks a whole request of an operation.
    pub fn request(&mut self, node: &Node, record: &'static Record) {
        self.record(node, record, "");
    }

    /// Checks a value of a shape that stands at a path.
    pub fn value(&mut self, node: &Node, shape: &'static Shape, path: &str) {
        match (shape, &node.kind) {
            (Shape::Text(rule), Kind::Text(text)) => self.text(text, *rule, node.place, path),
            (Shape::Word(words), Kind::Text(text)) => {
                if !words.contains(&text.as_str()) {
                    let help = with_guess(text, words, format!("the values are: {}", words.join(", ")));
                    let message = format!("{path} cannot be '{text}'");
                    self.refuse(Refusal::InvalidParameter, node.place, &message).help(help);
                }
            }
            (Shape::Whole(least, most), Kind::Int(number)) => {
                if !(i128::from(*least)..=i128::from(*most)).contains(number) {
                    let message = format!("{path} is {number}, which is outside of {least} to {most}");
                    self.refuse(Refusal::InvalidParameter, node.place, &message);
                }
            }
            (Shape::Number(least, most), Kind::Int(number)) => {
                self.number(*number as f64, (*least, *most), node.place, path);
            }
            (Shape::Number(least, most), Kind::Float(number)) => {
                self.number(*number, (*least, *most), node.place, path);
            }
            (Shape::Flag, Kind::Bool(_)) => {}
            (Shape::List(shape, least, most), Kind::List(nodes)) => {
                self.count(nodes.len(), (*least, *most), node.place, path);
                for (index, node) in nodes.iter().enumerate() {
                    self.value(node, shape, &format!("{path}[{index}]"));
                }
            }
            (Shape::Texts, Kind::Map(entries)) => {
                for entry in entries {
                    self.value(&entry.value, &FREE, &format!("{path}.{}", entry.key));
                }
            }
            (Shape::Tags, Kind::List(nodes)) => self.tags(nodes, node.place, path),
            (Shape::Record(record), Kind::Map(_)) => self.record(node, record, path),
            _ => {
                let message = format!("{path} takes {}, not {}", shape.wanted(), node.describe());
                self.refuse(Refusal::ParamValidation, node.place, &message);
            }
        }
    }

    fn number(&mut self, number: f64, (least, most): (f64, f64), place: Place, path: &str) {
        if !(least..=most).contains(&number) {
            let message = format!("{path} is {number}, which is outside of {least} to {most}");
            self.refuse(Refusal::InvalidParameter, place, &message);
        }
    }

    fn count(&mut self, count: usize, (least, most): (usize, usize), place: Place, path: &str) {
        if count < least {
            let message = format!("{path} needs at least {least} of them, and here are {count}");
            self.refuse(Refusal::InvalidParameter, place, &message);
        } else if count > most {
            let message = format!("{path} takes at most {most}, and here are {count}");
            self.refuse(Refusal::InvalidParameter, place, &message);
        }
    }

    fn record(&mut self, node: &Node, record: &'static Record, path: &str) {
        let Kind::Map(entries) = &node.kind else {
            let what = if path.is_empty() { "the request" } else { path };
            let message = format!("{what} takes a mapping, not {}", node.describe());
            self.refuse(Refusal::ParamValidation, node.place, &message);
            return;
        };
        let inside = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        for entry in entries {
            match record.member(&entry.key) {
                Some(member) => self.value(&entry.value, member.shape, &inside(member.name)),
                None => self.unknown(&entry.key, entry.key_place, record, path),
            }
        }
        for member in record.members.iter().filter(|member| member.required) {
            if !entries.iter().any(|entry| entry.key == member.name) {
                let message = format!("the required parameter {} is missing", inside(member.name));
                self.refuse(Refusal::ParamValidation, node.place, &message);
            }
        }
    }

    fn unknown(&mut self, key: &str, place: Place, record: &'static Record, path: &str) {
        let known: Vec<_> = record.members.iter().map(|member| member.name).collect();
        let of = if path.is_empty() { "the request" } else { path };
        let help = with_guess(key, &known, format!("{of} has: {}", known.join(", ")));
        let message = format!("{of} has no parameter '{key}'");
        self.refuse(Refusal::ParamValidation, place, &message).help(help);
    }

    fn tags(&mut self, nodes: &[Node], place: Place, path: &str) {
        self.count(nodes.len(), (0, 50), place, path);
        let mut seen: Vec<&str> = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            self.value(node, &TAG, &format!("{path}[{index}]"));
            let Some(Node { kind: Kind::Text(key), place }) = node.get("key") else { continue };
            if seen.contains(&key.as_str()) {
                let message =
                    format!("{path}[{index}].key '{key}' is there already, and a key may come once");
                self.refuse(Refusal::InvalidParameter, *place, &message);
            }
            seen.push(key);
        }
    }

    fn text(&mut self, text: &str, rule: Rule, place: Place, path: &str) {
        let Err((refusal, reason)) = rule.check(text) else { return };
        let message = if text.is_empty() {
            format!("{path} is empty")
        } else if text.chars().count() <= 60 {
            format!("{path} '{text}': {reason}")
        } else {
            format!("{path}: {reason}")
        };
        self.refuse(refusal, place, &message).help(rule.help());
    }
}

const FREE: Shape = Shape::Text(Rule::Free);
const TAG: Shape = Shape::Record(&Record {
    members: &[
        Member { name: "key", shape: &Shape::Text(Rule::TagKey), required: true },
        Member { name: "value", shape: &Shape::Text(Rule::TagValue), required: false },
    ],
});

impl Record {
    /// The member of that name.
    pub fn member(&self, name: &str) -> Option<&'static Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

impl Rule {
    /// Whether a text keeps to it; if not, by what name it is refused and why.
    fn check(self, text: &str) -> Result<(), (Refusal, String)> {
        let invalid = |reason: &str| Err((Refusal::InvalidParameter, reason.to_owned()));
        match self {
            Self::Filled if text.is_empty() => invalid("it is empty"),
            Self::Name if !text::is_name(text) => invalid("this cannot be its name"),
            Self::Token if !text::is_token(text) => invalid("this cannot be a token"),
            Self::TagKey => text::tag_key(text).or_else(|reason| invalid(&reason)),
            Self::TagValue => text::tag_value(text).or_else(|reason| invalid(&reason)),
            Self::Resource(resource) => {
                let name = arn::plain_name(text, resource).or_else(|reason| invalid(&reason).map(|()| ""))?;
                let fits = if resource == "alarm" {
                    !name.is_empty() && name.chars().count() <= 255
                } else {
                    text::is_name(name)
                };
                if fits { Ok(()) } else { invalid("this names no such resource") }
            }
            Self::Definition => {
                let client = |reason: String| Err((Refusal::Client, reason));
                let name = match arn::plain_name(text, "daemon-task-definition") {
                    Ok(name) => name,
                    Err(reason) => return client(reason),
                };
                match arn::family_and_revision(name) {
                    Ok((family, _)) if text::is_name(family) => Ok(()),
                    Ok(_) => client("this names no task definition".into()),
                    Err(reason) => client(reason),
                }
            }
            Self::Cpu if text::size(text, "vcpu").is_none() => {
                Err((Refusal::Client, "not a number of CPU units".into()))
            }
            Self::Memory if text::size(text, "gb").is_none() => {
                Err((Refusal::Client, "not a number of MiB".into()))
            }
            Self::Free | Self::Filled | Self::Name | Self::Token | Self::Cpu | Self::Memory => Ok(()),
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Free | Self::Filled => "leave the parameter out if there is nothing to say",
            Self::Name => "up to 255 letters, digits, underscores and hyphens",
            Self::Token => "up to 36 ASCII characters from ! to ~, no spaces",
            Self::TagKey => {
                "1 to 128 letters, digits, spaces and any of + - = . _ : / @, and not aws: at the start"
            }
            Self::TagValue => {
                "up to 256 letters, digits, spaces and any of + - = . _ : / @, and not aws: at the start"
            }
            Self::Resource(_) => {
                "give the whole ARN, arn:partition:service:region:account:resource, or the plain name"
            }
            Self::Definition => "give family, family:revision, or the whole ARN",
            Self::Cpu => "a whole number of CPU units, as in \"256\"",
            Self::Memory => "a whole number of MiB, as in \"512\"",
        }
    }
}

impl Shape {
    fn wanted(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Word(_) => "a text",
            Self::Whole(..) => "a whole number",
            Self::Number(..) => "a number",
            Self::Flag => "true or false",
            Self::List(..) | Self::Tags => "a list",
            Self::Texts | Self::Record(_) => "a mapping",
        }
    }

    /// The shape as JSON Schema.
    pub fn schema(&self) -> Schema {
        let value = match self {
            Self::Text(_) => json!({ "type": "string" }),
            Self::Word(words) => json!({ "type": "string", "enum": words }),
            Self::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Self::Number(least, most) => json!({ "type": "number", "minimum": least, "maximum": most }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::List(shape, 0, _) => json!({ "type": "array", "items": shape.schema() }),
            Self::List(shape, least, _) => {
                json!({ "type": "array", "items": shape.schema(), "minItems": least })
            }
            Self::Texts => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            Self::Tags => json!({ "type": "array", "items": TAG.schema(), "maxItems": 50 }),
            Self::Record(record) => {
                let properties: serde_json::Map<_, _> = record
                    .members
                    .iter()
                    .map(|member| (member.name.to_owned(), Value::from(member.shape.schema())))
                    .collect();
                let mut schema =
                    json!({ "type": "object", "properties": properties, "additionalProperties": false });
                let required: Vec<_> = record
                    .members
                    .iter()
                    .filter(|member| member.required)
                    .map(|member| member.name)
                    .collect();
                if !required.is_empty() {
                    schema["required"] = required.into();
                }
                schema
            }
        };
        Schema::try_from(value).unwrap_or_else(|_| json_schema!({}))
    }
}
