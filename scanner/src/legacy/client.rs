//! The client: takes the steps of a talk, one after the other, as the server's bytes allow.

use aws_lc_rs::digest::{SHA256, digest};

use super::exchange::{self, Exchanged};
use super::prf::Prf;
use super::protect::{Form, Protection};
use super::talk::{Exchange, Heard, Keys, RsaBlock, Step, Talk, Ticket, Until, Word};
use crate::wire::codec::Reader;
use crate::wire::flight::{self, KeyExchange};
use crate::wire::hello::message;
use crate::wire::record::{self, Reassembly, content};
use crate::wire::suites::{Kx, SuiteInfo};
use crate::wire::{ClientHello, Ext, Extension, ServerHello, Suite, Version};

/// Most application data kept.
const MOST_DATA: usize = 1 << 16;

/// Most bytes taken from a server.
const MOST_BYTES: usize = 1 << 20;

/// Most words kept.
const MOST_WORDS: usize = 512;

/// Types of handshake messages only this client deals with (RFC 5246 section 7.4).
const HELLO_REQUEST: u8 = 0;
const CLIENT_KEY_EXCHANGE: u8 = 16;
const FINISHED: u8 = 20;

/// The sans-IO client of one talk.
pub struct Client {
    talk: Talk,
    /// The step that waits.
    at: usize,
    /// The step has begun: its hello was sent, or its moment is over.
    begun: bool,
    out: Vec<u8>,
    buffer: Vec<u8>,
    messages: Reassembly,
    read: Option<Protection>,
    write: Option<Protection>,
    /// What the server reads and writes with once it changes over.
    keys: Option<Keys>,
    now: Now,
    /// The client's `verify_data` of the last handshake.
    verified: Vec<u8>,
    heard: Heard,
    /// How many words had come when the step began to listen.
    words_before: usize,
    data_before: usize,
    received: usize,
    drawn: u32,
    over: bool,
}

/// The handshake under way.
#[derive(Default)]
struct Now {
    client_random: [u8; 32],
    server: Option<ServerHello>,
    leaf: Vec<u8>,
    exchange: Option<KeyExchange>,
    wants_certificate: bool,
    flight: bool,
    finished: bool,
    transcript: Vec<u8>,
    master: Vec<u8>,
}

impl Client {
    /// A client that is about to say its hello.
    #[must_use]
    pub fn new(talk: Talk) -> Self {
        let mut client = Self {
            at: 0,
            begun: false,
            out: Vec::new(),
            buffer: Vec::new(),
            messages: Reassembly::default(),
            read: None,
            write: None,
            keys: None,
            now: Now::default(),
            verified: Vec::new(),
            heard: Heard::default(),
            words_before: 0,
            data_before: 0,
            received: 0,
            drawn: 0,
            over: false,
            talk,
        };
        let hello = client.talk.hello.clone();
        client.begin(&hello);
        client.advance();
        client
    }

