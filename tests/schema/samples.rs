//! Observations made by hand, in which every field stands and every case of every list.

use std::collections::BTreeMap;

use super::pki;
use taraf_scanner::observe::*;
use taraf_scanner::target::Target;
use taraf_scanner::wire::flight::Foreign;
use taraf_scanner::wire::hello::AlertMessage;
use taraf_scanner::wire::{Alert, Group, Scheme, StartTls, Suite, Version};

/// Observations that together have every field, some of them with little in it.
pub fn samples() -> Vec<(&'static str, Observation)> {
    let none = Observation { endpoints: Vec::new(), ..full() };
    let nowhere = Observation {
        dns: DnsFacts { error: Some("the name does not exist".to_owned()), ..DnsFacts::default() },
        ..none.clone()
    };
    let plain = Target::parse("192.0.2.1", None).unwrap();
    vec![
        ("full", full()),
        ("no endpoint", none),
        ("no address", nowhere),
        ("address", Observation { target: plain, ..full() }),
    ]
}

/// An observation with every field filled. No real server is like that.
pub fn full() -> Observation {
    let target = Target::parse("bücher.example", Some(StartTls::Smtp)).unwrap();
    let alert = AlertMessage { level: 2, description: Alert(40) };
    let said = "500 what?".to_owned();
    let contacts = [
        Contact::Tls,
        Contact::Refuses { alert: Some(alert) },
        Contact::Refuses { alert: None },
        Contact::NotTls { answer: Foreign::Http { line: "HTTP/1.1 400 No".to_owned() } },
        Contact::NotTls { answer: Foreign::Text { line: said.clone() } },
        Contact::NotTls { answer: Foreign::Binary },
        Contact::NoStartTls { said },
        Contact::Nothing { why: Why::Timeout },
    ];
    Observation {
        schema: SCHEMA,
        tool: "taraf 0.1.0".to_owned(),
        target: target.with_sni("other.example").unwrap(),
        started_ms: 1_700_000_000_000,
        duration_ms: 100,
        dns: DnsFacts {
            source: AddressSource::Given,
            addresses: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            error: None,
            ech: Fact::yes("AA==".to_owned(), []),
            caa: Fact::yes(caa(), []),
            tlsa: Fact::yes(vec![tlsa()], []),
            https: Fact::yes(vec!["1 . alpn=h2".to_owned()], []),
            dnssec: Fact::yes(Dnssec::Bogus, []),
        },
        endpoints: contacts.into_iter().map(endpoint).collect(),
        pki: pki::pki(),
    }
}

