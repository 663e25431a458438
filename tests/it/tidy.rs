//! What the compiler does not hold: layers, purity of the core, and what no file may leave undone.
//!
//! Source is read as tokens, comments and literals left out, and paths are resolved
//! from the module that names them, inline modules and `use` groups included.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Layers, low to high. A module names modules of its own layer's part and of lower layers only.
const LAYERS: [&[&str]; 9] = [
    &["engine", "stats"],
    &["scenario", "aws"],
    &["outcome"],
    &["fleet"],
    &["experiment"],
    &["summary"],
    &["report"],
    // The types of the command line name nothing of ours; the verbs take them as arguments.
    &["cli"],
    &["commands"],
];

/// Two modules of one layer that may name each other: a request of AWS is read with the scenario
/// reader, and a scenario holds requests of AWS.
const PEERS: [&str; 2] = ["scenario", "aws"];

/// Modules that take values and give values.
const CORE: [&str; 7] = ["engine", "stats", "scenario", "aws", "outcome", "fleet", "summary"];

/// What the core may not reach for: files, environment, threads, clocks, terminals.
const WORLD: [&str; 9] = [
    "std::env",
    "std::fs",
    "std::io::stderr",
    "std::io::stdin",
    "std::io::stdout",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
];

/// Macros that write to a terminal.
const PRINTING: [&str; 5] = ["dbg", "eprint", "eprintln", "print", "println"];

/// Words of the trade, which the engine and the statistics do not know.
const TRADE: [&str; 16] = [
    "alarm",
    "aws",
    "bake",
    "breaker",
    "daemon",
    "defect",
    "deployment",
    "ecs",
    "fleet",
    "host",
    "instance",
    "provider",
    "revision",
    "rollback",
    "rollout",
    "task",
];

/// Files that may hold the world of a run mutably: its state, its beginning, its systems, who calls
/// them, and the record, which settles the gauges once the run is over.
const WRITERS: [&str; 5] = [
    "src/fleet/mod.rs",
    "src/fleet/record.rs",
    "src/fleet/start.rs",
    "src/fleet/systems/",
    "src/fleet/world.rs",
];

// ------------------------------------------------------------------ the tests

#[test]
fn a_module_names_only_modules_of_lower_layers() {
    assert_none(&sources("src"), layers);
}

#[test]
fn every_module_of_the_crate_has_a_layer() {
    let known: BTreeSet<&str> = LAYERS.concat().into_iter().collect();
    let modules: BTreeSet<String> = sources("src")
        .iter()
        .filter_map(|source| source.module().first().cloned())
        .filter(|module| module != "main")
        .collect();
    assert_eq!(modules.iter().map(String::as_str).collect::<BTreeSet<_>>(), known);
}

#[test]
fn the_core_touches_no_file_terminal_environment_thread_or_clock() {
    assert_none(&sources("src"), purity);
}

#[test]
fn the_engine_and_the_statistics_know_no_word_of_the_trade() {
    assert_none(&sources("src"), vocabulary);
}

#[test]
fn only_the_experiment_uses_rayon_and_only_the_report_writes_files() {
    assert_none(&sources("src"), monopolies);
}

#[test]
fn only_systems_write_the_tables_of_the_world() {
    assert_none(&sources("src"), writers);
}

#[test]
fn nothing_is_left_undone() {
    let all = ["src", "tests", "benches", "examples"].into_iter().flat_map(sources);
    assert_none(&all.collect::<Vec<_>>(), unfinished);
}

