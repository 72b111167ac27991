//! Known clients and what they offer. The table in `data/clients.csv` holds facts decoded from
//! hellos that SSL Labs (`getClients`) and others published: numbers in hex as on the wire, but
//! groups and sizes decimal; reserved values (GREASE, RFC 8701) are left out and only marked.
//!
//! The columns: `id`, never given twice; `name`, `version`, `platform`; `ssllabs`, whether SSL Labs
//! simulates it (`s`), and counts it for forward secrecy (`r`); `current`, whether it is in use
//! today (`c`); `lowest` and `highest` version it goes on with;
//! `hello`, TLS or the form of SSL 2.0; `sni` and `grease`, whether it sends them; `versions`,
//! `suites`, `groups` (`-`: no such extension), `shares`, `schemes`, `alpn` in its order; least and
//! most bits of Diffie-Hellman primes, RSA keys and curves it goes on with; `hash`, whether
//! certificates have to be signed with SHA-2.

use std::sync::LazyLock;

use crate::wire::groups::GroupKind;
use crate::wire::suites::{self, Cipher, SuiteInfo};
use crate::wire::{Group, Scheme, Suite, Version};

/// The table as text; its first line names the columns.
const CSV: &str = include_str!("../../data/clients.csv");

/// The table, in the order of the ids. Parsed once, at first use: every grade looks at all of it.
static TABLE: LazyLock<Vec<Client>> = LazyLock::new(|| {
    let mut table: Vec<_> = rows().filter_map(parse).collect();
    // The file is sorted, but the look-up below must not be wrong if an edit breaks that.
    table.sort_unstable_by_key(|client| client.id);
    table
});

/// A known client and what it offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its number in this table, a promise: never changed, never given to another client.
    pub id: u16,
    /// All of its name, for instance `Chrome 49 / XP SP3`.
    pub label: String,
    /// The product.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What it runs on, where that makes a difference.
    pub platform: Option<&'static str>,
    /// What it is to SSL Labs.
    pub ssllabs: SslLabs,
    /// It is in use today.
    pub current: bool,
    /// How its hello is written.
    pub format: Format,
    /// The oldest version it goes on with.
    pub lowest: Version,
    /// The newest version it speaks.
    pub highest: Version,
    /// Its `supported_versions` (RFC 8446 section 4.2.1), drafts among them; empty: not sent.
    pub versions: Vec<Version>,
    /// Its suites, signals left out, most wanted first.
    pub suites: Vec<Suite>,
    /// Signals it sends among its suites, for instance that it renegotiates securely (RFC 5746).
    pub signals: Vec<Suite>,
    /// Its groups, most wanted first; `None`: the extension is not sent (RFC 8422 section 5.1.1).
    pub groups: Option<Vec<Group>>,
    /// The groups of its key shares in TLS 1.3.
    pub shares: Vec<Group>,
    /// Its signature schemes, or hash and signature pairs; empty: not sent.
    pub schemes: Vec<Scheme>,
    /// Its application protocols by ALPN; empty: not sent.
    pub alpn: Vec<&'static str>,
    /// It sends the server name.
    pub sends_name: bool,
    /// It sends reserved values (GREASE, RFC 8701).
    pub sends_grease: bool,
    /// Bits of a Diffie-Hellman prime it goes on with.
    pub dh: Limits,
    /// Bits of an RSA key it goes on with.
    pub rsa: Limits,
    /// Bits of a certificate's curve it goes on with.
    pub ec: Limits,
    /// It wants certificates signed with SHA-2 or better.
    pub wants_sha2: bool,
    /// Derived from the above, for the simulation.
    pub(super) offer: Offer,
}

/// What a client is to SSL Labs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SslLabs {
    /// It is not simulated, or no longer.
    Absent,
    /// It is simulated.
    Simulated,
    /// It is simulated, or was lately, and counts for forward secrecy.
    Reference,
}

/// How a hello is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// As TLS writes it.
    Tls,
    /// As SSL 2.0 wrote it, which servers of newer versions may understand (RFC 5246 appendix
    /// E.2).
    Ssl2,
}

/// The least and the most of something, where there is a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The least.
    pub least: Option<u32>,
    /// The most.
    pub most: Option<u32>,
}

impl Limits {
    /// True if it is within.
    #[must_use]
    pub fn allow(self, size: u32) -> bool {
        self.least.is_none_or(|least| size >= least) && self.most.is_none_or(|most| size <= most)
    }
}

