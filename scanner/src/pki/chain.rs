//! What a chain is worth: whether it is complete, trusted, in date and for the host.
//!
//! One defect hides another from clients, so each is looked for by itself: an expired leaf without
//! its intermediate is both. The ways up come from `path`, what is the matter with each from
//! webpki by `verdict`; here they are put into facts.

use std::cmp::Reverse;
use std::collections::HashSet;

use pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::EndEntityCert;

use super::checked::Signed;
use super::path::{Aside, Climb, End, Graph, Node, Way};
use super::store::Stores;
use super::verdict::{Judge, Verdict, late_by};
use super::{dane, hostname};
use crate::observe::{
    CertSource, ChainFacts, Completeness, Missing, NameMatch, OldHash, OutOfDate, Path, PathFault,
    Placed, Role, Step, Tlsa, Trust,
};

pub use super::pool::Pool;

/// The most issuers asked for at once, and the most addresses for each.
const MOST_WANTED: usize = 8;
const MOST_URIS: usize = 4;

/// What to ask about a chain.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The certificates in DER as sent, the leaf first.
    pub sent: &'a [&'a [u8]],
    /// Certificates that were not sent.
    pub pool: &'a Pool,
    /// Whom to trust.
    pub stores: &'a Stores,
    /// The server name looked for, or the address.
    pub host: &'a str,
    /// The time of the scan, in seconds since 1970.
    pub now: i64,
    /// The TLSA records of the host.
    pub tlsa: &'a [Tlsa],
}

/// An issuer nobody has a certificate of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its subject.
    pub subject: String,
    /// Where to get it by plain HTTP, by the certificates it issued; at most four.
    pub uris: Vec<String>,
}

/// The issuers nobody has on the way up from the leaf, the nearest first and at most eight; empty
/// if a root of a deciding store is reached with what is at hand, or the leaf cannot be read. Who fetches
/// them adds them to the pool and asks again, so far as it cares to climb.
#[must_use]
pub fn wanted(sent: &[&[u8]], pool: &Pool, stores: &Stores) -> Vec<Wanted> {
    let mut graph = Graph::new(sent, pool, stores);
    let (to_stores, _) = graph.ways();
    // A way to a root that only the system has is no reason not to look for a better one.
    let decides = |way: &Way| {
        let root = way.nodes.last().and_then(|node| graph.nodes.get(*node)?.root);
        let root = root.and_then(|root| stores.root(root));
        root.is_some_and(|root| root.stores.iter().any(|store| stores.decides(*store)))
    };
    if to_stores.iter().any(|way| !way.signed.contains(&Signed::No) && decides(way)) {
        return Vec::new();
    }
    let mut wanted: Vec<Wanted> = Vec::new();
    // A certificate of the right name and the wrong key is no issuer: the right one is still to be
    // had, and what is above the wrong one does not matter.
    for node in graph.reached(Climb::BySignature) {
        let has_issuer = graph.issuers(node).iter().any(|(_, how)| *how != Signed::No);
        let Some(cert) = graph.cert(node).filter(|_| !has_issuer && !graph.is_end(node)) else {
            continue;
        };
        let subject = &cert.facts.issuer;
        let index = wanted.iter().position(|known| known.subject == *subject);
        let index = index.unwrap_or_else(|| {
            wanted.push(Wanted { subject: subject.clone(), uris: Vec::new() });
            wanted.len().saturating_sub(1)
        });
        let Some(known) = wanted.get_mut(index) else { continue };
        for uri in cert.issuer_addresses() {
            if known.uris.len() < MOST_URIS && !known.uris.contains(uri) {
                known.uris.push(uri.clone());
            }
        }
    }
    wanted.truncate(MOST_WANTED);
    wanted
}

