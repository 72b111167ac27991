//! Versions, suites, and the groups of their exchanges.

use std::collections::BTreeMap;

use taraf_scanner::observe::{Dh, Fact, Groups, Protocol, Suites};
use taraf_scanner::wire::groups::{self, GroupKind};
use taraf_scanner::wire::suites::{self, Kx, SuiteInfo};
use taraf_scanner::wire::{Group, Suite, Version};

use super::document::{self, Details, SuiteList};
use super::{told, unknown};

/// The version of a number: that of the hello, but for SSL 2.0.
fn version(number: i64) -> Option<Version> {
    let found = if number == 512 { Version::SSL2 } else { Version(u16::try_from(number).ok()?) };
    Version::ALL.contains(&found).then_some(found)
}

/// Whether a version is spoken. Their list holds all that are: what is not there was refused.
fn spoken(details: &Details, version: Version) -> Option<bool> {
    details.protocols.as_ref()?;
    Some(entry(details, version).is_some())
}

/// What is said of a version that is spoken.
fn entry(details: &Details, wanted: Version) -> Option<&document::Protocol> {
    let protocols = details.protocols.as_ref()?;
    protocols.iter().find(|it| it.id.and_then(version) == Some(wanted))
}

/// Every version.
pub(super) fn protocols(details: &Details) -> Vec<Protocol> {
    let one =
        |version| Protocol { version, spoken: told(spoken(details, version), ()), refusal: None };
    Version::ALL.into_iter().map(one).collect()
}

/// The newest version spoken, TLS 1.3 apart if so asked.
fn newest(details: &Details, most: Version) -> Option<Version> {
    let mut known = Version::ALL.into_iter().filter(|it| *it <= most);
    known.by_ref().filter(|it| spoken(details, *it) == Some(true)).last()
}

/// A list of a version, as it is in the document or as it follows from the joint one.
struct Listed<'a> {
    version: Version,
    list: &'a SuiteList,
    suites: Vec<&'a document::Suite>,
}

/// The lists of all versions.
fn listed(details: &Details) -> Vec<Listed<'_>> {
    match &details.suites {
        None => Vec::new(),
        Some(document::Suites::Each(lists)) => {
            let mut found: Vec<Listed<'_>> = Vec::new();
            for list in lists {
                let Some(version) = list.protocol.and_then(version) else { continue };
                if !found.iter().any(|it| it.version == version) {
                    let suites = list.list.iter().flatten().collect();
                    found.push(Listed { version, list, suites });
                }
            }
            found
        }
        // Version 2 does not say with which version a suite was seen: it is taken to go with each
        // it fits.
        Some(document::Suites::Joint(list)) => {
            let versions = Version::ALL.into_iter();
            let versions = versions.filter(|it| spoken(details, *it) == Some(true));
            let fits = |suite: &document::Suite, version| {
                suite.id.and_then(|id| Suite(id).info()).is_some_and(|info| info.fits(version))
            };
            versions
                .map(|version| {
                    let all = list.list.iter().flatten();
                    let suites = all.filter(|suite| fits(suite, version)).collect();
                    Listed { version, list, suites }
                })
                .collect()
        }
    }
}

/// The suites of every version.
pub(super) fn suites(details: &Details) -> Vec<Suites> {
    let joint = matches!(details.suites, Some(document::Suites::Joint(_)));
    let mut found: Vec<Suites> = Vec::new();
    for Listed { version, list, suites } in listed(details) {
        let mut accepted: Vec<Suite> = Vec::new();
        for suite in suites.iter().filter_map(|it| it.id.map(Suite)) {
            if !accepted.contains(&suite) {
                accepted.push(suite);
            }
        }
        // Where SSL 3.0 has no CBC, a joint list has those of the other versions; only POODLE tells.
        let mut unsettled = Vec::new();
        if joint && version == Version::SSL3 && details.poodle != Some(true) {
            let cbc = |suite: &Suite| suite.info().is_some_and(SuiteInfo::is_cbc);
            (unsettled, accepted) = accepted.into_iter().partition(cbc);
        }
        let chacha = list.cha_cha20_preference.or(details.cha_cha20_preference);
        found.push(Suites {
            version,
            accepted,
            unsettled,
            server_order: told(list.preference, ()),
            chacha_preference: told(chacha, ()),
            how: Vec::new(),
        });
    }
    settle_ssl2(details, &mut found);
    found.sort_by_key(|it| it.version);
    found
}

/// SSL 2.0 may be spoken without any suite, which the documents mark. Without mark and suites, none
/// is known.
fn settle_ssl2(details: &Details, found: &mut Vec<Suites>) {
    let Some(protocol) = entry(details, Version::SSL2) else { return };
    if !found.iter().any(|it| it.version == Version::SSL2) {
        found.push(Suites {
            version: Version::SSL2,
            accepted: Vec::new(),
            unsettled: Vec::new(),
            server_order: unknown(),
            chacha_preference: unknown(),
            how: Vec::new(),
        });
    }
    for list in found.iter_mut().filter(|it| it.version == Version::SSL2) {
        if list.accepted.is_empty() && protocol.v2_suites_disabled != Some(true) {
            let all = suites::all().iter().filter(|info| info.fits(Version::SSL2));
            list.unsettled = all.map(|info| info.suite).collect();
        }
    }
}