#[test]
fn every_scenario_opens_with_its_question_and_what_it_found() {
    let mut problems = Vec::new();
    for path in files("scenarios", "yaml") {
        let name = path.display();
        let text = fs::read_to_string(root().join(&path)).expect("a tracked file can be read");
        problems.extend(header(&text).into_iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

// ------------------------------------------------------------------ the rules

/// Names of modules that `source` may not name.
fn layers(source: &Source) -> Vec<String> {
    let module = source.module();
    // The roots of the library and of the binary put everything together.
    let Some(own) = module.first().filter(|own| *own != "main") else { return Vec::new() };
    let Some(height) = height(own) else { return vec![format!("'{own}' has no layer")] };
    let allowed = |named: &str| match height_of_named(named) {
        None => true,
        Some(other) if other == height => named == own || PEERS.contains(&named) && PEERS.contains(&&**own),
        Some(other) => other < height,
    };
    let named = source.paths().filter_map(|(line, path)| Some((line, path.first()?.clone())));
    named
        .filter(|(_, named)| !allowed(named))
        .map(|(line, named)| format!("line {line}: '{own}' names '{named}', which is not below it"))
        .collect()
}

fn height(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The height of a module of ours; nothing of another crate has one.
fn height_of_named(named: &str) -> Option<usize> {
    if named == "main" { Some(LAYERS.len()) } else { height(named) }
}

fn is_core(source: &Source) -> bool {
    source.module().first().is_some_and(|own| CORE.contains(&own.as_str()))
}

fn purity(source: &Source) -> Vec<String> {
    if !is_core(source) {
        return Vec::new();
    }
    let reached = source.foreign_paths().filter_map(|(line, path)| {
        let path = path.join("::");
        let banned = WORLD.iter().find(|banned| is_below(&path, banned))?;
        Some(format!("line {line}: the core may not use {banned}"))
    });
    let printed = source.macros().filter(|(_, name)| PRINTING.contains(name));
    reached.chain(printed.map(|(line, name)| format!("line {line}: the core may not {name}!"))).collect()
}

/// Whether `path` is `top` or something in it.
fn is_below(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn vocabulary(source: &Source) -> Vec<String> {
    if !source.module().first().is_some_and(|own| own == "engine" || own == "stats") {
        return Vec::new();
    }
    let of_the_trade = |word: &String| {
        let singular = word.strip_suffix('s').unwrap_or(word);
        TRADE.contains(&word.as_str()) || TRADE.contains(&singular)
    };
    source
        .idents()
        .filter_map(|(line, ident)| Some((line, ident, words(ident).into_iter().find(of_the_trade)?)))
        .map(|(line, ident, word)| format!("line {line}: '{ident}' speaks of a {word}"))
        .collect()
}

/// The words of an identifier in snake or camel case, in lower case.
fn words(ident: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in ident.chars() {
        if c == '_' || c.is_uppercase() {
            words.push(String::new());
        }
        if c != '_' {
            words.last_mut().expect("there is always one").extend(c.to_lowercase());
        }
    }
    words
}

fn monopolies(source: &Source) -> Vec<String> {
    const WRITING: [&str; 7] =
        ["create_dir", "create_dir_all", "remove_dir", "remove_dir_all", "remove_file", "rename", "write"];
    // `init` writes a starter, not results.
    let may_write = ["src/report/mod.rs", "src/commands/init/mod.rs"].contains(&source.path.as_str());
    let mut problems = Vec::new();
    for (line, path) in source.foreign_paths() {
        if path[0] == "rayon" && source.module().first().is_none_or(|own| own != "experiment") {
            problems.push(format!("line {line}: only 'experiment' uses rayon"));
        }
        let in_fs = path.iter().position(|part| part == "fs").and_then(|fs| path.get(fs + 1));
        if in_fs.is_some_and(|name| WRITING.contains(&name.as_str())) && !may_write && !source.is_test() {
            problems.push(format!("line {line}: only report/mod.rs writes files"));
        }
    }
    problems
}

fn writers(source: &Source) -> Vec<String> {
    if source.module().first().is_none_or(|own| own != "fleet") {
        return Vec::new();
    }
    if WRITERS.iter().any(|writer| source.path.starts_with(writer)) {
        return Vec::new();
    }
    let window = |tokens: &[Token]| tokens.iter().map(|token| token.text.clone()).collect::<Vec<_>>();
    source
        .tokens
        .windows(3)
        .filter(|tokens| window(tokens) == ["&", "mut", "World"])
        .map(|tokens| format!("line {}: only systems may change the world", tokens[0].line))
        .collect()
}

fn unfinished(source: &Source) -> Vec<String> {
    let macros = source.macros().filter(|(_, name)| ["todo", "unimplemented"].contains(name));
    let ignored = source
        .tokens
        .windows(3)
        .filter(|tokens| tokens[0].text == "#" && tokens[1].text == "[" && tokens[2].text == "ignore");
    macros
        .map(|(line, name)| format!("line {line}: {name}!"))
        .chain(ignored.map(|tokens| format!("line {}: a test is ignored", tokens[2].line)))
        .collect()
}

/// What the opening comment of a scenario lacks.
fn header(text: &str) -> Vec<String> {
    let comment: Vec<&str> = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
    ["Question:", "Found:"]
        .into_iter()
        .filter_map(|part| {
            let said = comment.iter().find_map(|line| line.strip_prefix(part));
            match said.map(str::trim) {
                None => Some(format!("the opening comment has no '{part}'")),
                Some(said) if said.starts_with("FOUND_") || said.split(' ').count() < 3 => {
                    Some(format!("'{part}' is not told yet"))
                }
                Some(_) => None,
            }
        })
        .collect()
}

// ------------------------------------------------------------------ reading

/// A word or a sign of a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    line: usize,
    text: String,
}

/// A source file as tokens.
struct Source {
    /// From the root of the repository, with `/`.
    path: String,
    tokens: Vec<Token>,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), tokens: tokens(text) }
    }

    /// The module that the file is, from the root of the crate.
    fn module(&self) -> Vec<String> {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let mut parts: Vec<String> = inner.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
            parts.pop();
        }
        parts
    }

    /// Whether the file holds nothing but tests.
    fn is_test(&self) -> bool {
        self.module().last().is_some_and(|own| own == "tests")
    }

    fn idents(&self) -> impl Iterator<Item = (usize, &str)> {
        self.tokens.iter().map(|token| (token.line, token.text.as_str())).filter(|(_, text)| is_word(text))
    }

    fn macros(&self) -> impl Iterator<Item = (usize, &str)> {
        let calls = self.tokens.windows(2).filter(|pair| pair[1].text == "!");
        calls.map(|pair| (pair[0].line, pair[0].text.as_str()))
    }

    /// Paths into this crate, from its root.
    fn paths(&self) -> impl Iterator<Item = (usize, Vec<String>)> {
        self.all_paths().into_iter().filter_map(|(line, module, path)| {
            let rest = path[1..].to_vec();
            let resolved = match path[0].as_str() {
                "crate" | "bakeoff" => rest,
                "self" => [module, rest].concat(),
                "super" => {
                    let ups = path.iter().take_while(|part| *part == "super").count();
                    let kept = module.len().saturating_sub(ups);
                    [&module[..kept], &path[ups..]].concat()
                }
                _ => return None,
            };
            Some((line, resolved))
        })
    }

    /// Paths into other crates. A bare `fs::` or `rayon::` counts: it may have been brought in by `use`.
    fn foreign_paths(&self) -> impl Iterator<Item = (usize, Vec<String>)> {
        let ours = ["crate", "bakeoff", "self", "super"];
        self.all_paths()
            .into_iter()
            .filter(move |(_, _, path)| !ours.contains(&path[0].as_str()))
            .map(|(line, _, path)| (line, path))
    }

    /// Every path: its line, the module it stands in, its parts.
    fn all_paths(&self) -> Vec<(usize, Vec<String>, Vec<String>)> {
        let mut found = Vec::new();
        let mut module = self.module();
        // Depths at which the inline modules around us were opened.
        let (mut depth, mut opened) = (0_usize, Vec::new());
        for at in 0..self.tokens.len() {
            match self.text(at) {
                "{" => {
                    depth += 1;
                    if at >= 2 && self.text(at - 2) == "mod" {
                        module.push(self.text(at - 1).to_owned());
                        opened.push(depth);
                    }
                }
                "}" => {
                    if opened.last() == Some(&depth) {
                        opened.pop();
                        module.pop();
                    }
                    depth = depth.saturating_sub(1);
                }
                start
                    if is_word(start)
                        && self.text(at + 1) == "::"
                        && (at == 0 || self.text(at - 1) != "::") =>
                {
                    let mut paths = Vec::new();
                    self.use_tree(at, &[], &mut paths);
                    let line = self.tokens[at].line;
                    found.extend(paths.into_iter().map(|path| (line, module.clone(), path)));
                }
                _ => {}
            }
        }
        found
    }

    /// Reads the path that begins at `at`, groups included; gives the place after it.
    fn use_tree(&self, mut at: usize, before: &[String], paths: &mut Vec<Vec<String>>) -> usize {
        let mut path = before.to_vec();
        loop {
            match self.text(at) {
                "{" => {
                    at += 1;
                    while !matches!(self.text(at), "}" | "") {
                        let next = self.use_tree(at, &path, paths);
                        // Whatever is no path (`as name`, a comma) is stepped over.
                        at = next.max(at + 1);
                        while !matches!(self.text(at), "," | "}" | "") {
                            at += 1;
                        }
                        at += usize::from(self.text(at) == ",");
                    }
                    return at + 1;
                }
                "*" => {
                    paths.push(path);
                    return at + 1;
                }
                part if is_word(part) => {
                    path.push(part.to_owned());
                    at += 1;
                    if self.text(at) != "::" {
                        paths.push(path);
                        return at;
                    }
                    at += 1;
                }
                _ => {
                    // `Vec::<u8>::new()`: what follows belongs to a type, not to a module.
                    paths.push(path);
                    return at;
                }
            }
        }
    }

    /// The text of a token; empty past the end.
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }
}

