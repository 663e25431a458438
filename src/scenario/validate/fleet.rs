//! Capacity providers, services, revisions and the control plane.

use super::names::{All, Names};
use super::rollout::check_tags;
use super::{above_zero, faults, get};
use crate::engine::time::SimDuration;
use crate::scenario::codes::Code;
use crate::scenario::instance_types as table;
use crate::scenario::model::{
    CapacityProvider, ControlPlane, Defect, DefectKind, HealthCheck, InstanceType, LaunchFailure, Lifetime,
    Protection, Revision, Schedule, Service, Standalone, Traffic, Utilization, most,
};
use crate::scenario::raw::{
    ActionsStatus, COUNT_MAX, DesiredCount, OfferedType, RawControlPlane, RawDefect, RawHealthCheck,
    RawLaunchFailure, RawLifetime, RawProvider, RawRevision, RawScenario, RawService, RawStep, RawTasks,
    RawUses,
};
use crate::scenario::read::{At, List, Reader, with_guess};
use crate::scenario::tree::Place;
use crate::scenario::values::{CpuUnits, Load, Mebibytes, Quantity, Text};

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
    let tasks = each(raw.tasks.as_ref(), reader, |raw, reader| tasks(raw, &names.providers, reader));
    let control_plane = raw.control_plane.as_ref().and_then(|raw| control_plane(&raw.value, reader));
    let mut services = services?;
    services.extend(tasks?);
    Some(Fleet { providers: providers?, control_plane: control_plane?, services, revisions: revisions? })
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
    let types = instance_types(raw, *place, reader);
    let scale_in_after = scale_in_after(raw, reader);
    let launch_failure = optional(raw.launch_failure.as_ref(), |raw| launch_failure(raw, reader));
    let lifetime = optional(raw.lifetime.as_ref(), |raw| lifetime(raw, reader));
    let spot = faults::spot(raw, reader);
    let types = types?;
    Some(CapacityProvider {
        name: get!(raw.name).0.clone(),
        instances: types.iter().map(|offered| offered.instances).sum(),
        types,
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
        scale_in_after: scale_in_after?,
    })
}

/// The instance types of a provider: those it lists, or the one that it describes itself.
fn instance_types(raw: &RawProvider, place: Place, reader: &mut Reader<'_>) -> Option<Vec<InstanceType>> {
    let Some(list) = &raw.instance_types else {
        if raw.instances.is_none() {
            if !reader.is_broken(place, &["instances", "instanceTypes"]) {
                reader.problem(Code::MissingKey, place, "'instances' is missing");
            }
            return None;
        }
        let size = Size {
            name: raw.instance_type.as_ref(),
            cpu: raw.cpu.as_ref(),
            memory: raw.memory.as_ref(),
            price: raw.price_per_hour.as_ref(),
        };
        let instances = get!(raw.instances).0 as u32;
        return Some(vec![instance_type(&size, instances, raw, place, reader)?]);
    };
    let both = [
        ("instances", raw.instances.as_ref().map(|field| field.place)),
        ("instanceType", raw.instance_type.as_ref().map(|field| field.place)),
        ("cpu", raw.cpu.as_ref().map(|field| field.place)),
        ("memory", raw.memory.as_ref().map(|field| field.place)),
        ("pricePerHour", raw.price_per_hour.as_ref().map(|field| field.place)),
    ];
    let mut sound = true;
    for (key, field) in both.into_iter().filter_map(|(key, field)| Some((key, field?))) {
        let message = format!("'{key}' and 'instanceTypes' cannot both be given");
        reader.problem(Code::ExactlyOne, field, message).help(
            "each entry of instanceTypes has its own instanceType, instances, cpu, memory and pricePerHour",
        );
        sound = false;
    }
    if list.value.items.is_empty() && list.value.is_complete {
        reader.problem(Code::Empty, list.place, "a capacity provider needs at least one instance type");
        return None;
    }
    let types = each(Some(list), reader, |item, reader| {
        let OfferedType(offered) = &item.value;
        let size = Size {
            name: offered.instance_type.as_ref(),
            cpu: offered.cpu.as_ref(),
            memory: offered.memory.as_ref(),
            price: offered.price_per_hour.as_ref(),
        };
        instance_type(&size, get!(offered.instances).0 as u32, raw, item.place, reader)
    })?;
    (sound && are_countable(list, &types, reader)).then_some(types)
}

