//! A server without a fault by today's rules, and the changes that faults are made of.

use std::collections::BTreeMap;

use taraf_scanner::grade::simulate::Clients;
use taraf_scanner::grade::{Day, Facts};
use taraf_scanner::observe::*;
use taraf_scanner::target::Target;
use taraf_scanner::wire::{Group, Scheme, Suite, Version};

/// 2026-11-23, noon: when the server is looked at.
pub const NOW: i64 = 1_795_435_200;

pub const DAY: i64 = 86_400;

pub fn today() -> Day {
    Day::at(NOW)
}

pub const ECDHE_GCM: Suite = Suite(0xc02f);
pub const ECDHE_CBC: Suite = Suite(0xc013);
pub const RSA_GCM: Suite = Suite(0x9c);

pub const DHE_GCM: Suite = Suite(0x9e);

pub const ECDHE_RC4: Suite = Suite(0xc011);
pub const ECDHE_3DES: Suite = Suite(0xc012);

/// The facts, with what clients make of them.
pub fn sound() -> Facts {
    let leaf = certificate("leaf", "CN=www.example.my, O=Agensi", "CN=Issuing CA 1, O=CA");
    let intermediate = CertFacts {
        is_ca: true,
        not_after: NOW + 1000 * DAY,
        dns_names: Vec::new(),
        ..certificate("intermediate", "CN=Issuing CA 1, O=CA", "CN=Root 1, O=CA")
    };
    let certificates = [leaf, intermediate]
        .into_iter()
        .map(|facts| {
            let known = Certificate {
                source: CertSource::Sent,
                der: None,
                facts: Some(facts),
                error: None,
            };
            (known.facts.as_ref().unwrap().sha256.clone(), known)
        })
        .collect();
    let target = Target::parse("www.example.my", None).unwrap();
    let not_revoked = RevocationStatus::NotRevoked { until: Some(NOW + DAY) };
    let mut facts = Facts {
        at: NOW,
        dns: DnsFacts {
            source: AddressSource::Dns,
            addresses: vec!["192.0.2.1".parse().unwrap()],
            error: None,
            ech: no(),
            caa: yes(Caa { at: "example.my".to_owned(), records: Vec::new() }),
            tlsa: yes(vec![Tlsa { usage: 3, selector: 1, matching: 1, data: "00".to_owned() }]),
            https: no(),
            dnssec: yes(Dnssec::Signed),
        },
        target,
        endpoint: endpoint(),
        certificates,
        revocation: BTreeMap::from([(
            "leaf".to_owned(),
            Revocation { crl: not_revoked, ocsp: RevocationStatus::NotAsked },
        )]),
        clients: Clients::default(),
    };
    settle(&mut facts);
    facts
}

/// Works out what clients make of the server.
pub fn settle(facts: &mut Facts) {
    facts.simulate();
}

pub fn yes<T>(value: T) -> Fact<T> {
    Fact::yes(value, [1])
}

pub fn no<T>() -> Fact<T> {
    Fact::no([1])
}

pub fn unknown<T>() -> Fact<T> {
    Fact::unknown(Why::Timeout, [1])
}

fn certificate(id: &str, subject: &str, issuer: &str) -> CertFacts {
    CertFacts {
        sha256: id.to_owned(),
        sha1: id.to_owned(),
        pin: String::new(),
        version: 3,
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        self_issued: false,
        self_signed: Some(false),
        common_names: Vec::new(),
        organisations: Vec::new(),
        dns_names: vec!["www.example.my".to_owned()],
        addresses: Vec::new(),
        serial: "07f3a1".to_owned(),
        not_before: NOW - 10 * DAY,
        not_after: NOW + 80 * DAY,
        days: 90,
        most_days: Some(200),
        key: KeyFacts {
            algorithm: KeyAlgorithm::Rsa,
            bits: Some(2048),
            curve: None,
            strength: Some(2048),
            exponent: Some("10001".to_owned()),
            debian: Some(false),
            roca: Some(false),
        },
        signature: "SHA256withRSA".to_owned(),
        is_ca: false,
        path_length: None,
        key_usages: Vec::new(),
        usages: Vec::new(),
        policies: Vec::new(),
        validation: Some(Validation::Domain),
        name_constraints: false,
        must_staple: false,
        embedded_scts: true,
        scts: Vec::new(),
        crl_uris: vec!["http://crl.example/".to_owned()],
        ocsp_uris: vec!["http://ocsp.example/".to_owned()],
        issuer_uris: Vec::new(),
        subject_key_id: None,
        authority_key_id: None,
        unread_extensions: Vec::new(),
    }
}

fn placed(id: &str, role: Role) -> Placed {
    Placed { id: id.to_owned(), role, in_place: true }
}