/// Whether a token is an identifier or a keyword.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c == '_' || c.is_alphabetic())
}

/// Words, `::` and single signs; comments and literals are left out.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < chars.len() {
        let end = token_end(&chars, at);
        let text: String = chars[at..end].iter().collect();
        let is_code = !text.starts_with(char::is_whitespace) && !is_comment(&text) && !is_literal(&text);
        let lines = text.matches('\n').count();
        if is_code {
            tokens.push(Token { line, text });
        }
        line += lines;
        at = end;
    }
    tokens
}

fn is_comment(text: &str) -> bool {
    text.starts_with("//") || text.starts_with("/*")
}

fn is_literal(text: &str) -> bool {
    text.contains(['"', '\'']) || text.starts_with(|c: char| c.is_ascii_digit())
}

/// Where the token that begins at `at` ends.
fn token_end(chars: &[char], at: usize) -> usize {
    let next = |ahead: usize| chars.get(at + ahead).copied().unwrap_or('\0');
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    match chars[at] {
        '/' if next(1) == '/' => run(chars, at, |c| c != '\n'),
        '/' if next(1) == '*' => block_comment_end(chars, at),
        '"' => string_end(chars, at + 1),
        'b' | 'c' if next(1) == '"' => string_end(chars, at + 2),
        'b' if next(1) == '\'' => char_end(chars, at + 1),
        'r' if raw_hashes(chars, at + 1).is_some() => raw_string_end(chars, at + 1),
        'b' | 'c' if next(1) == 'r' && raw_hashes(chars, at + 2).is_some() => raw_string_end(chars, at + 2),
        '\'' if next(1) == '\\' || next(2) == '\'' => char_end(chars, at),
        '\'' => run(chars, at + 1, is_word),
        ':' if next(1) == ':' => at + 2,
        c if c.is_whitespace() => run(chars, at, char::is_whitespace),
        c if is_word(c) => run(chars, at, is_word),
        _ => at + 1,
    }
}

