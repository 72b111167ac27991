//! The facts of a public key: its kind, its size, and whether it was made in a way that lets others
//! make it again.

use std::iter;

use x509_parser::der_parser::asn1_rs::Integer;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::RSAPublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::{find, hex};
use crate::observe::{KeyAlgorithm, KeyFacts};
use crate::wire::Group;

impl KeyFacts {
    /// Reads a public key (RFC 5280 section 4.1.2.7). What cannot be read is left out.
    ///
    /// `debian` is always `None`: the keys of CVE-2008-0166 can only be told by a list of them,
    /// and taraf has none.
    pub(super) fn read(info: &SubjectPublicKeyInfo<'_>) -> Self {
        let key = &info.subject_public_key.data;
        let parameters = info.algorithm.parameters.as_ref();
        let id = info.algorithm.algorithm.to_id_string();
        match id.as_str() {
            RSA => rsa(KeyAlgorithm::Rsa, key),
            RSA_PSS => rsa(KeyAlgorithm::RsaPss, key),
            ED25519 => on_curve(KeyAlgorithm::Ed25519, Some(256)),
            ED448 => on_curve(KeyAlgorithm::Ed448, Some(448)),
            EC => {
                let named = curve(info).and_then(Group::info);
                let bits = named.map(|info| u32::from(info.bits)).or_else(|| point_bits(key));
                let curve = named.map(|info| info.name.to_owned());
                Self { curve, ..on_curve(KeyAlgorithm::Ec, bits) }
            }
            "1.2.840.10040.4.1" => {
                // The prime comes first in the parameters (RFC 3279 section 2.3.2).
                let prime = parameters.and_then(|any| Integer::from_der(any.data).ok());
                let bits = prime.and_then(|(_, prime)| bits(prime.as_ref()));
                Self { bits, strength: bits, ..of_kind(KeyAlgorithm::Dsa) }
            }
            _ => of_kind(KeyAlgorithm::Other(id)),
        }
    }
}

/// RSA for any use (RFC 3279 section 2.3.1).
pub(super) const RSA: &str = "1.2.840.113549.1.1.1";

/// RSA for PSS only (RFC 4055 section 1.2).
pub(super) const RSA_PSS: &str = "1.2.840.113549.1.1.10";

/// Elliptic curves (RFC 5480 section 2.1.1).
pub(super) const EC: &str = "1.2.840.10045.2.1";

/// Ed25519 (RFC 8410 section 3).
pub(super) const ED25519: &str = "1.3.101.112";

/// Ed448, likewise.
const ED448: &str = "1.3.101.113";

/// The curve an elliptic key names, if it names one of the table.
pub(super) fn curve(info: &SubjectPublicKeyInfo<'_>) -> Option<Group> {
    let id = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
    find(&CURVES, &id.to_id_string())
}

/// The size of the modulus of an RSA key (RFC 8017 appendix A.1.1).
pub(super) fn rsa_bits(key: &[u8]) -> Option<u32> {
    let (_, key) = RSAPublicKey::from_der(key).ok()?;
    bits(key.modulus)
}

/// A key of which nothing but the kind is known.
fn of_kind(algorithm: KeyAlgorithm) -> KeyFacts {
    KeyFacts {
        algorithm,
        bits: None,
        curve: None,
        strength: None,
        exponent: None,
        debian: None,
        roca: None,
    }
}

fn on_curve(algorithm: KeyAlgorithm, bits: Option<u32>) -> KeyFacts {
    KeyFacts { bits, strength: bits.map(curve_strength), ..of_kind(algorithm) }
}

fn rsa(algorithm: KeyAlgorithm, key: &[u8]) -> KeyFacts {
    let Ok((_, key)) = RSAPublicKey::from_der(key) else { return of_kind(algorithm) };
    let bits = bits(key.modulus);
    KeyFacts {
        bits,
        strength: bits,
        exponent: exponent(key.exponent),
        roca: bits.map(|_| is_roca(key.modulus)),
        ..of_kind(algorithm)
    }
}

/// The public exponent in hex, without leading zeros; `None` if it is zero.
fn exponent(number: &[u8]) -> Option<String> {
    let digits = hex(number);
    let digits = digits.trim_start_matches('0');
    (!digits.is_empty()).then(|| digits.to_owned())
}

/// True if a modulus has the form of CVE-2017-15361, "The Return of Coppersmith's Attack" (Nemec
/// and others, CCS 2017), section 2: both primes are a power of 65537 modulo the product of the
/// first primes, and therefore the modulus is one. Of other moduli, one in 2^154 is.
fn is_roca(modulus: &[u8]) -> bool {
    is_power(modulus, &ROCA_PRIMES)
}

