//! What known clients make of the server: worked out from the facts, without a connection.

use super::facts::Facts;
use crate::observe::{Seen, Why};
use crate::wire::{Group, Suite, Version};

/// What known clients make of a server, and what follows for three rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Clients {
    /// Each client and what comes of its hello.
    pub handshakes: Vec<Handshake>,
    /// How far forward secrecy reaches: 4 every client that connects has it (IE 6 and IE 8 on XP
    /// apart), 2 every reference client that connects, 1 at least one, 0 none.
    pub forward_secrecy: Seen<u8>,
    /// A client negotiates RC4 over TLS 1.1 or newer.
    pub rc4_with_modern: Seen<()>,
    /// A client negotiates a cipher with blocks of 64 bits over TLS 1.1 or newer.
    pub block64_with_modern: Seen<()>,
}

impl Default for Clients {
    fn default() -> Self {
        let why = Why::NotAsked;
        Self {
            handshakes: Vec::new(),
            forward_secrecy: Seen::Unknown { why },
            rc4_with_modern: Seen::Unknown { why },
            block64_with_modern: Seen::Unknown { why },
        }
    }
}

/// One client and what comes of its hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The client's name, for instance `Firefox 151`.
    pub client: &'static str,
    /// It is one whose experience counts for forward secrecy.
    pub reference: bool,
    /// What comes of it.
    pub outcome: Outcome,
}

/// What comes of a client's hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It connects.
    Connects {
        /// With this version.
        version: Version,
        /// This suite.
        suite: Suite,
        /// And this group, if the suite has one and it can be told.
        group: Option<Group>,
    },
    /// It does not connect.
    Fails {
        /// Why.
        why: Failure,
    },
    /// What was measured does not tell.
    Unknown {
        /// Why not.
        why: Why,
    },
}

/// Why a client does not connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// No version in common.
    Protocol,
    /// No suite in common.
    Suite,
    /// No group in common.
    Group,
    /// The client refuses a Diffie-Hellman prime, RSA key or signature of that kind or size.
    Limits,
    /// The client sends no server name, and the server wants one.
    ServerName,
}

/// Works it out.
#[must_use]
pub fn clients(_facts: &Facts) -> Clients {
    Clients::default()
}
