//! Observations made by hand, and the documents they have to become.

use std::collections::BTreeMap;

use serde_json::json;
use taraf_scanner::grade::simulate::Failure;
use taraf_scanner::grade::{Day, Letter};
use taraf_scanner::observe::{
    AddressSource, Chain, Cost, Dh, DnsFacts, EarlyCcs, Groups, Hsts, HstsState, Http, KeyType,
    Oracle, Pki, Protocol, Randoms, Reuse, Robot, SCHEMA, Schemes, Seen, Sent, Session, Sni,
    SniSent, Suites, Tolerance, Transaction, Why,
};
use taraf_scanner::report::{Outcomes, Simulation};
use taraf_scanner::wire::hello::AlertMessage;
use taraf_scanner::wire::suites::Mac;
use taraf_scanner::wire::{Alert, Group, Suite};

use super::suites::{prefers_old_cbc, rc4, rc4_only};
use super::*;
use taraf_scanner::pki::chain::{Pool, Question, examine};
use taraf_scanner::pki::store::Stores;

// A chain made with OpenSSL 3.0, valid from 2026-11-23: leaf for www.example.test and
// *.apps.example.test, its issuer, and the root.
const LEAF: &str = concat!(
    "MIIC7DCCApOgAwIBAgIEAMD/7jAKBggqhkjOPQQDAjAeMRwwGgYDVQQDDBNFeGFtcGxlIFRlc3QgSXNzdWVyMB4X",
    "DTI2MTEyMzE4NTY1MVoXDTI3MTEyMzE4NTY1MVowRDELMAkGA1UEBhMCTVkxGjAYBgNVBAoMEUNvbnRvaCwgU2Ru",
    "LiBCaGQuMRkwFwYDVQQDDBB3d3cuZXhhbXBsZS50ZXN0MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE07aWn8xt/bwd",
    "MD2CMl+06X0sTh8XZSUYA3+etm5+/36Mq2fzFE3h8xlirBkIyi4vtzXavqceiD0O4kLbeC486+hWAugfRdU+1oC7",
    "iY1TtKuwA3w29MCIn0a9QDqkB2Tyo4IBejCCAXYwDAYDVR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcDATBY",
    "BgNVHREEUTBPghB3d3cuZXhhbXBsZS50ZXN0ghMqLmFwcHMuZXhhbXBsZS50ZXN0hwTAAAIHhxAgAQ24AAAAAAAA",
    "AAAAAAAHgQ5hQGV4YW1wbGUudGVzdDBgBggrBgEFBQcBAQRUMFIwJQYIKwYBBQUHMAGGGWh0dHA6Ly9vY3NwLmV4",
    "YW1wbGUudGVzdC8wKQYIKwYBBQUHMAKGHWh0dHA6Ly9jYS5leGFtcGxlLnRlc3QvY2EuZGVyMC4GA1UdHwQnMCUw",
    "I6AhoB+GHWh0dHA6Ly9jYS5leGFtcGxlLnRlc3QvY2EuY3JsMBEGCCsGAQUFBwEYBAUwAwIBBTASBgorBgEEAdZ5",
    "AgQCBAQEAgAAMB0GA1UdDgQWBBStLUyDASA8tuDcHfWhlAYIIWY+DjAfBgNVHSMEGDAWgBRkKjKp/k7avWyBEmY2",
    "mYG02vP6BjAKBggqhkjOPQQDAgNHADBEAiAeFd9hNJDd2b2JHX0Dc+aSrJiYYo8dDGF/6pKCkksljwIgWLVQqLO7",
    "JyDFf7DgSNUwj4Cr3qUS9BusG5Zon7/Bixs=",
);
const ISSUER: &str = concat!(
    "MIIBfDCCASKgAwIBAgIBAjAKBggqhkjOPQQDAzAcMRowGAYDVQQDDBFFeGFtcGxlIFRlc3QgUm9vdDAeFw0yNjEx",
    "MjMxODU2NTFaFw0zNjExMjAxODU2NTFaMB4xHDAaBgNVBAMME0V4YW1wbGUgVGVzdCBJc3N1ZXIwWTATBgcqhkjO",
    "PQIBBggqhkjOPQMBBwNCAAT6JaLBFYUKJcOdRJ+mFPc/jfeaLGk+j6PBAmZUq5UznXNsLyeNugXV9Z0RWXlSlbCR",
    "Iu213qrgvZD6VnSyaCsQo1MwUTAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBRkKjKp/k7avWyBEmY2mYG02vP6",
    "BjAfBgNVHSMEGDAWgBSPIdY/1UrTS+/bvCjujhgNJaPnPjAKBggqhkjOPQQDAwNIADBFAiEArA3kZnmmBM4kAV7w",
    "xb0N8jqMH6u6GgPGwL+54zUXy/0CIGopi2NfrpUsQQHKrJrZWbdNxRvPPtCTUIqKQt2j7PNu",
);
const ROOT: &str = concat!(
    "MIIBVzCB/6ADAgECAgEBMAoGCCqGSM49BAMCMBwxGjAYBgNVBAMMEUV4YW1wbGUgVGVzdCBSb290MB4XDTI2MTEy",
    "MzE4NTY1MVoXDTM2MTEyMDE4NTY1MVowHDEaMBgGA1UEAwwRRXhhbXBsZSBUZXN0IFJvb3QwWTATBgcqhkjOPQIB",
    "BggqhkjOPQMBBwNCAAS1lRh6/NFjYNGBn52qPqUmYs8tMdr13JsQ45mfLki8DO9pOc/3ZB+dzLndpKh5WYclSG72",
    "5aFoMleZIjn4e8NIozIwMDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBSPIdY/1UrTS+/bvCjujhgNJaPnPjAK",
    "BggqhkjOPQQDAgNHADBEAiBrDgoV+BExt0LlR49msicPMnWN7H8jt5P7OUkCvMxo+gIgIxgcNBXWY9A9eccgCnDd",
    "MQThxC2TpoxEID5RLvz+q3E=",
);
/// 2026-12-01, in milliseconds.
const NOW: u64 = 1_796_083_200_000;

