//! Facts in words: reasons, refusals, amounts, dates and lists.

use taraf_scanner::grade::weakness::reason;
use taraf_scanner::observe::{
    AddressSource, Contact, Endpoint, KeyType, Observation, Refusal, SniSent, Why,
};
use taraf_scanner::target::Target;
use taraf_scanner::wire::StartTls;
use taraf_scanner::wire::flight::Foreign;

use super::Style;
use crate::export::printable::printable;

const DAY: i64 = 86_400;

/// Why a fact is not known.
pub fn why(why: Why) -> &'static str {
    reason(why).en
}

/// How a version was refused.
pub fn refusal(refusal: Refusal) -> String {
    match refusal {
        Refusal::Alert { level, description } => match level {
            2 => format!("alert {description}"),
            1 => format!("alert {description}, as a warning"),
            other => format!("alert {description}, of level {other}"),
        },
        Refusal::Ssl2Error { code } => format!("SSL 2.0 error {code}"),
        Refusal::OtherVersion { version } => format!("answered with {version}"),
        Refusal::Close => "closed the connection".to_owned(),
        Refusal::Reset => "reset the connection".to_owned(),
        Refusal::NotTls => "answered, but not in TLS".to_owned(),
    }
}

/// What stands in the way of scanning an address, and what to do about it.
pub struct Obstacle {
    /// A sentence without the full stop.
    pub what: String,
    /// Advice, where there is some.
    pub hint: Option<String>,
}

/// What stands in the way at this address; `None` if TLS answers.
pub fn obstacle(target: &Target, endpoint: &Endpoint) -> Option<Obstacle> {
    let (what, hint) = match &endpoint.contact {
        Contact::Tls => return None,
        Contact::Refuses { alert } => {
            let alert = match alert {
                Some(alert) => format!(", most often with alert {}", alert.description),
                None => String::new(),
            };
            let hint = target.server_name().is_none().then(|| {
                "no server name was sent; scan the host by its name, or add `--sni NAME`".to_owned()
            });
            (format!("speaks TLS but refuses every hello{alert}"), hint)
        }
        Contact::NotTls { answer } => not_tls(target, answer),
        Contact::NoStartTls { said } => {
            let protocol = target.starttls.map_or_else(String::new, |p| format!("{p} "));
            let said = match said.trim() {
                "" => String::new(),
                said => format!(": it said `{}`", printable(said)),
            };
            let hint = "check that `--starttls` names the protocol of this port, and that the \
                server has TLS switched on; without `--starttls`, TLS is tried at once";
            (format!("the {protocol}server does not go over to TLS{said}"), Some(hint.to_owned()))
        }
        Contact::Nothing { why } => nothing(endpoint, *why),
    };
    Some(Obstacle { what, hint })
}

fn not_tls(target: &Target, answer: &Foreign) -> (String, Option<String>) {
    match answer {
        Foreign::Http { line } => {
            let hint = match target.port {
                443 => "port 443 usually speaks TLS: see whether it is switched on in the web \
                    server for this address"
                    .to_owned(),
                port => format!(
                    "HTTPS usually has a port of its own, most often 443, not {port}: name it as \
                     {}:443",
                    target.bracketed()
                ),
            };
            (format!("plain HTTP answers here, not TLS ({})", printable(line)), Some(hint))
        }
        Foreign::Text { line } => {
            let hint = match protocol_of(line, target.port) {
                Some(protocol) => format!(
                    "this looks like {protocol}, which can go over to TLS: add `--starttls \
                     {protocol}`"
                ),
                None => "if this protocol can go over to TLS, name it with `--starttls`".to_owned(),
            };
            (format!("another protocol answers here, not TLS (`{}`)", printable(line)), Some(hint))
        }
        Foreign::Binary => (
            "what answers here is neither TLS nor text".to_owned(),
            Some("check the port; for databases and the like see `--starttls`".to_owned()),
        ),
    }
}

/// Which plain-text protocol greets like this.
fn protocol_of(line: &str, port: u16) -> Option<StartTls> {
    let upper = line.to_ascii_uppercase();
    if let Some(usual) = StartTls::ALL.iter().copied().find(|p| p.default_port() == port) {
        // XMPP, LDAP and the databases do not greet with a line.
        let greets = [
            StartTls::Smtp,
            StartTls::Lmtp,
            StartTls::Imap,
            StartTls::Pop3,
            StartTls::Ftp,
            StartTls::Nntp,
            StartTls::Sieve,
            StartTls::Irc,
        ];
        if greets.contains(&usual) {
            return Some(usual);
        }
    }
    if upper.starts_with("* OK") || upper.starts_with("* PREAUTH") {
        Some(StartTls::Imap)
    } else if upper.starts_with("+OK") {
        Some(StartTls::Pop3)
    } else if upper.starts_with("220") && upper.contains("FTP") {
        Some(StartTls::Ftp)
    } else if upper.starts_with("220") && upper.contains("SMTP") {
        Some(StartTls::Smtp)
    } else if upper.starts_with("\"IMPLEMENTATION\"") {
        Some(StartTls::Sieve)
    } else {
        None
    }
}

