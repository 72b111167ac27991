//! Completes handshakes on connected streams: the only file that knows rustls.
//!
//! The client made here trusts everybody. It exists to see what a server shows inside an encrypted
//! handshake and after it, so its verifier records and never refuses, and whatever was learnt
//! before a failure is kept. Nothing secret is ever sent over such a connection.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::mem;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::agreement::{self, ECDH_P521, EphemeralPrivateKey, PublicKey, UnparsedPublicKey};
use aws_lc_rs::rand::SystemRandom;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, ResolvesClientCert, Resumption,
    Tls12ClientSessionValue, Tls12Resumption, Tls13ClientSessionValue,
};
use rustls::compress::{
    BROTLI_DECOMPRESSOR, CertDecompressor, DecompressionFailed, ZLIB_DECOMPRESSOR,
};
use rustls::crypto::aws_lc_rs::{ALL_CIPHER_SUITES, default_provider, kx_group};
use rustls::crypto::{ActiveKeyExchange, CryptoProvider, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateCompressionAlgorithm, ClientConfig, ClientConnection, DigitallySignedStruct, Error,
    HandshakeKind, NamedGroup, PeerIncompatible, PeerMisbehaved, SignatureScheme,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::probe::{End, Handshake, HandshakeReply, ResumeBy};
use crate::wire::codec::Reader;
use crate::wire::record::{self, Reassembly, content};
use crate::wire::{Scheme, Suite, Version};

/// What is read of one connection at most: a chain and a page's headers at their own limits, with
/// room for the encryption around them.
const MOST_RECEIVED: usize = 256 << 10;
/// What is kept of an HTTP answer.
const MOST_HEAD: usize = 64 << 10;
/// How long tickets, and our own goodbye, may take.
const LINGER: Duration = Duration::from_secs(1);
/// NewSessionTicket (RFC 8446 section 4).
const NEW_SESSION_TICKET: u8 = 4;

/// What is offered when the plan names no scheme: nothing is verified, so everything a server may
/// own a certificate for, in the order clients prefer.
const ALL_SCHEMES: [Scheme; 22] = [
    Scheme::ECDSA_SECP256R1_SHA256,
    Scheme::ECDSA_SECP384R1_SHA384,
    Scheme::ECDSA_SECP521R1_SHA512,
    Scheme::ED25519,
    Scheme::RSA_PSS_RSAE_SHA256,
    Scheme::RSA_PSS_RSAE_SHA384,
    Scheme::RSA_PSS_RSAE_SHA512,
    Scheme::RSA_PKCS1_SHA256,
    Scheme::RSA_PKCS1_SHA384,
    Scheme::RSA_PKCS1_SHA512,
    Scheme::ED448,
    Scheme::RSA_PSS_PSS_SHA256,
    Scheme::RSA_PSS_PSS_SHA384,
    Scheme::RSA_PSS_PSS_SHA512,
    Scheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256,
    Scheme::ECDSA_BRAINPOOLP384R1TLS13_SHA384,
    Scheme::ECDSA_BRAINPOOLP512R1TLS13_SHA512,
    Scheme::MLDSA44,
    Scheme::MLDSA65,
    Scheme::MLDSA87,
    Scheme::ECDSA_SHA1,
    Scheme::RSA_PKCS1_SHA1,
];

/// Decompression that leaves a note of the algorithm used (RFC 8879).
#[derive(Debug)]
struct Noted(&'static dyn CertDecompressor);

static ZLIB: Noted = Noted(ZLIB_DECOMPRESSOR);
static BROTLI: Noted = Noted(BROTLI_DECOMPRESSOR);
static DECOMPRESSORS: [&dyn CertDecompressor; 2] = [&BROTLI, &ZLIB];

thread_local! {
    /// The algorithm used in the call of rustls under way, which is synchronous.
    static USED: Cell<Option<u16>> = const { Cell::new(None) };
}

impl CertDecompressor for Noted {
    fn decompress(&self, input: &[u8], output: &mut [u8]) -> Result<(), DecompressionFailed> {
        USED.set(Some(self.algorithm().into()));
        self.0.decompress(input, output)
    }

    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        self.0.algorithm()
    }
}

/// The cryptography. A hello carries one key share, for the first group, so the small and common
/// ones come first; never installed as the default of the process.
static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    let mut provider = default_provider();
    provider.cipher_suites = ALL_CIPHER_SUITES.to_vec();
    provider.kx_groups = vec![
        kx_group::X25519,
        kx_group::SECP256R1,
        kx_group::SECP384R1,
        &P521,
        kx_group::X25519MLKEM768,
        kx_group::SECP256R1MLKEM768,
        kx_group::MLKEM768,
        kx_group::MLKEM1024,
    ];
    Arc::new(provider)
});

