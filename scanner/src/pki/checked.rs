//! Signatures of certificates: which can be checked, and each checked once.
//!
//! Old algorithms are checked as well: that a chain rests on SHA-1 or on a short key is a fact of
//! its own, and not the same as a chain that leads nowhere.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::signature::{self, VerificationAlgorithm};
use pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use webpki::aws_lc_rs as algorithms;

use super::parsed::Parsed;
use crate::observe::KeyAlgorithm;

/// Whether a certificate was signed with the key of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    /// The signature fits.
    Yes,
    /// The signature does not fit.
    No,
    /// It is of an algorithm that cannot be checked here.
    Unknown,
}

/// Every algorithm that can be checked. A pair of a key's and a signature's algorithm stands here
/// once, because webpki believes the first it finds.
const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 27] = [
    LEGACY_RSA_SHA256,
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    LEGACY_RSA_SHA512,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P256_SHA512,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA512,
    algorithms::ECDSA_P521_SHA256,
    algorithms::ECDSA_P521_SHA384,
    algorithms::ECDSA_P521_SHA512,
    algorithms::ED25519,
    algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    algorithms::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
    algorithms::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
    algorithms::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    LEGACY_RSA_SHA1,
    LEGACY_RSA_SHA1_ABSENT,
    LEGACY_RSA_SHA1_OIW,
    LEGACY_P256_SHA1,
    LEGACY_P521_SHA1,
    algorithms::ML_DSA_44,
    algorithms::ML_DSA_65,
    algorithms::ML_DSA_87,
];

/// An algorithm clients no longer take: SHA-1, or RSA with keys from 1,024 bits.
#[derive(Debug)]
struct Legacy {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    algorithm: &'static dyn VerificationAlgorithm,
}

