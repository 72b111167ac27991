//! The codec against everything: what we write is read back, and what is damaged, cut or invented
//! ends in an answer, never in a panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::pki::{self, CertFacts};
use taraf_scanner::probe::Probe;
use taraf_scanner::wire::flight::{
    self, CertificateRequest, Flight, KeyExchange, MOST_FLIGHT, Stop,
};
use taraf_scanner::wire::hello::{AlertMessage, message};
use taraf_scanner::wire::record::{self, content, handshake};
use taraf_scanner::wire::starttls::{Prelude, Step};
use taraf_scanner::wire::suites::{self, Auth, Kx, SuiteInfo};
use taraf_scanner::wire::{
    Alert, ClientHello, CodecError, Ext, Extension, FlightReader, Group, Scheme, ServerHello,
    StartTls, Suite, Version, sslv2,
};

// ---- What we write is read back ------------------------------------------------------------

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=most)
}

fn u16s() -> impl Strategy<Value = Vec<u16>> {
    vec(any::<u16>(), 0..80)
}

/// Every kind of extension; raw ones have numbers that have no kind of their own.
fn ext() -> impl Strategy<Value = Ext> {
    let known: BTreeSet<u16> = Extension::KNOWN.iter().map(|e| e.0).collect();
    prop_oneof![
        ".{0,60}".prop_map(Ext::ServerName),
        any::<u8>().prop_map(Ext::MaxFragmentLength),
        Just(Ext::StatusRequest),
        u16s().prop_map(|list| Ext::Groups(list.into_iter().map(Group).collect())),
        bytes(255).prop_map(Ext::PointFormats),
        u16s().prop_map(|list| Ext::Schemes(list.into_iter().map(Scheme).collect())),
        any::<u8>().prop_map(Ext::Heartbeat),
        vec(".{0,60}", 0..6).prop_map(Ext::Alpn),
        Just(Ext::Sct),
        (0..2000_u16).prop_map(Ext::Padding),
        Just(Ext::EncryptThenMac),
        Just(Ext::ExtendedMasterSecret),
        u16s().prop_map(Ext::CompressCertificate),
        bytes(300).prop_map(Ext::SessionTicket),
        bytes(255).prop_map(Ext::PskModes),
        u16s().prop_map(|list| Ext::SupportedVersions(list.into_iter().map(Version).collect())),
        vec((any::<u16>().prop_map(Group), bytes(300)), 0..5).prop_map(Ext::KeyShares),
        Just(Ext::NextProtocol),
        bytes(255).prop_map(Ext::RenegotiationInfo),
        (any::<u16>(), bytes(300))
            .prop_filter("has a kind", move |(number, _)| !known.contains(number))
            .prop_map(|(number, body)| Ext::Raw(Extension(number), body)),
    ]
}

fn client_hello(ext: impl Strategy<Value = Ext>) -> impl Strategy<Value = ClientHello> {
    let numbers = (any::<u16>(), any::<u16>(), any::<[u8; 32]>());
    let lists = (bytes(255), vec(any::<u16>(), 0..500), bytes(255));
    (numbers, lists, vec(ext, 0..12)).prop_map(|(numbers, lists, extensions)| ClientHello {
        record_version: Version(numbers.0),
        version: Version(numbers.1),
        random: numbers.2,
        session_id: lists.0,
        suites: lists.1.into_iter().map(|n| Suite(n.into())).collect(),
        compression: lists.2,
        extensions,
    })
}

fn server_hello() -> impl Strategy<Value = ServerHello> {
    let numbers = (any::<u16>(), any::<[u8; 32]>(), any::<u16>(), any::<u8>());
    let extensions = vec((any::<u16>().prop_map(Extension), bytes(200)), 0..8);
    (numbers, bytes(32), extensions).prop_map(|(numbers, session_id, extensions)| ServerHello {
        legacy_version: Version(numbers.0),
        random: numbers.1,
        session_id,
        suite: Suite(numbers.2.into()),
        compression: numbers.3,
        extensions,
    })
}

