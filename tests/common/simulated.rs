//! A server that answers questions in memory. It sees nothing but the bytes of the hello and
//! answers in bytes; only handshakes that rustls would complete are answered as facts.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use taraf_scanner::observe::Unrecognised;
use taraf_scanner::probe::{End, Probe, Reply};
use taraf_scanner::wire::codec::Writer;
use taraf_scanner::wire::flight::{FlightReader, Stop};
use taraf_scanner::wire::hello::RETRY_RANDOM;
use taraf_scanner::wire::record::{self, Reassembly};
use taraf_scanner::wire::{
    Alert, ClientHello, Ext, Extension, Group, Scheme, ServerHello, Suite, Version, sslv2,
};

use super::config::{
    Config, Key, NAME, Order, Reaction, is_cbc, is_chacha, is_dhe, is_ecdhe, key_for, key_of,
    signer_of,
};
use super::flights::{self, Exchange};
use super::random::Random;

/// Seconds since 1970 when the virtual clock stands at zero.
pub const EPOCH: u64 = 1_800_000_000;

pub struct Server {
    pub config: Config,
    pub(super) random: Random,
    starts: VecDeque<Duration>,
    /// What was handed out to the slots of the client's session store.
    pub(super) given: BTreeMap<(u8, Version), ()>,
}

/// An answer before it is read: bytes, and how the connection ends after them.
pub type Answer = (Vec<u8>, End);

impl Server {
    pub fn new(config: Config) -> Self {
        let random = Random(config.seed);
        Self { config, random, starts: VecDeque::new(), given: BTreeMap::new() }
    }

    /// Answers one connection opened at `now` while so many others are open.
    pub fn answer(&mut self, probe: &Probe, now: Duration, others: usize) -> Reply {
        if let Some(end) = self.turns_away(now, others) {
            return Reply::empty(end);
        }
        let (sent, (bytes, end), stop) = match probe {
            Probe::Hello { hello, stop } => {
                let record = hello.to_record();
                (record.len(), self.hello(&record), *stop)
            }
            Probe::Ssl2 { hello } => {
                let record = hello.to_record();
                (record.len(), self.ssl2(&record), Stop::Flight)
            }
            Probe::Handshake(plan) => return self.handshake(plan),
            // What the simulation does not speak is as if it had not been recorded.
            Probe::Talk(_) | Probe::Plain { .. } => return Reply::empty(End::NotRecorded),
        };
        read(&bytes, end, stop, sent, now)
    }

    /// What the server does to a connection whatever is asked on it.
    fn turns_away(&mut self, now: Duration, others: usize) -> Option<End> {
        let quirks = &self.config.quirks;
        while self.starts.front().is_some_and(|t| *t + Duration::from_secs(1) <= now) {
            self.starts.pop_front();
        }
        if quirks.per_second.is_some_and(|most| self.starts.len() >= most) {
            return Some(End::Reset);
        }
        self.starts.push_back(now);
        if quirks.at_once.is_some_and(|most| others >= most) {
            return Some(End::Closed);
        }
        (quirks.flaky > 0 && self.random.percent(quirks.flaky)).then_some(End::Closed)
    }

    fn ssl2(&mut self, bytes: &[u8]) -> Answer {
        let hello = sslv2::ClientHello::decode(bytes).unwrap().unwrap();
        if !self.config.has(Version::SSL2) {
            return match self.config.quirks.silent_to_ssl2 {
                true => react(Reaction::Silence),
                // Half of the servers close, half send an alert.
                false if self.config.seed.is_multiple_of(2) => react(Reaction::Close),
                false => self.refuse(Alert::HANDSHAKE_FAILURE),
            };
        }
        let mut suites = self.config.suites(Version::SSL2).to_vec();
        suites.retain(|s| hello.suites.contains(s));
        let answer = sslv2::ServerHello {
            version: Version::SSL2,
            certificate: Config::chain(Key::Rsa, true)[0].clone(),
            suites,
            connection_id: self.random.bytes(16),
        };
        (answer.to_record(), End::Closed)
    }

