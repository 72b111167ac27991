//! What DNS says of a host: its addresses, who may issue certificates for it, which ones it pins,
//! its HTTPS records, and whether all that is signed.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use futures_util::join;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
    ResolverOpts,
};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::{Proof, TrustAnchors};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::rdata::svcb::{SVCB, SvcParamKey, SvcParamValue};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use tokio::time::timeout;

use crate::observe::{Caa, CaaRecord, Dnssec, Fact, Tlsa, Why};

/// How long one name server may keep silent, and how often it is asked again.
const PATIENCE: Duration = Duration::from_secs(4);
const AGAIN: usize = 2;

/// How long all records of a host may take together.
const BUDGET: Duration = Duration::from_secs(6);

/// How many answers are kept.
const KEPT: u64 = 4096;

/// How many records of a kind are taken down. Nobody has as many.
const RECORDS: usize = 100;

/// A resolver with a memory. One for all hosts of a run: clones share everything.
#[derive(Clone)]
pub struct Dns {
    resolvers: Result<Arc<Resolvers>, String>,
}

struct Resolvers {
    plain: TokioResolver,
    /// Checks signatures, and is asked for nothing but their state: where they are lost on the way
    /// it has no answers at all.
    checking: TokioResolver,
    budget: Duration,
}

/// What else DNS says of a host, beside its addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// See [`DnsFacts::ech`](crate::observe::DnsFacts::ech).
    pub ech: Fact<String>,
    /// See [`DnsFacts::caa`](crate::observe::DnsFacts::caa).
    pub caa: Fact<Caa>,
    /// See [`DnsFacts::tlsa`](crate::observe::DnsFacts::tlsa).
    pub tlsa: Fact<Vec<Tlsa>>,
    /// See [`DnsFacts::https`](crate::observe::DnsFacts::https).
    pub https: Fact<Vec<String>>,
    /// See [`DnsFacts::dnssec`](crate::observe::DnsFacts::dnssec).
    pub dnssec: Fact<Dnssec>,
}

/// Reads the address of a name server: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53` or
/// `[2001:db8::53]:5353`. Without a port it is 53.
pub fn parse_server(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(ip) = bare.parse::<IpAddr>()
        && (bare == text || ip.is_ipv6())
    {
        return Ok(SocketAddr::new(ip, 53));
    }
    match text.parse::<SocketAddr>() {
        Ok(address) if address.port() == 0 => Err(format!("`{text}`: 0 is not a port")),
        Ok(address) => Ok(address),
        Err(_) => Err(format!(
            "`{text}` is not a name server: give an IP address, with a port as 192.0.2.53:53 or \
             [2001:db8::53]:53"
        )),
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns")
    }
}

impl Dns {
    /// The system's name servers and its hosts file.
    #[must_use]
    pub fn system() -> Self {
        match read_system_conf() {
            Ok((config, options)) => Self::new(&Setup::usual(config, options)),
            Err(e) => Self { resolvers: Err(format!("the system's resolver cannot be used: {e}")) },
        }
    }

    /// These name servers and nothing else, not even the hosts file.
    #[must_use]
    pub fn server(servers: Vec<SocketAddr>) -> Self {
        if servers.is_empty() {
            return Self { resolvers: Err("no name server was given".to_owned()) };
        }
        Self::new(&Setup::usual(to(&servers), without_hosts()))
    }

    fn new(setup: &Setup) -> Self {
        let build = || {
            Ok(Arc::new(Resolvers {
                plain: setup.resolver(Checking::Nothing)?,
                checking: setup.resolver(Checking::Signatures)?,
                budget: setup.budget,
            }))
        };
        let failed = |e: NetError| format!("the resolver cannot be used: {e}");
        Self { resolvers: build().map_err(failed) }
    }

