//! Documents made by hand, and the facts they have to become.

use serde_json::{Value, json};
use taraf_scanner::observe::{
    CertSource, Completeness, EarlyCcs, HstsState, Oracle, PathFault, RevocationStatus, Robot,
    Seen, SniSent,
};
use taraf_scanner::wire::suites::SuiteInfo;
use taraf_scanner::wire::{Group, Suite, Version};

use super::*;

/// An issuer made with OpenSSL 3.0: CN=Example Test Issuer, by CN=Example Test Root.
const ISSUER: &str = concat!(
    "-----BEGIN CERTIFICATE-----\n",
    "MIIBfDCCASKgAwIBAgIBAjAKBggqhkjOPQQDAzAcMRowGAYDVQQDDBFFeGFtcGxlIFRlc3QgUm9vdDAeFw0yNjEx\n",
    "MjMxODU2NTFaFw0zNjExMjAxODU2NTFaMB4xHDAaBgNVBAMME0V4YW1wbGUgVGVzdCBJc3N1ZXIwWTATBgcqhkjO\n",
    "PQIBBggqhkjOPQMBBwNCAAT6JaLBFYUKJcOdRJ+mFPc/jfeaLGk+j6PBAmZUq5UznXNsLyeNugXV9Z0RWXlSlbCR\n",
    "Iu213qrgvZD6VnSyaCsQo1MwUTAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBRkKjKp/k7avWyBEmY2mYG02vP6\n",
    "BjAfBgNVHSMEGDAWgBSPIdY/1UrTS+/bvCjujhgNJaPnPjAKBggqhkjOPQQDAwNIADBFAiEArA3kZnmmBM4kAV7w\n",
    "xb0N8jqMH6u6GgPGwL+54zUXy/0CIGopi2NfrpUsQQHKrJrZWbdNxRvPPtCTUIqKQt2j7PNu\n",
    "-----END CERTIFICATE-----\n",
);

fn one(document: &Value) -> Recorded {
    let mut read = read(&document.to_string()).unwrap();
    assert_eq!(read.len(), 1);
    read.remove(0)
}

fn leaf() -> Value {
    json!({
        "id": "1ea1", "subject": "CN=www.example.test", "issuerSubject": "CN=Example Test Issuer",
        "commonNames": ["www.example.test"], "altNames": ["www.example.test", "192.0.2.7"],
        "notBefore": 1_500_000_000_000_i64, "notAfter": 1_700_000_000_000_i64,
        "sigAlg": "SHA1withRSA", "keyAlg": "RSA", "keySize": 1024, "keyStrength": 1024,
        "crlRevocationStatus": 2, "ocspRevocationStatus": 4, "issues": 0, "mustStaple": false,
        "dnsCaa": true, "caaPolicy": {"policyHostname": "example.test",
            "caaRecords": [{"tag": "issue", "value": "ca.example", "flags": 128}]},
    })
}

/// A document of version 3 with something in every field that is read.
fn host() -> Value {
    json!({
        "host": "www.example.test", "port": 8443, "startTime": 1_550_000_000_000_i64,
        "testTime": 1_550_000_100_000_i64, "engineVersion": "1.32.16", "status": "READY",
        "certs": [leaf(), {"id": "155e", "raw": ISSUER, "issues": 0}],
        "endpoints": [{
            "ipAddress": "2001:db8:0:0:0:0:0:7", "statusMessage": "Ready", "grade": "B",
            "gradeTrustIgnored": "B", "hasWarnings": true, "isExceptional": false,
            "duration": 1234, "details": details(),
        }, {"ipAddress": "192.0.2.7", "statusMessage": "Unable to connect to the server"}],
    })
}

