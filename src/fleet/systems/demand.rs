//! Launches for waiting tasks: how many instances, of which type, in which zone.
//!
//! Tasks that fit neither on ACTIVE instances nor, as far as is known, on those on their way
//! are batched: sorted by size, dealt to zones, packed first fit into new instances of the
//! type that costs least for each task that it takes (AWS containers blog, "Deep dive: Amazon
//! ECS Managed Instances provisioning and optimization": waiting tasks are batched, spread
//! over zones, packed by First Fit Decreasing into cost-optimal types).

use std::cmp::{Ordering, Reverse};

use crate::fleet::tables::{Cause, InstanceState, LineageDaemon};
use crate::fleet::world::{Decider, FleetAgenda, World};
use crate::scenario::Scenario;
use crate::scenario::assumptions::ReserveForDaemons;

use super::deployment;

/// CPU units and MiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Room {
    cpu: u32,
    memory: u32,
}

impl Room {
    /// How many such tasks it holds.
    fn holds(self, task: Self) -> u32 {
        let by = |room: u32, need: u32| room.checked_div(need).unwrap_or(u32::MAX);
        by(self.cpu, task.cpu).min(by(self.memory, task.memory))
    }

    fn less(self, task: Self, count: u32) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(task.cpu.saturating_mul(count)),
            memory: self.memory.saturating_sub(task.memory.saturating_mul(count)),
        }
    }
}

/// Waiting tasks that are alike: those of one service.
#[derive(Clone, Copy, Debug)]
struct Kind {
    service: usize,
    task: Room,
    count: u32,
    /// Whether the daemons' room is kept when it is packed (A13).
    beside_daemons: bool,
}

/// What is left of an instance while it is being packed.
#[derive(Clone, Copy, Debug, Default)]
struct Space {
    /// Beside the daemons; nothing where these find no room themselves.
    beside: Room,
    /// As if there were no daemons.
    bare: Room,
}

impl Space {
    fn of(size: Room, daemons: Room) -> Self {
        let fits = size.cpu >= daemons.cpu && size.memory >= daemons.memory;
        Self { beside: if fits { size.less(daemons, 1) } else { Room::default() }, bare: size }
    }

    fn holds(&self, kind: &Kind) -> u32 {
        if kind.beside_daemons { self.beside.holds(kind.task) } else { self.bare.holds(kind.task) }
    }

    /// Packs as many as there is room for, and says how many.
    fn pack(&mut self, kind: &Kind, most: u32) -> u32 {
        let count = self.holds(kind).min(most);
        self.beside = self.beside.less(kind.task, count);
        self.bare = self.bare.less(kind.task, count);
        count
    }
}

/// A type as it would be launched now.
#[derive(Clone, Debug)]
struct Offer {
    space: Space,
    /// Its price; its vCPUs where not every type has one.
    cost: f64,
    vcpu: u32,
    /// Kinds for which one of the type stands empty already, and is too small all the same.
    futile: Vec<bool>,
}

/// Launches what waiting tasks need, provider by provider, and withdraws what none needs.
pub(in crate::fleet) fn plan(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda) {
    for provider in 0..w.providers.len() {
        let state = &w.providers[provider];
        if !state.on_demand {
            continue;
        }
        let mut kinds = waiting_kinds(scn, w, provider);
        if kinds.is_empty() && state.coming.is_empty() {
            continue;
        }
        let mut offers = offers(scn, w, provider, kinds.len());
        for kind in &mut kinds {
            // A task that no type holds beside the daemons has one launched that holds it alone,
            // and what becomes of the daemons there shows.
            let some = offers.iter().any(|offer| offer.space.beside.holds(kind.task) > 0);
            kind.beside_daemons = some && scn.assumptions.reserve_for_daemons == ReserveForDaemons::Yes;
        }
        let mut zones: Vec<Vec<u32>> =
            kinds.iter().map(|kind| w.services[kind.service].zone_tasks.clone()).collect();
        seat_on_coming(scn, w, provider, &mut kinds, &mut zones);
        withdraw_unneeded(scn, w, agenda, provider);
        let none_left = kinds.iter().all(|kind| kind.count == 0);
        if none_left || deployment::closes_new(scn, w, provider) {
            continue;
        }
        note_futile(scn, w, provider, &kinds, &mut offers);
        for (zone, left) in deal(&kinds, &offers, &mut zones).into_iter().enumerate() {
            launch_for_zone(scn, w, agenda, Batch { provider, zone, kinds: &kinds, offers: &offers }, left);
        }
    }
}

