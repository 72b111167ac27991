//! Revocation lists (RFC 5280 section 5): whether a certificate stands in one.
//!
//! A list may have hundreds of thousands of entries. It is walked through in place, entry by entry,
//! and only the one that is looked for is read. Only complete lists of the issuer itself are used:
//! no indirect ones, and no deltas, which nobody publishes for server certificates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::X509Certificate;

use super::der::{
    ENUMERATED, Element, Extension, INTEGER, Reader, SEQUENCE, context, encode, extensions,
    shortest,
};
use super::revocation::{self, Pair, REMOVE_FROM_CRL, same_name, unknown};
use super::signature::verify_der;
use crate::observe::RevocationStatus;

const MALFORMED: &str = "the list cannot be read";

/// What a revocation list says of a certificate, and until when that may be believed, if it says.
/// The list is DER or PEM. Times are in seconds since 1970.
#[must_use]
pub fn answer(crl: &[u8], leaf: &[u8], issuer: &[u8], now: i64) -> (RevocationStatus, Option<i64>) {
    let decoded;
    let der = if crl.trim_ascii_start().starts_with(b"-----BEGIN") {
        match from_pem(crl) {
            Some(der) => {
                decoded = der;
                &decoded
            }
            None => return (unknown(MALFORMED), None),
        }
    } else {
        crl
    };
    read(der, leaf, issuer, now).unwrap_or_else(|why| (unknown(why), None))
}

/// The error is the reason why the status cannot be told.
fn read(
    crl: &[u8],
    leaf: &[u8],
    issuer: &[u8],
    now: i64,
) -> Result<(RevocationStatus, Option<i64>), String> {
    let pair = Pair::read(leaf, Some(issuer))?;
    let list = List::parse(crl).ok_or(MALFORMED)?;
    if !same_name(list.issuer.whole, pair.leaf.issuer().as_raw()) {
        return Err("the list is by another authority".to_owned());
    }
    let scope = scope(&list.extensions, &pair.leaf)?;
    if let Some(why) = revocation::out_of_time(list.this_update, list.next_update, now) {
        return Err(format!("the list is out of time: {why}"));
    }
    if let Some(issuer) = &pair.issuer {
        list.check_signature(issuer)?;
    }
    let not_revoked = RevocationStatus::NotRevoked { until: list.next_update };
    let status = match list.find(pair.leaf.raw_serial()).ok_or(MALFORMED)? {
        Some(entry) => match entry.status()? {
            Some(revoked) => revoked,
            None => not_revoked,
        },
        None if scope == Scope::SomeReasons => {
            return Err(
                "the list is only about some reasons, and the certificate is not in it".to_owned()
            );
        }
        None => not_revoked,
    };
    Ok((status, list.next_update))
}

/// The parts of a list.
struct List<'a> {
    signed: Element<'a>,
    algorithm: Element<'a>,
    signature: &'a [u8],
    /// The algorithm as it stands within what is signed.
    inner_algorithm: Element<'a>,
    issuer: Element<'a>,
    this_update: i64,
    next_update: Option<i64>,
    entries: Reader<'a>,
    extensions: Vec<Extension<'a>>,
}

impl<'a> List<'a> {
    fn parse(crl: &'a [u8]) -> Option<Self> {
        let mut outer = Reader::new(crl).enter(SEQUENCE)?;
        let (signed, algorithm, signature) = revocation::signed(&mut outer)?;
        let mut list = Reader::new(signed.content);
        list.take(INTEGER);
        Some(Self {
            signed,
            algorithm,
            signature,
            inner_algorithm: list.take(SEQUENCE)?,
            issuer: list.take(SEQUENCE)?,
            this_update: list.time()?,
            next_update: if list.at_time() { Some(list.time()?) } else { None },
            entries: list.enter(SEQUENCE).unwrap_or(Reader::new(&[])),
            extensions: match list.enter(context(0)) {
                Some(mut list) => extensions(list.enter(SEQUENCE)?)?,
                // What is neither entries nor extensions would be left unread.
                None if list.is_empty() => Vec::new(),
                None => return None,
            },
        })
    }

    /// Holds the signature against the issuer's key, which has to be for lists.
    fn check_signature(&self, issuer: &X509Certificate<'_>) -> Result<(), String> {
        let for_lists = issuer.extensions().iter().all(|extension| {
            let ParsedExtension::KeyUsage(usage) = extension.parsed_extension() else {
                return true;
            };
            usage.crl_sign()
        });
        if !for_lists {
            return Err("the issuer's certificate is not for signing lists".to_owned());
        }
        if self.algorithm.whole != self.inner_algorithm.whole {
            return Err("the list names two algorithms for its signature".to_owned());
        }
        let key = issuer.public_key().raw;
        match verify_der(key, self.algorithm.whole, self.signed.whole, self.signature) {
            Some(true) => Ok(()),
            Some(false) => Err("the signature of the list is not the issuer's".to_owned()),
            None => {
                Err("the signature of the list is of an algorithm that cannot be checked"
                    .to_owned())
            }
        }
    }

    /// The entry with this serial number. The outer `None`: what stands before it is no list.
    #[allow(clippy::option_option, reason = "the two nothings are different answers")]
    fn find(&self, serial: &[u8]) -> Option<Option<Entry<'a>>> {
        let serial = shortest(serial);
        let mut entries = self.entries;
        while !entries.is_empty() {
            let mut entry = entries.enter(SEQUENCE)?;
            if shortest(entry.take(INTEGER)?.content) == serial {
                return Some(Some(Entry(entry)));
            }
        }
        Some(None)
    }
}

