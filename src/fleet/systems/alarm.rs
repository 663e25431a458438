//! CloudWatch alarms, and ECS looking at them.
//!
//! Datapoints are made from counters at the end of each period, and only while some
//! deployment, running or still to come, watches the alarm. ECS looks on a fixed grid
//! from IN_PROGRESS on; a look is only scheduled when an alarm has something to show.

use std::collections::VecDeque;

use crate::engine::agenda::Phase;
use crate::engine::draw::binomial;
use crate::engine::time::{SimDuration, SimTime};
use crate::fleet::event::Event;
use crate::fleet::log::Change;
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::outcome::DeploymentStatus;
use crate::scenario::Scenario;
use crate::scenario::assumptions::RedAlarms;
use crate::scenario::model::{Alarm, AlarmMetric, AlarmState, Comparison, MissingData};

use super::rollback;
use super::utilization::{self, Areas};

/// What is kept per alarm.
#[derive(Debug)]
pub(in crate::fleet) struct AlarmRecord {
    pub(in crate::fleet) state: AlarmState,
    /// Datapoints of the evaluation range, oldest first; none for a missing one.
    history: VecDeque<Option<f64>>,
    /// Datapoints of ended periods that are not visible yet.
    published: VecDeque<Option<f64>>,
    /// The metric's integral at the start of the current period.
    mark: f64,
    /// The same for a metric of utilisation.
    mark_of_loads: Areas,
    /// That of what a service wanted, where that is what the metric is measured against.
    desired_mark: f64,
    /// Number of the current period.
    period: u64,
}

impl Default for AlarmRecord {
    fn default() -> Self {
        Self {
            state: AlarmState::Ok,
            history: VecDeque::new(),
            published: VecDeque::new(),
            mark: 0.0,
            mark_of_loads: Areas::default(),
            desired_mark: 0.0,
            period: 0,
        }
    }
}

/// Puts the alarms' first periods and scripts on the agenda.
pub(in crate::fleet) fn begin(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    w.alarms.clear();
    w.alarms.resize_with(scn.alarms.len(), AlarmRecord::default);
    for (index, spec) in scn.alarms.iter().enumerate() {
        let alarm = index as u32;
        match &spec.metric {
            AlarmMetric::Scripted(steps) => {
                for (step, (at, _)) in steps.iter().enumerate() {
                    let event = Event::AlarmScripted { alarm, step: step as u32 };
                    agenda.schedule(at.since(SimTime::ZERO), Phase::Fact, event);
                }
            }
            _ if is_watched(scn, w, index) => {
                agenda.schedule(spec.period, Phase::Fact, Event::AlarmPeriodEnded { alarm });
            }
            _ => {}
        }
    }
}

/// Whether a deployment that is open, or that the timeline has yet to start, watches an alarm.
fn is_watched(scn: &Scenario, w: &World, alarm: usize) -> bool {
    let running = w.deployments.iter().filter(|d| !d.status.is_final()).map(|d| &d.alarms);
    let to_come = scn.timeline[scn.timeline.len() - w.actions_left..]
        .iter()
        .filter_map(|action| Some(&action.request.deploy()?.configuration.alarms));
    running.chain(to_come).any(|alarms| alarms.contains(&alarm))
}

/// A period ended: its datapoint is taken, and becomes visible after the publish delay.
pub(in crate::fleet) fn period_ended(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, alarm: usize) {
    let value = datapoint(scn, w, agenda.now(), alarm);
    let index = alarm as u32;
    w.alarms[alarm].published.push_back(value);
    let publish = scn.control_plane.alarm_publish;
    agenda.schedule(publish, Phase::Fact, Event::AlarmDatapointVisible { alarm: index });
    if is_watched(scn, w, alarm) {
        agenda.schedule(scn.alarms[alarm].period, Phase::Fact, Event::AlarmPeriodEnded { alarm: index });
    }
}

