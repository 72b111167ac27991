//! Revocation: in which order to ask, and what lists and responses have in common.
//!
//! Lists come first: public authorities must publish them, and many no longer run responders. A
//! stapled response costs nothing and is always read. Who has sockets walks through [`plan`], hands
//! what came back to [`crl::answer`] or [`ocsp::answer`], notes it, and stops when it is settled.
//!
//! [`crl::answer`]: super::crl::answer
//! [`ocsp::answer`]: super::ocsp::answer

use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

use super::der::{Element, Reader, SEQUENCE};
use super::names;
use crate::observe::{CertFacts, Revocation, RevocationStatus};

/// Seconds by which a statement may lie in the future: clocks differ.
pub const LEEWAY: i64 = 300;

/// Seconds for which a statement is believed that does not say when the next one is to be had. Ten
/// days are the longest a response about a public server certificate may be used (Baseline
/// Requirements section 4.9.10).
pub const WITHOUT_END: i64 = 10 * 86_400;

/// Most addresses of one kind that are asked. A certificate may name any number.
pub const MOST_ASKED: usize = 2;

/// Someone to ask about a certificate. The address stands in a certificate, so anybody may have
/// chosen it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Get the list from this address, for [`super::crl::answer`].
    Crl(String),
    /// Ask the responder at this address, by [`super::ocsp::call`].
    Ocsp(String),
}

/// Whom to ask about a certificate, one after another until one answers: at most two lists, then
/// at most two responders, in the certificate's own order, each once. Only plain HTTP: over HTTPS
/// it would take revocation to ask about revocation (RFC 5280 section 8), and what can be had by
/// LDAP can nearly always be had by HTTP.
#[must_use]
pub fn plan(leaf: &CertFacts) -> Vec<Ask> {
    let lists = by_http(&leaf.crl_uris).into_iter().map(Ask::Crl);
    lists.chain(by_http(&leaf.ocsp_uris).into_iter().map(Ask::Ocsp)).collect()
}

/// Takes up what came of asking. An answer stays when another attempt brings none; of several
/// reasons why nothing can be told, the first stays.
pub fn note(revocation: &mut Revocation, ask: &Ask, status: RevocationStatus) {
    let place = match ask {
        Ask::Crl(_) => &mut revocation.crl,
        Ask::Ocsp(_) => &mut revocation.ocsp,
    };
    if is_answer(&status) || *place == RevocationStatus::NotAsked {
        *place = status;
    }
}

/// True if nobody else needs to be asked.
#[must_use]
pub fn settled(revocation: &Revocation) -> bool {
    is_answer(&revocation.crl) || is_answer(&revocation.ocsp)
}

/// True for what says whether the certificate is revoked.
const fn is_answer(status: &RevocationStatus) -> bool {
    matches!(status, RevocationStatus::NotRevoked { .. } | RevocationStatus::Revoked { .. })
}

fn by_http(uris: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for uri in uris {
        let http = uri.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"));
        if http && !found.contains(uri) {
            found.push(uri.clone());
        }
        if found.len() == MOST_ASKED {
            break;
        }
    }
    found
}

/// The certificate in question and its issuer's, as much of them as is needed here.
pub(super) struct Pair<'a> {
    pub(super) leaf: X509Certificate<'a>,
    /// `None` if it is not known.
    pub(super) issuer: Option<X509Certificate<'a>>,
}

impl<'a> Pair<'a> {
    /// Reads both. The error is in words: one cannot be read, or they do not belong together.
    pub(super) fn read(leaf: &'a [u8], issuer: Option<&'a [u8]>) -> Result<Self, String> {
        let read = |der, what: &str| match X509Certificate::from_der(der) {
            Ok((_, cert)) => Ok(cert),
            Err(_) => Err(format!("the certificate{what} cannot be read")),
        };
        let leaf = read(leaf, "")?;
        let issuer = issuer.map(|issuer| read(issuer, " of the issuer")).transpose()?;
        if let Some(issuer) = &issuer
            && !same_name(leaf.issuer().as_raw(), issuer.subject().as_raw())
        {
            return Err("the certificate names another issuer".to_owned());
        }
        Ok(Self { leaf, issuer })
    }
}

/// True if two names in DER are the same, or read the same: authorities encode their own name now
/// as one type of string and now as another. It is the signature that proves who speaks.
pub(super) fn same_name(one: &[u8], other: &[u8]) -> bool {
    one == other || names::printable(one) == names::printable(other)
}

/// What is signed, the algorithm and the rest: how certificates, lists and responses begin.
pub(super) fn signed<'a>(outer: &mut Reader<'a>) -> Option<(Element<'a>, Element<'a>, &'a [u8])> {
    Some((outer.take(SEQUENCE)?, outer.take(SEQUENCE)?, outer.bits()?))
}

