//! What webpki says of one way, and why one does not hold.

use pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::checked::Signed;
use super::distrust;
use super::parsed::Parsed;
use super::path::{End, Graph, Node, Way};
use super::store::{OPERATOR, Root, Stores};
use crate::observe::{OutOfDate, PathFault};

/// What is the matter with a way, each kind apart, because one hides another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// What no time mends.
    pub lasting: Option<PathFault>,
    /// Certificates whose time is over or has not begun, from the leaf up.
    pub late: Vec<OutOfDate>,
}

/// Asks webpki about ways of one leaf, at one time.
pub(super) struct Judge<'a> {
    graph: &'a Graph<'a>,
    stores: &'a Stores,
    leaf: Result<&'a EndEntityCert<'a>, &'a Error>,
    algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
    now: i64,
}

impl<'a> Judge<'a> {
    /// `leaf` is the first node, as webpki reads it or refuses it. `now` is in seconds since 1970.
    pub fn new(
        graph: &'a Graph<'a>,
        stores: &'a Stores,
        leaf: &'a Result<EndEntityCert<'a>, Error>,
        algorithms: &'a [&'a dyn SignatureVerificationAlgorithm],
        now: i64,
    ) -> Self {
        Self { graph, stores, leaf: leaf.as_ref(), algorithms, now }
    }

    /// What is the matter with a way, apart from what single stores have against it.
    pub fn verdict(&self, way: &Way) -> Verdict {
        let nodes: Vec<&Node> =
            way.nodes.iter().filter_map(|node| self.graph.nodes.get(*node)).collect();
        let late = nodes.iter().enumerate();
        let late = late.filter_map(|(index, node)| late_by(&node.cert, index == 0, self.now));
        let late = late.collect();
        let lasting = match (way.end, nodes.as_slice()) {
            (End::Store, [leaf]) => self.alone(&leaf.cert),
            (End::Store, [leaf, between @ .., root]) => {
                let root = root.root.and_then(|root| self.stores.root(root));
                root.and_then(|root| self.refusal(&leaf.cert, between, root, &way.signed))
            }
            _ => None,
        };
        Verdict { lasting, late }
    }

    /// What one store has against a way to one of its roots; `None` if it trusts it.
    pub fn of_store(&self, way: &Way, verdict: &Verdict, store: &str) -> Option<PathFault> {
        if verdict.lasting.is_some() {
            return verdict.lasting.clone();
        }
        let leaf = self.graph.cert(0)?;
        let root = self.graph.cert(*way.nodes.last()?)?;
        // A certificate an operator named is trusted for what it is. Elsewhere roots issue.
        if way.nodes.len() == 1 && leaf.facts.is_ca && store != OPERATOR {
            return Some(PathFault::AuthorityAsLeaf);
        }
        let (id, subject) = (root.id(), &root.facts.subject);
        distrust::distrusted(id, subject, store, leaf.facts.not_before, self.now)
            .map(|distrust| PathFault::Distrusted {
                authority: distrust.authority.to_owned(),
                since: distrust.since,
                source: distrust.source.to_owned(),
            })
            .or_else(|| verdict.late.first().cloned().map(PathFault::OutOfDate))
    }

    /// A leaf that is a root itself: there is no path for webpki to build.
    fn alone(&self, leaf: &Parsed) -> Option<PathFault> {
        let (any, server) = ("2.5.29.37.0", "1.3.6.1.5.5.7.3.1");
        let usages = &leaf.facts.usages;
        let fits = usages.is_empty() || usages.iter().any(|usage| usage == any || usage == server);
        (!fits).then_some(PathFault::Usage)
    }

    /// Why webpki refuses a way at a time at which all of it is valid.
    fn refusal(
        &self,
        leaf: &Parsed,
        between: &[&Node],
        root: &Root,
        signed: &[Signed],
    ) -> Option<PathFault> {
        let all = || std::iter::once(leaf).chain(between.iter().map(|node| &*node.cert));
        if signed.contains(&Signed::No) {
            return Some(PathFault::Signature);
        }
        // Each step is the signature of the certificate below it.
        if let Some((cert, _)) = all().zip(signed).find(|(_, how)| **how == Signed::Unknown) {
            return Some(PathFault::Algorithm { algorithm: cert.facts.signature.clone() });
        }
        let leaf_cert = match self.leaf {
            Ok(cert) => cert,
            Err(error) => return Some(form(error)),
        };
        let begin = all().map(|cert| cert.facts.not_before).max().unwrap_or(i64::MIN);
        let end = all().map(|cert| cert.facts.not_after).min().unwrap_or(i64::MAX);
        // Now, if now is within the validity of all; else the middle of what they share. Where they
        // share nothing webpki can say no more than that, which is known already.
        let at = if (begin..=end).contains(&self.now) {
            self.now
        } else if begin <= end {
            begin.midpoint(end)
        } else {
            return None;
        };
        let between: Vec<&Parsed> = between.iter().map(|node| &*node.cert).collect();
        match self.ask(leaf_cert, &between, root, at) {
            Ok(()) => between
                .iter()
                .find(|cert| !signs_certificates(cert))
                .map(|cert| PathFault::NotAnAuthority { id: cert.id().to_owned() }),
            Err(error) => Some(self.fault(&error, &between)),
        }
    }

    /// Asks webpki about exactly this way: one root, these intermediates and no shorter way.
    fn ask(
        &self,
        leaf: &EndEntityCert<'_>,
        between: &[&Parsed],
        root: &Root,
        at: i64,
    ) -> Result<(), Error> {
        let ders: Vec<_> =
            between.iter().map(|cert| CertificateDer::from(cert.der.as_slice())).collect();
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(
            u64::try_from(at).unwrap_or_default(),
        ));
        let whole = |path: &webpki::VerifiedPath<'_>| {
            let whole = path.intermediate_certificates().count() == ders.len();
            whole.then_some(()).ok_or(Error::UnknownIssuer)
        };
        let usage = KeyUsage::server_auth();
        let anchors = std::slice::from_ref(&root.anchor);
        leaf.verify_for_usage(self.algorithms, anchors, &ders, at, usage, None, Some(&whole))
            .map(|_| ())
    }

    fn fault(&self, error: &Error, between: &[&Parsed]) -> PathFault {
        match error {
            Error::CaUsedAsEndEntity => PathFault::AuthorityAsLeaf,
            Error::EndEntityUsedAsCa => {
                let other = between.iter().find(|cert| !cert.facts.is_ca);
                PathFault::NotAnAuthority {
                    id: other.map(|cert| cert.id().to_owned()).unwrap_or_default(),
                }
            }
            Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => PathFault::Usage,
            Error::PathLenConstraintViolated => PathFault::PathLength,
            Error::NameConstraintViolation => PathFault::NameConstraints,
            Error::InvalidSignatureForPublicKey => PathFault::Signature,
            error => form(error),
        }
    }
}

