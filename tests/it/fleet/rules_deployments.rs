//! Deployments by the rules: batches, statuses, rollbacks, superseding, several daemons and
//! providers, the breaker, what each metric counts and when a run ends.
//!
//! Every delay is fixed. Unless a case says otherwise there is no service, so a host that drains
//! at `t` is DEREGISTERING at `t + 2 s` and gone at `t + 32 s`, its replacement is REGISTERING at
//! `t + 30 s` and ACTIVE at `t + 35 s`, and the next batch drains at `t + 40 s`.

use bakeoff::fleet::{Change, Workspace, narrate};
use bakeoff::outcome::{DeploymentStatus, MonitorStatus, Outcome, StopReason};
use bakeoff::scenario::{Code, NoFiles, Severity, load};
use bakeoff::stats::nine_digits;
use bakeoff::summary::{Value, columns};

use super::{outcome, scenario};

/// A scenario in the making: sections as lines of YAML.
#[derive(Clone, Default)]
pub(super) struct Case {
    pools: Vec<String>,
    services: Vec<String>,
    revisions: Vec<String>,
    daemons: Vec<String>,
    alarms: Vec<String>,
    timeline: Vec<String>,
    control: String,
    assumptions: String,
    simulation: String,
}

const DELAYS: &str = "launch: 20s, registration: 10s, termination: 30s";

impl Case {
    /// A daemon `agent` on `hosts` hosts of `p`, on revision 1 of three sound ones.
    pub(super) fn agent(hosts: u32) -> Self {
        Self::default().pool("p", hosts, "").sound("agent").daemon("agent", "p")
    }

    pub(super) fn pool(self, name: &str, hosts: u32, more: &str) -> Self {
        self.pool_with(name, hosts, DELAYS, more)
    }

    pub(super) fn pool_with(mut self, name: &str, hosts: u32, delays: &str, more: &str) -> Self {
        let zones = if more.contains("availabilityZones") { "" } else { "availabilityZones: 1, " };
        let size = if more.contains("cpu:") { "" } else { "cpu: 2048, memory: 4096, " };
        self.pools.push(format!("{{ name: {name}, instances: {hosts}, {zones}{size}{delays}, {more} }}"));
        self
    }

    pub(super) fn service(mut self, more: &str) -> Self {
        self.services.push(format!(
            "{{ name: web, capacityProvider: p, cpu: 256, memory: 512, startup: 8s, healthyAfter: 40s, shutdown: 10s, {more} }}"
        ));
        self
    }

    /// Revisions 1, 2 and 3 of a family, without defects.
    pub(super) fn sound(self, family: &str) -> Self {
        self.revision(family, 1, "").revision(family, 2, "").revision(family, 3, "")
    }

    /// Sets or replaces a revision.
    pub(super) fn revision(mut self, family: &str, number: u32, more: &str) -> Self {
        let key = format!("family: {family}, revision: {number},");
        self.revisions.retain(|line| !line.contains(&key));
        self.revisions.push(format!("{{ {key} cpu: 256, memory: 512, startup: 5s, shutdown: 2s, {more} }}"));
        self
    }

    /// A revision with a defect in every seed, on every host.
    pub(super) fn defect(self, family: &str, number: u32, kind: &str) -> Self {
        self.revision(
            family,
            number,
            &format!("defects: [ {{ name: bad, probability: 1, share: 1, {kind} }} ]"),
        )
    }

    /// A daemon on revision 1 of the family of its name.
    pub(super) fn daemon(mut self, name: &str, pools: &str) -> Self {
        self.daemons.push(format!(
            "{{ daemonName: {name}, daemonTaskDefinitionArn: '{name}:1', capacityProviderArns: [{pools}], critical: true }}"
        ));
        self
    }

    pub(super) fn alarm(mut self, name: &str, rest: &str) -> Self {
        self.alarms.push(format!("{{ alarmName: {name}, {rest} }}"));
        self
    }

    /// An alarm that is red from an instant on.
    pub(super) fn red(self, name: &str, from: &str) -> Self {
        self.alarm(name, &format!("metric: {{ scripted: [ {{ at: {from}, state: ALARM }} ] }}"))
    }

    /// A request for a daemon and a revision of the family of its name.
    fn request(
        mut self,
        at: &str,
        operation: &str,
        what: (&str, u32),
        pools: &str,
        configuration: &str,
    ) -> Self {
        let key = if operation == "createDaemon" { "daemonName" } else { "daemonArn" };
        let (daemon, revision) = what;
        self.timeline.push(format!(
            "{{ at: {at}, {operation}: {{ {key}: {daemon}, daemonTaskDefinitionArn: '{daemon}:{revision}', capacityProviderArns: [{pools}], critical: true, deploymentConfiguration: {{ {configuration} }} }} }}"
        ));
        self
    }

    /// `UpdateDaemon` of `agent` on `p`.
    pub(super) fn update(self, at: &str, revision: u32, configuration: &str) -> Self {
        self.request(at, "updateDaemon", ("agent", revision), "p", configuration)
    }

    /// `UpdateDaemon` of whoever, wherever.
    pub(super) fn update_of(
        self,
        at: &str,
        daemon: &str,
        revision: u32,
        pools: &str,
        configuration: &str,
    ) -> Self {
        self.request(at, "updateDaemon", (daemon, revision), pools, configuration)
    }

    pub(super) fn create(self, at: &str, revision: u32, configuration: &str) -> Self {
        self.request(at, "createDaemon", ("agent", revision), "p", configuration)
    }

    pub(super) fn delete(mut self, at: &str) -> Self {
        self.timeline.push(format!("{{ at: {at}, deleteDaemon: {{ daemonArn: agent }} }}"));
        self
    }

    /// Makes every daemon and request written so far non-critical.
    pub(super) fn non_critical(mut self) -> Self {
        for line in self.daemons.iter_mut().chain(&mut self.timeline) {
            *line = line.replace("critical: true", "critical: false");
        }
        self
    }

    pub(super) fn control(mut self, more: &str) -> Self {
        more.clone_into(&mut self.control);
        self
    }

    pub(super) fn assume(mut self, choices: &str) -> Self {
        choices.clone_into(&mut self.assumptions);
        self
    }

    pub(super) fn simulation(mut self, settings: &str) -> Self {
        settings.clone_into(&mut self.simulation);
        self
    }

    pub(super) fn text(&self) -> String {
        let list = |name: &str, lines: &[String]| {
            let lines: Vec<String> = lines.iter().map(|line| format!("\n  - {line}")).collect();
            if lines.is_empty() { String::new() } else { format!("{name}:{}\n", lines.concat()) }
        };
        let simulation =
            if self.simulation.is_empty() { "horizon: 2h, observeAfter: 1m" } else { &self.simulation };
        let decision = if self.control.contains("batchDecision") { "" } else { "batchDecision: 5s, " };
        let repair = if self.control.contains("repairDecision") { "" } else { "repairDecision: 69s, " };
        [
            format!("schema: bakeoff.scenario.v1\nname: rules\nsimulation: {{ seeds: 1, {simulation} }}\n"),
            format!("controlPlane: {{ {decision}{repair}healthPropagation: 20s, {} }}\n", self.control),
            list("capacityProviders", &self.pools),
            list("services", &self.services),
            list("daemonTaskDefinitions", &self.revisions),
            list("daemons", &self.daemons),
            list("alarms", &self.alarms),
            list("timeline", &self.timeline),
            format!("assumptions: {{ {} }}\n", self.assumptions),
        ]
        .concat()
    }

    /// The run of seed 0, every invariant checked after every event.
    pub(super) fn outcome(&self) -> Outcome {
        outcome(&self.text(), 0)
    }

    fn story_of(&self, seed: u64, tell: impl Fn(&Change) -> Option<String>) -> Vec<String> {
        let text = self.text();
        outcome(&text, seed);
        let (_, story) = narrate(&scenario(&text), seed, &mut Workspace::new());
        let lines = story.iter().filter(|line| !line.change.is_detail());
        lines.filter_map(|line| Some(format!("{} {}", line.at, tell(&line.change)?))).collect()
    }

    /// What the deployments did: statuses without their reasons, batches, bakes.
    pub(super) fn course(&self) -> Vec<String> {
        self.story_of(0, |change| match change {
            Change::Deployment { deployment, status, .. } => Some(format!("d{deployment} {status}")),
            Change::Batch { deployment, capacity_provider, instances } => {
                Some(format!("d{deployment} {capacity_provider} batch of {instances}"))
            }
            Change::BatchDone { deployment, capacity_provider } => {
                Some(format!("d{deployment} {capacity_provider} batch done"))
            }
            Change::Bake { deployment, minutes } => Some(format!("d{deployment} bakes {minutes}")),
            _ => None,
        })
    }

    /// The lines of the story that contain one of `keys`.
    pub(super) fn told(&self, keys: &[&str]) -> Vec<String> {
        self.story_of(0, |change| {
            let line = change.to_string();
            keys.iter().any(|key| line.contains(key)).then_some(line)
        })
    }

    /// Who turned DRAINING, in order.
    fn drained(&self, seed: u64) -> Vec<String> {
        self.story_of(seed, |change| match change {
            Change::Instance { instance, status: "DRAINING", .. } => Some(instance.clone()),
            _ => None,
        })
        .iter()
        .map(|line| line.split_once(' ').expect("a time and a name").1.to_owned())
        .collect()
    }

    /// Sizes of the batches, in order.
    fn batches(&self) -> Vec<u32> {
        self.course()
            .iter()
            .filter_map(|line| line.split_once("batch of "))
            .map(|(_, size)| size.parse().expect("a count"))
            .collect()
    }

    /// One cell of `runs.csv`.
    pub(super) fn metric(&self, name: &str) -> Value {
        let scenario = scenario(&self.text());
        let column = columns(&scenario).into_iter().find(|column| column.name == name).expect("a metric");
        column.value(&self.outcome())
    }

