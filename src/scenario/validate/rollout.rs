//! Daemons, alarms and the timeline.

use super::fleet::{each, no_traffic};
use super::names::{self, All};
use super::{faults, get};
use crate::aws::requests::{CreateDaemon, DeploymentConfiguration as RawConfiguration, Tag, UpdateDaemon};
use crate::engine::time::{SimDuration, SimTime};
use crate::scenario::codes::Code;
use crate::scenario::model::{
    Action, Alarm, AlarmMetric, AlarmState, Comparison, Daemon, DaemonSettings, Deploy,
    DeploymentConfiguration, MissingData, Operation, Request, Scale, Simulation,
};
use crate::scenario::raw::{
    ComparisonOperator, RawAction, RawAlarm, RawAlarmMetric, RawAlarmState, RawDaemon, RawScenario,
    RawScripted, TreatMissingData,
};
use crate::scenario::read::{At, List, Reader, with_guess};
use crate::scenario::values::{Flag, Text};

pub(super) struct Rollout {
    pub(super) daemons: Vec<Daemon>,
    pub(super) alarms: Vec<Alarm>,
    pub(super) timeline: Vec<Action>,
}

pub(super) fn rollout(
    raw: &RawScenario,
    names: &All<'_>,
    simulation: Option<Simulation>,
    reader: &mut Reader<'_>,
) -> Option<Rollout> {
    one_cluster(raw, reader);
    let initial = each(raw.daemons.as_ref(), reader, |raw, reader| running_daemon(&raw.value, names, reader));
    let alarms = each(raw.alarms.as_ref(), reader, |alarm_raw, reader| alarm(alarm_raw, raw, names, reader));
    let actions = each(raw.timeline.as_ref(), reader, |action_raw, reader| {
        action(action_raw, raw, names, simulation, reader)
    });
    walk(raw, names, reader);
    let mut daemons: Vec<_> =
        names.daemons.list().map(|name| Daemon { name: name.into(), initial: None }).collect();
    for (daemon, initial) in daemons.iter_mut().zip(initial?) {
        daemon.initial = Some(initial);
    }
    let mut timeline = actions?;
    // Stable: what is due at the same time stays in the order of the file.
    timeline.sort_by_key(|action| action.at);
    Some(Rollout { daemons, alarms: alarms?, timeline })
}

/// The members of requests that say what shall run.
struct Settings<'r> {
    revision: &'r Option<At<Text>>,
    providers: &'r Option<At<List<Text>>>,
    critical: &'r Option<At<Flag>>,
}

macro_rules! settings {
    ($raw:expr) => {
        Settings {
            revision: &$raw.daemon_task_definition_arn,
            providers: &$raw.capacity_provider_arns,
            critical: &$raw.critical,
        }
    };
}

impl Settings<'_> {
    fn resolve(&self, names: &All<'_>, reader: &mut Reader<'_>) -> Option<DaemonSettings> {
        let revision = self.revision.as_ref().and_then(|text| names.revisions.resolve(text, reader));
        let list = self.providers.as_ref()?;
        let providers = names::resolve_each(list, &names.providers, reader);
        if list.value.items.is_empty() && list.value.is_complete {
            reader.problem(Code::Empty, list.place, "a daemon runs on at least one capacity provider");
            return None;
        }
        Some(DaemonSettings { revision: revision?, providers: providers?, critical: get!(self.critical).0 })
    }
}

fn running_daemon(raw: &RawDaemon, names: &All<'_>, reader: &mut Reader<'_>) -> Option<DaemonSettings> {
    check_token(raw.client_token.as_ref(), reader);
    check_tags(raw.tags.as_ref(), reader);
    settings!(raw).resolve(names, reader)
}

fn check_token(token: Option<&At<Text>>, reader: &mut Reader<'_>) {
    let Some(At { value: Text(token), place }) = token else { return };
    if token.is_empty() || token.len() > 36 || !token.bytes().all(|byte| (33..=126).contains(&byte)) {
        reader
            .problem(Code::BadName, *place, "this cannot be a client token")
            .help("up to 36 ASCII characters from ! to ~, no spaces (API_CreateDaemon)");
    }
}

