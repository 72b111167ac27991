//! What passwords protect: PBES2 of PKCS#5 (RFC 8018 section 6.2) as far as programs of today
//! write it, and the key derivation of PKCS#12 (RFC 7292 appendix B). Older encryption is named.

use std::num::NonZeroU32;

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::digest;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;

use super::der::{self, Element, Reader};
use super::secret::Secret;

/// Most rounds of hashing for one file: some seconds. Whoever writes the file chooses the number.
pub(super) const MOST_ROUNDS: u64 = 5_000_000;

/// Why something stays locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Locked {
    /// The encryption is one of old; its name.
    Old(&'static str),
    /// The encryption is not known here; its name or number.
    Unknown(String),
    /// The password does not open it.
    Password,
}

/// How many rounds are left for a file.
pub(super) struct Rounds(u64);

impl Rounds {
    pub(super) fn new() -> Self {
        Self(MOST_ROUNDS)
    }

    fn spend(&mut self, rounds: u64) -> Result<(), Locked> {
        match self.0.checked_sub(rounds) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(Locked::Unknown(format!("PBKDF2, {rounds} rounds"))),
        }
    }
}

/// The name of what an AlgorithmIdentifier encrypts with.
pub(super) fn name(algorithm: Element<'_>) -> String {
    match Scheme::read(algorithm) {
        Ok(scheme) => format!("PBES2, {}", scheme.cipher_name),
        Err(Locked::Old(name)) => name.to_owned(),
        Err(Locked::Unknown(name)) => name,
        Err(Locked::Password) => "?".to_owned(),
    }
}

/// Why this cannot be opened without a password: there may be more to it than that.
pub(super) fn barrier(algorithm: Element<'_>) -> Locked {
    Scheme::read(algorithm).err().unwrap_or(Locked::Password)
}

/// Decrypts what was encrypted by this algorithm.
pub(super) fn decrypt(
    algorithm: Element<'_>,
    data: &[u8],
    password: &str,
    rounds: &mut Rounds,
) -> Result<Secret, Locked> {
    let scheme = Scheme::read(algorithm)?;
    let key = scheme.derive.key(password.as_bytes(), scheme.length, rounds)?;
    let iv = <[u8; 16]>::try_from(scheme.iv)
        .map_err(|_| Locked::Unknown(scheme.cipher_name.to_owned()))?;
    let open = || {
        let key = UnboundCipherKey::new(scheme.cipher, key.bytes()).ok()?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).ok()?;
        let mut in_out = data.to_vec();
        let plain = key.decrypt(&mut in_out, DecryptionContext::Iv128(FixedLength::from(iv)));
        let plain = plain.ok().map(|plain| Secret::new(plain.to_vec()));
        drop(Secret::new(in_out));
        plain
    };
    // With the wrong key the padding at the end is nearly always wrong.
    open().ok_or(Locked::Password)
}

/// PBES2-params.
struct Scheme<'a> {
    derive: Pbkdf2<'a>,
    cipher: &'static Algorithm,
    cipher_name: &'static str,
    length: usize,
    iv: &'a [u8],
}

impl<'a> Scheme<'a> {
    fn read(algorithm: Element<'a>) -> Result<Self, Locked> {
        let garbled = || Locked::Unknown("?".to_owned());
        let mut parts = algorithm.open(der::SEQUENCE).ok_or_else(garbled)?;
        let id = parts.take(der::OID).and_then(Element::oid).ok_or_else(garbled)?;
        if let Some(name) = old(&id) {
            return Err(Locked::Old(name));
        }
        if id != "1.2.840.113549.1.5.13" {
            return Err(Locked::Unknown(id));
        }
        let mut parts = parts.open(der::SEQUENCE).ok_or_else(garbled)?;
        let derive = parts.take(der::SEQUENCE).ok_or_else(garbled)?;
        let mut encrypt = parts.open(der::SEQUENCE).ok_or_else(garbled)?;
        let id = encrypt.take(der::OID).and_then(Element::oid).ok_or_else(garbled)?;
        let (cipher, cipher_name, length) = match id.as_str() {
            "2.16.840.1.101.3.4.1.2" => (&AES_128, "AES-128-CBC", 16),
            "2.16.840.1.101.3.4.1.22" => (&AES_192, "AES-192-CBC", 24),
            "2.16.840.1.101.3.4.1.42" => (&AES_256, "AES-256-CBC", 32),
            "1.2.840.113549.3.7" => return Err(Locked::Old("PBES2, 3DES")),
            "1.3.14.3.2.7" => return Err(Locked::Old("PBES2, DES")),
            "1.2.840.113549.3.2" => return Err(Locked::Old("PBES2, RC2")),
            _ => return Err(Locked::Unknown(id)),
        };
        let iv = encrypt.take(der::OCTETS).ok_or_else(garbled)?.body;
        Ok(Self { derive: Pbkdf2::read(derive)?, cipher, cipher_name, length, iv })
    }
}

