//! A server that answers hellos as the facts say: which version, suite and group it takes, and
//! whether the client goes on with them. A server knows of a client only what the hello says; where
//! the client then finds the prime or the key too short or too long, the handshake fails.

use super::{Could, Failure, Handshake, Kind, Outcome};
use crate::grade::clients::{self, Client};
use crate::grade::facts::Facts;
use crate::observe::{
    AlpnMismatch, CertFacts, Chain, Fact, Groups, KeyAlgorithm, Seen, SniSent, Suites, Why,
};
use crate::wire::groups;
use crate::wire::suites::{self, Auth, Cipher, Kx, SuiteInfo};
use crate::wire::{Group, Scheme, Suite, Version};

/// A server as the facts describe it, made ready for many hellos.
pub(super) struct Server<'a> {
    /// Whether each version is spoken, and with which suites; oldest first.
    versions: [Spoken; 6],
    /// The groups of TLS 1.3, and of older versions; `None` if nothing is known of them.
    groups13: Option<Reach<'a>>,
    groups: Option<Reach<'a>>,
    /// DHE is negotiated only with clients that name a finite-field group.
    dhe_wants_named: bool,
    /// It has shown DHE groups to clients that name them.
    dhe_has_named: bool,
    /// The leaves for the name, and those without one.
    named: Leaves,
    unnamed: Leaves,
    /// What a client without the server name fails of, if it does.
    nameless: Option<Failure>,
    /// Its application protocols, if it refuses all others.
    only_alpn: Option<&'a [String]>,
    refuses_tls13: bool,
    refuses_grease: bool,
}

/// One version.
enum Spoken {
    No,
    /// It is not known, or its suites are not.
    Unknown(Why),
    Yes(List),
}

/// The suites of one version.
struct List {
    version: Version,
    /// In the server's order, if it has one.
    entries: Vec<Entry>,
    /// By place in the table of suites: the index into the above, plus one.
    index: Vec<u16>,
    /// Whose order counts: the server's or the client's.
    order: Result<bool, Why>,
    /// Whether ChaCha20 comes first for clients that want it first.
    chacha: Result<bool, Why>,
}

/// A suite of a version.
struct Entry {
    place: u16,
    suite: Suite,
    exchange: Exchange,
    auth: Auth,
    kind: Kind,
    chacha: bool,
    /// It is known to be accepted.
    settled: bool,
    /// The size of the prime.
    dh: Option<u32>,
}

/// What a suite needs of both sides to come to a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exchange {
    /// Nothing but the certificate.
    Key,
    /// A common curve.
    Curve,
    /// A prime.
    Prime,
    /// A common group of any kind: TLS 1.3.
    Group,
    /// Something clients of this kind do not have: a password, a pre-shared key, a ticket.
    Other,
}

/// The groups of a server.
struct Reach<'a> {
    /// In its order, the favourite first, if it has an order.
    accepted: &'a [Group],
    /// Those that may be accepted.
    unsettled: &'a [Group],
    order: Option<bool>,
}

/// The leaves a server has, one of each kind.
#[derive(Clone, Default)]
struct Leaves {
    rsa: Option<Leaf>,
    dss: Option<Leaf>,
    /// ECDSA and `EdDSA`.
    ec: Option<Leaf>,
}

/// What matters of a leaf.
#[derive(Clone)]
struct Leaf {
    bits: Option<u32>,
    curve: Option<Group>,
    /// The schemes it can sign with in TLS 1.3; empty if that is not known.
    schemes: &'static [Scheme],
    /// It has to be one of these in TLS 1.2 as well.
    strict: bool,
    old_hash: bool,
}

/// Whether something works between a client and the server.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Able {
    No,
    Maybe,
    Yes,
}

/// What works between a client and the server in one version.
struct Common {
    curve: Able,
    prime: Able,
    rsa: Able,
    dss: Able,
    ec: Able,
    /// Any leaf, in TLS 1.3.
    any: Able,
}

/// All that can come of a hello.
#[derive(Default)]
struct Tally {
    could: Could,
    first: Option<Outcome>,
    several: bool,
    why: Option<Why>,
}