fn kinds() -> impl Strategy<Value = Vec<Suite>> {
    vec((0..1_u32 << 24).prop_map(Suite), 0..40)
}

/// The first handshake message of a record, which has to be its only one.
fn only_message(bytes: &[u8]) -> (Version, u8, Vec<u8>) {
    let mut buffer = bytes.to_vec();
    let mut messages = record::Reassembly::default();
    let mut version = None;
    while let Some(record) = record::take(&mut buffer).unwrap() {
        assert_eq!(record.content, content::HANDSHAKE);
        version = Some(record.version);
        messages.push(&record.fragment);
    }
    let (kind, body) = messages.take_message().unwrap().unwrap();
    assert!(messages.is_empty() && buffer.is_empty());
    (version.unwrap(), kind, body)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_client_hello_is_read_back(hello in client_hello(ext())) {
        let (version, kind, body) = only_message(&hello.to_record());
        prop_assert_eq!(kind, message::CLIENT_HELLO);
        prop_assert_eq!(hello.message_len(), 4 + body.len());
        prop_assert_eq!(&ClientHello::decode(version, &body).unwrap(), &hello);
        // Recordings keep hellos as JSON.
        let probe = Probe::Hello { hello, stop: Stop::Hello };
        let text = serde_json::to_string(&probe).unwrap();
        prop_assert_eq!(serde_json::from_str::<Probe>(&text).unwrap(), probe);
    }

    /// Extensions with a known number and any bytes: what does not fit its kind stays as it is.
    #[test]
    fn no_byte_of_a_client_hello_is_lost(
        hello in client_hello(
            (select(Extension::KNOWN), bytes(40)).prop_map(|(e, body)| Ext::Raw(e, body)),
        ),
    ) {
        let body = hello.encode();
        let read = ClientHello::decode(hello.record_version, &body).unwrap();
        prop_assert_eq!(read.encode(), body);
    }

    #[test]
    fn a_server_hello_is_read_back(hello in server_hello()) {
        let body = hello.encode();
        prop_assert_eq!(&ServerHello::decode(&body).unwrap(), &hello);
        for end in 0..body.len() {
            // Without its extensions it is a whole one of before RFC 3546.
            if let Ok(short) = ServerHello::decode(&body[..end]) {
                prop_assert!(short.extensions.is_empty());
            }
        }
    }

    #[test]
    fn ssl2_hellos_are_read_back(
        version in any::<u16>(), suites in kinds(),
        challenge in bytes(32), certificate in bytes(3000),
    ) {
        let version = Version(version);
        let client = sslv2::ClientHello { version, suites: suites.clone(), challenge };
        let sent = client.to_record();
        prop_assert_eq!(sslv2::ClientHello::decode(&sent), Ok(Some(client.clone())));
        for end in 0..sent.len() {
            prop_assert_eq!(sslv2::ClientHello::decode(&sent[..end]), Ok(None));
        }
        let connection_id = client.challenge;
        let server = sslv2::ServerHello { version, certificate, suites, connection_id };
        let sent = server.to_record();
        let answer = sslv2::Answer::Hello(server);
        prop_assert!(sslv2::Answer::looks_like(&sent));
        prop_assert_eq!(sslv2::Answer::decode(&sent), Ok(Some(answer.clone())));
        for end in (0..sent.len()).step_by(7) {
            prop_assert_eq!(sslv2::Answer::decode(&sent[..end]), Ok(None));
        }
        prop_assert_eq!(flight::read(&sent).ssl2, Some(answer));
    }
}

// ---- Flights, in one piece and in many -----------------------------------------------------

/// A message of a flight, and what it makes of the flight.
type Part = (Vec<u8>, Flight);

