//! `ClientHello` and `ServerHello` of SSL 3.0 to TLS 1.3 with every extension a probe needs.

use serde::{Deserialize, Serialize};

use super::codec::{CodecError, Reader, Writer};
use super::names::{Alert, Extension, Group, Scheme, Suite, Version};
use super::record;

/// Handshake message types (RFC 8446 section 4 and RFC 5246 section 7.4).
pub mod message {
    /// ClientHello.
    pub const CLIENT_HELLO: u8 = 1;
    /// ServerHello and HelloRetryRequest.
    pub const SERVER_HELLO: u8 = 2;
    /// NewSessionTicket.
    pub const NEW_SESSION_TICKET: u8 = 4;
    /// Certificate.
    pub const CERTIFICATE: u8 = 11;
    /// ServerKeyExchange.
    pub const SERVER_KEY_EXCHANGE: u8 = 12;
    /// CertificateRequest.
    pub const CERTIFICATE_REQUEST: u8 = 13;
    /// ServerHelloDone.
    pub const SERVER_HELLO_DONE: u8 = 14;
    /// CertificateStatus (RFC 6066 section 8).
    pub const CERTIFICATE_STATUS: u8 = 22;
}

/// The random of a HelloRetryRequest (RFC 8446 section 4.1.3).
pub const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// An extension as a client sends it. What cannot be read as its type stays as [`Ext::Raw`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ext {
    /// Server name indication (RFC 6066 section 3).
    ServerName(String),
    /// Maximum fragment length: 1 to 4 for 2^9 to 2^12 (RFC 6066 section 4).
    MaxFragmentLength(u8),
    /// Asks for a stapled OCSP response (RFC 6066 section 8).
    StatusRequest,
    /// Named groups, most wanted first (RFC 8446 section 4.2.7).
    Groups(Vec<Group>),
    /// EC point formats (RFC 8422 section 5.1.2).
    PointFormats(Vec<u8>),
    /// Signature schemes, most wanted first (RFC 8446 section 4.2.3).
    Schemes(Vec<Scheme>),
    /// Heartbeat mode: 1 peer may send, 2 peer may not (RFC 6520).
    Heartbeat(u8),
    /// Application protocols, most wanted first (RFC 7301).
    Alpn(Vec<String>),
    /// Asks for signed certificate timestamps (RFC 6962 section 3.3.1).
    Sct,
    /// So many zero bytes (RFC 7685).
    Padding(u16),
    /// Encrypt-then-MAC (RFC 7366).
    EncryptThenMac,
    /// Extended master secret (RFC 7627).
    ExtendedMasterSecret,
    /// Certificate compression algorithms (RFC 8879).
    CompressCertificate(Vec<u16>),
    /// Session ticket, empty to ask for one (RFC 5077).
    SessionTicket(Vec<u8>),
    /// PSK key exchange modes (RFC 8446 section 4.2.9).
    PskModes(Vec<u8>),
    /// Versions, most wanted first (RFC 8446 section 4.2.1).
    SupportedVersions(Vec<Version>),
    /// Key shares; may be empty to ask for a HelloRetryRequest (RFC 8446 section 4.2.8).
    KeyShares(Vec<(Group, Vec<u8>)>),
    /// Next protocol negotiation, the draft before ALPN.
    NextProtocol,
    /// Renegotiation info; empty in a first handshake (RFC 5746).
    RenegotiationInfo(Vec<u8>),
    /// Anything else, byte for byte.
    Raw(Extension, Vec<u8>),
}

impl Ext {
    /// The extension's number.
    #[must_use]
    pub fn extension(&self) -> Extension {
        match self {
            Self::ServerName(_) => Extension::SERVER_NAME,
            Self::MaxFragmentLength(_) => Extension::MAX_FRAGMENT_LENGTH,
            Self::StatusRequest => Extension::STATUS_REQUEST,
            Self::Groups(_) => Extension::SUPPORTED_GROUPS,
            Self::PointFormats(_) => Extension::EC_POINT_FORMATS,
            Self::Schemes(_) => Extension::SIGNATURE_ALGORITHMS,
            Self::Heartbeat(_) => Extension::HEARTBEAT,
            Self::Alpn(_) => Extension::ALPN,
            Self::Sct => Extension::SIGNED_CERTIFICATE_TIMESTAMP,
            Self::Padding(_) => Extension::PADDING,
            Self::EncryptThenMac => Extension::ENCRYPT_THEN_MAC,
            Self::ExtendedMasterSecret => Extension::EXTENDED_MASTER_SECRET,
            Self::CompressCertificate(_) => Extension::COMPRESS_CERTIFICATE,
            Self::SessionTicket(_) => Extension::SESSION_TICKET,
            Self::PskModes(_) => Extension::PSK_KEY_EXCHANGE_MODES,
            Self::SupportedVersions(_) => Extension::SUPPORTED_VERSIONS,
            Self::KeyShares(_) => Extension::KEY_SHARE,
            Self::NextProtocol => Extension::NEXT_PROTOCOL_NEGOTIATION,
            Self::RenegotiationInfo(_) => Extension::RENEGOTIATION_INFO,
            Self::Raw(extension, _) => *extension,
        }
    }