impl Tally {
    fn connect(&mut self, outcome: Outcome, kind: Kind) {
        self.could.connect(kind);
        self.note(outcome);
    }

    fn fail(&mut self, why: Failure) {
        self.could.fail();
        self.note(Outcome::Fails { why });
    }

    fn note(&mut self, outcome: Outcome) {
        match self.first {
            None => self.first = Some(outcome),
            Some(first) => self.several |= first != outcome,
        }
    }

    /// Why there may be more than one outcome.
    fn doubt(&mut self, why: Why) {
        self.why = self.why.or(Some(why));
    }

    fn outcome(&self) -> Outcome {
        let unknown = Outcome::Unknown { why: self.why.unwrap_or(Why::NotAsked) };
        let first = self.first.unwrap_or(unknown);
        // Several ways to fail are still a failure.
        if self.several && self.could.can_be(|_| true) { unknown } else { first }
    }
}

impl<'a> Server<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let endpoint = &facts.endpoint;
        let (named, unnamed) = leaves(facts);
        Self {
            versions: Version::ALL.map(|version| Spoken::of(facts, version)),
            groups13: facts.groups(Version::TLS13).and_then(Reach::of),
            groups: facts.groups(Version::TLS12).and_then(Reach::of),
            dhe_wants_named: endpoint.dhe_without_named_group.is_no(),
            dhe_has_named: endpoint.dh.iter().any(|dh| dh.named_by_client),
            nameless: nameless(facts),
            named,
            unnamed,
            only_alpn: match (endpoint.alpn_mismatch.value(), endpoint.alpn.value()) {
                (Some(AlpnMismatch::Refused), Some(protocols)) => Some(protocols),
                _ => None,
            },
            refuses_tls13: endpoint.tolerance.tls13.is_no(),
            refuses_grease: endpoint.tolerance.grease.is_no(),
        }
    }

    /// What comes of a client's hello.
    pub(super) fn handshake(&self, client: &'static Client) -> Handshake {
        let mut tally = Tally::default();
        match self.refusal(client) {
            Some(why) => tally.fail(why),
            None => self.negotiate(client, &mut tally),
        }
        Handshake {
            id: client.id,
            client: &client.label,
            counts: client.counts(),
            reference: client.is_reference(),
            outcome: tally.outcome(),
            could: tally.could,
        }
    }

    /// Why the server refuses the hello, whatever is in its lists.
    fn refusal(&self, client: &Client) -> Option<Failure> {
        let no_alpn = |only: &[String]| {
            let has = |protocol: &&str| only.iter().any(|it| it == protocol);
            !client.alpn.is_empty() && !client.alpn.iter().any(has)
        };
        if self.refuses_tls13 && client.offer.tls13 || self.refuses_grease && client.sends_grease {
            return Some(Failure::Intolerance);
        }
        if let (false, Some(why)) = (client.sends_name, self.nameless) {
            return Some(why);
        }
        self.only_alpn.is_some_and(no_alpn).then_some(Failure::Alpn)
    }

    /// Takes the newest version in common.
    fn negotiate(&self, client: &Client, tally: &mut Tally) {
        for version in client.offered() {
            let position = Version::ALL.iter().position(|it| *it == version);
            match position.and_then(|index| self.versions.get(index)) {
                None | Some(Spoken::No) => {}
                Some(Spoken::Unknown(why)) => {
                    tally.doubt(*why);
                    anything(client, version, tally);
                }
                Some(Spoken::Yes(_)) if version < client.lowest => break,
                Some(Spoken::Yes(list)) => return self.choose(client, list, tally),
            }
        }
        tally.fail(Failure::Protocol);
    }

    /// Takes a suite of that version.
    fn choose(&self, client: &Client, list: &List, tally: &mut Tally) {
        let common = self.common(client, list.version);
        let offer = &client.offer;
        let mut groupless = false;
        // Adds what can be taken in an order, up to the first that certainly is; false if there is
        // no such.
        let mut first = |tally: &mut Tally, entries: &mut dyn Iterator<Item = &Entry>| {
            for entry in entries {
                let able = common.of(entry);
                if able == Able::No {
                    let by_group = matches!(entry.exchange, Exchange::Group | Exchange::Curve);
                    groupless |= by_group && common.curve == Able::No;
                    continue;
                }
                self.take(client, list.version, entry, tally);
                if able == Able::Yes && entry.settled {
                    return true;
                }
                tally.doubt(Why::Timeout);
            }
            false
        };
        let offered = || list.entries.iter().filter(|entry| offer.set.contains(entry.place));
        // Where those stand whose question found no answer is not known.
        let mut open = offered().filter(|entry| !entry.settled);
        let sure = match list.order {
            Ok(true) => {
                first(tally, &mut open);
                let chacha = if offer.chacha_first { list.chacha } else { Ok(false) };
                let mut preferred = offered().filter(|entry| entry.chacha);
                match chacha {
                    Ok(true) if first(tally, &mut preferred) => true,
                    Ok(_) => first(tally, &mut offered()),
                    Err(why) => {
                        tally.doubt(why);
                        first(tally, &mut preferred);
                        first(tally, &mut offered())
                    }
                }
            }
            Ok(false) => {
                let mut wanted = offer.places.iter().filter_map(|place| list.entry(*place));
                first(tally, &mut wanted)
            }
            Err(why) => {
                tally.doubt(why);
                let mut sure = false;
                for entry in offered() {
                    sure |= first(tally, &mut std::iter::once(entry));
                }
                sure
            }
        };
        if !sure {
            tally.fail(if groupless { Failure::Group } else { Failure::Suite });
        }
    }

    /// The server takes that suite: does the client go on?
    fn take(&self, client: &Client, version: Version, entry: &Entry, tally: &mut Tally) {
        let named = self.dhe_has_named && client.offer.names_ff;
        let prime = entry.dh.is_none_or(|bits| named || client.dh.allow(bits));
        let leaves = if client.sends_name { &self.named } else { &self.unnamed };
        let leaf = match entry.auth {
            Auth::Rsa => leaves.rsa.as_ref().map(|leaf| (leaf, client.rsa)),
            Auth::Dss => leaves.dss.as_ref().map(|leaf| (leaf, client.dh)),
            Auth::Ecdsa => leaves.ec.as_ref().map(|leaf| (leaf, client.ec)),
            // Clients name ECDSA before RSA, and servers that have both heed it.
            Auth::Any => match (&leaves.ec, &leaves.rsa) {
                (Some(leaf), _) if leaf.signs(client, version) => Some((leaf, client.ec)),
                (_, Some(leaf)) => Some((leaf, client.rsa)),
                _ => None,
            },
            _ => None,
        };
        let key = leaf.is_none_or(|(leaf, limits)| {
            leaf.bits.is_none_or(|bits| limits.allow(bits)) && !(leaf.old_hash && client.wants_sha2)
        });
        if prime && key {
            let group = match entry.exchange {
                Exchange::Curve => self.groups.as_ref().and_then(|it| it.pick(client, version)),
                Exchange::Group => self.groups13.as_ref().and_then(|it| it.pick(client, version)),
                _ => None,
            };
            let outcome = Outcome::Connects { version, suite: entry.suite, group };
            tally.connect(outcome, entry.kind);
        } else {
            tally.fail(Failure::Limits);
        }
    }

    /// What works between a client and the server in a version.
    fn common(&self, client: &Client, version: Version) -> Common {
        let leaves = if client.sends_name { &self.named } else { &self.unnamed };
        let signed = |kind: usize| {
            // Before TLS 1.2 there is one signature for each kind of key.
            let says = client.offer.signed.get(kind).copied().unwrap_or(true);
            if version != Version::TLS12 || says { Able::Yes } else { Able::No }
        };
        let signs = |leaf: &Option<Leaf>, kind: usize| match leaf {
            Some(leaf) if version == Version::TLS12 && leaf.strict => {
                if leaf.signs(client, version) { Able::Yes } else { Able::No }
            }
            _ => signed(kind),
        };
        // The curve of the certificate has to be one the client names (RFC 8422 section 5.1), which
        // servers heed up to TLS 1.2.
        let named = leaves.ec.as_ref().and_then(|leaf| leaf.curve).is_none_or(|curve| {
            client.groups.as_ref().is_none_or(|groups| groups.contains(&curve))
        });
        let all = [&leaves.ec, &leaves.rsa, &leaves.dss].into_iter().flatten();
        let any = leaves.is_empty() || all.clone().any(|leaf| leaf.signs(client, version));
        let reach = if version == Version::TLS13 { &self.groups13 } else { &self.groups };
        let primes = || {
            let mut named = client.groups.iter().flatten().filter(|group| is_prime(**group));
            let accepts =
                |group| self.groups.as_ref().is_some_and(|it| it.accepted.contains(group));
            named.any(accepts)
        };
        Common {
            curve: reach.as_ref().map_or(Able::Yes, |reach| reach.meets(client, version)),
            prime: if !self.dhe_wants_named || primes() { Able::Yes } else { Able::No },
            rsa: signs(&leaves.rsa, 0),
            dss: signed(1),
            ec: if named { signs(&leaves.ec, 2) } else { Able::No },
            any: if any { Able::Yes } else { Able::No },
        }
    }
}

