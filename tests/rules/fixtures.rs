//! For every rule one server that it holds for, made from the sound one by a small change, and one
//! near miss that it does not hold for.

use taraf_scanner::grade::{Day, Facts, Rule, rules};

use crate::sound::{settle, sound, today};

/// A server that a rule holds for, and one that it just does not hold for.
#[derive(Debug)]
pub struct Fixture {
    /// The rule.
    pub rule: &'static str,
    /// Rules that hold as well, because what the rule looks for is part of what they look for.
    pub with: &'static [&'static str],
    /// The change is an addition: it takes no other fault away.
    pub adds: bool,
    /// What was changed, in words.
    pub told: &'static str,
    pub fault: fn(&mut Facts),
    /// And for the near miss.
    pub near_told: &'static str,
    pub near: fn(&mut Facts),
}

impl Fixture {
    pub const fn new(
        rule: &'static str,
        (told, fault): (&'static str, fn(&mut Facts)),
        (near_told, near): (&'static str, fn(&mut Facts)),
    ) -> Self {
        Self { rule, with: &[], adds: true, told, fault, near_told, near }
    }

    /// These hold as well.
    pub const fn with(mut self, with: &'static [&'static str]) -> Self {
        self.with = with;
        self
    }

    /// The change replaces something.
    pub const fn replaces(mut self) -> Self {
        self.adds = false;
        self
    }

    pub fn rule(&self) -> &'static Rule {
        rules::find(self.rule).unwrap_or_else(|| panic!("no rule {}", self.rule))
    }

    /// A day on which the rule holds: today, or its last.
    pub fn day(&self) -> Day {
        self.rule().until.map_or_else(today, |until| Day(until.0 - 1))
    }

    /// The sound server after a change.
    pub fn after(change: fn(&mut Facts)) -> Facts {
        let mut facts = sound();
        change(&mut facts);
        settle(&mut facts);
        facts
    }
}

pub fn all() -> impl Iterator<Item = &'static Fixture> {
    crate::fixtures_handshake::FIXTURES
        .iter()
        .chain(crate::fixtures_certificate::FIXTURES)
        .chain(crate::fixtures_remark::FIXTURES)
}
