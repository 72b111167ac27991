//! Servers made for the purpose, and what single clients make of them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::observe::{
    AlpnMismatch, CertFacts, CertSource, Certificate, Chain, ChainFacts, Completeness, Contact, Dh,
    Endpoint, Fact, Groups, KeyAlgorithm, KeyType, NameMatch, Protocol, Sent, SniSent, Suites,
};
use crate::target::Target;

/// Some certificate with a key on P-256, for what does not matter here.
const CERTIFICATE: &str = "MIIBbTCCAROgAwIBAgIUKH8pk+JwmpwLdwY1JdLwX863/wMwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBdDAeFw0yNjExMjMyMjIxNTFaFw0yNjExMjQyMjIxNTFaMAwxCjAIBgNVBAMMAXQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARFzzeYyu25l9pl++nhsPgWSJMRMieVyn5lA1O6mJoFTtGsx5mSP8+tMxmiKqy3+TRBy/kdsvIHyz6FBEN+MhjHo1MwUTAdBgNVHQ4EFgQUet0FVgdskaZUrRz26SDoIeqfziEwHwYDVR0jBBgwFoAUet0FVgdskaZUrRz26SDoIeqfziEwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA+17kfdB2MCrQ+XANUXhzSHPsyQuvnnx/S8dzzW5wsY0CIBuwYGXkaCWXq28PELqOc0r3nK+CVgWOYNRuki8VSYbe";

const ECDHE_AES128: u32 = 0xc02f;
const ECDHE_AES256: u32 = 0xc030;
const ECDHE_CHACHA: u32 = 0xcca8;
const ECDSA_AES128: u32 = 0xc02b;
const ECDHE_CBC: u32 = 0xc013;
const DHE_CBC: u32 = 0x0033;
const RSA_CBC: u32 = 0x002f;
const RSA_3DES: u32 = 0x000a;
const RSA_RC4: u32 = 0x0005;

/// A server with an RSA certificate, P-256 and x25519, its own order, and these suites.
fn server(lists: &[(Version, &[u32])]) -> Facts {
    let mut endpoint = nothing();
    for version in Version::ALL {
        let list = lists.iter().find(|(it, _)| *it == version).map(|(_, list)| *list);
        let spoken = if list.is_some() { Fact::yes((), []) } else { Fact::no([]) };
        endpoint.protocols.push(Protocol { version, spoken, refusal: None });
        endpoint.suites.extend(list.map(|list| Suites {
            version,
            accepted: list.iter().map(|id| Suite(*id)).collect(),
            unsettled: Vec::new(),
            server_order: Fact::yes((), []),
            chacha_preference: Fact::no([]),
            how: Vec::new(),
        }));
    }
    endpoint.groups = [Version::TLS12, Version::TLS13].map(groups).to_vec();
    let mut facts = Facts {
        at: 0,
        target: Target::parse("www.example.org", None).unwrap(),
        endpoint,
        certificates: BTreeMap::new(),
        revocation: BTreeMap::new(),
        dns: Default::default(),
        clients: Clients::default(),
    };
    serve(&mut facts, "rsa", SniSent::Name, KeyAlgorithm::Rsa, 2048, None);
    facts
}

fn groups(version: Version) -> Groups {
    Groups {
        version,
        accepted: vec![Group::SECP256R1, Group::X25519],
        unsettled: Vec::new(),
        server_order: Fact::yes((), []),
        how: Vec::new(),
    }
}

/// Adds a chain of one certificate.
fn serve(
    facts: &mut Facts,
    id: &str,
    sni: SniSent,
    algorithm: KeyAlgorithm,
    bits: u32,
    curve: Option<&str>,
) {
    static SOME: LazyLock<CertFacts> =
        LazyLock::new(|| CertFacts::read(&STANDARD.decode(CERTIFICATE).unwrap()).unwrap());
    let mut leaf = SOME.clone();
    leaf.key.algorithm = algorithm;
    leaf.key.bits = Some(bits);
    leaf.key.curve = curve.map(str::to_owned);
    let (source, leaf) = (CertSource::Sent, Some(leaf));
    let certificate = Certificate { source, der: None, facts: leaf, error: None };
    facts.certificates.insert(id.to_owned(), certificate);
    facts.endpoint.chains.push(Chain {
        certificates: vec![id.to_owned()],
        sent: vec![Sent { sni, version: Version::TLS12, key: KeyType::Any, how: 0 }],
        facts: None,
        serves: None,
    });
}

