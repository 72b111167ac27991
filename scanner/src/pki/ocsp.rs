//! OCSP (RFC 6960): requests, and what responses say.
//!
//! Requests are as the profile for large authorities wants them (RFC 5019 section 2.1): one
//! certificate, SHA-1, no nonce, so that caches can answer. SHA-1 only names the issuer here.
//!
//! Responses are believed if the issuer's key signed them, or a responder's whose certificate the
//! issuer signed for this (RFC 6960 section 4.2.2.2). Whom a response names as its responder is not
//! looked at: it names whom it likes, and the signature tells. Whether the responder's certificate
//! is itself revoked is not asked.

use aws_lc_rs::digest::{self, Algorithm};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::der::{
    ENUMERATED, Element, Extension, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, context, encode,
    extensions, oid, shortest,
};
use super::find;
use super::revocation::{self, Pair, unknown};
use super::signature::verify_der;
use crate::observe::{RevocationStatus, Staple};

/// The type of a request in HTTP (RFC 6960 appendix C.1).
pub const REQUEST_TYPE: &str = "application/ocsp-request";

/// The longest response that is read, in bytes. One with a few certificates inside has some 4,000.
pub const MOST_RESPONSE: usize = 1 << 18;

/// Most statements of one response that are looked at.
const MOST_STATEMENTS: usize = 1000;

/// Most certificates of one response that are looked at: each costs up to two signature checks.
const MOST_CERTIFICATES: usize = 8;

/// The longest address asked by GET, in bytes (RFC 5019 section 5).
const LONGEST_GET: usize = 255;

/// DER of SHA-1 as an AlgorithmIdentifier.
const SHA1: &[u8] = &[0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00];

/// The hashes by which a response may name the issuer.
const HASHES: [(&str, &Algorithm); 4] = [
    ("1.3.14.3.2.26", &digest::SHA1_FOR_LEGACY_USE_ONLY),
    ("2.16.840.1.101.3.4.2.1", &digest::SHA256),
    ("2.16.840.1.101.3.4.2.2", &digest::SHA384),
    ("2.16.840.1.101.3.4.2.3", &digest::SHA512),
];

/// The basic response (RFC 6960 section 4.2.1).
const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";

/// Extensions that change nothing of what is read here: nonce, references to lists, archive cutoff
/// and extended revoke (RFC 6960 section 4.4).
const KNOWN: [&str; 4] = [
    "1.3.6.1.5.5.7.48.1.2",
    "1.3.6.1.5.5.7.48.1.3",
    "1.3.6.1.5.5.7.48.1.6",
    "1.3.6.1.5.5.7.48.1.9",
];

/// How to put a request by HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// GET this address.
    Get(String),
    /// POST it to this address, as [`REQUEST_TYPE`].
    Post {
        /// The responder.
        uri: String,
        /// The request.
        body: Vec<u8>,
    },
}

/// A request for the status of one certificate, in DER (RFC 6960 section 4.1.1). `None` if a
/// certificate cannot be read, or if the one is not issued under the name of the other.
#[must_use]
pub fn request(leaf: &[u8], issuer: &[u8]) -> Option<Vec<u8>> {
    let pair = Pair::read(leaf, Some(issuer)).ok()?;
    let hash = &digest::SHA1_FOR_LEGACY_USE_ONLY;
    let name = digest::digest(hash, pair.leaf.issuer().as_raw());
    let key = digest::digest(hash, &pair.issuer?.public_key().subject_public_key.data);
    let id = encode(
        SEQUENCE,
        &[
            SHA1,
            &encode(OCTET_STRING, &[name.as_ref()]),
            &encode(OCTET_STRING, &[key.as_ref()]),
            &encode(INTEGER, &[pair.leaf.raw_serial()]),
        ],
    );
    // Request, requestList, TBSRequest, OCSPRequest: a list of one, and nothing else in any.
    let wrap = |inner: Vec<u8>, _| encode(SEQUENCE, &[&inner]);
    Some((0..4).fold(id, wrap))
}

