//! Key exchange in TLS 1.0 to 1.2: what the client sends, and the premaster secret.

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey};
use num_bigint::BigUint;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use super::talk::RsaBlock;
use crate::wire::codec::Writer;
use crate::wire::flight::KeyExchange;
use crate::wire::{Group, Version};

/// The longest prime or modulus taken, in bytes: what follows from it has to be computed.
const LONGEST: usize = 1024;

/// The longest RSA exponent taken, in bytes, for the same reason: 65537 has three.
const LONGEST_EXPONENT: usize = 9;

/// The body of a ClientKeyExchange and the secret that follows from it.
pub(crate) struct Exchanged {
    pub(crate) body: Vec<u8>,
    pub(crate) premaster: Vec<u8>,
}

/// Takes part in an exchange of (elliptic curve) Diffie-Hellman. `random` gives that many bytes.
pub(crate) fn ephemeral(
    server: &KeyExchange,
    random: &mut impl FnMut(usize) -> Vec<u8>,
) -> Result<Exchanged, &'static str> {
    match server {
        KeyExchange::Ecdhe { group: Some(group), point, .. } => curve(*group, point, random),
        KeyExchange::Dhe { p, g, ys, .. } => {
            if p.len() > LONGEST || g.len() > LONGEST || ys.len() > LONGEST {
                return Err("the prime is too long");
            }
            let prime = BigUint::from_bytes_be(p);
            if prime.bits() < 2 {
                return Err("the prime is none");
            }
            // 256 bits are enough where nothing is to be protected.
            let x = BigUint::from_bytes_be(&random(32));
            let ours = BigUint::from_bytes_be(g).modpow(&x, &prime).to_bytes_be();
            let shared = BigUint::from_bytes_be(ys).modpow(&x, &prime).to_bytes_be();
            Ok(Exchanged { body: value(&ours), premaster: shared })
        }
        _ => Err("a key exchange this client does not have"),
    }
}

fn curve(
    group: Group,
    theirs: &[u8],
    random: &mut impl FnMut(usize) -> Vec<u8>,
) -> Result<Exchanged, &'static str> {
    let (algorithm, length) = match group {
        Group::X25519 => (&agreement::X25519, 32),
        Group::SECP256R1 => (&agreement::ECDH_P256, 32),
        Group::SECP384R1 => (&agreement::ECDH_P384, 48),
        Group::SECP521R1 => (&agreement::ECDH_P521, 66),
        _ => return Err("a group this client does not have"),
    };
    let mut key = random(length);
    // Below the order of the group.
    key.iter_mut().take(2).for_each(|byte| *byte = 0);
    let key = PrivateKey::from_private_key(algorithm, &key).map_err(|_| "no key of our own")?;
    let ours = key.compute_public_key().map_err(|_| "no key of our own")?;
    let theirs = UnparsedPublicKey::new(algorithm, theirs);
    let premaster =
        agreement::agree(&key, theirs, "the server's point is none", |secret| Ok(secret.to_vec()))?;
    Ok(Exchanged { body: point(ours.as_ref()), premaster })
}

/// The body of a ClientKeyExchange with a value of finite-field Diffie-Hellman.
pub(crate) fn value(value: &[u8]) -> Vec<u8> {
    let mut w = Writer::new();
    w.vec16(|w| _ = w.bytes(value));
    w.done()
}

/// The body of a ClientKeyExchange with a point.
pub(crate) fn point(point: &[u8]) -> Vec<u8> {
    let mut w = Writer::new();
    w.vec8(|w| _ = w.bytes(point));
    w.done()
}

/// Encrypts a premaster secret to the key of a certificate, padded as asked.
pub(crate) fn rsa(
    certificate: &[u8],
    version: Version,
    block: RsaBlock,
    random: &mut impl FnMut(usize) -> Vec<u8>,
) -> Result<Exchanged, &'static str> {
    let (_, certificate) = x509_parser::certificate::X509Certificate::from_der(certificate)
        .map_err(|_| "the certificate cannot be read")?;
    let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed() else {
        return Err("the certificate has no RSA key");
    };
    let modulus = BigUint::from_bytes_be(key.modulus);
    let length = usize::try_from(modulus.bits().div_ceil(8)).unwrap_or(usize::MAX);
    if !(64..=LONGEST).contains(&length) {
        return Err("the RSA key has an unusual size");
    }
    if key.exponent.len() > LONGEST_EXPONENT {
        return Err("the RSA key has an unusual exponent");
    }
    let mut premaster = version.0.to_be_bytes().to_vec();
    premaster.extend(random(46));
    let plain = padded(block, length, &premaster, random);
    let number = BigUint::from_bytes_be(&plain) % &modulus;
    let encrypted = number.modpow(&BigUint::from_bytes_be(key.exponent), &modulus).to_bytes_be();
    let mut w = Writer::new();
    w.vec16(|w| _ = w.bytes(&vec![0; length - encrypted.len()]).bytes(&encrypted));
    Ok(Exchanged { body: w.done(), premaster })
}

