//! The ways from a leaf up: by names and signatures, to a root of a store, to a root no store has,
//! or to where nobody knows the issuer.
//!
//! This is a search and no judgement. webpki searches as well, but it gives one reason for all ways
//! together, and an expired leaf hides that an intermediate is missing. So each way is found here
//! first, and then webpki is asked about that way alone, see [`super::verdict`].
//!
//! The certificates are a stranger's: every loop has a budget, and each signature is checked once.

use std::collections::HashMap;
use std::sync::Arc;

use super::checked::{Memory, Signed};
use super::parsed::Parsed;
use super::pool::Pool;
use super::store::Stores;
use crate::observe::CertSource;

/// The most certificates of those sent that take part. The longest real chains have ten.
const MOST_SENT: usize = 40;
/// The most certificates in a way, leaf and root counted. webpki takes six intermediates; a way a
/// little longer is still found, to be told from none.
const MOST_STEPS: usize = 10;
/// The most issuers of one certificate that are considered.
const MOST_ISSUERS: usize = 24;
/// The most signatures that are checked for one chain.
const MOST_SIGNATURES: usize = 200;
/// The most certificates the search enters for one chain.
const MOST_VISITS: usize = 2_000;
/// The most ways to roots that are listed, and the most that end elsewhere.
const MOST_WAYS: usize = 48;

/// A certificate of the search.
#[derive(Debug)]
pub(super) struct Node {
    pub cert: Arc<Parsed>,
    pub source: CertSource,
    /// Its index among the roots, if a store has it.
    pub root: Option<usize>,
}

/// A way from the leaf up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// Indices of nodes, leaf first.
    pub nodes: Vec<usize>,
    /// How sure each step is; one less than nodes.
    pub signed: Vec<Signed>,
    pub end: End,
}

/// Where a way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// At a root of a store.
    Store,
    /// At a certificate that signed itself, which no store has.
    OwnRoot,
    /// Below an issuer nobody has a certificate of.
    Nowhere,
}

/// What leads from a certificate to its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Climb {
    /// The name does, where no key fits.
    ByName,
    /// Only a signature does, or one that cannot be checked.
    BySignature,
}

/// All certificates at hand, and who issued whom.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    stores: &'a Stores,
    pool: &'a Pool,
    /// The leaf is the first, then come those sent, then others as they are met.
    pub nodes: Vec<Node>,
    /// For each certificate as sent: its node, if it can be read and takes part.
    pub sent: Vec<Result<usize, Aside>>,
    by_id: HashMap<String, usize>,
    issuers: HashMap<usize, Vec<(usize, Signed)>>,
    pub memory: Memory,
    checks: usize,
    visits: usize,
}

/// Why a certificate as sent is no node of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    Unreadable,
    /// The same was sent before.
    Duplicate,
    /// There were too many before it; whether it is an authority's.
    Beyond {
        ca: bool,
    },
}

impl<'a> Graph<'a> {
    /// Reads what was sent. The first certificate is the leaf; if that cannot be read, there is
    /// nothing to search from, see [`Graph::has_leaf`].
    pub fn new(sent: &[&[u8]], pool: &'a Pool, stores: &'a Stores) -> Self {
        let mut graph = Self {
            stores,
            pool,
            nodes: Vec::new(),
            sent: Vec::with_capacity(sent.len()),
            by_id: HashMap::new(),
            issuers: HashMap::new(),
            memory: Memory::default(),
            checks: MOST_SIGNATURES,
            visits: MOST_VISITS,
        };
        let mut seen = HashMap::new();
        for (index, der) in sent.iter().enumerate() {
            let place = if seen.insert(*der, index).is_some() {
                Err(Aside::Duplicate)
            } else {
                match Parsed::read(der) {
                    Err(_) => Err(Aside::Unreadable),
                    Ok(cert) if graph.nodes.len() >= MOST_SENT => {
                        Err(Aside::Beyond { ca: cert.facts.is_ca })
                    }
                    Ok(cert) => Ok(graph.node(&Arc::new(cert), CertSource::Sent)),
                }
            };
            graph.sent.push(place);
        }
        graph
    }

    /// Whether the first certificate sent can be read.
    pub fn has_leaf(&self) -> bool {
        self.sent.first() == Some(&Ok(0))
    }

    /// The certificate of a node. Nodes are handed out by the graph, so there always is one.
    pub fn cert(&self, node: usize) -> Option<&Arc<Parsed>> {
        self.nodes.get(node).map(|node| &node.cert)
    }

    /// Every certificate on the way up from the leaf, in the order met.
    pub fn reached(&mut self, climb: Climb) -> Vec<usize> {
        let mut reached = if self.has_leaf() { vec![0] } else { Vec::new() };
        let mut next = 0;
        while let Some(node) = reached.get(next).copied() {
            next += 1;
            if self.is_end(node) {
                continue;
            }
            for (issuer, how) in self.issuers(node) {
                if climb == Climb::BySignature && how == Signed::No {
                    continue;
                }
                if !reached.contains(&issuer) {
                    reached.push(issuer);
                }
            }
        }
        reached
    }

