//! The table of known weaknesses: what is said of servers that have them, may have them, cannot be
//! asked, or have them not.

use std::collections::BTreeSet;
use std::path::Path;

use taraf_scanner::grade::Facts;
use taraf_scanner::grade::weakness::{self, Finding, post_quantum, reason};
use taraf_scanner::observe::*;
use taraf_scanner::wire::{Group, StartTls, Suite, Version};

use crate::sound::*;

/// A change of the sound server.
type Change = fn(&mut Facts);

/// A server of before TLS 1.3 with everything that flaws need, and of which nothing was asked.
fn old() -> Facts {
    let mut facts = sound();
    only(&mut facts, &[ECDHE_CBC, Suite(0x2f), DHE_GCM]);
    facts.endpoint.heartbeat = yes(1);
    facts.endpoint.secure_renegotiation = no();
    facts.endpoint.flaws = Flaws::default();
    settle(&mut facts);
    facts
}

fn check(id: &str, facts: &Facts) -> Finding {
    let weakness = weakness::find(id).unwrap_or_else(|| panic!("no weakness {id}"));
    (weakness.check)(facts)
}

fn word(finding: &Finding) -> &'static str {
    match finding {
        Finding::Vulnerable(_) => "vulnerable",
        Finding::Potential(_) => "potential",
        Finding::NotTestable { .. } => "not testable",
        Finding::NotVulnerable(_) => "not vulnerable",
    }
}

/// A server that has it, and whether that is certain.
const THERE: &[(&str, &str, Change)] = &[
    ("heartbleed", "vulnerable", |f| f.endpoint.flaws.heartbleed = yes(())),
    ("ccs-injection", "vulnerable", |f| f.endpoint.flaws.early_ccs = yes(EarlyCcs::Exploitable)),
    ("ccs-injection", "potential", |f| f.endpoint.flaws.early_ccs = yes(EarlyCcs::Taken)),
    ("ticketbleed", "vulnerable", |f| f.endpoint.flaws.ticketbleed = yes(())),
    ("robot", "vulnerable", |f| f.endpoint.flaws.robot = yes(Robot::Little)),
    ("poodle-tls", "vulnerable", |f| f.endpoint.flaws.poodle_tls = yes(())),
    ("cve-2016-2107", "vulnerable", |f| f.endpoint.flaws.lucky_minus_20 = yes(())),
    ("zombie-poodle", "vulnerable", |f| f.endpoint.flaws.zombie_poodle = yes(Oracle::Observable)),
    ("goldendoodle", "vulnerable", |f| f.endpoint.flaws.goldendoodle = yes(Oracle::Exploitable)),
    ("sleeping-poodle", "vulnerable", |f| {
        f.endpoint.flaws.sleeping_poodle = yes(Oracle::Exploitable);
    }),
    ("zero-length", "vulnerable", |f| f.endpoint.flaws.zero_length = yes(Oracle::Observable)),
    ("drown", "vulnerable", |f| f.endpoint.flaws.drown = yes(())),
    ("insecure-renegotiation", "vulnerable", |f| {
        f.endpoint.flaws.legacy_renegotiation = yes(());
    }),
    ("client-renegotiation", "vulnerable", |f| f.endpoint.flaws.client_renegotiation = yes(())),
    ("invalid-curve", "vulnerable", |f| f.endpoint.flaws.invalid_curve = yes(())),
    ("small-subgroup", "potential", |f| f.endpoint.flaws.small_subgroup = yes(())),
    ("ticket-key", "vulnerable", |f| f.endpoint.flaws.ticket_key = yes("zeros".to_owned())),
    ("starttls-injection", "vulnerable", |f| f.endpoint.flaws.starttls_injection = yes(())),
    ("opossum", "vulnerable", |f| f.endpoint.flaws.opossum = yes(())),
    ("poodle", "vulnerable", |f| speak(f, Version::SSL3, &[ECDHE_CBC])),
    ("poodle", "potential", |f| speak(f, Version::SSL3, &[ECDHE_RC4, ECDHE_CBC])),
    ("freak", "vulnerable", |f| speak(f, Version::TLS10, &[Suite(0x03)])),
    ("logjam", "vulnerable", |f| speak(f, Version::TLS10, &[Suite(0x14)])),
    ("logjam", "vulnerable", |f| dhe(f, 1024, Some("RFC 2409 group 2"))),
    ("logjam", "vulnerable", |f| dhe(f, 1016, None)),
    ("logjam", "potential", |f| dhe(f, 1024, None)),
    ("sweet32", "vulnerable", |f| first(f, ECDHE_3DES)),
    ("sweet32", "potential", |f| speak(f, Version::TLS12, &[ECDHE_CBC, ECDHE_3DES])),
    ("rc4", "vulnerable", |f| speak(f, Version::TLS12, &[ECDHE_RC4])),
    ("beast", "potential", |f| speak(f, Version::TLS10, &[ECDHE_CBC])),
    ("lucky13", "potential", |f| speak(f, Version::TLS12, &[ECDHE_CBC])),
    ("crime", "vulnerable", |f| f.endpoint.compression = yes(1)),
    ("breach", "potential", |f| f.endpoint.flaws.breach = yes("gzip".to_owned())),
    ("fallback-scsv", "vulnerable", |f| {
        speak(f, Version::TLS11, &[ECDHE_CBC]);
        f.endpoint.fallback_scsv = no();
    }),
    ("raccoon", "potential", |f| {
        dhe(f, 2048, None);
        f.endpoint.reuse.dh = yes(());
    }),
    ("raccoon", "potential", |f| speak(f, Version::TLS12, &[Suite(0x31)])),
    ("winshock", "potential", |f| {
        only(f, &[ECDHE_CBC, Suite(0x2f)]);
        http(f).server = Some("Microsoft-IIS/7.5".to_owned());
    }),
    ("alpaca", "potential", |f| f.endpoint.alpn_mismatch = yes(AlpnMismatch::Ignored)),
    ("alpaca", "potential", |f| {
        f.endpoint.alpn = no();
        f.endpoint.alpn_mismatch = unknown();
    }),
    ("early-data-replay", "potential", |f| f.endpoint.session.early_data = yes(())),
    ("weak-random", "vulnerable", |f| f.endpoint.randoms.repeated = yes(())),
];

