//! What checks of several families need: from facts to verdicts, and from facts to the short texts
//! that stand in sentences.

use std::fmt::Display;

use crate::grade::facts::{Facts, Served};
use crate::grade::rule::{Day, Evidence, Verdict};
use crate::observe::{Seen, Why};
use crate::wire::Version;
use crate::wire::suites::{Cipher, SuiteInfo};

/// The versions with a handshake of the old kind: renegotiation, tickets, CBC.
pub(in crate::grade) const OLD: [Version; 4] =
    [Version::SSL3, Version::TLS10, Version::TLS11, Version::TLS12];

/// The versions with CBC records as TLS has them.
pub(in crate::grade) const CBC: [Version; 3] = [Version::TLS10, Version::TLS11, Version::TLS12];

/// Most names that stand in a sentence; how many more there are follows as `+3`.
const MOST_NAMES: usize = 4;

/// Most characters of one name.
const LONGEST_NAME: usize = 64;

/// How far Malaysia is ahead of UTC, in seconds; there is no daylight saving time.
const MALAYSIA: i64 = 8 * 3600;

/// The years a certificate can name (RFC 5280 section 4.1.2.5), 1 to 9999: facts from files may
/// claim anything.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799 - MALAYSIA;

/// Holds if it was seen.
pub(in crate::grade) fn if_seen<T>(seen: &Seen<T>) -> Verdict {
    match seen {
        Seen::Yes { .. } => Verdict::Holds(Evidence::default()),
        Seen::No => Verdict::Clear,
        Seen::Unknown { why } => Verdict::Unknown(*why),
    }
}

/// Holds if the server was asked and does not.
pub(in crate::grade) fn if_absent<T>(seen: &Seen<T>) -> Verdict {
    match seen {
        Seen::Yes { .. } => Verdict::Clear,
        Seen::No => Verdict::Holds(Evidence::default()),
        Seen::Unknown { why } => Verdict::Unknown(*why),
    }
}

/// Holds with that evidence.
pub(in crate::grade) fn holds_if(holds: bool, evidence: impl FnOnce() -> Evidence) -> Verdict {
    if holds { Verdict::Holds(evidence()) } else { Verdict::Clear }
}

/// The verdict, where there is something to judge: what does not exist has no faults.
pub(in crate::grade) fn given(exists: Option<bool>, verdict: Verdict) -> Verdict {
    if exists == Some(false) { Verdict::NotApplicable } else { verdict }
}

/// Holds if such a suite is offered, with the names of those.
pub(in crate::grade) fn if_offered(
    facts: &Facts,
    such: impl Fn(Version, &SuiteInfo) -> bool + Copy,
) -> Verdict {
    match facts.offers(such) {
        Some(true) => Verdict::Holds(Evidence::of("list", suites(facts, such))),
        Some(false) => Verdict::Clear,
        None => Verdict::Unknown(open(facts)),
    }
}

/// The names of the suites that are such.
pub(in crate::grade) fn suites(
    facts: &Facts,
    such: impl Fn(Version, &SuiteInfo) -> bool,
) -> String {
    list(facts.offered().filter(|(version, info)| such(*version, info)).map(|(_, info)| info.name))
}

/// Why the suites are not all known.
pub(in crate::grade) fn open(facts: &Facts) -> Why {
    let whys = Version::ALL.into_iter().find_map(|version| match facts.spoken(version) {
        Seen::Unknown { why } => Some(why),
        _ => None,
    });
    whys.unwrap_or(Why::Timeout)
}

/// Whether a cipher works on blocks of 64 bits.
pub(in crate::grade) const fn is_block64(info: &SuiteInfo) -> bool {
    matches!(info.cipher, Cipher::TripleDes | Cipher::Des | Cipher::Idea | Cipher::Rc2)
}

/// Whether a suite is CBC in a version where its padding can be asked about.
pub(in crate::grade) fn is_tls_cbc(version: Version, info: &SuiteInfo) -> bool {
    info.is_cbc() && CBC.contains(&version)
}

