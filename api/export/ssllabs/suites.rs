//! What the suites say: lists of versions, suites and groups, and what follows from them.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde_json::Value;
use taraf_scanner::observe::{Dh, Endpoint, Groups, Suites};
use taraf_scanner::wire::groups::{GroupInfo, GroupKind};
use taraf_scanner::wire::suites::{self, Cipher, Kx, SuiteInfo};
use taraf_scanner::wire::{Group, Suite, Version};

use super::Fields;

/// Whether a version is spoken, if it is known.
pub(super) fn speaks(endpoint: &Endpoint, version: Version) -> Option<bool> {
    endpoint.protocols.iter().find(|it| it.version == version)?.spoken.known()
}

/// The suites of a version.
pub(super) fn list(endpoint: &Endpoint, version: Version) -> Option<&Suites> {
    endpoint.suites.iter().find(|it| it.version == version)
}

/// The number the service has for a version: that of the hello, but for SSL 2.0.
pub(super) fn number(version: Version) -> u16 {
    if version == Version::SSL2 { 512 } else { version.0 }
}

/// One version that is spoken.
pub(super) fn protocol(endpoint: &Endpoint, version: Version) -> Value {
    let (name, number_in_name) =
        version.name().and_then(|name| name.split_once(' ')).unwrap_or_default();
    let mut fields = Fields::default();
    fields.put("id", number(version));
    fields.put("name", name);
    fields.put("version", number_in_name);
    if version == Version::SSL2 {
        // SSL 2.0 is the only one the service marks, SSL 3.0 goes without.
        fields.put("q", 0);
        let suites = list(endpoint, version);
        if suites.is_some_and(|it| it.accepted.is_empty() && it.unsettled.is_empty()) {
            fields.put("v2SuitesDisabled", true);
        }
    }
    fields.end()
}

/// The suites of one version.
pub(super) fn protocol_suites(endpoint: &Endpoint, suites: &Suites) -> Value {
    let mut fields = Fields::default();
    fields.put("protocol", number(suites.version));
    // What the table does not have was never offered, so no suite is lost here.
    let infos = suites.accepted.iter().filter_map(|it| it.info());
    fields.list("list", infos.map(|info| suite(endpoint, suites.version, info)));
    fields.maybe("preference", suites.server_order.known());
    fields.maybe("chaCha20Preference", suites.chacha_preference.known());
    fields.end()
}

/// How two sides come to a secret, as far as it shows in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exchange {
    /// RSA, which the service does not mention.
    Rsa,
    /// Over a prime field.
    Dh,
    /// Over a curve.
    Ec,
    /// By the group the handshake settles on.
    Group,
    /// Another way, or one that does not show.
    Other,
}

/// The exchange a suite names.
fn exchange(info: &SuiteInfo) -> Exchange {
    match info.kx {
        Kx::Rsa | Kx::RsaExport | Kx::RsaPsk => Exchange::Rsa,
        Kx::Dh | Kx::Dhe | Kx::DheExport | Kx::DhePsk => Exchange::Dh,
        // The service says nothing of the group of anonymous suites.
        Kx::Ecdh | Kx::Ecdhe if info.is_anonymous() => Exchange::Other,
        Kx::Ecdh | Kx::Ecdhe | Kx::EcdhePsk => Exchange::Ec,
        Kx::Any => Exchange::Group,
        _ => Exchange::Other,
    }
}

/// One suite of one version.
fn suite(endpoint: &Endpoint, version: Version, info: &SuiteInfo) -> Value {
    let mut fields = Fields::default();
    fields.put("id", info.suite.0);
    fields.put("name", info.name);
    fields.put("cipherStrength", info.bits);
    let mut strength = None;
    match exchange(info) {
        Exchange::Dh => {
            fields.put("kxType", "DH");
            let dh = dh(endpoint, version, info.suite);
            strength = dh.map(|dh| dh.bits);
            // The service gives all four as lengths in bytes, whatever its documents say.
            fields.maybe("dhBits", dh.map(|dh| dh.bits.div_ceil(8)));
            fields.maybe("dhP", dh.map(|dh| dh.prime.len().div_ceil(2)));
            fields.maybe("dhG", dh.map(|dh| dh.generator.len().div_ceil(2)));
            fields.maybe("dhYs", dh.map(|dh| dh.public_length));
        }
        exchange @ (Exchange::Ec | Exchange::Group) => {
            let group = first_group(endpoint, version, exchange);
            let finite = group.is_some_and(|group| group.kind == GroupKind::Ff);
            fields.put("kxType", if finite { "DH" } else { "ECDH" });
            // With a static key, the group is that of the certificate.
            if let Some(group) = group.filter(|_| info.is_ephemeral()) {
                strength = Some(group.rsa_bits);
                fields.put("namedGroupBits", group_bits(group));
                fields.put("namedGroupId", group.group.0);
                fields.put("namedGroupName", group.name);
            }
        }
        Exchange::Rsa | Exchange::Other => {}
    }
    fields.maybe("kxStrength", strength);
    fields.maybe("q", quality(version, info, strength));
    fields.end()
}

