#![allow(dead_code, unused_imports)]
pub mod fleet {
    #[path = "/work/wt/M2/tests/it/fleet/kit.rs"]
    mod kit;
    #[path = "/work/wt/M2/tests/it/fleet/properties.rs"]
    mod properties;
    #[path = "/work/wt/M2/tests/it/fleet/rules_several_daemons.rs"]
    mod rules_several_daemons;
    #[path = "/work/wt/M2/tests/it/fleet/rules_tasks.rs"]
    mod rules_tasks;
    use bakeoff::fleet::{LogEntry, Workspace, narrate, simulate, simulate_checked};
    use bakeoff::outcome::Outcome;
    use bakeoff::scenario::{NoFiles, Scenario, load};
    pub(crate) fn scenario(text: &str) -> Scenario {
        match load("test.yaml", text, &NoFiles, &[]) {
            Ok(loaded) => loaded.scenario,
            Err(problems) => {
                let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
                panic!("the scenario is refused: {}", messages.join("; "))
            }
        }
    }
    pub(crate) fn quick(scenario: &Scenario, seed: u64, workspace: &mut Workspace) -> Outcome {
        simulate(scenario, seed, workspace, &|| false).expect("nobody interrupts")
    }
}
