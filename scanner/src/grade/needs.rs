//! What a known flaw cannot be without. Where one of its needs is known to be absent, the flaw is
//! out of the question, whether it was asked about or not. Rules and the table of known weaknesses
//! look here, so that they agree.

use super::facts::{Facts, any};
use super::rule::Text;
use super::rules::common::{CBC, OLD, is_tls_cbc};
use crate::observe::KeyAlgorithm;
use crate::wire::groups::GroupKind;
use crate::wire::suites::{Cipher, Kx, SuiteInfo};
use crate::wire::{Group, Version};

/// Something a flaw needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    /// Whether it is there.
    pub met: Option<bool>,
    /// What is to be said where it is not.
    pub absent: Text,
}

const fn need(met: Option<bool>, ms: &'static str, en: &'static str) -> Need {
    Need { met, absent: Text { ms, en } }
}

/// Whether everything is there: one need that is not decides.
pub(super) fn possible(needs: &[Need]) -> Option<bool> {
    if absent(needs).is_some() {
        return Some(false);
    }
    needs.iter().all(|need| need.met == Some(true)).then_some(true)
}

/// What is to be said of the first need that is not met.
pub(super) fn absent(needs: &[Need]) -> Option<Text> {
    needs.iter().find(|need| need.met == Some(false)).map(|need| need.absent)
}

/// Heartbleed.
pub(super) fn heartbleed(facts: &Facts) -> [Need; 2] {
    let heartbeat = need(
        facts.endpoint.heartbeat.known(),
        "sambungan heartbeat tidak ditawarkan",
        "the heartbeat extension is not offered",
    );
    [heartbeat, old_product(facts)]
}

/// A ChangeCipherSpec before its time.
pub(super) fn early_ccs(facts: &Facts) -> [Need; 2] {
    [old_version(facts), old_product(facts)]
}

/// Ticketbleed.
pub(super) fn ticketbleed(facts: &Facts) -> [Need; 3] {
    let tickets = need(
        facts.endpoint.session.ticket_issued.known(),
        "tiada tiket sesi dalam TLS 1.2 ke bawah",
        "no session tickets in TLS 1.2 and older",
    );
    [old_tls(facts), tickets, old_product(facts)]
}

/// ROBOT.
pub(super) fn robot(facts: &Facts) -> [Need; 1] {
    let rsa = |version: Version, info: &SuiteInfo| {
        version > Version::SSL2 && matches!(info.kx, Kx::Rsa | Kx::RsaExport | Kx::RsaPsk)
    };
    [need(facts.offers(rsa), "tiada sut sifer TLS_RSA", "no TLS_RSA suites")]
}

/// What follows from the padding of CBC records.
pub(super) fn padding(facts: &Facts) -> [Need; 1] {
    [need(
        facts.offers(is_tls_cbc),
        "tiada sut sifer CBC dalam TLS 1.0 hingga 1.2",
        "no CBC suites in TLS 1.0 to 1.2",
    )]
}

/// The padding oracle of CVE-2016-2107.
pub(super) fn lucky_minus_20(facts: &Facts) -> [Need; 2] {
    let aes = |version: Version, info: &SuiteInfo| {
        is_tls_cbc(version, info) && info.cipher == Cipher::Aes
    };
    let suites = need(
        facts.offers(aes),
        "tiada sut sifer AES-CBC dalam TLS 1.0 hingga 1.2",
        "no AES-CBC suites in TLS 1.0 to 1.2",
    );
    [suites, old_product(facts)]
}

/// DROWN. Only hosts known to share the key count: with no SSL 2.0 here, none is known.
pub(super) fn drown(facts: &Facts) -> [Need; 2] {
    let here = need(
        facts.speaks_any(&[Version::SSL2]),
        "tiada SSL 2.0 di sini, dan pelayan lain dengan kunci ini tidak diketahui",
        "no SSL 2.0 here, and no other server with this key is known",
    );
    [
        here,
        need(has_rsa_key(facts), "kunci sijil bukan RSA", "the key of the certificate is not RSA"),
    ]
}

