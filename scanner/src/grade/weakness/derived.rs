//! Weaknesses that follow from other facts: versions, suites, groups, extensions, headers. No
//! question was put for their sake.

use serde::Serialize;

use super::{Finding, Said, Weakness, name, text, untested};
use crate::grade::facts::{Facts, any, known};
use crate::grade::needs;
use crate::grade::rules::common::{OLD, is_block64, is_tls_cbc, list, open, plain, poodle, suites};
use crate::grade::simulate::{Handshake, Outcome};
use crate::observe::{AlpnMismatch, Dh, Seen, Unrecognised, Why};
use crate::wire::suites::{Cipher, Kx, SuiteInfo};
use crate::wire::{Group, Suite, Version};

/// The suites that came with the patch for CVE-2014-6321 (Microsoft KB 2992611).
const WITH_MS14_066: [Suite; 4] = [Suite(0x9c), Suite(0x9d), Suite(0x9e), Suite(0x9f)];

/// The largest finite-field group that is within reach of a state (Logjam), in bits.
const WITHIN_REACH: u16 = 1024;

/// The bits of the export suites whose key exchange has at most 512; that of EXPORT1024 may have
/// twice as many.
const EXPORT: u16 = 40;

/// The table.
pub(super) const TABLE: &[Weakness] = &[
    Weakness {
        id: "poodle",
        name: name("POODLE (SSL 3.0)"),
        cve: Some("CVE-2014-3566"),
        check: ssl3_poodle,
    },
    Weakness {
        id: "freak",
        name: name("FREAK"),
        cve: Some("CVE-2015-0204"),
        check: |facts| {
            let such = |version: Version, info: &SuiteInfo| {
                version > Version::SSL2 && info.kx == Kx::RsaExport && info.bits == EXPORT
            };
            offered(
                facts,
                such,
                Finding::Vulnerable,
                "tiada sut sifer RSA eksport",
                "no RSA export suites",
            )
        },
    },
    Weakness { id: "logjam", name: name("Logjam"), cve: Some("CVE-2015-4000"), check: logjam },
    Weakness { id: "sweet32", name: name("Sweet32"), cve: Some("CVE-2016-2183"), check: sweet32 },
    Weakness {
        id: "rc4",
        name: name("RC4"),
        cve: Some("CVE-2013-2566"),
        check: |facts| {
            let such = |_: Version, info: &SuiteInfo| info.cipher == Cipher::Rc4;
            offered(facts, such, Finding::Vulnerable, "tiada sut sifer RC4", "no RC4 suites")
        },
    },
    Weakness {
        id: "beast",
        name: name("BEAST"),
        cve: Some("CVE-2011-3389"),
        check: |facts| {
            let such = |version: Version, info: &SuiteInfo| {
                info.is_cbc() && matches!(version, Version::SSL3 | Version::TLS10)
            };
            let potential = |_| {
                Finding::Potential(Said::new(
                    "CBC dengan TLS 1.0 atau SSL 3.0; pelayar web semasa menghalangnya sendiri",
                    "CBC with TLS 1.0 or SSL 3.0; current browsers prevent it on their side",
                ))
            };
            offered(
                facts,
                such,
                potential,
                "tiada CBC dalam TLS 1.0 dan SSL 3.0",
                "no CBC in TLS 1.0 and SSL 3.0",
            )
        },
    },
    Weakness {
        id: "lucky13",
        name: name("LUCKY13"),
        cve: Some("CVE-2013-0169"),
        check: |facts| {
            let potential = |_| {
                Finding::Potential(Said::new(
                    "sut sifer CBC ditawarkan; perbezaan masa tidak dapat dinilai dari luar",
                    "CBC suites are offered; differences in time cannot be judged from outside",
                ))
            };
            offered(facts, is_tls_cbc, potential, "tiada sut sifer CBC", "no CBC suites")
        },
    },
    Weakness {
        id: "crime",
        name: name("CRIME"),
        cve: Some("CVE-2012-4929"),
        check: |facts| {
            let old = facts.speaks_any(&OLD);
            match (&facts.endpoint.compression.seen, old) {
                (Seen::Yes { .. }, _) => Finding::Vulnerable(Said::new(
                    "pemampatan TLS ditawarkan",
                    "TLS compression is offered",
                )),
                (Seen::No, _) => {
                    Finding::NotVulnerable(Said::new("tiada pemampatan TLS", "no TLS compression"))
                }
                (_, Some(false)) => Finding::NotVulnerable(needs::old_version(facts).absent.into()),
                (Seen::Unknown { why }, _) => untested(*why),
            }
        },
    },
    Weakness { id: "breach", name: name("BREACH"), cve: Some("CVE-2013-3587"), check: breach },
    Weakness {
        id: "fallback-scsv",
        name: text("Penurunan versi (TLS_FALLBACK_SCSV)", "Downgrade (TLS_FALLBACK_SCSV)"),
        cve: None,
        check: fallback,
    },
    Weakness { id: "raccoon", name: name("Raccoon"), cve: Some("CVE-2020-1968"), check: raccoon },
    Weakness {
        id: "winshock",
        name: name("WinShock"),
        cve: Some("CVE-2014-6321"),
        check: |facts| match winshock(facts) {
            Winshock::Signs(server) => Finding::Potential(Said::new(
                format!("{}, tanpa sut sifer GCM daripada tampalan MS14-066", plain(&server)),
                format!("{}, without the GCM suites of the patch MS14-066", plain(&server)),
            )),
            Winshock::None(said) => Finding::NotVulnerable(said),
            Winshock::Unknown(Why::NotApplicable) => Finding::NotTestable {
                why: Some(Why::NotApplicable),
                because: Said::new(
                    "tiada tanda daripada pelayan: nama perisian atau sut sifer RSA dan DHE",
                    "the server gives no sign: no name of its software, or no RSA and DHE suites",
                ),
            },
            Winshock::Unknown(why) => untested(why),
        },
    },
    Weakness { id: "alpaca", name: name("ALPACA"), cve: Some("CVE-2021-3618"), check: alpaca },
    Weakness {
        id: "early-data-replay",
        name: text("Permintaan 0-RTT berulang", "Replay of 0-RTT requests"),
        cve: None,
        check: |facts| match (
            &facts.endpoint.session.early_data.seen,
            facts.speaks_any(&[Version::TLS13]),
        ) {
            (_, Some(false)) => Finding::NotVulnerable(Said::new("tiada TLS 1.3", "no TLS 1.3")),
            (Seen::Yes { .. }, _) => Finding::Potential(Said::new(
                "0-RTT diterima; aplikasi perlu menolak permintaan berulang",
                "0-RTT is accepted; the application has to refuse repeated requests",
            )),
            (Seen::No, _) => {
                Finding::NotVulnerable(Said::new("0-RTT tidak diterima", "0-RTT is not accepted"))
            }
            (Seen::Unknown { why }, _) => untested(*why),
        },
    },
    Weakness {
        id: "weak-random",
        name: text("Nombor rawak berulang", "Repeated randoms"),
        cve: None,
        check: |facts| match &facts.endpoint.randoms.repeated.seen {
            Seen::Yes { .. } => Finding::Vulnerable(Said::new(
                "nombor rawak pelayan yang sama muncul dalam beberapa sambungan",
                "the same server random came in several connections",
            )),
            Seen::No => Finding::NotVulnerable(Said::new(
                "nombor rawak tidak pernah berulang",
                "no random came twice",
            )),
            Seen::Unknown { why } => untested(*why),
        },
    },
];