/// Says whether the names of the last chain match.
fn name(facts: &mut Facts, by: Option<&str>) {
    facts.endpoint.chains.last_mut().unwrap().facts = Some(ChainFacts {
        sent: Vec::new(),
        should_be: Vec::new(),
        completeness: Completeness::Complete,
        paths: Vec::new(),
        trust: Vec::new(),
        name: NameMatch { by: by.map(str::to_owned), ..NameMatch::default() },
        out_of_date: Vec::new(),
        old_hashes: Vec::new(),
        tlsa: Vec::new(),
    });
}

fn prime(facts: &mut Facts, bits: u16) {
    facts.endpoint.dh.push(Dh {
        bits,
        prime: String::new(),
        generator: String::new(),
        known_as: None,
        public_length: 0,
        named_by_client: false,
        suites: Vec::new(),
    });
}

/// What comes of one client's hello.
fn outcome(facts: &Facts, label: &str) -> Outcome {
    let clients = clients(facts);
    clients.handshakes.iter().find(|it| it.client == label).unwrap().outcome
}

/// The suite, if it connects.
fn suite(facts: &Facts, label: &str) -> u32 {
    match outcome(facts, label) {
        Outcome::Connects { suite, .. } => suite.0,
        other => panic!("{label}: {other:?}"),
    }
}

fn failure(facts: &Facts, label: &str) -> Failure {
    match outcome(facts, label) {
        Outcome::Fails { why } => why,
        other => panic!("{label}: {other:?}"),
    }
}

fn list(facts: &mut Facts) -> &mut Suites {
    facts.endpoint.suites.last_mut().unwrap()
}

#[test]
fn whose_order_counts_decides() {
    // This client puts AES-128 first.
    let client = "Firefox 47 / Win 7";
    let mut facts = server(&[(Version::TLS12, &[RSA_CBC, ECDHE_CBC, ECDHE_AES128])]);
    assert_eq!(suite(&facts, client), RSA_CBC);
    list(&mut facts).server_order = Fact::no([]);
    assert_eq!(suite(&facts, client), ECDHE_AES128);
    list(&mut facts).server_order = Fact::unknown(Why::Paced, []);
    assert_eq!(outcome(&facts, client), Outcome::Unknown { why: Why::Paced });
    assert_eq!(clients(&facts).forward_secrecy, Seen::Unknown { why: Why::Paced });
    // All that can be taken is the same to the rules, and to a client that has only one of them.
    list(&mut facts).accepted.remove(0);
    assert_eq!(outcome(&facts, client), Outcome::Unknown { why: Why::Paced });
    assert!(matches!(outcome(&facts, "Firefox 24 / Win 7"), Outcome::Fails { .. }));
    assert_eq!(clients(&facts).forward_secrecy, Seen::Yes { value: 4 });
    list(&mut facts).accepted.remove(0);
    assert_eq!(suite(&facts, client), ECDHE_AES128);
}

#[test]
fn chacha_comes_first_for_who_wants_it_first() {
    let (wants, does_not) = ("LibreSSL 2.8.3 / Apple", "Firefox 47 / Win 7");
    let mut facts = server(&[(Version::TLS12, &[ECDHE_AES256, ECDHE_AES128, ECDHE_CHACHA])]);
    // Its first is with ECDSA, which this server has not; it is ChaCha20 all the same.
    assert_eq!(suite(&facts, wants), ECDHE_AES256);
    list(&mut facts).chacha_preference = Fact::yes((), []);
    assert_eq!(suite(&facts, wants), ECDHE_CHACHA);
    assert_eq!(suite(&facts, does_not), ECDHE_AES128);
    list(&mut facts).chacha_preference = Fact::unknown(Why::Timeout, []);
    assert_eq!(outcome(&facts, wants), Outcome::Unknown { why: Why::Timeout });
    assert_eq!(suite(&facts, does_not), ECDHE_AES128);
    assert_eq!(clients(&facts).forward_secrecy, Seen::Yes { value: 4 });
}

