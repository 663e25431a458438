//! What a daemon's containers say of its task, where the task itself does not.

use serde_json::{Value, json};

use crate::aws::requests::Containers;
use crate::scenario::codes::Code;
use crate::scenario::raw::{RawHealthCheck, RawRestartPolicy, RawRevision, RawScenario};
use crate::scenario::read::{At, Read, Reader};
use crate::scenario::tree::{Node, Place};
use crate::scenario::values::Seconds;

/// A task waits no longer than this for a container to stop: the time that ECS gives a drain.
const STOP_TIMEOUT_MAX: u64 = 604_800;
/// ECS's own default of `stopTimeout`.
const STOP_TIMEOUT: u64 = 30;

/// Fills in what the containers say, and tells what nobody says.
pub(super) fn derive(raw: &mut RawScenario, reader: &mut Reader<'_>) {
    for item in raw.daemon_task_definitions.iter_mut().flat_map(|list| &mut list.value.items) {
        let place = item.place;
        revision(&mut item.value, place, reader);
    }
}

fn revision(raw: &mut RawRevision, record: Place, reader: &mut Reader<'_>) {
    let containers = raw.container_definitions.clone();
    let said = containers.as_ref().map(|at| (&at.value, at.place));
    let size = |of: fn(&Containers) -> Option<u64>| {
        said.and_then(|(containers, place)| Some((of(containers)?, place)))
    };
    fill(&mut raw.cpu, size(Containers::cpu), reader);
    fill(&mut raw.memory, size(Containers::memory), reader);
    let stop =
        said.and_then(|(containers, place)| Some((containers.stop_timeout()?.min(STOP_TIMEOUT_MAX), place)));
    fill::<Seconds<0, STOP_TIMEOUT_MAX>>(
        &mut raw.stop_timeout,
        stop.or(Some((STOP_TIMEOUT, Place::DEFAULT))),
        reader,
    );
    let member = |name: &str| {
        said.and_then(|(containers, place)| Some((containers.of_essential(name)?.clone(), place)))
    };
    fill_with::<RawHealthCheck>(&mut raw.health_check, member("healthCheck"), reader);
    let policy = member("restartPolicy").map(|(policy, place)| {
        // Containers have no exit codes here, so none can be ignored.
        let kept = policy.as_object().into_iter().flatten().filter(|(key, _)| *key != "ignoredExitCodes");
        (kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Value>(), place)
    });
    fill_with::<RawRestartPolicy>(&mut raw.restart_policy, policy, reader);
    for (key, is_missing) in [("cpu", raw.cpu.is_none()), ("memory", raw.memory.is_none())] {
        if is_missing && !reader.is_broken(record, &[key, "containerDefinitions"]) {
            let told = reader.problem(Code::MissingKey, record, format!("'{key}' is missing"));
            if containers.is_some() {
                told.help(format!("no container says its {key}, so the task has to"));
            }
        }
    }
}

fn fill<T: Read>(field: &mut Option<At<T>>, said: Option<(u64, Place)>, reader: &mut Reader<'_>) {
    fill_with(field, said.map(|(size, place)| (json!(size), place)), reader);
}

fn fill_with<T: Read>(field: &mut Option<At<T>>, said: Option<(Value, Place)>, reader: &mut Reader<'_>) {
    if let (None, Some((value, place))) = (&field, said) {
        *field = T::read(&Node::from_json(&value, place), reader).map(|value| At { value, place });
    }
}
