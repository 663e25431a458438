//! Spot interruptions: notices, what two minutes are enough for, and how often they come.

use serde_json::{Value, json};

use super::kit::{Run, quiet, run, service};

/// Spot instances, interrupted by nothing but what is said.
fn spot(instances: u32, horizon: &str, spot: &Value) -> Value {
    let mut value = quiet(instances, horizon);
    value["capacityProviders"][0]["capacityOptionType"] = json!("SPOT");
    value["capacityProviders"][0]["spot"] = spot.clone();
    value
}

fn calm() -> Value {
    json!({ "interruptionsPerInstanceMonth": 0 })
}

/// A shock at 1:00 to every instance at once.
fn shocked(mut value: Value) -> Value {
    value["timeline"] = json!([{ "at": "1m", "spotShock": { "lasts": "0s" } }]);
    value
}

fn serving(mut value: Value, healthy_after: &str) -> Value {
    let mut web = service("web", 1);
    web["healthyAfter"] = json!(healthy_after);
    value["services"] = json!([web]);
    value
}

/// When notices were given, in minutes.
fn notices(run: &Run) -> Vec<f64> {
    run.lines().filter(|(_, line)| line.ends_with("two minutes' notice")).map(|(at, _)| at.as_min()).collect()
}

#[test]
fn r390_at_its_notice_an_instance_drains_and_is_replaced_and_two_minutes_later_it_is_gone() {
    let told = run(&shocked(serving(spot(1, "10m", &calm()), "40s")));
    told.tells(
        "0:01:00 instance p/0.0 has two minutes' notice
        0:01:00 instance p/0.0 DRAINING (spot interruption)
        0:01:00 instance p/0.1 REQUESTED
        0:01:35 instance p/0.1 ACTIVE
        0:02:23 task web/0 STOPPING on p/0.0
        0:02:35 instance p/0.0 DEREGISTERING (spot interruption)",
    );
    assert_eq!(told.outcome.fleet.services[0].min_running_pct, Some(100.0));
    assert_eq!(told.at("instance p/0.0 DEREGISTERING").len(), 1, "EC2 has nothing left to take");
    assert_eq!(told.outcome.fleet.instances_replaced, 0);
}

#[test]
fn r391_what_still_runs_when_the_two_minutes_are_over_is_lost() {
    // Healthy at 3:13, and gone at 3:00.
    let told = run(&shocked(serving(spot(1, "10m", &calm()), "90s")));
    told.tells(
        "0:03:00 task web/0 STOPPED on p/0.0\n0:03:00 instance p/0.0 DEREGISTERING (spot interruption)",
    );
    // One that is not in service at its notice is not drained, only lost.
    let mut value = shocked(spot(1, "10m", &calm()));
    value["timeline"] = json!([
        { "at": "1m", "spotShock": { "lasts": "0s" } },
        { "at": "85s", "spotShock": { "lasts": "0s" } },
    ]);
    value["daemonTaskDefinitions"][0]["startup"] = json!("3m");
    let told = run(&value);
    told.tells("0:01:25 instance p/0.1 has two minutes' notice\n0:03:25 instance p/0.1 DEREGISTERING (spot interruption)");
    assert_eq!(told.told(&["p/0.1 DRAINING"]), [""; 0]);
}

#[test]
fn r392_interruptions_come_at_the_rate_that_is_said_and_only_to_spot() {
    let value = spot(200, "10d", &json!({ "interruptionsPerInstanceMonth": 3 }));
    let mut value = value;
    value["simulation"]["sampleEvery"] = json!("1h");
    // 200 instances at 0.1 a day for ten days: 200, with a standard deviation of 14.
    let count = notices(&run(&value)).len();
    assert!((145..=255).contains(&count), "{count}");
    // The default is one in twenty a month.
    value["capacityProviders"][0]["spot"] = json!({});
    value["simulation"]["horizon"] = json!("60d");
    value["simulation"]["sampleEvery"] = json!("6h");
    let count = notices(&run(&value)).len();
    assert!((5..=40).contains(&count), "{count} of 20 expected");
    value["capacityProviders"][0].as_object_mut().unwrap().remove("spot");
    assert_eq!(notices(&run(&value)).len(), count, "and it holds where `spot` is left out");
    value["capacityProviders"][0]["capacityOptionType"] = json!("ON_DEMAND");
    assert_eq!(notices(&run(&value)).len(), 0);
}

#[test]
fn r393_a_shock_interrupts_a_share_of_a_zone_within_minutes() {
    let shocks = json!({ "perMonth": 60, "share": 0.5, "within": "3m" });
    let mut value = spot(100, "10d", &json!({ "interruptionsPerInstanceMonth": 0, "shocks": shocks }));
    value["capacityProviders"][0]["availabilityZones"] = json!(2);
    value["simulation"]["sampleEvery"] = json!("1h");
    let told = run(&value);
    let begins: Vec<(f64, String)> = told
        .lines()
        .filter(|(_, line)| line.starts_with("spotShock begins"))
        .map(|(at, line)| (at.as_min(), line.to_owned()))
        .collect();
    // Two zones, twenty each in ten days: 40, with a standard deviation of 6.3.
    assert!((15..=65).contains(&begins.len()), "{}", begins.len());
    assert!(begins.iter().any(|(_, line)| line.ends_with("zone 0")));
    assert!(begins.iter().any(|(_, line)| line.ends_with("zone 1")));
    let notices = notices(&told);
    for at in &notices {
        assert!(
            begins.iter().any(|(from, _)| (0.0..=3.0).contains(&(at - from))),
            "{at} belongs to no shock"
        );
    }
    let per_shock = notices.len() as f64 / begins.len() as f64;
    assert!((20.0..=28.0).contains(&per_shock), "{per_shock} of 50 instances in a zone");
}

#[test]
fn r388_a_shock_of_the_timeline_reaches_the_spot_instances_of_its_zone() {
    let mut value = spot(8, "20m", &calm());
    value["capacityProviders"][0]["availabilityZones"] = json!(2);
    value["capacityProviders"].as_array_mut().unwrap().push(super::kit::provider("q", 2));
    let told = |shock: Value| {
        let mut value = value.clone();
        value["timeline"] = json!([{ "at": "1m", "spotShock": shock }]);
        run(&value)
    };
    let every = told(json!({}));
    assert_eq!(notices(&every).len(), 8, "those of q are not spot");
    assert!(notices(&every).iter().all(|at| (1.0..4.0).contains(at)), "spread over three minutes");
    let one_zone = told(json!({ "zone": 1, "lasts": "0s" }));
    assert_eq!(notices(&one_zone), [1.0; 4]);
    assert_eq!(one_zone.told(&["instance p/0.0"]), [""; 0]);
    assert_eq!(notices(&told(json!({ "share": 0 }))).len(), 0);
}
