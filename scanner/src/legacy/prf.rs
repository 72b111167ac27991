//! The pseudorandom functions of TLS 1.0 to 1.2, and what is made with them.

use ::hmac::{KeyInit, Mac as _};
use aws_lc_rs::{digest, hmac};
use md5::Digest as _;
use md5::Md5;

use crate::wire::Version;
use crate::wire::suites::{Mac, SuiteInfo};

/// The hash functions of a version and suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prf {
    /// MD5 and SHA-1 (RFC 2246 section 5).
    Md5Sha1,
    /// SHA-256 (RFC 5246 section 5).
    Sha256,
    /// SHA-384 (RFC 5289 section 3).
    Sha384,
}

impl Prf {
    /// The one that belongs to them.
    pub(crate) fn of(version: Version, suite: &SuiteInfo) -> Self {
        // AEAD suites of TLS 1.2 name their hash last; it is SHA-384 with 256-bit keys only.
        let long = suite.name.ends_with("_SHA384");
        match (version < Version::TLS12, suite.mac) {
            (true, _) => Self::Md5Sha1,
            (false, Mac::Sha384) => Self::Sha384,
            (false, Mac::Aead) if long => Self::Sha384,
            (false, _) => Self::Sha256,
        }
    }

    /// `length` bytes from a secret, a label and a seed.
    pub(crate) fn bytes(self, secret: &[u8], label: &str, seed: &[u8], length: usize) -> Vec<u8> {
        let seed = [label.as_bytes(), seed].concat();
        match self {
            Self::Sha256 => stretch(|data| sha(hmac::HMAC_SHA256, secret, data), &seed, length),
            Self::Sha384 => stretch(|data| sha(hmac::HMAC_SHA384, secret, data), &seed, length),
            Self::Md5Sha1 => {
                // Each half has its hash; of an odd length both have the middle byte.
                let half = secret.len().div_ceil(2);
                let first = secret.get(..half).unwrap_or_default();
                let second = secret.get(secret.len() - half..).unwrap_or_default();
                let one = stretch(|data| hmac_md5(first, data), &seed, length);
                let algorithm = hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY;
                let other = stretch(|data| sha(algorithm, second, data), &seed, length);
                one.iter().zip(other).map(|(a, b)| a ^ b).collect()
            }
        }
    }

    /// The hash of the handshake so far.
    pub(crate) fn transcript(self, messages: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => digest::digest(&digest::SHA256, messages).as_ref().to_vec(),
            Self::Sha384 => digest::digest(&digest::SHA384, messages).as_ref().to_vec(),
            Self::Md5Sha1 => {
                let mut both = Md5::digest(messages).to_vec();
                let sha1 = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, messages);
                both.extend_from_slice(sha1.as_ref());
                both
            }
        }
    }
}

/// HMAC with MD5 (RFC 2104).
pub(crate) fn hmac_md5(key: &[u8], data: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so there is always a result.
    ::hmac::Hmac::<Md5>::new_from_slice(key)
        .map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

/// HMAC with one of the SHA functions.
pub(crate) fn sha(algorithm: hmac::Algorithm, key: &[u8], data: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, key), data).as_ref().to_vec()
}

/// `P_hash` of RFC 5246 section 5.
fn stretch(hmac: impl Fn(&[u8]) -> Vec<u8>, seed: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 64);
    let mut a = hmac(seed);
    while out.len() < length {
        out.extend(hmac(&[a.as_slice(), seed].concat()));
        a = hmac(&a);
    }
    out.truncate(length);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn tls12_with_sha256_as_published() {
        // The test vector for P_SHA256 that implementers of TLS 1.2 share (IETF TLS list, 2009).
        let secret = hex("9bbe436ba940f017b17652849a71db35");
        let seed = hex("a0ba9f936cda311827a6f796ffd5198c");
        let want = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a";
        assert_eq!(Prf::Sha256.bytes(&secret, "test label", &seed, 32), hex(want));
    }

    #[test]
    fn tls12_with_sha384_as_published() {
        let secret = hex("b80b733d6ceefcdc71566ea48e5567df");
        let seed = hex("cd665cf6a8447dd6ff8b27555edb7465");
        let want = "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd";
        assert_eq!(Prf::Sha384.bytes(&secret, "test label", &seed, 32), hex(want));
    }

    #[test]
    fn an_odd_secret_shares_its_middle() {
        let all = Prf::Md5Sha1.bytes(b"abc", "x", b"y", 100);
        assert_eq!(all.len(), 100);
        assert_ne!(all, Prf::Md5Sha1.bytes(b"abd", "x", b"y", 100));
        assert_ne!(all, Prf::Md5Sha1.bytes(b"bbc", "x", b"y", 100));
        assert_eq!(Prf::Md5Sha1.bytes(b"", "x", b"y", 40).len(), 40);
    }
}
