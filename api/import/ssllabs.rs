//! Host documents of the SSL Labs API, versions 2 to 4, as facts: what their service saw of a
//! server, and what grade it gave.
//!
//! Recorded results are the measure of the rules: the facts are graded here, and the letters
//! compared. What a document does not say is unknown, never "no". Three forms are read: the Host
//! document of the service, an array of such, and one endpoint by itself under the key `endpoint`,
//! beside the host's fields, as collections of results keep it.

mod certificates;
mod chains;
mod clients;
mod document;
mod features;
mod suites;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::IpAddr;

use taraf_scanner::grade::simulate::Clients;
use taraf_scanner::grade::{Facts, Letter};
use taraf_scanner::observe::{
    AddressSource, Contact, Cost, DnsFacts, Endpoint, Fact, Observation, Randoms, Reuse, SCHEMA,
    Schemes, Sni, Why,
};
use taraf_scanner::target::Target;

use certificates::Held;

/// A recorded result.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What was seen.
    pub observation: Observation,
    /// What SSL Labs said of it, one entry for each endpoint, in the same order.
    pub said: Vec<Said>,
}

/// What SSL Labs said of an endpoint; `None` where the document is silent.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// When the test was done, in seconds since 1970; 0 if the document has no time at all.
    pub at: i64,
    /// The grade.
    pub grade: Option<Letter>,
    /// The grade if the certificate were trusted.
    pub trust_ignored: Option<Letter>,
    /// A warning holds.
    pub warnings: Option<bool>,
    /// The result is exceptional, an A+.
    pub exceptional: Option<bool>,
    /// What their clients made of the server; of each client there is no record.
    pub clients: Clients,
}

impl Recorded {
    /// The facts of each endpoint that speaks TLS, at the time of the test and with the recorded
    /// clients in place of simulated ones, and what was said of it.
    pub fn facts(&self) -> impl Iterator<Item = (Facts, &Said)> {
        self.observation.endpoints.iter().zip(&self.said).filter_map(|(endpoint, said)| {
            let mut facts = Facts::of(&self.observation, endpoint)?;
            facts.at = said.at;
            facts.clients = said.clients.clone();
            Some((facts, said))
        })
    }
}

/// Reads a document, or an array of documents.
///
/// # Errors
///
/// In words, if it is no JSON, a field is of another type than it should be, or a host, an
/// address, a certificate or a grade cannot be read.
pub fn read(json: &str) -> Result<Vec<Recorded>, String> {
    let hosts = document::read(json)?;
    let several = hosts.len() > 1;
    let one = |(at, host): (usize, &document::Host)| {
        recorded(host).map_err(|error| match several {
            true => format!("document {}: {error}", at + 1),
            false => error,
        })
    };
    hosts.iter().enumerate().map(one).collect()
}

fn recorded(host: &document::Host) -> Result<Recorded, String> {
    let name = host.host.as_deref().ok_or("no `host`: this is no Host document of SSL Labs")?;
    let mut target = Target::parse(name, None).map_err(|error| format!("`host`: {error}"))?;
    target.port = host.port.unwrap_or(target.port);

    let mut held = Held::default();
    for cert in host.certs.iter().flatten() {
        held.take(cert)?;
    }
    let written = || host.endpoints.iter().flatten().chain(&host.endpoint);
    let mut endpoints = Vec::new();
    let mut said = Vec::new();
    for (at, document) in written().enumerate() {
        let place = |error: String| format!("endpoint {}: {error}", at + 1);
        let what = say(host, document).map_err(place)?;
        endpoints.push(endpoint(document, &target, &mut held, what.at).map_err(place)?);
        said.push(what);
    }

    let start = milliseconds(host.start_time.or(host.test_time));
    let engine = host.engine_version.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
    let dns = DnsFacts {
        source: AddressSource::Recording,
        addresses: endpoints.iter().map(|it| it.address).collect(),
        error: host.status_message.clone().filter(|_| endpoints.is_empty()),
        ech: unknown(),
        caa: features::caa(host, written()),
        tlsa: unknown(),
        https: unknown(),
        dnssec: unknown(),
    };
    let observation = Observation {
        schema: SCHEMA,
        tool: format!("SSL Labs{engine}"),
        target,
        started_ms: start,
        duration_ms: milliseconds(host.test_time).saturating_sub(start),
        dns,
        pki: held.kept(&endpoints),
        endpoints,
    };
    Ok(Recorded { observation, said })
}