/// Whether the CBC suites of SSL 3.0 will be used. They will not where the server decides and puts
/// another first: so the recorded results have it.
pub(in crate::grade) fn poodle(facts: &Facts) -> Option<bool> {
    let list = match facts.spoken(Version::SSL3) {
        Seen::No => return Some(false),
        Seen::Unknown { .. } => return None,
        Seen::Yes { .. } => facts.suites(Version::SSL3)?,
    };
    let mut infos = list.accepted.iter().filter_map(|suite| suite.info());
    let first_is_cbc = infos.next().is_some_and(SuiteInfo::is_cbc);
    if first_is_cbc {
        Some(true)
    } else if infos.any(SuiteInfo::is_cbc) {
        list.server_order.known().map(|decides| !decides)
    } else if list.unsettled.iter().filter_map(|suite| suite.info()).any(SuiteInfo::is_cbc) {
        None
    } else {
        Some(false)
    }
}

/// The leaf that decides, or why there is none to look at.
pub(in crate::grade) fn leaf<'a>(facts: &'a Facts) -> Result<Served<'a>, Verdict> {
    facts.served().next().ok_or(Verdict::Unknown(Why::NotAsked))
}

/// Names for a sentence: each once, the first few, and how many more.
pub(in crate::grade) fn list<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        let name = plain(&name.to_string());
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let more = all.len().saturating_sub(MOST_NAMES);
    all.truncate(MOST_NAMES);
    if more > 0 {
        all.push(format!("+{more}"));
    }
    all.join(", ")
}

/// A text from outside as it may stand in a note: printable ASCII without quotes, angle brackets,
/// ampersands and braces, and not long.
pub(in crate::grade) fn plain(text: &str) -> String {
    let mut plain: String = text
        .chars()
        .filter(|c| !matches!(c, '"' | '\'' | '`' | '<' | '>' | '&' | '{' | '}'))
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .take(LONGEST_NAME + 1)
        .collect();
    if plain.len() > LONGEST_NAME {
        plain.truncate(LONGEST_NAME - 3);
        plain.push_str("...");
    }
    if plain.trim().is_empty() { "-".to_owned() } else { plain }
}

/// A moment as a date in Malaysia, as notes have it: `12/11/2026`.
pub(in crate::grade) fn date(seconds: i64) -> String {
    let seconds = seconds.clamp(FIRST, LAST) + MALAYSIA;
    let (year, month, day) = Day::at(seconds).civil();
    format!("{day:02}/{month:02}/{year:04}")
}

/// The name that tells most in the name of an owner: the common name, else the organisation, else
/// all of it. See `pki::names` for how it is written.
pub(in crate::grade) fn owner(subject: &str) -> String {
    let value = |word: &str| {
        let start = subject.find(word)? + word.len();
        let rest = subject.get(start..)?;
        let value = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split(", ").next(),
        };
        value.filter(|value| !value.is_empty())
    };
    plain(value("CN=").or_else(|| value("O=")).unwrap_or(subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_outside_are_fit_for_notes() {
        assert_eq!(plain("a<b>&\"c\" {n}\u{e9}\n"), "abc n??");
        assert_eq!(plain(" "), "-");
        assert_eq!(plain(&"x".repeat(1000)).len(), LONGEST_NAME);
        assert_eq!(list(["a", "b", "a", "c", "d", "e", "f"]), "a, b, c, d, +2");
        assert_eq!(list([""; 0]), "");
    }

    #[test]
    fn owners_are_named_shortly() {
        assert_eq!(owner("CN=R12, O=Let's Encrypt, C=US"), "R12");
        assert_eq!(owner("CN=\"A, Inc.\", C=US"), "A, Inc.");
        assert_eq!(owner("OU=x, O=Y"), "Y");
        assert_eq!(owner("C=MY"), "C=MY");
        assert_eq!(owner(""), "-");
    }

    #[test]
    fn dates_are_those_of_malaysia() {
        assert_eq!(date(1_795_392_000), "23/11/2026");
        assert_eq!(date(1_795_363_200), "23/11/2026");
        assert_eq!(date(1_795_363_199), "22/11/2026");
        // Dates of hostile certificates.
        assert_eq!(date(i64::MAX), "31/12/9999");
        assert_eq!(date(i64::MIN), "01/01/0001");
    }
}
