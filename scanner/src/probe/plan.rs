//! The planner: all inquiries of one endpoint as a state machine without sockets. `next` gives the
//! questions that may go out, `absorb` takes what came back, `finish` has the facts.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use futures_util::future::join_all;
use futures_util::join;
use futures_util::task::noop_waker;

use super::desk::Desk;
use super::flaws::{self, Before, Known, Left};
use super::limits::Manners;
use super::negotiation::{self, Negotiated, Rider};
use super::sessions::{self, Page};
use super::suites::Inquiry;
use super::versions::{self, Spoken};
use super::{
    Probe, Reply, extensions, fallback, key_types, passive, server_name, suites, tls13, tolerance,
};
use crate::observe::{
    Contact, Cost, Endpoint, Fact, Groups, Schemes, Seen, Session, Sni, Suites, Tolerance, Why,
};
use crate::target::Target;
use crate::wire::suites::Mode;
use crate::wire::{Extension, Suite, Version};

/// Ports whose protocol is known not to be HTTP, though TLS comes first.
const NO_HTTP: [u16; 10] = [465, 563, 636, 853, 989, 990, 992, 993, 994, 995];

/// Decides what to ask one endpoint.
pub struct Planner {
    desk: Desk,
    plan: Pin<Box<dyn Future<Output = Endpoint> + Send>>,
    facts: Option<Endpoint>,
}

impl Planner {
    /// A plan for one address of the target. The same seed and the same answers make the same
    /// questions.
    #[must_use]
    pub fn new(target: &Target, address: IpAddr, manners: Manners, seed: u64) -> Self {
        let desk = Desk::new(manners, seed);
        let plan = Box::pin(plan(desk.clone(), target.clone(), address));
        Self { desk, plan, facts: None }
    }

    /// The questions to put now, each on a connection of its own, with the number to hand back to
    /// [`Self::absorb`].
    pub fn next(&mut self, now: Duration) -> Vec<(u32, Probe)> {
        loop {
            self.advance();
            if self.facts.is_some() || !self.desk.settle(now) {
                break;
            }
        }
        if self.facts.is_some() { Vec::new() } else { self.desk.outgoing(now) }
    }

    /// Takes in what came back.
    pub fn absorb(&mut self, number: u32, reply: Reply, now: Duration) {
        self.desk.absorb(number, reply, now);
    }

    /// When [`Self::next`] may have more, if only time is in the way.
    #[must_use]
    pub fn wake_at(&self, now: Duration) -> Option<Duration> {
        self.desk.wake_at(now)
    }

    /// True when every inquiry has ended.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.facts.is_some()
    }

    /// How many questions have a final answer, and what the last one was about.
    #[must_use]
    pub fn progress(&self) -> (usize, String) {
        self.desk.progress()
    }

    /// Gives up on every question that has no answer yet: the time is over.
    pub fn abandon(&mut self) {
        self.desk.abandon();
    }

    /// The facts; `None` while inquiries are still running.
    #[must_use]
    pub fn finish(self, now: Duration) -> Option<Endpoint> {
        let cost = self.desk.cost(now);
        self.facts.map(|facts| Endpoint { cost, asked: self.desk.asked(), ..facts })
    }

    fn advance(&mut self) {
        if self.facts.is_none() {
            let waker = noop_waker();
            let mut context = Context::from_waker(&waker);
            if let Poll::Ready(facts) = self.plan.as_mut().poll(&mut context) {
                self.facts = Some(facts);
            }
        }
    }
}

