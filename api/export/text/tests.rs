//! Reports of facts made by hand, and texts that would do harm.

use std::collections::BTreeMap;

use base64_of::base64_of;
use taraf_scanner::grade::simulate::{Agreement, Failure};
use taraf_scanner::grade::weakness::PostQuantum;
use taraf_scanner::grade::{Day, Language, Letter};
use taraf_scanner::observe::*;
use taraf_scanner::pki;
use taraf_scanner::report::{
    Both, Certainty, Open, Outcomes, Report, Simulation, Standing, Weakness,
};
use taraf_scanner::target::Target;
use taraf_scanner::wire::flight::Foreign;
use taraf_scanner::wire::hello::AlertMessage;
use taraf_scanner::wire::{Alert, Group, Scheme, StartTls, Suite, Version};

use super::*;

/// 2026-11-23 18:30:05 UTC.
const NOW_MS: u64 = 1_795_458_605_000;
const PLAIN: Style = Style { colour: false, width: 80, verbose: false };
const EVIL: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{202e}\r\nProtocols\n  TLS 1.3  yes";

#[test]
fn an_ordinary_server() {
    let observation = observation(vec![ordinary()]);
    let text = report(&observation, PLAIN);
    let leaf = &observation.endpoints[0].chains[0].certificates[0];
    let text = text.replace(leaf.as_str(), "<its SHA-256>");
    assert!(text == include_str!("ordinary.txt"), "it reads now:\n{text}");
}

