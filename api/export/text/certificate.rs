//! The certificate chains of an endpoint. A certificate that stands in several is told once.

use std::collections::BTreeSet;

use taraf_scanner::observe::{Chain, Endpoint, Pki, SniSent, Validation};
use taraf_scanner::pki::{self as reader, CertFacts, KeyFacts};
use taraf_scanner::wire::Version;

use super::page::Page;
use super::{Style, chain, words};
use crate::export::printable::printable;

/// Every chain, and when it was sent. `now` is the moment of the scan, in seconds since 1970.
pub fn chains(page: &mut Page, endpoint: &Endpoint, pki: &Pki, now: i64, style: Style) {
    let mut told = BTreeSet::new();
    for (index, chain) in endpoint.chains.iter().enumerate() {
        page.section(&match endpoint.chains.len() {
            1 => "Certificate chain".to_owned(),
            n => format!("Certificate chain {} of {n}", index + 1),
        });
        for line in conditions(chain) {
            page.line(2, &line);
        }
        if chain.certificates.is_empty() {
            page.line(2, "The chain is empty.");
        }
        for (index, id) in chain.certificates.iter().enumerate() {
            let base64 = endpoint.certificates.get(id).map(String::as_str);
            let first_time = told.insert(id.as_str());
            certificate(page, index + 1, id, base64, now, first_time, style);
        }
        if let Some(facts) = &chain.facts {
            chain::drawing(page, facts, chain.serves, pki);
        }
    }
}

/// Under which conditions a chain was sent, for instance `sent with the server name: TLS 1.3
/// (ECDSA), TLS 1.2 (ECDSA)`.
fn conditions(chain: &Chain) -> Vec<String> {
    let mut names: Vec<SniSent> = chain.sent.iter().map(|sent| sent.sni).collect();
    names.sort_unstable_by_key(|sni| rank(*sni));
    names.dedup();
    let line = |sni: SniSent| {
        let sent = chain.sent.iter().filter(|sent| sent.sni == sni);
        let mut ways: Vec<(Version, &str)> =
            sent.map(|sent| (sent.version, words::key(sent.key))).collect();
        ways.sort_unstable_by(|a, b| b.cmp(a));
        ways.dedup();
        let mut versions: Vec<Version> = ways.iter().map(|(version, _)| *version).collect();
        versions.dedup();
        let each = versions.into_iter().map(|version| {
            let keys = ways.iter().filter(|(v, _)| *v == version).map(|(_, key)| *key);
            format!("{version} ({})", words::list(&keys.collect::<Vec<_>>()))
        });
        format!("sent {}: {}", words::sni(sni), words::list(&each.collect::<Vec<_>>()))
    };
    names.into_iter().map(line).collect()
}

/// The conditions in the order people think of them.
fn rank(sni: SniSent) -> u8 {
    match sni {
        SniSent::Name => 0,
        SniSent::None => 1,
        SniSent::Unrecognised => 2,
    }
}

fn certificate(
    page: &mut Page,
    number: usize,
    id: &str,
    base64: Option<&str>,
    now: i64,
    first_time: bool,
    style: Style,
) {
    let der = base64.and_then(reader::decode);
    let facts = match der.as_deref().map(CertFacts::read) {
        Some(Ok(facts)) => facts,
        Some(Err(error)) => {
            let size = words::count(der.map_or(0, |der| der.len() as u64), "byte");
            page.line(2, &format!("{number}. {size} that cannot be read: {}", printable(&error)));
            page.inner_row("sha256", id);
            return;
        }
        None => {
            page.line(2, &format!("{number}. its bytes were not kept"));
            page.inner_row("sha256", id);
            return;
        }
    };
    let subject = if facts.subject.is_empty() { "no subject" } else { facts.subject.as_str() };
    if !first_time {
        page.line(2, &format!("{number}. {} (as above)", printable(subject)));
        return;
    }
    page.line(2, &format!("{number}. {}", printable(subject)));
    let addresses = facts.addresses.iter().map(ToString::to_string);
    let names: Vec<String> = facts.dns_names.iter().cloned().chain(addresses).collect();
    if !names.is_empty() {
        let (shown, rest) = words::shortened_names(&names, style, 4);
        page.inner_row("names", &format!("{}{rest}", shown.join(", ")));
    }
    match facts.self_issued {
        true => page.inner_row("issuer", "itself"),
        false => page.inner_row("issuer", &printable(&facts.issuer)),
    }
    page.inner_row("valid", &words::validity(facts.not_before, facts.not_after, now));
    page.inner_row(
        "key",
        &format!("{}; signed by {}", key(&facts.key), printable(&facts.signature)),
    );
    let marks = [
        (facts.validation == Some(Validation::Domain), "domain validated"),
        (facts.validation == Some(Validation::Individual), "person validated"),
        (facts.validation == Some(Validation::Organisation), "organisation validated"),
        (facts.validation == Some(Validation::Extended), "extended validation"),
        (facts.is_ca, "may issue certificates"),
        (facts.must_staple, "has to come with an OCSP staple"),
        (facts.embedded_scts, "has SCTs inside"),
    ];
    let marks: Vec<&str> = marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark).collect();
    if !marks.is_empty() {
        page.inner_row("marks", &marks.join(", "));
    }
    page.inner_row("sha256", id);
    if style.verbose {
        page.inner_row("pin", &facts.pin);
        page.inner_row("serial", &facts.serial);
        for (label, uris) in [
            ("OCSP", &facts.ocsp_uris),
            ("CRL", &facts.crl_uris),
            ("issuer at", &facts.issuer_uris),
        ] {
            if !uris.is_empty() {
                let uris: Vec<String> = uris.iter().map(|uri| printable(uri)).collect();
                page.inner_row(label, &uris.join(" "));
            }
        }
    }
}

/// A key in few words, for instance `RSA 2048 bits`.
fn key(key: &KeyFacts) -> String {
    let algorithm = printable(key.algorithm.as_str());
    match (&key.curve, key.bits) {
        (Some(curve), _) => format!("{algorithm} {curve}"),
        (None, Some(bits)) => format!("{algorithm} {bits} bits"),
        (None, None) => format!("{algorithm} of unknown size"),
    }
}