    /// Every address of a name, IPv4 first; or why there is none, in words.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let resolvers = self.resolvers.as_ref().map_err(Clone::clone)?;
        // A name as typed by the user is absolute: the search list would find another host.
        match resolvers.plain.lookup_ip(absolute(host).as_str()).await {
            Ok(found) => {
                let mut addresses: Vec<IpAddr> = found.iter().collect();
                addresses.sort();
                addresses.dedup();
                Ok(addresses)
            }
            Err(error) if error.is_nx_domain() => Err("the name does not exist".to_owned()),
            Err(error) if error.is_no_records_found() => Err("the name has no address".to_owned()),
            Err(error) => Err(format!("no answer from DNS: {error}")),
        }
    }

    /// Everything else about a host that is a name, asked side by side within six seconds. What is
    /// not there is "no" only if DNS said so; an error or silence is "unknown".
    pub async fn records(&self, host: &str, port: u16) -> Records {
        if host.parse::<IpAddr>().is_ok() {
            return Records::unknown(Why::NotApplicable);
        }
        let Ok(resolvers) = &self.resolvers else { return Records::unknown(Why::Unreachable) };
        let host = absolute(host);
        let (caa, tlsa, (https, ech), dnssec) = join!(
            resolvers.within(resolvers.caa(&host)),
            resolvers.within(resolvers.tlsa(&host, port)),
            async {
                let both = timeout(resolvers.budget, resolvers.https(&host, port)).await;
                both.unwrap_or_else(|_| (silent(), silent()))
            },
            resolvers.within(resolvers.dnssec(&host)),
        );
        Records { ech, caa, tlsa, https, dnssec }
    }
}

impl Records {
    /// Nothing is known, and for everything the reason is the same.
    #[must_use]
    pub fn unknown(why: Why) -> Self {
        Self {
            ech: Fact::unknown(why, []),
            caa: Fact::unknown(why, []),
            tlsa: Fact::unknown(why, []),
            https: Fact::unknown(why, []),
            dnssec: Fact::unknown(why, []),
        }
    }
}

/// What a resolver makes of signatures.
#[derive(Clone, Copy)]
enum Checking {
    Nothing,
    Signatures,
}

/// Whom to ask, and how.
struct Setup {
    config: ResolverConfig,
    options: ResolverOpts,
    patience: Duration,
    budget: Duration,
    /// The keys of the root, if they are not those of the Internet.
    anchors: Option<Arc<TrustAnchors>>,
}

impl Setup {
    fn usual(config: ResolverConfig, options: ResolverOpts) -> Self {
        Self { config, options, patience: PATIENCE, budget: BUDGET, anchors: None }
    }

    fn resolver(&self, checking: Checking) -> Result<TokioResolver, NetError> {
        let provider = TokioRuntimeProvider::default();
        let mut builder = TokioResolver::builder_with_config(self.config.clone(), provider);
        *builder.options_mut() = self.options.clone();
        let options = builder.options_mut();
        options.timeout = self.patience;
        options.attempts = AGAIN;
        options.cache_size = KEPT;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        if let Checking::Signatures = checking {
            options.validate = true;
            // A signed alias to an unsigned name is not signed as a whole.
            options.preserve_intermediates = true;
            options.use_hosts_file = ResolveHosts::Never;
            if let Some(anchors) = &self.anchors {
                builder = builder.with_trust_anchor(Arc::clone(anchors));
            }
        }
        builder.build()
    }
}

impl Resolvers {
    async fn within<T>(&self, fact: impl Future<Output = Fact<T>>) -> Fact<T> {
        timeout(self.budget, fact).await.unwrap_or_else(|_| silent())
    }

    /// Records of one type; none if DNS says that there are none.
    async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, Why> {
        match self.plain.lookup(name, kind).await {
            Ok(lookup) => {
                let of_kind = lookup.answers().iter().filter(|r| r.record_type() == kind);
                Ok(of_kind.take(RECORDS).map(|r| r.data.clone()).collect())
            }
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(why(&error)),
        }
    }

    /// The records that stand first on the way from the host up to the root, without the root (RFC
    /// 8659 section 3). An error on the way ends it: there might have been records.
    async fn caa(&self, host: &str) -> Fact<Caa> {
        let mut name = host;
        while !name.is_empty() && name != "." {
            let records: Vec<CaaRecord> = match self.ask(name, RecordType::CAA).await {
                Ok(found) => found.iter().filter_map(caa_record).collect(),
                Err(why) => return Fact::unknown(why, []),
            };
            if !records.is_empty() {
                let at = name.trim_end_matches('.').to_owned();
                return Fact::yes(Caa { at, records }, []);
            }
            name = name.split_once('.').map_or("", |(_, parent)| parent);
        }
        Fact::no([])
    }

