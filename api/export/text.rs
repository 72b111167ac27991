//! What was seen, for a person to read: facts in the order people ask for them, aligned, and what
//! is not known gathered at the end with the reason. No judgement; no colour needed to understand.
//! What is made of it stands in [`grade`].

mod certificate;
mod chain;
mod exchange;
mod features;
pub mod file;
pub mod grade;
mod page;
pub mod rules;
mod sheet;
pub mod terms;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests;
mod weaknesses;
pub mod words;

use std::cmp::Reverse;

use taraf_scanner::observe::{
    Contact, DnsFacts, Dnssec, Endpoint, Observation, Protocol, Seen, Why,
};
use taraf_scanner::wire::Version;

use crate::export::printable::printable;
use page::Page;
use sheet::Sheet;

/// Digits shown of the data of a TLSA record: enough to tell records apart.
const TLSA_DIGITS: usize = 16;

/// How the report should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Use colour and bold print.
    pub colour: bool,
    /// Width of the lines, in characters.
    pub width: usize,
    /// Leave nothing out, and list every question.
    pub verbose: bool,
}

/// The report of one host.
#[must_use]
pub fn report(observation: &Observation, style: Style) -> String {
    let mut page = Page::new(style);
    host(&mut page, observation);
    let mut told: Vec<(&Endpoint, Page)> = Vec::new();
    for endpoint in &observation.endpoints {
        page.blank();
        page.banner(&heading(endpoint));
        if let Some(obstacle) = words::obstacle(&observation.target, endpoint) {
            page.line(2, &format!("{}.", words::sentence(&obstacle.what)));
            if let Some(hint) = obstacle.hint {
                page.line(2, &format!("hint: {hint}"));
            }
            if matches!(endpoint.contact, Contact::Refuses { .. }) {
                protocols(&mut page, &endpoint.protocols);
            }
        } else {
            let facts = facts(endpoint, observation, style);
            match told.iter().find(|(_, before)| *before == facts) {
                Some((first, _)) => {
                    page.line(2, &format!("All answers are those of {}.", first.address));
                }
                None => page.append(&facts),
            }
            told.push((endpoint, facts));
        }
        cost(&mut page, endpoint);
        if style.verbose {
            questions(&mut page, endpoint);
        }
    }
    page.finish()
}

/// What holds for the host as a whole.
fn host(page: &mut Page, observation: &Observation) {
    let target = &observation.target;
    page.title(&match &target.typed {
        Some(typed) => format!("{target} ({})", printable(typed)),
        None => target.to_string(),
    });
    let when = words::moment(observation.started_ms);
    let took = words::seconds(observation.duration_ms);
    page.row("scanned", &format!("{when}, in {took}, by {}", printable(&observation.tool)));
    if let Some(protocol) = target.starttls {
        page.row("STARTTLS", &protocol.to_string());
    }
    match target.server_name() {
        None => page.row("server name sent", "none"),
        Some(name) if target.sni.is_some() => page.row("server name sent", name),
        Some(_) => {}
    }
    match words::unscanned(observation) {
        Some(obstacle) if observation.endpoints.is_empty() => {
            page.blank();
            page.line(2, &format!("{}.", words::sentence(&obstacle.what)));
            if let Some(hint) = obstacle.hint {
                page.line(2, &format!("hint: {hint}"));
            }
        }
        _ => {
            let addresses = observation.dns.addresses.iter().map(ToString::to_string);
            let addresses = addresses.collect::<Vec<_>>().join(", ");
            page.row(
                "addresses",
                &format!("{addresses} ({})", words::source(observation.dns.source)),
            );
        }
    }
    dns(page, &observation.dns);
    match &observation.dns.ech.seen {
        Seen::Yes { .. } => page.row("Encrypted ClientHello", "configuration in DNS"),
        Seen::No => page.row("Encrypted ClientHello", "no configuration in DNS"),
        Seen::Unknown { why: Why::NotAsked | Why::NotApplicable } => {}
        Seen::Unknown { why } => {
            page.row("Encrypted ClientHello", &format!("not known ({})", words::why(*why)));
        }
    }
}

/// What DNS says besides addresses.
fn dns(page: &mut Page, dns: &DnsFacts) {
    let mut row = |label: &str, seen: &Seen<()>, yes: String, no: &str| match seen {
        Seen::Yes { .. } => page.row(label, &yes),
        Seen::No => page.row(label, no),
        Seen::Unknown { why: Why::NotAsked | Why::NotApplicable } => {}
        Seen::Unknown { why } => page.row(label, &format!("not known ({})", words::why(*why))),
    };
    let caa = dns.caa.value().map(|caa| {
        let each = caa.records.iter().map(|it| {
            let critical = if it.critical { " (critical)" } else { "" };
            format!("{} \"{}\"{critical}", printable(&it.tag), printable(&it.value))
        });
        format!("{} (at {})", words::list(&each.collect::<Vec<_>>()), printable(&caa.at))
    });
    row("CAA", &bare(&dns.caa.seen), caa.unwrap_or_default(), "none: any authority may issue");
    let tlsa = dns.tlsa.value().map(|records| {
        let each = records.iter().map(|it| {
            let data: String = it.data.chars().take(TLSA_DIGITS).collect();
            let rest = if data.len() < it.data.len() { "..." } else { "" };
            format!("{} {} {} {data}{rest}", it.usage, it.selector, it.matching)
        });
        words::list(&each.collect::<Vec<_>>())
    });
    row("TLSA", &bare(&dns.tlsa.seen), tlsa.unwrap_or_default(), "none");
    let dnssec = match dns.dnssec.value() {
        Some(Dnssec::Signed) => "signed",
        Some(Dnssec::Unsigned) => "not signed",
        Some(Dnssec::Bogus) => "signatures are wrong or gone (bogus)",
        None => "",
    };
    row("DNSSEC", &bare(&dns.dnssec.seen), dnssec.to_owned(), "not signed");
    let https = dns.https.value().map(|records| {
        let each = records.iter().map(|record| printable(record));
        each.collect::<Vec<_>>().join("; ")
    });
    row("HTTPS record", &bare(&dns.https.seen), https.unwrap_or_default(), "none");
}

