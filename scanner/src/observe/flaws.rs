//! What was seen of known flaws. Each is yes only if it was shown, no only if the server was asked
//! or cannot have it, and unknown else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fact;

/// Known flaws of protocols and of their implementations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaws {
    /// Heartbleed (CVE-2014-0160): memory comes back for a heartbeat that is too short.
    #[serde(default)]
    pub heartbleed: Fact<()>,
    /// A ChangeCipherSpec is taken before its time (CVE-2014-0224).
    #[serde(default)]
    pub early_ccs: Fact<EarlyCcs>,
    /// Ticketbleed (CVE-2016-9244): memory comes back in a session id.
    #[serde(default)]
    pub ticketbleed: Fact<()>,
    /// ROBOT: the server tells whether RSA padding was right.
    #[serde(default)]
    pub robot: Fact<Robot>,
    /// POODLE against TLS: the padding of CBC records is not looked at.
    #[serde(default)]
    pub poodle_tls: Fact<()>,
    /// The padding oracle of CVE-2016-2107 in AES-NI code.
    #[serde(default)]
    pub lucky_minus_20: Fact<()>,
    /// Zombie POODLE: valid padding and a wrong MAC are told apart from other faults.
    #[serde(default)]
    pub zombie_poodle: Fact<Oracle>,
    /// GOLDENDOODLE: wrong padding and a valid MAC are told apart from other faults.
    #[serde(default)]
    pub goldendoodle: Fact<Oracle>,
    /// Sleeping POODLE: wrong padding is told apart, in answers that come later.
    #[serde(default)]
    pub sleeping_poodle: Fact<Oracle>,
    /// Records of length zero tell about their padding (CVE-2019-1559).
    #[serde(default)]
    pub zero_length: Fact<Oracle>,
    /// DROWN: the key is also used with SSL 2.0, here or at another address known to have it.
    #[serde(default)]
    pub drown: Fact<()>,
    /// A client may renegotiate although the server has no secure renegotiation (RFC 5746).
    #[serde(default)]
    pub legacy_renegotiation: Fact<()>,
    /// A client may renegotiate, securely.
    #[serde(default)]
    pub client_renegotiation: Fact<()>,
    /// A point that is not on the curve is taken, so that the shared secret can be foreseen.
    #[serde(default)]
    pub invalid_curve: Fact<()>,
    /// A Diffie-Hellman value of 1 is taken, so that the shared secret is 1 as well (RFC 7919
    /// section 5.1).
    #[serde(default)]
    pub small_subgroup: Fact<()>,
    /// Session tickets are protected with a key that everybody knows; what key.
    #[serde(default)]
    pub ticket_key: Fact<String>,
    /// Plain text sent together with STARTTLS is taken as if it had come inside TLS
    /// (CVE-2011-0411).
    #[serde(default)]
    pub starttls_injection: Fact<()>,
    /// HTTP on port 80 goes over to TLS within a connection (RFC 2817), as Opossum needs it.
    #[serde(default)]
    pub opossum: Fact<()>,
    /// The page comes compressed; with what. One condition of BREACH (CVE-2013-3587).
    #[serde(default)]
    pub breach: Fact<String>,
    /// What was seen, in few words, by the name of the field above.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, String>,
}

/// A ChangeCipherSpec before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EarlyCcs {
    /// It is taken, but the keys cannot be foreseen.
    Taken,
    /// It is taken, and the keys are made from nothing.
    Exploitable,
}

/// What a server tells about RSA padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Robot {
    /// Little: an attack takes very many questions.
    Little,
    /// Enough for an attack within reach.
    Much,
}

/// What a server tells about damaged records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oracle {
    /// Faults can be told apart.
    Observable,
    /// And that is enough for an attack.
    Exploitable,
}
