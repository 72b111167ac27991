//! Known flaws, found by asking. Each file asks about one, or about what one conversation shows:
//! what must be there for the question to make sense, what is said, and how the answer is read. A
//! flaw is stated only where it was shown; an answer that does not decide is unknown.
//!
//! Every question is one conversation of the legacy client, and none does a server harm that has
//! not the flaw: it is a record or message that every client could send by mistake.

mod ccs;
mod choice;
mod drown;
mod handshake;
mod heartbleed;
mod invalid_curve;
mod padding;
mod page;
mod plain;
mod reaction;
mod robot;
mod small_subgroup;
mod ticket_key;
mod ticketbleed;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::join;

use super::desk::{Answer, Desk};
use super::versions::Spoken;
use super::{End, Get, Probe};
use crate::legacy::{Exchange, Heard, Keys, Step, Talk};
use crate::observe::{Fact, Flaws, Protocol, Suites, Why};
use crate::wire::suites::{Cipher, Kx, Mac, Mode, SuiteInfo};
use crate::wire::{Alert, ClientHello, Ext, Extension, Group, StartTls, Suite, Version};

pub use choice::Flaw;
pub(crate) use handshake::{Left, resumed, with_id};
pub(crate) use page::{compressed, pages};

/// What the questions build on.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) spoken: &'a Spoken,
    /// The suites of every version.
    pub(crate) suites: &'a [Suites],
}

/// What came of one conversation.
pub(crate) struct Talked {
    /// Id of the question.
    pub(crate) id: u32,
    /// What was heard and how the connection ended, or why nothing was.
    pub(crate) heard: Result<(Heard, End), Why>,
}

impl Known<'_> {
    /// The newest version from TLS 1.0 to TLS 1.2 with suites that fit, and these suites in the
    /// order in which the server was found to accept them.
    pub(crate) fn newest(
        &self,
        fits: impl Fn(&SuiteInfo) -> bool,
    ) -> Option<(Version, Vec<Suite>)> {
        let old = Version::TLS10..=Version::TLS12;
        let mut best: Option<(Version, Vec<Suite>)> = None;
        for entry in self.suites.iter().filter(|s| old.contains(&s.version)) {
            let fitting = entry.accepted.iter().copied().filter(|s| s.info().is_some_and(&fits));
            let fitting: Vec<Suite> = fitting.collect();
            if !fitting.is_empty() && best.as_ref().is_none_or(|(v, _)| *v < entry.version) {
                best = Some((entry.version, fitting));
            }
        }
        best
    }

    /// A hello of the version with these suites, without what would change how records are
    /// protected (encrypt-then-MAC) or the master secret is made (RFC 7627).
    pub(crate) fn hello(&self, version: Version, suites: &[Suite]) -> ClientHello {
        let mut hello = self.spoken.base.hello(version, suites, self.desk.random());
        hello.extensions.retain(|ext| {
            let number = ext.extension();
            number != Extension::ENCRYPT_THEN_MAC
                && number != Extension::EXTENDED_MASTER_SECRET
                && !matches!(ext, Ext::Padding(_))
        });
        for ext in &mut hello.extensions {
            if let Ext::Groups(groups) = ext {
                // The finite-field ones stay: some servers take DHE only with one of them.
                groups.retain(|group| GROUPS.contains(group) || (256..=260).contains(&group.0));
            }
        }
        hello
    }

    /// Has one conversation.
    pub(crate) async fn talk(
        &self,
        about: impl Into<String>,
        hello: ClientHello,
        steps: Vec<Step>,
    ) -> Talked {
        self.say(about, Talk { hello, steps, injected: String::new() }).await
    }

    /// Has the same conversation again if the server hung up without a word: that may be an
    /// objection to one more connection, and no answer to what was said.
    async fn twice_if_closed(
        &self,
        about: &str,
        hello: impl Fn() -> ClientHello,
        steps: &[Step],
    ) -> (Vec<u32>, Result<(Heard, End), Why>) {
        let mut how = Vec::new();
        loop {
            let talked = self.talk(about, hello(), steps.to_vec()).await;
            how.push(talked.id);
            let closed = |heard: &Heard, end: &End| {
                heard.alerts().next().is_none() && matches!(end, End::Closed | End::Reset)
            };
            match talked.heard {
                Ok((heard, end)) if how.len() < 2 && closed(&heard, &end) => {}
                heard => return (how, heard),
            }
        }
    }

    /// Has one conversation.
    pub(crate) async fn say(&self, about: impl Into<String>, talk: Talk) -> Talked {
        let answered = self.desk.ask(about, Probe::Talk(talk)).await;
        let heard = match answered.answer {
            Answer::Talk(heard, end) => Ok((*heard, end)),
            Answer::Unknown(why) => Err(why),
            // The hello itself was refused.
            _ => Err(Why::NoHandshake),
        };
        Talked { id: answered.id, heard }
    }
}