fn yes() -> Fact<()> {
    Fact::yes((), [])
}

fn no<T>() -> Fact<T> {
    Fact::no([])
}

fn id(base64: &str) -> String {
    pki::sha256_hex([pki::decode(base64).unwrap().as_slice()])
}

fn sent(sni: SniSent, version: Version, how: u32) -> Sent {
    Sent { sni, version, key: KeyType::Any, how }
}

fn chain_of(certificates: &[&str], sent: Vec<Sent>) -> Chain {
    let ders: Vec<_> = certificates.iter().map(|it| pki::decode(it).unwrap()).collect();
    let question = Question {
        sent: &ders.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        pool: &Pool::default(),
        stores: &Stores::none().with("operator", "", vec![pki::decode(ROOT).unwrap()]).unwrap(),
        host: "www.example.test",
        now: i64::try_from(NOW / 1000).unwrap(),
        tlsa: &[],
    };
    Chain {
        certificates: certificates.iter().map(|it| id(it)).collect(),
        sent,
        facts: Some(examine(&question)),
        serves: None,
    }
}

fn suites_of(version: Version, accepted: &[u32], server_order: Fact<()>) -> Suites {
    Suites {
        version,
        accepted: accepted.iter().copied().map(Suite).collect(),
        unsettled: Vec::new(),
        server_order,
        chacha_preference: Fact::default(),
        how: Vec::new(),
    }
}

fn groups_of(version: Version, accepted: &[u16], server_order: Fact<()>) -> Groups {
    Groups {
        version,
        accepted: accepted.iter().copied().map(Group).collect(),
        unsettled: Vec::new(),
        server_order,
        how: Vec::new(),
    }
}

/// An address of which nothing is known.
fn blank(contact: Contact) -> Endpoint {
    Endpoint {
        address: "2001:db8::a:1".parse().unwrap(),
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
        cost: Cost { duration_ms: 1234, ..Cost::default() },
        simulations: Vec::new(),
        asked: Vec::new(),
    }
}

/// The same, with these versions spoken and no other.
fn speaking(versions: &[Version]) -> Endpoint {
    let mut endpoint = blank(Contact::Tls);
    endpoint.protocols = Version::ALL
        .into_iter()
        .map(|version| {
            let spoken = if versions.contains(&version) { yes() } else { no() };
            Protocol { version, spoken, refusal: None }
        })
        .collect();
    endpoint
}

fn store(endpoint: &mut Endpoint, certificates: &[&str]) {
    let named = certificates.iter().map(|it| (id(it), (*it).to_owned()));
    endpoint.certificates.extend(named);
}

fn observed(host: &str, endpoints: Vec<Endpoint>) -> Observation {
    Observation {
        pki: Pki::default(),
        schema: SCHEMA,
        tool: "taraf 9.8.7".to_owned(),
        target: Target::parse(host, None).unwrap(),
        started_ms: NOW,
        duration_ms: 5000,
        dns: DnsFacts { source: AddressSource::Dns, ..DnsFacts::default() },
        endpoints,
    }
}