fn endpoint(contact: Contact) -> Endpoint {
    let no = Fact::<()>::no([1]);
    let flag = Fact::yes((), [1, 2]);
    let unheard = Fact::unknown(Why::NotAsked, []);
    let (version, suite) = (Version::TLS12, Suite(0xc02f));
    let sha256 = "0f".repeat(32);
    Endpoint {
        address: "192.0.2.1".parse().unwrap(),
        port: 443,
        contact,
        protocols: [
            None,
            Some(Refusal::Alert { level: 2, description: Alert(70) }),
            Some(Refusal::Ssl2Error { code: 1 }),
            Some(Refusal::OtherVersion { version }),
            Some(Refusal::Close),
            Some(Refusal::Reset),
            Some(Refusal::NotTls),
        ]
        .map(|refusal| Protocol { version, spoken: no.clone(), refusal })
        .to_vec(),
        suites: vec![Suites {
            version,
            accepted: vec![suite, Suite(0x01_0080), Suite(0xfafa)],
            unsettled: vec![suite],
            server_order: flag.clone(),
            chacha_preference: no.clone(),
            how: vec![1],
        }],
        groups: vec![Groups {
            version,
            accepted: vec![Group(29), Group(0xfafa)],
            unsettled: vec![Group(23)],
            server_order: unheard.clone(),
            how: vec![],
        }],
        point_formats: Fact::yes(vec![0], [1]),
        dh: vec![Dh {
            bits: 2048,
            prime: "ff".to_owned(),
            generator: "02".to_owned(),
            known_as: Some("ffdhe2048".to_owned()),
            public_length: 256,
            named_by_client: true,
            suites: vec![(version, suite)],
        }],
        dhe_without_named_group: flag.clone(),
        reuse: Reuse { dh: flag.clone(), ecdh: no.clone() },
        schemes: Schemes {
            used: vec![(version, Scheme(0x0804))],
            accepted: vec![Scheme(0x0804)],
            unsettled: vec![Scheme(0xfafa)],
            how: vec![1],
        },
        chains: pki::examined()
            .into_iter()
            .map(|(facts, serves)| Chain {
                certificates: vec![sha256.clone()],
                sent: vec![Sent { sni: SniSent::Name, version, key: KeyType::Rsa, how: 1 }],
                facts,
                serves,
            })
            .collect(),
        certificates: BTreeMap::from([(sha256, "MAA=".to_owned())]),
        ocsp_staple: Fact::yes("MAA=".to_owned(), [1]),
        staple: Some(pki::staple()),
        scts: Fact::yes("AAAA".to_owned(), [1]),
        alpn: Fact::yes(vec!["h2".to_owned()], [1]),
        alpn_mismatch: Fact::yes(AlpnMismatch::Refused, [1]),
        npn: Fact::yes(vec!["spdy/3".to_owned()], [1]),
        session: Session {
            id_issued: flag.clone(),
            id_resumed: flag.clone(),
            ticket_issued: Fact::yes(Some(300), [1]),
            ticket_resumed: flag.clone(),
            psk_issued: Fact::yes(2, [1]),
            psk_resumed: flag.clone(),
            early_data: unheard.clone(),
        },
        secure_renegotiation: flag.clone(),
        extended_master_secret: flag.clone(),
        encrypt_then_mac: flag.clone(),
        compression: Fact::yes(1, [1]),
        heartbeat: Fact::yes(1, [1]),
        max_fragment_length: Fact::yes(4, [1]),
        certificate_compression: Fact::yes(vec![2], [1]),
        client_auth: Fact::yes(
            ClientAuth { required: Seen::Unknown { why: Why::Closed }, authorities: vec![] },
            [1],
        ),
        fallback_scsv: flag.clone(),
        sni: Sni {
            required: no.clone(),
            unrecognised: Fact::yes(Unrecognised::OtherCertificate, [1]),
        },
        randoms: Randoms { time: Fact::yes(-3, [1]), repeated: no.clone() },
        tolerance: Tolerance {
            tls13: flag.clone(),
            grease: flag.clone(),
            version_0304: flag.clone(),
            version_0499: flag.clone(),
            over_255: flag.clone(),
            over_512: flag.clone(),
            many_suites: flag.clone(),
            unknown_extension: flag.clone(),
            empty_key_share: flag,
        },
        http: Fact::yes(http(), [1]),
        flaws: flaws(),
        cost: Cost {
            connections: 1,
            bytes_sent: 2,
            bytes_received: 3,
            duration_ms: 4,
            repeated: 5,
            paused_ms: 6,
        },
        simulations: [
            LiveOutcome::Answers { version, suite, group: Some(Group(29)) },
            LiveOutcome::Refuses { alert: Some(AlertMessage { level: 2, description: Alert(40) }) },
            LiveOutcome::Unknown { why: Why::NotAsked },
        ]
        .map(|outcome| LiveSimulation { client: 1, name: "A browser".to_owned(), outcome })
        .to_vec(),
        asked: vec![Asked {
            id: 1,
            about: "TLS 1.2".to_owned(),
            attempts: 1,
            answer: "TLS 1.2".to_owned(),
        }],
    }
}

fn flaws() -> Flaws {
    let yes = || Fact::yes((), [1]);
    let oracle = |value| Fact::yes(value, [1]);
    Flaws {
        heartbleed: yes(),
        early_ccs: Fact::yes(EarlyCcs::Exploitable, [1]),
        ticketbleed: Fact::no([1]),
        robot: Fact::yes(Robot::Little, [1]),
        poodle_tls: yes(),
        lucky_minus_20: yes(),
        zombie_poodle: oracle(Oracle::Observable),
        goldendoodle: oracle(Oracle::Exploitable),
        sleeping_poodle: oracle(Oracle::Observable),
        zero_length: oracle(Oracle::Observable),
        drown: yes(),
        legacy_renegotiation: yes(),
        client_renegotiation: yes(),
        invalid_curve: yes(),
        small_subgroup: yes(),
        ticket_key: Fact::yes("zeros".to_owned(), [1]),
        starttls_injection: yes(),
        opossum: yes(),
        breach: Fact::yes("gzip".to_owned(), [1]),
        evidence: BTreeMap::from([("drown".to_owned(), "SSL 2.0 with 1 suites".to_owned())]),
    }
}

fn caa() -> Caa {
    let (tag, value) = ("issue".to_owned(), "ca.example".to_owned());
    Caa { at: "example".to_owned(), records: vec![CaaRecord { critical: true, tag, value }] }
}

fn tlsa() -> Tlsa {
    Tlsa { usage: 3, selector: 1, matching: 1, data: "0f".repeat(32) }
}

fn http() -> Http {
    Http {
        transactions: vec![Transaction {
            url: "https://a.example/".to_owned(),
            status: 301,
            status_line: "HTTP/1.1 301 Moved".to_owned(),
            headers: vec![("Server".to_owned(), "x".to_owned())],
            over: Version::TLS13,
            how: 1,
        }],
        status: 301,
        forwards_to: Some("https://b.example/".to_owned()),
        server: Some("x".to_owned()),
        hsts: Hsts {
            state: HstsState::Invalid,
            headers: vec!["max-age=1;max-age=2".to_owned()],
            max_age: Some(1),
            include_subdomains: false,
            preload: false,
            directives: BTreeMap::from([("max-age".to_owned(), "1".to_owned())]),
            error: Some("max-age stands twice".to_owned()),
        },
    }
}
