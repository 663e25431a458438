//! Whether everything fits where it is to start.

use crate::scenario::codes::Code;
use crate::scenario::layout::{Misfit, initial_layout};
use crate::scenario::model::{CapacityProvider, DefectKind, InstanceType, Parts, most};
use crate::scenario::raw::{COUNT_MAX, RawScenario};
use crate::scenario::read::Reader;
use crate::scenario::tree::Place;

pub(super) fn check(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    let before = reader.errors();
    counts(parts, reader);
    limits(parts, raw, reader);
    groups(parts, raw, reader);
    ports(parts, raw, reader);
    daemons(parts, raw, reader);
    tasks(parts, raw, reader);
    if reader.errors() > before {
        return;
    }
    if let Err(Misfit { service: index, placed }) = initial_layout(parts) {
        let service = &parts.services[index];
        let provider = &parts.providers[service.provider];
        let message = format!(
            "only {placed} of the {} tasks of '{}' fit on the {} instances of '{}'",
            service.desired, service.name, provider.instances, provider.name
        );
        reader
            .problem(Code::LayoutImpossible, service_place(raw, index), message)
            .help("give more instances or larger ones, or fewer or smaller tasks");
    }
}

/// CPU units and MiB that the daemons of the start take on each instance of a provider.
fn taken(parts: &Parts, provider: usize) -> (u64, u64) {
    parts
        .daemons
        .iter()
        .filter_map(|daemon| daemon.initial.as_ref())
        .filter(|settings| settings.providers.contains(&provider))
        .map(|settings| &parts.revisions[settings.revision])
        .fold((0, 0), |(cpu, memory), task| (cpu + u64::from(task.cpu), memory + u64::from(task.memory)))
}

/// Whether the model's tables can count what the scenario has.
fn counts(parts: &Parts, reader: &mut Reader<'_>) {
    let degrading = parts
        .revisions
        .iter()
        .flat_map(|revision| &revision.defects)
        .filter(|defect| matches!(defect.kind, DefectKind::Degrades { .. }));
    for (what, count, most) in [
        ("capacity providers", parts.providers.len(), most::PROVIDERS),
        ("services", parts.services_proper().len(), most::SERVICES),
        ("groups of tasks", parts.services.len() - parts.services_proper().len(), most::TASK_GROUPS),
        ("daemons", parts.daemons.len(), most::DAEMONS),
        ("requests in the timeline", parts.timeline.len(), most::REQUESTS),
        ("defects that degrade a service", degrading.count(), most::DEGRADING_DEFECTS),
    ] {
        if count > most {
            let message = format!("{count} {what}, and the model holds {most}");
            reader
                .problem(Code::OutOfRange, Place::DEFAULT, message)
                .help("split the question over several scenarios");
        }
    }
}

/// Whether the daemons of the start can run beside each other, as they do then.
fn ports(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    let help = "all daemons of an instance share one network namespace; give each its own ports";
    for (index, revision) in parts.revisions.iter().enumerate() {
        let twice = revision.ports.iter().enumerate().find(|(at, port)| revision.ports[..*at].contains(port));
        if let Some((_, port)) = twice {
            let item = raw
                .daemon_task_definitions
                .as_ref()
                .and_then(|list| list.value.items.get(index)?.value.ports.as_ref());
            let message = format!("'{}' binds port {port} twice", revision.label());
            reader.problem(Code::PortClash, item.map_or(Place::DEFAULT, |ports| ports.place), message);
        }
    }
    let initial = |index: usize| parts.daemons[index].initial.as_ref();
    for (later, earlier) in (0..parts.daemons.len()).flat_map(|later| (0..later).map(move |e| (later, e))) {
        let Some((one, other)) = initial(earlier).zip(initial(later)) else { continue };
        let meets = one.providers.iter().find(|provider| other.providers.contains(provider));
        let bound = &parts.revisions[one.revision].ports;
        let port = parts.revisions[other.revision].ports.iter().find(|port| bound.contains(port));
        if let (Some(provider), Some(port)) = (meets, port) {
            let item = raw.daemons.as_ref().and_then(|list| list.value.items.get(later));
            let message = format!(
                "'{}' and '{}' both bind port {port} on the instances of '{}', and both run at the start",
                parts.daemons[earlier].name, parts.daemons[later].name, parts.providers[*provider].name
            );
            reader
                .problem(Code::PortClash, item.map_or(Place::DEFAULT, |item| item.place), message)
                .help(help);
        }
    }
}

