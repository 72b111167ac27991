//! Intermediates that are known without asking anybody: so that one which a server forgot can be
//! named, and paths can be tried with it, without a network. They are no roots: nothing is trusted
//! for being here.
//!
//! The file is `data/intermediates.bin`, and `data/intermediates.py` makes it and describes its
//! form.

use std::sync::LazyLock;

use zlib_rs::{InflateConfig, ReturnCode, decompress_slice};

/// The day as of which the intermediates were chosen: none had expired by then.
pub const DATED: &str = "2026-11-23";

/// The file.
const PACKED: &[u8] = include_bytes!("../../data/intermediates.bin");

/// The most bytes a file may have unpacked. It is ours, but a damaged one must not ask for more
/// memory than there is.
const MOST_BYTES: usize = 4 << 20;

/// The certificates, unpacked once, at first use. A damaged file is as good as none rather than a
/// panic in the scanner; the tests see to it that it is whole.
static TABLE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| match unpack(PACKED) {
    Some((_, certificates)) => certificates,
    None => Vec::new(),
});

/// The intermediates in DER, sorted by SHA-256. There may be none.
#[must_use]
pub fn built_in() -> &'static [Vec<u8>] {
    &TABLE
}

/// The date and the certificates of a file; `None` if it is not one, or not whole.
fn unpack(file: &[u8]) -> Option<(&str, Vec<Vec<u8>>)> {
    let (date, rest) = file.split_at_checked(10)?;
    let (count, rest) = number(rest)?;
    let (length, packed) = number(rest)?;
    if length > MOST_BYTES {
        return None;
    }
    let mut plain = vec![0; length];
    let (plain, code) = decompress_slice(&mut plain, packed, InflateConfig::default());
    if code != ReturnCode::Ok || plain.len() != length {
        return None;
    }
    let mut rest: &[u8] = plain;
    let mut certificates = Vec::new();
    // Each round takes four bytes at least, so that a high count ends soon.
    for _ in 0..count {
        let (length, after) = number(rest)?;
        let (certificate, after) = after.split_at_checked(length)?;
        certificates.push(certificate.to_vec());
        rest = after;
    }
    let date = str::from_utf8(date).ok()?;
    rest.is_empty().then_some((date, certificates))
}

/// A number of four bytes, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((usize::try_from(u32::from_be_bytes(*number)).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pki::{CertFacts, sha256_hex};

    /// What `pack` of `data/intermediates.py` makes of `abc`, nothing, and `intermediate`.
    const SAMPLE: &str = concat!(
        "323032362d31312d3233000000030000001b78da636060604e4c4a6680009eccbc92d4a2",
        "dcd494ccc49254003aed0631",
    );
    /// The beginning of [`DATED`], seconds since 1970.
    const MIDNIGHT: i64 = 1_795_392_000;

    fn sample() -> Vec<u8> {
        let digits = SAMPLE.as_bytes().chunks(2);
        digits.map(|d| u8::from_str_radix(str::from_utf8(d).unwrap(), 16).unwrap()).collect()
    }

    #[test]
    fn the_file_is_whole_and_of_that_date() {
        let (date, certificates) = unpack(PACKED).unwrap();
        assert_eq!(date, DATED);
        assert_eq!(certificates, built_in());
        assert!(PACKED.len() < 700_000, "{} bytes", PACKED.len());
        assert!(built_in().len() <= 600);
    }

    #[test]
    fn all_are_authorities_that_had_not_expired() {
        let mut last = String::new();
        for der in built_in() {
            let facts = CertFacts::read(der).unwrap();
            let name = &facts.subject;
            assert!(facts.is_ca, "{name}");
            assert!(!facts.self_issued, "{name}");
            assert!(facts.not_before <= MIDNIGHT && facts.not_after > MIDNIGHT, "{name}");
            let servers = |id: &String| id == "1.3.6.1.5.5.7.3.1" || id == "2.5.29.37.0";
            assert!(facts.usages.is_empty() || facts.usages.iter().any(servers), "{name}");
            let id = sha256_hex([der.as_slice()]);
            assert!(last < id, "{name} is there twice, or the file is not sorted");
            last = id;
        }
    }

    #[test]
    fn what_the_script_packs_is_unpacked() {
        let (date, certificates) = unpack(&sample()).map(|(d, c)| (d.to_owned(), c)).unwrap();
        assert_eq!(date, "2026-11-23");
        assert_eq!(certificates, [&b"abc"[..], b"", b"intermediate"]);
    }

    #[test]
    fn a_file_that_is_not_whole_is_none() {
        let whole = sample();
        for end in 0..whole.len() {
            assert_eq!(unpack(&whole[..end]), None, "{end}");
        }
        // One certificate more or fewer than there are, one byte more or fewer, and far too many.
        for (at, value) in [(13, 2), (13, 4), (17, 26), (17, 28), (10, 0xff), (14, 0xff)] {
            let mut spoilt = whole.clone();
            spoilt[at] = value;
            assert_eq!(unpack(&spoilt), None, "{at} {value}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..96)) {
            let _ = unpack(&bytes);
            let mut file = b"2026-11-23\0\0\0\x02\0\0\0\x40".to_vec();
            file.extend(&bytes);
            let _ = unpack(&file);
        }

        #[test]
        fn no_damage_panics(at in 0_usize..64, bits in 1_u8..) {
            let mut file = sample();
            if let Some(byte) = file.get_mut(at) {
                *byte ^= bits;
            }
            let _ = unpack(&file);
        }
    }
}