/// A server of which it cannot be told.
const OPEN: &[(&str, Change)] = &[
    ("opossum", |_| {}),
    ("breach", |_| {}),
    ("starttls-injection", |f| f.target.starttls = Some(StartTls::Smtp)),
    ("drown", |f| speak(f, Version::SSL2, &[])),
    ("poodle", |f| spoken(f, Version::SSL3, unknown())),
    ("freak", |f| spoken(f, Version::TLS10, unknown())),
    ("logjam", |f| f.endpoint.dh.clear()),
    ("sweet32", |f| list(f, Version::TLS12).unsettled = vec![ECDHE_3DES]),
    ("rc4", |f| list(f, Version::TLS12).unsettled = vec![ECDHE_RC4]),
    ("beast", |f| spoken(f, Version::TLS10, unknown())),
    ("lucky13", |f| {
        list(f, Version::TLS12).accepted = vec![ECDHE_GCM];
        list(f, Version::TLS12).unsettled = vec![ECDHE_CBC];
    }),
    ("crime", |f| f.endpoint.compression = unknown()),
    ("fallback-scsv", |f| {
        speak(f, Version::TLS11, &[ECDHE_CBC]);
        f.endpoint.fallback_scsv = unknown();
    }),
    ("raccoon", |f| f.endpoint.reuse.dh = unknown()),
    ("winshock", |f| {
        list(f, Version::TLS12).accepted = vec![ECDHE_CBC];
        http(f).server = None;
    }),
    ("alpaca", |f| f.endpoint.alpn_mismatch = unknown()),
    ("early-data-replay", |f| {
        speak(f, Version::TLS13, &[Suite(0x1301)]);
        f.endpoint.session.early_data = unknown();
    }),
    ("weak-random", |f| f.endpoint.randoms.repeated = unknown()),
    // The rest is open for a server nobody asked.
    ("heartbleed", |_| {}),
    ("ccs-injection", |_| {}),
    ("ticketbleed", |_| {}),
    ("robot", |_| {}),
    ("poodle-tls", |_| {}),
    ("cve-2016-2107", |_| {}),
    ("zombie-poodle", |_| {}),
    ("goldendoodle", |_| {}),
    ("sleeping-poodle", |_| {}),
    ("zero-length", |_| {}),
    ("insecure-renegotiation", |_| {}),
    ("client-renegotiation", |_| {}),
    ("invalid-curve", |_| {}),
    ("small-subgroup", |_| {}),
    ("ticket-key", |_| {}),
];

#[test]
fn ids_are_used_once_and_every_entry_is_tried() {
    let ids: Vec<_> = weakness::all().map(|it| it.id).collect();
    let once: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len());
    for id in &ids {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(fits), "{id}");
    }
    assert_eq!(THERE.iter().map(|it| it.0).collect::<BTreeSet<_>>(), once, "there");
    assert_eq!(OPEN.iter().map(|it| it.0).collect::<BTreeSet<_>>(), once, "open");
}

#[test]
fn the_sound_server_has_none() {
    let facts = sound();
    for it in weakness::all() {
        let found = (it.check)(&facts);
        assert_eq!(word(&found), "not vulnerable", "{}: {found:?}", it.id);
    }
}

