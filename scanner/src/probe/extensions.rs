//! One rich hello in the newest version of TLS 1.2 and older: what the server answers to the
//! extensions and methods that ordinary questions leave out.

use std::sync::Arc;

use super::desk::{Answer, Desk, Seen};
use super::offer::Base;
use super::suites::certified;
use super::versions::Spoken;
use crate::observe::{Fact, Suites, Why};
use crate::wire::flight::Stop;
use crate::wire::{ClientHello, Ext, Extension, Version};

/// What the rich hello brought.
#[derive(Default)]
pub(crate) struct Extensions {
    pub(crate) compression: Fact<u8>,
    pub(crate) heartbeat: Fact<u8>,
    pub(crate) max_fragment_length: Fact<u8>,
    pub(crate) npn: Fact<Vec<String>>,
    pub(crate) ticket: Fact<()>,
    pub(crate) staple: Option<Arc<Seen>>,
    pub(crate) asked_for_staple: Option<u32>,
    pub(crate) scts: Fact<Vec<u8>>,
}

/// Puts every extension and method into a hello of TLS 1.2 or older that ordinary ones leave out.
pub(crate) fn enrich(hello: &mut ClientHello) {
    hello.compression = vec![1, 0];
    if hello.version > Version::SSL3 {
        usual(hello);
        hello.extensions.push(Ext::NextProtocol);
        hello.extensions.push(Ext::Heartbeat(1));
        hello.extensions.push(Ext::MaxFragmentLength(4));
    }
}

/// What no server should mind.
fn usual(hello: &mut ClientHello) {
    hello.extensions.push(Ext::SessionTicket(Vec::new()));
    hello.extensions.push(Ext::StatusRequest);
    hello.extensions.push(Ext::Sct);
}

/// Asks with everything; where that is refused, with what no server should mind, and then for
/// compression alone. `given` is an answer to everything that came with another question.
pub(crate) async fn rich(
    desk: &Desk,
    spoken: &Spoken,
    suites: &Suites,
    mut given: Option<Arc<Seen>>,
) -> Extensions {
    let version = suites.version;
    let offer = certified(suites);
    let hello = |compression: bool, extensions: bool, unusual: bool| -> ClientHello {
        let base: &Base = &spoken.base;
        let mut hello = base.hello(version, &offer, desk.random());
        match (compression, extensions, unusual) {
            (true, true, true) => enrich(&mut hello),
            (true, ..) => hello.compression = vec![1, 0],
            _ if version > Version::SSL3 => usual(&mut hello),
            _ => {}
        }
        hello
    };
    let tries = [(true, true, true), (false, true, false), (true, false, false)];
    let mut facts = Extensions::default();
    for (compression, extensions, unusual) in tries {
        let seen = match given.take() {
            Some(seen) => seen,
            None => {
                let hello = hello(compression, extensions, unusual);
                let a = desk.hello(format!("{version}: extensions"), hello, Stop::Flight).await;
                let Answer::Flight(seen) = a.answer else { continue };
                seen
            }
        };
        let id = seen.id;
        let Some(server) = seen.flight.hello.clone() else { continue };
        if compression && facts.compression.known().is_none() {
            facts.compression = match server.compression {
                0 => Fact::no([id]),
                method => Fact::yes(method, [id]),
            };
        }
        if extensions && version > Version::SSL3 && facts.ticket.known().is_none() {
            let has = |e: Extension| server.extension(e).is_some();
            facts.ticket = yes_or_no(has(Extension::SESSION_TICKET), id);
            facts.scts = match server.extension(Extension::SIGNED_CERTIFICATE_TIMESTAMP) {
                Some(list) => Fact::yes(list.to_vec(), [id]),
                None => Fact::no([id]),
            };
            facts.asked_for_staple = Some(id);
            facts.staple = seen.flight.status.is_some().then(|| Arc::clone(&seen));
        }
        if unusual && version > Version::SSL3 {
            facts.npn = match server.npn() {
                Some(protocols) => Fact::yes(protocols, [id]),
                None => Fact::no([id]),
            };
            facts.heartbeat = one_byte(server.extension(Extension::HEARTBEAT), id);
            facts.max_fragment_length =
                one_byte(server.extension(Extension::MAX_FRAGMENT_LENGTH), id);
        }
        if facts.compression.known().is_some()
            && (facts.ticket.known().is_some() || version == Version::SSL3)
        {
            break;
        }
    }
    facts
}

fn yes_or_no(is: bool, id: u32) -> Fact<()> {
    if is { Fact::yes((), [id]) } else { Fact::no([id]) }
}

fn one_byte(body: Option<&[u8]>, id: u32) -> Fact<u8> {
    match body {
        Some([value]) => Fact::yes(*value, [id]),
        Some(_) => Fact::unknown(Why::Garbled, [id]),
        None => Fact::no([id]),
    }
}
