//! Capacity providers, services, revisions and the control plane.

use super::names::{All, Names};
use super::{above_zero, faults, get};
use crate::scenario::codes::Code;
use crate::scenario::instance_types;
use crate::scenario::model::{
    CapacityProvider, ControlPlane, Defect, DefectKind, HealthCheck, LaunchFailure, Lifetime, Revision,
    Service, Traffic, Utilization,
};
use crate::scenario::raw::{
    ActionsStatus, RawControlPlane, RawDefect, RawHealthCheck, RawLaunchFailure, RawLifetime, RawProvider,
    RawRevision, RawScenario, RawService, RawUses,
};
use crate::scenario::read::{At, List, Reader, with_guess};
use crate::scenario::tree::Place;
use crate::scenario::values::Load;

/// Milliseconds of a month of 30 days.
pub(super) const MONTH_MS: f64 = 30.0 * 86_400_000.0;

pub(super) struct Fleet {
    pub(super) providers: Vec<CapacityProvider>,
    pub(super) control_plane: ControlPlane,
    pub(super) services: Vec<Service>,
    pub(super) revisions: Vec<Revision>,
}

pub(super) fn fleet(raw: &RawScenario, names: &All<'_>, reader: &mut Reader<'_>) -> Option<Fleet> {
    let providers = each(raw.capacity_providers.as_ref(), reader, provider);
    if let Some(At { value, place }) = &raw.capacity_providers
        && value.items.is_empty()
        && value.is_complete
    {
        reader.problem(Code::Empty, *place, "a scenario needs at least one capacity provider");
    }
    let services = each(raw.services.as_ref(), reader, |raw, reader| service(raw, &names.providers, reader));
    let revisions = each(raw.daemon_task_definitions.as_ref(), reader, |raw, reader| {
        revision(raw, &names.services, services.as_deref(), reader)
    });
    let control_plane = raw.control_plane.as_ref().and_then(|raw| control_plane(&raw.value, reader));
    Some(Fleet {
        providers: providers?,
        control_plane: control_plane?,
        services: services?,
        revisions: revisions?,
    })
}

