//! The forms of a report.

use bakeoff::report::checks::{
    BaselineState, Counts, FileOutcome, FileReport, Report, github, json, junit, markdown, text,
};
use bakeoff::summary::{Judged, Verdict};
use insta::assert_snapshot;
use serde_json::Value;

use super::kit::{
    HOSTILE, broken, everything, failed, hostile, inconclusive, invalid, judged, no_baseline, passed,
};

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

fn plain(report: &Report) -> String {
    anstream::adapter::strip_str(&text(report)).to_string()
}

fn one(baseline: BaselineState, checks: Vec<Judged>) -> Report {
    Report { files: vec![judged("a.yaml", baseline, checks)] }
}

fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

// ------------------------------------------------------------------ what a report comes to

#[test]
fn the_exit_code_is_the_first_that_applies_of_1_2_5_3_4() {
    let file = |checks| judged("a.yaml", BaselineState::NotAsked, checks);
    let mut files = vec![file(vec![passed()])];
    let code = |files: &[FileReport]| Report { files: files.to_vec() }.exit_code();
    assert_eq!(code(&files), 0);
    for (more, wanted) in [
        (file(vec![inconclusive()]), 4),
        (file(vec![failed()]), 3),
        (file(vec![no_baseline()]), 5),
        (invalid("b.yaml"), 2),
        (broken("c.yaml"), 1),
    ] {
        files.push(more);
        assert_eq!(code(&files), wanted);
        let mut turned = files.clone();
        turned.reverse();
        assert_eq!(code(&turned), wanted, "the order of the files has no part in it");
    }
}

#[test]
fn everything_is_counted_once() {
    let report = everything();
    let counts = Counts {
        files: 5,
        invalid: 1,
        broken: 1,
        without_checks: 1,
        checks: 5,
        passed: 2,
        failed: 1,
        inconclusive: 1,
        no_baseline: 1,
    };
    assert_eq!(report.counts(), counts);
    assert_eq!(report.checks(), 5);
    assert_eq!(one(BaselineState::NotAsked, Vec::new()).checks(), 0);
    assert_eq!(Report::default().checks(), 0);
}

#[test]
fn ok_is_true_exactly_when_the_exit_code_is_0() {
    for (checks, ok) in [
        (vec![passed()], true),
        (vec![passed(), inconclusive()], false),
        (vec![passed(), failed()], false),
        (vec![no_baseline()], false),
    ] {
        let report = one(BaselineState::NotAsked, checks);
        let read: Value = serde_json::from_slice(&json(&report)).expect("JSON");
        assert_eq!(read["ok"], ok);
        assert_eq!(read["exitCode"], report.exit_code());
    }
}

// ------------------------------------------------------------------ text