/// There if such suites are offered, with their names; not there for the reason given if not.
fn offered(
    facts: &Facts,
    such: impl Fn(Version, &SuiteInfo) -> bool + Copy,
    there: impl FnOnce(Said) -> Finding,
    ms: &'static str,
    en: &'static str,
) -> Finding {
    match facts.offers(such) {
        Some(true) => {
            let names = suites(facts, such);
            there(Said::new(names.clone(), names))
        }
        Some(false) => Finding::NotVulnerable(Said::new(ms, en)),
        None => untested(open(facts)),
    }
}

/// SSL 3.0 with CBC. Where the server decides and puts another suite first, only clients that have
/// nothing else get it.
fn ssl3_poodle(facts: &Facts) -> Finding {
    let such = |version: Version, info: &SuiteInfo| version == Version::SSL3 && info.is_cbc();
    let there = |names: Said| match poodle(facts) {
        Some(true) => Finding::Vulnerable(names),
        Some(false) => Finding::Potential(Said::new(
            format!("{}; pelayan mengutamakan sut sifer lain", names.ms),
            format!("{}; the server prefers another suite", names.en),
        )),
        None => untested(open(facts)),
    };
    offered(facts, such, there, "tiada SSL 3.0 dengan CBC", "no SSL 3.0 with CBC")
}

