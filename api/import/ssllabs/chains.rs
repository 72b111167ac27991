//! Chains as sent, and what the document says they are worth.

use taraf_scanner::observe::{
    CertFacts, Chain, ChainFacts, Completeness, KeyAlgorithm, KeyType, Missing, NameMatch, OldHash,
    OutOfDate, PathFault, Placed, Protocol, Role, Sent, SniSent, Trust,
};
use taraf_scanner::pki::hostname;
use taraf_scanner::target::Target;
use taraf_scanner::wire::Version;

use super::certificates::{Held, STORE, old_chain};
use super::clients::only_without_name;
use super::document::{CertChain, Details};

/// Bits of what is the matter with a chain.
mod chain_issue {
    pub(super) const INCOMPLETE: i64 = 2;
    pub(super) const ORDER: i64 = 8;
}

/// Bits of what is the matter with a leaf. Revocation stands by itself, and what signatures and
/// keys are worth, 256 and 512, is for rules.
mod leaf_issue {
    pub(super) const NO_TRUST: i64 = 1;
    pub(super) const EARLY: i64 = 2;
    pub(super) const LATE: i64 = 4;
    pub(super) const NAME: i64 = 8;
    pub(super) const COMMON_NAME: i64 = 32;
    pub(super) const SELF_SIGNED: i64 = 64;
    pub(super) const DISTRUSTED: i64 = 128;
}

/// What the document says of one chain.
struct Told {
    ids: Vec<String>,
    /// Bits of the chain.
    issues: Option<i64>,
    /// Whether Mozilla's store trusts a path of it.
    trusted: Option<bool>,
    sni: SniSent,
}

/// Every chain, that of the name first; `now` is in seconds since 1970.
pub(super) fn chains(
    details: &Details,
    target: &Target,
    protocols: &[Protocol],
    held: &mut Held,
    now: i64,
) -> Result<Vec<Chain>, String> {
    let mut told = Vec::new();
    if let Some(certs) = old_chain(details) {
        let ids: Result<_, _> = certs.iter().map(|cert| held.take(cert)).collect();
        let issues = details.chain.as_ref().and_then(|it| it.issues);
        told.push(Told { ids: ids?, issues, trusted: None, sni: SniSent::Name });
    }
    for chain in details.cert_chains.iter().flatten() {
        let ids: Vec<_> = chain.cert_ids.iter().flatten().map(|id| held.id(id)).collect();
        let nameless = chain.no_sni == Some(true)
            || chain.id.as_deref().is_some_and(|id| only_without_name(details, id));
        // The first is always that for the name.
        let sni = if nameless && !told.is_empty() { SniSent::None } else { SniSent::Name };
        told.push(Told { ids, issues: chain.issues, trusted: trusted(chain), sni });
    }
    let spoken = protocols.iter().filter(|it| it.spoken.is_yes()).map(|it| it.version);
    let newest = spoken.max().unwrap_or(Version::TLS12);
    let chains = told.into_iter().enumerate().map(|(at, told)| {
        let leaf = told.ids.first().and_then(|id| held.facts(id));
        let key = leaf.map_or(KeyType::Any, key_type);
        // In place of the question that showed it stands the place in the document.
        let how = u32::try_from(at).unwrap_or(u32::MAX);
        Chain {
            sent: vec![Sent { sni: told.sni, version: newest, key, how }],
            facts: examined(&told, target, held, now),
            certificates: told.ids,
            serves: None,
        }
    });
    Ok(chains.collect())
}

/// Whether Mozilla's store trusts a path of a chain.
fn trusted(chain: &CertChain) -> Option<bool> {
    let paths = chain.trust_paths.iter().flatten().flat_map(|it| it.trust.iter().flatten());
    let said = paths.filter(|it| it.root_store.as_deref() == Some("Mozilla"));
    said.filter_map(|it| it.is_trusted).max()
}