/// What the simulation asks of a client again and again, worked out once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// The places of its suites in the table of suites, in its order.
    pub places: Vec<u16>,
    /// The same as a set.
    pub set: PlaceSet,
    /// Its first suite is a ChaCha20 one.
    pub chacha_first: bool,
    /// It names a finite-field group.
    pub names_ff: bool,
    /// It offers TLS 1.3 in a form that a server of today takes.
    pub tls13: bool,
    /// Kinds of signature it takes in TLS 1.2: by RSA, DSA and elliptic curve. All of them if it
    /// does not say.
    pub signed: [bool; 3],
}

/// A set of places in the table of suites.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PlaceSet([u64; 8]);

impl PlaceSet {
    /// Puts one in.
    pub fn insert(&mut self, place: u16) {
        if let Some(word) = self.0.get_mut(usize::from(place / 64)) {
            *word |= 1 << (place % 64);
        }
    }

    /// True if it is in.
    pub fn contains(&self, place: u16) -> bool {
        self.0.get(usize::from(place / 64)).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

/// The place of a suite in the table of suites.
pub(super) fn place(suite: Suite) -> Option<u16> {
    let place = suites::all().binary_search_by_key(&suite, |info| info.suite).ok()?;
    u16::try_from(place).ok()
}

/// The suite at a place of the table of suites.
pub(super) fn at(place: u16) -> Option<&'static SuiteInfo> {
    suites::all().get(usize::from(place))
}

/// Every known client, in the order of the ids.
#[must_use]
pub fn all() -> &'static [Client] {
    &TABLE
}

/// The client of that id.
#[must_use]
pub fn find(id: u16) -> Option<&'static Client> {
    let table = all();
    let index = table.binary_search_by_key(&id, |client| client.id).ok()?;
    table.get(index)
}

impl Client {
    /// True if it is one of those by which forward secrecy is robust. Those in use today are, as
    /// SSL Labs has added none of late (our judgement).
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.ssllabs == SslLabs::Reference || self.current
    }

    /// True if rules look at what comes of its hello. SSL Labs has taken old clients off its list
    /// and they no longer cost a grade, as recorded results show.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.ssllabs != SslLabs::Absent || self.current
    }

    /// The versions a server may see offered, newest first: by the extension and, for servers that
    /// do not know it, by the version field, which promises all older ones (RFC 8446 section
    /// 4.2.1).
    pub(super) fn offered(&self) -> impl DoubleEndedIterator<Item = Version> + '_ {
        // An SSL 2.0 hello offers that version too, by its kinds of cipher.
        let oldest = if self.format == Format::Ssl2 { Version::SSL2 } else { Version::SSL3 };
        Version::ALL.into_iter().rev().filter(move |version| {
            if *version == Version::TLS13 {
                self.offer.tls13
            } else {
                (oldest..=self.highest).contains(version)
            }
        })
    }
}

/// The lines of the table that hold a client.
fn rows() -> impl Iterator<Item = &'static str> {
    CSV.lines().skip(1).filter(|line| !line.is_empty())
}

/// One line of the table. A malformed one is no client rather than a panic in the scanner; the
/// tests see to it that there is none.
fn parse(line: &'static str) -> Option<Client> {
    let mut fields = line.split(',');
    let id = fields.next()?.parse().ok()?;
    let (name, version, platform) = (fields.next()?, fields.next()?, fields.next()?);
    let platform = (!platform.is_empty()).then_some(platform);
    let label = match platform {
        Some(platform) => format!("{name} {version} / {platform}"),
        None => format!("{name} {version}"),
    };
    let mut client = Client {
        id,
        label,
        name,
        version,
        platform,
        ssllabs: match fields.next()? {
            "-" => SslLabs::Absent,
            "s" => SslLabs::Simulated,
            "r" => SslLabs::Reference,
            _ => return None,
        },
        current: flag(fields.next()?, "c")?,
        lowest: hex16(fields.next()?).map(Version)?,
        highest: hex16(fields.next()?).map(Version)?,
        format: match fields.next()? {
            "tls" => Format::Tls,
            "ssl2" => Format::Ssl2,
            _ => return None,
        },
        sends_name: flag(fields.next()?, "name")?,
        sends_grease: flag(fields.next()?, "grease")?,
        versions: list(fields.next()?, |word| hex16(word).map(Version))?,
        suites: list(fields.next()?, |word| u32::from_str_radix(word, 16).ok().map(Suite))?,
        signals: Vec::new(),
        groups: match fields.next()? {
            "-" => None,
            words => Some(list(words, decimal_group)?),
        },
        shares: list(fields.next()?, decimal_group)?,
        schemes: list(fields.next()?, |word| hex16(word).map(Scheme))?,
        alpn: list(fields.next()?, Some)?,
        dh: Limits { least: bits(fields.next()?)?, most: bits(fields.next()?)? },
        rsa: Limits { least: bits(fields.next()?)?, most: bits(fields.next()?)? },
        ec: Limits { least: bits(fields.next()?)?, most: None },
        wants_sha2: flag(fields.next()?, "sha2")?,
        offer: Offer::default(),
    };
    // A signal is no suite; a place is found for whatever is.
    (client.signals, client.suites) = client.suites.iter().partition(|suite| {
        [Suite::EMPTY_RENEGOTIATION_INFO_SCSV, Suite::FALLBACK_SCSV].contains(suite)
    });
    client.offer = derive(&client);
    fields.next().is_none().then_some(client)
}

