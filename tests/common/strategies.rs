//! Random configurations. Every one is a server that could exist: its suites fit its versions and
//! keys, and what its suites need (groups, schemes) is there.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use taraf_scanner::observe::Unrecognised;
use taraf_scanner::wire::suites::{self, Auth, Cipher, Kx, SuiteInfo};
use taraf_scanner::wire::{Group, Scheme, Suite, Version, groups};

use super::config::{
    Config, Dh, Extensions, Key, Keys, Names, Order, Page, Quirks, Reaction, Sessions, key_for,
};

/// Any server that has nothing wrong with it.
pub fn tame() -> impl Strategy<Value = Config> {
    (keys(), versions()).prop_flat_map(|(keys, versions)| config(keys, versions, any_pool))
}

/// A server such as there are many: TLS 1.2 and 1.3, 9 suites, up to 5 groups, two keys. The orders
/// are those of Mozilla's recommendation, OpenSSL, Go and BoringSSL; any order at all is part of
/// [`tame`].
pub fn ordinary() -> impl Strategy<Value = Config> {
    let keys = Keys { rsa: true, ecdsa: true };
    let suites12 = select(vec![
        [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8],
        [0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc02b, 0xc02f],
        [0xc02f, 0xc02b, 0xc030, 0xc02c, 0xcca8, 0xcca9],
        [0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030],
    ]);
    let suites13 =
        select(vec![[0x1301, 0x1302, 0x1303], [0x1302, 0x1303, 0x1301], [0x1301, 0x1303, 0x1302]]);
    let curves = select(vec![vec![29, 23, 24, 25], vec![29, 23, 24], vec![23, 29, 24, 25]]);
    let base = config(keys, vec![Version::TLS12, Version::TLS13], any_pool);
    let lists = (suites12, suites13, curves, any::<bool>(), vec(any::<bool>(), 2));
    (base, lists).prop_map(|(base, (suites12, suites13, curves, hybrid, alpn))| {
        let curves: Vec<Group> = curves.into_iter().map(Group).collect();
        let hybrid = hybrid.then_some(Group::X25519MLKEM768);
        let protocols = ["h2", "http/1.1"].into_iter().zip(alpn).filter(|(_, has)| *has);
        Config {
            suites: [
                (Version::TLS12, suites12.map(Suite).to_vec()),
                (Version::TLS13, suites13.map(Suite).to_vec()),
            ]
            .into(),
            groups13: hybrid.into_iter().chain(curves.clone()).collect(),
            groups_old: curves,
            curve_bound: None,
            schemes: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601]
                .map(Scheme)
                .to_vec(),
            alpn: protocols.map(|(p, _)| p.to_owned()).collect(),
            ..base
        }
    })
}

/// Servers of ordinary suites, each with one thing wrong.
pub fn quirky() -> impl Strategy<Value = Config> {
    let servers =
        (keys(), versions()).prop_flat_map(|(keys, versions)| config(keys, versions, common_pool));
    (servers, quirks()).prop_map(|(config, quirks)| fit(config, quirks))
}

/// The same with these quirks alone.
pub fn with(quirks: impl Strategy<Value = Quirks>) -> impl Strategy<Value = Config> {
    let servers =
        (keys(), versions()).prop_flat_map(|(keys, versions)| config(keys, versions, common_pool));
    (servers, quirks).prop_map(|(config, quirks)| fit(config, quirks))
}

/// How a server turns down a hello it minds. Not by `handshake_failure` or `protocol_version`: who
/// says that of a hello for its length cannot be told from one that has nothing for it.
const MINDS: [Reaction; 6] = [
    Reaction::Alert(50),
    Reaction::Alert(47),
    Reaction::Alert(80),
    Reaction::Close,
    Reaction::Reset,
    Reaction::Silence,
];

/// Quirks that rule out versions: no server of TLS 1.3 minds what every TLS 1.3 hello has.
fn fit(mut config: Config, quirks: Quirks) -> Config {
    let short = quirks.most_hello.is_some_and(|most| most < 300);
    if short {
        // Rare curves do not fit into so short a hello beside the common ones.
        config.groups_old.retain(|g| [23, 24, 25, 29, 30].contains(&g.0));
        if config.groups_old.is_empty() {
            config.groups_old.push(config.curve_bound.unwrap_or(Group::SECP256R1));
        }
    }
    if (short || quirks.no_tls13) && config.has(Version::TLS13) {
        config.versions.retain(|v| *v != Version::TLS13);
        config.suites.remove(&Version::TLS13);
        if config.newest_old().is_none() {
            let suites = vec![if config.keys.rsa { Suite(0xc02f) } else { Suite(0xc02b) }];
            config.versions.push(Version::TLS12);
            config.suites.insert(Version::TLS12, suites);
        }
    }
    Config { quirks, ..config }
}