    /// The records for the port over TCP (RFC 6698 section 3).
    async fn tlsa(&self, host: &str, port: u16) -> Fact<Vec<Tlsa>> {
        match self.ask(&format!("_{port}._tcp.{host}"), RecordType::TLSA).await {
            Ok(found) => some(found.iter().filter_map(tlsa_record).collect()),
            Err(why) => Fact::unknown(why, []),
        }
    }

    /// The HTTPS records as text, and the configuration for encrypted ClientHellos in them (RFC
    /// 9460 section 9, RFC 9848).
    async fn https(&self, host: &str, port: u16) -> (Fact<Vec<String>>, Fact<String>) {
        let name = if port == 443 { host.to_owned() } else { format!("_{port}._https.{host}") };
        let found = match self.ask(&name, RecordType::HTTPS).await {
            Ok(found) => found,
            Err(why) => return (Fact::unknown(why, []), Fact::unknown(why, [])),
        };
        let mut records: Vec<&SVCB> = found
            .iter()
            .filter_map(|data| match data {
                RData::HTTPS(https) => Some(&https.0),
                _ => None,
            })
            .collect();
        // The order of the answer is chance, the priority is not.
        records.sort_by_key(|record| record.svc_priority);
        let ech =
            records.iter().flat_map(|record| &record.svc_params).find_map(
                |(_, value)| match value {
                    SvcParamValue::EchConfigList(list) => Some(BASE64_STANDARD.encode(&list.0)),
                    _ => None,
                },
            );
        let texts = records.into_iter().map(presentation).collect();
        (some(texts), ech.map_or_else(|| Fact::no([]), |list| Fact::yes(list, [])))
    }

    /// Whether the addresses are signed. Unknown if there are none.
    async fn dnssec(&self, host: &str) -> Fact<Dnssec> {
        for kind in [RecordType::A, RecordType::AAAA] {
            let mut status = self.status(host, kind).await;
            if status == Ok(Some(Dnssec::Bogus)) {
                if !self.hears_signatures().await {
                    return Fact::unknown(Why::Garbled, []);
                }
                // A key that got lost on the way looks like one that is missing.
                status = self.status(host, kind).await;
            }
            match status {
                // The name has no such record: the other family may.
                Ok(None) => {}
                Ok(Some(status)) => return Fact::yes(status, []),
                Err(why) => return Fact::unknown(why, []),
            }
        }
        Fact::unknown(Why::NotApplicable, [])
    }

    /// Whether the records of one type are signed; `None` if there are none.
    async fn status(&self, host: &str, kind: RecordType) -> Result<Option<Dnssec>, Why> {
        match self.checking.lookup(host, kind).await {
            Ok(lookup) => proven(&lookup, kind),
            Err(NetError::Dns(error)) => match error {
                DnsError::DnssecBogus | DnsError::Nsec { proof: Proof::Bogus, .. } => {
                    Ok(Some(Dnssec::Bogus))
                }
                DnsError::NoRecordsFound(_) | DnsError::Nsec { .. } => Ok(None),
                error => Err(why(&NetError::Dns(error))),
            },
            Err(error) => Err(why(&error)),
        }
    }

    /// Whether signatures get here at all. Many resolvers, such as those in home routers, drop
    /// them; that says nothing of the host. The root is signed and everybody can ask for its keys.
    async fn hears_signatures(&self) -> bool {
        let keys = self.checking.lookup(Name::root(), RecordType::DNSKEY).await;
        keys.is_ok_and(|keys| {
            let mut keys = keys.answers().iter().filter(|r| r.record_type() == RecordType::DNSKEY);
            keys.any(|key| key.proof == Proof::Secure)
        })
    }
}

/// What the proofs of the records say together: the least of them counts. `None` if none is there.
fn proven(lookup: &Lookup, kind: RecordType) -> Result<Option<Dnssec>, Why> {
    let of_kind = |r: &&Record| r.record_type() == kind || r.record_type() == RecordType::CNAME;
    let proofs = || lookup.answers().iter().filter(of_kind).map(|r| r.proof);
    if !lookup.answers().iter().any(|r| r.record_type() == kind) {
        Ok(None)
    } else if proofs().any(|proof| proof == Proof::Bogus) {
        Ok(Some(Dnssec::Bogus))
    } else if proofs().any(|proof| proof == Proof::Insecure) {
        Ok(Some(Dnssec::Unsigned))
    } else if proofs().all(|proof| proof == Proof::Secure) {
        Ok(Some(Dnssec::Signed))
    } else {
        Err(Why::Garbled)
    }
}

