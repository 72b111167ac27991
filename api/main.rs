//! The program: reads the command line, calls one function, turns the outcome into an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use taraf::cli::Cli;
use taraf::command::{self, Exit};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            // Help and version come this way too. Nobody is left to tell if the pipe is closed.
            let _ = message.print();
            return if message.use_stderr() { Exit::Usage } else { Exit::Done }.into();
        }
    };
    match command::run(cli) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if let Some(text) = failure.text() {
                let _ = std::io::stderr().write_all(text.as_bytes());
            }
            failure.exit().into()
        }
    }
}
