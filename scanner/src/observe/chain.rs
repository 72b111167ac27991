//! The facts of a chain: as sent, as it should be, the ways to a trusted root, and its names.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::certificate::CertSource;
use super::{Chain, Sent, SniSent};
use crate::target::Target;

/// A chain as sent, held against itself, the host's name and the stores, at the time of the scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainFacts {
    /// Each certificate as sent, in the order sent.
    pub sent: Vec<Placed>,
    /// The chain it should be, leaf first, without a root: that of the best path. Empty if there
    /// is no path to any root, not even an untrusted or expired one.
    pub should_be: Vec<Step>,
    /// Whether what was sent is enough.
    pub completeness: Completeness,
    /// Every way found from the leaf to a root of a store: those that hold first, then short ones.
    pub paths: Vec<Path>,
    /// What each store says.
    pub trust: Vec<Trust>,
    /// The host's name against the names in the leaf.
    pub name: NameMatch,
    /// Certificates of the best path, or of what was sent where there is no path, whose validity
    /// has not begun or is over: ids.
    pub out_of_date: Vec<OutOfDate>,
    /// Certificates below the root of the best path (or sent, where there is none) that are signed
    /// with MD2, MD4, MD5 or SHA-1.
    pub old_hashes: Vec<OldHash>,
    /// Each TLSA record of the host and whether this chain fits it (RFC 6698 section 2.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tlsa: Vec<TlsaMatch>,
}

impl ChainFacts {
    /// The path that [`ChainFacts::should_be`] is of, with its root; the first of all where there
    /// is none.
    #[must_use]
    pub fn best_path(&self) -> Option<&Path> {
        let below = self.should_be.iter().map(|step| step.id.as_str());
        let fits = |path: &&Path| {
            let ids = path.certificates.iter().map(String::as_str);
            let most = path.certificates.len().saturating_sub(1).max(1);
            ids.take(most).eq(below.clone())
        };
        self.paths.iter().find(fits).or_else(|| self.paths.first())
    }
}

/// One certificate in the place it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// SHA-256 of the certificate.
    pub id: String,
    /// What it is to this chain.
    pub role: Role,
    /// False if it stands where it should not: before the certificate it issued.
    pub in_place: bool,
}

/// What a certificate is to the chain it was sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The server's own.
    Leaf,
    /// It issued the leaf or another intermediate of this chain.
    Intermediate,
    /// It is self-issued and issued something in this chain: clients have it or do not trust it.
    Root,
    /// It was sent before.
    Duplicate,
    /// An authority's certificate that issued nothing in this chain: mostly left over from a
    /// previous certificate.
    PreviousCa,
    /// It has nothing to do with this chain.
    Unrelated,
    /// It cannot be read.
    Unreadable,
}

/// A certificate of the chain as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// SHA-256 of the certificate.
    pub id: String,
    /// Its subject.
    pub subject: String,
    /// Whether the server sent it; if not, where it was found.
    pub source: CertSource,
}

/// Whether what was sent is enough for a client that has only roots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Completeness {
    /// A path to a root needs nothing that was not sent. Where a store that decides trusts some
    /// path, only paths that such a store trusts count: the system's store only informs.
    Complete,
    /// A path exists only with certificates that were not sent.
    Incomplete {
        /// Those, in the order they belong.
        missing: Vec<Missing>,
    },
    /// The chain ends at a root of its own, which no store has: nothing is missing.
    OwnRoot,
    /// No path is known; what is missing next, or who issued it, is named.
    NoPath {
        /// The issuer nobody has a certificate of.
        missing: Missing,
        /// Why it could not be fetched, in words, if that was tried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tried: Option<String>,
    },
    /// The leaf cannot be read, so nothing can be said.
    Unreadable,
}

/// A certificate that was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Its subject.
    pub subject: String,
    /// Its id, if it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<CertSource>,
    /// Where to get it, by the certificate it issued.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
}

/// A way from the leaf to a root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// Ids, leaf first; the last is the root, which stands in [`Path::stores`].
    pub certificates: Vec<String>,
    /// The stores that have the root.
    pub stores: Vec<String>,
    /// True if every intermediate of it was sent.
    pub sent: bool,
    /// Why it does not hold at the time of the scan; `None` if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<PathFault>,
}

