//! The way from text to scenario.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::codes::Code;
use super::model::Scenario;
use super::overrides::{self, Changes};
use super::problem::{Location, Problem, Severity};
use super::raw::RawScenario;
use super::read::{FileSource, Read, Reader};
use super::tree::{Entry, Kind, Node};
use super::{emit, validate};

/// The format of a scenario file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// JSON, which is YAML too.
    Json,
}

/// A scenario that can be run, and what was noticed about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// The scenario with all defaults filled in and all files inlined, in the format of the input;
    /// it loads to the same scenario.
    pub effective: String,
    /// The same as a value, whose order of keys is that of the schema.
    pub effective_value: Value,
    /// Format of the input.
    pub format: Format,
    /// 128-bit hash of the effective scenario in 32 hexadecimal digits, the same for YAML and JSON.
    pub digest: String,
    /// Where each check of the scenario stands, in their order.
    pub check_places: Vec<Option<Location>>,
    /// Lints, in the order of the file.
    pub warnings: Vec<Problem>,
}

/// Loads a scenario from its text.
///
/// `name` is what problems call the text, `overrides` are keys and values
/// in order, as of `--set`. Files that the scenario names are asked from `files`.
///
/// # Errors
/// Every problem found, warnings included, in the order of the file; at least one is an error.
///
/// # Panics
/// Never on any input: it would mean that a part of the scenario was given up without a word.
pub fn load(
    name: &str,
    text: &str,
    files: &dyn FileSource,
    overrides: &[(String, String)],
) -> Result<Loaded, Vec<Problem>> {
    load_changed(name, text, files, Changes { set: overrides, ..Changes::default() })
}

/// Loads a scenario from its text with changes to it; otherwise as [`load`].
///
/// # Errors
/// As [`load`].
///
/// # Panics
/// As [`load`].
pub fn load_changed(
    name: &str,
    text: &str,
    files: &dyn FileSource,
    changes: Changes<'_>,
) -> Result<Loaded, Vec<Problem>> {
    let mut reader = Reader::new(files);
    let source = reader.sources.add(name, text);
    let mut tree = reader.sources.parse(source).map_err(|problem| vec![problem])?;
    if !matches!(tree.kind, Kind::Map(_)) {
        not_a_scenario(&tree, &mut reader);
        return Err(reader.problems);
    }
    inline_requests(&mut tree, &mut reader);
    overrides::apply(&mut tree, changes.set, &mut reader);
    overrides::change_sweep(&mut tree, changes.sweep, &mut reader);
    let read = RawScenario::read(&tree, &mut reader);
    let built = read.and_then(|mut raw| {
        let parts = validate::validate(&mut raw, &mut reader)?;
        // Every value of a sweep would only repeat what is wrong already.
        if reader.errors() == 0 {
            validate::sweep_values(&tree, &raw, &mut reader);
        }
        Some((raw, parts))
    });
    let mut problems = std::mem::take(&mut reader.problems);
    sort(&mut problems, &reader);
    let has_errors = problems.iter().any(|problem| problem.severity == Severity::Error);
    let Some((raw, parts)) = built.filter(|_| !has_errors) else {
        assert!(has_errors, "a scenario without errors has all its parts");
        return Err(problems);
    };
    let format = if serde_json::from_str::<Value>(text).is_ok() { Format::Json } else { Format::Yaml };
    let effective_value = raw.show();
    let check_places = raw
        .checks
        .iter()
        .flat_map(|list| &list.value.items)
        .map(|check| reader.sources.locate(check.place))
        .collect();
    Ok(Loaded {
        scenario: Scenario::from_validated(parts),
        effective: print(&effective_value, format),
        digest: digest(&effective_value.to_string()),
        effective_value,
        format,
        check_places,
        warnings: problems,
    })
}

