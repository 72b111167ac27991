//! What else the server does: sessions, extensions, unusual situations, HTTP.

use taraf_scanner::observe::{
    AlpnMismatch, ClientAuth, Endpoint, Fact, Hsts, HstsState, Http, Seen, Unrecognised,
};

use super::sheet::Sheet;
use super::words;
use crate::export::printable::printable;

/// Sessions and how they are resumed.
pub fn sessions(sheet: &mut Sheet, endpoint: &Endpoint) {
    let session = &endpoint.session;
    sheet.plain("session ids given", &session.id_issued);
    sheet.plain("resumption by session id", &session.id_resumed);
    sheet.fact("session tickets given", &session.ticket_issued, |lifetime| match lifetime {
        Some(0) => "yes, of no stated lifetime".to_owned(),
        Some(seconds) => format!("yes, for {}", words::span(u64::from(*seconds))),
        None => "yes".to_owned(),
    });
    sheet.plain("resumption by ticket", &session.ticket_resumed);
    sheet.fact("TLS 1.3 tickets given", &session.psk_issued, ToString::to_string);
    sheet.plain("TLS 1.3 resumption", &session.psk_resumed);
    sheet.plain("early data (0-RTT)", &session.early_data);
}

/// What the server answers to extensions.
pub fn extensions(sheet: &mut Sheet, endpoint: &Endpoint) {
    sheet.fact("ALPN", &endpoint.alpn, |names| words::names(names));
    sheet.fact("ALPN without a match", &endpoint.alpn_mismatch, |mismatch| {
        match mismatch {
            AlpnMismatch::Ignored => "the handshake goes on",
            AlpnMismatch::Refused => "the handshake is refused",
        }
        .to_owned()
    });
    sheet.fact("NPN", &endpoint.npn, |names| words::names(names));
    sheet.plain("secure renegotiation", &endpoint.secure_renegotiation);
    sheet.plain("extended master secret", &endpoint.extended_master_secret);
    sheet.plain("encrypt-then-MAC", &endpoint.encrypt_then_mac);
    sheet.fact("TLS compression", &endpoint.compression, |method| match method {
        1 => "DEFLATE".to_owned(),
        64 => "LZS".to_owned(),
        other => format!("method {other}"),
    });
    sheet.fact("heartbeat", &endpoint.heartbeat, |mode| match mode {
        1 => "yes, takes requests".to_owned(),
        2 => "yes, takes no requests".to_owned(),
        other => format!("yes, mode {other}"),
    });
    sheet.fact("max fragment length", &endpoint.max_fragment_length, |code| match code {
        1..=4 => format!("yes, {} bytes", 256_u32 << code),
        other => format!("yes, code {other}"),
    });
    sheet.fact("certificate compression", &endpoint.certificate_compression, |algorithms| {
        let names = algorithms.iter().map(|algorithm| match algorithm {
            1 => "zlib".to_owned(),
            2 => "brotli".to_owned(),
            3 => "zstd".to_owned(),
            other => format!("0x{other:04x}"),
        });
        names.collect::<Vec<_>>().join(", ")
    });
}

/// What the server does in particular situations.
pub fn behaviour(sheet: &mut Sheet, endpoint: &Endpoint) {
    sheet.fact_or("client certificate", &endpoint.client_auth, client_auth, "not asked for");
    if let Some(auth) = endpoint.client_auth.value() {
        let (names, rest) = words::shortened_names(&auth.authorities, sheet.style, 4);
        if !names.is_empty() {
            sheet.page.row("accepted authorities", &format!("{}{rest}", names.join("; ")));
        }
    }
    sheet.fact_or(
        "TLS_FALLBACK_SCSV",
        &endpoint.fallback_scsv,
        |()| "a marked fallback is refused".to_owned(),
        "a marked fallback is taken",
    );
    sheet.plain("needs a server name", &endpoint.sni.required);
    sheet.fact("name nobody serves", &endpoint.sni.unrecognised, |unrecognised| {
        match unrecognised {
            Unrecognised::SameCertificate => "gets the same certificate",
            Unrecognised::OtherCertificate => "gets another certificate",
            Unrecognised::Refused => "is refused",
        }
        .to_owned()
    });
    sheet.fact_or(
        "time in the random",
        &endpoint.randoms.time,
        |skew| match skew {
            0 => "yes, that of our clock".to_owned(),
            n => {
                let side = if *n > 0 { "ahead of" } else { "behind" };
                format!("yes, {} {side} our clock", words::count(n.unsigned_abs(), "second"))
            }
        },
        "no",
    );
    sheet.plain("random sent twice", &endpoint.randoms.repeated);
}

