//! How large the instances of a capacity provider are, and how many there are of them.

use super::intake::Provider;
use crate::scenario::instance_types;

/// What is taken where nothing is known.
const DEFAULT_TYPE: &str = "m7i.xlarge";
/// Families that are looked at first where any would do, in this order.
const FAMILIES: [&str; 6] = ["m7i", "m6i", "m7g", "c7i", "r7i", "m5"];
/// How many instances are assumed at least.
pub(super) const INSTANCES: u64 = 20;

/// What must find room on an instance, in CPU units and MiB.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Need {
    pub(super) cpu: u64,
    pub(super) memory: u64,
}

impl Need {
    fn fits(self, size: instance_types::InstanceType) -> bool {
        self.cpu <= u64::from(size.vcpu) * 1024 && self.memory <= u64::from(size.memory)
    }
}

/// An instance type, and how it was come by.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) cpu: u64,
    pub(super) memory: u64,
    pub(super) note: String,
    pub(super) is_assumed: bool,
}

/// The type that a capacity provider's instances are taken to be.
pub(super) fn choose(provider: Option<&Provider>, said: Option<&str>, need: Need) -> Chosen {
    let of = |name: &str, note: String, is_assumed: bool| {
        let size = instance_types::find(name).unwrap_or(instance_types::InstanceType { vcpu: 0, memory: 0 });
        Chosen {
            name: name.to_owned(),
            cpu: u64::from(size.vcpu) * 1024,
            memory: size.memory.into(),
            note,
            is_assumed,
        }
    };
    if let Some(name) = said {
        return of(name, "as --instance-type says".into(), false);
    }
    let asked = provider.filter(|provider| provider.says_types());
    let Some(provider) = asked else {
        let name = if instance_types::find(DEFAULT_TYPE).is_some_and(|size| need.fits(size)) {
            DEFAULT_TYPE.to_owned()
        } else {
            smallest(|_, size| need.fits(size)).unwrap_or_else(|| DEFAULT_TYPE.to_owned())
        };
        return of(&name, "assumed: --instance-type says better".into(), true);
    };
    let allows = |name: &str, size| provider.allows(name, size);
    if let Some(name) = smallest(|name, size| allows(name, size) && need.fits(size)) {
        let only = provider.allowed.len() == 1 && provider.allowed[0] == name;
        let note = if only {
            "the only type that it allows".to_owned()
        } else {
            "assumed: the smallest of the types that it allows and that hold the tasks".to_owned()
        };
        of(&name, note, !only)
    } else {
        let name = smallest(allows).unwrap_or_else(|| DEFAULT_TYPE.to_owned());
        of(&name, "assumed: of the types that it allows and that are known here, the smallest".into(), true)
    }
}

/// The smallest type that will do, of the usual families before others.
fn smallest(will_do: impl Fn(&str, instance_types::InstanceType) -> bool) -> Option<String> {
    let family = |name: &str| {
        let family = name.split('.').next().unwrap_or_default();
        FAMILIES.iter().position(|known| *known == family).unwrap_or(FAMILIES.len())
    };
    instance_types::names()
        .into_iter()
        .filter_map(|name| Some((name, instance_types::find(name)?)))
        .filter(|(name, size)| will_do(name, *size))
        .min_by_key(|(name, size)| {
            (family(name) == FAMILIES.len(), size.vcpu, size.memory, family(name), *name)
        })
        .map(|(name, _)| name.to_owned())
}

impl Provider {
    fn says_types(&self) -> bool {
        !self.allowed.is_empty()
            || !self.excluded.is_empty()
            || [self.vcpu, self.memory].iter().any(|(min, max)| min.is_some() || max.is_some())
    }

    fn allows(&self, name: &str, size: instance_types::InstanceType) -> bool {
        let within = |(min, max): (Option<u64>, Option<u64>), size: u32| {
            let size = u64::from(size);
            min.is_none_or(|min| size >= min) && max.is_none_or(|max| size <= max)
        };
        (self.allowed.is_empty() || self.allowed.iter().any(|pattern| matches(pattern, name)))
            && !self.excluded.iter().any(|pattern| matches(pattern, name))
            && within(self.vcpu, size.vcpu)
            && within(self.memory, size.memory)
    }
}

/// Whether a name is of a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

/// How many instances hold the tasks of some services, each given by its count and size, beside daemons.
pub(super) fn instances_for(tasks: &[(u64, Need)], daemons: Need, chosen: &Chosen) -> u64 {
    let room = |total: u64, daemons: u64, task: u64| match task {
        0 => u64::MAX,
        task => total.saturating_sub(daemons) / task,
    };
    tasks.iter().fold(0, |sum, (count, task)| {
        let each =
            room(chosen.cpu, daemons.cpu, task.cpu).min(room(chosen.memory, daemons.memory, task.memory));
        sum + count.div_ceil(each.max(1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, fits) in [
            ("m5.large", "m5.large", true),
            ("m5.large", "m5.xlarge", false),
            ("m5.*", "m5.xlarge", true),
            ("m5*.*", "m5ad.xlarge", true),
            ("*", "c7i.large", true),
            ("*3*", "c7i.large", false),
            ("r*", "m5.large", false),
            ("m5.*large", "m5.2xlarge", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn the_smallest_type_that_holds_the_tasks_is_taken() {
        let provider = Provider { allowed: vec!["m5.*".into(), "c5.large".into()], ..Provider::default() };
        let of = |cpu, memory| choose(Some(&provider), None, Need { cpu, memory }).name;
        assert_eq!(
            (of(1024, 1024), of(4096, 1024), of(0, 60_000)),
            ("m5.large".into(), "m5.xlarge".into(), "m5.4xlarge".into())
        );
        let bounded =
            Provider { vcpu: (Some(8), Some(8)), memory: (Some(20_000), None), ..Provider::default() };
        assert_eq!(choose(Some(&bounded), None, Need::default()).name, "m7i.2xlarge");
        assert_eq!(choose(None, None, Need::default()).name, DEFAULT_TYPE);
        assert_eq!(choose(None, Some("c5.large"), Need::default()).cpu, 2048);
    }
}