/// Finite-field Diffie-Hellman for export, or with groups that are small, above all if many servers
/// share them.
fn logjam(facts: &Facts) -> Finding {
    let dhe = |version: Version, info: &SuiteInfo| {
        version > Version::SSL2 && matches!(info.kx, Kx::Dhe | Kx::DheExport | Kx::DhePsk)
    };
    let export = |version: Version, info: &SuiteInfo| {
        dhe(version, info) && info.kx == Kx::DheExport && info.bits == EXPORT
    };
    if facts.offers(export) == Some(true) {
        let names = suites(facts, export);
        return Finding::Vulnerable(Said::new(names.clone(), names));
    }
    let seen = &facts.endpoint.dh;
    let worst = |such: fn(&Dh) -> bool| seen.iter().filter(|dh| such(dh)).min_by_key(|dh| dh.bits);
    let told = |dh: &Dh| match &dh.known_as {
        Some(name) => format!("{} bit, {}", dh.bits, plain(name)),
        None => format!("{} bit", dh.bits),
    };
    if let Some(dh) =
        worst(|dh| dh.bits < WITHIN_REACH || (dh.bits == WITHIN_REACH && dh.known_as.is_some()))
    {
        let told = told(dh);
        return Finding::Vulnerable(Said::new(
            format!("kumpulan Diffie-Hellman {told}"),
            format!("Diffie-Hellman group of {told}"),
        ));
    }
    if let Some(dh) = worst(|dh| dh.bits <= WITHIN_REACH) {
        let told = told(dh);
        return Finding::Potential(Said::new(
            format!("kumpulan Diffie-Hellman {told}, yang tidak dikongsi umum"),
            format!("Diffie-Hellman group of {told}, shared by no server that is known"),
        ));
    }
    let unsized_one = |version: Version, info: &SuiteInfo| {
        dhe(version, info) && facts.dh(version, info.suite).is_none()
    };
    match (facts.offers(dhe), facts.offers(unsized_one)) {
        (Some(false), _) => {
            Finding::NotVulnerable(Said::new("tiada sut sifer DHE", "no DHE suites"))
        }
        (_, Some(false)) => {
            let told = list(seen.iter().map(told));
            Finding::NotVulnerable(Said::new(
                format!("kumpulan Diffie-Hellman {told}"),
                format!("Diffie-Hellman groups: {told}"),
            ))
        }
        (_, Some(true)) => untested(Why::NotAsked),
        (_, None) => untested(open(facts)),
    }
}

/// Blocks of 64 bits: there if a known client uses them, potential if they are merely offered.
fn sweet32(facts: &Facts) -> Finding {
    let such = |version: Version, info: &SuiteInfo| version > Version::SSL2 && is_block64(info);
    let uses = |it: &&Handshake| match &it.outcome {
        Outcome::Connects { suite, .. } => suite.info().is_some_and(is_block64),
        _ => false,
    };
    let users = facts.clients.handshakes.iter().filter(uses).map(|it| it.client);
    let users: Vec<_> = users.collect();
    let there = |names: Said| {
        if users.is_empty() {
            return Finding::Potential(Said::new(
                format!("{}; tiada klien yang dikenali menggunakannya", names.ms),
                format!("{}; no known client uses them", names.en),
            ));
        }
        let users = list(&users);
        Finding::Vulnerable(Said::new(
            format!("{}; digunakan oleh {users}", names.ms),
            format!("{}; used by {users}", names.en),
        ))
    };
    offered(facts, such, there, "tiada sifer blok 64 bit", "no ciphers with 64-bit blocks")
}