/// The end of the run of characters from `at` that are `wanted`.
fn run(chars: &[char], at: usize, wanted: impl Fn(char) -> bool) -> usize {
    at + chars[at..].iter().take_while(|c| wanted(**c)).count()
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut here) = (0, at);
    while here + 1 < chars.len() {
        match (chars[here], chars[here + 1]) {
            ('/', '*') => (depth, here) = (depth + 1, here + 2),
            ('*', '/') => (depth, here) = (depth - 1, here + 2),
            _ => here += 1,
        }
        if depth == 0 {
            return here;
        }
    }
    chars.len()
}

/// The end of a string whose first character is at `at`.
fn string_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// The end of a character literal whose opening quote is at `at`.
fn char_end(chars: &[char], at: usize) -> usize {
    let mut end = at + if chars.get(at + 1) == Some(&'\\') { 3 } else { 2 };
    while end < chars.len() && chars[end] != '\'' {
        end += 1;
    }
    (end + 1).min(chars.len())
}

/// How many `#` stand before the quote of a raw string, if one begins at `at`.
fn raw_hashes(chars: &[char], at: usize) -> Option<usize> {
    let end = run(chars, at, |c| c == '#');
    (chars.get(end) == Some(&'"')).then_some(end - at)
}

fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = raw_hashes(chars, at).expect("asked just before");
    let mut end = at + hashes + 1;
    while end < chars.len() {
        let closes = chars[end] == '"' && run(chars, end + 1, |c| c == '#') - end > hashes;
        end += 1;
        if closes {
            return end + hashes;
        }
    }
    chars.len()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder whose name ends so, in order, from the root of the repository.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root().join(&folder)).expect("a tracked folder can be read");
        for entry in entries {
            let entry = entry.expect("an entry can be read");
            let path = folder.join(entry.file_name());
            if entry.file_type().expect("a type can be read").is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no .{extension} file");
    found
}

fn sources(folder: &str) -> Vec<Source> {
    let read = |path: PathBuf| {
        let text = fs::read_to_string(root().join(&path)).expect("a tracked file can be read");
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        Source::new(&parts.join("/"), &text)
    };
    files(folder, "rs").into_iter().map(read).collect()
}