fn vec8(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

fn vec16(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn vec24(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[1..], bytes].concat()
}

fn certificates() -> impl Strategy<Value = Option<Part>> {
    proptest::option::of(vec(bytes(600), 0..4)).prop_map(|chain| {
        let chain = chain?;
        let body = vec24(&chain.iter().flat_map(|c| vec24(c)).collect::<Vec<_>>());
        let flight = Flight { certificates: Some(chain), ..Flight::default() };
        Some((handshake(message::CERTIFICATE, &body), flight))
    })
}

fn status() -> impl Strategy<Value = Option<Part>> {
    proptest::option::of(bytes(400)).prop_map(|staple| {
        let body = [vec![1], vec24(staple.as_ref()?)].concat();
        let flight = Flight { status: staple, ..Flight::default() };
        Some((handshake(message::CERTIFICATE_STATUS, &body), flight))
    })
}

fn key_exchange(suite: &'static SuiteInfo, version: Version) -> BoxedStrategy<Option<Part>> {
    let numbers = (bytes(200), bytes(8), bytes(200), any::<[u8; 2]>(), any::<[u8; 2]>());
    (any::<bool>(), numbers)
        .prop_map(move |(sent, (long, short, other, group, scheme))| {
            let mut body = match suite.kx {
                Kx::DhePsk | Kx::EcdhePsk => vec16(&short),
                _ => Vec::new(),
            };
            let unsigned = [Auth::None, Auth::Psk].contains(&suite.auth);
            let signed = !unsigned && version == Version::TLS12;
            let number = |bytes: [u8; 2]| u16::from_be_bytes(bytes);
            let named = signed.then(|| Scheme(number(scheme)));
            let exchange = match suite.kx {
                Kx::Ecdhe | Kx::EcdhePsk => {
                    body.extend([&[3], &group[..], &vec8(&long)].concat());
                    let group = Some(Group(number(group)));
                    KeyExchange::Ecdhe { group, point: long, scheme: named }
                }
                Kx::Dhe | Kx::DheExport | Kx::DhePsk => {
                    body.extend([vec16(&long), vec16(&short), vec16(&other)].concat());
                    KeyExchange::Dhe { p: long, g: short, ys: other, scheme: named }
                }
                Kx::RsaExport => {
                    body.extend([vec16(&long), vec16(&short)].concat());
                    KeyExchange::Rsa { modulus: long }
                }
                _ if sent => {
                    body.extend(other);
                    KeyExchange::Other
                }
                _ => return None,
            };
            if signed {
                body.extend(scheme);
            }
            body.extend(vec16(&[5; 64]));
            let flight = Flight { key_exchange: Some(exchange), ..Flight::default() };
            Some((handshake(message::SERVER_KEY_EXCHANGE, &body), flight))
        })
        .boxed()
}

fn request(version: Version) -> impl Strategy<Value = Option<Part>> {
    let parts = (bytes(9), vec(any::<u16>(), 0..20), vec(bytes(90), 0..4));
    proptest::option::of(parts).prop_map(move |parts| {
        let (types, numbers, authorities) = parts?;
        let mut body = vec8(&types);
        let mut schemes = Vec::new();
        if version == Version::TLS12 {
            let list: Vec<u8> = numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
            body.extend(vec16(&list));
            schemes.extend(numbers.into_iter().map(Scheme));
        }
        body.extend(vec16(&authorities.iter().flat_map(|a| vec16(a)).collect::<Vec<_>>()));
        let request = Some(CertificateRequest { types, schemes, authorities });
        let flight = Flight { request, ..Flight::default() };
        Some((handshake(message::CERTIFICATE_REQUEST, &body), flight))
    })
}

/// Handshake messages of a flight up to TLS 1.2, and the flight they make.
fn messages() -> impl Strategy<Value = Part> {
    let suite = select(suites::all().iter().filter(|s| !s.suite.is_ssl2()).collect::<Vec<_>>());
    let version = select(vec![Version::SSL3, Version::TLS10, Version::TLS11, Version::TLS12]);
    (suite, version, server_hello()).prop_flat_map(|(suite, version, mut hello)| {
        hello.legacy_version = version;
        hello.suite = suite.suite;
        hello.extensions.retain(|(e, _)| *e != Extension::SUPPORTED_VERSIONS);
        let rest = (certificates(), status(), key_exchange(suite, version), request(version));
        rest.prop_map(move |(certificates, status, exchange, request)| {
            let mut bytes = handshake(message::SERVER_HELLO, &hello.encode());
            let mut flight = Flight { hello: Some(hello.clone()), done: true, ..Flight::default() };
            for (message, part) in [certificates, status, exchange, request].into_iter().flatten() {
                bytes.extend(message);
                flight.certificates = flight.certificates.or(part.certificates);
                flight.status = flight.status.or(part.status);
                flight.key_exchange = flight.key_exchange.or(part.key_exchange);
                flight.request = flight.request.or(part.request);
            }
            bytes.extend(handshake(message::SERVER_HELLO_DONE, &[]));
            (bytes, flight)
        })
    })
}

/// The payload in records of these sizes, the last one again and again; an empty one is allowed.
fn records(payload: &[u8], version: Version, sizes: &[usize]) -> Vec<u8> {
    let mut sent = Vec::new();
    let mut rest = payload;
    let last = *sizes.last().unwrap_or(&payload.len());
    let mut sizes = sizes.iter().copied();
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(last.max(1)).min(rest.len());
        let (fragment, after) = rest.split_at(size);
        sent.push(content::HANDSHAKE);
        sent.extend(version.0.to_be_bytes());
        sent.extend(vec16(fragment));
        rest = after;
    }
    sent
}

