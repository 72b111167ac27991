//! The facts as they are after a fix, where several rules need the same one.
//!
//! A fix is as an experienced administrator makes it: what is taken out has a successor where
//! clients would otherwise be worse off, so that mending one rule never makes another hold.

use super::common::{OLD, is_block64, poodle};
use crate::grade::facts::Facts;
use crate::grade::simulate::{self, Clients};
use crate::observe::{
    CertFacts, Chain, Fact, Groups, KeyAlgorithm, PathFault, Protocol, Seen, Suites, Trust,
};
use crate::wire::groups::GroupKind;
use crate::wire::suites::{Cipher, Kx, SuiteInfo};
use crate::wire::{Group, Suite, Version};

/// Bits that no rule objects to.
pub(super) const ENOUGH_BITS: u16 = 2048;

/// Without a version. If it was the last of TLS, or of the old kind, TLS 1.2 takes its place.
pub(super) fn disable(facts: &mut Facts, version: Version) {
    let (had_old, had_tls, was) = (speaks_old(facts), speaks_tls(facts), Was::of(facts));
    take_out(facts, version);
    let missed = OLD.contains(&version) && !speaks_old(facts) || had_tls && !speaks_tls(facts);
    if facts.versions().is_empty() || missed {
        introduce(facts, Version::TLS12, had_old);
    }
    was.settle(facts);
}

/// With a version, as a current product has it.
pub(super) fn enable(facts: &mut Facts, version: Version) {
    let (had_old, was) = (speaks_old(facts), Was::of(facts));
    introduce(facts, version, had_old);
    was.settle(facts);
}

/// What a server was like before a fix, where what follows depends on it.
struct Was {
    /// All it had was RC4.
    rc4_only: bool,
    /// Some suite used curves.
    curves: bool,
    /// What clients made of it.
    clients: Clients,
}

impl Was {
    fn of(facts: &Facts) -> Self {
        let curves = |info: &SuiteInfo| matches!(info.kx, Kx::Ecdhe | Kx::EcdhePsk | Kx::Any);
        Self {
            rc4_only: facts.offered().all(|(_, info)| info.cipher == Cipher::Rc4),
            curves: facts.offered().any(|(_, info)| curves(info)),
            clients: simulate::clients(facts),
        }
    }

    /// Sees to it that no client is worse off: one whose suite is gone may fall back on another
    /// that a rule objects to.
    fn settle(self, facts: &mut Facts) {
        if !self.curves {
            facts.endpoint.reuse.ecdh = Fact::default();
        }
        let now = Self::of(facts);
        if now.rc4_only && !self.rc4_only {
            aead(facts);
            return;
        }
        let newly = |was: &Seen<()>, now: &Seen<()>| *was == Seen::No && *now != Seen::No;
        let secret = |clients: &Clients| matches!(clients.forward_secrecy, Seen::Yes { value } if value >= 2);
        if newly(&self.clients.rc4_with_modern, &now.clients.rc4_with_modern) {
            without(facts, |_, info| info.cipher == Cipher::Rc4);
        } else if newly(&self.clients.block64_with_modern, &now.clients.block64_with_modern) {
            without(facts, |_, info| is_block64(info));
        } else if secret(&self.clients) && !secret(&now.clients) {
            forward_secrecy(facts);
        }
    }
}

fn speaks_old(facts: &Facts) -> bool {
    OLD.iter().any(|version| facts.speaks(*version))
}

fn speaks_tls(facts: &Facts) -> bool {
    facts.versions().into_iter().any(|version| version >= Version::TLS10)
}

/// What was found out, or could not be, about a version that was not spoken says nothing about it.
fn forget(facts: &mut Facts, version: Version, had_old: bool) {
    let endpoint = &mut facts.endpoint;
    match version {
        Version::TLS13 => {
            endpoint.session.early_data = Fact::default();
            endpoint.session.psk_issued = Fact::default();
            endpoint.session.psk_resumed = Fact::default();
            endpoint.tolerance.empty_key_share = Fact::default();
        }
        _ => {
            endpoint.schemes.accepted.clear();
            endpoint.schemes.unsettled.clear();
            if !had_old {
                endpoint.secure_renegotiation = Fact::yes((), []);
                endpoint.compression = Fact::default();
                endpoint.randoms.time = Fact::default();
                endpoint.flaws.client_renegotiation = Fact::default();
                endpoint.flaws.legacy_renegotiation = Fact::default();
            }
            endpoint.extended_master_secret = Fact::default();
            endpoint.session.ticket_issued = Fact::default();
            endpoint.session.ticket_resumed = Fact::default();
            endpoint.npn = Fact::default();
            endpoint.fallback_scsv = Fact::default();
        }
    }
}