/// Session stores shared between handshakes of one scan, by slot.
#[derive(Debug, Default)]
pub struct Sessions {
    // Also by version: rustls spends a TLS 1.3 ticket on a TLS 1.2 hello, where it is no use.
    slots: Mutex<HashMap<(u8, Version), Arc<Witness>>>,
}

impl Sessions {
    /// The witness of the plan's slot; a fresh one, with nothing to resume, without a slot.
    fn witness(&self, plan: &Handshake) -> Arc<Witness> {
        match plan.slot {
            Some(slot) => lock(&self.slots).entry((slot, plan.version)).or_default().clone(),
            None => Arc::default(),
        }
    }
}

/// Completes the handshake that `plan` asks for on `stream`, and what it asks for after it.
///
/// `ip` stands in for the server name where the plan has none; no server name is sent then.
/// Whatever happens, at `deadline` included, the reply holds what was learnt until then.
pub async fn complete<S>(
    stream: S,
    plan: &Handshake,
    ip: IpAddr,
    sessions: &Sessions,
    deadline: Instant,
) -> (End, HandshakeReply)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let witness = sessions.witness(plan);
    let mut notes = Notes::new(plan);
    let conn = match witness.watch(&mut notes, || connection(plan, ip, &witness)) {
        Ok(conn) => conn,
        Err(error) => {
            notes.reply.error = Some(error);
            return (End::Closed, notes.reply);
        }
    };
    let mut talk = Talk {
        stream,
        conn,
        witness,
        notes,
        overheard: Overheard::default(),
        plain: Vec::new(),
        received: 0,
        refusal: None,
        deadline,
    };
    let end = talk.through(plan).await.err().unwrap_or(End::Enough);
    talk.hang_up(&end).await;
    (end, talk.sum_up())
}

/// A connection that wants to send its hello.
fn connection(
    plan: &Handshake,
    ip: IpAddr,
    witness: &Arc<Witness>,
) -> Result<ClientConnection, String> {
    let version = match plan.version {
        Version::TLS12 => &rustls::version::TLS12,
        Version::TLS13 => &rustls::version::TLS13,
        other => return Err(format!("{other} handshakes are not completed here")),
    };
    let name = match &plan.server_name {
        Some(name) => ServerName::try_from(name.clone())
            .map_err(|_| format!("`{name}` cannot be sent as a server name"))?,
        None => ServerName::from(ip),
    };
    let mut config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[version])
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(witness.clone())
        .with_client_cert_resolver(witness.clone());
    config.alpn_protocols = plan.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config.alpn_protocols.retain(|name| (1..=255).contains(&name.len()));
    config.check_selected_alpn = false;
    config.enable_early_data = plan.early_data;
    config.cert_decompressors = DECOMPRESSORS.to_vec();
    config.resumption =
        Resumption::store(witness.clone()).tls12_resumption(match by_ticket(plan) {
            true => Tls12Resumption::SessionIdOrTickets,
            false => Tls12Resumption::SessionIdOnly,
        });
    ClientConnection::new(Arc::new(config), name).map_err(|error| error.to_string())
}

/// Whether a TLS 1.2 hello speaks of tickets. Without a slot nothing is resumed, so it need not.
fn by_ticket(plan: &Handshake) -> bool {
    plan.slot.is_some() && plan.resume_by == ResumeBy::Ticket
}

