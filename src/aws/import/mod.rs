//! From files that AWS's tools write and take to a scenario.
//!
//! Each file is recognised by its content and read into an [`Intake`]: requests in
//! order, task definitions, capacity providers, services, alarms. From these a
//! scenario is written, with comments on what came from where and what is assumed.

mod cloudformation;
mod compose;
mod describe;
mod functions;
mod intake;
mod numbers;
mod plan;
mod recognise;
mod references;
mod requests;
mod resources;
mod rollout;
mod sizes;
mod spelling;
mod writer;

pub use intake::{Intake, Options};

use crate::scenario::problem::{Problem, Severity};
use crate::scenario::{Code, NoFiles, load};

/// What came of the files.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The scenario, with comments.
    pub text: String,
    /// What had to be assumed, in words, a line each.
    pub assumed: Vec<String>,
    /// What the files have and the scenario has not, with the reason, a line each.
    pub left_out: Vec<String>,
    /// Warnings about the files.
    pub warnings: Vec<Problem>,
    /// Lints of the scenario.
    pub lints: Vec<Problem>,
}

/// A scenario of files, given by name and text; `target` is what problems call the scenario.
///
/// # Errors
/// Every problem of every file, in their order.
pub fn import(files: &[(String, String)], target: &str, options: &Options) -> Result<Imported, Vec<Problem>> {
    let mut intake = Intake::new(options);
    for (name, text) in files {
        intake.read(name, text);
    }
    intake.check_parameters();
    let scenario = compose::compose(&mut intake);
    let has_errors = intake.problems.iter().any(|problem| problem.severity == Severity::Error);
    let Some(scenario) = scenario.filter(|_| !has_errors) else {
        return Err(intake.into_problems());
    };
    let mut factor = 1;
    loop {
        let (text, assumed) = scenario.write(factor);
        match load(target, &text, &NoFiles, &[]) {
            Ok(loaded) => {
                return Ok(Imported {
                    text,
                    assumed,
                    left_out: scenario.left_out,
                    warnings: intake.into_problems(),
                    lints: loaded.warnings,
                });
            }
            // Where the size of the fleet is ours to choose, it has to hold what runs on it.
            Err(problems)
                if options.instances.is_none()
                    && factor < 1024
                    && problems.iter().any(|problem| problem.code == Code::LayoutImpossible) =>
            {
                factor *= 2;
            }
            Err(problems) => return Err(problems),
        }
    }
}
