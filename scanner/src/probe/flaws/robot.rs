//! ROBOT: does the server tell whether the padding of an RSA key exchange was right?
//!
//! Five blocks are sent, four of them wrong in different ways. Whoever does as RFC 5246 section
//! 7.4.7.1 says goes on with a random secret and answers all five alike. The client then says a
//! Finished under other keys, so that none is ever taken.

use futures_util::future::join_all;

use super::reaction::{Reaction, reaction, table};
use super::{Known, Shown, spoken_by_us};
use crate::legacy::{Exchange, Keys, RsaBlock, Step, Until};
use crate::observe::{Fact, Robot, Why};
use crate::wire::suites::Kx;
use crate::wire::{Suite, Version};

/// All blocks there are.
const ALL: [RsaBlock; 5] = [
    RsaBlock::Right,
    RsaBlock::WrongStart,
    RsaBlock::LateZero,
    RsaBlock::NoZero,
    RsaBlock::WrongVersion,
];

/// The blocks that show whether the key exchange alone is answered.
const TWO: [RsaBlock; 2] = [RsaBlock::Right, RsaBlock::WrongStart];

/// Times a difference must be seen again.
const AGAIN: usize = 2;

/// What follows the key exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// ChangeCipherSpec and Finished.
    Full,
    /// Nothing: some servers answer a wrong block at once, and wait after a right one.
    Short,
}

/// A block and the reaction to it.
type Told = (RsaBlock, Reaction);

/// Asks with every block; when nothing differs, also with two key exchanges alone.
pub(super) async fn robot(known: &Known<'_>) -> Shown<Robot> {
    let fits = |suite: &_| spoken_by_us(suite) && suite.kx == Kx::Rsa;
    let Some((version, suites)) = known.newest(fits) else {
        return Shown::unknown(Why::NotApplicable, []);
    };
    let mut asking = Asking { known, version, suites, how: Vec::new() };
    let full = match asking.settled(Flow::Full, &ALL).await {
        Ok(full) => full,
        Err(why) => return Shown::unknown(why, asking.how),
    };
    if !alike(&full) {
        return Shown::with(Fact::yes(degree(&full), asking.how), in_words(&full));
    }
    let short = match asking.settled(Flow::Short, &TWO).await {
        Ok(short) => short,
        Err(why) => return Shown::unknown(why, asking.how),
    };
    if !alike(&short) {
        let evidence = format!("key exchange alone: {}", in_words(&short));
        // Which of the wrong blocks are told apart here is not known.
        return Shown::with(Fact::yes(Robot::Little, asking.how), evidence);
    }
    let evidence = full.first().map(|(_, reaction)| format!("all five: {reaction}"));
    Shown { fact: Fact::no(asking.how), evidence }
}

struct Asking<'a> {
    known: &'a Known<'a>,
    version: Version,
    suites: Vec<Suite>,
    /// Ids of the questions so far.
    how: Vec<u32>,
}

impl Asking<'_> {
    /// The reactions to these blocks; when they differ, only if they do so each time.
    async fn settled(&mut self, flow: Flow, blocks: &[RsaBlock]) -> Result<Vec<Told>, Why> {
        let first = self.round(flow, blocks).await?;
        if !alike(&first) {
            for _ in 0..AGAIN {
                if self.round(flow, blocks).await? != first {
                    return Err(Why::Inconsistent);
                }
            }
        }
        Ok(first)
    }

    /// The reactions to these blocks, if each had one.
    async fn round(&mut self, flow: Flow, blocks: &[RsaBlock]) -> Result<Vec<Told>, Why> {
        let talks = blocks.iter().map(|block| {
            let about = format!("{}: {}", self.version, about(*block, flow));
            let hello = self.known.hello(self.version, &self.suites);
            self.known.talk(about, hello, steps(*block, flow))
        });
        let talks = join_all(talks).await;
        self.how.extend(talks.iter().map(|talked| talked.id));
        let told = blocks.iter().zip(&talks);
        told.map(|(block, talked)| Ok((*block, reaction(talked, listens(flow))?))).collect()
    }
}