fn details() -> Value {
    let dhe = json!({"id": 0x9e, "name": "?", "kxType": "DH", "kxStrength": 2048, "dhBits": 256,
        "dhP": 256, "dhG": 1, "dhYs": 256});
    let ecdhe = json!({"id": 0xc02f, "kxType": "ECDH", "kxStrength": 3072, "namedGroupBits": 256,
        "namedGroupId": 29});
    let mut details = json!({
        "hostStartTime": 1_550_000_000_000_i64,
        "protocols": [{"id": 512, "v2SuitesDisabled": true}, {"id": 770}, {"id": 771}],
        "suites": [
            {"protocol": 770, "list": [{"id": 0x2f}, {"id": 0x0a}], "preference": false},
            {"protocol": 771, "list": [ecdhe, dhe], "preference": true,
                "chaCha20Preference": true},
        ],
        "namedGroups": {"list": [{"id": 23}, {"id": 29}], "preference": true},
        "dhPrimes": ["ff".repeat(256), "0f"],
        "certChains": [
            {"id": "c1", "certIds": ["1ea1", "155e"], "issues": 0, "noSni": false, "trustPaths": [
                {"certIds": ["1ea1"], "trust": [{"rootStore": "Mozilla", "isTrusted": true}]}]},
            {"id": "c2", "certIds": ["0dd5"], "issues": 2, "noSni": true, "trustPaths": []},
        ],
        "sims": {"results": [
            {"client": {"name": "IE", "version": "8"}, "errorCode": 0, "protocolId": 769,
                "suiteId": 10, "certChainId": "c2"},
            {"client": {"name": "Java", "version": "7u25"}, "errorCode": 0, "protocolId": 770,
                "suiteId": 10, "certChainId": "c1"}]},
    });
    let features = json!({
        "hstsPolicy": {"status": "present", "maxAge": 31_536_000, "includeSubDomains": true,
            "header": "max-age=31536000; includeSubDomains",
            "directives": {"max-age": "31536000", "includesubdomains": ""}},
        "httpStatusCode": 200, "serverSignature": "nginx", "renegSupport": 6,
        "sessionResumption": 1, "sessionTickets": 1, "compressionMethods": 0,
        "supportsNpn": false, "supportsAlpn": true, "alpnProtocols": "h2 http/1.1",
        "ocspStapling": true, "staplingRevocationStatus": 2, "sniRequired": false,
        "forwardSecrecy": 2, "rc4WithModern": false, "protocolIntolerance": 32,
        "miscIntolerance": 0, "heartbleed": false, "heartbeat": true, "openSslCcs": 3,
        "openSSLLuckyMinus20": 1, "ticketbleed": 3, "bleichenbacher": 2, "zombiePoodle": 3,
        "goldenDoodle": 4, "sleepingPoodle": 11, "zeroLengthPaddingOracle": -1, "poodle": false,
        "poodleTls": 2, "fallbackScsv": true, "hasSct": 4, "dhYsReuse": false,
        "ecdhParameterReuse": true, "drownVulnerable": false, "drownErrors": false,
        "zeroRTTEnabled": 0,
    });
    details.as_object_mut().unwrap().extend(features.as_object().unwrap().clone());
    details
}

/// The same of version 2, with one list of suites.
fn old_host() -> Value {
    let mut cert = leaf();
    cert["issues"] = json!(9);
    cert["mustStaple"] = json!(0);
    json!({
        "host": "www.example.test", "testTime": 1_480_000_000_000_i64, "endpoint": {
            "ipAddress": "192.0.2.7", "grade": "T", "gradeTrustIgnored": "A+", "details": {
                "key": {"size": 4096, "strength": 4096, "alg": "RSA", "debianFlaw": false},
                "cert": cert,
                "chain": {"issues": 10, "certs": [{"sha1Hash": "aa", "issues": 8},
                    {"sha1Hash": "bb", "raw": ISSUER, "issues": 0}]},
                "protocols": [{"id": 512, "q": 0}, {"id": 768}, {"id": 769}, {"id": 771}],
                "suites": {"preference": true, "list": [
                    {"id": 5}, {"id": 0x2f}, {"id": 0x9e, "dhStrength": 1024, "dhP": 128},
                    {"id": 0xc02f, "ecdhBits": 384, "ecdhStrength": 7680}]},
                "poodle": false, "stsStatus": "disabled", "stsMaxAge": 0,
            },
        },
    })
}

fn suites(endpoint: &Endpoint, version: Version) -> (Vec<u32>, Vec<u32>) {
    let found = endpoint.suites.iter().find(|it| it.version == version).unwrap();
    let ids = |suites: &[Suite]| suites.iter().map(|it| it.0).collect();
    (ids(&found.accepted), ids(&found.unsettled))
}

