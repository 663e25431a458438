//! Scenario files through the library: what loads, what is shown, what is refused and how that is told.

mod lints;
mod mistakes;
mod roundtrip;
mod verbs;

use bakeoff::scenario::model::{DefectKind, Operation};
use bakeoff::scenario::problem::Style;
use bakeoff::scenario::{FileSource, Loaded, NoFiles, Problem, load};

const EXAMPLE: &str = include_str!("../../scenarios/agent-upgrade.yaml");

/// The example without the comment that it opens with, so that editing that moves no line number.
fn example() -> &'static str {
    let start = EXAMPLE.find("\nschema: ").expect("the example says its schema");
    &EXAMPLE[start + 1..]
}

/// Files by name.
struct Files(&'static [(&'static str, &'static str)]);

impl FileSource for Files {
    fn read(&self, path: &str) -> Result<String, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_string()).ok_or_else(|| "no such file".into())
    }
}

/// The plain rendering of every problem.
fn rendered(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.render(Style::Plain)).collect::<Vec<_>>().join("\n\n")
}

fn loaded(text: &str) -> Loaded {
    load("test.yaml", text, &NoFiles, &[]).unwrap_or_else(|problems| panic!("{}", rendered(&problems)))
}

fn with(text: &str, overrides: &[(&str, &str)]) -> Result<Loaded, Vec<Problem>> {
    let overrides: Vec<_> = overrides.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    load("test.yaml", text, &NoFiles, &overrides)
}

/// What is said about a text that must be refused.
fn refused(text: &str) -> String {
    match load("test.yaml", text, &NoFiles, &[]) {
        Ok(_) => panic!("it loads"),
        Err(problems) => rendered(&problems),
    }
}

/// A scenario with nothing in it that could be left out, before what is given.
fn minimal(rest: &str) -> String {
    format!(
        "schema: bakeoff.scenario.v1\nname: small\ncapacityProviders:\n  - {{ name: cp, instances: 3, cpu: 4096, memory: 8192 }}\n{rest}"
    )
}

