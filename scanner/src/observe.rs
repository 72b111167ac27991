//! What was seen: the facts of one scan, without a word of judgement. Everybody in the engine
//! speaks these types. They are kept for ever, so [`SCHEMA`] rises when a field changes meaning.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

mod certificate;
mod chain;
mod dns;
mod flaws;
mod live;
mod revocation;

pub use certificate::{
    CertFacts, CertSource, Certificate, KeyAlgorithm, KeyFacts, Sct, Validation,
};
pub use chain::{
    ChainFacts, Completeness, Missing, NameMatch, OldHash, OutOfDate, Path, PathFault, Placed,
    Role, Step, Store, TlsaMatch, Trust, ranked,
};
pub use dns::{AddressSource, Caa, CaaRecord, DnsFacts, Dnssec, Tlsa};
pub use flaws::{EarlyCcs, Flaws, Oracle, Robot};
pub use live::{LiveOutcome, LiveSimulation};
pub use revocation::{Revocation, RevocationStatus, Staple};

use crate::target::Target;
use crate::wire::flight::Foreign;
use crate::wire::hello::AlertMessage;
use crate::wire::{Group, Scheme, Suite, Version};

/// Version of the meaning of the fields below.
pub const SCHEMA: u16 = 1;

/// The answer to one question about the server: three values, never two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Seen<T> {
    /// It was seen.
    Yes {
        /// What was seen.
        value: T,
    },
    /// The server was asked, answered, and does not.
    No,
    /// It is not known.
    Unknown {
        /// Why not.
        why: Why,
    },
}

/// Why a fact is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The question was not put: an option or an earlier answer made it needless.
    NotAsked,
    /// The question has no meaning for this server.
    NotApplicable,
    /// No answer within the time allowed.
    Timeout,
    /// The connection was closed without an answer, and not consistently enough to mean "no".
    Closed,
    /// The connection was reset, and not consistently enough to mean "no".
    Reset,
    /// The connection itself was refused.
    Refused,
    /// The address cannot be reached.
    Unreachable,
    /// The answer could not be read.
    Garbled,
    /// The answer is not TLS.
    NotTls,
    /// STARTTLS was refused.
    StartTls,
    /// The budget of connections, bytes or time was used up.
    Budget,
    /// The server objected to the number of connections, and asking on would not have been polite.
    Paced,
    /// It takes a completed handshake, and no handshake this client can complete succeeds.
    NoHandshake,
    /// The recording that is replayed has no answer to this question.
    NotRecorded,
    /// The same question was answered in different ways, one time and another.
    Inconsistent,
}

/// A fact, and which questions it was learnt from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact<T> {
    /// The answer.
    #[serde(flatten)]
    pub seen: Seen<T>,
    /// Ids of the questions it rests on, see [`Endpoint::asked`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub how: Vec<u32>,
}

impl<T> Fact<T> {
    /// It was seen.
    pub fn yes(value: T, how: impl Into<Vec<u32>>) -> Self {
        Self { seen: Seen::Yes { value }, how: how.into() }
    }

    /// The server was asked and does not.
    #[must_use]
    pub fn no(how: impl Into<Vec<u32>>) -> Self {
        Self { seen: Seen::No, how: how.into() }
    }

    /// It is not known.
    #[must_use]
    pub fn unknown(why: Why, how: impl Into<Vec<u32>>) -> Self {
        Self { seen: Seen::Unknown { why }, how: how.into() }
    }

    /// What was seen, if it was.
    pub fn value(&self) -> Option<&T> {
        match &self.seen {
            Seen::Yes { value } => Some(value),
            _ => None,
        }
    }

    /// `Some(true)` for yes, `Some(false)` for no, `None` for unknown.
    pub fn known(&self) -> Option<bool> {
        match self.seen {
            Seen::Yes { .. } => Some(true),
            Seen::No => Some(false),
            Seen::Unknown { .. } => None,
        }
    }

    /// True when it was seen.
    pub fn is_yes(&self) -> bool {
        matches!(self.seen, Seen::Yes { .. })
    }

    /// True when the server was asked and does not.
    pub fn is_no(&self) -> bool {
        matches!(self.seen, Seen::No)
    }
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self { seen: Seen::Unknown { why: Why::NotAsked }, how: Vec::new() }
    }
}

/// All that one scan of one target saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Version of the fields' meaning, see [`SCHEMA`].
    pub schema: u16,
    /// Program and version that made it.
    pub tool: String,
    /// What was scanned.
    pub target: Target,
    /// When it began: milliseconds since 1970, UTC.
    pub started_ms: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What DNS said.
    pub dns: DnsFacts,
    /// One entry for each address.
    pub endpoints: Vec<Endpoint>,
    /// The certificates of all endpoints, and those found for them.
    #[serde(default)]
    pub pki: Pki,
}

