//! The columns of `runs.csv`.

use super::value::{Value, value};
use crate::outcome::Outcome;
use crate::scenario::Scenario;
use crate::scenario::metric::{Metric, MetricRef, Scope};

/// One metric column: a name that is unique in its table, and what it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The column's name, with `d1_` before it or `_<service>` behind it where that applies.
    pub name: String,
    /// The metric it holds.
    pub metric: MetricRef,
    /// How many deployments the scenario's timeline asks for.
    pub deployments: usize,
}

impl Column {
    /// What `outcome` has to say in this column.
    pub fn value(&self, outcome: &Outcome) -> Value {
        value(self.metric, self.deployments, outcome)
    }
}

/// Every metric column of a scenario, in the order of the table.
///
/// First all metrics by their plain names, the worst moment of each service right
/// behind that of the fleet where there are several services; then, where there are
/// several deployments, the set of each.
pub fn columns(scenario: &Scenario) -> Vec<Column> {
    let deployments = scenario.deployments();
    let services: Vec<&str> = scenario.services_proper().iter().map(|s| s.name.as_str()).collect();
    names(deployments, &services)
}

fn names(deployments: usize, services: &[&str]) -> Vec<Column> {
    let column = |name: String, metric, deployment, service| {
        let metric = MetricRef { metric, deployment, service };
        Column { name, metric, deployments }
    };
    let mut all = Vec::new();
    for metric in Metric::ALL {
        all.push(column(metric.name().to_owned(), metric, None, None));
        if metric == Metric::MinRunningTasksPct && services.len() > 1 {
            for (index, service) in services.iter().enumerate() {
                all.push(column(format!("{}_{service}", metric.name()), metric, None, Some(index)));
            }
        }
    }
    if deployments > 1 {
        for deployment in 0..deployments {
            for metric in Metric::ALL.into_iter().filter(|m| m.scope() == Scope::Deployment) {
                let name = format!("d{}_{}", deployment + 1, metric.name());
                all.push(column(name, metric, Some(deployment), None));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(deployments: usize, services: &[&str]) -> Vec<String> {
        names(deployments, services).into_iter().map(|c| c.name).collect()
    }

    #[test]
    fn one_deployment_and_one_service_need_no_prefix_and_no_suffix() {
        let plain: Vec<&str> = Metric::ALL.iter().map(|m| m.name()).collect();
        assert_eq!(called(1, &["web"]), plain);
        assert_eq!(called(0, &[]), plain);
    }

    #[test]
    fn several_services_have_a_column_each_behind_the_worst_of_them() {
        let all = called(1, &["web", "api"]);
        let worst = all.iter().position(|n| n == "min_running_tasks_pct").expect("it is a metric");
        assert_eq!(all[worst + 1..worst + 3], ["min_running_tasks_pct_web", "min_running_tasks_pct_api"]);
    }

    #[test]
    fn several_deployments_have_a_set_each_and_share_the_metrics_of_the_run() {
        let all = called(2, &["web"]);
        for name in ["rolled_back", "d1_rolled_back", "d2_rolled_back", "events"] {
            assert!(all.iter().any(|n| n == name), "{name}");
        }
        assert!(!all.iter().any(|n| n == "d1_events"));
    }

    #[test]
    fn checks_find_every_column_by_its_name() {
        let services = ["web", "api"];
        for column in names(3, &services) {
            assert_eq!(
                MetricRef::from_name(&column.name, 3, &services),
                Some(column.metric),
                "{}",
                column.name
            );
        }
    }
}