/// How to ask the responder at this address: by GET if the address with the request in it is short
/// enough, which lets caches answer, and else by POST (RFC 6960 appendix A.1, RFC 5019 section 5).
/// An address with a query of its own has no place for the request.
#[must_use]
pub fn call(uri: &str, request: &[u8]) -> Call {
    let mut url = uri.strip_suffix('/').unwrap_or(uri).to_owned();
    url.push('/');
    for c in STANDARD.encode(request).chars() {
        match c {
            '+' => url.push_str("%2B"),
            '/' => url.push_str("%2F"),
            '=' => url.push_str("%3D"),
            _ => url.push(c),
        }
    }
    if url.len() > LONGEST_GET || uri.contains(['?', '#']) {
        return Call::Post { uri: uri.to_owned(), body: request.to_vec() };
    }
    Call::Get(url)
}

/// Reads a stapled response. Without the certificate of the issuer its signature cannot be checked,
/// and it proves nothing. The time is in seconds since 1970.
#[must_use]
pub fn staple(response: &[u8], leaf: &[u8], issuer: Option<&[u8]>, now: i64) -> Staple {
    let mut staple = Staple {
        status: RevocationStatus::NotAsked,
        produced_at: None,
        this_update: None,
        next_update: None,
        signed: None,
    };
    staple.status = read(response, leaf, issuer, now, &mut staple).unwrap_or_else(unknown);
    staple
}

/// What a responder's answer says of a certificate, and until when that may be believed, if it
/// says. Times are in seconds since 1970.
#[must_use]
pub fn answer(
    response: &[u8],
    leaf: &[u8],
    issuer: &[u8],
    now: i64,
) -> (RevocationStatus, Option<i64>) {
    let staple = staple(response, leaf, Some(issuer), now);
    let until = match staple.status {
        RevocationStatus::NotRevoked { .. } | RevocationStatus::Revoked { .. } => {
            staple.next_update
        }
        _ => None,
    };
    (staple.status, until)
}

/// Reads a response, and puts into the staple what it finds on the way. The error is the reason why
/// the status cannot be told.
fn read(
    response: &[u8],
    leaf: &[u8],
    issuer: Option<&[u8]>,
    now: i64,
    staple: &mut Staple,
) -> Result<RevocationStatus, String> {
    let pair = Pair::read(leaf, issuer)?;
    if response.len() > MOST_RESPONSE {
        return Err(format!("the response has more than {MOST_RESPONSE} bytes"));
    }
    let basic = basic(response)?;
    staple.produced_at = Some(basic.produced_at);
    let Some(statement) = statement(&basic, &pair)? else {
        return Err("the response is about another certificate".to_owned());
    };
    staple.this_update = Some(statement.this_update);
    staple.next_update = statement.next_update;

    let signature = signature(&basic, pair.issuer.as_ref(), now);
    staple.signed = signature.is_right;
    if let Some(why) = signature.why {
        return Err(why);
    }
    if let Some(why) = revocation::out_of_time(statement.this_update, statement.next_update, now) {
        return Err(format!("the response is out of time: {why}"));
    }
    if let Some(why) = refused(&basic.extensions).or_else(|| refused(&statement.extensions)) {
        return Err(why);
    }
    statement.status()
}

/// What is used of a basic response.
struct Basic<'a> {
    signed: Element<'a>,
    algorithm: Element<'a>,
    signature: &'a [u8],
    certificates: Reader<'a>,
    produced_at: i64,
    statements: Reader<'a>,
    extensions: Vec<Extension<'a>>,
}

const MALFORMED: &str = "the response cannot be read";

/// The basic response inside a successful one.
fn basic(response: &[u8]) -> Result<Basic<'_>, String> {
    let malformed = || MALFORMED.to_owned();
    let mut outer = Reader::new(response).enter(SEQUENCE).ok_or_else(malformed)?;
    let status = outer.take(ENUMERATED).ok_or_else(malformed)?;
    if let Some(why) = failure(status.content) {
        return Err(why);
    }
    let mut inner = outer.enter(context(0)).ok_or("the response is empty")?;
    let mut inner = inner.enter(SEQUENCE).ok_or_else(malformed)?;
    let kind = inner.take(OID).and_then(|kind| oid(kind.content)).ok_or_else(malformed)?;
    if kind != BASIC {
        return Err(format!("the response is of an unknown type, {kind}"));
    }
    let inner = inner.take(OCTET_STRING).ok_or_else(malformed)?;
    parse_basic(inner.content).ok_or_else(malformed)
}

