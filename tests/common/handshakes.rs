//! Completed handshakes: what rustls would report of the simulated server.

use taraf_scanner::probe::{End, Handshake, HandshakeReply, Reply, ResumeBy};
use taraf_scanner::wire::{Alert, Group, Scheme, Suite, Version};

use super::config::{Config, Key, Page, key_for, key_of};
use super::simulated::{Answer, EPOCH, Server};

/// The suites rustls has.
pub const SUITES12: [Suite; 6] =
    [Suite(0xc02c), Suite(0xc02b), Suite(0xcca9), Suite(0xc030), Suite(0xc02f), Suite(0xcca8)];
pub const SUITES13: [Suite; 3] = [Suite(0x1302), Suite(0x1301), Suite(0x1303)];

/// The groups it has; it sends a share of the first.
pub const GROUPS: [Group; 8] = [
    Group::X25519,
    Group::SECP256R1,
    Group::SECP384R1,
    Group::SECP521R1,
    Group::X25519MLKEM768,
    Group(4587),
    Group(513),
    Group(514),
];

/// Signature schemes rustls can verify in TLS 1.2.
const SCHEMES: [Scheme; 14] = [
    Scheme::ECDSA_SECP256R1_SHA256,
    Scheme::ECDSA_SECP384R1_SHA384,
    Scheme::ECDSA_SECP521R1_SHA512,
    Scheme::RSA_PSS_RSAE_SHA256,
    Scheme::RSA_PSS_RSAE_SHA384,
    Scheme::RSA_PSS_RSAE_SHA512,
    Scheme::RSA_PKCS1_SHA256,
    Scheme::RSA_PKCS1_SHA384,
    Scheme::RSA_PKCS1_SHA512,
    Scheme::ED25519,
    Scheme::ED448,
    Scheme::RSA_PKCS1_SHA1,
    Scheme::ECDSA_SHA1,
    Scheme::ECDSA_BRAINPOOLP256R1TLS13_SHA256,
];

/// What both sides settle on.
struct Agreed {
    suite: Suite,
    scheme: Scheme,
    key: Key,
    alpn: Option<String>,
    named: bool,
}

impl Server {
    pub(super) fn handshake(&mut self, plan: &Handshake) -> Reply {
        let quirks = &self.config.quirks;
        // The hello of such a handshake has between 256 and 512 bytes.
        let minds = quirks.most_hello.is_some_and(|most| most < 300)
            || (quirks.no_tls13 && plan.version == Version::TLS13);
        if minds {
            return failed(self.mind());
        }
        match self.agree(plan) {
            Err(alert) => failed(self.refuse(alert)),
            Ok(agreed) => self.complete(plan, agreed),
        }
    }

    /// True if a version of this server can be spoken with rustls at all, with these schemes.
    pub fn completes(config: &Config, version: Version) -> bool {
        let plan = Handshake {
            version,
            server_name: Some(super::config::NAME.to_owned()),
            schemes: Vec::new(),
            alpn: Vec::new(),
            slot: None,
            resume_by: ResumeBy::Ticket,
            early_data: false,
            get: None,
            await_tickets: false,
        };
        Self::new(config.clone()).agree(&plan).is_ok()
    }

