//! The whole state of one run, and the transitions every system goes through.
//!
//! A `World` owns all its data, so runs are isolated. Counts that several systems
//! need (instances by state, tasks by zone, who has which epoch) are kept in step
//! here, by the transitions themselves, and nowhere else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::event::{Event, InstanceRef, TaskRef};
use super::gauge::{Gauge, Rate};
use super::keys::Keys;
use super::log::{Change, LogEntry};
use super::rooms::Rooms;
use super::systems::alarm::AlarmRecord;
use super::systems::deployment::{Deployment, Epoch, Lane};
use super::systems::faults::FaultState;
use super::systems::images::Images;
use super::systems::scale_in::Quiet;
use super::systems::services::ServiceState;
use super::systems::utilization::Usage;
use super::tables::{Cause, DaemonTask, Instance, InstanceState, Lineage, LineageDaemon};
use super::tasks::{Task, Tasks, expand};
use crate::engine::agenda::{Agenda, Phase};
use crate::engine::time::{SimDuration, SimTime};
use crate::outcome::Sample;
use crate::scenario::Scenario;
use crate::scenario::model::{CapacityProvider, DefectKind, InstanceType};

/// The agenda of a fleet.
pub(super) type FleetAgenda = Agenda<Event>;

/// Which systems have something to decide at this instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dirty {
    pub(super) monitors: bool,
    pub(super) deployments: bool,
    pub(super) repair: bool,
    pub(super) services: bool,
    pub(super) scale_in: bool,
    pub(super) launches: bool,
    /// Whether a decision event of this instant is on its way.
    pub(super) pending: bool,
}

/// A step in the life of a task that its service counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TaskStep {
    /// It is RUNNING.
    Started,
    /// It counts as healthy.
    TurnedHealthy,
}

/// Tasks of exposed services whose start was handled at the last instant that had any.
#[derive(Debug, Default)]
pub(super) struct JustStarted {
    at: SimTime,
    serials: Vec<u32>,
}

impl JustStarted {
    pub(super) fn clear(&mut self) {
        self.serials.clear();
    }

    pub(super) fn note(&mut self, now: SimTime, serial: u32) {
        if self.at != now {
            self.at = now;
            self.serials.clear();
        }
        self.serials.push(serial);
    }

    /// Whether a task has started at this instant.
    pub(super) fn has(&self, now: SimTime, serial: u32) -> bool {
        self.at == now && self.serials.contains(&serial)
    }
}

/// A system that decides.
#[derive(Clone, Copy)]
pub(super) enum Decider {
    Monitors,
    Deployments,
    Repair,
    Services,
    ScaleIn,
    Launches,
}

/// A defect that is present in this seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct ActiveDefect {
    /// Index in the revision's list.
    pub(super) index: usize,
    /// Bit of a degrading defect; 0 for others.
    pub(super) bit: u32,
}

/// A degrading defect: which service suffers and how much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Degradation {
    pub(super) service: usize,
    pub(super) error_rate: f64,
}

/// What is kept per capacity provider.
#[derive(Debug, Default)]
pub(super) struct ProviderState {
    /// The first of its lineages; those of the start follow it.
    pub(super) first_lineage: u32,
    /// Lineages so far: the entity of the next one.
    pub(super) lineages: u32,
    pub(super) active: u32,
    /// Instances in service or on their way there: one a host, a replaced one not counted.
    pub(super) on_duty: u32,
    /// Instances that exist, from request to gone, against those at the start.
    pub(super) existing: Gauge,
    /// Its IMPAIRED instances.
    pub(super) impaired: Gauge,
    /// What they cost an hour, against those at the start; only kept where there are several types.
    pub(super) cost: Option<Cost>,
    /// Whether waiting tasks have instances launched for them.
    pub(super) on_demand: bool,
    /// Instances on their way into service by lineage; only kept where `on_demand`.
    pub(super) coming: BTreeMap<u32, Coming>,
    /// Instances on which nothing has started or stopped for as long as scale-in waits, by lineage.
    pub(super) quiet: BTreeMap<u32, InstanceRef>,
    /// Instances draining for repair, and for deployments.
    pub(super) draining_for_repair: u32,
    pub(super) draining_for_deployment: u32,
    /// Instances whose repair is decided, waiting for the limit: (due, lineage, generation, slot).
    pub(super) repair_queue: std::collections::BTreeSet<(SimTime, u32, u32, u32)>,
    /// Room on ACTIVE instances, per zone.
    pub(super) rooms: Vec<Rooms>,
    /// The most tasks that an instance had at the start, for which room is made on those to come.
    pub(super) tasks_at_start: u32,
    /// The least room worth remembering: the smallest task of the provider's services.
    pub(super) cpu_least: u32,
    pub(super) memory_least: u32,
}

