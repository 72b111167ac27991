//! Known weaknesses, one after the other: those that are there, those that may be, those that could
//! not be tested and why; and in few lines those that are not there.

use taraf_scanner::grade::Language;
use taraf_scanner::report::{Graded, Standing, Weakness};

use super::Style;
use super::page::{Page, Tone};
use super::terms::{self, say};

/// Tells all of them; what is not there with the reason only where everything is asked for.
pub fn tell(page: &mut Page, graded: &Graded, style: Style, language: Language) {
    if graded.weaknesses.is_empty() {
        return;
    }
    page.section(say(language, "Kelemahan diketahui", "Known weaknesses"));
    let of = |standing| graded.weaknesses.iter().filter(move |it| it.verdict == standing);
    let mark = |standing| terms::standing(standing, language);
    for (standing, tone) in [(Standing::Vulnerable, Tone::Red), (Standing::Potential, Tone::Yellow)]
    {
        for weakness in of(standing) {
            page.marked(mark(standing), tone, &told(weakness, language));
        }
    }
    let untested = mark(Standing::NotTestable);
    let sound = mark(Standing::NotVulnerable);
    if style.verbose {
        for weakness in of(Standing::NotTestable) {
            page.marked(untested, Tone::Plain, &told(weakness, language));
        }
        for weakness in of(Standing::NotVulnerable) {
            page.marked(sound, Tone::Plain, &told(weakness, language));
        }
    } else {
        for (because, names) in by_reason(of(Standing::NotTestable), language) {
            let names = names.join(", ");
            let text = match language {
                Language::Malay => format!("{names}, kerana {because}"),
                Language::English => format!("{names}, because: {because}"),
            };
            page.marked(untested, Tone::Plain, &text);
        }
        let names: Vec<_> = of(Standing::NotVulnerable).map(|it| it.name.r#in(language)).collect();
        if !names.is_empty() {
            page.marked(sound, Tone::Plain, &names.join(", "));
        }
    }
    quantum(page, graded, language);
}

/// A weakness by name and number, and what is to be said of it.
fn told(weakness: &Weakness, language: Language) -> String {
    let (name, because) = (weakness.name.r#in(language), weakness.because.r#in(language));
    let name = match weakness.cve {
        Some(cve) => format!("{name} ({cve})"),
        None => name.to_owned(),
    };
    match (weakness.verdict, language) {
        (Standing::NotTestable, Language::Malay) => format!("{name}, kerana {because}"),
        (Standing::NotTestable, Language::English) => format!("{name}, because: {because}"),
        _ => format!("{name}: {because}"),
    }
}

/// Those with one reason together, in the order in which the reasons come up.
fn by_reason<'a>(
    weaknesses: impl Iterator<Item = &'a Weakness>,
    language: Language,
) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for weakness in weaknesses {
        let (name, because) = (weakness.name.r#in(language), weakness.because.r#in(language));
        match reasons.iter_mut().find(|(reason, _)| *reason == because) {
            Some((_, names)) => names.push(name),
            None => reasons.push((because, vec![name])),
        }
    }
    reasons
}

/// Key exchange that withstands quantum computers: not to have it is no weakness yet.
fn quantum(page: &mut Page, graded: &Graded, language: Language) {
    let Some(quantum) = &graded.post_quantum else { return };
    let names: Vec<_> = quantum.groups.iter().map(ToString::to_string).collect();
    let value = if names.is_empty() {
        say(language, "belum ditawarkan", "not offered yet").to_owned()
    } else {
        let order = match quantum.preferred {
            Some(true) => say(language, "ditawarkan dan diutamakan", "offered and preferred"),
            Some(false) => say(language, "ditawarkan, tidak diutamakan", "offered, not preferred"),
            None => say(language, "ditawarkan", "offered"),
        };
        format!("{order}: {}", names.join(", "))
    };
    page.marked(say(language, "pascakuantum", "post-quantum"), Tone::Plain, &value);
}