fn datapoint(scn: &Scenario, w: &mut World, now: SimTime, alarm: usize) -> Option<f64> {
    let spec = &scn.alarms[alarm];
    let period_ms = spec.period.as_ms() as f64;
    let integral = match spec.metric {
        AlarmMetric::ErrorRate { service } => w.services[service].errors.settle(now),
        AlarmMetric::RunningTasksPercent { service } => {
            w.services[service].running.settle(now);
            w.services[service].running.area() as f64
        }
        AlarmMetric::UnhealthyDaemons { daemon } => {
            w.ailing[daemon].settle(now);
            w.ailing[daemon].area() as f64
        }
        AlarmMetric::ImpairedInstances { provider } => {
            let gauge = match provider {
                None => &mut w.impaired,
                Some(provider) => &mut w.providers[provider].impaired,
            };
            gauge.settle(now);
            gauge.area() as f64
        }
        AlarmMetric::DaemonCpuUtilization { daemon } | AlarmMetric::DaemonMemoryUtilization { daemon } => {
            return utilization(scn, w, now, alarm, daemon);
        }
        AlarmMetric::Scripted(_) => return None,
    };
    let record = &mut w.alarms[alarm];
    let mean = (integral - record.mark) / period_ms;
    let period = record.period;
    record.mark = integral;
    record.period += 1;
    match spec.metric {
        AlarmMetric::ErrorRate { service } => error_rate(scn, w, service, spec.period, period, mean),
        AlarmMetric::RunningTasksPercent { service } => {
            let integral = w.services[service].running.reference_area() as f64;
            let desired =
                (integral - std::mem::replace(&mut w.alarms[alarm].desired_mark, integral)) / period_ms;
            (desired > 0.0).then(|| 100.0 * mean / desired)
        }
        _ => Some(mean),
    }
}

/// What a daemon's tasks have used in a period, in percent: the mean over all that ran, and
/// nothing if none did.
fn utilization(scn: &Scenario, w: &mut World, now: SimTime, alarm: usize, daemon: usize) -> Option<f64> {
    let until = w.usage[daemon].settle(now);
    let from = std::mem::replace(&mut w.alarms[alarm].mark_of_loads, until);
    let load = match scn.alarms[alarm].metric {
        AlarmMetric::DaemonCpuUtilization { .. } => until.cpu - from.cpu,
        _ => until.memory - from.memory,
    };
    utilization::mean(until.tasks - from.tasks, load)
}

/// Errors over requests of one period. Every request fails with the period's mean share of
/// failures, each on its own: their number is binomial, and noisy where traffic is low.
fn error_rate(
    scn: &Scenario,
    w: &World,
    service: usize,
    length: SimDuration,
    period: u64,
    share: f64,
) -> Option<f64> {
    let per_period = scn.services[service].traffic?.requests_per_second * length.as_secs();
    let until = |periods: u64| (per_period * periods as f64).floor() as u64;
    let requests = until(period + 1) - until(period);
    if requests == 0 {
        return None;
    }
    let u = w.keys.services[service].errors.uniform(length.as_secs() as u32, period as u32);
    Some(binomial(u, requests, share.clamp(0.0, 1.0)) as f64 / requests as f64)
}

/// A datapoint became visible: the alarm is evaluated.
pub(in crate::fleet) fn datapoint_visible(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    alarm: usize,
) {
    let spec = &scn.alarms[alarm];
    let record = &mut w.alarms[alarm];
    let value = record.published.pop_front().expect("one datapoint for each period that ended");
    record.history.push_back(value);
    if record.history.len() > evaluation_range(spec) {
        record.history.pop_front();
    }
    let state = evaluate(spec, record.history.make_contiguous(), record.state);
    w.tell(agenda.now(), |_| Change::Datapoint {
        alarm: spec.name.clone(),
        value_millionths: value.map(|value| (value * 1e6).round() as i64),
    });
    set_state(scn, w, agenda, alarm, state);
}

