//! Protocol numbers as total newtypes: a number nobody registered yet survives a round trip, and
//! always prints. A name is a look-up that may fail.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::{groups, suites};

/// A protocol version as it stands in hellos (RFC 8446 section 4.1.2). SSL 2.0 is `0x0002`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u16);

impl Version {
    /// SSL 2.0 (deprecated by RFC 6176).
    pub const SSL2: Self = Self(0x0002);
    /// SSL 3.0 (RFC 6101, deprecated by RFC 7568).
    pub const SSL3: Self = Self(0x0300);
    /// TLS 1.0 (RFC 2246).
    pub const TLS10: Self = Self(0x0301);
    /// TLS 1.1 (RFC 4346).
    pub const TLS11: Self = Self(0x0302);
    /// TLS 1.2 (RFC 5246).
    pub const TLS12: Self = Self(0x0303);
    /// TLS 1.3 (RFC 8446).
    pub const TLS13: Self = Self(0x0304);
    /// A version of a far future, for servers that mind.
    pub const FAR: Self = Self(0x0499);
    /// Every version a server may speak, oldest first.
    pub const ALL: [Self; 6] =
        [Self::SSL2, Self::SSL3, Self::TLS10, Self::TLS11, Self::TLS12, Self::TLS13];

    /// The name people use, if the number is known.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::SSL2 => "SSL 2.0",
            Self::SSL3 => "SSL 3.0",
            Self::TLS10 => "TLS 1.0",
            Self::TLS11 => "TLS 1.1",
            Self::TLS12 => "TLS 1.2",
            Self::TLS13 => "TLS 1.3",
            _ => return None,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:04x}", self.0),
        }
    }
}

/// A cipher suite. TLS numbers are two bytes; SSL 2.0 kinds are three (RFC 6101 appendix E).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suite(pub u32);

impl Suite {
    /// Signals secure renegotiation (RFC 5746 section 3.3); never negotiated.
    pub const EMPTY_RENEGOTIATION_INFO_SCSV: Self = Self(0x00ff);
    /// Signals a version fallback (RFC 7507); never negotiated.
    pub const FALLBACK_SCSV: Self = Self(0x5600);

    /// The IANA name, if registered.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.info().map(|info| info.name)
    }

    /// What the suite is made of, if known.
    #[must_use]
    pub fn info(self) -> Option<&'static suites::SuiteInfo> {
        suites::info(self)
    }

    /// True for SSL 2.0 cipher kinds.
    #[must_use]
    pub fn is_ssl2(self) -> bool {
        self.0 > 0xffff
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None if self.is_ssl2() => write!(f, "0x{:06x}", self.0),
            None => write!(f, "0x{:04x}", self.0),
        }
    }
}

/// A named group (RFC 8446 section 4.2.7; named curve before that).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub u16);

impl Group {
    /// NIST P-256.
    pub const SECP256R1: Self = Self(23);
    /// NIST P-384.
    pub const SECP384R1: Self = Self(24);
    /// NIST P-521.
    pub const SECP521R1: Self = Self(25);
    /// Curve25519 (RFC 7748).
    pub const X25519: Self = Self(29);
    /// Curve448 (RFC 7748).
    pub const X448: Self = Self(30);
    /// 2048-bit finite field group (RFC 7919).
    pub const FFDHE2048: Self = Self(256);
    /// X25519 with ML-KEM-768.
    pub const X25519MLKEM768: Self = Self(4588);

    /// The IANA name, if registered.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.info().map(|info| info.name)
    }

    /// What the group is, if known.
    #[must_use]
    pub fn info(self) -> Option<&'static groups::GroupInfo> {
        groups::info(self)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:04x}", self.0),
        }
    }
}