fn client_auth(auth: &ClientAuth) -> String {
    match auth.required {
        Seen::Yes { .. } => "required".to_owned(),
        Seen::No => "asked for, not required".to_owned(),
        Seen::Unknown { why } => {
            format!("asked for; not known whether it is required ({})", words::why(why))
        }
    }
}

/// What the server makes of hellos out of the ordinary.
pub fn tolerance(sheet: &mut Sheet, endpoint: &Endpoint) {
    let tolerance = &endpoint.tolerance;
    let hellos = [
        ("an offer of TLS 1.3", &tolerance.tls13),
        ("reserved values (GREASE)", &tolerance.grease),
        ("version field 0x0304", &tolerance.version_0304),
        ("version field 0x0499", &tolerance.version_0499),
        ("more than 255 bytes", &tolerance.over_255),
        ("more than 512 bytes", &tolerance.over_512),
        ("more than 64 suites", &tolerance.many_suites),
        ("an unknown extension", &tolerance.unknown_extension),
        ("TLS 1.3 without key share", &tolerance.empty_key_share),
    ];
    let with = |wanted: bool| {
        let names = hellos.iter().filter(|(_, fact)| fact.known() == Some(wanted));
        names.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    for (label, names) in [("answered", with(true)), ("not answered", with(false))] {
        if !names.is_empty() {
            sheet.page.row(label, &names);
        }
    }
    for (name, fact) in hellos {
        if let Seen::Unknown { why } = fact.seen {
            sheet.unknown(&format!("answer to {name}"), why);
        }
    }
}

/// What HTTP says.
pub fn http(sheet: &mut Sheet, fact: &Fact<Http>) {
    let http = match &fact.seen {
        Seen::Yes { value } => value,
        Seen::No => return sheet.page.row("answer", "none that is HTTP"),
        Seen::Unknown { why } => return sheet.unknown("HTTP", *why),
    };
    for transaction in &http.transactions {
        sheet.page.line(
            2,
            &format!(
                "GET {}: {} (over {})",
                printable(&transaction.url),
                printable(&transaction.status_line),
                transaction.over
            ),
        );
        if sheet.style.verbose {
            for (name, value) in &transaction.headers {
                sheet.page.line(6, &format!("{}: {}", printable(name), printable(value)));
            }
        }
    }
    if let Some(other) = &http.forwards_to {
        sheet.page.row("forwards to", &printable(other));
    }
    if let Some(server) = &http.server {
        sheet.page.row("Server", &printable(server));
    }
    sheet.page.row("HSTS", &hsts(&http.hsts));
}

fn hsts(hsts: &Hsts) -> String {
    let verbatim: Vec<String> = hsts.headers.iter().map(|value| printable(value)).collect();
    let verbatim = verbatim.join(" | ");
    match hsts.state {
        HstsState::Absent => "no header".to_owned(),
        HstsState::Present => {
            let mut parts = Vec::new();
            if let Some(age) = hsts.max_age {
                parts.push(words::span(age));
            }
            if hsts.include_subdomains {
                parts.push("with subdomains".to_owned());
            }
            if hsts.preload {
                parts.push("for the preload list".to_owned());
            }
            format!("{verbatim} ({})", parts.join(", "))
        }
        HstsState::Disabled => format!("{verbatim} (ends the policy)"),
        HstsState::Invalid => {
            let error = hsts.error.as_deref().map(printable);
            let error = error.unwrap_or_else(|| "it cannot be read".to_owned());
            format!("{verbatim} (against the grammar: {error})")
        }
    }
}