/// AWS's rules for tags.
pub(super) fn check_tags(tags: Option<&At<List<Tag>>>, reader: &mut Reader<'_>) {
    let Some(At { value: tags, place }) = tags else { return };
    if tags.items.len() > 50 {
        reader.problem(Code::BadTag, *place, format!("{} tags; AWS takes 50", tags.items.len()));
    }
    let mut seen: Vec<&str> = Vec::new();
    for tag in tags.values() {
        if let Some(At { value: Text(value), place }) = &tag.value
            && value.chars().count() > 256
        {
            reader.problem(Code::BadTag, *place, "the value of a tag has at most 256 characters");
        }
        let Some(At { value: Text(key), place }) = &tag.key else { continue };
        let problem = if key.is_empty() || key.chars().count() > 128 {
            "the key of a tag has 1 to 128 characters"
        } else if key.to_lowercase().starts_with("aws:") {
            "keys that begin with aws: are AWS's own"
        } else if seen.contains(&key.as_str()) {
            "this key is there already"
        } else {
            seen.push(key);
            continue;
        };
        reader.problem(Code::BadTag, *place, problem);
    }
}

/// All requests must be for one cluster.
fn one_cluster(raw: &RawScenario, reader: &mut Reader<'_>) {
    let daemons = raw.daemons.iter().flat_map(|list| list.value.values()).map(|raw| &raw.cluster_arn);
    let creates = raw
        .timeline
        .iter()
        .flat_map(|list| list.value.values())
        .filter_map(|action| action.create_daemon.as_ref())
        .map(|create| &create.value.cluster_arn);
    let mut first: Option<&str> = None;
    for text in daemons.chain(creates).flatten() {
        let Some(name) = names::plain(text, "cluster", reader) else { continue };
        match first {
            Some(first) if first != name => {
                reader
                    .problem(
                        Code::TwoClusters,
                        text.place,
                        format!("cluster '{name}', where there is '{first}' already"),
                    )
                    .help("a scenario is one cluster; write a second scenario for the other");
                return;
            }
            _ => first = Some(name),
        }
    }
}

fn action(
    raw: &At<RawAction>,
    scenario: &RawScenario,
    names: &All<'_>,
    simulation: Option<Simulation>,
    reader: &mut Reader<'_>,
) -> Option<Action> {
    let request = match &raw.value.scale_service {
        Some(At { value: scale, place }) => {
            let service = names.services.resolve_or_only(scale.service.as_ref(), *place, reader);
            let desired = scale.desired_count.as_ref().map(|count| count.value.0 as u32);
            service.zip(desired).map(|(service, desired)| Request::Scale(Scale { service, desired }))
        }
        None => deploy(&raw.value, scenario, names, reader)
            .map(Request::Deploy)
            .or_else(|| faults::fault(&raw.value, scenario, names, reader).map(Request::Fault)),
    };
    let at = raw.value.at.as_ref()?;
    if let Some(simulation) = simulation.filter(|simulation| at.value.0 > simulation.horizon) {
        let message = format!("at {}, but every run has ended by {}", at.value.0, simulation.horizon);
        reader.problem(Code::BeyondHorizon, at.place, message).help("move it, or raise simulation.horizon");
    }
    Some(Action { at: SimTime::ZERO + at.value.0, request: request? })
}

fn deploy(
    raw: &RawAction,
    scenario: &RawScenario,
    names: &All<'_>,
    reader: &mut Reader<'_>,
) -> Option<Deploy> {
    if let Some(At { value: create, .. }) = &raw.create_daemon {
        return deploy_create(create, scenario, names, reader);
    }
    if let Some(At { value: update, .. }) = &raw.update_daemon {
        return deploy_update(update, scenario, names, reader);
    }
    let delete = &raw.delete_daemon.as_ref()?.value;
    Some(Deploy {
        daemon: names.daemons.resolve(delete.daemon_arn.as_ref()?, reader)?,
        operation: Operation::Delete,
        target: None,
        configuration: DeploymentConfiguration {
            drain_percent: 25.0,
            bake: SimDuration::ZERO,
            alarms: Vec::new(),
        },
    })
}

