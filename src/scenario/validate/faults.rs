//! Faults of the timeline, spot interruptions, images and utilisation.

use super::fleet::MONTH_MS;
use super::get;
use super::names::All;
use crate::engine::draw::{Distribution, DistributionError};
use crate::engine::time::SimDuration;
use crate::scenario::codes::Code;
use crate::scenario::model::{
    Alarm, AlarmMetric, DaemonSettings, DefectKind, Extent, Fault, FaultKind, Image, Parts, Revision, Shocks,
    Spot, Utilization,
};
use crate::scenario::raw::{
    CapacityOptionType, LogNormalRate, Rate, RawAction, RawAgentDisconnection, RawImage, RawProvider,
    RawScenario, RawSpot, RawUtilization, Throughput,
};
use crate::scenario::read::{At, Reader};
use crate::scenario::tree::Place;
use crate::scenario::values::{Share, Text, Whole};

type Zone = Whole<0, 99>;

/// What a fault concerns, and for how long.
struct Reach<'r> {
    provider: Option<&'r At<Text>>,
    zone: Option<&'r At<Zone>>,
    lasts: SimDuration,
}

impl Reach<'_> {
    fn fault(
        &self,
        kind: FaultKind,
        raw: &RawScenario,
        names: &All<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Fault> {
        let provider = match self.provider {
            None => None,
            Some(text) => Some(names.providers.resolve(text, reader)?),
        };
        let zone = match self.zone {
            None => None,
            Some(zone) => Some(known_zone(zone, provider, raw, reader)?),
        };
        Some(Fault { kind, provider, zone, lasts: self.lasts })
    }
}

macro_rules! reach {
    ($raw:expr, $provider:expr, $zone:expr) => {
        Reach { provider: $provider, zone: $zone, lasts: get!($raw.lasts).0 }
    };
}

/// The fault of a timeline entry; none if it is another kind of entry, or cannot be read.
pub(super) fn fault(
    action: &RawAction,
    raw: &RawScenario,
    names: &All<'_>,
    reader: &mut Reader<'_>,
) -> Option<Fault> {
    let (reach, kind) = if let Some(At { value: fault, .. }) = &action.az_outage {
        let zone = Some(fault.zone.as_ref()?);
        (reach!(fault, fault.capacity_provider.as_ref(), zone), FaultKind::AzOutage)
    } else if let Some(At { value: fault, .. }) = &action.registry_outage {
        (reach!(fault, None, None), FaultKind::RegistryOutage { share: get!(fault.share).0 })
    } else if let Some(At { value: fault, .. }) = &action.capacity_shortage {
        let (provider, zone) = (fault.capacity_provider.as_ref(), fault.zone.as_ref());
        (reach!(fault, provider, zone), FaultKind::CapacityShortage)
    } else if let Some(At { value: fault, .. }) = &action.dependency_outage {
        let daemon = match &fault.daemon {
            None => None,
            Some(text) => Some(names.daemons.resolve(text, reader)?),
        };
        (reach!(fault, None, None), FaultKind::DependencyOutage { daemon, share: get!(fault.share).0 })
    } else if let Some(At { value: fault, place }) = &action.spot_shock {
        let (provider, zone) = (fault.capacity_provider.as_ref(), fault.zone.as_ref());
        let reach = reach!(fault, provider, zone);
        let fault = reach.fault(FaultKind::SpotShock { share: get!(fault.share).0 }, raw, names, reader)?;
        reaches_spot(&fault, provider.map_or(*place, |text| text.place), raw, reader)?;
        return Some(fault);
    } else if let Some(At { value: fault, .. }) = &action.instance_failure {
        let kind = FaultKind::InstanceFailure { count: get!(fault.count).0 as u32 };
        (reach!(fault, fault.capacity_provider.as_ref(), None), kind)
    } else {
        let fault = &action.agent_disconnection.as_ref()?.value;
        let kind = FaultKind::AgentDisconnection(extent(fault)?);
        (reach!(fault, fault.capacity_provider.as_ref(), None), kind)
    };
    reach.fault(kind, raw, names, reader)
}

