//! After the conversation: certificates are read, chains held against stores and names, what is
//! missing is fetched, and revocation is asked for. Each certificate and each chain once, however
//! many addresses sent it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use crate::net::address::Policy;
use crate::net::fetch::{Purpose, Request};
use crate::net::source::Source;
use crate::observe::{
    CertFacts, CertSource, Certificate, Chain, ChainFacts, Completeness, Fetched, Observation, Pki,
    Revocation, RevocationStatus, Serves, Staple, Tlsa,
};
use crate::pki::chain::{self, Pool, Question, Wanted};
use crate::pki::ocsp::{self, Call};
use crate::pki::revocation::{self, Ask};
use crate::pki::store::Stores;
use crate::pki::{self, crl};
use base64::prelude::{BASE64_STANDARD, Engine};

/// Rounds of fetching issuers of issuers.
const MOST_ROUNDS: usize = 4;

/// Addresses tried for one missing certificate.
const MOST_ADDRESSES: usize = 2;

/// Certificates of a path whose revocation is asked for, the leaf first.
const MOST_ASKED: usize = 4;

/// What certificates are held against.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The stores.
    pub stores: Stores,
    /// Intermediates known before the scan.
    pub known: Arc<Pool>,
    /// The certificate the host ought to serve, in DER.
    pub expected: Option<Vec<u8>>,
}

impl Default for Trust {
    /// Mozilla's store and the intermediates built in.
    fn default() -> Self {
        Self { stores: Stores::mozilla(), known: built_in(), expected: None }
    }
}

/// The intermediates built in, read once for all scans.
#[must_use]
pub fn built_in() -> Arc<Pool> {
    static POOL: LazyLock<Arc<Pool>> = LazyLock::new(|| {
        let mut pool = Pool::default();
        for der in pki::intermediates::built_in() {
            // The tests of the list see to it that each can be read.
            let _ = pool.add(der, CertSource::Known);
        }
        Arc::new(pool)
    });
    Arc::clone(&POOL)
}

/// Certificates by id, in DER.
type Ders = BTreeMap<String, Vec<u8>>;

/// Fills in what the certificates of an observation are worth.
pub async fn examine(observation: &mut Observation, trust: &Trust, source: &Source) {
    let now = i64::try_from(observation.started_ms / 1000).unwrap_or(i64::MAX);
    let mut work = Work {
        trust,
        source,
        now,
        ders: Ders::new(),
        pool: Pool::over(Arc::clone(&trust.known)),
        fetched: Vec::new(),
    };
    for endpoint in &observation.endpoints {
        for (id, base64) in &endpoint.certificates {
            if let Some(der) = pki::decode(base64) {
                // What cannot be read is no issuer of anything.
                let _ = work.pool.add(&der, CertSource::Sent);
                work.ders.entry(id.clone()).or_insert(der);
            }
        }
    }
    let host = observation.target.server_name().unwrap_or(&observation.target.host).to_owned();
    let tlsa = observation.dns.tlsa.value().cloned().unwrap_or_default();

    let mut chains: BTreeMap<Vec<String>, (ChainFacts, Option<String>)> = BTreeMap::new();
    for endpoint in &mut observation.endpoints {
        let address = endpoint.address;
        for chain in &mut endpoint.chains {
            let key = &chain.certificates;
            if !chains.contains_key(key) {
                let examined = work.chain(key, &host, &tlsa, address).await;
                chains.insert(key.clone(), examined);
            }
            chain.facts = chains.get(key).map(|(facts, _)| facts.clone());
            chain.serves = trust
                .expected
                .as_deref()
                .and_then(|expected| serves(expected, work.ders.get(chain.certificates.first()?)?));
        }
        if let Some(staple) = endpoint.ocsp_staple.value() {
            // A server with several certificates staples for one of them.
            let told = endpoint.chains.iter().filter_map(|chain| work.staple(staple, chain));
            let answers =
                |staple: &Staple| !matches!(staple.status, RevocationStatus::Unknown { .. });
            endpoint.staple = told.fold(None, |best: Option<Staple>, next| match best {
                Some(best) if answers(&best) || !answers(&next) => Some(best),
                _ => Some(next),
            });
        }
    }

    let mut revocation = BTreeMap::new();
    for endpoint in &observation.endpoints {
        for chain in &endpoint.chains {
            let Some(facts) = &chain.facts else { continue };
            work.revocation(facts, &mut revocation, endpoint.address).await;
        }
    }
    let certificates = work.certificates(observation);
    observation.pki = Pki {
        certificates,
        stores: trust.stores.facts(),
        revocation,
        fetched: work.fetched,
        expected: trust.expected.as_deref().map(|der| pki::sha256_hex([der])),
    };
}

