//! Recorded results of SSL Labs, graded again: the letters have to agree.
//!
//! The records are not part of the repository. They are looked for in `TARAF_CORPUS`, else in
//! `shared/corpus` beside the repository; below it stand documents as `import::ssllabs` reads them,
//! in any depth. Without them, the test says so and passes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail"
)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use taraf::export;
use taraf::import::ssllabs::{self, Said};
use taraf_scanner::grade::{Day, Facts, Grade, Letter, grade};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::observe::{Contact, Endpoint, Observation};
use taraf_scanner::pki::store::Stores;
use taraf_scanner::report::Report;
use taraf_scanner::scan::{Trust, replay};
use taraf_scanner::wire::{Suite, Version};

#[test]
fn every_recorded_grade_is_ours() {
    let Some(corpus) = corpus() else { return };
    let files = documents(&corpus);
    assert!(!files.is_empty(), "{} has no documents", corpus.display());
    let mut differ = Vec::new();
    let mut graded = 0;
    for file in &files {
        let name = file.strip_prefix(&corpus).unwrap().display();
        let text = fs::read_to_string(file).unwrap();
        let all = match ssllabs::read(&text) {
            Ok(all) => all,
            Err(error) => {
                differ.push(format!("{name}: {error}"));
                continue;
            }
        };
        for recorded in &all {
            for (facts, said) in recorded.facts() {
                // A test that was not over has no grade to agree with.
                if said.grade.is_some() {
                    graded += 1;
                    differ.extend(difference(&facts, said).map(|it| format!("{name}: {it}")));
                }
            }
        }
    }
    eprintln!("{} of {graded} recorded grades agree", graded - differ.len().min(graded));
    assert!(graded > 0, "nothing in {} was graded", corpus.display());
    let count = differ.len();
    assert!(differ.is_empty(), "{count} of {graded} differ:\n{}", differ.join("\n"));
}

/// How our grade differs from what was said; what was not said cannot differ.
fn difference(facts: &Facts, said: &Said) -> Option<String> {
    let ours = grade(facts, Day::at(said.at));
    let agrees = said.grade.is_none_or(|it| it == ours.letter.ssllabs())
        && said.trust_ignored.is_none_or(|it| it == ours.trust_ignored)
        && said.warnings.is_none_or(|it| it == ours.warnings)
        && said.exceptional.is_none_or(|it| it == ours.exceptional);
    if agrees {
        return None;
    }
    let letter = |it: Option<Letter>| it.map_or("?", Letter::as_str);
    let flag = |it: Option<bool>| it.map_or("?", |it| if it { "yes" } else { "no" });
    let Grade { letter: own, trust_ignored, warnings, exceptional, .. } = &ours;
    let held: Vec<_> = ours.held().into_iter().map(|(rule, _)| rule.id).collect();
    Some(format!(
        "{}: said {} ({}), warnings {}, exceptional {}; ours {own} ({trust_ignored}), \
         warnings {}, exceptional {}: {}",
        Day::at(said.at),
        letter(said.grade),
        letter(said.trust_ignored),
        flag(said.warnings),
        flag(said.exceptional),
        flag(Some(*warnings)),
        flag(Some(*exceptional)),
        held.join(" "),
    ))
}

/// What is written as a document of SSL Labs is read from it again.
#[test]
fn our_own_documents_are_read_back() {
    let mut suites = 0;
    for (name, observation) in recordings() {
        let report = Report::of(&observation, Day::of(2026, 11, 23));
        let document = export::ssllabs::host(&observation, &report).to_string();
        let read = ssllabs::read(&document).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read.len(), 1, "{name}");
        let back = &read[0].observation;
        assert_eq!(back.target.host, observation.target.host, "{name}");
        assert_eq!(back.target.port, observation.target.port, "{name}");
        assert_eq!(back.endpoints.len(), observation.endpoints.len(), "{name}");
        for (back, own) in back.endpoints.iter().zip(&observation.endpoints) {
            assert_eq!(back.address, own.address, "{name}");
            assert_eq!(back.contact == Contact::Tls, own.contact == Contact::Tls, "{name}");
            assert_eq!(spoken(back), spoken(own), "{name}");
            for version in Version::ALL {
                let ((accepted, order), own) = (list(back, version), list(own, version));
                assert_eq!((&accepted, order), (&own.0, own.1), "{name}: {version}");
                suites += accepted.len();
            }
        }
    }
    assert!(suites > 50, "only {suites} suites in all recordings");
}

