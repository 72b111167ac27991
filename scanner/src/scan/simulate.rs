//! Known clients for real: their hellos are put to the server, and what it chooses is read from
//! its first flight. Nothing completes a handshake.
//!
//! Here and not in `probe`, because the hellos are those of the clients that `grade` knows, and
//! what comes of them decides nothing that is asked.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::grade::clients::{self, Client, Format};
use crate::net::trace::Replay;
use crate::observe::{Contact, Cost, Endpoint, LiveOutcome, LiveSimulation, Why};
use crate::probe::{End, Link, Manners, Pacer, Probe, Reply};
use crate::target::Target;
use crate::wire::flight::{self, Flight, KeyExchange, Stop};
use crate::wire::{ClientHello, Ext, Group, Version, shares};

/// So many questions in a row without an answer, and the server is asked whether it still answers
/// what it did answer.
const MOST_SILENT: u32 = 3;

/// The question a client puts by its hello; `None` for clients that write it as SSL 2.0 did. What
/// the table of clients does not hold is as most have it: reserved values and padding are left
/// out.
#[must_use]
pub fn probe(client: &Client, server_name: Option<&str>, seed: u64) -> Option<Probe> {
    if client.format == Format::Ssl2 {
        return None;
    }
    let random = random(seed ^ u64::from(client.id).rotate_left(48));
    let new = !client.versions.is_empty();
    let version = client.highest.min(Version::TLS12);
    let mut suites = client.suites.clone();
    suites.extend(&client.signals);
    let hello = ClientHello {
        record_version: version.min(Version::TLS10),
        version,
        random,
        // TLS 1.3's compatibility mode (RFC 8446 appendix D.4).
        session_id: if new { random.to_vec() } else { Vec::new() },
        suites,
        compression: vec![0],
        extensions: extensions(client, server_name, &random),
    };
    Some(Probe::Hello { hello, stop: Stop::Flight })
}

/// What follows from the replies, one for each client that was asked; in the order of the ids.
#[must_use]
pub fn read(replies: &BTreeMap<u16, Reply>) -> Vec<LiveSimulation> {
    let all = || clients::all().iter().filter(|it| it.counts() && it.format == Format::Tls);
    // Where it was broken off, the server may have closed because it was asked too much.
    let broken_off = all().any(|client| !replies.contains_key(&client.id));
    let simulation = |client: &Client| {
        let unknown = |why| LiveOutcome::Unknown { why };
        let outcome = match replies.get(&client.id) {
            None => unknown(Why::NotAsked),
            Some(reply) if broken_off && is_silent(reply) => unknown(why(reply)),
            Some(reply) => outcome(reply),
        };
        LiveSimulation { client: client.id, name: client.label.clone(), outcome }
    };
    all().map(simulation).collect()
}

/// Asks as each known client that counts, one after another in the pace of `manners` and within
/// what is left of its budgets.
pub async fn ask<L: Link>(
    link: &L,
    target: &Target,
    endpoint: &Endpoint,
    manners: &Manners,
    seed: u64,
) -> Vec<LiveSimulation> {
    if endpoint.contact != Contact::Tls {
        return Vec::new();
    }
    let mut pacer = Pacer::new(left(manners, &endpoint.cost));
    let mut replies = BTreeMap::new();
    let mut silent = 0;
    let mut heard: Option<&Client> = None;
    // What is newest is answered by most servers, so that something is heard early.
    let mut order: Vec<&Client> = clients::all().iter().filter(|it| it.counts()).collect();
    order.sort_by_key(|client| (!client.current, Reverse(client.id)));
    for client in order {
        let Some(probe) = probe(client, target.server_name(), seed) else { continue };
        let Some(reply) = put(link, &mut pacer, &probe).await else { break };
        if is_silent(&reply) {
            silent += 1;
        } else {
            silent = 0;
            heard = Some(client);
        }
        if silent < MOST_SILENT {
            replies.insert(client.id, reply);
            continue;
        }
        // It may be that it refuses old clients this way, or that it will not be asked any more.
        let again = heard.and_then(|client| self::probe(client, target.server_name(), seed));
        let Some(again) = again else { break };
        match put(link, &mut pacer, &again).await {
            Some(answer) if !is_silent(&answer) => _ = replies.insert(client.id, reply),
            _ => break,
        }
        silent = 0;
    }
    read(&replies)
}

