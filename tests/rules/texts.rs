//! The texts of the rules.

use std::collections::BTreeSet;

use taraf_scanner::grade::{Evidence, Language, Rule, Text, Verdict, rules};

use crate::fixtures::{self, Fixture};

/// Indonesian words, where Malay has another.
const NOT_MALAY: [&str; 26] = [
    "sertifikat",
    "peladen",
    "unduh",
    "unggah",
    "tautan",
    "peramban",
    "situs",
    "jaringan",
    "kadaluwarsa",
    "kedaluwarsa",
    "privat",
    "enkripsi",
    "dekripsi",
    "sandi",
    "perbarui",
    "pemindaian",
    "galat",
    "rekomendasi",
    "kebijakan",
    "bisa",
    "karena",
    "server",
    "anda",
    "mengunduh",
    "silakan",
    "versi-versi",
];

/// Terms that carry the English word where they first stand in a text.
const TERMS: [(&str, &str); 9] = [
    ("sut sifer", "cipher suite"),
    ("kerahsiaan hadapan", "Forward Secrecy"),
    ("sijil perantaraan", "intermediate"),
    ("sijil akar", "root"),
    ("kunci persendirian", "private key"),
    ("penjanaan semula", "reissue"),
    ("jabat tangan tls", "handshake"),
    ("tembok api", "firewall"),
    ("pengimbang beban", "load balancer"),
];

fn texts(rule: &Rule) -> [(&'static str, Text); 5] {
    [
        ("title", rule.title),
        ("finding", rule.finding),
        ("fix", rule.fix),
        ("why", rule.why),
        ("probe", rule.probe),
    ]
}

/// The names in braces.
fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphabetic() && c != '-').map(str::to_lowercase)
}

#[test]
fn ids_are_well_formed_and_used_once() {
    let mut seen = BTreeSet::new();
    for rule in rules::all() {
        assert!(seen.insert(rule.id), "{} stands twice", rule.id);
        let (family, rest) = rule.id.split_once('-').expect("a family and a name");
        assert!("FCBWPTMR".contains(family) && family.len() == 1, "{}", rule.id);
        let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
        assert!(!rest.is_empty() && rest.bytes().all(allowed), "{}", rule.id);
        assert!(std::ptr::eq(rules::find(&rule.id.to_lowercase()).unwrap(), rule));
    }
}

/// Rule ids are promises: none may go or change its name.
#[test]
fn ids_of_the_rating_guide_are_all_there() {
    for id in "F-SSL2 F-SSL3-BEST F-RENEG F-KX F-SIGN F-ANON F-NULL F-WEAK F-RC4-ONLY F-POODLE-TLS \
               F-HEARTBLEED F-CCS F-LUCKY20 F-TICKETBLEED F-DROWN F-ROBOT F-CBC-ORACLE F-DEBIAN \
               F-EXPONENT F-REVOKED C-POODLE C-CRIME C-RC4-MODERN C-OLD-ONLY C-SWEET32 B-SSL3 B-RC4 \
               B-CHAIN B-KX B-FS B-AEAD B-TLS10 B-TLS11 W-RENEG W-FS W-TLS13 W-HSTS P-HSTS P-SHA1 \
               P-SCSV T-ISSUER T-SELF-SIGNED T-EXPIRED T-NOT-YET T-DISTRUSTED T-SHA1 T-FORM M-NAME"
        .split_whitespace()
    {
        assert!(rules::find(id).is_some(), "{id}");
    }
}

#[test]
fn texts_are_complete_in_both_languages() {
    for rule in rules::all() {
        assert!(!rule.source.is_empty(), "{}: no source", rule.id);
        for (name, text) in texts(rule) {
            for language in [Language::Malay, Language::English] {
                let what = format!("{} {name} {language:?}", rule.id);
                let text = text.r#in(language);
                assert!(!text.trim().is_empty(), "{what} is empty");
                assert_eq!(text, text.trim(), "{what}");
                assert!(!text.contains("  ") && !text.contains('\n'), "{what}: white space");
                assert_eq!(text.ends_with('.'), name != "title", "{what}: full stop");
                assert!(!text.contains('!'), "{what}: no shouting");
            }
            assert_ne!(text.ms, text.en, "{} {name}: not translated", rule.id);
            assert_eq!(places(text.ms), places(text.en), "{} {name}", rule.id);
        }
        let outside = [rule.title, rule.why, rule.probe];
        for text in outside {
            assert!(places(text.ms).is_empty(), "{}: only finding and fix have places", rule.id);
        }
    }
}

#[test]
fn findings_and_fixes_are_fit_for_notes() {
    for rule in rules::all() {
        for text in [rule.finding, rule.fix] {
            for text in [text.ms, text.en] {
                assert!(text.is_ascii(), "{}: {text}", rule.id);
                assert!(!text.contains(['"', '\'', '<', '>', '&', '`']), "{}: {text}", rule.id);
                assert!(text.len() <= 160, "{}: {} characters", rule.id, text.len());
            }
        }
    }
}

#[test]
fn malay_is_malay() {
    for rule in rules::all() {
        for (name, text) in texts(rule) {
            // `Server` is the name of a header.
            let ms = text.ms.replace("Pengepala Server", "").replace("pengepala Server", "");
            for word in words(&ms) {
                assert!(!NOT_MALAY.contains(&word.as_str()), "{} {name}: {word}", rule.id);
            }
            if name == "title" {
                continue;
            }
            let lower = ms.to_lowercase();
            for (term, english) in TERMS {
                let Some(at) = lower.find(term) else { continue };
                let rest = lower[at + term.len()..].trim_start();
                let expected = format!("({})", english.to_lowercase());
                assert!(rest.starts_with(&expected), "{} {name}: {term} ({english})", rule.id);
            }
        }
    }
}

#[test]
fn evidence_fills_every_place() {
    for fixture in fixtures::all() {
        let rule = fixture.rule();
        let Verdict::Holds(evidence) = (rule.check)(&Fixture::after(fixture.fault)) else {
            panic!("{} does not hold", rule.id)
        };
        let mut wanted: BTreeSet<_> = places(rule.finding.en);
        wanted.extend(places(rule.fix.en));
        let given: BTreeSet<_> = evidence.0.keys().copied().collect();
        assert!(wanted.is_subset(&given), "{}: {wanted:?}, but {given:?}", rule.id);
        for text in [rule.finding, rule.fix] {
            for text in [text.ms, text.en] {
                let filled = evidence.fill(text);
                assert!(!filled.contains(['{', '}']), "{}: {filled}", rule.id);
                assert!(filled.is_ascii(), "{}: {filled}", rule.id);
            }
        }
        let empty = evidence.0.iter().find(|(_, value)| value.trim().is_empty());
        assert_eq!(empty, None, "{}: a place is filled with nothing", rule.id);
    }
    assert_eq!(Evidence::of("n", 1).fill("{n}"), "1");
}
