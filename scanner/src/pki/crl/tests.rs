//! Lists made by OpenSSL and by hand, right and wrong in every way.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use x509_parser::prelude::FromDer as _;

use super::*;
use crate::pki::der::{BIT_STRING, OCTET_STRING, OID};

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../testdata/revocation/", $name)).as_slice()
    };
}

const CA: &[u8] = sample!("ca.der");
const LEAF: &[u8] = sample!("leaf.der");
const REVOKED: &[u8] = sample!("revoked.der");
const HELD: &[u8] = sample!("held.der");
const PLAIN: &[u8] = sample!("plain.der");
const LIST: &[u8] = sample!("plain.crl");

/// 2026-01-10; the lists are from 2026-01-01 to 2026-02-01.
const NOW: i64 = 1_768_003_200;
const END: i64 = 1_769_904_000;
/// 2025-06-01 12:00.
const REVOKED_AT: i64 = 1_748_779_200;

fn not_revoked() -> (RevocationStatus, Option<i64>) {
    (RevocationStatus::NotRevoked { until: Some(END) }, Some(END))
}

fn revoked(reason: &str) -> (RevocationStatus, Option<i64>) {
    let reason = Some(reason.to_owned());
    (RevocationStatus::Revoked { at: REVOKED_AT, reason }, Some(END))
}

