//! What to ask next. Pure state machines: no sockets, no clock, no randomness of their own.
//!
//! A [`Probe`] is a question as plain data, so it can be printed, counted, recorded, replayed and
//! put to a simulated server. A [`Reply`] is what came back. [`Link`] is the one seam between this
//! room and the world; it has three implementations: live sockets, a recording, a simulation.

mod desk;
mod elimination;
mod extensions;
mod fallback;
mod flaws;
mod http;
mod key_types;
mod limits;
mod negotiation;
mod offer;
mod order;
mod passive;
mod plan;
mod primes;
mod server_name;
mod sessions;
mod suites;
mod tls13;
mod tolerance;
mod versions;

pub use flaws::Flaw;
pub use limits::Manners;
pub(crate) use limits::Pacer;
pub use plan::Planner;

use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::legacy::{Heard, Talk};
use crate::wire::flight::Stop;
use crate::wire::{ClientHello, Scheme, Suite, Version, sslv2};

/// A question. One question is at most one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Probe {
    /// Send one hello, read the first flight, hang up. Costs no cryptography here.
    Hello {
        /// The hello.
        hello: ClientHello,
        /// How much of the answer is needed.
        stop: Stop,
    },
    /// The same in SSL 2.0.
    Ssl2 {
        /// The hello.
        hello: sslv2::ClientHello,
    },
    /// Complete a handshake, and perhaps ask for a page.
    Handshake(Handshake),
    /// A conversation in TLS 1.2 or older in which every byte is ours.
    Talk(Talk),
    /// Send plain text to another port of the same address and read the answer's first lines.
    Plain {
        /// The port.
        port: u16,
        /// What is sent.
        text: String,
    },
}

/// A handshake to complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// The only version offered: TLS 1.2 or TLS 1.3.
    pub version: Version,
    /// Server name to send.
    pub server_name: Option<String>,
    /// Signature schemes to offer, in this order; empty: all that can be verified.
    pub schemes: Vec<Scheme>,
    /// Application protocols to offer by ALPN; empty: no extension.
    pub alpn: Vec<String>,
    /// Handshakes of the same slot share a session store; the later one tries to resume what the
    /// earlier one was given.
    pub slot: Option<u8>,
    /// How a TLS 1.2 session may be resumed.
    pub resume_by: ResumeBy,
    /// Try early data when resuming (TLS 1.3).
    pub early_data: bool,
    /// After the handshake, ask for this page by HTTP/1.1.
    pub get: Option<Get>,
    /// Without a page to ask for, read on for tickets that come after a TLS 1.3 handshake.
    pub await_tickets: bool,
}

/// How a TLS 1.2 session may be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResumeBy {
    /// By session id only: no ticket extension is sent.
    Id,
    /// By ticket.
    Ticket,
}

/// An HTTP/1.1 GET.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Get {
    /// The `Host` header.
    pub host: String,
    /// Path and query.
    pub path: String,
}

