//! Private keys: from them only the public half is worked out, and only that leaves this file.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::der::{self, Element, Reader};
use super::facts::{KeyEncoding, PrivateKeyFacts};
use crate::pki::{KeyFacts, digest};

/// What became of a private key that was read.
pub(super) enum Read {
    /// Its public half is known.
    Whole(PrivateKeyFacts),
    /// It is of a kind whose public half cannot be worked out here; the kind.
    Unknown(PrivateKeyFacts, String),
    /// Its parts do not fit each other.
    Damaged(PrivateKeyFacts),
}

impl Read {
    /// What is known of the key in any case.
    pub(super) fn facts(&self) -> &PrivateKeyFacts {
        match self {
            Self::Whole(facts) | Self::Unknown(facts, _) | Self::Damaged(facts) => facts,
        }
    }
}

const RSA: &str = "1.2.840.113549.1.1.1";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const ELLIPTIC: &str = "1.2.840.10045.2.1";
const ED25519: &str = "1.3.101.112";
const DSA: &str = "1.2.840.10040.4.1";

/// Curves on which the public half can be worked out: the object identifier and what knows it.
fn curve(id: &str) -> Option<&'static EcdsaSigningAlgorithm> {
    match id {
        "1.2.840.10045.3.1.7" => Some(&ECDSA_P256_SHA256_ASN1_SIGNING),
        "1.3.132.0.34" => Some(&ECDSA_P384_SHA384_ASN1_SIGNING),
        "1.3.132.0.35" => Some(&ECDSA_P521_SHA512_ASN1_SIGNING),
        "1.3.132.0.10" => Some(&ECDSA_P256K1_SHA256_ASN1_SIGNING),
        _ => None,
    }
}

/// Reads a private key in any of its forms; `None` if it is none.
pub(super) fn read(der: &[u8]) -> Option<Read> {
    let mut inside = Reader::new(der).open(der::SEQUENCE)?;
    let version = inside.take(der::INTEGER)?.number()?;
    let mut ahead = inside;
    let next = ahead.next()?;
    match (version, next.tag) {
        (0 | 1, der::SEQUENCE) => pkcs8(der, next, ahead),
        (0, der::INTEGER) => {
            let rest = ahead;
            let mut count = 1;
            let mut numbers = inside;
            while numbers.take(der::INTEGER).is_some() {
                count += 1;
            }
            match count {
                6 => Some(unknown(KeyEncoding::Dsa, "DSA")),
                9.. => Some(pkcs1(der, next, rest)),
                _ => None,
            }
        }
        (1, der::OCTETS) => Some(sec1(der, ahead)),
        _ => None,
    }
}

/// PrivateKeyInfo of RFC 5958 section 2.
fn pkcs8(whole: &[u8], algorithm: Element<'_>, mut rest: Reader<'_>) -> Option<Read> {
    let mut parts = algorithm.open(der::SEQUENCE)?;
    let id = parts.take(der::OID)?.oid()?;
    let key = rest.take(der::OCTETS)?;
    Some(match id.as_str() {
        RSA | RSA_PSS => {
            let mut inside = Reader::new(key.body).open(der::SEQUENCE)?;
            inside.take(der::INTEGER)?;
            let modulus = inside.take(der::INTEGER)?;
            let identifier = (id == RSA_PSS).then_some(algorithm.whole);
            rsa(KeyEncoding::Pkcs8, key.body, identifier, modulus, inside)
        }
        ELLIPTIC => {
            let Some(named) = parts.take(der::OID) else {
                return Some(unknown(KeyEncoding::Pkcs8, "EC"));
            };
            let mut inside = Reader::new(key.body).open(der::SEQUENCE)?;
            inside.take(der::INTEGER)?;
            inside.take(der::OCTETS)?;
            elliptic(KeyEncoding::Pkcs8, whole, named, inside)
        }
        ED25519 => match Ed25519KeyPair::from_pkcs8_maybe_unchecked(whole) {
            Ok(pair) => {
                let algorithm = der::encode(der::SEQUENCE, &[&oid(&[0x2b, 0x65, 0x70])]);
                public(KeyEncoding::Pkcs8, &algorithm, pair.public_key().as_ref())
            }
            Err(_) => Read::Damaged(blank(KeyEncoding::Pkcs8)),
        },
        DSA => unknown(KeyEncoding::Pkcs8, "DSA"),
        "1.3.101.113" => unknown(KeyEncoding::Pkcs8, "Ed448"),
        "1.3.101.110" | "1.3.101.111" => unknown(KeyEncoding::Pkcs8, "X25519/X448"),
        other => unknown(KeyEncoding::Pkcs8, other),
    })
}