/// How many periods back CloudWatch looks for datapoints: two more than it evaluates
/// (5 for 3 in the example of "Configuring how CloudWatch alarms treat missing data").
fn evaluation_range(alarm: &Alarm) -> usize {
    alarm.evaluation_periods as usize + 2
}

fn breaches(alarm: &Alarm, value: f64) -> bool {
    match alarm.comparison {
        Comparison::Greater => value > alarm.threshold,
        Comparison::GreaterOrEqual => value >= alarm.threshold,
        Comparison::Less => value < alarm.threshold,
        Comparison::LessOrEqual => value <= alarm.threshold,
    }
}

/// M out of N, after "Configuring how CloudWatch alarms treat missing data" in the CloudWatch
/// user guide: with enough real datapoints in the range the newest N decide and missing ones
/// are not looked at; else the missing ones are filled as the alarm says.
fn evaluate(alarm: &Alarm, history: &[Option<f64>], current: AlarmState) -> AlarmState {
    let wanted = alarm.evaluation_periods as usize;
    let needed = alarm.datapoints_to_alarm as usize;
    let newest: Vec<f64> = history.iter().rev().filter_map(|value| *value).take(wanted).collect();
    let breaching = newest.iter().filter(|value| breaches(alarm, **value)).count();
    let filled = wanted - newest.len();
    if breaching >= needed {
        return AlarmState::Alarm;
    }
    match alarm.missing {
        MissingData::Breaching if breaching + filled >= needed => AlarmState::Alarm,
        MissingData::Breaching | MissingData::NotBreaching => AlarmState::Ok,
        // A sound datapoint, or enough of any kind, settles it.
        MissingData::Missing | MissingData::Ignore if breaching < newest.len() || filled == 0 => {
            AlarmState::Ok
        }
        MissingData::Ignore => current,
        MissingData::Missing if newest.is_empty() => AlarmState::InsufficientData,
        MissingData::Missing => {
            // Only breaching datapoints, fewer than needed: the oldest one must be old enough.
            let oldest = history.iter().position(Option::is_some).expect("not empty, checked above");
            let age = history.len() - oldest;
            if age >= needed { AlarmState::Alarm } else { current }
        }
    }
}

/// The scenario's script sets an alarm.
pub(in crate::fleet) fn scripted(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    alarm: usize,
    step: usize,
) {
    if let AlarmMetric::Scripted(steps) = &scn.alarms[alarm].metric {
        set_state(scn, w, agenda, alarm, steps[step].1);
    }
}

fn set_state(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, alarm: usize, state: AlarmState) {
    if w.alarms[alarm].state == state {
        return;
    }
    w.alarms[alarm].state = state;
    w.tell(agenda.now(), |_| Change::Alarm {
        alarm: scn.alarms[alarm].name.clone(),
        state: match state {
            AlarmState::Ok => "OK",
            AlarmState::Alarm => "ALARM",
            AlarmState::InsufficientData => "INSUFFICIENT_DATA",
        },
    });
    for index in 0..w.deployments.len() {
        let deployment = &mut w.deployments[index];
        if deployment.status != DeploymentStatus::InProgress || !deployment.alarms.contains(&alarm) {
            continue;
        }
        let rearms = state == AlarmState::Ok
            && scn.assumptions.red_alarms == RedAlarms::Rearmed
            && deployment.ignored_alarms.contains(&alarm);
        if state == AlarmState::Alarm || rearms {
            schedule_look(scn, w, agenda, index);
        }
    }
}

/// Starts watching: alarms that are red by now are ignored.
pub(in crate::fleet) fn watch(w: &mut World, index: usize) {
    let red: Vec<usize> = w.deployments[index]
        .alarms
        .iter()
        .copied()
        .filter(|alarm| w.alarms[*alarm].state == AlarmState::Alarm)
        .collect();
    w.deployments[index].ignored_alarms = red;
}

