//! The legacy client against OpenSSL's own server: every key exchange and cipher it has, in every
//! version, down to a page; what damaged records bring; and hostile bytes.
//!
//! They need the `openssl` command; TARAF_WITHOUT_OPENSSL=1 goes without it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use taraf_scanner::legacy::{
    Client, Exchange, Heard, Keys, RsaBlock, Spoil, Step, Talk, Until, Word,
};
use taraf_scanner::wire::record::content;
use taraf_scanner::wire::{ClientHello, Ext, Group, Scheme, Suite, Version};

/// `openssl s_server` with a certificate of its own, on a port of its own.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server; `None`, and a word of it, where OpenSSL is not wanted.
fn server(more: &[&str]) -> Option<Server> {
    if std::env::var_os("TARAF_WITHOUT_OPENSSL").is_some() {
        eprintln!("skipped: TARAF_WITHOUT_OPENSSL is set");
        return None;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("legacy-{port}"));
    std::fs::create_dir_all(&directory).unwrap();
    let at = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let (key, cert) = (at("key.pem"), at("cert.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=legacy.test"])
        .args(["-days", "2", "-keyout", &key, "-out", &cert])
        .stderr(Stdio::null())
        .status();
    let made = made.expect("the `openssl` command is missing: see the top of this file");
    assert!(made.success());
    let child = Command::new("openssl")
        .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-key", &key, "-cert", &cert])
        .args(["-www", "-quiet", "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-min_protocol"])
        .args(["TLSv1"])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server { child, port };
    let patience = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < patience, "the server does not come up");
        std::thread::sleep(Duration::from_millis(50));
    }
    Some(server)
}

fn hello(version: Version, suite: u32) -> ClientHello {
    let mut extensions = vec![
        Ext::Groups(vec![Group::X25519, Group::SECP256R1, Group::SECP384R1, Group::SECP521R1]),
        Ext::PointFormats(vec![0]),
        Ext::SessionTicket(Vec::new()),
    ];
    if version == Version::TLS12 {
        let schemes =
            [Scheme::RSA_PKCS1_SHA256, Scheme::RSA_PSS_RSAE_SHA256, Scheme::RSA_PKCS1_SHA1];
        extensions.push(Ext::Schemes(schemes.to_vec()));
    }
    ClientHello {
        record_version: Version::TLS10,
        version,
        random: [7; 32],
        session_id: Vec::new(),
        suites: vec![Suite(suite), Suite::EMPTY_RENEGOTIATION_INFO_SCSV],
        compression: vec![0],
        extensions,
    }
}

fn completed() -> Vec<Step> {
    vec![
        Step::Flight,
        Step::KeyExchange { exchange: Exchange::Right },
        Step::ChangeCipherSpec { keys: Keys::Agreed },
        Step::Finished { right: true },
        Step::Established,
    ]
}

fn get(spoil: Option<Spoil>, until: Until) -> Vec<Step> {
    let body = b"GET / HTTP/1.0\r\n\r\n".to_vec();
    let record = Step::Record { content: content::APPLICATION_DATA, body, spoil };
    [completed(), vec![record, Step::Listen { until }]].concat()
}

/// Has the conversation over a socket.
fn talk(port: u16, hello: ClientHello, steps: Vec<Step>) -> Heard {
    let mut client = Client::new(Talk { hello, steps, injected: String::new() });
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let mut buffer = [0; 4096];
    loop {
        let bytes = client.take_output();
        if !bytes.is_empty() && stream.write_all(&bytes).is_err() {
            break;
        }
        if client.is_over() {
            break;
        }
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => client.push(&buffer[..n]),
            Err(error) if client.is_pausing() && error.kind() == ErrorKind::WouldBlock => {
                client.go_on();
            }
            Err(_) => break,
        }
    }
    client.finish()
}

/// Suites by number, and the oldest version they fit.
const SUITES: [(u32, &str, Version); 12] = [
    (0x002f, "RSA, AES-128-CBC, SHA-1", Version::TLS10),
    (0x0035, "RSA, AES-256-CBC, SHA-1", Version::TLS10),
    (0x003c, "RSA, AES-128-CBC, SHA-256", Version::TLS12),
    (0x009c, "RSA, AES-128-GCM", Version::TLS12),
    (0x009d, "RSA, AES-256-GCM", Version::TLS12),
    (0x0033, "DHE, AES-128-CBC, SHA-1", Version::TLS10),
    (0x009f, "DHE, AES-256-GCM", Version::TLS12),
    (0xc013, "ECDHE, AES-128-CBC, SHA-1", Version::TLS10),
    (0xc014, "ECDHE, AES-256-CBC, SHA-1", Version::TLS10),
    (0xc028, "ECDHE, AES-256-CBC, SHA-384", Version::TLS12),
    (0xc02f, "ECDHE, AES-128-GCM", Version::TLS12),
    (0xc030, "ECDHE, AES-256-GCM", Version::TLS12),
];

