//! What ECS promises, over random valid scenarios: checked after every event, whatever the
//! policy and the faults.

use bakeoff::fleet::{Workspace, simulate_checked};
use bakeoff::outcome::StopReason;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::{quick, scenario};

/// A span that is often short, now and then zero, and sometimes random.
fn delay() -> BoxedStrategy<Value> {
    prop_oneof![
        2 => (0u64..90).prop_map(|s| json!(format!("{s}s"))),
        1 => Just(json!("0s")),
        1 => (1u64..40, 1u64..60).prop_map(|(min, more)| json!({ "uniform": { "min": format!("{min}s"), "max": format!("{}s", min + more) } })),
        1 => (5u64..60).prop_map(|s| json!({ "exponential": { "mean": format!("{s}s") } })),
    ].boxed()
}

fn provider(index: usize) -> BoxedStrategy<Value> {
    let sizes = (0u32..13, 1u32..4, proptest::option::of(0u32..5));
    let delays = (delay(), delay(), delay());
    let faults = (select(vec![0.0, 0.0, 0.2]), select(vec![0.0, 0.0, 200.0]), any::<bool>(), any::<bool>());
    let optional = (proptest::option::of((0u32..13, any::<bool>())), select(vec![-1, -1, 0, 60, 600]));
    (sizes, delays, faults, optional)
        .prop_map(move |((hosts, zones, ceiling), (launch, registration, termination), faults, optional)| {
            let (launch_failure, host_failure, lifetime, repair) = faults;
            let (types, scale_in_after) = optional;
            let mut value = json!({
                "name": format!("p{index}"),
                "availabilityZones": zones, "scaleInAfter": scale_in_after, "launch": launch, "registration": registration,
                "termination": termination,
                "launchFailure": { "probability": launch_failure, "retryAfter": "20s" },
                "hostFailure": { "perInstanceMonth": host_failure },
                "autoRepairConfiguration": { "actionsStatus": if repair { "ENABLED" } else { "DISABLED" } },
            });
            let size = |cpu: u32, count: u32| json!({ "cpu": cpu, "memory": cpu * 2, "instances": count });
            if let Some((large, priced)) = types {
                let large = large.min(hosts);
                let mut types = [size(6144, hosts - large), size(1536, 0), size(12288, large)];
                for (price, offered) in [0.3, 0.1, 0.5].into_iter().zip(&mut types).filter(|_| priced) {
                    offered["pricePerHour"] = json!(price);
                }
                value["instanceTypes"] = json!(types);
            } else {
                for (key, number) in [("instances", hosts), ("cpu", 6144), ("memory", 12288)] {
                    value[key] = json!(number);
                }
            }
            if let Some(more) = ceiling {
                value["maxInstances"] = json!((hosts + more).max(1));
            }
            if lifetime {
                value["lifetime"] = json!({ "drainAfter": "3h", "forceAfter": "4h" });
            }
            value
        })
        .boxed()
}

/// Instances of a provider at the start, and their vCPUs.
fn hosts(provider: &Value) -> (u64, u64) {
    let count = |entry: &Value| entry["instances"].as_u64().unwrap();
    match provider["instanceTypes"].as_array() {
        None => (count(provider), 6 * count(provider)),
        Some(types) => {
            let of =
                |entry: &Value| (count(entry), count(entry) * entry["cpu"].as_u64().unwrap().div_ceil(1024));
            types.iter().map(of).fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1))
        }
    }
}

fn service(index: usize, providers: usize) -> BoxedStrategy<Value> {
    let size = (0..providers, 0u32..3, select(vec![256u32, 700, 1024]), select(vec![256u32, 900, 2048]));
    let limits = select(vec![(100, 200), (50, 200), (50, 150), (0, 100), (90, 125), (50, 100)]);
    let delays = (delay(), 0u64..60, delay());
    (size, limits, delays)
        .prop_map(move |((provider, per_host, cpu, memory), limits, (startup, healthy, shutdown))| {
            json!({
                "name": format!("s{index}"), "capacityProvider": format!("p{provider}"),
                "desiredCount": per_host, "cpu": cpu, "memory": memory,
                "minimumHealthyPercent": limits.0, "maximumPercent": limits.1,
                "startup": startup, "healthyAfter": format!("{healthy}s"), "shutdown": shutdown,
                "traffic": { "requestsPerSecond": 5, "errorRate": 0.01 },
            })
        })
        .boxed()
}