/// Why there is no answer. A server that answers SERVFAIL could not reach those who know, or does
/// not believe them.
fn why(error: &NetError) -> Why {
    match error {
        NetError::Timeout => Why::Timeout,
        NetError::Dns(DnsError::ResponseCode(ResponseCode::Refused)) => Why::Refused,
        NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail))
        | NetError::Io(_)
        | NetError::Busy
        | NetError::NoConnections => Why::Unreachable,
        _ => Why::Garbled,
    }
}

fn silent<T>() -> Fact<T> {
    Fact::unknown(Why::Timeout, [])
}

/// The records, if there are any.
fn some<T>(records: Vec<T>) -> Fact<Vec<T>> {
    if records.is_empty() { Fact::no([]) } else { Fact::yes(records, []) }
}

fn absolute(host: &str) -> String {
    format!("{}.", host.trim_end_matches('.'))
}

fn to(servers: &[SocketAddr]) -> ResolverConfig {
    let servers = servers.iter().map(|address| {
        let mut server = NameServerConfig::udp_and_tcp(address.ip());
        let on_port = |mut connection: ConnectionConfig| {
            connection.port = address.port();
            connection
        };
        server.connections = server.connections.into_iter().map(on_port).collect();
        server
    });
    ResolverConfig::from_parts(None, Vec::new(), servers.collect())
}

fn without_hosts() -> ResolverOpts {
    let mut options = ResolverOpts::default();
    options.use_hosts_file = ResolveHosts::Never;
    options
}

fn caa_record(data: &RData) -> Option<CaaRecord> {
    let RData::CAA(caa) = data else { return None };
    Some(CaaRecord {
        critical: caa.issuer_critical,
        tag: caa.tag.clone(),
        value: String::from_utf8_lossy(&caa.value).into_owned(),
    })
}

fn tlsa_record(data: &RData) -> Option<Tlsa> {
    let RData::TLSA(tlsa) = data else { return None };
    Some(Tlsa {
        usage: tlsa.cert_usage.into(),
        selector: tlsa.selector.into(),
        matching: tlsa.matching.into(),
        data: hex(&tlsa.cert_data),
    })
}

/// A record as it stands in a zone file: priority, target, parameters (RFC 9460 section 2.1).
fn presentation(record: &SVCB) -> String {
    let list = |items: Vec<String>| items.join(",");
    let mut text = format!("{} {}", record.svc_priority, record.target_name);
    for (key, value) in &record.svc_params {
        let number = u16::from(*key);
        let key = match key {
            SvcParamKey::Key(_) | SvcParamKey::Key65535 | SvcParamKey::Unknown(_) => {
                format!("key{number}")
            }
            known => known.to_string(),
        };
        let value = match value {
            SvcParamValue::Mandatory(keys) => {
                list(keys.0.iter().map(ToString::to_string).collect())
            }
            SvcParamValue::Alpn(names) => {
                list(names.0.iter().map(|name| escaped(name.as_bytes())).collect())
            }
            SvcParamValue::NoDefaultAlpn => String::new(),
            SvcParamValue::Port(port) => port.to_string(),
            SvcParamValue::Ipv4Hint(ips) => list(ips.0.iter().map(ToString::to_string).collect()),
            SvcParamValue::Ipv6Hint(ips) => list(ips.0.iter().map(ToString::to_string).collect()),
            SvcParamValue::EchConfigList(ech) => BASE64_STANDARD.encode(&ech.0),
            SvcParamValue::Unknown(bytes) => escaped(&bytes.0),
        };
        text.push(' ');
        text.push_str(&key);
        if !value.is_empty() {
            text.push('=');
            text.push_str(&value);
        }
    }
    text
}

/// Bytes as a zone file writes them: what is not plain as a decimal number (RFC 1035 section 5.1).
fn escaped(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|b| match b {
            b'"' | b'\\' | b',' | b';' | b'(' | b')' => format!("\\{}", char::from(*b)),
            0x21..=0x7e => char::from(*b).to_string(),
            _ => format!("\\{b:03}"),
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests;