    fn agree(&self, plan: &Handshake) -> Result<Agreed, Alert> {
        let config = &self.config;
        let is13 = plan.version == Version::TLS13;
        if !config.has(plan.version) {
            return Err(Alert::PROTOCOL_VERSION);
        }
        let named = self.recognises(plan.server_name.as_deref())?;
        let ours = if is13 { &config.groups13 } else { &config.groups_old };
        let retries = !(is13 && config.quirks.never_retries);
        let theirs = if retries { &GROUPS[..] } else { &GROUPS[..1] };
        let group = self.group(ours, theirs).ok_or(Alert::HANDSHAKE_FAILURE)?;
        let offered = if plan.schemes.is_empty() { &SCHEMES[..] } else { &plan.schemes };
        let scheme = |key: Option<Key>| {
            config.schemes.iter().copied().find(|s| {
                let modern = !is13 || (s.0 >> 8 > 2 && !(s.0 >> 8 < 8 && s.0 & 0xff == 1));
                offered.contains(s) && modern && (key.is_none() || key_for(*s) == key)
            })
        };
        let suites = if is13 { &SUITES13[..] } else { &SUITES12[..] };
        let ours = config.suites(plan.version);
        let bound = |s: &Suite| {
            key_of(*s) != Some(Key::Ecdsa) || config.curve_bound.is_none_or(|c| GROUPS.contains(&c))
        };
        let suite = self
            .preferred(ours, suites, |s| {
                ours.contains(s)
                    && suites.contains(s)
                    && bound(s)
                    && scheme(key_of(*s)).is_some()
                    && (is13 || group.info().is_some())
            })
            .ok_or(Alert::HANDSHAKE_FAILURE)?;
        let scheme = scheme(key_of(suite)).ok_or(Alert::HANDSHAKE_FAILURE)?;
        let key = key_for(scheme).ok_or(Alert::HANDSHAKE_FAILURE)?;
        let alpn = if plan.alpn.is_empty() { None } else { self.protocol(&plan.alpn)? };
        Ok(Agreed { suite, scheme, key, alpn, named })
    }

    fn complete(&mut self, plan: &Handshake, agreed: Agreed) -> Reply {
        let s = self.config.sessions.clone();
        let is13 = plan.version == Version::TLS13;
        let (given, resumes) = match (is13, plan.resume_by) {
            (true, _) => (s.psks > 0, s.psks_resume),
            (false, ResumeBy::Id) => (s.ids, s.ids_resume),
            (false, ResumeBy::Ticket) => (s.tickets, s.tickets_resume),
        };
        let slot = plan.slot.map(|slot| (slot, plan.version));
        let again = slot.is_some_and(|slot| self.given.contains_key(&slot));
        if let Some(slot) = slot.filter(|_| given) {
            self.given.insert(slot, ());
        }
        let resumed = again && resumes;
        let chain = Config::chain(agreed.key, agreed.named);
        let staple = self.config.extensions.staple.clone().unwrap_or_default();
        let by_ticket = slot.is_some() && plan.resume_by == ResumeBy::Ticket;
        let reply = HandshakeReply {
            completed: true,
            offered: again,
            resumed,
            suite: Some(agreed.suite),
            chain: if resumed { Vec::new() } else { chain },
            staple: if resumed { Vec::new() } else { staple },
            scheme: (!resumed).then_some(agreed.scheme),
            alpn: agreed.alpn,
            tickets: if is13 { s.psks } else { u16::from(given && slot.is_some()) },
            ticket_lifetime: match is13 {
                true => (s.psks > 0).then_some(3600),
                false => (by_ticket && s.tickets).then_some(7200),
            },
            early_data_offered: is13 && s.psks > 0 && s.early_data,
            early_data_accepted: resumed && is13 && plan.early_data && s.early_data,
            http: plan.get.as_ref().and(self.config.page.as_ref()).map(Page::head),
            ..HandshakeReply::default()
        };
        reply_of(reply, 3000, End::Enough)
    }
}

impl Page {
    fn head(&self) -> String {
        let hsts = self.hsts.map(|n| format!("Strict-Transport-Security: max-age={n}\r\n"));
        let status = self.status;
        format!("HTTP/1.1 {status} Fine\r\nServer: sim\r\n{}\r\n", hsts.unwrap_or_default())
    }
}

/// A handshake that the server ended.
fn failed((bytes, end): Answer) -> Reply {
    let alert = match bytes.as_slice() {
        [.., 2, description] => Some(*description),
        _ => None,
    };
    let reply = HandshakeReply {
        alert,
        error: alert.is_none().then(|| "closed".to_owned()),
        ..HandshakeReply::default()
    };
    reply_of(reply, u64::try_from(bytes.len()).unwrap(), end)
}

fn reply_of(reply: HandshakeReply, received: u64, end: End) -> Reply {
    Reply {
        bytes: Vec::new(),
        end,
        handshake: Some(reply),
        heard: None,
        sent: 300,
        received,
        at: EPOCH,
    }
}
