//! Requests at their bounds and beyond them.

use serde_json::{Value, json};

use super::{imported, refused, scenario};

fn create() -> Value {
    json!({ "daemonName": "agent", "daemonTaskDefinitionArn": "agent:1", "capacityProviderArns": ["cp"] })
}

fn register() -> Value {
    json!({ "family": "agent", "containerDefinitions": [{ "image": "a", "memory": 64, "cpu": 10 }] })
}

/// A request with one member changed.
fn set(mut request: Value, pointer: &str, value: Value) -> String {
    let mut node = &mut request;
    for key in pointer.split('.') {
        node = match key.parse::<usize>() {
            Ok(index) => &mut node[index],
            Err(_) => &mut node[key],
        };
    }
    *node = value;
    request.to_string()
}

/// Each value must be imported at that member.
fn takes(request: &Value, pointer: &str, values: Vec<Value>) {
    for value in values {
        let text = set(request.clone(), pointer, value);
        imported(&[("request.json", &text)]);
    }
}

/// Each value must be refused at that member, once and by this name.
fn refuses(request: &Value, pointer: &str, name: &str, values: Vec<Value>) {
    for value in values {
        let text = set(request.clone(), pointer, value);
        let told = refused(&[("request.json", &text)]);
        assert!(told.len() == 1 && told[0].contains(&format!("]: {name}: ")), "{pointer}: {text}\n{told:?}");
    }
}

const INVALID: &str = "InvalidParameterException";
const CLIENT: &str = "ClientException";
const PARAM: &str = "ParamValidation";

#[test]
fn r701_names_have_1_to_255_letters_digits_underscores_and_hyphens() {
    let good = vec![json!("a"), json!("A-z_9"), json!("-"), json!("x".repeat(255))];
    let bad = vec![json!(""), json!("x".repeat(256)), json!("a b"), json!("é"), json!("a.b"), json!("a/b")];
    takes(&create(), "daemonName", good.clone());
    refuses(&create(), "daemonName", INVALID, bad.clone());
    takes(&register(), "family", good.clone());
    refuses(&register(), "family", INVALID, bad.clone());
    takes(&register(), "containerDefinitions.0.name", good);
    refuses(&register(), "containerDefinitions.0.name", INVALID, bad);
}

#[test]
fn r702_a_client_token_has_up_to_36_characters_of_ascii_33_to_126() {
    takes(&create(), "clientToken", vec![json!("a"), json!("!".repeat(36)), json!("~")]);
    refuses(
        &create(),
        "clientToken",
        INVALID,
        vec![json!("a".repeat(37)), json!("a b"), json!("é"), json!("\u{7f}"), json!("\n"), json!("")],
    );
}

fn tags(count: usize) -> Value {
    (0..count).map(|number| json!({ "key": format!("k{number}"), "value": "v" })).collect()
}

#[test]
fn r703_tags_are_50_at_most_with_unique_keys_that_are_not_awss_own() {
    for request in [create(), register()] {
        takes(&request, "tags", vec![json!([]), tags(50), json!([{ "key": "only" }])]);
        refuses(&request, "tags", INVALID, vec![tags(51), json!([{ "key": "a" }, { "key": "a" }])]);
        let one = set(request, "tags", json!([{ "key": "k", "value": "v" }]));
        let one: Value = serde_json::from_str(&one).expect("it is JSON");
        let good = ["K", "漢字 ٣ Ⅷ", "a+b-c=d._:/@", "\u{a0}", "awsome"];
        takes(
            &one,
            "tags.0.key",
            good.iter().map(|key| json!(key)).chain([json!("字".repeat(128))]).collect(),
        );
        takes(&one, "tags.0.value", vec![json!(""), json!("é".repeat(256)), json!("x aws:")]);
        let bad = ["", "aws:x", "AWS:x", "a,b", "😀", "a\u{301}", "a\tb"];
        refuses(
            &one,
            "tags.0.key",
            INVALID,
            bad.iter().map(|key| json!(key)).chain([json!("字".repeat(129))]).collect(),
        );
        refuses(&one, "tags.0.value", INVALID, vec![json!("é".repeat(257)), json!("aWs:x"), json!("#")]);
    }
}

