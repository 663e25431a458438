//! `validate`: every problem of every file.

use std::io::Write;

use super::Failure;
use super::reading::{examine, render};
use crate::cli::ValidateArgs;
use crate::scenario::{Severity, deny};

/// Prints the problems of each file and a line that counts them.
///
/// # Errors
/// A file that cannot be read (exit 1; the others are looked at all the same), or a
/// problem that is an error (exit 2).
pub fn run(args: &ValidateArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let (mut unreadable, mut unread) = (None, 0);
    let (mut errors, mut warnings) = (0, 0);
    for path in &args.files {
        let mut problems = match examine(path, &args.reading, None) {
            Ok(Ok(loaded)) => loaded.warnings,
            Ok(Err(problems)) => problems,
            Err(Failure::Runtime(reason)) => {
                unread += 1;
                unreadable = Some(match unreadable {
                    None => reason,
                    Some(before) => format!("{before}\nerror: {reason}"),
                });
                continue;
            }
            Err(failure) => return Err(failure),
        };
        deny(&mut problems, &args.reading.deny);
        if !problems.is_empty() {
            writeln!(out, "{}\n", render(&problems))?;
        }
        let bad = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        errors += bad;
        warnings += problems.len() - bad;
    }
    let mut files = count(args.files.len() - unread, "file");
    if unread > 0 {
        files = format!("{unread} unreadable; {files}");
    }
    if errors + warnings == 0 {
        writeln!(out, "{files}, no problems")?;
    } else {
        writeln!(out, "{files}, {}, {}", count(errors, "error"), count(warnings, "warning"))?;
    }
    if let Some(reason) = unreadable {
        return Err(Failure::Runtime(reason));
    }
    // The problems are what was asked for and have been printed; only the exit code is left to say.
    if errors > 0 { Err(Failure::Scenario(String::new())) } else { Ok(()) }
}

fn count(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}
