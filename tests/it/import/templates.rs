//! `CloudFormation` templates.

use bakeoff::aws::import::Options;
use bakeoff::scenario::{NoFiles, load};
use serde_json::json;

use super::{example, imported, lines, refused, requests, scenario, with};

/// A template with a daemon of which one property is given.
fn template(sections: &str, property: &str) -> String {
    format!(
        "{sections}
Resources:
  Cp: {{ Type: AWS::ECS::CapacityProvider, Properties: {{ Name: general, ManagedInstancesProvider: {{ InstanceLaunchTemplate: {{}} }} }} }}
  Def:
    Type: AWS::ECS::DaemonTaskDefinition
    Properties: {{ Family: agent, Cpu: 256, Memory: '512', ContainerDefinitions: [{{ Name: a, Image: a, HealthCheck: {{ Command: [CMD, x] }} }}] }}
  Daemon:
    Type: AWS::ECS::Daemon
    Properties:
      DaemonTaskDefinitionArn: !Ref Def
      CapacityProviderArns: [!Ref Cp]
      {property}
"
    )
}

fn daemon_name(sections: &str, expression: &str) -> String {
    let text = template(sections, &format!("DaemonName: {expression}"));
    requests(&imported(&[("t.yaml", &text)]).text).last().expect("a request")["daemonName"]
        .as_str()
        .expect("a name")
        .to_owned()
}

#[test]
fn the_shipped_template_is_imported_for_each_environment() {
    let text = example("template.yaml");
    let dev = scenario(&[("template.yaml", &text)]).scenario;
    assert_eq!((dev.daemons.len(), dev.services[0].desired, dev.providers[0].zones), (1, 4, 2));
    let parameters =
        vec![("Environment".to_owned(), "prod".to_owned()), ("Drain".to_owned(), "5".to_owned())];
    let options = Options { parameters, ..Options::default() };
    let prod = with(&[("template.yaml", &text)], &options).expect("it is imported");
    let prod = load("t", &prod.text, &NoFiles, &[]).expect("it is a scenario").scenario;
    assert_eq!(
        (prod.daemons.len(), prod.services[0].desired, prod.providers[0].types[0].cpu),
        (2, 200, 8 * 1024)
    );
    assert_eq!(prod.services[0].minimum_healthy_percent, 90);
}

#[test]
fn r720_functions_are_resolved_as_cloudformation_does() {
    let sections = "Parameters:
  Env: { Type: String, Default: dev }
  List: { Type: CommaDelimitedList, Default: 'a, b,c' }
Mappings: { M: { dev: { Name: mapped } } }
Conditions:
  Dev: !Equals [!Ref Env, dev]
  Both: !And [!Condition Dev, !Not [!Equals [a, b]]]
  Either: !Or [!Equals [a, b], !Equals [a, c]]";
    for (expression, name) in [
        ("!Ref Env", "dev"),
        ("!Sub '${Env}-${AWS::Region}-${Cp}'", "dev-us-east-1-general"),
        ("!Sub ['${x}-${!y}', { x: !Ref Env }]", "dev-${y}"),
        ("!Join ['-', [a, !Ref Env, !Select [1, !Ref List]]]", "a-dev-b"),
        ("!Select [2, !Split ['/', 'x/y/z']]", "z"),
        ("!FindInMap [M, !Ref Env, Name]", "mapped"),
        ("!If [Both, yes-both, no]", "yes-both"),
        ("!If [Either, yes, no-either]", "no-either"),
        ("!If [Dev, !Ref 'AWS::NoValue', x]", "Daemon"),
        ("{ 'Fn::Sub': '${Def.DaemonTaskDefinitionArn}' }", "agent"),
        ("!Select [0, !Split ['=', !Base64 'a']]", "YQ"),
    ] {
        if name.contains('$') {
            let text = template(sections, &format!("DaemonName: {expression}"));
            assert!(refused(&[("t", &text)])[0].contains(&format!("daemonName '{name}'")));
        } else {
            assert_eq!(daemon_name(sections, expression), name, "{expression}");
        }
    }
    let json = r#"{ "Resources": { "D": { "Type": "AWS::ECS::Daemon", "Properties": {
        "DaemonName": { "Fn::Join": ["", ["a", { "Ref": "AWS::AccountId" }]] },
        "DaemonTaskDefinitionArn": "x:3", "CapacityProviderArns": ["cp"], "EnableECSManagedTags": "true" } } } }"#;
    let given = requests(&imported(&[("t.json", json)]).text);
    assert_eq!(given[0]["daemonName"], json!("a123456789012"));
    assert_eq!(given[0]["enableECSManagedTags"], json!(true));
}

