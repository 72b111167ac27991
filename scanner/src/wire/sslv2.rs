//! SSL 2.0 hellos (the 1995 draft by Hickman; deprecated by RFC 6176). The server's hello lists its
//! certificate and every cipher kind at once, so one question is enough.

use serde::{Deserialize, Serialize};

use super::codec::{CodecError, Reader, Writer};
use super::names::{Suite, Version};

/// Message types.
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 4;
const ERROR: u8 = 0;

/// An SSL 2.0 CLIENT-HELLO.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientHello {
    /// `0x0002`, or a later version in the compatible form of RFC 5246 appendix E.2.
    pub version: Version,
    /// Cipher kinds, three bytes each.
    pub suites: Vec<Suite>,
    /// Challenge of 16 to 32 bytes.
    pub challenge: Vec<u8>,
}

impl ClientHello {
    /// The bytes for the wire, with the two-byte record header.
    #[must_use]
    pub fn to_record(&self) -> Vec<u8> {
        let kinds: Vec<u8> =
            self.suites.iter().flat_map(|s| s.0.to_be_bytes().into_iter().skip(1)).collect();
        let length = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let mut w = Writer::new();
        w.u8(CLIENT_HELLO).u16(self.version.0);
        w.u16(length(kinds.len())).u16(0).u16(length(self.challenge.len()));
        w.bytes(&kinds).bytes(&self.challenge);
        frame(&w.done())
    }

    /// Reads a record written by [`Self::to_record`]; `None` when more bytes are needed.
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>, CodecError> {
        let Some(body) = unframe(bytes)? else { return Ok(None) };
        let mut r = Reader::new(body);
        if r.u8()? != CLIENT_HELLO {
            return Err(CodecError::Unexpected);
        }
        let version = Version(r.u16()?);
        let (kinds, session, challenge) = (r.u16()?, r.u16()?, r.u16()?);
        let suites = read_kinds(r.take(kinds.into())?)?;
        r.take(session.into())?;
        let challenge = r.take(challenge.into())?.to_vec();
        r.end()?;
        Ok(Some(Self { version, suites, challenge }))
    }
}

/// An SSL 2.0 SERVER-HELLO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version the server answers with.
    pub version: Version,
    /// The certificate, DER; only one can be sent.
    pub certificate: Vec<u8>,
    /// Cipher kinds common to both sides. May be empty: then nothing can be negotiated.
    pub suites: Vec<Suite>,
    /// Random connection id.
    pub connection_id: Vec<u8>,
}

/// What an SSL 2.0 server may answer to a CLIENT-HELLO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It speaks SSL 2.0.
    Hello(ServerHello),
    /// An ERROR message with its code: 1 no cipher, 2 no certificate, 4 bad certificate,
    /// 6 unsupported certificate type.
    Error(u16),
}

impl ServerHello {
    /// The bytes for the wire.
    #[must_use]
    pub fn to_record(&self) -> Vec<u8> {
        let kinds: Vec<u8> =
            self.suites.iter().flat_map(|s| s.0.to_be_bytes().into_iter().skip(1)).collect();
        let length = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let mut w = Writer::new();
        w.u8(SERVER_HELLO).u8(0).u8(1).u16(self.version.0);
        w.u16(length(self.certificate.len()));
        w.u16(length(kinds.len())).u16(length(self.connection_id.len()));
        w.bytes(&self.certificate).bytes(&kinds).bytes(&self.connection_id);
        frame(&w.done())
    }
}

impl Answer {
    /// Reads the server's first record; `None` when more bytes are needed.
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>, CodecError> {
        let Some(body) = unframe(bytes)? else { return Ok(None) };
        let mut r = Reader::new(body);
        match r.u8()? {
            ERROR => Ok(Some(Self::Error(r.u16()?))),
            SERVER_HELLO => {
                let _session_hit = r.u8()?;
                let _certificate_type = r.u8()?;
                let version = Version(r.u16()?);
                let (certificate, kinds, id) = (r.u16()?, r.u16()?, r.u16()?);
                let certificate = r.take(certificate.into())?.to_vec();
                let suites = read_kinds(r.take(kinds.into())?)?;
                let connection_id = r.take(id.into())?.to_vec();
                Ok(Some(Self::Hello(ServerHello { version, certificate, suites, connection_id })))
            }
            _ => Err(CodecError::Unexpected),
        }
    }

    /// True if these first bytes look like an SSL 2.0 record with one of the messages above.
    #[must_use]
    pub fn looks_like(bytes: &[u8]) -> bool {
        matches!(bytes, [a, _, kind, ..] if a & 0x80 != 0 && [ERROR, SERVER_HELLO].contains(kind))
            || matches!(bytes, [a, _, _, kind, ..]
                if a & 0x80 == 0 && *a < 0x10 && [ERROR, SERVER_HELLO].contains(kind))
    }
}

fn frame(body: &[u8]) -> Vec<u8> {
    let mut w = Writer::new();
    w.u16(0x8000 | u16::try_from(body.len()).unwrap_or(0x7fff)).bytes(body);
    w.done()
}

fn unframe(bytes: &[u8]) -> Result<Option<&[u8]>, CodecError> {
    let mut r = Reader::new(bytes);
    let Ok(head) = r.u16() else { return Ok(None) };
    let (length, padding) = if head & 0x8000 != 0 {
        (head & 0x7fff, 0)
    } else {
        let Ok(padding) = r.u8() else { return Ok(None) };
        (head & 0x3fff, padding)
    };
    let Ok(body) = r.take(length.into()) else { return Ok(None) };
    let body = body.len().checked_sub(padding.into()).and_then(|n| body.get(..n));
    body.map(Some).ok_or(CodecError::BadLength)
}

fn read_kinds(bytes: &[u8]) -> Result<Vec<Suite>, CodecError> {
    if !bytes.len().is_multiple_of(3) {
        return Err(CodecError::BadLength);
    }
    Ok(bytes
        .chunks_exact(3)
        .filter_map(|c| <[u8; 3]>::try_from(c).ok())
        .map(|[a, b, c]| Suite(u32::from_be_bytes([0, a, b, c])))
        .collect())
}
