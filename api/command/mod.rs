//! One file per command, and the ways a command can end.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use taraf_scanner::grade::Day;

use crate::cli::{Cli, Command};

pub mod certificate;
pub mod file;
pub mod grade;
pub mod hosts;
pub mod intermediates;
pub mod output;
pub mod progress;
pub mod rules;
pub mod scan;
pub mod trust;

/// Runs what was typed.
pub fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        Command::Scan(args) => with_network(scan::run(*args)),
        Command::File(args) => file::run(&args),
        Command::Grade(args) => grade::run(&args),
        Command::Rules(args) => rules::run(&args),
    }
}

/// Runs what needs sockets and timers.
fn with_network(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::ours("the runtime cannot be started", error))?;
    let end = runtime.block_on(work);
    // What is still under way is of no use any more, for instance after a broken pipe.
    runtime.shutdown_background();
    end
}

/// The day it is, in UTC.
fn today() -> Day {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Day::at(i64::try_from(since.as_secs()).unwrap_or(0))
}

/// A message on standard error; nobody is left to tell if it is closed.
fn tell(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// The exit codes, a promise to pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every host was scanned; every file could be read, and they belong together.
    Done,
    /// Something is wrong with the files.
    Faulty,
    /// Wrong usage.
    Usage,
    /// At least one host could not be scanned.
    Unscanned,
    /// A failure of ours, or of the machine.
    Ours,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Faulty => 1,
            Exit::Usage => 2,
            Exit::Unscanned => 3,
            Exit::Ours => 4,
        })
    }
}

/// Why a command did not come to its end.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for cannot be done; it is for the user to change it.
    Usage {
        /// What happened, and to what.
        what: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// It is no fault of the user.
    Ours {
        /// What happened, and to what.
        what: String,
    },
    /// Whoever read the output has closed it: no failure at all, but a reason to stop.
    PipeClosed,
}

impl Failure {
    /// Something the user has to change, and how.
    pub fn usage(what: impl Display, hint: impl Display) -> Self {
        Self::Usage { what: what.to_string(), hint: Some(hint.to_string()) }
    }

    /// Something that ought not to happen, and its cause.
    pub fn ours(what: impl Display, cause: impl Display) -> Self {
        Self::Ours { what: format!("{what}: {cause}") }
    }

    /// The report could not be written.
    #[must_use]
    pub fn writing(to: impl Display, cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::BrokenPipe => Self::PipeClosed,
            _ => Self::ours(format_args!("{to} cannot be written"), cause),
        }
    }

    /// The message for the person at the terminal, if there is something to say.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Usage { what, hint: None } | Self::Ours { what } => {
                Some(format!("error: {what}\n"))
            }
            Self::Usage { what, hint: Some(hint) } => {
                Some(format!("error: {what}\n\nhint: {hint}\n"))
            }
            Self::PipeClosed => None,
        }
    }

    /// The exit code that goes with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::Ours { .. } => Exit::Ours,
            Self::PipeClosed => Exit::Done,
        }
    }
}
