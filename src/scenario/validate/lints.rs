//! Warnings: the scenario can be run, but may not mean what it says.

use crate::aws::requests::{AlarmConfiguration, DeploymentConfiguration as RawConfiguration};
use crate::engine::time::{SimDuration, SimTime};
use crate::scenario::assumptions::{ProtectedTasks, RepairLimit, Rounding};
use crate::scenario::codes::Code;
use crate::scenario::model::{
    AlarmMetric, AlarmState, CapacityProvider, DaemonSettings, DefectKind, Deploy, Operation, Parts,
};
use crate::scenario::raw::{RawAction, RawScenario};
use crate::scenario::read::{At, Reader};
use crate::scenario::tree::Place;

pub(super) fn lint(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    if parts.timeline.iter().all(|action| action.request.deploy().is_none()) {
        let what = if parts.timeline.is_empty() { "is empty" } else { "has no deployment" };
        reader
            .problem(
                Code::NoDeployment,
                Place::DEFAULT,
                format!("the timeline {what}: nothing is rolled out"),
            )
            .help("add a timeline entry with createDaemon, updateDaemon or deleteDaemon");
    }
    let requests = requests(parts, raw);
    stuck_drains(parts, raw, reader);
    thresholds(parts, raw, reader);
    health_checks(parts, raw, &requests, reader);
    unused(parts, raw, &requests, reader);
    noisy_alarms(parts, raw, &requests, reader);
    let mut now: Vec<Option<DaemonSettings>> =
        parts.daemons.iter().map(|daemon| daemon.initial.clone()).collect();
    for (index, request) in requests.iter().enumerate() {
        resets(request, &requests[..index], &now, reader);
        let before = now[request.deploy.daemon].take();
        now[request.deploy.daemon].clone_from(&request.deploy.target);
        let scope = scope(before.as_ref(), request.deploy.target.as_ref());
        surge(parts, request, &scope, reader);
        batches(parts, request, &scope, reader);
        waiting_tasks(parts, raw, request, &scope, reader);
        repair_everywhere(parts, raw, request, reader);
        ports(parts, request, &now, reader);
        sizes(parts, request, &now, reader);
        every_provider(parts, request, reader);
        alarms(parts, request, reader);
        defects(parts, raw, request, reader);
    }
}

/// A request, resolved and as it was written.
struct Written<'a> {
    deploy: &'a Deploy,
    /// When it is sent.
    at: SimTime,
    /// Where it begins.
    place: Place,
    revision: Place,
    providers: Place,
    configuration: Option<&'a At<RawConfiguration>>,
    critical: Place,
}

impl Written<'_> {
    fn alarms(&self) -> Option<&At<AlarmConfiguration>> {
        self.configuration?.value.alarms.as_ref()
    }
}

/// The requests in order of time, as validation has ordered them.
fn requests<'a>(parts: &'a Parts, raw: &'a RawScenario) -> Vec<Written<'a>> {
    let mut actions: Vec<_> = raw.timeline.iter().flat_map(|list| &list.value.items).collect();
    actions.sort_by_key(|action| action.value.at.as_ref().map(|at| at.value.0));
    parts
        .timeline
        .iter()
        .zip(actions)
        .filter_map(|(action, raw)| Some(written(action.request.deploy()?, action.at, raw)))
        .collect()
}

fn place_of<T>(field: Option<&At<T>>) -> Place {
    field.map_or(Place::DEFAULT, |field| field.place)
}

fn written<'a>(deploy: &'a Deploy, at: SimTime, raw: &'a At<RawAction>) -> Written<'a> {
    macro_rules! of {
        ($request:expr) => {
            Written {
                deploy,
                at,
                place: $request.place,
                revision: place_of($request.value.daemon_task_definition_arn.as_ref()),
                providers: place_of($request.value.capacity_provider_arns.as_ref()),
                configuration: $request.value.deployment_configuration.as_ref(),
                critical: place_of($request.value.critical.as_ref()),
            }
        };
    }
    match (&raw.value.create_daemon, &raw.value.update_daemon) {
        (Some(create), _) => of!(create),
        (_, Some(update)) => of!(update),
        _ => Written {
            deploy,
            at,
            place: raw.place,
            revision: raw.place,
            providers: raw.place,
            configuration: None,
            critical: Place::DEFAULT,
        },
    }
}

