//! The facts of revocation: what stapled responses, lists and responders say.

use serde::{Deserialize, Serialize};

/// What is known about the revocation of one certificate. Each way was tried only if those before
/// it gave no answer, except the staple, which is always read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// By the revocation list (RFC 5280 section 5).
    pub crl: RevocationStatus,
    /// By asking the responder (RFC 6960).
    pub ocsp: RevocationStatus,
}

/// The answer of one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum RevocationStatus {
    /// It was not asked: another way had answered, or there is no address to ask.
    #[default]
    NotAsked,
    /// Not revoked.
    NotRevoked {
        /// Until when that may be believed, seconds since 1970, if it says.
        until: Option<i64>,
    },
    /// Revoked.
    Revoked {
        /// When, seconds since 1970.
        at: i64,
        /// The reason by its name in RFC 5280 section 5.3.1, if one is given.
        reason: Option<String>,
    },
    /// It cannot be told.
    Unknown {
        /// Why not, in words.
        why: String,
    },
}

/// A stapled OCSP response, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staple {
    /// What it says of the leaf.
    pub status: RevocationStatus,
    /// When it was made, seconds since 1970.
    pub produced_at: Option<i64>,
    /// When its statement was known to be right.
    pub this_update: Option<i64>,
    /// When a newer one is to be had.
    pub next_update: Option<i64>,
    /// Whether its signature is that of the issuer or of a responder it names; `None` if that
    /// cannot be checked.
    pub signed: Option<bool>,
}
