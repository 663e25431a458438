//! The addresses of every random draw of the model.
//!
//! A draw is named by seed, purpose, entity and occurrence. The purpose and the
//! name of what it belongs to (a provider, a service, a daemon, a defect) make the
//! key; the entity is the lineage of an instance or the ordinal of a task; the
//! occurrence is counted per entity. So a policy that asks for more draws, or in
//! another order, moves none of the others.

use crate::engine::draw::{Key, Seed, name_tag};
use crate::scenario::Scenario;

/// What a draw is for. The numbers are part of the random scheme: never reused, never changed.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum Purpose {
    Launch = 1,
    LaunchFailure = 2,
    Registration = 3,
    Termination = 4,
    HostFailure = 5,
    AgeAtStart = 6,
    HealthPropagation = 7,
    RepairDecision = 8,
    BatchOrder = 9,
    TaskStartup = 10,
    TaskShutdown = 11,
    RequestErrors = 12,
    DaemonStartup = 13,
    DaemonShutdown = 14,
    BatchDecision = 15,
    DefectPresent = 16,
    DefectHits = 17,
    DefectActs = 18,
    DefectFailsStart = 19,
    TaskDuration = 60,
    TaskProtection = 61,
    RegistryOutage = 80,
    DependencyOutage = 81,
    SpotShock = 82,
    FaultMoment = 83,
    InstanceFailure = 84,
    AgentDisconnection = 85,
    SpotInterruption = 86,
    SpotShockInterval = 87,
    SpotShockHits = 88,
    SpotShockNotice = 89,
    ImagePull = 90,
}

/// The key of one kind of draw on behalf of a named thing: for what is drawn too seldom to be
/// kept among [`Keys`].
pub(super) fn key(scn: &Scenario, replication: u64, purpose: Purpose, name: &str) -> Key {
    let seed = Seed { master: scn.simulation.master_seed, replication };
    seed.key(purpose as u64, name_tag(name))
}

/// Keys of a capacity provider's draws; entities are its lineages.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProviderKeys {
    pub(super) launch: Key,
    pub(super) launch_failure: Key,
    pub(super) registration: Key,
    pub(super) termination: Key,
    pub(super) host_failure: Key,
    pub(super) age_at_start: Key,
    pub(super) health_propagation: Key,
    pub(super) repair_decision: Key,
    pub(super) batch_order: Key,
}

/// Keys of a service's draws; entities are its tasks' ordinals.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServiceKeys {
    pub(super) startup: Key,
    pub(super) shutdown: Key,
    pub(super) errors: Key,
    pub(super) duration: Key,
    pub(super) protection: Key,
}

/// Keys of a daemon's draws; entities are lineages, or its lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct DaemonKeys {
    pub(super) startup: Key,
    pub(super) shutdown: Key,
    pub(super) batch_decision: Key,
}

/// Keys of a defect's draws; entities are lineages.
#[derive(Clone, Copy, Debug)]
pub(super) struct DefectKeys {
    pub(super) present: Key,
    pub(super) hits: Key,
    pub(super) acts: Key,
    pub(super) fails_start: Key,
}

/// Every key of a run, made once per seed.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    pub(super) providers: Vec<ProviderKeys>,
    pub(super) services: Vec<ServiceKeys>,
    pub(super) daemons: Vec<DaemonKeys>,
    /// Per revision, per defect of it.
    pub(super) defects: Vec<Vec<DefectKeys>>,
}

impl Keys {
    /// The keys of one seed of a scenario.
    pub(super) fn new(scn: &Scenario, replication: u64) -> Self {
        let seed = Seed { master: scn.simulation.master_seed, replication };
        let key = |purpose: Purpose, name: &str| seed.key(purpose as u64, name_tag(name));
        let providers = scn.providers.iter().map(|p| ProviderKeys {
            launch: key(Purpose::Launch, &p.name),
            launch_failure: key(Purpose::LaunchFailure, &p.name),
            registration: key(Purpose::Registration, &p.name),
            termination: key(Purpose::Termination, &p.name),
            host_failure: key(Purpose::HostFailure, &p.name),
            age_at_start: key(Purpose::AgeAtStart, &p.name),
            health_propagation: key(Purpose::HealthPropagation, &p.name),
            repair_decision: key(Purpose::RepairDecision, &p.name),
            batch_order: key(Purpose::BatchOrder, &p.name),
        });
        let services = scn.services.iter().map(|s| ServiceKeys {
            startup: key(Purpose::TaskStartup, &s.name),
            shutdown: key(Purpose::TaskShutdown, &s.name),
            errors: key(Purpose::RequestErrors, &s.name),
            duration: key(Purpose::TaskDuration, &s.name),
            protection: key(Purpose::TaskProtection, &s.name),
        });
        let daemons = scn.daemons.iter().map(|d| DaemonKeys {
            startup: key(Purpose::DaemonStartup, &d.name),
            shutdown: key(Purpose::DaemonShutdown, &d.name),
            batch_decision: key(Purpose::BatchDecision, &d.name),
        });
        let defects = scn.revisions.iter().map(|r| {
            let of = |name: &str| {
                let name = format!("{}/{name}", r.label());
                DefectKeys {
                    present: key(Purpose::DefectPresent, &name),
                    hits: key(Purpose::DefectHits, &name),
                    acts: key(Purpose::DefectActs, &name),
                    fails_start: key(Purpose::DefectFailsStart, &name),
                }
            };
            r.defects.iter().map(|d| of(&d.name)).collect()
        });
        Self {
            providers: providers.collect(),
            services: services.collect(),
            daemons: daemons.collect(),
            defects: defects.collect(),
        }
    }
}