#[test]
fn facts_without_judgement() {
    let text = report(&observation(vec![ordinary()]), PLAIN).to_lowercase();
    let text = text.replace("secure renegotiation", "");
    let text: String = text.lines().filter(|line| !line.contains("  sha256  ")).collect();
    for word in [
        "weak",
        "insecure",
        "secure ",
        "good",
        "bad",
        "vulnerable",
        "grade",
        "strong",
        "deprecated",
        "obsolete",
        "dangerous",
        "safe",
    ] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn the_same_answers_are_told_once() {
    let first = ordinary();
    let mut second = first.clone();
    second.address = "2001:db8::1".parse().unwrap();
    second.cost.connections = 39;
    second.asked.clear();
    let text = report(&observation(vec![first.clone(), second.clone()]), PLAIN);
    assert_eq!(text.matches("Cipher suites").count(), 1, "{text}");
    assert!(text.contains("2001:db8::1 port 443: TLS 1.3, TLS 1.2; nginx\n"), "{text}");
    assert!(text.contains("  All answers are those of 192.0.2.1.\n"), "{text}");
    assert!(text.contains("39 connections"), "{text}");
    second.fallback_scsv = Fact::no([1]);
    let text = report(&observation(vec![first, second]), PLAIN);
    assert_eq!(text.matches("Cipher suites").count(), 2, "{text}");
}

#[test]
fn verbose_leaves_nothing_out() {
    let style = Style { verbose: true, ..PLAIN };
    let text = report(&observation(vec![ordinary()]), style);
    for want in [
        "     7  TLS 1.2 suites: TLS 1.2 TLS_RSA_WITH_AES_128_CBC_SHA (2 attempts)",
        "f.example.com",
        "     pin ",
        "     serial ",
        "      Date: today",
        "ffffffffffffffff",
    ] {
        assert!(text.contains(want), "{want} is not in\n{text}");
    }
    assert!(!report(&observation(vec![ordinary()]), PLAIN).contains("f.example.com"));
}

#[test]
fn an_old_server() {
    let mut endpoint = ordinary();
    let spoken = |version, suites: &[u32]| Suites {
        version,
        accepted: suites.iter().map(|id| Suite(*id)).collect(),
        unsettled: Vec::new(),
        server_order: Fact::no([1]),
        chacha_preference: Fact::unknown(Why::NotApplicable, []),
        how: vec![1],
    };
    let mut tls10 = spoken(Version::TLS10, &[0x0005, 0x0018, 0x0033, 0x0003, 0x7a7a]);
    tls10.unsettled = (0x2f..0x38).map(Suite).collect();
    endpoint.suites =
        vec![spoken(Version::SSL2, &[0x01_0080]), spoken(Version::SSL3, &[0x0005]), tls10];
    endpoint.suites.push(spoken(Version::TLS11, &[0x0005]));
    endpoint.suites.push(spoken(Version::TLS12, &[0x0005]));
    let text = report(&observation(vec![endpoint]), PLAIN);
    for want in [
        "  TLS 1.2, the client's order decides\n    TLS_RSA_WITH_RC4_128_SHA ",
        "  TLS 1.1, the client's order decides: the same suite as TLS 1.2\n",
        ", anonymous  yes\n",
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5      40  RSA export      no\n",
        "    0x7a7a                               ?  ?               ?\n",
        "    no clear answer about TLS_RSA_WITH_AES_128_CBC_SHA,\n",
        "TLS_DH_anon_WITH_AES_128_CBC_SHA and 3 more (9 in all)\n",
        "  SSL 2.0, the client's order decides\n",
    ] {
        assert!(text.contains(want), "{want:?} is not in\n{text}");
    }
}

#[test]
fn what_is_not_tls_is_stated_clearly() {
    let is = |port: u16, starttls: Option<StartTls>, contact: Contact, wants: &[&str]| {
        let mut observation = observation(vec![bare(contact)]);
        observation.target.port = port;
        observation.target.starttls = starttls;
        observation.endpoints[0].port = port;
        let text = report(&observation, PLAIN);
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for want in wants {
            assert!(flat.contains(want), "{want:?} is not in\n{text}");
        }
        let refuses = text.contains("refuses every hello");
        let heading = if refuses { "TLS, but no version agreed" } else { "no TLS" };
        assert!(flat.contains(&format!("192.0.2.1 port {port}: {heading}")), "{text}");
        assert_eq!(flat.contains("Protocols"), refuses, "{text}");
        assert!(words::unscanned(&observation).is_some());
    };
    let http = || Contact::NotTls {
        answer: Foreign::Http { line: "HTTP/1.1 400 Bad Request".to_owned() },
    };
    let line = |line: &str| Contact::NotTls { answer: Foreign::Text { line: line.to_owned() } };
    let nothing = |why| Contact::Nothing { why };
    is(
        443,
        None,
        http(),
        &[
            "Plain HTTP answers here, not TLS (HTTP/1.1 400 Bad Request).",
            "hint: port 443 usually speaks TLS",
        ],
    );
    is(80, None, http(), &["hint: HTTPS usually has a port of its own", "example.com:443"]);
    is(25, None, line("220 mx ready"), &["(`220 mx ready`)", "`--starttls smtp`"]);
    is(2525, None, line("220 mx ESMTP"), &["`--starttls smtp`"]);
    is(1430, None, line("* OK IMAP4rev1"), &["`--starttls imap`"]);
    is(1100, None, line("+OK hello"), &["`--starttls pop3`"]);
    is(22, None, line("SSH-2.0-OpenSSH_9.6"), &["(`SSH-2.0-OpenSSH_9.6`)", "`--starttls`"]);
    is(443, None, Contact::NotTls { answer: Foreign::Binary }, &["neither TLS nor text"]);
    is(
        25,
        Some(StartTls::Smtp),
        Contact::NoStartTls { said: "502 no".to_owned() },
        &["The smtp server does not go over to TLS: it said `502 no`."],
    );
    let alert = AlertMessage { level: 2, description: Alert::UNRECOGNIZED_NAME };
    is(
        443,
        None,
        Contact::Refuses { alert: Some(alert) },
        &["Speaks TLS but refuses every hello, most often with alert unrecognized_name."],
    );
    is(443, None, nothing(Why::Refused), &["Connection refused: nothing listens on port 443"]);
    is(443, None, nothing(Why::Timeout), &["No answer within the time allowed."]);
    is(443, None, nothing(Why::Closed), &["Takes connections and closes them"]);
    is(443, None, nothing(Why::Reset), &["Takes connections and resets them"]);
    is(443, None, nothing(Why::Unreachable), &["Cannot be reached"]);
    is(443, None, nothing(Why::Garbled), &["records that cannot be read"]);
    is(443, None, nothing(Why::Budget), &["the budget of connections, bytes or time was used up"]);

    let mut silent = bare(nothing(Why::Timeout));
    silent.cost.bytes_sent = 517;
    let text = report(&observation(vec![silent]), PLAIN);
    assert!(text.contains("Takes connections and never answers."), "{text}");
    let mut unnamed = observation(vec![bare(Contact::Refuses { alert: None })]);
    unnamed.target = Target::parse("192.0.2.1", None).unwrap();
    assert!(report(&unnamed, PLAIN).contains("`--sni NAME`"));
}

#[test]
fn a_name_that_does_not_resolve() {
    let mut observation = observation(Vec::new());
    observation.dns = DnsFacts { error: Some("no such name".to_owned()), ..DnsFacts::default() };
    let text = report(&observation, PLAIN);
    assert!(
        text.contains("The name does not resolve to an address to scan (no such name).\n"),
        "{text}"
    );
    assert!(text.contains("  hint: check the spelling"), "{text}");
}

#[test]
fn what_dns_says() {
    let mut observation = observation(vec![ordinary()]);
    let caa = |critical, tag: &str, value: &str| CaaRecord {
        critical,
        tag: tag.to_owned(),
        value: value.to_owned(),
    };
    let records = vec![caa(false, "issue", "ca.example"), caa(true, "issuewild", ";")];
    let tlsa = |usage, data: String| Tlsa { usage, selector: 1, matching: 1, data };
    observation.dns = DnsFacts {
        caa: Fact::yes(Caa { at: "example.com".to_owned(), records }, []),
        tlsa: Fact::yes(vec![tlsa(3, "0f".repeat(32)), tlsa(2, "abcd".to_owned())], []),
        https: Fact::yes(vec!["1 . alpn=h2,h3".to_owned()], []),
        dnssec: Fact::yes(Dnssec::Signed, []),
        ..observation.dns
    };
    let text = report(&observation, PLAIN);
    let want = "
  CAA                         issue \"ca.example\", issuewild \";\" (critical) (at
                              example.com)
  TLSA                        3 1 1 0f0f0f0f0f0f0f0f..., 2 1 1 abcd
  DNSSEC                      signed
  HTTPS record                1 . alpn=h2,h3
  Encrypted ClientHello       no configuration in DNS
";
    assert!(text.contains(want), "{text}");

    for (said, want) in [(Dnssec::Unsigned, "not signed"), (Dnssec::Bogus, "wrong or gone (bogus)")]
    {
        observation.dns.dnssec = Fact::yes(said, []);
        let text = report(&observation, PLAIN);
        let row = text.lines().find(|line| line.starts_with("  DNSSEC ")).unwrap();
        assert!(row.ends_with(want), "{row}");
    }

    observation.dns = DnsFacts {
        caa: Fact::no([]),
        tlsa: Fact::no([]),
        https: Fact::unknown(Why::Timeout, []),
        dnssec: Fact::unknown(Why::Garbled, []),
        ..observation.dns
    };
    let text = report(&observation, PLAIN);
    let want = "
  CAA                         none: any authority may issue
  TLSA                        none
  DNSSEC                      not known (the answer could not be read)
  HTTPS record                not known (no answer within the time allowed)
";
    assert!(text.contains(want), "{text}");

    // Where nobody asked, nothing is said.
    let text = report(&self::observation(vec![ordinary()]), PLAIN);
    assert!(!text.contains("CAA") && !text.contains("DNSSEC"), "{text}");
}

