//! What a server made of the words in question, reduced to what can be told apart and will be the
//! same the next time. Lengths and times are left out, and a connection that was reset counts as
//! closed: which of the two is seen depends on who was faster.

use std::fmt;

use super::Talked;
use crate::legacy::Word;
use crate::observe::Why;
use crate::probe::End;
use crate::wire::Alert;

/// How a server reacted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reaction {
    pub(super) words: Vec<Kind>,
    pub(super) ending: Ending,
}

/// What one word was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Alert {
        level: u8,
        description: u8,
    },
    Handshake(u8),
    ChangeCipherSpec,
    /// Application data, in however many records.
    Data,
    Heartbeat,
    Unreadable(u8),
    Other(u8),
}

/// What became of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Closed,
    /// Nothing more came, but it was not closed.
    Open,
    /// The client hung up: it had heard what it wanted.
    Enough,
}

/// How the server reacted to what was said before this step. An error if the words in question
/// were never said, or the answer could not be read.
pub(super) fn reaction(talked: &Talked, step: usize) -> Result<Reaction, Why> {
    let (heard, end) = talked.heard.as_ref().map_err(|why| *why)?;
    if heard.version.is_none() {
        return Err(Why::NoHandshake);
    }
    let ending = match end {
        End::Closed | End::Reset => Ending::Closed,
        End::Silent => Ending::Open,
        End::Enough => Ending::Enough,
        _ => return Err(Why::Garbled),
    };
    if heard.error.is_some() {
        return Err(Why::Garbled);
    }
    if heard.steps < step {
        return Err(match end {
            _ if heard.alerts().next().is_some() => Why::NoHandshake,
            End::Closed => Why::Closed,
            End::Reset => Why::Reset,
            End::Silent => Why::Timeout,
            _ => Why::Garbled,
        });
    }
    let mut words: Vec<Kind> = heard.since(step).map(kind).collect();
    // Some programs go on talking after their TLS library has given up.
    let fatal = |kind: &Kind| matches!(kind, Kind::Alert { level: 2, .. });
    if let Some(at) = words.iter().position(fatal) {
        words.truncate(at + 1);
    }
    words.dedup_by(|a, b| *a == Kind::Data && *b == Kind::Data);
    Ok(Reaction { words, ending })
}

fn kind(word: &Word) -> Kind {
    match word {
        Word::Alert { level, description } => {
            Kind::Alert { level: *level, description: *description }
        }
        Word::Handshake { kind } => Kind::Handshake(*kind),
        Word::ChangeCipherSpec => Kind::ChangeCipherSpec,
        Word::Data { .. } => Kind::Data,
        Word::Heartbeat { .. } => Kind::Heartbeat,
        Word::Unreadable { content, .. } => Kind::Unreadable(*content),
        Word::Other { content } => Kind::Other(*content),
    }
}

impl Reaction {
    /// An alert of this number came.
    pub(super) fn alerted(&self, alert: Alert) -> bool {
        let is = |kind: &Kind| matches!(kind, Kind::Alert { description, .. } if *description == alert.0);
        self.words.iter().any(is)
    }

    /// One alert, and the one that belongs to a damaged record (RFC 5246 section 6.2.3.2).
    pub(super) fn is_proper(&self) -> bool {
        let description = Alert::BAD_RECORD_MAC.0;
        self.words == [Kind::Alert { level: 2, description }]
    }

    /// Application data came.
    pub(super) fn has_data(&self) -> bool {
        self.words.contains(&Kind::Data)
    }

    /// True if somebody who only sees the encrypted connection can tell the two apart.
    pub(super) fn visibly_differs(&self, other: &Self) -> bool {
        // The level and number of an alert are encrypted, and of the same length.
        let seen = |kind: &Kind| match *kind {
            Kind::Alert { .. } => Kind::Alert { level: 0, description: 0 },
            other => other,
        };
        !self.words.iter().map(seen).eq(other.words.iter().map(seen)) || self.ending != other.ending
    }
}

