//! Protection of records in TLS 1.0 to 1.2, in one direction: stream and block ciphers with HMAC,
//! and AES-GCM. What is sealed can be spoilt.

use aes::{Aes128, Aes256};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher};
use des::{Des, TdesEde3};
use rc4::Rc4;

use super::prf;
use super::talk::Spoil;
use crate::wire::Version;
use crate::wire::suites::{Cipher, Mac, Mode, SuiteInfo};

/// How a suite protects records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    cipher: Kind,
    mac: Mac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Null,
    Rc4,
    Aes128Cbc,
    Aes256Cbc,
    TripleDesCbc,
    DesCbc,
    Aes128Gcm,
    Aes256Gcm,
}

impl Form {
    /// The form of a suite, if this client has it.
    pub(crate) fn of(suite: &SuiteInfo) -> Option<Self> {
        let cipher = match (suite.cipher, suite.mode, suite.bits) {
            (Cipher::Null, ..) => Kind::Null,
            (Cipher::Rc4, _, 128) => Kind::Rc4,
            (Cipher::Aes, Mode::Cbc, 128) => Kind::Aes128Cbc,
            (Cipher::Aes, Mode::Cbc, 256) => Kind::Aes256Cbc,
            (Cipher::Aes, Mode::Gcm, 128) => Kind::Aes128Gcm,
            (Cipher::Aes, Mode::Gcm, 256) => Kind::Aes256Gcm,
            (Cipher::TripleDes, Mode::Cbc, _) => Kind::TripleDesCbc,
            (Cipher::Des, Mode::Cbc, bits) if bits > 40 => Kind::DesCbc,
            _ => return None,
        };
        match suite.mac {
            Mac::Md5 | Mac::Sha1 | Mac::Sha256 | Mac::Sha384 | Mac::Aead => {}
            _ => return None,
        }
        Some(Self { cipher, mac: suite.mac })
    }

    /// Bytes of the key block for one direction: MAC key, cipher key, IV.
    pub(crate) fn lengths(self) -> (usize, usize, usize) {
        let mac = match self.mac {
            Mac::Md5 => 16,
            Mac::Sha1 => 20,
            Mac::Sha256 => 32,
            Mac::Sha384 => 48,
            _ => 0,
        };
        match self.cipher {
            Kind::Null => (mac, 0, 0),
            Kind::Rc4 => (mac, 16, 0),
            Kind::Aes128Cbc => (mac, 16, 16),
            Kind::Aes256Cbc => (mac, 32, 16),
            Kind::TripleDesCbc => (mac, 24, 8),
            Kind::DesCbc => (mac, 8, 8),
            Kind::Aes128Gcm => (0, 16, 4),
            Kind::Aes256Gcm => (0, 32, 4),
        }
    }

    fn block(self) -> Option<usize> {
        match self.cipher {
            Kind::Aes128Cbc | Kind::Aes256Cbc => Some(16),
            Kind::TripleDesCbc | Kind::DesCbc => Some(8),
            _ => None,
        }
    }
}

/// The state of one direction.
pub(crate) struct Protection {
    version: Version,
    form: Form,
    mac_key: Vec<u8>,
    key: Vec<u8>,
    /// The IV of the next record in TLS 1.0; the fixed part of the nonce with GCM.
    iv: Vec<u8>,
    sequence: u64,
    stream: Option<Rc4>,
}

impl Protection {
    /// Protection with these keys.
    pub(crate) fn new(
        version: Version,
        form: Form,
        mac_key: &[u8],
        key: &[u8],
        iv: &[u8],
    ) -> Option<Self> {
        let stream = match form.cipher {
            Kind::Rc4 => Some(Rc4::new_from_slice(key).ok()?),
            _ => None,
        };
        let (mac_key, key, iv) = (mac_key.to_vec(), key.to_vec(), iv.to_vec());
        Some(Self { version, form, mac_key, key, iv, sequence: 0, stream })
    }

    /// True for a cipher in CBC mode.
    pub(crate) fn is_cbc(&self) -> bool {
        self.form.block().is_some()
    }