/// A server with a bit of everything.
fn rich() -> Observation {
    let mut e = speaking(&[Version::TLS10, Version::TLS12, Version::TLS13]);
    e.suites = vec![
        suites_of(Version::TLS13, &[0x1302, 0x1303, 0x1301], yes()),
        suites_of(Version::TLS10, &[0xc013, 0x0033, 0x002f], yes()),
        Suites {
            chacha_preference: yes(),
            ..suites_of(Version::TLS12, &[0xc02f, 0xcca8, 0x009e, 0x009c, 0x0005], yes())
        },
    ];
    e.groups = vec![
        groups_of(Version::TLS12, &[256, 24, 29], Fact::default()),
        groups_of(Version::TLS13, &[4588, 29, 30, 256], yes()),
    ];
    e.dh = vec![Dh {
        bits: 2048,
        prime: "ab".repeat(256),
        generator: "02".to_owned(),
        known_as: Some("RFC 3526 group 14".to_owned()),
        public_length: 255,
        named_by_client: false,
        suites: vec![(Version::TLS10, Suite(0x0033)), (Version::TLS12, Suite(0x009e))],
    }];
    e.reuse = Reuse { dh: no(), ecdh: yes() };
    store(&mut e, &[LEAF, ISSUER, ROOT]);
    e.chains = vec![
        chain_of(&[ISSUER, ROOT], vec![sent(SniSent::None, Version::TLS13, 1)]),
        chain_of(&[LEAF, ISSUER], vec![sent(SniSent::Name, Version::TLS12, 2)]),
        chain_of(
            &[LEAF, ROOT, ISSUER],
            vec![sent(SniSent::None, Version::TLS12, 3), sent(SniSent::Name, Version::TLS13, 9)],
        ),
    ];
    e.alpn = Fact::yes(vec!["h2".to_owned(), "http/1.1".to_owned()], []);
    e.npn = no();
    e.ocsp_staple = no();
    e.scts = Fact::yes("AAA=".to_owned(), []);
    e.session = Session {
        id_issued: yes(),
        id_resumed: no(),
        ticket_issued: Fact::yes(Some(300), []),
        early_data: no(),
        ..Session::default()
    };
    e.secure_renegotiation = yes();
    e.compression = no();
    e.heartbeat = Fact::yes(1, []);
    e.fallback_scsv = yes();
    e.sni.required = no();
    e.tolerance.version_0499 = no();
    e.http = Fact::yes(
        Http {
            transactions: vec![Transaction {
                url: "https://www.example.test/".to_owned(),
                status: 200,
                status_line: "HTTP/1.1 200 OK".to_owned(),
                headers: vec![("Server".to_owned(), "nginx".to_owned())],
                over: Version::TLS13,
                how: 1,
            }],
            status: 200,
            forwards_to: None,
            server: Some("nginx".to_owned()),
            hsts: Hsts {
                state: HstsState::Present,
                headers: vec!["max-age=31536000; includeSubDomains".to_owned()],
                max_age: Some(31_536_000),
                include_subdomains: true,
                preload: false,
                directives: BTreeMap::from([
                    ("max-age".to_owned(), "31536000".to_owned()),
                    ("includesubdomains".to_owned(), String::new()),
                ]),
                error: None,
            },
        },
        [],
    );
    let silent = blank(Contact::Nothing { why: Why::Timeout });
    observed("www.example.test", vec![e, silent])
}

/// The details of one address.
/// The document, graded by the rules of the day of the scan.
fn host(observation: &Observation) -> Value {
    let seconds = i64::try_from(observation.started_ms / 1_000).unwrap();
    super::host(observation, &Report::of(observation, Day::at(seconds)))
}

fn details_of(endpoint: Endpoint) -> Value {
    host(&observed("www.example.test", vec![endpoint]))["endpoints"][0]["details"].take()
}

/// No null, and no array right inside an array: the client of SSL Labs panics on both.
fn check(path: &str, value: &Value) {
    match value {
        Value::Null => panic!("null at {path}"),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                assert!(!item.is_array(), "array in array at {path}");
                check(&format!("{path}[{at}]"), item);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                check(&format!("{path}.{key}"), value);
            }
        }
        _ => {}
    }
}

/// That the fields named, `key:type` with `i`nteger, `s`tring, `b`ool, `a`rray and `o`bject,
/// are there; with a question mark, they may be missing.
fn typed(value: &Value, fields: &str) {
    for field in fields.split_whitespace() {
        let (key, kind) = field.split_once(':').unwrap();
        let (kind, optional) = (kind.trim_end_matches('?'), kind.ends_with('?'));
        let found = match value.get(key) {
            None => {
                assert!(optional, "{key} is missing in {value}");
                continue;
            }
            Some(found) => found,
        };
        let right = match kind {
            "i" => found.is_i64(),
            "s" => found.is_string(),
            "b" => found.is_boolean(),
            "a" => found.is_array(),
            "o" => found.is_object(),
            _ => panic!("no such kind: {kind}"),
        };
        assert!(right, "{key} has another type: {found}");
    }
}

fn each<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().unwrap().iter()
}

