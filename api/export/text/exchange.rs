//! What a handshake settles on: suites, groups, Diffie-Hellman and signatures.

use std::cmp::Reverse;

use taraf_scanner::observe::{Dh, Endpoint, Groups, Seen, Suites, Why};
use taraf_scanner::wire::suites::{Kx, SuiteInfo};
use taraf_scanner::wire::{Scheme, Suite, Version};

use super::sheet::Sheet;
use super::words;
use crate::export::printable::printable;

/// The suites of each version.
pub fn suites(sheet: &mut Sheet, all: &[Suites]) {
    let lines = |suites: &Suites| suites.accepted.iter().copied().map(SuiteLine::new).collect();
    let mut versions: Vec<(&Suites, Vec<SuiteLine>)> = all.iter().map(|s| (s, lines(s))).collect();
    versions.sort_unstable_by_key(|(suites, _)| Reverse(suites.version));
    let longest = |cell: fn(&SuiteLine) -> &str, least: usize| {
        let cells = versions.iter().flat_map(|(_, lines)| lines).map(cell);
        cells.map(|text| text.chars().count()).max().unwrap_or(0).max(least)
    };
    let name = longest(|line| &line.name, 30);
    let exchange = longest(|line| &line.exchange, 8);
    if versions.is_empty() {
        return;
    }
    sheet.page.section(&format!(
        "{:<name$}  bits  {:<exchange$}  fwd secrecy",
        "Cipher suites",
        "exchange",
        name = name + 4
    ));
    let mut before: Option<&Suites> = None;
    for (suites, lines) in &versions {
        let title = suites_title(sheet, suites);
        match before {
            Some(other) if other.accepted == suites.accepted && !lines.is_empty() => {
                let same = match lines.len() {
                    1 => "the same suite".to_owned(),
                    n => format!("the same {n} suites"),
                };
                sheet.page.line(2, &format!("{title}: {same} as {}", other.version));
            }
            _ => {
                sheet.page.line(2, &title);
                for line in lines {
                    sheet.page.fixed(
                        4,
                        &format!(
                            "{:<name$}  {:>4}  {:<exchange$}  {}",
                            line.name, line.bits, line.exchange, line.forward_secrecy
                        ),
                    );
                }
            }
        }
        if !suites.unsettled.is_empty() {
            let (settled, rest) = words::shortened(&suites.unsettled, sheet.style, 6);
            sheet.page.line(4, &format!("no clear answer about {settled}{rest}"));
        }
        before = Some(suites);
    }
}

/// The version, and who decides.
fn suites_title(sheet: &mut Sheet, suites: &Suites) -> String {
    let mut title = suites.version.to_string();
    match suites.server_order.seen {
        Seen::Yes { .. } => title.push_str(", in the server's order"),
        Seen::No => title.push_str(", the client's order decides"),
        Seen::Unknown { why: Why::NotAsked | Why::NotApplicable } => {}
        Seen::Unknown { why } => {
            sheet.unknown(&format!("who orders the suites in {}", suites.version), why);
        }
    }
    match suites.chacha_preference.seen {
        Seen::Yes { .. } => title.push_str("; ChaCha20 first for clients that put it first"),
        Seen::No if sheet.style.verbose => title.push_str("; for ChaCha20 as well"),
        Seen::No | Seen::Unknown { why: Why::NotAsked | Why::NotApplicable } => {}
        Seen::Unknown { why } => {
            sheet.unknown(&format!("preference of ChaCha20 in {}", suites.version), why);
        }
    }
    title
}

/// The cells of one suite.
struct SuiteLine {
    name: String,
    bits: String,
    exchange: String,
    forward_secrecy: &'static str,
}

impl SuiteLine {
    fn new(suite: Suite) -> Self {
        let name = suite.to_string();
        let Some(info) = suite.info() else {
            return Self { name, bits: "?".into(), exchange: "?".into(), forward_secrecy: "?" };
        };
        Self {
            name,
            bits: info.bits.to_string(),
            exchange: exchange(info),
            forward_secrecy: if info.is_ephemeral() { "yes" } else { "no" },
        }
    }
}

fn exchange(info: &SuiteInfo) -> String {
    let kind = match info.kx {
        Kx::Any => return "by group".to_owned(),
        Kx::Krb5 => "Kerberos".to_owned(),
        Kx::Krb5Export => "Kerberos export".to_owned(),
        Kx::Fortezza => "Fortezza".to_owned(),
        other => {
            let word = other.as_str();
            let (word, export) = match word.strip_suffix("_export") {
                Some(word) => (word, " export"),
                None => (word, ""),
            };
            format!("{}{export}", word.to_uppercase().replace('_', "-"))
        }
    };
    if info.is_anonymous() { format!("{kind}, anonymous") } else { kind }
}

