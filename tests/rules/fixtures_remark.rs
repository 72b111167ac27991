//! Fixtures of the remarks about sessions, hellos out of the ordinary, and DNS.

use taraf_scanner::observe::*;
use taraf_scanner::wire::Version;

use crate::fixtures::Fixture;
use crate::sound::*;

pub const FIXTURES: &[Fixture] = &[
    Fixture::new(
        "R-EARLY-DATA",
        ("early data is taken", |f| f.endpoint.session.early_data = yes(())),
        ("not asked, in TLS 1.2 alone", |f| {
            spoken(f, Version::TLS13, no());
            f.endpoint.session.early_data = unknown();
        }),
    ),
    Fixture::new(
        "R-TICKET-LIFE",
        ("a second more than 7 days", |f| {
            f.endpoint.session.ticket_issued = yes(Some(604_801));
        }),
        ("7 days", |f| f.endpoint.session.ticket_issued = yes(Some(604_800))),
    ),
    Fixture::new(
        "R-NO-RESUMPTION",
        ("neither id, ticket nor PSK", |f| {
            f.endpoint.session.ticket_resumed = no();
            f.endpoint.session.psk_resumed = no();
        }),
        ("ids only", |f| {
            f.endpoint.session.id_resumed = yes(());
            f.endpoint.session.ticket_resumed = no();
            f.endpoint.session.psk_resumed = no();
        }),
    ),
    Fixture::new(
        "R-SNI",
        ("no answer without a name", |f| f.endpoint.sni.required = yes(())),
        ("the same, but the target has none", |f| {
            f.endpoint.sni.required = yes(());
            f.target.host = "192.0.2.1".to_owned();
        }),
    ),
    Fixture::new(
        "R-CLOCK",
        ("a second more than an hour behind", |f| f.endpoint.randoms.time = yes(-3601)),
        ("an hour ahead", |f| f.endpoint.randoms.time = yes(3600)),
    ),
    Fixture::new(
        "R-RANDOM",
        ("a random came twice", |f| f.endpoint.randoms.repeated = yes(())),
        ("none did", |f| f.endpoint.randoms.repeated = no()),
    ),
    Fixture::new(
        "R-HEARTBEAT",
        ("the extension is answered", |f| f.endpoint.heartbeat = yes(1)),
        ("it is not", |f| f.endpoint.heartbeat = no()),
    ),
    Fixture::new(
        "R-NPN",
        ("the extension is answered", |f| f.endpoint.npn = yes(vec!["h2".to_owned()])),
        ("ALPN is", |f| f.endpoint.alpn = yes(vec!["http/1.1".to_owned()])),
    ),
    Fixture::new(
        "R-INTOLERANT-VERSION",
        ("a hello of the far future is refused", |f| f.endpoint.tolerance.version_0499 = no()),
        ("a long one is", |f| f.endpoint.tolerance.over_512 = no()),
    ),
    Fixture::new(
        "R-INTOLERANT-LENGTH",
        ("a hello of more than 512 bytes is refused", |f| f.endpoint.tolerance.over_512 = no()),
        ("one with GREASE is", |f| f.endpoint.tolerance.grease = no()),
    ),
    Fixture::new(
        "R-INTOLERANT-EXTENSION",
        ("an unknown extension is refused", |f| f.endpoint.tolerance.unknown_extension = no()),
        ("a long hello is", |f| f.endpoint.tolerance.over_255 = no()),
    ),
    Fixture::new(
        "R-INTOLERANT-GREASE",
        ("GREASE is refused", |f| f.endpoint.tolerance.grease = no()),
        ("an unknown extension is", |f| f.endpoint.tolerance.unknown_extension = no()),
    ),
    Fixture::new(
        "R-INTOLERANT-RETRY",
        ("no key share brings no HelloRetryRequest", |f| {
            f.endpoint.tolerance.empty_key_share = no();
        }),
        ("the same, in TLS 1.2 alone", |f| {
            spoken(f, Version::TLS13, no());
            f.endpoint.tolerance.empty_key_share = no();
        }),
    ),
    Fixture::new(
        "R-CAA",
        ("no record", |f| f.dns.caa = no()),
        ("no record, but the target is an address", |f| {
            f.dns.caa = no();
            f.target.host = "192.0.2.1".to_owned();
        }),
    ),
    Fixture::new(
        "R-TLSA",
        ("none of the records fits", |f| chain(f).tlsa[0].fits = Some(false)),
        ("one of two fits", |f| {
            chain(f).tlsa.push(TlsaMatch { record: 1, fits: Some(false) });
        }),
    ),
    Fixture::new(
        "R-DNSSEC",
        ("bogus", |f| f.dns.dnssec = yes(Dnssec::Bogus)),
        ("not signed", |f| f.dns.dnssec = yes(Dnssec::Unsigned)),
    ),
];
