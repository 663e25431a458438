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