/// The requests of a scenario as the API takes them: those that register its task definitions, and those of its
/// timeline, in order. Members are given as the scenario has them, and in its order.
///
/// # Errors
/// As [`load`].
pub fn requests(name: &str, text: &str, files: &dyn FileSource) -> Result<Vec<Value>, Vec<Problem>> {
    load(name, text, files, &[])?;
    let mut reader = Reader::new(files);
    let source = reader.sources.add(name, text);
    let mut tree = reader.sources.parse(source).map_err(|problem| vec![problem])?;
    inline_requests(&mut tree, &mut reader);
    Ok(crate::aws::emit::requests(&tree))
}

/// Turns the bytes of a file into text.
///
/// # Errors
/// The problem that they are not UTF-8.
pub fn decode(name: &str, bytes: &[u8]) -> Result<String, Problem> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_string()),
        Err(error) => {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            let line = good.matches('\n').count() + 1;
            let mut problem = Problem::new(
                Code::Syntax,
                format!("{name} is not UTF-8: byte {} on line {line}", error.valid_up_to()),
            );
            problem.help("save the file as UTF-8");
            Err(problem)
        }
    }
}

/// The JSON Schema of the scenario file, draft 2020-12.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<RawScenario>();
    schema.insert("title".into(), "bakeoff scenario".into());
    schema.into()
}

/// Promotes the warnings that are named, by code or as `all` or `warnings`; says whether any was.
pub fn deny(problems: &mut [Problem], names: &[String]) -> bool {
    let mut any = false;
    for problem in problems.iter_mut().filter(|problem| problem.severity == Severity::Warning) {
        let is_named = |name: &String| {
            matches!(name.as_str(), "all" | "warnings") || Code::from_name(name) == Some(problem.code)
        };
        if names.iter().any(is_named) {
            problem.severity = Severity::Error;
            any = true;
        }
    }
    any
}

fn not_a_scenario(tree: &Node, reader: &mut Reader<'_>) {
    if tree.kind == Kind::Null {
        reader
            .problem(Code::Empty, tree.place, "the file is empty")
            .help("`bakeoff init` writes a scenario to start from");
    } else {
        reader.wrong_type(tree, "a scenario, which is a mapping");
    }
}

/// Puts the requests that timeline entries name by file where they are named.
fn inline_requests(tree: &mut Node, reader: &mut Reader<'_>) {
    let Some(Kind::List(actions)) = tree.get_mut("timeline").map(|node| &mut node.kind) else { return };
    // An entry whose file cannot be had is dropped: the rest of it would only be told to be incomplete.
    actions.retain_mut(|action| {
        ["createDaemon", "updateDaemon", "deleteDaemon"]
            .iter()
            .all(|key| action.get_mut(key).is_none_or(|request| inline_request(request, reader)))
    });
}

/// Whether the request is there in the end.
fn inline_request(request: &mut Node, reader: &mut Reader<'_>) -> bool {
    let Kind::Map(entries) = &request.kind else { return true };
    let [Entry { key, value: Node { kind: Kind::Text(path), place }, .. }] = &entries[..] else {
        return true;
    };
    if key != "file" {
        return true;
    }
    let Some(source) = reader.file(path, *place) else { return false };
    match reader.sources.parse(source) {
        Ok(node) => *request = node,
        Err(problem) => {
            reader.problems.push(problem);
            return false;
        }
    }
    true
}

/// In the order of the texts and of places in them, what has no place last.
fn sort(problems: &mut [Problem], reader: &Reader<'_>) {
    problems.sort_by_key(|problem| match &problem.location {
        Some(location) => (reader.sources.index(location), location.span.start),
        None => (usize::MAX, 0),
    });
}

fn print(value: &Value, format: Format) -> String {
    match format {
        Format::Yaml => emit::yaml(value),
        Format::Json => {
            let mut text = serde_json::to_string_pretty(value).expect("a tree of values can be written");
            text.push('\n');
            text
        }
    }
}

/// FNV-1a over 128 bits (Fowler, Noll and Vo): against mix-ups, not against forgery.
fn digest(text: &str) -> String {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let hash = text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{hash:032x}")
}