/// Whether the standalone tasks that come up to the horizon can be counted.
fn groups(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    for (index, service) in parts.services.iter().enumerate() {
        let Some(group) = &service.standalone else { continue };
        let Some(every) = group.every else { continue };
        let horizon = parts.simulation.horizon.as_ms().saturating_sub(group.start_at.as_ms());
        let tasks = u128::from(horizon / every.as_ms() + 1) * u128::from(group.count);
        if tasks > u128::from(COUNT_MAX) {
            let message = format!("{tasks} tasks of '{}' up to the horizon", service.name);
            reader
                .problem(Code::OutOfRange, service_place(raw, index), message)
                .help(format!("the model holds {COUNT_MAX}; let fewer come, or less often"));
        }
    }
}

fn limits(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    for (index, provider) in parts.providers.iter().enumerate() {
        if let Some(max) = provider.max_instances.filter(|max| provider.instances > *max) {
            let place = raw
                .capacity_providers
                .as_ref()
                .and_then(|list| list.value.items.get(index)?.value.max_instances.as_ref())
                .map_or(Place::DEFAULT, |max| max.place);
            let message =
                format!("{} instances at the start, and no more than {max} may be", provider.instances);
            reader
                .problem(Code::Quota, place, message)
                .help("raise maxInstances, with room for replacements");
        }
    }
    let vcpu: u64 = parts.providers.iter().map(CapacityProvider::vcpu_at_start).sum();
    if let Some(quota) = parts.quota_vcpu.filter(|quota| vcpu > *quota) {
        let place = raw
            .quotas
            .as_ref()
            .and_then(|quotas| quotas.value.vcpu.as_ref())
            .map_or(Place::DEFAULT, |quota| quota.place);
        let message = format!("the instances at the start have {vcpu} vCPUs, the quota is {quota}");
        reader.problem(Code::Quota, place, message).help("raise the quota, with room for replacements");
    }
}

fn daemons(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    for (index, provider) in parts.providers.iter().enumerate() {
        let (cpu, memory) = taken(parts, index);
        // A type that nothing runs on at the start may be too small: what it leads to is simulated.
        let used = provider.types.iter().filter(|size| size.instances > 0 || provider.types.len() == 1);
        let too_small = used.into_iter().find(|size| cpu > size.cpu.into() || memory > size.memory.into());
        if let Some(size) = too_small {
            let place = provider_place(raw, index);
            let message = format!(
                "the daemons of the start take {cpu} CPU units and {memory} MiB, an instance of '{}' has {} and {}",
                provider.name, size.cpu, size.memory
            );
            reader.problem(Code::LayoutImpossible, place, message).help("give larger instances");
        }
    }
}

fn tasks(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    for (index, service) in parts.services.iter().enumerate() {
        let provider = &parts.providers[service.provider];
        let (cpu, memory) = taken(parts, service.provider);
        let fits = |size: &&InstanceType| {
            u64::from(service.cpu) + cpu <= size.cpu.into()
                && u64::from(service.memory) + memory <= size.memory.into()
        };
        let grows = parts.provisions_on_demand(service.provider);
        let is_used = |size: &&InstanceType| grows || size.instances > 0 || provider.instances == 0;
        if !provider.types.iter().filter(is_used).any(|size| fits(&size)) {
            let size = provider.largest();
            let message = format!(
                "a task of '{}' ({} CPU units, {} MiB) finds no room on an empty instance of '{}'",
                service.name, service.cpu, service.memory, provider.name
            );
            let help = format!(
                "an instance offers {} CPU units and {} MiB, of which daemons take {cpu} and {memory}",
                size.cpu, size.memory
            );
            reader.problem(Code::TaskTooLarge, service_place(raw, index), message).help(help);
        }
    }
}

fn service_place(raw: &RawScenario, index: usize) -> Place {
    let services = raw.services.as_ref().map_or(&[][..], |list| &list.value.items);
    if let Some(index) = index.checked_sub(services.len()) {
        let item = raw.tasks.as_ref().and_then(|list| list.value.items.get(index));
        return item
            .map_or(Place::DEFAULT, |item| item.value.name.as_ref().map_or(item.place, |name| name.place));
    }
    let item = services.get(index);
    item.map_or(Place::DEFAULT, |item| item.value.name.as_ref().map_or(item.place, |name| name.place))
}

fn provider_place(raw: &RawScenario, index: usize) -> Place {
    let item = raw.capacity_providers.as_ref().and_then(|list| list.value.items.get(index));
    item.map_or(Place::DEFAULT, |item| item.value.name.as_ref().map_or(item.place, |name| name.place))
}