/// The facts of a chain.
#[must_use]
pub fn examine(q: &Question<'_>) -> ChainFacts {
    let mut graph = Graph::new(q.sent, q.pool, q.stores);
    let (to_stores, others) = graph.ways();
    let reached = graph.reached(Climb::ByName);
    let sent = placed(&mut graph, q.sent, &reached);
    let graph = graph;
    let Some(leaf) = graph.cert(0).filter(|_| graph.has_leaf()) else {
        return unreadable(q, sent);
    };

    let der = CertificateDer::from(leaf.der.as_slice());
    let entity = EndEntityCert::try_from(&der);
    let algorithms = graph.memory.algorithms();
    let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
        algorithms.iter().map(|one| one as &dyn SignatureVerificationAlgorithm).collect();
    let judge = Judge::new(&graph, q.stores, &entity, &algorithms, q.now);
    let mut held: Vec<Held> =
        to_stores.into_iter().map(|way| Held::new(way, &graph, &judge, q.stores)).collect();
    held.sort_by_key(Held::rank);

    let best = held.first().map(|held| &held.way).or_else(|| own_root(&graph, &others));
    let late_and_old = match best {
        Some(way) => (late(&graph, &way.nodes, q.now), old(&graph, below_root(way))),
        None => {
            // No way leads anywhere: what was sent and belongs to the chain.
            let sent: Vec<_> = reached.into_iter().filter(|node| is_sent(&graph, *node)).collect();
            (late(&graph, &sent, q.now), old(&graph, &sent))
        }
    };
    ChainFacts {
        sent,
        should_be: best.map(|way| should_be(&graph, way)).unwrap_or_default(),
        completeness: completeness(&graph, &held, best, &others),
        trust: trust(&graph, q.stores, &held, best, &others),
        name: hostname::matches(&leaf.facts, q.host),
        out_of_date: late_and_old.0,
        old_hashes: late_and_old.1,
        tlsa: dane::matches(q.tlsa, &graph, held.iter().map(|held| &held.way)),
        paths: paths(&graph, q.stores, held),
    }
}

/// Nothing can be said of a chain without a leaf.
fn unreadable(q: &Question<'_>, sent: Vec<Placed>) -> ChainFacts {
    let what = if sent.is_empty() { "no certificate was sent" } else { "the leaf cannot be read" };
    let fault = |store: &str| Trust {
        store: store.to_owned(),
        fault: Some(PathFault::Form { what: what.to_owned() }),
    };
    ChainFacts {
        sent,
        should_be: Vec::new(),
        completeness: Completeness::Unreadable,
        paths: Vec::new(),
        trust: q.stores.names().map(fault).collect(),
        name: NameMatch { host: q.host.to_owned(), ..NameMatch::default() },
        out_of_date: Vec::new(),
        old_hashes: Vec::new(),
        tlsa: dane::unknown(q.tlsa),
    }
}

/// A way to a root of stores, and what is the matter with it.
struct Held {
    way: Way,
    verdict: Verdict,
    /// Each store that has the root, by index, and what it has against the way.
    stores: Vec<(usize, Option<PathFault>)>,
    /// How many of the deciding stores trust it.
    decided: usize,
    /// How many certificates below the root were not sent.
    unsent: usize,
}

impl Held {
    fn new(way: Way, graph: &Graph<'_>, judge: &Judge<'_>, stores: &Stores) -> Self {
        let verdict = judge.verdict(&way);
        let root = way.nodes.last().and_then(|node| graph.nodes.get(*node)?.root);
        let of = |(index, name): (usize, &str)| {
            root.and_then(|root| stores.root(root))
                .is_some_and(|root| root.stores.contains(&index))
                .then(|| (index, judge.of_store(&way, &verdict, name)))
        };
        let held: Vec<_> = stores.names().enumerate().filter_map(of).collect();
        let trusts =
            |(index, fault): &&(usize, _)| stores.decides(*index) && Option::is_none(fault);
        let decided = held.iter().filter(trusts).count();
        let unsent = below_root(&way).iter().filter(|node| !is_sent(graph, **node)).count();
        Self { way, verdict, stores: held, decided, unsent }
    }

    fn trusted_by(&self) -> usize {
        self.stores.iter().filter(|(_, fault)| fault.is_none()).count()
    }

    /// How wrong it is: nothing is less than a time that is over, and that is less than what no
    /// time mends. A way that no deciding store trusts is not as right as one that some does:
    /// clients without that root have no use for it.
    fn defects(&self) -> (bool, usize, bool, bool) {
        let (lasting, late) = (self.verdict.lasting.is_some(), self.verdict.late.len());
        (lasting, late, self.decided == 0, self.trusted_by() == 0)
    }

    /// The best comes first.
    fn rank(&self) -> impl Ord + use<> {
        let trusted = (Reverse(self.decided), Reverse(self.trusted_by()));
        let stores = (trusted, Reverse(self.stores.len()));
        (self.defects(), stores, self.unsent, self.way.nodes.len())
    }