/// One thing wrong, of those that leave a way to find everything out: `most_hello` and
/// `most_suites`, closing in place of alerts, few connections.
pub fn avoidable() -> impl Strategy<Value = Quirks> {
    let none = Quirks::default();
    let reaction = select(MINDS[..5].to_vec());
    prop_oneof![
        (select(vec![255, 512]), reaction.clone()).prop_map({
            let none = none.clone();
            move |(most, by)| Quirks { most_hello: Some(most), minds_by: Some(by), ..none.clone() }
        }),
        reaction.clone().prop_map({
            let none = none.clone();
            move |by| Quirks { most_suites: Some(64), minds_by: Some(by), ..none.clone() }
        }),
        select(vec![Reaction::Close, Reaction::Reset]).prop_map({
            let none = none.clone();
            move |by| Quirks { refuses_by: Some(by), ..none.clone() }
        }),
        (1_usize..6).prop_map({
            let none = none.clone();
            move |n| Quirks { at_once: Some(n), ..none.clone() }
        }),
        (4_usize..12).prop_map({
            let none = none.clone();
            move |n| Quirks { per_second: Some(n), ..none.clone() }
        }),
        (any::<bool>(), any::<bool>(), reaction).prop_map(move |(grease, unknown, by)| Quirks {
            no_grease: grease,
            no_unknown_extension: unknown,
            minds_by: Some(by),
            ..none.clone()
        }),
    ]
}

/// Anything wrong, several things at once.
fn quirks() -> impl Strategy<Value = Quirks> {
    let reactions = || option::weighted(0.5, select(MINDS.to_vec()));
    let rarely = || prop::bool::weighted(0.15);
    let flags = (rarely(), rarely(), rarely(), rarely(), rarely(), rarely(), rarely());
    (
        option::weighted(0.2, select(vec![255_usize, 512])),
        option::weighted(0.15, Just(64_usize)),
        flags,
        (reactions(), option::weighted(0.3, select(vec![Reaction::Close, Reaction::Reset]))),
        option::weighted(0.15, 1_usize..6),
        option::weighted(0.1, 2_usize..12),
    )
        .prop_map(|(most_hello, most_suites, flags, (minds_by, refuses_by), at_once, rate)| {
            let (no_grease, no_unknown, no_tls13, no_empty_share, never_retries, dh, ssl2) = flags;
            Quirks {
                most_hello,
                most_suites,
                no_grease,
                no_unknown_extension: no_unknown,
                no_tls13,
                no_empty_share,
                never_retries,
                minds_by,
                refuses_by,
                no_dh_parameters: dh,
                flaky: 0,
                at_once,
                per_second: rate,
                silent_to_ssl2: ssl2,
            }
        })
}

fn keys() -> impl Strategy<Value = Keys> {
    select(vec![(true, false), (false, true), (true, true)])
        .prop_map(|(rsa, ecdsa)| Keys { rsa, ecdsa })
}

/// Any set of versions, with gaps; mostly such as are met.
fn versions() -> impl Strategy<Value = Vec<Version>> {
    let common: Vec<Vec<Version>> = vec![
        vec![Version::TLS13],
        vec![Version::TLS12],
        vec![Version::TLS12, Version::TLS13],
        vec![Version::TLS10, Version::TLS11, Version::TLS12],
        vec![Version::TLS10, Version::TLS11, Version::TLS12, Version::TLS13],
        vec![Version::SSL3, Version::TLS10],
    ];
    prop_oneof![
        3 => select(common),
        2 => subsequence(Version::ALL.to_vec(), 1..=6),
    ]
}

/// Suites that servers have in a version.
fn any_pool(keys: Keys, version: Version) -> Vec<Suite> {
    pool(keys, version, |_| true)
}

/// Those that are met in the field.
fn common_pool(keys: Keys, version: Version) -> Vec<Suite> {
    pool(keys, version, |i| {
        let cipher = matches!(
            i.cipher,
            Cipher::Aes | Cipher::Chacha20 | Cipher::TripleDes | Cipher::Rc4 | Cipher::Camellia
        );
        matches!(i.kx, Kx::Ecdhe | Kx::Dhe | Kx::Rsa | Kx::Any) && cipher && i.auth != Auth::None
    })
}