fn key_type(leaf: &CertFacts) -> KeyType {
    match leaf.key.algorithm {
        KeyAlgorithm::Rsa => KeyType::Rsa,
        KeyAlgorithm::RsaPss => KeyType::RsaPss,
        KeyAlgorithm::Ec => KeyType::Ecdsa,
        KeyAlgorithm::Dsa => KeyType::Dss,
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => KeyType::Eddsa,
        KeyAlgorithm::Other(_) => KeyType::Any,
    }
}

/// What a chain is worth; `None` if the document has no word of its form or of its trust.
fn examined(told: &Told, target: &Target, held: &Held, now: i64) -> Option<ChainFacts> {
    let leaf = told.ids.first()?;
    let chain_issues = told.issues?;
    let issues = held.issues(leaf);
    if issues.is_none() && told.trusted.is_none() {
        return None;
    }
    let out_of_date = out_of_date(told, issues, held, now);
    let fault = fault(leaf, told, issues, &out_of_date, held);
    let sent = placed(told, chain_issues, held);
    let completeness = if chain_issues & chain_issue::INCOMPLETE != 0 {
        Completeness::Incomplete { missing: Vec::new() }
    } else {
        match &fault {
            Some(PathFault::SelfSigned) => Completeness::OwnRoot,
            Some(PathFault::UnknownIssuer { issuer }) => {
                let (id, source, uris) = (None, None, Vec::new());
                let missing = Missing { subject: issuer.clone(), id, source, uris };
                Completeness::NoPath { missing, tried: None }
            }
            _ => Completeness::Complete,
        }
    };
    Some(ChainFacts {
        sent,
        should_be: Vec::new(),
        completeness,
        paths: Vec::new(),
        trust: vec![Trust { store: STORE.to_owned(), fault }],
        name: name(leaf, issues, target, held),
        out_of_date,
        old_hashes: old_hashes(told, held),
        tlsa: Vec::new(),
    })
}

/// Why the chain is not trusted, apart from its name.
fn fault(
    leaf: &str,
    told: &Told,
    issues: Option<i64>,
    out_of_date: &[OutOfDate],
    held: &Held,
) -> Option<PathFault> {
    // The last issuer on the way, as far as it was sent.
    let last = told.ids.iter().rev().find_map(|id| held.facts(id));
    let issuer = || last.map(|it| it.issuer.clone()).unwrap_or_default();
    let Some(issues) = issues else {
        // Without a list of issues, the paths decide.
        let trusted = told.trusted == Some(true);
        return (!trusted).then(|| PathFault::UnknownIssuer { issuer: issuer() });
    };
    let has = |bit: i64| issues & bit != 0;
    if has(leaf_issue::SELF_SIGNED) {
        return Some(PathFault::SelfSigned);
    }
    if let Some(out) = out_of_date.iter().find(|it| it.id == leaf)
        && has(leaf_issue::EARLY | leaf_issue::LATE)
    {
        return Some(PathFault::OutOfDate(out.clone()));
    }
    if has(leaf_issue::DISTRUSTED) {
        let source = "the list of SSL Labs".to_owned();
        return Some(PathFault::Distrusted { authority: issuer(), since: 0, source });
    }
    if has(leaf_issue::COMMON_NAME) {
        let what = "its common name is of a form that clients refuse".to_owned();
        return Some(PathFault::Form { what });
    }
    // Some leaves have no issue at all, and yet no path is trusted.
    let silent = issues == 0 && told.trusted == Some(false);
    (has(leaf_issue::NO_TRUST) || silent).then(|| PathFault::UnknownIssuer { issuer: issuer() })
}

