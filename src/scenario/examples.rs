//! For every lint a setting that raises it and one that does not, on one scenario that is otherwise sound.
//!
//! `bakeoff about L104` shows both; the tests load both.

/// The scenario that the settings of the examples are made in; it raises no lint.
pub const BASE: &str = include_str!("example.yaml");

/// A lint with its two examples, each as settings `key=value` on [`BASE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The lint's code.
    pub code: &'static str,
    /// Raises it, and no other.
    pub fails: &'static [&'static str],
    /// Raises nothing.
    pub passes: &'static [&'static str],
}

/// The examples of a lint.
pub fn example(code: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|example| example.code == code)
}

const fn of(code: &'static str, fails: &'static [&'static str], passes: &'static [&'static str]) -> Example {
    Example { code, fails, passes }
}

/// Every lint's, in order of the codes.
pub const EXAMPLES: &[Example] = &[
    of("L101", &["daemonTaskDefinitions.1.memory=15500"], &["daemonTaskDefinitions.1.memory=1024"]),
    of("L102", &["daemonTaskDefinitions.1.cpu=1024"], &["daemonTaskDefinitions.1.cpu=256"]),
    of(
        "L103",
        &[
            "capacityProviders=[{ name: general, instances: 12, instanceType: m7i.xlarge }, { name: big, instances: 12, instanceType: m7i.4xlarge }]",
            "services.0.capacityProvider=general",
            "timeline.0.updateDaemon.capacityProviderArns=[general, big]",
        ],
        &[
            "capacityProviders=[{ name: general, instances: 12, instanceType: m7i.xlarge }, { name: other, instances: 12, instanceType: m7i.xlarge }]",
            "services.0.capacityProvider=general",
            "timeline.0.updateDaemon.capacityProviderArns=[general, other]",
        ],
    ),
    of(
        "L104",
        &["daemonTaskDefinitions.1={ family: agent, revision: 2, cpu: 128, memory: 256 }"],
        &["daemonTaskDefinitions.1={ family: agent, revision: 2, cpu: 128, memory: 256, healthCheck: {} }"],
    ),
    of("L105", &["bakeTimeInMinutes=2"], &["bakeTimeInMinutes=10"]),
    of(
        "L106",
        &["services.0.maximumPercent=100"],
        &["services.0.maximumPercent=100", "services.0.minimumHealthyPercent=90"],
    ),
    of("L107", &["capacityProviders.0.maxInstances=13"], &["capacityProviders.0.maxInstances=15"]),
    of(
        "L108",
        &[
            "daemons.0.critical=false",
            "timeline.0.updateDaemon={ daemonArn: agent, daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: [general], deploymentConfiguration: { drainPercent: 25, bakeTimeInMinutes: 15, alarms: { alarmNames: [web-5xx], enable: true } } }",
        ],
        &["daemons.0.critical=false", "timeline.0.updateDaemon.critical=false"],
    ),
    of(
        "L109",
        &[
            "timeline=[{ at: 1h, updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: [general], critical: true, deploymentConfiguration: { drainPercent: 50, bakeTimeInMinutes: 15, alarms: { alarmNames: [web-5xx], enable: true } } } }, { at: 3h, updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [general], critical: true, deploymentConfiguration: { drainPercent: 50 } } }]",
        ],
        &[
            "timeline=[{ at: 1h, updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: 'agent:2', capacityProviderArns: [general], critical: true, deploymentConfiguration: { drainPercent: 50, bakeTimeInMinutes: 15, alarms: { alarmNames: [web-5xx], enable: true } } } }, { at: 3h, updateDaemon: { daemonArn: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [general], critical: true, deploymentConfiguration: { drainPercent: 50, bakeTimeInMinutes: 15, alarms: { alarmNames: [web-5xx], enable: true } } } }]",
        ],
    ),
    of(
        "L110",
        &["alarms={ alarmNames: [web-5xx] }", "bakeTimeInMinutes=0"],
        &["alarms={ alarmNames: [web-5xx], enable: true }"],
    ),
    of(
        "L111",
        &["alarms.0.metric={ runningTasksPercent: { service: web } }", "alarms.0.threshold=0.9"],
        &["alarms.0.metric={ runningTasksPercent: { service: web } }", "alarms.0.threshold=90"],
    ),
    of(
        "L112",
        &[
            "daemonTaskDefinitions.1.defects=[{ name: errors, probability: 1, degrades: { service: web, errorRate: 0.1, after: 1m } }]",
            "alarms.0.metric={ runningTasksPercent: { service: web } }",
            "alarms.0.threshold=90",
        ],
        &[
            "daemonTaskDefinitions.1.defects=[{ name: errors, probability: 1, degrades: { service: web, errorRate: 0.1, after: 1m } }]",
        ],
    ),
    of(
        "L113",
        &[
            "timeline=[]",
            "daemonTaskDefinitions=[{ family: agent, revision: 1, cpu: 128, memory: 256, healthCheck: {} }]",
        ],
        &["timeline.0.at=20m"],
    ),
    of(
        "L114",
        &[
            "daemonTaskDefinitions.1.defects=[{ name: leak, probability: 1, crashes: { after: 5m } }]",
            "alarms={ alarmNames: [web-5xx], enable: false }",
            "bakeTimeInMinutes=0",
        ],
        &["daemonTaskDefinitions.1.defects=[{ name: leak, probability: 1, crashes: { after: 5m } }]"],
    ),
    of(
        "L115",
        &["daemons.0.daemonTaskDefinitionArn=agent:2"],
        &["daemons.0.daemonTaskDefinitionArn=agent:1"],
    ),
    of(
        "L116",
        &["services.0.traffic={ requestsPerSecond: 2, errorRate: 0.001 }"],
        &["services.0.traffic={ requestsPerSecond: 20, errorRate: 0.001 }"],
    ),
    of("L117", &["drainPercent=100"], &["drainPercent=50"]),
    of("L118", &["drainPercent=20"], &["drainPercent=25"]),
    of(
        "L119",
        &["alarms={ alarmNames: [web-5xx], enable: false }"],
        &["alarms={ alarmNames: [web-5xx], enable: true }"],
    ),
    of(
        "L120",
        &["alarms.0.metric={ scripted: [{ at: 1m, state: ALARM }, { at: 30m, state: OK }] }"],
        &["alarms.0.metric={ scripted: [{ at: 1m, state: ALARM }, { at: 5m, state: OK }] }"],
    ),
    of("L121", &["assumptions.repairLimit=unlimited"], &["assumptions.repairLimit=shared"]),
    of(
        "L122",
        &["services.0.protection={ share: 0.5, expiresInMinutes: 60 }"],
        &["services.0.protection={ share: 0, expiresInMinutes: 60 }"],
    ),
    of(
        "L123",
        &[
            "daemonTaskDefinitions=[{ family: agent, revision: 1, cpu: 128, memory: 256, healthCheck: {} }, { family: agent, revision: 2, cpu: 128, memory: 256, healthCheck: {}, ports: [4317] }, { family: tracer, revision: 1, cpu: 128, memory: 256, healthCheck: {}, ports: [4317] }]",
            "daemons=[{ daemonName: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [general] }, { daemonName: tracer, daemonTaskDefinitionArn: 'tracer:1', capacityProviderArns: [general] }]",
        ],
        &[
            "daemonTaskDefinitions=[{ family: agent, revision: 1, cpu: 128, memory: 256, healthCheck: {} }, { family: agent, revision: 2, cpu: 128, memory: 256, healthCheck: {}, ports: [4318] }, { family: tracer, revision: 1, cpu: 128, memory: 256, healthCheck: {}, ports: [4317] }]",
            "daemons=[{ daemonName: agent, daemonTaskDefinitionArn: 'agent:1', capacityProviderArns: [general] }, { daemonName: tracer, daemonTaskDefinitionArn: 'tracer:1', capacityProviderArns: [general] }]",
        ],
    ),
    of(
        "L124",
        &[
            "alarms.0.metric={ daemonCpuUtilization: { daemon: agent } }",
            "alarms.0.threshold=80",
            "daemonTaskDefinitions.0.utilization={ cpu: 20 }",
            "daemonTaskDefinitions.1.utilization={ cpu: 20 }",
        ],
        &[
            "alarms.0.metric={ daemonCpuUtilization: { daemon: agent } }",
            "alarms.0.threshold=80",
            "daemonTaskDefinitions.0.utilization={ cpu: 20 }",
            "daemonTaskDefinitions.1.utilization={ cpu: 20 }",
            "drainPercent=50",
        ],
    ),
];
