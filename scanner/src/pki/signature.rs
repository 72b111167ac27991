//! Signatures: the names of their algorithms, and whether a key made one.

use aws_lc_rs::signature::{self as lc, ParsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::FromDer;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::{find, key};
use crate::wire::Group;

/// Whether the key made the signature over the message, which for certificates, revocation lists
/// and OCSP responses is the part "to be signed" with its tag and length.
///
/// `spki` is the public key as certificates hold it (RFC 5280 section 4.1.2.7). False also if the
/// key is of another kind than the algorithm needs. `None` if it cannot be checked here: an
/// unknown algorithm, hash or curve, MD5, DSA, Ed448, RSA below 1024 bits (below 2048 for SHA-384
/// and for PSS) or above 8192, PSS with two hashes or with a salt of another length than the
/// hash, or a key that makes no sense.
#[must_use]
pub fn verify(
    spki: &[u8],
    algorithm: &AlgorithmIdentifier<'_>,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let (_, info) = SubjectPublicKeyInfo::from_der(spki).ok()?;
    let scheme = Scheme::read(algorithm)?;
    if !scheme.keys().contains(&info.algorithm.algorithm.to_id_string().as_str()) {
        return Some(false);
    }
    let verifier = scheme.verifier(&info)?;
    let key = ParsedPublicKey::new(verifier, &info.subject_public_key.data).ok()?;
    Some(key.verify_sig(message, signature).is_ok())
}

/// The same with the algorithm in DER (RFC 5280 section 4.1.1.2), as other parsers hand it out.
#[must_use]
pub fn verify_der(spki: &[u8], algorithm: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let (_, algorithm) = AlgorithmIdentifier::from_der(algorithm).ok()?;
    verify(spki, &algorithm, message, signature)
}

/// The algorithm of a signature as Java names it, or its dotted number.
pub(super) fn name(algorithm: &AlgorithmIdentifier<'_>) -> String {
    let id = algorithm.algorithm.to_id_string();
    if id == key::RSA_PSS {
        // Without parameters, RFC 4055 section 3.1 means SHA-1.
        let hash = match algorithm.parameters.as_ref().map(RsaSsaPssParams::try_from) {
            Some(Ok(parameters)) => parameters.hash_algorithm_oid().to_id_string(),
            Some(Err(_)) => return id,
            None => "1.3.14.3.2.26".to_owned(),
        };
        return find(&PSS_HASHES, &hash).map_or(id, str::to_owned);
    }
    find(&SIGNATURES, &id).map_or(id, str::to_owned)
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// RSA with the padding of PKCS #1 version 1.5 (RFC 8017 section 8.2).
    Rsa(Hash),
    /// RSA with the probabilistic one (RFC 8017 section 8.1).
    Pss(Hash),
    /// ECDSA (RFC 5758 section 3.2).
    Ecdsa(Hash),
    /// Ed25519 (RFC 8410).
    Ed25519,
}

/// What is hashed before it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Scheme {
    fn read(algorithm: &AlgorithmIdentifier<'_>) -> Option<Self> {
        Some(match algorithm.algorithm.to_id_string().as_str() {
            "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => Self::Rsa(Hash::Sha1),
            "1.2.840.113549.1.1.11" => Self::Rsa(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::Rsa(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::Rsa(Hash::Sha512),
            "1.2.840.10045.4.1" => Self::Ecdsa(Hash::Sha1),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            key::ED25519 => Self::Ed25519,
            key::RSA_PSS => Self::Pss(pss_hash(algorithm)?),
            _ => return None,
        })
    }

    /// The kinds of keys that make it.
    const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Rsa(_) => &[key::RSA],
            Self::Pss(_) => &[key::RSA, key::RSA_PSS],
            Self::Ecdsa(_) => &[key::EC],
            Self::Ed25519 => &[key::ED25519],
        }
    }

    /// What checks it for a key of that kind, if something does.
    fn verifier(
        self,
        info: &SubjectPublicKeyInfo<'_>,
    ) -> Option<&'static dyn VerificationAlgorithm> {
        let least = |least| {
            let bits = key::rsa_bits(&info.subject_public_key.data)?;
            (least..=8192).contains(&bits).then_some(())
        };
        Some(match self {
            Self::Rsa(hash) => {
                least(if hash == Hash::Sha384 { 2048 } else { 1024 })?;
                match hash {
                    Hash::Sha1 => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
                    Hash::Sha256 => &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                    Hash::Sha384 => &lc::RSA_PKCS1_2048_8192_SHA384,
                    Hash::Sha512 => &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
                }
            }
            Self::Pss(hash) => {
                least(2048)?;
                match hash {
                    Hash::Sha1 => return None,
                    Hash::Sha256 => &lc::RSA_PSS_2048_8192_SHA256,
                    Hash::Sha384 => &lc::RSA_PSS_2048_8192_SHA384,
                    Hash::Sha512 => &lc::RSA_PSS_2048_8192_SHA512,
                }
            }
            Self::Ecdsa(hash) => match (key::curve(info)?, hash) {
                (Group::SECP256R1, Hash::Sha1) => &lc::ECDSA_P256_SHA1_ASN1,
                (Group::SECP256R1, Hash::Sha256) => &lc::ECDSA_P256_SHA256_ASN1,
                (Group::SECP256R1, Hash::Sha384) => &lc::ECDSA_P256_SHA384_ASN1,
                (Group::SECP256R1, Hash::Sha512) => &lc::ECDSA_P256_SHA512_ASN1,
                (Group::SECP384R1, Hash::Sha256) => &lc::ECDSA_P384_SHA256_ASN1,
                (Group::SECP384R1, Hash::Sha384) => &lc::ECDSA_P384_SHA384_ASN1,
                (Group::SECP384R1, Hash::Sha512) => &lc::ECDSA_P384_SHA512_ASN1,
                (Group::SECP521R1, Hash::Sha1) => &lc::ECDSA_P521_SHA1_ASN1,
                (Group::SECP521R1, Hash::Sha256) => &lc::ECDSA_P521_SHA256_ASN1,
                (Group::SECP521R1, Hash::Sha384) => &lc::ECDSA_P521_SHA384_ASN1,
                (Group::SECP521R1, Hash::Sha512) => &lc::ECDSA_P521_SHA512_ASN1,
                _ => return None,
            },
            Self::Ed25519 => &lc::ED25519,
        })
    }
}