fn parse_basic(bytes: &[u8]) -> Option<Basic<'_>> {
    let mut outer = Reader::new(bytes).enter(SEQUENCE)?;
    let (signed, algorithm, signature) = revocation::signed(&mut outer)?;
    let certificates = match outer.enter(context(0)) {
        Some(mut list) => list.enter(SEQUENCE)?,
        None => Reader::new(&[]),
    };
    let mut data = Reader::new(signed.content);
    // The version, which is one if it is left out. Nobody has another.
    data.take(context(0));
    // Whom it names as its responder.
    data.element()?;
    let produced_at = data.time()?;
    let statements = data.enter(SEQUENCE)?;
    let extensions = optional_extensions(&mut data)?;
    Some(Basic { signed, algorithm, signature, certificates, produced_at, statements, extensions })
}

/// The extensions in `[1]`, if there are any.
fn optional_extensions<'a>(data: &mut Reader<'a>) -> Option<Vec<Extension<'a>>> {
    match data.enter(context(1)) {
        Some(mut list) => extensions(list.enter(SEQUENCE)?),
        None => Some(Vec::new()),
    }
}

/// Why these extensions forbid to go on, if they do.
fn refused(extensions: &[Extension<'_>]) -> Option<String> {
    let unknown =
        |extension: &&Extension<'_>| extension.critical && !KNOWN.contains(&extension.id.as_str());
    let extension = extensions.iter().find(unknown)?;
    Some(format!("the response has a critical extension {}", extension.id))
}

/// Why a responder gives no answer, by the names of RFC 6960 section 4.2.1.
fn failure(status: &[u8]) -> Option<String> {
    let name = match status {
        [0] => return None,
        [1] => "malformedRequest",
        [2] => "internalError",
        [3] => "tryLater",
        [5] => "sigRequired",
        [6] => "unauthorized",
        [number] => return Some(format!("the responder answered with status {number}")),
        _ => return Some(MALFORMED.to_owned()),
    };
    Some(format!("the responder answered {name}"))
}

/// What a response says of one certificate.
struct Statement<'a> {
    status: Element<'a>,
    this_update: i64,
    next_update: Option<i64>,
    extensions: Vec<Extension<'a>>,
}

/// What it says of the certificate in question; of several statements, the latest.
fn statement<'a>(basic: &Basic<'a>, pair: &Pair<'_>) -> Result<Option<Statement<'a>>, String> {
    let mut statements = basic.statements;
    let mut found: Option<Statement<'a>> = None;
    for _ in 0..MOST_STATEMENTS {
        if statements.is_empty() {
            break;
        }
        let mut single = statements.enter(SEQUENCE).ok_or(MALFORMED)?;
        let id = single.enter(SEQUENCE).ok_or(MALFORMED)?;
        if !is_about(id, pair).ok_or(MALFORMED)? {
            continue;
        }
        let statement = parse_statement(single).ok_or(MALFORMED)?;
        if found.as_ref().is_none_or(|found| found.this_update < statement.this_update) {
            found = Some(statement);
        }
    }
    Ok(found)
}

fn parse_statement(mut single: Reader<'_>) -> Option<Statement<'_>> {
    Some(Statement {
        status: single.element()?,
        this_update: single.time()?,
        next_update: match single.enter(context(0)) {
            Some(mut next) => Some(next.time()?),
            None => None,
        },
        extensions: optional_extensions(&mut single)?,
    })
}

/// Whether a CertID is that of the certificate in question. The hash of the issuer's key is only
/// looked at if that key is known. `None` if it cannot be read.
fn is_about(mut id: Reader<'_>, pair: &Pair<'_>) -> Option<bool> {
    let hash = oid(id.enter(SEQUENCE)?.take(OID)?.content)?;
    let name = id.take(OCTET_STRING)?.content;
    let key = id.take(OCTET_STRING)?.content;
    let serial = id.take(INTEGER)?.content;
    if shortest(serial) != shortest(pair.leaf.raw_serial()) {
        return Some(false);
    }
    let Some(hash) = find(&HASHES, &hash) else {
        return Some(false);
    };
    let is = |hashed: &[u8], bytes: &[u8]| digest::digest(hash, bytes).as_ref() == hashed;
    let by_key = pair
        .issuer
        .as_ref()
        .is_none_or(|issuer| is(key, &issuer.public_key().subject_public_key.data));
    Some(by_key && is(name, pair.leaf.issuer().as_raw()))
}

impl Statement<'_> {
    /// The status in it.
    fn status(&self) -> Result<RevocationStatus, String> {
        match self.status.tag {
            0x80 => Ok(RevocationStatus::NotRevoked { until: self.next_update }),
            0xa1 => self.revoked().ok_or_else(|| MALFORMED.to_owned()),
            0x82 => Err("the responder does not know the certificate".to_owned()),
            _ => Err(MALFORMED.to_owned()),
        }
    }

    fn revoked(&self) -> Option<RevocationStatus> {
        let mut info = Reader::new(self.status.content);
        let at = info.time()?;
        let reason = match info.enter(context(0)) {
            Some(mut code) => Some(revocation::reason(code.take(ENUMERATED)?.content)),
            None => None,
        };
        Some(RevocationStatus::Revoked { at, reason })
    }
}