/// Reads bytes that arrive in pieces of these sizes, and the rest one by one.
fn in_pieces(bytes: &[u8], sizes: &[usize]) -> Flight {
    let mut reader = FlightReader::default();
    let mut sizes = sizes.iter().copied();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(sizes.next().unwrap_or(1).min(rest.len()));
        reader.push(piece);
        rest = after;
    }
    reader.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_flight_is_the_same_however_it_is_cut(
        (payload, expected) in messages(),
        version in any::<u8>(),
        sizes in vec(0..700_usize, 1..20),
        pieces in vec(0..900_usize, 0..30),
        warned in any::<bool>(),
    ) {
        let version = Version(0x0300 | u16::from(version));
        let one_by_one = vec![1; if payload.len() < 4000 { 1 } else { 0 }];
        for sizes in [&[][..], &one_by_one, &sizes] {
            let mut sent = if warned {
                record::wrap(content::ALERT, version, &[1, Alert::UNRECOGNIZED_NAME.0])
            } else {
                Vec::new()
            };
            sent.extend(records(&payload, version, sizes));
            let warning = AlertMessage { level: 1, description: Alert::UNRECOGNIZED_NAME };
            let expected = Flight {
                length: sent.len(),
                warning: warned.then_some(warning),
                ..expected.clone()
            };
            prop_assert_eq!(&flight::read(&sent), &expected);
            prop_assert_eq!(&in_pieces(&sent, &pieces), &expected);
            prop_assert_eq!(&in_pieces(&sent, &[]), &expected);
        }
    }

    /// Whatever comes, and however it comes, it makes the same flight, no larger than itself.
    #[test]
    fn any_bytes_are_read_the_same_however_they_are_cut(
        start in select(vec![
            &b""[..], &[22, 3, 1], &[22, 3, 3, 0, 60, 2, 0, 0, 56, 3, 3], &[21, 3, 0, 0, 2],
            &[21, 0, 0, 0, 2], &[0x80, 40, 4, 0, 1, 0, 2], &[0, 40, 3, 4], b"HTTP/1.0 200", b"220 ",
            &[20, 3, 3, 0, 1, 1], &[23, 3, 3],
        ]),
        rest in bytes(300),
        pieces in vec(0..40_usize, 0..10),
    ) {
        let bytes = [start, &rest].concat();
        let whole = flight::read(&bytes);
        sane(&whole, bytes.len());
        let (cut, drops) = (in_pieces(&bytes, &pieces), in_pieces(&bytes, &[]));
        // How much text had come decides what it is called; nothing else may differ.
        prop_assert_eq!(cut.foreign.is_some(), whole.foreign.is_some());
        prop_assert_eq!(drops.foreign.is_some(), whole.foreign.is_some());
        let whole = Flight { foreign: None, ..whole };
        prop_assert_eq!(&Flight { foreign: None, ..cut }, &whole);
        prop_assert_eq!(&Flight { foreign: None, ..drops }, &whole);
    }

    #[test]
    fn any_bytes_are_an_error_or_a_message(body in bytes(400)) {
        if let Ok(hello) = ClientHello::decode(Version::TLS12, &body) {
            prop_assert_eq!(hello.encode().len() <= body.len(), true);
        }
        if let Ok(hello) = ServerHello::decode(&body) {
            prop_assert!(hello.encode().len() <= body.len());
            let _ = (hello.version(), hello.group(), hello.key_share(), hello.alpn(), hello.npn());
        }
        let _ = (sslv2::ClientHello::decode(&body), sslv2::Answer::decode(&body));
        prop_assert!(CertFacts::read(&body).is_err());
    }

    #[test]
    fn any_words_before_tls_come_to_an_end(
        protocol in select(StartTls::ALL.to_vec()),
        words in vec(prop_oneof![
            bytes(30),
            "[ -~]{0,20}\r\n".prop_map(String::into_bytes),
            select(vec!["220 ", "250-STARTTLS\r\n", "* OK ", "+OK", "<stream>", "S", "\r\n"])
                .prop_map(|word| word.as_bytes().to_vec()),
        ], 0..40),
    ) {
        let mut prelude = Prelude::new(protocol, "host.example");
        let mut words = words.into_iter();
        let mut step = prelude.step(b"");
        let mut turns = 0;
        loop {
            turns += 1;
            prop_assert!(turns < 200, "it goes on for ever");
            step = match step {
                Step::Send(_) => prelude.step(b""),
                Step::Need => match words.next() {
                    Some(word) => prelude.step(&word),
                    None => break,
                },
                Step::Ready => break,
                Step::Refused(said) | Step::Unexpected(said) => {
                    prop_assert!(said.chars().count() <= 130, "{}", said);
                    break;
                }
            };
        }
    }
}