/// True if a number is a power of 65537 modulo the product of the primes: modulo each it is the
/// power to some exponent, and all these are residues of one (Chinese remainder theorem for moduli
/// with common divisors: each two have to agree).
fn is_power(number: &[u8], primes: &[u32]) -> bool {
    let logs: Option<Vec<_>> = primes.iter().map(|prime| logarithm(number, *prime)).collect();
    logs.is_some_and(|logs| {
        logs.iter().enumerate().all(|(at, (log, order))| {
            logs.iter().take(at).all(|(other, others_order)| {
                let common = divisor(*order, *others_order);
                log % common == other % common
            })
        })
    })
}

/// To which exponent 65537 is the number modulo a small prime, and after how many steps its powers
/// repeat. `None` if it is no power.
fn logarithm(number: &[u8], prime: u32) -> Option<(usize, usize)> {
    let residue = number.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime);
    let next = |power: &u32| Some(power * 65537 % prime).filter(|power| *power != 1);
    let powers = || iter::successors(Some(1), next).take(ROCA_STEPS);
    let log = powers().position(|power| power == residue)?;
    Some((log, powers().count()))
}

/// The greatest common divisor.
fn divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { divisor(other, one % other) }
}

/// The odd ones among the first 39 primes, which the smallest keys of that form use; larger keys
/// use these and more.
const ROCA_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// More than any of these primes has powers.
const ROCA_STEPS: usize = 167;

/// The size of a positive number.
fn bits(number: &[u8]) -> Option<u32> {
    let start = number.iter().position(|byte| *byte != 0)?;
    let number = number.get(start..)?;
    let first = number.first()?;
    u32::try_from(number.len()).ok()?.checked_mul(8)?.checked_sub(first.leading_zeros())
}

/// The size of the field a point lies in (SEC 1 section 2.3.3), to whole bytes.
fn point_bits(point: &[u8]) -> Option<u32> {
    let bytes = match point {
        [4, rest @ ..] => rest.len() / 2,
        [2 | 3, rest @ ..] => rest.len(),
        _ => return None,
    };
    u32::try_from(bytes).ok()?.checked_mul(8).filter(|bits| *bits > 0)
}

/// The size of an RSA key about as hard to break as a key on a curve of that size (NIST SP 800-57
/// part 1 table 2). Below the table, it is the next power of two down.
fn curve_strength(bits: u32) -> u32 {
    match bits {
        512.. => 15360,
        384.. => 7680,
        256.. => 3072,
        224.. => 2048,
        160.. => 1024,
        _ => 512,
    }
}

