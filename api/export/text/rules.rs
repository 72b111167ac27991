//! The rules of the grade for a person to read: a table of all, or everything about one.

use taraf_scanner::grade::{Effect, Language, Rule};

use super::Style;
use super::page::Page;
use super::terms::{self, say};

/// All rules, one in a line.
#[must_use]
pub fn table(
    rules: impl Iterator<Item = &'static Rule>,
    style: Style,
    language: Language,
) -> String {
    let rules: Vec<&Rule> = rules.collect();
    let mut page = Page::new(style);
    let column = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0).max(4) + 2;
    let line = |id: &str, effect: &str, severity: &str, since: &str, title: &str| {
        format!("{id:<column$}{effect:<10}{severity:<11}{since:<12}{title}")
    };
    let head = match language {
        Language::Malay => line("id", "kesan", "tahap", "sejak", "perkara"),
        Language::English => line("id", "effect", "severity", "since", "what it is about"),
    };
    page.title(&head);
    for rule in &rules {
        let effect = match rule.effect {
            Effect::Cap(letter) => format!("<= {letter}"),
            other => terms::mark(other, language).to_owned(),
        };
        let ended = rule.until.map(|until| match language {
            Language::Malay => format!(" (sehingga {until})"),
            Language::English => format!(" (until {until})"),
        });
        let title = format!("{}{}", rule.title.r#in(language), ended.unwrap_or_default());
        let since = since(rule);
        page.fixed(
            0,
            &line(rule.id, &effect, terms::severity(rule.severity, language), &since, &title),
        );
    }
    page.blank();
    page.line(
        0,
        say(
            language,
            "`taraf rules ID` menerangkan setiap satu.",
            "`taraf rules ID` explains each.",
        ),
    );
    page.finish()
}

/// Everything about one rule.
#[must_use]
pub fn one(rule: &Rule, style: Style, language: Language) -> String {
    let mut page = Page::new(style);
    page.banner(&format!("{}: {}", rule.id, rule.title.r#in(language)));
    let said = |ms, en| say(language, ms, en);
    page.row(said("perkara", "what"), rule.finding.r#in(language));
    page.row(said("mengapa", "why"), rule.why.r#in(language));
    page.row(said("cara semakan", "how it is probed"), rule.probe.r#in(language));
    page.row(said("kesan", "effect"), &terms::effect(rule.effect, language));
    page.row(said("tahap", "severity"), terms::severity(rule.severity, language));
    page.row(said("tindakan", "to do"), rule.fix.r#in(language));
    page.row(said("oleh", "by whom"), terms::who(rule.who, language));
    page.row(said("usaha", "work"), terms::effort(rule.effort, language));
    page.row(said("sejak", "since"), &since(rule));
    if let Some(until) = rule.until {
        page.row(said("sehingga", "until"), &until.to_string());
    }
    let basis = terms::basis(rule.basis, language);
    page.row(said("sumber", "source"), &format!("{} ({basis})", rule.source));
    page.finish()
}

/// The first day a rule holds.
fn since(rule: &Rule) -> String {
    if rule.since == taraf_scanner::grade::Day::EVER {
        "-".to_owned()
    } else {
        rule.since.to_string()
    }
}