#[test]
fn strict_clients_find_every_field_and_type() {
    let host = host(&rich());
    check("", &host);
    typed(
        &host,
        "host:s port:i protocol:s isPublic:b status:s startTime:i testTime:i engineVersion:s \
         criteriaVersion:s endpoints:a certs:a",
    );
    for endpoint in each(&host, "endpoints") {
        typed(endpoint, "ipAddress:s statusMessage:s delegation:i progress:i duration:i");
    }
    let details = &host["endpoints"][0]["details"];
    typed(
        details,
        "hostStartTime:i certChains:a protocols:a suites:a namedGroups:o prefixDelegation:b \
         nonPrefixDelegation:b vulnBeast:b renegSupport:i sessionResumption:i \
         compressionMethods:i supportsNpn:b supportsAlpn:b alpnProtocols:s sessionTickets:i \
         ocspStapling:b sniRequired:b httpStatusCode:i supportsRc4:b rc4Only:b supportsAead:b \
         supportsCBC:b protocolIntolerance:i heartbeat:b poodle:b fallbackScsv:b freak:b \
         hasSct:i dhPrimes:a dhUsesKnownPrimes:i dhYsReuse:b ecdhParameterReuse:b logjam:b \
         chaCha20Preference:b hstsPolicy:o hpkpPolicy:o hpkpRoPolicy:o httpTransactions:a \
         implementsTLS13MandatoryCS:b zeroRTTEnabled:i serverSignature:s",
    );
    for chain in each(details, "certChains") {
        typed(chain, "id:s certIds:a trustPaths:a issues:i noSni:b");
    }
    for protocol in each(details, "protocols") {
        typed(protocol, "id:i name:s version:s q:i? v2SuitesDisabled:b?");
    }
    for list in each(details, "suites") {
        typed(list, "protocol:i list:a preference:b? chaCha20Preference:b?");
        for suite in each(list, "list") {
            typed(
                suite,
                "id:i name:s cipherStrength:i kxType:s? kxStrength:i? dhBits:i? dhP:i? dhG:i? \
                 dhYs:i? namedGroupBits:i? namedGroupId:i? namedGroupName:s? q:i?",
            );
        }
    }
    for group in each(&details["namedGroups"], "list") {
        typed(group, "id:i name:s bits:i namedGroupType:s?");
    }
    typed(&details["hstsPolicy"], "LONG_MAX_AGE:i status:s header:s maxAge:i directives:o");
    for policy in ["hpkpPolicy", "hpkpRoPolicy"] {
        typed(&details[policy], "status:s pins:a matchedPins:a directives:a");
    }
    for transaction in each(details, "httpTransactions") {
        typed(
            transaction,
            "requestUrl:s statusCode:i requestHeaders:a responseLine:s responseHeadersRaw:a \
             responseHeaders:a fragileServer:b",
        );
    }
    for cert in each(&host, "certs") {
        typed(
            cert,
            "id:s subject:s serialNumber:s commonNames:a altNames:a? notBefore:i notAfter:i \
             issuerSubject:s sigAlg:s revocationInfo:i revocationStatus:i \
             crlRevocationStatus:i ocspRevocationStatus:i mustStaple:b sgc:i issues:i? sct:b \
             sha1Hash:s sha256Hash:s pinSha256:s keyAlg:s keySize:i keyStrength:i raw:s",
        );
    }
}

#[test]
fn the_host_and_its_addresses() {
    let host = host(&rich());
    assert_eq!(host["host"], "www.example.test");
    assert_eq!(host["status"], "READY");
    assert_eq!(host["engineVersion"], "9.8.7");
    assert_eq!(host["testTime"], NOW + 5000);
    let [first, second] = host["endpoints"].as_array().unwrap().as_slice() else {
        panic!("two addresses")
    };
    assert_eq!(first["ipAddress"], "2001:db8:0:0:0:0:a:1");
    assert_eq!(first["statusMessage"], "Ready");
    assert_eq!(first["delegation"], 2);
    assert_eq!(first["duration"], 1234);
    assert_eq!(second["statusMessage"], "Unable to connect to the server");
    assert_eq!(second.get("details"), None);
    assert!(first["grade"].is_string());
    assert_eq!(second.get("grade"), None);
}

#[test]
fn a_name_without_addresses_is_an_error() {
    let host = host(&observed("nowhere.example.test", Vec::new()));
    check("", &host);
    assert_eq!(host["status"], "ERROR");
    assert_eq!(host["statusMessage"], "Unable to resolve domain name");
    assert_eq!(host.get("endpoints"), None);
}

#[test]
fn what_does_not_speak_tls_says_so() {
    let alert = Some(AlertMessage { level: 2, description: Alert(40) });
    let said = "no".to_owned();
    let message = |contact| {
        let host = host(&observed("example.test", vec![blank(contact)]));
        assert_eq!(host["endpoints"][0].get("details"), None);
        host["endpoints"][0]["statusMessage"].as_str().unwrap().to_owned()
    };
    assert_eq!(message(Contact::Refuses { alert }), "No secure protocols supported");
    assert_eq!(message(Contact::NoStartTls { said }), "STARTTLS not supported");
}

#[test]
fn of_a_server_nobody_asked_nothing_is_claimed() {
    let details = details_of(blank(Contact::Tls));
    check("", &details);
    let keys: Vec<_> = details.as_object().unwrap().keys().map(String::as_str).collect();
    let known = [
        "certChains",
        "hostStartTime",
        "hstsPolicy",
        "nonPrefixDelegation",
        "prefixDelegation",
        "protocols",
        "suites",
    ];
    assert_eq!(keys, known);
    assert_eq!(details["hstsPolicy"]["status"], "unknown");
}