/// The exchange of a simulated handshake. Unlike in the lists of suites, the service gives the size
/// of a Diffie-Hellman prime in bits here.
pub(super) fn simulated_exchange(
    fields: &mut Fields,
    endpoint: &Endpoint,
    version: Version,
    suite: Suite,
    group: Option<Group>,
) {
    let Some(info) = suite.info() else { return };
    let group = group.and_then(Group::info);
    match (exchange(info), group) {
        (Exchange::Rsa | Exchange::Other, _) => {}
        (Exchange::Dh, None) => {
            fields.put("kxType", "DH");
            let dh = dh(endpoint, version, suite);
            fields.maybe("kxStrength", dh.map(|dh| dh.bits));
            fields.maybe("dhBits", dh.map(|dh| dh.bits));
            fields.maybe("dhP", dh.map(|dh| dh.prime.len().div_ceil(2)));
            fields.maybe("dhG", dh.map(|dh| dh.generator.len().div_ceil(2)));
            fields.maybe("dhYs", dh.map(|dh| dh.public_length));
        }
        (_, Some(group)) => {
            fields.put("kxType", if group.kind == GroupKind::Ff { "DH" } else { "ECDH" });
            fields.put("kxStrength", group.rsa_bits);
            fields.put("namedGroupBits", group_bits(group));
            fields.put("namedGroupId", group.group.0);
            fields.put("namedGroupName", group.name);
        }
        (Exchange::Ec | Exchange::Group, None) => fields.put("kxType", "ECDH"),
    }
}

/// 0 for an insecure suite, 1 for a weak one, nothing for a good one: as the service marks them.
fn quality(version: Version, info: &SuiteInfo, strength: Option<u16>) -> Option<u8> {
    let below = |least| strength.is_some_and(|strength| strength < least);
    let broken = info.bits < 112 || rc4(version, info) || info.is_anonymous() || info.is_export();
    if version == Version::SSL2 || broken || below(1024) {
        return Some(0);
    }
    (info.is_cbc() || !info.is_ephemeral() || below(2048)).then_some(1)
}

/// The finite-field group seen with a suite.
fn dh(endpoint: &Endpoint, version: Version, suite: Suite) -> Option<&Dh> {
    // What ordinary clients get, who name no finite-field group; a server has one set of parameters
    // for them all.
    let usual = || endpoint.dh.iter().find(|dh| !dh.named_by_client);
    let is_dhe = suite.info().is_some_and(|i| matches!(i.kx, Kx::Dhe | Kx::DhePsk));
    endpoint
        .dh
        .iter()
        .find(|dh| !dh.named_by_client && dh.suites.contains(&(version, suite)))
        .or_else(|| usual().filter(|_| is_dhe))
        .or_else(|| endpoint.dh.iter().find(|dh| dh.suites.contains(&(version, suite))))
}

/// The groups of the versions that a version shares its groups with.
fn groups(endpoint: &Endpoint, version: Version) -> Option<&Groups> {
    let new = |version| version >= Version::TLS13;
    endpoint.groups.iter().find(|it| new(it.version) == new(version))
}

/// The group a suite gets when the client offers all: the first. Before TLS 1.3, the list may hold
/// finite-field groups for other suites (RFC 7919).
fn first_group(
    endpoint: &Endpoint,
    version: Version,
    exchange: Exchange,
) -> Option<&'static GroupInfo> {
    let accepted = &groups(endpoint, version)?.accepted;
    let mut infos = accepted.iter().filter_map(|it| it.info());
    infos.find(|info| exchange == Exchange::Group || info.kind == GroupKind::Ec)
}

/// The size of a group as the service has it: of x448, it gives the strength.
fn group_bits(group: &GroupInfo) -> u16 {
    if group.group == Group::X448 { 224 } else { group.bits }
}

/// All groups once, those of the newest version first.
pub(super) fn named_groups(groups: &[Groups]) -> Option<Value> {
    let mut groups: Vec<_> = groups.iter().filter(|it| !it.accepted.is_empty()).collect();
    groups.sort_by_key(|it| Reverse(it.version));
    let newest = groups.first()?;
    let mut seen = HashSet::new();
    let all = groups.iter().flat_map(|it| &it.accepted).filter(|it| seen.insert(**it));
    let mut fields = Fields::default();
    fields.list(
        "list",
        all.filter_map(|it| it.info()).map(|group| {
            let mut fields = Fields::default();
            fields.put("id", group.group.0);
            fields.put("name", group.name);
            fields.put("bits", group_bits(group));
            fields.maybe("namedGroupType", (group.kind == GroupKind::Ec).then_some("EC"));
            fields.end()
        }),
    );
    fields.maybe("preference", newest.server_order.known());
    Some(fields.end())
}

