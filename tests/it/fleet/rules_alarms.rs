//! Alarms by the rules: what their datapoints are, when they are red, and when ECS sees it.
//!
//! Delays as in `rules_deployments`: a deployment of one host created at 1:00 is `IN_PROGRESS` at
//! 1:05, its batch is done at 1:40, and ECS looks at its alarms at 2:05, 3:05 and so on.

use bakeoff::outcome::MonitorStatus;
use bakeoff::summary::Value;

use super::rules_deployments::{Case, WATCH, expect, minutes};

/// One host, a bake of five minutes from 1:40 to 6:40, and an alarm with these states.
fn scripted(states: &[(&str, &str)]) -> Case {
    Case::agent(1).alarm("a", &script(states)).update("1m", 2, &format!("bakeTimeInMinutes: 5, {WATCH}"))
}

fn script(states: &[(&str, &str)]) -> String {
    let states: Vec<String> =
        states.iter().map(|(at, state)| format!("{{ at: {at}, state: {state} }}")).collect();
    format!("metric: {{ scripted: [ {} ] }}", states.join(", "))
}

/// How the first deployment of `case` ended, or was halted, and when.
fn verdict(case: &Case) -> String {
    let course = case.course();
    let halted = course.iter().find(|line| line.contains("d1 STOP") || line.contains("d1 SUCCESSFUL"));
    halted.expect("an end").clone()
}

// What ECS sees: rules 16 and 23.

#[test]
fn r132_a_state_that_comes_and_goes_between_two_looks_is_missed() {
    assert_eq!(verdict(&scripted(&[("70s", "ALARM"), ("124s", "OK")])), "0:06:40 d1 SUCCESSFUL");
    assert_eq!(verdict(&scripted(&[("70s", "ALARM"), ("126s", "OK")])), "0:02:05 d1 STOP_REQUESTED");
}

#[test]
fn r132_a_change_in_the_millisecond_of_a_look_is_seen() {
    assert_eq!(verdict(&scripted(&[("125s", "ALARM")])), "0:02:05 d1 STOP_REQUESTED");
    assert_eq!(verdict(&scripted(&[("70s", "ALARM"), ("125s", "OK")])), "0:06:40 d1 SUCCESSFUL");
    assert_eq!(verdict(&scripted(&[("125001ms", "ALARM")])), "0:03:05 d1 STOP_REQUESTED");
}

#[test]
fn r128_looks_go_on_through_the_bake_and_end_with_it() {
    assert_eq!(verdict(&scripted(&[("365s", "ALARM")])), "0:06:05 d1 STOP_REQUESTED");
    assert_eq!(verdict(&scripted(&[("366s", "ALARM")])), "0:06:40 d1 SUCCESSFUL");
    // Looks every 67 s: the fifth falls on the end of the bake, and monitors decide first.
    let fifth = |at: &str| verdict(&scripted(&[(at, "ALARM")]).control("alarmPoll: 67s"));
    assert_eq!(fifth("400s"), "0:06:40 d1 STOP_REQUESTED");
    assert_eq!(fifth("400001ms"), "0:06:40 d1 SUCCESSFUL");
}

#[test]
fn r608_without_a_bake_an_alarm_may_be_too_late_for_the_last_batch() {
    let case = Case::agent(1).red("a", "70s").update("1m", 2, WATCH);
    assert_eq!(verdict(&case), "0:01:40 d1 SUCCESSFUL");
    assert_eq!(case.outcome().deployments[0].alarms, MonitorStatus::MonitoringComplete);
}

#[test]
fn r129_an_alarm_that_is_red_when_the_deployment_starts_never_counts() {
    for first in ["0s", "62s", "65s"] {
        let case = scripted(&[(first, "ALARM"), ("120s", "OK"), ("150s", "ALARM")]);
        assert_eq!(verdict(&case), "0:06:40 d1 SUCCESSFUL", "red from {first}");
    }
    assert_eq!(verdict(&scripted(&[("65001ms", "ALARM")])), "0:02:05 d1 STOP_REQUESTED");
}