/// The certificates of a scan, read, and what was learnt about them beyond the endpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pki {
    /// Every certificate by its SHA-256 in hex: those sent, and those of the paths.
    pub certificates: BTreeMap<String, Certificate>,
    /// The stores that were asked.
    pub stores: Vec<Store>,
    /// What is known about revocation, by the SHA-256 of the certificate.
    pub revocation: BTreeMap<String, Revocation>,
    /// What was fetched for it, in the order of the answers.
    pub fetched: Vec<Fetched>,
    /// The certificate the host ought to serve, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// Something fetched from an address that stands in a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The address.
    pub url: String,
    /// Bytes received.
    pub bytes: u64,
    /// Why it failed, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The facts of one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address asked.
    pub address: IpAddr,
    /// The port asked.
    pub port: u16,
    /// Whether TLS answers there at all.
    pub contact: Contact,
    /// One entry for each version, SSL 2.0 to TLS 1.3.
    pub protocols: Vec<Protocol>,
    /// One entry for each version spoken.
    pub suites: Vec<Suites>,
    /// One entry for TLS 1.3, one for older versions.
    pub groups: Vec<Groups>,
    /// EC point formats the server names: 0 uncompressed, 1 and 2 compressed.
    pub point_formats: Fact<Vec<u8>>,
    /// Every finite-field group seen.
    pub dh: Vec<Dh>,
    /// DHE suites are negotiated also when the client names no finite-field group.
    pub dhe_without_named_group: Fact<()>,
    /// Whether ephemeral public values repeat across connections.
    pub reuse: Reuse,
    /// Signature schemes of the handshake.
    pub schemes: Schemes,
    /// Every certificate chain the server could be made to send.
    pub chains: Vec<Chain>,
    /// The certificates of the chains: SHA-256 in hex to DER in base64.
    pub certificates: BTreeMap<String, String>,
    /// The stapled OCSP response, DER in base64.
    pub ocsp_staple: Fact<String>,
    /// The stapled OCSP response, read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staple: Option<Staple>,
    /// The list of signed certificate timestamps sent by extension, in base64.
    pub scts: Fact<String>,
    /// Application protocols by ALPN.
    pub alpn: Fact<Vec<String>>,
    /// What the server does when it has none of the protocols offered by ALPN.
    pub alpn_mismatch: Fact<AlpnMismatch>,
    /// Application protocols by NPN, the draft before ALPN.
    pub npn: Fact<Vec<String>>,
    /// Sessions and how they are resumed.
    pub session: Session,
    /// Secure renegotiation (RFC 5746).
    pub secure_renegotiation: Fact<()>,
    /// Extended master secret (RFC 7627).
    pub extended_master_secret: Fact<()>,
    /// Encrypt-then-MAC for CBC suites (RFC 7366).
    pub encrypt_then_mac: Fact<()>,
    /// TLS compression; the value is the method, 1 for DEFLATE.
    pub compression: Fact<u8>,
    /// Heartbeat extension; the value is the mode (RFC 6520 section 2).
    pub heartbeat: Fact<u8>,
    /// Maximum fragment length negotiation (RFC 6066 section 4).
    pub max_fragment_length: Fact<u8>,
    /// Certificate compression in TLS 1.3 (RFC 8879); the value names the algorithms.
    pub certificate_compression: Fact<Vec<u16>>,
    /// Whether a client certificate is asked for.
    pub client_auth: Fact<ClientAuth>,
    /// Refuses a fallback marked by TLS_FALLBACK_SCSV (RFC 7507).
    pub fallback_scsv: Fact<()>,
    /// How the server treats the server name.
    pub sni: Sni,
    /// What the server's randoms tell.
    pub randoms: Randoms,
    /// What the server makes of hellos out of the ordinary.
    pub tolerance: Tolerance,
    /// What HTTP says.
    pub http: Fact<Http>,
    /// Known flaws.
    #[serde(default)]
    pub flaws: Flaws,
    /// What the server answered to the hellos of known clients, where it was asked to. These
    /// questions are not counted in the cost, nor listed among those put.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub simulations: Vec<LiveSimulation>,
    /// What the scan of this address cost.
    pub cost: Cost,
    /// Every question put, in the order of the answers.
    pub asked: Vec<Asked>,
}

/// Whether TLS answers at all, and if not, what does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Contact {
    /// At least one version is spoken.
    Tls,
    /// TLS or SSL records come back, but every hello is refused.
    Refuses {
        /// The last alert seen.
        alert: Option<AlertMessage>,
    },
    /// Something else answers.
    NotTls {
        /// What it sent.
        answer: Foreign,
    },
    /// The plain-text protocol does not go over to TLS.
    NoStartTls {
        /// What the server said.
        said: String,
    },
    /// No answer could be had.
    Nothing {
        /// Why not.
        why: Why,
    },
}

