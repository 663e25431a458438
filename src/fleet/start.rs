//! The fleet at time zero: every instance ACTIVE, every task RUNNING and healthy.

use super::event::Event;
use super::gauge::Gauge;
use super::keys::Keys;
use super::systems::deployment::Epoch;
use super::systems::{
    alarm, daemons, faults, images, lanes, placement, scale_in, scaling, services, standalone, utilization,
};
use super::tables::{DaemonState, DaemonTask, Instance, InstanceState, LineageDaemon};
use super::world::{ActiveDefect, Cost, Degradation, Dirty, FleetAgenda, ProviderState, World};
use crate::engine::agenda::Phase;
use crate::engine::draw::Uniform;
use crate::engine::time::SimTime;
use crate::scenario::Scenario;
use crate::scenario::model::{CapacityProvider, DefectKind};

/// Sets a world and its agenda to the start of a seed. Buffers of an earlier run are reused.
pub(super) fn begin(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, seed: u64) {
    let hosts: u32 = scn.providers.iter().map(|provider| provider.instances).sum();
    let pending = hosts as usize / 4 + scn.services.iter().map(|s| s.desired as usize).sum::<usize>() / 8;
    agenda.reset(pending, SimTime::ZERO + scn.simulation.horizon);
    w.seed = seed;
    w.keys = Keys::new(scn, seed);
    clear(w);
    draw_defects(scn, w);
    w.providers.clear();
    w.providers.extend((0..scn.providers.len()).map(|index| provider_state(scn, index)));
    settle_epochs(scn, w);
    place_instances(scn, w);
    w.services.resize_with(scn.services.len(), services::ServiceState::default);
    for (service, spec) in w.services.iter_mut().zip(&scn.services) {
        service.reset(scn, spec, w.degradations.len());
    }
    if !w.degradations.is_empty() {
        w.degraded.resize(w.instances.len(), 0);
    }
    placement::lay_out(scn, w);
    placement::refile_all(w);
    for service in 0..scn.services.len() {
        services::refresh_errors(scn, w, SimTime::ZERO, service);
    }
    let vcpu: u64 = scn.providers.iter().map(CapacityProvider::vcpu_at_start).sum();
    w.existing = Gauge::new(u64::from(hosts), u64::from(hosts));
    w.vcpu = Gauge::new(vcpu, 0);
    lanes::begin(scn, w);
    images::begin(scn, w);
    utilization::begin(scn, w);
    w.actions_left = scn.timeline.len();
    start_clocks(scn, w, agenda);
}

/// Empties what the sections below fill.
fn clear(w: &mut World) {
    w.current = None;
    w.dirty = Dirty::default();
    w.instances.clear();
    w.instances_vacant.clear();
    w.lineages.clear();
    w.lineage_daemons.clear();
    w.daemon_tasks.clear();
    w.tasks.clear();
    w.called_off.clear();
    w.degraded.clear();
    w.just_started.clear();
    w.deployments.clear();
    w.epochs.clear();
    w.epoch_active.clear();
    w.settled.clear();
    w.open.clear();
    w.issued.clear();
    w.ending = false;
    w.ended = false;
    w.over = false;
    w.quiet.clear();
    w.launch_requests.clear();
    w.by_state = [0; InstanceState::COUNT];
    w.impaired = Gauge::new(0, 0);
    w.bad_running = Gauge::new(0, 0);
    w.daemon_gap = Gauge::new(0, 0);
    w.instances_replaced = 0;
    w.instances_repaired = 0;
    w.launch_failures = 0;
    w.app_tasks_restarted = 0;
    w.samples.clear();
}

/// Draws which defects this seed has.
fn draw_defects(scn: &Scenario, w: &mut World) {
    w.defects.clear();
    w.degradations.clear();
    for (revision, spec) in scn.revisions.iter().enumerate() {
        let mut active = Vec::new();
        for (index, defect) in spec.defects.iter().enumerate() {
            let key = w.keys.defects[revision][index].present;
            if !key.uniform(0, 0).below(defect.probability) {
                continue;
            }
            let mut bit = 0;
            if let DefectKind::Degrades { service, error_rate, .. } = defect.kind {
                bit = 1 << w.degradations.len();
                w.degradations.push(Degradation { service, error_rate });
            }
            active.push(ActiveDefect { index, bit });
        }
        w.defects.push(active);
    }
}

fn provider_state(scn: &Scenario, index: usize) -> ProviderState {
    let spec = &scn.providers[index];
    let own = || scn.services.iter().filter(|service| service.provider == index);
    let mut state = ProviderState {
        active: spec.instances,
        on_duty: spec.instances,
        cost: Cost::at_start(spec),
        on_demand: scn.provisions_on_demand(index),
        existing: Gauge::new(u64::from(spec.instances), u64::from(spec.instances)),
        // Without a service nothing is ever placed, and no room need be remembered.
        cpu_least: own().map(|service| service.cpu).min().unwrap_or(u32::MAX),
        memory_least: own().map(|service| service.memory).min().unwrap_or(u32::MAX),
        ..ProviderState::default()
    };
    state.rooms.resize_with(spec.zones as usize, Default::default);
    state
}

/// What runs at the start is settled: each daemon's first epoch.
fn settle_epochs(scn: &Scenario, w: &mut World) {
    for daemon in &scn.daemons {
        let epoch = Epoch { deployment: None, settings: daemon.initial.clone() };
        let number = w.add_epoch(epoch);
        w.settled.push(number);
        w.open.push(None);
    }
    w.ailing = vec![Gauge::new(0, 0); scn.daemons.len()];
}

