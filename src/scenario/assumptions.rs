//! The questions that the ECS documentation leaves open, each as a named choice.
//!
//! The first value of every enum is the default: the best-supported reading.
//! A16 (`alarmPoll`) and A21 (`registrationTimeout`) are delays of the control plane.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::codes::Code;
use super::read::{At, Read, Reader, record};
use super::tree::{Kind, Node};
use super::values::word;

/// An open question as `bakeoff about` tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its number, `A1` to `A23`.
    pub id: &'static str,
    /// Its key in the scenario file.
    pub key: &'static str,
    /// What is open.
    pub question: &'static str,
    /// The answers, the default first.
    pub values: &'static [Answer],
    /// What the default rests on.
    pub source: &'static str,
}

/// One answer to an open question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its word in the scenario file.
    pub word: &'static str,
    /// What it means.
    pub text: &'static str,
    /// What to do instead, for an answer that this version does not model.
    pub not_modelled: Option<&'static str>,
}

macro_rules! not_modelled {
    () => {
        None
    };
    ($instead:literal) => {
        Some($instead)
    };
}

macro_rules! assumptions {
    ($(
        $id:literal $name:ident $field:ident $key:literal, $question:literal {
            $( $variant:ident = $word:literal, $text:literal $(, not modelled $instead:literal)? ; )+
        } $source:literal
    )+) => {
        $(
            #[doc = concat!($id, ": ", $question)]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[allow(clippy::doc_markdown, reason = "the texts are also shown to users, as they are")]
            pub enum $name { $( #[doc = $text] #[serde(rename = $word)] $variant, )+ }

            impl $name {
                const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::WORDS[0].1
                }
            }

            impl Read for $name {
                fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                    let answers = QUESTIONS.iter().find(|question| question.key == $key)?.values;
                    if is_modelled(node, reader, answers) { word(node, reader, Self::WORDS) } else { None }
                }
                fn show(&self) -> Value {
                    match self { $( Self::$variant => $word.into(), )+ }
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }
                fn inline_schema() -> bool {
                    true
                }
                fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    answers_schema($key)
                }
            }
        )+

        /// One answer to each open question.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Assumptions {
            $( #[doc = concat!($id, ": ", $question)] #[serde(rename = $key)] pub $field: $name, )+
        }

        record! {
            /// the assumptions. Answers to what the ECS documentation leaves open.
            RawAssumptions {
                $( #[doc = $question] $key $field: $name = Default($name::default().show()), )+
            }
            refused {
                "alarmPoll": "it is a delay: give it as `controlPlane.alarmPoll`",
                "registrationTimeout": "it is a delay: give it as `controlPlane.registrationTimeout`",
            }
        }

        impl RawAssumptions {
            /// The plain values; what could not be read has its default.
            pub fn resolve(&self) -> Assumptions {
                Assumptions {
                    $( $field: self.$field.as_ref().map_or_else(Default::default, |At { value, .. }| *value), )+
                }
            }
        }

        /// Every question that has a key below `assumptions:`, in order.
        pub const QUESTIONS: &[Question] = &[$( Question {
            id: $id,
            key: $key,
            question: $question,
            values: &[$( Answer { word: $word, text: $text, not_modelled: not_modelled!($($instead)?) }, )+],
            source: $source,
        }, )+];
    };
}

/// The open questions whose answer is a delay, with the durations that are worth trying.
pub const VARIED_DELAYS: [(&str, &str, &[&str]); 2] = [
    ("A16", "controlPlane.alarmPoll", &["15s", "30s", "1m", "2m"]),
    ("A21", "controlPlane.registrationTimeout", &["5m", "10m", "20m"]),
];

/// Whether the node is no answer that this version refuses; if it is one, that is told.
fn is_modelled(node: &Node, reader: &mut Reader<'_>, answers: &[Answer]) -> bool {
    let Kind::Text(text) = &node.kind else { return true };
    let Some(instead) =
        answers.iter().find(|answer| answer.word == text).and_then(|answer| answer.not_modelled)
    else {
        return true;
    };
    reader
        .problem(Code::NotModelled, node.place, format!("'{text}' is not modelled in this version"))
        .help(instead);
    false
}

