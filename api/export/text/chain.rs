//! A chain as a drawing: as it should be, with what was sent and what is missing marked; what else
//! was sent; and what stores, names and revocation say.

use std::collections::{BTreeMap, BTreeSet};

use taraf_scanner::observe::{
    CertFacts, CertSource, Certificate, ChainFacts, Completeness, Missing, OutOfDate, Path,
    PathFault, Pki, RevocationStatus, Role, Serves,
};

use super::page::Page;
use super::words;
use crate::export::printable::printable;

/// The chain, examined. `serves` says which certificate stands there, if one was expected.
pub fn drawing(page: &mut Page, facts: &ChainFacts, serves: Option<Serves>, pki: &Pki) {
    let steps = steps(facts, pki);
    let heading = match (&facts.completeness, facts.should_be.is_empty()) {
        (Completeness::OwnRoot, _) => "The chain to a root of its own:",
        (_, false) => "The chain to the root, as it should be sent:",
        (_, true) => "The chain, as far as it can be followed:",
    };
    page.blank();
    if !steps.is_empty() {
        page.line(2, heading);
    }
    for (depth, line) in steps.into_iter().enumerate() {
        match depth {
            0 => page.line(4, &line),
            _ => page.line(4 + 3 * (depth - 1), &format!("`- {line}")),
        }
    }
    let beside: Vec<String> = beside(facts, &pki.certificates);
    if !beside.is_empty() {
        page.line(2, "Sent besides:");
        for line in beside {
            page.line(4, &line);
        }
    }
    page.blank();
    page.row("chain", &completeness(&facts.completeness));
    for (index, placed) in facts.sent.iter().enumerate().filter(|(_, placed)| !placed.in_place) {
        let which = subject(&placed.id, &pki.certificates);
        let number = index + 1;
        page.row("order", &format!("{number}. {which} stands before what it issued"));
    }
    if facts.paths.is_empty() {
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
            None => "yes".to_owned(),
            Some(found) => format!("no: {}", fault(found, &pki.certificates)),
        };
        page.row(&format!("trusted by {}", printable(&trust.store)), &verdict);
    }
    if facts.completeness != Completeness::Unreadable {
        page.row("name", &name(facts));
    }
    revocations(page, facts, pki);
    if !facts.tlsa.is_empty() {
        page.row("TLSA", &tlsa(facts));
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
            CertSource::Sent => "sent",
            CertSource::Known => "NOT SENT, but among the known intermediates",
            CertSource::Fetched => "NOT SENT, but fetched from its issuer",
            CertSource::Store => "NOT SENT, but in a store",
        };
        lines.push(format!("{name} [{mark}{}]", marks(facts, &step.id, pki)));
    }
    if facts.should_be.is_empty() {
        let related = facts
            .sent
            .iter()
            .filter(|placed| matches!(placed.role, Role::Leaf | Role::Intermediate | Role::Root));
        for placed in related {
            let name = subject(&placed.id, &pki.certificates);
            lines.push(format!("{name} [sent{}]", marks(facts, &placed.id, pki)));
        }
        if let Completeness::NoPath { missing, .. } = &facts.completeness
            && !missing.subject.is_empty()
        {
            lines.push(format!("{} [NOT SENT, and not found]", printable(&missing.subject)));
        }
        return lines;
    }
    let sent = |id: &str| facts.sent.iter().any(|placed| placed.id == id);
    if let Some(Path { certificates, stores, .. }) = facts.best_path() {
        if let Some(root) = certificates.last().filter(|_| certificates.len() > 1) {
            let name = subject(root, &pki.certificates);
            let also = if sent(root) { "; sent, although clients have it" } else { "" };
            let marks = marks(facts, root, pki);
            lines.push(format!("{name} [root in {}{also}{marks}]", printable(&stores.join(", "))));
        }
    } else if let Some(root) = facts.sent.iter().find(|placed| placed.role == Role::Root) {
        let (name, marks) = (subject(&root.id, &pki.certificates), marks(facts, &root.id, pki));
        lines.push(format!("{name} [root that no store has; sent{marks}]"));
    }
    lines
}