fn introduce(facts: &mut Facts, version: Version, had_old: bool) {
    if !facts.speaks(version) {
        forget(facts, version, had_old);
    }
    let protocols = &mut facts.endpoint.protocols;
    protocols.retain(|it| it.version != version);
    protocols.push(Protocol { version, spoken: Fact::yes((), []), refusal: None });
    protocols.sort_by_key(|it| it.version);
    let accepted = sound(facts, version);
    // Curves that nobody could use so far must not be the ones that are used now.
    let (old, unused) = (version < Version::TLS13, !offers_curves(facts));
    facts.endpoint.suites.retain(|list| list.version != version);
    facts.endpoint.suites.push(Suites {
        version,
        accepted,
        unsettled: Vec::new(),
        server_order: Fact::yes((), []),
        chacha_preference: Fact::default(),
        how: Vec::new(),
    });
    facts.endpoint.suites.sort_by_key(|list| list.version);
    if old && unused {
        strong_groups(facts, |version| version < Version::TLS13);
    }
    curves(facts, version);
}

/// Without the suites that are such. One that gave forward secrecy or authenticated encryption to
/// clients is followed by a current one in its place.
pub(super) fn without(facts: &mut Facts, such: impl Fn(Version, &SuiteInfo) -> bool) {
    let poodle_before = poodle(facts);
    let was = Was::of(facts);
    let mut emptied = Vec::new();
    for version in Version::ALL {
        let heirs: Vec<Suite> = sound(facts, version)
            .into_iter()
            .filter(|suite| suite.info().is_some_and(|info| !such(version, info)))
            .collect();
        let Some(list) = facts.endpoint.suites.iter_mut().find(|it| it.version == version) else {
            continue;
        };
        let goes = |suite: &Suite| suite.info().is_some_and(|info| such(version, info));
        list.unsettled.retain(|suite| !goes(suite));
        if !list.accepted.iter().any(goes) {
            continue;
        }
        replace(list, goes, &heirs);
        if list.accepted.is_empty() {
            emptied.push(version);
        }
    }
    for version in emptied {
        if version >= Version::TLS12 {
            enable(facts, version);
        } else {
            disable(facts, version);
        }
    }
    if poodle_before == Some(false) && poodle(facts) != Some(false) {
        disable(facts, Version::SSL3);
    }
    forget_exchanges(facts);
    for version in facts.versions() {
        curves(facts, version);
    }
    was.settle(facts);
}

/// Puts the heirs in the place of the first that goes and is missed, and drops the others.
fn replace(list: &mut Suites, goes: impl Fn(&Suite) -> bool, heirs: &[Suite]) {
    let infos = |suites: &[Suite], such: fn(&SuiteInfo) -> bool| {
        suites.iter().filter_map(|suite| suite.info()).any(such)
    };
    let before = std::mem::take(&mut list.accepted);
    let stays_cbc = before
        .iter()
        .filter(|suite| !goes(suite))
        .any(|suite| suite.info().is_some_and(SuiteInfo::is_cbc));
    // In the versions without AEAD suites the heirs are CBC: no new kind may come in.
    let may_inherit = list.version >= Version::TLS12 || stays_cbc;
    for suite in &before {
        if !goes(suite) {
            push(&mut list.accepted, *suite);
        } else if may_inherit && suite.info().is_some_and(is_missed) {
            heirs.iter().for_each(|heir| push(&mut list.accepted, *heir));
        }
    }
    if infos(&before, SuiteInfo::is_aead) && !infos(&list.accepted, SuiteInfo::is_aead) {
        heirs.iter().for_each(|heir| push(&mut list.accepted, *heir));
    }
    // Clients that used what is gone must not fall back on the oldest that is left.
    if list.version >= Version::TLS11 && infos(&list.accepted, is_legacy) {
        rank(list);
    }
}

fn push(suites: &mut Vec<Suite>, suite: Suite) {
    if !suites.contains(&suite) {
        suites.push(suite);
    }
}

/// True if clients that negotiate it would be worse off without a successor.
fn is_missed(info: &SuiteInfo) -> bool {
    (info.is_ephemeral() || info.is_aead()) && !info.is_anonymous() && info.cipher != Cipher::Null
}