/// One conversation: rustls on one side, the stream on the other.
struct Talk<S> {
    stream: S,
    conn: ClientConnection,
    witness: Arc<Witness>,
    notes: Notes,
    overheard: Overheard,
    /// The beginning of what the server said inside the encryption.
    plain: Vec<u8>,
    received: usize,
    /// How the server stopped listening to us; its last words may still be readable.
    refusal: Option<End>,
    deadline: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Talk<S> {
    /// Everything the plan wants, in order.
    async fn through(&mut self, plan: &Handshake) -> Result<(), End> {
        let request = plan.get.as_ref().map(|get| get.request().into_bytes()).unwrap_or_default();
        // How much of the request went out early. A GET may be replayed.
        let mut early = 0;
        if let Some(mut data) = self.conn.early_data() {
            early = data.write(&request).unwrap_or(0);
        }
        self.read_until(self.deadline, |talk| !talk.conn.is_handshaking()).await?;
        if !self.conn.is_early_data_accepted() {
            early = 0;
        }
        if plan.get.is_some() {
            let rest = request.get(early..).unwrap_or_default();
            if let Err(error) = self.conn.writer().write_all(rest) {
                return Err(self.failed(error.to_string()));
            }
            self.page().await?;
        } else if plan.await_tickets && plan.version == Version::TLS13 {
            let until = self.deadline.min(Instant::now() + LINGER);
            let read = self.read_until(until, |talk| talk.notes.reply.tickets > 0).await;
            if !(read == Err(End::Silent) && until < self.deadline) {
                read?;
            }
        }
        Ok(())
    }

    /// Reads the status line and the headers of a page.
    async fn page(&mut self) -> Result<(), End> {
        let read = self
            .read_until(self.deadline, |talk| {
                let plain = &talk.plain;
                !may_be_http(plain) || head(plain).is_some() || plain.len() >= MOST_HEAD
            })
            .await;
        let (plain, reply) = (&self.plain, &mut self.notes.reply);
        if plain.starts_with(b"HTTP/") {
            let text = head(plain).unwrap_or(plain);
            reply.http = Some(String::from_utf8_lossy(text).into_owned());
            if plain.len() >= MOST_HEAD && head(plain).is_none() {
                return Err(End::Flooded);
            }
        } else if !plain.is_empty() {
            reply.error.get_or_insert_with(|| "not HTTP".to_owned());
        }
        read
    }

    /// Reads until `enough`, which counts even if the connection fails in the same moment.
    async fn read_until(
        &mut self,
        until: Instant,
        enough: impl Fn(&Self) -> bool,
    ) -> Result<(), End> {
        while !enough(self) {
            let step = self.step(until).await;
            if !enough(self) {
                step?;
            }
        }
        Ok(())
    }

    /// Sends what is due, then reads once.
    async fn step(&mut self, until: Instant) -> Result<(), End> {
        self.flush(until).await?;
        let mut buffer = vec![0; 4096];
        let n = match timeout_at(until, self.stream.read(&mut buffer)).await {
            Err(_) => return Err(End::Silent),
            Ok(Err(error)) => return Err(ended(&error)),
            Ok(Ok(0)) => return Err(self.refusal.take().unwrap_or(End::Closed)),
            Ok(Ok(n)) => n,
        };
        self.received += n;
        if self.received > MOST_RECEIVED {
            return Err(End::Flooded);
        }
        let mut bytes = buffer.get(..n).unwrap_or_default();
        self.overheard.listen(bytes, &mut self.notes);
        while !bytes.is_empty() {
            let taken = self.conn.read_tls(&mut bytes);
            self.process()?;
            match taken {
                Ok(0) => return Err(End::Closed),
                Ok(_) => {}
                Err(error) => return Err(self.failed(error.to_string())),
            }
        }
        Ok(())
    }

    /// Lets rustls work on what was read, with the witness watching.
    fn process(&mut self) -> Result<(), End> {
        let Self { conn, witness, notes, plain, .. } = self;
        let state = witness.watch(notes, || conn.process_new_packets());
        let mut chunk = [0; 4096];
        while let Ok(n @ 1..) = conn.reader().read(&mut chunk) {
            let room = MOST_HEAD.saturating_sub(plain.len());
            plain.extend_from_slice(chunk.get(..n.min(room)).unwrap_or_default());
        }
        match state {
            Ok(state) if state.peer_has_closed() => Err(End::Closed),
            Ok(_) => Ok(()),
            Err(Error::AlertReceived(alert)) => {
                notes.reply.alert = Some(alert.into());
                Err(End::Closed)
            }
            Err(error) => {
                // The one way to be asked for a certificate without the resolver being told.
                let asked = PeerIncompatible::NoCertificateRequestSignatureSchemesInCommon;
                notes.reply.client_auth |= error == Error::PeerIncompatible(asked);
                Err(self.failed(error.to_string()))
            }
        }
    }

    /// Sends what rustls wants to send.
    async fn flush(&mut self, until: Instant) -> Result<(), End> {
        while self.conn.wants_write() && self.refusal.is_none() {
            let mut bytes = Vec::new();
            let filled = self.conn.write_tls(&mut bytes);
            let write = async {
                filled?;
                self.stream.write_all(&bytes).await?;
                self.stream.flush().await
            };
            match timeout_at(until, write).await {
                Err(_) => return Err(End::Silent),
                Ok(Err(error)) => self.refusal = Some(ended(&error)),
                Ok(Ok(())) => {}
            }
        }
        Ok(())
    }

    /// Says goodbye, or the alert that is due. Servers forget the session of a connection that ends
    /// without a goodbye (OpenSSL, `ssl_clear_bad_session`), and would then not resume it.
    async fn hang_up(&mut self, end: &End) {
        let until = self.deadline.min(Instant::now() + LINGER);
        if *end == End::Enough {
            self.conn.send_close_notify();
        }
        if self.flush(until).await.is_ok() {
            // A goodbye nobody hears is no news.
            let _ = timeout_at(until, self.stream.shutdown()).await;
        }
    }

    /// Notes why it failed on our side.
    fn failed(&mut self, why: String) -> End {
        self.notes.reply.error.get_or_insert(why);
        End::Closed
    }

    /// The reply, with what rustls knows of the connection.
    fn sum_up(self) -> HandshakeReply {
        let Self { conn, notes: Notes { mut reply, .. }, .. } = self;
        reply.completed = !conn.is_handshaking();
        reply.resumed = reply.completed && conn.handshake_kind() == Some(HandshakeKind::Resumed);
        // When resuming, rustls has a suite in mind before the server has spoken.
        reply.suite = conn
            .protocol_version()
            .and_then(|_| conn.negotiated_cipher_suite())
            .map(|suite| Suite(u16::from(suite.suite()).into()));
        reply.alpn = conn.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        reply.early_data_accepted = conn.is_early_data_accepted();
        reply
    }
}

/// The beginning of an HTTP/1 answer, or of what may become one.
fn may_be_http(answer: &[u8]) -> bool {
    answer.iter().zip(b"HTTP/").all(|(a, b)| a == b)
}

/// Status line and headers of the final answer, once they are complete. Answers of the 1xx kind
/// come before it (RFC 9110 section 15.2), except 101, which is final.
fn head(mut answer: &[u8]) -> Option<&[u8]> {
    loop {
        let crlf = answer.windows(4).position(|w| w == b"\r\n\r\n").map(|at| (at, at + 4));
        let lf = answer.windows(2).position(|w| w == b"\n\n").map(|at| (at, at + 2));
        let (end, next) = crlf.into_iter().chain(lf).min()?;
        let head = answer.get(..end)?;
        let status = head.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
        if !status.starts_with(b"1") || status.starts_with(b"101") {
            return Some(head);
        }
        answer = answer.get(next..)?;
    }
}

/// How the stream ended.
fn ended(error: &io::Error) -> End {
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => End::Reset,
        io::ErrorKind::TimedOut => End::Silent,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => End::Unreachable,
        _ => End::Closed,
    }
}

