//! What DNS says of the host.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Fact;

/// Where the addresses came from, and what else DNS says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsFacts {
    /// Which way the addresses were found.
    pub source: AddressSource,
    /// The addresses, in the order they are scanned.
    pub addresses: Vec<IpAddr>,
    /// Why there are none, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Encrypted ClientHello configuration in the HTTPS record (RFC 9460, RFC 9849), base64.
    pub ech: Fact<String>,
    /// Who may issue certificates for the host: the records found first on the way up the tree
    /// (RFC 8659 section 3).
    #[serde(default)]
    pub caa: Fact<Caa>,
    /// TLSA records for the port (RFC 6698).
    #[serde(default)]
    pub tlsa: Fact<Vec<Tlsa>>,
    /// HTTPS records, as text (RFC 9460).
    #[serde(default)]
    pub https: Fact<Vec<String>>,
    /// Whether the addresses are signed.
    #[serde(default)]
    pub dnssec: Fact<Dnssec>,
}

/// Which way the addresses were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressSource {
    /// By the resolver.
    #[default]
    Dns,
    /// The target is an address.
    Literal,
    /// The user named them (`--ip`, `--resolve`).
    Given,
    /// From a recording.
    Recording,
}

/// The CAA records that count for a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caa {
    /// The name they stand at: the host or a parent of it.
    pub at: String,
    /// The records.
    pub records: Vec<CaaRecord>,
}

/// One CAA record (RFC 8659 section 4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaaRecord {
    /// An authority that does not know the tag may not issue.
    pub critical: bool,
    /// The tag, such as `issue`.
    pub tag: String,
    /// The value as text.
    pub value: String,
}

/// One TLSA record (RFC 6698 section 2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tlsa {
    /// 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
    pub usage: u8,
    /// 0 the whole certificate, 1 its public key.
    pub selector: u8,
    /// 0 the bytes themselves, 1 SHA-256, 2 SHA-512.
    pub matching: u8,
    /// The data in hex.
    pub data: String,
}

/// What DNSSEC says of the address records (RFC 4035 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dnssec {
    /// A chain of signatures leads to them from the root.
    Signed,
    /// The zone, or one above it, is provably not signed.
    Unsigned,
    /// Signatures are wrong or gone.
    Bogus,
}
