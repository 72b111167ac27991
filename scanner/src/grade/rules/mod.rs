//! All rules: a table for each family, in the order they are told.

mod certificate;
mod cipher;
mod exchange;
mod flaw;
mod http;
mod protocol;
mod remark;
mod trust;

use super::rule::{Day, Rule};

/// The tables.
const TABLES: [&[Rule]; 8] = [
    protocol::RULES,
    exchange::RULES,
    cipher::RULES,
    certificate::RULES,
    trust::RULES,
    flaw::RULES,
    http::RULES,
    remark::RULES,
];

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