/// Renegotiation without RFC 5746. Where renegotiation is secure, the fault is not there by
/// definition.
pub(super) fn legacy_renegotiation(facts: &Facts) -> [Need; 2] {
    let open = need(
        facts.endpoint.secure_renegotiation.known().map(|secure| !secure),
        "rundingan semula yang selamat disokong (RFC 5746)",
        "secure renegotiation is supported (RFC 5746)",
    );
    [old_version(facts), open]
}

/// Points that are not on their curve.
pub(super) fn invalid_curve(facts: &Facts) -> [Need; 2] {
    let exchange = |version: Version, info: &SuiteInfo| {
        OLD.contains(&version) && matches!(info.kx, Kx::Ecdh | Kx::Ecdhe | Kx::EcdhePsk)
    };
    let suites = need(
        facts.offers(exchange),
        "tiada sut sifer ECDHE dalam TLS 1.2 ke bawah",
        "no ECDHE suites in TLS 1.2 and older",
    );
    // x25519 and x448 have no points that are on no curve (RFC 7748 section 7).
    let checked = |group: &Group| {
        let is_curve = group.info().is_some_and(|info| info.kind == GroupKind::Ec);
        is_curve && ![Group::X25519, Group::X448].contains(group)
    };
    let curves =
        facts.groups(Version::TLS12).and_then(|groups| match groups.accepted.iter().any(checked) {
            true => Some(true),
            false => (!groups.unsettled.iter().any(checked)).then_some(false),
        });
    let curves = need(
        curves,
        "hanya x25519 atau x448, yang tidak memerlukan semakan titik",
        "only x25519 or x448, where every point will do",
    );
    [suites, curves]
}

/// Values of finite-field Diffie-Hellman in a small subgroup.
pub(super) fn small_subgroup(facts: &Facts) -> [Need; 1] {
    let exchange = |version: Version, info: &SuiteInfo| {
        OLD.contains(&version) && matches!(info.kx, Kx::Dhe | Kx::DheExport | Kx::DhePsk)
    };
    [need(
        facts.offers(exchange),
        "tiada sut sifer DHE dalam TLS 1.2 ke bawah",
        "no DHE suites in TLS 1.2 and older",
    )]
}

/// A known key for session tickets.
pub(super) fn ticket_key(facts: &Facts) -> [Need; 1] {
    let session = &facts.endpoint.session;
    let within = |versions: &[Version], issued: Option<bool>| match facts.speaks_any(versions) {
        Some(false) => Some(false),
        _ => issued,
    };
    let issued = any([
        within(&CBC, session.ticket_issued.known()),
        within(&[Version::TLS13], session.psk_issued.known()),
    ]);
    [need(issued, "tiada tiket sesi", "no session tickets")]
}

/// Plain text injected with STARTTLS.
pub(super) fn starttls_injection(facts: &Facts) -> [Need; 1] {
    let starttls = facts.target.starttls.is_some();
    [need(Some(starttls), "tiada STARTTLS pada port ini", "no STARTTLS at this port")]
}

/// What is a matter of HTTP.
pub(super) fn http(facts: &Facts) -> [Need; 1] {
    let http = facts.target.starttls.is_none();
    [need(Some(http), "tiada HTTP pada port ini", "no HTTP at this port")]
}

/// What belongs to versions with a handshake of the old kind.
pub(super) fn old_version(facts: &Facts) -> Need {
    need(facts.speaks_any(&OLD), "hanya TLS 1.3 ditawarkan", "TLS 1.3 is all that is offered")
}

fn old_tls(facts: &Facts) -> Need {
    need(facts.speaks_any(&CBC), "tiada TLS 1.0 hingga 1.2", "no TLS 1.0 to 1.2")
}

/// A product of before TLS 1.3: the faults of OpenSSL up to 1.0.2 and of BIG-IP up to 12 were gone
/// when those learnt it.
fn old_product(facts: &Facts) -> Need {
    need(
        facts.speaks_any(&[Version::TLS13]).map(|new| !new),
        "produk yang menyokong TLS 1.3 tidak mempunyai kerentanan ini",
        "products with TLS 1.3 do not have the fault",
    )
}

/// Whether a leaf for the name has an RSA key.
fn has_rsa_key(facts: &Facts) -> Option<bool> {
    // Of no certificate nothing is known.
    facts.served().next()?;
    any(facts.served().map(|served| {
        let key = &served.leaf?.key;
        Some(matches!(key.algorithm, KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss))
    }))
}