/// A certificate that is out of date.
pub(super) fn late_by(cert: &Parsed, leaf: bool, now: i64) -> Option<OutOfDate> {
    let facts = &cert.facts;
    let early = now < facts.not_before;
    (early || now > facts.not_after).then(|| OutOfDate {
        id: cert.id().to_owned(),
        leaf,
        early,
        at: if early { facts.not_before } else { facts.not_after },
    })
}

/// An authority that names the uses of its key has to name this one (RFC 5280 section 4.2.1.3).
/// webpki does not look, other clients do.
fn signs_certificates(cert: &Parsed) -> bool {
    let usages = &cert.facts.key_usages;
    usages.is_empty() || usages.iter().any(|usage| usage == "keyCertSign")
}

/// A form webpki refuses, in words.
fn form(error: &Error) -> PathFault {
    let what = match error {
        Error::UnsupportedCertVersion => "it is not X.509 version 3".to_owned(),
        Error::UnsupportedCriticalExtension => {
            "it has a critical extension that clients do not know".to_owned()
        }
        Error::TrailingData(_) => "bytes follow where it should end".to_owned(),
        Error::SignatureAlgorithmMismatch => {
            "it names two different algorithms for its signature".to_owned()
        }
        Error::InvalidCertValidity => "its validity ends before it begins".to_owned(),
        Error::MaximumPathDepthExceeded => "more than six intermediates".to_owned(),
        Error::CertDistrusted => "a key that clients refuse by itself".to_owned(),
        error => format!("clients cannot read it: {error:?}"),
    };
    PathFault::Form { what }
}