/// What is at hand while the chains of a scan are examined.
struct Work<'a> {
    trust: &'a Trust,
    source: &'a Source,
    now: i64,
    ders: Ders,
    pool: Pool,
    fetched: Vec<Fetched>,
}

impl Work<'_> {
    /// One chain; issuers nobody has are fetched first. With the reason if that did not work.
    async fn chain(
        &mut self,
        ids: &[String],
        host: &str,
        tlsa: &[Tlsa],
        address: IpAddr,
    ) -> (ChainFacts, Option<String>) {
        let ders: Vec<Vec<u8>> =
            ids.iter().map(|id| self.ders.get(id).cloned().unwrap_or_default()).collect();
        let sent: Vec<&[u8]> = ders.iter().map(Vec::as_slice).collect();
        let mut tried = None;
        for _ in 0..MOST_ROUNDS {
            let wanted = chain::wanted(&sent, &self.pool, &self.trust.stores);
            let mut found = false;
            for wanted in &wanted {
                match self.issuer_of(wanted, address).await {
                    Ok(new) => found |= new,
                    Err(why) => tried = Some(why),
                }
            }
            if !found {
                break;
            }
        }
        let question = Question {
            sent: &sent,
            pool: &self.pool,
            stores: &self.trust.stores,
            host,
            now: self.now,
            tlsa,
        };
        let mut facts = chain::examine(&question);
        if let Completeness::NoPath { tried: told, .. } = &mut facts.completeness {
            told.clone_from(&tried);
        }
        (facts, tried)
    }

    /// Fetches a missing issuer; true if that brought a certificate not had before.
    async fn issuer_of(&mut self, wanted: &Wanted, address: IpAddr) -> Result<bool, String> {
        let mut failed = None;
        for url in wanted.uris.iter().take(MOST_ADDRESSES) {
            match self.get(&Request::get(url, Purpose::Issuer), address).await {
                Ok(bytes) => {
                    let mut new = false;
                    for der in pki::bundle::certificates(&bytes) {
                        new |= self.pool.add(&der, CertSource::Fetched).unwrap_or(false);
                        self.ders.entry(pki::sha256_hex([der.as_slice()])).or_insert(der);
                    }
                    if new {
                        return Ok(true);
                    }
                    failed = Some(format!("{url} has no other certificate"));
                }
                Err(why) => failed = Some(format!("{url}: {why}")),
            }
        }
        failed.map_or(Ok(false), Err)
    }

    async fn get(&mut self, request: &Request, address: IpAddr) -> Result<Arc<[u8]>, String> {
        // What was fetched for another chain of the scan is not told twice.
        let url = request.url.clone();
        let result = self.source.fetch(request, &Policy::like(address)).await;
        let (bytes, error) = match &result {
            Ok(bytes) => (bytes.len() as u64, None),
            Err(error) => (0, Some(error.clone())),
        };
        let told = Fetched { url, bytes, error };
        if !self.fetched.contains(&told) {
            self.fetched.push(told);
        }
        result
    }

    /// The DER of a certificate, wherever it is.
    fn der(&self, id: &str) -> Option<&[u8]> {
        self.ders
            .get(id)
            .map(Vec::as_slice)
            .or_else(|| self.pool.der(id))
            .or_else(|| self.trust.stores.der(id))
    }

    /// The issuer of the leaf, by the best path.
    fn issuer(&self, facts: Option<&ChainFacts>) -> Option<Vec<u8>> {
        let path = facts?.best_path()?;
        self.der(path.certificates.get(1)?).map(<[u8]>::to_vec)
    }

    /// What a staple says of the leaf of a chain.
    fn staple(&self, base64: &str, chain: &Chain) -> Option<Staple> {
        let response = pki::decode(base64)?;
        let leaf = self.der(chain.certificates.first()?)?;
        let issuer = self.issuer(chain.facts.as_ref());
        Some(ocsp::staple(&response, leaf, issuer.as_deref(), self.now))
    }

    /// Asks for the revocation of the certificates of the best path.
    async fn revocation(
        &mut self,
        facts: &ChainFacts,
        known: &mut BTreeMap<String, Revocation>,
        address: IpAddr,
    ) {
        let Some(path) = facts.best_path() else { return };
        for pair in path.certificates.windows(2).take(MOST_ASKED) {
            let [id, issuer] = pair else { continue };
            if known.contains_key(id) {
                continue;
            }
            let (Some(cert), Some(issuer)) =
                (self.der(id).map(<[u8]>::to_vec), self.der(issuer).map(<[u8]>::to_vec))
            else {
                continue;
            };
            let Ok(read) = CertFacts::read(&cert) else { continue };
            let answer = self.ask(&read, &cert, &issuer, address).await;
            known.insert(id.clone(), answer);
        }
    }

    /// List first, then responder; the first that knows decides.
    async fn ask(
        &mut self,
        facts: &CertFacts,
        cert: &[u8],
        issuer: &[u8],
        address: IpAddr,
    ) -> Revocation {
        let mut told = Revocation::default();
        for ask in revocation::plan(facts) {
            if revocation::settled(&told) {
                break;
            }
            let (url, request) = match &ask {
                Ask::Crl(url) => (url, Request::get(url, Purpose::Crl)),
                Ask::Ocsp(url) => {
                    let Some(body) = ocsp::request(cert, issuer) else { continue };
                    let request = match ocsp::call(url, &body) {
                        Call::Get(url) => Request::get(url, Purpose::Ocsp),
                        Call::Post { uri, body } => Request::post(uri, body, Purpose::Ocsp),
                    };
                    (url, request)
                }
            };
            let (status, until) = match self.get(&request, address).await {
                Err(why) => (RevocationStatus::Unknown { why: format!("{url}: {why}") }, None),
                Ok(bytes) => match ask {
                    Ask::Crl(_) => crl::answer(&bytes, cert, issuer, self.now),
                    Ask::Ocsp(_) => ocsp::answer(&bytes, cert, issuer, self.now),
                },
            };
            // What may be believed for a time need not be fetched again within it.
            if let Some(until) = until.and_then(|until| u64::try_from(until).ok()) {
                let until = UNIX_EPOCH + Duration::from_secs(until);
                self.source.keep_until(&request, &Policy::like(address), until);
            }
            revocation::note(&mut told, &ask, status);
        }
        told
    }

    /// Every certificate sent, and those of the paths.
    fn certificates(&self, observation: &Observation) -> BTreeMap<String, Certificate> {
        let mut all = BTreeMap::new();
        let endpoints = &observation.endpoints;
        for id in endpoints.iter().flat_map(|endpoint| endpoint.certificates.keys()) {
            let der = self.ders.get(id).map(Vec::as_slice);
            all.insert(id.clone(), certificate(der.unwrap_or_default(), CertSource::Sent));
        }
        let chains = endpoints.iter().flat_map(|endpoint| &endpoint.chains);
        for facts in chains.filter_map(|chain| chain.facts.as_ref()) {
            let steps = facts.should_be.iter().map(|step| &step.id);
            for id in steps.chain(facts.paths.iter().flat_map(|path| &path.certificates)) {
                if all.contains_key(id) {
                    continue;
                }
                let source = self.pool.source(id).unwrap_or(CertSource::Store);
                let Some(der) = self.der(id) else { continue };
                let found = Certificate {
                    der: Some(BASE64_STANDARD.encode(der)),
                    ..certificate(der, source)
                };
                all.insert(id.clone(), found);
            }
        }
        all
    }
}