#[test]
fn suites_come_by_version_with_their_exchange() {
    let details = host(&rich())["endpoints"][0]["details"].take();
    let ids: Vec<_> = each(&details, "protocols").map(|it| &it["id"]).collect();
    assert_eq!(ids, [769, 771, 772]);
    let lists: Vec<_> = each(&details, "suites").map(|it| &it["protocol"]).collect();
    assert_eq!(lists, [769, 771, 772]);
    let suite = |list: usize, at: usize| &details["suites"][list]["list"][at];
    let ecdhe = json!({
        "id": 0xc02f, "name": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "cipherStrength": 128,
        "kxType": "ECDH", "kxStrength": 7680,
        "namedGroupBits": 384, "namedGroupId": 24, "namedGroupName": "secp384r1",
    });
    assert_eq!(*suite(1, 0), ecdhe);
    let dhe = json!({
        "id": 0x33, "name": "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "cipherStrength": 128,
        "kxType": "DH", "kxStrength": 2048,
        "dhBits": 256, "dhP": 256, "dhG": 1, "dhYs": 255, "q": 1,
    });
    assert_eq!(*suite(0, 1), dhe);
    let rsa = json!({
        "id": 0x9c, "name": "TLS_RSA_WITH_AES_128_GCM_SHA256", "cipherStrength": 128, "q": 1,
    });
    assert_eq!(*suite(1, 3), rsa);
    assert_eq!(suite(1, 2).get("q"), None);
    assert_eq!(suite(1, 4)["q"], 0);
    assert_eq!(suite(2, 0)["namedGroupName"], "X25519MLKEM768");
    assert_eq!(suite(2, 0)["kxStrength"], 3072);
    let groups: Vec<_> = each(&details["namedGroups"], "list").map(|it| &it["id"]).collect();
    assert_eq!(groups, [4588, 29, 30, 256, 24]);
    assert_eq!(details["namedGroups"]["list"][2]["bits"], 224);
    assert_eq!(details["namedGroups"]["preference"], true);
}

#[test]
fn ssl_2_has_numbers_of_its_own() {
    let mut e = speaking(&[Version::SSL2]);
    e.suites = vec![suites_of(Version::SSL2, &[0x01_0080, 0x07_00c0], Fact::default())];
    let details = details_of(e.clone());
    let protocol = json!({"id": 512, "name": "SSL", "version": "2.0", "q": 0});
    assert_eq!(details["protocols"][0], protocol);
    assert_eq!(details["suites"][0]["protocol"], 512);
    assert_eq!(details["suites"][0].get("preference"), None);
    assert_eq!(details["suites"][0]["list"][1]["id"], 0x07_00c0);
    assert_eq!(details["suites"][0]["list"][1]["q"], 0);
    assert_eq!(details["vulnBeast"], false);
    e.suites[0].accepted.clear();
    let details = details_of(e);
    assert_eq!(details["protocols"][0]["v2SuitesDisabled"], true);
    assert_eq!(details["suites"], Value::Array(Vec::new()));
}

#[test]
fn no_takes_an_answer_for_every_version_and_suite() {
    let mut e = speaking(&[Version::TLS12]);
    e.suites = vec![suites_of(Version::TLS12, &[0xc02f], yes())];
    assert_eq!(offers(&e, rc4), Some(false));
    e.suites[0].unsettled = vec![Suite(0x0005)];
    assert_eq!(offers(&e, rc4), None);
    assert_eq!(offers(&e, |_, info| info.is_cbc()), Some(false));
    e.suites[0].accepted.push(Suite(0x0004));
    assert_eq!(offers(&e, rc4), Some(true));

    let mut e = speaking(&[Version::TLS12]);
    e.suites = vec![suites_of(Version::TLS12, &[0xc02f], yes())];
    e.protocols[1].spoken = Fact::unknown(Why::Timeout, []);
    assert_eq!(offers(&e, rc4), None);
    assert_eq!(offers(&e, |_, info| info.mac == Mac::Aead), Some(true));
    // No suite with an AEAD cipher fits SSL 3.0: what it would have does not matter.
    e.suites[0].accepted = vec![Suite(0x002f)];
    assert_eq!(offers(&e, |_, info| info.is_aead()), Some(false));
    assert_eq!(rc4_only(&e), Some(false));
}

#[test]
fn beast_is_about_what_the_server_prefers() {
    let beast = |suites: &[u32], order: Fact<()>| {
        let mut e = speaking(&[Version::TLS10]);
        e.suites = vec![suites_of(Version::TLS10, suites, order)];
        (prefers_old_cbc(&e), rc4_only(&e))
    };
    assert_eq!(beast(&[0x0005, 0x002f], yes()), (Some(false), Some(false)));
    assert_eq!(beast(&[0x002f, 0x0005], yes()), (Some(true), Some(false)));
    assert_eq!(beast(&[0x0005, 0x002f], no()), (Some(true), Some(false)));
    assert_eq!(beast(&[0x0005, 0x002f], Fact::default()), (None, Some(false)));
    assert_eq!(beast(&[0x002f], Fact::default()), (Some(true), Some(false)));
    assert_eq!(beast(&[0x0005, 0x0004], yes()), (Some(false), Some(true)));
    assert_eq!(prefers_old_cbc(&speaking(&[Version::TLS12])), Some(false));
    assert_eq!(prefers_old_cbc(&blank(Contact::Tls)), None);
}

