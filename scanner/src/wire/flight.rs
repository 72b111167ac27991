//! A server's first flight, read as it arrives: ServerHello or HelloRetryRequest, and for TLS 1.2
//! and older everything up to ServerHelloDone, which still comes in clear.

use serde::{Deserialize, Serialize};

use super::codec::{CodecError, Reader};
use super::hello::{AlertMessage, ServerHello, message};
use super::names::{Alert, Group, Scheme, Suite, Version};
use super::record::{self, Reassembly, content};
use super::sslv2;
use super::suites::{Auth, Kx};

/// How much of a flight a question needs. Reading stops there, which spares both sides bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The ServerHello is enough.
    Hello,
    /// All that comes in clear: up to ServerHelloDone.
    Flight,
}

/// Everything read from one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flight {
    /// ServerHello or HelloRetryRequest.
    pub hello: Option<ServerHello>,
    /// SSL 2.0's answer, if it was that.
    pub ssl2: Option<sslv2::Answer>,
    /// The certificates in the order sent, DER, undecoded.
    pub certificates: Option<Vec<Vec<u8>>>,
    /// The stapled OCSP response, DER, undecoded.
    pub status: Option<Vec<u8>>,
    /// ServerKeyExchange.
    pub key_exchange: Option<KeyExchange>,
    /// CertificateRequest.
    pub request: Option<CertificateRequest>,
    /// ServerHelloDone was reached.
    pub done: bool,
    /// The alert that ended it.
    pub alert: Option<AlertMessage>,
    /// The last alert of warning level that did not end it.
    pub warning: Option<AlertMessage>,
    /// What was sent that is no TLS at all, if so.
    pub foreign: Option<Foreign>,
    /// What stopped the reading of damaged bytes, if so.
    pub error: Option<CodecError>,
    /// Bytes taken in.
    pub length: usize,
}

/// An answer in another protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Foreign {
    /// An HTTP answer in clear, with its status line.
    Http {
        /// The status line, at most 120 printable characters.
        line: String,
    },
    /// Another protocol's text, for instance a banner.
    Text {
        /// The first line, at most 120 printable characters.
        line: String,
    },
    /// Bytes of no known form.
    Binary,
}

/// ServerKeyExchange, as far as it says something of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyExchange {
    /// Elliptic curve (RFC 8422 section 5.4).
    Ecdhe {
        /// The named curve; `None` for an explicit one.
        group: Option<Group>,
        /// The server's public point.
        point: Vec<u8>,
        /// The signature's scheme; TLS 1.2 only.
        scheme: Option<Scheme>,
    },
    /// Finite field (RFC 5246 section 7.4.3).
    Dhe {
        /// Prime, big-endian.
        p: Vec<u8>,
        /// Generator, big-endian.
        g: Vec<u8>,
        /// The server's public value.
        ys: Vec<u8>,
        /// The signature's scheme; TLS 1.2 only.
        scheme: Option<Scheme>,
    },
    /// A temporary RSA key of an export suite (RFC 2246 section 7.4.3).
    Rsa {
        /// Modulus, big-endian.
        modulus: Vec<u8>,
    },
    /// Of a suite whose parameters are not read.
    Other,
}

/// CertificateRequest of TLS 1.2 and older (RFC 5246 section 7.4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Client certificate types.
    pub types: Vec<u8>,
    /// Signature schemes; TLS 1.2 only.
    pub schemes: Vec<Scheme>,
    /// Names of accepted authorities, DER.
    pub authorities: Vec<Vec<u8>>,
}

/// Reads a flight piece by piece.
#[derive(Clone, Debug, Default)]
pub struct FlightReader {
    buffer: Vec<u8>,
    messages: Reassembly,
    flight: Flight,
    records: usize,
    /// The first record decided that this is TLS (or SSL 2.0 was read whole).
    is_tls: bool,
}

/// Most bytes taken of a flight: a chain of several 1,000-name certificates fits.
pub const MOST_FLIGHT: usize = 1 << 19;

/// Most records of a flight; empty ones are cheap to send for ever.
const MOST_RECORDS: usize = 4096;