fn deploy_create(
    raw: &CreateDaemon,
    scenario: &RawScenario,
    names: &All<'_>,
    reader: &mut Reader<'_>,
) -> Option<Deploy> {
    check_token(raw.client_token.as_ref(), reader);
    check_tags(raw.tags.as_ref(), reader);
    let target = settings!(raw).resolve(names, reader);
    let configuration = configuration(raw.deployment_configuration.as_ref(), scenario, names, reader);
    let name = &raw.daemon_name.as_ref()?.value.0;
    Some(Deploy {
        daemon: names.daemons.list().position(|known| known == name)?,
        operation: Operation::Create,
        target: Some(target?),
        configuration: configuration?,
    })
}

fn deploy_update(
    raw: &UpdateDaemon,
    scenario: &RawScenario,
    names: &All<'_>,
    reader: &mut Reader<'_>,
) -> Option<Deploy> {
    let target = settings!(raw).resolve(names, reader);
    let configuration = configuration(raw.deployment_configuration.as_ref(), scenario, names, reader);
    let daemon = names.daemons.resolve(raw.daemon_arn.as_ref()?, reader);
    Some(Deploy {
        daemon: daemon?,
        operation: Operation::Update,
        target: Some(target?),
        configuration: configuration?,
    })
}

fn configuration(
    raw: Option<&At<RawConfiguration>>,
    scenario: &RawScenario,
    names: &All<'_>,
    reader: &mut Reader<'_>,
) -> Option<DeploymentConfiguration> {
    use crate::scenario::assumptions::DrainPercentBelowOne::Reject;
    let raw = &raw?.value;
    let assumptions = scenario.assumptions.as_ref().map(|raw| raw.value.resolve());
    let alarms = raw.alarms.as_ref().and_then(|raw| {
        let watched = names::resolve_each(raw.value.alarm_names.as_ref()?, &names.alarms, reader)?;
        Some(if get!(raw.value.enable).0 { watched } else { Vec::new() })
    });
    let At { value: percent, place } = raw.drain_percent.as_ref()?;
    if percent.0 < 1.0 && assumptions.is_some_and(|assumptions| assumptions.drain_percent_below_one == Reject)
    {
        let help = "the guide gives 1 to 100; to drain less than 1 %, one instance at least, say assumptions.drainPercentBelowOne: minOne";
        let help = if percent.0 > 0.0 {
            format!("a percentage: {} is {} % of the fleet; {help}", percent.0 * 100.0, percent.0 * 100.0)
        } else {
            help.to_string()
        };
        reader
            .problem(Code::DrainPercent, *place, format!("drainPercent {} is below 1", percent.0))
            .help(help);
    }
    Some(DeploymentConfiguration {
        drain_percent: percent.0,
        bake: get!(raw.bake_time_in_minutes).0,
        alarms: alarms?,
    })
}

