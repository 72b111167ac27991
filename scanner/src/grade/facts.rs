//! The facts of one endpoint as rules look at them: those of the observation, without the bytes and
//! the list of questions, and with what known clients make of the server.

use std::collections::BTreeMap;

use super::simulate::{self, Clients};
use crate::observe::{
    CertFacts, Certificate, Chain, ChainFacts, Contact, Dh, DnsFacts, Endpoint, Fact, Groups,
    Observation, PathFault, Revocation, Seen, Suites, Why, ranked,
};
use crate::pki::store::DECIDING;
use crate::target::Target;
use crate::wire::groups::{GroupInfo, GroupKind};
use crate::wire::suites::{Kx, SuiteInfo};
use crate::wire::{Group, Suite, Version};

/// The facts of one endpoint. They may be changed, which is how "what if" is worked out.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// When they were seen, seconds since 1970.
    pub at: i64,
    /// What was scanned.
    pub target: Target,
    /// What the endpoint showed; without DER and questions.
    pub endpoint: Endpoint,
    /// Every certificate of the scan by its SHA-256; without DER.
    pub certificates: BTreeMap<String, Certificate>,
    /// What is known about revocation, by certificate.
    pub revocation: BTreeMap<String, Revocation>,
    /// What DNS says.
    pub dns: DnsFacts,
    /// What known clients make of the server.
    pub clients: Clients,
}

/// A chain that the server sends for the name, with its leaf.
#[derive(Clone, Copy, Debug)]
pub struct Served<'a> {
    /// The chain.
    pub chain: &'a Chain,
    /// What it is worth, if it was examined.
    pub facts: Option<&'a ChainFacts>,
    /// What stands in the leaf, if it can be read.
    pub leaf: Option<&'a CertFacts>,
}

/// How hard a key exchange is to break, in the bits of an RSA key about as hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The version.
    pub version: Version,
    /// The suite.
    pub suite: Suite,
    /// The bits; 0 for anonymous exchanges. `None` if not known.
    pub bits: Option<u32>,
}

impl Facts {
    /// The facts of one endpoint of an observation; `None` if it does not speak TLS, because then
    /// there is nothing to grade.
    #[must_use]
    pub fn of(observation: &Observation, endpoint: &Endpoint) -> Option<Self> {
        if endpoint.contact != Contact::Tls {
            return None;
        }
        let lean = |certificate: &Certificate| Certificate { der: None, ..certificate.clone() };
        let pki = &observation.pki;
        let certificates = pki.certificates.iter().map(|(id, it)| (id.clone(), lean(it))).collect();
        let mut facts = Self {
            at: i64::try_from(observation.started_ms / 1000).unwrap_or(i64::MAX),
            target: observation.target.clone(),
            endpoint: Endpoint {
                certificates: BTreeMap::new(),
                asked: Vec::new(),
                ocsp_staple: Fact {
                    seen: match &endpoint.ocsp_staple.seen {
                        Seen::Yes { .. } => Seen::Yes { value: String::new() },
                        other => other.clone(),
                    },
                    how: Vec::new(),
                },
                ..endpoint.clone()
            },
            certificates,
            revocation: pki.revocation.clone(),
            dns: observation.dns.clone(),
            clients: Clients::default(),
        };
        facts.simulate();
        Some(facts)
    }

    /// Works out again what known clients make of the server, after a change.
    pub fn simulate(&mut self) {
        self.clients = simulate::clients(self);
    }

    /// Whether a version is spoken, and why that is not known.
    #[must_use]
    pub fn spoken(&self, version: Version) -> Seen<()> {
        let protocols = &self.endpoint.protocols;
        let found = protocols.iter().find(|it| it.version == version);
        found.map_or(Seen::Unknown { why: Why::NotAsked }, |it| it.spoken.seen.clone())
    }

    /// True if a version is known to be spoken.
    #[must_use]
    pub fn speaks(&self, version: Version) -> bool {
        matches!(self.spoken(version), Seen::Yes { .. })
    }

