//! Capacity: instance types, launches for waiting tasks, room for daemons, scale-in.
//! Worked out by hand from the rules; every delay is fixed.

use serde_json::{Value, json};

use super::kit::{Run, fixed, half, quiet, run, service};

/// An instance type of a provider: one task of [`service`] fits beside the daemon for each unit.
fn size(units: u32, instances: u32, price: f64) -> Value {
    json!({
        "cpu": 2048 * units, "memory": 4096 * units, "instances": instances, "pricePerHour": price,
    })
}

/// Gives the only provider these types instead of its one.
fn types(value: &mut Value, types: &[Value]) {
    let provider = value["capacityProviders"][0].as_object_mut().expect("a provider is a mapping");
    for key in ["instances", "cpu", "memory"] {
        provider.remove(key);
    }
    provider.insert("instanceTypes".into(), json!(types));
}

fn assume(value: &mut Value, key: &str, answer: &str) {
    value["assumptions"][key] = json!(answer);
}

/// The fixed update of so many hosts with a service, replacement by demand.
fn by_demand(instances: u32, services: &[Value]) -> Value {
    let mut value = fixed(instances);
    value["services"] = json!(services);
    assume(&mut value, "replacement", "demandDriven");
    value
}

/// Launches asked for, by instance.
fn requested(run: &Run) -> Vec<String> {
    run.told(&["REQUESTED"])
}

#[test]
fn smoke() {
    println!("{}", run(&by_demand(2, &[service("web", 2)])).story());
    let mut value = quiet(3, "20m");
    value["services"] = json!([half("web", 3)]);
    value["capacityProviders"][0]["scaleInAfter"] = json!(60);
    println!("-------\n{}", run(&value).story());
}
