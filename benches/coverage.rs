//! How often intervals and verdicts are right: `cargo bench --bench coverage` prints the table of
//! docs/statistics.md and exits with 1 when a row does not hold what its method promises.

#[path = "coverage/experiments.rs"]
mod experiments;

use std::process::ExitCode;

use self::experiments::{Effort, HEADER, rows};

fn main() -> ExitCode {
    let rows = rows(Effort { divisor: 1 });
    println!("{HEADER}");
    for row in &rows {
        println!("{}", row.line());
    }
    if rows.iter().any(|row| row.holds() == Some(false)) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
