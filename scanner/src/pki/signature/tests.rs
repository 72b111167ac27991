//! Signatures of every algorithm: those that can be checked, and those that cannot.

use x509_parser::prelude::X509Certificate;

use super::*;
use crate::pki::CertFacts;

const EV: &[u8] = include_bytes!("../testdata/ev.der");
const CA: &[u8] = include_bytes!("../testdata/ca.der");
const PSS: &[u8] = include_bytes!("../testdata/pss.der");
const P521: &[u8] = include_bytes!("../testdata/p521.der");

fn parsed(der: &[u8]) -> X509Certificate<'_> {
    X509Certificate::from_der(der).unwrap().1
}

/// Whether the key of one certificate made the signature of another.
fn made(issuer: &[u8], der: &[u8]) -> Option<bool> {
    let (issuer, cert) = (parsed(issuer), parsed(der));
    let message = cert.tbs_certificate.as_ref();
    let signature = &cert.signature_value.data;
    verify(issuer.public_key().raw, &cert.signature_algorithm, message, signature)
}

#[test]
fn the_key_that_signed_is_found_and_others_are_not() {
    assert_eq!(made(CA, EV), Some(true));
    assert_eq!(made(EV, EV), Some(false), "a key of another kind");
    let other = include_bytes!("../testdata/rollover.der");
    assert_eq!(made(CA, other), Some(true));
    // P-256 with SHA-384 can be checked, and is not the key.
    assert_eq!(made(other, other), Some(false));
}

#[test]
fn every_scheme_that_can_be_checked_is() {
    let own = |der: &[u8]| made(der, der);
    assert_eq!(own(CA), Some(true));
    assert_eq!(own(PSS), Some(true));
    assert_eq!(own(P521), Some(true));
    assert_eq!(own(include_bytes!("../testdata/ov.der")), Some(true));
    assert_eq!(own(include_bytes!("../testdata/iv.der")), Some(true), "ECDSA with SHA-1");
    assert_eq!(own(include_bytes!("../testdata/dv.der")), Some(true));
    assert_eq!(own(include_bytes!("../testdata/v1-exponent-3.der")), Some(true));
    assert_eq!(own(include_bytes!("../testdata/rsa1024-sha1.der")), Some(true));
    assert_eq!(own(include_bytes!("../testdata/roca.der")), Some(true));
}

#[test]
fn what_cannot_be_checked_is_not_called_wrong() {
    let own = |der: &[u8]| made(der, der);
    assert_eq!(own(include_bytes!("../testdata/ed448.der")), None);
    assert_eq!(own(include_bytes!("../testdata/brainpool.der")), None);
    assert_eq!(own(include_bytes!("../testdata/rsa1024-sha384.der")), None);
    assert_eq!(own(include_bytes!("../testdata/pss-salt-20.der")), None);
    assert_eq!(verify_der(b"", b"", b"", b""), None);
}

#[test]
fn one_bit_elsewhere_is_another_message() {
    for der in [CA, PSS, P521] {
        let cert = parsed(der);
        let (spki, algorithm) = (cert.public_key().raw, &cert.signature_algorithm);
        let mut message = cert.tbs_certificate.as_ref().to_vec();
        message[40] ^= 1;
        let signature = &cert.signature_value.data;
        assert_eq!(verify(spki, algorithm, &message, signature), Some(false));
        let message = cert.tbs_certificate.as_ref();
        assert_eq!(verify(spki, algorithm, message, &signature[1..]), Some(false));
        assert_eq!(verify(spki, algorithm, message, &[]), Some(false));
    }
}

#[test]
fn the_algorithm_may_come_in_der() {
    let (ca, cert) = (parsed(CA), parsed(EV));
    // ecdsa-with-SHA384 (RFC 5758 section 3.2).
    let algorithm = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03";
    let message = cert.tbs_certificate.as_ref();
    let signature = &cert.signature_value.data;
    assert_eq!(verify_der(ca.public_key().raw, algorithm, message, signature), Some(true));
    let sha256 = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
    assert_eq!(verify_der(ca.public_key().raw, sha256, message, signature), Some(false));
}