/// A daemon with two revisions, and an update from one to the other with these further members.
fn update(members: &str) -> String {
    minimal(&format!(
        "daemonTaskDefinitions:
  - {{ family: agent, revision: 1, cpu: 100, memory: 100, healthCheck: {{}} }}
  - {{ family: agent, revision: 2, cpu: 100, memory: 100, healthCheck: {{}} }}
daemons:
  - {{ daemonName: agent, daemonTaskDefinitionArn: \"agent:1\", capacityProviderArns: [cp] }}
timeline:
  - at: 1m
    updateDaemon: {{ daemonArn: agent, daemonTaskDefinitionArn: agent, capacityProviderArns: [cp]{members} }}
"
    ))
}

#[test]
fn the_example_loads_without_a_warning() {
    let example = loaded(EXAMPLE);
    assert_eq!(rendered(&example.warnings), "");
    let scenario = &example.scenario;
    assert_eq!(
        (scenario.providers[0].types[0].cpu, scenario.providers[0].types[0].memory),
        (8 * 1024, 32_768)
    );
    assert_eq!(scenario.quota_vcpu, Some(1280));
    assert_eq!(scenario.revisions[1].label(), "cloudwatch-agent:8");
    assert!(matches!(scenario.revisions[1].defects[1].kind, DefectKind::Degrades { service: 0, .. }));
    assert_eq!((scenario.checks.len(), scenario.sweep.axes.len()), (6, 2));
    let deploy = scenario.timeline[0].request.deploy().expect("it is a deployment");
    assert_eq!((deploy.operation, deploy.configuration.drain_percent), (Operation::Update, 10.0));
    assert_eq!(deploy.configuration.alarms, [0]);
    assert_eq!(deploy.target.as_ref().map(|target| target.revision), Some(1));
}

#[test]
fn the_sample_request_of_the_api_reference_pastes_unchanged() {
    // The body of the sample request on AWS's page API_CreateDaemon.
    let request = r#"{ "daemonName": "my-monitoring-daemon", "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/my-cluster", "daemonTaskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/monitoring-agent:1", "capacityProviderArns": [ "arn:aws:ecs:us-east-1:123456789012:capacity-provider/my-capacity-provider" ], "deploymentConfiguration": { "drainPercent": 10.0, "bakeTimeInMinutes": 5 } }"#;
    let scenario = |create: &str| {
        format!(
            "schema: bakeoff.scenario.v1
name: pasted
capacityProviders: [{{ name: my-capacity-provider, instances: 10, instanceType: m7i.large }}]
daemonTaskDefinitions: [{{ family: monitoring-agent, revision: 1, cpu: 64, memory: 128, healthCheck: {{}} }}]
timeline: [{{ at: 0s, createDaemon: {create} }}]
"
        )
    };
    let pasted = loaded(&scenario(request));
    let deploy = pasted.scenario.timeline[0].request.deploy().expect("it is a deployment");
    assert_eq!(pasted.scenario.daemons[deploy.daemon].name, "my-monitoring-daemon");
    assert_eq!(deploy.configuration.bake.as_min(), 5.0);
    // It bakes five minutes and watches no alarm.
    let told: Vec<&str> = pasted.warnings.iter().map(|warning| warning.code.id()).collect();
    assert_eq!(told, ["L119"], "{}", rendered(&pasted.warnings));
    let files: &'static [(&str, &str)] = Box::leak(Box::new([("create.json", &*request.to_string().leak())]));
    let by_file = load("test.yaml", &scenario("{ file: create.json }"), &Files(files), &[]);
    assert_eq!(by_file.expect("the file is there").digest, pasted.digest);
}

#[test]
fn every_member_of_a_create_request_is_taken() {
    let text = minimal(
        r#"daemonTaskDefinitions: [{ family: a, revision: 1, cpu: "256", memory: "0.5 GB", healthCheck: { command: [CMD, x] } }]
timeline:
  - at: 0s
    createDaemon:
      { "daemonName": "d", "clusterArn": "c", "daemonTaskDefinitionArn": "a", "capacityProviderArns": ["cp"],
        "deploymentConfiguration": {}, "critical": false, "tags": [{ "key": "team", "value": "obs" }, { "key": "x" }],
        "propagateTags": "DAEMON", "enableECSManagedTags": true, "enableExecuteCommand": false, "clientToken": "abc-123" }
"#,
    );
    let scenario = loaded(&text).scenario;
    assert_eq!((scenario.revisions[0].cpu, scenario.revisions[0].memory), (256, 512));
    let deploy = scenario.timeline[0].request.deploy().expect("it is a deployment");
    assert!(!deploy.target.as_ref().expect("a create has a target").critical);
    assert_eq!(deploy.configuration.drain_percent, 25.0);
}

#[test]
fn a_task_definition_without_a_revision_means_the_latest_in_the_file() {
    let scenario = loaded(&update("")).scenario;
    let deploy = scenario.timeline[0].request.deploy().expect("it is a deployment");
    assert_eq!(deploy.target.as_ref().map(|target| target.revision), Some(1));
}

#[test]
fn the_timeline_is_in_order_of_time_with_ties_as_in_the_file() {
    let text = update("").replace(
        "timeline:\n",
        "timeline:\n  - { at: 5m, deleteDaemon: { daemonArn: \"arn:aws:ecs:eu-west-1:1:daemon/c/agent\" } }\n  - { at: 1m, updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: \"agent:1\", capacityProviderArns: [cp] } }\n",
    );
    let scenario = loaded(&text).scenario;
    let order: Vec<_> = scenario
        .timeline
        .iter()
        .map(|action| {
            let deploy = action.request.deploy().expect("it is a deployment");
            (action.at.as_min(), deploy.target.as_ref().map(|target| target.revision))
        })
        .collect();
    assert_eq!(order, [(1.0, Some(0)), (1.0, Some(1)), (5.0, None)]);
}

#[test]
fn amazons_numbers_and_durations_mean_the_same() {
    let numbers = loaded(&update(", deploymentConfiguration: { bakeTimeInMinutes: 90 }"));
    let spans = loaded(&update(", deploymentConfiguration: { bakeTimeInMinutes: 1h 30m }"));
    assert_eq!(numbers.digest, spans.digest);
}

#[test]
fn overrides_reach_any_setting_and_have_short_names_for_the_deployment() {
    let set = |overrides: &[(&str, &str)]| {
        with(EXAMPLE, overrides).unwrap_or_else(|problems| panic!("{}", rendered(&problems))).scenario
    };
    let scenario = set(&[
        ("drainPercent", "50"),
        ("bakeTimeInMinutes", "1h"),
        ("alarms", "false"),
        ("simulation.seeds", "10..20"),
        ("capacityProviders.general.maxInstances", "200"),
        ("services.0.desiredCount", "10"),
        ("daemonTaskDefinitions.cloudwatch-agent:8.healthCheck", ""),
        ("controlPlane.alarmPoll", "15s"),
        ("assumptions.batching", "sliding"),
    ]);
    let deploy = scenario.timeline[0].request.deploy().expect("it is a deployment");
    assert_eq!(deploy.configuration.drain_percent, 50.0);
    assert_eq!(deploy.configuration.bake.as_hours(), 1.0);
    assert!(deploy.configuration.alarms.is_empty());
    assert_eq!((scenario.simulation.seeds_from, scenario.simulation.seeds_to), (10, 20));
    assert_eq!(scenario.providers[0].max_instances, Some(200));
    assert_eq!(scenario.services[0].desired, 10);
    assert!(scenario.revisions[1].health_check.is_none());
    let named = set(&[("alarms", "[web-5xx]")]);
    let deploy = named.timeline[0].request.deploy().expect("it is a deployment");
    assert_eq!(deploy.configuration.alarms, [0]);
}

#[test]
fn a_csv_column_is_read_in_the_unit_that_its_name_tells_and_shown_as_values() {
    let text = minimal(
        "controlPlane: { repairDecision: { empirical: { file: t.csv, column: boot_s, max: 1m } } }\n",
    );
    let files = Files(&[("t.csv", "host,boot_s\na,12.5\nb,\"20\"\nc,1m\n")]);
    let shown = load("test.yaml", &text, &files, &[]).expect("the file is there").effective;
    assert!(
        shown.contains("repairDecision: { empirical: { values: [12s 500ms, 20s, 1m], max: 1m } }"),
        "{shown}"
    );
    assert!(loaded(&shown).effective == shown);
}

#[test]
fn the_layout_spreads_tasks_over_zones_and_then_evenly() {
    let text = minimal(
        "services:
  - { name: a, desiredCount: 4, cpu: 1024, memory: 1024 }
  - { name: b, desiredCount: 3, cpu: 3072, memory: 1024 }
",
    )
    .replace("instances: 3", "instances: 5, availabilityZones: 2");
    let layout = bakeoff::scenario::layout::initial_layout(&loaded(&text).scenario).expect("it fits");
    // Zone 0 has hosts 0 2 4, zone 1 has 1 3. Both services take zones in turn, lowest first.
    let of = |service| {
        let mut seats = Vec::new();
        for (instance, tasks) in layout.instances(0).enumerate() {
            let own = tasks.iter().filter(|task| task.service == service);
            seats.extend(own.map(|task| (task.ordinal, instance)));
        }
        seats.sort_unstable();
        seats.into_iter().map(|(_, instance)| instance).collect::<Vec<_>>()
    };
    assert_eq!((of(0), of(1)), (vec![0, 1, 2, 3], vec![0, 1, 2]));
}

#[test]
fn statuses_of_checks_are_those_of_a_deployment() {
    let known = bakeoff::outcome::DeploymentStatus::ALL.map(bakeoff::outcome::DeploymentStatus::as_str);
    assert_eq!(bakeoff::scenario::checks::STATUSES, known);
}

#[test]
fn denied_warnings_become_errors() {
    use bakeoff::scenario::{Severity, deny};
    let mut warnings = loaded(&minimal("")).warnings;
    assert!(!deny(&mut warnings, &["stuck-drain".into()]));
    assert!(deny(&mut warnings, &["no-deployment".into()]));
    let errors: Vec<_> = warnings.iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert_eq!(errors.iter().map(|problem| problem.code.name()).collect::<Vec<_>>(), ["no-deployment"]);
}
