//! A host's name against the names of a certificate (RFC 9525 section 6).

use std::net::IpAddr;

use crate::observe::{CertFacts, NameMatch};

/// The most names listed as near.
const MOST_NEAR: usize = 5;

/// Holds a host against the names of a leaf. The host is a DNS name, in letters of any script, or
/// an address; a dot at its end does not matter.
#[must_use]
pub fn matches(facts: &CertFacts, host: &str) -> NameMatch {
    let wanted = Wanted::read(host);
    let by = found(facts, &wanted);
    let common = |name: &String| match &wanted {
        Wanted::Address(address) => name.parse() == Ok(*address),
        Wanted::Name(host) => fits(name, host),
    };
    NameMatch {
        host: host.to_owned(),
        only_common_name: by.is_none() && facts.common_names.iter().any(common),
        by,
        near: match &wanted {
            Wanted::Address(_) => Vec::new(),
            Wanted::Name(host) => near(facts, host),
        },
    }
}

/// Whether a certificate is for a host, by its subject alternative names.
#[must_use]
pub fn covers(facts: &CertFacts, host: &str) -> bool {
    found(facts, &Wanted::read(host)).is_some()
}

/// What is looked for.
enum Wanted {
    Address(IpAddr),
    /// In lower case, international labels in their ASCII form, without a dot at the end.
    Name(String),
}

impl Wanted {
    fn read(host: &str) -> Self {
        if let Ok(address) = host.trim_matches(['[', ']']).parse() {
            return Self::Address(address);
        }
        // What is no international name either is still compared as it stands.
        let ascii = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_ascii_lowercase());
        Self::Name(ascii.strip_suffix('.').map(str::to_owned).unwrap_or(ascii))
    }
}

/// The entry that fits, as written.
fn found(facts: &CertFacts, wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::Address(address) => facts.addresses.contains(address).then(|| address.to_string()),
        Wanted::Name(host) => facts.dns_names.iter().find(|name| fits(name, host)).cloned(),
    }
}

/// Whether a name of a certificate is that of a host, or covers it with its first label: a `*`
/// stands for exactly one label (RFC 9525 section 6.3). As clients have it, two labels follow it.
fn fits(name: &str, host: &str) -> bool {
    if host.split('.').any(str::is_empty) {
        return false;
    }
    match name.strip_prefix("*.") {
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(_, rest)| parent.contains('.') && rest.eq_ignore_ascii_case(parent)),
        None => name.eq_ignore_ascii_case(host),
    }
}

/// Names close to a host that a certificate is for: with or without `www.`, one label less, one
/// label more.
fn near(facts: &CertFacts, host: &str) -> Vec<String> {
    let www = match host.strip_prefix("www.") {
        Some(bare) => bare.to_owned(),
        None => format!("www.{host}"),
    };
    let parent = host.split_once('.').map(|(_, rest)| rest.to_owned());
    let child = |name: &String| {
        let (label, rest) = name.split_once('.')?;
        (label != "*" && rest.eq_ignore_ascii_case(host)).then(|| name.to_ascii_lowercase())
    };
    let children = facts.dns_names.iter().filter_map(child);
    let mut near = Vec::new();
    for name in std::iter::once(www).chain(parent).chain(children) {
        if near.len() < MOST_NEAR
            && !near.contains(&name)
            && facts.dns_names.iter().any(|known| fits(known, &name))
        {
            near.push(name);
        }
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dns: &[&str]) -> CertFacts {
        let der = &webpki_root_certs::TLS_SERVER_ROOT_CERTS[0];
        let mut facts = CertFacts::read(der).unwrap();
        facts.dns_names = dns.iter().map(|&name| name.to_owned()).collect();
        facts.common_names = Vec::new();
        facts
    }

    fn by(dns: &[&str], host: &str) -> Option<String> {
        matches(&names(dns), host).by
    }

    #[test]
    fn case_and_a_last_dot_do_not_matter() {
        assert_eq!(by(&["Www.Example.COM"], "wWw.example.com."), Some("Www.Example.COM".into()));
        assert_eq!(by(&["www.example.com"], "www.example.com.."), None);
        assert_eq!(by(&["www.example.com"], "example.com"), None);
        assert_eq!(by(&[""], ""), None);
        assert_eq!(by(&["."], "."), None);
    }

    #[test]
    fn a_star_is_one_whole_label_and_the_first() {
        assert!(by(&["*.example.com"], "a.example.com").is_some());
        assert!(by(&["*.example.com"], "xn--mnchen-3ya.example.com").is_some());
        for (name, host) in [
            ("*.example.com", "example.com"),
            ("*.example.com", "a.b.example.com"),
            ("*.example.com", ".example.com"),
            ("a*.example.com", "ab.example.com"),
            ("*a.example.com", "ba.example.com"),
            ("a.*.example.com", "a.b.example.com"),
            ("*.*.example.com", "a.b.example.com"),
            ("*.com", "example.com"),
            ("*", "localhost"),
            ("*.", "a."),
        ] {
            assert_eq!(by(&[name], host), None, "{name} {host}");
        }
    }

    #[test]
    fn international_names_are_compared_in_ascii() {
        assert!(by(&["xn--mnchen-3ya.example"], "München.example").is_some());
        assert!(by(&["XN--MNCHEN-3YA.example"], "xn--mnchen-3ya.example").is_some());
        // RFC 9525 section 6.3: only A-labels count in a certificate.
        assert_eq!(by(&["münchen.example"], "münchen.example"), None);
        assert_eq!(matches(&names(&[]), "München.example").host, "München.example");
    }

    #[test]
    fn addresses_are_compared_with_addresses_only() {
        let mut facts = names(&["192.0.2.1", "*.0.2.1", "2001:db8::1"]);
        assert!(!covers(&facts, "192.0.2.1"));
        assert!(!covers(&facts, "2001:db8::1"));
        facts.addresses = vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        assert_eq!(matches(&facts, "192.0.2.1").by.as_deref(), Some("192.0.2.1"));
        assert_eq!(matches(&facts, "[2001:DB8:0::1]").by.as_deref(), Some("2001:db8::1"));
        assert!(!covers(&facts, "192.0.2.2"));
    }

    #[test]
    fn the_common_name_only_informs() {
        let mut facts = names(&[]);
        facts.common_names = vec!["www.example.com".to_owned()];
        let found = matches(&facts, "www.example.com");
        assert_eq!((found.by, found.only_common_name), (None, true));
        facts.dns_names = facts.common_names.clone();
        assert!(!matches(&facts, "www.example.com").only_common_name);
        assert!(!matches(&facts, "example.com").only_common_name);
    }

    #[test]
    fn near_names_are_one_label_away_and_few() {
        let near = |dns: &[&str], host: &str| matches(&names(dns), host).near;
        assert_eq!(near(&["www.example.com"], "example.com"), ["www.example.com"]);
        assert_eq!(near(&["example.com"], "www.example.com"), ["example.com"]);
        assert_eq!(near(&["*.example.com"], "example.com"), ["www.example.com"]);
        assert_eq!(near(&["example.com"], "a.example.com"), ["example.com"]);
        assert_eq!(near(&["a.b.example.com"], "example.com"), [""; 0]);
        assert_eq!(near(&["other.example"], "example.com"), [""; 0]);
        let many: Vec<_> = (0..9).map(|n| format!("H{n}.example.com")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        let five = ["h0", "h1", "h2", "h3", "h4"].map(|label| format!("{label}.example.com"));
        assert_eq!(near(&many, "example.com"), five);
    }
}
