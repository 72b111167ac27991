//! A certificate read once: its facts, and where in its bytes the parts stand that signatures and
//! issuers are looked up by.

use std::ops::Range;

use crate::observe::CertFacts;

/// Tags of DER (X.690 section 8) that stand in the frame of a certificate.
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const VERSION: u8 = 0xa0;

/// A certificate read once.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The bytes, as they came.
    pub der: Vec<u8>,
    /// What stands in them.
    pub facts: CertFacts,
    parts: Parts,
}

/// Where the parts stand (RFC 5280 section 4.1). Contents are without tag and length, as webpki
/// compares them.
#[derive(Debug)]
struct Parts {
    /// What is signed, with tag and length.
    signed: Range<usize>,
    /// Contents of the outer algorithm identifier.
    algorithm: Range<usize>,
    /// Bits of the signature.
    signature: Range<usize>,
    /// Contents of the issuer's name.
    issuer: Range<usize>,
    /// Contents of the subject's name.
    subject: Range<usize>,
    /// The public key with its algorithm, with tag and length.
    key_info: Range<usize>,
    /// Contents of the key's algorithm identifier.
    key_algorithm: Range<usize>,
    /// Bits of the key.
    key: Range<usize>,
}

impl Parsed {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, in words.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let facts = CertFacts::read(der)?;
        let parts = Parts::find(der).ok_or("its frame is not that of a certificate")?;
        Ok(Self { der: der.to_vec(), facts, parts })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.facts.sha256
    }

    pub fn signed(&self) -> &[u8] {
        self.part(&self.parts.signed)
    }

    pub fn algorithm(&self) -> &[u8] {
        self.part(&self.parts.algorithm)
    }

    pub fn signature(&self) -> &[u8] {
        self.part(&self.parts.signature)
    }

    pub fn issuer(&self) -> &[u8] {
        self.part(&self.parts.issuer)
    }

    pub fn subject(&self) -> &[u8] {
        self.part(&self.parts.subject)
    }

    pub fn key_info(&self) -> &[u8] {
        self.part(&self.parts.key_info)
    }

    pub fn key_algorithm(&self) -> &[u8] {
        self.part(&self.parts.key_algorithm)
    }

    pub fn key(&self) -> &[u8] {
        self.part(&self.parts.key)
    }

    /// True if both are certificates of one authority: same name, same key. A path that has both
    /// goes in a circle (RFC 4158 section 5.2).
    pub fn is_twin_of(&self, other: &Self) -> bool {
        self.subject() == other.subject() && self.key_info() == other.key_info()
    }

    /// Addresses of the issuer's certificate that plain HTTP fetches.
    pub fn issuer_addresses(&self) -> impl Iterator<Item = &String> {
        let http = |uri: &&String| uri.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("http://"));
        self.facts.issuer_uris.iter().filter(http)
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.der.get(range.clone()).unwrap_or_default()
    }
}

impl Parts {
    fn find(der: &[u8]) -> Option<Self> {
        let certificate = Walk::over(der, 0..der.len()).next(SEQUENCE)?;
        let mut outer = Walk::over(der, certificate.contents);
        let signed = outer.next(SEQUENCE)?;
        let algorithm = outer.next(SEQUENCE)?.contents;
        let signature = outer.bits()?;
        let mut inner = Walk::over(der, signed.contents.clone());
        inner.skip_if(VERSION);
        inner.any()?; // serial number
        inner.next(SEQUENCE)?; // algorithm once more
        let issuer = inner.next(SEQUENCE)?.contents;
        inner.next(SEQUENCE)?; // validity
        let subject = inner.next(SEQUENCE)?.contents;
        let key_info = inner.next(SEQUENCE)?;
        let mut info = Walk::over(der, key_info.contents.clone());
        let key_algorithm = info.next(SEQUENCE)?.contents;
        let key = info.bits()?;
        Some(Self {
            signed: signed.whole,
            algorithm,
            signature,
            issuer,
            subject,
            key_info: key_info.whole,
            key_algorithm,
            key,
        })
    }
}

/// One element of DER.
struct Element {
    tag: u8,
    whole: Range<usize>,
    contents: Range<usize>,
}

/// Elements one after another.
struct Walk<'a> {
    der: &'a [u8],
    left: Range<usize>,
}

impl<'a> Walk<'a> {
    fn over(der: &'a [u8], left: Range<usize>) -> Self {
        Self { der, left }
    }

    /// The next element, if it has that tag.
    fn next(&mut self, tag: u8) -> Option<Element> {
        self.any().filter(|element| element.tag == tag)
    }

    /// The next element.
    fn any(&mut self) -> Option<Element> {
        let element = self.peek()?;
        self.left.start = element.whole.end;
        Some(element)
    }

    fn skip_if(&mut self, tag: u8) {
        if self.peek().is_some_and(|element| element.tag == tag) {
            self.any();
        }
    }

    /// The next element, of whole bytes of bits (X.690 section 8.6).
    fn bits(&mut self) -> Option<Range<usize>> {
        let Range { start, end } = self.next(BIT_STRING)?.contents;
        (self.der.get(start..end)?.first() == Some(&0)).then(|| start.saturating_add(1)..end)
    }

    /// Definite lengths of up to four bytes, as DER has them (X.690 section 10.1).
    fn peek(&self) -> Option<Element> {
        let bytes = self.der.get(self.left.clone())?;
        let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
        let (header, length) = match first {
            0..=0x7f => (2, usize::from(first)),
            0x81..=0x84 => {
                let count = usize::from(first & 0x0f);
                let digits = bytes.get(2..2 + count)?;
                let length = digits.iter().try_fold(0_usize, |length, digit| {
                    length.checked_mul(256)?.checked_add(usize::from(*digit))
                })?;
                (2 + count, length)
            }
            _ => return None,
        };
        let start = self.left.start.checked_add(header)?;
        let end = start.checked_add(length).filter(|end| *end <= self.left.end)?;
        Some(Element { tag, whole: self.left.start..end, contents: start..end })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::*;

    #[test]
    fn the_parts_are_those_another_parser_finds() {
        for der in TLS_SERVER_ROOT_CERTS {
            let (_, other) = X509Certificate::from_der(der).unwrap();
            let parsed = Parsed::read(der).unwrap();
            assert_eq!(parsed.signed(), other.tbs_certificate.as_ref());
            assert_eq!(parsed.signature(), &*other.signature_value.data);
            assert_eq!(parsed.key(), &*other.public_key().subject_public_key.data);
            assert_eq!(parsed.key_info(), other.public_key().raw);
            assert!(other.subject().as_raw().ends_with(parsed.subject()));
            assert!(other.issuer().as_raw().ends_with(parsed.issuer()));
            assert!(!parsed.subject().is_empty() && !parsed.algorithm().is_empty());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
            which in 0..TLS_SERVER_ROOT_CERTS.len(),
            at in 0..1000_usize,
            cut in 0..2000_usize,
        ) {
            let _ = Parts::find(&bytes);
            let mut der = TLS_SERVER_ROOT_CERTS[which].to_vec();
            if let Some(place) = der.get_mut(at..(at + bytes.len()).min(1200)) {
                place.copy_from_slice(&bytes[..place.len()]);
            }
            der.truncate(der.len().min(cut));
            let _ = Parsed::read(&der);
        }
    }
}
