//! What known clients make of the server: worked out from the facts, without a connection.
//!
//! Each client puts its one hello; a browser that would try again with an older version is not
//! followed. `server` answers as the facts say; here is what follows from all answers together.

mod live;
mod server;

pub use self::live::{Agreement, compare};

use self::server::Server;
use super::clients;
use super::facts::Facts;
use crate::observe::{Seen, Why};
use crate::wire::suites::{Cipher, SuiteInfo};
use crate::wire::{Group, Suite, Version};

/// Those without forward secrecy of which the guide takes no notice at level 4.
const PARDONED: [&str; 2] = ["IE 6 / XP", "IE 8 / XP"];

/// What known clients make of a server, and what follows for three rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Clients {
    /// Each client and what comes of its hello. The rest is about those that count.
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
    /// The client's number, see [`clients::find`].
    pub id: u16,
    /// The client's name, for instance `Firefox 137 / Win 11`.
    pub client: &'static str,
    /// The rules look at it.
    pub counts: bool,
    /// It is one of those by which forward secrecy is robust.
    pub reference: bool,
    /// What comes of it.
    pub outcome: Outcome,
    /// What can come of it, as far as the three rules care, where the outcome is not known.
    pub could: Could,
}

/// What comes of a client's hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The client sends no server name, and the server wants one or shows another certificate.
    ServerName,
    /// No application protocol in common, and the server insists (RFC 7301 section 3.2).
    Alpn,
    /// The server does not answer hellos of that form.
    Intolerance,
}

/// All that can come of a hello, as far as the rules care: a set of what can be negotiated, and
/// whether it can fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Could(u16);

/// What a negotiated suite is to the three rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kind {
    /// It has forward secrecy.
    pub forward: bool,
    /// RC4 over TLS 1.1 or newer.
    pub rc4_with_modern: bool,
    /// Blocks of 64 bits over TLS 1.1 or newer.
    pub block64_with_modern: bool,
}

impl Kind {
    /// That of a suite in a version.
    #[must_use]
    pub fn of(version: Version, info: &SuiteInfo) -> Self {
        let modern = version >= Version::TLS11;
        let block64 =
            matches!(info.cipher, Cipher::TripleDes | Cipher::Des | Cipher::Idea | Cipher::Rc2);
        Self {
            forward: info.is_ephemeral(),
            rc4_with_modern: modern && info.cipher == Cipher::Rc4,
            block64_with_modern: modern && block64,
        }
    }

    const fn index(self) -> u16 {
        self.forward as u16
            | (self.rc4_with_modern as u16) << 1
            | (self.block64_with_modern as u16) << 2
    }

    const fn at(index: u16) -> Self {
        Self {
            forward: index & 1 != 0,
            rc4_with_modern: index & 2 != 0,
            block64_with_modern: index & 4 != 0,
        }
    }
}

impl Could {
    const FAIL: u16 = 1 << 8;

    /// It can connect with a suite of that kind.
    pub(crate) fn connect(&mut self, kind: Kind) {
        self.0 |= 1 << kind.index();
    }

    /// It can fail.
    pub(crate) fn fail(&mut self) {
        self.0 |= Self::FAIL;
    }

    /// True if it can fail.
    #[must_use]
    pub const fn can_fail(self) -> bool {
        self.0 & Self::FAIL != 0
    }

    /// True if it can connect with a suite such as that.
    pub fn can_be(self, such: impl Fn(Kind) -> bool) -> bool {
        (0..8).any(|index| self.0 & (1 << index) != 0 && such(Kind::at(index)))
    }

    /// Whether it connects with a suite such as that, if that is sure.
    fn is(self, such: impl Fn(Kind) -> bool) -> Option<bool> {
        match (self.can_be(&such), self.can_fail() || self.can_be(|kind| !such(kind))) {
            (false, _) => Some(false),
            (true, false) => Some(true),
            (true, true) => None,
        }
    }
}

/// Works out what known clients make of a server.
#[must_use]
pub fn clients(facts: &Facts) -> Clients {
    let server = Server::of(facts);
    Clients::of(clients::all().iter().map(|client| server.handshake(client)).collect())
}

impl Clients {
    /// What follows from handshakes.
    #[must_use]
    pub fn of(handshakes: Vec<Handshake>) -> Self {
        Self {
            forward_secrecy: forward_secrecy(&handshakes),
            rc4_with_modern: one_is(&handshakes, |kind| kind.rc4_with_modern),
            block64_with_modern: one_is(&handshakes, |kind| kind.block64_with_modern),
            handshakes,
        }
    }
}

/// Whether one client connects with a suite such as that.
fn one_is(handshakes: &[Handshake], such: impl Fn(Kind) -> bool) -> Seen<()> {
    let mut open = None;
    for handshake in handshakes.iter().filter(|it| it.counts) {
        match handshake.could.is(&such) {
            Some(true) => return Seen::Yes { value: () },
            Some(false) => {}
            None => open = open.or(Some(handshake)),
        }
    }
    open.map_or(Seen::No, |handshake| Seen::Unknown { why: why(handshake) })
}

/// How far forward secrecy reaches. What is not known leaves it open only if the best and the worst
/// that can come of it make a difference.
fn forward_secrecy(handshakes: &[Handshake]) -> Seen<u8> {
    // To connect without is worse than to fail, which is no better than to connect with it.
    let best = level(handshakes, |could| {
        if could.can_be(|kind| kind.forward) {
            Some(true)
        } else {
            (!could.can_fail()).then_some(false)
        }
    });
    let worst = level(handshakes, |could| {
        if could.can_be(|kind| !kind.forward) {
            Some(false)
        } else {
            (!could.can_fail()).then_some(true)
        }
    });
    match (best, worst) {
        (Some(best), Some(worst)) if best == worst => Seen::Yes { value: best },
        // Nobody connects, so that there is nothing to be secret.
        (None, None) => Seen::Unknown { why: Why::NotApplicable },
        _ => {
            let open = |it: &&Handshake| it.counts && it.could.is(|kind| kind.forward).is_none();
            let open = handshakes.iter().find(open);
            Seen::Unknown { why: open.map_or(Why::NotApplicable, why) }
        }
    }
}

/// The level of forward secrecy, where it is told of each client whether it has it; `None` for
/// those that do not connect. `None` if nobody does.
fn level(handshakes: &[Handshake], has: impl Fn(Could) -> Option<bool>) -> Option<u8> {
    let (mut some, mut none) = (false, false);
    let (mut without, mut reference, mut reference_without) = (false, false, false);
    for handshake in handshakes.iter().filter(|it| it.counts) {
        match has(handshake.could) {
            None => continue,
            Some(true) => some = true,
            Some(false) => {
                none = true;
                reference_without |= handshake.reference;
                without |= !PARDONED.contains(&handshake.client);
            }
        }
        reference |= handshake.reference;
    }
    Some(match (some, none) {
        (false, false) => return None,
        (false, true) => 0,
        (true, _) if !without => 4,
        // Where no reference client connects, nothing is shown by their not being without.
        (true, _) if reference && !reference_without => 2,
        (true, _) => 1,
    })
}

/// Why something about a client is not known.
fn why(handshake: &Handshake) -> Why {
    match handshake.outcome {
        Outcome::Unknown { why } => why,
        _ => Why::NotApplicable,
    }
}

#[cfg(test)]
mod tests;