/// Fills the tables of instances, lineages and daemons: slot, lineage and index agree.
fn place_instances(scn: &Scenario, w: &mut World) {
    let hosts: usize = scn.providers.iter().map(|spec| spec.instances as usize).sum();
    // A batch of a tenth, and some, has its successors beside it.
    let rows = hosts + hosts / 8;
    w.instances.reserve_exact(rows);
    w.daemon_tasks.reserve_exact(rows * scn.daemons.len());
    w.lineages.reserve_exact(hosts);
    w.lineage_daemons.reserve_exact(hosts * scn.daemons.len());
    for (provider, spec) in scn.providers.iter().enumerate() {
        w.providers[provider].first_lineage = w.lineages.len() as u32;
        let ages = Ages::of(spec);
        for index in 0..spec.instances {
            let (zone, offered) = ((index % spec.zones) as u16, spec.type_at_start(index));
            let size = &spec.types[offered];
            let lineage = w.add_lineage(provider, zone, offered as u8);
            w.lineages[lineage as usize].generations = 1;
            w.instances.push(Instance {
                lineage,
                provider: provider as u16,
                zone,
                state: InstanceState::Active,
                registered: true,
                cpu_free: size.cpu,
                memory_free: size.memory,
                launched_at: ages.as_ref().map_or(0, |ages| {
                    -ages.quantile(w.keys.providers[provider].age_at_start.uniform(index, 0))
                }),
                ..Instance::default()
            });
            for daemon in 0..scn.daemons.len() {
                place_daemon(scn, w, lineage, daemon, provider);
            }
        }
    }
    w.lineages_at_start = w.lineages.len() as u32;
    w.by_state[InstanceState::Active as usize] = w.instances.len() as u32;
}

fn place_daemon(scn: &Scenario, w: &mut World, slot: u32, daemon: usize, provider: usize) {
    let epoch = w.settled[daemon];
    let mut task = DaemonTask { epoch, ..DaemonTask::default() };
    if let Some((revision, _)) = w.epochs[usize::from(epoch)].gives(provider) {
        (task.state, task.proven, task.fits) = (DaemonState::Healthy, true, true);
        let row = &mut w.instances[slot as usize];
        row.cpu_free -= scn.revisions[revision].cpu;
        row.memory_free -= scn.revisions[revision].memory;
    }
    w.daemon_tasks.push(task);
    w.epoch_active[usize::from(epoch)] += 1;
    w.lineage_daemons.push(LineageDaemon { starts: 1, runs: 1, last_epoch: epoch });
}

/// The ages of the instances of a fleet that has long been as it is, in milliseconds.
///
/// Instances are renewed at the age limit and by the loss of hosts, a hazard λ without memory;
/// the stationary density of age is then proportional to exp(−λa) up to the limit (renewal
/// theory: the density of age is the survival function over its mean), which inverts in closed form.
struct Ages {
    limit: f64,
    /// The hazard, per millisecond.
    rate: f64,
    /// How likely the loss of the host is before the limit.
    lost: f64,
}

impl Ages {
    fn of(spec: &CapacityProvider) -> Option<Self> {
        let limit = spec.lifetime?.drain_after.as_ms() as f64;
        let rate = spec.host_failure_per_ms;
        Some(Self { limit, rate, lost: -libm::expm1(-rate * limit) })
    }

    fn quantile(&self, u: Uniform) -> i64 {
        let age = if self.rate * self.limit < 1e-9 {
            u.value() * self.limit
        } else {
            -libm::log1p(-u.value() * self.lost) / self.rate
        };
        age as i64
    }
}

/// Puts on the agenda what time has in store: the timeline, hazards, defects, alarms, samples.
fn start_clocks(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    for (action, entry) in scn.timeline.iter().enumerate() {
        let event = Event::RequestIssued { action: action as u32 };
        agenda.schedule(entry.at.since(SimTime::ZERO), Phase::Fact, event);
    }
    faults::begin(scn, w, agenda);
    let mut first = 0;
    for spec in &scn.providers {
        if spec.host_failure_per_ms > 0.0 || spec.lifetime.is_some() || spec.spot.is_some() {
            (first..first + spec.instances).for_each(|slot| faults::hazards::arm(scn, w, agenda, slot));
        }
        first += spec.instances;
    }
    for daemon in 0..scn.daemons.len() {
        let settings = &w.epochs[usize::from(w.settled[daemon])].settings;
        if settings.as_ref().is_none_or(|settings| w.defects[settings.revision].is_empty()) {
            continue;
        }
        for slot in 0..w.instances.len() as u32 {
            if w.daemon_tasks[w.daemon_row(slot, daemon)].state.runs() {
                daemons::count_exposure(w, SimTime::ZERO, slot, daemon);
                daemons::arm_clocks(scn, w, agenda, slot, daemon);
            }
        }
    }
    for service in 0..scn.services.len() {
        scaling::begin(scn, agenda, service);
        standalone::begin(scn, agenda, service);
    }
    services::arm_tasks_of_the_start(scn, w, agenda);
    w.scales_in = scn.providers.iter().any(|spec| spec.scale_in_after.is_some());
    services::follow(scn, w);
    if w.scales_in {
        (0..w.instances.len() as u32).for_each(|slot| scale_in::stir(scn, w, agenda, slot));
    }
    alarm::begin(scn, w, agenda);
    agenda.schedule(crate::engine::time::SimDuration::ZERO, Phase::Observe, Event::SampleDue);
}