fn served() -> Chain {
    let name = NameMatch {
        host: "www.example.my".to_owned(),
        by: Some("www.example.my".to_owned()),
        ..NameMatch::default()
    };
    Chain {
        certificates: vec!["leaf".to_owned(), "intermediate".to_owned()],
        sent: vec![Sent { sni: SniSent::Name, version: Version::TLS13, key: KeyType::Rsa, how: 1 }],
        facts: Some(ChainFacts {
            sent: vec![placed("leaf", Role::Leaf), placed("intermediate", Role::Intermediate)],
            should_be: Vec::new(),
            completeness: Completeness::Complete,
            paths: Vec::new(),
            trust: vec![Trust { store: "mozilla".to_owned(), fault: None }],
            name,
            out_of_date: Vec::new(),
            old_hashes: Vec::new(),
            tlsa: vec![TlsaMatch { record: 0, fits: Some(true) }],
        }),
        serves: Some(Serves::This),
    }
}

fn suites(version: Version, accepted: &[u32]) -> Suites {
    Suites {
        version,
        accepted: accepted.iter().copied().map(Suite).collect(),
        unsettled: Vec::new(),
        server_order: yes(()),
        chacha_preference: no(),
        how: vec![1],
    }
}

fn groups(version: Version, accepted: &[Group]) -> Groups {
    Groups {
        version,
        accepted: accepted.to_vec(),
        unsettled: Vec::new(),
        server_order: yes(()),
        how: vec![1],
    }
}

fn endpoint() -> Endpoint {
    let spoken = [Version::TLS12, Version::TLS13];
    let scheme = Scheme(0x0804);
    Endpoint {
        address: "192.0.2.1".parse().unwrap(),
        port: 443,
        contact: Contact::Tls,
        protocols: Version::ALL
            .into_iter()
            .map(|version| Protocol {
                version,
                spoken: if spoken.contains(&version) { yes(()) } else { no() },
                refusal: None,
            })
            .collect(),
        suites: vec![
            suites(Version::TLS12, &[0xc02f, 0xc030, 0xcca8]),
            suites(Version::TLS13, &[0x1302, 0x1303, 0x1301]),
        ],
        groups: vec![
            groups(Version::TLS13, &[Group::X25519MLKEM768, Group::X25519, Group::SECP256R1]),
            groups(Version::TLS12, &[Group::X25519, Group::SECP256R1]),
        ],
        point_formats: yes(vec![0]),
        dh: Vec::new(),
        dhe_without_named_group: no(),
        reuse: Reuse { dh: no(), ecdh: no() },
        schemes: Schemes {
            used: vec![(Version::TLS12, scheme), (Version::TLS13, scheme)],
            accepted: vec![scheme],
            unsettled: Vec::new(),
            how: vec![1],
        },
        chains: vec![served()],
        certificates: BTreeMap::new(),
        ocsp_staple: yes(String::new()),
        staple: Some(Staple {
            status: RevocationStatus::NotRevoked { until: Some(NOW + DAY) },
            produced_at: Some(NOW - DAY),
            this_update: Some(NOW - DAY),
            next_update: Some(NOW + DAY),
            signed: Some(true),
        }),
        scts: no(),
        alpn: yes(vec!["h2".to_owned()]),
        alpn_mismatch: yes(AlpnMismatch::Refused),
        npn: no(),
        session: Session {
            id_issued: no(),
            id_resumed: no(),
            ticket_issued: yes(Some(7200)),
            ticket_resumed: yes(()),
            psk_issued: yes(2),
            psk_resumed: yes(()),
            early_data: no(),
        },
        secure_renegotiation: yes(()),
        extended_master_secret: yes(()),
        encrypt_then_mac: yes(()),
        compression: no(),
        heartbeat: no(),
        max_fragment_length: no(),
        certificate_compression: no(),
        client_auth: no(),
        fallback_scsv: yes(()),
        sni: Sni { required: no(), unrecognised: yes(Unrecognised::SameCertificate) },
        randoms: Randoms { time: yes(0), repeated: no() },
        tolerance: Tolerance {
            tls13: yes(()),
            grease: yes(()),
            version_0304: yes(()),
            version_0499: yes(()),
            over_255: yes(()),
            over_512: yes(()),
            many_suites: yes(()),
            unknown_extension: yes(()),
            empty_key_share: yes(()),
        },
        http: yes(Http {
            transactions: Vec::new(),
            status: 200,
            forwards_to: None,
            server: Some("nginx".to_owned()),
            hsts: Hsts {
                state: HstsState::Present,
                headers: vec!["max-age=31536000; includeSubDomains".to_owned()],
                max_age: Some(31_536_000),
                include_subdomains: true,
                preload: false,
                directives: BTreeMap::new(),
                error: None,
            },
        }),
        flaws: Flaws {
            heartbleed: no(),
            early_ccs: no(),
            ticketbleed: no(),
            robot: no(),
            poodle_tls: no(),
            lucky_minus_20: no(),
            zombie_poodle: no(),
            goldendoodle: no(),
            sleeping_poodle: no(),
            zero_length: no(),
            drown: no(),
            legacy_renegotiation: no(),
            client_renegotiation: no(),
            invalid_curve: no(),
            small_subgroup: no(),
            ticket_key: no(),
            starttls_injection: no(),
            opossum: no(),
            breach: no(),
            evidence: BTreeMap::new(),
        },
        cost: Cost::default(),
        simulations: Vec::new(),
        asked: Vec::new(),
    }
}

