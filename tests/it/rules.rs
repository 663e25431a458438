//! The rule book (docs/rules.md) and the tests hold each other: every rule has its tests, every test that
//! carries a number has its rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How a rule may be known; it stands first in its source.
const EVIDENCE: [&str; 4] = ["documented", "measured", "inferred", "settled"];

/// A rule of the book.
#[derive(Debug)]
struct Rule {
    number: String,
    what: String,
    source: String,
    /// The last column, as it stands.
    tests: String,
}

impl Rule {
    /// Its row, if the line is one.
    fn new(line: &str) -> Option<Self> {
        let number = line.strip_prefix("| R")?.get(..3).filter(|n| n.bytes().all(|b| b.is_ascii_digit()))?;
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let cell = |index: usize| cells.get(index).copied().unwrap_or_default().to_owned();
        let rest = if cells.len() == 4 { cell(3) } else { format!("{} cells instead of 4", cells.len()) };
        Some(Self { number: number.to_owned(), what: cell(1), source: cell(2), tests: rest })
    }

    fn is_modelled(&self) -> bool {
        !self.tests.starts_with("not modelled: ")
    }

    fn listed(&self) -> Vec<&str> {
        self.tests.split(", ").map(|name| name.trim_matches('`')).filter(|name| !name.is_empty()).collect()
    }
}

fn rules(book: &str) -> Vec<Rule> {
    book.lines().filter_map(Rule::new).collect()
}

/// The number that a test's name begins with, if it begins with one.
fn number_of(test: &str) -> Option<&str> {
    let number = test.strip_prefix('r')?.get(..3)?;
    (number.bytes().all(|b| b.is_ascii_digit()) && test[4..].starts_with('_')).then_some(number)
}

/// Names of the functions below `#[test]` in a source, with an attribute or two in between; those that
/// `proptest!` makes are tests too.
fn tests_in(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" {
            is_test = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            is_test = false;
        }
    }
    found
}

/// What is wrong with a book, given the tests that there are.
fn faults(book: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let rules = rules(book);
    let mut shown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for test in tests {
        if let Some(number) = number_of(test) {
            shown.entry(number).or_default().push(test);
        }
    }
    let mut faults = Vec::new();
    for pair in rules.windows(2) {
        if pair[0].number == pair[1].number {
            faults.push(format!("R{} stands twice", pair[0].number));
        } else if pair[0].number > pair[1].number {
            faults.push(format!("R{} stands after R{}", pair[1].number, pair[0].number));
        }
    }
    for rule in &rules {
        let number = &rule.number;
        let tests = shown.get(number.as_str()).cloned().unwrap_or_default();
        if !EVIDENCE.iter().any(|word| rule.source.starts_with(word)) {
            faults.push(format!("R{number} does not say how it is known: '{}'", rule.source));
        }
        if rule.what.is_empty() {
            faults.push(format!("R{number} says nothing"));
        }
        if !rule.is_modelled() {
            faults.extend((!tests.is_empty()).then(|| format!("R{number} is not modelled, and has tests")));
        } else if tests.is_empty() {
            faults.push(format!("no test shows R{number}"));
        } else if rule.listed() != tests {
            faults.push(format!("R{number} lists other tests than there are; `.ci/rules` puts them in"));
        }
    }
    let known: BTreeSet<&str> = rules.iter().map(|rule| rule.number.as_str()).collect();
    for (number, tests) in shown.iter().filter(|(number, _)| !known.contains(**number)) {
        faults.push(format!("there is no R{number}, which {} names", tests.join(", ")));
    }
    faults
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a tracked folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|own| own == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_rule_has_its_tests_and_every_numbered_test_its_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let book = fs::read_to_string(root.join("docs/rules.md")).expect("the rule book");
    let files = [root.join("src"), root.join("tests/it")];
    let mut tests = BTreeSet::new();
    for file in files.iter().flat_map(|folder| sources(folder)) {
        // The examples below carry numbers too.
        if !file.ends_with("tests/it/rules.rs") {
            tests.extend(tests_in(&fs::read_to_string(file).expect("a tracked file can be read")));
        }
    }
    assert!(rules(&book).len() > 100, "the book is read");
    let faults = faults(&book, &tests);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_book_with_a_fault_is_found_out() {
    let tests = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let row = |number: &str, tests: &str| format!("| R{number} | something | documented: a page | {tests} |");
    let two = tests(&["r101_a", "r102_b", "other", "r10_c"]);
    let sound = [row("101", "`r101_a`"), row("102", "`r102_b`"), row("103", "not modelled: no need")];
    assert_eq!(faults(&sound.join("\n"), &two), [""; 0]);
    let of = |rows: &[String]| faults(&rows.join("\n"), &two);
    assert_eq!(of(&[row("101", "`r101_a`")]), ["there is no R102, which r102_b names"]);
    assert_eq!(of(&[row("102", "`r102_b`"), row("101", "`r101_a`")]), ["R101 stands after R102"]);
    let [first, second, _] = sound.clone();
    assert_eq!(of(&[first.clone(), first.clone(), second.clone()]), ["R101 stands twice"]);
    assert_eq!(of(&[first.clone(), second.clone(), row("104", "")]), ["no test shows R104"]);
    assert_eq!(of(&[first.clone(), second.clone(), row("104", "`r104_x`")]), ["no test shows R104"]);
    let unlisted = "R102 lists other tests than there are; `.ci/rules` puts them in";
    assert_eq!(of(&[first.clone(), row("102", "")]), [unlisted]);
    assert_eq!(of(&[first.clone(), row("102", "`r102_b`, `r102_c`")]), [unlisted]);
    assert_eq!(
        of(&[first.clone(), row("102", "not modelled: no need")]),
        ["R102 is not modelled, and has tests"]
    );
    let hearsay = row("102", "`r102_b`").replace("documented: a page", "they say");
    assert_eq!(of(&[first, hearsay]), ["R102 does not say how it is known: 'they say'"]);
}

#[test]
fn tests_are_found_by_their_attribute() {
    let source = "#[test]\nfn a() {}\nfn helper() {}\n    #[test]\n    #[should_panic]\n    fn r112_b(text in any()) {";
    assert_eq!(tests_in(source), ["a", "r112_b"]);
    assert_eq!(number_of("r112_b"), Some("112"));
    for name in ["r11_b", "r112b", "ready", "r1112_b", "r"] {
        assert_eq!(number_of(name), None, "{name}");
    }
}