fn defect(services: usize) -> BoxedStrategy<Value> {
    let kinds = prop_oneof![
        (0.0f64..=1.0).prop_map(|p| ("failsToStart", json!({ "probability": p }))),
        delay().prop_map(|after| ("crashes", json!({ "after": after }))),
        (1u64..90).prop_map(|min| ("crashes", json!({ "after": format!("{min}m") }))),
        delay().prop_map(|after| ("hangs", json!({ "after": after }))),
        delay().prop_map(|after| ("degrades", json!({ "service": "s0", "errorRate": 0.5, "after": after }))),
        (delay(), 0u32..200).prop_map(|(after, cpu)| ("uses", json!({ "cpu": cpu, "after": after }))),
        (0u32..5000).prop_map(|memory| ("needsMore", json!({ "cpu": 100, "memory": memory }))),
    ];
    (kinds, 0.0f64..=1.0, 0.0f64..=1.0)
        .prop_map(move |((kind, body), probability, share)| {
            let kind = if services == 0 && kind == "degrades" { "hangs" } else { kind };
            let body = if kind == "hangs" { json!({ "after": "1m" }) } else { body };
            json!({ "name": "d", "probability": probability, "share": share, kind: body })
        })
        .boxed()
}

fn revision(daemon: usize, number: usize, services: usize) -> BoxedStrategy<Value> {
    let health = proptest::option::of((5u32..40, 2u32..10, 1u32..4, 0u32..60));
    let restart = proptest::option::of(60u32..400);
    let defects = proptest::option::of(defect(services));
    (delay(), delay(), health, restart, defects).prop_map(move |(startup, shutdown, health, restart, defect)| {
        let mut value = json!({
            "family": format!("f{daemon}"), "revision": number, "cpu": 256, "memory": 512,
            "startup": startup, "shutdown": shutdown, "defects": Vec::from_iter(defect),
            "utilization": { "cpu": 20, "memory": 35 },
        });
        if let Some((interval, timeout, retries, start)) = health {
            value["healthCheck"] = json!({ "interval": interval, "timeout": timeout, "retries": retries, "startPeriod": start });
        }
        if let Some(period) = restart {
            value["restartPolicy"] = json!({ "enabled": true, "restartAttemptPeriod": period });
        }
        value
    }).boxed()
}

fn assumptions() -> BoxedStrategy<Value> {
    let choices: Vec<(&str, Vec<&str>)> = vec![
        ("rounding", vec!["floor", "ceil", "round"]),
        ("batchScope", vec!["perProvider", "all"]),
        ("batchCount", vec!["live", "atStart"]),
        ("bake", vec!["afterAll", "betweenBatches", "perBatch"]),
        ("batching", vec!["barrier", "sliding"]),
        ("replacement", vec!["oneForOne", "demandDriven"]),
        ("reserveForDaemons", vec!["yes", "no"]),
        ("displacedTasks", vec!["anywhere", "replacementsOnly"]),
        ("rollbackPace", vec!["sameDrainPercent", "allAtOnce"]),
        ("rollbackScope", vec!["updatedOnly", "all"]),
        ("failedFirst", vec!["stopped", "removeDaemon", "rollbackFailed"]),
        ("breakerThreshold", vec!["clamp", "three"]),
        ("breakerCount", vec!["consecutive", "cumulative"]),
        ("startFailure", vec!["relaunch", "retryInPlace"]),
        ("repairLimit", vec!["separate", "shared", "unlimited"]),
        ("concurrentDaemons", vec!["independent", "serialised", "merged"]),
        ("superseded", vec!["finish", "cancel"]),
        ("protectedTasks", vec!["wait", "ignore"]),
        ("appGate", vec!["healthyIfChecked", "running"]),
        ("newInstances", vec!["target", "lastSuccessful", "source"]),
        ("redAlarms", vec!["ignored", "rearmed"]),
        ("nonCriticalFailure", vec!["countsAsDone", "blocks"]),
        ("successWaitsFor", vec!["termination", "deregistration", "daemon"]),
        ("batchOrder", vec!["zoneBalanced", "oldestFirst", "random"]),
        ("providerOrder", vec!["parallel", "sequential"]),
        ("repairCountsToBreaker", vec!["no", "yes"]),
    ];
    // Each assumption keeps its default half of the time, so that pairs meet often enough.
    proptest::collection::vec(0usize..6, choices.len())
        .prop_map(move |picks| {
            let chosen = choices.iter().zip(picks).map(|((key, values), pick)| {
                ((*key).to_string(), json!(values[if pick < values.len() { pick } else { 0 }]))
            });
            Value::Object(chosen.collect())
        })
        .boxed()
}

/// What the timeline asks for: (minute, daemon, drainPercent, bake, critical, alarms).
type Ask = (u64, usize, f64, u64, bool, bool);