/// Whether the types of a list are each there once, and not too many.
fn are_countable(list: &At<List<OfferedType>>, types: &[InstanceType], reader: &mut Reader<'_>) -> bool {
    let before = reader.errors();
    for (index, offered) in types.iter().enumerate() {
        if !offered.name.is_empty() && types[..index].iter().any(|earlier| earlier.name == offered.name) {
            let message = format!("there is an instance type '{}' already", offered.name);
            reader
                .problem(Code::DuplicateName, list.value.items[index].place, message)
                .help("names must be unique");
        }
    }
    let instances: u64 = types.iter().map(|offered| u64::from(offered.instances)).sum();
    if instances > COUNT_MAX || types.len() > most::TYPES {
        let message = format!(
            "{} instance types with {instances} instances; the model holds {} and {COUNT_MAX}",
            types.len(),
            most::TYPES
        );
        reader.problem(Code::OutOfRange, list.place, message);
    }
    reader.errors() == before
}

/// After how long scale-in takes an instance, wherever the file says it; none for never.
#[allow(clippy::option_option, reason = "left out and not whole are two things")]
fn scale_in_after(raw: &RawProvider, reader: &mut Reader<'_>) -> Option<Option<SimDuration>> {
    let nested = match &raw.infrastructure_optimization {
        None => None,
        Some(At { value, .. }) => Some(value.scale_in_after.as_ref()?),
    };
    let plain = raw.scale_in_after.as_ref()?;
    if let Some(nested) = nested
        && plain.place.is_given()
        && plain.value.0.is_some()
    {
        reader
            .problem(Code::ExactlyOne, nested.place, "'scaleInAfter' is given twice")
            .help("give it in infrastructureOptimization, where the ECS API has it, or directly");
        return None;
    }
    Some(nested.unwrap_or(plain).value.0)
}

/// What is left out stays out; what is there must be whole, or the outer option is none.
#[allow(clippy::option_option, reason = "left out and not whole are two things")]
fn optional<T, U>(field: Option<&At<T>>, make: impl FnOnce(&At<T>) -> Option<U>) -> Option<Option<U>> {
    match field {
        None => Some(None),
        Some(field) => make(field).map(Some),
    }
}

/// How a file tells the size of an instance.
struct Size<'a> {
    name: Option<&'a At<Text>>,
    cpu: Option<&'a At<CpuUnits>>,
    memory: Option<&'a At<Mebibytes>>,
    price: Option<&'a At<Quantity>>,
}

