//! A conversation of the legacy client as plain data: what it says, step by step, and what it
//! heard.

use serde::{Deserialize, Serialize};

use crate::wire::{ClientHello, Suite, Version};

/// What to say on one connection. The hello goes out first, then the steps are taken in order.
/// What is said goes out together, in one write, before the next step that listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    /// The hello, of TLS 1.0 to 1.2. All randomness of the client follows from its random.
    pub hello: ClientHello,
    /// What follows it.
    pub steps: Vec<Step>,
    /// Plain text put in the same packet as the last words before TLS, in protocols that begin
    /// without it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub injected: String,
}

/// One step. Everything is protected with the keys in use at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// Listen until the server's flight is complete: with ServerHelloDone, or with its Finished
    /// when it resumes a session.
    Flight,
    /// Say ClientKeyExchange, after an empty Certificate if the server asked for one.
    KeyExchange {
        /// What it holds.
        exchange: Exchange,
    },
    /// Say ChangeCipherSpec and use new keys from now on.
    ChangeCipherSpec {
        /// Which keys.
        keys: Keys,
    },
    /// Say Finished.
    Finished {
        /// With the right `verify_data`; else with another.
        right: bool,
    },
    /// Listen until the server's Finished.
    Established,
    /// Say a record.
    Record {
        /// Content type, see [`crate::wire::record::content`].
        content: u8,
        /// The payload.
        #[serde(with = "hex_bytes")]
        body: Vec<u8>,
        /// How its protection is spoilt. Only CBC records can be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        spoil: Option<Spoil>,
    },
    /// Listen.
    Listen {
        /// How long.
        until: Until,
    },
    /// Send what is to be said so far in a packet of its own, and wait a moment for an answer.
    Pause,
    /// Handshake anew within this connection, up to the server's Finished.
    Renegotiate {
        /// With the `verify_data` of before (RFC 5746); else without the extension.
        secure: bool,
    },
}

/// How long to listen. The end of the connection and silence end it always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Until any record comes.
    Word,
    /// Until application data comes, or the end.
    Data,
    /// Until the head of an HTTP answer is complete.
    Head,
    /// Until the end.
    Close,
}

/// What a ClientKeyExchange holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum Exchange {
    /// What belongs there.
    Right,
    /// RSA with this padding. The keys in use after it are those of another secret, so that no
    /// form leads to a completed handshake.
    Rsa {
        /// The block that is encrypted.
        block: RsaBlock,
    },
    /// ECDHE with this point, or DHE with this value, as if this were the shared secret.
    Point {
        /// The point, or the value.
        #[serde(with = "hex_bytes")]
        point: Vec<u8>,
        /// The secret.
        #[serde(with = "hex_bytes")]
        secret: Vec<u8>,
    },
}

/// The block an RSA key exchange encrypts (RFC 8017 section 7.2.1, RFC 5246 section 7.4.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RsaBlock {
    /// As it should be.
    Right,
    /// It begins with 0x41 0x17.
    WrongStart,
    /// The zero that ends the padding comes too late, so that the secret is too short.
    LateZero,
    /// No zero ends the padding.
    NoZero,
    /// The secret begins with another version.
    WrongVersion,
}

/// Which keys to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// Those agreed.
    Agreed,
    /// Those that follow from an empty master secret.
    Nothing,
}

/// How a CBC record is spoilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spoil {
    /// Right padding, wrong MAC.
    Mac,
    /// Wrong padding of right length, right MAC.
    Padding,
    /// Wrong padding of right length, wrong MAC.
    Both,
    /// The last byte claims more padding than there are bytes.
    Overlong,
    /// Every byte is 0xff: padding of full length without room for a MAC.
    AllPadding,
}

/// What the client heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Steps that were completed.
    pub steps: usize,
    /// Handshakes that were completed.
    #[serde(default)]
    pub handshakes: u16,
    /// The first of them resumed a session.
    #[serde(default)]
    pub resumed: bool,
    /// The version of the last ServerHello.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The suite of the last ServerHello.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suite: Option<Suite>,
    /// The session id of the first ServerHello.
    #[serde(with = "hex_bytes", default, skip_serializing_if = "Vec::is_empty")]
    pub session_id: Vec<u8>,
    /// The last ticket, with its lifetime in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// What was said, in order, and while which step was waiting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<(usize, Word)>,
    /// Application data, at most 64 KiB.
    #[serde(with = "hex_bytes", default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<u8>,
    /// Why the client could not go on, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A NewSessionTicket of TLS 1.2 and older (RFC 5077 section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Seconds it is good for; 0: not stated.
    pub lifetime: u32,
    /// The ticket.
    #[serde(with = "hex_bytes")]
    pub ticket: Vec<u8>,
}

/// One thing the server said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "kebab-case")]
pub enum Word {
    /// A handshake message of this type.
    Handshake {
        /// See [`crate::wire::hello::message`].
        kind: u8,
    },
    /// An alert.
    Alert {
        /// 1 warning, 2 fatal.
        level: u8,
        /// See [`crate::wire::Alert`].
        description: u8,
    },
    /// ChangeCipherSpec.
    ChangeCipherSpec,
    /// Application data of this length.
    Data {
        /// In bytes.
        length: usize,
    },
    /// A heartbeat message (RFC 6520); at most 64 bytes are kept.
    Heartbeat {
        /// Its beginning.
        #[serde(with = "hex_bytes")]
        body: Vec<u8>,
        /// Its whole length.
        length: usize,
    },
    /// A record whose protection could not be undone.
    Unreadable {
        /// Its content type.
        content: u8,
        /// Its length.
        length: usize,
    },
    /// A record of another type.
    Other {
        /// Its content type.
        content: u8,
    },
}

impl Heard {
    /// The alerts, as (level, description).
    pub fn alerts(&self) -> impl Iterator<Item = (u8, u8)> + '_ {
        self.words.iter().filter_map(|(_, word)| match word {
            Word::Alert { level, description } => Some((*level, *description)),
            _ => None,
        })
    }

    /// What was said while that step or a later one was waiting.
    pub fn since(&self, step: usize) -> impl Iterator<Item = &Word> + '_ {
        self.words.iter().filter(move |(at, _)| *at >= step).map(|(_, word)| word)
    }
}

/// Bytes as hexadecimal text, for records that people open.
mod hex_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{}", Hex(bytes)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(d)?;
        let digits = text.as_bytes().chunks(2);
        let byte = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        };
        digits.map(|pair| byte(pair).ok_or_else(|| D::Error::custom("no hexadecimal"))).collect()
    }

    struct Hex<'a>(&'a [u8]);

    impl std::fmt::Display for Hex<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
}