    fn hello(&mut self, bytes: &[u8]) -> Answer {
        let (hello, length) = parse(bytes);
        if self.minds(&hello, length) {
            return self.mind();
        }
        self.decide(&hello).unwrap_or_else(|alert| self.refuse(alert))
    }

    /// True for a hello that a proper server would have answered.
    fn minds(&self, hello: &ClientHello, length: usize) -> bool {
        let quirks = &self.config.quirks;
        let grease = |n: u32| n & 0x0f0f == 0x0a0a && (n >> 8) & 0xff == n & 0xff;
        let greased = hello.suites.iter().any(|s| grease(s.0))
            || hello.extensions.iter().any(|e| match e {
                Ext::Groups(list) => list.iter().any(|g| grease(g.0.into())),
                Ext::SupportedVersions(list) => list.iter().any(|v| grease(v.0.into())),
                other => grease(other.extension().0.into()),
            });
        let versions = versions_of(hello);
        quirks.most_hello.is_some_and(|most| length > most)
            || quirks.most_suites.is_some_and(|most| hello.suites.len() > most)
            || (quirks.no_grease && greased)
            || (quirks.no_unknown_extension
                && hello.extensions.iter().any(|e| e.extension().name().is_none()))
            || (quirks.no_tls13 && versions.contains(&Version::TLS13))
            || (quirks.no_empty_share
                && versions.contains(&Version::TLS13)
                && self.config.has(Version::TLS13)
                && shares_of(hello).is_empty())
    }

    pub(super) fn mind(&self) -> Answer {
        react(self.config.quirks.minds_by.unwrap_or(Reaction::Alert(Alert::DECODE_ERROR.0)))
    }

    pub(super) fn refuse(&self, alert: Alert) -> Answer {
        react(self.config.quirks.refuses_by.unwrap_or(Reaction::Alert(alert.0)))
    }

    fn decide(&mut self, hello: &ClientHello) -> Result<Answer, Alert> {
        let version = self.version(hello).ok_or(Alert::PROTOCOL_VERSION)?;
        let newest = self.config.versions.iter().copied().max().unwrap();
        if self.config.scsv && version < newest && hello.suites.contains(&Suite::FALLBACK_SCSV) {
            return Err(Alert::INAPPROPRIATE_FALLBACK);
        }
        let name = match hello.extension(Extension::SERVER_NAME) {
            Some(Ext::ServerName(name)) => Some(name.as_str()),
            _ => None,
        };
        let named = self.recognises(name)?;
        let warning = match name {
            Some(name) if self.config.names.warns && name != NAME => {
                flights::alert(1, Alert::UNRECOGNIZED_NAME.0)
            }
            _ => Vec::new(),
        };
        let suite = self.suite(version, hello).ok_or(Alert::HANDSHAKE_FAILURE)?;
        let alpn = match hello.extension(Extension::ALPN) {
            Some(Ext::Alpn(offered)) => self.protocol(offered)?,
            _ => None,
        };
        let flight = if version == Version::TLS13 {
            self.flight13(hello, suite)?
        } else {
            if self.config.quirks.no_dh_parameters && is_dhe(suite) {
                return Err(Alert::INTERNAL_ERROR);
            }
            self.flight12(hello, version, suite, alpn, named)
        };
        let record_version = version.min(Version::TLS12);
        let fragment = self.config.fragment;
        let records = flights::records(record_version, &flight, fragment, &mut self.random);
        Ok(([warning, records].concat(), End::Silent))
    }

    /// Whether the certificate of the name goes out, or that of others.
    pub(super) fn recognises(&self, name: Option<&str>) -> Result<bool, Alert> {
        match (name, self.config.names.unrecognised) {
            (Some(NAME), _) => Ok(true),
            (None, _) if self.config.names.required => Err(Alert::UNRECOGNIZED_NAME),
            (Some(_), Unrecognised::Refused) => Err(Alert::UNRECOGNIZED_NAME),
            (_, Unrecognised::OtherCertificate) => Ok(false),
            _ => Ok(true),
        }
    }

