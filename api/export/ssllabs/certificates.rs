//! Certificates and chains, and what they show of themselves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use serde_json::Value;
use taraf_scanner::observe::{Chain, Endpoint, Observation, Sent, SniSent};
use taraf_scanner::pki::{self, CertFacts, KeyAlgorithm};
use taraf_scanner::target::Target;
use taraf_scanner::wire::Version;

use super::{Fields, suites};

/// The certificates of all addresses.
pub(super) struct Store<'a>(BTreeMap<&'a str, Stored<'a>>);

/// A certificate as bytes, and what stands in it if it can be read.
pub(super) struct Stored<'a> {
    base64: &'a str,
    der: Vec<u8>,
    facts: Option<CertFacts>,
}

/// A certificate as it is listed.
pub(super) struct Listed<'a> {
    id: &'a str,
    base64: &'a str,
    facts: &'a CertFacts,
    place: Place,
}

/// The place of a certificate in the chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The first of at least one chain.
    Leaf,
    /// Never the first.
    Above,
}

impl<'a> Store<'a> {
    /// Reads what the addresses sent.
    pub(super) fn read(observation: &'a Observation) -> Self {
        let all = observation.endpoints.iter().flat_map(|it| &it.certificates);
        let read = all.filter_map(|(id, base64)| {
            let der = pki::decode(base64)?;
            let facts = CertFacts::read(&der).ok();
            Some((id.as_str(), Stored { base64, der, facts }))
        });
        Self(read.collect())
    }

    /// What stands in a certificate, if it can be read.
    fn facts(&self, id: &str) -> Option<&CertFacts> {
        self.0.get(id)?.facts.as_ref()
    }

    /// What stands in the first certificate of a chain.
    pub(super) fn leaf(&self, chain: &Chain) -> Option<&CertFacts> {
        self.facts(chain.certificates.first()?)
    }

    /// Every certificate of the chains once, in the order of the chains, but for unreadable ones.
    pub(super) fn listed(&'a self, observation: &'a Observation) -> Vec<Listed<'a>> {
        let endpoints = observation.endpoints.iter();
        let chains: Vec<&[String]> = endpoints
            .flat_map(|endpoint| ranked(&observation.target, &endpoint.chains))
            .map(|(chain, _)| chain.certificates.as_slice())
            .collect();
        let leaves: HashSet<_> = chains.iter().filter_map(|chain| chain.first()).collect();
        let mut seen = HashSet::new();
        let ids = chains.iter().copied().flatten().filter(|id| seen.insert(*id));
        ids.filter_map(|id| {
            let Stored { base64, facts, .. } = self.0.get(id.as_str())?;
            let place = if leaves.contains(id) { Place::Leaf } else { Place::Above };
            Some(Listed { id, base64, facts: facts.as_ref()?, place })
        })
        .collect()
    }
}

