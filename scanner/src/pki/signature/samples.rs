//! Samples of every algorithm, signed by OpenSSL: those that can be checked, and those that cannot.

use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

use super::verify_der as verify;

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