#[test]
fn r721_parameters_are_given_or_have_defaults_and_keep_to_their_values() {
    let sections = "Parameters: { Env: { Type: String, Default: dev, AllowedValues: [dev, prod] }, Drain: { Type: Number } }";
    let text = template(sections, "DeploymentConfiguration: { DrainPercent: !Ref Drain }");
    let told = refused(&[("t", &text)]);
    assert!(
        told.len() == 1
            && told[0].contains(
                "drainPercent has to be known here, and it is not: the parameter Drain has no value"
            ),
        "{told:?}"
    );
    let given = |name: &str, value: &str| Options {
        parameters: vec![(name.into(), value.into())],
        ..Options::default()
    };
    assert!(
        with(&[("t", &text)], &given("Drain", "20"))
            .expect("it is imported")
            .text
            .contains("drainPercent: 20")
    );
    let told = lines(&with(&[("t", &text)], &given("Drain", "200")).expect_err("out of bounds"));
    assert!(
        told.len() == 1
            && told[0].contains("InvalidParameterException: deploymentConfiguration.drainPercent is 200"),
        "{told:?}"
    );
    let told = lines(&with(&[("t", &text)], &given("Env", "test")).expect_err("not allowed"));
    assert!(told.iter().any(|line| line.contains("the parameter Env cannot be 'test'")), "{told:?}");
    let told = lines(&with(&[("t", &text)], &given("Dain", "1")).expect_err("unknown"));
    assert!(told.iter().any(|line| line.starts_with("--parameter:1:1: error[S044]")), "{told:?}");
}

#[test]
fn r722_names_that_only_a_deployment_knows_stand_in_and_numbers_are_asked_for() {
    let text = template("", "DaemonName: !ImportValue infra:AgentName");
    let told = imported(&[("t", &text)]);
    assert!(told.text.contains("daemonName: infra-AgentName"), "{}", told.text);
    assert!(told.assumed.iter().any(|line| line.contains("exported by another stack as 'infra:AgentName'")));
    let text = template(
        "",
        "DeploymentConfiguration: { BakeTimeInMinutes: !GetAtt Other.Minutes }\n  Other: { Type: Custom::Thing }",
    );
    assert!(refused(&[("t", &text)])[0].contains("bakeTimeInMinutes has to be known here"));
    for (property, said) in [
        ("DaemonName: !Ref Nobody", "the template has no 'Nobody'"),
        ("DaemonName: !If [Nope, a, b]", "the template has no condition 'Nope'"),
        ("DaemonName: !FindInMap [A, b, c]", "the mapping A has no 'b' with 'c'"),
        ("DaemonName: !Frobnicate x", "the function Fn::Frobnicate is not known"),
        ("DaemonName: !Select [7, [a]]", "there is no element 7"),
        ("DaemonName: !Ref Daemon", "go in circles"),
        (
            "DeploymentConfiguration: { DrainPercnt: 3 }",
            "ParamValidation: deploymentConfiguration has no parameter 'DrainPercnt'",
        ),
    ] {
        let text = template("", property);
        let told = refused(&[("t", &text)]);
        assert!(told.iter().any(|line| line.contains(said)), "{property}: {told:?}");
    }
}

#[test]
fn r723_a_daemon_on_an_auto_scaling_group_is_refused() {
    let text = template("", "").replace(
        "ManagedInstancesProvider: { InstanceLaunchTemplate: {} }",
        "AutoScalingGroupProvider: { AutoScalingGroupArn: x }",
    );
    assert!(
        refused(&[("t", &text)])[0]
            .contains("InvalidParameterException: the capacity provider 'general' is an Auto Scaling group")
    );
}