fn ask() -> impl Strategy<Value = Ask> {
    (
        0u64..200,
        0usize..2,
        select(vec![1.0, 10.0, 25.0, 34.5, 50.0, 100.0]),
        0u64..20,
        any::<bool>(),
        any::<bool>(),
    )
}

fn timeline(asks: &[Ask], providers: usize) -> Vec<Value> {
    let mut asks = asks.to_vec();
    asks.sort_by_key(|ask| ask.0);
    let mut revisions = [1, 1];
    let mut created = [true, false];
    let mut entries = Vec::new();
    for (minute, daemon, percent, bake, critical, alarms) in asks {
        let names: Vec<String> = (0..providers).map(|index| format!("p{index}")).collect();
        // Now and then a request leaves a provider out, or sends the same revision again.
        let names = if minute % 3 == 0 { names[..1].to_vec() } else { names };
        revisions[daemon] = if minute % 5 == 0 { revisions[daemon] } else { 3 - revisions[daemon] };
        let mut request = json!({
            "daemonTaskDefinitionArn": format!("f{daemon}:{}", revisions[daemon]),
            "capacityProviderArns": names, "critical": critical,
            "deploymentConfiguration": {
                "drainPercent": percent, "bakeTimeInMinutes": bake,
                "alarms": { "alarmNames": ["a", "script"], "enable": alarms },
            },
        });
        let key = if created[daemon] { "daemonArn" } else { "daemonName" };
        request[key] = json!(format!("d{daemon}"));
        let operation = if created[daemon] { "updateDaemon" } else { "createDaemon" };
        created[daemon] = true;
        entries.push(json!({ "at": format!("{minute}m"), operation: request }));
    }
    entries
}

/// Standalone tasks, protected tasks, desired counts that change, a deadline of drains, ports: each often off.
#[derive(Clone, Debug)]
struct Tasks {
    group: Option<Value>,
    protection: Option<Value>,
    /// Times what a service wants at the start, in halves, and the minute of the change.
    schedule: Option<(u64, u64, bool)>,
    scale: Option<(u64, u64)>,
    deadline: &'static str,
    shared_port: bool,
}

fn tasks() -> BoxedStrategy<Tasks> {
    let group = (0u32..4, delay(), 0u64..60, proptest::option::of(1u64..90), 0usize..2).prop_map(
        |(count, duration, start, every, provider)| {
            let mut group = json!({
                "name": "job", "capacityProvider": format!("p{provider}"), "count": count, "cpu": 128, "memory": 128,
                "duration": duration, "startAt": format!("{start}m"), "shutdown": "5s",
            });
            if let Some(every) = every {
                group["every"] = json!(format!("{every}m"));
                group["duration"] = json!(format!("{}m", 2 * every));
            }
            group
        },
    );
    let protection = (0.0f64..=1.0, 1u32..200)
        .prop_map(|(share, minutes)| json!({ "share": share, "expiresInMinutes": minutes }));
    (
        proptest::option::of(group),
        proptest::option::of(protection),
        proptest::option::of((0u64..4, 1u64..200, any::<bool>())),
        proptest::option::of((0u64..30, 0u64..200)),
        select(vec!["7d", "7d", "3h", "25m"]),
        any::<bool>(),
    )
        .prop_map(|(group, protection, schedule, scale, deadline, shared_port)| Tasks {
            group,
            protection,
            schedule,
            scale,
            deadline,
            shared_port,
        })
        .boxed()
}

impl Tasks {
    fn apply(&self, value: &mut Value) {
        value["controlPlane"]["drainDeadline"] = json!(self.deadline);
        let hosts = value["capacityProviders"].as_array().expect("a list").clone();
        if let Some(group) = &self.group {
            let mut group = group.clone();
            let named = hosts.iter().find(|p| p["name"] == group["capacityProvider"]).unwrap_or(&hosts[0]);
            group["capacityProvider"] = named["name"].clone();
            if self::hosts(named).0 == 0 && group["startAt"] == "0m" {
                group["startAt"] = json!("1m");
            }
            value["tasks"] = json!([group]);
        }
        let services = value["services"].as_array_mut().expect("a list");
        if let (Some(protection), Some(service)) = (&self.protection, services.first_mut()) {
            service["protection"] = protection.clone();
        }
        if let (Some((halves, minute, repeats)), Some(service)) = (self.schedule, services.last_mut()) {
            let first = service["desiredCount"].as_u64().expect("a number");
            let steps = json!([{ "at": "0s", "count": first }, { "at": format!("{minute}m"), "count": first * halves / 2 }]);
            service["desiredCount"] = if repeats {
                json!({ "schedule": steps, "repeatEvery": format!("{}m", 2 * minute) })
            } else {
                steps
            };
        }
        if let (Some((count, minute)), Some(service)) = (self.scale, services.first()) {
            let scale = json!({ "service": service["name"], "desiredCount": count });
            let entry = json!({ "at": format!("{minute}m"), "scaleService": scale });
            value["timeline"].as_array_mut().expect("a list").push(entry);
        }
        if self.shared_port {
            for (revision, ports) in [(1, json!([8125])), (2, json!([9000, 8125])), (3, json!([9000]))] {
                value["daemonTaskDefinitions"][revision]["ports"] = ports;
            }
        }
    }
}

