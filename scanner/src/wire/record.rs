//! The record layer in clear (RFC 8446 section 5.1): records in and out, with limits.

use super::codec::{CodecError, Reader, Writer};
use super::names::Version;

/// Content types (RFC 8446 appendix B.1).
pub mod content {
    /// ChangeCipherSpec.
    pub const CHANGE_CIPHER_SPEC: u8 = 20;
    /// Alert.
    pub const ALERT: u8 = 21;
    /// Handshake.
    pub const HANDSHAKE: u8 = 22;
    /// Application data; in TLS 1.3 everything encrypted.
    pub const APPLICATION_DATA: u8 = 23;
    /// Heartbeat (RFC 6520).
    pub const HEARTBEAT: u8 = 24;
}

/// Longest fragment a record may carry in any version: 2^14 and what encryption may add.
pub const MOST_FRAGMENT: usize = (1 << 14) + 2048;

/// One record as it stood on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Content type, see [`content`].
    pub content: u8,
    /// The version in the record header, which is not the version negotiated.
    pub version: Version,
    /// The payload.
    pub fragment: Vec<u8>,
}

/// Cuts the next record from the front of `buffer`: `None` means that more bytes are needed.
pub fn take(buffer: &mut Vec<u8>) -> Result<Option<Record>, CodecError> {
    let mut r = Reader::new(buffer);
    let (Ok(content), Ok(version), Ok(length)) = (r.u8(), r.u16(), r.u16()) else {
        return Ok(None);
    };
    if usize::from(length) > MOST_FRAGMENT {
        return Err(CodecError::TooLong);
    }
    let Ok(fragment) = r.take(length.into()) else { return Ok(None) };
    let record = Record { content, version: Version(version), fragment: fragment.to_vec() };
    let used = buffer.len() - r.rest().len();
    buffer.drain(..used);
    Ok(Some(record))
}

/// Wraps `payload` in as many records as it needs.
#[must_use]
pub fn wrap(content: u8, version: Version, payload: &[u8]) -> Vec<u8> {
    let mut w = Writer::new();
    for piece in payload.chunks(1 << 14) {
        w.u8(content).u16(version.0).vec16(|w| {
            w.bytes(piece);
        });
    }
    w.done()
}

/// Puts a handshake message's header before its body (RFC 8446 section 4).
#[must_use]
pub fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut w = Writer::new();
    w.u8(kind).vec24(|w| {
        w.bytes(body);
    });
    w.done()
}

/// Handshake messages out of fragments: one message may span records, one record may hold several.
#[derive(Clone, Debug, Default)]
pub struct Reassembly {
    buffer: Vec<u8>,
}

/// Longest handshake message taken: room for a chain of 1,000-name certificates, and no more.
pub const MOST_MESSAGE: usize = 1 << 18;

impl Reassembly {
    /// Adds a record's payload.
    pub fn push(&mut self, fragment: &[u8]) {
        self.buffer.extend_from_slice(fragment);
    }

    /// The next whole message as (type, body).
    pub fn take_message(&mut self) -> Result<Option<(u8, Vec<u8>)>, CodecError> {
        let mut r = Reader::new(&self.buffer);
        let (Ok(kind), Ok(length)) = (r.u8(), r.u24()) else { return Ok(None) };
        let length = usize::try_from(length).map_err(|_| CodecError::TooLong)?;
        if length > MOST_MESSAGE {
            return Err(CodecError::TooLong);
        }
        let Ok(body) = r.take(length) else { return Ok(None) };
        let body = body.to_vec();
        self.buffer.drain(..4 + length);
        Ok(Some((kind, body)))
    }

    /// True between messages.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }
}
