//! Certificates in the order in which a server sends them: by names, key identifiers and
//! signatures. Trust is not a matter here; public roots only say where a chain may end.

use serde::Serialize;
use webpki_root_certs::TLS_SERVER_ROOT_CERTS;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::facts::CertItem;
use crate::pki::hex;
use crate::pki::signature::verify;

/// The longest chain that is followed.
const LONGEST: usize = 16;

/// Certificates in order, as places in the list that was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ordered {
    /// The certificate of the server, if there is one.
    pub leaf: Option<usize>,
    /// Those above it, each issued by the next; a root comes last.
    pub chain: Vec<usize>,
    /// Those that do not belong to it.
    pub extras: Vec<usize>,
    /// Those among them with the name of an issuer that is looked for, but with another key.
    pub namesakes: Vec<usize>,
    /// What is missing above the last of the chain.
    pub missing: Option<Missing>,
}

/// An issuer that is neither among the certificates nor a public root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Its name.
    pub subject: String,
    /// The identifier of its key in hex, if it is known.
    pub key_id: Option<String>,
    /// Where to get it, by the certificate below it.
    pub uris: Vec<String>,
}

/// Which certificates are those of servers: not of authorities, or for names of their own.
#[must_use]
pub fn leaves(certs: &[&CertItem]) -> Vec<usize> {
    let has_issued = |subject: &str| {
        certs.iter().any(|cert| cert.facts.issuer == subject && !cert.facts.self_issued)
    };
    let is_leaf = |cert: &CertItem| {
        let facts = &cert.facts;
        let named = !facts.dns_names.is_empty() || !facts.addresses.is_empty();
        if facts.is_ca { named } else { !facts.self_issued || !has_issued(&facts.subject) }
    };
    (0..certs.len()).filter(|at| certs.get(*at).is_some_and(|cert| is_leaf(cert))).collect()
}

/// Puts certificates in order: from the first that is of a server, or else from the lowest.
#[must_use]
pub fn order(certs: &[&CertItem]) -> Ordered {
    match leaves(certs).first() {
        Some(leaf) => order_from(certs, *leaf),
        None => {
            let issued = |cert: &CertItem| {
                certs.iter().any(|other| {
                    !other.facts.self_issued && other.facts.issuer == cert.facts.subject
                })
            };
            let lowest = certs.iter().position(|cert| !issued(cert));
            let mut ordered = lowest.map(|at| order_from(certs, at)).unwrap_or_default();
            // It is the lowest of the authorities and belongs to their chain.
            ordered.chain.splice(0..0, ordered.leaf.take());
            ordered
        }
    }
}

/// Puts certificates in order, from this one upwards.
#[must_use]
pub fn order_from(certs: &[&CertItem], leaf: usize) -> Ordered {
    let parsed: Vec<Option<X509Certificate<'_>>> = certs.iter().map(|cert| parse(cert)).collect();
    let parsed_at = |at: usize| parsed.get(at).and_then(Option::as_ref);
    let mut ordered = Ordered { leaf: Some(leaf), ..Ordered::default() };
    let mut used = vec![leaf];
    let mut at = leaf;
    while let Some(cert) = parsed_at(at).filter(|_| used.len() < LONGEST) {
        if cert.subject().as_raw() == cert.issuer().as_raw() {
            break;
        }
        let mut best: Option<(Rank, usize)> = None;
        for (place, candidate) in parsed.iter().enumerate() {
            let Some(candidate) = candidate.as_ref().filter(|_| !used.contains(&place)) else {
                continue;
            };
            if candidate.subject().as_raw() != cert.issuer().as_raw() {
                continue;
            }
            match issued(candidate, cert) {
                Some(false) => ordered.namesakes.push(place),
                verified => {
                    let rank = Rank {
                        verified: verified.is_some(),
                        // A root ends the chain, so the one that leads further comes first.
                        leads_on: candidate.subject().as_raw() != candidate.issuer().as_raw(),
                        until: candidate.validity().not_after.timestamp(),
                    };
                    if best.as_ref().is_none_or(|(before, _)| *before < rank) {
                        best = Some((rank, place));
                    }
                }
            }
        }
        let Some((_, next)) = best else {
            if !ends_here(cert, &parsed) {
                ordered.missing = missing(cert, certs.get(at));
            }
            break;
        };
        used.push(next);
        ordered.chain.push(next);
        at = next;
    }
    ordered.extras = (0..certs.len()).filter(|place| !used.contains(place)).collect();
    ordered.namesakes.retain(|place| !used.contains(place));
    ordered.namesakes.sort_unstable();
    ordered.namesakes.dedup();
    ordered
}

fn parse(cert: &CertItem) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(&cert.der).ok().map(|(_, cert)| cert)
}

/// Which of several possible issuers is taken.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    verified: bool,
    leads_on: bool,
    until: i64,
}

/// The key identifiers a certificate has for its own key and for that of its issuer.
pub(super) fn key_ids(cert: &X509Certificate<'_>) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let (mut own, mut issuer) = (None, None);
    for extension in cert.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => own = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                issuer = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            _ => {}
        }
    }
    (own, issuer)
}

/// Whether the key of one certificate signed the other: by the signature, where it can be checked,
/// or else by the identifiers; `None` if neither tells.
fn issued(issuer: &X509Certificate<'_>, cert: &X509Certificate<'_>) -> Option<bool> {
    let message = cert.tbs_certificate.as_ref();
    let signature = &cert.signature_value.data;
    let made = verify(issuer.public_key().raw, &cert.signature_algorithm, message, signature);
    made.or_else(|| match (key_ids(issuer).0, key_ids(cert).1) {
        (Some(own), Some(wanted)) if own != wanted => Some(false),
        _ => None,
    })
}

/// True if a public root issued the certificate, or if it is another certificate of the key of one,
/// public or among those given.
fn ends_here(cert: &X509Certificate<'_>, given: &[Option<X509Certificate<'_>>]) -> bool {
    let same = |root: &X509Certificate<'_>| {
        root.subject().as_raw() == cert.subject().as_raw()
            && root.public_key().raw == cert.public_key().raw
    };
    let own = given.iter().flatten();
    if own.filter(|other| other.subject().as_raw() == other.issuer().as_raw()).any(same) {
        return true;
    }
    TLS_SERVER_ROOT_CERTS.iter().any(|der| {
        let Ok((_, root)) = X509Certificate::from_der(der) else { return false };
        let named = root.subject().as_raw() == cert.issuer().as_raw();
        same(&root) || named && issued(&root, cert) != Some(false)
    })
}

fn missing(cert: &X509Certificate<'_>, item: Option<&&CertItem>) -> Option<Missing> {
    let facts = &item?.facts;
    Some(Missing {
        subject: facts.issuer.clone(),
        key_id: key_ids(cert).1.map(|id| hex(&id)),
        uris: facts.issuer_uris.clone(),
    })
}
