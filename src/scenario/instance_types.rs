//! The shipped table of EC2 instance types.

/// Sizes by type, from the public EC2 instance type listings; one line a type, sorted by name.
const TABLE: &str = include_str!("instance-types.csv");

/// Size of an instance type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// Virtual CPUs, each 1024 CPU units.
    pub vcpu: u32,
    /// MiB of memory.
    pub memory: u32,
}

/// The size of a type, if the table has it.
pub fn find(name: &str) -> Option<InstanceType> {
    rows().find(|(known, _)| *known == name).map(|(_, size)| size)
}

/// The names of all types.
pub fn names() -> Vec<&'static str> {
    rows().map(|(name, _)| name).collect()
}

fn rows() -> impl Iterator<Item = (&'static str, InstanceType)> {
    TABLE.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        let name = cells.next()?;
        let (vcpu, memory) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
        Some((name, InstanceType { vcpu, memory }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_knows_every_type_by_its_size() {
        assert_eq!(find("m7i.2xlarge"), Some(InstanceType { vcpu: 8, memory: 32_768 }));
        assert_eq!(find("m7i.3xlarge"), None);
        assert_eq!(names().len(), TABLE.lines().count() - 1);
    }

    #[test]
    fn no_type_is_without_size_and_none_is_listed_twice() {
        let mut names = names();
        assert!(rows().all(|(_, size)| size.vcpu > 0 && size.memory > 0));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