/// Declares a newtype over a number with a table of known names.
macro_rules! numbers {
    ($(#[$meta:meta])* $type:ident($repr:ty), $width:literal: $($(#[$doc:meta])* $konst:ident = $value:literal, $name:literal;)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $repr);

        #[allow(missing_docs, reason = "the constants are named as in the registry")]
        impl $type {
            $($(#[$doc])* pub const $konst: Self = Self($value);)+

            /// Every number that has a name, in the order of the table.
            pub const KNOWN: &'static [Self] = &[$(Self::$konst),+];

            /// The registered name, if there is one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self { $(Self::$konst => Some($name),)+ _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!("0x{:0", $width, "x}"), self.0),
                }
            }
        }
    };
}

numbers! {
    /// A signature scheme (RFC 8446 section 4.2.3), or a hash and signature pair of TLS 1.2
    /// (RFC 5246 section 7.4.1.4.1), which share one number space.
    Scheme(u16), "4":
    RSA_PKCS1_MD5 = 0x0101, "rsa_pkcs1_md5";
    RSA_PKCS1_SHA1 = 0x0201, "rsa_pkcs1_sha1";
    DSA_SHA1 = 0x0202, "dsa_sha1";
    ECDSA_SHA1 = 0x0203, "ecdsa_sha1";
    RSA_PKCS1_SHA224 = 0x0301, "rsa_pkcs1_sha224";
    DSA_SHA224 = 0x0302, "dsa_sha224";
    ECDSA_SHA224 = 0x0303, "ecdsa_sha224";
    RSA_PKCS1_SHA256 = 0x0401, "rsa_pkcs1_sha256";
    DSA_SHA256 = 0x0402, "dsa_sha256";
    ECDSA_SECP256R1_SHA256 = 0x0403, "ecdsa_secp256r1_sha256";
    RSA_PKCS1_SHA384 = 0x0501, "rsa_pkcs1_sha384";
    DSA_SHA384 = 0x0502, "dsa_sha384";
    ECDSA_SECP384R1_SHA384 = 0x0503, "ecdsa_secp384r1_sha384";
    RSA_PKCS1_SHA512 = 0x0601, "rsa_pkcs1_sha512";
    DSA_SHA512 = 0x0602, "dsa_sha512";
    ECDSA_SECP521R1_SHA512 = 0x0603, "ecdsa_secp521r1_sha512";
    ECCSI_SHA256 = 0x0704, "eccsi_sha256";
    GOST_256A = 0x0709, "gostr34102012_256a";
    GOST_256B = 0x070a, "gostr34102012_256b";
    GOST_256C = 0x070b, "gostr34102012_256c";
    GOST_256D = 0x070c, "gostr34102012_256d";
    GOST_512A = 0x070d, "gostr34102012_512a";
    GOST_512B = 0x070e, "gostr34102012_512b";
    GOST_512C = 0x070f, "gostr34102012_512c";
    SM2SIG_SM3 = 0x0708, "sm2sig_sm3";
    RSA_PSS_RSAE_SHA256 = 0x0804, "rsa_pss_rsae_sha256";
    RSA_PSS_RSAE_SHA384 = 0x0805, "rsa_pss_rsae_sha384";
    RSA_PSS_RSAE_SHA512 = 0x0806, "rsa_pss_rsae_sha512";
    ED25519 = 0x0807, "ed25519";
    ED448 = 0x0808, "ed448";
    RSA_PSS_PSS_SHA256 = 0x0809, "rsa_pss_pss_sha256";
    RSA_PSS_PSS_SHA384 = 0x080a, "rsa_pss_pss_sha384";
    RSA_PSS_PSS_SHA512 = 0x080b, "rsa_pss_pss_sha512";
    ECDSA_BRAINPOOLP256R1TLS13_SHA256 = 0x081a, "ecdsa_brainpoolP256r1tls13_sha256";
    ECDSA_BRAINPOOLP384R1TLS13_SHA384 = 0x081b, "ecdsa_brainpoolP384r1tls13_sha384";
    ECDSA_BRAINPOOLP512R1TLS13_SHA512 = 0x081c, "ecdsa_brainpoolP512r1tls13_sha512";
    MLDSA44 = 0x0904, "mldsa44";
    MLDSA65 = 0x0905, "mldsa65";
    MLDSA87 = 0x0906, "mldsa87";
}

numbers! {
    /// An alert description (RFC 8446 section 6, and the older ones).
    Alert(u8), "2":
    CLOSE_NOTIFY = 0, "close_notify";
    UNEXPECTED_MESSAGE = 10, "unexpected_message";
    BAD_RECORD_MAC = 20, "bad_record_mac";
    DECRYPTION_FAILED = 21, "decryption_failed";
    RECORD_OVERFLOW = 22, "record_overflow";
    DECOMPRESSION_FAILURE = 30, "decompression_failure";
    HANDSHAKE_FAILURE = 40, "handshake_failure";
    NO_CERTIFICATE = 41, "no_certificate";
    BAD_CERTIFICATE = 42, "bad_certificate";
    UNSUPPORTED_CERTIFICATE = 43, "unsupported_certificate";
    CERTIFICATE_REVOKED = 44, "certificate_revoked";
    CERTIFICATE_EXPIRED = 45, "certificate_expired";
    CERTIFICATE_UNKNOWN = 46, "certificate_unknown";
    ILLEGAL_PARAMETER = 47, "illegal_parameter";
    UNKNOWN_CA = 48, "unknown_ca";
    ACCESS_DENIED = 49, "access_denied";
    DECODE_ERROR = 50, "decode_error";
    DECRYPT_ERROR = 51, "decrypt_error";
    TOO_MANY_CIDS_REQUESTED = 52, "too_many_cids_requested";
    EXPORT_RESTRICTION = 60, "export_restriction";
    PROTOCOL_VERSION = 70, "protocol_version";
    INSUFFICIENT_SECURITY = 71, "insufficient_security";
    INTERNAL_ERROR = 80, "internal_error";
    INAPPROPRIATE_FALLBACK = 86, "inappropriate_fallback";
    USER_CANCELED = 90, "user_canceled";
    NO_RENEGOTIATION = 100, "no_renegotiation";
    MISSING_EXTENSION = 109, "missing_extension";
    UNSUPPORTED_EXTENSION = 110, "unsupported_extension";
    CERTIFICATE_UNOBTAINABLE = 111, "certificate_unobtainable";
    UNRECOGNIZED_NAME = 112, "unrecognized_name";
    BAD_CERTIFICATE_STATUS_RESPONSE = 113, "bad_certificate_status_response";
    BAD_CERTIFICATE_HASH_VALUE = 114, "bad_certificate_hash_value";
    UNKNOWN_PSK_IDENTITY = 115, "unknown_psk_identity";
    CERTIFICATE_REQUIRED = 116, "certificate_required";
    NO_APPLICATION_PROTOCOL = 120, "no_application_protocol";
    ECH_REQUIRED = 121, "ech_required";
}

numbers! {
    /// A hello extension (IANA ExtensionType values).
    Extension(u16), "4":
    SERVER_NAME = 0, "server_name";
    MAX_FRAGMENT_LENGTH = 1, "max_fragment_length";
    STATUS_REQUEST = 5, "status_request";
    SUPPORTED_GROUPS = 10, "supported_groups";
    EC_POINT_FORMATS = 11, "ec_point_formats";
    SIGNATURE_ALGORITHMS = 13, "signature_algorithms";
    HEARTBEAT = 15, "heartbeat";
    ALPN = 16, "application_layer_protocol_negotiation";
    SIGNED_CERTIFICATE_TIMESTAMP = 18, "signed_certificate_timestamp";
    PADDING = 21, "padding";
    ENCRYPT_THEN_MAC = 22, "encrypt_then_mac";
    EXTENDED_MASTER_SECRET = 23, "extended_master_secret";
    COMPRESS_CERTIFICATE = 27, "compress_certificate";
    RECORD_SIZE_LIMIT = 28, "record_size_limit";
    SESSION_TICKET = 35, "session_ticket";
    PRE_SHARED_KEY = 41, "pre_shared_key";
    EARLY_DATA = 42, "early_data";
    SUPPORTED_VERSIONS = 43, "supported_versions";
    COOKIE = 44, "cookie";
    PSK_KEY_EXCHANGE_MODES = 45, "psk_key_exchange_modes";
    SIGNATURE_ALGORITHMS_CERT = 50, "signature_algorithms_cert";
    KEY_SHARE = 51, "key_share";
    NEXT_PROTOCOL_NEGOTIATION = 13172, "next_protocol_negotiation";
    RENEGOTIATION_INFO = 65281, "renegotiation_info";
}

/// Numbers as JSON: `{"id": 4865, "name": "TLS_AES_128_GCM_SHA256"}`; unknown ones have no name.
macro_rules! named_serde {
    ($($type:ident($repr:ty)),+) => {$(
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                let mut s = serializer.serialize_struct(stringify!($type), 2)?;
                s.serialize_field("id", &self.0)?;
                match self.name() {
                    Some(name) => s.serialize_field("name", name)?,
                    None => s.skip_field("name")?,
                }
                s.end()
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                struct Named { id: $repr }
                Named::deserialize(deserializer).map(|named| Self(named.id))
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
    )+};
}
named_serde!(Version(u16), Suite(u32), Group(u16), Scheme(u16), Alert(u8), Extension(u16));