/// One protocol version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocol {
    /// The version.
    pub version: Version,
    /// Whether the server negotiates it.
    pub spoken: Fact<()>,
    /// How the server refused it, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
}

/// How a hello was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Refusal {
    /// By an alert.
    Alert {
        /// Level: 1 warning, 2 fatal.
        level: u8,
        /// The description.
        description: crate::wire::Alert,
    },
    /// By an SSL 2.0 ERROR message.
    Ssl2Error {
        /// Its code.
        code: u16,
    },
    /// By answering with another version.
    OtherVersion {
        /// The version of the ServerHello.
        version: Version,
    },
    /// By closing the connection, each time, while other hellos were answered.
    Close,
    /// By resetting the connection, each time, while other hellos were answered.
    Reset,
    /// By an answer that is not TLS, while other hellos were answered in TLS.
    NotTls,
}

/// The suites of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suites {
    /// The version.
    pub version: Version,
    /// The suites accepted: in the server's order where it has one, else in ours.
    pub accepted: Vec<Suite>,
    /// Suites whose question found no answer; empty when the list above is complete.
    pub unsettled: Vec<Suite>,
    /// Who decides: yes = the server's order, no = the client's.
    pub server_order: Fact<()>,
    /// ChaCha20 is taken when the client puts it first, though the server's order differs.
    pub chacha_preference: Fact<()>,
    /// Ids of the questions the list rests on.
    pub how: Vec<u32>,
}

/// The named groups of TLS 1.3, or of older versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Groups {
    /// The newest version these groups are for: TLS 1.3, or the newest older one spoken.
    pub version: Version,
    /// The groups accepted: the server's favourite first where the server decides, then in our
    /// order.
    pub accepted: Vec<Group>,
    /// Groups whose question found no answer.
    pub unsettled: Vec<Group>,
    /// Who decides: yes = the server's order, no = the client's.
    pub server_order: Fact<()>,
    /// Ids of the questions the list rests on.
    pub how: Vec<u32>,
}

/// A finite-field Diffie-Hellman group seen in a ServerKeyExchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dh {
    /// Size of the prime in bits.
    pub bits: u16,
    /// The prime in hex.
    pub prime: String,
    /// The generator in hex.
    pub generator: String,
    /// Name of the group, if it is one that many servers share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_as: Option<String>,
    /// Length of the public value in bytes.
    pub public_length: u16,
    /// The client had named finite-field groups (RFC 7919); few real clients do, and some servers
    /// then use one of those in place of their own.
    pub named_by_client: bool,
    /// The suites and versions it was seen with.
    pub suites: Vec<(Version, Suite)>,
}

/// Whether ephemeral public values repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reuse {
    /// Of finite-field Diffie-Hellman.
    pub dh: Fact<()>,
    /// Of elliptic curves.
    pub ecdh: Fact<()>,
}

/// Signature schemes of the handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schemes {
    /// Seen in use, by version.
    pub used: Vec<(Version, Scheme)>,
    /// Accepted alone in TLS 1.2.
    pub accepted: Vec<Scheme>,
    /// Schemes whose question found no answer.
    pub unsettled: Vec<Scheme>,
    /// Ids of the questions the list rests on.
    pub how: Vec<u32>,
}

/// A certificate chain as sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// SHA-256 of each certificate in hex, in the order sent; see [`Endpoint::certificates`].
    pub certificates: Vec<String>,
    /// Under which conditions it was sent.
    pub sent: Vec<Sent>,
    /// What it is worth to a client: order, completeness, paths, names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<ChainFacts>,
    /// Whether its leaf is the certificate the host ought to serve, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<Serves>,
}

/// Which certificate stands where one was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// The expected one.
    This,
    /// One for the same names, issued before it.
    Older,
    /// One for the same names, issued after it.
    Newer,
    /// Another one.
    Other,
}

/// Conditions under which a chain was sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sent {
    /// The server name sent with the hello.
    pub sni: SniSent,
    /// The version negotiated.
    pub version: Version,
    /// The key type of the suite or of the schemes offered.
    pub key: KeyType,
    /// The first question that showed it.
    pub how: u32,
}

/// Which server name went with a hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SniSent {
    /// The target's name.
    Name,
    /// None.
    None,
    /// A name nobody serves.
    Unrecognised,
}

/// Key type a certificate was asked for with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyType {
    /// RSA, by PKCS #1 or PSS with the ordinary key type.
    Rsa,
    /// RSA with the PSS-only key type.
    RsaPss,
    /// ECDSA.
    Ecdsa,
    /// Ed25519 or Ed448.
    Eddsa,
    /// DSA.
    Dss,
    /// Whichever the server chose, or another kind.
    Any,
}

