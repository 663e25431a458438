//! Parses the command line, dispatches, prints the error, sets the exit code.

fn main() {}