fn pool(keys: Keys, version: Version, wanted: impl Fn(&SuiteInfo) -> bool) -> Vec<Suite> {
    let fits = |i: &&SuiteInfo| {
        let key = match i.auth {
            Auth::Rsa => keys.rsa,
            Auth::Ecdsa => keys.ecdsa,
            Auth::Dss | Auth::Gost | Auth::Sm2 | Auth::Kea => false,
            Auth::None | Auth::Psk | Auth::Krb5 | Auth::Password | Auth::Any => true,
        };
        let key = key && (i.kx != Kx::RsaPsk || keys.rsa);
        // The state before a handshake is no suite to negotiate.
        i.fits(version) && key && i.kx != Kx::None
    };
    suites::all().iter().filter(fits).filter(|i| wanted(i)).map(|i| i.suite).collect()
}

/// Suites for each version, most wanted first.
fn suites_of(
    keys: Keys,
    versions: &[Version],
    pool: fn(Keys, Version) -> Vec<Suite>,
) -> impl Strategy<Value = BTreeMap<Version, Vec<Suite>>> + use<> {
    let most = |v: Version| if v == Version::TLS13 { 5 } else { 14 };
    // Half of the servers have one order for all versions, and half of the suites are common.
    let lists: Vec<_> = versions
        .iter()
        .map(|v| {
            let (all, common) = (pool(keys, *v), common_pool(keys, *v));
            let common = if common.is_empty() { all.clone() } else { common };
            let n = |list: &[Suite]| 1..=most(*v).min(list.len());
            let (some, many) = (n(&common), n(&all));
            prop_oneof![
                2 => subsequence(common, some).prop_shuffle(),
                1 => subsequence(all, many).prop_shuffle(),
            ]
        })
        .collect();
    let versions = versions.to_vec();
    (lists, any::<bool>()).prop_map(move |(lists, one_order)| {
        let mut map: BTreeMap<Version, Vec<Suite>> = versions.iter().copied().zip(lists).collect();
        let newest = map.get(&Version::TLS12).cloned();
        if let Some(newest) = newest.filter(|_| one_order) {
            for (version, list) in &mut map {
                let fits = |s: &&Suite| s.info().is_some_and(|i| i.fits(*version));
                let shared: Vec<Suite> = newest.iter().filter(fits).copied().collect();
                if !shared.is_empty() {
                    *list = shared;
                }
            }
        }
        map
    })
}

fn groups13() -> impl Strategy<Value = Vec<Group>> {
    let all: Vec<Group> =
        (groups::all().iter()).filter(|i| i.fits(Version::TLS13)).map(|i| i.group).collect();
    let common = [4588, 29, 23, 24, 25, 30, 256].map(Group).to_vec();
    prop_oneof![
        3 => subsequence(common, 1..=7).prop_shuffle(),
        1 => subsequence(all, 1..=10).prop_shuffle(),
    ]
}

fn groups_old() -> impl Strategy<Value = Vec<Group>> {
    let all: Vec<Group> = (groups::all().iter())
        .filter(|i| i.fits(Version::TLS10) && i.kind == groups::GroupKind::Ec)
        .map(|i| i.group)
        .collect();
    let common = [29, 23, 24, 25, 30].map(Group).to_vec();
    prop_oneof![
        3 => subsequence(common, 1..=5).prop_shuffle(),
        1 => subsequence(all, 1..=8).prop_shuffle(),
    ]
}

/// Schemes that fit the keys, and one for each key that TLS 1.3 takes.
fn schemes(keys: Keys) -> impl Strategy<Value = Vec<Scheme>> {
    let all: Vec<Scheme> = [
        0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0603, 0x0201, 0x0203,
        0x0301, 0x0303, 0x0101, 0x081a, 0x081b, 0x081c,
    ]
    .map(Scheme)
    .to_vec();
    let n = all.len();
    subsequence(all, 0..=n).prop_shuffle().prop_map(move |mut list| {
        list.retain(|s| match key_for(*s) {
            Some(Key::Rsa) => keys.rsa,
            Some(Key::Ecdsa) => keys.ecdsa,
            None => false,
        });
        for (has, scheme) in [(keys.rsa, 0x0804), (keys.ecdsa, 0x0403)] {
            if has && !list.contains(&Scheme(scheme)) {
                list.push(Scheme(scheme));
            }
        }
        list
    })
}

fn alpn() -> impl Strategy<Value = Vec<String>> {
    let all = ["h2", "http/1.1", "http/1.0", "spdy/3.1", "nobody-knows-it"].to_vec();
    let some = prop_oneof![
        2 => Just(Vec::new()),
        3 => subsequence(all, 1..=5).prop_shuffle(),
    ];
    some.prop_map(|list: Vec<&str>| list.into_iter().map(str::to_owned).collect())
}

