//! `taraf grade`: the grade of what was seen before, from files.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Deserializer, Value};
use taraf_scanner::grade::{Day, Facts};
use taraf_scanner::net::trace::{FORMAT, Recording};
use taraf_scanner::observe::{Observation, SCHEMA};
use taraf_scanner::report::Report;
use taraf_scanner::scan::{self, Trust};

use super::output::{Look, Output};
use super::{Exit, Failure, today, trust};
use crate::cli::{Format, Grade};
use crate::export::printable::printable;
use crate::export::text::words;
use crate::import;
use crate::import::ssllabs::Recorded;

/// Most bytes of a file: thousands of scans, and not a disk image given by mistake.
const MOST_FILE: u64 = 1 << 30;

/// Something that was seen before.
struct Kept {
    observation: Observation,
    /// The facts of each endpoint, where they do not all follow from the observation.
    facts: Option<Vec<Option<Facts>>>,
    /// The day whose rules hold where none is named; `None`: today.
    day: Option<Day>,
}

/// Runs the command.
pub fn run(args: &Grade) -> Result<Exit, Failure> {
    let look = Look {
        format: args.format,
        colour: args.color,
        verbose: args.verbose,
        judging: args.judging,
    };
    look.check()?;
    let trust = trust::of(&args.certificates)?;
    let mut kept = Vec::new();
    for path in &args.files {
        kept.extend(read(path, &trust)?);
    }
    let hosts = kept.len();
    let mut output = Output::new(io::stdout(), look, hosts);
    let mut unscanned = Vec::new();
    for (place, kept) in kept.into_iter().enumerate() {
        let Kept { observation, facts, day } = kept;
        let day = args.judging.rules_at.or(day).unwrap_or_else(today);
        let report = match facts {
            Some(facts) => Report::from_facts(&observation, facts, day),
            None => Report::of(&observation, day),
        };
        if let Some(obstacle) = words::unscanned(&observation) {
            unscanned.push((place, printable(&observation.target.to_string()), obstacle));
        }
        let written = output.add(place, &observation, &report);
        written.map_err(|error| Failure::writing("the report", &error))?;
    }
    output.finish().map_err(|error| Failure::writing("the report", &error))?;
    if unscanned.is_empty() {
        return Ok(Exit::Done);
    }
    if !(hosts == 1 && args.format == Format::Text && io::stdout().is_terminal()) {
        super::tell(&super::scan::summary(&unscanned, hosts));
    }
    Ok(Exit::Unscanned)
}

/// What a file keeps.
fn read(path: &Path, trust: &Trust) -> Result<Vec<Kept>, Failure> {
    let name = match path.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => format!("`{}`", path.display()),
    };
    let wrong = |what: &str| {
        Failure::usage(
            format_args!("{name} cannot be graded: {what}"),
            "give what `taraf scan --format json` or `--format jsonl` printed, a recording made \
             with `--record`, or a result of SSL Labs",
        )
    };
    let mut bytes = Vec::new();
    let from: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(|error| wrong(&error.to_string()))?)
    };
    let read = from.take(MOST_FILE + 1).read_to_end(&mut bytes);
    read.map_err(|error| wrong(&error.to_string()))?;
    if bytes.len() as u64 > MOST_FILE {
        return Err(wrong("it has more than 1 GiB"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut kept = Vec::new();
    for value in Deserializer::from_slice(bytes).into_iter::<Value>() {
        let value = value.map_err(|error| {
            wrong(&format!("it is not JSON: {}", printable(&error.to_string())))
        })?;
        let all = match value {
            Value::Array(all) => all,
            one => vec![one],
        };
        for one in all {
            let place = kept.len() + 1;
            let told = |what: String| wrong(&format!("document {place}: {}", printable(&what)));
            kept.extend(document(one, trust).map_err(told)?);
        }
    }
    if kept.is_empty() { Err(wrong("there is nothing in it")) } else { Ok(kept) }
}

/// One document; what it is shows from its fields.
fn document(value: Value, trust: &Trust) -> Result<Vec<Kept>, String> {
    let has = |key: &str| value.get(key).is_some();
    if has("schema") && has("target") {
        let schema = value.get("schema").and_then(Value::as_u64);
        if schema != Some(u64::from(SCHEMA)) {
            return Err(format!(
                "an observation of schema {}, which this version does not read",
                schema.map_or_else(|| "unknown".to_owned(), |schema| schema.to_string())
            ));
        }
        let observation = typed("an observation", value)?;
        return Ok(vec![Kept { observation, facts: None, day: None }]);
    }
    if has("format") && has("manners") {
        let recording: Recording = typed("a recording", value)?;
        if recording.format != FORMAT {
            return Err(format!("a recording of another form, written by {}", recording.tool));
        }
        return Ok(vec![Kept {
            observation: scan::replay(&recording, trust),
            facts: None,
            day: None,
        }]);
    }
    if value.get("host").is_some_and(Value::is_string) {
        return ssllabs(&value.to_string());
    }
    Err("it is neither an observation, nor a recording, nor a result of SSL Labs".to_owned())
}

fn typed<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("{what} that cannot be read: {error}"))
}

/// A result of SSL Labs, with the clients of that time.
fn ssllabs(text: &str) -> Result<Vec<Kept>, String> {
    let kept = |recorded: Recorded| {
        let Recorded { observation, said } = recorded;
        let day = said.first().map(|said| Day::at(said.at));
        let facts = observation.endpoints.iter().zip(said).map(|(endpoint, said)| {
            let facts = Facts::of(&observation, endpoint)?;
            Some(Facts { at: said.at, clients: said.clients, ..facts })
        });
        Kept { facts: Some(facts.collect()), day, observation: observation.clone() }
    };
    Ok(import::ssllabs::read(text)?.into_iter().map(kept).collect())
}
