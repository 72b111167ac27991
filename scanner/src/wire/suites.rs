//! What a cipher suite is made of. The table in `data/suites.csv` holds every number IANA has
//! registered, those that never were but are met in the field, and the SSL 2.0 cipher kinds.
//! The signalling values (RFC 5746, RFC 7507) and GREASE (RFC 8701) are not suites: not here.

use std::sync::LazyLock;

use super::names::{Suite, Version};

/// The table as text; its first line names the columns.
const CSV: &str = include_str!("../../data/suites.csv");

/// The table, sorted by number. Parsed once, at first use: every scan looks suites up.
static TABLE: LazyLock<Vec<SuiteInfo>> = LazyLock::new(|| {
    let mut table: Vec<_> = rows().filter_map(parse).collect();
    // The file is sorted, but the look-up below must not be wrong if an edit breaks that.
    table.sort_unstable_by_key(|info| info.suite);
    table
});

/// Declares one column of the table: an enum, and the words it is written with.
macro_rules! column {
    ($(#[$meta:meta])* $type:ident: $($(#[$doc:meta])* $variant:ident = $word:literal;)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$doc])* $variant,)+ }

        impl $type {
            /// The word for it in the table.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

column! {
    /// How the two sides come to a shared secret. Anonymous Diffie-Hellman, though named `DH_anon`
    /// or `ECDH_anon`, is [`Kx::Dhe`], [`Kx::DheExport`] or [`Kx::Ecdhe`] with [`Auth::None`]: the
    /// server sends a fresh key in the same message, only without a signature (RFC 5246 section
    /// 7.4.3).
    Kx:
    /// None at all: only the state before the first handshake (RFC 5246 appendix A.5).
    None = "none";
    /// The client encrypts a secret to the key in the certificate (RFC 5246 section 7.4.7.1).
    Rsa = "rsa";
    /// The same with a key of at most 512 bits, or 1024 in the EXPORT1024 suites (RFC 2246
    /// section 7.4.3).
    RsaExport = "rsa_export";
    /// Diffie-Hellman with the key in the certificate (RFC 5246 section 7.4.2).
    Dh = "dh";
    /// Diffie-Hellman with a fresh key, signed unless anonymous (RFC 5246 section 7.4.3).
    Dhe = "dhe";
    /// The same with a prime of at most 512 bits, or 1024 in the EXPORT1024 suites (RFC 2246
    /// section 7.4.3).
    DheExport = "dhe_export";
    /// Elliptic curve Diffie-Hellman with the key in the certificate (RFC 4492 section 2).
    Ecdh = "ecdh";
    /// Elliptic curve Diffie-Hellman with a fresh key, signed unless anonymous (RFC 8422 section
    /// 2).
    Ecdhe = "ecdhe";
    /// A key both sides know beforehand (RFC 4279 section 2).
    Psk = "psk";
    /// A pre-shared key, and a secret encrypted to the certificate (RFC 4279 section 4).
    RsaPsk = "rsa_psk";
    /// A pre-shared key and fresh Diffie-Hellman (RFC 4279 section 3).
    DhePsk = "dhe_psk";
    /// A pre-shared key and fresh elliptic curve Diffie-Hellman (RFC 5489 section 2).
    EcdhePsk = "ecdhe_psk";
    /// A password, by Secure Remote Password (RFC 5054).
    Srp = "srp";
    /// A Kerberos ticket (RFC 2712).
    Krb5 = "krb5";
    /// A Kerberos ticket, with an export cipher (RFC 2712).
    Krb5Export = "krb5_export";
    /// A secret wrapped to the GOST key in the certificate (RFC 9189 section 4.2).
    Gost = "gost";
    /// SM2. No row has it: RFC 8998 uses it in TLS 1.3, where suites do not name the key exchange.
    Sm2 = "sm2";
    /// A password, by the dragonfly exchange over elliptic curves (RFC 8492).
    Eccpwd = "eccpwd";
    /// A password, by EC J-PAKE as Thread does it (RFC 8236; its use in TLS was never an RFC).
    Ecjpake = "ecjpake";
    /// The Fortezza key exchange of SSL 3.0 (RFC 6101 appendix A.6).
    Fortezza = "fortezza";
    /// Whatever group the handshake settles on: TLS 1.3 (RFC 8446 section 4.2.7).
    Any = "any";
}

column! {
    /// What the server proves itself with.
    Auth:
    /// Nothing: anyone can stand in the middle.
    None = "none";
    /// A certificate with an RSA key, or one signed with RSA for static Diffie-Hellman.
    Rsa = "rsa";
    /// A certificate with a DSA key, or one signed with DSA for static Diffie-Hellman.
    Dss = "dss";
    /// A certificate with an ECDSA or `EdDSA` key (RFC 8422), or one signed with ECDSA for static
    /// elliptic curve Diffie-Hellman.
    Ecdsa = "ecdsa";
    /// Knowing the pre-shared key.
    Psk = "psk";
    /// Reading the Kerberos ticket.
    Krb5 = "krb5";
    /// A certificate with a GOST R 34.10 key.
    Gost = "gost";
    /// A certificate with an SM2 key. No row has it, as for [`Kx::Sm2`].
    Sm2 = "sm2";
    /// Knowing the password, or its verifier.
    Password = "password";
    /// Whatever signature scheme the handshake settles on: TLS 1.3 (RFC 8446 section 4.2.3).
    Any = "any";
    /// A certificate with a Fortezza key (RFC 6101 appendix A.6).
    Kea = "kea";
}

column! {
    /// What encrypts the records.
    Cipher:
    /// Nothing: the records are readable on the wire.
    Null = "null";
    /// RC4 (prohibited by RFC 7465).
    Rc4 = "rc4";
    /// RC2 (RFC 2268).
    Rc2 = "rc2";
    /// DES, also with 40 bits of key.
    Des = "des";
    /// DES three times, with three keys.
    TripleDes = "3des";
    /// IDEA.
    Idea = "idea";
    /// AES.
    Aes = "aes";
    /// Camellia (RFC 3713).
    Camellia = "camellia";
    /// ARIA (RFC 5794).
    Aria = "aria";
    /// SEED (RFC 4269).
    Seed = "seed";
    /// ChaCha20 (RFC 8439).
    Chacha20 = "chacha20";
    /// GOST 28147-89 (RFC 5830).
    Gost28147 = "gost28147";
    /// Kuznyechik, GOST R 34.12-2015 with blocks of 128 bits (RFC 7801).
    Kuznyechik = "kuznyechik";
    /// Magma, GOST R 34.12-2015 with blocks of 64 bits (RFC 8891).
    Magma = "magma";
    /// SM4 (RFC 8998).
    Sm4 = "sm4";
    /// Skipjack, the cipher of Fortezza cards (RFC 6101 appendix A.6).
    Fortezza = "fortezza";
    /// AEGIS, built from AES rounds.
    Aegis = "aegis";
    /// Ascon-AEAD128 (NIST SP 800-232).
    Ascon = "ascon";
}

column! {
    /// How the cipher is run over a record.
    Mode:
    /// It is not: the cipher is null.
    None = "none";
    /// As the stream cipher it is.
    Stream = "stream";
    /// Cipher block chaining with padding (RFC 5246 section 6.2.3.2).
    Cbc = "cbc";
    /// Galois/counter mode (RFC 5288).
    Gcm = "gcm";
    /// Counter with CBC-MAC (RFC 6655).
    Ccm = "ccm";
    /// The same with a tag of 8 bytes (RFC 6655).
    Ccm8 = "ccm8";
    /// With Poly1305 (RFC 7905).
    Poly1305 = "poly1305";
    /// The counter mode of GOST 28147-89 (RFC 5830).
    Cnt = "cnt";
    /// Counter mode with re-keying, and OMAC beside it (RFC 9189 section 4.1).
    CtrOmac = "ctr_omac";
    /// Multilinear Galois mode (RFC 9058).
    Mgm = "mgm";
    /// The mode is part of AEGIS.
    Aegis = "aegis";
    /// The mode is part of Ascon.
    Ascon = "ascon";
}

column! {
    /// What protects the records from change.
    Mac:
    /// Nothing: only the state before the first handshake.
    Null = "null";
    /// HMAC-MD5, or the forms of it in SSL 2.0 and 3.0.
    Md5 = "md5";
    /// HMAC-SHA-1, or the form of it in SSL 3.0.
    Sha1 = "sha1";
    /// HMAC-SHA-256.
    Sha256 = "sha256";
    /// HMAC-SHA-384.
    Sha384 = "sha384";
    /// A GOST one: the IMIT of GOST 28147-89, or an HMAC with GOST R 34.11.
    Gost = "gost";
    /// The cipher itself (RFC 5116).
    Aead = "aead";
    /// OMAC over the cipher (RFC 9189 section 4.1).
    Omac = "omac";
}

/// What a cipher suite is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuiteInfo {
    /// Its number.
    pub suite: Suite,
    /// Its name in the registry, or the one people use for it.
    pub name: &'static str,
    /// The key exchange.
    pub kx: Kx,
    /// What the server proves itself with.
    pub auth: Auth,
    /// The cipher.
    pub cipher: Cipher,
    /// The mode of the cipher.
    pub mode: Mode,
    /// The protection against change.
    pub mac: Mac,
    /// How many bits of the key an attacker has to guess: 112 for 3DES, for meeting in the middle.
    pub bits: u16,
    /// The oldest version servers negotiate it in; older than its specification, where they do.
    pub first: Version,
    /// The newest version servers negotiate it in.
    pub last: Version,
}

impl SuiteInfo {
    /// True if the key was kept short for the sake of export laws (RFC 2246 appendix D.1).
    #[must_use]
    pub const fn is_export(&self) -> bool {
        // Static Diffie-Hellman has no export kind of its own; but all its export suites have 40
        // bits, which no suite has that is not for export.
        matches!(self.kx, Kx::RsaExport | Kx::DheExport | Kx::Krb5Export) || self.bits == 40
    }

    /// True if the server proves nothing about itself.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        matches!(self.auth, Auth::None)
    }

    /// True if the cipher protects against change by itself.
    #[must_use]
    pub const fn is_aead(&self) -> bool {
        matches!(self.mac, Mac::Aead)
    }

    /// True for cipher block chaining, where padding can be an oracle.
    #[must_use]
    pub const fn is_cbc(&self) -> bool {
        matches!(self.mode, Mode::Cbc)
    }

    /// True if the server makes a Diffie-Hellman key for the connection. Anonymous Diffie-Hellman
    /// counts: nobody signs the key, but it is fresh. The password exchanges do not: theirs is a
    /// different one.
    #[must_use]
    pub const fn is_ephemeral(&self) -> bool {
        matches!(self.kx, Kx::Dhe | Kx::DheExport | Kx::Ecdhe | Kx::DhePsk | Kx::EcdhePsk | Kx::Any)
    }

    /// True if it may be negotiated in that version.
    #[must_use]
    pub fn fits(&self, version: Version) -> bool {
        (self.first..=self.last).contains(&version)
    }

    /// True if the server has to send a certificate. In TLS 1.3 it has to unless it accepts a
    /// pre-shared key, which the suite does not tell (RFC 8446 section 4.4.2).
    #[must_use]
    pub const fn needs_certificate(&self) -> bool {
        match self.auth {
            Auth::None | Auth::Psk | Auth::Krb5 | Auth::Password => false,
            Auth::Rsa
            | Auth::Dss
            | Auth::Ecdsa
            | Auth::Gost
            | Auth::Sm2
            | Auth::Kea
            | Auth::Any => true,
        }
    }
}

/// What a suite is made of, if the table has it.
#[must_use]
pub fn info(suite: Suite) -> Option<&'static SuiteInfo> {
    let table = all();
    let index = table.binary_search_by_key(&suite, |info| info.suite).ok()?;
    table.get(index)
}

/// Every suite of the table, sorted by number.
#[must_use]
pub fn all() -> &'static [SuiteInfo] {
    &TABLE
}