fn steps(block: RsaBlock, flow: Flow) -> Vec<Step> {
    let mut steps = vec![Step::Flight, Step::KeyExchange { exchange: Exchange::Rsa { block } }];
    match flow {
        Flow::Full => steps.extend([
            Step::ChangeCipherSpec { keys: Keys::Agreed },
            Step::Finished { right: false },
            Step::Listen { until: Until::Close },
        ]),
        // Who treats both alike says nothing yet; that need not take long to be seen.
        Flow::Short => steps.push(Step::Pause),
    }
    steps
}

/// The step that listens for the reaction.
fn listens(flow: Flow) -> usize {
    match flow {
        Flow::Full => 4,
        Flow::Short => 2,
    }
}

fn alike(told: &[Told]) -> bool {
    told.windows(2).all(|pair| matches!(pair, [(_, a), (_, b)] if a == b))
}

/// How much reactions that differ tell (Böck, Somorovsky, Young 2018): little, if a
/// block passes only when its zero stands where it must, which few blocks do by chance; much, if
/// it is told that a block has the right start.
fn degree(told: &[Told]) -> Robot {
    let of = |block| told.iter().find(|(of, _)| *of == block).map(|(_, reaction)| reaction);
    let wrong_start = of(RsaBlock::WrongStart);
    if wrong_start == of(RsaBlock::LateZero) && wrong_start == of(RsaBlock::NoZero) {
        Robot::Little
    } else {
        Robot::Much
    }
}

fn in_words(told: &[Told]) -> String {
    table(told.iter().map(|(block, reaction)| (name(*block), reaction)))
}

fn name(block: RsaBlock) -> &'static str {
    match block {
        RsaBlock::Right => "right padding",
        RsaBlock::WrongStart => "wrong start",
        RsaBlock::LateZero => "late zero",
        RsaBlock::NoZero => "no zero",
        RsaBlock::WrongVersion => "wrong version",
    }
}