/// Compressed pages: the rest of BREACH is a matter of what stands in them.
fn breach(facts: &Facts) -> Finding {
    if let Some(absent) = needs::absent(&needs::http(facts)) {
        return Finding::NotVulnerable(absent.into());
    }
    match &facts.endpoint.flaws.breach.seen {
        Seen::Yes { value } => {
            let how = plain(value);
            Finding::Potential(Said::new(
                format!("halaman termampat ({how}); isi halaman tidak dapat dinilai dari luar"),
                format!(
                    "pages come compressed ({how}); what is in them cannot be judged from outside"
                ),
            ))
        }
        Seen::No => Finding::NotVulnerable(Said::new(
            "halaman tidak dimampatkan",
            "pages do not come compressed",
        )),
        Seen::Unknown { why: Why::NotApplicable } => Finding::NotTestable {
            why: Some(Why::NotApplicable),
            because: Said::new(
                "laman utama memberi ralat atau menghala ke tempat lain",
                "the front page is an error or leads elsewhere",
            ),
        },
        Seen::Unknown { why } => untested(*why),
    }
}

/// The signal against downgrade; of use where there are several old versions.
fn fallback(facts: &Facts) -> Finding {
    let spoken = OLD.map(|version| known(&facts.spoken(version)));
    let several = spoken.iter().filter(|it| **it == Some(true)).count() > 1;
    let open_still = spoken.contains(&None);
    match &facts.endpoint.fallback_scsv.seen {
        Seen::Yes { .. } => Finding::NotVulnerable(Said::new(
            "penurunan versi ditolak (RFC 7507)",
            "a downgrade is refused (RFC 7507)",
        )),
        _ if !several && !open_still => Finding::NotVulnerable(Said::new(
            "tiada versi lama untuk diturunkan",
            "there is no older version to fall back on",
        )),
        Seen::No if several => Finding::Vulnerable(Said::new(
            "sambungan yang diturunkan versinya diterima",
            "a downgraded connection is taken",
        )),
        Seen::No => untested(open(facts)),
        Seen::Unknown { why } => untested(*why),
    }
}

/// Diffie-Hellman values that are used again; whether the time it takes tells anything cannot be
/// decided from outside.
fn raccoon(facts: &Facts) -> Finding {
    let fresh = |version: Version, info: &SuiteInfo| {
        version > Version::SSL2 && matches!(info.kx, Kx::Dhe | Kx::DheExport | Kx::DhePsk)
    };
    let fixed = |version: Version, info: &SuiteInfo| version > Version::SSL2 && info.kx == Kx::Dh;
    if facts.offers(fixed) == Some(true) {
        let names = suites(facts, fixed);
        return Finding::Potential(Said::new(
            format!("kunci Diffie-Hellman tetap: {names}"),
            format!("static Diffie-Hellman keys: {names}"),
        ));
    }
    match (any([facts.offers(fresh), facts.offers(fixed)]), &facts.endpoint.reuse.dh.seen) {
        (Some(false), _) => {
            Finding::NotVulnerable(Said::new("tiada sut sifer DH atau DHE", "no DH or DHE suites"))
        }
        (_, Seen::Yes { .. }) => Finding::Potential(Said::new(
            "nilai awam DHE digunakan semula; perbezaan masa tidak dapat dinilai dari luar",
            "DHE public values are reused; differences in time cannot be judged from outside",
        )),
        (None, _) => untested(open(facts)),
        (_, Seen::No) => Finding::NotVulnerable(Said::new(
            "nilai awam DHE baharu bagi setiap sambungan",
            "a new DHE public value for each connection",
        )),
        (_, Seen::Unknown { why }) => untested(*why),
    }
}

/// What is known of CVE-2014-6321, which can only be guessed at.
pub(in crate::grade) enum Winshock {
    /// The server names itself so, and the suites of the patch are not offered.
    Signs(String),
    /// It cannot be there.
    None(Said),
    /// It cannot be told.
    Unknown(Why),
}