    /// All ways from the leaf, as far as the budget goes: to stores, and those that end elsewhere.
    pub fn ways(&mut self) -> (Vec<Way>, Vec<Way>) {
        let mut found = (Vec::new(), Vec::new());
        if self.has_leaf() {
            self.climb(&mut vec![0], &mut Vec::new(), &mut found);
        }
        found
    }

    fn climb(
        &mut self,
        nodes: &mut Vec<usize>,
        signed: &mut Vec<Signed>,
        found: &mut (Vec<Way>, Vec<Way>),
    ) {
        let Some(top) = nodes.last().copied() else { return };
        let Some(visits) = self.visits.checked_sub(1) else { return };
        self.visits = visits;
        let way = |end| Way { nodes: nodes.clone(), signed: signed.clone(), end };
        let (to_stores, others) = &mut *found;
        if self.nodes.get(top).is_some_and(|node| node.root.is_some()) {
            if to_stores.len() < MOST_WAYS {
                to_stores.push(way(End::Store));
            }
        } else if self.is_end(top) && others.len() < MOST_WAYS {
            others.push(way(End::OwnRoot));
        }
        if self.is_end(top) || nodes.len() >= MOST_STEPS || to_stores.len() >= MOST_WAYS {
            return;
        }
        let issuers = self.issuers(top);
        if issuers.is_empty() && others.len() < MOST_WAYS {
            others.push(way(End::Nowhere));
        }
        for (issuer, how) in issuers {
            if nodes.iter().any(|node| self.are_twins(*node, issuer)) {
                continue;
            }
            nodes.push(issuer);
            signed.push(how);
            self.climb(nodes, signed, found);
            nodes.pop();
            signed.pop();
        }
    }

    /// True where a way cannot go on: a certificate signed itself. A certificate of a store that
    /// did not, such as an intermediate the operator trusts, is a root and a step to others.
    pub fn is_end(&self, node: usize) -> bool {
        self.cert(node).is_some_and(|cert| {
            cert.facts.self_issued && self.memory.signed(cert, cert) != Signed::No
        })
    }

    /// Whether a node issued another, both sent.
    pub fn issued(&mut self, issuer: usize, node: usize) -> bool {
        let (Some(upper), Some(lower)) = (self.cert(issuer), self.cert(node)) else { return false };
        issuer != node
            && upper.subject() == lower.issuer()
            && !upper.is_twin_of(lower)
            && self.issuers(node).iter().any(|(found, _)| *found == issuer)
    }

    /// Who issued a certificate: those whose name and key fit. If none's key does, those whose
    /// name does, unless key identifiers say that another key is meant.
    pub fn issuers(&mut self, node: usize) -> Vec<(usize, Signed)> {
        if let Some(known) = self.issuers.get(&node) {
            return known.clone();
        }
        let mut found = self.candidates(node);
        let fits = |how: Signed| found.iter().any(|(_, other)| *other == how);
        let best = [Signed::Yes, Signed::Unknown, Signed::No].into_iter().find(|how| fits(*how));
        found.retain(|(_, how)| Some(*how) == best);
        self.issuers.insert(node, found.clone());
        found
    }

    fn candidates(&mut self, node: usize) -> Vec<(usize, Signed)> {
        let Some(cert) = self.cert(node).cloned() else { return Vec::new() };
        let name = cert.issuer();
        let mut named: Vec<_> =
            self.stores.named(name).map(|root| (root.clone(), CertSource::Store)).collect();
        let sent = self.nodes.iter().filter(|other| other.cert.subject() == name);
        named.extend(sent.map(|other| (other.cert.clone(), other.source)));
        self.pool.named(name, &mut named);
        let wanted = cert.facts.authority_key_id.as_ref();
        let other_key = |issuer: &Parsed| {
            let has = issuer.facts.subject_key_id.as_ref();
            wanted.zip(has).is_some_and(|(wanted, has)| wanted != has)
        };
        named.sort_by_key(|(issuer, _)| other_key(issuer));
        let mut found: Vec<(usize, Signed)> = Vec::new();
        for (issuer, source) in named.into_iter().take(MOST_ISSUERS) {
            if issuer.is_twin_of(&cert) {
                continue;
            }
            let Some(checks) = self.checks.checked_sub(1) else { break };
            let index = self.node(&issuer, source);
            if found.iter().any(|(known, _)| *known == index) {
                continue;
            }
            self.checks = checks;
            let how = self.memory.signed(&cert, &issuer);
            if how == Signed::Yes || !other_key(&issuer) {
                found.push((index, how));
            }
        }
        found
    }

    /// The node of a certificate.
    fn node(&mut self, cert: &Arc<Parsed>, source: CertSource) -> usize {
        if let Some(known) = self.by_id.get(cert.id()) {
            return *known;
        }
        let index = self.nodes.len();
        let root = self.stores.index(cert.id());
        self.by_id.insert(cert.id().to_owned(), index);
        self.nodes.push(Node { cert: cert.clone(), source, root });
        index
    }

    fn are_twins(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.cert(one), self.cert(other));
        one.zip(other).is_some_and(|(one, other)| one.is_twin_of(other))
    }
}