#[track_caller]
fn why(crl: &[u8], leaf: &[u8], issuer: &[u8], now: i64) -> String {
    match answer(crl, leaf, issuer, now) {
        (RevocationStatus::Unknown { why }, None) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn revoked_and_not() {
    assert_eq!(answer(LIST, LEAF, CA, NOW), not_revoked());
    assert_eq!(answer(LIST, REVOKED, CA, NOW), revoked("keyCompromise"));
    assert_eq!(answer(LIST, HELD, CA, NOW), revoked("certificateHold"));
    assert_eq!(answer(sample!("empty.crl"), REVOKED, CA, NOW), not_revoked());
}

#[test]
fn pem_is_read_too() {
    let pem = sample!("plain.crl.pem");
    assert_eq!(answer(pem, REVOKED, CA, NOW), revoked("keyCompromise"));
    let text = str::from_utf8(pem).unwrap();
    assert_eq!(
        answer(text.replace('\n', "\r\n").as_bytes(), REVOKED, CA, NOW),
        revoked("keyCompromise")
    );
    assert_eq!(why(text.replace("END", "").as_bytes(), LEAF, CA, NOW), MALFORMED);
    assert_eq!(why(text.replace("X509 CRL", "PKCS7").as_bytes(), LEAF, CA, NOW), MALFORMED);
}

#[test]
fn a_list_holds_for_its_time() {
    let start = 1_767_225_600;
    assert_eq!(answer(LIST, LEAF, CA, END), not_revoked());
    assert_eq!(
        why(LIST, LEAF, CA, END + 1),
        "the list is out of time: a newer one was due on 2026-02-01 00:00 UTC"
    );
    assert_eq!(answer(LIST, LEAF, CA, start - 300), not_revoked());
    assert_eq!(
        why(LIST, REVOKED, CA, start - 301),
        "the list is out of time: it holds only from 2026-01-01 00:00 UTC"
    );
    assert!(why(sample!("expired.crl"), LEAF, CA, NOW).contains("a newer one was due"));
}

#[test]
fn only_the_issuer_speaks_for_its_certificates() {
    let other_key = sample!("otherkey.crl");
    assert_eq!(why(other_key, LEAF, CA, NOW), "the signature of the list is not the issuer's");
    assert_eq!(why(sample!("stranger.crl"), LEAF, CA, NOW), "the list is by another authority");
    let stranger = sample!("stranger.der");
    assert_eq!(why(LIST, LEAF, stranger, NOW), "the certificate names another issuer");
    assert_eq!(
        why(LIST, LEAF, sample!("mute.der"), NOW),
        "the issuer's certificate is not for signing lists"
    );
}

#[test]
fn a_list_is_only_about_what_it_is_for() {
    // The leaf names this distribution point, the plain certificate none.
    assert_eq!(answer(sample!("idp.crl"), LEAF, CA, NOW), not_revoked());
    assert_eq!(answer(sample!("idp.crl"), REVOKED, CA, NOW), revoked("keyCompromise"));
    let other_point = "the list is for certificates with another distribution point";
    assert_eq!(why(sample!("idp.crl"), PLAIN, CA, NOW), other_point);
    assert_eq!(why(sample!("idp_other.crl"), LEAF, CA, NOW), other_point);

    let sub = sample!("subca.der");
    assert_eq!(answer(sample!("idp_ca.crl"), sub, CA, NOW), not_revoked());
    assert!(why(sample!("idp_ca.crl"), LEAF, CA, NOW).contains("only about certificates of auth"));
    assert!(why(sample!("idp_attr.crl"), LEAF, CA, NOW).contains("attribute certificates"));
    assert!(why(sample!("idp_indirect.crl"), LEAF, CA, NOW).contains("indirect"));

    let some = sample!("idp_reasons.crl");
    assert!(why(some, LEAF, CA, NOW).contains("only about some reasons"));
    assert_eq!(answer(some, REVOKED, CA, NOW), revoked("keyCompromise"));

    assert!(why(sample!("delta.crl"), LEAF, CA, NOW).contains("only changes to another list"));
    assert_eq!(why(sample!("odd.crl"), LEAF, CA, NOW), "the list has a critical extension 1.2.3.4");
}

/// An authority made on the spot, with the names of the samples and a key of its own.
struct Authority {
    key: EcdsaKeyPair,
    cert: Vec<u8>,
}

const ECDSA_SHA256: &[u8] =
    &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

impl Authority {
    fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        // The key at the end of the sample's SubjectPublicKeyInfo gives way to the new one. Nobody
        // here checks the signature of the certificate.
        let mut cert = CA.to_vec();
        let (_, parsed) = X509Certificate::from_der(CA).unwrap();
        let old = parsed.public_key().subject_public_key.data.to_vec();
        let at = CA.windows(old.len()).position(|window| window == old).unwrap();
        cert[at..at + old.len()].copy_from_slice(key.public_key().as_ref());
        Self { key, cert }
    }

    /// A list with these entries and these extensions, all in DER.
    fn list(&self, entries: &[u8], extensions: &[u8]) -> Vec<u8> {
        let (_, leaf) = X509Certificate::from_der(LEAF).unwrap();
        let mut parts = vec![
            vec![INTEGER, 1, 1],
            ECDSA_SHA256.to_vec(),
            leaf.issuer().as_raw().to_vec(),
            b"\x17\x0d260101000000Z".to_vec(),
            b"\x17\x0d260201000000Z".to_vec(),
            encode(SEQUENCE, &[entries]),
        ];
        if !extensions.is_empty() {
            parts.push(encode(context(0), &[&encode(SEQUENCE, &[extensions])]));
        }
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let signed = encode(SEQUENCE, &parts);
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        let bits = encode(BIT_STRING, &[&[0], signature.as_ref()]);
        encode(SEQUENCE, &[&signed, ECDSA_SHA256, &bits])
    }
}

/// An entry with a reason, and an extension that is critical and says nothing.
fn entry(serial: &[u8], reason: Option<u8>, critical: Option<&[u8]>) -> Vec<u8> {
    let mut extensions = Vec::new();
    if let Some(reason) = reason {
        let code = encode(OCTET_STRING, &[&[ENUMERATED, 1, reason]]);
        extensions.extend(encode(SEQUENCE, &[&[OID, 3, 0x55, 0x1d, 21], &code]));
    }
    if let Some(id) = critical {
        let rest = encode(OCTET_STRING, &[]);
        extensions.extend(encode(SEQUENCE, &[&encode(OID, &[id]), &[1, 1, 0xff], &rest]));
    }
    let extensions = match extensions.as_slice() {
        [] => Vec::new(),
        some => encode(SEQUENCE, &[some]),
    };
    let date = b"\x17\x0d250601120000Z";
    encode(SEQUENCE, &[&encode(INTEGER, &[serial]), date, &extensions])
}

const SERIAL: &[u8] = &[0x00, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18];

#[test]
fn reasons_by_their_names() {
    let authority = Authority::new();
    let of = |reason| {
        answer(&authority.list(&entry(SERIAL, reason, None), &[]), LEAF, &authority.cert, NOW)
    };
    let names = [
        (0, "unspecified"),
        (1, "keyCompromise"),
        (2, "cACompromise"),
        (3, "affiliationChanged"),
        (4, "superseded"),
        (5, "cessationOfOperation"),
        (6, "certificateHold"),
        (7, "reason 7"),
        (9, "privilegeWithdrawn"),
        (10, "aACompromise"),
    ];
    for (code, name) in names {
        assert_eq!(of(Some(code)), revoked(name));
    }
    assert_eq!(of(Some(8)), not_revoked(), "taken back");
    let none = RevocationStatus::Revoked { at: REVOKED_AT, reason: None };
    assert_eq!(of(None), (none, Some(END)));
}

#[test]
fn entries_that_are_not_understood_are_not_used() {
    let authority = Authority::new();
    let list = authority.list(&entry(SERIAL, None, Some(&[0x55, 0x1d, 29])), &[]);
    let why_not = "the entry has a critical extension 2.5.29.29";
    assert_eq!(why(&list, LEAF, &authority.cert, NOW), why_not);
    // The same of another certificate does not matter.
    let list = authority.list(&entry(&[5], None, Some(&[0x55, 0x1d, 29])), &[]);
    assert_eq!(answer(&list, LEAF, &authority.cert, NOW), not_revoked());
    // A broken entry before the one in question spoils the list.
    let mut entries = vec![SEQUENCE, 2, BIT_STRING, 0];
    entries.extend(entry(SERIAL, None, None));
    assert_eq!(why(&authority.list(&entries, &[]), LEAF, &authority.cert, NOW), MALFORMED);
}

#[test]
fn the_certificate_without_a_point_goes_by_its_issuers_name() {
    let authority = Authority::new();
    let with = |certificate: &[u8]| {
        let (_, leaf) = X509Certificate::from_der(PLAIN).unwrap();
        let directory = encode(context(4), &[leaf.issuer().as_raw()]);
        let name = encode(context(0), &[&encode(context(0), &[&directory])]);
        let value = encode(OCTET_STRING, &[&encode(SEQUENCE, &[&name])]);
        let point = encode(SEQUENCE, &[&[OID, 3, 0x55, 0x1d, 28, 1, 1, 0xff], &value]);
        answer(&authority.list(&[], &point), certificate, &authority.cert, NOW).0
    };
    assert_eq!(with(PLAIN), not_revoked().0);
    assert!(matches!(with(LEAF), RevocationStatus::Unknown { .. }));
}

#[test]
fn spoilt_lists_do_no_harm_and_say_nothing() {
    for length in 0..LIST.len() {
        why(&LIST[..length], REVOKED, CA, NOW);
    }
    for at in 0..LIST.len() * 8 {
        let mut list = LIST.to_vec();
        list[at / 8] ^= 1 << (at % 8);
        // Some bits matter to nobody, such as those of a NULL; none makes a revoked certificate
        // anything else.
        let (status, _) = answer(&list, REVOKED, CA, NOW);
        assert!(!matches!(status, RevocationStatus::NotRevoked { .. }), "bit {at}");
    }
    for spoilt in [sample!("idp.crl"), sample!("idp_reasons.crl"), sample!("plain.crl.pem")] {
        for length in 0..spoilt.len() {
            let (status, _) = answer(&spoilt[..length], REVOKED, CA, NOW);
            assert!(!matches!(status, RevocationStatus::NotRevoked { .. }), "{length}");
        }
        for at in (0..spoilt.len() * 8).filter(|at| at % 8 == at / 8 % 8) {
            let mut list = spoilt.to_vec();
            list[at / 8] ^= 1 << (at % 8);
            let (status, _) = answer(&list, REVOKED, CA, NOW);
            assert!(!matches!(status, RevocationStatus::NotRevoked { .. }), "bit {at}");
        }
    }
    for length in 0..LEAF.len() {
        why(LIST, &LEAF[..length], CA, NOW);
    }
}

#[test]
fn long_lists_are_walked_through_quickly() {
    let authority = Authority::new();
    let mut entries = Vec::new();
    for number in 0..200_000_u32 {
        let mut serial = [0x5a; 16];
        serial[..4].copy_from_slice(&(0x1000_0000 + number).to_be_bytes());
        entries.extend(entry(&serial, Some(4), None));
    }
    let absent = authority.list(&entries, &[]);
    entries.extend(entry(SERIAL, Some(1), None));
    let present = authority.list(&entries, &[]);
    let start = std::time::Instant::now();
    assert_eq!(answer(&absent, LEAF, &authority.cert, NOW), not_revoked());
    let took = start.elapsed();
    assert_eq!(answer(&present, LEAF, &authority.cert, NOW), revoked("keyCompromise"));
    println!("200,000 entries, {} bytes: {took:?}", absent.len());
    // With the signature, about 100 ms without optimisation.
    assert!(took.as_secs() < 5, "{took:?}");
}