#[test]
fn r704_drain_percent_is_0_to_100_and_below_1_one_instance_drains_at_least() {
    let pointer = "deploymentConfiguration.drainPercent";
    takes(
        &create(),
        pointer,
        vec![json!(1), json!(1.0), json!(33.3), json!(100), json!(0), json!(0.5), json!(0.999)],
    );
    refuses(
        &create(),
        pointer,
        INVALID,
        vec![json!(-0.1), json!(-1), json!(100.1), json!(101), json!(1e300)],
    );
    refuses(&create(), pointer, PARAM, vec![json!("10"), json!(true), json!(null), json!([10])]);
    let low = set(create(), pointer, json!(0.25));
    let told = imported(&[("request.json", &low)]);
    assert_eq!(told.warnings.iter().map(|warning| warning.code.id()).collect::<Vec<_>>(), ["L111"]);
    assert!(told.text.contains("drainPercentBelowOne: minOne"), "{}", told.text);
    let plain = imported(&[("request.json", &create().to_string())]);
    assert!(plain.warnings.is_empty() && !plain.text.contains("assumptions"));
}

#[test]
fn r705_the_bake_time_is_0_to_1440_whole_minutes() {
    let pointer = "deploymentConfiguration.bakeTimeInMinutes";
    takes(&create(), pointer, vec![json!(0), json!(1), json!(1440)]);
    refuses(&create(), pointer, INVALID, vec![json!(-1), json!(1441), json!(1_000_000_000_000_i64)]);
    refuses(&create(), pointer, PARAM, vec![json!(1.5), json!(5.0), json!("5"), json!(null)]);
}