fn about(block: RsaBlock, flow: Flow) -> String {
    match flow {
        Flow::Full => format!("RSA key exchange, {}", name(block)),
        Flow::Short => format!("RSA key exchange alone, {}", name(block)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::{Server, alert, at_last_step, refused};
    use super::*;
    use crate::legacy::{Heard, Talk, Word};
    use crate::probe::End;

    const AES_CBC: u32 = 0x002f;

    fn block(talk: &Talk) -> RsaBlock {
        match talk.steps.get(1) {
            Some(Step::KeyExchange { exchange: Exchange::Rsa { block } }) => *block,
            other => panic!("{other:?} is no RSA key exchange"),
        }
    }

    fn is_short(talk: &Talk) -> bool {
        talk.steps.len() == 3
    }

    fn ask(answer: impl FnMut(&Talk) -> (Heard, End)) -> (Shown<Robot>, usize) {
        let server = Server::new(Version::TLS12, &[AES_CBC]);
        let known = server.known();
        server.run(robot(&known), answer)
    }

    /// A server that says these alerts to these blocks in a full flow, 20 to others, and keeps
    /// silent in a short one.
    fn says(alerts: &[(RsaBlock, u8)]) -> (Option<Robot>, usize) {
        let (shown, asked) = ask(|talk| {
            if is_short(talk) {
                return (at_last_step(talk, &[]), End::Silent);
            }
            let said = alerts.iter().find(|(b, _)| *b == block(talk)).map_or(20, |(_, a)| *a);
            (at_last_step(talk, &[alert(said)]), End::Closed)
        });
        (shown.fact.value().copied(), asked)
    }

    #[test]
    fn a_server_that_answers_all_alike_tells_nothing() {
        let (shown, asked) = ask(|talk| {
            let word: &[Word] = if is_short(talk) { &[] } else { &[alert(20)] };
            let end = if is_short(talk) { End::Silent } else { End::Closed };
            (at_last_step(talk, word), end)
        });
        assert!(shown.fact.is_no());
        assert_eq!(shown.evidence.as_deref(), Some("all five: alert bad_record_mac, closed"));
        assert_eq!((asked, shown.fact.how.len()), (7, 7));
    }

    #[test]
    fn reset_and_closed_are_the_same() {
        let (shown, _) = ask(|talk| {
            let end = if block(talk) == RsaBlock::NoZero { End::Reset } else { End::Closed };
            (at_last_step(talk, &[alert(20)]), end)
        });
        assert!(shown.fact.is_no());
    }

    #[test]
    fn a_server_without_rsa_key_exchange_is_not_asked() {
        let server = Server::new(Version::TLS12, &[0xc013, 0x0003]);
        let known = server.known();
        let (shown, asked) = server.run(robot(&known), refused);
        assert_eq!(shown.fact, Fact::unknown(Why::NotApplicable, []));
        assert_eq!(asked, 0);
    }

    #[test]
    fn a_hello_that_is_refused_shows_nothing() {
        let (shown, _) = ask(refused);
        assert_eq!(shown.fact.seen, Fact::<Robot>::unknown(Why::NoHandshake, []).seen);
    }

    #[test]
    fn only_the_right_block_told_apart_is_little() {
        let told = says(&[(RsaBlock::Right, 51)]);
        assert_eq!(told, (Some(Robot::Little), 15));
        // The version is looked at after the padding: what passes is as rare.
        let told = says(&[(RsaBlock::Right, 51), (RsaBlock::WrongVersion, 51)]);
        assert_eq!(told.0, Some(Robot::Little));
        assert_eq!(says(&[(RsaBlock::WrongVersion, 70)]).0, Some(Robot::Little));
    }

    #[test]
    fn a_start_told_apart_is_much() {
        assert_eq!(says(&[(RsaBlock::WrongStart, 51)]), (Some(Robot::Much), 15));
        assert_eq!(says(&[(RsaBlock::NoZero, 51)]).0, Some(Robot::Much));
        assert_eq!(says(&[(RsaBlock::LateZero, 51)]).0, Some(Robot::Much));
        let told = says(&[(RsaBlock::WrongStart, 40), (RsaBlock::NoZero, 50)]);
        assert_eq!(told.0, Some(Robot::Much));
    }

    #[test]
    fn a_difference_that_does_not_come_again_is_none() {
        let mut count = 0;
        let (shown, asked) = ask(|talk| {
            count += 1;
            let said = if count == 3 { 80 } else { 20 };
            (at_last_step(talk, &[alert(said)]), End::Closed)
        });
        assert_eq!(shown.fact.seen, Fact::<Robot>::unknown(Why::Inconsistent, []).seen);
        assert_eq!(asked, 10);
    }

    #[test]
    fn the_key_exchange_alone_may_tell() {
        let (shown, asked) = ask(|talk| match block(talk) {
            RsaBlock::WrongStart if is_short(talk) => {
                (at_last_step(talk, &[alert(51)]), End::Closed)
            }
            _ if is_short(talk) => (at_last_step(talk, &[]), End::Silent),
            _ => (at_last_step(talk, &[alert(20)]), End::Closed),
        });
        assert_eq!(shown.fact.value(), Some(&Robot::Little));
        assert_eq!(
            shown.evidence.as_deref(),
            Some(
                "key exchange alone: right padding: left open; \
                 wrong start: alert decrypt_error, closed"
            )
        );
        assert_eq!(asked, 5 + 3 * 2);
    }

    #[test]
    fn the_step_that_listens_is_the_last() {
        for flow in [Flow::Full, Flow::Short] {
            assert_eq!(steps(RsaBlock::Right, flow).len(), listens(flow) + 1);
        }
    }
}
