//! Facts that need no question of their own: they are read from all that was answered anyway.

use std::collections::{BTreeMap, BTreeSet};

use base64::prelude::{BASE64_STANDARD, Engine};

use super::desk::{Desk, Seen};
use super::extensions::Extensions;
use super::primes;
use super::{Handshake, HandshakeReply};
use crate::observe::{
    Chain, ClientAuth, Dh, Fact, KeyType, Protocol, Randoms, Reuse, Seen as Known, Sent, SniSent,
    Why,
};
use crate::pki::names::printable;
use crate::wire::flight::KeyExchange;
use crate::wire::suites::Auth;
use crate::wire::{ClientHello, Ext, Extension, Group, Scheme, Suite, Version, sslv2};

/// Every chain, each once, and the certificates by fingerprint.
pub(crate) fn chains(
    desk: &Desk,
    server_name: Option<&str>,
) -> (Vec<Chain>, BTreeMap<String, String>) {
    let mut chains: Vec<Chain> = Vec::new();
    let mut certificates = BTreeMap::new();
    let mut add = |list: &[Vec<u8>], sent: Sent| {
        let ids: Vec<String> = list
            .iter()
            .map(|der| {
                let id = fingerprint(der);
                certificates.entry(id.clone()).or_insert_with(|| BASE64_STANDARD.encode(der));
                id
            })
            .collect();
        let index = chains.iter().position(|c| c.certificates == ids).unwrap_or_else(|| {
            chains.push(Chain { certificates: ids, sent: Vec::new(), facts: None, serves: None });
            chains.len() - 1
        });
        let Some(chain) = chains.get_mut(index) else { return };
        let known = |s: &Sent| (s.sni, s.version, s.key) == (sent.sni, sent.version, sent.key);
        if !chain.sent.iter().any(known) {
            chain.sent.push(sent);
        }
    };
    for seen in desk.seen() {
        let sni = match seen.hello.as_ref().and_then(|h| h.extension(Extension::SERVER_NAME)) {
            _ if server_name.is_none() => SniSent::None,
            Some(Ext::ServerName(name)) if Some(name.as_str()) == server_name => SniSent::Name,
            Some(_) => SniSent::Unrecognised,
            None => SniSent::None,
        };
        if let (Some(list), Some(hello)) = (&seen.flight.certificates, &seen.flight.hello) {
            let key = key_type(hello.suite, scheme_of(&seen));
            add(list, Sent { sni, version: hello.version(), key, how: seen.id });
        }
        if let Some(sslv2::Answer::Hello(hello)) = &seen.flight.ssl2 {
            let sent = Sent {
                sni: SniSent::None,
                version: Version::SSL2,
                key: KeyType::Rsa,
                how: seen.id,
            };
            add(std::slice::from_ref(&hello.certificate), sent);
        }
    }
    for (id, plan, reply) in desk.handshakes() {
        if reply.chain.is_empty() {
            continue;
        }
        let sni = match &plan.server_name {
            None => SniSent::None,
            Some(name) if Some(name.as_str()) == server_name => SniSent::Name,
            Some(_) => SniSent::Unrecognised,
        };
        let key = key_type(reply.suite.unwrap_or(Suite(0)), reply.scheme);
        add(&reply.chain, Sent { sni, version: plan.version, key, how: id });
    }
    (chains, certificates)
}

fn scheme_of(seen: &Seen) -> Option<Scheme> {
    match &seen.flight.key_exchange {
        Some(KeyExchange::Ecdhe { scheme, .. } | KeyExchange::Dhe { scheme, .. }) => *scheme,
        _ => None,
    }
}

/// The key type that a suite, or in doubt a scheme, stands for.
fn key_type(suite: Suite, scheme: Option<Scheme>) -> KeyType {
    match scheme.map(|s| s.0) {
        Some(0x0807 | 0x0808) => return KeyType::Eddsa,
        Some(0x0809..=0x080b) => return KeyType::RsaPss,
        Some(0x0804..=0x0806) => return KeyType::Rsa,
        Some(n) => match n & 0xff {
            1 => return KeyType::Rsa,
            2 => return KeyType::Dss,
            3 => return KeyType::Ecdsa,
            _ => {}
        },
        None => {}
    }
    match suite.info().map(|i| i.auth) {
        Some(Auth::Rsa) => KeyType::Rsa,
        Some(Auth::Ecdsa) => KeyType::Ecdsa,
        Some(Auth::Dss) => KeyType::Dss,
        _ => KeyType::Any,
    }
}

