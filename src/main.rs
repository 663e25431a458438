//! Parses the command line, dispatches, prints the error, sets the exit code.

use std::io::{self, BufWriter, Write};
use std::panic::catch_unwind;
use std::process::ExitCode;

use bakeoff::cli::{Cli, Verb};
use bakeoff::commands::{
    Failure, about, check, compare, completions, import, init, replay, run, schema, show, sweep, validate,
};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // A panic of ours has printed its own message by now; what is left to us is the exit code.
    let result = catch_unwind(|| dispatch(&cli.verb)).unwrap_or_else(|_| {
        Err(Failure::Runtime(
            "bakeoff panicked, which is a bug; please report it with the lines above".to_owned(),
        ))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let text = failure.to_string();
            if !text.is_empty() {
                // If standard error is closed there is nobody left to tell.
                let _ = writeln!(anstream::stderr(), "{text}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}

fn dispatch(verb: &Verb) -> Result<(), Failure> {
    let mut out = BufWriter::new(anstream::AutoStream::auto(io::stdout()));
    let result = match verb {
        Verb::Init(args) => init::run(args, &mut out),
        Verb::Validate(args) => validate::run(args, &mut out),
        Verb::Show(args) => show::run(args, &mut out),
        Verb::Run(args) => run::run(args, &mut out),
        Verb::Compare(args) => compare::run(args, &mut out),
        Verb::Sweep(args) => sweep::run(args, &mut out),
        Verb::Check(args) => check::run(args, &mut out),
        Verb::Replay(args) => replay::run(args, &mut out),
        Verb::Import(args) => import::run(args, &mut out),
        Verb::About(args) => about::run(args, &mut out),
        Verb::Schema => schema::run(&mut out),
        Verb::Completions(args) => completions::run(args, &mut out),
    };
    // What a verb has said before it failed is shown; why it failed counts for more than whether that worked.
    let shown = out.flush();
    result?;
    Ok(shown?)
}
