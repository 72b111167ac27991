//! Certificates: from their bytes where the document has them, else from what it says of them; and
//! what it says of their revocation.

use std::collections::{BTreeMap, BTreeSet};

use taraf_scanner::observe::{
    CertFacts, CertSource, Certificate, Endpoint, KeyAlgorithm, KeyFacts, Pki, Revocation,
    RevocationStatus, Store, Validation,
};
use taraf_scanner::pki::{self, validity};

use super::document::{Cert, Details};

/// The store that stands for those SSL Labs asks.
pub(super) const STORE: &str = "mozilla";

/// The bit of an issue: the certificate is revoked.
const REVOKED: i64 = 16;

/// The certificates of a document.
pub(super) struct Held {
    /// What the observation keeps of them.
    pki: Pki,
    /// DER in base64, by id.
    pub(super) ders: BTreeMap<String, String>,
    /// What is the matter with a leaf, in bits, by id.
    issues: BTreeMap<String, i64>,
    /// Our ids by those of the document.
    ids: BTreeMap<String, String>,
}

impl Default for Held {
    fn default() -> Self {
        let dated = "as SSL Labs had it at the time".to_owned();
        let store = Store { name: STORE.to_owned(), dated, roots: 0 };
        Self {
            pki: Pki { stores: vec![store], ..Pki::default() },
            ders: BTreeMap::new(),
            issues: BTreeMap::new(),
            ids: BTreeMap::new(),
        }
    }
}

impl Held {
    /// Takes a certificate in and gives its id: SHA-256 where it is known, else what the document
    /// has in its place.
    pub(super) fn take(&mut self, cert: &Cert) -> Result<String, String> {
        let (der, base64) = cert.raw.as_deref().map(der).transpose()?.unzip();
        let read = der.as_deref().map(CertFacts::read);
        let hash = der.as_deref().map(|der| pki::sha256_hex([der]));
        let given = [&cert.sha256_hash, &cert.id, &cert.sha1_hash].into_iter().flatten().next();
        let id = hash.or_else(|| given.cloned()).unwrap_or_else(|| made_up(cert));
        for other in [&cert.id, &cert.sha256_hash].into_iter().flatten() {
            self.ids.insert(other.clone(), id.clone());
        }
        let (facts, error) = match read {
            Some(Ok(facts)) => (Some(facts), None),
            Some(Err(error)) => (described(cert, &id), Some(error)),
            None => (described(cert, &id), None),
        };
        let facts = facts.map(|mut facts| {
            facts.key.debian = facts.key.debian.or(cert.key_known_debian_insecure);
            facts.key.strength = facts.key.strength.or(cert.key_strength);
            facts
        });
        if let Some(base64) = base64 {
            self.ders.insert(id.clone(), base64);
        }
        // Where it stands twice, the description that says more is kept.
        if facts.is_some() || !self.pki.certificates.contains_key(&id) {
            let sent = Certificate { source: CertSource::Sent, der: None, facts, error };
            self.pki.certificates.insert(id.clone(), sent);
        }
        if let Some(issues) = cert.issues {
            self.issues.insert(id.clone(), issues);
        }
        let mut revocation = Revocation {
            crl: status(cert.crl_revocation_status),
            ocsp: status(cert.ocsp_revocation_status),
        };
        let told = [&revocation.crl, &revocation.ocsp];
        let told = told.into_iter().any(|it| matches!(it, RevocationStatus::Revoked { .. }));
        if cert.issues.is_some_and(|issues| issues & REVOKED != 0) && !told {
            revocation.crl = RevocationStatus::Revoked { at: 0, reason: None };
        }
        self.pki.revocation.insert(id.clone(), revocation);
        Ok(id)
    }

    /// What is left: the observation's part. Those of no chain were not sent, they belong to paths
    /// and bring their bytes along.
    pub(super) fn kept(mut self, endpoints: &[Endpoint]) -> Pki {
        let chains = endpoints.iter().flat_map(|it| &it.chains);
        let sent: BTreeSet<&String> = chains.flat_map(|it| &it.certificates).collect();
        for (id, certificate) in &mut self.pki.certificates {
            if !sent.contains(id) {
                let root = certificate.facts.as_ref().is_some_and(|it| it.self_issued);
                certificate.source = if root { CertSource::Store } else { CertSource::Known };
                certificate.der = self.ders.remove(id);
            }
        }
        self.pki
    }

    /// The id of a certificate by that of the document.
    pub(super) fn id(&self, of: &str) -> String {
        self.ids.get(of).cloned().unwrap_or_else(|| of.to_owned())
    }

    /// What stands in a certificate, if the document has it.
    pub(super) fn facts(&self, id: &str) -> Option<&CertFacts> {
        self.pki.certificates.get(id)?.facts.as_ref()
    }

    /// What is the matter with a leaf, in bits.
    pub(super) fn issues(&self, id: &str) -> Option<i64> {
        self.issues.get(id).copied()
    }
}