/// What was read can be no more than what was sent.
fn sane(flight: &Flight, sent: usize) {
    assert_eq!(flight.length, sent);
    let chain = flight.certificates.iter().flatten();
    let mut held: usize = chain.map(Vec::capacity).sum();
    held += flight.status.as_ref().map_or(0, Vec::capacity);
    held +=
        flight.hello.iter().flat_map(|h| &h.extensions).map(|(_, e)| e.capacity()).sum::<usize>();
    held += match &flight.key_exchange {
        Some(KeyExchange::Ecdhe { point, .. }) => point.capacity(),
        Some(KeyExchange::Dhe { p, g, ys, .. }) => p.capacity() + g.capacity() + ys.capacity(),
        Some(KeyExchange::Rsa { modulus }) => modulus.capacity(),
        _ => 0,
    };
    held += flight.request.iter().flat_map(|r| &r.authorities).map(Vec::capacity).sum::<usize>();
    assert!(held <= sent, "{held} bytes held of {sent}");
}

// ---- Limits ----------------------------------------------------------------------------------

/// Pushes the same piece until the reader has had enough; how many bytes that took.
fn flood(start: &[u8], piece: &[u8]) -> (usize, Flight) {
    let mut reader = FlightReader::default();
    let mut taken = start.len();
    let mut over = reader.push(start);
    while !over {
        assert!(taken <= 2 * MOST_FLIGHT, "it takes bytes for ever");
        over = reader.push(piece);
        taken += piece.len();
    }
    // Nothing is kept of what comes after the end: the text of the reader shows its buffers.
    let held = |reader: &FlightReader| format!("{reader:?}").len();
    let before = held(&reader);
    for _ in 0..100 {
        assert!(reader.push(piece));
    }
    assert!(held(&reader) <= before + 10);
    (taken, reader.finish())
}

