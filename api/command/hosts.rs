//! Which hosts to scan, and at which addresses: from the command line and from lists.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use taraf_scanner::target::{Target, TargetError};

use super::{Failure, certificate};
use crate::cli::Scan;
use crate::export::printable::printable;

/// Most bytes of a list of hosts: a million names, and not a disk image given by mistake.
const MOST_LIST: u64 = 64 << 20;

/// The hosts to scan, in the order they were named, each once.
pub fn targets(args: &Scan) -> Result<Vec<Target>, Failure> {
    let mut wanted = Wanted { args, targets: Vec::new(), seen: HashSet::new() };
    for host in &args.hosts {
        match host.as_str() {
            "-" => wanted.list("standard input", io::stdin().lock())?,
            host => wanted.add(host).map_err(|error| unreadable(&error.to_string()))?,
        }
    }
    for path in &args.file {
        let name = format!("`{}`", path.display());
        let file = File::open(path).map_err(|error| no_list(&name, &error))?;
        wanted.list(&name, file)?;
    }
    if let Some(path) = &args.certificate {
        for name in certificate::names(path, &args.names)? {
            wanted.add(&name).map_err(|error| unreadable(&error.to_string()))?;
        }
    }
    if wanted.targets.is_empty() {
        return Err(Failure::usage(
            "there is no host to scan: the list is empty",
            "a list has one host per line; blank lines and what follows a `#` are left out",
        ));
    }
    Ok(wanted.targets)
}

/// Addresses given for one host, written as curl's `--resolve`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The host in ASCII; `None` stands for every host.
    host: Option<String>,
    port: u16,
    /// What the host resolves to.
    pub addresses: Vec<IpAddr>,
}

impl Override {
    /// True if it is meant for this host.
    #[must_use]
    pub fn fits(&self, target: &Target) -> bool {
        self.port == target.port && self.host.as_ref().is_none_or(|host| *host == target.host)
    }
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || "write it as HOST:PORT:ADDR, for instance example.com:443:192.0.2.1";
        // The host may be an IPv6 address in brackets; everything behind the port is addresses.
        let end = if text.starts_with('[') { text.find(']').ok_or_else(shape)? } else { 0 };
        let colon = |from: usize| text.get(from..)?.find(':').map(|at| from + at);
        let first = colon(end).ok_or_else(shape)?;
        let second = colon(first + 1).ok_or_else(shape)?;
        let (name, addresses) = text.split_at_checked(second).ok_or_else(shape)?;
        let addresses = addresses.strip_prefix(':').unwrap_or(addresses).split(',').map(address);
        let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
        let (host, port) = match name.strip_prefix("*:") {
            Some(port) => (None, port.parse().ok().filter(|port| *port > 0).ok_or_else(shape)?),
            None => {
                let target = Target::parse(name, None).map_err(|error| error.to_string())?;
                (Some(target.host), target.port)
            }
        };
        Ok(Self { host, port, addresses })
    }
}

impl std::fmt::Display for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host.as_deref().unwrap_or("*"), self.port)
    }
}

/// An address as it stands behind the port, perhaps in brackets.
fn address(text: &str) -> Result<IpAddr, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let read = match bare {
        Some(v6) => v6.parse::<Ipv6Addr>().map(IpAddr::V6).ok(),
        None => text.parse().ok(),
    };
    read.ok_or_else(|| format!("`{text}` is not an IP address"))
}

/// The hosts found so far.
struct Wanted<'a> {
    args: &'a Scan,
    targets: Vec<Target>,
    seen: HashSet<(String, u16)>,
}

impl Wanted<'_> {
    /// Adds one host.
    fn add(&mut self, text: &str) -> Result<(), TargetError> {
        let mut target = Target::parse(text, self.args.starttls)?;
        if let Some(sni) = &self.args.sni {
            target = target.with_sni(sni)?;
        }
        if self.seen.insert((target.host.clone(), target.port)) {
            self.targets.push(target);
        }
        Ok(())
    }

    /// Adds the hosts of a list.
    fn list(&mut self, name: &str, from: impl Read) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        let read = from.take(MOST_LIST + 1).read_to_end(&mut bytes);
        read.map_err(|error| no_list(name, &error))?;
        if bytes.len() as u64 > MOST_LIST {
            return Err(no_list(name, &"it has more than 64 MiB"));
        }
        let text = String::from_utf8(bytes).map_err(|_| no_list(name, &"it is not UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        for (index, line) in text.lines().enumerate() {
            let host = entry(line);
            if !host.is_empty() {
                self.add(host).map_err(|error| {
                    unreadable(&format!("line {} of {name}: {error}", index + 1))
                })?;
            }
        }
        Ok(())
    }
}