    /// The versions known to be spoken, old ones first.
    #[must_use]
    pub fn versions(&self) -> Vec<Version> {
        Version::ALL.into_iter().filter(|version| self.speaks(*version)).collect()
    }

    /// Whether any of some versions is spoken.
    #[must_use]
    pub fn speaks_any(&self, versions: &[Version]) -> Option<bool> {
        any(versions.iter().map(|version| known(&self.spoken(*version))))
    }

    /// The suites of a version.
    #[must_use]
    pub fn suites(&self, version: Version) -> Option<&Suites> {
        self.endpoint.suites.iter().find(|it| it.version == version)
    }

    /// Every suite accepted, with the version.
    pub fn offered(&self) -> impl Iterator<Item = (Version, &'static SuiteInfo)> {
        let lists = self.endpoint.suites.iter().filter(|list| self.speaks(list.version));
        lists.flat_map(|list| {
            list.accepted.iter().filter_map(|it| it.info()).map(|info| (list.version, info))
        })
    }

    /// Whether any suite of any version is such. Unknown if there is none but not every list is
    /// complete, and what is left open could be such.
    #[must_use]
    pub fn offers(&self, such: impl Fn(Version, &SuiteInfo) -> bool) -> Option<bool> {
        if self.offered().any(|(version, info)| such(version, info)) {
            return Some(true);
        }
        for version in Version::ALL {
            match self.spoken(version) {
                Seen::No => {}
                // A version that is perhaps spoken may have anything its suites can be.
                Seen::Unknown { .. } => {
                    if crate::wire::suites::all()
                        .iter()
                        .any(|info| info.fits(version) && such(version, info))
                    {
                        return None;
                    }
                }
                Seen::Yes { .. } => {
                    let list = self.suites(version)?;
                    let mut open = list.unsettled.iter().filter_map(|it| it.info());
                    if open.any(|info| such(version, info)) {
                        return None;
                    }
                }
            }
        }
        Some(false)
    }