#[test]
fn a_flood_is_cut_off() {
    let record = |kind, body: &[u8]| [&[kind, 3, 3], &vec16(body)[..]].concat();
    let long = record(content::HANDSHAKE, &[7; 1 << 14]);
    let hello = ServerHello {
        legacy_version: Version::TLS12,
        random: [1; 32],
        session_id: Vec::new(),
        suite: Suite(0xc02f),
        compression: 0,
        extensions: Vec::new(),
    };
    let hello = record(content::HANDSHAKE, &handshake(message::SERVER_HELLO, &hello.encode()));
    let certificate = record(content::HANDSHAKE, &[&[11, 3, 0xff, 0xff][..], &[0; 9]].concat());
    let ticket = record(content::HANDSHAKE, &handshake(message::NEW_SESSION_TICKET, &[3; 900]));
    let floods: [(&str, &[u8], Vec<u8>); 9] = [
        ("a message without end", &[&hello[..], &certificate].concat(), long.clone()),
        ("a message beyond the limit", &hello, record(content::HANDSHAKE, &[11, 255, 255, 255])),
        ("empty records", &hello, record(content::HANDSHAKE, &[])),
        ("warnings", &hello, record(content::ALERT, &[1, 112])),
        ("changes of cipher", &[], record(content::CHANGE_CIPHER_SPEC, &[1])),
        ("tickets", &hello, ticket),
        ("hello requests", &hello, record(content::HANDSHAKE, &[0; 4])),
        ("a record beyond the limit", &hello, vec![content::HANDSHAKE, 3, 3, 255, 255]),
        ("one byte at a time", &[22, 3, 3, 64, 0], vec![0]),
    ];
    for (what, start, piece) in &floods {
        let (taken, flight) = flood(start, piece);
        assert!(taken <= MOST_FLIGHT + piece.len(), "{what}: {taken} bytes");
        assert!(flight.error.is_some(), "{what}: {flight:?}");
    }
    for text in [&b"a line without end "[..], &[0xff; 64], &[0; 3], &[0x80, 255, 9]] {
        let (taken, flight) = flood(b"", text);
        assert!(taken <= 1 << 15, "{taken} bytes");
        assert!(flight.foreign.is_some(), "{flight:?}");
    }
    // An SSL 2.0 record is at most 32 KiB long, and then it was not one.
    let (taken, _) = flood(&[255, 255, 4], &[0; 999]);
    assert!(taken <= 1 << 16, "{taken} bytes");
}

#[test]
fn lengths_that_lie_are_errors() {
    let hello = ServerHello {
        legacy_version: Version::TLS12,
        random: [0; 32],
        session_id: vec![9; 32],
        suite: Suite(0xc02f),
        compression: 0,
        extensions: vec![(Extension::ALPN, vec![0, 3, 2, b'h', b'2'])],
    };
    let good = hello.encode();
    // Session id, block of extensions, the extension.
    for place in [34, good.len() - 11, good.len() - 10, good.len() - 7, good.len() - 6] {
        for lie in [1, 33, 255] {
            let mut bad = good.clone();
            bad[place] = bad[place].wrapping_add(lie);
            assert!(ServerHello::decode(&bad).is_err(), "{place} {lie}");
        }
    }
    let sent = |kind: u8, body: &[u8]| {
        let messages = [handshake(message::SERVER_HELLO, &good), handshake(kind, body)].concat();
        flight::read(&record::wrap(content::HANDSHAKE, Version::TLS12, &messages))
    };
    let lies: [(u8, &[u8]); 9] = [
        (message::CERTIFICATE, &[255, 255, 255, 0, 0, 0]),
        (message::CERTIFICATE, &[0, 0, 3, 0, 0, 1]),
        (message::CERTIFICATE, &[0, 0, 3, 255, 255, 255]),
        (message::CERTIFICATE, &[0, 0, 0, 1]),
        (message::CERTIFICATE_STATUS, &[1, 0, 1, 0, 0]),
        (message::SERVER_KEY_EXCHANGE, &[3, 0, 29, 255, 4]),
        (message::SERVER_KEY_EXCHANGE, &[3, 0]),
        (message::CERTIFICATE_REQUEST, &[200, 1]),
        (message::CERTIFICATE_REQUEST, &[1, 1, 0, 2, 4, 1, 0, 9, 0, 1, 0]),
    ];
    for (kind, body) in lies {
        let flight = sent(kind, body);
        assert!(flight.error.is_some(), "{kind} {body:?}: {flight:?}");
        assert_eq!(flight.hello.as_ref(), Some(&hello), "what was learnt before stays");
    }
}