#[test]
fn the_text_has_a_line_per_check_and_says_what_was_not_tested() {
    assert_snapshot!(plain(&everything()), @"
scenarios/agent-upgrade.yaml: agent-upgrade, 200 seeds (0..200), master seed 1
  compared over 180 seeds with the baseline of version 0.1.0, scenario 0123456789abcdef
  PASS          p95(rollout_duration_min) <= 150         51.91 min [50.97, 53.42], 173 of 200
  FAIL          P(rolled_back) <= 0.2 @ 99%              0.31 [0.2365, 0.3901], 200 of 200
                broken by seeds 7, 10, 13, 16, 19, 22, 25, 28, 31, 34 and 14 more
                the worst: bakeoff replay scenarios/agent-upgrade.yaml --seed 7
  INCONCLUSIVE  delta(p95(rollout_duration_min)) <= +5%  +4.2 % [-1.05, ∞], 180 of 200
                neither shown: 4.2 % lies within the noise, and more seeds may tell

scenarios/other.yaml: agent-upgrade, 200 seeds (0..200), master seed 1
  no baseline to compare with: baselines/other.json is not there
  NO BASELINE   delta(mean(extra_instance_hours)) <= 0  no estimate, 0 of 200
                there is no baseline
  PASS          p95(rollout_duration_min) <= 150        51.91 min [50.97, 53.42], 173 of 200

scenarios/empty.yaml: agent-upgrade, 200 seeds (0..200), master seed 1
  it has no checks, so nothing was tested

scenarios/bad.yaml: bad scenario, 3 problems
error[S004]: 'capacityProviders' is missing
 --> scenarios/bad.yaml:1:1
  |
1 | schema: bakeoff.scenario.v1
  | ^^^^^^

error[S035]: there is no metric 'rollout_min'
 --> scenarios/bad.yaml:4:9
  |
4 |   - p95(rollout_min) <= 90
  |         ^^^^^^^^^^^
  |
  = help: `bakeoff about metrics` lists them all

error[S003]: unknown key 'horizont' in the scenario
 --> scenarios/bad.yaml:5:1
  |
5 | horizont: 5
  | ^^^^^^^^
  |
  = help: the keys here are: $schema, schema, name, description, simulation, capacityProviders, quotas, controlPlane, services, tasks, daemonTaskDefinitions, daemons, alarms, timeline, assumptions, checks, sweep

scenarios/gone.yaml: broken
  No such file or directory (os error 2)

n of N: seeds with a value; [low, high]: one-sided, each at the level of its check, 95 % unless it
says another

5 files, 5 checks: 2 passed, 1 failed, 1 inconclusive, 1 without a baseline; 1 file broken; 1 file
with a bad scenario; 1 file without checks
");
}

#[test]
fn the_verdicts_are_coloured_by_escapes_that_can_be_stripped() {
    let coloured = text(&everything());
    for word in
        ["\u{1b}[1;32mPASS\u{1b}[0m", "\u{1b}[1;31mFAIL\u{1b}[0m", "\u{1b}[1;33mINCONCLUSIVE\u{1b}[0m"]
    {
        assert!(coloured.contains(word), "{word:?}");
    }
    assert!(!plain(&everything()).contains('\u{1b}'));
}

#[test]
fn lines_keep_to_a_hundred_columns_but_a_command_is_never_broken() {
    let mut long = failed();
    long.text = "P(min_running_tasks_pct_a-service-with-quite-a-long-name-of-its-own < 99.5) <= 0.025 @ 99%"
        .to_owned();
    long.reason = "a reason that goes on and on about why the check failed as it did, ".repeat(4);
    let mut report =
        one(BaselineState::Unusable("some words about the baseline ".repeat(9)), vec![passed(), long]);
    let path = format!("{}.yaml", "deep/".repeat(25));
    path.clone_into(&mut report.files[0].path);
    let printed = plain(&report);
    for line in printed.lines().filter(|line| !line.contains(&path)) {
        assert!(line.chars().count() <= 106, "{line}");
        assert!(!line.contains("PASS") || line.chars().count() <= 100, "{line}");
    }
    assert!(printed.contains(&format!("the worst: bakeoff replay {path} --seed 7\n")), "{printed}");
}

#[test]
fn results_that_are_the_baselines_own_are_said_to_leave_nothing_to_test() {
    let printed = plain(&one(BaselineState::Identical { seeds: 200 }, vec![passed()]));
    assert!(printed.contains("the same as the baseline in each of 200 seeds"), "{printed}");
    assert!(printed.contains("no difference to test"), "{printed}");
}

#[test]
fn a_new_baseline_is_named() {
    let printed = plain(&one(BaselineState::Updated("baselines/a.json".to_owned()), vec![passed()]));
    assert!(printed.contains("these results are the baseline from now on: baselines/a.json"), "{printed}");
}

#[test]
fn the_command_for_the_worst_seed_repeats_what_was_set_and_survives_a_shell() {
    let mut report = one(BaselineState::NotAsked, vec![failed()]);
    report.files[0].path = "my fleet/it's.yaml".to_owned();
    if let FileOutcome::Judged { replay_arguments, .. } = &mut report.files[0].outcome {
        *replay_arguments = ["--set", "services.web.desiredCount=4 * 2"].map(str::to_owned).to_vec();
    }
    let command = r"bakeoff replay 'my fleet/it'\''s.yaml' --seed 7 --set 'services.web.desiredCount=4 * 2'";
    assert!(plain(&report).contains(command), "{}", plain(&report));
}

#[test]
fn a_quantile_on_runs_that_were_cut_is_not_reached_in_every_form() {
    let cut = Judged {
        verdict: Verdict::Fail,
        observed: Some(f64::INFINITY),
        low: Some(61.5),
        high: Some(f64::INFINITY),
        reason: "it falls on a run that was cut".to_owned(),
        ..passed()
    };
    let report = one(BaselineState::NotAsked, vec![cut]);
    assert!(plain(&report).contains("not reached [61.5, ∞], 173 of 200"), "{}", plain(&report));
    assert!(markdown(&report).contains("| not reached | [61.5, ∞] | 150 min | 173 of 200 |"));
    assert!(utf8(junit(&report)).contains("not reached [61.5, ∞] against 150 min, 173 of 200 seeds"));
    let read: Value = serde_json::from_slice(&json(&report)).expect("JSON");
    let check = &read["files"][0]["checks"][0];
    assert_eq!((&check["observed"], &check["high"]), (&Value::Null, &Value::Null));
    assert_eq!(check["note"], "not reached");
    assert_eq!(check["low"], 61.5);
}

// ------------------------------------------------------------------ annotations

#[test]
fn the_annotations_are_the_worst_first() {
    assert_snapshot!(github(&everything()), @"
::error file=scenarios/gone.yaml,title=bakeoff%3A broken::No such file or directory (os error 2)
::error file=scenarios/bad.yaml,line=1,col=1,title=bakeoff%3A S004 missing-key::'capacityProviders' is missing
::error file=scenarios/bad.yaml,line=4,col=9,title=bakeoff%3A S035 unknown-metric::there is no metric 'rollout_min'%0Ahelp: `bakeoff about metrics` lists them all
::error file=scenarios/bad.yaml,line=5,col=1,title=bakeoff%3A S003 unknown-key::unknown key 'horizont' in the scenario%0Ahelp: the keys here are: $schema, schema, name, description, simulation, capacityProviders, quotas, controlPlane, services, tasks, daemonTaskDefinitions, daemons, alarms, timeline, assumptions, checks, sweep
::error file=scenarios/other.yaml,line=90,col=5,title=bakeoff%3A no baseline::delta(mean(extra_instance_hours)) <= 0%0Ano estimate against 0 h, 0 of 200 seeds%0Athere is no baseline
::error file=scenarios/agent-upgrade.yaml,line=91,col=5,title=bakeoff%3A fail::P(rolled_back) <= 0.2 @ 99%25%0A0.31 [0.2365, 0.3901] against 0.2, 200 of 200 seeds%0Abroken by seeds 7, 10, 13, 16, 19, 22, 25, 28, 31, 34 and 14 more%0Athe worst: bakeoff replay scenarios/agent-upgrade.yaml --seed 7
::warning file=scenarios/agent-upgrade.yaml,line=92,col=5,title=bakeoff%3A inconclusive::delta(p95(rollout_duration_min)) <= +5%25%0A+4.2 %25 [-1.05, ∞] against +5 %25, 180 of 200 seeds%0Aneither shown: 4.2 %25 lies within the noise, and more seeds may tell
::warning file=scenarios/empty.yaml,title=bakeoff%3A no checks::it has no checks, so nothing was tested
");
}

#[test]
fn what_passed_needs_no_annotation() {
    assert_eq!(github(&one(BaselineState::NotAsked, vec![passed(), passed()])), "");
}

#[test]
fn no_more_annotations_than_github_shows_and_the_last_counts_the_others() {
    let many = |n| one(BaselineState::NotAsked, [vec![failed(); n], vec![inconclusive(); n]].concat());
    let commands = |n| github(&many(n)).lines().map(str::to_owned).collect::<Vec<_>>();
    let all = commands(10);
    assert_eq!(all.len(), 20);
    assert!(all.iter().all(|line| !line.contains("which the log tells")));
    let some = commands(13);
    assert_eq!(some.len(), 20);
    assert!(some[..10].iter().all(|line| line.starts_with("::error ")));
    assert!(some[10..].iter().all(|line| line.starts_with("::warning ")));
    assert!(some[9].ends_with("%0Aand 3 more errors, which the log tells"), "{}", some[9]);
    assert!(some[19].ends_with("%0Aand 3 more warnings, which the log tells"), "{}", some[19]);
    let eleven = commands(11);
    assert!(eleven[9].ends_with("%0Aand 1 more error, which the log tells"), "{}", eleven[9]);
}

#[test]
fn an_annotation_names_the_file_as_the_repository_does() {
    let report = Report { files: vec![broken("./rollout.yaml")] };
    assert!(github(&report).starts_with("::error file=rollout.yaml,title="), "{}", github(&report));
}

#[test]
fn hostile_words_stay_within_their_annotation() {
    for word in HOSTILE {
        let printed = github(&hostile(word));
        let lines: Vec<&str> = printed.lines().collect();
        // One each for failed, inconclusive and no baseline, one for the broken file, three problems.
        assert_eq!(lines.len(), 7, "{printed}");
        for line in lines {
            let (command, rest) = line[2..].split_once("::").expect("properties end in two colons");
            let (kind, properties) = command.split_once(' ').expect("a kind");
            assert!(["error", "warning"].contains(&kind), "{line}");
            let known = ["file", "line", "col", "title"];
            for property in properties.split(',') {
                let (key, value) = property.split_once('=').expect("key and value");
                assert!(known.contains(&key) && !value.contains(':'), "{line}");
            }
            assert!(!rest.contains('\r'), "{line}");
        }
    }
    let escaped = github(&Report { files: vec![broken("a,b:c%d.yaml")] });
    assert!(escaped.starts_with("::error file=a%2Cb%3Ac%25d.yaml,title="), "{escaped}");
}

// ------------------------------------------------------------------ Markdown

#[test]
fn the_markdown_has_a_table_per_file() {
    assert_snapshot!(markdown(&everything()), @"
## ❌ bakeoff check: broken

5 files, 5 checks: 2 passed, 1 failed, 1 inconclusive, 1 without a baseline; 1 file broken; 1 file with a bad scenario; 1 file without checks

### <code>scenarios/agent-upgrade.yaml</code>

agent-upgrade, 200 seeds (0..200), master seed 1
<br>compared over 180 seeds with the baseline of version 0.1.0, scenario 0123456789abcdef

| verdict | check | observed | bounds | against | seeds |
|---|---|--:|--:|--:|--:|
| ✅ pass | <code>p95(rollout_duration_min) &lt;= 150</code> | 51.91 min | [50.97, 53.42] | 150 min | 173 of 200 |
| ❌ fail | <code>P(rolled_back) &lt;= 0.2 @ 99%</code> | 0.31 | [0.2365, 0.3901] | 0.2 | 200 of 200 |
| ❔ inconclusive | <code>delta(p95(rollout_duration_min)) &lt;= +5%</code> | +4.2 % | [-1.05, ∞] | +5 % | 180 of 200 |

<code>P(rolled_back) &lt;= 0.2 @ 99%</code>: broken by seeds 7, 10, 13, 16, 19, 22, 25, 28, 31, 34 and 14 more; the worst: <code>bakeoff replay scenarios/agent-upgrade.yaml --seed 7</code>

<code>delta(p95(rollout_duration_min)) &lt;= +5%</code>: neither shown: 4.2 % lies within the noise, and more seeds may tell

### <code>scenarios/other.yaml</code>

agent-upgrade, 200 seeds (0..200), master seed 1
<br>no baseline to compare with: baselines/other.json is not there

| verdict | check | observed | bounds | against | seeds |
|---|---|--:|--:|--:|--:|
| ❌ no baseline | <code>delta(mean(extra_instance_hours)) &lt;= 0</code> |  |  | 0 h | 0 of 200 |
| ✅ pass | <code>p95(rollout_duration_min) &lt;= 150</code> | 51.91 min | [50.97, 53.42] | 150 min | 173 of 200 |

<code>delta(mean(extra_instance_hours)) &lt;= 0</code>: there is no baseline

### <code>scenarios/empty.yaml</code>

agent-upgrade, 200 seeds (0..200), master seed 1

⚠️ it has no checks, so nothing was tested

### <code>scenarios/bad.yaml</code>

- ❌ <code>scenarios/bad.yaml:1:1</code>: S004: 'capacityProviders' is missing.
- ❌ <code>scenarios/bad.yaml:4:9</code>: S035: there is no metric 'rollout_min'. Help: &#96;bakeoff about metrics&#96; lists them all
- ❌ <code>scenarios/bad.yaml:5:1</code>: S003: unknown key 'horizont' in the scenario. Help: the keys here are: &#36;schema, schema, name, description, simulation, capacityProviders, quotas, controlPlane, services, tasks, daemonTaskDefinitions, daemons, alarms, timeline, assumptions, checks, sweep

### <code>scenarios/gone.yaml</code>

❌ broken: No such file or directory (os error 2)

<sub>Seeds: those with a value, of all. Bounds: one-sided, each at the level of its check, 95 % unless it says another.</sub>
");
}

#[test]
fn markdown_says_first_whether_it_is_well() {
    let heading = |report: &Report| markdown(report).lines().next().map(str::to_owned);
    let of = |checks| heading(&one(BaselineState::NotAsked, checks));
    assert_eq!(of(vec![passed()]).as_deref(), Some("## ✅ bakeoff check: passed"));
    assert_eq!(of(vec![failed()]).as_deref(), Some("## ❌ bakeoff check: failed"));
    assert_eq!(of(vec![inconclusive()]).as_deref(), Some("## ❔ bakeoff check: inconclusive"));
    assert_eq!(of(vec![no_baseline()]).as_deref(), Some("## ❌ bakeoff check: no baseline"));
    assert_eq!(of(Vec::new()).as_deref(), Some("## ⚠️ bakeoff check: nothing was tested"));
    let mut some = one(BaselineState::NotAsked, vec![passed()]);
    some.files.push(judged("b.yaml", BaselineState::NotAsked, Vec::new()));
    assert_eq!(heading(&some).as_deref(), Some("## ⚠️ bakeoff check: passed, but not every file has checks"));
}

#[test]
fn hostile_words_make_neither_cells_nor_tags_nor_links() {
    for word in HOSTILE {
        let printed = markdown(&hostile(word));
        for row in printed.lines().filter(|line| line.starts_with('|')) {
            assert_eq!(row.matches('|').count(), 7, "{row}");
        }
        assert_eq!(printed.lines().filter(|line| line.starts_with('|')).count(), 2 + 4, "{printed}");
        for sign in ["<img", "`", "](", "@team", "**", "://", "\u{1b}", "\u{202e}", "<testcase", "&amp;"] {
            assert!(!printed.contains(sign), "{sign} in {printed}");
        }
    }
    assert!(markdown(&hostile("min_running_tasks_pct")).contains("<code>min_running_tasks_pct</code>"));
    assert!(markdown(&hostile("_a_")).contains("<code>&#95;a&#95;</code>"));
}

// ------------------------------------------------------------------ JUnit

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot is long")]
fn the_junit_has_a_suite_per_file_and_a_case_per_check() {
    assert_snapshot!(utf8(junit(&everything())), @r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bakeoff check" tests="10" failures="1" errors="5" skipped="2">
  <testsuite name="scenarios/agent-upgrade.yaml" tests="3" failures="1" errors="0" skipped="1">
    <properties>
      <property name="scenario" value="agent-upgrade"/>
      <property name="seeds" value="0..200"/>
      <property name="masterSeed" value="1"/>
      <property name="baseline" value="compared over 180 seeds with the baseline of version 0.1.0, scenario 0123456789abcdef"/>
    </properties>
    <testcase classname="scenarios/agent-upgrade.yaml" name="p95(rollout_duration_min) &lt;= 150" file="scenarios/agent-upgrade.yaml" line="90">
      <system-out>51.91 min [50.97, 53.42] against 150 min, 173 of 200 seeds</system-out>
    </testcase>
    <testcase classname="scenarios/agent-upgrade.yaml" name="P(rolled_back) &lt;= 0.2 @ 99%" file="scenarios/agent-upgrade.yaml" line="91">
      <failure type="fail" message="0.31 [0.2365, 0.3901] against 0.2, 200 of 200 seeds">0.31 [0.2365, 0.3901] against 0.2, 200 of 200 seeds
broken by seeds 7, 10, 13, 16, 19, 22, 25, 28, 31, 34 and 14 more
the worst: bakeoff replay scenarios/agent-upgrade.yaml --seed 7</failure>
    </testcase>
    <testcase classname="scenarios/agent-upgrade.yaml" name="delta(p95(rollout_duration_min)) &lt;= +5%" file="scenarios/agent-upgrade.yaml" line="92">
      <skipped message="inconclusive: +4.2 % [-1.05, ∞] against +5 %, 180 of 200 seeds; neither shown: 4.2 % lies within the noise, and more seeds may tell"/>
      <system-out>+4.2 % [-1.05, ∞] against +5 %, 180 of 200 seeds
neither shown: 4.2 % lies within the noise, and more seeds may tell</system-out>
    </testcase>
  </testsuite>
  <testsuite name="scenarios/other.yaml" tests="2" failures="0" errors="1" skipped="0">
    <properties>
      <property name="scenario" value="agent-upgrade"/>
      <property name="seeds" value="0..200"/>
      <property name="masterSeed" value="1"/>
      <property name="baseline" value="no baseline to compare with: baselines/other.json is not there"/>
    </properties>
    <testcase classname="scenarios/other.yaml" name="delta(mean(extra_instance_hours)) &lt;= 0" file="scenarios/other.yaml" line="90">
      <error type="no-baseline" message="no estimate against 0 h, 0 of 200 seeds; there is no baseline">no estimate against 0 h, 0 of 200 seeds
there is no baseline</error>
    </testcase>
    <testcase classname="scenarios/other.yaml" name="p95(rollout_duration_min) &lt;= 150" file="scenarios/other.yaml" line="91">
      <system-out>51.91 min [50.97, 53.42] against 150 min, 173 of 200 seeds</system-out>
    </testcase>
  </testsuite>
  <testsuite name="scenarios/empty.yaml" tests="1" failures="0" errors="0" skipped="1">
    <properties>
      <property name="scenario" value="agent-upgrade"/>
      <property name="seeds" value="0..200"/>
      <property name="masterSeed" value="1"/>
    </properties>
    <testcase classname="scenarios/empty.yaml" name="checks">
      <skipped message="it has no checks, so nothing was tested"/>
    </testcase>
  </testsuite>
  <testsuite name="scenarios/bad.yaml" tests="3" failures="0" errors="3" skipped="0">
    <testcase classname="scenarios/bad.yaml" name="S004 missing-key" file="scenarios/bad.yaml" line="1">
      <error type="invalid" message="'capacityProviders' is missing"/>
    </testcase>
    <testcase classname="scenarios/bad.yaml" name="S035 unknown-metric" file="scenarios/bad.yaml" line="4">
      <error type="invalid" message="there is no metric 'rollout_min'">help: `bakeoff about metrics` lists them all</error>
    </testcase>
    <testcase classname="scenarios/bad.yaml" name="S003 unknown-key" file="scenarios/bad.yaml" line="5">
      <error type="invalid" message="unknown key 'horizont' in the scenario">help: the keys here are: $schema, schema, name, description, simulation, capacityProviders, quotas, controlPlane, services, tasks, daemonTaskDefinitions, daemons, alarms, timeline, assumptions, checks, sweep</error>
    </testcase>
  </testsuite>
  <testsuite name="scenarios/gone.yaml" tests="1" failures="0" errors="1" skipped="0">
    <testcase classname="scenarios/gone.yaml" name="run">
      <error type="broken" message="No such file or directory (os error 2)"/>
    </testcase>
  </testsuite>
</testsuites>
"#);
}

#[test]
fn the_tallies_of_the_junit_are_those_of_its_elements() {
    let printed = utf8(junit(&everything()));
    let document = roxmltree::Document::parse(&printed).expect("well-formed");
    let root = document.root_element();
    let suites: Vec<_> = root.children().filter(|node| node.has_tag_name("testsuite")).collect();
    assert_eq!(suites.len(), 5);
    for node in suites.into_iter().chain([root]) {
        for (tally, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            let count = node.descendants().filter(|inner| inner.has_tag_name(element)).count();
            assert_eq!(node.attribute(tally), Some(count.to_string().as_str()), "{tally}");
        }
    }
}

#[test]
fn junit_is_well_formed_and_keeps_every_character_that_xml_can_hold() {
    for word in HOSTILE {
        let printed = utf8(junit(&hostile(word)));
        let document =
            roxmltree::Document::parse(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
        let legal: String = word.chars().filter(|c| is_legal(*c)).collect();
        let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
        assert_eq!(cases.len(), 4 + 1 + 3, "no more cases than there are");
        for case in &cases[..4] {
            assert_eq!(case.attribute("name"), Some(legal.as_str()));
            assert_eq!(case.attribute("classname"), Some(legal.as_str()));
            let said: String = case.descendants().filter_map(|node| node.text()).collect();
            assert!(said.contains(&legal), "{said:?}");
        }
        let messages = document.descendants().filter_map(|node| node.attribute("message"));
        assert_eq!(messages.filter(|message| message.contains(&legal)).count(), 3 + 1 + 3);
    }
}

#[test]
fn junit_calls_an_inconclusive_check_skipped_and_one_without_a_baseline_an_error() {
    let report = one(BaselineState::NotAsked, vec![passed(), failed(), inconclusive(), no_baseline()]);
    let printed = utf8(junit(&report));
    let document = roxmltree::Document::parse(&printed).expect("well-formed");
    let results: Vec<Vec<&str>> = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .map(|case| {
            case.children().filter(roxmltree::Node::is_element).map(|n| n.tag_name().name()).collect()
        })
        .collect();
    assert_eq!(results, [vec!["system-out"], vec!["failure"], vec!["skipped", "system-out"], vec!["error"]]);
}

// ------------------------------------------------------------------ JSON

#[test]
#[expect(clippy::too_many_lines, reason = "the snapshot is long")]
fn the_json_holds_everything() {
    assert_snapshot!(utf8(json(&everything())), @r#"
{
  "schema": "bakeoff.checks.v1",
  "version": "0.1.0",
  "ok": false,
  "exitCode": 1,
  "counts": {
    "files": 5,
    "broken": 1,
    "invalid": 1,
    "withoutChecks": 1,
    "checks": 5,
    "pass": 2,
    "fail": 1,
    "inconclusive": 1,
    "noBaseline": 1
  },
  "files": [
    {
      "path": "scenarios/agent-upgrade.yaml",
      "outcome": "judged",
      "name": "agent-upgrade",
      "seeds": {
        "from": 0,
        "to": 200
      },
      "cutRuns": 0,
      "masterSeed": 1,
      "replayArguments": [],
      "baseline": {
        "state": "compared",
        "seeds": 180,
        "version": "0.1.0",
        "scenarioDigest": "0123456789abcdef"
      },
      "checks": [
        {
          "check": "p95(rollout_duration_min) <= 150",
          "verdict": "pass",
          "observed": 51.9087667,
          "low": 50.9732,
          "high": 53.4159667,
          "bound": 150,
          "unit": "min",
          "level": 0.95,
          "n": 173,
          "of": 200,
          "pPass": 1.23456789e-7,
          "pFail": 1,
          "reason": "",
          "breaking": [],
          "place": {
            "path": "scenarios/agent-upgrade.yaml",
            "line": 90,
            "column": 5
          }
        },
        {
          "check": "P(rolled_back) <= 0.2 @ 99%",
          "verdict": "fail",
          "observed": 0.31,
          "low": 0.23654321,
          "high": 0.3901234,
          "bound": 0.2,
          "unit": "share of seeds",
          "level": 0.99,
          "n": 200,
          "of": 200,
          "pPass": 1,
          "pFail": 0.000123,
          "reason": "",
          "breaking": [
            7,
            10,
            13,
            16,
            19,
            22,
            25,
            28,
            31,
            34,
            37,
            40,
            43,
            46,
            49,
            52,
            55,
            58,
            61,
            64,
            67,
            70,
            73,
            76
          ],
          "place": {
            "path": "scenarios/agent-upgrade.yaml",
            "line": 91,
            "column": 5
          }
        },
        {
          "check": "delta(p95(rollout_duration_min)) <= +5%",
          "verdict": "inconclusive",
          "observed": 4.2,
          "low": -1.05,
          "high": null,
          "bound": 5,
          "unit": "% of the baseline",
          "level": 0.95,
          "n": 180,
          "of": 200,
          "pPass": 0.31,
          "pFail": 0.84,
          "note": "upper end not reached",
          "reason": "neither shown: 4.2 % lies within the noise, and more seeds may tell",
          "breaking": [],
          "place": {
            "path": "scenarios/agent-upgrade.yaml",
            "line": 92,
            "column": 5
          }
        }
      ]
    },
    {
      "path": "scenarios/other.yaml",
      "outcome": "judged",
      "name": "agent-upgrade",
      "seeds": {
        "from": 0,
        "to": 200
      },
      "cutRuns": 0,
      "masterSeed": 1,
      "replayArguments": [],
      "baseline": {
        "state": "unusable",
        "reason": "baselines/other.json is not there"
      },
      "checks": [
        {
          "check": "delta(mean(extra_instance_hours)) <= 0",
          "verdict": "no-baseline",
          "observed": null,
          "low": null,
          "high": null,
          "bound": 0,
          "unit": "h",
          "level": 0.95,
          "n": 0,
          "of": 200,
          "pPass": null,
          "pFail": null,
          "reason": "there is no baseline",
          "breaking": [],
          "place": {
            "path": "scenarios/other.yaml",
            "line": 90,
            "column": 5
          }
        },
        {
          "check": "p95(rollout_duration_min) <= 150",
          "verdict": "pass",
          "observed": 51.9087667,
          "low": 50.9732,
          "high": 53.4159667,
          "bound": 150,
          "unit": "min",
          "level": 0.95,
          "n": 173,
          "of": 200,
          "pPass": 1.23456789e-7,
          "pFail": 1,
          "reason": "",
          "breaking": [],
          "place": {
            "path": "scenarios/other.yaml",
            "line": 91,
            "column": 5
          }
        }
      ]
    },
    {
      "path": "scenarios/empty.yaml",
      "outcome": "judged",
      "name": "agent-upgrade",
      "seeds": {
        "from": 0,
        "to": 200
      },
      "cutRuns": 0,
      "masterSeed": 1,
      "replayArguments": [],
      "baseline": {
        "state": "not-asked"
      },
      "checks": []
    },
    {
      "path": "scenarios/bad.yaml",
      "outcome": "invalid",
      "problems": [
        {
          "code": "S004",
          "severity": "error",
          "message": "'capacityProviders' is missing",
          "help": null,
          "place": {
            "path": "scenarios/bad.yaml",
            "line": 1,
            "column": 1
          }
        },
        {
          "code": "S035",
          "severity": "error",
          "message": "there is no metric 'rollout_min'",
          "help": "`bakeoff about metrics` lists them all",
          "place": {
            "path": "scenarios/bad.yaml",
            "line": 4,
            "column": 9
          }
        },
        {
          "code": "S003",
          "severity": "error",
          "message": "unknown key 'horizont' in the scenario",
          "help": "the keys here are: $schema, schema, name, description, simulation, capacityProviders, quotas, controlPlane, services, tasks, daemonTaskDefinitions, daemons, alarms, timeline, assumptions, checks, sweep",
          "place": {
            "path": "scenarios/bad.yaml",
            "line": 5,
            "column": 1
          }
        }
      ]
    },
    {
      "path": "scenarios/gone.yaml",
      "outcome": "broken",
      "reason": "No such file or directory (os error 2)"
    }
  ]
}
"#);
}

#[test]
fn json_keeps_hostile_words_as_they_are() {
    for word in HOSTILE {
        let read: Value = serde_json::from_slice(&json(&hostile(word))).expect("JSON");
        assert_eq!(read["files"][0]["path"], word);
        assert_eq!(read["files"][0]["checks"][0]["check"], word);
        assert_eq!(read["files"][0]["checks"][0]["reason"], word);
        assert_eq!(read["files"][1]["reason"], word);
        assert_eq!(read["files"][2]["problems"][0]["help"], word);
    }
}

#[test]
fn hostile_words_do_not_steer_the_terminal() {
    for word in HOSTILE {
        let mut report = hostile(word);
        // Problems bring their own rendering, which shows the scenario's text.
        report.files.pop();
        let printed = plain(&report);
        assert!(!printed.chars().any(|c| c.is_control() && c != '\n'), "{printed:?}");
        assert!(!printed.contains('\u{202e}'), "{printed:?}");
        assert_eq!(text(&report).matches('\u{1b}').count() % 2, 0, "every style is ended");
    }
}
