//! Completed handshakes of TLS 1.2 and older: what a client may renegotiate (CVE-2009-3555,
//! CVE-2011-1473), and the sessions, tickets and pages that the modern library cannot get.
//!
//! Renegotiation is asked in one connection: five times in a row, because some servers allow the
//! first few. It counts when each is completed. A server that says nothing to it is unknown.

use super::{Known, Shown, Talked, alert_words, completed, ends, spoken_by_us};
use crate::legacy::{Step, Ticket, Until};
use crate::observe::{Fact, Why};
use crate::wire::record::content;
use crate::wire::{Ext, Extension, Suite, Version};

/// Handshakes asked for within one connection, beside the first.
const RENEGOTIATIONS: u16 = 5;

/// The alert that refuses it (RFC 5246 section 7.2.2).
const NO_RENEGOTIATION: u8 = 100;

/// What a completed handshake left behind.
pub(crate) struct Left {
    pub(crate) id: u32,
    pub(crate) version: Version,
    pub(crate) suite: Suite,
    pub(crate) session_id: Vec<u8>,
    pub(crate) ticket: Option<Ticket>,
}

/// What one connection showed.
pub(super) struct Renegotiated {
    pub(super) secure: Shown<()>,
    pub(super) legacy: Shown<()>,
    /// What was left behind, or why no handshake was completed.
    pub(super) left: Result<Left, Why>,
}

pub(super) async fn renegotiation(
    known: &Known<'_>,
    supports: &Fact<()>,
    ask: bool,
) -> Renegotiated {
    let unknown = |why, how: Vec<u32>| Renegotiated {
        secure: Shown::unknown(why, how.clone()),
        legacy: Shown::unknown(why, how),
        left: Err(why),
    };
    let Some((version, suites)) = known.newest(spoken_by_us) else {
        return unknown(Why::NotApplicable, Vec::new());
    };
    let mut hello = known.hello(version, &suites);
    hello.extensions.retain(|ext| ext.extension() != Extension::SESSION_TICKET);
    hello.extensions.push(Ext::SessionTicket(Vec::new()));
    let secure = !supports.is_no();
    let mut steps = completed();
    if ask {
        let times = usize::from(RENEGOTIATIONS);
        steps.extend(std::iter::repeat_n(Step::Renegotiate { secure }, times));
    }
    let about = if ask { "renegotiation by the client" } else { "a session" };
    let Talked { id, heard } = known.talk(about, hello, steps).await;
    let (heard, end) = match heard {
        Ok(heard) => heard,
        Err(why) => return unknown(why, vec![id]),
    };
    let (Some(suite), 1..) = (heard.suite, heard.handshakes) else {
        return unknown(Why::NoHandshake, vec![id]);
    };
    let left = Left {
        id,
        version,
        suite,
        session_id: heard.session_id.clone(),
        ticket: heard.ticket.clone(),
    };
    let fact = if !ask {
        Shown::unknown(Why::NotAsked, [id])
    } else if heard.handshakes > RENEGOTIATIONS {
        Shown::with(Fact::yes((), [id]), format!("{RENEGOTIATIONS} times in one connection"))
    } else if ends(&heard, &end) || heard.alerts().any(|(_, alert)| alert == NO_RENEGOTIATION) {
        let times = heard.handshakes - 1;
        let said = alert_words(&heard);
        Shown::with(Fact::no([id]), format!("refused after {times}: {said}"))
    } else {
        let why = if heard.error.is_some() { Why::Garbled } else { Why::Timeout };
        Shown::unknown(why, [id])
    };
    let without = || Shown { fact: Fact::no(supports.how.clone()), evidence: None };
    let (secure, legacy) = match supports.known() {
        // A server with the extension of RFC 5746 refuses to go without.
        Some(true) => (fact, without()),
        Some(false) => (without(), fact),
        None => (fact, Shown::unknown(Why::NotAsked, [id])),
    };
    Renegotiated { secure, legacy, left: Ok(left) }
}

/// A session that may be resumed by its id: asked for without a ticket, because servers leave out
/// the id where they give one, and ended in words, because others forget it else.
pub(crate) async fn with_id(known: &Known<'_>, before: &Left) -> Result<Left, Fact<()>> {
    let mut hello = known.hello(before.version, &[before.suite]);
    hello.extensions.retain(|ext| ext.extension() != Extension::SESSION_TICKET);
    let mut steps = completed();
    steps.push(Step::Record { content: content::ALERT, body: vec![1, 0], spoil: None });
    // Whatever comes: a server that takes one connection after the other is done by then.
    steps.push(Step::Listen { until: Until::Word });
    let talked = known.talk(format!("{}: a session by id", before.version), hello, steps).await;
    let how = [talked.id];
    match talked.heard {
        Ok((heard, _)) if heard.handshakes == 0 => Err(Fact::unknown(Why::NoHandshake, how)),
        Ok((heard, _)) if heard.session_id.is_empty() => Err(Fact::no(how)),
        Ok((heard, _)) => Ok(Left {
            id: talked.id,
            version: before.version,
            suite: before.suite,
            session_id: heard.session_id,
            ticket: None,
        }),
        Err(why) => Err(Fact::unknown(why, how)),
    }
}

/// Whether a session is resumed, by its id or by its ticket: the answer to the hello shows it.
pub(crate) async fn resumed(known: &Known<'_>, left: &Left, ticket: Option<&Ticket>) -> Fact<()> {
    let mut hello = known.hello(left.version, &[left.suite]);
    hello.extensions.retain(|ext| ext.extension() != Extension::SESSION_TICKET);
    match ticket {
        Some(ticket) => {
            hello.session_id = hello.random.to_vec();
            hello.extensions.push(Ext::SessionTicket(ticket.ticket.clone()));
        }
        None => hello.session_id.clone_from(&left.session_id),
    }
    let by = if ticket.is_some() { "ticket" } else { "id" };
    let about = format!("{}: resuming by {by}", left.version);
    let talked = known.talk(about, hello, vec![Step::Flight]).await;
    let how = [left.id, talked.id];
    match talked.heard {
        Ok((heard, _)) if heard.resumed => Fact::yes((), how),
        Ok((heard, _)) if heard.steps == 1 => Fact::no(how),
        Ok(_) => Fact::unknown(Why::Garbled, how),
        Err(why) => Fact::unknown(why, how),
    }
}
