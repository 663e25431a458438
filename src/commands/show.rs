//! `show`: the effective scenario.

use std::io::Write;

use super::Failure;
use super::reading::{Warnings, scenario};
use crate::cli::ShowArgs;

/// Prints the scenario with all defaults filled in and all files inlined, in the format of the file.
///
/// # Errors
/// A file that cannot be read, or is no scenario.
pub fn run(args: &ShowArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let loaded = scenario(&args.file, &args.reading, None, Warnings::Shown)?;
    out.write_all(loaded.effective.as_bytes())?;
    Ok(())
}