/// SHA-256 in lower-case hex.
fn fingerprint(der: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    hex(digest.as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Every finite-field group seen.
pub(crate) fn dh(desk: &Desk) -> Vec<Dh> {
    let mut groups: Vec<Dh> = Vec::new();
    for seen in desk.seen() {
        let Some(hello) = &seen.flight.hello else { continue };
        let Some(KeyExchange::Dhe { p, g, ys, .. }) = &seen.flight.key_exchange else { continue };
        let prime: Vec<u8> = p.iter().copied().skip_while(|b| *b == 0).collect();
        let bits = prime.first().map_or(0, |first| {
            u16::try_from(prime.len() * 8).unwrap_or(u16::MAX)
                - u16::try_from(first.leading_zeros()).unwrap_or(0)
        });
        let (prime, generator) = (hex(&prime), hex(g));
        let named_by_client = seen.hello.as_ref().is_some_and(names_finite_fields);
        let known = groups.iter().position(|d| {
            (&d.prime, &d.generator, d.named_by_client) == (&prime, &generator, named_by_client)
        });
        let index = known.unwrap_or_else(|| {
            groups.push(Dh {
                bits,
                known_as: primes::known(&prime).map(str::to_owned),
                prime,
                generator,
                public_length: u16::try_from(ys.len()).unwrap_or(u16::MAX),
                named_by_client,
                suites: Vec::new(),
            });
            groups.len() - 1
        });
        let entry = (hello.version(), hello.suite);
        if let Some(group) = groups.get_mut(index)
            && !group.suites.contains(&entry)
        {
            group.suites.push(entry);
        }
    }
    groups
}

fn names_finite_fields(hello: &ClientHello) -> bool {
    match hello.extension(Extension::SUPPORTED_GROUPS) {
        Some(Ext::Groups(groups)) => groups.contains(&Group::FFDHE2048),
        _ => false,
    }
}

/// Whether ephemeral public values repeat: needs at least two of the same group.
pub(crate) fn reuse(desk: &Desk) -> Reuse {
    let (mut dh, mut ecdh) = (Vec::new(), Vec::new());
    for seen in desk.seen() {
        match &seen.flight.key_exchange {
            Some(KeyExchange::Dhe { p, ys, .. }) => dh.push((seen.id, p.clone(), ys.clone())),
            Some(KeyExchange::Ecdhe { group: Some(group), point, .. }) => {
                ecdh.push((seen.id, group.0.to_be_bytes().to_vec(), point.clone()));
            }
            _ => {}
        }
    }
    Reuse { dh: repeated(&dh), ecdh: repeated(&ecdh) }
}

fn repeated(values: &[(u32, Vec<u8>, Vec<u8>)]) -> Fact<()> {
    if values.is_empty() {
        return Fact::unknown(Why::NotApplicable, []);
    }
    let mut pairs = 0;
    for (i, (id, group, value)) in values.iter().enumerate() {
        for (other_id, other_group, other) in values.iter().skip(i + 1) {
            if group == other_group {
                pairs += 1;
                if value == other {
                    return Fact::yes((), [*id, *other_id]);
                }
            }
        }
    }
    let how: Vec<u32> = values.iter().map(|(id, ..)| *id).collect();
    if pairs == 0 { Fact::unknown(Why::NotAsked, how) } else { Fact::no(how) }
}

/// Signature schemes seen in use.
pub(crate) fn schemes_used(desk: &Desk) -> Vec<(Version, Scheme)> {
    let mut used = BTreeSet::new();
    for seen in desk.seen() {
        if let (Some(hello), Some(scheme)) = (&seen.flight.hello, scheme_of(&seen)) {
            used.insert((hello.version(), scheme));
        }
    }
    for (_, plan, reply) in desk.handshakes() {
        used.extend(reply.scheme.map(|scheme| (plan.version, scheme)));
    }
    used.into_iter().collect()
}

/// Whether the server's hellos of TLS 1.2 and older, or SSL 3.0's alone, carry an extension.
pub(crate) fn answers_with(
    desk: &Desk,
    extension: Extension,
    counts: impl Fn(&Seen, Suite) -> bool,
) -> Fact<()> {
    let mut without = Vec::new();
    for seen in desk.seen() {
        let Some(hello) = &seen.flight.hello else { continue };
        // Renegotiation is asked for by a suite; all else only where the hello names it.
        let offered = extension == Extension::RENEGOTIATION_INFO
            || seen.hello.as_ref().is_some_and(|h| h.extension(extension).is_some());
        if hello.version() >= Version::TLS13 || !offered || !counts(&seen, hello.suite) {
            continue;
        }
        if hello.extension(extension).is_some() {
            return Fact::yes((), [seen.id]);
        }
        without.push(seen.id);
    }
    if without.is_empty() {
        Fact::unknown(Why::NotApplicable, [])
    } else {
        without.truncate(3);
        Fact::no(without)
    }
}

/// EC point formats, as the server names them; those that name none take uncompressed points.
pub(crate) fn point_formats(desk: &Desk) -> Fact<Vec<u8>> {
    for seen in desk.seen() {
        if let Some([length, formats @ ..]) =
            seen.flight.hello.as_ref().and_then(|h| h.extension(Extension::EC_POINT_FORMATS))
            && usize::from(*length) == formats.len()
        {
            return Fact::yes(formats.to_vec(), [seen.id]);
        }
    }
    let elliptic = |s: &Seen| {
        matches!(s.flight.key_exchange, Some(KeyExchange::Ecdhe { .. }))
            && s.flight.hello.as_ref().is_some_and(|h| h.version() > Version::SSL3)
    };
    match desk.seen().iter().find(|s| elliptic(s)) {
        Some(seen) => Fact::no([seen.id]),
        None => Fact::unknown(Why::NotApplicable, []),
    }
}

/// The stapled OCSP response, in base64.
pub(crate) fn ocsp_staple(desk: &Desk, rich: &Extensions) -> Fact<String> {
    if let Some(seen) = &rich.staple
        && let Some(response) = &seen.flight.status
    {
        return Fact::yes(BASE64_STANDARD.encode(response), [seen.id]);
    }
    let mut asked: Vec<u32> = rich.asked_for_staple.into_iter().collect();
    // Resumed sessions send neither certificate nor staple.
    for (id, _, reply) in desk.handshakes() {
        if reply.chain.is_empty() || reply.resumed {
            continue;
        }
        if !reply.staple.is_empty() {
            return Fact::yes(BASE64_STANDARD.encode(&reply.staple), [id]);
        }
        asked.push(id);
    }
    if asked.is_empty() { Fact::unknown(Why::NoHandshake, []) } else { Fact::no(asked) }
}

/// Whether certificates come compressed in TLS 1.3 when the client offers it.
pub(crate) fn certificate_compression(desk: &Desk) -> Fact<Vec<u16>> {
    let mut without = Vec::new();
    for (id, plan, reply) in desk.handshakes() {
        if plan.version < Version::TLS13 || reply.resumed || reply.chain.is_empty() {
            continue;
        }
        if let Some(algorithm) = reply.certificate_compression {
            return Fact::yes(vec![algorithm], [id]);
        }
        without.push(id);
    }
    if without.is_empty() { Fact::unknown(Why::NoHandshake, []) } else { Fact::no(without) }
}

/// Whether a client certificate is asked for, and whether the handshake fails without one.
pub(crate) fn client_auth(desk: &Desk) -> Fact<ClientAuth> {
    let handshakes = desk.handshakes();
    let usable = |(_, plan, reply): &&(u32, Handshake, HandshakeReply)| {
        !reply.resumed && plan.alpn.is_empty() && (reply.completed || reply.client_auth)
    };
    let asked = handshakes.iter().filter(usable).find(|(.., reply)| reply.client_auth);
    let in_clear = desk.seen().into_iter().find(|s| s.flight.request.is_some());
    let names = |list: &[Vec<u8>]| list.iter().map(|der| printable(der)).collect::<Vec<_>>();
    if let Some((id, _, reply)) = asked {
        let refused = handshakes.iter().any(|(_, plan, r)| {
            plan.server_name.is_some() && r.client_auth && !r.resumed && r.alert.is_some()
        });
        // In TLS 1.3 our side is complete before the server looks: only an answer proves consent.
        let consents = |(_, plan, r): &&(u32, Handshake, HandshakeReply)| {
            r.client_auth
                && r.completed
                && r.alert.is_none()
                && (plan.version < Version::TLS13 || r.http.is_some() || r.tickets > 0)
        };
        let required = if refused {
            Known::Yes { value: () }
        } else if handshakes.iter().any(|h| consents(&h)) {
            Known::No
        } else {
            Known::Unknown { why: Why::NoHandshake }
        };
        let authorities = match in_clear.as_ref().and_then(|s| s.flight.request.as_ref()) {
            Some(request) => names(&request.authorities),
            None => names(&reply.client_auth_authorities),
        };
        return Fact::yes(ClientAuth { required, authorities }, [*id]);
    }
    if let Some(seen) = in_clear {
        let authorities =
            seen.flight.request.as_ref().map(|r| names(&r.authorities)).unwrap_or_default();
        let required = Known::Unknown { why: Why::NoHandshake };
        return Fact::yes(ClientAuth { required, authorities }, [seen.id]);
    }
    if let Some((id, ..)) = handshakes.iter().find(usable) {
        return Fact::no([*id]);
    }
    match desk.seen().iter().find(|s| s.flight.done) {
        Some(seen) => Fact::no([seen.id]),
        None => Fact::unknown(Why::NoHandshake, []),
    }
}

/// What the server's randoms tell.
pub(crate) fn randoms(desk: &Desk) -> Randoms {
    let mut skews = Vec::new();
    let mut randoms: Vec<(u32, [u8; 32])> = Vec::new();
    for seen in desk.seen() {
        let Some(hello) = seen.flight.hello.as_ref().filter(|h| !h.is_retry()) else { continue };
        randoms.push((seen.id, hello.random));
        let [a, b, c, d, ..] = hello.random;
        let clock = i64::from(u32::from_be_bytes([a, b, c, d]));
        skews.push((seen.id, clock - i64::try_from(seen.at).unwrap_or(0)));
    }
    let how: Vec<u32> = randoms.iter().map(|(id, _)| *id).take(4).collect();
    let time = match skews.as_slice() {
        [] | [_] => Fact::unknown(Why::NotAsked, how.clone()),
        [(_, first), ..] => {
            // Chance puts four bytes so close together twice once in a thousand million times.
            let steady = skews.iter().all(|(_, s)| (s - first).abs() <= 5);
            if steady { Fact::yes(*first, how.clone()) } else { Fact::no(how.clone()) }
        }
    };
    let mut repeated = match randoms.len() {
        0 | 1 => Fact::unknown(Why::NotAsked, how),
        _ => Fact::no(how),
    };
    for (i, (id, random)) in randoms.iter().enumerate() {
        if let Some((other, _)) = randoms.iter().skip(i + 1).find(|(_, r)| r == random) {
            repeated = Fact::yes((), [*id, *other]);
        }
    }
    Randoms { time, repeated }
}

/// The versions a server showed in answers to other questions are spoken too.
pub(crate) fn complete_protocols(desk: &Desk, protocols: &mut [Protocol]) {
    for seen in desk.seen() {
        let Some(hello) = &seen.flight.hello else { continue };
        for protocol in protocols.iter_mut().filter(|p| p.version == hello.version()) {
            if !protocol.spoken.is_yes() {
                protocol.spoken = Fact::yes((), [seen.id]);
                protocol.refusal = None;
            }
        }
    }
}