    /// What validation says against it.
    fn refusal(&self) -> Vec<(Code, String)> {
        match load("test.yaml", &self.text(), &NoFiles, &[]) {
            Ok(_) => Vec::new(),
            Err(problems) => {
                let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
                errors.map(|problem| (problem.code, problem.message.clone())).collect()
            }
        }
    }
}

/// Compares lines with those worked out by hand, given one under the other.
#[track_caller]
pub(super) fn expect(told: &[String], expected: &str) {
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert!(told == expected, "expected:\n{}\n\ntold:\n{}", expected.join("\n"), told.join("\n"));
}

/// A metric in minutes, from seconds.
pub(super) fn minutes(seconds: u32) -> Value {
    Value::Number(nine_digits(f64::from(seconds) / 60.0))
}

/// Watches the alarm `a`.
pub(super) const WATCH: &str = "alarms: { alarmNames: [a], enable: true }";

const FAILS: &str = "failsToStart: { probability: 1 }";

// Batches: rules 1 and 2, A1, A2, A4, A20, A22.

#[test]
fn r112_twenty_five_hosts_at_25_percent_go_in_batches_of_6_6_6_6_and_1() {
    expect(
        &Case::agent(25).update("1m", 2, "drainPercent: 25").course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 6
         0:01:40 d1 p batch done
         0:01:45 d1 p batch of 6
         0:02:20 d1 p batch done
         0:02:25 d1 p batch of 6
         0:03:00 d1 p batch done
         0:03:05 d1 p batch of 6
         0:03:40 d1 p batch done
         0:03:45 d1 p batch of 1
         0:04:20 d1 p batch done
         0:04:20 d1 SUCCESSFUL",
    );
}

#[test]
fn r112_the_size_of_a_batch_is_multiplied_first_then_rounded_and_never_below_one() {
    let cases: [(u32, &str, &str, &[u32]); 15] = [
        (25, "25", "floor", &[6, 6, 6, 6, 1]),
        (25, "25", "ceil", &[7, 7, 7, 4]),
        (10, "25", "floor", &[2, 2, 2, 2, 2]),
        (10, "25", "round", &[3, 3, 3, 1]),
        (9, "25", "round", &[2, 2, 2, 2, 1]),
        (9, "25", "ceil", &[3, 3, 3]),
        // 0.29 × 100 is 28.999… in floating point, 29 × 100 / 100 is not.
        (100, "29", "floor", &[29, 29, 29, 13]),
        // 0.07 × 100 is 7.000…1.
        (100, "7", "ceil", &[7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 2]),
        (48, "12.5", "floor", &[6, 6, 6, 6, 6, 6, 6, 6]),
        (3, "1", "floor", &[1, 1, 1]),
        (3, "33.3", "floor", &[1, 1, 1]),
        (3, "66.7", "floor", &[2, 1]),
        (3, "1", "round", &[1, 1, 1]),
        (2, "100", "floor", &[2]),
        (1, "25", "floor", &[1]),
    ];
    for (hosts, percent, rounding, sizes) in cases {
        let case = Case::agent(hosts)
            .update("1m", 2, &format!("drainPercent: {percent}"))
            .assume(&format!("rounding: {rounding}"));
        assert_eq!(case.batches(), sizes, "{hosts} hosts at {percent} %, {rounding}");
    }
}

#[test]
fn r115_a_drain_percent_below_one_is_refused_unless_it_is_said_to_mean_one() {
    for percent in ["0", "0.5", "0.99"] {
        let case = Case::agent(4).update("1m", 2, &format!("drainPercent: {percent}"));
        let refusal = case.refusal();
        assert_eq!(refusal.len(), 1, "{refusal:?}");
        assert_eq!(refusal[0].0, Code::DrainPercent);
        assert_eq!(case.assume("drainPercentBelowOne: minOne").batches(), [1, 1, 1, 1]);
    }
    assert!(Case::agent(4).update("1m", 2, "drainPercent: 1").refusal().is_empty());
    // Half a percent of 400 is two, below one percent or not.
    let large = Case::agent(400).update("1m", 2, "drainPercent: 0.5").assume("drainPercentBelowOne: minOne");
    assert_eq!(large.batches()[0], 2);
}

#[test]
fn r121_impaired_hosts_are_picked_only_where_nobody_repairs_them() {
    let broken = |repair: &str| {
        Case::default()
            .pool("p", 2, &format!("autoRepairConfiguration: {{ actionsStatus: {repair} }}"))
            .sound("agent")
            .defect("agent", 1, "crashes: { after: 50s }")
            .daemon("agent", "p")
            .update("1m", 2, "drainPercent: 50")
    };
    // The daemons stopped at 0:50; nothing keeps a draining host, the new one is up after 35 s.
    expect(
        &broken("DISABLED").course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:40 d1 p batch done
         0:01:45 d1 p batch of 1
         0:02:20 d1 p batch done
         0:02:20 d1 SUCCESSFUL",
    );
    // Repair drains both at 0:50 + 69 s, one straight after the other, onto the last settled
    // revision: the deployment is still PENDING. It finds candidates when they are ACTIVE.
    let repaired = broken("ENABLED");
    expect(
        &repaired.course(),
        "0:01:00 d1 PENDING
         0:02:34 d1 IN_PROGRESS
         0:02:34 d1 p batch of 1
         0:03:09 d1 p batch done
         0:03:14 d1 p batch of 1
         0:03:49 d1 p batch done
         0:03:49 d1 SUCCESSFUL",
    );
    expect(
        &repaired.told(&["DRAINING", "PENDING on", "on p/0.1 PENDING", "on p/0.2 PENDING"]),
        "0:01:59 instance p/0.0 DRAINING (repair)
         0:01:59 instance p/1.0 DRAINING (repair)
         0:02:29 daemon agent (agent:1) on p/0.1 PENDING
         0:02:34 instance p/0.1 DRAINING (deployment)
         0:03:04 daemon agent (agent:2) on p/0.2 PENDING
         0:03:14 instance p/1.1 DRAINING (deployment)",
    );
}

#[test]
fn r113_each_provider_takes_its_own_batches_and_the_bake_waits_for_the_last() {
    let case = Case::default()
        .pool("p", 4, "")
        .pool_with("q", 8, "launch: 40s, registration: 10s, termination: 30s", "")
        .sound("agent")
        .daemon("agent", "p, q")
        .update_of("1m", "agent", 2, "p, q", "drainPercent: 25, bakeTimeInMinutes: 1");
    let course = case.course();
    let of = |pool: &str| -> Vec<String> {
        course.iter().filter(|line| line.contains(&format!(" {pool} batch of"))).cloned().collect()
    };
    expect(
        &of("p"),
        "0:01:05 d1 p batch of 1
         0:01:45 d1 p batch of 1
         0:02:25 d1 p batch of 1
         0:03:05 d1 p batch of 1",
    );
    expect(
        &of("q"),
        "0:01:05 d1 q batch of 2
         0:02:05 d1 q batch of 2
         0:03:05 d1 q batch of 2
         0:04:05 d1 q batch of 2",
    );
    expect(
        &course[course.len() - 3..],
        "0:05:00 d1 q batch done
         0:05:00 d1 bakes 1
         0:06:00 d1 SUCCESSFUL",
    );
    assert_eq!(case.outcome().deployments[0].hosts_in_scope, 12);
}

#[test]
fn r113_one_scope_for_all_providers_counts_them_together_and_decides_once() {
    let case = Case::default()
        .pool("p", 4, "")
        .pool_with("q", 4, "launch: 40s, registration: 10s, termination: 30s", "")
        .sound("agent")
        .daemon("agent", "p, q")
        .update_of("1m", "agent", 2, "p, q", "drainPercent: 25")
        .assume("batchScope: all");
    let drains = case.told(&["DRAINING"]);
    let mut times: Vec<&str> = drains.iter().map(|line| &line[..7]).collect();
    assert_eq!(times.len(), 8);
    times.dedup();
    assert_eq!(times.len(), 4, "two hosts at a time: {drains:?}");
    assert!(drains.chunks(2).all(|pair| pair[0][..7] == pair[1][..7]), "{drains:?}");
}

#[test]
fn r114_hosts_that_are_away_count_at_creation_but_not_live() {
    // mon drains half of the hosts at 1:00, before agent chooses its first batch at 1:03.
    let two = |count: &str| {
        Case::agent(8)
            .sound("mon")
            .daemon("mon", "p")
            .update_of("55s", "mon", 2, "p", "drainPercent: 50")
            .update_of("58s", "agent", 2, "p", "drainPercent: 50")
            .assume(&format!("batchCount: {count}"))
    };
    let first = |case: &Case| case.course().into_iter().find(|line| line.contains("d2 p batch of")).unwrap();
    assert_eq!(first(&two("live")), "0:01:03 d2 p batch of 2");
    assert_eq!(first(&two("atStart")), "0:01:03 d2 p batch of 4");
}

#[test]
fn r116_zones_are_picked_in_turn_and_each_batch_starts_at_the_lowest_with_hosts_left() {
    let zones = |percent: u32| {
        Case::default().pool("p", 6, "availabilityZones: 3").sound("agent").daemon("agent", "p").update(
            "1m",
            2,
            &format!("drainPercent: {percent}"),
        )
    };
    assert_eq!(zones(34).drained(0), ["p/0.0", "p/1.0", "p/3.0", "p/4.0", "p/2.0", "p/5.0"]);
    assert_eq!(zones(67).drained(0), ["p/0.0", "p/1.0", "p/2.0", "p/3.0", "p/4.0", "p/5.0"]);
    assert_eq!(
        zones(34).assume("batchOrder: oldestFirst").drained(0),
        ["p/0.0", "p/1.0", "p/2.0", "p/3.0", "p/4.0", "p/5.0"]
    );
}