#[test]
fn names_are_those_of_java() {
    let name = |der| CertFacts::read(der).unwrap().signature;
    assert_eq!(name(EV), "SHA384withECDSA");
    assert_eq!(name(PSS), "SHA256withRSAandMGF1");
    assert_eq!(name(include_bytes!("../testdata/ed448.der")), "Ed448");
    assert_eq!(name(include_bytes!("../testdata/rsa1024-sha1.der")), "SHA1withRSA");
}

#[test]
fn the_tables_say_nothing_twice() {
    fn unique<T>(table: &[(&str, T)]) -> bool {
        let ids: std::collections::HashSet<_> = table.iter().map(|(id, _)| id).collect();
        ids.len() == table.len()
    }
    assert!(unique(&SIGNATURES) && unique(&PSS_HASHES));
}

/// Samples signed by OpenSSL.
mod samples {
    use x509_parser::pem::Pem;
    use x509_parser::prelude::X509Certificate;

    use crate::pki::signature::verify_der as verify;

    /// Certificates signed by their own keys, by OpenSSL.
    const SAMPLES: &[u8] = include_bytes!("../testdata/revocation/signatures.pem");

    /// What cannot be checked: the verifiers for it do not exist.
    const UNCHECKED: [&str; 8] = [
        "rsa-1024-sha384",
        "pss-sha256-salt20",
        "secp384r1-sha1",
        "secp256k1-sha1",
        "secp256k1-sha256",
        "secp256k1-sha384",
        "secp256k1-sha512",
        "ed448",
    ];

    fn check(
        cert: &X509Certificate<'_>,
        algorithm: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        verify(cert.public_key().raw, algorithm, message, signature)
    }

    #[test]
    fn each_algorithm_with_a_right_and_a_wrong_signature() {
        let mut seen = 0;
        for pem in Pem::iter_from_buffer(SAMPLES) {
            let pem = pem.unwrap();
            let cert = pem.parse_x509().unwrap();
            let name = cert.subject().iter_common_name().next().unwrap().as_str().unwrap();
            let tbs = cert.tbs_certificate.as_ref();
            let algorithm = algorithm(&pem.contents);
            let right = (!UNCHECKED.contains(&name)).then_some(true);
            let mut signature = cert.signature_value.data.to_vec();
            assert_eq!(check(&cert, algorithm, tbs, &signature), right, "{name}");
            let wrong = right.map(|_| false);
            assert_eq!(check(&cert, algorithm, &tbs[1..], &signature), wrong, "{name}: message");
            *signature.last_mut().unwrap() ^= 1;
            assert_eq!(check(&cert, algorithm, tbs, &signature), wrong, "{name}: signature");
            assert_eq!(check(&cert, algorithm, tbs, &[]), wrong, "{name}: no signature");
            seen += 1;
        }
        assert_eq!(seen, 30);
    }

    #[test]
    fn a_key_of_another_kind_made_no_such_signature() {
        let pems: Vec<_> = Pem::iter_from_buffer(SAMPLES).map(Result::unwrap).collect();
        let of = |wanted: &str| {
            pems.iter().find(|pem| {
                let cert = pem.parse_x509().unwrap();
                cert.subject().iter_common_name().next().unwrap().as_str() == Ok(wanted)
            })
        };
        let rsa = of("rsa-2048-sha256").unwrap();
        let signed = rsa.parse_x509().unwrap();
        for other in ["prime256v1-sha256", "ed25519"] {
            let key = of(other).unwrap().parse_x509().unwrap();
            let answer = check(
                &key,
                algorithm(&rsa.contents),
                signed.tbs_certificate.as_ref(),
                &signed.signature_value.data,
            );
            assert_eq!(answer, Some(false), "{other}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_checked() {
        assert_eq!(verify(&[], &[], &[], &[]), None);
        assert_eq!(verify(&[0x30, 0], &[0x30, 0], &[], &[]), None);
    }

    /// The second part of a certificate.
    fn algorithm(der: &[u8]) -> &[u8] {
        use crate::pki::der::{Reader, SEQUENCE};
        let mut parts = Reader::new(der).enter(SEQUENCE).unwrap();
        parts.element().unwrap();
        parts.take(SEQUENCE).unwrap().whole
    }
}
