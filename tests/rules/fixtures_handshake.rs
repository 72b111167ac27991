//! Fixtures of the rules about versions, key exchange, ciphers, flaws and HTTP.

use taraf_scanner::observe::*;
use taraf_scanner::wire::{Group, Scheme, StartTls, Suite, Version};

use crate::fixtures::Fixture;
use crate::sound::*;

pub const FIXTURES: &[Fixture] = &[
    Fixture::new(
        "F-SSL2",
        ("SSL 2.0 with one suite", |f| speak(f, Version::SSL2, &[Suite(0x03_0080)])),
        ("SSL 2.0 that answers without a suite", |f| speak(f, Version::SSL2, &[])),
    ),
    Fixture::new(
        "F-SSL3-BEST",
        ("SSL 3.0 alone", |f| {
            spoken(f, Version::TLS12, no());
            spoken(f, Version::TLS13, no());
            speak(f, Version::SSL3, &[ECDHE_RC4, ECDHE_CBC]);
            f.endpoint.session.ticket_resumed = no();
        }),
        ("SSL 3.0 and TLS 1.0", |f| {
            spoken(f, Version::TLS12, no());
            spoken(f, Version::TLS13, no());
            speak(f, Version::SSL3, &[ECDHE_RC4, ECDHE_CBC]);
            speak(f, Version::TLS10, &[ECDHE_CBC]);
        }),
    )
    .with(&[
        "C-OLD-ONLY",
        "B-SSL3",
        "B-RC4",
        "B-AEAD",
        "W-TLS13",
        "R-BEAST",
        "R-POST-QUANTUM",
        "R-NO-RESUMPTION",
    ])
    .replaces(),
    Fixture::new(
        "F-RENEG",
        ("insecure renegotiation was shown", |f| {
            f.endpoint.flaws.legacy_renegotiation = yes(());
        }),
        ("it was not looked for, but renegotiation is secure", |f| {
            f.endpoint.flaws.legacy_renegotiation = unknown();
        }),
    ),
    Fixture::new(
        "C-POODLE",
        ("SSL 3.0 with a CBC suite first", |f| speak(f, Version::SSL3, &[ECDHE_CBC])),
        ("SSL 3.0 with RC4 first in the server's order", |f| {
            speak(f, Version::SSL3, &[ECDHE_RC4, ECDHE_CBC]);
        }),
    )
    .with(&["B-SSL3", "R-BEAST"]),
    Fixture::new(
        "C-CRIME",
        ("DEFLATE is taken", |f| f.endpoint.compression = yes(1)),
        ("DEFLATE is not taken", |f| f.endpoint.compression = no()),
    ),
    Fixture::new(
        "C-OLD-ONLY",
        ("TLS 1.1 alone", |f| {
            spoken(f, Version::TLS12, no());
            spoken(f, Version::TLS13, no());
            speak(f, Version::TLS11, &[ECDHE_CBC]);
        }),
        ("TLS 1.1 and TLS 1.2", |f| {
            spoken(f, Version::TLS13, no());
            speak(f, Version::TLS11, &[ECDHE_CBC]);
        }),
    )
    .with(&["B-TLS11", "B-AEAD", "W-TLS13", "R-CBC", "R-POST-QUANTUM"])
    .replaces(),
    Fixture::new(
        "B-SSL3",
        ("SSL 3.0 with RC4 first", |f| speak(f, Version::SSL3, &[ECDHE_RC4, ECDHE_CBC])),
        ("SSL 3.0 is refused", |f| spoken(f, Version::SSL3, no())),
    )
    .with(&["B-RC4", "R-BEAST"]),
    Fixture::new(
        "B-TLS10",
        ("TLS 1.0", |f| speak(f, Version::TLS10, &[ECDHE_CBC])),
        ("TLS 1.0 is refused", |f| spoken(f, Version::TLS10, no())),
    )
    .with(&["R-CBC", "R-BEAST"]),
    Fixture::new(
        "B-TLS11",
        ("TLS 1.1", |f| speak(f, Version::TLS11, &[ECDHE_CBC])),
        ("TLS 1.1 is refused", |f| spoken(f, Version::TLS11, no())),
    )
    .with(&["R-CBC"]),
    Fixture::new(
        "W-RENEG",
        ("TLS 1.2 without secure renegotiation", |f| f.endpoint.secure_renegotiation = no()),
        ("TLS 1.3 alone, where there is none", |f| {
            spoken(f, Version::TLS12, no());
            f.endpoint.secure_renegotiation = no();
        }),
    ),
    Fixture::new(
        "W-TLS13",
        ("no TLS 1.3", |f| spoken(f, Version::TLS13, no())),
        ("TLS 1.3 alone", |f| spoken(f, Version::TLS12, no())),
    )
    .with(&["R-POST-QUANTUM"])
    .replaces(),
    Fixture::new(
        "P-SCSV",
        ("the signal is not honoured", |f| f.endpoint.fallback_scsv = no()),
        ("it is not known", |f| f.endpoint.fallback_scsv = unknown()),
    ),
    Fixture::new(
        "R-SCSV",
        ("the signal is not honoured, with two old versions", |f| {
            speak(f, Version::TLS11, &[ECDHE_CBC]);
            f.endpoint.fallback_scsv = no();
        }),
        ("with one old version there is nothing to fall back on", |f| {
            f.endpoint.fallback_scsv = no();
        }),
    )
    .with(&["B-TLS11", "R-CBC"]),
    Fixture::new(
        "R-CLIENT-RENEG",
        ("a client may renegotiate", |f| f.endpoint.flaws.client_renegotiation = yes(())),
        ("TLS 1.3 alone has no renegotiation", |f| {
            spoken(f, Version::TLS12, no());
            f.endpoint.flaws.client_renegotiation = unknown();
        }),
    ),
    Fixture::new(
        "R-BEAST",
        ("TLS 1.0 with CBC", |f| speak(f, Version::TLS10, &[ECDHE_CBC])),
        ("TLS 1.1 with CBC", |f| speak(f, Version::TLS11, &[ECDHE_CBC])),
    )
    .with(&["B-TLS10", "R-CBC"]),
    // Key exchange.
    Fixture::new(
        "F-KX",
        ("Diffie-Hellman parameters of 512 bits", |f| dhe(f, 512, None)),
        ("of 2048 bits", |f| dhe(f, 2048, None)),
    ),
    Fixture::new(
        "B-KX",
        ("Diffie-Hellman parameters of 1024 bits", |f| dhe(f, 1024, None)),
        ("of 2048 bits", |f| dhe(f, 2048, None)),
    ),
    Fixture::new(
        "B-FS",
        ("static RSA first in TLS 1.2", |f| first(f, RSA_GCM)),
        ("static RSA last in TLS 1.2", |f| speak(f, Version::TLS12, &[ECDHE_CBC, RSA_GCM])),
    )
    .with(&["W-FS", "R-STATIC-RSA"])
    .replaces(),
    Fixture::new(
        "W-FS",
        ("static RSA alone", |f| only(f, &[RSA_GCM])),
        ("ECDHE alone", |f| only(f, &[ECDHE_GCM])),
    )
    .with(&["B-FS", "W-TLS13", "R-STATIC-RSA", "R-POST-QUANTUM"])
    .replaces(),
    Fixture::new(
        "R-DH-COMMON",
        ("group 14 of RFC 3526", |f| dhe(f, 2048, Some("RFC 3526 group 14"))),
        ("ffdhe2048", |f| dhe(f, 2048, Some("ffdhe2048"))),
    ),
    Fixture::new(
        "R-DH-REUSE",
        ("public values of DHE come again", |f| {
            dhe(f, 2048, None);
            f.endpoint.reuse.dh = yes(());
        }),
        ("no suite with DHE", |f| f.endpoint.reuse.dh = unknown()),
    ),
    Fixture::new(
        "R-ECDH-REUSE",
        ("public values of ECDHE come again", |f| f.endpoint.reuse.ecdh = yes(())),
        ("those of DHE do", |f| f.endpoint.reuse.dh = yes(())),
    ),
    Fixture::new(
        "R-STATIC-RSA",
        ("a suite with static RSA", |f| speak(f, Version::TLS12, &[ECDHE_CBC, RSA_GCM])),
        ("one with ECDHE", |f| speak(f, Version::TLS12, &[ECDHE_CBC, ECDHE_GCM])),
    )
    .with(&["R-CBC"]),
    Fixture::new(
        "R-POST-QUANTUM",
        ("curves only", |f| f.endpoint.groups[0].accepted = vec![Group::X25519]),
        ("a hybrid behind a curve", |f| {
            f.endpoint.groups[0].accepted = vec![Group::X25519, Group::X25519MLKEM768];
        }),
    )
    .replaces(),
    Fixture::new(
        "R-SIGNATURE",
        ("SHA-1 is accepted in TLS 1.2", |f| f.endpoint.schemes.accepted.push(Scheme(0x0201))),
        ("SHA-1 is used in TLS 1.1 only, where there is no choice", |f| {
            f.endpoint.schemes.used.push((Version::TLS11, Scheme(0x0201)));
        }),
    ),
    Fixture::new(
        "R-EMS",
        ("no extended master secret", |f| f.endpoint.extended_master_secret = no()),
        ("none, in TLS 1.3 alone", |f| {
            spoken(f, Version::TLS12, no());
            f.endpoint.extended_master_secret = no();
        }),
    ),
    // Ciphers.
    Fixture::new(
        "F-ANON",
        ("an anonymous suite", |f| speak(f, Version::TLS12, &[Suite(0xa6)])),
        ("the same suite with a certificate", |f| dhe(f, 2048, None)),
    ),
    Fixture::new(
        "F-NULL",
        ("a NULL suite", |f| speak(f, Version::TLS12, &[Suite(0xc010)])),
        ("the same suite with a cipher", |f| speak(f, Version::TLS12, &[ECDHE_CBC])),
    ),
    Fixture::new(
        "F-WEAK",
        ("DES with 56 bits", |f| speak(f, Version::TLS12, &[Suite(0x09)])),
        ("DES three times", |f| speak(f, Version::TLS12, &[ECDHE_CBC, ECDHE_3DES])),
    )
    .with(&["R-STATIC-RSA", "R-3DES", "R-CBC"]),
    Fixture::new(
        "F-RC4-ONLY",
        ("RC4 alone", |f| only(f, &[ECDHE_RC4])),
        ("RC4 and AES", |f| only(f, &[ECDHE_RC4, ECDHE_GCM])),
    )
    .with(&["C-RC4-MODERN", "B-RC4", "B-AEAD", "W-TLS13", "R-POST-QUANTUM"])
    .replaces(),
    Fixture::new(
        "C-RC4-MODERN",
        ("RC4 first in TLS 1.2", |f| first(f, ECDHE_RC4)),
        ("RC4 last in TLS 1.2", |f| speak(f, Version::TLS12, &[ECDHE_CBC, ECDHE_RC4])),
    )
    .with(&["B-RC4"])
    .replaces(),
    Fixture::new(
        "C-SWEET32",
        ("3DES first in TLS 1.2", |f| first(f, ECDHE_3DES)),
        ("3DES last in TLS 1.2", |f| speak(f, Version::TLS12, &[ECDHE_CBC, ECDHE_3DES])),
    )
    .with(&["R-3DES", "R-CBC"])
    .replaces(),
    Fixture::new(
        "B-RC4",
        ("RC4 last in TLS 1.2", |f| speak(f, Version::TLS12, &[ECDHE_CBC, ECDHE_RC4])),
        ("AES last", |f| speak(f, Version::TLS12, &[ECDHE_CBC])),
    )
    .with(&["R-CBC"]),
    Fixture::new(
        "B-AEAD",
        ("CBC alone", |f| only(f, &[ECDHE_CBC])),
        ("CBC first, and GCM", |f| only(f, &[ECDHE_CBC, ECDHE_GCM])),
    )
    .with(&["W-TLS13", "R-CBC", "R-POST-QUANTUM"])
    .replaces(),
    Fixture::new(
        "R-3DES",
        ("3DES behind AES", |f| speak(f, Version::TLS12, &[ECDHE_CBC, ECDHE_3DES])),
        ("AES alone", |f| speak(f, Version::TLS12, &[ECDHE_CBC])),
    )
    .with(&["R-CBC"]),
    Fixture::new(
        "R-CBC",
        ("a CBC suite in TLS 1.2", |f| speak(f, Version::TLS12, &[ECDHE_CBC])),
        ("one of GCM", |f| speak(f, Version::TLS12, &[ECDHE_GCM])),
    ),
    Fixture::new(
        "R-ETM",
        ("CBC without encrypt-then-MAC", |f| {
            speak(f, Version::TLS12, &[ECDHE_CBC]);
            f.endpoint.encrypt_then_mac = no();
        }),
        ("GCM without it", |f| f.endpoint.encrypt_then_mac = no()),
    )
    .with(&["R-CBC"]),
    // Flaws.
    Fixture::new(
        "F-HEARTBLEED",
        ("it was shown", |f| f.endpoint.flaws.heartbleed = yes(())),
        ("not looked for, but there is no heartbeat", |f| {
            f.endpoint.flaws.heartbleed = unknown();
        }),
    ),
    Fixture::new(
        "F-CCS",
        ("exploitable", |f| f.endpoint.flaws.early_ccs = yes(EarlyCcs::Exploitable)),
        ("taken, but not exploitable", |f| f.endpoint.flaws.early_ccs = yes(EarlyCcs::Taken)),
    ),
    Fixture::new(
        "F-POODLE-TLS",
        ("it was shown", |f| f.endpoint.flaws.poodle_tls = yes(())),
        ("not looked for, but there is no CBC", |f| f.endpoint.flaws.poodle_tls = unknown()),
    ),
    Fixture::new(
        "F-LUCKY20",
        ("it was shown", |f| f.endpoint.flaws.lucky_minus_20 = yes(())),
        ("not looked for, with CBC, but a product that has TLS 1.3", |f| {
            speak(f, Version::TLS12, &[ECDHE_CBC]);
            f.endpoint.flaws.lucky_minus_20 = unknown();
        }),
    ),
    Fixture::new(
        "F-TICKETBLEED",
        ("it was shown", |f| f.endpoint.flaws.ticketbleed = yes(())),
        ("not looked for, but there are no tickets", |f| {
            f.endpoint.session.ticket_issued = no();
            f.endpoint.flaws.ticketbleed = unknown();
        }),
    ),
    Fixture::new(
        "F-DROWN",
        ("the key is used with SSL 2.0 elsewhere", |f| f.endpoint.flaws.drown = yes(())),
        ("not looked for, but the key is no RSA key", |f| {
            speak(f, Version::SSL2, &[Suite(0x03_0080)]);
            leaf(f).key.algorithm = KeyAlgorithm::Ec;
            f.endpoint.flaws.drown = unknown();
        }),
    ),
    Fixture::new(
        "F-ROBOT",
        ("a weak oracle", |f| f.endpoint.flaws.robot = yes(Robot::Little)),
        ("not looked for, but there is no static RSA", |f| f.endpoint.flaws.robot = unknown()),
    ),
    Fixture::new(
        "F-CBC-ORACLE",
        ("Zombie POODLE, observable", |f| {
            f.endpoint.flaws.zombie_poodle = yes(Oracle::Observable);
        }),
        ("not looked for, but there is no CBC", |f| f.endpoint.flaws.zombie_poodle = unknown()),
    ),
    Fixture::new(
        "R-CCS",
        ("taken, but not exploitable", |f| f.endpoint.flaws.early_ccs = yes(EarlyCcs::Taken)),
        ("exploitable, which is F-CCS", |f| {
            f.endpoint.flaws.early_ccs = yes(EarlyCcs::Exploitable);
        }),
    )
    // Nobody has both.
    .replaces(),
    // Flaws that the guide does not grade.
    Fixture::new(
        "R-INVALID-CURVE",
        ("a point off the curve is taken", |f| f.endpoint.flaws.invalid_curve = yes(())),
        ("not looked for, but every point of x25519 will do", |f| {
            f.endpoint.groups[1].accepted = vec![Group::X25519];
            f.endpoint.flaws.invalid_curve = unknown();
        }),
    ),
    Fixture::new(
        "R-TICKET-KEY",
        ("tickets open with a known key", |f| {
            f.endpoint.flaws.ticket_key = yes("zeros".to_owned());
        }),
        ("not looked for, but there are no tickets", |f| {
            f.endpoint.session.ticket_issued = no();
            f.endpoint.session.psk_issued = no();
            f.endpoint.flaws.ticket_key = unknown();
        }),
    ),
    Fixture::new(
        "R-STARTTLS-INJECTION",
        ("a command from before is answered inside", |f| {
            f.endpoint.flaws.starttls_injection = yes(());
        }),
        ("not looked for, but there is no STARTTLS", |f| {
            f.endpoint.flaws.starttls_injection = unknown();
        }),
    ),
    Fixture::new(
        "R-OPOSSUM",
        ("port 80 goes over to TLS", |f| f.endpoint.flaws.opossum = yes(())),
        ("not looked for, but this is mail", |f| {
            f.target.starttls = Some(StartTls::Smtp);
            f.endpoint.flaws.opossum = unknown();
        }),
    ),
    Fixture::new(
        "R-BREACH",
        ("the page comes with gzip", |f| f.endpoint.flaws.breach = yes("gzip".to_owned())),
        ("it comes as it is", |f| f.endpoint.flaws.breach = no()),
    ),
    Fixture::new(
        "R-WINSHOCK",
        ("IIS 8.5 without the suites of the patch", |f| {
            only(f, &[Suite(0xc02b), Suite(0xc013), Suite(0x2f)]);
            http(f).server = Some("Microsoft-IIS/8.5".to_owned());
        }),
        ("IIS 8.5 with one of them", |f| {
            only(f, &[Suite(0xc02b), Suite(0xc013), RSA_GCM]);
            http(f).server = Some("Microsoft-IIS/8.5".to_owned());
        }),
    )
    .with(&["W-TLS13", "R-CBC", "R-STATIC-RSA", "R-POST-QUANTUM", "R-SERVER-VERSION"])
    .replaces(),
    Fixture::new(
        "R-ALPACA",
        ("neither a foreign ALPN nor a foreign name is refused", |f| {
            f.endpoint.alpn_mismatch = yes(AlpnMismatch::Ignored);
        }),
        ("a foreign ALPN is ignored, a foreign name refused", |f| {
            f.endpoint.alpn_mismatch = yes(AlpnMismatch::Ignored);
            f.endpoint.sni.unrecognised = yes(Unrecognised::Refused);
        }),
    ),
    // HTTP.
    Fixture::new(
        "W-HSTS",
        ("two headers that differ", |f| hsts(f).state = HstsState::Invalid),
        ("one header", |f| hsts(f).state = HstsState::Present),
    )
    .with(&["P-HSTS"]),
    Fixture::new(
        "P-HSTS",
        ("a max-age of a second less than 180 days", |f| hsts(f).max_age = Some(15_551_999)),
        ("none, after STARTTLS", |f| {
            f.target.starttls = Some(StartTls::Smtp);
            f.endpoint.http = unknown();
        }),
    )
    .with(&["R-HSTS-SHORT"])
    .replaces(),
    Fixture::new(
        "R-HSTS-NONE",
        ("no header", |f| hsts(f).state = HstsState::Absent),
        ("a short one", |f| hsts(f).max_age = Some(1)),
    )
    .with(&["P-HSTS"])
    .replaces(),
    Fixture::new(
        "R-HSTS-SHORT",
        ("a max-age of one second", |f| hsts(f).max_age = Some(1)),
        ("of 180 days", |f| hsts(f).max_age = Some(15_552_000)),
    )
    .with(&["P-HSTS"])
    .replaces(),
    Fixture::new(
        "R-HSTS-SUBDOMAINS",
        ("without includeSubDomains", |f| hsts(f).include_subdomains = false),
        ("no header at all", |f| {
            hsts(f).include_subdomains = false;
            hsts(f).state = HstsState::Absent;
        }),
    ),
    Fixture::new(
        "R-REDIRECT-PLAIN",
        ("to http", |f| http(f).forwards_to = Some("HTTP://other.example/".to_owned())),
        ("to https", |f| http(f).forwards_to = Some("https://other.example/".to_owned())),
    ),
    Fixture::new(
        "R-SERVER-VERSION",
        ("a number behind the name", |f| http(f).server = Some("nginx/1.24.0".to_owned())),
        ("a name", |f| http(f).server = Some("nginx".to_owned())),
    ),
    Fixture::new(
        "R-HTTP",
        ("no answer", |f| f.endpoint.http = unknown()),
        ("not asked", |f| f.endpoint.http = Fact::default()),
    )
    .replaces(),
];