/// Everything there is to ask, in the order in which one answer makes the next question possible.
async fn plan(desk: Desk, target: Target, address: IpAddr) -> Endpoint {
    let name = target.server_name().map(str::to_owned);
    let http = target.starttls.is_none() && !NO_HTTP.contains(&target.port);
    let page = http.then(|| Page { host: host_header(&target) });

    let mut spoken = versions::spoken(&desk, name.clone()).await;
    let contact = contact(&desk, &spoken);
    if contact != Contact::Tls {
        return Endpoint {
            protocols: spoken.protocols,
            tolerance: spoken.tolerance,
            ..nothing_but(contact, address, target.port)
        };
    }

    let (found, sessions) =
        join!(negotiable(&desk, &spoken), sessions::sessions(&desk, &spoken, page.as_ref()),);
    let Negotiable { suites, groups, negotiated, rich, sni, scsv, tolerance, dhe } = found;

    let mut alpn = (negotiated.alpn, negotiated.alpn_mismatch);
    if spoken.newest_old().is_none() && spoken.has(Version::TLS13) {
        let (asked, ()) =
            join!(negotiation::alpn_of_tls13(&desk, &spoken), key_types::of_tls13(&desk, &spoken),);
        alpn = asked;
    }
    let mut session: Session = sessions.session;
    // A ticket is promised in the hello already, whatever becomes of the handshake.
    if !session.ticket_issued.is_yes() {
        session.ticket_issued = Fact { seen: promised(&rich.ticket), how: rich.ticket.how.clone() };
    }
    if session.id_issued.is_no() && session.id_resumed.known().is_none() {
        session.id_resumed = Fact::no(session.id_issued.how.clone());
    }
    if rich.ticket.is_no() && session.ticket_resumed.known().is_none() {
        session.ticket_resumed = Fact::no(rich.ticket.how.clone());
    }
    passive::complete_protocols(&desk, &mut spoken.protocols);
    let secure_renegotiation = passive::answers_with(
        &desk,
        Extension::RENEGOTIATION_INFO,
        |_: &super::desk::Seen, _: Suite| true,
    );
    let which = desk.flaws();
    let known = Known { desk: &desk, spoken: &spoken, suites: &suites };
    let before = Before {
        which: &which,
        protocols: &spoken.protocols,
        heartbeat: &rich.heartbeat,
        secure_renegotiation: &secure_renegotiation,
        starttls: target.starttls,
        page: page.as_ref().map(|page| page.host.as_str()),
        web: page.as_ref().filter(|_| target.port == 443).map(|page| page.host.as_str()),
        wants_session: [&session.id_resumed, &session.ticket_resumed].iter().any(|f| lacks(f)),
    };
    let mut http = sessions.http;
    let by_legacy = async {
        match &page {
            // Where TLS 1.2 and 1.3 are not spoken, nobody has asked yet.
            Some(page) if lacks(&http) || is_out_of_reach(&http) => {
                flaws::pages(&known, page).await
            }
            _ => None,
        }
    };
    let ((mut flaws, left), read) = join!(flaws::flaws(&known, &before), by_legacy);
    if let Some((version, pages)) = read {
        http = pages.map_version(version);
    }
    flaws.breach = flaws::compressed(&http);
    if let Some(left) = left {
        complete_session(&known, &left, &mut session).await;
    }
    let (chains, certificates) = passive::chains(&desk, name.as_deref());
    let cbc = |_: &super::desk::Seen, s: Suite| s.info().is_some_and(|i| i.mode == Mode::Cbc);
    let tls = |seen: &super::desk::Seen, _: Suite| {
        seen.flight.hello.as_ref().is_some_and(|h| h.version() > Version::SSL3)
    };
    Endpoint {
        address,
        port: target.port,
        contact,
        protocols: spoken.protocols,
        groups,
        point_formats: passive::point_formats(&desk),
        dh: passive::dh(&desk),
        dhe_without_named_group: dhe,
        reuse: passive::reuse(&desk),
        schemes: Schemes { used: passive::schemes_used(&desk), ..negotiated.schemes },
        chains,
        certificates,
        ocsp_staple: passive::ocsp_staple(&desk, &rich),
        staple: None,
        flaws,
        scts: match rich.scts.value() {
            Some(list) => Fact::yes(BASE64_STANDARD.encode(list), rich.scts.how.clone()),
            None if rich.scts.is_no() => Fact::no(rich.scts.how.clone()),
            None => Fact::unknown(Why::NoHandshake, []),
        },
        alpn: alpn.0,
        alpn_mismatch: alpn.1,
        npn: rich.npn,
        session,
        secure_renegotiation,
        extended_master_secret: passive::answers_with(
            &desk,
            Extension::EXTENDED_MASTER_SECRET,
            tls,
        ),
        encrypt_then_mac: passive::answers_with(&desk, Extension::ENCRYPT_THEN_MAC, cbc),
        compression: rich.compression,
        heartbeat: rich.heartbeat,
        max_fragment_length: rich.max_fragment_length,
        certificate_compression: passive::certificate_compression(&desk),
        client_auth: passive::client_auth(&desk),
        fallback_scsv: scsv,
        sni,
        randoms: passive::randoms(&desk),
        tolerance,
        http,
        suites,
        cost: Cost::default(),
        simulations: Vec::new(),
        asked: Vec::new(),
    }
}