impl FlightReader {
    /// Takes in more bytes. True when nothing more can be learnt: the flight is done, an alert
    /// came, or the bytes are no TLS.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.flight.length += bytes.len();
        if self.is_over() {
            return true;
        }
        self.buffer.extend_from_slice(bytes);
        if let Err(error) = self.read() {
            self.flight.error = Some(error);
        }
        self.is_over()
    }

    /// True when the answer to a question that needs this much is complete.
    #[must_use]
    pub fn is_enough(&self, stop: Stop) -> bool {
        self.is_over() || (stop == Stop::Hello && self.flight.hello.is_some())
    }

    /// What was read.
    #[must_use]
    pub fn finish(mut self) -> Flight {
        // Few bytes and then the end: not enough to tell what it was while more could come.
        let silent = self.flight.foreign.is_none() && self.flight.ssl2.is_none();
        if !self.is_tls && !self.buffer.is_empty() && silent {
            self.flight.foreign = Some(foreign(&self.buffer));
        }
        if self.is_tls
            && self.flight.error.is_none()
            && !self.is_over()
            && (!self.buffer.is_empty() || !self.messages.is_empty())
        {
            self.flight.error = Some(CodecError::Short);
        }
        self.flight
    }

    fn is_over(&self) -> bool {
        let f = &self.flight;
        f.done
            || f.alert.is_some()
            || f.foreign.is_some()
            || f.error.is_some()
            || f.ssl2.is_some()
            || f.hello.as_ref().is_some_and(|h| h.version() >= Version::TLS13)
    }

    fn read(&mut self) -> Result<(), CodecError> {
        if !self.is_tls && !self.recognise() {
            return Ok(());
        }
        if self.flight.length > MOST_FLIGHT {
            return Err(CodecError::TooLong);
        }
        while !self.is_over() {
            let Some(record) = record::take(&mut self.buffer)? else { break };
            self.records += 1;
            if self.records > MOST_RECORDS {
                return Err(CodecError::TooLong);
            }
            match record.content {
                content::ALERT => self.alert(&record.fragment)?,
                content::HANDSHAKE => {
                    self.messages.push(&record.fragment);
                    while let Some((kind, body)) = self.messages.take_message()? {
                        self.message(kind, &body)?;
                    }
                }
                // TLS 1.3's compatibility mode lets it stand anywhere (RFC 8446 appendix D.4).
                content::CHANGE_CIPHER_SPEC => {}
                _ => return Err(CodecError::Unexpected),
            }
        }
        Ok(())
    }

    /// Tells TLS from SSL 2.0 from anything else by the first bytes. False: need more or over.
    fn recognise(&mut self) -> bool {
        match self.buffer.as_slice() {
            [] => false,
            [kind, rest @ ..]
                if (content::CHANGE_CIPHER_SPEC..=content::HEARTBEAT).contains(kind) =>
            {
                match rest {
                    [] => false,
                    [3, ..] => {
                        self.is_tls = true;
                        true
                    }
                    // Some old servers put 0.0 or 2.x into the version of an alert's record.
                    [_, _, 0, 2, ..] if *kind == content::ALERT => {
                        self.is_tls = true;
                        true
                    }
                    [_, _, _, _, ..] => {
                        self.flight.foreign = Some(Foreign::Binary);
                        false
                    }
                    _ => false,
                }
            }
            bytes if sslv2::Answer::looks_like(bytes) => {
                match sslv2::Answer::decode(bytes) {
                    Ok(Some(answer)) => self.flight.ssl2 = Some(answer),
                    Ok(None) if bytes.len() <= MOST_FLIGHT => {}
                    Ok(None) => self.flight.error = Some(CodecError::TooLong),
                    Err(_) => self.flight.foreign = Some(foreign(bytes)),
                }
                false
            }
            bytes if bytes.len() < 5 => false,
            // A line tells more than its first bytes; wait for its end, but not for long.
            bytes if bytes.len() < 64 && is_text(bytes) && !bytes.contains(&b'\n') => false,
            bytes => {
                self.flight.foreign = Some(foreign(bytes));
                false
            }
        }
    }

    fn alert(&mut self, fragment: &[u8]) -> Result<(), CodecError> {
        let &[level, description] = fragment else { return Err(CodecError::BadLength) };
        // A warning about the name may stand before a ServerHello (RFC 6066 section 3).
        let alert = AlertMessage { level, description: Alert(description) };
        if level == 1 && alert.description != Alert::CLOSE_NOTIFY {
            self.flight.warning = Some(alert);
            return Ok(());
        }
        self.flight.alert = Some(alert);
        Ok(())
    }

    fn message(&mut self, kind: u8, body: &[u8]) -> Result<(), CodecError> {
        let flight = &mut self.flight;
        let suite = flight.hello.as_ref().map(|h| h.suite);
        let version = flight.hello.as_ref().map(ServerHello::version);
        match (kind, suite, version) {
            (message::SERVER_HELLO, None, _) => flight.hello = Some(ServerHello::decode(body)?),
            (message::CERTIFICATE, Some(_), _) => flight.certificates = Some(certificates(body)?),
            (message::CERTIFICATE_STATUS, Some(_), _) => {
                let mut r = Reader::new(body);
                if r.u8()? == 1 {
                    flight.status = Some(r.vec24()?.rest().to_vec());
                }
            }
            (message::SERVER_KEY_EXCHANGE, Some(suite), Some(version)) => {
                flight.key_exchange = Some(key_exchange(suite, version, body)?);
            }
            (message::CERTIFICATE_REQUEST, Some(_), Some(version)) => {
                flight.request = Some(certificate_request(version, body)?);
            }
            (message::SERVER_HELLO_DONE, Some(_), _) => flight.done = true,
            // HelloRequest and tickets say nothing here; anything before the hello is a fault.
            (0 | message::NEW_SESSION_TICKET, ..) => {}
            _ => return Err(CodecError::Unexpected),
        }
        Ok(())
    }
}

