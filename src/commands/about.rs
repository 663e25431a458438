//! `about`: the long text of a problem code, a metric or an assumption.

use std::io::Write;

use super::Failure;
use crate::cli::AboutArgs;
use crate::scenario::about::about;

/// Text wider than this is hard to read.
const WIDTH: usize = 96;

/// Prints the long text.
///
/// # Errors
/// A name that has none, with the one that may have been meant.
pub fn run(args: &AboutArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match about(&args.name) {
        Ok(text) => {
            for line in text.lines() {
                wrap(line, out)?;
            }
            Ok(())
        }
        Err(guess) => {
            let guess = guess.map(|guess| format!(" (did you mean '{guess}'?)")).unwrap_or_default();
            Err(Failure::Usage(format!(
                "there is nothing about '{}'{guess}; `bakeoff about codes`, `metrics` and `assumptions` list what there is",
                args.name
            )))
        }
    }
}

/// Breaks a line at spaces; what follows is indented like its beginning.
fn wrap(line: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let indent = line.len() - line.trim_start().len();
    let mut column = 0;
    for (index, word) in line.split(' ').enumerate() {
        let width = word.chars().count();
        if index > 0 && column + 1 + width > WIDTH {
            write!(out, "\n{:indent$}", "")?;
            column = indent;
        } else if index > 0 {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += width;
    }
    writeln!(out)?;
    Ok(())
}