/// Speaks a version as well, with these suites behind those it has.
pub fn speak(facts: &mut Facts, version: Version, accepted: &[Suite]) {
    spoken(facts, version, yes(()));
    if facts.suites(version).is_none() {
        facts.endpoint.suites.push(suites(version, &[]));
    }
    let list = list(facts, version);
    for suite in accepted {
        if !list.accepted.contains(suite) {
            list.accepted.push(*suite);
        }
    }
}

/// Whether a version is spoken; one that is not has no suites.
pub fn spoken(facts: &mut Facts, version: Version, spoken: Fact<()>) {
    if !spoken.is_yes() {
        facts.endpoint.suites.retain(|list| list.version != version);
    }
    let protocols = &mut facts.endpoint.protocols;
    protocols.iter_mut().find(|it| it.version == version).unwrap().spoken = spoken;
}

/// The suites of a version that is spoken.
pub fn list(facts: &mut Facts, version: Version) -> &mut Suites {
    facts.endpoint.suites.iter_mut().find(|list| list.version == version).unwrap()
}

/// Puts a suite first in TLS 1.2.
pub fn first(facts: &mut Facts, suite: Suite) {
    speak(facts, Version::TLS12, &[]);
    let list = list(facts, Version::TLS12);
    list.accepted.retain(|other| *other != suite);
    list.accepted.insert(0, suite);
}

/// Leaves nothing but these in TLS 1.2, and no TLS 1.3.
pub fn only(facts: &mut Facts, accepted: &[Suite]) {
    spoken(facts, Version::TLS13, no());
    speak(facts, Version::TLS12, accepted);
    list(facts, Version::TLS12).accepted = accepted.to_vec();
}

/// What stands in the leaf.
pub fn leaf(facts: &mut Facts) -> &mut CertFacts {
    facts.certificates.get_mut("leaf").unwrap().facts.as_mut().unwrap()
}

/// What the chain is worth.
pub fn chain(facts: &mut Facts) -> &mut ChainFacts {
    facts.endpoint.chains[0].facts.as_mut().unwrap()
}

/// Is not trusted, for that reason if there is none yet.
pub fn distrust(facts: &mut Facts, fault: PathFault) {
    chain(facts).trust[0].fault.get_or_insert(fault);
}

/// Another certificate is sent with the chain.
pub fn send(facts: &mut Facts, id: &str, role: Role) {
    let known = certificate(id, &format!("CN={id}, O=CA"), "CN=Root 0, O=CA");
    let certificate =
        Certificate { source: CertSource::Sent, der: None, facts: Some(known), error: None };
    facts.certificates.insert(id.to_owned(), certificate);
    chain(facts).sent.push(placed(id, role));
    facts.endpoint.chains[0].certificates.push(id.to_owned());
}

/// A second chain, for ECDSA.
pub fn second_chain(facts: &mut Facts) -> &mut ChainFacts {
    let mut second = served();
    second.sent[0].how = 2;
    facts.endpoint.chains.push(second);
    facts.endpoint.chains.last_mut().unwrap().facts.as_mut().unwrap()
}

/// The policy.
pub fn hsts(facts: &mut Facts) -> &mut Hsts {
    &mut http(facts).hsts
}

/// What HTTP says.
pub fn http(facts: &mut Facts) -> &mut Http {
    if !facts.endpoint.http.is_yes() {
        facts.endpoint.http = sound().endpoint.http;
    }
    let Seen::Yes { value } = &mut facts.endpoint.http.seen else { panic!("HTTP is spoken") };
    value
}

/// A finite-field group with a suite of TLS 1.2 that uses it.
pub fn dhe(facts: &mut Facts, bits: u16, known_as: Option<&str>) {
    speak(facts, Version::TLS12, &[DHE_GCM]);
    facts.endpoint.dh.push(Dh {
        bits,
        prime: "ff".to_owned(),
        generator: "02".to_owned(),
        known_as: known_as.map(str::to_owned),
        public_length: bits / 8,
        named_by_client: false,
        suites: vec![(Version::TLS12, DHE_GCM)],
    });
}
