//! ChangeCipherSpec before its time (CVE-2014-0224).
//!
//! Asked in the newest of TLS 1.0 to 1.2, where TLS 1.3 is not spoken; one connection. After ServerHelloDone comes a
//! ChangeCipherSpec, and everything after it is protected with the keys that follow from an empty
//! master secret: the key exchange, and a Finished made with the real one. A sound server refuses
//! the ChangeCipherSpec; one that hangs up without a word is asked once more. One that took it says
//! that a record or the Finished is wrong; one where the fault can be used completes the handshake,
//! with a Finished that can be read with these keys and is right. Silence decides nothing.

use super::{Known, Shown, alert_words, ends, spoken_by_us};
use crate::legacy::{Exchange, Keys, Step, Word};
use crate::observe::{EarlyCcs, Fact, Why};
use crate::wire::{Alert, Version};

/// Alerts that say that a record was opened with keys, or that the handshake was compared: neither
/// happens before a ChangeCipherSpec is taken.
const TAKEN: [u8; 3] = [20, 21, 51];

pub(super) async fn early_ccs(known: &Known<'_>) -> Shown<EarlyCcs> {
    // OpenSSL had mended it for years when it learnt TLS 1.3.
    if known.spoken.has(Version::TLS13) {
        return Shown::unknown(Why::NotApplicable, []);
    }
    let Some((version, suites)) = known.newest(spoken_by_us) else {
        return Shown::unknown(Why::NotApplicable, []);
    };
    let steps = vec![
        Step::Flight,
        Step::ChangeCipherSpec { keys: Keys::Nothing },
        Step::KeyExchange { exchange: Exchange::Right },
        Step::Finished { right: true },
        Step::Established,
    ];
    let about = "a ChangeCipherSpec before its time";
    let (how, heard) = known.twice_if_closed(about, || known.hello(version, &suites), &steps).await;
    let (heard, end) = match heard {
        Ok(heard) => heard,
        Err(why) => return Shown::unknown(why, how),
    };
    if heard.steps < 4 {
        return Shown::unknown(Why::NoHandshake, how);
    }
    if heard.handshakes > 0 {
        let text = "the handshake is completed with keys made from nothing";
        return Shown::with(Fact::yes(EarlyCcs::Exploitable, how), text);
    }
    if heard.since(4).any(|word| *word == Word::ChangeCipherSpec) {
        let text = "taken, and answered under other keys";
        return Shown::with(Fact::yes(EarlyCcs::Taken, how), text);
    }
    let said = alert_words(&heard);
    match heard.alerts().map(|(_, description)| description).find(|d| TAKEN.contains(d)) {
        Some(description) => {
            let text = format!("taken, then {}", Alert(description));
            Shown::with(Fact::yes(EarlyCcs::Taken, how), text)
        }
        None if ends(&heard, &end) => Shown::with(Fact::no(how), format!("refused: {said}")),
        None => Shown::unknown(Why::Timeout, how),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::{Server, alert, at_last_step};
    use super::*;
    use crate::legacy::Heard;
    use crate::probe::End;

    fn ask(words: &[Word], end: &End) -> Fact<EarlyCcs> {
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        server.run(early_ccs(&known), |talk| (at_last_step(talk, words), end.clone())).0.fact
    }

    #[test]
    fn the_answer_says_how_far_it_was_taken() {
        assert!(ask(&[alert(10)], &End::Enough).is_no());
        assert!(ask(&[alert(50)], &End::Closed).is_no());
        assert!(ask(&[], &End::Closed).is_no());
        for taken in TAKEN {
            assert_eq!(ask(&[alert(taken)], &End::Closed).value(), Some(&EarlyCcs::Taken));
        }
        let changed = ask(&[Word::ChangeCipherSpec], &End::Enough);
        assert_eq!(changed.value(), Some(&EarlyCcs::Taken));
        assert_eq!(ask(&[], &End::Silent).known(), None);
    }

    #[test]
    fn only_a_completed_handshake_can_be_used_and_closing_alone_is_asked_again() {
        let ask = |first: u16, end: End, then: u16| {
            let server = Server::new(Version::TLS12, &[0x002f]);
            let known = server.known();
            let mut count = 0;
            server.run(early_ccs(&known), |talk| {
                count += 1;
                let handshakes = if count == 1 { first } else { then };
                (Heard { handshakes, ..at_last_step(talk, &[]) }, end.clone())
            })
        };
        let exploitable = Some(&EarlyCcs::Exploitable);
        let (shown, asked) = ask(1, End::Enough, 0);
        assert_eq!((shown.fact.value(), asked), (exploitable, 1));
        let (shown, asked) = ask(0, End::Closed, 1);
        assert_eq!((shown.fact.value(), asked), (exploitable, 2));
        let (shown, asked) = ask(0, End::Closed, 0);
        assert_eq!((shown.fact.known(), asked), (Some(false), 2));
    }

    #[test]
    fn without_a_flight_nothing_is_known() {
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        let early = Heard { version: Some(Version::TLS12), ..Heard::default() };
        let (shown, _) = server.run(early_ccs(&known), |_| (early.clone(), End::Closed));
        assert_eq!(shown.fact.known(), None);
    }
}