impl fmt::Display for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, kind) in self.words.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{kind}")?;
        }
        let comma = if self.words.is_empty() { "" } else { ", " };
        match self.ending {
            Ending::Closed => write!(f, "{comma}closed"),
            Ending::Open => write!(f, "{comma}left open"),
            Ending::Enough if self.words.is_empty() => f.write_str("nothing"),
            Ending::Enough => Ok(()),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alert { level: 1, description } => write!(f, "warning {}", Alert(*description)),
            Self::Alert { description, .. } => write!(f, "alert {}", Alert(*description)),
            Self::Handshake(kind) => write!(f, "handshake message {kind}"),
            Self::ChangeCipherSpec => f.write_str("ChangeCipherSpec"),
            Self::Data => f.write_str("data"),
            Self::Heartbeat => f.write_str("heartbeat"),
            Self::Unreadable(content) => write!(f, "unreadable record {content}"),
            Self::Other(content) => write!(f, "record {content}"),
        }
    }
}

/// Who got which reaction, those of the same together: "a, b: alert bad_record_mac; c: closed".
pub(super) fn table<'a>(rows: impl IntoIterator<Item = (&'a str, &'a Reaction)>) -> String {
    let mut groups: Vec<(String, &Reaction)> = Vec::new();
    for (name, reaction) in rows {
        match groups.iter_mut().find(|(_, known)| *known == reaction) {
            Some((names, _)) => {
                names.push_str(", ");
                names.push_str(name);
            }
            None => groups.push((name.to_owned(), reaction)),
        }
    }
    let lines: Vec<String> = groups.iter().map(|(names, r)| format!("{names}: {r}")).collect();
    lines.join("; ")
}

/// A server for the tests of these inquiries: it answers conversations without a network.
#[cfg(test)]
pub(super) mod testing {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use futures_util::task::noop_waker;

    use super::*;
    use crate::legacy::{Heard, Talk};
    use crate::observe::{Fact, Suites, Tolerance};
    use crate::probe::desk::Desk;
    use crate::probe::flaws::Known;
    use crate::probe::limits::Manners;
    use crate::probe::offer::{Base, Size};
    use crate::probe::versions::Spoken;
    use crate::probe::{Probe, Reply};
    use crate::wire::{Suite, Version};

    /// What is known of a server with these suites in a version.
    pub(crate) struct Server {
        desk: Desk,
        spoken: Spoken,
        suites: Vec<Suites>,
    }

    impl Server {
        pub(crate) fn new(version: Version, accepted: &[u32]) -> Self {
            let suites = Suites {
                version,
                accepted: accepted.iter().map(|number| Suite(*number)).collect(),
                unsettled: Vec::new(),
                server_order: Fact::default(),
                chacha_preference: Fact::default(),
                how: Vec::new(),
            };
            let base = Base { server_name: None, size: Size::Ordinary, bare: false, padded: false };
            Self {
                desk: Desk::new(Manners::fast(), 1),
                spoken: Spoken {
                    protocols: Vec::new(),
                    base,
                    needs_shares: false,
                    first: Vec::new(),
                    tolerance: Tolerance::default(),
                },
                suites: vec![suites],
            }
        }

        pub(crate) fn known(&self) -> Known<'_> {
            Known { desk: &self.desk, spoken: &self.spoken, suites: &self.suites }
        }