fn answers_schema(key: &str) -> schemars::Schema {
    let words: Vec<_> = QUESTIONS
        .iter()
        .filter(|question| question.key == key)
        .flat_map(|question| question.values)
        .filter(|answer| answer.not_modelled.is_none())
        .map(|answer| answer.word)
        .collect();
    schemars::json_schema!({ "type": "string", "enum": words })
}

assumptions! {
    "A1" Rounding rounding "rounding", "How drainPercent × N is rounded; never below one instance." {
        Floor = "floor", "Rounded down: 25 % of 25 hosts is 6. Drains the fewest, so it never takes more capacity than was asked for.";
        Ceil = "ceil", "Rounded up: 25 % of 25 hosts is 7. The service scheduler rounds minimumHealthyPercent this way.";
        Round = "round", "To the nearest whole number, halves up.";
    } "Unpublished. One instance at 25 % was drained at once (shinyaz.com, 2026-04-02), which every rule with a floor of one explains; rounding down is the careful reading. Low confidence."
    "A2" BatchScope batch_scope "batchScope", "Which instances N counts, and what one batch decision speaks for." {
        PerProvider = "perProvider", "Each capacity provider counts its own instances and takes its own batches.";
        All = "all", "All capacity providers of the daemon count together, and one decision picks a batch from them all.";
    } "API_DaemonDeploymentRevisionDetail counts running and draining instances for each capacity provider, and rollbacks list their capacity providers. Medium confidence."
    "A2" BatchCount batch_count "batchCount", "When the instances that drainPercent is a part of are counted." {
        Live = "live", "Anew for each batch, over the instances that are ACTIVE then.";
        AtStart = "atStart", "Once, when the deployment is created.";
    } "Unpublished; the deployment's counters are live. Medium confidence."
    "A3" Bake bake "bake", "Where the bake time is spent." {
        AfterAll = "afterAll", "Once, after the last batch, with alarms watched; then the deployment is SUCCESSFUL.";
        BetweenBatches = "betweenBatches", "After each batch but the last, before the next one begins.";
        PerBatch = "perBatch", "After each batch, the last one too.";
    } "ECS developer guide, managed-daemons-deployments and managed-daemons-create-manage, and the console's text: after all instances are updated. The API reference says 'after a successful deployment step', and the beta guide 'before the next batch'. High confidence."
    "A4" Batching batching "batching", "Whether a batch must be done before the next begins." {
        Barrier = "barrier", "The whole batch must be done, then the next is decided.";
        Sliding = "sliding", "Whenever an instance is done, another may drain: as many are always on their way.";
    } "managed-daemons-deployments: the process repeats until every instance has the target revision. 'Drained simultaneously' could mean a sliding window too. Medium confidence."
    "A5" Replacement replacement "replacement", "What is launched for an instance that drains." {
        OneForOne = "oneForOne", "One new instance for each, at the moment it starts to drain.";
        DemandDriven = "demandDriven", "As many as the displaced tasks need, which may be fewer or of other sizes.";
    } "The guide says that ECS provisions replacement instances; measured fleets went from 1 over 2 to 1 (shinyaz.com) and from 10 to 11 (aws-samples GPU repair demo). Medium confidence."
    "A5" DisplacedTasks displaced_tasks "displacedTasks", "Where tasks of a draining instance may land." {
        Anywhere = "anywhere", "Wherever there is room, on instances that will be drained later too, so a task may move more than once.";
        ReplacementsOnly = "replacementsOnly", "Only on instances that no open deployment still has to replace.";
    } "Nothing in the guide keeps tasks off old instances; the AWS deep dive on Managed Instances says that capacity which exists is preferred over new. Medium confidence."
    "A6" RollbackPace rollback_pace "rollbackPace", "How fast a rollback drains." {
        SameDrainPercent = "sameDrainPercent", "In batches of the deployment's own drainPercent.";
        AllAtOnce = "allAtOnce", "In one batch of everything that must go back.";
    } "Not stated; instances are only ever replaced, so a rollback needs drains of its own, and no other pace is configured. Medium confidence."
    "A6" RollbackScope rollback_scope "rollbackScope", "Which instances a rollback replaces." {
        UpdatedOnly = "updatedOnly", "Those that the deployment has given its target.";
        All = "all", "Every instance in scope, those that were never touched too.";
    } "API_DaemonRollback names a target revision and capacity providers; instances already there have nothing to roll back. Medium confidence."
    "A7" FailedFirst failed_first "failedFirst", "What becomes of a failed deployment with no revision to roll back to." {
        Stopped = "stopped", "It ends STOPPED, and the fleet stays mixed.";
        RemoveDaemon = "removeDaemon", "It rolls back to having no such daemon, by replacing the instances once more.";
        RollbackFailed = "rollbackFailed", "It ends ROLLBACK_FAILED, and the fleet stays mixed.";
    } "managed-daemons-deployments: STOPPED means stopped because it failed or was superseded. Medium to low confidence."
    "A8" BreakerThreshold breaker_threshold "breakerThreshold", "How many launch failures trip the circuit breaker." {
        Clamp = "clamp", "Half of the instances in scope, rounded up, but at least 3 and at most 200.";
        Three = "three", "Always three.";
    } "deployment-circuit-breaker gives the clamp for services; for daemons the only known value is 3 with one instance (shinyaz.com), which both explain. Medium confidence."
    "A8" BreakerCount breaker_count "breakerCount", "Whether a success resets the circuit breaker." {
        Consecutive = "consecutive", "A task that becomes healthy sets the count back to zero.";
        Cumulative = "cumulative", "The count only grows.";
    } "deployment-circuit-breaker: the count of a service resets when a task becomes healthy. Medium confidence."
    "A8" StartFailure start_failure "startFailure", "What follows when a critical daemon fails to start." {
        Relaunch = "relaunch", "The instance is terminated and another launched in its place.";
        RetryInPlace = "retryInPlace", "The daemon is started again on the same instance.";
    } "Not stated; an instance without its critical daemon never becomes ACTIVE, and every other fault of a Managed Instance is met by replacing it. Low confidence."
    "A9" RepairLimit repair_limit "repairLimit", "What the limit on instances that drain for repair counts." {
        Separate = "separate", "At most 20 % of a provider's instances, one below nine, drains for deployments not counted.";
        Shared = "shared", "The same limit, with the drains of deployments counted too.";
        Unlimited = "unlimited", "There is no limit for daemons.";
    } "managed-instances-gpu-auto-repair states 20 %, and one instance below nine, for GPU repair; daemon repair has the same switch and the same health pipeline. Medium confidence."
    "A10" ConcurrentDaemons concurrent_daemons "concurrentDaemons", "How deployments of two daemons on one capacity provider meet." {
        Independent = "independent", "Each takes its own batches; a new instance gets the targets of both.";
        Serialised = "serialised", "The later one waits until the earlier one has ended.";
        Merged = "merged", "One replacement serves both: the later deployment takes no batch of its own while the earlier one has instances to replace, and what that one replaces gets both targets.";
    } "Undocumented. Low confidence."
    "A11" AppGate app_gate "appGate", "What a critical daemon must reach before its instance is ACTIVE." {
        HealthyIfChecked = "healthyIfChecked", "HEALTHY if it has a health check, else RUNNING.";
        Running = "running", "RUNNING, health check or not.";
    } "managed-daemons speaks of running, managed-daemons-auto-repair of healthy. Medium confidence."
    "A12" ProtectedTasks protected_tasks "protectedTasks", "Whether a drain waits for protected and standalone tasks." {
        Wait = "wait", "It waits for them.";
        Ignore = "ignore", "It stops them like the tasks of a service, standalone ones at once.";
    } "container-instance-draining: standalone tasks are left alone until they end or the deadline comes. Medium confidence."
    "A13" ReserveForDaemons reserve_for_daemons "reserveForDaemons", "Whether the choice of an instance reserves room for its daemons." {
        Yes = "yes", "Room for the daemons is kept before tasks are placed.";
        No = "no", "Instances are chosen for the tasks alone, and a daemon may find no room.";
    } "Not documented; without it daemons would often fail to start, which is not what users report. Low confidence."
    "A14" NewInstances new_instances "newInstances", "Which revision an instance gets that somebody else launches during a deployment." {
        Target = "target", "The target while the deployment goes forward, the rollback target after it was halted.";
        LastSuccessful = "lastSuccessful", "The last revision whose deployment succeeded.";
        Source = "source", "The revision that the deployment came from.";
    } "Not stated; managed-daemons-deployments has replacements carry the target revision. Medium confidence."
    "A15" RedAlarms red_alarms "redAlarms", "Whether an alarm that was red at the start counts once it has been OK." {
        Ignored = "ignored", "Never in that deployment.";
        Rearmed = "rearmed", "It counts from its first OK on.";
    } "managed-daemons-deployments: alarms already in ALARM when the deployment starts are ignored. Low confidence about later."
    "A17" NonCriticalFailure non_critical_failure "nonCriticalFailure", "Whether an instance without its non-critical daemon counts as updated." {
        CountsAsDone = "countsAsDone", "It does; the deployment can succeed without it.";
        Blocks = "blocks", "It does not; the deployment waits until it fails or is superseded.";
    } "API_DaemonDeploymentCapacityProvider counts instances without the daemon apart; the event for success speaks of all tasks running. Low confidence."
    "A18" Superseded superseded "superseded", "What becomes of drains under way when a newer deployment takes over." {
        Finish = "finish", "They go on, and are the new deployment's first batch.";
        Cancel = "cancel", "They end, and the instances are ACTIVE again, unless their replacements have registered already or their daemons have been told to stop.";
    } "A draining instance only becomes ACTIVE again when someone sets it so (API_UpdateContainerInstancesState). Medium confidence."
    "A19" SuccessWaitsFor success_waits_for "successWaitsFor", "How far an old instance must be gone before its batch is done." {
        Termination = "termination", "It must be terminated.";
        Deregistration = "deregistration", "It must be DEREGISTERING.";
        Daemon = "daemon", "Not at all: it is enough that the new instance is ACTIVE.";
    } "SUCCESSFUL was first seen 72 s after DEREGISTERING, when the old instance was listed no longer (shinyaz.com; sampled every 30 s). Medium confidence."
    "A20" BatchOrder batch_order "batchOrder", "In which order the instances of a provider are picked." {
        ZoneBalanced = "zoneBalanced", "Availability zones in turn, the oldest instance of each first.";
        OldestFirst = "oldestFirst", "By launch time alone.";
        Random = "random", "At random, drawn anew in each seed.";
    } "Unpublished; tasks and instances are balanced over zones everywhere else in ECS. Low confidence."
    "A20" ProviderOrder provider_order "providerOrder", "Whether capacity providers are rolled together." {
        Parallel = "parallel", "All at the same time.";
        Sequential = "sequential", "One after another, in the order of the request.";
    } "The console shows a progress bar for each capacity provider. Low confidence."
    "A22" DrainPercentBelowOne drain_percent_below_one "drainPercentBelowOne", "Whether a drainPercent below 1 is accepted." {
        Reject = "reject", "It is an error.";
        MinOne = "minOne", "It is accepted; a batch is one instance at least.";
    } "managed-daemons-deployments gives 1.0 to 100.0; the API's own model takes 0 to 100. High confidence."
    "A23" RepairCountsToBreaker repair_counts_to_breaker "repairCountsToBreaker", "Whether a repair of an instance on the target revision counts as a launch failure." {
        No = "no", "Only tasks that fail to launch count.";
        Yes = "yes", "A repair counts like a launch failure.";
    } "managed-daemons-deployments speaks of tasks that fail to launch. Medium confidence."
}
