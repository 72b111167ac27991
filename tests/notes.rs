//! Notes for the portal of GPKI: typical ones as they read today, and what holds for every note.
//!
//! The typical ones stand in `tests/notes/NAME.LANGUAGE.LENGTH.txt`; `TARAF_BLESS=1` writes them
//! anew. Read them after that: officers will paste them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use taraf_scanner::grade::rule::{Effort, Who};
use taraf_scanner::grade::{
    CRITERIA, Day, Effect, Evidence, Language, Letter, Score, Severity, rules,
};
use taraf_scanner::note::{
    AMinus, Length, Note, NoteOptions, OtherResult, Part, is_plain, needs_justification, note,
    reference,
};
use taraf_scanner::observe::{Contact, Why};
use taraf_scanner::report::{
    Both, Certainty, Difference, EndpointReport, Finding, Graded, Open, Outcomes, Report, Shown,
};
use taraf_scanner::wire::Version;

/// 12 November 2026, 10:30 in Malaysia.
const AT_MS: u64 = 1_794_450_600_000;
const LANGUAGES: [Language; 2] = [Language::Malay, Language::English];
const LENGTHS: [Length; 2] = [Length::Short, Length::Long];

/// Words of Indonesian that Malaysian Malay has other words for.
const NOT_MALAYSIAN: [&str; 19] = [
    "sertifikat",
    "peladen",
    "server",
    "unduh",
    "unggah",
    "tautan",
    "peramban",
    "situs",
    "jaringan",
    "kadaluwarsa",
    "kunci privat",
    "enkripsi",
    "kata sandi",
    "perbarui",
    "pemindaian",
    "galat",
    "rekomendasi",
    "kebijakan",
    "karena",
];

