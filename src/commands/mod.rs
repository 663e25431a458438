//! One verb each: load, do, write.
//!
//! A verb gets its arguments and a writer for its results and gives back nothing or
//! a [`Failure`], which knows its exit code. Notes and progress go to standard error.

use std::fmt;
use std::io;

pub mod about;
mod arms;
mod assumptions;
pub mod check;
pub mod clock;
pub mod compare;
pub mod completions;
pub mod import;
pub mod init;
mod reading;
pub mod replay;
mod results;
pub mod run;
pub mod schema;
pub mod show;
mod simulate;
pub mod sweep;
mod tables;
pub mod validate;

/// Why a verb did not do what was asked, sorted by exit code.
#[derive(Debug)]
pub enum Failure {
    /// Exit 2: bad usage.
    Usage(String),
    /// Exit 2: a bad scenario; its problems have been rendered already.
    Scenario(String),
    /// Exit 1: the system failed us, or we failed.
    Runtime(String),
    /// Exit 4: what was asked cannot be told from these seeds.
    Inconclusive(String),
    /// The exit code of a report that has been told already.
    Told(u8),
    /// Exit 130: the user interrupted; what has become of the results.
    Interrupted(String),
    /// Exit 0: whoever read our results has read enough.
    ReaderGone,
}

impl Failure {
    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::ReaderGone => 0,
            Self::Runtime(_) => 1,
            Self::Usage(_) | Self::Scenario(_) => 2,
            Self::Inconclusive(_) => 4,
            Self::Told(code) => *code,
            Self::Interrupted(_) => 130,
        }
    }
}

impl fmt::Display for Failure {
    /// What to print on standard error; may be empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Runtime(text) => write!(f, "error: {text}"),
            Self::Scenario(text) | Self::Inconclusive(text) => f.write_str(text),
            Self::Interrupted(text) => write!(f, "interrupted: {text}"),
            Self::Told(_) | Self::ReaderGone => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

/// Errors of writing results; those of files name their path and are made elsewhere.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Runtime(format!("cannot write results: {error}")),
        }
    }
}