/// True for what only a completed handshake shows, where none could be completed.
fn lacks<T>(fact: &Fact<T>) -> bool {
    matches!(fact.seen, Seen::Unknown { why: Why::NoHandshake })
}

/// True for what was not asked because the versions of the modern library are not spoken.
fn is_out_of_reach<T>(fact: &Fact<T>) -> bool {
    matches!(fact.seen, Seen::Unknown { why: Why::NotApplicable })
}

/// Fills in what the modern library could not learn of sessions, from a handshake of the legacy
/// client.
async fn complete_session(known: &Known<'_>, left: &Left, session: &mut Session) {
    let by_id = async {
        if !lacks(&session.id_resumed) {
            return session.id_resumed.clone();
        }
        match flaws::with_id(known, left).await {
            Ok(left) => flaws::resumed(known, &left, None).await,
            Err(fact) => fact,
        }
    };
    let by_ticket = async {
        match &left.ticket {
            _ if !lacks(&session.ticket_resumed) => session.ticket_resumed.clone(),
            Some(ticket) => flaws::resumed(known, left, Some(ticket)).await,
            None => Fact::no([left.id]),
        }
    };
    let (by_id, by_ticket) = join!(by_id, by_ticket);
    if lacks(&session.ticket_issued) {
        session.ticket_issued = match &left.ticket {
            Some(ticket) => Fact::yes(Some(ticket.lifetime), [left.id]),
            None => Fact::no([left.id]),
        };
    }
    (session.id_resumed, session.ticket_resumed) = (by_id, by_ticket);
}

/// What hellos alone can find out.
struct Negotiable {
    suites: Vec<Suites>,
    groups: Vec<Groups>,
    negotiated: Negotiated,
    rich: extensions::Extensions,
    sni: Sni,
    scsv: Fact<()>,
    tolerance: Tolerance,
    /// DHE goes without a named group.
    dhe: Fact<()>,
}

/// Suites of every version, and what builds on them.
async fn negotiable(desk: &Desk, spoken: &Spoken) -> Negotiable {
    let inquiries: Vec<Inquiry<'_>> = (Version::ALL.into_iter())
        .filter(|v| *v > Version::SSL2 && spoken.has(*v))
        .map(|v| Inquiry::new(desk, spoken, v))
        .collect();
    let (old, new): (Vec<_>, Vec<_>) = inquiries.iter().partition(|i| i.version() < Version::TLS13);
    let newest = async {
        match new.first() {
            Some(inquiry) => tls13::found(desk, spoken, inquiry).await.unzip(),
            None => (None, None),
        }
    };
    let (mut found, (suites13, groups13)) =
        join!(join_all(old.iter().map(|i| i.accepted())), newest);
    found.extend(suites13);
    let version = spoken.newest_old();
    let newest_old = found.iter().find(|s| Some(s.version) == version);
    let likely = groups13.as_ref().map(|g| g.accepted.clone()).unwrap_or_default();
    let with_old = async {
        let negotiated = match newest_old {
            Some(suites) => negotiation::of_older(desk, spoken, suites, &likely).await,
            None => Negotiated::default(),
        };
        // What rode along without an answer is asked alone.
        let rich = async {
            match newest_old {
                Some(suites) => {
                    extensions::rich(desk, spoken, suites, negotiated.rider(Rider::Rich)).await
                }
                None => extensions::Extensions::default(),
            }
        };
        let names = [negotiated.rider(Rider::NoName), negotiated.rider(Rider::Nobody)];
        let far = negotiated.rider(Rider::FarVersion).map(|seen| seen.id);
        let (rich, sni, tolerance) = join!(
            rich,
            server_name::treatment(desk, spoken, newest_old, names),
            tolerance::rest(desk, spoken, far),
        );
        (negotiated, rich, sni, tolerance)
    };
    let new_in_order = async {
        let suites = found.iter().find(|s| s.version == Version::TLS13)?;
        let inquiry = new.first()?;
        let groups = tls13::ordered(desk, spoken, inquiry, suites, groups13.clone()?).await;
        Some((inquiry.ordered(suites.clone(), &[]).await, groups))
    };
    let old_in_order = async {
        // Newest first: its order is the best guess for the older ones.
        let mut guess: Vec<Suite> = Vec::new();
        let mut ordered = Vec::new();
        for inquiry in old.iter().rev() {
            let Some(suites) = found.iter().find(|s| s.version == inquiry.version()) else {
                continue;
            };
            let suites = inquiry.ordered(suites.clone(), &guess).await;
            if guess.is_empty() {
                guess.clone_from(&suites.accepted);
            }
            ordered.push(suites);
        }
        ordered.extend(suites::of_ssl2(spoken));
        ordered.reverse();
        ordered
    };
    let dhe = async {
        match newest_old {
            Some(suites) => suites::dhe_without_named_group(desk, spoken, suites).await,
            None => Fact::unknown(Why::NotApplicable, []),
        }
    };
    let (mut suites, new, (mut negotiated, rich, sni, tolerance), scsv, dhe) =
        join!(old_in_order, new_in_order, with_old, fallback::scsv(desk, spoken, &found), dhe,);
    let (suites13, groups13) = new.unzip();
    suites.extend(suites13);
    let groups = groups13.into_iter().chain(negotiated.groups.take()).collect();
    Negotiable { suites, groups, negotiated, rich, sni, scsv, tolerance, dhe }
}

