//! What HTTP says: status, redirects within the host, Strict-Transport-Security.

use std::collections::BTreeMap;
use std::future::Future;

use super::sessions::Page;
use super::{Get, HandshakeReply};
use crate::observe::{Fact, Hsts, HstsState, Http, Transaction, Why};
use crate::wire::Version;

/// Redirects followed.
const MOST_REDIRECTS: usize = 3;

/// Reads pages from `/` on, following redirects within the host. `first` is an answer already had;
/// `ask` puts a request.
pub(crate) async fn pages<F, A>(
    page: &Page,
    first: Option<(u32, HandshakeReply)>,
    ask: F,
) -> Fact<Http>
where
    F: Fn(Get, usize) -> A,
    A: Future<Output = (u32, Option<HandshakeReply>)>,
{
    let mut path = "/".to_owned();
    let mut transactions: Vec<Transaction> = Vec::new();
    let mut ids = Vec::new();
    let mut given = first;
    let mut forwards_to = None;
    for n in 0..=MOST_REDIRECTS {
        let get = Get { host: page.host.clone(), path: path.clone() };
        let (id, reply) = match given.take() {
            Some((id, reply)) => (id, Some(reply)),
            None => ask(get, n).await,
        };
        ids.push(id);
        let head = reply.as_ref().and_then(|r| r.http.as_deref());
        let Some(mut transaction) = head.and_then(|head| parse(head, id)) else {
            if transactions.is_empty() {
                let why = match reply {
                    Some(r) if r.completed => Why::Garbled,
                    _ => Why::NoHandshake,
                };
                return Fact::unknown(why, ids);
            }
            break;
        };
        transaction.url = format!("https://{}{path}", page.host);
        let status = transaction.status;
        let location = header(&transaction, "location").map(str::to_owned);
        transactions.push(transaction);
        let Some(location) = location.filter(|_| (300..400).contains(&status)) else { break };
        match within(&page.host, &path, &location) {
            Some(next) if next != path => path = next,
            Some(_) => break,
            None => {
                forwards_to = Some(location);
                break;
            }
        }
    }
    let Some(last) = transactions.last() else { return Fact::unknown(Why::Garbled, ids) };
    let http = Http {
        status: last.status,
        server: header(last, "server").map(str::to_owned),
        forwards_to,
        hsts: transactions
            .iter()
            .rev()
            .map(|t| hsts(&t.headers))
            .find(|h| h.state != HstsState::Absent)
            .unwrap_or_else(|| hsts(&[])),
        transactions,
    };
    Fact::yes(http, ids)
}

/// Reads status line and headers; folded lines and garbage lines are left out.
fn parse(head: &str, how: u32) -> Option<Transaction> {
    let mut lines = head.split('\n').map(|l| l.trim_end_matches('\r'));
    let status_line = lines.next()?.to_owned();
    let mut words = status_line.split(' ');
    let status = words.next().filter(|w| w.starts_with("HTTP/")).and_then(|_| words.next())?;
    let status = status.parse().ok()?;
    let headers = lines
        .take_while(|l| !l.is_empty())
        .filter_map(|l| l.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    Some(Transaction {
        url: String::new(),
        status,
        status_line,
        headers,
        over: Version::TLS13,
        how,
    })
}

fn header<'a>(t: &'a Transaction, name: &str) -> Option<&'a str> {
    t.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