/// The same from a recording; nothing if the clients were not asked when it was made.
pub(super) fn replayed(recorded: &mut Replay, target: &Target) -> Vec<LiveSimulation> {
    let mut replies = BTreeMap::new();
    for client in clients::all().iter().filter(|it| it.counts()) {
        let answer = probe(client, target.server_name(), 0).and_then(|it| recorded.answer(&it));
        if let Some((_, _, reply)) = answer {
            replies.insert(client.id, reply);
        }
    }
    if replies.is_empty() { Vec::new() } else { read(&replies) }
}

/// The pace and the budgets after the scan. Who has objected once is asked slowly.
fn left(manners: &Manners, cost: &Cost) -> Manners {
    let slow = (cost.paused_ms > 0).then_some(2);
    Manners {
        at_once: 1,
        per_second: manners.per_second.into_iter().chain(slow).min(),
        most_connections: manners.most_connections.saturating_sub(cost.connections),
        most_bytes: manners.most_bytes.saturating_sub(cost.bytes_received),
        ..manners.clone()
    }
}

/// Puts a question when the pace allows; `None` if the budgets do not.
async fn put<L: Link>(link: &L, pacer: &mut Pacer, probe: &Probe) -> Option<Reply> {
    let start = pacer.next_start(link.now())?;
    if pacer.is_spent(start) {
        return None;
    }
    link.sleep_until(start).await;
    pacer.started(start);
    let reply = link.ask(probe).await;
    pacer.ended(reply.received);
    Some(reply)
}

fn extensions(client: &Client, server_name: Option<&str>, random: &[u8; 32]) -> Vec<Ext> {
    let mut list = Vec::new();
    if client.sends_name {
        list.extend(server_name.map(|name| Ext::ServerName(name.to_owned())));
    }
    if let Some(groups) = &client.groups {
        list.push(Ext::Groups(groups.clone()));
        list.push(Ext::PointFormats(vec![0]));
    }
    if !client.schemes.is_empty() {
        list.push(Ext::Schemes(client.schemes.clone()));
    }
    if !client.alpn.is_empty() {
        list.push(Ext::Alpn(client.alpn.iter().map(|it| (*it).to_owned()).collect()));
    }
    if client.highest >= Version::TLS12 && client.signals.is_empty() {
        list.push(Ext::RenegotiationInfo(Vec::new()));
    }
    if !client.versions.is_empty() {
        let share = |group: &Group| shares::dummy(*group, random).map(|share| (*group, share));
        list.push(Ext::ExtendedMasterSecret);
        list.push(Ext::SupportedVersions(client.versions.clone()));
        list.push(Ext::PskModes(vec![1]));
        list.push(Ext::KeyShares(client.shares.iter().filter_map(share).collect()));
    }
    list
}

/// The server sent nothing at all.
fn is_silent(reply: &Reply) -> bool {
    reply.bytes.is_empty()
}

fn outcome(reply: &Reply) -> LiveOutcome {
    let flight = flight::read(&reply.bytes);
    if let (Some(hello), None, None) = (&flight.hello, flight.alert, flight.error) {
        let group = hello.group().or_else(|| group(&flight));
        return LiveOutcome::Answers { version: hello.version(), suite: hello.suite, group };
    }
    if let Some(alert) = flight.alert {
        return LiveOutcome::Refuses { alert: Some(alert) };
    }
    match reply.end {
        End::Closed | End::Reset if is_silent(reply) => LiveOutcome::Refuses { alert: None },
        _ if flight.foreign.is_some() => LiveOutcome::Unknown { why: Why::NotTls },
        _ => LiveOutcome::Unknown { why: why(reply) },
    }
}

/// The group of a ServerKeyExchange.
fn group(flight: &Flight) -> Option<Group> {
    match flight.key_exchange.as_ref()? {
        KeyExchange::Ecdhe { group, .. } => *group,
        _ => None,
    }
}

fn why(reply: &Reply) -> Why {
    match reply.end {
        End::Closed => Why::Closed,
        End::Reset => Why::Reset,
        End::Silent | End::NoConnection => Why::Timeout,
        End::Refused => Why::Refused,
        End::Unreachable => Why::Unreachable,
        End::Enough | End::Flooded => Why::Garbled,
        End::NoStartTls { .. } | End::OtherProtocol { .. } => Why::StartTls,
        End::NotRecorded => Why::NotRecorded,
    }
}

/// 32 bytes that differ from hello to hello. No secret hangs on them.
fn random(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    let mut state = seed;
    for chunk in bytes.chunks_exact_mut(8) {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(n ^ (n >> 31)).to_be_bytes());
    }
    bytes
}
