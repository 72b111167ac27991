//! What to scan: host, port, STARTTLS, server name. Parsing and IDNA, no I/O.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::wire::StartTls;

/// A host to scan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The name in ASCII (IDNA A-labels), or an address.
    pub host: String,
    /// The name as typed, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// The port.
    pub port: u16,
    /// The plain-text protocol before TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starttls: Option<StartTls>,
    /// The server name to send, if it is not the host. Empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
}

/// Why a target cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Nothing was given.
    #[error("the host is empty")]
    Empty,
    /// The port is no number from 1 to 65535.
    #[error("`{0}` is not a port: a number from 1 to 65535")]
    Port(String),
    /// The name is against IDNA or the length limits of DNS.
    #[error("`{0}` is not a host name or an IP address")]
    Name(String),
    /// A URL of another scheme than https.
    #[error("`{0}` is not an https URL: give a host name, host:port or https://host")]
    Scheme(String),
}

impl Target {
    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port`, a bare IPv6 address or an `https://` URL.
    ///
    /// Without a port, it is the one of the STARTTLS protocol, or 443.
    pub fn parse(text: &str, starttls: Option<StartTls>) -> Result<Self, TargetError> {
        let text = text.trim();
        let (rest, from_url) = match text.split_once("://") {
            Some(("https", rest)) => (rest.split(['/', '?', '#']).next().unwrap_or(""), true),
            Some(_) => return Err(TargetError::Scheme(text.to_owned())),
            None => (text, false),
        };
        // Whatever was pasted from an address bar: the path is no part of the host.
        let rest = if from_url { rest } else { rest.trim_end_matches('/') };
        if rest.is_empty() {
            return Err(TargetError::Empty);
        }
        let (host, port) = split(rest)?;
        let port = match port {
            None => starttls.map_or(443, StartTls::default_port),
            Some(digits) => match digits.parse::<u16>() {
                Ok(n) if n > 0 => n,
                _ => return Err(TargetError::Port(digits.to_owned())),
            },
        };
        let (host, typed) = name(host)?;
        Ok(Self { host, typed, port, starttls, sni: None })
    }

    /// The address, if the host is one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    /// The server name to send: RFC 6066 section 3 forbids addresses there.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        match &self.sni {
            Some(name) if name.is_empty() => None,
            Some(name) => Some(name),
            None if self.ip().is_some() => None,
            None => Some(self.host.trim_end_matches('.')),
        }
    }

    /// Sets the server name to send instead of the host.
    pub fn with_sni(mut self, text: &str) -> Result<Self, TargetError> {
        self.sni = Some(if text.is_empty() { String::new() } else { name(text)?.0 });
        Ok(self)
    }

    /// The host as it stands in a URL or beside a port.
    #[must_use]
    pub fn bracketed(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.bracketed(), self.port)
    }
}

/// Splits the port off; brackets hold an IPv6 address.
fn split(text: &str) -> Result<(&str, Option<&str>), TargetError> {
    let wrong = || TargetError::Name(text.to_owned());
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(wrong)?;
        if host.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(wrong());
        }
        return match rest {
            "" => Ok((host, None)),
            _ => rest.strip_prefix(':').map(|port| (host, Some(port))).ok_or_else(wrong),
        };
    }
    if text.parse::<IpAddr>().is_ok() {
        return Ok((text, None));
    }
    match text.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(wrong()),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

/// The ASCII form of a name, and the typed form where it differs.
fn name(text: &str) -> Result<(String, Option<String>), TargetError> {
    let wrong = || TargetError::Name(text.to_owned());
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok((ip.to_string(), None));
    }
    let ascii = idna::domain_to_ascii(text).map_err(|_| wrong())?;
    let labels = ascii.strip_suffix('.').unwrap_or(&ascii);
    let fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    // A name of digits and dots alone would be an address written wrong, e.g. 10.0.0.256.
    let numeric = labels.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if labels.len() > 253 || numeric || !labels.split('.').all(fits) {
        return Err(wrong());
    }
    let typed = (ascii != text).then(|| text.to_owned());
    Ok((ascii, typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(String, u16), TargetError> {
        Target::parse(text, None).map(|t| (t.host, t.port))
    }

    #[test]
    fn the_usual_ways_to_write_a_target() {
        let is = |text: &str, host: &str, port: u16| {
            assert_eq!(parse(text).unwrap(), (host.to_owned(), port), "{text}");
        };
        is("example.com", "example.com", 443);
        is("Example.COM:8443", "example.com", 8443);
        is("https://example.com/path?q=1", "example.com", 443);
        is("https://example.com:444", "example.com", 444);
        is("192.0.2.1:25", "192.0.2.1", 25);
        is("::1", "::1", 443);
        is("[2001:db8::1]:993", "2001:db8::1", 993);
        is("bücher.example", "xn--bcher-kva.example", 443);
        is("_srv.example", "_srv.example", 443);
        let smtp = Target::parse("mail.example", Some(StartTls::Smtp)).unwrap();
        assert_eq!(smtp.port, 25);
    }

    #[test]
    fn what_is_no_target_is_named() {
        for text in [
            "",
            "   ",
            "https://",
            "http://example.com",
            "a:b:c",
            "host:0",
            "host:65536",
            "host:x",
            "[::1",
            "[::1]x",
            "10.0.0.256",
            "-:",
            "a..b",
            "a b",
            "ex\u{0}ample",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
        let long = "a".repeat(64);
        assert_eq!(parse(&long), Err(TargetError::Name(long.clone())));
    }

    #[test]
    fn the_server_name_is_never_an_address() {
        assert_eq!(Target::parse("127.0.0.1", None).unwrap().server_name(), None);
        let t = Target::parse("127.0.0.1", None).unwrap().with_sni("Example.com").unwrap();
        assert_eq!(t.server_name(), Some("example.com"));
        assert_eq!(t.with_sni("").unwrap().server_name(), None);
    }
}
