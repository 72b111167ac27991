//! The Host document of the SSL Labs API, version 3, as the service itself writes it.
//!
//! Numbers, names and bits are theirs (`ssllabs-api-docs-v3.md` in `ssllabs/ssllabs-scan`); where
//! documents and service differ, the service wins, because its clients were written against it. A
//! fact nobody measured is left out. Nothing is ever null and no array stands in an array: their
//! own client stops at both.

mod certificates;
mod flaws;
mod http;
mod sims;
mod suites;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Map, Value};
use taraf_scanner::observe::{Contact, Endpoint, Fact, Observation, Session};
use taraf_scanner::pki::{self, CertFacts};
use taraf_scanner::report::{EndpointReport, Graded, Report};
use taraf_scanner::target::Target;
use taraf_scanner::wire::Version;
use taraf_scanner::wire::suites::SuiteInfo;

use certificates::Store;
use suites::offers;

/// What was seen of a host and what was made of it, as SSL Labs would report it.
#[must_use]
pub fn host(observation: &Observation, report: &Report) -> Value {
    let target = &observation.target;
    let store = Store::read(observation);
    let mut host = Fields::default();
    host.put("host", target.host.as_str());
    host.put("port", target.port);
    host.put("protocol", "http");
    host.put("isPublic", false);
    host.put("startTime", observation.started_ms);
    host.put("testTime", observation.started_ms.saturating_add(observation.duration_ms));
    host.put("engineVersion", version(&observation.tool));
    host.put("criteriaVersion", report.criteria);
    if observation.endpoints.is_empty() {
        host.put("status", "ERROR");
        host.put("statusMessage", "Unable to resolve domain name");
        return host.end();
    }
    host.put("status", "READY");
    let endpoints = observation.endpoints.iter();
    host.list(
        "endpoints",
        endpoints.map(|it| endpoint(observation, it, graded(report, it), &store)),
    );
    host.list(
        "certs",
        store.listed(observation).iter().map(|it| certificates::cert(it, observation)),
    );
    host.end()
}

/// What was made of an endpoint.
fn graded<'a>(report: &'a Report, endpoint: &Endpoint) -> Option<&'a Graded> {
    let same = |it: &&EndpointReport| it.address == endpoint.address && it.port == endpoint.port;
    let graded = report.endpoints.iter().find(same)?.graded();
    graded.filter(|_| endpoint.contact == Contact::Tls)
}

/// The version of a program, from its name and version.
fn version(tool: &str) -> &str {
    tool.rsplit([' ', '/']).next().unwrap_or(tool)
}

/// One address.
fn endpoint(
    observation: &Observation,
    endpoint: &Endpoint,
    graded: Option<&Graded>,
    store: &Store<'_>,
) -> Value {
    let message = match &endpoint.contact {
        Contact::Tls => "Ready",
        Contact::Nothing { .. } => "Unable to connect to the server",
        Contact::Refuses { .. } => "No secure protocols supported",
        Contact::NotTls { .. } => "Not a TLS server",
        Contact::NoStartTls { .. } => "STARTTLS not supported",
    };
    let mut fields = Fields::default();
    fields.put("ipAddress", address(endpoint.address));
    fields.put("statusMessage", message);
    if let Some(graded) = graded {
        sims::grade(&mut fields, graded);
    }
    fields.put("progress", 100);
    fields.put("duration", endpoint.cost.duration_ms);
    fields.put("delegation", if has_www(&observation.target) { 2 } else { 1 });
    if endpoint.contact == Contact::Tls {
        fields.put("details", details(observation, endpoint, graded, store));
    }
    fields.end()
}

/// An address in their form: IPv6 without any shortening.
fn address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|part| format!("{part:x}")).join(":"),
    }
}

/// True if the host was asked for with the prefix `www`.
fn has_www(target: &Target) -> bool {
    target.host.starts_with("www.")
}