/// The curves certificates name (SEC 2 annex A, RFC 5639 section 4.1, GB/T 32918), as the groups
/// of TLS they are.
const CURVES: [(&str, Group); 29] = [
    ("1.2.840.10045.3.1.7", Group::SECP256R1),
    ("1.3.132.0.34", Group::SECP384R1),
    ("1.3.132.0.35", Group::SECP521R1),
    ("1.3.132.0.10", Group(22)),          // secp256k1
    ("1.3.132.0.33", Group(21)),          // secp224r1
    ("1.3.132.0.32", Group(20)),          // secp224k1
    ("1.2.840.10045.3.1.1", Group(19)),   // secp192r1
    ("1.3.132.0.31", Group(18)),          // secp192k1
    ("1.3.132.0.30", Group(17)),          // secp160r2
    ("1.3.132.0.8", Group(16)),           // secp160r1
    ("1.3.132.0.9", Group(15)),           // secp160k1
    ("1.3.132.0.39", Group(14)),          // sect571r1
    ("1.3.132.0.38", Group(13)),          // sect571k1
    ("1.3.132.0.37", Group(12)),          // sect409r1
    ("1.3.132.0.36", Group(11)),          // sect409k1
    ("1.3.132.0.17", Group(10)),          // sect283r1
    ("1.3.132.0.16", Group(9)),           // sect283k1
    ("1.3.132.0.3", Group(8)),            // sect239k1
    ("1.3.132.0.27", Group(7)),           // sect233r1
    ("1.3.132.0.26", Group(6)),           // sect233k1
    ("1.3.132.0.25", Group(5)),           // sect193r2
    ("1.3.132.0.24", Group(4)),           // sect193r1
    ("1.3.132.0.15", Group(3)),           // sect163r2
    ("1.3.132.0.2", Group(2)),            // sect163r1
    ("1.3.132.0.1", Group(1)),            // sect163k1
    ("1.3.36.3.3.2.8.1.1.7", Group(26)),  // brainpoolP256r1
    ("1.3.36.3.3.2.8.1.1.11", Group(27)), // brainpoolP384r1
    ("1.3.36.3.3.2.8.1.1.13", Group(28)), // brainpoolP512r1
    ("1.2.156.10197.1.301", Group(41)),   // curveSM2
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::CertFacts;

    fn key(der: &[u8]) -> KeyFacts {
        CertFacts::read(der).unwrap().key
    }

    #[test]
    fn keys_of_every_kind() {
        let row = |der| {
            let key = key(der);
            assert_eq!(key.debian, None);
            (key.algorithm, key.bits, key.curve, key.strength, key.exponent, key.roca)
        };
        let is = |algorithm, bits, curve: Option<&str>, strength| {
            (algorithm, Some(bits), curve.map(str::to_owned), Some(strength), None, None)
        };
        let ed448 = row(include_bytes!("testdata/ed448.der"));
        assert_eq!(ed448, is(KeyAlgorithm::Ed448, 448, None, 7680));
        let p521 = row(include_bytes!("testdata/p521.der"));
        assert_eq!(p521, is(KeyAlgorithm::Ec, 521, Some("secp521r1"), 15360));
        let brainpool = row(include_bytes!("testdata/brainpool.der"));
        assert_eq!(brainpool, is(KeyAlgorithm::Ec, 256, Some("brainpoolP256r1"), 3072));
        let exponent = |text: &str| Some(text.to_owned());
        let three = row(include_bytes!("testdata/v1-exponent-3.der"));
        let expected =
            (KeyAlgorithm::Rsa, Some(2048), None, Some(2048), exponent("3"), Some(false));
        assert_eq!(three, expected);
        let roca = row(include_bytes!("testdata/roca.der"));
        let expected =
            (KeyAlgorithm::Rsa, Some(1024), None, Some(1024), exponent("10001"), Some(true));
        assert_eq!(roca, expected);
    }

    #[test]
    fn exponents_are_written_without_zeros_before() {
        assert_eq!(exponent(&[1, 0, 1]).as_deref(), Some("10001"));
        assert_eq!(exponent(&[0, 0, 0x80]).as_deref(), Some("80"));
        assert_eq!(exponent(&[3]).as_deref(), Some("3"));
        assert_eq!(exponent(&[0]), None);
        assert_eq!(exponent(&[]), None);
    }

    #[test]
    fn only_powers_modulo_every_prime_have_the_form() {
        // 65537 is such a number itself, and so is one; two is not, nor is a multiple of a prime.
        assert!(is_roca(&[1, 0, 1]));
        assert!(is_roca(&[0, 1]));
        assert!(!is_roca(&[2]));
        assert!(!is_roca(&[3]));
        assert!(!is_roca(&[0]));
        let last = *ROCA_PRIMES.last().unwrap();
        assert!(ROCA_STEPS >= usize::try_from(last).unwrap() - 1);
        assert!(ROCA_PRIMES.iter().all(|n| (2..*n).all(|d| n % d != 0)));
    }

    #[test]
    fn a_power_modulo_each_prime_has_to_be_one_modulo_all() {
        // 65537 is 2 modulo 3 and 10 modulo 11: its powers modulo 33 are 1 and 32.
        let powers: Vec<u8> = (0..33).filter(|n| is_power(&[*n], &[3, 11])).collect();
        assert_eq!(powers, [1, 32]);
        // 23 is the first power modulo 3 and the zeroth modulo 11.
        assert!(is_power(&[23], &[3]) && is_power(&[23], &[11]));
        assert_eq!((logarithm(&[23], 3), logarithm(&[23], 11)), (Some((1, 2)), Some((0, 2))));
        assert_eq!(logarithm(&[11], 11), None);
    }

    #[test]
    fn the_group_has_the_order_of_the_paper() {
        // Section 2.4: 65537 has about 2^61 powers modulo the product for 512 bits; this number is
        // their least common multiple as other detectors have it.
        let order = ROCA_PRIMES.iter().fold(1_usize, |all, prime| {
            let (_, order) = logarithm(&[1], *prime).unwrap();
            all / divisor(all, order) * order
        });
        assert_eq!(order, 2_454_106_387_091_158_800);
    }

    #[test]
    fn sizes_are_of_the_number_not_of_its_encoding() {
        assert_eq!(bits(&[]), None);
        assert_eq!(bits(&[0, 0]), None);
        assert_eq!(bits(&[0, 0x80, 0]), Some(16));
        assert_eq!(bits(&[1, 0]), Some(9));
        assert_eq!(point_bits(&[4; 65]), Some(256));
        assert_eq!(point_bits(&[3; 33]), Some(256));
        assert_eq!(point_bits(&[4]), None);
        assert_eq!(point_bits(&[9; 33]), None);
    }

    #[test]
    fn the_curves_say_nothing_twice_and_are_real() {
        let ids: std::collections::HashSet<_> = CURVES.iter().map(|(id, _)| id).collect();
        assert_eq!(ids.len(), CURVES.len());
        for (_, group) in CURVES {
            let info = group.info().unwrap();
            assert_eq!(
                curve_strength(info.bits.into()),
                u32::from(info.rsa_bits),
                "{}",
                info.name.to_owned()
            );
        }
    }
}
