//! The published observations, and how the same is read off simulated runs.
//!
//! A scenario of `scenarios/published` stands behind each entry. Its parameters come from the publication
//! or are the defaults; none was chosen for the outcome.

use std::path::Path;

use bakeoff::fleet::{LogEntry, Workspace, narrate, simulate};
use bakeoff::outcome::DeploymentStatus;
use bakeoff::scenario::{NoFiles, Scenario, load};

use super::table::{Observed, Simulated};

/// One publication.
pub(crate) struct Entry {
    pub(crate) title: &'static str,
    /// Its source, and where the parameters come from.
    pub(crate) about: &'static str,
    pub(crate) quantities: Vec<Quantity>,
}

/// One observed quantity.
pub(crate) struct Quantity {
    pub(crate) what: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) observed: Observed,
    pub(crate) simulated: Option<Simulated>,
    pub(crate) means: &'static str,
}

impl Quantity {
    /// In seconds.
    fn seconds(what: &'static str, observed: Observed, values: &[f64], means: &'static str) -> Self {
        Self { what, unit: "s", observed, simulated: Simulated::new(values), means }
    }

    /// In minutes, from seconds.
    fn minutes(what: &'static str, observed: f64, values: &[f64], means: &'static str) -> Self {
        let values: Vec<f64> = values.iter().map(|seconds| seconds / 60.0).collect();
        let observed = Observed::Value(observed);
        Self { what, unit: "min", observed, simulated: Simulated::new(&values), means }
    }
}

/// Every entry, in the order of the page.
pub(crate) fn all(root: &Path) -> Vec<Entry> {
    vec![
        one_instance(root),
        cold_start(root),
        gpu_repair(root),
        quota_stall(root),
        image_pull(root),
        scale_in(root),
        daemonset_serial(root),
        daemonset_parallel(root),
    ]
}