    /// The chains for the name, the one that decides first: with the newest version, seen first.
    /// What is sent only without the name does not count.
    pub fn served(&self) -> impl Iterator<Item = Served<'_>> {
        let ranked = ranked(&self.target, &self.endpoint.chains);
        ranked.into_iter().filter(|(_, no_sni)| !no_sni).map(|(chain, _)| Served {
            chain,
            facts: chain.facts.as_ref(),
            leaf: chain.certificates.first().and_then(|id| self.certificate(id)),
        })
    }

    /// What stands in a certificate.
    #[must_use]
    pub fn certificate(&self, id: &str) -> Option<&CertFacts> {
        self.certificates.get(id)?.facts.as_ref()
    }

    /// Changes what was examined of each chain for the name.
    pub fn mend_chains(&mut self, change: impl Fn(&mut ChainFacts)) {
        for chain in &mut self.endpoint.chains {
            if let Some(facts) = &mut chain.facts {
                change(facts);
            }
        }
    }

    /// Changes what stands in the leaf of each chain for the name.
    pub fn mend_leaves(&mut self, change: impl Fn(&mut CertFacts)) {
        let leaves: Vec<String> =
            self.endpoint.chains.iter().filter_map(|it| it.certificates.first().cloned()).collect();
        for id in leaves {
            if let Some(facts) = self.certificates.get_mut(&id).and_then(|it| it.facts.as_mut()) {
                change(facts);
            }
        }
    }

    /// Why the deciding stores do not trust the chains for the name, apart from the name; empty if
    /// one of them does trust each. `None` if they were not asked.
    #[must_use]
    pub fn distrust(&self) -> Option<Vec<PathFault>> {
        let mut faults = Vec::new();
        let mut examined = false;
        for served in self.served() {
            let trust = &served.facts?.trust;
            let mut deciding =
                trust.iter().filter(|it| DECIDING.contains(&it.store.as_str())).peekable();
            deciding.peek()?;
            examined = true;
            let all: Option<Vec<PathFault>> = deciding.map(|it| it.fault.clone()).collect();
            // A store that trusts it decides; else one that knows more than that it does not know
            // the authority: an expired intermediate of a private one is no unknown authority.
            let stranger = |fault: &PathFault| matches!(fault, PathFault::UnknownIssuer { .. });
            faults.extend(all.and_then(|all| all.into_iter().min_by_key(stranger)));
        }
        examined.then_some(faults)
    }

    /// Whether the chains for the name are trusted and for that name.
    #[must_use]
    pub fn trusted(&self) -> Option<bool> {
        let faults = self.distrust()?;
        Some(faults.is_empty())
    }

    /// The exchange of every suite.
    pub fn exchanges(&self) -> impl Iterator<Item = Exchange> {
        self.offered().map(|(version, info)| Exchange {
            version,
            suite: info.suite,
            bits: self.exchange_bits(version, info),
        })
    }

    /// How hard the key exchange of a suite is to break, the certificate's key included: the guide
    /// takes the lesser of the two.
    #[must_use]
    pub fn exchange_bits(&self, version: Version, info: &SuiteInfo) -> Option<u32> {
        if info.is_anonymous() {
            return Some(0);
        }
        let own = match info.kx {
            Kx::RsaExport => Some(512),
            Kx::Dhe | Kx::DheExport | Kx::Dh | Kx::DhePsk => {
                self.dh(version, info.suite).map(|dh| u32::from(dh.bits))
            }
            Kx::Ecdhe | Kx::EcdhePsk => self.group(version, false).map(|it| u32::from(it.rsa_bits)),
            Kx::Any => self.group(version, true).map(|it| u32::from(it.rsa_bits)),
            _ => None,
        };
        let key = if info.needs_certificate() { self.key_bits() } else { None };
        match (own, key) {
            (Some(own), Some(key)) => Some(own.min(key)),
            (own, key) => own.or(key),
        }
    }

    /// The least key among the leaves for the name, as an RSA key about as hard to break.
    #[must_use]
    pub fn key_bits(&self) -> Option<u32> {
        self.served().filter_map(|served| served.leaf?.key.strength).min()
    }

    /// The weakest exchange of all suites, the certificate's key included.
    #[must_use]
    pub fn weakest_exchange(&self) -> Option<u32> {
        self.exchanges().filter_map(|it| it.bits).chain(self.key_bits()).min()
    }

    /// The finite-field group of a suite, or the least one seen. What is used only with clients
    /// that name groups counts only if nothing else was seen.
    #[must_use]
    pub fn dh(&self, version: Version, suite: Suite) -> Option<&Dh> {
        let of = |named: bool| {
            let all = self.endpoint.dh.iter().filter(move |dh| dh.named_by_client == named);
            let own = all.clone().filter(|dh| dh.suites.contains(&(version, suite)));
            own.min_by_key(|dh| dh.bits).or_else(|| all.min_by_key(|dh| dh.bits))
        };
        of(false).or_else(|| of(true))
    }

    /// The groups of a version.
    #[must_use]
    pub fn groups(&self, version: Version) -> Option<&Groups> {
        let new = version == Version::TLS13;
        self.endpoint.groups.iter().find(|it| (it.version == Version::TLS13) == new)
    }

    /// The group the server takes first of its curves, or in TLS 1.3 of all groups.
    #[must_use]
    pub fn group(&self, version: Version, finite: bool) -> Option<&'static GroupInfo> {
        let groups = self.groups(version)?;
        let mut infos = groups.accepted.iter().filter_map(|it: &Group| it.info());
        infos.find(|info| finite || info.kind != GroupKind::Ff)
    }
}

/// `Some` if it is known.
#[must_use]
pub fn known<T>(seen: &Seen<T>) -> Option<bool> {
    match seen {
        Seen::Yes { .. } => Some(true),
        Seen::No => Some(false),
        Seen::Unknown { .. } => None,
    }
}

/// Whether any is true: one that is decides, one that is not known leaves it open.
#[must_use]
pub fn any(all: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(false);
    for one in all {
        match one {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}
