//! The fleets that whole runs are measured on, at any size: `lean.yaml` and `rich.yaml` beside this folder.

use bakeoff::scenario::{NoFiles, Scenario, load};

/// A scenario file whose fleet can be of any size.
pub(crate) struct Workload {
    /// What it is called in tables and filters.
    pub(crate) name: &'static str,
    text: &'static str,
    /// Of each of its services, the tasks on a host.
    tasks_per_host: &'static [u32],
}

/// The rollout alone, and everything on.
pub(crate) const WORKLOADS: [Workload; 2] = [
    Workload { name: "lean", text: include_str!("../lean.yaml"), tasks_per_host: &[8] },
    Workload { name: "rich", text: include_str!("../rich.yaml"), tasks_per_host: &[6, 2] },
];

impl Workload {
    /// What `--set` would be told for a fleet of that many hosts.
    pub(crate) fn sized(&self, hosts: u32) -> Vec<(String, String)> {
        let fleet = [("capacityProviders.0.instances".to_owned(), hosts.to_string())];
        let services = self.tasks_per_host.iter().enumerate();
        let tasks = services.map(|(service, tasks)| {
            (format!("services.{service}.desiredCount"), (u64::from(*tasks) * u64::from(hosts)).to_string())
        });
        fleet.into_iter().chain(tasks).collect()
    }

    /// The scenario with these settings.
    pub(crate) fn scenario(&self, set: &[(String, String)]) -> Scenario {
        load(self.name, self.text, &NoFiles, set).expect("the workload is a valid scenario").scenario
    }
}