#[test]
fn typical_notes_read_as_they_did() {
    let bless = std::env::var_os("TARAF_BLESS").is_some_and(|value| !value.is_empty());
    let mut differ = Vec::new();
    let mut known: Vec<PathBuf> = Vec::new();
    for (name, report, options) in typical() {
        for language in LANGUAGES {
            for length in LENGTHS {
                let note = note(&report, language, length, &options);
                assert_sound(&note, &report);
                let file = format!(
                    "{name}.{}.{}.txt",
                    if language == Language::Malay { "ms" } else { "en" },
                    if length == Length::Short { "short" } else { "long" },
                );
                let path = folder().join(file);
                if bless {
                    fs::write(&path, format!("{}\n", note.text)).unwrap();
                }
                let stored = fs::read_to_string(&path).unwrap_or_default();
                if stored.trim_end() != note.text {
                    differ.push(format!("{}:\n{}", path.display(), note.text));
                }
                known.push(path);
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        assert!(known.contains(&path), "nothing makes {}", path.display());
    }
}

#[test]
fn malay_notes_are_malaysian() {
    for (name, report, options) in typical() {
        for length in LENGTHS {
            let text = note(&report, Language::Malay, length, &options).text.to_lowercase();
            for word in NOT_MALAYSIAN {
                assert!(!text.contains(word), "{name}: {word}");
            }
            for word in ["bisa", "anda"] {
                let has = text.split(|c: char| !c.is_alphabetic()).any(|one| one == word);
                assert!(!has, "{name}: {word}");
            }
            assert!(!text.contains('!'), "{name}");
        }
    }
}

/// The texts of the rules come into notes, so they keep the same words.
#[test]
fn the_rules_are_malaysian_too() {
    for rule in rules::all() {
        for text in [rule.title, rule.finding, rule.fix] {
            let lower = text.ms.to_lowercase();
            for word in NOT_MALAYSIAN.iter().filter(|word| **word != "server") {
                assert!(!lower.contains(word), "{}: {word}", rule.id);
            }
        }
    }
}

#[test]
fn what_is_dropped_is_dropped_in_order() {
    let (_, report, options) = typical().into_iter().find(|it| it.0 == "many-faults").unwrap();
    let short = note(&report, Language::Malay, Length::Short, &options);
    let order: Vec<Part> = short.left_out.clone();
    let mut sorted = order.clone();
    sorted.sort();
    assert_eq!(order, sorted, "{}", short.text);
    assert!(short.text.contains("ralat lain"), "{}", short.text);
    assert!(!short.text.contains("Rujukan"), "{}", short.text);
    let (_, report, options) = typical().into_iter().find(|it| it.0 == "b-two-faults").unwrap();
    let long = note(&report, Language::Malay, Length::Long, &options);
    assert!(long.text.contains(&format!("Rujukan: {}", long.reference)), "{}", long.text);
    // With room for all, nothing is missing.
    assert_eq!(long.left_out, [], "{}", long.text);
}

#[test]
fn a_justification_is_never_made_up() {
    let report = host(vec![("192.0.2.1", graded(Letter::B, vec![tls10()]))]);
    let without = note(&report, Language::Malay, Length::Long, &NoteOptions::default());
    assert!(without.text.contains("\nJustifikasi: ....\n"), "{}", without.text);
    assert!(!without.ready);
    let short = note(&report, Language::Malay, Length::Short, &NoteOptions::default());
    assert!(!short.text.contains("Justifikasi") && !short.ready, "{}", short.text);
    let blank = NoteOptions { justification: Some(" . ".to_owned()), ..NoteOptions::default() };
    assert!(!note(&report, Language::Malay, Length::Long, &blank).ready);
    let own = "Modul kaunter lama menggunakan TLS 1.0 \u{2013} <diganti> 2027.";
    let options = NoteOptions { justification: Some(own.to_owned()), ..NoteOptions::default() };
    for length in LENGTHS {
        let note = note(&report, Language::Malay, length, &options);
        let want = "Justifikasi: Modul kaunter lama menggunakan TLS 1.0 - (diganti) 2027.";
        assert!(note.text.contains(want) && note.ready, "{}", note.text);
    }
    let sound = host(vec![("192.0.2.1", graded(Letter::A, vec![]))]);
    for length in LENGTHS {
        let note = note(&sound, Language::English, length, &NoteOptions::default());
        assert!(!note.text.contains("Justification") && note.ready, "{}", note.text);
    }
}

#[test]
fn an_internal_address_stays_inside() {
    for (target, inner) in [
        ("10.1.2.3:443", "10.1.2.3"),
        ("10.1.2.3:8443", "10.1.2.3"),
        ("[fd00::5]:443", "fd00::5"),
        ("[fd00::5]:8443", "fd00::5"),
    ] {
        let mut report = host(vec![
            ("10.1.2.3", graded(Letter::B, vec![tls10()])),
            ("fd00::5", graded(Letter::A, vec![])),
        ]);
        report.target = target.to_owned();
        for language in LANGUAGES {
            for length in LENGTHS {
                let text = note(&report, language, length, &NoteOptions::default()).text;
                assert!(!text.contains(inner) && !text.contains("10.1"), "{text}");
            }
        }
    }
}

#[test]
fn the_reference_belongs_to_the_observation() {
    let report = host(vec![("192.0.2.1", graded(Letter::B, vec![tls10()]))]);
    let code = reference(&report);
    assert_eq!(code.len(), 9, "{code}");
    assert!(code.chars().all(|c| c == '-' || c.is_ascii_uppercase() || c.is_ascii_digit()));
    assert!(!code.contains(['I', 'L', 'O', 'U']), "{code}");
    // The first five bytes of what `sha256sum` says of that text, in base 32.
    let text = format!("{}\n{}\nB", report.target, report.at_ms);
    assert_eq!(text, "perkhidmatan.agensi.gov.my:443\n1794450600000\nB");
    assert_eq!(code, "SF1R-2V6Y");
    let mut other = report.clone();
    other.at_ms += 1;
    assert_ne!(reference(&other), code);
    let mut other = report;
    other.grade = Some(Letter::A);
    assert_ne!(reference(&other), code);
}

#[test]
fn rules_of_another_day_are_named() {
    let mut report = host(vec![("192.0.2.1", graded(Letter::A, vec![]))]);
    report.rules_at = Day::of(2013, 6, 1);
    for length in LENGTHS {
        let text = note(&report, Language::English, length, &NoteOptions::default()).text;
        assert!(text.contains("rules of 01/06/2013"), "{text}");
    }
    // No rule began or ended since the day before, so there is nothing to tell.
    report.rules_at = Day::of(2026, 11, 11);
    let text = note(&report, Language::English, Length::Long, &NoteOptions::default()).text;
    assert!(!text.contains("rules of"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_note_keeps_the_terms(report in any_report(), options in any_options()) {
        for language in LANGUAGES {
            for length in LENGTHS {
                let made = note(&report, language, length, &options);
                assert_sound(&made, &report);
                prop_assert_eq!(&made, &note(&report, language, length, &options));
                // Where there is something to do, the day by which it is done is never left out.
                let acts = made.text.contains("Tindakan") || made.text.contains("ction:");
                if let (Some(day), true) = (options.target_date, acts) {
                    let (year, month, day) = day.civil();
                    let date = format!("{day:02}/{month:02}/{year:04}");
                    prop_assert!(made.text.contains(&date), "{}", made.text);
                }
            }
        }
    }
}

/// What holds for every note.
#[track_caller]
fn assert_sound(note: &Note, report: &Report) {
    let text = &note.text;
    let count = text.chars().count();
    assert!(count <= note.length.most(), "{count}: {text}");
    let breaks = note.length == Length::Long;
    assert!(text.chars().all(|c| is_plain(c) || (breaks && c == '\n')), "{text:?}");
    assert!(is_plain(' ') && !"\"'`<>&\\\n\r\t\u{e9}".chars().any(is_plain));
    let malay = note.language == Language::Malay;
    let start = match (report.grade, malay, note.length) {
        (None, true, _) => "Taraf tiada. ".to_owned(),
        (None, false, _) => "No grade. ".to_owned(),
        (Some(grade), true, Length::Short) => format!("Taraf {grade}"),
        (Some(grade), false, Length::Short) => format!("Grade {grade}"),
        (Some(grade), true, Length::Long) => format!("Taraf keseluruhan: {grade}"),
        (Some(grade), false, Length::Long) => format!("Overall grade: {grade}"),
    };
    assert!(text.starts_with(&start), "{start}: {text}");
    let after = text.chars().nth(start.len());
    assert!(report.grade.is_none() || matches!(after, Some('.' | ' ')), "{text}");
    assert!(text.contains("12/11/2026"), "{text}");
    assert!(text.contains(if malay { "10:30 pagi" } else { "10:30" }), "{text}");
    if report.grade.is_some() && !report.certain {
        assert!(text.contains(if malay { "belum muktamad" } else { "not final" }), "{text}");
    }
    assert_eq!(note.reference, reference(report));
    let breaks_of = |c: &str| text.contains(c);
    assert!(!breaks_of("  ") && !breaks_of("..  ") && !breaks_of("{"), "{text}");
}

// ---- Reports made by hand ---------------------------------------------------------------------

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notes")
}

fn both(ms: &str, en: &str) -> Both {
    Both { ms: ms.to_owned(), en: en.to_owned() }
}

fn finding(
    id: &'static str,
    effect: Effect,
    severity: Severity,
    found: (&str, &str),
    fix: (&str, &str),
    grade_after: Option<Letter>,
) -> Finding {
    Finding {
        id,
        effect,
        severity,
        title: both(found.0, found.1),
        finding: both(found.0, found.1),
        fix: both(fix.0, fix.1),
        evidence: Evidence::default(),
        who: Who::Technical,
        effort: Effort::Minutes,
        grade_after,
    }
}

fn tls10() -> Finding {
    finding(
        "B-TLS10",
        Effect::Cap(Letter::B),
        Severity::Medium,
        ("Protokol lapuk TLS 1.0 masih aktif.", "Obsolete protocol TLS 1.0 is enabled."),
        (
            "Nyahaktifkan TLS 1.0; kekalkan TLS 1.2 dan 1.3.",
            "Disable TLS 1.0; keep TLS 1.2 and 1.3.",
        ),
        Some(Letter::A),
    )
}

fn chain() -> Finding {
    let mut chain = finding(
        "B-CHAIN",
        Effect::Cap(Letter::B),
        Severity::High,
        (
            "Rantaian sijil tidak lengkap: sijil perantaraan (intermediate) CN=GeoTrust TLS RSA \
             CA G1 tidak dihantar oleh pelayan.",
            "Chain incomplete: the server does not send the intermediate CN=GeoTrust TLS RSA CA \
             G1.",
        ),
        (
            "Pasang CN=GeoTrust TLS RSA CA G1 selepas sijil pelayan dan mulakan semula \
             perkhidmatan.",
            "Install CN=GeoTrust TLS RSA CA G1 after the server certificate and restart the \
             service.",
        ),
        Some(Letter::B),
    );
    chain.title = both("Rantaian sijil tidak lengkap", "Certificate chain incomplete");
    chain
}

fn no_tls13() -> Finding {
    finding(
        "W-TLS13",
        Effect::Warning,
        Severity::Low,
        ("TLS 1.3 belum disokong.", "TLS 1.3 is not supported yet."),
        (
            "Aktifkan TLS 1.3, atau rancang peningkatan perisian.",
            "Enable TLS 1.3, or plan the upgrade of the software.",
        ),
        Some(Letter::A),
    )
}

fn expired() -> Finding {
    finding(
        "T-EXPIRED",
        Effect::Untrusted,
        Severity::Critical,
        ("Sijil telah luput pada 10/11/2026.", "The certificate expired on 10/11/2026."),
        ("Pasang sijil baharu pada semua pelayan.", "Install the new certificate on all servers."),
        Some(Letter::A),
    )
}

fn mismatch() -> Finding {
    finding(
        "M-NAME",
        Effect::Mismatch,
        Severity::Critical,
        (
            "Nama domain tidak sepadan: sijil untuk www.agensi.gov.my.",
            "Name mismatch: certificate is for www.agensi.gov.my.",
        ),
        (
            "Betulkan binding/SNI atau pasang sijil yang meliputi perkhidmatan.agensi.gov.my.",
            "Fix binding/SNI or install a certificate that covers perkhidmatan.agensi.gov.my.",
        ),
        Some(Letter::A),
    )
}

fn ssl2() -> Finding {
    finding(
        "F-SSL2",
        Effect::Fail,
        Severity::Critical,
        ("SSL 2.0 aktif dan tidak selamat.", "SSL 2.0 is enabled and unsafe."),
        ("Nyahaktifkan SSL 2.0 dengan segera.", "Disable SSL 2.0 at once."),
        Some(Letter::B),
    )
}

fn no_hsts() -> Finding {
    finding(
        "P-HSTS",
        Effect::NoPlus,
        Severity::Info,
        ("Tiada pengepala HSTS.", "No HSTS header."),
        ("Hantar HSTS.", "Send HSTS."),
        Some(Letter::APlus),
    )
}

fn graded(grade: Letter, reasons: Vec<Finding>) -> Graded {
    let to_a = reasons.iter().filter(|it| it.effect != Effect::NoPlus).map(|it| it.id);
    Graded {
        grade,
        grade_trust_ignored: grade,
        has_warnings: false,
        is_exceptional: grade == Letter::APlus,
        score: Score::default(),
        versions: vec![Version::TLS12, Version::TLS13],
        shown: Shown {
            complete: Some(!reasons.iter().any(|it| it.id == "B-CHAIN")),
            name_matches: Some(!reasons.iter().any(|it| it.id == "M-NAME")),
            trusted: Some(!reasons.iter().any(|it| it.id == "T-EXPIRED")),
            serial: Some("0a1b2c3d7f3a".to_owned()),
            valid_until: Some(1_811_462_399),
        },
        certainty: Certainty::Certain,
        to_a: Some(to_a.collect()),
        to_a_plus: None,
        reasons,
        remarks: Vec::new(),
        unknown: Vec::new(),
        forward_secrecy: Some(4),
        rc4_with_modern: Some(false),
        weaknesses: Vec::new(),
        post_quantum: None,
        simulations: Vec::new(),
    }
}

/// A report of these addresses, worst first.
fn host(addresses: Vec<(&str, Graded)>) -> Report {
    let endpoints: Vec<EndpointReport> = addresses
        .into_iter()
        .map(|(address, graded)| EndpointReport {
            address: address.parse().unwrap(),
            port: 443,
            result: Outcomes::Graded(Box::new(graded)),
        })
        .collect();
    let certain = endpoints
        .iter()
        .all(|it| it.graded().is_some_and(|graded| graded.certainty == Certainty::Certain));
    Report {
        target: "perkhidmatan.agensi.gov.my:443".to_owned(),
        at_ms: AT_MS,
        tool: concat!("taraf ", env!("CARGO_PKG_VERSION")).to_owned(),
        criteria: CRITERIA,
        rules_at: Day::of(2026, 11, 12),
        grade: endpoints.iter().filter_map(EndpointReport::grade).max(),
        certain,
        endpoints,
        differences: Vec::new(),
    }
}

fn ungraded(address: &str, contact: Contact) -> EndpointReport {
    let address = address.parse().unwrap();
    EndpointReport { address, port: 443, result: Outcomes::NotGraded { contact } }
}

fn typical() -> Vec<(&'static str, Report, NoteOptions)> {
    let none = NoteOptions::default;
    let mut cases = Vec::new();
    let mut add = |name, report, options| cases.push((name, report, options));
    let one = |graded: Graded| host(vec![("192.0.2.1", graded)]);
    let by = |year, month, day| Some(Day::of(year, month, day));

    add("a-plus", one(graded(Letter::APlus, vec![])), none());
    let others = vec![
        OtherResult { tool: "SSL Labs".to_owned(), result: "A".to_owned() },
        OtherResult { tool: "SSL Shopper".to_owned(), result: "rantaian lengkap".to_owned() },
    ];
    let options = NoteOptions { others, ..none() };
    add("a-with-other-tools", one(graded(Letter::A, vec![no_hsts()])), options);
    let seven: Vec<(String, Graded)> =
        (1..=7).map(|n| (format!("192.0.2.{n}"), graded(Letter::A, vec![]))).collect();
    let seven = seven.iter().map(|(a, g)| (a.as_str(), g.clone())).collect();
    add("a-seven-addresses", host(seven), none());

    let mut old = graded(Letter::AMinus, vec![no_tls13()]);
    old.versions = vec![Version::TLS12];
    add("a-minus", one(old.clone()), none());
    let strict =
        NoteOptions { a_minus: AMinus::NeedsJustification, target_date: by(2027, 6, 30), ..none() };
    add("a-minus-strict", one(old), strict);

    let dated = NoteOptions { target_date: by(2026, 11, 15), ..none() };
    let mut short = graded(Letter::B, vec![chain()]);
    short.reasons[0].grade_after = Some(Letter::A);
    add("b-chain", one(short), dated.clone());
    let justified = NoteOptions {
        justification: Some(
            "Modul kaunter lama menggunakan TLS 1.0; peningkatan modul dalam perolehan".to_owned(),
        ),
        target_date: by(2026, 12, 31),
        ..none()
    };
    let mut tls = graded(Letter::B, vec![tls10()]);
    tls.versions = vec![Version::TLS10, Version::TLS12];
    add("b-tls10-justified", one(tls), justified);

    let both = graded(Letter::B, vec![chain(), tls10()]);
    add("b-two-faults", one(both), none());
    let mut many =
        graded(Letter::F, vec![ssl2(), expired(), mismatch(), chain(), tls10(), no_tls13()]);
    many.versions = vec![Version::SSL2, Version::TLS10, Version::TLS12];
    add("many-faults", one(many), dated.clone());
    add("t-expired", one(graded(Letter::T, vec![expired()])), dated.clone());
    add("m-name", one(graded(Letter::M, vec![mismatch()])), none());

    let mut differ = host(vec![
        ("192.0.2.2", graded(Letter::B, vec![tls10()])),
        ("192.0.2.1", graded(Letter::A, vec![])),
        ("2001:db8::1", graded(Letter::A, vec![])),
    ]);
    differ.differences = vec![Difference {
        id: "B-TLS10",
        title: tls10().title,
        at: vec!["192.0.2.2".parse().unwrap()],
    }];
    add("addresses-differ", differ, none());
    let mut half = host(vec![("192.0.2.1", graded(Letter::A, vec![]))]);
    half.endpoints.push(ungraded("192.0.2.9", Contact::Nothing { why: Why::Timeout }));
    half.certain = false;
    add("address-unreachable", half, none());

    let mut open = graded(Letter::A, vec![]);
    open.certainty = Certainty::Between { best: Letter::A, worst: Letter::F };
    open.unknown = vec![Open {
        id: "F-SSL2",
        title: Both { ms: "SSL 2.0 aktif".to_owned(), en: "SSL 2.0 is enabled".to_owned() },
        why: Why::Paced,
    }];
    add("uncertain", one(open), none());

    let mut silent = host(vec![]);
    silent.endpoints = vec![ungraded("192.0.2.1", Contact::Nothing { why: Why::Timeout })];
    add("no-grade-timeout", silent.clone(), dated);
    silent.endpoints = vec![ungraded("192.0.2.1", Contact::Refuses { alert: None })];
    add("no-grade-refused", silent.clone(), none());
    silent.endpoints.clear();
    add("no-grade-no-address", silent, none());

    let mut regraded = one(graded(Letter::B, vec![tls10()]));
    regraded.tool = "SSL Labs 2.3.0".to_owned();
    add("recorded-by-ssllabs", regraded, none());
    let mut long = one(graded(Letter::B, vec![tls10()]));
    long.target = format!("{}.perkhidmatan.agensi.gov.my:8443", "sangat-panjang".repeat(4));
    add("long-name", long, none());
    cases
}

// ---- Reports of any kind ----------------------------------------------------------------------

/// Texts such as a server may cause: any characters, and long.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z ,.;:()/-]{1,60}",
        any::<String>(),
        "\\PC{0,400}",
        Just("<script>alert(\"x\")</script> & 'y' {grade} {date}\r\n".to_owned()),
        "[\\x00-\\x7f]{0,300}",
    ]
}

fn any_letter() -> impl Strategy<Value = Letter> {
    proptest::sample::select(Letter::ALL.to_vec())
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let effect = prop_oneof![
        Just(Effect::Fail),
        Just(Effect::Revoked),
        Just(Effect::Untrusted),
        Just(Effect::Mismatch),
        Just(Effect::Warning),
        Just(Effect::NoPlus),
        any_letter().prop_map(Effect::Cap),
    ];
    let id = proptest::sample::select(vec![
        "B-CHAIN",
        "T-EXPIRED",
        "M-NAME",
        "F-SSL2",
        "B-TLS10",
        "W-TLS13",
        "C-RC4-MODERN",
    ]);
    let text = || (any_text(), any_text()).prop_map(|(ms, en)| Both { ms, en });
    let after = proptest::option::of(any_letter());
    (id, effect, any::<bool>(), text(), text(), text(), after).prop_map(
        |(id, effect, critical, title, finding, fix, grade_after)| Finding {
            id,
            effect,
            severity: if critical { Severity::Critical } else { Severity::Low },
            title,
            finding,
            fix,
            evidence: Evidence::default(),
            who: Who::Applicant,
            effort: Effort::Weeks,
            grade_after,
        },
    )
}

fn any_graded() -> impl Strategy<Value = Graded> {
    let certainty = prop_oneof![
        Just(Certainty::Certain),
        (any_letter(), any_letter())
            .prop_map(|(a, b)| Certainty::Between { best: a.min(b), worst: a.max(b) }),
    ];
    let shown = (
        any::<Option<bool>>(),
        any::<Option<bool>>(),
        any::<Option<bool>>(),
        proptest::option::of(any_text()),
        any::<Option<i64>>(),
    )
        .prop_map(|(complete, name_matches, trusted, serial, valid_until)| Shown {
            complete,
            name_matches,
            trusted,
            serial,
            valid_until,
        });
    let reasons = proptest::collection::vec(any_finding(), 0..9);
    let unknown = proptest::collection::vec(any_text(), 0..5);
    (any_letter(), reasons, certainty, shown, unknown, any::<(bool, bool)>()).prop_map(
        |(grade, reasons, certainty, shown, unknown, (known, plus))| {
            let ids: Vec<&'static str> = reasons.iter().map(|it| it.id).take(4).collect();
            Graded {
                certainty,
                shown,
                to_a: known.then(|| ids.clone()),
                to_a_plus: plus.then_some(ids),
                unknown: unknown
                    .into_iter()
                    .map(|title| Open {
                        id: "F-SSL2",
                        title: Both { ms: title.clone(), en: title },
                        why: Why::Timeout,
                    })
                    .collect(),
                ..graded(grade, reasons)
            }
        },
    )
}

fn any_report() -> impl Strategy<Value = Report> {
    let contact = prop_oneof![
        Just(Contact::Refuses { alert: None }),
        Just(Contact::Nothing { why: Why::Refused }),
        Just(Contact::Nothing { why: Why::Budget }),
        any_text().prop_map(|said| Contact::NoStartTls { said }),
    ];
    let result = prop_oneof![
        4 => any_graded().prop_map(|graded| Outcomes::Graded(Box::new(graded))),
        1 => contact.prop_map(|contact| Outcomes::NotGraded { contact }),
    ];
    let endpoint = (any::<IpAddr>(), any::<u16>(), result)
        .prop_map(|(address, port, result)| EndpointReport { address, port, result });
    let target = prop_oneof![
        "[a-z0-9.-]{1,250}:[0-9]{1,5}",
        any_text(),
        any::<IpAddr>().prop_map(|address| address.to_string()),
    ];
    let tool = prop_oneof![Just("taraf 0.1.0".to_owned()), any_text()];
    let endpoints = proptest::collection::vec(endpoint, 0..7);
    (target, tool, endpoints, any::<bool>(), 0..25_000_i32).prop_map(
        |(target, tool, mut endpoints, differs, day)| {
            endpoints.sort_by_key(|it| std::cmp::Reverse(it.grade()));
            let certain = |it: &EndpointReport| {
                it.graded().is_some_and(|graded| graded.certainty == Certainty::Certain)
            };
            let grade = endpoints.iter().filter_map(EndpointReport::grade).max();
            Report {
                target,
                tool,
                rules_at: Day(day),
                grade,
                certain: grade.is_some() && endpoints.iter().all(certain),
                differences: if differs {
                    vec![Difference { id: "B-TLS10", title: both("x", "x"), at: Vec::new() }]
                } else {
                    Vec::new()
                },
                endpoints,
                ..host(Vec::new())
            }
        },
    )
}

fn any_options() -> impl Strategy<Value = NoteOptions> {
    let others = proptest::collection::vec(
        (any_text(), any_text()).prop_map(|(tool, result)| OtherResult { tool, result }),
        0..3,
    );
    let day = proptest::option::of((0..40_000_i32).prop_map(Day));
    (any::<bool>(), proptest::option::of(any_text()), day, others).prop_map(
        |(strict, justification, target_date, others)| NoteOptions {
            a_minus: if strict { AMinus::NeedsJustification } else { AMinus::CountsAsA },
            justification,
            target_date,
            others,
        },
    )
}

#[test]
fn readiness_follows_the_need() {
    for (_, report, options) in typical() {
        let needs = needs_justification(report.grade, options.a_minus);
        let made = note(&report, Language::English, Length::Long, &options);
        assert_eq!(made.ready, !needs || options.justification.is_some(), "{}", made.text);
    }
}