/// The chains, the one that decides first: that for the name, with the newest version, seen first.
/// Those only seen without the name are marked and last. A target without a name has no such.
pub(super) fn ranked<'a>(target: &Target, chains: &'a [Chain]) -> Vec<(&'a Chain, bool)> {
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

/// One chain.
pub(super) fn chain(chain: &Chain, no_sni: bool, store: &Store<'_>) -> Value {
    let ders: Option<Vec<_>> = chain
        .certificates
        .iter()
        .map(|id| Some(store.0.get(id.as_str())?.der.as_slice()))
        .collect();
    let id = match ders {
        Some(ders) => pki::sha256_hex(ders),
        // The bytes of one are lost: its name has to do.
        None => pki::sha256_hex(chain.certificates.iter().map(String::as_bytes)),
    };
    let mut fields = Fields::default();
    fields.put("id", id);
    fields.list("certIds", chain.certificates.iter().map(|id| Value::from(id.as_str())));
    fields.list("trustPaths", []);
    fields.put("issues", chain_issues(chain, store));
    fields.put("noSni", no_sni);
    fields.end()
}

/// What a chain shows of itself: 4 unrelated or double certificates, 8 wrong order, 16 a root in
/// it. Names decide: a certificate belongs to the chain if the way from the leaf by issuers leads
/// to it, and is in its place if it issued an earlier one. Two that stand for the same issuer are
/// both in their place. What cannot be read does not count.
fn chain_issues(chain: &Chain, store: &Store<'_>) -> u32 {
    let mut seen = HashSet::new();
    let (once, twice): (Vec<_>, Vec<_>) =
        chain.certificates.iter().partition(|id| seen.insert(*id));
    let certs: Vec<_> = once.iter().filter_map(|id| store.facts(id)).collect();
    // Without the leaf, there is no way to follow.
    let Some(leaf) = store.leaf(chain) else { return 0 };

    let mut by_subject: HashMap<&str, Vec<&CertFacts>> = HashMap::new();
    for cert in &certs {
        by_subject.entry(&cert.subject).or_default().push(cert);
    }
    let mut related: HashSet<&str> = HashSet::from([leaf.sha256.as_str()]);
    let mut way = vec![leaf];
    while let Some(cert) = way.pop() {
        // Each name is followed once, so this ends whatever the names say.
        for issuer in by_subject.remove(cert.issuer.as_str()).unwrap_or_default() {
            if related.insert(&issuer.sha256) {
                way.push(issuer);
            }
        }
    }

    let mut issuers = HashSet::from([leaf.issuer.as_str()]);
    let mut misplaced = false;
    let above = certs.iter().skip(1).filter(|cert| related.contains(cert.sha256.as_str()));
    for cert in above {
        misplaced |= !issuers.contains(cert.subject.as_str());
        issuers.insert(&cert.issuer);
    }
    let unrelated = !twice.is_empty() || related.len() < certs.len();
    let root = certs.iter().skip(1).any(|cert| cert.self_issued);
    sum([(4, unrelated), (8, misplaced), (16, root)])
}

/// One certificate.
pub(super) fn cert(listed: &Listed<'_>, observation: &Observation) -> Value {
    let Listed { id, base64, facts, place } = *listed;
    // Only what comes by HTTP: certificates of closed networks also name files and directories.
    let http = |uris: &[String]| {
        let http = uris.iter().filter(|uri| uri.starts_with("http"));
        http.map(|uri| Value::from(uri.as_str())).collect::<Vec<_>>()
    };
    let (crl, ocsp) = (http(&facts.crl_uris), http(&facts.ocsp_uris));
    let uses = |usage: &str| u32::from(facts.usages.iter().any(|it| it == usage));
    let dns_names = facts.dns_names.iter().cloned();
    let names = dns_names.chain(facts.addresses.iter().map(IpAddr::to_string)).map(Value::from);

    let mut fields = Fields::default();
    let texts = [
        ("id", id),
        ("subject", &facts.subject),
        ("serialNumber", &facts.serial),
        ("issuerSubject", &facts.issuer),
        ("sigAlg", &facts.signature),
        ("sha1Hash", &facts.sha1),
        ("sha256Hash", &facts.sha256),
        ("pinSha256", &facts.pin),
        ("keyAlg", facts.key.algorithm.as_str()),
    ];
    for (key, text) in texts {
        fields.put(key, text);
    }
    fields.list("commonNames", facts.common_names.iter().map(|it| Value::from(it.as_str())));
    let names: Vec<_> = names.collect();
    if place == Place::Leaf || !names.is_empty() {
        fields.put("altNames", names);
    }
    fields.put("notBefore", facts.not_before.saturating_mul(1000));
    fields.put("notAfter", facts.not_after.saturating_mul(1000));
    fields.maybe("keySize", facts.key.bits);
    fields.maybe("keyStrength", facts.key.strength);
    fields.put("mustStaple", facts.must_staple);
    fields.put("sct", facts.embedded_scts);
    // Server Gated Cryptography, by the usages of Netscape and of Microsoft.
    fields.put("sgc", uses("2.16.840.1.113730.4.1") | uses("1.3.6.1.4.1.311.10.3.3") << 1);
    fields.put("revocationInfo", u32::from(!crl.is_empty()) | u32::from(!ocsp.is_empty()) << 1);
    // Nobody asked yet, and 0 says so.
    for key in ["revocationStatus", "crlRevocationStatus", "ocspRevocationStatus"] {
        fields.put(key, 0);
    }
    fields.maybe("crlURIs", (!crl.is_empty()).then_some(crl));
    fields.maybe("ocspURIs", (!ocsp.is_empty()).then_some(ocsp));
    // A root that was sent has none: nothing in it is relied on.
    let root = place == Place::Above && facts.self_issued;
    fields.maybe("issues", (!root).then(|| cert_issues(facts, place, observation)));
    fields.put("raw", pem(base64));
    fields.end()
}

/// What a certificate shows of itself, at the time of the scan: 2 not yet valid, 4 expired, 8 for
/// other names, 32 without names, 64 self-signed, 256 signature, 512 key.
fn cert_issues(facts: &CertFacts, place: Place, observation: &Observation) -> u32 {
    let now = i64::try_from(observation.started_ms / 1000).unwrap_or(i64::MAX);
    let target = &observation.target;
    let leaf = place == Place::Leaf;
    let other_name = leaf && !covers(facts, target.server_name().unwrap_or(&target.host));
    // Common names count for nothing, as in browsers: a certificate without others is for no host.
    let no_name = other_name && facts.dns_names.is_empty();
    let old_hash = ["MD2with", "MD4with", "MD5with", "SHA1with"];
    let found = [
        (2, now < facts.not_before),
        (4, now > facts.not_after),
        (8, other_name),
        (32, no_name),
        (64, leaf && facts.self_issued),
        (256, old_hash.iter().any(|hash| facts.signature.starts_with(hash))),
        (512, facts.key.strength.is_some_and(|strength| strength < 1024)),
    ];
    sum(found)
}

/// True if the certificate is for the host (RFC 9525 section 6.3): a star stands for exactly one
/// whole label, the first.
fn covers(facts: &CertFacts, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return facts.addresses.contains(&address);
    }
    let host = host.trim_end_matches('.');
    facts.dns_names.iter().any(|name| {
        let name = name.trim_end_matches('.');
        match (name.strip_prefix("*."), host.split_once('.')) {
            (Some(parent), Some((label, rest))) => {
                !label.is_empty() && rest.eq_ignore_ascii_case(parent)
            }
            (Some(_), None) => false,
            (None, _) => name.eq_ignore_ascii_case(host),
        }
    })
}

/// A certificate as text (RFC 7468).
fn pem(base64: &str) -> String {
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    for (at, c) in base64.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    pem + "\n-----END CERTIFICATE-----\n"
}

/// DROWN is certain with SSL 2.0 and an RSA key at this very address. To exclude it takes all other
/// servers with that key, so there is no false.
pub(super) fn drown(endpoint: &Endpoint, store: &Store<'_>) -> Option<bool> {
    let old = suites::list(endpoint, Version::SSL2).is_some_and(|it| !it.accepted.is_empty());
    let rsa =
        |chain: &Chain| store.leaf(chain).is_some_and(|it| it.key.algorithm == KeyAlgorithm::Rsa);
    (old && endpoint.chains.iter().any(rsa)).then_some(true)
}

/// The bits of what was found.
fn sum<const N: usize>(found: [(u32, bool); N]) -> u32 {
    found.iter().filter(|(_, found)| *found).map(|(bit, _)| bit).sum()
}