fn extent(raw: &RawAgentDisconnection) -> Option<Extent> {
    match (&raw.share, &raw.count) {
        (Some(At { value: Share(share), .. }), _) => Some(Extent::Share(*share)),
        (_, Some(At { value: count, .. })) => Some(Extent::Count(count.0 as u32)),
        _ => None,
    }
}

fn providers(raw: &RawScenario) -> impl Iterator<Item = &RawProvider> {
    raw.capacity_providers.iter().flat_map(|list| list.value.values())
}

fn known_zone(
    zone: &At<Zone>,
    provider: Option<usize>,
    raw: &RawScenario,
    reader: &mut Reader<'_>,
) -> Option<u32> {
    let concerned = providers(raw).enumerate().filter(|(index, _)| provider.is_none_or(|own| own == *index));
    let zones = concerned.map(|(_, raw)| raw.availability_zones.as_ref().map(|zones| zones.value.0));
    let most = zones.max().flatten()?;
    if zone.value.0 < most {
        return Some(zone.value.0 as u32);
    }
    reader
        .problem(Code::NoZone, zone.place, format!("there is no zone {}", zone.value.0))
        .help(format!("zones are counted from 0: the last is {}", most - 1));
    None
}

fn is_spot(raw: &RawProvider) -> bool {
    raw.capacity_option_type.as_ref().is_some_and(|kind| kind.value == CapacityOptionType::Spot)
}

fn reaches_spot(fault: &Fault, place: Place, raw: &RawScenario, reader: &mut Reader<'_>) -> Option<()> {
    let mut concerned =
        providers(raw).enumerate().filter(|(index, _)| fault.provider.is_none_or(|own| own == *index));
    if concerned.any(|(_, raw)| is_spot(raw)) {
        return Some(());
    }
    reader
        .problem(Code::NotSpot, place, "a spot shock, and no spot instances that it could reach")
        .help("give the capacity provider capacityOptionType: SPOT, or use instanceFailure");
    None
}

/// The interruptions of a provider's instances.
#[allow(clippy::option_option, reason = "not spot and not whole are two things")]
pub(super) fn spot(raw: &RawProvider, reader: &mut Reader<'_>) -> Option<Option<Spot>> {
    match (&raw.spot, is_spot(raw)) {
        (None, _) => Some(None),
        (Some(At { value: spot, .. }), true) => interruptions(spot).map(Some),
        (Some(At { place, .. }), false) => {
            reader
                .problem(Code::NotSpot, *place, "interruptions of instances that are not spot")
                .help("add capacityOptionType: SPOT, or take `spot` away");
            None
        }
    }
}

fn interruptions(raw: &RawSpot) -> Option<Spot> {
    let shocks = match &raw.shocks {
        None => None,
        Some(At { value: shocks, .. }) => Some(Shocks {
            per_ms: get!(shocks.per_month).0 / MONTH_MS,
            share: get!(shocks.share).0,
            within: get!(shocks.within).0,
        }),
    };
    Some(Spot {
        interruption_per_ms: get!(raw.interruptions_per_instance_month).0 / MONTH_MS,
        shocks: shocks.filter(|shocks| shocks.per_ms > 0.0),
    })
}

/// An image and how fast it is pulled.
pub(super) fn image(raw: &At<RawImage>, reader: &mut Reader<'_>) -> Option<Image> {
    let At { value: throughput, place } = raw.value.throughput.as_ref()?;
    let rate = |rate: &Option<At<Rate>>| rate.as_ref().map(|rate| rate.value.0 as f64);
    let made = match throughput {
        Throughput::Fixed(rate) => Distribution::fixed(rate.0 as f64),
        Throughput::Laws(laws) => match (&laws.uniform, &laws.log_normal) {
            (Some(At { value: law, .. }), _) => Distribution::uniform(rate(&law.min)?, rate(&law.max)?),
            (_, Some(At { value: law, .. })) => log_normal(law)?,
            _ => return None,
        },
    };
    match made {
        Ok(throughput) => Some(Image { bytes: get!(raw.value.size).0, throughput }),
        Err(error) => {
            reader.problem(Code::Distribution, *place, error.to_string());
            None
        }
    }
}

