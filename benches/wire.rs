//! Bytes to messages and back: what one question and one answer cost, sockets apart.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rcgen::{CertificateParams, KeyPair};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::pki::CertFacts;
use taraf_scanner::wire::flight::{self, FlightReader};
use taraf_scanner::wire::hello::message;
use taraf_scanner::wire::record::{content, handshake, wrap};
use taraf_scanner::wire::{ClientHello, Ext, Group, Scheme, ServerHello, Suite, Version, suites};

fn hello(version: Version) -> ClientHello {
    let name = Ext::ServerName("www.example.com".to_owned());
    let groups = Ext::Groups(vec![Group::X25519, Group::SECP256R1, Group::SECP384R1]);
    let mut extensions = vec![name, groups, Ext::Schemes(Scheme::KNOWN.to_vec())];
    if version == Version::TLS13 {
        extensions.push(Ext::SupportedVersions(vec![Version::TLS13]));
        extensions.push(Ext::KeyShares(Vec::new()));
    } else {
        extensions.extend([Ext::ExtendedMasterSecret, Ext::SessionTicket(Vec::new())]);
        extensions.push(Ext::RenegotiationInfo(Vec::new()));
    }
    ClientHello {
        record_version: Version::TLS10,
        version: Version::TLS12,
        random: [7; 32],
        session_id: vec![9; 32],
        suites: suites::all().iter().filter(|s| s.fits(version)).map(|s| s.suite).collect(),
        compression: vec![0],
        extensions,
    }
}

/// The longest flight of the recording of an ordinary modern server.
fn recorded() -> Vec<u8> {
    let path = "tests/recordings/modern-aplus.rec.json";
    let text = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let recording: Recording = serde_json::from_slice(&text).unwrap();
    let entries = recording.endpoints.into_iter().flat_map(|trace| trace.entries);
    entries.map(|entry| entry.reply.bytes).max_by_key(Vec::len).unwrap()
}

/// A certificate for so many names, of some 40 bytes each.
fn many_names(count: usize) -> Vec<u8> {
    let names = (0..count).map(|n| format!("host-{n:04}.department.example.com"));
    let params = CertificateParams::new(names.collect::<Vec<_>>()).unwrap();
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
}

fn flight_with(certificate: &[u8]) -> Vec<u8> {
    let hello = ServerHello {
        legacy_version: Version::TLS12,
        random: [1; 32],
        session_id: vec![2; 32],
        suite: Suite(0xc02f),
        compression: 0,
        extensions: Vec::new(),
    };
    let length = |n: usize| u32::try_from(n).unwrap().to_be_bytes()[1..].to_vec();
    let list = [length(certificate.len()), certificate.to_vec()].concat();
    let mut messages = handshake(message::SERVER_HELLO, &hello.encode());
    messages.extend(handshake(message::CERTIFICATE, &[length(list.len()), list].concat()));
    messages.extend(handshake(message::SERVER_HELLO_DONE, &[]));
    wrap(content::HANDSHAKE, Version::TLS12, &messages)
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode");
    for (name, version) in
        [("hello of TLS 1.2", Version::TLS12), ("hello of TLS 1.3", Version::TLS13)]
    {
        let hello = hello(version);
        group.throughput(Throughput::Bytes(hello.to_record().len() as u64));
        group.bench_function(name, |b| b.iter(|| black_box(&hello).to_record()));
    }
    group.finish();
}

fn parse(c: &mut Criterion) {
    let names = many_names(1000);
    let mut group = c.benchmark_group("parse");
    for (name, bytes) in
        [("recorded flight", recorded()), ("flight with 1,000 names", flight_with(&names))]
    {
        assert!(flight::read(&bytes).error.is_none());
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |b| b.iter(|| flight::read(black_box(&bytes))));
        // As TCP brings it, a segment at a time.
        group.bench_function(format!("{name}, in segments"), |b| {
            b.iter(|| {
                let mut reader = FlightReader::default();
                for segment in black_box(&bytes).chunks(1448) {
                    reader.push(segment);
                }
                reader.finish()
            });
        });
    }
    group.throughput(Throughput::Bytes(names.len() as u64));
    group.bench_function("certificate with 1,000 names", |b| {
        b.iter(|| CertFacts::read(black_box(&names)).unwrap());
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = encode, parse
}
criterion_main!(benches);