#[test]
fn a_document_becomes_facts() {
    let recorded = one(&host());
    let observation = &recorded.observation;
    assert_eq!(observation.target.to_string(), "www.example.test:8443");
    assert_eq!((observation.tool.as_str(), observation.duration_ms), ("SSL Labs 1.32.16", 100_000));
    let caa = observation.dns.caa.value().unwrap();
    assert!(caa.at == "example.test" && caa.records[0].critical);

    let endpoint = &observation.endpoints[0];
    assert_eq!(endpoint.address.to_string(), "2001:db8::7");
    let spoken: Vec<_> = endpoint.protocols.iter().map(|it| it.spoken.known().unwrap()).collect();
    assert_eq!(spoken, [true, false, false, true, true, false]);
    assert_eq!(suites(endpoint, Version::SSL2), (vec![], vec![]));
    assert_eq!(suites(endpoint, Version::TLS11).0, [0x2f, 0x0a]);
    assert_eq!(suites(endpoint, Version::TLS12).0, [0xc02f, 0x9e]);
    assert!(endpoint.suites[1].server_order.is_no() && endpoint.suites[2].server_order.is_yes());
    assert!(endpoint.suites[2].chacha_preference.is_yes());
    // The group of a suite comes before the rest.
    assert_eq!(endpoint.groups[0].accepted, [Group::X25519, Group::SECP256R1]);
    let dh = &endpoint.dh[0];
    assert_eq!((dh.bits, dh.prime.len(), dh.public_length), (2048, 512, 256));
    assert_eq!(dh.suites, [(Version::TLS12, Suite(0x9e))]);

    let hsts = &endpoint.http.value().unwrap().hsts;
    assert_eq!((hsts.state, hsts.max_age), (HstsState::Present, Some(31_536_000)));
    assert!(hsts.include_subdomains && !hsts.preload && hsts.directives.len() == 2);
    assert!(endpoint.secure_renegotiation.is_yes() && endpoint.compression.is_no());
    assert_eq!(endpoint.alpn.value().unwrap(), &["h2", "http/1.1"]);
    assert!(endpoint.npn.is_no() && endpoint.fallback_scsv.is_yes());
    assert!(endpoint.session.id_issued.is_yes() && endpoint.session.id_resumed.is_no());
    assert!(endpoint.tolerance.version_0499.is_no() && endpoint.tolerance.tls13.is_yes());
    assert!(endpoint.scts.is_yes() && endpoint.staple.is_some());
    assert!(endpoint.reuse.dh.is_no() && endpoint.reuse.ecdh.is_yes());

    let flaws = &endpoint.flaws;
    assert!(flaws.heartbleed.is_no() && flaws.ticketbleed.is_no() && flaws.drown.is_no());
    assert_eq!(flaws.early_ccs.value(), Some(&EarlyCcs::Exploitable));
    assert_eq!(flaws.robot.value(), Some(&Robot::Little));
    assert_eq!(flaws.zombie_poodle.value(), Some(&Oracle::Exploitable));
    assert_eq!(flaws.goldendoodle.value(), Some(&Oracle::Observable));
    assert_eq!(flaws.sleeping_poodle.value(), Some(&Oracle::Exploitable));
    assert_eq!(flaws.zero_length.known(), None);
    assert!(flaws.poodle_tls.is_yes() && flaws.lucky_minus_20.is_no());
    assert!(flaws.client_renegotiation.is_yes() && flaws.legacy_renegotiation.is_no());
}

#[test]
fn what_was_said_stands_beside_it() {
    let recorded = one(&host());
    let said = &recorded.said[0];
    assert_eq!((said.grade, said.trust_ignored), (Some(Letter::B), Some(Letter::B)));
    assert_eq!((said.warnings, said.exceptional), (Some(true), Some(false)));
    assert_eq!(said.at, 1_550_000_100);
    assert_eq!(said.clients.forward_secrecy, Seen::Yes { value: 2 });
    assert_eq!(said.clients.rc4_with_modern, Seen::No);
    assert_eq!(said.clients.block64_with_modern, Seen::Yes { value: () });
    // What was not reached has nothing to grade.
    assert_eq!(recorded.said.len(), 2);
    assert_eq!(recorded.said[1].grade, None);
    assert!(matches!(recorded.observation.endpoints[1].contact, Contact::Nothing { .. }));
    let facts: Vec<_> = recorded.facts().collect();
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].0.at, said.at);
    assert_eq!(facts[0].0.clients, said.clients);
}

