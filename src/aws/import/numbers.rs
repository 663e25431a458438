//! Numbers of templates and plans that become numbers of a scenario.

use serde_json::Value;

use super::Intake;
use super::resources::whole;
use crate::scenario::codes::Code;
use crate::scenario::tree::{Kind, Node};

/// The least and the most that a number may be.
pub(super) type Bounds = (i64, i64);

/// How many tasks a scenario takes for a service.
pub(super) const TASKS: Bounds = (0, 10_000_000);
/// `minimumHealthyPercent` of a scenario.
pub(super) const MINIMUM_HEALTHY: Bounds = (0, 100);
/// `maximumPercent` of a scenario.
pub(super) const MAXIMUM: Bounds = (100, 10_000);
/// Sizes, and weights of a strategy: whatever ECS says of them.
pub(super) const COUNT: Bounds = (0, 100_000_000);
/// Any whole number; the bounds are somebody else's to tell.
pub(super) const ANY: Bounds = (i64::MIN, i64::MAX);

impl Intake<'_> {
    /// A whole number within bounds, none where nothing is said.
    ///
    /// What is no such number is refused where it stands: with a default in its place the scenario would be about
    /// another fleet, and nobody would see it.
    pub(super) fn number(&mut self, node: Option<&Node>, name: &str, bounds: Bounds) -> Option<i64> {
        let node = node.filter(|node| node.kind != Kind::Null)?;
        let number = whole(node);
        if let Some(number) = number.filter(|number| (bounds.0..=bounds.1).contains(number)) {
            return Some(number);
        }
        let value = node.to_json();
        let wanted = match bounds {
            ANY => "a whole number".to_owned(),
            (least, most) => format!("a whole number from {least} to {most}"),
        };
        self.problem(Code::OutOfRange, node.place, format!("{name} is {value}; it has to be {wanted}"));
        None
    }

    /// The same where it cannot be negative.
    pub(super) fn count(&mut self, node: Option<&Node>, name: &str, bounds: Bounds) -> Option<u64> {
        self.number(node, name, bounds).and_then(|number| u64::try_from(number).ok())
    }

    /// Refuses the size of a task that is none: `256`, `"256"` and `".25 vCPU"` are, with the unit that is given.
    pub(super) fn check_size(&mut self, node: Option<&Node>, name: &str, unit: &str) {
        let Some(node) = node else { return };
        let is_size = match &node.kind {
            Kind::Null => true,
            Kind::Text(text) => text.is_empty() || crate::aws::text::size(text, unit).is_some(),
            _ => whole(node).is_some_and(|size| (0..=COUNT.1).contains(&size)),
        };
        if !is_size {
            let message =
                format!("{name} is {}; it has to be a whole number that is not negative", node.to_json());
            self.problem(Code::OutOfRange, node.place, message);
        }
    }

    /// Refuses sizes of containers that are none; `containers` are spelt as in the API, and stand at a node.
    pub(super) fn check_container_sizes(&mut self, containers: &Value, node: &Node) {
        for container in containers.as_array().into_iter().flatten() {
            for key in ["cpu", "memory", "memoryReservation"] {
                let value = &container[key];
                // A text that is no number stands in for one that only a deployment knows.
                let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
                let bounds = COUNT.0 as f64..=COUNT.1 as f64;
                if number.is_some_and(|number| number.fract() != 0.0 || !bounds.contains(&number)) {
                    let name = container["name"].as_str().unwrap_or("?");
                    let message = format!(
                        "{key} of the container '{name}' is {value}; it has to be a whole number that is not negative"
                    );
                    self.problem(Code::OutOfRange, node.place, message);
                }
            }
        }
    }
}