#[test]
fn r116_within_a_zone_the_instance_launched_first_is_picked_first() {
    // Only host 0 has been replaced when the second deployment takes over.
    let twice = |order: &str| {
        Case::default()
            .pool("p", 6, "availabilityZones: 3")
            .sound("agent")
            .daemon("agent", "p")
            .update("1m", 2, "drainPercent: 17")
            .update("1m 42s", 3, "drainPercent: 17")
            .assume(&format!("batchOrder: {order}"))
    };
    assert_eq!(
        twice("zoneBalanced").drained(0),
        ["p/0.0", "p/3.0", "p/0.1", "p/1.0", "p/4.0", "p/2.0", "p/5.0"]
    );
    assert_eq!(
        twice("oldestFirst").drained(0),
        ["p/0.0", "p/1.0", "p/2.0", "p/3.0", "p/4.0", "p/5.0", "p/0.1"]
    );
}

#[test]
fn r117_a_random_order_takes_every_host_once_and_differs_by_seed() {
    let case = Case::agent(12).update("1m", 2, "drainPercent: 10").assume("batchOrder: random");
    let orders: Vec<Vec<String>> = (0..4).map(|seed| case.drained(seed)).collect();
    let sorted = |order: &[String]| {
        let mut order = order.to_vec();
        order.sort();
        order
    };
    for order in &orders {
        assert_eq!(sorted(order), sorted(&Case::agent(12).update("1m", 2, "drainPercent: 10").drained(0)));
    }
    assert!(orders.iter().any(|order| *order != orders[0]));
}

#[test]
fn r118_providers_in_sequence_follow_the_order_of_the_request() {
    let case = Case::default()
        .pool("p", 2, "")
        .pool("q", 1, "")
        .sound("agent")
        .daemon("agent", "p, q")
        .update_of("1m", "agent", 2, "q, p", "drainPercent: 100")
        .assume("providerOrder: sequential");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 q batch of 1
         0:01:40 d1 q batch done
         0:01:45 d1 p batch of 2
         0:02:20 d1 p batch done
         0:02:20 d1 SUCCESSFUL",
    );
}

/// Host 0 of three has the only task, which keeps it DRAINING longer than its neighbour.
fn one_slow_host(batching: &str) -> Case {
    Case::agent(3)
        .service("desiredCount: 1")
        .update("1m", 2, "drainPercent: 67")
        .assume(&format!("batching: {batching}"))
}

#[test]
fn r119_a_barrier_waits_for_the_slowest_host_of_the_batch() {
    // The task moves to host 2 at 1:05 and is healthy at 1:53; the old one is stopped at 2:03,
    // the daemon at 2:05, and host 0 is gone at 2:35.
    let batches = one_slow_host("barrier").told(&["batch"]);
    expect(
        &batches[..3],
        "0:01:05 deployment 1: batch of 2 on p
         0:02:35 deployment 1: batch done on p
         0:02:40 deployment 1: batch of 1 on p",
    );
}

#[test]
fn r119_a_sliding_window_takes_the_next_host_when_one_is_done() {
    // Host 1 is done at 1:40. Host 2 drains 5 s later, where the moved task is not yet healthy:
    // it goes to host 1.1, is healthy there at 2:33, and host 0 is gone at 3:15.
    let course = one_slow_host("sliding").course();
    let some: Vec<String> = course.into_iter().filter(|line| !line.contains("done")).collect();
    expect(
        &some,
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 2
         0:01:45 d1 p batch of 1
         0:03:15 d1 SUCCESSFUL",
    );
}

#[test]
fn r119_a_sliding_window_of_hosts_done_together_is_a_batch_again() {
    let case = Case::agent(5).update("1m", 2, "drainPercent: 40").assume("batching: sliding");
    assert_eq!(case.batches(), [2, 2, 1]);
    assert_eq!(case.course().last().unwrap(), "0:03:00 d1 SUCCESSFUL");
}

// Statuses, the end of a batch, the bake: rules 3, 5, 21, A3, A17, A19.

#[test]
fn r103_on_an_empty_provider_a_deployment_succeeds_at_once() {
    for bake in [0, 5] {
        let case = Case::agent(0).update("1m", 2, &format!("bakeTimeInMinutes: {bake}"));
        expect(
            &case.told(&["deployment", "ended"]),
            "0:01:00 deployment 1 of agent PENDING
             0:01:00 deployment 1 of agent IN_PROGRESS
             0:01:00 deployment 1 of agent SUCCESSFUL: no instances to update
             0:02:00 run ended: complete",
        );
        assert_eq!(case.metric("rollout_duration_min"), Value::Number(0.0));
    }
}

#[test]
fn r118_an_empty_provider_beside_one_with_hosts_changes_nothing() {
    let case = Case::agent(1)
        .pool("q", 0, "")
        .update_of("1m", "agent", 2, "q, p", "drainPercent: 25")
        .assume("providerOrder: sequential");
    let sequential = case.clone().course();
    let parallel = case.assume("").course();
    assert_eq!(sequential, parallel);
    expect(
        &parallel,
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:40 d1 p batch done
         0:01:40 d1 SUCCESSFUL",
    );
}

#[test]
fn r001_with_every_delay_zero_a_whole_rollout_is_one_millisecond_in_the_right_order() {
    let mut case = Case::default()
        .pool_with("p", 4, "launch: 0s, registration: 0s, termination: 0s", "")
        .sound("agent")
        .daemon("agent", "p")
        .update("1m", 2, "drainPercent: 50")
        .control("batchDecision: 0s");
    for line in &mut case.revisions {
        *line = line.replace("startup: 5s, shutdown: 2s", "startup: 0s, shutdown: 0s");
    }
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:00 d1 IN_PROGRESS
         0:01:00 d1 p batch of 2
         0:01:00 d1 p batch done
         0:01:00 d1 p batch of 2
         0:01:00 d1 p batch done
         0:01:00 d1 SUCCESSFUL",
    );
    // What lasts no time is no peak.
    let outcome = case.outcome();
    assert_eq!((outcome.fleet.peak_instances, outcome.fleet.instances_replaced), (4, 4));
    assert_eq!(outcome.fleet.extra_instance_hours, 0.0);
}

#[test]
fn r126_the_bake_lies_after_all_between_or_behind_each_batch() {
    let baked = |place: &str| {
        Case::agent(2)
            .update("1m", 2, "drainPercent: 50, bakeTimeInMinutes: 1")
            .assume(&format!("bake: {place}"))
    };
    expect(
        &baked("afterAll").course()[2..],
        "0:01:05 d1 p batch of 1
         0:01:40 d1 p batch done
         0:01:45 d1 p batch of 1
         0:02:20 d1 p batch done
         0:02:20 d1 bakes 1
         0:03:20 d1 SUCCESSFUL",
    );
    expect(
        &baked("betweenBatches").course()[2..],
        "0:01:05 d1 p batch of 1
         0:01:40 d1 p batch done
         0:01:40 d1 bakes 1
         0:02:45 d1 p batch of 1
         0:03:20 d1 p batch done
         0:03:20 d1 SUCCESSFUL",
    );
    expect(
        &baked("perBatch").course()[2..],
        "0:01:05 d1 p batch of 1
         0:01:40 d1 p batch done
         0:01:40 d1 bakes 1
         0:02:45 d1 p batch of 1
         0:03:20 d1 p batch done
         0:03:20 d1 bakes 1
         0:04:20 d1 SUCCESSFUL",
    );
}

#[test]
fn r123_a_batch_is_done_when_the_old_instance_is_as_far_gone_as_is_asked() {
    let slow = |what: &str| {
        Case::default()
            .pool_with("p", 1, "launch: 20s, registration: 10s, termination: 60s", "")
            .sound("agent")
            .daemon("agent", "p")
            .update("1m", 2, "drainPercent: 100")
            .assume(&format!("successWaitsFor: {what}"))
    };
    let end = |case: Case| case.course().pop().unwrap();
    assert_eq!(end(slow("termination")), "0:02:07 d1 SUCCESSFUL");
    assert_eq!(end(slow("deregistration")), "0:01:40 d1 SUCCESSFUL");
    assert_eq!(end(slow("daemon")), "0:01:40 d1 SUCCESSFUL");
}

#[test]
fn r123_a_batch_need_not_wait_for_the_applications_where_only_the_new_daemon_counts() {
    // ACTIVE at 1:40; the task is healthy there at 2:28, and stops on the old host until 2:38.
    let with_task = |what: &str| {
        let case = Case::agent(1).service("desiredCount: 1").update("1m", 2, "drainPercent: 100");
        case.assume(&format!("successWaitsFor: {what}")).course().pop().unwrap()
    };
    assert_eq!(with_task("termination"), "0:03:10 d1 SUCCESSFUL");
    assert_eq!(with_task("deregistration"), "0:02:40 d1 SUCCESSFUL");
    assert_eq!(with_task("daemon"), "0:01:40 d1 SUCCESSFUL");
}

#[test]
fn r108_the_same_revision_again_is_a_full_roll() {
    let case = Case::agent(2).update("1m", 1, "drainPercent: 50");
    assert_eq!(case.batches(), [1, 1]);
    assert_eq!(case.course().last().unwrap(), "0:02:20 d1 SUCCESSFUL");
    assert_eq!(case.outcome().fleet.instances_replaced, 2);
}

#[test]
fn r105_deleting_a_daemon_rolls_the_fleet_by_the_defaults_of_the_api() {
    // Without a daemon the new instance is ACTIVE at t + 30 s, and the old one gone at t + 32 s.
    let case = Case::agent(4).delete("1m");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:37 d1 p batch done
         0:01:42 d1 p batch of 1
         0:02:14 d1 p batch done
         0:02:19 d1 p batch of 1
         0:02:51 d1 p batch done
         0:02:56 d1 p batch of 1
         0:03:28 d1 p batch done
         0:03:28 d1 SUCCESSFUL",
    );
    assert!(
        case.told(&["daemon agent"]).iter().all(|line| line.contains("STOPPED")),
        "nobody gets it any more"
    );
}

