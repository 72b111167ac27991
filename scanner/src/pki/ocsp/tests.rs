//! Responses made by OpenSSL and by hand, right and wrong in every way.

use super::*;
use crate::pki::der::BIT_STRING;

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../testdata/revocation/", $name)).as_slice()
    };
}

const CA: &[u8] = sample!("ca.der");
const LEAF: &[u8] = sample!("leaf.der");
const REVOKED: &[u8] = sample!("revoked.der");
const RESPONSE: &[u8] = sample!("issuer-leaf.ocsp");

/// When the responses were made, or a few seconds before; they hold for seven days.
const MADE: i64 = 1_795_470_537;
/// A day later.
const NOW: i64 = MADE + 86_400;
/// 2025-06-01 12:00.
const REVOKED_AT: i64 = 1_748_779_200;

#[track_caller]
fn not_revoked(response: &[u8], leaf: &[u8]) {
    let staple = staple(response, leaf, Some(CA), NOW);
    let until = staple.next_update;
    assert_eq!(staple.status, RevocationStatus::NotRevoked { until });
    assert_eq!(staple.signed, Some(true));
    assert_eq!(answer(response, leaf, CA, NOW), (staple.status, until));
    let made = staple.this_update.unwrap();
    assert!((MADE..MADE + 60).contains(&made), "{made}");
    assert_eq!(until, Some(made + 7 * 86_400));
    assert_eq!(staple.produced_at, Some(made));
}

#[track_caller]
fn revoked(response: &[u8], leaf: &[u8], why: &str) {
    let (status, until) = answer(response, leaf, CA, NOW);
    let reason = Some(why.to_owned());
    assert_eq!(status, RevocationStatus::Revoked { at: REVOKED_AT, reason });
    assert!(until.is_some_and(|until| until > NOW));
}