#[test]
fn r130_a_red_alarm_rearms_only_by_an_ok_that_ecs_has_seen() {
    let rearmed = |states: &[(&str, &str)]| verdict(&scripted(states).assume("redAlarms: rearmed"));
    assert_eq!(rearmed(&[("30s", "ALARM"), ("2m", "OK"), ("150s", "ALARM")]), "0:03:05 d1 STOP_REQUESTED");
    // OK from 2:10 to 2:30 lies between two looks.
    assert_eq!(rearmed(&[("30s", "ALARM"), ("130s", "OK"), ("150s", "ALARM")]), "0:06:40 d1 SUCCESSFUL");
    assert_eq!(
        rearmed(&[("30s", "ALARM"), ("2m", "INSUFFICIENT_DATA"), ("150s", "ALARM")]),
        "0:06:40 d1 SUCCESSFUL"
    );
}

#[test]
fn r129_an_ignored_alarm_does_not_silence_the_others() {
    let case = Case::agent(1).red("a", "30s").red("b", "70s").update(
        "1m",
        2,
        "bakeTimeInMinutes: 5, alarms: { alarmNames: [a, b], enable: true }",
    );
    assert_eq!(verdict(&case), "0:02:05 d1 STOP_REQUESTED");
    assert_eq!(case.outcome().deployments[0].alarms_triggered, [1]);
}

#[test]
fn r131_alarms_found_red_at_one_look_have_all_triggered() {
    let case = Case::agent(1).red("a", "70s").red("b", "75s").red("c", "126s").update(
        "1m",
        2,
        "bakeTimeInMinutes: 5, alarms: { alarmNames: [c, b, a], enable: true }",
    );
    let mut triggered = case.outcome().deployments[0].alarms_triggered.clone();
    triggered.sort_unstable();
    assert_eq!(triggered, [0, 1]);
    assert_eq!(case.metric("alarms_triggered"), Value::Number(2.0));
}

#[test]
fn r127_alarms_that_are_not_enabled_do_nothing() {
    let case =
        Case::agent(1).red("a", "70s").update("1m", 2, "bakeTimeInMinutes: 5, alarms: { alarmNames: [a] }");
    assert_eq!(verdict(&case), "0:06:40 d1 SUCCESSFUL");
    assert_eq!(case.outcome().deployments[0].alarms, MonitorStatus::Disabled);
    assert_eq!(case.metric("alarms_triggered"), Value::Number(0.0));
}

#[test]
fn r132_a_deployment_that_inherits_drains_looks_from_its_creation_on() {
    let inherits = |red: &str| {
        let case = Case::agent(1).red("a", red).update("1m", 2, "").update(
            "80s",
            3,
            &format!("bakeTimeInMinutes: 5, {WATCH}"),
        );
        case.course().into_iter().find(|line| line.contains("d2 STOP") || line.contains("d2 SUCC")).unwrap()
    };
    assert_eq!(inherits("80s"), "0:06:40 d2 SUCCESSFUL");
    assert_eq!(inherits("81s"), "0:02:20 d2 STOP_REQUESTED");
}

#[test]
fn r127_only_the_deployment_that_watches_an_alarm_turns_back() {
    let case = Case::agent(1)
        .red("a", "70s")
        .pool("q", 1, "")
        .sound("mon")
        .daemon("mon", "q")
        .update("1m", 2, &format!("bakeTimeInMinutes: 5, {WATCH}"))
        .update_of("1m", "mon", 2, "q", "bakeTimeInMinutes: 5");
    let course = case.course();
    assert!(course.contains(&"0:02:05 d1 STOP_REQUESTED".to_owned()));
    assert!(course.contains(&"0:06:40 d2 SUCCESSFUL".to_owned()));
}

#[test]
fn r001_a_breaker_and_an_alarm_in_one_millisecond_make_one_rollback() {
    // The third failed start is at 2:50, and so is the look.
    let case = Case::agent(1)
        .defect("agent", 2, "failsToStart: { probability: 1 }")
        .red("a", "70s")
        .update("1m", 2, WATCH)
        .control("alarmPoll: 105s");
    let course = case.course();
    let halts: Vec<&String> = course.iter().filter(|line| line.contains("STOP_REQUESTED")).collect();
    assert_eq!(halts, ["0:02:50 d1 STOP_REQUESTED"]);
    assert_eq!(course.last().unwrap(), "0:03:25 d1 ROLLBACK_SUCCESSFUL");
}