/// Reads a whole flight at once.
#[must_use]
pub fn read(bytes: &[u8]) -> Flight {
    let mut reader = FlightReader::default();
    reader.push(bytes);
    reader.finish()
}

pub(crate) fn certificates(body: &[u8]) -> Result<Vec<Vec<u8>>, CodecError> {
    let mut r = Reader::new(body);
    let mut list = r.vec24()?;
    let mut chain = Vec::new();
    while !list.is_empty() {
        chain.push(list.vec24()?.rest().to_vec());
    }
    r.end()?;
    Ok(chain)
}

pub(crate) fn key_exchange(
    suite: Suite,
    version: Version,
    body: &[u8],
) -> Result<KeyExchange, CodecError> {
    let Some(info) = suite.info() else { return Ok(KeyExchange::Other) };
    let mut r = Reader::new(body);
    if matches!(info.kx, Kx::DhePsk | Kx::EcdhePsk) {
        r.vec16()?; // The identity hint stands first (RFC 4279 section 3).
    }
    let scheme = |r: &mut Reader<'_>| {
        let signed = version == Version::TLS12 && info.auth != Auth::None && info.auth != Auth::Psk;
        if signed { r.u16().map(|n| Some(Scheme(n))) } else { Ok(None) }
    };
    match info.kx {
        Kx::Ecdhe | Kx::EcdhePsk => {
            let group = match r.u8()? {
                3 => Some(Group(r.u16()?)),
                _ => return Ok(KeyExchange::Ecdhe { group: None, point: vec![], scheme: None }),
            };
            let point = r.vec8()?.rest().to_vec();
            Ok(KeyExchange::Ecdhe { group, point, scheme: scheme(&mut r)? })
        }
        Kx::Dhe | Kx::DheExport | Kx::DhePsk => {
            let p = r.vec16()?.rest().to_vec();
            let g = r.vec16()?.rest().to_vec();
            let ys = r.vec16()?.rest().to_vec();
            Ok(KeyExchange::Dhe { p, g, ys, scheme: scheme(&mut r)? })
        }
        Kx::RsaExport => Ok(KeyExchange::Rsa { modulus: r.vec16()?.rest().to_vec() }),
        _ => Ok(KeyExchange::Other),
    }
}