/// An instance on its way into service.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Coming {
    pub(super) slot: u32,
    /// CPU units and MiB of the waiting tasks that are meant for it, as far as is known.
    pub(super) cpu: u32,
    pub(super) memory: u32,
}

/// What a provider's instances cost an hour while there are several types of them.
#[derive(Debug, Default)]
pub(super) struct Cost {
    /// Instances of each type that exist.
    pub(super) existing: Vec<Gauge>,
    /// USD an hour above those of the start.
    above: Rate,
}

impl Cost {
    /// The cost of a provider's instances at the start; none if it is the same for all, or a price is missing.
    pub(super) fn at_start(spec: &CapacityProvider) -> Option<Self> {
        let known = spec.types.len() > 1 && spec.types.iter().all(|offered| offered.price_per_hour.is_some());
        let gauge =
            |offered: &InstanceType| Gauge::new(u64::from(offered.instances), u64::from(offered.instances));
        known.then(|| Self { existing: spec.types.iter().map(gauge).collect(), above: Rate::new(0.0) })
    }

    fn refresh(&mut self, scn: &Scenario, provider: usize, now: SimTime) {
        let types = &scn.providers[provider].types;
        let extra: f64 = self
            .existing
            .iter()
            .zip(types)
            .map(|(existing, offered)| {
                let more = existing.value() as f64 - f64::from(offered.instances);
                more * offered.price_per_hour.unwrap_or_default()
            })
            .sum();
        self.above.set(now, extra.max(0.0));
    }

    /// USD spent above what those of the start would have cost.
    pub(super) fn settle(&mut self, now: SimTime) -> f64 {
        self.above.settle(now) / 3_600_000.0
    }
}

/// The state of one run.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) keys: Keys,
    pub(super) dirty: Dirty,

    pub(super) instances: Vec<Instance>,
    pub(super) instances_vacant: Vec<u32>,
    pub(super) lineages: Vec<Lineage>,
    /// How many of them are there at the start.
    pub(super) lineages_at_start: u32,
    pub(super) lineage_daemons: Vec<LineageDaemon>,
    pub(super) daemon_tasks: Vec<DaemonTask>,
    pub(super) tasks: Tasks,
    pub(super) providers: Vec<ProviderState>,
    /// Whether any provider scales in, and since when each slot is quiet if one does.
    pub(super) scales_in: bool,
    pub(super) quiet: Vec<Quiet>,
    pub(super) services: Vec<ServiceState>,
    /// Serial of the next task that wants an instance.
    pub(super) next_serial: u32,
    /// Events of tasks that left before they happened: those of this instant, service and step
    /// that are still on the agenda, and will be stale.
    pub(super) called_off: BTreeMap<(SimTime, u16, TaskStep), u32>,
    /// Defects that degrade services now, a bit each, by slot; kept only where one can.
    pub(super) degraded: Vec<u32>,
    pub(super) just_started: JustStarted,
    pub(super) alarms: Vec<AlarmRecord>,
    pub(super) faults: FaultState,
    pub(super) images: Images,
    /// Per daemon: what its tasks use.
    pub(super) usage: Vec<Usage>,

    pub(super) deployments: Vec<Deployment>,
    pub(super) lanes: Vec<Lane>,
    pub(super) epochs: Vec<Epoch>,
    /// ACTIVE instances per epoch.
    pub(super) epoch_active: Vec<u32>,
    /// Per daemon: the epoch that new instances get while no deployment is open.
    pub(super) settled: Vec<u16>,
    /// Per daemon: its open deployment.
    pub(super) open: Vec<Option<u16>>,
    /// Actions of the timeline not yet issued.
    pub(super) actions_left: usize,
    /// Actions of this instant, by number.
    pub(super) issued: Vec<usize>,
    /// Whether the end of the run is on the agenda.
    pub(super) ending: bool,

    /// Per revision: its defects that are present in this seed.
    pub(super) defects: Vec<Vec<ActiveDefect>>,
    pub(super) degradations: Vec<Degradation>,

    /// Requests to launch of this instant, and retries due: (requested, lineage, slot, version).
    pub(super) launch_requests: Vec<(SimTime, u32, u32, u32)>,

    /// Instances by state, indexed by `InstanceState as usize`.
    pub(super) by_state: [u32; InstanceState::COUNT],
    pub(super) existing: Gauge,
    pub(super) vcpu: Gauge,
    pub(super) impaired: Gauge,
    pub(super) bad_running: Gauge,
    pub(super) daemon_gap: Gauge,
    /// Per daemon: tasks stopped or unhealthy on instances in service.
    pub(super) ailing: Vec<Gauge>,
    pub(super) instances_replaced: u32,
    pub(super) instances_repaired: u32,
    pub(super) launch_failures: u32,
    pub(super) app_tasks_restarted: u64,

    pub(super) samples: Vec<Sample>,
    /// `observeAfter` has passed; the run is over once this instant's decisions are made.
    pub(super) ended: bool,
    pub(super) over: bool,
    pub(super) log: Option<Vec<LogEntry>>,
    /// The event being handled, for the report of our own bugs.
    pub(super) current: Option<(SimTime, Event)>,
}