    /// The fragment of a record. `fresh` fills the IV where each record has its own.
    pub(crate) fn seal(
        &mut self,
        content: u8,
        body: &[u8],
        spoil: Option<Spoil>,
        fresh: &[u8; 32],
    ) -> Option<Vec<u8>> {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        if matches!(self.form.cipher, Kind::Aes128Gcm | Kind::Aes256Gcm) {
            let explicit = sequence.to_be_bytes();
            let mut sealed = body.to_vec();
            let aad = Aad::from(self.header(sequence, content, body.len()));
            self.gcm()?.seal_in_place_append_tag(self.nonce(&explicit)?, aad, &mut sealed).ok()?;
            return Some([explicit.as_slice(), &sealed].concat());
        }
        let mut mac = self.mac(sequence, content, body);
        let Some(block) = self.form.block() else {
            mac.splice(0..0, body.iter().copied());
            if let Some(stream) = &mut self.stream {
                stream.apply_keystream(&mut mac);
            }
            return Some(mac);
        };
        if matches!(spoil, Some(Spoil::Mac | Spoil::Both)) {
            mac.iter_mut().for_each(|byte| *byte ^= 0x5a);
        }
        let mut plain = [body, &mac].concat();
        match spoil {
            Some(Spoil::AllPadding) => {
                // Long enough that a check of the length alone does not end it.
                let length = (plain.len() / block + 2) * block;
                plain = vec![0xff; length];
            }
            other => {
                // A whole block more than needed, so that there is padding to spoil.
                let padding = block - plain.len() % block + block;
                let last = u8::try_from(padding - 1).unwrap_or_default();
                let wrong = matches!(other, Some(Spoil::Padding | Spoil::Both));
                let filler = if wrong { last ^ 0x2a } else { last };
                plain.resize(plain.len() + padding - 1, filler);
                plain.push(if other == Some(Spoil::Overlong) { 0xff } else { last });
            }
        }
        if self.version > Version::TLS10 {
            let iv = fresh.get(..block)?.to_vec();
            let sealed = self.encrypt(&iv, &plain)?;
            return Some([iv, sealed].concat());
        }
        let iv = std::mem::take(&mut self.iv);
        let sealed = self.encrypt(&iv, &plain)?;
        self.iv = sealed.get(sealed.len() - block..)?.to_vec();
        Some(sealed)
    }

    /// What a record's fragment holds; `None` if its protection cannot be undone.
    pub(crate) fn open(&mut self, content: u8, fragment: &[u8]) -> Option<Vec<u8>> {
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        if matches!(self.form.cipher, Kind::Aes128Gcm | Kind::Aes256Gcm) {
            let (explicit, sealed) = fragment.split_first_chunk::<8>()?;
            let length = sealed.len().checked_sub(16)?;
            let aad = Aad::from(self.header(sequence, content, length));
            let mut sealed = sealed.to_vec();
            let plain = self.gcm()?.open_in_place(self.nonce(explicit)?, aad, &mut sealed).ok()?;
            return Some(plain.to_vec());
        }
        let mut plain = match self.form.block() {
            None => {
                let mut plain = fragment.to_vec();
                if let Some(stream) = &mut self.stream {
                    stream.apply_keystream(&mut plain);
                }
                plain
            }
            Some(block) => {
                if fragment.is_empty() || !fragment.len().is_multiple_of(block) {
                    return None;
                }
                let (iv, sealed) = if self.version > Version::TLS10 {
                    let (iv, sealed) = fragment.split_at_checked(block)?;
                    (iv.to_vec(), sealed)
                } else {
                    let next = fragment.get(fragment.len() - block..)?.to_vec();
                    (std::mem::replace(&mut self.iv, next), fragment)
                };
                let mut plain = self.decrypt(&iv, sealed)?;
                let padding = usize::from(*plain.last()?) + 1;
                plain.truncate(plain.len().checked_sub(padding)?);
                plain
            }
        };
        let (mac, ..) = self.form.lengths();
        let body = plain.len().checked_sub(mac)?;
        let tail = plain.split_off(body);
        (tail == self.mac(sequence, content, &plain)).then_some(plain)
    }

    /// What the MAC covers before the payload (RFC 5246 section 6.2.3).
    fn header(&self, sequence: u64, content: u8, length: usize) -> Vec<u8> {
        let length = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        let version = self.version.0.to_be_bytes();
        [&sequence.to_be_bytes()[..], &[content], &version, &length].concat()
    }

    fn mac(&self, sequence: u64, content: u8, body: &[u8]) -> Vec<u8> {
        let data = [self.header(sequence, content, body.len()), body.to_vec()].concat();
        match self.form.mac {
            Mac::Md5 => prf::hmac_md5(&self.mac_key, &data),
            Mac::Sha1 => prf::sha(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.mac_key, &data),
            Mac::Sha256 => prf::sha(hmac::HMAC_SHA256, &self.mac_key, &data),
            Mac::Sha384 => prf::sha(hmac::HMAC_SHA384, &self.mac_key, &data),
            _ => Vec::new(),
        }
    }

    fn gcm(&self) -> Option<LessSafeKey> {
        let algorithm = match self.form.cipher {
            Kind::Aes128Gcm => &AES_128_GCM,
            _ => &AES_256_GCM,
        };
        UnboundKey::new(algorithm, &self.key).ok().map(LessSafeKey::new)
    }

    fn nonce(&self, explicit: &[u8; 8]) -> Option<Nonce> {
        Nonce::try_assume_unique_for_key(&[self.iv.as_slice(), explicit].concat()).ok()
    }

