//! Completed handshakes: sessions and their resumption, early data, and the page behind them.

use futures_util::join;

use super::desk::{Answer, Desk};
use super::negotiation::plain_handshake;
use super::versions::Spoken;
use super::{Get, Handshake, HandshakeReply, Probe, ResumeBy, http};
use crate::observe::{Fact, Http, Session, Why};
use crate::wire::{Extension, Version};

/// Slots of the session stores, see [`Handshake::slot`].
mod slot {
    pub(super) const ID: u8 = 1;
    pub(super) const TICKET: u8 = 2;
    pub(super) const PSK: u8 = 3;
}

/// Where a page is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The `Host` header.
    pub(crate) host: String,
}

/// What completed handshakes show.
#[derive(Default)]
pub(crate) struct Sessions {
    pub(crate) session: Session,
    pub(crate) http: Fact<Http>,
    /// A handshake was completed.
    completed: bool,
}

/// Completes handshakes in TLS 1.3 and TLS 1.2, as far as they are spoken.
pub(crate) async fn sessions(desk: &Desk, spoken: &Spoken, page: Option<&Page>) -> Sessions {
    let (old, modern) = join!(of_tls12(desk, spoken, page), of_tls13(desk, spoken, page));
    let mut session = old.session;
    session.id_issued = id_issued(desk, spoken);
    session.psk_issued = modern.session.psk_issued;
    session.psk_resumed = modern.session.psk_resumed;
    session.early_data = modern.session.early_data;
    let http = match page {
        _ if modern.http.is_yes() || !spoken.has(Version::TLS12) => modern.http,
        // No handshake of TLS 1.3 was completed; one of TLS 1.2 may be.
        Some(page) if spoken.has(Version::TLS13) && !modern.completed => {
            page_over_tls12(desk, spoken, page).await.map_version(Version::TLS12)
        }
        _ if spoken.has(Version::TLS13) => modern.http,
        _ => old.http,
    };
    Sessions { session, http, completed: true }
}

/// Session ids are seen in every answer of TLS 1.2 and older, without completing anything.
fn id_issued(desk: &Desk, spoken: &Spoken) -> Fact<()> {
    let Some(version) = spoken.newest_old() else {
        return Fact::unknown(Why::NotApplicable, []);
    };
    let mut how = Vec::new();
    for seen in desk.seen() {
        let (Some(sent), Some(hello)) = (&seen.hello, &seen.flight.hello) else { continue };
        // With a ticket to come, the id may be left empty (RFC 5077 section 3.4).
        if hello.version() != version || sent.extension(Extension::SESSION_TICKET).is_some() {
            continue;
        }
        how.push(seen.id);
        if !hello.session_id.is_empty() && hello.session_id != sent.session_id {
            return Fact::yes((), how);
        }
        if how.len() > 4 {
            break;
        }
    }
    if how.is_empty() { Fact::unknown(Why::NotAsked, []) } else { Fact::no(how) }
}

/// Two handshakes of one session store.
struct Pair {
    first_id: u32,
    /// The first, if it was completed.
    first: Option<HandshakeReply>,
    /// The one that tried to resume, if there was something to resume.
    second: Option<(u32, Option<HandshakeReply>)>,
}

impl Pair {
    fn resumed(&self) -> Fact<()> {
        match (&self.first, &self.second) {
            (None, _) => Fact::unknown(Why::NoHandshake, [self.first_id]),
            (Some(_), None) => Fact::no([self.first_id]),
            (Some(_), Some((second, Some(reply)))) if reply.completed && reply.offered => {
                let how = [self.first_id, *second];
                if reply.resumed { Fact::yes((), how) } else { Fact::no(how) }
            }
            (Some(_), Some((second, _))) => Fact::unknown(Why::Garbled, [self.first_id, *second]),
        }
    }
}

async fn of_tls12(desk: &Desk, spoken: &Spoken, page: Option<&Page>) -> Sessions {
    let version = Version::TLS12;
    if !spoken.has(version) {
        let why = match spoken.newest_old() {
            Some(_) => Why::NoHandshake,
            None => Why::NotApplicable,
        };
        return Sessions {
            session: Session {
                id_resumed: Fact::unknown(why, []),
                ticket_issued: Fact::unknown(why, []),
                ticket_resumed: Fact::unknown(why, []),
                ..Session::default()
            },
            http: Fact::unknown(why, []),
            completed: false,
        };
    }
    let name = spoken.base.server_name.clone();
    // The first handshake with its id, and the second that tries to resume, if there was a first.
    let pair = |about: &'static str, slot: u8, resume_by: ResumeBy| {
        let plan =
            Handshake { slot: Some(slot), resume_by, ..plain_handshake(version, name.clone()) };
        async move {
            let (first_id, first) =
                complete(desk, format!("{version}: a session {about}"), plan.clone()).await;
            let Some(first) = first.filter(|f| f.completed) else {
                return Pair { first_id, first: None, second: None };
            };
            // Nothing was handed out that could be resumed.
            if first.tickets == 0 {
                return Pair { first_id, first: Some(first), second: None };
            }
            let second = complete(desk, format!("{version}: resuming {about}"), plan).await;
            Pair { first_id, first: Some(first), second: Some(second) }
        }
    };
    let (by_id, by_ticket) = join!(
        pair("by id", slot::ID, ResumeBy::Id),
        pair("by ticket", slot::TICKET, ResumeBy::Ticket),
    );
    let ticket_issued = match &by_ticket.first {
        Some(first) if first.ticket_lifetime.is_some() => {
            Fact::yes(first.ticket_lifetime, [by_ticket.first_id])
        }
        Some(_) => Fact::unknown(Why::NotAsked, [by_ticket.first_id]),
        None => Fact::unknown(Why::NoHandshake, [by_ticket.first_id]),
    };
    let session = Session {
        id_resumed: by_id.resumed(),
        ticket_issued,
        ticket_resumed: by_ticket.resumed(),
        ..Session::default()
    };
    let http = match page {
        None => Fact::unknown(Why::NotAsked, []),
        // Over TLS 1.3, where it is spoken; see below for when that comes to nothing.
        Some(_) if spoken.has(Version::TLS13) => Fact::unknown(Why::NotAsked, []),
        Some(_) if by_id.first.is_none() && by_ticket.first.is_none() => {
            Fact::unknown(Why::NoHandshake, [by_id.first_id])
        }
        Some(page) => page_over_tls12(desk, spoken, page).await,
    };
    Sessions { session, http: http.map_version(version), completed: true }
}