#[test]
fn r104_creating_a_daemon_replaces_every_host_that_has_none() {
    let case = Case::default().pool("p", 2, "").sound("agent").create("1m", 2, "drainPercent: 50");
    expect(
        &case.told(&["deployment 1", "daemon agent", "DRAINING"]),
        "0:01:00 deployment 1 of agent PENDING
         0:01:05 deployment 1 of agent IN_PROGRESS
         0:01:05 deployment 1: batch of 1 on p
         0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:35 daemon agent (agent:2) on p/0.1 PENDING
         0:01:40 daemon agent (agent:2) on p/0.1 RUNNING
         0:01:40 deployment 1: batch done on p
         0:01:45 deployment 1: batch of 1 on p
         0:01:45 instance p/1.0 DRAINING (deployment)
         0:02:15 daemon agent (agent:2) on p/1.1 PENDING
         0:02:20 daemon agent (agent:2) on p/1.1 RUNNING
         0:02:20 deployment 1: batch done on p
         0:02:20 deployment 1 of agent SUCCESSFUL",
    );
    assert_eq!(case.metric("daemon_gap_min"), Value::Number(0.0));
    assert_eq!(case.metric("drain_wait_max_min"), Value::Number(0.0));
}

#[test]
fn r106_an_update_that_names_another_provider_takes_the_daemon_away_from_the_first() {
    let case = Case::agent(2).pool("q", 2, "").update_of("1m", "agent", 2, "q", "drainPercent: 50");
    let course = case.course();
    let of = |pool: &str| -> Vec<String> {
        course.iter().filter(|line| line.contains(&format!(" {pool} batch"))).cloned().collect()
    };
    // Hosts of p come back without a daemon and are ACTIVE at once; hosts of q had none to stop.
    expect(
        &of("p"),
        "0:01:05 d1 p batch of 1
         0:01:37 d1 p batch done
         0:01:42 d1 p batch of 1
         0:02:14 d1 p batch done",
    );
    expect(
        &of("q"),
        "0:01:05 d1 q batch of 1
         0:01:40 d1 q batch done
         0:01:45 d1 q batch of 1
         0:02:20 d1 q batch done",
    );
    assert_eq!(course.last().unwrap(), "0:02:20 d1 SUCCESSFUL");
    assert!(case.told(&["agent:2"]).iter().all(|line| line.contains("on q/")));
}

/// Daemon `mon` on `q` alone stops at 0:20, so that `q` is IMPAIRED at once and drains for repair at 1:29.
fn repaired_pool(q: &str) -> Case {
    Case::default()
        .pool("p", 2, "")
        .pool_with("q", 1, q, "")
        .sound("agent")
        .sound("mon")
        .defect("mon", 1, "crashes: { after: 20s }")
        .daemon("agent", "p, q")
        .daemon("mon", "q")
        .update_of("1m", "agent", 2, "p, q", "drainPercent: 50")
}

#[test]
fn r125_success_waits_for_off_target_instances_that_repair_drains_to_be_gone() {
    // Gone at 1:29 + 2 s + 5 min, long after p is done.
    let case = repaired_pool("launch: 20s, registration: 10s, termination: 5m");
    assert_eq!(case.course().last().unwrap(), "0:06:31 d1 SUCCESSFUL");
}

#[test]
fn r125_success_does_not_wait_for_the_replacements_of_others() {
    let case = repaired_pool("launch: 5m, registration: 10s, termination: 30s");
    assert_eq!(case.course().last().unwrap(), "0:02:20 d1 SUCCESSFUL");
}

#[test]
fn r210_a_host_repaired_onto_the_target_revision_is_not_drained_again() {
    let case = repaired_pool(DELAYS);
    expect(
        &case.told(&["on q/0.1 PENDING", "on q batch", "on q", "instance q/0.0 D"])[..5],
        "0:00:20 daemon mon on q/0.0 crashes
         0:00:20 daemon mon (mon:1) on q/0.0 STOPPED
         0:01:29 instance q/0.0 DRAINING (repair)
         0:01:31 daemon agent (agent:1) on q/0.0 STOPPED
         0:01:31 instance q/0.0 DEREGISTERING (repair)",
    );
    assert!(case.told(&["agent:2"]).contains(&"0:01:59 daemon agent (agent:2) on q/0.1 PENDING".to_owned()));
    assert!(!case.course().iter().any(|line| line.contains(" q batch")));
    assert_eq!(case.course().last().unwrap(), "0:02:20 d1 SUCCESSFUL");
}

#[test]
fn r146_a_host_repaired_onto_the_old_revision_is_drained_as_soon_as_it_is_active() {
    for revision in ["lastSuccessful", "source"] {
        let case = repaired_pool(DELAYS).assume(&format!("newInstances: {revision}"));
        assert!(
            case.told(&["agent:1"]).contains(&"0:01:59 daemon agent (agent:1) on q/0.1 PENDING".to_owned())
        );
        let course = case.course();
        let end: Vec<String> =
            course.into_iter().filter(|line| line.contains(" q ") || line.contains("SUCC")).collect();
        expect(
            &end,
            "0:02:04 d1 q batch of 1
             0:02:39 d1 q batch done
             0:02:39 d1 SUCCESSFUL",
        );
    }
}

#[test]
fn r211_a_repair_that_falls_into_the_bake_does_not_delay_success() {
    // mon stops 80 s after it began on the replacement: impaired at 3:00, draining at 3:10.
    let case = Case::agent(1)
        .sound("mon")
        .defect("mon", 1, "crashes: { after: 80s }")
        .daemon("mon", "p")
        .update("1m", 2, "drainPercent: 100, bakeTimeInMinutes: 2")
        .control("repairDecision: 10s");
    expect(
        &case.told(&["DRAINING", "p/0.2 ACTIVE", "bakes", "SUCCESSFUL"])[..5],
        "0:01:05 instance p/0.0 DRAINING (deployment)
         0:01:40 deployment 1 bakes 2 min
         0:03:10 instance p/0.1 DRAINING (repair)
         0:03:40 deployment 1 of agent SUCCESSFUL
         0:03:45 instance p/0.2 ACTIVE",
    );
}

#[test]
fn r144_a_non_critical_daemon_that_fails_is_not_tried_again_and_counts_as_done() {
    // Failures are seen 35 s into each batch of one; the third trips the breaker at 2:54. The hosts
    // that go back have no daemon to stop, so they are gone after 30 s.
    let case = Case::agent(4).defect("agent", 2, FAILS).update("1m", 2, "drainPercent: 25").non_critical();
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:37 d1 p batch done
         0:01:42 d1 p batch of 1
         0:02:14 d1 p batch done
         0:02:19 d1 p batch of 1
         0:02:51 d1 p batch done
         0:02:54 d1 STOP_REQUESTED
         0:02:54 d1 ROLLBACK_IN_PROGRESS
         0:02:59 d1 p batch of 1
         0:03:29 d1 p batch done
         0:03:34 d1 p batch of 1
         0:04:04 d1 p batch done
         0:04:09 d1 p batch of 1
         0:04:39 d1 p batch done
         0:04:39 d1 ROLLBACK_SUCCESSFUL",
    );
    assert_eq!(case.outcome().deployments[0].breaker_failures, 3);
}

#[test]
fn r144_where_a_missing_non_critical_daemon_blocks_every_host_is_rolled_but_success_never_comes() {
    let case = Case::agent(2).defect("agent", 2, FAILS).update("1m", 2, "drainPercent: 50");
    let blocks = "nonCriticalFailure: blocks";
    let blocked = case.clone().non_critical().assume(blocks).simulation("horizon: 30m");
    expect(
        &blocked.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:37 d1 p batch done
         0:01:42 d1 p batch of 1
         0:02:14 d1 p batch done",
    );
    assert_eq!(blocked.outcome().stop, StopReason::Horizon);
    assert_eq!(blocked.metric("rollout_duration_min"), Value::Censored);
    // A newer deployment takes over and replaces the bad hosts; their daemons need not stop. It
    // succeeds when the new daemons run, 5 s after their instances are ACTIVE.
    let freed = case.update("10m", 3, "drainPercent: 100").non_critical().assume(blocks);
    expect(
        &freed.course()[6..],
        "0:10:00 d1 STOPPED
         0:10:00 d2 PENDING
         0:10:05 d2 IN_PROGRESS
         0:10:05 d2 p batch of 2
         0:10:35 d2 p batch done
         0:10:40 d2 SUCCESSFUL",
    );
}

#[test]
fn r144_a_non_critical_daemon_that_is_long_in_starting_holds_success_back_only_where_it_blocks() {
    let slow = |choice: &str| {
        let mut case = Case::agent(1).update("1m", 2, "drainPercent: 100").non_critical();
        for line in &mut case.revisions {
            *line = line.replace("startup: 5s", "startup: 60s");
        }
        case.assume(&format!("nonCriticalFailure: {choice}")).course().pop().unwrap()
    };
    assert_eq!(slow("countsAsDone"), "0:01:37 d1 SUCCESSFUL");
    assert_eq!(slow("blocks"), "0:02:35 d1 SUCCESSFUL");
}

// Superseding: rules 3, 13, 20, A18.