    fn version(&self, hello: &ClientHello) -> Option<Version> {
        let ours = self.config.versions.iter().copied().filter(|v| *v > Version::SSL2);
        let listed = versions_of(hello);
        if !listed.is_empty() && (self.config.has(Version::TLS13) || self.config.reads_versions) {
            return ours.filter(|v| listed.contains(v)).max();
        }
        ours.filter(|v| *v <= Version::TLS12 && *v <= hello.version).max()
    }

    fn suite(&self, version: Version, hello: &ClientHello) -> Option<Suite> {
        let ours = self.config.suites(version);
        let usable = |s: &Suite| {
            hello.suites.contains(s) && ours.contains(s) && self.is_usable(version, *s, hello)
        };
        self.preferred(ours, &hello.suites, usable)
    }

    /// Chooses one of both lists by whoever decides.
    pub(super) fn preferred(
        &self,
        ours: &[Suite],
        theirs: &[Suite],
        usable: impl Fn(&Suite) -> bool,
    ) -> Option<Suite> {
        let first = theirs.iter().find(|s| s.info().is_some());
        match self.config.order {
            Order::Client => theirs.iter().copied().find(usable),
            Order::ServerButChacha if first.is_some_and(|s| is_chacha(*s)) => {
                let chacha = ours.iter().filter(|s| is_chacha(**s));
                let others = ours.iter().filter(|s| !is_chacha(**s));
                chacha.chain(others).copied().find(usable)
            }
            _ => ours.iter().copied().find(usable),
        }
    }

    fn is_usable(&self, version: Version, suite: Suite, hello: &ClientHello) -> bool {
        if version == Version::TLS13 {
            return self.group13(hello).is_some();
        }
        let group = match hello.extension(Extension::SUPPORTED_GROUPS) {
            Some(Ext::Groups(list)) if is_dhe(suite) && self.config.dh.needs_named => {
                list.iter().any(|g| (256..=260).contains(&g.0))
            }
            _ => !is_ecdhe(suite) || self.group_old(hello).is_some(),
        };
        let signs = signer_of(suite)
            .is_none_or(|key| version < Version::TLS12 || self.scheme(hello, key).is_some());
        let curve = match (self.config.curve_bound, hello.extension(Extension::SUPPORTED_GROUPS)) {
            (Some(curve), Some(Ext::Groups(list))) if key_of(suite) == Some(Key::Ecdsa) => {
                list.contains(&curve)
            }
            _ => true,
        };
        group && signs && curve
    }

    fn group13(&self, hello: &ClientHello) -> Option<Group> {
        let Some(Ext::Groups(theirs)) = hello.extension(Extension::SUPPORTED_GROUPS) else {
            return None;
        };
        if self.config.quirks.never_retries {
            let shared: Vec<Group> = shares_of(hello).into_iter().map(|(g, _)| g).collect();
            return self.group(&self.config.groups13, &shared);
        }
        self.group(&self.config.groups13, theirs)
    }

    fn group_old(&self, hello: &ClientHello) -> Option<Group> {
        match hello.extension(Extension::SUPPORTED_GROUPS) {
            Some(Ext::Groups(theirs)) => self.group(&self.config.groups_old, theirs),
            _ => self.config.groups_old.first().copied(),
        }
    }

    pub(super) fn group(&self, ours: &[Group], theirs: &[Group]) -> Option<Group> {
        let (by, other) =
            if self.config.groups_by_server { (ours, theirs) } else { (theirs, ours) };
        by.iter().copied().find(|g| other.contains(g))
    }

    fn scheme(&self, hello: &ClientHello, key: Key) -> Option<Scheme> {
        let Some(Ext::Schemes(theirs)) = hello.extension(Extension::SIGNATURE_ALGORITHMS) else {
            return None;
        };
        let mut ours = self.config.schemes.iter().copied();
        ours.find(|s| key_for(*s) == Some(key) && theirs.contains(s))
    }

    pub(super) fn protocol(&self, offered: &[String]) -> Result<Option<String>, Alert> {
        match self.config.alpn.iter().find(|p| offered.contains(p)) {
            Some(protocol) => Ok(Some(protocol.clone())),
            None if self.config.alpn.is_empty() || !self.config.alpn_strict => Ok(None),
            None => Err(Alert::NO_APPLICATION_PROTOCOL),
        }
    }