async fn page_over_tls12(desk: &Desk, spoken: &Spoken, page: &Page) -> Fact<Http> {
    let plan = plain_handshake(Version::TLS12, spoken.base.server_name.clone());
    http::pages(page, None, |get, _| {
        let plan = Handshake { get: Some(get), ..plan.clone() };
        complete(desk, format!("{}: a page", Version::TLS12), plan)
    })
    .await
}

async fn of_tls13(desk: &Desk, spoken: &Spoken, page: Option<&Page>) -> Sessions {
    let version = Version::TLS13;
    if !spoken.has(version) {
        let na = || Fact::unknown(Why::NotApplicable, []);
        return Sessions {
            session: Session {
                psk_issued: Fact::unknown(Why::NotApplicable, []),
                psk_resumed: na(),
                early_data: na(),
                ..Session::default()
            },
            http: Fact::unknown(Why::NotApplicable, []),
            completed: false,
        };
    }
    let plan = Handshake {
        slot: Some(slot::PSK),
        await_tickets: true,
        ..plain_handshake(version, spoken.base.server_name.clone())
    };
    let get = page.map(|page| Get { host: page.host.clone(), path: "/".to_owned() });
    let first = Handshake { get: get.clone(), ..plan.clone() };
    let (id, reply) = complete(desk, format!("{version}: a session"), first).await;
    let Some(reply) = reply.filter(|r| r.completed) else {
        let none = || Fact::unknown(Why::NoHandshake, [id]);
        return Sessions {
            session: Session {
                psk_issued: Fact::unknown(Why::NoHandshake, [id]),
                psk_resumed: none(),
                early_data: none(),
                ..Session::default()
            },
            http: Fact::unknown(Why::NoHandshake, [id]),
            completed: false,
        };
    };
    let mut session = Session::default();
    let http = async {
        let Some(page) = page else { return Fact::unknown(Why::NotAsked, []) };
        let plan = Handshake { slot: None, await_tickets: false, ..plan.clone() };
        http::pages(page, Some((id, reply.clone())), |get, _| {
            let plan = Handshake { get: Some(get), ..plan.clone() };
            complete(desk, format!("{version}: a page"), plan)
        })
        .await
    };
    let resume = async {
        if reply.tickets == 0 {
            return None;
        }
        let plan = Handshake { early_data: true, get: get.clone(), ..plan.clone() };
        Some(complete(desk, format!("{version}: resuming"), plan).await)
    };
    let (http, resume) = join!(http, resume);
    if reply.tickets == 0 {
        session.psk_issued = Fact::no([id]);
        session.psk_resumed = Fact::no([id]);
        session.early_data = Fact::no([id]);
    } else {
        session.psk_issued = Fact::yes(reply.tickets, [id]);
        let (second, again) = resume.unwrap_or((id, None));
        let how = vec![id, second];
        match again.filter(|r| r.completed && r.offered) {
            Some(again) => {
                let fact =
                    |is: bool| if is { Fact::yes((), how.clone()) } else { Fact::no(how.clone()) };
                session.psk_resumed = fact(again.resumed);
                session.early_data = fact(again.early_data_accepted);
            }
            None => {
                session.psk_resumed = Fact::unknown(Why::Garbled, how.clone());
                session.early_data = Fact::unknown(Why::Garbled, how);
            }
        }
    }
    Sessions { session, http: http.map_version(version), completed: true }
}

pub(crate) async fn complete(
    desk: &Desk,
    about: String,
    plan: Handshake,
) -> (u32, Option<HandshakeReply>) {
    let a = desk.ask(about, Probe::Handshake(plan)).await;
    match a.answer {
        Answer::Handshake(reply, _) => (a.id, Some(*reply)),
        _ => (a.id, None),
    }
}

impl Fact<Http> {
    /// Says over which version the pages were read.
    pub(crate) fn map_version(mut self, version: Version) -> Self {
        if let crate::observe::Seen::Yes { value } = &mut self.seen {
            value.transactions.iter_mut().for_each(|t| t.over = version);
        }
        self
    }
}
