//! What a rule is: one entry of a table, with everything about it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::facts::Facts;
use super::letter::Letter;
use crate::observe::Why;

/// A rule: what it looks for, what follows from it, and all there is to say about it.
pub struct Rule {
    /// Its name, a promise: never changed, never used for another rule.
    pub id: &'static str,
    /// Where it comes from: clause of the rating guide, RFC, CVE, or our own judgement.
    pub source: &'static str,
    /// How well that is founded.
    pub basis: Basis,
    /// The first day it holds.
    pub since: Day,
    /// The first day it no longer holds.
    pub until: Option<Day>,
    /// What follows when it holds.
    pub effect: Effect,
    /// How bad it is, whatever the grade.
    pub severity: Severity,
    /// What it is about, in few words.
    pub title: Text,
    /// What was found, one sentence; `{name}` stands for a piece of evidence.
    pub finding: Text,
    /// What to do, one sentence; `{name}` as above.
    pub fix: Text,
    /// Why it matters, one to three sentences.
    pub why: Text,
    /// How it is found out, one or two sentences.
    pub probe: Text,
    /// Who has to act.
    pub who: Who,
    /// How much work it is.
    pub effort: Effort,
    /// Looks.
    pub check: fn(&Facts) -> Verdict,
    /// The facts as they are after the fix, for "what if"; `None` where nothing the operator of the
    /// server does can mend it.
    pub mend: Option<fn(&mut Facts)>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.id)
    }
}

/// A text in both languages; the compiler refuses a missing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Malay.
    pub ms: &'static str,
    /// English.
    pub en: &'static str,
}

impl Text {
    /// The text in one language.
    #[must_use]
    pub const fn r#in(self, language: Language) -> &'static str {
        match language {
            Language::Malay => self.ms,
            Language::English => self.en,
        }
    }
}

/// The languages of taraf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Language {
    /// Malay, `ms`.
    #[serde(rename = "ms")]
    Malay,
    /// English, `en`.
    #[serde(rename = "en")]
    English,
}

/// How well a rule is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Recorded results decide it.
    Recorded,
    /// The guide or its authors say so; no recorded result tests it.
    Official,
    /// Our judgement.
    Judgement,
}

/// What follows when a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "at")]
pub enum Effect {
    /// Grade F, whatever else.
    Fail,
    /// The grade is this at best.
    Cap(Letter),
    /// A warning: an A becomes A-.
    Warning,
    /// No A+.
    NoPlus,
    /// The certificate is not trusted: T.
    Untrusted,
    /// The certificate is for another name: M, at SSL Labs T.
    Mismatch,
    /// The certificate is revoked: F, but not without trust.
    Revoked,
    /// Nothing: a remark.
    Remark,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// An attack is within reach, or nobody can connect safely.
    Critical,
    /// Clients are exposed or turned away.
    High,
    /// It should be mended in the ordinary course.
    Medium,
    /// It would be better otherwise.
    Low,
    /// Good to know.
    Info,
}

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Who configures the server (Pegawai Teknikal).
    Technical,
    /// Who installs the certificate; at the agency the same officer.
    Installer,
    /// Who applies for certificates (Pegawai Pemohon), with the GPKI administrator and the CA.
    Applicant,
    /// Who keeps the DNS zone.
    Dns,
    /// Who develops the site.
    Developer,
    /// The supplier of the product.
    Supplier,
}

/// How much work a fix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// A line of configuration.
    Minutes,
    /// A file or several settings, and a test.
    Hours,
    /// An update, a new certificate, a change approved by others.
    Days,
    /// Another product or platform.
    Weeks,
}

/// What a rule says of facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds; the evidence fills the texts.
    Holds(Evidence),
    /// It does not.
    Clear,
    /// It cannot be told.
    Unknown(Why),
    /// It has no meaning for this server.
    NotApplicable,
}

impl Verdict {
    /// Holds without evidence if so.
    #[must_use]
    pub fn when(holds: Option<bool>, why: Why) -> Self {
        match holds {
            Some(true) => Self::Holds(Evidence::default()),
            Some(false) => Self::Clear,
            None => Self::Unknown(why),
        }
    }
}

/// What was seen, by name: short texts for the places in the sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Evidence(pub BTreeMap<&'static str, String>);

impl Evidence {
    /// One piece.
    #[must_use]
    pub fn of(name: &'static str, value: impl fmt::Display) -> Self {
        Self::default().and(name, value)
    }

    /// And another.
    #[must_use]
    pub fn and(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.0.insert(name, value.to_string());
        self
    }

    /// A sentence with its places filled. A place without evidence stays as it is, which the tests
    /// of the rules do not let pass.
    #[must_use]
    pub fn fill(&self, sentence: &str) -> String {
        let mut filled = sentence.to_owned();
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled
    }
}

/// A day, counted from 1970-01-01 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// Since ever, as far as the guide is concerned.
    pub const EVER: Self = Self(0);

    /// A day of the Gregorian calendar, in a constant. A month or day out of range counts on, as in
    /// `30 February`, which the tests of the tables do not let pass.
    #[must_use]
    pub const fn of(year: i32, month: i32, day: i32) -> Self {
        // Days from civil: years begin in March, so that the leap day is the last.
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let month = (month + 9) % 12;
        let of_year = (153 * month + 2) / 5 + day - 1;
        Self(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// The day of a moment, in seconds since 1970.
    #[must_use]
    pub fn at(seconds: i64) -> Self {
        // Enough days for any calendar, and room to count with.
        Self(
            i32::try_from(seconds.div_euclid(86_400).clamp(-100_000_000, 100_000_000)).unwrap_or(0),
        )
    }

    /// Year, month and day.
    #[must_use]
    pub const fn civil(self) -> (i32, i32, i32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let of_era = z.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (era * 400 + year + if month <= 2 { 1 } else { 0 }, month, day)
    }

    /// The day of a text such as `2019-06-01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut next = |len: usize| parts.next().filter(|p| p.len() == len)?.parse::<i32>().ok();
        let (year, month, day) = (next(4)?, next(2)?, next(2)?);
        let parsed = Self::of(year, month, day);
        (parts.next().is_none() && parsed.civil() == (year, month, day)).then_some(parsed)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, number) in [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-23", 20_780),
            ("1969-12-31", -1),
        ] {
            assert_eq!(Day::parse(text), Some(Day(number)), "{text}");
            assert_eq!(Day(number).to_string(), text);
        }
        for text in ["2026-02-29", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01-01", ""] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert_eq!(Day::at(86_399), Day(0));
        assert_eq!(Day::at(-1), Day(-1));
        for moment in [i64::MIN, i64::MAX] {
            assert!(!Day::at(moment).to_string().is_empty());
        }
    }

    #[test]
    fn evidence_fills_sentences() {
        let evidence = Evidence::of("list", "TLS 1.0").and("n", 3);
        assert_eq!(evidence.fill("{n} of {list}, {other}"), "3 of TLS 1.0, {other}");
    }
}