    fn encrypt(&self, iv: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        fn with<C: KeyIvInit + BlockModeEncrypt>(
            key: &[u8],
            iv: &[u8],
            plain: &[u8],
        ) -> Option<Vec<u8>> {
            let cipher = C::new_from_slices(key, iv).ok()?;
            let mut buffer = plain.to_vec();
            let length = buffer.len();
            cipher.encrypt_padded::<NoPadding>(&mut buffer, length).ok()?;
            Some(buffer)
        }
        match self.form.cipher {
            Kind::Aes128Cbc => with::<cbc::Encryptor<Aes128>>(&self.key, iv, plain),
            Kind::Aes256Cbc => with::<cbc::Encryptor<Aes256>>(&self.key, iv, plain),
            Kind::TripleDesCbc => with::<cbc::Encryptor<TdesEde3>>(&self.key, iv, plain),
            Kind::DesCbc => with::<cbc::Encryptor<Des>>(&self.key, iv, plain),
            _ => None,
        }
    }

    fn decrypt(&self, iv: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        fn with<C: KeyIvInit + BlockModeDecrypt>(
            key: &[u8],
            iv: &[u8],
            sealed: &[u8],
        ) -> Option<Vec<u8>> {
            let cipher = C::new_from_slices(key, iv).ok()?;
            let mut buffer = sealed.to_vec();
            cipher.decrypt_padded::<NoPadding>(&mut buffer).ok()?;
            Some(buffer)
        }
        match self.form.cipher {
            Kind::Aes128Cbc => with::<cbc::Decryptor<Aes128>>(&self.key, iv, sealed),
            Kind::Aes256Cbc => with::<cbc::Decryptor<Aes256>>(&self.key, iv, sealed),
            Kind::TripleDesCbc => with::<cbc::Decryptor<TdesEde3>>(&self.key, iv, sealed),
            Kind::DesCbc => with::<cbc::Decryptor<Des>>(&self.key, iv, sealed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Suite, suites};

    fn pair(name: &str, version: Version) -> (Protection, Protection) {
        let info = suites::all().iter().find(|s| s.name == name).unwrap();
        let form = Form::of(info).unwrap();
        let (mac, key, iv) = form.lengths();
        let new = || {
            let (m, k, i) = (vec![1; mac], (0..32).collect::<Vec<u8>>(), vec![3; iv]);
            Protection::new(version, form, &m, &k[..key], &i).unwrap()
        };
        (new(), new())
    }

    const SUITES: [&str; 9] = [
        "TLS_RSA_WITH_NULL_SHA",
        "TLS_RSA_WITH_RC4_128_MD5",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "TLS_RSA_WITH_AES_256_CBC_SHA256",
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        "TLS_RSA_WITH_DES_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
        "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_256_GCM_SHA384",
    ];

    #[test]
    fn what_is_sealed_can_be_opened_in_order() {
        for name in SUITES {
            for version in [Version::TLS10, Version::TLS11, Version::TLS12] {
                let (mut one, mut other) = pair(name, version);
                for body in [&b""[..], b"x", &[7; 1000]] {
                    let sealed = one.seal(23, body, None, &[9; 32]).unwrap();
                    assert_eq!(other.open(23, &sealed).as_deref(), Some(body), "{name} {version}");
                }
                let again = one.seal(23, b"y", None, &[9; 32]).unwrap();
                one.seal(23, b"y", None, &[9; 32]).unwrap();
                let mut spoilt = again.clone();
                if let Some(byte) = spoilt.last_mut() {
                    *byte ^= 1;
                }
                assert_eq!(other.open(23, &spoilt), None, "{name}");
            }
        }
    }

    #[test]
    fn spoilt_records_are_as_long_as_sound_ones_and_not_sound() {
        let (mut one, mut other) = pair("TLS_RSA_WITH_AES_128_CBC_SHA", Version::TLS12);
        let sound = one.seal(23, b"GET", None, &[1; 32]).unwrap();
        assert!(other.open(23, &sound).is_some());
        for spoil in [Spoil::Mac, Spoil::Both, Spoil::Overlong, Spoil::AllPadding] {
            let spoilt = one.seal(23, b"GET", Some(spoil), &[1; 32]).unwrap();
            assert_eq!(spoilt.len() % 16, 0);
            assert_eq!(other.open(23, &spoilt), None, "{spoil:?}");
        }
        // This client does not look at the padding either: that is what POODLE is about.
        let spoilt = one.seal(23, b"GET", Some(Spoil::Padding), &[1; 32]).unwrap();
        assert_eq!(other.open(23, &spoilt).as_deref(), Some(&b"GET"[..]));
    }

    #[test]
    fn nothing_read_panics() {
        for name in SUITES {
            let (_, mut other) = pair(name, Version::TLS10);
            for length in 0..80 {
                let opened = other.open(23, &vec![0; length]);
                assert!(opened.is_none() || length == 0, "{name}");
            }
        }
        assert!(Form::of(Suite(0xc0_13).info().unwrap()).is_some());
    }
}
