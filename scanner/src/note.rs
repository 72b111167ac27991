//! The note an officer pastes into the portal of GPKI after a certificate was installed: the grade,
//! when and how it was found, what is wrong, what will be done, and why it is so.
//!
//! Old web forms set the terms: a length limit, plain ASCII, no quotes or angle brackets. The same
//! report always makes the same note. The justification is the officer's alone; none is made up.

mod clock;
mod parts;
mod plain;
mod words;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use crate::grade::{Day, Language, Letter};
use crate::report::Report;

pub use plain::is_plain;

use parts::Parts;

/// How long a note may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// 255 characters in one line: the grade, the worst fault and the action.
    Short,
    /// 1,000 characters in several lines: everything.
    Long,
}

impl Length {
    /// Most characters.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Short => 255,
            Self::Long => 1_000,
        }
    }
}

/// What an A- is to the agency; the circular knows only "Taraf A" and "Taraf B-Z".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AMinus {
    /// An A, with a remark.
    #[default]
    CountsAsA,
    /// Below A: it takes a justification.
    NeedsJustification,
}

/// What the officer adds, and the settings of the agency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteOptions {
    /// What an A- is.
    pub a_minus: AMinus,
    /// Why it is so, in the officer's words.
    pub justification: Option<String>,
    /// By when the action will be done.
    pub target_date: Option<Day>,
    /// What other tools said, as far as the officer really used them.
    pub others: Vec<OtherResult>,
}

/// What another tool said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherResult {
    /// The tool, for instance `SSL Labs`.
    pub tool: String,
    /// What it said, for instance `A`.
    pub result: String,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The language.
    pub language: Language,
    /// Which limit it keeps.
    pub length: Length,
    /// What to paste.
    pub text: String,
    /// The code that leads back to the report, as in `K7QM-41TX`.
    pub reference: String,
    /// False if it takes a justification and there is none yet.
    pub ready: bool,
    /// What had to be left out or cut for want of room.
    pub left_out: Vec<Part>,
}

/// A part of a note that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The code of the report.
    Reference,
    /// Remarks and what is good to know.
    Remarks,
    /// The grade after the action.
    ExpectedGrade,
    /// Faults beyond the first, which are only counted, and their actions.
    OtherFaults,
    /// The tools.
    Tools,
    /// The chain, and which addresses differ.
    Details,
    /// Words of a long sentence or justification.
    Words,
}

/// Whether a grade takes a justification: all below A do, and so does none at all.
#[must_use]
pub fn needs_justification(grade: Option<Letter>, a_minus: AMinus) -> bool {
    match grade {
        Some(Letter::APlus | Letter::A) => false,
        Some(Letter::AMinus) => a_minus == AMinus::NeedsJustification,
        _ => true,
    }
}

/// The code that leads back to a report: what was scanned, when, and the grade.
#[must_use]
pub fn reference(report: &Report) -> String {
    /// Crockford's base 32: no letter that looks like a digit.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let grade = report.grade.map_or("-", Letter::as_str);
    let text = format!("{}\n{}\n{grade}", report.target, report.at_ms);
    let hash = digest(&SHA256, text.as_bytes());
    // Eight characters of five bits are the first five bytes.
    let bits = hash.as_ref().iter().take(5).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut code = String::new();
    for place in 0..8 {
        if place == 4 {
            code.push('-');
        }
        let index = usize::try_from(bits >> (35 - 5 * place) & 31).unwrap_or(0);
        code.push(ALPHABET.get(index).copied().map_or('0', char::from));
    }
    code
}

/// The note of a report.
#[must_use]
pub fn note(report: &Report, language: Language, length: Length, options: &NoteOptions) -> Note {
    let parts = Parts::of(report, language, length, options);
    let needs = needs_justification(report.grade, options.a_minus);
    let (text, left_out) = fit(&parts, length);
    Note {
        language,
        length,
        text,
        reference: reference(report),
        ready: !needs || parts.has_justification(),
        left_out,
    }
}

/// How the addresses are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Addresses {
    /// By name, with their grades.
    Named,
    /// How many there are, and how many have the worst grade.
    Counted,
    /// Not at all.
    Untold,
}

/// What is left out so that a note keeps its limit.
#[derive(Clone, Debug)]
struct Cut {
    reference: bool,
    remarks: bool,
    expected: bool,
    /// How many faults are told; the others are counted.
    faults: usize,
    tools: bool,
    addresses: Addresses,
    chain: bool,
    /// Faults are told by their titles.
    titles: bool,
    /// Most characters of the host's name.
    host: usize,
    /// Most characters of a fault, an action, and the justification.
    clause: usize,
}

/// The text with as little left out as the limit allows. The order is that of the portal's needs:
/// a note without its reference still does its work, one without its grade does not.
fn fit(parts: &Parts<'_>, length: Length) -> (String, Vec<Part>) {
    let mut cut = Cut {
        reference: false,
        remarks: false,
        expected: false,
        faults: parts.faults(),
        tools: false,
        addresses: Addresses::Named,
        chain: false,
        titles: false,
        host: match length {
            Length::Short => 48,
            Length::Long => 100,
        },
        clause: usize::MAX,
    };
    let mut left_out = Vec::new();
    let mut text = parts.text(&cut);
    let fits = |text: &str| text.chars().count() <= length.most();
    type Step = fn(&mut Cut);
    let steps: [(Part, Step); 3] = [
        (Part::Reference, |cut| cut.reference = true),
        (Part::Remarks, |cut| cut.remarks = true),
        (Part::ExpectedGrade, |cut| cut.expected = true),
    ];
    let later: [(Part, Step); 4] = [
        (Part::Tools, |cut| cut.tools = true),
        (Part::Details, |cut| cut.addresses = Addresses::Counted),
        (Part::Details, |cut| cut.chain = true),
        (Part::Words, |cut| cut.titles = true),
    ];
    let take = |cut: &mut Cut, text: &mut String, left_out: &mut Vec<Part>, part, step: Step| {
        if fits(text) {
            return;
        }
        step(cut);
        let without = parts.text(cut);
        if without != *text && !left_out.contains(&part) {
            left_out.push(part);
        }
        *text = without;
    };
    for (part, step) in steps {
        take(&mut cut, &mut text, &mut left_out, part, step);
    }
    while cut.faults > 1 && !fits(&text) {
        if !left_out.contains(&Part::OtherFaults) {
            left_out.push(Part::OtherFaults);
        }
        cut.faults -= 1;
        text = parts.text(&cut);
    }
    for (part, step) in later {
        take(&mut cut, &mut text, &mut left_out, part, step);
    }
    // The host gives way with the clauses, so that neither is cut to nothing.
    let mut clause = length.most();
    while !fits(&text) && clause > 10 {
        clause = clause * 9 / 10;
        (cut.host, cut.clause) = (clause.clamp(20, 40), clause);
        if clause < 32 {
            cut.addresses = Addresses::Untold;
        }
        text = parts.text(&cut);
        if !left_out.contains(&Part::Words) {
            left_out.push(Part::Words);
        }
    }
    // Nothing known comes here too long; the limit is kept whatever comes.
    (plain::clip(&text, length.most()), left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_to_justify() {
        for letter in Letter::ALL {
            let strict = needs_justification(Some(letter), AMinus::NeedsJustification);
            let usual = needs_justification(Some(letter), AMinus::default());
            assert_eq!(usual, !letter.is_a(), "{letter}");
            assert_eq!(strict, !matches!(letter, Letter::A | Letter::APlus), "{letter}");
        }
        assert!(needs_justification(None, AMinus::default()));
    }
}
