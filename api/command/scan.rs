//! `taraf scan`: many hosts at once, reports in their order, and one exit code for all of them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use taraf_scanner::Manners;
use taraf_scanner::net::dns::Dns;
use taraf_scanner::net::fetch::Fetcher;
use taraf_scanner::net::trace::{FORMAT, Recording};
use taraf_scanner::observe::Observation;
use taraf_scanner::report::Report;
use taraf_scanner::scan::{self, Addresses, Family, Options, Ssl2Keys, Trust};
use taraf_scanner::target::Target;
use tokio::task::JoinSet;

use super::intermediates::Kept;
use super::output::{Look, Output};
use super::progress::Progress;
use super::{Exit, Failure, certificate, hosts, trust};
use crate::cli::{Format, Scan};
use crate::export::printable::printable;
use crate::export::text::words::{self, Obstacle};

/// Most hosts named one by one in the message about those that could not be scanned.
const MOST_NAMED: usize = 20;

/// Runs the command.
pub async fn run(args: Scan) -> Result<Exit, Failure> {
    let look = Look {
        format: args.format,
        colour: args.color,
        verbose: args.verbose,
        judging: args.judging,
    };
    look.check()?;
    let day = args.judging.rules_at.unwrap_or_else(super::today);
    let mut trust = trust::of(&args.certificates)?;
    trust.expected = args.certificate.as_deref().map(certificate::read).transpose()?;
    let jobs = match &args.replay {
        Some(path) => recordings(path, &trust)?,
        None => live(&args, &trust)?,
    };
    let mut record = args.record.as_deref().map(Record::create).transpose()?;
    let hosts = jobs.len();
    let progress = Arc::new(Progress::new(&args, hosts));
    warn_of_needless(&args, &jobs, &progress);
    let mut output = Output::new(io::stdout(), look, hosts);
    let mut unscanned = Vec::new();
    let mut broken = 0_usize;

    let mut waiting = jobs.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut places = HashMap::new();
    loop {
        while running.len() < usize::from(args.jobs) {
            let Some((place, job)) = waiting.next() else { break };
            // A recording may name its target as it likes.
            let name = printable(&job.to_string());
            let task = running.spawn(perform(job, Arc::clone(&progress)));
            places.insert(task.id(), (place, name));
        }
        let Some(end) = running.join_next_with_id().await else { break };
        let id = end.as_ref().map_or_else(tokio::task::JoinError::id, |(id, _)| *id);
        let Some((place, name)) = places.remove(&id) else { continue };
        let written = match end {
            Ok((_, (observation, recording))) => {
                if let (Some(record), Some(recording)) = (&mut record, recording) {
                    record.add(&recording)?;
                }
                if let Some(obstacle) = words::unscanned(&observation) {
                    unscanned.push((place, name, obstacle));
                }
                progress.host_done(&observation);
                let report = Report::of(&observation, day);
                progress.aside(|| output.add(place, &observation, &report))
            }
            Err(error) => {
                broken += 1;
                progress.error(&format!("error: the scan of {name} broke off: {error}\n"));
                progress.aside(|| output.skip(place))
            }
        };
        written.map_err(|error| Failure::writing("the report", &error))?;
    }
    progress.aside(|| output.finish()).map_err(|error| Failure::writing("the report", &error))?;

    if broken > 0 {
        return Ok(Exit::Ours);
    }
    if unscanned.is_empty() {
        return Ok(Exit::Done);
    }
    // Who has just read the only report on the same terminal need not be told twice.
    if !(hosts == 1 && args.format == Format::Text && io::stdout().is_terminal()) {
        unscanned.sort_by_key(|(place, ..)| *place);
        progress.error(&summary(&unscanned, hosts));
    }
    Ok(Exit::Unscanned)
}

/// One host, or the recording of one.
enum Job {
    Live { target: Target, options: Box<Options> },
    Replay { recording: Box<Recording>, trust: Trust },
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Live { target, .. } => target.fmt(f),
            Self::Replay { recording, .. } => recording.target.fmt(f),
        }
    }
}

async fn perform(job: Job, progress: Arc<Progress>) -> (Observation, Option<Recording>) {
    match job {
        Job::Live { target, options } => {
            let hear = move |event: scan::Progress<'_>| progress.hear(&event);
            let scan = scan::scan(&target, &options, &hear).await;
            Kept::here().keep(&scan.observation);
            (scan.observation, Some(scan.recording))
        }
        Job::Replay { recording, trust } => (scan::replay(&recording, &trust), None),
    }
}

/// The jobs the command line asks for.
fn live(args: &Scan, trust: &Trust) -> Result<Vec<Job>, Failure> {
    let targets = hosts::targets(args)?;
    let dns = if args.dns.is_empty() { Dns::system() } else { Dns::server(args.dns.clone()) };
    let fetcher = if args.offline { Fetcher::offline() } else { Fetcher::new(dns.clone()) };
    let ssl2_keys = Ssl2Keys::default();
    let job = |target: Target| {
        let options = Options {
            addresses: addresses(args, &target),
            family: family(args),
            manners: manners(args),
            simulate_live: args.simulate_live,
            trust: trust.clone(),
            dns: dns.clone(),
            fetcher: fetcher.clone(),
            ssl2_keys: ssl2_keys.clone(),
        };
        Job::Live { target, options: Box::new(options) }
    };
    Ok(targets.into_iter().map(job).collect())
}