    fn write(&self, w: &mut Writer) {
        match self {
            Self::ServerName(name) => {
                w.vec16(|w| {
                    w.u8(0).vec16(|w| {
                        w.bytes(name.as_bytes());
                    });
                });
            }
            Self::MaxFragmentLength(n) | Self::Heartbeat(n) => {
                w.u8(*n);
            }
            Self::StatusRequest => {
                // Type OCSP, no responder names, no request extensions.
                w.bytes(&[1, 0, 0, 0, 0]);
            }
            Self::Groups(groups) => {
                w.vec16(|w| groups.iter().for_each(|g| _ = w.u16(g.0)));
            }
            Self::Schemes(schemes) => {
                w.vec16(|w| schemes.iter().for_each(|s| _ = w.u16(s.0)));
            }
            Self::PointFormats(list) | Self::PskModes(list) | Self::RenegotiationInfo(list) => {
                w.vec8(|w| _ = w.bytes(list));
            }
            Self::Alpn(protocols) => {
                w.vec16(|w| {
                    for protocol in protocols {
                        w.vec8(|w| _ = w.bytes(protocol.as_bytes()));
                    }
                });
            }
            Self::Padding(n) => {
                w.bytes(&vec![0; usize::from(*n)]);
            }
            Self::CompressCertificate(algorithms) => {
                w.vec8(|w| algorithms.iter().for_each(|a| _ = w.u16(*a)));
            }
            Self::SupportedVersions(versions) => {
                w.vec8(|w| versions.iter().for_each(|v| _ = w.u16(v.0)));
            }
            Self::KeyShares(shares) => {
                w.vec16(|w| {
                    for (group, share) in shares {
                        w.u16(group.0).vec16(|w| _ = w.bytes(share));
                    }
                });
            }
            Self::SessionTicket(bytes) | Self::Raw(_, bytes) => {
                w.bytes(bytes);
            }
            Self::Sct | Self::EncryptThenMac | Self::ExtendedMasterSecret | Self::NextProtocol => {}
        }
    }

    /// Reads an extension of a ClientHello; what does not fit its type is kept raw.
    fn read(extension: Extension, body: &[u8]) -> Self {
        Self::typed(extension, body).unwrap_or_else(|_| Self::Raw(extension, body.to_vec()))
    }