/// The hash of a PSS signature whose parameters are as everybody sets them: the same hash inside
/// and a salt as long as its value (RFC 4055 section 3.1). `None` for all others.
fn pss_hash(algorithm: &AlgorithmIdentifier<'_>) -> Option<Hash> {
    let parameters = RsaSsaPssParams::try_from(algorithm.parameters.as_ref()?).ok()?;
    let (hash, salt) = match parameters.hash_algorithm_oid().to_id_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => (Hash::Sha256, 32),
        "2.16.840.1.101.3.4.2.2" => (Hash::Sha384, 48),
        "2.16.840.1.101.3.4.2.3" => (Hash::Sha512, 64),
        _ => return None,
    };
    let inside = parameters.mask_gen_algorithm().ok()?;
    let usual = inside.mgf.to_id_string() == "1.2.840.113549.1.1.8"
        && inside.hash == *parameters.hash_algorithm_oid()
        && parameters.salt_length() == salt
        && parameters.trailer_field() == 1;
    usual.then_some(hash)
}

/// The algorithm of a signature by the names of Java, which SSL Labs uses.
const SIGNATURES: [(&str, &str); 38] = [
    ("1.2.840.113549.1.1.11", "SHA256withRSA"),
    ("1.2.840.113549.1.1.12", "SHA384withRSA"),
    ("1.2.840.113549.1.1.13", "SHA512withRSA"),
    ("1.2.840.113549.1.1.14", "SHA224withRSA"),
    ("1.2.840.113549.1.1.15", "SHA512/224withRSA"),
    ("1.2.840.113549.1.1.16", "SHA512/256withRSA"),
    ("1.2.840.113549.1.1.5", "SHA1withRSA"),
    ("1.3.14.3.2.29", "SHA1withRSA"),
    ("1.2.840.113549.1.1.4", "MD5withRSA"),
    ("1.2.840.113549.1.1.3", "MD4withRSA"),
    ("1.2.840.113549.1.1.2", "MD2withRSA"),
    ("2.16.840.1.101.3.4.3.13", "SHA3-224withRSA"),
    ("2.16.840.1.101.3.4.3.14", "SHA3-256withRSA"),
    ("2.16.840.1.101.3.4.3.15", "SHA3-384withRSA"),
    ("2.16.840.1.101.3.4.3.16", "SHA3-512withRSA"),
    ("1.2.840.10045.4.3.2", "SHA256withECDSA"),
    ("1.2.840.10045.4.3.3", "SHA384withECDSA"),
    ("1.2.840.10045.4.3.4", "SHA512withECDSA"),
    ("1.2.840.10045.4.3.1", "SHA224withECDSA"),
    ("1.2.840.10045.4.1", "SHA1withECDSA"),
    ("2.16.840.1.101.3.4.3.9", "SHA3-224withECDSA"),
    ("2.16.840.1.101.3.4.3.10", "SHA3-256withECDSA"),
    ("2.16.840.1.101.3.4.3.11", "SHA3-384withECDSA"),
    ("2.16.840.1.101.3.4.3.12", "SHA3-512withECDSA"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10040.4.3", "SHA1withDSA"),
    ("1.3.14.3.2.27", "SHA1withDSA"),
    ("2.16.840.1.101.3.4.3.1", "SHA224withDSA"),
    ("2.16.840.1.101.3.4.3.2", "SHA256withDSA"),
    ("2.16.840.1.101.3.4.3.3", "SHA384withDSA"),
    ("2.16.840.1.101.3.4.3.4", "SHA512withDSA"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("1.2.156.10197.1.501", "SM3withSM2"),
    ("1.2.643.7.1.1.3.2", "GOST3411-2012-256withECGOST3410-2012-256"),
    ("1.2.643.7.1.1.3.3", "GOST3411-2012-512withECGOST3410-2012-512"),
];

/// The hashes of RSA-PSS, by the names of Java (RFC 4055 section 2.1).
const PSS_HASHES: [(&str, &str); 5] = [
    ("2.16.840.1.101.3.4.2.1", "SHA256withRSAandMGF1"),
    ("2.16.840.1.101.3.4.2.2", "SHA384withRSAandMGF1"),
    ("2.16.840.1.101.3.4.2.3", "SHA512withRSAandMGF1"),
    ("2.16.840.1.101.3.4.2.4", "SHA224withRSAandMGF1"),
    ("1.3.14.3.2.26", "SHA1withRSAandMGF1"),
];

#[cfg(test)]
mod tests;
