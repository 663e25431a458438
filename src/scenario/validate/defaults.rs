//! What may be left out because only one thing can be meant.

use serde_json::json;

use crate::scenario::raw::{CapacityOptionType, RawScenario, RawSpot};
use crate::scenario::read::{At, Read, Reader};
use crate::scenario::tree::{Node, Place};
use crate::scenario::values::Text;

/// Fills in names of which there is only one to choose, and what follows from a neighbouring field.
pub(super) fn fill(raw: &mut RawScenario, reader: &mut Reader<'_>) {
    macro_rules! only {
        ($list:expr, $name:ident) => {
            match $list.as_ref().map(|list| &list.value.items[..]) {
                Some([only]) => only.value.$name.as_ref().map(|name| name.value.clone()),
                _ => None,
            }
        };
    }
    let provider = only!(raw.capacity_providers, name);
    let service = only!(raw.services, name);
    let daemon = only_daemon(raw);
    let put = |field: &mut Option<At<Text>>, only: &Option<Text>| {
        if field.is_none() {
            *field = only.clone().map(At::default_of);
        }
    };
    for item in raw.capacity_providers.iter_mut().flat_map(|list| &mut list.value.items) {
        let provider = &mut item.value;
        let is_spot = |kind: &At<CapacityOptionType>| kind.value == CapacityOptionType::Spot;
        if provider.spot.is_none()
            && provider.capacity_option_type.as_ref().is_some_and(is_spot)
            && !reader.is_broken(item.place, &["spot"])
        {
            let node = Node::from_json(&json!({}), Place::DEFAULT);
            provider.spot = RawSpot::read(&node, reader).map(At::default_of);
        }
    }
    for item in raw.services.iter_mut().flat_map(|list| &mut list.value.items) {
        put(&mut item.value.capacity_provider, &provider);
    }
    for item in raw.tasks.iter_mut().flat_map(|list| &mut list.value.items) {
        put(&mut item.value.capacity_provider, &provider);
    }
    for item in raw.timeline.iter_mut().flat_map(|list| &mut list.value.items) {
        if let Some(scale) = &mut item.value.scale_service {
            put(&mut scale.value.service, &service);
        }
    }
    for item in raw.alarms.iter_mut().flat_map(|list| &mut list.value.items) {
        let alarm = &mut item.value;
        if alarm.datapoints_to_alarm.is_none() {
            alarm.datapoints_to_alarm =
                alarm.evaluation_periods.as_ref().map(|periods| At::default_of(periods.value));
        }
        let Some(At { value: metric, .. }) = &mut alarm.metric else { continue };
        let of_service = [&mut metric.error_rate, &mut metric.running_tasks_percent];
        for watched in of_service.into_iter().flatten() {
            put(&mut watched.value.service, &service);
        }
        let of_daemon = [
            &mut metric.unhealthy_daemons,
            &mut metric.daemon_cpu_utilization,
            &mut metric.daemon_memory_utilization,
        ];
        for watched in of_daemon.into_iter().flatten() {
            put(&mut watched.value.daemon, &daemon);
        }
    }
}

/// The daemon of a scenario that has only one, running or created.
fn only_daemon(raw: &RawScenario) -> Option<Text> {
    let running = raw.daemons.iter().flat_map(|list| list.value.values()).map(|raw| &raw.daemon_name);
    let created = raw
        .timeline
        .iter()
        .flat_map(|list| list.value.values())
        .filter_map(|action| action.create_daemon.as_ref())
        .map(|create| &create.value.daemon_name);
    let mut names: Vec<_> = running.chain(created).flatten().map(|name| name.value.clone()).collect();
    names.dedup();
    if names.len() == 1 { names.pop() } else { None }
}
