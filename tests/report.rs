//! What stands beside the facts in JSON is as `docs/report.schema.json` says, and what the schema
//! names is there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use taraf_scanner::grade::simulate::{Agreement, Failure};
use taraf_scanner::grade::weakness::PostQuantum;
use taraf_scanner::grade::{Day, Effect, Evidence, Language, Letter, Severity};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::note::{Length, NoteOptions, Part, note};
use taraf_scanner::observe::{Contact, Why};
use taraf_scanner::report::{
    Both, Certainty, Difference, Finding, Open, Outcomes, Report, Shown, Simulation, Standing,
    Weakness,
};
use taraf_scanner::scan::{Trust, replay};
use taraf_scanner::wire::{Group, Suite, Version};

/// A report with a note.
#[derive(Serialize)]
struct Document {
    report: Report,
    note: taraf_scanner::note::Note,
}

#[test]
fn every_field_is_described_and_every_description_has_a_field() {
    let schema = schema();
    let mut used = BTreeSet::new();
    let mut documents = recorded();
    documents.push(full());
    for report in documents {
        let note = note(&report, Language::Malay, Length::Short, &NoteOptions::default());
        let document = serde_json::to_value(Document { report, note }).unwrap();
        let mut faults = Vec::new();
        check(&schema, &schema, &document, "", &mut used, &mut faults);
        assert_eq!(faults, [""; 0]);
    }
    let mut described = BTreeSet::new();
    names(&schema, &mut described);
    let unused: Vec<_> = described.difference(&used).collect();
    assert_eq!(unused, [""; 0], "described, but never there");
}

#[test]
fn the_check_sees_what_is_wrong() {
    let schema = schema();
    let report = full();
    let note = note(&report, Language::Malay, Length::Short, &NoteOptions::default());
    let sound = serde_json::to_value(Document { report, note }).unwrap();
    type Plant = fn(&mut Value);
    let plants: [(&str, Plant); 6] = [
        ("a field nobody described", |v| v["report"]["mood"] = json!("fine")),
        ("a field gone", |v| drop(v["report"].as_object_mut().unwrap().remove("certain"))),
        ("another type", |v| v["report"]["at_ms"] = json!("today")),
        ("a letter there is not", |v| v["report"]["grade"] = json!("Z")),
        ("a severity there is not", |v| {
            v["report"]["endpoints"][0]["reasons"][0]["severity"] = json!("dire");
        }),
        ("an effect there is not", |v| {
            v["report"]["endpoints"][0]["reasons"][0]["effect"] = json!({"kind": "none"});
        }),
    ];
    for (what, plant) in plants {
        let mut document = sound.clone();
        plant(&mut document);
        let mut faults = Vec::new();
        check(&schema, &schema, &document, "", &mut BTreeSet::new(), &mut faults);
        assert!(!faults.is_empty(), "{what}");
    }
}