    fn fault(&self) -> Option<PathFault> {
        let trusted = self.stores.iter().any(|(_, fault)| fault.is_none());
        self.stores.iter().find_map(|(_, fault)| fault.clone()).filter(|_| !trusted)
    }
}

fn is_sent(graph: &Graph<'_>, node: usize) -> bool {
    graph.nodes.get(node).is_some_and(|node| node.source == CertSource::Sent)
}

/// The certificates of a way below its root; all, if it leads nowhere. A leaf that is a root has
/// nothing below it.
fn below_root(way: &Way) -> &[usize] {
    match (way.end, way.nodes.split_last()) {
        (End::Store | End::OwnRoot, Some((_, below))) => below,
        _ => &way.nodes,
    }
}

/// What each certificate as sent is to the chain.
fn placed(graph: &mut Graph<'_>, sent: &[&[u8]], reached: &[usize]) -> Vec<Placed> {
    let places = graph.sent.clone();
    let mut placed = Vec::with_capacity(sent.len());
    for (index, (place, der)) in places.iter().zip(sent).enumerate() {
        let aside = |role| Placed { id: super::sha256_hex([*der]), role, in_place: true };
        let node = match place {
            Ok(node) => *node,
            Err(Aside::Unreadable) => {
                placed.push(aside(Role::Unreadable));
                continue;
            }
            Err(Aside::Duplicate) => {
                placed.push(aside(Role::Duplicate));
                continue;
            }
            Err(Aside::Beyond { ca }) => {
                placed.push(aside(if *ca { Role::PreviousCa } else { Role::Unrelated }));
                continue;
            }
        };
        let Some(facts) = graph.cert(node).map(|cert| &cert.facts) else { continue };
        let role = if index == 0 {
            Role::Leaf
        } else if !reached.contains(&node) {
            if facts.is_ca { Role::PreviousCa } else { Role::Unrelated }
        } else if graph.is_end(node) {
            Role::Root
        } else {
            Role::Intermediate
        };
        let id = facts.sha256.clone();
        // What an intermediate of this chain issued besides may be sent anywhere.
        let aside = index == 0 || !reached.contains(&node);
        let later = places.iter().skip(index.saturating_add(1)).flatten();
        let mut later = later.filter(|lower| aside || reached.contains(lower));
        let in_place = !later.any(|lower| graph.issued(node, *lower));
        placed.push(Placed { id, role, in_place });
    }
    placed
}

/// The way to a root no store has, with the fewest certificates that were not sent.
fn own_root<'w>(graph: &Graph<'_>, others: &'w [Way]) -> Option<&'w Way> {
    others.iter().filter(|way| way.end == End::OwnRoot).min_by_key(|way| {
        let unsent = below_root(way).iter().filter(|node| !is_sent(graph, **node)).count();
        (unsent, way.nodes.len())
    })
}

/// The farthest of those ways that lead nowhere.
fn farthest(others: &[Way]) -> Option<&Way> {
    let nowhere = others.iter().filter(|way| way.end == End::Nowhere);
    nowhere.max_by_key(|way| (way.nodes.len(), Reverse(way.nodes.clone())))
}

fn should_be(graph: &Graph<'_>, way: &Way) -> Vec<Step> {
    let step = |node: &Node| Step {
        id: node.cert.id().to_owned(),
        subject: node.cert.facts.subject.clone(),
        source: node.source,
    };
    // A leaf that is its own root still has to be sent.
    let nodes = if way.nodes.len() == 1 { way.nodes.as_slice() } else { below_root(way) };
    nodes.iter().filter_map(|node| graph.nodes.get(*node).map(step)).collect()
}

/// Whether what was sent is enough. Only ways as right as the best count: a way by an expired
/// intermediate that was sent is not enough if another way is in date.
fn completeness(
    graph: &Graph<'_>,
    held: &[Held],
    best: Option<&Way>,
    others: &[Way],
) -> Completeness {
    let defects = held.first().map(Held::defects);
    let as_right = held.iter().filter(|held| Some(held.defects()) == defects);
    if as_right.clone().any(|held| held.unsent == 0) {
        return Completeness::Complete;
    }
    if let Some(way) = best {
        let missing = missing(graph, way);
        return if missing.is_empty() {
            Completeness::OwnRoot
        } else {
            Completeness::Incomplete { missing }
        };
    }
    let top = farthest(others).and_then(|way| graph.cert(*way.nodes.last()?));
    let missing = top.map(|top| Missing {
        subject: top.facts.issuer.clone(),
        id: None,
        source: None,
        uris: top.issuer_addresses().take(MOST_URIS).cloned().collect(),
    });
    let nobody = Missing { subject: String::new(), id: None, source: None, uris: Vec::new() };
    Completeness::NoPath { missing: missing.unwrap_or(nobody), tried: None }
}