/// Algorithms nobody should use any more (RFC 8018 section 6.1, RFC 7292 appendix C).
fn old(id: &str) -> Option<&'static str> {
    Some(match id {
        "1.2.840.113549.1.12.1.1" => "RC4-128",
        "1.2.840.113549.1.12.1.2" => "RC4-40",
        "1.2.840.113549.1.12.1.3" => "3DES",
        "1.2.840.113549.1.12.1.4" => "3DES, 2 keys",
        "1.2.840.113549.1.12.1.5" => "RC2-128",
        "1.2.840.113549.1.12.1.6" => "RC2-40",
        "1.2.840.113549.1.5.1" | "1.2.840.113549.1.5.3" | "1.2.840.113549.1.5.10" => "DES",
        "1.2.840.113549.1.5.4" | "1.2.840.113549.1.5.6" | "1.2.840.113549.1.5.11" => "RC2",
        _ => return None,
    })
}

/// PBKDF2-params.
struct Pbkdf2<'a> {
    hash: pbkdf2::Algorithm,
    salt: &'a [u8],
    rounds: NonZeroU32,
}

impl<'a> Pbkdf2<'a> {
    fn read(algorithm: Element<'a>) -> Result<Self, Locked> {
        let garbled = || Locked::Unknown("PBKDF2?".to_owned());
        let mut parts = algorithm.open(der::SEQUENCE).ok_or_else(garbled)?;
        let id = parts.take(der::OID).and_then(Element::oid).ok_or_else(garbled)?;
        match id.as_str() {
            "1.2.840.113549.1.5.12" => {}
            "1.3.6.1.4.1.11591.4.11" => return Err(Locked::Unknown("scrypt".to_owned())),
            _ => return Err(Locked::Unknown(id)),
        }
        let mut parts = parts.open(der::SEQUENCE).ok_or_else(garbled)?;
        let salt = parts.take(der::OCTETS).ok_or_else(garbled)?.body;
        let rounds = parts.take(der::INTEGER).and_then(Element::number).ok_or_else(garbled)?;
        let rounds = u32::try_from(rounds).ok().and_then(NonZeroU32::new).ok_or_else(garbled)?;
        let _length = parts.take(der::INTEGER);
        let hash = match parts.open(der::SEQUENCE).and_then(|mut prf| prf.take(der::OID)?.oid()) {
            None => pbkdf2::PBKDF2_HMAC_SHA1,
            Some(id) => match id.as_str() {
                "1.2.840.113549.2.7" => pbkdf2::PBKDF2_HMAC_SHA1,
                "1.2.840.113549.2.9" => pbkdf2::PBKDF2_HMAC_SHA256,
                "1.2.840.113549.2.10" => pbkdf2::PBKDF2_HMAC_SHA384,
                "1.2.840.113549.2.11" => pbkdf2::PBKDF2_HMAC_SHA512,
                _ => return Err(Locked::Unknown(id)),
            },
        };
        Ok(Self { hash, salt, rounds })
    }

    fn key(&self, password: &[u8], length: usize, rounds: &mut Rounds) -> Result<Secret, Locked> {
        rounds.spend(u64::from(self.rounds.get()))?;
        let mut key = vec![0; length];
        pbkdf2::derive(self.hash, self.rounds, self.salt, password, &mut key);
        Ok(Secret::new(key))
    }
}

