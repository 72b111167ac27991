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

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::Server;
    use super::*;
    use crate::legacy::{Heard, Talk};
    use crate::probe::End;
    use crate::wire::{Suite, Version};

    fn left(ticket: &[u8]) -> Left {
        let ticket = Some(Ticket { lifetime: 300, ticket: ticket.to_vec() });
        let (version, suite) = (Version::TLS12, Suite(0x2f));
        Left { id: 1, version, suite, session_id: Vec::new(), ticket }
    }

    fn ask(echo: impl Fn(&[u8]) -> Vec<u8>) -> (Fact<()>, usize) {
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        let left = left(&[5; 160]);
        let (shown, asked) = server.run(ticketbleed(&known, Ok(&left)), |talk: &Talk| {
            let session_id = echo(&talk.hello.session_id);
            let version = Some(Version::TLS12);
            (Heard { steps: 1, version, session_id, ..Heard::default() }, End::Enough)
        });
        (shown.fact, asked)
    }

    #[test]
    fn more_bytes_than_were_sent_show_it() {
        let fill = |to: usize, with: u8| {
            move |sent: &[u8]| {
                let mut id = sent.to_vec();
                id.resize(to.max(sent.len()), with);
                id
            }
        };
        assert_eq!(ask(fill(32, 7)), (Fact::yes((), [1, 1]), 1));
        let (short, asked) = ask(fill(16, 7));
        assert!(short.is_yes());
        assert_eq!(asked, 2);
        assert!(ask(fill(32, 0)).0.is_no());
        assert!(ask(|sent| sent.to_vec()).0.is_no());
        assert!(ask(|_| vec![9; 32]).0.is_no());
        assert!(ask(|_| Vec::new()).0.is_no());
    }

    #[test]
    fn without_a_ticket_it_is_not_asked() {
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        let none = left(&[]);
        for left in [Ok(&none), Err(Why::NoHandshake)] {
            let (shown, asked) =
                server.run(ticketbleed(&known, left), |_| (Heard::default(), End::Closed));
            assert_eq!((shown.fact.known(), asked), (None, 0));
        }
    }
}