/// Groups, Diffie-Hellman and signatures.
pub fn key_exchange(sheet: &mut Sheet, endpoint: &Endpoint) {
    let mut newest_first: Vec<&Groups> = endpoint.groups.iter().collect();
    newest_first.sort_unstable_by_key(|groups| Reverse(groups.version));
    for groups in newest_first {
        named_groups(sheet, groups);
    }
    sheet.fact("EC point formats", &endpoint.point_formats, |formats| {
        let names = formats.iter().map(|format| match format {
            0 => "uncompressed".to_owned(),
            1 => "compressed (prime)".to_owned(),
            2 => "compressed (char2)".to_owned(),
            other => format!("0x{other:02x}"),
        });
        names.collect::<Vec<_>>().join(", ")
    });
    for dh in &endpoint.dh {
        finite_field(sheet, dh);
    }
    sheet.plain("DH values repeat", &endpoint.reuse.dh);
    sheet.plain("ECDH values repeat", &endpoint.reuse.ecdh);
    let schemes = &endpoint.schemes;
    let mut used: Vec<Version> = schemes.used.iter().map(|(version, _)| *version).collect();
    used.sort_unstable_by(|a, b| b.cmp(a));
    used.dedup();
    for version in used {
        let used = schemes.used.iter().filter(|(v, _)| *v == version).map(|(_, scheme)| *scheme);
        let used: Vec<Scheme> = used.collect();
        // What was accepted alone says it all for TLS 1.2.
        if version != Version::TLS12 || !used.iter().all(|s| schemes.accepted.contains(s)) {
            sheet.page.row(&format!("{version} signs with"), &words::list(&used));
        }
    }
    if !schemes.accepted.is_empty() {
        sheet.page.row("TLS 1.2 can sign with", &words::list(&schemes.accepted));
    }
    if !schemes.unsettled.is_empty() {
        let (unsettled, rest) = words::shortened(&schemes.unsettled, sheet.style, 6);
        sheet.page.row("no clear answer about", &format!("{unsettled}{rest}"));
    }
}

fn named_groups(sheet: &mut Sheet, groups: &Groups) {
    let label = if groups.version >= Version::TLS13 {
        format!("groups in {}", groups.version)
    } else {
        format!("groups up to {}", groups.version)
    };
    let order = match groups.server_order.seen {
        Seen::Yes { .. } => " (the server decides, the first is its favourite)",
        Seen::No => " (the client decides)",
        Seen::Unknown { why: Why::NotAsked | Why::NotApplicable } => "",
        Seen::Unknown { why } => {
            sheet.unknown(&format!("who orders the {label}"), why);
            ""
        }
    };
    match groups.accepted.as_slice() {
        [] if !groups.unsettled.is_empty() => {}
        [] => sheet.page.row(&label, "none"),
        accepted => sheet.page.row(&label, &format!("{}{order}", words::list(accepted))),
    }
    if !groups.unsettled.is_empty() {
        let (unsettled, rest) = words::shortened(&groups.unsettled, sheet.style, 8);
        sheet.page.row("no clear answer about", &format!("{unsettled}{rest}"));
    }
}

fn finite_field(sheet: &mut Sheet, dh: &Dh) {
    let known = match &dh.known_as {
        Some(name) => printable(name),
        None => "a prime of no known group".to_owned(),
    };
    let mut versions: Vec<Version> = dh.suites.iter().map(|(version, _)| *version).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.dedup();
    let seen = if versions.is_empty() {
        String::new()
    } else {
        format!("; seen in {}", words::list(&versions))
    };
    let length = words::count(dh.public_length, "byte");
    let generator = dh.generator.trim_start_matches('0');
    let to_whom = if dh.named_by_client { "; for clients that name such a group" } else { "" };
    let text = format!(
        "{} bits, {known}, generator 0x{}; public value of {length}{seen}{to_whom}",
        dh.bits,
        printable(generator)
    );
    sheet.page.row("DH prime", &text);
    if sheet.style.verbose {
        let prime: String = dh.prime.chars().take(4096).collect();
        let lines: Vec<String> =
            prime.as_bytes().chunks(48).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
        sheet.page.row("", &lines.join(" "));
    } else if dh.known_as.is_none() {
        let start: String = dh.prime.chars().take(16).collect();
        sheet.page.row("", &format!("begins {start}, `--verbose` shows all of it"));
    }
}