/// Follows the timeline in order of time and sees which daemons are there.
fn walk(raw: &RawScenario, names: &All<'_>, reader: &mut Reader<'_>) {
    let Some(timeline) = &raw.timeline else { return };
    if !timeline.value.is_complete {
        return;
    }
    let initial = raw.daemons.iter().flat_map(|list| list.value.values());
    let mut present: Vec<&str> =
        initial.filter_map(|daemon| Some(daemon.daemon_name.as_ref()?.value.0.as_str())).collect();
    let mut actions: Vec<_> = timeline.value.values().collect();
    actions.sort_by_key(|action| action.at.as_ref().map(|at| at.value.0));
    for action in actions {
        if let Some(name) = action.create_daemon.as_ref().and_then(|raw| raw.value.daemon_name.as_ref()) {
            if present.contains(&name.value.0.as_str()) {
                let message = format!("the daemon '{}' is there already", name.value.0);
                reader.problem(Code::DaemonExists, name.place, message).help("use updateDaemon");
            } else {
                present.push(&name.value.0);
            }
        }
        let update = action.update_daemon.as_ref().and_then(|raw| raw.value.daemon_arn.as_ref());
        let delete = action.delete_daemon.as_ref().and_then(|raw| raw.value.daemon_arn.as_ref());
        let Some(text) = update.or(delete) else { continue };
        let Ok(name) = crate::aws::arn::plain_name(&text.value.0, "daemon") else { continue };
        // A name that nobody has is told where names are resolved.
        let is_known = names.daemons.list().any(|known| known == name);
        if is_known && !present.contains(&name) {
            let help = with_guess(name, &present, "create it before, or see what deletes it".into());
            reader
                .problem(
                    Code::DaemonAbsent,
                    text.place,
                    format!("the daemon '{name}' is not there at that time"),
                )
                .help(help);
        }
        if delete.is_some() {
            present.retain(|known| *known != name);
        }
    }
}

fn alarm(
    raw: &At<RawAlarm>,
    scenario: &RawScenario,
    names: &All<'_>,
    reader: &mut Reader<'_>,
) -> Option<Alarm> {
    let raw = &raw.value;
    let metric = raw.metric.as_ref().and_then(|metric| alarm_metric(metric, scenario, names, reader));
    let periods = get!(raw.evaluation_periods).0;
    let datapoints = raw.datapoints_to_alarm.as_ref().map_or(periods, |datapoints| datapoints.value.0);
    check_periods(raw, datapoints, reader)?;
    Some(Alarm {
        name: get!(raw.alarm_name).0.clone(),
        metric: metric?,
        period: get!(raw.period).0,
        evaluation_periods: periods as u32,
        datapoints_to_alarm: datapoints as u32,
        threshold: get!(raw.threshold).0,
        comparison: match get!(raw.comparison_operator) {
            ComparisonOperator::Greater => Comparison::Greater,
            ComparisonOperator::GreaterOrEqual => Comparison::GreaterOrEqual,
            ComparisonOperator::Less => Comparison::Less,
            ComparisonOperator::LessOrEqual => Comparison::LessOrEqual,
        },
        missing: match get!(raw.treat_missing_data) {
            TreatMissingData::Missing => MissingData::Missing,
            TreatMissingData::Ignore => MissingData::Ignore,
            TreatMissingData::Breaching => MissingData::Breaching,
            TreatMissingData::NotBreaching => MissingData::NotBreaching,
        },
    })
}

/// What `CloudWatch` takes for periods.
fn check_periods(raw: &RawAlarm, datapoints: u64, reader: &mut Reader<'_>) -> Option<()> {
    let before = reader.problems.len();
    let At { value: period, place } = raw.period.as_ref()?;
    let At { value: periods, place: periods_place } = raw.evaluation_periods.as_ref()?;
    let seconds = period.0.as_ms() / 1_000;
    if ![10, 30].contains(&seconds) && seconds % 60 != 0 {
        reader
            .problem(
                Code::AlarmPeriods,
                *place,
                format!("a period of {} is not one of CloudWatch's", period.0),
            )
            .help("10, 30, or a multiple of 60 seconds");
    }
    let of_daemon = |metric: &At<RawAlarmMetric>| {
        metric.value.daemon_cpu_utilization.is_some() || metric.value.daemon_memory_utilization.is_some()
    };
    if seconds < 60 && raw.metric.as_ref().is_some_and(of_daemon) {
        reader
            .problem(
                Code::AlarmPeriods,
                *place,
                format!("a period of {}, but the metric has one datapoint a minute", period.0),
            )
            .help("ECS sends the utilisation of daemons once a minute (managed-daemons-metrics)");
    }
    if datapoints > periods.0 {
        let place = raw.datapoints_to_alarm.as_ref().map_or(*periods_place, |datapoints| datapoints.place);
        let message = format!("{datapoints} datapoints to alarm, out of {} periods", periods.0);
        reader.problem(Code::AlarmPeriods, place, message).help("at most evaluationPeriods");
    }
    let reach = if seconds >= 3_600 { 7 * 86_400 } else { 86_400 };
    if seconds * periods.0 > reach {
        let message =
            format!("{} periods of {} reach back further than CloudWatch does", periods.0, period.0);
        reader
            .problem(Code::AlarmPeriods, *periods_place, message)
            .help("a day at most, or a week for periods of an hour or more");
    }
    (reader.problems.len() == before).then_some(())
}

