//! Terraform plans, and answers of `DescribeDaemonDeployments`.

use serde_json::{Value, json};

use super::{example, imported, refused, requests, scenario};

fn plan() -> Value {
    serde_json::from_str(&example("plan.json")).expect("it is JSON")
}

#[test]
fn r725_what_is_unknown_until_apply_is_found_through_the_references_of_the_configuration() {
    let text = example("plan.json");
    let loaded = scenario(&[("plan.json", &text)]);
    let labels: Vec<_> =
        loaded.scenario.revisions.iter().map(bakeoff::scenario::model::Revision::label).collect();
    assert_eq!(labels, ["agent:7", "agent:8"], "what is replaced gets the next number");
    let update = requests(&imported(&[("plan.json", &text)]).text).pop().expect("a request");
    assert_eq!(update["daemonTaskDefinitionArn"], json!("agent:8"));
    assert_eq!(
        update["enableExecuteCommand"],
        json!(true),
        "a write-only attribute comes from the configuration"
    );
    assert_eq!(update["deploymentConfiguration"]["drainPercent"], json!(20));
    // Through a variable of a module, where the capacity provider is made in the same run.
    let mut fresh = plan();
    fresh["resource_changes"][0]["change"]["after"]["capacity_provider_arns"] = json!([null]);
    let update = requests(&imported(&[("plan.json", &fresh.to_string())]).text).pop().expect("a request");
    assert_eq!(update["capacityProviderArns"], json!(["general"]));
    // A local value is in no plan; the only one of its kind will do, of two neither.
    let mut local = plan();
    local["configuration"]["root_module"]["module_calls"]["agent"]["module"]["resources"][0]["expressions"]
        ["daemon_task_definition_arn"] = json!({ "references": ["local.definition"] });
    let told = imported(&[("plan.json", &local.to_string())]);
    assert!(told.assumed.iter().any(|line| line.contains("the only one of the plan")), "{:?}", told.assumed);
    let mut second = local["resource_changes"][1].clone();
    second["address"] = json!("aws_ecs_daemon_task_definition.second");
    second["change"]["actions"] = json!(["no-op"]);
    local["resource_changes"].as_array_mut().expect("a list").push(second);
    assert!(refused(&[("plan.json", &local.to_string())])[0].contains("S046"));
}

/// A plan of one daemon (or one for each of two keys) and two capacity providers, with what the daemon's
/// `capacity_provider_arns` refer to.
fn keyed(daemons: &[&str], references: &Value) -> Vec<Value> {
    let created = |address: String, kind: &str, name: &str, after: Value| {
        json!({ "address": address, "type": kind, "name": name, "mode": "managed",
                "change": { "actions": ["create"], "before": null, "after": after } })
    };
    let provider = |key: &str| {
        let after =
            json!({ "name": format!("cp-{}", key.replace('.', "-")), "managed_instances_provider": [{}] });
        let address = format!("aws_ecs_capacity_provider.cp[\"{key}\"]");
        created(address, "aws_ecs_capacity_provider", "cp", after)
    };
    let mut changes = vec![provider("a.x"), provider("b")];
    for key in daemons {
        let after = json!({ "name": format!("d{}", key.len()), "daemon_task_definition_arn": "agent:1" });
        changes.push(created(format!("aws_ecs_daemon.d{key}"), "aws_ecs_daemon", "d", after));
    }
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes,
        "configuration": { "root_module": { "resources": [{
            "address": "aws_ecs_daemon.d", "type": "aws_ecs_daemon", "name": "d", "mode": "managed",
            "expressions": { "capacity_provider_arns": { "references": references } },
        }] } },
    });
    let sent = requests(&imported(&[("plan.json", &plan.to_string())]).text).into_iter();
    sent.filter_map(|request| request.get("capacityProviderArns").cloned()).collect()
}

