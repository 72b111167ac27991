//! DER as far as files of keys need it (X.690): elements in, elements out, and the definite form
//! of BER with open ends. Tags of more than one byte do not occur in these files.

/// The deepest nesting that is followed.
const DEEPEST: usize = 32;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BITS: u8 = 0x03;
pub(super) const OCTETS: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub tag: u8,
    pub body: &'a [u8],
    /// With tag and length.
    pub whole: &'a [u8],
}

impl<'a> Element<'a> {
    /// What is inside, if it has this tag.
    pub fn open(self, tag: u8) -> Option<Reader<'a>> {
        (self.tag == tag).then_some(Reader { rest: self.body })
    }

    /// The object identifier it is, in dots.
    pub fn oid(self) -> Option<String> {
        (self.tag == OID).then(|| dotted(self.body)).flatten()
    }

    /// The small positive number it is.
    pub fn number(self) -> Option<u64> {
        if self.tag != INTEGER || self.body.is_empty() || self.body.len() > 8 {
            return None;
        }
        let negative = self.body.first().is_some_and(|byte| byte & 0x80 != 0);
        (!negative).then(|| self.body.iter().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }
}

/// Elements one after another.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next element, whatever it is.
    pub fn next(&mut self) -> Option<Element<'a>> {
        let (header, length) = header(self.rest)?;
        let end = header.checked_add(length?)?;
        let whole = self.rest.get(..end)?;
        let element = Element { tag: *whole.first()?, body: whole.get(header..)?, whole };
        self.rest = self.rest.get(end..)?;
        Some(element)
    }

    /// The next element, if it has this tag; otherwise it stays.
    pub fn take(&mut self, tag: u8) -> Option<Element<'a>> {
        (self.rest.first() == Some(&tag)).then(|| self.next()).flatten()
    }

    /// What is inside the next element, if it has this tag.
    pub fn open(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.take(tag)?.open(tag)
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// How far the first element reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// It ends within the bytes, after so many.
    Whole(usize),
    /// It ought to be longer than the bytes: so many in all.
    Short(usize),
    /// Its end is marked instead of its length given (BER).
    Open,
    /// It is no sequence.
    None,
}

/// How far the sequence reaches with which the bytes begin.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    if bytes.first() != Some(&SEQUENCE) {
        return Extent::None;
    }
    match header(bytes) {
        Some((_, None)) => Extent::Open,
        Some((header, Some(length))) => match header.checked_add(length) {
            Some(end) if end <= bytes.len() => Extent::Whole(end),
            // A length that no such file has is no length.
            Some(end) if end <= super::MOST_BYTES => Extent::Short(end),
            _ => Extent::None,
        },
        None => Extent::None,
    }
}

/// The size of the header, and the length it gives; `None` for one that is left open.
fn header(bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    let tag = bytes.first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    match *bytes.get(1)? {
        length @ 0..=0x7f => Some((2, Some(usize::from(length)))),
        0x80 => Some((2, None)),
        count @ 0x81..=0x84 => {
            let count = usize::from(count & 0x7f);
            let length = bytes.get(2..2 + count)?;
            Some((2 + count, Some(length.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)))))
        }
        _ => None,
    }
}

/// An element of these parts.
pub(super) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    let bytes = length.to_be_bytes();
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let significant = bytes.get(start..).unwrap_or_default();
    if length >= 0x80 {
        out.push(0x80 | significant.len() as u8);
    }
    out.extend_from_slice(significant);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// The same in definite lengths, and strings in one piece; `None` if it cannot be read.
pub(super) fn definite(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(closed(bytes, DEEPEST)?.0)
}

/// The first element closed, and how many bytes it took.
fn closed(bytes: &[u8], depth: usize) -> Option<(Vec<u8>, usize)> {
    let depth = depth.checked_sub(1)?;
    let tag = *bytes.first()?;
    let (header, length) = header(bytes)?;
    if tag & 0x20 == 0 {
        let end = header.checked_add(length?)?;
        return Some((bytes.get(..end)?.to_vec(), end));
    }
    let mut at = header;
    let end = match length {
        Some(length) => Some(header.checked_add(length)?),
        None => None,
    };
    let mut inside = Vec::new();
    loop {
        if end == Some(at) {
            break;
        }
        let rest = bytes.get(at..end.unwrap_or(bytes.len()))?;
        if end.is_none() && rest.starts_with(&[0, 0]) {
            at += 2;
            break;
        }
        let (element, taken) = closed(rest, depth)?;
        at = at.checked_add(taken)?;
        if tag == OCTETS | 0x20 {
            inside.extend_from_slice(Reader::new(&element).take(OCTETS)?.body);
        } else {
            inside.extend_from_slice(&element);
        }
    }
    let tag = if tag == OCTETS | 0x20 { OCTETS } else { tag };
    Some((encode(tag, &[&inside]), at))
}

/// An object identifier in dots (X.690 section 8.19).
fn dotted(body: &[u8]) -> Option<String> {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for byte in body {
        number = number.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let (first, rest) = numbers.split_first()?;
    let top = (*first / 40).min(2);
    let mut text = format!("{top}.{}", first - top * 40);
    for number in rest {
        text.push_str(&format!(".{number}"));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for size in [0, 1, 127, 128, 255, 256, 70_000] {
            let body = vec![7; size];
            let whole = encode(OCTETS, &[&body]);
            let element = Reader::new(&whole).next().unwrap();
            assert_eq!((element.tag, element.body, element.whole), (OCTETS, &body[..], &whole[..]));
        }
        let number = encode(INTEGER, &[&[1, 0]]);
        assert_eq!(Reader::new(&number).next().unwrap().number(), Some(256));
    }

    #[test]
    fn an_identifier_is_written_in_dots() {
        let id = [OID, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
        assert_eq!(Reader::new(&id).next().unwrap().oid().unwrap(), "1.2.840.113549.1.7.2");
        assert_eq!(dotted(&[0x88, 0x37]).unwrap(), "2.999");
    }

    #[test]
    fn the_extent_of_a_sequence_is_told() {
        assert_eq!(extent(&[0x30, 1, 0, 9]), Extent::Whole(3));
        assert_eq!(extent(&[0x30, 0x82, 1, 0, 9]), Extent::Short(260));
        assert_eq!(extent(&[0x30, 0x80, 0, 0]), Extent::Open);
        assert_eq!(extent(b"0\xff"), Extent::None);
        assert_eq!(extent(b"0\x84\xff\xff\xff\xff"), Extent::None);
        assert_eq!(extent(b""), Extent::None);
    }

    #[test]
    fn open_ends_are_closed() {
        let open =
            [0x30, 0x80, 0x24, 0x80, 0x04, 1, 5, 0x04, 2, 6, 7, 0, 0, 0x02, 1, 9, 0, 0, 0xff];
        assert_eq!(definite(&open).unwrap(), [0x30, 8, 0x04, 3, 5, 6, 7, 0x02, 1, 9]);
        assert_eq!(definite(&[0x30, 0x80, 0x02, 1, 9]), None);
        assert_eq!(definite(&[0x30, 0x80].repeat(1000)), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = extent(&bytes);
            let _ = definite(&bytes);
            let mut reader = Reader::new(&bytes);
            while let Some(element) = reader.next() {
                let _ = (element.oid(), element.number());
            }
        }
    }
}
