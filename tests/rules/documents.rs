//! `docs/RULES.md` and `docs/CONFORMANCE.md` say what the tables and the fixtures say. To make
//! them anew after a change:
//!
//! ```text
//! TARAF_WRITE_DOCS=1 cargo test --test rules
//! ```

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use taraf_scanner::grade::{CRITERIA, Day, Effect, Rule, rules};

use crate::fixtures::{self, Fixture};

#[test]
fn the_document_of_rules_is_current() {
    check("docs/RULES.md", &rules_document());
}

#[test]
fn the_document_of_conformance_is_current() {
    check("docs/CONFORMANCE.md", &conformance_document());
}

fn check(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("TARAF_WRITE_DOCS").is_some() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = made.lines().zip(found.lines()).find(|(made, found)| made != found);
    assert!(made == found, "{path}: run with TARAF_WRITE_DOCS=1; first difference: {differs:#?}");
}

fn rules_document() -> String {
    let mut out = format!(
        "# The rules\n\n\
         <!-- Made from the tables in scanner/src/grade/rules by tests/rules. -->\n\n\
         Every rule by which an endpoint is judged: the SSL Labs rating guide, {CRITERIA}, as it is \
         applied, and remarks of our own that cost no grade. The result is a grade by that guide, \
         not a grade by SSL Labs.\n\n\
         A rule holds from its first day on. Its basis is `recorded` where recorded results decide \
         it, `official` where the guide or its authors say so and no recorded result tests it, and \
         `judgement` where it is ours. The places in braces are filled with what was seen.\n\n\
         A letter in front tells the family: F fails, C and B cap to that grade, W is a warning (an \
         A becomes A-), P stands in the way of A+, T is distrust, M another name, R a remark. F-SIGN \
         kept its name and is a remark.\n\n\
         | Rule | Effect | Title | Tajuk |\n| --- | --- | --- | --- |\n"
    );
    for rule in rules::all() {
        let (id, effect) = (rule.id, effect(rule.effect));
        let anchor = id.to_lowercase();
        let (en, ms) = (rule.title.en, rule.title.ms);
        writeln!(out, "| [{id}](#{anchor}) | {effect} | {en} | {ms} |").unwrap();
    }
    for rule in rules::all() {
        write!(out, "\n## {}\n\n", rule.id).unwrap();
        writeln!(out, "**{}** ({})\n", rule.title.en, rule.title.ms).unwrap();
        writeln!(out, "{} {}\n", rule.finding.en, rule.why.en).unwrap();
        writeln!(out, "- Effect: {}; severity {}", effect(rule.effect), word(rule.severity))
            .unwrap();
        writeln!(out, "- In force: {}", dates(rule)).unwrap();
        writeln!(out, "- Source ({}): {}", word(rule.basis), rule.source).unwrap();
        writeln!(out, "- Found out: {}", rule.probe.en).unwrap();
        writeln!(out, "- Fix: {}", rule.fix.en).unwrap();
        let (who, effort) = (word(rule.who), word(rule.effort));
        writeln!(out, "- Who: {who}; effort: {effort}").unwrap();
    }
    out
}

fn conformance_document() -> String {
    let mut out = "# What proves the rules\n\n\
         <!-- Made from the fixtures in tests/rules by tests/rules. -->\n\n\
         For every rule: how the fact is found out, one server it holds for (a server without a \
         fault after this change alone, and no rule holds but this one and those named), and one \
         near miss it does not hold for. `tests/rules` builds these servers, grades them, mends them \
         and mixes them.\n\n\
         | Rule | How it is found out | Holds for | With it | Does not hold for |\n\
         | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for rule in rules::all() {
        let Fixture { told, near_told, with, .. } = fixtures::all()
            .find(|fixture| fixture.rule == rule.id)
            .unwrap_or_else(|| panic!("no fixture for {}", rule.id));
        let (id, probe, with) = (rule.id, rule.probe.en, with.join(", "));
        writeln!(out, "| {id} | {probe} | {told} | {with} | {near_told} |").unwrap();
    }
    out
}

fn effect(effect: Effect) -> String {
    match effect {
        Effect::Fail => "F".to_owned(),
        Effect::Cap(letter) => format!("{letter} at best"),
        Effect::Warning => "A becomes A-".to_owned(),
        Effect::NoPlus => "no A+".to_owned(),
        Effect::Untrusted => "T".to_owned(),
        Effect::Mismatch => "M, at SSL Labs T".to_owned(),
        Effect::Revoked => "F, but not with trust ignored".to_owned(),
        Effect::Remark => "none".to_owned(),
    }
}

fn dates(rule: &Rule) -> String {
    match (rule.since, rule.until) {
        (Day::EVER, None) => "always".to_owned(),
        (since, None) => format!("since {since}"),
        (Day::EVER, Some(until)) => format!("until {until}"),
        (since, Some(until)) => format!("from {since} until {until}"),
    }
}

/// The word of a value, as in JSON.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value).unwrap() {
        Value::String(word) => word,
        other => panic!("{other} is no word"),
    }
}