/// The answer without its value.
fn bare<T>(seen: &Seen<T>) -> Seen<()> {
    match seen {
        Seen::Yes { .. } => Seen::Yes { value: () },
        Seen::No => Seen::No,
        Seen::Unknown { why } => Seen::Unknown { why: *why },
    }
}

/// The address, and what answered.
fn heading(endpoint: &Endpoint) -> String {
    let mut spoken: Vec<Version> = endpoint
        .protocols
        .iter()
        .filter(|protocol| protocol.spoken.is_yes())
        .map(|protocol| protocol.version)
        .collect();
    spoken.sort_unstable_by(|a, b| b.cmp(a));
    let port = endpoint.port;
    if spoken.is_empty() {
        let answers = match endpoint.contact {
            Contact::Tls | Contact::Refuses { .. } => "TLS, but no version agreed",
            _ => "no TLS",
        };
        return format!("{} port {port}: {answers}", endpoint.address);
    }
    let server = endpoint.http.value().and_then(|http| http.server.as_deref());
    let server = server.map(|name| format!("; {}", printable(name))).unwrap_or_default();
    format!("{} port {port}: {}{server}", endpoint.address, words::list(&spoken))
}

/// Everything about an endpoint that has an answer, and after it what has none.
fn facts(endpoint: &Endpoint, observation: &Observation, style: Style) -> Page {
    let mut sheet = Sheet::new(style);
    protocols(&mut sheet.page, &endpoint.protocols);
    exchange::suites(&mut sheet, &endpoint.suites);
    sheet.section("Key exchange", |sheet| exchange::key_exchange(sheet, endpoint));
    let now = i64::try_from(observation.started_ms / 1_000).unwrap_or(i64::MAX);
    certificate::chains(&mut sheet.page, endpoint, &observation.pki, now, style);
    sheet.section("Certificate status", |sheet| {
        let size =
            |base64: &String| format!("yes, {}", words::count(base64.len() as u64 / 4 * 3, "byte"));
        sheet.fact("OCSP staple", &endpoint.ocsp_staple, |staple| {
            let said = endpoint.staple.as_ref();
            let said = said.map(|it| format!("; {}", chain::status_words(&it.status)));
            format!("{}{}", size(staple), said.unwrap_or_default())
        });
        sheet.fact("SCTs by extension", &endpoint.scts, size);
    });
    sheet.section("Sessions", |sheet| features::sessions(sheet, endpoint));
    sheet.section("Extensions", |sheet| features::extensions(sheet, endpoint));
    sheet.section("Behaviour", |sheet| features::behaviour(sheet, endpoint));
    sheet.section("Hellos out of the ordinary", |sheet| features::tolerance(sheet, endpoint));
    sheet.section("HTTP", |sheet| features::http(sheet, &endpoint.http));
    sheet.finish()
}

fn protocols(page: &mut Page, protocols: &[Protocol]) {
    page.section("Protocols");
    let mut newest_first: Vec<&Protocol> = protocols.iter().collect();
    newest_first.sort_unstable_by_key(|protocol| Reverse(protocol.version));
    for protocol in newest_first {
        let version = protocol.version.to_string();
        let (answer, note) = match protocol.spoken.seen {
            Seen::Yes { .. } => ("yes", String::new()),
            Seen::No => ("no", protocol.refusal.map(words::refusal).unwrap_or_default()),
            Seen::Unknown { why } => ("unknown", words::why(why).to_owned()),
        };
        page.fixed(2, &format!("{version:<9}{answer:<9}{note}"));
    }
}

fn cost(page: &mut Page, endpoint: &Endpoint) {
    let cost = &endpoint.cost;
    let mut text = format!(
        "Cost: {}, {} out, {} in, {}",
        words::count(cost.connections, "connection"),
        words::bytes(cost.bytes_sent),
        words::bytes(cost.bytes_received),
        words::seconds(cost.duration_ms)
    );
    if cost.repeated > 0 {
        text.push_str(&format!("; {} asked again", words::count(cost.repeated, "question")));
    }
    if cost.paused_ms > 0 {
        let paused = words::seconds(cost.paused_ms);
        text.push_str(&format!("; waited {paused} because the server objected"));
    }
    page.blank();
    page.line(0, &text);
}

fn questions(page: &mut Page, endpoint: &Endpoint) {
    if endpoint.asked.is_empty() {
        return;
    }
    page.section("Questions, in the order of the answers");
    for asked in &endpoint.asked {
        let attempts = match asked.attempts {
            0 | 1 => String::new(),
            n => format!(" ({n} attempts)"),
        };
        let (about, answer) = (printable(&asked.about), printable(&asked.answer));
        page.item(&format!("{:>4}", asked.id), &format!("{about}: {answer}{attempts}"));
    }
}