/// True for suites the legacy client can complete a handshake with.
pub(crate) fn spoken_by_us(suite: &SuiteInfo) -> bool {
    let cipher = matches!(
        (suite.cipher, suite.mode),
        (Cipher::Aes, Mode::Cbc | Mode::Gcm)
            | (Cipher::TripleDes | Cipher::Des, Mode::Cbc)
            | (Cipher::Rc4, Mode::Stream)
    );
    let mac = matches!(suite.mac, Mac::Md5 | Mac::Sha1 | Mac::Sha256 | Mac::Sha384 | Mac::Aead);
    matches!(suite.kx, Kx::Rsa | Kx::Dhe | Kx::Ecdhe) && cipher && mac && !suite.is_export()
}

/// A fact, and in few words what it rests on.
pub(crate) struct Shown<T> {
    pub(crate) fact: Fact<T>,
    pub(crate) evidence: Option<String>,
}

impl<T> Shown<T> {
    pub(crate) fn unknown(why: Why, how: impl Into<Vec<u32>>) -> Self {
        Self { fact: Fact::unknown(why, how), evidence: None }
    }

    pub(crate) fn with(fact: Fact<T>, evidence: impl Into<String>) -> Self {
        Self { fact, evidence: Some(evidence.into()) }
    }
}

/// The elliptic curves the legacy client has.
const GROUPS: [Group; 4] = [Group::X25519, Group::SECP256R1, Group::SECP384R1, Group::SECP521R1];

/// The steps of an ordinary handshake.
pub(crate) fn completed() -> Vec<Step> {
    vec![
        Step::Flight,
        Step::KeyExchange { exchange: Exchange::Right },
        Step::ChangeCipherSpec { keys: Keys::Agreed },
        Step::Finished { right: true },
        Step::Established,
    ]
}

/// True when the server ended it, in words or by hanging up.
fn ends(heard: &Heard, end: &End) -> bool {
    let said = heard.alerts().any(|(level, description)| level == 2 || description == 0);
    said || matches!(end, End::Closed | End::Reset)
}

/// The alerts in few words.
fn alert_words(heard: &Heard) -> String {
    let alerts: Vec<String> =
        heard.alerts().map(|(_, description)| Alert(description).to_string()).collect();
    if alerts.is_empty() { "closed".to_owned() } else { alerts.join(", ") }
}

/// What the questions about flaws need to know beside the suites.
pub(crate) struct Before<'a> {
    pub(crate) which: &'a BTreeSet<Flaw>,
    pub(crate) protocols: &'a [Protocol],
    pub(crate) heartbeat: &'a Fact<u8>,
    pub(crate) secure_renegotiation: &'a Fact<()>,
    pub(crate) starttls: Option<StartTls>,
    /// The host, where it may be a web server.
    pub(crate) page: Option<&'a str>,
    /// The host, where it may be a web server on the usual port.
    pub(crate) web: Option<&'a str>,
    /// A completed handshake is wanted, whatever is asked of it.
    pub(crate) wants_session: bool,
}

