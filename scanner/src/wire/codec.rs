//! Reading and writing the presentation language of RFC 8446 section 3: big-endian numbers and
//! vectors with a length in front.

use thiserror::Error;

/// Why bytes are not the message they claim to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CodecError {
    /// A length points beyond the end of what was sent.
    #[error("a length points beyond the end of the message")]
    Short,
    /// Bytes are left over after the last field.
    #[error("bytes are left over after the last field")]
    Trailing,
    /// A length is one this field may not have.
    #[error("a length is not allowed for its field")]
    BadLength,
    /// A message or record is longer than the limit for it.
    #[error("a message is longer than the limit")]
    TooLong,
    /// A record or message of a type that may not stand here.
    #[error("a message of an unexpected type")]
    Unexpected,
}

/// Reads from the front of a slice; never beyond it.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the front of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], CodecError> {
        let (head, tail) = self.rest.split_at_checked(n).ok_or(CodecError::Short)?;
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        self.take(N)?.try_into().map_err(|_| CodecError::Short)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, CodecError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, CodecError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Three bytes.
    pub fn u24(&mut self) -> Result<u32, CodecError> {
        let [a, b, c] = self.array()?;
        Ok(u32::from_be_bytes([0, a, b, c]))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, CodecError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A vector with a one-byte length.
    pub fn vec8(&mut self) -> Result<Self, CodecError> {
        let n = self.u8()?;
        self.take(n.into()).map(Self::new)
    }

    /// A vector with a two-byte length.
    pub fn vec16(&mut self) -> Result<Self, CodecError> {
        let n = self.u16()?;
        self.take(n.into()).map(Self::new)
    }

    /// A vector with a three-byte length.
    pub fn vec24(&mut self) -> Result<Self, CodecError> {
        let n = self.u24()?;
        self.take(usize::try_from(n).map_err(|_| CodecError::Short)?).map(Self::new)
    }

    /// All two-byte numbers up to the end.
    pub fn u16s(mut self) -> Result<Vec<u16>, CodecError> {
        let mut numbers = Vec::with_capacity(self.rest.len() / 2);
        while !self.is_empty() {
            numbers.push(self.u16()?);
        }
        Ok(numbers)
    }

    /// Everything that is left.
    #[must_use]
    pub fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// True when nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Demands that nothing is left.
    pub fn end(self) -> Result<(), CodecError> {
        if self.rest.is_empty() { Ok(()) } else { Err(CodecError::Trailing) }
    }
}

/// Writes numbers and vectors; a length cannot be forgotten because it is written by the closure's
/// end.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty message.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One byte.
    pub fn u8(&mut self, n: u8) -> &mut Self {
        self.bytes.push(n);
        self
    }

    /// Two bytes.
    pub fn u16(&mut self, n: u16) -> &mut Self {
        self.bytes.extend_from_slice(&n.to_be_bytes());
        self
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// A vector with a one-byte length. Contents beyond 255 bytes are cut, so that the message
    /// stays well formed; no caller comes near it.
    pub fn vec8(&mut self, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.prefixed(1, fill)
    }

    /// A vector with a two-byte length.
    pub fn vec16(&mut self, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.prefixed(2, fill)
    }

    /// A vector with a three-byte length.
    pub fn vec24(&mut self, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.prefixed(3, fill)
    }

    /// The finished message.
    #[must_use]
    pub fn done(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes were written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// True before the first byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    fn prefixed(&mut self, width: u32, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::new();
        fill(&mut inner);
        let most = (1_usize << (8 * width)) - 1;
        inner.bytes.truncate(most);
        let length = u32::try_from(inner.bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        let skip = length.len().saturating_sub(width as usize);
        self.bytes.extend(length.iter().skip(skip));
        self.bytes.append(&mut inner.bytes);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_and_read_back() {
        let mut w = Writer::new();
        w.vec16(|w| {
            w.vec8(|w| {
                w.u8(7);
            })
            .u16(0x1234);
        });
        let bytes = w.done();
        assert_eq!(bytes, [0, 4, 1, 7, 0x12, 0x34]);
        let mut r = Reader::new(&bytes);
        let mut outer = r.vec16().unwrap();
        assert_eq!(outer.vec8().unwrap().rest(), [7]);
        assert_eq!(outer.u16().unwrap(), 0x1234);
        outer.end().unwrap();
        r.end().unwrap();
    }

    #[test]
    fn a_length_beyond_the_end_is_an_error() {
        assert_eq!(Reader::new(&[0, 5, 1]).vec16().unwrap_err(), CodecError::Short);
        assert_eq!(Reader::new(&[255, 255, 255]).vec24().unwrap_err(), CodecError::Short);
        assert_eq!(Reader::new(&[1, 2, 3]).u16s().unwrap_err(), CodecError::Short);
    }
}
