//! Known weaknesses: one entry each, with what is known of it at one address. Whoever has to answer
//! "is it vulnerable to ...?" finds the answer here, whether or not a rule counts it, and the reason
//! where there is none.
//!
//! A weakness is there only if it was shown. It is not there if the server was asked and does not
//! have it, or if something it needs is known to be absent. Some can never be decided from outside:
//! those are potential where their conditions are met. Everything else could not be tested.

mod derived;

use super::facts::Facts;
use super::needs::{self, Need};
use super::rule::Text;
use crate::observe::{EarlyCcs, Fact, Oracle, Robot, Seen, Why};

pub use derived::{PostQuantum, post_quantum};
pub(super) use derived::{Winshock, refuses_strangers, winshock};

/// A known weakness.
pub struct Weakness {
    /// Its name for programs, a promise: never changed, never used for another.
    pub id: &'static str,
    /// Its name.
    pub name: Text,
    /// The number it is best known by, if it has one.
    pub cve: Option<&'static str>,
    /// Looks.
    pub check: fn(&Facts) -> Finding,
}

impl std::fmt::Debug for Weakness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Weakness({})", self.id)
    }
}

/// What is known of a weakness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is there; what shows it.
    Vulnerable(Said),
    /// Its conditions are met, and the rest cannot be decided from outside.
    Potential(Said),
    /// It could not be tested.
    NotTestable {
        /// Why not, if that is one of the reasons a fact may have.
        why: Option<Why>,
        /// The reason in words.
        because: Said,
    },
    /// It is not there; what shows that.
    NotVulnerable(Said),
}

/// A short text in both languages, made from what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Malay.
    pub ms: String,
    /// English.
    pub en: String,
}

impl Said {
    fn new(ms: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ms: ms.into(), en: en.into() }
    }

    /// With what was seen behind it.
    fn seen(self, seen: Option<&String>) -> Self {
        match seen {
            Some(seen) => Self::new(format!("{}: {seen}", self.ms), format!("{}: {seen}", self.en)),
            None => self,
        }
    }
}

impl From<Text> for Said {
    fn from(text: Text) -> Self {
        Self::new(text.ms, text.en)
    }
}

/// The same name in both languages.
const fn name(name: &'static str) -> Text {
    Text { ms: name, en: name }
}

const fn text(ms: &'static str, en: &'static str) -> Text {
    Text { ms, en }
}

/// Every known weakness: those that were asked about, then those that follow from other facts.
pub fn all() -> impl Iterator<Item = &'static Weakness> {
    ASKED.iter().chain(derived::TABLE)
}

/// The weakness of that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Weakness> {
    all().find(|it| it.id == id)
}

/// Why a fact is not known, as it stands behind "because".
#[must_use]
pub const fn reason(why: Why) -> Text {
    match why {
        Why::NotAsked => text("tidak ditanya", "not asked"),
        Why::NotApplicable => {
            text("tidak bermakna bagi pelayan ini", "has no meaning for this server")
        }
        Why::Timeout => {
            text("tiada jawapan dalam tempoh yang dibenarkan", "no answer within the time allowed")
        }
        Why::Closed => {
            text("sambungan ditutup tanpa jawapan", "the connection was closed without an answer")
        }
        Why::Reset => text("sambungan diputuskan", "the connection was reset"),
        Why::Refused => text("sambungan ditolak", "the connection was refused"),
        Why::Unreachable => text("alamat tidak dapat dicapai", "the address cannot be reached"),
        Why::Garbled => text("jawapan tidak dapat dibaca", "the answer could not be read"),
        Why::NotTls => text("jawapan bukan TLS", "the answer is not TLS"),
        Why::StartTls => text("STARTTLS ditolak", "STARTTLS was refused"),
        Why::Budget => text(
            "had sambungan, bait atau masa telah dicapai",
            "the budget of connections, bytes or time was used up",
        ),
        Why::Paced => text(
            "pelayan menolak sambungan yang lebih banyak",
            "the server objected to more connections",
        ),
        Why::NoHandshake => text(
            "memerlukan jabat tangan (handshake) yang tidak dapat diselesaikan",
            "needs a handshake this client cannot complete",
        ),
        Why::NotRecorded => text("tiada dalam rakaman", "not in the recording"),
        Why::Inconsistent => {
            text("jawapan berbeza dari semasa ke semasa", "answers differ from time to time")
        }
    }
}