/// Asks about the flaws chosen, all at once. What a completed handshake left comes along.
pub(crate) async fn flaws(known: &Known<'_>, before: &Before<'_>) -> (Flaws, Option<Left>) {
    let asks = |flaw: Flaw| before.which.contains(&flaw);
    let sessions = async {
        let renegotiates = asks(Flaw::Renegotiation);
        let tickets = asks(Flaw::Ticketbleed) || asks(Flaw::TicketKey);
        if !renegotiates && !tickets && !before.wants_session {
            return None;
        }
        let supports = before.secure_renegotiation;
        let found = handshake::renegotiation(known, supports, renegotiates).await;
        let bleeding = if asks(Flaw::Ticketbleed) {
            ticketbleed::ticketbleed(known, found.left.as_ref().map_err(|why| *why)).await
        } else {
            Shown::unknown(Why::NotAsked, [])
        };
        Some((found, bleeding))
    };
    let request = before.page.map(|host| Get { host: host.to_owned(), path: "/".to_owned() });
    let payload = request.map_or_else(|| "\r\n".to_owned(), |get| get.request());
    let padding = async {
        if asks(Flaw::Padding) {
            Some(padding::padding(known, payload.as_bytes()).await)
        } else {
            None
        }
    };
    let (heartbleed, ccs, sessions, injection, opossum, robot, padding, curve, subgroup) = join!(
        optional(asks(Flaw::Heartbleed), heartbleed::heartbleed(known, before.heartbeat)),
        optional(asks(Flaw::Ccs), ccs::early_ccs(known)),
        sessions,
        optional(asks(Flaw::StarttlsInjection), plain::starttls_injection(known, before.starttls)),
        optional(asks(Flaw::Opossum), plain::opossum(known, before.web)),
        optional(asks(Flaw::Robot), robot::robot(known)),
        padding,
        optional(asks(Flaw::InvalidCurve), invalid_curve::invalid_curve(known)),
        optional(asks(Flaw::SmallSubgroup), small_subgroup::small_subgroup(known)),
    );
    let mut evidence = BTreeMap::new();
    let mut keep = Keep(&mut evidence);
    let mut flaws = Flaws {
        heartbleed: keep.fact("heartbleed", heartbleed),
        early_ccs: keep.fact("early_ccs", ccs),
        starttls_injection: keep.fact("starttls_injection", injection),
        opossum: keep.fact("opossum", opossum),
        robot: keep.fact("robot", robot),
        invalid_curve: keep.fact("invalid_curve", curve),
        small_subgroup: keep.fact("small_subgroup", subgroup),
        drown: keep.fact("drown", drown::here(before.protocols, known.suites)),
        ..Flaws::default()
    };
    if let Some(padding) = padding {
        flaws.poodle_tls = keep.fact("poodle_tls", padding.poodle_tls);
        flaws.lucky_minus_20 = keep.fact("lucky_minus_20", padding.lucky_minus_20);
        flaws.zombie_poodle = keep.fact("zombie_poodle", padding.zombie_poodle);
        flaws.goldendoodle = keep.fact("goldendoodle", padding.goldendoodle);
        flaws.sleeping_poodle = keep.fact("sleeping_poodle", padding.sleeping_poodle);
        flaws.zero_length = keep.fact("zero_length", padding.zero_length);
    }
    let mut left = None;
    if let Some((found, bleeding)) = sessions {
        flaws.client_renegotiation = keep.fact("client_renegotiation", found.secure);
        flaws.legacy_renegotiation = keep.fact("legacy_renegotiation", found.legacy);
        flaws.ticketbleed = keep.fact("ticketbleed", bleeding);
        if asks(Flaw::TicketKey) {
            let key = known_key(found.left.as_ref().map_err(|why| *why));
            flaws.ticket_key = keep.fact("ticket_key", key);
        }
        left = found.left.ok();
    }
    flaws.evidence = evidence;
    (flaws, left)
}

/// Whether a ticket is protected with a key that everybody knows. Costs no question.
fn known_key(left: Result<&Left, Why>) -> Shown<String> {
    let left = match left {
        Ok(left) => left,
        Err(why) => return Shown::unknown(why, []),
    };
    let how = [left.id];
    let Some(ticket) = &left.ticket else { return Shown::unknown(Why::NotApplicable, how) };
    match ticket_key::known_key(&ticket.ticket) {
        Some(key) => {
            Shown::with(Fact::yes(key.to_owned(), how), format!("the ticket's MAC key is {key}"))
        }
        None => Shown { fact: Fact::no(how), evidence: None },
    }
}

/// Asks, or says that nobody asked.
async fn optional<T>(asked: bool, question: impl Future<Output = Shown<T>>) -> Shown<T> {
    if asked { question.await } else { Shown::unknown(Why::NotAsked, []) }
}

/// Keeps what facts rest on, by the name of their field.
struct Keep<'a>(&'a mut BTreeMap<String, String>);

impl Keep<'_> {
    fn fact<T>(&mut self, field: &str, shown: Shown<T>) -> Fact<T> {
        if let Some(evidence) = shown.evidence {
            self.0.insert(field.to_owned(), evidence);
        }
        shown.fact
    }
}