/// What follows the serial number of an entry.
struct Entry<'a>(Reader<'a>);

impl Entry<'_> {
    /// What the entry says; nothing if it takes a revocation back.
    fn status(mut self) -> Result<Option<RevocationStatus>, String> {
        let at = self.0.time().ok_or(MALFORMED)?;
        let extensions = match self.0.enter(SEQUENCE) {
            Some(list) => extensions(list).ok_or(MALFORMED)?,
            None => Vec::new(),
        };
        let mut reason = None;
        for extension in extensions {
            match extension.id.as_str() {
                "2.5.29.21" => {
                    let code = Reader::new(extension.value).take(ENUMERATED).ok_or(MALFORMED)?;
                    reason = Some(revocation::reason(code.content));
                }
                // Since when the key may be in other hands, and what to do about a hold.
                "2.5.29.24" | "2.5.29.23" => {}
                id if extension.critical => {
                    return Err(format!("the entry has a critical extension {id}"));
                }
                _ => {}
            }
        }
        if reason.as_deref() == Some(REMOVE_FROM_CRL) {
            return Ok(None);
        }
        Ok(Some(RevocationStatus::Revoked { at, reason }))
    }
}

/// How much a certificate's absence from a list says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// It is not revoked.
    AllReasons,
    /// It is not revoked for some reasons.
    SomeReasons,
}

/// What a list is about, if it is about such a certificate at all (RFC 5280 section 6.3.3).
fn scope(extensions: &[Extension<'_>], leaf: &X509Certificate<'_>) -> Result<Scope, String> {
    let mut scope = Scope::AllReasons;
    for extension in extensions {
        match extension.id.as_str() {
            "2.5.29.27" => return Err("the list has only changes to another list".to_owned()),
            "2.5.29.28" => scope = issuing_point(extension.value, leaf)?,
            // Number and key of the list, and where changes to it are.
            "2.5.29.20" | "2.5.29.35" | "2.5.29.46" => {}
            id if extension.critical => {
                return Err(format!("the list has a critical extension {id}"));
            }
            _ => {}
        }
    }
    Ok(scope)
}

/// Reads the issuing distribution point (RFC 5280 section 5.2.5).
fn issuing_point(value: &[u8], leaf: &X509Certificate<'_>) -> Result<Scope, String> {
    let mut scope = Scope::AllReasons;
    let mut point = Reader::new(value).enter(SEQUENCE).ok_or(MALFORMED)?;
    while !point.is_empty() {
        let part = point.element().ok_or(MALFORMED)?;
        let set = part.content != [0];
        match part.tag {
            0xa0 => {
                let names = point_names(part.content).ok_or(MALFORMED)?;
                let own = own_points(leaf);
                // A certificate without any goes by the list under its issuer's name (RFC 5280
                // section 6.3.3, at the end).
                let issuer = encode(context(4), &[leaf.issuer().as_raw()]);
                let own = if own.is_empty() { vec![issuer.as_slice()] } else { own };
                if !names.iter().any(|name| own.contains(name)) {
                    return Err(
                        "the list is for certificates with another distribution point".to_owned()
                    );
                }
            }
            0x81 if set && leaf.is_ca() => {
                return Err(
                    "the list is only about certificates that are no authorities'".to_owned()
                );
            }
            0x82 if set && !leaf.is_ca() => {
                return Err("the list is only about certificates of authorities".to_owned());
            }
            0x83 => scope = Scope::SomeReasons,
            0x84 if set => {
                return Err(
                    "the list is indirect: about certificates of several authorities".to_owned()
                );
            }
            0x85 if set => return Err("the list is only about attribute certificates".to_owned()),
            0x81 | 0x82 | 0x84 | 0x85 => {}
            _ => return Err(MALFORMED.to_owned()),
        }
    }
    Ok(scope)
}

/// Most names of distribution points that are looked at.
const MOST_NAMES: usize = 64;

/// The names in a DistributionPointName, each in DER: the general names of the full name, or the
/// name relative to the issuer as one.
fn point_names(name: &[u8]) -> Option<Vec<&[u8]>> {
    let name = Reader::new(name).element()?;
    match name.tag {
        0xa0 => {
            let mut names = Reader::new(name.content);
            let mut found = Vec::new();
            while !names.is_empty() && found.len() < MOST_NAMES {
                found.push(names.element()?.whole);
            }
            Some(found)
        }
        0xa1 => Some(vec![name.whole]),
        _ => None,
    }
}

/// The names of the distribution points of a certificate.
fn own_points<'a>(leaf: &X509Certificate<'a>) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    for extension in leaf.extensions() {
        if extension.oid.to_id_string() != "2.5.29.31" {
            continue;
        }
        let mut points = Reader::new(extension.value).enter(SEQUENCE).unwrap_or(Reader::new(&[]));
        while let Some(mut point) = points.enter(SEQUENCE) {
            if found.len() >= MOST_NAMES {
                break;
            }
            let name = point.take(context(0)).and_then(|name| point_names(name.content));
            found.extend(name.unwrap_or_default());
        }
    }
    found
}

/// DER out of PEM: the first block.
fn from_pem(pem: &[u8]) -> Option<Vec<u8>> {
    const BEGIN: &str = "-----BEGIN X509 CRL-----";
    let text = str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once(BEGIN)?;
    let (body, _) = rest.split_once("-----END")?;
    let body: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests;