/// The path a redirect leads to, if it stays on the host and on https.
fn within(host: &str, path: &str, location: &str) -> Option<String> {
    let rest = if let Some(rest) = location.strip_prefix("https://") {
        rest
    } else if let Some(rest) = location.strip_prefix("//") {
        rest
    } else if location.starts_with('/') {
        return Some(clean(location));
    } else if location.contains("://") {
        return None;
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        return Some(clean(&format!("{folder}/{location}")));
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let same = authority.eq_ignore_ascii_case(host)
        || authority.strip_suffix(":443").is_some_and(|a| a.eq_ignore_ascii_case(host));
    same.then(|| clean(path))
}

/// A request path without anything that could end the request line.
fn clean(path: &str) -> String {
    let path = path.split('#').next().unwrap_or("/");
    path.chars().filter(|c| c.is_ascii_graphic()).take(2000).collect()
}

/// Reads Strict-Transport-Security (RFC 6797 section 6.1). Several headers that differ are an
/// error: clients take the first (section 8.1), so the site does not get what it states.
pub(crate) fn hsts(headers: &[(String, String)]) -> Hsts {
    let values: Vec<String> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("strict-transport-security"))
        .map(|(_, value)| value.clone())
        .collect();
    let mut policy = Hsts {
        state: HstsState::Absent,
        headers: values.clone(),
        max_age: None,
        include_subdomains: false,
        preload: false,
        directives: BTreeMap::new(),
        error: None,
    };
    let Some(value) = values.first() else { return policy };
    let mut error = None;
    for directive in value.split(';').map(str::trim).filter(|d| !d.is_empty()) {
        let (name, content) = match directive.split_once('=') {
            Some((name, content)) => (name.trim(), Some(content.trim())),
            None => (directive, None),
        };
        let name = name.to_ascii_lowercase();
        let content = content.map(|c| c.trim_matches('"').to_owned());
        match (name.as_str(), content.as_deref()) {
            ("max-age", Some(digits)) => match digits.parse::<u64>() {
                Ok(seconds) => policy.max_age = Some(seconds),
                // All digits, but too many of them: as long as can be said.
                Err(_) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                    policy.max_age = Some(u64::MAX);
                }
                Err(_) => error = Some("`max-age` is no number of seconds".to_owned()),
            },
            ("max-age", None) => error = Some("`max-age` has no value".to_owned()),
            ("includesubdomains", None) => policy.include_subdomains = true,
            ("includesubdomains", Some(_)) => {
                error = Some("`includeSubDomains` has a value".to_owned());
            }
            ("preload", None) => policy.preload = true,
            _ => {}
        }
        if policy.directives.insert(name.clone(), content.unwrap_or_default()).is_some() {
            error = Some(format!("`{name}` stands twice"));
        }
    }
    if policy.max_age.is_none() {
        error = error.or_else(|| Some("`max-age` is missing".to_owned()));
    }
    if values.iter().any(|other| other != value) {
        error = Some(format!("{} headers that differ", values.len()));
    }
    policy.state = match (&error, policy.max_age) {
        (Some(_), _) => HstsState::Invalid,
        (None, Some(0)) => HstsState::Disabled,
        (None, _) => HstsState::Present,
    };
    policy.error = error;
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Hsts {
        let headers: Vec<(String, String)> = values
            .iter()
            .map(|v| ("Strict-Transport-Security".to_owned(), (*v).to_owned()))
            .collect();
        hsts(&headers)
    }

    #[test]
    fn hsts_is_read_as_rfc_6797_says() {
        let p = read(&["max-age=31536000; includeSubDomains; preload"]);
        assert_eq!((p.state, p.max_age), (HstsState::Present, Some(31_536_000)));
        assert!(p.include_subdomains && p.preload);
        assert_eq!(read(&["Max-Age=\"300\""]).max_age, Some(300));
        assert_eq!(read(&[]).state, HstsState::Absent);
        assert_eq!(read(&["max-age=0"]).state, HstsState::Disabled);
        for wrong in [
            "includeSubDomains",
            "max-age",
            "max-age=x",
            "max-age=",
            "max-age=1; max-age=2",
            "",
            ";;",
            "max-age=-1",
        ] {
            assert_eq!(read(&[wrong]).state, HstsState::Invalid, "{wrong:?}");
        }
        assert_eq!(read(&["max-age=1", "max-age=2"]).state, HstsState::Invalid);
        assert_eq!(read(&["max-age=1", "max-age=1"]).state, HstsState::Present);
    }

    #[test]
    fn redirects_are_followed_within_the_host_only() {
        let to = |location: &str| within("example.com", "/a/b", location);
        assert_eq!(to("/x#y"), Some("/x".into()));
        assert_eq!(to("c"), Some("/a/c".into()));
        assert_eq!(to("https://example.com/x"), Some("/x".into()));
        assert_eq!(to("https://EXAMPLE.com:443"), Some("/".into()));
        assert_eq!(to("//example.com/y"), Some("/y".into()));
        assert_eq!(to("https://www.example.com/"), None);
        assert_eq!(to("http://example.com/"), None);
        assert_eq!(to("/a\r\nHost: x"), Some("/aHost:x".into()));
    }

    #[test]
    fn a_head_is_parsed_or_refused() {
        let t =
            parse("HTTP/1.1 301 Moved\r\nLocation: /x\r\nServer: lab\r\n\r\nbody: no", 4).unwrap();
        assert_eq!((t.status, t.headers.len()), (301, 2));
        assert_eq!(header(&t, "server"), Some("lab"));
        assert!(parse("220 smtp ready\r\n", 4).is_none());
        assert!(parse("", 4).is_none());
    }
}