/// What came of checking a signature.
struct Checked {
    /// As in [`Staple::signed`].
    is_right: Option<bool>,
    /// Why nothing can be told, if it is not right.
    why: Option<String>,
}

impl Checked {
    const RIGHT: Self = Self { is_right: Some(true), why: None };

    fn wrong(why: &str) -> Self {
        Self { is_right: Some(false), why: Some(why.to_owned()) }
    }

    fn unchecked(why: &str) -> Self {
        Self { is_right: None, why: Some(why.to_owned()) }
    }
}

/// Checks the signature of a response: first by the issuer's key, then by those of the certificates
/// in it.
fn signature(basic: &Basic<'_>, issuer: Option<&X509Certificate<'_>>, now: i64) -> Checked {
    let Some(issuer) = issuer else {
        return Checked::unchecked(
            "the signature of the response cannot be checked: the issuer's certificate is not known",
        );
    };
    let made_by = |key: &X509Certificate<'_>| {
        let message = basic.signed.whole;
        verify_der(key.public_key().raw, basic.algorithm.whole, message, basic.signature)
    };
    let mut unchecked = match made_by(issuer) {
        Some(true) => return Checked::RIGHT,
        answer => answer.is_none(),
    };
    let mut certificates = basic.certificates;
    for _ in 0..MOST_CERTIFICATES {
        let Some(der) = certificates.take(SEQUENCE) else { break };
        let Ok((_, responder)) = X509Certificate::from_der(der.whole) else { continue };
        match made_by(&responder) {
            Some(true) => return delegated(&responder, der, issuer, now),
            Some(false) => {}
            None => unchecked = true,
        }
    }
    if unchecked {
        return Checked::unchecked(
            "the signature of the response is of an algorithm that cannot be checked",
        );
    }
    Checked::wrong("the signature of the response is neither the issuer's nor a responder's")
}

/// Whether the certificate that made the signature may speak for the issuer.
fn delegated(
    responder: &X509Certificate<'_>,
    der: Element<'_>,
    issuer: &X509Certificate<'_>,
    now: i64,
) -> Checked {
    let mut parts = Reader::new(der.content);
    let issued = revocation::signed(&mut parts).and_then(|(signed, algorithm, signature)| {
        verify_der(issuer.public_key().raw, algorithm.whole, signed.whole, signature)
    });
    match issued {
        Some(true) => {}
        Some(false) => {
            return Checked::wrong(
                "the signature of the response is by a responder the issuer did not certify",
            );
        }
        None => {
            return Checked::unchecked(
                "the signature of the responder's certificate is of an algorithm that cannot be \
                 checked",
            );
        }
    }
    let may_sign = responder.extensions().iter().any(|extension| {
        let ParsedExtension::ExtendedKeyUsage(usage) = extension.parsed_extension() else {
            return false;
        };
        usage.ocsp_signing
    });
    if !may_sign {
        return Checked::wrong(
            "the signature of the response is by a certificate that is not for signing responses",
        );
    }
    let validity = responder.validity();
    if now < validity.not_before.timestamp().saturating_sub(revocation::LEEWAY)
        || validity.not_after.timestamp() < now
    {
        return Checked::wrong(
            "the signature of the response is by a certificate that is out of date",
        );
    }
    Checked::RIGHT
}

#[cfg(test)]
mod tests;