fn stuck_drains(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    let items = raw.services.iter().flat_map(|list| &list.value.items);
    for (service, raw) in parts.services.iter().zip(items) {
        if service.desired > 0
            && service.floor(service.desired) >= service.desired
            && service.ceiling(service.desired) <= service.desired
        {
            let message = format!(
                "'{}' may neither lose a task of {} nor have one more: a drain can never progress",
                service.name, service.desired
            );
            let place = place_of(raw.value.maximum_percent.as_ref());
            let place = if place.is_given() { place } else { place_of(raw.value.name.as_ref()) };
            reader
                .problem(Code::StuckDrain, place, message)
                .help("raise maximumPercent, or lower minimumHealthyPercent");
        }
    }
}

/// Thresholds in the wrong one of the two ways to write a share.
fn thresholds(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    let items = raw.alarms.iter().flat_map(|list| &list.value.items);
    for (alarm, raw) in parts.alarms.iter().zip(items) {
        let place = place_of(raw.value.threshold.as_ref());
        let (message, help) = match alarm.metric {
            AlarmMetric::ErrorRate { .. } if alarm.threshold > 1.0 => (
                format!("an error rate is at most 1, so it never gets to {}", alarm.threshold),
                format!("{} % is {}", alarm.threshold, alarm.threshold / 100.0),
            ),
            AlarmMetric::RunningTasksPercent { .. } if alarm.threshold > 0.0 && alarm.threshold <= 1.0 => (
                format!("a threshold of {} % of the running tasks", alarm.threshold),
                format!("a share of {} is {} %", alarm.threshold, alarm.threshold * 100.0),
            ),
            _ => continue,
        };
        reader.problem(Code::PercentAsShare, place, message).help(help);
    }
}

