//! Stand-in until loading lands: the contract's example, whatever the text.
#![allow(missing_docs, missing_debug_implementations, clippy::pedantic)]
use super::assumptions::Assumptions;
use super::model::*;
use crate::engine::draw::Delay;
use crate::engine::time::*;
pub trait FileSource {
    fn read(&self, path: &str) -> Result<String, String>;
}
pub struct Loaded {
    pub scenario: Scenario,
    pub effective: String,
    pub digest: String,
    pub warnings: Vec<Problem>,
}
#[derive(Clone, Copy, PartialEq)]
pub enum Severity {
    Warning,
    Error,
}
pub enum Style {
    Coloured,
    Plain,
}
#[derive(Clone, Copy)]
pub struct Code;
impl Code {
    pub fn id(self) -> &'static str {
        "S000"
    }
    pub fn name(self) -> &'static str {
        "stand-in"
    }
    pub fn from_name(_: &str) -> Option<Self> {
        None
    }
}
pub struct Problem {
    pub code: Code,
    pub severity: Severity,
}
impl Problem {
    pub fn render(&self, _: Style) -> String {
        "error: no".into()
    }
}
pub fn load(
    _name: &str,
    text: &str,
    _files: &dyn FileSource,
    overrides: &[(String, String)],
) -> Result<Loaded, Vec<Problem>> {
    if !text.contains("bakeoff.scenario.v1") {
        return Err(vec![Problem { code: Code, severity: Severity::Error }]);
    }
    let s = |n| Delay::fixed(SimDuration::from_secs(n));
    let master =
        overrides.iter().find(|(k, _)| k == "simulation.masterSeed").map_or(1, |(_, v)| v.parse().unwrap());
    let revision = |n| Revision {
        family: "agent".into(),
        revision: n,
        cpu: 256,
        memory: 512,
        startup: s(14),
        shutdown: s(2),
        stop_timeout: SimDuration::from_secs(30),
        health_check: None,
        restart_after: None,
        defects: vec![],
    };
    let settings = |revision| DaemonSettings { revision, providers: vec![0], critical: true };
    let scenario = Scenario::from_validated(Parts {
        name: "agent-upgrade".into(),
        description: String::new(),
        simulation: Simulation {
            seeds_from: 0,
            seeds_to: 200,
            master_seed: master,
            horizon: SimDuration::from_hours(24),
            observe_after: SimDuration::from_mins(30),
            sample_every: SimDuration::from_secs(30),
            max_events: 100_000_000,
        },
        providers: vec![CapacityProvider {
            name: "general".into(),
            instances: 120,
            cpu: 8192,
            memory: 32768,
            vcpu: 8,
            price_per_hour: None,
            zones: 3,
            max_instances: None,
            launch: s(20),
            registration: s(22),
            termination: s(50),
            launch_failure: None,
            host_failure_per_ms: 0.0,
            lifetime: None,
            auto_repair: true,
        }],
        quota_vcpu: None,
        control_plane: ControlPlane {
            batch_decision: s(20),
            health_propagation: s(30),
            repair_decision: s(69),
            alarm_publish: SimDuration::from_secs(30),
            alarm_poll: SimDuration::from_secs(60),
            capacity_retry: SimDuration::from_secs(30),
            registration_timeout: SimDuration::from_mins(10),
        },
        services: vec![Service {
            name: "web".into(),
            provider: 0,
            desired: 480,
            cpu: 1024,
            memory: 2048,
            minimum_healthy_percent: 100,
            maximum_percent: 200,
            startup: s(18),
            healthy_after: SimDuration::from_secs(40),
            shutdown: s(10),
            stop_timeout: SimDuration::from_secs(30),
            traffic: None,
        }],
        revisions: vec![revision(7), revision(8)],
        daemons: vec![Daemon { name: "agent".into(), initial: Some(settings(0)) }],
        alarms: vec![],
        timeline: vec![Action {
            at: SimTime::from_ms(600_000),
            request: Request::Deploy(Deploy {
                daemon: 0,
                operation: Operation::Update,
                target: Some(settings(1)),
                configuration: DeploymentConfiguration {
                    drain_percent: 10.0,
                    bake: SimDuration::ZERO,
                    alarms: vec![],
                },
            }),
        }],
        assumptions: Assumptions::default(),
        checks: vec![],
        sweep: vec![],
    });
    Ok(Loaded {
        scenario,
        effective: text.to_owned() + &format!("{overrides:?}"),
        digest: format!("{overrides:?}"),
        warnings: vec![],
    })
}