prop_compose! {
    fn parts()(providers in 1usize..3, services in 0usize..3)
        (fleet in [provider(0), provider(1)], apps in [service(0, providers), service(1, providers)],
         revisions in [revision(0, 1, services), revision(0, 2, services), revision(1, 1, services), revision(1, 2, services)],
         providers in Just(providers), services in Just(services))
        -> (Vec<Value>, Vec<Value>, Vec<Value>) {
        let fleet = fleet[..providers].to_vec();
        let mut apps = apps[..services].to_vec();
        for app in &mut apps {
            let provider = fleet.iter().find(|p| p["name"] == app["capacityProvider"]).expect("in range");
            app["desiredCount"] = json!(app["desiredCount"].as_u64().unwrap() * hosts(provider).0);
        }
        (fleet, apps, revisions.to_vec())
    }
}

prop_compose! {
    pub(super) fn scenarios()(parts in parts(), tasks in tasks(), asks in proptest::collection::vec(ask(), 0..4), assumptions in assumptions(),
                   batch in delay(), quota in proptest::option::of(0u32..30), poll in 1u64..120, critical in any::<bool>())
        -> String {
        let (providers, services, revisions) = parts;
        let vcpu: u64 = providers.iter().map(|provider| hosts(provider).1).sum();
        let names: Vec<Value> = providers.iter().map(|p| p["name"].clone()).collect();
        let metric = if services.is_empty() { json!({ "unhealthyDaemons": { "daemon": "d0" } }) } else { json!({ "errorRate": { "service": "s0" } }) };
        let mut value = json!({
            "schema": "bakeoff.scenario.v1", "name": "random",
            "simulation": { "seeds": 1, "horizon": "10h", "observeAfter": "20m", "sampleEvery": "10m", "maxEvents": 6000 },
            "capacityProviders": providers, "services": services,
            "controlPlane": { "batchDecision": batch, "alarmPoll": format!("{poll}s"), "healthPropagation": "20s" },
            "daemonTaskDefinitions": revisions,
            "daemons": [{ "daemonName": "d0", "daemonTaskDefinitionArn": "f0:1", "capacityProviderArns": names, "critical": critical }],
            "alarms": [
                { "alarmName": "a", "metric": metric, "period": 60, "evaluationPeriods": 2, "datapointsToAlarm": 2,
                  "threshold": 0.4, "comparisonOperator": "GreaterThanThreshold", "treatMissingData": "ignore" },
                { "alarmName": "script", "metric": { "scripted": [{ "at": "40m", "state": "ALARM" }, { "at": "70m", "state": "OK" }, { "at": "3h", "state": "ALARM" }] } },
            ],
            "timeline": timeline(&asks, providers.len()),
            "assumptions": assumptions,
        });
        if let Some(more) = quota {
            value["quotas"] = json!({ "vCpu": (vcpu + u64::from(more)).max(1) });
        }
        tasks.apply(&mut value);
        value.to_string()
    }
}

/// An image that takes from a second to minutes to pull.
fn image() -> BoxedStrategy<Option<Value>> {
    let throughput = prop_oneof![
        Just(json!("12MB/s")),
        Just(json!({ "uniform": { "min": "8MB/s", "max": "15MB/s" } })),
        Just(json!({ "logNormal": { "median": "12MB/s", "p99": "60MB/s" } })),
    ];
    proptest::option::of((select(vec!["12MB", "297MB", "2.47GB"]), throughput))
        .prop_map(|image| image.map(|(size, throughput)| json!({ "size": size, "throughput": throughput })))
        .boxed()
}