/// The whole of a public key that comes as RSAPublicKey alone (RFC 8017 appendix A.1.1).
pub(super) fn rsa_info(numbers: &[u8]) -> Vec<u8> {
    let bits = der::encode(der::BITS, &[&[0], numbers]);
    der::encode(der::SEQUENCE, &[&rsa_algorithm(), &bits])
}

fn rsa_algorithm() -> Vec<u8> {
    let id = oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    der::encode(der::SEQUENCE, &[&id, &der::encode(der::NULL, &[])])
}

/// RSAPrivateKey of RFC 8017 appendix A.1.2.
fn pkcs1(whole: &[u8], modulus: Element<'_>, rest: Reader<'_>) -> Read {
    rsa(KeyEncoding::Pkcs1, whole, None, modulus, rest)
}

/// The public half stands in the private one; whether they fit is asked where the library can.
fn rsa(
    encoding: KeyEncoding,
    pkcs1: &[u8],
    identifier: Option<&[u8]>,
    modulus: Element<'_>,
    mut rest: Reader<'_>,
) -> Read {
    let Some(exponent) = rest.take(der::INTEGER) else { return Read::Damaged(blank(encoding)) };
    let numbers = der::encode(der::SEQUENCE, &[modulus.whole, exponent.whole]);
    let plain = rsa_algorithm();
    let read = public(encoding, identifier.unwrap_or(&plain), &numbers);
    let checkable = (256..=1024).contains(&modulus.body.len().saturating_sub(1));
    match read {
        Read::Whole(facts) if checkable && RsaKeyPair::from_der(pkcs1).is_err() => {
            Read::Damaged(facts)
        }
        read => read,
    }
}

/// ECPrivateKey of RFC 5915 section 3.
fn sec1(whole: &[u8], mut rest: Reader<'_>) -> Read {
    match rest.open(0xa0).and_then(|mut inside| inside.take(der::OID)) {
        Some(named) => elliptic(KeyEncoding::Sec1, whole, named, rest),
        None => unknown(KeyEncoding::Sec1, "EC"),
    }
}

/// Where the curve is not known here, the public half is taken from the key, if it stands in it.
fn elliptic(encoding: KeyEncoding, whole: &[u8], named: Element<'_>, mut rest: Reader<'_>) -> Read {
    let identifier = oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]);
    let algorithm = der::encode(der::SEQUENCE, &[&identifier, named.whole]);
    let id = named.oid().unwrap_or_default();
    if let Some(known) = curve(&id) {
        return match EcdsaKeyPair::from_private_key_der(known, whole) {
            Ok(pair) => public(encoding, &algorithm, pair.public_key().as_ref()),
            Err(_) => Read::Damaged(blank(encoding)),
        };
    }
    let _ = rest.take(0xa0);
    let bits = rest.open(0xa1).and_then(|mut inside| inside.take(der::BITS));
    match bits.and_then(|bits| bits.body.split_first()) {
        Some((0, point)) => public(encoding, &algorithm, point),
        _ => unknown(encoding, &format!("EC {id}")),
    }
}

/// The facts of a key whose public half is this.
fn public(encoding: KeyEncoding, algorithm: &[u8], key: &[u8]) -> Read {
    let bits = der::encode(der::BITS, &[&[0], key]);
    let info = der::encode(der::SEQUENCE, &[algorithm, &bits]);
    match facts(&info) {
        Some((key, pin)) => {
            Read::Whole(PrivateKeyFacts { key: Some(key), pin: Some(pin), ..blank(encoding) })
        }
        None => Read::Damaged(blank(encoding)),
    }
}

/// The facts of a public key in DER (SubjectPublicKeyInfo), and its pin.
pub(super) fn facts(info: &[u8]) -> Option<(KeyFacts, String)> {
    let (rest, parsed) = SubjectPublicKeyInfo::from_der(info).ok()?;
    let pin = digest::digest(&digest::SHA256, parsed.raw);
    rest.is_empty().then(|| (KeyFacts::read(&parsed), STANDARD.encode(pin)))
}

fn blank(encoding: KeyEncoding) -> PrivateKeyFacts {
    PrivateKeyFacts { encoding, encryption: None, key: None, pin: None }
}

fn unknown(encoding: KeyEncoding, kind: &str) -> Read {
    Read::Unknown(blank(encoding), kind.to_owned())
}

fn oid(body: &[u8]) -> Vec<u8> {
    der::encode(der::OID, &[body])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
            let mut key = vec![der::encode(der::INTEGER, &[&[0]])];
            key.push(der::encode(der::SEQUENCE, &[&oid(&[0x2b, 0x65, 0x70])]));
            key.push(der::encode(der::OCTETS, &[&bytes]));
            let _ = read(&der::encode(der::SEQUENCE, &[&key.concat()]));
        }
    }
}
