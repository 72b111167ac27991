//! Completed handshakes against servers made for the purpose, in memory: no network, no clock but
//! the deadline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider, sign};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{
    ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerConnection, WebPkiClientVerifier,
};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use taraf_scanner::net::handshake::{Sessions, complete};
use taraf_scanner::probe::{End, Get, Handshake, HandshakeReply, ResumeBy};
use taraf_scanner::wire::{Scheme, Suite, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

const BOTH: [Version; 2] = [Version::TLS12, Version::TLS13];
const HELLO: &str = "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=1\r\n\r\nbody";

/// Whatever is asked, this certificate is shown, with this staple.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A server that shows two certificates, of which the first may be nonsense.
struct Server {
    chain: Vec<CertificateDer<'static>>,
    config: ServerConfig,
}

fn certificate() -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["www.example.test".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap().der().clone(), key)
}

fn server_with(client_auth: bool, nonsense: bool) -> Server {
    let (leaf, key) = certificate();
    let (other, _) = certificate();
    let leaf = if nonsense { CertificateDer::from(vec![0x30, 0x82, 7]) } else { leaf };
    let chain = vec![leaf, other.clone()];
    let key = sign::any_supported_type(&PrivateKeyDer::try_from(key.serialize_der()).unwrap());
    let mut shown = CertifiedKey::new(chain.clone(), key.unwrap());
    shown.ocsp = Some(b"staple".to_vec());
    let provider = Arc::new(default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap();
    let builder = if client_auth {
        let mut roots = RootCertStore::empty();
        roots.add(other).unwrap();
        let roots = Arc::new(roots);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
        builder.with_client_cert_verifier(verifier.build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    Server { chain, config: builder.with_cert_resolver(Arc::new(Shows(Arc::new(shown)))) }
}

fn server() -> Server {
    server_with(false, false)
}

/// A connection to a server that says `answer` after the handshake and then waits for the end.
/// The early data it was sent come out of the task.
fn connect(
    config: &Arc<ServerConfig>,
    answer: impl Into<Vec<u8>>,
) -> (DuplexStream, tokio::task::JoinHandle<Vec<u8>>) {
    let (ours, theirs) = duplex(1 << 16);
    let acceptor = TlsAcceptor::from(config.clone());
    let answer = answer.into();
    let task = tokio::spawn(async move {
        let mut early = Vec::new();
        let Ok(mut stream) = acceptor.accept(theirs).await else { return early };
        let conn: &mut ServerConnection = stream.get_mut().1;
        if let Some(mut data) = conn.early_data() {
            data.read_to_end(&mut early).unwrap();
        }
        // The client may leave before it has heard everything.
        let _ = stream.write_all(&answer).await;
        let _ = stream.read_to_end(&mut Vec::new()).await;
        early
    });
    (ours, task)
}

/// A peer that reads a little, says `bytes` and closes.
fn stranger(bytes: Vec<u8>) -> DuplexStream {
    let (ours, mut theirs) = duplex(1 << 16);
    tokio::spawn(async move {
        let _ = theirs.read(&mut [0; 4096]).await;
        let _ = theirs.write_all(&bytes).await;
        let _ = theirs.shutdown().await;
        let _ = theirs.read_to_end(&mut Vec::new()).await;
    });
    ours
}

fn plan(version: Version) -> Handshake {
    Handshake {
        version,
        server_name: Some("www.example.test".to_owned()),
        schemes: Vec::new(),
        alpn: Vec::new(),
        slot: None,
        resume_by: ResumeBy::Ticket,
        early_data: false,
        get: None,
        await_tickets: false,
    }
}

fn page() -> Option<Get> {
    Some(Get { host: "www.example.test".to_owned(), path: "/a b\r\nEvil: 1".to_owned() })
}

async fn ask(stream: DuplexStream, plan: &Handshake) -> (End, HandshakeReply) {
    ask_with(stream, plan, &Sessions::default()).await
}

async fn ask_with(
    stream: DuplexStream,
    plan: &Handshake,
    sessions: &Sessions,
) -> (End, HandshakeReply) {
    ask_until(stream, plan, sessions, Duration::from_secs(20)).await
}

async fn ask_until(
    stream: DuplexStream,
    plan: &Handshake,
    sessions: &Sessions,
    patience: Duration,
) -> (End, HandshakeReply) {
    let deadline = Instant::now() + patience;
    complete(stream, plan, IpAddr::V4(Ipv4Addr::LOCALHOST), sessions, deadline).await
}

#[tokio::test]
async fn a_full_handshake_shows_everything() {
    let Server { chain, mut config } = server();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let config = Arc::new(config);
    for version in BOTH {
        let plan = Handshake { alpn: vec!["h2".into(), "http/1.1".into()], ..plan(version) };
        let (end, reply) = ask(connect(&config, "").0, &plan).await;
        assert_eq!(end, End::Enough);
        assert!(reply.completed && !reply.resumed && !reply.client_auth);
        assert_eq!(reply.chain, chain.iter().map(|der| der.to_vec()).collect::<Vec<_>>());
        assert_eq!(reply.staple, b"staple");
        assert_eq!(reply.scheme, Some(Scheme::ECDSA_SECP256R1_SHA256));
        assert_eq!(reply.alpn.as_deref(), Some("http/1.1"));
        assert_eq!((reply.alert, reply.error), (None, None));
        let suite = if version == Version::TLS12 { 0xc02c } else { 0x1302 };
        assert_eq!(reply.suite, Some(Suite(suite)));
    }
}

#[tokio::test]
async fn without_a_name_no_name_is_sent() {
    let config = Arc::new(server().config);
    for (name, good) in [(None, true), (Some("10.0.0.1"), true), (Some("not a name"), false)] {
        let server_name = name.map(str::to_owned);
        let plan = Handshake { server_name, await_tickets: true, ..plan(Version::TLS13) };
        let (ours, theirs) = duplex(1 << 16);
        let acceptor = TlsAcceptor::from(config.clone());
        let seen = tokio::spawn(async move {
            let mut stream = acceptor.accept(theirs).await.ok()?;
            let _ = stream.read_to_end(&mut Vec::new()).await;
            Some(stream.get_ref().1.server_name().map(str::to_owned))
        });
        let (end, reply) = ask(ours, &plan).await;
        assert_eq!(reply.completed, good);
        assert_eq!(end, if good { End::Enough } else { End::Closed });
        assert_eq!(seen.await.unwrap(), good.then_some(None));
    }
}

#[tokio::test]
async fn nonsense_for_a_certificate_stops_nothing() {
    let Server { chain, config } = server_with(false, true);
    let config = Arc::new(config);
    for version in BOTH {
        let (end, reply) = ask(connect(&config, "").0, &plan(version)).await;
        assert_eq!(end, End::Enough);
        assert!(reply.completed);
        assert_eq!(reply.chain[0], chain[0].to_vec());
        assert_eq!(reply.scheme, Some(Scheme::ECDSA_SECP256R1_SHA256));
    }
}

#[tokio::test]
async fn schemes_are_offered_as_planned() {
    let config = Arc::new(server().config);
    for version in BOTH {
        let plan = Handshake { schemes: vec![Scheme::RSA_PSS_RSAE_SHA256], ..plan(version) };
        let (end, reply) = ask(connect(&config, "").0, &plan).await;
        assert_eq!((end, reply.alert), (End::Closed, Some(40)));
        assert!(!reply.completed && reply.chain.is_empty());
    }
}

#[tokio::test]
async fn the_version_is_the_one_planned() {
    let mut only = server();
    let provider = default_provider();
    only.config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(only.config.cert_resolver.clone());
    let config = Arc::new(only.config);
    let (end, reply) = ask(connect(&config, "").0, &plan(Version::TLS13)).await;
    assert_eq!((end, reply.alert, reply.suite), (End::Closed, Some(70), None));
    let (end, reply) = ask(connect(&config, "").0, &plan(Version::TLS11)).await;
    assert_eq!(end, End::Closed);
    assert!(reply.error.unwrap().contains("TLS 1.1"));
}

#[tokio::test]
async fn tls12_sessions_are_resumed_as_planned_or_not_at_all() {
    // What the server can do; then, for each plan, whether it resumes.
    for (ids, tickets) in [(true, true), (true, false), (false, true), (false, false)] {
        for (resume_by, resumes) in [(ResumeBy::Id, ids), (ResumeBy::Ticket, tickets)] {
            let mut config = server().config;
            if tickets {
                config.ticketer = Ticketer::new().unwrap();
            }
            if !ids {
                config.session_storage = Arc::new(NoServerSessionStorage {});
            }
            let config = Arc::new(config);
            let sessions = Sessions::default();
            let plan = Handshake { slot: Some(1), resume_by, ..plan(Version::TLS12) };
            let (_, first) = ask_with(connect(&config, "").0, &plan, &sessions).await;
            assert!(first.completed && !first.resumed);
            assert_eq!(first.tickets, u16::from(resumes), "{ids} {tickets} {resume_by:?}");
            for _ in 0..2 {
                let (_, next) = ask_with(connect(&config, "").0, &plan, &sessions).await;
                assert!(next.completed);
                assert_eq!(next.resumed, resumes, "{ids} {tickets} {resume_by:?}");
                assert_eq!(next.chain.is_empty(), resumes);
            }
            let other = Handshake { slot: Some(2), ..plan.clone() };
            let (_, other) = ask_with(connect(&config, "").0, &other, &sessions).await;
            assert!(other.completed && !other.resumed);
        }
    }
}

#[tokio::test]
async fn tls13_tickets_resume_and_carry_early_data() {
    for early in [false, true] {
        let mut config = server().config;
        config.max_early_data_size = if early { 1024 } else { 0 };
        let config = Arc::new(config);
        let sessions = Sessions::default();
        let first = Handshake { slot: Some(1), await_tickets: true, ..plan(Version::TLS13) };
        let (end, reply) = ask_with(connect(&config, "").0, &first, &sessions).await;
        assert_eq!(end, End::Enough);
        assert!(reply.completed && !reply.resumed && reply.tickets > 0);
        assert_eq!(reply.early_data_offered, early);

        let bare = Handshake { early_data: true, ..first.clone() };
        let (stream, server) = connect(&config, "");
        let (end, reply) = ask_with(stream, &bare, &sessions).await;
        assert_eq!(end, End::Enough);
        assert!(reply.resumed && reply.chain.is_empty());
        assert_eq!(reply.early_data_accepted, early);
        assert!(server.await.unwrap().is_empty());

        let with_page = Handshake { early_data: true, get: page(), ..first.clone() };
        let (stream, server) = connect(&config, HELLO);
        let (end, reply) = ask_with(stream, &with_page, &sessions).await;
        assert_eq!(end, End::Enough);
        assert!(reply.resumed && reply.http.is_some());
        assert_eq!(reply.early_data_accepted, early);
        assert_eq!(server.await.unwrap().starts_with(b"GET /abEvil:1 HTTP/1.1\r\nHost: "), early);
    }
}

#[tokio::test]
async fn handshakes_of_a_slot_keep_their_notes_apart() {
    let (first, second) = (server(), server());
    let (one, two) = (Arc::new(first.config), Arc::new(second.config));
    let sessions = Sessions::default();
    let plan = Handshake { slot: Some(1), await_tickets: true, ..plan(Version::TLS13) };
    let ((_, a), (_, b)) = tokio::join!(
        ask_with(connect(&one, "").0, &plan, &sessions),
        ask_with(connect(&two, "").0, &plan, &sessions),
    );
    assert_eq!(a.chain[0], first.chain[0].to_vec());
    assert_eq!(b.chain[0], second.chain[0].to_vec());
}

#[tokio::test]
async fn a_server_without_tickets_is_not_waited_for_long() {
    let mut config = server().config;
    config.send_tls13_tickets = 0;
    let plan = Handshake { await_tickets: true, ..plan(Version::TLS13) };
    let began = Instant::now();
    let (end, reply) = ask(connect(&Arc::new(config), "").0, &plan).await;
    assert_eq!((end, reply.tickets), (End::Enough, 0));
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_demand_for_a_client_certificate_is_recorded() {
    let config = Arc::new(server_with(true, false).config);
    for version in BOTH {
        for get in [None, page()] {
            let plan = Handshake { await_tickets: true, get, ..plan(version) };
            let (end, reply) = ask(connect(&config, HELLO).0, &plan).await;
            assert_eq!(end, End::Closed);
            assert!(reply.client_auth && reply.alert.is_some() && reply.http.is_none());
            assert_eq!(reply.client_auth_authorities.len(), 1);
            assert_eq!(reply.chain.len(), 2);
            assert_eq!(reply.completed, version == Version::TLS13);
        }
    }
}

#[tokio::test]
async fn pages_are_read_as_far_as_their_headers() {
    let config = Arc::new(server().config);
    let hints = format!("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{HELLO}");
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(1 << 17));
    let head = HELLO.split("\r\n\r\n").next().unwrap();
    for version in BOTH {
        let plan = Handshake { get: page(), ..plan(version) };
        for answer in [HELLO, hints.as_str()] {
            let (end, reply) = ask(connect(&config, answer).0, &plan).await;
            assert_eq!((end, reply.http.as_deref()), (End::Enough, Some(head)));
        }
        let (end, reply) = ask(connect(&config, "HTTP/1.0 200 OK\n\nbody").0, &plan).await;
        assert_eq!((end, reply.http.as_deref()), (End::Enough, Some("HTTP/1.0 200 OK")));
        let (end, reply) = ask(connect(&config, "220 mail\r\n").0, &plan).await;
        assert_eq!((end, reply.error.as_deref()), (End::Enough, Some("not HTTP")));
        assert_eq!(reply.http, None);
        let (end, reply) = ask(connect(&config, endless.as_str()).0, &plan).await;
        assert_eq!((end, reply.http.map(|text| text.len())), (End::Flooded, Some(1 << 16)));
    }
}

#[tokio::test]
async fn peers_that_are_no_tls_servers() {
    for version in BOTH {
        let http = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
        let (end, reply) = ask(stranger(http), &plan(version)).await;
        assert_eq!(end, End::Closed);
        assert!(!reply.completed && reply.error.is_some());

        let (end, reply) = ask(stranger(Vec::new()), &plan(version)).await;
        assert_eq!((end, reply), (End::Closed, HandshakeReply::default()));

        let (end, reply) =
            ask(stranger(b"\x15\x03\x03\x00\x02\x02\x50".to_vec()), &plan(version)).await;
        assert_eq!((end, reply.alert, reply.error), (End::Closed, Some(80), None));
    }
}

#[tokio::test]
async fn a_deadline_keeps_what_was_learnt() {
    let patience = Duration::from_millis(300);
    let (stream, _silent) = duplex(1 << 16);
    let sessions = Sessions::default();
    let (end, reply) = ask_until(stream, &plan(Version::TLS13), &sessions, patience).await;
    assert_eq!((end, reply), (End::Silent, HandshakeReply::default()));

    let config = Arc::new(server().config);
    for version in BOTH {
        let plan = Handshake { get: page(), ..plan(version) };
        let (end, reply) = ask_until(connect(&config, "").0, &plan, &sessions, patience).await;
        assert_eq!(end, End::Silent);
        assert!(reply.completed && reply.chain.len() == 2 && reply.http.is_none());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bytes of any kind, in a record of any kind, end in a reply.
    #[test]
    fn no_answer_is_too_strange(
        kind in 20..25_u8,
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let mut answer = vec![kind, 3, 3];
        answer.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
        answer.extend(bytes);
        for version in BOTH {
            let (end, reply) =
                runtime.block_on(async { ask(stranger(answer.clone()), &plan(version)).await });
            prop_assert_eq!(end, End::Closed);
            prop_assert!(!reply.completed);
        }
    }
}