fn log_normal(law: &LogNormalRate) -> Option<Result<Distribution, DistributionError>> {
    let median = get!(law.median).0 as f64;
    let rate = |rate: &At<Rate>| rate.value.0 as f64;
    Some(match (&law.p99, &law.p95, &law.sigma) {
        (Some(p99), _, _) => Distribution::log_normal_median_p99(median, rate(p99)),
        (_, Some(p95), _) => Distribution::log_normal_median_p95(median, rate(p95)),
        (_, _, Some(sigma)) => Distribution::log_normal_median_sigma(median, sigma.value.0),
        _ => return None,
    })
}

pub(super) fn utilization(raw: Option<&At<RawUtilization>>) -> Utilization {
    let Some(At { value: raw, .. }) = raw else { return Utilization::default() };
    Utilization {
        cpu: raw.cpu.as_ref().map(|load| load.value.0),
        memory: raw.memory.as_ref().map(|load| load.value.0),
    }
}

/// Which resource an alarm watches.
#[derive(Clone, Copy)]
enum Resource {
    Cpu,
    Memory,
}

impl Resource {
    fn of(self, utilization: Utilization) -> Option<f64> {
        match self {
            Self::Cpu => utilization.cpu,
            Self::Memory => utilization.memory,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }
}

/// What is said of utilisation needs to know what a sound task uses.
pub(super) fn check_utilization(parts: &Parts, raw: &RawScenario, reader: &mut Reader<'_>) {
    let alarms = raw.alarms.iter().flat_map(|list| &list.value.items);
    for (alarm, raw) in parts.alarms.iter().zip(alarms) {
        if let Some((revision, resource)) = unknown_to(parts, alarm) {
            let message = format!("{} says nothing of the {} that it uses", revision.label(), resource.key());
            let place = raw.value.metric.as_ref().map_or(raw.place, |metric| metric.place);
            reader
                .problem(Code::NoUtilization, place, message)
                .help(format!("give its task definition utilization: {{ {}: 20 }}", resource.key()));
        }
    }
    let revisions = raw.daemon_task_definitions.iter().flat_map(|list| &list.value.items);
    for (revision, raw) in parts.revisions.iter().zip(revisions) {
        let items = raw.value.defects.iter().flat_map(|list| &list.value.items);
        for (defect, raw) in revision.defects.iter().zip(items) {
            let DefectKind::Uses { instead, .. } = &defect.kind else { continue };
            for resource in [Resource::Cpu, Resource::Memory] {
                if resource.of(*instead).is_some() && resource.of(revision.utilization).is_none() {
                    let message = format!("nothing is said of the {} that a sound task uses", resource.key());
                    reader
                        .problem(Code::NoUtilization, raw.place, message)
                        .help(format!("give the task definition utilization: {{ {}: 20 }}", resource.key()));
                }
            }
        }
    }
}

/// A revision that the alarm's daemon runs now or later, whose utilisation is not known.
fn unknown_to<'p>(parts: &'p Parts, alarm: &Alarm) -> Option<(&'p Revision, Resource)> {
    let (daemon, resource) = match alarm.metric {
        AlarmMetric::DaemonCpuUtilization { daemon } => (daemon, Resource::Cpu),
        AlarmMetric::DaemonMemoryUtilization { daemon } => (daemon, Resource::Memory),
        _ => return None,
    };
    let deploys = parts.timeline.iter().filter_map(|action| action.request.deploy());
    let later = deploys.filter(|deploy| deploy.daemon == daemon).filter_map(|deploy| deploy.target.as_ref());
    let run = parts.daemons[daemon].initial.iter().chain(later);
    let mut revisions = run.map(|DaemonSettings { revision, .. }| &parts.revisions[*revision]);
    revisions
        .find(|revision| resource.of(revision.utilization).is_none())
        .map(|revision| (revision, resource))
}
