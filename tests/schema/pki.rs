//! The certificates, chains and revocation of the observations made by hand.

use std::collections::BTreeMap;

use taraf_scanner::observe::*;

/// Chains as they may be examined, and what is served: together every case there is.
pub fn examined() -> Vec<(Option<ChainFacts>, Option<Serves>)> {
    let served = [Serves::This, Serves::Older, Serves::Newer, Serves::Other];
    let mut all: Vec<_> = completeness()
        .into_iter()
        .zip(served.into_iter().cycle())
        .map(|(completeness, serves)| (Some(facts(completeness)), Some(serves)))
        .collect();
    all.push((None, None));
    all
}

pub fn pki() -> Pki {
    let validations = [
        Some(Validation::Domain),
        Some(Validation::Individual),
        Some(Validation::Organisation),
        Some(Validation::Extended),
        None,
    ];
    let mut certificates: BTreeMap<String, Certificate> = validations
        .into_iter()
        .zip(SOURCES.into_iter().cycle())
        .enumerate()
        .map(|(i, (validation, source))| {
            let read = certificate(validation);
            (id(i as u8), Certificate { source, der: None, facts: Some(read), error: None })
        })
        .collect();
    let bare = CertFacts {
        self_signed: None,
        most_days: None,
        path_length: None,
        subject_key_id: None,
        authority_key_id: None,
        key: KeyFacts {
            algorithm: KeyAlgorithm::Other("1.2.3".to_owned()),
            bits: None,
            curve: None,
            strength: None,
            exponent: None,
            debian: None,
            roca: None,
        },
        ..certificate(None)
    };
    let found = |facts, error| Certificate {
        source: CertSource::Fetched,
        der: Some("MAA=".to_owned()),
        facts,
        error,
    };
    certificates.insert(id(10), found(Some(bare), None));
    certificates.insert(id(11), found(None, Some("it ends too early".to_owned())));
    let all = statuses();
    let each = all.iter().zip(all.iter().rev()).enumerate();
    let revocation = each
        .map(|(i, (crl, ocsp))| (id(i as u8), Revocation { crl: crl.clone(), ocsp: ocsp.clone() }));
    let url = "http://ca.example/issuer.crt".to_owned();
    Pki {
        certificates,
        stores: vec![Store { name: "mozilla".to_owned(), dated: "2026".to_owned(), roots: 140 }],
        revocation: revocation.collect(),
        fetched: vec![
            Fetched { url: url.clone(), bytes: 1_200, error: None },
            Fetched { url, bytes: 0, error: Some("timeout".to_owned()) },
        ],
        expected: Some(id(0)),
    }
}

pub fn staple() -> Staple {
    Staple {
        status: RevocationStatus::NotRevoked { until: None },
        produced_at: Some(1_700_000_000),
        this_update: Some(1_700_000_000),
        next_update: None,
        signed: Some(true),
    }
}

const SOURCES: [CertSource; 4] =
    [CertSource::Sent, CertSource::Known, CertSource::Fetched, CertSource::Store];

fn id(number: u8) -> String {
    format!("{number:02x}").repeat(32)
}

fn statuses() -> [RevocationStatus; 6] {
    [
        RevocationStatus::NotAsked,
        RevocationStatus::NotRevoked { until: Some(1_800_000_000) },
        RevocationStatus::NotRevoked { until: None },
        RevocationStatus::Revoked { at: 1_700_000_000, reason: Some("keyCompromise".to_owned()) },
        RevocationStatus::Revoked { at: 1_700_000_000, reason: None },
        RevocationStatus::Unknown { why: "http://ca.example/crl: timeout".to_owned() },
    ]
}

fn completeness() -> [Completeness; 6] {
    let found = Missing {
        subject: "CN=Intermediate".to_owned(),
        id: Some(id(1)),
        source: Some(CertSource::Known),
        uris: vec!["http://ca.example/issuer.crt".to_owned()],
    };
    let lost =
        || Missing { subject: "CN=Lost".to_owned(), id: None, source: None, uris: Vec::new() };
    [
        Completeness::Complete,
        Completeness::Incomplete { missing: vec![found, lost()] },
        Completeness::OwnRoot,
        Completeness::NoPath { missing: lost(), tried: Some("timeout".to_owned()) },
        Completeness::NoPath { missing: lost(), tried: None },
        Completeness::Unreadable,
    ]
}