/// What one handshake is to offer, and what was seen of it.
#[derive(Debug, Default)]
struct Notes {
    schemes: Vec<SignatureScheme>,
    by_ticket: bool,
    /// A ticket passed in a TLS 1.2 handshake.
    ticket: bool,
    reply: HandshakeReply,
}

impl Notes {
    fn new(plan: &Handshake) -> Self {
        let schemes = if plan.schemes.is_empty() { &ALL_SCHEMES[..] } else { &plan.schemes };
        Self {
            schemes: schemes.iter().map(|scheme| scheme.0.into()).collect(),
            by_ticket: by_ticket(plan),
            ..Self::default()
        }
    }
}

/// Listens until the encryption begins: in TLS 1.2 a new ticket passes in clear (RFC 5077 section
/// 3.3), and rustls does not say whether a session came with one.
#[derive(Default)]
struct Overheard {
    records: Vec<u8>,
    messages: Reassembly,
    over: bool,
}

impl Overheard {
    fn listen(&mut self, bytes: &[u8], notes: &mut Notes) {
        if self.over {
            return;
        }
        self.records.extend_from_slice(bytes);
        loop {
            match record::take(&mut self.records) {
                Ok(None) => return,
                Ok(Some(record)) if record.content == content::HANDSHAKE => {
                    self.messages.push(&record.fragment);
                }
                Ok(Some(record)) if record.content == content::ALERT => {}
                Ok(Some(_)) | Err(_) => break,
            }
            while let Ok(Some((kind, body))) = self.messages.take_message() {
                let mut body = Reader::new(&body);
                if kind == NEW_SESSION_TICKET
                    && let (Ok(lifetime), Ok(ticket)) = (body.u32(), body.vec16())
                    && !ticket.is_empty()
                {
                    notes.ticket = true;
                    // Zero leaves it to the client.
                    notes.reply.ticket_lifetime = (lifetime > 0).then_some(lifetime);
                }
            }
        }
        *self = Self { over: true, ..Self::default() };
    }
}