#[test]
fn chains_are_worth_what_the_document_says() {
    let chain_of = |change: &dyn Fn(&mut Value)| {
        let mut document = host();
        change(&mut document);
        let recorded = one(&document);
        let chain = recorded.observation.endpoints[0].chains[0].clone();
        (chain.facts.unwrap(), recorded)
    };
    let fault_of = |issues: i64| {
        let (facts, _) = chain_of(&|it| it["certs"][0]["issues"] = json!(issues));
        (facts.trust[0].fault.clone(), facts.name.by.clone())
    };

    let (facts, recorded) = chain_of(&|_| {});
    let (pki, endpoint) = (&recorded.observation.pki, &recorded.observation.endpoints[0]);
    let [first, second] = &endpoint.chains[..] else { panic!("two chains") };
    let issuer = &first.certificates[1];
    assert_eq!(pki.certificates[issuer].facts.as_ref().unwrap().subject, "CN=Example Test Issuer");
    assert!(endpoint.certificates.contains_key(issuer) && issuer.len() == 64);
    assert_eq!(pki.certificates["1ea1"].facts.as_ref().unwrap().key.strength, Some(1024));
    assert_eq!(pki.certificates["1ea1"].source, CertSource::Sent);
    assert_eq!((first.sent[0].sni, second.sent[0].sni), (SniSent::Name, SniSent::None));
    assert!(second.facts.is_none(), "nothing is said of its leaf");
    assert_eq!(facts.completeness, Completeness::Complete);
    assert_eq!((facts.trust[0].store.as_str(), &facts.trust[0].fault), ("mozilla", &None));
    assert_eq!(facts.old_hashes.len(), 1, "the leaf, not the issuer");
    assert_eq!(facts.name.by.as_deref(), Some("www.example.test"));

    let (facts, _) = chain_of(&|it| {
        it["endpoints"][0]["details"]["certChains"][0]["issues"] = json!(2);
    });
    assert_eq!(facts.completeness, Completeness::Incomplete { missing: vec![] });

    let name = Some("www.example.test".to_owned());
    assert_eq!(fault_of(8), (None, None), "another name is no fault of the chain");
    assert_eq!(fault_of(256), (None, name.clone()));
    assert_eq!(fault_of(64), (Some(PathFault::SelfSigned), name));
    assert!(matches!(fault_of(1).0, Some(PathFault::UnknownIssuer { .. })));
    assert!(matches!(fault_of(5).0, Some(PathFault::OutOfDate(it)) if !it.early && it.leaf));
    assert!(matches!(fault_of(2).0, Some(PathFault::OutOfDate(it)) if it.early));
    assert!(matches!(fault_of(128).0, Some(PathFault::Distrusted { .. })));
    assert!(matches!(fault_of(32).0, Some(PathFault::Form { .. })));

    let (facts, recorded) = chain_of(&|it| it["certs"][0]["issues"] = json!(16));
    assert_eq!(facts.trust[0].fault, None);
    let revocation = &recorded.observation.pki.revocation["1ea1"];
    assert!(matches!(revocation.crl, RevocationStatus::Revoked { .. }));
    assert_eq!(revocation.ocsp, RevocationStatus::NotAsked);
}

#[test]
fn version_2_is_read_too() {
    let recorded = one(&old_host());
    let endpoint = &recorded.observation.endpoints[0];
    // Which suites SSL 2.0 has is not said, nor that it has none.
    let (accepted, unsettled) = suites(endpoint, Version::SSL2);
    assert!(accepted.is_empty() && !unsettled.is_empty());
    // No POODLE, so perhaps no CBC with SSL 3.0.
    assert_eq!(suites(endpoint, Version::SSL3), (vec![5], vec![0x2f]));
    assert_eq!(suites(endpoint, Version::TLS10), (vec![5, 0x2f], vec![]));
    assert_eq!(suites(endpoint, Version::TLS12).0, [5, 0x2f, 0x9e, 0xc02f]);
    assert!(endpoint.suites.iter().all(|it| it.server_order.is_yes()));
    assert_eq!(endpoint.groups[0].accepted, [Group::SECP384R1]);
    assert_eq!(endpoint.dh[0].bits, 1024);
    assert_eq!(endpoint.http.value().unwrap().hsts.state, HstsState::Disabled);
    let chain = &endpoint.chains[0];
    let facts = chain.facts.as_ref().unwrap();
    assert!(matches!(facts.trust[0].fault, Some(PathFault::UnknownIssuer { .. })));
    assert_eq!(facts.name.by, None);
    assert!(matches!(facts.completeness, Completeness::Incomplete { .. }));
    let leaf = recorded.observation.pki.certificates[&chain.certificates[0]].facts.clone();
    assert_eq!(leaf.unwrap().key.strength, Some(4096), "the key stands apart");
    assert_eq!(recorded.said[0].trust_ignored, Some(Letter::APlus));

    let mut poodle = old_host();
    poodle["endpoint"]["details"]["poodle"] = json!(true);
    let endpoint = &one(&poodle).observation.endpoints[0];
    assert_eq!(suites(endpoint, Version::SSL3), (vec![5, 0x2f], vec![]));
    let cbc = |it: &Suite| it.info().is_some_and(SuiteInfo::is_cbc);
    assert!(endpoint.suites[1].accepted.iter().any(cbc));
}