// ---- Real flights, damaged -------------------------------------------------------------------

fn recordings() -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".rec.json"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    paths.iter().map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
}

/// Some of the answers of every recording: one of each length, so that repetitions count once.
fn flights(each: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for trace in recordings().into_iter().flat_map(|recording| recording.endpoints) {
        let mut lengths = BTreeSet::new();
        let replies = trace.entries.into_iter().map(|entry| entry.reply.bytes);
        let new = replies.filter(|bytes| !bytes.is_empty() && lengths.insert(bytes.len()));
        all.extend(new.take(each));
    }
    all
}

/// What a piece of a flight may say: nothing the whole does not.
fn part_of<T: PartialEq>(part: Option<&T>, whole: Option<&T>) -> bool {
    part.is_none() || part == whole
}

#[test]
fn every_beginning_of_a_real_flight_says_a_part_of_it() {
    for bytes in flights(10) {
        let whole = flight::read(&bytes);
        let mut reader = FlightReader::default();
        let mut enough = false;
        for (end, byte) in bytes.iter().enumerate() {
            let part = reader.clone().finish();
            // Telling one protocol from another takes a few bytes.
            let told = end >= 12 && part.foreign.is_none();
            if told || whole.foreign.is_none() && end >= 5 {
                assert!(part_of(part.hello.as_ref(), whole.hello.as_ref()));
                assert!(part_of(part.ssl2.as_ref(), whole.ssl2.as_ref()));
                assert!(part_of(part.certificates.as_ref(), whole.certificates.as_ref()));
                assert!(part_of(part.key_exchange.as_ref(), whole.key_exchange.as_ref()));
                assert!(part_of(part.request.as_ref(), whole.request.as_ref()));
                assert!(part_of(part.alert.as_ref(), whole.alert.as_ref()));
            }
            assert!(
                part.error.is_none()
                    || part.error == Some(CodecError::Short)
                    || part.error == whole.error
            );
            assert!(enough || !part.done);
            enough |= reader.push(&[*byte]);
        }
        let byte_by_byte = reader.finish();
        // Text is told from the bytes at hand, so only the line of text may differ.
        if whole.foreign.is_none() {
            assert_eq!(byte_by_byte, whole);
        }
    }
}

#[test]
fn no_flipped_bit_of_a_real_flight_panics() {
    for bytes in flights(8).into_iter().filter(|bytes| bytes.len() <= 6 << 10) {
        let bits = bytes.len() * 8;
        // Every bit of the headers and of the hello; of the rest a few hundred.
        let headers = (16 * 8).min(bits);
        let step = (bits / 300).max(1);
        for bit in (0..headers).chain((headers..bits).step_by(step)) {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let flight = flight::read(&bad);
            sane(&flight, bad.len());
            use_all(&flight);
        }
    }
}

/// Reads on in what was read, as the planner does.
fn use_all(flight: &Flight) {
    if let Some(hello) = &flight.hello {
        let _ = (hello.version(), hello.group(), hello.key_share(), hello.alpn(), hello.npn());
        let _ = (hello.is_retry(), hello.suite.info(), format!("{hello:?}"));
    }
}

