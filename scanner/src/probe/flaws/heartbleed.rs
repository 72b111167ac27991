//! Heartbleed (CVE-2014-0160): memory comes back for a heartbeat that claims more than it holds
//! (RFC 6520 section 4).
//!
//! Asked where the heartbeat extension is answered; one connection, two where it is hung up on
//! without a word. After a completed handshake comes a request of three bytes that claims a payload
//! of four, and in a packet of its own close_notify. A sound server drops the request and ends. Any
//! heartbeat that comes back is the proof, and holds four bytes that are not ours: the least that
//! shows it. (Before the handshake is completed, OpenSSL keeps answers back until they fill a
//! buffer, so more would have to leak.) Silence decides nothing.

use super::{Known, Shown, completed, ends, spoken_by_us};
use crate::legacy::{Step, Until, Word};
use crate::observe::{Fact, Why};
use crate::wire::Ext;
use crate::wire::record::content;

/// A request that claims this many bytes and holds none.
const CLAIMED: u8 = 4;

pub(super) async fn heartbleed(known: &Known<'_>, heartbeat: &Fact<u8>) -> Shown<()> {
    if heartbeat.is_no() {
        return Shown::unknown(Why::NotApplicable, heartbeat.how.clone());
    }
    let Some((version, suites)) = known.newest(spoken_by_us) else {
        return Shown::unknown(Why::NotApplicable, []);
    };
    let hello = || {
        let mut hello = known.hello(version, &suites);
        hello.extensions.push(Ext::Heartbeat(1));
        hello
    };
    let say = |content, body: &[u8]| Step::Record { content, body: body.to_vec(), spoil: None };
    let mut steps = completed();
    let established = steps.len();
    steps.extend([
        say(content::HEARTBEAT, &[1, 0, CLAIMED]),
        Step::Pause,
        say(content::ALERT, &[1, 0]),
        Step::Listen { until: Until::Close },
    ]);
    let about = "a heartbeat that claims too much";
    let (how, heard) = known.twice_if_closed(about, hello, &steps).await;
    let (heard, end) = match heard {
        Ok(heard) => heard,
        Err(why) => return Shown::unknown(why, how),
    };
    let came = heard.words.iter().find_map(|(_, word)| match word {
        Word::Heartbeat { length, .. } => Some(*length),
        _ => None,
    });
    match came {
        // Type, length and at least as much padding as the RFC wants come along.
        Some(length) => Shown::with(
            Fact::yes((), how),
            format!("a request of 3 bytes that claims {CLAIMED} brings {length} bytes"),
        ),
        None if heard.steps < established => Shown::unknown(Why::NoHandshake, how),
        None if ends(&heard, &end) => Shown::with(Fact::no(how), "the request is dropped"),
        None => Shown::unknown(Why::Timeout, how),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::{Server, alert, at_last_step};
    use super::*;
    use crate::legacy::Heard;
    use crate::probe::End;
    use crate::wire::Version;

    fn ask(heartbeat: Fact<u8>, words: &[Word], end: &End) -> (Shown<()>, usize) {
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        server.run(heartbleed(&known, &heartbeat), |talk| (at_last_step(talk, words), end.clone()))
    }

    #[test]
    fn only_a_heartbeat_that_comes_back_shows_it() {
        let there = || Fact::yes(1, [1]);
        let back = Word::Heartbeat { body: vec![2, 0, 4, 1, 2, 3, 4], length: 23 };
        let (shown, asked) = ask(there(), &[back], &End::Silent);
        assert!(shown.fact.is_yes());
        assert_eq!(asked, 1);
        assert!(ask(there(), &[], &End::Closed).0.fact.is_no());
        assert!(ask(there(), &[alert(10)], &End::Enough).0.fact.is_no());
        let silent = ask(there(), &[], &End::Silent).0;
        assert_eq!(silent.fact.seen, Fact::<()>::unknown(Why::Timeout, []).seen);
    }

    #[test]
    fn without_the_extension_or_a_handshake_it_is_not_known() {
        let (shown, asked) = ask(Fact::no([1]), &[], &End::Closed);
        assert_eq!((shown.fact.known(), asked), (None, 0));
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        let heartbeat = Fact::yes(1, [1]);
        let early = Heard { steps: 0, version: Some(Version::TLS12), ..Heard::default() };
        let (shown, _) =
            server.run(heartbleed(&known, &heartbeat), |_| (early.clone(), End::Closed));
        assert_eq!(shown.fact.seen, Fact::<()>::unknown(Why::NoHandshake, []).seen);
    }
}