#[test]
fn what_is_not_known_has_a_reason() {
    let mut endpoint = ordinary();
    endpoint.session.id_resumed = Fact::unknown(Why::NoHandshake, []);
    endpoint.http = Fact::unknown(Why::NoHandshake, []);
    endpoint.npn = Fact::unknown(Why::Paced, []);
    endpoint.tolerance.empty_key_share = Fact::yes((), []);
    endpoint.session.early_data = Fact::unknown(Why::NotApplicable, []);
    let text = report(&observation(vec![endpoint]), PLAIN);
    let want = "\nNot known\n  \
        resumption by session id, HTTP (needs a handshake this client cannot complete)\n  \
        NPN (the server objected to more connections)\n  \
        early data (0-RTT) (has no meaning for this server)\n";
    assert!(text.contains(want), "{text}");
}

#[test]
fn hostile_texts_are_harmless() {
    let evil = || EVIL.to_owned();
    let mut endpoint = ordinary();
    endpoint.alpn = Fact::yes(vec![evil()], []);
    endpoint.npn = Fact::yes(vec![evil(); 70], []);
    endpoint.dh[0].known_as = Some(evil());
    endpoint.dh[0].prime = evil();
    endpoint.dh[0].generator = evil();
    let auth = ClientAuth { required: Seen::No, authorities: vec![evil(); 7] };
    endpoint.client_auth = Fact::yes(auth, []);
    let Seen::Yes { value: http } = &mut endpoint.http.seen else { panic!() };
    http.server = Some(evil());
    http.forwards_to = Some(evil());
    http.hsts.headers = vec![evil(), "y".repeat(60_000)];
    http.hsts.error = Some(evil());
    http.transactions[0].url = evil();
    http.transactions[0].status_line = evil();
    http.transactions[0].headers.push((evil(), evil()));
    endpoint.asked.push(Asked { id: 9, about: evil(), attempts: 1, answer: evil() });
    let chain = certificate(&["evil.example"], EVIL);
    let garbage = evil().into_bytes();
    for der in [chain, garbage] {
        let id = pki::sha256_hex([der.as_slice()]);
        endpoint.certificates.insert(id.clone(), base64_of(&der));
        endpoint.chains[0].certificates.push(id);
    }
    endpoint.chains[0].certificates.push(evil());
    let mut observation = observation(vec![endpoint]);
    for state in [HstsState::Present, HstsState::Disabled, HstsState::Invalid] {
        let Seen::Yes { value: http } = &mut observation.endpoints[0].http.seen else { panic!() };
        http.hsts.state = state;
        for verbose in [false, true] {
            assert_harmless(&report(&observation, Style { verbose, ..PLAIN }));
        }
    }
    let records = vec![CaaRecord { critical: true, tag: evil(), value: evil() }];
    observation.dns.caa = Fact::yes(Caa { at: evil(), records }, []);
    let tlsa = Tlsa { usage: 3, selector: 1, matching: 1, data: evil() };
    observation.dns.tlsa = Fact::yes(vec![tlsa], []);
    observation.dns.https = Fact::yes(vec![evil()], []);
    observation.dns.error = Some(evil());
    observation.tool = evil();
    for contact in [
        Contact::NoStartTls { said: evil() },
        Contact::NotTls { answer: Foreign::Http { line: evil() } },
        Contact::NotTls { answer: Foreign::Text { line: evil() } },
    ] {
        observation.endpoints = vec![bare(contact)];
        assert_harmless(&report(&observation, PLAIN));
        assert!(!words::unscanned(&observation).unwrap().what.contains('\u{1b}'));
    }
    observation.endpoints.clear();
    assert_harmless(&report(&observation, PLAIN));
}

