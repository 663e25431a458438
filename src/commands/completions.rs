//! `completions`: a completion script for a shell.

use std::io::Write;

use clap::CommandFactory;

use super::Failure;
use crate::cli::{Cli, CompletionsArgs};

/// Writes the script to `out`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Result<(), Failure> {
    // The generator panics on a closed pipe, so it gets memory to write to.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bakeoff", &mut script);
    out.write_all(&script)?;
    Ok(())
}