        /// Has the inquiry ask until it is done, and says after how many conversations.
        pub(crate) fn run<T>(
            &self,
            inquiry: impl Future<Output = T> + Send,
            mut answer: impl FnMut(&Talk) -> (Heard, End),
        ) -> (T, usize) {
            let mut inquiry = pin!(inquiry);
            let waker = noop_waker();
            let mut context = Context::from_waker(&waker);
            let mut asked = 0;
            for tick in 0..200_u64 {
                if let Poll::Ready(done) = inquiry.as_mut().poll(&mut context) {
                    return (done, asked);
                }
                let now = Duration::from_secs(tick);
                for (id, probe) in self.desk.outgoing(now) {
                    let Probe::Talk(talk) = probe else { panic!("only conversations are had") };
                    asked += 1;
                    let (heard, end) = answer(&talk);
                    let reply = Reply { heard: Some(heard), received: 100, ..Reply::empty(end) };
                    self.desk.absorb(id, reply, now);
                }
            }
            panic!("the inquiry does not end")
        }
    }

    /// A conversation that came to its last step and there heard these words.
    pub(crate) fn at_last_step(talk: &Talk, words: &[Word]) -> Heard {
        let last = talk.steps.len() - 1;
        Heard {
            steps: last,
            version: Some(talk.hello.version),
            suite: talk.hello.suites.first().copied(),
            words: words.iter().map(|word| (last, word.clone())).collect(),
            ..Heard::default()
        }
    }

    pub(crate) fn alert(description: u8) -> Word {
        Word::Alert { level: 2, description }
    }

    /// A server that refuses the hello.
    pub(crate) fn refused(_: &Talk) -> (Heard, End) {
        (Heard { words: vec![(0, alert(40))], ..Heard::default() }, End::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::alert;
    use super::*;
    use crate::legacy::Heard;
    use crate::wire::Version;

    fn talked(heard: Heard, end: End) -> Talked {
        Talked { id: 1, heard: Ok((heard, end)) }
    }

    fn heard(steps: usize, words: Vec<(usize, Word)>) -> Heard {
        Heard { steps, version: Some(Version::TLS12), words, ..Heard::default() }
    }

    #[test]
    fn only_what_follows_the_words_in_question_is_a_reaction() {
        let words = vec![(0, Word::Handshake { kind: 2 }), (4, alert(20))];
        let closed = reaction(&talked(heard(4, words.clone()), End::Closed), 4).unwrap();
        let reset = reaction(&talked(heard(5, words), End::Reset), 4).unwrap();
        assert_eq!(closed, reset);
        assert_eq!(closed.to_string(), "alert bad_record_mac, closed");
        let silent = reaction(&talked(heard(4, Vec::new()), End::Silent), 4).unwrap();
        assert_eq!(silent.to_string(), "left open");
    }

    #[test]
    fn words_that_were_never_said_have_no_reaction() {
        assert_eq!(reaction(&talked(Heard::default(), End::Closed), 4), Err(Why::NoHandshake));
        let early = |end| reaction(&talked(heard(0, Vec::new()), end), 4);
        assert_eq!(early(End::Silent), Err(Why::Timeout));
        assert_eq!(early(End::Reset), Err(Why::Reset));
        assert_eq!(
            reaction(&talked(heard(0, vec![(0, alert(80))]), End::Closed), 4),
            Err(Why::NoHandshake)
        );
        let confused = Heard { error: Some("no RSA key".into()), ..heard(4, Vec::new()) };
        assert_eq!(reaction(&talked(confused, End::Enough), 4), Err(Why::Garbled));
        assert_eq!(reaction(&Talked { id: 1, heard: Err(Why::Budget) }, 4), Err(Why::Budget));
    }

    #[test]
    fn data_counts_once_in_however_many_records_it_comes() {
        let data = |length| (4, Word::Data { length });
        let read = |words| reaction(&talked(heard(4, words), End::Enough), 4).unwrap();
        assert_eq!(read(vec![data(1), data(200)]), read(vec![data(201)]));
    }

    #[test]
    fn the_number_of_an_alert_is_not_seen_from_outside() {
        let of = |words, ending| Reaction { words, ending };
        let said = |description| vec![Kind::Alert { level: 2, description }];
        assert!(!of(said(20), Ending::Closed).visibly_differs(&of(said(21), Ending::Closed)));
        assert!(of(said(20), Ending::Closed).visibly_differs(&of(said(20), Ending::Open)));
        assert!(of(said(20), Ending::Closed).visibly_differs(&of(Vec::new(), Ending::Closed)));
    }

    #[test]
    fn those_who_got_the_same_stand_together() {
        let closed = Reaction { words: Vec::new(), ending: Ending::Closed };
        let open = Reaction { words: Vec::new(), ending: Ending::Open };
        let rows = [("a", &closed), ("b", &open), ("c", &closed)];
        assert_eq!(table(rows), "a, c: closed; b: left open");
    }
}