fn scenario(root: &Path, name: &str, settings: &[(&str, &str)]) -> Scenario {
    let path = root.join("scenarios/published").join(name).with_extension("yaml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let settings: Vec<_> =
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    match load(name, &text, &NoFiles, &settings) {
        Ok(loaded) => loaded.scenario,
        Err(problems) => panic!("{name}: {}", problems[0].message),
    }
}

/// The stories of all seeds of a scenario.
fn stories(scenario: &Scenario) -> Vec<Story> {
    let mut workspace = Workspace::new();
    let seeds = scenario.simulation.seeds_from..scenario.simulation.seeds_to;
    seeds.map(|seed| Story::new(&narrate(scenario, seed, &mut workspace).1)).collect()
}

/// What happened in a run: seconds and what was told.
struct Story(Vec<(f64, String)>);

impl Story {
    fn new(entries: &[LogEntry]) -> Self {
        Self(
            entries
                .iter()
                .map(|entry| (entry.at.as_ms() as f64 / 1000.0, entry.change.to_string()))
                .collect(),
        )
    }

    /// When the first line that begins so was told.
    fn at(&self, beginning: &str) -> Option<f64> {
        self.0.iter().find(|(_, line)| line.starts_with(beginning)).map(|(at, _)| *at)
    }

    /// From one to the other.
    fn between(&self, from: &str, to: &str) -> Option<f64> {
        Some(self.at(to)? - self.at(from)?)
    }
}

/// Values of the seeds that have one.
fn collect(stories: &[Story], value: impl Fn(&Story) -> Option<f64>) -> Vec<f64> {
    stories.iter().filter_map(value).collect()
}

fn one_instance(root: &Path) -> Entry {
    let stories = stories(&scenario(root, "one-instance", &[]));
    let since_request = |line: &'static str| collect(&stories, move |story| story.at(line));
    let seen = |what, line, after, by, means| {
        Quantity::seconds(what, Observed::Between(after, by), &since_request(line), means)
    };
    Entry {
        title: "A rollout over one instance",
        about: "shinyaz, 2026-04-02, us-east-1 (<https://shinyaz.com/en/blog/2026/04/02/ecs-managed-daemons-verification>): one instance, one nginx task without load balancer, `drainPercent` 25, no bake. The author looked about every 30 s, so each state began between two looks. Every delay is bakeoff's default (`scenarios/published/one-instance.yaml`); `scenarios/single-instance.yaml` has delays calibrated to this trace, and so is no evidence.",
        quantities: vec![
            seen(
                "request to DRAINING",
                "instance one/0.0 DRAINING",
                0.0,
                40.0,
                "the default `batchDecision`, 5 to 40 s, rests on this value: no test of it",
            ),
            seen(
                "request to the replacement REGISTERING",
                "instance one/0.1 REGISTERING",
                40.0,
                113.0,
                "the new instance is asked for in the instant the old one drains, and the defaults for its boot hold",
            ),
            seen(
                "request to the replacement ACTIVE with its task",
                "task nginx/0 RUNNING on one/0.1",
                113.0,
                149.0,
                "the look encloses the slower seeds only: this boot took longer than those behind the defaults",
            ),
            seen(
                "request to the old one DEREGISTERING",
                "instance one/0.0 DEREGISTERING",
                149.0,
                222.0,
                "the 40 s until a task counts as healthy, and its stop, are between the two",
            ),
            seen(
                "request to SUCCESSFUL",
                "deployment 1 of agent SUCCESSFUL",
                222.0,
                294.0,
                "the published 4 min 54 s is the look that saw it; most seeds end before the time that this look covers",
            ),
        ],
    }
}

fn cold_start(root: &Path) -> Entry {
    let stories = stories(&scenario(root, "one-instance", &[]));
    let registered =
        collect(&stories, |s| s.between("instance one/0.1 REQUESTED", "instance one/0.1 REGISTERING"));
    let daemon = collect(&stories, |s| {
        s.between("daemon agent (agent:2) on one/0.1 PENDING", "daemon agent (agent:2) on one/0.1 RUNNING")
    });
    let application = collect(&stories, |s| {
        s.between("daemon agent (agent:2) on one/0.1 RUNNING", "task nginx/0 RUNNING on one/0.1")
    });
    let whole =
        collect(&stories, |s| s.between("instance one/0.1 REQUESTED", "task nginx/0 RUNNING on one/0.1"));
    Entry {
        title: "A cold start",
        about: "The same author and day, by the stamps of the tasks: application task created 16:55:38, daemon task created 16:56:05 and RUNNING 16:56:19, application RUNNING 18.3 s later. Read off the replacement of the rollout above, which goes the same way from its request on.",
        quantities: vec![
            Quantity::seconds(
                "request to registered",
                Observed::Value(27.0),
                &registered,
                "the default boot (`launch` and `registration`) is slower than this start, and faster than the one in the rollout of the same day: one start is no distribution",
            ),
            Quantity::seconds(
                "daemon created to RUNNING",
                Observed::Value(14.0),
                &daemon,
                "the median of the default `startup` is this very value: no test of it",
            ),
            Quantity::seconds(
                "daemon RUNNING to application RUNNING",
                Observed::Both(18.3, 21.0),
                &application,
                "21 s was the rollout's; the order, daemon before application, is the model's",
            ),
            Quantity::seconds("request to application RUNNING", Observed::Value(59.0), &whole, "the sum"),
        ],
    }
}

fn gpu_repair(root: &Path) -> Entry {
    let stories = stories(&scenario(root, "gpu-repair", &[]));
    // The first host that is lost, whichever it is.
    let first = |story: &Story| {
        let (_, line) = story.0.iter().find(|(_, line)| line.ends_with("IMPAIRED"))?;
        Some(line.trim_start_matches("instance ").trim_end_matches(" IMPAIRED").to_owned())
    };
    let stage = |from: &'static str, to: &'static str| {
        collect(&stories, move |story| {
            let old = first(story)?;
            let new = old.replace(".0", ".1");
            let line = |text: &str| format!("instance {}", text.replace("OLD", &old).replace("NEW", &new));
            story.between(&line(from), &line(to))
        })
    };
    Entry {
        title: "A GPU repair on ten instances",
        about: "aws-samples/sample-ecs-inference-pipeline, `demos/gpu-auto-repair` (<https://github.com/aws-samples/sample-ecs-inference-pipeline/blob/main/demos/gpu-auto-repair/README.md>): ten g6e.xlarge, one inference task each (minimum 100 %, maximum 200 %), an XID error injected on one. In the model a critical daemon stops after 20 minutes on about one host in ten; from IMPAIRED on the way is the same. The inference image's size was not published: its start takes 171 to 437 s, the range of the two GPU images that k-k1/agent-fleet measured. Everything else is default (`scenarios/published/gpu-repair.yaml`). Seeds without a loss have no value.",
        quantities: vec![
            Quantity::seconds(
                "IMPAIRED to DRAINING",
                Observed::Value(69.0),
                &stage("OLD IMPAIRED", "OLD DRAINING"),
                "the default `repairDecision` is this value: no test of it",
            ),
            Quantity::seconds(
                "DRAINING to the replacement registered",
                Observed::Value(54.0),
                &stage("OLD DRAINING", "NEW REGISTERING"),
                "start before stop, ten instances became eleven, as in the model",
            ),
            Quantity::seconds(
                "DRAINING to drained",
                Observed::Value(482.0),
                &stage("OLD DRAINING", "OLD DEREGISTERING"),
                "the wait is the new task's start, image and all: the interval is as wide as what is known of GPU images. The demo's second task, a standalone one with most of an hour to go, did not hold the drain, though the draining page says that it would",
            ),
            Quantity::seconds(
                "drained to terminated",
                Observed::Value(28.0),
                &stage("OLD DEREGISTERING", "OLD GONE"),
                "the lower end of the default `termination`, 28 to 72 s, is this value: it lies below the 5th percentile by construction",
            ),
            Quantity::seconds(
                "IMPAIRED to terminated",
                Observed::Value(579.0),
                &stage("OLD IMPAIRED", "OLD GONE"),
                "9 min 39 s by the stamps",
            ),
        ],
    }
}

fn quota_stall(root: &Path) -> Entry {
    let stories = stories(&scenario(root, "quota-stall", &[]));
    let placed =
        collect(&stories, |story| story.between("launch of gpu/0.1 refused", "instance gpu/0.1 LAUNCHED"));
    Entry {
        title: "A launch stalled by its quota",
        about: "k-k1/agent-fleet, measurements of its engine ADR, 2026-09, ap-northeast-1: a quota of 8 vCPU holds two g6.xlarge; a third was refused with `VcpuLimitExceeded`, tried again, and placed when another box had gone, 408 s after the request. The same report has such boxes terminated 427 and 463 s after their last task, which is the scenario's `termination`; `capacityRetry` is the default (`scenarios/published/quota-stall.yaml`).",
        quantities: vec![Quantity::seconds(
            "refused to launched",
            Observed::Value(408.0),
            &placed,
            "the stall is the other box's end, seen at the next retry; the model asks in the instant that box begins to go, the publication some time after, which was not published",
        )],
    }
}

fn image_pull(root: &Path) -> Entry {
    let pull = |size: &str, slowest: &str, fastest: &str| {
        let throughput = format!("{{ uniform: {{ min: {slowest}, max: {fastest} }} }}");
        let settings =
            [("services.engine.image.size", size), ("services.engine.image.throughput", &throughput)];
        let stories = stories(&scenario(root, "image-pull", &settings));
        collect(&stories, |s| {
            s.between("task engine/0 PENDING on box/0.1", "task engine/0 RUNNING on box/0.1")
        })
    };
    let row = |what, observed, values: &[f64], means| {
        Quantity::seconds(what, Observed::Value(observed), values, means)
    };
    Entry {
        title: "Image pulls",
        about: "k-k1/agent-fleet, the same measurements: three images from GHCR through a NAT gateway, at 8.5, 14.4 and 11.7 MB/s. The model takes size over throughput; each pull is predicted here from the rates of the other two (`scenarios/published/image-pull.yaml`).",
        quantities: vec![
            row(
                "297 MB (c6a.large)",
                35.0,
                &pull("297MB", "11.7MB/s", "14.4MB/s"),
                "slower than the large ones say: a small image has costs beside its bytes, which belong into `startup`",
            ),
            row(
                "2.47 GB (g6.xlarge)",
                171.0,
                &pull("2.47GB", "8.5MB/s", "11.7MB/s"),
                "faster than the others: rates differ between hosts by half, so give a distribution and not a number",
            ),
            row(
                "5.1 GB",
                437.0,
                &pull("5.1GB", "8.5MB/s", "14.4MB/s"),
                "the interval is as wide as the two rates",
            ),
        ],
    }
}

fn scale_in(root: &Path) -> Entry {
    let stories = stories(&scenario(root, "scale-in", &[]));
    let stopped = collect(&stories, |s| s.between("service engine wants 0", "task engine/0 STOPPED"));
    let gone = collect(&stories, |s| s.between("task engine/0 STOPPED", "instance box/0.0 GONE"));
    let whole = collect(&stories, |s| s.between("service engine wants 0", "instance box/0.0 GONE"));
    Entry {
        title: "Scale-in",
        about: "k-k1/agent-fleet, `deploy/aws/ecs/harness/probe-managed-instances.sh`, 2026-09-07: the desired count of one service went from 1 to 0 on one c6a.large, and on g6.xlarge; looked at every 10 s. `scaleInAfter` was left to ECS, whose choice is not published. It is 0 here, so that what is simulated is the least it can be; the rest is default (`scenarios/published/scale-in.yaml`).",
        quantities: vec![
            Quantity::seconds(
                "desired count 0 to tasks gone (c6a.large)",
                Observed::Between(0.0, 10.0),
                &stopped,
                "the default `shutdown` is any time up to the default `stopTimeout` of 30 s; one stop says little",
            ),
            Quantity::seconds(
                "tasks gone to terminated (c6a.large)",
                Observed::Between(73.0, 93.0),
                &gone,
                "what is more than the default `termination` is the idle time that ECS chose, somewhere between 3 and 62 s",
            ),
            Quantity::seconds(
                "desired count 0 to terminated (g6.xlarge, twice)",
                Observed::Both(427.0, 463.0),
                &whole,
                "the default `termination` is that of CPU boxes. For GPU boxes give your own, as the quota stall above does",
            ),
        ],
    }
}

/// Seconds from the request to SUCCESSFUL, a seed each.
fn durations(scenario: &Scenario) -> Vec<f64> {
    let mut workspace = Workspace::new();
    let seeds = scenario.simulation.seeds_from..scenario.simulation.seeds_to;
    let run = |seed| {
        let outcome = simulate(scenario, seed, &mut workspace, &|| false).expect("nobody interrupts");
        let deployment = &outcome.deployments[0];
        assert_eq!(deployment.status, DeploymentStatus::Successful, "seed {seed} of {}", scenario.name);
        deployment.finished_at.expect("it has ended").since(deployment.created_at).as_secs()
    };
    seeds.map(run).collect()
}

/// 250 nodes whose pods are restarted in place, one at a time.
const ONE: [(&str, &str); 2] = [("drainPercent", "0.4"), ("assumptions.drainPercentBelowOne", "minOne")];

fn daemonset_serial(root: &Path) -> Entry {
    let whole = durations(&scenario(root, "daemonset", &ONE));
    let ten: Vec<f64> = whole.iter().map(|seconds| seconds * 10.0 / 250.0).collect();
    let pods = Simulated::new(&whole.iter().map(|seconds| 60.0 * 250.0 / seconds).collect::<Vec<_>>());
    let rate = Quantity {
        what: "pods a minute, one at a time",
        unit: "pods",
        observed: Observed::Value(5.0),
        simulated: pods,
        means: "openshift/cluster-node-tuning-operator #149: 12 s a pod, a small agent",
    };
    Entry {
        title: "Kubernetes DaemonSets, one node at a time",
        about: "Rollouts of DaemonSets over 250 nodes with `maxUnavailable: 1`. Pods are restarted in place there, ECS replaces the instance: comparable is only how single steps add up to a rollout. In `scenarios/published/daemonset.yaml` nothing takes time but the daemon's start, which is the default: 15.5 s a node in the mean. What is published of one agent after the other implies 12 to 78 s.",
        quantities: vec![
            Quantity::minutes(
                "250 nodes, node-exporter",
                100.0,
                &whole,
                "prometheus-operator/kube-prometheus #661: 24 s a node. A fixed order of steps adds up to a narrow interval, so a default that is off by a third is far outside: measure your agent's start",
            ),
            Quantity::minutes(
                "250 nodes, typical OpenShift DaemonSet",
                150.0,
                &whole,
                "openshift/enhancements #854: 36 s a node, as above",
            ),
            Quantity::seconds(
                "10 nodes of 250",
                Observed::Value(270.0),
                &ten,
                "openshift/cluster-monitoring-operator #902: 27 s a node, as above",
            ),
            rate,
        ],
    }
}

#[expect(clippy::too_many_lines, reason = "a table of rows and what each means")]
fn daemonset_parallel(root: &Path) -> Entry {
    // Mean time of a node from the serial rollout of the same publication; the shape is the default's
    // (p99 = 40/14 medians, so the mean is 1.107 medians) or, with more stragglers, exponential.
    let tenth = |start: &str, batching: &str| {
        let settings = [
            ("drainPercent", "10"),
            ("daemonTaskDefinitions.1.startup", start),
            ("assumptions.batching", batching),
        ];
        durations(&scenario(root, "daemonset", &settings))
    };
    let of_24 = ["{ logNormal: { median: 21680ms, p99: 61930ms } }", "{ exponential: { mean: 24s } }"];
    let of_36 = ["{ logNormal: { median: 32510ms, p99: 92900ms } }", "{ exponential: { mean: 36s } }"];
    let row = |what, observed, start: &str, batching: &str, means| {
        Quantity::minutes(what, observed, &tenth(start, batching), means)
    };
    let barrier = tenth(of_24[0], "barrier");
    let stragglers = tenth(of_24[1], "barrier");
    let sliding = tenth(of_24[0], "sliding");
    let speed_up = |what, values: &[f64], means| {
        let factors: Vec<f64> = values.iter().map(|seconds| 100.0 * 60.0 / seconds).collect();
        let observed = Observed::Between(7.5, 10.0);
        Quantity { what, unit: "times", observed, simulated: Simulated::new(&factors), means }
    };
    Entry {
        title: "Kubernetes DaemonSets, a tenth at a time",
        about: "The same two rollouts with `maxUnavailable: 10%`, 25 nodes at once. The mean time of a node is taken from the serial rollout of the same publication (24 s, 36 s), and so is not tested; what is tested is what parallel work gains. Two shapes were chosen before any run: bakeoff's default (log-normal, 99th percentile 2.9 medians) and exponential, which has more stragglers; and both readings of a batch: a barrier waits for all 25, a sliding window takes the next node as each is done.",
        quantities: vec![
            row(
                "250 nodes, 24 s each: barrier, log-normal",
                10.0,
                of_24[0],
                "barrier",
                "kube-prometheus #661, \"from about 100 min to 10 min\": a barrier with the default's stragglers is as long",
            ),
            row(
                "250 nodes, 24 s each: barrier, exponential",
                10.0,
                of_24[1],
                "barrier",
                "with many stragglers a barrier costs more than was seen",
            ),
            row(
                "250 nodes, 24 s each: sliding, log-normal",
                10.0,
                of_24[0],
                "sliding",
                "a window would be twice as fast as what was seen, though a DaemonSet has a window: something else must have held it, such as the pace of its controller",
            ),
            row(
                "250 nodes, 24 s each: sliding, exponential",
                10.0,
                of_24[1],
                "sliding",
                "stragglers alone do not explain it",
            ),
            row(
                "250 nodes, 36 s each: barrier, log-normal",
                20.0,
                of_36[0],
                "barrier",
                "openshift/enhancements #854, \"2.5 h to something like 20 minutes\": slower than a barrier with mild stragglers",
            ),
            row(
                "250 nodes, 36 s each: barrier, exponential",
                20.0,
                of_36[1],
                "barrier",
                "an agent of 36 s a node may well have more stragglers; the publication does not say",
            ),
            row("250 nodes, 36 s each: sliding, exponential", 20.0, of_36[1], "sliding", "as with 24 s"),
            speed_up(
                "gain of 25 at once: barrier, log-normal",
                &barrier,
                "7.5 and 10 times were published, not 25: to wait for the slowest of each batch costs more than half of the gain even with mild stragglers",
            ),
            speed_up(
                "gain of 25 at once: barrier, exponential",
                &stragglers,
                "with many stragglers it costs more than two thirds",
            ),
            speed_up("gain of 25 at once: sliding, log-normal", &sliding, "a window keeps nearly all of it"),
        ],
    }
}