#[test]
fn r002_a_trigger_and_a_newer_request_in_one_millisecond_both_happen_in_that_order() {
    let case = scripted(&[("70s", "ALARM")]).update("125s", 3, "");
    expect(
        &case.course()[5..],
        "0:02:05 d1 STOP_REQUESTED
         0:02:05 d1 ROLLBACK_IN_PROGRESS
         0:02:05 d1 STOPPED
         0:02:05 d2 PENDING
         0:02:10 d2 IN_PROGRESS
         0:02:10 d2 p batch of 1
         0:02:45 d2 p batch done
         0:02:45 d2 SUCCESSFUL",
    );
}

#[test]
fn r128_an_alarm_between_two_batches_ends_the_bake_there_too() {
    let case = Case::agent(2)
        .red("a", "2m")
        .update("1m", 2, &format!("drainPercent: 50, bakeTimeInMinutes: 1, {WATCH}"))
        .assume("bake: betweenBatches");
    expect(
        &case.course()[3..],
        "0:01:40 d1 p batch done
         0:01:40 d1 bakes 1
         0:02:05 d1 STOP_REQUESTED
         0:02:05 d1 ROLLBACK_IN_PROGRESS
         0:02:10 d1 p batch of 1
         0:02:45 d1 p batch done
         0:02:45 d1 ROLLBACK_SUCCESSFUL",
    );
}

// What an alarm sees: rules 15 to 17.

/// One host and one task; from revision 2 on every request on that host fails.
fn failing(periods: u32, datapoints: u32) -> Case {
    Case::agent(1)
        .service("desiredCount: 1, traffic: { requestsPerSecond: 100, errorRate: 0 }")
        .defect("agent", 2, "degrades: { service: web, errorRate: 1, after: 0s }")
        .alarm(
            "a",
            &format!(
                "metric: {{ errorRate: {{ service: web }} }}, period: 60, evaluationPeriods: {periods}, datapointsToAlarm: {datapoints}, threshold: 0.9"
            ),
        )
        .update("1m", 2, &format!("bakeTimeInMinutes: 30, {WATCH}"))
}

#[test]
fn r601_m_of_n_datapoints_turn_an_alarm_red_and_ecs_sees_it_at_its_next_look() {
    // The new task runs from 1:48 on, the old one until 2:28: of the period from 2:00 to 3:00 some
    // 77 % fail, from 3:00 on everything. That datapoint is visible at 4:30.
    let cases = [
        (1, 1, "0:04:30", "0:05:05"),
        (2, 2, "0:05:30", "0:06:05"),
        (3, 2, "0:05:30", "0:06:05"),
        (3, 3, "0:06:30", "0:07:05"),
        (5, 3, "0:06:30", "0:07:05"),
    ];
    for (n, m, red, seen) in cases {
        let case = failing(n, m);
        let told = case.told(&["alarm a ALARM", "STOP_REQUESTED"]);
        let times: Vec<&str> = told.iter().map(|line| &line[..7]).collect();
        assert_eq!(times[..2], [red, seen], "{m} of {n}: {told:?}");
    }
}

#[test]
fn r602_the_publish_delay_moves_the_datapoint_and_a_look_in_its_millisecond_sees_it() {
    let published = |after: &str| {
        let told = failing(1, 1)
            .control(&format!("alarmPublish: {after}"))
            .told(&["alarm a ALARM", "STOP_REQUESTED"]);
        (told[0][..7].to_owned(), told[1][..7].to_owned())
    };
    assert_eq!(published("0s"), ("0:04:00".into(), "0:04:05".into()));
    assert_eq!(published("5s"), ("0:04:05".into(), "0:04:05".into()));
    assert_eq!(published("6s"), ("0:04:06".into(), "0:05:05".into()));
    // A publish delay longer than the period: datapoints are in flight side by side.
    assert_eq!(published("150s"), ("0:06:30".into(), "0:07:05".into()));
}