/// Nothing but printable characters and line ends, and no line that a server has made up.
fn assert_harmless(text: &str) {
    assert!(text.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{text}");
    assert!(text.lines().filter(|line| *line == "Protocols").count() <= 1, "{text}");
    assert!(text.len() < 60_000, "{}", text.len());
}

#[test]
fn colour_changes_no_word() {
    let observation = observation(vec![ordinary()]);
    let coloured = report(&observation, Style { colour: true, ..PLAIN });
    assert!(coloured.contains("\u{1b}[1mProtocols\u{1b}[0m\n"));
    let stripped = coloured.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
    assert_eq!(stripped, report(&observation, PLAIN));
}

#[test]
fn lines_fit_the_width() {
    for line in report(&observation(vec![ordinary()]), PLAIN).lines() {
        assert!(line.len() <= 80 || line.contains("sha256"), "{line}");
    }
}

/// A report with everything that can be told, in texts that would do harm.
fn graded() -> Report {
    let mut old = ordinary();
    old.address = "192.0.2.2".parse().unwrap();
    let tls10 = Protocol { version: Version::TLS10, spoken: Fact::yes((), [1]), refusal: None };
    old.protocols.retain(|it| it.version != Version::TLS10);
    old.protocols.push(tls10);
    let mut report = Report::of(&observation(vec![ordinary(), old]), Day::of(2026, 11, 23));
    for endpoint in &mut report.endpoints {
        let Outcomes::Graded(graded) = &mut endpoint.result else { panic!() };
        let simulation = |client, reference, fails: Option<Failure>| Simulation {
            id: 1,
            client,
            reference,
            version: Some(Version::TLS12).filter(|_| fails != Some(Failure::Suite)),
            suite: Some(Suite(0xc02f)).filter(|_| fails.is_none()),
            group: Some(Group::X25519),
            fails,
            live: None,
            seen: None,
        };
        graded.simulations = vec![
            simulation("Known 1 / Win 10", true, None),
            simulation("Known 2", true, Some(Failure::Suite)),
            simulation("Old 1", false, None),
        ];
        graded.unknown = vec![Open {
            id: "F-SSL2",
            title: both("SSL 2.0 aktif", "SSL 2.0 is enabled"),
            why: Why::Paced,
        }];
        graded.certainty = Certainty::Between { best: Letter::A, worst: Letter::F };
        graded.forward_secrecy = Some(2);
        // What other rules make of it is not the matter here.
        graded.reasons.retain(|it| it.id == "B-TLS10");
        graded.remarks.clear();
        let is_old = !graded.reasons.is_empty();
        graded.grade = if is_old { Letter::B } else { Letter::A };
        graded.grade_trust_ignored = graded.grade;
        graded.to_a = Some(graded.reasons.iter().map(|it| it.id).collect());
        for reason in &mut graded.reasons {
            reason.grade_after = Some(Letter::A);
        }
    }
    report.endpoints.sort_by_key(|it| Reverse(it.grade()));
    report.differences.retain(|it| it.id == "B-TLS10");
    report.grade = Some(Letter::B);
    report.certain = false;
    report
}

fn both(ms: &str, en: &str) -> Both {
    Both { ms: ms.to_owned(), en: en.to_owned() }
}

#[test]
fn a_grade_is_told_with_its_reasons() {
    let report = graded();
    let text = grade::grade(&report, PLAIN, Language::English);
    assert!(
        text.starts_with(
            "  +-----+  example.com:443\n  |  B  |  by the SSL Labs rating guide 2009r, rules of \
             2026-11-23\n  +-----+  not certain, see below\n"
        ),
        "{text}"
    );
    for want in [
        "\nDifferences between addresses\n  TLS 1.0 is enabled (B-TLS10): only at 192.0.2.2\n",
        "\n192.0.2.2 port 443: B\n",
        "  grade                       B, but it may be from A to F\n",
        "  forward secrecy             the reference clients\n",
        "\nReasons\n  B     Obsolete protocol TLS 1.0 is enabled. (B-TLS10, medium)\n",
        "        to do: Disable TLS 1.0; keep TLS 1.2 and 1.3. (",
        "        after this alone: A",
        "  to reach A                  B-TLS10\n",
        "  SSL 2.0 is enabled (F-SSL2): the server objected to more connections\n",
        "  Known 1 / Win 10                TLS 1.2  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256  x25519\n",
        "  Known 2                         no suite in common\n  and 1 more with --verbose\n",
    ] {
        assert!(text.contains(want), "{want:?} is not in\n{text}");
    }
    let verbose = Style { verbose: true, ..PLAIN };
    let text = grade::grade(&report, verbose, Language::Malay);
    assert!(text.contains("  Old 1  ") && !text.contains("--verbose"), "{text}");
    assert!(text.contains("Protokol lapuk TLS 1.0 masih aktif. (B-TLS10, sederhana)"), "{text}");
    assert!(text.contains("  untuk taraf A               B-TLS10\n"), "{text}");
    for english in ["Reasons", "to do", "Remarks", "reach", "certain"] {
        assert!(!text.contains(english), "{english} is in\n{text}");
    }
}

#[test]
fn a_grade_does_no_harm() {
    let mut report = graded();
    report.target = EVIL.to_owned();
    for endpoint in &mut report.endpoints {
        let Outcomes::Graded(graded) = &mut endpoint.result else { panic!() };
        for finding in &mut graded.reasons {
            finding.finding = both(EVIL, EVIL);
            finding.fix = both(EVIL, EVIL);
        }
        graded.remarks = graded.reasons.clone();
        for weakness in &mut graded.weaknesses {
            weakness.name = both(EVIL, EVIL);
            weakness.because = both(EVIL, EVIL);
        }
        graded.weaknesses[0].verdict = Standing::Vulnerable;
        graded.weaknesses[1].verdict = Standing::Potential;
    }
    report.differences[0].title = both(EVIL, EVIL);
    for language in [Language::Malay, Language::English] {
        for verbose in [false, true] {
            let style = Style { verbose, ..PLAIN };
            assert_harmless(&grade::grade(&report, style, language));
            let coloured = grade::grade(&report, Style { colour: true, ..style }, language);
            let plain = ["\u{1b}[1;31m", "\u{1b}[1;33m", "\u{1b}[1m", "\u{1b}[0m"]
                .iter()
                .fold(coloured, |text, code| text.replace(code, ""));
            assert_eq!(plain, grade::grade(&report, style, language), "colour changes no word");
        }
    }
}

#[test]
fn equal_grades_are_told_once() {
    let mut second = ordinary();
    second.address = "2001:db8::1".parse().unwrap();
    let observation = observation(vec![ordinary(), second, bare(Contact::Refuses { alert: None })]);
    let report = Report::of(&observation, Day::of(2026, 11, 23));
    let text = grade::grade(&report, PLAIN, Language::English);
    assert_eq!(text.matches("  score ").count(), 1, "{text}");
    assert!(text.contains("The same as 192.0.2.1."), "{text}");
    assert!(text.contains("192.0.2.1 port 443: -\n"), "{text}");
    assert!(text.contains("No grade: this address does not speak TLS"), "{text}");
}

fn observation(endpoints: Vec<Endpoint>) -> Observation {
    let addresses = endpoints.iter().map(|endpoint| endpoint.address).collect();
    Observation {
        pki: Pki::default(),
        schema: SCHEMA,
        tool: "taraf 0.1.0".to_owned(),
        target: Target::parse("example.com", None).unwrap(),
        started_ms: NOW_MS,
        duration_ms: 2_449,
        dns: DnsFacts { addresses, ech: Fact::no([]), ..DnsFacts::default() },
        endpoints,
    }
}

/// An endpoint of which nothing is known.
fn bare(contact: Contact) -> Endpoint {
    Endpoint {
        address: "192.0.2.1".parse().unwrap(),
        port: 443,
        contact,
        protocols: Vec::new(),
        suites: Vec::new(),
        groups: Vec::new(),
        point_formats: Fact::default(),
        dh: Vec::new(),
        dhe_without_named_group: Fact::default(),
        reuse: Reuse::default(),
        schemes: Schemes::default(),
        chains: Vec::new(),
        certificates: BTreeMap::new(),
        ocsp_staple: Fact::default(),

        staple: None,

        flaws: Default::default(),
        scts: Fact::default(),
        alpn: Fact::default(),
        alpn_mismatch: Fact::default(),
        npn: Fact::default(),
        session: Session::default(),
        secure_renegotiation: Fact::default(),
        extended_master_secret: Fact::default(),
        encrypt_then_mac: Fact::default(),
        compression: Fact::default(),
        heartbeat: Fact::default(),
        max_fragment_length: Fact::default(),
        certificate_compression: Fact::default(),
        client_auth: Fact::default(),
        fallback_scsv: Fact::default(),
        sni: Sni::default(),
        randoms: Randoms::default(),
        tolerance: Tolerance::default(),
        http: Fact::default(),
        cost: Cost::default(),
        simulations: Vec::new(),
        asked: Vec::new(),
    }
}

/// An ordinary modern server.
fn ordinary() -> Endpoint {
    let alert = |description| Refusal::Alert { level: 2, description };
    let protocol = |version, spoken, refusal| Protocol { version, spoken, refusal };
    let der = certificate(
        &[
            "example.com",
            "www.example.com",
            "c.example.com",
            "d.example.com",
            "e.example.com",
            "f.example.com",
        ],
        "Example & Sons",
    );
    let id = pki::sha256_hex([der.as_slice()]);
    let sent = |sni, version| Sent { sni, version, key: KeyType::Ecdsa, how: 1 };
    let yes = || Fact::yes((), [1]);
    let no = || Fact::no([1]);
    Endpoint {
        protocols: vec![
            protocol(Version::SSL2, Fact::no([1]), Some(Refusal::Close)),
            protocol(Version::SSL3, Fact::unknown(Why::Timeout, [1]), None),
            protocol(Version::TLS10, Fact::no([1]), Some(alert(Alert::PROTOCOL_VERSION))),
            protocol(
                Version::TLS11,
                Fact::no([1]),
                Some(Refusal::OtherVersion { version: Version::TLS12 }),
            ),
            protocol(Version::TLS12, yes(), None),
            protocol(Version::TLS13, yes(), None),
        ],
        suites: vec![
            Suites {
                version: Version::TLS12,
                accepted: vec![Suite(0xc02b), Suite(0xcca9), Suite(0x009e), Suite(0x002f)],
                unsettled: Vec::new(),
                server_order: yes(),
                chacha_preference: yes(),
                how: vec![1],
            },
            Suites {
                version: Version::TLS13,
                accepted: vec![Suite(0x1301), Suite(0x1302), Suite(0x1303)],
                unsettled: Vec::new(),
                server_order: no(),
                chacha_preference: no(),
                how: vec![1],
            },
        ],
        groups: vec![
            Groups {
                version: Version::TLS13,
                accepted: vec![Group::X25519MLKEM768, Group::X25519, Group::SECP256R1],
                unsettled: Vec::new(),
                server_order: yes(),
                how: vec![1],
            },
            Groups {
                version: Version::TLS12,
                accepted: vec![Group::X25519],
                unsettled: vec![Group::SECP521R1],
                server_order: Fact::unknown(Why::NotApplicable, []),
                how: vec![1],
            },
        ],
        point_formats: Fact::yes(vec![0], [1]),
        dh: vec![Dh {
            bits: 2048,
            prime: "f".repeat(512),
            generator: "02".to_owned(),
            known_as: Some("RFC 3526 group 14".to_owned()),
            public_length: 256,
            named_by_client: false,
            suites: vec![(Version::TLS12, Suite(0x009e))],
        }],
        dhe_without_named_group: Fact::default(),
        reuse: Reuse { dh: no(), ecdh: yes() },
        schemes: Schemes {
            used: vec![
                (Version::TLS12, Scheme::ECDSA_SECP256R1_SHA256),
                (Version::TLS13, Scheme::ECDSA_SECP256R1_SHA256),
            ],
            accepted: vec![Scheme::ECDSA_SECP256R1_SHA256, Scheme::ECDSA_SHA1],
            unsettled: Vec::new(),
            how: vec![1],
        },
        chains: vec![Chain {
            facts: None,
            serves: None,
            certificates: vec![id.clone()],
            sent: vec![
                sent(SniSent::None, Version::TLS12),
                sent(SniSent::Name, Version::TLS12),
                sent(SniSent::Name, Version::TLS13),
            ],
        }],
        certificates: BTreeMap::from([(id, base64_of(&der))]),
        ocsp_staple: Fact::yes("AAAA".repeat(157), [1]),

        staple: None,

        flaws: Default::default(),
        scts: Fact::no([1]),
        alpn: Fact::yes(vec!["h2".to_owned(), "http/1.1".to_owned()], [1]),
        alpn_mismatch: Fact::yes(AlpnMismatch::Refused, [1]),
        npn: Fact::no([1]),
        session: Session {
            id_issued: yes(),
            id_resumed: yes(),
            ticket_issued: Fact::yes(Some(300), [1]),
            ticket_resumed: yes(),
            psk_issued: Fact::yes(2, [1]),
            psk_resumed: yes(),
            early_data: no(),
        },
        secure_renegotiation: yes(),
        extended_master_secret: yes(),
        encrypt_then_mac: no(),
        compression: Fact::no([1]),
        heartbeat: Fact::yes(1, [1]),
        max_fragment_length: Fact::yes(1, [1]),
        certificate_compression: Fact::yes(vec![2, 77], [1]),
        client_auth: Fact::no([1]),
        fallback_scsv: yes(),
        sni: Sni { required: no(), unrecognised: Fact::yes(Unrecognised::OtherCertificate, [1]) },
        randoms: Randoms { time: Fact::yes(-3, [1]), repeated: no() },
        tolerance: Tolerance {
            tls13: yes(),
            grease: yes(),
            version_0304: yes(),
            version_0499: no(),
            over_255: yes(),
            over_512: yes(),
            many_suites: yes(),
            unknown_extension: yes(),
            empty_key_share: Fact::unknown(Why::Budget, []),
        },
        http: Fact::yes(http(), [1]),
        cost: Cost {
            connections: 38,
            bytes_sent: 40_961,
            bytes_received: 96_020,
            duration_ms: 2_371,
            repeated: 2,
            paused_ms: 1_500,
        },
        asked: vec![Asked {
            id: 7,
            about: "TLS 1.2 suites".to_owned(),
            attempts: 2,
            answer: "TLS 1.2 TLS_RSA_WITH_AES_128_CBC_SHA".to_owned(),
        }],
        ..bare(Contact::Tls)
    }
}

fn http() -> Http {
    let value = "max-age=31536000; includeSubDomains".to_owned();
    Http {
        transactions: vec![Transaction {
            url: "https://example.com/".to_owned(),
            status: 301,
            status_line: "HTTP/1.1 301 Moved Permanently".to_owned(),
            headers: vec![("Date".to_owned(), "today".to_owned())],
            over: Version::TLS13,
            how: 1,
        }],
        status: 301,
        forwards_to: Some("https://www.example.org/".to_owned()),
        server: Some("nginx".to_owned()),
        hsts: Hsts {
            state: HstsState::Present,
            headers: vec![value],
            max_age: Some(31_536_000),
            include_subdomains: true,
            preload: false,
            directives: BTreeMap::new(),
            error: None,
        },
    }
}

/// A certificate for these names, valid from 2026-09-01 to 2026-11-30.
fn certificate(names: &[&str], organisation: &str) -> Vec<u8> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names).unwrap();
    params.not_before = rcgen::date_time_ymd(2026, 9, 1);
    params.not_after = rcgen::date_time_ymd(2026, 11, 30);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::OrganizationName, organisation);
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