#[test]
fn r145_what_a_superseded_deployment_drains_is_the_first_batch_of_the_next() {
    let case = Case::agent(4).update("1m", 2, "drainPercent: 50").update("80s", 3, "drainPercent: 25");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 2
         0:01:20 d1 STOPPED
         0:01:20 d2 PENDING
         0:01:20 d2 IN_PROGRESS
         0:01:40 d2 p batch done
         0:01:45 d2 p batch of 1
         0:02:20 d2 p batch done
         0:02:25 d2 p batch of 1
         0:03:00 d2 p batch done
         0:03:00 d2 SUCCESSFUL",
    );
    // They had not registered, so they get the newer target.
    expect(
        &case.told(&["on p/0.1 PENDING", "on p/1.1 PENDING"]),
        "0:01:35 daemon agent (agent:3) on p/0.1 PENDING
         0:01:35 daemon agent (agent:3) on p/1.1 PENDING",
    );
    assert_eq!(case.outcome().fleet.instances_replaced, 4);
}

#[test]
fn r111_what_has_registered_under_a_superseded_deployment_is_replaced_again() {
    let at = |instant: &str| {
        Case::agent(4).update("1m", 2, "drainPercent: 50").update(instant, 3, "drainPercent: 50")
    };
    // Registered at 1:35 with revision 2, ACTIVE at 1:40; hosts 2 and 3 have waited longer.
    let draining = at("97s");
    expect(
        &draining.course()[3..],
        "0:01:37 d1 STOPPED
         0:01:37 d2 PENDING
         0:01:37 d2 IN_PROGRESS
         0:01:40 d2 p batch done
         0:01:45 d2 p batch of 2
         0:02:20 d2 p batch done
         0:02:25 d2 p batch of 2
         0:03:00 d2 p batch done
         0:03:00 d2 SUCCESSFUL",
    );
    assert_eq!(draining.drained(0), ["p/0.0", "p/1.0", "p/2.0", "p/3.0", "p/0.1", "p/1.1"]);
    // The request at 1:35 is known before anybody decides, but after what happened then: the
    // registration of that millisecond is a fact.
    assert_eq!(at("95s").course().last(), draining.course().last());
    // Between two batches the running decision is void, and a new one begins.
    expect(
        &at("102s").course()[4..],
        "0:01:42 d1 STOPPED
         0:01:42 d2 PENDING
         0:01:47 d2 IN_PROGRESS
         0:01:47 d2 p batch of 2
         0:02:22 d2 p batch done
         0:02:27 d2 p batch of 2
         0:03:02 d2 p batch done
         0:03:02 d2 SUCCESSFUL",
    );
}

#[test]
fn r002_a_request_in_the_millisecond_of_a_batch_decision_comes_before_it() {
    let case = Case::agent(2).update("1m", 2, "drainPercent: 50").update("65s", 3, "drainPercent: 100");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 STOPPED
         0:01:05 d2 PENDING
         0:01:10 d2 IN_PROGRESS
         0:01:10 d2 p batch of 2
         0:01:45 d2 p batch done
         0:01:45 d2 SUCCESSFUL",
    );
}

#[test]
fn r002_of_two_requests_in_one_millisecond_the_later_in_the_file_wins() {
    let case = Case::agent(2).update("1m", 2, "drainPercent: 50").update("1m", 3, "drainPercent: 100");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:00 d1 STOPPED
         0:01:00 d2 PENDING
         0:01:05 d2 IN_PROGRESS
         0:01:05 d2 p batch of 2
         0:01:40 d2 p batch done
         0:01:40 d2 SUCCESSFUL",
    );
}

#[test]
fn r139_a_deployment_superseded_in_its_bake_is_nothing_to_roll_back_to() {
    let case = Case::agent(2)
        .red("a", "5m 6s")
        .update("1m", 2, "drainPercent: 100, bakeTimeInMinutes: 10")
        .update("5m", 3, &format!("drainPercent: 50, {WATCH}"));
    expect(
        &case.course()[3..],
        "0:01:40 d1 p batch done
         0:01:40 d1 bakes 10
         0:05:00 d1 STOPPED
         0:05:00 d2 PENDING
         0:05:05 d2 IN_PROGRESS
         0:05:05 d2 p batch of 1
         0:05:40 d2 p batch done
         0:05:45 d2 p batch of 1
         0:06:05 d2 STOP_REQUESTED
         0:06:05 d2 ROLLBACK_IN_PROGRESS
         0:06:20 d2 p batch done
         0:06:25 d2 p batch of 1
         0:07:00 d2 p batch done
         0:07:00 d2 ROLLBACK_SUCCESSFUL",
    );
    expect(
        &case.told(&["on p/1.2 PENDING", "on p/0.3 PENDING"]),
        "0:06:15 daemon agent (agent:1) on p/1.2 PENDING
         0:06:55 daemon agent (agent:1) on p/0.3 PENDING",
    );
}

#[test]
fn r145_a_rollback_that_is_superseded_stops_and_leaves_its_drains() {
    // Triggered at 1:42 between two batches; the rollback drains two at 1:47; the fix comes at 1:50.
    let case = Case::agent(4)
        .red("a", "1m 41s")
        .update("1m", 2, &format!("drainPercent: 50, {WATCH}"))
        .update("110s", 3, "drainPercent: 50")
        .control("alarmPoll: 37s");
    expect(
        &case.course()[4..],
        "0:01:42 d1 STOP_REQUESTED
         0:01:42 d1 ROLLBACK_IN_PROGRESS
         0:01:47 d1 p batch of 2
         0:01:50 d1 STOPPED
         0:01:50 d2 PENDING
         0:01:50 d2 IN_PROGRESS
         0:02:22 d2 p batch done
         0:02:27 d2 p batch of 2
         0:03:02 d2 p batch done
         0:03:02 d2 SUCCESSFUL",
    );
    assert!(case.told(&["agent:3"]).contains(&"0:02:17 daemon agent (agent:3) on p/0.2 PENDING".to_owned()));
    assert_eq!(case.metric("d1_rolled_back"), Value::Boolean(true));
    assert_eq!(case.metric("d1_deployment_status"), Value::Text("STOPPED"));
    assert_eq!(case.metric("d1_rollback_duration_min"), minutes(8));
}

#[test]
fn r145_a_deleted_daemon_that_is_superseded_comes_back_on_every_host() {
    // Delete drains 1 of 4 at 1:05; the create at 1:20 takes that over.
    let case = Case::agent(4).delete("1m").create("80s", 2, "drainPercent: 100");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:20 d1 STOPPED
         0:01:20 d2 PENDING
         0:01:20 d2 IN_PROGRESS
         0:01:40 d2 p batch done
         0:01:45 d2 p batch of 3
         0:02:20 d2 p batch done
         0:02:20 d2 SUCCESSFUL",
    );
}

// Rollback and failure: rules 3, 12, 13, 19, A6, A7, A8.

/// Four hosts in batches of two at 1:05 and 1:45; ECS looks at the red alarm every `poll`.
fn turned_back(poll: &str, choices: &str) -> Case {
    Case::agent(4)
        .red("a", "70s")
        .update("1m", 2, &format!("drainPercent: 50, {WATCH}"))
        .control(&format!("alarmPoll: {poll}"))
        .assume(choices)
}

#[test]
fn r141_what_has_not_registered_at_the_trigger_gets_the_rollback_target_and_nothing_else_is_to_do() {
    let case = turned_back("20s", "");
    expect(
        &case.course()[3..],
        "0:01:25 d1 STOP_REQUESTED
         0:01:25 d1 ROLLBACK_IN_PROGRESS
         0:01:40 d1 p batch done
         0:01:40 d1 ROLLBACK_SUCCESSFUL",
    );
    assert!(case.told(&["agent:2"]).is_empty());
    assert_eq!(case.metric("blast_radius_pct"), Value::Number(0.0));
}

#[test]
fn r141_what_registers_in_the_millisecond_of_the_trigger_has_the_target_already() {
    for (poll, trigger) in [("30s", "0:01:35"), ("32s", "0:01:37")] {
        let course = turned_back(poll, "").course();
        assert_eq!(course[3], format!("{trigger} d1 STOP_REQUESTED"));
        expect(
            &course[5..],
            "0:01:40 d1 p batch done
             0:01:45 d1 p batch of 2
             0:02:20 d1 p batch done
             0:02:20 d1 ROLLBACK_SUCCESSFUL",
        );
    }
}

#[test]
fn r141_a_trigger_between_batches_cancels_the_running_decision_and_begins_its_own() {
    let of = |poll: &str| turned_back(poll, "").course()[4..].to_vec();
    expect(
        &of("37s"),
        "0:01:42 d1 STOP_REQUESTED
         0:01:42 d1 ROLLBACK_IN_PROGRESS
         0:01:47 d1 p batch of 2
         0:02:22 d1 p batch done
         0:02:22 d1 ROLLBACK_SUCCESSFUL",
    );
    // In the very millisecond that the decision ends, the monitors come first.
    expect(
        &of("40s"),
        "0:01:45 d1 STOP_REQUESTED
         0:01:45 d1 ROLLBACK_IN_PROGRESS
         0:01:50 d1 p batch of 2
         0:02:25 d1 p batch done
         0:02:25 d1 ROLLBACK_SUCCESSFUL",
    );
}

#[test]
fn r001_a_trigger_in_the_millisecond_a_batch_is_done_is_before_the_next_decision() {
    // The look at 1:40 falls on the end of the first batch.
    expect(
        &turned_back("35s", "").course()[3..],
        "0:01:40 d1 STOP_REQUESTED
         0:01:40 d1 ROLLBACK_IN_PROGRESS
         0:01:40 d1 p batch done
         0:01:45 d1 p batch of 2
         0:02:20 d1 p batch done
         0:02:20 d1 ROLLBACK_SUCCESSFUL",
    );
}

#[test]
fn r142_a_rollback_out_of_the_bake_goes_batch_by_batch_and_does_not_bake() {
    let case = Case::agent(4)
        .red("a", "3m")
        .update("1m", 2, &format!("drainPercent: 50, bakeTimeInMinutes: 10, {WATCH}"))
        .control("alarmPoll: 2m");
    expect(
        &case.course()[6..],
        "0:02:20 d1 bakes 10
         0:03:05 d1 STOP_REQUESTED
         0:03:05 d1 ROLLBACK_IN_PROGRESS
         0:03:10 d1 p batch of 2
         0:03:45 d1 p batch done
         0:03:50 d1 p batch of 2
         0:04:25 d1 p batch done
         0:04:25 d1 ROLLBACK_SUCCESSFUL",
    );
    assert_eq!(case.outcome().fleet.instances_replaced, 8);
}