impl World {
    /// Whether the occupant meant by `instance` is still there.
    pub(super) fn is_current(&self, instance: InstanceRef) -> bool {
        self.instances[instance.slot as usize].version == instance.version
    }

    /// The address of the occupant of a slot.
    pub(super) fn reference(&self, slot: u32) -> InstanceRef {
        InstanceRef { slot, version: self.instances[slot as usize].version }
    }

    /// Where a task is among those of its instance, live or stopping; none if it has left.
    pub(super) fn find_task(&self, task: TaskRef) -> Option<usize> {
        let row = &self.instances[task.slot as usize];
        self.tasks.on(row).iter().position(|row| row.serial == task.serial)
    }

    /// The same for a task that has not been told to stop.
    pub(super) fn find_live_task(&self, task: TaskRef) -> Option<usize> {
        self.find_task(task).filter(|index| *index < self.instances[task.slot as usize].left as usize)
    }

    /// The live task at a place of an instance's list.
    pub(super) fn task(&self, slot: u32, index: usize) -> Task {
        self.tasks.live(&self.instances[slot as usize])[index]
    }

    /// Notes that an event of a task will not happen, though it is on the agenda.
    pub(super) fn call_off(&mut self, at: SimTime, service: u16, step: TaskStep) {
        *self.called_off.entry((at, service, step)).or_default() += 1;
    }

    /// Whether an event of a task of a service was called off. To the service all such events of
    /// an instant are alike, so it is no matter which of them is dropped, unless it matters where they run.
    pub(super) fn was_called_off(
        &mut self,
        at: SimTime,
        task: TaskRef,
        service: u16,
        step: TaskStep,
    ) -> bool {
        // What is called off is never past, so mostly nothing of this very instant is, and no row is fetched.
        if self.called_off.first_key_value().is_none_or(|(first, _)| first.0 > at) {
            return false;
        }
        let state = &self.services[usize::from(service)];
        if (state.is_followed || state.is_exposed) && self.find_live_task(task).is_some() {
            return false;
        }
        let Entry::Occupied(mut entry) = self.called_off.entry((at, service, step)) else { return false };
        *entry.get_mut() -= 1;
        if *entry.get() == 0 {
            entry.remove();
        }
        true
    }

    /// Defects that degrade services on an instance now, a bit each.
    pub(super) fn degraded_by(&self, slot: u32) -> u32 {
        self.degraded.get(slot as usize).copied().unwrap_or(0)
    }

