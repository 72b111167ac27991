//! Certificates: what stands in them, and what they are worth. Pure: no clock, no network, no
//! opinion.
//!
//! - [`bundle`]: certificates in the forms in which authorities publish them;
//! - [`cert`]: the facts of one certificate;
//! - [`mod@file`]: files of certificates, requests and keys, and what is wrong with them;
//! - [`key`]: the facts of its key;
//! - [`names`]: distinguished names as text;
//! - [`policy`]: what an authority says it validated;
//! - [`sct`]: timestamps of Certificate Transparency;
//! - [`signature`]: names of signatures, and who made one;
//! - [`validity`]: how long certificates may be valid;
//! - [`chain`]: what a chain is worth: complete, trusted, in date, for the host;
//! - [`store`]: the roots that are trusted; [`pool`]: certificates that were not sent;
//! - [`hostname`]: a host against the names of a leaf;
//! - [`distrust`]: authorities that root stores no longer trust;
//! - [`intermediates`]: those built in, for chains that miss one;
//! - [`revocation`]: whom to ask whether a certificate is revoked;
//! - [`crl`] and [`ocsp`]: what lists and responders say.
//!
//! Certificates are hostile input: no sequence of bytes panics here, and what cannot be read is an
//! error or is left out, never a guess.

pub mod bundle;
pub mod cert;
pub mod chain;
mod checked;
pub mod crl;
mod dane;
mod der;
pub mod distrust;
pub mod file;
pub mod hostname;
pub mod intermediates;
pub mod key;
pub mod names;
pub mod ocsp;
mod parsed;
mod path;
pub mod policy;
pub mod pool;
pub mod revocation;
pub mod sct;
pub mod signature;
pub mod store;
pub mod validity;
mod verdict;

pub use crate::observe::{CertFacts, KeyAlgorithm, KeyFacts};

use aws_lc_rs::digest::{self, Algorithm};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The bytes of a certificate or an OCSP response as an observation keeps them, in base64.
#[must_use]
pub fn decode(base64: &str) -> Option<Vec<u8>> {
    STANDARD.decode(base64).ok()
}

/// SHA-256 over the parts one after another, in hex: the id of a certificate, or of a chain.
#[must_use]
pub fn sha256_hex<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    hex(context.finish().as_ref())
}

/// A digest in hex.
fn digest_hex(algorithm: &'static Algorithm, bytes: &[u8]) -> String {
    hex(digest::digest(algorithm, bytes).as_ref())
}

/// Bytes in lower-case hex, without separators.
fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What a table by object identifier has for one.
fn find<T: Copy>(table: &[(&str, T)], id: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == id).map(|(_, found)| *found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hashes_in_hex() {
        // FIPS 180-2 appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex([&b"abc"[..]]), abc);
        assert_eq!(sha256_hex([&b"a"[..], b"", b"bc"]), abc);
        assert_eq!(hex(&[0x00, 0x0f, 0xf0]), "000ff0");
    }

    #[test]
    fn what_is_no_base64_is_nothing() {
        assert_eq!(decode("AP8="), Some(vec![0x00, 0xff]));
        assert_eq!(decode("AP8"), None);
        assert_eq!(decode("-----BEGIN"), None);
    }
}
