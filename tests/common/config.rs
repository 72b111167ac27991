//! What a simulated server is: the truth that a scan has to find.

use std::collections::BTreeMap;
use std::fmt;

use taraf_scanner::observe::Unrecognised;
use taraf_scanner::wire::suites::{Auth, Kx, Mode};
use taraf_scanner::wire::{Group, Scheme, Suite, Version};

/// The name every target of these tests has.
pub const NAME: &str = "www.example.org";

#[derive(Clone, Debug)]
pub struct Config {
    /// Oldest first.
    pub versions: Vec<Version>,
    /// For each version at least one suite, most wanted first.
    pub suites: BTreeMap<Version, Vec<Suite>>,
    pub order: Order,
    /// Most wanted first; never empty.
    pub groups13: Vec<Group>,
    pub groups_old: Vec<Group>,
    pub groups_by_server: bool,
    pub dh: Dh,
    pub ecdh_reuse: bool,
    pub keys: Keys,
    /// An ECDSA certificate is used only where the client names this curve.
    pub curve_bound: Option<Group>,
    /// Most wanted first; at least one for each key that TLS 1.3 takes as well.
    pub schemes: Vec<Scheme>,
    /// Empty: the server does not know ALPN.
    pub alpn: Vec<String>,
    pub alpn_strict: bool,
    pub names: Names,
    pub sessions: Sessions,
    pub extensions: Extensions,
    pub compression: bool,
    pub scsv: bool,
    /// `None`: it is no web server.
    pub page: Option<Page>,
    /// Heeds `supported_versions` though it has no TLS 1.3.
    pub reads_versions: bool,
    /// Records of at most so many bytes.
    pub fragment: Option<usize>,
    pub seed: u64,
    pub quirks: Quirks,
}

/// Whose order of suites counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Client,
    Server,
    /// The server's, but ChaCha20 before all where the client names it first.
    ServerButChacha,
}

#[derive(Clone)]
pub struct Dh {
    pub prime: Vec<u8>,
    pub reuse: bool,
    /// DHE only for clients that name a finite-field group (RFC 7919).
    pub needs_named: bool,
}

impl fmt::Debug for Dh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.prime.len() * 8;
        write!(f, "{bits} bits, reuse {}, needs named {}", self.reuse, self.needs_named)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Keys {
    pub rsa: bool,
    pub ecdsa: bool,
}

#[derive(Clone, Debug)]
pub struct Names {
    pub required: bool,
    pub unrecognised: Unrecognised,
    /// Warns of a name nobody serves before it goes on.
    pub warns: bool,
}

#[derive(Clone, Debug)]
pub struct Sessions {
    pub ids: bool,
    pub ids_resume: bool,
    pub tickets: bool,
    pub tickets_resume: bool,
    pub psks: u16,
    pub psks_resume: bool,
    pub early_data: bool,
}

#[derive(Clone, Debug)]
pub struct Extensions {
    pub renegotiation: bool,
    pub master_secret: bool,
    pub encrypt_then_mac: bool,
    pub point_formats: Option<Vec<u8>>,
    pub heartbeat: Option<u8>,
    pub npn: Option<Vec<String>>,
    pub staple: Option<Vec<u8>>,
    pub scts: Option<Vec<u8>>,
    pub fragment_length: bool,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub status: u16,
    pub hsts: Option<u64>,
}

/// How a server turns something down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    Alert(u8),
    Close,
    Reset,
    Silence,
}

/// What is wrong with the server. The default: nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Quirks {
    /// Longest hello message it takes.
    pub most_hello: Option<usize>,
    /// Most suites in a hello.
    pub most_suites: Option<usize>,
    pub no_grease: bool,
    pub no_unknown_extension: bool,
    /// Minds hellos that offer TLS 1.3, which it does not have.
    pub no_tls13: bool,
    /// Minds an empty `key_share`.
    pub no_empty_share: bool,
    /// Never sends a HelloRetryRequest: takes a group only with its share.
    pub never_retries: bool,
    /// What becomes of a hello it minds; `None`: an alert `decode_error`.
    pub minds_by: Option<Reaction>,
    /// What becomes of a hello it has nothing for; `None`: the alert that fits.
    pub refuses_by: Option<Reaction>,
    /// Chooses DHE suites and then finds it has no parameters: `internal_error`.
    pub no_dh_parameters: bool,
    /// Closes so many of 100 connections by chance.
    pub flaky: u8,
    /// Connections at once; others are closed.
    pub at_once: Option<usize>,
    /// New connections in a second; others are reset.
    pub per_second: Option<usize>,
    /// Never answers an SSL 2.0 hello.
    pub silent_to_ssl2: bool,
}