/// Where to find the host: an address named for it alone counts more than one for all hosts.
fn addresses(args: &Scan, target: &Target) -> Addresses {
    let mut given: Vec<IpAddr> = Vec::new();
    let meant = args.resolve.iter().filter(|given| given.fits(target));
    let mut all = meant.flat_map(|given| &given.addresses).peekable();
    let all: &mut dyn Iterator<Item = &IpAddr> =
        if all.peek().is_some() { &mut all } else { &mut args.ip.iter() };
    for ip in all {
        if !given.contains(ip) {
            given.push(*ip);
        }
    }
    if given.is_empty() { Addresses::Resolve } else { Addresses::Given(given) }
}

fn family(args: &Scan) -> Family {
    match (args.ipv4, args.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    }
}

/// How hard to ask: one of two presets, and what the user changes about it.
fn manners(args: &Scan) -> Manners {
    let mut manners = if args.fast { Manners::fast() } else { Manners::polite() };
    if let Some(concurrency) = args.concurrency {
        manners.at_once = usize::from(concurrency);
    }
    if let Some(rate) = args.rate {
        manners.per_second = Some(rate);
    }
    if let Some(most) = args.max_connections {
        manners.most_connections = most;
    }
    if let Some(timeout) = args.timeout {
        manners.most_time = timeout;
        manners.patience = manners.patience.min(timeout);
    }
    if args.no_flaws {
        manners.flaws.clear();
    } else if !args.flaws.is_empty() {
        manners.flaws = args.flaws.iter().copied().collect();
    }
    manners
}

/// A `--resolve` with a typing error would scan another server than the one meant.
fn warn_of_needless(args: &Scan, jobs: &[Job], progress: &Progress) {
    for given in &args.resolve {
        let fits = |job: &Job| matches!(job, Job::Live { target, .. } if given.fits(target));
        if !jobs.iter().any(fits) {
            progress.warn(&format!("`--resolve` is for {given}, which is not scanned"));
        }
    }
}

/// The recordings of a file, one after another.
fn recordings(path: &Path, trust: &Trust) -> Result<Vec<Job>, Failure> {
    let wrong = |what: String| {
        Failure::usage(
            format_args!("the recording `{}` cannot be used: {what}", path.display()),
            "give a file that `taraf scan --record FILE` has written",
        )
    };
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let read = serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter();
    let mut jobs = Vec::new();
    for recording in read {
        let recording: Recording =
            recording.map_err(|error| wrong(printable(&error.to_string())))?;
        if recording.format != FORMAT {
            let made = printable(&recording.tool);
            return Err(wrong(format!("it is of another form, written by {made}")));
        }
        jobs.push(Job::Replay { recording: Box::new(recording), trust: trust.clone() });
    }
    if jobs.is_empty() { Err(wrong("it is empty".to_owned())) } else { Ok(jobs) }
}

/// The file that keeps the conversations, a line of JSON for each host.
struct Record {
    name: String,
    file: BufWriter<File>,
}

impl Record {
    fn create(path: &Path) -> Result<Self, Failure> {
        let name = format!("the recording `{}`", path.display());
        match File::create(path) {
            Ok(file) => Ok(Self { name, file: BufWriter::new(file) }),
            Err(error) => Err(Failure::usage(
                format_args!("{name} cannot be written: {error}"),
                "name a file in a directory that exists and may be written to",
            )),
        }
    }

    fn add(&mut self, recording: &Recording) -> Result<(), Failure> {
        let mut write = || {
            serde_json::to_writer(&mut self.file, recording)?;
            self.file.write_all(b"\n")?;
            self.file.flush()
        };
        write()
            .map_err(|error| Failure::ours(format_args!("{} cannot be written", self.name), error))
    }
}

/// Which hosts could not be scanned, and why.
pub(super) fn summary(unscanned: &[(usize, String, Obstacle)], hosts: usize) -> String {
    if let [(_, name, obstacle)] = unscanned {
        let hint = obstacle.hint.as_ref().map(|hint| format!("\nhint: {hint}\n"));
        let hint = hint.unwrap_or_default();
        return format!("error: {name} could not be scanned: {}\n{hint}", obstacle.what);
    }
    let mut text = format!("error: {} of {hosts} hosts could not be scanned:\n", unscanned.len());
    for (_, name, obstacle) in unscanned.iter().take(MOST_NAMED) {
        text.push_str(&format!("  {name}: {}\n", obstacle.what));
    }
    if let Some(more) = unscanned.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        text.push_str(&format!("  and {more} more\n"));
    }
    text
}