/// What a line of a list names. A `#` within a word is part of a URL.
fn entry(line: &str) -> &str {
    let comment = line
        .char_indices()
        .zip(std::iter::once(' ').chain(line.chars()))
        .find(|((_, c), before)| *c == '#' && before.is_whitespace());
    comment.and_then(|((at, _), _)| line.get(..at)).unwrap_or(line).trim()
}

/// A host that cannot be understood.
fn unreadable(what: &str) -> Failure {
    Failure::usage(
        printable(what),
        "a host is written as `example.com`, `example.com:8443`, `192.0.2.1`, `[2001:db8::1]:443` \
         or `https://example.com`",
    )
}

/// A list that cannot be read.
fn no_list(name: &str, why: &dyn std::fmt::Display) -> Failure {
    Failure::usage(
        format_args!("the list of hosts in {name} cannot be read: {why}"),
        "give a text file with one host per line, or `-` for standard input",
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn scan(words: &[&str]) -> Scan {
        let cli = Cli::try_parse_from([&["taraf", "scan"], words].concat()).unwrap();
        match cli.command {
            Command::Scan(scan) => *scan,
            other => panic!("{other:?}"),
        }
    }

    fn listed(text: &[u8]) -> Result<Vec<String>, Failure> {
        let args = scan(&["-"]);
        let mut wanted = Wanted { args: &args, targets: Vec::new(), seen: HashSet::new() };
        wanted.list("`hosts.txt`", text)?;
        Ok(wanted.targets.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_list_has_comments_blank_lines_and_duplicates() {
        let text = b"\xef\xbb\xbf# ours\r\nexample.com\r\n\r\n  [::1]:8443  # staging\n\
            https://example.com/#top\nEXAMPLE.com:443\n\tb.example\t#\n#";
        assert_eq!(listed(text).unwrap(), ["example.com:443", "[::1]:8443", "b.example:443"]);
    }

    #[test]
    fn a_bad_line_is_named() {
        let failure = listed(b"example.com\n\nexa mple.com\n").unwrap_err();
        let text = failure.text().unwrap();
        assert!(text.contains("line 3 of `hosts.txt`: `exa mple.com` is not a host"), "{text}");
        assert!(text.contains("\n\nhint: "), "{text}");
        assert!(listed(b"\xff\xfe").unwrap_err().text().unwrap().contains("not UTF-8"));
        let hostile = listed(b"\x1b[2Jx\n").unwrap_err().text().unwrap();
        assert!(!hostile.contains('\u{1b}'), "{hostile:?}");
    }

    #[test]
    fn addresses_are_given_as_to_curl() {
        let read = |text: &str| text.parse::<Override>();
        let fits = |text: &str, target: &str| {
            read(text).unwrap().fits(&Target::parse(target, None).unwrap())
        };
        assert!(fits("Example.com:443:192.0.2.1", "example.com"));
        assert!(!fits("example.com:443:192.0.2.1", "example.com:444"));
        assert!(!fits("example.com:443:192.0.2.1", "www.example.com"));
        assert!(fits("*:443:192.0.2.1", "anything.example"));
        assert!(fits("[::1]:443:::2", "[::1]:443"));
        let many = read("a.example:443:192.0.2.1,[2001:db8::1],2001:db8::2").unwrap();
        let want: Vec<IpAddr> = ["192.0.2.1", "2001:db8::1", "2001:db8::2"]
            .iter()
            .map(|ip| ip.parse().unwrap())
            .collect();
        assert_eq!(many.addresses, want);
        for wrong in [
            "",
            "a",
            "a:443",
            "a:443:",
            "a:443:b",
            "a:0:::1",
            "*:x:::1",
            "[::1:443",
            "é:é",
            "a:443:192.0.2.1,",
            "a:443:[192.0.2.1]",
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