    /// A HelloRetryRequest, or a ServerHello where the share is already there.
    fn flight13(&mut self, hello: &ClientHello, suite: Suite) -> Result<Vec<u8>, Alert> {
        let group = self.group13(hello).ok_or(Alert::HANDSHAKE_FAILURE)?;
        let mut share = Writer::new();
        share.u16(group.0);
        let mut random = RETRY_RANDOM;
        if shares_of(hello).iter().any(|(g, _)| *g == group) {
            random.copy_from_slice(&self.random.bytes(32));
            let point = self.random.bytes(32);
            share.vec16(|w| _ = w.bytes(&point));
        }
        let answer = ServerHello {
            legacy_version: Version::TLS12,
            random,
            session_id: hello.session_id.clone(),
            suite,
            compression: 0,
            extensions: vec![
                (Extension::SUPPORTED_VERSIONS, vec![3, 4]),
                (Extension::KEY_SHARE, share.done()),
            ],
        };
        Ok(flights::server_hello(&answer))
    }

    fn flight12(
        &mut self,
        hello: &ClientHello,
        version: Version,
        suite: Suite,
        alpn: Option<String>,
        named: bool,
    ) -> Vec<u8> {
        let ids = self.config.sessions.ids;
        let extensions = self.extensions(hello, version, suite, alpn.as_deref());
        let staples = extensions.iter().any(|(e, _)| *e == Extension::STATUS_REQUEST);
        let answer = ServerHello {
            legacy_version: version,
            random: self.random.bytes(32).try_into().unwrap(),
            session_id: if ids { self.random.bytes(32) } else { Vec::new() },
            suite,
            compression: u8::from(self.config.compression && hello.compression.contains(&1)),
            extensions,
        };
        let mut flight = flights::server_hello(&answer);
        if let Some(key) = key_of(suite) {
            flight.extend(flights::certificate(&Config::chain(key, named)));
            if let Some(response) = self.config.extensions.staple.as_ref().filter(|_| staples) {
                flight.extend(flights::certificate_status(response));
            }
        }
        let group = self.group_old(hello).unwrap_or(Group::SECP256R1);
        let scheme = signer_of(suite).and_then(|key| self.scheme(hello, key));
        let (mut point, mut public) =
            (self.random.bytes(65), self.random.bytes(self.config.dh.prime.len()));
        if self.config.ecdh_reuse {
            point = vec![4; 65];
        }
        if self.config.dh.reuse {
            public = vec![9; self.config.dh.prime.len()];
        }
        flight.extend(
            flights::key_exchange(&Exchange {
                suite,
                group,
                point: &point,
                prime: &self.config.dh.prime,
                public: &public,
                scheme: scheme.filter(|_| version == Version::TLS12),
            })
            .unwrap_or_default(),
        );
        flight.extend(flights::hello_done());
        flight
    }