    fn typed(extension: Extension, body: &[u8]) -> Result<Self, CodecError> {
        let mut r = Reader::new(body);
        let text =
            |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| CodecError::BadLength);
        let ext = match extension {
            Extension::SERVER_NAME => {
                let mut list = r.vec16()?;
                if list.u8()? != 0 {
                    return Err(CodecError::Unexpected);
                }
                let name = text(list.vec16()?.rest())?;
                list.end()?;
                Self::ServerName(name)
            }
            Extension::MAX_FRAGMENT_LENGTH => Self::MaxFragmentLength(r.u8()?),
            Extension::HEARTBEAT => Self::Heartbeat(r.u8()?),
            Extension::STATUS_REQUEST if body == [1, 0, 0, 0, 0] => {
                r.take(5)?;
                Self::StatusRequest
            }
            Extension::SUPPORTED_GROUPS => {
                Self::Groups(r.vec16()?.u16s()?.into_iter().map(Group).collect())
            }
            Extension::SIGNATURE_ALGORITHMS => {
                Self::Schemes(r.vec16()?.u16s()?.into_iter().map(Scheme).collect())
            }
            Extension::EC_POINT_FORMATS => Self::PointFormats(r.vec8()?.rest().to_vec()),
            Extension::PSK_KEY_EXCHANGE_MODES => Self::PskModes(r.vec8()?.rest().to_vec()),
            Extension::RENEGOTIATION_INFO => Self::RenegotiationInfo(r.vec8()?.rest().to_vec()),
            Extension::ALPN => {
                let mut list = r.vec16()?;
                let mut protocols = Vec::new();
                while !list.is_empty() {
                    protocols.push(text(list.vec8()?.rest())?);
                }
                Self::Alpn(protocols)
            }
            Extension::PADDING if body.iter().all(|b| *b == 0) => {
                let n = u16::try_from(body.len()).map_err(|_| CodecError::BadLength)?;
                r.take(body.len())?;
                Self::Padding(n)
            }
            Extension::COMPRESS_CERTIFICATE => Self::CompressCertificate(r.vec8()?.u16s()?),
            Extension::SUPPORTED_VERSIONS => {
                Self::SupportedVersions(r.vec8()?.u16s()?.into_iter().map(Version).collect())
            }
            Extension::KEY_SHARE => {
                let mut list = r.vec16()?;
                let mut shares = Vec::new();
                while !list.is_empty() {
                    shares.push((Group(list.u16()?), list.vec16()?.rest().to_vec()));
                }
                Self::KeyShares(shares)
            }
            Extension::SESSION_TICKET => {
                r.take(body.len())?;
                Self::SessionTicket(body.to_vec())
            }
            Extension::SIGNED_CERTIFICATE_TIMESTAMP if body.is_empty() => Self::Sct,
            Extension::ENCRYPT_THEN_MAC if body.is_empty() => Self::EncryptThenMac,
            Extension::EXTENDED_MASTER_SECRET if body.is_empty() => Self::ExtendedMasterSecret,
            Extension::NEXT_PROTOCOL_NEGOTIATION if body.is_empty() => Self::NextProtocol,
            _ => return Err(CodecError::Unexpected),
        };
        r.end()?;
        Ok(ext)
    }
}

/// A ClientHello: everything in it is the caller's choice, also what a good client would not send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// The version in the record header.
    pub record_version: Version,
    /// `client_version` up to TLS 1.2, `legacy_version` in TLS 1.3.
    pub version: Version,
    /// Client random.
    pub random: [u8; 32],
    /// Session id to resume, or 32 bytes for TLS 1.3's compatibility mode.
    pub session_id: Vec<u8>,
    /// Suites, most wanted first.
    pub suites: Vec<Suite>,
    /// Compression methods: 0 null, 1 DEFLATE (RFC 3749).
    pub compression: Vec<u8>,
    /// Extensions in this order; empty leaves the whole block out, as SSL 3.0 clients do.
    pub extensions: Vec<Ext>,
}

impl ClientHello {
    /// The handshake message's body.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.u16(self.version.0).bytes(&self.random);
        w.vec8(|w| _ = w.bytes(&self.session_id));
        w.vec16(|w| {
            for suite in self.suites.iter().filter(|s| !s.is_ssl2()) {
                w.u16(u16::try_from(suite.0).unwrap_or_default());
            }
        });
        w.vec8(|w| _ = w.bytes(&self.compression));
        if !self.extensions.is_empty() {
            w.vec16(|w| {
                for ext in &self.extensions {
                    w.u16(ext.extension().0).vec16(|w| ext.write(w));
                }
            });
        }
        w.done()
    }

    /// The bytes for the wire: message header and record header included.
    #[must_use]
    pub fn to_record(&self) -> Vec<u8> {
        let message = record::handshake(message::CLIENT_HELLO, &self.encode());
        record::wrap(record::content::HANDSHAKE, self.record_version, &message)
    }

    /// Length of the handshake message with its header: what size limits of servers count.
    #[must_use]
    pub fn message_len(&self) -> usize {
        4 + self.encode().len()
    }

    /// Reads a body written by [`Self::encode`] or by any client.
    pub fn decode(record_version: Version, body: &[u8]) -> Result<Self, CodecError> {
        let mut r = Reader::new(body);
        let version = Version(r.u16()?);
        let random = r.array()?;
        let session_id = r.vec8()?.rest().to_vec();
        let suites = r.vec16()?.u16s()?.into_iter().map(|n| Suite(n.into())).collect();
        let compression = r.vec8()?.rest().to_vec();
        let mut extensions = Vec::new();
        if !r.is_empty() {
            let mut block = r.vec16()?;
            while !block.is_empty() {
                let extension = Extension(block.u16()?);
                extensions.push(Ext::read(extension, block.vec16()?.rest()));
            }
        }
        r.end()?;
        Ok(Self { record_version, version, random, session_id, suites, compression, extensions })
    }

    /// The first extension with this number.
    #[must_use]
    pub fn extension(&self, extension: Extension) -> Option<&Ext> {
        self.extensions.iter().find(|e| e.extension() == extension)
    }
}