fn is_legacy(info: &SuiteInfo) -> bool {
    info.cipher == Cipher::Rc4 || is_block64(info)
}

/// Lets the server decide: old ciphers last, and if clients decided so far, forward secrecy first.
fn rank(list: &mut Suites) {
    let decided = list.server_order.is_yes();
    list.accepted.sort_by_key(|suite| {
        let Some(info) = suite.info() else { return (true, false, false) };
        (is_legacy(info), !decided && !info.is_ephemeral(), !decided && !info.is_aead())
    });
    list.server_order = Fact::yes((), []);
}

/// With forward secrecy for every client that connects: ECDHE first, and nothing without it.
/// Clients exist that have no ECDHE suite in common with a server of today but a static one.
pub(super) fn forward_secrecy(facts: &mut Facts) {
    let (unused, was) = (!offers_curves(facts), Was::of(facts));
    for version in [Version::TLS10, Version::TLS11, Version::TLS12] {
        let heirs = sound(facts, version);
        let Some(list) = facts.endpoint.suites.iter_mut().find(|it| it.version == version) else {
            continue;
        };
        // In the versions without AEAD suites the heirs are CBC: no new kind may come in.
        let infos = list.accepted.iter().filter_map(|suite| suite.info());
        if version == Version::TLS12 || infos.into_iter().any(SuiteInfo::is_cbc) {
            heirs.into_iter().for_each(|heir| push(&mut list.accepted, heir));
            list.server_order = Fact::no([]);
            rank(list);
        }
    }
    without(facts, |version, info| version > Version::SSL2 && !info.is_ephemeral());
    if !facts.speaks(Version::TLS12) && !facts.speaks(Version::TLS13) {
        enable(facts, Version::TLS12);
    }
    if unused {
        strong_groups(facts, |version| version < Version::TLS13);
    }
    curves(facts, Version::TLS12);
    was.settle(facts);
}

/// With an AEAD suite in TLS 1.2, and with TLS 1.2.
pub(super) fn aead(facts: &mut Facts) {
    if !facts.speaks(Version::TLS12) {
        enable(facts, Version::TLS12);
        return;
    }
    let (unused, was) = (!offers_curves(facts), Was::of(facts));
    let mut accepted = sound(facts, Version::TLS12);
    if let Some(list) = facts.endpoint.suites.iter_mut().find(|it| it.version == Version::TLS12) {
        list.accepted.iter().for_each(|suite| push(&mut accepted, *suite));
        list.accepted = accepted;
    }
    if unused {
        strong_groups(facts, |version| version < Version::TLS13);
    }
    curves(facts, Version::TLS12);
    was.settle(facts);
}

/// Key exchanges that no rule objects to: parameters, curves and keys of 2048 bits and more.
pub(super) fn exchanges(facts: &mut Facts) {
    without(facts, |_, info| {
        matches!(info.kx, Kx::RsaExport | Kx::DheExport | Kx::Krb5Export) && !info.is_anonymous()
    });
    for dh in facts.endpoint.dh.iter_mut().filter(|dh| dh.bits < ENOUGH_BITS) {
        dh.bits = ENOUGH_BITS;
        dh.prime = String::new();
        dh.known_as = None;
    }
    strong_groups(facts, |_| true);
    facts.mend_leaves(|leaf| {
        if leaf.key.strength.is_some_and(|bits| bits < u32::from(ENOUGH_BITS)) {
            leaf.key.strength = Some(u32::from(ENOUGH_BITS));
            leaf.key.bits = match leaf.key.algorithm {
                KeyAlgorithm::Ec => Some(256),
                _ => Some(u32::from(ENOUGH_BITS)),
            };
        }
    });
}

/// Without groups below 2048 bits in the versions that are such; with others if none is left.
fn strong_groups(facts: &mut Facts, such: impl Fn(Version) -> bool) {
    let mut emptied = Vec::new();
    for groups in facts.endpoint.groups.iter_mut().filter(|groups| such(groups.version)) {
        let strong = |group: &Group| group.info().is_none_or(|info| info.rsa_bits >= ENOUGH_BITS);
        groups.accepted.retain(strong);
        groups.unsettled.retain(strong);
        emptied.push(groups.version);
    }
    for version in emptied {
        curves(facts, version);
    }
}

