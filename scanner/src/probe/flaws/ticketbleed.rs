//! Ticketbleed (CVE-2016-9244): memory comes back in a session id.
//!
//! Asked where a completed handshake brought a ticket; at most two connections. The ticket goes
//! back with a session id of 28 bytes, then with one of 12. A server that resumes has to say the
//! same id (RFC 5077 section 3.4). More bytes that begin with ours are the proof, and are few;
//! zeros are filling and no memory.

use super::handshake::Left;
use super::{Known, Shown};
use crate::legacy::{Step, Ticket};
use crate::observe::{Fact, Why};
use crate::wire::{Ext, Extension};

/// Lengths of the session ids sent: a little under those that appliances fill up to.
const LENGTHS: [usize; 2] = [28, 12];

pub(super) async fn ticketbleed(known: &Known<'_>, left: Result<&Left, Why>) -> Shown<()> {
    let left = match left {
        Ok(left) => left,
        Err(why) => return Shown::unknown(why, []),
    };
    let Some(Ticket { ticket, .. }) = left.ticket.as_ref().filter(|t| !t.ticket.is_empty()) else {
        return Shown::unknown(Why::NotApplicable, [left.id]);
    };
    let mut how = vec![left.id];
    for length in LENGTHS {
        let mut hello = known.hello(left.version, &[left.suite]);
        hello.session_id = hello.random.iter().copied().take(length).collect();
        let sent = hello.session_id.clone();
        hello.extensions.retain(|ext| ext.extension() != Extension::SESSION_TICKET);
        hello.extensions.push(Ext::SessionTicket(ticket.clone()));
        let about = format!("a ticket with a session id of {length} bytes");
        let talked = known.talk(about, hello, vec![Step::Flight]).await;
        how.push(talked.id);
        let heard = match talked.heard {
            Ok((heard, _)) => heard,
            Err(why) => return Shown::unknown(why, how),
        };
        if heard.version.is_none() {
            return Shown::unknown(Why::Garbled, how);
        }
        if let Some(more) = heard.session_id.strip_prefix(sent.as_slice())
            && more.iter().any(|byte| *byte != 0)
        {
            let text = format!("{} bytes come back for {length}", heard.session_id.len());
            return Shown::with(Fact::yes((), how), text);
        }
    }
    Shown::with(Fact::no(how), "the session id comes back as it was, or not at all")
}
