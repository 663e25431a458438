//! Three rollouts with every delay fixed, worked out by hand, event by event.

use super::{assert_story, outcome};

/// Hosts that fit one task and the daemon; every delay fixed.
fn fixed(instances: u32, rest: &str) -> String {
    format!(
        "schema: bakeoff.scenario.v1
name: by-hand
simulation: {{ seeds: 1, horizon: 1h, observeAfter: 1m }}
capacityProviders:
  - {{ name: p, instances: {instances}, cpu: 2048, memory: 4096, availabilityZones: 1, launch: 20s, registration: 10s, termination: 30s }}
controlPlane: {{ batchDecision: 5s, healthPropagation: 20s, repairDecision: 69s }}
services:
  - {{ name: web, desiredCount: {instances}, cpu: 1024, memory: 2048, startup: 8s, healthyAfter: 40s, shutdown: 10s }}
{rest}"
    )
}

const TWO_BATCHES: &str = "
daemonTaskDefinitions:
  - { family: agent, revision: 1, cpu: 256, memory: 512, startup: 5s, shutdown: 2s }
  - { family: agent, revision: 2, cpu: 256, memory: 512, startup: 5s, shutdown: 2s }
daemons:
  - { daemonName: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [p] }
timeline:
  - at: 1m
    updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: [p], critical: true, deploymentConfiguration: { drainPercent: 50, bakeTimeInMinutes: 1 } }
";

#[test]
fn r102_a_rollout_of_two_batches_goes_as_worked_out_by_hand() {
    assert_story(
        &fixed(2, TWO_BATCHES),
        "
        0:01:00 deployment 1 of agent PENDING
        0:01:05 deployment 1 of agent IN_PROGRESS
        0:01:05 deployment 1: batch of 1 on p
        0:01:05 instance p/0.0 DRAINING (deployment)
        0:01:05 task web/0 PROVISIONING
        0:01:05 instance p/0.1 REQUESTED
        0:01:25 instance p/0.1 LAUNCHED
        0:01:35 instance p/0.1 REGISTERING
        0:01:35 daemon agent (agent:2) on p/0.1 PENDING
        0:01:40 daemon agent (agent:2) on p/0.1 RUNNING
        0:01:40 instance p/0.1 ACTIVE
        0:01:40 task web/0 PENDING on p/0.1
        0:01:48 task web/0 RUNNING on p/0.1
        0:02:28 task web/0 HEALTHY on p/0.1
        0:02:28 task web/0 STOPPING on p/0.0
        0:02:38 task web/0 STOPPED on p/0.0
        0:02:40 daemon agent (agent:1) on p/0.0 STOPPED
        0:02:40 instance p/0.0 DEREGISTERING (deployment)
        0:03:10 instance p/0.0 GONE (deployment)
        0:03:10 deployment 1: batch done on p
        0:03:15 deployment 1: batch of 1 on p
        0:03:15 instance p/1.0 DRAINING (deployment)
        0:03:15 task web/1 PROVISIONING
        0:03:15 instance p/1.1 REQUESTED
        0:03:35 instance p/1.1 LAUNCHED
        0:03:45 instance p/1.1 REGISTERING
        0:03:45 daemon agent (agent:2) on p/1.1 PENDING
        0:03:50 daemon agent (agent:2) on p/1.1 RUNNING
        0:03:50 instance p/1.1 ACTIVE
        0:03:50 task web/1 PENDING on p/1.1
        0:03:58 task web/1 RUNNING on p/1.1
        0:04:38 task web/1 HEALTHY on p/1.1
        0:04:38 task web/1 STOPPING on p/1.0
        0:04:48 task web/1 STOPPED on p/1.0
        0:04:50 daemon agent (agent:1) on p/1.0 STOPPED
        0:04:50 instance p/1.0 DEREGISTERING (deployment)
        0:05:20 instance p/1.0 GONE (deployment)
        0:05:20 deployment 1: batch done on p
        0:05:20 deployment 1 bakes 1 min
        0:06:20 deployment 1 of agent SUCCESSFUL
        0:07:20 run ended: complete",
    );
}