/// What was said of an endpoint.
fn say(host: &document::Host, endpoint: &document::Endpoint) -> Result<Said, String> {
    let letter = |key: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Letter::parse(text)
            .map(Some)
            .ok_or_else(|| format!("`{key}`: {text:?} is not a grade of SSL Labs")),
    };
    let details = endpoint.details.as_ref();
    let at = host.test_time.or(details.and_then(|it| it.host_start_time)).or(host.start_time);
    Ok(Said {
        at: at.unwrap_or(0).div_euclid(1000),
        grade: letter("grade", &endpoint.grade)?,
        trust_ignored: letter("gradeTrustIgnored", &endpoint.grade_trust_ignored)?,
        warnings: endpoint.has_warnings,
        exceptional: endpoint.is_exceptional,
        clients: details.map(clients::clients).unwrap_or_default(),
    })
}

/// The facts of one address; `now` is in seconds since 1970.
fn endpoint(
    document: &document::Endpoint,
    target: &Target,
    held: &mut Held,
    now: i64,
) -> Result<Endpoint, String> {
    let address = document.ip_address.as_deref().ok_or("no `ipAddress`")?;
    let address: IpAddr =
        address.parse().map_err(|_| format!("`ipAddress`: {address:?} is not an address"))?;
    // An endpoint without details was not reached, or the test was not over.
    let nothing = document::Details::default();
    let details = document.details.as_ref().unwrap_or(&nothing);
    let contact = match (&document.details, &details.protocols) {
        (Some(_), Some(spoken)) if spoken.is_empty() => Contact::Refuses { alert: None },
        (Some(_), _) => Contact::Tls,
        (None, _) => match document.status_message.as_deref() {
            Some("No secure protocols supported") => Contact::Refuses { alert: None },
            _ => Contact::Nothing { why: Why::NotRecorded },
        },
    };
    let mut endpoint = Endpoint {
        address,
        port: target.port,
        contact,
        protocols: suites::protocols(details),
        suites: suites::suites(details),
        groups: suites::groups(details),
        point_formats: unknown(),
        dh: suites::dh(details),
        dhe_without_named_group: unknown(),
        reuse: Reuse {
            dh: told(details.dh_ys_reuse, ()),
            ecdh: told(details.ecdh_parameter_reuse, ()),
        },
        schemes: Schemes::default(),
        chains: Vec::new(),
        certificates: BTreeMap::new(),
        ocsp_staple: told(details.ocsp_stapling, String::new()),
        staple: features::staple(details),
        scts: told(bit(details.has_sct, 4), String::new()),
        alpn: features::names(details.supports_alpn, details.alpn_protocols.as_deref()),
        alpn_mismatch: unknown(),
        npn: features::names(details.supports_npn, details.npn_protocols.as_deref()),
        session: features::session(details),
        secure_renegotiation: told(bit(details.reneg_support, 2), ()),
        extended_master_secret: unknown(),
        encrypt_then_mac: unknown(),
        compression: features::compression(details),
        // Their documents do not give the mode; 1 is that of every server that answers.
        heartbeat: told(details.heartbeat, 1),
        max_fragment_length: unknown(),
        certificate_compression: unknown(),
        client_auth: unknown(),
        fallback_scsv: told(details.fallback_scsv, ()),
        sni: Sni { required: told(details.sni_required, ()), unrecognised: unknown() },
        randoms: Randoms::default(),
        tolerance: features::tolerance(details),
        http: features::http(details),
        flaws: features::flaws(details),
        cost: Cost { duration_ms: milliseconds(document.duration), ..Cost::default() },
        simulations: Vec::new(),
        asked: Vec::new(),
    };
    endpoint.chains = chains::chains(details, target, &endpoint.protocols, held, now)?;
    let sent = endpoint.chains.iter().flat_map(|chain| &chain.certificates);
    endpoint.certificates =
        sent.filter_map(|id| Some((id.clone(), held.ders.get(id)?.clone()))).collect();
    Ok(endpoint)
}

/// What the document does not say.
fn unknown<T>() -> Fact<T> {
    Fact::unknown(Why::NotRecorded, [])
}

/// What it says is so or not.
fn told<T>(so: Option<bool>, value: T) -> Fact<T> {
    match so {
        Some(true) => Fact::yes(value, []),
        Some(false) => Fact::no([]),
        None => unknown(),
    }
}

/// Whether a bit is set. Negative numbers are errors of the test.
fn bit(bits: Option<i64>, bit: i64) -> Option<bool> {
    bits.filter(|bits| *bits >= 0).map(|bits| bits & bit != 0)
}

/// A time or a duration, which is never before 1970.
fn milliseconds(number: Option<i64>) -> u64 {
    u64::try_from(number.unwrap_or(0)).unwrap_or(0)
}