#[test]
fn export_suites_are_freak_or_logjam() {
    let flaws = |suites: &[u32], bits: Option<u16>| {
        let mut e = speaking(&[Version::TLS12]);
        e.suites = vec![suites_of(Version::TLS12, suites, yes())];
        let seen = |bits| Dh {
            bits,
            prime: String::new(),
            generator: String::new(),
            known_as: None,
            public_length: 0,
            named_by_client: false,
            suites: suites.iter().map(|it| (Version::TLS12, Suite(*it))).collect(),
        };
        e.dh = bits.map(seen).into_iter().collect();
        let details = details_of(e);
        (details["freak"].as_bool(), details.get("logjam").and_then(Value::as_bool))
    };
    assert_eq!(flaws(&[0x0003], None), (Some(true), Some(false)));
    // EXPORT1024.
    assert_eq!(flaws(&[0x0064], None), (Some(false), Some(false)));
    assert_eq!(flaws(&[0x0014], None), (Some(false), Some(true)));
    assert_eq!(flaws(&[0x0033], Some(768)), (Some(false), Some(true)));
    assert_eq!(flaws(&[0x0033], Some(1024)), (Some(false), Some(false)));
    assert_eq!(flaws(&[0x0033], None), (Some(false), None));
}

#[test]
fn numbers_and_sets_of_bits() {
    let details = host(&rich())["endpoints"][0]["details"].take();
    let is = |key: &str, value: i64| assert_eq!(details[key], value, "{key}");
    is("renegSupport", 2);
    is("sessionResumption", 1);
    is("sessionTickets", 1);
    is("compressionMethods", 0);
    is("protocolIntolerance", 32);
    is("hasSct", 5);
    is("dhUsesKnownPrimes", 1);
    is("zeroRTTEnabled", 0);
    assert_eq!(details.get("miscIntolerance"), None);
    assert_eq!(details["alpnProtocols"], "h2 http/1.1");
    assert_eq!(details.get("npnProtocols"), None);
    assert_eq!(bits([(1, Some(false)), (4, None)]), None);
    assert_eq!(bits([(1, Some(true)), (4, None)]), Some(1));
    assert_eq!(compression(&Fact::yes(1, [])), Some(1));
    assert_eq!(compression(&Fact::default()), None);
}

#[test]
fn the_chain_for_the_name_and_the_newest_version_comes_first() {
    let document = host(&rich());
    let chains = &document["endpoints"][0]["details"]["certChains"];
    let ids = |certs: &[&str]| Value::from(certs.iter().map(|it| id(it)).collect::<Vec<_>>());
    assert_eq!(chains[0]["certIds"], ids(&[LEAF, ROOT, ISSUER]));
    assert_eq!(chains[1]["certIds"], ids(&[LEAF, ISSUER]));
    assert_eq!(chains[2]["certIds"], ids(&[ISSUER, ROOT]));
    let no_sni: Vec<_> = chains.as_array().unwrap().iter().map(|it| &it["noSni"]).collect();
    assert_eq!(no_sni, [false, false, true]);
    let listed: Vec<_> = each(&document, "certs").map(|it| it["id"].clone()).collect();
    assert_eq!(Value::from(listed), ids(&[LEAF, ROOT, ISSUER]));
    let both = [LEAF, ISSUER].map(|it| pki::decode(it).unwrap());
    assert_eq!(chains[1]["id"], pki::sha256_hex(both.iter().map(Vec::as_slice)));
    // A target without a name has nothing to send.
    let mut unnamed = rich();
    unnamed.target = Target::parse("192.0.2.7", None).unwrap();
    let chains = host(&unnamed)["endpoints"][0]["details"]["certChains"].take();
    assert!(chains.as_array().unwrap().iter().all(|it| it["noSni"] == false));
}

#[test]
fn chains_show_their_faults() {
    let issues = |certs: &[&str]| {
        let mut e = blank(Contact::Tls);
        store(&mut e, &[LEAF, ISSUER, ROOT]);
        e.chains = vec![chain_of(certs, Vec::new())];
        details_of(e)["certChains"][0]["issues"].as_u64().unwrap()
    };
    assert_eq!(issues(&[LEAF]), 0);
    assert_eq!(issues(&[LEAF, ISSUER]), 0);
    assert_eq!(issues(&[LEAF, ISSUER, ROOT]), 16);
    assert_eq!(issues(&[LEAF, ROOT, ISSUER]), 24);
    assert_eq!(issues(&[LEAF, ISSUER, ISSUER]), 4);
    assert_eq!(issues(&[LEAF, ISSUER, LEAF]), 4);
    // A root that issued nothing here is a stranger.
    assert_eq!(issues(&[LEAF, ROOT]), 4);
    assert_eq!(issues(&[ISSUER, LEAF]), 12);
    assert_eq!(issues(&[ROOT]), 0);
    // One that is not there does not count.
    assert_eq!(issues(&[LEAF, "AAAA", ISSUER]), 0);
}

#[test]
fn an_unreadable_certificate_keeps_its_place() {
    let mut e = blank(Contact::Tls);
    store(&mut e, &["AAAA", ISSUER]);
    e.chains = vec![chain_of(&["AAAA", ISSUER], Vec::new())];
    let host = host(&observed("example.test", vec![e]));
    check("", &host);
    let chain = &host["endpoints"][0]["details"]["certChains"][0];
    assert_eq!(chain["certIds"][0], id("AAAA"));
    assert_eq!(each(&host, "certs").count(), 1);
}

