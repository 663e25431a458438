//! Names and ARNs.
//!
//! A scenario names things plainly and an AWS request names them by ARN; both mean
//! the same thing here, because an ARN resolves by its last part.

/// The last part of an ARN's resource, or the whole text if it is no ARN.
///
/// `arn:aws:ecs:eu-west-1:123456789012:daemon/my-cluster/agent` is `agent`, and
/// `…:daemon-task-definition/agent:7` is `agent:7`.
///
/// # Errors
/// In words, when the text begins like an ARN and is not a whole one, or is of another kind of resource.
pub fn plain_name<'a>(text: &'a str, resource: &str) -> Result<&'a str, String> {
    if !text.starts_with("arn:") {
        return Ok(text);
    }
    // arn : partition : service : region : account : resource, which may hold colons itself.
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [_, partition, service, _, _, path] = parts[..] else {
        return Err(format!("'{text}' is not a whole ARN"));
    };
    if partition.is_empty() || service.is_empty() {
        return Err(format!("'{text}' is not a whole ARN"));
    }
    let (kind, name) = match resource {
        "alarm" => path.split_once(':').unwrap_or((path, "")),
        _ => path.split_once('/').unwrap_or((path, "")),
    };
    if kind != resource {
        return Err(format!("the ARN of a {kind}, where one of a {resource} is wanted"));
    }
    let name = if resource == "alarm" { name } else { name.rsplit('/').next().unwrap_or_default() };
    if name.is_empty() { Err(format!("'{text}' names nothing")) } else { Ok(name) }
}

/// Family and revision of a task definition's name; without a number it means the latest revision.
///
/// # Errors
/// In words, when what follows the colon is not a revision number.
pub fn family_and_revision(name: &str) -> Result<(&str, Option<u32>), String> {
    match name.rsplit_once(':') {
        None => Ok((name, None)),
        Some((family, number)) => match number.parse::<u32>() {
            Ok(revision) if revision > 0 && !family.is_empty() => Ok((family, Some(revision))),
            _ => Err(format!("'{number}' is not a revision number")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_resolves_by_its_last_part() {
        for (arn, resource, name) in [
            (
                "arn:aws:ecs:us-east-1:123456789012:daemon/my-cluster/my-monitoring-daemon",
                "daemon",
                "my-monitoring-daemon",
            ),
            (
                "arn:aws:ecs:us-east-1:123456789012:daemon-task-definition/agent:1",
                "daemon-task-definition",
                "agent:1",
            ),
            ("arn:aws-cn:ecs:cn-north-1:1:capacity-provider/x", "capacity-provider", "x"),
            ("arn:aws:ecs:us-east-1:1:cluster/c", "cluster", "c"),
            ("arn:aws:cloudwatch:us-east-1:1:alarm:web 5xx", "alarm", "web 5xx"),
            ("plain", "daemon", "plain"),
        ] {
            assert_eq!(plain_name(arn, resource), Ok(name), "{arn}");
        }
    }

    #[test]
    fn an_arn_of_another_kind_is_refused() {
        let arn = "arn:aws:ecs:us-east-1:1:service/c/web";
        assert_eq!(
            plain_name(arn, "daemon"),
            Err("the ARN of a service, where one of a daemon is wanted".into())
        );
        assert!(plain_name("arn:aws:ecs", "daemon").is_err());
        assert!(plain_name("arn:aws:ecs:::daemon/", "daemon").is_err());
    }

    #[test]
    fn a_task_definition_without_a_number_means_the_latest() {
        assert_eq!(family_and_revision("agent:7"), Ok(("agent", Some(7))));
        assert_eq!(family_and_revision("agent"), Ok(("agent", None)));
        assert!(family_and_revision("agent:seven").is_err());
        assert!(family_and_revision("agent:0").is_err());
        assert!(family_and_revision(":3").is_err());
    }
}