impl fmt::Debug for Quirks {
    /// Only what is wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = [
            ("no GREASE", self.no_grease),
            ("no unknown extension", self.no_unknown_extension),
            ("no TLS 1.3 hello", self.no_tls13),
            ("no empty key_share", self.no_empty_share),
            ("never retries", self.never_retries),
            ("no DH parameters", self.no_dh_parameters),
            ("silent to SSL 2.0", self.silent_to_ssl2),
        ];
        let numbers = [
            ("longest hello", self.most_hello),
            ("most suites", self.most_suites),
            ("at once", self.at_once),
            ("per second", self.per_second),
            ("flaky", Some(self.flaky.into()).filter(|n| *n > 0)),
        ];
        let mut set = f.debug_set();
        set.entries(flags.iter().filter(|(_, is)| *is).map(|(name, _)| name));
        set.entries(numbers.iter().filter_map(|(name, n)| n.map(|n| (name, n))));
        set.entries(
            [("minds by", self.minds_by), ("refuses by", self.refuses_by)]
                .iter()
                .filter(|(_, by)| by.is_some()),
        );
        set.finish()
    }
}

impl Config {
    pub fn has(&self, version: Version) -> bool {
        self.versions.contains(&version)
    }

    pub fn suites(&self, version: Version) -> &[Suite] {
        self.suites.get(&version).map_or(&[], Vec::as_slice)
    }

    /// The newest version of SSL 3.0 to TLS 1.2.
    pub fn newest_old(&self) -> Option<Version> {
        self.old_versions().max()
    }

    pub fn old_versions(&self) -> impl Iterator<Item = Version> + '_ {
        self.versions.iter().copied().filter(|v| (Version::SSL3..=Version::TLS12).contains(v))
    }

    /// The certificates sent with a key: leaf and issuer. `name` is false for the default one.
    pub fn chain(key: Key, name: bool) -> Vec<Vec<u8>> {
        let leaf = format!("leaf of {key:?} for {}", if name { NAME } else { "others" });
        let issuer = format!("issuer of {key:?}");
        [leaf, issuer].map(|text| [vec![0x30, 0x80], text.into_bytes()].concat()).to_vec()
    }

    /// What the quirks leave of the configuration: what is listed but cannot be done is not there.
    pub fn effective(&self) -> Self {
        let mut config = self.clone();
        if self.quirks.no_dh_parameters {
            config.suites.values_mut().for_each(|list| list.retain(|s| !is_dhe(*s)));
            config.suites.retain(|_, list| !list.is_empty());
            config.versions.retain(|v| config.suites.contains_key(v));
        }
        config
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Rsa,
    Ecdsa,
}

pub fn is_chacha(suite: Suite) -> bool {
    suite.info().is_some_and(|i| i.mode == Mode::Poly1305)
}

/// Finite fields with a fresh key.
pub fn is_dhe(suite: Suite) -> bool {
    kx(suite).is_some_and(|kx| matches!(kx, Kx::Dhe | Kx::DheExport | Kx::DhePsk))
}

/// Elliptic curves with a fresh key, in TLS 1.2 and older.
pub fn is_ecdhe(suite: Suite) -> bool {
    kx(suite).is_some_and(|kx| matches!(kx, Kx::Ecdhe | Kx::EcdhePsk))
}

pub fn is_cbc(suite: Suite) -> bool {
    suite.info().is_some_and(|i| i.mode == Mode::Cbc)
}

/// The key whose certificate goes with a suite of TLS 1.2 and older.
pub fn key_of(suite: Suite) -> Option<Key> {
    let info = suite.info()?;
    match (info.auth, info.kx) {
        (Auth::Rsa, _) | (_, Kx::RsaPsk) => Some(Key::Rsa),
        (Auth::Ecdsa, _) => Some(Key::Ecdsa),
        _ => None,
    }
}

/// The key that signs the key exchange of a suite of TLS 1.2 and older.
pub fn signer_of(suite: Suite) -> Option<Key> {
    let signed = matches!(kx(suite)?, Kx::Dhe | Kx::DheExport | Kx::Ecdhe | Kx::RsaExport);
    if signed { key_of(suite) } else { None }
}

/// The key that a scheme is for.
pub fn key_for(scheme: Scheme) -> Option<Key> {
    match scheme.0 {
        0x0804..=0x0806 => Some(Key::Rsa),
        0x081a..=0x081c => Some(Key::Ecdsa),
        n if n >> 8 > 6 => None,
        n if n & 0xff == 1 => Some(Key::Rsa),
        n if n & 0xff == 3 => Some(Key::Ecdsa),
        _ => None,
    }
}

fn kx(suite: Suite) -> Option<Kx> {
    suite.info().map(|i| i.kx)
}