#[test]
fn r140_a_rollback_of_all_replaces_untouched_hosts_too_and_the_oldest_first() {
    let case = turned_back("37s", "rollbackScope: all");
    expect(
        &case.course()[4..],
        "0:01:42 d1 STOP_REQUESTED
         0:01:42 d1 ROLLBACK_IN_PROGRESS
         0:01:47 d1 p batch of 2
         0:02:22 d1 p batch done
         0:02:27 d1 p batch of 2
         0:03:02 d1 p batch done
         0:03:02 d1 ROLLBACK_SUCCESSFUL",
    );
    assert_eq!(case.drained(0), ["p/0.0", "p/1.0", "p/2.0", "p/3.0", "p/0.1", "p/1.1"]);
}

#[test]
fn r140_a_rollback_all_at_once_is_one_batch() {
    // Three of four hosts are updated at 3:00; the look is at 3:02.
    let case = Case::agent(4)
        .red("a", "3m")
        .update("1m", 2, &format!("drainPercent: 25, {WATCH}"))
        .control("alarmPoll: 117s")
        .assume("rollbackPace: allAtOnce");
    expect(
        &case.course()[8..],
        "0:03:02 d1 STOP_REQUESTED
         0:03:02 d1 ROLLBACK_IN_PROGRESS
         0:03:07 d1 p batch of 3
         0:03:42 d1 p batch done
         0:03:42 d1 ROLLBACK_SUCCESSFUL",
    );
}

#[test]
fn r139_a_rollback_goes_to_the_last_revision_that_succeeded() {
    let last = |case: &Case| {
        let lines = case.told(&["PENDING on p/", "PENDING"]);
        let given: Vec<&String> = lines.iter().filter(|line| line.contains("daemon agent")).collect();
        given.last().unwrap().split_once(' ').unwrap().1.to_owned()
    };
    // 1 → 2 succeeds, 2 → 3 fails.
    let after_success = Case::agent(1).defect("agent", 3, FAILS).update("1m", 2, "").update("10m", 3, "");
    assert_eq!(last(&after_success), "daemon agent (agent:2) on p/0.5 PENDING");
    // 1 → 2 fails, 1 → 3 fails.
    let after_failure = Case::agent(1)
        .defect("agent", 2, FAILS)
        .defect("agent", 3, FAILS)
        .update("1m", 2, "")
        .update("10m", 3, "");
    assert_eq!(last(&after_failure), "daemon agent (agent:1) on p/0.8 PENDING");
    // 1 → 2 is superseded when all hosts but one have revision 2, then 3 fails.
    let after_stop = Case::agent(2).defect("agent", 3, FAILS).update("1m", 2, "drainPercent: 50").update(
        "102s",
        3,
        "drainPercent: 50",
    );
    assert!(last(&after_stop).starts_with("daemon agent (agent:1)"));
    assert_eq!(after_stop.metric("deployment_status"), Value::Text("ROLLBACK_SUCCESSFUL"));
}

#[test]
fn r142_a_rollback_counts_by_itself_and_fails_when_its_own_breaker_trips() {
    // Failures at 1:40, 2:15, 2:50 halt it; those of the old revision at 3:25, 4:00, 4:35 end it.
    let case = Case::agent(4).defect("agent", 1, FAILS).defect("agent", 2, FAILS).update(
        "1m",
        2,
        "drainPercent: 25",
    );
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:02:50 d1 STOP_REQUESTED
         0:02:50 d1 ROLLBACK_IN_PROGRESS
         0:04:35 d1 ROLLBACK_FAILED",
    );
    let outcome = case.outcome();
    let deployment = &outcome.deployments[0];
    assert_eq!((deployment.breaker_failures, deployment.breaker), (6, MonitorStatus::Triggered));
    assert_eq!((outcome.stop, outcome.ended_at.as_ms()), (StopReason::Complete, 335_000));
    assert_eq!(case.metric("rolled_back"), Value::Boolean(true));
    assert_eq!(case.metric("rollback_duration_min"), minutes(105));
}

/// The first deployment of all, whose daemon does not start.
fn failed_first(choices: &str) -> Case {
    Case::default()
        .pool("p", 4, "")
        .sound("agent")
        .defect("agent", 2, FAILS)
        .create("1m", 2, "drainPercent: 25")
        .assume(choices)
}

#[test]
fn r143_a_failed_first_deployment_is_stopped_and_new_hosts_get_no_daemon() {
    let case = failed_first("");
    let course = case.course();
    assert_eq!(course.last().unwrap(), "0:02:50 d1 STOPPED");
    assert!(!course.iter().any(|line| line.contains("ROLLBACK")));
    // Asked for at 2:50, REGISTERING 30 s later, and nothing to wait for.
    assert!(case.told(&["p/0.4"]).contains(&"0:03:20 instance p/0.4 ACTIVE".to_owned()));
    assert!(!case.told(&["daemon agent"]).iter().any(|line| line.contains("p/0.4")));
    assert_eq!(case.metric("rolled_back"), Value::Boolean(false));
    assert_eq!(case.metric("caught"), Value::Boolean(true));
    assert_eq!(case.metric("missed_defect"), Value::Boolean(false));
    assert_eq!(case.metric("rollback_duration_min"), Value::Missing);
    assert_eq!(case.metric("detection_min"), minutes(70));
}

#[test]
fn r143_a_failed_first_deployment_may_take_the_daemon_away_again() {
    expect(
        &failed_first("failedFirst: removeDaemon").course()[3..],
        "0:02:50 d1 STOP_REQUESTED
         0:02:50 d1 ROLLBACK_IN_PROGRESS
         0:03:20 d1 p batch done
         0:03:20 d1 ROLLBACK_SUCCESSFUL",
    );
    // Two hosts have the daemon when the alarm is seen at 1:42; without it they are ACTIVE after
    // 30 s, and the old ones gone after 32 s.
    let removed = Case::default()
        .pool("p", 4, "")
        .sound("agent")
        .red("a", "70s")
        .create("1m", 2, &format!("drainPercent: 50, {WATCH}"))
        .control("alarmPoll: 37s")
        .assume("failedFirst: removeDaemon");
    expect(
        &removed.course()[4..],
        "0:01:42 d1 STOP_REQUESTED
         0:01:42 d1 ROLLBACK_IN_PROGRESS
         0:01:47 d1 p batch of 2
         0:02:19 d1 p batch done
         0:02:19 d1 ROLLBACK_SUCCESSFUL",
    );
}

#[test]
fn r143_a_failed_first_deployment_may_end_as_a_failed_rollback() {
    let case = failed_first("failedFirst: rollbackFailed");
    assert_eq!(case.course().last().unwrap(), "0:02:50 d1 ROLLBACK_FAILED");
    assert_eq!(case.metric("rolled_back"), Value::Boolean(false), "none ever began");
}

#[test]
fn r145_the_drains_of_a_failed_first_deployment_are_the_first_batch_of_the_next() {
    let case = Case::default()
        .pool("p", 4, "")
        .sound("agent")
        .red("a", "70s")
        .create("1m", 2, &format!("drainPercent: 50, {WATCH}"))
        .update("90s", 3, "drainPercent: 50")
        .control("alarmPoll: 20s");
    let course: Vec<String> = case.course().into_iter().skip(3).collect();
    expect(
        &course,
        "0:01:25 d1 STOPPED
         0:01:30 d2 PENDING
         0:01:30 d2 IN_PROGRESS
         0:01:40 d2 p batch done
         0:01:45 d2 p batch of 2
         0:02:20 d2 p batch done
         0:02:20 d2 SUCCESSFUL",
    );
}

#[test]
fn r139_after_a_deletion_a_failing_create_has_nothing_to_roll_back_to() {
    let case = Case::agent(2).defect("agent", 2, FAILS).delete("1m").create("10m", 2, "drainPercent: 50");
    assert_eq!(case.course().last().unwrap(), "0:11:50 d2 STOPPED");
}

#[test]
fn r139_a_first_deployment_that_was_superseded_is_nothing_to_roll_back_to() {
    // The second of two hosts never comes up with revision 3: failures at 2:22, 2:57 and 3:32.
    let case = Case::default()
        .pool("p", 2, "")
        .sound("agent")
        .defect("agent", 3, FAILS)
        .create("1m", 2, "drainPercent: 50")
        .update("102s", 3, "drainPercent: 50");
    assert_eq!(case.course().last().unwrap(), "0:03:32 d2 STOPPED");
}

#[test]
fn r145_the_drains_of_a_failed_rollback_are_the_first_batch_of_the_next() {
    // ROLLBACK_FAILED at 4:35 with host 0 on its way: it registers at 5:05, under the next one.
    let case = Case::agent(4)
        .defect("agent", 1, FAILS)
        .defect("agent", 2, FAILS)
        .update("1m", 2, "drainPercent: 25")
        .update("280s", 3, "drainPercent: 75");
    expect(
        &case.course()[5..],
        "0:04:35 d1 ROLLBACK_FAILED
         0:04:40 d2 PENDING
         0:04:40 d2 IN_PROGRESS
         0:05:10 d2 p batch done
         0:05:15 d2 p batch of 3
         0:05:50 d2 p batch done
         0:05:50 d2 SUCCESSFUL",
    );
}

