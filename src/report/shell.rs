//! Commands to be pasted into a shell.

/// An argument as a POSIX shell takes it.
pub fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_survive_a_shell() {
        assert_eq!(quoted("scenarios/a-b_1.yaml"), "scenarios/a-b_1.yaml");
        assert_eq!(quoted("my rollout.yaml"), "'my rollout.yaml'");
        assert_eq!(quoted("it's.yaml"), r"'it'\''s.yaml'");
        assert_eq!(quoted(""), "''");
    }
}