/// Any suite the client offers in a version could be taken, or none.
fn anything(client: &Client, version: Version, tally: &mut Tally) {
    tally.could.fail();
    tally.several = true;
    for info in client.offer.places.iter().filter_map(|place| clients::at(*place)) {
        if info.fits(version) && version >= client.lowest {
            tally.could.connect(Kind::of(version, info));
        }
    }
}

impl Spoken {
    fn of(facts: &Facts, version: Version) -> Self {
        match facts.spoken(version) {
            Seen::No => Self::No,
            Seen::Unknown { why } => Self::Unknown(why),
            Seen::Yes { .. } => match facts.suites(version) {
                Some(suites) => Self::Yes(List::of(facts, suites)),
                None => Self::Unknown(Why::NotAsked),
            },
        }
    }
}

impl List {
    fn of(facts: &Facts, suites: &Suites) -> Self {
        let version = suites.version;
        let accepted = suites.accepted.iter().map(|suite| (suite, true));
        let unsettled = suites.unsettled.iter().map(|suite| (suite, false));
        let entries: Vec<Entry> = accepted
            .chain(unsettled)
            .filter_map(|(suite, settled)| Entry::of(facts, version, *suite, settled))
            .collect();
        let mut index = vec![0; suites::all().len()];
        for (entry, at) in entries.iter().zip(1..=u16::MAX) {
            if let Some(slot) = index.get_mut(usize::from(entry.place)) {
                *slot = at;
            }
        }
        // With one suite there is no order, whatever is known of it.
        let order = if entries.len() < 2 { Ok(true) } else { tell(&suites.server_order) };
        Self { version, entries, index, order, chacha: tell(&suites.chacha_preference) }
    }