/// What follows from the columns.
fn derive(client: &Client) -> Offer {
    let places: Vec<u16> = client.suites.iter().filter_map(|suite| place(*suite)).collect();
    let mut set = PlaceSet::default();
    for place in &places {
        set.insert(*place);
    }
    let first = client.suites.first().and_then(|suite| suite.info());
    let groups = client.groups.iter().flatten().filter_map(|group| group.info());
    // The low byte of a pair is the signature: 1 RSA, 2 DSA, 3 ECDSA; the schemes of TLS 1.3 have
    // names of their own (RFC 8446 section 4.2.3).
    let signed = |low: u16, new: &[Scheme]| {
        let schemes = &client.schemes;
        let fits = |scheme: &Scheme| scheme.0 & 0xff == low && scheme.0 < 0x0700;
        schemes.is_empty() || schemes.iter().any(|scheme| fits(scheme) || new.contains(scheme))
    };
    let pss =
        [Scheme::RSA_PSS_RSAE_SHA256, Scheme::RSA_PSS_RSAE_SHA384, Scheme::RSA_PSS_RSAE_SHA512];
    Offer {
        places,
        set,
        chacha_first: first.is_some_and(|info| info.cipher == Cipher::Chacha20),
        names_ff: groups.clone().any(|info| info.kind == GroupKind::Ff),
        tls13: client.versions.contains(&Version::TLS13),
        signed: [signed(1, &pss), signed(2, &[]), signed(3, &[])],
    }
}

/// The words of a list, each read; empty for an empty one.
fn list<T>(words: &'static str, read: impl Fn(&'static str) -> Option<T>) -> Option<Vec<T>> {
    words.split_ascii_whitespace().map(read).collect()
}

fn hex16(word: &str) -> Option<u16> {
    u16::from_str_radix(word, 16).ok()
}

fn decimal_group(word: &str) -> Option<Group> {
    word.parse().ok().map(Group)
}

/// A limit; none if nothing is written.
fn bits(word: &str) -> Option<Option<u32>> {
    if word.is_empty() { Some(None) } else { word.parse().ok().map(Some) }
}