#[test]
fn the_newest_common_version_is_taken() {
    let lists: [(Version, &[u32]); 3] = [
        (Version::TLS10, &[ECDHE_CBC]),
        (Version::TLS12, &[ECDHE_AES128]),
        (Version::TLS13, &[0x1301]),
    ];
    let mut facts = server(&lists);
    let version = |facts: &Facts, label| match outcome(facts, label) {
        Outcome::Connects { version, .. } => Some(version),
        _ => None,
    };
    assert_eq!(version(&facts, "Chromium 137 / Win 11"), Some(Version::TLS13));
    // A draft of TLS 1.3 is not spoken, and up to TLS 1.1 there is only TLS 1.0.
    assert_eq!(version(&facts, "Firefox 62 / Win 7"), Some(Version::TLS12));
    assert_eq!(version(&facts, "Chrome 27 / Win 7"), Some(Version::TLS10));
    assert_eq!(failure(&facts, "IE 6 / XP"), Failure::Protocol);
    // What a client offers is one thing, what it goes on with another.
    facts.endpoint.protocols[4].spoken = Fact::no([]);
    assert_eq!(failure(&facts, "Apple ATS 9 / iOS 9"), Failure::Protocol);
    facts.endpoint.protocols[4].spoken = Fact::unknown(Why::Timeout, []);
    assert_eq!(outcome(&facts, "Firefox 62 / Win 7"), Outcome::Unknown { why: Why::Timeout });
    assert_eq!(version(&facts, "Chromium 137 / Win 11"), Some(Version::TLS13));
    assert_eq!(version(&facts, "Chrome 27 / Win 7"), Some(Version::TLS10));
}

#[test]
fn clients_give_up_on_primes_the_server_does_not_know_they_mind() {
    let mut facts = server(&[(Version::TLS10, &[DHE_CBC, RSA_CBC])]);
    prime(&mut facts, 2048);
    assert_eq!(failure(&facts, "Java 7u25"), Failure::Limits);
    assert_eq!(suite(&facts, "Firefox 47 / Win 7"), DHE_CBC);
    facts.endpoint.dh[0].bits = 1024;
    assert_eq!(suite(&facts, "Java 7u25"), DHE_CBC);
    facts.endpoint.dh[0].bits = 512;
    assert_eq!(failure(&facts, "Firefox 47 / Win 7"), Failure::Limits);
    // Who names no group gets no DHE from such a server.
    facts.endpoint.dhe_without_named_group = Fact::no([]);
    assert_eq!(suite(&facts, "Firefox 47 / Win 7"), RSA_CBC);
    facts.endpoint.groups[0].accepted.push(Group::FFDHE2048);
    assert_eq!(failure(&facts, "Firefox 53 / Win 7"), Failure::Limits);
    assert_eq!(suite(&facts, "Firefox 47 / Win 7"), RSA_CBC);
}

#[test]
fn curves_have_to_meet() {
    let mut facts = server(&[(Version::TLS12, &[ECDHE_AES128, RSA_CBC])]);
    let client = "Firefox 47 / Win 7";
    let group = |facts: &Facts, label| match outcome(facts, label) {
        Outcome::Connects { group, .. } => group,
        _ => None,
    };
    assert_eq!(group(&facts, client), Some(Group::SECP256R1));
    assert_eq!(group(&facts, "Chrome 51 / Win 7"), Some(Group::SECP256R1));
    facts.endpoint.groups[0].server_order = Fact::no([]);
    assert_eq!(group(&facts, "Chrome 51 / Win 7"), Some(Group::X25519));
    facts.endpoint.groups[0].server_order = Fact::default();
    assert_eq!(group(&facts, "Chrome 51 / Win 7"), None);
    assert_eq!(suite(&facts, "Chrome 51 / Win 7"), ECDHE_AES128);
    facts.endpoint.groups[0].accepted = vec![Group::X448];
    assert_eq!(suite(&facts, client), RSA_CBC);
    facts.endpoint.groups[0].unsettled = vec![Group::SECP256R1];
    assert!(matches!(outcome(&facts, client), Outcome::Unknown { .. }));
    // Nothing known of groups: a suite that was accepted had one.
    facts.endpoint.groups.clear();
    assert_eq!(suite(&facts, client), ECDHE_AES128);

    let mut facts = server(&[(Version::TLS13, &[0x1301])]);
    assert_eq!(group(&facts, "Java 21.0.6 / OpenJDK"), None, "favourite or share");
    facts.endpoint.groups[1].accepted = vec![Group::X25519, Group::SECP256R1];
    assert_eq!(group(&facts, "Java 21.0.6 / OpenJDK"), Some(Group::X25519));
    facts.endpoint.groups[1].accepted = vec![Group(41)];
    assert_eq!(failure(&facts, "Java 21.0.6 / OpenJDK"), Failure::Group);
}