#[test]
fn what_is_not_there_is_unknown() {
    let mut document = host();
    for details in [json!({}), json!({"protocols": null, "suites": null, "hstsPolicy": null})] {
        document["endpoints"][0]["details"] = details;
        let recorded = one(&document);
        let endpoint = &recorded.observation.endpoints[0];
        let written = serde_json::to_string(endpoint).unwrap();
        assert!(!written.contains(r#""answer":"no""#), "{written}");
        assert!(!written.contains(r#""answer":"yes""#), "{written}");
        assert!(endpoint.suites.is_empty() && endpoint.chains.is_empty());
        let clients = &recorded.said[0].clients;
        for known in [&clients.rc4_with_modern, &clients.block64_with_modern] {
            assert!(matches!(known, Seen::Unknown { .. }));
        }
        assert!(matches!(clients.forward_secrecy, Seen::Unknown { .. }));
    }
    // Errors of tests, in numbers, are unknown as well.
    let mut document = host();
    for key in ["openSslCcs", "bleichenbacher", "poodleTls", "sessionTickets", "renegSupport"] {
        document["endpoints"][0]["details"][key] = json!(-1);
    }
    let recorded = one(&document);
    let endpoint = &recorded.observation.endpoints[0];
    let flaws = &endpoint.flaws;
    assert_eq!(flaws.early_ccs.known(), None);
    assert_eq!(flaws.robot.known(), None);
    assert_eq!(flaws.poodle_tls.known(), None);
    assert_eq!(flaws.legacy_renegotiation.known(), None);
    assert_eq!(endpoint.session.ticket_issued.known(), None);
}

#[test]
fn several_documents_are_read_at_once() {
    let both = read(&json!([host(), old_host()]).to_string()).unwrap();
    assert_eq!(both.len(), 2);
    assert!(read("[]").unwrap().is_empty());
    let mut wrong = old_host();
    wrong["endpoint"]["ipAddress"] = json!("here");
    let error = read(&json!([host(), wrong]).to_string()).unwrap_err();
    assert_eq!(error, r#"document 2: endpoint 1: `ipAddress`: "here" is not an address"#);
}

#[test]
fn what_is_no_document_is_said_so() {
    for text in ["", "{", "null", "7", "{}", r#"{"host": ""}"#, r#"{"host": "a b"}"#, "[[]]"] {
        assert!(!read(text).unwrap_err().is_empty(), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(read(&deep).is_err());
    let mut document = host();
    document["certs"][1]["raw"] = json!("-----BEGIN CERTIFICATE-----\n?\n-----END");
    assert!(read(&document.to_string()).unwrap_err().contains("PEM"));
    let mut document = host();
    document["endpoints"][0]["grade"] = json!("Z");
    assert!(read(&document.to_string()).unwrap_err().contains("not a grade"));
}

/// Every value of a document, spoilt in several ways, is an error in words or is lived with.
#[test]
fn no_value_is_believed() {
    let spoils = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(1e300),
        json!(""),
        json!("\u{0}é-----"),
        json!("9".repeat(5000)),
        json!([]),
        json!([null]),
        json!([[]]),
        json!({}),
        json!({"id": 65535, "list": [{}], "certs": [{}]}),
    ];
    let mut errors = 0;
    let mut lived = 0;
    for document in [host(), old_host()] {
        let mut pointers = Vec::new();
        collect(&document, String::new(), &mut pointers);
        assert!(pointers.len() > 60);
        for pointer in pointers {
            for spoil in &spoils {
                let mut spoilt = document.clone();
                *spoilt.pointer_mut(&pointer).unwrap() = spoil.clone();
                match read(&spoilt.to_string()) {
                    Err(error) => {
                        assert!(!error.is_empty() && error.len() < 20_000, "{pointer}");
                        errors += 1;
                    }
                    Ok(all) => {
                        for recorded in &all {
                            assert_eq!(recorded.said.len(), recorded.observation.endpoints.len());
                            // To simulate clients is what takes time.
                            if lived % 16 == 0 {
                                let json = serde_json::to_string(&recorded.observation).unwrap();
                                assert!(serde_json::from_str::<Observation>(&json).is_ok());
                                assert!(recorded.facts().count() <= recorded.said.len());
                            }
                        }
                        lived += 1;
                    }
                }
            }
        }
    }
    assert!(errors > 1000 && lived > 500, "{errors} errors, {lived} lived with");
}

/// Pointers to all values.
fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                collect(
                    value,
                    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                collect(value, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}
