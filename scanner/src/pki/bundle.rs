//! Certificates in the forms in which authorities publish them: DER, PKCS #7 without signatures
//! (RFC 5652 section 5, "certs-only"), and PEM of both. Only what is in order is read; for files
//! that people pass around see [`super::file`].

use x509_parser::pem::Pem;

use super::CertFacts;
use super::der::{INTEGER, OID, Reader, SEQUENCE, context};

/// Most certificates taken from one bundle.
const MOST: usize = 64;

/// `id-signedData`, 1.2.840.113549.1.7.2, as it stands in DER.
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];

/// SET and SET OF.
const SET: u8 = 0x31;

/// The certificates, in DER, in the order found. Empty if it is no bundle.
#[must_use]
pub fn certificates(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = in_der(bytes);
    if found.is_empty() {
        let blocks = Pem::iter_from_buffer(bytes).take(MOST).filter_map(Result::ok);
        found = blocks.flat_map(|block| in_der(&block.contents)).collect();
    }
    found.truncate(MOST);
    found
}

fn in_der(der: &[u8]) -> Vec<Vec<u8>> {
    if CertFacts::read(der).is_ok() { vec![der.to_vec()] } else { pkcs7(der).unwrap_or_default() }
}

/// The certificates of a PKCS #7 message.
fn pkcs7(der: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut message = Reader::new(der).enter(SEQUENCE)?;
    if message.take(OID)?.content != SIGNED_DATA {
        return None;
    }
    let mut data = message.enter(context(0))?.enter(SEQUENCE)?;
    data.take(INTEGER)?;
    data.take(SET)?;
    data.take(SEQUENCE)?;
    let mut all = data.enter(context(0))?;
    let mut found = Vec::new();
    while found.len() < MOST
        && let Some(element) = all.element()
    {
        if CertFacts::read(element.whole).is_ok() {
            found.push(element.whole.to_vec());
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, Engine};

    use super::*;

    const CA: &[u8] = include_bytes!("testdata/ca.der");
    const EV: &[u8] = include_bytes!("testdata/ev.der");
    /// Both, by `openssl crl2pkcs7 -nocrl`.
    const P7B: &[u8] = include_bytes!("testdata/bundle.p7b");

    fn pem(label: &str, der: &[u8]) -> String {
        let body = BASE64_STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    #[test]
    fn each_form_is_read() {
        assert_eq!(certificates(CA), [CA]);
        assert_eq!(certificates(P7B), [CA, EV]);
        let text = pem("CERTIFICATE", EV) + &pem("PKCS7", P7B) + &pem("X", b"x");
        assert_eq!(certificates(text.as_bytes()), [EV, CA, EV]);
    }

    #[test]
    fn what_is_none_is_empty_and_harmless() {
        assert!(certificates(b"").is_empty());
        assert!(certificates(b"<html>404</html>").is_empty());
        for end in 0..P7B.len() {
            assert!(certificates(&P7B[..end]).len() < 2);
        }
        for at in 0..P7B.len() {
            let mut spoilt = P7B.to_vec();
            spoilt[at] ^= 0x81;
            assert!(certificates(&spoilt).len() <= 2);
        }
    }
}