#[test]
fn r724_instances_are_of_the_smallest_type_that_is_allowed_and_holds_the_tasks() {
    let requirements = |text: &str| {
        let launch = format!("InstanceLaunchTemplate: {{ InstanceRequirements: {{ {text} }} }}");
        let text = template("", "").replace("InstanceLaunchTemplate: {}", &launch);
        imported(&[("t", &text)]).text
    };
    assert!(
        requirements("VCpuCount: { Min: 4 }, MemoryMiB: { Min: 20000 }").contains("instanceType: r7i.xlarge")
    );
    assert!(
        requirements("VCpuCount: { Min: 1 }, MemoryMiB: { Min: 1 }, AllowedInstanceTypes: [c5.4xlarge]")
            .contains("instanceType: c5.4xlarge  # the only type")
    );
    assert!(
        requirements("AllowedInstanceTypes: ['m5.*'], ExcludedInstanceTypes: [m5.large]")
            .contains("instanceType: m5.xlarge")
    );
}

/// A template with a service of which the count, the task's size and more are given.
fn with_service(properties: &str, task: &str, provider: &str) -> String {
    format!(
        "Resources:
  P: {{ Type: AWS::ECS::CapacityProvider, Properties: {{ Name: g, ManagedInstancesProvider: {{ {provider} }} }} }}
  T: {{ Type: AWS::ECS::TaskDefinition, Properties: {{ Family: t, {task} }} }}
  S: {{ Type: AWS::ECS::Service, Properties: {{ ServiceName: s, TaskDefinition: !Ref T, CapacityProviderStrategy: [{{ CapacityProvider: !Ref P, Weight: 1 }}], {properties} }} }}
  DT: {{ Type: AWS::ECS::DaemonTaskDefinition, Properties: {{ Family: a, ContainerDefinitions: [{{ Name: x, Image: y, Cpu: 128, Memory: 256 }}] }} }}
  D: {{ Type: AWS::ECS::Daemon, Properties: {{ DaemonName: a, DaemonTaskDefinitionArn: !Ref DT, CapacityProviderArns: [!Ref P] }} }}
"
    )
}

#[test]
fn r728_a_count_that_is_none_is_refused_where_it_stands() {
    let size = "Cpu: '256', Memory: .5 GB";
    for (properties, told) in [
        ("DesiredCount: -1", "DesiredCount is -1; it has to be a whole number from 0 to 10000000"),
        ("DesiredCount: 2.5", "DesiredCount is 2.5; it"),
        ("DesiredCount: many", "DesiredCount is \"many\"; it"),
        ("DesiredCount: 10000001", "DesiredCount is 10000001; it"),
        ("DesiredCount: 99999999999999999999", "DesiredCount is 1e+20; it"),
        ("DeploymentConfiguration: { MinimumHealthyPercent: -5 }", "MinimumHealthyPercent is -5; it"),
        ("DeploymentConfiguration: { MaximumPercent: 99 }", "MaximumPercent is 99; it"),
        ("DeploymentConfiguration: { MaximumPercent: !Ref 'AWS::StackId' }", "MaximumPercent"),
    ] {
        let lines = refused(&[("t.yaml", &with_service(properties, size, ""))]);
        assert!(lines.len() == 1 && lines[0].contains(told), "{properties}: {lines:?}");
    }
    for (task, told) in [
        ("Cpu: -256, Memory: 512", "Cpu is -256; it"),
        ("Cpu: '256', Memory: half", "Memory is \"half\"; it"),
        ("ContainerDefinitions: [{ Name: x, Image: y, Cpu: -1 }]", "cpu of the container 'x' is -1; it"),
        (
            "ContainerDefinitions: [{ Name: x, Image: y, Memory: '1.5' }]",
            "memory of the container 'x' is \"1.5\"",
        ),
    ] {
        let lines = refused(&[("t.yaml", &with_service("DesiredCount: 1", task, ""))]);
        assert!(lines.len() == 1 && lines[0].contains(told), "{task}: {lines:?}");
    }
    for (provider, told) in [
        (
            "InfrastructureOptimization: { ScaleInAfter: 1.5 }",
            "ScaleInAfter is 1.5; it has to be a whole number",
        ),
        (
            "InstanceLaunchTemplate: { InstanceRequirements: { VCpuCount: { Min: -4 } } }",
            "Min of VCpuCount is -4; it",
        ),
    ] {
        let lines = refused(&[("t.yaml", &with_service("DesiredCount: 1", size, provider))]);
        assert!(lines.len() == 1 && lines[0].contains(told), "{provider}: {lines:?}");
    }
    let place = &with(&[("t.yaml", &with_service("DesiredCount: -1", size, ""))], &Options::default())
        .expect_err("it is refused")[0]
        .location;
    let place = place.as_ref().expect("it has a place");
    assert_eq!((place.source.name.as_str(), place.line()), ("t.yaml", 4));
    let good =
        with_service("DesiredCount: '4', DeploymentConfiguration: { MaximumPercent: 150.0 }", size, "");
    let service = &scenario(&[("t.yaml", &good)]).scenario.services[0];
    assert_eq!((service.desired, service.maximum_percent, service.cpu, service.memory), (4, 150, 256, 512));
    let zero = scenario(&[("t.yaml", &with_service("DesiredCount: 0", size, ""))]).scenario;
    assert_eq!(zero.services[0].desired, 0);
}