/// What is too early or too late: the leaf as the document says, the others by their dates.
fn out_of_date(told: &Told, issues: Option<i64>, held: &Held, now: i64) -> Vec<OutOfDate> {
    let mut found: Vec<OutOfDate> = Vec::new();
    for (at, id) in told.ids.iter().enumerate() {
        let dates = held.facts(id).map(|it| (it.not_before, it.not_after));
        let leaf = at == 0;
        let (early, late) = match (issues.filter(|_| leaf), dates) {
            (Some(bits), _) => (bits & leaf_issue::EARLY != 0, bits & leaf_issue::LATE != 0),
            (None, Some((begin, end))) => (now < begin, now > end),
            (None, None) => (false, false),
        };
        if (early || late) && !found.iter().any(|it| it.id == *id) {
            let (begin, end) = dates.unwrap_or((now, now));
            let at = if early { begin } else { end };
            found.push(OutOfDate { id: id.clone(), leaf, early, at });
        }
    }
    found
}

/// The host against the leaf, as the document says. Where it does not, the leaf's names decide, and
/// a leaf that is not in the document is taken to fit: its mismatch would be told.
fn name(leaf: &str, issues: Option<i64>, target: &Target, held: &Held) -> NameMatch {
    let host = target.server_name().unwrap_or(&target.host).to_owned();
    let found = held.facts(leaf).map(|facts| hostname::matches(facts, &host));
    let by = |found: Option<&NameMatch>| {
        found.and_then(|it| it.by.clone()).or_else(|| Some(host.clone()))
    };
    match (issues.map(|bits| bits & leaf_issue::NAME != 0), found) {
        (Some(true), found) => NameMatch { by: None, host, ..found.unwrap_or_default() },
        // A match by the common name was one at the time.
        (Some(false), found) => NameMatch { by: by(found.as_ref()), host, ..NameMatch::default() },
        (None, Some(found)) => found,
        (None, None) => NameMatch { by: by(None), host, ..NameMatch::default() },
    }
}

/// What was sent below a root and signed over a hash nobody should use. Not by the best path: SSL
/// Labs looks at what was sent.
fn old_hashes(told: &Told, held: &Held) -> Vec<OldHash> {
    let mut found: Vec<OldHash> = Vec::new();
    for (at, id) in told.ids.iter().enumerate() {
        let Some(facts) = held.facts(id).filter(|it| !it.self_issued) else { continue };
        let hash = facts.signature.split_once("with").map(|(hash, _)| hash);
        let old = hash.filter(|hash| ["MD2", "MD4", "MD5", "SHA1"].contains(hash));
        if let Some(hash) = old
            && !found.iter().any(|it| it.id == *id)
        {
            found.push(OldHash { id: id.clone(), leaf: at == 0, hash: hash.to_owned() });
        }
    }
    found
}

/// Each certificate in its place.
fn placed(told: &Told, issues: i64, held: &Held) -> Vec<Placed> {
    let facts: Vec<_> = told.ids.iter().map(|id| held.facts(id)).collect();
    let issued = |subject: &str, ones: &[Option<&CertFacts>]| {
        ones.iter().flatten().any(|it| !it.self_issued && it.issuer == subject)
    };
    let mut placed: Vec<Placed> = Vec::new();
    for (at, (id, own)) in told.ids.iter().zip(&facts).enumerate() {
        let role = match own {
            _ if at == 0 => Role::Leaf,
            _ if placed.iter().any(|it| it.id == *id) => Role::Duplicate,
            // What the document does not show is taken for what it mostly is.
            None => Role::Intermediate,
            Some(own) if issued(&own.subject, &facts) => {
                if own.self_issued {
                    Role::Root
                } else {
                    Role::Intermediate
                }
            }
            Some(own) if own.is_ca => Role::PreviousCa,
            Some(_) => Role::Unrelated,
        };
        let wrong = issues & chain_issue::ORDER != 0;
        let follows = own.is_none_or(|own| issued(&own.subject, facts.get(..at).unwrap_or(&[])));
        let in_place = at == 0 || !wrong || follows;
        placed.push(Placed { id: id.clone(), role, in_place });
    }
    placed
}