impl SignatureVerificationAlgorithm for Legacy {
    fn verify_signature(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        self.algorithm.verify_sig(key, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

const LEGACY_RSA_SHA256: &dyn SignatureVerificationAlgorithm = &Legacy {
    key: alg_id::RSA_ENCRYPTION,
    signature: alg_id::RSA_PKCS1_SHA256,
    algorithm: &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
};
const LEGACY_RSA_SHA512: &dyn SignatureVerificationAlgorithm = &Legacy {
    key: alg_id::RSA_ENCRYPTION,
    signature: alg_id::RSA_PKCS1_SHA512,
    algorithm: &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
};
// sha1WithRSAEncryption with and without NULL (RFC 3279 section 2.2.1), and the OIW's number.
const LEGACY_RSA_SHA1: &dyn SignatureVerificationAlgorithm =
    &rsa_sha1(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00");
const LEGACY_RSA_SHA1_ABSENT: &dyn SignatureVerificationAlgorithm =
    &rsa_sha1(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05");
const LEGACY_RSA_SHA1_OIW: &dyn SignatureVerificationAlgorithm =
    &rsa_sha1(b"\x06\x05\x2b\x0e\x03\x02\x1d\x05\x00");
const LEGACY_P256_SHA1: &dyn SignatureVerificationAlgorithm =
    &ecdsa_sha1(alg_id::ECDSA_P256, &signature::ECDSA_P256_SHA1_ASN1);
const LEGACY_P521_SHA1: &dyn SignatureVerificationAlgorithm =
    &ecdsa_sha1(alg_id::ECDSA_P521, &signature::ECDSA_P521_SHA1_ASN1);

const fn rsa_sha1(id: &'static [u8]) -> Legacy {
    Legacy {
        key: alg_id::RSA_ENCRYPTION,
        signature: AlgorithmIdentifier::from_slice(id),
        algorithm: &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    }
}

/// ecdsa-with-SHA1 (RFC 3279 section 2.2.3).
const fn ecdsa_sha1(
    key: AlgorithmIdentifier,
    algorithm: &'static dyn VerificationAlgorithm,
) -> Legacy {
    let signature = AlgorithmIdentifier::from_slice(b"\x06\x07\x2a\x86\x48\xce\x3d\x04\x01");
    Legacy { key, signature, algorithm }
}

/// The signatures of one examination that were checked. Paths share most of their certificates,
/// and webpki asks for every signature of every path again.
#[derive(Debug, Default)]
pub(super) struct Memory {
    checked: Mutex<Vec<Checked>>,
}

/// A signature that was checked. The whole question is kept: nothing but the very same bytes may
/// get the same answer.
#[derive(Debug)]
struct Checked {
    algorithm: AlgorithmIdentifier,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    fits: bool,
}

impl Memory {
    /// Whether the key of `issuer` made the signature of `cert`.
    pub fn signed(&self, cert: &Parsed, issuer: &Parsed) -> Signed {
        let fits = |algorithm: &&&dyn SignatureVerificationAlgorithm| {
            algorithm.signature_alg_id().as_ref() == cert.algorithm()
                && algorithm.public_key_alg_id().as_ref() == issuer.key_algorithm()
        };
        if !could_sign(&issuer.facts.key.algorithm, &cert.facts.signature) {
            return Signed::No;
        }
        let Some(algorithm) = ALGORITHMS.iter().find(fits) else { return Signed::Unknown };
        if too_short(*algorithm, issuer) {
            return Signed::Unknown;
        }
        if self.check(*algorithm, issuer.key(), cert.signed(), cert.signature()) {
            Signed::Yes
        } else {
            Signed::No
        }
    }

    /// The algorithms for webpki, which remember here what they checked.
    pub fn algorithms(&self) -> Vec<Remembering<'_>> {
        ALGORITHMS.iter().map(|inner| Remembering { inner: *inner, memory: self }).collect()
    }

    fn check(
        &self,
        algorithm: &dyn SignatureVerificationAlgorithm,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let id = algorithm.signature_alg_id();
        let same = |known: &&Checked| {
            known.signature == signature
                && known.key == key
                && known.algorithm == id
                && known.message == message
        };
        let mut checked = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = checked.iter().find(same) {
            return known.fits;
        }
        let fits = algorithm.verify_signature(key, message, signature).is_ok();
        checked.push(Checked {
            algorithm: id,
            key: key.to_vec(),
            message: message.to_vec(),
            signature: signature.to_vec(),
            fits,
        });
        fits
    }
}

/// An algorithm that does not check twice.
#[derive(Debug)]
pub(super) struct Remembering<'a> {
    inner: &'static dyn SignatureVerificationAlgorithm,
    memory: &'a Memory,
}

impl SignatureVerificationAlgorithm for Remembering<'_> {
    fn verify_signature(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let fits = self.memory.check(self.inner, key, message, signature);
        fits.then_some(()).ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }
}

/// Whether a key is of the kind that makes such signatures, as far as the kind is known. Without
/// this, a key of another kind under the right name would pass for one that cannot be checked.
fn could_sign(key: &KeyAlgorithm, signature: &str) -> bool {
    let ends = |end: &str| signature.ends_with(end);
    // A signature known by its number only may be of any key.
    signature.starts_with(|c: char| c.is_ascii_digit())
        || match key {
            KeyAlgorithm::Rsa => ends("withRSA") || ends("withRSAandMGF1"),
            KeyAlgorithm::RsaPss => ends("withRSAandMGF1"),
            KeyAlgorithm::Ec => ends("withECDSA") || ends("withSM2"),
            KeyAlgorithm::Dsa => ends("withDSA"),
            KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => signature == key.as_str(),
            KeyAlgorithm::Other(_) => true,
        }
}

/// True for RSA keys below what the algorithm takes: it would call a right signature wrong.
fn too_short(algorithm: &dyn SignatureVerificationAlgorithm, issuer: &Parsed) -> bool {
    let key = &issuer.facts.key;
    let legacy = [LEGACY_RSA_SHA1, LEGACY_RSA_SHA1_ABSENT, LEGACY_RSA_SHA1_OIW]
        .into_iter()
        .chain([LEGACY_RSA_SHA256, LEGACY_RSA_SHA512])
        .any(|known| known.signature_alg_id() == algorithm.signature_alg_id());
    let least = if legacy { 1024 } else { 2048 };
    key.algorithm == KeyAlgorithm::Rsa && key.bits.is_some_and(|bits| bits < least)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

    use super::*;

    #[test]
    fn no_pair_of_algorithms_stands_twice() {
        let pair = |a: &&dyn SignatureVerificationAlgorithm| {
            (a.public_key_alg_id().to_vec(), a.signature_alg_id().to_vec())
        };
        let pairs: HashSet<_> = ALGORITHMS.iter().map(pair).collect();
        assert_eq!(pairs.len(), ALGORITHMS.len());
    }

    #[test]
    fn roots_signed_themselves_and_not_each_other() {
        let memory = Memory::default();
        let read = |der: &pki_types::CertificateDer<'_>| Parsed::read(der).unwrap();
        let roots: Vec<_> = TLS_SERVER_ROOT_CERTS.iter().map(read).collect();
        for root in &roots {
            assert_eq!(memory.signed(root, root), Signed::Yes, "{}", root.facts.subject);
        }
        let checked = memory.checked.lock().unwrap().len();
        assert_eq!(checked, roots.len());
        assert_eq!(memory.signed(&roots[0], &roots[0]), Signed::Yes);
        assert_eq!(memory.checked.lock().unwrap().len(), checked);
        // Neither another key of its kind nor a key of another kind.
        let same = |other: &&Parsed| other.key_algorithm() == roots[0].key_algorithm();
        assert_eq!(memory.signed(&roots[0], roots[1..].iter().find(same).unwrap()), Signed::No);
        let other = roots.iter().find(|other| !same(other)).unwrap();
        assert_eq!(memory.signed(&roots[0], other), Signed::No);
    }
}