/// The groups of TLS 1.3 and those of older versions: first what suites were seen with, for that is
/// what decides, then the rest of the list.
pub(super) fn groups(details: &Details) -> Vec<Groups> {
    let listed = listed(details);
    let named = details.named_groups.as_ref();
    let rest = || named.iter().flat_map(|it| it.list.iter().flatten()).filter_map(|it| it.id);
    let order: Fact<()> = told(named.and_then(|it| it.preference), ());
    let of = |version: Version, is: fn(Version) -> bool| {
        let suites = listed.iter().filter(|it| is(it.version)).flat_map(|it| &it.suites);
        let mut accepted: Vec<Group> = Vec::new();
        for group in suites.filter_map(|it| group(it)).chain(rest().map(Group)) {
            let fits = |it: &groups::GroupInfo| Version::ALL.iter().any(|v| is(*v) && it.fits(*v));
            if group.info().is_some_and(fits) && !accepted.contains(&group) {
                accepted.push(group);
            }
        }
        let server_order = order.clone();
        let (unsettled, how) = (Vec::new(), Vec::new());
        Groups { version, accepted, unsettled, server_order, how }
    };
    let mut found = Vec::new();
    if spoken(details, Version::TLS13) == Some(true) {
        found.push(of(Version::TLS13, |version| version == Version::TLS13));
    }
    if let Some(version) = newest(details, Version::TLS12) {
        found.push(of(version, |version| version < Version::TLS13));
    }
    found.retain(|it| !it.accepted.is_empty());
    found
}

/// The group a suite was seen with. Version 2 has only the size: that of the usual curve.
fn group(suite: &document::Suite) -> Option<Group> {
    /// The curves people use, where several have the same size.
    const USUAL: [u16; 4] = [19, 21, 23, 24];
    if let Some(id) = suite.named_group_id {
        return Some(Group(id));
    }
    let bits = u16::try_from(suite.ecdh_bits?).ok()?;
    let usual = USUAL.into_iter().filter_map(|id| Group(id).info());
    let mut curves = usual.chain(groups::all()).filter(|it| it.kind == GroupKind::Ec);
    curves.find(|it| it.bits == bits).map(|it| it.group)
}

/// Every finite-field group, by its size: the documents do not tell two of the same size apart.
pub(super) fn dh(details: &Details) -> Vec<Dh> {
    let mut found: BTreeMap<u16, Dh> = BTreeMap::new();
    for Listed { version, suites, .. } in listed(details) {
        for suite in suites {
            let (Some(id), Some(bits)) = (suite.id.map(Suite), dh_bits(suite)) else { continue };
            let dh = found.entry(bits).or_insert_with(|| Dh {
                bits,
                prime: prime(details, bits).unwrap_or_default(),
                generator: String::new(),
                known_as: None,
                public_length: suite.dh_ys.and_then(|it| u16::try_from(it).ok()).unwrap_or(0),
                named_by_client: false,
                suites: Vec::new(),
            });
            if !dh.suites.contains(&(version, id)) {
                dh.suites.push((version, id));
            }
        }
    }
    found.into_values().collect()
}

/// The size of the prime a suite was seen with.
fn dh_bits(suite: &document::Suite) -> Option<u16> {
    let info = suite.id.and_then(|id| Suite(id).info());
    let finite =
        info.is_some_and(|it| matches!(it.kx, Kx::Dh | Kx::Dhe | Kx::DheExport | Kx::DhePsk));
    if !finite {
        return None;
    }
    // The service writes lengths in bytes into `dhBits` and `dhP`, whatever its documents say.
    let bytes = suite.dh_p.or(suite.dh_bits).and_then(|it| it.checked_mul(8));
    let bits = suite.kx_strength.or(suite.dh_strength).or(bytes)?;
    u16::try_from(bits).ok().filter(|bits| *bits > 0)
}

/// The prime of a size, if there is only one.
fn prime(details: &Details, bits: u16) -> Option<String> {
    let primes = details.dh_primes.iter().flatten();
    let mut primes = primes.map(|it| it.trim_start_matches('0')).filter(|prime| {
        let first = prime.chars().next().and_then(|it| it.to_digit(16)).unwrap_or(0);
        let size = (prime.len() * 4).checked_sub(first.leading_zeros() as usize - 28);
        prime.chars().all(|it| it.is_ascii_hexdigit()) && size == Some(usize::from(bits))
    });
    let found = primes.next()?;
    primes.all(|other| other == found).then(|| found.to_ascii_lowercase())
}