/// What becomes of an ALPN offer the server has nothing for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlpnMismatch {
    /// The handshake goes on without ALPN.
    Ignored,
    /// The handshake is refused (RFC 7301 section 3.2).
    Refused,
}

/// Sessions and how they are resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// TLS 1.2 and older hand out session ids.
    pub id_issued: Fact<()>,
    /// A session was resumed by its id.
    pub id_resumed: Fact<()>,
    /// TLS 1.2 and older hand out tickets (RFC 5077); the value is the lifetime hint in seconds.
    pub ticket_issued: Fact<Option<u32>>,
    /// A session was resumed by a ticket.
    pub ticket_resumed: Fact<()>,
    /// TLS 1.3 tickets; the value is how many came.
    pub psk_issued: Fact<u16>,
    /// TLS 1.3 resumption by PSK.
    pub psk_resumed: Fact<()>,
    /// 0-RTT data accepted (RFC 8446 section 2.3).
    pub early_data: Fact<()>,
}

/// A request for a client certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAuth {
    /// The handshake fails without one.
    pub required: Seen<()>,
    /// Accepted authorities, as text of their names, in the order sent.
    pub authorities: Vec<String>,
}

/// How the server treats the server name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sni {
    /// No handshake without a name.
    pub required: Fact<()>,
    /// What a name nobody serves gets.
    pub unrecognised: Fact<Unrecognised>,
}

/// What a name nobody serves gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unrecognised {
    /// The same certificate as the target's name.
    SameCertificate,
    /// Another certificate.
    OtherCertificate,
    /// A refusal.
    Refused,
}

/// What the server's randoms tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Randoms {
    /// The first four bytes are the time (RFC 5246 section 7.4.1.2); the value is the server's
    /// clock minus ours, in seconds.
    pub time: Fact<i64>,
    /// A random came twice.
    pub repeated: Fact<()>,
}

/// What the server makes of hellos out of the ordinary: yes = it answers them as any other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tolerance {
    /// A hello that offers TLS 1.3.
    pub tls13: Fact<()>,
    /// A `supported_versions` entry of the future, and reserved values (GREASE, RFC 8701).
    pub grease: Fact<()>,
    /// A hello whose version field is beyond TLS 1.2, here 0x0304.
    pub version_0304: Fact<()>,
    /// A hello whose version field is of a far future, here 0x0499.
    pub version_0499: Fact<()>,
    /// A hello of more than 255 bytes.
    pub over_255: Fact<()>,
    /// A hello of more than 512 bytes.
    pub over_512: Fact<()>,
    /// A hello with more than 64 suites.
    pub many_suites: Fact<()>,
    /// An extension nobody knows.
    pub unknown_extension: Fact<()>,
    /// TLS 1.3 without a key share, which ought to bring a HelloRetryRequest.
    pub empty_key_share: Fact<()>,
}

/// What HTTP says, over the best protocol the server has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Http {
    /// Every request and its answer; redirects are followed within the host.
    pub transactions: Vec<Transaction>,
    /// Status code of the last answer.
    pub status: u16,
    /// Where the last answer points, if that is another host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwards_to: Option<String>,
    /// The `Server` header of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Strict-Transport-Security.
    pub hsts: Hsts,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The address asked.
    pub url: String,
    /// The status code.
    pub status: u16,
    /// The status line, verbatim.
    pub status_line: String,
    /// The headers, verbatim and in order.
    pub headers: Vec<(String, String)>,
    /// The version it went over.
    pub over: Version,
    /// The question that brought it.
    pub how: u32,
}

/// Strict-Transport-Security (RFC 6797 section 6.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hsts {
    /// Whether the policy stands.
    pub state: HstsState,
    /// Each header's value, verbatim.
    pub headers: Vec<String>,
    /// `max-age` in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// `includeSubDomains` is set.
    pub include_subdomains: bool,
    /// `preload` is set.
    pub preload: bool,
    /// The directives, lower-case names, values as sent.
    pub directives: BTreeMap<String, String>,
    /// What is against the grammar, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Whether a policy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HstsState {
    /// No header.
    Absent,
    /// One header that can be read.
    Present,
    /// One header with max-age 0.
    Disabled,
    /// A header against the grammar, or several that differ.
    Invalid,
}

/// What a scan cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Connections opened, those that failed included.
    pub connections: u32,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
    /// Questions asked again because of silence or a closed connection.
    pub repeated: u32,
    /// Milliseconds waited because the server objected.
    pub paused_ms: u64,
}

/// A question put to the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its id within the endpoint.
    pub id: u32,
    /// What it was about.
    pub about: String,
    /// Connections it took.
    pub attempts: u16,
    /// The answer in few words.
    pub answer: String,
}
