//! Mistaken and hostile files, and what is said about them.

#![allow(clippy::too_many_lines, reason = "what is said is long")]

use bakeoff::scenario::problem::Style;
use bakeoff::scenario::{Code, NoFiles, decode, load};

use super::{EXAMPLE, Files, example, loaded, minimal, refused, rendered, update, with};

/// The codes of all problems of a text that must be refused, each once.
fn codes(text: &str) -> Vec<&'static str> {
    let problems =
        load("test.yaml", text, &NoFiles, &[]).err().unwrap_or_else(|| panic!("it loads:\n{text}"));
    let mut codes: Vec<_> = problems.iter().map(|problem| problem.code.id()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// The codes of the warnings of a text that loads.
fn warned(text: &str) -> Vec<&'static str> {
    loaded(text).warnings.iter().map(|problem| problem.code.name()).collect()
}

#[test]
fn a_run_of_more_than_thirty_years_is_refused_and_one_of_thirty_is_not() {
    let lasting = |days: u32| {
        let simulation = format!("simulation: {{ horizon: {days}d, sampleEvery: 1d }}");
        minimal(&format!("{simulation}\n"))
    };
    loaded(&lasting(10_950));
    assert_eq!(codes(&lasting(10_951)), ["S008"]);
}

#[test]
fn every_problem_is_told_at_once_with_its_place_and_its_fix() {
    insta::assert_snapshot!(refused(
        "schema: bakeoff.scenario.v1
name: many mistakes
simulation: { seed: 100, horizon: 24, sampleEvery: 0s }
capacityProviders:
  - name: general
    instances: 120
    instanceType: m7i.2xlrage
    launch: { lognormal: { median: 20s, p99: 60s } }
    registration: { logNormal: { median: 60s, p99: 20s } }
services:
  - { name: web, capacityProvider: genral, desiredCount: 480, cpu: 1024, memory: 2048, minimumHealthyPercent: 0.5 }
timeline:
  - at: 10m
    updateDaemon:
      daemonArn: agent
      daemonTaskDefinitionArn: agent:8
      capacityProviderArns: [general]
      deploymentConfiguration: { drainPercent: 0.1, bakeTimeInMinutes: 2d }
checks:
  - p95(rollout_duration) <= 150
"
    ), @r"
    error[S015]: this cannot be the name of a scenario, which names a directory
     --> test.yaml:2:7
      |
    2 | name: many mistakes
      |       ^^^^^^^^^^^^^
      |
      = help: up to 100 letters, digits, dots, underscores and hyphens, a letter or digit first

    error[S003]: unknown key 'seed' in the simulation settings
     --> test.yaml:3:15
      |
    3 | simulation: { seed: 100, horizon: 24, sampleEvery: 0s }
      |               ^^^^
      |
      = help: did you mean 'seeds'? the keys here are: seeds, masterSeed, horizon, observeAfter, sampleEvery, maxEvents, epoch, region, accountId, clusterName

    error[S006]: a duration needs its unit
     --> test.yaml:3:35
      |
    3 | simulation: { seed: 100, horizon: 24, sampleEvery: 0s }
      |                                   ^^
      |
      = help: write the unit: 24s, 24m or 24h

    error[S033]: sampleEvery must be above zero
     --> test.yaml:3:52
      |
    3 | simulation: { seed: 100, horizon: 24, sampleEvery: 0s }
      |                                                    ^^

    error[S019]: instance type 'm7i.2xlrage' is not in the table
     --> test.yaml:7:19
      |
    7 |     instanceType: m7i.2xlrage
      |                   ^^^^^^^^^^^
      |
      = help: did you mean 'm7i.2xlarge'? any other type is described by its cpu (1024 a vCPU) and memory (MiB)

    error[S003]: unknown key 'lognormal' in a distribution
     --> test.yaml:8:15
      |
    8 |     launch: { lognormal: { median: 20s, p99: 60s } }
      |               ^^^^^^^^^
      |
      = help: did you mean 'logNormal'? the keys here are: fixed, uniform, triangular, pert, exponential, logNormal, weibull, gamma, empirical, mixture

    error[S016]: median must not exceed p99
     --> test.yaml:9:19
      |
    9 |     registration: { logNormal: { median: 60s, p99: 20s } }
      |                   ^

    error[S013]: there is no capacity provider 'genral'
      --> test.yaml:11:36
       |
    11 |   - { name: web, capacityProvider: genral, desiredCount: 480, cpu: 1024, memory: 2048, minimumHealthyPercent: 0.5 }
       |                                    ^^^^^^
       |
       = help: did you mean 'general'? there is: general

    error[S005]: expected a whole number, found 0.5
      --> test.yaml:11:111
       |
    11 |   - { name: web, capacityProvider: genral, desiredCount: 480, cpu: 1024, memory: 2048, minimumHealthyPercent: 0.5 }
       |                                                                                                               ^^^
       |
       = help: this is a percentage, not a share: 0.5 is 50 %

    error[S013]: there is no daemon 'agent'
      --> test.yaml:15:18
       |
    15 |       daemonArn: agent
       |                  ^^^^^
       |
       = help: the scenario has no daemon at all

    error[S013]: there is no daemon task definition 'agent:8'
      --> test.yaml:16:32
       |
    16 |       daemonTaskDefinitionArn: agent:8
       |                                ^^^^^^^
       |
       = help: the scenario has no daemonTaskDefinitions at all

    error[S025]: drainPercent 0.1 is below 1
      --> test.yaml:18:48
       |
    18 |       deploymentConfiguration: { drainPercent: 0.1, bakeTimeInMinutes: 2d }
       |                                                ^^^
       |
       = help: a percentage: 10 is 10 % of the fleet; the guide gives 1 to 100; to drain less than 1 %, one instance at least, say assumptions.drainPercentBelowOne: minOne

    error[S008]: 2d is outside of 0s to 1d, which is what AWS takes
      --> test.yaml:18:72
       |
    18 |       deploymentConfiguration: { drainPercent: 0.1, bakeTimeInMinutes: 2d }
       |                                                                        ^^

    error[S035]: there is no metric 'rollout_duration'
      --> test.yaml:20:9
       |
    20 |   - p95(rollout_duration) <= 150
       |         ^^^^^^^^^^^^^^^^
       |
       = help: did you mean 'rollout_duration_min'? `bakeoff about metrics` lists them all
    ");
}

#[test]
fn what_is_not_yaml_is_told_at_the_first_place() {
    insta::assert_snapshot!(
        [
            "schema: x\n\tname: y\n",
            "a: [1, 2\n",
            "a: b: c\n",
            "a: 'x'\n  b: 2\n",
            "schema: a\nschema: b\n",
            "a: 1\n---\nb: 2\n",
            "a: !Ref x\n",
            "? [a, b]\n: 1\n",
        ]
        .map(refused)
        .join("\n\n"),
        @r"
    error[S001]: a tab where YAML wants spaces
     --> test.yaml:1:9
      |
    1 | schema: x
      |         ^
      |
      = help: indent with spaces

    error[S001]: not readable as YAML: unclosed bracket '['
     --> test.yaml:1:4
      |
    1 | a: [1, 2
      |    ^

    error[S001]: not readable as YAML: mapping values are not allowed in this context
     --> test.yaml:1:5
      |
    1 | a: b: c
      |     ^

    error[S001]: not readable as YAML: while parsing a block mapping, did not find expected key
     --> test.yaml:2:3
      |
    2 |   b: 2
      |   ^

    error[S002]: 'schema' is given twice
     --> test.yaml:2:1
      |
    2 | schema: b
      | ^
      |
      = help: keep one of the two; YAML itself does not say which would count

    error[S001]: a second document begins here
     --> test.yaml:3:1
      |
    3 | b: 2
      | ^
      |
      = help: one file is one scenario: split it at the '---', or remove what follows

    error[S001]: unsupported tag `!Ref`
     --> test.yaml:1:9
      |
    1 | a: !Ref x
      |         ^
      |
      = help: a scenario has no tags; CloudFormation functions such as !Ref are not resolved

    error[S001]: not readable as YAML: expected string scalar
     --> test.yaml:1:3
      |
    1 | ? [a, b]
      |   ^
    "
    );
}

#[test]
fn what_is_no_scenario_is_said_to_be_none() {
    insta::assert_snapshot!(["", "# nothing\n", "- a\n", "42\n", "null\n"].map(refused).join("\n\n"), @r"
    error[S040]: the file is empty
     --> test.yaml:1:1
      |
    1 |
      | ^
      |
      = help: `bakeoff init` writes a scenario to start from

    error[S040]: the file is empty
     --> test.yaml:1:11
      |
    1 | # nothing
      |          ^
      |
      = help: `bakeoff init` writes a scenario to start from

    error[S005]: expected a scenario, which is a mapping, found a list
     --> test.yaml:1:1
      |
    1 | - a
      | ^

    error[S005]: expected a scenario, which is a mapping, found the number 42
     --> test.yaml:1:1
      |
    1 | 42
      | ^^

    error[S040]: the file is empty
     --> test.yaml:1:1
      |
    1 | null
      | ^^^^
      |
      = help: `bakeoff init` writes a scenario to start from
    ");
}

#[test]
fn hostile_files_are_refused_before_they_grow() {
    let bomb = (b'b'..=b'z').fold("a: &a [x,x,x,x,x,x,x,x,x]\n".to_string(), |text, letter| {
        let (this, before) = (letter as char, (letter - 1) as char);
        format!(
            "{text}{this}: &{this} [*{before},*{before},*{before},*{before},*{before},*{before},*{before}]\n"
        )
    });
    assert_eq!(codes(&bomb), ["S038"]);
    assert_eq!(codes(&"[".repeat(100_000)), ["S038"]);
    assert_eq!(codes(&"{a: ".repeat(100_000)), ["S038"]);
    assert_eq!(codes(&format!("a: {}", "- ".repeat(100_000))), ["S001"]);
    let problem = decode("latin1.yaml", b"schema: x\nname: caf\xe9\n").expect_err("this is Latin-1");
    assert_eq!(problem.to_string(), "error[S001]: latin1.yaml is not UTF-8: byte 19 on line 2");
}

#[test]
fn absurd_numbers_are_refused_and_never_overflow() {
    for (from, to, code) in [
        ("instances: 3", "instances: 10000001", "S008"),
        ("instances: 3", "instances: 99999999999999999999999999", "S008"),
        ("instances: 3", "instances: -1", "S008"),
        ("instances: 3", "instances: 1.5", "S005"),
        ("instances: 3", "instances: .nan", "S009"),
        ("instances: 3", "instances: 1e999", "S009"),
        ("instances: 3", "instances: '3'", "S005"),
        ("cpu: 4096", "cpu: 4294967296", "S008"),
        ("memory: 8192", "memory: 8192, pricePerHour: -1", "S008"),
        ("memory: 8192", "memory: 8192, pricePerHour: .inf", "S009"),
        ("memory: 8192", "memory: 8192, hostFailure: { perInstanceMonth: 1e9 }", "S008"),
        ("memory: 8192", "memory: 8192, launchFailure: { probability: 5 }", "S008"),
        ("memory: 8192", "memory: 8192, launch: 101w 9999999d", "S007"),
        ("memory: 8192", "memory: 8192, launch: -3s", "S007"),
        ("memory: 8192", "memory: 8192, reserved: { memory: 9000 }", "S020"),
        ("name: small", "name: ../small", "S015"),
        ("name: small", "name: small\nsimulation: { horizon: 100d, sampleEvery: 1ms }", "S008"),
        ("name: small", "name: small\nsimulation: { seeds: 0 }", "S032"),
        ("name: small", "name: small\nsimulation: { seeds: 9..9 }", "S032"),
        ("name: small", "name: small\nsimulation: { masterSeed: 18446744073709551616 }", "S008"),
        ("name: small", "name: small\ncontrolPlane: { alarmPoll: 0s }", "S033"),
        ("name: small", "name: small\nquotas: { vCpu: 11 }", "S030"),
        ("instances: 3", "instances: 3, maxInstances: 2", "S030"),
        ("instances: 3", "instances: 3, lifetime: { drainAfter: 30d }", "S029"),
    ] {
        let text = minimal("");
        assert!(text.contains(from));
        assert_eq!(codes(&text.replacen(from, to, 1)), [code], "{to}");
    }
}

#[test]
fn what_is_not_modelled_yet_is_refused_by_name() {
    assert_eq!(codes(&minimal("faults: []\n")), ["S012"]);
}

#[test]
fn faults_must_find_whom_to_hit() {
    let timeline =
        |entry: &str| update("").replace("timeline:\n", &format!("timeline:\n  - {{ at: 5m, {entry} }}\n"));
    for (entry, code) in [
        ("azOutage: { zone: 3, lasts: 10m }", "S060"),
        ("azOutage: { zone: 3, capacityProvider: cp, lasts: 10m }", "S060"),
        ("capacityShortage: { zone: 3, lasts: 10m }", "S060"),
        ("azOutage: { zone: 100, lasts: 10m }", "S008"),
        ("azOutage: { lasts: 10m }", "S004"),
        ("azOutage: { zone: 0 }", "S004"),
        ("azOutage: { zone: 0, lasts: 10 }", "S006"),
        ("capacityShortage: { capacityProvider: pc, lasts: 10m }", "S013"),
        ("dependencyOutage: { daemon: agnet, lasts: 10m }", "S013"),
        ("registryOutage: { share: 50, lasts: 10m }", "S008"),
        ("spotShock: { share: 0.5 }", "S061"),
        ("spotShock: { capacityProvider: cp }", "S061"),
        ("instanceFailure: { count: 0 }", "S008"),
        ("agentDisconnection: { lasts: 10m }", "S011"),
        ("agentDisconnection: { share: 0.5, count: 1, lasts: 10m }", "S011"),
        ("instanceFailure: { count: 1 }, azOutage: { zone: 0, lasts: 10m }", "S011"),
    ] {
        assert_eq!(codes(&timeline(entry)), [code], "{entry}");
    }
    let provider = |members: &str| minimal("").replace("instances: 3", &format!("instances: 3, {members}"));
    for (members, code) in [
        ("spot: {}", "S061"),
        ("capacityOptionType: RESERVED, spot: { interruptionsPerInstanceMonth: 1 }", "S061"),
        ("capacityOptionType: spot", "S010"),
        ("capacityOptionType: SPOT, spot: { shocks: { perMonth: 1 } }", "S004"),
    ] {
        assert_eq!(codes(&provider(members)), [code], "{members}");
    }
    let spot = loaded(&provider("capacityOptionType: SPOT"));
    assert!(spot.effective.contains("interruptionsPerInstanceMonth: 0.05"), "{}", spot.effective);
    assert!(!loaded(&minimal("")).effective.contains("interruptionsPerInstanceMonth"));
    insta::assert_snapshot!(refused(&timeline("azOutage: { zone: 3, lasts: 10m }")), @r"
    error[S060]: there is no zone 3
      --> test.yaml:11:33
       |
    11 |   - { at: 5m, azOutage: { zone: 3, lasts: 10m } }
       |                                 ^
       |
       = help: zones are counted from 0: the last is 2
    ");
}

#[test]
fn images_and_utilisation_must_make_sense() {
    let image = |image: &str| {
        minimal(&format!("services: [{{ name: s, desiredCount: 1, cpu: 1, memory: 1, image: {image} }}]\n"))
    };
    for (text, code) in [
        ("{ size: 297, throughput: 12MB/s }", "S005"),
        ("{ size: 297 mb, throughput: 12MB/s }", "S063"),
        ("{ size: 2TB, throughput: 12MB/s }", "S063"),
        ("{ size: 297MB, throughput: 12MB }", "S063"),
        ("{ size: 297MB, throughput: 1kB/s }", "S063"),
        ("{ size: 297MB }", "S004"),
        ("{ size: 297MB, throughput: { uniform: { min: 15MB/s, max: 8MB/s } } }", "S016"),
        ("{ size: 297MB, throughput: { logNormal: { median: 12MB/s } } }", "S011"),
        ("{ size: 297MB, throughput: { exponential: { mean: 12MB/s } } }", "S003"),
    ] {
        assert_eq!(codes(&image(text)), [code], "{text}");
    }
    let alarm = |members: &str| {
        update("").replace(
            "timeline:\n",
            &format!(
                "alarms: [{{ alarmName: a, metric: {{ daemonCpuUtilization: {{}} }}{members} }}]\ntimeline:\n"
            ),
        )
    };
    assert_eq!(codes(&alarm("")), ["S062"]);
    let defect = |uses: &str| {
        update("").replacen(
            "healthCheck: {}",
            &format!("healthCheck: {{}}, utilization: {{ cpu: 20 }}, defects: [{{ name: d, probability: 1, uses: {uses} }}]"),
            1,
        )
    };
    loaded(&defect("{ cpu: 95, after: 1m }"));
    assert_eq!(codes(&defect("{ memory: 95, after: 1m }")), ["S062"]);
    assert_eq!(codes(&defect("{ after: 1m }")), ["S040"]);
    assert_eq!(codes(&defect("{ cpu: 10001, after: 1m }")), ["S008"]);
}

#[test]
fn names_must_lead_somewhere_and_be_unique() {
    let service = "{ name: s, desiredCount: 1, cpu: 1, memory: 1 }";
    for (text, code) in [
        (minimal(&format!("services: [{service}, {service}]\n")), "S014"),
        (minimal("services: [{ name: 'a b', desiredCount: 1, cpu: 1, memory: 1 }]\n"), "S015"),
        (minimal("alarms: [{ alarmName: a, metric: { errorRate: { service: web } } }]\n"), "S013"),
        (
            minimal(&format!(
                "services: [{service}]\nalarms: [{{ alarmName: a, metric: {{ errorRate: {{}} }} }}]\n"
            )),
            "S027",
        ),
        (update("").replace("agent:1\", cap", "agent:9\", cap"), "S013"),
        (update("").replace("daemonArn: agent", "daemonArn: agnet"), "S013"),
        (update("").replace("revision: 2", "revision: 1"), "S014"),
        (update("").replace("[cp]\n", "[cp, cp]\n").replace("[cp] }", "[cp, cp] }"), "S014"),
        (update("").replace("capacityProviderArns: [cp] }", "capacityProviderArns: [] }"), "S040"),
        (update(", deploymentConfiguration: { alarms: { alarmNames: [x] } }"), "S013"),
        (update("").replace("daemonArn: agent", "daemonArn: 'arn:aws:ecs:x:1:service/c/agent'"), "S015"),
        (update("").replace("at: 1m", "at: 25h"), "S031"),
    ] {
        assert_eq!(codes(&text), [code], "{text}");
    }
}

#[test]
fn the_timeline_must_make_sense_in_order_of_time() {
    let after = |entries: &str| update("").replace("timeline:\n", &format!("timeline:\n{entries}"));
    let delete = "  - { at: 30s, deleteDaemon: { daemonArn: agent } }\n";
    let create = "  - { at: 40s, createDaemon: { daemonName: agent, daemonTaskDefinitionArn: agent, capacityProviderArns: [cp] } }\n";
    assert_eq!(codes(&after(delete)), ["S024"]);
    assert_eq!(codes(&after(create)), ["S023"]);
    assert_eq!(loaded(&after(&format!("{create}{delete}"))).scenario.daemons.len(), 1);
    let other = create.replace("daemonName: agent", "daemonName: agent, clusterArn: c1");
    let third = create.replace("daemonName: agent", "daemonName: third, clusterArn: c2");
    assert_eq!(codes(&after(&format!("{delete}{other}{third}"))), ["S026"]);
}

#[test]
fn requests_obey_the_bounds_of_the_api() {
    for (members, code) in [
        (", deploymentConfiguration: { drainPercent: 100.5 }", "S008"),
        (", deploymentConfiguration: { drainPercent: -1 }", "S008"),
        (", deploymentConfiguration: { drainPercent: 0.9 }", "S025"),
        (", deploymentConfiguration: { bakeTimeInMinutes: 1441 }", "S008"),
        (", deploymentConfiguration: { bakeTimeInMinutes: 90s }", "S008"),
        (", deploymentConfiguration: { bakeTimeInMinutes: 1.5 }", "S005"),
        (", critical: 'true'", "S005"),
        (", propagateTags: SERVICE", "S010"),
        (", daemonName: agent", "S012"),
        (", colour: blue", "S003"),
    ] {
        assert_eq!(codes(&update(members)), [code], "{members}");
    }
    let create = |members: &str| {
        update("").replace(
            "timeline:\n",
            &format!("timeline:\n  - {{ at: 0s, createDaemon: {{ daemonName: b, daemonTaskDefinitionArn: agent, capacityProviderArns: [cp]{members} }} }}\n"),
        )
    };
    for (members, code) in [
        (", clientToken: 'has space'", "S015"),
        (", tags: [{ key: a }, { key: a }]", "S039"),
        (", tags: [{ key: 'aws:x' }]", "S039"),
    ] {
        assert_eq!(codes(&create(members)), [code], "{members}");
    }
    assert_eq!(loaded(&create(", tags: [{ key: a }, { key: A }]")).scenario.daemons.len(), 2);
}

#[test]
fn alarms_and_health_checks_obey_the_bounds_of_their_apis() {
    let alarm = |members: &str| {
        minimal(&format!(
            "alarms: [{{ alarmName: a, metric: {{ scripted: [{{ at: 1m, state: ALARM }}] }}{members} }}]\n"
        ))
    };
    for (members, code) in [
        (", period: 20", "S028"),
        (", period: 90", "S028"),
        (", period: 5", "S008"),
        (", evaluationPeriods: 2, datapointsToAlarm: 3", "S028"),
        (", evaluationPeriods: 25, period: 1h", ""),
        (", evaluationPeriods: 1441", "S028"),
        (", comparisonOperator: GreaterThan", "S010"),
        (", treatMissingData: null, threshold: high", "S005"),
    ] {
        if code.is_empty() {
            loaded(&alarm(members));
        } else {
            assert_eq!(codes(&alarm(members)), [code], "{members}");
        }
    }
    let check = |check: &str| update("").replacen("healthCheck: {}", &format!("healthCheck: {check}"), 1);
    for bad in
        ["{ interval: 4 }", "{ timeout: 61 }", "{ retries: 0 }", "{ startPeriod: 301 }", "{ interval: 301s }"]
    {
        assert_eq!(codes(&check(bad)), ["S008"], "{bad}");
    }
}

#[test]
fn tasks_must_fit_where_they_are_to_start() {
    let service = |members: &str| minimal(&format!("services: [{{ name: s, {members} }}]\n"));
    assert_eq!(codes(&service("desiredCount: 1, cpu: 5000, memory: 1")), ["S021"]);
    insta::assert_snapshot!(refused(&service("desiredCount: 7, cpu: 2048, memory: 1")), @r"
    error[S022]: only 6 of the 7 tasks of 's' fit on the 3 instances of 'cp'
     --> test.yaml:5:20
      |
    5 | services: [{ name: s, desiredCount: 7, cpu: 2048, memory: 1 }]
      |                    ^
      |
      = help: give more instances or larger ones, or fewer or smaller tasks
    ");
}

#[test]
fn what_the_model_cannot_count_is_refused() {
    let defect = |number| {
        format!("{{ name: d{number}, probability: 0, degrades: {{ service: s, errorRate: 1, after: 0s }} }}")
    };
    let defects = |count| (0..count).map(defect).collect::<Vec<_>>().join(", ");
    let text = |count| {
        let services =
            "services: [{ name: s, desiredCount: 1, cpu: 1, memory: 1, traffic: { requestsPerSecond: 1 } }]";
        let with = format!("healthCheck: {{}}, defects: [{}]", defects(count));
        format!("{}{services}\n", update("").replacen("healthCheck: {}", &with, 1))
    };
    assert_eq!(codes(&text(33)), ["S008"]);
    loaded(&text(32));
}

#[test]
fn distributions_that_cannot_be_are_refused() {
    for law in [
        "{ uniform: { min: 9s, max: 1s } }",
        "{ logNormal: { median: 9s, p99: 1s } }",
        "{ weibull: { shape: 2 } }",
        "{ weibull: { shape: 2, scale: 1s, median: 3s, p99: 9s } }",
        "{ exponential: { mean: 0s } }",
        "{ uniform: { min: 1s, max: 2s }, fixed: 3s }",
        "{ logNormal: { median: 9s } }",
        "{ logNormal: { median: 9s, p99: 19s, sigma: 1 } }",
        "{ empirical: { values: [] } }",
        "{ empirical: { file: missing.csv } }",
        "{ exponential: { mean: 1s, min: 2h } }",
        "{ mixture: [] }",
        "{ mixture: [{ fixed: 2s }] }",
        "{ mixture: [{ weight: 0, fixed: 2s }] }",
        "{ gauss: { mean: 3s } }",
        "[1s, 2s]",
        "{}",
    ] {
        let told = codes(&minimal(&format!("controlPlane: {{ repairDecision: {law} }}\n")));
        let expected: &[&str] = match law {
            "{ empirical: { file: missing.csv } }" => &["S017"],
            "{ gauss: { mean: 3s } }" => &["S003"],
            "{ mixture: [{ fixed: 2s }] }" => &["S004"],
            "[1s, 2s]" => &["S005"],
            law if law.contains("uniform") && law.contains("fixed") => &["S011"],
            "{ logNormal: { median: 9s } }" | "{ logNormal: { median: 9s, p99: 19s, sigma: 1 } }" | "{}" => {
                &["S011"]
            }
            _ => &["S016"],
        };
        assert_eq!(told, expected, "{law}");
    }
}

#[test]
fn a_mistake_in_a_file_that_is_named_is_told_there() {
    let told = |name: &'static str, content: &'static str| {
        let text =
            minimal(&format!("controlPlane: {{ repairDecision: {{ empirical: {{ file: {name} }} }} }}\n"));
        let files: &'static [(&str, &str)] = Box::leak(Box::new([(name, content)]));
        rendered(&load("test.yaml", &text, &Files(files), &[]).expect_err("it is refused"))
    };
    insta::assert_snapshot!(
        [
            told("t.csv", "boot_s\n12\nsoon\n"),
            told("t.csv", "a,b\n1,2\n"),
            told("t.csv", "boot\n12\n"),
            told("t.csv", "boot_s\n"),
        ]
        .join("\n\n"),
        @r"
    error[S007]: 'soon' is not a duration
     --> t.csv:3:1
      |
    3 | soon
      | ^^^^
      |
      = help: cells are durations like 90s, or plain numbers below a name ending in _ms, _s or _min

    error[S004]: the file has several columns: which one?
     --> t.csv:1:1
      |
    1 | a,b
      | ^^^
      |
      = help: give `column:`, one of: a, b

    error[S007]: a plain number in a column whose name tells no unit
     --> t.csv:2:1
      |
    2 | 12
      | ^^
      |
      = help: cells are durations like 90s, or plain numbers below a name ending in _ms, _s or _min

    error[S017]: 't.csv' has no values
     --> test.yaml:5:54
      |
    5 | controlPlane: { repairDecision: { empirical: { file: t.csv } } }
      |                                                      ^^^^^
    "
    );
    let text = update("").replace(
        "updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: agent, capacityProviderArns: [cp] }",
        "updateDaemon: { file: u.json }",
    );
    let files = Files(&[(
        "u.json",
        "{\n  \"daemonArn\": \"agent\",\n  \"daemonTaskDefinitionArn\": \"agnt\",\n  \"capacityProviderArns\": [\"cp\"],\n  \"criticall\": true\n}\n",
    )]);
    insta::assert_snapshot!(rendered(&load("test.yaml", &text, &files, &[]).expect_err("it is refused")), @r#"
    error[S013]: there is no daemon task definition 'agnt'
     --> u.json:3:30
      |
    3 |   "daemonTaskDefinitionArn": "agnt",
      |                              ^^^^^^
      |
      = help: there is: agent:1, agent:2

    error[S003]: unknown key 'criticall' in an `UpdateDaemon` request
     --> u.json:5:3
      |
    5 |   "criticall": true
      |   ^^^^^^^^^^^
      |
      = help: did you mean 'critical'? the keys here are: daemonArn, daemonTaskDefinitionArn, capacityProviderArns, deploymentConfiguration, critical, propagateTags, enableECSManagedTags, enableExecuteCommand
    "#);
}

#[test]
fn a_mistake_in_an_override_is_told_there() {
    let told = |key: &str, value: &str| rendered(&with(EXAMPLE, &[(key, value)]).expect_err("it is refused"));
    insta::assert_snapshot!(
        [
            told("drainPercent", "lots"),
            told("services.wbe.desiredCount", "3"),
            told("simulation.seds", "3"),
            told("simulation.horizon", "[1"),
            told("name.first", "x"),
            told("bakeTimeInMinutes", "25h"),
        ]
        .join("\n\n"),
        @r"
    error[S005]: expected a number, found the text 'lots'
     --> --set:1:14
      |
    1 | drainPercent=lots
      |              ^^^^

    error[S018]: the list has no element 'wbe'
     --> --set:1:10
      |
    1 | services.wbe.desiredCount=3
      |          ^^^
      |
      = help: did you mean 'web'? its elements are: web

    error[S003]: unknown key 'seds' in the simulation settings
     --> --set:1:12
      |
    1 | simulation.seds=3
      |            ^^^^
      |
      = help: did you mean 'seeds'? the keys here are: seeds, masterSeed, horizon, observeAfter, sampleEvery, maxEvents, epoch, region, accountId, clusterName

    error[S001]: not readable as YAML: unclosed bracket '['
     --> --set:1:20
      |
    1 | simulation.horizon=[1
      |                    ^

    error[S018]: 'first' leads into the text 'agent-upgrade', which has no parts
     --> --set:1:6
      |
    1 | name.first=x
      |      ^^^^^
      |
      = help: shorten the path

    error[S008]: 1d 1h is outside of 0s to 1d, which is what AWS takes
     --> --set:1:19
      |
    1 | bakeTimeInMinutes=25h
      |                   ^^^
    "
    );
    let two = EXAMPLE.replace(
        "timeline:\n",
        "timeline:\n  - { at: 1m, createDaemon: { daemonName: b, daemonTaskDefinitionArn: cloudwatch-agent, capacityProviderArns: [general] } }\n",
    );
    let problems = with(&two, &[("drainPercent", "5")]).expect_err("there are two deployments");
    insta::assert_snapshot!(problems[problems.len() - 1].render(Style::Plain), @r"
    error[S018]: 'drainPercent' could mean any of 2 deployments
     --> --set:1:1
      |
    1 | drainPercent=5
      | ^^^^^^^^^^^^
      |
      = help: give the whole path, like timeline.0.updateDaemon.deploymentConfiguration.drainPercent
    ");
}

#[test]
fn a_sweep_is_tried_before_it_is_run() {
    let told = |sweep: &str| {
        let text = example().split("sweep:").next().unwrap_or_default();
        refused(&format!("{text}sweep: {sweep}\n"))
    };
    insta::assert_snapshot!(
        [
            told("{ drainPercent: [10, 0.5, 500] }"),
            told("{ capacityProviders.general.instances: { from: 100, to: 160, step: 30 } }"),
            told("{ drainPrecent: [10] }"),
            told("{ services.api.cpu: [10] }"),
            told("{ drainPercent: [5, 5] }"),
            told("{ drainPercent: 5 }"),
            told("{ checks: [[]] }"),
        ]
        .join("\n\n"),
        @r"
    error[S036]: drainPercent = 0.5: drainPercent 0.5 is below 1
       --> test.yaml:101:29
        |
    101 | sweep: { drainPercent: [10, 0.5, 500] }
        |                             ^^^
        |
        = help: a percentage: 50 is 50 % of the fleet; the guide gives 1 to 100; to drain less than 1 %, one instance at least, say assumptions.drainPercentBelowOne: minOne

    error[S036]: drainPercent = 500: 500 is outside of 0 to 100
       --> test.yaml:101:34
        |
    101 | sweep: { drainPercent: [10, 0.5, 500] }
        |                                  ^^^

    error[S036]: capacityProviders.general.instances = 160: 160 instances at the start, and no more than 150 may be
       --> test.yaml:101:47
        |
    101 | sweep: { capacityProviders.general.instances: { from: 100, to: 160, step: 30 } }
        |                                               ^
        |
        = help: raise maxInstances, with room for replacements

    error[S036]: drainPrecent = 10: there is no setting 'drainPrecent'
       --> test.yaml:101:10
        |
    101 | sweep: { drainPrecent: [10] }
        |          ^^^^^^^^^^^^
        |
        = help: did you mean 'drainPercent'?

    error[S036]: services.api.cpu = 10: the list has no element 'api'
       --> test.yaml:101:10
        |
    101 | sweep: { services.api.cpu: [10] }
        |          ^^^^^^^^^^^^^^^^
        |
        = help: its elements are: web

    error[S036]: this value is there already
       --> test.yaml:101:28
        |
    101 | sweep: { drainPercent: [5, 5] }
        |                            ^

    error[S036]: an axis has several values
       --> test.yaml:101:24
        |
    101 | sweep: { drainPercent: 5 }
        |                        ^
        |
        = help: give a list like [5, 10, 25], or { from: 5, to: 25, step: 5 }

    error[S036]: 'checks' changes nothing of a run
       --> test.yaml:101:10
        |
    101 | sweep: { checks: [[]] }
        |          ^^^^^^
        |
        = help: an axis is a setting, such as drainPercent or controlPlane.alarmPoll
    "
    );
}

#[test]
fn every_lint_has_its_cause_and_goes_with_it() {
    let bare = minimal("");
    assert_eq!(warned(&bare), ["unused", "no-deployment"]);
    assert_eq!(warned(&update("")), [""; 0]);
    let configured = |inner: &str| update(&format!(", deploymentConfiguration: {{ {inner} }}"));
    let alarm = "alarms: [{ alarmName: a, metric: { unhealthyDaemons: {} }, threshold: 1 }]\n";
    let with_alarm = |inner: &str| format!("{}{alarm}", configured(inner));
    assert_eq!(
        warned(&with_alarm("bakeTimeInMinutes: 5, alarms: { alarmNames: [a], enable: true }")),
        [""; 0]
    );
    assert_eq!(warned(&with_alarm("alarms: { alarmNames: [a], enable: true }")), ["slow-alarm"]);
    assert_eq!(warned(&with_alarm("alarms: { alarmNames: [a] }")), ["alarms-not-enabled"]);
    assert_eq!(warned(&with_alarm("alarms: { alarmNames: [a], enable: false }")), [""; 0]);
    assert_eq!(warned(&with_alarm("drainPercent: 20")), ["unused"]);
    assert_eq!(warned(&update("").replacen(", healthCheck: {}", "", 1)), ["no-health-check"]);
    let service = |members: &str| {
        format!("{}services: [{{ name: s, desiredCount: 3, cpu: 1, memory: 1{members} }}]\n", update(""))
    };
    assert_eq!(warned(&service("")), [""; 0]);
    assert_eq!(warned(&service(", maximumPercent: 100")), ["stuck-drain"]);
    assert_eq!(warned(&service(", maximumPercent: 133")), ["stuck-drain"]);
    assert_eq!(warned(&service(", maximumPercent: 134")), [""; 0]);
    assert_eq!(
        warned(&update("").replace("revision: 2, cpu: 100", "revision: 2, cpu: 500")),
        ["daemon-share"]
    );
    assert_eq!(
        warned(&update("").replace("revision: 2, cpu: 100", "revision: 2, cpu: 5000")),
        ["daemon-too-large"]
    );
    assert_eq!(
        warned(&update("").replace("instances: 3", "instances: 3, maxInstances: 3")),
        ["quota-below-surge"]
    );
    assert_eq!(warned(&format!("{}quotas: {{ vCpu: 12 }}\n", update(""))), ["quota-below-surge"]);
    assert_eq!(
        warned(&update("").replace("[cp] }\ntimeline", "[cp], critical: false }\ntimeline")),
        ["critical-reset"]
    );
    let earlier = "timeline:\n  - { at: 1s, updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: agent, capacityProviderArns: [cp], deploymentConfiguration: { drainPercent: 34 } } }\n";
    assert_eq!(warned(&update("").replace("timeline:\n", earlier)), ["settings-reset"]);
    let second = "  - { name: big, instances: 3, cpu: 8192, memory: 8192 }\ndaemonTaskDefinitions";
    let two = update("").replacen("daemonTaskDefinitions", second, 1);
    assert_eq!(warned(&two.replace("[cp] }\n", "[cp, big] }\n")), ["every-provider"]);
    let defect = |kind: &str| {
        update("").replace(
            "memory: 100, healthCheck: {} }\ndaemons",
            &format!(
                "memory: 100, healthCheck: {{}}, defects: [{{ name: d, probability: 1, {kind} }}] }}\ndaemons"
            ),
        )
    };
    assert_eq!(warned(&defect("failsToStart: { probability: 1 }")), [""; 0]);
    assert_eq!(warned(&defect("hangs: { after: 1h }")), ["breaker-blind"]);
    assert_eq!(
        warned(&defect("hangs: { after: 1h }").replace("100, healthCheck: {}", "100")),
        ["no-health-check", "no-health-check", "defect-without-witness", "breaker-blind"]
    );
    let threshold = format!(
        "{}services: [{{ name: s, desiredCount: 3, cpu: 1, memory: 1 }}]\nalarms: [{{ alarmName: a, metric: {{ runningTasksPercent: {{}} }}, threshold: 0.9 }}]\n",
        configured("alarms: { alarmNames: [a], enable: false }")
    );
    assert_eq!(warned(&threshold), ["percent-as-share"]);
}

#[test]
fn instance_types_are_given_in_one_way_and_each_is_whole() {
    let types = |rest: &str| minimal("").replacen("instances: 3, cpu: 4096, memory: 8192", rest, 1);
    for (given, code) in [
        ("instances: 3, instanceTypes: [m7i.large]", "S011"),
        ("instanceTypes: [m7i.large], instanceType: m7i.large", "S011"),
        ("instanceTypes: [m7i.large], pricePerHour: 1", "S011"),
        ("cpu: 4096, memory: 8192", "S004"),
        ("instanceTypes: []", "S040"),
        ("instanceTypes: m7i.large", "S005"),
        ("instanceTypes: [3]", "S005"),
        ("instanceTypes: [m7i.larg]", "S019"),
        ("instanceTypes: [{ instances: 3 }]", "S020"),
        ("instanceTypes: [{ cpu: 1024, memory: 1024, instance: 3 }]", "S003"),
        ("instanceTypes: [{ instanceType: m7i.large, instances: -3 }]", "S008"),
        ("instanceTypes: [m7i.large, { instanceType: m7i.large, instances: 3 }]", "S014"),
        (
            "instanceTypes: [{ cpu: 1, memory: 1, instances: 6000000 }, { cpu: 2, memory: 2, instances: 6000000 }]",
            "S008",
        ),
        ("instances: 3, cpu: 4096, memory: 8192, scaleInAfter: 3601", "S008"),
        ("instances: 3, cpu: 4096, memory: 8192, scaleInAfter: -2", "S008"),
        ("instances: 3, cpu: 4096, memory: 8192, scaleInAfter: 90m", "S008"),
        ("instances: 3, cpu: 4096, memory: 8192, infrastructureOptimization: { scaleInAfter: 4000 }", "S008"),
        (
            "instances: 3, cpu: 4096, memory: 8192, scaleInAfter: 5, infrastructureOptimization: { scaleInAfter: 5 }",
            "S011",
        ),
    ] {
        assert_eq!(codes(&types(given)), [code], "{given}");
    }
    insta::assert_snapshot!(refused(&types("instances: 3, instanceTypes: [m7i.large]")), @r"
    error[S011]: 'instances' and 'instanceTypes' cannot both be given
     --> test.yaml:4:28
      |
    4 |   - { name: cp, instances: 3, instanceTypes: [m7i.large] }
      |                            ^
      |
      = help: each entry of instanceTypes has its own instanceType, instances, cpu, memory and pricePerHour
    ");
}

#[test]
fn what_does_not_fit_is_told_by_the_types_that_are_there() {
    let sized = |types: &str, service: &str| {
        let rest = format!("services: [{{ name: s, desiredCount: 1, cpu: 100, {service} }}]\n");
        minimal(&rest).replacen(
            "instances: 3, cpu: 4096, memory: 8192",
            &format!("instanceTypes: [{types}]"),
            1,
        )
    };
    let small = "{ cpu: 1024, memory: 1024, instances: 2 }";
    assert_eq!(codes(&sized(small, "memory: 2000")), ["S021"]);
    // A larger type is of use only where it can be launched, and at the start nothing is.
    let both = format!("{small}, {{ cpu: 4096, memory: 4096 }}");
    assert_eq!(codes(&sized(&both, "memory: 2000")), ["S021"]);
    let by_demand = sized(&both, "memory: 2000") + "assumptions: { replacement: demandDriven }\n";
    assert_eq!(codes(&by_demand), ["S022"]);
    loaded(&sized(&both, "memory: 1000"));
}

#[test]
fn r625_an_alarm_on_daemon_metrics_has_periods_of_a_minute_or_more() {
    let alarm = |metric: &str, period: u32| {
        let text = update("").replace("memory: 100", "memory: 100, utilization: { cpu: 20, memory: 30 }");
        let alarm =
            format!("alarms: [{{ alarmName: a, metric: {{ {metric} }}, period: {period} }}]\ntimeline:\n");
        text.replace("timeline:\n", &alarm)
    };
    for metric in ["daemonCpuUtilization: {}", "daemonMemoryUtilization: { daemon: agent }"] {
        loaded(&alarm(metric, 60));
        assert_eq!(codes(&alarm(metric, 30)), ["S028"]);
    }
    loaded(&alarm("impairedInstances: {}", 30));
}

#[test]
fn daemons_that_could_never_have_run_beside_each_other_are_refused() {
    let daemons = |ports: &str| {
        minimal(&format!(
            "daemonTaskDefinitions:\n  - {{ family: a, revision: 1, cpu: 1, memory: 1, ports: [8125] }}\n  - {{ family: b, revision: 1, cpu: 1, memory: 1, ports: {ports} }}\ndaemons:\n  - {{ daemonName: a, daemonTaskDefinitionArn: a, capacityProviderArns: [cp] }}\n  - {{ daemonName: b, daemonTaskDefinitionArn: b, capacityProviderArns: [cp] }}\n"
        ))
    };
    loaded(&daemons("[8126]"));
    assert_eq!(codes(&daemons("[8126, 8125]")), ["S055"]);
}

#[test]
fn every_code_can_happen() {
    // The tests above cause each code but those of this list, which others cause.
    let here = include_str!("mistakes.rs");
    let elsewhere = [
        "S018", "S019", "S034", "S035", "S036", "S037", "S002", "S006", "S041", "S042", "S043", "S044",
        "S045", "S046", "S047",
    ];
    for code in Code::ALL {
        let is_named = here.contains(&format!("\"{}\"", code.id()))
            || here.contains(&format!("\"{}\"", code.name()))
            || here.contains(&format!("[{}]", code.id()));
        // Every lint has an example that raises it, see lints.rs.
        let has_example = bakeoff::scenario::examples::example(code.id()).is_some();
        assert!(is_named || has_example || elsewhere.contains(&code.id()), "{} has no test", code.id());
    }
}