fn assert_none(sources: &[Source], rule: impl Fn(&Source) -> Vec<String>) {
    let found = |source: &Source| -> Vec<String> {
        rule(source).into_iter().map(|problem| format!("{}: {problem}", source.path)).collect()
    };
    let problems: Vec<String> = sources.iter().flat_map(found).collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

// ------------------------------------------------------------------ the walker itself

/// A file that breaks nearly every rule, and words that only look like it.
const BAD: &str = r##"
//! crate::commands in a comment, todo!() too.
use crate::{fleet::{self, Workspace as W}, engine::time};
use std::{collections::BTreeMap, fs, io::{self, stdout}};
/* crate::report /* nested */ crate::report */
const TEXT: &str = r#"crate::report "quoted" println!"#;
fn host_count<'a>(daemons: &'a str) -> char { let _ = "crate::cli \" "; '\'' }
mod tests {
    use super::super::summary;
    mod inner { use super::super::super::outcome::Outcome; }
    #[ignore = "slow"]
    fn f(w: &mut World) { println!("{}", rayon::current_num_threads()); todo!() }
}
fn after() -> super::scenario::Scenario { fs::write("x", "y").map(|_| ()).unwrap(); crate::engine::time::zero() }
"##;

#[test]
fn the_walker_sees_groups_inline_modules_and_plain_paths() {
    let source = Source::new("src/stats.rs", BAD);
    let named: BTreeSet<String> = source.paths().map(|(_, path)| path.join("::")).collect();
    let expected = [
        "engine::time",
        "engine::time::zero",
        "fleet::Workspace",
        "fleet::self",
        "outcome::Outcome",
        "scenario::Scenario",
        "summary",
    ];
    assert_eq!(named.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn the_walker_refuses_what_is_not_below() {
    assert_eq!(
        layers(&Source::new("src/stats.rs", BAD)),
        [
            "line 3: 'stats' names 'fleet', which is not below it",
            "line 3: 'stats' names 'fleet', which is not below it",
            "line 3: 'stats' names 'engine', which is not below it",
            "line 9: 'stats' names 'summary', which is not below it",
            "line 10: 'stats' names 'outcome', which is not below it",
            "line 14: 'stats' names 'scenario', which is not below it",
            "line 14: 'stats' names 'engine', which is not below it",
        ]
    );
    // One folder deeper, `super` leads to the folder's module, which may be named.
    assert_eq!(layers(&Source::new("src/commands/bad.rs", BAD)), [""; 0]);
    assert_eq!(layers(&Source::new("src/aws/arn.rs", "use crate::scenario::read;")), [""; 0]);
    assert_eq!(layers(&Source::new("src/attic.rs", "")), ["'attic' has no layer"]);
}

#[test]
fn the_walker_finds_each_sin_of_the_bad_example() {
    let source = Source::new("src/stats/bad.rs", BAD);
    assert_eq!(
        purity(&source),
        [
            "line 4: the core may not use std::fs",
            "line 4: the core may not use std::io::stdout",
            "line 12: the core may not println!",
        ]
    );
    assert_eq!(
        vocabulary(&source),
        [
            "line 3: 'fleet' speaks of a fleet",
            "line 7: 'host_count' speaks of a host",
            "line 7: 'daemons' speaks of a daemons"
        ]
    );
    assert_eq!(
        monopolies(&source),
        ["line 12: only 'experiment' uses rayon", "line 14: only report/mod.rs writes files"]
    );
    assert_eq!(unfinished(&source), ["line 12: todo!", "line 11: a test is ignored"]);
    assert_eq!(
        writers(&Source::new("src/fleet/check.rs", BAD)),
        ["line 12: only systems may change the world"]
    );
    assert_eq!(writers(&Source::new("src/fleet/systems/bad.rs", BAD)), [""; 0]);
    assert_eq!(purity(&Source::new("src/commands/bad.rs", BAD)), [""; 0]);
}

#[test]
fn a_scenario_header_must_ask_and_tell() {
    let told = "# Question: how long does it take?\n# Found: 42 minutes in the median.\nschema: x\n";
    assert_eq!(header(told), [""; 0]);
    assert_eq!(
        header("# Question: how long does it take?\n# Found: FOUND_X\n"),
        ["'Found:' is not told yet"]
    );
    assert_eq!(header("schema: x\n# Question: too late, and so it is\n").len(), 2);
}
