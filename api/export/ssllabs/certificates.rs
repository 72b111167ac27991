//! Certificates and chains, and what they show of themselves.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use serde_json::Value;
use taraf_scanner::observe::{
    Caa, CaaRecord, Chain, ChainFacts, Completeness, Endpoint, Observation, Path, PathFault,
    Revocation, RevocationStatus, Role, Trust, Validation, ranked,
};
use taraf_scanner::pki::store::DECIDING as DECIDING_STORES;
use taraf_scanner::pki::{self, CertFacts, KeyAlgorithm, hostname};
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
    /// What the addresses sent, and what stands in the paths to the roots.
    pub(super) fn read(observation: &'a Observation) -> Self {
        let sent = observation.endpoints.iter().flat_map(|it| &it.certificates);
        let found = observation.pki.certificates.iter();
        let found = found.filter_map(|(id, it)| Some((id, it.der.as_ref()?)));
        let read = sent.chain(found).filter_map(|(id, base64)| {
            let der = pki::decode(base64)?;
            let facts = observation.pki.certificates.get(id).and_then(|it| it.facts.clone());
            let facts = facts.or_else(|| CertFacts::read(&der).ok());
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
        let facts = observation.endpoints.iter().flat_map(|it| &it.chains);
        let paths = facts.filter_map(|it| it.facts.as_ref()).flat_map(|it| &it.paths);
        let ids = chains.iter().copied().flatten();
        let ids = ids.chain(paths.flat_map(|path| &path.certificates));
        let ids = ids.filter(|id| seen.insert(*id));
        ids.filter_map(|id| {
            let Stored { base64, facts, .. } = self.0.get(id.as_str())?;
            let place = if leaves.contains(id) { Place::Leaf } else { Place::Above };
            Some(Listed { id, base64, facts: facts.as_ref()?, place })
        })
        .collect()
    }
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
    fields.list("trustPaths", chain.facts.iter().flat_map(trust_paths));
    fields.put("issues", chain.facts.as_ref().map_or(0, chain_issues));
    fields.put("noSni", no_sni);
    fields.end()
}

/// One entry for each path and store, as the service has it.
fn trust_paths(facts: &ChainFacts) -> Vec<Value> {
    let entry = |path: &Path, store: &str| {
        let mut trust = Fields::default();
        trust.put("rootStore", root_store(store));
        trust.put("isTrusted", path.fault.is_none());
        trust.maybe("trustErrorMessage", path.fault.as_ref().map(trust_error));
        let mut fields = Fields::default();
        fields.list("certIds", path.certificates.iter().map(|id| Value::from(id.as_str())));
        fields.list("trust", [trust.end()]);
        fields.end()
    };
    let each = facts.paths.iter();
    each.flat_map(|path| path.stores.iter().map(move |store| entry(path, store))).collect()
}

/// A store by a name like those of the service.
fn root_store(store: &str) -> String {
    let mut letters = store.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn trust_error(fault: &PathFault) -> String {
    match fault {
        PathFault::OutOfDate(late) => {
            format!("invalid certificate [Fingerprint SHA256: {}]", late.id)
        }
        PathFault::Distrusted { authority, .. } => format!("distrusted authority: {authority}"),
        _ => "unable to build a valid path".to_owned(),
    }
}

/// What a chain shows of itself: 2 incomplete, 4 unrelated or double certificates, 8 wrong order,
/// 16 a root in it.
fn chain_issues(facts: &ChainFacts) -> u32 {
    let roles = |wanted: &[Role]| facts.sent.iter().any(|placed| wanted.contains(&placed.role));
    let alone = facts.sent.len() == 1;
    let readable = facts.completeness != Completeness::Unreadable;
    sum([
        (2, matches!(facts.completeness, Completeness::Incomplete { .. })),
        // Beside a leaf that cannot be read nothing can be told to belong or not.
        (4, readable && roles(&[Role::Duplicate, Role::PreviousCa, Role::Unrelated])),
        (8, facts.sent.iter().any(|placed| !placed.in_place)),
        (16, !alone && roles(&[Role::Root])),
    ])
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
    let none = Revocation::default();
    let told = observation.pki.revocation.get(id).unwrap_or(&none);
    let by_crl = status(&told.crl, !crl.is_empty());
    let by_ocsp = status(&told.ocsp, !ocsp.is_empty());
    // One that says revoked decides, then one that says not, then what went wrong.
    let asked = told.crl != RevocationStatus::NotAsked || told.ocsp != RevocationStatus::NotAsked;
    let both = [1, 2, 3].into_iter().find(|it| asked && [by_crl, by_ocsp].contains(it));
    fields.put("revocationStatus", both.unwrap_or(if by_crl == by_ocsp { by_crl } else { 0 }));
    fields.put("crlRevocationStatus", by_crl);
    fields.put("ocspRevocationStatus", by_ocsp);
    if place == Place::Leaf {
        fields.maybe("dnsCaa", observation.dns.caa.known());
        fields.maybe("caaPolicy", observation.dns.caa.value().map(caa_policy));
    }
    fields.maybe("validationType", (facts.validation == Some(Validation::Extended)).then_some("E"));
    fields.maybe("keyKnownDebianInsecure", facts.key.debian);
    fields.maybe("crlURIs", (!crl.is_empty()).then_some(crl));
    fields.maybe("ocspURIs", (!ocsp.is_empty()).then_some(ocsp));
    // A root that was sent has none: nothing in it is relied on.
    let root = place == Place::Above && facts.self_issued;
    fields.maybe("issues", (!root).then(|| cert_issues(facts, place, observation)));
    fields.put("raw", pem(base64));
    fields.end()
}

/// What a certificate shows of itself, at the time of the scan: 1 no path, 2 not yet valid, 4
/// expired, 8 for other names, 16 revoked, 32 without names, 64 self-signed, 128 of an authority no
/// longer trusted, 256 signature, 512 key.
fn cert_issues(facts: &CertFacts, place: Place, observation: &Observation) -> u32 {
    let now = i64::try_from(observation.started_ms / 1000).unwrap_or(i64::MAX);
    let target = &observation.target;
    let leaf = place == Place::Leaf;
    let host = target.server_name().unwrap_or(&target.host);
    let names = hostname::matches(facts, host);
    let other_name = leaf && names.by.is_none();
    // A common name is no name to clients of today; the service has a bit of its own for that.
    let no_name = other_name && facts.dns_names.is_empty() && facts.addresses.is_empty();
    let other_name = other_name && !names.only_common_name;
    let old_hash = ["MD2with", "MD4with", "MD5with", "SHA1with"];
    // What the stores whose word counts say of the chains it leads.
    let chains = observation.endpoints.iter().flat_map(|endpoint| &endpoint.chains);
    let mine = chains.filter(|chain| leaf && chain.certificates.first() == Some(&facts.sha256));
    let trust: Vec<_> = mine.filter_map(|chain| chain.facts.as_ref()).map(|it| &it.trust).collect();
    let every = |such: fn(&PathFault) -> bool| {
        let counted = |trust: &&Vec<Trust>| {
            let deciding = |it: &&Trust| DECIDING_STORES.contains(&it.store.as_str());
            let mut faults = trust.iter().filter(deciding).map(|it| it.fault.as_ref()).peekable();
            faults.peek().is_some() && faults.all(|it| it.is_some_and(such))
        };
        trust.iter().any(counted)
    };
    let found = [
        (1, every(|fault| matches!(fault, PathFault::UnknownIssuer { .. }))),
        (2, now < facts.not_before),
        (4, now > facts.not_after),
        (8, other_name),
        (16, revoked(observation, &facts.sha256)),
        (32, no_name),
        (64, leaf && facts.self_issued),
        (128, every(|fault| matches!(fault, PathFault::Distrusted { .. }))),
        (256, old_hash.iter().any(|hash| facts.signature.starts_with(hash))),
        (512, facts.key.strength.is_some_and(|strength| strength < 1024)),
    ];
    sum(found)
}

/// True if any way of asking says so.
fn revoked(observation: &Observation, id: &str) -> bool {
    let told = observation.pki.revocation.get(id);
    let asked = told.map(|it| [&it.crl, &it.ocsp]).into_iter().flatten();
    let leads = |endpoint: &&Endpoint| {
        endpoint.chains.first().and_then(|it| it.certificates.first()).is_some_and(|it| it == id)
    };
    let staples = observation.endpoints.iter().filter(leads).filter_map(|it| it.staple.as_ref());
    let mut all = asked.chain(staples.map(|it| &it.status));
    all.any(|status| matches!(status, RevocationStatus::Revoked { .. }))
}

/// The number the service has for an answer: 0 not asked, 1 revoked, 2 not revoked, 3 error, 4 no
/// address to ask.
pub(super) fn status(status: &RevocationStatus, has_address: bool) -> u32 {
    match status {
        RevocationStatus::NotAsked if !has_address => 4,
        RevocationStatus::NotAsked => 0,
        RevocationStatus::Revoked { .. } => 1,
        RevocationStatus::NotRevoked { .. } => 2,
        RevocationStatus::Unknown { .. } => 3,
    }
}

/// The CAA records that count for the host (RFC 8659).
fn caa_policy(caa: &Caa) -> Value {
    let record = |it: &CaaRecord| {
        let mut fields = Fields::default();
        fields.put("tag", it.tag.as_str());
        fields.put("value", it.value.as_str());
        fields.put("flags", u32::from(it.critical) << 7);
        fields.end()
    };
    let mut fields = Fields::default();
    fields.put("policyHostname", caa.at.as_str());
    fields.list("caaRecords", caa.records.iter().map(record));
    fields.end()
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