#[test]
fn certificates_have_to_suit() {
    let mut facts = server(&[(Version::TLS12, &[ECDSA_AES128, ECDHE_AES128])]);
    serve(&mut facts, "ec", SniSent::Name, KeyAlgorithm::Ec, 521, Some("secp521r1"));
    // Firefox names that curve, Chrome does not.
    assert_eq!(suite(&facts, "Firefox 47 / Win 7"), ECDSA_AES128);
    assert_eq!(suite(&facts, "Chrome 49 / XP SP3"), ECDHE_AES128);

    list(&mut facts).accepted.remove(0);
    let mut leaf = |bits, signature: &str| {
        let facts = &mut facts;
        let rsa = facts.certificates.get_mut("rsa").unwrap().facts.as_mut().unwrap();
        rsa.key.bits = Some(bits);
        rsa.signature = signature.to_owned();
        facts.endpoint.chains.truncate(1);
        outcome(facts, "Apple ATS 9 / iOS 9")
    };
    let limits = Outcome::Fails { why: Failure::Limits };
    assert!(matches!(leaf(2048, "SHA256withRSA"), Outcome::Connects { .. }));
    assert_eq!(leaf(1024, "SHA256withRSA"), limits);
    assert_eq!(leaf(2048, "SHA1withRSA"), limits);

    let mut facts = server(&[(Version::TLS13, &[0x1301])]);
    facts.endpoint.chains.clear();
    serve(&mut facts, "ec", SniSent::Name, KeyAlgorithm::Ec, 521, Some("secp521r1"));
    assert_eq!(failure(&facts, "Chromium 137 / Win 11"), Failure::Suite);
    assert_eq!(suite(&facts, "Firefox 137 / Win 11"), 0x1301);
}

#[test]
fn some_clients_send_no_name() {
    let mut facts = server(&[(Version::TLS10, &[RSA_3DES])]);
    name(&mut facts, Some("www.example.org"));
    assert_eq!(suite(&facts, "IE 8 / XP"), RSA_3DES);
    serve(&mut facts, "other", SniSent::None, KeyAlgorithm::Rsa, 2048, None);
    name(&mut facts, Some("*.example.org"));
    assert_eq!(suite(&facts, "IE 8 / XP"), RSA_3DES);
    name(&mut facts, None);
    assert_eq!(failure(&facts, "IE 8 / XP"), Failure::ServerName);
    assert_eq!(suite(&facts, "IE 7 / Vista"), RSA_3DES);
    facts.endpoint.chains.pop();
    facts.endpoint.sni.required = Fact::yes((), []);
    assert_eq!(failure(&facts, "IE 8 / XP"), Failure::ServerName);
    assert_eq!(suite(&facts, "IE 7 / Vista"), RSA_3DES);
    // Where there is no name to send, nobody misses it.
    facts.target = Target::parse("192.0.2.1", None).unwrap();
    assert_eq!(suite(&facts, "IE 8 / XP"), RSA_3DES);
}

#[test]
fn some_servers_refuse_what_they_do_not_know() {
    let mut facts = server(&[(Version::TLS12, &[ECDHE_AES128])]);
    facts.endpoint.alpn = Fact::yes(vec!["dot".to_owned()], []);
    facts.endpoint.alpn_mismatch = Fact::yes(AlpnMismatch::Refused, []);
    assert_eq!(failure(&facts, "Firefox 47 / Win 7"), Failure::Alpn);
    assert_eq!(suite(&facts, "OpenSSL 1.0.2e"), ECDHE_AES128);
    facts.endpoint.alpn = Fact::yes(vec!["http/1.1".to_owned()], []);
    assert_eq!(suite(&facts, "Firefox 47 / Win 7"), ECDHE_AES128);
    facts.endpoint.tolerance.tls13 = Fact::no([]);
    assert_eq!(failure(&facts, "Firefox 137 / Win 11"), Failure::Intolerance);
    assert_eq!(suite(&facts, "Firefox 47 / Win 7"), ECDHE_AES128);
}