#[test]
fn certificates_show_their_faults() {
    let issues = |host_name: &str, certificate: &str, now: u64| {
        let mut e = blank(Contact::Tls);
        store(&mut e, &[certificate]);
        e.chains = vec![chain_of(&[certificate], Vec::new())];
        let mut observation = observed(host_name, vec![e]);
        observation.started_ms = now;
        // Alone, most have no path: bit 1.
        host(&observation)["certs"][0]["issues"].as_u64().unwrap() & !1
    };
    for name in ["www.example.test", "WWW.example.test.", "a.apps.example.test", "192.0.2.7"] {
        assert_eq!(issues(name, LEAF, NOW), 0, "{name}");
    }
    for name in ["apps.example.test", "a.b.apps.example.test", "example.test", "192.0.2.8"] {
        assert_eq!(issues(name, LEAF, NOW), 8, "{name}");
    }
    assert_eq!(issues("www.example.test", LEAF, 0), 2);
    assert_eq!(issues("www.example.test", LEAF, NOW * 2), 4);
    // The root has no alternative names, and signed itself.
    assert_eq!(issues("root.example.test", ROOT, NOW), 8 | 32 | 64);
}

#[test]
fn a_certificate_in_full() {
    let document = host(&rich());
    let certs = document["certs"].as_array().unwrap();
    let leaf = &certs[0];
    assert_eq!(leaf["subject"], r#"CN=www.example.test, O="Contoh, Sdn. Bhd.", C=MY"#);
    let names = ["www.example.test", "*.apps.example.test", "192.0.2.7", "2001:db8::7"];
    assert_eq!(leaf["altNames"], Value::from(names.to_vec()));
    assert_eq!(leaf["notBefore"], 1_795_460_211_000_i64);
    assert_eq!(leaf["revocationInfo"], 3);
    assert_eq!(leaf["keyAlg"], "EC");
    assert_eq!(leaf["keySize"], 384);
    assert_eq!(leaf["keyStrength"], 7680);
    assert_eq!(leaf["issues"], 0);
    let raw = leaf["raw"].as_str().unwrap();
    assert!(raw.starts_with("-----BEGIN CERTIFICATE-----\nMII"));
    assert!(raw.ends_with("\n-----END CERTIFICATE-----\n"));
    assert!(raw.lines().all(|line| line.len() <= 64));
    // The root above it was sent for nothing.
    assert_eq!(certs[1]["subject"], certs[1]["issuerSubject"]);
    assert_eq!(certs[1].get("issues"), None);
    assert_eq!(certs[1].get("altNames"), None);
}

#[test]
fn http_and_its_policies() {
    let mut observation = rich();
    let details = host(&observation)["endpoints"][0]["details"].take();
    let hsts = json!({
        "LONG_MAX_AGE": 15552000, "status": "present", "maxAge": 31536000,
        "header": "max-age=31536000; includeSubDomains", "includeSubDomains": true,
        "directives": {"max-age": "31536000", "includesubdomains": ""},
    });
    assert_eq!(details["hstsPolicy"], hsts);
    assert_eq!(details["httpTransactions"][0]["responseHeadersRaw"][0], "Server: nginx");
    assert_eq!(details["hpkpPolicy"]["status"], "absent");
    let Seen::Yes { value } = &mut observation.endpoints[0].http.seen else {
        panic!("HTTP was read")
    };
    value.hsts.max_age = Some(u64::MAX);
    value.transactions[0].headers.push(("Public-Key-Pins".to_owned(), "x".to_owned()));
    let details = host(&observation)["endpoints"][0]["details"].take();
    assert_eq!(details["hstsPolicy"]["maxAge"], i64::MAX);
    assert_eq!(details.get("hpkpPolicy"), None);
    assert_eq!(details["hpkpRoPolicy"]["status"], "absent");
}

#[test]
fn the_grade_and_its_clients_are_those_of_the_report() {
    let observation = rich();
    let mut report = Report::of(&observation, Day::of(2026, 11, 23));
    let address = observation.endpoints[0].address;
    let own = report.endpoints.iter_mut().find(|it| it.address == address).unwrap();
    let Outcomes::Graded(graded) = &mut own.result else { panic!() };
    graded.grade = Letter::M;
    graded.grade_trust_ignored = Letter::AMinus;
    graded.has_warnings = true;
    graded.forward_secrecy = Some(2);
    graded.rc4_with_modern = Some(false);
    let simulation = |client, suite, group, fails: Option<Failure>| Simulation {
        id: 1,
        client,
        reference: true,
        version: fails.is_none().then_some(Version::TLS12),
        suite,
        group,
        fails,
        live: None,
        seen: None,
    };
    graded.simulations = vec![
        simulation("Firefox 47 / Win 7", Some(Suite(0xc02f)), Some(Group::X25519), None),
        simulation("Android 2.3.7", Some(Suite(0x002f)), None, None),
        simulation("IE 6 / XP", None, None, Some(Failure::Protocol)),
        // Nothing is said of what is not known.
        Simulation { version: None, ..simulation("curl", None, None, None) },
    ];
    let document = super::host(&observation, &report);
    let endpoint = &document["endpoints"][0];
    assert_eq!(endpoint["grade"], "T", "SSL Labs has no M in its documents");
    assert_eq!(endpoint["gradeTrustIgnored"], "A-");
    assert_eq!(endpoint["hasWarnings"], true);
    assert_eq!(endpoint["isExceptional"], false);
    let details = &endpoint["details"];
    assert_eq!(details["forwardSecrecy"], 2);
    assert_eq!(details["rc4WithModern"], false);
    let results = details["sims"]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    let client = &results[0]["client"];
    assert_eq!(client["name"], "Firefox");
    assert_eq!(client["version"], "47");
    assert_eq!(client["platform"], "Win 7");
    assert_eq!(client["isReference"], true);
    assert!(client["id"].is_u64());
    assert_eq!(results[0]["errorCode"], 0);
    assert_eq!(results[0]["protocolId"], 771);
    assert_eq!(results[0]["suiteName"], "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_eq!(results[0]["kxType"], "ECDH");
    assert_eq!(results[0]["kxStrength"], 3072);
    assert_eq!(results[0]["namedGroupName"], "x25519");
    assert_eq!(results[1].get("kxType"), None, "static RSA is not mentioned");
    assert_eq!(results[1]["client"].get("platform"), None);
    assert_eq!(results[2]["errorCode"], 1);
    assert_eq!(results[2]["attempts"], 0);
    assert!(results[2]["errorMessage"].as_str().unwrap().starts_with("Protocol mismatch"));
}

/// A server of TLS 1.2 with everything that flaws need.
fn old_product() -> Endpoint {
    let mut e = speaking(&[Version::TLS12]);
    e.suites = vec![suites_of(Version::TLS12, &[0x002f, 0xc013], yes())];
    e.heartbeat = Fact::yes(1, []);
    e.session.ticket_issued = Fact::yes(Some(300), []);
    e.secure_renegotiation = yes();
    e
}

/// The numbers of the service for flaws.
const FLAWS: [&str; 10] = [
    "heartbleed",
    "openSslCcs",
    "openSSLLuckyMinus20",
    "ticketbleed",
    "bleichenbacher",
    "zombiePoodle",
    "goldenDoodle",
    "zeroLengthPaddingOracle",
    "sleepingPoodle",
    "poodleTls",
];

#[test]
fn flaws_that_nobody_asked_about_are_left_out() {
    let details = details_of(old_product());
    for key in FLAWS {
        assert_eq!(details.get(key), None, "{key}");
    }
    assert_eq!(details["renegSupport"], 2);
    assert_eq!(details["drownVulnerable"], false);
}

#[test]
fn flaws_that_cannot_be_there_are_not() {
    let mut e = old_product();
    e.protocols = speaking(&[Version::TLS13]).protocols;
    e.suites = vec![suites_of(Version::TLS13, &[0x1301], yes())];
    let details = details_of(e);
    for key in FLAWS {
        let no = if key == "heartbleed" { json!(false) } else { json!(1) };
        assert_eq!(details[key], no, "{key}");
    }
}

#[test]
fn flaws_have_the_numbers_of_the_service() {
    let mut e = old_product();
    let flaws = &mut e.flaws;
    flaws.heartbleed = yes();
    flaws.early_ccs = Fact::yes(EarlyCcs::Taken, []);
    flaws.lucky_minus_20 = yes();
    flaws.ticketbleed = no();
    flaws.robot = Fact::yes(Robot::Much, []);
    flaws.zombie_poodle = Fact::yes(Oracle::Observable, []);
    flaws.goldendoodle = Fact::yes(Oracle::Exploitable, []);
    flaws.zero_length = Fact::yes(Oracle::Observable, []);
    flaws.sleeping_poodle = Fact::yes(Oracle::Exploitable, []);
    flaws.poodle_tls = yes();
    flaws.drown = yes();
    flaws.legacy_renegotiation = no();
    flaws.client_renegotiation = yes();
    let details = details_of(e.clone());
    for (key, want) in FLAWS.into_iter().zip([0, 2, 2, 1, 3, 2, 5, 6, 11, 2]) {
        let want = if key == "heartbleed" { json!(true) } else { json!(want) };
        assert_eq!(details[key], want, "{key}");
    }
    assert_eq!(details["renegSupport"], 6);
    assert_eq!(details["drownVulnerable"], true);
    e.flaws.early_ccs = Fact::yes(EarlyCcs::Exploitable, []);
    e.flaws.robot = Fact::unknown(Why::Inconsistent, []);
    e.flaws.zombie_poodle = Fact::unknown(Why::Inconsistent, []);
    e.flaws.goldendoodle = Fact::unknown(Why::Closed, []);
    e.flaws.poodle_tls = Fact::unknown(Why::Timeout, []);
    e.flaws.ticketbleed = Fact::unknown(Why::Budget, []);
    e.flaws.legacy_renegotiation = yes();
    e.secure_renegotiation = Fact::default();
    let details = details_of(e);
    for (key, want) in [
        ("openSslCcs", 3),
        ("bleichenbacher", 4),
        ("zombiePoodle", 0),
        ("goldenDoodle", -1),
        ("poodleTls", -3),
        ("renegSupport", 5),
    ] {
        assert_eq!(details[key], want, "{key}");
    }
    assert_eq!(details.get("ticketbleed"), None);
}
