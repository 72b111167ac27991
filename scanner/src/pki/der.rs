//! A cursor over DER (X.690), for what the certificate parser does not read or would read whole:
//! OCSP responses, and revocation lists with hundreds of thousands of entries.
//!
//! It looks at one element at a time, in place and without recursion. Every step takes at least
//! two bytes, so a walk ends with its input.

use x509_parser::der_parser::asn1_rs::{FromDer as _, Oid};
use x509_parser::time::ASN1Time;

/// BOOLEAN.
pub(super) const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OID: u8 = 0x06;
/// ENUMERATED.
pub(super) const ENUMERATED: u8 = 0x0a;
/// SEQUENCE and SEQUENCE OF.
pub(super) const SEQUENCE: u8 = 0x30;

/// The tag of a constructed, context-specific element: `[number]`, up to 30.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// Class, form and number as encoded, in one byte.
    pub(super) tag: u8,
    /// What is in it.
    pub(super) content: &'a [u8],
    /// All of it, with tag and length.
    pub(super) whole: &'a [u8],
}

/// What is left to read of a string of elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element. `None` if there is none, if it is cut off, or if it has what nothing here
    /// uses: a tag of several bytes, or a length that is indefinite or above 32 bits.
    pub(super) fn element(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
                (usize::try_from(length).ok()?, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let (whole, _) = self.0.split_at_checked(self.0.len() - rest.len())?;
        self.0 = rest;
        Some(Element { tag, content, whole })
    }

    /// The next element if it has this tag; else nothing is taken.
    pub(super) fn take(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() != Some(&tag) {
            return None;
        }
        self.element()
    }

    /// What is in the next element, which has to have this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Self> {
        Some(Self(self.take(tag)?.content))
    }

    /// The next element as a time, in seconds since 1970: GeneralizedTime or UTCTime.
    pub(super) fn time(&mut self) -> Option<i64> {
        let element = self.element()?;
        let (_, time) = ASN1Time::from_der(element.whole).ok()?;
        Some(time.timestamp())
    }

    /// True if the next element is a time.
    pub(super) fn at_time(&self) -> bool {
        matches!(self.0.first(), Some(0x17 | 0x18))
    }

    /// The next element as a signature: the bits, which are whole bytes.
    pub(super) fn bits(&mut self) -> Option<&'a [u8]> {
        match self.take(BIT_STRING)?.content.split_first()? {
            (0, bits) => Some(bits),
            _ => None,
        }
    }
}

/// One extension (RFC 5280 section 4.2).
#[derive(Clone, Debug)]
pub(super) struct Extension<'a> {
    /// What it is, as a dotted number.
    pub(super) id: String,
    /// Who does not know it may not go on.
    pub(super) critical: bool,
    /// DER of what it says.
    pub(super) value: &'a [u8],
}

/// Most extensions of one list, response or entry that are looked at.
const MOST_EXTENSIONS: usize = 64;

/// The extensions, from what is in their SEQUENCE. `None` if one cannot be read or there are more
/// than anybody has.
pub(super) fn extensions(mut list: Reader<'_>) -> Option<Vec<Extension<'_>>> {
    let mut found = Vec::new();
    while !list.is_empty() {
        if found.len() == MOST_EXTENSIONS {
            return None;
        }
        let mut extension = list.enter(SEQUENCE)?;
        let id = oid(extension.take(OID)?.content)?;
        let critical = extension.take(BOOLEAN).is_some_and(|critical| critical.content != [0]);
        let value = extension.take(OCTET_STRING)?.content;
        found.push(Extension { id, critical, value });
    }
    Some(found)
}

/// An object identifier as a dotted number.
pub(super) fn oid(content: &[u8]) -> Option<String> {
    // Numbers in use have some twelve bytes; their text grows faster than they do.
    if content.is_empty() || content.len() > 64 {
        return None;
    }
    Some(Oid::new(content.into()).to_id_string())
}

/// The shortest form of the bytes of an INTEGER. Some encode serial numbers with zeros before.
pub(super) fn shortest(mut number: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = number
        && rest.first().is_some_and(|first| *first < 0x80)
    {
        number = rest;
    }
    number
}

/// An element with this tag around the parts.
pub(super) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 10);
    out.push(tag);
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let skip = bytes.iter().take_while(|byte| **byte == 0).count();
            let bytes = bytes.get(skip..).unwrap_or_default();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or_default());
            out.extend_from_slice(bytes);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let mut bytes = encode(OCTET_STRING, &[&content]);
            bytes.push(0x05);
            let mut reader = Reader::new(&bytes);
            let element = reader.element().unwrap();
            assert_eq!(element.content, content);
            assert_eq!(element.whole.len(), bytes.len() - 1);
            assert_eq!(reader.element(), None, "cut off");
        }
    }

    #[test]
    fn odd_forms_are_refused() {
        for bytes in [&[0x30, 0x80, 0, 0][..], &[0x1f, 1, 0], &[4, 0x85, 0, 0, 0, 0, 0], &[4, 0x84]]
        {
            assert_eq!(Reader::new(bytes).element(), None, "{bytes:?}");
        }
    }

    #[test]
    fn times_of_both_kinds() {
        let utc = b"\x17\x0d260101000000Z";
        assert_eq!(Reader::new(utc).time(), Some(1_767_225_600));
        let general = b"\x18\x0f20260101000000Z";
        assert_eq!(Reader::new(general).time(), Some(1_767_225_600));
        for odd in [&b"\x18\x0f20261301000000Z"[..], b"\x18\x0f20260001000000Z", b"\x17\x00"] {
            assert_eq!(Reader::new(odd).time(), None);
        }
    }

    #[test]
    fn numbers_lose_only_needless_zeros() {
        assert_eq!(shortest(&[0, 0, 5]), [5]);
        assert_eq!(shortest(&[0, 0x80]), [0, 0x80]);
        assert_eq!(shortest(&[0]), [0]);
    }
}