/// What was sent and is no part of the chain.
fn beside(facts: &ChainFacts, certificates: &BTreeMap<String, Certificate>) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, placed) in facts.sent.iter().enumerate() {
        let name = subject(&placed.id, certificates);
        let what = match placed.role {
            Role::Leaf | Role::Intermediate | Role::Root => continue,
            Role::Duplicate => format!("{name}: sent before"),
            Role::PreviousCa => {
                format!("{name}: an authority that issued nothing here, perhaps a former one")
            }
            Role::Unrelated => format!("{name}: has nothing to do with this chain"),
            Role::Unreadable => "cannot be read".to_owned(),
        };
        lines.push(format!("{}. {what}", index + 1));
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
        Completeness::OwnRoot => "complete, up to a root that no store has".to_owned(),
        Completeness::NoPath { missing, .. } if missing.subject.is_empty() => {
            "no path to a root".to_owned()
        }
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
        PathFault::UnknownIssuer { issuer } if issuer.is_empty() => "unknown issuer".to_owned(),
        PathFault::UnknownIssuer { issuer } => format!("unknown issuer {}", printable(issuer)),
        PathFault::SelfSigned => "self-signed".to_owned(),
        PathFault::OutOfDate(late) => out_of_date(late, certificates),
        PathFault::Distrusted { authority, since, .. } => {
            format!("{} has not been trusted since {}", printable(authority), words::date(*since))
        }
        PathFault::NotAnAuthority { id } => {
            format!("{} may not issue certificates", subject(id, certificates))
        }
        PathFault::AuthorityAsLeaf => {
            "the certificate is that of an authority, not of a server".to_owned()
        }
        PathFault::Usage => "the certificate, or one above it, is not for servers".to_owned(),
        PathFault::PathLength => "there are more intermediates than an authority allows".to_owned(),
        PathFault::NameConstraints => {
            "its names are outside those an authority may certify".to_owned()
        }
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

/// What is to be noted about a certificate: that its time is over or to come, that it is revoked.
fn marks(facts: &ChainFacts, id: &str, pki: &Pki) -> String {
    let mut marks = match facts.out_of_date.iter().find(|late| late.id == id) {
        Some(late) if late.early => format!(", valid only from {}", words::date(late.at)),
        Some(late) => format!(", EXPIRED on {}", words::date(late.at)),
        None => String::new(),
    };
    let revoked = |status: &RevocationStatus| matches!(status, RevocationStatus::Revoked { .. });
    if pki.revocation.get(id).is_some_and(|told| revoked(&told.crl) || revoked(&told.ocsp)) {
        marks.push_str(", REVOKED");
    }
    marks
}

fn name(facts: &ChainFacts) -> String {
    let host = printable(&facts.name.host);
    match &facts.name.by {
        Some(entry) if entry.eq_ignore_ascii_case(&facts.name.host) => format!("{host} matches"),
        Some(entry) => format!("{host} matches {}", printable(entry)),
        None if facts.name.only_common_name => {
            format!("{host} stands in the common name only, which clients no longer look at")
        }
        None if facts.name.near.is_empty() => format!("{host} does not match"),
        None => {
            let near = facts.name.near.iter().map(|name| printable(name)).collect::<Vec<_>>();
            format!("{host} does not match; {} would", near.join(", "))
        }
    }
}

/// What is known of the leaf, and which of the others are revoked.
fn revocations(page: &mut Page, facts: &ChainFacts, pki: &Pki) {
    let Some(leaf) = facts.sent.first().map(|placed| &placed.id) else { return };
    let path = facts.best_path().map_or(&[][..], |path| &path.certificates);
    let sent = facts.sent.iter().map(|placed| &placed.id);
    let mut seen = BTreeSet::new();
    for id in [leaf].into_iter().chain(path).chain(sent).filter(|id| seen.insert(*id)) {
        let Some(told) = pki.revocation.get(id) else { continue };
        let whose = if id == leaf {
            String::new()
        } else {
            format!("{}: ", subject(id, &pki.certificates))
        };
        for (way, status) in [("list", &told.crl), ("OCSP", &told.ocsp)] {
            let worth = match status {
                RevocationStatus::NotAsked => false,
                RevocationStatus::Revoked { .. } => true,
                RevocationStatus::NotRevoked { .. } | RevocationStatus::Unknown { .. } => {
                    id == leaf
                }
            };
            if worth {
                let status = status_words(status);
                page.row(&format!("revocation, by {way}"), &format!("{whose}{status}"));
            }
        }
    }
}

/// What one way of asking says.
pub fn status_words(status: &RevocationStatus) -> String {
    match status {
        RevocationStatus::NotAsked => "not asked".to_owned(),
        RevocationStatus::NotRevoked { until: Some(until) } => {
            format!("not revoked, valid until {}", words::date(*until))
        }
        RevocationStatus::NotRevoked { until: None } => "not revoked".to_owned(),
        RevocationStatus::Revoked { at, reason } => {
            let reason = reason.as_ref().map(|reason| format!(", {}", printable(reason)));
            format!("REVOKED on {}{}", words::date(*at), reason.unwrap_or_default())
        }
        RevocationStatus::Unknown { why } => format!("not known: {}", printable(why)),
    }
}

/// How many of the TLSA records the chain fits.
fn tlsa(facts: &ChainFacts) -> String {
    let count = |fits| facts.tlsa.iter().filter(|it| it.fits == fits).count();
    let records = words::count(facts.tlsa.len() as u64, "record");
    let unknown = match count(None) {
        0 => String::new(),
        n => format!("; {n} cannot be compared"),
    };
    format!("fits {} of {records}{unknown}", count(Some(true)))
}

fn serves_words(serves: Serves) -> &'static str {
    match serves {
        Serves::This => "is served",
        Serves::Older => "not served, but an older one for the same names",
        Serves::Newer => "not served, but a newer one for the same names",
        Serves::Other => "not served, but another one",
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
