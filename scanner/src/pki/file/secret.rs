//! Bytes and texts that may hold a private key: never shown, and overwritten when done with.

use std::fmt;

/// Bytes that may be a private key. They are overwritten when dropped, and their debug output
/// tells their number alone. There is no serialisation on purpose.
#[derive(Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes over bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for as long as they are looked at.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// A text that may hold a private key, treated like [`Secret`].
#[derive(Default)]
pub(super) struct Draft(String);

impl Draft {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        wipe(&mut bytes);
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({} bytes)", self.0.len())
    }
}

/// Overwrites; the black box keeps the compiler from leaving out what nobody reads again.
fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    std::hint::black_box(&bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_not_shown() {
        let secret = Secret::new(b"hunter2".to_vec());
        assert_eq!(format!("{secret:?}"), "Secret(7 bytes)");
        assert_eq!(format!("{:?}", Draft::new("hunter2".to_owned())), "Draft(7 bytes)");
        let mut bytes = *b"hunter2";
        wipe(&mut bytes);
        assert_eq!(bytes, [0; 7]);
    }
}