/// The chain of version 2, its certificates made like those of version 3: the leaf is described
/// beside the chain, its key apart from both. The issues in the chain are of another kind.
pub(super) fn old_chain(details: &Details) -> Option<Vec<Cert>> {
    let chain = details.chain.as_ref().and_then(|it| it.certs.as_deref());
    if chain.is_none() && details.cert.is_none() {
        return None;
    }
    let mut certs: Vec<Cert> =
        chain.unwrap_or_default().iter().map(|it| Cert { issues: None, ..it.clone() }).collect();
    if certs.is_empty() {
        certs.push(Cert::default());
    }
    if let (Some(leaf), Some(cert)) = (certs.first_mut(), &details.cert) {
        let key = details.key.clone().unwrap_or_default();
        *leaf = Cert {
            id: leaf.id.take(),
            raw: leaf.raw.take().or_else(|| cert.raw.clone()),
            sha1_hash: leaf.sha1_hash.take().or_else(|| cert.sha1_hash.clone()),
            sha256_hash: leaf.sha256_hash.take().or_else(|| cert.sha256_hash.clone()),
            key_alg: key.alg.or_else(|| leaf.key_alg.take()),
            key_size: key.size.or(leaf.key_size),
            key_strength: key.strength.or(leaf.key_strength),
            key_known_debian_insecure: key.debian_flaw,
            ..cert.clone()
        };
    }
    Some(certs)
}

/// The bytes of a certificate in PEM (RFC 7468), and their base64 without what is around it.
fn der(pem: &str) -> Result<(Vec<u8>, String), String> {
    // Between the two lines of dashes; collections break those lines, too.
    let body = pem.split("-----").nth(2).unwrap_or(pem);
    let body: String = body.split_whitespace().collect();
    match pki::decode(&body).filter(|der| !der.is_empty()) {
        Some(der) => Ok((der, body)),
        None => Err("`raw` is not a certificate in PEM".to_owned()),
    }
}

/// An id for a certificate of which the document has neither bytes nor hashes, as the oldest have
/// none: equal where all that it says of it is equal.
fn made_up(cert: &Cert) -> String {
    let names = [&cert.subject, &cert.issuer_subject, &cert.pin_sha256, &cert.sig_alg];
    let names = names.into_iter().map(|it| it.as_deref().unwrap_or_default().as_bytes());
    let dates = [cert.not_before, cert.not_after].map(|it| it.unwrap_or_default().to_be_bytes());
    pki::sha256_hex(names.chain(dates.iter().map(<[u8; 8]>::as_slice)))
}

/// What the document says stands in a certificate. What it does not say is left empty.
fn described(cert: &Cert, id: &str) -> Option<CertFacts> {
    let subject = cert.subject.clone()?;
    let issuer = cert.issuer_subject.clone().unwrap_or_default();
    let not_before = cert.not_before?.div_euclid(1000);
    let not_after = cert.not_after?.div_euclid(1000);
    let names = cert.alt_names.iter().flatten();
    let (addresses, dns_names): (Vec<_>, Vec<_>) =
        names.map(|name| (name.parse().ok(), name)).partition(|(address, _)| address.is_some());
    Some(CertFacts {
        sha256: id.to_owned(),
        sha1: cert.sha1_hash.clone().unwrap_or_default(),
        pin: cert.pin_sha256.clone().unwrap_or_default(),
        version: 3,
        self_issued: subject == issuer,
        self_signed: (subject != issuer).then_some(false),
        subject,
        issuer,
        common_names: cert.common_names.clone().unwrap_or_default(),
        organisations: Vec::new(),
        dns_names: dns_names.into_iter().map(|(_, name)| name.clone()).collect(),
        addresses: addresses.into_iter().filter_map(|(address, _)| address).collect(),
        serial: cert.serial_number.clone().unwrap_or_default(),
        not_before,
        not_after,
        days: validity::days(not_before, not_after),
        most_days: validity::most_days(not_before),
        key: KeyFacts {
            algorithm: KeyAlgorithm::from(cert.key_alg.clone().unwrap_or_default()),
            bits: cert.key_size,
            curve: None,
            strength: cert.key_strength,
            exponent: None,
            debian: cert.key_known_debian_insecure,
            roca: None,
        },
        signature: cert.sig_alg.clone().unwrap_or_default(),
        is_ca: false,
        path_length: None,
        key_usages: Vec::new(),
        usages: Vec::new(),
        policies: Vec::new(),
        validation: match cert.validation_type.as_deref() {
            Some("E") => Some(Validation::Extended),
            Some("O") => Some(Validation::Organisation),
            Some("D") => Some(Validation::Domain),
            _ => None,
        },
        name_constraints: false,
        must_staple: false,
        embedded_scts: cert.sct == Some(true),
        scts: Vec::new(),
        crl_uris: cert.crl_uris.clone().unwrap_or_default(),
        ocsp_uris: cert.ocsp_uris.clone().unwrap_or_default(),
        issuer_uris: Vec::new(),
        subject_key_id: None,
        authority_key_id: None,
        unread_extensions: Vec::new(),
    })
}

/// The answer of one way: 0 not asked, 1 revoked, 2 not revoked, 4 no address to ask; the others
/// are errors.
fn status(number: Option<i64>) -> RevocationStatus {
    match number {
        None | Some(0 | 4) => RevocationStatus::NotAsked,
        Some(1) => RevocationStatus::Revoked { at: 0, reason: None },
        Some(2) => RevocationStatus::NotRevoked { until: None },
        Some(_) => RevocationStatus::Unknown { why: "SSL Labs got no answer".to_owned() },
    }
}