/// Makes something of every element of a list; none unless all succeed.
pub(super) fn each<T, U>(
    list: Option<&At<List<T>>>,
    reader: &mut Reader<'_>,
    mut make: impl FnMut(&At<T>, &mut Reader<'_>) -> Option<U>,
) -> Option<Vec<U>> {
    let list = &list?.value;
    let made: Vec<_> = list.items.iter().map(|item| make(item, reader)).collect();
    if list.is_complete { made.into_iter().collect() } else { None }
}

fn provider(raw: &At<RawProvider>, reader: &mut Reader<'_>) -> Option<CapacityProvider> {
    let At { value: raw, place } = raw;
    let size = instance_size(raw, *place, reader);
    let launch_failure = optional(raw.launch_failure.as_ref(), |raw| launch_failure(raw, reader));
    let lifetime = optional(raw.lifetime.as_ref(), |raw| lifetime(raw, reader));
    let spot = faults::spot(raw, reader);
    let (cpu, memory, vcpu) = size?;
    Some(CapacityProvider {
        name: get!(raw.name).0.clone(),
        instances: get!(raw.instances).0 as u32,
        cpu,
        memory,
        vcpu,
        price_per_hour: raw.price_per_hour.as_ref().map(|price| price.value.0),
        zones: get!(raw.availability_zones).0 as u32,
        max_instances: raw.max_instances.as_ref().map(|max| max.value.0 as u32),
        launch: get!(raw.launch).delay(),
        registration: get!(raw.registration).delay(),
        termination: get!(raw.termination).delay(),
        launch_failure: launch_failure?,
        host_failure_per_ms: match &raw.host_failure {
            Some(raw) => get!(raw.value.per_instance_month).0 / MONTH_MS,
            None => 0.0,
        },
        lifetime: lifetime?,
        spot: spot?,
        auto_repair: *get!(get!(raw.auto_repair_configuration).actions_status) == ActionsStatus::Enabled,
    })
}

/// What is left out stays out; what is there must be whole, or the outer option is none.
#[allow(clippy::option_option, reason = "left out and not whole are two things")]
fn optional<T, U>(field: Option<&At<T>>, make: impl FnOnce(&At<T>) -> Option<U>) -> Option<Option<U>> {
    match field {
        None => Some(None),
        Some(field) => make(field).map(Some),
    }
}

/// CPU units and MiB for tasks, and vCPUs, of one instance.
fn instance_size(raw: &RawProvider, place: Place, reader: &mut Reader<'_>) -> Option<(u32, u32, u32)> {
    let known = raw.instance_type.as_ref().map(|name| instance_types::find(&name.value.0));
    let given = (raw.cpu.as_ref().map(|cpu| cpu.value.0), raw.memory.as_ref().map(|memory| memory.value.0));
    let (cpu, memory) = match (known, given) {
        (_, (Some(cpu), Some(memory))) => (cpu, memory),
        (Some(Some(size)), (cpu, memory)) => (cpu.unwrap_or(size.vcpu * 1024), memory.unwrap_or(size.memory)),
        (Some(None), _) => {
            let name = raw.instance_type.as_ref()?;
            let help = "any other type is described by its cpu (1024 a vCPU) and memory (MiB)".to_string();
            let help = with_guess(&name.value.0, &instance_types::names(), help);
            let message = format!("instance type '{}' is not in the table", name.value.0);
            reader.problem(Code::InstanceType, name.place, message).help(help);
            return None;
        }
        _ if reader.is_broken(place, &["instanceType", "cpu", "memory"]) => return None,
        (None, _) => {
            reader
                .problem(Code::InstanceSize, place, "how large is an instance?")
                .help("give instanceType, or cpu (1024 a vCPU) and memory (MiB)");
            return None;
        }
    };
    let vcpu = match (known, raw.cpu.is_some()) {
        (Some(Some(size)), false) => size.vcpu,
        _ => cpu.div_ceil(1024),
    };
    let reserved = get!(raw.reserved);
    let left = (cpu.saturating_sub(get!(reserved.cpu).0), memory.saturating_sub(get!(reserved.memory).0));
    if left.0 == 0 || left.1 == 0 {
        let place =
            raw.reserved.as_ref().map(|raw| raw.place).filter(|place| place.is_given()).unwrap_or(place);
        reader
            .problem(Code::InstanceSize, place, "nothing of an instance is left for tasks")
            .help(format!("it has {cpu} CPU units and {memory} MiB"));
        return None;
    }
    Some((left.0, left.1, vcpu))
}

fn launch_failure(raw: &At<RawLaunchFailure>, reader: &mut Reader<'_>) -> Option<LaunchFailure> {
    Some(LaunchFailure {
        retry_after: above_zero(raw.value.retry_after.as_ref(), "retryAfter", reader)?,
        probability: get!(raw.value.probability).0,
    })
}

fn lifetime(raw: &At<RawLifetime>, reader: &mut Reader<'_>) -> Option<Lifetime> {
    let drain_after = above_zero(raw.value.drain_after.as_ref(), "drainAfter", reader)?;
    let force_after = get!(raw.value.force_after).0;
    if force_after < drain_after {
        reader
            .problem(
                Code::Order,
                raw.place,
                format!("forced out after {force_after}, before the drain at {drain_after}"),
            )
            .help("forceAfter must be at least drainAfter; left out they are 21d and 14d");
        return None;
    }
    Some(Lifetime { drain_after, force_after })
}

fn control_plane(raw: &RawControlPlane, reader: &mut Reader<'_>) -> Option<ControlPlane> {
    let alarm_poll = above_zero(raw.alarm_poll.as_ref(), "alarmPoll", reader);
    let capacity_retry = above_zero(raw.capacity_retry.as_ref(), "capacityRetry", reader);
    let timeout = above_zero(raw.registration_timeout.as_ref(), "registrationTimeout", reader);
    let threshold = above_zero(raw.disconnected_threshold.as_ref(), "disconnectedThreshold", reader);
    Some(ControlPlane {
        batch_decision: get!(raw.batch_decision).delay(),
        health_propagation: get!(raw.health_propagation).delay(),
        repair_decision: get!(raw.repair_decision).delay(),
        alarm_publish: get!(raw.alarm_publish).0,
        alarm_poll: alarm_poll?,
        capacity_retry: capacity_retry?,
        registration_timeout: timeout?,
        disconnected_threshold: threshold?,
    })
}

fn service(raw: &At<RawService>, providers: &Names, reader: &mut Reader<'_>) -> Option<Service> {
    let At { value: raw, place } = raw;
    let provider = providers.resolve_or_only(raw.capacity_provider.as_ref(), *place, reader);
    let image = optional(raw.image.as_ref(), |raw| faults::image(raw, reader));
    Some(Service {
        name: get!(raw.name).0.clone(),
        provider: provider?,
        desired: get!(raw.desired_count).0,
        cpu: get!(raw.cpu).0,
        memory: get!(raw.memory).0,
        minimum_healthy_percent: get!(raw.minimum_healthy_percent).0 as u32,
        maximum_percent: get!(raw.maximum_percent).0 as u32,
        startup: get!(raw.startup).delay(),
        healthy_after: get!(raw.healthy_after).0,
        shutdown: get!(raw.shutdown).delay(),
        stop_timeout: get!(raw.stop_timeout).0,
        traffic: match &raw.traffic {
            None => None,
            Some(At { value: traffic, .. }) => Some(Traffic {
                requests_per_second: get!(traffic.requests_per_second).0,
                error_rate: get!(traffic.error_rate).0,
            }),
        },
        image: image?,
    })
}

fn revision(
    raw: &At<RawRevision>,
    names: &Names,
    services: Option<&[Service]>,
    reader: &mut Reader<'_>,
) -> Option<Revision> {
    let raw = &raw.value;
    let defects =
        each(raw.defects.as_ref(), reader, |raw, reader| defect(&raw.value, names, services, reader));
    let health_check = optional(raw.health_check.as_ref(), |raw| health_check(&raw.value));
    let image = optional(raw.image.as_ref(), |raw| faults::image(raw, reader));
    unique_defects(raw, reader);
    Some(Revision {
        family: get!(raw.family).0.clone(),
        revision: get!(raw.revision).0 as u32,
        cpu: get!(raw.cpu).0,
        memory: get!(raw.memory).0,
        startup: get!(raw.startup).delay(),
        shutdown: get!(raw.shutdown).delay(),
        stop_timeout: get!(raw.stop_timeout).0,
        health_check: health_check?,
        restart_after: match &raw.restart_policy {
            Some(At { value: policy, .. }) if get!(policy.enabled).0 => {
                Some(get!(policy.restart_attempt_period).0)
            }
            _ => None,
        },
        defects: defects?,
        image: image?,
        utilization: faults::utilization(raw.utilization.as_ref()),
    })
}

fn health_check(raw: &RawHealthCheck) -> Option<HealthCheck> {
    Some(HealthCheck {
        interval: get!(raw.interval).0,
        timeout: get!(raw.timeout).0,
        retries: get!(raw.retries).0 as u32,
        start_period: get!(raw.start_period).0,
    })
}

/// The name of a defect addresses its draws within the revision.
fn unique_defects(raw: &RawRevision, reader: &mut Reader<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    let Some(defects) = &raw.defects else { return };
    for name in defects.value.values().filter_map(|defect| defect.name.as_ref()) {
        if seen.contains(&name.value.0.as_str()) {
            let message = format!("there is a defect '{}' already", name.value.0);
            reader.problem(Code::DuplicateName, name.place, message).help("names must be unique");
        }
        seen.push(&name.value.0);
    }
}

fn defect(
    raw: &RawDefect,
    names: &Names,
    services: Option<&[Service]>,
    reader: &mut Reader<'_>,
) -> Option<Defect> {
    let kind = defect_kind(raw, names, services, reader);
    Some(Defect {
        name: get!(raw.name).0.clone(),
        probability: get!(raw.probability).0,
        share: get!(raw.share).0,
        kind: kind?,
    })
}

fn defect_kind(
    raw: &RawDefect,
    names: &Names,
    services: Option<&[Service]>,
    reader: &mut Reader<'_>,
) -> Option<DefectKind> {
    if let Some(At { value: raw, .. }) = &raw.fails_to_start {
        return Some(DefectKind::FailsToStart { probability: get!(raw.probability).0 });
    }
    if let Some(At { value: raw, .. }) = &raw.crashes {
        return Some(DefectKind::Crashes { after: get!(raw.after).delay() });
    }
    if let Some(At { value: raw, .. }) = &raw.hangs {
        return Some(DefectKind::Hangs { after: get!(raw.after).delay() });
    }
    if let Some(At { value: raw, .. }) = &raw.needs_more {
        return Some(DefectKind::NeedsMore { cpu: get!(raw.cpu).0, memory: get!(raw.memory).0 });
    }
    if let Some(raw) = &raw.uses {
        return uses(raw, reader);
    }
    let At { value: raw, .. } = raw.degrades.as_ref()?;
    let name = raw.service.as_ref()?;
    let service = names.resolve(name, reader)?;
    if services.is_some_and(|services| services[service].traffic.is_none()) {
        no_traffic(&name.value.0, name.place, "degrade", reader);
        return None;
    }
    Some(DefectKind::Degrades { service, error_rate: get!(raw.error_rate).0, after: get!(raw.after).delay() })
}

fn uses(raw: &At<RawUses>, reader: &mut Reader<'_>) -> Option<DefectKind> {
    let At { value: raw, place } = raw;
    let load = |load: &Option<At<Load>>| load.as_ref().map(|load| load.value.0);
    let instead = Utilization { cpu: load(&raw.cpu), memory: load(&raw.memory) };
    if instead == Utilization::default() && !reader.is_broken(*place, &["cpu", "memory"]) {
        reader
            .problem(Code::Empty, *place, "what does it use? neither cpu nor memory is given")
            .help("in percent of what the task reserves, like memory: 95");
        return None;
    }
    Some(DefectKind::Uses { instead, after: get!(raw.after).delay() })
}

pub(super) fn no_traffic(service: &str, place: Place, verb: &str, reader: &mut Reader<'_>) {
    reader
        .problem(Code::NoTraffic, place, format!("there is nothing to {verb}: '{service}' has no traffic"))
        .help("give the service traffic: { requestsPerSecond: …, errorRate: … }");
}
