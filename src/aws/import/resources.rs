//! Resources of templates and plans as parts of a scenario.

use serde_json::json;

use super::intake::{Alarm, Provider, Service};
use super::writer::Item;

/// What is known of a capacity provider beside its instances.
pub(super) fn provider_fields(provider: &Provider, item: &mut Item) {
    if let Some(zones) = provider.zones.filter(|zones| (1..=100).contains(zones)) {
        item.noted("availabilityZones", zones, "assumed: one for each of its subnets");
    }
    if let Some(status) = &provider.actions_status {
        item.field("autoRepairConfiguration", json!({ "actionsStatus": status }));
    }
    if let Some(seconds) = provider.scale_in_after {
        item.comment(format!("scaleInAfter is {seconds}; idle instances stay in this simulation"));
    }
    if let Some(option) = provider.capacity_option.as_ref().filter(|option| *option != "ON_DEMAND") {
        item.comment(format!("capacityOptionType is {option}; interruptions are not simulated"));
    }
}

/// An alarm as far as its metric can be simulated.
pub(super) fn alarm_item(alarm: &Alarm, _: &[Service], _: &[String]) -> Item {
    let mut item = Item::of(alarm.origin.clone());
    item.field("alarmName", alarm.name.clone())
        .field("metric", json!({ "scripted": [{ "at": "0s", "state": "OK" }] }));
    item
}