/// Whether TLS answers at all.
fn contact(desk: &Desk, spoken: &Spoken) -> Contact {
    if !spoken.first.is_empty() {
        return Contact::Tls;
    }
    if let Some(said) = desk.no_starttls() {
        return Contact::NoStartTls { said };
    }
    if let Some(answer) = desk.foreign() {
        return Contact::NotTls { answer };
    }
    match (desk.last_alert(), desk.nothing()) {
        (Some(alert), _) => Contact::Refuses { alert: Some(alert) },
        (None, Some(why)) => Contact::Nothing { why },
        (None, None) => Contact::Nothing { why: Why::Garbled },
    }
}

fn promised(ticket: &Fact<()>) -> Seen<Option<u32>> {
    match ticket.seen {
        Seen::Yes { .. } => Seen::Yes { value: None },
        Seen::No => Seen::No,
        Seen::Unknown { why } => Seen::Unknown { why },
    }
}

fn host_header(target: &Target) -> String {
    let host = match target.server_name() {
        Some(name) => name.to_owned(),
        None => target.bracketed(),
    };
    if target.port == 443 { host } else { format!("{host}:{}", target.port) }
}

/// An endpoint of which nothing more is known.
fn nothing_but(contact: Contact, address: IpAddr, port: u16) -> Endpoint {
    let why = match &contact {
        Contact::Nothing { why } => *why,
        Contact::NotTls { .. } => Why::NotTls,
        Contact::NoStartTls { .. } => Why::StartTls,
        _ => Why::NotAsked,
    };
    Endpoint {
        address,
        port,
        contact,
        protocols: Vec::new(),
        suites: Vec::new(),
        groups: Vec::new(),
        point_formats: Fact::unknown(why, []),
        dh: Vec::new(),
        dhe_without_named_group: Fact::unknown(why, []),
        reuse: Default::default(),
        schemes: Schemes::default(),
        chains: Vec::new(),
        certificates: Default::default(),
        ocsp_staple: Fact::unknown(why, []),
        staple: None,
        flaws: Default::default(),
        scts: Fact::unknown(why, []),
        alpn: Fact::unknown(why, []),
        alpn_mismatch: Fact::unknown(why, []),
        npn: Fact::unknown(why, []),
        session: Session::default(),
        secure_renegotiation: Fact::unknown(why, []),
        extended_master_secret: Fact::unknown(why, []),
        encrypt_then_mac: Fact::unknown(why, []),
        compression: Fact::unknown(why, []),
        heartbeat: Fact::unknown(why, []),
        max_fragment_length: Fact::unknown(why, []),
        certificate_compression: Fact::unknown(why, []),
        client_auth: Fact::unknown(why, []),
        fallback_scsv: Fact::unknown(why, []),
        sni: Default::default(),
        randoms: Default::default(),
        tolerance: Default::default(),
        http: Fact::unknown(why, []),
        cost: Cost::default(),
        simulations: Vec::new(),
        asked: Vec::new(),
    }
}
