//! The pages for people tell what is so: tables and pictures are of this version, names and links lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Files below a folder whose name ends so.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a tracked folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What stands in the page between the two marks of that name.
fn block<'p>(page: &'p str, name: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->\n")).expect("the opening mark");
    rest.split_once(&format!("<!-- /{name} -->")).expect("the closing mark").0
}

/// The paragraph of a scenario's opening comment that begins with `part`, on one line.
fn paragraph(scenario: &str, part: &str) -> String {
    let comment = scenario.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let lines: Vec<&str> =
        comment.skip_while(|line| !line.starts_with(part)).take_while(|line| !line.is_empty()).collect();
    lines.join(" ").trim_start_matches(part).trim().to_owned()
}

/// What a command prints that writes its results to `out`, without the line that names them.
fn printed(arguments: &[&str], out: &Path) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_bakeoff"))
        .current_dir(root())
        .args(arguments)
        .args(["--no-progress", "--out"])
        .arg(out)
        .output()
        .expect("the command can be started");
    assert_eq!(run.status.code(), Some(0), "{arguments:?}");
    let printed = String::from_utf8(run.stdout).expect("the table is text");
    printed.split("\nresults: ").next().expect("there is always a first part").trim_end().to_owned()
}

const MEND: &str = "`.ci/readme` puts in what this version makes";

/// Holds a picture of the README to what a command drew.
fn assert_shown(drawn: &Path, shown: &str) {
    let drawn = fs::read(drawn).expect("the command has drawn it");
    let shown_bytes = fs::read(root().join("docs/images").join(shown)).expect("the README shows it");
    assert!(drawn == shown_bytes, "docs/images/{shown} is of another version; {MEND}");
}

#[test]
fn the_table_and_the_pictures_of_the_readme_are_what_the_first_command_makes() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let out = scratch.path().join("out");
    let table = printed(&["run", "scenarios/agent-upgrade.yaml"], &out);
    assert_eq!(block(&page("README.md"), "table").trim(), format!("```text\n{table}\n```"), "{MEND}");
    for picture in ["fleet-state.svg", "rollout-duration.svg"] {
        assert_shown(&out.join("plots").join(picture), picture);
    }
}

#[test]
fn the_comparison_and_the_sweep_of_the_readme_are_what_their_commands_make() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let out = scratch.path().join("compare");
    let vary = ["compare", "scenarios/agent-upgrade.yaml", "--vary", "drainPercent=10,25"];
    let told = printed(&vary, &out);
    assert_eq!(block(&page("README.md"), "compare").trim(), format!("```text\n{told}\n```"), "{MEND}");
    assert_shown(&out.join("plots/differences.svg"), "differences.svg");
    let out = scratch.path().join("sweep");
    printed(&["sweep", "scenarios/agent-upgrade.yaml"], &out);
    assert_shown(&out.join("plots/rollout-duration-p95-heat-map.svg"), "heat-map.svg");
}

#[test]
fn the_ranking_of_assumptions_in_the_readme_is_what_its_command_makes() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let told =
        printed(&["run", "scenarios/agent-upgrade.yaml", "--assumptions"], &scratch.path().join("out"));
    assert_eq!(block(&page("README.md"), "assumptions").trim(), format!("```text\n{told}\n```"), "{MEND}");
}

#[test]
fn the_worth_of_common_random_numbers_in_the_docs_is_what_compare_finds() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let out = scratch.path().join("out");
    printed(
        &["compare", "scenarios/agent-upgrade.yaml", "--vary", "drainPercent=10,25", "--seeds", "2000"],
        &out,
    );
    let mut reader = csv::Reader::from_path(out.join("compare.csv")).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|column| column == name).expect("a column");
    let mut lines = vec!["| metric | n | correlation | variance-reduction factor |".to_owned()];
    lines.push("|---|---:|---:|---:|".to_owned());
    for row in reader.records().map(|row| row.expect("a row")) {
        let cell = |name: &str| row[at(name)].to_owned();
        if !["mean", "P(true)"].contains(&cell("statistic").as_str()) || cell("variance_reduction").is_empty()
        {
            continue;
        }
        let number = |name: &str| cell(name).parse::<f64>().ok();
        let correlation = number("correlation").map_or_else(String::new, |r| format!("{r:.3}"));
        let factor = number("variance_reduction").filter(|x| x.is_finite());
        let factor = factor.map_or_else(|| "∞".to_owned(), three_digits);
        lines.push(format!("| `{}` | {} | {correlation} | {factor} |", cell("metric"), cell("n")));
    }
    assert!(lines.len() > 15);
    let page = page("docs/statistics.md");
    assert_eq!(block(&page, "variance-reduction").trim(), lines.join("\n"), "`.ci/statistics` puts it in");
}