#[test]
fn every_key_exchange_and_cipher_brings_a_page() {
    let Some(server) = server(&[]) else { return };
    let mut pages = 0;
    for (suite, what, since) in SUITES {
        for version in [Version::TLS10, Version::TLS11, Version::TLS12] {
            if version < since {
                continue;
            }
            let heard = talk(server.port, hello(version, suite), get(None, Until::Head));
            assert_eq!(heard.handshakes, 1, "{version}, {what}: {heard:?}");
            assert_eq!((heard.version, heard.suite), (Some(version), Some(Suite(suite))));
            assert!(heard.data.starts_with(b"HTTP/1.0 200"), "{version}, {what}");
            pages += 1;
        }
    }
    assert_eq!(pages, 22);
}

#[test]
fn damaged_records_and_messages_are_refused() {
    let Some(server) = server(&[]) else { return };
    for version in [Version::TLS10, Version::TLS11, Version::TLS12] {
        for spoil in [Spoil::Mac, Spoil::Padding, Spoil::Both, Spoil::Overlong, Spoil::AllPadding] {
            let heard = talk(server.port, hello(version, 0x2f), get(Some(spoil), Until::Close));
            assert_eq!(heard.handshakes, 1, "{version} {spoil:?}");
            assert_eq!(heard.data, b"", "{version} {spoil:?}");
            assert_eq!(heard.alerts().collect::<Vec<_>>(), [(2, 20)], "{version} {spoil:?}");
        }
        let blocks = [
            RsaBlock::Right,
            RsaBlock::WrongStart,
            RsaBlock::LateZero,
            RsaBlock::NoZero,
            RsaBlock::WrongVersion,
        ];
        for block in blocks {
            let steps = vec![
                Step::Flight,
                Step::KeyExchange { exchange: Exchange::Rsa { block } },
                Step::ChangeCipherSpec { keys: Keys::Agreed },
                Step::Finished { right: false },
                Step::Listen { until: Until::Close },
            ];
            let heard = talk(server.port, hello(version, 0x2f), steps);
            assert_eq!(heard.handshakes, 0, "{version} {block:?}");
            assert_eq!(heard.alerts().count(), 1, "{version} {block:?}: {heard:?}");
        }
    }
}

#[test]
fn a_ticket_resumes_the_session() {
    let Some(server) = server(&[]) else { return };
    let first = talk(server.port, hello(Version::TLS12, 0xc02f), get(None, Until::Head));
    let ticket = first.ticket.unwrap();
    let mut again = hello(Version::TLS12, 0xc02f);
    again.session_id = vec![9; 28];
    again.extensions.pop();
    again.extensions.retain(|ext| !matches!(ext, Ext::SessionTicket(_)));
    let schemes = vec![Scheme::RSA_PKCS1_SHA256, Scheme::RSA_PSS_RSAE_SHA256];
    again.extensions.push(Ext::Schemes(schemes));
    again.extensions.push(Ext::SessionTicket(ticket.ticket));
    let heard = talk(server.port, again, vec![Step::Flight]);
    assert!(heard.resumed, "{heard:?}");
    assert_eq!(heard.session_id, [9; 28]);
}

#[test]
fn renegotiation_is_refused_or_goes_through() {
    let steps = || {
        let again = std::iter::repeat_n(Step::Renegotiate { secure: true }, 2);
        completed().into_iter().chain(again).collect::<Vec<_>>()
    };
    if let Some(server) = server(&[]) {
        let heard = talk(server.port, hello(Version::TLS12, 0xc02f), steps());
        assert_eq!(heard.handshakes, 1, "{heard:?}");
        assert!(heard.alerts().any(|(_, description)| description == 100), "{heard:?}");
    }
    if let Some(server) = server(&["-client_renegotiation"]) {
        let heard = talk(server.port, hello(Version::TLS12, 0xc02f), steps());
        assert_eq!(heard.handshakes, 3, "{heard:?}");
    }
}

#[test]
fn an_early_change_of_keys_is_refused() {
    let Some(server) = server(&[]) else { return };
    let steps = vec![
        Step::Flight,
        Step::ChangeCipherSpec { keys: Keys::Nothing },
        Step::KeyExchange { exchange: Exchange::Right },
        Step::Finished { right: true },
        Step::Listen { until: Until::Word },
    ];
    let heard = talk(server.port, hello(Version::TLS12, 0xc02f), steps);
    assert_eq!(heard.since(4).next(), Some(&Word::Alert { level: 2, description: 10 }));
}

proptest! {
    /// Whatever comes, the client stops or waits, and keeps little of it.
    #[test]
    fn no_bytes_make_it_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..6),
        kind in 20_u8..25) {
        for steps in [completed(), get(Some(Spoil::Mac), Until::Close)] {
            let talk = Talk { hello: hello(Version::TLS12, 0x2f), steps, injected: String::new() };
            let mut client = Client::new(talk);
            for piece in &pieces {
                let length = u16::try_from(piece.len()).unwrap().to_be_bytes();
                client.push(&[&[kind, 3, 3], &length[..], piece].concat());
                client.take_output();
            }
            let heard = client.finish();
            prop_assert_eq!(heard.handshakes, 0);
            prop_assert!(heard.words.len() <= 2000);
        }
    }
}