/// The reason why a statement does not hold at that time, in words; nothing if it does.
pub(super) fn out_of_time(this_update: i64, next_update: Option<i64>, now: i64) -> Option<String> {
    if this_update > now.saturating_add(LEEWAY) {
        return Some(format!("it holds only from {}", date(this_update)));
    }
    match next_update {
        Some(next) if next < now => Some(format!("a newer one was due on {}", date(next))),
        None if this_update.saturating_add(WITHOUT_END) < now => {
            Some(format!("it is of {} and does not say how long it holds", date(this_update)))
        }
        _ => None,
    }
}

/// A reason by its name (RFC 5280 section 5.3.1); by its number if it has none.
pub(super) fn reason(code: &[u8]) -> String {
    let name = match code {
        [0] => "unspecified",
        [1] => "keyCompromise",
        [2] => "cACompromise",
        [3] => "affiliationChanged",
        [4] => "superseded",
        [5] => "cessationOfOperation",
        [6] => "certificateHold",
        [8] => REMOVE_FROM_CRL,
        [9] => "privilegeWithdrawn",
        [10] => "aACompromise",
        [number] => return format!("reason {number}"),
        _ => return "reason out of range".to_owned(),
    };
    name.to_owned()
}

/// The reason that takes a revocation back.
pub(super) const REMOVE_FROM_CRL: &str = "removeFromCRL";

/// It cannot be told, and why.
pub(super) fn unknown(why: impl Into<String>) -> RevocationStatus {
    RevocationStatus::Unknown { why: why.into() }
}

/// A time in words.
fn date(seconds: i64) -> String {
    let Ok(time) = ASN1Time::from_timestamp(seconds) else {
        return "an impossible day".to_owned();
    };
    let time = time.to_datetime();
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &[u8] = include_bytes!("testdata/revocation/leaf.der");

    fn facts(lists: &[&str], responders: &[&str]) -> CertFacts {
        let mut facts = CertFacts::read(LEAF).unwrap();
        facts.crl_uris = lists.iter().map(|uri| (*uri).to_owned()).collect();
        facts.ocsp_uris = responders.iter().map(|uri| (*uri).to_owned()).collect();
        facts
    }

    #[test]
    fn lists_come_first_by_plain_http_each_once() {
        let crl = |uri: &str| Ask::Crl(uri.to_owned());
        let ocsp = |uri: &str| Ask::Ocsp(uri.to_owned());
        let leaf = CertFacts::read(LEAF).unwrap();
        let both = [crl("http://crl.example/one.crl"), ocsp("http://ocsp.example/")];
        assert_eq!(plan(&leaf), both);
        let odd = facts(
            &[
                "ldap://l/",
                "http://a/",
                "http://a/",
                "HTTP://b/",
                "http://c/",
                "",
                "é\u{fffd}\u{fffd}",
            ],
            &["https://x/", "http://y/"],
        );
        assert_eq!(plan(&odd), [crl("http://a/"), crl("HTTP://b/"), ocsp("http://y/")]);
        assert_eq!(plan(&facts(&[], &[])), []);
    }

    #[test]
    fn an_answer_settles_it_and_stays() {
        let (list, responder) = (Ask::Crl(String::new()), Ask::Ocsp(String::new()));
        let mut revocation = Revocation::default();
        assert!(!settled(&revocation));
        note(&mut revocation, &list, unknown("first"));
        note(&mut revocation, &list, unknown("second"));
        assert_eq!(revocation.crl, unknown("first"));
        assert!(!settled(&revocation));
        let answer = RevocationStatus::NotRevoked { until: None };
        note(&mut revocation, &responder, answer.clone());
        assert!(settled(&revocation));
        note(&mut revocation, &responder, unknown("third"));
        assert_eq!(revocation.ocsp, answer);
        assert_eq!(revocation.crl, unknown("first"));
    }

    #[test]
    fn statements_hold_for_their_time() {
        let why = |this, next| out_of_time(this, next, 1_000_000);
        assert_eq!(why(1_000_300, Some(2_000_000)), None, "clocks differ by five minutes");
        let early = why(1_000_301, Some(2_000_000));
        assert_eq!(early.as_deref(), Some("it holds only from 1970-01-12 13:51 UTC"));
        assert_eq!(why(0, Some(1_000_000)), None);
        let late = why(0, Some(999_999));
        assert_eq!(late.as_deref(), Some("a newer one was due on 1970-01-12 13:46 UTC"));
        assert_eq!(why(1_000_000 - WITHOUT_END, None), None);
        assert!(why(999_999 - WITHOUT_END, None).is_some());
        assert!(why(i64::MIN, Some(i64::MIN)).unwrap().contains("impossible"));
        assert!(out_of_time(i64::MAX, None, i64::MAX).is_none());
    }
}