/// A block as long as the modulus: 0x00 0x02, padding without zeros, 0x00, the secret.
fn padded(
    block: RsaBlock,
    length: usize,
    secret: &[u8],
    random: &mut impl FnMut(usize) -> Vec<u8>,
) -> Vec<u8> {
    let filler = length.saturating_sub(3 + secret.len());
    let mut plain = vec![0x00, 0x02];
    plain.extend(random(filler).into_iter().map(|byte| byte.max(1)));
    plain.push(0x00);
    plain.extend_from_slice(secret);
    // The secret with no zero in it, so that the one zero is where it is meant to be.
    let mut no_zeros = |from: usize| {
        plain.iter_mut().skip(from).for_each(|byte| *byte = (*byte).max(1));
    };
    match block {
        RsaBlock::Right => {}
        RsaBlock::WrongStart => plain.splice(..2, [0x41, 0x17]).for_each(drop),
        RsaBlock::NoZero => no_zeros(2),
        RsaBlock::LateZero => {
            no_zeros(2);
            let late = plain.len().saturating_sub(3);
            if let Some(byte) = plain.get_mut(late) {
                *byte = 0;
            }
        }
        RsaBlock::WrongVersion => {
            let at = plain.len() - secret.len();
            plain.splice(at..at + 2, [0x02, 0x02]).for_each(drop);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> impl FnMut(usize) -> Vec<u8> {
        let mut n = 0_u8;
        move |length| {
            n += 1;
            vec![n; length]
        }
    }

    #[test]
    fn both_sides_of_an_exchange_have_the_same_secret() {
        for group in [Group::X25519, Group::SECP256R1, Group::SECP384R1, Group::SECP521R1] {
            // The server's key is ours of another run; what it computes needs no code of its own.
            let generator = match group {
                Group::X25519 => [vec![9], vec![0; 31]].concat(),
                _ => crate::wire::shares::dummy(group, &[7; 32]).unwrap(),
            };
            let first = curve(group, &generator, &mut counting()).unwrap();
            let again = curve(group, &generator, &mut counting()).unwrap();
            assert_eq!(first.premaster, again.premaster);
            assert!(!first.premaster.iter().all(|b| *b == 0));
        }
    }

    #[test]
    fn a_small_prime_agrees() {
        // p = 23, g = 5: small enough to check by hand.
        let server = KeyExchange::Dhe { p: vec![23], g: vec![5], ys: vec![8], scheme: None };
        let mut one = |_: usize| vec![3];
        let done = ephemeral(&server, &mut one).unwrap();
        assert_eq!(done.body, [0, 1, 10]); // 5^3 mod 23
        assert_eq!(done.premaster, [6]); // 8^3 mod 23
        for bad in [vec![], vec![0], vec![1]] {
            let server = KeyExchange::Dhe { p: bad, g: vec![5], ys: vec![8], scheme: None };
            assert!(ephemeral(&server, &mut one).is_err());
        }
        let long = KeyExchange::Dhe { p: vec![255; 1025], g: vec![5], ys: vec![8], scheme: None };
        assert!(ephemeral(&long, &mut one).is_err());
    }

    #[test]
    fn a_block_is_wrong_in_the_way_asked_and_no_other() {
        let secret = [vec![3, 3], vec![0, 9], vec![7; 44]].concat();
        let make = |block| padded(block, 256, &secret, &mut counting());
        let right = make(RsaBlock::Right);
        assert_eq!((right.len(), &right[..2], right[207]), (256, &[0, 2][..], 0));
        assert_eq!(right[208..], secret);
        assert!(right[2..207].iter().all(|b| *b != 0));
        assert_eq!(make(RsaBlock::WrongStart)[..2], [0x41, 0x17]);
        assert!(make(RsaBlock::NoZero)[2..].iter().all(|b| *b != 0));
        let late = make(RsaBlock::LateZero);
        assert_eq!(late[2..].iter().position(|b| *b == 0), Some(251));
        let version = make(RsaBlock::WrongVersion);
        assert_eq!((version[207], &version[208..210]), (0, &[2, 2][..]));
    }

    #[test]
    fn a_certificate_that_is_none_is_refused() {
        let done = rsa(b"no certificate", Version::TLS12, RsaBlock::Right, &mut counting());
        assert!(done.is_err());
    }
}