    /// The entry of a suite, by its place in the table of suites.
    fn entry(&self, place: u16) -> Option<&Entry> {
        let at = self.index.get(usize::from(place))?.checked_sub(1)?;
        self.entries.get(usize::from(at))
    }
}

impl Entry {
    fn of(facts: &Facts, version: Version, suite: Suite, settled: bool) -> Option<Self> {
        let info = suite.info()?;
        let exchange = Exchange::of(info);
        Some(Self {
            place: clients::place(suite)?,
            suite,
            exchange,
            auth: info.auth,
            kind: Kind::of(version, info),
            chacha: info.cipher == Cipher::Chacha20,
            settled,
            dh: match exchange {
                Exchange::Prime => facts.dh(version, suite).map(|dh| u32::from(dh.bits)),
                _ => None,
            },
        })
    }
}

impl Exchange {
    const fn of(info: &SuiteInfo) -> Self {
        match info.kx {
            Kx::None | Kx::Rsa | Kx::RsaExport | Kx::Dh | Kx::Gost | Kx::Sm2 => Self::Key,
            Kx::Ecdhe | Kx::Ecdh => Self::Curve,
            Kx::Dhe | Kx::DheExport => Self::Prime,
            Kx::Any => Self::Group,
            _ => Self::Other,
        }
    }
}

