//! Answers of `DescribeDaemonDeployments`: what was deployed, where, and how.

use serde_json::{Map, Value, json};

use super::Intake;
use super::intake::{Operation, Running};
use super::requests::plain;
use crate::scenario::codes::Code;
use crate::scenario::tree::{Kind, Node};

impl Intake<'_> {
    /// Takes every deployment of an answer as the request that began it, in order of their creation.
    pub(super) fn deployments(&mut self, node: &Node, origin: &str) {
        if let Some(Kind::List(failures)) = node.get("failures").map(|node| &node.kind)
            && !failures.is_empty()
        {
            self.left_out.push(format!("{} failures in {origin}", failures.len()));
        }
        let Some(Kind::List(nodes)) = node.get("daemonDeployments").map(|node| &node.kind) else {
            self.problem(
                Code::ParamValidation,
                node.place,
                "ParamValidation: daemonDeployments takes a list",
            );
            return;
        };
        let mut deployments: Vec<(&Node, Value)> = nodes.iter().map(|node| (node, node.to_json())).collect();
        // Numbers and ISO texts both sort by time; a mixture does not occur in one answer.
        deployments.sort_by(|(_, a), (_, b)| {
            let numbers = a["createdAt"].as_f64().zip(b["createdAt"].as_f64());
            numbers.map_or_else(
                || a["createdAt"].as_str().cmp(&b["createdAt"].as_str()),
                |(a, b)| a.total_cmp(&b),
            )
        });
        let mut revisions: Vec<(String, String)> = Vec::new();
        for (index, (node, deployment)) in deployments.iter().enumerate() {
            self.deployment(node, deployment, &format!("{origin}, deployment {}", index + 1), &mut revisions);
        }
    }

    fn deployment(
        &mut self,
        node: &Node,
        deployment: &Value,
        origin: &str,
        revisions: &mut Vec<(String, String)>,
    ) {
        let arn = deployment["daemonDeploymentArn"].as_str().unwrap_or_default();
        let mut parts = arn.rsplit('/');
        let daemon = parts.nth(1).filter(|name| crate::aws::text::is_name(name)).map(str::to_owned);
        let Some(daemon) = daemon.filter(|_| arn.contains(":daemon-deployment/")) else {
            self.problem(
                Code::ApiBounds,
                node.place,
                "InvalidParameterException: daemonDeploymentArn is not the ARN of a daemon deployment",
            )
            .help("arn:aws:ecs:region:account:daemon-deployment/cluster/daemon/id");
            return;
        };
        let sources: Vec<&Value> =
            deployment["sourceDaemonRevisions"].as_array().into_iter().flatten().collect();
        let target = &deployment["targetDaemonRevision"];
        // A daemon's revision is not that of its task definition, which the answer does not name.
        let mut number = |revision: &Value| {
            let arn = revision["arn"].as_str().unwrap_or_default().to_owned();
            let own = |(known, _): &&(String, String)| *known == daemon;
            if let Some(at) = revisions.iter().filter(own).position(|(_, known)| *known == arn) {
                return at + 1;
            }
            revisions.push((daemon.clone(), arn));
            revisions.iter().filter(own).count()
        };
        let from: Vec<usize> = sources.iter().map(|source| number(source)).collect();
        let to = number(target);
        let instances = counts(sources.iter().copied().chain([target]));
        let providers: Vec<String> = instances.iter().map(|(name, _)| name.clone()).collect();
        if providers.is_empty() {
            self.problem(Code::NothingToImport, node.place, "the deployment names no capacity provider")
                .help("give --query nothing away: the answer has capacityProviders under targetDaemonRevision and sourceDaemonRevisions");
            return;
        }
        self.assumed.push(format!("the task definition of {daemon} is called '{daemon}', its revisions by the order in which they were deployed"));
        let is_first = self.seen(&daemon, from.iter().max().copied(), &instances, origin);
        let operation = if is_first { Operation::Create } else { Operation::Update };
        let body = body(deployment, &daemon, to, &providers, operation);
        let origin = format!("{origin}{}", facts(deployment));
        self.take(operation, &Node::from_json(&body, node.place), &origin);
    }

    /// Notes where a daemon was seen; says whether nothing was there before the deployment.
    fn seen(&mut self, daemon: &str, from: Option<usize>, instances: &[(String, u64)], origin: &str) -> bool {
        if let Some(running) = self.running.iter_mut().find(|running| running.daemon == daemon) {
            if total(instances) > total(&running.instances) {
                running.instances = instances.to_vec();
            }
            return false;
        }
        let is_created =
            self.requests.iter().any(|request| request.body["daemonName"].as_str() == Some(daemon));
        if let Some(latest) = from.filter(|_| !is_created) {
            self.running.push(Running {
                daemon: daemon.to_owned(),
                definition: Some(format!("{daemon}:{latest}")),
                providers: instances.iter().map(|(name, _)| name.clone()).collect(),
                critical: None,
                instances: instances.to_vec(),
                origin: format!("{origin}: what it replaced"),
            });
            return false;
        }
        self.counted.extend(instances.iter().map(|(name, count)| (name.clone(), *count, origin.to_owned())));
        !is_created
    }
}