#[test]
fn r140_a_rollback_gives_each_provider_what_it_had() {
    // Revision 1 ran on p alone; of q's two hosts one has revision 2 when the alarm is seen.
    let case = Case::agent(1)
        .pool("q", 2, "")
        .red("a", "70s")
        .update_of("1m", "agent", 2, "p, q", &format!("drainPercent: 50, {WATCH}"))
        .control("alarmPoll: 37s");
    expect(
        &case.course()[6..],
        "0:01:42 d1 STOP_REQUESTED
         0:01:42 d1 ROLLBACK_IN_PROGRESS
         0:01:47 d1 p batch of 1
         0:01:47 d1 q batch of 1
         0:02:19 d1 q batch done
         0:02:22 d1 p batch done
         0:02:22 d1 ROLLBACK_SUCCESSFUL",
    );
    expect(
        &case.told(&["agent:1) on"]).into_iter().filter(|line| line.contains("PENDING")).collect::<Vec<_>>(),
        "0:02:17 daemon agent (agent:1) on p/0.2 PENDING",
    );
}

#[test]
fn r126_every_provider_bakes_for_itself_between_its_batches() {
    let case = Case::agent(2)
        .pool("q", 1, "")
        .update_of("1m", "agent", 2, "p, q", "drainPercent: 50, bakeTimeInMinutes: 1")
        .assume("bake: betweenBatches");
    expect(
        &case.course()[4..],
        "0:01:40 d1 p batch done
         0:01:40 d1 bakes 1
         0:01:40 d1 q batch done
         0:02:45 d1 p batch of 1
         0:03:20 d1 p batch done
         0:03:20 d1 SUCCESSFUL",
    );
}

#[test]
fn r134_the_threshold_is_half_the_hosts_in_scope_between_three_and_two_hundred() {
    for (hosts, clamp) in [(1, 3), (6, 3), (7, 4), (10, 5), (400, 200), (402, 200)] {
        let threshold = |rule: &str| {
            let case = Case::agent(hosts).update("1m", 2, "drainPercent: 100").assume(rule);
            case.outcome().deployments[0].breaker_threshold
        };
        assert_eq!(threshold(""), clamp, "{hosts} hosts");
        assert_eq!(threshold("breakerThreshold: three"), 3);
    }
    let two = Case::agent(4).pool("q", 6, "").update_of("1m", "agent", 2, "p, q", "");
    assert_eq!(two.outcome().deployments[0].breaker_threshold, 5, "all providers in scope count");
}

/// Revision 2 needs more room than an instance of `p` has, and runs well on `q`.
fn small_and_large(pools: [(&str, u32); 2], percent: u32, choices: &str) -> Case {
    let mut case =
        Case::default().sound("agent").defect("agent", 2, "needsMore: { cpu: 4096, memory: 8192 }");
    for (name, hosts) in pools {
        let size = if name == "p" { "cpu: 2048, memory: 4096" } else { "cpu: 8192, memory: 16384" };
        case = case.pool(name, hosts, size);
    }
    case.daemon("agent", "p, q")
        .update_of("1m", "agent", 2, "p, q", &format!("drainPercent: {percent}"))
        .assume(choices)
}

#[test]
fn r135_a_success_resets_the_breaker_before_the_failures_of_its_millisecond_count() {
    // At 1:40 three hosts fail and one succeeds, whichever provider comes first in the file.
    for pools in [[("p", 3), ("q", 1)], [("q", 1), ("p", 3)]] {
        let case = small_and_large(pools, 100, "");
        assert!(case.course().contains(&"0:01:40 d1 STOP_REQUESTED".to_owned()), "{:?}", case.course());
        assert_eq!(case.outcome().deployments[0].breaker_failures, 3);
    }
    // Two fail at a time, so the second round at 2:15 makes four, and three are enough.
    for pools in [[("p", 2), ("q", 1)], [("q", 1), ("p", 2)]] {
        let case = small_and_large(pools, 100, "");
        assert!(case.course().contains(&"0:02:15 d1 STOP_REQUESTED".to_owned()), "{:?}", case.course());
        assert_eq!(case.outcome().deployments[0].breaker_failures, 4);
    }
}

#[test]
fn r135_successes_in_between_reset_the_breaker_unless_it_counts_for_good() {
    // Failures on p every 35 s from 1:40 on, successes on q at 1:40, 2:20, 3:00 and 3:40: the
    // third failure in a row is the one at 5:10.
    let trigger =
        |case: &Case| case.course().into_iter().find(|line| line.contains("STOP_REQUESTED")).unwrap();
    let consecutive = small_and_large([("p", 1), ("q", 4)], 25, "");
    assert_eq!(trigger(&consecutive), "0:05:10 d1 STOP_REQUESTED");
    assert_eq!(consecutive.outcome().deployments[0].breaker_failures, 7);
    let cumulative = small_and_large([("p", 1), ("q", 4)], 25, "breakerCount: cumulative");
    assert_eq!(trigger(&cumulative), "0:02:50 d1 STOP_REQUESTED");
    assert_eq!(cumulative.outcome().deployments[0].breaker_failures, 3);
}

#[test]
fn r137_a_daemon_tried_again_in_place_fails_every_startup() {
    let case =
        Case::agent(1).defect("agent", 2, FAILS).update("1m", 2, "").assume("startFailure: retryInPlace");
    expect(
        &case.told(&["fails to start", "STOP_REQUESTED", "p/0.2"])[..3],
        "0:01:40 daemon agent on p/0.1 fails to start
         0:01:45 daemon agent on p/0.1 fails to start
         0:01:50 daemon agent on p/0.1 fails to start",
    );
    assert!(case.course().contains(&"0:01:50 d1 STOP_REQUESTED".to_owned()));
}

#[test]
fn r133_a_crash_before_the_first_healthy_is_a_launch_failure_and_one_after_it_is_not() {
    let checked = |after: &str| {
        let more = format!(
            "healthCheck: {{ interval: 30, timeout: 5, retries: 3 }}, defects: [ {{ name: bad, probability: 1, crashes: {{ after: {after} }} }} ]"
        );
        Case::agent(1).revision("agent", 2, &more).update("1m", 2, "")
    };
    // RUNNING at 1:40, 2:25 and 3:10, each for 10 s; the host is launched anew at each crash.
    let early = checked("10s");
    expect(
        &early.told(&["crashes", "STOP_REQUESTED"]),
        "0:01:50 daemon agent on p/0.1 crashes
         0:02:35 daemon agent on p/0.2 crashes
         0:03:20 daemon agent on p/0.3 crashes
         0:03:20 deployment 1 of agent STOP_REQUESTED: circuit breaker: 3 daemon launch failures",
    );
    // HEALTHY 30 s after RUNNING: the instance is ACTIVE and the deployment done.
    let late = checked("31s");
    assert_eq!(late.course().last().unwrap(), "0:02:10 d1 SUCCESSFUL");
    assert_eq!(late.outcome().deployments[0].breaker_failures, 0);
}

#[test]
fn r136_the_failures_of_another_daemon_do_not_count() {
    // mon, on its old revision, fails on every replacement of agent's rollout.
    let case = Case::agent(1)
        .sound("mon")
        .defect("mon", 1, FAILS)
        .daemon("mon", "p")
        .update("1m", 2, "")
        .simulation("horizon: 20m");
    let outcome = case.outcome();
    assert_eq!(
        (outcome.deployments[0].breaker_failures, outcome.deployments[0].status),
        (0, DeploymentStatus::InProgress)
    );
}

// Several daemons: A10.

#[test]
fn r147_a_replacement_for_one_daemon_brings_the_target_of_the_other() {
    // Both decide at 1:05: mon's deployment, created first, takes half; agent's half of what is left.
    let case = Case::agent(4)
        .sound("mon")
        .daemon("mon", "p")
        .update_of("1m", "mon", 2, "p", "drainPercent: 50")
        .update("1m", 2, "drainPercent: 50");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:00 d2 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 2
         0:01:05 d2 IN_PROGRESS
         0:01:05 d2 p batch of 1
         0:01:40 d1 p batch done
         0:01:40 d2 p batch done
         0:01:45 d1 p batch of 1
         0:02:17 d2 SUCCESSFUL
         0:02:20 d1 p batch done
         0:02:20 d1 SUCCESSFUL",
    );
    let given: Vec<String> =
        case.told(&[".1 PENDING"]).iter().filter(|line| line.contains(":1)")).cloned().collect();
    assert!(given.is_empty(), "{given:?}");
    assert_eq!(case.outcome().fleet.instances_replaced, 4);
}

#[test]
fn r125_a_deployment_ends_with_the_last_host_that_others_drain_without_another_decision() {
    // Host 0 is agent's from 1:05 to 1:40; mon has host 1 from 1:10 on, gone at 1:42.
    let case = Case::agent(2).sound("mon").daemon("mon", "p").update("1m", 2, "drainPercent: 50").update_of(
        "65s",
        "mon",
        2,
        "p",
        "drainPercent: 50",
    );
    expect(
        &case.course()[1..],
        "0:01:05 d2 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:10 d2 IN_PROGRESS
         0:01:10 d2 p batch of 1
         0:01:40 d1 p batch done
         0:01:42 d1 SUCCESSFUL
         0:01:45 d2 p batch done
         0:01:45 d2 SUCCESSFUL",
    );
}

#[test]
fn r147_in_series_the_later_daemon_waits_until_the_earlier_has_ended() {
    let case = Case::agent(2)
        .sound("mon")
        .daemon("mon", "p")
        .update_of("1m", "mon", 2, "p", "drainPercent: 50, bakeTimeInMinutes: 1")
        .update("62s", 2, "drainPercent: 100")
        .assume("concurrentDaemons: serialised");
    expect(
        &case.course(),
        "0:01:00 d1 PENDING
         0:01:02 d2 PENDING
         0:01:05 d1 IN_PROGRESS
         0:01:05 d1 p batch of 1
         0:01:40 d1 p batch done
         0:01:45 d1 p batch of 1
         0:02:20 d1 p batch done
         0:02:20 d1 bakes 1
         0:03:20 d1 SUCCESSFUL
         0:03:25 d2 IN_PROGRESS
         0:03:25 d2 p batch of 2
         0:04:00 d2 p batch done
         0:04:00 d2 SUCCESSFUL",
    );
    // While it is PENDING, what the other one launches has its settled revision.
    assert!(
        case.told(&["agent:2"]).iter().all(|line| line.starts_with("0:03:55") || line.starts_with("0:04:00"))
    );
}