/// Everything about an address that speaks TLS.
fn details(
    observation: &Observation,
    endpoint: &Endpoint,
    graded: Option<&Graded>,
    store: &Store<'_>,
) -> Value {
    let mut fields = Fields::default();
    fields.put("hostStartTime", observation.started_ms);
    let www = has_www(&observation.target);
    fields.put("prefixDelegation", www);
    fields.put("nonPrefixDelegation", !www);

    let chains = taraf_scanner::observe::ranked(&observation.target, &endpoint.chains);
    let main = chains.first().and_then(|(chain, _)| store.leaf(chain));
    fields.list(
        "certChains",
        chains.iter().map(|(it, no_sni)| certificates::chain(it, *no_sni, store)),
    );
    let spoken = Version::ALL.into_iter().filter(|it| suites::speaks(endpoint, *it) == Some(true));
    fields.list("protocols", spoken.map(|it| suites::protocol(endpoint, it)));
    let mut lists: Vec<_> = endpoint.suites.iter().filter(|it| !it.accepted.is_empty()).collect();
    lists.sort_by_key(|list| list.version);
    fields.list("suites", lists.into_iter().map(|it| suites::protocol_suites(endpoint, it)));
    fields.maybe("namedGroups", suites::named_groups(&endpoint.groups));

    // What is true, false, or not known.
    let e = endpoint;
    let aead = |_, info: &SuiteInfo| info.is_aead();
    let cbc = |_, info: &SuiteInfo| info.is_cbc();
    let drown = graded.and_then(|it| it.weakness("drown")).and_then(flaws::there);
    let flags = [
        ("vulnBeast", suites::prefers_old_cbc(e)),
        ("supportsNpn", e.npn.known()),
        ("supportsAlpn", e.alpn.known()),
        ("ocspStapling", e.ocsp_staple.known()),
        ("sniRequired", e.sni.required.known()),
        ("supportsRc4", offers(e, suites::rc4)),
        ("rc4Only", suites::rc4_only(e)),
        ("supportsAead", offers(e, aead)),
        ("supportsCBC", offers(e, cbc)),
        ("heartbeat", e.heartbeat.known()),
        ("poodle", offers(e, |version, info| version == Version::SSL3 && info.is_cbc())),
        ("freak", suites::freak(e)),
        ("logjam", suites::logjam(e)),
        ("drownVulnerable", drown.or_else(|| certificates::drown(e, store))),
        ("fallbackScsv", e.fallback_scsv.known()),
        ("dhYsReuse", e.reuse.dh.known()),
        ("ecdhParameterReuse", e.reuse.ecdh.known()),
        ("chaCha20Preference", suites::prefers_chacha(e)),
        ("implementsTLS13MandatoryCS", suites::has_mandatory_suite(e)),
    ];
    // What is a number or a set of bits.
    let numbers = [
        ("renegSupport", flaws::renegotiation(e)),
        ("sessionResumption", resumption(e)),
        ("sessionTickets", bits([(1, tickets_work(&e.session))])),
        ("compressionMethods", compression(&e.compression)),
        ("protocolIntolerance", protocol_intolerance(e)),
        ("miscIntolerance", misc_intolerance(e)),
        ("hasSct", scts(e, main)),
        ("dhUsesKnownPrimes", suites::known_primes(&e.dh)),
        ("zeroRTTEnabled", bits([(1, e.session.early_data.known())])),
    ];
    for (key, value) in flags {
        fields.maybe(key, value);
    }
    for (key, value) in numbers {
        fields.maybe(key, value);
    }
    for (key, protocols) in [("npnProtocols", &e.npn), ("alpnProtocols", &e.alpn)] {
        let text = protocols.value().map(|names| names.join(" ")).filter(|text| !text.is_empty());
        fields.maybe(key, text);
    }
    let stapled = e.staple.as_ref().map(|staple| certificates::status(&staple.status, true));
    fields.maybe("staplingRevocationStatus", stapled);
    if !e.dh.is_empty() {
        let primes: BTreeSet<_> = e.dh.iter().map(|dh| dh.prime.as_str()).collect();
        fields.list("dhPrimes", primes.into_iter().map(Value::from));
    }
    if let Some(graded) = graded {
        flaws::put(&mut fields, endpoint, graded);
        sims::clients(&mut fields, endpoint, graded);
    }
    http::headers(&mut fields, &e.http);
    fields.end()
}