/// The tasks that wait for a provider's instances, largest first.
fn waiting_kinds(scn: &Scenario, w: &World, provider: usize) -> Vec<Kind> {
    let own = scn.services.iter().enumerate().filter(|(_, spec)| spec.provider == provider);
    let kinds = own.map(|(service, spec)| Kind {
        service,
        task: Room { cpu: spec.cpu, memory: spec.memory },
        count: w.services[service].waiting.len() as u32,
        beside_daemons: true,
    });
    let mut kinds: Vec<Kind> = kinds.filter(|kind| kind.count > 0).collect();
    kinds.sort_by_key(|kind| (Reverse((kind.task.memory, kind.task.cpu)), kind.service));
    kinds
}

/// What the daemons take that an instance of a lineage gets if it registers now.
fn daemons_of(scn: &Scenario, w: &World, provider: usize, lineage: u32) -> Room {
    let mut taken = Room::default();
    for daemon in 0..scn.daemons.len() {
        let epoch = deployment::epoch_for_new(scn, w, daemon, provider, lineage);
        if let Some((revision, _)) = w.epochs[usize::from(epoch)].gives(provider) {
            let revision = &scn.revisions[revision];
            taken.cpu = taken.cpu.saturating_add(revision.cpu);
            taken.memory = taken.memory.saturating_add(revision.memory);
        }
    }
    taken
}

fn offers(scn: &Scenario, w: &World, provider: usize, kinds: usize) -> Vec<Offer> {
    let types = &scn.providers[provider].types;
    let daemons = daemons_of(scn, w, provider, w.lineages.len() as u32);
    let priced = types.iter().all(|offered| offered.price_per_hour.is_some());
    let offers = types.iter().map(|offered| Offer {
        space: Space::of(Room { cpu: offered.cpu, memory: offered.memory }, daemons),
        cost: offered.price_per_hour.filter(|_| priced).unwrap_or_else(|| f64::from(offered.vcpu)),
        vcpu: offered.vcpu,
        futile: vec![false; kinds],
    });
    offers.collect()
}

/// Seats waiting tasks virtually on the instances on their way: launched ones first, then by age.
fn seat_on_coming(
    scn: &Scenario,
    w: &mut World,
    provider: usize,
    kinds: &mut [Kind],
    zones: &mut [Vec<u32>],
) {
    let mut coming: Vec<(bool, u32, u32)> = w.providers[provider]
        .coming
        .iter()
        .map(|(lineage, coming)| {
            (w.instances[coming.slot as usize].state == InstanceState::Waiting, *lineage, coming.slot)
        })
        .collect();
    coming.sort_unstable();
    for (_, lineage, slot) in coming {
        let row = &w.instances[slot as usize];
        let free = Room { cpu: row.cpu_free, memory: row.memory_free };
        let mut space = match row.state {
            // Its daemons have their room already, or found none.
            InstanceState::Registering => Space::of(free, Room::default()),
            _ => Space::of(free, daemons_of(scn, w, provider, lineage)),
        };
        let zone = usize::from(row.zone);
        let mut meant = Room::default();
        for (kind, zones) in kinds.iter_mut().zip(&mut *zones) {
            let count = space.pack(kind, kind.count);
            kind.count -= count;
            zones[zone] += count;
            meant.cpu += kind.task.cpu * count;
            meant.memory += kind.task.memory * count;
        }
        let coming = w.providers[provider].coming.get_mut(&lineage).expect("listed just above");
        (coming.cpu, coming.memory) = (meant.cpu, meant.memory);
    }
}

/// Withdraws the launches that were refused or failed and that no task waits for any more.
fn withdraw_unneeded(scn: &Scenario, w: &mut World, agenda: &mut FleetAgenda, provider: usize) {
    let unneeded: Vec<u32> = w.providers[provider]
        .coming
        .iter()
        .filter(|(lineage, coming)| {
            let place = &w.lineages[**lineage as usize];
            let on_demand = place.entity >= scn.providers[provider].instances && place.generations == 0;
            let waits = w.instances[coming.slot as usize].state == InstanceState::Waiting;
            on_demand && waits && coming.cpu == 0 && coming.memory == 0
        })
        .map(|(_, coming)| coming.slot)
        .collect();
    for slot in unneeded {
        w.instances[slot as usize].cause = Cause::Withdrawn;
        w.enter(scn, slot, InstanceState::Vacant, agenda.now());
        w.wake(agenda, Decider::Deployments);
    }
}