#[test]
fn r725_a_key_in_a_reference_leads_to_the_resource_of_that_key_and_none_to_all() {
    let cp = "aws_ecs_capacity_provider.cp";
    let of = |key: &str| json!([format!("{cp}[\"{key}\"].arn"), format!("{cp}[\"{key}\"]"), cp]);
    assert_eq!(keyed(&[""], &of("b")), [json!(["cp-b"])]);
    assert_eq!(keyed(&[""], &of("a.x")), [json!(["cp-a-x"])]);
    assert_eq!(keyed(&[""], &json!([cp])), [json!(["cp-a-x", "cp-b"])]);
    // With `each.key` it is the resource of the daemon's own key, without it all of them.
    let two = ["[\"a.x\"]", "[\"b\"]"];
    assert_eq!(keyed(&two, &json!([cp, "each.key"])), [json!(["cp-a-x"]), json!(["cp-b"])]);
    assert_eq!(keyed(&two, &json!([cp])), [json!(["cp-a-x", "cp-b"]), json!(["cp-a-x", "cp-b"])]);
}

#[test]
fn r726_a_plan_creates_updates_deletes_and_replaces() {
    let with_actions = |actions: Value| {
        let mut plan = plan();
        plan["resource_changes"][0]["change"]["actions"] = actions;
        requests(&imported(&[("plan.json", &plan.to_string())]).text)
            .into_iter()
            .filter(|request| request.get("family").is_none())
            .collect::<Vec<_>>()
    };
    let created = with_actions(json!(["create"]));
    assert_eq!((created.len(), &created[0]["daemonName"]), (1, &json!("agent")));
    assert_eq!(
        created[0]["tags"],
        json!([{ "key": "team", "value": "observability" }, { "key": "owner", "value": "platform" }]),
        "tags of the provider are sent as well"
    );
    let deleted = with_actions(json!(["delete"]));
    assert_eq!(deleted, [json!({ "daemonArn": "arn:aws:ecs:eu-west-1:123456789012:daemon/prod/agent" })]);
    let replaced = with_actions(json!(["delete", "create"]));
    assert_eq!(
        (replaced.len(), replaced[0].get("daemonName"), &replaced[1]["daemonName"]),
        (2, None, &json!("agent"))
    );
    assert!(with_actions(json!(["no-op"])).is_empty(), "what stays runs, and nothing is sent");
}

#[test]
fn plans_are_checked_against_the_apis_bounds() {
    let mut plan = plan();
    plan["resource_changes"][0]["change"]["after"]["deployment_configuration"][0]["bake_time_in_minutes"] =
        json!(2000);
    plan["resource_changes"][0]["change"]["after"]["name"] = json!("agent");
    let told = refused(&[("plan.json", &plan.to_string())]);
    assert!(
        told.len() == 1
            && told[0]
                .contains("InvalidParameterException: deploymentConfiguration.bakeTimeInMinutes is 2000"),
        "{told:?}"
    );
}

#[test]
fn r727_deployments_tell_what_ran_where_and_how_it_was_rolled_out() {
    let text = example("deployments.json");
    let loaded = scenario(&[("deployments.json", &text)]).scenario;
    assert_eq!(loaded.providers[0].instances, 42, "running and draining, of all revisions");
    let initial = loaded.daemons[0].initial.as_ref().expect("it runs");
    assert_eq!(loaded.revisions[initial.revision].label(), "agent:1");
    let told = imported(&[("deployments.json", &text)]);
    assert!(told.text.contains("createdAt 2026-11-02T09:14:03.412000+00:00"), "{}", told.text);
    assert_eq!(requests(&told.text)[0]["deploymentConfiguration"]["bakeTimeInMinutes"], json!(10));
    // The first deployment of a daemon replaces none: it was created.
    let mut first: Value = serde_json::from_str(&text).expect("it is JSON");
    first["daemonDeployments"][0]["sourceDaemonRevisions"] = json!([]);
    let told = imported(&[("deployments.json", &first.to_string())]);
    assert_eq!(requests(&told.text)[0]["daemonName"], json!("agent"));
    assert!(told.text.contains("instances: 40  # as counted in"), "{}", told.text);
    // And then updated.
    let mut both = first.clone();
    let mut second: Value = serde_json::from_str(&text).expect("it is JSON");
    second["daemonDeployments"][0]["createdAt"] = json!("2026-11-03T00:00:00+00:00");
    both["daemonDeployments"]
        .as_array_mut()
        .expect("a list")
        .insert(0, second["daemonDeployments"][0].take());
    let sent = requests(&imported(&[("deployments.json", &both.to_string())]).text);
    assert!(sent[0].get("daemonName").is_some() && sent[1].get("daemonArn").is_some(), "{sent:?}");
    first["daemonDeployments"][0]["daemonDeploymentArn"] = json!("nonsense");
    assert!(refused(&[("deployments.json", &first.to_string())])[0].contains("InvalidParameterException"));
}