    /// What is to be sent now.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Takes in what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.received = self.received.saturating_add(bytes.len());
        if self.over {
            return;
        }
        if self.received > MOST_BYTES {
            return self.stop("the server sends too much");
        }
        self.buffer.extend_from_slice(bytes);
        loop {
            match record::take(&mut self.buffer) {
                Ok(Some(record)) => self.record(record.content, &record.fragment),
                Ok(None) => break,
                Err(_) => return self.stop("no TLS record"),
            }
            if self.over {
                break;
            }
        }
    }

    /// True when nothing more is to be said or heard.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// True when the server has said that it ends: it is about to hang up.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.heard.alerts().any(|(level, description)| level == 2 || description == 0)
    }

    /// True while the step that waits listens to whatever comes.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        matches!(self.talk.steps.get(self.at), Some(Step::Listen { .. }))
    }

    /// True while it waits a moment, and goes on without an answer.
    #[must_use]
    pub fn is_pausing(&self) -> bool {
        matches!(self.talk.steps.get(self.at), Some(Step::Pause))
    }

    /// The moment is over.
    pub fn go_on(&mut self) {
        self.begun = true;
        self.advance();
    }

    /// What was heard.
    #[must_use]
    pub fn finish(mut self) -> Heard {
        self.heard.steps = self.at;
        self.heard
    }

    fn stop(&mut self, why: &str) {
        self.heard.error.get_or_insert_with(|| why.to_owned());
        self.over = true;
    }

    /// Bytes that follow from the hello's random and nothing else.
    fn random(&mut self, length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(length + 32);
        while out.len() < length {
            self.drawn += 1;
            let seed = [&self.talk.hello.random[..], &self.drawn.to_be_bytes()].concat();
            out.extend_from_slice(digest(&SHA256, &seed).as_ref());
        }
        out.truncate(length);
        out
    }

    fn begin(&mut self, hello: &ClientHello) {
        let body = record::handshake(message::CLIENT_HELLO, &hello.encode());
        self.now = Now { client_random: hello.random, transcript: body.clone(), ..Now::default() };
        self.say(content::HANDSHAKE, &body, None);
    }

    fn version(&self) -> Version {
        match &self.now.server {
            Some(hello) => hello.version(),
            None => self.heard.version.unwrap_or(self.talk.hello.record_version),
        }
    }

    fn say(&mut self, content: u8, body: &[u8], spoil: Option<super::talk::Spoil>) {
        let mut fresh = [0; 32];
        self.random(32).into_iter().zip(&mut fresh).for_each(|(byte, to)| *to = byte);
        let version = self.version();
        let fragment = match &mut self.write {
            None => body.to_vec(),
            Some(write) if spoil.is_some() && !write.is_cbc() => {
                return self.stop("the suite has no padding to spoil");
            }
            Some(write) => match write.seal(content, body, spoil, &fresh) {
                Some(fragment) => fragment,
                None => return self.stop("the record cannot be protected"),
            },
        };
        self.out.extend(record::wrap(content, version, &fragment));
    }

    /// Takes steps until one has to wait.
    fn advance(&mut self) {
        while !self.over {
            let Some(step) = self.talk.steps.get(self.at).cloned() else {
                self.over = true;
                return;
            };
            let done = match step {
                Step::Flight => self.now.flight,
                Step::Established => self.now.finished,
                Step::KeyExchange { exchange } => {
                    self.key_exchange(&exchange);
                    true
                }
                Step::ChangeCipherSpec { keys } => {
                    self.change_cipher_spec(keys);
                    true
                }
                Step::Finished { right } => {
                    self.finished(right);
                    true
                }
                Step::Record { content, body, spoil } => {
                    self.say(content, &body, spoil);
                    true
                }
                Step::Listen { until } => match until {
                    Until::Word => self.heard.words.len() > self.words_before,
                    Until::Data => self.heard.data.len() > self.data_before,
                    // What comes after an alert is no answer any more.
                    Until::Close => self.heard.data.len() > self.data_before && !self.is_ending(),
                    Until::Head => self.has_head(),
                },
                Step::Pause => self.begun || self.heard.words.len() > self.words_before,
                Step::Renegotiate { secure } => self.renegotiate(secure),
            };
            if self.over || !done {
                return;
            }
            self.at += 1;
            self.begun = false;
            self.words_before = self.heard.words.len();
            self.data_before = self.heard.data.len();
        }
    }

    fn has_head(&self) -> bool {
        let data = &self.heard.data;
        let ends =
            data.windows(4).any(|w| w == b"\r\n\r\n") || data.windows(2).any(|w| w == b"\n\n");
        ends || data.len() >= MOST_DATA
    }

    /// Begins a handshake within the connection, and goes through it as it comes.
    fn renegotiate(&mut self, secure: bool) -> bool {
        if !self.begun {
            self.begun = true;
            let mut hello = self.talk.hello.clone();
            let random = self.random(32);
            hello.random.iter_mut().zip(random).for_each(|(to, byte)| *to = byte);
            hello.session_id.clear();
            hello.suites.retain(|suite| *suite != Suite::EMPTY_RENEGOTIATION_INFO_SCSV);
            let renegotiation = Extension::RENEGOTIATION_INFO;
            hello.extensions.retain(|ext| ext.extension() != renegotiation);
            if secure {
                hello.extensions.push(Ext::RenegotiationInfo(self.verified.clone()));
            }
            self.begin(&hello);
            return false;
        }
        if self.now.flight && self.now.master.is_empty() {
            self.key_exchange(&Exchange::Right);
            self.change_cipher_spec(Keys::Agreed);
            self.finished(true);
        }
        self.now.finished
    }

    fn key_exchange(&mut self, form: &Exchange) {
        if self.now.wants_certificate {
            let empty = record::handshake(message::CERTIFICATE, &[0, 0, 0]);
            self.now.transcript.extend_from_slice(&empty);
            self.say(content::HANDSHAKE, &empty, None);
        }
        match self.exchanged(form) {
            Ok(exchanged) => {
                let body = record::handshake(CLIENT_KEY_EXCHANGE, &exchanged.body);
                self.now.transcript.extend_from_slice(&body);
                self.say(content::HANDSHAKE, &body, None);
                self.master(&exchanged.premaster);
            }
            Err(why) => self.stop(why),
        }
    }

    fn exchanged(&mut self, form: &Exchange) -> Result<Exchanged, &'static str> {
        let info = self.info().ok_or("a suite this client does not know")?;
        let (version, leaf) = (self.talk.hello.version, std::mem::take(&mut self.now.leaf));
        let mut random = |length: usize| self.random(length);
        let exchanged = match (form, info.kx) {
            (Exchange::Point { point, secret }, Kx::Ecdhe) => {
                Ok(Exchanged { body: exchange::point(point), premaster: secret.clone() })
            }
            (Exchange::Point { point, secret }, Kx::Dhe) => {
                Ok(Exchanged { body: exchange::value(point), premaster: secret.clone() })
            }
            (Exchange::Rsa { block }, Kx::Rsa) => {
                exchange::rsa(&leaf, version, *block, &mut random).map(|right| {
                    // Whatever the server makes of the block, it has not this.
                    Exchanged { premaster: random(48), ..right }
                })
            }
            (Exchange::Right, Kx::Rsa) => {
                exchange::rsa(&leaf, version, RsaBlock::Right, &mut random)
            }
            (Exchange::Right, Kx::Dhe | Kx::Ecdhe) => match self.now.exchange.clone() {
                Some(server) => {
                    exchange::ephemeral(&server, &mut |length: usize| self.random(length))
                }
                None => Err("no ServerKeyExchange"),
            },
            _ => Err("a key exchange this client does not have"),
        };
        self.now.leaf = leaf;
        exchanged
    }

    fn info(&self) -> Option<&'static SuiteInfo> {
        self.now.server.as_ref()?.suite.info()
    }

    fn prf(&self) -> Option<Prf> {
        Some(Prf::of(self.version(), self.info()?))
    }

    fn randoms(&self, server_first: bool) -> Vec<u8> {
        let server = self.now.server.as_ref().map_or([0; 32], |hello| hello.random);
        if server_first {
            [server, self.now.client_random].concat()
        } else {
            [self.now.client_random, server].concat()
        }
    }

    fn master(&mut self, premaster: &[u8]) {
        let Some(prf) = self.prf() else { return };
        let extended = (self.now.server.as_ref())
            .is_some_and(|hello| hello.extension(Extension::EXTENDED_MASTER_SECRET).is_some());
        let (label, seed) = if extended {
            ("extended master secret", prf.transcript(&self.now.transcript))
        } else {
            ("master secret", self.randoms(false))
        };
        self.now.master = prf.bytes(premaster, label, &seed, 48);
    }

    /// Protection for one direction: the client's writing or the server's.
    fn protection(&self, keys: Keys, writing: bool) -> Option<Protection> {
        let prf = self.prf()?;
        let form = Form::of(self.info()?)?;
        let master = match keys {
            Keys::Agreed => self.now.master.as_slice(),
            Keys::Nothing => &[],
        };
        let (mac, key, iv) = form.lengths();
        let block = prf.bytes(master, "key expansion", &self.randoms(true), 2 * (mac + key + iv));
        let mut r = Reader::new(&block);
        let mut two = |n: usize| {
            let (client, server) = (r.take(n).ok()?, r.take(n).ok()?);
            Some(if writing { client } else { server })
        };
        let (mac, key, iv) = (two(mac)?, two(key)?, two(iv)?);
        Protection::new(self.version(), form, mac, key, iv)
    }

    fn change_cipher_spec(&mut self, keys: Keys) {
        self.say(content::CHANGE_CIPHER_SPEC, &[1], None);
        self.keys = Some(keys);
        match self.protection(keys, true) {
            Some(write) => self.write = Some(write),
            None => self.stop("a cipher this client does not have"),
        }
    }

    fn verify_data(&self, label: &str) -> Vec<u8> {
        let Some(prf) = self.prf() else { return Vec::new() };
        prf.bytes(&self.now.master, label, &prf.transcript(&self.now.transcript), 12)
    }

    fn finished(&mut self, right: bool) {
        let mut verify = self.verify_data("client finished");
        if !right {
            verify.iter_mut().for_each(|byte| *byte ^= 0x5a);
        }
        let body = record::handshake(FINISHED, &verify);
        self.now.transcript.extend_from_slice(&body);
        self.verified = verify;
        self.say(content::HANDSHAKE, &body, None);
    }

    fn word(&mut self, word: Word) {
        if self.heard.words.len() >= MOST_WORDS {
            return self.stop("the server says too much");
        }
        self.heard.words.push((self.at, word));
    }

    fn record(&mut self, content: u8, fragment: &[u8]) {
        let opened = match &mut self.read {
            Some(read) => read.open(content, fragment),
            None => Some(fragment.to_vec()),
        };
        let Some(plain) = opened else {
            self.word(Word::Unreadable { content, length: fragment.len() });
            return self.advance();
        };
        match content {
            content::HANDSHAKE => self.handshake(&plain),
            content::CHANGE_CIPHER_SPEC => {
                self.word(Word::ChangeCipherSpec);
                if !self.now.flight {
                    // Without ServerHelloDone, the server goes back to a session.
                    self.now.flight = true;
                    self.heard.resumed = true;
                } else if let Some(keys) = self.keys {
                    self.read = self.protection(keys, false);
                }
            }
            content::ALERT => match plain.as_slice() {
                [level, description] => self.alert(*level, *description),
                // Several in one record, or pieces: no known server does that.
                _ => self.word(Word::Other { content }),
            },
            content::APPLICATION_DATA => {
                let room = MOST_DATA.saturating_sub(self.heard.data.len());
                self.heard.data.extend(plain.iter().take(room));
                self.word(Word::Data { length: plain.len() });
            }
            content::HEARTBEAT => {
                let body = plain.iter().copied().take(64).collect();
                self.word(Word::Heartbeat { body, length: plain.len() });
            }
            content => self.word(Word::Other { content }),
        }
        self.advance();
    }

    fn alert(&mut self, level: u8, description: u8) {
        self.word(Word::Alert { level, description });
        let listens = self.is_listening() || self.is_pausing();
        let ends = level == 2 || description == 0;
        let renegotiates = matches!(self.talk.steps.get(self.at), Some(Step::Renegotiate { .. }));
        // "no_renegotiation" is a warning, and an answer.
        if (ends && !listens) || (renegotiates && description == 100) {
            self.over = true;
        }
    }

    fn handshake(&mut self, plain: &[u8]) {
        self.messages.push(plain);
        loop {
            match self.messages.take_message() {
                Ok(Some((kind, body))) => self.message(kind, &body),
                Ok(None) => break,
                Err(_) => return self.stop("a handshake message that cannot be read"),
            }
            if self.over {
                break;
            }
        }
    }

    fn message(&mut self, kind: u8, body: &[u8]) {
        self.word(Word::Handshake { kind });
        if kind == HELLO_REQUEST {
            return;
        }
        // What the server verifies covers all before it.
        let proves = kind == FINISHED && self.read.is_some();
        let proves = proves && body == self.verify_data("server finished");
        self.now.transcript.extend(record::handshake(kind, body));
        match kind {
            message::SERVER_HELLO => match ServerHello::decode(body) {
                Ok(hello) => self.server_hello(hello),
                Err(_) => self.stop("a ServerHello that cannot be read"),
            },
            message::CERTIFICATE => match flight::certificates(body) {
                Ok(chain) => self.now.leaf = chain.into_iter().next().unwrap_or_default(),
                Err(_) => self.stop("certificates that cannot be read"),
            },
            message::SERVER_KEY_EXCHANGE => {
                let Some(suite) = self.now.server.as_ref().map(|hello| hello.suite) else { return };
                self.now.exchange = flight::key_exchange(suite, self.version(), body).ok();
            }
            message::CERTIFICATE_REQUEST => self.now.wants_certificate = true,
            message::SERVER_HELLO_DONE => self.now.flight = true,
            message::NEW_SESSION_TICKET => {
                let mut r = Reader::new(body);
                if let (Ok(lifetime), Ok(ticket)) = (r.u32(), r.vec16()) {
                    let ticket = ticket.rest().to_vec();
                    self.heard.ticket = Some(Ticket { lifetime, ticket });
                }
            }
            FINISHED if proves => {
                self.now.finished = true;
                self.heard.handshakes += 1;
            }
            FINISHED => self.stop("a Finished that proves nothing"),
            _ => {}
        }
    }

    fn server_hello(&mut self, hello: ServerHello) {
        let version = hello.version();
        if self.heard.version.is_none() {
            self.heard.session_id.clone_from(&hello.session_id);
        }
        (self.heard.version, self.heard.suite) = (Some(version), Some(hello.suite));
        if !(Version::TLS10..=Version::TLS12).contains(&version) {
            return self.stop("a version this client does not speak");
        }
        if !self.talk.hello.suites.contains(&hello.suite) {
            return self.stop("a suite that was not offered");
        }
        if hello.extension(Extension::ENCRYPT_THEN_MAC).is_some() {
            return self.stop("encrypt-then-MAC, which this client does not have");
        }
        self.now.server = Some(hello);
    }
}