fn nothing(endpoint: &Endpoint, why: Why) -> (String, Option<String>) {
    let (what, hint) = match why {
        Why::Refused => (
            format!(
                "connection refused: nothing listens on port {}, or a firewall says so",
                endpoint.port
            ),
            "check the port and that the server runs",
        ),
        Why::Unreachable => (
            "cannot be reached: the network has no way to it".to_owned(),
            "check the address, the firewalls between, and whether this machine has IPv6",
        ),
        // Whoever never got to send anything never had a connection, unless the server was to
        // speak first.
        Why::Timeout if endpoint.cost.bytes_sent > 0 => (
            "takes connections and never answers".to_owned(),
            "check the port; a server that waits for another protocol does this, and one that hangs",
        ),
        Why::Timeout => (
            "no answer within the time allowed".to_owned(),
            "check the address, the port, and the firewalls between, which may drop what they \
             do not let through",
        ),
        Why::Closed => (
            "takes connections and closes them without an answer".to_owned(),
            "a proxy without a server behind it does this, and a firewall that knows TLS",
        ),
        Why::Reset => (
            "takes connections and resets them without an answer".to_owned(),
            "a proxy without a server behind it does this, and a firewall that knows TLS",
        ),
        Why::Garbled => (
            "answers with records that cannot be read".to_owned(),
            "check the port; `--record FILE` keeps the bytes for a closer look",
        ),
        other => return (format!("no answer could be had: {}", self::why(other)), None),
    };
    (what, Some(hint.to_owned()))
}

/// Why a host could not be scanned at all; `None` if TLS answers at one address at least.
pub fn unscanned(observation: &Observation) -> Option<Obstacle> {
    let endpoints = &observation.endpoints;
    if endpoints.iter().any(|endpoint| endpoint.contact == Contact::Tls) {
        return None;
    }
    let Some(endpoint) = endpoints.first() else { return Some(unresolved(observation)) };
    let mut obstacle = obstacle(&observation.target, endpoint)?;
    obstacle.what = match endpoints.len() {
        1 => format!("{}: {}", endpoint.address, obstacle.what),
        n => {
            format!("none of its {n} addresses speaks TLS; {}: {}", endpoint.address, obstacle.what)
        }
    };
    Some(obstacle)
}

fn unresolved(observation: &Observation) -> Obstacle {
    let reason = match &observation.dns.error {
        Some(error) => format!(" ({})", printable(error)),
        None => String::new(),
    };
    if observation.dns.source != AddressSource::Dns && observation.target.ip().is_some() {
        return Obstacle { what: format!("there is no address to scan{reason}"), hint: None };
    }
    let hint = "check the spelling, and that this machine can ask DNS; a host that is not in DNS \
        yet can be scanned with `--ip ADDR`";
    Obstacle {
        what: format!("the name does not resolve to an address to scan{reason}"),
        hint: Some(hint.to_owned()),
    }
}

/// Which way addresses were found.
pub fn source(source: AddressSource) -> &'static str {
    match source {
        AddressSource::Dns => "by DNS",
        AddressSource::Literal => "as named",
        AddressSource::Given => "given by option",
        AddressSource::Recording => "from the recording",
    }
}

/// Under which server name a chain was sent.
pub fn sni(sent: SniSent) -> &'static str {
    match sent {
        SniSent::Name => "with the server name",
        SniSent::None => "without a server name",
        SniSent::Unrecognised => "with a name nobody serves",
    }
}

/// The key type a chain was asked for with.
pub fn key(key: KeyType) -> &'static str {
    match key {
        KeyType::Rsa => "RSA",
        KeyType::RsaPss => "RSA-PSS",
        KeyType::Ecdsa => "ECDSA",
        KeyType::Eddsa => "EdDSA",
        KeyType::Dss => "DSA",
        KeyType::Any => "any",
    }
}

/// An amount with its noun, in the plural where it has one.
pub fn count(n: impl Into<u64>, noun: &str) -> String {
    match n.into() {
        1 => format!("1 {noun}"),
        n if noun.ends_with('s') => format!("{n} {noun}es"),
        n => format!("{n} {noun}s"),
    }
}

/// An amount of bytes.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{} kB", n.saturating_add(500) / 1_000),
        _ => tenths(n / 100_000, "MB"),
    }
}

/// A duration given in milliseconds.
pub fn seconds(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        _ => tenths(ms.saturating_add(50) / 100, "s"),
    }
}