#[test]
fn r027_the_metrics_of_the_two_batches_agree_with_the_hand() {
    let outcome = outcome(&fixed(2, TWO_BATCHES), 0);
    let deployment = &outcome.deployments[0];
    assert_eq!(deployment.finished_at.unwrap().since(deployment.created_at).as_secs(), 320.0);
    assert_eq!(deployment.drain_wait_max.unwrap().as_secs(), 95.0);
    let fleet = &outcome.fleet;
    assert_eq!((fleet.peak_instances, fleet.peak_vcpu), (3, 6));
    assert_eq!((fleet.instances_replaced, fleet.app_tasks_restarted), (2, 2));
    // One extra instance from 1:05 to 3:10 and from 3:15 to 5:20.
    assert_eq!(fleet.extra_instance_hours, 250.0 / 3600.0);
    assert_eq!(fleet.services[0].min_running_pct, Some(100.0));
    assert_eq!(fleet.services[0].task_min_lost, 0.0);
}

const FAILS_TO_START: &str = "
daemonTaskDefinitions:
  - { family: agent, revision: 1, cpu: 256, memory: 512, startup: 5s, shutdown: 2s }
  - family: agent
    revision: 2
    cpu: 256
    memory: 512
    startup: 5s
    defects: [ { name: broken, probability: 1, share: 1, failsToStart: { probability: 1 } } ]
daemons:
  - { daemonName: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [p] }
timeline:
  - at: 1m
    updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: [p], critical: true }
";

#[test]
fn r141_a_rollback_goes_as_worked_out_by_hand() {
    assert_story(
        &fixed(4, FAILS_TO_START),
        "
        0:01:00 deployment 1 of agent PENDING
        0:01:05 deployment 1 of agent IN_PROGRESS
        0:01:05 deployment 1: batch of 1 on p
        0:01:05 instance p/0.0 DRAINING (deployment)
        0:01:05 task web/0 PROVISIONING
        0:01:05 instance p/0.1 REQUESTED
        0:01:25 instance p/0.1 LAUNCHED
        0:01:35 instance p/0.1 REGISTERING
        0:01:35 daemon agent (agent:2) on p/0.1 PENDING
        0:01:40 daemon agent on p/0.1 fails to start
        0:01:40 daemon agent (agent:2) on p/0.1 STOPPED before RUNNING
        0:01:40 instance p/0.1 DEREGISTERING (start failure)
        0:01:40 instance p/0.2 REQUESTED
        0:02:00 instance p/0.2 LAUNCHED
        0:02:10 instance p/0.1 GONE (start failure)
        0:02:10 instance p/0.2 REGISTERING
        0:02:10 daemon agent (agent:2) on p/0.2 PENDING
        0:02:15 daemon agent on p/0.2 fails to start
        0:02:15 daemon agent (agent:2) on p/0.2 STOPPED before RUNNING
        0:02:15 instance p/0.2 DEREGISTERING (start failure)
        0:02:15 instance p/0.3 REQUESTED
        0:02:35 instance p/0.3 LAUNCHED
        0:02:45 instance p/0.2 GONE (start failure)
        0:02:45 instance p/0.3 REGISTERING
        0:02:45 daemon agent (agent:2) on p/0.3 PENDING
        0:02:50 daemon agent on p/0.3 fails to start
        0:02:50 daemon agent (agent:2) on p/0.3 STOPPED before RUNNING
        0:02:50 instance p/0.3 DEREGISTERING (start failure)
        0:02:50 deployment 1 of agent STOP_REQUESTED: circuit breaker: 3 daemon launch failures
        0:02:50 deployment 1 of agent ROLLBACK_IN_PROGRESS: circuit breaker: 3 daemon launch failures
        0:02:50 instance p/0.4 REQUESTED
        0:03:10 instance p/0.4 LAUNCHED
        0:03:20 instance p/0.3 GONE (start failure)
        0:03:20 instance p/0.4 REGISTERING
        0:03:20 daemon agent (agent:1) on p/0.4 PENDING
        0:03:25 daemon agent (agent:1) on p/0.4 RUNNING
        0:03:25 instance p/0.4 ACTIVE
        0:03:25 task web/0 PENDING on p/0.4
        0:03:33 task web/0 RUNNING on p/0.4
        0:04:13 task web/0 HEALTHY on p/0.4
        0:04:13 task web/0 STOPPING on p/0.0
        0:04:23 task web/0 STOPPED on p/0.0
        0:04:25 daemon agent (agent:1) on p/0.0 STOPPED
        0:04:25 instance p/0.0 DEREGISTERING (deployment)
        0:04:55 instance p/0.0 GONE (deployment)
        0:04:55 deployment 1: batch done on p
        0:04:55 deployment 1 of agent ROLLBACK_SUCCESSFUL: circuit breaker: 3 daemon launch failures
        0:05:55 run ended: complete",
    );
}

