//! A page of facts: what is known stands in rows, what is not is gathered for the end.

use taraf_scanner::observe::{Fact, Seen, Why};

use super::page::Page;
use super::{Style, words};

/// A page, and beside it the facts that are not known.
pub struct Sheet {
    /// The page.
    pub page: Page,
    /// How it should look.
    pub style: Style,
    unknown: Vec<(Why, Vec<String>)>,
}

impl Sheet {
    /// An empty one.
    pub fn new(style: Style) -> Self {
        Self { page: Page::new(style), style, unknown: Vec::new() }
    }

    /// A section; its title is left out with nothing under it.
    pub fn section(&mut self, title: &str, fill: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.page, Page::new(self.style));
        fill(self);
        let inner = std::mem::replace(&mut self.page, outer);
        if !inner.is_empty() {
            self.page.section(title);
            self.page.append(&inner);
        }
    }

    /// A fact whose `no` needs no explanation.
    pub fn fact<T>(&mut self, label: &str, fact: &Fact<T>, yes: impl FnOnce(&T) -> String) {
        self.fact_or(label, fact, yes, "no");
    }

    /// A fact that is a bare yes or no.
    pub fn plain(&mut self, label: &str, fact: &Fact<()>) {
        self.fact_or(label, fact, |()| "yes".to_owned(), "no");
    }

    /// A fact in words of its own.
    pub fn fact_or<T>(
        &mut self,
        label: &str,
        fact: &Fact<T>,
        yes: impl FnOnce(&T) -> String,
        no: &str,
    ) {
        match &fact.seen {
            Seen::Yes { value } => self.page.row(label, &yes(value)),
            Seen::No => self.page.row(label, no),
            Seen::Unknown { why } => self.unknown(label, *why),
        }
    }

    /// Notes for the end that something is not known.
    pub fn unknown(&mut self, what: &str, why: Why) {
        match self.unknown.iter_mut().find(|(before, _)| *before == why) {
            Some((_, whats)) => whats.push(what.to_owned()),
            None => self.unknown.push((why, vec![what.to_owned()])),
        }
    }

    /// The page with what is not known at its end, and last what cannot be.
    pub fn finish(mut self) -> Page {
        self.unknown.sort_by_key(|(why, _)| *why == Why::NotApplicable);
        let unknown = std::mem::take(&mut self.unknown);
        self.section("Not known", |sheet| {
            for (why, whats) in unknown {
                sheet.page.line(2, &format!("{} ({})", whats.join(", "), words::why(why)));
            }
        });
        self.page
    }
}