/// Base64, which this package itself never writes.
mod base64_of {
    pub fn base64_of(bytes: &[u8]) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let quantum = |chunk: &[u8]| {
            let bits =
                chunk.iter().chain([&0, &0]).take(3).fold(0, |n, b| n << 8 | usize::from(*b));
            let digit = |index: usize| match index <= chunk.len() {
                true => char::from(DIGITS[bits >> (18 - 6 * index) & 63]),
                false => '=',
            };
            [digit(0), digit(1), digit(2), digit(3)]
        };
        bytes.chunks(3).flat_map(quantum).collect()
    }
}

#[test]
fn clients_that_get_something_else_are_named() {
    let mut report = graded();
    let text = grade::grade(&report, PLAIN, Language::English);
    assert!(!text.contains("tried for real"), "they were not: {text}");
    let Outcomes::Graded(graded) = &mut report.endpoints[0].result else { panic!() };
    graded.simulations[0].live = Some(Agreement::Agrees);
    graded.simulations[1].live = Some(Agreement::Differs);
    graded.simulations[1].seen = Some(LiveOutcome::Refuses { alert: None });
    graded.simulations[2].live = Some(Agreement::Unknown);
    graded.simulations[2].seen = Some(LiveOutcome::Unknown { why: Why::NotAsked });
    let text = grade::grade(&report, PLAIN, Language::English);
    for line in [
        "connection closed",
        "1 of 2 known clients get what was computed",
        "1 more could not be compared",
        "The trial was broken off",
    ] {
        assert!(text.contains(line), "{line} is not in: {text}");
    }
}

