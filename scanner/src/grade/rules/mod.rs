//! All rules: a table for each family, in the order they are told.
//!
//! In a family those that count for the grade stand first, then the remarks; families of remarks
//! alone come last. An entry gives what is its own and takes the rest from `REMARK`.

mod certificate;
mod cipher;
pub(in crate::grade) mod common;
mod exchange;
mod flaw;
mod http;
mod mend;
mod protocol;
mod remark_certificate;
mod remark_dns;
mod remark_flaw;
mod remark_handshake;
mod trust;

use super::rule::{Basis, Day, Effect, Effort, Rule, Severity, Text, Verdict, Who};

/// The tables.
const TABLES: [&[Rule]; 11] = [
    protocol::RULES,
    exchange::RULES,
    cipher::RULES,
    certificate::RULES,
    trust::RULES,
    flaw::RULES,
    http::RULES,
    remark_certificate::RULES,
    remark_handshake::RULES,
    remark_dns::RULES,
    remark_flaw::RULES,
];

/// What entries have in common: a remark, since ever, for who configures the server. The tests let
/// no entry pass that leaves a text or its source as it is here.
const REMARK: Rule = Rule {
    id: "",
    source: "",
    basis: Basis::Judgement,
    since: Day::EVER,
    until: None,
    effect: Effect::Remark,
    severity: Severity::Info,
    title: text("", ""),
    finding: text("", ""),
    fix: text("", ""),
    why: text("", ""),
    probe: text("", ""),
    who: Who::Technical,
    effort: Effort::Minutes,
    check: |_| Verdict::NotApplicable,
    mend: None,
};

/// A text: Malay, English.
const fn text(ms: &'static str, en: &'static str) -> Text {
    Text { ms, en }
}

/// Every rule there is or was.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    TABLES.into_iter().flatten()
}

/// The rules that hold on a day.
pub fn on(day: Day) -> impl Iterator<Item = &'static Rule> {
    all().filter(move |rule| rule.since <= day && rule.until.is_none_or(|until| day < until))
}

/// The rule of that name, whatever the case of its letters.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