#[test]
fn r147_daemons_on_different_providers_do_not_wait_for_each_other() {
    let case = Case::agent(1)
        .pool("q", 1, "")
        .sound("mon")
        .daemon("mon", "q")
        .update_of("1m", "mon", 2, "q", "drainPercent: 50, bakeTimeInMinutes: 5")
        .update("1m", 2, "")
        .assume("concurrentDaemons: serialised");
    assert!(case.course().contains(&"0:01:40 d2 SUCCESSFUL".to_owned()));
}

// When a run ends: contract 2.8.

#[test]
fn r005_a_run_is_complete_when_everything_has_been_quiet_for_observe_after() {
    let until = |settings: &str| {
        let case = Case::agent(1).update("1m", 2, "").simulation(settings);
        let outcome = case.outcome();
        (outcome.stop, outcome.ended_at.as_ms())
    };
    assert_eq!(until("horizon: 1h, observeAfter: 90s"), (StopReason::Complete, 190_000));
    assert_eq!(until("horizon: 1h, observeAfter: 0s"), (StopReason::Complete, 100_000));
    // An instant equal to the horizon still happens.
    assert_eq!(until("horizon: 190s, observeAfter: 90s"), (StopReason::Complete, 190_000));
    assert_eq!(until("horizon: 189s, observeAfter: 90s"), (StopReason::Horizon, 189_000));
}

#[test]
fn r006_a_run_waits_for_the_rest_of_its_timeline() {
    let case = Case::agent(1).update("1m", 2, "").update("30m", 3, "");
    let outcome = case.outcome();
    assert_eq!((outcome.stop, outcome.ended_at.as_ms()), (StopReason::Complete, (30 * 60 + 40 + 60) * 1_000));
    // With two daemons it is the last to end that counts.
    let two = Case::agent(1)
        .sound("mon")
        .daemon("mon", "p")
        .update("1m", 2, "bakeTimeInMinutes: 10")
        .update_of("5m", "mon", 2, "p", "");
    assert_eq!(two.outcome().ended_at.as_ms(), (100 + 600 + 60) * 1_000);
}

#[test]
fn r007_without_a_deployment_a_run_is_complete_at_the_horizon() {
    let outcome = Case::agent(1).simulation("horizon: 20m").outcome();
    assert_eq!((outcome.stop, outcome.ended_at.as_ms()), (StopReason::Complete, 1_200_000));
}

#[test]
fn r008_a_run_cut_by_its_events_says_so_and_its_durations_are_censored() {
    let case = Case::agent(8).update("1m", 2, "drainPercent: 25").simulation("horizon: 1h, maxEvents: 40");
    assert_eq!(case.outcome().stop, StopReason::Events);
    assert_eq!(case.metric("rollout_duration_min"), Value::Censored);
    assert_eq!(case.metric("deployment_duration_min"), Value::Censored);
    assert_eq!(case.metric("stop_reason"), Value::Text("events"));
}

// What the metrics count: rules 18, 24, 26.

/// Two of four hosts have revision 2 when ECS sees the alarm at 2:22.
fn half_way(revision_two: &str) -> Case {
    Case::agent(4)
        .revision("agent", 2, revision_two)
        .red("a", "2m")
        .update("1m", 2, &format!("drainPercent: 25, {WATCH}"))
        .control("alarmPoll: 77s")
}

const SLEEPS: &str = "defects: [ { name: bad, probability: 1, share: 1, crashes: { after: 10h } } ]";

#[test]
fn r020_the_blast_radius_counts_hosts_that_ran_the_defective_revision_before_the_trigger() {
    let case = half_way(SLEEPS);
    expect(
        &case.course()[6..],
        "0:02:22 d1 STOP_REQUESTED
         0:02:22 d1 ROLLBACK_IN_PROGRESS
         0:02:27 d1 p batch of 1
         0:03:02 d1 p batch done
         0:03:07 d1 p batch of 1
         0:03:42 d1 p batch done
         0:03:42 d1 ROLLBACK_SUCCESSFUL",
    );
    assert_eq!(case.metric("blast_radius_pct"), Value::Number(50.0));
    // One ran from 1:40 to 2:29, the other from 2:20 to 3:09.
    assert_eq!(case.metric("bad_instance_min"), minutes(98));
    assert_eq!(case.metric("caught"), Value::Boolean(true));
    assert_eq!(case.metric("false_rollback"), Value::Boolean(false));
    assert_eq!(case.metric("detection_min"), Value::Missing, "the defect has not acted");
    assert_eq!(case.metric("rolled_back"), Value::Boolean(true));
    assert_eq!(case.metric("rollout_duration_min"), Value::Missing);
    assert_eq!(case.metric("deployment_duration_min"), minutes(162));
    assert_eq!(case.metric("rollback_duration_min"), minutes(80));
    assert_eq!(case.metric("instances_replaced"), Value::Number(4.0));
    assert_eq!(case.metric("drain_wait_max_min"), minutes(2));
    assert_eq!(case.metric("alarms_triggered"), Value::Number(1.0));
    let outcome = case.outcome();
    assert_eq!(outcome.deployments[0].breaker, MonitorStatus::MonitoringComplete);
    assert_eq!(outcome.deployments[0].alarms, MonitorStatus::Triggered);
}

#[test]
fn r021_turning_back_from_a_sound_revision_is_a_false_rollback() {
    let case = half_way("");
    assert_eq!(case.metric("false_rollback"), Value::Boolean(true));
    assert_eq!(case.metric("caught"), Value::Boolean(false));
    assert_eq!(case.metric("blast_radius_pct"), Value::Number(0.0));
    assert_eq!(case.metric("bad_instance_min"), Value::Number(0.0));
}

#[test]
fn r021_a_defective_revision_that_succeeds_is_missed_and_all_over_the_fleet() {
    // RUNNING from 1:40 and 2:20 on; the run ends at 3:20.
    let case = Case::agent(2).revision("agent", 2, SLEEPS).update("1m", 2, "drainPercent: 50");
    assert_eq!(case.metric("missed_defect"), Value::Boolean(true));
    assert_eq!(case.metric("caught"), Value::Boolean(false));
    assert_eq!(case.metric("blast_radius_pct"), Value::Number(100.0));
    assert_eq!(case.metric("bad_instance_min"), minutes(160));
}

#[test]
fn r020_a_host_counts_once_however_often_it_is_replaced() {
    // mon stops after 20 s and takes the host with it: host 0 gets the defective revision twice.
    let case = Case::agent(2)
        .revision("agent", 2, SLEEPS)
        .sound("mon")
        .defect("mon", 1, "crashes: { after: 30s }")
        .daemon("mon", "p")
        .update("10s", 2, "drainPercent: 100, bakeTimeInMinutes: 5");
    let outcome = case.outcome();
    assert!(outcome.fleet.instances_repaired >= 2, "{outcome:?}");
    assert_eq!((outcome.deployments[0].hosts_exposed, outcome.deployments[0].hosts_in_scope), (2, 2));
}

#[test]
fn r021_a_superseded_defective_deployment_is_neither_caught_nor_missed() {
    let case = Case::agent(2).revision("agent", 2, SLEEPS).update("1m", 2, "drainPercent: 50").update(
        "102s",
        3,
        "drainPercent: 50",
    );
    for metric in ["d1_caught", "d1_missed_defect", "d1_rolled_back", "d1_false_rollback"] {
        assert_eq!(case.metric(metric), Value::Boolean(false), "{metric}");
    }
    assert_eq!(case.metric("d1_blast_radius_pct"), Value::Number(50.0));
    assert_eq!(case.metric("d1_deployment_duration_min"), minutes(42));
    assert_eq!(case.metric("d1_rollout_duration_min"), Value::Missing);
}

#[test]
fn r020_what_a_fix_finds_running_is_in_its_blast_radius() {
    // When the fix is created, one of two hosts runs the revision that is defective in this seed.
    let case = Case::agent(2).revision("agent", 2, SLEEPS).update("1m", 2, "drainPercent: 50").update(
        "102s",
        3,
        "drainPercent: 50",
    );
    assert_eq!(case.outcome().deployments[1].hosts_exposed, 1);
    assert_eq!(case.metric("blast_radius_pct"), Value::Number(50.0));
}

#[test]
fn r023_an_instance_given_up_at_its_start_is_not_replaced() {
    let outcome = Case::agent(1).defect("agent", 2, FAILS).update("1m", 2, "").outcome();
    assert_eq!(outcome.fleet.instances_replaced, 1);
    assert_eq!(outcome.fleet.instances_repaired, 0);
    assert_eq!(outcome.fleet.launch_failures, 0, "the instances launched well");
}

#[test]
fn r023_replaced_counts_when_the_old_instance_is_gone_not_before() {
    let at = |horizon: &str| {
        let case = Case::agent(1).update("1m", 2, "").simulation(&format!("horizon: {horizon}"));
        case.outcome().fleet.instances_replaced
    };
    assert_eq!((at("96s"), at("97s")), (0, 1));
}

#[test]
fn r024_a_daemon_gap_is_time_active_without_a_daemon_that_was_given() {
    // Non-critical: ACTIVE at 1:35, RUNNING at 1:40.
    let case = Case::agent(2).update("1m", 2, "drainPercent: 100").non_critical();
    assert_eq!(case.outcome().fleet.daemon_gap.as_secs(), 10.0);
}