/// Schedules ECS's next look at a deployment's alarms: on its grid, which starts at IN_PROGRESS.
fn schedule_look(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, index: usize) {
    let deployment = &w.deployments[index];
    let started = deployment.started_at.expect("only deployments in progress are watched");
    let poll = scn.control_plane.alarm_poll.as_ms();
    let looks = agenda.now().since(started).as_ms().div_ceil(poll).max(1);
    let at = started + SimDuration::from_ms(looks * poll);
    let event = Event::AlarmLookDue { deployment: index as u32, generation: deployment.generation };
    agenda.schedule(at.since(agenda.now()), Phase::Fact, event);
}

/// What ECS sees when it looks: an alarm that is red now, and was not when it started, or has
/// been seen OK since (A15).
pub(in crate::fleet) fn look(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, index: usize) {
    let deployment = &mut w.deployments[index];
    if !std::mem::take(&mut deployment.look_due) || deployment.status != DeploymentStatus::InProgress {
        return;
    }
    if scn.assumptions.red_alarms == RedAlarms::Rearmed {
        deployment.ignored_alarms.retain(|alarm| w.alarms[*alarm].state != AlarmState::Ok);
    }
    let red: Vec<usize> = deployment
        .alarms
        .iter()
        .copied()
        .filter(|alarm| w.alarms[*alarm].state == AlarmState::Alarm)
        .filter(|alarm| !deployment.ignored_alarms.contains(alarm))
        .collect();
    if !red.is_empty() {
        rollback::alarms_triggered(scn, w, agenda, index, red);
    }
}

/// ECS looks: the monitors decide on what it sees once the facts of the instant are in.
pub(in crate::fleet) fn look_due(w: &mut World, agenda: &mut FleetAgenda, index: usize) {
    w.deployments[index].look_due = true;
    w.wake(agenda, Decider::Monitors);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(needed: u32, of: u32, missing: MissingData) -> Alarm {
        Alarm {
            name: "a".into(),
            metric: AlarmMetric::ErrorRate { service: 0 },
            period: SimDuration::from_secs(60),
            evaluation_periods: of,
            datapoints_to_alarm: needed,
            threshold: 0.5,
            comparison: Comparison::Greater,
            missing,
        }
    }

    /// `X` breaches, `0` does not, `-` is missing; newest last.
    fn states(points: &str, needed: u32) -> [AlarmState; 4] {
        let history: Vec<Option<f64>> = points
            .chars()
            .map(|point| match point {
                'X' => Some(1.0),
                '0' => Some(0.0),
                _ => None,
            })
            .collect();
        [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching]
            .map(|missing| evaluate(&alarm(needed, 3, missing), &history, AlarmState::InsufficientData))
    }

    #[test]
    fn r604_three_of_three_follows_the_table_of_the_user_guide() {
        use AlarmState::{Alarm, InsufficientData as Kept, Ok};
        assert_eq!(states("0-X-X", 3), [Ok, Ok, Ok, Ok]);
        assert_eq!(states("----0", 3), [Ok, Ok, Ok, Ok]);
        assert_eq!(states("-----", 3), [Kept, Kept, Alarm, Ok]);
        assert_eq!(states("0XX-X", 3), [Alarm, Alarm, Alarm, Alarm]);
        assert_eq!(states("--X--", 3), [Alarm, Kept, Alarm, Ok]);
    }

    #[test]
    fn r604_two_of_three_follows_the_table_of_the_user_guide() {
        use AlarmState::{Alarm, InsufficientData as Kept, Ok};
        assert_eq!(states("0-X-X", 2), [Alarm, Alarm, Alarm, Alarm]);
        assert_eq!(states("00X0X", 2), [Alarm, Alarm, Alarm, Alarm]);
        assert_eq!(states("0-X--", 2), [Ok, Ok, Alarm, Ok]);
        assert_eq!(states("----0", 2), [Ok, Ok, Alarm, Ok]);
        assert_eq!(states("---X-", 2), [Alarm, Kept, Alarm, Ok]);
    }
}
