//! `schema`: the JSON Schema of the scenario file.

use std::io::Write;

use super::Failure;

/// Prints the schema, draft 2020-12.
///
/// # Errors
/// When it cannot be written.
pub fn run(out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "{:#}", crate::scenario::schema())?;
    Ok(())
}