/// Those that were asked about by themselves.
const ASKED: &[Weakness] = &[
    Weakness {
        id: "heartbleed",
        name: name("Heartbleed"),
        cve: Some("CVE-2014-0160"),
        check: |facts| {
            let flaws = &facts.endpoint.flaws;
            asked(facts, "heartbleed", &flaws.heartbleed, &needs::heartbleed(facts))
        },
    },
    Weakness {
        id: "ccs-injection",
        name: name("OpenSSL CCS"),
        cve: Some("CVE-2014-0224"),
        check: |facts| {
            let fact = &facts.endpoint.flaws.early_ccs;
            let found = asked(facts, "early_ccs", fact, &needs::early_ccs(facts));
            match (found, fact.value()) {
                (Finding::Vulnerable(_), Some(EarlyCcs::Taken)) => {
                    let taken = Said::new(
                        "mesej diterima sebelum masanya, tetapi kuncinya tidak dapat diteka",
                        "taken before its time, but the keys cannot be foreseen",
                    );
                    Finding::Potential(taken.seen(facts.endpoint.flaws.evidence.get("early_ccs")))
                }
                (found, _) => found,
            }
        },
    },
    Weakness {
        id: "ticketbleed",
        name: name("Ticketbleed"),
        cve: Some("CVE-2016-9244"),
        check: |facts| {
            let flaws = &facts.endpoint.flaws;
            asked(facts, "ticketbleed", &flaws.ticketbleed, &needs::ticketbleed(facts))
        },
    },
    Weakness {
        id: "robot",
        name: name("ROBOT"),
        cve: Some("CVE-2017-13099"),
        check: |facts| {
            let fact = &facts.endpoint.flaws.robot;
            let found = asked(facts, "robot", fact, &needs::robot(facts));
            let degree = match fact.value() {
                Some(Robot::Little) => Said::new("oracle lemah", "a weak oracle"),
                _ => Said::new("oracle kuat", "a strong oracle"),
            };
            shown_as(found, degree, facts.endpoint.flaws.evidence.get("robot"))
        },
    },
    Weakness {
        id: "poodle-tls",
        name: text("POODLE (TLS)", "POODLE against TLS"),
        cve: Some("CVE-2014-8730"),
        check: |facts| {
            asked(facts, "poodle_tls", &facts.endpoint.flaws.poodle_tls, &needs::padding(facts))
        },
    },
    Weakness {
        id: "cve-2016-2107",
        name: text("Pelapik AES-NI OpenSSL", "OpenSSL AES-NI padding"),
        cve: Some("CVE-2016-2107"),
        check: |facts| {
            let needs = needs::lucky_minus_20(facts);
            asked(facts, "lucky_minus_20", &facts.endpoint.flaws.lucky_minus_20, &needs)
        },
    },
    Weakness {
        id: "zombie-poodle",
        name: name("Zombie POODLE"),
        cve: Some("CVE-2019-6593"),
        check: |facts| oracle(facts, "zombie_poodle", &facts.endpoint.flaws.zombie_poodle),
    },
    Weakness {
        id: "goldendoodle",
        name: name("GOLDENDOODLE"),
        cve: Some("CVE-2019-6593"),
        check: |facts| oracle(facts, "goldendoodle", &facts.endpoint.flaws.goldendoodle),
    },
    Weakness {
        id: "sleeping-poodle",
        name: name("Sleeping POODLE"),
        cve: None,
        check: |facts| oracle(facts, "sleeping_poodle", &facts.endpoint.flaws.sleeping_poodle),
    },
    Weakness {
        id: "zero-length",
        name: text("Pelapik rekod kosong OpenSSL", "OpenSSL 0-length record"),
        cve: Some("CVE-2019-1559"),
        check: |facts| oracle(facts, "zero_length", &facts.endpoint.flaws.zero_length),
    },
    Weakness {
        id: "drown",
        name: name("DROWN"),
        cve: Some("CVE-2016-0800"),
        check: |facts| asked(facts, "drown", &facts.endpoint.flaws.drown, &needs::drown(facts)),
    },
    Weakness {
        id: "insecure-renegotiation",
        name: text("Rundingan semula tidak selamat", "Insecure renegotiation"),
        cve: Some("CVE-2009-3555"),
        check: |facts| {
            let (flaws, needs) = (&facts.endpoint.flaws, needs::legacy_renegotiation(facts));
            asked(facts, "legacy_renegotiation", &flaws.legacy_renegotiation, &needs)
        },
    },
    Weakness {
        id: "client-renegotiation",
        name: text("Rundingan semula oleh klien (DoS)", "Renegotiation by the client (DoS)"),
        cve: Some("CVE-2011-1473"),
        check: |facts| {
            let (flaws, needs) = (&facts.endpoint.flaws, [needs::old_version(facts)]);
            asked(facts, "client_renegotiation", &flaws.client_renegotiation, &needs)
        },
    },
    Weakness {
        id: "invalid-curve",
        name: text("Titik di luar lengkung", "Invalid curve"),
        cve: None,
        check: |facts| {
            let needs = needs::invalid_curve(facts);
            asked(facts, "invalid_curve", &facts.endpoint.flaws.invalid_curve, &needs)
        },
    },
    Weakness {
        id: "small-subgroup",
        name: text("Subkumpulan kecil DH", "DH small subgroup"),
        cve: None,
        check: |facts| {
            let needs = needs::small_subgroup(facts);
            let fact = &facts.endpoint.flaws.small_subgroup;
            match asked(facts, "small_subgroup", fact, &needs) {
                // Whoever sends such a value harms himself; the server's key is in danger only if
                // it is used again.
                Finding::Vulnerable(_) => Finding::Potential(Said::new(
                    "nilai DHE 1 diterima; berbahaya jika kunci digunakan semula",
                    "a DHE value of 1 is taken; that is dangerous where keys are reused",
                )),
                other => other,
            }
        },
    },
    Weakness {
        id: "ticket-key",
        name: text("Kunci tiket yang diketahui umum", "Known session ticket key"),
        cve: Some("CVE-2020-13777"),
        check: |facts| {
            let fact = &facts.endpoint.flaws.ticket_key;
            let found = asked(facts, "ticket_key", fact, &needs::ticket_key(facts));
            let seen = facts.endpoint.flaws.evidence.get("ticket_key").or(fact.value());
            shown_as(found, Said::new("kunci", "the key"), seen)
        },
    },
    Weakness {
        id: "starttls-injection",
        name: text("Suntikan STARTTLS", "STARTTLS injection"),
        cve: Some("CVE-2011-0411"),
        check: |facts| {
            let needs = needs::starttls_injection(facts);
            asked(facts, "starttls_injection", &facts.endpoint.flaws.starttls_injection, &needs)
        },
    },
    Weakness {
        id: "opossum",
        name: name("Opossum"),
        cve: Some("CVE-2025-49812"),
        check: |facts| asked(facts, "opossum", &facts.endpoint.flaws.opossum, &needs::http(facts)),
    },
];