impl<'a> Reach<'a> {
    /// `None` if nothing was found out: then suites that need a group are taken at their word.
    fn of(groups: &'a Groups) -> Option<Self> {
        let nothing = groups.accepted.is_empty() && groups.unsettled.is_empty();
        (!nothing).then(|| Self {
            accepted: &groups.accepted,
            unsettled: &groups.unsettled,
            order: groups.server_order.known(),
        })
    }

    /// Whether there is a group in common. A client that names none takes any (RFC 8422 section
    /// 4), but for TLS 1.3.
    fn meets(&self, client: &Client, version: Version) -> Able {
        let Some(wanted) = &client.groups else {
            return if version == Version::TLS13 { Able::No } else { Able::Yes };
        };
        let among = |list: &[Group]| {
            let curves = || list.iter().filter(|group| fits(**group, version));
            wanted.iter().any(|group| curves().any(|it| it == group))
        };
        if among(self.accepted) {
            Able::Yes
        } else if among(self.unsettled) {
            Able::Maybe
        } else {
            Able::No
        }
    }

    /// The group taken, if it can be told.
    fn pick(&self, client: &Client, version: Version) -> Option<Group> {
        let wanted = client.groups.as_ref()?;
        let mut common =
            self.accepted.iter().filter(|it| fits(**it, version) && wanted.contains(it)).copied();
        let first = common.next()?;
        let favourite = self.accepted.iter().find(|it| fits(**it, version)).copied();
        let by_order = match self.order {
            _ if common.next().is_none() => first,
            // Only the favourite is known, not what comes after it.
            Some(true) if favourite == Some(first) => first,
            Some(false) => {
                *wanted.iter().find(|it| fits(**it, version) && self.accepted.contains(it))?
            }
            _ => return None,
        };
        // Servers differ in whether they would rather have their favourite or the share that is
        // there already (RFC 8446 section 4.2.8 leaves it to them).
        let share = client.shares.iter().find(|it| self.accepted.contains(it));
        let agrees = version != Version::TLS13 || share.is_none_or(|share| *share == by_order);
        agrees.then_some(by_order)
    }
}

/// True if a group is of use to the key exchange by groups in that version: any in TLS 1.3, only
/// curves before.
fn fits(group: Group, version: Version) -> bool {
    version == Version::TLS13 || !is_prime(group)
}

/// True for the finite-field groups of RFC 7919, which have numbers of their own (section 2).
fn is_prime(group: Group) -> bool {
    (0x0100..0x0200).contains(&group.0)
}

impl Common {
    /// Whether a suite works.
    fn of(&self, entry: &Entry) -> Able {
        let exchange = match entry.exchange {
            Exchange::Key => Able::Yes,
            Exchange::Curve | Exchange::Group => self.curve,
            Exchange::Prime => self.prime,
            Exchange::Other => Able::No,
        };
        // Only a fresh key is signed in the handshake.
        let fresh = matches!(entry.exchange, Exchange::Curve | Exchange::Prime);
        let auth = match entry.auth {
            Auth::Rsa if fresh => self.rsa,
            Auth::Dss if fresh => self.dss,
            Auth::Ecdsa => self.ec,
            Auth::Any => self.any,
            _ => Able::Yes,
        };
        exchange.min(auth)
    }
}

impl Leaves {
    fn is_empty(&self) -> bool {
        self.rsa.is_none() && self.dss.is_none() && self.ec.is_none()
    }

    /// Adds a leaf if there is none of its kind yet.
    fn add(&mut self, facts: &CertFacts) {
        let slot = match facts.key.algorithm {
            KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => &mut self.rsa,
            KeyAlgorithm::Ec | KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => &mut self.ec,
            KeyAlgorithm::Dsa => &mut self.dss,
            KeyAlgorithm::Other(_) => return,
        };
        slot.get_or_insert_with(|| Leaf::of(facts));
    }
}