/// An instance type, with what is left of it for tasks.
fn instance_type(
    size: &Size<'_>,
    instances: u32,
    provider: &RawProvider,
    place: Place,
    reader: &mut Reader<'_>,
) -> Option<InstanceType> {
    let known = size.name.map(|name| table::find(&name.value.0));
    let given = (size.cpu.map(|cpu| cpu.value.0), size.memory.map(|memory| memory.value.0));
    let (cpu, memory) = match (known, given) {
        (_, (Some(cpu), Some(memory))) => (cpu, memory),
        (Some(Some(size)), (cpu, memory)) => (cpu.unwrap_or(size.vcpu * 1024), memory.unwrap_or(size.memory)),
        (Some(None), _) => {
            let name = size.name?;
            let help = "any other type is described by its cpu (1024 a vCPU) and memory (MiB)".to_string();
            let help = with_guess(&name.value.0, &table::names(), help);
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
    let vcpu = match (known, size.cpu.is_some()) {
        (Some(Some(size)), false) => size.vcpu,
        _ => cpu.div_ceil(1024),
    };
    let reserved = get!(provider.reserved);
    let left = (cpu.saturating_sub(get!(reserved.cpu).0), memory.saturating_sub(get!(reserved.memory).0));
    if left.0 == 0 || left.1 == 0 {
        let place =
            provider.reserved.as_ref().map(|raw| raw.place).filter(|place| place.is_given()).unwrap_or(place);
        reader
            .problem(Code::InstanceSize, place, "nothing of an instance is left for tasks")
            .help(format!("it has {cpu} CPU units and {memory} MiB"));
        return None;
    }
    Some(InstanceType {
        name: size.name.map_or_else(String::new, |name| name.value.0.clone()),
        instances,
        cpu: left.0,
        memory: left.1,
        vcpu,
        price_per_hour: size.price.map(|price| price.value.0),
    })
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
    let drain_deadline = above_zero(raw.drain_deadline.as_ref(), "drainDeadline", reader);
    Some(ControlPlane {
        batch_decision: get!(raw.batch_decision).delay(),
        health_propagation: get!(raw.health_propagation).delay(),
        repair_decision: get!(raw.repair_decision).delay(),
        alarm_publish: get!(raw.alarm_publish).0,
        alarm_poll: alarm_poll?,
        capacity_retry: capacity_retry?,
        registration_timeout: timeout?,
        disconnected_threshold: threshold?,
        drain_deadline: drain_deadline?,
    })
}

fn service(raw: &At<RawService>, providers: &Names, reader: &mut Reader<'_>) -> Option<Service> {
    let At { value: raw, place } = raw;
    let provider = providers.resolve_or_only(raw.capacity_provider.as_ref(), *place, reader);
    let image = optional(raw.image.as_ref(), |raw| faults::image(raw, reader));
    let desired = raw.desired_count.as_ref().and_then(|raw| desired(raw, reader));
    let (desired, schedule) = desired?;
    Some(Service {
        name: get!(raw.name).0.clone(),
        provider: provider?,
        desired,
        schedule,
        cpu: get!(raw.cpu).0,
        memory: get!(raw.memory).0,
        minimum_healthy_percent: get!(raw.minimum_healthy_percent).0 as u32,
        maximum_percent: get!(raw.maximum_percent).0 as u32,
        startup: get!(raw.startup).delay(),
        healthy_after: Some(get!(raw.healthy_after).0),
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
        protection: match &raw.protection {
            None => None,
            Some(At { value: raw, .. }) => {
                Some(Protection { share: get!(raw.share).0, expires_in: get!(raw.expires_in_minutes).0 })
            }
        },
        standalone: None,
    })
}

/// How many tasks a service wants at the start, and when that changes.
fn desired(raw: &At<DesiredCount>, reader: &mut Reader<'_>) -> Option<(u32, Option<Schedule>)> {
    let (list, place, repeat) = match &raw.value {
        DesiredCount::Fixed(count) => return Some((*count, None)),
        DesiredCount::Steps(list) => (list, raw.place, None),
        DesiredCount::Repeated(raw) => {
            let At { value: list, place } = raw.schedule.as_ref()?;
            (list, *place, raw.repeat_every.as_ref())
        }
    };
    let steps = steps(list, place, reader)?;
    let repeat_every = repeat.map(|every| every.value.0);
    if let (Some(every), Some((last, _))) = (repeat, steps.last())
        && every.value.0 <= *last
    {
        let message = format!("repeated every {}, but the last step is at {last}", every.value.0);
        reader
            .problem(Code::Order, every.place, message)
            .help("the schedule begins again after its last step");
        return None;
    }
    Some((steps.first()?.1, Some(Schedule { steps, repeat_every })))
}

fn steps(list: &List<RawStep>, place: Place, reader: &mut Reader<'_>) -> Option<Vec<(SimDuration, u32)>> {
    let mut steps: Vec<(SimDuration, u32)> = Vec::new();
    for raw in list.values() {
        let At { value: at, place } = raw.at.as_ref()?;
        let count = get!(raw.count).0 as u32;
        let (is_good, help) = match steps.last() {
            None => (at.0 == SimDuration::ZERO, "the first step is at 0s: what holds from the start"),
            Some((before, _)) => (*before < at.0, "put the steps in order of time"),
        };
        if !is_good {
            reader.problem(Code::Order, *place, format!("a step at {} cannot stand here", at.0)).help(help);
            return None;
        }
        steps.push((at.0, count));
    }
    if steps.is_empty() && list.is_complete {
        reader
            .problem(Code::Empty, place, "a schedule needs at least one step")
            .help("[{ at: 0s, count: 10 }, { at: 8h, count: 20 }]");
    }
    (list.is_complete && !steps.is_empty()).then_some(steps)
}

/// A group of standalone tasks: a service with no floor and no ceiling, and nobody who keeps its number.
fn tasks(raw: &At<RawTasks>, providers: &Names, reader: &mut Reader<'_>) -> Option<Service> {
    let At { value: raw, place } = raw;
    let provider = providers.resolve_or_only(raw.capacity_provider.as_ref(), *place, reader);
    let every = match &raw.every {
        None => None,
        every => Some(above_zero(every.as_ref(), "every", reader)?),
    };
    let image = optional(raw.image.as_ref(), |raw| faults::image(raw, reader));
    let count = get!(raw.count).0 as u32;
    let start_at = get!(raw.start_at).0;
    Some(Service {
        name: get!(raw.name).0.clone(),
        provider: provider?,
        desired: if start_at == SimDuration::ZERO { count } else { 0 },
        schedule: None,
        cpu: get!(raw.cpu).0,
        memory: get!(raw.memory).0,
        minimum_healthy_percent: 0,
        maximum_percent: 100,
        startup: get!(raw.startup).delay(),
        healthy_after: None,
        shutdown: get!(raw.shutdown).delay(),
        stop_timeout: get!(raw.stop_timeout).0,
        traffic: None,
        image: image?,
        protection: None,
        standalone: Some(Standalone { count, duration: get!(raw.duration).delay(), start_at, every }),
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
    check_tags(raw.tags.as_ref(), reader);
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
        ports: get!(raw.ports).values().map(|port| port.0 as u16).collect(),
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