fn faults() -> Vec<PathFault> {
    let text = || "x".to_owned();
    vec![
        PathFault::UnknownIssuer { issuer: text() },
        PathFault::SelfSigned,
        PathFault::OutOfDate(late()),
        PathFault::Distrusted { authority: text(), since: 1_700_000_000, source: text() },
        PathFault::NotAnAuthority { id: id(1) },
        PathFault::AuthorityAsLeaf,
        PathFault::Usage,
        PathFault::PathLength,
        PathFault::NameConstraints,
        PathFault::Signature,
        PathFault::Algorithm { algorithm: text() },
        PathFault::Form { what: text() },
    ]
}

fn late() -> OutOfDate {
    OutOfDate { id: id(0), leaf: true, early: false, at: 1_700_000_000 }
}

fn facts(completeness: Completeness) -> ChainFacts {
    let roles = [
        Role::Leaf,
        Role::Intermediate,
        Role::Root,
        Role::Duplicate,
        Role::PreviousCa,
        Role::Unrelated,
        Role::Unreadable,
    ];
    let step = |source| Step { id: id(1), subject: "CN=Step".to_owned(), source };
    let faults = || faults().into_iter().map(Some).chain([None]);
    let path = |fault| Path {
        certificates: vec![id(0), id(2)],
        stores: vec!["mozilla".to_owned()],
        sent: true,
        fault,
    };
    ChainFacts {
        sent: roles.map(|role| Placed { id: id(0), role, in_place: true }).to_vec(),
        should_be: SOURCES.map(step).to_vec(),
        completeness,
        paths: faults().map(path).collect(),
        trust: faults().map(|fault| Trust { store: "mozilla".to_owned(), fault }).collect(),
        name: NameMatch {
            host: "example".to_owned(),
            by: Some("example".to_owned()),
            only_common_name: false,
            near: vec!["www.example".to_owned()],
        },
        out_of_date: vec![late()],
        old_hashes: vec![OldHash { id: id(0), leaf: true, hash: "SHA1".to_owned() }],
        tlsa: [Some(true), Some(false), None].map(|fits| TlsaMatch { record: 0, fits }).to_vec(),
    }
}

fn certificate(validation: Option<Validation>) -> CertFacts {
    let one = |text: &str| vec![text.to_owned()];
    CertFacts {
        sha256: id(0),
        sha1: "0f".repeat(20),
        pin: "AAAA".repeat(10) + "AAA=",
        version: 3,
        subject: "CN=example".to_owned(),
        issuer: "CN=Intermediate".to_owned(),
        self_issued: false,
        self_signed: Some(false),
        common_names: one("example"),
        organisations: one("Example & Sons"),
        dns_names: one("*.example"),
        addresses: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
        serial: "0a".to_owned(),
        not_before: -1,
        not_after: 1_800_000_000,
        days: 90,
        most_days: Some(398),
        key: KeyFacts {
            algorithm: KeyAlgorithm::Rsa,
            bits: Some(2048),
            curve: Some("P-256".to_owned()),
            strength: Some(2048),
            exponent: Some("10001".to_owned()),
            debian: Some(false),
            roca: Some(false),
        },
        signature: "SHA256withRSA".to_owned(),
        is_ca: true,
        path_length: Some(0),
        key_usages: one("keyCertSign"),
        usages: one("1.3.6.1.5.5.7.3.1"),
        policies: one("2.23.140.1.2.1"),
        validation,
        name_constraints: false,
        must_staple: true,
        embedded_scts: true,
        scts: vec![Sct {
            log: "AAAA".to_owned(),
            name: Some("Log".to_owned()),
            at_ms: 1_700_000_000_000,
        }],
        crl_uris: one("http://ca.example/crl"),
        ocsp_uris: one("http://ca.example/ocsp"),
        issuer_uris: one("http://ca.example/issuer.crt"),
        subject_key_id: Some("0a".to_owned()),
        authority_key_id: Some("0a".to_owned()),
        unread_extensions: one("1.2.3"),
    }
}
