//! What was found in a file. Of private keys there is nothing here but their public half.

use std::net::IpAddr;

use serde::Serialize;

use super::words::{Damage, Diagnosis, Effect};
use crate::pki::{CertFacts, KeyFacts};

/// What a file is and what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileFacts {
    /// Its name as the caller gave it.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
    /// The forms its content was found in, the outermost first.
    pub forms: Vec<Form>,
    /// What is in it, in its order.
    pub items: Vec<Item>,
    /// What was wrong with it.
    pub diagnoses: Vec<Diagnosis>,
}

impl FileFacts {
    /// True if the file cannot give what it ought to hold, or not all of it.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.diagnoses.iter().any(|diagnosis| diagnosis.effect == Effect::Fault)
    }

    /// Whether this was wrong with it.
    #[must_use]
    pub fn has(&self, id: Damage) -> bool {
        self.diagnoses.iter().any(|diagnosis| diagnosis.id == id)
    }

    /// The certificates in it.
    pub fn certificates(&self) -> impl Iterator<Item = &CertItem> {
        self.items.iter().filter_map(|item| match item {
            Item::Certificate(cert) => Some(cert.as_ref()),
            _ => None,
        })
    }

    /// Everything in it that is public, as clean PEM in its order. Private keys are never written.
    #[must_use]
    pub fn pem(&self) -> String {
        self.items.iter().filter_map(Item::pem).collect()
    }
}

/// A form of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A mail.
    Mail,
    /// Blocks between BEGIN and END lines.
    Pem,
    /// Base64 without such lines.
    Base64,
    /// A dump in hex.
    Hex,
    /// Binary.
    Der,
    /// A PKCS#7 collection of certificates (RFC 5652), `.p7b`.
    Pkcs7,
    /// A PKCS#12 store (RFC 7292), `.pfx` or `.p12`.
    Pkcs12,
}

/// Something in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "item", rename_all = "kebab-case")]
pub enum Item {
    /// A certificate.
    Certificate(Box<CertItem>),
    /// A request for one, a CSR (RFC 2986).
    Request(Box<RequestFacts>),
    /// A private key.
    PrivateKey(PrivateKeyFacts),
    /// A public key by itself.
    PublicKey(PublicKeyFacts),
    /// A list of revoked certificates.
    Crl(CrlFacts),
    /// Parameters that other programs put beside keys; nobody misses them.
    Parameters {
        /// What the armour calls them.
        label: String,
    },
}

impl Item {
    /// As clean PEM, with 64 characters in a line (RFC 7468 section 2); `None` for what is not
    /// public.
    #[must_use]
    pub fn pem(&self) -> Option<String> {
        match self {
            Self::Certificate(cert) => Some(cert.pem()),
            Self::Request(request) => Some(armour("CERTIFICATE REQUEST", &request.der)),
            Self::PublicKey(key) => Some(armour("PUBLIC KEY", &key.der)),
            Self::Crl(list) => Some(armour("X509 CRL", &list.der)),
            Self::PrivateKey(_) | Self::Parameters { .. } => None,
        }
    }

    /// The pin of its public key, see [`CertFacts::pin`], if it has one that can be read.
    #[must_use]
    pub fn pin(&self) -> Option<&str> {
        match self {
            Self::Certificate(cert) => Some(&cert.facts.pin),
            Self::Request(request) => Some(&request.pin),
            Self::PrivateKey(key) => key.pin.as_deref(),
            Self::PublicKey(key) => Some(&key.pin),
            Self::Crl(_) | Self::Parameters { .. } => None,
        }
    }
}

/// A certificate of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertItem {
    /// What stands in it.
    #[serde(flatten)]
    pub facts: CertFacts,
    /// Its bytes.
    #[serde(skip)]
    pub der: Vec<u8>,
}

impl CertItem {
    /// As clean PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        armour("CERTIFICATE", &self.der)
    }
}

/// A certification request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestFacts {
    /// The subject as text.
    pub subject: String,
    /// Common names in the subject.
    pub common_names: Vec<String>,
    /// DNS names it asks for.
    pub dns_names: Vec<String>,
    /// Addresses it asks for.
    pub addresses: Vec<IpAddr>,
    /// The public key.
    pub key: KeyFacts,
    /// SHA-256 of the public key in base64.
    pub pin: String,
    /// Whether its own key made its signature; `None` if that cannot be told here.
    pub self_signed: Option<bool>,
    /// Its bytes.
    #[serde(skip)]
    pub der: Vec<u8>,
}

/// What may be said about a private key: its form, and its public half.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrivateKeyFacts {
    /// How it is written.
    pub encoding: KeyEncoding,
    /// The name of its encryption, if it has one.
    pub encryption: Option<String>,
    /// The public half, if it could be had.
    pub key: Option<KeyFacts>,
    /// SHA-256 of the public half in base64, the same as of its certificate.
    pub pin: Option<String>,
}

/// How a private key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyEncoding {
    /// PKCS#8 (RFC 5958), in the clear or encrypted.
    Pkcs8,
    /// PKCS#1 (RFC 8017 appendix A.1.2), RSA only.
    Pkcs1,
    /// SEC 1 (RFC 5915), elliptic curves only.
    Sec1,
    /// The old form of DSA.
    Dsa,
    /// A form of SSH programs.
    Ssh,
}

impl KeyEncoding {
    /// The name people know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PKCS#8",
            Self::Pkcs1 => "PKCS#1",
            Self::Sec1 => "SEC 1",
            Self::Dsa => "DSA",
            Self::Ssh => "SSH",
        }
    }
}

/// A public key by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicKeyFacts {
    /// The key.
    pub key: KeyFacts,
    /// SHA-256 of it in base64.
    pub pin: String,
    /// Its bytes.
    #[serde(skip)]
    pub der: Vec<u8>,
}

/// A list of revoked certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrlFacts {
    /// Who issued it.
    pub issuer: String,
    /// When, in seconds since 1970.
    pub this_update: i64,
    /// When the next is due, in seconds since 1970.
    pub next_update: Option<i64>,
    /// How many certificates it lists.
    pub revoked: usize,
    /// Its bytes.
    #[serde(skip)]
    pub der: Vec<u8>,
}

/// A block of PEM.
fn armour(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while let Some((line, after)) = rest.split_at_checked(64) {
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    if !rest.is_empty() {
        text.push_str(rest);
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn armour_has_lines_of_64() {
        let text = armour("X", &[0; 48]);
        assert_eq!(text, format!("-----BEGIN X-----\n{}\n-----END X-----\n", "A".repeat(64)));
        let text = armour("X", &[0; 49]);
        assert_eq!(text.lines().nth(2), Some("AA=="));
    }
}