#[test]
fn known_weaknesses_are_told_shortly() {
    let mut report = graded();
    for endpoint in &mut report.endpoints {
        let Outcomes::Graded(graded) = &mut endpoint.result else { panic!() };
        let weakness = |id, standing, because| Weakness {
            id,
            name: both(id, id),
            cve: (id == "one").then_some("CVE-2026-0001"),
            verdict: standing,
            because: both(because, because),
            why: None,
        };
        graded.weaknesses = vec![
            weakness("one", Standing::Vulnerable, "seen"),
            weakness("two", Standing::Potential, "perhaps"),
            weakness("three", Standing::NotTestable, "silent"),
            weakness("four", Standing::NotTestable, "silent"),
            weakness("five", Standing::NotVulnerable, "asked"),
            weakness("six", Standing::NotVulnerable, "asked"),
        ];
        graded.post_quantum =
            Some(PostQuantum { groups: vec![Group::X25519MLKEM768], preferred: Some(true) });
    }
    let english = "\nKnown weaknesses\n\
        \x20 vulnerable          one (CVE-2026-0001): seen\n\
        \x20 potential           two: perhaps\n\
        \x20 not testable        three, four, because: silent\n\
        \x20 not vulnerable      five, six\n\
        \x20 post-quantum        offered and preferred: X25519MLKEM768\n";
    let text = grade::grade(&report, PLAIN, Language::English);
    assert!(text.contains(english), "{text}");
    let malay = "\nKelemahan diketahui\n\
        \x20 rentan              one (CVE-2026-0001): seen\n\
        \x20 mungkin rentan      two: perhaps\n\
        \x20 tidak dapat diuji   three, kerana silent\n\
        \x20 tidak dapat diuji   four, kerana silent\n\
        \x20 tidak rentan        five: asked\n\
        \x20 tidak rentan        six: asked\n\
        \x20 pascakuantum        ditawarkan dan diutamakan: X25519MLKEM768\n";
    let text = grade::grade(&report, Style { verbose: true, ..PLAIN }, Language::Malay);
    assert!(text.contains(malay), "{text}");
}