/// A word or a dash.
fn flag(word: &str, yes: &str) -> Option<bool> {
    match word {
        "-" => Some(false),
        word if word == yes => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_row_is_skipped() {
        for line in rows() {
            assert!(parse(line).is_some(), "{line}");
        }
        assert_eq!(rows().count(), all().len());
        assert_eq!(all().len(), 177);
    }

    #[test]
    fn ids_and_names_are_unique_and_found() {
        let ids: Vec<_> = rows().filter_map(parse).map(|client| client.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        let labels: HashSet<_> = all().iter().map(|client| &client.label).collect();
        assert_eq!(labels.len(), all().len());
        for client in all() {
            assert_eq!(find(client.id).map(|it| &it.label), Some(&client.label));
        }
        assert_eq!(find(0), None);
    }

    #[test]
    fn every_number_is_known() {
        for client in all() {
            let label = &client.label;
            assert!(!client.suites.is_empty(), "{label}");
            // A suite without a place could never be chosen.
            assert_eq!(client.offer.places.len(), client.suites.len(), "{label}");
            for place in &client.offer.places {
                assert!(client.offer.set.contains(*place), "{label}");
            }
            for group in client.groups.iter().flatten().chain(&client.shares) {
                assert!(group.info().is_some(), "{label}: {group}");
            }
            let ssl2 = client.suites.iter().any(|suite| suite.is_ssl2());
            assert_eq!(ssl2, client.format == Format::Ssl2, "{label}");
        }
    }

    #[test]
    fn what_is_said_twice_agrees() {
        for client in all() {
            let label = &client.label;
            assert!(client.lowest <= client.highest, "{label}");
            assert!(Version::ALL.contains(&client.lowest), "{label}");
            assert!(Version::ALL.contains(&client.highest), "{label}");
            let offers = |version| client.offered().any(|it| it == version);
            assert!(offers(client.lowest) || client.lowest == Version::SSL2, "{label}");
            for share in &client.shares {
                assert!(client.groups.iter().flatten().any(|it| it == share), "{label}: {share}");
            }
            let suites13 = client.suites.iter().filter_map(|suite| suite.info());
            let suites13 = suites13.filter(|info| info.fits(Version::TLS13)).count();
            assert!(!client.offer.tls13 || suites13 > 0, "{label}");
            assert!(client.shares.is_empty() || !client.versions.is_empty(), "{label}");
            assert!(client.versions.is_empty() || client.highest == Version::TLS13, "{label}");
        }
    }

    #[test]
    fn reference_clients_are_those_of_ssl_labs_and_of_today() {
        let named = |wanted: fn(&Client) -> bool| -> HashSet<&str> {
            all().iter().filter(|it| wanted(it)).map(|it| it.label.as_str()).collect()
        };
        let ssllabs = named(|it| it.ssllabs == SslLabs::Reference);
        assert_eq!(ssllabs.len(), 24);
        for label in ["Apple ATS 9 / iOS 9", "Firefox 62 / Win 7", "OpenSSL 1.0.2e"] {
            assert!(ssllabs.contains(label), "{label}");
        }
        let current = named(|it| it.current);
        assert_eq!(current.len(), 20);
        for label in ["Chromium 137 / Win 11", "Android 15/16 / native", "OpenSSL 4.0.0 / git"] {
            assert!(current.contains(label), "{label}");
        }
        assert_eq!(named(Client::is_reference).len(), 44);
        let counted = named(Client::counts);
        assert!(counted.contains("IE 8 / XP") && counted.contains("Googlebot Feb 2018"));
        assert!(!counted.contains("Googlebot Feb 2015") && !counted.contains("Chrome 27 / Win 7"));
    }

    #[test]
    fn spot_values() {
        let of = |label: &str| all().iter().find(|it| it.label == label).unwrap();
        let old = of("IE 6 / XP");
        assert_eq!((old.format, old.sends_name, old.lowest), (Format::Ssl2, false, Version::SSL2));
        assert!(old.offered().eq([Version::SSL3, Version::SSL2]));
        let strict = of("Apple ATS 9 / iOS 9");
        assert!(strict.rsa.allow(2048) && !strict.rsa.allow(2047) && !strict.rsa.allow(8193));
        assert!(strict.wants_sha2 && !strict.ec.allow(224));
        let java = of("Java 7u25");
        assert!(java.dh.allow(1024) && !java.dh.allow(1025) && java.dh.allow(1));
        // A draft of TLS 1.3 is not TLS 1.3.
        assert!(of("Firefox 62 / Win 7").offered().eq([
            Version::TLS12,
            Version::TLS11,
            Version::TLS10,
            Version::SSL3
        ]));
        let new = of("Chromium 137 / Win 11");
        assert!(new.offer.tls13 && new.sends_grease);
        assert_eq!(new.shares, [Group::X25519MLKEM768, Group::X25519]);
        assert_eq!(new.offer.signed, [true, false, true]);
        assert!(of("Firefox 53 / Win 7").offer.names_ff);
        assert_eq!(of("OpenSSL 0.9.8y").groups, None);
    }

    #[test]
    fn a_malformed_row_is_skipped() {
        let sound = "9,A,1,,-,-,0301,0303,tls,name,-,,002f,-,,,,,,,,,-";
        assert!(parse(sound).is_some());
        for spoilt in [
            "",
            "9,A,1",
            "x,A,1,,-,-,0301,0303,tls,name,-,,002f,-,,,,,,,,,-",
            "9,A,1,,x,-,0301,0303,tls,name,-,,002f,-,,,,,,,,,-",
            "9,A,1,,-,-,0301,TLS12,tls,name,-,,002f,-,,,,,,,,,-",
            "9,A,1,,-,-,0301,0303,dtls,name,-,,002f,-,,,,,,,,,-",
            "9,A,1,,-,-,0301,0303,tls,name,-,,00zz,-,,,,,,,,,-",
            "9,A,1,,-,-,0301,0303,tls,name,-,,002f,x,,,,,,,,,-",
            "9,A,1,,-,-,0301,0303,tls,name,-,,002f,-,,,,few,,,,,-",
            "9,A,1,,-,-,0301,0303,tls,name,-,,002f,-,,,,,,,,,-,",
        ] {
            assert_eq!(parse(spoilt), None, "{spoilt}");
        }
    }
}
