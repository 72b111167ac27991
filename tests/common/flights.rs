//! Messages of a server as real bytes.

use taraf_scanner::wire::codec::Writer;
use taraf_scanner::wire::hello::message;
use taraf_scanner::wire::record::{self, content};
use taraf_scanner::wire::suites::{Auth, Kx};
use taraf_scanner::wire::{Group, Scheme, ServerHello, Suite, Version};

use super::random::Random;

pub fn server_hello(hello: &ServerHello) -> Vec<u8> {
    record::handshake(message::SERVER_HELLO, &hello.encode())
}

pub fn certificate(chain: &[Vec<u8>]) -> Vec<u8> {
    let mut w = Writer::new();
    w.vec24(|w| chain.iter().for_each(|der| _ = w.vec24(|w| _ = w.bytes(der))));
    record::handshake(message::CERTIFICATE, &w.done())
}

pub fn certificate_status(response: &[u8]) -> Vec<u8> {
    let mut w = Writer::new();
    w.u8(1).vec24(|w| _ = w.bytes(response));
    record::handshake(message::CERTIFICATE_STATUS, &w.done())
}

/// What goes into a ServerKeyExchange.
pub struct Exchange<'a> {
    pub suite: Suite,
    pub group: Group,
    pub point: &'a [u8],
    pub prime: &'a [u8],
    pub public: &'a [u8],
    /// TLS 1.2 names the scheme.
    pub scheme: Option<Scheme>,
}

/// ServerKeyExchange; `None` for suites that have none.
pub fn key_exchange(x: &Exchange<'_>) -> Option<Vec<u8>> {
    let info = x.suite.info()?;
    let mut w = Writer::new();
    if matches!(info.kx, Kx::DhePsk | Kx::EcdhePsk) {
        w.vec16(|w| _ = w.bytes(b"hint"));
    }
    match info.kx {
        Kx::Ecdhe | Kx::EcdhePsk => {
            w.u8(3).u16(x.group.0).vec8(|w| _ = w.bytes(x.point));
        }
        Kx::Dhe | Kx::DheExport | Kx::DhePsk => {
            w.vec16(|w| _ = w.bytes(x.prime)).vec16(|w| _ = w.bytes(&[2]));
            w.vec16(|w| _ = w.bytes(x.public));
        }
        Kx::RsaExport => {
            w.vec16(|w| _ = w.bytes(&[0xc5; 64])).vec16(|w| _ = w.bytes(&[1, 0, 1]));
        }
        // Parameters nobody reads.
        Kx::Srp | Kx::Eccpwd | Kx::Ecjpake => {
            w.bytes(&[7; 40]);
        }
        _ => return None,
    }
    if !matches!(info.auth, Auth::None | Auth::Psk | Auth::Password) {
        if let Some(scheme) = x.scheme {
            w.u16(scheme.0);
        }
        w.vec16(|w| _ = w.bytes(&[0x5a; 70]));
    }
    Some(record::handshake(message::SERVER_KEY_EXCHANGE, &w.done()))
}

pub fn hello_done() -> Vec<u8> {
    record::handshake(message::SERVER_HELLO_DONE, &[])
}

pub fn alert(level: u8, description: u8) -> Vec<u8> {
    record::wrap(content::ALERT, Version::TLS12, &[level, description])
}

/// Puts handshake messages into records of random lengths up to `most`; into few, if `None`.
pub fn records(
    version: Version,
    messages: &[u8],
    most: Option<usize>,
    random: &mut Random,
) -> Vec<u8> {
    let Some(most) = most else { return record::wrap(content::HANDSHAKE, version, messages) };
    let mut bytes = Vec::new();
    let mut rest = messages;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at((1 + random.below(most)).min(rest.len()));
        bytes.extend(record::wrap(content::HANDSHAKE, version, piece));
        rest = tail;
    }
    bytes
}