#[test]
fn every_word_of_a_closed_list_is_described() {
    let schema = schema();
    let words = |pointer: &str| -> BTreeSet<String> {
        let list = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        list.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let letters = Letter::ALL.map(|it| it.as_str().to_owned());
    assert_eq!(words("/$defs/letter/enum"), letters.into());
    let named = |all: &[Value]| all.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    let parts: BTreeSet<String> = named(&[
        json!(Part::Reference),
        json!(Part::Remarks),
        json!(Part::ExpectedGrade),
        json!(Part::OtherFaults),
        json!(Part::Tools),
        json!(Part::Details),
        json!(Part::Words),
    ]);
    assert_eq!(words("/$defs/note/properties/left_out/items/enum"), parts);
    let severities: BTreeSet<String> = named(&[
        json!(Severity::Critical),
        json!(Severity::High),
        json!(Severity::Medium),
        json!(Severity::Low),
        json!(Severity::Info),
    ]);
    assert_eq!(words("/$defs/finding/properties/severity/enum"), severities);
    let standings: BTreeSet<String> = named(&[
        json!(Standing::Vulnerable),
        json!(Standing::Potential),
        json!(Standing::NotTestable),
        json!(Standing::NotVulnerable),
    ]);
    assert_eq!(words("/$defs/weakness/properties/verdict/enum"), standings);
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    let text = std::fs::read_to_string(top().join("docs/report.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The reports of the recordings.
fn recorded() -> Vec<Report> {
    let mut paths: Vec<_> = std::fs::read_dir(top().join("tests/recordings"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".rec.json"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 10);
    let read = |path: &std::path::PathBuf| {
        let recording: Recording = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Report::of(&replay(&recording, &Trust::default()), Day::of(2026, 11, 23))
    };
    paths.iter().map(read).collect()
}

/// A report with everything.
fn full() -> Report {
    let both = || Both { ms: "x".to_owned(), en: "x".to_owned() };
    let mut report =
        recorded().into_iter().find(|it| it.target.starts_with("ssl2-and-modern")).unwrap();
    let address = report.endpoints[0].address;
    report.differences = vec![Difference { id: "F-SSL2", title: both(), at: vec![address] }];
    let mut silent = report.endpoints[0].clone();
    silent.result = Outcomes::NotGraded { contact: Contact::Nothing { why: Why::Timeout } };
    let Outcomes::Graded(graded) = &mut report.endpoints[0].result else { panic!() };
    graded.certainty = Certainty::Between { best: Letter::A, worst: Letter::F };
    graded.shown = Shown {
        complete: Some(true),
        name_matches: Some(true),
        trusted: Some(true),
        serial: Some("0a".to_owned()),
        valid_until: Some(1),
    };
    let reason = graded.reasons[0].clone();
    let effects = [Effect::Cap(Letter::B), Effect::Warning, Effect::NoPlus, Effect::Untrusted];
    let more = [Effect::Mismatch, Effect::Revoked, Effect::Fail];
    graded.reasons = effects
        .into_iter()
        .chain(more)
        .map(|effect| Finding { effect, evidence: Evidence::of("n", 1), ..reason.clone() })
        .collect();
    graded.remarks = vec![Finding { effect: Effect::Remark, grade_after: None, ..reason }];
    graded.unknown = vec![Open { id: "F-SSL2", title: both(), why: Why::Paced }];
    graded.to_a = Some(vec!["F-SSL2"]);
    graded.to_a_plus = Some(Vec::new());
    graded.weaknesses = vec![Weakness {
        id: "heartbleed",
        name: both(),
        cve: Some("CVE-2014-0160"),
        verdict: Standing::NotTestable,
        because: both(),
        why: Some(Why::Timeout),
    }];
    graded.post_quantum =
        Some(PostQuantum { groups: vec![Group::X25519MLKEM768], preferred: Some(true) });
    graded.forward_secrecy = Some(4);
    graded.rc4_with_modern = Some(false);
    let fails = |fails| Simulation {
        id: 1,
        client: "Known 1",
        reference: true,
        version: Some(Version::TLS12),
        suite: Some(Suite(0xc02f)),
        group: Some(Group::X25519),
        fails,
        live: Some(Agreement::Agrees),
        seen: None,
    };
    graded.simulations = vec![fails(None), fails(Some(Failure::Limits))];
    report.endpoints.push(silent);
    report
}

/// The names of all fields that the schema describes.
fn names(schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        found.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(all) => all.values().for_each(|it| names(it, found)),
        Value::Array(all) => all.iter().for_each(|it| names(it, found)),
        _ => {}
    }
}

/// Holds a value against a schema, as far as this one goes: references, alternatives, closed
/// objects, lists, types and closed lists of words.
fn check(
    root: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
    used: &mut BTreeSet<String>,
    faults: &mut Vec<String>,
) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let found = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name}"));
        return check(root, found, value, at, used, faults);
    }
    if let Some(choices) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        let mut reasons = Vec::new();
        for choice in choices.as_array().unwrap() {
            let (mut own, mut found) = (BTreeSet::new(), Vec::new());
            check(root, choice, value, at, &mut own, &mut found);
            if found.is_empty() {
                return used.extend(own);
            }
            reasons.extend(found);
        }
        return faults.push(format!("{at}: fits no choice: {}", reasons.join("; ")));
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    let fits = match schema.get("type") {
        Some(Value::String(name)) => is(name),
        Some(Value::Array(names)) => names.iter().any(|name| is(name.as_str().unwrap())),
        _ => true,
    };
    if !fits {
        faults.push(format!("{at}: another type: {value}"));
    }
    if schema.get("const").is_some_and(|want| want != value) {
        faults.push(format!("{at}: not the constant: {value}"));
    }
    let listed = schema.get("enum").and_then(Value::as_array);
    if listed.is_some_and(|list| !list.contains(value)) {
        faults.push(format!("{at}: not in the list: {value}"));
    }
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        for (place, item) in list.iter().enumerate() {
            check(root, items, item, &format!("{at}/{place}"), used, faults);
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    if let (Some(properties), Some(object)) = (properties, value.as_object()) {
        for (key, inner) in object {
            let place = format!("{at}/{key}");
            match properties.get(key) {
                Some(schema) => {
                    used.insert(key.clone());
                    check(root, schema, inner, &place, used, faults);
                }
                None => faults.push(format!("{place}: not described")),
            }
        }
        for key in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(key.as_str().unwrap()) {
                faults.push(format!("{at}: without {key}"));
            }
        }
    }
}