/// Checks the MacData of a PKCS#12 store (RFC 7292 section 4) over its content. The passwords are
/// tried in turn; the first that fits is given back.
pub(super) fn check_mac<'p>(
    mac: Reader<'_>,
    content: &[u8],
    passwords: &[Option<&'p str>],
    rounds: &mut Rounds,
) -> Result<Option<&'p str>, Locked> {
    let garbled = || Locked::Unknown("MAC?".to_owned());
    let mut mac = mac;
    let mut info = mac.open(der::SEQUENCE).ok_or_else(garbled)?;
    let algorithm = info.take(der::SEQUENCE).ok_or_else(garbled)?;
    let want = info.take(der::OCTETS).ok_or_else(garbled)?.body;
    let salt = mac.take(der::OCTETS).ok_or_else(garbled)?.body;
    let count = match mac.take(der::INTEGER) {
        Some(number) => number.number().ok_or_else(garbled)?,
        None => 1,
    };
    let mut parts = algorithm.open(der::SEQUENCE).ok_or_else(garbled)?;
    let id = parts.take(der::OID).and_then(Element::oid).ok_or_else(garbled)?;
    for password in passwords {
        let (hash, key) = if id == "1.2.840.113549.1.5.14" {
            pbmac1(parts, password.unwrap_or_default(), rounds)?
        } else {
            let (hash, digest) = match id.as_str() {
                "1.3.14.3.2.26" => {
                    (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &digest::SHA1_FOR_LEGACY_USE_ONLY)
                }
                "2.16.840.1.101.3.4.2.4" => (hmac::HMAC_SHA224, &digest::SHA224),
                "2.16.840.1.101.3.4.2.1" => (hmac::HMAC_SHA256, &digest::SHA256),
                "2.16.840.1.101.3.4.2.2" => (hmac::HMAC_SHA384, &digest::SHA384),
                "2.16.840.1.101.3.4.2.3" => (hmac::HMAC_SHA512, &digest::SHA512),
                _ => return Err(Locked::Unknown(id)),
            };
            rounds.spend(count)?;
            (hash, mac_key(digest, *password, salt, count))
        };
        if hmac::verify(&hmac::Key::new(hash, key.bytes()), content, want).is_ok() {
            return Ok(*password);
        }
    }
    Err(Locked::Password)
}

/// PBMAC1 of RFC 9579: the key by PBKDF2.
fn pbmac1(
    mut parts: Reader<'_>,
    password: &str,
    rounds: &mut Rounds,
) -> Result<(hmac::Algorithm, Secret), Locked> {
    let garbled = || Locked::Unknown("PBMAC1?".to_owned());
    let mut parts = parts.open(der::SEQUENCE).ok_or_else(garbled)?;
    let derive = Pbkdf2::read(parts.take(der::SEQUENCE).ok_or_else(garbled)?)?;
    let scheme = parts.open(der::SEQUENCE).and_then(|mut scheme| scheme.take(der::OID)?.oid());
    let (hash, length) = match scheme.unwrap_or_default().as_str() {
        "1.2.840.113549.2.9" => (hmac::HMAC_SHA256, 32),
        "1.2.840.113549.2.10" => (hmac::HMAC_SHA384, 48),
        "1.2.840.113549.2.11" => (hmac::HMAC_SHA512, 64),
        other => return Err(Locked::Unknown(format!("PBMAC1 {other}"))),
    };
    Ok((hash, derive.key(password.as_bytes(), length, rounds)?))
}

/// The key of the MAC by RFC 7292 appendix B.2, with `ID` 3. It is as long as one hash, so the
/// first block is all of it.
fn mac_key(
    hash: &'static digest::Algorithm,
    password: Option<&str>,
    salt: &[u8],
    rounds: u64,
) -> Secret {
    let block = hash.block_len();
    // The password in UTF-16 with a zero at its end; no password at all has not even that.
    let password: Vec<u8> = match password {
        Some(text) => text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect(),
        None => Vec::new(),
    };
    let fill = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut start = vec![3; block];
    start.extend(fill(salt));
    start.extend(fill(&password));
    drop(Secret::new(password));
    let start = Secret::new(start);
    let mut key = digest::digest(hash, start.bytes());
    for _ in 1..rounds {
        key = digest::digest(hash, key.as_ref());
    }
    Secret::new(key.as_ref().to_vec())
}