fn alarm_metric(
    metric: &At<RawAlarmMetric>,
    scenario: &RawScenario,
    names: &All<'_>,
    reader: &mut Reader<'_>,
) -> Option<AlarmMetric> {
    let At { value: raw, place } = metric;
    if let Some(At { value: raw, place }) = &raw.error_rate {
        let service = names.services.resolve_or_only(raw.service.as_ref(), *place, reader)?;
        let list = get!(scenario.services);
        if list.items[service].value.traffic.is_none() {
            let name = names.services.list().nth(service).unwrap_or_default();
            no_traffic(name, raw.service.as_ref().map_or(*place, |text| text.place), "watch", reader);
            return None;
        }
        return Some(AlarmMetric::ErrorRate { service });
    }
    if let Some(At { value: raw, place }) = &raw.running_tasks_percent {
        let service = names.services.resolve_or_only(raw.service.as_ref(), *place, reader)?;
        return Some(AlarmMetric::RunningTasksPercent { service });
    }
    if let Some(At { value: raw, place }) = &raw.unhealthy_daemons {
        let daemon = names.daemons.resolve_or_only(raw.daemon.as_ref(), *place, reader)?;
        return Some(AlarmMetric::UnhealthyDaemons { daemon });
    }
    if let Some(At { value: raw, place }) = &raw.daemon_cpu_utilization {
        let daemon = names.daemons.resolve_or_only(raw.daemon.as_ref(), *place, reader)?;
        return Some(AlarmMetric::DaemonCpuUtilization { daemon });
    }
    if let Some(At { value: raw, place }) = &raw.daemon_memory_utilization {
        let daemon = names.daemons.resolve_or_only(raw.daemon.as_ref(), *place, reader)?;
        return Some(AlarmMetric::DaemonMemoryUtilization { daemon });
    }
    if let Some(At { value: raw, .. }) = &raw.impaired_instances {
        let provider = match &raw.capacity_provider {
            None => None,
            Some(text) => Some(names.providers.resolve(text, reader)?),
        };
        return Some(AlarmMetric::ImpairedInstances { provider });
    }
    let states = raw.scripted.as_ref()?;
    if states.value.items.is_empty() && states.value.is_complete {
        reader.problem(Code::Empty, *place, "a scripted alarm needs at least one state");
        return None;
    }
    script(&states.value, reader).map(AlarmMetric::Scripted)
}

fn script(states: &List<RawScripted>, reader: &mut Reader<'_>) -> Option<Vec<(SimTime, AlarmState)>> {
    let mut script: Vec<(SimTime, AlarmState)> = Vec::new();
    for raw in states.values() {
        let At { value: at, place } = raw.at.as_ref()?;
        let at = SimTime::ZERO + at.0;
        if script.last().is_some_and(|(before, _)| *before >= at) {
            reader
                .problem(Code::Order, *place, "a state that comes no later than the one before it")
                .help("put the states in order of time");
            return None;
        }
        let state = match get!(raw.state) {
            RawAlarmState::Ok => AlarmState::Ok,
            RawAlarmState::Alarm => AlarmState::Alarm,
            RawAlarmState::InsufficientData => AlarmState::InsufficientData,
        };
        script.push((at, state));
    }
    states.is_complete.then_some(script)
}