/// Current curves, where none is known for the version.
fn curves(facts: &mut Facts, version: Version) {
    let uses = |facts: &Facts| {
        facts.offered().any(|(at, info)| {
            (at == Version::TLS13) == (version == Version::TLS13)
                && matches!(info.kx, Kx::Ecdhe | Kx::EcdhePsk | Kx::Any)
        })
    };
    if !uses(facts) {
        return;
    }
    let now = vec![Group::X25519, Group::SECP256R1];
    let new = version == Version::TLS13;
    let found = facts.endpoint.groups.iter_mut().find(|it| (it.version == Version::TLS13) == new);
    let curve = |group: &Group| group.info().is_some_and(|info| info.kind != GroupKind::Ff);
    match found {
        Some(groups) if groups.accepted.iter().any(curve) => {}
        Some(groups) => groups.accepted.extend(now),
        None => facts.endpoint.groups.push(Groups {
            version,
            accepted: now,
            unsettled: Vec::new(),
            server_order: Fact::default(),
            how: Vec::new(),
        }),
    }
}

/// Whether a suite of the old kind uses curves.
fn offers_curves(facts: &Facts) -> bool {
    facts.offered().any(|(version, info)| {
        version < Version::TLS13 && matches!(info.kx, Kx::Ecdhe | Kx::EcdhePsk)
    })
}

/// The suites a current product has in a version, for the keys of the certificates.
fn sound(facts: &Facts, version: Version) -> Vec<Suite> {
    let is_ecdsa = |leaf: &CertFacts| {
        matches!(leaf.key.algorithm, KeyAlgorithm::Ec | KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448)
    };
    let leaves: Vec<bool> = facts.served().filter_map(|it| it.leaf).map(is_ecdsa).collect();
    let ecdsa = leaves.contains(&true);
    let rsa = !ecdsa || leaves.contains(&false);
    let (for_rsa, for_ecdsa): (&[u32], &[u32]) = match version {
        Version::TLS13 => return [0x1301, 0x1302, 0x1303].map(Suite).to_vec(),
        Version::TLS12 => (&[0xc02f, 0xc030, 0xcca8], &[0xc02b, 0xc02c, 0xcca9]),
        Version::TLS10 | Version::TLS11 => (&[0xc013, 0xc014], &[0xc009, 0xc00a]),
        _ => (&[], &[]),
    };
    let pick = |wanted: bool, suites: &[u32]| if wanted { suites.to_vec() } else { Vec::new() };
    let all = pick(ecdsa, for_ecdsa).into_iter().chain(pick(rsa, for_rsa));
    all.map(Suite).collect()
}

fn take_out(facts: &mut Facts, version: Version) {
    for protocol in facts.endpoint.protocols.iter_mut().filter(|it| it.version == version) {
        protocol.spoken = Fact::no([]);
    }
    facts.endpoint.suites.retain(|list| list.version != version);
    facts.endpoint.schemes.used.retain(|(used, _)| *used != version);
    forget_exchanges(facts);
}

/// Without the parameters of exchanges that no longer take place.
fn forget_exchanges(facts: &mut Facts) {
    let suites = facts.endpoint.suites.clone();
    let offered = |(version, suite): &(Version, Suite)| {
        suites.iter().any(|list| list.version == *version && list.accepted.contains(suite))
    };
    facts.endpoint.dh.retain_mut(|dh| {
        let was_known = !dh.suites.is_empty();
        dh.suites.retain(offered);
        !(was_known && dh.suites.is_empty())
    });
}

/// Trusted by the stores that gave a reason which is such.
pub(super) fn trust(facts: &mut Facts, such: impl Fn(&PathFault) -> bool) {
    let distrusted = |chain: &Chain| {
        let trust = chain.facts.iter().flat_map(|facts| &facts.trust);
        trust.filter_map(|trust| trust.fault.as_ref()).any(&such)
    };
    let leaves: Vec<String> = facts
        .endpoint
        .chains
        .iter()
        .filter(|it| distrusted(it))
        .filter_map(|it| it.certificates.first().cloned())
        .collect();
    let mend = |trust: &mut Trust| {
        if trust.fault.as_ref().is_some_and(&such) {
            trust.fault = None;
        }
    };
    facts.mend_chains(|chain| chain.trust.iter_mut().for_each(mend));
    // What a public authority issues is as the rules for those want it.
    for id in leaves {
        if let Some(leaf) = facts.certificates.get_mut(&id).and_then(|it| it.facts.as_mut()) {
            leaf.embedded_scts = true;
            leaf.days = leaf.most_days.map_or(leaf.days, |most| most.min(leaf.days));
        }
    }
}