    /// The row of a daemon's task on an instance.
    pub(super) fn daemon_row(&self, slot: u32, daemon: usize) -> usize {
        slot as usize * self.settled.len() + daemon
    }

    /// The row of what is counted per lineage and daemon.
    pub(super) fn lineage_daemon_row(&self, lineage: u32, daemon: usize) -> usize {
        lineage as usize * self.settled.len() + daemon
    }

    /// Number of an instance's lineage within its provider: the entity of its draws.
    pub(super) fn entity(&self, slot: u32) -> u32 {
        let row = &self.instances[slot as usize];
        if row.lineage < self.lineages_at_start {
            // Those of the start lie side by side, provider after provider: no row need be fetched.
            return row.lineage - self.providers[usize::from(row.provider)].first_lineage;
        }
        self.lineages[row.lineage as usize].entity
    }

    /// The type of an instance.
    pub(super) fn type_of<'a>(&self, scn: &'a Scenario, slot: u32) -> &'a InstanceType {
        let instance = &self.instances[slot as usize];
        match &scn.providers[usize::from(instance.provider)].types[..] {
            [only] => only,
            types => &types[usize::from(self.lineages[instance.lineage as usize].offered)],
        }
    }

    /// Adds a place to the fleet: the next lineage of a provider.
    pub(super) fn add_lineage(&mut self, provider: usize, zone: u16, offered: u8) -> u32 {
        let lineage = self.lineages.len() as u32;
        let entity = self.providers[provider].lineages;
        self.providers[provider].lineages += 1;
        self.lineages.push(Lineage { entity, zone, offered, ..Lineage::default() });
        lineage
    }

    /// How an instance is called in the log.
    pub(super) fn label(&self, scn: &Scenario, slot: u32) -> String {
        let instance = &self.instances[slot as usize];
        let provider = &scn.providers[usize::from(instance.provider)].name;
        format!("{provider}/{}.{}", self.entity(slot), instance.generation)
    }

    /// Tells the story, if somebody listens.
    pub(super) fn tell(&mut self, at: SimTime, change: impl FnOnce(&Self) -> Change) {
        if self.log.is_some() {
            let change = change(self);
            if let Some(log) = &mut self.log {
                log.push(LogEntry { at, change });
            }
        }
    }

    /// Has a system decide once the facts of this instant are in.
    pub(super) fn wake(&mut self, agenda: &mut FleetAgenda, decider: Decider) {
        match decider {
            Decider::Monitors => self.dirty.monitors = true,
            Decider::Deployments => self.dirty.deployments = true,
            Decider::Repair => self.dirty.repair = true,
            Decider::Services => self.dirty.services = true,
            Decider::ScaleIn => self.dirty.scale_in = true,
            Decider::Launches => self.dirty.launches = true,
        }
        if !self.dirty.pending {
            self.dirty.pending = true;
            agenda.schedule(SimDuration::ZERO, Phase::Decide, Event::DecisionsDue);
        }
    }

    /// Takes a free slot for a new instance of `lineage`, which is WAITING from now on.
    pub(super) fn occupy(&mut self, scn: &Scenario, provider: u16, lineage: u32, now: SimTime) -> u32 {
        let slot = self.instances_vacant.pop().unwrap_or_else(|| {
            expand(&mut self.instances, 1);
            self.instances.push(Instance::default());
            expand(&mut self.daemon_tasks, self.settled.len());
            let rows = self.instances.len() * self.settled.len();
            self.daemon_tasks.resize(rows, DaemonTask::default());
            if !self.degradations.is_empty() {
                self.degraded.push(0);
            }
            self.instances.len() as u32 - 1
        });
        let place = &self.lineages[lineage as usize];
        let size = &scn.providers[usize::from(provider)].types[usize::from(place.offered)];
        let row = &mut self.instances[slot as usize];
        *row = Instance {
            version: row.version,
            lineage,
            generation: place.generations,
            provider,
            zone: place.zone,
            cpu_free: size.cpu,
            memory_free: size.memory,
            since: now,
            ..Instance::default()
        };
        let first = self.daemon_row(slot, 0);
        self.daemon_tasks[first..first + self.settled.len()].fill(DaemonTask::default());
        self.images.forget(slot);
        if let Some(degraded) = self.degraded.get_mut(slot as usize) {
            *degraded = 0;
        }
        self.by_state[InstanceState::Vacant as usize] += 1;
        let state = &mut self.providers[usize::from(provider)];
        if state.on_demand {
            state.coming.insert(lineage, Coming { slot, ..Coming::default() });
        }
        self.enter(scn, slot, InstanceState::Waiting, now);
        slot
    }

    /// Moves an instance on its way and keeps every count in step.
    ///
    /// # Panics
    /// When the way has no such step: a bug of a system.
    pub(super) fn enter(&mut self, scn: &Scenario, slot: u32, to: InstanceState, now: SimTime) {
        let row = &mut self.instances[slot as usize];
        let from = row.state;
        assert!(from.may_become(to), "an instance cannot go from {from:?} to {to:?}");
        row.state = to;
        let (provider, cause) = (usize::from(row.provider), row.cause);
        self.by_state[from as usize] -= 1;
        self.by_state[to as usize] += 1;
        match (from.exists(), to.exists()) {
            (false, true) => self.count_existing(scn, slot, now, Gauge::raise),
            (true, false) => self.count_existing(scn, slot, now, Gauge::lower),
            _ => {}
        }
        match (from.is_on_duty(), to.is_on_duty()) {
            (false, true) => self.providers[provider].on_duty += 1,
            (true, false) => self.providers[provider].on_duty -= 1,
            _ => {}
        }
        if self.providers[provider].on_demand && from.is_coming() && !to.is_coming() {
            self.no_longer_coming(slot, provider);
        }
        if to == InstanceState::Active {
            self.count_active(slot, provider, |count| *count += 1);
        } else if from == InstanceState::Active {
            self.count_active(slot, provider, |count| *count -= 1);
        }
        self.count_draining(provider, cause, from, to);
        // A wait has a reason, which is told where it arises.
        if to != InstanceState::Waiting {
            self.tell(now, |w| Change::Instance {
                instance: w.label(scn, slot),
                zone: w.instances[slot as usize].zone,
                offered: w.lineages[w.instances[slot as usize].lineage as usize].offered,
                status: to.as_str(),
                cause: cause_word(cause),
            });
        }
        if to == InstanceState::Vacant {
            self.by_state[to as usize] -= 1;
            if self.instances[slot as usize].impaired {
                self.count_impaired(slot, now, Gauge::lower);
            }
            let row = &mut self.instances[slot as usize];
            row.version = row.version.wrapping_add(1);
            self.instances_vacant.push(slot);
        }
    }

    fn count_existing(
        &mut self,
        scn: &Scenario,
        slot: u32,
        now: SimTime,
        step: fn(&mut Gauge, SimTime, u64),
    ) {
        let provider = usize::from(self.instances[slot as usize].provider);
        step(&mut self.existing, now, 1);
        let vcpu = self.type_of(scn, slot).vcpu;
        step(&mut self.vcpu, now, u64::from(vcpu));
        step(&mut self.providers[provider].existing, now, 1);
        if let Some(cost) = &mut self.providers[provider].cost {
            let offered = self.lineages[self.instances[slot as usize].lineage as usize].offered;
            let existing = &mut cost.existing[usize::from(offered)];
            step(existing, now, 1);
            cost.refresh(scn, provider, now);
        }
    }

    /// Forgets an instance on its way, unless its place has another on its way by now.
    fn no_longer_coming(&mut self, slot: u32, provider: usize) {
        let lineage = self.instances[slot as usize].lineage;
        let coming = &mut self.providers[provider].coming;
        if coming.get(&lineage).is_some_and(|coming| coming.slot == slot) {
            coming.remove(&lineage);
        }
    }

    /// Counts an instance that turns IMPAIRED, or no longer is.
    pub(super) fn count_impaired(&mut self, slot: u32, now: SimTime, step: fn(&mut Gauge, SimTime, u64)) {
        let provider = usize::from(self.instances[slot as usize].provider);
        step(&mut self.impaired, now, 1);
        step(&mut self.providers[provider].impaired, now, 1);
    }

    fn count_active(&mut self, slot: u32, provider: usize, step: fn(&mut u32)) {
        step(&mut self.providers[provider].active);
        let first = self.daemon_row(slot, 0);
        for task in &self.daemon_tasks[first..first + self.settled.len()] {
            step(&mut self.epoch_active[usize::from(task.epoch)]);
        }
    }

    fn count_draining(&mut self, provider: usize, cause: Cause, from: InstanceState, to: InstanceState) {
        let provider = &mut self.providers[provider];
        let count = match cause {
            Cause::Repair => &mut provider.draining_for_repair,
            Cause::Deployment => &mut provider.draining_for_deployment,
            _ => return,
        };
        if to == InstanceState::Draining {
            *count += 1;
        } else if from == InstanceState::Draining {
            *count -= 1;
        }
    }

    /// Tells that an instance goes at once, before its tasks do.
    pub(super) fn tell_given_up(&mut self, scn: &Scenario, slot: u32, cause: Cause, now: SimTime) {
        self.tell(now, |w| Change::GivenUp { instance: w.label(scn, slot), cause: cause_word(cause) });
    }

    /// Puts a task on an instance and takes its room.
    pub(super) fn attach(&mut self, scn: &Scenario, slot: u32, task: Task) {
        let service = &scn.services[usize::from(task.service)];
        let instance = &mut self.instances[slot as usize];
        instance.cpu_free -= service.cpu;
        instance.memory_free -= service.memory;
        self.tasks.add(instance, task);
    }

    /// Takes a task off its instance, live or stopping, and frees its room.
    pub(super) fn detach(&mut self, scn: &Scenario, slot: u32, index: usize) -> Task {
        let instance = &mut self.instances[slot as usize];
        let task = if index < instance.left as usize {
            self.tasks.remove_live(instance, index)
        } else {
            self.tasks.remove_stopped(instance, index)
        };
        let service = &scn.services[usize::from(task.service)];
        instance.cpu_free += service.cpu;
        instance.memory_free += service.memory;
        task
    }

    /// Takes every task that has been told to stop off an instance without live ones, room and all.
    pub(super) fn detach_stopped(&mut self, scn: &Scenario, slot: u32) {
        let instance = &mut self.instances[slot as usize];
        let (mut cpu, mut memory) = (instance.cpu_free, instance.memory_free);
        for task in self.tasks.stopping(instance) {
            let service = &scn.services[usize::from(task.service)];
            (cpu, memory) = (cpu + service.cpu, memory + service.memory);
        }
        (instance.cpu_free, instance.memory_free) = (cpu, memory);
        self.tasks.release(instance);
    }

    /// Whether a defect that is present in this seed hits a lineage (for good: the share of hosts).
    pub(super) fn defect_hits(&self, scn: &Scenario, revision: usize, defect: usize, entity: u32) -> bool {
        let share = scn.revisions[revision].defects[defect].share;
        self.keys.defects[revision][defect].hits.uniform(entity, 0).below(share)
    }

    /// The extra room that defects of a revision take on a host.
    pub(super) fn needs_more(&self, scn: &Scenario, revision: usize, entity: u32) -> (u32, u32) {
        let mut more = (0, 0);
        for active in &self.defects[revision] {
            if let DefectKind::NeedsMore { cpu, memory } = scn.revisions[revision].defects[active.index].kind
                && self.defect_hits(scn, revision, active.index, entity)
            {
                more = (more.0 + cpu, more.1 + memory);
            }
        }
        more
    }
}

/// Why an instance leaves, as the log says it.
fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "",
        Cause::Deployment => "deployment",
        Cause::Repair => "repair",
        Cause::Lifetime => "lifetime",
        Cause::StartFailure => "start failure",
        Cause::HostFailure => "host failure",
        Cause::ZoneOutage => "zone outage",
        Cause::Spot => "spot interruption",
        Cause::Idle => "idle",
        Cause::Consolidation => "consolidation",
        Cause::Withdrawn => "withdrawn",
    }
}