/// Looks for signs of a Windows without the patch.
pub(in crate::grade) fn winshock(facts: &Facts) -> Winshock {
    if facts.speaks(Version::TLS13) {
        return Winshock::None(Said::new(
            "Windows dari masa itu tidak menyokong TLS 1.3",
            "Windows of that time has no TLS 1.3",
        ));
    }
    let patched = facts.offers(|_, info| WITH_MS14_066.contains(&info.suite));
    if patched == Some(true) {
        return Winshock::None(Said::new(
            "sut sifer GCM daripada tampalan MS14-066 ditawarkan",
            "the GCM suites of the patch MS14-066 are offered",
        ));
    }
    let server = match &facts.endpoint.http.seen {
        Seen::Yes { value } => value.server.as_deref(),
        Seen::No => None,
        Seen::Unknown { why } => return Winshock::Unknown(*why),
    };
    let Some(server) = server.filter(|it| !it.trim().is_empty()) else {
        return Winshock::Unknown(Why::NotApplicable);
    };
    let old = ["Microsoft-IIS/7.5", "Microsoft-IIS/8.0", "Microsoft-IIS/8.5"];
    if !old.iter().any(|name| server.eq_ignore_ascii_case(name)) {
        let server = plain(server);
        return Winshock::None(Said::new(
            format!("pelayan menamakan dirinya {server}"),
            format!("the server names itself {server}"),
        ));
    }
    // Where suites of that kind were taken out, what is missing is no sign.
    let family = |version: Version, info: &SuiteInfo| {
        version == Version::TLS12 && matches!(info.kx, Kx::Rsa | Kx::Dhe)
    };
    match patched {
        Some(_) if facts.offers(family) == Some(false) => Winshock::Unknown(Why::NotApplicable),
        Some(_) => Winshock::Signs(server.to_owned()),
        None => Winshock::Unknown(open(facts)),
    }
}

/// Whether the server refuses clients that want another protocol or another name; either is enough.
pub(in crate::grade) fn refuses_strangers(facts: &Facts) -> Result<bool, Why> {
    let endpoint = &facts.endpoint;
    let protocol = match (&endpoint.alpn_mismatch.seen, endpoint.alpn.known()) {
        (Seen::Yes { value }, _) => Ok(*value == AlpnMismatch::Refused),
        // Without ALPN nothing is compared.
        (_, Some(false)) | (Seen::No, _) => Ok(false),
        (Seen::Unknown { why }, _) => Err(*why),
    };
    let name = match &endpoint.sni.unrecognised.seen {
        Seen::Yes { value } => Ok(*value == Unrecognised::Refused),
        Seen::No => Ok(false),
        Seen::Unknown { why } => Err(*why),
    };
    match (protocol, name) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (Ok(false), Ok(false)) => Ok(false),
        (Err(why), _) | (_, Err(why)) => Err(why),
    }
}

/// Connections led to another service with the same certificate.
fn alpaca(facts: &Facts) -> Finding {
    match refuses_strangers(facts) {
        Ok(true) => Finding::NotVulnerable(Said::new(
            "ALPN atau nama domain yang asing ditolak",
            "a foreign ALPN or a foreign name is refused",
        )),
        Ok(false) => Finding::Potential(Said::new(
            "ALPN dan nama domain asing diterima; bergantung pada perkongsian sijil dengan \
             perkhidmatan lain",
            "foreign ALPN and names are taken; it depends on other services with the same \
             certificate",
        )),
        Err(why) => untested(why),
    }
}

/// Key exchange that withstands quantum computers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PostQuantum {
    /// The groups offered; empty if there is none.
    pub groups: Vec<Group>,
    /// The server takes such a group before all others: no also if the client decides. `None` if it
    /// is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred: Option<bool>,
}

/// Whether key exchange that withstands quantum computers is offered; `None` if it is not known.
/// Not to have it is no weakness yet, so it stands apart.
#[must_use]
pub fn post_quantum(facts: &Facts) -> Option<PostQuantum> {
    let none = PostQuantum { groups: Vec::new(), preferred: Some(false) };
    match facts.spoken(Version::TLS13) {
        Seen::No => return Some(none),
        Seen::Unknown { .. } => return None,
        Seen::Yes { .. } => {}
    }
    let is = |group: &Group| group.info().is_some_and(|info| info.kind.is_post_quantum());
    let all = facts.groups(Version::TLS13)?;
    let groups: Vec<Group> = all.accepted.iter().copied().filter(is).collect();
    if groups.is_empty() {
        return (!all.unsettled.iter().any(is)).then_some(none);
    }
    let first = all.accepted.first().is_some_and(is);
    let preferred = all.server_order.known().map(|decides| decides && first);
    Some(PostQuantum { groups, preferred })
}