#[test]
fn r142_a_rollback_by_an_alarm_is_not_halted_by_the_alarm_and_its_metrics_agree_with_the_hand() {
    let case = failing(1, 1);
    // The task moves back: RUNNING at 5:53, healthy at 6:33; the bad host is gone at 7:15.
    expect(
        &case.course()[2..],
        "0:01:05 d1 p batch of 1
         0:03:10 d1 p batch done
         0:03:10 d1 bakes 30
         0:05:05 d1 STOP_REQUESTED
         0:05:05 d1 ROLLBACK_IN_PROGRESS
         0:05:10 d1 p batch of 1
         0:07:15 d1 p batch done
         0:07:15 d1 ROLLBACK_SUCCESSFUL",
    );
    // The defect acts from the daemon's start at 1:40 on, until it stops at 6:45.
    assert_eq!(case.metric("detection_min"), minutes(205));
    assert_eq!(case.metric("bad_instance_min"), minutes(305));
    assert_eq!(case.metric("blast_radius_pct"), Value::Number(100.0));
    assert_eq!(case.metric("caught"), Value::Boolean(true));
    // Half of the requests for 40 s, all for 205 s, half for 40 s.
    assert_eq!(case.metric("failed_requests"), Value::Number(24_500.0));
    assert_eq!(case.metric("min_running_tasks_pct"), Value::Number(100.0));
    assert_eq!(case.metric("drain_wait_max_min"), minutes(95));
    assert_eq!(case.metric("app_tasks_restarted"), Value::Number(2.0));
}

/// One task that stops before its replacement starts: none runs from 1:05 to 1:48.
fn interrupted(alarm: &str) -> Case {
    Case::agent(1)
        .service(
            "desiredCount: 1, minimumHealthyPercent: 0, maximumPercent: 100, traffic: { requestsPerSecond: 100, errorRate: 0 }",
        )
        .alarm("a", alarm)
        .update("1m", 2, &format!("bakeTimeInMinutes: 5, {WATCH}"))
}

#[test]
fn r600_the_share_of_running_tasks_is_averaged_over_periods_on_the_grid_of_the_start() {
    let below = "metric: { runningTasksPercent: { service: web } }, period: 60, threshold: 50, comparisonOperator: LessThanThreshold";
    // Running for 17 of the 60 seconds from 1:00 to 2:00; red from 2:30 to 3:30.
    let case = interrupted(below);
    expect(
        &case.told(&["datapoint"])[..3],
        "0:01:30 alarm a datapoint 100
         0:02:30 alarm a datapoint 28.333333
         0:03:30 alarm a datapoint 100",
    );
    expect(
        &case.told(&["alarm a ALARM", "alarm a OK", "STOP_REQUESTED"]),
        "0:02:30 alarm a ALARM
         0:03:05 deployment 1 of agent STOP_REQUESTED: alarm a in ALARM
         0:03:30 alarm a OK
         0:04:30 alarm a ALARM",
    );
}

#[test]
fn r605_daemons_that_are_down_are_averaged_and_compared_as_asked() {
    // Two daemons stop at 1:30 and nobody repairs them: 0, then 1 on average, then 2.
    let down = |rest: &str| {
        let mut case = Case::default()
            .pool("p", 2, "autoRepairConfiguration: { actionsStatus: DISABLED }")
            .sound("agent")
            .defect("agent", 1, "crashes: { after: 90s }")
            .daemon("agent", "p")
            .alarm("a", &format!("metric: {{ unhealthyDaemons: {{ daemon: agent }} }}, period: 60, {rest}"));
        case = case.update("235s", 2, &format!("bakeTimeInMinutes: 1, {WATCH}"));
        let mut told = case.told(&["alarm a"]);
        told.retain(|line| line.as_str() < "0:04:00" && !line.contains("datapoint"));
        told
    };
    expect(&down("threshold: 2, comparisonOperator: GreaterThanOrEqualToThreshold"), "0:03:30 alarm a ALARM");
    expect(&down("threshold: 2, comparisonOperator: GreaterThanThreshold"), "");
    expect(
        &down("threshold: 1, comparisonOperator: LessThanThreshold"),
        "0:01:30 alarm a ALARM
         0:02:30 alarm a OK",
    );
    expect(
        &down("threshold: 1, comparisonOperator: LessThanOrEqualToThreshold"),
        "0:01:30 alarm a ALARM
         0:03:30 alarm a OK",
    );
}

