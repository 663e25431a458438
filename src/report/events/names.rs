//! ARNs and identifiers, the same for the same scenario and seed on any machine.

use uuid::Uuid;

use crate::scenario::Scenario;
use crate::scenario::model::EventLog;

/// The namespace of all our identifiers.
const ROOT: Uuid = Uuid::from_u128(0x9d1c_0a52_5b6e_4f0b_8c57_2f2c_b0a8_e6d1);

/// How things are named in one run's events.
#[derive(Debug)]
pub(super) struct Names<'a> {
    log: &'a EventLog,
    run: Uuid,
}

impl<'a> Names<'a> {
    pub(super) fn new(scenario: &'a Scenario, seed: u64) -> Self {
        let name = format!("{}/{}/{seed}", scenario.name, scenario.simulation.master_seed);
        Self { log: &scenario.event_log, run: Uuid::new_v5(&ROOT, name.as_bytes()) }
    }

    /// The identifier of what has this name within the run.
    pub(super) fn uuid(&self, name: &str) -> Uuid {
        Uuid::new_v5(&self.run, name.as_bytes())
    }

    /// Thirty-two hexadecimal digits, as identifiers of tasks and container instances have.
    pub(super) fn hex(&self, name: &str) -> String {
        self.uuid(name).simple().to_string()
    }

    /// `i-` and seventeen hexadecimal digits.
    pub(super) fn ec2_instance(&self, label: &str) -> String {
        format!("i-{}", &self.hex(&format!("ec2/{label}"))[..17])
    }

    fn arn(&self, resource: &str) -> String {
        let EventLog { region, account, .. } = self.log;
        let partition = match region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        format!("arn:{partition}:ecs:{region}:{account}:{resource}")
    }

    fn in_cluster(&self, kind: &str, rest: &str) -> String {
        self.arn(&format!("{kind}/{}/{rest}", self.log.cluster))
    }

    pub(super) fn cluster(&self) -> String {
        self.arn(&format!("cluster/{}", self.log.cluster))
    }

    pub(super) fn container_instance(&self, label: &str) -> String {
        self.in_cluster("container-instance", &self.hex(&format!("instance/{label}")))
    }

    pub(super) fn task(&self, id: &str) -> String {
        self.in_cluster("task", id)
    }

    pub(super) fn container(&self, task: &str) -> String {
        self.in_cluster("container", &format!("{task}/{}", self.uuid(&format!("container/{task}"))))
    }

    pub(super) fn daemon(&self, daemon: &str) -> String {
        self.in_cluster("daemon", daemon)
    }

    pub(super) fn daemon_deployment(&self, daemon: &str, number: usize) -> String {
        let id = self.hex(&format!("deployment/{number}"));
        self.in_cluster("daemon-deployment", &format!("{daemon}/{}", &id[..21]))
    }

    /// A daemon revision is the snapshot of a daemon's task definition; `label` is `family:revision`.
    pub(super) fn daemon_revision(&self, daemon: &str, label: &str) -> String {
        let id = self.uuid(&format!("revision/{daemon}/{label}"));
        self.in_cluster("daemon-revision", &format!("{daemon}/{id}"))
    }

    pub(super) fn daemon_task_definition(&self, label: &str) -> String {
        self.arn(&format!("daemon-task-definition/{label}"))
    }

    pub(super) fn task_definition(&self, family: &str) -> String {
        self.arn(&format!("task-definition/{family}:1"))
    }

    /// `us-east-1a`, `us-east-1b` …
    pub(super) fn zone(&self, index: usize) -> String {
        let mut letters = Vec::new();
        let mut rest = index + 1;
        while rest > 0 {
            letters.push(char::from(b'a' + ((rest - 1) % 26) as u8));
            rest = (rest - 1) / 26;
        }
        letters.iter().rev().fold(self.log.region.clone(), |mut name, letter| {
            name.push(*letter);
            name
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::epoch::Instant;

    fn log(region: &str) -> EventLog {
        EventLog {
            epoch: Instant::DEFAULT,
            region: region.to_owned(),
            account: "123456789012".to_owned(),
            cluster: "prod".to_owned(),
        }
    }

    #[test]
    fn arns_have_the_forms_of_the_service_authorization_reference() {
        let log = log("eu-west-1");
        let names = Names { log: &log, run: ROOT };
        assert_eq!(names.daemon("agent"), "arn:aws:ecs:eu-west-1:123456789012:daemon/prod/agent");
        assert_eq!(names.cluster(), "arn:aws:ecs:eu-west-1:123456789012:cluster/prod");
        let task = names.task(&names.hex("x"));
        let id = task.rsplit('/').next().expect("a last part");
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{task}");
        assert_eq!(names.ec2_instance("p/0.0").len(), 19);
        assert!(names.daemon_revision("agent", "agent:2").contains(":daemon-revision/prod/agent/"));
        assert_ne!(names.daemon_deployment("agent", 1), names.daemon_deployment("agent", 2));
    }

    #[test]
    fn partitions_follow_the_region_and_zones_its_letters() {
        for (region, partition) in
            [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-east-1", "aws")]
        {
            let log = log(region);
            let names = Names { log: &log, run: ROOT };
            assert!(names.cluster().starts_with(&format!("arn:{partition}:")), "{region}");
            assert_eq!((names.zone(0), names.zone(26)), (format!("{region}a"), format!("{region}aa")));
        }
    }
}