impl Leaf {
    fn of(facts: &CertFacts) -> Self {
        let key = &facts.key;
        let curve = key.curve.as_deref().and_then(|name| {
            groups::all().iter().find(|info| info.name == name).map(|info| info.group)
        });
        let schemes: &[Scheme] = match (&key.algorithm, curve) {
            (KeyAlgorithm::Rsa, _) => &[
                Scheme::RSA_PSS_RSAE_SHA256,
                Scheme::RSA_PSS_RSAE_SHA384,
                Scheme::RSA_PSS_RSAE_SHA512,
            ],
            (KeyAlgorithm::RsaPss, _) => &[
                Scheme::RSA_PSS_PSS_SHA256,
                Scheme::RSA_PSS_PSS_SHA384,
                Scheme::RSA_PSS_PSS_SHA512,
            ],
            (KeyAlgorithm::Ec, Some(Group::SECP256R1)) => &[Scheme::ECDSA_SECP256R1_SHA256],
            (KeyAlgorithm::Ec, Some(Group::SECP384R1)) => &[Scheme::ECDSA_SECP384R1_SHA384],
            (KeyAlgorithm::Ec, Some(Group::SECP521R1)) => &[Scheme::ECDSA_SECP521R1_SHA512],
            (KeyAlgorithm::Ed25519, _) => &[Scheme::ED25519],
            (KeyAlgorithm::Ed448, _) => &[Scheme::ED448],
            _ => &[],
        };
        Self {
            bits: key.bits,
            curve: if key.algorithm == KeyAlgorithm::Ec { curve } else { None },
            schemes,
            strict: matches!(
                key.algorithm,
                KeyAlgorithm::RsaPss | KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448
            ),
            old_hash: ["SHA1", "MD5", "MD2"].iter().any(|hash| facts.signature.starts_with(hash)),
        }
    }

    /// True if it can sign what the client takes, or if that cannot be told.
    fn signs(&self, client: &Client, version: Version) -> bool {
        let says = version >= Version::TLS12 && !client.schemes.is_empty();
        !says
            || self.schemes.is_empty()
            || self.schemes.iter().any(|it| client.schemes.contains(it))
    }
}

/// The leaves for the name, and those sent to clients that send none.
fn leaves(facts: &Facts) -> (Leaves, Leaves) {
    let (mut named, mut unnamed) = (Leaves::default(), Leaves::default());
    for served in facts.served() {
        served.leaf.into_iter().for_each(|leaf| named.add(leaf));
    }
    let ids = facts.endpoint.chains.iter().filter(|chain| is_nameless(chain));
    for id in ids.filter_map(|chain| chain.certificates.first()) {
        facts.certificate(id).into_iter().for_each(|leaf| unnamed.add(leaf));
    }
    if unnamed.is_empty() {
        unnamed = named.clone();
    }
    (named, unnamed)
}

/// True if a chain is sent to clients that send no name.
fn is_nameless(chain: &Chain) -> bool {
    chain.sent.iter().any(|sent| sent.sni == SniSent::None)
}

/// What a client fails of that sends no server name: the server wants one, or it shows a
/// certificate for other names only.
fn nameless(facts: &Facts) -> Option<Failure> {
    facts.target.server_name()?;
    if facts.endpoint.sni.required.is_yes() {
        return Some(Failure::ServerName);
    }
    let ranked = crate::observe::ranked(&facts.target, &facts.endpoint.chains);
    let mut named = ranked.iter().filter(|(_, no_sni)| !no_sni);
    let matches = |chain: &Chain| chain.facts.as_ref().map(|it| it.name.by.is_some());
    // A certificate that is for another name anyway turns nobody away here.
    let expected = named.all(|(chain, _)| matches(chain) != Some(false));
    let mut shown = facts.endpoint.chains.iter().filter(|chain| is_nameless(chain)).peekable();
    let other = shown.peek().is_some() && shown.all(|chain| matches(chain) == Some(false));
    (expected && other).then_some(Failure::ServerName)
}

/// What a fact says, or why it is not known.
fn tell<T>(fact: &Fact<T>) -> Result<bool, Why> {
    match fact.seen {
        Seen::Yes { .. } => Ok(true),
        Seen::No => Ok(false),
        Seen::Unknown { why } => Err(why),
    }
}

/// The kinds of group are told apart by number here, as a look-up for each would cost more than all
/// the rest; the table has to agree.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::groups::GroupKind;

    #[test]
    fn primes_are_told_by_number() {
        for info in groups::all() {
            assert_eq!(is_prime(info.group), info.kind == GroupKind::Ff, "{}", info.name);
        }
    }
}