/// Verifier, certificate chooser and session store of a slot in one: writes down what passes, and
/// objects to nothing. One object, because rustls resumes a session only under the very verifier
/// and chooser that it began under.
#[derive(Debug)]
struct Witness {
    /// Held while rustls works, so that two handshakes of a slot cannot mix their notes.
    turn: Mutex<()>,
    notes: Mutex<Notes>,
    sessions: ClientSessionMemoryCache,
}

impl Default for Witness {
    fn default() -> Self {
        // Room for four server names: a scan uses one, perhaps two.
        let sessions = ClientSessionMemoryCache::new(32);
        Self { turn: Mutex::default(), notes: Mutex::default(), sessions }
    }
}

impl Witness {
    /// Runs a piece of rustls' work, with `notes` to write into.
    fn watch<T>(&self, notes: &mut Notes, work: impl FnOnce() -> T) -> T {
        let _turn = lock(&self.turn);
        mem::swap(&mut *lock(&self.notes), notes);
        USED.set(None);
        let result = work();
        mem::swap(&mut *lock(&self.notes), notes);
        if let Some(algorithm) = USED.take() {
            notes.reply.certificate_compression = Some(algorithm);
        }
        result
    }

    fn signed(&self, signature: &DigitallySignedStruct) -> HandshakeSignatureValid {
        lock(&self.notes).reply.scheme = Some(Scheme(signature.scheme.into()));
        HandshakeSignatureValid::assertion()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp_response: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut notes = lock(&self.notes);
        notes.reply.chain =
            [end_entity].into_iter().chain(intermediates).map(|der| der.to_vec()).collect();
        notes.reply.staple = ocsp_response.to_vec();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.signed(signature))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.signed(signature))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        lock(&self.notes).schemes.clone()
    }
}

impl ResolvesClientCert for Witness {
    // Called whenever a certificate is asked for, whatever `has_certs` says.
    fn resolve(&self, authorities: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let reply = &mut lock(&self.notes).reply;
        reply.client_auth = true;
        reply.client_auth_authorities = authorities.iter().map(|name| name.to_vec()).collect();
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

impl ClientSessionStore for Witness {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.sessions.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.sessions.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        let mut notes = lock(&self.notes);
        // A session without a ticket must not be resumed by its id and pass for the other kind.
        // And a resumed session comes here again although the server handed out nothing.
        if if notes.by_ticket { notes.ticket } else { !notes.reply.chain.is_empty() } {
            notes.reply.tickets = 1;
            self.sessions.set_tls12_session(server, session);
        }
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        let session = self.sessions.tls12_session(server);
        lock(&self.notes).reply.offered |= session.is_some();
        session
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.sessions.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        let reply = &mut lock(&self.notes).reply;
        if reply.tickets == 0 {
            reply.early_data_offered = ticket.max_early_data_size() > 0;
        }
        reply.tickets = reply.tickets.saturating_add(1);
        self.sessions.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        let ticket = self.sessions.take_tls13_ticket(server)?;
        lock(&self.notes).reply.offered = true;
        Some(ticket)
    }
}

/// A panic elsewhere leaves nothing half-written here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The group rustls lacks: ECDH on NIST P-521.
#[derive(Debug)]
struct P521;

impl SupportedKxGroup for P521 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let failed = |_| Error::FailedToGetRandomBytes;
        let private = EphemeralPrivateKey::generate(&ECDH_P521, &SystemRandom::new());
        let private = private.map_err(failed)?;
        let public = private.compute_public_key().map_err(failed)?;
        Ok(Box::new(P521Exchange { private, public }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}

/// One exchange on P-521, half done.
struct P521Exchange {
    private: EphemeralPrivateKey,
    public: PublicKey,
}

impl ActiveKeyExchange for P521Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let invalid = Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare);
        // TLS allows uncompressed points only (RFC 8446 section 4.2.8.2).
        if peer.first() != Some(&4) {
            return Err(invalid);
        }
        let peer = UnparsedPublicKey::new(&ECDH_P521, peer);
        agreement::agree_ephemeral(self.private, peer, invalid, |secret| Ok(secret.into()))
    }

    fn pub_key(&self) -> &[u8] {
        self.public.as_ref()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::secp521r1
    }
}