fn health_checks(parts: &Parts, raw: &RawScenario, requests: &[Written<'_>], reader: &mut Reader<'_>) {
    let items = raw.daemon_task_definitions.iter().flat_map(|list| &list.value.items);
    for (index, (revision, raw)) in parts.revisions.iter().zip(items).enumerate() {
        if revision.health_check.is_none() && is_run(parts, requests, index) {
            let message = format!("'{}' has no health check: if it hangs, nobody notices", revision.label());
            reader
                .problem(Code::NoHealthCheck, place_of(raw.value.family.as_ref()), message)
                .help("healthCheck: {} takes the defaults of ECS");
        }
    }
}

/// Whether any daemon is ever meant to run a revision.
fn is_run(parts: &Parts, requests: &[Written<'_>], revision: usize) -> bool {
    let initial = parts.daemons.iter().filter_map(|daemon| daemon.initial.as_ref());
    let targets = requests.iter().filter_map(|request| request.deploy.target.as_ref());
    initial.chain(targets).any(|settings| settings.revision == revision)
}

fn unused(parts: &Parts, raw: &RawScenario, requests: &[Written<'_>], reader: &mut Reader<'_>) {
    let tell = |reader: &mut Reader<'_>, kind: &str, name: &str, place| {
        reader.problem(Code::Unused, place, format!("the {kind} '{name}' is never used"));
    };
    let items = raw.daemon_task_definitions.iter().flat_map(|list| &list.value.items);
    for (index, (revision, raw)) in parts.revisions.iter().zip(items).enumerate() {
        if !is_run(parts, requests, index) {
            tell(reader, "task definition", &revision.label(), place_of(raw.value.family.as_ref()));
        }
    }
    let named =
        |name: &str| {
            requests.iter().filter_map(Written::alarms).any(|alarms| {
                alarms.value.alarm_names.iter().flat_map(|list| list.value.values()).any(|text| {
                    crate::aws::arn::plain_name(&text.0, "alarm").is_ok_and(|plain| plain == name)
                })
            })
        };
    let items = raw.alarms.iter().flat_map(|list| &list.value.items);
    // Without a deployment nothing watches an alarm, and that there is none has been told.
    let watchable = !requests.is_empty();
    for (alarm, raw) in parts.alarms.iter().zip(items).filter(|(alarm, _)| watchable && !named(&alarm.name)) {
        tell(reader, "alarm", &alarm.name, place_of(raw.value.alarm_name.as_ref()));
    }
    let items = raw.capacity_providers.iter().flat_map(|list| &list.value.items);
    for (index, (provider, raw)) in parts.providers.iter().zip(items).enumerate() {
        let initial = parts.daemons.iter().filter_map(|daemon| daemon.initial.as_ref());
        let targets = requests.iter().filter_map(|request| request.deploy.target.as_ref());
        let has_daemons = initial.chain(targets).any(|settings| settings.providers.contains(&index));
        if !has_daemons && parts.services.iter().all(|service| service.provider != index) {
            tell(reader, "capacity provider", &provider.name, place_of(raw.value.name.as_ref()));
        }
    }
}

/// What an update silently takes back.
fn resets(
    request: &Written<'_>,
    earlier: &[Written<'_>],
    now: &[Option<DaemonSettings>],
    reader: &mut Reader<'_>,
) {
    let daemon = request.deploy.daemon;
    if request.deploy.operation != Operation::Update {
        return;
    }
    let was_critical = now[daemon].as_ref().is_none_or(|settings| settings.critical);
    if !request.critical.is_given() && !was_critical {
        reader
            .problem(Code::CriticalReset, request.place, "the daemon is not critical, and this update makes it so")
            .help("settings are not kept: say critical: false again, or critical: true to show that it is meant");
    }
    let Some(before) = earlier.iter().rfind(|earlier| earlier.deploy.daemon == daemon) else { return };
    let mut lost = Vec::new();
    let (Some(was), Some(is)) = (before.configuration, request.configuration) else { return };
    if given(was, |c| c.drain_percent.as_ref().map(|f| f.place))
        && !given(is, |c| c.drain_percent.as_ref().map(|f| f.place))
        && before.deploy.configuration.drain_percent != 25.0
    {
        lost.push(format!("drainPercent {} becomes 25", before.deploy.configuration.drain_percent));
    }
    if !given(is, |c| c.bake_time_in_minutes.as_ref().map(|f| f.place))
        && before.deploy.configuration.bake > SimDuration::ZERO
    {
        lost.push(format!("the bake time of {} becomes 0", before.deploy.configuration.bake));
    }
    if !given(is, |c| c.alarms.as_ref().map(|f| f.place)) && !before.deploy.configuration.alarms.is_empty() {
        lost.push("the alarms are off".to_string());
    }
    if !lost.is_empty() {
        reader
            .problem(
                Code::SettingsReset,
                request.place,
                format!("left out settings reset: {}", lost.join(", ")),
            )
            .help("nothing is kept from the request before; repeat what shall hold");
    }
}

fn given(raw: &At<RawConfiguration>, field: impl Fn(&RawConfiguration) -> Option<Place>) -> bool {
    field(&raw.value).is_some_and(Place::is_given)
}

/// CPU units and MiB that all daemons take on an instance of a provider.
fn taken(parts: &Parts, provider: usize, now: &[Option<DaemonSettings>]) -> (u64, u64) {
    now.iter()
        .flatten()
        .filter(|settings| settings.providers.contains(&provider))
        .map(|settings| &parts.revisions[settings.revision])
        .fold((0, 0), |(cpu, memory), task| (cpu + u64::from(task.cpu), memory + u64::from(task.memory)))
}

fn sizes(parts: &Parts, request: &Written<'_>, now: &[Option<DaemonSettings>], reader: &mut Reader<'_>) {
    let Some(target) = &request.deploy.target else { return };
    for &index in &target.providers {
        let provider = &parts.providers[index];
        let (cpu, memory) = taken(parts, index, now);
        let smallest = provider.smallest();
        let (cpu_size, memory_size) = (u64::from(smallest.cpu), u64::from(smallest.memory));
        let crowded_out = parts.services.iter().filter(|service| service.provider == index).find(|service| {
            cpu + u64::from(service.cpu) > cpu_size || memory + u64::from(service.memory) > memory_size
        });
        let message = if cpu > cpu_size || memory > memory_size {
            format!("on {} there is no room for the daemons", an_instance(provider))
        } else if let Some(service) = crowded_out {
            format!("beside the daemons, a task of '{}' finds no room on {}", service.name, whose(provider))
        } else {
            share(provider, (cpu, memory), request.revision, reader);
            continue;
        };
        let help = format!(
            "daemons take {cpu} CPU units and {memory} MiB of {cpu_size} and {memory_size}; new instances will stay empty"
        );
        reader.problem(Code::DaemonTooLarge, request.revision, message).help(help);
    }
}

/// The instances of a provider that a lint about sizes is about: the smallest, if they differ.
fn whose(provider: &CapacityProvider) -> String {
    match provider.types.len() {
        1 => format!("'{}'", provider.name),
        _ => format!("the smallest instances of '{}'", provider.name),
    }
}

fn an_instance(provider: &CapacityProvider) -> String {
    match provider.types.len() {
        1 => format!("an instance of '{}'", provider.name),
        _ => whose(provider),
    }
}

fn share(provider: &CapacityProvider, (cpu, memory): (u64, u64), place: Place, reader: &mut Reader<'_>) {
    let percent = |part: u64, whole: u32| 100.0 * part as f64 / f64::from(whole);
    let smallest = provider.smallest();
    let (cpu, memory) = (percent(cpu, smallest.cpu), percent(memory, smallest.memory));
    if cpu > 10.0 || memory > 10.0 {
        let message = format!(
            "daemons take {cpu:.0} % of the CPU and {memory:.0} % of the memory of {}",
            whose(provider)
        );
        reader
            .problem(Code::DaemonShare, place, message)
            .help("applications cannot have it, on every instance");
    }
}

fn every_provider(parts: &Parts, request: &Written<'_>, reader: &mut Reader<'_>) {
    let Some(target) = &request.deploy.target else { return };
    let mut sizes = parts.providers.iter().flat_map(|provider| &provider.types).map(|t| (t.cpu, t.memory));
    let first = sizes.next();
    let differ = parts.providers.len() > 1 && sizes.any(|size| Some(size) != first);
    if differ && target.providers.len() == parts.providers.len() {
        reader
            .problem(
                Code::EveryProvider,
                request.providers,
                "every capacity provider, though their instances differ in size",
            )
            .help("see that the daemon suits the smallest, or name the providers that are meant");
    }
}

/// The providers whose instances a request rolls: those that the daemon ran on, and those it shall run on.
fn scope(before: Option<&DaemonSettings>, target: Option<&DaemonSettings>) -> Vec<usize> {
    let mut scope: Vec<_> =
        before.into_iter().chain(target).flat_map(|settings| settings.providers.iter().copied()).collect();
    scope.sort_unstable();
    scope.dedup();
    scope
}

/// Whether a batch finds room for its replacements.
fn surge(parts: &Parts, request: &Written<'_>, scope: &[usize], reader: &mut Reader<'_>) {
    let percent = request.deploy.configuration.drain_percent;
    let place = request.configuration.and_then(|c| c.value.drain_percent.as_ref()).map(|field| field.place);
    let place = place.filter(|place| place.is_given()).unwrap_or(request.place);
    let mut vcpu: u64 = parts.providers.iter().map(CapacityProvider::vcpu_at_start).sum();
    for &index in scope {
        let provider = &parts.providers[index];
        if provider.instances == 0 {
            continue;
        }
        let batch = ((f64::from(provider.instances) * percent / 100.0) as u32).max(1);
        // The mean size of those of the start, so that one type counts as it always did.
        vcpu += u64::from(batch) * provider.vcpu_at_start() / u64::from(provider.instances);
        if let Some(max) = provider.max_instances.filter(|max| provider.instances + batch > *max) {
            let message = format!(
                "a batch of {batch} needs {} instances of '{}' at once, maxInstances is {max}",
                provider.instances + batch,
                provider.name
            );
            reader
                .problem(Code::QuotaBelowSurge, place, message)
                .help("lower drainPercent, or raise the limit");
        }
    }
    if let Some(quota) = parts.quota_vcpu.filter(|quota| vcpu > *quota) {
        let message = format!("a batch brings the fleet to {vcpu} vCPUs, the quota is {quota}");
        reader.problem(Code::QuotaBelowSurge, place, message).help("lower drainPercent, or raise the quota");
    }
}

fn alarms(parts: &Parts, request: &Written<'_>, reader: &mut Reader<'_>) {
    idle_bake(request, reader);
    let Some(At { value: raw, place }) = request.alarms() else { return };
    let names = raw.alarm_names.as_ref().map_or(0, |list| list.value.items.len());
    if names > 0 && !place_of(raw.enable.as_ref()).is_given() {
        reader
            .problem(Code::AlarmsNotEnabled, *place, "alarms are named but not enabled, so they do nothing")
            .help("add enable: true; the API's default is false");
    }
    let configuration = &request.deploy.configuration;
    for &index in &configuration.alarms {
        let alarm = &parts.alarms[index];
        if let AlarmMetric::Scripted(steps) = &alarm.metric {
            let before = steps.iter().rev().find(|(at, _)| *at <= request.at);
            if before.is_some_and(|(_, state)| *state == AlarmState::Alarm) {
                let message = format!("'{}' is red already at {}, so it is ignored", alarm.name, request.at);
                reader
                    .problem(Code::RedAtStart, *place, message)
                    .help("request the deployment when the alarm is OK");
            }
            continue;
        }
        diluted(parts, request, index, *place, reader);
        // A first period that is red only in part may not count.
        let red = alarm.period.as_ms() * (u64::from(alarm.datapoints_to_alarm) + 1);
        let seen =
            SimDuration::from_ms(red) + parts.control_plane.alarm_publish + parts.control_plane.alarm_poll;
        if seen > configuration.bake {
            let message = format!(
                "'{}' may need {seen} to be seen red, and the bake lasts {}",
                alarm.name, configuration.bake
            );
            reader.problem(Code::SlowAlarm, *place, message).help(
                "bake longer, or make the alarm quicker: what goes wrong on the last batch is seen too late",
            );
        }
    }
}

/// A bake in which nothing is watched.
fn idle_bake(request: &Written<'_>, reader: &mut Reader<'_>) {
    let configuration = &request.deploy.configuration;
    if configuration.bake == SimDuration::ZERO || !configuration.alarms.is_empty() {
        return;
    }
    let field = request.configuration.and_then(|c| c.value.bake_time_in_minutes.as_ref());
    let place = field.map_or(request.place, |field| field.place);
    reader
        .problem(Code::IdleBake, place, format!("a bake of {} with no alarm to watch", configuration.bake))
        .help("watch an alarm with enable: true, or leave the bake out");
}

/// Error rates that a handful of failed requests lifts over the threshold.
fn noisy_alarms(parts: &Parts, raw: &RawScenario, requests: &[Written<'_>], reader: &mut Reader<'_>) {
    /// So many failures in one period may be chance.
    const HANDFUL: f64 = 3.0;
    let items = raw.alarms.iter().flat_map(|list| &list.value.items);
    for (index, (alarm, raw)) in parts.alarms.iter().zip(items).enumerate() {
        let AlarmMetric::ErrorRate { service } = alarm.metric else { continue };
        let watched = requests.iter().any(|request| request.deploy.configuration.alarms.contains(&index));
        let Some(traffic) = parts.services[service].traffic.filter(|traffic| traffic.error_rate > 0.0) else {
            continue;
        };
        let requests_a_period = traffic.requests_per_second * alarm.period.as_secs();
        if watched && requests_a_period > 0.0 && alarm.threshold * requests_a_period < HANDFUL {
            let enough = libm::floor(alarm.threshold * requests_a_period) + 1.0;
            let message = format!(
                "{enough} failed of {requests_a_period:.0} requests in a period cross the threshold of '{}'",
                alarm.name
            );
            reader
                .problem(Code::NoisyAlarm, place_of(raw.value.threshold.as_ref()), message)
                .help("a longer period, more datapoints to alarm or a higher threshold keeps chance out");
        }
    }
}

/// Batches that are not what their percentage looks like.
fn batches(parts: &Parts, request: &Written<'_>, scope: &[usize], reader: &mut Reader<'_>) {
    let percent = request.deploy.configuration.drain_percent;
    let place = request.configuration.and_then(|c| c.value.drain_percent.as_ref()).map(|field| field.place);
    let place = place.filter(|place| place.is_given()).unwrap_or(request.place);
    for provider in scope.iter().map(|index| &parts.providers[*index]) {
        let hosts = provider.instances;
        let batch = ((f64::from(hosts) * percent / 100.0) as u32).max(1);
        if batch == hosts && hosts > 1 {
            let message = format!("one batch is all {hosts} instances of '{}'", provider.name);
            reader
                .problem(Code::WholeFleetBatch, place, message)
                .help("a smaller drainPercent leaves something to stop for");
        }
        let meant = libm::ceil(100.0 / percent.max(1.0)) as u32;
        if parts.assumptions.rounding == Rounding::Floor && hosts.div_ceil(batch) > meant {
            let message = format!(
                "{hosts} instances of '{}' at {percent} % are {} batches of {batch}, not {meant}",
                provider.name,
                hosts.div_ceil(batch)
            );
            let fitting = fitting_percent(hosts, meant);
            let batch = (f64::from(hosts) * fitting / 100.0) as u32;
            let help = format!("drainPercent {fitting} makes it {}", hosts.div_ceil(batch.max(1)));
            reader.problem(Code::ExtraBatch, place, message).help(help);
        }
    }
}

/// The least percentage, to a tenth, at which so many batches are enough.
fn fitting_percent(hosts: u32, batches: u32) -> f64 {
    let batch = hosts.div_ceil(batches.max(1));
    libm::ceil(1000.0 * f64::from(batch) / f64::from(hosts)) / 10.0
}

/// Ports of the target that another daemon of the same instances binds.
fn ports(parts: &Parts, request: &Written<'_>, now: &[Option<DaemonSettings>], reader: &mut Reader<'_>) {
    let Some(target) = &request.deploy.target else { return };
    let bound = &parts.revisions[target.revision].ports;
    for (index, other) in now.iter().enumerate().filter(|(index, _)| *index != request.deploy.daemon) {
        let Some(other) = other.as_ref() else { continue };
        let meets = other.providers.iter().any(|provider| target.providers.contains(provider));
        let taken = parts.revisions[other.revision].ports.iter().find(|port| bound.contains(port));
        if let Some(port) = taken.filter(|_| meets) {
            let name = &parts.daemons[index].name;
            reader
                .problem(
                    Code::PortTaken,
                    request.revision,
                    format!("port {port} is taken by the daemon '{name}'"),
                )
                .help("all daemons of an instance share one network namespace; give each its own ports");
        }
    }
}

/// A mean over all tasks of a daemon, most of which still run the old revision.
fn diluted(parts: &Parts, request: &Written<'_>, alarm: usize, place: Place, reader: &mut Reader<'_>) {
    let alarm = &parts.alarms[alarm];
    let (AlarmMetric::DaemonCpuUtilization { daemon } | AlarmMetric::DaemonMemoryUtilization { daemon }) =
        alarm.metric
    else {
        return;
    };
    let percent = request.deploy.configuration.drain_percent;
    if daemon == request.deploy.daemon && percent < 50.0 {
        let message =
            format!("'{}' is a mean over all tasks, of which the first batch is {percent} %", alarm.name);
        reader
            .problem(Code::DilutedAlarm, place, message)
            .help("watch the errors of a service beside it, or lower the threshold accordingly");
    }
}

/// Tasks that a drain has to wait for.
fn waiting_tasks(
    parts: &Parts,
    raw: &RawScenario,
    request: &Written<'_>,
    scope: &[usize],
    reader: &mut Reader<'_>,
) {
    if parts.assumptions.protected_tasks == ProtectedTasks::Ignore {
        return;
    }
    let services = raw.services.iter().flat_map(|list| &list.value.items);
    let services: Vec<Place> = services.map(|raw| place_of(raw.value.name.as_ref())).collect();
    for (index, task) in parts.services.iter().enumerate().filter(|(_, task)| scope.contains(&task.provider))
    {
        let what = match (&task.standalone, task.protection) {
            (Some(_), _) => "standalone tasks, which run to their end",
            (None, Some(protection)) if protection.share > 0.0 => "tasks that protect themselves",
            _ => continue,
        };
        let place = services.get(index).copied().unwrap_or(request.place);
        reader
            .problem(
                Code::DrainWaits,
                place,
                format!("'{}' has {what}: the drains of an update wait for them", task.name),
            )
            .help("keep them on a capacity provider of their own, or expect long drains");
    }
}

/// A critical daemon whose health check can drain a fleet that has no limit on repairs.
fn repair_everywhere(parts: &Parts, raw: &RawScenario, request: &Written<'_>, reader: &mut Reader<'_>) {
    let Some(target) = &request.deploy.target else { return };
    let repaired = target.providers.iter().any(|index| parts.providers[*index].auto_repair);
    let checked = parts.revisions[target.revision].health_check.is_some();
    if parts.assumptions.repair_limit != RepairLimit::Unlimited || !target.critical || !checked || !repaired {
        return;
    }
    let chosen = raw.assumptions.as_ref().and_then(|raw| raw.value.repair_limit.as_ref());
    let place = chosen.map_or(request.place, |field| field.place);
    let daemon = &parts.daemons[request.deploy.daemon].name;
    reader
        .problem(
            Code::RepairEverywhere,
            place,
            format!("one failing dependency of '{daemon}' drains the whole fleet"),
        )
        .help("repairLimit: separate keeps it to 20 % at once");
}

fn defects(parts: &Parts, raw: &RawScenario, request: &Written<'_>, reader: &mut Reader<'_>) {
    let Some(target) = &request.deploy.target else { return };
    let revision = &parts.revisions[target.revision];
    let watched = &request.deploy.configuration.alarms;
    let raw = raw.daemon_task_definitions.as_ref().and_then(|list| list.value.items.get(target.revision));
    let raw = raw.and_then(|raw| raw.value.defects.as_ref()).map_or(&[][..], |list| &list.value.items);
    let mut is_late = false;
    for (defect, raw) in revision.defects.iter().zip(raw) {
        let witness = match defect.kind {
            DefectKind::Hangs { .. } if revision.health_check.is_none() => "a health check",
            DefectKind::Degrades { service, .. } if !watches(parts, watched, service) => {
                "an alarm on the service's errors that the deployment watches"
            }
            _ => "",
        };
        is_late |= matches!(defect.kind, DefectKind::Hangs { .. } | DefectKind::Crashes { .. });
        if !witness.is_empty() {
            let message = format!("only {witness} could notice '{}', and there is none", defect.name);
            reader.problem(Code::DefectWithoutWitness, place_of(raw.value.name.as_ref()), message);
        }
    }
    if is_late && watched.is_empty() {
        let message =
            format!("'{}' has defects that act after the start, and no alarm is watched", revision.label());
        reader
            .problem(Code::BreakerBlind, request.place, message)
            .help("the circuit breaker counts failures to start; watch an alarm, and bake");
    }
}

/// Whether an alarm that could turn red by the errors of a service is watched.
fn watches(parts: &Parts, watched: &[usize], service: usize) -> bool {
    watched.iter().any(|&index| match &parts.alarms[index].metric {
        AlarmMetric::ErrorRate { service: seen } => *seen == service,
        AlarmMetric::Scripted(_) => true,
        AlarmMetric::RunningTasksPercent { .. }
        | AlarmMetric::UnhealthyDaemons { .. }
        | AlarmMetric::DaemonCpuUtilization { .. }
        | AlarmMetric::DaemonMemoryUtilization { .. }
        | AlarmMetric::ImpairedInstances { .. } => false,
    })
}