/// A fault of the timeline; shocks only where there is something spot.
fn fault() -> BoxedStrategy<(Value, bool)> {
    let minutes = (0u64..90).prop_map(|minutes| json!(format!("{minutes}m")));
    (0u64..240, 0usize..8, 0.0f64..=1.0, 1u32..6, minutes)
        .prop_map(|(at, kind, share, count, lasts)| {
            let (key, body) = match kind {
                0 => ("azOutage", json!({ "zone": 0, "lasts": lasts })),
                1 => ("registryOutage", json!({ "share": share, "lasts": lasts })),
                2 => ("capacityShortage", json!({ "capacityProvider": "p0", "lasts": lasts })),
                3 => ("dependencyOutage", json!({ "share": share, "lasts": lasts })),
                4 => ("dependencyOutage", json!({ "daemon": "d0", "lasts": lasts })),
                5 => ("instanceFailure", json!({ "count": count, "lasts": lasts })),
                6 => ("agentDisconnection", json!({ "count": count, "lasts": lasts })),
                _ => ("spotShock", json!({ "share": share, "lasts": lasts })),
            };
            (json!({ "at": format!("{at}m"), key: body }), kind > 6)
        })
        .boxed()
}

/// What the first alarm watches instead.
fn metric() -> BoxedStrategy<Option<Value>> {
    proptest::option::of(select(vec![
        json!({ "daemonCpuUtilization": { "daemon": "d0" } }),
        json!({ "daemonMemoryUtilization": { "daemon": "d0" } }),
        json!({ "impairedInstances": {} }),
    ]))
    .boxed()
}

/// Spot interruptions far above what anybody sees: alone, in shocks, and the share of these.
fn spot() -> BoxedStrategy<Option<Value>> {
    let rates = (select(vec![0.0, 300.0]), select(vec![0.0, 1000.0]), 0.0f64..=1.0);
    proptest::option::of(rates.prop_map(|(alone, shocks, share)| {
        json!({ "interruptionsPerInstanceMonth": alone, "shocks": { "perMonth": shocks, "share": share } })
    }))
    .boxed()
}

prop_compose! {
    /// The same, and whatever can break does so on half of them.
    fn suffering()(text in scenarios(), faults in proptest::collection::vec(fault(), 0..6), metric in metric(),
                   images in proptest::collection::vec(image(), 8), spots in [spot(), spot()],
                   threshold in select(vec!["1m", "5m", "1h"]), calm in any::<bool>())
        -> String {
        if calm {
            return text;
        }
        let mut value: Value = serde_json::from_str(&text).expect("it was made just above");
        let mut images = images.into_iter();
        for (provider, spot) in value["capacityProviders"].as_array_mut().unwrap().iter_mut().zip(spots) {
            if let Some(spot) = spot {
                provider["capacityOptionType"] = json!("SPOT");
                provider["spot"] = spot;
            }
        }
        for key in ["services", "daemonTaskDefinitions", "tasks"] {
            for holder in value[key].as_array_mut().into_iter().flatten() {
                if let Some(Some(image)) = images.next() {
                    holder["image"] = image;
                }
            }
        }
        value["controlPlane"]["disconnectedThreshold"] = json!(threshold);
        if let Some(metric) = metric {
            value["alarms"][0]["metric"] = metric;
        }
        let spot = value["capacityProviders"].as_array().unwrap().iter().any(|provider| provider["spot"].is_object());
        let possible = faults.into_iter().filter(|(_, needs_spot)| spot || !needs_spot);
        value["timeline"].as_array_mut().unwrap().extend(possible.map(|(fault, _)| fault));
        value.to_string()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_promise_holds_after_every_event(text in suffering(), seed in 0u64..1000) {
        let scenario = scenario(&text);
        let outcome = simulate_checked(&scenario, seed, &mut Workspace::new());
        // A run that is complete has no deployment left open; any other says what cut it.
        let open = outcome.deployments.iter().filter(|d| !d.status.is_final()).count();
        prop_assert!(outcome.stop != StopReason::Complete || open == 0);
        prop_assert!(outcome.ended_at.as_ms() <= 36_000_000);
    }

    #[test]
    fn heap_and_calendar_give_the_same_run(text in suffering(), seed in 0u64..1000) {
        let scenario = scenario(&text);
        let calendar = quick(&scenario, seed, &mut Workspace::new());
        let heap = quick(&scenario, seed, &mut Workspace::heap_oracle());
        prop_assert_eq!(calendar, heap);
    }

    #[test]
    fn a_workspace_leaves_no_trace_in_the_next_run(text in suffering(), other in suffering(), seed in 0u64..1000) {
        let (scenario, other) = (scenario(&text), self::scenario(&other));
        let fresh = quick(&scenario, seed, &mut Workspace::new());
        let mut used = Workspace::new();
        quick(&other, seed, &mut used);
        prop_assert_eq!(fresh, quick(&scenario, seed, &mut used));
    }
}
