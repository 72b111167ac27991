//! Plain `http` addresses that strangers wrote, for instance into a certificate. No I/O.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;

/// The longest address worth reading. Real ones have about a hundred characters.
const LONGEST: usize = 2048;

/// Ports of other protocols, by which an HTTP request may do harm where it arrives: what the Fetch
/// standard blocks, and databases, queues and the like.
const OTHER_PROTOCOLS: [u16; 121] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179,
    389, 427, 443, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587,
    593, 601, 623, 636, 873, 989, 990, 992, 993, 995, 1080, 1433, 1521, 1719, 1720, 1723, 1883,
    2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5672,
    5900, 5984, 5985, 5986, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 8883, 9042,
    9092, 9100, 9200, 9300, 10080, 10250, 11211, 27017, 50000, 61616,
];

/// An address that may be asked, as far as the text of it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// A name in lower case, or an address without brackets.
    pub host: String,
    /// The port, 80 if none is named.
    pub port: u16,
    /// Path and query.
    pub path: String,
}

impl Url {
    /// Reads an `http` URL, or says in words why it will not be asked.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("the address has more than {LONGEST} characters"));
        }
        let uri: Uri = text.parse().map_err(|_| "the address is not a URL".to_owned())?;
        match uri.scheme_str() {
            Some("http") => {}
            Some(other) => return Err(format!("the address is `{other}`, only http is asked")),
            None => return Err("the address is not a URL".to_owned()),
        }
        let authority = uri.authority().ok_or("the address has no host")?;
        if authority.as_str().contains('@') {
            return Err("the address names a user".to_owned());
        }
        let port = match authority.port() {
            None if authority.as_str().ends_with(':') => 80,
            // `port_u16` cannot tell a missing port from one that is no number.
            None => match authority.as_str().strip_prefix(authority.host()) {
                Some("") => 80,
                _ => return Err("the port of the address is not a number".to_owned()),
            },
            Some(port) => port.as_u16(),
        };
        if OTHER_PROTOCOLS.contains(&port) {
            return Err(format!("port {port} belongs to another protocol"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let host = host.to_ascii_lowercase();
        let named = host.len() <= 254
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
            && host.bytes().any(|b| b != b'.');
        if !named && host.parse::<IpAddr>().is_err() {
            return Err("the host of the address is not a name".to_owned());
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host, port, path })
    }

    /// Where a `Location` header leads from here (RFC 9110 section 10.2.2).
    pub fn redirected(&self, location: &str) -> Result<Self, String> {
        let location = location.trim();
        let scheme_end = location.find(':').filter(|end| {
            let scheme = location.get(..*end).unwrap_or_default();
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        let text = if scheme_end.is_some() {
            location.to_owned()
        } else if location.starts_with("//") {
            format!("http:{location}")
        } else if location.starts_with('/') {
            format!("http://{}{location}", self.authority())
        } else {
            let path = self.path.split('?').next().unwrap_or("/");
            let folder = path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or("/");
            format!("http://{}{folder}{location}", self.authority())
        };
        Self::parse(&text).map_err(|why| format!("redirected, but {why}"))
    }

    /// Host and port as in the `Host` header (RFC 9110 section 7.2).
    #[must_use]
    pub fn authority(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        if self.port == 80 { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_addresses_are_read() {
        for (text, host, port, path) in [
            ("http://crl.example", "crl.example", 80, "/"),
            ("HTTP://CRL.Example/a/b.crl", "crl.example", 80, "/a/b.crl"),
            ("http://crl.example:8080/a?b=c#d", "crl.example", 8080, "/a?b=c"),
            ("http://crl.example?b=c", "crl.example", 80, "/?b=c"),
            ("http://192.0.2.1:80/x", "192.0.2.1", 80, "/x"),
            ("http://[2001:db8::1]:81/x", "2001:db8::1", 81, "/x"),
            ("http://[::1]/", "::1", 80, "/"),
        ] {
            let expected = Url { host: host.to_owned(), port, path: path.to_owned() };
            assert_eq!(Url::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_will_not_be_asked_is_named() {
        for (text, why) in [
            ("", "the address is not a URL"),
            ("crl.example/a", "the address is not a URL"),
            ("/a", "the address is not a URL"),
            ("http://", "the address is not a URL"),
            ("http://a b/", "the address is not a URL"),
            ("http://a/\r\nX: y", "the address is not a URL"),
            ("https://crl.example/a", "the address is `https`, only http is asked"),
            ("ldap://crl.example/a", "the address is `ldap`, only http is asked"),
            ("http://user@crl.example/", "the address names a user"),
            ("http://crl.example@10.0.0.1/", "the address names a user"),
            ("http://crl.example:22/", "port 22 belongs to another protocol"),
            ("http://crl.example:6379/", "port 6379 belongs to another protocol"),
            ("http://crl.example:0/", "port 0 belongs to another protocol"),
            ("http://crl.example:99999/", "the port of the address is not a number"),
            ("http://./", "the host of the address is not a name"),
            ("http://a$b/", "the host of the address is not a name"),
        ] {
            assert_eq!(Url::parse(text).unwrap_err(), why, "{text}");
        }
        let long = format!("http://crl.example/{}", "a".repeat(2048));
        assert!(Url::parse(&long).unwrap_err().contains("2048"));
    }

    #[test]
    fn redirects_lead_from_where_they_stand() {
        let from = Url::parse("http://a.example:8080/x/y?z").unwrap();
        let to = |location: &str| from.redirected(location).map(|url| url.to_string());
        let is = |location: &str, url: &str| assert_eq!(to(location), Ok(url.to_owned()));
        is("http://b.example/c", "http://b.example/c");
        is("//b.example/c", "http://b.example/c");
        is("/c?d", "http://a.example:8080/c?d");
        is("c", "http://a.example:8080/x/c");
        let says = |location: &str| to(location).unwrap_err();
        assert_eq!(
            says("https://a.example/"),
            "redirected, but the address is `https`, only http is asked"
        );
        assert!(says("file:///etc/passwd").starts_with("redirected, but "));
        assert!(says("http://a.example:25/").contains("port 25"));
    }
}