#[test]
fn r603_without_requests_there_are_no_datapoints_and_missing_ones_count_as_said() {
    let silent = |treat: &str| {
        Case::agent(1)
            .service("desiredCount: 1, traffic: { requestsPerSecond: 0, errorRate: 0.5 }")
            .alarm(
                "a",
                &format!("metric: {{ errorRate: {{ service: web }} }}, period: 60, threshold: 0.1, treatMissingData: {treat}"),
            )
            .update("1m", 2, &format!("bakeTimeInMinutes: 5, {WATCH}"))
    };
    let states = |treat: &str| silent(treat).told(&["alarm a OK", "alarm a ALARM", "alarm a INSUFF"]);
    expect(&states("breaching"), "0:01:30 alarm a ALARM");
    expect(&states("missing"), "0:01:30 alarm a INSUFFICIENT_DATA");
    // Alarms are OK when a run begins.
    assert!(states("notBreaching").is_empty() && states("ignore").is_empty());
    assert_eq!(verdict(&silent("breaching")), "0:02:05 d1 STOP_REQUESTED");
    assert_eq!(verdict(&silent("missing")), "0:08:10 d1 SUCCESSFUL");
}

#[test]
fn r604_missing_datapoints_are_filled_in_only_where_real_ones_do_not_suffice() {
    // Three requests in four minutes, each of which fails: none in the first minute, one in each of
    // the next three, so that three of three are real at 4:30.
    let red = |treat: &str| {
        let case = Case::agent(1)
            .service("desiredCount: 1, traffic: { requestsPerSecond: 0.0125, errorRate: 1 }")
            .alarm(
                "a",
                &format!("metric: {{ errorRate: {{ service: web }} }}, period: 60, evaluationPeriods: 3, threshold: 0.5, treatMissingData: {treat}"),
            )
            .update("1m", 2, &format!("bakeTimeInMinutes: 10, {WATCH}"));
        case.told(&["alarm a ALARM"])[0][..7].to_owned()
    };
    assert_eq!(red("breaching"), "0:01:30");
    assert_eq!(red("missing"), "0:04:30");
    assert_eq!(red("ignore"), "0:04:30");
    assert_eq!(red("notBreaching"), "0:04:30");
}

#[test]
fn r607_while_no_task_runs_every_request_fails() {
    let case = interrupted("metric: { errorRate: { service: web } }, period: 10, threshold: 2");
    let told = case.clone().control("alarmPublish: 0s").told(&["datapoint"]);
    assert_eq!(told[5], "0:01:00 alarm a datapoint 0");
    expect(
        &told[7..10],
        "0:01:20 alarm a datapoint 1
         0:01:30 alarm a datapoint 1
         0:01:40 alarm a datapoint 1",
    );
    assert_eq!(case.metric("failed_requests"), Value::Number(4_300.0));
    assert_eq!(case.metric("min_running_tasks_pct"), Value::Number(0.0));
    assert_eq!(case.metric("task_min_lost"), minutes(43));
}

#[test]
fn r606_datapoints_are_noisy_where_traffic_is_low_and_the_same_whoever_rolls() {
    // The old and the new revision are both sound, so the requests and their luck are the same.
    let points = |revision: u32| {
        let case = Case::agent(1)
            .service("desiredCount: 1, traffic: { requestsPerSecond: 2, errorRate: 0.1 }")
            .alarm("a", "metric: { errorRate: { service: web } }, period: 60, threshold: 0.9")
            .update("1m", revision, &format!("bakeTimeInMinutes: 10, {WATCH}"));
        case.told(&["datapoint"])
    };
    let told = points(2);
    assert_eq!(told, points(3));
    assert!(told.iter().any(|line| line.split_once("datapoint ").unwrap().1 != "0.1"), "{told:?}");
}