#[test]
fn r706_what_is_missing_unknown_or_of_another_type_is_refused_as_the_cli_does() {
    for key in ["daemonTaskDefinitionArn", "capacityProviderArns"] {
        let mut request = create();
        request.as_object_mut().expect("a mapping").remove(key);
        let told = refused(&[("request.json", &request.to_string())]);
        assert!(
            told.len() == 1
                && told[0].contains(&format!("ParamValidation: the required parameter {key} is missing")),
            "{told:?}"
        );
    }
    let told = refused(&[("update.json", r#"{ "daemonArn": "d", "critical": true }"#)]);
    assert_eq!(told.len(), 2, "{told:?}");
    refuses(&create(), "critcal", PARAM, vec![json!(true)]);
    refuses(&create(), "deploymentConfiguration.alarms.names", PARAM, vec![json!([])]);
    refuses(&create(), "critical", PARAM, vec![json!("true"), json!(1), json!(null)]);
    refuses(&create(), "capacityProviderArns", PARAM, vec![json!("cp"), json!([1]), json!({})]);
    refuses(&register(), "containerDefinitions.0.image", PARAM, vec![json!(null), json!(1)]);
    refuses(&register(), "containerDefinitions.0.cpu", PARAM, vec![json!("10"), json!(1.5)]);
    // Every problem of every file at once, each with its place.
    let told = refused(&[
        ("a.json", r#"{"daemonName":"a b","daemonTaskDefinitionArn":"x:1","capacityProviderArns":[]}"#),
        ("b.json", "{\n  \"family\": \"\",\n  \"containerDefinitions\": []\n}"),
    ]);
    assert_eq!(
        told,
        [
            "a.json:1:15: error[S043]: InvalidParameterException: daemonName 'a b': this cannot be its name",
            "a.json:1:76: error[S043]: InvalidParameterException: capacityProviderArns needs at least 1 of them, and here are 0",
            "b.json:2:13: error[S043]: InvalidParameterException: family is empty",
            "b.json:3:27: error[S043]: InvalidParameterException: containerDefinitions needs at least 1 of them, and here are 0",
        ]
    );
}

#[test]
fn r707_words_are_those_of_the_api() {
    takes(&create(), "propagateTags", vec![json!("DAEMON"), json!("NONE")]);
    refuses(&create(), "propagateTags", INVALID, vec![json!("daemon"), json!("SERVICE"), json!("")]);
    for (pointer, good, bad) in [
        ("pidMode", "shared", "host"),
        ("ipcMode", "none", "task"),
        ("containerDefinitions.0.logConfiguration", "{\"logDriver\":\"awslogs\"}", "{\"logDriver\":\"aws\"}"),
        (
            "containerDefinitions.0.ulimits",
            "[{\"name\":\"nofile\",\"softLimit\":1,\"hardLimit\":-1}]",
            "[{\"name\":\"files\",\"softLimit\":1,\"hardLimit\":1}]",
        ),
        (
            "containerDefinitions.0.dependsOn",
            "[{\"containerName\":\"a\",\"condition\":\"HEALTHY\"}]",
            "[{\"containerName\":\"a\",\"condition\":\"UP\"}]",
        ),
        (
            "containerDefinitions.0.firelensConfiguration",
            "{\"type\":\"fluentbit\"}",
            "{\"type\":\"logstash\"}",
        ),
    ] {
        let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        takes(&register(), pointer, vec![value(good)]);
        refuses(&register(), pointer, INVALID, vec![value(bad)]);
    }
}

#[test]
fn r708_arns_of_every_partition_resolve_by_their_last_part_and_must_be_of_the_right_kind() {
    for partition in
        ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
    {
        let arn =
            |kind: &str, rest: &str| format!("arn:{partition}:ecs:some-region-1:123456789012:{kind}/{rest}");
        let request = json!({
            "daemonName": "agent",
            "clusterArn": arn("cluster", "prod"),
            "daemonTaskDefinitionArn": arn("daemon-task-definition", "agent:12"),
            "capacityProviderArns": [arn("capacity-provider", "general")],
        });
        let loaded = scenario(&[("request.json", &request.to_string())]);
        assert_eq!(loaded.scenario.providers[0].name, "general");
        assert_eq!(loaded.scenario.revisions[0].label(), "agent:12");
    }
    let wrong = json!("arn:aws:ecs:r:1:service/c/x");
    refuses(&create(), "capacityProviderArns.0", INVALID, vec![wrong.clone(), json!("arn:aws"), json!("")]);
    refuses(&create(), "clusterArn", INVALID, vec![wrong.clone(), json!("")]);
    refuses(
        &create(),
        "daemonTaskDefinitionArn",
        CLIENT,
        vec![wrong, json!(""), json!("agent:0"), json!("agent:x"), json!("a b:1")],
    );
}

#[test]
fn r709_a_daemon_runs_on_one_capacity_provider_at_least_and_on_none_twice() {
    takes(&create(), "capacityProviderArns", vec![json!(["a"]), json!(["a", "b", "c"])]);
    let arn = "arn:aws:ecs:r:1:capacity-provider/a";
    refuses(
        &create(),
        "capacityProviderArns",
        INVALID,
        vec![json!([]), json!(["a", "a"]), json!(["a", arn])],
    );
    let alarms = |names: &[&str]| json!({ "alarms": { "alarmNames": names, "enable": true } });
    takes(
        &create(),
        "deploymentConfiguration",
        vec![alarms(&[]), alarms(&["web 5xx", "ü/:"]), alarms(&[&"a".repeat(255)])],
    );
    refuses(
        &create(),
        "deploymentConfiguration",
        INVALID,
        vec![alarms(&["a", "a"]), alarms(&[""]), alarms(&[&"a".repeat(256)])],
    );
}

#[test]
fn r710_a_definition_has_one_container_at_least_and_one_that_is_essential() {
    let pointer = "containerDefinitions";
    let container = |name: &str, essential: bool| json!({ "name": name, "image": "i", "memory": 6, "essential": essential });
    takes(
        &register(),
        pointer,
        vec![json!([container("a", true), container("b", false)]), json!([{ "image": "i" }])],
    );
    refuses(
        &register(),
        pointer,
        CLIENT,
        vec![json!([container("a", false)]), json!([container("a", true), container("a", true)])],
    );
    refuses(&register(), "containerDefinitions.0.image", INVALID, vec![json!("")]);
    refuses(&register(), "containerDefinitions.0.memory", INVALID, vec![json!(0), json!(-1)]);
    takes(&register(), "cpu", vec![json!("1"), json!("256"), json!("0.5 vCPU")]);
    refuses(&register(), "cpu", CLIENT, vec![json!(""), json!("x"), json!("0")]);
    refuses(&register(), "memory", CLIENT, vec![json!(""), json!("1.5"), json!("2 TB")]);
}

#[test]
fn r711_the_bounds_of_a_health_check_are_those_of_the_api() {
    let mut request = register();
    request["containerDefinitions"][0]["healthCheck"] = json!({ "command": ["CMD", "x"] });
    for (member, least, most) in
        [("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300)]
    {
        let pointer = format!("containerDefinitions.0.healthCheck.{member}");
        takes(&request, &pointer, vec![json!(least), json!(most)]);
        refuses(&request, &pointer, INVALID, vec![json!(least - 1), json!(most + 1)]);
    }
    refuses(&request, "containerDefinitions.0.healthCheck", PARAM, vec![json!({ "interval": 10 })]);
    refuses(&request, "containerDefinitions.0.healthCheck.command", INVALID, vec![json!([])]);
}

#[test]
fn r712_the_bounds_of_a_restart_policy_are_those_of_the_api() {
    let mut request = register();
    request["containerDefinitions"][0]["restartPolicy"] = json!({ "enabled": true });
    let codes = |count: usize| Value::from(vec![1; count]);
    takes(
        &request,
        "containerDefinitions.0.restartPolicy.restartAttemptPeriod",
        vec![json!(60), json!(1800)],
    );
    refuses(
        &request,
        "containerDefinitions.0.restartPolicy.restartAttemptPeriod",
        INVALID,
        vec![json!(59), json!(1801)],
    );
    takes(&request, "containerDefinitions.0.restartPolicy.ignoredExitCodes", vec![codes(0), codes(50)]);
    refuses(&request, "containerDefinitions.0.restartPolicy.ignoredExitCodes", INVALID, vec![codes(51)]);
    refuses(&request, "containerDefinitions.0.restartPolicy", PARAM, vec![json!({})]);
}

#[test]
fn what_a_cli_skeleton_leaves_empty_is_refused_by_name() {
    let skeleton = r#"{ "daemonName": "", "clusterArn": "", "daemonTaskDefinitionArn": "", "capacityProviderArns": [""],
        "deploymentConfiguration": { "drainPercent": 0.0, "alarms": { "alarmNames": [""], "enable": true }, "bakeTimeInMinutes": 0 },
        "tags": [{ "key": "", "value": "" }], "propagateTags": "DAEMON", "enableECSManagedTags": true,
        "enableExecuteCommand": true, "clientToken": "", "critical": true }"#;
    let told = refused(&[("skeleton.json", skeleton)]);
    for member in [
        "daemonName",
        "clusterArn",
        "daemonTaskDefinitionArn",
        "capacityProviderArns[0]",
        "alarms.alarmNames[0]",
        "tags[0].key",
        "clientToken",
    ] {
        assert!(
            told.iter()
                .any(|line| line.contains("Exception: ") && line.contains(&format!("{member} is empty"))),
            "{member}: {told:?}"
        );
    }
}