/// The certificates of a way that were not sent, in order.
fn missing(graph: &Graph<'_>, way: &Way) -> Vec<Missing> {
    let pairs = way.nodes.iter().zip(below_root(way).iter().skip(1));
    let missing =
        pairs.filter(|(_, upper)| !is_sent(graph, **upper)).filter_map(|(lower, upper)| {
            let (lower, upper) = (graph.cert(*lower)?, graph.nodes.get(*upper)?);
            Some(Missing {
                subject: upper.cert.facts.subject.clone(),
                id: Some(upper.cert.id().to_owned()),
                source: Some(upper.source),
                uris: lower.issuer_addresses().take(MOST_URIS).cloned().collect(),
            })
        });
    missing.collect()
}

/// Those that hold first, then short ones, then the better.
fn paths(graph: &Graph<'_>, stores: &Stores, mut held: Vec<Held>) -> Vec<Path> {
    held.sort_by_key(|held| (held.trusted_by() == 0, held.way.nodes.len()));
    let names: Vec<&str> = stores.names().collect();
    let path = |held: Held| Path {
        certificates: held
            .way
            .nodes
            .iter()
            .filter_map(|node| graph.cert(*node).map(|cert| cert.id().to_owned()))
            .collect(),
        stores: held
            .stores
            .iter()
            .filter_map(|(index, _)| names.get(*index).map(|&name| name.to_owned()))
            .collect(),
        sent: held.unsent == 0,
        fault: held.fault(),
    };
    held.into_iter().map(path).collect()
}

/// What each store says: it trusts the chain if it trusts one way. Else it has against it what it
/// has against the best of its ways.
fn trust(
    graph: &Graph<'_>,
    stores: &Stores,
    held: &[Held],
    best: Option<&Way>,
    others: &[Way],
) -> Vec<Trust> {
    let unknown = || {
        let way = best.or_else(|| farthest(others));
        match way.and_then(|way| graph.cert(*way.nodes.last()?)) {
            Some(_) if way.is_some_and(|way| way.nodes.len() == 1) && graph.is_end(0) => {
                PathFault::SelfSigned
            }
            top => PathFault::UnknownIssuer {
                issuer: top.map(|top| top.facts.issuer.clone()).unwrap_or_default(),
            },
        }
    };
    let one = |(index, name): (usize, &str)| {
        let of = |held: &&Held| {
            held.stores.iter().find(|(store, _)| *store == index).map(|(_, fault)| fault.clone())
        };
        let mut said = held.iter().filter_map(|held| of(&held));
        let first = said.next();
        let trusted = first == Some(None) || said.any(|fault| fault.is_none());
        let fault = if trusted { None } else { first.unwrap_or_else(|| Some(unknown())) };
        Trust { store: name.to_owned(), fault }
    };
    stores.names().enumerate().map(one).collect()
}

/// Those of the certificates that are out of date.
fn late(graph: &Graph<'_>, nodes: &[usize], now: i64) -> Vec<OutOfDate> {
    nodes.iter().filter_map(|node| late_by(graph.cert(*node)?, *node == 0, now)).collect()
}

/// Those of the certificates that were sent and rest on an old hash. What a certificate says of
/// itself proves nothing, so the hash of a self-signed one does not matter.
fn old(graph: &Graph<'_>, nodes: &[usize]) -> Vec<OldHash> {
    let mut seen = HashSet::new();
    let hash = |node: &usize| {
        if !is_sent(graph, *node) || graph.is_end(*node) || !seen.insert(*node) {
            return None;
        }
        let cert = graph.cert(*node)?;
        let (hash, _) = cert.facts.signature.split_once("with")?;
        ["MD2", "MD4", "MD5", "SHA1"].contains(&hash).then(|| OldHash {
            id: cert.id().to_owned(),
            leaf: *node == 0,
            hash: hash.to_owned(),
        })
    };
    nodes.iter().filter_map(hash).collect()
}