/// What is known of a flaw that was asked about: a fact, and the name of its field.
fn asked<T>(facts: &Facts, field: &str, fact: &Fact<T>, needs: &[Need]) -> Finding {
    let seen = facts.endpoint.flaws.evidence.get(field);
    let absent = needs::absent(needs);
    match &fact.seen {
        Seen::Yes { .. } => Finding::Vulnerable(Said::new("dibuktikan", "it was shown").seen(seen)),
        Seen::No => Finding::NotVulnerable(match (seen, absent) {
            (Some(_), _) | (None, None) => {
                Said::new("diuji dan tidak ditemui", "tested and not found").seen(seen)
            }
            (None, Some(absent)) => absent.into(),
        }),
        Seen::Unknown { why } => match absent {
            Some(absent) => Finding::NotVulnerable(absent.into()),
            None => Finding::NotTestable {
                why: Some(*why),
                because: Said::from(reason(*why)).seen(seen),
            },
        },
    }
}

/// What is known of a padding oracle.
fn oracle(facts: &Facts, field: &str, fact: &Fact<Oracle>) -> Finding {
    let found = asked(facts, field, fact, &needs::padding(facts));
    let degree = match fact.value() {
        Some(Oracle::Observable) => Said::new("dapat diperhatikan", "it can be observed"),
        _ => Said::new("boleh dieksploitasi", "it can be exploited"),
    };
    shown_as(found, degree, facts.endpoint.flaws.evidence.get(field))
}

/// The same finding, with better words for what was shown.
fn shown_as(found: Finding, said: Said, seen: Option<&String>) -> Finding {
    match found {
        Finding::Vulnerable(_) => Finding::Vulnerable(said.seen(seen)),
        other => other,
    }
}

/// It could not be tested, for a reason a fact has.
fn untested(why: Why) -> Finding {
    Finding::NotTestable { why: Some(why), because: reason(why).into() }
}