/// Notes for which kinds a type is no use: an instance of it stands empty with the very daemons
/// that a new one would get, and has no room. Another would stand beside it.
fn note_futile(scn: &Scenario, w: &World, provider: usize, kinds: &[Kind], offers: &mut [Offer]) {
    if scn.assumptions.reserve_for_daemons == ReserveForDaemons::No {
        return;
    }
    let new = w.lineages.len() as u32;
    let epochs: Vec<u16> = (0..scn.daemons.len())
        .map(|daemon| deployment::epoch_for_new(scn, w, daemon, provider, new))
        .collect();
    for (slot, row) in w.instances.iter().enumerate() {
        let stands_empty = usize::from(row.provider) == provider
            && matches!(row.state, InstanceState::Registering | InstanceState::Active)
            && row.tasks == 0
            && !row.closed;
        let first = w.daemon_row(slot as u32, 0);
        let tasks = &w.daemon_tasks[first..first + epochs.len()];
        if !stands_empty || tasks.iter().zip(&epochs).any(|(task, epoch)| task.epoch != *epoch) {
            continue;
        }
        let offer = &mut offers[usize::from(w.lineages[row.lineage as usize].offered)];
        let free = Room { cpu: row.cpu_free, memory: row.memory_free };
        for (futile, kind) in offer.futile.iter_mut().zip(kinds) {
            *futile |= free.holds(kind.task) == 0;
        }
    }
}

/// Deals the tasks that nothing holds to zones: each to the one with the fewest of its service.
/// What no type could hold at all is left out.
fn deal(kinds: &[Kind], offers: &[Offer], zones: &mut [Vec<u32>]) -> Vec<Vec<u32>> {
    let count = zones.first().map_or(0, Vec::len);
    let mut left = vec![vec![0; kinds.len()]; count];
    for (index, kind) in kinds.iter().enumerate() {
        if !offers.iter().any(|offer| offer.space.holds(kind) > 0) {
            continue;
        }
        for _ in 0..kind.count {
            let zone = (0..count).min_by_key(|zone| zones[index][*zone]).expect("there is a zone");
            zones[index][zone] += 1;
            left[zone][index] += 1;
        }
    }
    left
}

/// The launches of one zone in one decision.
#[derive(Clone, Copy)]
struct Batch<'a> {
    provider: usize,
    zone: usize,
    kinds: &'a [Kind],
    offers: &'a [Offer],
}

impl Batch<'_> {
    /// How many of each kind an empty instance of an offer takes, largest first.
    fn filling(&self, offer: &Offer, left: &[u32]) -> Vec<u32> {
        let mut space = offer.space;
        self.kinds.iter().zip(left).map(|(kind, left)| space.pack(kind, *left)).collect()
    }

    /// The type that takes the first of those left and costs least for each task that it takes.
    fn choose(&self, first: usize, left: &[u32]) -> Option<(usize, Vec<u32>)> {
        let useful = self.offers.iter().enumerate().filter(|(_, offer)| !offer.futile[first]);
        let filled = useful.map(|(index, offer)| (index, self.filling(offer, left)));
        filled.filter(|(_, filling)| filling[first] > 0).min_by(|a, b| {
            let held = |filling: &[u32]| f64::from(filling.iter().sum::<u32>());
            let (x, y) = (&self.offers[a.0], &self.offers[b.0]);
            (x.cost * held(&b.1))
                .total_cmp(&(y.cost * held(&a.1)))
                .then(x.cost.total_cmp(&y.cost))
                .then(x.vcpu.cmp(&y.vcpu))
                .then(x.space.bare.memory.cmp(&y.space.bare.memory))
                .then(Ordering::Equal)
        })
    }
}

fn launch_for_zone(
    scn: &Scenario,
    w: &mut World,
    agenda: &mut FleetAgenda,
    batch: Batch<'_>,
    mut left: Vec<u32>,
) {
    while let Some(first) = left.iter().position(|left| *left > 0) {
        let Some((offered, filling)) = batch.choose(first, &left) else {
            left[first] = 0;
            continue;
        };
        let mut meant = Room::default();
        for ((left, filled), kind) in left.iter_mut().zip(filling).zip(batch.kinds) {
            *left -= filled;
            meant.cpu += kind.task.cpu * filled;
            meant.memory += kind.task.memory * filled;
        }
        let lineage = w.add_lineage(batch.provider, batch.zone as u16, offered as u8);
        for daemon in 0..w.settled.len() {
            let last_epoch = w.settled[daemon];
            w.lineage_daemons.push(LineageDaemon { last_epoch, ..LineageDaemon::default() });
        }
        let now = agenda.now();
        let slot = w.occupy(scn, batch.provider as u16, lineage, now);
        let coming = w.providers[batch.provider].coming.get_mut(&lineage).expect("it is on its way");
        (coming.cpu, coming.memory) = (meant.cpu, meant.memory);
        w.launch_requests.push((now, lineage, slot, w.instances[slot as usize].version));
    }
}