/// Instances of all revisions by capacity provider.
fn counts<'v>(revisions: impl Iterator<Item = &'v Value>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = Vec::new();
    for provider in
        revisions.flat_map(|revision| revision["capacityProviders"].as_array().into_iter().flatten())
    {
        let Some(name) = provider["arn"].as_str().map(|arn| plain(arn, "capacity-provider").to_owned())
        else {
            continue;
        };
        let of = |key: &str| provider[key].as_u64().unwrap_or(0);
        let count =
            of("runningInstanceCount") + of("drainingInstanceCount") + of("withoutDaemonInstanceCount");
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += count,
            None => counts.push((name, count)),
        }
    }
    counts
}

fn total(counts: &[(String, u64)]) -> u64 {
    counts.iter().map(|(_, count)| count).sum()
}

/// The request that began the deployment, as far as the answer tells.
fn body(deployment: &Value, daemon: &str, to: usize, providers: &[String], operation: Operation) -> Value {
    let mut body = Map::new();
    let key = if operation == Operation::Create { "daemonName" } else { "daemonArn" };
    body.insert(key.into(), daemon.into());
    body.insert("daemonTaskDefinitionArn".into(), format!("{daemon}:{to}").into());
    body.insert("capacityProviderArns".into(), json!(providers));
    if deployment["deploymentConfiguration"].is_object() {
        body.insert("deploymentConfiguration".into(), deployment["deploymentConfiguration"].clone());
    }
    Value::Object(body)
}

/// How it went, for a comment.
fn facts(deployment: &Value) -> String {
    let mut facts = Vec::new();
    for key in ["status", "statusReason", "createdAt", "startedAt", "stoppedAt", "finishedAt"] {
        match &deployment[key] {
            Value::String(text) => facts.push(format!("{key} {text}")),
            Value::Number(number) => facts.push(format!("{key} {number}")),
            _ => {}
        }
    }
    let breaker = &deployment["circuitBreaker"];
    if let (Some(count), Some(threshold)) = (breaker["failureCount"].as_u64(), breaker["threshold"].as_u64())
    {
        facts.push(format!("circuit breaker {count} of {threshold}"));
    }
    let triggered = deployment["alarms"]["triggeredAlarmNames"].as_array();
    let triggered: Vec<&str> = triggered.into_iter().flatten().filter_map(Value::as_str).collect();
    if !triggered.is_empty() {
        facts.push(format!("triggered by {}", triggered.join(", ")));
    }
    if facts.is_empty() { String::new() } else { format!("; in reality: {}", facts.join(", ")) }
}