/// Whether the server accepts a suite of that kind: yes if one is known, no only if every version
/// that could have one, and every suite that could be one, got an answer.
pub(super) fn offers(
    endpoint: &Endpoint,
    kind: impl Fn(Version, &SuiteInfo) -> bool,
) -> Option<bool> {
    let mut known = true;
    for version in Version::ALL {
        let is = |suite: &Suite| suite.info().is_some_and(|info| kind(version, info));
        let suites = list(endpoint, version);
        if suites.is_some_and(|it| it.accepted.iter().any(is)) {
            return Some(true);
        }
        known &= match (speaks(endpoint, version), suites) {
            (Some(false), _) => true,
            (Some(true), Some(suites)) => !suites.unsettled.iter().any(is),
            _ => !suites::all().iter().any(|info| info.fits(version) && kind(version, info)),
        };
    }
    known.then_some(false)
}

/// True for RC4, whatever the version.
pub(super) fn rc4(_: Version, info: &SuiteInfo) -> bool {
    info.cipher == Cipher::Rc4
}

/// Whether there is nothing but RC4.
pub(super) fn rc4_only(endpoint: &Endpoint) -> Option<bool> {
    match offers(endpoint, |version, info| !rc4(version, info))? {
        true => Some(false),
        false => offers(endpoint, rc4),
    }
}

/// BEAST: CBC with TLS 1.0 or older, unless the server prefers something else (their documents:
/// `vulnBeast`). SSL 2.0 chains its blocks too, but BEAST was never about it.
pub(super) fn prefers_old_cbc(endpoint: &Endpoint) -> Option<bool> {
    let answers = [Version::SSL3, Version::TLS10].map(|version| {
        let suites = list(endpoint, version);
        if speaks(endpoint, version) == Some(false) {
            return Some(false);
        }
        let suites = suites?;
        let cbc = |suite: &Suite| suite.info().is_some_and(SuiteInfo::is_cbc);
        if !suites.accepted.iter().any(cbc) {
            return (!suites.unsettled.iter().any(cbc)).then_some(false);
        }
        let others = !suites.accepted.iter().all(cbc);
        match suites.server_order.known() {
            Some(true) if suites.unsettled.is_empty() => suites.accepted.first().map(cbc),
            Some(false) => Some(true),
            _ => (!others).then_some(true),
        }
    });
    if answers.contains(&Some(true)) {
        return Some(true);
    }
    answers.iter().all(Option::is_some).then_some(false)
}

/// The key exchange of an export suite of at most 512 bits; that of the EXPORT1024 suites may have
/// twice as many, and SSL 2.0 shortens only the cipher's key.
fn export_512(version: Version, info: &SuiteInfo) -> Option<Exchange> {
    (version > Version::SSL2 && info.is_export() && info.bits == 40).then(|| exchange(info))
}

/// FREAK: RSA keys of 512 bits for export.
pub(super) fn freak(endpoint: &Endpoint) -> Option<bool> {
    offers(endpoint, |version, info| export_512(version, info) == Some(Exchange::Rsa))
}

/// Logjam: a finite-field group below 1024 bits. It takes the size of every such suite to say no.
pub(super) fn logjam(endpoint: &Endpoint) -> Option<bool> {
    let small = endpoint.dh.iter().any(|dh| dh.bits < 1024);
    let export = offers(endpoint, |version, info| export_512(version, info) == Some(Exchange::Dh));
    if small || export == Some(true) {
        return Some(true);
    }
    let unsized_one = |version, info: &SuiteInfo| {
        let fresh = exchange(info) == Exchange::Dh && info.is_ephemeral();
        fresh && dh(endpoint, version, info.suite).is_none()
    };
    (offers(endpoint, unsized_one) == Some(false)).then_some(false)
}

/// Whether the client may put ChaCha20 first, in any version.
pub(super) fn prefers_chacha(endpoint: &Endpoint) -> Option<bool> {
    endpoint.suites.iter().filter_map(|it| it.chacha_preference.known()).max()
}

/// TLS_AES_128_GCM_SHA256 (RFC 8446 section 9.1); no answer without TLS 1.3.
pub(super) fn has_mandatory_suite(endpoint: &Endpoint) -> Option<bool> {
    let suites = list(endpoint, Version::TLS13)?;
    let mandatory = Suite(0x1301);
    if suites.accepted.contains(&mandatory) {
        return Some(true);
    }
    (!suites.accepted.is_empty() && !suites.unsettled.contains(&mandatory)).then_some(false)
}

/// 2 if a known prime is weak besides, 1 if one is known: their limit is 1024 bits, included.
pub(super) fn known_primes(dh: &[Dh]) -> Option<u32> {
    let rank = |dh: &Dh| match dh.known_as {
        Some(_) if dh.bits <= 1024 => 2,
        Some(_) => 1,
        None => 0,
    };
    dh.iter().map(rank).max()
}