fn tenths(n: u64, unit: &str) -> String {
    format!("{}.{} {unit}", n / 10, n % 10)
}

/// A span of time given in seconds, in the largest unit of which it has two, or exactly one.
pub fn span(seconds: u64) -> String {
    let units = [(31_536_000, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute")];
    match units.into_iter().find(|(unit, _)| seconds >= 2 * unit || seconds == *unit) {
        None => count(seconds, "second"),
        Some((unit, noun)) if seconds.is_multiple_of(unit) => count(seconds / unit, noun),
        Some((unit, noun)) => format!("about {}", count(seconds / unit, noun)),
    }
}

/// The day of a moment given in seconds since 1970, as `2026-11-23`.
pub fn date(unix: i64) -> String {
    // Days to a civil date, by counting years from 1 March, so that leap days come last. An era is
    // 400 years, 146,097 days.
    let days = unix.div_euclid(DAY).saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A moment given in milliseconds since 1970, as `2026-11-23 18:30:05 UTC`.
pub fn moment(ms: u64) -> String {
    let unix = i64::try_from(ms / 1_000).unwrap_or(i64::MAX);
    let second = unix.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", date(unix))
}

/// A validity period, and where the moment of the scan stands in it.
pub fn validity(not_before: i64, not_after: i64, now: i64) -> String {
    let days =
        |from: i64, to: i64| count(to.saturating_sub(from).max(0).unsigned_abs() / 86_400, "day");
    let place = if now < not_before {
        format!("begins {} after this scan", days(now, not_before))
    } else if now > not_after {
        format!("ended {} before this scan", days(not_after, now))
    } else {
        format!("{} left of {}", days(now, not_after), days(not_before, not_after))
    };
    format!("{} to {} ({place})", date(not_before), date(not_after))
}

/// Things with names, in one line.
pub fn list<T: ToString>(things: &[T]) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Names a server sent, in one line.
pub fn names(names: &[String]) -> String {
    let (names, rest) =
        shortened_names(names, Style { colour: false, width: 0, verbose: false }, 20);
    if names.is_empty() { "yes, without a name".to_owned() } else { names.join(", ") + &rest }
}

/// The first few things, and how many more there are.
pub fn shortened<T: ToString>(things: &[T], style: Style, few: usize) -> (String, String) {
    let names: Vec<String> = things.iter().map(ToString::to_string).collect();
    let (names, rest) = shortened_names(&names, style, few);
    (names.join(", "), rest)
}

/// The first few texts, and how many more there are.
pub fn shortened_names(names: &[String], style: Style, few: usize) -> (Vec<String>, String) {
    let most = if style.verbose { usize::MAX } else { few };
    let shown: Vec<String> = names.iter().take(most).map(|name| printable(name)).collect();
    let rest = match names.len().saturating_sub(most) {
        0 => String::new(),
        n => format!(" and {n} more ({} in all)", names.len()),
    };
    (shown, rest)
}

/// A text that begins like a sentence.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (unix, want) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (4_107_542_400, "2100-03-01"),
            (-62_135_596_800, "0001-01-01"),
            (253_402_300_799, "9999-12-31"),
        ] {
            assert_eq!(date(unix), want, "{unix}");
        }
        assert_eq!(moment(1_795_458_605_999), "2026-11-23 18:30:05 UTC");
        for extreme in [i64::MIN, i64::MAX] {
            assert!(!date(extreme).is_empty());
        }
        assert!(!moment(u64::MAX).is_empty());
    }

    #[test]
    fn amounts_are_short() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(40_961), "41 kB");
        assert_eq!(bytes(2_345_678), "2.3 MB");
        assert_eq!(seconds(999), "999 ms");
        assert_eq!(seconds(2_449), "2.4 s");
        assert_eq!(span(31_536_000), "1 year");
        assert_eq!(span(63_072_000), "2 years");
        assert_eq!(span(15_768_000), "about 182 days");
        assert_eq!(span(15_552_000), "180 days");
        assert_eq!(span(90), "90 seconds");
        assert_eq!(span(300), "5 minutes");
        assert_eq!(count(2_u32, "address"), "2 addresses");
        assert_eq!(span(0), "0 seconds");
        assert_eq!(span(31_536_001), "about 365 days");
    }

    #[test]
    fn validity_says_where_the_scan_stands() {
        assert_eq!(
            validity(0, 90 * DAY, 64 * DAY),
            "1970-01-01 to 1970-04-01 (26 days left of 90 days)"
        );
        assert!(validity(0, DAY, 3 * DAY).ends_with("(ended 2 days before this scan)"));
        assert!(validity(2 * DAY, 9 * DAY, DAY).ends_with("(begins 1 day after this scan)"));
        assert!(!validity(i64::MIN, i64::MAX, 0).is_empty());
    }
}
