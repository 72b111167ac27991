//! The facts of a certificate and of its key, as they stand in it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A certificate of the scan: where it came from, its bytes, and what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Where it was found, the first way that led to it.
    pub source: CertSource,
    /// DER in base64, of certificates that no endpoint sent; those are in
    /// [`super::Endpoint::certificates`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub der: Option<String>,
    /// What stands in it, if it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<CertFacts>,
    /// Why it cannot be read, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Where a certificate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertSource {
    /// An endpoint sent it.
    Sent,
    /// It is among the intermediates known before the scan.
    Known,
    /// It was fetched from the address another certificate names (AIA, RFC 5280 section 4.2.2.1).
    Fetched,
    /// It is a root of a store.
    Store,
}

/// What stands in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertFacts {
    /// SHA-256 of the whole certificate in hex: its id everywhere in taraf.
    pub sha256: String,
    /// SHA-1 of the whole certificate in hex, which people still search by.
    pub sha1: String,
    /// SHA-256 of the public key in base64, as in pins (RFC 7469 section 2.4).
    pub pin: String,
    /// The version: 1, 2 or 3.
    pub version: u8,
    /// The subject as text, see `pki::names`.
    pub subject: String,
    /// The issuer, written the same way.
    pub issuer: String,
    /// True if subject and issuer are the same, byte by byte.
    pub self_issued: bool,
    /// Whether its own key made its signature; `None` if its algorithm cannot be checked here.
    pub self_signed: Option<bool>,
    /// Common names in the subject.
    pub common_names: Vec<String>,
    /// Organisations in the subject.
    pub organisations: Vec<String>,
    /// DNS names it is for, as written (RFC 5280 section 4.2.1.6).
    pub dns_names: Vec<String>,
    /// Addresses it is for.
    pub addresses: Vec<IpAddr>,
    /// The serial number in hex, as encoded.
    pub serial: String,
    /// Start of validity, in seconds since 1970.
    pub not_before: i64,
    /// End of validity, in seconds since 1970.
    pub not_after: i64,
    /// Days of validity, begun ones counted, as the Baseline Requirements count (section 6.3.2).
    pub days: i64,
    /// Most days a publicly trusted server certificate issued on that day may be valid, if there
    /// was a limit then.
    pub most_days: Option<i64>,
    /// The public key.
    pub key: KeyFacts,
    /// The algorithm of the signature as Java names it; a dotted number where it has no name.
    pub signature: String,
    /// The basic constraints say that it may issue certificates.
    pub is_ca: bool,
    /// How many intermediates may stand below it.
    pub path_length: Option<u32>,
    /// Key usages by their names in RFC 5280 section 4.2.1.3.
    pub key_usages: Vec<String>,
    /// Extended key usages, as dotted numbers (RFC 5280 section 4.2.1.12).
    pub usages: Vec<String>,
    /// Certificate policies, as dotted numbers.
    pub policies: Vec<String>,
    /// What the authority says it validated, by the policies of the CA/Browser Forum.
    pub validation: Option<Validation>,
    /// It constrains the names below it (RFC 5280 section 4.2.1.10).
    pub name_constraints: bool,
    /// The server has to staple an OCSP response (RFC 7633).
    pub must_staple: bool,
    /// It has a list of signed certificate timestamps inside (RFC 6962 section 3.3).
    pub embedded_scts: bool,
    /// The timestamps of that list.
    pub scts: Vec<Sct>,
    /// Where to get revocation lists.
    pub crl_uris: Vec<String>,
    /// Where to ask by OCSP.
    pub ocsp_uris: Vec<String>,
    /// Where to get the certificate of the issuer.
    pub issuer_uris: Vec<String>,
    /// Subject key identifier in hex.
    pub subject_key_id: Option<String>,
    /// Authority key identifier in hex.
    pub authority_key_id: Option<String>,
    /// Extensions that cannot be read, and critical ones nobody knows: dotted numbers.
    pub unread_extensions: Vec<String>,
}

/// What an authority says it validated (CA/Browser Forum, policies under 2.23.140.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// Control of the domain.
    Domain,
    /// A person.
    Individual,
    /// An organisation.
    Organisation,
    /// An organisation, by the rules for extended validation.
    Extended,
}

/// A signed certificate timestamp (RFC 6962 section 3.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sct {
    /// Id of the log in base64.
    pub log: String,
    /// Its name, if it is a known log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Milliseconds since 1970.
    pub at_ms: u64,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// Its kind.
    pub algorithm: KeyAlgorithm,
    /// Its size in its own measure, if it can be read: modulus, prime or field.
    pub bits: Option<u32>,
    /// Name of the curve, of named ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<String>,
    /// Size of an RSA key about as hard to break (NIST SP 800-57 part 1 table 2), if known.
    pub strength: Option<u32>,
    /// The public exponent of an RSA key in hex without leading zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exponent: Option<String>,
    /// It is one of the keys the Debian generator of CVE-2008-0166 made; `None` if that cannot be
    /// told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debian: Option<bool>,
    /// Its modulus has the form of CVE-2017-15361 (ROCA); `None` for keys that are not RSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roca: Option<bool>,
}

/// The kind of a public key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum KeyAlgorithm {
    /// RSA, for any use.
    Rsa,
    /// RSA for PSS signatures only (RFC 4055 section 1.2).
    RsaPss,
    /// Elliptic curve.
    Ec,
    /// DSA.
    Dsa,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// Another one; its dotted number.
    Other(String),
}

impl KeyAlgorithm {
    /// The name Java and SSL Labs have for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Rsa => "RSA",
            Self::RsaPss => "RSASSA-PSS",
            Self::Ec => "EC",
            Self::Dsa => "DSA",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::Other(id) => id,
        }
    }
}

impl From<String> for KeyAlgorithm {
    fn from(name: String) -> Self {
        let named = [Self::Rsa, Self::RsaPss, Self::Ec, Self::Dsa, Self::Ed25519, Self::Ed448];
        let found = named.into_iter().find(|known| known.as_str() == name);
        found.unwrap_or(Self::Other(name))
    }
}

impl From<KeyAlgorithm> for String {
    fn from(algorithm: KeyAlgorithm) -> Self {
        algorithm.as_str().to_owned()
    }
}