fn certificate_request(version: Version, body: &[u8]) -> Result<CertificateRequest, CodecError> {
    let mut r = Reader::new(body);
    let types = r.vec8()?.rest().to_vec();
    let schemes = if version == Version::TLS12 {
        r.vec16()?.u16s()?.into_iter().map(Scheme).collect()
    } else {
        Vec::new()
    };
    let mut list = r.vec16()?;
    let mut authorities = Vec::new();
    while !list.is_empty() {
        authorities.push(list.vec16()?.rest().to_vec());
    }
    Ok(CertificateRequest { types, schemes, authorities })
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().take(64).all(|b| matches!(b, b'\t' | b'\r' | b'\n' | 0x20..=0x7e))
}

fn foreign(bytes: &[u8]) -> Foreign {
    if !is_text(bytes) {
        return Foreign::Binary;
    }
    let line: String = bytes
        .iter()
        .take_while(|b| !matches!(b, b'\r' | b'\n'))
        .take(120)
        .map(|b| char::from(*b))
        .collect();
    if line.starts_with("HTTP/") { Foreign::Http { line } } else { Foreign::Text { line } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::names::Extension;
    use crate::wire::record::{handshake, wrap};

    fn tls12_flight() -> Vec<u8> {
        let hello = ServerHello {
            legacy_version: Version::TLS12,
            random: [7; 32],
            session_id: vec![1; 32],
            suite: Suite(0xc02f),
            compression: 0,
            extensions: vec![(Extension::RENEGOTIATION_INFO, vec![0])],
        };
        let mut payload = handshake(message::SERVER_HELLO, &hello.encode());
        payload.extend(handshake(message::CERTIFICATE, &[0, 0, 6, 0, 0, 3, 9, 9, 9]));
        payload.extend(handshake(
            message::SERVER_KEY_EXCHANGE,
            &[3, 0, 29, 4, 1, 2, 3, 4, 8, 4, 0, 1, 5],
        ));
        payload.extend(handshake(message::SERVER_HELLO_DONE, &[]));
        wrap(content::HANDSHAKE, Version::TLS12, &payload)
    }

    #[test]
    fn a_flight_is_the_same_in_one_piece_and_byte_by_byte() {
        let bytes = tls12_flight();
        let whole = read(&bytes);
        assert!(whole.done);
        assert_eq!(whole.certificates, Some(vec![vec![9, 9, 9]]));
        assert_eq!(
            whole.key_exchange,
            Some(KeyExchange::Ecdhe {
                group: Some(Group::X25519),
                point: vec![1, 2, 3, 4],
                scheme: Some(Scheme::RSA_PSS_RSAE_SHA256),
            })
        );
        let mut reader = FlightReader::default();
        for (i, byte) in bytes.iter().enumerate() {
            assert_eq!(reader.push(&[*byte]), i + 1 == bytes.len());
        }
        assert_eq!(reader.finish(), whole);
    }

    #[test]
    fn messages_spread_over_records_are_put_together() {
        let bytes = tls12_flight();
        let payload = &bytes[5..];
        let mut spread = Vec::new();
        for piece in payload.chunks(3) {
            spread.extend(wrap(content::HANDSHAKE, Version::TLS12, piece));
        }
        let mut flight = read(&spread);
        flight.length = bytes.len();
        assert_eq!(flight, read(&bytes));
    }

    #[test]
    fn a_warning_about_the_name_does_not_end_the_flight() {
        let mut bytes = wrap(content::ALERT, Version::TLS12, &[1, 112]);
        bytes.extend(tls12_flight());
        assert!(read(&bytes).done);
        let fatal = read(&wrap(content::ALERT, Version::TLS12, &[2, 40]));
        assert_eq!(fatal.alert.unwrap().description, Alert::HANDSHAKE_FAILURE);
    }

    #[test]
    fn other_protocols_are_recognised() {
        let line = |f: Flight| match f.foreign {
            Some(Foreign::Http { line } | Foreign::Text { line }) => line,
            other => format!("{other:?}"),
        };
        assert_eq!(line(read(b"HTTP/1.1 400 Bad Request\r\nA: b\r\n")), "HTTP/1.1 400 Bad Request");
        assert_eq!(line(read(b"SSH-2.0-OpenSSH_9.2\r\n")), "SSH-2.0-OpenSSH_9.2");
        assert_eq!(read(&[0xff; 40]).foreign, Some(Foreign::Binary));
        assert_eq!(read(b"").foreign, None);
    }
}