fn certificate(der: &[u8], source: CertSource) -> Certificate {
    match CertFacts::read(der) {
        Ok(facts) => Certificate { source, der: None, facts: Some(facts), error: None },
        Err(error) => Certificate { source, der: None, facts: None, error: Some(error) },
    }
}

/// Which certificate stands where one was expected. Certificates for the same names count as
/// issues of one another: as renewals have them, whoever issued them.
fn serves(expected: &[u8], leaf: &[u8]) -> Option<Serves> {
    if expected == leaf {
        return Some(Serves::This);
    }
    let (wanted, found) = (CertFacts::read(expected).ok()?, CertFacts::read(leaf).ok()?);
    let names = |facts: &CertFacts| {
        let mut names: Vec<String> =
            facts.dns_names.iter().map(|name| name.to_ascii_lowercase()).collect();
        names.extend(facts.addresses.iter().map(IpAddr::to_string));
        if names.is_empty() {
            names.extend(facts.common_names.iter().map(|name| name.to_ascii_lowercase()));
        }
        names.sort();
        names.dedup();
        names
    };
    // A renewal may add or drop names; one in common is enough to be of the same kin.
    let (mine, theirs) = (names(&wanted), names(&found));
    let kin = mine.iter().any(|name| theirs.contains(name));
    Some(match (kin, found.not_before.cmp(&wanted.not_before)) {
        (true, std::cmp::Ordering::Less) => Serves::Older,
        (true, std::cmp::Ordering::Greater) => Serves::Newer,
        _ => Serves::Other,
    })
}
