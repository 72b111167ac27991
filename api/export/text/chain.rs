//! A chain as a drawing: as it should be, with what was sent and what is missing marked; what else
//! was sent; and what stores, names and revocation say.

use std::collections::BTreeMap;

use taraf_scanner::observe::{
    CertFacts, CertSource, Certificate, ChainFacts, Completeness, Missing, OutOfDate, Path,
    PathFault, Pki, RevocationStatus, Role, Serves,
};

use super::page::Page;
use super::words;
use crate::export::printable::printable;

/// The chain, examined. `serves` says which certificate stands there, if one was expected.
pub fn drawing(page: &mut Page, facts: &ChainFacts, serves: Option<Serves>, pki: &Pki) {
    page.blank();
    page.line(2, "As it should be:");
    for (depth, line) in steps(facts, pki).into_iter().enumerate() {
        match depth {
            0 => page.fixed(4, &line),
            _ => page.fixed(4 + 3 * (depth - 1), &format!("`- {line}")),
        }
    }
    let beside: Vec<String> = beside(facts, &pki.certificates);
    if !beside.is_empty() {
        page.line(2, "Sent as well:");
        for line in beside {
            page.line(4, &line);
        }
    }
    page.row("chain", &completeness(&facts.completeness));
    let (wrong, out) = (
        facts.sent.iter().any(|placed| !placed.in_place),
        facts.paths.is_empty() && !facts.out_of_date.is_empty(),
    );
    if wrong {
        page.row("order", "wrong: an issuer stands before what it issued");
    }
    if out {
        for late in &facts.out_of_date {
            page.row("validity", &out_of_date(late, &pki.certificates));
        }
    }
    for old in &facts.old_hashes {
        let whose = subject(&old.id, &pki.certificates);
        page.row("signed over", &format!("{} ({whose})", old.hash));
    }
    for trust in &facts.trust {
        let verdict = match &trust.fault {
            None => "trusted".to_owned(),
            Some(found) => format!("not trusted: {}", fault(found, &pki.certificates)),
        };
        page.row(&format!("trust, {}", printable(&trust.store)), &verdict);
    }
    page.row("name", &name(facts));
    if let Some(leaf) = facts.sent.first() {
        if let Some(told) = revocation(&leaf.id, pki) {
            page.row("revocation", &told);
        }
        for placed in facts.sent.iter().skip(1) {
            let told = pki.revocation.get(&placed.id);
            let revoked = told.map(|it| [&it.crl, &it.ocsp]).into_iter().flatten();
            for status in revoked.filter(|it| matches!(it, RevocationStatus::Revoked { .. })) {
                let whose = subject(&placed.id, &pki.certificates);
                page.row("revocation", &format!("{whose}: {}", status_words(status)));
            }
        }
    }
    if !facts.tlsa.is_empty() {
        let fits = facts.tlsa.iter().filter(|it| it.fits == Some(true)).count();
        page.row("TLSA", &format!("{fits} of {} records fit", facts.tlsa.len()));
    }
    if let Some(serves) = serves {
        page.row("expected certificate", serves_words(serves));
    }
}

/// Leaf, intermediates and root of the best path, each with what there is to say about it.
fn steps(facts: &ChainFacts, pki: &Pki) -> Vec<String> {
    let mut lines = Vec::new();
    for step in &facts.should_be {
        let name = common_name(&step.id, &step.subject, &pki.certificates);
        let mark = match step.source {
            CertSource::Sent => "sent".to_owned(),
            CertSource::Known => "MISSING, not sent (known intermediate)".to_owned(),
            CertSource::Fetched => "MISSING, not sent (fetched from the issuer)".to_owned(),
            CertSource::Store => "MISSING, not sent (from a store)".to_owned(),
        };
        lines.push(format!("{name}  [{mark}{}]", late(facts, &step.id)));
    }
    if facts.should_be.is_empty() {
        let related = facts
            .sent
            .iter()
            .filter(|placed| matches!(placed.role, Role::Leaf | Role::Intermediate | Role::Root));
        for placed in related {
            let name = subject(&placed.id, &pki.certificates);
            lines.push(format!("{name}  [sent{}]", late(facts, &placed.id)));
        }
        if let Completeness::NoPath { missing, .. } = &facts.completeness {
            lines.push(format!("{}  [MISSING, and nobody has it]", printable(&missing.subject)));
        }
        return lines;
    }
    if let Some(Path { certificates, stores, .. }) = facts.paths.first()
        && let Some(root) = certificates.last().filter(|_| certificates.len() > 1)
    {
        let name = subject(root, &pki.certificates);
        let sent = facts.sent.iter().any(|placed| placed.id == *root);
        let also = if sent { ", sent although clients have it" } else { "" };
        lines.push(format!("{name}  [root, in {}{also}]", stores.join(", ")));
    }
    lines
}

/// What was sent and is no part of the chain.
fn beside(facts: &ChainFacts, certificates: &BTreeMap<String, Certificate>) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, placed) in facts.sent.iter().enumerate() {
        let what = match placed.role {
            Role::Leaf | Role::Intermediate | Role::Root => continue,
            Role::Duplicate => "sent before",
            Role::PreviousCa => "an authority that issued nothing here, perhaps a former one",
            Role::Unrelated => "has nothing to do with this chain",
            Role::Unreadable => "cannot be read",
        };
        lines.push(format!("{}. {}: {what}", index + 1, subject(&placed.id, certificates)));
    }
    lines
}