/// A ServerHello or HelloRetryRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// `server_version` up to TLS 1.2, `legacy_version` in TLS 1.3.
    pub legacy_version: Version,
    /// Server random.
    pub random: [u8; 32],
    /// Session id, empty if the session cannot be resumed by id.
    pub session_id: Vec<u8>,
    /// The suite chosen.
    pub suite: Suite,
    /// The compression method chosen.
    pub compression: u8,
    /// Extensions in the order sent, undecoded.
    pub extensions: Vec<(Extension, Vec<u8>)>,
}

impl ServerHello {
    /// The handshake message's body.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.u16(self.legacy_version.0).bytes(&self.random);
        w.vec8(|w| _ = w.bytes(&self.session_id));
        w.u16(u16::try_from(self.suite.0).unwrap_or_default()).u8(self.compression);
        if !self.extensions.is_empty() {
            w.vec16(|w| {
                for (extension, body) in &self.extensions {
                    w.u16(extension.0).vec16(|w| _ = w.bytes(body));
                }
            });
        }
        w.done()
    }

    /// Reads the handshake message's body.
    pub fn decode(body: &[u8]) -> Result<Self, CodecError> {
        let mut r = Reader::new(body);
        let legacy_version = Version(r.u16()?);
        let random = r.array()?;
        let session_id = r.vec8()?.rest().to_vec();
        if session_id.len() > 32 {
            return Err(CodecError::BadLength);
        }
        let suite = Suite(r.u16()?.into());
        let compression = r.u8()?;
        let mut extensions = Vec::new();
        if !r.is_empty() {
            let mut block = r.vec16()?;
            while !block.is_empty() {
                extensions.push((Extension(block.u16()?), block.vec16()?.rest().to_vec()));
            }
        }
        r.end()?;
        Ok(Self { legacy_version, random, session_id, suite, compression, extensions })
    }

    /// The body of an extension, if the server sent it.
    #[must_use]
    pub fn extension(&self, extension: Extension) -> Option<&[u8]> {
        self.extensions.iter().find(|(e, _)| *e == extension).map(|(_, body)| body.as_slice())
    }

    /// The version negotiated: from `supported_versions` where it stands (RFC 8446 section 4.2.1).
    #[must_use]
    pub fn version(&self) -> Version {
        match self.extension(Extension::SUPPORTED_VERSIONS) {
            Some([a, b]) => Version(u16::from_be_bytes([*a, *b])),
            _ => self.legacy_version,
        }
    }

    /// True for a HelloRetryRequest.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.random == RETRY_RANDOM
    }

    /// The group of the key share, in a ServerHello or a HelloRetryRequest of TLS 1.3.
    #[must_use]
    pub fn group(&self) -> Option<Group> {
        let mut r = Reader::new(self.extension(Extension::KEY_SHARE)?);
        r.u16().ok().map(Group)
    }

    /// The server's key share in TLS 1.3; a HelloRetryRequest has none.
    #[must_use]
    pub fn key_share(&self) -> Option<&[u8]> {
        let mut r = Reader::new(self.extension(Extension::KEY_SHARE)?);
        r.u16().ok()?;
        Some(r.vec16().ok()?.rest())
    }

    /// The one application protocol the server chose (RFC 7301 section 3.1).
    #[must_use]
    pub fn alpn(&self) -> Option<String> {
        let mut r = Reader::new(self.extension(Extension::ALPN)?);
        let mut list = r.vec16().ok()?;
        Some(String::from_utf8_lossy(list.vec8().ok()?.rest()).into_owned())
    }

    /// The protocols of an NPN answer, which lists all the server has.
    #[must_use]
    pub fn npn(&self) -> Option<Vec<String>> {
        let mut r = Reader::new(self.extension(Extension::NEXT_PROTOCOL_NEGOTIATION)?);
        let mut protocols = Vec::new();
        while let Ok(name) = r.vec8() {
            protocols.push(String::from_utf8_lossy(name.rest()).into_owned());
        }
        Some(protocols)
    }
}

/// An alert record's two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertMessage {
    /// 1 warning, 2 fatal.
    pub level: u8,
    /// What is wrong.
    pub description: Alert,
}