/// The lines of the table that hold a suite.
fn rows() -> impl Iterator<Item = &'static str> {
    CSV.lines().skip(1).filter(|line| !line.is_empty())
}

/// One line of the table. A malformed one is no suite rather than a panic in the scanner; the
/// tests see to it that there is none.
fn parse(line: &'static str) -> Option<SuiteInfo> {
    let mut fields = line.split(',');
    let info = SuiteInfo {
        suite: Suite(u32::from_str_radix(fields.next()?.strip_prefix("0x")?, 16).ok()?),
        name: fields.next()?,
        kx: Kx::parse(fields.next()?)?,
        auth: Auth::parse(fields.next()?)?,
        cipher: Cipher::parse(fields.next()?)?,
        mode: Mode::parse(fields.next()?)?,
        mac: Mac::parse(fields.next()?)?,
        bits: fields.next()?.parse().ok()?,
        first: version(fields.next()?)?,
        last: version(fields.next()?)?,
    };
    fields.next().is_none().then_some(info)
}

/// A version as the tables of this crate write it.
pub(super) fn version(word: &str) -> Option<Version> {
    Some(match word {
        "SSL2" => Version::SSL2,
        "SSL3" => Version::SSL3,
        "TLS10" => Version::TLS10,
        "TLS11" => Version::TLS11,
        "TLS12" => Version::TLS12,
        "TLS13" => Version::TLS13,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::ops::RangeInclusive;

    use super::*;

    /// Every number in the IANA registry but the signalling and reserved ones.
    const REGISTERED: [RangeInclusive<u32>; 10] = [
        0x0000..=0x001b,
        0x001e..=0x0046,
        0x0067..=0x0071,
        0x0084..=0x00c7,
        0x1301..=0x1307,
        0xc001..=0xc0b5,
        0xc100..=0xc106,
        0xcca8..=0xccae,
        0xd001..=0xd003,
        0xd005..=0xd005,
    ];

    /// What is not registered, but answers: Fortezza, EXPORT1024, GOST before RFC 9189, J-PAKE,
    /// ChaCha20 before RFC 7905, Netscape's FIPS suites, and SSL 2.0.
    const OTHERS: [RangeInclusive<u32>; 17] = [
        0x001c..=0x001d,
        0x0060..=0x0066,
        0x0080..=0x0083,
        0xc0ff..=0xc0ff,
        0xcc13..=0xcc15,
        0xfefe..=0xfeff,
        0xff85..=0xff85,
        0xff87..=0xff87,
        0xffe0..=0xffe1,
        0x01_0080..=0x01_0080,
        0x02_0080..=0x02_0080,
        0x03_0080..=0x03_0080,
        0x04_0080..=0x04_0080,
        0x05_0080..=0x05_0080,
        0x06_0040..=0x06_0040,
        0x07_00c0..=0x07_00c0,
        0x08_0080..=0x08_0080,
    ];

    /// What a name says about cipher, mode and bits. The first that is part of the name counts.
    const SAYS: &[(&str, Cipher, Mode, u16)] = &[
        ("_RC4_128_EXPORT40", Cipher::Rc4, Mode::Stream, 40),
        ("_RC2_128_CBC_EXPORT40", Cipher::Rc2, Mode::Cbc, 40),
        ("_NULL_", Cipher::Null, Mode::None, 0),
        ("TLS_SHA256_SHA256", Cipher::Null, Mode::None, 0),
        ("TLS_SHA384_SHA384", Cipher::Null, Mode::None, 0),
        ("_RC4_40_", Cipher::Rc4, Mode::Stream, 40),
        ("_RC4_56_", Cipher::Rc4, Mode::Stream, 56),
        ("_RC4_64_", Cipher::Rc4, Mode::Stream, 64),
        ("_RC4_128_", Cipher::Rc4, Mode::Stream, 128),
        ("_RC2_CBC_40_", Cipher::Rc2, Mode::Cbc, 40),
        ("_RC2_CBC_56_", Cipher::Rc2, Mode::Cbc, 56),
        ("_RC2_128_CBC_", Cipher::Rc2, Mode::Cbc, 128),
        ("_DES40_CBC_", Cipher::Des, Mode::Cbc, 40),
        ("_DES_CBC_40_", Cipher::Des, Mode::Cbc, 40),
        ("_DES_CBC_", Cipher::Des, Mode::Cbc, 56),
        ("_DES_64_CBC_", Cipher::Des, Mode::Cbc, 56),
        ("_3DES_EDE_CBC_", Cipher::TripleDes, Mode::Cbc, 112),
        ("_DES_192_EDE3_CBC_", Cipher::TripleDes, Mode::Cbc, 112),
        ("_IDEA_CBC_", Cipher::Idea, Mode::Cbc, 128),
        ("_IDEA_128_CBC_", Cipher::Idea, Mode::Cbc, 128),
        ("_AES_128_CBC_", Cipher::Aes, Mode::Cbc, 128),
        ("_AES_256_CBC_", Cipher::Aes, Mode::Cbc, 256),
        ("_AES_128_GCM", Cipher::Aes, Mode::Gcm, 128),
        ("_AES_256_GCM", Cipher::Aes, Mode::Gcm, 256),
        ("_AES_128_CCM_8", Cipher::Aes, Mode::Ccm8, 128),
        ("_AES_256_CCM_8", Cipher::Aes, Mode::Ccm8, 256),
        ("_AES_128_CCM", Cipher::Aes, Mode::Ccm, 128),
        ("_AES_256_CCM", Cipher::Aes, Mode::Ccm, 256),
        ("_CAMELLIA_128_CBC_", Cipher::Camellia, Mode::Cbc, 128),
        ("_CAMELLIA_256_CBC_", Cipher::Camellia, Mode::Cbc, 256),
        ("_CAMELLIA_128_GCM_", Cipher::Camellia, Mode::Gcm, 128),
        ("_CAMELLIA_256_GCM_", Cipher::Camellia, Mode::Gcm, 256),
        ("_ARIA_128_CBC_", Cipher::Aria, Mode::Cbc, 128),
        ("_ARIA_256_CBC_", Cipher::Aria, Mode::Cbc, 256),
        ("_ARIA_128_GCM_", Cipher::Aria, Mode::Gcm, 128),
        ("_ARIA_256_GCM_", Cipher::Aria, Mode::Gcm, 256),
        ("_SEED_CBC_", Cipher::Seed, Mode::Cbc, 128),
        ("_CHACHA20_POLY1305_", Cipher::Chacha20, Mode::Poly1305, 256),
        ("_28147_CNT_", Cipher::Gost28147, Mode::Cnt, 256),
        ("_KUZNYECHIK_CTR_OMAC", Cipher::Kuznyechik, Mode::CtrOmac, 256),
        ("_KUZNYECHIK_MGM_", Cipher::Kuznyechik, Mode::Mgm, 256),
        ("_MAGMA_CTR_OMAC", Cipher::Magma, Mode::CtrOmac, 256),
        ("_MAGMA_MGM_", Cipher::Magma, Mode::Mgm, 256),
        ("_SM4_GCM_", Cipher::Sm4, Mode::Gcm, 128),
        ("_SM4_CCM_", Cipher::Sm4, Mode::Ccm, 128),
        ("_WITH_FORTEZZA_CBC_", Cipher::Fortezza, Mode::Cbc, 80),
        ("_AEGIS_128L_", Cipher::Aegis, Mode::Aegis, 128),
        ("_AEGIS_256_", Cipher::Aegis, Mode::Aegis, 256),
        ("_ASCONAEAD128_", Cipher::Ascon, Mode::Ascon, 128),
    ];

    #[test]
    fn no_row_is_skipped() {
        for line in rows() {
            assert!(parse(line).is_some(), "{line}");
        }
        assert_eq!(rows().count(), all().len());
    }

    #[test]
    fn the_file_is_sorted_and_numbers_and_names_are_unique() {
        let numbers: Vec<_> = rows().filter_map(parse).map(|info| info.suite).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b));
        let names: HashSet<_> = all().iter().map(|info| info.name).collect();
        assert_eq!(names.len(), all().len());
    }

    #[test]
    fn the_table_is_the_registry_and_the_known_others() {
        let expected: HashSet<_> =
            REGISTERED.into_iter().chain(OTHERS).flatten().map(Suite).collect();
        let found: HashSet<_> = all().iter().map(|info| info.suite).collect();
        assert_eq!(expected.difference(&found).collect::<Vec<_>>(), Vec::<&Suite>::new());
        assert_eq!(found.difference(&expected).collect::<Vec<_>>(), Vec::<&Suite>::new());
    }

    #[test]
    fn signals_are_no_suites() {
        assert_eq!(info(Suite::EMPTY_RENEGOTIATION_INFO_SCSV), None);
        assert_eq!(info(Suite::FALLBACK_SCSV), None);
        for high in 0..16_u32 {
            let byte = high << 4 | 0x0a;
            assert_eq!(info(Suite(byte << 8 | byte)), None, "GREASE");
        }
    }

    #[test]
    fn a_malformed_row_is_skipped() {
        let good = "0x0005,N,rsa,rsa,rc4,stream,sha1,128,SSL3,TLS12";
        assert!(parse(good).is_some());
        for bad in [
            "",
            "0x0005",
            "0005,N,rsa,rsa,rc4,stream,sha1,128,SSL3,TLS12",
            "0xfffffffff,N,rsa,rsa,rc4,stream,sha1,128,SSL3,TLS12",
            "0x0005,N,rza,rsa,rc4,stream,sha1,128,SSL3,TLS12",
            "0x0005,N,rsa,rsa,rc4,stream,sha1,many,SSL3,TLS12",
            "0x0005,N,rsa,rsa,rc4,stream,sha1,128,SSL3,TLS14",
            "0x0005,N,rsa,rsa,rc4,stream,sha1,128,SSL3",
            "0x0005,N,rsa,rsa,rc4,stream,sha1,128,SSL3,TLS12,",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_and_key_exchanges_agree() {
        for suite in all() {
            let name = suite.name;
            let says = |word: &str| name.contains(word);
            let kx = |kinds: &[Kx]| kinds.contains(&suite.kx);
            let ecdhe = says("_ECDHE_") || says("_ECDH_anon_");
            assert_eq!(ecdhe, kx(&[Kx::Ecdhe, Kx::EcdhePsk]), "{name}");
            assert_eq!(says("_ECDH_") && !says("_anon_"), kx(&[Kx::Ecdh]), "{name}");
            let dhe = says("_DHE_") || says("_DH_anon_");
            assert_eq!(dhe, kx(&[Kx::Dhe, Kx::DheExport, Kx::DhePsk]), "{name}");
            assert_eq!(dhe && says("EXPORT"), kx(&[Kx::DheExport]), "{name}");
            assert_eq!(says("_DH_") && !says("_anon_"), kx(&[Kx::Dh]), "{name}");
            let psk = [Kx::Psk, Kx::RsaPsk, Kx::DhePsk, Kx::EcdhePsk];
            assert_eq!(says("_PSK_"), kx(&psk), "{name}");
            assert_eq!(says("_RSA_PSK_"), kx(&[Kx::RsaPsk]), "{name}");
            assert_eq!(says("_SRP_"), kx(&[Kx::Srp]), "{name}");
            assert_eq!(says("_KRB5_"), kx(&[Kx::Krb5, Kx::Krb5Export]), "{name}");
            assert_eq!(says("_ECCPWD_"), kx(&[Kx::Eccpwd]), "{name}");
            assert_eq!(says("_ECJPAKE_"), kx(&[Kx::Ecjpake]), "{name}");
            assert_eq!(says("_FORTEZZA_KEA_"), kx(&[Kx::Fortezza]), "{name}");
            assert_eq!(says("_GOSTR") && !says("_MGM_"), kx(&[Kx::Gost]), "{name}");
            let rsa = name.starts_with("TLS_RSA_") || name.starts_with("SSL_RSA_");
            let rsa = rsa && !says("_PSK_") || says("SSL_CK_");
            assert_eq!(rsa, kx(&[Kx::Rsa, Kx::RsaExport]), "{name}");
            assert_eq!(suite.first == Version::TLS13, kx(&[Kx::Any]), "{name}");
        }
    }

    #[test]
    fn names_and_authentications_agree() {
        for suite in all() {
            let name = suite.name;
            let says = |word: &str| name.contains(word);
            let auth = |kind: Auth| suite.auth == kind;
            assert_eq!(says("_anon_") || suite.suite.0 == 0, auth(Auth::None), "{name}");
            assert_eq!(says("_RSA_") || says("SSL_CK_"), auth(Auth::Rsa), "{name}");
            assert_eq!(says("_DSS_"), auth(Auth::Dss), "{name}");
            assert_eq!(says("_ECDSA_"), auth(Auth::Ecdsa), "{name}");
            assert_eq!(says("_PSK_") && !says("_RSA_"), auth(Auth::Psk), "{name}");
            assert_eq!(says("_KRB5_"), auth(Auth::Krb5), "{name}");
            assert_eq!(says("_KEA_"), auth(Auth::Kea), "{name}");
            assert_eq!(suite.kx == Kx::Gost, auth(Auth::Gost), "{name}");
            assert_eq!(suite.kx == Kx::Any, auth(Auth::Any), "{name}");
            let password = says("_SRP_SHA_WITH_") || says("_ECCPWD_") || says("_ECJPAKE_");
            assert_eq!(password, auth(Auth::Password), "{name}");
            assert_eq!(says("EXPORT"), suite.is_export(), "{name}");
        }
    }

    #[test]
    fn names_and_ciphers_agree() {
        for suite in all() {
            let said = SAYS.iter().find(|(word, ..)| suite.name.contains(word));
            let said = said.map(|&(_, cipher, mode, bits)| (cipher, mode, bits));
            assert_eq!(said, Some((suite.cipher, suite.mode, suite.bits)), "{}", suite.name);
        }
        for (word, ..) in SAYS {
            assert!(all().iter().any(|suite| suite.name.contains(word)), "{word}");
        }
    }

    #[test]
    fn names_and_macs_agree() {
        for suite in all() {
            let aead = matches!(
                suite.mode,
                Mode::Gcm | Mode::Ccm | Mode::Ccm8 | Mode::Poly1305 | Mode::Mgm
            ) || matches!(suite.mode, Mode::Aegis | Mode::Ascon);
            let expected = match suite.name.rsplit('_').next() {
                _ if aead => Mac::Aead,
                Some("NULL") => Mac::Null,
                Some("MD5") => Mac::Md5,
                Some("SHA") => Mac::Sha1,
                Some("SHA256") => Mac::Sha256,
                Some("SHA384") => Mac::Sha384,
                Some("OMAC") => Mac::Omac,
                _ => Mac::Gost,
            };
            assert_eq!(suite.mac, expected, "{}", suite.name);
            assert_eq!(suite.is_aead(), aead, "{}", suite.name);
            assert_eq!(suite.is_cbc(), suite.name.contains("_CBC_"), "{}", suite.name);
        }
    }

    #[test]
    fn versions_agree() {
        for suite in all() {
            let (name, first, last) = (suite.name, suite.first, suite.last);
            assert!(first <= last, "{name}");
            assert_eq!(suite.suite.is_ssl2(), name.starts_with("SSL_CK_"), "{name}");
            assert_eq!(suite.suite.is_ssl2(), first == Version::SSL2, "{name}");
            assert_eq!(suite.suite.is_ssl2(), last == Version::SSL2, "{name}");
            assert_eq!(first == Version::TLS13, last == Version::TLS13, "{name}");
            assert!(!suite.is_aead() || first >= Version::TLS12, "{name}");
            let newer_mac = matches!(suite.mac, Mac::Sha256 | Mac::Sha384);
            assert!(!newer_mac || first >= Version::TLS10, "{name}");
            // RFC 5487, RFC 5489 and RFC 6367 let these be used before TLS 1.2.
            let psk = name.contains("_PSK_") && suite.cipher != Cipher::Aria;
            assert!(!newer_mac || psk || first >= Version::TLS12, "{name}");
        }
    }

    #[test]
    fn spot_values() {
        let row = |number| {
            let found = info(Suite(number))?;
            assert_eq!(found.suite, Suite(number));
            Some((found.name, found.kx, found.auth, found.cipher, found.mode, found.mac))
        };
        assert_eq!(
            row(0xc02f),
            Some((
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                Kx::Ecdhe,
                Auth::Rsa,
                Cipher::Aes,
                Mode::Gcm,
                Mac::Aead
            ))
        );
        assert_eq!(
            row(0x0005),
            Some((
                "TLS_RSA_WITH_RC4_128_SHA",
                Kx::Rsa,
                Auth::Rsa,
                Cipher::Rc4,
                Mode::Stream,
                Mac::Sha1
            ))
        );
        assert_eq!(
            row(0x1301),
            Some(("TLS_AES_128_GCM_SHA256", Kx::Any, Auth::Any, Cipher::Aes, Mode::Gcm, Mac::Aead))
        );
        assert_eq!(
            row(0x01_0080),
            Some((
                "SSL_CK_RC4_128_WITH_MD5",
                Kx::Rsa,
                Auth::Rsa,
                Cipher::Rc4,
                Mode::Stream,
                Mac::Md5
            ))
        );
        assert_eq!(
            row(0xcca8),
            Some((
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                Kx::Ecdhe,
                Auth::Rsa,
                Cipher::Chacha20,
                Mode::Poly1305,
                Mac::Aead
            ))
        );
        let bits = |number| info(Suite(number)).map(|found| found.bits);
        assert_eq!(bits(0xc012), Some(112));
        assert_eq!(bits(0x0003), Some(40));
        assert_eq!(bits(0x0064), Some(56));
        assert_eq!(bits(0x0002), Some(0));
        assert_eq!(bits(0xcca8), Some(256));
        assert_eq!(bits(0x07_00c0), Some(112));
        assert_eq!(info(Suite(0xc0c0)), None);
        assert_eq!(info(Suite(u32::MAX)), None);
    }

    #[test]
    fn methods() {
        let is = |number, what: fn(&SuiteInfo) -> bool| info(Suite(number)).map(what);
        // Export also where the key exchange does not say so: static Diffie-Hellman.
        for number in [0x0003, 0x000b, 0x0014, 0x0017, 0x0026, 0x0062, 0x02_0080] {
            assert_eq!(is(number, SuiteInfo::is_export), Some(true), "{number:#x}");
        }
        assert_eq!(is(0x0009, SuiteInfo::is_export), Some(false));
        assert_eq!(is(0x0066, SuiteInfo::is_export), Some(false));
        for number in [0x0033, 0xc013, 0x0034, 0xc018, 0x0090, 0xc035, 0x1301] {
            assert_eq!(is(number, SuiteInfo::is_ephemeral), Some(true), "{number:#x}");
        }
        for number in [0x0000, 0x002f, 0x0031, 0xc004, 0x008c, 0x0094, 0xc01d] {
            assert_eq!(is(number, SuiteInfo::is_ephemeral), Some(false), "{number:#x}");
        }
        assert_eq!(is(0x0034, SuiteInfo::is_anonymous), Some(true));
        assert_eq!(is(0xc018, SuiteInfo::is_anonymous), Some(true));
        assert_eq!(is(0x0031, SuiteInfo::is_anonymous), Some(false));
        for number in [0x002f, 0x0032, 0xc02b, 0x0094, 0xc01e, 0x0081, 0x1301, 0x01_0080] {
            assert_eq!(is(number, SuiteInfo::needs_certificate), Some(true), "{number:#x}");
        }
        for number in [0x0034, 0x008c, 0x0090, 0xc01d, 0x001f, 0xc0ff] {
            assert_eq!(is(number, SuiteInfo::needs_certificate), Some(false), "{number:#x}");
        }
        let fits = |number| {
            info(Suite(number)).map(|found| Version::ALL.map(|version| found.fits(version)))
        };
        assert_eq!(fits(0xc013), Some([false, true, true, true, true, false]));
        assert_eq!(fits(0xc02f), Some([false, false, false, false, true, false]));
        assert_eq!(fits(0x00ae), Some([false, false, true, true, true, false]));
        assert_eq!(fits(0x1301), Some([false, false, false, false, false, true]));
        assert_eq!(fits(0x01_0080), Some([true, false, false, false, false, false]));
    }

    #[test]
    fn words_survive_a_round_trip() {
        for suite in all() {
            assert_eq!(Kx::parse(suite.kx.as_str()), Some(suite.kx));
            assert_eq!(Auth::parse(suite.auth.as_str()), Some(suite.auth));
            assert_eq!(Cipher::parse(suite.cipher.as_str()), Some(suite.cipher));
            assert_eq!(Mode::parse(suite.mode.as_str()), Some(suite.mode));
            assert_eq!(Mac::parse(suite.mac.as_str()), Some(suite.mac));
        }
    }
}