/// Whether what was sent is enough.
pub fn completeness(completeness: &Completeness) -> String {
    match completeness {
        Completeness::Complete => "complete".to_owned(),
        Completeness::Incomplete { missing } => {
            let names = missing.iter().map(missing_words).collect::<Vec<_>>().join("; ");
            format!("incomplete, not sent: {names}")
        }
        Completeness::OwnRoot => "ends at a root of its own, which no store has".to_owned(),
        Completeness::NoPath { missing, tried } => {
            let tried = tried.as_ref().map(|why| format!(" ({})", printable(why)));
            format!(
                "no path to a root; not found: {}{}",
                missing_words(missing),
                tried.unwrap_or_default()
            )
        }
        Completeness::Unreadable => "the server's certificate cannot be read".to_owned(),
    }
}

fn missing_words(missing: &Missing) -> String {
    let at = missing.uris.first().map(|uri| format!(", to be had at {}", printable(uri)));
    format!("{}{}", printable(&missing.subject), at.unwrap_or_default())
}

/// Why a chain is not trusted.
pub fn fault(fault: &PathFault, certificates: &BTreeMap<String, Certificate>) -> String {
    match fault {
        PathFault::UnknownIssuer { issuer } => {
            format!("no way to a root; the last issuer is {}", printable(issuer))
        }
        PathFault::SelfSigned => "self-signed".to_owned(),
        PathFault::OutOfDate(late) => out_of_date(late, certificates),
        PathFault::Distrusted { authority, since, .. } => {
            format!("{} is no longer trusted since {}", printable(authority), words::date(*since))
        }
        PathFault::NotAnAuthority { id } => {
            format!("{} may not issue certificates", subject(id, certificates))
        }
        PathFault::AuthorityAsLeaf => "the certificate is one of an authority".to_owned(),
        PathFault::Usage => "it is not for servers".to_owned(),
        PathFault::PathLength => "more intermediates than an authority allows".to_owned(),
        PathFault::NameConstraints => "names an authority may not certify".to_owned(),
        PathFault::Signature => "a signature is wrong".to_owned(),
        PathFault::Algorithm { algorithm } => {
            format!("a signature cannot be checked ({})", printable(algorithm))
        }
        PathFault::Form { what } => printable(what),
    }
}

fn out_of_date(late: &OutOfDate, certificates: &BTreeMap<String, Certificate>) -> String {
    let whose =
        if late.leaf { "the certificate".to_owned() } else { subject(&late.id, certificates) };
    let day = words::date(late.at);
    if late.early {
        format!("{whose} is valid only from {day}")
    } else {
        format!("{whose} expired on {day}")
    }
}

/// The mark of a certificate whose time is over or to come.
fn late(facts: &ChainFacts, id: &str) -> String {
    match facts.out_of_date.iter().find(|late| late.id == id) {
        Some(late) if late.early => format!(", valid only from {}", words::date(late.at)),
        Some(late) => format!(", expired {}", words::date(late.at)),
        None => String::new(),
    }
}

fn name(facts: &ChainFacts) -> String {
    let host = printable(&facts.name.host);
    match &facts.name.by {
        Some(entry) if entry.eq_ignore_ascii_case(&facts.name.host) => format!("{host} matches"),
        Some(entry) => format!("{host} matches {}", printable(entry)),
        None if facts.name.only_common_name => {
            format!("{host} stands in the common name only, which clients no longer look at")
        }
        None => {
            let near = facts.name.near.iter().map(|name| printable(name)).collect::<Vec<_>>();
            let near = if near.is_empty() {
                String::new()
            } else {
                format!("; it is for {}", near.join(", "))
            };
            format!("{host} does not match{near}")
        }
    }
}

fn revocation(leaf: &str, pki: &Pki) -> Option<String> {
    let told = pki.revocation.get(leaf)?;
    let mut parts = Vec::new();
    for (way, status) in [("list", &told.crl), ("OCSP", &told.ocsp)] {
        if *status != RevocationStatus::NotAsked {
            parts.push(format!("{} ({way})", status_words(status)));
        }
    }
    if parts.is_empty() { None } else { Some(parts.join("; ")) }
}

/// What one way of asking says.
pub fn status_words(status: &RevocationStatus) -> String {
    match status {
        RevocationStatus::NotAsked => "not asked".to_owned(),
        RevocationStatus::NotRevoked { until: Some(until) } => {
            format!("not revoked, to be believed until {}", words::date(*until))
        }
        RevocationStatus::NotRevoked { until: None } => "not revoked".to_owned(),
        RevocationStatus::Revoked { at, reason } => {
            let reason = reason.as_ref().map(|reason| format!(", {}", printable(reason)));
            format!("REVOKED on {}{}", words::date(*at), reason.unwrap_or_default())
        }
        RevocationStatus::Unknown { why } => format!("not known: {}", printable(why)),
    }
}

fn serves_words(serves: Serves) -> &'static str {
    match serves {
        Serves::This => "this one is served",
        Serves::Older => "an older certificate for the same names is served",
        Serves::Newer => "a newer certificate for the same names is served",
        Serves::Other => "another certificate is served",
    }
}

/// The common name of a certificate, or its subject.
fn subject(id: &str, certificates: &BTreeMap<String, Certificate>) -> String {
    common_name(id, "a certificate that cannot be read", certificates)
}

fn common_name(id: &str, otherwise: &str, certificates: &BTreeMap<String, Certificate>) -> String {
    let facts = certificates.get(id).and_then(|it| it.facts.as_ref());
    let named = facts.and_then(|facts: &CertFacts| {
        facts.common_names.first().or(facts.dns_names.first()).or(Some(&facts.subject))
    });
    printable(named.map_or(otherwise, String::as_str))
}