    fn extensions(
        &self,
        hello: &ClientHello,
        version: Version,
        suite: Suite,
        alpn: Option<&str>,
    ) -> Vec<(Extension, Vec<u8>)> {
        let ours = &self.config.extensions;
        let asked = |e: Extension| hello.extension(e).is_some();
        let mut list: Vec<(Extension, Vec<u8>)> = Vec::new();
        let renegotiates = hello.suites.contains(&Suite::EMPTY_RENEGOTIATION_INFO_SCSV)
            || asked(Extension::RENEGOTIATION_INFO);
        if ours.renegotiation && renegotiates {
            list.push((Extension::RENEGOTIATION_INFO, vec![0]));
        }
        if version == Version::SSL3 {
            return list;
        }
        let mut answer = |has: bool, e: Extension, body: Vec<u8>| {
            if has && asked(e) {
                list.push((e, body));
            }
        };
        answer(ours.master_secret, Extension::EXTENDED_MASTER_SECRET, vec![]);
        answer(ours.encrypt_then_mac && is_cbc(suite), Extension::ENCRYPT_THEN_MAC, vec![]);
        if let Some(formats) = ours.point_formats.as_ref().filter(|_| is_ecdhe(suite)) {
            let mut w = Writer::new();
            w.vec8(|w| _ = w.bytes(formats));
            answer(true, Extension::EC_POINT_FORMATS, w.done());
        }
        answer(self.config.sessions.tickets, Extension::SESSION_TICKET, vec![]);
        let staples = ours.staple.is_some() && key_of(suite).is_some();
        answer(staples, Extension::STATUS_REQUEST, vec![]);
        if let Some(scts) = &ours.scts {
            answer(true, Extension::SIGNED_CERTIFICATE_TIMESTAMP, scts.clone());
        }
        if let Some(mode) = ours.heartbeat {
            answer(true, Extension::HEARTBEAT, vec![mode]);
        }
        if let Some(Ext::MaxFragmentLength(n)) = hello.extension(Extension::MAX_FRAGMENT_LENGTH) {
            answer(ours.fragment_length, Extension::MAX_FRAGMENT_LENGTH, vec![*n]);
        }
        if let Some(protocols) = &ours.npn {
            let mut w = Writer::new();
            protocols.iter().for_each(|p| _ = w.vec8(|w| _ = w.bytes(p.as_bytes())));
            answer(true, Extension::NEXT_PROTOCOL_NEGOTIATION, w.done());
        }
        if let Some(protocol) = alpn {
            let mut w = Writer::new();
            w.vec16(|w| _ = w.vec8(|w| _ = w.bytes(protocol.as_bytes())));
            answer(true, Extension::ALPN, w.done());
        }
        list
    }
}

/// The hello in the records, and the length of its message.
fn parse(bytes: &[u8]) -> (ClientHello, usize) {
    let (mut buffer, mut messages) = (bytes.to_vec(), Reassembly::default());
    let mut version = Version::SSL3;
    while let Some(record) = record::take(&mut buffer).unwrap() {
        assert_eq!(record.content, record::content::HANDSHAKE);
        version = record.version;
        messages.push(&record.fragment);
    }
    assert!(buffer.is_empty(), "a hello with bytes left over");
    let (kind, body) = messages.take_message().unwrap().unwrap();
    assert_eq!(kind, 1);
    (ClientHello::decode(version, &body).unwrap(), 4 + body.len())
}

fn versions_of(hello: &ClientHello) -> Vec<Version> {
    match hello.extension(Extension::SUPPORTED_VERSIONS) {
        Some(Ext::SupportedVersions(list)) => list.clone(),
        _ => Vec::new(),
    }
}

fn shares_of(hello: &ClientHello) -> Vec<(Group, Vec<u8>)> {
    match hello.extension(Extension::KEY_SHARE) {
        Some(Ext::KeyShares(shares)) => shares.clone(),
        _ => Vec::new(),
    }
}

pub fn react(reaction: Reaction) -> Answer {
    match reaction {
        Reaction::Alert(description) => (flights::alert(2, description), End::Closed),
        Reaction::Close => (Vec::new(), End::Closed),
        Reaction::Reset => (Vec::new(), End::Reset),
        Reaction::Silence => (Vec::new(), End::Silent),
    }
}

/// Reads an answer as a connection does: in pieces, and no further than needed.
pub fn read(bytes: &[u8], end: End, stop: Stop, sent: usize, now: Duration) -> Reply {
    let (mut reader, mut taken, mut end) = (FlightReader::default(), Vec::new(), end);
    for piece in bytes.chunks(1400) {
        taken.extend_from_slice(piece);
        reader.push(piece);
        if reader.is_enough(stop) {
            end = End::Enough;
            break;
        }
        if taken.len() > taraf_scanner::wire::flight::MOST_FLIGHT {
            end = End::Flooded;
            break;
        }
    }
    let received = u64::try_from(taken.len()).unwrap();
    let sent = u64::try_from(sent).unwrap();
    Reply {
        bytes: taken,
        end,
        handshake: None,
        heard: None,
        sent,
        received,
        at: EPOCH + now.as_secs(),
    }
}