/// A daemon's name before or after a change, where it is there.
type Name<'a> = Option<&'a str>;

/// A plan of daemons: address, actions, name before and after.
fn daemons(changes: &[(&str, &[&str], Name<'_>, Name<'_>)]) -> String {
    let values = |name: Option<&str>| {
        name.map(|name| {
            json!({ "name": name, "arn": format!("arn:aws:ecs:us-east-1:123456789012:daemon/c/{name}"),
                "daemon_task_definition_arn": format!("arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/{name}:2"),
                "capacity_provider_arns": ["arn:aws:ecs:us-east-1:123456789012:capacity-provider/g"],
                "deployment_configuration": [{ "drain_percent": 25, "bake_time_in_minutes": 15 }] })
        })
    };
    let changes: Vec<Value> = changes
        .iter()
        .map(|(label, actions, before, after)| {
            json!({ "address": format!("aws_ecs_daemon.{label}"), "mode": "managed", "type": "aws_ecs_daemon",
                "name": label, "change": { "actions": actions, "before": values(*before), "after": values(*after) } })
        })
        .collect();
    json!({ "format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": changes,
        "configuration": { "root_module": {} } })
    .to_string()
}

fn minutes(plan: &str) -> Vec<u64> {
    let loaded = scenario(&[("plan.json", plan)]);
    loaded.scenario.timeline.iter().map(|action| action.at.as_ms() / 60_000).collect()
}

#[test]
fn r716_a_plan_acts_at_once_but_for_a_daemon_that_has_to_go_first() {
    let update: (_, &[&str], _, _) = ("a", &["update"], Some("a"), Some("a"));
    let create: (_, &[&str], _, _) = ("b", &["create"], None, Some("b"));
    let delete: (_, &[&str], _, _) = ("c", &["delete"], Some("c"), None);
    assert_eq!(minutes(&daemons(&[update, create, delete])), [10, 10, 10]);
    let replace: (_, &[&str], _, _) = ("d", &["delete", "create"], Some("d"), Some("d"));
    assert_eq!(minutes(&daemons(&[replace])), [10, 130]);
    assert_eq!(
        minutes(&daemons(&[update, replace, create])),
        [10, 10, 10, 145],
        "only what is replaced waits"
    );
    let renamed: (_, &[&str], _, _) = ("new", &["create"], None, Some("c"));
    assert_eq!(minutes(&daemons(&[renamed, delete])), [10, 130], "another resource, the same daemon");
}

#[test]
fn r728_counts_of_a_plan_are_refused_like_those_of_a_template() {
    let service = |values: Value| {
        let mut plan: Value =
            serde_json::from_str(&daemons(&[("a", &["create"], None, Some("a"))])).expect("it is JSON");
        let mut after =
            json!({ "name": "s", "capacity_provider_strategy": [{ "capacity_provider": "g", "weight": 1 }] });
        after.as_object_mut().expect("a map").extend(values.as_object().expect("a map").clone());
        plan["resource_changes"].as_array_mut().expect("a list").push(json!({
            "address": "aws_ecs_service.s", "mode": "managed", "type": "aws_ecs_service", "name": "s",
            "change": { "actions": ["create"], "before": null, "after": after } }));
        plan.to_string()
    };
    for (values, told) in [
        (
            json!({ "desired_count": -1 }),
            "desired_count is -1; it has to be a whole number from 0 to 10000000",
        ),
        (json!({ "desired_count": 2.5 }), "desired_count is 2.5; it"),
        (json!({ "desired_count": 1e30 }), "desired_count is"),
        (
            json!({ "deployment_minimum_healthy_percent": 101 }),
            "deployment_minimum_healthy_percent is 101; it",
        ),
        (json!({ "deployment_maximum_percent": -1 }), "deployment_maximum_percent is -1; it"),
    ] {
        let lines = refused(&[("plan.json", &service(values.clone()))]);
        assert!(lines.len() == 1 && lines[0].contains(told), "{values}: {lines:?}");
    }
    let loaded = scenario(&[(
        "plan.json",
        &service(json!({ "desired_count": 7, "deployment_maximum_percent": null })),
    )]);
    assert_eq!(loaded.scenario.services[0].desired, 7);
}