/// A number as `printf %.3g` writes it, between 0.001 and 100,000.
fn three_digits(x: f64) -> String {
    let exponent: i32 = format!("{x:.2e}").split_once('e').expect("an exponent").1.parse().expect("a number");
    let text = format!("{x:.*}", usize::try_from(2 - exponent).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[test]
fn the_readme_tells_what_each_scenario_asks_and_found_in_its_own_words() {
    let readme = page("README.md");
    let listed = block(&readme, "scenarios");
    let folder = root().join("scenarios");
    for path in files(&folder, "yaml").into_iter().filter(|path| path.parent() == Some(folder.as_path())) {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a tracked file can be read");
        assert!(listed.contains(&format!("scenarios/{name}")), "{name} is not listed; run .ci/readme");
        for part in ["Question:", "Found:"] {
            let said = paragraph(&text, part);
            assert!(listed.contains(&said), "{name}: the README does not say '{said}'; run .ci/readme");
        }
    }
}

#[test]
fn every_link_to_a_file_leads_to_one() {
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let text = page(name);
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().expect("there is always a first part");
            let is_file = !target.is_empty() && !target.contains("://");
            assert!(!is_file || root().join(target).exists(), "{name} links to {target}, which is not there");
        }
    }
}

#[test]
fn every_test_that_the_architecture_leans_on_exists() {
    let sources = ["src", "tests"].into_iter().flat_map(|folder| files(&root().join(folder), "rs"));
    let code: String = sources.map(|path| fs::read_to_string(path).expect("readable")).collect();
    let architecture = page("ARCHITECTURE.md");
    // What is between backticks; a test's name is a sentence, so it has four words at least.
    let quoted: BTreeSet<&str> = architecture.split('`').skip(1).step_by(2).collect();
    let is_test = |name: &&&str| {
        name.matches('_').count() >= 3 && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
    };
    let names: Vec<&&str> = quoted.iter().filter(is_test).collect();
    assert!(names.len() > 20, "the page names its tests: {names:?}");
    let missing: Vec<_> = names.into_iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_flag_and_verb_that_the_readme_tells_exists() {
    let readme = page("README.md");
    let help = |arguments: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_bakeoff")).args(arguments).output().expect("it starts");
        String::from_utf8(run.stdout).expect("help is text")
    };
    let verbs = help(&["--help"]);
    let rows =
        readme.lines().filter_map(|line| line.strip_prefix("| `")).take_while(|line| line.contains("` | "));
    let told: Vec<&str> = rows.filter_map(|row| row.split([' ', '`']).next()).collect();
    let there = verbs.split_once("Commands:\n").expect("help lists the verbs").1.lines();
    let there = there.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    for verb in there.filter(|verb| *verb != "help") {
        assert!(told.contains(&verb), "the README lacks {verb}");
    }
    for verb in told.iter().filter(|verb| verb.chars().all(|c| c.is_ascii_lowercase())) {
        assert!(verbs.contains(&format!("\n  {verb} ")), "there is no verb {verb}");
    }
    let (_, flags) =
        readme.split_once("Of `run`, `compare` and `sweep`:").expect("the README tells the flags");
    let (flags, _) = flags.split_once("\n\n").expect("a paragraph ends");
    let run = [help(&["run", "--help"]), help(&["compare", "--help"]), help(&["sweep", "--help"])];
    let long = flags.split("--").skip(1).map(|rest| rest.split(|c: char| c != '-' && !c.is_alphanumeric()));
    for flag in long.filter_map(|mut words| words.next()) {
        assert!(run.iter().any(|help| help.contains(&format!("--{flag}"))), "no verb has --{flag}");
    }
}