#[test]
fn r027_the_metrics_of_the_rollback_agree_with_the_hand() {
    let outcome = outcome(&fixed(4, FAILS_TO_START), 0);
    let deployment = &outcome.deployments[0];
    assert_eq!((deployment.breaker_failures, deployment.breaker_threshold), (3, 3));
    assert_eq!(deployment.hosts_exposed, 0);
    let detection = deployment.triggered_at.unwrap().since(deployment.harm_at.unwrap());
    assert_eq!(detection.as_secs(), 70.0);
    let rollback = deployment.finished_at.unwrap().since(deployment.rollback_started_at.unwrap());
    assert_eq!(rollback.as_secs(), 125.0);
}

const CRASHES: &str = "
daemonTaskDefinitions:
  - family: agent
    revision: 1
    cpu: 256
    memory: 512
    startup: 5s
    shutdown: 2s
    defects: [ { name: leak, probability: 1, share: 1, crashes: { after: 100s } } ]
daemons:
  - { daemonName: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [p] }
";

#[test]
fn r200_a_repair_under_the_limit_goes_as_worked_out_by_hand() {
    let text = fixed(2, CRASHES).replace("horizon: 1h", "horizon: 6m");
    assert_story(
        &text,
        "
        0:01:40 daemon agent on p/0.0 crashes
        0:01:40 daemon agent (agent:1) on p/0.0 STOPPED
        0:01:40 instance p/0.0 IMPAIRED
        0:01:40 daemon agent on p/1.0 crashes
        0:01:40 daemon agent (agent:1) on p/1.0 STOPPED
        0:01:40 instance p/1.0 IMPAIRED
        0:02:49 instance p/0.0 DRAINING (repair)
        0:02:49 task web/0 PROVISIONING
        0:02:49 instance p/0.1 REQUESTED
        0:03:09 instance p/0.1 LAUNCHED
        0:03:19 instance p/0.1 REGISTERING
        0:03:19 daemon agent (agent:1) on p/0.1 PENDING
        0:03:24 daemon agent (agent:1) on p/0.1 RUNNING
        0:03:24 instance p/0.1 ACTIVE
        0:03:24 task web/0 PENDING on p/0.1
        0:03:32 task web/0 RUNNING on p/0.1
        0:04:12 task web/0 HEALTHY on p/0.1
        0:04:12 task web/0 STOPPING on p/0.0
        0:04:22 task web/0 STOPPED on p/0.0
        0:04:22 instance p/0.0 DEREGISTERING (repair)
        0:04:22 instance p/1.0 DRAINING (repair)
        0:04:22 task web/1 PROVISIONING
        0:04:22 instance p/1.1 REQUESTED
        0:04:42 instance p/1.1 LAUNCHED
        0:04:52 instance p/0.0 GONE (repair)
        0:04:52 instance p/1.1 REGISTERING
        0:04:52 daemon agent (agent:1) on p/1.1 PENDING
        0:04:57 daemon agent (agent:1) on p/1.1 RUNNING
        0:04:57 instance p/1.1 ACTIVE
        0:04:57 task web/1 PENDING on p/1.1
        0:05:04 daemon agent on p/0.1 crashes
        0:05:04 daemon agent (agent:1) on p/0.1 STOPPED
        0:05:04 instance p/0.1 IMPAIRED
        0:05:05 task web/1 RUNNING on p/1.1
        0:05:45 task web/1 HEALTHY on p/1.1
        0:05:45 task web/1 STOPPING on p/1.0
        0:05:55 task web/1 STOPPED on p/1.0
        0:05:55 instance p/1.0 DEREGISTERING (repair)
        0:06:00 run ended: complete",
    );
    let outcome = outcome(&text, 0);
    // Host 0 without its daemon from 1:40 to 2:49 and from 5:04 on, host 1 from 1:40 to 4:22.
    assert_eq!(outcome.fleet.daemon_gap.as_secs(), 69.0 + 56.0 + 162.0);
    assert_eq!(outcome.fleet.instances_repaired, 1);
}
