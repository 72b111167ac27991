//! `taraf rules`: all rules of the grade in a table, or one of them explained.

use std::io::{self, Write};

use serde_json::{Value, json};
use taraf_scanner::grade::{Rule, Text, rules};

use super::output::{colour, width};
use super::{Exit, Failure};
use crate::cli::{Colour, Rules, RulesFormat};
use crate::export::printable::{printable, safe_json};
use crate::export::text::{self, Style};

/// Most ids named where one was not found.
const MOST_NEAR: usize = 3;

/// Runs the command.
pub fn run(args: &Rules) -> Result<Exit, Failure> {
    let language = args.lang.into();
    let style = Style { colour: colour(Colour::Auto), width: width(), verbose: false };
    let text = match (&args.id, args.format) {
        (None, RulesFormat::Text) => text::rules::table(rules::all(), style, language),
        (Some(id), RulesFormat::Text) => text::rules::one(find(id)?, style, language),
        (None, RulesFormat::Json) => pretty(&rules::all().map(document).collect())?,
        (Some(id), RulesFormat::Json) => pretty(&document(find(id)?))?,
    };
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Failure::writing("the rules", &error))?;
    Ok(Exit::Done)
}

/// The rule of that id.
fn find(id: &str) -> Result<&'static Rule, Failure> {
    rules::find(id.trim()).ok_or_else(|| {
        let near = near(id, rules::all().map(|rule| rule.id));
        Failure::usage(
            format_args!("there is no rule `{}`", printable(id)),
            if near.is_empty() {
                "`taraf rules` lists them all".to_owned()
            } else {
                format!("perhaps {}; `taraf rules` lists them all", near.join(", "))
            },
        )
    })
}

/// The ids most like one that does not exist: those that contain it or that few letters tell apart
/// from it, nearest first.
fn near(wanted: &str, ids: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let wanted: String = wanted.trim().chars().take(40).collect::<String>().to_ascii_uppercase();
    let mut near: Vec<(usize, &'static str)> = ids
        .filter_map(|id| {
            let upper = id.to_ascii_uppercase();
            let distance = if wanted.len() > 2 && upper.contains(&wanted) {
                0
            } else {
                distance(&wanted, &upper)
            };
            (distance <= wanted.len().max(3) / 2).then_some((distance, id))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(MOST_NEAR).map(|(_, id)| id).collect()
}

/// How many letters have to be put in, taken out or changed to make one word of the other
/// (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((b, above), corner) in other.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or(0);
            next.push((left + 1).min(above + 1).min(corner + usize::from(a != *b)));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// Everything about a rule, for programs; texts in both languages.
fn document(rule: &Rule) -> Value {
    let both = |text: Text| json!({ "ms": text.ms, "en": text.en });
    json!({
        "id": rule.id,
        "source": rule.source,
        "basis": rule.basis,
        "since": rule.since,
        "until": rule.until,
        "effect": rule.effect,
        "severity": rule.severity,
        "title": both(rule.title),
        "finding": both(rule.finding),
        "fix": both(rule.fix),
        "why": both(rule.why),
        "probe": both(rule.probe),
        "who": rule.who,
        "effort": rule.effort,
    })
}

fn pretty(value: &Value) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| Failure::ours("the rules cannot be written", error))?;
    Ok(safe_json(text) + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_ids_are_found() {
        let ids = ["B-TLS10", "B-TLS11", "F-SSL2", "W-HSTS", "T-EXPIRED"];
        let near = |wanted: &str| near(wanted, ids.into_iter());
        assert_eq!(near("b-tls1o")[0], "B-TLS10");
        assert_eq!(near("TLS10")[0], "B-TLS10");
        assert_eq!(near("expired"), ["T-EXPIRED"]);
        assert_eq!(near("B_TLS11")[0], "B-TLS11");
        assert_eq!(near("something quite different"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
        assert!(near("\u{1b}[2J\u{e9}").len() <= MOST_NEAR);
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (one, other, want) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("flaw", "lawn", 2)]
        {
            assert_eq!(distance(one, other), want, "{one} {other}");
        }
    }
}