/// What they said of flaws is said again where it is known, from the table of known weaknesses.
#[test]
fn recorded_flaws_are_said_again() {
    const FLAWS: [&str; 14] = [
        "heartbleed",
        "openSslCcs",
        "openSSLLuckyMinus20",
        "ticketbleed",
        "bleichenbacher",
        "zombiePoodle",
        "goldenDoodle",
        "zeroLengthPaddingOracle",
        "sleepingPoodle",
        "poodleTls",
        "poodle",
        "freak",
        "drownVulnerable",
        "renegSupport",
    ];
    let Some(corpus) = corpus() else { return };
    let (mut same, mut differ) = (0, Vec::new());
    // A whole report takes its time, so not every document has its turn.
    for file in documents(&corpus).into_iter().step_by(12) {
        let text = fs::read_to_string(&file).unwrap();
        let said: Value = serde_json::from_str(&text).unwrap();
        let Some(said) = details(&said) else { continue };
        for recorded in ssllabs::read(&text).unwrap_or_default() {
            let observation = &recorded.observation;
            let document =
                export::ssllabs::host(observation, &Report::of(observation, Day::of(2026, 11, 23)));
            let Some(ours) = details(&document) else { continue };
            for key in FLAWS {
                let value = |details: &Value| match &details[key] {
                    Value::Bool(flag) => Some(i64::from(*flag)),
                    // Whether it is required, nobody asks but they.
                    number if key == "renegSupport" => number.as_i64().map(|it| it & 7),
                    number => number.as_i64(),
                };
                match (value(said).filter(|it| *it >= 0), value(ours)) {
                    (Some(said), Some(ours)) if said != ours => {
                        differ.push(format!("{}: {key}: {said}, ours {ours}", file.display()));
                    }
                    (Some(_), Some(_)) => same += 1,
                    _ => {}
                }
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(same > 200, "only {same} were compared");
}

/// The details of the first address that has some.
fn details(document: &Value) -> Option<&Value> {
    match document {
        Value::Object(fields) => {
            fields.get("details").or_else(|| fields.values().find_map(details))
        }
        Value::Array(items) => items.iter().find_map(details),
        _ => None,
    }
}

/// The versions known to be spoken.
fn spoken(endpoint: &Endpoint) -> Vec<Version> {
    endpoint.protocols.iter().filter(|it| it.spoken.is_yes()).map(|it| it.version).collect()
}

/// The suites of a version, and who decides among them.
fn list(endpoint: &Endpoint, version: Version) -> (Vec<Suite>, Option<bool>) {
    let found = endpoint.suites.iter().find(|it| it.version == version);
    // An empty list has no order, and no place in a document.
    let found = found.filter(|it| !it.accepted.is_empty());
    found.map(|it| (it.accepted.clone(), it.server_order.known())).unwrap_or_default()
}

/// Where the records are, if there are any.
fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let named = env::var_os("TARAF_CORPUS").filter(|it| !it.is_empty()).map(PathBuf::from);
    let corpus = named.clone().unwrap_or_else(beside);
    if corpus.is_dir() {
        return Some(corpus);
    }
    assert!(named.is_none(), "TARAF_CORPUS is not a directory: {}", corpus.display());
    eprintln!("SKIPPED: no recorded results in {}; set TARAF_CORPUS", corpus.display());
    None
}

/// Every document below a directory.
fn documents(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|it| it == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every recording of the repository, replayed.
fn recordings() -> Vec<(String, Observation)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut found = Vec::new();
    for path in documents(&directory) {
        let file = path.file_name().unwrap().to_str().unwrap();
        if let Some(name) = file.strip_suffix(".rec.json") {
            let recording: Recording = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let trust = Trust { stores: Stores::none(), known: Arc::default(), expected: None };
            found.push((name.to_owned(), replay(&recording, &trust)));
        }
    }
    assert!(!found.is_empty());
    found
}