/// One change to bytes: what an unlucky line or a hostile hand does.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index, u8),
    Insert(Index, Vec<u8>),
    Repeat(Index, u8),
    Length(Index, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    let place = || any::<Index>();
    prop_oneof![
        (place(), 1..=255_u8).prop_map(|(at, mask)| Damage::Flip(at, mask)),
        (place(), any::<u8>()).prop_map(|(at, n)| Damage::Cut(at, n)),
        (place(), bytes(12)).prop_map(|(at, new)| Damage::Insert(at, new)),
        (place(), any::<u8>()).prop_map(|(at, n)| Damage::Repeat(at, n)),
        (place(), select(vec![0, 1, 0x7f, 0x80, 0xfe, 0xff]))
            .prop_map(|(at, n)| Damage::Length(at, n)),
    ]
}

fn damaged(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        let end = |at: usize, n: u8| (at + usize::from(n)).min(bytes.len());
        match damage {
            Damage::Flip(at, mask) => {
                let at = at.index(bytes.len());
                bytes[at] ^= mask;
            }
            Damage::Cut(at, n) => {
                let at = at.index(bytes.len());
                bytes.drain(at..end(at, *n));
            }
            Damage::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
            Damage::Repeat(at, n) => {
                let at = at.index(bytes.len());
                let again = bytes[at..end(at, *n)].to_vec();
                bytes.splice(at..at, again);
            }
            Damage::Length(at, n) => {
                let at = at.index(bytes.len());
                let wide = end(at, 3);
                bytes[at..wide].fill(*n);
            }
        }
    }
    bytes
}

#[test]
fn real_flights_survive_any_damage() {
    let flights = flights(6);
    let damages = (any::<Index>(), vec(damage(), 1..6), vec(0..2000_usize, 0..6));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&damages, |(which, damages, pieces)| {
            let bad = damaged(&flights[which.index(flights.len())], &damages);
            let whole = flight::read(&bad);
            sane(&whole, bad.len());
            use_all(&whole);
            let cut = in_pieces(&bad, &pieces);
            // How much text had come decides which line is quoted; nothing else may differ.
            prop_assert_eq!(cut.foreign.is_some(), whole.foreign.is_some());
            prop_assert_eq!(Flight { foreign: None, ..cut }, Flight { foreign: None, ..whole });
            let _ = (sslv2::Answer::decode(&bad), sslv2::ClientHello::decode(&bad));
            Ok(())
        })
        .unwrap();
}

// ---- Real certificates, damaged --------------------------------------------------------------

fn certificates_seen() -> Vec<Vec<u8>> {
    let mut seen = BTreeSet::new();
    for bytes in flights(4) {
        seen.extend(flight::read(&bytes).certificates.into_iter().flatten());
    }
    seen.into_iter().filter(|der| der.len() < 4000).collect()
}

/// Whatever is read of a certificate, its id is that of the bytes.
fn read_certificate(der: &[u8]) -> bool {
    let facts = CertFacts::read(der);
    facts.as_ref().is_ok_and(|facts| {
        assert_eq!(facts.sha256, pki::sha256_hex([der]));
        true
    })
}

#[test]
fn damaged_certificates_are_read_or_refused() {
    let certificates = certificates_seen();
    assert!(certificates.len() > 5, "{} certificates", certificates.len());
    for der in &certificates {
        assert!(read_certificate(der));
        for end in (0..der.len()).step_by(11) {
            assert!(!read_certificate(&der[..end]), "a piece of a certificate is none");
        }
        for bit in (0..der.len() * 8).step_by(37) {
            let mut bad = der.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            read_certificate(&bad);
        }
    }
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 1500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&(any::<Index>(), vec(damage(), 1..5)), |(which, damages)| {
            read_certificate(&damaged(&certificates[which.index(certificates.len())], &damages));
            Ok(())
        })
        .unwrap();
}
