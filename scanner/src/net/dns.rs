//! Names to addresses, and what the HTTPS record says.

use std::net::IpAddr;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use hickory_resolver::proto::rr::rdata::svcb::SvcParamValue;
use hickory_resolver::proto::rr::{RData, RecordType};

use crate::observe::{Fact, Why};

/// How long one name server may keep silent.
const PATIENCE: Duration = Duration::from_secs(4);

/// The system's resolver: its name servers and its hosts file.
pub struct Dns {
    resolver: Result<TokioResolver, String>,
}

impl Dns {
    /// Reads the system's configuration.
    #[must_use]
    pub fn system() -> Self {
        let resolver = TokioResolver::builder_tokio().and_then(|mut builder| {
            let options = builder.options_mut();
            options.timeout = PATIENCE;
            options.attempts = 2;
            options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
            builder.build()
        });
        Self {
            resolver: resolver.map_err(|e| format!("the system's resolver cannot be used: {e}")),
        }
    }

    /// Every address of a name, IPv4 first; or why there is none, in words.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let resolver = self.resolver.as_ref().map_err(Clone::clone)?;
        // A name as typed by the user is absolute: the search list would find another host.
        let name = format!("{}.", host.trim_end_matches('.'));
        match resolver.lookup_ip(name.as_str()).await {
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

    /// The configuration for encrypted ClientHellos in the HTTPS record (RFC 9460 section 9,
    /// RFC 9848).
    pub async fn ech(&self, host: &str, port: u16) -> Fact<String> {
        let Ok(resolver) = &self.resolver else { return Fact::unknown(Why::Unreachable, []) };
        let host = host.trim_end_matches('.');
        let name = if port == 443 { format!("{host}.") } else { format!("_{port}._https.{host}.") };
        let lookup = match resolver.lookup(name.as_str(), RecordType::HTTPS).await {
            Ok(lookup) => lookup,
            Err(error) if error.is_no_records_found() => return Fact::no([]),
            Err(_) => return Fact::unknown(Why::Timeout, []),
        };
        for record in lookup.answers() {
            let RData::HTTPS(https) = &record.data else { continue };
            for (_, value) in &https.0.svc_params {
                if let SvcParamValue::EchConfigList(list) = value {
                    return Fact::yes(BASE64_STANDARD.encode(&list.0), []);
                }
            }
        }
        Fact::no([])
    }
}