#[test]
fn r729_what_no_daemon_runs_beside_is_named_as_left_out() {
    let text = with_service("DesiredCount: 4", "Cpu: 256, Memory: 512", "")
        .replace("Strategy: [{ CapacityProvider: !Ref P,", "Strategy: [{ CapacityProvider: !Ref Q,")
        + "  Q: { Type: AWS::ECS::CapacityProvider, Properties: { Name: h, ManagedInstancesProvider: {} } }\n";
    let got = imported(&[("t.yaml", &text)]);
    assert_eq!(
        got.left_out,
        [
            "t.yaml, resource Q: no daemon runs on the capacity provider 'h'",
            "t.yaml, resource S: the service 's' runs on 'h', where no daemon runs",
        ]
    );
    for line in &got.left_out {
        assert!(got.text.contains(&format!("# Left out: {line}")), "{}", got.text);
    }
    let kept = imported(&[("t.yaml", &with_service("DesiredCount: 4", "Cpu: 256, Memory: 512", ""))]);
    assert!(kept.left_out.is_empty(), "{:?}", kept.left_out);
}

#[test]
fn a_capacity_provider_is_the_same_by_ref_and_by_attribute() {
    let by_ref = with_service("DesiredCount: 4", "Cpu: 256, Memory: 512", "");
    for attribute in
        ["!GetAtt P.Arn", "!GetAtt P.CapacityProviderArn", "!Sub '${P.Arn}'", "{ 'Fn::GetAtt': [P, Arn] }"]
    {
        let text = by_ref.replace("Arns: [!Ref P]", &format!("Arns: [{attribute}]"));
        assert_ne!(text, by_ref);
        let got = imported(&[("t.yaml", &text)]);
        assert_eq!(got.text, imported(&[("t.yaml", &by_ref)]).text, "{attribute}");
    }
}

#[test]
fn a_task_definition_is_the_same_by_ref_and_by_attribute() {
    let by_ref = with_service("DesiredCount: 4", "Cpu: 256, Memory: 512", "");
    let text = by_ref.replace("DefinitionArn: !Ref DT", "DefinitionArn: !GetAtt DT.Arn");
    assert_ne!(text, by_ref);
    assert_eq!(imported(&[("t.yaml", &text)]).text, imported(&[("t.yaml", &by_ref)]).text);
}

#[test]
fn texts_without_end_are_refused_before_they_fill_the_memory() {
    for (leaf, times) in [("abcdefghij", 10), ("", 10)] {
        let mut expression = format!("'{leaf}'");
        for _ in 0..12 {
            expression = format!("!Sub ['{}', {{ v: {expression} }}]", "${v}".repeat(times));
        }
        let told = refused(&[("t", &template("", &format!("DaemonName: {expression}")))]);
        assert!(told.iter().any(|line| line.contains("texts without end")), "{told:?}");
    }
}

#[test]
fn loops_that_make_resources_are_refused_and_not_passed_over() {
    let text = template("", "DaemonName: a")
        + "  'Fn::ForEach::More': [N, [one, two], { 'D${N}': { Type: AWS::ECS::Daemon, Properties: {} } }]\n";
    let told = refused(&[("t", &text)]);
    assert!(told.len() == 1 && told[0].contains("Fn::ForEach::More makes resources"), "{told:?}");
}