/// What one store says of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// Name of the store, see [`Store::name`].
    pub store: String,
    /// Why it is not trusted; `None` if it is. A missing intermediate is no reason here: see
    /// [`Completeness`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<PathFault>,
}

/// Why a chain is not trusted, apart from its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum PathFault {
    /// No path leads to a root of the store.
    UnknownIssuer {
        /// The last issuer on the way.
        issuer: String,
    },
    /// The leaf is its own issuer, and the store does not have it.
    SelfSigned,
    /// A certificate's time is over or has not begun.
    OutOfDate(OutOfDate),
    /// The store's keeper no longer trusts what this authority issues.
    Distrusted {
        /// The authority.
        authority: String,
        /// Since when, seconds since 1970.
        since: i64,
        /// Where that is written.
        source: String,
    },
    /// A certificate on the way may not issue certificates.
    NotAnAuthority {
        /// Its id.
        id: String,
    },
    /// The leaf may issue certificates, and clients refuse that.
    AuthorityAsLeaf,
    /// The leaf or an authority is not for server authentication.
    Usage,
    /// More intermediates than a certificate on the way allows.
    PathLength,
    /// The leaf's names are outside the constraints of an authority.
    NameConstraints,
    /// A signature on the way is wrong.
    Signature,
    /// A signature on the way is of an algorithm that cannot be checked.
    Algorithm {
        /// The algorithm.
        algorithm: String,
    },
    /// The leaf cannot be read, or is of a form clients refuse.
    Form {
        /// What is the matter, in words.
        what: String,
    },
}

/// A certificate whose time is over or has not begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfDate {
    /// Its id.
    pub id: String,
    /// True for the leaf.
    pub leaf: bool,
    /// Not yet valid; else it is over.
    pub early: bool,
    /// The moment it begins or ended, seconds since 1970.
    pub at: i64,
}

/// A certificate signed over a hash nobody should use any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldHash {
    /// Its id.
    pub id: String,
    /// True for the leaf.
    pub leaf: bool,
    /// MD2, MD4, MD5 or SHA1.
    pub hash: String,
}

/// The host's name against the names in the leaf (RFC 9525 section 6.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameMatch {
    /// The name that was looked for: the server name, or the address.
    pub host: String,
    /// The entry of the certificate that matches, as written there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The common name would match, which clients no longer look at (RFC 9525 section 2).
    pub only_common_name: bool,
    /// Names close to the one looked for, for which it would match: with or without `www.`, one
    /// label more or less.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
}

/// A TLSA record and whether a chain fits it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsaMatch {
    /// Index of the record in [`super::DnsFacts::tlsa`].
    pub record: usize,
    /// Whether it fits; `None` if its parameters are unknown.
    pub fits: Option<bool>,
}

/// A trust store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Its name: `mozilla`, `system`, or `operator`.
    pub name: String,
    /// Its date or version, in words.
    pub dated: String,
    /// How many roots it has.
    pub roots: usize,
}

/// The chains of an endpoint, the one that decides first: that for the name, with the newest
/// version, seen first. Those only seen without the name are marked and last. A target without a
/// name has no such.
#[must_use]
pub fn ranked<'a>(target: &Target, chains: &'a [Chain]) -> Vec<(&'a Chain, bool)> {
    let named = target.server_name().is_some();
    let mut ranked: Vec<_> = chains
        .iter()
        .map(|chain| {
            let for_name = |sent: &&Sent| !named || sent.sni == SniSent::Name;
            let no_sni = !chain.sent.iter().any(|sent| for_name(&sent));
            let counted = || chain.sent.iter().filter(|sent| no_sni || for_name(sent));
            let newest = counted().map(|sent| sent.version).max();
            let first = counted().filter(|sent| Some(sent.version) == newest).map(|sent| sent.how);
            ((no_sni, Reverse(newest), first.min()), chain)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|((no_sni, ..), chain)| (chain, no_sni)).collect()
}