/// A JSON object in the making.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    /// Says something.
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Leaves out what is not known.
    fn maybe(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Says several things of one kind.
    fn list(&mut self, key: &str, values: impl IntoIterator<Item = Value>) {
        self.put(key, values.into_iter().collect::<Vec<_>>());
    }

    /// The finished object.
    fn end(self) -> Value {
        Value::Object(self.0)
    }
}

/// Bits that are set or not. If some are not known, the others count only when one is set: zero
/// would claim too much.
fn bits<const N: usize>(bits: [(u32, Option<bool>); N]) -> Option<u32> {
    let set = bits.iter().filter(|(_, set)| *set == Some(true)).fold(0, |sum, (bit, _)| sum | bit);
    (set != 0 || bits.iter().all(|(_, set)| set.is_some())).then_some(set)
}

/// Resumption by session id: 0 no ids are handed out, 1 they are but not taken back, 2 it works.
fn resumption(endpoint: &Endpoint) -> Option<u32> {
    match (endpoint.session.id_issued.known(), endpoint.session.id_resumed.known()) {
        (_, Some(true)) => Some(2),
        (Some(false), _) => Some(0),
        (Some(true), Some(false)) => Some(1),
        _ => None,
    }
}

/// Only DEFLATE (RFC 3749), method 1, has a bit.
fn compression(compression: &Fact<u8>) -> Option<u32> {
    match compression.value() {
        Some(1) => Some(1),
        Some(_) => None,
        None => bits([(1, compression.known())]),
    }
}

/// True if the server does not answer a hello out of the ordinary.
fn refuses(tolerates: &Fact<()>) -> Option<bool> {
    tolerates.known().map(|tolerates| !tolerates)
}

/// 8 for TLS 1.3, by whichever field, and 32 for the version field 0x0499, "TLS 2.152". The bits of
/// older versions would show as protocols not spoken.
fn protocol_intolerance(endpoint: &Endpoint) -> Option<u32> {
    let it = &endpoint.tolerance;
    bits([(8, refuses(&it.tls13)), (8, refuses(&it.version_0304)), (32, refuses(&it.version_0499))])
}

/// 1 for extensions, 2 for long hellos.
fn misc_intolerance(endpoint: &Endpoint) -> Option<u32> {
    let it = &endpoint.tolerance;
    bits([
        (1, refuses(&it.unknown_extension)),
        (2, refuses(&it.over_255)),
        (2, refuses(&it.over_512)),
    ])
}

/// Where signed certificate timestamps come from: 1 certificate, 2 OCSP response, 4 extension.
fn scts(endpoint: &Endpoint, leaf: Option<&CertFacts>) -> Option<u32> {
    /// The object identifier of the list in an OCSP response, 1.3.6.1.4.1.11129.2.4.5 (RFC 6962
    /// section 3.3), as it stands in DER.
    const IN_OCSP: [u8; 12] = [6, 10, 0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 5];
    let stapled = match endpoint.ocsp_staple.value() {
        Some(staple) => {
            pki::decode(staple).map(|der| der.windows(IN_OCSP.len()).any(|bytes| bytes == IN_OCSP))
        }
        None => endpoint.ocsp_staple.known(),
    };
    bits([(1, leaf.map(|leaf| leaf.embedded_scts)), (2, stapled), (4, endpoint.scts.known())])
}

/// Tickets are supported when they are handed out and nothing shows that they are no use.
fn tickets_work(session: &Session) -> Option<bool> {
    if session.ticket_resumed.is_no() { Some(false) } else { session.ticket_issued.known() }
}