fn names(old: bool) -> impl Strategy<Value = Names> {
    let unrecognised = select(vec![
        Unrecognised::SameCertificate,
        Unrecognised::OtherCertificate,
        Unrecognised::Refused,
    ]);
    // SSL 2.0 and 3.0 have no server name: a server that demands one does not speak them.
    (prop::bool::weighted(0.2), unrecognised, any::<bool>()).prop_map(
        move |(required, unrecognised, warns)| Names {
            required: required && !old,
            unrecognised,
            warns,
        },
    )
}

fn sessions() -> impl Strategy<Value = Sessions> {
    (any::<[bool; 6]>(), 0_u16..4).prop_map(|(flags, psks)| {
        let [ids, ids_resume, tickets, tickets_resume, psks_resume, early_data] = flags;
        Sessions { ids, ids_resume, tickets, tickets_resume, psks, psks_resume, early_data }
    })
}

fn extensions() -> impl Strategy<Value = Extensions> {
    let formats = option::of(select(vec![vec![0], vec![0, 1, 2]]));
    let npn = option::weighted(0.3, select(vec![vec!["h2"], vec!["spdy/3", "http/1.1"]]));
    let bodies = (option::weighted(0.3, vec(any::<u8>(), 1..40)), option::of(Just(vec![0, 1, 9])));
    (any::<[bool; 4]>(), formats, option::weighted(0.3, 1_u8..3), npn, bodies).prop_map(
        |(
            [renegotiation, master_secret, encrypt_then_mac, fragment_length],
            formats,
            heartbeat,
            npn,
            bodies,
        )| {
            Extensions {
                renegotiation,
                master_secret,
                encrypt_then_mac,
                point_formats: formats,
                heartbeat,
                npn: npn.map(|list| list.into_iter().map(str::to_owned).collect()),
                staple: bodies.0,
                scts: bodies.1,
                fragment_length,
            }
        },
    )
}

/// A number of so many bits that looks like a prime.
fn dh() -> impl Strategy<Value = Dh> {
    (select(vec![64_usize, 128, 256]), any::<u8>(), any::<bool>(), prop::bool::weighted(0.2))
        .prop_map(|(n, fill, reuse, needs_named)| {
            let mut prime = vec![fill; n];
            prime[0] |= 0x80;
            prime[n - 1] |= 1;
            Dh { prime, reuse, needs_named }
        })
}

fn config(
    keys: Keys,
    versions: Vec<Version>,
    pool: fn(Keys, Version) -> Vec<Suite>,
) -> impl Strategy<Value = Config> {
    // SSL 2.0 has RSA certificates and nothing else.
    let mut versions = versions;
    versions.retain(|v| !pool(keys, *v).is_empty() && (keys.rsa || *v != Version::SSL2));
    if versions.is_empty() {
        versions.push(Version::TLS12);
    }
    let old = versions.iter().any(|v| *v < Version::TLS10);
    let order = select(vec![Order::Server, Order::Client, Order::ServerButChacha]);
    let lists = (suites_of(keys, &versions, pool), groups13(), groups_old());
    let curve = option::weighted(0.3, select(vec![23_u16, 24]).prop_map(Group));
    let choice = (order, any::<bool>(), dh(), any::<bool>(), curve);
    let more = (schemes(keys), alpn(), any::<bool>(), names(old), sessions(), extensions());
    let page = option::of((select(vec![200_u16, 404]), option::of(1_u64..100_000_000)));
    let last = (
        prop::bool::weighted(0.2),
        any::<bool>(),
        page,
        any::<bool>(),
        option::weighted(0.3, 1_usize..200),
        any::<u64>(),
    );
    (lists, choice, more, last).prop_map(
        move |(
            (suites, groups13, mut groups_old),
            (order, groups_by_server, dh, ecdh_reuse, curve),
            (schemes, alpn, alpn_strict, names, sessions, extensions),
            (compression, scsv, page, reads_versions, fragment, seed),
        )| {
            let curve_bound = curve.filter(|_| keys.ecdsa && !keys.rsa);
            // The certificate's own curve can be used for the exchange as well.
            if let Some(curve) = curve_bound.filter(|c| !groups_old.contains(c)) {
                groups_old.push(curve);
            }
            Config {
                versions: versions.clone(),
                suites,
                order,
                groups13,
                groups_old,
                groups_by_server,
                dh,
                ecdh_reuse,
                keys,
                curve_bound,
                schemes,
                alpn,
                alpn_strict,
                names,
                sessions,
                extensions,
                compression,
                scsv,
                page: page.map(|(status, hsts)| Page { status, hsts }),
                reads_versions,
                fragment,
                seed,
                quirks: Quirks::default(),
            }
        },
    )
}
