//! What a person sees on standard error while a scan runs: one line, rewritten in place, and only
//! on a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use taraf_scanner::observe::Observation;
use taraf_scanner::scan::Progress as Event;

use crate::cli::Scan;
use crate::export::printable::printable;
use crate::export::text::words;

/// The line is not rewritten more often than this: eyes are slower, and logs of a terminal short.
const PAUSE: Duration = Duration::from_millis(100);

/// Standard error during a scan.
pub struct Progress {
    show: Show,
    hosts: usize,
    width: usize,
    state: Mutex<State>,
}

/// What is told while the scan runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    /// Nothing but errors.
    Errors,
    /// Warnings as well.
    Warnings,
    /// A line rewritten in place.
    Line,
}

struct State {
    begun: Instant,
    drawn: Option<Instant>,
    /// A line stands there and has to be cleared before anything else is written.
    dirty: bool,
    done: usize,
    /// Hosts that are done are told in a line each.
    verbose: bool,
}

impl Progress {
    /// For this many hosts.
    #[must_use]
    pub fn new(args: &Scan, hosts: usize) -> Self {
        let show = match (args.quiet, io::stderr().is_terminal()) {
            (true, _) => Show::Errors,
            (false, true) => Show::Line,
            (false, false) => Show::Warnings,
        };
        let state = State {
            begun: Instant::now(),
            drawn: None,
            dirty: false,
            done: 0,
            verbose: args.verbose,
        };
        Self { show, hosts, width: super::output::width(), state: Mutex::new(state) }
    }

    /// Something happened.
    pub fn hear(&self, event: &Event<'_>) {
        if self.show != Show::Line {
            return;
        }
        let mut state = self.state();
        if state.drawn.is_some_and(|drawn| drawn.elapsed() < PAUSE) {
            return;
        }
        let text = match event {
            Event::Resolved { target, addresses } => {
                format!("{}: {}", target.host, words::count(addresses.len() as u64, "address"))
            }
            Event::Answer { target, address, answers, about } => {
                let elapsed = state.begun.elapsed().as_millis();
                let elapsed = words::seconds(u64::try_from(elapsed).unwrap_or(u64::MAX));
                let answers = words::count(*answers as u64, "answer");
                format!("{} {address}: {answers}, {elapsed}, {}", target.host, printable(about))
            }
            Event::Done { target, address } => format!("{} {address}: done", target.host),
        };
        let text = match self.hosts {
            1 => text,
            hosts => format!("{} of {hosts} done; {text}", state.done),
        };
        // A line that reaches the edge would break, and a broken line cannot be rewritten.
        let text: String = text.chars().take(self.width.saturating_sub(1)).collect();
        state.drawn = Some(Instant::now());
        state.dirty = true;
        tell(&format!("\r\x1b[2K{text}"));
    }

    /// A host is done.
    pub fn host_done(&self, observation: &Observation) {
        let mut state = self.state();
        state.done += 1;
        if state.verbose {
            let connections: u64 =
                observation.endpoints.iter().map(|e| u64::from(e.cost.connections)).sum();
            let text = format!(
                "{}: {}, {}, {}\n",
                printable(&observation.target.to_string()),
                match words::unscanned(observation) {
                    None => "done",
                    Some(_) => "could not be scanned",
                },
                words::count(connections, "connection"),
                words::seconds(observation.duration_ms)
            );
            state.clear();
            tell(&text);
        }
    }

    /// A message that may be left out.
    pub fn warn(&self, text: &str) {
        if self.show != Show::Errors {
            self.state().clear();
            tell(&format!("warning: {}\n", printable(text)));
        }
    }

    /// A message that may not.
    pub fn error(&self, text: &str) {
        self.state().clear();
        tell(text);
    }

    /// Does something while the line is away and cannot come back, such as writing a report to the
    /// same terminal.
    pub fn aside<T>(&self, act: impl FnOnce() -> T) -> T {
        let mut state = self.state();
        state.clear();
        act()
    }

    /// A panic elsewhere leaves nothing here that could be wrong.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.state().clear();
    }
}

impl State {
    fn clear(&mut self) {
        if self.dirty {
            tell("\r\x1b[2K");
            self.dirty = false;
        }
    }
}

/// Nobody can be told when standard error is closed, so that is no reason to stop.
fn tell(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}