#[test]
fn levels_of_forward_secrecy() {
    let level = |lists: &[(Version, &[u32])]| clients(&server(lists)).forward_secrecy;
    let yes = |value| Seen::Yes { value };
    assert_eq!(level(&[(Version::TLS13, &[0x1301])]), yes(4));
    let strong: &[u32] = &[ECDHE_AES128, ECDHE_CBC];
    // IE 8 on XP has nothing but RSA, and is pardoned; Android 2.3.7 is not.
    assert_eq!(
        level(&[(Version::TLS10, &[ECDHE_CBC, RSA_3DES]), (Version::TLS12, strong)]),
        yes(2)
    );
    let pardoned: &[u32] = &[ECDHE_CBC, DHE_CBC, RSA_RC4];
    assert_eq!(level(&[(Version::TLS10, pardoned), (Version::TLS12, strong)]), yes(4));
    assert_eq!(level(&[(Version::TLS12, &[RSA_CBC]), (Version::TLS13, &[0x1301])]), yes(1));
    assert_eq!(level(&[(Version::TLS12, &[RSA_CBC])]), yes(0));
    // No reference client speaks SSL 3.0 at most, and nobody speaks ARIA.
    assert_eq!(level(&[(Version::SSL3, &[RSA_RC4])]), yes(0));
    let why = Why::NotApplicable;
    assert_eq!(level(&[(Version::TLS12, &[0xc060])]), Seen::Unknown { why });
}

#[test]
fn old_ciphers_count_from_tls_1_1() {
    let of = |version, suites: &[u32]| {
        let found = clients(&server(&[(version, suites)]));
        (found.rc4_with_modern == Seen::Yes { value: () }, found.block64_with_modern)
    };
    let (yes, no) = (Seen::Yes { value: () }, Seen::No);
    assert_eq!(of(Version::TLS10, &[RSA_RC4]), (false, no.clone()));
    assert_eq!(of(Version::TLS10, &[RSA_3DES]), (false, no.clone()));
    assert_eq!(of(Version::TLS12, &[RSA_RC4, RSA_3DES]), (true, yes.clone()));
    assert_eq!(of(Version::TLS12, &[RSA_3DES, RSA_RC4]), (false, yes));
    // Everybody who could has something better.
    assert_eq!(of(Version::TLS12, &[ECDHE_AES128, ECDHE_CBC, RSA_CBC, RSA_3DES]), (false, no));
}

#[test]
fn what_found_no_answer_matters_only_where_it_could() {
    let mut facts = server(&[(Version::TLS12, &[ECDHE_AES128, ECDHE_CBC])]);
    list(&mut facts).unsettled = vec![Suite(RSA_3DES)];
    let found = clients(&facts);
    assert_eq!(found.block64_with_modern, Seen::Unknown { why: Why::Timeout });
    assert_eq!(found.rc4_with_modern, Seen::No);
    assert!(matches!(found.forward_secrecy, Seen::Unknown { .. }));
    // In the client's order what comes later is never reached.
    let late = Outcome::Unknown { why: Why::Timeout };
    assert_eq!(outcome(&facts, "Firefox 47 / Win 7"), late);
    list(&mut facts).server_order = Fact::no([]);
    assert_eq!(suite(&facts, "Firefox 47 / Win 7"), ECDHE_AES128);
    assert_eq!(outcome(&facts, "Android 5.0.0"), late, "it has 3DES before AES-128");
}

/// An endpoint of which nothing is known.
fn nothing() -> Endpoint {
    Endpoint {
        address: "192.0.2.1".parse().unwrap(),
        port: 443,
        contact: Contact::Tls,
        protocols: Vec::new(),
        suites: Vec::new(),
        groups: Vec::new(),
        point_formats: Fact::default(),
        dh: Vec::new(),
        dhe_without_named_group: Fact::default(),
        reuse: Default::default(),
        schemes: Default::default(),
        chains: Vec::new(),
        certificates: BTreeMap::new(),
        ocsp_staple: Fact::default(),
        staple: None,
        scts: Fact::default(),
        alpn: Fact::default(),
        alpn_mismatch: Fact::default(),
        npn: Fact::default(),
        session: Default::default(),
        secure_renegotiation: Fact::default(),
        extended_master_secret: Fact::default(),
        encrypt_then_mac: Fact::default(),
        compression: Fact::default(),
        heartbeat: Fact::default(),
        max_fragment_length: Fact::default(),
        certificate_compression: Fact::default(),
        client_auth: Fact::default(),
        fallback_scsv: Fact::default(),
        sni: Default::default(),
        randoms: Default::default(),
        tolerance: Default::default(),
        http: Fact::default(),
        flaws: Default::default(),
        cost: Default::default(),
        simulations: Vec::new(),
        asked: Vec::new(),
    }
}