#[test]
fn what_is_there_is_said() {
    for (id, expected, change) in THERE {
        let mut facts = sound();
        change(&mut facts);
        settle(&mut facts);
        let found = check(id, &facts);
        assert_eq!(word(&found), *expected, "{id}: {found:?}");
    }
}

#[test]
fn what_cannot_be_told_is_not_claimed() {
    for (id, change) in OPEN {
        let mut facts = old();
        change(&mut facts);
        settle(&mut facts);
        let found = check(id, &facts);
        assert_eq!(word(&found), "not testable", "{id}: {found:?}");
    }
}

#[test]
fn what_a_flaw_needs_decides_where_nobody_asked() {
    let mut facts = sound();
    facts.endpoint.flaws = Flaws::default();
    for id in ["heartbleed", "ccs-injection", "robot", "poodle-tls", "cve-2016-2107", "drown"] {
        let found = check(id, &facts);
        assert_eq!(word(&found), "not vulnerable", "{id}: {found:?}");
    }
    // Of a server that is not known at all, nothing follows.
    facts.endpoint.chains.clear();
    facts.endpoint.protocols.clear();
    facts.endpoint.heartbeat = Fact::default();
    for it in weakness::all().filter(|it| it.id != "starttls-injection") {
        let known = ["alpaca", "crime", "weak-random", "fallback-scsv"];
        let found = (it.check)(&facts);
        if !known.contains(&it.id) {
            assert_ne!(word(&found), "vulnerable", "{}: {found:?}", it.id);
        }
    }
    assert_eq!(word(&check("drown", &facts)), "not testable");
    assert_eq!(word(&check("heartbleed", &facts)), "not testable");
}

#[test]
fn evidence_stands_behind_what_was_found() {
    let mut facts = old();
    let flaws = &mut facts.endpoint.flaws;
    flaws.heartbleed = yes(());
    flaws.ticketbleed = no();
    flaws.robot = Fact::unknown(Why::Inconsistent, []);
    for field in ["heartbleed", "ticketbleed", "robot"] {
        flaws.evidence.insert(field.to_owned(), "seen so".to_owned());
    }
    let said = |finding| match finding {
        Finding::Vulnerable(said)
        | Finding::Potential(said)
        | Finding::NotVulnerable(said)
        | Finding::NotTestable { because: said, .. } => said.en,
    };
    assert_eq!(said(check("heartbleed", &facts)), "it was shown: seen so");
    assert_eq!(said(check("ticketbleed", &facts)), "tested and not found: seen so");
    let robot = check("robot", &facts);
    assert!(matches!(robot, Finding::NotTestable { why: Some(Why::Inconsistent), .. }));
    assert_eq!(said(robot), "answers differ from time to time: seen so");
    assert_eq!(said(check("poodle-tls", &facts)), "not asked");
}

#[test]
fn post_quantum_groups_stand_apart() {
    let mut facts = sound();
    let found = post_quantum(&facts).unwrap();
    assert_eq!((found.groups, found.preferred), (vec![Group::X25519MLKEM768], Some(true)));
    facts.endpoint.groups[0].accepted.swap(0, 1);
    assert_eq!(post_quantum(&facts).unwrap().preferred, Some(false));
    facts.endpoint.groups[0].accepted = vec![Group::X25519];
    assert_eq!(post_quantum(&facts).unwrap().groups, []);
    facts.endpoint.groups[0].unsettled = vec![Group::X25519MLKEM768];
    assert_eq!(post_quantum(&facts), None);
    spoken(&mut facts, Version::TLS13, unknown());
    assert_eq!(post_quantum(&facts), None);
}

/// What is said stands in a line of text, in both languages.
#[test]
fn words_are_complete() {
    let changes = THERE.iter().map(|(id, _, change)| (sound(), *id, *change));
    for (mut facts, id, change) in changes.chain(OPEN.iter().map(|(id, it)| (old(), *id, *it))) {
        change(&mut facts);
        settle(&mut facts);
        let (Finding::Vulnerable(said)
        | Finding::Potential(said)
        | Finding::NotVulnerable(said)
        | Finding::NotTestable { because: said, .. }) = check(id, &facts);
        for text in [&said.ms, &said.en] {
            assert!(!text.trim().is_empty() && !text.ends_with('.'), "{id}: {text}");
            assert!(text.is_ascii() && !text.contains("  "), "{id}: {text}");
        }
    }
    for why in [Why::NotAsked, Why::Timeout, Why::Inconsistent] {
        assert_ne!(reason(why).ms, reason(why).en);
    }
}

#[test]
fn the_document_names_every_weakness() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/REPORT.md");
    let text = std::fs::read_to_string(path).unwrap();
    for it in weakness::all() {
        let cve = it.cve.unwrap_or("");
        let row = format!("| `{}` | {} | {cve} |", it.id, it.name.en);
        assert!(text.contains(&row), "REPORT.md lacks: {row}");
    }
}