/// The reason why nothing can be told, and what is said of the signature.
#[track_caller]
fn why(response: &[u8], issuer: Option<&[u8]>, now: i64) -> (String, Option<bool>) {
    let staple = staple(response, LEAF, issuer, now);
    match staple.status {
        RevocationStatus::Unknown { why } => (why, staple.signed),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn wrongly_signed(response: &[u8], how: &str) {
    let (why, signed) = why(response, Some(CA), NOW);
    assert!(why.contains("signature") && why.contains(how), "{why}");
    assert_eq!(signed, Some(false));
    assert_eq!(answer(response, LEAF, CA, NOW).1, None);
}

#[test]
fn a_request_is_that_of_openssl() {
    assert_eq!(request(LEAF, CA).unwrap(), sample!("leaf.req"));
    assert_eq!(request(LEAF, sample!("stranger.der")), None, "not the issuer");
    assert_eq!(request(&LEAF[1..], CA), None);
    assert_eq!(request(LEAF, &[]), None);
}

#[test]
fn short_requests_go_by_get() {
    let request = [0xfb, 0xff, 0xfe, 0];
    let get = |uri: &str| Call::Get(uri.to_owned());
    let expected = get("http://ocsp.example/%2B%2F%2F%2BAA%3D%3D");
    assert_eq!(call("http://ocsp.example", &request), expected);
    assert_eq!(call("http://ocsp.example/", &request), expected, "no two slashes");
    assert_eq!(call("http://o/a/b", &[0; 3]), get("http://o/a/b/AAAA"));
    let post = |uri: &str, body: &[u8]| Call::Post { uri: uri.to_owned(), body: body.to_vec() };
    assert_eq!(call("http://o/?ca=1", &request), post("http://o/?ca=1", &request));
    // With the slash it makes 255 bytes, and 256.
    let uri = format!("http://{}", "o".repeat(255 - 7 - 1 - 160));
    assert!(matches!(call(&uri, &[0; 120]), Call::Get(url) if url.len() == 255));
    let uri = format!("{uri}o");
    assert_eq!(call(&uri, &[0; 120]), post(&uri, &[0; 120]));
    assert!(matches!(call("http://ocsp.example/", sample!("leaf.req")), Call::Get(_)));
}

#[test]
fn revoked_and_not() {
    not_revoked(RESPONSE, LEAF);
    not_revoked(sample!("delegated.ocsp"), LEAF);
    not_revoked(sample!("nonce.ocsp"), LEAF);
    revoked(sample!("issuer-revoked.ocsp"), REVOKED, "keyCompromise");
    revoked(sample!("delegated-revoked.ocsp"), REVOKED, "keyCompromise");
    revoked(sample!("issuer-held.ocsp"), sample!("held.der"), "certificateHold");
}

#[test]
fn the_issuer_is_named_by_any_usual_hash() {
    not_revoked(sample!("sha256.ocsp"), LEAF);
    not_revoked(sample!("sha384.ocsp"), LEAF);
    not_revoked(sample!("sha512.ocsp"), LEAF);
}

#[test]
fn one_of_several_statements_is_picked() {
    not_revoked(sample!("many.ocsp"), LEAF);
    not_revoked(sample!("many.ocsp"), sample!("plain.der"));
    revoked(sample!("many.ocsp"), REVOKED, "keyCompromise");
}

#[test]
fn about_others_it_says_nothing() {
    let other = "the response is about another certificate".to_owned();
    let about_other = why(sample!("issuer-revoked.ocsp"), Some(CA), NOW);
    assert_eq!(about_other, (other.clone(), None));
    // The same number by an authority of the same name with another key.
    assert_eq!(why(RESPONSE, Some(sample!("other.der")), NOW), (other, None));
    let not_issuer = why(RESPONSE, Some(sample!("stranger.der")), NOW).0;
    assert_eq!(not_issuer, "the certificate names another issuer");
    let (unknown, signed) = why(sample!("unknown.ocsp"), Some(CA), NOW);
    assert_eq!(unknown, "the responder does not know the certificate");
    assert_eq!(signed, Some(true));
}

#[test]
fn only_the_issuer_and_its_responders_speak() {
    wrongly_signed(sample!("no-usage.ocsp"), "not for signing responses");
    wrongly_signed(sample!("late.ocsp"), "out of date");
    wrongly_signed(sample!("usurper.ocsp"), "the issuer did not certify");
    wrongly_signed(sample!("otherkey.ocsp"), "the issuer did not certify");
    wrongly_signed(sample!("no-certs.ocsp"), "neither the issuer's nor a responder's");
    let mut spoilt = sample!("delegated.ocsp").to_vec();
    // The serial number of the leaf stands in what is signed, after its start.
    let at = spoilt.windows(4).position(|part| part == b"2026").unwrap();
    spoilt[at + 13] ^= 1;
    wrongly_signed(&spoilt, "neither the issuer's nor a responder's");
}

#[test]
fn without_the_issuer_nothing_is_proved() {
    let staple = staple(RESPONSE, LEAF, None, NOW);
    let RevocationStatus::Unknown { why } = staple.status else { panic!() };
    assert!(why.contains("issuer's certificate is not known"));
    assert_eq!(staple.signed, None);
    assert!(staple.this_update.is_some() && staple.next_update.is_some());
}

#[test]
fn algorithms_that_cannot_be_checked_are_said_to_be_so() {
    // ECDSA with SHA-224 in the place of SHA-256, in the response and in the certificate.
    let name = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let mut response = RESPONSE.to_vec();
    let at = response.windows(8).position(|part| part == name).unwrap();
    response[at + 7] = 1;
    let (why, signed) = why(&response, Some(CA), NOW);
    assert_eq!(why, "the signature of the response is of an algorithm that cannot be checked");
    assert_eq!(signed, None);
}

#[test]
fn a_response_holds_for_its_time() {
    let made = staple(RESPONSE, LEAF, Some(CA), NOW).this_update.unwrap();
    let is_known = |now| answer(RESPONSE, LEAF, CA, now).1.is_some();
    assert!(is_known(made - 300) && is_known(made + 7 * 86_400));
    let (early, signed) = why(RESPONSE, Some(CA), made - 301);
    assert!(early.contains("out of time: it holds only from 2026-11-23"), "{early}");
    assert_eq!(signed, Some(true));
    let (late, _) = why(RESPONSE, Some(CA), made + 7 * 86_400 + 1);
    assert!(late.contains("out of time: a newer one was due on 2026-11-30"), "{late}");

    let endless = sample!("endless.ocsp");
    let (status, until) = answer(endless, LEAF, CA, NOW);
    assert_eq!((status, until), (RevocationStatus::NotRevoked { until: None }, None));
    let (old, _) = why(endless, Some(CA), NOW + revocation::WITHOUT_END);
    assert!(old.contains("does not say how long"), "{old}");
}

#[test]
fn responders_that_give_no_answer_say_why() {
    let names = [
        (1, "the responder answered malformedRequest"),
        (2, "the responder answered internalError"),
        (3, "the responder answered tryLater"),
        (4, "the responder answered with status 4"),
        (5, "the responder answered sigRequired"),
        (6, "the responder answered unauthorized"),
    ];
    for (code, name) in names {
        let response = [SEQUENCE, 3, ENUMERATED, 1, code];
        assert_eq!(why(&response, Some(CA), NOW), (name.to_owned(), None));
    }
    assert_eq!(why(&[SEQUENCE, 3, ENUMERATED, 1, 0], Some(CA), NOW).0, "the response is empty");
    let typed = encode(SEQUENCE, &[&[OID, 3, 0x2a, 3, 4], &[OCTET_STRING, 0]]);
    let typed = encode(SEQUENCE, &[&[ENUMERATED, 1, 0], &encode(context(0), &[&typed])]);
    assert_eq!(why(&typed, Some(CA), NOW).0, "the response is of an unknown type, 1.2.3.4");
    for odd in [&[][..], b"<html>", &[SEQUENCE, 0], &[5, 0], &[SEQUENCE, 3, BIT_STRING, 1, 0]] {
        assert_eq!(why(odd, Some(CA), NOW).0, MALFORMED);
    }
    let long = vec![SEQUENCE; MOST_RESPONSE + 1];
    assert!(why(&long, Some(CA), NOW).0.contains("more than"));
}

#[test]
fn critical_extensions_nobody_knows_are_not_passed_over() {
    let unknown = encode(SEQUENCE, &[&[OID, 3, 0x2a, 3, 4], &[1, 1, 0xff], &[OCTET_STRING, 0]]);
    let list = encode(context(1), &[&encode(SEQUENCE, &[&unknown])]);
    let found = optional_extensions(&mut Reader::new(&list)).unwrap();
    assert_eq!(refused(&found).as_deref(), Some("the response has a critical extension 1.2.3.4"));
    let quiet = encode(SEQUENCE, &[&[OID, 3, 0x2a, 3, 4], &[OCTET_STRING, 0]]);
    let list = encode(context(1), &[&encode(SEQUENCE, &[&quiet])]);
    assert_eq!(refused(&optional_extensions(&mut Reader::new(&list)).unwrap()), None);
}

#[test]
fn spoilt_responses_do_no_harm_and_say_nothing() {
    let samples = [
        sample!("issuer-revoked.ocsp"),
        sample!("delegated-revoked.ocsp"),
        sample!("many.ocsp"),
        sample!("nonce.ocsp"),
    ];
    for (index, response) in samples.into_iter().enumerate() {
        let leaf = if index == 3 { LEAF } else { REVOKED };
        let whole = staple(response, leaf, Some(CA), NOW);
        for length in 0..response.len() {
            let status = staple(&response[..length], leaf, Some(CA), NOW).status;
            assert!(matches!(status, RevocationStatus::Unknown { .. }), "{index} {length}");
        }
        // Every bit of one, and one bit of every byte of the others: each costs two signatures.
        for at in (0..response.len() * 8).filter(|at| index == 1 || at % 8 == at / 8 % 8) {
            let mut spoilt = response.to_vec();
            spoilt[at / 8] ^= 1 << (at % 8);
            // What is not signed may change and say the same, but nothing else.
            let found = staple(&spoilt, leaf, Some(CA), NOW).status;
            let same = found == whole.status;
            assert!(same || matches!(found, RevocationStatus::Unknown { .. }), "{index} {at}");
        }
    }
}