impl Get {
    /// A request that asks the server to hang up after it. Compressed pages are welcome: whether
    /// the server compresses is a fact. The path may come from the server itself, by a redirection,
    /// so nothing in it may end the line.
    #[must_use]
    pub fn request(&self) -> String {
        let clean = |text: &str| text.replace(|c: char| c.is_control() || c == ' ', "");
        let (host, path) = (clean(&self.host), clean(&self.path));
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: taraf/{version}\r\nAccept: */*\r\n\
             Accept-Encoding: gzip, deflate, br\r\nConnection: close\r\n\r\n"
        )
    }
}

/// What came back on one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The bytes of the flight; empty for completed handshakes.
    #[serde(with = "base64_bytes", default, skip_serializing_if = "Vec::is_empty")]
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// What a completed or attempted handshake showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handshake: Option<HandshakeReply>,
    /// What was heard in a conversation of the legacy client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Heard>,
    /// Bytes sent, STARTTLS included.
    pub sent: u64,
    /// Bytes received, STARTTLS included.
    pub received: u64,
    /// Seconds since 1970 when it ended, for clocks in randoms.
    pub at: u64,
}

impl Reply {
    /// A reply without a byte.
    #[must_use]
    pub fn empty(end: End) -> Self {
        Self { bytes: Vec::new(), end, handshake: None, heard: None, sent: 0, received: 0, at: 0 }
    }
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    /// We had what we needed and hung up.
    Enough,
    /// The server closed.
    Closed,
    /// The server reset.
    Reset,
    /// Nothing more came in time.
    Silent,
    /// The connection was refused.
    Refused,
    /// No connection in time.
    NoConnection,
    /// The address cannot be reached.
    Unreachable,
    /// The server sent more than any answer may need.
    Flooded,
    /// STARTTLS was refused; what the server said.
    NoStartTls {
        /// The server's words.
        said: String,
    },
    /// Another protocol answered before STARTTLS; what it said.
    OtherProtocol {
        /// The server's words.
        said: String,
    },
    /// The recording has no answer.
    NotRecorded,
}

/// What a completed or attempted handshake showed. Everything is optional: it is filled as far as
/// the handshake came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandshakeReply {
    /// The handshake was completed on our side.
    pub completed: bool,
    /// A session was offered for resumption.
    #[serde(default)]
    pub offered: bool,
    /// The session was resumed.
    pub resumed: bool,
    /// The suite negotiated.
    pub suite: Option<Suite>,
    /// The certificates in the order sent, DER.
    #[serde(with = "base64_list", default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Vec<u8>>,
    /// The stapled OCSP response, DER; empty: none.
    #[serde(with = "base64_bytes", default, skip_serializing_if = "Vec::is_empty")]
    pub staple: Vec<u8>,
    /// The scheme of the server's signature.
    pub scheme: Option<Scheme>,
    /// The application protocol chosen.
    pub alpn: Option<String>,
    /// The algorithm the certificates came compressed with (RFC 8879).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_compression: Option<u16>,
    /// A client certificate was asked for: the accepted authorities' names, DER.
    #[serde(with = "base64_list", default, skip_serializing_if = "Vec::is_empty")]
    pub client_auth_authorities: Vec<Vec<u8>>,
    /// A client certificate was asked for.
    pub client_auth: bool,
    /// Sessions handed out after the handshake: TLS 1.3 tickets, or one for TLS 1.2.
    pub tickets: u16,
    /// Lifetime of the ticket in seconds, where it is known.
    pub ticket_lifetime: Option<u32>,
    /// The first ticket allows early data.
    pub early_data_offered: bool,
    /// Early data was sent and accepted.
    pub early_data_accepted: bool,
    /// The alert that ended it, if one did.
    pub alert: Option<u8>,
    /// Why the handshake failed on our side, in words.
    pub error: Option<String>,
    /// The answer to the GET: status line and headers, verbatim, at most 64 KiB.
    pub http: Option<String>,
}

/// The seam between questions and answers.
pub trait Link {
    /// Puts one question. Trouble on the network is part of the reply, never an error.
    fn ask(&self, probe: &Probe) -> impl Future<Output = Reply> + Send;

    /// Time since the scan began.
    fn now(&self) -> Duration;

    /// Returns when [`Self::now`] reaches this time.
    fn sleep_until(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// Bytes as base64 text, for records that people open.
mod base64_bytes {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64_STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(d)?;
        BASE64_STANDARD.decode(text).map_err(serde::de::Error::custom)
    }
}

/// A list of byte strings as base64 texts.
mod base64_list {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(list: &[Vec<u8>], s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(list.iter().map(|bytes| BASE64_STANDARD.encode(bytes)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let list = Vec::<String>::deserialize(d)?;
        list.iter().map(|t| BASE64_STANDARD.decode(t).map_err(serde::de::Error::custom)).collect()
    }
}
