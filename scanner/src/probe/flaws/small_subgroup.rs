//! Small subgroup: is a Diffie-Hellman value of 1 taken (RFC 7919 section 5.1)?
//!
//! Asked where DHE is spoken; one connection, two where it is hung up on. The client's value is 1, so that the shared secret is
//! 1 whatever the server's key. A handshake completed with it is the proof. A server that only
//! minds the end of the handshake may have computed with the value in a way of its own: that
//! decides nothing. Nothing of the server's key comes out.

use super::{Known, Shown, alert_words, ends, spoken_by_us};
use crate::legacy::{Exchange, Keys, Step};
use crate::observe::{Fact, Why};
use crate::wire::suites::{Kx, SuiteInfo};

/// Alerts at the end of a handshake, not at the value.
const LATE: [u8; 3] = [20, 21, 51];

pub(super) async fn small_subgroup(known: &Known<'_>) -> Shown<()> {
    let fits = |suite: &SuiteInfo| spoken_by_us(suite) && suite.kx == Kx::Dhe;
    let Some((version, suites)) = known.newest(fits) else {
        return Shown::unknown(Why::NotApplicable, []);
    };
    let steps = vec![
        Step::Flight,
        Step::KeyExchange { exchange: Exchange::Point { point: vec![1], secret: vec![1] } },
        Step::ChangeCipherSpec { keys: Keys::Agreed },
        Step::Finished { right: true },
        Step::Established,
    ];
    let about = format!("{version}: a DHE value of 1");
    let (how, heard) =
        known.twice_if_closed(&about, || known.hello(version, &suites), &steps).await;
    let (heard, end) = match heard {
        Ok(heard) => heard,
        Err(why) => return Shown::unknown(why, how),
    };
    let late = heard.alerts().any(|(_, description)| LATE.contains(&description));
    if heard.handshakes > 0 {
        Shown::with(Fact::yes((), how), "a handshake with a DHE value of 1 was completed")
    } else if heard.steps < 4 {
        Shown::unknown(Why::NoHandshake, how)
    } else if late {
        Shown::unknown(Why::Inconsistent, how)
    } else if ends(&heard, &end) {
        Shown::with(Fact::no(how), format!("refused: {}", alert_words(&heard)))
    } else {
        Shown::unknown(Why::Timeout, how)
    }
}

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::{Server, alert, at_last_step, refused};
    use super::*;
    use crate::legacy::{Heard, Word};
    use crate::probe::End;
    use crate::wire::Version;

    fn ask(handshakes: u16, words: &[Word], end: &End) -> Option<bool> {
        let server = Server::new(Version::TLS12, &[0x0033]);
        let known = server.known();
        let (shown, asked) = server.run(small_subgroup(&known), |talk| {
            (Heard { handshakes, ..at_last_step(talk, words) }, end.clone())
        });
        assert_eq!(asked, if *end == End::Closed { 2 } else { 1 });
        shown.fact.known()
    }

    #[test]
    fn only_a_completed_handshake_shows_it() {
        assert_eq!(ask(1, &[], &End::Enough), Some(true));
        assert_eq!(ask(0, &[alert(47)], &End::Enough), Some(false));
        assert_eq!(ask(0, &[], &End::Closed), Some(false));
        assert_eq!(ask(0, &[alert(20)], &End::Enough), None);
        assert_eq!(ask(0, &[], &End::Silent), None);
    }

    #[test]
    fn without_dhe_it_is_not_asked() {
        let server = Server::new(Version::TLS12, &[0x002f, 0xc02f]);
        let known = server.known();
        let (shown, asked) = server.run(small_subgroup(&known), refused);
        assert_eq!((shown.fact.known(), asked), (None, 0));
    }
}
